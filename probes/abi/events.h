/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the probes send: one perf record per event, in the byte order of the
 * machine. Both sides share it, and maps.h and offsets/layout.h.
 *
 * A record begins with struct event_head; header.len is what was sent (perf
 * pads records). A field whose bit is in header.unread could not be read, or
 * this kernel does not have it; its bytes are zero then.
 */
#ifndef PROBES_EVENTS_H
#define PROBES_EVENTS_H

#include <linux/types.h>

#define EVENTS_COMM_BYTES 16
#define EVENTS_TTY_BYTES  16

/* Kinds of events, and the index of counters. */
enum event_type {
	EVENT_EXEC,
	EVENT_FORK,
	EVENT_THREAD, /* a fork with CLONE_THREAD */
	EVENT_EXIT,
	EVENT_CREDENTIALS,
	EVENT_NAMESPACES,
	EVENT_PTRACE,         /* from here on struct action_event */
	EVENT_PROCESS_ACCESS, /* as a tracer has, but not by ptrace: process_vm_writev */
	EVENT_SIGNAL,         /* to a process of another session */
	EVENT_MEMFD,
	EVENT_BPF, /* the verifier has seen a program */
	EVENT_MODULE,
	EVENT_EXEC_FAILED,
	EVENT_FILE, /* from here on struct file_event */
	EVENT_MOUNT,
	EVENT_SOCKET, /* struct socket_event */
	EVENT_DNS,    /* struct dns_event: a question over UDP */
	EVENT_TYPES
};

/* Fields that can fail on their own: bits of event_header.unread and .truncated. */
enum event_field {
	FIELD_START,      /* process_ids.start_* */
	FIELD_PARENT,     /* parent_* */
	FIELD_CRED,       /* ids and capabilities */
	FIELD_LOGINUID,   /* loginuid, sessionid */
	FIELD_NAMESPACES, /* *_ns */
	FIELD_NS_PID,     /* pid inside the namespace */
	FIELD_EXE_INODE,  /* mode, owner; in most file systems inode and device */
	FIELD_ARGV,       /* arguments */
	FIELD_TEXTS,      /* those of enum event_text, in its order */
	FIELD_FILENAME = FIELD_TEXTS,
	FIELD_INTERP,
	FIELD_ROOT,
	FIELD_CGROUP,
	FIELD_CGROUP_V1,
	FIELD_EXE,
	FIELD_CWD,
	FIELD_EXIT_CODE,
	FIELD_CHILD_START,  /* of a fork: child.start_boottime_ns */
	FIELD_CALLER,       /* of a fork: process.start_boottime_ns */
	FIELD_GROUPS,       /* process group, session */
	FIELD_ENV,          /* environment */
	FIELD_CPU_TIME,     /* of an exit */
	FIELD_BEFORE,       /* of a change: what was before */
	FIELD_AFTER,        /* of a change: what is now */
	FIELD_TTY,          /* controlling terminal */
	FIELD_PREVIOUS,     /* of an exec: previous_comm, caller_tid */
	FIELD_TARGET,       /* of an action */
	FIELD_OBJECT,       /* of an action: number, value, text */
	FIELD_OUTCOME,      /* of an action: error */
	FIELD_QUESTION,     /* of DNS: the message */
	FIELD_ADDRESSES,    /* of a socket: family, both ends */
	FIELD_INTERPRETERS, /* of an exec: those of a chain of scripts */
	FIELD_NUMBERS,      /* inode and device as stat() has them; of a socket its bytes */
	FIELDS
};

_Static_assert(FIELDS <= 32, "header.unread and .truncated have a bit for each");

struct event_header {
	__u32 len;  /* bytes of this record */
	__u16 type; /* enum event_type */
	__u16 cpu;
	__u64 sequence;  /* per CPU, from 0; also counts records that were dropped */
	__u64 time_ns;   /* CLOCK_MONOTONIC */
	__u32 unread;    /* 1 << enum event_field */
	__u32 truncated; /* 1 << enum event_field */
};

