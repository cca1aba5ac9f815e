/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "loader/agent/rules.h"
#include "loader/rules/filter_file.h"
#include "loader/util/log.h"
#include "loader/util/signals.h"

int rules_init(struct rules *r, const char *path, struct offsets_error *error)
{
	r->path = path;
	r->filter = calloc(1, sizeof(*r->filter));
	if (!r->filter)
		return offsets_fail(error, -ENOMEM, "out of memory");
	return filter_file_read(path, r->filter, error);
}

void rules_deinit(struct rules *r)
{
	free(r->filter);
}

int rules_apply(struct rules *r, struct programs *programs, struct offsets_error *error)
{
	struct settings *settings = &programs->settings;
	int err;

	settings->filters = settings->only = 0;
	settings->classes = r->classes;
	settings->watched |= WATCH_ALL;
	err = programs_set(programs, error);
	if (!err)
		err = probes_filter(programs->probes, r->filter, error);
	if (err)
		return err;
	settings->classes = r->classes & r->filter->classes;
	filter_settings(r->filter, &programs->layout, settings);
	return programs_set(programs, error);
}

int rules_look(struct rules *r, struct programs *programs, uint64_t now_ns, bool *ret_new,
               struct offsets_error *error)
{
	struct offsets_error cause;
	int err;

	*ret_new = false;
	if (!r->path)
		return 0;
	if (signals_rules())
		settled_await(r->path, now_ns, &r->file);
	if (!settled_now(r->path, now_ns, &r->file))
		return 0;
	if (filter_file_read(r->path, r->filter, &cause)) {
		log_line(LEVEL_WARNING, "%s; the rules stay as they were", cause.text);
		return 0;
	}
	err = rules_apply(r, programs, error);
	if (err)
		return err;
	*ret_new = true;
	log_line(LEVEL_INFO, "%s: %zu rules in force", r->path, r->filter->given);
	return 0;
}
