/* SPDX-License-Identifier: BSD-2-Clause */
/* File systems of the scenario itself, by FUSE: scenario_fuse.c. */
#ifndef TESTS_HOST_SCENARIO_FUSE_H
#define TESTS_HOST_SCENARIO_FUSE_H

#include <linux/fuse.h>
#include <stddef.h>
#include <sys/types.h>

#define FUSE_BODY 256 /* bytes of an answer behind its header */

/* What an answer function returns in place of the number of bytes it wrote; or -errno. */
#define FUSE_NEVER (-1000) /* who asked waits for ever */

/* Answers a request, but for FUSE_INIT. body: behind the header; ret: FUSE_BODY zeroes. */
typedef int fuse_answer_fn(const struct fuse_in_header *in, const char *body, void *ret);

/* Mounts and starts the process that serves; 0 and errno: not possible here. more: further options,
 * ",...". */
pid_t fuse_mount(const char *path, mode_t root_mode, uid_t uid, const char *more,
                 fuse_answer_fn *answer);

#endif
