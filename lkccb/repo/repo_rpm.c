/* SPDX-License-Identifier: BSD-2-Clause */
/* A dnf or yum repository: repodata/repomd.xml names primary.xml, which names packages. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "offsets/util/cleanup.h"
#include "lkccb/io/digest.h"
#include "lkccb/repo/repo_rpm.h"

/* ---- in the process that parses --------------------------------------- */

/* What the parser has seen of the current element. */
struct state {
	const struct repo *repo;
	FILE *lines;
	char text[256]; /* of the innermost element */
	size_t text_size;
	bool wanted; /* <data type="primary">, <package type="rpm"> */
	bool sha2;   /* <checksum type="sha256"> or a longer one */
	char name[128], arch[32], checksum[DIGEST_HEX_MAX + 1], href[1024];
	uint64_t size;
};

static const char *attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (!strcmp(attributes[0], name))
			return attributes[1];
	return "";
}

static void on_start(void *arg, const char *element, const char **attributes)
{
	struct state *s = arg;
	const char *type = attribute(attributes, "type");

	s->text_size = 0;
	s->text[0] = '\0';
	if (!strcmp(element, "data") || !strcmp(element, "package")) {
		s->wanted = !strcmp(type, "primary") || !strcmp(type, "rpm");
		s->name[0] = s->arch[0] = s->checksum[0] = s->href[0] = '\0';
		s->size = 0;
	}
	if (!strcmp(element, "checksum"))
		s->sha2 = !strcmp(type, "sha256") || !strcmp(type, "sha384") ||
		          !strcmp(type, "sha512");
	if (!strcmp(element, "location"))
		snprintf(s->href, sizeof(s->href), "%s", attribute(attributes, "href"));
	if (!strcmp(element, "size"))
		s->size = strtoull(attribute(attributes, "package"), NULL, 10);
}

static void on_text(void *arg, const char *text, int size)
{
	struct state *s = arg;

	if (s->text_size + size >= sizeof(s->text))
		size = sizeof(s->text) - 1 - s->text_size;
	memcpy(s->text + s->text_size, text, size);
	s->text_size += size;
	s->text[s->text_size] = '\0';
}

static void on_end(void *arg, const char *element)
{
	struct state *s = arg;

	if (!strcmp(element, "checksum") && s->sha2)
		snprintf(s->checksum, sizeof(s->checksum), "%.128s", s->text);
	if (!strcmp(element, "name"))
		snprintf(s->name, sizeof(s->name), "%.127s", s->text);
	if (!strcmp(element, "arch"))
		snprintf(s->arch, sizeof(s->arch), "%.31s", s->text);
	s->text_size = 0;
	s->text[0] = '\0';
}

/*
 * kernel-debuginfo, and those of other flavours (kernel-rt-debuginfo), but not
 * packages without a kernel.
 */
static bool is_debug(const char *name)
{
	static const char *const none[] = {
		"kernel-*tools-debuginfo",
		"kernel-*tools-libs-debuginfo",
		"kernel-*bootwrapper-debuginfo",
		"kernel-*selftests-internal-debuginfo",
	};
	size_t i;

	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (!fnmatch(none[i], name, 0))
			return false;
	return !fnmatch("kernel-*debuginfo", name, 0);
}

/* </package> */
static void on_package_end(void *arg, const char *element)
{
	struct state *s = arg;

	on_end(arg, element);
	if (strcmp(element, "package") || !s->wanted || !is_debug(s->name) ||
	    strcmp(s->arch, s->repo->arch))
		return;
	repo_package_print(s->href, s->checksum, s->size, s->lines);
}

/* </data> */
static void on_data_end(void *arg, const char *element)
{
	struct state *s = arg;

	on_end(arg, element);
	if (!strcmp(element, "data") && s->wanted)
		repo_package_print(s->href, s->checksum, 0, s->lines);
}

static int xml_parse(const struct repo *repo, const char *text, size_t size, FILE *lines,
                     XML_EndElementHandler end, struct offsets_error *error)
{
	struct state state = { .repo = repo, .lines = lines };
	XML_Parser parser = XML_ParserCreate(NULL);
	int err = 0;

	if (!parser)
		return offsets_fail(error, -ENOMEM, "out of memory");
	XML_SetUserData(parser, &state);
	XML_SetElementHandler(parser, on_start, end);
	XML_SetCharacterDataHandler(parser, on_text);
	if (XML_Parse(parser, text, size, 1) != XML_STATUS_OK)
		err = offsets_fail(error, -EBADMSG, "%s: malformed index: %s at line %lu",
		                   repo->base, XML_ErrorString(XML_GetErrorCode(parser)),
		                   XML_GetCurrentLineNumber(parser));
	XML_ParserFree(parser);
	return err;
}

/* Where primary.xml is, and its checksum. */
static int repomd_parse(const struct repo *repo, const char *text, size_t size, FILE *lines,
                        struct offsets_error *error)
{
	return xml_parse(repo, text, size, lines, on_data_end, error);
}

static int primary_parse(const struct repo *repo, const char *text, size_t size, FILE *lines,
                         struct offsets_error *error)
{
	return xml_parse(repo, text, size, lines, on_package_end, error);
}

/* ---- here ------------------------------------------------------------- */

static int repomd_verify(const struct repo *repo, struct offsets_error *error)
{
	char what[512];
	int err;

	if (!repo->keyring || repo->keyring->armored)
		return 0;
	err = repo_get(repo, "repodata/repomd.xml.asc", "repomd.xml.asc", 0, NULL, error);
	if (err == -ENOENT)
		return offsets_fail(error, err,
		                    "%s: its index has no signature (repomd.xml.asc); give the "
		                    "armored key of its packages as --keyring",
		                    repo->base);
	if (err)
		return err;
	snprintf(what, sizeof(what), "%.400s: repomd.xml", repo->base);
	return repo_signature_verify(repo, what, "repomd.xml", "repomd.xml.asc", error);
}

struct primary {
	char checksum[DIGEST_HEX_MAX + 1], href[1024];
};

static int primary_take(struct repo *repo, char *line, void *arg, struct offsets_error *error)
{
	struct primary *p = arg;
	size_t len = strcspn(line, "\t");

	(void)repo, (void)error;
	snprintf(p->href, sizeof(p->href), "%.*s", (int)len, line);
	line += len + (line[len] == '\t');
	snprintf(p->checksum, sizeof(p->checksum), "%.*s", (int)strcspn(line, "\t"), line);
	return 0;
}

int repo_rpm_read(struct repo *repo, struct offsets_error *error)
{
	struct primary primary = { "", "" };
	int err = repomd_verify(repo, error);

	if (!err)
		err = repo_parse(repo, "repomd.xml", REPO_PLAIN, repomd_parse, primary_take,
		                 &primary, error);
	if (!err && (!*primary.href || !digest_valid(primary.checksum)))
		err = offsets_fail(error, -EBADMSG,
		                   "%s: repomd.xml names no primary.xml with a SHA-2 digest",
		                   repo->base);
	if (!err)
		err = repo_get(repo, primary.href, "primary", REPO_INDEX_BYTES_MAX,
		               primary.checksum, error);
	return err ? err
	           : repo_parse(repo, "primary", REPO_PACKED, primary_parse, repo_package_take,
	                        NULL, error);
}
