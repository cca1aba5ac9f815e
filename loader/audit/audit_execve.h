/* SPDX-License-Identifier: BSD-2-Clause */
/* The arguments of an exec as records of audit. */
#ifndef LOADER_AUDIT_AUDIT_EXECVE_H
#define LOADER_AUDIT_AUDIT_EXECVE_H

#include "loader/audit/audit.h"

/* What a record has of values and their names at most (MAX_EXECVE_AUDIT_LEN). */
#define AUDIT_EXECVE_BYTES 7500

/* A record goes on with less than that left: the longest name of a value, and some of it. */
#define AUDIT_EXECVE_SPARE (96 + 8)

/*
 * As many records EXECVE as it takes for strings, each ended by NUL, which the last may
 * lack: argc=2 a0="ls" a1=2D20. One that does not fit is split:
 * a1_len=9000 a1[0]=... and a1[1]=... in the next record.
 */
void audit_execve(struct audit *a, const char *args, size_t size);

#endif
