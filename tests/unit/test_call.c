/* SPDX-License-Identifier: BSD-2-Clause */
/* 'sextant trace': the table of system calls, and records as text and JSON. */
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "loader/trace/call_class.h"
#include "loader/trace/call_join.h"
#include "loader/trace/call_json.h"
#include "loader/trace/call_packed.h"
#include "loader/trace/call_request.h"
#include "loader/trace/call_text.h"
#include "tests/unit/unit.h"

static struct jsonw out;

static int setup(void **state)
{
	const char *wrong = NULL;

	(void)state;
	jsonw_init(&out);
	if (call_list_init(&wrong))
		fail_msg("wrong line: %s", wrong);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	jsonw_deinit(&out);
	return 0;
}

/* A record with room for what its parameters point to. */
struct whole {
	struct call_record record;
	char bytes[512];
};

static void record_make(struct whole *ret, const char *name, enum call_half half)
{
	const struct call *call = call_by_name(name);

	*ret = (struct whole){ .record = { .header = { .type = half, .time_ns = 3500 },
		                           .process = { .pid = 10, .tid = 11 },
		                           .began_ns = 1000,
		                           .abi = CALL_64,
		                           .number = call ? call->numbers[CALL_64] : 9999,
		                           .comm = "test" } };
}

/* Adds what a parameter points to, behind what was added before. */
static void value_add(struct whole *w, unsigned int i, const void *bytes, size_t size,
                      enum call_state state)
{
	size_t used = 0, j;

	for (j = 0; j < CALL_VALUES; j++)
		used += w->record.values[j].size;
	memcpy(w->bytes + used, bytes, size);
	w->record.arguments[i] = 0x1000;
	w->record.values[i].state = state;
	w->record.values[i].at = sizeof(w->record) + used;
	w->record.values[i].size = size;
}

static void assert_text(const struct call_record *begins, const struct call_record *returns,
                        const char *wanted)
{
	const struct call_record *any = begins ? begins : returns;
	const struct call_seen seen = { call_by_number(any->abi, any->number), begins, returns };

	jsonw_reset(&out);
	call_text_begin(&out, &seen);
	if (returns)
		call_text_end(&out, &seen);
	jsonw_put(&out, "", 1);
	assert_string_equal(out.text, wanted);
}

static bool json_has(const struct call_record *begins, const struct call_record *returns,
                     const char *wanted)
{
	const struct clock_offsets clock = { 0, 0 };
	const struct call_record *any = begins ? begins : returns;
	const struct call_seen seen = { call_by_number(any->abi, any->number), begins, returns };

	jsonw_reset(&out);
	out.comma = false;
	call_json(&out, &seen, &clock, NULL);
	jsonw_put(&out, "", 1);
	return strstr(out.text, wanted);
}

static void assert_json_has(const struct call_record *begins, const struct call_record *returns,
                            const char *wanted)
{
	if (!json_has(begins, returns, wanted))
		fail_msg("'%s' does not have '%s'", out.text, wanted);
}

static void assert_json_lacks(const struct call_record *begins, const struct call_record *returns,
                              const char *unwanted)
{
	if (json_has(begins, returns, unwanted))
		fail_msg("'%s' has '%s'", out.text, unwanted);
}

/* ---- the table ------------------------------------------------------------- */

static void each_call_has_one_name_and_one_number(void **state)
{
	size_t i;

	(void)state;
	assert_true(call_count() > 450);
	for (i = 0; i < call_count(); i++) {
		const struct call *call = call_get(i);

		assert_ptr_equal(call_by_name(call->name), call);
		if (call->numbers[CALL_64] >= 0)
			assert_ptr_equal(call_by_number(CALL_64, call->numbers[CALL_64]), call);
		if (call->numbers[CALL_32] >= 0)
			assert_ptr_equal(call_by_number(CALL_32, call->numbers[CALL_32]),
			                 call_of_abi(call, CALL_32));
	}
	assert_string_equal(call_by_number(CALL_64, 0)->name, "read");
	assert_string_equal(call_by_number(CALL_32, 3)->name, "read");
	assert_string_equal(call_by_number(CALL_X32, 0)->name, "read");
	assert_null(call_by_number(CALL_64, 511));
	assert_null(call_by_number(CALL_64, 512));
	assert_null(call_by_number(CALL_64, UINT32_MAX));
	assert_null(call_by_name("nothing"));
}

static void what_parameters_point_to_is_read_when_it_is_there(void **state)
{
	const struct call *call = call_by_name("read");

	(void)state;
	assert_int_equal(call->fields[1].read.when, CALL_EXIT);
	assert_int_equal(call->fields[1].read.count, CALL_COUNT_RESULT);
	call = call_by_name("write");
	assert_int_equal(call->fields[1].read.when, CALL_ENTRY);
	assert_int_equal(call->fields[1].read.count, 2);
	call = call_by_name("accept");
	assert_int_equal(call->fields[1].read.when, CALL_EXIT | CALL_COUNT_AT | CALL_WHOLE);
	assert_int_equal(call->fields[1].read.count, 2);
	call = call_by_name("pipe2");
	assert_int_equal(call->fields[0].read.size, 8);
	assert_int_equal(call_list_parameter(call_by_name("execve")), 1);
	assert_int_equal(call_list_parameter(call), CALL_NO_LIST);
}

/* A program of 32 bits has the same texts, and other structs; a call that i386 alone has names
 * them.
 */