/*
 * Start times are as the kernel stores them, CLOCK_BOOTTIME, in ns. A process
 * is known by its tgid and the start time of its leader.
 */
struct process_ids {
	__u32 pid; /* thread group id, in the initial pid namespace */
	__u32 tid;
	__u64 start_boottime_ns; /* of the thread group leader */
};

/* What every event begins with. */
struct event_head {
	struct event_header header;
	struct process_ids process;
};

struct parent_ids {
	__u32 pid;
	__u32 pgid; /* of the process itself: its group, in the initial pid namespace */
	__u64 start_boottime_ns;
	char comm[EVENTS_COMM_BYTES];
};

struct credentials {
	__u32 uid, gid, euid, egid, suid, sgid, fsuid, fsgid; /* in the initial user namespace */
	__u64 cap_permitted, cap_effective, cap_inheritable, cap_bset;
	__u64 cap_ambient; /* 0 where the kernel has none: before 4.3, but RHEL7 has */
};

struct namespaces {
	__u32 pid_ns, mnt_ns, net_ns, uts_ns, ipc_ns, user_ns,
		cgroup_ns; /* inode numbers; 0: not there */
	__u32 ns_pid;      /* pid inside pid_ns */
};

/*
 * Texts of an exec, and of what is done to a file, which uses some of the same
 * slots. The first two are one string each, the others paths.
 */
enum event_text {
	TEXT_FILENAME,  /* of the file to execute, as the caller named it */
	TEXT_INTERP,    /* of its interpreter, as a script names it; empty: no script */
	TEXT_ROOT,      /* root directory: "/" but in a chroot */
	TEXT_CGROUP,    /* version 2 */
	TEXT_CGROUP_V1, /* of the memory controller; where only version 2 is, an ancestor's */
	TEXT_EXE,       /* executable */
	TEXT_CWD,       /* working directory; both can be made long, so they come last */
	EXEC_TEXTS,
	TEXT_SLOTS = 8, /* a power of two, so that a program can prove an index by a mask */

	FILE_STRING =
		TEXT_FILENAME,   /* where a symlink leads; an attribute's name; what is mounted */
	FILE_TYPE = TEXT_INTERP, /* of a mount: type of the file system */
	FILE_ROOT = TEXT_ROOT,   /* root directory of the process */
	FILE_PATH = TEXT_EXE,    /* of a rename and a link the new name */
	FILE_OTHER_PATH = TEXT_CWD, /* of a rename the old name, of a link the file's other one */
};

/*
 * Fixed part of an exec; then, back to back: argv_size bytes of argv, env_size
 * of the environment, text_size of each text.
 *
 * A path is its names from the leaf to the root, each ended by NUL: "ls\0bin\0"
 * is /bin/ls; no name at all is "/". argv and environment are as in memory: each
 * string ended by NUL.
 */
struct exec_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	struct credentials cred;
	struct namespaces ns;
	__u64 inode;
	__u32 device; /* kernel encoding: major << 20 | minor */
	__u32 mode;   /* st_mode */
	__u32 file_uid, file_gid;
	__u32 nlink;               /* of the file; 0: deleted, or never had a name */
	__u32 sid;                 /* session, in the initial pid namespace */
	__u32 env_size, env_total; /* env_total: bytes of the whole; 0: not wanted */
	__u32 loginuid, sessionid; /* 0xffffffff: not set */
	char comm[EVENTS_COMM_BYTES];
	char previous_comm[EVENTS_COMM_BYTES]; /* before the exec; empty: not known */
	char tty[EVENTS_TTY_BYTES];            /* empty: none */
	__u32 caller_tid;                      /* of the thread that called exec; 0: not known */
	__u32 argv_size;
	__u32 argv_total; /* bytes of the whole argv; more than argv_size if cut */
	__u32 script;     /* struct interpreter_part */
	__u16 text_size[TEXT_SLOTS];
};

