/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A path is walked name by name, from a directory that is held open, and each
 * name is checked by what it is, not by what it was called a moment before:
 * directories and the file by their descriptors, links by reading them once.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "cleanup.h"
#include "offsets.h"
#include "safefile.h"

/* ---- who is trusted --------------------------------------------------- */

#define TRUST_MAX 32

struct trust {
	uid_t uids[TRUST_MAX];
	gid_t gids[TRUST_MAX];
	size_t uid_count, gid_count;
};

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

/* Whoever can change or, in a directory that is not sticky, replace this. */
static void owners_add(struct trust *t, const struct stat *st)
{
	uid_add(t, st->st_uid);
	if (st->st_mode & S_IWGRP && !(S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX))
		gid_add(t, st->st_gid);
}

/* The directories count only if the path still leads to the program. */
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

struct walk {
	const char *path; /* as given */
	struct offsets_error *error;
	struct trust trust;
	bool any;             /* owners of files and directories do not matter */
	int directory;        /* where the walk has come to, by O_PATH */
	char where[PATH_MAX]; /* the same for messages; "" is the working directory */
	char rest[PATH_MAX];  /* what is still to walk */
	char name[NAME_MAX + 1];
	unsigned int links;
	/* Of the end: */
	struct stat st;
	bool missing;
	bool magic;     /* a link of /proc that only the kernel can follow */
	bool inherited; /* in /proc/self/fd */
	/* A link of somebody who is not trusted was followed. */
	bool foreign;
	uid_t foreign_uid;
};

static int walk_fail(struct walk *w, int err)
{
	if (err == -ENXIO)
		return offsets_fail(w->error, err, "%s: no process reads it; start one first",
		                    w->path);
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

struct refusal {
	const char *what; /* "the directory ", "" for the file itself */
	const char *name; /* of it, if it is not the file */
	const char *power;
};

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

/* A list of more users than the mode shows; only asked where the group may write. */
static bool has_acl(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return getxattr(path, "system.posix_acl_access", NULL, 0) > 0;
}

/* fd: of what st describes. */
static int owners_check(struct walk *w, int fd, const struct stat *st, const struct refusal *r)
{
	bool sticky = S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX;

	if (!uid_trusted(&w->trust, st->st_uid))
		return refuse_owner(w, r, st->st_uid);
	if (sticky)
		return 0;
	if (st->st_mode & S_IWOTH)
		return refuse(w, r, "is writable by everybody", "take that away with 'chmod o-w'");
	if (!(st->st_mode & S_IWGRP))
		return 0;
	if (!gid_trusted(&w->trust, st->st_gid))
		return refuse_id(w, r, "is writable by group", st->st_gid,
		                 "take that away with 'chmod g-w'");
	if (has_acl(fd))
		return refuse(w, r, "is writable by users of its access control list",
		              "take that away with 'setfacl -b'");
	return 0;
}

static int directory_check(struct walk *w, const struct stat *st)
{
	char here[PATH_MAX];
	const char *name = *w->where ? w->where : getcwd(here, sizeof(here));

	return owners_check(
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
	/* Its owner may lead to what is the owner's: seen at the end. */
	if (w->any && !in_proc(w->directory) && (!w->foreign || w->foreign_uid == uid)) {
		w->foreign = true;
		w->foreign_uid = uid;
		return 0;
	}
	walk_name(w, name, sizeof(name));
	return refuse_owner(w, &(struct refusal){ "the link ", name, "change" }, uid);
}

/* The rest begins with where the link leads to. */
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

/* A link of /proc, which leads to what no path may lead to any more. */
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

/* One name on; *ret_end: it is the last. */
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

/* To where the path ends: an open directory and a name in it that is no link. */
static int walk(struct walk *w)
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
		                    "%s: a link of uid %u leads to a file of uid %u; name the file "
		                    "itself",
		                    w->path, w->foreign_uid, w->st.st_uid);
	return err;
}

static void walk_init(struct walk *w, const char *path, bool any, struct offsets_error *error)
{
	*w = (struct walk){ .path = path, .error = error, .any = any, .directory = -1 };
	trust_init(&w->trust);
}

