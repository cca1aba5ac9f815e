/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "fields.h"
#include "maps.h"
#include "probes.h"
#include "tracefs.h"

/* ---- variants --------------------------------------------------------- */

/* A way to get one class of events. */
struct variant {
	unsigned int classes; /* 1 << enum event_type */
	const char *name;     /* for people */
	const char *program;
	const char *tail; /* program behind a slot of tail_calls, or NULL */
	enum tail_call slot;
	const char *category, *tracepoint;
	const struct tracefs_field *fields; /* of the context that the program reads */
	enum layout_id needs[4]; /* facts without which it reports nothing; ends with 0 */
};

static const struct tracefs_field newtask_fields[] = {
	{ "pid", 8, 4 },
	{ "clone_flags", 32, 8 },
	{ NULL, 0, 0 },
};

/* Per class in the order of choice. Facts with index 0 (task_struct.pid) cannot be needs. */
static const struct variant variants[] = {
	{ 1 << EVENT_EXEC,
	  "tracepoint sched:sched_process_exec",
	  "t1_exec",
	  "t1_exec_walk",
	  TAIL_EXEC_WALK,
	  "sched",
	  "sched_process_exec",
	  NULL,
	  { 0 } },
	{ 1 << EVENT_FORK | 1 << EVENT_THREAD,
	  "tracepoint task:task_newtask",
	  "t1_fork",
	  NULL,
	  0,
	  "task",
	  "task_newtask",
	  newtask_fields,
	  { 0 } },
	{ 1 << EVENT_EXIT,
	  "tracepoint sched:sched_process_exit",
	  "t1_exit",
	  NULL,
	  0,
	  "sched",
	  "sched_process_exit",
	  NULL,
	  { LAYOUT_TASK_SIGNAL, LAYOUT_SIGNAL_LIVE } },
};

#define VARIANTS (sizeof(variants) / sizeof(variants[0]))
#define ALL_SET  ((1U << VARIANTS) - 1)

struct probes {
	const struct host *host;
	uint32_t kern_version; /* as kprobe programs must name it before 5.0 */
	struct bpf_object *object;
	unsigned int set; /* 1 << index of the variants that are loaded */
	struct class_state classes[EVENT_TYPES];
	struct bpf_link *links[VARIANTS];
	struct perf_buffer *rings;
	probes_record_fn record;
	probes_lost_fn lost;
	void *arg;
};

/* The ELF, by object.S. */
extern const char probes_object[], probes_object_end[];

/* Bytes of ring per CPU: at 20,000 exec/s of 700 bytes it holds 150 ms. */
#define RING_BYTES (1024 * 1024)

/* ---- libbpf's messages ------------------------------------------------ */

static bool verbose;
static char
	cause[256]; /* of the failure at hand: the verifier's last word, else the first warning */
static bool cause_is_verifier;

static void cause_reset(void)
{
	cause[0] = '\0';
	cause_is_verifier = false;
}

/* The verifier's log ends with its complaint, then "processed N insns". */
static void cause_from_log(char *log)
{
	char *line, *save = NULL;

	for (line = strtok_r(log, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, "processed ", 10) || strstr(line, "-- END PROG LOAD LOG --"))
			break;
		snprintf(cause, sizeof(cause), "%s", line);
	}
	cause_is_verifier = true;
}

static void cause_note(char *text)
{
	if (strstr(text, "-- BEGIN PROG LOAD LOG --"))
		cause_from_log(text);
	else if (!cause_is_verifier && !*cause)
		snprintf(cause, sizeof(cause), "%.*s", (int)strcspn(text, "\n"), text);
}

static int libbpf_message(enum libbpf_print_level level, const char *format, va_list args)
{
	char *text = NULL;
	va_list copy;

	if (level == LIBBPF_WARN) {
		va_copy(copy, args);
		if (vasprintf(&text, format, copy) >= 0)
			cause_note(text);
		va_end(copy);
		free(text);
	}
	return verbose ? vfprintf(stderr, format, args) : 0;
}

