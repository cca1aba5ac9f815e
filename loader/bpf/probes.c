/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/host/clock.h"
#include "loader/stream/fields.h"
#include "loader/stream/flows.h"
#include "loader/bpf/hook.h"
#include "probes/abi/maps.h"
#include "loader/stream/order.h"
#include "loader/stream/parts.h"
#include "loader/bpf/probes.h"
#include "loader/bpf/rings.h"
#include "loader/bpf/variants.h"
#include "loader/bpf/verdict.h"

/* What the programs of a CPU count, and what of that was read and reported. */
struct row {
	struct counters counters;       /* as last read */
	uint64_t read[EVENT_TYPES];     /* of the rings, what counters.sent counts */
	uint64_t reported[EVENT_TYPES]; /* as lost */
	uint64_t taken, taken_before;   /* records of its ring: now, at the last report */
};

/* What is known of a variant on this kernel. */
struct variant_state {
	bool refused;
	char reason[256]; /* for it */
	enum hook_way way;
	struct attachment attachment;
};

struct probes {
	struct probes_request request;
	unsigned int tiers;    /* 1 << tier of the variants to choose from */
	uint32_t kern_version; /* as kprobe programs must name it before 5.0 */
	struct bpf_object *object;
	struct variant_set set; /* the variants that are loaded */
	struct variant_state variants[VARIANTS_MAX];
	struct class_state classes[EVENT_TYPES];
	struct program_state programs[(1 + TAILS_MAX) * VARIANTS_MAX];
	struct parts *parts;
	struct order *order;
	uint64_t flow_sequence;  /* flows that have ended */
	uint64_t flows_live;     /* that go on, when they were last looked at */
	uint64_t flows_reported; /* as lost */
	uint32_t settings_number;
	size_t program_count;
	struct rings *rings;
	struct row *rows; /* by header.cpu */
	unsigned int row_count;
	bool all_read; /* nothing was left in the rings */
	struct probes_use use;
};

/* The ELF, by object.S. */
extern const char probes_object[], probes_object_end[];

/* Records that are kept until somebody takes them; then they stay in the rings. */
#define HELD_BYTES (4 << 20)

/* So long programs that run may take to their end: a CPU of a VM may stand still in one. */
#define SETTLE_NS      1000000000ULL
#define SETTLE_STEP_US 10000

/* The parts of an exec are sent within one run of a program. */
#define PARTS_DEADLINE_NS 1000000000ULL

/* A program has put its record into the ring so long after it took the time. */
#define RUN_NS 5000000ULL

/* For the verifier's log: the most that all kernels take (UINT_MAX >> 8). */
#define LOG_BYTES ((16 << 20) - 1)

/* ---- choose ----------------------------------------------------------- */

static bool covers(const struct probes *p, size_t i, unsigned int type)
{
	return p->tiers & variants[i].tiers && variants[i].classes & (1U << type);
}

static bool adds(size_t i)
{
	return variants[i].classes & ADDS;
}

static void refuse(struct probes *p, size_t i, const char *reason)
{
	p->variants[i].refused = true;
	snprintf(p->variants[i].reason, sizeof(p->variants[i].reason), "%.255s", reason);
}

static bool class_open(const struct probes *p, size_t i, unsigned int type)
{
	const struct class_state *c = &p->classes[type];

	if (!c->wanted || !c->variant != !adds(i))
		return false;
	if (adds(i) &&
	    !(variants[i].classes & BESIDE_FENTRY) != (c->way != hook_way_name(WAY_FENTRY)))
		return false;
	return !(variants[i].classes & BESIDE_TRACEPOINT) ||
	       c->way == hook_way_name(WAY_TRACEPOINT);
}

static bool classes_open(const struct probes *p, size_t i)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (covers(p, i, type) && class_open(p, i, type))
			return true;
	return false;
}

static int facts_present(const struct layout *layout, const struct variant *v,
                         struct offsets_error *error)
{
	size_t i;

	if (v->classes & (1U << EVENT_FILE) && !filter_fits(layout))
		return offsets_fail(error, -ENOTSUP,
		                    "by this kernel's row, members of struct dentry or mount that "
		                    "the check of a path reads at once are apart");

