/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Puts the parts together: plan (what), load, attach, control (maps that are
 * written), reader (rings), counts. What cannot be loaded or attached is refused
 * in the plan, and all is done again with what is left.
 */
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "loader/bpf/attach.h"
#include "loader/bpf/control.h"
#include "loader/bpf/ended.h"
#include "loader/bpf/plan.h"
#include "loader/bpf/probes.h"
#include "loader/bpf/ring.h"
#include "loader/bpf/tier.h"
#include "loader/bpf/verdict.h"
#include "loader/host/clock.h"

struct probes {
	struct hook_host hooks;
	const struct host *host;
	struct plan *plan;
	struct load load;
	struct attachment *attachments; /* by the index of the plan's list */
	struct control control;
	struct reader *reader;
	struct counts *counts;
	struct probes_use use;
	const struct kernel_side *kernel; /* of this process, or another one */
	void *kernel_arg;
	unsigned int tidy_in; /* calls of probes_tidy() until the next one that does it */
};

/* Fewer entries than that were left: they are looked for that seldom. */
#define TIDY_FEW     64
#define TIDY_SECONDS 5

/* Programs that run may take this long to their end: a CPU of a VM may stand still in one. */
#define SETTLE_NS      1000000000ULL
#define SETTLE_STEP_US 10000

/* ---- load ------------------------------------------------------------- */

/* Before 5.11 (memcg accounting) maps count against it; where that matters loading will tell. */
static void memlock_raise(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
}

static int load_all(struct probes *p, struct offsets_error *error)
{
	int err;

	do {
		if (!plan_make(p->plan))
			return load_nothing(&p->load, error);
		err = load_chosen(&p->load, p->plan, error);
	} while (err == -EAGAIN);
	if (err)
		return err;
	p->control.object = p->load.object;
	p->control.groups = plan_maps(p->plan).groups;
	p->control.attempts = plan_attempts(p->plan);
	return 0;
}

static void detach(struct probes *p)
{
	size_t count = 0, i;

	if (p->attachments)
		plan_list(p->plan, &count);
	for (i = 0; i < count; i++)
		attachment_close(&p->hooks, &p->attachments[i]);
}

static void unload(struct probes *p)
{
	detach(p);
	if (p->reader)
		reader_close(p->reader);
	load_drop(&p->load);
}

static int hook_here(void *arg, const struct hook *hook, enum attach_method *ret,
                     struct offsets_error *error)
{
	const struct probes *p = arg;

	return hook_method(&p->hooks, hook, ret, error);
}

/* False: out of memory. */
static bool parts_make(struct probes *p, const struct probes_request *request)
{
	const struct plan_request plan_request = {
		.layout = request->layout,
		.classes = request->classes,
		.tiers = request->tiers ? request->tiers : 1U << kernel_tier(),
		.hook = hook_here,
		.arg = p,
	};
	size_t count = 0;

	p->plan = plan_new(&plan_request);
	if (p->plan)
		plan_list(p->plan, &count);
	p->attachments = calloc(count + 1, sizeof(*p->attachments));
	p->reader = reader_new(request->host->possible_cpus);
	if (p->reader)
		p->counts = counts_new(request->host->possible_cpus, p->reader);
	return p->plan && p->attachments && p->counts;
}

int probes_load(const struct probes_request *request, struct probes **ret,
                struct offsets_error *error)
{
	struct probes *p = calloc(1, sizeof(*p));

	*ret = NULL;
	verdict_init(request->verbose);
	memlock_raise();
	if (!p || !parts_make(p, request)) {
		probes_free(p);
		return offsets_fail(error, -ENOMEM, "out of memory");
	}
	p->kernel = &probes_kernel;
	p->kernel_arg = p;
	counts_ask(p->counts, p->kernel, p->kernel_arg);
	p->hooks = request->hooks;
	p->host = request->host;
	p->load = (struct load){
		.host = request->host,
		.layout = request->layout,
		.version_code = kernel_version_code(request->host),
		.measure = request->measure,
	};
	*ret = p;
	return load_all(p, error);
}

