/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>
#include <openssl/evp.h>

#include "loader/hash/hash_cache.h"
#include "loader/hash/hash_file.h"
#include "loader/hash/hash_place.h"
#include "loader/hash/hasher.h"
#include "loader/helper/helper.h"
#include "loader/util/monotonic.h"

#define SECOND_NS   1000000000ULL
#define CHUNK_BYTES (256 * 1024)
/* A file of so many bytes is read at once, while the budget owes less than it gives in a second. */
#define AT_ONCE_BYTES (1024 * 1024)

#define JOBS_MAX    32
#define WAITING_MAX 256

/* A file that is being read. */
struct job {
	int fd;
	struct stat st;   /* when it was begun */
	bool is_untraced; /* it has one request, of this process, which has to run it to the end */
	uint32_t pid;
	uint64_t done; /* bytes that were read */
	EVP_MD_CTX *digest;
	uint64_t waiting[WAITING_MAX]; /* requests */
	size_t count;
};

/*
 * The first one is read, and has the fewest bytes left: a user who executes large files holds up
 * those of other users only if they are as large.
 */
static struct job *jobs[JOBS_MAX];
static size_t job_count;
static int64_t budget, left; /* bytes a second; those that may be read now, below 0: owed */
static uint64_t filled_ns;
static int engine;
static char chunk[CHUNK_BYTES];

/* ---- answers ------------------------------------------------------------- */

static void answer(uint64_t id, enum hash_state state, const uint8_t *sha256)
{
	struct hash_answer a = { .id = id, .state = state };

	if (sha256)
		memcpy(a.sha256, sha256, HASH_BYTES);
	helper_answer(engine, &a, sizeof(a));
}

/* ---- the budget ---------------------------------------------------------- */

/* Up to that of a second is saved. */
static void budget_fill(void)
{
	uint64_t now = clock_monotonic_ns();
	double gained = (double)budget * (now - filled_ns) / SECOND_NS;

	if (gained >= budget - left) {
		left = budget;
		filled_ns = now;
	} else {
		left += (int64_t)gained;
		filled_ns +=
			(double)(int64_t)gained * SECOND_NS / budget; /* a part of a byte stays */
	}
}

/* Until a chunk may be read; -1: for ever, 0: now. */
static int budget_wait_ms(void)
{
	double ms;

	if (!job_count)
		return -1;
	budget_fill();
	if (left > 0)
		return 0;
	ms = (1.0 - left) * 1000 / budget + 1;
	return ms < INT_MAX ? ms : INT_MAX;
}

/* ---- files --------------------------------------------------------------- */

/*
 * Reads a chunk. HASH_SOON: there is more; HASH_DONE: that was all; or why it has no hash. It has
 * the size that it had at the beginning, as a file could grow as fast as it is read.
 */
static enum hash_state job_read(struct job *job)
{
	uint64_t rest = job->st.st_size - job->done;
	ssize_t n = read(job->fd, chunk, rest < sizeof(chunk) ? rest + 1 : sizeof(chunk));

	if (n < 0)
		return HASH_UNREADABLE;
	if (!n)
		return rest ? HASH_CHANGED : HASH_DONE;
	left -= n;
	job->done += n;
	if ((uint64_t)n > rest)
		return HASH_CHANGED;
	return EVP_DigestUpdate(job->digest, chunk, n) == 1 ? HASH_SOON : HASH_UNREADABLE;
}

static bool is_the_same(int fd, const struct stat *before)
{
	struct stat now;

	return !fstat(fd, &now) && now.st_size == before->st_size &&
	       now.st_ctim.tv_sec == before->st_ctim.tv_sec &&
	       now.st_ctim.tv_nsec == before->st_ctim.tv_nsec;
}

static void job_free(struct job *job)
{
	if (job->fd >= 0)
		close(job->fd);
	EVP_MD_CTX_free(job->digest);
	free(job);
}

static void job_answer(const struct job *job, enum hash_state state, const uint8_t *sha256)
{
	size_t i;

	for (i = 0; i < job->count; i++)
		answer(job->waiting[i], state, sha256);
}

/*
 * The times of files go by ticks of some milliseconds: within one of them it could change again
 * without a trace.
 */
#define RECENT_NS (2 * SECOND_NS)

static bool is_recent(const struct stat *st)
{
	uint64_t changed = st->st_ctim.tv_sec * SECOND_NS + st->st_ctim.tv_nsec;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return changed + RECENT_NS > now.tv_sec * SECOND_NS + now.tv_nsec;
}

static void job_end(struct job *job, enum hash_state state)
{
	uint8_t sha256[HASH_BYTES];

	if (state == HASH_DONE && !is_the_same(job->fd, &job->st))
		state = HASH_CHANGED;
	if (state == HASH_DONE && job->is_untraced && !hash_file_is_running(&job->st, job->pid))
		state = HASH_UNTRACED;
	if (state == HASH_DONE && EVP_DigestFinal_ex(job->digest, sha256, NULL) != 1)
		state = HASH_UNREADABLE;
	if (state == HASH_DONE && !job->is_untraced && !is_recent(&job->st))
		hash_cache_put(&job->st, sha256);
	job_answer(job, state, state == HASH_DONE ? sha256 : NULL);
	job_free(job);
}

/* Takes file->fd. NULL: it cannot be read. */
static struct job *job_new(const struct hash_file *file, uint32_t pid)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job) {
		job->fd = hash_file_open(file->fd);
		job->st = file->st;
		job->is_untraced = file->is_untraced;
		job->pid = pid;
		job->digest = EVP_MD_CTX_new();
	}
	close(file->fd);
	if (job && job->fd >= 0 && job->digest &&
	    EVP_DigestInit_ex(job->digest, EVP_sha256(), NULL) == 1)
		return job;
	if (job)
		job_free(job);
	return NULL;
}

