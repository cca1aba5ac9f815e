/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of a container: in events of its processes, and as an event when it is known. */
#include "loader/event/ecs.h"
#include "loader/event/words.h"
#include "loader/event/writers.h"

static const struct own_event own = {
	.kind = "event", .type = "info", .action = "container", .dataset = "container"
};

void format_container_json(struct format *f, uint64_t time_ns, const struct container_id *id)
{
	struct jsonw *json = &f->json;

	jsonw_reset(json);
	notes_reset(&f->notes);
	jsonw_object_open(json, NULL);
	ecs_own_head(f, time_ns, &own);
	ecs_container(f, *id);
	jsonw_object_open(json, "sextant");
	ecs_sextant_close(f);
	jsonw_object_close(json);
}

static void word(struct format *f, const char *key, const struct container_fact *fact)
{
	if (!fact->size)
		return;
	jsonw_printf(&f->json, " %s ", key);
	words_word(&f->json, fact->bytes, fact->size);
}

void format_container_text(struct format *f, uint64_t time_ns, const struct container_id *id)
{
	const struct container_facts *facts =
		f->containers ? containers_facts(f->containers, *id) : NULL;
	char time[CLOCK_TEXT_BYTES];

	jsonw_reset(&f->json);
	clock_text(time_ns + f->clock.monotonic_ns, time);
	jsonw_printf(&f->json, "%.12s container ", time + 11);
	jsonw_put(&f->json, id->text, id->size);
	if (!facts)
		return;
	jsonw_printf(&f->json, " %s", container_runtime_name(facts->runtime));
	word(f, "name", &facts->texts[FACT_NAME]);
	word(f, "image", &facts->texts[FACT_IMAGE]);
	word(f, "tag", &facts->texts[FACT_TAG]);
	word(f, "namespace", &facts->texts[FACT_NAMESPACE]);
	word(f, "pod", &facts->texts[FACT_POD]);
}
