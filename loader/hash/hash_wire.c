/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "loader/hash/hash_wire.h"

const char *hash_state_text(enum hash_state state)
{
	static const char *const texts[HASH_STATES] = {
		[HASH_SOON] = "the file is being read",
		[HASH_GONE] = "the process had ended, and the file was not at its path",
		[HASH_NOT_THERE] = "the file was not found by the name that exec was given",
		[HASH_NOT_AT_PATH] = "the file was not found at its path",
		[HASH_REMOTE] = "the file is, or may be, on a network or FUSE file system",
		[HASH_TOO_LARGE] = "the file is too large",
		[HASH_CHANGED] = "the file has changed since",
		[HASH_UNTRACED] = "the file is in memory (tmpfs), and may have changed since",
		[HASH_UNREADABLE] = "the file could not be read",
		[HASH_TOO_MANY] = "too many files are being read",
		[HASH_UNKNOWN] = "it is not known which file it is",
		[HASH_LATE] = "it could not be read in time",
	};

	return state < HASH_STATES ? texts[state] : texts[HASH_UNREADABLE];
}
