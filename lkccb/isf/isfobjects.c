/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The format is that of Volatility 3 (volatility3/schemas/schema-6.2.0.json), as
 * dwarf2json writes it: objects of base_types, user_types, enums and symbols by
 * name. Each object that is read has a table of its keys; other values are skipped.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/isf/isfparser.h"

/* Ended by a rule of place SKIPPED, without take. */
static const struct rule *const rules[PLACES] = {
	[ROOT] = (const struct rule[]){ { "metadata", OBJECT, METADATA, NULL },
	                                { "base_types", OBJECT, BASES, NULL },
	                                { "user_types", OBJECT, USERS, NULL },
	                                { "enums", OBJECT, ENUMS, NULL },
	                                { "symbols", OBJECT, SYMBOLS, NULL },
	                                { 0 } },
	[METADATA] = (const struct rule[]){ { "linux", OBJECT, LINUX, NULL }, { 0 } },
	[LINUX] = (const struct rule[]){ { "types", ARRAY, FILES, NULL },
	                                 { "symbols", ARRAY, FILES, NULL },
	                                 { 0 } },
	[FILES] = (const struct rule[]){ { NULL, OBJECT, ONE_FILE, NULL }, { 0 } },
	[ONE_FILE] = (const struct rule[]){ { "kind", STRING, SKIPPED, isf_file_kind },
	                                    { "hash_type", STRING, SKIPPED, isf_file_hash_type },
	                                    { "hash_value", STRING, SKIPPED, isf_file_hash },
	                                    { 0 } },
	[BASES] = (const struct rule[]){ { NULL, OBJECT, BASE, NULL }, { 0 } },
	[BASE] = (const struct rule[]){ { "size", NUMBER, SKIPPED, isf_definition_size }, { 0 } },
	[USERS] = (const struct rule[]){ { NULL, OBJECT, USER, NULL }, { 0 } },
	[USER] = (const struct rule[]){ { "size", NUMBER, SKIPPED, isf_definition_size },
	                                { "kind", STRING, SKIPPED, isf_definition_kind },
	                                { "fields", OBJECT, FIELDS, NULL },
	                                { 0 } },
	[FIELDS] = (const struct rule[]){ { NULL, OBJECT, FIELD, NULL }, { 0 } },
	[FIELD] = (const struct rule[]){ { "type", OBJECT, TYPE, NULL },
	                                 { "offset", NUMBER, SKIPPED, isf_member_offset },
	                                 { "anonymous", BOOLEAN, SKIPPED, isf_member_anonymous },
	                                 { 0 } },
	[TYPE] = (const struct rule[]){ { "kind", STRING, SKIPPED, isf_type_kind },
	                                { "name", STRING, SKIPPED, isf_type_name },
	                                { "subtype", OBJECT, TYPE, NULL },
	                                { "type", OBJECT, TYPE, NULL },
	                                { "count", NUMBER, SKIPPED, isf_type_count },
	                                { "bit_length", NUMBER, SKIPPED, isf_type_bit_length },
	                                { "bit_position", NUMBER, SKIPPED, isf_type_bit_position },
	                                { 0 } },
	[ENUMS] = (const struct rule[]){ { NULL, OBJECT, ENUM, NULL }, { 0 } },
	[ENUM] = (const struct rule[]){ { "size", NUMBER, SKIPPED, isf_definition_size },
	                                { "constants", OBJECT, CONSTANTS, NULL },
	                                { 0 } },
	[CONSTANTS] =
		(const struct rule[]){ { NULL, NUMBER, SKIPPED, isf_enumerator_value }, { 0 } },
	[SYMBOLS] = (const struct rule[]){ { NULL, OBJECT, SYMBOL, NULL }, { 0 } },
	[SYMBOL] = (const struct rule[]){ { "constant_data", STRING, SKIPPED, isf_symbol_data },
	                                  { 0 } },
};

static bool rule_ends(const struct rule *r)
{
	return r->to == SKIPPED && !r->take;
}

const struct rule *isf_rule(enum place place, const char *key, size_t size)
{
	const struct rule *r = rules[place];

	for (; r && !rule_ends(r); r++)
		if (!r->key || isf_is(r->key, key, size))
			return r;
	return NULL;
}

/* An object with names as keys must come once: what it has twice is found behind its end. */
static int group_begin(struct parser *p)
{
	unsigned int bit = 1u << p->frames[p->depth - 1].place;

	if (p->seen & bit)
		return isf_fail_at_key(p, "is there twice");
	p->seen |= bit;
	return 1;
}

static int definition_begin(struct parser *p)
{
	static const uint8_t kinds[PLACES] = {
		[BASE] = ISF_BASE, [USER] = ISF_AGGREGATE, [ENUM] = ISF_ENUM
	};
	struct isf_definition *d = isf_definition_new(p->isf);

	if (!d)
		return isf_no_room(p);
	d->kind = kinds[p->frames[p->depth - 1].place];
	d->first = p->isf->members.count;
	p->has = 0;
	return isf_name_take(p, p->key, p->key_size, &d->name);
}

