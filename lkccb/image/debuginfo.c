/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DWARF reader. A vmlinux defines struct task_struct in some 1,700 units: all
 * copies are read and must agree. One walk over a struct's members serves all
 * facts wanted of it.
 *
 * Member places by DWARF version: an expression (2), a constant (3 and up),
 * none (unions). Bit-fields: DW_AT_bit_offset counts from the storage unit's
 * most significant bit (2, 3), DW_AT_data_bit_offset from the struct (4, 5).
 */
#include <dwarf.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/facts.h"
#include "lkccb/image/debuginfo.h"
#include "offsets/util/escape.h"

#define NESTING_MAX 32

/* From the first definition of a struct; later definitions must be equal. */
struct seen {
	bool defined;
	bool present;             /* the struct has the member */
	struct offsets_fact fact; /* without names */
	Dwarf_Off unit;           /* offset of the unit's DIE */
	/* With DWARF_BY_FILE: where it is declared, its rank, and who differed. */
	const char *file, *passed_over;
	int rank; /* 0 counts most */
	bool disputed;
	char type[OFFSETS_TYPE_BYTES]; /* of a member that is there, but of another type; or "" */
};

struct reader {
	Dwarf *dwarf;
	const char *name;  /* of the file */
	struct seen *seen; /* by index into offsets_wanted_all() */
	struct offsets_error *error;
	enum dwarf_rule rule;
	size_t part, parts; /* reads every parts-th unit, from part on */
	size_t split;       /* skeleton units of split DWARF; each part counts all of them */
	char split_file[256];
};

/* The definition that is being read: found[i] belongs to w[i]. */
struct definition {
	struct reader *reader;
	const struct offsets_wanted *w;
	size_t count;
	struct seen found[LAYOUT_MAX]; /* no type has more facts */
};

static int bad(struct reader *r)
{
	return offsets_fail(r->error, -EBADMSG, "%s: malformed DWARF: %s; use another copy",
	                    r->name, dwarf_errmsg(-1));
}

static const char *unit_name(struct reader *r, Dwarf_Off offset)
{
	Dwarf_Die die;
	const char *name = dwarf_offdie(r->dwarf, offset, &die) ? dwarf_diename(&die) : NULL;

	return name ? name : "(a unit without a name)";
}

static bool constant(Dwarf_Die *die, unsigned int attribute, Dwarf_Word *ret)
{
	Dwarf_Attribute attr;

	return dwarf_attr(die, attribute, &attr) && !dwarf_formudata(&attr, ret);
}

/* Skips typedefs and qualifiers. A signature is resolved to its type unit. */
static bool type_of(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Attribute attr;
	Dwarf_Die type;

	if (!dwarf_attr(die, DW_AT_type, &attr) || !dwarf_formref_die(&attr, &type) ||
	    dwarf_peel_type(&type, ret) != 0)
		return false;
	return !dwarf_attr(ret, DW_AT_signature, &attr) || dwarf_formref_die(&attr, ret);
}

/* Elements of one dimension; C counts from 0. 0: a flexible array. */
static uint64_t dimension(Dwarf_Die *range)
{
	Dwarf_Word n;

	if (constant(range, DW_AT_count, &n))
		return n;
	return constant(range, DW_AT_upper_bound, &n) && n != (Dwarf_Word)-1 ? n + 1 : 0;
}

/* Bytes; 0 for flexible arrays and other types without a size. */
static uint64_t die_bytes(Dwarf_Die *type)
{
	Dwarf_Die element, range;
	Dwarf_Word size;
	int rc;

	if (dwarf_tag(type) != DW_TAG_array_type)
		return dwarf_aggregate_size(type, &size) == 0 ? size : 0;
	/*
	 * libdw takes the lower bound from the language of the unit, which
	 * dwz's partial units lack.
	 */
	if (!type_of(type, &element) || dwarf_tag(&element) == DW_TAG_array_type)
		return 0;
	size = die_bytes(&element);
	for (rc = dwarf_child(type, &range); rc == 0; rc = dwarf_siblingof(&range, &range))
		if (dwarf_tag(&range) == DW_TAG_subrange_type)
			size *= dimension(&range);
	return size;
}

