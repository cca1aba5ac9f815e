/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tar cannot be read backwards, but its last headers can be recognised: a
 * block with a valid checksum whose size leads to another one, and so on to the
 * zeros at the end. What is before the first of them is the end of the wanted
 * file, where linkers and objcopy put the section headers. These headers
 * directly follow the furthest byte that they name, so they say where the file
 * starts. The tar header before the start must then be the file's own.
 */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/util/cleanup.h"
#include "lkccb/package/tail.h"

#define BLOCK        512
#define SECTIONS_MIN 4
#define ENTRY        sizeof(Elf64_Shdr)

/* Distances from the end to try, one after the other. */
static const uint64_t windows[] = { 64 << 10, 1 << 20, 16 << 20 };

struct tail {
	struct xz *xz;
	const char *data; /* of the whole tar; data holds only the window at its end */
	uint64_t size, window;
	const char *path;
	bool *good; /* by block of the window: a chain of headers leads from it to the end */
};

/* ---- tar headers ------------------------------------------------------ */

static bool octal(const char *field, size_t size, uint64_t *ret)
{
	char text[16], *end;

	memcpy(text, field, size);
	text[size] = '\0';
	*ret = strtoull(text, &end, 8);
	return end != text && (!*end || *end == ' ');
}

/* Name, size at 124, checksum at 148, type at 156, "ustar" at 257. */
static bool header_read(const char *header, uint64_t *ret_size)
{
	uint64_t sum, counted = 0;
	size_t i;

	if (memcmp(header + 257, "ustar", 5) || !octal(header + 148, 8, &sum) ||
	    !octal(header + 124, 12, ret_size))
		return false;
	for (i = 0; i < BLOCK; i++)
		counted += i >= 148 && i < 156 ? ' ' : (unsigned char)header[i];
	return sum == counted;
}

static bool header_of_file(const struct tail *t, const char *header, uint64_t *ret_size)
{
	char name[101];

	memcpy(name, header, 100);
	name[100] = '\0';
	return header_read(header, ret_size) && (header[156] == '0' || !header[156]) &&
	       !strcmp(!strncmp(name, "./", 2) ? name + 2 : name, t->path);
}

static bool zeros(const char *data, size_t size)
{
	return !size || (!*data && !memcmp(data, data + 1, size - 1));
}

static bool *good_at(struct tail *t, uint64_t at)
{
	return &t->good[(at - t->window) / BLOCK];
}

/* Where the zeros at the end begin; t->window: there are none. */
static uint64_t zeros_find(struct tail *t)
{
	uint64_t at = t->size;

	while (at > t->window && zeros(t->data + at - BLOCK, BLOCK)) {
		at -= BLOCK;
		*good_at(t, at) = true;
	}
	return at;
}

/* Fills t->good; returns where the chain begins. */
static int chain_find(struct tail *t, uint64_t *ret)
{
	uint64_t zero = zeros_find(t), at, size, next;

	if (zero == t->window || zero == t->size)
		return -ENOENT;
	*ret = zero;
	for (at = zero; at > t->window;) {
		at -= BLOCK;
		if (!header_read(t->data + at, &size) || size >= t->size - at - BLOCK)
			continue;
		next = at + BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
		*good_at(t, at) = next < t->size && *good_at(t, next);
		if (*good_at(t, at))
			*ret = at;
	}
	return 0;
}

/* A small kernel, whose header is in the window. */
static int small_find(struct tail *t, uint64_t first, struct xz_range *ret)
{
	uint64_t at, size;

	for (at = first; at < t->size; at += BLOCK)
		if (*good_at(t, at) && header_of_file(t, t->data + at, &size)) {
			*ret = (struct xz_range){ at + BLOCK, size };
			return 0;
		}
	return -ENOENT;
}

/* ---- section headers -------------------------------------------------- */

static bool plausible(const Elf64_Shdr *s, uint64_t most)
{
	return !(s->sh_addralign & (s->sh_addralign - 1)) && s->sh_offset < most &&
	       (s->sh_type == SHT_NOBITS || s->sh_size < most - s->sh_offset);
}

