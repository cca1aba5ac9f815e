/* SPDX-License-Identifier: BSD-2-Clause */
/* The hasher, asked by its socket: files that change while they are read, scripts, modules, and its
 * budget.
 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

#include "loader/hash/hash_budget.h"
#include "loader/hash/hash_wire.h"
#include "loader/hash/hasher.h"

#define MIB     (1 << 20)
#define WAIT_MS 120000 /* what takes so long hangs, on a busy machine too */

static char directory[64];
static pid_t hasher, sleeper; /* 0: none */
static int engine = -1;
static uint64_t last_id;

static int setup(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "/var/tmp/sextant-hasher-XXXXXX"); /* on a disk */
	return mkdtemp(directory) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command);
}

static void process_end(pid_t *pid)
{
	if (*pid)
		kill(*pid, SIGKILL);
	while (*pid && waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	*pid = 0;
}

static int end(void **state)
{
	(void)state;
	if (engine >= 0)
		close(engine);
	engine = -1;
	process_end(&hasher);
	process_end(&sleeper);
	return 0;
}

static void begin(uint64_t budget)
{
	const int room = 1 << 20; /* for requests while it is paused */
	struct offsets_error error;

	assert_int_equal(hasher_start(budget, &hasher, &engine, &error), 0);
	assert_int_equal(setsockopt(engine, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)), 0);
}

/* A file of that many bytes, unlike any other. */
static const char *file_make(const char *name, off_t size)
{
	static char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, name, strlen(name)), strlen(name));
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
	return path;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Of a file that is there now. */
static struct hash_request request_of(const char *path, uint32_t pid, uint64_t time_ns)
{
	struct hash_request r = { .id = ++last_id, .time_ns = time_ns, .pid = pid };
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	r.inode = st.st_ino;
	r.device = major(st.st_dev) << 20 | minor(st.st_dev);
	return r;
}

static uint64_t request_send(const struct hash_request *r)
{
	assert_int_equal(send(engine, r, sizeof(*r), MSG_DONTWAIT), sizeof(*r));
	return r->id;
}

/* An exec of that process; 0: of one that has ended. */
static uint64_t ask_of(const char *path, uint32_t pid, uint64_t time_ns)
{
	struct hash_request r = request_of(path, pid, time_ns);

	snprintf(r.path, sizeof(r.path), "%s", path);
	return request_send(&r);
}

/* Its exec comes a second later than now: the times of files are older. */
static uint64_t ask(const char *path)
{
	return ask_of(path, 0, now_ns() + 1000000000ULL);
}

static struct hash_answer answer(uint64_t id)
{
	struct pollfd fd = { engine, POLLIN, 0 };
	struct hash_answer a;

	if (poll(&fd, 1, WAIT_MS) != 1)
		fail_msg("request %u has no answer", (unsigned int)id);
	assert_int_equal(recv(engine, &a, sizeof(a), 0), sizeof(a));
	assert_int_equal(a.id, id);
	return a;
}

static void assert_state(uint64_t id, enum hash_state state)
{
	assert_int_equal(answer(id).state, state);
}

/* ---- files that change --------------------------------------------------- */

static void a_file_that_grows_while_it_is_read_has_no_hash(void **state)
{
	const char *path = file_make("grows", 6 * MIB);
	uint64_t id;

	(void)state;
	begin(4 * MIB);
	id = ask(path);
	assert_state(id, HASH_SOON);
	assert_int_equal(truncate(path, 1LL << 40), 0);
	assert_state(id, HASH_CHANGED);
}

static void a_file_that_shrinks_while_it_is_read_has_no_hash(void **state)
{
	const char *path = file_make("shrinks", 6 * MIB);
	uint64_t id;

	(void)state;
	begin(4 * MIB);
	id = ask(path);
	assert_state(id, HASH_SOON);
	assert_int_equal(truncate(path, MIB), 0);
	assert_state(id, HASH_CHANGED);
}

