/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An apt repository: dists/SUITE/InRelease, signed, or Release with Release.gpg,
 * names the Packages files, which name packages. A flat one has all of them in
 * one directory, which is given as the suite and ends in '/'.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "offsets/util/cleanup.h"
#include "lkccb/io/digest.h"
#include "lkccb/repo/repo_apt.h"

#define CLOCK_SLACK_S (24 * 60 * 60)

/* The suffixes of Packages, in order of preference. */
static const char *const suffixes[] = { ".xz", ".zst", ".gz", ".bz2", ".lzma", "" };

static const struct {
	const char *name;
	size_t digits;
} kinds[] = { { "SHA256", SHA256_HEX }, { "SHA512", DIGEST_HEX_MAX } };

/* Fields of Release, besides the digests. */
static const char *const fields[] = { "Suite", "Codename", "Date", "Valid-Until",
	                              "Acquire-By-Hash" };

#define SUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))
#define KINDS    (sizeof(kinds) / sizeof(kinds[0]))
#define FIELDS   (sizeof(fields) / sizeof(fields[0]))

static bool flat(const struct repo *repo)
{
	size_t len = strlen(repo->suite);

	return len && repo->suite[len - 1] == '/';
}

/* A file of the suite, as a path of the repository. */
static void suite_path(const struct repo *repo, const char *name, char *ret, size_t size)
{
	if (!flat(repo))
		snprintf(ret, size, "dists/%.500s/%s", repo->suite, name);
	else if (!strcmp(repo->suite, "/"))
		snprintf(ret, size, "%s", name);
	else
		snprintf(ret, size, "%.500s%s", repo->suite, name);
}

static void packages_path(const struct repo *repo, size_t suffix, char *ret, size_t size)
{
	if (flat(repo))
		snprintf(ret, size, "Packages%s", suffixes[suffix]);
	else
		snprintf(ret, size, "%.200s/binary-%.64s/Packages%s", repo->component, repo->arch,
		         suffixes[suffix]);
}

static int suite_get(const struct repo *repo, const char *name, const char *as, uint64_t max,
                     const char *digest, struct offsets_error *error)
{
	char relative[1024];

	suite_path(repo, name, relative, sizeof(relative));
	return repo_get(repo, relative, as, max, digest, error);
}

/* ---- fields ----------------------------------------------------------- */

static const char *line_end(const char *text, const char *end)
{
	const char *stop = memchr(text, '\n', end - text);

	return stop ? stop : end;
}

/* What follows "NAME:" in a line that begins with it, or NULL. */
static const char *field_find(const char *text, const char *end, const char *name)
{
	size_t len = strlen(name);

	for (; text < end; text = line_end(text, end) + 1)
		if ((size_t)(end - text) > len && !strncasecmp(text, name, len) && text[len] == ':')
			return text + len + 1;
	return NULL;
}

/* The value of a field of a stanza; "" if there is none, or it does not fit. */
static void field(const char *text, const char *end, const char *name, char *ret, size_t size)
{
	const char *at = field_find(text, end, name), *stop;

	ret[0] = '\0';
	if (!at)
		return;
	stop = line_end(at, end);
	while (at < stop && (*at == ' ' || *at == '\t'))
		at++;
	while (stop > at && isspace((unsigned char)stop[-1]))
		stop--;
	if ((size_t)(stop - at) < size)
		snprintf(ret, size, "%.*s", (int)(stop - at), at);
}

static void lower(char *text)
{
	for (; *text; text++)
		*text = tolower((unsigned char)*text);
}

/* ---- Release ---------------------------------------------------------- */

/* In the parsing process: exactly one message. Text around it would be unsigned. */
static bool clearsigned(const char *text)
{
	static const char *const lines[] = {
		"-----BEGIN PGP SIGNED MESSAGE-----",
		"-----BEGIN PGP SIGNATURE-----",
		"-----END PGP SIGNATURE-----",
	};
	const char *end = text + strlen(text), *line;
	size_t next = 0;

	for (line = text; line < end; line = line_end(line, end) + 1) {
		if (next < 3 && !strncmp(line, lines[next], strlen(lines[next])))
			next++;
		else if (!strncmp(line, "-----", 5) || next == 0 ||
		         (next == 3 && !isspace((unsigned char)*line)))
			return false;
	}
	return next == 3;
}

