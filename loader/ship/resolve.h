/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of hosts to addresses, by /etc/hosts and DNS, without the C library: a static program
 * has no name services of its own. Waits for nothing.
 */
#ifndef LOADER_SHIP_RESOLVE_H
#define LOADER_SHIP_RESOLVE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "offsets/util/error.h"

#define RESOLVE_FDS       16
#define RESOLVE_TEXT_SIZE 512

struct resolve;

struct resolve *
resolve_new(void); /* NULL: out of memory, or no /etc/resolv.conf that can be read */
void resolve_free(struct resolve *resolve); /* NULL too */

/* A host that is an address already has no need for it. */
bool resolve_is_address(const char *host);

/* Starts a look-up, by the configuration as it is then; one that is under way ends. */
void resolve_begin(struct resolve *resolve, const char *host);

/*
 * Goes on. ret: its addresses, with commas between them, of RESOLVE_TEXT_SIZE bytes. 0;
 * -EAGAIN: not yet; or -ENOENT, and why.
 */
int resolve_work(struct resolve *resolve, char *ret, struct offsets_error *error);

/* What to wait for meanwhile: how many; *ms is lowered to what it wants. */
size_t resolve_poll(struct resolve *resolve, struct pollfd fds[RESOLVE_FDS], int *ms);

#endif
