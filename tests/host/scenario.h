/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the scenario share: one line of truth at a time, and children. */
#ifndef TESTS_HOST_SCENARIO_H
#define TESTS_HOST_SCENARIO_H

#include <stddef.h>
#include <sys/types.h>

#define OTHER_UID 61021 /* who is not root */

extern char directory[1024]; /* the driver's, absolute */

void require(int ok, const char *what); /* else it ends, and errno says why */

/* "KIND\tkey=value...", then record_end(). */
void put(const char *format, ...) __attribute__((format(printf, 1, 2)));
void put_hex(const char *key, const char *data, size_t size);
void record_end(void);

void fork_record(const char *name, pid_t child, pid_t parent);
int child_wait(const char *name, pid_t child); /* the wait status; writes the exit's record */

/* Copies this program there and runs it as a case of its own. */
void run_copy(const char *name, const char *path);

void case_actions(void); /* scenario_action.c */
void case_files(void);   /* scenario_file.c */
void watch_rules(void);
void file_storm(int count);
void case_sockets(void); /* scenario_socket.c */
void flow_storm(int count);

#endif
