/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/config/amount.h"
#include "loader/config/output_config.h"
#include "loader/stream/fields.h"

#define LOG_SOCKET     "/dev/log"
#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* Of an output that drops lines: some seconds of a busy host. */
#define SOCKET_QUEUE_BYTES (8U << 20)

/* Of shippers. */
#define SPOOL_FOLDER "/var/lib/sextant/spool"
#define SPOOL_BYTES  (256ULL << 20)
#define SPOOL_AGE_NS (7 * 86400 * 1000000000ULL)

/* A Unix socket's path is shorter than others (unix(7)). */
#define UNIX_PATH_MAX_BYTES 108

static int wrong(const char *what, const char *value, struct offsets_error *error)
{
	return offsets_fail(error, -EINVAL, "output: %s%s", what, value);
}

/* ---- the target ---------------------------------------------------------- */

static int path_take(const char *path, size_t most, struct output_config *ret,
                     struct offsets_error *error)
{
	if (*path != '/' || strlen(path) >= most)
		return wrong("expected an absolute path that is not too long: ", path, error);
	strcpy(ret->target, path);
	return 0;
}

static int address_take(const char *text, struct output_config *ret, struct offsets_error *error)
{
	if (strlen(text) >= sizeof(ret->target) || !net_address_parse(text, &ret->address))
		return wrong("no address and port, as 192.0.2.7:514 or [2001:db8::7]:514: ", text,
		             error);
	strcpy(ret->target, text);
	return 0;
}

static int unix_take(const char *text, struct output_config *ret, struct offsets_error *error)
{
	return path_take(text, UNIX_PATH_MAX_BYTES, ret, error);
}

static int program_take(const char *text, struct output_config *ret, struct offsets_error *error)
{
	return path_take(text, sizeof(ret->target), ret, error);
}

static int journal_take(const char *text, struct output_config *ret, struct offsets_error *error)
{
	return unix_take(*text ? text : JOURNAL_SOCKET, ret, error);
}

static int syslog_take(const char *text, struct output_config *ret, struct offsets_error *error)
{
	if (*text && *text != '/')
		return wrong("expected syslog:, syslog:PATH, syslog:udp:ADDRESS:PORT, "
		             "syslog:tcp:ADDRESS:PORT or syslog:tls:HOST:PORT, not syslog:",
		             text, error);
	return unix_take(*text ? text : LOG_SOCKET, ret, error);
}

/* http or https. What is before an "@" would be shown wherever the output is named. */
static int url_take(const char *scheme, const char *text, struct output_config *ret,
                    struct offsets_error *error)
{
	size_t host = strcspn(text, "/?#");

	if (!host || memchr(text, '@', host) || strchr(text, '#'))
		return wrong("expected a URL without a user's name, as "
		             "https://collector.example:8443/events: ",
		             text, error);
	if ((size_t)snprintf(ret->target, sizeof(ret->target), "%s%s", scheme, text) >=
	    sizeof(ret->target))
		return wrong("the URL is too long: ", text, error);
	return 0;
}

static int https_take(const char *text, struct output_config *ret, struct offsets_error *error)
{
	return url_take("https://", text, ret, error);
}

static int http_take(const char *text, struct output_config *ret, struct offsets_error *error)
{
	return url_take("http://", text, ret, error);
}

/* A name or an address, and a port. */
static int tls_take(const char *text, struct output_config *ret, struct offsets_error *error)
{
	const char *port = strrchr(text, ':');

	if (!port || port == text || !port[1] ||
	    strspn(port + 1, "0123456789") != strlen(port + 1) || strpbrk(text, "/@?#") ||
	    strlen(text) >= sizeof(ret->target) - 16)
		return wrong("expected a host and a port, as syslog:tls:collector.example:6514: ",
		             text, error);
	strcpy(ret->target, text);
	return 0;
}

static int stream_take(const char *text, struct output_config *ret, struct offsets_error *error)
{
	if (!*text || strlen(text) >= sizeof(ret->target))
		return wrong("expected a path, or - for standard output: ", text, error);
	strcpy(ret->target, text);
	return 0;
}

