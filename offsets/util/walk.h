/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside safefile.c and replace.c: the walk to a file, each step checked by the
 * rules of safefile.h.
 */
#ifndef OFFSETS_UTIL_WALK_H
#define OFFSETS_UTIL_WALK_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

struct offsets_error;

/* Users and groups. */
#define TRUST_MAX 32

struct trust {
	uid_t uids[TRUST_MAX];
	gid_t gids[TRUST_MAX];
	size_t uid_count, gid_count;
};

struct walk {
	const char *path; /* as given */
	struct offsets_error *error;
	struct trust trust;
	bool any;             /* owners of files and directories do not matter */
	int directory;        /* where the walk is, opened with O_PATH */
	char where[PATH_MAX]; /* its name for messages; "": the working directory */
	char rest[PATH_MAX];  /* what is still to walk */
	char name[NAME_MAX + 1];
	unsigned int links;
	/* Of the end: */
	struct stat st;
	bool missing;
	bool magic;     /* a link of /proc, which only the kernel can follow */
	bool inherited; /* in /proc/self/fd */
	/* A link of a user who is not trusted was followed. */
	bool foreign;
	uid_t foreign_uid;
};

/* any: owners of files and directories do not matter. */
void walk_init(struct walk *w, const char *path, bool any, struct offsets_error *error);
void walk_deinit(struct walk *w);

/* Walks to the end of the path: w->directory, and w->name in it, which is no link. */
int walk_path(struct walk *w);

int walk_fail(struct walk *w, int err); /* reports a system error; returns err */
bool walk_trusts(const struct walk *w, uid_t uid);

/* The words of a refusal. */
struct refusal {
	const char *what; /* "the directory ", or "" for the file itself */
	const char *name; /* of the directory */
	const char *power;
};

/* -EPERM: others could change the file or directory fd, which st describes. */
int walk_owners_check(struct walk *w, int fd, const struct stat *st, const struct refusal *r);

#endif
