/* SPDX-License-Identifier: BSD-2-Clause */
/* One line per event for a person at a terminal: bytes that could steer it are escaped. */
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "ecs.h"
#include "fields.h"

static void bytes(struct jsonw *out, const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		unsigned char c = text[i];

		if (c < 0x20 || c == 0x7f || c >= 0x80)
			jsonw_printf(out, "\\x%02x", c);
		else
			jsonw_printf(out, "%c", c);
	}
}

static void comm(struct jsonw *out, const char *name)
{
	bytes(out, name, strnlen(name, EVENTS_COMM_BYTES));
}

static void args(struct jsonw *out, const struct event *ev)
{
	const char *argv = ev->argv;
	size_t left = ev->exec.argv_size, size;

	while (left) {
		size = strnlen(argv, left);
		jsonw_printf(out, " ");
		if (!size || memchr(argv, ' ', size)) {
			jsonw_printf(out, "'");
			bytes(out, argv, size);
			jsonw_printf(out, "'");
		} else {
			bytes(out, argv, size);
		}
		size += size < left;
		argv += size;
		left -= size;
	}
}

static void text(struct jsonw *out, const struct event *ev, enum event_text text)
{
	bytes(out, ev->texts[text].text,
	      event_unread(ev, FIELD_TEXTS + text) ? 0 : ev->texts[text].size);
}

static void exec_text(struct jsonw *out, const struct event *ev)
{
	jsonw_printf(out, "%u (parent %u ", ev->exec.process.pid, ev->exec.parent.pid);
	comm(out, ev->exec.parent.comm);
	jsonw_printf(out, ") uid %u ", ev->exec.cred.uid);
	text(out, ev, TEXT_EXE);
	jsonw_printf(out, ":");
	args(out, ev);
	jsonw_printf(out, " [in ");
	text(out, ev, TEXT_CWD);
	jsonw_printf(out, "]");
}

static void fork_text(struct jsonw *out, const struct event *ev)
{
	jsonw_printf(out, "%u", ev->fork.child.pid);
	if (ev->header.type == EVENT_THREAD)
		jsonw_printf(out, " thread %u", ev->fork.child.tid);
	jsonw_printf(out, " (parent %u ", ev->fork.parent.pid);
	comm(out, ev->fork.parent.comm);
	jsonw_printf(out, ") uid %u flags 0x%llx", ev->fork.uid,
	             (unsigned long long)ev->fork.clone_flags);
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

static void credentials_text(struct jsonw *out, const struct credentials_event *e)
{
	const struct credentials *b = &e->before, *a = &e->after;

	jsonw_printf(out, "%u ", e->process.pid);
	comm(out, e->comm);
	jsonw_printf(out, " uid %u,%u,%u to %u,%u,%u gid %u,%u,%u to %u,%u,%u", b->uid, b->euid,
	             b->suid, a->uid, a->euid, a->suid, b->gid, b->egid, b->sgid, a->gid, a->egid,
	             a->sgid);
	jsonw_printf(out, " effective %llx to %llx", (unsigned long long)b->cap_effective,
	             (unsigned long long)a->cap_effective);
}

static void namespaces_text(struct jsonw *out, const struct namespaces_event *e)
{
	jsonw_printf(out, "%u ", e->process.pid);
	comm(out, e->comm);
	jsonw_printf(out, " uid %u mnt %u to %u net %u to %u pid %u to %u", e->uid, e->before.mnt,
	             e->after.mnt, e->before.net, e->after.net, e->before.pid_for_children,
	             e->after.pid_for_children);
}

static void action_text(struct jsonw *out, const struct action_event *e)
{
	jsonw_printf(out, "%u ", e->process.pid);
	comm(out, e->comm);
	jsonw_printf(out, " uid %u", e->uid);
	if (e->target.pid) {
		jsonw_printf(out, " -> %u ", e->target.pid);
		comm(out, e->target.comm);
	}
	if (e->header.type == EVENT_SIGNAL)
		jsonw_printf(out, " signal %u", e->number);
	if (e->header.type == EVENT_MODULE)
		jsonw_printf(out, e->number ? " loaded" : " unloaded");
	if (e->header.type == EVENT_PTRACE)
		jsonw_printf(out, " %s", ptrace_request_name(e->number));
	if (e->error)
		jsonw_printf(out, " %s%s", strerror(e->error), e->text[0] ? ":" : "");
	if (e->text[0]) {
		jsonw_printf(out, " ");
		bytes(out, e->text, strnlen(e->text, sizeof(e->text)));
	}
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
	if (ev->texts[FILE_STRING].size) {
		jsonw_printf(out, " -> ");
		text(out, ev, FILE_STRING);
	}
}

static void dns_text(struct jsonw *out, const struct dns_event *e)
{
	struct dns_question question;
	char server[64];

	socket_address_text(&e->ends, e->ends.remote, server, sizeof(server));
	jsonw_printf(out, "%u ", e->process.pid);
	comm(out, e->comm);
	jsonw_printf(out, " uid %u to %s", e->uid, server);
	if (dns_question_read(e, &question)) {
		jsonw_printf(out, " type %u ", question.type);
		bytes(out, question.name, question.name_size);
	}
}

static void socket_text(struct jsonw *out, const struct socket_event *e)
{
	char local[64], remote[64], name[UNIX_NAME_BYTES];
	const struct socket_ends *ends = &e->ends;

	jsonw_printf(out, "%u ", e->process.pid);
	comm(out, e->comm);
	jsonw_printf(out, " uid %u %s ", e->uid, socket_operation_name(e->operation));
	if (ends->family == AF_UNIX) {
		bytes(out, name, socket_unix_name(e, name, sizeof(name)));
	} else {
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
	if (e->operation == SOCKET_CLOSE || e->operation == SOCKET_FLOW)
		jsonw_printf(out, " sent %llu received %llu", (unsigned long long)e->sent.bytes,
		             (unsigned long long)e->received.bytes);
	if (e->error && e->operation != SOCKET_CLOSE)
		jsonw_printf(out, " failed: %s", strerror(e->error));
}

static void names_of(struct jsonw *out, const char *word, enum event_type type, uint32_t bits)
{
	unsigned int i;

	for (i = 0; i < FIELDS; i++)
		if (bits & (1U << i)) {
			jsonw_printf(out, " %s:%s", word, field_name(type, i));
		}
}

void format_text(struct format *f, const struct event *ev)
{
	char time[CLOCK_TEXT_BYTES];

	jsonw_reset(&f->json);
	clock_text(ev->header.time_ns + f->clock.monotonic_ns, time);
	jsonw_printf(&f->json, "%.12s %-6s ", time + 11, event_type_name(ev->header.type));
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
		credentials_text(&f->json, &ev->credentials);
		break;
	case EVENT_NAMESPACES:
		namespaces_text(&f->json, &ev->namespaces);
		break;
	case EVENT_PTRACE:
	case EVENT_PROCESS_ACCESS:
	case EVENT_SIGNAL:
	case EVENT_MEMFD:
	case EVENT_BPF:
	case EVENT_MODULE:
	case EVENT_EXEC_FAILED:
		action_text(&f->json, &ev->action);
		break;
	case EVENT_FILE:
	case EVENT_MOUNT:
		file_text(&f->json, ev);
		break;
	case EVENT_DNS:
		dns_text(&f->json, &ev->dns);
		break;
	case EVENT_SOCKET:
		socket_text(&f->json, &ev->socket);
		break;
	case EVENT_TYPES:
		break;
	}
	names_of(&f->json, "unread", ev->header.type, ev->header.unread);
	names_of(&f->json, "cut", ev->header.type, ev->header.truncated);
}
