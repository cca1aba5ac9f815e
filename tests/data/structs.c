/* SPDX-License-Identifier: BSD-2-Clause */
/* A unit that defines the structs: compiled by tests/unit in every format. */
#include "structs.h"

struct task_struct task;
struct pid_namespace pid_namespace;
struct dentry dentry;
struct mm_struct *mm;
struct pid pid;
union thread_union thread_union;
enum pid_type pid_type;
struct super_block super_block;
struct cred cred;

void uprobe_copy_process(struct task_struct *t, unsigned long flags)
{
	t->flags = flags;
}

int notify_change(long dentry)
{
	return dentry;
}

static inline __attribute__((always_inline)) long ptrace_attach(struct task_struct *task,
                                                                long request)
{
	return task->pid + request;
}

/* As gcc names a clone, of which the parameters are not known. */
void commit_creds(void) __asm__("commit_creds.isra.12");
void commit_creds(void)
{
	ptrace_attach(&task, 1);
}

const char linux_banner[] __attribute__((section(".rodata"))) =
	"Linux version 9.8.7-test (builder@example.org) (gcc (Debian) 1.2) #42 SMP Debian 9.8.7-1";

/* As in a vDSO: the note that holds LINUX_VERSION_CODE. */
#ifndef VERSION_CODE
#define VERSION_CODE 0x090807
#endif
const struct {
	unsigned int name_size, size, type;
	char name[8];
	unsigned int code;
} vdso_note = { 6, 4, 0, "Linux", VERSION_CODE };

int _start(void)
{
	return linux_banner[0] + task.pid + pid_namespace.filler[0];
}
