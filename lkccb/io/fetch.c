/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

#include "offsets/util/cleanup.h"
#include "lkccb/io/digest.h"
#include "lkccb/io/fetch.h"
#include "offsets/util/safefile.h"

#define MAX_DEFAULT       (64 << 20)
#define PATIENCE_SECONDS  60
#define SPEED_MIN         1000      /* bytes/s */
#define HEADERS_MAX       (1 << 20) /* bytes, of all answers of a request */
#define TRIES_MAX         100
#define STALL_RESUME_FROM (1 << 20) /* bytes that an attempt must bring to be worth another one */

static unsigned int patience_s = PATIENCE_SECONDS;

void fetch_patience(unsigned int seconds)
{
	patience_s = seconds < PATIENCE_SECONDS ? seconds : PATIENCE_SECONDS;
}

/* ---- handles ---------------------------------------------------------- */

/* A redirect may lead from http to https, but not back. */
static void target_set(CURL *curl, const char *url)
{
	bool secure = !strncasecmp(url, "https:", 6);

	curl_easy_setopt(curl, CURLOPT_URL, url);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
#else
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS,
	                 secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}

/* The program curl reads this variable, libcurl does not. */
static void authorities_set(CURL *curl)
{
	const char *file = getenv("CURL_CA_BUNDLE");

	if (file && *file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, file);
}

static CURL *handle_new(const char *url)
{
	static bool initialised;
	CURL *curl;

	if (!initialised && curl_global_init(CURL_GLOBAL_DEFAULT))
		return NULL;
	initialised = true;
	curl = curl_easy_init();
	if (!curl)
		return NULL;
	target_set(curl, url);
	authorities_set(curl);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "lkccb");
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SPEED_MIN);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)patience_s);
	return curl;
}

/* From the headers of an answer. */
struct headers {
	uint64_t size;
	uint64_t total; /* of the whole file, in an answer to a range request; or 0 */
};

/* "Content-Range: bytes 0-0/283308068" */
static size_t header_read(char *data, size_t one, size_t count, void *arg)
{
	struct headers *headers = arg;
	unsigned long long total;
	char line[256];

	headers->size += one * count;
	if (headers->size > HEADERS_MAX)
		return 0;
	snprintf(line, sizeof(line), "%.*s", (int)(one * count), data);
	if (!strncasecmp(line, "content-range:", 14) &&
	    sscanf(line + 14, " bytes %*u-%*u/%llu", &total) == 1)
		headers->total = total;
	return one * count;
}

static CURLcode request(CURL *curl, struct headers *headers)
{
	*headers = (struct headers){ 0 };
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_read);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, headers);
	return curl_easy_perform(curl);
}

/* ---- whole files ------------------------------------------------------ */

struct sink {
	int fd;
	uint64_t size, max;
	bool over; /* more than max bytes arrived */
};

static size_t sink_write(char *data, size_t one, size_t count, void *arg)
{
	struct sink *sink = arg;
	size_t size = one * count, done = 0;

	sink->over = size > sink->max - sink->size;
	if (sink->over)
		return 0;
	while (done < size) {
		ssize_t n = pwrite(sink->fd, data + done, size - done, sink->size + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		done += n;
	}
	sink->size += size;
	return size;
}

static int too_large(const char *name, uint64_t max, struct offsets_error *error)
{
	return offsets_fail(error, -EBADMSG,
	                    "%s: larger than the repository's index says (%llu bytes)", name,
	                    (unsigned long long)max);
}

/* The server cannot resume, or the file is no longer the same. */
static bool cannot_resume(CURLcode code)
{
	return code == CURLE_RANGE_ERROR || code == CURLE_HTTP_RETURNED_ERROR ||
	       code == CURLE_BAD_DOWNLOAD_RESUME;
}

/* A dropped connection is retried while data arrives; a slow mirror only if much has arrived. */
static bool worth_another(CURLcode code, uint64_t came)
{
	if (code == CURLE_OPERATION_TIMEDOUT)
		return came >= STALL_RESUME_FROM;
	return came && (code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR);
}

static CURLcode fetch_tries(CURL *curl, struct sink *sink)
{
	struct headers headers;
	uint64_t before;
	CURLcode code = CURLE_OK;
	bool restarted = false; /* once, from the start */
	int try;

	for (try = 0; try < TRIES_MAX; try++) {
		before = sink->size;
		curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)before);
		code = request(curl, &headers);
		if (before && cannot_resume(code) && !restarted) {
			if (ftruncate(sink->fd, 0))
				return CURLE_WRITE_ERROR;
			sink->size = 0;
			restarted = true;
		} else if (!worth_another(code, sink->size - before)) {
			break;
		}
	}
	return code;
}

static int fetch_failed(CURL *curl, const char *url, CURLcode code, const char *why,
                        struct offsets_error *error)
{
	const char *cause = *why ? why : curl_easy_strerror(code);
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_UNSUPPORTED_PROTOCOL && status >= 300 && status < 400)
		return offsets_fail(error, -EPROTO,
		                    "%s: redirects from https to another protocol; use another "
		                    "mirror, or the target itself if you trust the network to it",
		                    url);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return offsets_fail(error, -ETIMEDOUT,
		                    "%s: less than %d bytes/s arrived for %u s; use another "
		                    "mirror, or try again later",
		                    url, SPEED_MIN, patience_s);
	if (code == CURLE_HTTP_RETURNED_ERROR && (status == 404 || status == 410))
		return offsets_fail(error, -ENOENT, "%s: %s; check the address", url, cause);
	return offsets_fail(error, -EIO, "%s: %s; try again later", url, cause);
}

