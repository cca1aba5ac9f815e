/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lkccb/io/scratch.h"

#define REMOVE_TRIES 50
#define REMOVE_MS    20

static const char *directory(void)
{
	const char *tmp = getenv("TMPDIR");

	return tmp && *tmp ? tmp : "/tmp";
}

int scratch_unlinked_file(void)
{
	char name[4096];
	int fd;

	snprintf(name, sizeof(name), "%s/lkccb.XXXXXX", directory());
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(name);
	return fd;
}

static int entry_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* A process that still writes there is being killed. */
static void tree_remove(const char *name)
{
	int try;

	for (try = 0; try < REMOVE_TRIES; try++) {
		nftw(name, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
		if (access(name, F_OK))
			return;
		usleep(REMOVE_MS * 1000);
	}
}

/* Absolute: gpgv would take a name that begins with '-' for an option. */
static int directory_make(char *ret, struct offsets_error *error)
{
	char real[PATH_MAX];

	if (!realpath(directory(), real))
		return offsets_fail(error, -errno, "%s: %s; set TMPDIR", directory(),
		                    strerror(errno));
	if (snprintf(ret, SCRATCH_DIRECTORY_MAX, "%s/lkccb.XXXXXX", real) >= SCRATCH_DIRECTORY_MAX)
		return offsets_fail(error, -ENAMETOOLONG, "%s: too long; set TMPDIR", directory());
	return mkdtemp(ret)
	               ? 0
	               : offsets_fail(error, -errno, "%s: %s; set TMPDIR", ret, strerror(errno));
}

/* What the keeper says when it has made the directory. */
struct kept {
	int err;
	char name[SCRATCH_DIRECTORY_MAX];
	struct offsets_error error;
};

/*
 * It makes the directory, so that there is no moment at which nobody would remove it.
 * In a session of its own: what ends the others from a terminal does not end it.
 */
static void keeper_main(int said, int alive)
{
	struct kept kept = { 0 };
	char byte;

	setsid();
	kept.err = directory_make(kept.name, &kept.error);
	if (write(said, &kept, sizeof(kept)) == sizeof(kept))
		while (!kept.err && read(alive, &byte, 1) < 0 && errno == EINTR)
			;
	if (!kept.err)
		tree_remove(kept.name);
	_exit(0);
}

static void pipe_close(const int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

/* ret: what it says; 0 or -errno. */
static int keeper_start(struct scratch_directory *d, struct kept *ret)
{
	int alive[2], said[2], err;

	if (pipe2(alive, O_CLOEXEC))
		return -errno;
	if (pipe2(said, O_CLOEXEC)) {
		err = -errno;
		pipe_close(alive);
		return err;
	}
	d->alive = alive[1];
	d->keeper = fork();
	err = d->keeper < 0 ? -errno : 0;
	if (!d->keeper) {
		close(alive[1]);
		close(said[0]);
		signal(SIGPIPE, SIG_IGN); /* who asked may be gone */
		keeper_main(said[1], alive[0]);
	}
	close(alive[0]);
	close(said[1]);
	if (!err && read(said[0], ret, sizeof(*ret)) != sizeof(*ret))
		err = -ECHILD;
	close(said[0]);
	if (d->keeper < 0)
		close(alive[1]);
	else if (err || ret->err)
		scratch_directory_remove(d);
	return err;
}

int scratch_directory_make(struct scratch_directory *ret, struct offsets_error *error)
{
	struct kept kept;
	int err = keeper_start(ret, &kept);

	if (err)
		return offsets_fail(error, err, "cannot start a process: %s", strerror(-err));
	if (kept.err)
		*error = kept.error;
	else
		memcpy(ret->name, kept.name, sizeof(ret->name));
	return kept.err;
}

void scratch_directory_remove(struct scratch_directory *d)
{
	close(d->alive);
	while (waitpid(d->keeper, NULL, 0) < 0 && errno == EINTR)
		;
}

void scratch_init(struct scratch *s, uint64_t max_bytes)
{
	size_t i;

	*s = (struct scratch){ .fds = { -1, -1 }, .max = max_bytes };
	for (i = 0; i < 2 && !s->err; i++) {
		s->fds[i] = scratch_unlinked_file();
		s->err = s->fds[i] < 0 ? s->fds[i] : 0;
	}
}

void scratch_deinit(struct scratch *s)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		if (s->fds[i] >= 0)
			close(s->fds[i]);
		s->fds[i] = -1;
	}
}

uint64_t scratch_begin(struct scratch *s)
{
	uint64_t page = sysconf(_SC_PAGESIZE);

	s->used = (s->used + page - 1) / page * page;
	return s->used;
}

static int write_all(int fd, const char *data, size_t size, uint64_t offset)
{
	while (size) {
		ssize_t n = pwrite(fd, data, size, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		data += n;
		size -= n;
		offset += n;
	}
	return 0;
}

static int failed(const struct scratch *s, int err, const char *what, struct offsets_error *error)
{
	if (s->err)
		return offsets_fail(error, err, "%s needs a temporary file in %s: %s; set TMPDIR",
		                    what, directory(), strerror(-err));
	if (s->used > s->max)
		return offsets_fail(error, -EFBIG,
		                    "%s does not fit into %llu MB; raise --disk if the file is "
		                    "known to be that large",
		                    what, (unsigned long long)(s->max >> 20));
	return offsets_fail(error, err, "%s does not fit: %s; set TMPDIR to a disk with space",
	                    what, strerror(-err));
}

int scratch_write(struct scratch *s, const void *data, size_t size, const char *what,
                  struct offsets_error *error)
{
	uint64_t at = s->used;
	int err = s->err;

	s->used += size;
	if (!err && s->used > s->max)
		err = -EFBIG;
	if (!err)
		err = write_all(s->fds[0], data, size, at);
	return err ? failed(s, err, what, error) : 0;
}

char *scratch_map(struct scratch *s, uint64_t start, uint64_t size)
{
	char *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, s->fds[0], (off_t)start);

	return data == MAP_FAILED ? NULL : data;
}

void scratch_rewind(struct scratch *s, uint64_t start)
{
	s->used = start;
	if (s->fds[0] >= 0 && ftruncate(s->fds[0], start))
		return; /* overwritten later, or freed when the process ends */
}

int scratch_file(struct scratch *s, const void *data, size_t size)
{
	int err = s->err;

	if (!err && size > s->max)
		err = -EFBIG;
	if (!err && ftruncate(s->fds[1], 0))
		err = -errno;
	if (!err)
		err = write_all(s->fds[1], data, size, 0);
	return err ? err : s->fds[1];
}
