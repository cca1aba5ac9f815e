/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands. Each gets the arguments that follow its name, and returns an exit code. */
#ifndef LKCCB_CMD_LKCCB_H
#define LKCCB_CMD_LKCCB_H

#include "lkccb/cmd/options.h"
#include "offsets/offsets.h"

int lkccb_add(const struct options *o, int argc, char **argv);
int lkccb_list(const struct options *o, int argc, char **argv);
int lkccb_show(const struct options *o, int argc, char **argv);
int lkccb_diff(const struct options *o, int argc, char **argv);
int lkccb_import(const struct options *o, int argc, char **argv);
int lkccb_export(const struct options *o, int argc, char **argv);
int lkccb_merge(const struct options *o, int argc, char **argv);
int lkccb_slim(const struct options *o, int argc, char **argv);
int lkccb_delta(const struct options *o, int argc, char **argv);
int lkccb_apply(const struct options *o, int argc, char **argv);
int lkccb_verify(const struct options *o, int argc, char **argv);
int lkccb_coverage(const struct options *o, int argc, char **argv);
int lkccb_site(const struct options *o, int argc, char **argv);
int lkccb_sync(const struct options *o, int argc, char **argv);
int lkccb_keygen(const struct options *o, int argc, char **argv);
int lkccb_sign(const struct options *o, int argc, char **argv);
int lkccb_verify_signature(const struct options *o, int argc, char **argv);

#endif
