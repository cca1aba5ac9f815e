/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The file of a module (tier 1): read where the kernel is about to read the file
 * that it has open, which only a process that may load modules reaches. Its record
 * (struct module_part) is sent then, as the file may be closed before the module
 * is in place. The map "kept_calls" has the number of the record until the module's
 * event takes it, or the next image of the thread takes its place.
 */
#ifndef PROBES_CORE_MODULE_FILE_BPF_H
#define PROBES_CORE_MODULE_FILE_BPF_H

#include "probes/core/inode.bpf.h"
#include "probes/core/kept.bpf.h"
#include "probes/core/texts.bpf.h"
#include "probes/core/wanted.bpf.h"

/*
 * READING_FIRMWARE, the first of enum kernel_read_file_id, include/linux/fs.h and
 * kernel_read_file.h: the same since 4.6. That of modules was 2, 3 or 4. Of all others
 * the last one of a thread before its module is that of the module.
 */
#define READING_FIRMWARE 1

/* What the thread gave before this call is none of the next module's. */
INLINE void image_keep(__u32 image)
{
	kept_forget(EVENT_MODULE);
	if (image)
		keep_all(EVENT_MODULE, 0, 0, image, 0, 0);
}

/* Whether it comes to a module is not known yet. */
INLINE const struct layout *image_begin(void)
{
	const struct layout *layout = layout_find();

	kept_forget(EVENT_MODULE);
	if (!layout || !event_wanted(layout, bpf_get_current_task(), EVENT_MODULE))
		return 0;
	return layout;
}

/* As stat() shows it; not by file->f_inode: probes/exec_attempt.bpf.c. */
INLINE void module_numbers_fill(const struct layout *layout, struct module_part *m, __u64 dentry)
{
	__u64 inode = POINTER(layout, dentry, DENTRY_INODE), number = 0;
	__u32 device = 0;
	int failed, unknown = 0;

	failed = READ(layout, &number, inode, INODE_INO);
	failed |= READ(layout, &device, POINTER(layout, inode, INODE_SB), SB_DEV);
	inode_as_stat(layout, inode, &number, &device, &unknown);
	m->inode = number;
	m->device = device;
	if (failed)
		m->header.unread |= 1U << FIELD_FILE_STAT;
	if (unknown)
		m->header.unread |= 1U << FIELD_FILE_NUMBERS;
}

/* All of the record but its path, which is to be walked. False: it will not be known. */
INLINE int module_file_fill(const struct layout *layout, struct scratch *s, __u64 file)
{
	struct module_part *m = &s->module;

	message_clear(s, PART_MODULE, sizeof(*m));
	m->opened_ns = m->header.time_ns;
	m->file = (m->opened_ns >> 10 << 2) | MODULE_IN_FILE;
	s->text = FILE_PATH;
	s->cursor = s->start = sizeof(*m);
	walk_init(layout, &s->walks[FILE_PATH], file, OFFSET(layout, FILE_PATH));
	module_numbers_fill(layout, m, s->walks[FILE_PATH].dentry);
	return !keep_all(EVENT_MODULE, 0, 0, m->file, 0, 0);
}

/* The path has been walked. It is no event: it has no number, and is not counted. */
INLINE void module_file_send(void *ctx, struct scratch *s)
{
	__u64 size = texts_end(s, s->module.text_size, sizeof(s->module));

	if (!size || share_used_up(EVENT_MODULE, size))
		return;
	s->head.header.len = size;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, s->bytes, size);
}

#endif
