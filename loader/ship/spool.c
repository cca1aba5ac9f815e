/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <fcntl.h>
#include <unistd.h>

#include <sqlite3.h>

#include "loader/ship/spool.h"
#include "loader/util/log.h"

/* clang-format off */
static const char schema[] =
	"CREATE TABLE IF NOT EXISTS batch (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" made INTEGER NOT NULL, size INTEGER NOT NULL, tags BLOB NOT NULL, lines BLOB NOT NULL);"
	"CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 1),"
	" run INTEGER NOT NULL, taken INTEGER NOT NULL, counts BLOB NOT NULL);";
/* clang-format on */

/*
 * Nobody else has it open: the index of the WAL is in memory. Pages of batches that are delivered
 * go back to the disk. The WAL stays small (128 pages of 4 KiB and what one batch takes): to
 * empty it the database needs as much space again.
 */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA auto_vacuum = FULL;"
			       "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
			       "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
			       "PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 128;"
			       "PRAGMA journal_size_limit = 524288;";

struct state {
	uint64_t run, taken;
	struct ship_counts counts[LEDGER_TAGS];
};

enum statement { BEGIN, COMMIT, ROLLBACK, PUT, FIRST, REMOVE, OLDEST, STATE, STATEMENTS };

static const char *const texts[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[PUT] = "INSERT INTO batch (made, size, tags, lines) VALUES (?, ?, ?, ?)",
	[FIRST] = "SELECT id, size, tags, lines FROM batch ORDER BY id LIMIT 1",
	[REMOVE] = "DELETE FROM batch WHERE id = ?",
	[OLDEST] =
		"SELECT id, made, tags, length(lines) FROM batch WHERE id != ? ORDER BY id LIMIT 1",
	[STATE] = "INSERT OR REPLACE INTO state (id, run, taken, counts) VALUES (1, ?, ?, ?)",
};

struct spool {
	struct spool_use use;
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	int lock;
	int reserve;      /* a file that gives back its space when the disk is full; -1: none */
	bool is_reserved; /* it has that space */
	int64_t sending;
	uint64_t bytes; /* of batches, compressed */
	struct state state;
};

/* ---- SQLite -------------------------------------------------------------- */

static int errno_of(int result)
{
	switch (result & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* other tables than ours */
		return -EBADMSG;
	default:
		return -EIO;
	}
}

static int spool_fail(const struct spool *s, struct offsets_error *error)
{
	return offsets_fail(error, errno_of(sqlite3_errcode(s->db)), "spool %s: %s", s->use.name,
	                    sqlite3_errmsg(s->db));
}

/*
 * Also to remove something the database needs space, which a full disk does not have: it is kept
 * in a file of its own.
 */
#define RESERVE_BYTES (2 << 20)

static void reserve_take(struct spool *s)
{
	if (!s->is_reserved && s->reserve >= 0)
		s->is_reserved = !fallocate(s->reserve, 0, 0, RESERVE_BYTES) || errno != ENOSPC;
}

/* What the WAL has grown by is given back, too. */
static void reserve_use(struct spool *s)
{
	if (s->reserve >= 0 && !ftruncate(s->reserve, 0))
		s->is_reserved = false;
	if (s->db)
		sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

/* One without rows. */
static int run(struct spool *s, enum statement which, struct offsets_error *error)
{
	sqlite3_stmt *statement = s->statements[which];
	int err = sqlite3_step(statement) == SQLITE_DONE ? 0 : spool_fail(s, error);

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return err;
}

static int begin(struct spool *s, struct offsets_error *error)
{
	return run(s, BEGIN, error);
}

/* In the database first, then here: *new is what it becomes. */
static int state_write(struct spool *s, const struct state *new, struct offsets_error *error)
{
	sqlite3_stmt *statement = s->statements[STATE];

	sqlite3_bind_int64(statement, 1, new->run);
	sqlite3_bind_int64(statement, 2, new->taken);
	sqlite3_bind_blob(statement, 3, new->counts, sizeof(new->counts), SQLITE_STATIC);
	return run(s, STATE, error);
}

/* err: of what was done since begin(). */
static int end(struct spool *s, int err, const struct state *new, struct offsets_error *error)
{
	struct offsets_error ignored;

	if (!err)
		err = state_write(s, new, error);
	if (!err)
		err = run(s, COMMIT, error);
	if (!err)
		s->state = *new;
	else if (!sqlite3_get_autocommit(s->db))
		run(s, ROLLBACK, &ignored);
	return err;
}

/* ---- opening ------------------------------------------------------------- */

static int prepare(struct spool *s, struct offsets_error *error)
{
	size_t i;

	for (i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(s->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
		                       &s->statements[i], NULL))
			return spool_fail(s, error);
	return 0;
}

static uint64_t column_blob_size(sqlite3_stmt *statement, int column)
{
	int size = sqlite3_column_bytes(statement, column);

	return size > 0 ? size : 0;
}

/* The lines of all batches, by tag. */
static int batches_count(struct spool *s, uint64_t queued[LEDGER_TAGS], struct offsets_error *error)
{
	sqlite3_stmt *statement;
	uint64_t size, i;
	int step;

	if (sqlite3_prepare_v2(s->db, "SELECT tags, length(lines) FROM batch", -1, &statement,
	                       NULL))
		return spool_fail(s, error);
	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		const uint8_t *tags = sqlite3_column_blob(statement, 0);

		size = column_blob_size(statement, 0);
		for (i = 0; i < size; i++)
			queued[tags[i] % LEDGER_TAGS]++;
		s->bytes += size + sqlite3_column_int64(statement, 1);
	}
	sqlite3_finalize(statement);
	return step == SQLITE_DONE ? 0 : spool_fail(s, error);
}

