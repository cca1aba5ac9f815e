/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What is done to files, by fentry and fexit: the same halves as in file.bpf.h,
 * at a fifth of what a kprobe costs. From 5.17 on, by bpf_loop() (e6f2dd0f8067)
 * and bpf_get_func_ret() (f92c1e183604), and with BTF, without which the kernel
 * attaches no such program.
 *
 * What they are given has a type, so that the verifier lets them load its
 * members, with no helper; offsets are constants for that. No tail call leads
 * from one to another (28ead3eaabc1, 6.12): a program does all. Others of their
 * like may come in between (no bpf_prog_active): memory is claimed.
 */
#ifndef PROBES_TRAMPOLINE_BPF_H
#define PROBES_TRAMPOLINE_BPF_H

#include "file.bpf.h"

#define SUBPROGRAM static __attribute__((noinline))

/* Written by the loader before the programs are loaded. */
const volatile struct constants constants SEC(".rodata");

/* Where a member lies: a constant to the verifier. */
#define CONSTANT(id)      (constants.layout.facts[LAYOUT_##id].offset)
#define PLACE(base, id)   ((base) + CONSTANT(id))
#define LOAD(type, place) (*(const volatile type *)(place))

/* ---- the message ------------------------------------------------------ */

/* Key: CPU. There while its memory is in use. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} claims SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} claimed_scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} claimed_counters SEC(".maps");

/* Enough for three paths of one byte a name. */
#define PATH_LOOPS 2048
#define LOOP_STEPS 4

struct path_loop {
	const struct layout *layout;
	struct scratch *s;
	int done;
};

/* As file_walk(). */
SUBPROGRAM long f1_path_steps(__u32 index, struct path_loop *loop)
{
	struct scratch *s = loop->s;
	int result = walk_some(loop->layout, s, LOOP_STEPS);

	(void)index;
	if (result == WALK_MORE)
		return 0;
	walk_end(s, result);
	if (s->text == FILE_ROOT || (s->text == FILE_PATH && s->call.other)) {
		s->text = s->text == FILE_ROOT ? FILE_PATH : FILE_OTHER_PATH;
		return 0;
	}
	loop->done = 1;
	return 1;
}

/* What was done to a file, in memory that is claimed. */
SUBPROGRAM int f1_send(void *ctx, struct scratch *s, __u32 cpu)
{
	struct counters *c = bpf_map_lookup_elem(&claimed_counters, &cpu);
	const struct layout *layout = layout_find();
	struct path_loop loop = { .layout = layout, .s = s };
	__u64 size;

	if (!layout || !c)
		return 0;
	message_clear(s, EVENT_FILE, sizeof(struct file_event));
	file_event_fill(layout, s);
	/* They count by themselves, as if there were more CPUs. */
	s->head.header.cpu = constants.claimed_cpu + cpu;
	bpf_loop(PATH_LOOPS, f1_path_steps, &loop, 0);
	if (!loop.done)
		s->head.header.unread |= 1U << (FIELD_TEXTS + FILE_ROOT) |
		                         1U << (FIELD_TEXTS + FILE_PATH) |
		                         1U << (FIELD_TEXTS + FILE_OTHER_PATH);
	size = texts_end(s, s->file.text_size, sizeof(s->file));
	if (size)
		message_count_send(ctx, c, s, EVENT_FILE, size);
	return 0;
}

/* This CPU's memory, until claim_end(); NULL: taken, and counted as a loss. */
INLINE struct scratch *claim_begin(__u32 *cpu)
{
	struct counters *c = bpf_map_lookup_elem(&claimed_counters, cpu);
	__u32 one = 1;

	if (!bpf_map_update_elem(&claims, cpu, &one, BPF_NOEXIST))
		return bpf_map_lookup_elem(&claimed_scratch, cpu);
	if (c)
		__sync_fetch_and_add(&c->no_scratch[EVENT_FILE], 1);
	return 0;
}

INLINE void claim_end(__u32 *cpu)
{
	bpf_map_delete_elem(&claims, cpu);
}

