/* SPDX-License-Identifier: BSD-2-Clause */
/* 'sextant trace': system calls with their parameters, as they happen. */
#ifndef LOADER_TRACE_TRACE_H
#define LOADER_TRACE_TRACE_H

/* argv[0] is "trace"; returns an exit code. */
int trace_command(int argc, char **argv);

#endif