static void structs_of_programs_of_32_bits(void **state)
{
	const struct call *call = call_by_name("writev");

	(void)state;
	assert_int_equal(call->fields[1].read.size, 16);
	assert_int_equal(call_of_abi(call, CALL_32)->fields[1].read.size, 8);
	call = call_by_name("open");
	assert_ptr_equal(call_of_abi(call, CALL_X32), call);
	assert_ptr_equal(call_of_abi(call, CALL_32)->fields[0].type, call->fields[0].type);
	assert_int_equal(call_by_number(CALL_32, 407)->fields[2].read.size, 16);
	assert_int_equal(call_by_number(CALL_32, 267)->fields[2].read.size, 8);
	assert_int_equal(call_by_number(CALL_32, 82)->fields[4].read.size, 8);
}

static void classes(void **state)
{
	(void)state;
	assert_true(call_class_has("file", call_by_name("openat")));
	assert_true(call_class_has("file", call_by_name("getcwd")));
	assert_false(call_class_has("file", call_by_name("read")));
	assert_true(call_class_has("desc", call_by_name("read")));
	assert_true(call_class_has("process", call_by_name("execve")));
	assert_false(call_class_has("process", call_by_name("read")));
	assert_true(call_class_has("network", call_by_name("accept4")));
	assert_false(call_class_has("nothing", call_by_name("read")));
	assert_false(call_class_exists("nothing"));
}

/* ---- records --------------------------------------------------------------- */

static void a_call_as_text(void **state)
{
	struct whole begins, returns;

	(void)state;
	record_make(&begins, "openat", CALL_BEGINS);
	begins.record.arguments[0] = (uint32_t)AT_FDCWD;
	value_add(&begins, 1,
	          "/tmp/a\"b\n\1"
	          "2\xff",
	          13, CALL_READ);
	begins.record.arguments[2] = O_WRONLY | O_CREAT | O_CLOEXEC;
	begins.record.arguments[3] = 0640;
	returns = begins;
	record_make(&returns, "openat", CALL_RETURNS);
	memcpy(returns.record.arguments, begins.record.arguments, sizeof(begins.record.arguments));
	returns.record.result = -2;
	assert_text(
		&begins.record, NULL,
		"openat(AT_FDCWD, \"/tmp/a\\\"b\\n\\0012\\377\", O_WRONLY|O_CREAT|O_CLOEXEC, 0640");
	assert_text(&begins.record, &returns.record,
	            "openat(AT_FDCWD, \"/tmp/a\\\"b\\n\\0012\\377\", O_WRONLY|O_CREAT|O_CLOEXEC, "
	            "0640) = -1 ENOENT");
	/* The mode is of no use where no file is created. */
	begins.record.arguments[2] = O_DIRECTORY;
	assert_text(&begins.record, NULL,
	            "openat(AT_FDCWD, \"/tmp/a\\\"b\\n\\0012\\377\", O_RDONLY|O_DIRECTORY");
}

static void what_could_not_be_read(void **state)
{
	struct whole begins, returns;

	(void)state;
	record_make(&begins, "unlink", CALL_BEGINS);
	value_add(&begins, 0, "", 0, CALL_UNREAD);
	record_make(&returns, "unlink", CALL_RETURNS);
	returns.record.arguments[0] = 0x1000;
	returns.record.values[0].state = CALL_UNREAD;
	returns.record.result = -14;
	assert_text(&begins.record, NULL, "unlink(");
	assert_text(&begins.record, &returns.record, "unlink(0x1000) = -1 EFAULT");
	assert_json_has(&begins.record, &returns.record,
	                "\"parameters\":{\"pathname\":null},\"read_errors\":[\"pathname\"]");
	/* It could be read when the call returned. */
	value_add(&returns, 0, "/x", 3, CALL_READ);
	assert_text(&begins.record, &returns.record, "unlink(\"/x\") = -1 EFAULT");
	/* The first record is lost. */
	assert_text(NULL, &returns.record, "unlink(\"/x\") = -1 EFAULT");
}

static void what_comes_back(void **state)
{
	static const char vector[] = "\0\0\0\0\0\0\0\1\2\0\0\0\0\0\0\0"
				     "\0\0\0\0\0\0\0\2\x90\1\0\0\0\0\0\0"
				     "abcd";
	struct whole begins, returns;

	(void)state;
	record_make(&begins, "read", CALL_BEGINS);
	begins.record.arguments[0] = 3;
	begins.record.arguments[1] = 0x1000;
	begins.record.arguments[2] = 100;
	record_make(&returns, "read", CALL_RETURNS);
	memcpy(returns.record.arguments, begins.record.arguments, sizeof(begins.record.arguments));
	returns.record.result = 5;
	value_add(&returns, 1, "a\0b", 3, CALL_CUT);
	assert_text(&begins.record, NULL, "read(3");
	assert_text(&begins.record, &returns.record, "read(3, \"a\\0b\"..., 100) = 5");
	assert_json_has(&begins.record, &returns.record, "\"truncated\":[\"buf\"]");

	/* Four bytes of what two parts could take. */
	record_make(&returns, "readv", CALL_RETURNS);
	returns.record.arguments[2] = 2;
	returns.record.result = 4;
	value_add(&returns, 1, vector, 36, CALL_READ);
	returns.record.values[1].items = 2;
	assert_text(
		NULL, &returns.record,
		"readv(0, [{iov_base=\"ab\", iov_len=2}, {iov_base=\"cd\", iov_len=400}], 2) = 4");
	assert_json_has(
		NULL, &returns.record,
		"\"vec\":[{\"data\":\"ab\",\"length\":2},{\"data\":\"cd\",\"length\":400}]");
}

static void record_make_32(struct whole *ret, unsigned int number, enum call_half half)
{
	record_make(ret, "", half);
	ret->record.abi = CALL_32;
	ret->record.number = number;
}

