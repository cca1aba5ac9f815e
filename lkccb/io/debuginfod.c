/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libdebuginfod reports little: its log, which goes into a file, has the cause
 * that libcurl names. All variables that it reads are set here.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lkccb/io/debuginfod.h"
#include "offsets/util/cleanup.h"

#ifdef WITH_DEBUGINFOD
#include <elfutils/debuginfod.h>
#include <elfutils/version.h>

#define WAIT_SECONDS  180 /* for the first byte: the server may unpack a package of 1 GB */
#define STALL_SECONDS 60
#define LOG_MAX       (1 << 18) /* bytes: it has all headers */
#define URLS          "DEBUGINFOD_URLS="

enum ending { ENDING_NONE, ENDING_NO_ANSWER, ENDING_STALLED, ENDING_TOO_LARGE, ENDING_HEADERS };

struct transfer {
	const struct debuginfod_request *request;
	int log;
	char *servers; /* DEBUGINFOD_URLS= and its value, in the environment */
	long bytes;
	time_t since; /* when a byte arrived, or the request was made */
	enum ending ending;
};

bool debuginfod_available(void)
{
	return true;
}

/* ---- what the library reads ------------------------------------------- */

static void variables_remove(const char *prefix)
{
	char name[64], **at = environ;

	while (at && *at) {
		if (!strncmp(*at, prefix, strlen(prefix))) {
			snprintf(name, sizeof(name), "%.*s", (int)strcspn(*at, "="), *at);
			unsetenv(name);
			at = environ;
		} else {
			at++;
		}
	}
}

/*
 * No limit of the library's own: it takes a slow answer for none. No retry: it
 * appends the second answer to what came of the first.
 */
static int variables_set(const struct debuginfod_request *r, char *servers)
{
	char max[32];

	variables_remove("DEBUGINFOD_");
	snprintf(max, sizeof(max), "%llu", (unsigned long long)r->max);
	return setenv("DEBUGINFOD_CACHE_PATH", r->cache, 1) ||
	                       setenv("DEBUGINFOD_TIMEOUT", "0", 1) ||
	                       setenv("DEBUGINFOD_RETRY_LIMIT", "0", 1) ||
	                       setenv("DEBUGINFOD_MAXSIZE", max, 1) || putenv(servers)
	               ? -errno
	               : 0;
}

/* ---- the transfer ----------------------------------------------------- */

static time_t seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* Half of the limit of all: else nobody would learn which server was slow. */
static unsigned int limit(const struct debuginfod_request *r, unsigned int most)
{
	return r->timeout_s && r->timeout_s / 2 < most ? r->timeout_s / 2 : most;
}

/*
 * If a server has no requests for sections, the library would fetch the whole
 * file and parse it in this process. Without a server it does not: it reads the
 * variable again. done: bytes, once an address answers, else a number of calls.
 */
static int progress(debuginfod_client *client, long done, long all)
{
	struct transfer *t = debuginfod_get_user_data(client);
	const long bytes = debuginfod_get_url(client) ? done : 0;

	(void)all;
	strcpy(t->servers, URLS);
	if (bytes > t->bytes) {
		t->bytes = bytes;
		t->since = seconds();
	}
	if (lseek(t->log, 0, SEEK_END) > LOG_MAX)
		t->ending = ENDING_HEADERS;
	else if ((uint64_t)bytes > t->request->max)
		t->ending = ENDING_TOO_LARGE;
	else if (!bytes && seconds() - t->since > limit(t->request, WAIT_SECONDS))
		t->ending = ENDING_NO_ANSWER;
	else if (bytes && seconds() - t->since > limit(t->request, STALL_SECONDS))
		t->ending = ENDING_STALLED;
	return t->ending != ENDING_NONE;
}

static int find(debuginfod_client *client, const struct debuginfod_request *r, char **path)
{
	const unsigned char *id = (const unsigned char *)r->build_id;

	if (!r->section)
		return debuginfod_find_debuginfo(client, id, 0, path);
#if _ELFUTILS_PREREQ(0, 188)
	return debuginfod_find_section(client, id, 0, r->section, path);
#else
	return -ENOTSUP;
#endif
}

/* ---- errors ----------------------------------------------------------- */

/* "server response Couldn't connect to server", then perhaps "url 0 " and more. */
static const char *cause_of(char *log)
{
	static const char response[] = "server response ", url[] = "url 0 ";
	char *at = NULL, *next, *more;

	for (next = log; (next = strstr(next, response)); next += sizeof(response) - 1)
		at = next + sizeof(response) - 1;
	if (!at)
		return NULL;
	more = strchr(at, '\n');
	if (more && !strncmp(more + 1, url, sizeof(url) - 1))
		at = more + sizeof(url);
	at[strcspn(at, "\r\n")] = '\0';
	return !*at ? NULL : strcmp(at, "No error") ? at : "an empty answer";
}

static const char *log_read(int fd, char *ret, size_t size)
{
	const ssize_t n = pread(fd, ret, size - 1, 0);
	ssize_t i;

	ret[n > 0 ? n : 0] = '\0';
	for (i = 0; i < n; i++)
		if (!ret[i])
			ret[i] = '?';
	return cause_of(ret);
}

