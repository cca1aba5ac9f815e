/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/rules/filter.h"

static __u64 words_hash(__u64 hash, const char *bytes, size_t size)
{
	__u64 word;
	size_t at;

	for (at = 0; at < size; at += sizeof(word)) {
		memcpy(&word, bytes + at, sizeof(word));
		hash = filter_hash(hash, word);
	}
	return hash;
}

__u64 filter_name_value(const char *name, size_t limit)
{
	char bytes[WATCH_NAME_BYTES] = { 0 };

	memcpy(bytes, name, strnlen(name, limit));
	return words_hash(0, bytes, limit);
}

__u64 filter_cgroup_value(__u64 value, const char *name, size_t size)
{
	char bytes[CGROUP_NAME_BYTES] = { 0 };

	memcpy(bytes, name, size < sizeof(bytes) ? size : sizeof(bytes));
	return words_hash(value, bytes, sizeof(bytes));
}

__u64 filter_path_name_value(const char *name, size_t size)
{
	char bytes[WATCH_NAME_BYTES] = { 0 };

	if (size > sizeof(bytes))
		size = sizeof(bytes);
	memcpy(bytes, name, size);
	return filter_name_value(bytes, (size + 7) / 8 * 8);
}

#define AT(layout, id) ((layout)->facts[LAYOUT_##id].offset)

/* As struct dentry_part, mount_part and path_part have them. What is absent is nowhere. */
bool filter_fits(const struct layout *layout)
{
	return AT(layout, DENTRY_NAME) == AT(layout, DENTRY_PARENT) + 8 &&
	       AT(layout, QSTR_NAME) == 8 && AT(layout, PATH_MNT) == 0 &&
	       AT(layout, PATH_DENTRY) == 8 &&
	       AT(layout, MOUNT_MOUNTPOINT) == AT(layout, MOUNT_PARENT) + 8 &&
	       AT(layout, MOUNT_MNT) + AT(layout, VFSMOUNT_ROOT) == AT(layout, MOUNT_PARENT) + 16;
}

void filter_settings(const struct filter *filter, const struct layout *layout,
                     struct settings *settings)
{
	settings->filters = filter->kinds;
	settings->only = filter->only;
	settings->watched = filter->watched;
	settings->seed = filter->seed;
	settings->inode_sb = AT(layout, INODE_SB);
	settings->sb_dev = AT(layout, SB_DEV);
	settings->inode_ino = AT(layout, INODE_INO);
	settings->places = filter->places;
	if (settings->inode_sb == LAYOUT_ABSENT || settings->sb_dev == LAYOUT_ABSENT)
		settings->places = 0;
	memcpy(settings->bloom, filter->bloom, sizeof(settings->bloom));
	memcpy(settings->begins, filter->begins, sizeof(settings->begins));
	settings->dentry_part = layout->facts[LAYOUT_DENTRY_PARENT].offset;
	settings->mount_part = layout->facts[LAYOUT_MOUNT_PARENT].offset;
	settings->file_mode = AT(layout, FILE_MODE) == LAYOUT_ABSENT ? 0 : AT(layout, FILE_MODE);
	settings->file_path = AT(layout, FILE_PATH);
	settings->mount_mnt = AT(layout, MOUNT_MNT);
}
