/* SPDX-License-Identifier: BSD-2-Clause */
/* An apt repository: dists/SUITE/InRelease, signed, names the Packages file, which names packages.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch.h"
#include "repo.h"

/* gpgv writes what was signed; without a keyring the text is taken as it is. */
static int release_verify(const struct repo *repo, struct offsets_error *error)
{
	char in[4096], out[4096];
	const char *const argv[] = {
		"gpgv", "--keyring", repo->keyring, "--output", out, in, NULL
	};
	int err;

	snprintf(in, sizeof(in), "%.3000s/InRelease", repo->directory);
	snprintf(out, sizeof(out), "%.3000s/Release", repo->directory);
	if (!repo->keyring)
		return rename(in, out) ? offsets_fail(error, -errno, "%s: %s", in, strerror(errno))
		                       : 0;
	remove(out);
	err = fetch_run(argv);
	if (err == -ENOENT)
		return offsets_fail(error, err,
		                    "gpgv is not installed; install it, or give "
		                    "--no-signature to believe the repository");
	return err ? offsets_fail(error, -EBADMSG,
	                          "%s: InRelease of %s is not signed by a key of %s; give the "
	                          "right --keyring",
	                          repo->base, repo->suite, repo->keyring)
	           : 0;
}

/* " SHA256 SIZE PATH" lines below "SHA256:". */
static bool release_find(const char *text, const char *path, char *ret_sha256, uint64_t *ret_size)
{
	const char *at = strstr(text, "\nSHA256:");
	char name[512];
	unsigned long long size;

	while (at && (at = strchr(at + 1, '\n')) && at[1] == ' ')
		if (sscanf(at + 1, " %64[0-9a-f] %llu %511s", ret_sha256, &size, name) == 3 &&
		    !strcmp(name, path)) {
			*ret_size = size;
			return true;
		}
	return false;
}

/* The value of a field of the stanza that begins at text; "" if it has none. */
static void field(const char *text, const char *end, const char *name, char *ret, size_t size)
{
	size_t len = strlen(name);

	ret[0] = '\0';
	while (text < end) {
		const char *stop = memchr(text, '\n', end - text);

		stop = stop ? stop : end;
		if ((size_t)(stop - text) > len + 2 && !strncmp(text, name, len) &&
		    text[len] == ':' && text[len + 1] == ' ') {
			snprintf(ret, size, "%.*s", (int)(stop - text - len - 2), text + len + 2);
			return;
		}
		text = stop + 1;
	}
}

/* By three numbers at least: linux-image-6.1-amd64-dbg only depends on the real one. */
static bool is_debug(const char *name)
{
	return !fnmatch("linux-image-[0-9]*.[0-9]*.[0-9]*-dbg", name, 0) ||
	       !fnmatch("linux-image-[0-9]*.[0-9]*.[0-9]*-dbgsym", name, 0) ||
	       !fnmatch("linux-image-unsigned-[0-9]*.[0-9]*.[0-9]*-dbgsym", name, 0);
}

/* In the process that parses. */
static int packages_parse(const struct repo *repo, const char *text, size_t text_size, FILE *lines,
                          struct offsets_error *error)
{
	(void)repo, (void)text_size, (void)error;
	while (*text) {
		const char *end = strstr(text, "\n\n");
		char name[256], file[2048], sha256[128], size[32];

		end = end ? end : text + strlen(text);
		field(text, end, "Package", name, sizeof(name));
		if (is_debug(name)) {
			field(text, end, "Filename", file, sizeof(file));
			field(text, end, "SHA256", sha256, sizeof(sha256));
			field(text, end, "Size", size, sizeof(size));
			repo_package_print(file, sha256, strtoull(size, NULL, 10), lines);
		}
		text = end + strspn(end, "\n");
	}
	return 0;
}

static void packages_path(const struct repo *repo, const char *suffix, char *ret, size_t size)
{
	snprintf(ret, size, "%s/binary-%s/Packages%s", repo->component, repo->arch, suffix);
}

/* In the process that parses: "PATH\tSHA256\tSIZE" of each form in which the suite has it. */
static int release_parse(const struct repo *repo, const char *text, size_t text_size, FILE *lines,
                         struct offsets_error *error)
{
	static const char *const suffixes[] = { ".xz", ".zst", ".gz", "" };
	char path[512], sha256[65];
	uint64_t size;
	size_t i;

	(void)text_size, (void)error;
	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		packages_path(repo, suffixes[i], path, sizeof(path));
		if (release_find(text, path, sha256, &size))
			repo_package_print(path, sha256, size, lines);
	}
	return 0;
}

/* The first one is taken. */
static int packages_take(struct repo *repo, char *line, void *arg, struct offsets_error *error)
{
	char *sha256 = strchr(line, '\t'), *size = sha256 ? strchr(sha256 + 1, '\t') : NULL;
	char relative[1024];
	bool *done = arg;
	int err;

	if (*done)
		return 0;
	if (!size)
		return offsets_fail(error, -EBADMSG, "%s: malformed Release", repo->base);
	*sha256++ = *size++ = '\0';
	snprintf(relative, sizeof(relative), "dists/%s/%s", repo->suite, line);
	err = repo_get(repo, relative, "Packages", strtoull(size, NULL, 10), sha256, error);
	*done = !err;
	return err;
}

int repo_apt_read(struct repo *repo, struct offsets_error *error)
{
	char relative[512];
	bool there = false;
	int err;

	snprintf(relative, sizeof(relative), "dists/%s/InRelease", repo->suite);
	err = repo_get(repo, relative, "InRelease", 0, NULL, error);
	if (!err)
		err = release_verify(repo, error);
	if (!err)
		err = repo_parse(repo, "Release", release_parse, packages_take, &there, error);
	if (!err && !there)
		err = offsets_fail(error, -ENOENT, "%s: suite %s has no %s/binary-%s/Packages",
		                   repo->base, repo->suite, repo->component, repo->arch);
	return err ? err
	           : repo_parse(repo, "Packages", packages_parse, repo_package_take, NULL, error);
}