static const char *what(const struct debuginfod_request *r)
{
	return r->section ? r->section : "its debug data";
}

static int stopped(const struct transfer *t, struct offsets_error *error)
{
	const struct debuginfod_request *r = t->request;

	if (t->ending == ENDING_TOO_LARGE)
		return offsets_fail(error, -EFBIG,
		                    "%s: build-id %s: %s is larger than the %llu MB that are left; "
		                    "raise --disk if the kernel is known to be that large",
		                    r->name, r->build_id, what(r),
		                    (unsigned long long)(r->max >> 20));
	if (t->ending == ENDING_HEADERS)
		return offsets_fail(error, -EMLINK,
		                    "%s: build-id %s: it sends headers or redirects without end; "
		                    "use another --debuginfod",
		                    r->name, r->build_id);
	if (t->ending == ENDING_STALLED)
		return offsets_fail(error, -ETIMEDOUT,
		                    "%s: build-id %s: nothing arrived for %u s; try again later",
		                    r->name, r->build_id, limit(r, STALL_SECONDS));
	return offsets_fail(error, -ETIMEDOUT,
	                    "%s: build-id %s: no answer for %u s; try again: the server may be "
	                    "unpacking the package; or use another --debuginfod",
	                    r->name, r->build_id, limit(r, WAIT_SECONDS));
}

static int failed(struct transfer *t, int err, const char *cause, struct offsets_error *error)
{
	const struct debuginfod_request *r = t->request;

	if (err == -EFBIG)
		t->ending = ENDING_TOO_LARGE;
	if (t->ending != ENDING_NONE)
		return stopped(t, error);
	/* The second request was not made. */
	if (r->section && (err == -EEXIST || err == -ENOSYS || err == -ENOTSUP))
		return -ENOTSUP;
	if (err == -ENOENT && (!cause || strstr(cause, " 404")))
		return offsets_fail(
			error, err,
			"%s: build-id %s: the server does not have %s (%s); use another "
			"--debuginfod, or add the debug package of the kernel",
			r->name, r->build_id, what(r), cause ? cause : "not found");
	return offsets_fail(error, err == -ENOENT ? -EIO : err,
	                    "%s: build-id %s: %s; check the address, or try again later", r->name,
	                    r->build_id, cause ? cause : strerror(-err));
}

/* libcurl follows a redirect from https to http; what came by it is not taken. */
static int target_check(const struct debuginfod_request *r, const char *url,
                        struct offsets_error *error)
{
	if (strncasecmp(r->server, "https:", 6) || !url || !strncasecmp(url, "https:", 6))
		return 0;
	return offsets_fail(
		error, -EPROTO,
		"%s: build-id %s: redirects from https to another protocol; use another "
		"--debuginfod, or the target itself if you trust the network to it",
		r->name, r->build_id);
}

/* ---- all of it -------------------------------------------------------- */

static int log_open(void)
{
	const int fd = open("log", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd >= 0)
		unlink("log");
	return fd;
}

static int transfer(debuginfod_client *client, struct transfer *t, int *ret,
                    struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int log = log_open();
	CLEANUP(cleanup_free) char *path = NULL, *text = malloc(LOG_MAX + 1);
	int fd, err;

	if (log < 0 || !text)
		return offsets_fail(error, -EIO,
		                    "%s: build-id %s: cannot create a file; set TMPDIR",
		                    t->request->name, t->request->build_id);
	t->log = log;
	debuginfod_set_verbose_fd(client, log);
	debuginfod_set_user_data(client, t);
	debuginfod_set_progressfn(client, progress);
	t->since = seconds();
	fd = find(client, t->request, &path);
	if (fd < 0)
		return failed(t, fd, log_read(log, text, LOG_MAX + 1), error);
	if (path)
		unlink(path);
	err = target_check(t->request, debuginfod_get_url(client), error);
	if (err)
		close(fd);
	else
		*ret = fd;
	return err;
}

int debuginfod_fetch(const struct debuginfod_request *request, int *ret,
                     struct offsets_error *error)
{
	static debuginfod_client *client; /* one, which keeps its connections */
	struct transfer t = { .request = request };
	int err = -ENOMEM;

	*ret = -1;
	if (asprintf(&t.servers, URLS "%s", request->server) < 0)
		t.servers = NULL;
	else if (!variables_set(request, t.servers) && !client)
		client = debuginfod_begin();
	if (client && t.servers)
		err = transfer(client, &t, ret, error);
	else
		offsets_fail(error, err, "%s: libdebuginfod cannot start", request->name);
	variables_remove(URLS);
	free(t.servers);
	return err;
}

#else

bool debuginfod_available(void)
{
	return false;
}

int debuginfod_fetch(const struct debuginfod_request *request, int *ret,
                     struct offsets_error *error)
{
	*ret = -1;
	return offsets_fail(error, -ENOSYS, "%s: lkccb was built without libdebuginfod",
	                    request->name);
}

#endif
