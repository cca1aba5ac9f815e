/* SPDX-License-Identifier: BSD-2-Clause */
/* A pseudoterminal of the self-test's own. */
#ifndef LOADER_VERIFY_PTY_H
#define LOADER_VERIFY_PTY_H

#include <stdbool.h>

struct pty {
	int master, slave; /* the caller's to close; -1: not open */
	int number;        /* the kernel calls it "pts3" */
};

/*
 * Opens one. is_own: it becomes the terminal of the caller's session, if this has none and the
 * caller leads it; who closes the master of that gets SIGHUP. False: there is none to be had (no
 * devpts), and nothing is open.
 */
bool pty_open(struct pty *ret, bool is_own);

#endif
