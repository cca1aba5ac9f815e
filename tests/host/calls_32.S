/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of 32 bits: opens a file, writes, and ends with status 7. For tests/host/calls.c. */
	.code32
	.text
	.globl _start
_start:
	mov $5, %eax /* open */
	mov $path, %ebx
	mov $0x80000, %ecx /* O_CLOEXEC */
	int $0x80
	mov $4, %eax /* write */
	mov $1, %ebx
	mov $text, %ecx
	mov $6, %edx
	int $0x80
	mov $1, %eax /* exit */
	mov $7, %ebx
	int $0x80

	.section .rodata
path:
	.asciz "/no/such/file/of/32"
text:
	.ascii "# 32b\n"
	.section .note.GNU-stack, "", %progbits
