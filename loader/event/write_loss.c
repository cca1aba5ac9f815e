/* SPDX-License-Identifier: BSD-2-Clause */
/* Events that were lost, as an event. */
#include <inttypes.h>
#include <string.h>

#include "loader/event/ecs.h"
#include "loader/event/own.h"
#include "loader/event/writers.h"
#include "loader/stream/fields.h"

/* NULL: there was no room. */
static const char *reason_of(const struct loss *loss)
{
	return loss->is_shed  ? "their user had used up the share of the ring"
	       : loss->output ? "the output has dropped them"
	                      : loss->reason;
}

/* ECS: an event may be missing, so event.kind is not "event". */
static const struct own_event own = {
	.kind = "pipeline_error", .type = "info", .action = "loss", .dataset = "loss"
};

void own_loss(struct jsonw *json, const struct loss *loss)
{
	const char *reason = reason_of(loss);

	if (loss->type < EVENT_TYPES && !loss->output)
		jsonw_u64(json, "cpu", loss->cpu);
	jsonw_object_open(json, "loss");
	jsonw_string(json, "class", loss->type < EVENT_TYPES ? event_type_name(loss->type) : NULL);
	if (loss->count)
		jsonw_u64(json, "count", loss->count);
	else
		jsonw_string(json, "count", NULL);
	if (reason)
		jsonw_string(json, "reason", reason);
	if (loss->output)
		jsonw_bytes(json, "output", loss->output, strlen(loss->output));
	jsonw_object_close(json);
}

void format_loss_json(struct format *f, uint64_t time_ns, const struct loss *loss)
{
	struct jsonw *json = &f->json;

	jsonw_reset(json);
	notes_reset(&f->notes);
	jsonw_object_open(json, NULL);
	ecs_own_head(f, time_ns, &own);
	jsonw_object_open(json, "sextant");
	own_loss(json, loss);
	ecs_sextant_close(f);
	jsonw_object_close(json);
}

void format_loss_text(struct format *f, uint64_t time_ns, const struct loss *loss)
{
	char time[CLOCK_TEXT_BYTES];

	jsonw_reset(&f->json);
	clock_text(time_ns + f->clock.monotonic_ns, time);
	jsonw_printf(&f->json, "%.12s %-6s ", time + 11, "loss");
	if (loss->reason) {
		jsonw_printf(&f->json, "%s", loss->reason);
		return;
	}
	jsonw_printf(&f->json, "%" PRIu64 " %s events", loss->count,
	             loss->type < EVENT_TYPES ? event_type_name(loss->type) : "unknown");
	if (loss->output) {
		jsonw_printf(&f->json, " by ");
		jsonw_escaped(&f->json, loss->output);
		return;
	}
	if (loss->type < EVENT_TYPES)
		jsonw_printf(&f->json, " on CPU %u%s%s", loss->cpu, loss->is_shed ? ": " : "",
		             loss->is_shed ? reason_of(loss) : "");
}
