/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rules that say whose events are reported, a line each:
 *
 *	allow|deny uid 33
 *	allow|deny comm cron
 *	allow|deny cgroup docker-0123...scope    its own name, not its path
 *	allow|deny event thread
 *	watch /etc                               files: that path, and all below it
 *	watch .../.ssh/authorized_keys           files: the last names of a path, three at most
 *	watch *.service                          files: the last bytes of a name, eight at most
 *
 * What a rule denies is not reported. Of a kind that has an allow, only what is
 * allowed is. Empty lines, and what follows a #, say nothing.
 */
#ifndef LOADER_FILTER_H
#define LOADER_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "offsets/layout.h"
#include "probes/abi/maps.h"
#include "offsets/offsets.h"

struct filter_rule {
	struct filter_key key;
	__u32 verdict; /* enum filter_verdict */
};

struct filter {
	unsigned int classes;     /* 1 << enum event_type that the rules leave */
	unsigned int kinds, only; /* as in struct settings */
	unsigned int watched;     /* the same */
	__u64 bloom[16];          /* the same */
	__u8 begins[1024];        /* the same */
	size_t given;             /* of the rules, by whoever runs us; the others are defaults */
	size_t count;
	struct filter_rule rules[FILTERS_MAX];
};

/*
 * 0; -errno of the file; -EBADMSG: the error names the line. *ret changes only
 * on success. An empty file, or one whose last line has no end, is refused: it may be
 * half-written. path NULL: no rules of ours. Files that are watched, where no rule
 * says which: what decides who may do what, and what is started by itself.
 */
int filter_read(const char *path, struct filter *ret, struct offsets_error *error);

/* Of one rule alone: files of that name are watched. */
void filter_watch_name(const char *name, struct filter *ret);

/*
 * A file of rules that is to be read again: not before it has stayed as it is for
 * a while, for it may be half-written at the moment.
 */
struct rules_file {
	uint64_t since_ns; /* of what it is now; 0: it is not to be read */
	struct stat seen;
};

/* It is to be read again. now_ns: CLOCK_MONOTONIC. */
void filter_changes(const char *path, uint64_t now_ns, struct rules_file *file);

/* True, once: it may be read now. */
bool filter_is_settled(const char *path, uint64_t now_ns, struct rules_file *file);

/* The check of a path by the rules reads members at once that lie together in this kernel. */
bool filter_fits(const struct layout *layout);

/* What of the settings the rules decide, and where their programs read. */
void filter_settings(const struct filter *filter, const struct layout *layout,
                     struct settings *settings);

/* The value of a name in struct filter_key; as filter_hash() in the probes has it. */
__u64 filter_name_value(const char *name, size_t limit);

/* The same of a name in a path that is watched: of its first WATCH_NAME_BYTES. */
__u64 filter_path_name_value(const char *name, size_t size);

#endif
