/* SPDX-License-Identifier: BSD-2-Clause */
/* Joins the two records of a call, by its thread. */
#ifndef LOADER_TRACE_CALL_JOIN_H
#define LOADER_TRACE_CALL_JOIN_H

#include "loader/trace/call_seen.h"

struct call_join;

struct call_join *call_join_new(void); /* NULL: out of memory */
void call_join_free(struct call_join *join);

/*
 * Takes a record, in the order of time. In *ret what is known of its call then, and in *ret_left
 * an earlier call of the thread whose return was not sent or is lost (begins NULL: there is none);
 * both are valid until the next record. Of a call that returns, begins is NULL if its entry was not
 * sent or is lost; of an exec that has succeeded, the thread had another id when it began.
 */
void call_join_take(struct call_join *join, const struct call_record *record, size_t size,
                    struct call_seen *ret, struct call_seen *ret_left);

/* Calls back for each call that has not returned, in any order. */
void call_join_left(struct call_join *join, void (*fn)(void *arg, const struct call_seen *seen),
                    void *arg);

#endif