void probes_free(struct probes *p)
{
	if (!p)
		return;
	unload(p);
	load_deinit(&p->load);
	counts_free(p->counts);
	reader_free(p->reader);
	free(p->attachments);
	plan_free(p->plan);
	free(p);
}

const struct class_state *probes_class(const struct probes *p, enum event_type type)
{
	return plan_class(p->plan, type);
}

void probes_facts(const struct probes *p, enum event_type type, bool facts[LAYOUT_MAX])
{
	plan_facts(p->plan, type, facts);
}

const struct program_state *probes_programs(const struct probes *p, size_t *ret_count)
{
	*ret_count = p->load.program_count;
	return p->load.programs;
}

/* ---- attach ----------------------------------------------------------- */

/* Is another one of our programs attached there? */
static bool is_ours(const struct probes *p, const struct planned *list, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (p->attachments[j].link && list[j].hook->kind == list[i].hook->kind &&
		    !strcmp(list[j].hook->text, list[i].hook->text))
			return true;
	return false;
}

/*
 * -EAGAIN: some could not be attached and are refused now: the first one, and all tracepoints
 * behind it, as what refuses one refuses several, and each try loads everything. Until 4.15
 * (e87c6bc3852b) a tracepoint takes one program, and a sensor that runs may have it (-EEXIST):
 * where that does not matter, only what is ours counts.
 */
static int attach_chosen(struct probes *p, bool others_matter)
{
	struct offsets_error error;
	size_t count, i;
	struct planned *list = plan_list(p->plan, &count);
	bool is_refused = false;

	for (i = 0; i < count; i++) {
		struct bpf_program *program;
		int err;

		if (!list[i].chosen || !list[i].hook ||
		    (is_refused && list[i].hook->kind != HOOK_TRACEPOINT))
			continue;
		program = bpf_object__find_program_by_name(p->load.object, list[i].name);
		err = attachment_open(&p->hooks, list[i].hook, list[i].method, program,
		                      &p->attachments[i], &error);
		if (!err || (err == -EEXIST && !others_matter && !is_ours(p, list, i)))
			continue;
		plan_refuse(&list[i], error.text);
		is_refused = true;
	}
	return is_refused ? -EAGAIN : 0;
}

int probes_try(struct probes *p, struct offsets_error *error)
{
	int err;

	while ((err = attach_chosen(p, false)) == -EAGAIN) {
		unload(p);
		err = load_all(p, error);
		if (err)
			break;
	}
	detach(p);
	return err;
}

/* Opens the rings before anything is attached. */
static int attach_once(struct probes *p, struct offsets_error *error)
{
	int err = reader_open(p->reader, p->kernel, p->kernel_arg, &p->use, error);

	if (err)
		return err;
	counts_begin(p->counts, p->control.groups);
	return attach_chosen(p, true);
}

int probes_attach(struct probes *p, const struct probes_use *use, struct offsets_error *error)
{
	int err;

	p->use = *use;
	while ((err = attach_once(p, error)) == -EAGAIN) {
		/* From the start with what is left: nobody has seen an event yet. */
		unload(p);
		err = load_all(p, error);
		if (err)
			break;
	}
	return err;
}

int probes_reattach(struct probes *p, enum event_type type, struct offsets_error *error)
{
	struct offsets_error cause;
	size_t count, i;
	struct planned *list = plan_list(p->plan, &count);
	int err = 0;

	for (i = 0; i < count; i++) {
		const char *name = list[i].name;
		int failed;

		if (!list[i].hook || !plan_serves(p->plan, &list[i], type))
			continue;
		attachment_close(&p->hooks, &p->attachments[i]);
		failed = attachment_open(&p->hooks, list[i].hook, list[i].method,
		                         bpf_object__find_program_by_name(p->load.object, name),
		                         &p->attachments[i], &cause);
		if (failed && !err)
			err = offsets_fail(error, failed, "%s: %s", list[i].hook->text, cause.text);
	}
	return err;
}

