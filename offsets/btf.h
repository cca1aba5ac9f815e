/* SPDX-License-Identifier: BSD-2-Clause */
/* The format of BTF: the kernel's Documentation/bpf/btf.rst. Not installed. */
#ifndef OFFSETS_BTF_H
#define OFFSETS_BTF_H

#include <stdint.h>

/* Own names: the linux/btf.h of an old build host lacks the newer kinds. */
enum btf_kind {
	KIND_INT = 1,
	KIND_PTR,
	KIND_ARRAY,
	KIND_STRUCT,
	KIND_UNION,
	KIND_ENUM,
	KIND_FWD,
	KIND_TYPEDEF,
	KIND_VOLATILE,
	KIND_CONST,
	KIND_RESTRICT,
	KIND_FUNC,
	KIND_FUNC_PROTO,
	KIND_VAR,
	KIND_DATASEC,
	KIND_FLOAT,
	KIND_DECL_TAG,
	KIND_TYPE_TAG,
	KIND_ENUM64,
	KINDS
};

#define BTF_MAGIC 0xeb9f

struct btf_header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t header_size, type_offset, type_size, string_offset, string_size;
};

struct btf_type {
	uint32_t name, info, size; /* size or type id */
};

struct btf_member {
	uint32_t name, type, offset; /* bits; with kind_flag the high byte is a bit-field's size */
};

struct btf_enumerator {
	uint32_t name, value;
};

struct btf_parameter {
	uint32_t name, type;
};

struct btf_array {
	uint32_t type, index_type, count;
};

#endif