INLINE void trampoline_report(void *ctx, const struct file_call *call)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct scratch *s = claim_begin(&cpu);

	if (!s)
		return;
	s->call = *call;
	f1_send(ctx, s, cpu);
	claim_end(&cpu);
}

/* ---- at a glance ------------------------------------------------------ */

/* More are left to the whole check. */
#define GLANCE_NAMES 24

/* A member of struct dentry_part in a dentry, or in one of its words. */
#define IN_DENTRY(member) __builtin_offsetof(struct dentry_part, member)

/* A dentry whose name lies in it: at part + IN_DENTRY(words). */
INLINE int name_inside(__u64 part)
{
	__u64 words = part + IN_DENTRY(words);

	/* Else clang takes what it is compared with in its place, which has no type. */
	BARRIER(words);
	return LOAD(__u64, part + IN_DENTRY(name)) == words;
}

/* A name that lies in its dentry: 0 as its hash, if it does not. */
struct typed_name {
	__u64 parent, hash, last;
};

INLINE void name_load(__u64 dentry, struct typed_name *ret)
{
	__u64 part = PLACE(dentry, DENTRY_PARENT), word = 0, before = 0;
	__u32 len = LOAD(__u32, part + IN_DENTRY(len)), i;

	ret->parent = LOAD(__u64, part + IN_DENTRY(parent));
	ret->hash = 0;
	if (!name_inside(part) || len > WATCH_NAME_BYTES)
		return;
#pragma unroll
	for (i = 0; i < WATCH_NAME_WORDS; i++) {
		if (len > i * 8) {
			before = word;
			word = LOAD(__u64, part + IN_DENTRY(words) + i * 8);
			ret->hash = filter_hash(ret->hash, word_of(word, len - i * 8));
		}
	}
	ret->last = words_last(before, word, len);
}

INLINE __u64 name_hash_load(__u64 dentry)
{
	struct typed_name name;

	name_load(dentry, &name);
	return name.hash;
}

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MOUNT_NAMES);
	__type(key, __u32);
	__type(value, struct mount_names);
} mount_names SEC(".maps");

/* What lies in the map: what is put there has a type, with which nothing can be computed. */
INLINE __u64 mount_names_check(const volatile struct mount_names *m)
{
	return m->mount ^ m->parent ^ m->mountpoint ^ m->root ^ m->first ^ m->second ^ m->until;
}

/* What has a type, as a number: pointers may be subtracted, and no more. */
INLINE __u64 number_of(__u64 pointer)
{
	return pointer - (__u64)&constants;
}

/* Walked, and kept; true: they are not known. */
SUBPROGRAM int f1_mount_names(const struct settings *s, struct mount_names *m,
                              struct watch_position *at, struct first_names *names, __u64 now)
{
	__u64 mount = at->mount, until = m->until, check = mount_names_check(m);

	if (mount_read(s, at))
		return 1;
	names->first = m->first;
	names->second = m->second;
	if (m->mount == mount && m->parent == at->part.parent &&
	    m->mountpoint == at->part.mountpoint && m->root == at->part.root && until > now &&
	    m->check == check) {
		m->read = now;
		return 0;
	}
	m->check = 0;
	m->mount = mount;
	m->parent = at->part.parent;
	m->mountpoint = at->part.mountpoint;
	m->root = at->dentry = at->part.root;
	names->first = names->second = 0;
	if (names_walk(s, at, names) != WALK_DONE)
		return 1;
	m->first = names->first;
	m->second = names->second;
	m->until = now + MOUNT_NAMES_TICKS;
	m->read = now;
	m->check = mount_names_check(m);
	return 0;
}

/* The first names of a mount, of which this is the root; true: they are not known. */
INLINE int mount_glance(const struct settings *s, __u64 mount, __u64 root,
                        struct first_names *names)
{
	__u32 slot = number_of(mount) * 0x9e3779b97f4a7c15ULL >> 56;
	struct mount_names *m = bpf_map_lookup_elem(&mount_names, &slot);
	struct watch_position at = { .mount = mount };
	__u64 now = bpf_jiffies64();

