/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line per event for a person at a terminal. What is anybody's text (names,
 * paths, arguments) is one word: docs/events.md says how it is quoted.
 */
#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "loader/event/ecs.h"
#include "loader/stream/fields.h"
#include "loader/event/line.h"

/* Bytes of which a word may consist without quotes: no blank, quote, backslash, bracket, ?. */
static const unsigned char bare[256] = {
	['!'] = 1, ['#' ... '&'] = 1, ['*' ... '>'] = 1, ['@' ... 'Z'] = 1, ['^' ... '~'] = 1,
};

static bool is_bare(const unsigned char *s, size_t size)
{
	size_t i;

	for (i = 0; i < size && bare[s[i]]; i++)
		continue;
	return size && i == size;
}

/* In quotes: \\ and \' for those two, \xNN for what is no printable ASCII. */
static char *quoted_byte(char *at, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	if (c >= 0x20 && c < 0x7f) {
		if (c == '\\' || c == '\'')
			*at++ = '\\';
		*at++ = c;
		return at;
	}
	*at++ = '\\';
	*at++ = 'x';
	*at++ = digits[c >> 4];
	*at++ = digits[c & 15];
	return at;
}

/* Text of anybody's, as one word that cannot look like two, or like the end of the line. */
static void word(struct jsonw *out, const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	char part[4 * 64 + 1], *at = part;
	size_t i;

	if (is_bare(s, size)) {
		jsonw_put(out, text, size);
		return;
	}
	jsonw_put(out, "'", 1);
	for (i = 0; i < size; i++) {
		at = quoted_byte(at, s[i]);
		if (i % 64 == 63) {
			jsonw_put(out, part, at - part);
			at = part;
		}
	}
	*at++ = '\'';
	jsonw_put(out, part, at - part);
}

/* What could not be read; a text is never that without quotes. */
static void unknown(struct jsonw *out)
{
	jsonw_put(out, "?", 1);
}

static void comm(struct jsonw *out, const char *name)
{
	word(out, name, strnlen(name, EVENTS_COMM_BYTES));
}

static void args(struct jsonw *out, const struct event *ev)
{
	const char *argv = ev->argv;
	size_t left = ev->exec.argv_size, next, length;

	if (event_unread(ev, FIELD_ARGV)) {
		jsonw_put(out, " ", 1);
		unknown(out);
		return;
	}
	for (; left; argv += next, left -= next) {
		next = strings_next(argv, left, &length);
		jsonw_put(out, " ", 1);
		word(out, argv, length);
	}
}

static void text(struct jsonw *out, const struct event *ev, enum event_text text)
{
	if (event_unread(ev, FIELD_TEXTS + text))
		unknown(out);
	else
		word(out, ev->texts[text].text, ev->texts[text].size);
}

static void parent(struct jsonw *out, const struct event *ev, const struct parent_ids *p)
{
	if (event_unread(ev, FIELD_PARENT)) {
		jsonw_printf(out, " (parent ?)");
		return;
	}
	jsonw_printf(out, " (parent %u ", p->pid);
	comm(out, p->comm);
	jsonw_put(out, ")", 1);
}

static void uid(struct jsonw *out, uint32_t id, bool unread)
{
	if (unread)
		jsonw_printf(out, " uid ?");
	else
		jsonw_printf(out, " uid %u", id);
}

static void exec_text(struct jsonw *out, const struct event *ev)
{
	jsonw_printf(out, "%u", ev->exec.process.pid);
	parent(out, ev, &ev->exec.parent);
	uid(out, ev->exec.cred.uid, event_unread(ev, FIELD_CRED));
	jsonw_put(out, " ", 1);
	text(out, ev, TEXT_EXE);
	jsonw_put(out, ":", 1);
	args(out, ev);
	jsonw_printf(out, " [in ");
	text(out, ev, TEXT_CWD);
	jsonw_put(out, "]", 1);
}

static void fork_text(struct jsonw *out, const struct event *ev)
{
	jsonw_printf(out, "%u", ev->fork.child.pid);
	if (ev->header.type == EVENT_THREAD)
		jsonw_printf(out, " thread %u", ev->fork.child.tid);
	parent(out, ev, &ev->fork.parent);
	uid(out, ev->fork.uid, false);
	jsonw_printf(out, " flags 0x%llx", (unsigned long long)ev->fork.clone_flags);
}

static void exit_text(struct jsonw *out, const struct event *ev)
{
	uint32_t code = ev->exit.exit_code;

	jsonw_printf(out, "%u ", ev->exit.process.pid);
	comm(out, ev->exit.comm);
	if (event_unread(ev, FIELD_EXIT_CODE))
		jsonw_printf(out, " code unknown");
	else if (code & 0x7f)
		jsonw_printf(out, " signal %u%s", code & 0x7f, code & 0x80 ? " (core dumped)" : "");
	else
		jsonw_printf(out, " code %u", (code >> 8) & 0xff);
}

