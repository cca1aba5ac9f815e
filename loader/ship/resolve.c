/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <ares.h>

#include "loader/ship/resolve.h"

/* Of each server, and how often. */
#define TIMEOUT_MS 3000
#define TRIES      2

struct resolve {
	ares_channel channel;
	char host[256];
	bool is_done;
	int status; /* of c-ares */
	char text[RESOLVE_TEXT_SIZE];
};

/* It reads /etc/resolv.conf then, and not again. */
static int channel_open(struct resolve *r)
{
	struct ares_options options = { .timeout = TIMEOUT_MS, .tries = TRIES };

	return ares_init_options(&r->channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
}

struct resolve *resolve_new(void)
{
	struct resolve *r = calloc(1, sizeof(*r));

	if (r && !ares_library_init(ARES_LIB_INIT_ALL) && !channel_open(r))
		return r;
	free(r);
	return NULL;
}

void resolve_free(struct resolve *r)
{
	if (!r)
		return;
	if (r->channel)
		ares_destroy(r->channel);
	ares_library_cleanup();
	free(r);
}

bool resolve_is_address(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

/* One more behind a comma; those for which there is no room are left out. */
static void address_add(struct resolve *r, const struct sockaddr *address)
{
	const void *bytes = address->sa_family == AF_INET
	                            ? (const void *)&((const struct sockaddr_in *)address)->sin_addr
	                            : &((const struct sockaddr_in6 *)address)->sin6_addr;
	char one[INET6_ADDRSTRLEN];
	size_t size = strlen(r->text);

	if (inet_ntop(address->sa_family, bytes, one, sizeof(one)) &&
	    size + strlen(one) + 4 < sizeof(r->text))
		snprintf(r->text + size, sizeof(r->text) - size,
		         address->sa_family == AF_INET ? "%s%s" : "%s[%s]", size ? "," : "", one);
}

static void done(void *arg, int status, int timeouts, struct ares_addrinfo *result)
{
	struct resolve *r = arg;
	struct ares_addrinfo_node *node;

	(void)timeouts;
	if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
		return;
	r->is_done = true;
	r->status = status;
	for (node = result ? result->nodes : NULL; node; node = node->ai_next)
		if (node->ai_family == AF_INET || node->ai_family == AF_INET6)
			address_add(r, node->ai_addr);
	if (result)
		ares_freeaddrinfo(result);
}

void resolve_begin(struct resolve *r, const char *host)
{
	const struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC };

	if (r->channel)
		ares_destroy(r->channel);
	r->channel = NULL;
	snprintf(r->host, sizeof(r->host), "%s", host);
	*r->text = '\0';
	r->status = channel_open(r);
	r->is_done = r->status;
	if (!r->is_done)
		ares_getaddrinfo(r->channel, r->host, NULL, &hints, done, r);
}

int resolve_work(struct resolve *r, char *ret, struct offsets_error *error)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	int bits = ares_getsock(r->channel, sockets, ARES_GETSOCK_MAXNUM), i;

	for (i = 0; i < ARES_GETSOCK_MAXNUM && !r->is_done; i++) {
		bool reads = ARES_GETSOCK_READABLE(bits, i),
		     writes = ARES_GETSOCK_WRITABLE(bits, i);

		if (reads || writes)
			ares_process_fd(r->channel, reads ? sockets[i] : ARES_SOCKET_BAD,
			                writes ? sockets[i] : ARES_SOCKET_BAD);
	}
	if (!r->is_done)
		ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* the time */
	if (!r->is_done)
		return -EAGAIN;
	if (r->status || !*r->text)
		return offsets_fail(error, -ENOENT, "%s: %s", r->host,
		                    r->status ? ares_strerror(r->status) : "it has no address");
	memcpy(ret, r->text, RESOLVE_TEXT_SIZE);
	return 0;
}

size_t resolve_poll(struct resolve *r, struct pollfd fds[RESOLVE_FDS], int *ms)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	int bits = ares_getsock(r->channel, sockets, ARES_GETSOCK_MAXNUM), i;
	struct timeval most = { .tv_sec = *ms / 1000, .tv_usec = *ms % 1000 * 1000 }, first;
	const struct timeval *next = ares_timeout(r->channel, &most, &first);
	size_t count = 0;

	if (next)
		*ms = next->tv_sec * 1000 + next->tv_usec / 1000;
	for (i = 0; i < ARES_GETSOCK_MAXNUM && count < RESOLVE_FDS; i++) {
		short events = (ARES_GETSOCK_READABLE(bits, i) ? POLLIN : 0) |
		               (ARES_GETSOCK_WRITABLE(bits, i) ? POLLOUT : 0);

		if (events)
			fds[count++] = (struct pollfd){ sockets[i], events, 0 };
	}
	return count;
}
