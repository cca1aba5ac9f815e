/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * References to images: NAME[:TAG][@DIGEST], as "registry:5000/team/app:1.2@sha256:...".
 * The grammar: github.com/distribution/reference, reference.go.
 */
#ifndef LOADER_RUNTIME_IMAGE_REFERENCE_H
#define LOADER_RUNTIME_IMAGE_REFERENCE_H

#include <stddef.h>

#include "loader/state/container_facts.h"

/* Sets FACT_IMAGE, FACT_TAG and FACT_DIGEST as far as it has them. The id of an image is no name.
 */
void image_reference_split(const char *reference, size_t size, struct container_facts *ret);

/* Sets one; of a text that is longer than a fact the beginning. An empty one is not known. */
void container_fact_set(struct container_facts *facts, enum container_fact_id id, const char *text,
                        size_t size);

#endif
