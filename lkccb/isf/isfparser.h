/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the reader of symbol files: what is being read, and what is read of it. */
#ifndef LKCCB_ISF_ISFPARSER_H
#define LKCCB_ISF_ISFPARSER_H

#include "lkccb/io/jsonread.h"
#include "lkccb/isf/definitions.h"
#include "lkccb/isf/isfjson.h"

#define DEPTH_MAX      64 /* of objects and arrays; C types in kernels need 20 */
#define NAME_MAX_BYTES 4096

enum place {
	SKIPPED, /* a value that is not read, and all in it */
	ROOT,
	METADATA,
	LINUX,
	FILES,
	ONE_FILE,
	BASES,
	BASE,
	USERS,
	USER,
	FIELDS,
	FIELD,
	TYPE,
	ENUMS,
	ENUM,
	CONSTANTS,
	SYMBOLS,
	SYMBOL,
	PLACES
};

enum json { OBJECT, ARRAY, STRING, NUMBER, BOOLEAN };

struct parser;

/* A key of an object, or all of them. */
struct rule {
	const char *key;                                              /* NULL: any */
	enum json json;                                               /* what its value must be */
	enum place to;                                                /* of an object or array */
	int (*take)(struct parser *p, const char *text, size_t size); /* of another value */
};

struct frame {
	enum place place;
	bool array;
	uint32_t type; /* index of the struct isf_type that is read */
};

/* Which keys the definition or member has had. */
enum { HAS_SIZE = 1, HAS_OFFSET = 2, HAS_TYPE = 4, HAS_MEMBERS = 8 };

struct parser {
	struct isf *isf;
	const char *name; /* of the file */
	isf_symbol_fn symbol;
	void *arg;
	struct offsets_error *error;
	int err;
	struct jsonread json;
	struct frame frames[DEPTH_MAX];
	size_t depth;
	const struct rule *rule; /* of the value that follows; NULL: it is skipped */
	char key[NAME_MAX_BYTES + 1];
	size_t key_size;
	unsigned int seen; /* keys of the root */
	unsigned int has;
	bool is_banner;
	/* Of a file in metadata. */
	bool is_image, is_sha256;
	char hash[65];
};

/* The last one of each. */
static inline struct isf_definition *isf_definition(struct parser *p)
{
	return (struct isf_definition *)p->isf->definitions.items + p->isf->definitions.count - 1;
}

static inline struct isf_member *isf_member(struct parser *p)
{
	return (struct isf_member *)p->isf->members.items + p->isf->members.count - 1;
}

static inline struct isf_type *isf_type(struct parser *p)
{
	return (struct isf_type *)p->isf->types.items + p->frames[p->depth - 1].type;
}

/* All return 0, which ends the reading; the first failure is reported. */
int isf_fail(struct parser *p, const char *cause);
int isf_fail_at_key(struct parser *p, const char *what); /* "task_struct is ..." */
int isf_no_room(struct parser *p);                       /* after a list did not grow */

/* ---- values ----------------------------------------------------------- */

bool isf_is(const char *word, const char *text, size_t size);

/* Copies the text, size bytes. 0: failed. */
int isf_name_take(struct parser *p, const char *text, size_t size, uint32_t *ret);

/* Each is a value of the item that is read. 0: failed. */
int isf_definition_size(struct parser *p, const char *text, size_t size);
int isf_definition_kind(struct parser *p, const char *text, size_t size);
int isf_member_offset(struct parser *p, const char *text, size_t size);
int isf_member_anonymous(struct parser *p, const char *text, size_t size);
int isf_enumerator_value(struct parser *p, const char *text, size_t size);
int isf_type_kind(struct parser *p, const char *text, size_t size);
int isf_type_name(struct parser *p, const char *text, size_t size);
int isf_type_count(struct parser *p, const char *text, size_t size);
int isf_type_bit_length(struct parser *p, const char *text, size_t size);
int isf_type_bit_position(struct parser *p, const char *text, size_t size);
int isf_symbol_data(struct parser *p, const char *text, size_t size);
int isf_file_kind(struct parser *p, const char *text, size_t size);
int isf_file_hash_type(struct parser *p, const char *text, size_t size);
int isf_file_hash(struct parser *p, const char *text, size_t size);

/* ---- objects ---------------------------------------------------------- */

/* The rule for a key of the object, or for an element of the array. NULL: it is not read. */
const struct rule *isf_rule(enum place place, const char *key, size_t size);

/* After the innermost frame began, and before it ends. 0: failed. */
int isf_begin(struct parser *p, enum place place);
int isf_end(struct parser *p, enum place place);

#endif