/* "*mount", "[]4": as the catalogue writes types. One without a name is "{}". */
static void type_describe(Dwarf_Die *die, char ret[OFFSETS_TYPE_BYTES])
{
	Dwarf_Die type = *die;
	size_t used = 0;

	ret[0] = '\0';
	while (used < OFFSETS_TYPE_BYTES - 3) {
		const char *name = dwarf_diename(&type);

		switch (dwarf_tag(&type)) {
		case DW_TAG_pointer_type:
			used += sprintf(ret + used, "*");
			break;
		case DW_TAG_array_type:
			used += sprintf(ret + used, "[]");
			break;
		case DW_TAG_base_type:
		case DW_TAG_enumeration_type:
			snprintf(ret + used, OFFSETS_TYPE_BYTES - used, "%u",
			         (unsigned int)die_bytes(&type));
			return;
		default:
			snprintf(ret + used, OFFSETS_TYPE_BYTES - used, "%s", name ? name : "{}");
			return;
		}
		if (!type_of(&type, &type)) /* void */
			return;
	}
}

/* The only contents of a struct or union: kuid_t is an integer. False: it is none such. */
static bool type_unwrap(Dwarf_Die *type)
{
	int tag = dwarf_tag(type);
	Dwarf_Die m, inner;
	Dwarf_Word at;

	if ((tag != DW_TAG_structure_type && tag != DW_TAG_union_type) || dwarf_child(type, &m) ||
	    dwarf_tag(&m) != DW_TAG_member || !type_of(&m, &inner) ||
	    (constant(&m, DW_AT_data_member_location, &at) && at) ||
	    die_bytes(&inner) != die_bytes(type))
		return false;
	*type = inner;
	return true;
}

static bool type_accepted(const struct offsets_wanted *w, const Dwarf_Die *die)
{
	char type[OFFSETS_TYPE_BYTES];
	Dwarf_Die at = *die;
	int depth = 0;

	do {
		type_describe(&at, type);
		if (offsets_type_expected(w, type))
			return true;
	} while (depth++ < NESTING_MAX && type_unwrap(&at));
	return false;
}

/* DW_AT_data_member_location as bytes. */
static int location(struct reader *r, Dwarf_Die *member, uint64_t *ret)
{
	Dwarf_Attribute attr;
	Dwarf_Word value;
	Dwarf_Op *ops;
	size_t count;

	*ret = 0;
	if (!dwarf_attr(member, DW_AT_data_member_location, &attr))
		return 0; /* of a union */
	if (dwarf_whatform(&attr) != DW_FORM_exprloc && !dwarf_formudata(&attr, &value)) {
		*ret = value;
		return 0;
	}
	if (dwarf_getlocation(&attr, &ops, &count) || count != 1 ||
	    (ops[0].atom != DW_OP_plus_uconst && ops[0].atom != DW_OP_constu))
		return offsets_fail(r->error, -EBADMSG,
		                    "%s: the DWARF location of member %s is not a constant offset; "
		                    "use another copy",
		                    r->name, dwarf_diename(member));
	*ret = ops[0].number;
	return 0;
}

/* Adds the member's bits from the start of its struct to *bits. */
static int place(struct reader *r, Dwarf_Die *member, uint64_t *bits, uint32_t *ret_bit_size)
{
	Dwarf_Word size, offset, storage;
	Dwarf_Die type;
	uint64_t bytes;
	int err = location(r, member, &bytes);

	if (err)
		return err;
	*bits += bytes * 8;
	*ret_bit_size = 0;
	if (!constant(member, DW_AT_bit_size, &size))
		return 0;
	*ret_bit_size = size;
	if (constant(member, DW_AT_data_bit_offset, &offset)) {
		*bits += offset;
	} else if (constant(member, DW_AT_bit_offset, &offset)) {
		if (!constant(member, DW_AT_byte_size, &storage))
			storage = type_of(member, &type) ? die_bytes(&type) : 0;
		*bits += storage * 8 - offset - size;
	}
	return 0;
}