/* The first one whose beginning the target has; the last one has none. */
static const struct {
	const char *begin;
	enum output_kind kind;
	int (*take)(const char *text, struct output_config *ret, struct offsets_error *error);
} kinds[] = {
	{ "file:", OUTPUT_STREAM, stream_take },
	{ "unix:", OUTPUT_UNIX, unix_take },
	{ "unix-datagram:", OUTPUT_UNIX_DATAGRAM, unix_take },
	{ "syslog:udp:", OUTPUT_SYSLOG_UDP, address_take },
	{ "syslog:tcp:", OUTPUT_SYSLOG_TCP, address_take },
	{ "syslog:tls:", OUTPUT_SYSLOG_TLS, tls_take },
	{ "syslog:", OUTPUT_SYSLOG_UNIX, syslog_take },
	{ "https://", OUTPUT_HTTP, https_take },
	{ "http://", OUTPUT_HTTP, http_take },
	{ "journald:", OUTPUT_JOURNALD, journal_take },
	{ "pipe:", OUTPUT_PROGRAM, program_take },
	{ "", OUTPUT_STREAM, stream_take },
};

static int target_take(const char *text, struct output_config *ret, struct offsets_error *error)
{
	size_t i = 0;

	while (strncmp(text, kinds[i].begin, strlen(kinds[i].begin)))
		i++;
	ret->kind = kinds[i].kind;
	return kinds[i].take(text + strlen(kinds[i].begin), ret, error);
}

/* ---- the options --------------------------------------------------------- */

/* False: it is none of letters, digits, dots, hyphens and underscores, or too long. */
static bool word_copy(const char *value, size_t room, char *ret)
{
	size_t size = strlen(value), i;

	for (i = 0; i < size && (isalnum((unsigned char)value[i]) || strchr("-_.", value[i])); i++)
		;
	if (!size || i < size || size >= room)
		return false;
	strcpy(ret, value);
	return true;
}

static bool name_take(const char *value, struct output_config *ret)
{
	return word_copy(value, sizeof(ret->name), ret->name);
}

static bool events_take(const char *value, struct output_config *ret)
{
	ret->classes = event_types_parse(value);
	return ret->classes;
}

enum output_format output_format_parse(const char *name)
{
	static const char *const names[OUTPUT_FORMATS] = {
		[FORMAT_JSON] = "json",
		[FORMAT_TEXT] = "text",
		[FORMAT_OCSF] = "ocsf",
		[FORMAT_AUDIT] = "audit",
	};
	enum output_format i;

	for (i = 0; i < OUTPUT_FORMATS && strcmp(name, names[i]); i++)
		;
	return i;
}

static bool format_take(const char *value, struct output_config *ret)
{
	ret->format = output_format_parse(value);
	return ret->format != OUTPUT_FORMATS;
}

static bool full_take(const char *value, struct output_config *ret)
{
	static const char *const names[] = { [ON_FULL_WAIT] = "wait",
		                             [ON_FULL_DROP_OLDEST] = "drop-oldest",
		                             [ON_FULL_DROP_NEWEST] = "drop-newest",
		                             [ON_FULL_STOP] = "stop" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(value, names[i])) {
			ret->on_full = i;
			return true;
		}
	return false;
}

#define QUEUE_MOST (1ULL << 30)

static bool queue_take(const char *value, struct output_config *ret)
{
	ret->queue_bytes = amount_bytes(value);
	return ret->queue_bytes && ret->queue_bytes <= QUEUE_MOST;
}

static bool rotate_size_take(const char *value, struct output_config *ret)
{
	ret->rotate_bytes = amount_bytes(value);
	return ret->rotate_bytes;
}

static bool rotate_age_take(const char *value, struct output_config *ret)
{
	ret->rotate_ns = amount_time_ns(value);
	return ret->rotate_ns;
}

#define RESTARTS_DEFAULT 20
#define RESTARTS_MOST    3600

static bool restarts_take(const char *value, struct output_config *ret)
{
	uint64_t count = amount_count(value);

	ret->restarts = count;
	return count && count <= RESTARTS_MOST;
}

static bool user_take(const char *value, struct output_config *ret)
{
	return word_copy(value, sizeof(ret->user), ret->user);
}

#define KEEP_MOST 1000

static bool keep_take(const char *value, struct output_config *ret)
{
	uint64_t count = amount_count(value);

	ret->keep = count;
	return count && count <= KEEP_MOST;
}

static bool min_free_take(const char *value, struct output_config *ret)
{
	ret->min_free_bytes = amount_bytes(value);
	return ret->min_free_bytes;
}

