/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes events of a recording, as the sensor made them: for tests, measurements and bug reports. */
#ifndef LOADER_AGENT_REPLAY_H
#define LOADER_AGENT_REPLAY_H

#include "loader/config/config.h"

/* config->record is the file. Writes to its outputs. Returns an enum exit_code. */
int replay_run(const struct config *config);

#endif