/* The page map of a process has size 0, and gigabytes to be read. */
static void a_small_file_that_does_not_end_holds_nobody_up(void **state)
{
	const char *path = file_make("small", 100);
	char endless[64];
	uint64_t id;

	(void)state;
	snprintf(endless, sizeof(endless), "/proc/%d/pagemap", getpid());
	if (access(endless, R_OK))
		skip();
	begin(4 * MIB);
	id = ask(endless);
	assert_int_not_equal(answer(id).state, HASH_DONE);
	assert_state(ask(path), HASH_DONE);
}

/* ---- times --------------------------------------------------------------- */

static uint64_t changed_ns(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ctim.tv_sec * 1000000000ULL + st.st_ctim.tv_nsec;
}

/* A copy of sleep(1). */
static const char *sleep_copy(const char *name)
{
	static char path[128];
	char command[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	snprintf(command, sizeof(command), "cp /bin/sleep %s", path);
	assert_int_equal(system(command), 0);
	return path;
}

static void sleeper_run(const char *path)
{
	char exe[64], target[256] = "";

	sleeper = fork();
	if (!sleeper) {
		execl(path, "sleep", "600", NULL);
		_exit(1);
	}
	snprintf(exe, sizeof(exe), "/proc/%d/exe", sleeper);
	while (strcmp(target, path) != 0) { /* until it has executed that */
		ssize_t n = readlink(exe, target, sizeof(target) - 1);

		assert_true(n > 0);
		target[n] = '\0';
	}
}

/* It runs. */
static const char *sleeper_start(void)
{
	const char *path = sleep_copy("sleeper");

	sleeper_run(path);
	return path;
}

static void what_runs_is_hashed_if_it_was_changed_before_its_exec(void **state)
{
	const char *path = sleeper_start();
	uint64_t changed = changed_ns(path);

	(void)state;
	begin(4 * MIB);
	assert_state(ask_of(path, sleeper, changed), HASH_DONE); /* in the same tick */
	assert_state(ask_of(path, sleeper, changed + 1), HASH_DONE);
	assert_state(ask_of(path, sleeper, changed - 1), HASH_CHANGED);
	process_end(&sleeper);
	assert_state(ask_of(path, sleeper, changed + 1), HASH_CHANGED);
	assert_state(ask_of(path, sleeper, changed + 1000000000), HASH_DONE);
}

/* ---- folders ------------------------------------------------------------- */

static void folder_make(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void a_folder_that_takes_the_place_of_another_one(void **state)
{
	char before[128], after[128];
	const char *path;

	(void)state;
	begin(4 * MIB);
	folder_make("folder");
	assert_state(ask(file_make("folder/one", 1000)), HASH_DONE);
	assert_state(ask(file_make("folder/two", 1000)), HASH_DONE);
	snprintf(before, sizeof(before), "%s/folder", directory);
	snprintf(after, sizeof(after), "%s/moved", directory);
	assert_int_equal(rename(before, after), 0);
	folder_make("folder");
	path = file_make("folder/one", 1000); /* another inode */
	assert_state(ask(path), HASH_DONE);
	assert_state(ask(path), HASH_DONE);
	snprintf(after, sizeof(after), "%s/moved/two", directory);
	assert_state(ask(after), HASH_DONE);
}

static void more_folders_than_are_kept(void **state)
{
	char name[64];
	int i;

	(void)state;
	begin(4 * MIB);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "folder-%d", i % 50);
		if (i < 50)
			folder_make(name);
		strcat(name, "/program");
		assert_state(ask(file_make(name, 1000)), HASH_DONE);
	}
}

/* ---- scripts ------------------------------------------------------------- */

static uint64_t later_ns(void)
{
	return now_ns() + 1000000000ULL;
}

/* The file is a script. whole: where its name leads; "": not known. name: the end of it, or alone.
 */
static uint64_t script_ask(const char *file, const char *whole, const char *name, uint32_t pid,
                           uint64_t time_ns)
{
	struct hash_request r = request_of(file, pid, time_ns);

	r.kind = HASH_OF_SCRIPT;
	r.name_at = *whole ? strlen(whole) - strlen(name) : 1;
	snprintf(r.path, sizeof(r.path), "%s", whole);
	snprintf(r.path + r.name_at, sizeof(r.path) - r.name_at, "%s", name);
	return request_send(&r);
}

