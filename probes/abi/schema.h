/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The event classes, one a line: enum event_type, the sizes of records, what
 * --events and --help say, the ECS category and type, and the table in
 * docs/events.md come from here. The fields of a class are beside its record
 * (field_table.h says how to read them).
 *
 *	RECORD(id, name, struct, stack)
 *
 * A struct that one or more classes send. name: of its functions in the loader
 * (json_<name>(), ...), and its member of struct event. stack: the programs of
 * tiers 2 and 3 build it on their stack, where its size is limited.
 *
 *	CLASS(id, name, record, fields, category, type, on, description)
 *
 * EVENT_<id>, whose order carries no meaning; new ones go to the end, for the
 * number is in recorded records (tests/data/records.txt). fields: the prefix of
 * the table of its fields. type: event.type; where there is an OPERATION table
 * that has it; "start|end": one of them; "connection start": both. on: 1: the
 * class is on by default.
 */
#ifndef PROBES_ABI_SCHEMA_H
#define PROBES_ABI_SCHEMA_H

#include "probes/abi/action_record.h"
#include "probes/abi/change_record.h"
#include "probes/abi/dns_record.h"
#include "probes/abi/exec_record.h"
#include "probes/abi/exit_record.h"
#include "probes/abi/file_record.h"
#include "probes/abi/fork_record.h"
#include "probes/abi/head.h"
#include "probes/abi/part_records.h"
#include "probes/abi/socket_record.h"
#include "probes/abi/terminal_record.h"

/* clang-format off */
#define RECORDS(RECORD) \
	RECORD(EXEC, exec, exec_event, 1) \
	RECORD(FORK, fork, fork_event, 1) \
	RECORD(EXIT, exit, exit_event, 1) \
	RECORD(CREDENTIALS, credentials, credentials_event, 1) \
	RECORD(NAMESPACES, namespaces, namespaces_event, 1) \
	RECORD(ACTION, action, action_event, 1) \
	RECORD(FILE, file, file_event, 1) \
	RECORD(SOCKET, socket, socket_event, 0) \
	RECORD(DNS, dns, dns_event, 0) \
	RECORD(TERMINAL, terminal, terminal_event, 0)

#define CLASSES(CLASS) \
	CLASS(EXEC, "exec", EXEC, EXEC, "process", "start", 1, "a process executes a program") \
	CLASS(FORK, "fork", FORK, FORK, "process", "start", 1, "a process is created by fork, vfork or clone; reported before the child runs") \
	CLASS(THREAD, "thread", FORK, FORK, "process", "start", 0, "a thread is created by clone") \
	CLASS(EXIT, "exit", EXIT, EXIT, "process", "end", 1, "the last thread of a process ends, by exit or by a signal") \
	CLASS(CREDENTIALS, "credentials", CREDENTIALS, CREDENTIALS, "process", "change", 0, "the ids, capabilities or user namespace of a thread change, by whatever system call. If an exec changes them, the `exec` event shows it") \
	CLASS(NAMESPACES, "namespaces", NAMESPACES, NAMESPACES, "process", "change", 0, "a thread enters other namespaces by setns or unshare; also when it re-enters its current namespace") \
	CLASS(PTRACE, "ptrace", ACTION, PTRACE, "process", "access", 0, "a tracer attaches to a process, seizes it, or writes to its memory or registers") \
	CLASS(PROCESS_ACCESS, "process_access", ACTION, PROCESS_ACCESS, "process", "access", 0, "a process requests PTRACE_MODE_ATTACH access to another process other than by ptrace(2): process_vm_readv, process_vm_writev, `/proc/PID/mem`") \
	CLASS(SIGNAL, "signal", ACTION, SIGNAL, "process", "access", 0, "a process sends a signal to a process of another session, or is denied to") \
	CLASS(MEMFD, "memfd", ACTION, MEMFD, "process", "info", 0, "a process calls memfd_create") \
	CLASS(BPF, "bpf", ACTION, BPF, "process", "info", 0, "the kernel's verifier accepts or rejects a BPF program") \
	CLASS(MODULE, "module", ACTION, MODULE, "driver", "start|end|info", 0, "a kernel module is loaded or unloaded") \
	CLASS(EXEC_FAILED, "exec_failed", ACTION, EXEC_FAILED, "process", "start", 0, "an exec fails") \
	CLASS(FILE, "file", FILE, FILE, "file", "", 0, "an operation succeeds on a file that a watch rule matches") \
	CLASS(MOUNT, "mount", FILE, MOUNT, "file", "", 0, "a file system is mounted; an unmount is requested") \
	CLASS(SOCKET, "socket", SOCKET, SOCKET, "network", "", 0, "a socket is bound, listens, connects, accepts or closes; UDP traffic begins or ends") \
	CLASS(DNS, "dns", DNS, DNS, "network", "protocol", 0, "a process sends a DNS question") \
	CLASS(CHROOT, "chroot", FILE, CHROOT, "process", "", 0, "a process changes its root directory by chroot") \
	CLASS(TERMINAL, "terminal", TERMINAL, TERMINAL, "process", "info", 0, "a process writes to a pseudoterminal, such as that of an ssh session")

