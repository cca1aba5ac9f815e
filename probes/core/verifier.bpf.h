/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What programs need so that old verifiers accept what the compiler makes. */
#ifndef PROBES_CORE_VERIFIER_BPF_H
#define PROBES_CORE_VERIFIER_BPF_H

#define INLINE static __attribute__((always_inline)) inline

/*
 * The compiler must not merge or move a bounds check: the verifier has to see
 * each one.
 */
#define BARRIER(variable) asm volatile("" : "+r"(variable))

/*
 * Verifiers before 4.10 lose the check of a pointer that was put on the stack
 * before it was compared with NULL. After this macro the register is put there.
 */
#define CHECKED(pointer) BARRIER(pointer)

/*
 * The same where the compiler puts the pointer on the stack as soon as it has it: compares it in
 * the register from which it is stored. NULL ends the program.
 */
#define NEED(pointer) asm volatile("if %0 != 0 goto +2\n\tr0 = 0\n\texit" : "+r"(pointer) : : "r0")

/*
 * Verifiers before 4.9 allow no pointer into the value of a map to be kept,
 * only the one to its start. After this macro the compiler computes the address
 * again.
 */
#define FRESH(pointer) BARRIER(pointer)

#endif
