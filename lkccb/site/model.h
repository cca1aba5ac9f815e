/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernels of a database as a site shows them: by stream and by layout. */
#ifndef LKCCB_SITE_MODEL_H
#define LKCCB_SITE_MODEL_H

#include "lkccb/io/digest.h"
#include "lkccb/site/gives.h"
#include "offsets/offsets.h"

#define MODEL_KERNELS_MAX 100000
#define MODEL_BEFORE_MAX  8 /* layouts with which one is compared */

#define MODEL_ID_CHARS   12 /* of a layout's digest */
#define MODEL_FILE_BYTES 192

struct model_stream;

/* Kernels with the same facts. */
struct model_layout {
	char id[MODEL_ID_CHARS + 1];  /* of the facts' digest: the same in each database */
	struct offsets_kernel *facts; /* sorted; no keys */
	struct layout numbers;        /* the same */
	struct model_kernel *first;   /* of its kernels, in the order of streams */
	struct model_kernel *last;
	size_t kernels;
	/* Layouts that kernels of a stream had just before this one came. */
	struct model_before {
		const struct model_layout *layout;
		const struct model_stream *stream;
	} before[MODEL_BEFORE_MAX];
	size_t before_count;             /* may be more than MODEL_BEFORE_MAX */
	const struct model_stream *seen; /* while streams are walked */
};

struct model_kernel {
	char *keys[OFFSETS_KEY_VERSION_CODE + 1]; /* enum offsets_key; NULL: unknown */
	char file[MODEL_FILE_BYTES];              /* name of its page, without .html */
	struct model_layout *layout;
	struct model_stream *stream;
	struct model_kernel *next; /* with this layout */
	struct model_kernel *main; /* of a module: its kernel; NULL: there is none */
	size_t at;                 /* in model.kernels */
	bool inferred;             /* not from the kernel's own debug data */
	struct gives_kernel gives;
};

/* Kernels of one distribution, machine, series and flavour, by release. */
struct model_stream {
	char *distribution, *machine, *series, *flavour;
	char file[MODEL_FILE_BYTES];
	struct model_kernel **kernels; /* a part of model.kernels */
	size_t count, layouts;
};

struct model {
	struct model_kernel **kernels; /* by stream, then release */
	size_t count;
	struct model_layout **layouts; /* by id */
	size_t layout_count;
	struct model_stream *streams;
	size_t stream_count;
};

int model_read(struct offsets *db, const char *name, struct model *ret,
               struct offsets_error *error);
void model_free(struct model *model);

/* The value of the map on a host: the kernel's facts, and those of its modules that it lacks. */
void model_kernel_layout(const struct model *model, const struct model_kernel *kernel,
                         struct layout *ret);

const char *model_key(const struct model_kernel *kernel, enum offsets_key key);

#endif
