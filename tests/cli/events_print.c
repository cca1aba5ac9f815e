/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests/cli/events.py, ocsf_events.py and audit.py: an event of each class and
 * operation, as it is written with each of its fields unread or cut, or with awkward
 * texts. A line has what it is of (class, action, and the field's id or a number), the
 * JSON, the text and the JSON of OCSF, with tabs between. empty: all that may be missing
 * is. own: what the sensor says of itself. kinds: what OCSF tells apart. various: what
 * records of audit differ by. FILE gets the same events as these records, whose serial
 * numbers count the lines from 0 on, and behind them those of the sensor.
 *
 * usage: events_print unread|cut|empty|words|longest|own|kinds|various [FILE]
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

#include "loader/audit/audit_form.h"
#include "loader/ocsf/ocsf_form.h"
#include "loader/event/actions.h"
#include "loader/event/format.h"
#include "loader/event/line.h"
#include "loader/stream/fields.h"

static struct event ev;
static char argv[ARGV_BYTES_MAX];
static struct host host = { .name = "host",
	                    .release = "4.4.0",
	                    .machine = "x86_64",
	                    .machine_id = "0123456789abcdef0123456789abcdef",
	                    .os = { "rhel", "fedora", "Red Hat", "7.9", "Red Hat 7.9" },
	                    .boot_id = "01234567-89ab-cdef-0123-456789abcdef" };
#define BOOTED_NS 1795839834123456789ULL /* 2026-11-28 */
static struct format f = { .host = &host,
	                   .env = "LD_PRELOAD",
	                   .clock = { .monotonic_ns = BOOTED_NS, .boottime_ns = BOOTED_NS } };

static FILE *audit_file; /* NULL: no records are wanted */

static void records_print(void)
{
	fprintf(audit_file, "%.*s\n", (int)f.json.size, f.json.text);
}

static void print(const char *what)
{
	if (form_json.event(&f, &ev))
		exit(1);
	printf("%s\t%.*s", what, (int)f.json.size, f.json.text);
	if (form_text.event(&f, &ev))
		exit(1);
	printf("\t%.*s", (int)f.json.size, f.json.text);
	if (form_ocsf.event(&f, &ev))
		exit(1);
	printf("\t%.*s\n", (int)f.json.size, f.json.text);
	if (!audit_file)
		return;
	if (form_audit.event(&f, &ev))
		exit(1);
	records_print();
}

/* ---- events ------------------------------------------------------------ */

static const struct process_ids process = { 10, 11, 5000000000ULL };
static const struct parent_ids parent = { 9, 8, 4000000000ULL, "parent" };
static const struct parent_ids target = { 7, 0, 3000000000ULL, "target" };

static void text_set(enum event_text text, const char *bytes, size_t size)
{
	ev.texts[text].size = size;
	memcpy(ev.texts[text].text, bytes, size);
}

static void texts_set(const char *bytes, size_t size)
{
	enum event_text text;

	for (text = 0; text < EXEC_TEXTS; text++)
		text_set(text, bytes, size);
}

static const struct event_file script = { .inode = 78, .device = 8 << 20 | 1 };
static const uint8_t script_sha256[32] = { 0xcd };
static const struct event_hash script_hash = { .sha256 = script_sha256 };

static void exec_base(void)
{
	static const char env[] = "LD_PRELOAD=x";
	struct exec_event *e = &ev.exec;

	memcpy(argv, "a\0b", 4);
	ev.argv = argv;
	ev.env = env;
	e->argv_size = e->argv_total = 4;
	e->env_size = e->env_total = sizeof(env);
	e->parent = parent;
	e->ns = (struct namespaces){ 1, 2, 3, 4, 5, 6, 7, 10 };
	e->nlink = 1;
	e->caller_tid = 0;
	strcpy(e->tty, "pts0");
	strcpy(e->previous_comm, "before");
	ev.interpreters = "b\0c";
	ev.interpreters_size = 4;
	ev.has_script = true;
	ev.script = script;
	ev.script_hash = &script_hash;
}

static void action_base(void)
{
	struct action_event *e = &ev.action;

	e->parent = parent;
	if (fields_count(ev.header.type) > FIELD_ACTION_TARGET)
		e->target = target;
	e->number = 4; /* PTRACE_POKETEXT */
	strcpy(e->text, "name");
	e->error = ev.header.type == EVENT_EXEC_FAILED ? 2 : 0;
	if (ev.header.type != EVENT_MODULE)
		return;
	e->file = MODULE_IN_FILE;
	ev.opened = script;
	ev.hash = &script_hash;
}

static void socket_base(unsigned int operation)
{
	struct socket_event *e = &ev.socket;

	e->parent = parent;
	e->operation = operation;
	e->ends.family = AF_INET;
	e->ends.protocol = IPPROTO_TCP;
	e->ends.netns = 1;
}

static void dns_base(void)
{
	static const __u8 question[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\1x\0\0\1\0\1";
	struct dns_event *e = &ev.dns;

	e->parent = parent;
	e->ends.family = AF_INET;
	e->ends.netns = 1;
	e->size = sizeof(question) - 1;
	memcpy(e->message, question, sizeof(question));
}

static void terminal_set(const char *text, size_t size)
{
	ev.text = text;
	ev.text_size = ev.terminal.size = size;
}

static void terminal_base(void)
{
	ev.terminal.parent = parent;
	strcpy(ev.terminal.tty, "pts0");
	terminal_set("text", 4);
}

static void file_base(unsigned int operation)
{
	struct file_event *e = &ev.file;

	e->parent = parent;
	e->operation = operation;
	e->after.mode = operation == FILE_MKNOD ? 020600 : 0100644;
	strcpy(e->type, "ext4");
}

#define COMM_OF(id, name, type, stack) [RECORD_##id] = offsetof(struct type, comm),

/* comm lies elsewhere in each struct. */
static char *comm_of(void)
{
	static const size_t offsets[] = { RECORDS(COMM_OF) };

	return (char *)&ev.header + offsets[event_class_get(ev.header.type)->record];
}

static void base(unsigned int type, unsigned int operation)
{
	memset(&ev, 0, sizeof(ev));
	ev.header.type = type;
	ev.exec.process = process; /* in all of them at the same place */
	texts_set("/text", 5);
	switch (event_class_get(type)->record) {
	case RECORD_EXEC:
		exec_base();
		break;
	case RECORD_FORK:
		ev.fork.child = process;
		ev.fork.parent = parent;
		break;
	case RECORD_EXIT:
		ev.exit.parent = parent;
		break;
	case RECORD_CREDENTIALS:
		ev.credentials.parent = parent;
		ev.credentials.user_ns_before = ev.credentials.user_ns_after = 1;
		break;
	case RECORD_NAMESPACES:
		ev.namespaces.parent = parent;
		ev.namespaces.before = ev.namespaces.after =
			(struct namespace_set){ 1, 2, 3, 4, 5, 6 };
		break;
	case RECORD_ACTION:
		action_base();
		break;
	case RECORD_FILE:
		file_base(operation);
		break;
	case RECORD_SOCKET:
		socket_base(operation);
		break;
	case RECORD_DNS:
		dns_base();
		break;
	case RECORD_TERMINAL:
		terminal_base();
		break;
	case RECORD_TYPES:
		break;
	}
	strcpy(comm_of(), "name");
}

/* Those of the class; 0: it has none. */
static const unsigned int *operations_of(unsigned int type, size_t *count)
{
	static unsigned int found[FILE_OPERATIONS + SOCKET_OPERATIONS];

	*count = 0;
#define OPERATION_OF(class, id, name, event_type, description) \
	if (type == EVENT_##class)                             \
		found[(*count)++] = id;
	FILE_OPERATION_TABLE(OPERATION_OF)
	SOCKET_OPERATION_TABLE(OPERATION_OF)
	if (!*count)
		found[(*count)++] = 0;
	return found;
}

/* ---- what is printed --------------------------------------------------- */

static void print_of(unsigned int type, const char *of)
{
	char what[64];

	snprintf(what, sizeof(what), "%s %s %s", event_type_name(type), event_action(&ev), of);
	print(what);
}

static void with_bits(unsigned int type, unsigned int operation, bool unread, __u32 bits,
                      const char *of)
{
	base(type, operation);
	*(unread ? &ev.header.unread : &ev.header.truncated) = bits;
	print_of(type, of);
}

static void print_bits(bool unread)
{
	unsigned int type, field;
	size_t count, i;

	for (type = 0; type < EVENT_TYPES; type++) {
		const unsigned int *operations = operations_of(type, &count);

		for (i = 0; i < count; i++) {
			for (field = 0; field < fields_count(type); field++)
				with_bits(type, operations[i], unread, 1U << field,
				          field_get(type, field)->id);
			with_bits(type, operations[i], unread, ~0U, "all");
			with_bits(type, operations[i], unread, 0, "none");
		}
	}
	host.boot_id[0] = '\0';
	with_bits(EVENT_EXIT, 0, unread, 0, "none");
}

static void print_empty(void)
{
	unsigned int type;
	size_t count, i;

	for (type = 0; type < EVENT_TYPES; type++) {
		const unsigned int *operations = operations_of(type, &count);

		for (i = 0; i < count; i++) {
			memset(&ev, 0, sizeof(ev));
			ev.header.type = type;
			if (event_class_get(type)->record == RECORD_FILE)
				ev.file.operation = operations[i];
			if (event_class_get(type)->record == RECORD_SOCKET)
				ev.socket.operation = operations[i];
			if (type == EVENT_EXEC_FAILED)
				ev.action.error = 2;
			if (type == EVENT_TERMINAL)
				terminal_base(), terminal_set("", 0);
			print_of(type, "empty");
		}
	}
}

/* Names of processes and files, and arguments, that could mislead a reader. */
static const char *const awkward[] = {
	"",
	"-l",
	"two words",
	"'",
	"\"",
	"\\",
	"\\'",
	"]",
	"[in",
	"a) uid 0 /bin/x:",
	"?",
	"read_errors:process.start",
	"a\nb",
	"\x1b[2J",
	"\x7f",
	"\xc2\x85next",
	"\xe2\x80\xa8line",
	"\xe2\x80\xaegnp.exe",
	"\xf3\xa0\x80\x81",
	"\xef\xbb\xbf",
	"\xff\xfe",
	"gr\xc3\xbc\xc3\x9f",
	"\xf0\x9f\x90\xa7",
};

#define AWKWARD (sizeof(awkward) / sizeof(awkward[0]))

static void words_of(unsigned int type, unsigned int operation, unsigned int number)
{
	const char *text = awkward[number];
	char of[16];

	base(type, operation);
	memset(comm_of(), 0, EVENTS_COMM_BYTES);
	memcpy(comm_of(), text, strnlen(text, EVENTS_COMM_BYTES));
	if (event_class_get(type)->record == RECORD_ACTION)
		strcpy(ev.action.text, text);
	if (type == EVENT_TERMINAL)
		terminal_set(text, strlen(text));
	texts_set(text, strlen(text));
	snprintf(of, sizeof(of), "%u", number);
	print_of(type, of);
}

static void print_words(void)
{
	unsigned int type, number, end;
	size_t count, i;

	for (type = 0; type < EVENT_TYPES; type++) {
		const unsigned int *operations = operations_of(type, &count);

		for (i = 0; i < count; i++)
			for (number = 0; number < AWKWARD; number++)
				words_of(type, operations[i], number);
	}
	base(EVENT_EXEC, 0);
	for (i = 0, end = 0; i < AWKWARD; i++) {
		strcpy(argv + end, awkward[i]);
		end += strlen(awkward[i]) + 1;
	}
	ev.exec.argv_size = ev.exec.argv_total = end;
	print("args");
}

/* What the loader knows of other processes is as long. */
static void executable_know(struct cache *cache, uint32_t pid, uint64_t start_ns)
{
	ev.exec.process.pid = pid;
	ev.exec.process.start_boottime_ns = start_ns;
	cache_event(cache, &ev);
}

static void cache_fill(struct cache *cache)
{
	executable_know(cache, parent.pid, parent.start_boottime_ns);
	executable_know(cache, parent.pgid, 1);
	executable_know(cache, 12, 1);
	executable_know(cache, process.pid, process.start_boottime_ns);
	ev.exec.process = process;
	ev.exec.sid = 12;
}

static void print_longest(void)
{
	static const char *const fills[] = {
		"\x01", "\xff", "\xff\x01\x01\x01", "\xc2\x9b", "\xf3\xa0\x80\x81", "\xff\0",
		"\0",   "' "
	};
	static const size_t sizes[] = { 1, 1, 4, 2, 4, 2, 1, 2 };
	static char fill[ARGV_BYTES_MAX];
	size_t i, at;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		base(EVENT_EXEC, 0);
		for (at = 0; at < sizeof(fill); at++)
			fill[at] = fills[i][at % sizes[i]];
		ev.argv = fill;
		ev.exec.argv_size = ev.exec.argv_total = ARGV_BYTES_MAX;
		texts_set(fill, EVENT_TEXT_BYTES);
		ev.interpreters = fill;
		ev.interpreters_size = INTERPRETERS_BYTES_MAX;
		memcpy(ev.exec.comm, fill, sizeof(ev.exec.comm));
		f.cache = cache_new();
		if (!f.cache)
			exit(1);
		cache_fill(f.cache);
		ev.header.unread = 1U << FIELD_EXEC_ENV;
		ev.header.truncated = ~0U;
		print("longest");
		cache_free(f.cache);
	}
	f.cache = NULL;
}

/* ---- what records of audit differ by ------------------------------------- */

static const struct credentials ids = { .uid = 1,
	                                .gid = 2,
	                                .euid = 3,
	                                .egid = 4,
	                                .suid = 5,
	                                .sgid = 6,
	                                .fsuid = 7,
	                                .fsgid = 8,
	                                .cap_inheritable = 0x10,
	                                .cap_permitted = 0x1f,
	                                .cap_effective = 0x12,
	                                .cap_bset = 0x1ffffffffff,
	                                .cap_ambient = 0x13 };

static void exec_full(void)
{
	base(EVENT_EXEC, 0);
	ev.exec.cred = ids;
	ev.exec.loginuid = 1000;
	ev.exec.sessionid = 3;
	ev.exec.inode = 77;
	ev.exec.device = 8U << 20 | 18;
	ev.exec.mode = 0100755;
	ev.exec.file_uid = 21;
	ev.exec.file_gid = 22;
	text_set(TEXT_EXE, "/usr/bin/env", 12);
	text_set(TEXT_CWD, "/home/a b", 9);
	text_set(TEXT_FILENAME, "./env", 5);
	text_set(TEXT_INTERP, "", 0);
}

/* Arguments of these sizes, of a letter or of a byte that has to be in hex. */
static void print_sized(const size_t *sizes, size_t count, char fill)
{
	size_t i, at = 0;

	exec_full();
	for (i = 0; i < count && at + sizes[i] < sizeof(argv); i++) {
		memset(argv + at, fill, sizes[i]);
		at += sizes[i];
		argv[at++] = '\0';
	}
	ev.exec.argv_size = ev.exec.argv_total = at;
	print_of(EVENT_EXEC, "sized");
}

static void print_args(void)
{
	static const size_t all[][4] = { { 7398, 1, 0, 3 },    { 7300, 7300, 7300, 2 },
		                         { 7499, 7500, 7501 }, { 30000, 7, 200 },
		                         { 3701, 3702, 3703 }, { 5000, 2397, 100 } };
	static char many[ARGV_BYTES_MAX];
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		print_sized(all[i], 4, 'a');
		print_sized(all[i], 4, '\n');
	}
	exec_full();
	ev.argv = many; /* empty ones */
	ev.exec.argv_size = ev.exec.argv_total = sizeof(many);
	print_of(EVENT_EXEC, "sized");
}

static void print_exits(void)
{
	static const unsigned int codes[] = { 0, 3 << 8, 9, 11, 6 | 0x80, 15, 3 | 0x80 };
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		base(EVENT_EXIT, 0);
		ev.exit.uid = 1;
		ev.exit.exit_code = codes[i];
		print_of(EVENT_EXIT, "various");
	}
}

