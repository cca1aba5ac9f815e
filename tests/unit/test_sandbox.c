/* SPDX-License-Identifier: BSD-2-Clause */
/* A process in the sandbox tries what a hostile package would have it do. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/capability.h>

#include "lkccb/confine/sandbox.h"

/* What an attempt gave: it exits with this. */
enum { REFUSED = 10, SUCCEEDED = 11, NOT_ENTERED = 12, LACKING = 13 };

#define FILE_BYTES 4096

static const char *needed; /* a part of the sandbox, without which nothing is to be seen */
static int kept;           /* a file that the process may write to */

static int attempt(bool succeeded)
{
	return succeeded ? SUCCEEDED : REFUSED;
}

/* Runs fn in the sandbox: its exit code, or minus the signal that ended it. In a container that
 * has no seccomp or no users there is nothing to be seen. */
static int run(enum sandbox_kind kind, int (*fn)(void))
{
	const struct sandbox sandbox = { .kind = kind,
		                         .keep = &kept,
		                         .keep_count = 1,
		                         .parent = getpid(),
		                         .memory_bytes = 512 << 20,
		                         .file_bytes = FILE_BYTES,
		                         .cpu_s = 5 };
	char lacks[512];
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (sandbox_enter(&sandbox, lacks, sizeof(lacks)))
			_exit(NOT_ENTERED);
		_exit(strstr(lacks, "seccomp") || (needed && strstr(lacks, needed)) ? LACKING
		                                                                    : fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void must(enum sandbox_kind kind, int (*fn)(void), int expected)
{
	int got = run(kind, fn);

	needed = NULL;
	if (got == LACKING)
		skip();
	assert_int_equal(got, expected);
}

/* ---- files ------------------------------------------------------------ */

static int open_for_writing(void)
{
	return attempt(open("/tmp/sextant-sandbox", O_WRONLY | O_CREAT, 0600) >= 0 ||
	               open("/dev/null", O_RDWR) >= 0 || creat("/tmp/sextant-sandbox", 0600) >= 0);
}

static int open_for_reading(void)
{
	return attempt(open("/etc/passwd", O_RDONLY) >= 0 || opendir("/"));
}

static int open_by_number(void) /* not by the libc's way */
{
	return attempt(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY) >= 0 ||
	               syscall(SYS_memfd_create, "x", 0) >= 0);
}

static int remove_and_rename(void)
{
	return attempt(!unlink("/tmp/sextant-sandbox") || !rename("/tmp", "/tmp2") ||
	               !chmod("/tmp", 0) || !mkdir("/tmp/sextant-sandbox", 0700));
}

static void files_cannot_be_opened_or_changed(void **state)
{
	(void)state;
	must(SANDBOX_READER, open_for_writing, REFUSED);
	must(SANDBOX_READER, open_for_reading, REFUSED);
	must(SANDBOX_READER, open_by_number, REFUSED);
	must(SANDBOX_READER, remove_and_rename, REFUSED);
}

static int write_too_much(void)
{
	char data[FILE_BYTES] = { 0 };

	if (pwrite(kept, data, sizeof(data), 0) != sizeof(data))
		return NOT_ENTERED;
	return attempt(pwrite(kept, data, 1, sizeof(data)) == 1);
}

static void what_is_written_is_limited(void **state)
{
	(void)state;
	must(SANDBOX_READER, write_too_much, REFUSED);
}

/* ---- descriptors ------------------------------------------------------ */

static int leaked;

static int write_to_the_leaked(void)
{
	return attempt(write(leaked, "x", 1) == 1 || write(1, "", 0) == 1);
}

static int output_is_null(void)
{
	struct stat st;

	return attempt(!fstat(1, &st) && S_ISCHR(st.st_mode) && write(2, "x", 1) == 1);
}

/* As a database is open in the parent, whatever the number; and beyond any limit of theirs. */
static void descriptors_are_not_inherited(void **state)
{
	static const int numbers[] = { 0, 3, 9, 1000 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

		if (fd < 0)
			fd = memfd_create("x", 0);
		leaked = numbers[i] ? fcntl(fd, F_DUPFD, numbers[i]) : fd;
		assert_true(leaked >= numbers[i]);
		must(SANDBOX_READER, write_to_the_leaked, REFUSED);
		must(SANDBOX_FETCHER, write_to_the_leaked, REFUSED);
		close(leaked);
		if (leaked != fd)
			close(fd);
	}
	must(SANDBOX_READER, output_is_null, SUCCEEDED);
}

/* ---- processes -------------------------------------------------------- */

static int start_a_program(void)
{
	execl("/bin/true", "true", NULL);
	return SUCCEEDED;
}

static int trace_the_parent(void)
{
	return attempt(!ptrace(PTRACE_ATTACH, getppid(), 0, 0));
}

static int write_into_the_parent(void)
{
	return attempt(syscall(SYS_process_vm_writev, getppid(), NULL, 0, NULL, 0, 0) == 0);
}

static void programs_and_other_processes_end_it(void **state)
{
	static int (*const attempts[])(void) = { start_a_program, trace_the_parent,
		                                 write_into_the_parent };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		must(SANDBOX_READER, attempts[i], -SIGSYS);
		must(SANDBOX_FETCHER, attempts[i], -SIGSYS);
		must(SANDBOX_STORING_FETCHER, attempts[i], -SIGSYS);
	}
}

