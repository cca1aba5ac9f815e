/* SPDX-License-Identifier: BSD-2-Clause */
/* 'sextant check --try': tries the layouts of the databases, and pins what is proven. */
#include <errno.h>
#include <stdlib.h>

#include "loader/util/exit.h"
#include "loader/agent/programs.h"
#include "loader/cli/try_report.h"
#include "loader/host/pin.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "loader/util/signals.h"

/* ---- steps -------------------------------------------------------------- */

static int prepare(struct try_report *r, struct offsets_error *error)
{
	int err = host_identify(&r->host, error);

	if (err)
		return EXIT_FAILED;
	if (programs_namespace_check(error))
		return EXIT_REFUSED;
	if (r->config->pin && pin_check(r->config->pin, &r->host, error))
		return EXIT_FAILED;
	err = candidates_read(&r->config->databases, &r->host, r->config->only_stream,
	                      &r->candidates, error);
	return err ? exit_of_choice(err) : EXIT_DONE;
}

static int interrupted(const struct try_report *r, struct offsets_error *error)
{
	offsets_fail(error, -EINTR,
	             "interrupted by a signal after %zu of %zu layouts; nothing was written",
	             r->trials.count, r->candidates.count);
	return EXIT_FAILED;
}

static int failed(const struct try_report *r, int err, struct offsets_error *error)
{
	if (err == -EINTR)
		return interrupted(r, error);
	return err == -EPERM || err == -ENOTSUP ? EXIT_NO_PROBES : EXIT_REFUSED;
}

static int run(struct try_report *r, struct offsets_error *error)
{
	uint64_t begin = clock_monotonic_ns();
	int err;

	log_line(LEVEL_INFO, "trying %zu layouts of %zu kernels", r->candidates.count,
	         r->candidates.kernels);
	err = trials_run(r->config, &r->host, &r->candidates, &r->trials, error);
	if (!err)
		err = proof_make(r->config, &r->host, &r->trials, &r->proof, error);
	r->taken_ns = clock_monotonic_ns() - begin;
	return err ? failed(r, err, error) : EXIT_DONE;
}

static bool all_unusable(const struct trials *trials)
{
	size_t i;

	for (i = 0; i < trials->count; i++)
		if (trials->list[i].verdict != TRIAL_UNUSABLE)
			return false;
	return true;
}

static int outcome_code(const struct try_report *r)
{
	if (all_unusable(&r->trials))
		return EXIT_NO_PROBES;
	if (r->proof.outcome != PROOF_FOUND)
		return EXIT_REFUSED;
	return r->config->classes & ~r->proof.works ? EXIT_DEGRADED : EXIT_DONE;
}

static int pin(struct try_report *r, struct offsets_error *error)
{
	if (!r->config->pin || r->proof.outcome != PROOF_FOUND)
		return EXIT_DONE;
	if (signals_end())
		return interrupted(r, error);
	if (pin_write(r->config->pin, &r->host, r->proof.row, error))
		return EXIT_FAILED;
	r->is_pinned = true;
	return EXIT_DONE;
}

/* ---- the command -------------------------------------------------------- */

static int report(struct try_report *r)
{
	struct offsets_error error;
	int code = prepare(r, &error);

	if (code == EXIT_DONE)
		code = run(r, &error);
	if (code == EXIT_DONE)
		code = pin(r, &error);
	if (code != EXIT_DONE) {
		log_line(LEVEL_ERROR, "%s", error.text);
		return code;
	}
	r->code = outcome_code(r);
	if (!r->config->json)
		try_text(r);
	else if (try_json(r))
		return EXIT_FAILED;
	return r->code;
}

int command_try(const struct config *config)
{
	struct try_report *r = calloc(1, sizeof(*r));
	int code;

	if (!r) {
		log_line(LEVEL_ERROR, "out of memory");
		return EXIT_FAILED;
	}
	r->config = config;
	signals_init();
	code = report(r);
	proof_deinit(&r->proof);
	trials_free(&r->trials);
	candidates_free(&r->candidates);
	free(r);
	return code;
}
