/* SPDX-License-Identifier: BSD-2-Clause */
/* Who made a system call, and which: the record SYSCALL, with which a group begins. */
#ifndef LOADER_AUDIT_AUDIT_TASK_H
#define LOADER_AUDIT_AUDIT_TASK_H

#include "loader/audit/audit.h"

/* The process that acts. What is not known is AUDIT_UNSET or NULL. */
struct audit_task {
	uint32_t pid, ppid;
	uint32_t auid, ses;
	uint32_t uid, gid, euid, suid, fsuid, egid, sgid, fsgid;
	char tty[EVENTS_TTY_BYTES + 1];
	const char *comm; /* EVENTS_COMM_BYTES at most */
	const char *exe;
	size_t exe_size;
	struct span args; /* as far as they are known */
};

/* For events whose only id of the acting process is its real user, uid. */
void audit_task_init(struct audit *a, const struct event *ev, const struct parent_ids *parent,
                     const char *comm, uint32_t uid, struct audit_task *ret);
/* Its terminal, EVENTS_TTY_BYTES at most; "": none. */
void audit_task_tty(struct audit_task *task, const char *tty);
void audit_task_ids(struct audit_task *task, const struct credentials *c);

enum audit_outcome { AUDIT_NOT_KNOWN, AUDIT_SUCCESS, AUDIT_FAILURE };

/* Arguments that an event does not have are 0: readers require hexadecimal numbers. */
struct audit_call {
	unsigned int number; /* of x86-64 */
	enum audit_outcome outcome;
	bool has_exit; /* and what it returns is known */
	int64_t exit;
	uint64_t args[4];
	unsigned int items; /* records PATH that follow */
};

/* By errno; 0: it has succeeded, and returns 0. */
void audit_call_ended(struct audit_call *call, uint32_t error);

void audit_syscall(struct audit *a, const struct event *ev, const struct audit_task *task,
                   const struct audit_call *call);

/* The field exe. */
void audit_exe(struct audit *a, const struct audit_task *task);

/* PROCTITLE and EOE. */
void audit_end(struct audit *a, const struct audit_task *task);

/* The record OBJ_PID: the process that is acted upon. */
void audit_target(struct audit *a, const struct parent_ids *target);

/*
 * What audit has no words for: in the group of a system call a record KERNEL_OTHER, which is
 * for modules of others; alone, without EOE, a record TRUSTED_APP, which is for programs' own
 * texts. What comes next are its members; LAUREL takes digits without quotes for hex.
 */
void audit_more_open(struct audit *a, const char *op);
void audit_own_open(struct audit *a, const struct audit_task *task, const char *op);
void audit_own_close(struct audit *a, bool has_failed);

#define AUDIT_OWN_BYTES 2048 /* of a text: two fit a line that readers take */

/* Of a path that is too long the end, which says more; of another text size is below that. */
void audit_own_path(struct audit *a, const char *key, const char *path, size_t size);
void audit_own_text(struct audit *a, const char *key, const char *text, size_t size);
void audit_own_word(struct audit *a, const char *key, const char *word); /* of ours */
void audit_own_number(struct audit *a, const char *key, uint64_t value);
void audit_own_number_if(struct audit *a, const char *key, uint64_t value, bool is_unread);

#endif
