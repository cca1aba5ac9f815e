/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lkccb/image/identity.h"
#include "lkccb/input/btfhub.h"

#define WORD_BYTES 64

/* The last three directories; "" for those that the path does not have. */
enum { DISTRIBUTION, VERSION, ARCHITECTURE, WORDS };

/* Where btfhub's words are not ours. */
static const char *ours(const char *word)
{
	static const struct {
		const char *btfhub, *ours;
	} words[] = { { "arm64", "aarch64" }, { "ol", "oracle" } };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(word, words[i].btfhub))
			return words[i].ours;
	return word;
}

static void words_of(const char *path, char ret[WORDS][WORD_BYTES])
{
	const char *end = strrchr(path, '/');
	int i;

	memset(ret, 0, WORDS * WORD_BYTES);
	for (i = WORDS - 1; i >= 0 && end; i--) {
		const char *start = memrchr(path, '/', end - path),
			   *word = start ? start + 1 : path;

		if (end - word < WORD_BYTES)
			memcpy(ret[i], word, end - word);
		end = start;
	}
}

static bool is_machine(const char *word)
{
	return !strcmp(word, "x86_64") || !strcmp(word, "aarch64");
}

/* "ubuntu/20.04": a directory of another tree has no number there. */
static int distribution_set(struct offsets_kernel *kernel, char words[WORDS][WORD_BYTES])
{
	int err;

	if (!*words[DISTRIBUTION] || !isdigit((unsigned char)*words[VERSION]))
		return 0;
	err = offsets_kernel_set(kernel, OFFSETS_KEY_DISTRIBUTION, ours(words[DISTRIBUTION]));
	return err == -EINVAL ? 0 : err;
}

int btfhub_keys(const char *path, struct offsets_kernel *kernel, struct offsets_error *error)
{
	char words[WORDS][WORD_BYTES];
	int err;

	words_of(path, words);
	if (!strstr(path, ".btf.tar.") || !is_machine(ours(words[ARCHITECTURE])))
		return 0;
	err = identity_agree(kernel, OFFSETS_KEY_MACHINE, ours(words[ARCHITECTURE]), path, error);
	if (err)
		return err;
	err = distribution_set(kernel, words);
	return err ? offsets_fail(error, err, "%s: out of memory", path) : 0;
}
