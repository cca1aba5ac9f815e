/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of the hasher's answers, of which any may come: the test is the hasher. */
#include "tests/unit/unit.h"

#include <sys/socket.h>

#include "loader/agent/hashes.h"
#include "loader/stream/fields.h"

static struct channel monitor = { -1, -EPIPE }; /* starts no other hasher */
static struct host host;
static struct writer writer;
static struct sink sinks[2];
static struct hashes hashes;
static struct event event;
static int hasher;

static int begin(void **state)
{
	int fds[2];

	(void)state;
	memset(&writer, 0, sizeof(writer));
	writer.format.host = &host;
	jsonw_init(&writer.format.json);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds))
		return -1;
	hashes_init(&hashes, &writer, &monitor);
	hashes.hasher.fd = fds[0];
	hasher = fds[1];
	return 0;
}

static int end(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < writer.outputs.count; i++)
		queue_deinit(&sinks[i].queue);
	jsonw_deinit(&writer.format.json);
	hashes_deinit(&hashes);
	close(hasher);
	return 0;
}

/* One that waits for its reader, and wants these classes. */
static struct queue *output_add(uint32_t classes)
{
	struct output_use *u = &writer.outputs.list[writer.outputs.count];
	struct sink *sink = &sinks[writer.outputs.count++];

	*sink = (struct sink){ .use = { .full = SINK_FULL_WAIT } };
	assert_int_equal(queue_init(&sink->queue, 1 << 20), 0);
	memset(u, 0, sizeof(*u));
	u->config.format = FORMAT_JSON;
	u->config.classes = classes;
	u->sink = sink;
	return &sink->queue;
}

/* An exec by that user that is not answered in time, for these outputs: its request. */
static uint64_t exec_by(uint32_t uid, uint32_t outputs)
{
	struct hash_request request;

	event = (struct event){ .header = { .type = EVENT_EXEC } };
	event.exec.cred.uid = uid;
	hashes.hasher.unanswered = UINT64_MAX; /* none waits while one is overdue */
	hashes_exec(&hashes, &event, outputs);
	assert_int_equal(recv(hasher, &request, sizeof(request), MSG_DONTWAIT), sizeof(request));
	assert_int_equal(request.uid, uid);
	return request.id;
}

static uint64_t exec_of(uint32_t outputs)
{
	return exec_by(0, outputs);
}

static void answer_send(uint64_t id, uint32_t state)
{
	const struct hash_answer a = { .id = id, .state = state };

	assert_int_equal(send(hasher, &a, sizeof(a), 0), sizeof(a));
}

static void say(uint64_t id, uint32_t state)
{
	answer_send(id, state);
	hashes_look(&hashes, 0);
}

/* ---- */

static void any_answer_is_borne(void **state)
{
	uint64_t id;

	(void)state;
	exec_of(1);
	answer_send(0, HASH_DONE);
	answer_send(0, HASH_GONE);
	id = exec_of(1); /* which reads them */
	assert_int_equal(hashes.waiting_count, 2);
	say(id - 1, HASH_DONE);
	writer.format.own_events = 0;
	say(0, HASH_DONE);
	say(id + 1, HASH_DONE);
	say(UINT64_MAX, HASH_DONE);
	say(id, HASH_SOON);
	say(id, HASH_SOON);
	assert_int_equal(hashes.waiting_count, 1);
	say(id, UINT32_MAX);
	assert_int_equal(hashes.waiting_count, 0);
	say(id, HASH_DONE);
	say(0, HASH_DONE);
	assert_int_equal(hashes.waiting_count, 0);
	assert_int_equal(writer.format.own_events, 1);
}

static void a_user_leaves_room_for_those_that_come_later(void **state)
{
	size_t i, uid, room = HASHES_WAITING;

	(void)state;
	for (uid = 1000; room; uid++) {
		for (i = 0; i < HASHES_WAITING; i++)
			exec_by(uid, 1);
		assert_string_equal(event.hash->reason, hash_state_text(HASH_TOO_MANY));
		assert_int_equal(hashes.waiting_count, HASHES_WAITING - room / 2);
		room /= 2;
	}
	assert_int_equal(hashes.waiting_count, HASHES_WAITING);
	exec_by(uid, 1);
	assert_string_equal(event.hash->reason, hash_state_text(HASH_TOO_MANY));
}

static void answers_of_another_size_end_the_hasher(void **state)
{
	(void)state;
	exec_of(1);
	assert_int_equal(send(hasher, "short", 5, 0), 5);
	hashes_look(&hashes, 0);
	assert_int_equal(hashes.hasher.fd, -1);
	assert_int_equal(hashes.waiting_count, 0);
	assert_int_equal(writer.format.own_events, 1); /* that it does not come */
}

