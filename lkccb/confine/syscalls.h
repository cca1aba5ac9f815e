/* SPDX-License-Identifier: BSD-2-Clause */
/* The system calls that a process in the sandbox may use. */
#ifndef LKCCB_CONFINE_SYSCALLS_H
#define LKCCB_CONFINE_SYSCALLS_H

#include "lkccb/confine/sandbox.h"

/* Needs no_new_privs, or CAP_SYS_ADMIN. -errno: this kernel has no seccomp. */
int syscalls_restrict(enum sandbox_kind kind);

#endif