static void vectors_and_messages_of_32_bits(void **state)
{
	static const char vector[] = "\0\0\0\1\2\0\0\0"
				     "\0\0\0\2\x90\1\0\0"
				     "abcd";
	static const char message[] = "\1\0\0\0\x10\0\0\0\0\0\0\1\1\0\0\0"
				      "\0\0\0\0\x18\0\0\0\0\1\0\0"
				      "\1\0/x\0\0\0\1\2\0\0\0ab";
	struct whole w;

	(void)state;
	record_make_32(&w, 146, CALL_BEGINS);
	value_add(&w, 1, vector, 20, CALL_READ);
	w.record.values[1].items = 2;
	assert_text(
		&w.record, NULL,
		"writev(0, [{iov_base=\"ab\", iov_len=2}, {iov_base=\"cd\"..., iov_len=400}], 0");
	record_make_32(&w, 370, CALL_BEGINS);
	value_add(&w, 1, message, sizeof(message) - 1, CALL_READ);
	w.record.values[1].items = 1;
	w.record.values[1].name = 4;
	assert_text(&w.record, NULL,
	            "sendmsg(0, {msg_name={sa_family=AF_UNIX, sun_path=\"/x\"}, msg_namelen=16, "
	            "msg_iov=[{iov_base=\"ab\", iov_len=2}], msg_iovlen=1, msg_control=NULL, "
	            "msg_controllen=24, msg_flags=MSG_WAITALL}, 0");
	assert_json_has(&w.record, NULL,
	                "\"msg_iov\":[{\"data\":\"ab\",\"length\":2}],\"msg_control\":null,"
	                "\"msg_controllen\":24,"
	                "\"msg_flags\":\"MSG_WAITALL\"");
}

/* A message without name and parts, and its control messages. */
static void message_add(struct whole *w, const void *control, size_t size, enum call_state state)
{
	char header[56] = { 0 };

	header[33] = 0x20; /* msg_control: 0x2000 */
	header[40] = size;
	value_add(w, 1, header, sizeof(header), CALL_READ);
	value_add(w, CALL_VALUE_CONTROL, control, size, state);
}

#define MESSAGE     "sendmsg(0, {msg_name=NULL, msg_namelen=0, msg_iov=[], msg_iovlen=0"
#define MESSAGE_END ", msg_flags=0}, 0"

static void control_messages(void **state)
{
	static const char both[] = "\x18\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\5\0\0\0\xff\xff\xff\xff"
				   "\x1c\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0"
				   "\7\0\0\0\xe8\3\0\0\0\0\0\0\0\0\0";
	struct whole w;

	(void)state;
	record_make(&w, "sendmsg", CALL_BEGINS);
	message_add(&w, both, sizeof(both), CALL_READ);
	assert_text(&w.record, NULL,
	            MESSAGE ", msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, "
	                    "cmsg_type=SCM_RIGHTS, cmsg_data=[5, -1]}, {cmsg_len=28, "
	                    "cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, "
	                    "cmsg_data={pid=7, uid=1000, gid=0}}], "
	                    "msg_controllen=56" MESSAGE_END);
	assert_json_has(&w.record, NULL,
	                "\"msg_control\":[{\"cmsg_len\":24,\"cmsg_level\":\"SOL_SOCKET\","
	                "\"cmsg_type\":\"SCM_RIGHTS\",\"cmsg_data\":[5,-1]},{\"cmsg_len\":28,"
	                "\"cmsg_level\":\"SOL_SOCKET\",\"cmsg_type\":\"SCM_CREDENTIALS\","
	                "\"cmsg_data\":{\"pid\":7,\"uid\":1000,\"gid\":0}}],\"msg_controllen\":56");
	/* There is more of it. */
	record_make(&w, "sendmsg", CALL_BEGINS);
	message_add(&w, both, 21, CALL_CUT);
	assert_text(&w.record, NULL,
	            MESSAGE ", msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, "
	                    "cmsg_type=SCM_RIGHTS, cmsg_data=[5]...}...], "
	                    "msg_controllen=21" MESSAGE_END);
	assert_json_has(&w.record, NULL, "\"truncated\":[\"msg\"]");
	/* Of a file that does not have them, or where they could not be read. */
	record_make(&w, "sendmsg", CALL_BEGINS);
	message_add(&w, both, 24, CALL_NONE);
	w.record.values[CALL_VALUE_CONTROL].size = 0;
	assert_text(&w.record, NULL, MESSAGE ", msg_control=0x2000, msg_controllen=24" MESSAGE_END);
	w.record.values[CALL_VALUE_CONTROL].state = CALL_UNREAD;
	assert_json_has(&w.record, NULL, "\"msg_control\":null,\"msg_controllen\":24");
	assert_json_has(&w.record, NULL, "\"read_errors\":[\"msg\"]");
}

static void control_lengths_that_lie(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *wanted;
	} cases[] = {
		{ "\0\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0", 16, "[], msg_controllen=16" },
		{ "\x0f\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0", 16, "[], msg_controllen=16" },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\1\0\0\0\1\0\0\0abc", 19,
		  "[{cmsg_len=18446744073709551615, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, "
		  "cmsg_data=[]...}], msg_controllen=19" },
		{ "\x11\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0a", 17,
		  "[{cmsg_len=17, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS}], "
		  "msg_controllen=17" },
		{ "\x10\0\0\0\0\0\0\0\1\0\0\0\1\0\0", 15, "[], msg_controllen=15" },
	};
	char wanted[256];
	struct whole w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		record_make(&w, "sendmsg", CALL_BEGINS);
		message_add(&w, cases[i].bytes, cases[i].size, CALL_READ);
		snprintf(wanted, sizeof(wanted), MESSAGE ", msg_control=%s" MESSAGE_END,
		         cases[i].wanted);
		assert_text(&w.record, NULL, wanted);
	}
}

