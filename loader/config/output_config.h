/* SPDX-License-Identifier: BSD-2-Clause */
/* --output: where events go, in which form, and what happens while they are not taken. */
#ifndef LOADER_CONFIG_OUTPUT_CONFIG_H
#define LOADER_CONFIG_OUTPUT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/out/compressor.h"
#include "loader/rules/filter_file.h"
#include "loader/ship/body.h"
#include "loader/util/net_address.h"
#include "offsets/util/error.h"

#define OUTPUTS_MAX RULE_OUTPUTS_MAX

enum output_kind {
	OUTPUT_STREAM,        /* a file, a FIFO, a device, standard output */
	OUTPUT_UNIX,          /* a Unix socket of type SOCK_STREAM */
	OUTPUT_UNIX_DATAGRAM, /* the same of type SOCK_DGRAM */
	OUTPUT_SYSLOG_UNIX,   /* the system's log daemon */
	OUTPUT_SYSLOG_UDP,
	OUTPUT_SYSLOG_TCP,
	OUTPUT_JOURNALD,
	OUTPUT_PROGRAM, /* that reads a pipe */
	/* By a shipper, a process of their own (loader/ship/). */
	OUTPUT_HTTP,
	OUTPUT_SYSLOG_TLS,
};

/* Of lines: sextant(8), --format. */
enum output_format { FORMAT_JSON, FORMAT_TEXT, FORMAT_OCSF, FORMAT_AUDIT, OUTPUT_FORMATS };

enum output_full { ON_FULL_WAIT, ON_FULL_DROP_OLDEST, ON_FULL_DROP_NEWEST, ON_FULL_STOP };

#define OUTPUT_PATH_BYTES 256

/* Of those that a shipper takes to a collector; empty texts: it does not say. */
struct output_ship_config {
	enum body_form form; /* of HTTP */
	bool is_plain;       /* not compressed */
	char proxy[OUTPUT_PATH_BYTES], ca[OUTPUT_PATH_BYTES], certificate[OUTPUT_PATH_BYTES],
		key[OUTPUT_PATH_BYTES], headers[OUTPUT_PATH_BYTES], spool[OUTPUT_PATH_BYTES];
	uint64_t spool_bytes, spool_age_ns;
};

struct output_config {
	enum output_kind kind;
	char name[RULE_OUTPUT_NAME_BYTES]; /* for rules; empty: none */
	char target[OUTPUT_PATH_BYTES];    /* path, URL, or host and port; "-": standard output */
	struct net_address address;        /* of UDP and TCP */
	unsigned int classes;              /* 1 << enum event_type; others go elsewhere */
	enum output_format format;
	enum output_full on_full;
	size_t queue_bytes;      /* that may wait; 0: the least */
	uint64_t rotate_bytes;   /* a file of that size is renamed, and a new one begun; 0: never */
	uint64_t rotate_ns;      /* the same by age */
	unsigned int keep;       /* how many of the renamed ones */
	uint64_t min_free_bytes; /* of the file system: with less, nothing is written */
	enum compression compression;      /* of the renamed ones */
	char user[RULE_OUTPUT_NAME_BYTES]; /* of a program; empty: one that no other has */
	unsigned int restarts;             /* of a program in an hour */
	struct output_ship_config ship;
};

/* A shipper takes its events to where it says. */
bool output_is_shipped(const struct output_config *config);

/*
 * Parses "TARGET [NAME=VALUE]...", as sextant(8) describes it. classes and format are what
 * it does not say. -EINVAL: error says what is wrong.
 */
int output_config_parse(const char *text, unsigned int classes, enum output_format format,
                        struct output_config *ret, struct offsets_error *error);

/* OUTPUT_FORMATS: there is none of that name. */
enum output_format output_format_parse(const char *name);

#endif
