/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts: audit_log_execve_info() of Linux 6.1 (kernel/auditsc.c), which writes an empty
 * argument as a0="". Some older kernels leave it out.
 */
#include "loader/audit/audit_execve.h"
#include "loader/stream/strings.h"

/* The record at hand, and the argument. */
struct execve {
	struct audit *a;
	size_t left; /* that the record takes */
	unsigned int number;
	bool is_hex;
};

static size_t strings_count(const char *args, size_t size)
{
	size_t count = 0, next, length;

	for (; size; args += next, size -= next, count++)
		next = strings_next(args, size, &length);
	return count;
}

static void record_begin(struct execve *x)
{
	audit_record(x->a, "EXECVE");
	x->left = AUDIT_EXECVE_BYTES;
}

/* " a12", and "_len=9000" or "[3]=" or "=". */
static void name_put(struct execve *x, const char *before, size_t number, const char *behind)
{
	struct jsonw *out = x->a->out;

	jsonw_put(out, " a", 2);
	jsonw_digits(out, x->number, 10, 0);
	jsonw_put(out, before, strlen(before));
	if (*behind)
		jsonw_digits(out, number, 10, 0);
	jsonw_put(out, behind, strlen(behind));
}

static void value_put(struct execve *x, const char *text, size_t size)
{
	struct jsonw *out = x->a->out;

	if (x->is_hex) {
		audit_bytes(out, text, size);
		return;
	}
	jsonw_put(out, "\"", 1);
	jsonw_put(out, text, size);
	jsonw_put(out, "\"", 1);
}

/* Bytes of text for which the record has room. */
static size_t room(const struct execve *x, size_t size)
{
	size_t most = x->is_hex ? x->left / 2 : x->left - 2;

	return size < most ? size : most;
}

static size_t width(const struct execve *x, size_t size)
{
	return x->is_hex ? 2 * size : size + 2;
}

/* Its name is shorter than 96 bytes: so much is left at least. */
static void piece_put(struct execve *x, const char *text, size_t size, size_t index, size_t *taken)
{
	size_t begin = x->a->out->size;

	if (!index) {
		name_put(x, "_len=", 0, "");
		jsonw_digits(x->a->out, x->is_hex ? 2 * size : size, 10, 0);
	}
	name_put(x, "[", index, "]=");
	x->left -= x->a->out->size - begin;
	*taken = room(x, size);
	value_put(x, text, *taken);
	x->left -= width(x, *taken);
}

static void split_put(struct execve *x, const char *text, size_t size)
{
	size_t index, taken;

	for (index = 0; size; index++, text += taken, size -= taken) {
		if (x->left < AUDIT_EXECVE_SPARE)
			record_begin(x);
		piece_put(x, text, size, index, &taken);
		if (x->a->out->failed)
			return;
	}
}

static void argument_put(struct execve *x, const char *text, size_t size)
{
	size_t begin;

	x->is_hex = size >= AUDIT_EXECVE_BYTES || audit_needs_hex(text, size);
	if (x->left < AUDIT_EXECVE_SPARE)
		record_begin(x);
	if (width(x, size) + AUDIT_EXECVE_SPARE - 8 > x->left) {
		split_put(x, text, size);
		return;
	}
	begin = x->a->out->size;
	name_put(x, "=", 0, "");
	value_put(x, text, size);
	x->left -= x->a->out->size - begin;
}

void audit_execve(struct audit *a, const char *args, size_t size)
{
	struct execve x = { .a = a };
	size_t next, length;

	record_begin(&x);
	audit_number(a, "argc", strings_count(args, size));
	for (; size && !a->out->failed; args += next, size -= next, x.number++) {
		next = strings_next(args, size, &length);
		argument_put(&x, args, length);
	}
}
