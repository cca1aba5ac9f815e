/* SPDX-License-Identifier: BSD-2-Clause */
/* --spdx: an SPDX 2.3 document in JSON, with the database and each of its inputs as a package. */
#ifndef LKCCB_CMD_SPDX_H
#define LKCCB_CMD_SPDX_H

#include "lkccb/cmd/record.h"
#include "offsets/util/jsonw.h"

/* The record is complete and sorted. */
void spdx_print(const struct record *record, struct jsonw *json);

#endif
