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

#include "probes/file.bpf.h"

#define SUBPROGRAM static __attribute__((noinline))

/* Written by the loader before the programs are loaded. */
const volatile struct constants constants SEC(".rodata");

/* What the map of that name has, here without a look-up. */
struct settings settings_here SEC(".data.settings");

#define SETTINGS (&settings_here)

/* Where a member lies: a constant to the verifier. */
#define CONSTANT(id)      (constants.layout.facts[LAYOUT_##id].offset)
#define PLACE(base, id)   ((base) + CONSTANT(id))
#define LOAD(type, place) (*(const volatile type *)(place))

/* What has a type, as a number: pointers may be subtracted, and no more. */
INLINE __u64 number_of(__u64 pointer)
{
	return pointer - (__u64)&constants;
}

/*
 * Of which files and dentries something is kept, or was once, or of another one of
 * the same index: of most nothing is, and this look-up is cheap.
 */
volatile __u8 marks[1 << MARK_BITS];

INLINE void mark(__u64 pointer)
{
	marks[number_of(pointer) * SPREAD >> (64 - MARK_BITS)] = 1;
}

INLINE int marked(__u64 pointer)
{
	return marks[number_of(pointer) * SPREAD >> (64 - MARK_BITS)];
}

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

/* That of this dentry lies there, as those of all others that are as short do then. */
INLINE int name_inside(__u64 dentry)
{
	__u64 part = PLACE(dentry, DENTRY_PARENT), words = part + IN_DENTRY(words);

	/* Else clang takes what it is compared with in its place, which has no type. */
	BARRIER(words);
	return LOAD(__u64, part + IN_DENTRY(name)) == words;
}

/* A name of less than DNAME_INLINE_LEN bytes, 32 and more since 2.6 (include/linux/dcache.h). */
struct typed_name {
	__u64 parent; /* 0: it is longer */
	__u64 hash;
	__u64 last; /* bytes, as words_last() has them */
};

INLINE void name_load(__u64 dentry, struct typed_name *ret)
{
	__u64 part = PLACE(dentry, DENTRY_PARENT), word = 0, before = 0;
	__u32 len = LOAD(__u32, part + IN_DENTRY(len)), i;

	ret->parent = ret->hash = 0;
	if (len >= WATCH_NAME_BYTES)
		return;
#pragma unroll
	for (i = 0; i < WATCH_NAME_WORDS; i++) {
		if (!i || len > i * 8) {
			before = word;
			word = LOAD(__u64, part + IN_DENTRY(words) + i * 8);
			ret->hash = filter_hash(ret->hash, word_of(word, len - i * 8));
		}
	}
	ret->last = words_last(before, word, len);
	ret->parent = LOAD(__u64, part + IN_DENTRY(parent));
}

INLINE __u64 name_hash_load(__u64 dentry)
{
	struct typed_name name;

	name_load(dentry, &name);
	return name.hash;
}

/*
 * Where no rule begins: a mount, or of the directories below its root the first,
 * or the first two. Value: place_add() of them and the tick in which it was seen,
 * for anything above may be renamed or moved. Index: the place's upper bits.
 */
volatile __u64 quiet_places[1 << QUIET_BITS];

INLINE __u64 place_add(__u64 place, __u64 value)
{
	return (place ^ value) * SPREAD;
}

INLINE __u64 place_of(__u64 mnt, __u64 root)
{
	return place_add(place_add(SETTINGS->number, number_of(mnt)), number_of(root));
}

/* A directory is another place once it is renamed. */
INLINE __u64 place_below(__u64 place, __u64 directory)
{
	__u64 part = PLACE(directory, DENTRY_PARENT);

	return place_add(place_add(place, number_of(directory)),
	                 LOAD(__u32, part + IN_DENTRY(hash)));
}

INLINE int place_quiet(__u64 place, __u64 now)
{
	return quiet_places[place >> (64 - QUIET_BITS)] == place + now;
}

/* The dentries between the root of a mount and a path's last name. */
struct typed_top {
	__u64 first, second; /* from the root on; 0: none */
};

/* parent: of the last name. True: the root was not found. */
INLINE int top_find(__u64 parent, __u64 root, struct typed_top *ret)
{
	__u64 first = 0, second = 0;
	int i;

	for (i = 0; i < GLANCE_NAMES && parent != root; i++) {
		second = first;
		first = parent;
		parent = LOAD(__u64, PLACE(first, DENTRY_PARENT));
	}
	ret->first = first;
	ret->second = second;
	return parent != root;
}

/* The name of the next one, and the place that it makes; false: there is none. */
INLINE int top_next(struct typed_top *top, __u64 *place, __u64 *hash)
{
	if (!top->first)
		return 0;
	*hash = name_hash_load(top->first);
	*place = place_below(*place, top->first);
	top->first = top->second;
	top->second = 0;
	return 1;
}

