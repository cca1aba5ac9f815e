/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernels.db: layouts, the facts that kernels share. All facts of one are a
 * blob, in the order of type and member: of each, as LEB128 numbers, twice the
 * row of "name" (plus one of a bit-field), offset, size; of a bit-field also bit
 * offset and bit size. A table with a row a fact would be four times as big.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/db/store.h"

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *at = data;

	while (size--)
		hash = (hash ^ *at++) * 0x100000001b3;
	return hash;
}

/* FNV-1a over the sorted facts. */
static sqlite3_int64 layout_hash(const struct kernel_row *row)
{
	uint64_t hash = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < row->count; i++) {
		const struct fact *f = &row->facts[i];
		const uint32_t numbers[] = { f->offset, f->size, f->bit_offset, f->bit_size };

		hash = hash_bytes(hash, f->type, strlen(f->type) + 1);
		hash = hash_bytes(hash, f->member, strlen(f->member) + 1);
		hash = hash_bytes(hash, numbers, sizeof(numbers));
	}
	return hash;
}

/* ---- seen before ------------------------------------------------------- */

#define SEEN_MAX       1024
#define SEEN_FACTS_MAX (1 << 18)

void store_forget(struct offsets *o)
{
	while (o->seen_count)
		offsets_row_free(o->seen[--o->seen_count].facts);
	o->seen_facts = 0;
	free(o->slots);
	o->slots = NULL;
	o->slot_count = o->slot_room = 0;
}

static const struct layout_seen *seen_id(const struct offsets *o, sqlite3_int64 id)
{
	size_t i;

	for (i = 0; i < o->seen_count; i++)
		if (o->seen[i].id == id)
			return &o->seen[i];
	return NULL;
}

static const struct layout_seen *seen_facts(const struct offsets *o, const struct kernel_row *row,
                                            sqlite3_int64 hash)
{
	size_t i;

	for (i = 0; i < o->seen_count; i++)
		if (o->seen[i].hash == hash && offsets_row_same_facts(o->seen[i].facts, row))
			return &o->seen[i];
	return NULL;
}

/* Without memory it is read again next time. */
static void see(struct offsets *o, sqlite3_int64 id, const struct kernel_row *facts)
{
	struct kernel_row *copy = offsets_row_new();

	if (!o->seen)
		o->seen = calloc(SEEN_MAX, sizeof(*o->seen));
	if (o->seen_count == SEEN_MAX || o->seen_facts + facts->count > SEEN_FACTS_MAX)
		store_forget(o);
	if (!o->seen || !copy || offsets_row_copy_facts(copy, facts)) {
		offsets_row_free(copy);
		return;
	}
	o->seen_facts += copy->count;
	o->seen[o->seen_count++] = (struct layout_seen){ id, layout_hash(copy), copy };
}

/* ---- names ------------------------------------------------------------- */

static int name_id(struct offsets *o, const struct fact *f, uint64_t *ret, struct offsets_error *e)
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
static int named_add(struct offsets *o, uint64_t id, struct fact *f, struct kernel_row *row,
                     struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(o, &st, "SELECT type, name FROM name WHERE id = ?", e);

	if (err)
		return err;
	sqlite3_bind_int64(st, 1, id);
	err = store_step(o, st, e);
	if (err < 0)
		return err;
	f->type = err ? (char *)sqlite3_column_text(st, 0) : NULL;
	f->member = err ? (char *)sqlite3_column_text(st, 1) : NULL;
	return f->type && f->member ? offsets_row_add_fact(row, f) : -EINVAL;
}

/* ---- blobs ------------------------------------------------------------- */

/* The longest of a fact: five numbers of at most ten bytes. */
#define FACT_BYTES_MAX 50

static size_t number_put(unsigned char *at, uint64_t number)
{
	size_t size = 0;

	do {
		at[size++] = (number & 0x7f) | (number > 0x7f ? 0x80 : 0);
		number >>= 7;
	} while (number);
	return size;
}

/* False: cut, or larger than any number of a fact. */
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

