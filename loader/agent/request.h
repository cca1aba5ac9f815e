/* SPDX-License-Identifier: BSD-2-Clause */
/* What the engine may ask of the monitor, and the answers. */
#ifndef LOADER_AGENT_REQUEST_H
#define LOADER_AGENT_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/bpf/kernel_side.h"
#include "loader/event/agent_report.h"
#include "loader/util/log.h"
#include "offsets/util/error.h"

enum request {
	REQUEST_RING,        /* CPU: uint32_t -> a descriptor */
	REQUEST_COUNTERS,    /* struct request_rows -> struct counters[] */
	REQUEST_FLOWS,       /* struct flows_wanted -> struct flows_taken */
	REQUEST_CONNECTIONS, /* -> uint64_t */
	REQUEST_SILENCE,
	REQUEST_MISSED,      /* -> uint64_t */
	REQUEST_SECOND,      /* -> struct answer_second */
	REQUEST_SHARES,      /* struct request_shares */
	REQUEST_RULES,       /* struct request_rules -> struct answer_rules */
	REQUEST_EVENT_RULES, /* -> struct event_rules */
	REQUEST_PROC,        /* struct request_proc -> text */
	REQUEST_PIDS,        /* after: int32_t -> int32_t[] */
	REQUEST_OUTPUT,      /* struct request_output -> a descriptor; or struct offsets_error */
	REQUEST_HELPER, /* enum helper_kind: uint32_t -> a descriptor; or struct offsets_error */
	REQUEST_CANARY_START, /* classes: uint32_t -> its process id: uint32_t */
	REQUEST_CANARY_END,   /* -> struct answer_canary */
	REQUEST_REATTACH,     /* enum event_type: uint32_t -> or struct offsets_error */
	REQUEST_METRICS,      /* text for the file of --metrics-file -> or struct offsets_error */
	REQUEST_RESTART,      /* -> process id: uint32_t, a descriptor; or struct offsets_error */
	REQUEST_RESTART_END,  /* struct request_restart_end */
	REQUEST_TAKE_OVER,    /* of the newer one: names are its own now */
	REQUESTS
};

/* Processes that read files for the engine (loader/helper/). */
enum helper_kind { HELPER_HASHER, HELPER_RUNTIME, HELPERS };

struct request_rows {
	uint32_t first, count;
};

/* As in struct settings. */
struct request_shares {
	uint32_t bytes; /* 0, or SHARE_BYTES_MIN and more */
	uint32_t twice, four, all;
};

/* Once a second. */
struct answer_second {
	char disabled[128];          /* hook_switched_off(); empty: nothing */
	struct process_report usage; /* of the monitor */
};

/* What a look at the files of rules has found. */
enum rules_found {
	RULES_AS_BEFORE,
	RULES_REFUSED, /* they were read, and are wrong */
	RULES_NEW,     /* they were read, and are in force */
	RULES_NONE,    /* there are no files of them */
	RULES_FILES,   /* executables that they name are other files now */
};

struct answer_canary {
	uint32_t has_ended; /* by itself; else it proves nothing */
	uint32_t done;      /* classes of which it has done something */
};

struct request_rules {
	uint32_t is_asked; /* they are to be read again */
};

struct answer_rules {
	enum rules_found found;
	enum log_level log_level;
	uint32_t filters, classes; /* of struct settings, as they are now */
	int err;                   /* 0 or -errno, for which error says more */
	struct offsets_error error;
};

/* Files and links of /proc/PID. */
enum proc_file { PROC_STAT, PROC_CGROUP, PROC_SESSIONID, PROC_EXE, PROC_FILES };

struct proc_file_name {
	const char *name;
	bool is_link;
};

extern const struct proc_file_name request_proc_files[PROC_FILES];

struct request_output {
	uint32_t index;   /* of the configuration */
	uint32_t is_next; /* the file that is there is renamed first */
};

struct request_restart_end {
	uint32_t has_taken_over; /* the newer sensor has the events; else it is killed */
};

struct request_proc {
	int32_t pid;
	uint32_t file; /* enum proc_file */
	uint32_t size; /* bytes that are wanted at most */
};

#endif