/* Ids of 16 bits, of which -1 is 65535. */
static void ids_of_32_bits(void **state)
{
	struct whole w;

	(void)state;
	record_make_32(&w, 164, CALL_BEGINS);
	w.record.arguments[0] = 0xffffffff;
	w.record.arguments[1] = 65534;
	assert_text(&w.record, NULL, "setresuid(-1, 65534, 0");
	record_make_32(&w, 80, CALL_RETURNS);
	w.record.result = 2;
	value_add(&w, 1, "\xff\xff\xe8\3", 4, CALL_READ);
	assert_text(NULL, &w.record, "getgroups(0, [-1, 1000]) = 2");
	assert_json_has(NULL, &w.record, "\"grouplist\":[-1,1000]");
}

/* What select was given and what was ready; of a failure the first alone. */
static void sets_of_descriptors(void **state)
{
	char set[CALL_FD_SET_MAX / 8] = { 0x28, 0, 0x80 };
	struct whole begins, returns;

	(void)state;
	record_make(&begins, "select", CALL_BEGINS);
	begins.record.arguments[0] = 24;
	value_add(&begins, 1, set, sizeof(set), CALL_READ);
	record_make(&returns, "select", CALL_RETURNS);
	returns.record.result = 1;
	set[0] = 8, set[2] = 0;
	value_add(&returns, 1, set, sizeof(set), CALL_READ);
	assert_text(&begins.record, NULL, "select(24");
	assert_text(&begins.record, &returns.record,
	            "select(24, [3 5 23] => [3], NULL, NULL, NULL) = 1");
	assert_json_has(&begins.record, &returns.record, "\"inp\":[3,5,23],\"inp_ready\":[3],");
	begins.record.arguments[0] = UINT64_MAX;
	assert_json_has(&begins.record, &returns.record, "\"inp\":[3,5,23],");
	begins.record.arguments[0] = 4;
	assert_json_has(&begins.record, &returns.record, "\"inp\":[3],");
	record_make(&returns, "select", CALL_RETURNS);
	returns.record.result = -9;
	assert_text(&begins.record, &returns.record, "select(4, [3], NULL, NULL, NULL) = -1 EBADF");
	/* One that is not whole. */
	begins.record.values[1].size = 8;
	assert_text(&begins.record, &returns.record,
	            "select(4, 0x1000, NULL, NULL, NULL) = -1 EBADF");
	assert_json_has(&begins.record, &returns.record, "\"read_errors\":[\"inp\"]");
}

static void entries_of_a_directory(void **state)
{
	char entries[48] = { 0 };
	struct whole w;

	(void)state;
	entries[16] = 24, entries[18] = 4;
	memcpy(entries + 19, "a\"", 3);
	entries[24 + 16] = 24, entries[24 + 18] = 8;
	memcpy(entries + 24 + 19, "whole", 5); /* without its NUL */
	record_make(&w, "getdents64", CALL_RETURNS);
	w.record.result = sizeof(entries);
	value_add(&w, 1, entries, sizeof(entries), CALL_READ);
	assert_text(NULL, &w.record,
	            "getdents64(0, [{d_type=DT_DIR, d_name=\"a\\\"\"}, {d_type=DT_REG, "
	            "d_name=\"whole\"}], 0) = 48");
	assert_json_has(NULL, &w.record,
	                "\"dirent\":[{\"d_type\":\"DT_DIR\",\"d_name\":\"a\\\"\"},");
	/* Lengths that lie, and a last one that is cut. */
	w.bytes[24 + 16] = 25;
	assert_json_has(NULL, &w.record, "\"d_name\":\"a\\\"\"}]");
	w.bytes[16] = 0;
	assert_json_has(NULL, &w.record, "\"dirent\":[]");
	w.record.values[1].size = 19;
	assert_json_has(NULL, &w.record, "\"dirent\":[]");
}

static void a_file_handle(void **state)
{
	char handle[136] = { 3, 0, 0, 0, 1, 0, 0, 0, 'a', '\xff', 'c', 'd' };
	struct whole w;

	(void)state;
	record_make(&w, "open_by_handle_at", CALL_BEGINS);
	value_add(&w, 1, handle, sizeof(handle), CALL_READ);
	assert_text(&w.record, NULL,
	            "open_by_handle_at(0, {handle_bytes=3, handle_type=1, f_handle=0x61ff63}, "
	            "O_RDONLY");
	assert_json_has(&w.record, NULL, "\"f_handle\":\"61ff63\"");
	memset(w.bytes, 0xff, 4); /* more than there is */
	assert_json_has(&w.record, NULL, "\"handle_bytes\":4294967295");
}

static void flags_of_clone(void **state)
{
	struct whole w;

	(void)state;
	record_make(&w, "clone", CALL_BEGINS);
	w.record.arguments[0] = 0x100 | 17;
	assert_json_has(&w.record, NULL, "\"clone_flags\":\"CLONE_VM|SIGCHLD\"");
	w.record.arguments[0] = 17;
	assert_json_has(&w.record, NULL, "\"clone_flags\":\"SIGCHLD\"");
	w.record.arguments[0] = 0;
	assert_json_has(&w.record, NULL, "\"clone_flags\":\"0\"");
}

