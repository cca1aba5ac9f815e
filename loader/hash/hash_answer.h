/* SPDX-License-Identifier: BSD-2-Clause */
/* What the hasher answers the engine. */
#ifndef LOADER_HASH_HASH_ANSWER_H
#define LOADER_HASH_HASH_ANSWER_H

#include "loader/hash/hash_wire.h"

/* The socket to the engine. */
void hash_answer_init(int engine);

/* sha256: of HASH_DONE; NULL: none. */
void hash_answer_send(uint64_t id, enum hash_state state, const uint8_t *sha256);

#endif
