/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The record of what a thread does to another process, or to the kernel, and the
 * fields of the classes that share it.
 */
#ifndef PROBES_ABI_ACTION_RECORD_H
#define PROBES_ABI_ACTION_RECORD_H

#include "probes/abi/field_table.h"
#include "probes/abi/head.h"

struct action_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	struct parent_ids target; /* of ptrace, access, signal; its pgid is 0 */
	__u64 value;              /* ptrace: address; BPF: instructions; module: taints */
	__u32 number; /* ptrace: PTRACE_*; access: PTRACE_MODE_*; signal; BPF: type; module: 1
	                 loaded */
	__u32 error;  /* errno; 0: it has succeeded, or this hook does not know */
	__u32 uid;
	__u32 file; /* of a module: enum module_image, and above it the number of its file; else 0
	             */
	char comm[EVENTS_COMM_BYTES];
	char text[64]; /* of the memfd, program, module, file; NUL-terminated if shorter */
};

/* What a module is loaded from. */
enum module_image {
	MODULE_UNKNOWN,
	MODULE_IN_MEMORY, /* init_module() */
	MODULE_IN_FILE,   /* finit_module(): struct module_part */
	MODULE_IMAGES = 3 /* the bits of all */
};

/* A class has the first ones of these; but a module has its own ones after the first. */
enum action_field {
	/* What is done, or to what: number, value, text. They are arguments: no facts. */
	FIELD_ACTION_OBJECT = FIELD_OWN,
	FIELD_ACTION_OUTCOME, /* error */
	FIELD_ACTION_TARGET,
};

/* clang-format off */
#define ACTION_OUTCOME(FIELD, NAME, class, description) \
	FIELD(class, OUTCOME, "", NO_FACTS) \
	NAME(class, OUTCOME, "event.outcome", event_outcome, ALWAYS, "", description) \
	NAME(class, NONE, "error.code", error_code, OPTIONAL, "", "the error, such as `EPERM`; missing if there was none")

#define ACTION_TARGET(FIELD, NAME, class) \
	FIELD(class, TARGET, "", FACTS(LAYOUT_TASK_TGID, LAYOUT_TASK_GROUP_LEADER, LAYOUT_TASK_START_BOOTTIME, LAYOUT_TASK_COMM)) \
	NAME(class, TARGET, "sextant.target", target, ALWAYS, "", "the other process: `pid`, `entity_id`, `start`, `name`, and `executable` ²")

#define PTRACE_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, PTRACE) \
	ACTOR_NAMES(NAME, PTRACE) \
	FIELD(PTRACE, OBJECT, "", NO_FACTS) \
	NAME(PTRACE, OBJECT, "sextant.request", ptrace_request, ALWAYS, "", "`attach`, `seize`, `poke_memory`, `poke_user` or `set_registers`") \
	NAME(PTRACE, NONE, "sextant.address", hexadecimal, OPTIONAL, "", "for `poke_memory` and `poke_user`: the address, in hexadecimal; otherwise missing") \
	ACTION_OUTCOME(FIELD, NAME, PTRACE, "`success` or `failure`") \
	ACTION_TARGET(FIELD, NAME, PTRACE)

#define PROCESS_ACCESS_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, PROCESS_ACCESS) \
	ACTOR_NAMES(NAME, PROCESS_ACCESS) \
	FIELD(PROCESS_ACCESS, OBJECT, "", NO_FACTS) \
	NAME(PROCESS_ACCESS, OBJECT, "sextant.access_mode", hexadecimal, ALWAYS, "", "PTRACE_MODE_* flags, in hexadecimal") \
	ACTION_OUTCOME(FIELD, NAME, PROCESS_ACCESS, "`success` or `failure`: whether the kernel grants the access") \
	ACTION_TARGET(FIELD, NAME, PROCESS_ACCESS)

#define SIGNAL_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, SIGNAL) \
	ACTOR_NAMES(NAME, SIGNAL) \
	FIELD(SIGNAL, OBJECT, "", NO_FACTS) \
	NAME(SIGNAL, OBJECT, "sextant.signal", count, ALWAYS, "", "number of the signal") \
	ACTION_OUTCOME(FIELD, NAME, SIGNAL, "`success` or `failure`: whether the kernel allows the signal. `unknown`, and listed in `sextant.read_errors`, on kernels without the function `check_kill_permission`; denied signals are not reported on such kernels") \
	ACTION_TARGET(FIELD, NAME, SIGNAL)

#define MEMFD_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, MEMFD) \
	ACTOR_NAMES(NAME, MEMFD) \
	FIELD(MEMFD, OBJECT, "", NO_FACTS) \
	NAME(MEMFD, OBJECT, "sextant.memfd", memfd, ALWAYS, "", "`name` of the memfd, up to 64 bytes")

