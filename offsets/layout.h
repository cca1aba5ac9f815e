/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The value of the BPF map "offsets": all facts of the catalogue for one kernel
 * (key 0) and its modules, indexed by LAYOUT_<id>. A program does one look-up,
 * then plain loads. While the key is missing, the programs do nothing: the
 * loader writes it last.
 */
#ifndef OFFSETS_LAYOUT_H
#define OFFSETS_LAYOUT_H

#include <linux/types.h>

#include "offsets/catalogue.h"

enum layout_id {
#define FACT(id, type, members, why) LAYOUT_##id,
	CATALOGUE(FACT)
#undef FACT
		LAYOUT_MAX
};

enum layout_slot {
	LAYOUT_SLOT_KERNEL = 0, /* with the facts of its modules */
	LAYOUT_SLOTS
};

#define LAYOUT_ABSENT 0xffff /* offset of a fact that this kernel lacks */

struct layout_fact {
	__u16 offset;    /* bytes, or LAYOUT_ABSENT */
	__u16 size;      /* bytes; 0 in a flexible array, 0xffff if larger */
	__u8 bit_offset; /* bit-fields: from bit 0 of the byte at offset */
	__u8 bit_size;   /* bit-fields: bits; 0 in other members */
	__u16 zero;
};

struct layout {
	struct layout_fact facts[LAYOUT_MAX];
};

#endif