/* Is a change known from both sides? */
static bool change_known(struct jsonw *out, const struct event *ev)
{
	if (!event_unread(ev, FIELD_BEFORE) && !event_unread(ev, FIELD_AFTER))
		return true;
	jsonw_put(out, " ", 1);
	unknown(out);
	return false;
}

static void credentials_text(struct jsonw *out, const struct event *ev)
{
	const struct credentials_event *e = &ev->credentials;
	const struct credentials *b = &e->before, *a = &e->after;

	jsonw_printf(out, "%u ", e->process.pid);
	comm(out, e->comm);
	if (!change_known(out, ev))
		return;
	jsonw_printf(out, " uid %u,%u,%u to %u,%u,%u gid %u,%u,%u to %u,%u,%u", b->uid, b->euid,
	             b->suid, a->uid, a->euid, a->suid, b->gid, b->egid, b->sgid, a->gid, a->egid,
	             a->sgid);
	jsonw_printf(out, " effective %llx to %llx", (unsigned long long)b->cap_effective,
	             (unsigned long long)a->cap_effective);
}

static void namespaces_text(struct jsonw *out, const struct event *ev)
{
	const struct namespaces_event *e = &ev->namespaces;

	jsonw_printf(out, "%u ", e->process.pid);
	comm(out, e->comm);
	uid(out, e->uid, false);
	if (!change_known(out, ev))
		return;
	jsonw_printf(out, " mnt %u to %u net %u to %u pid %u to %u", e->before.mnt, e->after.mnt,
	             e->before.net, e->after.net, e->before.pid_for_children,
	             e->after.pid_for_children);
}

static void target(struct jsonw *out, const struct event *ev)
{
	const struct parent_ids *t = &ev->action.target;

	if (event_unread(ev, FIELD_TARGET)) {
		jsonw_printf(out, " -> ?");
		return;
	}
	jsonw_printf(out, " -> %u", t->pid);
	if (!t->start_boottime_ns)
		return; /* known by its number alone */
	jsonw_put(out, " ", 1);
	comm(out, t->comm);
}

/* What was done, but its name. */
static void deed(struct jsonw *out, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	bool unread = event_unread(ev, FIELD_OBJECT);

	if (e->header.type == EVENT_MODULE)
		jsonw_printf(out, e->number ? " loaded" : " unloaded");
	if (e->header.type == EVENT_SIGNAL)
		jsonw_printf(out, unread ? " signal ?" : " signal %u", e->number);
	if (e->header.type == EVENT_PTRACE)
		jsonw_printf(out, " %s", unread ? "?" : ptrace_request_name(e->number));
}

static void action_text(struct jsonw *out, const struct event *ev)
{
	const struct action_event *e = &ev->action;
	bool has_name = e->header.type >= EVENT_MEMFD; /* of the memfd, program, module, file */

	jsonw_printf(out, "%u ", e->process.pid);
	comm(out, e->comm);
	uid(out, e->uid, false);
	if (e->header.type <= EVENT_SIGNAL)
		target(out, ev);
	deed(out, ev);
	if (e->error)
		jsonw_printf(out, " %s%s", strerror(e->error), has_name ? ":" : "");
	if (!has_name)
		return;
	jsonw_put(out, " ", 1);
	if (event_unread(ev, FIELD_OBJECT))
		unknown(out);
	else
		word(out, e->text, strnlen(e->text, sizeof(e->text)));
}

static void file_text(struct jsonw *out, const struct event *ev)
{
	const struct file_event *e = &ev->file;

	jsonw_printf(out, "%u ", e->process.pid);
	comm(out, e->comm);
	jsonw_printf(out, " uid %u %s ", e->uid, file_operation_name(e->operation));
	text(out, ev, FILE_PATH);
	if (e->operation == FILE_RENAME || e->operation == FILE_EXCHANGE ||
	    e->operation == FILE_LINK) {
		jsonw_printf(out, " from ");
		text(out, ev, FILE_OTHER_PATH);
	}
	if (ev->texts[FILE_STRING].size || event_unread(ev, FIELD_TEXTS + FILE_STRING)) {
		jsonw_printf(out, " -> ");
		text(out, ev, FILE_STRING);
	}
}

