/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/cmd/provenance.h"
#include "lkccb/cmd/report.h"
#include "lkccb/cmd/spdx.h"
#include "lkccb/cmd/statement.h"
#include "lkccb/input/attestation.h"
#include "offsets/signature/signature.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"
#include "offsets/util/safefile.h"

/* ---- write --------------------------------------------------------------- */

/* path NULL: nobody asks. */
static int form_write(const struct record *r, const char *path,
                      void (*print)(const struct record *, struct jsonw *),
                      struct offsets_error *error)
{
	struct jsonw json;
	int err;

	if (!path)
		return 0;
	jsonw_init(&json);
	print(r, &json);
	jsonw_put(&json, "\n", 1);
	err = json.failed ? offsets_fail(error, -ENOMEM, "out of memory")
	                  : safefile_replace(path, 0644, json.text, json.size, error);
	jsonw_deinit(&json);
	return err;
}

int provenance_write(struct record *r, int code)
{
	struct offsets_error error;
	int err;

	if (!r || code == EXIT_FAILED || code == EXIT_MISUSE)
		return code;
	err = record_finish(r, &error);
	if (!err)
		err = form_write(r, r->o->provenance, statement_print, &error);
	if (!err)
		err = form_write(r, r->o->spdx, spdx_print, &error);
	return err ? report(&error) : code;
}

/* ---- verify --------------------------------------------------------------- */

struct comparison {
	const struct options *o;
	struct attestation statement;
	size_t faults;
};

static bool list_has(char (*list)[SHA256_HEX + 1], size_t count, const char *sha256)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(list[i], sha256))
			return true;
	return false;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int entry_compare(const struct offsets_kernel *kernel, void *arg)
{
	struct comparison *c = arg;
	const struct attestation *s = &c->statement;
	const char *sha256 = offsets_kernel_key(kernel, OFFSETS_KEY_PACKAGE_SHA256),
		   *module = offsets_kernel_key(kernel, OFFSETS_KEY_MODULE);

	if (!sha256 || (s->input_count &&
	                bsearch(sha256, s->inputs, s->input_count, sizeof(*s->inputs), compare)))
		return 0;
	c->faults++;
	escape_print(stderr,
	             "lkccb: %s: %s%s%s: its package (SHA-256 %s) is not among the inputs in %s\n",
	             c->o->db, offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE),
	             module ? " module " : "", module ? module : "", sha256, c->o->provenance);
	return 0;
}

static int database_compare(struct comparison *c, struct offsets_error *error)
{
	const struct attestation *s = &c->statement;
	char sha256[SHA256_HEX + 1];
	int err = record_digest(c->o->db, sha256, error);

	if (err || list_has(s->subjects, s->subject_count, sha256))
		return err;
	c->faults++;
	escape_print(stderr,
	             "lkccb: %s: its SHA-256 is %s, and %s is the statement of another file "
	             "(%s%s)\n",
	             c->o->db, sha256, c->o->provenance, s->subjects[0],
	             s->subject_count > 1 ? ", ..." : "");
	return 0;
}

/* The signature of the statement, which is beside it; without --key none is asked for. */
static int signature_compare(const struct options *o, const void *data, size_t size,
                             struct offsets_error *error)
{
	unsigned char key[SIGNATURE_KEY_BYTES];
	struct signature signature;
	char path[4096];
	int err;

	if (!o->key)
		return 0;
	snprintf(path, sizeof(path), "%s" SIGNATURE_SUFFIX, o->provenance);
	err = signature_init(error);
	if (!err)
		err = signature_hex_read(o->key, SAFEFILE_TRUSTED, key, sizeof(key), error);
	if (!err)
		err = signature_read(path, &signature, error);
	return err ? err
	           : signature_verify_file(&signature, key, data, size, o->provenance, path, error);
}

static int statement_read(struct comparison *c, struct offsets_error *error)
{
	const struct options *o = c->o;
	const struct isolate_limits limits = { o->memory, o->disk, o->timeout_s, o->verbose };
	CLEANUP(cleanup_free) void *data = NULL;
	size_t size = 0;
	int err = safefile_contents(o->provenance, SAFEFILE_READ, ATTESTATION_BYTES_MAX, &data,
	                            &size, error);

	if (!err)
		err = signature_compare(o, data, size, error);
	return err ? err
	           : attestation_read(o->provenance, data, size, &limits, &c->statement, error);
}

int provenance_verify(const struct options *o, struct offsets *db, size_t *faults,
                      struct offsets_error *error)
{
	struct comparison c = { .o = o };
	int err = statement_read(&c, error);

	if (!err)
		err = database_compare(&c, error);
	if (!err)
		err = offsets_each(db, NULL, entry_compare, &c, error);
	attestation_free(&c.statement);
	*faults += c.faults;
	return err;
}