/* A process that has done that, and sleeps. */
static void sleeper_do(void (*prepare)(void))
{
	char byte;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	sleeper = fork();
	if (!sleeper) {
		prepare();
		if (write(fds[1], "", 1) == 1)
			execl("/bin/sleep", "sleep", "600", NULL);
		_exit(1);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
}

/* Below the directory of the test. */
static const char *below(const char *name)
{
	static char paths[64][256];
	static unsigned int next;
	char *path = paths[next++ % 64];

	snprintf(path, 256, "%s/%s", directory, name);
	return path;
}

static void a_script_by_its_path_and_by_links(void **state)
{
	static const char *const names[] = { "scripts/script", "to-scripts/script",
		                             "scripts/../to-scripts/./link", "absolute//link",
		                             "to-link" };
	const char *file;
	size_t i;

	(void)state;
	begin(4 * MIB);
	folder_make("scripts");
	file = below("scripts/script");
	file_make("scripts/script", 1000);
	assert_int_equal(symlink("scripts", below("to-scripts")), 0);
	assert_int_equal(symlink("script", below("scripts/link")), 0);
	assert_int_equal(symlink(below("scripts"), below("absolute")), 0);
	assert_int_equal(symlink("absolute/link", below("to-link")), 0);
	for (i = 0; i < 2 * sizeof(names) / sizeof(names[0]); i++) {
		const char *whole = below(names[i / 2]);

		assert_state(script_ask(file, whole, whole, 0, later_ns()), HASH_DONE);
	}
}

static void what_is_not_there(void **state)
{
	static char deep[HASH_PATH_BYTES];
	const char *file = below("there");

	(void)state;
	begin(4 * MIB);
	file_make("there", 1000);
	assert_int_equal(symlink("loop", below("loop")), 0);
	assert_int_equal(mkfifo(below("fifo"), 0644), 0);
	assert_state(script_ask(file, below("loop"), "loop", 0, later_ns()), HASH_NOT_THERE);
	assert_state(script_ask(file, below("loop/there"), "there", 0, later_ns()), HASH_NOT_THERE);
	assert_state(script_ask(file, below("no/such"), "such", 0, later_ns()), HASH_NOT_THERE);
	assert_state(script_ask(file, below("there/x"), "x", 0, later_ns()), HASH_NOT_THERE);
	assert_state(script_ask(below("fifo"), below("fifo"), "fifo", 0, later_ns()),
	             HASH_NOT_THERE);
	file_make("another", 1000);
	assert_state(script_ask(file, below("another"), "another", 0, later_ns()), HASH_NOT_THERE);
	assert_state(script_ask(file, "", "", 0, later_ns()), HASH_NOT_THERE);
	snprintf(deep, sizeof(deep), "%s", directory);
	while (strlen(deep) < sizeof(deep) - 10)
		strcat(deep, "/.");
	strcat(deep, "/there");
	assert_state(script_ask(file, deep, "there", 0, later_ns()), HASH_DONE);
	folder_make("d");
	snprintf(deep, sizeof(deep), "%s", directory);
	while (strlen(deep) < sizeof(deep) - 12) /* some 400 names */
		strcat(deep, "/d/..");
	strcat(deep, "/there");
	assert_state(script_ask(file, deep, "there", 0, later_ns()), HASH_NOT_THERE);
}

/* Each name may be a link to a chain of links: it ends all the same. */
static void links_that_lead_through_links(void **state)
{
	char name[32], target[64];
	const char *file = file_make("target", 1000);
	int i;

	(void)state;
	begin(4 * MIB);
	assert_int_equal(symlink("./././././.", below("link-0")), 0);
	for (i = 1; i < 30; i++) {
		snprintf(name, sizeof(name), "link-%d", i);
		snprintf(target, sizeof(target), "link-%d/link-%d", i - 1, i - 1);
		assert_int_equal(symlink(target, below(name)), 0);
	}
	assert_state(script_ask(file, below("link-2/target"), "target", 0, later_ns()), HASH_DONE);
	assert_state(script_ask(file, below("link-29/target"), "target", 0, later_ns()),
	             HASH_NOT_THERE);
}

/* Nobody is kept from writing to a script that runs. */
static void a_script_that_may_have_changed(void **state)
{
	const char *file = file_make("changes", 1000);
	uint64_t changed = changed_ns(file);

	(void)state;
	begin(4 * MIB);
	assert_state(script_ask(file, file, file, 0, changed + 1), HASH_CHANGED);
	assert_state(script_ask(file, file, file, getpid(), changed + 9000000), HASH_CHANGED);
	assert_state(script_ask(file, file, file, getpid(), changed + 10000000), HASH_DONE);
}

static void directory_enter(void)
{
	if (chdir(below("entered")))
		_exit(1);
}

static void what_only_its_process_can_name(void **state)
{
	char path[64];
	int fd, folder;

	(void)state;
	begin(4 * MIB);
	folder_make("entered");
	file_make("entered/script", 1000);
	sleeper_do(directory_enter);
	assert_state(script_ask(below("entered/script"), "", "./script", sleeper, later_ns()),
	             HASH_DONE);
	assert_state(
		script_ask(below("entered/script"), "/no/script", "script", sleeper, later_ns()),
		HASH_DONE);
	fd = memfd_create("script", 0);
	assert_int_equal(write(fd, "#!", 2), 2);
	folder = open(directory, O_RDONLY | O_DIRECTORY);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_state(script_ask(path, path, path, getpid(), later_ns()), HASH_DONE);
	snprintf(path, sizeof(path), "/dev/fd/%d/entered/script", folder);
	assert_state(script_ask(below("entered/script"), path, path, getpid(), later_ns()),
	             HASH_DONE);
	snprintf(path, sizeof(path), "/dev/fd/%d/entered/script", fd);
	assert_state(script_ask(below("entered/script"), path, path, getpid(), later_ns()),
	             HASH_NOT_THERE);
	assert_state(
		script_ask(below("entered/script"), "/dev/fd/", "/dev/fd/", getpid(), later_ns()),
		HASH_NOT_THERE);
	close(fd);
	close(folder);
}

static void root_change(void)
{
	if (chroot(below("jail")) || chdir("/"))
		_exit(1);
}

/* An absolute link leads to below that root. */
static void in_a_root_directory_of_its_own(void **state)
{
	char byte;
	int fds[2];

	(void)state;
	if (geteuid())
		skip();
	begin(4 * MIB);
	folder_make("jail");
	folder_make("jail/inner");
	file_make("jail/inner/script", 1000);
	assert_int_equal(symlink("/inner", below("jail/link")), 0);
	assert_int_equal(pipe(fds), 0);
	sleeper = fork();
	if (!sleeper) {
		root_change();
		if (write(fds[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_state(
		script_ask(below("jail/inner/script"), "", "/link/script", sleeper, later_ns()),
		HASH_DONE);
	assert_state(
		script_ask(below("jail/inner/script"), "", "../inner/script", sleeper, later_ns()),
		HASH_NOT_THERE);
	close(fds[0]);
	close(fds[1]);
}

/* Who asks a file system that nobody serves waits for ever. */
static void names_that_lead_to_a_file_system_that_never_answers(void **state)
{
	const char *file = file_make("local", 1000);
	char options[64], path[64];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	(void)state;
	folder_make("fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (fd < 0 || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", below("fuse"), "fuse", 0, options))
		skip();
	begin(4 * MIB);
	assert_int_equal(symlink("fuse", below("to-fuse")), 0);
	assert_int_equal(symlink("fuse/script", below("script-of-fuse")), 0);
	assert_state(script_ask(file, below("fuse/script"), "script", 0, later_ns()), HASH_REMOTE);
	assert_state(script_ask(file, below("to-fuse/script"), "script", 0, later_ns()),
	             HASH_REMOTE);
	assert_state(script_ask(file, below("to-fuse/../local"), "local", 0, later_ns()),
	             HASH_REMOTE);
	assert_state(script_ask(file, below("script-of-fuse"), "script-of-fuse", 0, later_ns()),
	             HASH_REMOTE);
	fd = open(below("fuse"), O_PATH);
	snprintf(path, sizeof(path), "/dev/fd/%d/script", fd);
	assert_state(script_ask(file, path, path, getpid(), later_ns()), HASH_REMOTE);
	assert_state(script_ask(file, file, file, 0, later_ns()), HASH_DONE);
	umount2(below("fuse"), MNT_DETACH);
	close(fd);
}

/* ---- files in memory ----------------------------------------------------- */

/* A tmpfs at that folder, which only this process and its children see. */
static void memory_mount(const char *folder)
{
	folder_make(folder);
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", below(folder), "tmpfs", 0, NULL))
		skip();
}

/* Another last byte, without another time. */
static void memory_change(const char *path)
{
	uint64_t changed = changed_ns(path);
	int fd = open(path, O_RDWR);
	struct stat st;
	volatile char *text;

	assert_int_equal(fstat(fd, &st), 0);
	text = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(text != MAP_FAILED);
	assert_int_equal(text[st.st_size - 1],
	                 0); /* it is read first: tmpfs has no page_mkwrite() */
	text[st.st_size - 1] = 1;
	assert_int_equal(munmap((void *)text, st.st_size), 0);
	close(fd);
	assert_true(changed_ns(path) == changed);
}

/* Who can write to a file in tmpfs could run one program, and show the hash of another one. */
static void in_memory_times_show_no_change(void **state)
{
	struct hash_answer first, second;
	const char *file;

	(void)state;
	memory_mount("memory");
	file = sleep_copy("memory/sleep");
	assert_int_equal(truncate(file, MIB / 2), 0);
	assert_int_equal(chown(file, 1, 1), 0);
	begin(64 * MIB);
	sleep(3); /* hashes of files that are younger are not kept */
	sleeper_run(file);
	first = answer(ask_of(file, sleeper, now_ns()));
	assert_int_equal(first.state, HASH_DONE);
	assert_state(script_ask(file, file, file, sleeper, now_ns()), HASH_UNTRACED);
	process_end(&sleeper);
	assert_state(ask_of(file, sleeper, now_ns()), HASH_UNTRACED);
	memory_change(file);
	sleeper_run(file);
	second = answer(ask_of(file, sleeper, now_ns()));
	assert_int_equal(second.state, HASH_DONE);
	assert_memory_not_equal(first.sha256, second.sha256, HASH_BYTES);
	process_end(&sleeper);
	assert_int_equal(chown(file, 0, 0), 0); /* root would not */
	assert_state(ask(file), HASH_DONE);
	assert_int_equal(chmod(file, 0775), 0);
	assert_state(ask(file), HASH_UNTRACED);
	umount2(below("memory"), MNT_DETACH);
}

/* It is read in pieces, and the process ends in the meantime. */
static void in_memory_what_runs_is_read_to_its_end(void **state)
{
	const char *file;
	uint64_t id;

	(void)state;
	memory_mount("pieces");
	file = sleep_copy("pieces/sleep");
	assert_int_equal(truncate(file, 6 * MIB), 0);
	assert_int_equal(chown(file, 1, 1), 0);
	begin(4 * MIB);
	sleeper_run(file);
	id = ask_of(file, sleeper, now_ns() + 1000000000ULL);
	assert_state(id, HASH_SOON);
	process_end(&sleeper);
	assert_state(id, HASH_UNTRACED);
	umount2(below("pieces"), MNT_DETACH);
}

static int memfd_of_user;

static void memfd_execute(void)
{
	char *argv[] = { "sleep", "600", NULL }, *envp[] = { NULL };

	fexecve(memfd_of_user, argv, envp);
	_exit(1);
}

/* The kernel lets who made a memfd write to it while it runs. */
static void a_memfd_that_runs_may_change(void **state)
{
	char exe[64], path[64], command[128];
	uid_t uid;

	(void)state;
	begin(64 * MIB);
	for (uid = 0; uid < 2; uid++) {
		memfd_of_user = memfd_create("sleep", 0);
		snprintf(command, sizeof(command), "cat /bin/sleep >/proc/%d/fd/%d", getpid(),
		         memfd_of_user);
		assert_int_equal(system(command), 0);
		if (fchown(memfd_of_user, uid, uid))
			skip();
		sleeper = fork();
		if (!sleeper)
			memfd_execute();
		snprintf(exe, sizeof(exe), "/proc/%d/exe", sleeper);
		memset(path, 0, sizeof(path));
		while (strncmp(path, "/memfd:", strlen("/memfd:")) != 0)
			assert_true(readlink(exe, path, sizeof(path) - 1) > 0);
		assert_state(ask_of(exe, sleeper, now_ns() + 1000000000ULL),
		             uid ? HASH_UNTRACED : HASH_DONE);
		process_end(&sleeper);
		close(memfd_of_user);
	}
}

/* ---- modules ------------------------------------------------------------- */

static uint64_t module_ask(const char *file, const char *path, uint32_t pid, uint64_t time_ns)
{
	struct hash_request r = request_of(file, pid, time_ns);

	r.kind = HASH_OF_MODULE;
	snprintf(r.path, sizeof(r.path), "%s", path);
	return request_send(&r);
}

static void a_module_at_its_path(void **state)
{
	const char *file = below("module.ko.xz");
	uint64_t changed;

	(void)state;
	begin(4 * MIB);
	file_make("module.ko.xz", 1000);
	changed = changed_ns(file);
	assert_state(module_ask(file, file, 0, later_ns()), HASH_DONE);
	assert_state(module_ask(file, file, getpid(), changed + 9000000), HASH_CHANGED);
	assert_state(module_ask(file, file, getpid(), changed + 10000000), HASH_DONE);
	file_make("another.ko", 1000);
	assert_state(module_ask(file, below("another.ko"), 0, later_ns()), HASH_NOT_AT_PATH);
	assert_state(module_ask(file, below("no.ko"), getpid(), later_ns()), HASH_NOT_AT_PATH);
	assert_state(module_ask(file, "", getpid(), later_ns()), HASH_NOT_AT_PATH);
}

/* ---- the budget ---------------------------------------------------------- */

static unsigned int switches(void)
{
	char path[64], line[128];
	unsigned int count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", hasher);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "voluntary_ctxt_switches: %u", &count);
	fclose(file);
	return count;
}

/* By a process of that user. */
static uint64_t ask_by(uint32_t uid, const char *path)
{
	struct hash_request r = request_of(path, 0, now_ns() + 1000000000ULL);

	r.uid = uid;
	snprintf(r.path, sizeof(r.path), "%s", path);
	return request_send(&r);
}

/* How many others are answered for good before that one is hashed. */
static unsigned int answered_before(uint64_t id)
{
	struct pollfd fd = { engine, POLLIN, 0 };
	struct hash_answer a = { 0 };
	unsigned int count = 0;

	while (a.id != id || a.state == HASH_SOON) {
		if (poll(&fd, 1, WAIT_MS) != 1)
			fail_msg("request %u has no hash", (unsigned int)id);
		assert_int_equal(recv(engine, &a, sizeof(a), 0), sizeof(a));
		count += a.id != id && a.state != HASH_SOON;
	}
	assert_int_equal(a.state, HASH_DONE);
	return count;
}

/* The hasher takes up what is asked meanwhile at once. */
static void pause_begin(void)
{
	assert_int_equal(kill(hasher, SIGSTOP), 0);
}

static void pause_end(void)
{
	assert_int_equal(kill(hasher, SIGCONT), 0);
}

static void ask_for_new_ones(uint32_t uid, unsigned int count, off_t size)
{
	unsigned int i;
	char name[32];

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "new-%u", i);
		ask_by(uid, file_make(name, size));
	}
}

/* They are smaller than those of others, which would never be read. */
static void who_executes_ever_new_files_holds_nobody_up(void **state)
{
	uint64_t id;

	(void)state;
	begin(8 * MIB);
	pause_begin();
	ask_for_new_ones(1000, 20, 2 * MIB);
	id = ask_by(1001, file_make("other", 6 * MIB));
	pause_end();
	assert_in_range(answered_before(id), 1, 6);
}

/* Small files are read at once; one that waits of another user comes first all the same. */
static void small_files_of_two_users_hold_nobody_up(void **state)
{
	struct pollfd fd = { -1, POLLIN, 0 };
	struct hash_answer a = { 0 };
	unsigned int i, hashed = 0;
	uint64_t id;
	char name[32];

	(void)state;
	begin(8 * MIB);
	fd.fd = engine;
	id = ask_by(1002, file_make("other", 12 * MIB)); /* more than is saved */
	for (i = 0; hashed < 100; i++) {
		snprintf(name, sizeof(name), "new-%u", i % 64);
		ask_by(1000 + i % 2, file_make(name, MIB));
		while (poll(&fd, 1, 5) == 1) {
			assert_int_equal(recv(engine, &a, sizeof(a), 0), sizeof(a));
			if (a.id == id && a.state == HASH_DONE)
				return;
			hashed += a.state == HASH_DONE;
		}
	}
	fail_msg("%u files were hashed meanwhile", hashed);
}

static void a_file_of_two_users_is_read_for_the_one_with_fewer(void **state)
{
	const char *path;
	uint64_t id;

	(void)state;
	begin(8 * MIB);
	pause_begin();
	ask_for_new_ones(1000, 20, 2 * MIB);
	path = file_make("both", 6 * MIB);
	ask_by(1000, path);
	id = ask_by(1001, path);
	pause_end();
	assert_in_range(answered_before(id), 1, 6 + 1); /* the first one of both */
}

/* Requests for one file wait together, and there is room for those of others. */
static void who_asks_for_a_file_very_often_leaves_room_for_others(void **state)
{
	const char *path;
	unsigned int i, waiting = 0;

	(void)state;
	begin(8 * MIB);
	path = file_make("large", HASH_FILE_MAX);
	for (i = 0; i < 300; i++)
		waiting += answer(ask_by(1000, path)).state == HASH_SOON;
	assert_int_equal(waiting, 256);
	assert_state(ask_by(1001, path), HASH_SOON);
}

static void root_is_counted_alone(void **state)
{
	uint32_t uid;

	(void)state;
	assert_int_equal(hash_budget_user(0), 0);
	for (uid = 1; uid < 200000; uid++)
		assert_in_range(hash_budget_user(uid), 1, HASH_USERS - 1);
	assert_in_range(hash_budget_user(UINT32_MAX), 1, HASH_USERS - 1);
}

/* Another process sends them as fast as the hasher takes them: there is always a next one. */
static void requests_that_never_end_keep_no_file_from_being_read(void **state)
{
	struct hash_request gone = { .id = UINT64_MAX, .path = "/nowhere" };
	struct hash_answer a = { 0 };
	unsigned int others;
	uint64_t id;

	(void)state;
	begin(64 * MIB);
	id = ask_by(1000, file_make("large", 32 * MIB)); /* of 128 pieces; the budget is saved */
	sleeper = fork();
	if (!sleeper) {
		while (send(engine, &gone, sizeof(gone), 0) == sizeof(gone))
			continue;
		_exit(0);
	}
	for (others = 0; a.id != id || a.state == HASH_SOON; others += a.id != id) {
		assert_int_equal(recv(engine, &a, sizeof(a), 0), sizeof(a));
		if (others == 100000)
			fail_msg("the file was not read beside that many requests");
	}
	assert_int_equal(a.state, HASH_DONE);
}

static void who_fills_the_room_makes_room_for_others(void **state)
{
	uint64_t id;

	(void)state;
	begin(8 * MIB);
	pause_begin();
	ask_for_new_ones(1000, 40, 2 * MIB); /* eight more than there is room for */
	id = ask_by(1001, file_make("other", 6 * MIB));
	pause_end();
	assert_in_range(answered_before(id), 1,
	                20); /* those that had no room, and a few that had */
}

static void a_budget_below_a_chunk_reads_large_files_and_sleeps(void **state)
{
	const char *path = file_make("large", MIB + 100 * 1024);
	unsigned int before;
	uint64_t id;

	(void)state;
	begin(255 * 1024);
	id = ask(path);
	assert_state(id, HASH_SOON);
	before = switches();
	assert_state(id, HASH_DONE);
	assert_in_range(switches() - before, 1, 60); /* in three seconds */
}

static void nothing_is_read_beyond_the_budget_while_many_files_wait(void **state)
{
	unsigned int i, done = 0, late = 0;
	char name[32];
	int answered;

	(void)state;
	begin(1000);
	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "small-%u", i);
		answered = answer(ask(file_make(name, 100000))).state;
		done += answered == HASH_DONE;
		late += answered == HASH_TOO_MANY;
	}
	assert_int_equal(done, 1);
	assert_int_equal(late, 50 - 1 - 32);
}

