/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration files: lines of KEY = VALUE (sextant.conf(5)), the file itself and
 * then those of conf.d/ beside it whose names end with .conf, in the order of
 * their names.
 */
#ifndef LOADER_CONFIG_CONFIG_FILE_H
#define LOADER_CONFIG_CONFIG_FILE_H

#include "loader/config/setting_list.h"

/*
 * Adds what the files say. -EINVAL: error names file and line. Else -errno of a
 * file, -EPERM if others than root and the user may write it. What was added until
 * then stays.
 */
int config_file_read(const char *path, struct setting_list *settings, struct offsets_error *error);

#endif