/* What a parameter means depends on the one before it. */
static void commands_of_fcntl_and_options_of_sockets(void **state)
{
	struct whole w;

	(void)state;
	record_make(&w, "fcntl", CALL_BEGINS);
	w.record.arguments[1] = F_GETFL;
	w.record.arguments[2] = 0x7000;
	assert_text(&w.record, NULL, "fcntl(0, F_GETFL");
	w.record.arguments[1] = F_SETFL;
	w.record.arguments[2] = O_RDWR | O_NONBLOCK;
	assert_text(&w.record, NULL, "fcntl(0, F_SETFL, O_RDWR|O_NONBLOCK");
	w.record.arguments[1] = F_DUPFD;
	assert_json_has(&w.record, NULL, "\"arg\":2050}");
	w.record.arguments[1] = F_SETLK;
	w.record.arguments[1] = F_SETSIG;
	assert_text(&w.record, NULL, "fcntl(0, F_SETSIG, 0x802");
	record_make(&w, "getsockopt", CALL_BEGINS);
	w.record.arguments[2] = 4;
	w.record.arguments[1] = 1;
	assert_json_has(&w.record, NULL, "\"SOL_SOCKET\",\"optname\":\"SO_ERROR\"");
	w.record.arguments[1] = 6;
	assert_json_has(&w.record, NULL, "\"SOL_TCP\",\"optname\":\"TCP_KEEPIDLE\"");
	w.record.arguments[1] = 999;
	assert_json_has(&w.record, NULL, "\"0x3e7\",\"optname\":4");
	/* Names of flags that have another meaning elsewhere. */
	record_make(&w, "faccessat2", CALL_BEGINS);
	w.record.arguments[3] = 0x200;
	assert_json_has(&w.record, NULL, "\"mode\":\"F_OK\",\"flags\":\"AT_EACCESS\"");
}

static void request_make(struct whole *ret, uint32_t request, enum call_half half)
{
	record_make(ret, "ioctl", half);
	ret->record.arguments[1] = request;
}

/* What the argument of an ioctl is depends on the request, and on the time. */
static void requests_of_ioctl(void **state)
{
	static const char address[32] = "lo\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\x7f\0\0\1";
	struct whole begins, returns;

	(void)state;
	request_make(&begins, 0x8915, CALL_BEGINS);
	value_add(&begins, 2, address, 16, CALL_READ);
	assert_text(&begins.record, NULL, "ioctl(0, SIOCGIFADDR");
	request_make(&returns, 0x8915, CALL_RETURNS);
	value_add(&returns, 2, address, 32, CALL_READ);
	assert_text(&begins.record, &returns.record,
	            "ioctl(0, SIOCGIFADDR, {ifr_name=\"lo\", ifr_addr={sa_family=AF_INET, "
	            "sin_port=htons(0), sin_addr=inet_addr(\"127.0.0.1\")}}) = 0");
	assert_json_has(&begins.record, &returns.record,
	                "\"arg\":{\"ifr_name\":\"lo\",\"ifr_addr\":{\"family\":\"AF_INET\","
	                "\"ip\":\"127.0.0.1\",\"port\":0}}");
	request_make(&returns, 0x8915, CALL_RETURNS);
	returns.record.result = -19;
	assert_text(&begins.record, &returns.record,
	            "ioctl(0, SIOCGIFADDR, {ifr_name=\"lo\"}) = -1 ENODEV");
	/* All was read at the end: of a failure what was given. */
	request_make(&returns, 0x8915, CALL_BOTH);
	value_add(&returns, 2, address, 16, CALL_READ);
	returns.record.result = -19;
	assert_text(NULL, &returns.record, "ioctl(0, SIOCGIFADDR, {ifr_name=\"lo\"}) = -1 ENODEV");

	request_make(&begins, 0x5414, CALL_BEGINS);
	value_add(&begins, 2, "\x18\0\x50\0\0\0\0\0", 8, CALL_READ);
	assert_text(&begins.record, NULL,
	            "ioctl(0, TIOCSWINSZ, {ws_row=24, ws_col=80, ws_xpixel=0, ws_ypixel=0}");
	/* Another size than that of the type: bytes. */
	begins.record.values[2].size = 3;
	assert_text(&begins.record, NULL, "ioctl(0, TIOCSWINSZ, \"\\30\\0P\"");
	request_make(&returns, 0x541b, CALL_RETURNS);
	value_add(&returns, 2, "\xff\xff\xff\xff", 4, CALL_READ);
	assert_text(NULL, &returns.record, "ioctl(0, FIONREAD, -1) = 0");
	assert_json_has(NULL, &returns.record, "\"arg\":-1}");
}

static void locks_of_fcntl(void **state)
{
	static const char lock[32] = "\1\0\0\0zzzz\5\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\7";
	static const char lock_32[24] =
		"\0\0\2\0\5\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\7";
	struct whole begins, returns;

	(void)state;
	record_make(&begins, "fcntl", CALL_BEGINS);
	begins.record.arguments[1] = F_SETLK;
	value_add(&begins, 2, lock, sizeof(lock), CALL_READ);
	assert_text(&begins.record, NULL,
	            "fcntl(0, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=5, "
	            "l_len=4294967296, l_pid=7}");
	assert_json_has(&begins.record, NULL, "\"arg\":{\"l_type\":\"F_WRLCK\",");
	begins.record.arguments[1] = F_GETLK;
	assert_text(&begins.record, NULL, "fcntl(0, F_GETLK");
	/* Its number is not that of an ioctl, of which it would say the size. */
	begins.record.arguments[1] = 0x40200001;
	assert_text(&begins.record, NULL, "fcntl(0, 0x40200001, 0x1000");
	record_make_32(&returns, 221, CALL_RETURNS);
	returns.record.arguments[1] = 12;
	value_add(&returns, 2, lock_32, sizeof(lock_32), CALL_READ);
	assert_text(
		NULL, &returns.record,
		"fcntl64(0, F_GETLK64, {l_type=F_RDLCK, l_whence=SEEK_END, l_start=5, l_len=-1, "
		"l_pid=7}) = 0");
	returns.record.arguments[1] = F_GETFL;
	assert_text(NULL, &returns.record, "fcntl64(0, F_GETFL) = 0");
}

