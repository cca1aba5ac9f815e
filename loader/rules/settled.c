/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/rules/settled.h"

bool settled_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A program that writes a file goes on with it within that time. */
#define SETTLED_NS 300000000ULL

static struct stat file_stat(const char *path)
{
	struct stat st = { 0 };

	stat(path, &st);
	return st;
}

void settled_await(const char *path, uint64_t now_ns, struct settled *file)
{
	if (file->since_ns)
		return; /* it is awaited already */
	file->since_ns = now_ns;
	file->seen = file_stat(path);
}

bool settled_now(const char *path, uint64_t now_ns, struct settled *file)
{
	struct stat st;

	if (!file->since_ns)
		return false;
	st = file_stat(path);
	if (!settled_same_file(&st, &file->seen)) {
		file->since_ns = now_ns;
		file->seen = st;
		return false;
	}
	if (now_ns - file->since_ns < SETTLED_NS)
		return false;
	file->since_ns = 0;
	return true;
}
