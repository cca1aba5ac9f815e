/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside safefile.c and replace.c: the way to a file, each step checked by safefile.h's rules. */
#ifndef OFFSETS_WALK_H
#define OFFSETS_WALK_H

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
	int directory;        /* where the walk has come to, by O_PATH */
	char where[PATH_MAX]; /* the same for messages; "" is the working directory */
	char rest[PATH_MAX];  /* what is still to walk */
	char name[NAME_MAX + 1];
	unsigned int links;
	/* Of the end: */
	struct stat st;
	bool missing;
	bool magic;     /* a link of /proc that only the kernel can follow */
	bool inherited; /* in /proc/self/fd */
	/* A link of somebody who is not trusted was followed. */
	bool foreign;
	uid_t foreign_uid;
};

/* any: owners of files and directories do not matter. */
void walk_init(struct walk *w, const char *path, bool any, struct offsets_error *error);
void walk_deinit(struct walk *w);

/* To where the path ends: an open directory and a name in it that is no link. */
int walk_path(struct walk *w);

int walk_fail(struct walk *w, int err); /* the line for an error of the system */
bool walk_trusts(const struct walk *w, uid_t uid);

/* How to speak of what could be changed. */
struct refusal {
	const char *what; /* "the directory ", "" for the file itself */
	const char *name; /* of it, if it is not the file */
	const char *power;
};

/* -EPERM: others could change what st describes. fd is of the same. */
int walk_owners_check(struct walk *w, int fd, const struct stat *st, const struct refusal *r);

#endif
