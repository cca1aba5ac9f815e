/* SPDX-License-Identifier: BSD-2-Clause */
/* A batch of lines with their tags, as they are kept and sent together. */
#ifndef LOADER_SHIP_SHIPMENT_H
#define LOADER_SHIP_SHIPMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most bytes of a batch's text. */
#define SHIPMENT_BYTES_MAX (8U << 20)

struct shipment {
	char *text; /* each line ends with a newline */
	size_t size, room;
	uint8_t *tags; /* of the lines */
	size_t count, tags_room;
};

/* A zeroed batch is empty. */
void shipment_deinit(struct shipment *batch);
void shipment_clear(struct shipment *batch); /* keeps the memory */

/* line: without a newline. 0, -ENOMEM, or -E2BIG: it does not fit. */
int shipment_add(struct shipment *batch, const char *line, size_t size, uint8_t tag);

/* Its text by zlib: *ret is the caller's to free(). 0 or -ENOMEM. */
int shipment_pack(const struct shipment *batch, void **ret, size_t *ret_size);

/*
 * The other way round, in place of what is in the batch. size: of the text; tags: of count
 * lines. -EBADMSG: these do not belong together; -ENOMEM.
 */
int shipment_unpack(struct shipment *batch, const void *packed, size_t packed_size, size_t size,
                    const void *tags, size_t count);

#endif
