/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walks a path name by name, always from an open directory. Directories and the
 * file are checked by their descriptors, and symbolic links are read once, so a
 * name that is replaced meanwhile cannot deceive the check.
 */
#include "offsets/util/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "offsets/util/cleanup.h"
#include "offsets/util/error.h"

/* ---- who is trusted --------------------------------------------------- */

static bool uid_trusted(const struct trust *t, uid_t uid)
{
	size_t i;

	for (i = 0; i < t->uid_count; i++)
		if (t->uids[i] == uid)
			return true;
	return false;
}

static bool gid_trusted(const struct trust *t, gid_t gid)
{
	size_t i;

	for (i = 0; i < t->gid_count; i++)
		if (t->gids[i] == gid)
			return true;
	return false;
}

static void uid_add(struct trust *t, uid_t uid)
{
	if (t->uid_count < TRUST_MAX && !uid_trusted(t, uid))
		t->uids[t->uid_count++] = uid;
}

static void gid_add(struct trust *t, gid_t gid)
{
	if (t->gid_count < TRUST_MAX && !gid_trusted(t, gid))
		t->gids[t->gid_count++] = gid;
}

/* Trusts who can change this or, in a directory that is not sticky, replace it. */
static void owners_add(struct trust *t, const struct stat *st)
{
	uid_add(t, st->st_uid);
	if (st->st_mode & S_IWGRP && !(S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX))
		gid_add(t, st->st_gid);
}

/* The directories count only if the path still leads to the running program. */
static void program_add(struct trust *t)
{
	char path[PATH_MAX];
	struct stat program, st;
	ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (size <= 0 || stat("/proc/self/exe", &program))
		return;
	owners_add(t, &program);
	path[size] = '\0';
	if (lstat(path, &st) || st.st_dev != program.st_dev || st.st_ino != program.st_ino)
		return;
	while ((slash = strrchr(path, '/'))) {
		slash[slash == path] = '\0';
		if (!stat(path, &st))
			owners_add(t, &st);
		if (slash == path)
			break;
	}
}

static void trust_init(struct trust *t)
{
	*t = (struct trust){ .uid_count = 0 };
	uid_add(t, 0);
	uid_add(t, geteuid());
	gid_add(t, 0);
	if (geteuid())
		gid_add(t, getegid());
	program_add(t);
}

/* ---- the walk --------------------------------------------------------- */

#define LINKS_MAX 40 /* as the kernel's */

int walk_fail(struct walk *w, int err)
{
	if (err == -ENXIO)
		return offsets_fail(w->error, err,
		                    "%s: no process reads this FIFO; start one first", w->path);
	if (err == -EWOULDBLOCK)
		return offsets_fail(w->error, err,
		                    "%s: another process has a lease on it; try again", w->path);
	return offsets_fail(w->error, err, "%s: %s; check the path and its permissions", w->path,
	                    strerror(-err));
}

/* "/etc/x", for messages. */
static const char *walk_name(const struct walk *w, char *ret, size_t size)
{
	const char *slash = !*w->where || !strcmp(w->where, "/") ? "" : "/";

	snprintf(ret, size, "%s%s%s", w->where, slash, w->name);
	return ret;
}

static int refuse(struct walk *w, const struct refusal *r, const char *cause, const char *advice)
{
	const char *name = *r->what ? r->name : "", *space = *r->what ? " " : "";

	return offsets_fail(w->error, -EPERM, "%s: %s%s%s%s, who could %s it; %s", w->path, r->what,
	                    name, space, cause, r->power, advice);
}

static int refuse_id(struct walk *w, const struct refusal *r, const char *cause, unsigned int id,
                     const char *advice)
{
	char text[64];

	snprintf(text, sizeof(text), "%s %u", cause, id);
	return refuse(w, r, text, advice);
}

static int refuse_owner(struct walk *w, const struct refusal *r, uid_t uid)
{
	return refuse_id(w, r, "is owned by uid", uid, "give it to root, or run this as its owner");
}

