/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The highest number is kept for each key, in DIR/db-KEY.serial: KEY is the first 16
 * digits of the public key, and the file is one decimal number and a newline.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/host/dbsource.h"
#include "offsets/signature/signature.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/safedir.h"
#include "offsets/util/safefile.h"

#define SERIAL_FILE_MAX 32
#define LOCK_WAIT_MS    10000

struct verification {
	const struct dbsource *source;
	unsigned char key[SIGNATURE_KEY_BYTES];
	struct signature signature;
	char state[PATH_MAX]; /* the file with the highest number */
};

/* To callers, missing files of ours are not a missing database. */
static int not_missing(int err)
{
	return err == -ENOENT || err == -ENXIO || err == -EKEYREJECTED ? -EIO : err;
}

/* ---- the highest number ----------------------------------------------- */

static bool serial_parse(const char *text, size_t size, uint64_t *ret)
{
	size_t i;

	*ret = 0;
	for (i = 0; i < size && text[i] >= '0' && text[i] <= '9' && i < 18; i++)
		*ret = *ret * 10 + (text[i] - '0');
	return *ret && i + 1 == size && text[i] == '\n';
}

/* 0: none was kept. */
static int highest_read(const char *path, uint64_t *ret, struct offsets_error *error)
{
	CLEANUP(cleanup_free) void *data = NULL;
	size_t size = 0;
	int err = safefile_contents(path, SAFEFILE_TRUSTED, SERIAL_FILE_MAX, &data, &size, error);

	*ret = 0;
	if (err == -ENOENT)
		return 0;
	if ((err && err != -EINVAL && err != -EFBIG) || (!err && serial_parse(data, size, ret)))
		return not_missing(err);
	return offsets_fail(
		error, -EBADMSG,
		"%s: damaged: it should have the highest number of a database that this "
		"host has used; if the database is the newest, remove this file",
		path);
}

static int highest_replace(const char *path, uint64_t serial, struct offsets_error *error)
{
	char text[SERIAL_FILE_MAX];
	int size = snprintf(text, sizeof(text), "%" PRIu64 "\n", serial);

	return safefile_replace(path, 0644, text, size, error);
}

static int serial_check(const struct verification *v, struct offsets_error *error)
{
	uint64_t highest;
	int err = highest_read(v->state, &highest, error);

	if (err || v->signature.serial >= highest)
		return err;
	return offsets_fail(error, -EKEYREJECTED,
	                    "%s: older than a database that this host has used: the number of its "
	                    "signature is %" PRIu64 ", the highest was %" PRIu64
	                    " (%s); install the "
	                    "newest database, or sign this one with a larger number",
	                    v->source->path, v->signature.serial, highest, v->state);
}

/* Of two runs that start together the higher number is kept. */
static int serial_record(const struct verification *v, struct offsets_error *error)
{
	struct safefile_lock *lock = NULL;
	uint64_t highest = 0;
	int err = safedir_make(v->source->state, 0755, error);

	if (!err)
		err = safefile_lock(v->state, LOCK_WAIT_MS, &lock, error);
	if (!err)
		err = highest_read(v->state, &highest, error);
	if (!err && v->signature.serial > highest)
		err = highest_replace(v->state, v->signature.serial, error);
	safefile_unlock(lock);
	return not_missing(err);
}

/* ---- open ------------------------------------------------------------- */

static int signature_check(const void *data, size_t size, void *arg, struct offsets_error *error)
{
	struct verification *v = arg;
	const char *path = v->source->path;
	char signature[PATH_MAX];
	int err;

	snprintf(signature, sizeof(signature), "%s" SIGNATURE_SUFFIX, path);
	err = signature_read(signature, &v->signature, error);
	if (err == -ENOENT)
		return offsets_fail(error, -EKEYREJECTED,
		                    "%s: not signed (%s does not exist), and --db-key asks for a "
		                    "signature; sign it with 'lkccb sign', and install both files",
		                    path, signature);
	if (err)
		return -EKEYREJECTED;
	err = signature_verify_file(&v->signature, v->key, data, size, path, signature, error);
	return err ? err : serial_check(v, error);
}

static int key_read(struct verification *v, struct offsets_error *error)
{
	unsigned char *key = v->key;
	int err = signature_init(error);

	if (!err)
		err = signature_hex_read(v->source->key, SAFEFILE_TRUSTED, key, sizeof(v->key),
		                         error);
	snprintf(v->state, sizeof(v->state), "%s/db-%02x%02x%02x%02x%02x%02x%02x%02x.serial",
	         v->source->state, key[0], key[1], key[2], key[3], key[4], key[5], key[6], key[7]);
	return not_missing(err);
}

static int signed_open(const struct dbsource *source, struct offsets **ret, uint64_t *ret_serial,
                       struct offsets_error *error)
{
	struct verification v = { .source = source };
	int err = key_read(&v, error);

	if (err)
		return err;
	err = offsets_open_checked(source->path, signature_check, &v, ret, error);
	if (err)
		return err == -ENOENT ? -ENXIO : err;
	err = source->record ? serial_record(&v, error) : 0;
	if (err) {
		offsets_close(*ret);
		*ret = NULL;
		return err;
	}
	*ret_serial = v.signature.serial;
	return 0;
}

int dbsource_open(const struct dbsource *source, struct offsets **ret, uint64_t *ret_serial,
                  struct offsets_error *error)
{
	int err;

	*ret = NULL;
	*ret_serial = 0;
	if (source->key)
		return signed_open(source, ret, ret_serial, error);
	err = offsets_open(source->path, OFFSETS_READ_TRUSTED, ret, error);
	return err == -ENOENT ? -ENXIO : err;
}
