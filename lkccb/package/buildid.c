/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "lkccb/image/assembled.h"
#include "lkccb/image/image.h"
#include "lkccb/io/debuginfod.h"
#include "lkccb/io/servers.h"
#include "lkccb/package/buildid.h"

#define SECTION_NAME 32
#define COPY_BYTES   (1 << 20)

/* For bytes of the file from offset on. section "": the whole file. */
struct request {
	uint64_t offset, max;
	uint32_t server;
	char section[SECTION_NAME];
};

struct buildid {
	const char *path, *id;
	struct buildid_options options;
	struct servers servers;
	struct fetcher fetcher;
	size_t server; /* the one that is asked */
	struct assembled_section sections[ASSEMBLED_MAX];
	size_t count;
	uint64_t used; /* bytes of the file */
	uint64_t fetched;
	const char *whole; /* why the file is that of the server; NULL: it is made of sections */
	char *data;        /* a mapping of the file, or NULL */
	size_t size;
};

/* ---- in the fetcher --------------------------------------------------- */

static int copy(int from, int to, uint64_t offset, uint64_t *ret_size)
{
	CLEANUP(cleanup_free) char *data = malloc(COPY_BYTES);
	ssize_t n;

	*ret_size = 0;
	if (!data)
		return -ENOMEM;
	while ((n = pread(from, data, COPY_BYTES, *ret_size)) > 0) {
		const ssize_t done = pwrite(to, data, n, offset + *ret_size);

		if (done != n)
			return done < 0 ? -errno : -ENOSPC;
		*ret_size += n;
	}
	return n ? -errno : 0;
}

static void serve(void *arg, int fd, const void *asked, struct fetcher_answer *ret)
{
	const struct request *r = asked;
	const struct buildid *b = arg;
	const struct server *server = &b->servers.list[r->server];
	char cache[16];
	const struct debuginfod_request request = { .server = server->url,
		                                    .name = server->name,
		                                    .build_id = b->id,
		                                    .section = *r->section ? r->section : NULL,
		                                    .cache = cache,
		                                    .max = r->max,
		                                    .timeout_s = b->options.timeout_s };
	CLEANUP(cleanup_fd) int file = -1;

	snprintf(cache, sizeof(cache), "%u", (unsigned int)r->server);
	ret->err = debuginfod_fetch(&request, &file, &ret->error);
	if (ret->err)
		return;
	ret->err = copy(file, fd, r->offset, &ret->size);
	if (ret->err)
		offsets_fail(
			&ret->error, ret->err,
			"%s: build-id %s: what was fetched cannot be stored: %s; raise --disk, "
			"or set TMPDIR to a disk with space",
			server->name, b->id, strerror(-ret->err));
}

/* ---- single requests -------------------------------------------------- */

static const char *server_name(const struct buildid *b)
{
	return b->servers.list[b->server].name;
}

/* The size is the word of a process that may have been taken over. */
static int size_check(const struct buildid *b, const struct request *r, uint64_t size)
{
	struct stat st;

	if (fstat(b->fetcher.fd, &st))
		return -errno;
	return size <= r->max && r->offset + size <= (uint64_t)st.st_size ? 0 : -EBADMSG;
}

/* -ENOTSUP has no message. */
static int ask(struct buildid *b, const char *section, struct offsets_error *error)
{
	struct request r = { .server = b->server, .offset = b->used };
	struct fetcher_answer answer;
	int err;

	r.max = b->options.disk > b->used ? b->options.disk - b->used : 0;
	snprintf(r.section, sizeof(r.section), "%s", section);
	err = fetcher_ask(&b->fetcher, &r, &answer);
	if (err)
		return offsets_fail(error, err, "%.500s",
		                    *answer.error.text ? answer.error.text : "no answer");
	err = size_check(b, &r, answer.size);
	if (err)
		return offsets_fail(error, err, "%s: build-id %s: %s is damaged; try again",
		                    server_name(b), b->id, section);
	b->fetched += answer.size;
	b->used += answer.size;
	return 0;
}

static int section_fetch(struct buildid *b, const char *name, struct offsets_error *error)
{
	const uint64_t offset = b->used = (b->used + 15) & ~(uint64_t)15;
	int err = ask(b, name, error);

	if (!err)
		b->sections[b->count++] =
			(struct assembled_section){ name, offset, b->used - offset };
	return err;
}

/* Those of a list that ends with NULL, as far as the server has them. */
static int sections_fetch(struct buildid *b, const char *const *names, struct offsets_error *error)
{
	int err = 0;

	for (; !err && *names; names++) {
		err = section_fetch(b, *names, error);
		if (err == -ENOENT)
			err = 0;
	}
	return err;
}