/* An ACL can name more users than the mode shows. Only asked if the group may write. */
static bool has_acl(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return getxattr(path, "system.posix_acl_access", NULL, 0) > 0;
}

int walk_owners_check(struct walk *w, int fd, const struct stat *st, const struct refusal *r)
{
	bool sticky = S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX;

	if (!uid_trusted(&w->trust, st->st_uid))
		return refuse_owner(w, r, st->st_uid);
	if (sticky)
		return 0;
	if (st->st_mode & S_IWOTH)
		return refuse(w, r, "is writable by everybody", "remove that with 'chmod o-w'");
	if (!(st->st_mode & S_IWGRP))
		return 0;
	if (!gid_trusted(&w->trust, st->st_gid))
		return refuse_id(w, r, "is writable by group", st->st_gid,
		                 "remove that with 'chmod g-w'");
	if (has_acl(fd))
		return refuse(w, r, "is writable by users of its access control list",
		              "remove that with 'setfacl -b'");
	return 0;
}

static int directory_check(struct walk *w, const struct stat *st)
{
	char here[PATH_MAX];
	const char *name = *w->where ? w->where : getcwd(here, sizeof(here));

	return walk_owners_check(
		w, w->directory, st,
		&(struct refusal){ "the directory ", name ? name : ".", "replace what is in" });
}

/* Goes into an open directory, which becomes the walk's. */
static int directory_enter(struct walk *w, int fd)
{
	struct stat st;

	if (fd < 0)
		return walk_fail(w, -errno);
	if (w->directory >= 0)
		close(w->directory);
	w->directory = fd;
	if (fstat(fd, &st))
		return walk_fail(w, -errno);
	return w->any ? 0 : directory_check(w, &st);
}