/* From here on no two fields of an event have the same value: a swap of two shows. */
static void print_forks(void)
{
	static const struct fork_event caller = { .process = { 20, 21, 7000000000ULL },
		                                  .child = { 30, 31, 8000000000ULL },
		                                  .parent = { 20, 22, 7000000000ULL, "caller" },
		                                  .clone_flags = 0x1200000,
		                                  .exit_signal = 17,
		                                  .uid = 31 };
	struct event_header header;

	base(EVENT_FORK, 0);
	header = ev.header;
	ev.fork = caller;
	ev.header = header;
	strcpy(ev.fork.comm, "name");
	print_of(EVENT_FORK, "child");
	ev.fork.parent = parent;
	ev.fork.clone_flags |= 0x8000; /* CLONE_PARENT */
	print_of(EVENT_FORK, "sibling");
	ev.header.type = EVENT_THREAD;
	ev.fork.clone_flags = 0x10f00;
	ev.fork.exit_signal = 0;
	print_of(EVENT_THREAD, "thread");
}

/* Where after has 0, nothing changes. */
static void change_print(const struct credentials *after, uint32_t user_ns, const char *of)
{
	struct credentials *c = &ev.credentials.after;
	const uint32_t *id;
	size_t i;

	base(EVENT_CREDENTIALS, 0);
	ev.credentials.before = *c = ids;
	for (i = 0, id = &after->uid; i < 8; i++)
		if (id[i])
			(&c->uid)[i] = id[i];
	if (after->cap_effective) {
		c->cap_inheritable = after->cap_inheritable;
		c->cap_permitted = after->cap_permitted;
		c->cap_effective = after->cap_effective;
		c->cap_ambient = after->cap_ambient;
	}
	if (after->cap_bset)
		c->cap_bset = after->cap_bset;
	ev.credentials.user_ns_before = 101;
	ev.credentials.user_ns_after = user_ns;
	print_of(EVENT_CREDENTIALS, of);
}

