/* SPDX-License-Identifier: BSD-2-Clause */
/* The BPF side: choose program variants, load, attach, arm, read. */
#ifndef LOADER_PROBES_H
#define LOADER_PROBES_H

#include "events.h"
#include "host.h"
#include "offsets.h"

struct probes;

/* What became of one event class. */
struct class_state {
	bool wanted;
	const char *variant; /* NULL: none works */
	char reason[256];    /* why not */
};

/* Every record from the rings; a lost callback tells how many perf dropped. */
typedef void (*probes_record_fn)(void *arg, const void *data, size_t size);
typedef void (*probes_lost_fn)(void *arg, int cpu, unsigned long long count);

/*
 * Loads a variant for each wanted class (bits 1 << enum event_type) that this
 * kernel accepts: found by loading, not by version. A class for which there is
 * none has its reason in its state. -ENOTSUP: no class is left. -EPERM: no
 * rights. The layout is only looked at for facts that a variant cannot do
 * without; nothing is attached.
 */
int probes_load(const struct host *host, const struct layout *layout, unsigned int classes,
                struct probes **ret, struct offsets_error *error);
void probes_free(struct probes *probes); /* detaches */

const struct class_state *probes_class(const struct probes *probes, enum event_type type);

/* Are the tracepoints there, and made as the programs read them? Else the class says why not. */
void probes_check_tracepoints(struct probes *probes, const char *tracefs);

/* Attaches all, opens the rings. The programs stay silent until probes_arm(). */
int probes_attach(struct probes *probes, const char *tracefs, probes_record_fn record,
                  probes_lost_fn lost, void *arg, struct offsets_error *error);

/* Gives the programs their offsets: from here on they report. */
int probes_arm(struct probes *probes, const struct layout *layout, struct offsets_error *error);

/* May change while the programs run. */
int probes_settings(struct probes *probes, const struct settings *settings,
                    struct offsets_error *error);

/* Waits for records and delivers them; 0: takes what is there. -EINTR: a signal came. */
int probes_poll(struct probes *probes, int timeout_ms);

/* Sum over all CPUs. */
int probes_counters(struct probes *probes, struct counters *ret, struct offsets_error *error);

/* Bytes of kernel memory that maps and rings take on this host. */
size_t probes_memory(const struct host *host);

/* libbpf's own words on stderr. */
void probes_verbose(void);

#endif