static int signal_the_parent(void)
{
	return attempt(!kill(getppid(), 0) || !syscall(SYS_tgkill, getppid(), getppid(), 0));
}

static int fork_a_child(void)
{
	return attempt(fork() >= 0);
}

static int outlive(void)
{
	return attempt(setsid() >= 0 || !setpgid(0, 0) || !prctl(PR_SET_PDEATHSIG, 0));
}

static void no_signals_and_no_children(void **state)
{
	(void)state;
	must(SANDBOX_READER, signal_the_parent, REFUSED);
	must(SANDBOX_READER, fork_a_child, REFUSED);
	must(SANDBOX_FETCHER, signal_the_parent, REFUSED);
	must(SANDBOX_FETCHER, fork_a_child, REFUSED);
	must(SANDBOX_FETCHER, outlive, REFUSED);
	must(SANDBOX_STORING_FETCHER, signal_the_parent, REFUSED);
}

static void *thread(void *arg)
{
	return arg;
}

/* What readers need has to work: memory, threads, files that are open, abort(). */
static int start_threads(void)
{
	pthread_t threads[20];
	void *result = NULL;
	size_t i;

	for (i = 0; i < 20; i++)
		if (pthread_create(&threads[i], NULL, thread, threads))
			return REFUSED;
	for (i = 0; i < 20; i++)
		if (pthread_join(threads[i], &result) || result != threads)
			return REFUSED;
	return SUCCEEDED;
}

static int use_memory_and_the_file(void)
{
	char *memory =
		mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *file = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, kept, 0);

	if (memory == MAP_FAILED || file == MAP_FAILED || ftruncate(kept, 10) || !malloc(40 << 20))
		return REFUSED;
	memory[63 << 20] = 1;
	return attempt(pwrite(kept, "hello", 5, 0) == 5 && pread(kept, memory, 5, 0) == 5 &&
	               !memcmp(memory, "hello", 5));
}

static int call_abort(void)
{
	abort();
}

static void what_readers_need_works(void **state)
{
	(void)state;
	must(SANDBOX_READER, start_threads, SUCCEEDED);
	must(SANDBOX_READER, use_memory_and_the_file, SUCCEEDED);
	must(SANDBOX_READER, call_abort, -SIGABRT);
}

static int map_code(void)
{
	char *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return attempt(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	                    0) != MAP_FAILED ||
	               !mprotect(data, 4096, PROT_READ | PROT_EXEC));
}

/* Of address sanitizer's shadow there is more. */
static int too_much_memory(void)
{
#ifdef __SANITIZE_ADDRESS__
	return REFUSED;
#endif
	return attempt(mmap(NULL, 600 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	                    -1, 0) != MAP_FAILED);
}

static void memory_is_limited_and_not_executed(void **state)
{
	(void)state;
	must(SANDBOX_READER, map_code, REFUSED);
	must(SANDBOX_READER, too_much_memory, REFUSED);
}

/* ---- network ---------------------------------------------------------- */

static int connect_somewhere(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		                       .sin_port = htons(9),
		                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return REFUSED;
	return attempt(!connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	               errno == ECONNREFUSED);
}

