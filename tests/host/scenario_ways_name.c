/* SPDX-License-Identifier: BSD-2-Clause */
/* Ways by names: renames, links, directories that are replaced, and other users who may write. */
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/host/scenario.h"
#include "tests/host/scenario_ways.h"

static void renamed(const char *from, const char *to, unsigned int flags)
{
	can(!syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags));
}

/* ---- the file --------------------------------------------------------- */

static void by_write(void)
{
	text_write(KEYS);
}

static void by_append(void)
{
	text_put(open(KEYS, O_WRONLY | O_APPEND | O_CLOEXEC));
}

static void by_truncate(void)
{
	can(!truncate(KEYS, 2));
}

static void by_reading_open(void)
{
	can(open(KEYS, O_RDONLY | O_TRUNC | O_CLOEXEC) >= 0);
}

static void by_unlink(void)
{
	can(!unlink(KEYS));
}

static void by_rename(void)
{
	text_write("x");
	can(!rename("x", KEYS));
}

static void by_newline(void)
{
	text_write("x\n");
	can(!rename("x\n", KEYS));
}

static void by_exchange(void)
{
	text_write("x");
	renamed("x", KEYS, RENAME_EXCHANGE);
}

static void by_whiteout(void)
{
	text_write("x");
	renamed(KEYS, "y", RENAME_WHITEOUT);
}

static void by_symlink(void)
{
	text_write("x");
	can(!unlink(KEYS) && !symlink("../x", KEYS));
}

static void by_renamed_symlink(void)
{
	text_write("x");
	can(!symlink("../x", "l") && !rename("l", KEYS));
}

static void put_behind_symlink(void)
{
	text_write("x");
}

/* Before it the file is moved, and has its old text. */
static void symlink_to_the_file(void)
{
	can(!rename(KEYS, "x") && !symlink("../x", KEYS));
}

/* ---- hard links ------------------------------------------------------- */

static void by_link_from(void)
{
	can(!link(KEYS, "x"));
	text_write("x");
}

static void by_link_to(void)
{
	text_write("x");
	can(!unlink(KEYS) && !link("x", KEYS));
}

static void old_text(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	can(fd >= 0 && write(fd, "old\n", 4) == 4 && !close(fd));
}

/* A file with two names, none of which a rule matches; then one of them is renamed. */
static void two_names(void)
{
	old_text("x");
	can(!link("x", "y") && !rename("x", KEYS));
}

static void two_names_exchanged(void)
{
	old_text("x");
	can(!link("x", "y"));
	renamed(KEYS, "x", RENAME_EXCHANGE);
}

static void put_by_other_name(void)
{
	text_write("y");
}

/* The same inside of a directory that is renamed. */
static void two_names_below(void)
{
	can(!mkdir("p", 0700));
	old_text("p/authorized_keys");
	can(!link("p/authorized_keys", "y") && !rename(".ssh", "old") && !rename("p", ".ssh"));
}

/* ---- the directory ---------------------------------------------------- */

static void by_directory_away(void)
{
	can(!rename(".ssh", "s"));
	text_write("s/authorized_keys");
	can(!rename("s", ".ssh"));
}

static void by_other_directory(void)
{
	evil_directory();
	can(!rename(".ssh", "old") && !rename("p", ".ssh"));
}

static void by_directory_symlink(void)
{
	evil_directory();
	can(!rename(".ssh", "old") && !symlink("p", ".ssh"));
}

static void directory_symlink(void)
{
	can(!rename(".ssh", "p") && !symlink("p", ".ssh"));
}

static void put_behind_directory_symlink(void)
{
	text_write("p/authorized_keys");
}

static void by_directory_exchange(void)
{
	evil_directory();
	renamed("p", ".ssh", RENAME_EXCHANGE);
}

