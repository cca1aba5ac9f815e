/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands of sextant. Each returns an enum exit_code. */
#ifndef LOADER_CLI_COMMANDS_H
#define LOADER_CLI_COMMANDS_H

#include "loader/config/config.h"

int command_check(const struct config *config);
int command_show(const struct config *config);
int command_status(const struct config *config);
int command_bugreport(const struct config *config);
int command_restart(const struct config *config);
int command_top(const struct config *config);
int command_config(const struct config *config);

#endif