/* Sent by the forking process before the child runs. */
struct fork_event {
	struct event_header header;
	struct process_ids process; /* who forked */
	struct process_ids child;
	struct parent_ids parent; /* of the child: differs from process with CLONE_PARENT */
	__u64 clone_flags;        /* CLONE_*; until 5.3 (7f192e3cd316) with the exit signal */
	char comm[EVENTS_COMM_BYTES];
	__u32 uid;
	__u32 exit_signal; /* that the parent gets at the child's end; 0: none, or not known */
};

/* Sent once per process, by its last thread. */
struct exit_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	__u32 exit_code; /* as wait() has it: code << 8 | core dumped << 7 | signal */
	__u32 uid;
	__u64 cpu_time_ns; /* of all its threads */
	char comm[EVENTS_COMM_BYTES];
};

/* Sent by a thread whose ids, capabilities or user namespace change; not by an exec. */
struct credentials_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	struct credentials before, after;
	__u32 user_ns_before, user_ns_after; /* inode numbers */
	char comm[EVENTS_COMM_BYTES];
};

/* Inode numbers; 0: not there. The user namespace is one of the credentials. */
struct namespace_set {
	__u32 pid_for_children, mnt, net, uts, ipc, cgroup;
};

/* Sent by a thread that enters other namespaces: setns, unshare. */
struct namespaces_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	struct namespace_set before, after;
	__u32 uid, zero;
	char comm[EVENTS_COMM_BYTES];
};

/* Sent by a thread that does something to another process, or to the kernel. */
struct action_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	struct parent_ids target; /* of ptrace, access, signal; its pgid is 0 */
	__u64 value;              /* ptrace: address; BPF: instructions; module: taints */
	__u32 number; /* ptrace: PTRACE_*; access: PTRACE_MODE_*; signal; BPF: type; module: 1
	                 loaded */
	__u32 error;  /* errno; 0: it has succeeded, or this hook does not know */
	__u32 uid, zero;
	char comm[EVENTS_COMM_BYTES];
	char text[64]; /* of the memfd, program, module, file; NUL-terminated if shorter */
};

/* What is done to a file. */
enum file_operation {
	FILE_OPEN = 1, /* for writing; the file was there */
	FILE_CREATE,   /* by open or mknod: a regular file */
	FILE_MKDIR,
	FILE_MKNOD, /* device, pipe, socket */
	FILE_SYMLINK,
	FILE_LINK,
	FILE_UNLINK,
	FILE_RMDIR,
	FILE_RENAME,
	FILE_EXCHANGE, /* renameat2: both names change places */
	FILE_TRUNCATE,
	FILE_CHMOD,
	FILE_CHOWN,
	FILE_SETXATTR,
	FILE_REMOVEXATTR,
	FILE_WRITE, /* the first one by an open file that was told */
	FILE_MOUNT, /* of EVENT_MOUNT */
	FILE_UMOUNT,
	FILE_OPERATIONS
};

struct file_owner {
	__u32 mode; /* st_mode */
	__u32 uid, gid;
};

/* Sent when an operation has succeeded; its texts follow as those of an exec do. */
struct file_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	__u64 inode, replaced_inode; /* replaced: by a rename; 0: none was there */
	__u64 size;                  /* st_size, as it is now */
	__u32 device;                /* of the file system; kernel encoding: major << 20 | minor */
	__u32 rdev;                  /* of a device */
	struct file_owner before, after; /* before: 0 of what has been made */
	__u32 nlink;
	__u32 operation; /* enum file_operation */
	__u32 flags;     /* open: O_*; mount: MS_*; umount: MNT_*, UMOUNT_*; else 0 */
	__u32 uid;
	char comm[EVENTS_COMM_BYTES];
	char type[EVENTS_COMM_BYTES]; /* of the file system */
	__u16 text_size[TEXT_SLOTS];
};

