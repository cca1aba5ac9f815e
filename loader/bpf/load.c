/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that is chosen is loaded as one object, which nearly every kernel accepts.
 * Where one does not, each program is loaded alone, to know which ones it refuses.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/bpf/load.h"
#include "loader/bpf/verdict.h"

/* The ELF file, by object.S. */
extern const char probes_object[], probes_object_end[];

/* For the verifier's log: the most that all kernels take (UINT_MAX >> 8). */
#define LOG_BYTES ((16 << 20) - 1)

/* BPF_LOG_STATS of include/linux/bpf_verifier.h: no line for each step, which takes several times
 * as long as the check itself. From 5.2 on (06ee7115b0d1); what other kernels know is level 1. */
#define LOG_STATS       4
#define LOG_STATS_SINCE 0x50200

#define NO_ROOT "BPF programs cannot be loaded without root; run as root"

/* What is loaded: all that the plan has chosen, or one program of it. */
struct selection {
	struct plan *plan;
	const struct planned *only; /* NULL: all */
};

static bool selected(const struct selection *selection, const char *program)
{
	size_t count, i;
	const struct planned *list = plan_list(selection->plan, &count);

	if (selection->only)
		return !strcmp(selection->only->name, program);
	for (i = 0; i < count; i++)
		if (list[i].chosen && !strcmp(list[i].name, program))
			return true;
	return false;
}

/* ---- prepare ---------------------------------------------------------- */

/* Facts are constants to programs by fentry. */
static int constants_set(const struct load *load, struct bpf_object *object)
{
	struct constants constants = { .layout = *load->layout,
		                       .claimed_cpu = load->host->possible_cpus + 1 };

	return bpf_map__set_initial_value(bpf_object__find_map_by_name(object, ".rodata"),
	                                  &constants, sizeof(constants));
}

/* The log's last line says how much was walked. */
static int program_measure(struct load *load, struct bpf_program *program)
{
	struct program_state *state;

	state = realloc(load->programs, (load->program_count + 1) * sizeof(*state));
	if (!state)
		return -ENOMEM;
	load->programs = state;
	state += load->program_count;
	state->log = malloc(LOG_BYTES);
	if (!state->log)
		return -ENOMEM;
	load->program_count++;
	state->log[0] = '\0';
	state->walked = 0;
	snprintf(state->name, sizeof(state->name), "%s", bpf_program__name(program));
	bpf_program__set_log_level(program, load->version_code >= LOG_STATS_SINCE ? LOG_STATS : 1);
	return bpf_program__set_log_buf(program, state->log, LOG_BYTES);
}

static void programs_forget(struct load *load)
{
	while (load->program_count)
		free(load->programs[--load->program_count].log);
}

static int programs_select(struct load *load, struct bpf_object *object,
                           const struct selection *selection)
{
	struct bpf_program *program;
	int err = 0;

	programs_forget(load);
	bpf_object__for_each_program (program, object) {
		bool wanted = selected(selection, bpf_program__name(program));

		bpf_program__set_autoload(program, wanted);
		if (!err && wanted && load->measure)
			err = program_measure(load, program);
	}
	return err;
}

static int object_prepare(struct load *load, struct bpf_object *object,
                          const struct selection *selection)
{
	struct mapset maps = selection->only ? selection->only->maps : plan_maps(selection->plan);
	int err = mapset_prepare(&maps, load->host, object);

	if (!err)
		err = constants_set(load, object);
	if (!err)
		err = programs_select(load, object, selection);
	return err ? err : bpf_object__set_kversion(object, load->version_code);
}

/* ---- load ------------------------------------------------------------- */

/* The pages of the file inside this program are not needed until it is loaded again. */
static void file_forget(void)
{
	uintptr_t page = sysconf(_SC_PAGESIZE);
	uintptr_t begin = ((uintptr_t)probes_object + page - 1) / page * page;
	uintptr_t end = (uintptr_t)probes_object_end / page * page;

	if (end > begin)
		madvise((void *)begin, end - begin, MADV_DONTNEED);
}

