/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "loader/hash/hash_file.h"
#include "loader/hash/hash_walk.h"

/* ---- the file ------------------------------------------------------------ */

static bool is_it(int fd, const struct hash_request *r, struct stat *ret)
{
	return fd >= 0 && !fstat(fd, ret) && S_ISREG(ret->st_mode) && ret->st_ino == r->inode &&
	       ret->st_dev == makedev(r->device >> 20, r->device & 0xfffff);
}

/* The times of files are those of the last tick, up to 10 ms before (HZ is 100 or more). */
#define TICK_NS 10000000ULL

static uint64_t changed_ns(const struct stat *st)
{
	return st->st_ctim.tv_sec * 1000000000ULL + st->st_ctim.tv_nsec;
}

/*
 * While it runs nobody can write to it, but it may run again: the process may have executed
 * another file, written to this one, and executed it anew. So its time counts, without the tick:
 * many files are written just before they are executed.
 */
static enum hash_state running_judge(const struct stat *st, uint64_t exec_ns)
{
	return changed_ns(st) > exec_ns ? HASH_CHANGED : HASH_DONE;
}

/* Between the exec and now anybody may have written to it. */
static enum hash_state named_judge(const struct stat *st, uint64_t exec_ns)
{
	return changed_ns(st) + TICK_NS > exec_ns ? HASH_CHANGED : HASH_DONE;
}

static bool opened_is_it(struct opened *opened, const struct hash_request *r, struct stat *ret)
{
	if (is_it(opened->fd, r, ret))
		return true;
	if (opened->fd >= 0)
		close(opened->fd);
	opened->fd = -1;
	return false;
}

/* By its path. running: where what the process runs by now is. */
static enum hash_state named_find(const struct hash_request *r, enum place running,
                                  struct opened *opened, struct stat *ret)
{
	enum place named;

	known_open(r->path, r->pid, opened);
	if (opened_is_it(opened, r, ret))
		return named_judge(ret, r->time_ns);
	named = path_open(r->path, false, r->pid, opened);
	if (opened_is_it(opened, r, ret))
		return named_judge(ret, r->time_ns);
	return named == PLACE_REMOTE || (named == PLACE_UNKNOWN && running == PLACE_REMOTE)
	               ? HASH_REMOTE
	               : HASH_GONE;
}

static enum hash_state executable_find(const struct hash_request *r, struct opened *opened,
                                       struct stat *ret)
{
	enum place running;
	char exe[64];

	snprintf(exe, sizeof(exe), "/proc/%u/exe", r->pid);
	running = place_open((struct opened){ AT_FDCWD, -1 }, exe, 0, r->pid, opened);
	if (opened_is_it(opened, r, ret))
		return running_judge(ret, r->time_ns);
	return named_find(r, running, opened, ret);
}

/*
 * By its name, first as everybody sees it: that takes less. Nobody is kept from writing to a
 * script, also while it runs, and to a module.
 */
static enum hash_state opened_find(const struct hash_request *r, struct opened *opened,
                                   struct stat *ret)
{
	const char *name = r->path + r->name_at;
	enum place everybody, own;

	known_open(r->path, r->pid, opened);
	if (opened_is_it(opened, r, ret))
		return named_judge(ret, r->time_ns);
	everybody = path_open(r->path, true, r->pid, opened);
	if (opened_is_it(opened, r, ret))
		return named_judge(ret, r->time_ns);
	own = *name ? process_open(name, r->pid, opened) : PLACE_UNKNOWN;
	if (opened_is_it(opened, r, ret))
		return named_judge(ret, r->time_ns);
	if (everybody == PLACE_REMOTE || own == PLACE_REMOTE)
		return HASH_REMOTE;
	return r->kind == HASH_OF_SCRIPT ? HASH_NOT_THERE : HASH_NOT_AT_PATH;
}

/* ---- all ----------------------------------------------------------------- */

enum hash_state hash_file_find(const struct hash_request *r, int *ret_fd, struct stat *ret)
{
	struct opened opened;
	enum hash_state state = r->kind == HASH_OF_EXECUTABLE ? executable_find(r, &opened, ret)
	                                                      : opened_find(r, &opened, ret);

	if (state != HASH_DONE && opened.fd >= 0) {
		close(opened.fd);
		opened.fd = -1;
	}
	*ret_fd = opened.fd;
	return state;
}

int hash_file_open(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}
