/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program of 32 bits: opens a file, makes a directory, writes into a pipe and reads it, writes,
 * closes nothing, and ends with status 7. tests/lib/calls.py (OF_32) says what it calls.
 */
	.code32
	.text
	.globl _start
_start:
	mov $5, %eax /* open */
	mov $path, %ebx
	mov $0x80000, %ecx /* O_CLOEXEC */
	int $0x80
	mov $39, %eax /* mkdir */
	mov $path, %ebx
	mov $0710, %ecx
	int $0x80
	mov $42, %eax /* pipe */
	mov $pipes, %ebx
	int $0x80
	mov $4, %eax /* write */
	mov pipes + 4, %ebx
	mov $text + 2, %ecx
	mov $3, %edx
	int $0x80
	mov $3, %eax /* read */
	mov pipes, %ebx
	mov $buffer, %ecx
	mov $64, %edx
	int $0x80
	mov $4, %eax /* write */
	mov $1, %ebx
	mov $text, %ecx
	mov $6, %edx
	int $0x80
	mov $6, %eax /* close */
	mov $-1, %ebx
	int $0x80
	mov $1, %eax /* exit */
	mov $7, %ebx
	int $0x80

	.section .rodata
path:
	.asciz "/no/such/file/of/32"
text:
	.ascii "# 32b\n"
	.bss
	.balign 4
pipes:
	.skip 8
buffer:
	.skip 64
	.section .note.GNU-stack, "", %progbits
