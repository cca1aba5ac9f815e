/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes system calls, and says on standard output what each was given and gave back, as JSON, a
 * line a call: the truth for 'sextant trace' (tests/host/check_trace.py, tests/vm/guest.sh).
 *
 * usage: calls DIRECTORY [PROGRAM]   (PROGRAM: one of 32 bits to execute at last)
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096

static char *truth;
static size_t truth_size;
static FILE *out;

/* A parameter: its name and what it has to be, as JSON. */
static void hex_print(const void *bytes, size_t size)
{
	size_t i;

	fputs("{\"hex\":\"", out);
	for (i = 0; i < size; i++)
		fprintf(out, "%02x", ((const unsigned char *)bytes)[i]);
	fputs("\"}", out);
}

static void call_begin(const char *name, long result)
{
	fprintf(out, "{\"tid\":%ld,\"name\":\"%s\",\"result\":%ld,\"parameters\":{",
	        (long)syscall(SYS_gettid), name, result < 0 ? -errno : result);
}

static void call_end(void)
{
	fputs("}}\n", out);
}

static void number(const char *comma, const char *name, long value)
{
	fprintf(out, "%s\"%s\":%ld", comma, name, value);
}

static void word(const char *comma, const char *name, const char *value)
{
	fprintf(out, "%s\"%s\":\"%s\"", comma, name, value);
}

static void bytes(const char *comma, const char *name, const void *value, size_t size)
{
	fprintf(out, "%s\"%s\":", comma, name);
	hex_print(value, size);
}

static void text(const char *comma, const char *name, const char *value)
{
	bytes(comma, name, value, strlen(value));
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- texts where they are hard to read ------------------------------------- */

/* Its first bytes are at the end of one page, the others in the next. */
static char *across_pages(const char *string)
{
	char *pages =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		fail("mmap");
	return strcpy(pages + PAGE - 3, string);
}

/* In a page of a file that this process has not touched: only the call brings it in. */
static char *not_resident(const char *directory, const char *string)
{
	char path[256], *page;
	int fd;

	snprintf(path, sizeof(path), "%s/page", directory);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, string, strlen(string) + 1) < 0 || ftruncate(fd, PAGE))
		fail(path);
	page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	if (page == MAP_FAILED)
		fail("mmap");
	close(fd);
	return page;
}

static void files(const char *directory)
{
	char path[256], other[256], target[64], missing[256];
	char *name;
	long fd, n;

	snprintf(path, sizeof(path), "%s/file", directory);
	snprintf(other, sizeof(other), "%s/n\303\244me\n\"\\", directory);
	snprintf(missing, sizeof(missing), "%s/missing", directory);
	name = across_pages(path);
	fd = syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	call_begin("openat", fd);
	number("", "dfd", AT_FDCWD);
	text(",", "filename", path);
	word(",", "flags", "O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC");
	word(",", "mode", "0640");
	call_end();
	n = syscall(SYS_write, fd, "ab\0\377\ncd", 7);
	call_begin("write", n);
	number("", "fd", fd);
	bytes(",", "buf", "ab\0\377\ncd", 7);
	number(",", "count", 7);
	call_end();
	n = syscall(SYS_pread64, fd, target, sizeof(target), 2);
	call_begin("pread64", n);
	bytes("", "buf", "\0\377\ncd", 5);
	number(",", "pos", 2);
	call_end();
	n = syscall(SYS_ftruncate, fd, 3L);
	call_begin("ftruncate", n);
	number("", "length", 3);
	call_end();
	n = syscall(SYS_rename, path, other);
	call_begin("rename", n);
	text("", "oldname", path);
	text(",", "newname", other);
	call_end();
	n = syscall(SYS_symlink, "to somewhere", path);
	call_begin("symlink", n);
	text("", "oldname", "to somewhere");
	text(",", "newname", path);
	call_end();
	n = syscall(SYS_readlink, path, target, sizeof(target));
	call_begin("readlink", n);
	text("", "path", path);
	bytes(",", "buf", "to somewhere", 12);
	call_end();
	name = not_resident(directory, missing);
	n = syscall(SYS_open, name, O_RDONLY);
	call_begin("open", n);
	text("", "filename", missing);
	word(",", "flags", "O_RDONLY");
	call_end();
	n = syscall(SYS_open, (char *)16, O_RDONLY);
	call_begin("open", n);
	fputs("\"filename\":null", out);
	call_end();
	n = syscall(SYS_unlinkat, AT_FDCWD, other, 0);
	call_begin("unlinkat", n);
	text("", "pathname", other);
	call_end();
	n = syscall(SYS_mkdirat, AT_FDCWD, other, 0711);
	call_begin("mkdirat", n);
	word("", "mode", "0711");
	call_end();
	n = syscall(SYS_unlinkat, AT_FDCWD, other, AT_REMOVEDIR);
	call_begin("unlinkat", n);
	word("", "flag", "AT_REMOVEDIR");
	call_end();
	n = syscall(SYS_setxattr, path, "user.a", "value", 5, 0);
	call_begin("setxattr", n);
	text("", "name", "user.a");
	bytes(",", "value", "value", 5);
	call_end();
	close(fd);
	unlink(path);
}