int fetch_file(const char *url, int fd, uint64_t max, struct offsets_error *error)
{
	struct sink sink = { .fd = fd, .max = max ? max : MAX_DEFAULT };
	CURL *curl = handle_new(url);
	char why[CURL_ERROR_SIZE] = "";
	CURLcode code;
	int err = 0;

	if (!curl)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", url);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, sink_write);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	code = fetch_tries(curl, &sink);
	if (sink.over)
		err = too_large(url, sink.max, error);
	else if (code != CURLE_OK)
		err = fetch_failed(curl, url, code, why, error);
	curl_easy_cleanup(curl);
	return err;
}

int fetch_copy(const char *path, int fd, uint64_t max, struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int in = -1;
	struct sink sink = { .fd = fd, .max = max ? max : MAX_DEFAULT };
	char chunk[1 << 16];
	ssize_t n;
	int err = safefile_open(path, SAFEFILE_READ, &in, error);

	if (err)
		return err;
	while ((n = read(in, chunk, sizeof(chunk))) > 0)
		if (sink_write(chunk, 1, n, &sink) != (size_t)n)
			return sink.over ? too_large(path, sink.max, error)
			                 : offsets_fail(error, -EIO,
			                                "%s: cannot be copied: %s; set TMPDIR to a "
			                                "disk with space",
			                                path, strerror(errno));
	return n ? offsets_fail(error, -errno, "%s: %s", path, strerror(errno)) : 0;
}

/* ---- ranges ----------------------------------------------------------- */

struct memory {
	char *data;
	uint64_t size, done;
};

static size_t memory_write(char *data, size_t one, size_t count, void *arg)
{
	struct memory *memory = arg;
	size_t size = one * count;

	if (size > memory->size - memory->done)
		return 0;
	memcpy(memory->data + memory->done, data, size);
	memory->done += size;
	return size;
}

/* The HTTP status; 0: no answer. */
static long range_get(CURL *curl, const char *range, struct memory *memory, struct headers *headers,
                      CURLcode *ret)
{
	long status = 0;

	curl_easy_setopt(curl, CURLOPT_RANGE, range);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, memory_write);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, memory);
	*ret = request(curl, headers);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static int whole_files_only(const char *url, struct offsets_error *error)
{
	return offsets_fail(error, -ENOTSUP,
	                    "%s: the server does not support range requests; omit --ranges", url);
}

/* One connection for all ranges. */
int fetch_range(const char *url, uint64_t offset, uint64_t size, uint64_t total, void *ret,
                struct offsets_error *error)
{
	static CURL *curl;
	struct memory memory = { ret, size, 0 };
	struct headers headers;
	char range[64];
	CURLcode code;
	long status;

	if (!curl)
		curl = handle_new(url);
	if (!curl)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", url);
	target_set(curl, url);
	snprintf(range, sizeof(range), "%llu-%llu", (unsigned long long)offset,
	         (unsigned long long)(offset + size - 1));
	status = range_get(curl, range, &memory, &headers, &code);
	if (status == 200)
		return whole_files_only(url, error);
	if (code != CURLE_OK || status != 206 || memory.done != size)
		return offsets_fail(error, -EIO, "%s: %s", url,
		                    code == CURLE_OK ? "cut answer" : curl_easy_strerror(code));
	if (headers.total != total)
		return offsets_fail(error, -EBADMSG, "%s: the file changed while it was read", url);
	return 0;
}

int fetch_size(const char *url, uint64_t *ret, struct offsets_error *error)
{
	CURL *curl = handle_new(url);
	struct memory memory = { (char[16]){ 0 }, 1, 0 };
	struct headers headers;
	CURLcode code;
	long status;

	if (!curl)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", url);
	status = range_get(curl, "0-0", &memory, &headers, &code);
	curl_easy_cleanup(curl);
	*ret = headers.total;
	if (code == CURLE_OK && status == 206 && headers.total)
		return 0;
	if (status == 200)
		return whole_files_only(url, error);
	return offsets_fail(error, -EIO, "%s: %s", url, curl_easy_strerror(code));
}

/* ---- what was fetched ------------------------------------------------- */

int fetch_verify(int fd, const char *name, uint64_t size, const char *digest,
                 struct offsets_error *error)
{
	char hex[DIGEST_HEX_MAX + 1];
	struct stat st;
	int err = fstat(fd, &st) ? -errno : digest_file(fd, 0, strlen(digest), hex);

	if (err)
		return offsets_fail(error, err, "%s: cannot compute its digest: %s", name,
		                    strerror(-err));
	if ((!size || (uint64_t)st.st_size == size) && !strcmp(hex, digest))
		return 0;
	return offsets_fail(error, -EBADMSG,
	                    "%s: its size or digest differs from the repository's index; the "
	                    "mirror is out of date or damaged, try again later or use another",
	                    name);
}

/* ---- names ------------------------------------------------------------ */

char *fetch_local_path(const char *url)
{
	static const char *const begins[] = { "file:///", "file://localhost/" };
	char *decoded, *path;
	size_t i;

	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		size_t len = strlen(begins[i]);
		int size;

		if (strncasecmp(url, begins[i], len))
			continue;
		decoded = curl_easy_unescape(NULL, url + len - 1, 0, &size);
		path = decoded && strlen(decoded) == (size_t)size ? strdup(decoded) : NULL;
		curl_free(decoded);
		return path;
	}
	return NULL;
}

char *fetch_escape(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-._~/";
	char *ret = malloc(3 * strlen(path) + 1), *to = ret;

	for (; ret && *path; path++)
		if (strchr(plain, *path))
			*to++ = *path;
		else
			to += sprintf(to, "%%%02X", (unsigned char)*path);
	if (ret)
		*to = '\0';
	return ret;
}
