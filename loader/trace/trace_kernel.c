/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/bpf/kernel_side.h"
#include "loader/bpf/rings.h"
#include "loader/bpf/tier.h"
#include "loader/bpf/tracefs.h"
#include "loader/bpf/verdict.h"
#include "loader/host/cpus.h"
#include "loader/stream/order.h"
#include "loader/trace/trace_kernel.h"
#include "loader/util/monotonic.h"

/* The ELF file, by trace_object.S. */
extern const char trace_object[], trace_object_end[];

/* A program puts its record into the ring within this time after it read the clock. */
#define RUN_NS 5000000ULL

enum { FOLLOW, EXECUTES, RETURNS, BEGINS, PROGRAMS }; /* in the order in which they are attached */

static const char *const by_raw[] = { "t1_call_follow", "t1_call_executes", "t1_call_returns_raw",
	                              "t1_call_begins_raw", "t1_call_list_raw" };
static const char *const by_tracepoint[] = { "t1_call_follow", "t1_call_executes",
	                                     "t1_call_returns", "t1_call_begins", "t1_call_list" };

#define LIST   PROGRAMS /* reached by a tail call */
#define LOADED (PROGRAMS + 1)

struct trace_kernel {
	const char *const *programs; /* LOADED names */
	struct bpf_object *object;
	struct bpf_link *links[PROGRAMS];
	struct kernel_local local;
	bool processes; /* their sums are wanted */
	struct rings *rings;
	struct order *order;
	uint64_t dropped; /* records for which there was no memory */
};

static int map_fd(const struct trace_kernel *k, const char *name)
{
	return bpf_object__find_map_fd_by_name(k->object, name);
}

static int map_put(struct trace_kernel *k, const char *map, const void *key, const void *value,
                   struct offsets_error *error)
{
	if (!bpf_map_update_elem(map_fd(k, map), key, value, BPF_ANY))
		return 0;
	return offsets_fail(error, -errno, "the BPF map %s cannot be written: %s", map,
	                    strerror(errno));
}

/* ---- load ---------------------------------------------------------------- */

static int maps_size(struct trace_kernel *k)
{
	static const struct {
		const char *name;
		unsigned int rows; /* of each CPU */
	} sizes[] = { { "call_scratch", 1 }, { "call_counts", 1 }, { "call_sums", CALL_ROWS } };
	struct bpf_map *map;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		map = bpf_object__find_map_by_name(k->object, sizes[i].name);
		err = bpf_map__set_max_entries(map, sizes[i].rows * k->local.cpus);
	}
	map = bpf_object__find_map_by_name(k->object, "call_process_sums");
	if (!err && k->processes)
		err = bpf_map__set_max_entries(map, CALL_PROCESS_ROWS);
	if (!err)
		err = bpf_map__set_max_entries(bpf_object__find_map_by_name(k->object, "events"),
		                               k->local.cpus);
	return err;
}

static void programs_select(struct trace_kernel *k)
{
	struct bpf_program *program;
	size_t i;

	bpf_object__for_each_program (program, k->object) {
		bpf_program__set_autoload(program, false);
		for (i = 0; i < LOADED; i++)
			if (!strcmp(bpf_program__name(program), k->programs[i]))
				bpf_program__set_autoload(program, true);
	}
}

static int load(struct trace_kernel *k, struct offsets_error *error)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "sextant_trace");
	int err;

	k->object = bpf_object__open_mem(trace_object, trace_object_end - trace_object, &opts);
	if (!k->object)
		return offsets_fail(error, -errno, "the programs cannot be opened: %s",
		                    strerror(errno));
	k->local.object = k->object;
	programs_select(k);
	err = maps_size(k);
	if (!err)
		err = bpf_object__load(k->object);
	if (err)
		return offsets_fail(error, err, "this kernel does not accept the programs: %s (%s)",
		                    strerror(-err), verdict_cause());
	return 0;
}

static int tail_set(struct trace_kernel *k, struct offsets_error *error)
{
	struct bpf_program *list = bpf_object__find_program_by_name(k->object, k->programs[LIST]);
	int fd = bpf_program__fd(list);
	__u32 slot = 0;

	return map_put(k, "call_tails", &slot, &fd, error);
}

static int attach(struct trace_kernel *k, struct offsets_error *error)
{
	size_t i;

	for (i = 0; i < PROGRAMS; i++) {
		struct bpf_program *program =
			bpf_object__find_program_by_name(k->object, k->programs[i]);

		k->links[i] = bpf_program__attach(program);
		if (!k->links[i])
			return offsets_fail(error, -errno, "%s cannot be attached: %s",
			                    bpf_program__section_name(program), strerror(errno));
	}
	return 0;
}