/* Counts of another version, or wrong ones, are not used. */
static int state_read(struct spool *s, struct offsets_error *error)
{
	uint64_t queued[LEDGER_TAGS] = { 0 };
	sqlite3_stmt *statement;
	unsigned int tag;
	int err = batches_count(s, queued, error);

	if (err)
		return err;
	if (sqlite3_prepare_v2(s->db, "SELECT run, taken, counts FROM state", -1, &statement, NULL))
		return spool_fail(s, error);
	if (sqlite3_step(statement) == SQLITE_ROW &&
	    column_blob_size(statement, 2) == sizeof(s->state.counts)) {
		s->state.run = sqlite3_column_int64(statement, 0);
		s->state.taken = sqlite3_column_int64(statement, 1);
		memcpy(s->state.counts, sqlite3_column_blob(statement, 2), sizeof(s->state.counts));
	}
	sqlite3_finalize(statement);
	for (tag = 0; tag < LEDGER_TAGS; tag++)
		if (s->state.counts[tag].queued != queued[tag])
			s->state.run = 0; /* so spool_run() starts new counts */
	for (tag = 0; tag < LEDGER_TAGS; tag++)
		s->state.counts[tag].queued = queued[tag];
	return 0;
}

/*
 * Names are those of the working directory: a process without rights may not search the
 * directories that lead to it, as SQLite does to find out the whole path.
 */
#define VFS_NAME "sextant"

static int path_keep(sqlite3_vfs *vfs, const char *name, int size, char *ret)
{
	(void)vfs;
	return snprintf(ret, size, "%s", name) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

static void vfs_register(void)
{
	static sqlite3_vfs vfs;
	const sqlite3_vfs *usual = sqlite3_vfs_find(NULL);

	if (vfs.zName || !usual)
		return;
	vfs = *usual;
	vfs.zName = VFS_NAME;
	vfs.pNext = NULL;
	vfs.xFullPathname = path_keep;
	sqlite3_vfs_register(&vfs, 0);
}

static int database_open(struct spool *s, struct offsets_error *error)
{
	char limit[96];
	int err;

	vfs_register();
	if (sqlite3_open_v2(s->use.path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	                    VFS_NAME))
		return s->db ? spool_fail(s, error)
		             : offsets_fail(error, -ENOMEM, "spool %s: out of memory", s->use.name);
	/* Of pages of 4 KiB; beside the batches there is little else. */
	snprintf(limit, sizeof(limit), "PRAGMA max_page_count = %" PRIu64,
	         s->use.bytes_max / 4096 + s->use.bytes_max / 16384 + 1024);
	if (sqlite3_exec(s->db, settings, NULL, NULL, NULL) ||
	    sqlite3_exec(s->db, limit, NULL, NULL, NULL) ||
	    sqlite3_exec(s->db, schema, NULL, NULL, NULL))
		return spool_fail(s, error);
	err = prepare(s, error);
	return err ? err : state_read(s, error);
}

static void database_close(struct spool *s)
{
	size_t i;

	for (i = 0; i < STATEMENTS; i++) {
		sqlite3_finalize(s->statements[i]);
		s->statements[i] = NULL;
	}
	sqlite3_close(s->db);
	s->db = NULL;
}

/* What is in a damaged database cannot be read, and must not stop the lines that come. */
static int damaged_rename(struct spool *s, struct offsets_error *error)
{
	static const char *const parts[] = { "", "-wal" };
	char from[512], to[520];
	size_t i;

	log_line(LEVEL_ERROR,
	         "%s; the database is renamed to %s.damaged, and the events that waited in it are "
	         "lost",
	         error->text, s->use.path);
	database_close(s);
	s->bytes = 0;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(from, sizeof(from), "%s%s", s->use.path, parts[i]);
		snprintf(to, sizeof(to), "%s.damaged%s", s->use.path, parts[i]);
		if (rename(from, to) && errno != ENOENT)
			return offsets_fail(error, -errno, "spool %s: %s: %s", s->use.name, from,
			                    strerror(errno));
	}
	return 0;
}

