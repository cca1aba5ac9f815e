/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel of this host, the offsets that were chosen for it, and the programs in it. */
#ifndef LOADER_AGENT_PROGRAMS_H
#define LOADER_AGENT_PROGRAMS_H

#include "loader/config/config.h"
#include "loader/bpf/probes.h"
#include "loader/host/choice.h"
#include "loader/host/host.h"
#include "offsets/layout.h"
#include "offsets/offsets.h"
#include "probes/abi/maps.h"

struct programs {
	struct host host;
	struct choice choice;
	struct layout layout;
	struct probes *probes;
	struct settings settings; /* as the programs have them; programs_set() gives them */
	const char *disabled;     /* hook_switched_off(), as it was reported; NULL: nothing */
};

/* -ENOTSUP: process ids are not those of the kernel here. */
int programs_namespace_check(struct offsets_error *error);

/*
 * Identifies the kernel and chooses its offsets. 0; -ENOENT: there are none for
 * this kernel; -errno. programs_deinit() is to be called in every case, and
 * takes a zeroed struct.
 */
int programs_identify(struct programs *programs, const struct config *config,
                      struct offsets_error *error);
void programs_deinit(struct programs *programs);

/* Loads, attaches and arms: from here on records come. 0 or -errno. */
int programs_start(struct programs *programs, const struct config *config,
                   const struct probes_use *use, struct offsets_error *error);

/* After probes_refuse(): loads, attaches and arms the sources that are left. 0 or -errno. */
int programs_restart(struct programs *programs, struct offsets_error *error);

/* Detaches and unloads. */
void programs_stop(struct programs *programs);

/*
 * Gives programs that run the facts of another layout, which has to lack the same ones:
 * the sources were chosen by what there is. Not for programs by fentry, to which facts are
 * constants. 0 or -errno.
 */
int programs_rearm(struct programs *programs, const struct layout *layout,
                   struct offsets_error *error);

/* The event classes that are attached: 1 << enum event_type. */
unsigned int programs_classes(const struct programs *programs);

/* Gives programs->settings to the programs. 0 or -errno. */
int programs_set(struct programs *programs, struct offsets_error *error);

#endif
