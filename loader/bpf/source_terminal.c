/* SPDX-License-Identifier: BSD-2-Clause */
/* Sources of what processes write to terminals. */
#include <stddef.h>

#include "loader/bpf/source_rows.h"

#define TERMINAL_FACTS FACTS(LAYOUT_TTY_NAME, LAYOUT_TASK_MM)
/* What no source reports. */
#define TERMINAL_LACKS "serial lines and consoles"

/* clang-format off */
const struct source terminal_sources[] = {
	{ .tiers = T1, .maps = MAPS_TERMINAL | MAPS_FENTRY, .facts = TERMINAL_FACTS,
	  .lacks = TERMINAL_LACKS,
	  .programs = PROGRAMS(PROGRAM(REQUIRED, FEXIT("pty_write"), "f1_terminal")) },
	{ .tiers = T1, .maps = MAPS_TERMINAL, .facts = TERMINAL_FACTS, .lacks = TERMINAL_LACKS,
	  .programs = PROGRAMS(
		KEPT(REQUIRED, "pty_write", "t1_terminal_kretprobe", "t1_terminal_begins_kprobe")) },
	{ 0 },
};
/* clang-format on */
