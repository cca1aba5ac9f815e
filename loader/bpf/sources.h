/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sources of each event class: which programs, at which hooks, for which
 * tier of kernels, and what they need. All of it is data; plan.c chooses.
 *
 * A class has a list of sources in the order of preference. A source is used
 * whole or not at all: the first one is used whose facts this kernel has and
 * whose REQUIRED programs have their hooks and facts, load and attach.
 */
#ifndef LOADER_BPF_SOURCES_H
#define LOADER_BPF_SOURCES_H

#include "loader/bpf/hook.h"
#include "offsets/layout.h"
#include "probes/abi/maps.h"

enum need {
	REQUIRED,       /* without it the source is not used */
	OPTIONAL,       /* without it the class lacks something */
	IF_HOOK_EXISTS, /* the same, but a kernel without its hook has nothing to lack */
	FALLBACK,       /* used where the unit before it cannot be; as OPTIONAL then */
	PAIRED,         /* one unit with the program before it: both, or neither */
};

/* Maps that are created only for the programs that use them: mapset.c has their names. */
enum map_group {
	MAPS_KEPT_STATES = 1 << 0, /* of system calls that change the caller */
	MAPS_EXITED = 1 << 1,      /* processes whose exit was sent */
	MAPS_FILE = 1 << 2,        /* operations on files */
	MAPS_FENTRY = 1 << 3,      /* claimed memory, global data, counters of their own */
	MAPS_CONNECTIONS = 1 << 4,
	MAPS_FLOWS = 1 << 5, /* of datagrams */
	MAPS_UNIX_CALLS = 1 << 6,
	MAPS_TERMINAL = 1 << 7, /* what each process has written to terminals */
};

struct program {
	enum need need;
	struct hook hook;
	const char *name;            /* in the ELF file; NULL ends a list */
	unsigned int maps;           /* enum map_group, beyond those of its source */
	unsigned int attempts;       /* enum attempts_have: what it keeps of an exec */
	const enum layout_id *facts; /* it needs, beyond those of its source; NULL: none */
	const char *lacks;           /* what the class lacks without it; NULL: nothing */
};

#define FACTS_END LAYOUT_MAX /* ends a list of facts */

#define TAILS_MAX 3

/* Programs that are reached by a tail call: what is in the slots of a program array. */
struct tails {
	const char *map;
	struct tail {
		const char *program; /* NULL ends the list */
		enum tail_call slot;
	} list[TAILS_MAX + 1];
};

struct source {
	unsigned int tiers;          /* 1 << tier that may use it; 0 ends a list */
	unsigned int maps;           /* enum map_group of all its programs */
	bool checks_paths;           /* its programs compare paths with rules: filter_fits() */
	const struct tails *tails;   /* or NULL */
	const enum layout_id *facts; /* without which it reports nothing; NULL: none */
	const char *lacks;           /* what the class always lacks by this source; NULL: nothing */
	/* The first one is its main program: its hook is what people call the source. */
	const struct program *programs;
};

/* clang-format off */
/*
 * The list of sources of each class, in the order in which programs are attached.
 * Namespaces before credentials: until 4.15 (e87c6bc3852b) a tracepoint takes one
 * program, and setns(2) and unshare(2) are about namespaces first.
 */
#define CLASS_SOURCES(SOURCES) \
	SOURCES(EXEC, exec_sources) \
	SOURCES(FORK, fork_sources) \
	SOURCES(THREAD, fork_sources) \
	SOURCES(EXIT, exit_sources) \
	SOURCES(NAMESPACES, namespaces_sources) \
	SOURCES(CREDENTIALS, credentials_sources) \
	SOURCES(PTRACE, ptrace_sources) \
	SOURCES(PROCESS_ACCESS, process_access_sources) \
	SOURCES(SIGNAL, signal_sources) \
	SOURCES(MEMFD, memfd_sources) \
	SOURCES(BPF, bpf_sources) \
	SOURCES(EXEC_FAILED, exec_failed_sources) \
	SOURCES(MODULE, module_sources) \
	SOURCES(FILE, file_sources) \
	SOURCES(MOUNT, mount_sources) \
	SOURCES(SOCKET, socket_sources) \
	SOURCES(DNS, dns_sources) \
	SOURCES(CHROOT, chroot_sources) \
	SOURCES(TERMINAL, terminal_sources)
/* clang-format on */

#define SOURCES_DECLARE(class, list) extern const struct source list[];
CLASS_SOURCES(SOURCES_DECLARE)

struct class_sources {
	enum event_type type;
	const struct source *sources; /* in the order of preference */
};

extern const struct class_sources class_sources[];
extern const size_t class_sources_count;

#endif
