/* SPDX-License-Identifier: BSD-2-Clause */
/* Text files that a command line names. */
#ifndef LKCCB_IO_TEXTFILE_H
#define LKCCB_IO_TEXTFILE_H

#include <stdio.h>

#include "offsets/util/error.h"

/* Opens anybody's file, by the rules of SAFEFILE_TEXT (safefile.h). The caller closes it. */
int textfile_open(const char *path, FILE **ret, struct offsets_error *error);

#endif
