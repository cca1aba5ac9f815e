/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/agent/compressors.h"
#include "loader/out/rotate.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "loader/util/signals.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/safefile.h"

/* After a failure, such as a full disk. */
#define AGAIN_NS 60000000000ULL

void compressors_init(struct compressors *c, const struct config *config)
{
	size_t i;

	c->count = config->output_count;
	for (i = 0; i < c->count; i++) {
		struct compressor_job *job = &c->jobs[i];

		*job = (struct compressor_job){ .in = -1, .directory = -1 };
		config_output(config, i, &job->output);
		job->is_due = job->output.compression;
	}
}

void compressors_due(struct compressors *c, size_t output)
{
	c->jobs[output].is_due = c->jobs[output].output.compression;
}

static void job_close(struct compressor_job *job)
{
	cleanup_fd(&job->in);
	cleanup_fd(&job->directory); /* and unlocks it */
	job->in = job->directory = -1;
	job->pid = 0;
}

/* error: why, said once until it succeeds. */
static void job_fail(struct compressor_job *job, const struct offsets_error *error)
{
	if (!job->has_failed)
		log_line(LEVEL_WARNING, "%s; old files stay as they are", error->text);
	job->has_failed = true;
	job->not_before = clock_monotonic_ns() + AGAIN_NS;
	job_close(job);
}

/* ---- to begin ------------------------------------------------------------ */

/* The newest old file that is not compressed. *ret_fd: -1: there is none. 0 or -errno. */
static int old_open(const struct compressor_job *job, const char *path, int *ret_fd,
                    struct offsets_error *error)
{
	char old[PATH_MAX + 16];
	struct stat st;
	unsigned int i;

	*ret_fd = -1;
	for (i = 1; i <= job->output.keep; i++) {
		snprintf(old, sizeof(old), "%s.%u", path, i);
		if (!lstat(old, &st) && S_ISREG(st.st_mode))
			return safefile_open(old, SAFEFILE_TRUSTED, ret_fd, error);
	}
	return 0;
}

/* One at a time, of all sensors that write there. */
static int directory_lock(const char *path, int *ret_fd)
{
	CLEANUP(cleanup_free) char *copy = strdup(path);

	*ret_fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	return *ret_fd < 0 || flock(*ret_fd, LOCK_EX | LOCK_NB) ? -errno : 0;
}

/* What it is compressed to needs no more than the file has, and min-free stays free. */
static bool has_space(const struct compressor_job *job)
{
	struct statvfs fs;
	struct stat st;

	return !fstatvfs(job->in, &fs) && !fstat(job->in, &st) &&
	       (uint64_t)fs.f_bavail * fs.f_frsize >=
	               job->output.min_free_bytes + (uint64_t)st.st_size;
}

static int part_start(struct compressor_job *job, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int out = -1;
	int err;

	unlink(job->part); /* of a sensor that was killed */
	out = open(job->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return offsets_fail(error, -errno, "%s: %s", job->part, strerror(errno));
	err = compressor_start(job->output.compression, job->in, out, &job->pid, error);
	if (err)
		unlink(job->part);
	return err;
}

static void job_begin(struct compressor_job *job)
{
	CLEANUP(cleanup_free) char *path = realpath(job->output.target, NULL);
	struct offsets_error error;
	int err;

	if (!path || strlen(path) + 16 >= sizeof(job->part))
		return; /* it is moved away at this moment */
	err = old_open(job, path, &job->in, &error);
	if (!err && job->in < 0) {
		job->is_due = false;
		return;
	}
	if (!err && directory_lock(path, &job->directory)) {
		job_close(job); /* another one works there */
		return;
	}
	if (!err && !has_space(job))
		err = offsets_fail(&error, -ENOSPC, "%s: there is no space to compress old files",
		                   job->output.target);
	snprintf(job->part, sizeof(job->part), "%s.part", path);
	if (!err)
		err = part_start(job, &error);
	if (err)
		job_fail(job, &error);
}

/* ---- to end -------------------------------------------------------------- */

static void job_done(struct compressor_job *job, int status)
{
	struct offsets_error error;
	int err;

	if (WIFEXITED(status) && !WEXITSTATUS(status)) {
		err = rotate_compressed(job->in, job->part, job->output.compression, &error);
	} else {
		unlink(job->part);
		err = offsets_fail(&error, -EIO, "%s: an old file could not be compressed",
		                   job->output.target);
	}
	if (err) {
		job_fail(job, &error);
		return;
	}
	job->has_failed = false;
	job_close(job);
}

static void job_work(struct compressor_job *job)
{
	int status;

	if (job->pid && waitpid(job->pid, &status, WNOHANG) == job->pid)
		job_done(job, status);
	if (!job->pid && job->is_due && clock_monotonic_ns() >= job->not_before)
		job_begin(job);
}

void compressors_work(struct compressors *c)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (c->jobs[i].is_due)
			job_work(&c->jobs[i]);
}

static bool has_work(const struct compressors *c)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (c->jobs[i].is_due && !c->jobs[i].has_failed)
			return true;
	return false;
}

void compressors_finish(struct compressors *c, uint64_t timeout_ns)
{
	uint64_t end = clock_monotonic_ns() + timeout_ns;

	for (compressors_work(c); has_work(c) && clock_monotonic_ns() < end && !signals_end();
	     compressors_work(c))
		poll(NULL, 0, 10);
}

void compressors_end(struct compressors *c)
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		struct compressor_job *job = &c->jobs[i];

		if (!job->pid)
			continue;
		kill(job->pid, SIGKILL);
		while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		unlink(job->part);
		job_close(job);
	}
}
