/* SPDX-License-Identifier: BSD-2-Clause */
/* Amounts in settings: a number and a unit. */
#ifndef LOADER_CONFIG_AMOUNT_H
#define LOADER_CONFIG_AMOUNT_H

#include <stdint.h>

/* 0, of each: the text is no amount, it is 0, or it does not fit. */
uint64_t amount_count(const char *text);
uint64_t amount_bytes(const char *text);   /* "100M": bytes, or K, M, G */
uint64_t amount_time_ns(const char *text); /* "24h": seconds, or s, m, h, d */

#endif
