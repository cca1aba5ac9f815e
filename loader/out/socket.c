/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "loader/out/frame.h"
#include "loader/out/socket.h"
#include "loader/util/monotonic.h"

/* After an error the next try is so much later, each time twice as much. */
#define RETRY_FIRST_NS 100000000ULL
#define RETRY_MOST_NS  30000000000ULL

/* A peer that acknowledges nothing for so long is gone (tcp(7)). */
#define TCP_DEAD_MS 30000

/* So much may be sent and not acknowledged: what may come twice. */
#define FLIGHT_BYTES (256 * 1024)

/* How often the acknowledged bytes are asked for. */
#define ACKNOWLEDGED_MS 20

/* A line that was sent, up to the byte of that number of the connection. */
struct flight {
	uint64_t end;
	size_t size; /* in the queue */
};

struct socket_sink {
	struct sink sink;
	const struct socket_options *options; /* the caller's */
	int fd;                               /* -1: not connected */
	bool is_connecting;
	uint64_t retry_ns, backoff_ns; /* the next try; 0: at once */
	char *frame;                   /* of the line behind those in flight; size 0: not made */
	size_t frame_size, frame_sent, frame_room;
	uint64_t sent; /* bytes of this connection */
	struct flight *flights;
	size_t flight_count, flight_room, flight_bytes; /* bytes: of the queue */
};

static struct socket_sink *socket_of(struct sink *sink)
{
	return (struct socket_sink *)sink;
}

static bool is_stream(enum socket_kind kind)
{
	return kind == SOCKET_UNIX || kind == SOCKET_SYSLOG_TCP;
}

static bool is_network(enum socket_kind kind)
{
	return kind == SOCKET_SYSLOG_UDP || kind == SOCKET_SYSLOG_TCP;
}

/* ---- connecting --------------------------------------------------------- */

int socket_unix_open(enum socket_kind kind, const char *path, int *ret_fd,
                     struct offsets_error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int type = (is_stream(kind) ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
	int fd, err;

	*ret_fd = -1;
	if (strlen(path) >= sizeof(address.sun_path))
		return offsets_fail(error, -ENAMETOOLONG, "%s: the path of a socket is shorter",
		                    path);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, type, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return offsets_fail(error, err, "%s: %s", path, strerror(-err));
	}
	*ret_fd = fd;
	return 0;
}

