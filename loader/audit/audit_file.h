/* SPDX-License-Identifier: BSD-2-Clause */
/* The record PATH: a file that a system call was about. */
#ifndef LOADER_AUDIT_AUDIT_FILE_H
#define LOADER_AUDIT_AUDIT_FILE_H

#include "loader/audit/audit.h"

struct audit_file {
	bool has_numbers, has_owner; /* the members that follow are known */
	uint64_t inode;
	uint32_t device, rdev; /* major << 20 | minor */
	uint32_t mode, uid, gid;
	const char *type; /* "NORMAL", "CREATE", "DELETE" */
};

/* %02x:%02x of major and minor. */
void audit_device(struct audit *a, const char *key, uint32_t device);

/* Fields that are not known are left out, as in the kernel's records. */
void audit_file(struct audit *a, unsigned int item, const struct event *ev, enum event_text name,
                const struct audit_file *file);

#endif
