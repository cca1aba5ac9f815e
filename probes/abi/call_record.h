/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the programs of 'sextant trace' are given, and what they send: a record when a
 * system call begins, and one when it returns. Both begin with struct event_head.
 */
#ifndef PROBES_ABI_CALL_RECORD_H
#define PROBES_ABI_CALL_RECORD_H

#include "probes/abi/head.h"
#include "probes/abi/maps.h"

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
	CALL_CONTROL, /* what a CALL_MESSAGE has besides: control messages */
	CALL_REQUEST, /* what the request asks for that is in the parameter "count"; "size" says
	                 whose it is: enum call_requests */
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

#define CALL_NO_LIST       7
#define CALL_WANTED_EXEC   2
#define CALL_WANTED_INSIDE 3

/* Values that are no parameters. */
#define CALL_VALUE_CONTROL 5 /* control messages; a call with CALL_MESSAGE has few parameters */
#define CALL_VALUE_RESULT  6 /* the file whose descriptor is the result */
#define CALL_VALUE_CWD     7 /* the working directory of the thread */
#define CALL_VALUES        8

#define CALL_AT_FDCWD (-100) /* include/uapi/linux/fcntl.h */
/* ---- which calls are reported -------------------------------------------- */

#define CALL_COMMS       16  /* rows of the map "call_comms": key: a comm, zeros behind it */
#define CALL_ERRORS      8   /* error numbers of which a call has one */
#define CALL_WHERES      4   /* conditions on parameters: rows of the map "call_wheres" */
#define CALL_WHERE_BYTES 128 /* of a string in one */
#define CALL_WHERE_WORDS 17  /* CALL_WHERE_BYTES, and a NUL, in words of eight bytes */

/* The value of the map "call_wheres". */
struct call_where {
	__u64 number;
	/* A string is meant if its bytes at which the mask is not 0 are those. */
	__u64 text[CALL_WHERE_WORDS], mask[CALL_WHERE_WORDS];
};

enum call_where_kind {
	CALL_WHERE_64, /* the parameter is a number of 64 bits */
	CALL_WHERE_32,
	CALL_WHERE_STRING,
};

/* Where a call has the parameter of a condition. */
struct call_where_at {
	__u8 parameter;
	__u8 kind; /* enum call_where_kind */
};

/* The value of the one-entry map "call_rate": calls of this second. */
struct call_rate {
	__u64 begun_ns, calls;
};

/* ---- what is read -------------------------------------------------------- */

/* The value of the map "call_plans". */
struct call_plan {
	/*
	 * The call is reported. CALL_WANTED_EXEC: and may return as another thread;
	 * CALL_WANTED_INSIDE: of socketcall, if it is taken for a call that is.
	 */
	__u32 wanted;
	__u32 list;  /* the parameter of CALL_STRINGS or a later kind, read last, or CALL_NO_LIST */
	__u32 files; /* 1 << value: what its descriptor is is read, too */
	__u32 at_entry, at_return, at_any; /* 1 << parameter that is read then; at either time */
	__u32 kept; /* mask of the thread's id in "call_pending": 0 if the call never returns */
	__u32 zero;
	struct call_where_at wheres[CALL_WHERES]; /* settings.wheres of them */
	struct call_parameter parameters[8];      /* CALL_PARAMETERS, and 0 */
};

#define CALL_REQUESTS 256 /* rows of the map "call_requests" */

enum call_requests { CALL_OF_IOCTL, CALL_OF_FCNTL, CALL_OF_FCNTL_32 };

/*
 * The value of the map "call_requests", key: enum call_requests << 32 | request. Others of ioctl
 * are read as their number says: bytes, and in which direction (include/uapi/asm-generic/ioctl.h).
 */
struct call_request {
	__u16 in, out; /* bytes that are read when the call begins, and when it returns */
};

/*
 * The value of the map "call_packed", key: CALL_PACKED_KEY(). Calls of i386 whose parameters lie in
 * memory (net/compat.c, mm/util.c, fs/compat.c): the old ones of select and mmap, and those behind
 * socketcall, each of which is taken for the call that it stands for.
 */
struct call_packed {
	__u32 number; /* of i386, of the call that it is */
	__u32 count;  /* parameters, of 4 bytes each */
};

#define CALL_PACKED     32 /* rows */
#define CALL_SOCKETCALL 102

/* which: the first parameter of socketcall, else 0. */
#define CALL_PACKED_KEY(number, which) ((number) << 8 | (which))

/* Calls are counted alone, nothing is sent: in the map "call_sums" or "call_process_sums". */
enum call_summary { CALL_SUMMARY_NONE, CALL_SUMMARY_CALLS, CALL_SUMMARY_PROCESSES };

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
	__u32 summary;                 /* enum call_summary */
	__u32 task_pid;                /* offset of task_struct.pid, for "follow" by kprobe */
	__u32 stack_bytes; /* of a kernel stack, a power of two: where there are no raw tracepoints
	                    */
	__u32 only_comms;  /* only threads whose name is in the map "call_comms" */
	__u32 wheres;      /* rows of the map "call_wheres" that have to hold */
	__u32 rate;        /* so many calls are reported a second; 0: all */
	__s64 errors[CALL_ERRORS]; /* the result is one of them; the first is 0: any */
};

/* How a value was read. */
enum call_state {
	CALL_NONE,   /* it is not to be read in this half of the call */
	CALL_READ,   /* whole */
	CALL_CUT,    /* there is more of it */
	CALL_UNREAD, /* the address could not be read */
	CALL_NULL,   /* the address is NULL */
	CALL_ALONE,  /* a file, whole, that is below no mount: a pipe, a memfd */
};

