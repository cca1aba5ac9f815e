/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "offsets/confine/give_up.h"

#define UNLISTED_MAX 65536
#define USER_FIRST   2000000000U

void lacks_note(struct lacks *lacks, const char *part, int err)
{
	size_t used = strlen(lacks->text);

	if (err)
		snprintf(lacks->text + used, lacks->size - used, "%s%s (%s)", used ? ", " : "",
		         part, strerror(-err));
}

/* ---- descriptors ------------------------------------------------------ */

/* Without close_range(). Closing every number up to RLIMIT_NOFILE can take minutes. */
static void listed_close(unsigned int first, unsigned int last)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *entry;
	unsigned int fd;

	while (list && (entry = readdir(list))) {
		fd = strtoul(entry->d_name, NULL, 10);
		if (fd >= first && fd <= last && fd != (unsigned int)dirfd(list))
			close(fd);
	}
	for (fd = first; !list && fd <= last && fd < UNLISTED_MAX; fd++)
		close(fd);
	if (list)
		closedir(list);
}

static void range_close(unsigned int first, unsigned int last)
{
#ifdef SYS_close_range /* since v5.9, commit 278a5fbaed89 */
	if (!syscall(SYS_close_range, first, last, 0))
		return;
#endif
	listed_close(first, last);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void give_up_descriptors(int *keep, size_t count)
{
	int fd = 3;
	size_t i;

	if (count)
		qsort(keep, count, sizeof(*keep), by_number);
	for (i = 0; i < count; i++) {
		if (keep[i] > fd)
			range_close(fd, keep[i] - 1);
		if (keep[i] >= fd)
			fd = keep[i] + 1;
	}
	range_close(fd, ~0U);
}

/* Without /dev/null, a descriptor that can be neither read nor written. */
static int null_open(void)
{
	int fd = open("/dev/null", O_RDWR);

	return fd >= 0 ? fd : open("/", O_PATH);
}

static bool is_one_of(const int *fds, size_t count, int fd)
{
	while (count && fds[count - 1] != fd)
		count--;
	return count;
}

int give_up_streams(int last, const int *keep, size_t count)
{
	int null = null_open(), fd, err = null < 0 ? -errno : 0;

	for (fd = 0; !err && fd <= last; fd++)
		if (!is_one_of(keep, count, fd) && dup2(null, fd) < 0)
			err = -errno;
	if (null > last)
		close(null);
	return err;
}

/* ---- resources -------------------------------------------------------- */

int give_up_above(int resource, uint64_t most)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		return -errno;
	if (most > limit.rlim_max)
		most = limit.rlim_max;
	limit.rlim_cur = limit.rlim_max = most;
	return setrlimit(resource, &limit) ? -errno : 0;
}

/* ---- user and capabilities -------------------------------------------- */

uid_t user_of_its_own(void)
{
	return USER_FIRST + getpid();
}

/* The bounding set first: that needs CAP_SETPCAP. A failure matters only to an exec. */
static void bounding_set_drop(void)
{
	int cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

int give_up_user(uid_t id)
{
	bounding_set_drop();
	if (setgroups(0, NULL) || setresgid(id, id, id) || setresuid(id, id, id))
		return -errno;
	return 0;
}

int give_up_user_but(uid_t id, const unsigned int *capabilities, size_t count)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3] = { { 0 } };
	size_t i;
	int err;

	for (i = 0; i < count; i++)
		kept[capabilities[i] / 32].permitted |= 1U << capabilities[i] % 32;
	for (i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		kept[i].effective = kept[i].permitted;
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	err = give_up_user(id);
	if (syscall(SYS_capset, &header, kept) && !err)
		err = -errno;
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	return err;
}

int give_up_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	bounding_set_drop();
	return syscall(SYS_capset, &header, none) ? -errno : 0;
}

int give_up_new_privileges(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}
