/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of maps. Maps that are not in it are always created, with the size of the ELF file. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "loader/bpf/mapset.h"
#include "loader/bpf/sources.h"
#include "loader/host/host.h"
#include "probes/abi/maps.h"

#define TIER_1   (1U << 1)
#define TIERS_23 (1U << 2 | 1U << 3)
#define TIERS    (TIER_1 | TIERS_23)

/* An element of a hash map, with what the kernel has around it. */
#define ELEMENT(type) (sizeof(struct type) + 80)

#define TERMINAL_ELEMENT (sizeof(struct terminal_key) + ELEMENT(terminal_count))

/* clang-format off */
static const struct map {
	const char *name;
	unsigned int groups;  /* created with one of them; 0: with each */
	unsigned int tiers;   /* created for one of them */
	unsigned int per_cpu; /* elements a CPU; 0: the number is fixed */
	size_t bytes;         /* of an element of a CPU, or of all */
} maps[] = {
	{ "counters", 0, TIERS, 1, sizeof(struct counters) },
	{ "shares", 0, TIERS, SHARES, sizeof(struct share) },
	{ "scratch", 0, TIER_1, 1, sizeof(struct scratch) },
	{ "parting", 0, TIERS_23, 1, sizeof(struct parting) },
	{ "claims", MAPS_FENTRY, TIER_1, 1, sizeof(__u32) },
	{ "claimed_scratch", MAPS_FENTRY, TIER_1, 1, sizeof(struct scratch) },
	{ "claimed_counters", MAPS_FENTRY, TIER_1, 1, sizeof(struct counters) },
	{ ".rodata", MAPS_FENTRY, TIERS, 0, sizeof(struct constants) },
	{ ".data.settings", MAPS_FENTRY, TIERS, 0, sizeof(struct settings) },
	{ ".bss", MAPS_FENTRY, TIERS, 0, sizeof(__u64[1 << QUIET_BITS]) + (1 << MARK_BITS) },
	{ "kept_states", MAPS_KEPT_STATES, TIERS, 0, KEPT_STATES * ELEMENT(kept_state) },
	{ "exited", MAPS_EXITED, TIERS, 0, EXITED_ENTRIES * ELEMENT(exited_key) },
	{ "file_calls", MAPS_FILE, TIERS, 0, FILE_CALLS * ELEMENT(file_call) },
	{ "opened_files", MAPS_FILE, TIERS, 0, OPENED_FILES * ELEMENT(opened_file) },
	{ "linked_files", MAPS_FILE, TIERS, 0, LINKED_FILES * ELEMENT(linked_file) },
	{ "link_marks", MAPS_FILE, TIERS, 0, (LINK_MARKS + 2) * sizeof(__u64) },
	{ "connections", MAPS_CONNECTIONS, TIERS, 0, CONNECTIONS * ELEMENT(connection) },
	{ "flows", MAPS_FLOWS, TIERS, 0, FLOWS * ELEMENT(flow) },
	{ "terminal_writers", MAPS_TERMINAL, TIERS, 0, TERMINAL_WRITERS * TERMINAL_ELEMENT },
	{ "unix_calls", MAPS_UNIX_CALLS, TIERS, 0, UNIX_CALLS * ELEMENT(unix_call) },
};
/* clang-format on */

#define MAPS (sizeof(maps) / sizeof(maps[0]))

/* Of those that are always created. */
#define FIXED_BYTES                                                                                \
	(ATTEMPTS * sizeof(struct attempt) + INTERPRETERS * sizeof(struct interpreter) +           \
	 KEPT_CALLS * ELEMENT(kept_call) + FILE_TASKS * sizeof(__u64) + (size_t)FILTERS_MAX * 96 + \
	 LAYOUT_SLOTS * sizeof(struct layout))

static bool created(const struct map *map, const struct mapset *set)
{
	return map->tiers & set->tiers && (!map->groups || map->groups & set->groups);
}

int mapset_prepare(const struct mapset *set, const struct host *host, struct bpf_object *object)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < MAPS; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(object, maps[i].name);

		err = map ? bpf_map__set_autocreate(map, created(&maps[i], set)) : -ENOENT;
		if (!err && maps[i].per_cpu)
			err = bpf_map__set_max_entries(map, maps[i].per_cpu * host->possible_cpus);
	}
	return err;
}

size_t mapset_bytes(const struct mapset *set, const struct host *host)
{
	size_t bytes = FIXED_BYTES, i;

	for (i = 0; i < MAPS; i++)
		if (created(&maps[i], set))
			bytes += maps[i].bytes *
			         (maps[i].per_cpu ? maps[i].per_cpu * host->possible_cpus : 1);
	return bytes;
}

const char *mapset_name(size_t index)
{
	return index < MAPS ? maps[index].name : NULL;
}

unsigned int mapset_groups(const char *name)
{
	size_t i;

	for (i = 0; i < MAPS; i++)
		if (!strcmp(maps[i].name, name))
			return maps[i].groups;
	return 0;
}