	for (i = 0; i < NEEDS_MAX && v->needs[i]; i++)
		if (layout->facts[v->needs[i]].offset == LAYOUT_ABSENT)
			return offsets_fail(error, -ENOENT, "this kernel's row lacks %s",
			                    offsets_fact_name(v->needs[i]));
	return 0;
}

/* The program that keeps for a return probe what the function was given. */
static size_t entry_half(const struct probes *p, size_t i)
{
	const struct variant *half = &variants[i], *other;
	size_t j;

	for (j = 0; half->hook.kind == HOOK_KRETPROBE && j < variants_count; j++) {
		other = &variants[j];
		if (other->hook.kind == HOOK_KPROBE && !strcmp(other->hook.name, half->hook.name) &&
		    adds(j) && p->tiers & other->tiers &&
		    other->classes & half->classes & ((1U << EVENT_TYPES) - 1))
			return j;
	}
	return variants_count;
}

static bool promising(struct probes *p, size_t i);

/* Without its entry half a return probe reports nothing, and nobody would notice. */
static int entry_half_check(struct probes *p, size_t i, struct offsets_error *error)
{
	size_t j = entry_half(p, i);
	const char *reason;

	if (j == variants_count || promising(p, j))
		return 0;
	reason = p->variants[j].reason;
	return offsets_fail(error, -ENOTSUP, "without its entry half (%s)",
	                    *reason ? reason : variants[j].name);
}

/* Is it worth loading? Else it is refused. */
static bool promising(struct probes *p, size_t i)
{
	struct variant_state *state = &p->variants[i];
	struct offsets_error error;
	int err;

	if (state->refused)
		return false;
	err = facts_present(p->request.layout, &variants[i], &error);
	if (!err) {
		err = hook_way(&p->request.hooks, &variants[i].hook, &state->way, &error);
		if (!err)
			err = entry_half_check(p, i, &error);
		if (!err)
			return true;
		if (err == -ENOENT && variants[i].classes & IF_THERE)
			*error.text = '\0'; /* nothing is missing where it is not there */
	}
	refuse(p, i, error.text);
	return false;
}

static void class_give(struct probes *p, size_t i)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		struct class_state *c = &p->classes[type];

		if (!covers(p, i, type) || !c->wanted || c->variant || adds(i))
			continue;
		c->variant = variants[i].name;
		c->way = hook_way_name(p->variants[i].way);
		c->tier = ffs(p->tiers & variants[i].tiers) - 1;
	}
}

/* The next variant from i on that was refused: of those of a class that add, or of the others. */
static size_t refused_next(const struct probes *p, unsigned int type, bool that_add, size_t i)
{
	while (i < variants_count && !(covers(p, i, type) && p->variants[i].refused &&
	                               *p->variants[i].reason && adds(i) == that_add))
		i++;
	return i;
}

/* What was wrong with each of them; those that have one reason in a row share it. */
static void refusals(const struct probes *p, unsigned int type, bool that_add, char *ret,
                     size_t size)
{
	size_t i = refused_next(p, type, that_add, 0), next, used = 0;

	ret[0] = '\0';
	for (; i < variants_count && used < size; i = next) {
		const char *reason = p->variants[i].reason;

		next = refused_next(p, type, that_add, i + 1);
		used += snprintf(ret + used, size - used, "%s", variants[i].name);
		if (used >= size)
			return;
		if (next < variants_count && !strcmp(reason, p->variants[next].reason))
			used += snprintf(ret + used, size - used, ", ");
		else
			used += snprintf(ret + used, size - used, ": %s%s", reason,
			                 next < variants_count ? "; " : "");
	}
}

static void class_explain(struct probes *p, unsigned int type)
{
	struct class_state *c = &p->classes[type];

	c->reason[0] = c->without[0] = '\0';
	if (c->variant)
		refusals(p, type, true, c->without, sizeof(c->without));
	else
		refusals(p, type, false, c->reason, sizeof(c->reason));
}

/* Is it a program of one of them, or does one of them need it as a map? */
static bool part_of(const char *name, const struct variant_set *set)
{
	size_t i, j;

	for (i = 0; i < variants_count; i++) {
		const struct variant *v = &variants[i];

		if (!set->has[i])
			continue;
		if (!strcmp(v->program, name) || (v->map && !strcmp(v->map, name)))
			return true;
		for (j = 0; v->tails && j < TAILS_MAX && v->tails->list[j].program; j++)
			if (!strcmp(v->tails->list[j].program, name))
				return true;
	}
	return false;
}

