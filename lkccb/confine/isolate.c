/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answer comes through a pipe: a line that names what the sandbox lacks,
 * then the output of the job, then END. If open() fails, "failed" and a line
 * stand for the output.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "offsets/util/cleanup.h"
#include "lkccb/confine/isolate.h"
#include "lkccb/confine/sandbox.h"

#define ANSWER_BYTES_MAX (16 << 20)
#define END              "\nend\n"
#define WATCH_MS         100
#define EXIT_MS          1000 /* between the end of its answer and its exit */
#define THREADS_MAX      32 /* for the limit of CPU time, a second barrier behind the wall clock */
#define MEMORY_EXTRA     (256 << 20)

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

double isolate_seconds(const struct isolated *p)
{
	return now() - p->began;
}

/* ---- in the process --------------------------------------------------- */

/* Opens closed standard files, so that no later file gets their numbers. */
static void standard_files_fill(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

/* RLIMIT_DATA also counts private mappings of files. */
static int enter(const struct isolate_job *job, const struct isolate_limits *limits, pid_t parent,
                 FILE *answer, struct offsets_error *error)
{
	struct isolate_opened opened = { .count = 0 };
	int err = job->open(job->arg, &opened, error);
	struct sandbox sandbox = {
		.kind = SANDBOX_READER,
		.keep = opened.keep,
		.parent = parent,
		.memory_bytes = limits->memory + limits->disk + opened.mapped + MEMORY_EXTRA,
		.file_bytes = limits->disk,
		.cpu_s = (uint64_t)limits->timeout_s * THREADS_MAX,
	};
	char lacks[512] = "";

	opened.keep[opened.count++] = fileno(answer);
	sandbox.keep_count = opened.count;
	if (!err) {
		err = sandbox_enter(&sandbox, lacks, sizeof(lacks));
		if (err)
			offsets_fail(error, err, "%s: no sandbox: %s; not read", job->subject,
			             strerror(-err));
	}
	fprintf(answer, "%s\n", lacks);
	return err;
}

static void process_main(const struct isolate_job *job, const struct isolate_limits *limits,
                         pid_t parent, int fd)
{
	struct offsets_error error = { "" };
	FILE *answer;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	standard_files_fill();
	answer = fdopen(fd, "w");
	if (!answer)
		_exit(1);
	if (enter(job, limits, parent, answer, &error))
		fprintf(answer, "failed\n%s", error.text);
	else
		job->work(job->arg, answer);
	fputs(END, answer);
	_exit(fclose(answer) ? 1 : 0);
}

/* ---- outside ---------------------------------------------------------- */

/* A pipe whose descriptors are above 2: the process closes the standard files. */
static int pipe_above(int *fds)
{
	int low[2], i;

	if (pipe2(low, O_CLOEXEC))
		return -errno;
	for (i = 0; i < 2; i++) {
		fds[i] = low[i] > 2 ? low[i] : fcntl(low[i], F_DUPFD_CLOEXEC, 3);
		if (low[i] <= 2)
			close(low[i]);
	}
	return fds[0] < 0 || fds[1] < 0 ? -EMFILE : 0;
}

int isolate_start(struct isolated *ret, const struct isolate_job *job,
                  const struct isolate_limits *limits)
{
	const pid_t parent = getpid();
	int fds[2], err = pipe_above(fds);

	*ret = (struct isolated){ .subject = job->subject, .limits = *limits, .began = now() };
	if (err)
		return err;
	fflush(NULL); /* else the child prints buffered text again */
	ret->pid = fork();
	if (!ret->pid) {
		close(fds[0]);
		process_main(job, limits, parent, fds[1]);
	}
	err = ret->pid < 0 ? -errno : 0;
	close(fds[1]);
	ret->fd = fds[0];
	if (err) {
		ret->pid = 0;
		close(fds[0]);
		return err;
	}
	setpgid(ret->pid, ret->pid); /* both processes do it: either may run first */
	return 0;
}

static void group_kill(struct isolated *p, const char *why)
{
	if (p->killed)
		return;
	p->killed = why;
	kill(-p->pid, SIGKILL);
}

static bool room_make(struct isolated *p)
{
	size_t room = p->room ? 2 * p->room : 1 << 18;
	char *answer;

	if (p->room - p->size >= 65536)
		return true;
	answer = realloc(p->answer, room);
	if (!answer)
		return false;
	p->answer = answer;
	p->room = room;
	return true;
}

bool isolate_read(struct isolated *p)
{
	ssize_t n;

	if (!room_make(p)) {
		group_kill(p, "out of memory for its answer");
		return false;
	}
	do
		n = read(p->fd, p->answer + p->size, p->room - p->size - 1);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		p->size += n;
	if (p->size > ANSWER_BYTES_MAX)
		group_kill(p, "its answer is too long");
	return n > 0;
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

void isolate_watch(struct isolated *p)
{
	if (isolate_seconds(p) > p->limits.timeout_s)
		group_kill(p, "it took longer than --timeout allows");
	else if (resident_bytes(p->pid) > p->limits.memory)
		group_kill(p, "it needs more memory than --memory allows");
}

/* Is the answer complete? Removes END. */
static bool answer_end(struct isolated *p)
{
	size_t size = strlen(END);

	if (p->size < size || memcmp(p->answer + p->size - size, END, size))
		return false;
	p->size -= size;
	p->answer[p->size] = '\0';
	return true;
}

/* The process id stays reserved until waitpid(), so the group can be killed by it. */
static int status_wait(struct isolated *p, int most_ms)
{
	const struct timespec step = { 0, 1000000 };
	siginfo_t info = { 0 };
	int status = 0;

	for (; most_ms > 0 && !info.si_pid; most_ms--) {
		waitid(P_PID, p->pid, &info, WEXITED | WNOWAIT | WNOHANG);
		if (!info.si_pid)
			nanosleep(&step, NULL);
	}
	kill(-p->pid, SIGKILL);
	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(p->fd);
	p->pid = 0;
	return status;
}

/* Reports why there is no complete answer. */
static int failure(const struct isolated *p, int status, struct offsets_error *error)
{
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (p->killed)
		return offsets_fail(error, -ENOBUFS, "%s: stopped: %s", p->subject, p->killed);
	if (number == SIGSYS)
		return offsets_fail(error, -EBADMSG,
		                    "%s: the process that read it tried to start a program or to "
		                    "access another process; the file is hostile, or this is a bug",
		                    p->subject);
	if (number)
		return offsets_fail(error, -EBADMSG,
		                    "%s: the process that read it crashed (%s); the file is "
		                    "damaged or hostile, or this is a bug",
		                    p->subject, strsignal(number));
	return offsets_fail(error, -EIO, "%s: the process that read it gave an incomplete answer",
	                    p->subject);
}

/* The text is untrusted: the process may have been taken over. */
void isolate_line(struct offsets_error *ret, const char *text)
{
	char *at;

	snprintf(ret->text, sizeof(ret->text), "%.*s", (int)strcspn(text, "\n"), text);
	for (at = ret->text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == '\177')
			*at = '?';
}

static void lacks_report(const struct isolated *p, const char *lacks)
{
	static bool said;

	struct offsets_error line;

	isolate_line(&line, lacks);
	if (*lacks && p->limits.verbose && !said)
		fprintf(stderr, "lkccb: the sandbox for inputs lacks: %s\n", line.text);
	said = said || *lacks;
}

int isolate_end(struct isolated *p, const char **ret_text, size_t *ret_size,
                struct offsets_error *error)
{
	bool whole = !p->killed && answer_end(p);
	int status = status_wait(p, whole || p->killed ? 0 : EXIT_MS);
	char *text = whole ? strchr(p->answer, '\n') : NULL;

	if (!text)
		return failure(p, status, error);
	*text++ = '\0';
	lacks_report(p, p->answer);
	*ret_text = text;
	*ret_size = p->answer + p->size - text;
	if (strncmp(text, "failed\n", 7))
		return 0;
	isolate_line(error, text + 7);
	return -EBADMSG;
}

void isolate_free(struct isolated *p)
{
	if (p->pid) {
		kill(-p->pid, SIGKILL);
		status_wait(p, 0);
	}
	free(p->answer);
	*p = (struct isolated){ 0 };
}

int isolate_run(struct isolated *ret, const struct isolate_job *job,
                const struct isolate_limits *limits, const char **ret_text, size_t *ret_size,
                struct offsets_error *error)
{
	struct pollfd fd;
	int err = isolate_start(ret, job, limits);

	if (err)
		return offsets_fail(error, err, "%s: cannot start a process to read it: %s",
		                    job->subject, strerror(-err));
	fd = (struct pollfd){ ret->fd, POLLIN, 0 };
	do {
		int n = poll(&fd, 1, WATCH_MS);

		isolate_watch(ret);
		if (n > 0 && !isolate_read(ret))
			break;
	} while (1);
	return isolate_end(ret, ret_text, ret_size, error);
}
