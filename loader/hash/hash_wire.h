/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the engine and the hasher say to each other over a socket of type SOCK_SEQPACKET: each
 * struct hash_request gets a struct hash_answer at once, and one whose state is HASH_SOON gets
 * another one later.
 */
#ifndef LOADER_HASH_HASH_WIRE_H
#define LOADER_HASH_HASH_WIRE_H

#include <stdint.h>

#define HASH_BYTES      32 /* SHA-256 */
#define HASH_PATH_BYTES 1024

enum hash_kind {
	HASH_OF_EXECUTABLE, /* the file that a process has executed */
	HASH_OF_SCRIPT,     /* the script that it was given for that */
	HASH_OF_MODULE,     /* the file of a kernel module that it has loaded */
	HASH_KINDS
};

struct hash_request {
	uint64_t id;
	uint64_t inode;
	uint64_t time_ns; /* since 1970: of the exec; of others when the kernel had opened them */
	uint32_t device;  /* kernel encoding: major << 20 | minor */
	uint32_t pid;
	uint32_t kind;    /* enum hash_kind */
	uint32_t name_at; /* of a script: where in path the name begins that exec was given */
	uint32_t uid;     /* of the process: whose share of the budget it takes */
	uint32_t reserved;
	/* In the mount namespace; ends with NUL; empty: not known. A name that is not its end
	 * follows. */
	char path[HASH_PATH_BYTES];
};

enum hash_state {
	HASH_DONE,
	HASH_SOON,        /* it is being read */
	HASH_GONE,        /* process and file could not be found any more */
	HASH_NOT_THERE,   /* the script could not be found by its name */
	HASH_NOT_AT_PATH, /* the same of a module by its path */
	HASH_REMOTE,      /* on a network or FUSE file system, which may never answer, or perhaps */
	HASH_TOO_LARGE,
	HASH_CHANGED,    /* since it was executed */
	HASH_UNTRACED,   /* it may have changed since: its times would not show it */
	HASH_UNREADABLE, /* an error */
	HASH_TOO_MANY,   /* others are being read */
	HASH_UNKNOWN,    /* which file it is, is not known */
	HASH_LATE,       /* the hasher does not answer */
	HASH_STATES
};

/* For people: "the file is being read". NULL: HASH_DONE. */
const char *hash_state_text(enum hash_state state);

struct hash_answer {
	uint64_t id;
	uint32_t state; /* enum hash_state */
	uint32_t reserved;
	uint8_t sha256[HASH_BYTES]; /* of HASH_DONE */
};

#endif