/* The first variant of each class that nothing is known against. */
static struct variant_set choose(struct probes *p)
{
	struct variant_set set = { 0 };
	unsigned int type;
	size_t i;

	for (type = 0; type < EVENT_TYPES; type++)
		p->classes[type].variant = p->classes[type].way = NULL;
	for (i = 0; i < variants_count; i++)
		if (classes_open(p, i) && promising(p, i)) {
			set.has[i] = true;
			class_give(p, i);
		}
	for (type = 0; type < EVENT_TYPES; type++)
		if (p->classes[type].wanted)
			class_explain(p, type);
	return set;
}

/*
 * The tier of a kernel is what its helpers allow, found by trying them in
 * programs of tracepoints, which name no kernel version. Programs of tiers
 * above would be refused, those of tiers below give less.
 */
static unsigned int kernel_tier(void)
{
	const enum bpf_prog_type type = BPF_PROG_TYPE_TRACEPOINT;

	if (libbpf_probe_bpf_prog_type(type, NULL) != 1)
		return 3;
	if (libbpf_probe_bpf_helper(type, BPF_FUNC_probe_read_str, NULL) == 1)
		return 1;
	return libbpf_probe_bpf_helper(type, BPF_FUNC_get_current_task, NULL) == 1 ? 2 : 3;
}

/* ---- load ------------------------------------------------------------- */

/* Before 5.11 (memcg accounting) maps count against it; where that matters loading will tell. */
static void memlock_raise(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
}

/* An element of a hash map, with what the kernel has around it. */
#define ELEMENT(type) (sizeof(struct type) + 80)

/* What is made where a variant names it, or another one that it comes with. */
static const struct {
	const char *map;
	const char *of[2]; /* variant.map: one of them */
	size_t bytes;
} variant_maps[] = {
	{ "kept_states", { "kept_states" }, KEPT_CALLS * sizeof(struct kept_state) },
	{ "exited", { "exited" }, EXITED_ENTRIES *ELEMENT(exited_key) },
	{ "file_calls", { "file_calls", "claims" }, FILE_CALLS *ELEMENT(file_call) },
	{ "opened_files", { "file_calls", "claims" }, OPENED_FILES *ELEMENT(opened_file) },
	{ ".rodata", { "claims" }, sizeof(struct constants) },
	{ ".data.settings", { "claims" }, sizeof(struct settings) },
	{ ".bss", { "claims" }, sizeof(__u64[1 << QUIET_BITS]) + (1 << MARK_BITS) },
	{ "connections", { "connections" }, CONNECTIONS *ELEMENT(connection) },
	{ "flows", { "flows" }, FLOWS *ELEMENT(flow) },
	{ "unix_calls", { "unix_calls" }, UNIX_CALLS *ELEMENT(unix_call) },
};

static bool map_wanted(size_t i, const struct variant_set *set)
{
	const char *const *of = variant_maps[i].of;

	return part_of(of[0], set) || (of[1] && part_of(of[1], set));
}

/* Facts are constants to programs by fentry. */
static int constants_set(const struct probes *p, struct bpf_object *object)
{
	struct constants constants = { .layout = *p->request.layout,
		                       .claimed_cpu = p->request.host->possible_cpus + 1 };

	return bpf_map__set_initial_value(bpf_object__find_map_by_name(object, ".rodata"),
	                                  &constants, sizeof(constants));
}

