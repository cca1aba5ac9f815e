/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What signals ask for. The handlers only take note; calls that wait return with
 * EINTR. SIGINT, SIGTERM, SIGQUIT and SIGXCPU ask for the end; SIGHUP asks to read
 * the rules and to open the output again; SIGUSR1 asks to open the output again;
 * SIGUSR2 asks to restart.
 * SIGPIPE and SIGXFSZ are ignored: the write that caused them fails instead. SIGALRM is
 * ignored, too.
 */
#ifndef LOADER_UTIL_SIGNALS_H
#define LOADER_UTIL_SIGNALS_H

#include <stdbool.h>

void signals_init(void);

/* True: the end was asked for. */
bool signals_end(void);

/* True, once for each request: to read the rules, to open the output again. */
bool signals_rules(void);
bool signals_output(void);

/* The same: a new process is to take over. */
bool signals_restart(void);

#endif
