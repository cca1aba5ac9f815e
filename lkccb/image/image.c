/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>

#include "offsets/util/cleanup.h"
#include "lkccb/image/confirm.h"
#include "lkccb/image/debuginfo.h"
#include "lkccb/image/elffile.h"
#include "lkccb/image/identity.h"
#include "lkccb/image/image.h"
#include "lkccb/image/inflate.h"
#include "lkccb/image/symbols.h"
#include "lkccb/image/units.h"

/* The sections that libdw may need for the members of structs. */
#define DWARF_SECTIONS                                                                   \
	".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str", ".debug_types", \
		".debug_str_offsets", ".zdebug_info", ".zdebug_abbrev", ".zdebug_str",   \
		".zdebug_types", ".gnu_debugaltlink"

struct image {
	struct elffile file;
	const struct image_options *options;
	const char *name;
	struct offsets_kernel *kernel;
	struct offsets_error *error;
};

/* ---- identity --------------------------------------------------------- */

static int key_agree(struct image *im, enum offsets_key key, const char *value)
{
	return identity_agree(im->kernel, key, value, im->name, im->error);
}

static const struct {
	const char *name;
	uint16_t number;
} machines[] = {
	{ "x86_64", EM_X86_64 },
	{ "aarch64", EM_AARCH64 },
};

#define MACHINES (sizeof(machines) / sizeof(machines[0]))

uint16_t image_machine_number(const char *machine)
{
	size_t i;

	for (i = 0; i < MACHINES; i++)
		if (!strcmp(machines[i].name, machine))
			return machines[i].number;
	return EM_NONE;
}

static int machine_read(struct image *im)
{
	GElf_Ehdr header;
	size_t i;

	if (!gelf_getehdr(im->file.elf, &header))
		return offsets_fail(im->error, -EBADMSG, "%s: malformed ELF: %s; use another copy",
		                    im->name, elf_errmsg(-1));
	for (i = 0; i < MACHINES; i++)
		if (machines[i].number == header.e_machine)
			return key_agree(im, OFFSETS_KEY_MACHINE, machines[i].name);
	return offsets_fail(im->error, -EINVAL,
	                    "%s: unsupported machine %u; lkccb reads x86_64 and aarch64 kernels",
	                    im->name, header.e_machine);
}

static int hex_make(const unsigned char *bytes, size_t size, char *ret)
{
	size_t i;

	if (!size || size > IMAGE_BUILD_ID_MAX)
		return -ENOENT;
	for (i = 0; i < size; i++)
		sprintf(ret + 2 * i, "%02x", bytes[i]);
	return 0;
}

/* A kernel has several notes in ".notes"; other files have one in its own section. */
static int build_id_find(const struct elffile *file, char *ret)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	while ((scn = elf_nextscn(file->elf, scn))) {
		size_t offset = 0, next, name, desc;
		GElf_Nhdr note;
		Elf_Data *data;

		struct image_range range;

		if (!gelf_getshdr(scn, &header) || header.sh_type != SHT_NOTE)
			continue;
		range = (struct image_range){ header.sh_offset, header.sh_size };
		data = elffile_need(file, &range, 1) ? NULL : elf_getdata(scn, NULL);
		while (data && (next = gelf_getnote(data, offset, &note, &name, &desc)) > 0) {
			if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") &&
			    !memcmp((char *)data->d_buf + name, "GNU", sizeof("GNU")))
				return hex_make((unsigned char *)data->d_buf + desc, note.n_descsz,
				                ret);
			offset = next;
		}
	}
	return -ENOENT;
}

static int build_id_read(struct image *im)
{
	char hex[2 * IMAGE_BUILD_ID_MAX + 1];

	return build_id_find(&im->file, hex) ? 0 : key_agree(im, OFFSETS_KEY_BUILD_ID, hex);
}

int image_build_id(const struct image_source *source, char ret[2 * IMAGE_BUILD_ID_MAX + 1])
{
	struct elffile file;
	int err = elffile_open(source, &file);

	if (!err)
		err = build_id_find(&file, ret);
	elffile_close(&file);
	return err;
}

/*
 * linux_banner is in .rodata. Since v6.1 (commit 2df8220cc511) a weak copy
 * without the build number ("# SMP") is there too, and format strings: neither
 * has "#" and a digit after the compiler.
 */