static void job_finish(struct job *job)
{
	enum hash_state state;

	do
		state = job_read(job);
	while (state == HASH_SOON);
	job_end(job, state);
}

/* The first one goes on by a chunk. */
static void jobs_work(void)
{
	enum hash_state state;

	budget_fill();
	if (!job_count || left <= 0)
		return;
	state = job_read(jobs[0]);
	if (state == HASH_SOON)
		return;
	job_end(jobs[0], state);
	memmove(jobs, jobs + 1, --job_count * sizeof(jobs[0]));
}

/* ---- requests ------------------------------------------------------------ */

static struct job *job_of(const struct stat *st)
{
	size_t i;

	for (i = 0; i < job_count; i++)
		if (!jobs[i]->is_untraced && jobs[i]->st.st_ino == st->st_ino &&
		    jobs[i]->st.st_dev == st->st_dev && is_the_same(jobs[i]->fd, st))
			return jobs[i];
	return NULL;
}

static uint64_t job_rest(const struct job *job)
{
	return job->st.st_size - job->done;
}

/* Into their order; there is room. */
static void job_insert(struct job *job)
{
	size_t i = job_count++;

	for (; i && job_rest(jobs[i - 1]) > job_rest(job); i--)
		jobs[i] = jobs[i - 1];
	jobs[i] = job;
}

/* The last one makes room if it has more to be read than size. False: there is no room. */
static bool jobs_make_room(uint64_t size)
{
	if (job_count < JOBS_MAX)
		return true;
	if (job_rest(jobs[JOBS_MAX - 1]) <= size)
		return false;
	job_count--;
	job_answer(jobs[job_count], HASH_TOO_MANY, NULL);
	job_free(jobs[job_count]);
	return true;
}

/* Takes file->fd. NULL: it was answered. */
static struct job *job_begin(const struct hash_request *r, const struct hash_file *file)
{
	struct job *job;
	bool is_at_once;

	budget_fill();
	is_at_once = (uint64_t)file->st.st_size <= AT_ONCE_BYTES && left > -budget;
	if (!is_at_once && !jobs_make_room(file->st.st_size)) {
		close(file->fd);
		answer(r->id, HASH_TOO_MANY, NULL);
		return NULL;
	}
	job = job_new(file, r->pid);
	if (!job) {
		answer(r->id, HASH_UNREADABLE, NULL);
		return NULL;
	}
	if (is_at_once) {
		job->waiting[job->count++] = r->id;
		job_finish(job);
		return NULL;
	}
	job_insert(job);
	return job;
}

/* Takes file->fd. */
static void file_begin(const struct hash_request *r, const struct hash_file *file)
{
	struct job *job = file->is_untraced ? NULL : job_of(&file->st);

	if (job)
		close(file->fd);
	else
		job = job_begin(r, file);
	if (!job)
		return;
	if (job->count == WAITING_MAX) {
		answer(r->id, HASH_TOO_MANY, NULL);
		return;
	}
	job->waiting[job->count++] = r->id;
	answer(r->id, HASH_SOON, NULL);
}

static void request_serve(const struct hash_request *r)
{
	const uint8_t *known;
	struct hash_file file;
	enum hash_state state = hash_file_find(r, &file);

	if (state != HASH_DONE) {
		answer(r->id, state, NULL);
		return;
	}
	known = file.is_untraced ? NULL : hash_cache_find(&file.st);
	if (!known && (uint64_t)file.st.st_size <= HASH_FILE_MAX) {
		file_begin(r, &file);
		return;
	}
	close(file.fd);
	answer(r->id, known ? HASH_DONE : HASH_TOO_LARGE, known);
}

static void serve(int socket)
{
	static struct hash_request request;
	struct pollfd fd = { socket, POLLIN, 0 };
	ssize_t n;

	engine = socket;
	for (;;) {
		if (poll(&fd, 1, budget_wait_ms()) < 0 && errno != EINTR)
			return;
		if (fd.revents) {
			n = recv(engine, &request, sizeof(request), 0);
			if (n == 0 || (n < 0 && errno != EINTR))
				return;
			request.path[sizeof(request.path) - 1] = '\0';
			if (n == sizeof(request) && request.name_at < sizeof(request.path))
				request_serve(&request);
			fd.revents = 0;
		} else {
			jobs_work();
		}
	}
}

/* ---- the process --------------------------------------------------------- */

/* The algorithms are found before the files of libraries are out of reach. */
static bool prepare(const void *bytes_a_second)
{
	EVP_MD_CTX *first;

	setenv("OPENSSL_CONF", "/dev/null", 1); /* that of the host is for another OpenSSL */
	first = EVP_MD_CTX_new();
	if (!first || EVP_DigestInit_ex(first, EVP_sha256(), NULL) != 1)
		return false;
	EVP_MD_CTX_free(first);
	place_init();
	budget = left = *(const uint64_t *)bytes_a_second;
	filled_ns = clock_monotonic_ns();
	return true;
}

int hasher_start(uint64_t bytes_a_second, pid_t *ret_pid, int *ret_fd, struct offsets_error *error)
{
	/* To read any file, and to see what a process executes. */
	static const unsigned int kept[] = { CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE };
	static const char *const calls[] = { "readlinkat", "fstatfs" };
	static const struct helper hasher = { .comm = "sextant-hash",
		                              .does = "hashes files",
		                              .capabilities = kept,
		                              .capability_count = sizeof(kept) / sizeof(kept[0]),
		                              .calls = calls,
		                              .call_count = sizeof(calls) / sizeof(calls[0]),
		                              .prepare = prepare,
		                              .serve = serve };

	return helper_start(&hasher, &bytes_a_second, ret_pid, ret_fd, error);
}
