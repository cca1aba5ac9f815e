/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answer of a process is a word and a newline: "kernels", then kernels as text;
 * "known"; "empty" or "failed", then one line that says why; or "beside", the name of
 * a file that it needs, and a line. Before that it may say "note" and a line.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "offsets/util/cleanup.h"
#include "offsets/util/escape.h"
#include "lkccb/input/batch.h"

#define WATCH_MS 100

struct worker {
	struct isolated process; /* pid 0: none */
	const char *path;
	char *beside; /* a file beside the path that the first try lacked, or NULL */
};

struct batch {
	const struct batch_options *o;
	const struct paths *paths;
	batch_known_fn known;
	batch_result_fn result;
	void *arg;
	struct worker *workers;
	size_t next; /* index of the next path */
	unsigned int running;
};

/* ---- in the process --------------------------------------------------- */

struct reader {
	struct batch *b;
	const char *path;
	struct input_options options;
	struct input *input;
};

static int reader_open(void *arg, struct isolate_opened *ret, struct offsets_error *error)
{
	struct reader *r = arg;
	int err = input_open(r->path, &r->options, &r->input, error);

	if (err)
		return err;
	ret->count = input_descriptors(r->input, ret->keep);
	ret->mapped = input_size(r->input);
	return 0;
}

static bool known(const struct reader *r)
{
	struct offsets_kernel *kernel = r->b->known ? offsets_kernel_new() : NULL;
	struct offsets_error ignored;
	bool is_known =
		kernel && !input_digest(r->input, kernel, &ignored) &&
		r->b->known(offsets_kernel_key(kernel, OFFSETS_KEY_PACKAGE_SHA256), r->b->arg);

	offsets_kernel_free(kernel);
	return is_known;
}

static void reader_answer(struct reader *r, FILE *out)
{
	struct offsets_error error;
	struct kernels kernels;
	char note[512];
	size_t i;
	int err = input_kernels(r->input, &kernels, &error);

	input_note(r->input, note, sizeof(note));
	if (*note)
		fprintf(out, "note\n%s\n", note);
	if (err && *input_missing(r->input))
		fprintf(out, "beside\n%s\n%s", input_missing(r->input), error.text);
	else if (err)
		fprintf(out, "%s\n%s", err == -ENOMSG ? "empty" : "failed", error.text);
	else
		fputs("kernels\n", out);
	for (i = 0; !err && i < kernels.count; i++)
		offsets_kernel_write(kernels.list[i], out);
	kernels_free(&kernels);
}

static void reader_work(void *arg, FILE *out)
{
	struct reader *r = arg;

	if (known(r))
		fputs("known\n", out);
	else
		reader_answer(r, out);
}

/* ---- outside ---------------------------------------------------------- */

static int worker_start(struct batch *b, struct worker *w)
{
	unsigned int at_once = b->paths->count < b->o->jobs ? b->paths->count : b->o->jobs;
	struct reader reader = { .b = b, .path = w->path, .options = b->o->input };
	const struct isolate_job job = { w->path, reader_open, reader_work, &reader };
	int err;

	reader.options.threads = b->o->jobs / at_once;
	reader.options.disk = b->o->limits.disk;
	reader.options.timeout_s = b->o->limits.timeout_s;
	reader.options.beside = w->beside;
	err = isolate_start(&w->process, &job, &b->o->limits);
	b->running += !err;
	return err;
}

/* The rest of the text after word; NULL: it does not begin with word. */
static const char *after(const char *text, const char *word)
{
	size_t size = strlen(word);

	return !strncmp(text, word, size) ? text + size : NULL;
}

static const char *note_print(const struct worker *w, const char *text)
{
	const char *note = after(text, "note\n"), *end = note ? strchr(note, '\n') : NULL;

	if (!end)
		return text;
	escape_print(stderr, "lkccb: %s: %.*s\n", w->path, (int)(end - note), note);
	return end + 1;
}

/* Makes a result of an answer. If the process asks for a file beside the input, notes its name. */
static void result_of(struct worker *w, const char *text, size_t size, struct batch_result *ret,
                      struct offsets_error *error)
{
	const char *end = text + size, *rest;

	text = note_print(w, text);
	if ((rest = after(text, "kernels\n"))) {
		*ret = (struct batch_result){ w->path, BATCH_KERNELS, rest, end - rest, 0 };
	} else if (after(text, "known\n")) {
		ret->kind = BATCH_KNOWN;
	} else if (!w->beside && (rest = after(text, "beside\n")) && strchr(rest, '\n')) {
		w->beside = strndup(rest, strcspn(rest, "\n"));
		isolate_line(error, strchr(rest, '\n') + 1);
	} else if ((rest = after(text, "empty\n"))) {
		ret->kind = BATCH_EMPTY;
		isolate_line(error, rest);
	} else if ((rest = after(text, "failed\n"))) {
		isolate_line(error, rest);
	} else {
		offsets_fail(error, -EBADMSG, "%s: the process that read it gave no answer",
		             w->path);
	}
}

static int worker_end(struct batch *b, struct worker *w)
{
	struct batch_result result = { w->path, BATCH_FAILED, "", 0, 0 };
	struct offsets_error error = { "" };
	bool asked = w->beside;
	const char *text;
	size_t size;
	int err;

	b->running--;
	if (!isolate_end(&w->process, &text, &size, &error))
		result_of(w, text, size, &result, &error);
	result.seconds = isolate_seconds(&w->process);
	if (w->beside && !asked) {
		isolate_free(&w->process);
		return worker_start(b, w);
	}
	if (result.kind != BATCH_KERNELS) {
		result.text = error.text;
		result.size = strlen(error.text);
	}
	err = b->result(&result, b->arg);
	isolate_free(&w->process);
	free(w->beside);
	*w = (struct worker){ 0 };
	return err;
}

static int workers_start(struct batch *b)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < b->o->jobs && b->next < b->paths->count; i++)
		if (!b->workers[i].process.pid) {
			b->workers[i].path = b->paths->list[b->next++];
			err = worker_start(b, &b->workers[i]);
		}
	return err;
}

static int workers_wait(struct batch *b)
{
	struct pollfd fds[1024];
	unsigned int i, count = 0;
	int err = 0;

	for (i = 0; i < b->o->jobs; i++)
		if (b->workers[i].process.pid)
			fds[count++] = (struct pollfd){ b->workers[i].process.fd, POLLIN, 0 };
	if (poll(fds, count, WATCH_MS) < 0 && errno != EINTR)
		return -errno;
	for (i = count = 0; !err && i < b->o->jobs; i++) {
		if (!b->workers[i].process.pid)
			continue;
		isolate_watch(&b->workers[i].process);
		if (fds[count++].revents && !isolate_read(&b->workers[i].process))
			err = worker_end(b, &b->workers[i]);
	}
	return err;
}

int batch_run(const struct batch_options *o, const struct paths *paths, batch_known_fn known_fn,
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
	for (i = 0; i < o->jobs; i++) {
		isolate_free(&b.workers[i].process);
		free(b.workers[i].beside);
	}
	free(b.workers);
	return err;
}