void probes_refuse(struct probes *p, enum event_type type, const char *reason)
{
	plan_refuse_source(p->plan, type, reason);
}

int probes_again(struct probes *p, struct offsets_error *error)
{
	const struct probes_use use = p->use;
	int err;

	unload(p);
	err = load_all(p, error);
	return err ? err : probes_attach(p, &use, error);
}

/* ---- control ---------------------------------------------------------- */

int probes_arm(struct probes *p, const struct layout *layout, struct offsets_error *error)
{
	return control_arm(&p->control, layout, error);
}

int probes_settings(struct probes *p, const struct settings *settings, struct offsets_error *error)
{
	return control_settings(&p->control, settings, error);
}

int probes_filter(struct probes *p, const struct filter *filter, struct offsets_error *error)
{
	return control_filter(&p->control, filter, error);
}

int probes_filter_add(struct probes *p, const struct filter *filter, struct offsets_error *error)
{
	return control_filter_add(&p->control, filter, error);
}

void probes_filter_drop(struct probes *p, const struct filter *before, const struct filter *filter)
{
	control_filter_drop(&p->control, before, filter);
}

int probes_link(struct probes *p, const struct linked_file *file, struct offsets_error *error)
{
	return control_link(&p->control, file, error);
}

unsigned int probes_links_lost(struct probes *p)
{
	return control_links_lost(&p->control);
}

int probes_forget_opened(struct probes *p, struct offsets_error *error)
{
	return control_forget_opened(&p->control, error);
}

void probes_open_maps(const struct probes *p, int ret[ADOPT_MAPS])
{
	adopt_maps(p->load.object, ret);
}

int probes_adopt(struct probes *p, const int maps[ADOPT_MAPS], bool *ret_files,
                 struct offsets_error *error)
{
	uint64_t connections = 0, files = 0;
	int err = adopt(p->load.object, maps, &connections, &files);

	counts_adopted(p->counts, connections);
	*ret_files = files;
	return err ? offsets_fail(error, err,
	                          "the sensor that is to be taken over is of a version that "
	                          "cannot hand over; end it first")
	           : 0;
}

void probes_tidy(struct probes *p)
{
	if (p->tidy_in) {
		p->tidy_in--;
		return;
	}
	if (ended_remove(p->load.object, p->control.groups) < TIDY_FEW)
		p->tidy_in = TIDY_SECONDS - 1;
}

/* ---- the kernel's side ------------------------------------------------- */

static struct kernel_local local_of(const struct probes *p)
{
	return (struct kernel_local){ p->load.object, p->host->possible_cpus };
}

static int local_ring(void *arg, unsigned int cpu, int *ret)
{
	const struct kernel_local local = local_of(arg);

	return kernel_local_ring(&local, cpu, ret);
}

static int local_counters(void *arg, unsigned int first, unsigned int count, struct counters *ret)
{
	const struct kernel_local local = local_of(arg);

	return kernel_local_counters(&local, first, count, ret);
}

static int local_flows(void *arg, const struct flows_wanted *wanted, struct flows_taken *ret)
{
	const struct probes *p = arg;
	int map = bpf_object__find_map_fd_by_name(p->load.object, "flows");

	return kernel_local_flows(map, wanted, ret);
}

static int local_connections(void *arg, uint64_t *ret)
{
	const struct kernel_local local = local_of(arg);

	return kernel_local_connections(&local, ret);
}

static int local_silence(void *arg)
{
	const struct settings none = { .self_tgid = getpid() };
	struct offsets_error error;

	return probes_settings(arg, &none, &error);
}

static int local_missed(void *arg, uint64_t *ret)
{
	const struct probes *p = arg;
	size_t count, i;

	*ret = 0;
	plan_list(p->plan, &count);
	for (i = 0; i < count; i++)
		*ret += attachment_missed(p->hooks.tracefs, &p->attachments[i]);
	return 0;
}

