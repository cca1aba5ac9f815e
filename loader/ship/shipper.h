/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A shipper: the process that keeps an output's events on disk and takes them to a collector in
 * the network. It has no right but to its spool and to connections, no other process has its user,
 * and what it reads from the network meets neither the rings nor the rules.
 */
#ifndef LOADER_SHIP_SHIPPER_H
#define LOADER_SHIP_SHIPPER_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/ship/body.h"
#include "offsets/util/error.h"

/* What an output says; the paths are read with the caller's rights. */
struct ship_use {
	char url[512]; /* of HTTP; https://HOST:PORT/ for syslog over TLS */
	bool is_syslog;
	enum body_form form;
	bool is_gzip;
	char proxy[256];                               /* URL; empty: none */
	char ca[256];                                  /* empty: those that the system trusts */
	char certificate[256], key[256], headers[256]; /* empty: none */
	char spool[256];                               /* directory */
	uint64_t spool_bytes, spool_age_ns;
	bool drops_oldest;            /* when the spool is full; else it takes no more */
	const char *host;             /* name of this host; it stays */
	const char *const *tag_names; /* of LEDGER_TAGS tags; they stay */
};

/* Whether all files can be read, and are nobody else's: 0 or -errno. */
int shipper_check(const struct ship_use *use, struct offsets_error *error);

/* Starts one. *ret_fd: a socket to it (loader/out/ship_wire.h). 0 or -errno. */
int shipper_start(const struct ship_use *use, int *ret_fd, struct offsets_error *error);

#endif
