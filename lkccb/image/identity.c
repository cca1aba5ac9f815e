/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "lkccb/image/identity.h"
#include "offsets/util/cleanup.h"

int identity_agree(struct offsets_kernel *kernel, enum offsets_key key, const char *value,
                   const char *name, struct offsets_error *error)
{
	const char *given = offsets_kernel_key(kernel, key);
	int err;

	if (given && !strcmp(given, value))
		return 0;
	if (given)
		return offsets_fail(error, -EINVAL,
		                    "%s: its %s is %s, but the command line says %s; correct --%s",
		                    name, offsets_key_name(key), value, given,
		                    offsets_key_name(key));
	err = offsets_kernel_set(kernel, key, value);
	return err ? offsets_fail(error, err == -EINVAL ? -EBADMSG : err,
	                          "%s: malformed %s; use another copy", name, offsets_key_name(key))
	           : 0;
}

static const char *distribution_of(const char *banner)
{
	static const struct {
		const char *word, *distribution;
	} words[] = {
		{ "Debian", "debian" },   { "Ubuntu", "ubuntu" },     { "centos.org", "centos" },
		{ "redhat.com", "rhel" }, { "oracle.com", "oracle" },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(banner, words[i].word))
			return words[i].distribution;
	return NULL;
}

/* "Linux version RELEASE (builder) (compiler) #1 SMP ...": init/version.c */
int identity_banner(struct offsets_kernel *kernel, const char *banner, const char *name,
                    struct offsets_error *error)
{
	static const char prefix[] = "Linux version ";
	CLEANUP(cleanup_free) char *copy = strdup(banner);
	const char *distribution;
	char *release, *version = NULL, *next;
	int err;

	if (!copy)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", name);
	if (strncmp(copy, prefix, sizeof(prefix) - 1))
		return offsets_fail(error, -EBADMSG,
		                    "%s: malformed version banner; use another copy", name);
	copy[strcspn(copy, "\n")] = '\0';
	release = copy + sizeof(prefix) - 1;
	for (next = strstr(release, ") #"); next; next = strstr(next + 1, ") #"))
		version = next + 2;
	distribution = distribution_of(release);
	release[strcspn(release, " ")] = '\0';
	err = identity_agree(kernel, OFFSETS_KEY_RELEASE, release, name, error);
	if (!err && version)
		err = identity_agree(kernel, OFFSETS_KEY_VERSION, version, name, error);
	if (!err && distribution && !offsets_kernel_key(kernel, OFFSETS_KEY_DISTRIBUTION))
		err = offsets_kernel_set(kernel, OFFSETS_KEY_DISTRIBUTION, distribution);
	return err;
}
