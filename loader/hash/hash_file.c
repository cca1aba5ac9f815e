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

/* Others than root can write to it. A memfd allows it to all, and only its owner can reach it. */
static bool is_writable(const struct opened *file, const struct stat *st)
{
	return st->st_uid || (st->st_mode & (S_IWGRP | S_IWOTH) && !place_is_memfd(file));
}

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

/* What the process runs by now. */
static enum place running_open(uint32_t pid, struct opened *ret)
{
	char exe[64];

	snprintf(exe, sizeof(exe), "/proc/%u/exe", pid);
	return place_open((struct opened){ AT_FDCWD, -1, 0 }, exe, 0, pid, ret);
}

static enum hash_state executable_find(const struct hash_request *r, struct opened *opened,
                                       struct hash_file *ret)
{
	enum place running = running_open(r->pid, opened);

	if (opened_is_it(opened, r, &ret->st)) {
		ret->is_running = !place_is_memfd(opened);
		return running_judge(&ret->st, r->time_ns);
	}
	return named_find(r, running, opened, &ret->st);
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

enum hash_state hash_file_find(const struct hash_request *r, struct hash_file *ret)
{
	struct opened opened;
	enum hash_state state;

	*ret = (struct hash_file){ .fd = -1 };
	state = r->kind == HASH_OF_EXECUTABLE ? executable_find(r, &opened, ret)
	                                      : opened_find(r, &opened, &ret->st);
	if (state == HASH_DONE) {
		ret->is_untraced = is_writable(&opened, &ret->st) && place_is_untraced(&opened);
		if (ret->is_untraced && !ret->is_running)
			state = HASH_UNTRACED;
	}
	if (state == HASH_DONE)
		ret->fd = opened.fd;
	else if (opened.fd >= 0)
		close(opened.fd);
	return state;
}

bool hash_file_is_running(const struct stat *st, uint32_t pid)
{
	struct opened opened;
	struct stat now;
	bool ret;

	running_open(pid, &opened);
	if (opened.fd < 0)
		return false;
	ret = !fstat(opened.fd, &now) && now.st_ino == st->st_ino && now.st_dev == st->st_dev;
	close(opened.fd);
	return ret;
}

int hash_file_open(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}
