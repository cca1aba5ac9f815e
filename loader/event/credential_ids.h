/* SPDX-License-Identifier: BSD-2-Clause */
/* The users and groups of a process's credentials. */
#ifndef LOADER_EVENT_CREDENTIAL_IDS_H
#define LOADER_EVENT_CREDENTIAL_IDS_H

#include "loader/event/ecs.h"

/* Adds user, real_user, saved_user and the groups, and fs_user and fs_group if with_fs. */
void credential_ids(struct format *f, const struct credentials *c, bool with_fs, bool unread);

#endif
