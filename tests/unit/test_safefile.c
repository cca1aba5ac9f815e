/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that others own, may write, or exchange: opened, refused, replaced. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "offsets/util/safefile.h"

#define NOBODY  65534
#define HANGS_S 120 /* what takes so long hangs, on a busy machine too */

static struct offsets_error error;

static const char *path_of(const char *name)
{
	static char path[2][128];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", work, name);
	return path[turn];
}

/* The directory of the tests is new for each. */
static void make(const char *name, mode_t mode)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "old\n", 4), 4);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void give(const char *name)
{
	assert_int_equal(lchown(path_of(name), NOBODY, NOBODY), 0);
}

static void directory(const char *name, mode_t mode)
{
	assert_int_equal(mkdir(path_of(name), 0700), 0);
	assert_int_equal(chmod(path_of(name), mode), 0);
}

static int try_open(const char *path, enum safefile_use use)
{
	int fd = -1, err = safefile_open(path, use, &fd, &error);

	if (!err)
		close(fd);
	return err;
}

static void opens(const char *name, enum safefile_use use)
{
	int err = try_open(path_of(name), use);

	if (err)
		fail_msg("%s", error.text);
}

static void refuses(const char *name, enum safefile_use use, int err, const char *word)
{
	assert_int_equal(try_open(path_of(name), use), err);
	assert_says(&error, path_of(name));
	assert_says(&error, word);
}

static void refuses_untrusted(const char *name, const char *word)
{
	refuses(name, SAFEFILE_TRUSTED, -EPERM, word);
	refuses(name, SAFEFILE_APPEND, -EPERM, word);
}

/* "needs root" is the name's reason when it is skipped. */
static void need_root(void)
{
	if (geteuid())
		skip();
}

/* ---- open ------------------------------------------------------------- */

static void files_of_ours_are_opened(void **state)
{
	(void)state;
	make("file", 0644);
	directory("sticky", 01777);
	make("sticky/file", 0600);
	opens("file", SAFEFILE_READ);
	opens("file", SAFEFILE_TRUSTED);
	opens("file", SAFEFILE_APPEND);
	opens("sticky/../sticky/./file", SAFEFILE_TRUSTED);
	opens("sticky//file", SAFEFILE_APPEND);
	refuses("none", SAFEFILE_READ, -ENOENT, "No such file");
	refuses("none", SAFEFILE_TRUSTED, -ENOENT, "No such file");
	refuses("file/", SAFEFILE_READ, -ENOTDIR, "Not a directory");
	refuses("file/x", SAFEFILE_APPEND, -ENOTDIR, "Not a directory");
	assert_int_equal(try_open("", SAFEFILE_READ), -ENOENT);
	assert_int_equal(try_open("/", SAFEFILE_READ), -EISDIR);
	assert_int_equal(try_open(".", SAFEFILE_READ), -EISDIR);
}