static const char *banner_find(struct image *im)
{
	static const char prefix[] = "Linux version ";
	Elf_Data *data = section_data(&im->file, ".rodata");
	const char *at, *end, *number;

	if (!data || !data->d_buf)
		return NULL;
	at = data->d_buf;
	end = at + data->d_size;
	while ((at = memmem(at, end - at, prefix, sizeof(prefix) - 1))) {
		if (memchr(at, '\0', end - at)) {
			number = strstr(at, ") #");
			if (number && isdigit((unsigned char)number[3]))
				return at;
		}
		at += sizeof(prefix) - 1;
	}
	return NULL;
}

/* struct new_utsname: sysname, nodename, release, version, machine, domainname. */
#define UTS_BYTES 65

/*
 * init_uts_ns in .data, which uname(2) reads, has the same as the banner, and
 * .data is cheaper to decompress. Only one place may match; the weak copy since
 * v6.1 has no build number.
 */
static const char *uts_in(const char *at, size_t size, const char *machine)
{
	static const char sysname[UTS_BYTES] = "Linux";
	const char *end = at + size, *found = NULL;

	while ((at = memmem(at, end - at, sysname, UTS_BYTES)) && end - at >= 6 * UTS_BYTES) {
		if (at[2 * UTS_BYTES] && at[3 * UTS_BYTES] == '#' &&
		    isdigit((unsigned char)at[3 * UTS_BYTES + 1]) &&
		    !strncmp(at + 4 * UTS_BYTES, machine, UTS_BYTES)) {
			if (found)
				return NULL;
			found = at;
		}
		at++;
	}
	return found;
}

static const char *uts_find(struct image *im)
{
	const char *machine = offsets_kernel_key(im->kernel, OFFSETS_KEY_MACHINE);
	Elf_Data *data = section_data(&im->file, ".data");

	return data && data->d_buf && machine ? uts_in(data->d_buf, data->d_size, machine) : NULL;
}

const char *image_machine_of(const char *data, size_t size)
{
	size_t i;

	for (i = 0; i < MACHINES; i++)
		if (uts_in(data, size, machines[i].name))
			return machines[i].name;
	return NULL;
}

/* The parts of the kernel's banner that identity_banner() needs. */
static bool banner_make(struct image *im, char *ret, size_t size)
{
	const char *banner = NULL, *uts = im->file.source->need ? uts_find(im) : NULL;

	if (uts)
		snprintf(ret, size, "Linux version %.64s () %.64s", uts + 2 * UTS_BYTES,
		         uts + 3 * UTS_BYTES);
	else if ((banner = banner_find(im)))
		snprintf(ret, size, "%s", banner);
	return uts || banner;
}

static int kernel_identify(struct image *im)
{
	char banner[1024];

	return banner_make(im, banner, sizeof(banner))
	               ? identity_banner(im->kernel, banner, im->name, im->error)
	               : 0;
}

static int version_code_set(struct image *im, unsigned int major, unsigned int minor,
                            unsigned int last)
{
	const char *said = offsets_kernel_key(im->kernel, OFFSETS_KEY_VERSION_CODE);
	char text[32];

	/* LINUX_VERSION_CODE holds at most 255 (commit 9b82f13e7ef3). */
	snprintf(text, sizeof(text), "%u.%u.%u", major, minor, last < 255 ? last : 255);
	if (said && strcmp(said, text))
		return offsets_fail(
			im->error, -EBADMSG,
			"%s: its version is %s in the vDSO and %s in the banner; use another copy",
			im->name, text, said);
	return said ? 0 : offsets_kernel_set(im->kernel, OFFSETS_KEY_VERSION_CODE, text);
}

/*
 * From the notes of the vDSO images in .data (until v4.6) or .rodata
 * (arch/x86/entry/vdso/vdso-note.S, arch/arm64/kernel/vdso/note.S).
 */
static uint32_t version_note_find(struct image *im)
{
	static const char *const sections[] = { ".data", ".rodata" };
	static const char note[] = "\6\0\0\0\4\0\0\0\0\0\0\0Linux\0\0";
	uint32_t code = 0;
	size_t i;

	for (i = 0; i < 2 && !code; i++) {
		Elf_Data *data = section_data(&im->file, sections[i]);
		const char *at = data ? data->d_buf : NULL, *end = at ? at + data->d_size : NULL;

		at = at ? memmem(at, end - at, note, sizeof(note)) : NULL;
		if (at && (size_t)(end - at) >= sizeof(note) + sizeof(code))
			memcpy(&code, at + sizeof(note), sizeof(code));
	}
	return code;
}

/*
 * LINUX_VERSION_CODE, which kprobe programs must name before v5.0. Debian's
 * version string contains it, which avoids decompressing a section.
 */
