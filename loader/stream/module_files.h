/* SPDX-License-Identifier: BSD-2-Clause */
/* The file that a module is loaded from: sent before the module's event, reported with it. */
#ifndef LOADER_STREAM_MODULE_FILES_H
#define LOADER_STREAM_MODULE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "loader/stream/decode.h"

struct module_files;

struct module_files *module_files_new(void); /* NULL: no memory */
void module_files_free(struct module_files *files);

/* A record, in the order of time; false: it is no whole struct module_part. */
bool module_files_take(struct module_files *files, const void *data, size_t size);

/*
 * Gives the event of a module that is loaded its file: texts[FILE_PATH] and ev->file. What has not
 * come is unread.
 */
void module_files_give(struct module_files *files, struct event *ev);

#endif