void probes_verbose(void)
{
	verbose = true;
}

/* ---- load ------------------------------------------------------------- */

/* Before 5.11 (memcg accounting) maps count against it; where that matters loading will tell. */
static void memlock_raise(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
}

static bool program_of(const char *name, unsigned int set)
{
	size_t i;

	for (i = 0; i < VARIANTS; i++)
		if (set & (1U << i) && (!strcmp(variants[i].program, name) ||
		                        (variants[i].tail && !strcmp(variants[i].tail, name))))
			return true;
	return false;
}

static int object_size(const struct host *host, struct bpf_object *object)
{
	struct bpf_map *scratch = bpf_object__find_map_by_name(object, "scratch");

	return scratch ? bpf_map__set_max_entries(scratch, host->possible_cpus) : -ENOENT;
}

/* Opens and loads the programs of a set of variants; NULL: errno says why. */
static struct bpf_object *object_load(const struct probes *p, unsigned int set)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "sextant");
	struct bpf_object *object;
	struct bpf_program *program;
	int err;

	object = bpf_object__open_mem(probes_object, probes_object_end - probes_object, &opts);
	if (!object)
		return NULL;
	bpf_object__for_each_program (program, object)
		bpf_program__set_autoload(program, program_of(bpf_program__name(program), set));
	err = object_size(p->host, object);
	if (!err)
		err = bpf_object__set_kversion(object, p->kern_version);
	if (!err)
		err = bpf_object__load(object);
	if (!err)
		return object;
	bpf_object__close(object);
	errno = -err;
	return NULL;
}

static int tail_calls_fill(struct bpf_object *object, unsigned int set)
{
	int map = bpf_object__find_map_fd_by_name(object, "tail_calls");
	size_t i;

	for (i = 0; i < VARIANTS; i++) {
		struct bpf_program *program;
		__u32 slot = variants[i].slot;
		int fd;

		if (!(set & (1U << i)) || !variants[i].tail)
			continue;
		program = bpf_object__find_program_by_name(object, variants[i].tail);
		fd = program ? bpf_program__fd(program) : -1;
		if (fd < 0 || bpf_map_update_elem(map, &slot, &fd, BPF_ANY))
			return -EINVAL;
	}
	return 0;
}

/* Writes the fate of a variant's classes. */
static void classes_set(struct probes *p, size_t i, bool works, const char *reason)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		struct class_state *c = &p->classes[type];

		if (!(variants[i].classes & (1U << type)) || !c->wanted || c->variant)
			continue;
		if (works)
			c->variant = variants[i].name;
		snprintf(c->reason, sizeof(c->reason), "%s", works ? "" : reason);
	}
}

static bool classes_open(const struct probes *p, size_t i)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++)
		if (variants[i].classes & (1U << type) && p->classes[type].wanted &&
		    !p->classes[type].variant)
			return true;
	return false;
}

static bool facts_present(const struct layout *layout, const struct variant *v, char *reason,
                          size_t size)
{
	size_t i;

	for (i = 0; i < 4 && v->needs[i]; i++)
		if (layout->facts[v->needs[i]].offset == LAYOUT_ABSENT) {
			snprintf(reason, size, "%s: this kernel's row lacks %s", v->name,
			         offsets_fact_name(v->needs[i]));
			return false;
		}
	return true;
}

/* All first choices at once: that is what nearly every kernel takes. */
static unsigned int first_choices(struct probes *p, const struct layout *layout)
{
	unsigned int set = 0;
	char reason[256];
	size_t i;

	for (i = 0; i < VARIANTS; i++) {
		if (!classes_open(p, i))
			continue;
		if (facts_present(layout, &variants[i], reason, sizeof(reason))) {
			set |= 1U << i;
			classes_set(p, i, true, "");
		} else {
			classes_set(p, i, false, reason);
		}
	}
	return set;
}