/* Maps by CPU; and what only some tiers use is not made for the others: kernels may not know it. */
static int maps_prepare(const struct probes *p, struct bpf_object *object,
                        const struct variant_set *set)
{
	static const struct {
		const char *name;
		unsigned int tiers;
		const char *of; /* variant.map, or NULL */
		unsigned int each;
	} by_cpu[] = { { "counters", 7 << 1, NULL, 1 },
		       { "shares", 7 << 1, NULL, SHARES },
		       { "scratch", 1 << 1, NULL, 1 },
		       { "parting", 6 << 1, NULL, 1 },
		       { "claims", 1 << 1, "claims", 1 },
		       { "claimed_scratch", 1 << 1, "claims", 1 },
		       { "claimed_counters", 1 << 1, "claims", 1 } };
	struct bpf_map *map;
	unsigned int tiers = 0;
	size_t i;
	int err = 0;

	for (i = 0; i < variants_count; i++)
		if (set->has[i])
			tiers |= p->tiers & variants[i].tiers;
	for (i = 0; !err && i < sizeof(variant_maps) / sizeof(variant_maps[0]); i++) {
		map = bpf_object__find_map_by_name(object, variant_maps[i].map);
		err = map ? bpf_map__set_autocreate(map, map_wanted(i, set)) : -ENOENT;
	}
	for (i = 0; !err && i < sizeof(by_cpu) / sizeof(by_cpu[0]); i++) {
		map = bpf_object__find_map_by_name(object, by_cpu[i].name);
		err = map ? bpf_map__set_max_entries(map, by_cpu[i].each *
		                                                  p->request.host->possible_cpus)
		          : -ENOENT;
		if (!err)
			err = bpf_map__set_autocreate(
				map, by_cpu[i].tiers & tiers &&
					     (!by_cpu[i].of || part_of(by_cpu[i].of, set)));
	}
	return err;
}

/* Log level 1 is what every kernel knows; its last line says how much was walked. */
static int program_measure(struct probes *p, struct bpf_program *program)
{
	struct program_state *state = &p->programs[p->program_count];

	state->log = malloc(LOG_BYTES);
	if (!state->log)
		return -ENOMEM;
	state->log[0] = '\0';
	p->program_count++;
	snprintf(state->name, sizeof(state->name), "%s", bpf_program__name(program));
	bpf_program__set_log_level(program, 1);
	return bpf_program__set_log_buf(program, state->log, LOG_BYTES);
}

static void programs_forget(struct probes *p)
{
	while (p->program_count)
		free(p->programs[--p->program_count].log);
}

static int object_prepare(struct probes *p, struct bpf_object *object,
                          const struct variant_set *set)
{
	struct bpf_program *program;
	int err = maps_prepare(p, object, set);

	if (!err)
		err = constants_set(p, object);
	programs_forget(p);
	bpf_object__for_each_program (program, object) {
		bool wanted = part_of(bpf_program__name(program), set);

		bpf_program__set_autoload(program, wanted);
		if (!err && wanted && p->request.measure)
			err = program_measure(p, program);
	}
	return err ? err : bpf_object__set_kversion(object, p->kern_version);
}

/* Opens and loads the programs of a set of variants; NULL: errno says why. */
static struct bpf_object *object_load(struct probes *p, const struct variant_set *set)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "sextant");
	struct bpf_object *object;
	int err;

	object = bpf_object__open_mem(probes_object, probes_object_end - probes_object, &opts);
	if (!object)
		return NULL;
	err = object_prepare(p, object, set);
	if (!err)
		err = bpf_object__load(object);
	if (!err)
		return object;
	bpf_object__close(object);
	errno = -err;
	return NULL;
}

static int tail_fill(struct bpf_object *object, const char *map, const struct tail *tail)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, tail->program);
	int fd = program ? bpf_program__fd(program) : -1;
	__u32 slot = tail->slot;

	return fd < 0 ? -EINVAL
	              : bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, map), &slot,
	                                    &fd, BPF_ANY);
}

static int tail_calls_fill(struct bpf_object *object, const struct variant_set *set)
{
	size_t i, j;

	for (i = 0; i < variants_count; i++) {
		const struct tails *tails = variants[i].tails;

		for (j = 0; set->has[i] && tails && j < TAILS_MAX && tails->list[j].program; j++)
			if (tail_fill(object, tails->map, &tails->list[j]))
				return -EINVAL;
	}
	return 0;
}

/* One by one: refuses those that this kernel does not take. False: it takes each. */
static bool refuse_unloadable(struct probes *p, const struct variant_set *set)
{
	struct variant_set one;
	bool found = false;
	char reason[512];
	size_t i;

	for (i = 0; i < variants_count; i++) {
		struct bpf_object *object;

		if (!set->has[i])
			continue;
		verdict_reset();
		one = (struct variant_set){ 0 };
		one.has[i] = true;
		object = object_load(p, &one);
		if (!object) {
			snprintf(reason, sizeof(reason), "not accepted: %s (%s)", strerror(errno),
			         verdict_cause());
			refuse(p, i, reason);
			found = true;
		}
		bpf_object__close(object);
	}
	return found;
}

