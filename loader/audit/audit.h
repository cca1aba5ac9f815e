/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of Linux audit, as auditd writes them to audit.log, for readers that have no others:
 * ausearch, LAUREL. An event is a group of records, one a line, that have the same time and
 * serial number:
 *
 *	type=SYSCALL msg=audit(1796012345.678:42): arch=c000003e syscall=59 ...
 *	type=EXECVE msg=audit(1796012345.678:42): argc=2 a0="ls" a1="-l"
 *	type=EOE msg=audit(1796012345.678:42):
 *
 * Facts: kernel/audit.c and kernel/auditsc.c of Linux 6.1; how records are read:
 * src/ausearch-parse.c of audit-userspace 3.0.9, src/parser.rs of LAUREL 0.5.1.
 */
#ifndef LOADER_AUDIT_AUDIT_H
#define LOADER_AUDIT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/event/format.h"

/* An id that is not set, or not known: auditd has the same number for both. */
#define AUDIT_UNSET 0xffffffffU

/* What the kernel writes of a path and of a command line at most (PATH_MAX with the NUL,
 * MAX_PROCTITLE_AUDIT_LEN). Readers take lines of 8970 bytes (MAX_AUDIT_MESSAGE_LENGTH). */
#define AUDIT_PATH_BYTES  4095
#define AUDIT_TITLE_BYTES 128

/* The group of records of one event. */
struct audit {
	struct format *format;
	struct jsonw *out; /* of format */
	size_t stamp_size;
	char stamp[64]; /* " msg=audit(1796012345.678:42):" */
};

/* Begins the group of an event at that time (CLOCK_MONOTONIC), with the next serial number. */
void audit_open(struct audit *a, struct format *f, uint64_t time_ns);

/* Begins a record. audit_eoe(): the last one of an event with a system call. */
void audit_record(struct audit *a, const char *type);
void audit_eoe(struct audit *a);

/*
 * Fields, with a blank before them. A text of any bytes stands in quotes, or in hex if one
 * of them is a quote, a blank, a control character or not ASCII, so it cannot end the
 * record or look like another field.
 */
void audit_text(struct audit *a, const char *key, const char *text, size_t size);
void audit_word(struct audit *a, const char *key, const char *word); /* of ours: as it is */
void audit_number(struct audit *a, const char *key, uint64_t value);
void audit_signed(struct audit *a, const char *key, int64_t value);
void audit_hexadecimal(struct audit *a, const char *key, uint64_t value, unsigned int width);

/* Appends bytes in hex; a text in quotes or in hex; whether it has to be in hex. */
void audit_bytes(struct jsonw *out, const void *bytes, size_t size);
void audit_string(struct jsonw *out, const char *text, size_t size);
bool audit_needs_hex(const char *text, size_t size);

/* A text of an event, (null) if it is not known; of one that is too long the end. */
void audit_path(struct audit *a, const char *key, const struct event *ev, enum event_text text);
void audit_comm(struct audit *a, const char *key, const char *name);

/* type=PROCTITLE: strings, each ended by NUL; none: (null). */
void audit_title(struct audit *a, const char *args, size_t size);

#endif
