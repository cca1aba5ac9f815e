/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sensor says of itself when it is ready, and at the end. */
#ifndef LOADER_AGENT_SUMMARY_H
#define LOADER_AGENT_SUMMARY_H

#include "loader/config/config.h"
#include "loader/agent/losses.h"
#include "loader/agent/programs.h"
#include "loader/agent/records.h"
#include "loader/agent/startup_test.h"
#include "loader/agent/writer.h"

/*
 * Reports for which classes the self-test passed, what the classes that work do
 * without, and that the sensor is ready: with which offsets, and by which source
 * for each class. On a terminal also how to cause an event.
 */
void summary_ready(const struct config *config, const struct programs *programs,
                   const struct startup_result *tested);

/*
 * Reports each class of config->required that does not work, and why. True: all
 * of them work.
 */
bool summary_required(const struct config *config, const struct programs *programs,
                      const struct startup_result *tested);

/* Reports how many events were written and lost, in all and by class. */
void summary_end(const struct config *config, const struct programs *programs,
                 const struct records *records, const struct losses *losses);

#endif
