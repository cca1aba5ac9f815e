/* SPDX-License-Identifier: BSD-2-Clause */
/* How long the line of an event can get. */
#ifndef LOADER_EVENT_LINE_H
#define LOADER_EVENT_LINE_H

#include <limits.h>

#include "loader/event/format.h"
#include "loader/stream/decode.h"
#include "loader/stream/interpreters.h"
#include "loader/state/names.h"

/*
 * A byte of a text becomes eight at most: six of an escape, and where the text
 * is no UTF-8 two of hex in sextant.raw. In a list the NUL behind a string
 * becomes quotes and a comma, and null or quotes and a comma in sextant.raw: no
 * more than eight either. In --format text a byte becomes four; for that of audit
 * see loader/audit/audit_form.c.
 */
#define LINE_PER_BYTE 8

/* The texts of an exec, which has the most of them. */
#define LINE_ARGV_BYTES  ARGV_BYTES_MAX                  /* and the environment */
#define LINE_TEXTS_BYTES (EXEC_TEXTS * EVENT_TEXT_BYTES) /* its paths and names */
#define LINE_KNOWN_BYTES (5 * EVENT_TEXT_BYTES)          /* executables: parent, leaders, before */
/*
 * In OCSF: "A=" and its NUL, the shortest variable, becomes an object of 24 bytes, and 5 in
 * unmapped.raw: no two more than eight for each byte. The names of three executables.
 */
#define LINE_OCSF_BYTES (2 * ENV_BYTES_MAX / LINE_PER_BYTE + 3 * NAME_MAX)
#define LINE_CONTAINER_BYTES \
	(3 * CONTAINER_FACT_BYTES + (CONTAINER_FACTS - 3) * CONTAINER_WORD_BYTES)
#define LINE_COMMAND_BYTES                                \
	(COMMAND_LINE_BYTES + PARENT_COMMAND_LINE_BYTES + \
	 2 * CACHE_ARGS_BYTES) /* command lines; arguments of the parent, and before the exec */
#define LINE_ANCESTORS_BYTES (ANCESTORS_MAX * ANCESTOR_BYTES)
#define LINE_NAMES_BYTES     (20 * NAMES_BYTES_MAX) /* of users and groups */
#define LINE_SMALL_BYTES     2048                   /* host, comms, terminal */
#define LINE_FIXED_BYTES     16384                  /* keys, numbers, names of fields */

/* Of the grandparents so many, and so many bytes of the executable of each. */
#define ANCESTORS_MAX  8
#define ANCESTOR_BYTES 256

/* Without the newline. */
#define EVENT_LINE_MAX (896 * 1024)

#define LINE_BYTES                                                                         \
	(LINE_ARGV_BYTES + LINE_TEXTS_BYTES + INTERPRETERS_BYTES_MAX + LINE_KNOWN_BYTES +  \
	 LINE_COMMAND_BYTES + LINE_ANCESTORS_BYTES + LINE_NAMES_BYTES + LINE_SMALL_BYTES + \
	 LINE_CONTAINER_BYTES + LINE_OCSF_BYTES)

_Static_assert(LINE_BYTES *LINE_PER_BYTE + LINE_FIXED_BYTES <= EVENT_LINE_MAX,
               "the longest exec has to fit");
/* Others have no more than the same texts; the socket's and the question's names, and a terminal's
 * text, are small. */
_Static_assert(sizeof(((struct socket_event *)0)->name) + 2 * DNS_BYTES_MAX +
                               sizeof(((struct action_event *)0)->text) + TERMINAL_BYTES_MAX <=
                       LINE_ARGV_BYTES,
               "the others' own texts are less than an exec's arguments");

#endif
