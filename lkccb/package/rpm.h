/* SPDX-License-Identifier: BSD-2-Clause */
/* Packages of Red Hat's and related distributions. */
#ifndef LKCCB_PACKAGE_RPM_H
#define LKCCB_PACKAGE_RPM_H

#include "lkccb/package/package.h"

/* As deb_read(). */
int rpm_read(struct package *package);

/* Loads the files that librpm would read at its first use: a sandbox has none. */
void rpm_libraries_init(void);

#endif