const struct kernel_side probes_kernel = {
	.ring = local_ring,
	.counters = local_counters,
	.flows = local_flows,
	.connections = local_connections,
	.silence = local_silence,
	.missed = local_missed,
};

void probes_ask(struct probes *p, const struct kernel_side *kernel, void *arg)
{
	p->kernel = kernel;
	p->kernel_arg = arg;
	counts_ask(p->counts, kernel, arg);
	reader_open_by(p->reader, kernel, arg);
	load_leave(&p->load); /* links too would be detached: their descriptors go with the rest */
}

void probes_fds(const struct probes *p, void (*fn)(void *arg, int fd), void *arg)
{
	reader_fds(p->reader, fn, arg);
}

void probes_serve(struct probes *p)
{
	reader_close(p->reader);
	malloc_trim(0);
}

/* ---- read ------------------------------------------------------------- */

int probes_fd(const struct probes *p)
{
	return reader_fd(p->reader);
}

int probes_read(struct probes *p, bool to_the_end)
{
	return reader_read(p->reader, to_the_end);
}

bool probes_unread(const struct probes *p)
{
	return reader_unread(p->reader);
}

void probes_hold(struct probes *p, uint64_t from_ns)
{
	reader_hold(p->reader, from_ns);
}

int probes_stamps(const struct probes *p, uint64_t begin_ns, uint64_t end_ns, struct stamps *ret)
{
	return reader_stamps(p->reader, begin_ns, end_ns, ret);
}

bool probes_wait(const struct probes *p)
{
	return reader_wait(p->reader);
}

int probes_poll(struct probes *p, int timeout_ms)
{
	struct pollfd fd = { reader_fd(p->reader), POLLIN, 0 };

	poll(&fd, 1, timeout_ms);
	return probes_read(p, !timeout_ms);
}

void probes_levels(const struct probes *p, uint64_t *ret_ring, uint64_t *ret_high,
                   uint64_t *ret_held)
{
	*ret_ring = RING_BYTES;
	*ret_high = reader_high(p->reader);
	*ret_held = reader_held(p->reader);
}

bool probes_pressure(struct probes *p)
{
	return reader_fill_take(p->reader) > RING_BYTES / 4 * 3;
}

uint64_t probes_incomplete(const struct probes *p)
{
	return reader_incomplete(p->reader);
}

int probes_missed(const struct probes *p, uint64_t *ret)
{
	return p->kernel->missed(p->kernel_arg, ret);
}

int probes_losses(struct probes *p, probes_loss_fn fn, void *arg, struct offsets_error *error)
{
	return counts_losses(p->counts, fn, arg, error);
}

int probes_flows(struct probes *p, uint64_t idle_ns, probes_loss_fn fn, void *arg,
                 struct offsets_error *error)
{
	return counts_flows(p->counts, idle_ns, fn, arg, error);
}

bool probes_flows_wait(const struct probes *p)
{
	return counts_flows_wait(p->counts);
}

int probes_silence(struct probes *p, struct offsets_error *error)
{
	uint64_t end = clock_monotonic_ns() + SETTLE_NS;
	int err = p->kernel->silence(p->kernel_arg);

	if (err)
		offsets_fail(error, err, "the programs cannot be silenced: %s", strerror(-err));
	do {
		usleep(SETTLE_STEP_US);
		if (!err)
			err = counts_read(p->counts, error);
		if (!err)
			err = probes_read(p, true);
	} while (!err && !counts_settled(p->counts) && clock_monotonic_ns() < end);
	return err;
}

size_t probes_memory(const struct probes *p)
{
	struct mapset maps = plan_maps(p->plan);

	return mapset_bytes(&maps, p->host) +
	       (size_t)p->host->online_cpus * (RING_BYTES + sysconf(_SC_PAGESIZE));
}