/* -errno; or a descriptor of a file beside the database. */
static int beside_open(const struct spool *s, const char *end, struct offsets_error *error)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s%s", s->use.path, end);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd >= 0 ? fd
	               : offsets_fail(error, -errno, "spool %s: %s: %s", s->use.name, path,
	                              strerror(errno));
}

#define LOCK_AGAIN_MS 20

static int lock_wait(const struct spool *s)
{
	const struct timespec pause = { .tv_nsec = LOCK_AGAIN_MS * 1000000 };
	unsigned int waited = 0;
	int err = flock(s->lock, LOCK_EX | LOCK_NB);

	for (; err && errno == EWOULDBLOCK && waited < s->use.wait_ms; waited += LOCK_AGAIN_MS) {
		nanosleep(&pause, NULL);
		err = flock(s->lock, LOCK_EX | LOCK_NB);
	}
	return err;
}

static int files_open(struct spool *s, struct offsets_error *error)
{
	s->lock = beside_open(s, ".lock", error);
	if (s->lock < 0)
		return s->lock;
	if (lock_wait(s))
		return errno == EWOULDBLOCK
		               ? offsets_fail(error, -EBUSY,
		                              "spool %s: another sensor has it; give one of them "
		                              "spool=DIRECTORY",
		                              s->use.name)
		               : offsets_fail(error, -errno, "spool %s: %s", s->use.name,
		                              strerror(errno));
	s->reserve = beside_open(s, ".reserve", error);
	if (s->reserve < 0)
		return s->reserve;
	reserve_take(s);
	return 0;
}

static int database_renew(struct spool *s, struct offsets_error *error)
{
	int err = damaged_rename(s, error);

	memset(&s->state, 0, sizeof(s->state));
	return err ? err : database_open(s, error);
}

int spool_open(const struct spool_use *use, struct spool **ret, struct offsets_error *error)
{
	struct spool *s = calloc(1, sizeof(*s));
	int err;

	*ret = NULL;
	if (!s)
		return offsets_fail(error, -ENOMEM, "spool %s: out of memory", use->name);
	s->use = *use;
	s->lock = s->reserve = -1;
	err = files_open(s, error);
	if (!err)
		err = database_open(s, error);
	if (err == -ENOSPC && s->is_reserved) { /* what a process that was killed has begun */
		reserve_use(s);
		database_close(s);
		err = database_open(s, error);
	}
	if (err == -EBADMSG)
		err = database_renew(s, error);
	if (err)
		spool_close(s);
	else
		*ret = s;
	return err;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	database_close(s);
	if (s->reserve >= 0)
		close(s->reserve);
	if (s->lock >= 0)
		close(s->lock);
	free(s);
}

/* ---- changes ------------------------------------------------------------- */

/* Within a transaction. */
static int batch_remove(struct spool *s, int64_t id, struct offsets_error *error)
{
	sqlite3_bind_int64(s->statements[REMOVE], 1, id);
	return run(s, REMOVE, error);
}

/* The state, and without that batch (0: all stay), in one transaction; on a full disk with the
 * reserve. */
static int change(struct spool *s, int64_t removed, const struct state *new,
                  struct offsets_error *error)
{
	int err = -ENOSPC, tries;

	for (tries = 0; err == -ENOSPC && tries < 2; tries++) {
		if (tries)
			reserve_use(s);
		err = begin(s, error);
		if (!err)
			err = end(s, removed ? batch_remove(s, removed, error) : 0, new, error);
	}
	return err;
}

