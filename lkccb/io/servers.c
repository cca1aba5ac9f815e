/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/io/servers.h"

#define PREFIX     "build-id:"
#define DIGITS_MIN 8

void servers_free(struct servers *s)
{
	while (s->count) {
		free(s->list[--s->count].url);
		free(s->list[s->count].name);
	}
}

/* "https://user:password@host/" -> "https://host/" */
static char *name_of(const char *url)
{
	const char *host = strstr(url, "://") + 3;
	const size_t size = strcspn(host, "/");
	const char *at = memrchr(host, '@', size);
	char *ret;

	return asprintf(&ret, "%.*s%s", (int)(host - url), url, at ? at + 1 : host) < 0 ? NULL
	                                                                                : ret;
}

static int server_add(struct servers *s, const char *url, size_t size, struct offsets_error *error)
{
	struct server *server = &s->list[s->count];

	if (s->count == SERVERS_MAX)
		return offsets_fail(error, -E2BIG, "--debuginfod: more than %d servers",
		                    SERVERS_MAX);
	if (strncmp(url, "http://", 7) && strncmp(url, "https://", 8))
		return offsets_fail(error, -EINVAL,
		                    "--debuginfod %.*s: not a URL with http:// or https://",
		                    (int)size, url);
	s->count++;
	server->url = strndup(url, size);
	server->name = server->url ? name_of(server->url) : NULL;
	return server->name ? 0 : offsets_fail(error, -ENOMEM, "out of memory");
}

int servers_parse(const char *text, struct servers *ret, struct offsets_error *error)
{
	int err = 0;

	*ret = (struct servers){ .count = 0 };
	while (text && !err && *(text += strspn(text, " "))) {
		const size_t size = strcspn(text, " ");

		if (strncmp(text, "ima:", 4)) /* how libdebuginfod checks signatures; since 0.192 */
			err = server_add(ret, text, size, error);
		text += size;
	}
	if (!err && !ret->count)
		err = offsets_fail(error, -EINVAL,
		                   "--build-id: no server; give --debuginfod URL, or set "
		                   "DEBUGINFOD_URLS");
	return err;
}

const char *servers_build_id(const char *path)
{
	const char *id;
	size_t digits;

	if (strncmp(path, PREFIX, strlen(PREFIX)))
		return NULL;
	id = path + strlen(PREFIX);
	digits = strspn(id, "0123456789abcdef");
	return !id[digits] && digits >= DIGITS_MIN && digits <= 2 * BUILD_ID_BYTES_MAX &&
	                       digits % 2 == 0
	               ? id
	               : NULL;
}
