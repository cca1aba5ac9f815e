/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/bpf/kernel_side.h"
#include "loader/bpf/kprobe_events.h"
#include "loader/bpf/rings.h"
#include "loader/bpf/tier.h"
#include "loader/bpf/verdict.h"
#include "loader/host/cpus.h"
#include "loader/host/host.h"
#include "loader/stream/order.h"
#include "loader/trace/call_parts.h"
#include "loader/trace/trace_attach.h"
#include "loader/trace/trace_kernel.h"
#include "loader/util/monotonic.h"

/* The ELF file, by trace_object.S. */
extern const char trace_object[], trace_object_end[];

/* A program puts its record into the ring within this time after it read the clock. */
#define RUN_NS 5000000ULL

struct trace_kernel {
	struct hook_host hooks;
	const struct trace_method *method;
	struct trace_attached *attached;
	struct bpf_object *object;
	struct call_parts *parts; /* NULL: records come whole */
	struct kernel_local local;
	struct rings *rings;
	struct order *order;
	struct trace_use use;
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
	} sizes[] = { { "call_scratch", 1 },
		      { "call_steps", 1 },
		      { "call_counts", 1 },
		      { "call_sums", CALL_ROWS } };
	struct bpf_map *map;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		map = bpf_object__find_map_by_name(k->object, sizes[i].name);
		err = bpf_map__set_max_entries(map, sizes[i].rows * k->local.cpus);
	}
	map = bpf_object__find_map_by_name(k->object, "call_process_sums");
	if (!err && k->use.processes)
		err = bpf_map__set_max_entries(map, CALL_PROCESS_ROWS);
	if (!err)
		err = bpf_map__set_max_entries(bpf_object__find_map_by_name(k->object, "events"),
		                               k->local.cpus);
	return err;
}

static bool is_selected(const struct trace_kernel *k, const char *name)
{
	size_t i;

	for (i = 0; i < TRACE_HOOKS; i++)
		if (k->method->programs[i].name && !strcmp(name, k->method->programs[i].name))
			return true;
	for (i = 0; i < CALL_TAILS; i++)
		if (k->method->tails[i] && !strcmp(name, k->method->tails[i]))
			return i == CALL_TAIL_FILES ? k->use.files
			                            : k->method->in_parts || k->use.lists;
	return false;
}

static int programs_select(struct trace_kernel *k)
{
	struct bpf_program *program;
	const char *const *map;
	int err = 0;

	bpf_object__for_each_program (program, k->object)
		bpf_program__set_autoload(program, is_selected(k, bpf_program__name(program)));
	for (map = k->method->unused; !err && *map; map++)
		err = bpf_map__set_autocreate(bpf_object__find_map_by_name(k->object, *map), false);
	return err;
}

/* LINUX_VERSION_CODE, which kprobes have to name. */
static int version_set(struct trace_kernel *k)
{
	struct host host;
	struct offsets_error ignored;

	if (!k->method->in_parts || host_identify(&host, &ignored))
		return 0;
	return bpf_object__set_kversion(k->object, kernel_version_code(&host));
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
	err = programs_select(k);
	if (!err)
		err = version_set(k);
	if (!err)
		err = maps_size(k);
	if (!err)
		err = bpf_object__load(k->object);
	if (err)
		return offsets_fail(error, err, "this kernel does not accept the programs: %s (%s)",
		                    strerror(-err), verdict_cause());
	return 0;
}

static int tails_set(struct trace_kernel *k, struct offsets_error *error)
{
	struct bpf_program *program;
	int fd, err = 0;
	__u32 slot;

	for (slot = 0; !err && slot < CALL_TAILS; slot++) {
		if (!k->method->tails[slot])
			continue;
		program = bpf_object__find_program_by_name(k->object, k->method->tails[slot]);
		fd = bpf_program__fd(program);
		if (fd >= 0) /* it is loaded */
			err = map_put(k, "call_tails", &slot, &fd, error);
	}
	return err;
}

/* ---- records -------------------------------------------------------------- */

static int ring_open(void *arg, unsigned int cpu, int *ret)
{
	const struct trace_kernel *k = arg;

	return kernel_local_ring(&k->local, cpu, ret);
}

static void record_keep(void *arg, const void *data, size_t size)
{
	struct trace_kernel *k = arg;

	if (order_add(k->order, data, size))
		k->dropped++;
}

static void ring_record(void *arg, unsigned int cpu, const void *data, size_t size)
{
	struct trace_kernel *k = arg;

	if (k->parts)
		call_parts_take(k->parts, cpu, data, size, record_keep, k);
	else
		record_keep(k, data, size);
}

/* What the host has, and the method that is best for it. */
static int way_choose(struct trace_kernel *k, struct offsets_error *error)
{
	struct offsets_error ignored;
	int err;

	hook_host_init(&k->hooks, UINT_MAX);
	if (!k->hooks.tracefs)
		return offsets_fail(error, -ENOTSUP, "%s", k->hooks.no_tracefs);
	err = trace_method_choose(k->use.attach, &k->hooks, &k->method, error);
	if (err || !k->method->in_parts)
		return err;
	hooks_sweep(k->hooks.tracefs, &ignored); /* of runs that were killed */
	k->parts = call_parts_new(k->local.cpus);
	return k->parts ? 0 : offsets_fail(error, -ENOMEM, "out of memory");
}

