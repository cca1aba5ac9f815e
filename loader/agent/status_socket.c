/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "loader/util/exit.h"
#include "loader/agent/status_socket.h"
#include "loader/stream/fields.h"
#include "loader/util/log.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/safedir.h"

/* A client that has not got its answer by then is disconnected. */
#define CLIENT_NS 1000000000ULL

/* ---- opening ---------------------------------------------------------- */

static int address_make(const char *path, struct sockaddr_un *ret, struct offsets_error *error)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (*path != '/' || strlen(path) >= sizeof(ret->sun_path))
		return offsets_fail(error, -EINVAL,
		                    "%s: is not an absolute path of fewer than %zu bytes; correct "
		                    "--control",
		                    path, sizeof(ret->sun_path));
	memcpy(ret->sun_path, path, strlen(path) + 1);
	return 0;
}

/* Of a sensor that was killed. */
static int stale_remove(const struct sockaddr_un *address, struct offsets_error *error)
{
	const char *path = address->sun_path;
	struct stat st;
	int fd, err;

	if (lstat(path, &st))
		return errno == ENOENT
		               ? 0
		               : offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return offsets_fail(error, -EEXIST,
		                    "%s: is no socket; remove it, or correct --control", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	err = fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) ? errno : 0;
	if (fd >= 0)
		close(fd);
	if (!err || err == EAGAIN)
		return offsets_fail(error, -EADDRINUSE,
		                    "%s: another sensor has it; end that one, or give another "
		                    "--control",
		                    path);
	return unlink(path) && errno != ENOENT
	               ? offsets_fail(error, -errno, "%s: %s", path, strerror(errno))
	               : 0;
}

/* In /etc/group alone: no directory service is asked, and no library of one is loaded. */
static int group_find(const char *name, gid_t *ret, struct offsets_error *error)
{
	CLEANUP(cleanup_file) FILE *file = fopen("/etc/group", "re");
	struct group *group;

	while (file && (group = fgetgrent(file)))
		if (!strcmp(group->gr_name, name)) {
			*ret = group->gr_gid;
			return 0;
		}
	return offsets_fail(error, -ENOENT,
	                    "%s: there is no such group in /etc/group; make it, or correct "
	                    "--control-group",
	                    name);
}

/* The folder of a path, which a mistake cannot make anywhere else: one level. */
static int folder_make(const char *path, struct offsets_error *error)
{
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *end;

	snprintf(folder, sizeof(folder), "%s", path);
	end = strrchr(folder, '/');
	if (end == folder)
		return 0;
	*end = '\0';
	return safedir_make(folder, 0755, error);
}

static int listener_make(const struct sockaddr_un *address, const char *group,
                         struct status *status, struct offsets_error *error)
{
	const char *path = address->sun_path;
	mode_t mask = umask(0177); /* so that nobody else connects before its mode is set */
	gid_t gid = 0;
	int err = group ? group_find(group, &gid, error) : 0;
	bool is_bound = false;

	status->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (!err && status->listener >= 0)
		is_bound =
			!bind(status->listener, (const struct sockaddr *)address, sizeof(*address));
	if (!err && (!is_bound || (group && (lchown(path, -1, gid) || chmod(path, 0660))) ||
	             listen(status->listener, 8)))
		err = offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	if (err && is_bound)
		unlink(path);
	umask(mask);
	return err;
}

int status_open(struct status *status, const char *path, const char *group,
                struct offsets_error *error)
{
	struct sockaddr_un address;
	int err;

	status->listener = status->client = status->restarter = -1;
	jsonw_init(&status->answer);
	if (!path)
		return 0;
	err = address_make(path, &address, error);
	if (!err)
		err = folder_make(path, error);
	if (!err)
		err = stale_remove(&address, error);
	return err ? err : listener_make(&address, group, status, error);
}

static void client_close(struct status *status)
{
	if (status->client >= 0)
		close(status->client);
	status->client = -1;
	status->got = status->sent = 0;
	jsonw_reset(&status->answer);
}

void status_close(struct status *status)
{
	client_close(status);
	if (status->restarter >= 0)
		close(status->restarter);
	if (status->listener >= 0)
		close(status->listener);
	status->listener = -1;
	jsonw_deinit(&status->answer);
}

int status_take_over(char *own, const char *path)
{
	if (rename(own, path))
		return -errno;
	strcpy(own, path); /* it is no longer than the other one, STATUS_NEXT */
	return 0;
}

/* ---- a restart --------------------------------------------------------- */

bool status_asks_restart(const struct status *status)
{
	return status->restarter >= 0;
}

void status_restart_answer(struct status *status, bool is_done, const char *text)
{
	if (status->restarter < 0)
		return;
	dprintf(status->restarter, "%d\n%s\n", is_done ? EXIT_DONE : EXIT_FAILED, text);
	close(status->restarter);
	status->restarter = -1;
}

/* The client is put aside. One that may not is disconnected, and so is a second one. */
static void restart_ask(struct status *status)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(who);

	if (status->restarter >= 0 ||
	    getsockopt(status->client, SOL_SOCKET, SO_PEERCRED, &who, &size) || who.uid) {
		client_close(status);
		return;
	}
	status->restarter = status->client;
	status->client = -1;
	client_close(status);
}

/* ---- answers ----------------------------------------------------------- */

