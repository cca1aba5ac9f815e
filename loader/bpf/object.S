/* SPDX-License-Identifier: BSD-2-Clause */
/* The BPF object file inside the program: nothing to find at run time. */
	.section .rodata
	.balign 8
	.globl probes_object, probes_object_end
probes_object:
	.incbin PROBES_OBJECT
probes_object_end:
	.byte 0
	.section .note.GNU-stack, "", %progbits