/* What a socket does. */
enum socket_operation {
	SOCKET_LISTEN = 1,
	SOCKET_CONNECT, /* it is connected, or could not be: error */
	SOCKET_ACCEPT,
	SOCKET_CLOSE,    /* of a connection */
	SOCKET_DATAGRAM, /* the first of a flow, one way */
	SOCKET_FLOW,     /* a flow of datagrams has ended; made by the loader */
	SOCKET_BIND,     /* a local address is given, or could not be: error */
	SOCKET_OPERATIONS
};

/* Both ends of a connection or flow. */
struct socket_ends {
	__u8 local[16], remote[16];    /* IPv4: the first four */
	__u16 local_port, remote_port; /* host order */
	__u16 family;                  /* AF_* */
	__u16 protocol;                /* IPPROTO_*; 0: Unix */
	__u32 netns;                   /* inode number */
	__u32 bound_if;                /* index of the interface that it is bound to; 0: none */
};

/* Of a connection that was closed, of a flow. */
struct socket_count {
	__u64 bytes;
	__u64 packets; /* of a flow */
};

#define UNIX_NAME_BYTES 128 /* a power of two; the kernel takes 108 */

/* Sent for whom a connection belongs to, in whatever context it changes. */
struct socket_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	__u64 start_ns; /* CLOCK_MONOTONIC, when it connected or accepted, or its first datagram */
	struct socket_count received, sent;
	struct socket_ends ends;
	__u32 operation; /* enum socket_operation */
	__u32 outgoing;  /* who began it: we */
	__s32 error;     /* errno; 0: it has succeeded */
	__u32 uid;
	__u32 name_size, zero; /* bytes of name */
	char comm[EVENTS_COMM_BYTES];
	char name[UNIX_NAME_BYTES]; /* of a Unix socket: sun_path; abstract ones begin with NUL */
};

#define DNS_PORT      53
#define DNS_BYTES_MAX 512 /* a power of two; of a message over UDP: RFC 1035, 4.2.1 */

/* Sent by who asks, as the datagram goes out. */
struct dns_event {
	struct event_header header;
	struct process_ids process;
	struct parent_ids parent;
	struct socket_ends ends;
	__u32 uid;
	__u32 size; /* of the message, and what of it is here */
	char comm[EVENTS_COMM_BYTES];
	__u8 message[DNS_BYTES_MAX]; /* RFC 1035, 4.1; what is behind size is 0 */
};

/*
 * Kernels before 4.11 let a program send only what lies on its stack: an exec,
 * and a mount, goes out in parts, back to back in the ring of its CPU, each a
 * record of its own; loader/stream/parts.c makes one record of them. Types behind those
 * of events.
 */
enum part_type {
	PART_EXEC = 64,   /* struct exec_event, its sizes 0 but for argv_total */
	PART_MOUNT,       /* struct file_event, its sizes 0 */
	PART_ARGV,        /* struct argv_part; of an exec */
	PART_TEXT,        /* struct text_part; the last ends the event */
	PART_INTERPRETER, /* struct interpreter_part, of all tiers; before the exec */
};

#define PART_BYTES 256

/*
 * Bytes of argv and of the environment, which follows it; those before its
 * beginning (offset < 0) are none of it.
 */
struct argv_part {
	struct event_header header; /* sequence: that of the exec */
	__u32 number;               /* of the part, from 1 */
	__s32 offset;               /* in argv */
	char bytes[PART_BYTES];
};

/*
 * In parts TEXT_FILENAME comes after all others: there are so many parts that it
 * could take the room of the rest. The fields of texts that are sent after one.
 */
static inline __attribute__((always_inline)) __u32 texts_after(__u32 text)
{
	if (text == TEXT_FILENAME)
		return 0;
	return ((2U << FIELD_CWD) - (2U << (FIELD_TEXTS + text))) | 1U << FIELD_FILENAME;
}

#define PART_SLOT_BYTES 32
#define PART_SLOTS      (PART_BYTES / PART_SLOT_BYTES)