int spool_run(struct spool *s, uint64_t number, uint64_t next, uint64_t *ret_taken,
              struct offsets_error *error)
{
	struct state new = s->state;
	unsigned int tag;
	int err;

	if (new.run != number || new.taken < next) {
		new = (struct state){ .run = number, .taken = next };
		for (tag = 0; tag < LEDGER_TAGS; tag++)
			new.counts[tag].kept = new.counts[tag].queued = s->state.counts[tag].queued;
	}
	err = change(s, 0, &new, error);
	*ret_taken = s->state.taken;
	return err;
}

int spool_renew(struct spool *s, struct offsets_error *error)
{
	struct state new = s->state;
	unsigned int tag;
	int err = database_renew(s, error);

	s->sending = 0;
	for (tag = 0; tag < LEDGER_TAGS; tag++) {
		new.counts[tag].dropped[DROP_FAILED] += new.counts[tag].queued;
		new.counts[tag].queued = 0;
	}
	return err ? err : change(s, 0, &new, error);
}

/* ---- lines come ---------------------------------------------------------- */

struct oldest {
	int64_t id; /* 0: there is none */
	uint64_t made_s, bytes;
	uint64_t lines[LEDGER_TAGS];
};

/* The oldest batch but for the one that is sent. */
static int oldest_read(struct spool *s, struct oldest *ret, struct offsets_error *error)
{
	sqlite3_stmt *statement = s->statements[OLDEST];
	uint64_t size, i;
	int step, err = 0;

	*ret = (struct oldest){ .id = 0 };
	sqlite3_bind_int64(statement, 1, s->sending);
	step = sqlite3_step(statement);
	if (step == SQLITE_ROW) {
		const uint8_t *tags = sqlite3_column_blob(statement, 2);

		size = column_blob_size(statement, 2);
		ret->id = sqlite3_column_int64(statement, 0);
		ret->made_s = sqlite3_column_int64(statement, 1);
		ret->bytes = size + sqlite3_column_int64(statement, 3);
		for (i = 0; i < size; i++)
			ret->lines[tags[i] % LEDGER_TAGS]++;
	} else if (step != SQLITE_DONE) {
		err = spool_fail(s, error);
	}
	sqlite3_reset(statement);
	return err;
}

static int oldest_drop(struct spool *s, const struct oldest *oldest, enum drop_reason reason,
                       struct offsets_error *error)
{
	struct state new = s->state;
	unsigned int tag;
	int err;

	for (tag = 0; tag < LEDGER_TAGS; tag++) {
		new.counts[tag].queued -= oldest->lines[tag];
		new.counts[tag].dropped[reason] += oldest->lines[tag];
	}
	err = change(s, oldest->id, &new, error);
	if (!err)
		s->bytes -= oldest->bytes;
	return err;
}

/* 0; -ENOSPC: there is none to be made. */
static int room_make(struct spool *s, uint64_t wanted, struct offsets_error *error)
{
	struct oldest oldest;
	int err = 0;

	while (!err && s->bytes + wanted > s->use.bytes_max) {
		if (!s->use.drops_oldest)
			return -ENOSPC;
		err = oldest_read(s, &oldest, error);
		if (!err && !oldest.id)
			return -ENOSPC;
		if (!err)
			err = oldest_drop(s, &oldest, DROP_FULL, error);
	}
	return err;
}

static int packed_put(struct spool *s, const struct shipment *b, const void *packed, size_t size,
                      uint64_t taken, uint64_t now_s, struct offsets_error *error)
{
	sqlite3_stmt *statement = s->statements[PUT];
	struct state new = s->state;
	size_t i;
	int err;

	reserve_take(s);
	if (s->reserve >= 0 && !s->is_reserved)
		return -ENOSPC;
	err = begin(s, error);
	if (err)
		return err;
	new.taken = taken;
	for (i = 0; i < b->count; i++) {
		new.counts[b->tags[i]].taken++;
		new.counts[b->tags[i]].queued++;
	}
	sqlite3_bind_int64(statement, 1, now_s);
	sqlite3_bind_int64(statement, 2, b->size);
	sqlite3_bind_blob(statement, 3, b->tags, b->count, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 4, packed, size, SQLITE_STATIC);
	err = end(s, run(s, PUT, error), &new, error);
	if (!err)
		s->bytes += b->count + size;
	return err;
}

