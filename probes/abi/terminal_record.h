/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The record of what a process writes to its terminal, and the fields of its event. */
#ifndef PROBES_ABI_TERMINAL_RECORD_H
#define PROBES_ABI_TERMINAL_RECORD_H

#include "probes/abi/field_table.h"
#include "probes/abi/head.h"

#define TERMINAL_BYTES_MAX                                                    \
	2048 /* a power of two; tty_write() gives the line discipline no more \
	      */

/* The text of a process that is reported; what is beyond is counted. */
#define TERMINAL_PROCESS_BYTES (512 * 1024)

/*
 * Sent by the process that writes, when the terminal has taken the text, which
 * follows the struct: size bytes.
 */
struct terminal_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	__u64 skipped; /* bytes that were written since the last event, and are in none */
	__u32 uid;
	__u32 size;
	char comm[EVENTS_COMM_BYTES];
	char tty[EVENTS_TTY_BYTES];
	__u32 exceeded; /* 1: the process has written more than TERMINAL_PROCESS_BYTES */
	__u32 zero;
};

/* clang-format off */
#define TERMINAL_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, TERMINAL) \
	ACTOR_NAMES(NAME, TERMINAL) \
	FIELD(TERMINAL, TEXT, "", NO_FACTS) \
	FIELD(TERMINAL, TTY, "", FACTS(LAYOUT_TTY_NAME)) \
	NAME(TERMINAL, NONE, "process.io.type", io_type, ALWAYS, "", "`tty`") \
	NAME(TERMINAL, TEXT, "process.io.text", string, ALWAYS, "", "what the process has written, as the terminal got it: with the control characters and escape sequences in it, and `\\r\\n` at the end of a line where the terminal has the setting `onlcr`. Bytes that are no UTF-8 are `U+FFFD`, and all bytes then stand in `sextant.raw`") \
	NAME(TERMINAL, NONE, "process.io.total_bytes_captured", count, ALWAYS, "", "bytes of the text, before they are made UTF-8 and before secrets are replaced") \
	NAME(TERMINAL, NONE, "process.io.total_bytes_skipped", count, ALWAYS, "", "bytes that the process has written since its last event, and which are in no event") \
	NAME(TERMINAL, NONE, "process.io.bytes_skipped", skipped, OPTIONAL, "", "where in the text they were, in an array of one entry: `length` of them after `offset` bytes; missing if there are none") \
	NAME(TERMINAL, NONE, "process.io.max_bytes_per_process_exceeded", boolean, ALWAYS, "", "whether the process has written more than 512 KiB so far: only so much text of a process is reported") \
	NAME(TERMINAL, TTY, "sextant.tty", short_name, ALWAYS, "", "the terminal, as the kernel and audit name it: `pts0`") \
	NAME(TERMINAL, NONE, "process.tty", tty, OPTIONAL, "", "its numbers: `char_device.major` and `char_device.minor`. Missing if the name does not tell them") \
	NAME(TERMINAL, NONE, "sextant.redacted", count, OPTIONAL, "", "parts of the text that `--redact` has replaced by `***`; missing if there are none")
/* clang-format on */

FIELDS_ENUM(terminal, TERMINAL)

#endif
