/* SPDX-License-Identifier: BSD-2-Clause */
/* --provenance: an in-toto Statement v1 with SLSA Provenance v1. */
#ifndef LKCCB_CMD_STATEMENT_H
#define LKCCB_CMD_STATEMENT_H

#include "lkccb/cmd/record.h"
#include "offsets/util/jsonw.h"

/* The record is complete and sorted. */
void statement_print(const struct record *record, struct jsonw *json);

#endif
