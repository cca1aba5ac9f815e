/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <sys/socket.h>

#include <linux/capability.h>

#include "loader/helper/helper.h"
#include "loader/runtime/runtime_find.h"
#include "loader/runtime/runtime_reader.h"
#include "loader/runtime/runtime_wire.h"

static void serve(int engine)
{
	struct runtime_question question;
	ssize_t n;

	for (;;) {
		struct runtime_answer answer = { .id = 0 };

		n = recv(engine, &question, sizeof(question), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof(question))
			return;
		answer.is_known = runtime_find("", question.container, &answer.facts);
		answer.id = question.id;
		helper_answer(engine, &answer, sizeof(answer));
	}
}

/* Folders and files of runtimes are root's alone. The calls: offsets/util/walk.c. */
int runtime_reader_start(pid_t *ret_pid, int *ret_fd, struct offsets_error *error)
{
	static const unsigned int kept[] = { CAP_DAC_READ_SEARCH };
	static const char *const calls[] = { "stat",    "lstat",    "readlinkat", "statfs",
		                             "fstatfs", "getxattr", "getcwd" };
	static const struct helper reader = { .comm = "sextant-names",
		                              .does = "reads the names of containers",
		                              .capabilities = kept,
		                              .capability_count = sizeof(kept) / sizeof(kept[0]),
		                              .calls = calls,
		                              .call_count = sizeof(calls) / sizeof(calls[0]),
		                              .serve = serve };

	return helper_start(&reader, NULL, ret_pid, ret_fd, error);
}
