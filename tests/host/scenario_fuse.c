/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/host/scenario_fuse.h"

static size_t init_answer(struct fuse_init_out *ret)
{
	ret->major = FUSE_KERNEL_VERSION;
	ret->minor = 12; /* the structs of then, which all kernels take */
	ret->max_write = 4096;
	return FUSE_COMPAT_22_INIT_OUT_SIZE;
}

static void request_answer(int fd, const struct fuse_in_header *in, fuse_answer_fn *answer)
{
	struct {
		struct fuse_out_header header;
		char body[FUSE_BODY];
	} out = { 0 };
	int size;

	if (in->opcode == FUSE_INIT)
		size = init_answer((void *)out.body);
	else
		size = answer(in, (const char *)(in + 1), out.body);
	if (size == FUSE_NEVER)
		return;
	out.header.unique = in->unique;
	out.header.error = size < 0 ? size : 0;
	out.header.len = sizeof(out.header) + (size < 0 ? 0 : size);
	if (write(fd, &out, out.header.len) < 0)
		return; /* who asked was killed, or wants no answer */
}

static void serve(int fd, fuse_answer_fn *answer)
{
	static union {
		struct fuse_in_header header;
		char bytes[1 << 17];
	} in;

	for (;;) {
		ssize_t n = read(fd, &in, sizeof(in));

		if (n < 0 && errno != EINTR && errno != ENOENT)
			_exit(0);
		if (n >= (ssize_t)sizeof(in.header))
			request_answer(fd, &in.header, answer);
	}
}

pid_t fuse_mount(const char *path, mode_t root_mode, uid_t uid, const char *more,
                 fuse_answer_fn *answer)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];
	pid_t server;

	if (fd < 0)
		return 0;
	snprintf(options, sizeof(options), "fd=%d,rootmode=%o,user_id=%u,group_id=%u%s", fd,
	         root_mode, uid, uid, more);
	if (mount("scenario", path, "fuse", MS_NOSUID | MS_NODEV, options))
		return 0;
	server = fork();
	if (!server)
		serve(fd, answer);
	close(fd);
	return server < 0 ? 0 : server;
}
