/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tests/data/structs.h must come out as, by the compiler's own word.
 * Included twice: NEWER picks the same names as in structs.h.
 */
/* clang-format off */
{ "task_struct", "stack", -1, 0, 0, 0 }, /* there, but not wanted */
{ "task_struct", "flags", offsetof(struct task_struct, flags), 4, 0, 0 },
{ "task_struct", "pid", offsetof(struct task_struct, pid), 4, 0, 0 },
{ "task_struct", "tgid", offsetof(struct task_struct, tgid), 4, 0, 0 },
{ "task_struct", "real_parent", offsetof(struct task_struct, real_parent), 8, 0, 0 },
{ "task_struct", "group_leader", offsetof(struct task_struct, group_leader), 8, 0, 0 },
/* Bit 3 of the word behind group_leader; the compiler has no offsetof for it. */
{ "task_struct", "in_execve", offsetof(struct task_struct, group_leader) + 8, 4, 3, 1 },
{ "task_struct", "loginuid", offsetof(struct task_struct, loginuid), 4, 0, 0 },
{ "task_struct", "comm", offsetof(struct task_struct, comm), 16, 0, 0 },
{ "task_struct", "start_time", offsetof(struct task_struct, start_time),
  sizeof(((struct task_struct *)0)->start_time), 0, 0 },
#ifdef NEWER
{ "task_struct", "start_boottime", offsetof(struct task_struct, start_boottime), 8, 0, 0 },
{ "task_struct", "real_start_time", -1, 0, 0, 0 },
{ "task_struct", "thread_pid", offsetof(struct task_struct, thread_pid), 8, 0, 0 },
{ "task_struct", "pids[0].pid", -1, 0, 0, 0 },
{ "pid_namespace", "ns.inum", offsetof(struct pid_namespace, ns.inum), 4, 0, 0 },
{ "pid_namespace", "proc_inum", -1, 0, 0, 0 },
{ "pid", "numbers", offsetof(struct pid, numbers), 0, 0, 0 },
#else
{ "task_struct", "start_boottime", -1, 0, 0, 0 },
{ "task_struct", "real_start_time", offsetof(struct task_struct, real_start_time), 16, 0, 0 },
{ "task_struct", "thread_pid", -1, 0, 0, 0 },
{ "task_struct", "pids[0].pid", offsetof(struct task_struct, pids[0].pid), 8, 0, 0 },
{ "pid_namespace", "ns.inum", -1, 0, 0, 0 },
{ "pid_namespace", "proc_inum", offsetof(struct pid_namespace, proc_inum), 4, 0, 0 },
{ "pid", "numbers", offsetof(struct pid, numbers), 16, 0, 0 },
#endif
{ "pid", "level", offsetof(struct pid, level), 4, 0, 0 },
{ "upid", "nr", offsetof(struct upid, nr), 4, 0, 0 },
{ "upid", "ns", offsetof(struct upid, ns), 8, 0, 0 },
{ "dentry", "d_parent", offsetof(struct dentry, d_parent), 8, 0, 0 },
{ "dentry", "d_name", offsetof(struct dentry, d_name), 16, 0, 0 },
{ "dentry", "d_inode", offsetof(struct dentry, d_inode), 8, 0, 0 },
{ "qstr", "name", offsetof(struct qstr, name), 8, 0, 0 },
{ "qstr", "len", offsetof(struct qstr, len), 4, 0, 0 },
{ "qstr", "hash_len", offsetof(struct qstr, hash_len), 8, 0, 0 },
{ "mm_struct", "exe_file", -1, 0, 0, 0 }, /* only declared */
{ "task_struct", "sizeof", 0, sizeof(struct task_struct), 0, 0 },
{ "pid_namespace", "sizeof", 0, sizeof(struct pid_namespace), 0, 0 },
{ "pid", "sizeof", 0, sizeof(struct pid), 0, 0 },
{ "upid", "sizeof", 0, sizeof(struct upid), 0, 0 },
{ "dentry", "sizeof", 0, sizeof(struct dentry), 0, 0 },
{ "qstr", "sizeof", 0, sizeof(struct qstr), 0, 0 },
{ "mm_struct", "sizeof", -1, 0, 0, 0 },
{ "thread_union", "sizeof", 0, sizeof(union thread_union), 0, 0 },
#ifdef NEWER
{ "pid_link", "sizeof", -1, 0, 0, 0 },
#else
{ "pid_link", "sizeof", 0, sizeof(struct pid_link), 0, 0 },
#endif
{ "enum pid_type", "PIDTYPE_PGID", PIDTYPE_PGID, sizeof(enum pid_type), 0, 0 },
{ "enum pid_type", "PIDTYPE_SID", PIDTYPE_SID, sizeof(enum pid_type), 0, 0 },
{ "uprobe_copy_process()", "t", 0, 8, 0, 0 },
{ "uprobe_copy_process()", "flags", 1, 8, 0, 0 },
{ "ptrace_attach()", "task", 0, 8, 0, 0 }, /* also of one that is inlined */
{ "ptrace_attach()", "request", 1, 8, 0, 0 },
{ "commit_creds()", "new", -1, 0, 0, 0 },
{ ".symtab", "uprobe_copy_process", 0, 0, 0, 0 },
{ ".symtab", "ptrace_attach", -1, 0, 0, 0 },
{ ".symtab", "commit_creds", -1, 0, 0, 0 },
{ ".symtab", "commit_creds.isra", 12, 0, 0, 0 },
