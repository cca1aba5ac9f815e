/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * STATE/io.containerd.runtime.v2.task/NAMESPACE/ID/config.json, the specification that the runtime
 * of the container gets (OCI): NewBundle() in containerd, core/runtime/v2/bundle.go (2.x, as of
 * commit 005c52eada09); of the older runtime, which 2.0 has no more,
 * io.containerd.runtime.v1.linux. Its annotations: internal/cri/annotations/annotations.go (2.x),
 * pkg/cri/annotations/annotations.go (1.x); nerdctl's: pkg/labels/labels.go (as of commit
 * 03f08620509c), "also passed to OCI containers as annotations".
 *
 * STATE is /run/containerd, and where Kubernetes comes with its own: k3s and rke2, MicroK8s.
 * Containers of Docker are in the namespace moby, without such annotations.
 */
#include <errno.h>

#include "loader/runtime/image_reference.h"
#include "loader/runtime/state_file.h"

enum { CONTAINER, NERDCTL, IMAGE, SANDBOX, SANDBOX_NAMESPACE, SANDBOX_UID, PLACES };

static void take(void *arg, size_t place, const char *text, size_t size)
{
	static const enum container_fact_id ids[PLACES] = { [CONTAINER] = FACT_NAME,
		                                            [NERDCTL] = FACT_NAME,
		                                            [SANDBOX] = FACT_POD,
		                                            [SANDBOX_NAMESPACE] = FACT_NAMESPACE,
		                                            [SANDBOX_UID] = FACT_POD_UID };

	if (place == IMAGE)
		image_reference_split(text, size, arg);
	else
		container_fact_set(arg, ids[place], text, size);
}

static int config_read(const struct state_question *q, const char *directory,
                       struct container_facts *ret)
{
	static const struct json_place places[PLACES] = {
		[CONTAINER] = { { "annotations", "io.kubernetes.cri.container-name" } },
		[NERDCTL] = { { "annotations", "nerdctl/name" } },
		[IMAGE] = { { "annotations", "io.kubernetes.cri.image-name" } },
		[SANDBOX] = { { "annotations", "io.kubernetes.cri.sandbox-name" } },
		[SANDBOX_NAMESPACE] = { { "annotations", "io.kubernetes.cri.sandbox-namespace" } },
		[SANDBOX_UID] = { { "annotations", "io.kubernetes.cri.sandbox-uid" } },
	};
	const struct json_pick pick = { places, PLACES, take, NULL, ret };

	*ret = (struct container_facts){ .runtime = RUNTIME_CONTAINERD };
	return state_file_pick(&pick, STATE_FILE_MAX, q, "%s/%s/config.json", directory, q->id);
}

int containerd_find(const struct state_question *q, struct container_facts *ret)
{
	static const char *const directories[] = {
		"/run/containerd/io.containerd.runtime.v2.task/k8s.io",
		"/run/containerd/io.containerd.runtime.v2.task/default",
		"/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io",
		"/var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task/k8s.io",
		"/run/containerd/io.containerd.runtime.v1.linux/k8s.io",
		"/run/containerd/io.containerd.runtime.v1.linux/default",
	};
	int err = -ENOENT;
	size_t i;

	for (i = 0; err && i < sizeof(directories) / sizeof(directories[0]); i++)
		err = config_read(q, directories[i], ret);
	return err;
}