	if (!m)
		return 1;
	names->first = m->first;
	names->second = m->second;
	if (m->mount == mount && m->root == root && m->read == now && m->until > now &&
	    m->check == mount_names_check(m))
		return 0;
	return f1_mount_names(s, m, &at, names, now);
}

/* As path_glance(): up to the root of the mount without a helper. mnt: struct vfsmount. */
SUBPROGRAM int f1_glance(const struct settings *s, __u64 dentry, __u64 mnt, __u64 other)
{
	__u64 root = LOAD(__u64, PLACE(mnt, VFSMOUNT_ROOT)), top = dentry, below = 0, parent;
	struct first_names names;
	struct typed_name leaf;
	int i;

	if (dentry == root)
		return 1;
	name_load(dentry, &leaf);
	if (!leaf.hash || leaf_glance(s, leaf.hash, leaf.last))
		return 1;
	parent = leaf.parent;
	if (other) {
		name_load(other, &leaf);
		if (!leaf.hash || leaf.parent != parent || leaf_glance(s, leaf.hash, leaf.last))
			return 1;
	}
	for (i = 0; i < GLANCE_NAMES && parent != root; i++) {
		below = top;
		top = parent;
		parent = LOAD(__u64, PLACE(top, DENTRY_PARENT));
	}
	if (parent != root || mount_glance(s, mnt - CONSTANT(MOUNT_MNT), root, &names))
		return 1;
	if (names.second)
		return root_glance(s, &names);
	if (names.first)
		below = top;
	else
		names.first = name_hash_load(top);
	if (below) {
		names.second = name_hash_load(below);
		if (!names.second)
			return 1;
	}
	return root_glance(s, &names);
}

/* Is the class wanted at all? What is asked of each call; the process is looked at later. */
INLINE const struct settings *settings_find(void)
{
	__u32 key = 0;
	const struct settings *s = bpf_map_lookup_elem(&settings, &key);

	return s && s->classes & 1U << EVENT_FILE ? s : 0;
}

/* ---- what is open for writing ----------------------------------------- */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, OPENED_FILES);
	__type(key, __u32);
	__type(value, __u32);
} opened_slots SEC(".maps");

/* Of most files none is waited for, and this look-up is cheap: set for good. */
INLINE __u32 *opened_possible(__u64 file)
{
	__u32 slot = number_of(file) * 0x9e3779b97f4a7c15ULL >> 52;

	return bpf_map_lookup_elem(&opened_slots, &slot);
}

INLINE void opened_mark(__u64 file)
{
	__u32 *may = opened_possible(file);

	if (may)
		*may = 1;
}

/* ---- the whole check -------------------------------------------------- */

struct watch_loop {
	const struct settings *s;
	struct watch_check *c;
};

SUBPROGRAM long f1_watch_steps(__u32 index, struct watch_loop *loop)
{
	struct watch_check *c = loop->c;

	(void)index;
	c->result = watch_run(loop->s, c);
	return c->result != WATCH_MORE;
}

/* As many steps as 32 tail calls have. */
#define WATCH_LOOPS 32

/* One that cannot be followed to its end is taken as watched. */
SUBPROGRAM int f1_watched(const struct settings *s, struct watch_check *c, __u64 dentry,
                          __u64 mount)
{
	struct watch_loop loop = { .s = s, .c = c };

	c->walk.dentry = dentry;
	c->walk.mount = mount;
	c->begun = 0;
	bpf_loop(WATCH_LOOPS, f1_watch_steps, &loop, 0);
	return c->result != WATCH_NO;
}

/* As file_check(), of what is in claimed memory. True: to be reported at once. */
SUBPROGRAM int f1_check(const struct settings *settings_now, struct scratch *s)
{
	const struct layout *layout = layout_find();
	struct file_call *call = &s->call;

	__builtin_memset(&s->check, 0, sizeof(s->check));
	if (!f1_watched(settings_now, &s->check, call->dentry, call->mount)) {
		s->check.second = 1;
		if (!call->other || !f1_watched(settings_now, &s->check, call->other, call->mount))
			return 0;
	}
	if (!layout || !event_wanted(layout, bpf_get_current_task(), EVENT_FILE))
		return 0;
	call->time_ns = bpf_ktime_get_ns();
	owner_fill(layout, &call->before, POINTER(layout, call->dentry, DENTRY_INODE));
	if (call->operation == FILE_OPEN)
		return 1;
	call_put(call);
	return 0;
}

