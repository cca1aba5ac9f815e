/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inputs are hostile, and libraries parse them: so each is read by a process of
 * its own, with limits. It answers through a pipe: a word and a newline, then
 * rows as text, or one line that says why not.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "lkccb.h"
#include "package.h"
#include "remote.h"

#define ANSWER_BYTES_MAX (16 << 20)
#define WATCH_MS         100

struct worker {
	pid_t pid; /* 0: none */
	int fd;
	const char *path;
	char *answer;
	size_t size, room;
	double began;
	const char *killed; /* why, or NULL */
};

struct batch {
	const struct options *o;
	const struct paths *paths;
	batch_known_fn known;
	batch_result_fn result;
	void *arg;
	struct worker *workers;
	size_t next; /* of the paths */
	unsigned int running;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* ---- in the process --------------------------------------------------- */

static bool known(struct batch *b, const char *path)
{
	bool is_file = b->known && !(b->o->input.ranges && remote_is(path));
	struct kernel_row *row = is_file ? offsets_row_new() : NULL;
	struct offsets_error ignored;
	bool is_known = row && !package_digest(path, row, &ignored) &&
	                b->known(row->keys[ROW_PACKAGE_SHA256], b->arg);

	offsets_row_free(row);
	return is_known;
}

static void work(struct batch *b, const char *path, FILE *out)
{
	struct input_options options = b->o->input;
	struct offsets_error error;
	struct rows rows;
	size_t i;

	if (known(b, path)) {
		fputs("known\n", out);
		return;
	}
	options.threads =
		b->o->jobs / (b->paths->count < b->o->jobs ? b->paths->count : b->o->jobs);
	if (input_read(path, &options, &rows, &error)) {
		fprintf(out, "failed\n%s", error.text);
		return;
	}
	fputs("rows\n", out);
	for (i = 0; i < rows.count; i++)
		offsets_row_write(rows.list[i], out);
	rows_free(&rows);
}

static void worker_main(struct batch *b, const char *path, int fd)
{
	/* Should the one outside fail that counts by the clock: no reader has so many threads. */
	const rlim_t cpu_s = (rlim_t)b->o->timeout_s * 32;
	const struct rlimit none = { 0, 0 }, time = { cpu_s, cpu_s };
	FILE *out;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_CPU, &time);
	signal(SIGPIPE, SIG_DFL);
	out = fdopen(fd, "w");
	if (!out)
		_exit(1);
	work(b, path, out);
	_exit(fclose(out) ? 1 : 0);
}

/* ---- outside ---------------------------------------------------------- */

static int worker_start(struct batch *b, struct worker *w, const char *path)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	fflush(NULL); /* else the child would print it again */
	*w = (struct worker){ .fd = fds[0], .path = path, .began = now() };
	w->pid = fork();
	if (!w->pid) {
		close(fds[0]);
		worker_main(b, path, fds[1]);
	}
	close(fds[1]);
	if (w->pid < 0) {
		w->pid = 0;
		close(fds[0]);
		return -errno;
	}
	b->running++;
	return 0;
}

static void worker_kill(struct worker *w, const char *why)
{
	if (w->killed)
		return;
	w->killed = why;
	kill(w->pid, SIGKILL);
}

/* 0: the end, or an error: the process has nothing more to say. */
static ssize_t answer_read(struct worker *w)
{
	ssize_t n;

	if (w->room - w->size < 65536) {
		size_t room = w->room ? 2 * w->room : 1 << 18;
		char *answer = realloc(w->answer, room);

		if (!answer)
			return 0;
		w->answer = answer;
		w->room = room;
	}
	do
		n = read(w->fd, w->answer + w->size, w->room - w->size - 1);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		w->size += n;
	if (w->size > ANSWER_BYTES_MAX)
		worker_kill(w, "said too much");
	return n;
}

static uint64_t resident_bytes(pid_t pid)
{
	char path[64];
	unsigned long pages = 0;
	CLEANUP(cleanup_file) FILE *file = NULL;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%*u %lu", &pages) != 1)
		return 0;
	return (uint64_t)pages * sysconf(_SC_PAGESIZE);
}

