/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A BPF object file inside the program: nothing to find at run time. The Makefile
 * makes one of each: its symbols are OBJECT and OBJECT_END.
 */
	.section .rodata
	.balign 8
	.globl OBJECT, OBJECT_END
OBJECT:
	.incbin FILE
OBJECT_END:
	.byte 0
	.section .note.GNU-stack, "", %progbits