static void messages_json(struct jsonw *json)
{
	struct log_message messages[LOG_RECENT];
	size_t count = log_recent(messages), i;

	jsonw_array_open(json, "messages");
	for (i = 0; i < count; i++) {
		jsonw_object_open(json, NULL);
		jsonw_u64(json, "time", messages[i].time);
		jsonw_bytes(json, "text", messages[i].text, strlen(messages[i].text));
		jsonw_object_close(json);
	}
	jsonw_array_close(json);
}

static void loss_json(struct jsonw *json, const struct losses *losses, unsigned int type,
                      unsigned int cpu, bool is_shed)
{
	uint64_t count = losses_of_cpu(losses, type, is_shed, cpu);

	if (!count)
		return;
	jsonw_object_open(json, NULL);
	jsonw_string(json, "class", type < EVENT_TYPES ? event_type_name(type) : NULL);
	jsonw_u64(json, "cpu", cpu);
	jsonw_bool(json, "shed", is_shed);
	jsonw_u64(json, "count", count);
	jsonw_object_close(json);
}

/* Of which CPU and class, and why. */
static void losses_json(struct jsonw *json, const struct losses *losses)
{
	unsigned int type, cpu;

	jsonw_array_open(json, "losses");
	for (type = 0; type <= EVENT_TYPES; type++)
		for (cpu = 0; cpu < losses_cpus(losses); cpu++) {
			loss_json(json, losses, type, cpu, false);
			loss_json(json, losses, type, cpu, true);
		}
	jsonw_array_close(json);
}

static void rules_json(struct jsonw *json, const struct agent_report *report)
{
	size_t i;

	jsonw_array_open(json, "rules");
	for (i = 0; i < report->rule_count; i++) {
		const struct rule_report *rule = &report->rules[i];

		jsonw_object_open(json, NULL);
		jsonw_bytes(json, "rule", rule->text, strlen(rule->text));
		jsonw_bool(json, "try", rule->is_try);
		jsonw_u64(json, "events", rule->events);
		jsonw_object_close(json);
	}
	jsonw_array_close(json);
}

static void answer_json(struct jsonw *out, const struct health *health,
                        const struct agent_report *report)
{
	out->comma = false;
	jsonw_object_open(out, NULL);
	agent_report_sources(out, report);
	agent_report_numbers(out, report);
	losses_json(out, health->watch->losses);
	rules_json(out, report);
	messages_json(out);
	jsonw_object_close(out);
	jsonw_put(out, "\n", 1);
}

static void messages_text(struct jsonw *out)
{
	struct log_message messages[LOG_RECENT];
	size_t count = log_recent(messages), i;
	struct tm tm;
	char time[32];

	for (i = 0; i < count; i++) {
		gmtime_r(&messages[i].time, &tm);
		strftime(time, sizeof(time), "%Y-%m-%d %H:%M:%S", &tm);
		jsonw_printf(out, "%s%s UTC  ", i ? "" : "last messages:\n", time);
		jsonw_escaped(out, messages[i].text);
		jsonw_put(out, "\n", 1);
	}
}

static void answer_make(struct status *status, const struct health *health, uint64_t now_ns)
{
	struct jsonw *out = &status->answer;
	struct agent_report report;

	health_report(health, now_ns, &report);
	jsonw_reset(out);
	jsonw_printf(out, "%d\n", report.problem_count ? EXIT_DEGRADED : EXIT_DONE);
	if (!strcmp(status->request, "json\n")) {
		answer_json(out, health, &report);
	} else if (!strcmp(status->request, "top\n")) {
		talkers_text(health->records->talkers, out);
	} else if (!strcmp(status->request, "metrics\n")) {
		status_metrics(out, &report);
	} else {
		status_text(out, &report);
		messages_text(out);
	}
	if (out->failed)
		client_close(status);
}

/* ---- clients ----------------------------------------------------------- */

int status_fd(const struct status *status, short *ret_events)
{
	*ret_events = status->answer.size ? POLLOUT : POLLIN;
	return status->client >= 0 ? status->client : status->listener;
}

/* True: the whole request is there. */
static bool request_read(struct status *status)
{
	size_t room = sizeof(status->request) - 1 - status->got;
	ssize_t n = read(status->client, status->request + status->got, room);

	if (n <= 0) {
		if (!n || (errno != EAGAIN && errno != EINTR))
			client_close(status);
		return false;
	}
	status->got += n;
	status->request[status->got] = '\0';
	if (status->request[status->got - 1] == '\n')
		return true;
	if ((size_t)n == room)
		client_close(status);
	return false;
}

static void answer_send(struct status *status)
{
	const struct jsonw *answer = &status->answer;
	ssize_t n = send(status->client, answer->text + status->sent, answer->size - status->sent,
	                 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0)
		status->sent += n;
	if (status->sent == answer->size || (n < 0 && errno != EAGAIN && errno != EINTR))
		client_close(status);
}

bool status_serve(struct status *status, const struct health *health, uint64_t now_ns)
{
	if (status->listener < 0)
		return false;
	if (status->client < 0) {
		status->client =
			accept4(status->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		status->since_ns = now_ns;
	}
	if (status->client < 0)
		return false;
	if (!status->answer.size && request_read(status)) {
		if (!strcmp(status->request, "restart\n"))
			restart_ask(status);
		else
			answer_make(status, health, now_ns);
	}
	if (status->answer.size)
		answer_send(status);
	if (status->client >= 0 && now_ns - status->since_ns > CLIENT_NS)
		client_close(status);
	return status->client >= 0;
}