static int unix_socket(void)
{
	int fds[2];

	return attempt(socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ||
	               !socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}

static void only_a_fetcher_has_the_network(void **state)
{
	(void)state;
	must(SANDBOX_READER, connect_somewhere, REFUSED);
	must(SANDBOX_READER, unix_socket, REFUSED);
	must(SANDBOX_FETCHER, connect_somewhere, SUCCEEDED);
}

static void a_fetcher_reads_files_and_writes_none(void **state)
{
	(void)state;
	must(SANDBOX_FETCHER, open_for_reading, SUCCEEDED);
	must(SANDBOX_FETCHER, open_for_writing, REFUSED);
}

static int store(void)
{
	int fd = open("x", O_RDWR | O_CREAT | O_EXCL, 0600);

	return attempt(fd >= 0 && write(fd, "x", 1) == 1 && !mkdir("d", 0700) &&
	               !rename("x", "y") && open("y", O_RDONLY) >= 0 && !unlink("y") &&
	               !rmdir("d") && open("/etc/passwd", O_RDONLY) >= 0);
}

/* Root removes the files later, and could follow links. */
static int make_links(void)
{
	return attempt(!symlink("/tmp", "link") || !link("/etc/passwd", "hard") ||
	               !mkfifo("pipe", 0600));
}

static int store_elsewhere(void)
{
	return attempt(open("../sextant-sandbox", O_WRONLY | O_CREAT, 0600) >= 0 ||
	               !mkdir("/tmp/sextant-sandbox", 0700) || open("/dev/null", O_RDWR) >= 0);
}

static void a_storing_fetcher_writes_in_its_directory_alone(void **state)
{
	(void)state;
	must(SANDBOX_STORING_FETCHER, store, SUCCEEDED);
	must(SANDBOX_STORING_FETCHER, make_links, REFUSED);
	needed = "Landlock";
	must(SANDBOX_STORING_FETCHER, store_elsewhere, REFUSED);
}

/* ---- who it is -------------------------------------------------------- */

static int is_nobody_with_nothing(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	syscall(SYS_capget, &header, caps);
	return attempt(getuid() && geteuid() && getgid() && getegid() && !getgroups(0, NULL) &&
	               !caps[0].permitted && !caps[1].permitted && !caps[0].effective &&
	               prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
	               prctl(PR_CAPBSET_READ, 21 /* CAP_SYS_ADMIN */, 0, 0, 0) == 0);
}

static void root_becomes_a_user_of_its_own(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	needed = "a user";
	must(SANDBOX_FETCHER, is_nobody_with_nothing, SUCCEEDED);
}

/* Who starts it may be nobody, too. */
static int in_a_second_sandbox(void)
{
	const struct sandbox second = { .parent = getppid(), .keep = &kept, .keep_count = 1 };
	char lacks[512];

	return sandbox_enter(&second, lacks, sizeof(lacks)) ? NOT_ENTERED : start_threads();
}

static void not_root_is_no_failure(void **state)
{
	(void)state;
	must(SANDBOX_FETCHER, in_a_second_sandbox, SUCCEEDED);
}

static void it_does_not_outlive_its_parent(void **state)
{
	const struct sandbox sandbox = { .parent = 1 };
	char lacks[512];
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (!pid)
		_exit(sandbox_enter(&sandbox, lacks, sizeof(lacks)) == -ESRCH ? REFUSED
		                                                              : SUCCEEDED);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), REFUSED);
}

/* The working directory, which a storing fetcher takes for its own. */
static char directory[] = "/tmp/sextant-store.XXXXXX";

static int group_leave(void **state)
{
	(void)state;
	return chdir("/") || rmdir(directory) ? -1 : 0;
}

static int group_enter(void **state)
{
	(void)state;
	if (!mkdtemp(directory) || chdir(directory))
		return -1;
	kept = memfd_create("kept", MFD_CLOEXEC);
	kept = fcntl(kept, F_DUPFD_CLOEXEC, 5);
	return kept < 0 ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_cannot_be_opened_or_changed),
		cmocka_unit_test(what_is_written_is_limited),
		cmocka_unit_test(descriptors_are_not_inherited),
		cmocka_unit_test(programs_and_other_processes_end_it),
		cmocka_unit_test(no_signals_and_no_children),
		cmocka_unit_test(what_readers_need_works),
		cmocka_unit_test(memory_is_limited_and_not_executed),
		cmocka_unit_test(only_a_fetcher_has_the_network),
		cmocka_unit_test(a_fetcher_reads_files_and_writes_none),
		cmocka_unit_test(a_storing_fetcher_writes_in_its_directory_alone),
		cmocka_unit_test(root_becomes_a_user_of_its_own),
		cmocka_unit_test(not_root_is_no_failure),
		cmocka_unit_test(it_does_not_outlive_its_parent),
	};

	return cmocka_run_group_tests(tests, group_enter, group_leave);
}
