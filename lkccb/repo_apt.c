/* SPDX-License-Identifier: BSD-2-Clause */
/* An apt repository: dists/SUITE/InRelease, signed, names the Packages file, which names packages.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
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

static int packages_read(struct repo *repo, const char *text, struct offsets_error *error)
{
	int err = 0;

	while (!err && *text) {
		const char *end = strstr(text, "\n\n");
		char name[256], file[2048], sha256[128], size[32];

		end = end ? end : text + strlen(text);
		field(text, end, "Package", name, sizeof(name));
		if (is_debug(name)) {
			field(text, end, "Filename", file, sizeof(file));
			field(text, end, "SHA256", sha256, sizeof(sha256));
			field(text, end, "Size", size, sizeof(size));
			err = repo_add(repo, file, sha256, strtoull(size, NULL, 10), error);
		}
		text = end + strspn(end, "\n");
	}
	return err;
}

static int packages_get(struct repo *repo, const char *release, struct offsets_error *error)
{
	static const char *const suffixes[] = { ".xz", ".zst", ".gz", "" };
	CLEANUP(cleanup_free) char *text = NULL;
	char path[512], relative[1024], sha256[65];
	uint64_t size;
	size_t i, ignored;
	int err;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(path, sizeof(path), "%s/binary-%s/Packages%s", repo->component, repo->arch,
		         suffixes[i]);
		if (!release_find(release, path, sha256, &size))
			continue;
		snprintf(relative, sizeof(relative), "dists/%s/%s", repo->suite, path);
		err = repo_get(repo, relative, "Packages", size, sha256, error);
		if (!err)
			err = repo_unpack(repo, "Packages", &text, &ignored, error);
		return err ? err : packages_read(repo, text, error);
	}
	return offsets_fail(error, -ENOENT, "%s: suite %s has no %s/binary-%s/Packages", repo->base,
	                    repo->suite, repo->component, repo->arch);
}

int repo_apt_read(struct repo *repo, struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *release = NULL;
	char relative[512];
	size_t size;
	int err;

	snprintf(relative, sizeof(relative), "dists/%s/InRelease", repo->suite);
	err = repo_get(repo, relative, "InRelease", 0, NULL, error);
	if (!err)
		err = release_verify(repo, error);
	if (!err)
		err = repo_unpack(repo, "Release", &release, &size, error);
	return err ? err : packages_get(repo, release, error);
}
