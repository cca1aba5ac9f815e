/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "scenario ways 1": an ordinary user tries to change ~/.ssh/authorized_keys,
 * ~/.bashrc or a crontab, one way after the other. A line for each: its name, its
 * process, and whether what sshd, bash or cron reads is another text now. For
 * virtual machines: it makes a home directory in /home, and a crontab.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/scenario.h"
#include "tests/host/scenario_ways.h"

#define REFUSED      77
#define WAY_SECONDS  20
#define TEXT_BEFORE  "as it was\n"
#define TEXT_MISSING "(missing)"

static int *refusal; /* errno of a way that was refused: shared with its process */

/* ---- for the ways ----------------------------------------------------- */

void can(int ok)
{
	if (ok)
		return;
	*refusal = errno;
	_exit(REFUSED);
}

void text_put(int fd)
{
	can(fd >= 0 && write(fd, EVIL, strlen(EVIL)) > 0 && !close(fd));
}

void text_write(const char *at)
{
	text_put(open(at, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

void evil_directory(void)
{
	can(!mkdir("p", 0700));
	text_write("p/authorized_keys");
}

/* ---- the files -------------------------------------------------------- */

/* Also of what has a path that is too long. */
static void tree_remove(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			tree_remove(fd, entry->d_name);
	if (dir)
		closedir(dir);
	if (unlinkat(parent, name, 0))
		unlinkat(parent, name, AT_REMOVEDIR);
}

static void text_make(const char *path, mode_t mode, gid_t gid)
{
	file_write(path, O_CREAT | O_TRUNC, TEXT_BEFORE);
	require(!chmod(path, mode) && !chown(path, WAYS_UID, gid), path);
}

static void home_make(void)
{
	prctl(PR_SET_NAME, "restore");
	while (!umount2(WAYS_HOME "/.ssh", MNT_DETACH) ||
	       !umount2(WAYS_HOME "/" BASHRC, MNT_DETACH))
		;
	tree_remove(AT_FDCWD, WAYS_HOME);
	require(!mkdir(WAYS_HOME, 0755) && !chown(WAYS_HOME, WAYS_UID, WAYS_UID), WAYS_HOME);
	require(!chdir(WAYS_HOME), WAYS_HOME);
	require(!mkdir(".ssh", 0700) && !chown(".ssh", WAYS_UID, WAYS_UID), ".ssh");
	text_make(KEYS, 0600, WAYS_UID);
	text_make(BASHRC, 0644, WAYS_UID);
	text_make(WAYS_CRONTAB, 0600, CRONTAB_GID);
}

/* As crontab(5) has it in Debian. */
static void spool_make(void)
{
	static const char *const paths[] = { "/var", "/var/spool", "/var/spool/cron",
		                             "/var/spool/cron/crontabs" };
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		require(!mkdir(paths[i], 0755) || errno == EEXIST, paths[i]);
	require(!chown(paths[3], 0, CRONTAB_GID) && !chmod(paths[3], 01730), paths[3]);
}

/* In a process of its own, so that nothing of it stays. */
static void as_root(void (*does)(void))
{
	pid_t child = fork();
	int status;

	require(child >= 0, "fork");
	if (!child) {
		does();
		_exit(0);
	}
	require(waitpid(child, &status, 0) == child && !status, "restore");
}

/* What the programs see that read them: shared with the process that looks. */
static struct texts {
	char keys[64], bashrc[64], crontab[64];
} * texts;

static void text_look(char ret[64], const char *path)
{
	memset(ret, 0, 64);
	if (file_read(path, ret, 63) < 0)
		strcpy(ret, TEXT_MISSING);
}

/* sshd reads as the user, with root's real id; bash has no other id. */
static void texts_look(void)
{
	alarm(WAY_SECONDS);
	text_look(texts->crontab, WAYS_CRONTAB);
	require(!setegid(WAYS_UID) && !seteuid(WAYS_UID), "seteuid");
	text_look(texts->keys, WAYS_HOME "/" KEYS);
	require(!seteuid(0) && !setresgid(WAYS_UID, WAYS_UID, WAYS_UID) &&
	                !setresuid(WAYS_UID, WAYS_UID, WAYS_UID),
	        "setresuid");
	text_look(texts->bashrc, WAYS_HOME "/" BASHRC);
}

/* ---- a way ------------------------------------------------------------ */

static void become(enum way_as as)
{
	gid_t gid = as == AS_CRONTAB ? CRONTAB_GID : WAYS_UID;
	uid_t effective = as == AS_MOUNTER ? 0 : WAYS_UID;
	uid_t saved = as == AS_TWO_USERS ? 0 : effective;

	require(!setgroups(0, NULL) && !setresgid(WAYS_UID, gid, gid) &&
	                !setresuid(WAYS_UID, effective, saved) && !prctl(PR_SET_DUMPABLE, 1),
	        "setresuid");
}

/* ready, go: what is read before the way itself begins, and after what it needs. */
static void way_begin(const struct way *w, int ready, int go)
{
	char byte;

	setpgid(0, 0);
	alarm(WAY_SECONDS);
	signal(SIGPIPE, SIG_IGN);
	require(!chdir(WAYS_HOME), WAYS_HOME);
	become(w->as);
	prctl(PR_SET_NAME, "before");
	if (w->before)
		w->before();
	require(write(ready, "", 1) == 1 && read(go, &byte, 1) == 1, w->name);
	close(ready);
	close(go);
	prctl(PR_SET_NAME, w->name);
	w->run();
	_exit(0);
}

/* before: NULL if what it needs was refused. */
static const char *verdict(int status, const struct texts *before)
{
	if (!before)
		return "refused";
	as_root(texts_look);
	if (memcmp(before, texts, sizeof(*before)))
		return "changed";
	if (WIFSIGNALED(status))
		return "killed";
	return WEXITSTATUS(status) == REFUSED ? "refused" : "unchanged";
}

static void way_try(const struct way *w)
{
	int ready[2], go[2], status, is_ready;
	struct texts before;
	char byte;
	pid_t child;

	as_root(home_make);
	*refusal = 0;
	require(!pipe2(ready, O_CLOEXEC) && !pipe2(go, O_CLOEXEC), "pipe");
	child = fork();
	require(child >= 0, "fork");
	if (!child)
		way_begin(w, ready[1], go[0]);
	close(ready[1]);
	close(go[0]);
	is_ready = read(ready[0], &byte, 1) == 1;
	if (is_ready) {
		as_root(texts_look);
		before = *texts;
		require(write(go[1], "", 1) == 1, w->name);
	}
	require(waitpid(child, &status, 0) == child, w->name);
	printf("%s %d %s", w->name, child, verdict(status, is_ready ? &before : NULL));
	printf(" %s\n", *refusal ? strerrorname_np(*refusal) : "-");
	fflush(stdout);
	kill(-child, SIGKILL);
	close(ready[0]);
	close(go[1]);
}

static void *shared(size_t size)
{
	void *ret = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	require(ret != MAP_FAILED, "mmap");
	return ret;
}

static void ways_try(int count)
{
	static const struct way *const tables[] = { ways_by_name, ways_by_data, ways_by_space,
		                                    ways_over };
	const struct way *w;
	size_t i;

	(void)count;
	umask(022);
	refusal = shared(sizeof(*refusal));
	texts = shared(sizeof(*texts));
	require(!mkdir("/home", 0755) || errno == EEXIST, "/home");
	spool_make();
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (w = tables[i]; w->name; w++)
			way_try(w);
	as_root(home_make);
}

static const struct command commands[] = { { "ways", ways_try }, { 0 } };

PART(.name = "ways", .commands = commands);