/* ---- records -------------------------------------------------------------- */

static int ring_open(void *arg, unsigned int cpu, int *ret)
{
	const struct trace_kernel *k = arg;

	return kernel_local_ring(&k->local, cpu, ret);
}

static void ring_record(void *arg, unsigned int cpu, const void *data, size_t size)
{
	struct trace_kernel *k = arg;

	(void)cpu;
	if (order_add(k->order, data, size))
		k->dropped++;
}

/* What the host has to have; *ret_raw: raw tracepoints. */
static int host_check(bool *ret_raw, struct offsets_error *error)
{
	static const struct tracefs_field
		enter[] = { { "id", 8, 8 }, { "args[6]", 16, 48 }, { 0 } },
		exit[] = { { "id", 8, 8 }, { "ret", 16, 8 }, { 0 } },
		newtask[] = { { "pid", 8, 4 }, { "clone_flags", 32, 8 }, { 0 } },
		executes[] = { { "filename", 8, 4 }, { "pid", 12, 4 }, { 0 } };
	const char *tracefs;
	bool is_private;
	int err = tracefs_ensure(&tracefs, &is_private, error);

	if (!err && kernel_tier() != 1)
		err = offsets_fail(error, -ENOTSUP,
		                   "'sextant trace' needs Linux 4.11 or later, or RHEL 7");
	if (!err)
		err = tracefs_fields_check(tracefs, "task", "task_newtask", newtask, error);
	if (!err)
		err = tracefs_fields_check(tracefs, "sched", "sched_process_exec", executes, error);
	if (!err)
		err = tracefs_fields_check(tracefs, "raw_syscalls", "sys_enter", enter, error);
	if (!err)
		err = tracefs_fields_check(tracefs, "raw_syscalls", "sys_exit", exit, error);
	*ret_raw = !err && kernel_has_raw_tracepoints();
	return err;
}

static int kernel_open(struct trace_kernel *k, bool tracepoints, struct offsets_error *error)
{
	const struct rings_use use = {
		.open = ring_open, .open_arg = k, .record = ring_record, .arg = k
	};
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int err, cpus = cpus_possible();
	bool is_raw;

	if (geteuid())
		return offsets_fail(error, -EPERM,
		                    "BPF programs cannot be loaded without root; run as root");
	if (cpus < 0)
		return offsets_fail(error, cpus, "the CPUs cannot be counted");
	k->local.cpus = cpus;
	k->order = order_new();
	if (!k->order)
		return offsets_fail(error, -ENOMEM, "out of memory");
	setrlimit(RLIMIT_MEMLOCK, &unlimited); /* maps count against it before 5.11 */
	err = host_check(&is_raw, error);
	if (err)
		return err;
	k->programs = is_raw && !tracepoints ? by_raw : by_tracepoint;
	err = load(k, error);
	if (!err)
		err = tail_set(k, error);
	if (!err)
		err = rings_open(cpus, &use, &k->rings, error);
	return err ? err : attach(k, error);
}

int trace_kernel_open(bool tracepoints, bool processes, bool verbose, struct trace_kernel **ret,
                      struct offsets_error *error)
{
	struct trace_kernel *k = calloc(1, sizeof(*k));

	*ret = k;
	verdict_init(verbose);
	if (k)
		k->processes = processes;
	return k ? kernel_open(k, tracepoints, error)
	         : offsets_fail(error, -ENOMEM, "out of memory");
}

void trace_kernel_close(struct trace_kernel *k)
{
	size_t i;

	if (!k)
		return;
	for (i = 0; i < PROGRAMS; i++)
		bpf_link__destroy(k->links[i]);
	if (k->rings)
		rings_close(k->rings);
	bpf_object__close(k->object);
	order_free(k->order);
	free(k);
}

const char *trace_kernel_method(const struct trace_kernel *k)
{
	return k->programs == by_raw ? "raw tracepoints" : "tracepoints";
}

int trace_kernel_fd(const struct trace_kernel *k)
{
	return rings_fd(k->rings);
}

int trace_kernel_read(struct trace_kernel *k, bool all, record_fn record, void *arg)
{
	uint64_t begun = clock_monotonic_ns();
	bool is_all;
	int err = rings_read(k->rings, &is_all);

	rings_follow(k->rings);
	order_flush(k->order, all ? UINT64_MAX : begun - RUN_NS, NULL, record, arg);
	return err;
}

