/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "lkccb/io/jsonread.h"

int jsonread_init(struct jsonread *ret, const yajl_callbacks *callbacks, void *arg, uint64_t bytes,
                  size_t token)
{
	*ret = (struct jsonread){
		.parser = yajl_alloc(callbacks, NULL, arg),
		.bytes = bytes,
		.token = token,
	};
	return ret->parser ? 0 : -ENOMEM;
}

void jsonread_deinit(struct jsonread *json)
{
	if (json->parser)
		yajl_free(json->parser);
	json->parser = NULL;
}

void jsonread_said(struct jsonread *json)
{
	json->said_at = json->fed;
}

/* "lexical error: invalid char in json text.\n" */
static int malformed(struct jsonread *json, struct offsets_error *error)
{
	unsigned long long at = json->fed + yajl_get_bytes_consumed(json->parser);
	unsigned char *text = yajl_get_error(json->parser, 0, NULL, 0);
	const char *why = text ? (const char *)text : "parse error";
	int err =
		offsets_fail(error, -EBADMSG, "byte %llu: %.*s", at, (int)strcspn(why, ".\n"), why);

	if (text)
		yajl_free_error(json->parser, text);
	return err;
}

static int limits_check(const struct jsonread *json, size_t size, struct offsets_error *error)
{
	if (json->fed + size > json->bytes)
		return offsets_fail(error, -EFBIG, "more than %llu MB",
		                    (unsigned long long)json->bytes >> 20);
	if (json->fed + size - json->said_at > json->token)
		return offsets_fail(error, -EFBIG, "byte %llu: a text of more than %zu KB",
		                    (unsigned long long)json->said_at, json->token >> 10);
	return 0;
}

int jsonread_feed(struct jsonread *json, const void *data, size_t size, struct offsets_error *error)
{
	int err = limits_check(json, size, error);
	yajl_status status;

	if (err)
		return err;
	status = size ? yajl_parse(json->parser, data, size) : yajl_complete_parse(json->parser);
	if (status == yajl_status_client_canceled)
		return -ECANCELED;
	if (status != yajl_status_ok)
		return malformed(json, error);
	json->fed += size;
	return 0;
}

int jsonread_whole(struct jsonread *json, const void *data, size_t size,
                   struct offsets_error *error)
{
	const size_t chunk = json->token / 2;
	size_t at, n;
	int err = 0;

	for (at = 0; !err && at < size; at += n) {
		n = size - at < chunk ? size - at : chunk;
		err = jsonread_feed(json, (const char *)data + at, n, error);
	}
	return err ? err : jsonread_feed(json, NULL, 0, error);
}
