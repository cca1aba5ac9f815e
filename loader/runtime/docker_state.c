/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DATA-ROOT/containers/ID/config.v2.json: {"ID": ..., "Name": "/web", "Config": {"Image":
 * "nginx:1.27"}, "Image": "sha256:..."}: struct Container and toDisk() in moby,
 * container/container.go, since 2.0 daemon/container/container.go (as of commit 006e71b11433). The
 * data root is /var/lib/docker, or what /etc/docker/daemon.json says: "data-root", in older
 * versions "graph" (struct CommonConfig in moby, daemon/config/config.go). Seen with 20.10.24.
 *
 * Containers of a pod are known by their names, which cri-dockerd and dockershim make:
 * "/k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT" (makeContainerName() in cri-dockerd, core/naming.go,
 * as of commit 45857d7e5885), where no part has an underscore. Their labels say the same, but an
 * image may have such labels, too.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "loader/runtime/image_reference.h"
#include "loader/runtime/state_file.h"

/* ---- where ------------------------------------------------------------- */

struct data_root {
	char path[STATE_ROOT_BYTES];
};

static void data_root_take(void *arg, size_t place, const char *text, size_t size)
{
	struct data_root *root = arg;

	(void)place;
	if (size && size < sizeof(root->path) && *text == '/' && !memchr(text, '\0', size))
		snprintf(root->path, sizeof(root->path), "%.*s", (int)size, text);
}

static void data_root_find(const struct state_question *q, struct data_root *ret)
{
	static const struct json_place places[] = { { { "graph" } }, { { "data-root" } } };
	struct json_pick pick = { places, 2, data_root_take, NULL, ret };

	*ret->path = '\0';
	if (state_file_pick(&pick, STATE_FILE_MAX, q, "/etc/docker/daemon.json") || !*ret->path)
		strcpy(ret->path, "/var/lib/docker");
}

/* ---- what -------------------------------------------------------------- */

enum { ID, NAME, IMAGE };

struct found {
	const char *id;
	bool is_another;
	struct container_facts *facts;
};

/* The next part of a name; false: it is empty, or there is no underscore behind it. */
static bool part_next(const char **at, const char *end, struct container_facts *facts,
                      enum container_fact_id id)
{
	const char *under = memchr(*at, '_', end - *at);

	if (!under || under == *at)
		return false;
	container_fact_set(facts, id, *at, under - *at);
	*at = under + 1;
	return true;
}

static void pod_take(struct container_facts *facts, const char *at, const char *end)
{
	static const enum container_fact_id parts[] = { FACT_NAME, FACT_POD, FACT_NAMESPACE,
		                                        FACT_POD_UID };
	struct container_facts pod = *facts;
	size_t i = 0;

	while (i < 4 && part_next(&at, end, &pod, parts[i]))
		i++;
	if (i == 4 && at < end && !memchr(at, '_', end - at))
		*facts = pod;
}

static void name_take(struct container_facts *facts, const char *name, size_t size)
{
	container_fact_set(facts, FACT_NAME, name, size);
	if (size > 4 && !memcmp(name, "k8s_", 4))
		pod_take(facts, name + 4, name + size);
}

static void take(void *arg, size_t place, const char *text, size_t size)
{
	struct found *found = arg;

	if (place == ID)
		found->is_another = size != strlen(found->id) || memcmp(text, found->id, size);
	else if (place == IMAGE)
		image_reference_split(text, size, found->facts);
	else if (size > 1 && *text == '/')
		name_take(found->facts, text + 1, size - 1);
}

int docker_find(const struct state_question *q, struct container_facts *ret)
{
	static const struct json_place places[] = {
		[ID] = { { "ID" } }, [NAME] = { { "Name" } }, [IMAGE] = { { "Config", "Image" } }
	};
	struct found found = { q->id, false, ret };
	struct json_pick pick = { places, 3, take, NULL, &found };
	struct data_root root;
	int err;

	data_root_find(q, &root);
	*ret = (struct container_facts){ .runtime = RUNTIME_DOCKER };
	err = state_file_pick(&pick, STATE_FILE_MAX, q, "%s/containers/%s/config.v2.json",
	                      root.path, q->id);
	return !err && found.is_another ? -EBADMSG : err;
}