/* NULL: errno says why, and verdict_cause(). */
static struct bpf_object *object_load(struct load *load, const struct selection *selection)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "sextant");
	struct bpf_object *object;
	int err;

	verdict_reset();
	object = bpf_object__open_mem(probes_object, probes_object_end - probes_object, &opts);
	if (!object)
		return NULL;
	err = object_prepare(load, object, selection);
	if (!err)
		err = bpf_object__load(object);
	file_forget();
	if (!err)
		return object;
	bpf_object__close(object);
	errno = -err;
	return NULL;
}

static int tail_set(struct bpf_object *object, const char *map, const struct tail *tail)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, tail->program);
	int fd = program ? bpf_program__fd(program) : -1;
	__u32 slot = tail->slot;

	if (fd < 0)
		return -EINVAL;
	return bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, map), &slot, &fd,
	                           BPF_ANY);
}

/* Those of the sources that are in use. */
static int tails_set(struct bpf_object *object, const struct plan *plan)
{
	const struct source *source;
	const struct tail *tail;
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		source = plan_source(plan, type);
		if (!source || !source->tails)
			continue;
		for (tail = source->tails->list; tail->program; tail++)
			if (tail_set(object, source->tails->map, tail))
				return -EINVAL;
	}
	return 0;
}

/* Each alone. True: some were refused. */
static bool refuse_unloadable(struct load *load, struct plan *plan)
{
	size_t count, i;
	struct planned *list = plan_list(plan, &count);
	char reason[512];
	bool found = false;

	for (i = 0; i < count; i++) {
		const struct selection one = { plan, &list[i] };
		struct bpf_object *object;

		if (!list[i].chosen)
			continue;
		object = object_load(load, &one);
		if (!object) {
			snprintf(reason, sizeof(reason), "not accepted: %s (%s)", strerror(errno),
			         verdict_cause());
			plan_refuse(&list[i], reason);
			found = true;
		}
		bpf_object__close(object);
	}
	return found;
}

static void programs_count_walked(struct load *load)
{
	size_t i;

	for (i = 0; i < load->program_count; i++)
		load->programs[i].walked = verdict_walked(load->programs[i].log);
}

int load_chosen(struct load *load, struct plan *plan, struct offsets_error *error)
{
	const struct selection all = { plan, NULL };

	load->object = object_load(load, &all);
	load->no_rights = !load->object && (errno == EPERM || errno == EACCES);
	programs_count_walked(load);
	if (!load->object) {
		if (load->no_rights && geteuid())
			return offsets_fail(error, -EPERM, NO_ROOT);
		if (refuse_unloadable(load, plan))
			return -EAGAIN;
		return load_nothing(load, error);
	}
	if (tails_set(load->object, plan))
		return offsets_fail(error, -ENOTSUP, "the tail calls cannot be set: %s",
		                    verdict_cause());
	return 0;
}

/* A user who is not root may not even see the hooks. */
int load_nothing(const struct load *load, struct offsets_error *error)
{
	const char *off = hook_switched_off();

	if (geteuid())
		return offsets_fail(error, -EPERM, NO_ROOT);
	return offsets_fail(
		error, load->no_rights ? -EPERM : -ENOTSUP,
		"this kernel accepts none of the programs (%s%s%s); 'sextant check' says why",
		off ? off : "", off ? ": " : "",
		*verdict_cause() ? verdict_cause() : "hooks or offsets are missing");
}

void load_drop(struct load *load)
{
	bpf_object__close(load->object);
	load->object = NULL;
}

void load_leave(struct load *load)
{
	load_drop(load);
	malloc_trim(0);
}

void load_deinit(struct load *load)
{
	load_drop(load);
	programs_forget(load);
	free(load->programs);
	load->programs = NULL;
}
