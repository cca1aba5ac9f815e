/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The record of an exit, and the fields of its event. */
#ifndef PROBES_ABI_EXIT_RECORD_H
#define PROBES_ABI_EXIT_RECORD_H

#include "probes/abi/field_table.h"
#include "probes/abi/head.h"

/* Sent once per process, by its last thread. */
struct exit_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	__u32 exit_code; /* as wait() has it: code << 8 | core dumped << 7 | signal */
	__u32 uid;
	__u64 cpu_time_ns; /* of all its threads */
	char comm[EVENTS_COMM_BYTES];
};

/* clang-format off */
#define EXIT_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, EXIT) \
	NAME(EXIT, START, "event.duration", count, ALWAYS, "", "time from the start of the process to its end, in nanoseconds") \
	FIELD(EXIT, CODE, "", FACTS(LAYOUT_TASK_SIGNAL, LAYOUT_SIGNAL_LIVE, LAYOUT_SIGNAL_FLAGS, LAYOUT_SIGNAL_GROUP_EXIT_CODE, LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_EXIT_CODE)) \
	NAME(EXIT, CODE, "process.exit_code", exit_code, OPTIONAL, "", "exit status, 0 to 255; missing if a signal ended the process") \
	NAME(EXIT, CODE, "sextant.exit_signal", signal_number, OPTIONAL, "", "signal that ended the process; missing if it exited") \
	NAME(EXIT, CODE, "sextant.core_dumped", boolean, OPTIONAL, "", "whether a core file was written; missing if the process exited") \
	FIELD(EXIT, CPU_TIME, "", FACTS(LAYOUT_TASK_SUM_EXEC_RUNTIME, LAYOUT_SIGNAL_SUM_SCHED_RUNTIME)) \
	NAME(EXIT, CPU_TIME, "sextant.cpu_time_ns", count, ALWAYS, "", "CPU time of all threads of the process, in nanoseconds, as the scheduler counts it")
/* clang-format on */

FIELDS_ENUM(exit, EXIT)

#endif