#define BPF_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, BPF) \
	ACTOR_NAMES(NAME, BPF) \
	FIELD(BPF, OBJECT, "", NO_FACTS) \
	NAME(BPF, OBJECT, "sextant.program", bpf_program, ALWAYS, "", "`name` (up to 15 bytes; empty before 4.15), `type` (a BPF_PROG_TYPE_* number), `instructions`") \
	ACTION_OUTCOME(FIELD, NAME, BPF, "`success` or `failure`: whether the kernel's verifier accepts the program")

#define MODULE_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, MODULE) \
	ACTOR_NAMES(NAME, MODULE) \
	FIELD(MODULE, OBJECT, "", NO_FACTS) \
	NAME(MODULE, OBJECT, "sextant.module", object, ALWAYS, "", "the module") \
	NAME(MODULE, NONE, "sextant.module.name", string, ALWAYS, "", "its name, up to 64 bytes") \
	NAME(MODULE, NONE, "sextant.module.loaded", boolean, ALWAYS, "", "true, or false when the module is unloaded") \
	FIELD(MODULE, IMAGE, "loads", NO_FACTS) \
	NAME(MODULE, IMAGE, "sextant.module.image", module_image, OPTIONAL, "", "when it is loaded, what from: `file`, by finit_module(2), or `memory`, by init_module(2): then the kernel knows no file. Null where the sensor does not see it; [see below](#module)") \
	/* Of a file, as the kernel has opened it. */ \
	NAME(MODULE, PATH, "file.path", string, OPTIONAL, "", "of the file that the kernel opened: full path; without a leading `/` if it was truncated") \
	FIELD(MODULE, STAT, "files", FACTS(LAYOUT_FILE_PATH, LAYOUT_PATH_DENTRY, LAYOUT_DENTRY_INODE, LAYOUT_INODE_INO, LAYOUT_INODE_SB, LAYOUT_SB_DEV)) \
	NAME(MODULE, STAT, "file.inode", id, OPTIONAL, "", "as stat shows them ³") \
	NAME(MODULE, STAT, "file.device", device, OPTIONAL, "", "") \
	FIELD(MODULE, NUMBERS, STACKED, FACTS(LAYOUT_BTRFS_ROOT_ANON_DEV, LAYOUT_OVL_INODE_UPPER)) \
	NAME(MODULE, NUMBERS, "file.inode", id, OPTIONAL, "", "") \
	NAME(MODULE, NUMBERS, "file.device", device, OPTIONAL, "", "") \
	FIELD(MODULE, UNUSED_CGROUP_V1, "", NO_FACTS) \
	FIELD(MODULE, PATH, "files", FACTS(LAYOUT_FILE_PATH, WALK_FACTS)) \
	NAME(MODULE, NONE, "file.hash.sha256", sha256, OPTIONAL, "", "of the file, compressed as it is. Missing if `sextant.hash_missing` says why, or without `--hash-budget`") \
	NAME(MODULE, NONE, "sextant.hash_missing", string, OPTIONAL, "", "why there is no hash of the file. If it is being read, an event `hash` has it later")

#define EXEC_FAILED_FIELDS(FIELD, NAME) \
	COMMON_FIELDS(FIELD, EXEC_FAILED) \
	ACTOR_NAMES(NAME, EXEC_FAILED) \
	FIELD(EXEC_FAILED, OBJECT, "", NO_FACTS) \
	NAME(EXEC_FAILED, OBJECT, "sextant.filename", string, ALWAYS, "", "first 64 bytes of the file name, read from the caller's memory") \
	NAME(EXEC_FAILED, NONE, "event.outcome", event_outcome, ALWAYS, "", "`failure`") \
	NAME(EXEC_FAILED, NONE, "error.code", error_code, ALWAYS, "", "the error, such as `ENOENT`")
/* clang-format on */

FIELDS_ENUM(ptrace, PTRACE)
FIELDS_ENUM(process_access, PROCESS_ACCESS)
FIELDS_ENUM(signal, SIGNAL)
FIELDS_ENUM(memfd, MEMFD)
FIELDS_ENUM(bpf, BPF)
FIELDS_ENUM(module, MODULE)
FIELDS_ENUM(exec_failed, EXEC_FAILED)

_Static_assert((int)FIELD_SIGNAL_OBJECT == (int)FIELD_ACTION_OBJECT &&
                       (int)FIELD_SIGNAL_OUTCOME == (int)FIELD_ACTION_OUTCOME &&
                       (int)FIELD_SIGNAL_TARGET == (int)FIELD_ACTION_TARGET,
               "a program fills the record for any of the classes");
_Static_assert((int)FIELD_MODULE_PATH == (int)FIELD_TEXTS + FILE_PATH,
               "the path is read as that of a file");

#endif
