/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration files and the rules, read again while the sensor runs. */
#ifndef LOADER_AGENT_RELOAD_H
#define LOADER_AGENT_RELOAD_H

#include "loader/config/setting_list.h"

struct reload {
	const struct config *first;  /* of the start */
	const struct config *config; /* in force: the first one, or the own one */
	struct setting_list settings;
	struct config own;
};

void reload_init(struct reload *reload, const struct config *config);
void reload_deinit(struct reload *reload);

/*
 * Reads the files again; the command line stays. What applies without a restart
 * is in reload->config then, and its rules in *ret; a warning names what does
 * not. 0; or -errno, and all is as it was.
 */
int reload_read(struct reload *reload, struct filter *ret, struct offsets_error *error);

#endif
