/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <unistd.h>

#include "loader/hash/hash_answer.h"
#include "loader/hash/hash_budget.h"
#include "loader/hash/hash_job.h"
#include "loader/hash/hash_jobs.h"

#define AT_ONCE_BYTES (1024 * 1024) /* a file of so many bytes is read at once */
#define JOBS_MAX      32

static struct hash_job *jobs[JOBS_MAX];
static size_t job_count;

static void job_remove(size_t i)
{
	memmove(jobs + i, jobs + i + 1, (--job_count - i) * sizeof(jobs[0]));
}

/* ---- which is next ------------------------------------------------------- */

static uint64_t job_taken(const struct hash_job *job)
{
	return hash_budget_taken(hash_job_user(job));
}

/* There is one. */
static size_t jobs_next(void)
{
	uint64_t taken, least = job_taken(jobs[0]);
	size_t i, next = 0;

	for (i = 1; i < job_count; i++) {
		taken = job_taken(jobs[i]);
		if (taken > least ||
		    (taken == least && hash_job_rest(jobs[i]) >= hash_job_rest(jobs[next])))
			continue;
		next = i;
		least = taken;
	}
	return next;
}

int hash_jobs_wait_ms(void)
{
	return job_count ? hash_budget_wait_ms() : -1;
}

void hash_jobs_work(void)
{
	size_t next;

	if (hash_jobs_wait_ms())
		return;
	next = jobs_next();
	if (hash_job_read(jobs[next]))
		job_remove(next);
}

/* ---- which makes room ----------------------------------------------------- */

/* Who has the most files here, with one more of that user; that user, if others have as many. */
static size_t most_jobs_user(size_t user)
{
	size_t count[HASH_USERS] = { 0 }, i, most = user;

	count[user] = 1;
	for (i = 0; i < job_count; i++)
		count[hash_job_user(jobs[i])]++;
	for (i = 0; i < HASH_USERS; i++)
		if (count[i] > count[most])
			most = i;
	return most;
}

/* The largest rest of that user's files, HASH_USERS: of all. JOBS_MAX: there is none. */
static size_t largest_of(size_t user)
{
	size_t i, largest = JOBS_MAX;

	for (i = 0; i < job_count; i++)
		if ((user == HASH_USERS || hash_job_user(jobs[i]) == user) &&
		    (largest == JOBS_MAX || hash_job_rest(jobs[i]) > hash_job_rest(jobs[largest])))
			largest = i;
	return largest;
}

/*
 * Of who has the most files, the largest makes room for a file of that user and size. False: that
 * is this one.
 */
static bool jobs_make_room(size_t user, uint64_t size)
{
	size_t most, largest;

	if (job_count < JOBS_MAX)
		return true;
	most = most_jobs_user(user);
	largest = largest_of(most);
	if (largest == JOBS_MAX) /* each user has one */
		largest = largest_of(HASH_USERS);
	if (most == user && hash_job_rest(jobs[largest]) <= size)
		return false;
	hash_job_end(jobs[largest], HASH_TOO_MANY);
	job_remove(largest);
	return true;
}

/* ---- requests ------------------------------------------------------------ */

/*
 * A small file is read at once, also beyond the budget, but before no file that waits of a user who
 * has taken fewer bytes.
 */
static bool is_at_once(size_t user, uint64_t size)
{
	return size <= AT_ONCE_BYTES && hash_budget_may_owe() &&
	       (!job_count || hash_budget_taken(user) <= job_taken(jobs[jobs_next()]));
}

static void job_begin(struct hash_job *job, const struct hash_request *r, size_t user)
{
	uint64_t size = hash_job_rest(job);

	hash_job_wait(job, r->id, user);
	if (is_at_once(user, size)) {
		while (!hash_job_read(job))
			continue;
	} else if (jobs_make_room(user, size)) {
		jobs[job_count++] = job;
		hash_answer_send(r->id, HASH_SOON, NULL);
	} else {
		hash_job_end(job, HASH_TOO_MANY);
	}
}

static struct hash_job *job_of(const struct hash_file *file)
{
	size_t i;

	for (i = 0; i < job_count && !file->is_untraced; i++)
		if (hash_job_is_of(jobs[i], &file->st))
			return jobs[i];
	return NULL;
}

void hash_jobs_add(const struct hash_request *r, const struct hash_file *file)
{
	size_t user = hash_budget_user(r->uid);
	struct hash_job *job = job_of(file);

	if (job) {
		close(file->fd);
		hash_answer_send(r->id, hash_job_wait(job, r->id, user) ? HASH_SOON : HASH_TOO_MANY,
		                 NULL);
		return;
	}
	job = hash_job_new(file, r->pid);
	if (job)
		job_begin(job, r, user);
	else
		hash_answer_send(r->id, HASH_UNREADABLE, NULL);
}