static void requests_that_are_not_known(void **state)
{
	struct whole w;

	(void)state;
	request_make(&w, 0xc004ff01, CALL_BEGINS);
	value_add(&w, 2, "ab\0c", 4, CALL_CUT);
	assert_text(&w.record, NULL, "ioctl(0, 0xc004ff01");
	request_make(&w, 0x4004ff01, CALL_BEGINS);
	value_add(&w, 2, "ab\0c", 4, CALL_CUT);
	assert_text(&w.record, NULL, "ioctl(0, 0x4004ff01, \"ab\\0c\"...");
	assert_json_has(&w.record, NULL, "\"arg\":\"ab\\u0000c\"},\"truncated\":[\"arg\"]");
	/* An argument that is no address, because the request says so or because it cannot be. */
	request_make(&w, 0x40049409, CALL_BEGINS);
	w.record.arguments[2] = 3;
	assert_text(&w.record, NULL, "ioctl(0, FICLONE, 0x3");
	request_make(&w, 0xff01, CALL_BEGINS);
	assert_text(&w.record, NULL, "ioctl(0, 0xff01, 0");
	request_make(&w, 0x4004ff01, CALL_BOTH);
	value_add(&w, 2, "", 0, CALL_UNREAD);
	w.record.result = -25;
	assert_text(NULL, &w.record, "ioctl(0, 0x4004ff01, 0x1000) = -1 ENOTTY");
	assert_json_has(NULL, &w.record, "\"arg\":\"0x1000\"},\"read_errors\":[\"arg\"]");
}

/* Each has types that exist, and is read when it has one. */
static void each_known_request(void **state)
{
	struct call_request request;
	size_t i;

	(void)state;
	for (i = 0; i < call_request_count(); i++) {
		uint64_t number = call_request_get(i, &request);
		unsigned int when = call_request_when(number);

		assert_int_equal(when & CALL_ENTRY, request.in ? CALL_ENTRY : 0);
		assert_int_equal(when & CALL_EXIT, request.out ? CALL_EXIT : 0);
		if (request.in)
			assert_int_equal(call_request_type(number, false, request.in)->size,
			                 request.in);
		if (request.out)
			assert_int_equal(call_request_type(number, true, request.out)->size,
			                 request.out);
	}
}

static void numbers_that_have_no_name(void **state)
{
	struct whole returns;

	(void)state;
	record_make(&returns, "nothing", CALL_RETURNS);
	returns.record.arguments[5] = 7;
	returns.record.result = -38;
	assert_text(NULL, &returns.record, "syscall_0x270f(0, 0, 0, 0, 0, 0x7) = -1 ENOSYS");
	assert_json_has(NULL, &returns.record,
	                "\"name\":null,\"number\":9999,\"abi\":\"x86_64\",\"arguments\":[");
}

static void calls_whose_parameters_are_not_known(void **state)
{
	struct whole returns;

	(void)state;
	record_make(&returns, "create_module", CALL_RETURNS);
	returns.record.arguments[5] = 7;
	returns.record.result = -38;
	assert_text(NULL, &returns.record, "create_module(0, 0, 0, 0, 0, 0x7) = -1 ENOSYS");
}

/* Large ones are no negative numbers; -1 is: it leaves an id as it is. */
static void ids_of_users(void **state)
{
	struct whole returns;

	(void)state;
	record_make(&returns, "setresuid", CALL_RETURNS);
	returns.record.arguments[0] = 4294967294U;
	returns.record.arguments[1] = -1;
	returns.record.arguments[2] = UINT32_MAX;
	assert_text(NULL, &returns.record, "setresuid(4294967294, -1, -1) = 0");
	assert_json_has(NULL, &returns.record, "\"ruid\":4294967294,\"euid\":-1,\"suid\":-1");
}

static void records_that_are_none(void **state)
{
	struct whole w;

	(void)state;
	record_make(&w, "read", CALL_RETURNS);
	assert_true(call_record_check(&w, sizeof(w)));
	assert_false(call_record_check(&w, sizeof(w.record) - 1));
	w.record.values[5].at = sizeof(w.record);
	w.record.values[5].size = sizeof(w.bytes) + 1;
	assert_false(call_record_check(&w, sizeof(w)));
	w.record.values[5].size = sizeof(w.bytes);
	assert_true(call_record_check(&w, sizeof(w)));
	w.record.values[5].at = sizeof(w.record) - 1;
	assert_false(call_record_check(&w, sizeof(w)));
	w.record.values[5].at = 0xffff;
	assert_false(call_record_check(&w, sizeof(w)));
	w.record.header.type = 0;
	assert_false(call_record_check(&w, sizeof(w)));
}

/* A vector whose parts are longer than what there is, and a struct that is not whole. */
static void lengths_that_lie(void **state)
{
	struct whole w;

	(void)state;
	record_make(&w, "writev", CALL_BEGINS);
	value_add(&w, 1, "\0\0\0\0\0\0\0\1\xff\xff\xff\xff\xff\xff\xff\xffx", 17, CALL_READ);
	w.record.values[1].items = 0xffff;
	assert_text(&w.record, NULL,
	            "writev(0, [{iov_base=\"x\"..., iov_len=18446744073709551615}], 0");
	record_make(&w, "sendmsg", CALL_BEGINS);
	value_add(&w, 1, "1234", 4, CALL_READ);
	w.record.values[1].name = 0xffff;
	w.record.values[1].items = 1;
	assert_text(&w.record, NULL, "sendmsg(0, {...}, 0");
	record_make(&w, "bind", CALL_BEGINS);
	value_add(&w, 1, "\2", 1, CALL_READ);
	assert_text(&w.record, NULL, "bind(0, \"\\2\", 0");
}