static void print_changes(void)
{
	change_print(&(struct credentials){ .uid = 11, .euid = 13, .suid = 15, .fsuid = 17 }, 101,
	             "users");
	change_print(&(struct credentials){ .fsuid = 17 }, 101, "fsuid");
	change_print(&(struct credentials){ .gid = 12, .egid = 14, .sgid = 16, .fsgid = 18 }, 101,
	             "groups");
	change_print(&(struct credentials){ .cap_inheritable = 0x20,
	                                    .cap_permitted = 0x2f,
	                                    .cap_effective = 0x22,
	                                    .cap_ambient = 0x23 },
	             101, "capabilities");
	change_print(&(struct credentials){ .cap_bset = 0x3f }, 101, "bounding");
	change_print(&(struct credentials){ 0 }, 102, "namespace");
	base(EVENT_NAMESPACES, 0);
	ev.namespaces.uid = 31;
	ev.namespaces.before = (struct namespace_set){ 41, 42, 43, 44, 45, 46 };
	ev.namespaces.after = (struct namespace_set){ 51, 52, 53, 54, 55, 56 };
	print_of(EVENT_NAMESPACES, "all");
	ev.namespaces.before.cgroup = ev.namespaces.after.cgroup = 0; /* before 4.6 */
	print_of(EVENT_NAMESPACES, "old");
}

