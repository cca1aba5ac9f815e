/* SPDX-License-Identifier: BSD-2-Clause */
/* Whom an exec descends from: what is certain, and nothing where it is not. */
#include "tests/unit/unit.h"

#include "loader/event/format.h"

#define TICK      10000000ULL /* ns in 1/100 s */
#define CONTAINER "c0ffee00112233445566778899aabbccddeeff00112233445566778899aabbcc"
#define NO_LOGIN  0xffffffffU

static struct cache *cache;
static const struct host host = { .name = "host",
	                          .boot_id = "01234567-89ab-cdef-0123-456789abcdef" };
static struct format format;
static uint64_t now_ns;

static int enter(void **state)
{
	(void)state;
	cache = cache_new();
	memset(&format, 0, sizeof(format));
	format.host = &host;
	format.cache = cache;
	now_ns = 1;
	return cache ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	jsonw_deinit(&format.json);
	cache_free(cache);
	return 0;
}

/* Each process starts as many ticks after the boot as its id is. */
struct run {
	uint32_t pid, parent, session;
	const char *path, *cgroup;
};

static void text_set(struct event *ev, enum event_text text, const char *value)
{
	ev->texts[text].size = strlen(value);
	strcpy(ev->texts[text].text, value);
}

static const char *exec_line(const struct run *r)
{
	static struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.exec.header.type = EVENT_EXEC;
	ev.exec.header.time_ns = now_ns++;
	ev.exec.process = (struct process_ids){ r->pid, r->pid, r->pid * TICK };
	ev.exec.parent =
		(struct parent_ids){ .pid = r->parent, .start_boottime_ns = r->parent * TICK };
	ev.exec.sessionid = r->session;
	ev.exec.argv_size = strlen(r->path) + 1;
	ev.argv = r->path;
	ev.env = "";
	text_set(&ev, TEXT_EXE, r->path);
	text_set(&ev, TEXT_CGROUP, r->cgroup ? r->cgroup : "/");
	assert_int_equal(form_json.event(&format, &ev), 0);
	jsonw_put(&format.json, "", 1);
	cache_event(cache, &ev);
	return format.json.text;
}

static void fork_of(uint32_t parent, uint32_t child)
{
	static struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.fork.header.type = EVENT_FORK;
	ev.fork.header.time_ns = now_ns++;
	ev.fork.process = (struct process_ids){ parent, parent, parent * TICK };
	ev.fork.child = (struct process_ids){ child, child, child * TICK };
	ev.fork.parent = (struct parent_ids){ .pid = parent, .start_boottime_ns = parent * TICK };
	cache_event(cache, &ev);
}

static void init_is_known(void)
{
	exec_line(&(struct run){ .pid = 1, .session = NO_LOGIN, .path = "/sbin/init" });
}

#define ASSERT_LEADER(line, text) assert_non_null(strstr(line, "\"entry_leader\":{" text "}"))

static void a_service_begins_with_the_child_of_process_1(void **state)
{
	const char *line;

	(void)state;
	init_is_known();
	line = exec_line(&(struct run){ 10, 1, NO_LOGIN, "/usr/sbin/nginx", NULL });
	ASSERT_LEADER(line, "\"pid\":10,\"entity_id\":\"01234567-10-10\",\"same_as_process\":true");
	fork_of(10, 11);
	line = exec_line(&(struct run){ 11, 10, NO_LOGIN, "/bin/sh", NULL });
	ASSERT_LEADER(line, "\"pid\":10,\"entity_id\":\"01234567-10-10\",\"executable\":"
	                    "\"/usr/sbin/nginx\",\"same_as_process\":false");
}

static void a_login_begins_where_its_audit_session_does(void **state)
{
	const char *line;

	(void)state;
	init_is_known();
	exec_line(&(struct run){ 10, 1, NO_LOGIN, "/usr/sbin/sshd", NULL });
	fork_of(10, 11);
	line = exec_line(&(struct run){ 11, 10, 3, "/bin/bash", NULL });
	ASSERT_LEADER(line, "\"pid\":11,\"entity_id\":\"01234567-11-11\",\"same_as_process\":true");
	fork_of(11, 12);
	line = exec_line(&(struct run){ 12, 11, 3, "/bin/ls", NULL });
	ASSERT_LEADER(line, "\"pid\":11,\"entity_id\":\"01234567-11-11\",\"executable\":"
	                    "\"/bin/bash\",\"same_as_process\":false");
}

static void a_container_begins_with_the_first_process_in_it(void **state)
{
	const char *line;

	(void)state;
	init_is_known();
	exec_line(&(struct run){ 10, 1, NO_LOGIN, "/usr/bin/containerd-shim", NULL });
	fork_of(10, 11);
	line = exec_line(&(struct run){ 11, 10, NO_LOGIN, "/app", "/docker/" CONTAINER });
	ASSERT_LEADER(line, "\"pid\":11,\"entity_id\":\"01234567-11-11\",\"same_as_process\":true");
	assert_non_null(
		strstr(line, "\"container\":{\"id\":\"" CONTAINER "\",\"runtime\":\"docker\"}"));
}