static int version_code_read(struct image *im)
{
	const char *version = offsets_kernel_key(im->kernel, OFFSETS_KEY_VERSION);
	const char *debian = version ? strstr(version, " Debian ") : NULL;
	unsigned int n[3];
	uint32_t code;
	int err = 0;

	if (debian && sscanf(debian, " Debian %3u.%3u.%3u", &n[0], &n[1], &n[2]) == 3) {
		err = version_code_set(im, n[0], n[1], n[2]);
		if (err || im->file.source->need)
			return err;
	}
	code = version_note_find(im);
	return code ? version_code_set(im, code >> 16, code >> 8 & 0xff, code & 0xff) : 0;
}

static const char *modinfo(Elf_Data *data, const char *key)
{
	const char *at = data->d_buf, *end = at + data->d_size;
	size_t len = strlen(key);

	while (at < end) {
		size_t size = strnlen(at, end - at);

		if (size == (size_t)(end - at))
			return NULL;
		if (!strncmp(at, key, len) && at[len] == '=')
			return at + len + 1;
		at += size + 1;
	}
	return NULL;
}

/* "/x/btrfs.ko.debug" -> "btrfs": modules have name= since v4.9 */
static int module_from_path(struct image *im)
{
	const char *base = strrchr(im->name, '/');
	char name[64];
	size_t i, len;

	base = base ? base + 1 : im->name;
	len = strcspn(base, ".");
	if (!len || len >= sizeof(name))
		return offsets_fail(im->error, -EINVAL,
		                    "%s: a module without a name; name the file after the module",
		                    im->name);
	for (i = 0; i < len; i++)
		name[i] = base[i] == '-' ? '_' : base[i];
	name[len] = '\0';
	return key_agree(im, OFFSETS_KEY_MODULE, name);
}

/* A file with only debug data: its path in the package says which module it is. */
static int module_by_path(struct image *im)
{
	int err = key_agree(im, OFFSETS_KEY_RELEASE, im->file.source->release);

	return err ? err : key_agree(im, OFFSETS_KEY_MODULE, im->file.source->module);
}

static int module_identify(struct image *im, Elf_Data *info)
{
	const char *magic = modinfo(info, "vermagic"), *name = modinfo(info, "name");
	char release[128];
	int err = 0;

	if (magic) {
		snprintf(release, sizeof(release), "%.*s", (int)strcspn(magic, " "), magic);
		err = key_agree(im, OFFSETS_KEY_RELEASE, release);
	}
	if (err)
		return err;
	if (!name && im->file.source->module)
		name = im->file.source->module;
	return name ? key_agree(im, OFFSETS_KEY_MODULE, name) : module_from_path(im);
}

static int identify(struct image *im)
{
	Elf_Data *info = section_data(&im->file, ".modinfo");
	GElf_Ehdr header;
	int err = build_id_read(im);

	if (err)
		return err;
	/* Since v5.2, vmlinux.o has a .modinfo too, but no vermagic= in it. */
	if (gelf_getehdr(im->file.elf, &header) && header.e_type == ET_REL && info && info->d_buf &&
	    modinfo(info, "vermagic"))
		return module_identify(im, info);
	if (im->file.source->module)
		return module_by_path(im);
	err = kernel_identify(im);
	if (!err && !offsets_kernel_key(im->kernel, OFFSETS_KEY_RELEASE) &&
	    im->file.source->release)
		err = key_agree(im, OFFSETS_KEY_RELEASE, im->file.source->release);
	return err ? err : version_code_read(im);
}

/* ---- facts ------------------------------------------------------------ */

static int no_debug_file(Dwfl_Module *mod, void **data, const char *name, Dwarf_Addr base,
                         const char *file, const char *link, GElf_Word crc, char **ret)
{
	(void)mod, (void)data, (void)name, (void)base, (void)file, (void)link, (void)crc, (void)ret;
	return -1;
}

