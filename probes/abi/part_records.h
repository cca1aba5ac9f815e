/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Kernels before 4.11 let a program send only what lies on its stack: an exec,
 * and a mount, goes out in parts, back to back in the ring of its CPU, each a
 * record of its own; loader/stream/parts.c makes one record of them.
 */
#ifndef PROBES_ABI_PART_RECORDS_H
#define PROBES_ABI_PART_RECORDS_H

#include "probes/abi/exec_record.h"
#include "probes/abi/file_record.h"
#include "probes/abi/head.h"

/* PART(id, record) */
/* clang-format off */
#define PARTS(PART) \
	PART(EXEC, exec_event) /* its sizes 0 but for argv_total */ \
	PART(MOUNT, file_event) /* its sizes 0 */ \
	PART(ARGV, argv_part) /* of an exec */ \
	PART(TEXT, text_part) /* the last ends the event */ \
	PART(INTERPRETER, interpreter_part) /* of all tiers; before the exec */ \
	PART(SCRIPT, script_part) /* the same */ \
	PART(MODULE, module_part) /* before the module's event */
/* clang-format on */

#define PART_NUMBER(id, record) PART_##id,

/* Types of records beside those of enum event_type. */
enum part_type {
	PARTS_BEGIN = 63,
	PARTS(PART_NUMBER) /* from 64 */
	PARTS_END
};

#define PART_BYTES 256

/*
 * Bytes of argv and of the environment, which follows it; those before its
 * beginning (offset < 0) are none of it.
 */
struct argv_part {
	struct event_header header; /* sequence: that of the exec */
	__u32 number;               /* of the part, from 1 */
	__s32 offset;               /* in argv */
	char bytes[PART_BYTES];
};

/*
 * In parts TEXT_FILENAME comes after all others: there are so many parts that it
 * could take the room of the rest. The fields of texts that are sent after one.
 */
static inline __attribute__((always_inline)) __u32 texts_after(__u32 text)
{
	if (text == TEXT_FILENAME)
		return 0;
	return ((2U << FIELD_EXEC_CWD) - (2U << (FIELD_TEXTS + text))) | 1U << FIELD_EXEC_FILENAME;
}

#define PART_SLOT_BYTES 32
#define PART_SLOTS      (PART_BYTES / PART_SLOT_BYTES)

/*
 * Names from the leaf to the root, or one string: each begins in a slot of its
 * own, goes on in the next ones, and ends with a NUL; slots that begin with one
 * are empty. header.unread and .truncated are those of the whole event in the
 * last part; of an exec it has the number and device that stat() shows, as well.
 */
struct text_part {
	struct event_header header; /* sequence: that of the event */
	__u32 number;               /* of the part */
	__u16 text;                 /* enum event_text */
	__u16 last;                 /* of this event */
	__u64 inode;
	__u32 device, zero;
	char slots[PART_SLOTS][PART_SLOT_BYTES];
};

#define INTERPRETER_BYTES 256 /* a script's first line has no more (since 5.1) */

struct interpreter {
	__u64 zero;
	char text[INTERPRETER_BYTES]; /* NUL-terminated if shorter */
};

/*
 * Of a script whose interpreter is a script: one for each interpreter but the
 * last. It goes with the exec of the same process whose number of the attempt, in
 * script, is the same.
 */
struct interpreter_part {
	struct event_header header; /* sequence: 0 */
	struct process_ids process; /* its start is 0 */
	__u32 script;               /* number of the attempt, and how many interpreters so far */
	__u32 zero;
	struct interpreter last;
};

/*
 * Of a script: the file that the kernel has opened. It goes with the exec of the same
 * process whose number of the attempt, in script, is the same.
 */
struct script_part {
	struct event_header header; /* sequence: 0; unread: of the exec */
	struct process_ids process; /* its start is 0 */
	__u64 inode;                /* as stat() shows it */
	__u64 opened_ns;            /* CLOCK_MONOTONIC: it was open then, and had not been read */
	__u32 device;               /* kernel encoding: major << 20 | minor */
	__u32 script;               /* struct interpreter_part */
};

/*
 * Of a module: the file that the kernel has opened. It goes with the event of the same
 * thread whose file is the same. Its path follows, as that of a file does.
 */
struct module_part {
	struct event_header header; /* sequence: 0; unread and truncated: FIELD_FILE_... */
	struct process_ids process; /* its start is 0 */
	__u64 inode;                /* as stat() shows it */
	__u64 opened_ns;            /* CLOCK_MONOTONIC: it was open then, and had not been read */
	__u32 device;               /* kernel encoding: major << 20 | minor */
	__u32 file;                 /* struct action_event */
	__u16 text_size[TEXT_SLOTS];
};

#define SCRIPT_LEVELS  7 /* the lowest bits of script; the kernel has six at most */
#define SCRIPT_ATTEMPT (~7U)

#endif
