/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "offsets/facts.h"
#include "loader/agent/programs.h"
#include "loader/bpf/hook.h"
#include "loader/bpf/kprobe_events.h"
#include "loader/util/log.h"

int programs_namespace_check(struct offsets_error *error)
{
	if (host_pid_namespace_is_initial())
		return 0;
	return offsets_fail(
		error, -ENOTSUP,
		"this is a pid namespace of its own, where process ids are not those of the "
		"kernel; run it in the host's (in a container: --pid=host)");
}

int programs_identify(struct programs *p, const struct config *config, struct offsets_error *error)
{
	struct databases databases = config->databases;
	int err = host_identify(&p->host, error);

	databases.record = true;
	if (!err)
		err = choice_make(&p->host, &databases, config->override, &p->choice, error);
	if (!err)
		offsets_kernel_layout(p->choice.row, &p->layout);
	return err;
}

void programs_stop(struct programs *p)
{
	probes_free(p->probes);
	p->probes = NULL;
}

void programs_deinit(struct programs *p)
{
	programs_stop(p);
	choice_deinit(&p->choice);
}

/* Events of a killed run that cannot be removed are reported, and no reason not to start. */
static void sweep(const struct hook_host *hooks)
{
	struct offsets_error error;
	int count = hooks->tracefs ? hooks_sweep(hooks->tracefs, &error) : 0;

	if (count < 0)
		log_line(LEVEL_WARNING, "%s", error.text);
	if (count > 0)
		log_line(LEVEL_INFO, "removed %d kprobe events of a run that was killed", count);
}

static int arm(struct programs *p, struct offsets_error *error)
{
	int err = programs_set(p, error);

	return err ? err : probes_arm(p->probes, &p->layout, error);
}

/* What is reported until the rules are applied. */
static void settings_init(struct programs *p, const struct config *config)
{
	p->settings.classes = config->classes;
	p->settings.env = *config->env != '\0';
}

int programs_start(struct programs *p, const struct config *config, const struct probes_use *use,
                   struct offsets_error *error)
{
	struct probes_request request = {
		.host = &p->host,
		.layout = &p->layout,
		.classes = config->classes,
		.tiers = config->tiers,
		.verbose = config->verbose,
	};
	int err;

	hook_host_init(&request.hooks, config->attach_methods);
	p->disabled = hook_switched_off();
	sweep(&request.hooks);
	settings_init(p, config);
	err = probes_load(&request, &p->probes, error);
	if (!err)
		err = probes_attach(p->probes, use, error);
	return err ? err : arm(p, error);
}

int programs_restart(struct programs *p, struct offsets_error *error)
{
	int err = probes_again(p->probes, error);

	return err ? err : arm(p, error);
}

int programs_rearm(struct programs *p, const struct layout *layout, struct offsets_error *error)
{
	p->layout = *layout;
	return arm(p, error);
}

unsigned int programs_classes(const struct programs *p)
{
	unsigned int type, classes = 0;

	for (type = 0; type < EVENT_TYPES; type++) {
		const struct class_state *c = probes_class(p->probes, type);

		if (c->source)
			classes |= 1U << type;
	}
	return classes;
}

int programs_set(struct programs *p, struct offsets_error *error)
{
	return probes_settings(p->probes, &p->settings, error);
}
