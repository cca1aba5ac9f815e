/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of the processes whose calls are reported: by /proc, when a process is seen for the
 * first time, and again after an exec. Between a call and the reading the process may have executed
 * another program, so its executable counts only from the moment on at which it is sure: the
 * process has the name that it had when it was read. Times are CLOCK_MONOTONIC, in ns.
 */
#ifndef LOADER_TRACE_TRACE_PROCESS_H
#define LOADER_TRACE_TRACE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/abi/call_record.h"

#define TRACE_PROCESS_EXE 4096 /* bytes of a path at most */

struct trace_process {
	uint32_t pid;
	uint32_t parent;      /* process id */
	uint64_t start_ticks; /* 1/100 s since boot; 0: it was gone, nothing is known */
	uint64_t began_ns;    /* when it was started */
	uint64_t read_ns;     /* when /proc was read */
	uint64_t sure_ns;     /* exe is what it runs from then on; 0: that is not sure */
	char comm[EVENTS_COMM_BYTES];
	const char *exe; /* the path, without a NUL; NULL: none, or not known */
	size_t exe_size;
};

/* Reads /proc. *ret is set on failure, too: start_ticks is 0. exe: room for the path. */
int trace_process_read(uint32_t pid, char exe[TRACE_PROCESS_EXE], struct trace_process *ret);

/* ---- as bytes: in a file, in the ring ----------------------------------------- */

#define TRACE_PROCESS 110 /* header.type, beside enum call_half */

struct trace_process_item {
	struct event_header header;
	uint64_t start_ticks, began_ns, read_ns, sure_ns;
	uint32_t pid, parent;
	char comm[EVENTS_COMM_BYTES]; /* with a NUL at its end */
				      /* exe follows */
};

#define TRACE_PROCESS_BYTES (sizeof(struct trace_process_item) + TRACE_PROCESS_EXE)

/* The bytes that are used. */
size_t trace_process_pack(const struct trace_process *p, char ret[TRACE_PROCESS_BYTES]);

/* False: these bytes, of whatever origin, are none. ret->exe points into them. */
bool trace_process_unpack(const void *data, size_t size, struct trace_process *ret);

/* ---- the table ------------------------------------------------------------------ */

struct trace_processes;

#define TRACE_PROCESSES                                                          \
	4096 /* of which it has room; those of which no call was seen longest go \
	      */

struct trace_processes *trace_processes_new(void); /* NULL: out of memory */
void trace_processes_free(struct trace_processes *t);

/* Of the host whose processes these are; 36 characters, or empty: not known. */
#define TRACE_BOOT_BYTES 37
void trace_processes_set_boot(struct trace_processes *t, const char *boot_id);
const char *trace_processes_boot(const struct trace_processes *t);

/* Takes what was read. exe stays the caller's. */
void trace_processes_put(struct trace_processes *t, const struct trace_process *p);

/*
 * Records in the order of time, before and after their call is printed. _after() says whether it
 * has executed a program that is not known.
 */
void trace_processes_before(struct trace_processes *t, const struct call_record *record);
bool trace_processes_after(struct trace_processes *t, const struct call_record *record);

/*
 * The process of a record, as it was then; exe is NULL if that is not sure. exe is valid until the
 * table changes. False: not known.
 */
bool trace_processes_find(const struct trace_processes *t, const struct call_record *record,
                          struct trace_process *ret);

/* Calls back for each process that is known. */
void trace_processes_each(const struct trace_processes *t,
                          void (*fn)(void *arg, const struct trace_process *p), void *arg);

/* ---- when to read ---------------------------------------------------------------- */

enum trace_process_need {
	PROCESS_KNOWN,
	PROCESS_NEW,     /* or the process that is known may have given its id to another one */
	PROCESS_CHANGED, /* it runs something else */
};

/* Before trace_processes_before(). */
enum trace_process_need trace_processes_need(const struct trace_processes *t,
                                             const struct call_record *record);

/* It was read, because of PROCESS_CHANGED, and is gone: what is known of it remains. */
void trace_processes_gone(struct trace_processes *t, const struct trace_process *p);

#endif
