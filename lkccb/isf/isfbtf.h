/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types of a symbol file as BTF. So one reader, offsets_btf_read(), decides
 * what a member is: behind which anonymous ones, in which bits, of which type.
 */
#ifndef LKCCB_ISF_ISFBTF_H
#define LKCCB_ISF_ISFBTF_H

#include "lkccb/isf/definitions.h"

/* Sorts the members of each definition by offset. *ret is the caller's to free. -ENOMEM. */
int isfbtf_make(struct isf *isf, char **ret, size_t *ret_size);

#endif
