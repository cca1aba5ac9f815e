/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests/cli/events.py: an event of each class and operation, as it is
 * written with each of its fields unread or cut, or with awkward texts. A line
 * has what it is of, the JSON and the text, with tabs between.
 *
cut|cut|words|longest|names
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "loader/event/ecs.h"
#include "loader/stream/fields.h"
#include "loader/event/format.h"
#include "loader/event/line.h"

static struct event ev;
static char argv[ARGV_BYTES_MAX];
static struct host host = { .name = "host", .boot_id = "01234567-89ab-cdef-0123-456789abcdef" };
static struct format f = { .host = &host, .env = "LD_PRELOAD" };

static void print(const char *what)
{
	if (format_json(&f, &ev))
		exit(1);
	printf("%s\t%.*s", what, (int)f.json.size, f.json.text);
	if (format_text(&f, &ev))
		exit(1);
	printf("\t%.*s\n", (int)f.json.size, f.json.text);
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
}

static void action_base(void)
{
	struct action_event *e = &ev.action;

	e->parent = parent;
	if (ev.header.type <= EVENT_SIGNAL)
		e->target = target;
	e->number = 4; /* PTRACE_POKETEXT */
	strcpy(e->text, "name");
	e->error = ev.header.type == EVENT_EXEC_FAILED ? 2 : 0;
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

static void file_base(unsigned int operation)
{
	struct file_event *e = &ev.file;

	e->parent = parent;
	e->operation = operation;
	e->after.mode = operation == FILE_MKNOD ? 020600 : 0100644;
	strcpy(e->type, "ext4");
}

/* comm lies elsewhere in each struct. */
static char *comm_of(void)
{
	switch ((enum event_type)ev.header.type) {
	case EVENT_EXEC:
		return ev.exec.comm;
	case EVENT_FORK:
	case EVENT_THREAD:
		return ev.fork.comm;
	case EVENT_EXIT:
		return ev.exit.comm;
	case EVENT_CREDENTIALS:
		return ev.credentials.comm;
	case EVENT_NAMESPACES:
		return ev.namespaces.comm;
	case EVENT_FILE:
	case EVENT_MOUNT:
		return ev.file.comm;
	case EVENT_SOCKET:
		return ev.socket.comm;
	case EVENT_DNS:
		return ev.dns.comm;
	default:
		return ev.action.comm;
	}
}

static void base(unsigned int type, unsigned int operation)
{
	memset(&ev, 0, sizeof(ev));
	ev.header.type = type;
	ev.exec.process = process; /* in all of them at the same place */
	texts_set("/text", 5);
	switch ((enum event_type)type) {
	case EVENT_EXEC:
		exec_base();
		break;
	case EVENT_FORK:
	case EVENT_THREAD:
		ev.fork.child = process;
		ev.fork.parent = parent;
		break;
	case EVENT_EXIT:
		ev.exit.parent = parent;
		break;
	case EVENT_CREDENTIALS:
		ev.credentials.parent = parent;
		ev.credentials.user_ns_before = ev.credentials.user_ns_after = 1;
		break;
	case EVENT_NAMESPACES:
		ev.namespaces.parent = parent;
		ev.namespaces.before = ev.namespaces.after =
			(struct namespace_set){ 1, 2, 3, 4, 5, 6 };
		break;
	case EVENT_FILE:
	case EVENT_MOUNT:
		file_base(operation);
		break;
	case EVENT_SOCKET:
		socket_base(operation);
		break;
	case EVENT_DNS:
		dns_base();
		break;
	default:
		action_base();
	}
	strcpy(comm_of(), "name");
}

static void operations_of(unsigned int type, unsigned int *first, unsigned int *end)
{
	*first = type == EVENT_MOUNT ? FILE_MOUNT : type == EVENT_FILE || type == EVENT_SOCKET;
	*end = type == EVENT_FILE     ? FILE_MOUNT
	       : type == EVENT_MOUNT  ? FILE_OPERATIONS
	       : type == EVENT_SOCKET ? SOCKET_OPERATIONS
	                              : 1;
}

static const char *action_of(unsigned int type, unsigned int operation)
{
	if (type == EVENT_FILE || type == EVENT_MOUNT)
		return file_operation_name(operation);
	return type == EVENT_SOCKET ? socket_operation_name(operation) : event_type_name(type);
}

/* ---- what is printed --------------------------------------------------- */

/* Of FIELDS all of them, of FIELDS + 1 none. */
static void with_bits(unsigned int type, unsigned int operation, bool unread, unsigned int field)
{
	char what[64];

	base(type, operation);
	if (field < FIELDS)
		*(unread ? &ev.header.unread : &ev.header.truncated) = 1U << field;
	if (field == FIELDS)
		*(unread ? &ev.header.unread : &ev.header.truncated) = ~0U;
	snprintf(what, sizeof(what), "%s %u", action_of(type, operation), field);
	print(what);
}

static void print_bits(bool unread)
{
	unsigned int type, operation, end, field;

	for (type = 0; type < EVENT_TYPES; type++)
		for (operations_of(type, &operation, &end); operation < end; operation++)
			for (field = 0; field <= FIELDS + 1; field++)
				with_bits(type, operation, unread, field);
	host.boot_id[0] = '\0';
	with_bits(EVENT_EXIT, 0, unread, FIELDS + 1);
}

/* What anybody may call a process or a file, or give as an argument. */
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
	"unread:process.start",
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

static void print_words(void)
{
	unsigned int type, operation, end, i;
	char what[64];

	for (type = 0; type < EVENT_TYPES; type++) {
		for (operations_of(type, &operation, &end); operation < end; operation++) {
			for (i = 0; i < AWKWARD; i++) {
				base(type, operation);
				memset(comm_of(), 0, EVENTS_COMM_BYTES);
				memcpy(comm_of(), awkward[i],
				       strnlen(awkward[i], EVENTS_COMM_BYTES));
				if (ev.header.type >= EVENT_PTRACE && ev.header.type < EVENT_FILE)
					strcpy(ev.action.text, awkward[i]);
				texts_set(awkward[i], strlen(awkward[i]));
				snprintf(what, sizeof(what), "%s %u", action_of(type, operation),
				         i);
				print(what);
			}
		}
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
		ev.header.unread = 1U << FIELD_ENV;
		ev.header.truncated = ~0U;
		print("longest");
		cache_free(f.cache);
	}
	f.cache = NULL;
}

int main(int argc, char **args)
{
	const char *what = argc == 2 ? args[1] : "";

	jsonw_init(&f.json);
	if (!strcmp(what, "unread") || !strcmp(what, "cut"))
		print_bits(!strcmp(what, "unread"));
	else if (!strcmp(what, "words"))
		print_words();
	else if (!strcmp(what, "longest"))
		print_longest();
	else
		return 2;
	jsonw_deinit(&f.json);
	return 0;
}
