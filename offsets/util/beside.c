/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "offsets/util/beside.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/random.h"

#define SUFFIX_CHARS 16
#define NAME_CHARS   200 /* a longer name is truncated */

int beside_name(const char *name, char ret[NAME_MAX + 1])
{
	unsigned char random[SUFFIX_CHARS / 2];
	char suffix[SUFFIX_CHARS + 1];
	size_t i;
	int err = random_fill(random, sizeof(random));

	if (err)
		return err;
	for (i = 0; i < sizeof(random); i++)
		snprintf(suffix + 2 * i, 3, "%02x", random[i]);
	snprintf(ret, NAME_MAX + 1, "%.*s.%s.new", NAME_CHARS, name, suffix);
	return 0;
}

/* Is it one that beside_name() can have made of name? */
static bool beside_is(const char *name, const char *beside)
{
	size_t size = strnlen(name, NAME_CHARS);

	return !strncmp(beside, name, size) && beside[size] == '.' &&
	       strspn(beside + size + 1, "0123456789abcdef") == SUFFIX_CHARS &&
	       !strcmp(beside + size + 1 + SUFFIX_CHARS, ".new");
}

void beside_each(int directory, const char *name, beside_fn found, void *arg)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		cleanup_fd(&fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (beside_is(name, entry->d_name))
			found(fd, entry->d_name, arg);
	closedir(dir);
}
