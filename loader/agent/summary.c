/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/agent/summary.h"
#include "loader/stream/fields.h"
#include "loader/util/log.h"
#include "loader/util/notify.h"

/* A line that is put together; what does not fit is cut. */
struct text {
	size_t used;
	char bytes[8192];
};

static void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void text_add(struct text *t, const char *format, ...)
{
	size_t room = sizeof(t->bytes) - t->used;
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(t->bytes + t->used, room, format, args);
	va_end(args);
	t->used += size < 0 ? 0 : (size_t)size < room ? (size_t)size : room - 1;
}

/* "exec, fork, exit" */
static void text_classes(struct text *t, unsigned int classes)
{
	const char *between = "";
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		if (!(classes & (1U << type)))
			continue;
		text_add(t, "%s%s", between, event_type_name(type));
		between = ", ";
	}
}

/* Why a class does not work. */
static const char *class_reason(const struct programs *p, const struct startup_result *tested,
                                unsigned int type)
{
	const struct class_state *c = probes_class(p->probes, type);

	if (tested->failed & (1U << type))
		return "its self-test failed";
	return *c->reason ? c->reason : "no program was attached";
}

/* ---- ready ------------------------------------------------------------ */

static void report_tested(const struct config *config, const struct startup_result *tested)
{
	unsigned int others = tested->works & ~tested->passed;
	struct text t = { 0 };

	if (config->no_self_test) {
		log_line(LEVEL_WARNING,
		         "self-test skipped: the offsets were not compared with this kernel");
		return;
	}
	text_add(&t, "self-test passed for %s", tested->passed ? "" : "no class");
	text_classes(&t, tested->passed);
	text_add(&t, "%s", others ? "; it does not cover " : "");
	text_classes(&t, others);
	log_line(LEVEL_INFO, "%s", t.bytes);
}

/* A line for each class that does not work, or works without something. */
static void report_lacks(const struct config *config, const struct programs *p,
                         const struct startup_result *tested)
{
	/* A class that the self-test disabled was reported by it. */
	unsigned int off = config->classes & ~tested->works & ~tested->failed, type;

	for (type = 0; type < EVENT_TYPES; type++) {
		const struct class_state *c = probes_class(p->probes, type);

		if (off & (1U << type))
			log_line(LEVEL_WARNING, "%s does not work: %s", event_type_name(type),
			         class_reason(p, tested, type));
		if (tested->works & (1U << type) && *c->lacks)
			log_line(LEVEL_WARNING, "%s works without %s", event_type_name(type),
			         c->lacks);
	}
}

static void report_sources(const struct config *config, const struct programs *p,
                           const struct startup_result *tested)
{
	const struct offsets_kernel *row = p->choice.row;
	const char *source = offsets_kernel_key(row, OFFSETS_KEY_SOURCE);
	struct text t = { 0 };
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		const struct class_state *c = probes_class(p->probes, type);

		if (config->classes & (1U << type))
			text_add(&t, "; %s: %s", event_type_name(type),
			         tested->works & (1U << type) ? c->source : "off");
	}
	log_line(LEVEL_INFO, "ready on %s, offsets of %s (%s, by %s)%s", p->host.release,
	         offsets_kernel_key(row, OFFSETS_KEY_RELEASE), source ? source : "unknown source",
	         choice_how_text(p->choice.how), t.bytes);
}

/* For the service manager: "exec, fork reported; not working: dns; offsets of 4.4.0-21-generic". */
static void report_status(const struct config *config, const struct programs *p,
                          const struct startup_result *tested)
{
	unsigned int off = config->classes & ~tested->works;
	struct text t = { 0 };

	text_classes(&t, tested->works);
	text_add(&t, " reported%s", off ? "; not working: " : "");
	text_classes(&t, off);
	text_add(&t, "; offsets of %s", offsets_kernel_key(p->choice.row, OFFSETS_KEY_RELEASE));
	notify_status(t.bytes);
}

/* For a person at a terminal: on an idle host no events come by themselves. */
static void report_hint(const struct config *config, unsigned int works)
{
	const unsigned int by_command = 1U << EVENT_EXEC | 1U << EVENT_FORK | 1U << EVENT_EXIT;
	const char *first = config->outputs[0];
	const char *output = config->output_count > 1 ? "the outputs"
	                     : strcmp(first, "-")     ? first
	                                              : "standard output";

	if (!isatty(STDERR_FILENO))
		return;
	if (works & by_command && !config->rules.path && !config->rules.count)
		log_line(LEVEL_INFO,
		         "events go to %s; to cause some, run a command in another terminal, for "
		         "example: ls",
		         output);
	else
		log_line(LEVEL_INFO, "events go to %s", output);
}

void summary_ready(const struct config *config, const struct programs *programs,
                   const struct startup_result *tested)
{
	report_tested(config, tested);
	report_lacks(config, programs, tested);
	report_sources(config, programs, tested);
	report_status(config, programs, tested);
	report_hint(config, tested->works);
}

bool summary_required(const struct config *config, const struct programs *programs,
                      const struct startup_result *tested)
{
	unsigned int type, missing = config->required & ~tested->works;

	for (type = 0; type < EVENT_TYPES; type++)
		if (missing & (1U << type))
			log_line(LEVEL_ERROR, "%s is required (--require) and does not work: %s",
			         event_type_name(type), class_reason(programs, tested, type));
	return !missing;
}

/* ---- the end ---------------------------------------------------------- */

void summary_end(const struct config *config, const struct programs *programs,
                 const struct records *records, const struct losses *losses)
{
	const struct writer *w = records->writer;
	uint64_t events = 0, lost = 0, missed = losses_total(losses, EVENT_TYPES);
	uint64_t incomplete = probes_incomplete(programs->probes);
	struct text t = { 0 };
	unsigned int type;

	for (type = 0; type < EVENT_TYPES; type++) {
		uint64_t written = writer_written(w, type);
		uint64_t unwritten = losses_total(losses, type) + writer_unwritten(w, type) +
		                     writer_dropped_of(w, type);

		events += written;
		lost += unwritten;
		if (config->classes & (1U << type))
			text_add(&t, "; %s %" PRIu64 " events, %" PRIu64 " lost",
			         event_type_name(type), written, unwritten);
	}
	if (missed)
		text_add(&t, "; %" PRIu64 " missed by the kernel's probes", missed);
	if (incomplete)
		text_add(&t, "; %" PRIu64 " events incomplete", incomplete);
	if (records->malformed)
		text_add(&t, "; %" PRIu64 " malformed records", records->malformed);
	log_line(LEVEL_INFO, "%" PRIu64 " events, %" PRIu64 " lost%s", events, lost, t.bytes);
}
