/* SPDX-License-Identifier: BSD-2-Clause */
/* From a perf record to an event. Records are distrusted like any input. */
#ifndef LOADER_STREAM_DECODE_H
#define LOADER_STREAM_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/abi/events.h"

/* Takes a record; data is the caller's. */
typedef void (*record_fn)(void *arg, const void *data, size_t size);

#define EVENT_TEXT_BYTES (PATH_BYTES_MAX + 2 * NAME_BYTES)

/* Text as the kernel has it: any byte but NUL. */
struct event_path {
	size_t size;
	char text[EVENT_TEXT_BYTES];
};

#define RECORD_MEMBER(id, name, type, stack) struct type name;

/* A file's SHA-256, if reason is NULL; else why it is not known. */
struct event_hash {
	const uint8_t *sha256; /* 32 bytes */
	const char *reason;
};

/* A file that the kernel has opened: a script (struct script_part), a module (struct module_part).
 */
struct event_file {
	uint64_t inode, opened_ns;
	uint32_t device;
};

/* The file that a module is loaded from. */
struct event_module {
	struct module_part part;
	struct event_path path;
};

struct event {
	union {
		struct event_header header;
		struct event_head head;
		RECORDS(RECORD_MEMBER)
	};
	const char *argv, *env; /* of an exec: argv_size and env_size bytes, inside the record */
	const char *text;       /* of a terminal, inside the record */
	size_t text_size;       /* its bytes */
	unsigned int redacted;  /* parts of these that were replaced (redact.h) */
	struct event_path
		texts[EXEC_TEXTS]; /* of an exec, or those of enum event_text with FILE_ */
	/* Of an exec, by interpreters_give(): each ended by NUL; 0: none, or only one. */
	const char *interpreters;
	size_t interpreters_size;
	/* Of an exec, by interpreters_give(). False: it is not one of a script, or that is not
	 * known. */
	bool has_script;
	struct event_file script;
	/* Of a module, by module_files_give(), as its fields say; and texts[FILE_PATH]. */
	struct event_file opened;
	/* Of an exec: that of its executable, and of its script; of a module that of its file.
	 * NULL: nobody has asked for it. */
	const struct event_hash *hash, *script_hash;
};

/* Of the struct that records of a type begin with; 0: there is no such type. */
size_t event_size(unsigned int type);

/* The same of records that are parts: enum part_type. */
size_t event_part_size(unsigned int type);

/*
 * perf pads records: size is an upper bound, header.len is what was sent.
 * -EBADMSG: not a record of ours; *ret is undefined then. *ret points into
 * data.
 */
int event_decode(const void *data, size_t size, struct event *ret);

/* The same of a struct module_part; -ENOMSG: it is none. *ret points to nothing. */
int module_decode(const void *data, size_t size, struct event_module *ret);

/*
 * "ls\0bin\0" -> "/bin/ls". A cut path has lost its beginning: no slash. -EBADMSG: the names are
 * not whole, or too long.
 */
int path_decode(const char *names, size_t size, bool cut, struct event_path *ret);

/* The name of the process, EVENTS_COMM_BYTES at most: there may be no NUL. */
const char *event_comm(const struct event *ev);

/* The real user id of the process that acts, as the JSON's user.id; before it changes. */
uint32_t event_uid(const struct event *ev);

/* field: of the class of the event. */
static inline bool event_unread(const struct event *ev, unsigned int field)
{
	return ev->header.unread & (1U << field);
}

static inline bool event_truncated(const struct event *ev, unsigned int field)
{
	return ev->header.truncated & (1U << field);
}

/* Of a module: is it loaded from a file that the kernel had opened? */
static inline bool module_has_file(const struct event *ev)
{
	return ev->action.number && (ev->action.file & MODULE_IMAGES) == MODULE_IN_FILE;
}

/* Start times in ticks of 1/100 s, as /proc/PID/stat has them (USER_HZ of x86 and arm64). */
static inline __u64 start_ticks(__u64 start_boottime_ns)
{
	return start_boottime_ns / 10000000;
}

#endif