static void a_missing_file_is_made_for_its_owner_alone(void **state)
{
	struct stat st;

	(void)state;
	directory("sticky", 01777);
	opens("sticky/new", SAFEFILE_APPEND);
	assert_int_equal(stat(path_of("sticky/new"), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(symlink("other", path_of("link")), 0);
	opens("link", SAFEFILE_APPEND); /* ours, so it is followed */
	assert_int_equal(stat(path_of("other"), &st), 0);
	refuses("sticky/none/", SAFEFILE_APPEND, -ENOENT, "No such file");
}

static void files_of_others_need_root(void **state)
{
	(void)state;
	need_root();
	make("file", 0644);
	give("file");
	refuses_untrusted("file", "is owned by uid 65534");
	opens("file", SAFEFILE_READ);
}

static void what_others_may_write_is_refused(void **state)
{
	(void)state;
	make("everybody", 0646);
	refuses_untrusted("everybody", "writable by everybody");
	directory("open", 0777);
	make("open/file", 0600);
	refuses_untrusted("open/file", "the directory");
	refuses("open/none", SAFEFILE_APPEND, -EPERM, "writable by everybody");
	assert_int_equal(access(path_of("open/none"), F_OK), -1);
	opens("open/file", SAFEFILE_READ);
}

static void what_a_group_may_write_needs_root(void **state)
{
	(void)state;
	need_root();
	make("file", 0664);
	opens("file", SAFEFILE_TRUSTED); /* root's group */
	assert_int_equal(chown(path_of("file"), 0, NOBODY), 0);
	refuses_untrusted("file", "writable by group 65534");
	directory("directory", 0775);
	make("directory/file", 0600);
	opens("directory/file", SAFEFILE_TRUSTED);
	assert_int_equal(chown(path_of("directory"), 0, NOBODY), 0);
	refuses_untrusted("directory/file", "writable by group 65534");
}

static void directories_of_others_need_root(void **state)
{
	(void)state;
	need_root();
	directory("theirs", 0755);
	directory("theirs/ours", 0755);
	make("theirs/ours/file", 0644);
	give("theirs");
	refuses_untrusted("theirs/ours/file", "theirs is owned by uid 65534");
	opens("theirs/ours/file", SAFEFILE_READ);
	directory("sticky", 01777);
	give("sticky"); /* its owner may rename in it */
	make("sticky/file", 0644);
	refuses_untrusted("sticky/file", "sticky is owned by uid 65534");
}

static void links_of_ours_are_followed(void **state)
{
	(void)state;
	directory("a", 0755);
	make("a/file", 0644);
	assert_int_equal(symlink("a", path_of("relative")), 0);
	assert_int_equal(symlink(path_of("a/file"), path_of("absolute")), 0);
	assert_int_equal(symlink("../relative/file", path_of("a/back")), 0);
	opens("relative/file", SAFEFILE_TRUSTED);
	opens("absolute", SAFEFILE_APPEND);
	opens("a/back", SAFEFILE_TRUSTED);
	assert_int_equal(symlink("loop", path_of("loop")), 0);
	refuses("loop", SAFEFILE_READ, -ELOOP, "symbolic links");
}

static void links_of_others_need_root(void **state)
{
	(void)state;
	need_root();
	directory("sticky", 01777);
	make("ours", 0644);
	make("theirs", 0644);
	give("theirs");
	assert_int_equal(symlink("../ours", path_of("sticky/link")), 0);
	give("sticky/link");
	refuses_untrusted("sticky/link", "sticky/link is owned by uid 65534");
	refuses("sticky/link", SAFEFILE_READ, -EPERM, "leads to a file of uid 0");
	assert_int_equal(symlink("../theirs", path_of("sticky/own")), 0);
	give("sticky/own");
	opens("sticky/own", SAFEFILE_READ);
	refuses("sticky/own", SAFEFILE_TRUSTED, -EPERM, "sticky/own is owned");
	assert_int_equal(symlink("../none", path_of("sticky/nowhere")), 0);
	give("sticky/nowhere");
	refuses("sticky/nowhere", SAFEFILE_APPEND, -EPERM, "sticky/nowhere is owned");
	assert_int_equal(access(path_of("none"), F_OK), -1);
}

static void a_file_with_two_names_is_not_appended_to(void **state)
{
	(void)state;
	make("file", 0600);
	assert_int_equal(link(path_of("file"), path_of("second")), 0);
	refuses("file", SAFEFILE_APPEND, -EPERM, "2 hard links");
	opens("file", SAFEFILE_TRUSTED);
}

static void what_is_no_file(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	enum safefile_use use;

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path_of("socket"));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
	alarm(HANGS_S);
	for (use = SAFEFILE_READ; use <= SAFEFILE_APPEND; use++) {
		refuses("socket", use, -EINVAL, "regular file");
		refuses(".", use, -EISDIR, "directory");
		if (use == SAFEFILE_APPEND)
			continue;
		refuses("fifo", use, -EINVAL, "not a regular file");
		assert_int_equal(try_open("/dev/null", use), -EINVAL);
	}
	refuses("fifo", SAFEFILE_APPEND, -ENXIO, "no process reads this FIFO");
	assert_int_equal(try_open("/dev/null", SAFEFILE_APPEND), 0);
	fd = open(path_of("fifo"), O_RDONLY | O_NONBLOCK);
	opens("fifo", SAFEFILE_APPEND);
	assert_int_equal(chmod(path_of("fifo"), 0622), 0);
	refuses("fifo", SAFEFILE_APPEND, -EPERM, "writable by everybody");
	close(fd);
	alarm(0);
}

static void what_is_open_is_not_waited_for(void **state)
{
	int fd;

	(void)state;
	make("file", 0600);
	assert_int_equal(safefile_open(path_of("file"), SAFEFILE_APPEND, &fd, &error), 0);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFL) & O_APPEND);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	fd = open(path_of("file"), O_RDWR);
	if (fcntl(fd, F_SETLEASE, F_WRLCK) == 0) {
		signal(SIGIO, SIG_IGN);
		alarm(HANGS_S);
		refuses("file", SAFEFILE_READ, -EWOULDBLOCK, "lease");
		alarm(0);
	}
	close(fd);
}