static void a_flood_of_answers_does_not_hold_the_engine(void **state)
{
	const struct hash_answer a = { .id = 4711 };
	struct hash_answer rest;

	(void)state;
	exec_of(1);
	while (send(hasher, &a, sizeof(a), MSG_DONTWAIT) > 0)
		continue;
	hashes_look(&hashes, 0);
	assert_int_equal(recv(hashes.hasher.fd, &rest, sizeof(rest), MSG_DONTWAIT), sizeof(rest));
}

static void a_hash_is_for_the_outputs_that_have_the_exec(void **state)
{
	struct queue *all = output_add(UINT32_MAX), *others = output_add(1U << EVENT_FILE);
	uint64_t id;

	(void)state;
	id = exec_of(3);
	say(id, HASH_DONE);
	assert_int_equal(queue_count(all, OUTPUT_OWN_TAG), 1);
	assert_int_equal(queue_count(others, OUTPUT_OWN_TAG), 0);
	id = exec_of(2); /* rules leave it out of the first one */
	say(id, HASH_DONE);
	assert_int_equal(queue_count(all, OUTPUT_OWN_TAG), 1);
	assert_int_equal(queue_count(others, OUTPUT_OWN_TAG), 0);
}

static void what_has_no_room_waits_for_it(void **state)
{
	struct queue *queue = output_add(UINT32_MAX);
	uint64_t id;

	(void)state;
	queue->limit = 0;
	id = exec_of(1);
	say(id, HASH_DONE);
	say(id, HASH_GONE); /* is one too many */
	assert_int_equal(queue->count, 0);
	assert_int_equal(hashes.waiting_count, 1);
	queue->limit = 1 << 20;
	hashes_look(&hashes, 0);
	assert_int_equal(queue->count, 1);
	assert_null(strstr(queue_text(queue), "hash_missing"));
	assert_int_equal(hashes.waiting_count, 0);
}

static void what_has_no_room_until_the_end_is_counted(void **state)
{
	struct queue *queue = output_add(UINT32_MAX);
	uint64_t id;

	(void)state;
	queue->limit = 0;
	id = exec_of(1);
	exec_of(1);
	say(id, HASH_DONE);
	hashes_end(&hashes);
	assert_int_equal(writer.refused, 2);
}

/* ---- scripts ------------------------------------------------------------- */

static void text_set(enum event_text text, const char *value)
{
	event.texts[text].size = strlen(value);
	memcpy(event.texts[text].text, value, strlen(value));
}

/* A request for the file that the kernel had opened. */
static void assert_opened(const struct hash_request *r, enum hash_kind kind)
{
	assert_int_equal(r->kind, kind);
	assert_int_equal(r->inode, 77);
	assert_int_equal(r->device, 8 << 20);
	assert_int_equal(r->time_ns, 4000);
	assert_int_equal(r->pid, 12);
}

/* An exec of a script, with what has to be asked for it: the second request. */
static struct hash_request script_of(const char *name, const char *root, const char *cwd)
{
	struct hash_request request;

	event = (struct event){ .exec = { .header = { .type = EVENT_EXEC, .time_ns = 9000 },
		                          .inode = 5,
		                          .process.pid = 12 },
		                .has_script = true,
		                .script = { .inode = 77, .device = 8 << 20, .opened_ns = 4000 } };
	text_set(TEXT_FILENAME, name);
	text_set(TEXT_ROOT, root);
	text_set(TEXT_CWD, cwd);
	text_set(TEXT_EXE, "/bin/sh");
	hashes.hasher.unanswered = UINT64_MAX;
	hashes_exec(&hashes, &event, 1);
	assert_int_equal(recv(hasher, &request, sizeof(request), MSG_DONTWAIT), sizeof(request));
	assert_int_equal(request.kind, HASH_OF_EXECUTABLE);
	assert_int_equal(request.inode, 5);
	assert_int_equal(request.time_ns, 9000);
	assert_int_equal(recv(hasher, &request, sizeof(request), MSG_DONTWAIT), sizeof(request));
	assert_opened(&request, HASH_OF_SCRIPT);
	return request;
}

/* Both are asked for; what is not known of the name's place is left out. */
static void a_script_is_looked_for_by_its_name(void **state)
{
	static char longest[HASH_PATH_BYTES], longer[HASH_PATH_BYTES + 1];
	static const struct {
		const char *name, *root, *cwd, *path, *at;
	} cases[] = {
		{ "/opt/a", "/", "/home", "/opt/a", "/opt/a" },
		{ "/opt/a", "/jail", "/home", "/jail/opt/a", "/opt/a" },
		{ "./a", "/jail", "/jail/home", "/jail/home/./a", "./a" },
		{ "../a", "/", "/", "/../a", "../a" },
		{ "", "/", "/home", "/home/", "" },
		{ longest, "/", "/home", "", longest },
		{ longer, "/", "/", "", "" },
	};
	size_t i;

	(void)state;
	memset(longest, 'a', sizeof(longest) - 2); /* it fits behind a NUL */
	memset(longer, 'a', sizeof(longer) - 2);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct hash_request r = script_of(cases[i].name, cases[i].root, cases[i].cwd);

		assert_string_equal(r.path, cases[i].path);
		assert_string_equal(r.path + r.name_at, cases[i].at);
	}
}

