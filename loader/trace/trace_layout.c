/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "loader/bpf/tier.h"
#include "loader/host/choice.h"
#include "loader/trace/trace_layout.h"
#include "offsets/facts.h"

/* Without one of these no path is found. What a socket needs may be missing. */
static const enum layout_id of_files[] = {
	LAYOUT_TASK_FILES,   LAYOUT_TASK_FS,          LAYOUT_FS_PWD,        LAYOUT_FILES_FDT,
	LAYOUT_FDTABLE_MAX,  LAYOUT_FDTABLE_FD,       LAYOUT_FILE_PATH,     LAYOUT_FILE_INODE,
	LAYOUT_INODE_INO,    LAYOUT_INODE_MODE,       LAYOUT_PATH_MNT,      LAYOUT_PATH_DENTRY,
	LAYOUT_DENTRY_NAME,  LAYOUT_QSTR_NAME,        LAYOUT_DENTRY_PARENT, LAYOUT_MOUNT_MNT,
	LAYOUT_MOUNT_PARENT, LAYOUT_MOUNT_MOUNTPOINT, LAYOUT_VFSMOUNT_ROOT,
};
/* Before 4.8 the task is found by its stack (kernel_tier() 3). */
static const enum layout_id of_stack[] = { LAYOUT_THREAD_UNION_SIZE, LAYOUT_THREAD_INFO_TASK };
static const enum layout_id of_children[] = { LAYOUT_TASK_PID };

static int facts_check(const struct layout *layout, const enum layout_id *facts, size_t count,
                       const char *use, struct offsets_error *error)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (layout->facts[facts[i]].offset == LAYOUT_ABSENT)
			return offsets_fail(error, -ENOENT,
			                    "the kernel entry lacks %s, which %s; name a database "
			                    "with a fuller one by --db",
			                    offsets_fact_name(facts[i]), use);
	return 0;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int trace_layout_find(const struct trace_layout_use *use, struct layout *ret,
                      struct offsets_error *error)
{
	struct choice choice = { 0 };
	struct host host;
	int err = host_identify(&host, error);

	if (!err)
		err = choice_make(&host, use->databases, use->override, &choice, error);
	if (err)
		return err;
	offsets_kernel_layout(choice.row, ret);
	choice_deinit(&choice);
	if (use->files)
		err = facts_check(ret, of_files, COUNT(of_files), "--decode-fds needs", error);
	if (!err && use->files && kernel_tier() > 2)
		err = facts_check(ret, of_stack, COUNT(of_stack), "--decode-fds needs", error);
	if (!err && use->children)
		err = facts_check(ret, of_children, COUNT(of_children),
		                  "following new processes needs (or use --no-follow)", error);
	return err;
}
