/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "loader/ship/resolve.h"
#include "loader/ship/transfer.h"

#define CONNECT_MS 15000
/* A request of which less than a byte a second moves for so long has failed. */
#define SLOW_S    30
#define REQUEST_S 300

#define ANSWER_MAX (4U << 20)

struct transfer {
	const struct transfer_use *use;
	struct resolve *resolve;
	CURLM *multi;
	CURL *easy;
	bool is_resolving, is_running;
	struct curl_slist *addresses, *headers;
	char host[256]; /* to be found: that of the proxy, if there is one */
	char port[8];
	char *answer;
	size_t size, room;
	char why[CURL_ERROR_SIZE];
};

/* ---- what is asked of libcurl -------------------------------------------- */

static size_t answer_add(char *data, size_t one, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t size = one * count, room = t->room ? t->room : 4096;
	char *larger;

	if (size > ANSWER_MAX - t->size)
		return 0; /* the request fails */
	while (room < t->size + size)
		room *= 2;
	if (room > t->room) {
		larger = realloc(t->answer, room);
		if (!larger)
			return 0;
		t->answer = larger;
		t->room = room;
	}
	memcpy(t->answer + t->size, data, size);
	t->size += size;
	return size;
}

static void pem_set(CURL *easy, CURLoption option, const struct pem *pem)
{
	struct curl_blob blob = { pem->text, pem->size, CURL_BLOB_NOCOPY };

	if (pem->size)
		curl_easy_setopt(easy, option, &blob);
}

static void tls_set(struct transfer *t)
{
	curl_easy_setopt(t->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(t->easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(t->easy, CURLOPT_CAINFO, *t->use->ca ? t->use->ca : NULL);
	curl_easy_setopt(t->easy, CURLOPT_PROXY_CAINFO, *t->use->ca ? t->use->ca : NULL);
	pem_set(t->easy, CURLOPT_SSLCERT_BLOB, &t->use->certificate);
	pem_set(t->easy, CURLOPT_SSLKEY_BLOB, &t->use->key);
}

/* The lines of the file of headers, and no "Expect: 100-continue". */
static int headers_set(struct transfer *t)
{
	char *copy = t->use->headers ? strdup(t->use->headers) : NULL, *rest = copy, *line;
	struct curl_slist *list = curl_slist_append(NULL, "Expect:"), *longer;

	while (list && rest && (line = strsep(&rest, "\r\n"))) {
		longer = *line && *line != '#' ? curl_slist_append(list, line) : list;
		if (!longer)
			curl_slist_free_all(list);
		list = longer;
	}
	free(copy);
	t->headers = list;
	return list ? 0 : -ENOMEM;
}

static int easy_prepare(struct transfer *t)
{
	t->easy = curl_easy_init();
	t->multi = curl_multi_init();
	if (!t->easy || !t->multi)
		return -ENOMEM;
	curl_easy_setopt(t->easy, CURLOPT_URL, t->use->url);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(t->easy, CURLOPT_PROXY, t->use->proxy); /* also: none by the environment */
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(t->easy, CURLOPT_USERAGENT, "sextant");
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(t->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->why);
	curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	tls_set(t);
	if (t->use->is_stream) {
		curl_easy_setopt(t->easy, CURLOPT_CONNECT_ONLY, 1L);
		curl_easy_setopt(t->easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
		return 0;
	}
	curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT, (long)REQUEST_S);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, answer_add);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	return 0;
}

/* Host and port of what is connected to. */
static int peer_find(struct transfer *t, struct offsets_error *error)
{
	const char *url = t->use->proxy[0] ? t->use->proxy : t->use->url;
	CURLU *parsed = curl_url();
	char *host = NULL, *port = NULL;
	int err = 0;
	size_t size;

	if (!parsed || curl_url_set(parsed, CURLUPART_URL, url, 0) ||
	    curl_url_get(parsed, CURLUPART_HOST, &host, 0) ||
	    curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) ||
	    strlen(host) >= sizeof(t->host) || strlen(port) >= sizeof(t->port)) {
		err = offsets_fail(error, -EINVAL, "%s: not a URL", url);
	} else {
		size = strlen(host);
		if (*host == '[' && host[size - 1] == ']') {
			host[size - 1] = '\0';
			memmove(host, host + 1, size - 1);
		}
		strcpy(t->host, host);
		strcpy(t->port, port);
	}
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parsed);
	return err;
}