static bool body_take(const char *value, struct output_config *ret)
{
	ret->ship.form = body_form_parse(value);
	return ret->ship.form != BODY_FORMS;
}

static bool compress_take(const char *value, struct output_config *ret)
{
	if (ret->kind == OUTPUT_STREAM) {
		ret->compression = compression_parse(value);
		return ret->compression != COMPRESSIONS;
	}
	ret->ship.is_plain = !strcmp(value, "no");
	return ret->ship.is_plain || !strcmp(value, "yes");
}

static bool path_copy(const char *value, char ret[OUTPUT_PATH_BYTES])
{
	if (*value != '/' || strlen(value) >= OUTPUT_PATH_BYTES)
		return false;
	strcpy(ret, value);
	return true;
}

static bool ca_take(const char *value, struct output_config *ret)
{
	return path_copy(value, ret->ship.ca);
}

static bool certificate_take(const char *value, struct output_config *ret)
{
	return path_copy(value, ret->ship.certificate);
}

static bool key_take(const char *value, struct output_config *ret)
{
	return path_copy(value, ret->ship.key);
}

static bool headers_take(const char *value, struct output_config *ret)
{
	return path_copy(value, ret->ship.headers);
}

static bool spool_take(const char *value, struct output_config *ret)
{
	return path_copy(value, ret->ship.spool);
}

static bool proxy_take(const char *value, struct output_config *ret)
{
	if ((strncmp(value, "http://", 7) && strncmp(value, "https://", 8)) || strchr(value, '@') ||
	    strlen(value) >= sizeof(ret->ship.proxy))
		return false;
	strcpy(ret->ship.proxy, value);
	return true;
}

#define SPOOL_LEAST (4ULL << 20)
#define SPOOL_MOST  (1ULL << 40)

static bool spool_size_take(const char *value, struct output_config *ret)
{
	ret->ship.spool_bytes = amount_bytes(value);
	return ret->ship.spool_bytes >= SPOOL_LEAST && ret->ship.spool_bytes <= SPOOL_MOST;
}

static bool spool_age_take(const char *value, struct output_config *ret)
{
	ret->ship.spool_age_ns = amount_time_ns(value);
	return ret->ship.spool_age_ns;
}

/* Which outputs have it. */
enum option_of { OF_ALL, OF_FILES, OF_SHIPPED, OF_HTTP, OF_FILES_AND_HTTP, OF_PROGRAMS };

