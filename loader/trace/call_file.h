/* SPDX-License-Identifier: BSD-2-Clause */
/* What a descriptor was at the time of a call: a file with its path, or a socket. */
#ifndef LOADER_TRACE_CALL_FILE_H
#define LOADER_TRACE_CALL_FILE_H

#include "loader/stream/decode.h"
#include "loader/trace/call_seen.h"

struct call_seen_file {
	struct call_file head;
	/* "/etc/passwd", "pipe:[1]", "anon_inode:[eventpoll]"; of a socket "socket:[1]". */
	struct event_path path;
	bool is_cut; /* the path's beginning is missing */
};

/*
 * The values that plan.files asks for, of a call that is traced with its files: the bits of its
 * descriptors, of its result, and of the working directory if a path of it may begin there.
 */
unsigned int call_files_wanted(const struct call *call);

/* i: a parameter, CALL_VALUE_RESULT, or CALL_VALUE_CWD. False: it is not known. */
bool call_file_find(const struct call_seen *seen, unsigned int i, struct call_seen_file *ret);

/*
 * The absolute path that a parameter names: the directory at hand, a slash, and the parameter;
 * links and ".." are as they were written. False: it is absolute already, empty or not known.
 */
bool call_path_join(const struct call_seen *seen, unsigned int i, struct event_path *ret);

/* "TCP"; NULL: no name. */
const char *call_file_protocol(const struct call_file *file);

#endif
