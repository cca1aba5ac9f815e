/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lkccb/cmd/add.h"
#include "lkccb/cmd/report.h"
#include "lkccb/cmd/signedrpm.h"
#include "lkccb/io/fetch.h"
#include "lkccb/io/scratch.h"
#include "lkccb/repo/rpmsig.h"
#include "offsets/util/cleanup.h"

struct signedrpm {
	struct options o;
	const struct paths *named;
	struct keyring keyring;
	struct scratch_directory directory;
	struct paths copies, named_copies; /* of one batch */
	struct paths others;
	size_t next;                   /* names of copies */
	size_t outcomes[ADD_OUTCOMES]; /* of all inputs */
	bool stop;
};

/* ---- which --------------------------------------------------------------- */

static bool is_rpm(const char *path)
{
	static const unsigned char magic[] = { 0xed, 0xab, 0xee, 0xdb };
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	unsigned char head[sizeof(magic)];

	return fd >= 0 && pread(fd, head, sizeof(head), 0) == sizeof(head) &&
	       !memcmp(head, magic, sizeof(magic));
}

/* ---- copies --------------------------------------------------------------- */

/* Each in a directory of its own: two packages may have one name. */
static int copy_make(struct signedrpm *s, const char *path, char *ret, size_t size,
                     struct offsets_error *error)
{
	const char *slash = strrchr(path, '/');
	CLEANUP(cleanup_fd) int fd = -1;
	char directory[SCRATCH_DIRECTORY_MAX + 32];
	int err;

	snprintf(directory, sizeof(directory), "%s/%zu", s->directory.name, s->next++);
	snprintf(ret, size, "%s/%.250s", directory, slash ? slash + 1 : path);
	if (mkdir(directory, 0700) ||
	    (fd = open(ret, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
		return offsets_fail(error, -errno, "%s: %s", ret, strerror(errno));
	err = fetch_copy(path, fd, s->o.disk, error);
	if (!err)
		err = rpmsig_verify(fd, path, &s->keyring, error);
	if (err)
		unlink(ret);
	return err;
}

static void copy_add(struct signedrpm *s, const char *path)
{
	char name[SCRATCH_DIRECTORY_MAX + 300];
	struct offsets_error error;
	char *copy;

	if (copy_make(s, path, name, sizeof(name), &error)) {
		report(&error);
		s->outcomes[ADD_FAILED]++;
		return;
	}
	copy = strdup(name);
	if (!copy) {
		fprintf(stderr, "lkccb: out of memory\n");
		s->outcomes[ADD_FAILED]++;
		return;
	}
	s->copies.list[s->copies.count++] = copy;
	if (s->named && paths_have(s->named, path))
		s->named_copies.list[s->named_copies.count++] = copy;
}

static void on_outcome(const char *path, enum add_outcome outcome, void *arg)
{
	struct signedrpm *s = arg;

	(void)path;
	s->outcomes[outcome]++;
}

static size_t outcomes_count(const struct signedrpm *s)
{
	size_t i, count = 0;

	for (i = 0; i < ADD_OUTCOMES; i++)
		count += s->outcomes[i];
	return count;
}

/* After a failure that is not of one input, no other one can be added. */
static void inputs_add(struct signedrpm *s, const struct paths *inputs, const struct paths *named,
                       bool is_verified)
{
	size_t end = outcomes_count(s) + inputs->count;

	s->o.is_verified = is_verified;
	if (inputs->count && add_inputs(&s->o, inputs, named, on_outcome, s) == EXIT_FAILED &&
	    outcomes_count(s) != end)
		s->stop = true;
}

static void copies_add(struct signedrpm *s)
{
	inputs_add(s, &s->copies, &s->named_copies, true);
	while (s->copies.count) {
		unlink(s->copies.list[--s->copies.count]);
		free(s->copies.list[s->copies.count]);
	}
	s->named_copies.count = 0;
}

/* ---- all ------------------------------------------------------------------ */

static int exit_code(const struct signedrpm *s)
{
	size_t failed = s->outcomes[ADD_FAILED];

	if (s->stop || failed)
		return s->stop || failed == outcomes_count(s) ? EXIT_FAILED : EXIT_PARTLY;
	return s->outcomes[ADD_CONFLICT] ? EXIT_DIFFERENT : EXIT_DONE;
}

/* As many copies at a time as packages are read: all together may not fit on the disk. */
static int all_add(struct signedrpm *s, const struct paths *inputs)
{
	size_t i;

	for (i = 0; !s->stop && i < inputs->count; i++) {
		if (!is_rpm(inputs->list[i])) {
			s->others.list[s->others.count++] = inputs->list[i];
			continue;
		}
		copy_add(s, inputs->list[i]);
		if (s->copies.count == s->o.jobs)
			copies_add(s);
	}
	if (!s->stop)
		copies_add(s);
	if (!s->stop)
		inputs_add(s, &s->others, s->named, false);
	return exit_code(s);
}

int signedrpm_add(const struct options *o, const struct paths *inputs, const struct paths *named)
{
	struct signedrpm s = { .o = *o, .named = named, .keyring.expired_ok = o->allow_expired };
	struct offsets_error error;
	int code = EXIT_FAILED;

	s.copies.list = calloc(o->jobs, sizeof(char *));
	s.named_copies.list = calloc(o->jobs, sizeof(char *));
	s.others.list = calloc(inputs->count + 1, sizeof(char *));
	if (!s.copies.list || !s.named_copies.list || !s.others.list) {
		fprintf(stderr, "lkccb: out of memory\n");
	} else if (scratch_directory_make(&s.directory, &error)) {
		report(&error);
	} else {
		if (keyring_read(o->keyring, s.directory.name, &s.keyring, &error))
			report(&error);
		else
			code = all_add(&s, inputs);
		scratch_directory_remove(&s.directory);
	}
	free(s.copies.list);
	free(s.named_copies.list);
	free(s.others.list);
	return code;
}