/* 32 of them, each of the next user. */
static void large_ones_make_room(uint32_t (*next_uid)(uint32_t))
{
	unsigned int i;
	uint32_t uid = 1000;
	uint64_t id;
	char name[32];

	begin(8 * MIB);
	for (i = 0; i < 32; i++, uid = next_uid(uid)) {
		snprintf(name, sizeof(name), "large-%u", i);
		id = ask_by(uid, file_make(name, HASH_FILE_MAX));
		assert_state(id, HASH_SOON);
	}
	assert_state(ask_by(uid, file_make("large-too", HASH_FILE_MAX)), HASH_TOO_MANY);
	id = ask_by(next_uid(uid), file_make("smaller", 2 * MIB));
	assert_int_equal(answered_before(id), 1);
}

static uint32_t the_same(uint32_t uid)
{
	return uid;
}

/* A user may execute as many as there is room for; they take hours. */
static void large_files_make_room_for_a_smaller_one(void **state)
{
	(void)state;
	large_ones_make_room(the_same);
}

/* The next one that is counted apart from all before it. */
static uint32_t another(uint32_t uid)
{
	static uint64_t users;
	uint64_t user;

	users |= 1ULL << hash_budget_user(uid);
	do
		user = 1ULL << hash_budget_user(++uid);
	while (users & user);
	return uid;
}

