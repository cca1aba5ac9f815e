/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads an .rpm with librpm: its header, then its cpio payload. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rpm/rpmfi.h>
#include <rpm/rpmfiles.h>
#include <rpm/rpmio.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmpgp.h>
#include <rpm/rpmts.h>
#include <rpm/rpmarchive.h>

#include "lkccb/package/rpm.h"

struct rpm {
	struct package *package;
	rpmts ts;
	FD_t file, payload;
	Header header;
	rpmfiles files;
	rpmfi members;
};

/* Keeps librpm from printing messages itself. */
static int swallow(rpmlogRec record, rpmlogCallbackData data)
{
	(void)record, (void)data;
	return 0;
}

static int keys_set(struct rpm *rpm)
{
	struct package *p = rpm->package;
	char *version = headerGetAsString(rpm->header, RPMTAG_EVR);
	const char *name = headerGetString(rpm->header, RPMTAG_NAME);
	int err =
		name && version ? offsets_kernel_set(p->keys, OFFSETS_KEY_PACKAGE, name) : -EINVAL;

	if (!err)
		err = offsets_kernel_set(p->keys, OFFSETS_KEY_PACKAGE_VERSION, version);
	free(version);
	return err ? package_damaged(p, "malformed name or version") : 0;
}

/* Opens the payload after the header, with the compression that the header names. */
static int payload_open(struct rpm *rpm)
{
	static const char *const types[][2] = {
		{ "gzip", "r.gzdio" }, { "bzip2", "r.bzdio" }, { "xz", "r.xzdio" },
		{ "lzma", "r.xzdio" }, { "zstd", "r.zstdio" },
	};
	const char *name = headerGetString(rpm->header, RPMTAG_PAYLOADCOMPRESSOR);
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(name ? name : "gzip", types[i][0]))
			rpm->payload = Fdopen(rpm->file, types[i][1]);
	if (!rpm->payload)
		return offsets_fail(rpm->package->error, -ENOTSUP,
		                    "%s: its payload is compressed by '%s', which this librpm "
		                    "cannot read; install support for it",
		                    rpm->package->path, name ? name : "gzip");
	rpm->files = rpmfilesNew(NULL, rpm->header, 0, RPMFI_KEEPHEADER);
	rpm->members = rpm->files ? rpmfiNewArchiveReader(rpm->payload, rpm->files,
	                                                  RPMFI_ITER_READ_ARCHIVE)
	                          : NULL;
	return rpm->members ? 0 : package_damaged(rpm->package, "no list of files");
}

static ssize_t member_read(void *arg, void *data, size_t size)
{
	struct rpm *rpm = arg;
	ssize_t n = rpmfiArchiveRead(rpm->members, data, size);

	if (n < 0 || Ferror(rpm->payload))
		return package_damaged(rpm->package, Fstrerror(rpm->payload));
	return n;
}

/* The header lists all files: what follows the last wanted one is not decompressed. */
static void members_expect(struct rpm *rpm)
{
	int i, count = rpmfilesFC(rpm->files);

	for (i = 0; i < count; i++) {
		char *name = rpmfilesFN(rpm->files, i);

		if (name && S_ISREG(rpmfilesFMode(rpm->files, i)))
			package_expect(rpm->package, name);
		free(name);
	}
}

static int members_walk(struct rpm *rpm)
{
	struct package *p = rpm->package;
	int rc = RPMERR_ITER_END, err = 0;

	while (!err && !package_complete(p) && (rc = rpmfiNext(rpm->members)) >= 0) {
		const char *name = rpmfiFN(rpm->members);
		struct member member;

		if (!name || !S_ISREG(rpmfiFMode(rpm->members)) || !package_wants(p, name, &member))
			continue;
		p->seen++;
		if (rpmfiArchiveHasContent(rpm->members)) /* else a hard link to another one */
			err = package_stream(p, &member, member_read, rpm);
	}
	if (err || package_complete(p))
		return err;
	if (rc != RPMERR_ITER_END)
		return package_damaged(p, rpmfileStrerror(rc));
	if (!p->images)
		return offsets_fail(
			p->error, p->no_elf ? -ENODATA : -ENOMSG,
			"%s: contains no vmlinux (an ELF file); use the kernel-debuginfo package",
			p->path);
	return 0;
}

/* On RHEL 7, librpm uses NSS, which loads libraries. */
void rpm_libraries_init(void)
{
	rpmInitCrypto();
}

static int header_read(struct rpm *rpm)
{
	rpmRC rc;

	rpmlogSetCallback(swallow, NULL);
	rpm->ts = rpmtsCreate();
	rpm->file = fdDup(rpm->package->fd);
	if (!rpm->ts || !rpm->file)
		return offsets_fail(rpm->package->error, -ENOMEM, "%s: out of memory",
		                    rpm->package->path);
	/* rpmsig.c checks signatures when packages are fetched. There is no keyring here. */
	rpmtsSetVSFlags(rpm->ts, RPMVSF_MASK_NOSIGNATURES | RPMVSF_MASK_NODIGESTS);
	rc = rpmReadPackageFile(rpm->ts, rpm->file, rpm->package->path, &rpm->header);
	return rc == RPMRC_OK && rpm->header ? 0
	                                     : package_damaged(rpm->package, "malformed header");
}

int rpm_read(struct package *package)
{
	struct rpm rpm = { .package = package };
	int err = header_read(&rpm);

	if (!err)
		err = keys_set(&rpm);
	if (!err)
		err = payload_open(&rpm);
	if (!err) {
		members_expect(&rpm);
		err = members_walk(&rpm);
	}
	rpmfiFree(rpm.members);
	rpmfilesFree(rpm.files);
	headerFree(rpm.header);
	if (rpm.payload)
		Fclose(rpm.payload);
	else if (rpm.file)
		Fclose(rpm.file);
	rpmtsFree(rpm.ts);
	return err;
}
