/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

#include "loader/agent/hashers.h"
#include "loader/hash/hasher.h"

void hashers_end(struct hashers *h)
{
	size_t i;

	for (i = 0; i < HASHERS_MAX; i++)
		if (h->pids[i]) {
			kill(h->pids[i], SIGKILL);
			if (waitpid(h->pids[i], NULL, WNOHANG) == h->pids[i])
				h->pids[i] = 0;
		}
}

int hashers_next(struct hashers *h, uint64_t budget, int *ret_fd, struct offsets_error *error)
{
	size_t i = 0;

	*ret_fd = -1;
	hashers_end(h);
	while (i < HASHERS_MAX && h->pids[i])
		i++;
	if (i == HASHERS_MAX)
		return offsets_fail(error, -EBUSY, "file systems hold %d hashers", HASHERS_MAX);
	return hasher_start(budget, &h->pids[i], ret_fd, error);
}