/* Of the disk: several times as much as is wanted, as pages and the log take more. */
#define WAY_TIMES 4
#define WAY_BYTES (64 * 1024 + RESERVE_BYTES) /* which the first one to go has used */

void spool_give_way(struct spool *s, uint64_t wanted)
{
	uint64_t goal = WAY_TIMES * wanted + WAY_BYTES, freed = 0;
	struct oldest oldest;
	struct offsets_error ignored;

	while (s->use.drops_oldest && freed < goal) {
		if (oldest_read(s, &oldest, &ignored) || !oldest.id ||
		    oldest_drop(s, &oldest, DROP_FULL, &ignored))
			break;
		freed += oldest.bytes;
	}
	sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

int spool_put(struct spool *s, const struct shipment *b, uint64_t taken, uint64_t now_s,
              struct offsets_error *error)
{
	void *packed;
	size_t size;
	int err = shipment_pack(b, &packed, &size);

	if (err)
		return offsets_fail(error, err, "spool %s: out of memory", s->use.name);
	err = room_make(s, b->count + size, error);
	if (!err)
		err = packed_put(s, b, packed, size, taken, now_s, error);
	free(packed);
	return err == -ENOSPC ? offsets_fail(error, err,
	                                     "spool %s: it is full, or its disk is; free space, or "
	                                     "raise spool-size",
	                                     s->use.name)
	                      : err;
}

/* ---- lines go ------------------------------------------------------------ */

/* It cannot be read: its lines count as failed. */
static int damaged_drop(struct spool *s, struct offsets_error *error)
{
	struct oldest oldest;
	int err = oldest_read(s, &oldest, error);

	log_line(LEVEL_ERROR, "spool %s: batch %" PRId64 " is damaged, and dropped", s->use.name,
	         oldest.id);
	return err || !oldest.id ? err : oldest_drop(s, &oldest, DROP_FAILED, error);
}

int spool_first(struct spool *s, struct shipment *ret, int64_t *ret_id, struct offsets_error *error)
{
	sqlite3_stmt *statement = s->statements[FIRST];
	int step, err;

	for (;;) {
		*ret_id = 0;
		err = 0;
		step = sqlite3_step(statement);
		if (step == SQLITE_ROW) {
			*ret_id = sqlite3_column_int64(statement, 0);
			err = shipment_unpack(
				ret, sqlite3_column_blob(statement, 3),
				column_blob_size(statement, 3), sqlite3_column_int64(statement, 1),
				sqlite3_column_blob(statement, 2), column_blob_size(statement, 2));
		} else if (step != SQLITE_DONE) {
			err = spool_fail(s, error);
		}
		sqlite3_reset(statement);
		if (err != -EBADMSG || step != SQLITE_ROW)
			return err == -ENOMEM ? offsets_fail(error, err, "spool %s: out of memory",
			                                     s->use.name)
			                      : err;
		err = damaged_drop(s, error);
		if (err)
			return err;
	}
}

int spool_done(struct spool *s, int64_t id, const struct spool_outcome *outcome,
               struct offsets_error *error)
{
	struct state new = s->state;
	struct oldest it;
	unsigned int tag, reason;
	int err;

	s->sending = 0;
	err = oldest_read(s, &it, error);
	if (!err && it.id != id)
		err = offsets_fail(error, -EBADMSG, "spool %s: batch %" PRId64 " is gone",
		                   s->use.name, id);
	if (err)
		return err;
	for (tag = 0; tag < LEDGER_TAGS; tag++) {
		struct ship_counts *c = &new.counts[tag];

		c->queued -= it.lines[tag];
		c->delivered += outcome->delivered[tag];
		for (reason = 0; reason < DROP_REASONS; reason++)
			c->dropped[reason] += outcome->dropped[tag][reason];
	}
	err = change(s, id, &new, error);
	if (!err)
		s->bytes -= it.bytes;
	return err;
}

int spool_expire(struct spool *s, uint64_t now_s, struct offsets_error *error)
{
	struct oldest oldest;
	int err;

	reserve_take(s);
	for (;;) {
		err = oldest_read(s, &oldest, error);
		if (err || !oldest.id || oldest.made_s + s->use.age_max_s > now_s)
			return err;
		err = oldest_drop(s, &oldest, DROP_EXPIRED, error);
		if (err)
			return err;
	}
}

void spool_sending(struct spool *s, int64_t id)
{
	s->sending = id;
}

const struct ship_counts *spool_counts(const struct spool *s)
{
	return s->state.counts;
}