static void what_the_caller_inherited(void **state)
{
	char path[64];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[1]);
	assert_int_equal(try_open(path, SAFEFILE_APPEND), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	assert_int_equal(try_open(path, SAFEFILE_TEXT), 0);
	assert_int_equal(try_open(path, SAFEFILE_READ), -EINVAL);
	assert_int_equal(try_open(path, SAFEFILE_TRUSTED), -EINVAL);
	close(fds[0]);
	close(fds[1]);
}

/* By another process of somebody else, which chooses where its links lead to. */
static void links_of_other_processes_need_root(void **state)
{
	char path[128];
	pid_t pid;

	(void)state;
	need_root();
	pid = fork();
	if (!pid) {
		if (setgid(NOBODY) || setuid(NOBODY) || chdir("/etc"))
			_exit(1);
		pause();
	}
	usleep(100000);
	snprintf(path, sizeof(path), "/proc/%d/cwd/passwd", pid);
	assert_int_equal(try_open(path, SAFEFILE_TRUSTED), -EPERM);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Somebody exchanges the name for other things as fast as they can: a refusal, or the file. */
static void a_race_gains_nothing_needs_root(void **state)
{
	int i, fd;
	pid_t pid;

	(void)state;
	need_root();
	directory("theirs", 0777);
	make("secret", 0600);
	pid = fork();
	if (!pid) {
		char name[128], file[128], link[128];

		snprintf(name, sizeof(name), "%s", path_of("theirs/name"));
		snprintf(file, sizeof(file), "%s", path_of("theirs/file"));
		snprintf(link, sizeof(link), "%s", path_of("theirs/link"));
		if (setgid(NOBODY) || setuid(NOBODY))
			_exit(1);
		while (getppid() != 1) {
			close(open(file, O_WRONLY | O_CREAT, 0644));
			rename(file, name);
			if (symlink("../secret", link))
				continue;
			rename(link, name);
			unlink(name);
			mkfifo(name, 0600);
		}
		_exit(0);
	}
	alarm(HANGS_S);
	for (i = 0; i < 20000; i++) {
		struct stat st;

		if (safefile_open(path_of("theirs/name"), SAFEFILE_READ, &fd, &error))
			continue;
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_uid, NOBODY);
		assert_true(S_ISREG(st.st_mode));
		close(fd);
	}
	alarm(0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void a_file_is_read_up_to_a_limit(void **state)
{
	size_t size;
	void *data;
	int fd;

	(void)state;
	make("file", 0600);
	assert_int_equal(safefile_open(path_of("file"), SAFEFILE_READ, &fd, &error), 0);
	assert_int_equal(safefile_read(fd, "file", 4, &data, &size, &error), 0);
	assert_int_equal(size, 4);
	assert_memory_equal(data, "old\n", 4);
	free(data);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(safefile_read(fd, "file", 3, &data, &size, &error), -EFBIG);
	close(fd);
}

/* ---- replace ---------------------------------------------------------- */

static int replace(const char *path, enum safefile_place place, mode_t mode)
{
	struct safefile *f;
	int err = safefile_begin(path, place, mode, &f, &error);

	if (!err)
		err = safefile_write(f, "new\n", 4, &error);
	if (!err)
		err = safefile_commit(f, &error);
	safefile_end(f);
	return err;
}

static void expect_file(const char *name, const char *text, mode_t mode, uid_t uid)
{
	char got[16] = "";
	int fd = open(path_of(name), O_RDONLY | O_NOFOLLOW);
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(read(fd, got, sizeof(got) - 1) >= 0);
	close(fd);
	assert_string_equal(got, text);
	assert_int_equal(st.st_mode & 07777, mode);
	assert_int_equal(st.st_uid, uid);
}

static void nothing_is_left(void)
{
	shell("test -z \"$(find %s -name '*.new')\"", work);
}

static void a_file_is_replaced(void **state)
{
	(void)state;
	umask(022);
	assert_int_equal(replace(path_of("file"), SAFEFILE_REPLACE, 0666), 0);
	expect_file("file", "new\n", 0644, geteuid());
	make("old", 0640);
	assert_int_equal(replace(path_of("old"), SAFEFILE_REPLACE, 0644), 0);
	expect_file("old", "new\n", 0640, geteuid());
	make("there", 0644);
	assert_int_equal(replace(path_of("there"), SAFEFILE_NEW, 0644), -EEXIST);
	expect_file("there", "old\n", 0644, geteuid());
	assert_int_equal(symlink("none", path_of("link")), 0);
	assert_int_equal(replace(path_of("link"), SAFEFILE_NEW, 0600), 0);
	expect_file("none", "new\n", 0600, geteuid());
	nothing_is_left();
}

static void what_is_not_committed_is_not_there(void **state)
{
	struct safefile *f;

	(void)state;
	make("old", 0600);
	assert_int_equal(safefile_begin(path_of("old"), SAFEFILE_REPLACE, 0600, &f, &error), 0);
	assert_int_equal(safefile_write(f, "new\n", 4, &error), 0);
	safefile_end(f);
	expect_file("old", "old\n", 0600, geteuid());
	assert_int_equal(safefile_begin(path_of("undone"), SAFEFILE_NEW, 0600, &f, &error), 0);
	assert_int_equal(safefile_commit(f, &error), 0);
	assert_int_equal(access(path_of("undone"), F_OK), 0);
	safefile_undo(f);
	safefile_end(f);
	assert_int_equal(access(path_of("undone"), F_OK), -1);
	safefile_end(NULL);
	nothing_is_left();
}

static void what_cannot_be_replaced(void **state)
{
	(void)state;
	directory("directory", 0755);
	directory("open", 0777);
	assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
	assert_int_equal(replace(path_of("directory"), SAFEFILE_REPLACE, 0644), -EINVAL);
	assert_int_equal(replace(path_of("fifo"), SAFEFILE_REPLACE, 0644), -EINVAL);
	assert_int_equal(replace("/dev/null", SAFEFILE_REPLACE, 0644), -EINVAL);
	assert_int_equal(replace("/dev/stdout", SAFEFILE_REPLACE, 0644), -EINVAL);
	assert_int_equal(replace(path_of("none/file"), SAFEFILE_REPLACE, 0644), -ENOENT);
	assert_int_equal(replace(path_of("open/file"), SAFEFILE_REPLACE, 0644), -EPERM);
	assert_says(&error, "open is writable by everybody");
	nothing_is_left();
}

static void replaced_for_others_needs_root(void **state)
{
	(void)state;
	need_root();
	directory("theirs", 0755);
	give("theirs");
	assert_int_equal(replace(path_of("theirs/file"), SAFEFILE_REPLACE, 0644), -EPERM);
	directory("sticky", 01777);
	make("victim", 0600);
	assert_int_equal(symlink("../victim", path_of("sticky/link")), 0);
	give("sticky/link");
	assert_int_equal(replace(path_of("sticky/link"), SAFEFILE_REPLACE, 0644), -EPERM);
	expect_file("victim", "old\n", 0600, 0);
	/* What was another's becomes ours, with our mode. */
	make("sticky/theirs", 0666);
	give("sticky/theirs");
	assert_int_equal(replace(path_of("sticky/theirs"), SAFEFILE_REPLACE, 0644), 0);
	expect_file("sticky/theirs", "new\n", 0644, 0);
	nothing_is_left();
}

/* ---- one writer ------------------------------------------------------- */

static void one_writer_at_a_time(void **state)
{
	struct safefile_lock *lock, *other = (void *)1;

	(void)state;
	directory("a", 0755);
	assert_int_equal(symlink("a/file", path_of("link")), 0);
	assert_int_equal(safefile_lock(path_of("a/file"), 0, &lock, &error), 0);
	assert_int_equal(safefile_lock(path_of("link"), 100, &other, &error), -EBUSY);
	assert_null(other);
	assert_says(&error, "another process is writing it");
	safefile_unlock(lock);
	assert_int_equal(access(path_of("a/file.lock"), F_OK), -1);
	assert_int_equal(safefile_lock(path_of("link"), 0, &other, &error), 0);
	safefile_unlock(other);
	safefile_unlock(NULL);
}

/* Many that come and go: never two at once. */
static void writers_take_turns(void **state)
{
	int i, n, status, count = 0;
	FILE *file;

	(void)state;
	shell("echo 0 >%s/count", work);
	for (i = 0; i < 4; i++) {
		if (fork())
			continue;
		for (n = 0; n < 25; n++) {
			struct safefile_lock *lock;

			if (safefile_lock(path_of("file"), 20000, &lock, &error))
				_exit(1);
			file = fopen(path_of("count"), "r+");
			if (fscanf(file, "%d", &count) != 1)
				_exit(2);
			rewind(file);
			fprintf(file, "%d\n", count + 1);
			fclose(file);
			safefile_unlock(lock);
		}
		_exit(0);
	}
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	file = fopen(path_of("count"), "r");
	assert_int_equal(fscanf(file, "%d", &count), 1);
	fclose(file);
	assert_int_equal(count, 100);
}

static void what_a_killed_writer_left(void **state)
{
	struct safefile_lock *lock;

	(void)state;
	make("file.0123456789abcdef.new", 0600);
	make("file.0123456789abcdeg.new", 0600);
	make("file.lock", 0600);
	make("other.0123456789abcdef.new", 0600);
	assert_int_equal(safefile_lock(path_of("file"), 0, &lock, &error), 0);
	safefile_unlock(lock);
	shell("test \"$(ls %s | tr '\n' ' ')\" = "
	      "'file.0123456789abcdeg.new other.0123456789abcdef.new '",
	      work);
}

static void locks_of_others_needs_root(void **state)
{
	struct safefile_lock *lock;
	struct stat st;

	(void)state;
	need_root();
	directory("sticky", 01777);
	make("sticky/file.lock", 0600);
	give("sticky/file.lock");
	assert_int_equal(safefile_lock(path_of("sticky/file"), 0, &lock, &error), -EPERM);
	assert_says(&error, "the lock file.lock is owned by uid 65534");
	make("victim", 0600);
	assert_int_equal(symlink("../victim", path_of("sticky/b.lock")), 0);
	assert_int_equal(safefile_lock(path_of("sticky/b"), 0, &lock, &error), -ELOOP);
	assert_int_equal(mkfifo(path_of("sticky/c.lock"), 0600), 0);
	alarm(HANGS_S);
	assert_int_equal(safefile_lock(path_of("sticky/c"), 0, &lock, &error), -EINVAL);
	alarm(0);
	assert_int_equal(stat(path_of("victim"), &st), 0);
}

static void beside(void **state)
{
	char head[4];

	(void)state;
	directory("a", 0755);
	make("a/file", 0600);
	make("a/file-x", 0600);
	assert_int_equal(symlink("a/file", path_of("link")), 0);
	assert_int_equal(safefile_beside(path_of("link"), "-x", head, sizeof(head)), 4);
	assert_memory_equal(head, "old\n", 4);
	assert_int_equal(safefile_beside(path_of("link"), "-y", head, sizeof(head)), -ENOENT);
	assert_int_equal(mkfifo(path_of("a/file-y"), 0600), 0);
	assert_int_equal(safefile_beside(path_of("link"), "-y", head, sizeof(head)), -EPERM);
}

/* Who owns the program, or a directory above it, is trusted: "sudo make run". */
static void the_owner_of_the_program_is_trusted_needs_root(void **state)
{
	static const char *const theirs[] = { "bin/program", "bin" };
	char command[512];
	size_t i;

	(void)state;
	need_root();
	for (i = 0; i < 2; i++) {
		shell("cd %s && rm -rf bin tree && mkdir bin tree && cp /proc/%d/exe bin/program "
		      "&& "
		      "echo x >tree/file && chown -R 65534 tree",
		      work, getpid());
		snprintf(command, sizeof(command), "cd %s/tree && ../bin/program file", work);
		assert_int_not_equal(system(command), 0);
		shell("chown 65534 %s/%s", work, theirs[i]);
		shell("%s", command);
		/* And what they own stays theirs. */
		shell("cd %s/tree && test \"$(stat -c %%u file)\" = 65534 && grep -q new file",
		      work);
	}
}

/* As the test above runs this program: opens, then replaces a file. */
static int helper(const char *path)
{
	if (try_open(path, SAFEFILE_TRUSTED) || replace(path, SAFEFILE_REPLACE, 0644))
		return 1;
	return 0;
}

static int enter(void **state)
{
	return work_enter(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, work_leave)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(files_of_ours_are_opened),
		TEST(a_missing_file_is_made_for_its_owner_alone),
		TEST(files_of_others_need_root),
		TEST(what_others_may_write_is_refused),
		TEST(what_a_group_may_write_needs_root),
		TEST(directories_of_others_need_root),
		TEST(links_of_ours_are_followed),
		TEST(links_of_others_need_root),
		TEST(a_file_with_two_names_is_not_appended_to),
		TEST(what_is_no_file),
		TEST(what_is_open_is_not_waited_for),
		TEST(what_the_caller_inherited),
		TEST(links_of_other_processes_need_root),
		TEST(a_race_gains_nothing_needs_root),
		TEST(a_file_is_read_up_to_a_limit),
		TEST(a_file_is_replaced),
		TEST(what_is_not_committed_is_not_there),
		TEST(what_cannot_be_replaced),
		TEST(replaced_for_others_needs_root),
		TEST(one_writer_at_a_time),
		TEST(writers_take_turns),
		TEST(what_a_killed_writer_left),
		TEST(locks_of_others_needs_root),
		TEST(beside),
		TEST(the_owner_of_the_program_is_trusted_needs_root),
	};

	if (argc == 2)
		return helper(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
