/* SPDX-License-Identifier: BSD-2-Clause */
/* The BPF side of the sensor: choose sources, load, attach, arm, read. */
#ifndef LOADER_BPF_PROBES_H
#define LOADER_BPF_PROBES_H

#include "loader/bpf/adopt.h"
#include "loader/bpf/class_state.h"
#include "loader/bpf/counts.h"
#include "loader/bpf/hook.h"
#include "loader/bpf/kernel_side.h"
#include "loader/bpf/load.h"
#include "loader/bpf/reader.h"
#include "loader/host/host.h"
#include "loader/rules/filter.h"
#include "offsets/layout.h"
#include "offsets/offsets.h"

struct probes;

struct probes_request {
	const struct host *host;
	const struct layout *layout; /* the facts of this kernel, which sources may need */
	unsigned int classes;        /* 1 << enum event_type */
	unsigned int tiers;          /* 1 << tier of the programs to use; 0: the kernel's */
	struct hook_host hooks;
	bool measure; /* keep the verifier's count of each program: slow */
	bool verbose; /* libbpf's own words on stderr */
};

/*
 * Loads a source for each wanted class: the first one of its list (sources.h) that
 * has its hooks and facts here and that this kernel accepts, which is found by
 * loading, not by version. A class for which there is none has its reason in its
 * state. -ENOTSUP: no class is left. -EPERM: no rights. Host and layout must
 * stay; nothing is attached. *ret is set on failure too: it has the reasons.
 */
int probes_load(const struct probes_request *request, struct probes **ret,
                struct offsets_error *error);
void probes_free(struct probes *probes); /* detaches */

const struct class_state *probes_class(const struct probes *probes, enum event_type type);

/* Sets the facts that the source of a class needs; the others stay. */
void probes_facts(const struct probes *probes, enum event_type type, bool facts[LAYOUT_MAX]);

const struct program_state *probes_programs(const struct probes *probes, size_t *ret_count);

/*
 * Finds out what cannot be attached, as probes_attach() would, and detaches all: the
 * classes are as a run would have them. The programs are silent all the time. 0;
 * -errno as probes_load().
 */
int probes_try(struct probes *probes, struct offsets_error *error);

/*
 * Attaches all and opens the rings; where a program cannot be attached, goes on
 * with what is left, or with the next source. The programs stay silent until
 * probes_arm().
 */
int probes_attach(struct probes *probes, const struct probes_use *use, struct offsets_error *error);

/*
 * Detaches the programs of a class and attaches them again, while all others go on. 0;
 * -errno of the first that cannot be attached, after all were tried.
 */
int probes_reattach(struct probes *probes, enum event_type type, struct offsets_error *error);

/*
 * The source of a class is of no use here; reason: why. probes_again() detaches
 * all, and loads and attaches what is left; the programs are silent again.
 */
void probes_refuse(struct probes *probes, enum event_type type, const char *reason);
int probes_again(struct probes *probes, struct offsets_error *error);

/* Gives the programs their offsets: from here on they report. */
int probes_arm(struct probes *probes, const struct layout *layout, struct offsets_error *error);

/* May change while the programs run. */
int probes_settings(struct probes *probes, const struct settings *settings,
                    struct offsets_error *error);

/*
 * The rules take the place of those before; settings->filters and ->only say
 * whether they count. May change while the programs run.
 */
int probes_filter(struct probes *probes, const struct filter *filter, struct offsets_error *error);

/* Adds these to the rules in the kernel. */
int probes_filter_add(struct probes *probes, const struct filter *filter,
                      struct offsets_error *error);

/* Removes those of *before that *filter does not have. */
void probes_filter_drop(struct probes *probes, const struct filter *before,
                        const struct filter *filter);

/* A file that has other names than those that the rules match. -E2BIG: there is no room. */
int probes_link(struct probes *probes, const struct linked_file *file, struct offsets_error *error);

