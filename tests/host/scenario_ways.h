/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways in which an ordinary user may change a file that decides who logs in, or
 * what is started: tables in scenario_ways_*.c, run by scenario_ways.c.
 */
#ifndef TESTS_HOST_SCENARIO_WAYS_H
#define TESTS_HOST_SCENARIO_WAYS_H

#include <sys/types.h>

#define WAYS_UID     61022 /* who has no other processes */
#define CRONTAB_GID  61023
#define WAYS_HOME    "/home/sextant-ways"
#define WAYS_CRONTAB "/var/spool/cron/crontabs/sextant-ways"

/* From the home directory, where each way begins. */
#define KEYS   ".ssh/authorized_keys"
#define BASHRC ".bashrc"
#define EVIL   "evil\n"

enum way_as {
	AS_USER,
	AS_CRONTAB,   /* as crontab(1) */
	AS_MOUNTER,   /* as fusermount(1) */
	AS_TWO_USERS, /* who are in league */
};

struct way {
	const char *name;     /* of its processes too: at most 15 bytes */
	void (*run)(void);    /* may leave processes, which are ended when the files were read */
	void (*before)(void); /* of the same process, whose name is "before" then; or NULL */
	enum way_as as;
};

/* The last one of each has no name. */
extern const struct way ways_by_name[], ways_by_data[], ways_by_space[], ways_over[];

void can(int ok); /* ends the way if it is not: it is refused, and errno says why */

void text_put(int fd); /* writes EVIL, and closes it */
void text_write(
	const char *at);   /* writes EVIL at the start of the file; creates it if it is missing */
void evil_directory(void); /* "p", with such a file "authorized_keys" */

#endif
