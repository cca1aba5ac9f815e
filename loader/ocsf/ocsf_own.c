/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the sensor says of itself: Application Lifecycle, and Application Error
 * where it sees less than it was asked to. A late hash: Process Activity, or Kernel Extension
 * Activity.
 */
#include <string.h>
#include <sys/stat.h>

#include "loader/ocsf/ocsf.h"
#include "loader/event/own.h"
#include "loader/ocsf/ocsf_writers.h"
#include "loader/stream/fields.h"

#define LIFECYCLE(id, name)                                           \
	{                                                             \
		OCSF_APPLICATION_LIFECYCLE, id, name, OCSF_SUCCESS, 0 \
	}

static const struct ocsf_activity lifecycle[] = {
	[AGENT_START] = LIFECYCLE(3, "Start"),
	[AGENT_HEARTBEAT] = LIFECYCLE(OCSF_OTHER, "heartbeat"),
	[AGENT_STOP] = LIFECYCLE(4, "Stop"),
};

static const struct ocsf_activity general_error = { OCSF_APPLICATION_ERROR, 1, "General Error",
	                                            OCSF_FAILURE, 0 };

static void begin(struct format *f, uint64_t time_ns, const struct ocsf_activity *activity,
                  const char *action, const char *dataset)
{
	jsonw_reset(&f->json);
	notes_reset(&f->notes);
	jsonw_object_open(&f->json, NULL);
	ocsf_own_head(f, time_ns, activity, action, dataset);
	if (activity->class == OCSF_APPLICATION_LIFECYCLE)
		ocsf_product(&f->json, "app");
}

static void end(struct format *f)
{
	ecs_sextant_close(f);
	jsonw_object_close(&f->json);
}

void format_loss_ocsf(struct format *f, uint64_t time_ns, const struct loss *loss)
{
	begin(f, time_ns, &general_error, "loss", "loss");
	jsonw_string(&f->json, "message", "events were lost");
	ocsf_unmapped_open(f, time_ns);
	own_loss(&f->json, loss);
	end(f);
}

void format_agent_ocsf(struct format *f, uint64_t time_ns, enum agent_action action,
                       const struct agent_report *report)
{
	begin(f, time_ns, &lifecycle[action], own_agent_action(action), "agent");
	ocsf_unmapped_open(f, time_ns);
	jsonw_object_open(&f->json, "agent");
	own_agent(&f->json, action, report);
	jsonw_object_close(&f->json);
	end(f);
}

void format_class_ocsf(struct format *f, uint64_t time_ns, enum event_type type, const char *reason)
{
	static const struct ocsf_activity restored = LIFECYCLE(OCSF_OTHER, "class_restored");

	begin(f, time_ns, reason ? &general_error : &restored, own_class_action(reason), "agent");
	if (reason)
		jsonw_string(&f->json, "message", reason);
	ocsf_unmapped_open(f, time_ns);
	own_class(&f->json, type, reason);
	end(f);
}

void format_budget_ocsf(struct format *f, uint64_t time_ns, const struct budget_report *budget,
                        const char *executable)
{
	static const struct ocsf_activity restored = LIFECYCLE(OCSF_OTHER, "budget_restored");
	bool is_exceeded = budget->share_bytes;

	begin(f, time_ns, is_exceeded ? &general_error : &restored, own_budget_action(budget),
	      "agent");
	if (is_exceeded)
		jsonw_string(&f->json, "message", "the sensor takes more CPU time than its budget");
	ocsf_unmapped_open(f, time_ns);
	agent_report_budget(&f->json, budget, is_exceeded ? executable : NULL);
	end(f);
}

/* has_hash: it is that of the file. */
static void file_write(struct format *f, const struct late_hash *late, bool has_hash)
{
	jsonw_object_open(&f->json, "file");
	if (late->exe_size) {
		ocsf_path(f, late->exe, late->exe_size);
	} else {
		jsonw_string(&f->json, "name", "");
		ecs_unread(f, "name");
	}
	ocsf_file_type(&f->json, S_IFREG);
	if (late->module)
		ecs_inode(f, "uid", late->module->inode, false);
	if (has_hash)
		ocsf_hashes(&f->json, &late->hash);
	jsonw_object_close(&f->json);
}

static void hashed_write(struct format *f, const struct late_hash *late)
{
	if (late->module)
		jsonw_object_open(&f->json, "driver");
	else
		ocsf_process_open(f, "process",
		                  &(struct ocsf_process){
					  .pid = late->process.pid,
					  .start_boottime_ns = late->process.start_boottime_ns,
					  .is_start_unread = late->is_start_unread });
	file_write(f, late, !late->script);
	jsonw_object_close(&f->json);
}

static void process_rest(struct format *f, const struct late_hash *late)
{
	const struct process_ids *p = &late->process;

	if (late->is_start_unread && !late->module)
		return;
	jsonw_object_open(&f->json, "process");
	if (late->module)
		ecs_identity(f, p->pid, p->start_boottime_ns, late->is_start_unread);
	else
		ecs_time(&f->json, "start", p->start_boottime_ns + f->clock.boottime_ns);
	jsonw_object_close(&f->json);
}

/* Who acts is the sensor. */
void format_hash_ocsf(struct format *f, uint64_t time_ns, const struct late_hash *late)
{
	const struct ocsf_activity hash = { late->module ? OCSF_KERNEL_EXTENSION : OCSF_PROCESS,
		                            OCSF_OTHER, "hash",
		                            late->hash.reason ? OCSF_FAILURE : OCSF_SUCCESS, 0 };

	begin(f, time_ns, &hash, "hash", "hash");
	jsonw_object_open(&f->json, "actor");
	jsonw_string(&f->json, "app_name", "sextant");
	jsonw_object_close(&f->json);
	hashed_write(f, late);
	ocsf_unmapped_open(f, time_ns);
	process_rest(f, late);
	if (late->module) {
		jsonw_object_open(&f->json, "file");
		ecs_device(&f->json, "device", late->module->device);
		jsonw_object_close(&f->json);
	}
	if (late->script)
		ecs_script(f, late->script, false, &late->hash);
	else
		ecs_hash_missing(&f->json, &late->hash);
	end(f);
}

/* No class of OCSF says what a container is: all of it is in "unmapped". */
void format_container_ocsf(struct format *f, uint64_t time_ns, const struct container_id *id)
{
	static const struct ocsf_activity found = LIFECYCLE(OCSF_OTHER, "container");

	begin(f, time_ns, &found, "container", "container");
	ocsf_unmapped_open(f, time_ns);
	ecs_container(f, *id);
	end(f);
}