static bool set_empty(const struct variant_set *set)
{
	return !memchr(set->has, true, sizeof(set->has));
}

/* All choices at once, which nearly every kernel takes. */
static int load(struct probes *p, struct offsets_error *error)
{
	bool rights = true;

	do {
		p->set = choose(p);
		if (set_empty(&p->set))
			break;
		verdict_reset();
		p->object = object_load(p, &p->set);
		rights = p->object || (errno != EPERM && errno != EACCES);
	} while (!p->object && (rights || !geteuid()) && refuse_unloadable(p, &p->set));
	/* Who is not root may not even see the hooks. */
	if (!p->object && geteuid() && (!rights || set_empty(&p->set)))
		return offsets_fail(error, -EPERM,
		                    "BPF programs cannot be loaded without root; run as root");
	if (!p->object)
		return offsets_fail(
			error, rights ? -ENOTSUP : -EPERM,
			"this kernel takes none of the programs (%s%s%s); 'sextant check' says why",
			hook_switched_off() ? hook_switched_off() : "",
			hook_switched_off() ? ": " : "",
			*verdict_cause() ? verdict_cause() : "hooks or facts are missing");
	if (tail_calls_fill(p->object, &p->set))
		return offsets_fail(error, -ENOTSUP, "the tail calls cannot be set: %s",
		                    verdict_cause());
	return 0;
}

static void unload(struct probes *p)
{
	size_t i;

	for (i = 0; i < variants_count; i++)
		hook_detach(&p->request.hooks, &p->variants[i].attachment);
	rings_close(p->rings);
	p->rings = NULL;
	bpf_object__close(p->object);
	p->object = NULL;
}

int probes_load(const struct probes_request *request, struct probes **ret,
                struct offsets_error *error)
{
	struct probes *p = calloc(1, sizeof(*p));
	unsigned int type;
	size_t i;
	int err;

	*ret = NULL;
	if (p) {
		p->parts = parts_new(request->host->possible_cpus);
		p->order = order_new();
		p->row_count = 2 * request->host->possible_cpus + 1;
		p->rows = calloc(p->row_count, sizeof(*p->rows));
	}
	if (!p || !p->parts || !p->order || !p->rows) {
		probes_free(p);
		return offsets_fail(error, -ENOMEM, "out of memory");
	}
	verdict_init(request->verbose);
	memlock_raise();
	p->request = *request;
	p->tiers = request->tiers ? request->tiers : 1U << kernel_tier();
	p->kern_version = host_kern_version(request->host);
	for (type = 0; type < EVENT_TYPES; type++)
		p->classes[type].wanted = request->classes & (1U << type);
	err = load(p, error);
	for (i = 0; i < p->program_count; i++)
		p->programs[i].walked = verdict_walked(p->programs[i].log);
	*ret = p; /* also on failure: the classes say why */
	return err;
}

void probes_free(struct probes *p)
{
	if (!p)
		return;
	unload(p);
	programs_forget(p);
	parts_free(p->parts);
	order_free(p->order);
	free(p->rows);
	free(p);
}

const struct class_state *probes_class(const struct probes *p, enum event_type type)
{
	return &p->classes[type];
}

const struct program_state *probes_programs(const struct probes *p, size_t *ret_count)
{
	*ret_count = p->program_count;
	return p->programs;
}

/* ---- rings ------------------------------------------------------------ */

/* Without memory the order is given up, not the record. */
static void record_keep(void *arg, const void *data, size_t size)
{
	struct probes *p = arg;

	if (order_add(p->order, data, size))
		p->use.record(p->use.arg, data, size);
}

/* Events that came in parts count with their first one. */
static void read_count(struct probes *p, const void *data, size_t size)
{
	struct event_header header;
	unsigned int type;

	if (size < sizeof(header))
		return;
	memcpy(&header, data, sizeof(header));
	type = header.type == PART_EXEC    ? EVENT_EXEC
	       : header.type == PART_MOUNT ? EVENT_MOUNT
	                                   : header.type;
	if (type < EVENT_TYPES && header.cpu < p->row_count)
		p->rows[header.cpu].read[type]++;
}

