/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "loader/bpf/ended.h"
#include "loader/bpf/mapset.h"
#include "loader/host/host.h"

#define KEY_BYTES_MAX 16

static const char *const of_threads[] = { "kept_calls", "kept_states" };

/* Signal 0 is checked and not sent. */
static bool thread_has_ended(uint64_t id)
{
	return syscall(SYS_tkill, (pid_t)(uint32_t)id, 0) && errno == ESRCH;
}

void ended_remove_from(int map, unsigned int key_bytes, unsigned int entries_max)
{
	char key[KEY_BYTES_MAX], next[KEY_BYTES_MAX];
	bool more = !bpf_map_get_next_key(map, NULL, next);
	uint64_t thread;

	/* If a key is gone, the kernel starts again with the first one. */
	while (more && entries_max--) {
		memcpy(key, next, key_bytes);
		more = !bpf_map_get_next_key(map, key, next);
		memcpy(&thread, key, sizeof(thread));
		if (thread_has_ended(thread))
			bpf_map_delete_elem(map, key);
	}
}

void ended_remove(const struct bpf_object *object, unsigned int groups)
{
	size_t i;

	/* Elsewhere the ids that we see are not those of the programs. */
	if (!host_pid_namespace_is_initial())
		return;
	for (i = 0; i < sizeof(of_threads) / sizeof(of_threads[0]); i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(object, of_threads[i]);
		unsigned int of = mapset_groups(of_threads[i]);

		if (!of || of & groups)
			ended_remove_from(bpf_map__fd(map), bpf_map__key_size(map),
			                  bpf_map__max_entries(map));
	}
}