static int clearsigned_parse(const struct repo *repo, const char *text, size_t size, FILE *lines,
                             struct offsets_error *error)
{
	(void)lines;
	if (clearsigned(text) && strlen(text) == size)
		return 0;
	return offsets_fail(error, -EBADMSG,
	                    "%.300s: InRelease of %.100s: not a single clear-signed message; use "
	                    "another mirror",
	                    repo->base, repo->suite);
}

static int nothing_take(struct repo *repo, char *line, void *arg, struct offsets_error *error)
{
	(void)line, (void)arg;
	return offsets_fail(error, -EBADMSG, "%s: malformed InRelease", repo->base);
}

/* gpgv writes the signed text as Release, and only that is read. */
static int inrelease_verify(struct repo *repo, struct offsets_error *error)
{
	char what[512], in[4096], out[4096];
	struct signature s = { .what = what, .file = in, .data = -1, .output = out };
	int err = repo_parse(repo, "InRelease", REPO_PLAIN, clearsigned_parse, nothing_take, NULL,
	                     error);

	if (err)
		return err;
	snprintf(what, sizeof(what), "%.300s: InRelease of %.100s", repo->base, repo->suite);
	snprintf(in, sizeof(in), "%.3000s/InRelease", repo->directory);
	snprintf(out, sizeof(out), "%.3000s/Release", repo->directory);
	return keyring_verify(repo->keyring, &s, error);
}

/* Without InRelease: the same text, and a detached signature. */
static int release_get(const struct repo *repo, struct offsets_error *error)
{
	char what[512];
	int err = suite_get(repo, "Release", "Release", 0, NULL, error);

	if (!err && repo->keyring)
		err = suite_get(repo, "Release.gpg", "Release.gpg", 0, NULL, error);
	if (err || !repo->keyring)
		return err;
	snprintf(what, sizeof(what), "%.300s: Release of %.100s", repo->base, repo->suite);
	return repo_signature_verify(repo, what, "Release", "Release.gpg", error);
}

/* *ret: the name of the file with the text, verified if there is a keyring. */
static int release_find(struct repo *repo, const char **ret, struct offsets_error *error)
{
	int err = suite_get(repo, "InRelease", "InRelease", 0, NULL, error);

	*ret = !err && !repo->keyring ? "InRelease" : "Release";
	if (err == -ENOENT)
		return release_get(repo, error);
	return err || !repo->keyring ? err : inrelease_verify(repo, error);
}

/* The parts of Release that lkccb uses. */
struct release {
	char suite[128], codename[128], date[64], until[64];
	bool has_until, by_hash;
	struct index {
		char digest[DIGEST_HEX_MAX + 1]; /* "": the suite has no such file */
		uint64_t size;
	} indices[SUFFIXES][KINDS];
};

/* "SHA256:", then lines of " DIGEST SIZE PATH". In the parsing process. */
static bool release_has(const char *text, const char *kind, const char *path, char *ret_digest,
                        unsigned long long *ret_size)
{
	const char *end = text + strlen(text);
	const char *at = field_find(text, end, kind);
	char line[1024], name[512];

	while (at && (at = line_end(at, end) + 1) < end && (*at == ' ' || *at == '\t')) {
		snprintf(line, sizeof(line), "%.*s", (int)(line_end(at, end) - at), at);
		if (sscanf(line, " %128[0-9a-fA-F] %llu %511s", ret_digest, ret_size, name) != 3 ||
		    strcmp(!strncmp(name, "./", 2) ? name + 2 : name, path))
			continue;
		lower(ret_digest);
		return true;
	}
	return false;
}

/* Prints "FIELD VALUE" and "index SUFFIX KIND DIGEST SIZE" lines. In the parsing process. */
static int release_parse(const struct repo *repo, const char *text, size_t text_size, FILE *lines,
                         struct offsets_error *error)
{
	const char *end = text + strlen(text);
	char value[128], path[512], digest[DIGEST_HEX_MAX + 1];
	unsigned long long size;
	size_t i, k;

	(void)text_size, (void)error;
	for (i = 0; i < FIELDS; i++)
		if (field_find(text, end, fields[i])) {
			field(text, end, fields[i], value, sizeof(value));
			fprintf(lines, "%s %s\n", fields[i], value);
		}
	for (i = 0; i < SUFFIXES; i++) {
		packages_path(repo, i, path, sizeof(path));
		for (k = 0; k < KINDS; k++)
			if (release_has(text, kinds[k].name, path, digest, &size))
				fprintf(lines, "index %zu %zu %s %llu\n", i, k, digest, size);
	}
	return 0;
}