static void ring_record(void *arg, int cpu, const void *data, size_t size)
{
	struct probes *p = arg;

	if (cpu < p->request.host->possible_cpus)
		p->rows[cpu].taken++;
	read_count(p, data, size);
	parts_take(p->parts, cpu, data, size, record_keep, p);
}

/* Nobody takes the events: the rest stays in the rings, where what is too much is counted. */
static bool rings_held(void *arg)
{
	const struct probes *p = arg;

	return order_size(p->order) > HELD_BYTES;
}

static int rings_make(struct probes *p, struct offsets_error *error)
{
	const struct rings_use use = { .record = ring_record, .full = rings_held, .arg = p };
	int fd = bpf_object__find_map_fd_by_name(p->object, "events");

	memset(p->rows, 0, p->row_count * sizeof(*p->rows)); /* its counters are new */
	return rings_open(fd, p->request.host->possible_cpus, &use, &p->rings, error);
}

int probes_fd(const struct probes *p)
{
	return rings_fd(p->rings);
}

int probes_read(struct probes *p, bool to_the_end)
{
	uint64_t now = clock_monotonic_ns();
	bool all;
	int err;

	rings_follow(p->rings);
	err = rings_read(p->rings, &all);
	p->all_read = all;
	parts_expire(p->parts, now - PARTS_DEADLINE_NS, record_keep, p);
	order_flush(p->order, to_the_end ? UINT64_MAX : now - RUN_NS, p->use.room, p->use.record,
	            p->use.arg);
	return err;
}

bool probes_wait(const struct probes *p)
{
	return !p->all_read || order_size(p->order);
}

int probes_poll(struct probes *p, int timeout_ms)
{
	struct pollfd fd = { rings_fd(p->rings), POLLIN, 0 };

	poll(&fd, 1, timeout_ms);
	return probes_read(p, !timeout_ms);
}

/* ---- attach ----------------------------------------------------------- */

/* -EAGAIN: one could not be attached and is refused now. */
static int attach_all(struct probes *p)
{
	struct offsets_error error;
	size_t i;

	for (i = 0; i < variants_count; i++) {
		struct bpf_program *program;

		if (!p->set.has[i])
			continue;
		program = bpf_object__find_program_by_name(p->object, variants[i].program);
		if (hook_attach(&p->request.hooks, &variants[i].hook, p->variants[i].way, program,
		                &p->variants[i].attachment, &error)) {
			refuse(p, i, error.text);
			return -EAGAIN;
		}
	}
	return 0;
}

int probes_attach(struct probes *p, const struct probes_use *use, struct offsets_error *error)
{
	int err;

	p->use = *use;
	for (;;) {
		err = rings_make(p, error);
		if (err)
			return err;
		if (!attach_all(p))
			return 0;
		/* The next variants, from the start: nobody has seen an event yet. */
		unload(p);
		err = load(p, error);
		if (err)
			return err;
	}
}

void probes_refuse(struct probes *p, enum event_type type, const char *reason)
{
	size_t i;

	for (i = 0; i < variants_count; i++)
		if (p->set.has[i] && !adds(i) && covers(p, i, type))
			refuse(p, i, reason);
}

int probes_again(struct probes *p, struct offsets_error *error)
{
	const struct probes_use use = p->use;
	int err;

	unload(p);
	err = load(p, error);
	return err ? err : probes_attach(p, &use, error);
}

uint64_t probes_missed(const struct probes *p)
{
	uint64_t missed = 0;
	size_t i;

	for (i = 0; i < variants_count; i++)
		missed += hook_missed(p->request.hooks.tracefs, &p->variants[i].attachment);
	return missed;
}

static int map_put(struct probes *p, const char *map, __u32 key, const void *value,
                   struct offsets_error *error)
{
	int fd = bpf_object__find_map_fd_by_name(p->object, map);

	if (bpf_map_update_elem(fd, &key, value, BPF_ANY))
		return offsets_fail(error, -errno, "BPF map %s cannot be written: %s", map,
		                    strerror(errno));
	return 0;
}

int probes_arm(struct probes *p, const struct layout *layout, struct offsets_error *error)
{
	return map_put(p, "offsets", LAYOUT_SLOT_KERNEL, layout, error);
}