/* Deeper than a path can say, by steps. */
static void by_long_path(void)
{
	int home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), i;
	char name[201];

	memset(name, 'd', 200);
	name[200] = '\0';
	for (i = 0; i < 25; i++)
		can(!mkdir(name, 0700) && !chdir(name));
	can(!renameat(home, ".ssh", AT_FDCWD, "s"));
	text_write("s/authorized_keys");
	can(!renameat(AT_FDCWD, "s", home, ".ssh"));
}

static int kept = -1;

static void directory_keep(void)
{
	kept = open(".ssh", O_PATH | O_DIRECTORY | O_CLOEXEC);
	can(kept >= 0 && !chdir("/"));
}

static void put_in_kept(void)
{
	text_put(openat(kept, "authorized_keys", O_WRONLY | O_CLOEXEC));
}

static void by_kept_directory_away(void)
{
	can(!rename(WAYS_HOME "/.ssh", WAYS_HOME "/s"));
	put_in_kept();
	can(!rename(WAYS_HOME "/s", WAYS_HOME "/.ssh"));
}

/* ---- races ------------------------------------------------------------ */

#define TURNS 51 /* odd: at the end the other one has the name */

static const char *race_from, *race_to;
static volatile int race_ends;

static void *exchange_over_and_over(void *arg)
{
	int i;

	for (i = 0; i < TURNS; i++)
		syscall(SYS_renameat2, AT_FDCWD, race_from, AT_FDCWD, race_to, RENAME_EXCHANGE);
	race_ends = 1;
	return arg;
}

static void race(const char *from, const char *to, const char *at)
{
	pthread_t thread;

	text_write(at);
	race_from = from;
	race_to = to;
	can(!pthread_create(&thread, NULL, exchange_over_and_over, NULL));
	while (!race_ends)
		text_write(at);
	pthread_join(thread, NULL);
}

static void by_race_of_directories(void)
{
	can(!mkdir("p", 0700));
	race("p", ".ssh", "p/authorized_keys");
}

static void by_race_of_files(void)
{
	old_text("x");
	race("x", KEYS, "x");
}

/* ---- other users ------------------------------------------------------ */

