/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "offsets/util/random.h"

/* getrandom(2): since v3.17, commit c6e9d6f38894; RHEL 7 has it too. */
static int urandom_read(void *ret, size_t size)
{
	CLEANUP(cleanup_fd) int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return read(fd, ret, size) == (ssize_t)size ? 0 : -EIO;
}

int random_fill(void *ret, size_t size)
{
	return getrandom(ret, size, GRND_NONBLOCK) == (ssize_t)size ? 0 : urandom_read(ret, size);
}
