/* SPDX-License-Identifier: BSD-2-Clause */
/* network.community_id: the Community ID of a flow (version 1 of Corelight's specification, seed
 * 0). */
#ifndef LOADER_EVENT_COMMUNITY_ID_H
#define LOADER_EVENT_COMMUNITY_ID_H

#include <stdbool.h>

#include "loader/stream/decode.h"

/* "1:" and a SHA-1 in base64, with NUL. */
#define COMMUNITY_ID_BYTES 31

/*
 * The same for both sides and directions. False: there is none, because the socket has no
 * address of its own (the packets of one that is not bound have one) or the protocol no ports.
 */
bool community_id(const struct socket_ends *ends, char ret[COMMUNITY_ID_BYTES]);

#endif
