/* SPDX-License-Identifier: BSD-2-Clause */
/* The values in a symbol file: numbers, names and texts, each checked before it goes into the
 * tables. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lkccb/io/base64.h"
#include "lkccb/isf/isfparser.h"

int isf_fail(struct parser *p, const char *cause)
{
	if (!p->err)
		p->err = offsets_fail(p->error, -EBADMSG,
		                      "%s: malformed symbol file: %s; use another copy", p->name,
		                      cause);
	return 0;
}

int isf_fail_at_key(struct parser *p, const char *what)
{
	char text[256];

	snprintf(text, sizeof(text), "%.100s %s", p->key, what);
	return isf_fail(p, text);
}

/* After a list did not grow. */
int isf_no_room(struct parser *p)
{
	if (errno == E2BIG)
		return isf_fail(p, "more types or names than any kernel has");
	if (!p->err)
		p->err = offsets_fail(p->error, -ENOMEM, "%s: out of memory", p->name);
	return 0;
}

bool isf_is(const char *word, const char *text, size_t size)
{
	return strlen(word) == size && !memcmp(word, text, size);
}

/* A whole number from 0 to max. */
static bool number(const char *text, size_t size, uint32_t max, uint32_t *ret)
{
	uint64_t n = 0;
	size_t i;

	if (!size || size > 10)
		return false;
	for (i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (text[i] - '0');
	}
	if (n > max)
		return false;
	*ret = n;
	return true;
}

static int number_take(struct parser *p, const char *text, size_t size, uint32_t max, uint32_t *ret)
{
	return number(text, size, max, ret) ? 1 : isf_fail_at_key(p, "has a number out of range");
}

int isf_name_take(struct parser *p, const char *text, size_t size, uint32_t *ret)
{
	int err;

	if (size > NAME_MAX_BYTES || memchr(text, '\0', size))
		return isf_fail(p, "a name is too long, or has a NUL");
	err = isf_name_new(p->isf, text, size, ret);
	errno = -err;
	return err ? isf_no_room(p) : 1;
}

int isf_definition_size(struct parser *p, const char *text, size_t size)
{
	p->has |= HAS_SIZE;
	if (isf_is("-1", text,
	           size)) { /* of a struct with an array of variable length, in a function */
		isf_definition(p)->size = UINT32_MAX;
		return 1;
	}
	return number_take(p, text, size, UINT32_MAX, &isf_definition(p)->size);
}

int isf_definition_kind(struct parser *p, const char *text, size_t size)
{
	isf_definition(p)->is_union = isf_is("union", text, size);
	return 1;
}

int isf_member_offset(struct parser *p, const char *text, size_t size)
{
	p->has |= HAS_OFFSET;
	return number_take(p, text, size, UINT32_MAX, &isf_member(p)->offset);
}

int isf_member_anonymous(struct parser *p, const char *text, size_t size)
{
	if (isf_is("true", text, size))
		isf_member(p)->anonymous = true;
	return 1;
}

/* The catalogue wants no enumerator with a negative value or one of more than 32 bits. */
int isf_enumerator_value(struct parser *p, const char *text, size_t size)
{
	struct isf_member *enumerator = isf_member_new(p->isf);

	if (!enumerator)
		return isf_no_room(p);
	isf_definition(p)->count++;
	if (!number(text, size, UINT32_MAX, &enumerator->offset))
		enumerator->offset = UINT32_MAX;
	return isf_name_take(p, p->key, p->key_size, &isf_member(p)->name);
}

int isf_type_kind(struct parser *p, const char *text, size_t size)
{
	static const struct {
		const char *word;
		enum isf_kind kind;
	} kinds[] = {
		{ "base", ISF_BASE },         { "struct", ISF_AGGREGATE },
		{ "union", ISF_AGGREGATE },   { "class", ISF_AGGREGATE },
		{ "enum", ISF_ENUM },         { "pointer", ISF_POINTER },
		{ "array", ISF_ARRAY },       { "bitfield", ISF_BIT_FIELD },
		{ "function", ISF_FUNCTION },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (isf_is(kinds[i].word, text, size)) {
			isf_type(p)->kind = kinds[i].kind;
			return 1;
		}
	return isf_fail_at_key(p, "has a type of an unknown kind");
}

int isf_type_name(struct parser *p, const char *text, size_t size)
{
	uint32_t name;

	if (!isf_name_take(p, text, size, &name))
		return 0;
	isf_type(p)->name = name;
	return 1;
}

int isf_type_count(struct parser *p, const char *text, size_t size)
{
	return number_take(p, text, size, UINT32_MAX, &isf_type(p)->count);
}

static int type_bits(struct parser *p, const char *text, size_t size, uint8_t *ret)
{
	uint32_t n;

	if (!number_take(p, text, size, 255, &n))
		return 0;
	*ret = n;
	return 1;
}

int isf_type_bit_length(struct parser *p, const char *text, size_t size)
{
	return type_bits(p, text, size, &isf_type(p)->bit_length);
}

int isf_type_bit_position(struct parser *p, const char *text, size_t size)
{
	return type_bits(p, text, size, &isf_type(p)->bit_position);
}

int isf_symbol_data(struct parser *p, const char *text, size_t size)
{
	if (!p->is_banner)
		return 1;
	if (*p->isf->banner)
		return isf_fail(p, "linux_banner is there twice");
	if (!base64_text(text, size, p->isf->banner, sizeof(p->isf->banner)))
		return isf_fail(p, "the constant_data of linux_banner is not base64, or too long");
	return 1;
}

/* A System.map has a digest, too. */
int isf_file_kind(struct parser *p, const char *text, size_t size)
{
	p->is_image = isf_is("dwarf", text, size) || isf_is("symtab", text, size);
	return 1;
}

int isf_file_hash_type(struct parser *p, const char *text, size_t size)
{
	p->is_sha256 = isf_is("sha256", text, size);
	return 1;
}

int isf_file_hash(struct parser *p, const char *text, size_t size)
{
	if (size != sizeof(p->hash) - 1)
		return 1;
	memcpy(p->hash, text, size);
	if (strspn(p->hash, "0123456789abcdef") != size)
		p->hash[0] = '\0';
	return 1;
}
