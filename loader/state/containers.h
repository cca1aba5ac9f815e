/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of containers, by their ids. */
#ifndef LOADER_STATE_CONTAINERS_H
#define LOADER_STATE_CONTAINERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/state/container.h"
#include "loader/state/container_facts.h"

#define CONTAINERS_MAX 1024

/* What was not used for so long makes room: less, and many containers would take it from each
 * other. */
#define CONTAINERS_IDLE_NS 60000000000ULL

struct container_entry {
	struct container_entry *next;            /* whose id has the same hash */
	struct container_entry *older, *younger; /* by used_ns; NULL: there is none */
	size_t place;
	char id[CONTAINER_ID_BYTES];
	uint64_t used_ns;              /* when it was added or looked up; CLOCK_MONOTONIC */
	struct container_facts *facts; /* NULL: not known */
	/* Of who asks for facts. */
	uint64_t question;  /* id of one that is not answered yet; 0: none */
	uint64_t next_ns;   /* when it is asked again, or may be */
	unsigned int tries; /* that have found nothing; or that it needs none */
	uint32_t outputs;   /* 1 << index of those that have an event of it */
	bool is_unsaid;     /* facts were found, and are not written yet */
};

struct containers;

struct containers *containers_new(void); /* NULL: no memory */
void containers_free(struct containers *containers);

/* id: 64 hexadecimal digits. NULL: it is not there. */
struct container_entry *containers_find(struct containers *containers, const char *id,
                                        uint64_t now_ns);

/* One that is not there yet. NULL: there is no room, or no memory. */
struct container_entry *containers_add(struct containers *containers, const char *id,
                                       uint64_t now_ns);

/* All of them, i below CONTAINERS_MAX. NULL: a free place. */
struct container_entry *containers_at(const struct containers *containers, size_t i);
void containers_drop(struct containers *containers, size_t i);

/* Takes a copy. -ENOMEM: the entry is as before. */
int container_entry_set(struct container_entry *entry, const struct container_facts *facts);

/* NULL: not known. Valid until an entry is added, dropped or set. */
const struct container_facts *containers_facts(const struct containers *containers,
                                               struct container_id id);

#endif
