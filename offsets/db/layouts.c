/* SPDX-License-Identifier: BSD-2-Clause */
/* The table "layout", a cache of what was read of it, and a hash table to find equal facts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/db/blob.h"
#include "offsets/db/layouts.h"

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *at = data;

	while (size--)
		hash = (hash ^ *at++) * 0x100000001b3;
	return hash;
}

/* FNV-1a over the sorted facts. */
static sqlite3_int64 layout_hash(const struct offsets_kernel *kernel)
{
	uint64_t hash = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < offsets_kernel_count(kernel); i++) {
		const struct offsets_fact *f = offsets_kernel_fact_at(kernel, i);
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

void layouts_forget(struct offsets *o)
{
	while (o->seen_count)
		offsets_kernel_free(o->seen[--o->seen_count].facts);
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

static const struct layout_seen *seen_facts(const struct offsets *o,
                                            const struct offsets_kernel *kernel, sqlite3_int64 hash)
{
	size_t i;

	for (i = 0; i < o->seen_count; i++)
		if (o->seen[i].hash == hash && offsets_kernel_same_facts(o->seen[i].facts, kernel))
			return &o->seen[i];
	return NULL;
}

/* If there is no memory, the layout is read again next time. */
static void see(struct offsets *o, sqlite3_int64 id, const struct offsets_kernel *facts)
{
	struct offsets_kernel *copy = offsets_kernel_new();

	if (!o->seen)
		o->seen = calloc(SEEN_MAX, sizeof(*o->seen));
	if (o->seen_count == SEEN_MAX ||
	    o->seen_facts + offsets_kernel_count(facts) > SEEN_FACTS_MAX)
		layouts_forget(o);
	if (!o->seen || !copy || offsets_kernel_copy_facts(copy, facts)) {
		offsets_kernel_free(copy);
		return;
	}
	o->seen_facts += offsets_kernel_count(copy);
	o->seen[o->seen_count++] = (struct layout_seen){ id, layout_hash(copy), copy };
}

/* ---- layouts ----------------------------------------------------------- */

int layouts_read(struct offsets *o, sqlite3_int64 id, struct offsets_kernel *kernel,
                 struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	const struct layout_seen *seen = seen_id(o, id);
	int err;

	if (seen) {
		err = store_charge(o, WORK_FACT * (int64_t)offsets_kernel_count(seen->facts), e);
		return err ? err : offsets_kernel_copy_facts(kernel, seen->facts);
	}
	err = store_by_id(o, &st, "SELECT facts FROM layout WHERE id = ?", id, e);
	if (err < 0)
		return err;
	/* No such layout: the database is damaged. */
	err = err ? blob_read(o, sqlite3_column_blob(st, 0), sqlite3_column_bytes(st, 0), kernel, e)
	          : -EINVAL;
	if (err == -EINVAL)
		return offsets_fail(
			e, -EBADMSG,
			"%s: damaged: %s has an invalid member; rebuild it with 'make kernels.db'",
			o->path,
			offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE)
				? offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE)
				: "a row");
	if (err)
		return err == -ENOMEM ? offsets_fail(e, err, "%s: out of memory", o->path) : err;
	offsets_kernel_sort(kernel);
	see(o, id, kernel);
	return 0;
}

static int layout_same(struct offsets *o, sqlite3_int64 id, const struct offsets_kernel *kernel,
                       struct offsets_error *e)
{
	struct offsets_kernel *there = offsets_kernel_new();
	int err = there ? layouts_read(o, id, there, e)
	                : offsets_fail(e, -ENOMEM, "%s: out of memory", o->path);

	if (!err)
		err = offsets_kernel_same_facts(there, kernel);
	offsets_kernel_free(there);
	return err;
}

static int layout_make(struct offsets *o, const struct offsets_kernel *kernel, sqlite3_int64 hash,
                       sqlite3_int64 *ret, struct offsets_error *e)
{
	CLEANUP(stmt_release) sqlite3_stmt *st = NULL;
	CLEANUP(cleanup_free)
	unsigned char *blob = malloc(offsets_kernel_count(kernel) * BLOB_FACT_BYTES_MAX);
	size_t size = 0;
	int err = blob ? blob_write(o, kernel, blob, &size, e)
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

/* The next slot, from *at on, that has the hash or is free. */
static const struct hash_slot *slot_next(struct offsets *o, sqlite3_int64 hash, size_t *at)
{
	const struct hash_slot *slot;

	do {
		slot = &o->slots[(*at)++ % o->slot_room];
		o->work--; /* a hostile database can choose colliding hashes */
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

/* Finds the layout with exactly these facts, or makes it. */
static int layout_find(struct offsets *o, const struct offsets_kernel *kernel, sqlite3_int64 hash,
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
		err = layout_same(o, *ret, kernel, e);
		if (err)
			return err < 0 ? err : 0;
	}
	err = layout_make(o, kernel, hash, ret, e);
	return err ? err : slot_add(o, hash, *ret, e);
}

int layouts_id(struct offsets *o, const struct offsets_kernel *kernel, sqlite3_int64 *ret,
               struct offsets_error *e)
{
	sqlite3_int64 hash = layout_hash(kernel);
	const struct layout_seen *seen = seen_facts(o, kernel, hash);
	int err;

	if (seen) {
		*ret = seen->id;
		return 0;
	}
	err = layout_find(o, kernel, hash, ret, e);
	if (!err)
		see(o, *ret, kernel);
	return err;
}