/* ---- first halves ----------------------------------------------------- */

INLINE int trampoline_begin(void *ctx, const struct settings *s, __u32 operation, __u64 mnt,
                            __u64 dentry, __u64 other, __u64 string, __u64 file, __u32 flags)
{
	struct scratch *claimed;
	__u32 cpu;

	if (!(s->watched & WATCH_ALL) && !f1_glance(s, dentry, mnt, other))
		return 0;
	cpu = bpf_get_smp_processor_id();
	claimed = claim_begin(&cpu);
	if (!claimed)
		return 0;
	__builtin_memset(&claimed->call, 0, sizeof(claimed->call));
	claimed->call.operation = operation;
	claimed->call.mount = mnt - CONSTANT(MOUNT_MNT);
	claimed->call.dentry = dentry;
	claimed->call.other = other;
	claimed->call.string = string;
	claimed->call.file = file;
	claimed->call.flags = flags;
	if (file)
		opened_mark(file);
	if (f1_check(s, claimed))
		f1_send(ctx, claimed, cpu);
	claim_end(&cpu);
	return 0;
}

/* path: struct path, of which the mount counts. */
INLINE int trampoline_enter(void *ctx, __u32 operation, __u64 path, __u64 dentry, __u64 other,
                            __u64 string)
{
	const struct settings *s = settings_find();

	if (!s)
		return 0;
	return trampoline_begin(ctx, s, operation, LOAD(__u64, PLACE(path, PATH_MNT)), dentry,
	                        other, string, 0, 0);
}

#define FENTRY(name, function, operation, path, dentry, other, string)                \
	SEC("fentry/" function)                                                       \
	int f1_file_##name(__u64 *ctx)                                                \
	{                                                                             \
		return trampoline_enter(ctx, operation, path, dentry, other, string); \
	}

FENTRY(mknod, "security_path_mknod", FILE_MKNOD, ctx[0], ctx[1], 0, 0)
FENTRY(mkdir, "security_path_mkdir", FILE_MKDIR, ctx[0], ctx[1], 0, 0)
FENTRY(unlink, "security_path_unlink", FILE_UNLINK, ctx[0], ctx[1], 0, 0)
FENTRY(rmdir, "security_path_rmdir", FILE_RMDIR, ctx[0], ctx[1], 0, 0)
FENTRY(symlink, "security_path_symlink", FILE_SYMLINK, ctx[0], ctx[1], 0, ctx[2])
FENTRY(link, "security_path_link", FILE_LINK, ctx[1], ctx[2], ctx[0], 0)
FENTRY(rename, "security_path_rename", FILE_RENAME, ctx[0], ctx[1], ctx[3], 0)

/* The file itself by a struct path: truncate, chmod, chown. */
INLINE int trampoline_change(void *ctx, __u32 operation, __u64 path)
{
	return trampoline_enter(ctx, operation, path, LOAD(__u64, PLACE(path, PATH_DENTRY)), 0, 0);
}

#define FENTRY_CHANGE(name, function, operation, path)          \
	SEC("fentry/" function)                                 \
	int f1_file_##name(__u64 *ctx)                          \
	{                                                       \
		return trampoline_change(ctx, operation, path); \
	}

FENTRY_CHANGE(truncate, "security_path_truncate", FILE_TRUNCATE, ctx[0])
FENTRY_CHANGE(chmod, "security_path_chmod", FILE_CHMOD, ctx[0])
FENTRY_CHANGE(chown, "security_path_chown", FILE_CHOWN, ctx[0])
FENTRY_CHANGE(ftruncate, "security_file_truncate", FILE_TRUNCATE, PLACE(ctx[0], FILE_PATH))

/* ---- where it has succeeded ------------------------------------------- */