static void late_hashes_of_a_script_and_its_interpreter(void **state)
{
	struct queue *queue = output_add(UINT32_MAX);
	const struct hash_request r = script_of("./a", "/", "/home");
	const char *text;

	(void)state;
	assert_string_equal(event.hash->reason, hash_state_text(HASH_SOON));
	assert_string_equal(event.script_hash->reason, hash_state_text(HASH_SOON));
	say(r.id, HASH_DONE);
	text = queue_text(queue);
	assert_non_null(strstr(text, "\"executable\":\"/bin/sh\""));
	assert_non_null(strstr(text, "\"script\":{\"inode\":\"77\",\"device\":\"8:0\",\"hash\""));
	assert_null(strstr(text, "\"executable\":\"/bin/sh\",\"hash\""));
	say(r.id - 1, HASH_GONE);
	assert_int_equal(queue->count, 2);
	assert_int_equal(hashes.waiting_count, 0);
}

static void a_script_whose_numbers_are_not_known_is_not_looked_for(void **state)
{
	struct hash_request request;

	(void)state;
	script_of("./a", "/", "/home");
	event.header.unread = 1U << FIELD_EXEC_SCRIPT_NUMBERS;
	hashes_exec(&hashes, &event, 1);
	assert_string_equal(event.script_hash->reason, hash_state_text(HASH_UNKNOWN));
	assert_int_equal(recv(hasher, &request, sizeof(request), MSG_DONTWAIT), sizeof(request));
	assert_true(recv(hasher, &request, sizeof(request), MSG_DONTWAIT) < 0);
}

/* ---- modules ------------------------------------------------------------- */

static void module_set(uint32_t image, uint32_t unread)
{
	event = (struct event){
		.action = { .header = { .type = EVENT_MODULE, .time_ns = 9000, .unread = unread },
		            .number = 1,
		            .file = image,
		            .process.pid = 12 },
		.opened = { .inode = 77, .device = 8 << 20, .opened_ns = 4000 }
	};
	text_set(FILE_PATH, "/lib/a.ko");
	hashes.hasher.unanswered = UINT64_MAX;
	hashes_module(&hashes, &event, 1);
}

static void a_module_is_looked_for_at_its_path(void **state)
{
	struct queue *queue = output_add(UINT32_MAX);
	struct hash_request request;
	const char *text;

	(void)state;
	module_set(MODULE_IN_FILE, 0);
	assert_int_equal(recv(hasher, &request, sizeof(request), MSG_DONTWAIT), sizeof(request));
	assert_opened(&request, HASH_OF_MODULE);
	assert_string_equal(request.path, "/lib/a.ko");
	assert_string_equal(event.hash->reason, hash_state_text(HASH_SOON));
	say(request.id, HASH_DONE);
	text = queue_text(queue);
	/* No executable: the path is that of the module. */
	assert_non_null(strstr(text, "00Z\"},\"file\":{\"path\":\"/lib/a.ko\",\"inode\":\"77\","
	                             "\"device\":\"8:0\",\"hash\""));
	assert_int_equal(hashes.waiting_count, 0);
}

static void a_module_that_is_not_known_is_not_looked_for(void **state)
{
	char byte;

	(void)state;
	module_set(MODULE_IN_MEMORY, 0);
	assert_null(event.hash);
	module_set(MODULE_UNKNOWN, 1U << FIELD_MODULE_IMAGE);
	assert_null(event.hash);
	module_set(MODULE_IN_FILE, 1U << FIELD_MODULE_STAT);
	assert_string_equal(event.hash->reason, hash_state_text(HASH_UNKNOWN));
	module_set(MODULE_IN_FILE, 1U << FIELD_MODULE_NUMBERS);
	assert_string_equal(event.hash->reason, hash_state_text(HASH_UNKNOWN));
	assert_true(recv(hasher, &byte, 1, MSG_DONTWAIT) < 0);
}

#define WITH_HASHER(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_HASHER(any_answer_is_borne),
		WITH_HASHER(a_user_leaves_room_for_those_that_come_later),
		WITH_HASHER(answers_of_another_size_end_the_hasher),
		WITH_HASHER(a_flood_of_answers_does_not_hold_the_engine),
		WITH_HASHER(a_hash_is_for_the_outputs_that_have_the_exec),
		WITH_HASHER(what_has_no_room_waits_for_it),
		WITH_HASHER(what_has_no_room_until_the_end_is_counted),
		WITH_HASHER(a_script_is_looked_for_by_its_name),
		WITH_HASHER(late_hashes_of_a_script_and_its_interpreter),
		WITH_HASHER(a_script_whose_numbers_are_not_known_is_not_looked_for),
		WITH_HASHER(a_module_is_looked_for_at_its_path),
		WITH_HASHER(a_module_that_is_not_known_is_not_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
