/* SPDX-License-Identifier: BSD-2-Clause */
/* A file that is compressed: vmlinux.xz, btrfs.ko.zst, or a tar of REL.btf (REL.btf.tar.xz). */
#ifndef LKCCB_PACKAGE_COMPRESSED_H
#define LKCCB_PACKAGE_COMPRESSED_H

#include "lkccb/package/package.h"

/* As deb_read(), but -ENODATA: neither an ELF file nor BTF in it. */
int compressed_read(struct package *package);

#endif
