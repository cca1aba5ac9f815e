/* SPDX-License-Identifier: BSD-2-Clause */
/* What a line becomes for a destination that has messages. */
#ifndef LOADER_OUT_FRAME_H
#define LOADER_OUT_FRAME_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that a frame has more than the line, at most. */
#define FRAME_MORE_BYTES 512

struct frame_line {
	const char *text; /* without its newline */
	size_t size;
	const char *host, *tag; /* "exec" */
	uint64_t now_ns;        /* since 1970: for a line that does not begin with its time */
};

/* Each: *ret has room for the line and FRAME_MORE_BYTES. Returns the bytes of the frame. */

/* RFC 5424: severity informational, facility security (10). The tag is its MSGID. */
size_t frame_syslog(const struct frame_line *line, char *ret);

/* The same with its length before it (RFC 6587, 3.4.1). */
size_t frame_syslog_counted(const struct frame_line *line, char *ret);

/* As syslog(3) has it: "<86>Nov 30 01:02:03 sextant[12]: ". */
size_t frame_syslog_local(const struct frame_line *line, char *ret);

/* Fields for the journal; the line is MESSAGE, and has no newline in it. */
size_t frame_journal(const struct frame_line *line, char *ret);

#endif