static void sockets(const char *directory)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct iovec parts[2] = { { "ab", 2 }, { "cde", 3 } }, one;
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	char buffer[32];
	int pair[2];
	long n, fd;

	n = syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	call_begin("socketpair", n);
	word("", "family", "AF_UNIX");
	word(",", "type", "SOCK_STREAM|SOCK_CLOEXEC");
	fprintf(out, ",\"usockvec\":[%d,%d]", pair[0], pair[1]);
	call_end();
	n = syscall(SYS_sendmsg, pair[0], &message, MSG_NOSIGNAL);
	call_begin("sendmsg", n);
	fputs("\"msg\":{\"msg_iov\":[{\"data\":\"ab\",\"length\":2},{\"data\":\"cde\",\"length\":3}"
	      "],"
	      "\"msg_controllen\":0,\"msg_flags\":\"0\"},\"flags\":\"MSG_NOSIGNAL\"",
	      out);
	call_end();
	one = (struct iovec){ buffer, sizeof(buffer) };
	n = syscall(SYS_readv, pair[1], &one, 1);
	call_begin("readv", n);
	fputs("\"vec\":[{\"data\":\"abcde\",\"length\":32}]", out);
	call_end();
	n = syscall(SYS_sendto, pair[0], "xyz", 3, 0, NULL, 0);
	call_begin("sendto", n);
	bytes("", "buff", "xyz", 3);
	call_end();
	n = syscall(SYS_recvfrom, pair[1], buffer, sizeof(buffer), MSG_DONTWAIT, NULL, NULL);
	call_begin("recvfrom", n);
	bytes("", "ubuf", "xyz", 3);
	word(",", "flags", "MSG_DONTWAIT");
	call_end();
	n = syscall(SYS_recvfrom, pair[1], buffer, sizeof(buffer), MSG_DONTWAIT, NULL, NULL);
	call_begin("recvfrom", n);
	fputs("\"ubuf\":null", out);
	call_end();
	fd = syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
	call_begin("socket", fd);
	call_end();
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", directory);
	n = syscall(SYS_connect, fd, &address, sizeof(address));
	call_begin("connect", n);
	fputs("\"uservaddr\":{\"family\":\"AF_UNIX\",\"path\":\"", out);
	fprintf(out, "%s\"}", address.sun_path);
	call_end();
	n = syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, buffer, &(int){ 4 });
	call_begin("getsockopt", n);
	word("", "level", "SOL_SOCKET");
	bytes(",", "optval", "\1\0\0\0", 4);
	call_end();
}

