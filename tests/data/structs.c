/* SPDX-License-Identifier: BSD-2-Clause */
/* A unit that defines the structs: compiled by tests/unit in every format. */
#include "structs.h"

struct task_struct task;
struct pid_namespace pid_namespace;
struct dentry dentry;
struct mm_struct *mm;
struct pid pid;

const char linux_banner[] __attribute__((section(".rodata"))) =
	"Linux version 9.8.7-test (builder@example.org) (gcc (Debian) 1.2) #42 SMP Debian 9.8.7-1";

int _start(void)
{
	return linux_banner[0] + task.pid + pid_namespace.filler[0];
}