INLINE int trampoline_done(void *ctx, const struct file_call *call)
{
	__u64 task = bpf_get_current_task();

	trampoline_report(ctx, call);
	bpf_map_delete_elem(&file_calls, &task);
	return 0;
}

/* True: of what is under way this is the dentry. */
INLINE int call_is(const struct file_call *call, __u64 dentry, __u32 operation)
{
	return call && call->dentry == dentry && call->operation == operation;
}

/* The file that was made as a mknod is opened; true: that is all. */
SUBPROGRAM int f1_created(void *ctx, __u64 file, __u64 dentry, __u32 mode, __u32 flags)
{
	struct file_call *call = call_find();

	if (!call_is(call, dentry, FILE_MKNOD))
		return 0;
	call->operation = FILE_CREATE;
	call->flags = flags;
	call->file = 0;
	if (mode & MODE_WRITE) {
		opened_mark(file);
		BARRIER(file); /* no arithmetic with it in place of the branch */
		call->file = file;
	}
	trampoline_done(ctx, call);
	return 1;
}

/* As t1_file_open_kprobe(). */
SEC("fentry/security_file_open")
int f1_file_open(__u64 *ctx)
{
	__u64 file = ctx[0], path = PLACE(file, FILE_PATH), dentry;
	__u32 mode = LOAD(__u32, PLACE(file, FILE_MODE)),
	      flags = LOAD(__u32, PLACE(file, FILE_FLAGS));
	const struct settings *s;

	if (mode & MODE_NOACCOUNT || !(mode & MODE_WRITE || flags & FLAG_CREATE))
		return 0;
	dentry = LOAD(__u64, PLACE(path, PATH_DENTRY));
	if (flags & FLAG_CREATE && f1_created(ctx, file, dentry, mode, flags))
		return 0;
	if (!(mode & MODE_WRITE) || mode & MODE_CREATED)
		return 0;
	s = settings_find();
	if (!s)
		return 0;
	return trampoline_begin(ctx, s, FILE_OPEN, LOAD(__u64, PLACE(path, PATH_MNT)), dentry, 0, 0,
	                        file, flags);
}

/* As file_written(). */
INLINE int trampoline_written(void *ctx, __u64 file)
{
	__u32 *may = opened_possible(file);
	const struct layout *layout;
	struct opened_file opened;
	struct file_call call;

	if (!may || !*may || !opened_take(file, &opened))
		return 0;
	layout = layout_find();
	if (!layout || !event_wanted(layout, bpf_get_current_task(), EVENT_FILE))
		return 0;
	__builtin_memset(&call, 0, sizeof(call));
	call.operation = FILE_WRITE;
	call.mount = opened.mount;
	call.dentry = opened.dentry;
	trampoline_report(ctx, &call);
	return 0;
}

#define WRITTEN(name, function, file)                 \
	SEC("fentry/" function)                       \
	int f1_file_##name(__u64 *ctx)                \
	{                                             \
		return trampoline_written(ctx, file); \
	}

/* As t1_file_write_kprobe() and t1_file_kiocb_kprobe(): iocb->ki_filp is its first member. */
WRITTEN(remove_privs, "file_remove_privs", ctx[0])
WRITTEN(modified, "file_modified", ctx[0])
WRITTEN(kiocb, "kiocb_modified", LOAD(__u64, ctx[0]))

SEC("fentry/d_delete")
int f1_file_deleted(__u64 *ctx)
{
	struct file_call *call = call_find();

	if (!call_is(call, ctx[0], FILE_UNLINK) && !call_is(call, ctx[0], FILE_RMDIR))
		return 0;
	return trampoline_done(ctx, call);
}

SEC("fentry/d_move")
int f1_file_moved(__u64 *ctx)
{
	struct file_call *call = call_find();

	return call_is(call, ctx[0], FILE_RENAME) ? trampoline_done(ctx, call) : 0;
}

SEC("fentry/d_exchange")
int f1_file_exchanged(__u64 *ctx)
{
	struct file_call *call = call_find();

	if (!call_is(call, ctx[0], FILE_RENAME))
		return 0;
	call->operation = FILE_EXCHANGE;
	return trampoline_done(ctx, call);
}

