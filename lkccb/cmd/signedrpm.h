/* SPDX-License-Identifier: BSD-2-Clause */
/* lkccb add --keyring: packages whose own signature is verified before they are read. */
#ifndef LKCCB_CMD_SIGNEDRPM_H
#define LKCCB_CMD_SIGNEDRPM_H

#include "lkccb/cmd/options.h"
#include "lkccb/input/paths.h"

/*
 * Adds the inputs as add_inputs() does. Each .rpm must be signed by a key of
 * o->keyring; what is verified is a private copy, which is then read. Other files
 * have no signature. Returns the exit code of 'lkccb add'.
 */
int signedrpm_add(const struct options *o, const struct paths *inputs, const struct paths *named);

#endif