static bool aggregate(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

static int record(struct definition *d, size_t i, uint64_t bits, uint32_t bit_size, Dwarf_Die *type)
{
	struct offsets_fact *fact = &d->found[i].fact;
	uint64_t size = die_bytes(type);

	if (!type_accepted(&d->w[i], type)) {
		type_describe(type, d->found[i].type);
		return 0;
	}
	if (bits / 8 > UINT32_MAX || size > UINT32_MAX)
		return offsets_fail(d->reader->error, -EBADMSG,
		                    "%s: %s.%s is outside its struct; use another copy",
		                    d->reader->name, d->w[i].type, d->w[i].member);
	d->found[i].present = true;
	fact->offset = bits / 8;
	fact->size = size;
	fact->bit_offset = bit_size ? bits % 8 : 0;
	fact->bit_size = bit_size;
	return 0;
}

static int rest_find(struct reader *r, Dwarf_Die *type, const char *path, uint64_t *bits,
                     uint32_t *bit_size, Dwarf_Die *ret, int depth);

/* The named member in a struct, anonymous ones included; then the rest of the path. */
static int name_find(struct reader *r, Dwarf_Die *type, const char *path, uint64_t *bits,
                     uint32_t *bit_size, Dwarf_Die *ret, int depth)
{
	size_t len = strcspn(path, ".[");
	Dwarf_Die m, inner;
	int rc, err;

	if (depth > NESTING_MAX || !aggregate(type))
		return -ENOENT;
	for (rc = dwarf_child(type, &m); rc == 0; rc = dwarf_siblingof(&m, &m)) {
		const char *name = dwarf_diename(&m);
		uint64_t at = *bits;

		if (dwarf_tag(&m) != DW_TAG_member ||
		    (name && (strncmp(name, path, len) || name[len])))
			continue;
		err = place(r, &m, &at, bit_size);
		if (err)
			return err;
		if (!type_of(&m, &inner))
			return bad(r);
		if (name)
			err = rest_find(r, &inner, path + len, &at, bit_size, ret, depth + 1);
		else
			err = name_find(r, &inner, path, &at, bit_size, ret, depth + 1);
		if (err == -ENOENT && !name)
			continue;
		if (!err)
			*bits = at;
		return err;
	}
	return rc < 0 ? bad(r) : -ENOENT;
}

/* path is what follows a member name: "", "[0].pid", ".inum" */
static int rest_find(struct reader *r, Dwarf_Die *type, const char *path, uint64_t *bits,
                     uint32_t *bit_size, Dwarf_Die *ret, int depth)
{
	Dwarf_Die element = *type;

	if (*path == '[') {
		char *end;
		unsigned long index = strtoul(path + 1, &end, 10);

		if (dwarf_tag(type) != DW_TAG_array_type || !type_of(type, &element))
			return -ENOENT;
		*bits += index * die_bytes(&element) * 8;
		if (index && *bits / 8 >= die_bytes(type))
			return -ENOENT;
		path = end + 1;
	}
	if (*path == '.')
		return name_find(r, &element, path + 1, bits, bit_size, ret, depth);
	*ret = element;
	return 0;
}

/* Finds all wanted members below one member of the struct. */
static int member_match(struct definition *d, const char *name, uint64_t bits, uint32_t bit_size,
                        Dwarf_Die *type)
{
	size_t i, len = strlen(name);
	Dwarf_Die found;

	for (i = 0; i < d->count; i++) {
		const char *path = d->w[i].member;
		uint64_t at = bits;
		uint32_t at_size = bit_size;
		int err;

		if (strncmp(path, name, len) || !strchr(".[", path[len]))
			continue;
		err = rest_find(d->reader, type, path + len, &at, &at_size, &found, 0);
		if (err == -ENOENT)
			continue;
		if (!err)
			err = record(d, i, at, at_size, &found);
		if (err)
			return err;
	}
	return 0;
}

/* Could any wanted path begin with this name? */
static bool name_wanted(const struct definition *d, const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < d->count; i++)
		if (d->w[i].member[0] == name[0] && !strncmp(d->w[i].member, name, len) &&
		    strchr(".[", d->w[i].member[len]))
			return true;
	return false;
}