/*
 * Section headers that end at "end": from the last to the first, which is
 * empty. Returns their number and the end of the furthest section.
 */
static bool sections_read(const struct tail *t, uint64_t end, size_t *ret_count,
                          uint64_t *ret_furthest)
{
	Elf64_Shdr s;
	uint64_t at;

	*ret_furthest = 0;
	for (*ret_count = 1, at = end; at >= t->window + ENTRY; ++*ret_count) {
		at -= ENTRY;
		memcpy(&s, t->data + at, ENTRY);
		if (zeros(t->data + at, ENTRY))
			return *ret_count >= SECTIONS_MIN;
		if (!plausible(&s, end))
			return false;
		if (s.sh_type != SHT_NOBITS && s.sh_offset + s.sh_size > *ret_furthest)
			*ret_furthest = s.sh_offset + s.sh_size;
	}
	return false;
}

/* Is this the file, according to its tar header and its ELF header? */
static int start_check(struct tail *t, uint64_t start, uint64_t end, uint64_t headers, size_t count)
{
	struct xz_range range = { start - BLOCK, BLOCK + sizeof(Elf64_Ehdr) };
	Elf64_Ehdr elf;
	uint64_t size;
	int err = xz_need(t->xz, &range, 1);

	if (err)
		return err;
	memcpy(&elf, t->data + start, sizeof(elf));
	return header_of_file(t, t->data + start - BLOCK, &size) && size == end - start &&
	                       !memcmp(elf.e_ident, ELFMAG, SELFMAG) &&
	                       elf.e_shoff == headers - start && elf.e_shnum == count
	               ? 0
	               : -ENOENT;
}

/* The file whose last byte lies before "end". */
static int file_find(struct tail *t, uint64_t end, struct xz_range *ret)
{
	uint64_t furthest, headers, start;
	size_t count;
	int err;

	if (!sections_read(t, end, &count, &furthest))
		return -ENOENT;
	headers = end - count * ENTRY;
	furthest = (furthest + 7) & ~(uint64_t)7;
	if (furthest > headers || headers - furthest < BLOCK)
		return -ENOENT;
	start = headers - furthest;
	if (start % BLOCK)
		return -ENOENT;
	err = start_check(t, start, end, headers, count);
	if (!err)
		*ret = (struct xz_range){ start, end - start };
	return err;
}

/* Zeros fill the last block of a file. */
static int large_find(struct tail *t, uint64_t first, struct xz_range *ret)
{
	uint64_t end;
	int err = -ENOENT;

	for (end = first; err == -ENOENT && end + BLOCK > first && end >= t->window + ENTRY &&
	                  zeros(t->data + end, first - end);
	     end -= 8)
		err = file_find(t, end, ret);
	return err;
}

/* ---- all of it -------------------------------------------------------- */

static int window_search(struct tail *t, struct xz_range *ret)
{
	const struct xz_range range = { t->window, t->size - t->window };
	CLEANUP(cleanup_free) bool *good = calloc(range.size / BLOCK + 1, sizeof(*good));
	uint64_t first;
	int err = good ? xz_need(t->xz, &range, 1) : -ENOMEM;

	t->good = good;
	if (!err)
		err = chain_find(t, &first);
	if (err)
		return err;
	err = small_find(t, first, ret);
	return err == -ENOENT ? large_find(t, first, ret) : err;
}

int tail_find(struct xz *xz, const char *path, struct xz_range *ret)
{
	struct tail t = { .xz = xz, .data = xz_data(xz), .size = xz_size(xz), .path = path };
	int err = -ENOENT;
	size_t i;

	if (t.size % BLOCK || t.size < 2 * BLOCK)
		return -ENOENT;
	for (i = 0; err == -ENOENT && i < sizeof(windows) / sizeof(windows[0]); i++) {
		if (i && t.size <= windows[i - 1])
			break;
		t.window = t.size > windows[i] ? t.size - windows[i] : 0;
		err = window_search(&t, ret);
	}
	return err;
}