/* ---- files ------------------------------------------------------------------ */

/* A descriptor's file: the value that plan.files asks for. */
static void file_add(struct whole *w, unsigned int i, const struct call_file *head,
                     const char *names, size_t size, enum call_state state)
{
	char bytes[sizeof(*head) + 64];
	uint64_t argument = w->record.arguments[i];

	memcpy(bytes, head, sizeof(*head));
	memcpy(bytes + sizeof(*head), names, size);
	value_add(w, i, bytes, sizeof(*head) + size, state);
	w->record.arguments[i] = argument;
}

static void descriptors_have_their_file_behind_them(void **state)
{
	const struct call_file
		file = { .inode = 7, .mode = S_IFREG | 0600 },
		pipe = { .inode = 8, .mode = S_IFIFO }, unknown = { .inode = 9 }, directory = { 0 },
		udp = { .inode = 10,
		        .mode = S_IFSOCK,
		        .is_socket = 1,
		        .family = AF_INET6,
		        .protocol = IPPROTO_UDP,
		        .local = { [15] = 1 },
		        .local_port = 53 },
		netlink = { .inode = 11, .mode = S_IFSOCK, .is_socket = 1, .family = AF_NETLINK },
		other = { .inode = 12, .mode = S_IFSOCK, .is_socket = 1, .family = AF_ALG },
		closed = { .inode = 13, .mode = S_IFSOCK };
	const struct {
		const struct call_file *head;
		const char *names;
		size_t size;
		enum call_state state;
		const char *wanted;
	} files[] = {
		{ &file, "p<>\0etc", 8, CALL_READ, "close(0</etc/p\\74\\76>" },
		{ &file, "a\0b", 4, CALL_CUT, "close(0<b/a...>" },
		{ &directory, "", 0, CALL_READ, "close(0</>" },
		{ &pipe, "", 1, CALL_ALONE, "close(0<pipe:[8]>" },
		{ &unknown, "[timerfd]", 10, CALL_ALONE, "close(0<anon_inode:[timerfd]>" },
		{ &file, "memfd:x", 8, CALL_ALONE, "close(0</memfd:x>" },
		{ &file, "[eventfd]\0etc\0/", 16, CALL_ALONE, "close(0" }, /* out of its mount */
		{ &pipe, "fifo\0/", 7, CALL_ALONE, "close(0" },
		{ &closed, "", 1, CALL_ALONE, "close(0<socket:[13]>" },
		{ &directory, "/", 2, CALL_ALONE, "close(0" }, /* by its handle */
		{ &udp, "", 0, CALL_READ, "close(0<UDP:[[::1]:53]>" },
		{ &netlink, "", 0, CALL_READ, "close(0<NETLINK:[11]>" },
		{ &other, "", 0, CALL_READ, "close(0<socket:[12]>" },
		{ &file, "x", 1, CALL_READ, "close(0" }, /* no NUL */
	};
	struct whole w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		record_make(&w, "close", CALL_BEGINS);
		file_add(&w, 0, files[i].head, files[i].names, files[i].size, files[i].state);
		assert_text(&w.record, NULL, files[i].wanted);
	}
	record_make(&w, "close", CALL_BEGINS);
	value_add(&w, 0, "short", 5, CALL_READ);
	w.record.arguments[0] = 0;
	assert_text(&w.record, NULL, "close(0");
}

static void relative_paths_are_joined_with_their_directory(void **state)
{
	const struct call_file directory = { 0 };
	struct whole w;

	(void)state;
	record_make(&w, "openat", CALL_BOTH);
	w.record.arguments[0] = (uint64_t)AT_FDCWD;
	value_add(&w, 1, "../x", 5, CALL_READ);
	file_add(&w, 0, &directory, "home", 5, CALL_READ);
	assert_json_has(NULL, &w.record, "\"paths\":{\"filename\":\"/home/../x\"}");
	w.record.values[0].state = CALL_CUT; /* of the directory */
	assert_json_lacks(NULL, &w.record, "paths");
	record_make(&w, "mkdir", CALL_BOTH);
	value_add(&w, 0, "x", 2, CALL_READ);
	file_add(&w, CALL_VALUE_CWD, &directory, "", 0, CALL_READ);
	assert_json_has(NULL, &w.record, "\"paths\":{\"pathname\":\"/x\"}");
	record_make(&w, "mkdir", CALL_BOTH);
	value_add(&w, 0, "/x", 3, CALL_READ);
	file_add(&w, CALL_VALUE_CWD, &directory, "", 0, CALL_READ);
	assert_json_lacks(NULL, &w.record, "paths");
}

/* ---- joining --------------------------------------------------------------- */

static void a_call_is_joined_by_its_thread(void **state)
{
	struct call_join *join = call_join_new();
	struct call_seen seen, left;
	struct whole w;
	unsigned int tid;

	(void)state;
	assert_non_null(join);
	for (tid = 1; tid < 100000; tid++) { /* more than there are rows */
		record_make(&w, "read", CALL_BEGINS);
		w.record.process.tid = tid;
		w.record.began_ns = tid;
		call_join_take(join, &w.record, sizeof(w), &seen, &left);
		assert_non_null(seen.begins);
	}
	record_make(&w, "read", CALL_RETURNS);
	w.record.process.tid = 99999;
	w.record.began_ns = 99999;
	call_join_take(join, &w.record, sizeof(w), &seen, &left);
	assert_non_null(seen.begins);
	assert_int_equal(seen.begins->process.tid, 99999);
	/* It has returned; and another call of a thread than the one that began. */
	call_join_take(join, &w.record, sizeof(w), &seen, &left);
	assert_null(seen.begins);
	w.record.process.tid = 99998;
	call_join_take(join, &w.record, sizeof(w), &seen, &left);
	assert_null(seen.begins);
	assert_int_equal(left.begins->process.tid, 99998); /* its own return is lost */
	/* The same when the next call of the thread begins. */
	record_make(&w, "write", CALL_BEGINS);
	w.record.process.tid = 99997;
	call_join_take(join, &w.record, sizeof(w), &seen, &left);
	assert_string_equal(left.call->name, "read");
	assert_int_equal(left.begins->process.tid, 99997);
	call_join_free(join);
}

