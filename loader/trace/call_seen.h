/* SPDX-License-Identifier: BSD-2-Clause */
/* A call that was seen, of which one record or two were sent, and what they have of it. */
#ifndef LOADER_TRACE_CALL_SEEN_H
#define LOADER_TRACE_CALL_SEEN_H

#include "loader/trace/call_list.h"

struct call_seen {
	const struct call *call; /* NULL: its number has no name */
	/* What was sent when it began and when it returned; NULL: was not. One of them is there. */
	const struct call_record *begins, *returns;
};

/* False: it is no whole record. */
bool call_record_check(const void *data, size_t size);

uint64_t call_argument(const struct call_seen *seen, unsigned int i);

/* exit, exit_group. call: or NULL. */
bool call_never_returns(const struct call *call);

/* Whether the call looks at a parameter: of an open that creates no file there is no mode. */
bool call_is_used(const struct call_seen *seen, unsigned int i);

/*
 * How a number is written, where that depends on the parameter before it: the argument of fcntl,
 * the option of a socket. *ret_words: of FORM_WORD and FORM_FLAGS.
 */
enum call_form call_number_form(const struct call_seen *seen, unsigned int i,
                                const struct call_word **ret_words);

/* "ENOENT"; NULL: the call has not failed. Never NULL for results that are errors. */
const char *call_result_error(int64_t result);

/* False: it points to what is read, or would be. */
bool call_is_number(const struct call_seen *seen, unsigned int i);

/* When what it points to is read: enum call_when. */
unsigned int call_when(const struct call_seen *seen, unsigned int i);

/* The type of what a record has of a parameter that points to something. */
const struct call_type *call_pointed(const struct call_seen *seen, unsigned int i,
                                     const struct call_record *record);

/*
 * The bytes that a parameter points to, and the record that has them. NULL: there are none;
 * *ret_state says why: CALL_NONE while the call has not returned.
 */
const char *call_seen_bytes(const struct call_seen *seen, unsigned int i,
                            const struct call_record **ret_record, size_t *ret_size,
                            enum call_state *ret_state);

/*
 * fd_set of select: what it was given, and what was ready. NULL: not known. It has
 * CALL_FD_SET_MAX bits.
 */
#define CALL_FD_SET_MAX 1024
void call_seen_sets(const struct call_seen *seen, unsigned int i, const char **ret_given,
                    const char **ret_ready);

/* The first descriptor from fd on that is in it and below count; CALL_FD_SET_MAX: none. */
unsigned int call_set_next(const char *set, unsigned int fd, uint64_t count);

/* An entry of a directory: struct linux_dirent64. */
struct call_dirent {
	unsigned int type;
	const char *name;
	size_t size; /* of the name */
};

/* False: there is no whole one more. */
bool call_dirent_next(const char **bytes, size_t *size, struct call_dirent *ret);

/* A number of up to eight bytes. */
uint64_t call_number_at(const char *bytes, unsigned int size);

/* ---- struct iovec --------------------------------------------------------- */

/* struct msghdr of programs of 64 or of 32 bits. */
struct call_message {
	unsigned int iovec_bytes; /* of each struct iovec that it points to */
	uint64_t name_size, count, control, control_size, flags;
};

/* size: of the type, which says of which programs it is. */
void call_message_read(const char *bytes, unsigned int size, struct call_message *ret);

/* A control message of a struct msghdr. */
struct call_control {
	uint64_t length; /* cmsg_len */
	uint32_t level, type;
	const char *data;
	size_t size;      /* of the data: what there is of it */
	bool is_complete; /* no data is missing */
};

/* Data of CALL_CONTROL_CREDENTIALS: struct ucred. */
#define CALL_CREDENTIALS_BYTES 12

enum call_control_kind { CALL_CONTROL_OTHER, CALL_CONTROL_RIGHTS, CALL_CONTROL_CREDENTIALS };

/* The control messages that a record has of a message; NULL: none. */
const char *call_control_bytes(const struct call_record *record, size_t *ret_size,
                               bool *ret_is_cut);

/* False: there is no whole header one more. is_32: of a program of 32 bits. */
bool call_control_next(const char **bytes, size_t *size, bool is_32, struct call_control *ret);
enum call_control_kind call_control_kind(const struct call_control *control);

/* How its type is written: as call_number_form(). */
enum call_form call_control_form(const struct call_control *control,
                                 const struct call_word **ret_words);

/* What an array of them points to: as the kernel side appends it (vector_read()). */
struct call_items {
	const char *vector, *data, *end;
	unsigned int iovec_bytes, count;
	uint64_t left;
};

struct call_item {
	const char *bytes; /* the first ones of it */
	size_t size;
	uint64_t of_use; /* of it: of a read no more than the result */
	uint64_t length; /* iov_len */
};

/* Bytes of each item that are read; set once. */
extern unsigned int call_item_bytes;

/* Of a parameter that is read when the call returns: the result; else all. */
uint64_t call_bytes_of_use(const struct call_field *field, const struct call_record *record);

/* iovec_bytes: of one struct iovec. */
void call_items_init(struct call_items *ret, const char *bytes, size_t size,
                     unsigned int iovec_bytes, unsigned int count, uint64_t left);
bool call_item_next(struct call_items *items, struct call_item *ret);

#endif