static void others(void)
{
	struct timespec nap = { 0, 1500000 };
	struct pollfd none = { .fd = -1, .events = POLLIN };
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u64 = 77 };
	struct rlimit limit;
	struct utsname name;
	int pipes[2];
	long n, fd;

	n = syscall(SYS_pipe2, pipes, O_NONBLOCK);
	call_begin("pipe2", n);
	fprintf(out, "\"fildes\":[%d,%d],\"flags\":\"O_NONBLOCK\"", pipes[0], pipes[1]);
	call_end();
	n = syscall(SYS_nanosleep, &nap, NULL);
	call_begin("nanosleep", n);
	fputs("\"rqtp\":{\"tv_sec\":0,\"tv_nsec\":1500000}", out);
	call_end();
	n = syscall(SYS_poll, &none, 1, 0);
	call_begin("poll", n);
	fputs("\"ufds\":[{\"fd\":-1,\"events\":\"POLLIN\",\"revents\":\"0\"}],\"nfds\":1", out);
	call_end();
	fd = syscall(SYS_epoll_create1, EPOLL_CLOEXEC);
	call_begin("epoll_create1", fd);
	call_end();
	n = syscall(SYS_epoll_ctl, fd, EPOLL_CTL_ADD, pipes[0], &event);
	call_begin("epoll_ctl", n);
	word("", "op", "EPOLL_CTL_ADD");
	fputs(",\"event\":{\"events\":\"EPOLLIN|EPOLLET\",\"data\":\"0x4d\"}", out);
	call_end();
	n = syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
	call_begin("prlimit64", n);
	fprintf(out,
	        "\"resource\":\"RLIMIT_NOFILE\",\"old_rlim\":{\"rlim_cur\":%llu,\"rlim_max\":%llu}",
	        (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
	call_end();
	n = syscall(SYS_uname, &name);
	call_begin("uname", n);
	fprintf(out,
	        "\"name\":{\"sysname\":\"%s\",\"nodename\":\"%s\",\"release\":\"%s\",\"version\":"
	        "\"%s\",\"machine\":\"%s\"}",
	        name.sysname, name.nodename, name.release, name.version, name.machine);
	call_end();
	n = syscall(SYS_kill, getpid(), 0);
	call_begin("kill", n);
	call_end();
	n = syscall(SYS_kill, 1 << 30, SIGUSR2);
	call_begin("kill", n);
	word("", "sig", "SIGUSR2");
	call_end();
	n = syscall(SYS_prctl, PR_SET_NAME, "renamed", 0, 0, 0);
	call_begin("prctl", n);
	word("", "option", "PR_SET_NAME");
	call_end();
	n = syscall(9999);
	call_begin("unknown", n);
	call_end();
}

/* ---- threads and processes -------------------------------------------------- */

static void *thread(void *directory)
{
	char path[256];
	int i;

	for (i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "%s/%ld/%d", (char *)directory,
		         (long)syscall(SYS_gettid), i);
		syscall(SYS_rmdir, path);
	}
	return NULL;
}

/* The names say which thread and which call it was. */
static void threads(char *directory)
{
	pthread_t all[4];
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (pthread_create(&all[i], NULL, thread, directory))
			fail("pthread_create");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		pthread_join(all[i], NULL);
}

static void interrupted(int signal)
{
	(void)signal;
}

/* A call that a signal ends, and a child that is executed. */
static void children(const char *directory, const char *program)
{
	struct sigaction action = { .sa_handler = interrupted };
	struct itimerspec soon = { .it_value = { 0, 20000000 } };
	char *argv[] = { "first word", not_resident(directory, "second\tword"), "", NULL };
	char *empty[] = { NULL };
	timer_t timer;
	pid_t child;
	long n;

	sigaction(SIGALRM, &action, NULL);
	timer_create(CLOCK_MONOTONIC, &(struct sigevent){ .sigev_signo = SIGALRM }, &timer);
	timer_settime(timer, 0, &soon, NULL);
	n = syscall(SYS_pause);
	call_begin("pause", n);
	call_end();
	fflush(out);
	child = vfork();
	if (!child) {
		syscall(SYS_execve, program, argv, empty);
		_exit(111);
	}
	if (child < 0)
		fail("vfork");
	waitpid(child, NULL, 0);
	fprintf(out,
	        "{\"tid\":%d,\"name\":\"execve\",\"result\":0,\"parameters\":{\"filename\":\"%s\","
	        "\"argv\":[\"first word\",\"second\\tword\",\"\"]}}\n",
	        child, program);
}

int main(int argc, char **argv)
{
	if (argc < 2 || argc > 3) {
		fputs("usage: calls DIRECTORY [PROGRAM]\n", stderr);
		return 2;
	}
	out = open_memstream(&truth, &truth_size);
	if (!out)
		fail("open_memstream");
	files(argv[1]);
	sockets(argv[1]);
	others();
	threads(argv[1]);
	if (argc == 3)
		children(argv[1], argv[2]);
	fclose(out);
	return fwrite(truth, 1, truth_size, stdout) != truth_size || fflush(stdout);
}