static struct call_seen join_take(struct call_join *join, const char *name, enum call_half half,
                                  uint32_t tid, uint64_t began_ns, struct call_seen *ret_left)
{
	static struct whole w;
	struct call_seen seen;

	record_make(&w, name, half);
	w.record.process.tid = tid;
	w.record.began_ns = began_ns;
	call_join_take(join, &w.record, sizeof(w), &seen, ret_left);
	return seen;
}

/* As many as the kernel side keeps: else a call that waits is there twice. */
static void calls_of_many_threads_wait(void **state)
{
	struct call_join *join = call_join_new();
	struct call_seen seen, left;
	uint32_t tid;

	(void)state;
	for (tid = 1; tid <= CALLS_PENDING; tid++) {
		join_take(join, "read", CALL_BEGINS, tid, tid, &left);
		assert_null(left.begins);
	}
	for (tid = 1; tid <= CALLS_PENDING; tid++) {
		seen = join_take(join, "read", CALL_RETURNS, tid, tid, &left);
		assert_non_null(seen.begins);
	}
	call_join_free(join);
}

/* A thread that executes a program takes the id of the first one: record_make()'s pid. */
static void an_exec_by_another_thread(void **state)
{
	struct call_join *join = call_join_new();
	struct call_seen seen, left;

	(void)state;
	join_take(join, "pause", CALL_BEGINS, 10, 1, &left);
	join_take(join, "execve", CALL_BEGINS, 500, 2, &left);
	seen = join_take(join, "execve", CALL_RETURNS, 10, 2, &left);
	assert_non_null(seen.begins);
	assert_int_equal(seen.begins->process.tid, 500);
	assert_string_equal(left.call->name, "pause");
	/* It was another exec. */
	join_take(join, "execve", CALL_BEGINS, 500, 3, &left);
	seen = join_take(join, "execve", CALL_RETURNS, 10, 4, &left);
	assert_null(seen.begins);
	assert_null(left.begins);
	seen = join_take(join, "pause", CALL_RETURNS, 10, 3, &left);
	assert_null(seen.begins);
	call_join_free(join);
}

/* Each call of i386 that lies in memory is one with a number of its own, and has its parameters. */
static void calls_whose_parameters_lie_in_memory(void **state)
{
	struct call_packed packed;
	const struct call *call;
	uint32_t key, seen[64];
	size_t i, j;

	(void)state;
	assert_true(call_packed_count() <= CALL_PACKED);
	for (i = 0; i < call_packed_count(); i++) {
		key = seen[i] = call_packed_get(i, &packed, &call);
		for (j = 0; j < i; j++)
			assert_int_not_equal(seen[j], key);
		assert_non_null(call);
		assert_ptr_equal(call_by_number(CALL_32, packed.number),
		                 call_of_abi(call, CALL_32));
		assert_in_range(packed.count, 1, call_of_abi(call, CALL_32)->count);
	}
	key = call_packed_get(4, &packed, &call);
	assert_int_equal(key, CALL_PACKED_KEY(CALL_SOCKETCALL, 3));
	assert_string_equal(call->name, "connect");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_has_one_name_and_one_number),
		cmocka_unit_test(what_parameters_point_to_is_read_when_it_is_there),
		cmocka_unit_test(structs_of_programs_of_32_bits),
		cmocka_unit_test(classes),
		cmocka_unit_test(a_call_as_text),
		cmocka_unit_test(what_could_not_be_read),
		cmocka_unit_test(what_comes_back),
		cmocka_unit_test(vectors_and_messages_of_32_bits),
		cmocka_unit_test(control_messages),
		cmocka_unit_test(control_lengths_that_lie),
		cmocka_unit_test(ids_of_32_bits),
		cmocka_unit_test(calls_whose_parameters_lie_in_memory),
		cmocka_unit_test(sets_of_descriptors),
		cmocka_unit_test(entries_of_a_directory),
		cmocka_unit_test(a_file_handle),
		cmocka_unit_test(flags_of_clone),
		cmocka_unit_test(commands_of_fcntl_and_options_of_sockets),
		cmocka_unit_test(requests_of_ioctl),
		cmocka_unit_test(locks_of_fcntl),
		cmocka_unit_test(requests_that_are_not_known),
		cmocka_unit_test(each_known_request),
		cmocka_unit_test(numbers_that_have_no_name),
		cmocka_unit_test(calls_whose_parameters_are_not_known),
		cmocka_unit_test(ids_of_users),
		cmocka_unit_test(records_that_are_none),
		cmocka_unit_test(lengths_that_lie),
		cmocka_unit_test(descriptors_have_their_file_behind_them),
		cmocka_unit_test(relative_paths_are_joined_with_their_directory),
		cmocka_unit_test(a_call_is_joined_by_its_thread),
		cmocka_unit_test(calls_of_many_threads_wait),
		cmocka_unit_test(an_exec_by_another_thread),
	};

	return cmocka_run_group_tests_name("call", tests, setup, teardown);
}
