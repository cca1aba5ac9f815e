/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What signals ask for. Handlers only take note; calls that wait return with EINTR.
 * SIGINT, SIGTERM, SIGQUIT and SIGXCPU: end. SIGHUP: read the rules and open the
 * output again. SIGUSR1: open the output again. A limit of the size of files is a
 * failed write (SIGXFSZ), a pipe without a reader too (SIGPIPE).
 */
#ifndef LOADER_SIGNALS_H
#define LOADER_SIGNALS_H

#include <stdbool.h>

void signals_init(void);
bool signals_end(void);    /* to end */
bool signals_rules(void);  /* once for each time: to read the rules again */
bool signals_output(void); /* the same: to open the output again */

#endif