/* The tables of fields: each once, and what every event has. */
#define FIELD_TABLES(TABLE) \
	TABLE(EVENT) \
	TABLE(EXEC) \
	TABLE(FORK) \
	TABLE(EXIT) \
	TABLE(CREDENTIALS) \
	TABLE(NAMESPACES) \
	TABLE(PTRACE) \
	TABLE(PROCESS_ACCESS) \
	TABLE(SIGNAL) \
	TABLE(MEMFD) \
	TABLE(BPF) \
	TABLE(MODULE) \
	TABLE(EXEC_FAILED) \
	TABLE(FILE) \
	TABLE(MOUNT) \
	TABLE(SOCKET) \
	TABLE(DNS) \
	TABLE(CHROOT) \
	TABLE(TERMINAL)
/* clang-format on */

#define RECORD_NUMBER(id, name, type, stack) RECORD_##id,

enum record_type { RECORDS(RECORD_NUMBER) RECORD_TYPES };

#define CLASS_NUMBER(id, name, record, fields, category, type, on, description) EVENT_##id,

/* Event classes; also the index of counters. */
enum event_type { CLASSES(CLASS_NUMBER) EVENT_TYPES };

FIELDS_ENUM(any, EVENT)

/* ---- limits ------------------------------------------------------------- */

/* A power of two, so that a program can prove an index by a mask. */
#define COUNTER_SLOTS 32

_Static_assert(EVENT_TYPES <= COUNTER_SLOTS,
               "each class has a counter, and a bit in settings.classes");
_Static_assert((int)EVENT_TYPES <= (int)PARTS_BEGIN, "types of events are not those of parts");

/* Of 512 bytes; the rest is for the program itself: scripts/check-probes has the sum. */
#define STACK_RECORD_MAX 320

#define RECORD_LIMITS(id, name, type, stack)                                \
	_Static_assert(!(stack) || sizeof(struct type) <= STACK_RECORD_MAX, \
	               #type " is built on the stack of tiers 2 and 3");    \
	_Static_assert(sizeof(struct type) % 8 == 0, #type " has no padding at its end");
RECORDS(RECORD_LIMITS)

#define PART_LIMITS(id, type)                                   \
	_Static_assert(sizeof(struct type) <= STACK_RECORD_MAX, \
	               #type " is built on the stack of tiers 2 and 3");
PARTS(PART_LIMITS)

#define TABLE_LIMITS(class)                                                        \
	_Static_assert((int)FIELD_##class##_START == (int)FIELD_START &&           \
	                       (int)FIELD_##class##_PARENT == (int)FIELD_PARENT && \
	                       (int)FIELD_##class##_GROUPS == (int)FIELD_GROUPS,   \
	               "enum common_field has the same numbers in all classes");
FIELD_TABLES(TABLE_LIMITS)

_Static_assert((int)FIELD_EXEC_CWD == (int)FIELD_TEXTS + TEXT_CWD,
               "the fields of texts are in the order of enum event_text");

#endif
