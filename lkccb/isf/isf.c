/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/image/identity.h"
#include "lkccb/image/symbols.h"
#include "lkccb/isf/isf.h"
#include "lkccb/isf/isfbtf.h"
#include "lkccb/isf/isfjson.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"

#define POINTER_BYTES 8

struct reading {
	struct isf isf;
	const char *name; /* of the file */
	struct offsets_kernel *kernel;
	struct offsets_error *error;
};

/* ---- identity --------------------------------------------------------- */

/* The banner does not say it; the struct of a task's registers does. */
static int machine_read(struct reading *r)
{
	static const struct {
		const char *type, *member, *machine;
	} registers[] = {
		{ "pt_regs", "r15", "x86_64" },
		{ "user_pt_regs", "pstate", "aarch64" },
	};
	const struct isf_definition *pointer = isf_find(&r->isf, ISF_BASE, "pointer");
	size_t i;

	if (!pointer || pointer->size != POINTER_BYTES)
		return offsets_fail(
			r->error, -EINVAL,
			"%s: unsupported machine with pointers of %u bytes; lkccb reads "
			"x86_64 and aarch64 kernels",
			r->name, pointer ? pointer->size : 0);
	for (i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		if (isf_has_member(&r->isf, registers[i].type, registers[i].member))
			return identity_agree(r->kernel, OFFSETS_KEY_MACHINE, registers[i].machine,
			                      r->name, r->error);
	return 0;
}

/* There is no build-id. "x.json.xz, of the vmlinux with SHA-256 ..." */
static int origin_set(struct reading *r)
{
	const char *slash = strrchr(r->name, '/'), *base = slash ? slash + 1 : r->name;
	char plain[512], text[700];
	int err;

	escape_text(base, strlen(base), plain, sizeof(plain));
	snprintf(text, sizeof(text), "%s%s%s", plain,
	         *r->isf.sha256 ? ", of the vmlinux with SHA-256 " : "", r->isf.sha256);
	err = offsets_kernel_set(r->kernel, OFFSETS_KEY_ORIGIN, text);
	return err ? err : offsets_kernel_set(r->kernel, OFFSETS_KEY_SOURCE, "isf");
}

static int identify(struct reading *r)
{
	int err = machine_read(r);

	if (!err && *r->isf.banner)
		err = identity_banner(r->kernel, r->isf.banner, r->name, r->error);
	return err ? err : origin_set(r);
}

/* ---- facts ------------------------------------------------------------ */

static int facts_read(struct reading *r)
{
	const size_t symbols = offsets_kernel_count(r->kernel);
	CLEANUP(cleanup_free) char *btf = NULL;
	size_t size;
	int err = isfbtf_make(&r->isf, &btf, &size);

	if (!err)
		err = offsets_btf_read(btf, size, r->name, r->kernel, r->error);
	if (!err && offsets_kernel_count(r->kernel) == symbols)
		err = offsets_fail(
			r->error, -ENODATA,
			"%s: defines none of the kernel's structs; use the symbol file of "
			"a Linux kernel",
			r->name);
	return err;
}

static int tables_read(struct reading *r, const char *data, size_t size)
{
	const struct isf_definition *twice;
	struct symbol_facts symbols;
	int err;

	symbol_facts_init(&symbols, r->kernel);
	err = isfjson_read(data, size, r->name, &r->isf, symbol_facts_name, &symbols, r->error);
	if (err || symbols.err)
		return err ? err : symbols.err;
	twice = isf_sort(&r->isf);
	if (twice)
		return offsets_fail(
			r->error, -EBADMSG,
			"%s: malformed symbol file: it has %.100s twice; use another copy", r->name,
			isf_name(&r->isf, twice->name));
	err = identify(r);
	return err ? err : facts_read(r);
}

int isf_read(const char *data, size_t size, const char *name, struct offsets_kernel *kernel,
             struct offsets_error *error)
{
	struct reading r = { .name = name, .kernel = kernel, .error = error };
	int err = isf_init(&r.isf);

	if (!err)
		err = tables_read(&r, data, size);
	isf_deinit(&r.isf);
	return err == -ENOMEM ? offsets_fail(error, err, "%s: out of memory", name) : err;
}