/* The last names of a path, or of two in one directory; true: a rule may end like them. */
INLINE int last_names_load(__u64 dentry, __u64 other, struct typed_name *name,
                           struct typed_name *other_name)
{
	name_load(dentry, name);
	if (!name->parent || leaf_glance(SETTINGS, name->last))
		return 1;
	if (!other)
		return 0;
	name_load(other, other_name);
	return other_name->parent != name->parent || leaf_glance(SETTINGS, other_name->last);
}

/* True: no rule ends like that, and none begins where it lies. mnt: struct vfsmount. */
INLINE int quiet(__u64 dentry, __u64 mnt, __u64 other)
{
	__u64 root = LOAD(__u64, PLACE(mnt, VFSMOUNT_ROOT)), place, now;
	struct typed_name name, other_name;
	struct typed_top top;

	if (dentry == root || last_names_load(dentry, other, &name, &other_name) ||
	    top_find(name.parent, root, &top))
		return 0;
	now = bpf_jiffies64();
	place = place_of(mnt, root);
	if (place_quiet(place, now))
		return 1;
	if (!top.first)
		return 0;
	place = place_below(place, top.first);
	if (place_quiet(place, now))
		return 1;
	return top.second && place_quiet(place_below(place, top.second), now);
}

/* As path_glance(), up to the root of the mount without a helper. */
SUBPROGRAM int f1_glance(__u64 dentry, __u64 mnt, __u64 other)
{
	__u64 root = LOAD(__u64, PLACE(mnt, VFSMOUNT_ROOT)), now = bpf_jiffies64(), place;
	struct watch_position at = { .mount = mnt - CONSTANT(MOUNT_MNT) };
	struct first_names names = { 0, 0 };
	struct typed_name name, other_name = { .hash = 0 };
	struct typed_top top;
	int directories = 1; /* alone it took */

	if (dentry == root || !name_inside(dentry) ||
	    last_names_load(dentry, other, &name, &other_name) ||
	    top_find(name.parent, root, &top) || mount_read(SETTINGS, &at))
		return 1;
	at.dentry = at.part.root;
	if (names_walk(SETTINGS, &at, &names) != WALK_DONE)
		return 1;
	place = place_of(mnt, root);
	if (!names.first && !top_next(&top, &place, &names.first)) {
		names.first = name.hash;
		directories = 0;
	}
	if (directories && !names.second &&
	    begins(SETTINGS, filter_hash(0, names.first)) & BEGIN_FIRST) {
		directories = top_next(&top, &place, &names.second);
		if (!directories)
			names.second = name.hash;
		if (!names.second)
			return 1;
	}
	if (roots_glance(SETTINGS, &names, name.hash, other_name.hash))
		return 1;
	if (directories)
		quiet_places[place >> (64 - QUIET_BITS)] = place + now;
	return 0;
}

/* Is the class wanted at all? What is asked of each call; the process is looked at later. */
INLINE int class_here(void)
{
	return SETTINGS->classes & 1U << EVENT_FILE;
}

/* ---- the whole check -------------------------------------------------- */

/* bpf_loop() takes what lies on the stack. */
struct watch_loop {
	struct watch_check *c;
};

SUBPROGRAM long f1_watch_steps(__u32 index, struct watch_loop *loop)
{
	struct watch_check *c = loop->c;

	(void)index;
	c->result = watch_run(SETTINGS, c);
	return c->result != WATCH_MORE;
}

/* As many steps as 32 tail calls have. */
#define WATCH_LOOPS 32

/* One that cannot be followed to its end is taken as watched. */
SUBPROGRAM int f1_watched(struct watch_check *c, __u64 dentry, __u64 mount)
{
	struct watch_loop loop = { .c = c };

	c->walk.dentry = dentry;
	c->walk.mount = mount;
	c->begun = 0;
	bpf_loop(WATCH_LOOPS, f1_watch_steps, &loop, 0);
	return c->result != WATCH_NO;
}

/* As file_check(), of what is in claimed memory. True: to be reported at once. */
SUBPROGRAM int f1_check(struct scratch *s)
{
	const struct layout *layout = layout_find();
	struct file_call *call = &s->call;

	__builtin_memset(&s->check, 0, sizeof(s->check));
	if (!f1_watched(&s->check, call->dentry, call->mount)) {
		s->check.second = 1;
		if (!call->other || !f1_watched(&s->check, call->other, call->mount))
			return 0;
	}
	if (!layout || !event_wanted(layout, bpf_get_current_task(), EVENT_FILE))
		return 0;
	call->time_ns = bpf_ktime_get_ns();
	if (call->operation == FILE_CREATE)
		return 1;
	owner_fill(layout, &call->before, POINTER(layout, call->dentry, DENTRY_INODE));
	if (call->operation == FILE_OPEN)
		return 1;
	call_put(call);
	return 0;
}

/* ---- first halves ----------------------------------------------------- */

