/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on files, mounts and chroot as records of audit. */
#include <fcntl.h>

#include "loader/event/actions.h"
#include "loader/audit/audit_call.h"
#include "loader/audit/audit_file.h"
#include "loader/audit/audit_task.h"
#include "loader/audit/audit_writers.h"

/* By operation: the system call, what PATH says of the file, and of its other name. */
static const struct operation {
	unsigned int number;
	bool is_zero; /* what it returns if it succeeds */
	const char *type, *other_type;
} operations[FILE_OPERATIONS] = {
	[FILE_OPEN] = { CALL_OPENAT, false, "NORMAL", NULL },
	[FILE_CREATE] = { CALL_OPENAT, false, "CREATE", NULL },
	[FILE_MKDIR] = { CALL_MKDIRAT, true, "CREATE", NULL },
	[FILE_MKNOD] = { CALL_MKNODAT, true, "CREATE", NULL },
	[FILE_SYMLINK] = { CALL_SYMLINKAT, true, "CREATE", NULL },
	[FILE_LINK] = { CALL_LINKAT, true, "CREATE", "NORMAL" },
	[FILE_UNLINK] = { CALL_UNLINKAT, true, "DELETE", NULL },
	[FILE_RMDIR] = { CALL_UNLINKAT, true, "DELETE", NULL },
	[FILE_RENAME] = { CALL_RENAMEAT2, true, "CREATE", "DELETE" },
	[FILE_EXCHANGE] = { CALL_RENAMEAT2, true, "NORMAL", "NORMAL" },
	[FILE_TRUNCATE] = { CALL_TRUNCATE, true, "NORMAL", NULL },
	[FILE_CHMOD] = { CALL_FCHMODAT, true, "NORMAL", NULL },
	[FILE_CHOWN] = { CALL_FCHOWNAT, true, "NORMAL", NULL },
	[FILE_SETXATTR] = { CALL_SETXATTR, true, "NORMAL", NULL },
	[FILE_REMOVEXATTR] = { CALL_REMOVEXATTR, true, "NORMAL", NULL },
	[FILE_WRITE] = { CALL_WRITE, false, "NORMAL", NULL },
	[FILE_MOUNT] = { CALL_MOUNT, true, "NORMAL", NULL },
	[FILE_UMOUNT] = { CALL_UMOUNT2, false, "NORMAL", NULL },
	[FILE_CHROOT] = { CALL_CHROOT, true, "NORMAL", NULL },
};

/* Those that the system call has and that are known. */
static void arguments_take(const struct event *ev, struct audit_call *call)
{
	const struct file_event *e = &ev->file;
	bool is_unread = event_unread(ev, FIELD_FILE_STAT);

	switch ((enum file_operation)e->operation) {
	case FILE_OPEN:
	case FILE_CREATE:
		call->args[2] = e->flags;
		break;
	case FILE_RMDIR:
		call->args[2] = AT_REMOVEDIR;
		break;
	case FILE_TRUNCATE:
		call->args[1] = is_unread ? 0 : e->size;
		break;
	case FILE_CHMOD:
		call->args[2] = is_unread ? 0 : e->after.mode & 07777;
		break;
	case FILE_CHOWN:
		call->args[2] = is_unread ? 0 : e->after.uid;
		call->args[3] = is_unread ? 0 : e->after.gid;
		break;
	case FILE_MOUNT:
		call->args[3] = e->flags;
		break;
	case FILE_UMOUNT:
		call->args[1] = e->flags;
		break;
	default:
		break;
	}
}

static void paths_put(struct audit *a, const struct event *ev, const struct operation *o)
{
	const struct file_event *e = &ev->file;
	bool has_owner = !event_unread(ev, FIELD_FILE_STAT);
	const struct audit_file other = { .type = o->other_type };
	const struct audit_file file = { .has_numbers =
		                                 has_owner && !event_unread(ev, FIELD_FILE_NUMBERS),
		                         .has_owner = has_owner,
		                         .inode = e->inode,
		                         .device = e->device,
		                         .rdev = e->rdev,
		                         .mode = e->after.mode,
		                         .uid = e->after.uid,
		                         .gid = e->after.gid,
		                         .type = o->type };

	if (o->other_type)
		audit_file(a, 0, ev, FILE_OTHER_PATH, &other);
	audit_file(a, o->other_type ? 1 : 0, ev, FILE_PATH, &file);
}

static void own_path(struct audit *a, const char *key, const struct event *ev, enum event_text text)
{
	const struct event_path *p = &ev->texts[text];

	if (event_unread(ev, FIELD_TEXTS + text))
		audit_word(a, key, "(null)");
	else
		audit_own_path(a, key, p->text, p->size);
}

/* What the operation has besides a file: a symlink's target, an attribute, what is mounted. */
static void more_put(struct audit *a, const struct event *ev)
{
	unsigned int operation = ev->file.operation;

	switch (operation) {
	case FILE_SYMLINK:
	case FILE_SETXATTR:
	case FILE_REMOVEXATTR:
	case FILE_MOUNT:
	case FILE_UMOUNT:
		break;
	default:
		return;
	}
	audit_more_open(a, event_action(ev));
	own_path(a,
	         operation == FILE_SYMLINK                             ? "target"
	         : operation == FILE_MOUNT || operation == FILE_UMOUNT ? "source"
	                                                               : "attribute",
	         ev, FILE_STRING);
	if (operation == FILE_MOUNT)
		own_path(a, "fstype", ev, FILE_TYPE);
}

void file_audit(struct audit *a, const struct event *ev)
{
	const struct file_event *e = &ev->file;
	const struct operation *o = &operations[e->operation];
	struct audit_call call = { .number = o->number,
		                   .outcome = event_is_early(ev) ? AUDIT_NOT_KNOWN : AUDIT_SUCCESS,
		                   .has_exit = o->is_zero,
		                   .items = o->other_type ? 2 : 1 };
	struct audit_task task;

	audit_task_init(a, ev, &e->parent, e->comm, e->uid, &task);
	arguments_take(ev, &call);
	audit_syscall(a, ev, &task, &call);
	paths_put(a, ev, o);
	more_put(a, ev);
	audit_end(a, &task);
}