static void action_print(unsigned int type, unsigned int number, unsigned int error, const char *of)
{
	base(type, 0);
	ev.action.uid = 31;
	ev.action.number = number;
	ev.action.value = 0xabc;
	ev.action.error = error;
	print_of(type, of);
}

static void print_actions(void)
{
	action_print(EVENT_PTRACE, PTRACE_POKEDATA, 0, "poke");
	ev.header.unread = 1U << FIELD_ACTION_OBJECT;
	print_of(EVENT_PTRACE, "unread");
	action_print(EVENT_PTRACE, PTRACE_ATTACH, EPERM, "refused");
	action_print(EVENT_PROCESS_ACCESS, 0x12, EPERM, "refused");
	action_print(EVENT_SIGNAL, 15, 0, "sent");
	ev.action.target.start_boottime_ns = 0;
	print_of(EVENT_SIGNAL, "by number");
	action_print(EVENT_MEMFD, 0, 0, "made");
	action_print(EVENT_BPF, 6, 0, "loaded");
	action_print(EVENT_MODULE, 1, 0, "load");
	ev.action.file = MODULE_IN_MEMORY;
	print_of(EVENT_MODULE, "memory");
	action_print(EVENT_MODULE, 0, 0, "unload");
	ev.header.unread = 1U << FIELD_ACTION_OBJECT;
	print_of(EVENT_MODULE, "unread");
	action_print(EVENT_EXEC_FAILED, 0, EACCES, "refused");
}

