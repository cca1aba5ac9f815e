/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The paths of a file's message, walked by one program: at fentry and fexit, from 5.17 on. */
#ifndef PROBES_CORE_PATH_LOOP_BPF_H
#define PROBES_CORE_PATH_LOOP_BPF_H

#include "probes/core/fentry.bpf.h"
#include "probes/core/texts.bpf.h"

/* Enough for three paths with names of one byte. */
#define PATH_LOOPS 2048
#define LOOP_STEPS 4

struct path_loop {
	const struct layout *layout;
	struct scratch *s;
	int done;
};

/* The same as file_walk(). */
SUBPROGRAM long f1_path_steps(__u32 index, struct path_loop *loop)
{
	struct scratch *s = loop->s;
	int result = walk_some(loop->layout, s, LOOP_STEPS);

	(void)index;
	if (result == WALK_MORE)
		return 0;
	walk_end(s, result);
	if (s->text == FILE_ROOT || (s->text == FILE_PATH && s->call.other)) {
		s->text = s->text == FILE_ROOT ? FILE_PATH : FILE_OTHER_PATH;
		return 0;
	}
	loop->done = 1;
	return 1;
}

/* From s->text on, FILE_OTHER_PATH if s->call.other is set. 0: they are too long. */
INLINE int paths_walk(const struct layout *layout, struct scratch *s)
{
	struct path_loop loop = { .layout = layout, .s = s };

	bpf_loop(PATH_LOOPS, f1_path_steps, &loop, 0);
	return loop.done;
}

#endif
