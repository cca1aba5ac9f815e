/* SPDX-License-Identifier: BSD-2-Clause */
/* The command that is traced: it waits until the programs are attached. */
#ifndef LOADER_TRACE_TRACE_CHILD_H
#define LOADER_TRACE_TRACE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct trace_child {
	pid_t pid;  /* 0: there is none */
	int go;     /* -1: it was let go */
	int status; /* as waitpid() has it, once it has ended */
};

/* 0 or -errno. */
int trace_child_start(char **argv, struct trace_child *ret);
int trace_child_go(struct trace_child *child);

/* True: it has ended; *ret_code: as a shell has it, 128 and the signal if one ended it. */
bool trace_child_ended(struct trace_child *child, int *ret_code);

#endif
