/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/agent/compressors.h"
#include "loader/util/exit.h"
#include "loader/agent/records.h"
#include "loader/agent/recording.h"
#include "loader/agent/replay.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "loader/util/signals.h"

/* A look at old files costs some system calls. */
#define RECORDS_BETWEEN 4096

/* What a sensor has of this. */
struct replay {
	struct recorded *recorded;
	struct host host;
	struct losses *losses;
	struct writer writer;
	struct processes processes;
	struct canary_watch canary; /* there is none */
	struct records records;
	struct compressors compressors;
	struct offsets_error error;
};

static void host_take(const struct recording_head *head, struct host *ret)
{
	snprintf(ret->release, sizeof(ret->release), "%s", head->release);
	snprintf(ret->machine, sizeof(ret->machine), "%s", head->machine);
	snprintf(ret->name, sizeof(ret->name), "%s", head->name);
	snprintf(ret->boot_id, sizeof(ret->boot_id), "%s", head->boot_id);
	snprintf(ret->machine_id, sizeof(ret->machine_id), "%s", head->machine_id);
	ret->os = head->os;
	ret->possible_cpus = head->possible_cpus;
}

static int parts_init(struct replay *r, const struct config *config)
{
	const struct recording_head *head;
	int err = recorded_open(config->record, &r->recorded, &r->error);

	if (err)
		return err;
	head = recorded_head(r->recorded);
	host_take(head, &r->host);
	r->losses = losses_new(2 * head->possible_cpus + 1);
	if (!r->losses)
		return offsets_fail(&r->error, -ENOMEM, "out of memory");
	compressors_init(&r->compressors, config);
	err = writer_open(&r->writer, config, &r->host, r->losses, false, &r->error);
	r->writer.format.clock = head->clock;
	if (!err)
		err = processes_init(&r->processes, 2 * head->possible_cpus + 1, &r->error);
	if (!err)
		err = records_init(&r->records, NULL, &r->writer, &r->processes, &r->canary,
		                   &r->error);
	if (err)
		return err;
	r->processes.follows = true; /* what runs here is not what ran there: /proc is not read */
	r->writer.format.cache = r->processes.cache;
	r->records.redaction = config->redaction;
	r->records.is_started = true;
	return 0;
}

static void parts_deinit(struct replay *r)
{
	compressors_end(&r->compressors);
	records_deinit(&r->records);
	processes_deinit(&r->processes);
	writer_close(&r->writer);
	losses_free(r->losses);
	recorded_close(r->recorded);
}

/* The outputs begin new files by themselves. */
static void old_files_compress(struct replay *r)
{
	size_t i;

	for (i = 0; i < r->compressors.count; i++)
		compressors_due(&r->compressors, i);
	compressors_work(&r->compressors);
}

/* Waits for outputs that make it wait. */
static void room_wait(struct replay *r)
{
	writer_flush(&r->writer);
	while (!r->writer.err && !writer_has_room(&r->writer) && !signals_end())
		writer_finish(&r->writer, 10000000);
}

/* 0 or -errno. */
static int records_replay(struct replay *r, const char *path, uint64_t *ret_count)
{
	const struct probes_use use = records_use(&r->records);
	const void *data;
	size_t size;
	int more;

	while ((more = recorded_next(r->recorded, &data, &size)) > 0 && !signals_end() &&
	       !r->writer.err) {
		if (!writer_has_room(&r->writer))
			room_wait(r);
		use.record(use.arg, data, size);
		if (!(++*ret_count % RECORDS_BETWEEN))
			old_files_compress(r);
	}
	if (more < 0)
		return offsets_fail(&r->error, more,
		                    "%s: ends in the middle of a record, or is damaged; the events "
		                    "before that are written",
		                    path);
	return 0;
}

static int end(struct replay *r, int err, uint64_t count, uint64_t begin_ns)
{
	double seconds = (double)(clock_monotonic_ns() - begin_ns) / 1e9;

	writer_finish(&r->writer, 30000000000ULL);
	old_files_compress(r);
	compressors_finish(&r->compressors, 600000000000ULL);
	outputs_abandon(&r->writer.outputs);
	writer_dropped(&r->writer);
	if (!err && signals_end())
		err = offsets_fail(&r->error, -EINTR, "a signal has ended the replay early");
	if (!err)
		err = writer_outcome(&r->writer, &r->error);
	log_line(LEVEL_INFO,
	         "%" PRIu64 " records in %.3f s, %.0f a second; %" PRIu64 " were malformed", count,
	         seconds, seconds > 0 ? (double)count / seconds : 0, r->records.malformed);
	if (!err)
		return EXIT_DONE;
	log_line(LEVEL_ERROR, "%s", r->error.text);
	return EXIT_FAILED;
}

int replay_run(const struct config *config)
{
	struct replay *r = calloc(1, sizeof(*r));
	uint64_t count = 0, begin_ns = clock_monotonic_ns();
	int err, code;

	if (!r) {
		log_line(LEVEL_ERROR, "out of memory");
		return EXIT_FAILED;
	}
	signals_init();
	err = parts_init(r, config);
	if (err) {
		log_line(LEVEL_ERROR, "%s", r->error.text);
		code = EXIT_FAILED;
	} else {
		err = records_replay(r, config->record, &count);
		code = end(r, err, count, begin_ns);
	}
	parts_deinit(r);
	free(r);
	return code;
}
