/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/capability.h>
#include <openssl/evp.h>

#include "loader/hash/hash_answer.h"
#include "loader/hash/hash_budget.h"
#include "loader/hash/hash_cache.h"
#include "loader/hash/hash_file.h"
#include "loader/hash/hash_jobs.h"
#include "loader/hash/hash_place.h"
#include "loader/hash/hasher.h"
#include "loader/helper/helper.h"

/* ---- requests ------------------------------------------------------------ */

static void request_serve(const struct hash_request *r)
{
	const uint8_t *known;
	struct hash_file file;
	enum hash_state state = hash_file_find(r, &file);

	if (state != HASH_DONE) {
		hash_answer_send(r->id, state, NULL);
		return;
	}
	known = file.is_untraced ? NULL : hash_cache_find(&file.st);
	if (!known && (uint64_t)file.st.st_size <= HASH_FILE_MAX) {
		hash_jobs_add(r, &file);
		return;
	}
	close(file.fd);
	hash_answer_send(r->id, known ? HASH_DONE : HASH_TOO_LARGE, known);
}

static void serve(int socket)
{
	static struct hash_request request;
	struct pollfd fd = { socket, POLLIN, 0 };
	ssize_t n;

	hash_answer_init(socket);
	for (;;) {
		if (poll(&fd, 1, hash_jobs_wait_ms()) < 0 && errno != EINTR)
			return;
		if (fd.revents) {
			n = recv(socket, &request, sizeof(request), 0);
			if (n == 0 || (n < 0 && errno != EINTR))
				return;
			request.path[sizeof(request.path) - 1] = '\0';
			if (n == sizeof(request) && request.name_at < sizeof(request.path))
				request_serve(&request);
			fd.revents = 0;
		}
		hash_jobs_work(); /* also where requests never end */
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
	hash_budget_init(*(const uint64_t *)bytes_a_second);
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