static bool index_take(const char *line, struct release *ret)
{
	char digest[DIGEST_HEX_MAX + 1];
	unsigned long long size;
	unsigned int i, k;

	if (sscanf(line, "index %u %u %128[0-9a-f] %llu", &i, &k, digest, &size) != 4 ||
	    i >= SUFFIXES || k >= KINDS)
		return false;
	if (strlen(digest) == kinds[k].digits) { /* else it is ignored */
		snprintf(ret->indices[i][k].digest, sizeof(digest), "%s", digest);
		ret->indices[i][k].size = size;
	}
	return true;
}

static int release_take(struct repo *repo, char *line, void *arg, struct offsets_error *error)
{
	struct release *r = arg;
	char *value = strchr(line, ' ');

	if (index_take(line, r))
		return 0;
	if (!value)
		return offsets_fail(error, -EBADMSG, "%s: malformed Release", repo->base);
	*value++ = '\0';
	if (!strcmp(line, "Suite"))
		snprintf(r->suite, sizeof(r->suite), "%s", value);
	else if (!strcmp(line, "Codename"))
		snprintf(r->codename, sizeof(r->codename), "%s", value);
	else if (!strcmp(line, "Date"))
		snprintf(r->date, sizeof(r->date), "%s", value);
	else if (!strcmp(line, "Valid-Until"))
		r->has_until = snprintf(r->until, sizeof(r->until), "%s", value) >= 0;
	else if (!strcmp(line, "Acquire-By-Hash"))
		r->by_hash = !strcasecmp(value, "yes");
	return 0;
}

/* "Sat, 10 Jun 2023 09:45:12 UTC"; false: another format. */
static bool date_parse(const char *text, time_t *ret)
{
	struct tm tm = { 0 };
	const char *zone = strptime(text, "%a, %d %b %Y %H:%M:%S", &tm);

	if (!zone || (strcmp(zone, " UTC") && strcmp(zone, " GMT") && strcmp(zone, " Z") &&
	              strcmp(zone, " +0000")))
		return false;
	*ret = timegm(&tm);
	return true;
}

static int release_dates(const struct repo *repo, const struct release *r,
                         struct offsets_error *error)
{
	time_t now = time(NULL), at;

	if (date_parse(r->date, &at) && at > now + CLOCK_SLACK_S)
		return offsets_fail(
			error, -EBADMSG,
			"%s: the index of %s has a date in the future (%s); set this host's clock",
			repo->base, repo->suite, r->date);
	if (!r->has_until || repo->expired_ok)
		return 0;
	if (!date_parse(r->until, &at))
		return offsets_fail(error, -EBADMSG,
		                    "%s: the index of %s has a malformed Valid-Until; use another "
		                    "mirror, or give --allow-expired",
		                    repo->base, repo->suite);
	if (at < now)
		return offsets_fail(error, -EBADMSG,
		                    "%s: the index of %s expired at %s: the mirror is out of date "
		                    "or serves an old index; use another mirror, or give "
		                    "--allow-expired for an archive that is no longer maintained",
		                    repo->base, repo->suite, r->until);
	return 0;
}

/* Ubuntu's jammy-updates has Codename jammy. */
static bool suite_is(const char *asked, const char *suite, const char *codename)
{
	size_t len = strlen(asked);

	return !strcmp(asked, suite) ||
	       (!strcmp(asked, codename) && (strncmp(suite, asked, len) || suite[len] != '-'));
}

/* Flat and small repositories have no name. */
static int release_suite(const struct repo *repo, const struct release *r,
                         struct offsets_error *error)
{
	const char *slash = strrchr(repo->suite, '/');
	char first[512];

	if (flat(repo) || (!*r->suite && !*r->codename))
		return 0;
	/* The Release of "buster/updates" may say "buster". */
	snprintf(first, sizeof(first), "%.*s", slash ? (int)(slash - repo->suite) : 500,
	         repo->suite);
	if (suite_is(repo->suite, r->suite, r->codename) || suite_is(first, r->suite, r->codename))
		return 0;
	return offsets_fail(error, -EBADMSG,
	                    "%s: the index at %.100s is of another suite (%s, codename %s); give "
	                    "that suite as --suite, or use another mirror",
	                    repo->base, repo->suite, r->suite, r->codename);
}