static int kernel_open(struct trace_kernel *k, struct offsets_error *error)
{
	const struct rings_use use = {
		.open = ring_open, .open_arg = k, .record = ring_record, .arg = k
	};
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int err, cpus = cpus_possible();

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
	err = way_choose(k, error);
	if (!err)
		err = load(k, error);
	if (!err)
		err = tails_set(k, error);
	if (!err)
		err = rings_open(cpus, &use, &k->rings, error);
	return err ? err : trace_attach(k->method, &k->hooks, k->object, &k->attached, error);
}

static int kernel_new(const struct trace_use *use, struct trace_kernel **ret,
                      struct offsets_error *error)
{
	struct trace_kernel *k = calloc(1, sizeof(*k));

	*ret = k;
	if (!k)
		return offsets_fail(error, -ENOMEM, "out of memory");
	k->use = *use;
	return kernel_open(k, error);
}

int trace_kernel_open(const struct trace_use *use, struct trace_kernel **ret,
                      struct offsets_error *error)
{
	struct trace_use by_kprobe = *use;
	int err;

	verdict_init(use->verbose);
	err = kernel_new(use, ret, error);
	if (err != -EEXIST || use->attach)
		return err;
	/* A tracepoint takes one program, and has that of another tracer or sensor. */
	by_kprobe.attach = "kprobe";
	trace_kernel_close(*ret);
	return kernel_new(&by_kprobe, ret, error);
}

void trace_kernel_close(struct trace_kernel *k)
{
	if (!k)
		return;
	trace_detach(k->attached);
	call_parts_free(k->parts);
	if (k->rings)
		rings_close(k->rings);
	bpf_object__close(k->object);
	order_free(k->order);
	free(k);
}

const char *trace_kernel_method(const struct trace_kernel *k)
{
	return k->method->text;
}

const char *trace_kernel_off(const struct trace_kernel *k)
{
	return k->method->in_parts ? hook_probes_off() : NULL;
}

bool trace_kernel_sums(const struct trace_kernel *k)
{
	return !k->method->in_parts || (!k->use.processes && !k->use.conditions);
}

bool trace_kernel_decides_conditions(const struct trace_kernel *k)
{
	return !k->method->in_parts;
}

bool trace_kernel_needs_task_pid(const struct trace_kernel *k)
{
	return k->method->in_parts;
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

int trace_kernel_layout(struct trace_kernel *k, const struct layout *layout,
                        struct offsets_error *error)
{
	__u32 slot = LAYOUT_SLOT_KERNEL;

	return map_put(k, "offsets", &slot, layout, error);
}

int trace_kernel_all(struct trace_kernel *k, bool all, struct offsets_error *error)
{
	const struct call_plan plan = { .wanted = all, .list = CALL_NO_LIST, .kept = ~0U };
	__u32 slot;
	int err = 0;

	for (slot = 0; !err && slot < CALL_ROWS; slot++)
		err = map_put(k, "call_plans", &slot, &plan, error);
	return err;
}

/* When its parameters are read, and each of them where programs of kernels before 4.11 find it. */
static int plan_complete(struct trace_kernel *k, __u32 slot, struct call_plan *plan,
                         struct offsets_error *error)
{
	__u32 i, key;
	int err = 0;

	for (i = 0; !err && i < CALL_PARAMETERS; i++) {
		const struct call_parameter *p = &plan->parameters[i];

		if (p->kind == CALL_VALUE)
			continue;
		plan->at_entry |= (p->when & CALL_ENTRY ? 1U : 0U) << i;
		plan->at_return |= (p->when & CALL_EXIT ? 1U : 0U) << i;
		plan->at_any |= 1U << i;
		key = slot * 8 + i;
		if (k->method->in_parts)
			err = map_put(k, "call_parameters", &key, p, error);
	}
	return err;
}

int trace_kernel_plan(struct trace_kernel *k, enum call_abi abi, unsigned int number,
                      const struct call_plan *plan, struct offsets_error *error)
{
	__u32 slot = call_slot(abi, number);
	struct call_plan complete = *plan;
	int err = plan_complete(k, slot, &complete, error);

	return err ? err : map_put(k, "call_plans", &slot, &complete, error);
}

int trace_kernel_request(struct trace_kernel *k, uint64_t number,
                         const struct call_request *request, struct offsets_error *error)
{
	return map_put(k, "call_requests", &number, request, error);
}

int trace_kernel_packed(struct trace_kernel *k, uint32_t key, const struct call_packed *packed,
                        struct offsets_error *error)
{
	return map_put(k, "call_packed", &key, packed, error);
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

bool trace_kernel_has_pid(const struct trace_kernel *k, pid_t pid)
{
	__u32 key = pid, value;

	return !bpf_map_lookup_elem(map_fd(k, "call_pids"), &key, &value);
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

	*ret = (struct call_counts){ .lost = k->dropped +
		                             (k->parts ? call_parts_lost(k->parts) : 0) };
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