int probes_settings(struct probes *p, const struct settings *settings, struct offsets_error *error)
{
	struct settings all = *settings;
	size_t i;
	int err;

	all.number = ++p->settings_number;

	for (i = 0; i < variants_count; i++)
		if (p->set.has[i] && adds(i) && covers(p, i, EVENT_EXEC))
			all.attempts |= p->variants[i].way == WAY_TRACEPOINT
			                        ? ATTEMPTS_COMM
			                        : ATTEMPTS_COMM | ATTEMPTS_BPRM;
	if (all.watched & WATCH_ALL) /* nothing is seen at a glance then */
		memset(all.begins, 0xff, sizeof(all.begins));
	err = map_put(p, "settings", 0, &all, error);
	return err || !part_of("claims", &p->set) ? err
	                                          : map_put(p, ".data.settings", 0, &all, error);
}

static int map_empty(struct probes *p, const char *map, void *key, struct offsets_error *error)
{
	struct bpf_map *of = bpf_object__find_map_by_name(p->object, map);
	unsigned int most = 2 * bpf_map__max_entries(of);
	int fd = bpf_map__fd(of);

	/* Programs go on: they remove elements (ENOENT), and may add them as fast as we remove. */
	while (most-- && !bpf_map_get_next_key(fd, NULL, key))
		if (bpf_map_delete_elem(fd, key) && errno != ENOENT)
			return offsets_fail(error, -errno, "BPF map %s cannot be emptied: %s", map,
			                    strerror(errno));
	return 0;
}

int probes_forget_opened(struct probes *p, struct offsets_error *error)
{
	__u64 file;

	if (!part_of("file_calls", &p->set) && !part_of("claims", &p->set))
		return 0;
	return map_empty(p, "opened_files", &file, error);
}

int probes_filter(struct probes *p, const struct filter *filter, struct offsets_error *error)
{
	int fd = bpf_object__find_map_fd_by_name(p->object, "filters");
	struct filter_key key;
	int err = map_empty(p, "filters", &key, error);
	size_t i;

	if (err)
		return err;
	for (i = 0; i < filter->count; i++)
		if (bpf_map_update_elem(fd, &filter->rules[i].key, &filter->rules[i].verdict,
		                        BPF_ANY))
			return offsets_fail(error, -errno, "BPF map filters cannot be written: %s",
			                    strerror(errno));
	return 0;
}

uint64_t probes_incomplete(const struct probes *p)
{
	return parts_incomplete(p->parts);
}

/* ---- losses ----------------------------------------------------------- */

/* Of the programs by fentry the rows come behind those of the CPUs: struct constants. */
static int rows_read(struct probes *p, const char *map, unsigned int first,
                     struct offsets_error *error)
{
	int fd = bpf_object__find_map_fd_by_name(p->object, map);
	__u32 cpu;

	for (cpu = 0; cpu < (__u32)p->request.host->possible_cpus; cpu++)
		if (bpf_map_lookup_elem(fd, &cpu, &p->rows[first + cpu].counters))
			return offsets_fail(error, -errno, "BPF map %s cannot be read: %s", map,
			                    strerror(errno));
	return 0;
}

static int counters_read(struct probes *p, struct offsets_error *error)
{
	int err = rows_read(p, "counters", 0, error);

	if (!err && part_of("claims", &p->set))
		err = rows_read(p, "claimed_counters", p->request.host->possible_cpus + 1, error);
	return err;
}

/* No program is between taking a number for its event and counting it. */
static bool rows_settled(const struct probes *p)
{
	unsigned int row, type;

	for (row = 0; row < p->row_count; row++) {
		const struct counters *c = &p->rows[row].counters;
		uint64_t sum = 0;

		for (type = 0; type < COUNTER_SLOTS; type++)
			sum += c->sent[type] + c->lost[type];
		if (sum != c->sequence)
			return false;
	}
	return true;
}

int probes_silence(struct probes *p, struct offsets_error *error)
{
	const struct settings none = { .self_tgid = getpid() };
	uint64_t end = clock_monotonic_ns() + SETTLE_NS;
	int err = probes_settings(p, &none, error);

	do {
		usleep(SETTLE_STEP_US);
		if (!err)
			err = counters_read(p, error);
		if (!err)
			err = probes_read(p, true);
	} while (!err && !rows_settled(p) && clock_monotonic_ns() < end);
	return err;
}

