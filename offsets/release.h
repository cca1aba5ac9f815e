/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a release (uname -r) says about its stream: the kernels of one series ("6.1")
 * and one flavour ("cloud-amd64", "el7.x86_64"). Internal, not installed.
 */
#ifndef OFFSETS_RELEASE_H
#define OFFSETS_RELEASE_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of "6.1" in 6.1.0-56-amd64; 0: a release without such a number. */
size_t offsets_release_series(const char *release);

/* "cloud-amd64" of 6.1.0-56-cloud-amd64, "el7.x86_64" of 3.10.0-957.el7.x86_64; "": none. */
const char *offsets_release_flavour(const char *release);

/* By series, then flavour, as strcmp() does; 0: both are of one stream. */
int offsets_release_compare_stream(const char *a, const char *b);

#endif
