/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a process gives up for good before it reads what others have made. Both
 * programs use it; it is not installed. Each: 0 or -errno, if not said otherwise.
 */
#ifndef OFFSETS_CONFINE_GIVE_UP_H
#define OFFSETS_CONFINE_GIVE_UP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

/* Parts that a kernel or a container does not have, as text: "seccomp (Invalid argument), ...". */
struct lacks {
	char *text; /* begins empty */
	size_t size;
};

/* err: 0, or the -errno for which the part is missing. */
void lacks_note(struct lacks *lacks, const char *part, int err);

/* Closes all descriptors above 2 but for these, which it sorts. */
void give_up_descriptors(int *keep, size_t count);

/*
 * Standard input and the streams after it, up to that number, lead nowhere from here on: 1 leaves
 * standard error for messages. But for these, which they may be if they were closed.
 */
int give_up_streams(int last, const int *keep, size_t count);

/* A limit of this process (setrlimit(2)), unless it is lower already. */
int give_up_above(int resource, uint64_t most);

/*
 * A user id that nobody else has: no other process can signal or trace this one. No
 * distribution assigns ids in this range (2,000,000,000 and the process id).
 */
uid_t user_of_its_own(void);

/* Becomes that user and group, without other groups. It needs CAP_SETUID and CAP_SETGID. */
int give_up_user(uid_t id);

/* The same, but it keeps these capabilities, and no others. */
int give_up_user_but(uid_t id, const unsigned int *capabilities, size_t count);

/* Capabilities, also those that an exec could bring back. */
int give_up_capabilities(void);

/* An exec gives no rights from here on. */
int give_up_new_privileges(void);

#endif
