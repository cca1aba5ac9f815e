/* SPDX-License-Identifier: BSD-2-Clause */
/* The hash of a file that comes after the event of its exec, or of its module. */
#include "loader/event/ecs.h"
#include "loader/event/writers.h"
#include "offsets/util/escape.h"

static const struct own_event own = {
	.kind = "event", .type = "info", .action = "hash", .dataset = "hash"
};

static void module_file(struct format *f, const struct late_hash *late)
{
	jsonw_object_open(&f->json, "file");
	if (late->exe_size)
		ecs_bytes(f, "path", late->exe, late->exe_size, late->exe_size);
	ecs_file_numbers(f, late->module->inode, late->module->device, false);
	ecs_hash(&f->json, &late->hash);
	jsonw_object_close(&f->json);
}

void format_hash_json(struct format *f, uint64_t time_ns, const struct late_hash *late)
{
	struct jsonw *json = &f->json;

	jsonw_reset(json);
	notes_reset(&f->notes);
	jsonw_object_open(json, NULL);
	ecs_own_head(f, time_ns, &own);
	jsonw_object_open(json, "process");
	ecs_identity(f, late->process.pid, late->process.start_boottime_ns, late->is_start_unread);
	if (late->exe_size && !late->module)
		ecs_bytes(f, "executable", late->exe, late->exe_size, late->exe_size);
	if (!late->script && !late->module)
		ecs_hash(json, &late->hash);
	jsonw_object_close(json);
	if (late->module)
		module_file(f, late);
	jsonw_object_open(json, "sextant");
	if (late->script)
		ecs_script(f, late->script, false, &late->hash);
	else
		ecs_hash_missing(json, &late->hash);
	ecs_sextant_close(f);
	jsonw_object_close(json);
}

void format_hash_text(struct format *f, uint64_t time_ns, const struct late_hash *late)
{
	char time[CLOCK_TEXT_BYTES], exe[4 * 256 + 1];

	jsonw_reset(&f->json);
	clock_text(time_ns + f->clock.monotonic_ns, time);
	escape_text(late->exe, late->exe_size < 256 ? late->exe_size : 256, exe, sizeof(exe));
	jsonw_printf(&f->json, "%.12s hash   %u ", time + 11, late->process.pid);
	jsonw_put(&f->json, exe, strlen(exe));
	if (late->module)
		jsonw_printf(&f->json, " module");
	if (late->script)
		jsonw_printf(&f->json, " script %u:%u/%llu", late->script->device >> 20,
		             late->script->device & 0xfffff,
		             (unsigned long long)late->script->inode);
	if (late->hash.reason) {
		jsonw_printf(&f->json, " %s", late->hash.reason);
		return;
	}
	jsonw_put(&f->json, " ", 1);
	for (size_t i = 0; i < 32; i++)
		jsonw_digits(&f->json, late->hash.sha256[i], 16, 2);
}
