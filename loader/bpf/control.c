/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes to maps of programs that may be running. */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/bpf/control.h"
#include "loader/bpf/sources.h"

static int map_write(struct control *c, const char *map, const void *key, const void *value,
                     struct offsets_error *error)
{
	int fd = bpf_object__find_map_fd_by_name(c->object, map);

	if (bpf_map_update_elem(fd, key, value, BPF_ANY))
		return offsets_fail(error, -errno, "BPF map %s cannot be written: %s", map,
		                    strerror(errno));
	return 0;
}

/* key: memory for one. */
static int map_empty(struct control *c, const char *map, void *key, struct offsets_error *error)
{
	struct bpf_map *of = bpf_object__find_map_by_name(c->object, map);
	unsigned int most = 2 * bpf_map__max_entries(of);
	int fd = bpf_map__fd(of);

	/* Programs go on: they remove elements (ENOENT), and may add them as fast as we remove. */
	while (most-- && !bpf_map_get_next_key(fd, NULL, key))
		if (bpf_map_delete_elem(fd, key) && errno != ENOENT)
			return offsets_fail(error, -errno, "BPF map %s cannot be emptied: %s", map,
			                    strerror(errno));
	return 0;
}

int control_arm(struct control *c, const struct layout *layout, struct offsets_error *error)
{
	const __u32 slot = LAYOUT_SLOT_KERNEL;

	return map_write(c, "offsets", &slot, layout, error);
}

int control_settings(struct control *c, const struct settings *settings,
                     struct offsets_error *error)
{
	struct settings all = *settings;
	const __u32 slot = 0;
	int err;

	all.number = ++c->settings_number;
	all.attempts |= c->attempts;
	if (all.watched & WATCH_ALL) /* no path can be dismissed at a glance then */
		memset(all.begins, 0xff, sizeof(all.begins));
	err = map_write(c, "settings", &slot, &all, error);
	if (!err && c->groups & MAPS_FENTRY)
		err = map_write(c, ".data.settings", &slot, &all, error);
	return err;
}

int control_filter(struct control *c, const struct filter *filter, struct offsets_error *error)
{
	struct filter_key key;
	int err = map_empty(c, "filters", &key, error);

	return err ? err : control_filter_add(c, filter, error);
}

int control_filter_add(struct control *c, const struct filter *filter, struct offsets_error *error)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < filter->count; i++)
		err = map_write(c, "filters", &filter->rules[i].key, &filter->rules[i].verdict,
		                error);
	return err;
}

static bool filter_has(const struct filter *filter, const struct filter_key *key)
{
	size_t i;

	for (i = 0; i < filter->count; i++)
		if (filter->rules[i].key.kind == key->kind &&
		    filter->rules[i].key.value == key->value)
			return true;
	return false;
}

void control_filter_drop(struct control *c, const struct filter *before,
                         const struct filter *filter)
{
	int fd = bpf_object__find_map_fd_by_name(c->object, "filters");
	size_t i;

	for (i = 0; i < before->count; i++)
		if (!filter_has(filter, &before->rules[i].key))
			bpf_map_delete_elem(fd, &before->rules[i].key);
}

int control_link(struct control *c, const struct linked_file *file, struct offsets_error *error)
{
	const __u32 one = 1, any = LINK_ANY, slot = link_slot(file->number);
	int err;

	if (!(c->groups & MAPS_FILE))
		return 0;
	err = map_write(c, "linked_files", file, &one, error);
	if (!err)
		err = map_write(c, "link_marks", &slot, &one, error);
	return err ? err : map_write(c, "link_marks", &any, &one, error);
}

unsigned int control_links_lost(struct control *c)
{
	const __u32 slot = LINK_LOST;
	__u32 lost = 0;

	if (c->groups & MAPS_FILE)
		bpf_map_lookup_elem(bpf_object__find_map_fd_by_name(c->object, "link_marks"), &slot,
		                    &lost);
	return lost;
}

int control_forget_opened(struct control *c, struct offsets_error *error)
{
	__u64 file;

	return c->groups & MAPS_FILE ? map_empty(c, "opened_files", &file, error) : 0;
}
