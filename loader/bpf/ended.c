/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/bpf/ended.h"
#include "loader/bpf/mapset.h"
#include "probes/abi/maps.h"

#define KEY_BYTES_MAX   16
#define VALUE_BYTES_MAX 256

/* clang-format off */
static const struct ended_map maps[] = {
	{ "kept_calls", IN_KEY, NULL },
	{ "kept_states", IN_KEY, NULL },
	{ "attempts", offsetof(struct attempt, tgid), "interpreters" },
	{ "file_calls", offsetof(struct file_call, tid), NULL },
	{ "unix_calls", offsetof(struct unix_call, tid), NULL },
};
/* clang-format on */

_Static_assert(sizeof(struct attempt) <= VALUE_BYTES_MAX &&
                       sizeof(struct file_call) <= VALUE_BYTES_MAX &&
                       sizeof(struct unix_call) <= VALUE_BYTES_MAX,
               "values fit");

/* Signal 0 is checked and not sent. */
static bool thread_has_ended(pid_t tid)
{
	return syscall(SYS_tkill, tid, 0) && errno == ESRCH;
}

/* 0: the entry is gone. */
static pid_t thread_of(int map, const struct ended_map *what, const void *key)
{
	char value[VALUE_BYTES_MAX];
	const char *at = key;
	pid_t tid;

	if (what->tid != IN_KEY) {
		if (bpf_map_lookup_elem(map, key, value))
			return 0;
		at = value + what->tid;
	}
	memcpy(&tid, at, sizeof(tid));
	return tid;
}

unsigned int ended_remove_from(int map, const struct ended_map *what, unsigned int key_bytes,
                               unsigned int entries_max, int also)
{
	unsigned int removed = 0;
	char key[KEY_BYTES_MAX], next[KEY_BYTES_MAX];
	bool more = !bpf_map_get_next_key(map, NULL, next);
	pid_t tid;

	/* If a key is gone, the kernel starts again with the first one. */
	while (more && entries_max--) {
		memcpy(key, next, key_bytes);
		more = !bpf_map_get_next_key(map, key, next);
		tid = thread_of(map, what, key);
		if (!tid || !thread_has_ended(tid))
			continue;
		bpf_map_delete_elem(map, key);
		if (also >= 0)
			bpf_map_delete_elem(also, key);
		removed++;
	}
	return removed;
}

unsigned int ended_remove(const struct bpf_object *object, unsigned int groups)
{
	unsigned int removed = 0;
	size_t i;

	for (i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(object, maps[i].name);
		unsigned int of = mapset_groups(maps[i].name);
		int also = -1;

		if (maps[i].also)
			also = bpf_object__find_map_fd_by_name(object, maps[i].also);
		if (!of || of & groups)
			removed += ended_remove_from(bpf_map__fd(map), &maps[i],
			                             bpf_map__key_size(map),
			                             bpf_map__max_entries(map), also);
	}
	return removed;
}