static void large_files_of_many_users_make_room_for_a_smaller_one(void **state)
{
	(void)state;
	large_ones_make_room(another);
}

#define OF_A_HASHER(test) cmocka_unit_test_teardown(test, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OF_A_HASHER(a_file_that_grows_while_it_is_read_has_no_hash),
		OF_A_HASHER(a_file_that_shrinks_while_it_is_read_has_no_hash),
		OF_A_HASHER(a_small_file_that_does_not_end_holds_nobody_up),
		OF_A_HASHER(what_runs_is_hashed_if_it_was_changed_before_its_exec),
		OF_A_HASHER(a_folder_that_takes_the_place_of_another_one),
		OF_A_HASHER(more_folders_than_are_kept),
		OF_A_HASHER(a_script_by_its_path_and_by_links),
		OF_A_HASHER(what_is_not_there),
		OF_A_HASHER(links_that_lead_through_links),
		OF_A_HASHER(a_script_that_may_have_changed),
		OF_A_HASHER(what_only_its_process_can_name),
		OF_A_HASHER(in_a_root_directory_of_its_own),
		OF_A_HASHER(names_that_lead_to_a_file_system_that_never_answers),
		OF_A_HASHER(in_memory_times_show_no_change),
		OF_A_HASHER(in_memory_what_runs_is_read_to_its_end),
		OF_A_HASHER(a_memfd_that_runs_may_change),
		OF_A_HASHER(a_module_at_its_path),
		OF_A_HASHER(who_executes_ever_new_files_holds_nobody_up),
		OF_A_HASHER(small_files_of_two_users_hold_nobody_up),
		OF_A_HASHER(a_file_of_two_users_is_read_for_the_one_with_fewer),
		OF_A_HASHER(who_asks_for_a_file_very_often_leaves_room_for_others),
		cmocka_unit_test(root_is_counted_alone),
		OF_A_HASHER(requests_that_never_end_keep_no_file_from_being_read),
		OF_A_HASHER(who_fills_the_room_makes_room_for_others),
		OF_A_HASHER(a_budget_below_a_chunk_reads_large_files_and_sleeps),
		OF_A_HASHER(nothing_is_read_beyond_the_budget_while_many_files_wait),
		OF_A_HASHER(large_files_make_room_for_a_smaller_one),
		OF_A_HASHER(large_files_of_many_users_make_room_for_a_smaller_one),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