static const struct assembled_section *section_of(const struct buildid *b, const char *name)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		if (!strcmp(b->sections[i].name, name))
			return &b->sections[i];
	return NULL;
}

/* ---- the file --------------------------------------------------------- */

static void unmap(struct buildid *b)
{
	if (b->data)
		munmap(b->data, b->size);
	b->data = NULL;
}

static int no_need(void *arg, const struct image_range *ranges, size_t count)
{
	(void)arg, (void)ranges, (void)count;
	return 0;
}

/* Without .rodata, its names are those in .data, as if .rodata cost much to read. */
static int map(struct buildid *b, uint64_t size, struct image_source *ret,
               struct offsets_error *error)
{
	char *data = MAP_FAILED;

	unmap(b);
	if (size)
		data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, b->fetcher.fd, 0);
	if (data == MAP_FAILED)
		return offsets_fail(error, -EBADMSG, "%s: build-id %s: %s; try again",
		                    server_name(b), b->id, size ? strerror(errno) : "it is empty");
	b->data = data;
	b->size = size;
	*ret = (struct image_source){ .name = b->path, .data = data, .size = size };
	if (!b->whole && !section_of(b, ".rodata"))
		ret->need = no_need;
	return 0;
}

static int assemble(struct buildid *b, uint16_t machine, struct image_source *ret,
                    struct offsets_error *error)
{
	uint64_t size;
	int err = assembled_write(b->fetcher.fd, machine, b->sections, b->count, b->used, &size);

	return err ? offsets_fail(error, err, "%s: build-id %s: %s; set TMPDIR", server_name(b),
	                          b->id, strerror(-err))
	           : map(b, size, ret, error);
}

static int build_id_verify(const struct buildid *b, const struct image_source *source,
                           struct offsets_error *error)
{
	char hex[2 * IMAGE_BUILD_ID_MAX + 1];
	int err = image_build_id(source, hex);

	if (!err && !strcmp(hex, b->id))
		return 0;
	return offsets_fail(error, -EBADMSG,
	                    "%s: build-id %s: the server sent %s%s; not read, use another "
	                    "--debuginfod",
	                    server_name(b), b->id, err ? "a file without a build-id" : "build-id ",
	                    err ? "" : hex);
}

/* ---- the whole file --------------------------------------------------- */

static int is_kernel(const struct buildid *b, const struct image_source *source,
                     struct offsets_error *error)
{
	Elf64_Ehdr header;

	if (source->size >= sizeof(header)) {
		memcpy(&header, source->data, sizeof(header));
		if (memcmp(header.e_ident, ELFMAG, SELFMAG) || header.e_type != ET_REL)
			return 0;
	}
	return offsets_fail(error, -EBADMSG,
	                    "%s: build-id %s: not a kernel but %s; give the build-id of a vmlinux",
	                    server_name(b), b->id,
	                    source->size < sizeof(header) ? "no ELF file" : "a module");
}

static int whole_read(struct buildid *b, const char *why, struct image_source *ret,
                      struct offsets_error *error)
{
	int err;

	b->used = b->count = 0;
	b->whole = why;
	if (ftruncate(b->fetcher.fd, 0))
		return offsets_fail(error, -errno, "%s: %s", b->path, strerror(errno));
	err = ask(b, "", error);
	if (!err)
		err = map(b, b->used, ret, error);
	if (!err)
		err = is_kernel(b, ret, error);
	return err ? err : build_id_verify(b, ret, error);
}

/* ---- sections --------------------------------------------------------- */

/* What neither the user nor a section names is asked for before much is fetched. */
static int names_check(const struct buildid *b, const char *machine, struct offsets_error *error)
{
	const bool release =
		b->options.release || section_of(b, ".data") || section_of(b, ".rodata");

	if (machine && release)
		return 0;
	return offsets_fail(error, -EINVAL,
	                    "%s: build-id %s: the server does not have the section that names the "
	                    "%s; give %s",
	                    server_name(b), b->id,
	                    release   ? "machine (.data)"
	                    : machine ? "release (.rodata)"
	                              : "release and machine (.data)",
	                    release   ? "--machine"
	                    : machine ? "--release"
	                              : "--release and --machine");
}

static int machine_find(const struct buildid *b, uint16_t *ret, struct offsets_error *error)
{
	const struct assembled_section *data = section_of(b, ".data");
	const char *machine = data ? image_machine_of(b->data + data->offset, data->size) : NULL;
	int err;

	if (!machine)
		machine = b->options.machine;
	err = names_check(b, machine, error);
	if (err)
		return err;
	*ret = image_machine_number(machine);
	return *ret ? 0
	            : offsets_fail(error, -EINVAL,
	                           "%s: unsupported machine %s; lkccb reads x86_64 and aarch64 "
	                           "kernels",
	                           b->path, machine);
}

