/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of container runtimes say of a container. */
#ifndef LOADER_STATE_CONTAINER_FACTS_H
#define LOADER_STATE_CONTAINER_FACTS_H

#include <stdint.h>

/* Of a longer text the beginning is written. */
#define CONTAINER_FACT_BYTES 256
#define CONTAINER_WORD_BYTES 144 /* of tag, digest, UID and namespace */

/* Whoever starts the container chooses it. No NUL at the end. */
struct container_fact {
	uint16_t size;                        /* 0: not known */
	char bytes[CONTAINER_FACT_BYTES + 4]; /* more than are written say that there are more */
};

enum container_fact_id {
	FACT_NAME,
	FACT_IMAGE, /* without tag and digest */
	FACT_TAG,
	FACT_DIGEST, /* "sha256:..." */
	FACT_POD,    /* of Kubernetes */
	FACT_POD_UID,
	FACT_NAMESPACE, /* of Kubernetes */
	CONTAINER_FACTS
};

enum container_runtime {
	RUNTIME_DOCKER,
	RUNTIME_CONTAINERD,
	RUNTIME_CRIO,
	RUNTIME_PODMAN,
	CONTAINER_RUNTIMES
};

struct container_facts {
	uint32_t runtime; /* enum container_runtime: whose files these are */
	struct container_fact texts[CONTAINER_FACTS];
};

/* ECS: container.runtime. */
const char *container_runtime_name(enum container_runtime runtime);

#endif
