/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the guest of tests/vm/selinux.py, which has no tools of SELinux:
 *   domain load POLICY | domain label FILE CONTEXT | domain become CONTEXT PROGRAM ARGUMENT...
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

/* In one write, as these files want it. */
static int put(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, data, size) != (ssize_t)size ? fail(path) : 0;
}

static int policy_load(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	char *policy;

	if (fd < 0 || fstat(fd, &st))
		return fail(path);
	policy = malloc(st.st_size);
	if (!policy || read(fd, policy, st.st_size) != st.st_size)
		return fail(path);
	return put("/sys/fs/selinux/load", policy, st.st_size);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "load"))
		return policy_load(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "label"))
		return setxattr(argv[2], "security.selinux", argv[3], strlen(argv[3]) + 1, 0)
		               ? fail(argv[2])
		               : 0;
	if (argc < 4 || strcmp(argv[1], "become") ||
	    put("/proc/self/attr/current", argv[2], strlen(argv[2])))
		return 2;
	execv(argv[3], argv + 3);
	return fail(argv[3]);
}