static int by_member_name(const void *a, const void *b, void *arg)
{
	const struct isf_member *x = a, *y = b;

	return strcmp(isf_name(arg, x->name), isf_name(arg, y->name));
}

static int definition_fail(struct parser *p, const char *member, const char *what)
{
	char text[256];

	snprintf(text, sizeof(text), "%.100s%s%.100s %s", isf_name(p->isf, isf_definition(p)->name),
	         *member ? "." : "", member, what);
	return isf_fail(p, text);
}

/* Sorts the members by name: none may be there twice, or outside. */
static int members_check(struct parser *p, const struct isf_definition *d)
{
	struct isf_member *list = (struct isf_member *)p->isf->members.items + d->first;
	uint32_t i;

	qsort_r(list, d->count, sizeof(*list), by_member_name, p->isf);
	for (i = 0; i < d->count; i++) {
		const char *name = isf_name(p->isf, list[i].name);

		if (i && !by_member_name(&list[i - 1], &list[i], p->isf))
			return definition_fail(p, name, "is there twice");
		if (d->kind == ISF_AGGREGATE && list[i].offset > d->size)
			return definition_fail(p, name, "is outside of its struct");
	}
	return 1;
}

static int definition_end(struct parser *p)
{
	const struct isf_definition *d = isf_definition(p);

	if (!(p->has & HAS_SIZE))
		return definition_fail(p, "", "has no size");
	if (d->count > UINT16_MAX)
		return definition_fail(p, "", "has more than 65,535 members");
	return d->count ? members_check(p, d) : 1;
}

/* "fields" or "constants" */
static int members_begin(struct parser *p)
{
	if (p->has & HAS_MEMBERS)
		return isf_fail_at_key(p, "is there twice");
	p->has |= HAS_MEMBERS;
	return 1;
}

static int member_begin(struct parser *p)
{
	static const char unnamed[] = "unnamed_field_";
	struct isf_member *m = isf_member_new(p->isf);

	if (!m)
		return isf_no_room(p);
	isf_definition(p)->count++;
	p->has &= ~(HAS_OFFSET | HAS_TYPE);
	m->anonymous = !strncmp(p->key, unnamed, sizeof(unnamed) - 1);
	return isf_name_take(p, p->key, p->key_size, &m->name);
}

static int member_end(struct parser *p)
{
	if ((p->has & HAS_OFFSET) && (p->has & HAS_TYPE))
		return 1;
	return definition_fail(p, isf_name(p->isf, isf_member(p)->name),
	                       "has no offset or no type");
}

/* Of a member, of a pointer, of an array or of a bit-field. */
static int type_begin(struct parser *p)
{
	const struct frame *outer = &p->frames[p->depth - 2];
	uint32_t index = p->isf->types.count;

	if (!isf_type_new(p->isf))
		return isf_no_room(p);
	p->frames[p->depth - 1].type = index;
	if (outer->place == TYPE) {
		((struct isf_type *)p->isf->types.items)[outer->type].inner = index + 1;
	} else {
		isf_member(p)->type = index + 1;
		p->has |= HAS_TYPE;
	}
	return 1;
}

static int symbol_begin(struct parser *p)
{
	p->is_banner = isf_is("linux_banner", p->key, p->key_size);
	p->symbol(p->arg, p->key, p->key_size);
	return 1;
}

static int file_begin(struct parser *p)
{
	p->is_image = p->is_sha256 = false;
	p->hash[0] = '\0';
	return 1;
}

static int file_end(struct parser *p)
{
	if (p->is_image && p->is_sha256 && !*p->isf->sha256)
		memcpy(p->isf->sha256, p->hash, sizeof(p->hash));
	return 1;
}

static const struct {
	int (*begin)(struct parser *p), (*end)(struct parser *p);
} places[PLACES] = {
	[ONE_FILE] = { file_begin, file_end },
	[BASES] = { group_begin, NULL },
	[BASE] = { definition_begin, definition_end },
	[USERS] = { group_begin, NULL },
	[USER] = { definition_begin, definition_end },
	[FIELDS] = { members_begin, NULL },
	[FIELD] = { member_begin, member_end },
	[TYPE] = { type_begin, NULL },
	[ENUMS] = { group_begin, NULL },
	[ENUM] = { definition_begin, definition_end },
	[CONSTANTS] = { members_begin, NULL },
	[SYMBOLS] = { group_begin, NULL },
	[SYMBOL] = { symbol_begin, NULL },
};

int isf_begin(struct parser *p, enum place place)
{
	return places[place].begin ? places[place].begin(p) : 1;
}

int isf_end(struct parser *p, enum place place)
{
	return places[place].end ? places[place].end(p) : 1;
}