static const struct {
	const char *name;
	enum option_of of;
	bool (*take)(const char *value, struct output_config *ret);
} options[] = {
	{ "name", OF_ALL, name_take },
	{ "events", OF_ALL, events_take },
	{ "format", OF_ALL, format_take },
	{ "on-full", OF_ALL, full_take },
	{ "queue", OF_ALL, queue_take },
	{ "rotate-size", OF_FILES, rotate_size_take },
	{ "rotate-age", OF_FILES, rotate_age_take },
	{ "keep", OF_FILES, keep_take },
	{ "min-free", OF_FILES, min_free_take },
	{ "user", OF_PROGRAMS, user_take },
	{ "restarts", OF_PROGRAMS, restarts_take },
	{ "body", OF_HTTP, body_take },
	{ "compress", OF_FILES_AND_HTTP, compress_take },
	{ "header-file", OF_HTTP, headers_take },
	{ "proxy", OF_SHIPPED, proxy_take },
	{ "ca", OF_SHIPPED, ca_take },
	{ "cert", OF_SHIPPED, certificate_take },
	{ "key", OF_SHIPPED, key_take },
	{ "spool", OF_SHIPPED, spool_take },
	{ "spool-size", OF_SHIPPED, spool_size_take },
	{ "spool-age", OF_SHIPPED, spool_age_take },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

bool output_is_shipped(const struct output_config *config)
{
	return config->kind == OUTPUT_HTTP || config->kind == OUTPUT_SYSLOG_TLS;
}

/* NULL, or who has such an option. */
static const char *not_of(enum option_of of, const struct output_config *config)
{
	bool is_file = config->kind == OUTPUT_STREAM && strcmp(config->target, "-");

	if (of == OF_FILES && !is_file)
		return "only a file has ";
	if (of == OF_FILES_AND_HTTP && !is_file && config->kind != OUTPUT_HTTP)
		return "only a file, https: and http: have ";
	if (of == OF_PROGRAMS && config->kind != OUTPUT_PROGRAM)
		return "only pipe: has ";
	if (of == OF_SHIPPED && !output_is_shipped(config))
		return "only https:, http: and syslog:tls: have ";
	if (of == OF_HTTP && config->kind != OUTPUT_HTTP)
		return "only https: and http: have ";
	return NULL;
}

static int option_take(char *word, struct output_config *ret, struct offsets_error *error)
{
	char *value = strchr(word, '=');
	size_t i;

	if (!value)
		return wrong("expected NAME=VALUE behind the target, not ", word, error);
	*value++ = '\0';
	for (i = 0; i < OPTIONS; i++) {
		const char *whose = not_of(options[i].of, ret);

		if (strcmp(word, options[i].name))
			continue;
		if (whose)
			return wrong(whose, word, error);
		return options[i].take(value, ret)
		               ? 0
		               : offsets_fail(error, -EINVAL, "output: wrong value of %s: %s", word,
		                              value);
	}
	return wrong("has no ", word, error);
}

/* Where an output keeps what is not delivered, unless it says so: a name for each target. */
static void spool_choose(struct output_config *ret)
{
	size_t size = snprintf(ret->ship.spool, sizeof(ret->ship.spool), "%s", SPOOL_FOLDER "/");
	const char *at;

	for (at = ret->target; *at && size < sizeof(ret->ship.spool) - 1; at++)
		ret->ship.spool[size++] =
			isalnum((unsigned char)*at) || strchr(".-", *at) ? *at : '_';
	ret->ship.spool[size] = '\0';
}

static int rotation_check(const struct output_config *ret, struct offsets_error *error)
{
	if (ret->compression && !ret->rotate_bytes && !ret->rotate_ns)
		return wrong(
			"compress= is of renamed files, and needs rotate-size= or rotate-age=: ",
			ret->target, error);
	return 0;
}

/* Messages of a system log, datagrams and bodies of HTTP are one line each. */
static int form_check(const struct output_config *config, struct offsets_error *error)
{
	if (config->format != FORMAT_AUDIT || config->kind == OUTPUT_STREAM ||
	    config->kind == OUTPUT_UNIX || config->kind == OUTPUT_PROGRAM)
		return 0;
	return wrong("only files, standard output, unix: and pipe: take records of audit, "
	             "which are several lines an event: ",
	             config->target, error);
}

static int ship_check(struct output_config *ret, struct offsets_error *error)
{
	if (!output_is_shipped(ret))
		return 0;
	if (ret->kind == OUTPUT_HTTP && ret->format == FORMAT_TEXT)
		return wrong("only events in JSON go by HTTP: ", ret->target, error);
	/* A data stream wants @timestamp, and the id in event.id. */
	if (ret->kind == OUTPUT_HTTP && ret->format != FORMAT_JSON &&
	    ret->ship.form == BODY_ELASTIC)
		return wrong("body=elastic takes format=json alone: ", ret->target, error);
	if (!*ret->ship.certificate != !*ret->ship.key)
		return wrong("cert= and key= belong together: ", ret->target, error);
	if (!*ret->ship.spool)
		spool_choose(ret);
	return 0;
}

int output_config_parse(const char *text, unsigned int classes, enum output_format format,
                        struct output_config *ret, struct offsets_error *error)
{
	char copy[4096], *rest = copy, *word;
	int err;

	*ret = (struct output_config){ .classes = classes,
		                       .format = format,
		                       .keep = 5,
		                       .restarts = RESTARTS_DEFAULT,
		                       .ship = { .spool_bytes = SPOOL_BYTES,
		                                 .spool_age_ns = SPOOL_AGE_NS } };
	if (strlen(text) >= sizeof(copy))
		return wrong("is too long: ", text, error);
	strcpy(copy, text);
	word = strsep(&rest, " \t");
	err = target_take(word, ret, error);
	if (!err && ret->kind != OUTPUT_STREAM) {
		ret->on_full = ON_FULL_DROP_OLDEST;
		ret->queue_bytes = SOCKET_QUEUE_BYTES;
	}
	while (!err && (word = strsep(&rest, " \t")))
		if (*word)
			err = option_take(word, ret, error);
	if (!err)
		err = rotation_check(ret, error);
	if (!err)
		err = form_check(ret, error);
	return err ? err : ship_check(ret, error);
}
