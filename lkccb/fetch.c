/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>

#include "cleanup.h"
#include "fetch.h"
#include "package.h"

#define MAX_DEFAULT   (64 << 20)
#define STALL_SECONDS 60

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
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "lkccb");
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file");
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS,
	                 CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE);
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
	return curl;
}

struct sink {
	int fd;
	uint64_t size, max;
	bool over; /* more than max came */
};

static size_t sink_write(char *data, size_t one, size_t count, void *arg)
{
	struct sink *sink = arg;
	size_t size = one * count, done = 0;

	sink->over = size > sink->max - sink->size;
	if (sink->over)
		return 0;
	while (done < size) {
		ssize_t n = write(sink->fd, data + done, size - done);

		if (n <= 0)
			return 0;
		done += n;
	}
	sink->size += size;
	return size;
}

static CURLcode fetch_once(CURL *curl, struct sink *sink)
{
	struct stat st;

	if (fstat(sink->fd, &st))
		return CURLE_WRITE_ERROR;
	sink->size = st.st_size;
	curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)st.st_size);
	return curl_easy_perform(curl);
}

int fetch_file(const char *url, const char *path, uint64_t max, struct offsets_error *error)
{
	CLEANUP(cleanup_fd)
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct sink sink = { .fd = fd, .max = max ? max : MAX_DEFAULT };
	CURL *curl = fd < 0 ? NULL : handle_new(url);
	char why[CURL_ERROR_SIZE] = "";
	uint64_t before;
	CURLcode code;

	if (!curl)
		return offsets_fail(error, fd < 0 ? -errno : -ENOMEM, "%s: %s", path,
		                    strerror(fd < 0 ? errno : ENOMEM));
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, sink_write);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	/* A line that drops: on from there, as long as something comes. */
	do {
		before = sink.size;
		code = fetch_once(curl, &sink);
	} while ((code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR ||
	          code == CURLE_OPERATION_TIMEDOUT) &&
	         sink.size > before);
	/* What was there is no part of it, or the server cannot go on in the middle. */
	if ((code == CURLE_RANGE_ERROR || code == CURLE_HTTP_RETURNED_ERROR ||
	     code == CURLE_BAD_DOWNLOAD_RESUME || code == CURLE_FILE_COULDNT_READ_FILE) &&
	    sink.size && !ftruncate(fd, 0))
		code = fetch_once(curl, &sink);
	curl_easy_cleanup(curl);
	if (code == CURLE_OK)
		return 0;
	if (sink.over)
		return offsets_fail(
			error, -EBADMSG,
			"%s: is larger than the repository's index promises (%llu bytes)", url,
			(unsigned long long)sink.max);
	return offsets_fail(error, -EIO, "%s: %s; try again later", url,
	                    *why ? why : curl_easy_strerror(code));
}

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

/* One connection for all ranges. */
int fetch_range(const char *url, uint64_t offset, uint64_t size, void *ret,
                struct offsets_error *error)
{
	static CURL *curl;
	struct memory memory = { ret, size, 0 };
	char range[64];
	long status = 0;
	CURLcode code;

	if (!curl)
		curl = handle_new(url);
	if (!curl)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", url);
	snprintf(range, sizeof(range), "%llu-%llu", (unsigned long long)offset,
	         (unsigned long long)(offset + size - 1));
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_RANGE, range);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, memory_write);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &memory);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK && memory.done == size && (status == 206 || status == 0))
		return 0;
	if (status == 200)
		return offsets_fail(error, -ENOTSUP,
		                    "%s: the server gives whole files only; leave out --ranges",
		                    url);
	return offsets_fail(error, -EIO, "%s: %s", url,
	                    code == CURLE_OK ? "cut answer" : curl_easy_strerror(code));
}

/* "Content-Range: bytes 0-0/283308068" */
static size_t header_read(char *data, size_t one, size_t count, void *arg)
{
	unsigned long long total;
	char line[256];

	snprintf(line, sizeof(line), "%.*s", (int)(one * count), data);
	if (!strncasecmp(line, "content-range:", 14) &&
	    sscanf(line + 14, " bytes 0-0/%llu", &total) == 1)
		*(uint64_t *)arg = total;
	return one * count;
}

int fetch_size(const char *url, uint64_t *ret, struct offsets_error *error)
{
	CURL *curl = handle_new(url);
	struct memory memory = { (char[16]){ 0 }, 1, 0 };
	long status = 0;
	CURLcode code;

	if (!curl)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", url);
	*ret = 0;
	curl_easy_setopt(curl, CURLOPT_RANGE, "0-0");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, memory_write);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &memory);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_read);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, ret);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	if (code == CURLE_OK && status == 206 && *ret)
		return 0;
	if (status == 200)
		return offsets_fail(error, -ENOTSUP,
		                    "%s: the server gives whole files only; leave out --ranges",
		                    url);
	return offsets_fail(error, -EIO, "%s: %s", url, curl_easy_strerror(code));
}

int fetch_verify(const char *path, uint64_t size, const char *sha256, struct offsets_error *error)
{
	struct kernel_row *row = offsets_row_new();
	struct stat st;
	int err = row ? package_digest(path, row, error) : -ENOMEM;

	if (!err && ((size && (stat(path, &st) || (uint64_t)st.st_size != size)) ||
	             strcmp(row->keys[ROW_PACKAGE_SHA256], sha256)))
		err = offsets_fail(error, -EBADMSG,
		                   "%s: is not what the repository's index promises (size or "
		                   "SHA-256); remove it and try again",
		                   path);
	offsets_row_free(row);
	return err;
}

int fetch_run(const char *const *argv)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EBADMSG;
}
