/* SPDX-License-Identifier: BSD-2-Clause */
/* What libbpf and the verifier said while programs were loaded. */
#ifndef LOADER_BPF_VERDICT_H
#define LOADER_BPF_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

/* From here on libbpf's messages come to us; verbose: and to stderr. */
void verdict_init(bool verbose);

void verdict_reset(void);

/* Of the failure at hand: the verifier's last word, else libbpf's first warning; "" if none. */
const char *verdict_cause(void);

/* Instructions that the verifier walked, by the end of its log ("processed 1234 insns"); 0: not
 * said. */
unsigned int verdict_walked(const char *log);

#endif
