/* SPDX-License-Identifier: BSD-2-Clause */
/* The differences between an event and what the system says, as lines of text. */
#ifndef LOADER_VERIFY_DIFFERENCES_H
#define LOADER_VERIFY_DIFFERENCES_H

#include <stddef.h>
#include <stdint.h>

#include "offsets/util/jsonw.h"
#include "probes/abi/events.h"

struct differences {
	unsigned int failed; /* 1 << enum event_type of those that have one */
	/*
	 * Of these, the ones with a value that no other reason explains than wrong facts: not
	 * an event that did not come, nor a number that depends on the file system.
	 */
	unsigned int wrong;
	/* Of each class, 1 << number of the fields that were compared, and of those that differ. */
	unsigned int compared[EVENT_TYPES], differing[EVENT_TYPES];
	struct jsonw lines;
};

/* No event of a class came; field: whose facts decide about that. */
void differences_missing(struct differences *differences, enum event_type type, unsigned int field);

/* A field of a class is not what it should be: adds a line that names the offsets involved. */
void differences_add(struct differences *differences, enum event_type type, unsigned int field,
                     const char *what, const char *seen, const char *truth);

/* Adds a line if they differ. Text may have any bytes; it is escaped and shortened. */
void differences_number(struct differences *differences, enum event_type type, unsigned int field,
                        const char *what, uint64_t seen, uint64_t truth);
void differences_bytes(struct differences *differences, enum event_type type, unsigned int field,
                       const char *what, const char *seen, size_t seen_size, const char *truth,
                       size_t truth_size);

/* Reports each line as a message. */
void differences_report(const struct differences *differences);

/*
 * The facts that make the events of these classes wrong, with commas between them: of
 * the fields that differ, without the facts of fields that are right. What does not
 * fit is counted: "dentry.d_parent, cred.uid and 12 more".
 */
void differences_facts(const struct differences *differences, unsigned int classes, char *ret,
                       size_t ret_size);

#endif