static void classes_reset(struct probes *p)
{
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		p->classes[type].variant = NULL;
		p->classes[type].reason[0] = '\0';
	}
}

/* One by one: which variants does this kernel take? */
static unsigned int tried_choices(struct probes *p, const struct layout *layout)
{
	unsigned int set = 0;
	char reason[256];
	size_t i;

	classes_reset(p);
	for (i = 0; i < VARIANTS; i++) {
		struct bpf_object *object;

		if (!classes_open(p, i))
			continue;
		if (!facts_present(layout, &variants[i], reason, sizeof(reason))) {
			classes_set(p, i, false, reason);
			continue;
		}
		cause_reset();
		object = object_load(p, 1U << i);
		if (object) {
			set |= 1U << i;
			classes_set(p, i, true, "");
		} else {
			snprintf(reason, sizeof(reason), "%s: not accepted: %s (%s)",
			         variants[i].name, strerror(errno), cause);
			classes_set(p, i, false, reason);
		}
		bpf_object__close(object);
	}
	return set;
}

static int load(struct probes *p, const struct layout *layout, struct offsets_error *error)
{
	p->set = first_choices(p, layout);
	if (p->set)
		p->object = object_load(p, p->set);
	if (!p->object && p->set && (errno == EPERM || errno == EACCES) && geteuid())
		return offsets_fail(error, -EPERM,
		                    "BPF programs cannot be loaded without root; run as root");
	if (!p->object && p->set) {
		p->set = tried_choices(p, layout);
		if (p->set)
			p->object = object_load(p, p->set);
	}
	if (!p->object)
		return offsets_fail(
			error, errno == EPERM ? -EPERM : -ENOTSUP,
			"this kernel takes none of the programs (%s); 'sextant check' says why",
			*cause ? cause : "facts are missing");
	if (tail_calls_fill(p->object, p->set))
		return offsets_fail(error, -ENOTSUP, "the tail calls cannot be set: %s", cause);
	return 0;
}

int probes_load(const struct host *host, const struct layout *layout, unsigned int classes,
                struct probes **ret, struct offsets_error *error)
{
	struct probes *p = calloc(1, sizeof(*p));
	unsigned int type;
	int err;

	*ret = NULL;
	if (!p)
		return offsets_fail(error, -ENOMEM, "out of memory");
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(libbpf_message);
	cause_reset();
	memlock_raise();
	p->host = host;
	p->kern_version = host_kern_version(host);
	for (type = 0; type < EVENT_TYPES; type++)
		p->classes[type].wanted = classes & (1U << type);
	err = load(p, layout, error);
	*ret = p; /* also on failure: the classes say why */
	return err;
}

void probes_free(struct probes *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < VARIANTS; i++)
		bpf_link__destroy(p->links[i]);
	perf_buffer__free(p->rings);
	bpf_object__close(p->object);
	free(p);
}

const struct class_state *probes_class(const struct probes *p, enum event_type type)
{
	return &p->classes[type];
}

/* ---- attach and run --------------------------------------------------- */

static void ring_record(void *arg, int cpu, void *data, __u32 size)
{
	struct probes *p = arg;

	(void)cpu;
	p->record(p->arg, data, size);
}

static void ring_lost(void *arg, int cpu, __u64 count)
{
	struct probes *p = arg;

	p->lost(p->arg, cpu, count);
}

static int rings_open(struct probes *p, struct offsets_error *error)
{
	int fd = bpf_object__find_map_fd_by_name(p->object, "events");

	p->rings = perf_buffer__new(fd, RING_BYTES / sysconf(_SC_PAGESIZE), ring_record, ring_lost,
	                            p, NULL);
	if (!p->rings)
		return offsets_fail(error, -errno, "the event rings cannot be opened: %s (%s)",
		                    strerror(errno), cause);
	return 0;
}

