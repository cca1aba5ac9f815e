/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of system calls in a file, as 'sextant trace --record' writes it: a record_file with a
 * struct trace_file_head, and at its end a mark. Each record has a check sum, because most damage
 * leaves a record that could be one.
 */
#ifndef LOADER_TRACE_TRACE_FILE_H
#define LOADER_TRACE_TRACE_FILE_H

#include <stdint.h>

#include "loader/host/clock.h"
#include "offsets/offsets.h"
#include "loader/trace/trace_process.h"
#include "probes/abi/call_record.h"

#define TRACE_FILE_MAGIC   "SXTRC1\n"
#define TRACE_FILE_VERSION 2 /* 1, without processes and the boot, can be read as well */

struct trace_file_head {
	char magic[8];
	uint32_t version, head_bytes;
	uint32_t record_bytes, counts_bytes; /* of struct call_record and struct call_counts */
	uint32_t item_bytes;                 /* call_item_bytes */
	uint32_t check;                      /* of all before and behind it */
	struct clock_offsets clock;          /* when the trace began */
};

struct trace_file;

/* ---- writing ------------------------------------------------------------- */

/* The file must not exist. path stays the caller's. 0 or -errno. */
int trace_file_create(const char *path, const struct clock_offsets *clock, uint32_t item_bytes,
                      struct trace_file **ret, struct offsets_error *error);

/* A record for which call_record_check() holds. 0, or the -errno of the first write that failed. */
int trace_file_call(struct trace_file *file, const void *data, size_t size);
/* What was lost since the last time. */
int trace_file_losses(struct trace_file *file, const struct call_counts *since);
/* What was read of a process, before the record behind it. */
int trace_file_process(struct trace_file *file, const struct trace_process *process);
/* boot_id: 36 characters. */
int trace_file_boot(struct trace_file *file, const char *boot_id);
int trace_file_flush(struct trace_file *file);
int trace_file_end(struct trace_file *file); /* the mark */

/* ---- reading ------------------------------------------------------------- */

enum trace_file_kind {
	TRACE_FILE_CALL = 1,
	TRACE_FILE_LOSSES,
	TRACE_FILE_END,
	TRACE_FILE_PROCESS,
	TRACE_FILE_BOOT
};

struct trace_file_item {
	enum trace_file_kind kind;        /* never TRACE_FILE_END */
	const struct call_record *record; /* of TRACE_FILE_CALL, valid until the next item */
	size_t size;
	struct call_counts losses;      /* of TRACE_FILE_LOSSES */
	struct trace_process process;   /* of TRACE_FILE_PROCESS; exe: valid until the next item */
	char boot_id[TRACE_BOOT_BYTES]; /* of TRACE_FILE_BOOT */
};

/* -EBADMSG: no such file, or one of another version; other -errno. */
int trace_file_open(const char *path, struct trace_file **ret, struct offsets_error *error);
const struct trace_file_head *trace_file_head(const struct trace_file *file);

/* 1; 0: this was the end; -EBADMSG: the file is cut or damaged here; other -errno. */
int trace_file_next(struct trace_file *file, struct trace_file_item *ret);

/* ------------------------------------------------------------------------- */

/* Accepts NULL. 0, or the -errno of the first write that failed. */
int trace_file_close(struct trace_file *file);

#endif