static void walk_deinit(struct walk *w)
{
	if (w->directory >= 0)
		close(w->directory);
	w->directory = -1;
}

/* ---- open ------------------------------------------------------------- */

static int type_check(struct walk *w, enum safefile_use use, const struct stat *st)
{
	bool regular = S_ISREG(st->st_mode), fifo = S_ISFIFO(st->st_mode);
	bool device = S_ISCHR(st->st_mode);

	if (regular || (use == SAFEFILE_TEXT && w->inherited && (fifo || device)))
		return 0;
	if (use != SAFEFILE_APPEND)
		return offsets_fail(w->error, -EINVAL, "%s: not a regular file; name another",
		                    w->path);
	if (fifo || device)
		return 0;
	return offsets_fail(w->error, -EINVAL,
	                    "%s: neither a regular file nor a FIFO nor a terminal; name another",
	                    w->path);
}

/* fd: of what st describes. */
static int file_check(struct walk *w, enum safefile_use use, int fd, const struct stat *st)
{
	int err = type_check(w, use, st);

	if (err || w->any || w->inherited || S_ISCHR(st->st_mode))
		return err;
	err = owners_check(w, fd, st, &(struct refusal){ "", "", "change" });
	if (!err && use == SAFEFILE_APPEND && S_ISREG(st->st_mode) && st->st_nlink != 1)
		err = offsets_fail(w->error, -EPERM,
		                   "%s: has %lu names (hard links); name a file with one alone",
		                   w->path, (unsigned long)st->st_nlink);
	return err;
}

static int end_open(struct walk *w, enum safefile_use use)
{
	int flags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (w->magic ? 0 : O_NOFOLLOW);

	if (use != SAFEFILE_APPEND)
		return openat(w->directory, w->name, flags | O_RDONLY);
	if (w->missing)
		flags |= O_CREAT | O_EXCL;
	return openat(w->directory, w->name, flags | O_WRONLY | O_APPEND, 0600);
}

/* -ESTALE: the name is another thing than it was a moment ago. */
static int walked_open(struct walk *w, enum safefile_use use, int *ret_fd)
{
	CLEANUP(cleanup_fd) int fd = -1;
	struct stat st;
	int err = 0;

	if (w->missing && use != SAFEFILE_APPEND)
		return walk_fail(w, -ENOENT);
	if (!w->missing)
		err = type_check(w, use, &w->st); /* opening a device does something already */
	if (err)
		return err;
	fd = end_open(w, use);
	if (fd < 0 && (errno == EEXIST || errno == ELOOP || (errno == ENOENT && !w->missing)))
		return -ESTALE;
	if (fd < 0 || fstat(fd, &st))
		return walk_fail(w, -errno);
	err = file_check(w, use, fd, &st);
	if (!err && use == SAFEFILE_TEXT && !S_ISREG(st.st_mode) &&
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK))
		err = walk_fail(w, -errno);
	if (err)
		return err;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int safefile_open(const char *path, enum safefile_use use, int *ret_fd, struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct walk *w = malloc(sizeof(*w));
	int tries, err = -ESTALE;

	if (!w)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	for (tries = 0; err == -ESTALE && tries < 100; tries++) {
		walk_init(w, path, use == SAFEFILE_READ || use == SAFEFILE_TEXT, error);
		err = walk(w);
		if (!err)
			err = walked_open(w, use, ret_fd);
		walk_deinit(w);
	}
	return err != -ESTALE
	               ? err
	               : offsets_fail(error, -EPERM,
	                              "%s: somebody keeps on replacing it; name another", path);
}

static int bytes_read(int fd, char *data, size_t room, size_t *ret_size)
{
	ssize_t n;

	for (*ret_size = 0; *ret_size < room; *ret_size += n) {
		n = read(fd, data + *ret_size, room - *ret_size);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			break;
		n = n < 0 ? 0 : n;
	}
	return 0;
}

