/* SPDX-License-Identifier: BSD-2-Clause */
/* The time that is written down: SOURCE_DATE_EPOCH, for builds that can be repeated. */
#ifndef LKCCB_CMD_EPOCH_H
#define LKCCB_CMD_EPOCH_H

#include <stdint.h>

#include "offsets/util/error.h"

#define EPOCH_TEXT_MAX 32

/* Seconds since 1970; 0: it is not set. -EINVAL: no such number. */
int epoch_read(uint64_t *ret, struct offsets_error *error);

/* "2026-11-28T20:00:00Z"; of a time after the year 9999 its last second. */
void epoch_text(uint64_t seconds, char ret[EPOCH_TEXT_MAX]);

#endif
