/* SPDX-License-Identifier: BSD-2-Clause */
/* What became of one event class on this host. */
#ifndef LOADER_BPF_CLASS_STATE_H
#define LOADER_BPF_CLASS_STATE_H

#include <stdbool.h>

struct class_state {
	bool wanted;
	const char *source; /* in use, by the hook of its main program; NULL: none works */
	const char *method; /* attach method of that program: attach_method_name() */
	unsigned int tier;  /* of the source */
	char reason[512];   /* why no source works */
	char lacks[2048];   /* what the class lacks by this source, as in "works without %s" */
};

#endif