static void variant_drop(struct probes *p, size_t i, const char *reason)
{
	unsigned int type;

	p->set &= ~(1U << i);
	for (type = 0; type < EVENT_TYPES; type++) {
		struct class_state *c = &p->classes[type];

		if (!(variants[i].classes & (1U << type)) || !c->wanted)
			continue;
		c->variant = NULL;
		snprintf(c->reason, sizeof(c->reason), "%.255s", reason);
	}
}

void probes_check_tracepoints(struct probes *p, const char *tracefs)
{
	struct offsets_error error;
	size_t i;

	for (i = 0; i < VARIANTS; i++) {
		const struct variant *v = &variants[i];

		if (p->set & (1U << i) &&
		    tracefs_fields_check(tracefs, v->category, v->tracepoint, v->fields, &error))
			variant_drop(p, i, error.text);
	}
}

static int variant_attach(struct probes *p, size_t i, struct offsets_error *error)
{
	const struct variant *v = &variants[i];
	struct bpf_program *program = bpf_object__find_program_by_name(p->object, v->program);

	p->links[i] = bpf_program__attach_tracepoint(program, v->category, v->tracepoint);
	if (p->links[i])
		return 0;
	return offsets_fail(error, -errno, "%s: cannot be attached: %s", v->name, strerror(errno));
}

int probes_attach(struct probes *p, const char *tracefs, probes_record_fn record,
                  probes_lost_fn lost, void *arg, struct offsets_error *error)
{
	size_t i;
	int err;

	p->record = record;
	p->lost = lost;
	p->arg = arg;
	err = rings_open(p, error);
	if (err)
		return err;
	probes_check_tracepoints(p, tracefs);
	for (i = 0; i < VARIANTS; i++)
		if (p->set & (1U << i) && variant_attach(p, i, error))
			variant_drop(p, i, error->text);
	if (p->set)
		return 0;
	return offsets_fail(error, -ENOTSUP,
	                    "no event class could be attached; 'sextant check' says why");
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
	return map_put(p, "settings", 0, settings, error);
}

int probes_poll(struct probes *p, int timeout_ms)
{
	int n = timeout_ms ? perf_buffer__poll(p->rings, timeout_ms)
	                   : perf_buffer__consume(p->rings);

	return n < 0 ? n : 0;
}

int probes_counters(struct probes *p, struct counters *ret, struct offsets_error *error)
{
	struct counters sum = { 0 }, *all = calloc(p->host->possible_cpus, sizeof(*all));
	int fd = bpf_object__find_map_fd_by_name(p->object, "counters"), cpu, type;
	__u32 key = 0;

	_Static_assert(sizeof(*all) % 8 == 0, "per-CPU values are rounded up to 8 bytes");
	if (!all)
		return offsets_fail(error, -ENOMEM, "out of memory");
	if (bpf_map_lookup_elem(fd, &key, all)) {
		free(all);
		return offsets_fail(error, -errno, "BPF map counters cannot be read: %s",
		                    strerror(errno));
	}
	for (cpu = 0; cpu < p->host->possible_cpus; cpu++) {
		sum.sequence += all[cpu].sequence;
		for (type = 0; type < EVENT_TYPES; type++) {
			sum.sent[type] += all[cpu].sent[type];
			sum.lost[type] += all[cpu].lost[type];
			sum.no_scratch[type] += all[cpu].no_scratch[type];
		}
	}
	free(all);
	*ret = sum;
	return 0;
}

size_t probes_memory(const struct host *host)
{
	size_t rings = (size_t)host->online_cpus * (RING_BYTES + sysconf(_SC_PAGESIZE));
	size_t scratch = (size_t)host->possible_cpus * sizeof(struct scratch);
	size_t counters = (size_t)host->possible_cpus * sizeof(struct counters);
	size_t exited = (size_t)EXITED_ENTRIES * 96; /* element and its list nodes */

	return rings + scratch + counters + exited + LAYOUT_SLOTS * sizeof(struct layout);
}