int transfer_new(const struct transfer_use *use, struct transfer **ret, struct offsets_error *error)
{
	struct transfer *t = calloc(1, sizeof(*t));
	int err;

	*ret = NULL;
	if (!t || curl_global_init(CURL_GLOBAL_DEFAULT)) {
		free(t);
		return offsets_fail(error, -ENOMEM, "out of memory");
	}
	t->use = use;
	err = peer_find(t, error);
	if (!err && (headers_set(t) || easy_prepare(t)))
		err = offsets_fail(error, -ENOMEM, "out of memory");
	if (!err && !resolve_is_address(t->host)) {
		t->resolve = resolve_new();
		if (!t->resolve)
			err = offsets_fail(error, -ENOMEM, "c-ares cannot be used");
	}
	if (err)
		transfer_free(t);
	else
		*ret = t;
	return err;
}

static void handles_free(struct transfer *t)
{
	transfer_disconnect(t);
	curl_easy_cleanup(t->easy);
	curl_multi_cleanup(t->multi);
	t->easy = NULL;
	t->multi = NULL;
}

void transfer_free(struct transfer *t)
{
	if (!t)
		return;
	handles_free(t);
	curl_slist_free_all(t->addresses);
	curl_slist_free_all(t->headers);
	resolve_free(t->resolve);
	curl_global_cleanup();
	free(t->answer);
	free(t);
}

/* ---- a request ----------------------------------------------------------- */

/* The addresses stay in libcurl's table until the next look-up: it asks nobody itself. */
static int addresses_set(struct transfer *t, const char *text)
{
	char remove[300], add[300 + RESOLVE_TEXT_SIZE];
	struct curl_slist *list, *longer;

	snprintf(remove, sizeof(remove), "-%s:%s", t->host, t->port);
	snprintf(add, sizeof(add), "%s:%s:%s", t->host, t->port, text);
	list = curl_slist_append(NULL, remove);
	longer = list ? curl_slist_append(list, add) : NULL;
	if (!longer) {
		curl_slist_free_all(list);
		return -ENOMEM;
	}
	curl_easy_setopt(t->easy, CURLOPT_RESOLVE, longer);
	curl_slist_free_all(t->addresses);
	t->addresses = longer;
	return 0;
}

static int run_begin(struct transfer *t)
{
	*t->why = '\0';
	t->size = 0;
	t->is_running = !curl_multi_add_handle(t->multi, t->easy);
	return t->is_running ? 0 : -ENOMEM;
}

/* A request may use the connection that is open, or the address that has worked. */
static int begin(struct transfer *t)
{
	if (!t->resolve || (t->addresses && !t->use->is_stream))
		return run_begin(t);
	t->is_resolving = true;
	resolve_begin(t->resolve, t->host);
	return 0;
}

int transfer_post(struct transfer *t, const char *type, const void *body, size_t size, bool is_gzip)
{
	struct curl_slist *list = t->headers, *longer;
	char text[128];

	/* Those of the last request are at the front of the list. */
	while (list && strncmp(list->data, "Content-", 8) == 0) {
		t->headers = list->next;
		list->next = NULL;
		curl_slist_free_all(list);
		list = t->headers;
	}
	snprintf(text, sizeof(text), "Content-Type: %s", type);
	longer = curl_slist_append(NULL, text);
	if (longer && is_gzip && !curl_slist_append(longer, "Content-Encoding: gzip")) {
		curl_slist_free_all(longer);
		return -ENOMEM;
	}
	if (!longer)
		return -ENOMEM;
	for (list = longer; list->next;)
		list = list->next;
	list->next = t->headers;
	t->headers = longer;
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
	return begin(t);
}

/* A connection of its own is closed with its handles, and not before. */
int transfer_connect(struct transfer *t)
{
	handles_free(t);
	return easy_prepare(t) ? -ENOMEM : begin(t);
}

void transfer_disconnect(struct transfer *t)
{
	if (!t->is_running)
		return;
	curl_multi_remove_handle(t->multi, t->easy);
	t->is_running = false;
}