/* ---- Packages --------------------------------------------------------- */

/*
 * By name. Meta packages match too (linux-image-6.1-amd64-dbg, as
 * linux-image-7.3-cloud-amd64-dbg does): that they have no kernel is found when
 * they are read, and remembered.
 */
static bool is_debug(const char *name)
{
	return !fnmatch("linux-image-[0-9]*-dbg", name, 0) ||
	       !fnmatch("linux-image-[0-9]*-dbgsym", name, 0) ||
	       !fnmatch("linux-image-unsigned-[0-9]*-dbgsym", name, 0);
}

static void package_print(const struct repo *repo, const char *text, const char *end, FILE *lines)
{
	char file[2048], digest[DIGEST_HEX_MAX + 2], size[32], arch[64];
	unsigned long long bytes;
	char *rest;

	field(text, end, "Architecture", arch, sizeof(arch));
	if (*arch && strcmp(arch, repo->arch) &&
	    strcmp(arch, "all")) /* a flat repository has one index for all architectures */
		return;
	field(text, end, "Filename", file, sizeof(file));
	field(text, end, "SHA256", digest, sizeof(digest));
	if (!*digest)
		field(text, end, "SHA512", digest, sizeof(digest));
	lower(digest);
	field(text, end, "Size", size, sizeof(size));
	bytes = strtoull(size, &rest, 10);
	repo_package_print(file, digest, *rest ? 0 : bytes, lines);
}

/* In the parsing process. */
static int packages_parse(const struct repo *repo, const char *text, size_t text_size, FILE *lines,
                          struct offsets_error *error)
{
	(void)text_size, (void)error;
	while (*text) {
		const char *end = strstr(text, "\n\n");
		char name[256];

		end = end ? end : text + strlen(text);
		field(text, end, "Package", name, sizeof(name));
		if (is_debug(name))
			package_print(repo, text, end, lines);
		text = end + strspn(end, "\n");
	}
	return 0;
}

/* By its digest if the suite has by-hash: such a file is not replaced meanwhile. */
static int index_get(const struct repo *repo, const struct release *r, const char *path,
                     const char *kind, const struct index *index, struct offsets_error *error)
{
	const char *slash = strrchr(path, '/');
	uint64_t size = index->size < REPO_INDEX_BYTES_MAX ? index->size : REPO_INDEX_BYTES_MAX;
	char by_hash[1024];
	int err;

	if (r->by_hash) {
		snprintf(by_hash, sizeof(by_hash), "%.*sby-hash/%s/%s",
		         slash ? (int)(slash - path + 1) : 0, path, kind, index->digest);
		err = suite_get(repo, by_hash, "Packages", size, index->digest, error);
		if (err != -ENOENT)
			return err;
	}
	return suite_get(repo, path, "Packages", size, index->digest, error);
}

/* Gets the first that exists. -ENOENT: the suite has none. */
static int packages_get(const struct repo *repo, const struct release *r,
                        struct offsets_error *error)
{
	char path[512];
	size_t i, k;
	int err = -ENOENT;

	for (i = 0; i < SUFFIXES && err == -ENOENT; i++) {
		packages_path(repo, i, path, sizeof(path));
		for (k = 0; k < KINDS && err == -ENOENT; k++)
			if (*r->indices[i][k].digest)
				err = index_get(repo, r, path, kinds[k].name, &r->indices[i][k],
				                error);
	}
	return err != -ENOENT
	               ? err
	               : offsets_fail(error, err,
	                              "%s: suite %s has no %s with a SHA-2 digest in a compression "
	                              "that lkccb reads",
	                              repo->base, repo->suite, flat(repo) ? "Packages" : path);
}

int repo_apt_read(struct repo *repo, struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct release *release = calloc(1, sizeof(*release));
	const char *name;
	int err;

	if (!release)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", repo->base);
	err = release_find(repo, &name, error);
	if (!err)
		err = repo_parse(repo, name, REPO_PLAIN, release_parse, release_take, release,
		                 error);
	if (!err)
		err = release_suite(repo, release, error);
	if (!err)
		err = release_dates(repo, release, error);
	if (!err)
		err = packages_get(repo, release, error);
	return err ? err
	           : repo_parse(repo, "Packages", REPO_PACKED, packages_parse, repo_package_take,
	                        NULL, error);
}
