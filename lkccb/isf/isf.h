/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Symbol files of Volatility 3 (ISF): all types and symbols of a kernel and its
 * version banner as JSON, made of a vmlinux by dwarf2json.
 */
#ifndef LKCCB_ISF_ISF_H
#define LKCCB_ISF_ISF_H

#include "offsets/offsets.h"

/*
 * Sets the keys that the file contains (release, version, machine, distribution,
 * source, origin) and its facts; it has no parameters of functions. name, a path,
 * is for messages and for the origin. -EBADMSG: malformed. -ENODATA: no facts.
 */
int isf_read(const char *data, size_t size, const char *name, struct offsets_kernel *kernel,
             struct offsets_error *error);

#endif
