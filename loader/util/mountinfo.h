/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of /proc/PID/mountinfo: proc_pid_mountinfo(5). */
#ifndef LOADER_UTIL_MOUNTINFO_H
#define LOADER_UTIL_MOUNTINFO_H

#include <stdbool.h>

struct mountinfo {
	int id, parent;
	unsigned int device; /* as the kernel has it in s_dev: major << 20 | minor */
	bool is_remote;      /* a server, or a program of a user, answers for it: perhaps never */
	bool is_stacked;     /* its files are those of other mounts, of any kind: overlayfs */
	char *root, *point;  /* in the line */
	const char *type;    /* in the line, a blank follows */
	char *options;       /* those of the file system, in the line; NULL: there are none */
};

/* Changes the line, whose names are unescaped there. False: it is no such line. */
bool mountinfo_parse(char *line, struct mountinfo *ret);

#endif