INLINE int trampoline_begin(void *ctx, __u32 operation, __u64 mnt, __u64 dentry, __u64 other,
                            __u64 string, __u64 file)
{
	struct scratch *claimed;
	__u32 cpu;

	if (quiet(dentry, mnt, other) || !f1_glance(dentry, mnt, other))
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
	if (file) {
		claimed->call.flags = LOAD(__u32, PLACE(file, FILE_FLAGS));
		if (LOAD(__u32, PLACE(file, FILE_MODE)) & MODE_WRITE) {
			claimed->call.file = file;
			mark(file);
		}
	}
	mark(dentry);
	if (f1_check(claimed))
		f1_send(ctx, claimed, cpu);
	claim_end(&cpu);
	return 0;
}

/* path: struct path, of which the mount counts. */
INLINE int trampoline_enter(void *ctx, __u32 operation, __u64 path, __u64 dentry, __u64 other,
                            __u64 string)
{
	if (!class_here())
		return 0;
	return trampoline_begin(ctx, operation, LOAD(__u64, PLACE(path, PATH_MNT)), dentry, other,
	                        string, 0);
}

#define FENTRY(name, function, operation, path, dentry, other, string)                \
	SEC("fentry/" function)                                                       \
	int f1_file_##name(__u64 *ctx)                                                \
	{                                                                             \
		return trampoline_enter(ctx, operation, path, dentry, other, string); \
	}

#define ERROR_FIRST (-4095ULL) /* MAX_ERRNO, include/linux/err.h */

/*
 * struct dentry *filename_create(int dfd, struct filename *name, struct path *path, ...): of mknod,
 * and of mkdir, symlink and link, which the next ones tell better. security_path_mknod() is that of
 * every open that makes a file too.
 */
SEC("fexit/filename_create")
int f1_file_mknod(__u64 *ctx)
{
	__u64 made = 0;

	bpf_get_func_ret(ctx, &made);
	if (made >= ERROR_FIRST)
		return 0;
	return trampoline_enter(ctx, FILE_MKNOD, ctx[2], ctx[4], 0, 0);
}

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

/* What is under way of this dentry. */
INLINE struct file_call *call_of(__u64 dentry)
{
	struct file_call *call = marked(dentry) ? call_find() : 0;

	return call && call->dentry == dentry ? call : 0;
}

/* As t1_file_open_kprobe(); here it is known that this open has made the file. */
SEC("fentry/security_file_open")
int f1_file_open(__u64 *ctx)
{
	__u64 file = ctx[0], path = PLACE(file, FILE_PATH);
	__u32 mode = LOAD(__u32, PLACE(file, FILE_MODE));

	if (!(mode & (MODE_WRITE | MODE_CREATED)) || mode & MODE_NOACCOUNT)
		return 0;
	if (!class_here())
		return 0;
	return trampoline_begin(ctx, mode & MODE_CREATED ? FILE_CREATE : FILE_OPEN,
	                        LOAD(__u64, PLACE(path, PATH_MNT)),
	                        LOAD(__u64, PLACE(path, PATH_DENTRY)), 0, 0, file);
}

/* As file_written(). */
INLINE int trampoline_written(void *ctx, __u64 file)
{
	const struct layout *layout;
	struct opened_file opened;
	struct file_call call;

	if (!marked(file) || !opened_take(file, &opened))
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

/* As t1_file_mapped_kprobe(). */
SEC("fentry/security_mmap_file")
int f1_file_mapped(__u64 *ctx)
{
	return maps_to_write(ctx[0], ctx[1], ctx[2]) ? trampoline_written(ctx, ctx[0]) : 0;
}

SEC("fentry/d_delete")
int f1_file_deleted(__u64 *ctx)
{
	struct file_call *call = call_of(ctx[0]);

	if (!call || (call->operation != FILE_UNLINK && call->operation != FILE_RMDIR))
		return 0;
	return trampoline_done(ctx, call);
}

SEC("fentry/d_move")
int f1_file_moved(__u64 *ctx)
{
	struct file_call *call = call_of(ctx[0]);

	return call && call->operation == FILE_RENAME ? trampoline_done(ctx, call) : 0;
}

SEC("fentry/d_exchange")
int f1_file_exchanged(__u64 *ctx)
{
	struct file_call *call = call_of(ctx[0]);

	if (!call || call->operation != FILE_RENAME)
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
	struct file_call *call = call_of(ctx[1]);

	return call && changes(call) ? trampoline_returns(ctx, call) : 0;
}

/* (struct mnt_idmap *, struct dentry *, const char *name, ...); as attribute_enter() */
INLINE int trampoline_attribute(__u64 *ctx, __u32 operation)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct file_call *call = call_find();
	struct scratch *claimed;
	const struct layout *layout = layout_find();
	__u64 word = 0;

	if (!layout || !class_here())
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
	f1_check(claimed);
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