static int walk_begin(struct walk *w)
{
	bool absolute = *w->rest == '/';

	strcpy(w->where, absolute ? "/" : "");
	return directory_enter(w, open(absolute ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* The next name of the rest; false: there is none. */
static bool name_next(struct walk *w)
{
	size_t slashes = strspn(w->rest, "/"), size = strcspn(w->rest + slashes, "/");

	if (!size || size > NAME_MAX)
		return false;
	memcpy(w->name, w->rest + slashes, size);
	w->name[size] = '\0';
	memmove(w->rest, w->rest + slashes + size, strlen(w->rest + slashes + size) + 1);
	return true;
}

static bool in_proc(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == PROC_SUPER_MAGIC;
}

static bool in_own_descriptors(int fd)
{
	struct stat st, own;

	return !fstat(fd, &st) && !stat("/proc/self/fd", &own) && st.st_dev == own.st_dev &&
	       st.st_ino == own.st_ino;
}

static int link_owner_check(struct walk *w, uid_t uid)
{
	char name[PATH_MAX + NAME_MAX + 2];

	if (uid_trusted(&w->trust, uid))
		return 0;
	/* A foreign link may lead only to its owner's files: walk_path() checks that at the end. */
	if (w->any && !in_proc(w->directory) && (!w->foreign || w->foreign_uid == uid)) {
		w->foreign = true;
		w->foreign_uid = uid;
		return 0;
	}
	walk_name(w, name, sizeof(name));
	return refuse_owner(w, &(struct refusal){ "the link ", name, "change" }, uid);
}

/* Puts the target of the link in front of the rest. */
static int link_follow(struct walk *w)
{
	CLEANUP(cleanup_fd) int fd = openat(w->directory, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char target[PATH_MAX];
	size_t rest = strlen(w->rest);
	ssize_t size;
	struct stat st;
	int err;

	if (fd < 0 || fstat(fd, &st))
		return walk_fail(w, -errno);
	size = S_ISLNK(st.st_mode) ? readlinkat(fd, "", target, sizeof(target) - 1) : 0;
	if (size <= 0)
		return walk_fail(w, size < 0 ? -errno : -ENOENT);
	err = link_owner_check(w, st.st_uid);
	if (err)
		return err;
	if (++w->links > LINKS_MAX)
		return walk_fail(w, -ELOOP);
	if (size + rest >= sizeof(w->rest))
		return walk_fail(w, -ENAMETOOLONG);
	memmove(w->rest + size, w->rest, rest + 1);
	memcpy(w->rest, target, size);
	return *target == '/' ? walk_begin(w) : 0;
}

static int subdirectory_enter(struct walk *w, int flags)
{
	char name[PATH_MAX + NAME_MAX + 2];
	int fd = openat(w->directory, w->name, O_PATH | O_DIRECTORY | O_CLOEXEC | flags);

	if (fd >= 0)
		snprintf(w->where, sizeof(w->where), "%.*s", (int)sizeof(w->where) - 1,
		         walk_name(w, name, sizeof(name)));
	return directory_enter(w, fd);
}

/* A link of /proc can lead to a file that has no path any more: the kernel follows it. */
static int magic_follow(struct walk *w, bool last, bool *ret_end)
{
	int err = link_owner_check(w, w->st.st_uid);

	if (err)
		return err;
	if (!last)
		return subdirectory_enter(w, 0);
	w->magic = *ret_end = true;
	w->inherited = in_own_descriptors(w->directory);
	return fstatat(w->directory, w->name, &w->st, 0) ? walk_fail(w, -errno) : 0;
}

/* Walks one name further; *ret_end: it was the last. */
static int walk_step(struct walk *w, bool *ret_end)
{
	bool last = !w->rest[strspn(w->rest, "/")], slash = *w->rest == '/';

	if (!strcmp(w->name, ".") || !strcmp(w->name, ".."))
		return last ? walk_fail(w, -EISDIR) : subdirectory_enter(w, 0);
	if (fstatat(w->directory, w->name, &w->st, AT_SYMLINK_NOFOLLOW)) {
		if (errno != ENOENT || !last || slash)
			return walk_fail(w, -errno);
		w->missing = *ret_end = true;
		return 0;
	}
	if (S_ISLNK(w->st.st_mode) && !in_proc(w->directory))
		return link_follow(w);
	if (S_ISLNK(w->st.st_mode))
		return magic_follow(w, last, ret_end);
	if (!last)
		return subdirectory_enter(w, O_NOFOLLOW);
	*ret_end = true;
	return slash && !S_ISDIR(w->st.st_mode) ? walk_fail(w, -ENOTDIR) : 0;
}

int walk_path(struct walk *w)
{
	bool end = false;
	int err;

	if (strlen(w->path) >= sizeof(w->rest))
		return walk_fail(w, -ENAMETOOLONG);
	strcpy(w->rest, w->path);
	err = *w->path ? walk_begin(w) : walk_fail(w, -ENOENT);
	while (!err && !end) {
		if (!name_next(w))
			return walk_fail(w,
			                 w->rest[strspn(w->rest, "/")] ? -ENAMETOOLONG : -EISDIR);
		err = walk_step(w, &end);
	}
	if (!err && !w->missing && w->foreign && w->st.st_uid != w->foreign_uid)
		return offsets_fail(w->error, -EPERM,
		                    "%s: a symbolic link of uid %u leads to a file of uid %u; name "
		                    "the file itself",
		                    w->path, w->foreign_uid, w->st.st_uid);
	return err;
}

void walk_init(struct walk *w, const char *path, bool any, struct offsets_error *error)
{
	*w = (struct walk){ .path = path, .error = error, .any = any, .directory = -1 };
	trust_init(&w->trust);
}

void walk_deinit(struct walk *w)
{
	if (w->directory >= 0)
		close(w->directory);
	w->directory = -1;
}

bool walk_trusts(const struct walk *w, uid_t uid)
{
	return uid_trusted(&w->trust, uid);
}
