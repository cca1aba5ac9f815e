/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * STORAGE/DRIVER-containers/containers.json, and volatile-containers.json of those with --rm:
 * [{"id": ..., "names": ["web"], "image": ..., "metadata": "..."}, ...]: struct Container in
 * containers/storage, containers.go (as of commit 031aa214ba46). Metadata is JSON in a string:
 * {"image-name": "docker.io/library/nginx:1.27", "image-id": ..., "name": "web"}: struct
 * RuntimeContainerMetadata in podman, libpod/storage.go (4.x, as of commit 0587a0094938; seen with
 * 4.3.1). That of CRI-O has "pod-id" as well. With a transient store the lists are in the run root.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "loader/runtime/image_reference.h"
#include "loader/runtime/state_file.h"

/* ---- metadata ---------------------------------------------------------- */

enum { POD_ID, IMAGE_NAME };

struct item {
	const char *id; /* that is wanted */
	bool is_it, has_metadata, is_of_pod;
	struct container_facts facts;
	struct container_facts *ret;
	bool is_found;
};

static void metadata_take(void *arg, size_t place, const char *text, size_t size)
{
	struct item *item = arg;

	if (place == POD_ID)
		item->is_of_pod = true;
	else
		image_reference_split(text, size, &item->facts);
}

static void metadata_read(struct item *item, const char *text, size_t size)
{
	static const struct json_place places[] = {
		[POD_ID] = { { "pod-id" } }, [IMAGE_NAME] = { { "image-name" } }
	};
	const struct json_pick pick = { places, 2, metadata_take, NULL, item };

	item->has_metadata = !json_pick(&pick, text, size);
}

/* ---- lists ------------------------------------------------------------- */

enum { ID, NAMES, METADATA };

static void take(void *arg, size_t place, const char *text, size_t size)
{
	struct item *item = arg;

	if (place == ID)
		item->is_it = size == strlen(item->id) && !memcmp(text, item->id, size);
	else if (place == METADATA)
		metadata_read(item, text, size);
	else if (!item->facts.texts[FACT_NAME].size)
		container_fact_set(&item->facts, FACT_NAME, text, size);
}

/* Buildah's have no such metadata, and CRI-O's are not podman's. */
static void item_end(void *arg)
{
	struct item *item = arg;

	if (item->is_it && item->has_metadata && !item->is_of_pod) {
		*item->ret = item->facts;
		item->is_found = true;
	}
	item->is_it = item->has_metadata = item->is_of_pod = false;
	item->facts = (struct container_facts){ .runtime = RUNTIME_PODMAN };
}

static int list_read(const struct state_question *q, const char *path, struct container_facts *ret)
{
	static const struct json_place places[] = { [ID] = { { "[]", "id" } },
		                                    [NAMES] = { { "[]", "names", "[]" } },
		                                    [METADATA] = { { "[]", "metadata" } } };
	struct item item = { .id = q->id, .facts = { .runtime = RUNTIME_PODMAN }, .ret = ret };
	const struct json_pick pick = { places, 3, take, item_end, &item };
	int err = state_file_pick(&pick, STATE_LIST_MAX, q, "%s", path);

	return !err && !item.is_found ? -ENOENT : err;
}

int podman_find(const struct state_question *q, struct container_facts *ret)
{
	static const char *const lists[] = {
		"/var/lib/containers/storage/overlay-containers/containers.json",
		"/var/lib/containers/storage/overlay-containers/volatile-containers.json",
		"/run/containers/storage/overlay-containers/containers.json",
		"/run/containers/storage/overlay-containers/volatile-containers.json",
		"/var/lib/containers/storage/vfs-containers/containers.json",
		"/var/lib/containers/storage/vfs-containers/volatile-containers.json",
		"/var/lib/containers/storage/btrfs-containers/containers.json",
		"/var/lib/containers/storage/btrfs-containers/volatile-containers.json",
	};
	int err = -ENOENT;
	size_t i;

	for (i = 0; err && i < sizeof(lists) / sizeof(lists[0]); i++)
		err = list_read(q, lists[i], ret);
	return err;
}
