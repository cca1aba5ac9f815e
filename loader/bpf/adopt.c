/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/bpf/adopt.h"
#include "probes/abi/maps.h"

/* Keys: a struct sock, a struct file. */
static const struct {
	const char *name;
	size_t bytes; /* of an element */
	unsigned int most;
} adopted[ADOPT_MAPS] = {
	{ "connections", sizeof(struct connection), CONNECTIONS },
	{ "opened_files", sizeof(struct opened_file), OPENED_FILES },
};

union element {
	struct connection connection;
	struct opened_file file;
};

void adopt_maps(const struct bpf_object *object, int ret[ADOPT_MAPS])
{
	size_t i;

	for (i = 0; i < ADOPT_MAPS; i++) {
		int fd = bpf_object__find_map_fd_by_name(object, adopted[i].name);

		ret[i] = fd < 0 ? -1 : fd;
	}
}

static bool is_alike(int map, size_t index)
{
	struct bpf_map_info info = { .key_size = 0 };
	__u32 size = sizeof(info);

	return !bpf_obj_get_info_by_fd(map, &info, &size) && info.key_size == sizeof(__u64) &&
	       info.value_size == adopted[index].bytes;
}

/* What has ended meanwhile is not added: the programs of both have seen that. */
static uint64_t element_add(int from, int to, __u64 key)
{
	union element element;

	if (bpf_map_lookup_elem(from, &key, &element) ||
	    bpf_map_update_elem(to, &key, &element, BPF_NOEXIST))
		return 0;
	if (!bpf_map_lookup_elem(from, &key, &element))
		return 1;
	bpf_map_delete_elem(to, &key);
	return 0;
}

/* A map that changes may begin again and again: a limit. */
static uint64_t map_add(int from, int to, unsigned int most)
{
	__u64 key = 0, next;
	uint64_t count = 0;
	unsigned int i;

	for (i = 0; i < 2 * most && !bpf_map_get_next_key(from, i ? &key : NULL, &next); i++) {
		key = next;
		count += element_add(from, to, key);
	}
	return count;
}

int adopt(const struct bpf_object *object, const int maps[ADOPT_MAPS], uint64_t *ret_connections,
          uint64_t *ret_files)
{
	int own[ADOPT_MAPS];
	uint64_t counts[ADOPT_MAPS] = { 0 };
	size_t i;

	adopt_maps(object, own);
	for (i = 0; i < ADOPT_MAPS; i++) {
		if (own[i] < 0 || maps[i] < 0)
			continue;
		if (!is_alike(maps[i], i))
			return -EPROTO;
		counts[i] = map_add(maps[i], own[i], adopted[i].most);
	}
	*ret_connections = counts[0];
	*ret_files = counts[1];
	return 0;
}
