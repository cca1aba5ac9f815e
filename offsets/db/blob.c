/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "offsets/db/blob.h"

/* ---- names ------------------------------------------------------------- */

static int name_id(struct offsets *o, const struct offsets_fact *f, uint64_t *ret,
                   struct offsets_error *e)
{
	static const char *const sql[] = {
		"INSERT OR IGNORE INTO name (type, name) VALUES (?1, ?2)",
		"SELECT id FROM name WHERE type = ?1 AND name = ?2",
	};
	size_t i;

	for (i = 0; i < sizeof(sql) / sizeof(sql[0]); i++) {
		CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
		int err = store_prepare(o, &st, sql[i], e);

		if (err)
			return err;
		sqlite3_bind_text(st, 1, f->type, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 2, f->member, -1, SQLITE_STATIC);
		err = store_step(o, st, e);
		if (err < 0)
			return err;
		if (err)
			*ret = sqlite3_column_int64(st, 0);
	}
	return 0;
}

/* Adds a fact under the name; -EINVAL: there is no such name. */
static int named_add(struct offsets *o, uint64_t id, struct offsets_fact *f,
                     struct offsets_kernel *kernel, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_by_id(o, &st, "SELECT type, name FROM name WHERE id = ?", id, e);

	if (err < 0)
		return err;
	f->type = err ? (char *)sqlite3_column_text(st, 0) : NULL;
	f->member = err ? (char *)sqlite3_column_text(st, 1) : NULL;
	return f->type && f->member ? offsets_kernel_add_fact(kernel, f) : -EINVAL;
}

/* ---- blobs ------------------------------------------------------------- */

static size_t number_put(unsigned char *at, uint64_t number)
{
	size_t size = 0;

	do {
		at[size++] = (number & 0x7f) | (number > 0x7f ? 0x80 : 0);
		number >>= 7;
	} while (number);
	return size;
}

/* False: truncated, or larger than any number of a fact. */
static bool number_get(const unsigned char **at, const unsigned char *end, uint64_t *ret)
{
	unsigned int shift;

	*ret = 0;
	for (shift = 0; shift < 35 && *at < end; shift += 7) {
		*ret |= (uint64_t)(**at & 0x7f) << shift;
		if (!(*(*at)++ & 0x80))
			return *ret <= UINT32_MAX;
	}
	return false;
}

int blob_write(struct offsets *o, const struct offsets_kernel *kernel, unsigned char *at,
               size_t *ret_size, struct offsets_error *e)
{
	unsigned char *start = at;
	uint64_t name = 0;
	size_t i;
	int err;

	for (i = 0; i < offsets_kernel_count(kernel); i++) {
		const struct offsets_fact *f = offsets_kernel_fact_at(kernel, i);

		err = name_id(o, f, &name, e);
		if (err)
			return err;
		at += number_put(at, name * 2 + !!f->bit_size);
		at += number_put(at, f->offset);
		at += number_put(at, f->size);
		if (f->bit_size) {
			at += number_put(at, f->bit_offset);
			at += number_put(at, f->bit_size);
		}
	}
	*ret_size = at - start;
	return 0;
}

int blob_read(struct offsets *o, const unsigned char *at, size_t size,
              struct offsets_kernel *kernel, struct offsets_error *e)
{
	const unsigned char *end;
	int err = 0;

	if (!size)
		return -EINVAL; /* its address may be NULL */
	end = at + size;
	while (!err && at < end) {
		uint64_t name, offset, bytes, bit_offset = 0, bit_size = 0;

		if (!number_get(&at, end, &name) || !number_get(&at, end, &offset) ||
		    !number_get(&at, end, &bytes) ||
		    (name & 1 &&
		     (!number_get(&at, end, &bit_offset) || !number_get(&at, end, &bit_size))))
			return -EINVAL;
		err = named_add(
			o, name / 2,
			&(struct offsets_fact){ NULL, NULL, offset, bytes, bit_offset, bit_size },
			kernel, e);
	}
	return err;
}