static int blob_write(struct offsets *o, const struct kernel_row *row, unsigned char *at,
                      size_t *ret_size, struct offsets_error *e)
{
	unsigned char *start = at;
	uint64_t name = 0;
	size_t i;
	int err;

	for (i = 0; i < row->count; i++) {
		const struct fact *f = &row->facts[i];

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

static int blob_read(struct offsets *o, const unsigned char *at, size_t size,
                     struct kernel_row *row, struct offsets_error *e)
{
	const unsigned char *end;
	int err = 0;

	if (!size)
		return -EINVAL; /* and no address */
	end = at + size;
	while (!err && at < end) {
		uint64_t name, offset, bytes, bit_offset = 0, bit_size = 0;

		if (!number_get(&at, end, &name) || !number_get(&at, end, &offset) ||
		    !number_get(&at, end, &bytes) ||
		    (name & 1 &&
		     (!number_get(&at, end, &bit_offset) || !number_get(&at, end, &bit_size))))
			return -EINVAL;
		err = named_add(o, name / 2,
		                &(struct fact){ NULL, NULL, offset, bytes, bit_offset, bit_size },
		                row, e);
	}
	return err;
}

/* ---- layouts ----------------------------------------------------------- */

int store_facts_read(struct offsets *o, sqlite3_int64 layout, struct kernel_row *row,
                     struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	const struct layout_seen *seen = seen_id(o, layout);
	int err;

	if (seen) {
		err = store_charge(o, WORK_FACT * (int64_t)seen->facts->count, e);
		return err ? err : offsets_row_copy_facts(row, seen->facts);
	}
	err = store_prepare(o, &st, "SELECT facts FROM layout WHERE id = ?", e);
	if (err)
		return err;
	sqlite3_bind_int64(st, 1, layout);
	err = store_step(o, st, e);
	if (err < 0)
		return err;
	/* No such layout: a row without facts, which is nobody's. */
	err = err ? blob_read(o, sqlite3_column_blob(st, 0), sqlite3_column_bytes(st, 0), row, e)
	          : -EINVAL;
	if (err == -EINVAL)
		return offsets_fail(e, -EBADMSG,
		                    "%s: damaged: %s has an impossible member; rebuild it with "
		                    "'make kernels.db'",
		                    o->path,
		                    row->keys[ROW_RELEASE] ? row->keys[ROW_RELEASE] : "a row");
	if (err)
		return err == -ENOMEM ? offsets_fail(e, err, "%s: out of memory", o->path) : err;
	offsets_row_sort(row);
	see(o, layout, row);
	return 0;
}

static int layout_same(struct offsets *o, sqlite3_int64 id, const struct kernel_row *row,
                       struct offsets_error *e)
{
	struct kernel_row *there = offsets_row_new();
	int err = there ? store_facts_read(o, id, there, e)
	                : offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);

	if (!err)
		err = offsets_row_same_facts(there, row);
	offsets_row_free(there);
	return err;
}

static int layout_make(struct offsets *o, const struct kernel_row *row, sqlite3_int64 hash,
                       sqlite3_int64 *ret, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	CLEANUP(cleanup_free) unsigned char *blob = malloc(row->count * FACT_BYTES_MAX);
	size_t size = 0;
	int err = blob ? blob_write(o, row, blob, &size, e)
	               : offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);

	if (!err)
		err = store_prepare(o, &st, "INSERT INTO layout (hash, facts) VALUES (?, ?)", e);
	if (err)
		return err;
	sqlite3_bind_int64(st, 1, hash);
	sqlite3_bind_blob(st, 2, blob, size, SQLITE_TRANSIENT);
	err = store_step(o, st, e);
	*ret = sqlite3_last_insert_rowid(o->db);
	return err;
}

/* ---- by hash ------------------------------------------------------------ */

/* From *at on the slot that has the hash, or is free: the search ends there. */
static const struct hash_slot *slot_next(struct offsets *o, sqlite3_int64 hash, size_t *at)
{
	const struct hash_slot *slot;

	do {
		slot = &o->slots[(*at)++ % o->slot_room];
		o->work--; /* whoever makes layouts can choose their hashes */
	} while (slot->id && slot->hash != hash);
	return slot;
}

static void slot_put(struct offsets *o, sqlite3_int64 hash, sqlite3_int64 id)
{
	size_t at = (uint64_t)hash % o->slot_room;

	while (o->slots[at].id) {
		at = (at + 1) % o->slot_room;
		o->work--;
	}
	o->slots[at] = (struct hash_slot){ hash, id };
	o->slot_count++;
}

/* At most half full. */
static int slot_add(struct offsets *o, sqlite3_int64 hash, sqlite3_int64 id,
                    struct offsets_error *e)
{
	struct hash_slot *old = o->slots;
	size_t i, room = o->slot_room;

	if (2 * o->slot_count >= room) {
		o->slots = calloc(room ? 2 * room : 1024, sizeof(*o->slots));
		if (!o->slots) {
			o->slots = old;
			return offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);
		}
		o->slot_room = room ? 2 * room : 1024;
		o->slot_count = 0;
		for (i = 0; i < room; i++)
			if (old[i].id)
				slot_put(o, old[i].hash, old[i].id);
		free(old);
	}
	slot_put(o, hash, id);
	return 0;
}

static int slots_load(struct offsets *o, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	int err = store_prepare(o, &st, "SELECT hash, id FROM layout WHERE id <> 0", e);

	while (!err && (err = store_step(o, st, e)) == 1)
		err = slot_add(o, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1), e);
	return err;
}

/* The layout that has exactly these facts; a new one where there is none. */
static int layout_find(struct offsets *o, const struct kernel_row *row, sqlite3_int64 hash,
                       sqlite3_int64 *ret, struct offsets_error *e)
{
	const struct hash_slot *slot;
	size_t at;
	int err = o->slots ? 0 : slots_load(o, e);

	if (err)
		return err;
	at = o->slot_room ? (uint64_t)hash % o->slot_room : 0;
	while (o->slots && (slot = slot_next(o, hash, &at))->id) {
		*ret = slot->id;
		err = layout_same(o, *ret, row, e);
		if (err)
			return err < 0 ? err : 0;
	}
	err = layout_make(o, row, hash, ret, e);
	return err ? err : slot_add(o, hash, *ret, e);
}

int store_layout_id(struct offsets *o, const struct kernel_row *row, sqlite3_int64 *ret,
                    struct offsets_error *e)
{
	sqlite3_int64 hash = layout_hash(row);
	const struct layout_seen *seen = seen_facts(o, row, hash);
	int err;

	if (seen) {
		*ret = seen->id;
		return 0;
	}
	err = layout_find(o, row, hash, ret, e);
	if (!err)
		see(o, *ret, row);
	return err;
}