/* Anonymous members are transparent in C: their members belong to the struct. */
static int members_walk(struct definition *d, Dwarf_Die *type, uint64_t base, int depth)
{
	struct reader *r = d->reader;
	Dwarf_Die m, inner;
	int rc, err;

	if (depth > NESTING_MAX)
		return offsets_fail(r->error, -EBADMSG,
		                    "%s: structs nest too deeply; use another copy", r->name);
	for (rc = dwarf_child(type, &m); rc == 0; rc = dwarf_siblingof(&m, &m)) {
		const char *name;
		uint64_t bits = base;
		uint32_t bit_size;

		if (dwarf_tag(&m) != DW_TAG_member)
			continue;
		name = dwarf_diename(&m);
		if (name && !name_wanted(d, name))
			continue;
		err = place(r, &m, &bits, &bit_size);
		if (err)
			return err;
		if (!type_of(&m, &inner))
			return bad(r);
		if (name)
			err = member_match(d, name, bits, bit_size, &inner);
		else if (aggregate(&inner))
			err = members_walk(d, &inner, bits, depth + 1);
		if (err)
			return err;
	}
	return rc < 0 ? bad(r) : 0;
}

static int disagree(struct reader *r, const struct offsets_wanted *w, const struct seen *a,
                    const struct seen *b)
{
	char where[2][32] = { "absent", "absent" };
	const struct seen *both[] = { a, b };
	int i;

	for (i = 0; i < 2; i++)
		if (both[i]->present)
			snprintf(where[i], sizeof(where[i]), "at %u, %u bytes",
			         both[i]->fact.offset, both[i]->fact.size);
	return offsets_fail(
		r->error, -ENOTUNIQ,
		"%s: units differ in %s.%s: %s in %s, %s in %s; the file mixes two builds", r->name,
		w->type, w->member, where[0], unit_name(r, a->unit), where[1],
		unit_name(r, b->unit));
}

static bool below(const char *file, const char *folder)
{
	const char *at = strstr(file, folder);

	return at && (at == file || at[-1] == '/');
}

/* The kernel's headers, its own folders, then everything else. */
static int file_rank(const char *file)
{
	static const char *const own[] = { "kernel/", "fs/", "mm/", "net/", "security/" };
	static const char *const others[] = { "drivers/", "sound/", "tools/" };
	size_t i;

	if (!file)
		return 3;
	/* First, because they contain directories with names of the kernel's own. */
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (below(file, others[i]))
			return 2;
	if (below(file, "include/"))
		return 0;
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (below(file, own[i]))
			return 1;
	return 2;
}

/* Which of two definitions counts. Two of one rank must be equal. */
static void seen_choose(struct seen *seen, const struct seen *found)
{
	bool same = seen->present == found->present &&
	            (!seen->present || offsets_fact_same(&seen->fact, &found->fact));
	const char *passed_over = seen->passed_over ? seen->passed_over : found->passed_over;

	if (!same && seen->rank != found->rank)
		passed_over = seen->rank < found->rank ? found->file : seen->file;
	if (seen->rank == found->rank)
		seen->disputed = seen->disputed || found->disputed || !same;
	else if (found->rank < seen->rank)
		*seen = *found;
	seen->passed_over = passed_over;
}

