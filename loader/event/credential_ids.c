/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/event/credential_ids.h"

void credential_ids(struct format *f, const struct credentials *c, bool with_fs, bool unread)
{
	const struct {
		const char *key;
		enum name_type type;
		uint32_t id;
		bool is_fs;
	} all[] = {
		{ "user", NAME_USER, c->euid, false },
		{ "real_user", NAME_USER, c->uid, false },
		{ "saved_user", NAME_USER, c->suid, false },
		{ "fs_user", NAME_USER, c->fsuid, true },
		{ "group", NAME_GROUP, c->egid, false },
		{ "real_group", NAME_GROUP, c->gid, false },
		{ "saved_group", NAME_GROUP, c->sgid, false },
		{ "fs_group", NAME_GROUP, c->fsgid, true },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (with_fs || !all[i].is_fs)
			ecs_id_object(f, all[i].key, all[i].type, all[i].id, unread);
}