/*
 * Names from the leaf to the root, or one string: each begins in a slot of its
 * own, goes on in the next ones, and ends with a NUL; slots that begin with one
 * are empty. header.unread and .truncated are those of the whole event in the
 * last part; of an exec it has the number and device that stat() shows, as well.
 */
struct text_part {
	struct event_header header; /* sequence: that of the event */
	__u32 number;               /* of the part */
	__u16 text;                 /* enum event_text */
	__u16 last;                 /* of this event */
	__u64 inode;
	__u32 device, zero;
	char slots[PART_SLOTS][PART_SLOT_BYTES];
};

#define INTERPRETER_BYTES 256 /* a script's first line has no more (since 5.1) */

struct interpreter {
	__u64 task;
	char text[INTERPRETER_BYTES]; /* NUL-terminated if shorter */
};

/*
 * Of a script whose interpreter is a script: one for each interpreter but the
 * last. It goes with the exec of the same process whose number of the attempt, in
 * script, is the same.
 */
struct interpreter_part {
	struct event_header header; /* sequence: 0 */
	struct process_ids process; /* its start is 0 */
	__u32 script;               /* number of the attempt, and how many interpreters so far */
	__u32 zero;
	struct interpreter last; /* its task is 0 */
};

#define SCRIPT_LEVELS  7 /* the lowest bits of script; the kernel has six at most */
#define SCRIPT_ATTEMPT (~7U)

/* Limits of the variable part. */
#define ARGV_BYTES_MAX  32768
#define ENV_BYTES_MAX   4096 /* as far as argv leaves room for it */
#define ARGV_PARTS_MAX  16   /* of what goes out in parts: 4 KiB */
#define ENV_PART_BYTES  2048 /* of these for the environment */
#define PATH_BYTES_MAX  4096 /* a walk stops above it, at most one name later */
#define NAME_BYTES      256  /* of one name and its NUL */
#define EVENT_BYTES_MAX 59392

/* Of an exec that has begun: probes/attempt.bpf.h. */
enum attempts_have {
	ATTEMPTS_COMM = 1, /* the name before it */
	ATTEMPTS_BPRM = 2, /* how it was called */
};

/* The value of the one-entry map "settings". */
struct settings {
	__u32 classes;   /* 1 << enum event_type that are wanted */
	__u32 self_tgid; /* not reported: the sensor; 0 while it checks itself */
	__u32 env;       /* the environment is wanted */
	__u32 nothing;   /* 0, which no verifier knows: probes/stack.bpf.h */
	__u32 attempts;  /* what the map of that name has: enum attempts_have */
	__u32 filters;   /* 1 << enum filter_kind for which there are rules */
	__u32 only;      /* 1 << enum filter_kind of which only what a rule allows is reported */
	__u32 watched;   /* WATCH_*, and by which lengths there are rules: probes/watch.bpf.h */
	__u32 dentry_part, mount_part; /* where it reads: offset of d_parent, and of mnt_parent */
	__u32 file_mode;   /* offset of f_mode: of most opens no more is read; 0: none is */
	__u32 file_path;   /* of f_path */
	__u32 mount_mnt;   /* of mnt */
	__u32 shares;      /* rings run over: each user has a share of them (maps.h) */
	__u64 bloom[16];   /* of the values of those rules: bloom_bit() */
	__u8 begins[1024]; /* of what begins them: enum watch_begin */
	__u64 number;      /* of these settings; written last */
};

/* A power of two, so that a program can prove an index by a mask. */
#define COUNTER_SLOTS 32

/* The value of the map "counters", key: CPU. Only ever counts up. Index: enum event_type. */
struct counters {
	__u64 sequence;                  /* next header.sequence */
	__u64 sent[COUNTER_SLOTS];       /* records the ring took */
	__u64 lost[COUNTER_SLOTS];       /* records the ring had no room for */
	__u64 no_scratch[COUNTER_SLOTS]; /* events for which there was no message memory */
	__u64 flows;                     /* of datagrams, that have begun */
};

#endif
