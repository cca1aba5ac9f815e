/* SPDX-License-Identifier: BSD-2-Clause */
/* Which system calls a process in the sandbox has left. */
#ifndef LKCCB_SYSCALLS_H
#define LKCCB_SYSCALLS_H

#include "lkccb/confine/sandbox.h"

/* Needs no_new_privs, or CAP_SYS_ADMIN. -errno: this kernel has no seccomp. */
int syscalls_restrict(enum sandbox_kind kind);

#endif
