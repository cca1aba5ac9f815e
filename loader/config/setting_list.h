/* SPDX-License-Identifier: BSD-2-Clause */
/* What was said on the command line and in configuration files, and where. */
#ifndef LOADER_CONFIG_SETTING_LIST_H
#define LOADER_CONFIG_SETTING_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "loader/config/option.h"

#define SETTINGS_MAX 4096

struct setting {
	const struct option_row *option;
	const char *value; /* NULL: a switch that is on */
	const char *path;  /* of the file; NULL: the command line */
	unsigned int line;
};

/* A zeroed one is empty. */
struct setting_list {
	struct setting *items; /* in the order in which they were said */
	size_t count;
};

/* Copies the strings. -E2BIG: there are too many; -ENOMEM. */
int setting_list_add(struct setting_list *settings, const struct setting *setting,
                     struct offsets_error *error);

/* True: the last one is of that file, and its value may have words on further lines. */
bool setting_list_continues(const struct setting_list *settings, const char *path);

/* Adds words to the value of the last one. 0 or -ENOMEM. */
int setting_list_continue(struct setting_list *settings, const char *words,
                          struct offsets_error *error);
void setting_list_deinit(struct setting_list *settings);

/*
 * The command line overrides the files, and what comes later overrides what came
 * before; of options that may be given several times all count, or all of the
 * command line.
 */
bool setting_in_force(const struct setting_list *settings, const struct setting *setting);

/* True: both say the same of that option, wherever. */
bool setting_lists_agree(const struct setting_list *a, const struct setting_list *b,
                         const struct option_row *option);

#endif
