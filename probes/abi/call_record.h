/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the programs of 'sextant trace' are given, and what they send: a record when a
 * system call begins, and one when it returns. Both begin with struct event_head.
 */
#ifndef PROBES_ABI_CALL_RECORD_H
#define PROBES_ABI_CALL_RECORD_H

#include "probes/abi/head.h"

#define CALL_PARAMETERS 6
#define CALL_SLOTS      1024 /* rows of the map "call_plans", and one more: call_slot() */
#define CALL_ROWS       (CALL_SLOTS + 1)

/* By which convention a thread makes a call. */
enum call_abi {
	CALL_64,
	CALL_32,  /* i386: by int 0x80, or by a program of 32 bits */
	CALL_X32, /* numbers with the bit CALL_X32_BIT */
	CALL_ABIS
};

#define CALL_X32_BIT 0x40000000U

/* The 64-bit calls, then those of i386. CALL_SLOTS, the last row: all numbers that no kernel has.
 */
static inline __attribute__((always_inline)) __u32 call_slot(__u32 abi, __u32 number)
{
	if (number >= CALL_SLOTS / 2)
		return CALL_SLOTS;
	return abi == CALL_32 ? CALL_SLOTS / 2 + number : number;
}

/* What lies where a parameter points to. */
enum call_kind {
	CALL_VALUE,  /* nothing: the parameter is the value */
	CALL_STRING, /* up to its NUL */
	CALL_BYTES,
	CALL_STRINGS, /* pointers to strings, the last one NULL: the strings, each with its NUL */
	CALL_VECTOR,  /* struct iovec: those, then what they point to */
	CALL_MESSAGE, /* struct msghdr: that, then the address, then as CALL_VECTOR */
	CALL_KINDS
};

/* Where the number of its items stands. 0 to 5: in that parameter. */
#define CALL_COUNT_ONE    6 /* there is one */
#define CALL_COUNT_RESULT 7 /* the result is the number of bytes */

/* When it is read. */
enum call_when {
	CALL_ENTRY = 1, /* if that fails, again when the call returns: the page is there then */
	CALL_EXIT = 2,
	CALL_COUNT_AT = 4, /* the parameter with the number of bytes points to it: socklen_t * */
	CALL_WHOLE = 8,    /* structs: call_settings.bytes_max does not apply */
};

/* How a parameter is read. */
struct call_parameter {
	__u8 kind; /* enum call_kind */
	__u8 when; /* enum call_when */
	__u8 count;
	__u8 zero;
	__u32 size; /* bytes of an item */
};

#define CALL_NO_LIST     7
#define CALL_WANTED_EXEC 2

/* The value of the map "call_plans". */
struct call_plan {
	__u32 wanted; /* the call is reported; CALL_WANTED_EXEC: and may return as another thread */
	__u32 list;   /* the parameter of CALL_STRINGS, CALL_VECTOR or CALL_MESSAGE, read last, or
	                 CALL_NO_LIST */
	struct call_parameter parameters[8]; /* CALL_PARAMETERS, and 0 */
};

/* The value of the one-entry map "call_settings". */
struct call_settings {
	__u32 running;   /* 0: nothing is reported */
	__u32 self_tgid; /* not reported */
	__u32 only_pids; /* only processes of the map "call_pids" */
	__u32 follow;    /* and their children, which are added to it */
	__u32 only_uid, uid;
	__u32 bytes_max; /* of a value of CALL_BYTES */
	__u32 at_return; /* nothing is sent when a call begins: all is read when it returns */
	__s64 result_low, result_high; /* a call is reported if its result is not outside */
	__u64 duration_ns;             /* and it took as long, or longer */
	__u32 summary;                 /* calls are counted in the map "call_sums" alone */
	__u32 stack_bytes; /* of a kernel stack, a power of two: where there are no raw tracepoints
	                    */
};

/* How a value was read. */
enum call_state {
	CALL_NONE,   /* it is not to be read in this half of the call */
	CALL_READ,   /* whole */
	CALL_CUT,    /* there is more of it */
	CALL_UNREAD, /* the address could not be read */
	CALL_NULL,   /* the address is NULL */
};

struct call_value {
	__u16 state; /* enum call_state */
	__u16 size;  /* of its bytes, which follow those of the one before it, those of plan.list
	                last; a string's NUL counts */
	__u16 items; /* of CALL_STRINGS, CALL_VECTOR and CALL_MESSAGE: how many were read */
	__u16 name;  /* of CALL_MESSAGE: bytes of the address */
};

#define CALL_STRINGS_MAX 16 /* of one array */
#define CALL_VECTOR_MAX  8
#define CALL_NAME_MAX    128 /* of an address: struct sockaddr_storage */

#define CALL_VALUE_MAX  4096  /* bytes of one: PATH_MAX */
#define CALL_RECORD_MAX 16384 /* of a record; the last value may begin just below */

enum call_half { CALL_BEGINS = 100, CALL_RETURNS, CALL_BOTH }; /* header.type */

struct call_record {
	struct event_header header;
	struct process_ids process; /* start_boottime_ns is 0 */
	__u64 began_ns;             /* CLOCK_MONOTONIC; 0: the entry was not seen */
	__s64 result;               /* of CALL_RETURNS and CALL_BOTH */
	__u64 arguments[8];         /* CALL_PARAMETERS, and 0 */
	__u32 number, abi;          /* enum call_abi */
	__u32 uid, zero;
	char comm[EVENTS_COMM_BYTES];
	struct call_value values[8]; /* the same */
};

/*
 * The value of the map "call_pending", by the lowest bits of the thread's number: an array, whose
 * look-up takes less time than that of a hash. Threads that share a row are counted.
 */
struct call_pending {
	__u64 began_ns;
	__u64 arguments[8];
	__u32 number, abi;
	__u32 again; /* 1 << parameter: it could not be read at the entry */
	__u32 tid;   /* 0: the row is free */
};

#define CALLS_PENDING 32768 /* a power of two; pid_max by default */
#define CALL_PIDS     16384
#define CALL_EXECS    256

/* The value of the map "call_counts", key: CPU. Only ever counts up. */
struct call_counts {
	__u64 sequence;
	__u64 sent, lost; /* records */
	__u64 unpaired;   /* calls that returned in the place of another one of the thread */
	__u64 unkept;     /* calls that began in the row of "call_pending" of another thread */
	__u64 unfollowed; /* processes for which "call_pids" had no room */
};

#define CALL_BUCKETS 32 /* of a histogram: powers of two of nanoseconds, from 128 ns on */

/* The value of the map "call_sums", key: CPU * CALL_ROWS + slot. */
struct call_sum {
	__u64 calls, errors, total_ns;
	__u64 buckets[CALL_BUCKETS];
};

#endif