void transfer_wait(struct transfer *t, struct pollfd *fds, size_t count, int ms)
{
	struct pollfd of_names[RESOLVE_FDS];
	struct curl_waitfd all[TRANSFER_FDS_MAX + RESOLVE_FDS];
	size_t more = t->is_resolving ? resolve_poll(t->resolve, of_names, &ms) : 0, i;

	for (i = 0; i < count + more; i++) {
		const struct pollfd *fd = i < count ? &fds[i] : &of_names[i - count];

		all[i] = (struct curl_waitfd){
			.fd = fd->fd,
			.events = (fd->events & POLLIN ? CURL_WAIT_POLLIN : 0) |
			          (fd->events & POLLOUT ? CURL_WAIT_POLLOUT : 0),
		};
	}
	curl_multi_poll(t->multi, all, count + more, ms, NULL);
	for (i = 0; i < count; i++)
		fds[i].revents = all[i].revents; /* only whether there are any */
}

/*
 * In TLS 1.3 a collector that refuses this side's certificate ends the connection behind the
 * handshake, so that it looks like any other end.
 */
static bool may_be_refused(const struct transfer *t, CURLcode code)
{
	return t->use->certificate.size && (code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR);
}

static bool is_about_certificate(const struct transfer *t, CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CERTPROBLEM ||
	       code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CACERT_BADFILE ||
	       may_be_refused(t, code);
}

static void result_read(struct transfer *t, CURLcode code, struct transfer_result *ret)
{
	curl_off_t after = 0;

	ret->is_connected = code == CURLE_OK;
	ret->is_about_certificate = is_about_certificate(t, code);
	if (code)
		snprintf(ret->why, sizeof(ret->why), "%s%.160s",
		         may_be_refused(t, code) ? "the collector has ended the connection, as if "
		                                   "it refused the client's certificate: "
		                                 : "",
		         *t->why ? t->why : curl_easy_strerror(code));
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &ret->status);
	curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
	ret->retry_after_s = after > 0 ? after : 0;
	ret->answer = t->answer;
	ret->answer_size = t->size;
	if (code && t->resolve) { /* it may be elsewhere now */
		curl_slist_free_all(t->addresses);
		t->addresses = NULL;
		curl_easy_setopt(t->easy, CURLOPT_RESOLVE, NULL);
	}
}

/* True: it is known where the collector is. */
static bool resolved(struct transfer *t, struct transfer_result *ret, bool *ret_has_failed)
{
	char text[RESOLVE_TEXT_SIZE];
	struct offsets_error error;
	int err = resolve_work(t->resolve, text, &error);

	*ret_has_failed = false;
	if (err == -EAGAIN)
		return false;
	t->is_resolving = false;
	if (!err && (addresses_set(t, text) || run_begin(t)))
		err = offsets_fail(&error, -ENOMEM, "out of memory");
	if (!err)
		return true;
	snprintf(ret->why, sizeof(ret->why), "%.255s", error.text);
	*ret_has_failed = true;
	return false;
}

bool transfer_work(struct transfer *t, struct transfer_result *ret)
{
	CURLMsg *message;
	bool has_failed;
	int running, left;

	*ret = (struct transfer_result){ .status = 0 };
	if (t->is_resolving && !resolved(t, ret, &has_failed))
		return has_failed;
	if (!t->is_running)
		return false;
	curl_multi_perform(t->multi, &running);
	while ((message = curl_multi_info_read(t->multi, &left))) {
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		/* A connection of its own goes with its handle. */
		if (!t->use->is_stream || code)
			transfer_disconnect(t);
		result_read(t, code, ret);
		return true;
	}
	return false;
}

/* ---- a connection -------------------------------------------------------- */

ssize_t transfer_send(struct transfer *t, const void *data, size_t size)
{
	size_t sent = 0;
	CURLcode code = curl_easy_send(t->easy, data, size, &sent);

	return code == CURLE_OK ? (ssize_t)sent : code == CURLE_AGAIN ? -EAGAIN : -EPIPE;
}

ssize_t transfer_receive(struct transfer *t, void *ret, size_t size)
{
	size_t got = 0;
	CURLcode code = curl_easy_recv(t->easy, ret, size, &got);

	return code == CURLE_OK ? (ssize_t)got : code == CURLE_AGAIN ? -EAGAIN : -EPIPE;
}

int transfer_socket(struct transfer *t)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd);
	return fd;
}
