/* SPDX-License-Identifier: BSD-2-Clause */
/* Debian's and Ubuntu's packages: .deb and .ddeb. */
#ifndef LKCCB_PACKAGE_DEB_H
#define LKCCB_PACKAGE_DEB_H

#include "lkccb/package/package.h"

/*
 * Reads a package once. -EBADMSG: cut or malformed. -ENODATA: its vmlinux is no ELF
 * file. -ENOMSG: no vmlinux in it. Where the package lists its files, what follows
 * the last wanted one is not read.
 */
int deb_read(struct package *package);

#endif