struct call_value {
	__u16 state; /* enum call_state */
	__u16 at;    /* its bytes begin so far behind the record's first one */
	__u16 size;  /* of them; a string's NUL counts */
	__u16 items; /* of CALL_STRINGS, CALL_VECTOR and CALL_MESSAGE: how many were read */
	__u16 name;  /* of CALL_MESSAGE: bytes of the address */
};

/*
 * What a descriptor is: the value that is read of it by call_plan.files. The names of its path
 * follow, each with its NUL, the last one first; of a socket none.
 */
struct call_file {
	__u64 inode;
	__u32 mode; /* with its type; 0: not known (a working directory) */
	__u16 is_socket;
	__u16 family;                  /* AF_*; the rest of IPv4 and IPv6 alone */
	__u16 local_port, remote_port; /* host order */
	__u8 local[16], remote[16];
	__u8 protocol; /* IPPROTO_* */
	__u8 zero[3];
};

#define CALL_STRINGS_MAX 16 /* of one array */
#define CALL_VECTOR_MAX  8
#define CALL_NAME_MAX    128 /* of an address: struct sockaddr_storage */
#define CALL_CONTROL_MAX 256 /* of all control messages of a message */

#define CALL_VALUE_MAX  4096  /* bytes of one: PATH_MAX */
#define CALL_RECORD_MAX 16384 /* of a record; the last value may begin just below */

/* Programs that are reached by tail calls: keys of the map "call_tails". */
enum call_tail { CALL_TAIL_LIST, CALL_TAIL_FILES, CALL_TAILS, CALL_TAIL_PART = 0 };

enum call_half { CALL_BEGINS = 100, CALL_RETURNS, CALL_BOTH, CALL_PART }; /* header.type */

struct call_record {
	struct event_header header;
	struct process_ids process; /* start_boottime_ns is 0 */
	__u64 began_ns;             /* CLOCK_MONOTONIC; 0: the entry was not seen */
	__s64 result;               /* of CALL_RETURNS and CALL_BOTH */
	__u64 arguments[8];         /* CALL_PARAMETERS, and 0 */
	__u32 number, abi;          /* enum call_abi */
	__u32 uid, zero;
	char comm[EVENTS_COMM_BYTES];
	struct call_value values[CALL_VALUES];
};

#define CALL_PART_BYTES 256 /* a power of two: no block of them crosses a page */

/*
 * Kernels before 4.11 let a program send only what lies on its stack. There a record has no values,
 * and these follow, back to back in the ring of its CPU and with its sequence number;
 * loader/trace/call_parts.c makes one record of them. A value is what its parts have, in their
 * order; a string ends with its first NUL.
 */
struct call_part {
	struct event_header header;
	__u16 value;       /* of the record; CALL_VALUES: this is the last part */
	__u16 state;       /* enum call_state of the value, as far as it is known */
	__u16 begin, size; /* in bytes: those that belong to the value */
	__u16 items, name; /* of a list so far: struct call_value */
	__u16 is_string;
	__u16 number; /* of the part, from 0 */
	char bytes[CALL_PART_BYTES];
};

/*
 * The value of the map "call_steps", key: CPU. What one program hands to the next: which value of
 * the record is being sent, and where it goes on.
 */
struct call_step {
	__u64 sequence, time_ns;
	__u64 arguments[8];
	__s64 result;
	__u64 address, left;         /* of the bytes at hand; of a string at most so many */
	__u64 vector;                /* the array of a list */
	__u64 total, most;           /* bytes of all items, and of one */
	__u64 sp;                    /* of the new program, of an exec that has returned; else 0 */
	__u64 control, control_size; /* of the message that was read */
	__u32 count;                 /* items of the list */
	__u32 todo;                  /* 1 << parameter */
	__u32 value, kind;           /* the one at hand; CALL_VALUE: none */
	__u32 segment;               /* of it: number */
	__u32 width;                 /* of a pointer */
	__u32 state;
	__u32 is_string;
	__u32 items, name;
	__u32 slot; /* call_slot() */
	__u32 type; /* enum call_half */
	__u32 bytes_max;
	__u32 number;      /* of the next part */
	__u32 again;       /* 1 << parameter that is read again when the call returns */
	__u32 files;       /* 1 << value whose file comes behind the others */
	__u32 socket_size; /* from a struct socket to its inode, once it is known */
	struct walk walk;  /* of the file at hand; dentry 0: none is */
};

/*
 * The value of the map "call_pending", by the lowest bits of the thread's number: an array, whose
 * look-up takes less time than that of a hash. Threads that share a row are counted.
 */
struct call_pending {
	__u64 began_ns;
	__u64 arguments[8];
	__u32 number, abi;
	__u32 again;  /* 1 << parameter: it could not be read at the entry */
	__u32 tid;    /* 0: the row is free */
	__u32 open;   /* nothing was sent: a condition could not be decided at the entry */
	__u32 packed; /* the number that it was made by, of one of "call_packed"; else 0 */
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
	__u64 beyond;     /* calls that were left out because of settings.rate */
	__u64 uncounted;  /* calls for which "call_process_sums" had no room */
};

#define CALL_BUCKETS 32 /* of a histogram: powers of two of nanoseconds, from 128 ns on */

/* The value of the map "call_sums", key: CPU * CALL_ROWS + slot. */
struct call_sum {
	__u64 calls, errors, total_ns;
	__u64 buckets[CALL_BUCKETS];
};

#define CALL_PROCESS_ROWS 65536

/* The key of the map "call_process_sums". */
struct call_process_key {
	__u32 tgid, slot;
};

struct call_process_sum {
	struct call_sum sum;
	__u64 last_ns; /* when the last one returned */
	char comm[EVENTS_COMM_BYTES];
};

#endif
