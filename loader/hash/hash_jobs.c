/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "loader/hash/hash_budget.h"
#include "loader/hash/hash_cache.h"
#include "loader/hash/hash_jobs.h"
#include "loader/helper/helper.h"

#define SECOND_NS     1000000000ULL
#define CHUNK_BYTES   (256 * 1024)
#define AT_ONCE_BYTES (1024 * 1024) /* a file of so many bytes is read at once */

#define JOBS_MAX    32
#define WAITING_MAX 256

/* A file that is being read. */
struct job {
	int fd;
	struct stat st;   /* when it was begun */
	bool is_untraced; /* it has one request, of this process, which has to run it to the end */
	uint32_t pid;
	uint64_t users; /* that wait for it: 1 << hash_budget_user() */
	uint64_t done;  /* bytes that were read */
	EVP_MD_CTX *digest;
	uint64_t waiting[WAITING_MAX]; /* requests */
	size_t count;
};

static struct job *jobs[JOBS_MAX];
static size_t job_count;
static int engine;
static char chunk[CHUNK_BYTES];

void hash_jobs_init(int socket)
{
	engine = socket;
}

void hash_answer_send(uint64_t id, enum hash_state state, const uint8_t *sha256)
{
	struct hash_answer a = { .id = id, .state = state };

	if (sha256)
		memcpy(a.sha256, sha256, HASH_BYTES);
	helper_answer(engine, &a, sizeof(a));
}

/* ---- a file -------------------------------------------------------------- */

/* Of the users that wait for it, the one who has taken the fewest bytes lately pays for it. */
static size_t job_user(const struct job *job)
{
	size_t i, user = HASH_USERS;

	for (i = 0; i < HASH_USERS; i++)
		if (job->users & 1ULL << i &&
		    (user == HASH_USERS || hash_budget_taken(i) < hash_budget_taken(user)))
			user = i;
	return user;
}

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
	hash_budget_take(job_user(job), n);
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
		hash_answer_send(job->waiting[i], state, sha256);
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
static struct job *job_new(const struct hash_file *file, uint32_t pid, size_t user)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job) {
		job->fd = hash_file_open(file->fd);
		job->st = file->st;
		job->is_untraced = file->is_untraced;
		job->pid = pid;
		job->users = 1ULL << user;
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

static uint64_t job_rest(const struct job *job)
{
	return job->st.st_size - job->done;
}

/* ---- all of them ----------------------------------------------------------- */

static bool is_before(const struct job *a, const struct job *b)
{
	uint64_t of_a = hash_budget_taken(job_user(a)), of_b = hash_budget_taken(job_user(b));

	return of_a < of_b || (of_a == of_b && job_rest(a) < job_rest(b));
}

static size_t jobs_next(void)
{
	size_t i, next = 0;

	for (i = 1; i < job_count; i++)
		if (is_before(jobs[i], jobs[next]))
			next = i;
	return next;
}

static void job_drop(size_t i)
{
	memmove(jobs + i, jobs + i + 1, (--job_count - i) * sizeof(jobs[0]));
}

int hash_jobs_wait_ms(void)
{
	return job_count ? hash_budget_wait_ms() : -1;
}

void hash_jobs_work(void)
{
	enum hash_state state;
	struct job *job;
	size_t next;

	if (hash_jobs_wait_ms())
		return;
	next = jobs_next();
	job = jobs[next];
	state = job_read(job);
	if (state == HASH_SOON)
		return;
	job_drop(next);
	job_end(job, state);
}

static struct job *job_of(const struct stat *st)
{
	size_t i;

	for (i = 0; i < job_count; i++)
		if (!jobs[i]->is_untraced && jobs[i]->st.st_ino == st->st_ino &&
		    jobs[i]->st.st_dev == st->st_dev && is_the_same(jobs[i]->fd, st))
			return jobs[i];
	return NULL;
}

/* Who has the most files here, with one more of that user; that user, if others have as many. */
static size_t most_jobs_user(size_t user)
{
	size_t count[HASH_USERS] = { 0 }, i, most = user;

	count[user] = 1;
	for (i = 0; i < job_count; i++)
		count[job_user(jobs[i])]++;
	for (i = 0; i < HASH_USERS; i++)
		if (count[i] > count[most])
			most = i;
	return most;
}

/* The largest rest of who has the most files makes room. False: that is the new one's, of size. */
static bool jobs_make_room(size_t user, uint64_t size)
{
	size_t i, most, last = JOBS_MAX;

	if (job_count < JOBS_MAX)
		return true;
	most = most_jobs_user(user);
	for (i = 0; i < job_count; i++)
		if (job_user(jobs[i]) == most &&
		    (last == JOBS_MAX || job_rest(jobs[i]) >= job_rest(jobs[last])))
			last = i;
	if (last == JOBS_MAX || (most == user && job_rest(jobs[last]) <= size))
		return false;
	job_answer(jobs[last], HASH_TOO_MANY, NULL);
	job_free(jobs[last]);
	job_drop(last);
	return true;
}

/* ---- requests ------------------------------------------------------------ */

/* Takes file->fd. NULL: it was answered. */
static struct job *job_begin(const struct hash_request *r, const struct hash_file *file,
                             size_t user)
{
	bool is_at_once =
		(uint64_t)file->st.st_size <= AT_ONCE_BYTES && hash_budget_is_at_once(user);
	struct job *job;

	if (!is_at_once && !jobs_make_room(user, file->st.st_size)) {
		close(file->fd);
		hash_answer_send(r->id, HASH_TOO_MANY, NULL);
		return NULL;
	}
	job = job_new(file, r->pid, user);
	if (!job) {
		hash_answer_send(r->id, HASH_UNREADABLE, NULL);
		return NULL;
	}
	if (is_at_once) {
		job->waiting[job->count++] = r->id;
		job_finish(job);
		return NULL;
	}
	jobs[job_count++] = job;
	return job;
}

void hash_jobs_add(const struct hash_request *r, const struct hash_file *file)
{
	struct job *job = file->is_untraced ? NULL : job_of(&file->st);
	size_t user = hash_budget_user(r->uid);

	if (job)
		close(file->fd);
	else
		job = job_begin(r, file, user);
	if (!job)
		return;
	if (job->count == WAITING_MAX) {
		hash_answer_send(r->id, HASH_TOO_MANY, NULL);
		return;
	}
	job->users |= 1ULL << user;
	job->waiting[job->count++] = r->id;
	hash_answer_send(r->id, HASH_SOON, NULL);
}
