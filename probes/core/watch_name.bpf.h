/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Names of a path as the watch rules compare them: by hashes, and by their last
 * bytes.
 */
#ifndef PROBES_CORE_WATCH_NAME_BPF_H
#define PROBES_CORE_WATCH_NAME_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "probes/core/mapdefs.bpf.h"
#include "probes/core/pathwalk.bpf.h"
#include "probes/core/verifier.bpf.h"

INLINE int rule_exists(const struct settings *s, __u32 kind, __u64 value)
{
	struct filter_key key = { .kind = kind, .value = value };
	__u64 bit = bloom_bit(value);

	BARRIER(bit);
	if (!(s->bloom[bit >> 6 & 15] >> (bit & 63) & 1))
		return 0;
	return bpf_map_lookup_elem(&filters, &key) != 0;
}

/* What rules may have this value, as a set of enum watch_begin. */
INLINE __u32 begins(const struct settings *s, __u64 value)
{
	__u64 index = begin_index(value);

	BARRIER(index);
	return s->begins[index & 1023];
}

/*
 * What a step needs of a dentry, or of a mount, in one read: these members are
 * adjacent in every kernel that we know. The loader gives their place; if they
 * are not adjacent, it reports all files (filter_settings()). A short name is
 * in the dentry itself, behind d_inode: then the pointer to the name says so.
 */
struct dentry_part {
	__u64 parent;
	__u32 hash, len; /* of the name */
	__u64 name;
	__u64 inode;
	__u64 words[WATCH_NAME_WORDS]; /* the first bytes of the name, and what is behind it */
};

struct mount_part {
	__u64 parent, mountpoint, root;
};

INLINE int dentry_read(const struct settings *s, __u64 dentry, struct dentry_part *ret)
{
	__u64 part = dentry + s->dentry_part;
	int failed = bpf_probe_read(ret, sizeof(*ret), (void *)part);

	if (ret->name != part + __builtin_offsetof(struct dentry_part, words))
		failed |= bpf_probe_read(ret->words, sizeof(ret->words), (void *)ret->name);
	return failed;
}

/* The first bytes of a word, as many as the name has left in it. */
INLINE __u64 word_of(__u64 word, __u32 left)
{
	if (left >= sizeof(word))
		return word;
	return word & ((1ULL << (left * 8 & 63)) - 1);
}

/*
 * The hash of a name's words, the same as filter_path_name_value() in the
 * loader.
 */
INLINE __u64 name_hash(const struct dentry_part *d)
{
	__u64 hash = 0;
	__u32 i;

#pragma unroll
	for (i = 0; i < WATCH_NAME_WORDS && d->len > i * 8; i++) {
		hash = filter_hash(hash, word_of(d->words[i], d->len - i * 8));
		BARRIER(hash);
	}
	return hash;
}

/*
 * The dentry is its own parent. Above a mount's root there is none, so below a
 * mount it is a file that was opened by its handle while the kernel did not know
 * its directory: that has the name of a root (__d_obtain_alias(),
 * fs/dcache.c). A pipe or memfd has another name, and is in no directory.
 */
INLINE int is_disconnected(const struct dentry_part *d)
{
	return d->len == 1 && (d->words[0] & 0xff) == '/';
}

/* s_dev of a file system, by the inode of its root. */
INLINE __u32 device_of(const struct settings *s, __u64 inode)
{
	__u64 sb = 0;
	__u32 device = 0;

	bpf_probe_read(&sb, sizeof(sb), (void *)(inode + s->inode_sb));
	bpf_probe_read(&device, sizeof(device), (void *)(sb + s->sb_dev));
	return device;
}

/* Where the check is. part is that of the mount. */
struct watch_position {
	__u64 dentry, mount;
	struct mount_part part;
};

INLINE int mount_read(const struct settings *s, struct watch_position *at)
{
	return bpf_probe_read(&at->part, sizeof(at->part), (void *)(at->mount + s->mount_part));
}

/*
 * The last bytes of a name, the last one uppermost: from its last two words and
 * its length.
 */
INLINE __u64 words_last(__u64 before, __u64 word, __u32 len)
{
	__u32 bytes = len & (sizeof(word) - 1); /* in the last one */

	if (!bytes)
		return word;
	word <<= 64 - bytes * 8;
	return len < sizeof(word) ? word : word | before >> bytes * 8;
}

INLINE __u64 word_last(const struct dentry_part *d)
{
	__u64 word = 0, before = 0;
	__u32 i;

	if (d->len > sizeof(d->words)) {
		bpf_probe_read(&word, sizeof(word), (void *)(d->name + d->len - sizeof(word)));
		return word;
	}
#pragma unroll
	for (i = 0; i < WATCH_NAME_WORDS && d->len > i * 8; i++) {
		before = word;
		word = d->words[i];
		BARRIER(word);
	}
	return words_last(before, word, d->len);
}

INLINE int mount_cross(const struct settings *s, struct watch_position *at)
{
	if (at->part.parent == at->mount)
		return WALK_DONE; /* the root of the mount namespace */
	at->dentry = at->part.mountpoint;
	at->mount = at->part.parent;
	return mount_read(s, at) || !at->dentry ? WALK_FAILED : WALK_MORE;
}

#endif
