/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "lkccb/image/identity.h"
#include "lkccb/input/banners.h"
#include "lkccb/io/base64.h"

#define BANNER_MAX_BYTES 1000

struct search {
	struct offsets_kernel *kernel;
	struct offsets_kernel
		*found; /* has the version of the first banner; the caller's to free */
	bool differ;
};

static bool same(const struct offsets_kernel *a, const struct offsets_kernel *b,
                 enum offsets_key key)
{
	const char *x = offsets_kernel_key(a, key), *y = offsets_kernel_key(b, key);

	return x && y && !strcmp(x, y);
}

static bool counts(const struct search *s, const struct offsets_kernel *banner)
{
	return offsets_kernel_key(banner, OFFSETS_KEY_VERSION) &&
	       same(banner, s->kernel, OFFSETS_KEY_RELEASE) &&
	       (same(banner, s->kernel, OFFSETS_KEY_DISTRIBUTION) ||
	        !offsets_kernel_key(banner, OFFSETS_KEY_DISTRIBUTION) ||
	        !offsets_kernel_key(s->kernel, OFFSETS_KEY_DISTRIBUTION));
}

/* A malformed banner, or one of another release, is skipped. */
static int banner_note(struct search *s, const char *text)
{
	struct offsets_kernel *banner = offsets_kernel_new();
	struct offsets_error ignored;

	if (!banner)
		return -ENOMEM;
	if (identity_banner(banner, text, "", &ignored) || !counts(s, banner)) {
		offsets_kernel_free(banner);
	} else if (!s->found) {
		s->found = banner;
	} else {
		s->differ = s->differ || !same(s->found, banner, OFFSETS_KEY_VERSION);
		offsets_kernel_free(banner);
	}
	return 0;
}

/* Up to the end of the line, or of the string of JSON in which it stands, also before "\n". */
static size_t banner_size(const char *at, const char *end)
{
	size_t size = 0, max = end - at < BANNER_MAX_BYTES ? end - at : BANNER_MAX_BYTES;

	while (size < max && at[size] && !strchr("\"\\\r\n", at[size]))
		size++;
	return size;
}

static int plain_note(struct search *s, const char *at, const char *end)
{
	const char *release = offsets_kernel_key(s->kernel, OFFSETS_KEY_RELEASE);
	const char *name = at + strlen("Linux version ");
	const size_t len = strlen(release), size = banner_size(at, end);
	char text[BANNER_MAX_BYTES + 1];

	/* Most banners are of other releases: they are not copied. */
	if ((size_t)(end - name) <= len || memcmp(name, release, len) || name[len] != ' ')
		return 0;
	memcpy(text, at, size);
	text[size] = '\0';
	return banner_note(s, text);
}

static int encoded_note(struct search *s, const char *at, const char *end)
{
	char text[BANNER_MAX_BYTES + 1];

	return base64_text(at, banner_size(at, end), text, sizeof(text)) ? banner_note(s, text) : 0;
}

/* How a banner begins: as it is, and in base64, as the keys of Volatility's own banners.json. */
static const struct {
	const char *prefix;
	int (*note)(struct search *s, const char *at, const char *end);
} forms[] = {
	{ "Linux version ", plain_note },
	{ "TGludXggdmVyc2lvbi", encoded_note },
};

static int banners_each(struct search *s, const char *text, const char *end)
{
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const size_t size = strlen(forms[i].prefix);
		const char *at = text;

		while (!err && at < end && (at = memmem(at, end - at, forms[i].prefix, size))) {
			err = forms[i].note(s, at, end);
			at += size;
		}
	}
	return err;
}

int banners_find(const char *text, size_t size, const char *name, struct offsets_kernel *kernel,
                 struct offsets_error *error)
{
	const char *release = offsets_kernel_key(kernel, OFFSETS_KEY_RELEASE);
	struct search s = { .kernel = kernel };
	int err = banners_each(&s, text, text + size);

	if (err)
		err = offsets_fail(error, err, "%s: out of memory", name);
	else if (!s.found)
		err = offsets_fail(error, -ENOENT,
		                   "no banner of %s in %s: its entry has no version", release,
		                   name);
	else if (s.differ)
		err = offsets_fail(error, -ENOTUNIQ,
		                   "several banners of %s in %s: its entry has no version; give it "
		                   "with --version",
		                   release, name);
	else
		err = offsets_kernel_set(kernel, OFFSETS_KEY_VERSION,
		                         offsets_kernel_key(s.found, OFFSETS_KEY_VERSION));
	offsets_kernel_free(s.found);
	return err;
}