static void where_somebody_is_not_known_there_is_no_leader(void **state)
{
	const char *line;

	(void)state;
	line = exec_line(&(struct run){ 12, 11, NO_LOGIN, "/bin/ls", NULL });
	assert_null(strstr(line, "entry_leader"));
	assert_null(strstr(line, "ancestors"));
}

static void ancestors_are_eight_at_most(void **state)
{
	const char *line = NULL;
	uint32_t pid;

	(void)state;
	init_is_known();
	for (pid = 2; pid <= 12; pid++) {
		fork_of(pid - 1, pid);
		line = exec_line(&(struct run){ pid, pid - 1, NO_LOGIN, "/bin/sh", NULL });
	}
	assert_non_null(strstr(line, "\"ancestors\":[{\"pid\":10,\"entity_id\":\"01234567-10-10\","
	                             "\"executable\":\"/bin/sh\"},{\"pid\":9,"));
	assert_non_null(strstr(line, "{\"pid\":3,\"entity_id\":\"01234567-3-3\",\"executable\":"
	                             "\"/bin/sh\"}],"));
	assert_null(strstr(line, "\"entity_id\":\"01234567-2-2\",\"executable\":\"/bin/sh\"}"));
}

/* Here it is known of later events alone what the processes run. */
static void an_ancestor_has_no_program_of_later(void **state)
{
	const char *line;

	(void)state;
	now_ns = 100;
	init_is_known();
	fork_of(1, 2);
	exec_line(&(struct run){ 2, 1, NO_LOGIN, "/bin/sh", NULL });
	now_ns = 50;
	line = exec_line(&(struct run){ 3, 2, NO_LOGIN, "/bin/ls", NULL });
	assert_non_null(strstr(line, "\"ancestors\":[{\"pid\":1,\"entity_id\":\"01234567-1-1\"}]"));
}

/* A process id that is in use again is no ancestor of who is older. */
static void a_process_that_is_younger_is_no_parent(void **state)
{
	static struct event ev;
	const struct cached *child;

	(void)state;
	exec_line(&(struct run){ 10, 1, NO_LOGIN, "/bin/sh", NULL });
	fork_of(10, 11);
	memset(&ev, 0, sizeof(ev));
	ev.fork.header.type = EVENT_FORK;
	ev.fork.header.time_ns = now_ns++;
	ev.fork.process = (struct process_ids){ 1, 1, TICK };
	ev.fork.child = (struct process_ids){ 10, 10, 500 * TICK };
	cache_event(cache, &ev);
	child = cache_find(cache, 11, 11 * TICK);
	assert_non_null(child);
	assert_int_equal(cache_find_parent(cache, child)->start_ticks, 10);
}

static void services_by_their_cgroup(void **state)
{
	static const struct {
		const char *cgroup, *name;
	} examples[] = {
		{ "/system.slice/nginx.service", "nginx.service" },
		{ "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service" },
		{ "/system.slice/nginx.service/worker", "nginx.service" },
		/* A user may make any name below here. */
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service",
		  "user@1000.service" },
		{ "/user.slice/user-1000.slice/session-3.scope", NULL },
		{ "/a/nginx.service", NULL },
		{ "/.service", NULL },
		{ "/", NULL },
	};
	char expected[128];
	const char *line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		line = exec_line(&(struct run){ 10, 1, NO_LOGIN, "/a", examples[i].cgroup });
		snprintf(expected, sizeof(expected), "\"service\":{\"name\":\"%s\"}",
		         examples[i].name ? examples[i].name : "");
		if (examples[i].name && !strstr(line, expected))
			fail_msg("%s: %s", examples[i].cgroup, line);
		if (!examples[i].name)
			assert_null(strstr(line, "\"service\""));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_service_begins_with_the_child_of_process_1, enter,
		                                leave),
		cmocka_unit_test_setup_teardown(a_login_begins_where_its_audit_session_does, enter,
		                                leave),
		cmocka_unit_test_setup_teardown(a_container_begins_with_the_first_process_in_it,
		                                enter, leave),
		cmocka_unit_test_setup_teardown(where_somebody_is_not_known_there_is_no_leader,
		                                enter, leave),
		cmocka_unit_test_setup_teardown(ancestors_are_eight_at_most, enter, leave),
		cmocka_unit_test_setup_teardown(an_ancestor_has_no_program_of_later, enter, leave),
		cmocka_unit_test_setup_teardown(a_process_that_is_younger_is_no_parent, enter,
		                                leave),
		cmocka_unit_test_setup_teardown(services_by_their_cgroup, enter, leave),
	};

	return cmocka_run_group_tests_name("lineage", tests, NULL, NULL);
}