/*
 * Kernels before 5.1 (56201969827e) tell a program that its record is in the
 * ring although there was no room: what was sent and not read counts as well.
 */
static uint64_t row_lost(const struct row *row, enum event_type type, bool all_read)
{
	uint64_t lost = row->counters.lost[type] + row->counters.no_scratch[type];

	if (all_read && row->counters.sent[type] > row->read[type])
		lost += row->counters.sent[type] - row->read[type];
	return lost;
}

/* A CPU whose ring takes nothing has been off and on again. */
static void row_report(struct probes *p, unsigned int index, bool all_read, probes_loss_fn fn,
                       void *arg)
{
	struct row *row = &p->rows[index];
	bool grew = false;
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		uint64_t lost = row_lost(row, type, all_read);

		if (lost <= row->reported[type])
			continue;
		if (fn)
			fn(arg, type, index, lost - row->reported[type]);
		row->reported[type] = lost;
		grew = true;
	}
	if (grew && row->taken == row->taken_before && all_read)
		rings_renew(p->rings, index);
	row->taken_before = row->taken;
}

static int flows_take(struct probes *p, uint64_t idle_ns, struct offsets_error *error)
{
	int fd = bpf_object__find_map_fd_by_name(p->object, "flows"), err;

	if (!part_of("flows", &p->set))
		return 0;
	err = flows_end(fd, clock_monotonic_ns(), idle_ns, p->request.host->possible_cpus,
	                &p->flow_sequence, &p->flows_live, p->use.record, p->use.arg);
	if (err)
		return offsets_fail(error, err, "BPF map flows cannot be read: %s", strerror(-err));
	return 0;
}

/* Flows that had to make room for others. */
static void flows_report(struct probes *p, probes_loss_fn fn, void *arg)
{
	uint64_t begun = 0, gone = p->flow_sequence + p->flows_live + p->flows_reported;
	unsigned int row;

	for (row = 0; row < p->row_count; row++)
		begun += p->rows[row].counters.flows;
	if (begun <= gone)
		return;
	if (fn)
		fn(arg, EVENT_SOCKET, p->request.host->possible_cpus, begun - gone);
	p->flows_reported += begun - gone;
}

int probes_losses(struct probes *p, probes_loss_fn fn, void *arg, struct offsets_error *error)
{
	int err = counters_read(p, error);
	bool all = false;
	unsigned int row;

	if (err)
		return err;
	err = rings_read(p->rings, &all);
	if (err)
		return offsets_fail(error, err, "the event rings cannot be read: %s",
		                    strerror(-err));
	for (row = 0; row < p->row_count; row++)
		row_report(p, row, all, fn, arg);
	return 0;
}

int probes_flows(struct probes *p, uint64_t idle_ns, probes_loss_fn fn, void *arg,
                 struct offsets_error *error)
{
	int err = counters_read(p, error);

	if (!err)
		err = flows_take(p, idle_ns, error);
	if (!err)
		flows_report(p, fn, arg);
	return err;
}

size_t probes_memory(const struct probes *p)
{
	const struct host *host = p->request.host;
	size_t bytes = (size_t)host->online_cpus * (RING_BYTES + sysconf(_SC_PAGESIZE)), i;

	bytes += (size_t)host->possible_cpus *
	         (sizeof(struct scratch) + sizeof(struct counters) + sizeof(struct parting) +
	          SHARES * sizeof(struct share));
	bytes += ATTEMPTS * sizeof(struct attempt) + INTERPRETERS * sizeof(struct interpreter) +
	         KEPT_CALLS * sizeof(struct kept_call) + FILE_TASKS * sizeof(__u64) +
	         (size_t)FILTERS_MAX * 96 + LAYOUT_SLOTS * sizeof(struct layout);
	if (part_of("claims", &p->set))
		bytes += (size_t)host->possible_cpus *
		         (sizeof(struct scratch) + sizeof(struct counters));
	for (i = 0; i < sizeof(variant_maps) / sizeof(variant_maps[0]); i++)
		if (map_wanted(i, &p->set))
			bytes += variant_maps[i].bytes;
	return bytes;
}