/* The first definition counts; the others must be equal. */
static int seen_note(struct reader *r, size_t index, const struct seen *found)
{
	struct seen *seen = &r->seen[index];
	size_t total;

	if (!seen->defined)
		*seen = *found;
	else if (r->rule == DWARF_BY_FILE)
		seen_choose(seen, found);
	else if (seen->present != found->present ||
	         (seen->present && !offsets_fact_same(&seen->fact, &found->fact)))
		return disagree(r, offsets_wanted_all(&total) + index, seen, found);
	return 0;
}

static void record_number(struct definition *d, size_t i, uint64_t number, uint64_t size)
{
	d->found[i].present = true;
	d->found[i].fact = (struct offsets_fact){ .offset = number, .size = size };
}

static int aggregate_read(struct definition *d, Dwarf_Die *die)
{
	size_t i;

	for (i = 0; i < d->count; i++)
		if (!strcmp(d->w[i].member, "sizeof"))
			record_number(d, i, 0, die_bytes(die));
	return members_walk(d, die, 0, 0);
}

static int enumeration_read(struct definition *d, Dwarf_Die *die)
{
	Dwarf_Die child;
	Dwarf_Word value;
	size_t i;
	int rc;

	for (rc = dwarf_child(die, &child); rc == 0; rc = dwarf_siblingof(&child, &child)) {
		const char *name = dwarf_diename(&child);

		for (i = 0; name && i < d->count; i++)
			if (!strcmp(d->w[i].member, name) &&
			    constant(&child, DW_AT_const_value, &value))
				record_number(d, i, value, die_bytes(die));
	}
	return rc < 0 ? bad(d->reader) : 0;
}

static void parameter_record(struct definition *d, size_t i, uint64_t position,
                             Dwarf_Die *parameter)
{
	Dwarf_Die type;
	bool has_type = type_of(parameter, &type);

	if (has_type && !type_accepted(&d->w[i], &type))
		type_describe(&type, d->found[i].type);
	else
		record_number(d, i, position, has_type ? die_bytes(&type) : 0);
}

static int parameters_read(struct definition *d, Dwarf_Die *die)
{
	Dwarf_Die child;
	uint64_t position = 0;
	size_t i;
	int rc;

	for (rc = dwarf_child(die, &child); rc == 0; rc = dwarf_siblingof(&child, &child)) {
		const char *name = dwarf_diename(&child);

		if (dwarf_tag(&child) != DW_TAG_formal_parameter)
			continue;
		for (i = 0; name && i < d->count; i++)
			if (!strcmp(d->w[i].member, name))
				parameter_record(d, i, position, &child);
		position++;
	}
	return rc < 0 ? bad(d->reader) : 0;
}

static int definition_read(struct reader *r, Dwarf_Die *die, Dwarf_Off unit,
                           enum offsets_fact_kind kind,
                           int (*read)(struct definition *, Dwarf_Die *))
{
	struct definition d;
	const char *name = dwarf_diename(die), *file = NULL;
	Dwarf_Attribute attr;
	size_t i, total;
	int err, rank = 0;

	if (!name)
		return 0;
	d.reader = r;
	d.w = offsets_wanted_of(kind, name, &d.count);
	if (!d.w || dwarf_attr(die, DW_AT_declaration, &attr))
		return 0;
	if (r->rule == DWARF_BY_FILE) {
		file = dwarf_decl_file(die);
		rank = file_rank(file);
	}
	for (i = 0; i < d.count; i++)
		d.found[i] =
			(struct seen){ .defined = true, .unit = unit, .file = file, .rank = rank };
	err = read(&d, die);
	for (i = 0; !err && i < d.count; i++) {
		err = seen_note(r, d.w - offsets_wanted_all(&total) + i, &d.found[i]);
	}
	return err;
}

/*
 * The function as written: inlined and cloned instances refer to it and have no
 * name of their own.
 */
static bool function_own(Dwarf_Die *die)
{
	Dwarf_Attribute attr;

	return dwarf_attr(die, DW_AT_name, &attr);
}

static int children_read(struct reader *r, Dwarf_Die *unit, Dwarf_Off offset, int depth);

