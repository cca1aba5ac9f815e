/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel side of 'sextant trace': loads, attaches, reads the rings. */
#ifndef LOADER_TRACE_TRACE_KERNEL_H
#define LOADER_TRACE_TRACE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "loader/stream/decode.h"
#include "offsets/layout.h"
#include "offsets/offsets.h"
#include "probes/abi/call_record.h"

struct trace_kernel;

/* THREAD_SIZE of x86-64 since 3.15 (6538b8ea886e), and of RHEL 7. */
#define TRACE_STACK_BYTES 16384

/* What the programs are wanted for. */
struct trace_use {
	const char *attach; /* a word of trace_method_exists(), or NULL: the best one */
	bool lists;         /* plans may have a list: call_plan.list */
	bool files;         /* plans may ask for what descriptors are; then trace_kernel_layout() is
	                       needed */
	bool processes;     /* the sums of processes are wanted */
	bool conditions;    /* sums depend on conditions on parameters */
	bool verbose;       /* libbpf's own words on standard error */
};

/*
 * Loads the programs and attaches them; nothing is reported yet. If a tracepoint has the only
 * program that it takes (before 4.15), kprobes are taken, unless the use needs tracepoints or names
 * a method. 0; -EPERM: no rights; -ENOTSUP: this kernel cannot; -EEXIST: a tracepoint has another
 * program; other -errno. *ret is set on failure, too.
 */
int trace_kernel_open(const struct trace_use *use, struct trace_kernel **ret,
                      struct offsets_error *error);
void trace_kernel_close(struct trace_kernel *kernel); /* detaches */

/* For people: "raw tracepoints". */
const char *trace_kernel_method(const struct trace_kernel *kernel);

/* Numbers for which there is no plan are reported, or not. */
int trace_kernel_all(struct trace_kernel *kernel, bool all, struct offsets_error *error);

/* Why the programs see nothing now, if something has been switched off; else NULL. */
const char *trace_kernel_off(const struct trace_kernel *kernel);

/* Whether the programs can make the sums that are wanted; else the calls themselves are needed. */
bool trace_kernel_sums(const struct trace_kernel *kernel);

/*
 * Whether the programs decide all conditions on parameters; else those on strings that they could
 * not read are left.
 */
bool trace_kernel_decides_conditions(const struct trace_kernel *kernel);

/* To follow new processes call_settings.task_pid has to be known. */
bool trace_kernel_needs_task_pid(const struct trace_kernel *kernel);

int trace_kernel_layout(struct trace_kernel *kernel, const struct layout *layout,
                        struct offsets_error *error);

/* How a call is read, and whether it is reported. */
int trace_kernel_plan(struct trace_kernel *kernel, enum call_abi abi, unsigned int number,
                      const struct call_plan *plan, struct offsets_error *error);
/* What the argument of a request is read as. number: as the map "call_requests" has it. */
int trace_kernel_request(struct trace_kernel *kernel, uint64_t number,
                         const struct call_request *request, struct offsets_error *error);
/* A call whose parameters lie in memory. key: as the map "call_packed" has it. */
int trace_kernel_packed(struct trace_kernel *kernel, uint32_t key, const struct call_packed *packed,
                        struct offsets_error *error);
int trace_kernel_settings(struct trace_kernel *kernel, const struct call_settings *settings,
                          struct offsets_error *error);
int trace_kernel_pid(struct trace_kernel *kernel, pid_t pid, struct offsets_error *error);
int trace_kernel_comm(struct trace_kernel *kernel, const char comm[EVENTS_COMM_BYTES],
                      struct offsets_error *error);
int trace_kernel_where(struct trace_kernel *kernel, unsigned int index,
                       const struct call_where *where, struct offsets_error *error);

/* Whether calls of a process are reported, if settings.only_pids is set. */
bool trace_kernel_has_pid(const struct trace_kernel *kernel, pid_t pid);

/* Forgets processes that have ended: their numbers may become those of others. */
void trace_kernel_tidy(struct trace_kernel *kernel);

/* Delivers records in the order of time; all: those that are left, too. */
int trace_kernel_read(struct trace_kernel *kernel, bool all, record_fn record, void *arg);
int trace_kernel_fd(const struct trace_kernel *kernel); /* for poll() */

/* The sums of all CPUs. */
int trace_kernel_counts(struct trace_kernel *kernel, struct call_counts *ret,
                        struct offsets_error *error);
int trace_kernel_sum(struct trace_kernel *kernel, uint32_t slot, struct call_sum *ret,
                     struct offsets_error *error);

/* Calls back for each row of a process, until that returns -errno, which is returned then. */
typedef int (*trace_process_fn)(void *arg, const struct call_process_key *key,
                                const struct call_process_sum *sum);
int trace_kernel_process_sums(struct trace_kernel *kernel, trace_process_fn fn, void *arg);

#endif
