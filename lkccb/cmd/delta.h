/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A delta: what changes one database into another, as text for review.
 *
 *	lkccb delta 1
 *	old SHA256		of the text form (content.h) of the one
 *	new SHA256		and of the other
 *	remove SHA256 RELEASE	an entry, by the digest of its text, that the new one lacks
 *	replace SHA256 RELEASE	an entry that the new one has with other keys or offsets
 *
 *	kernel ...		after an empty line: the new entries, as 'lkccb export' prints them
 */
#ifndef LKCCB_CMD_DELTA_H
#define LKCCB_CMD_DELTA_H

#define DELTA_HEAD     "lkccb delta 1\n"
#define DELTA_OLD      "old "
#define DELTA_NEW      "new "
#define DELTA_REMOVE   "remove "
#define DELTA_REPLACE  "replace "
#define DELTA_LINE_MAX 4096 /* bytes of a line before the empty one */

#endif
