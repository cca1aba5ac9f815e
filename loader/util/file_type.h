/* SPDX-License-Identifier: BSD-2-Clause */
/* The type of a file as ECS's file.type has it. */
#ifndef LOADER_UTIL_FILE_TYPE_H
#define LOADER_UTIL_FILE_TYPE_H

#include <stdint.h>

/* ECS: "file", "dir" or "symlink"; the others by the words of stat(1). NULL: none of them. */
const char *file_type_name(uint32_t mode);

#endif