static void workers_watch(struct batch *b)
{
	unsigned int i;

	for (i = 0; i < b->o->jobs; i++) {
		struct worker *w = &b->workers[i];

		if (!w->pid)
			continue;
		if (now() - w->began > b->o->timeout_s)
			worker_kill(w, "took longer than --timeout allows");
		else if (resident_bytes(w->pid) > b->o->memory)
			worker_kill(w, "needs more memory than --memory allows");
	}
}

static bool begins(const struct worker *w, const char *word)
{
	return w->size >= strlen(word) && !memcmp(w->answer, word, strlen(word));
}

/* What became of a process, and the answer's text. */
static void result_of(struct worker *w, int status, struct batch_result *ret, char *line,
                      size_t size)
{
	*ret = (struct batch_result){ w->path, BATCH_FAILED, line, 0, now() - w->began };
	if (w->answer)
		w->answer[w->size] = '\0';
	if (w->killed)
		snprintf(line, size, "%s: %s; it was stopped", w->path, w->killed);
	else if (WIFSIGNALED(status))
		snprintf(line, size,
		         "%s: reading it crashed (%s); the file is damaged or hostile, or this is "
		         "a bug",
		         w->path, strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		snprintf(line, size, "%s: its rows could not be passed on", w->path);
	else if (begins(w, "rows\n"))
		*ret = (struct batch_result){ w->path, BATCH_ROWS, w->answer + 5, w->size - 5,
			                      ret->seconds };
	else if (begins(w, "known\n"))
		ret->kind = BATCH_KNOWN;
	else if (begins(w, "failed\n"))
		snprintf(line, size, "%s", w->answer + 7);
	else
		snprintf(line, size, "%s: no answer", w->path);
	if (ret->kind != BATCH_ROWS)
		ret->size = strlen(line);
}

static int worker_end(struct batch *b, struct worker *w)
{
	struct batch_result result;
	char line[1024] = "";
	int status, err;

	close(w->fd);
	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	b->running--;
	result_of(w, status, &result, line, sizeof(line));
	err = b->result(&result, b->arg);
	free(w->answer);
	*w = (struct worker){ 0 };
	return err;
}

static int workers_start(struct batch *b)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < b->o->jobs && b->next < b->paths->count; i++)
		if (!b->workers[i].pid)
			err = worker_start(b, &b->workers[i], b->paths->list[b->next++]);
	return err;
}

static int workers_wait(struct batch *b)
{
	struct pollfd fds[1024];
	unsigned int i, count = 0;
	int err = 0;

	for (i = 0; i < b->o->jobs; i++)
		if (b->workers[i].pid)
			fds[count++] = (struct pollfd){ b->workers[i].fd, POLLIN, 0 };
	if (poll(fds, count, WATCH_MS) < 0 && errno != EINTR)
		return -errno;
	workers_watch(b);
	for (i = count = 0; !err && i < b->o->jobs; i++) {
		if (!b->workers[i].pid)
			continue;
		if (fds[count++].revents && answer_read(&b->workers[i]) <= 0)
			err = worker_end(b, &b->workers[i]);
	}
	return err;
}

int batch_run(const struct options *o, const struct paths *paths, batch_known_fn known_fn,
              batch_result_fn result, void *arg)
{
	struct batch b = { o, paths, known_fn, result, arg, NULL, 0, 0 };
	unsigned int i;
	int err = 0;

	b.workers = calloc(o->jobs, sizeof(*b.workers));
	if (!b.workers)
		return -ENOMEM;
	while (!err && (b.running || b.next < paths->count)) {
		err = workers_start(&b);
		if (!err)
			err = workers_wait(&b);
	}
	for (i = 0; i < o->jobs; i++)
		if (b.workers[i].pid) {
			kill(b.workers[i].pid, SIGKILL);
			close(b.workers[i].fd);
			waitpid(b.workers[i].pid, NULL, 0);
			free(b.workers[i].answer);
		}
	free(b.workers);
	return err;
}
