/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "loader/hash/hash_answer.h"
#include "loader/hash/hash_budget.h"
#include "loader/hash/hash_cache.h"
#include "loader/hash/hash_job.h"

#define SECOND_NS   1000000000ULL
#define CHUNK_BYTES (256 * 1024)
#define WAITING_MAX 512

struct hash_job {
	int fd;
	struct stat st;   /* when it was begun */
	bool is_untraced; /* it has one request, of this process, which has to run it to the end */
	uint32_t pid;
	uint64_t done; /* bytes that were read */
	EVP_MD_CTX *digest;
	struct {
		uint64_t id;
		size_t user;
	} waiting[WAITING_MAX];
	size_t count;
};

static char chunk[CHUNK_BYTES];

/* ---- begin and end ------------------------------------------------------- */

static void job_free(struct hash_job *job)
{
	if (job->fd >= 0)
		close(job->fd);
	EVP_MD_CTX_free(job->digest);
	free(job);
}

struct hash_job *hash_job_new(const struct hash_file *file, uint32_t pid)
{
	struct hash_job *job = calloc(1, sizeof(*job));

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

static void answer(struct hash_job *job, enum hash_state state, const uint8_t *sha256)
{
	size_t i;

	for (i = 0; i < job->count; i++)
		hash_answer_send(job->waiting[i].id, state, sha256);
	job_free(job);
}

void hash_job_end(struct hash_job *job, enum hash_state state)
{
	answer(job, state, NULL);
}

/* ---- who waits ----------------------------------------------------------- */

bool hash_job_wait(struct hash_job *job, uint64_t id, size_t user)
{
	size_t i, own = 0;

	for (i = 0; i < job->count; i++)
		own += job->waiting[i].user == user;
	if (own >= WAITING_MAX - job->count)
		return false;
	job->waiting[job->count].id = id;
	job->waiting[job->count++].user = user;
	return true;
}

size_t hash_job_user(const struct hash_job *job)
{
	size_t i, user = job->waiting[0].user;

	for (i = 1; i < job->count; i++)
		if (hash_budget_taken(job->waiting[i].user) < hash_budget_taken(user))
			user = job->waiting[i].user;
	return user;
}

/* ---- the file ------------------------------------------------------------ */

static bool is_the_same(int fd, const struct stat *before)
{
	struct stat now;

	return !fstat(fd, &now) && now.st_size == before->st_size &&
	       now.st_ctim.tv_sec == before->st_ctim.tv_sec &&
	       now.st_ctim.tv_nsec == before->st_ctim.tv_nsec;
}

bool hash_job_is_of(const struct hash_job *job, const struct stat *st)
{
	return !job->is_untraced && job->st.st_ino == st->st_ino && job->st.st_dev == st->st_dev &&
	       is_the_same(job->fd, st);
}

uint64_t hash_job_rest(const struct hash_job *job)
{
	return job->st.st_size - job->done;
}

/*
 * HASH_SOON: there is more; HASH_DONE: that was all; or why it has no hash. It has the size that it
 * had at the beginning, as a file could grow as fast as it is read.
 */
static enum hash_state piece_read(struct hash_job *job)
{
	uint64_t rest = hash_job_rest(job);
	ssize_t n = read(job->fd, chunk, rest < sizeof(chunk) ? rest + 1 : sizeof(chunk));

	if (n < 0)
		return HASH_UNREADABLE;
	if (!n)
		return rest ? HASH_CHANGED : HASH_DONE;
	hash_budget_take(hash_job_user(job), n);
	job->done += n;
	if ((uint64_t)n > rest)
		return HASH_CHANGED;
	return EVP_DigestUpdate(job->digest, chunk, n) == 1 ? HASH_SOON : HASH_UNREADABLE;
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

bool hash_job_read(struct hash_job *job)
{
	enum hash_state state = piece_read(job);
	uint8_t sha256[HASH_BYTES];

	if (state == HASH_SOON)
		return false;
	if (state == HASH_DONE && !is_the_same(job->fd, &job->st))
		state = HASH_CHANGED;
	if (state == HASH_DONE && job->is_untraced && !hash_file_is_running(&job->st, job->pid))
		state = HASH_UNTRACED;
	if (state == HASH_DONE && EVP_DigestFinal_ex(job->digest, sha256, NULL) != 1)
		state = HASH_UNREADABLE;
	if (state == HASH_DONE && !job->is_untraced && !is_recent(&job->st))
		hash_cache_put(&job->st, sha256);
	answer(job, state, state == HASH_DONE ? sha256 : NULL);
	return true;
}