/* What libdw needs for the members of structs. */
static int dwarf_fetch(struct buildid *b, struct offsets_error *error)
{
	static const char *const others[] = { ".debug_abbrev",      ".debug_str",
		                              ".debug_line_str",    ".debug_types",
		                              ".debug_str_offsets", ".debug_line",
		                              ".gnu_debugaltlink",  NULL };
	int err = section_fetch(b, ".debug_info", error);

	if (!err)
		err = sections_fetch(b, others, error);
	if (!err && section_of(b, ".gnu_debugaltlink"))
		return offsets_fail(
			error, -EINVAL,
			"%s: build-id %s: a part of its debug data is in a dwz file; add "
			"the debug package of the kernel instead",
			server_name(b), b->id);
	return err;
}

/* -ENOENT: there is no debug data under the names that we know. */
static int facts_fetch(struct buildid *b, struct offsets_error *error)
{
	static const char *const symbols[] = { ".symtab", ".strtab", NULL };
	int err = section_fetch(b, ".BTF", error);
	const bool btf = !err;

	if (err == -ENOENT || (!err && b->options.all_units))
		err = dwarf_fetch(b, error);
	if (err == -ENOENT && btf)
		err = 0;
	return err ? err : sections_fetch(b, symbols, error);
}

static int sections_read(struct buildid *b, struct image_source *ret, struct offsets_error *error)
{
	static const char *const names[] = { ".data", ".rodata", NULL };
	uint16_t machine = EM_X86_64; /* until it is known */
	int err = assemble(b, machine, ret, error);

	if (!err)
		err = build_id_verify(b, ret, error);
	if (!err)
		err = sections_fetch(b, names, error);
	if (!err)
		err = assemble(b, machine, ret, error);
	if (!err)
		err = machine_find(b, &machine, error);
	if (!err)
		err = facts_fetch(b, error);
	return err ? err : assemble(b, machine, ret, error);
}

/* ---- all of it -------------------------------------------------------- */

/* Each vmlinux has .notes (since v2.6.23), and modules do not. */
static int server_read(struct buildid *b, struct image_source *ret, struct offsets_error *error)
{
	int err;

	b->count = b->fetched = 0;
	b->used = ASSEMBLED_FIRST;
	b->whole = NULL;
	err = section_fetch(b, ".notes", error);
	if (!err)
		err = sections_read(b, ret, error);
	if (err == -ENOTSUP)
		return whole_read(b, "no requests for sections", ret, error);
	if (err == -ENOENT)
		return whole_read(b, "the sections are not there", ret, error);
	return err;
}

/* The first error counts that says more than that a server does not have it. */
int buildid_read(struct buildid *b, struct image_source *ret, struct offsets_error *error)
{
	struct offsets_error other;
	int err = -ENOENT;

	for (b->server = 0; b->server < b->servers.count; b->server++) {
		const int now = server_read(b, ret, err == -ENOENT ? error : &other);

		if (!now)
			return 0;
		if (err == -ENOENT)
			err = now;
	}
	return err;
}

int buildid_open(const char *path, const struct buildid_options *options, struct buildid **ret,
                 struct offsets_error *error)
{
	struct buildid *b = calloc(1, sizeof(*b));
	const struct fetcher_job job = { .subject = path,
		                         .directory = options->directory,
		                         .max = options->disk,
		                         .request_size = sizeof(struct request),
		                         .serve = serve,
		                         .arg = b };
	int err;

	*ret = NULL;
	if (!b)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	*b = (struct buildid){ .path = path, .id = servers_build_id(path), .options = *options };
	b->fetcher = (struct fetcher){ .fd = -1, .socket = -1 };
	err = servers_parse(options->servers, &b->servers, error);
	if (!err)
		err = fetcher_start(&job, &b->fetcher, error);
	if (err)
		buildid_close(b);
	else
		*ret = b;
	return err;
}

void buildid_close(struct buildid *b)
{
	if (!b)
		return;
	unmap(b);
	fetcher_stop(&b->fetcher);
	servers_free(&b->servers);
	free(b);
}

size_t buildid_descriptors(const struct buildid *b, int *ret)
{
	return fetcher_descriptors(&b->fetcher, ret);
}

void buildid_note(const struct buildid *b, char *ret, size_t size)
{
	*ret = '\0';
	if (!b->fetched || b->server == b->servers.count)
		return;
	if (b->whole)
		snprintf(ret, size, "fetched %.1f MB from %s: the whole file (%s)",
		         b->fetched / 1e6, server_name(b), b->whole);
	else
		snprintf(ret, size, "fetched %.1f MB from %s: %zu sections", b->fetched / 1e6,
		         server_name(b), b->count);
}