/* ---- maps ----------------------------------------------------------------- */

int trace_kernel_all(struct trace_kernel *k, bool all, struct offsets_error *error)
{
	const struct call_plan plan = { .wanted = all, .list = CALL_NO_LIST };
	__u32 slot;
	int err = 0;

	for (slot = 0; !err && slot < CALL_ROWS; slot++)
		err = map_put(k, "call_plans", &slot, &plan, error);
	return err;
}

int trace_kernel_plan(struct trace_kernel *k, enum call_abi abi, unsigned int number,
                      const struct call_plan *plan, struct offsets_error *error)
{
	__u32 slot = call_slot(abi, number);

	return map_put(k, "call_plans", &slot, plan, error);
}

int trace_kernel_settings(struct trace_kernel *k, const struct call_settings *settings,
                          struct offsets_error *error)
{
	__u32 key = 0;

	return map_put(k, "call_settings", &key, settings, error);
}

int trace_kernel_pid(struct trace_kernel *k, pid_t pid, struct offsets_error *error)
{
	__u32 key = pid, one = 1;

	return map_put(k, "call_pids", &key, &one, error);
}

int trace_kernel_comm(struct trace_kernel *k, const char comm[EVENTS_COMM_BYTES],
                      struct offsets_error *error)
{
	__u32 one = 1;

	return map_put(k, "call_comms", comm, &one, error);
}

int trace_kernel_where(struct trace_kernel *k, unsigned int index, const struct call_where *where,
                       struct offsets_error *error)
{
	__u32 key = index;

	return map_put(k, "call_wheres", &key, where, error);
}

void trace_kernel_tidy(struct trace_kernel *k)
{
	int map = map_fd(k, "call_pids");
	__u32 pid, next, *last = NULL;

	/* A key may be removed once the next one is known. */
	while (!bpf_map_get_next_key(map, last, &next)) {
		if (last && kill(pid, 0) && errno == ESRCH)
			bpf_map_delete_elem(map, &pid);
		pid = next;
		last = &pid;
	}
	if (last && kill(pid, 0) && errno == ESRCH)
		bpf_map_delete_elem(map, &pid);
}

int trace_kernel_counts(struct trace_kernel *k, struct call_counts *ret,
                        struct offsets_error *error)
{
	struct call_counts c;
	__u32 cpu;

	*ret = (struct call_counts){ .lost = k->dropped };
	for (cpu = 0; cpu < k->local.cpus; cpu++) {
		if (bpf_map_lookup_elem(map_fd(k, "call_counts"), &cpu, &c))
			return offsets_fail(error, -errno,
			                    "the BPF map call_counts cannot be read: %s",
			                    strerror(errno));
		ret->sent += c.sent;
		ret->lost += c.lost;
		ret->unpaired += c.unpaired;
		ret->unkept += c.unkept;
		ret->unfollowed += c.unfollowed;
		ret->beyond += c.beyond;
		ret->uncounted += c.uncounted;
	}
	return 0;
}

int trace_kernel_sum(struct trace_kernel *k, uint32_t slot, struct call_sum *ret,
                     struct offsets_error *error)
{
	struct call_sum sum;
	__u32 cpu, key, bucket;

	*ret = (struct call_sum){ 0 };
	for (cpu = 0; cpu < k->local.cpus; cpu++) {
		key = cpu * CALL_ROWS + slot;
		if (bpf_map_lookup_elem(map_fd(k, "call_sums"), &key, &sum))
			return offsets_fail(error, -errno,
			                    "the BPF map call_sums cannot be read: %s",
			                    strerror(errno));
		ret->calls += sum.calls;
		ret->errors += sum.errors;
		ret->total_ns += sum.total_ns;
		for (bucket = 0; bucket < CALL_BUCKETS; bucket++)
			ret->buckets[bucket] += sum.buckets[bucket];
	}
	return 0;
}

int trace_kernel_process_sums(struct trace_kernel *k, trace_process_fn fn, void *arg)
{
	int map = map_fd(k, "call_process_sums"), err = 0;
	struct call_process_key key, *last = NULL;
	struct call_process_sum sum;

	while (!err && !bpf_map_get_next_key(map, last, &key)) {
		last = &key;
		if (!bpf_map_lookup_elem(map, &key, &sum))
			err = fn(arg, &key, &sum);
	}
	return err;
}