/* The way has root's id as its saved one, for this alone. */
static void by_other_user(const char *path)
{
	pid_t child = fork();

	can(child >= 0);
	if (!child) {
		can(!seteuid(0) && !setresuid(OTHER_UID, OTHER_UID, OTHER_UID));
		text_write(path);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void by_chmod(void)
{
	can(!chmod(".ssh", 0777) && !chmod(KEYS, 0666));
	by_other_user(KEYS);
}

/* A POSIX ACL, as setfacl(1) makes it. */
static void by_acl(void)
{
	static const struct {
		unsigned int version;
		struct {
			unsigned short tag, perm;
			unsigned int id;
		} entries[5];
	} acl = { 2,
		  { { 0x01, 6, -1U },
		    { 0x02, 6, OTHER_UID },
		    { 0x04, 4, -1U },
		    { 0x10, 6, -1U },
		    { 0x20, 0, -1U } } };

	can(!chmod(".ssh", 0711));
	can(!setxattr(KEYS, "system.posix_acl_access", &acl, sizeof(acl), 0));
	by_other_user(KEYS);
}

/* ---- other files ------------------------------------------------------ */

static void by_bashrc(void)
{
	text_write(BASHRC);
}

static void by_bashrc_rename(void)
{
	text_write("x");
	can(!rename("x", BASHRC));
}

static void by_bashrc_symlink(void)
{
	text_write("x");
	can(!unlink(BASHRC) && !symlink("x", BASHRC));
}

static void by_bashrc_link(void)
{
	can(!link(BASHRC, "x"));
	text_write("x");
}

static void bashrc_two_names(void)
{
	old_text("x");
	can(!link("x", "y") && !rename("x", BASHRC));
}

/* As crontab(1) does it. */
static void by_crontab(void)
{
	text_write(WAYS_CRONTAB ".tmp");
	can(!rename(WAYS_CRONTAB ".tmp", WAYS_CRONTAB));
}

static void by_crontab_write(void)
{
	text_write(WAYS_CRONTAB);
}

static void by_crontab_link(void)
{
	can(!link(WAYS_CRONTAB, "/var/spool/cron/crontabs/x"));
	text_write("/var/spool/cron/crontabs/x");
	unlink("/var/spool/cron/crontabs/x");
}

/* ---- btrfs ------------------------------------------------------------ */

static void subvolume_make(void)
{
	struct btrfs_ioctl_vol_args args = { .name = "p" };
	int home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	can(!ioctl(home, BTRFS_IOC_SUBVOL_CREATE, &args));
	text_write("p/authorized_keys");
	can(!rename(".ssh", "old"));
}

/* A snapshot of a subvolume with the name of the directory. */
static void by_snapshot(void)
{
	struct btrfs_ioctl_vol_args args = { .name = ".ssh" };
	int home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	args.fd = open("p", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	can(!ioctl(home, BTRFS_IOC_SNAP_CREATE, &args));
}

const struct way ways_by_name[] = {
	{ "write", by_write, NULL, AS_USER },
	{ "append", by_append, NULL, AS_USER },
	{ "truncate", by_truncate, NULL, AS_USER },
	{ "read-truncate", by_reading_open, NULL, AS_USER },
	{ "unlink", by_unlink, NULL, AS_USER },
	{ "rename", by_rename, NULL, AS_USER },
	{ "newline", by_newline, NULL, AS_USER },
	{ "exchange", by_exchange, NULL, AS_USER },
	{ "whiteout", by_whiteout, NULL, AS_USER },
	{ "symlink", by_symlink, NULL, AS_USER },
	{ "symlink-rename", by_renamed_symlink, NULL, AS_USER },
	{ "symlink-old", put_behind_symlink, symlink_to_the_file, AS_USER },
	{ "link-from", by_link_from, NULL, AS_USER },
	{ "link-to", by_link_to, NULL, AS_USER },
	{ "link-rename", put_by_other_name, two_names, AS_USER },
	{ "link-exchange", put_by_other_name, two_names_exchanged, AS_USER },
	{ "link-below", put_by_other_name, two_names_below, AS_USER },
	{ "dir-away", by_directory_away, NULL, AS_USER },
	{ "dir-other", by_other_directory, NULL, AS_USER },
	{ "dir-symlink", by_directory_symlink, NULL, AS_USER },
	{ "dir-symlink-old", put_behind_directory_symlink, directory_symlink, AS_USER },
	{ "dir-exchange", by_directory_exchange, NULL, AS_USER },
	{ "long-path", by_long_path, NULL, AS_USER },
	{ "dir-kept", put_in_kept, directory_keep, AS_USER },
	{ "dir-kept-away", by_kept_directory_away, directory_keep, AS_USER },
	{ "race-dirs", by_race_of_directories, NULL, AS_USER },
	{ "race-files", by_race_of_files, NULL, AS_USER },
	{ "chmod", by_chmod, NULL, AS_TWO_USERS },
	{ "acl", by_acl, NULL, AS_TWO_USERS },
	{ "bashrc", by_bashrc, NULL, AS_USER },
	{ "bashrc-rename", by_bashrc_rename, NULL, AS_USER },
	{ "bashrc-symlink", by_bashrc_symlink, NULL, AS_USER },
	{ "bashrc-link", by_bashrc_link, NULL, AS_USER },
	{ "bashrc-links", put_by_other_name, bashrc_two_names, AS_USER },
	{ "crontab", by_crontab, NULL, AS_CRONTAB },
	{ "crontab-write", by_crontab_write, NULL, AS_CRONTAB },
	{ "crontab-link", by_crontab_link, NULL, AS_CRONTAB },
	{ "snapshot", by_snapshot, subvolume_make, AS_USER },
	{ 0 },
};
