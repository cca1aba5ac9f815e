/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loader/util/monotonic.h"
#include "loader/verify/child.h"
#include "loader/verify/own_actions.h"
#include "offsets/util/cleanup.h"
#include "probes/abi/events.h"

void own_actions_init(struct own_actions *d)
{
	snprintf(d->name, sizeof(d->name), ".%s-%d-%llx", CHILD_NAME, getpid(),
	         (unsigned long long)clock_monotonic_ns());
}

/* False: nowhere to make one. */
static bool file_do(struct own_actions *d)
{
	static const char *const places[] = { "/tmp", "/run", "/dev/shm" };
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		CLEANUP(cleanup_fd) int fd = -1;

		snprintf(d->path, sizeof(d->path), "%s/%s", places[i], d->name);
		fd = open(d->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			continue;
		unlink(d->path);
		return !fstat(fd, &d->file);
	}
	return false;
}

/* False: this kernel has none, or refuses it. */
static bool memfd_do(const struct own_actions *d)
{
	CLEANUP(cleanup_fd) int fd = memfd_create(d->name, MFD_CLOEXEC);

	return fd >= 0;
}

/* From 127.0.0.2 to 127.0.0.1, so that one is not taken for the other. False: there is no loopback.
 */
static bool socket_do(struct own_actions *d)
{
	CLEANUP(cleanup_fd) int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CLEANUP(cleanup_fd) int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(d->remote), local_size = sizeof(d->local);

	d->remote = (struct sockaddr_in){ .sin_family = AF_INET,
		                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	d->local = (struct sockaddr_in){ .sin_family = AF_INET,
		                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1) };
	return server >= 0 && client >= 0 &&
	       !bind(client, (struct sockaddr *)&d->local, sizeof(d->local)) &&
	       !bind(server, (struct sockaddr *)&d->remote, sizeof(d->remote)) &&
	       !listen(server, 1) && !getsockname(server, (struct sockaddr *)&d->remote, &size) &&
	       !connect(client, (struct sockaddr *)&d->remote, sizeof(d->remote)) &&
	       !getsockname(client, (struct sockaddr *)&d->local, &local_size);
}

/* "return 0". False: this kernel has no such programs, or refuses them. */
static bool bpf_do(void)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr;
	CLEANUP(cleanup_fd) int fd = -1;

	memset(&attr, 0, sizeof(attr)); /* an older kernel wants zeroes behind what it knows */
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insns = (uintptr_t)program;
	attr.insn_cnt = sizeof(program) / sizeof(program[0]);
	attr.license = (uintptr_t) "";
	fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	return fd >= 0;
}

unsigned int own_actions_do(struct own_actions *d, unsigned int classes)
{
	unsigned int done = 0;

	if (classes & (1U << EVENT_FILE) && file_do(d))
		done |= 1U << EVENT_FILE;
	if (classes & (1U << EVENT_MEMFD) && memfd_do(d))
		done |= 1U << EVENT_MEMFD;
	if (classes & (1U << EVENT_SOCKET) && socket_do(d))
		done |= 1U << EVENT_SOCKET;
	if (classes & (1U << EVENT_BPF) && bpf_do())
		done |= 1U << EVENT_BPF;
	return done;
}