/* As made(). */
INLINE struct file_call *trampoline_made(__u32 operation)
{
	struct file_call *call = call_find();
	const struct layout *layout = layout_find();

	if (!layout || !call || call->operation != operation ||
	    !POINTER(layout, call->dentry, DENTRY_INODE))
		return 0;
	return call;
}

#define FEXIT_MADE(name, function, operation)                        \
	SEC("fexit/" function)                                       \
	int f1_file_##name##_made(__u64 *ctx)                        \
	{                                                            \
		struct file_call *call = trampoline_made(operation); \
                                                                     \
		return call ? trampoline_done(ctx, call) : 0;        \
	}

FEXIT_MADE(mkdir, "vfs_mkdir", FILE_MKDIR)
FEXIT_MADE(mknod, "vfs_mknod", FILE_MKNOD)
FEXIT_MADE(symlink, "vfs_symlink", FILE_SYMLINK)
FEXIT_MADE(link, "vfs_link", FILE_LINK)

/* mknod of a regular file. */
SEC("fexit/vfs_create")
int f1_file_create_made(__u64 *ctx)
{
	struct file_call *call = trampoline_made(FILE_MKNOD);

	if (!call)
		return 0;
	call->operation = FILE_CREATE;
	return trampoline_done(ctx, call);
}

/* The end of a call that has its result. */
INLINE int trampoline_returns(__u64 *ctx, const struct file_call *call)
{
	__u64 task = bpf_get_current_task(), result = 0;

	bpf_get_func_ret(ctx, &result);
	if (!(__u32)result)
		return trampoline_done(ctx, call);
	bpf_map_delete_elem(&file_calls, &task);
	return 0;
}

/*
 * (struct mnt_idmap *, struct dentry *, ...), since 5.12 (2f221d6f7b88). Those of layers have
 * other dentries.
 */
SEC("fexit/notify_change")
int f1_file_changed(__u64 *ctx)
{
	struct file_call *call = call_find();

	return call && changes(call) && call->dentry == ctx[1] ? trampoline_returns(ctx, call) : 0;
}

/* (struct mnt_idmap *, struct dentry *, const char *name, ...); as attribute_enter() */
INLINE int trampoline_attribute(__u64 *ctx, __u32 operation)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct file_call *call = call_find();
	struct scratch *claimed;
	const struct settings *s = settings_find();
	const struct layout *layout = layout_find();
	__u64 word = 0;

	if (!layout || !s)
		return 0;
	if (call && (call->depth || changes(call)) &&
	    bpf_ktime_get_ns() - call->time_ns < STALE_NS) {
		call->depth += call->operation == operation;
		return 0;
	}
	bpf_probe_read(&word, sizeof(word), (void *)ctx[2]);
	if (word != SECURITY_PREFIX)
		return 0;
	claimed = claim_begin(&cpu);
	if (!claimed)
		return 0;
	__builtin_memset(&claimed->call, 0, sizeof(claimed->call));
	claimed->call.operation = operation;
	claimed->call.dentry = ctx[1];
	claimed->call.string = ctx[2];
	claimed->call.depth = 1;
	call_any_mount(layout, &claimed->call);
	f1_check(s, claimed);
	claim_end(&cpu);
	return 0;
}

#define FEXIT_ATTRIBUTE(name, function, what)                             \
	SEC("fentry/" function)                                           \
	int f1_file_##name(__u64 *ctx)                                    \
	{                                                                 \
		return trampoline_attribute(ctx, what);                   \
	}                                                                 \
                                                                          \
	SEC("fexit/" function)                                            \
	int f1_file_##name##_done(__u64 *ctx)                             \
	{                                                                 \
		struct file_call *call = call_find();                     \
                                                                          \
		return call && call->operation == what && outermost(call) \
		               ? trampoline_returns(ctx, call)            \
		               : 0;                                       \
	}

FEXIT_ATTRIBUTE(setxattr, "vfs_setxattr", FILE_SETXATTR)
FEXIT_ATTRIBUTE(removexattr, "vfs_removexattr", FILE_REMOVEXATTR)

#endif
