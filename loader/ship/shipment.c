/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "loader/out/ledger.h"
#include "loader/ship/shipment.h"

void shipment_deinit(struct shipment *b)
{
	free(b->text);
	free(b->tags);
	*b = (struct shipment){ .text = NULL };
}

void shipment_clear(struct shipment *b)
{
	b->size = b->count = 0;
}

static bool room_make(void **memory, size_t *room, size_t wanted, size_t least)
{
	size_t size = *room ? *room : least;
	void *larger;

	if (wanted <= *room)
		return true;
	while (size < wanted)
		size *= 2;
	larger = realloc(*memory, size);
	if (!larger)
		return false;
	*memory = larger;
	*room = size;
	return true;
}

static bool rooms_make(struct shipment *b, size_t size, size_t count)
{
	return room_make((void **)&b->text, &b->room, size, 4096) &&
	       room_make((void **)&b->tags, &b->tags_room, count, 64);
}

int shipment_add(struct shipment *b, const char *line, size_t size, uint8_t tag)
{
	if (size >= SHIPMENT_BYTES_MAX - b->size)
		return -E2BIG;
	if (!rooms_make(b, b->size + size + 1, b->count + 1))
		return -ENOMEM;
	memcpy(b->text + b->size, line, size);
	b->text[b->size + size] = '\n';
	b->size += size + 1;
	b->tags[b->count++] = tag;
	return 0;
}

int shipment_pack(const struct shipment *b, void **ret, size_t *ret_size)
{
	uLongf size = compressBound(b->size);

	*ret = malloc(size);
	if (!*ret || compress2(*ret, &size, (const Bytef *)b->text, b->size, 1) != Z_OK) {
		free(*ret);
		*ret = NULL;
		return -ENOMEM;
	}
	*ret_size = size;
	return 0;
}

/* Each tag is one, and each line ends. */
static bool is_whole(const struct shipment *b)
{
	size_t lines = 0, i;

	for (i = 0; i < b->size; i++)
		lines += b->text[i] == '\n';
	for (i = 0; i < b->count; i++)
		if (b->tags[i] >= LEDGER_TAGS)
			return false;
	return lines == b->count && (!b->size || b->text[b->size - 1] == '\n');
}

int shipment_unpack(struct shipment *b, const void *packed, size_t packed_size, size_t size,
                    const void *tags, size_t count)
{
	uLongf unpacked = size;

	shipment_clear(b);
	if (!size || size > SHIPMENT_BYTES_MAX || count > size)
		return -EBADMSG;
	if (!rooms_make(b, size, count))
		return -ENOMEM;
	if (uncompress((Bytef *)b->text, &unpacked, packed, packed_size) != Z_OK ||
	    unpacked != size)
		return -EBADMSG;
	memcpy(b->tags, tags, count);
	b->size = size;
	b->count = count;
	if (is_whole(b))
		return 0;
	shipment_clear(b);
	return -EBADMSG;
}