static int network_open(struct socket_sink *s, struct offsets_error *error)
{
	const struct net_address *address = &s->options->address;
	bool is_tcp = s->options->kind == SOCKET_SYSLOG_TCP;
	const int on = 1, dead_ms = TCP_DEAD_MS, flight = FLIGHT_BYTES;

	s->fd = socket(address->storage.ss_family,
	               (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return offsets_fail(error, -errno, "%s: %s", s->sink.name, strerror(errno));
	if (is_tcp) { /* best effort: the kernel's own limits are larger */
		setsockopt(s->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
		setsockopt(s->fd, SOL_SOCKET, SO_SNDBUF, &flight, sizeof(flight));
		setsockopt(s->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof(dead_ms));
	}
	if (!connect(s->fd, (const struct sockaddr *)&address->storage, address->size))
		return 0;
	s->is_connecting = errno == EINPROGRESS;
	return s->is_connecting
	               ? 0
	               : offsets_fail(error, -errno, "%s: %s", s->sink.name, strerror(errno));
}

/* What was in flight is sent again by the next connection. */
static void disconnect(struct socket_sink *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->is_connecting = false;
	s->flight_count = s->flight_bytes = s->frame_size = s->frame_sent = 0;
	s->sent = 0;
	s->sink.holds_first = false;
}

static void retry_later(struct socket_sink *s, int number)
{
	uint64_t now = clock_monotonic_ns();

	disconnect(s);
	sink_fails(&s->sink, strerror(number));
	s->backoff_ns = !s->backoff_ns                      ? RETRY_FIRST_NS
	                : s->backoff_ns < RETRY_MOST_NS / 2 ? 2 * s->backoff_ns
	                                                    : RETRY_MOST_NS;
	/* Up to a quarter more, so that many hosts do not come back at once. */
	s->retry_ns = now + s->backoff_ns + now % (s->backoff_ns / 4);
}

/* True: lines can be sent now. */
static bool connect_try(struct socket_sink *s)
{
	struct pollfd fd = { .events = POLLOUT };
	struct offsets_error error;
	socklen_t size = sizeof(int);
	int err = 0, number = 0;

	if (s->fd < 0) {
		if (clock_monotonic_ns() < s->retry_ns)
			return false;
		if (is_network(s->options->kind))
			err = network_open(s, &error);
		else if (s->sink.opener)
			err = s->sink.opener(s->sink.opener_arg, SINK_OPEN, &s->fd, &error);
		else
			err = socket_unix_open(s->options->kind, s->sink.target, &s->fd, &error);
		if (err) {
			retry_later(s, -err);
			return false;
		}
	}
	if (!s->is_connecting)
		return true;
	fd.fd = s->fd;
	if (poll(&fd, 1, 0) <= 0)
		return false;
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &number, &size) || number) {
		retry_later(s, number ? number : EIO);
		return false;
	}
	s->is_connecting = false;
	return true;
}

/* ---- streams without messages ------------------------------------------- */

static void lines_write(struct socket_sink *s)
{
	struct sink *sink = &s->sink;
	ssize_t n;

	while (sink->queue.size) {
		n = send(s->fd, queue_text(&sink->queue), sink->queue.size,
		         MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN) {
			sink_stalls(sink);
			return;
		}
		if (n <= 0) {
			queue_restart(&sink->queue); /* the next reader gets the line from its
			                                beginning */
			retry_later(s, n ? errno : EIO);
			return;
		}
		s->backoff_ns = 0;
		sink_written(sink, n);
		sink_works(sink);
	}
}

/* ---- messages ----------------------------------------------------------- */

/* Lines that the other side has acknowledged are delivered. */
static void flights_land(struct socket_sink *s)
{
	size_t landed = 0, size = 0;
	int waiting = 0;

	if (!s->flight_count || ioctl(s->fd, SIOCOUTQ, &waiting))
		return;
	while (landed < s->flight_count && s->flights[landed].end + waiting <= s->sent)
		size += s->flights[landed++].size;
	if (!landed)
		return;
	memmove(s->flights, s->flights + landed, (s->flight_count - landed) * sizeof(*s->flights));
	s->flight_count -= landed;
	s->flight_bytes -= size;
	s->backoff_ns = 0;
	sink_written(&s->sink, size);
	sink_works(&s->sink);
}

static bool flight_room(struct socket_sink *s)
{
	size_t room = s->flight_room ? 2 * s->flight_room : 64;
	struct flight *flights;

	if (s->flight_count < s->flight_room)
		return true;
	flights = realloc(s->flights, room * sizeof(*flights));
	if (!flights)
		return false;
	s->flights = flights;
	s->flight_room = room;
	return true;
}

/* The next line behind those in flight; with its newline. */
static struct queue_text next_line(const struct socket_sink *s)
{
	return queue_line(&s->sink.queue, s->flight_count, s->flight_bytes);
}

/* False: no memory. */
static bool frame_make(struct socket_sink *s)
{
	static size_t (*const frames[])(const struct frame_line *, char *) = {
		[SOCKET_SYSLOG_UNIX] = frame_syslog_local,
		[SOCKET_SYSLOG_UDP] = frame_syslog,
		[SOCKET_SYSLOG_TCP] = frame_syslog_counted,
		[SOCKET_JOURNALD] = frame_journal,
	};
	struct queue_text queued = next_line(s);
	struct frame_line line = { queued.text, queued.size - 1, s->options->host,
		                   s->options->tag_names[queued.tag], 0 };
	size_t need = line.size + FRAME_MORE_BYTES;
	struct timespec now;
	char *frame;

	if (need > s->frame_room) {
		frame = realloc(s->frame, need);
		if (!frame)
			return false;
		s->frame = frame;
		s->frame_room = need;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	line.now_ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
	if (s->options->kind == SOCKET_UNIX_DATAGRAM) {
		memcpy(s->frame, line.text, line.size);
		s->frame_size = line.size;
	} else {
		s->frame_size = frames[s->options->kind](&line, s->frame);
	}
	s->frame_sent = 0;
	return true;
}

/* What is too long for a datagram: the journal takes a sealed file in its place. */
static ssize_t journal_file_send(const struct socket_sink *s)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct msghdr message = { .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	int fd = memfd_create("sextant", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ssize_t n = -1;

	if (fd < 0)
		return -1;
	*head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
		                  .cmsg_level = SOL_SOCKET,
		                  .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	if (write(fd, s->frame, s->frame_size) == (ssize_t)s->frame_size &&
	    !fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		n = sendmsg(s->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
	return n < 0 ? n : (ssize_t)s->frame_size;
}

static ssize_t frame_send(struct socket_sink *s)
{
	ssize_t n = send(s->fd, s->frame + s->frame_sent, s->frame_size - s->frame_sent,
	                 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno == EMSGSIZE && s->options->kind == SOCKET_JOURNALD) {
		n = journal_file_send(s);
		if (n < 0 && errno != EAGAIN)
			errno = EMSGSIZE;
	}
	return n;
}

/* All of it was taken. */
static void frame_done(struct socket_sink *s)
{
	size_t size = next_line(s).size;

	if (s->options->kind != SOCKET_SYSLOG_TCP) {
		s->backoff_ns = 0;
		sink_written(&s->sink, size);
		sink_works(&s->sink);
	} else {
		s->flights[s->flight_count++] = (struct flight){ s->sent, size };
		s->flight_bytes += size;
	}
	s->frame_size = s->frame_sent = 0;
}

/* False: no more can be sent now. */
static bool frame_write(struct socket_sink *s)
{
	ssize_t n;

	if (!s->frame_size && (!flight_room(s) || !frame_make(s)))
		return false;
	n = frame_send(s);
	if (n >= 0) {
		s->frame_sent += n;
		s->sent += n;
		if (s->frame_sent == s->frame_size)
			frame_done(s);
		return true;
	}
	if (errno == EMSGSIZE) {
		s->frame_size = 0;
		sink_drop_first(&s->sink, DROP_TOO_LONG); /* of datagrams none are in flight */
		return true;
	}
	if (errno == EINTR)
		return true;
	if (errno == EAGAIN || errno == ENOBUFS)
		sink_stalls(&s->sink);
	else
		retry_later(s, errno);
	return false;
}

/* The other side has closed: what is sent from here on would be lost. */
static bool is_closed(const struct socket_sink *s)
{
	char byte;

	return s->options->kind == SOCKET_SYSLOG_TCP &&
	       recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void messages_write(struct socket_sink *s)
{
	flights_land(s);
	if (is_closed(s)) {
		retry_later(s, ECONNRESET);
		return;
	}
	while (s->fd >= 0 && s->flight_count < s->sink.queue.count &&
	       s->flight_bytes < FLIGHT_BYTES && frame_write(s))
		;
	if (s->fd >= 0)
		flights_land(s);
	s->sink.holds_first = s->flight_count || s->frame_sent;
}

/* ---- the sink ----------------------------------------------------------- */

static int socket_open(struct sink *sink, struct offsets_error *error)
{
	struct socket_sink *s = socket_of(sink);

	(void)error;
	s->options = sink->use.options;
	s->fd = -1;
	return 0;
}

static int socket_write(struct sink *sink, struct offsets_error *error)
{
	struct socket_sink *s = socket_of(sink);

	(void)error;
	if (!connect_try(s))
		return 0;
	if (s->options->kind == SOCKET_UNIX)
		lines_write(s);
	else
		messages_write(s);
	return 0;
}

static int socket_wait(const struct sink *sink, int *ret_ms)
{
	const struct socket_sink *s = (const struct socket_sink *)sink;
	uint64_t now = clock_monotonic_ns();

	if (s->fd < 0) {
		*ret_ms = s->retry_ns > now ? (s->retry_ns - now) / 1000000 + 1 : SINK_AGAIN_MS;
		return -1;
	}
	if (s->flight_count == sink->queue.count || s->flight_bytes >= FLIGHT_BYTES) {
		*ret_ms = ACKNOWLEDGED_MS;
		return -1;
	}
	return s->fd;
}

/* A connection goes on: there is nothing that was renamed. */
static int socket_descriptor(const struct sink *sink)
{
	return ((const struct socket_sink *)sink)->fd;
}

static void socket_close(struct sink *sink)
{
	struct socket_sink *s = socket_of(sink);

	if (s->fd >= 0)
		close(s->fd);
	free(s->frame);
	free(s->flights);
}

const struct sink_ops socket_ops = {
	.bytes = sizeof(struct socket_sink),
	.open = socket_open,
	.write = socket_write,
	.wait = socket_wait,
	.descriptor = socket_descriptor,
	.close = socket_close,
};