/* A partial unit in dwz's file. Partial units in this file are read like other units. */
static int import_read(struct reader *r, Dwarf_Die *die, Dwarf_Off offset, int depth)
{
	Dwarf_Attribute attr;
	Dwarf_Die unit;

	if (depth > NESTING_MAX)
		return offsets_fail(r->error, -EBADMSG,
		                    "%s: units import each other too deeply; use another copy",
		                    r->name);
	if (!dwarf_attr(die, DW_AT_import, &attr) || !dwarf_formref_die(&attr, &unit))
		return bad(r);
	if (dwarf_cu_getdwarf(unit.cu) == r->dwarf)
		return 0;
	return children_read(r, &unit, offset, depth + 1);
}

static int children_read(struct reader *r, Dwarf_Die *unit, Dwarf_Off offset, int depth)
{
	Dwarf_Die die;
	int rc, err = 0;

	for (rc = dwarf_child(unit, &die); rc == 0; rc = dwarf_siblingof(&die, &die)) {
		switch (dwarf_tag(&die)) {
		case DW_TAG_structure_type:
		case DW_TAG_union_type:
			err = definition_read(r, &die, offset, OFFSETS_FACT_MEMBER, aggregate_read);
			break;
		case DW_TAG_enumeration_type:
			err = definition_read(r, &die, offset, OFFSETS_FACT_ENUMERATOR,
			                      enumeration_read);
			break;
		case DW_TAG_subprogram:
			if (function_own(&die))
				err = definition_read(r, &die, offset, OFFSETS_FACT_ARGUMENT,
				                      parameters_read);
			break;
		case DW_TAG_imported_unit:
			err = import_read(r, &die, offset, depth);
			break;
		}
		if (err)
			return err;
	}
	return rc < 0 ? bad(r) : 0;
}

static int unit_read(struct reader *r, Dwarf_Die *unit)
{
	if (dwarf_srclang(unit) == DW_LANG_Rust)
		return 0; /* its structs are not the kernel's C structs */
	return children_read(r, unit, dwarf_dieoffset(unit), 0);
}

/* With DWARF_BY_FILE: are all definitions that count equal? The origin names what was skipped. */
static int seen_settle(const struct offsets_wanted *w, const struct seen *seen,
                       struct offsets_kernel *kernel)
{
	char text[512], plain[512];

	if (seen->disputed)
		return -ENOTUNIQ; /* DWARF_AGREE reported it */
	if (!seen->passed_over)
		return 0;
	snprintf(text, sizeof(text), "%s of %.200s, not of %.200s", w->type,
	         seen->file ? seen->file : "an unknown file", seen->passed_over);
	escape_text(text, strlen(text), plain, sizeof(plain)); /* a key must be plain text */
	return offsets_kernel_set(kernel, OFFSETS_KEY_ORIGIN, plain);
}

static int seen_to_kernel(struct reader *r, struct offsets_kernel *kernel)
{
	size_t i, count;
	const struct offsets_wanted *w = offsets_wanted_all(&count);
	int err;

	for (i = 0; i < count; i++) {
		struct offsets_fact fact = r->seen[i].fact;

		err = seen_settle(&w[i], &r->seen[i], kernel);
		if (err)
			return err;
		if (!r->seen[i].present && *r->seen[i].type)
			err = offsets_type_note(&w[i], r->seen[i].type, kernel);
		if (err)
			return err;
		if (!r->seen[i].present)
			continue;
		fact.type = w[i].type;
		fact.member = w[i].member;
		err = offsets_kernel_add_fact(kernel, &fact);
		if (err)
			return offsets_fail(r->error, err == -EINVAL ? -EBADMSG : err,
			                    "%s: %s.%s has an impossible offset; use another copy",
			                    r->name, w[i].type, w[i].member);
	}
	offsets_kernel_sort(kernel);
	return 0;
}

