/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

#include "loader/agent/helpers.h"
#include "loader/hash/hasher.h"
#include "loader/runtime/runtime_reader.h"

static void kill_all(pid_t pids[HELPERS_HELD_MAX])
{
	size_t i;

	for (i = 0; i < HELPERS_HELD_MAX; i++)
		if (pids[i]) {
			kill(pids[i], SIGKILL);
			if (waitpid(pids[i], NULL, WNOHANG) == pids[i])
				pids[i] = 0;
		}
}

static int start(enum helper_kind kind, const struct config *config, pid_t *ret_pid, int *ret_fd,
                 struct offsets_error *error)
{
	if (kind == HELPER_HASHER && config->hash_budget)
		return hasher_start(config->hash_budget, ret_pid, ret_fd, error);
	if (kind == HELPER_RUNTIME && config->container_names)
		return runtime_reader_start(ret_pid, ret_fd, error);
	return offsets_fail(error, -EINVAL, "the configuration has no such helper");
}

int helpers_next(struct helpers *h, enum helper_kind kind, const struct config *config, int *ret_fd,
                 struct offsets_error *error)
{
	pid_t *pids = h->pids[kind];
	size_t i = 0;

	*ret_fd = -1;
	kill_all(pids);
	while (i < HELPERS_HELD_MAX && pids[i])
		i++;
	if (i == HELPERS_HELD_MAX)
		return offsets_fail(error, -EBUSY, "file systems hold %d of its processes",
		                    HELPERS_HELD_MAX);
	return start(kind, config, &pids[i], ret_fd, error);
}

void helpers_end(struct helpers *h)
{
	enum helper_kind kind;

	for (kind = 0; kind < HELPERS; kind++)
		kill_all(h->pids[kind]);
}
