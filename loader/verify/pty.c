/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "loader/verify/pty.h"

bool pty_open(struct pty *ret, bool is_own)
{
	char name[32];
	int unlocked = 0;

	*ret = (struct pty){ .master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC),
		             .slave = -1 };
	if (ret->master >= 0 && !ioctl(ret->master, TIOCSPTLCK, &unlocked) &&
	    !ioctl(ret->master, TIOCGPTN, &ret->number)) {
		snprintf(name, sizeof(name), "/dev/pts/%d", ret->number);
		ret->slave = open(name, O_RDWR | O_CLOEXEC | (is_own ? 0 : O_NOCTTY));
	}
	if (ret->slave >= 0)
		return true;
	if (ret->master >= 0)
		close(ret->master);
	ret->master = -1;
	return false;
}