static void file_set(unsigned int type, unsigned int operation)
{
	base(type, operation);
	ev.file.uid = 31;
	ev.file.inode = 77;
	ev.file.replaced_inode = 78;
	ev.file.size = 0x1234;
	ev.file.device = 8U << 20 | 18;
	ev.file.rdev = 1U << 20 | 3;
	ev.file.before = (struct file_owner){ 0100600, 41, 42 };
	ev.file.after = (struct file_owner){ 0100644, 51, 52 };
	ev.file.flags = 0x8241;
	text_set(FILE_PATH, "/new/name", 9);
	text_set(FILE_OTHER_PATH, "/old name", 9);
	text_set(FILE_STRING, "it's", 4);
	text_set(FILE_TYPE, "ext4", 4);
}

static void print_files(void)
{
	static char name[3000];

#define FILE_PRINT(class, id, name, event_type, description) \
	file_set(EVENT_##class, id);                         \
	print_of(EVENT_##class, "done");
	FILE_OPERATION_TABLE(FILE_PRINT)
	memset(name, 'a', sizeof(name));
	memcpy(name + sizeof(name) - 12, "/etc/shadow'", 12);
	file_set(EVENT_FILE, FILE_SYMLINK);
	text_set(FILE_STRING, name, sizeof(name));
	print_of(EVENT_FILE, "long");
}

static void socket_set(unsigned int operation, bool outgoing)
{
	base(EVENT_SOCKET, operation);
	ev.socket.uid = 31;
	ev.socket.ends = (struct socket_ends){ .local = { 192, 0, 2, 1 },
		                               .remote = { 192, 0, 2, 7 },
		                               .local_port = 40000,
		                               .remote_port = 443,
		                               .family = AF_INET,
		                               .protocol = IPPROTO_TCP };
	ev.socket.sent.bytes = 1000;
	ev.socket.received.bytes = 200;
	ev.socket.outgoing = outgoing;
	ev.socket.error = operation == SOCKET_CONNECT ? 111 : 0;
}

static void socket_print(unsigned int operation, bool outgoing, const char *v4, const char *v6)
{
	socket_set(operation, outgoing);
	print_of(EVENT_SOCKET, v4);
	ev.socket.ends.family = AF_INET6;
	memcpy(ev.socket.ends.local, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	memcpy(ev.socket.ends.remote, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2", 16);
	print_of(EVENT_SOCKET, v6);
}

static void print_sockets(void)
{
	unsigned int operation;

	for (operation = 1; operation < SOCKET_OPERATIONS; operation++)
		socket_print(operation, operation == SOCKET_CONNECT || operation == SOCKET_CLOSE,
		             "v4", "v6");
	socket_print(SOCKET_DATAGRAM, true, "v4 out", "v6 out");
	base(EVENT_SOCKET, SOCKET_CONNECT);
	ev.socket.ends.family = AF_UNIX;
	memcpy(ev.socket.name, "/run/a b", 8);
	ev.socket.name_size = 8;
	print_of(EVENT_SOCKET, "unix");
	memcpy(ev.socket.name, "\0abstract", 9);
	ev.socket.name_size = 9;
	print_of(EVENT_SOCKET, "unix");
}

static void print_dns(void)
{
	static const __u8 question[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\1x\0\0\x1c\0\3";

	base(EVENT_DNS, 0);
	ev.dns.uid = 31;
	ev.dns.ends.local_port = 40000;
	ev.dns.ends.remote_port = 53;
	ev.dns.ends.protocol = IPPROTO_UDP;
	memcpy(ev.dns.ends.local, "\xc0\0\2\1", 4);
	memcpy(ev.dns.ends.remote, "\xc0\0\2\6", 4);
	memcpy(ev.dns.message, question, sizeof(question) - 1);
	print_of(EVENT_DNS, "asked");
}

static void print_terminal(void)
{
	base(EVENT_TERMINAL, 0);
	ev.terminal.uid = 31;
	terminal_set("\x1b[1mpassword'\r\n", 15);
	print_of(EVENT_TERMINAL, "written");
	terminal_set("", 0);
	ev.terminal.skipped = 65536;
	ev.terminal.exceeded = 1;
	print_of(EVENT_TERMINAL, "skipped");
}

/* A process whose program is known from the fifth nanosecond on: signals before and after that. */
static void print_known(void)
{
	f.cache = cache_new();
	if (!f.cache)
		exit(1);
	exec_full();
	ev.header.time_ns = 5;
	memcpy(argv, "env\0-i", 7);
	ev.exec.argv_size = ev.exec.argv_total = 7;
	cache_event(f.cache, &ev);
	base(EVENT_SIGNAL, 0);
	ev.header.time_ns = 4;
	print_of(EVENT_SIGNAL, "before");
	ev.header.time_ns = 6;
	print_of(EVENT_SIGNAL, "after");
	cache_free(f.cache);
	f.cache = NULL;
}

static void print_various(void)
{
	exec_full();
	print_of(EVENT_EXEC, "full");
	text_set(TEXT_INTERP, "/bin/sh", 7);
	print_of(EVENT_EXEC, "script");
	ev.header.unread = 1U << FIELD_EXEC_INTERP;
	print_of(EVENT_EXEC, "perhaps a script");
	print_args();
	print_exits();
	print_forks();
	print_changes();
	print_actions();
	print_files();
	print_sockets();
	print_dns();
	print_terminal();
	print_known();
}

/* ---- what the sensor says of itself, as records of audit ----------------- */

/* A container of whose facts there is more than is written. */
static void print_container(void)
{
	static const char hexadecimal[] =
		"c0ffee00112233445566778899aabbccddeeff00112233445566778899aabbcc";
	const struct container_id id = { .text = hexadecimal, .size = 64 };
	static struct container_facts facts = { .runtime = RUNTIME_PODMAN };
	struct containers *containers = containers_new();
	unsigned int i;

	if (!containers)
		exit(1);
	for (i = 0; i < CONTAINER_FACTS; i++) {
		facts.texts[i].size = sizeof(facts.texts[i].bytes);
		memset(facts.texts[i].bytes, 'a' + i, facts.texts[i].size);
	}
	if (container_entry_set(containers_add(containers, hexadecimal, 1), &facts))
		exit(1);
	f.containers = containers;
	form_audit.container(&f, 0, &id);
	records_print();
	f.containers = NULL;
	containers_free(containers);
}

/* Of a path that is too long the end is written. */
static void print_long_own(void)
{
	static const struct budget_report budget = { 50, 70, 4096 };
	static char path[2100];
	struct late_hash late = { .process = process,
		                  .exe = path,
		                  .exe_size = sizeof(path) - 1,
		                  .hash = { .reason = "it is gone" } };

	memset(path, 'a', sizeof(path) - 1);
	memcpy(path + sizeof(path) - 10, "/the/end\n", 9);
	form_audit.hash(&f, 0, &late);
	records_print();
	form_audit.budget(&f, 0, &budget, path);
	records_print();
}

static void print_audit_own(void)
{
	static const struct budget_report budgets[] = { { 50, 70, 4096 }, { 50, 10, 0 } };
	static const struct loss losses[] = {
		{ .type = EVENT_EXEC, .cpu = 1, .count = 3 },
		{ .type = EVENT_TYPES },
		{ .type = EVENT_EXEC, .count = 1, .output = "it's\n" },
		{ .type = EVENT_EXEC, .count = 1, .is_shed = true }
	};
	static const uint8_t sha256[32] = { 0xab };
	struct late_hash late = {
		.process = process, .exe = "/a b'\n", .exe_size = 6, .hash = { .sha256 = sha256 }
	};
	struct agent_report report = {
		.uptime_ns = 5000000000ULL,
		.classes = { [EVENT_EXEC] = { .written = 30, .waiting = 7, .lost = 2 },
		             [EVENT_FORK] = { .written = 100, .lost = 3 } }
	};
	size_t i;

	for (i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		form_audit.loss(&f, 0, &losses[i]);
		records_print();
	}
	for (i = AGENT_START; i <= AGENT_STOP; i++) {
		form_audit.agent(&f, 0, i, &report);
		records_print();
	}
	form_audit.of_class(&f, 0, EVENT_DNS, "its 'reason'\ntype=USER");
	records_print();
	form_audit.of_class(&f, 0, EVENT_DNS, NULL);
	records_print();
	for (i = 0; i < 2; i++) {
		form_audit.budget(&f, 0, &budgets[i], "/bin/a b");
		records_print();
	}
	form_audit.hash(&f, 0, &late);
	records_print();
	late.hash.reason = "it is gone";
	form_audit.hash(&f, 0, &late);
	records_print();
	late.script = &script;
	late.hash = script_hash;
	form_audit.hash(&f, 0, &late);
	records_print();
	print_long_own();
	print_container();
}

static void audit_begin(const char *path)
{
	audit_file = fopen(path, "w");
	if (!audit_file)
		exit(1);
	f.clock.monotonic_ns = 1796012345678000000;
}

/* ---- what the sensor says of itself ------------------------------------- */

#define OF_FORM(name, call)                                      \
	printf("%s", name);                                      \
	for (form = forms; form < forms + 3; form++) {           \
		(*form)->call;                                   \
		printf("\t%.*s", (int)f.json.size, f.json.text); \
	}                                                        \
	printf("\n");                                            \
	f.own_events++

static const struct line_form *const forms[] = { &form_json, &form_text, &form_ocsf };
static const struct line_form *const *form;

static void print_agent(void)
{
	static struct agent_report report = {
		.kernel = "4.4.0",
		.row = "4.4.0",
		.source = "stream",
		.how = "by release",
		.classes = { [EVENT_EXEC] = { .is_wanted = true,
		                              .works = true,
		                              .source = "kprobe",
		                              .lacks = "",
		                              .written = 3 },
		             [EVENT_FORK] = { .is_wanted = true, .reason = "none" } },
		.outputs = { { .name = "-", .counts = { [EVENT_EXEC] = { .made = 3 } } } },
		.output_count = 1,
		.problems = { "a problem" },
		.problem_count = 1
	};

	OF_FORM("agent_start", agent(&f, 1, AGENT_START, &report));
	OF_FORM("heartbeat", agent(&f, 1, AGENT_HEARTBEAT, &report));
	OF_FORM("agent_stop", agent(&f, 1, AGENT_STOP, &report));
}

static void print_hashes(void)
{
	static const uint8_t sha256[32] = { 1, 2, 3 };
	struct late_hash late = {
		.process = process, .exe = "/a", .exe_size = 2, .hash = { .sha256 = sha256 }
	};

	OF_FORM("hash", hash(&f, 1, &late));
	late = (struct late_hash){ .process = process,
		                   .is_start_unread = true,
		                   .hash = { .reason = "it is gone" } };
	OF_FORM("hash", hash(&f, 1, &late));
	late.script = &script;
	OF_FORM("hash", hash(&f, 1, &late));
	late.hash = script_hash;
	OF_FORM("hash", hash(&f, 1, &late));
	late.script = NULL;
	late.module = &script;
	OF_FORM("hash", hash(&f, 1, &late));
	late = (struct late_hash){ .process = process,
		                   .exe = "/a.ko",
		                   .exe_size = 5,
		                   .module = &script,
		                   .hash = { .reason = "it is gone" } };
	OF_FORM("hash", hash(&f, 1, &late));
}

static void print_own(void)
{
	struct loss loss = { .type = EVENT_EXEC, .cpu = 1, .count = 5 };
	struct budget_report budget = { 50, 83, 131072 };

	OF_FORM("loss", loss(&f, 1, &loss));
	loss = (struct loss){ .type = EVENT_TYPES, .reason = "the programs missed some" };
	OF_FORM("loss", loss(&f, 1, &loss));
	loss = (struct loss){ .type = EVENT_EXEC, .count = 1, .output = "a \xff b" };
	OF_FORM("loss", loss(&f, 1, &loss));
	print_agent();
	OF_FORM("class_degraded", of_class(&f, 1, EVENT_EXEC, "it does not report"));
	OF_FORM("class_restored", of_class(&f, 1, EVENT_EXEC, NULL));
	OF_FORM("budget_exceeded", budget(&f, 1, &budget, "/a\xff"));
	budget.share_bytes = 0;
	OF_FORM("budget_restored", budget(&f, 1, &budget, "/a"));
	print_hashes();
}

/* ---- what OCSF tells apart ---------------------------------------------- */

static void action_kind(unsigned int type, unsigned int number, unsigned int error, const char *of)
{
	base(type, 0);
	ev.action.number = number;
	ev.action.error = error;
	print_of(type, of);
}

static void credentials_kind(uint32_t euid, uint32_t egid, const char *of)
{
	base(EVENT_CREDENTIALS, 0);
	ev.credentials.after.euid = euid;
	ev.credentials.after.egid = egid;
	print_of(EVENT_CREDENTIALS, of);
}

static void exit_kind(unsigned int code, const char *of)
{
	base(EVENT_EXIT, 0);
	ev.exit.exit_code = code;
	print_of(EVENT_EXIT, of);
}

static void file_kind(unsigned int mode, const char *of)
{
	base(EVENT_FILE, FILE_OPEN);
	ev.file.after.mode = mode;
	ev.file.inode = 42;
	ev.file.size = 1ULL << 40;
	text_set(FILE_PATH, of, strlen(of));
	print_of(EVENT_FILE, of);
}

static void rename_kind(unsigned int operation)
{
	base(EVENT_FILE, operation);
	text_set(FILE_PATH, "/new/name", 9);
	text_set(FILE_OTHER_PATH, "/old/name of it", 15);
	ev.file.replaced_inode = 43;
	print_of(EVENT_FILE, "paths");
}

static void socket_kind(unsigned int operation, int error, unsigned int protocol, const char *of)
{
	base(EVENT_SOCKET, operation);
	ev.socket.error = error;
	ev.socket.ends.protocol = protocol;
	ev.socket.outgoing = 1;
	ev.socket.sent.bytes = 1000;
	ev.socket.received.bytes = 200;
	memcpy(ev.socket.ends.local, "\x7f\0\0\1", 4);
	memcpy(ev.socket.ends.remote, "\x0a\1\2\3", 4);
	ev.socket.ends.local_port = 1024;
	ev.socket.ends.remote_port = 53;
	ev.header.time_ns = 3000000;
	print_of(EVENT_SOCKET, of);
	ev.socket.outgoing = 0;
	ev.socket.ends.family = AF_INET6;
	ev.socket.ends.remote[15] = 7;
	print_of(EVENT_SOCKET, "IPv6");
	ev.socket.ends.family = AF_UNIX;
	memcpy(ev.socket.name, "\0name\xff", 6);
	ev.socket.name_size = 6;
	print_of(EVENT_SOCKET, "Unix");
}

static void exec_kind(void)
{
	static const char env[] = "LD_PRELOAD=\xff=\0X=1\0LD_PRELOAD=\0LD_PRELOAD=a=b";
	static const uint8_t sha256[32] = { 0xfe };
	static const struct event_hash hash = { .sha256 = sha256 };

	base(EVENT_EXEC, 0);
	ev.env = env;
	ev.exec.env_size = sizeof(env);
	ev.hash = &hash;
	ev.exec.caller_tid = 12;
	ev.exec.loginuid = ev.exec.sessionid = 0xffffffff;
	ev.exec.cred.euid = 0xfffffffe;
	text_set(TEXT_EXE, "/usr/bin/", 9);
	print_of(EVENT_EXEC, "slash");
}

static void print_kinds(void)
{
	exec_kind();
	action_kind(EVENT_PTRACE, PTRACE_ATTACH, 0, "attach");
	action_kind(EVENT_PTRACE, PTRACE_SEIZE, EPERM, "refused");
	action_kind(EVENT_PTRACE, PTRACE_POKEDATA, 0, "poke");
	action_kind(EVENT_SIGNAL, 9, 4095, "errno");
	action_kind(EVENT_MODULE, 0, 0, "unload");
	action_kind(EVENT_MODULE, 1, 0, "load");
	ev.header.unread = 1U << FIELD_ACTION_OBJECT;
	ev.action.number = 0;
	print_of(EVENT_MODULE, "unread");
	credentials_kind(0, 1, "group");
	credentials_kind(1, 0, "user");
	ev.header.unread = 1U << FIELD_CREDENTIALS_BEFORE;
	print_of(EVENT_CREDENTIALS, "before unread");
	ev.header.unread = 1U << FIELD_CREDENTIALS_AFTER;
	print_of(EVENT_CREDENTIALS, "after unread");
	exit_kind(3 << 8, "code");
	exit_kind(64, "signal");
	exit_kind(11 | 0x80, "core");
	ev.header.unread = 1U << FIELD_EXIT_CODE;
	print_of(EVENT_EXIT, "unread");
	file_kind(0040755, "/");
	file_kind(0120777, "/a/link");
	file_kind(0140777, "name");
	file_kind(0010644, "/a/");
	file_kind(0060644, "");
	rename_kind(FILE_RENAME);
	rename_kind(FILE_EXCHANGE);
	rename_kind(FILE_LINK);
	socket_kind(SOCKET_CONNECT, 0, IPPROTO_TCP, "open");
	socket_kind(SOCKET_CONNECT, ECONNREFUSED, IPPROTO_TCP, "refused");
	socket_kind(SOCKET_CONNECT, ETIMEDOUT, IPPROTO_TCP, "fails");
	socket_kind(SOCKET_BIND, EADDRINUSE, IPPROTO_UDP, "fails");
	socket_kind(SOCKET_CLOSE, 0, IPPROTO_TCP, "counted");
	socket_kind(SOCKET_FLOW, 0, IPPROTO_UDPLITE, "counted");
	base(EVENT_DNS, 0);
	ev.dns.size = 2;
	print_of(EVENT_DNS, "short");
}

int main(int argc, char **args)
{
	const char *what = argc > 1 && argc < 4 ? args[1] : "";

	jsonw_init(&f.json);
	if (argc == 3)
		audit_begin(args[2]);
	if (!strcmp(what, "unread") || !strcmp(what, "cut"))
		print_bits(!strcmp(what, "unread"));
	else if (!strcmp(what, "empty"))
		print_empty();
	else if (!strcmp(what, "words"))
		print_words();
	else if (!strcmp(what, "longest"))
		print_longest();
	else if (!strcmp(what, "various"))
		print_various();
	else if (!strcmp(what, "own"))
		print_own();
	else if (!strcmp(what, "kinds"))
		print_kinds();
	else
		return 2;
	if (audit_file)
		print_audit_own();
	if (audit_file && fclose(audit_file))
		return 1;
	jsonw_deinit(&f.json);
	return 0;
}