static void dns_text(struct jsonw *out, const struct event *ev)
{
	const struct dns_event *e = &ev->dns;
	struct dns_question question;
	char server[64];

	socket_address_text(&e->ends, e->ends.remote, server, sizeof(server));
	jsonw_printf(out, "%u ", e->process.pid);
	comm(out, e->comm);
	jsonw_printf(out, " uid %u to %s", e->uid, server);
	if (event_unread(ev, FIELD_QUESTION)) {
		jsonw_printf(out, " type ? ?");
	} else if (dns_question_read(e, &question)) {
		jsonw_printf(out, " type %u ", question.type);
		word(out, question.name, question.name_size);
	}
}

static void socket_ends_text(struct jsonw *out, const struct socket_event *e)
{
	const struct socket_ends *ends = &e->ends;
	char local[64], remote[64];

	socket_address_text(ends, ends->local, local, sizeof(local));
	socket_address_text(ends, ends->remote, remote, sizeof(remote));
	jsonw_printf(out, "%s %s port %u",
	             ends->protocol == IPPROTO_TCP   ? "tcp"
	             : ends->protocol == IPPROTO_UDP ? "udp"
	                                             : "other",
	             local, ends->local_port);
	if (e->operation != SOCKET_LISTEN && e->operation != SOCKET_BIND)
		jsonw_printf(out, " %s %s port %u", e->outgoing ? "to" : "from", remote,
		             ends->remote_port);
}

static void socket_text(struct jsonw *out, const struct event *ev)
{
	const struct socket_event *e = &ev->socket;
	char name[UNIX_NAME_BYTES];

	jsonw_printf(out, "%u ", e->process.pid);
	comm(out, e->comm);
	jsonw_printf(out, " uid %u %s ", e->uid, socket_operation_name(e->operation));
	if (event_unread(ev, FIELD_ADDRESSES))
		unknown(out);
	else if (e->ends.family == AF_UNIX)
		word(out, name, socket_unix_name(e, name, sizeof(name)));
	else
		socket_ends_text(out, e);
	if (e->operation == SOCKET_CLOSE || e->operation == SOCKET_FLOW)
		jsonw_printf(out,
		             event_unread(ev, FIELD_NUMBERS) ? " sent ? received ?"
		                                             : " sent %llu received %llu",
		             (unsigned long long)e->sent.bytes,
		             (unsigned long long)e->received.bytes);
	if (e->error && e->operation != SOCKET_CLOSE)
		jsonw_printf(out, " failed: %s", strerror(e->error));
}

static void names_of(struct jsonw *out, const struct notes *notes, enum note_kind kind,
                     const char *word)
{
	size_t i;

	for (i = 0; i < notes->count; i++)
		if (notes->list[i].kind == kind)
			jsonw_printf(out, " %s:%s", word, notes->list[i].name);
}

/* By the names that the JSON has. */
static void notes_take(struct format *f, const struct event *ev)
{
	f->notes.count = 0;
	if (ev->header.unread | ev->header.truncated)
		format_json(f, ev);
	jsonw_reset(&f->json);
}

static void event_text(struct format *f, const struct event *ev)
{
	switch ((enum event_type)ev->header.type) {
	case EVENT_EXEC:
		exec_text(&f->json, ev);
		break;
	case EVENT_FORK:
	case EVENT_THREAD:
		fork_text(&f->json, ev);
		break;
	case EVENT_EXIT:
		exit_text(&f->json, ev);
		break;
	case EVENT_CREDENTIALS:
		credentials_text(&f->json, ev);
		break;
	case EVENT_NAMESPACES:
		namespaces_text(&f->json, ev);
		break;
	case EVENT_PTRACE:
	case EVENT_PROCESS_ACCESS:
	case EVENT_SIGNAL:
	case EVENT_MEMFD:
	case EVENT_BPF:
	case EVENT_MODULE:
	case EVENT_EXEC_FAILED:
		action_text(&f->json, ev);
		break;
	case EVENT_FILE:
	case EVENT_MOUNT:
		file_text(&f->json, ev);
		break;
	case EVENT_DNS:
		dns_text(&f->json, ev);
		break;
	case EVENT_SOCKET:
		socket_text(&f->json, ev);
		break;
	case EVENT_TYPES:
		break;
	}
}

int format_text(struct format *f, const struct event *ev)
{
	char time[CLOCK_TEXT_BYTES];

	notes_take(f, ev);
	clock_text(ev->header.time_ns + f->clock.monotonic_ns, time);
	jsonw_printf(&f->json, "%.12s %-6s ", time + 11, event_type_name(ev->header.type));
	event_text(f, ev);
	names_of(&f->json, &f->notes, NOTE_UNREAD, "unread");
	names_of(&f->json, &f->notes, NOTE_CUT, "cut");
	if (f->json.failed)
		return -ENOMEM;
	return f->json.size > EVENT_LINE_MAX ? -E2BIG : 0;
}
