/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor says of itself, as records of audit: one of type TRUSTED_APP each. */
#include <string.h>
#include <unistd.h>

#include "loader/audit/audit_file.h"
#include "loader/audit/audit_task.h"
#include "loader/audit/audit_writers.h"
#include "loader/event/ecs.h"
#include "loader/event/own.h"
#include "loader/stream/fields.h"

#define SECOND_NS 1000000000

static void own_open(struct audit *a, struct format *f, uint64_t time_ns, const char *op)
{
	const struct audit_task task = {
		.pid = getpid(), .uid = getuid(), .auid = AUDIT_UNSET, .ses = AUDIT_UNSET
	};

	audit_open(a, f, time_ns);
	audit_own_open(a, &task, op);
}

static void words_put(struct audit *a, const char *key, const char *words)
{
	size_t size = strlen(words);

	audit_own_text(a, key, words, size < AUDIT_OWN_BYTES ? size : AUDIT_OWN_BYTES);
}

void format_loss_audit(struct format *f, uint64_t time_ns, const struct loss *loss)
{
	struct audit a;

	own_open(&a, f, time_ns, "loss");
	audit_own_word(&a, "class", loss->type < EVENT_TYPES ? event_type_name(loss->type) : "?");
	if (loss->count)
		audit_own_number(&a, "count", loss->count);
	else
		audit_own_word(&a, "count", "?");
	if (loss->type < EVENT_TYPES && !loss->output)
		audit_own_number(&a, "cpu", loss->cpu);
	if (loss->output)
		audit_own_path(&a, "output", loss->output, strlen(loss->output));
	else if (loss->reason || loss->is_shed)
		words_put(&a, "reason", loss->is_shed ? "share" : loss->reason);
	audit_own_close(&a, true);
}

void format_agent_audit(struct format *f, uint64_t time_ns, enum agent_action action,
                        const struct agent_report *report)
{
	uint64_t made, lost;
	struct audit a;

	agent_report_sums(report, &made, &lost);
	own_open(&a, f, time_ns, own_agent_action(action));
	audit_own_word(&a, "state", agent_report_state(report));
	audit_own_number(&a, "uptime", report->uptime_ns / SECOND_NS);
	audit_own_number(&a, "events", made);
	audit_own_number(&a, "lost", lost);
	audit_own_close(&a, false);
}

void format_class_audit(struct format *f, uint64_t time_ns, enum event_type type,
                        const char *reason)
{
	struct audit a;

	own_open(&a, f, time_ns, own_class_action(reason));
	audit_own_word(&a, "class", event_type_name(type));
	if (reason)
		words_put(&a, "reason", reason);
	audit_own_close(&a, reason);
}

void format_budget_audit(struct format *f, uint64_t time_ns, const struct budget_report *budget,
                         const char *executable)
{
	struct audit a;

	own_open(&a, f, time_ns, own_budget_action(budget));
	audit_own_number(&a, "percent", budget->percent);
	audit_own_number(&a, "used", budget->used);
	if (budget->share_bytes) {
		audit_own_number(&a, "share_bytes", budget->share_bytes);
		audit_own_path(&a, "most_of", executable, strlen(executable));
	}
	audit_own_close(&a, budget->share_bytes);
}

void format_hash_audit(struct format *f, uint64_t time_ns, const struct late_hash *late)
{
	struct audit a;

	own_open(&a, f, time_ns, "hash");
	audit_own_number(&a, "opid", late->process.pid);
	audit_own_path(&a, "path", late->exe, late->exe_size);
	if (late->module) {
		audit_own_number(&a, "inode", late->module->inode);
		audit_device(&a, "dev", late->module->device);
	}
	if (late->script) {
		audit_own_number(&a, "script_inode", late->script->inode);
		audit_device(&a, "script_dev", late->script->device);
	}
	if (late->hash.reason) {
		words_put(&a, "reason", late->hash.reason);
	} else {
		audit_word(&a, "sha256", "");
		audit_bytes(a.out, late->hash.sha256, 32);
	}
	audit_own_close(&a, late->hash.reason);
}

/* As long as in ECS at most. */
static void fact_put(struct audit *a, const char *key, const struct container_fact *fact,
                     size_t max)
{
	if (fact->size)
		audit_own_text(a, key, fact->bytes, fact->size < max ? fact->size : max);
}

void format_container_audit(struct format *f, uint64_t time_ns, const struct container_id *id)
{
	const struct container_facts *facts = ecs_container_facts(f, *id);
	struct audit a;

	own_open(&a, f, time_ns, "container");
	audit_own_text(&a, "container", id->text, id->size);
	if (facts) {
		audit_own_word(&a, "runtime", container_runtime_name(facts->runtime));
		fact_put(&a, "name", &facts->texts[FACT_NAME], CONTAINER_FACT_BYTES);
		fact_put(&a, "image", &facts->texts[FACT_IMAGE], CONTAINER_FACT_BYTES);
		fact_put(&a, "tag", &facts->texts[FACT_TAG], CONTAINER_WORD_BYTES);
		fact_put(&a, "namespace", &facts->texts[FACT_NAMESPACE], CONTAINER_WORD_BYTES);
		fact_put(&a, "pod", &facts->texts[FACT_POD], CONTAINER_FACT_BYTES);
	}
	audit_own_close(&a, false);
}