/* libdwfl needs a file. Modules are small. */
static int file_of(struct image *im)
{
	const struct image_source *source = im->file.source;
	const struct image_range all = { 0, source->size };
	int fd = elffile_need(&im->file, &all, 1)
	                 ? -1
	                 : scratch_file(im->options->scratch, source->data, source->size);

	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

/* Relocatable files (.ko): libdwfl applies the relocations of the debug data. */
static int relocatable_read(struct image *im, struct offsets_kernel *kernel)
{
	static const Dwfl_Callbacks callbacks = {
		.find_debuginfo = no_debug_file,
		.section_address = dwfl_offline_section_address,
	};
	Dwfl *dwfl = dwfl_begin(&callbacks);
	Dwfl_Module *module = NULL;
	Dwarf_Addr bias;
	Dwarf *dwarf = NULL;
	int fd = file_of(im), err;

	if (dwfl && fd >= 0)
		module = dwfl_report_offline(dwfl, im->name, "", fd);
	if (module)
		dwarf = dwfl_module_getdwarf(module, &bias);
	else if (fd >= 0)
		close(fd); /* else libdwfl owns it */
	err = dwarf ? dwarf_read(&dwarf, 1, im->name, DWARF_AGREE, kernel, im->error)
	            : offsets_fail(im->error, -EBADMSG, "%s: malformed DWARF: %s; use another copy",
	                           im->name, dwfl_errmsg(-1));
	if (dwfl)
		dwfl_end(dwfl);
	return err;
}

/* One handle per thread: libdw's must not be shared. */
struct dwarfs {
	/* The dwz file that holds a part of the data: beside the input, or from the package. */
	int alt_fd;
	char *alt_data;
	uint64_t alt_size;
	Elf *alt_elf;
	Dwarf *alt;
	Elf *elf[DWARF_PARTS_MAX];
	Dwarf *dwarf[DWARF_PARTS_MAX];
	size_t count;
};

/* libelf marks a decompressed section in the section headers, which the handles share. */
static bool compressed(struct image *im)
{
	GElf_Shdr header;

	return section_find(&im->file, ".zdebug_info", &header) ||
	       (section_find(&im->file, ".debug_info", &header) &&
	        header.sh_flags & SHF_COMPRESSED);
}

static int dwarfs_open(struct image *im, struct dwarfs *d)
{
	const struct image_source *source = im->file.source;
	size_t threads = im->options->threads ? im->options->threads : 1;

	if (compressed(im))
		threads = 1;
	if (threads > DWARF_PARTS_MAX)
		threads = DWARF_PARTS_MAX;
	for (d->count = 0; d->count < threads; d->count++) {
		d->elf[d->count] = d->count ? elf_memory(source->data, source->size) : NULL;
		d->dwarf[d->count] = dwarf_begin_elf(d->count ? d->elf[d->count] : im->file.elf,
		                                     DWARF_C_READ, NULL);
		if (d->dwarf[d->count])
			continue;
		elf_end(d->elf[d->count]);
		break;
	}
	return d->count ? 0 : -EBADMSG;
}

static bool same_build_id(Dwarf *alt, const void *id, ssize_t size)
{
	const void *its;

	return dwelf_elf_gnu_build_id(dwarf_getelf(alt), &its) == size && !memcmp(its, id, size);
}

/* Beside the input. If the file is not open, its name is noted, for input_missing(). */
static int beside_file(const struct image *im, const char *base)
{
	struct image_beside *beside = im->options->beside;

	if (beside->name && beside->fd >= 0 && !strcmp(beside->name, base))
		return fcntl(beside->fd, F_DUPFD_CLOEXEC, 3);
	if (strlen(base) < sizeof(beside->wanted))
		strcpy(beside->wanted, base);
	return -1;
}

static Dwarf *alt_of_package(const struct image *im, struct dwarfs *d, const struct image_alt *alt)
{
	d->alt_data = scratch_map(im->options->scratch, alt->start, alt->size);
	d->alt_size = alt->size;
	d->alt_elf = d->alt_data ? elf_memory(d->alt_data, alt->size) : NULL;
	return d->alt_elf ? dwarf_begin_elf(d->alt_elf, DWARF_C_READ, NULL) : NULL;
}

/*
 * In the package or beside the input, by its base name: dwz -m writes a path of
 * the build machine.
 */
static Dwarf *alt_begin(const struct image *im, struct dwarfs *d, const char *base)
{
	const struct image_source *source = im->file.source;
	size_t i;

	for (i = 0; i < source->alt_count; i++)
		if (!strcmp(source->alts[i].name, base))
			return alt_of_package(im, d, &source->alts[i]);
	d->alt_fd = beside_file(im, base);
	return d->alt_fd < 0 ? NULL : dwarf_begin(d->alt_fd, DWARF_C_READ);
}

static int alt_open(struct image *im, struct dwarfs *d, const char *link)
{
	const char *base = strrchr(link, '/');

	d->alt = alt_begin(im, d, base ? base + 1 : link);
	return d->alt ? 0
	              : offsets_fail(im->error, -ENOENT,
	                             "%s: a part of its debug data is in the dwz file %s, which "
	                             "its package does not contain; put that file, unpacked, into "
	                             "the directory of the vmlinux",
	                             im->name, link);
}

/* Debug data that dwz moved to a shared file. */
static int alt_find(struct image *im, struct dwarfs *d)
{
	const char *link;
	const void *id;
	ssize_t size = dwelf_dwarf_gnu_debugaltlink(d->dwarf[0], &link, &id);
	size_t i;
	int err;

	if (size <= 0)
		return 0;
	err = alt_open(im, d, link);
	if (err)
		return err;
	if (!same_build_id(d->alt, id, size))
		return offsets_fail(im->error, -EINVAL,
		                    "%s: the dwz file %s in its directory is of another build; get "
		                    "the one of this build",
		                    im->name, link);
	/* There is one handle of it, so one thread. */
	for (i = d->count; i > 1; i--) {
		dwarf_end(d->dwarf[i - 1]);
		elf_end(d->elf[i - 1]);
	}
	d->count = 1;
	dwarf_setalt(d->dwarf[0], d->alt);
	return 0;
}

static void dwarfs_close(struct dwarfs *d)
{
	while (d->count) {
		dwarf_end(d->dwarf[--d->count]);
		elf_end(d->elf[d->count]);
	}
	dwarf_end(d->alt);
	elf_end(d->alt_elf);
	if (d->alt_data)
		munmap(d->alt_data, d->alt_size);
	cleanup_fd(&d->alt_fd);
}

static int linked_read(struct image *im, struct offsets_kernel *kernel)
{
	static const char *const wanted[] = { DWARF_SECTIONS, NULL };
	static const char *const lines[] = { ".debug_line", ".zdebug_line", NULL };
	struct dwarfs dwarfs = { .alt_fd = -1 };
	int err = sections_need(&im->file, wanted);

	if (!err)
		err = dwarfs_open(im, &dwarfs);
	if (err)
		return offsets_fail(im->error, -EBADMSG,
		                    "%s: malformed DWARF: %s; use another copy", im->name,
		                    dwarf_errmsg(-1));
	err = alt_find(im, &dwarfs);
	if (!err)
		err = dwarf_read(dwarfs.dwarf, dwarfs.count, im->name, DWARF_AGREE, kernel,
		                 im->error);
	/* Two structs have one name: the place of declaration says which is meant. */
	if (err == -ENOTUNIQ && !sections_need(&im->file, lines))
		err = dwarf_read(dwarfs.dwarf, dwarfs.count, im->name, DWARF_BY_FILE, kernel,
		                 im->error);
	dwarfs_close(&dwarfs);
	return err;
}

static bool has_dwarf(struct image *im)
{
	GElf_Shdr section;

	return section_find(&im->file, ".debug_info", &section) ||
	       section_find(&im->file, ".zdebug_info", &section);
}

static int facts_from_dwarf(struct image *im, struct offsets_kernel *kernel)
{
	GElf_Ehdr header;

	if (!has_dwarf(im))
		return 0;
	if (gelf_getehdr(im->file.elf, &header) && header.e_type == ET_REL)
		return relocatable_read(im, kernel);
	return linked_read(im, kernel);
}

static int facts_from_btf(struct image *im, struct offsets_kernel *kernel)
{
	Elf_Data *data = section_data(&im->file, ".BTF");
	int err;

	/* The BTF of a module extends that of its kernel: alone it cannot be read. */
	if (!data || !data->d_buf || offsets_kernel_key(im->kernel, OFFSETS_KEY_MODULE))
		return 0;
	err = offsets_btf_read(data->d_buf, data->d_size, im->name, kernel, im->error);
	/* BTF does not say where a struct is declared: DWARF decides. */
	if (err == -ENOTUNIQ && has_dwarf(im)) {
		offsets_kernel_clear(kernel);
		return 0;
	}
	return err;
}

/* Facts that both sources have must be equal. */
static int agree(struct image *im, const struct offsets_kernel *dwarf,
                 const struct offsets_kernel *btf)
{
	size_t i;

	for (i = 0; i < offsets_kernel_count(dwarf); i++) {
		const struct offsets_fact *a = offsets_kernel_fact_at(dwarf, i);
		const struct offsets_fact *b = offsets_kernel_fact(btf, a->type, a->member);

		if (b && !offsets_fact_same(a, b))
			return offsets_fail(im->error, -ENOTUNIQ,
			                    "%s: %s.%s is at %u according to DWARF and at %u "
			                    "according to BTF; use another copy",
			                    im->name, a->type, a->member, a->offset, b->offset);
	}
	return 0;
}

/* Reads both sources: the DWARF of a few units if these confirm BTF, else all units. */
static int facts_collect(struct image *im, struct offsets_kernel *dwarf, struct offsets_kernel *btf)
{
	int err = facts_from_btf(im, btf);

	if (!err && im->options->quick && offsets_kernel_count(btf) &&
	    confirm_quickly(&im->file, btf))
		return offsets_kernel_copy_facts(dwarf, btf);
	if (!err)
		err = facts_from_dwarf(im, dwarf);
	if (err == -EREMOTE &&
	    offsets_kernel_count(btf)) { /* BTF is complete without the split DWARF */
		offsets_kernel_clear(dwarf);
		err = 0;
	}
	return err ? err : agree(im, dwarf, btf);
}

static int facts_read(struct image *im)
{
	struct offsets_kernel *dwarf = offsets_kernel_new(), *btf = offsets_kernel_new();
	bool use_dwarf;
	int err = -ENOMEM;

	if (dwarf && btf)
		err = facts_collect(im, dwarf, btf);
	if (!err && !offsets_kernel_count(dwarf) && !offsets_kernel_count(btf))
		err = offsets_fail(im->error, -ENODATA,
		                   "%s: no debug data of the kernel's structs; use the file of the "
		                   "debug package",
		                   im->name);
	if (!err) {
		use_dwarf = offsets_kernel_count(dwarf) > 0;
		err = offsets_kernel_copy_facts(im->kernel, use_dwarf ? dwarf : btf);
	}
	if (!err) {
		err = offsets_kernel_set(im->kernel, OFFSETS_KEY_SOURCE,
		                         use_dwarf ? "dwarf" : "btf");
	}
	if (!err && offsets_kernel_key(dwarf, OFFSETS_KEY_ORIGIN))
		err = offsets_kernel_set(im->kernel, OFFSETS_KEY_ORIGIN,
		                         offsets_kernel_key(dwarf, OFFSETS_KEY_ORIGIN));
	if (!err && !offsets_kernel_key(im->kernel, OFFSETS_KEY_MODULE))
		err = symbols_read(&im->file, im->kernel, im->error);
	if (err == -ENOMEM)
		offsets_fail(im->error, err, "%s: out of memory", im->name);
	offsets_kernel_free(dwarf);
	offsets_kernel_free(btf);
	return err;
}

/* Requests all needed sections together, so that they are decompressed in parallel. */
static int prefetch(struct image *im)
{
	static const char *const few[] = { ".notes", ".data", ".BTF", NULL };
	static const char *const all[] = { ".notes", ".data", ".BTF", DWARF_SECTIONS, NULL };
	GElf_Shdr header;
	int err;

	if (im->options->quick && section_find(&im->file, ".BTF", &header))
		err = units_prefetch(&im->file, few);
	else
		err = sections_need(&im->file, all);
	return err ? err : sections_need(&im->file, symbols_sections(&im->file));
}

static int malformed(const struct image *im, int err)
{
	return offsets_fail(im->error, -EBADMSG, "%s: malformed ELF: %s; use another copy",
	                    im->name, err == -EBADMSG ? "cut, or no ELF header" : strerror(-err));
}

static int open_file_read(struct image *im)
{
	int err = prefetch(im);

	if (err)
		return malformed(im, err);
	err = identify(im);
	return err ? err : facts_read(im);
}

/* Reads the copy whose debug data is decompressed. */
static int inflated_read(struct image *im, const struct image_source *copy)
{
	int err;

	elffile_close(&im->file);
	err = elffile_open(copy, &im->file);
	return err ? malformed(im, err) : open_file_read(im);
}

int image_read(const struct image_source *source, const struct image_options *options,
               struct offsets_kernel *kernel, struct offsets_error *error)
{
	struct image im = {
		.options = options, .name = source->name, .kernel = kernel, .error = error
	};
	struct inflated inflated = { .source = { .data = NULL } };
	int err = elffile_open(source, &im.file);

	if (err)
		return malformed(&im, err);
	err = machine_read(&im);
	if (!err)
		err = inflate_open(&im.file, options->scratch, &inflated, error);
	if (!err)
		err = inflated.source.data ? inflated_read(&im, &inflated.source)
		                           : open_file_read(&im);
	elffile_close(&im.file);
	inflate_close(&inflated, options->scratch);
	return err;
}
