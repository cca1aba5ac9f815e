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
#include "lkccb/repo/repo.h"

#define CLOCK_SLACK_S   (24 * 60 * 60)
#define INDEX_BYTES_MAX (512 << 20)

/* The forms of Packages, the best one first. */
static const char *const suffixes[] = { ".xz", ".zst", ".gz", ".bz2", ".lzma", "" };

static const struct {
	const char *name;
	size_t digits;
} kinds[] = { { "SHA256", SHA256_HEX }, { "SHA512", DIGEST_HEX_MAX } };

/* Of Release, beside the digests. */
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

/* What follows "NAME:" in the line that begins so, or NULL. */
static const char *field_find(const char *text, const char *end, const char *name)
{
	size_t len = strlen(name);

	for (; text < end; text = line_end(text, end) + 1)
		if ((size_t)(end - text) > len && !strncasecmp(text, name, len) && text[len] == ':')
			return text + len + 1;
	return NULL;
}

/* The value of a field of a stanza; "" if it has none, or it has no room. */
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

/* In the process that parses: exactly one message. What stands around it nobody signed. */
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
	return offsets_fail(
		error, -EBADMSG,
		"%.300s: InRelease of %.100s: not one clear-signed message; take another "
		"mirror",
		repo->base, repo->suite);
}

static int nothing_take(struct repo *repo, char *line, void *arg, struct offsets_error *error)
{
	(void)line, (void)arg;
	return offsets_fail(error, -EBADMSG, "%s: malformed InRelease", repo->base);
}

/* gpgv writes what was signed as Release, and that is what is read. */
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

/* Without InRelease: the same text, and its signature beside it. */
static int release_get(const struct repo *repo, struct offsets_error *error)
{
	char what[512], file[4096], signature[4096];
	struct signature s = { .what = what, .file = signature };
	CLEANUP(cleanup_fd) int data = -1;
	int err = suite_get(repo, "Release", "Release", 0, NULL, error);

	if (!err && repo->keyring)
		err = suite_get(repo, "Release.gpg", "Release.gpg", 0, NULL, error);
	if (err || !repo->keyring)
		return err;
	snprintf(what, sizeof(what), "%.300s: Release of %.100s", repo->base, repo->suite);
	snprintf(file, sizeof(file), "%.3000s/Release", repo->directory);
	snprintf(signature, sizeof(signature), "%.3000s/Release.gpg", repo->directory);
	data = s.data = open(file, O_RDONLY | O_CLOEXEC);
	if (data < 0)
		return offsets_fail(error, -errno, "%s: %s", file, strerror(errno));
	return keyring_verify(repo->keyring, &s, error);
}

/* ret: the name of the file that has the text, verified where there is a keyring. */
static int release_find(struct repo *repo, const char **ret, struct offsets_error *error)
{
	int err = suite_get(repo, "InRelease", "InRelease", 0, NULL, error);

	*ret = !err && !repo->keyring ? "InRelease" : "Release";
	if (err == -ENOENT)
		return release_get(repo, error);
	return err || !repo->keyring ? err : inrelease_verify(repo, error);
}

/* What it says, without what lkccb does not ask for. */
struct release {
	char suite[128], codename[128], date[64], until[64];
	bool has_until, by_hash;
	struct index {
		char digest[DIGEST_HEX_MAX + 1]; /* "": the suite does not have it so */
		uint64_t size;
	} indices[SUFFIXES][KINDS];
};

/* "SHA256:", then lines of " DIGEST SIZE PATH". In the process that parses. */
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

/* "FIELD VALUE" lines, and "index SUFFIX KIND DIGEST SIZE". In the process that parses. */
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
	if (strlen(digest) == kinds[k].digits) { /* else it is as if it had none */
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

/* "Sat, 10 Jun 2023 09:45:12 UTC"; false: another form. */
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
		return offsets_fail(error, -EBADMSG,
		                    "%s: the index of %s is from the future (%s); set this host's "
		                    "clock",
		                    repo->base, repo->suite, r->date);
	if (!r->has_until || repo->expired_ok)
		return 0;
	if (!date_parse(r->until, &at))
		return offsets_fail(error, -EBADMSG,
		                    "%s: the index of %s has a Valid-Until that is no date; take "
		                    "another mirror, or give --allow-expired",
		                    repo->base, repo->suite);
	if (at < now)
		return offsets_fail(error, -EBADMSG,
		                    "%s: the index of %s was valid until %s: an old one is being "
		                    "shown; take another mirror, or give --allow-expired for an "
		                    "archive that is no longer renewed",
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

/* Of a flat repository nobody says a name; nor do small repositories. */
static int release_suite(const struct repo *repo, const struct release *r,
                         struct offsets_error *error)
{
	const char *slash = strrchr(repo->suite, '/');
	char first[512];

	if (flat(repo) || (!*r->suite && !*r->codename))
		return 0;
	/* "buster/updates" says that it is buster. */
	snprintf(first, sizeof(first), "%.*s", slash ? (int)(slash - repo->suite) : 500,
	         repo->suite);
	if (suite_is(repo->suite, r->suite, r->codename) || suite_is(first, r->suite, r->codename))
		return 0;
	return offsets_fail(error, -EBADMSG,
	                    "%s: the index in place of %.100s is of another suite (%s, codename "
	                    "%s); give that as --suite, or take another mirror",
	                    repo->base, repo->suite, r->suite, r->codename);
}

/* ---- Packages --------------------------------------------------------- */

/*
 * By name. Meta packages are among them (linux-image-6.1-amd64-dbg beside
 * linux-image-7.3-cloud-amd64-dbg): that they have no kernel shows when they
 * are read, and is remembered.
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
	    strcmp(arch, "all")) /* a flat repository has all in one index */
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

/* In the process that parses. */
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

/* Under the name of its digest, where the suite has that: there it is not replaced while we look.
 */
static int index_get(const struct repo *repo, const struct release *r, const char *path,
                     const char *kind, const struct index *index, struct offsets_error *error)
{
	const char *slash = strrchr(path, '/');
	uint64_t size = index->size < INDEX_BYTES_MAX ? index->size : INDEX_BYTES_MAX;
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

/* The first that is there. -ENOENT: the suite has it in no form. */
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
	                              "%s: suite %s has no %s of a SHA-2 digest, in a compression "
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