/* "kernel/fork.dwo", as on the compiler's command line. */
static void split_note(struct reader *r, Dwarf_Die *unit)
{
	Dwarf_Attribute attr;
	const char *name = NULL;

	if (dwarf_attr(unit, DW_AT_dwo_name, &attr) || dwarf_attr(unit, DW_AT_GNU_dwo_name, &attr))
		name = dwarf_formstring(&attr);
	if (!r->split++)
		snprintf(r->split_file, sizeof(r->split_file), "%s", name ? name : "a .dwo file");
}

static int split_fail(const struct reader *r, struct offsets_error *error)
{
	return offsets_fail(error, -EREMOTE,
	                    "%s: its debug data is in split files (%s; %zu in all), which "
	                    "lkccb does not read; take a kernel that was built without "
	                    "CONFIG_DEBUG_INFO_SPLIT, or its BTF",
	                    r->name, r->split_file, r->split);
}

static int units_read_part(struct reader *r)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit;
	size_t index = 0;
	uint8_t type;
	int rc, err = 0;

	while (!err && (rc = dwarf_get_units(r->dwarf, cu, &cu, NULL, &type, &unit, NULL)) == 0)
		if (type == DW_UT_skeleton)
			split_note(r, &unit);
		else if (index++ % r->parts == r->part)
			err = unit_read(r, &unit);
	return err ? err : rc < 0 ? bad(r) : 0;
}

struct part {
	struct reader reader;
	struct offsets_error error;
	pthread_t thread;
	bool beside; /* in a thread of its own */
	int err;
};

static void *part_work(void *arg)
{
	struct part *part = arg;

	part->err = part->reader.seen ? units_read_part(&part->reader)
	                              : offsets_fail(&part->error, -ENOMEM, "%s: out of memory",
	                                             part->reader.name);
	return NULL;
}

/* Reads the parts in parallel, then compares them. */
static int parts_read(struct part *parts, size_t count, struct reader *all)
{
	size_t i, j, wanted;
	int err = 0;

	offsets_wanted_all(&wanted);
	for (i = 1; i < count; i++)
		parts[i].beside = !pthread_create(&parts[i].thread, NULL, part_work, &parts[i]);
	for (i = 0; i < count; i++)
		if (!parts[i].beside)
			part_work(&parts[i]);
	for (i = 1; i < count; i++)
		if (parts[i].beside)
			pthread_join(parts[i].thread, NULL);
	if (parts[0].reader.split)
		return split_fail(&parts[0].reader, all->error);
	for (i = 0; !err && i < count; i++) {
		err = parts[i].err;
		if (err)
			*all->error = parts[i].error;
		for (j = 0; !err && j < wanted; j++)
			if (parts[i].reader.seen[j].defined)
				err = seen_note(all, j, &parts[i].reader.seen[j]);
	}
	return err;
}

int dwarf_read(Dwarf **dwarfs, size_t count, const char *name, enum dwarf_rule rule,
               struct offsets_kernel *kernel, struct offsets_error *error)
{
	struct part parts[DWARF_PARTS_MAX] = { 0 };
	struct reader all = { .dwarf = dwarfs[0], .name = name, .rule = rule, .error = error };
	size_t i, wanted;
	int err = -ENOMEM;

	offsets_wanted_all(&wanted);
	all.seen = calloc(wanted, sizeof(*all.seen));
	for (i = 0; i < count; i++) {
		parts[i].reader = (struct reader){ .dwarf = dwarfs[i],
			                           .name = name,
			                           .rule = rule,
			                           .seen = calloc(wanted, sizeof(*all.seen)),
			                           .error = &parts[i].error,
			                           .part = i,
			                           .parts = count };
	}
	if (all.seen)
		err = parts_read(parts, count, &all);
	else
		offsets_fail(error, err, "%s: out of memory", name);
	if (!err)
		err = seen_to_kernel(&all, kernel);
	for (i = 0; i < count; i++)
		free(parts[i].reader.seen);
	free(all.seen);
	return err;
}
