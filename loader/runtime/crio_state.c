/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * STORAGE/DRIVER-containers/ID/userdata/config.json, the specification that the runtime of the
 * container gets (OCI), written by CRI-O into both the run root and the root of containers/storage:
 * createSandboxContainer() in cri-o, server/container_create.go, of 1.x. Its annotations:
 * SpecAddAnnotations() in internal/factory/container/container.go, where the kubelet's labels come
 * last, so that no annotation of the pod replaces them.
 *
 * Podman writes such a file, too, without CRI-O's annotations.
 */
#include <errno.h>
#include <stdbool.h>

#include "loader/runtime/image_reference.h"
#include "loader/runtime/state_file.h"

enum { TYPE, CONTAINER, IMAGE, POD, POD_NAMESPACE, POD_UID, PLACES };

struct found {
	bool is_of_crio;
	struct container_facts *facts;
};

static void take(void *arg, size_t place, const char *text, size_t size)
{
	static const enum container_fact_id ids[PLACES] = { [CONTAINER] = FACT_NAME,
		                                            [POD] = FACT_POD,
		                                            [POD_NAMESPACE] = FACT_NAMESPACE,
		                                            [POD_UID] = FACT_POD_UID };
	struct found *found = arg;

	if (place == TYPE)
		found->is_of_crio = true;
	else if (place == IMAGE)
		image_reference_split(text, size, found->facts);
	else
		container_fact_set(found->facts, ids[place], text, size);
}

static int config_read(const struct state_question *q, const char *directory,
                       struct container_facts *ret)
{
	static const struct json_place places[PLACES] = {
		[TYPE] = { { "annotations", "io.kubernetes.cri-o.ContainerType" } },
		[CONTAINER] = { { "annotations", "io.kubernetes.container.name" } },
		[IMAGE] = { { "annotations", "io.kubernetes.cri-o.ImageName" } },
		[POD] = { { "annotations", "io.kubernetes.pod.name" } },
		[POD_NAMESPACE] = { { "annotations", "io.kubernetes.pod.namespace" } },
		[POD_UID] = { { "annotations", "io.kubernetes.pod.uid" } },
	};
	struct found found = { false, ret };
	const struct json_pick pick = { places, PLACES, take, NULL, &found };
	int err;

	*ret = (struct container_facts){ .runtime = RUNTIME_CRIO };
	err = state_file_pick(&pick, STATE_FILE_MAX, q, "%s/%s/userdata/config.json", directory,
	                      q->id);
	return !err && !found.is_of_crio ? -ENOENT : err;
}

int crio_find(const struct state_question *q, struct container_facts *ret)
{
	static const char *const directories[] = {
		"/run/containers/storage/overlay-containers",
		"/var/lib/containers/storage/overlay-containers",
		"/run/containers/storage/vfs-containers",
		"/var/lib/containers/storage/vfs-containers",
		"/run/containers/storage/btrfs-containers",
		"/var/lib/containers/storage/btrfs-containers",
	};
	int err = -ENOENT;
	size_t i;

	for (i = 0; err && i < sizeof(directories) / sizeof(directories[0]); i++)
		err = config_read(q, directories[i], ret);
	return err;
}