/* How many such files the kernel side found and had no room for. */
unsigned int probes_links_lost(struct probes *probes);

/* Files that are open for writing now do not get a "write". */
int probes_forget_opened(struct probes *probes, struct offsets_error *error);

/*
 * adopt_maps(), adopt() for them. *ret_files: there were files, for which settings.adopted has to
 * be set. 0 or -errno.
 */
void probes_open_maps(const struct probes *probes, int ret[ADOPT_MAPS]);
int probes_adopt(struct probes *probes, const int maps[ADOPT_MAPS], bool *ret_files,
                 struct offsets_error *error);

/*
 * Once a second: removes what threads that have ended have left in maps (loader/bpf/ended.h), each
 * time while there is much of it, and else every five seconds.
 */
void probes_tidy(struct probes *probes);

/*
 * This process gives up its rights: what the reading needs of the kernel is asked of
 * another one from now on. In this process only the functions below are called then,
 * and probes_class(); the programs stay attached.
 */
void probes_ask(struct probes *probes, const struct kernel_side *kernel, void *arg);

/* Calls back for each descriptor that the reading needs. */
void probes_fds(const struct probes *probes, void (*fn)(void *arg, int fd), void *arg);

/*
 * The other one: this process does not read any more. The functions above stay, and
 * what another process asks for is done by probes_kernel(); arg: probes.
 */
void probes_serve(struct probes *probes);
extern const struct kernel_side probes_kernel;

/* Readable for poll() when there is enough in the rings to read them at once. */
int probes_fd(const struct probes *probes);

/*
 * Delivers what is in the rings, as far as there is room for it. The newest records
 * wait for older ones of other CPUs, but to the end for none. 0 or -errno.
 */
int probes_read(struct probes *probes, bool to_the_end);

/* After probes_read(): records are left in the rings. */
bool probes_unread(const struct probes *probes);

/* reader_hold(), reader_stamps(). */
void probes_hold(struct probes *probes, uint64_t from_ns);
int probes_stamps(const struct probes *probes, uint64_t begin_ns, uint64_t end_ns,
                  struct stamps *ret);

/* After probes_read(): records are left, for there was no room for them. */
bool probes_wait(const struct probes *probes);

/* Waits, and reads; timeout 0: reads to the end. */
int probes_poll(struct probes *probes, int timeout_ms);

/*
 * Calls back for what was lost since the last call; fn NULL: it does not count.
 * A ring that its CPU does not use any more is opened again.
 */
int probes_losses(struct probes *probes, probes_loss_fn fn, void *arg, struct offsets_error *error);

/*
 * Delivers the end of each flow of datagrams that is idle for so long (ns; 0: of
 * all), as far as there is room for it: loader/bpf/flows.h. Calls back for flows
 * that had to make room for others in the map.
 */
int probes_flows(struct probes *probes, uint64_t idle_ns, probes_loss_fn fn, void *arg,
                 struct offsets_error *error);

/* Hits that the kernel could not deliver to a program: attachment_missed() of all. 0 or -errno. */
int probes_missed(const struct probes *probes, uint64_t *ret);

/* After probes_flows(): flows are left, for there was no room for them. */
bool probes_flows_wait(const struct probes *probes);

/* Bytes: of each ring, the most that were found in one, those of records that are held back. */
void probes_levels(const struct probes *probes, uint64_t *ret_ring, uint64_t *ret_high,
                   uint64_t *ret_held);

/* True: a ring was more than three quarters full since the last call. */
bool probes_pressure(struct probes *probes);

/* Events of which not all parts came: loader/stream/parts.h. */
uint64_t probes_incomplete(const struct probes *probes);

/* When it returns no program reports any more, and all that they have reported is delivered. */
int probes_silence(struct probes *probes, struct offsets_error *error);

/* Bytes of kernel memory that maps and rings take on this host, for what is loaded. */
size_t probes_memory(const struct probes *probes);

#endif
