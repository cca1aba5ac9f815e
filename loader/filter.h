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

#include <stddef.h>

#include "layout.h"
#include "maps.h"
#include "offsets.h"

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
 * on success. path NULL: no rules of ours. Files that are watched, where no rule
 * says which: what decides who may do what, and what is started by itself.
 */
int filter_read(const char *path, struct filter *ret, struct offsets_error *error);

/* Of one rule alone: files of that name are watched. */
void filter_watch_name(const char *name, struct filter *ret);

/*
 * What of the settings the rules decide, and where their programs read. Where the kernel has
 * members apart that the check of a path reads at once, all is watched: probes/watch.bpf.h.
 */
void filter_settings(const struct filter *filter, const struct layout *layout,
                     struct settings *settings);

/* The value of a name in struct filter_key; as filter_hash() in the probes has it. */
__u64 filter_name_value(const char *name, size_t limit);

/* The same of a name in a path that is watched: of its first WATCH_NAME_BYTES. */
__u64 filter_path_name_value(const char *name, size_t size);

#endif