static bool unchanged(int fd, const struct stat *before, size_t size)
{
	struct stat st;

	return !fstat(fd, &st) && (size_t)st.st_size == size &&
	       st.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

int safefile_read(int fd, const char *path, size_t max, void **ret, size_t *ret_size,
                  struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *data = NULL;
	size_t size, room;
	struct stat st;
	int err;

	if (fstat(fd, &st))
		return offsets_fail(error, -errno, "%s: %s", path, strerror(errno));
	if ((uint64_t)st.st_size > max)
		return offsets_fail(error, -EFBIG, "%s: has more than %zu bytes; name another file",
		                    path, max);
	room = st.st_size + 1; /* one more shows that it has grown */
	data = malloc(room);
	if (!data)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	err = bytes_read(fd, data, room, &size);
	if (err)
		return offsets_fail(error, err, "%s: %s", path, strerror(-err));
	if (!unchanged(fd, &st, size))
		return offsets_fail(error, -EAGAIN, "%s: changed while it was read; try again",
		                    path);
	*ret = data;
	*ret_size = size;
	data = NULL;
	return 0;
}

ssize_t safefile_beside(const char *path, const char *suffix, void *ret, size_t size)
{
	CLEANUP(cleanup_free) struct walk *w = malloc(sizeof(*w));
	CLEANUP(cleanup_fd) int fd = -1;
	char name[NAME_MAX + 1];
	struct offsets_error ignored;
	struct stat st;
	size_t n;
	int err;

	if (!w)
		return -ENOMEM;
	walk_init(w, path, true, &ignored);
	err = walk(w);
	if (!err && snprintf(name, sizeof(name), "%s%s", w->name, suffix) >= (int)sizeof(name))
		err = -ENAMETOOLONG;
	if (!err)
		fd = openat(w->directory, name,
		            O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	if (!err && (fd < 0 || fstat(fd, &st)))
		err = -errno;
	walk_deinit(w);
	if (!err && (!S_ISREG(st.st_mode) ||
	             (st.st_uid != w->st.st_uid && !uid_trusted(&w->trust, st.st_uid))))
		err = -EPERM;
	if (!err)
		err = bytes_read(fd, ret, size, &n);
	return err ? err : (ssize_t)n;
}

/* ---- replace ---------------------------------------------------------- */

#define SUFFIX_CHARS 16
#define NAME_CHARS   200 /* a longer one is cut */

struct safefile {
	char *path;
	enum safefile_place place;
	int directory, fd;
	char name[NAME_MAX + 1];
	char beside[NAME_MAX + 1]; /* "" when there is none */
	bool committed;
};

/* NAME.0123456789abcdef.new */
static int beside_name(struct safefile *f)
{
	unsigned char random[SUFFIX_CHARS / 2];
	char suffix[SUFFIX_CHARS + 1];
	size_t i;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	for (i = 0; i < sizeof(random); i++)
		snprintf(suffix + 2 * i, 3, "%02x", random[i]);
	snprintf(f->beside, sizeof(f->beside), "%.*s.%s.new", NAME_CHARS, f->name, suffix);
	return 0;
}

static int beside_make(struct safefile *f, mode_t mode)
{
	int err = beside_name(f);

	if (err)
		return err;
	f->fd = openat(f->directory, f->beside,
	               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0777);
	if (f->fd >= 0)
		return 0;
	err = -errno;
	*f->beside = '\0';
	return err;
}

/* A group that cannot be kept is not given what the old one could. */
static int like_old(struct safefile *f, const struct stat *old)
{
	mode_t mode = old->st_mode & 0777;
	struct stat st;

	if (fstat(f->fd, &st))
		return -errno;
	if (!geteuid() && st.st_uid != old->st_uid && fchown(f->fd, old->st_uid, -1))
		return -errno;
	if (st.st_gid != old->st_gid && fchown(f->fd, -1, old->st_gid))
		mode &= ~S_IRWXG | (mode & S_IRWXO) << 3;
	return fchmod(f->fd, mode) ? -errno : 0;
}

static bool old_trusted(struct walk *w)
{
	struct offsets_error ignored, *error = w->error;
	CLEANUP(cleanup_fd) int fd = openat(w->directory, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	bool trusted;

	w->error = &ignored;
	trusted = fd >= 0 && !fstat(fd, &w->st) && S_ISREG(w->st.st_mode) &&
	          !owners_check(w, fd, &w->st, &(struct refusal){ "", "", "" });
	w->error = error;
	return trusted;
}

static int begin_walked(struct walk *w, struct safefile *f, mode_t mode)
{
	int err;

	if (!w->missing && f->place == SAFEFILE_NEW)
		return offsets_fail(w->error, -EEXIST, "%s: exists; name a new file", w->path);
	if (!w->missing && (w->magic || !S_ISREG(w->st.st_mode)))
		return offsets_fail(w->error, -EINVAL, "%s: not a regular file; name another",
		                    w->path);
	if (!w->missing && faccessat(w->directory, w->name, W_OK, AT_EACCESS))
		return walk_fail(w, -errno);
	strcpy(f->name, w->name);
	f->directory = w->directory;
	w->directory = -1;
	err = beside_make(f, mode);
	if (err)
		return offsets_fail(w->error, err,
		                    "%s: no file can be made beside it: %s; check its directory's "
		                    "permissions and space",
		                    w->path, strerror(-err));
	w->directory = f->directory;
	if (!w->missing && old_trusted(w))
		err = like_old(f, &w->st);
	w->directory = -1;
	return err ? walk_fail(w, err) : 0;
}

int safefile_begin(const char *path, enum safefile_place place, mode_t mode, struct safefile **ret,
                   struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct walk *w = malloc(sizeof(*w));
	struct safefile *f = calloc(1, sizeof(*f));
	int err;

	*ret = NULL;
	if (f)
		f->path = strdup(path);
	if (!w || !f || !f->path) {
		free(f);
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	}
	f->place = place;
	f->directory = f->fd = -1;
	walk_init(w, path, false, error);
	err = walk(w);
	if (!err)
		err = begin_walked(w, f, mode);
	walk_deinit(w);
	if (err) {
		safefile_end(f);
		return err;
	}
	*ret = f;
	return 0;
}

int safefile_write(struct safefile *f, const void *data, size_t size, struct offsets_error *error)
{
	const char *at = data;

	while (size) {
		ssize_t n = write(f->fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int err = n < 0 ? -errno : -EIO;

			return offsets_fail(error, err,
			                    "%s: %s; nothing was changed, free some space", f->path,
			                    strerror(-err));
		}
		at += n;
		size -= n;
	}
	return 0;
}

static int take_place(struct safefile *f)
{
	if (fsync(f->fd))
		return -errno;
	if (f->place == SAFEFILE_REPLACE)
		return renameat(f->directory, f->beside, f->directory, f->name) ? -errno : 0;
	if (linkat(f->directory, f->beside, f->directory, f->name, 0))
		return -errno;
	return unlinkat(f->directory, f->beside, 0) ? -errno : 0;
}

/* A directory that cannot be synced (some file systems) is no reason to fail. */
static void directory_sync(int directory)
{
	CLEANUP(cleanup_fd) int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && fsync(fd))
		return;
}

int safefile_commit(struct safefile *f, struct offsets_error *error)
{
	int err = take_place(f);

	if (err)
		return offsets_fail(error, err, "%s: cannot be written: %s; nothing was changed",
		                    f->path, strerror(-err));
	f->committed = true;
	directory_sync(f->directory);
	return 0;
}

void safefile_undo(struct safefile *f)
{
	if (f->committed && f->place == SAFEFILE_NEW)
		unlinkat(f->directory, f->name, 0);
}

void safefile_end(struct safefile *f)
{
	if (!f)
		return;
	if (!f->committed && *f->beside)
		unlinkat(f->directory, f->beside, 0);
	if (f->fd >= 0)
		close(f->fd);
	if (f->directory >= 0)
		close(f->directory);
	free(f->path);
	free(f);
}

/* ---- one writer ------------------------------------------------------- */

#define LOCK_SUFFIX ".lock"
#define LOCK_TRY_MS 50

struct safefile_lock {
	int directory, fd;
	char name[NAME_MAX + 1];
};

/* NAME.0123456789abcdef.new, as beside_name() has it. */
static bool is_beside(const char *name, const char *beside)
{
	size_t size = strlen(name) < NAME_CHARS ? strlen(name) : NAME_CHARS;

	return !strncmp(beside, name, size) && beside[size] == '.' &&
	       strspn(beside + size + 1, "0123456789abcdef") == SUFFIX_CHARS &&
	       !strcmp(beside + size + 1 + SUFFIX_CHARS, ".new");
}

/* What cannot be removed is in nobody's way. */
static void leftovers_remove(int directory, const char *name)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		cleanup_fd(&fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (is_beside(name, entry->d_name))
			unlinkat(directory, entry->d_name, 0);
	closedir(dir);
}

/* Whoever may replace the file may lock it, also after root was killed. */
static int lock_open(struct walk *w, const char *name, int *ret_fd)
{
	CLEANUP(cleanup_fd)
	int fd = openat(w->directory, name,
	                O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	struct stat st, directory;
	int err;

	if (fd < 0 || fstat(fd, &st) || fstat(w->directory, &directory))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	err = owners_check(w, fd, &st, &(struct refusal){ "the lock ", name, "hold" });
	if (err)
		return err;
	if (!geteuid() && directory.st_uid != st.st_uid && !(directory.st_mode & S_ISVTX) &&
	    fchown(fd, directory.st_uid, -1))
		return -errno;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* -EAGAIN: another writer has it, or had it until now and has removed the file. */
static int lock_try(struct walk *w, const char *name, int *ret_fd)
{
	CLEANUP(cleanup_fd) int fd = -1;
	struct stat st, now;
	int err = lock_open(w, name, &fd);

	if (err)
		return err;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	if (fstat(fd, &st) || fstatat(w->directory, name, &now, AT_SYMLINK_NOFOLLOW) ||
	    st.st_dev != now.st_dev || st.st_ino != now.st_ino)
		return -EAGAIN;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int lock_walked(struct walk *w, unsigned int wait_ms, struct safefile_lock *lock)
{
	unsigned int waited_ms;
	int err;

	if (snprintf(lock->name, sizeof(lock->name), "%s" LOCK_SUFFIX, w->name) >=
	    (int)sizeof(lock->name))
		return walk_fail(w, -ENAMETOOLONG);
	err = lock_try(w, lock->name, &lock->fd);
	for (waited_ms = 0; err == -EAGAIN && waited_ms < wait_ms; waited_ms += LOCK_TRY_MS) {
		usleep(LOCK_TRY_MS * 1000);
		err = lock_try(w, lock->name, &lock->fd);
	}
	if (err == -EAGAIN)
		return offsets_fail(w->error, -EBUSY,
		                    "%s: another process is writing it; try again later", w->path);
	if (err && err != -EPERM)
		return offsets_fail(w->error, err,
		                    "%s: cannot be written (%s" LOCK_SUFFIX ": %s); check the path "
		                    "and its permissions",
		                    w->path, w->path, strerror(-err));
	return err;
}

int safefile_lock(const char *path, unsigned int wait_ms, struct safefile_lock **ret,
                  struct offsets_error *error)
{
	CLEANUP(cleanup_free) struct walk *w = malloc(sizeof(*w));
	CLEANUP(cleanup_free) struct safefile_lock *lock = malloc(sizeof(*lock));
	int err;

	*ret = NULL;
	if (!w || !lock)
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	walk_init(w, path, false, error);
	err = walk(w);
	if (!err)
		err = lock_walked(w, wait_ms, lock);
	if (!err) {
		leftovers_remove(w->directory, w->name);
		lock->directory = w->directory;
		w->directory = -1;
		*ret = lock;
		lock = NULL;
	}
	walk_deinit(w);
	return err;
}

void safefile_unlock(struct safefile_lock *lock)
{
	if (!lock)
		return;
	unlinkat(lock->directory, lock->name, 0);
	close(lock->fd);
	close(lock->directory);
	free(lock);
}
