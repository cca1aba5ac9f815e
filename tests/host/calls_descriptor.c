/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that take a descriptor, memory, limits and clocks, for tests/host/calls.c. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "tests/host/calls.h"

static void copies(const int *pipes)
{
	struct flock lock = { .l_type = F_WRLCK, .l_start = 3, .l_len = 4 };
	long n, fd;

	fd = syscall(SYS_dup, pipes[0]);
	call_begin("dup", fd);
	number("fildes", pipes[0]);
	call_end();
	n = syscall(SYS_dup3, pipes[0], fd, O_CLOEXEC);
	call_begin("dup3", n);
	number("oldfd", pipes[0]);
	number("newfd", fd);
	word("flags", "O_CLOEXEC");
	call_end();
	n = syscall(SYS_fcntl, fd, F_GETFL, 0);
	call_begin("fcntl", n);
	number("fd", fd);
	word("cmd", "F_GETFL");
	call_end();
	n = syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 50);
	call_begin("fcntl", n);
	word("cmd", "F_DUPFD_CLOEXEC");
	number("arg", 50);
	call_end();
	close(n);
	n = syscall(SYS_fcntl, fd, F_SETLK, &lock);
	call_begin("fcntl", n); /* EBADF: it is not open for writing */
	word("cmd", "F_SETLK");
	json("arg", "{\"l_type\":\"F_WRLCK\",\"l_whence\":\"SEEK_SET\",\"l_start\":3,\"l_len\":4}");
	call_end();
	lock.l_type = F_RDLCK;
	n = syscall(SYS_fcntl, fd, F_GETLK, &lock);
	call_begin("fcntl", n);
	word("cmd", "F_GETLK");
	json("arg", "{\"l_type\":\"%s\",\"l_start\":3}", n ? "F_RDLCK" : "F_UNLCK");
	call_end();
	n = syscall(SYS_flock, fd, LOCK_EX | LOCK_NB);
	call_begin("flock", n);
	word("cmd", "LOCK_EX|LOCK_NB");
	call_end();
	n = syscall(SYS_close, fd);
	call_begin("close", n);
	number("fd", fd);
	call_end();
	n = syscall(SYS_close, -1);
	call_begin("close", n); /* EBADF */
	number("fd", -1);
	call_end();
	n = syscall(SYS_read, 99, &fd, sizeof(fd));
	call_begin("read", n);
	number("fd", 99);
	json("buf", "null");
	call_end();
}

static void vectors(const int *pipes)
{
	struct iovec parts[3] = { { "ab", 2 }, { across_pages("cdefg"), 5 }, { "", 0 } };
	char first[3], second[32];
	struct iovec in[2] = { { first, sizeof(first) }, { second, sizeof(second) } };
	long n;

	n = syscall(SYS_writev, pipes[1], parts, 3);
	call_begin("writev", n);
	json("vec", "[{\"data\":\"ab\",\"length\":2},{\"data\":\"cdefg\",\"length\":5},"
	            "{\"data\":\"\",\"length\":0}]");
	number("vlen", 3);
	call_end();
	n = syscall(SYS_ioctl, pipes[0], FIONREAD, &(int){ 0 });
	call_begin("ioctl", n);
	word("cmd", "FIONREAD");
	number("arg", 7);
	call_end();
	n = syscall(SYS_readv, pipes[0], in, 2);
	call_begin("readv", n);
	json("vec", "[{\"data\":\"abc\",\"length\":3},{\"data\":\"defg\",\"length\":32}]");
	call_end();
	n = syscall(SYS_writev, pipes[1], (void *)16, 1);
	call_begin("writev", n); /* EFAULT */
	json("vec", "null");
	call_end();
	n = syscall(SYS_ioctl, pipes[0], TCGETS, second);
	call_begin("ioctl", n); /* ENOTTY */
	number("fd", pipes[0]);
	word("cmd", "TCGETS");
	call_end();
	n = syscall(SYS_ioctl, pipes[0], FIOCLEX);
	call_begin("ioctl", n);
	word("cmd", "FIOCLEX");
	call_end();
}

/* Requests whose numbers say what is given, and others. */
static void requests(const char *directory, const int *pipes)
{
	const unsigned long wide = _IOC(_IOC_WRITE, 'z', 1, 300), back = _IOR('z', 2, int);
	char given[300], *page = not_touched();
	struct ifreq interface = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	long n;

	n = syscall(SYS_ioctl, pipes[0], FIONBIO, &(int){ 1 });
	call_begin("ioctl", n);
	word("cmd", "FIONBIO");
	number("arg", 1);
	call_end();
	n = syscall(SYS_ioctl, pipes[0], FIONREAD, page);
	call_begin("ioctl", n); /* the kernel brings the page in */
	number("arg", 0);
	call_end();
	n = syscall(SYS_ioctl, pipes[0], _IOWR('z', 1, char[7]), across_pages("7 bytes"));
	call_begin("ioctl", n); /* ENOTTY */
	bytes("arg", "7 bytes", 7);
	call_end();
	memset(given, 'g', sizeof(given));
	n = syscall(SYS_ioctl, pipes[0], wide, given);
	call_begin("ioctl", n); /* of so many 64 are printed */
	bytes("arg", given, 64);
	call_end();
	page = not_resident(directory, "not here");
	n = syscall(SYS_ioctl, pipes[0], back, page);
	call_begin("ioctl", n); /* nothing is given, and nothing comes back */
	json("arg", "\"%#lx\"", (long)page);
	call_end();
	n = syscall(SYS_ioctl, pipes[0], _IOW('z', 3, int), 5);
	call_begin("ioctl", n); /* no address */
	word("arg", "0x5");
	call_end();
	n = syscall(SYS_ioctl, fd, SIOCGIFINDEX, &interface);
	call_begin("ioctl", n);
	word("cmd", "SIOCGIFINDEX");
	json("arg", "{\"ifr_name\":\"lo\",\"ifr_ifindex\":%d}", interface.ifr_ifindex);
	call_end();
	close(fd);
}

static void waits(const int *pipes)
{
	struct pollfd fds[2] = { { .fd = -1, .events = POLLIN },
		                 { .fd = pipes[1], .events = POLLOUT } };
	struct epoll_event event = { .events = EPOLLOUT | EPOLLET, .data.u64 = 77 }, ready[3];
	struct timeval none = { 0, 0 };
	fd_set in, to;
	long n, fd;

	n = syscall(SYS_poll, fds, 2, 0);
	call_begin("poll", n);
	json("ufds",
	     "[{\"fd\":-1,\"events\":\"POLLIN\",\"revents\":\"0\"},"
	     "{\"fd\":%d,\"events\":\"POLLOUT\",\"revents\":\"POLLOUT\"}]",
	     pipes[1]);
	number("nfds", 2);
	call_end();
	n = syscall(SYS_ppoll, fds, 1, &(struct timespec){ 0, 1000 }, NULL, 8);
	call_begin("ppoll", n);
	json("ufds", "[{\"fd\":-1,\"events\":\"POLLIN\"}]");
	json("tsp", "{\"tv_sec\":0}");
	call_end();
	FD_ZERO(&in);
	FD_ZERO(&to);
	FD_SET(pipes[0], &in);
	FD_SET(pipes[1], &to);
	n = syscall(SYS_select, pipes[1] + 1, &in, &to, NULL, &none);
	call_begin("select", n);
	json("inp", "[%d]", pipes[0]);
	json("inp_ready", "[]");
	json("outp", "[%d]", pipes[1]);
	json("outp_ready", "[%d]", pipes[1]);
	json("exp", "null");
	json("tvp", "{\"tv_sec\":0,\"tv_usec\":0}");
	call_end();
	FD_SET(40, &in); /* a higher one may be more than the table of descriptors has */
	n = syscall(SYS_pselect6, 41, &in, NULL, NULL, &(struct timespec){ 0, 7 }, NULL);
	call_begin("pselect6", n); /* EBADF */
	json("inp", "[40]");
	json("tsp", "{\"tv_nsec\":7}");
	call_end();
	fd = syscall(SYS_epoll_create1, EPOLL_CLOEXEC);
	call_begin("epoll_create1", fd);
	word("flags", "EPOLL_CLOEXEC");
	call_end();
	n = syscall(SYS_epoll_create, 0);
	call_begin("epoll_create", n); /* EINVAL */
	number("size", 0);
	call_end();
	n = syscall(SYS_epoll_ctl, fd, EPOLL_CTL_ADD, pipes[1], &event);
	call_begin("epoll_ctl", n);
	word("op", "EPOLL_CTL_ADD");
	number("fd", pipes[1]);
	json("event", "{\"events\":\"EPOLLOUT|EPOLLET\",\"data\":\"0x4d\"}");
	call_end();
	n = syscall(SYS_epoll_wait, fd, ready, 3, 0);
	call_begin("epoll_wait", n);
	json("events", "[{\"events\":\"EPOLLOUT\",\"data\":\"0x4d\"}]");
	number("maxevents", 3);
	call_end();
	n = syscall(SYS_epoll_ctl, fd, EPOLL_CTL_DEL, 99, NULL);
	call_begin("epoll_ctl", n); /* EBADF */
	word("op", "EPOLL_CTL_DEL");
	call_end();
	close(fd);
}

static void descriptors_of_kinds(const char *directory)
{
	struct itimerspec soon = { .it_interval = { 1, 2 }, .it_value = { 1000, 3 } };
	uint64_t mask = 1ULL << (SIGUSR1 - 1);
	long n, fd;

	fd = syscall(SYS_memfd_create, across_pages("a name"), 1);
	call_begin("memfd_create", fd);
	text("uname", "a name");
	word("flags", "MFD_CLOEXEC");
	call_end();
	close(fd);
	fd = syscall(SYS_eventfd2, 5, O_NONBLOCK);
	call_begin("eventfd2", fd);
	number("count", 5);
	word("flags", "EFD_NONBLOCK");
	call_end();
	close(fd);
	fd = syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
	call_begin("timerfd_create", fd);
	word("clockid", "CLOCK_MONOTONIC");
	call_end();
	n = syscall(SYS_timerfd_settime, fd, 0, &soon, NULL);
	call_begin("timerfd_settime", n);
	json("utmr", "{\"it_interval.tv_sec\":1,\"it_interval.tv_nsec\":2,"
	             "\"it_value.tv_sec\":1000,\"it_value.tv_nsec\":3}");
	call_end();
	close(fd);
	fd = syscall(SYS_signalfd4, -1, &mask, sizeof(mask), O_CLOEXEC);
	call_begin("signalfd4", fd);
	word("user_mask", "0x200");
	call_end();
	close(fd);
	fd = syscall(SYS_inotify_init1, 0);
	n = syscall(SYS_inotify_add_watch, fd, directory, IN_CREATE);
	call_begin("inotify_add_watch", n);
	text("pathname", directory);
	word("mask", "IN_CREATE");
	call_end();
	close(fd);
}

static void memory(const char *directory)
{
	int fd = open(directory, O_RDONLY);
	long n, at;

	at = syscall(SYS_mmap, NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
	             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	call_begin("mmap", at);
	word("addr", "NULL");
	number("len", 2 * PAGE);
	word("prot", "PROT_READ|PROT_WRITE");
	word("flags", "MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE");
	number("fd", -1);
	call_end();
	n = syscall(SYS_mprotect, at, PAGE, PROT_NONE);
	call_begin("mprotect", n);
	json("start", "\"%#lx\"", at);
	word("prot", "PROT_NONE");
	call_end();
	n = syscall(SYS_madvise, at, 2 * PAGE, MADV_DONTNEED);
	call_begin("madvise", n);
	word("behavior", "MADV_DONTNEED");
	call_end();
	n = syscall(SYS_munmap, at, 2 * PAGE);
	call_begin("munmap", n);
	number("len", 2 * PAGE);
	call_end();
	n = syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	call_begin("mmap", n); /* ENODEV: a directory */
	word("flags", "MAP_SHARED");
	number("fd", fd);
	call_end();
	n = syscall(SYS_munmap, 1, PAGE);
	call_begin("munmap", n); /* EINVAL */
	word("addr", "0x1");
	call_end();
	close(fd);
}

static void limits(void)
{
	struct rlimit limit, wanted = { 1000, 2000 };
	struct rusage usage;
	long n;

	n = syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
	call_begin("prlimit64", n);
	word("resource", "RLIMIT_NOFILE");
	json("new_rlim", "null");
	json("old_rlim", "{\"rlim_cur\":%llu,\"rlim_max\":%llu}",
	     (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
	call_end();
	n = syscall(SYS_getrlimit, RLIMIT_CORE, &limit);
	call_begin("getrlimit", n);
	word("resource", "RLIMIT_CORE");
	json("rlim", "{\"rlim_cur\":%llu}", (unsigned long long)limit.rlim_cur);
	call_end();
	n = syscall(SYS_setrlimit, 99, &wanted);
	call_begin("setrlimit", n); /* EINVAL */
	word("resource", "0x63");
	json("rlim", "{\"rlim_cur\":1000,\"rlim_max\":2000}");
	call_end();
	n = syscall(SYS_getrusage, RUSAGE_SELF, &usage);
	call_begin("getrusage", n);
	word("who", "RUSAGE_SELF");
	json("ru", "{\"ru_maxrss\":%ld,\"ru_minflt\":%ld,\"ru_stime.tv_usec\":%ld}",
	     usage.ru_maxrss, usage.ru_minflt, (long)usage.ru_stime.tv_usec);
	call_end();
}

static void host(const char *directory)
{
	struct {
		unsigned int version;
		int pid;
	} header = { 0x20080522, 0 };
	struct utsname name;
	struct statfs fs;
	char *page = not_touched();
	long n;

	n = syscall(SYS_uname, &name);
	call_begin("uname", n);
	json("name",
	     "{\"sysname\":\"%s\",\"nodename\":\"%s\",\"release\":\"%s\",\"version\":\"%s\","
	     "\"machine\":\"%s\"}",
	     name.sysname, name.nodename, name.release, name.version, name.machine);
	call_end();
	n = syscall(SYS_statfs, directory, &fs);
	call_begin("statfs", n);
	text("pathname", directory);
	json("buf", "{\"f_type\":\"%#lx\",\"f_bsize\":%ld}", (long)fs.f_type, (long)fs.f_bsize);
	call_end();
	n = syscall(SYS_prctl, PR_SET_NAME, "renamed", 0, 0, 0);
	call_begin("prctl", n);
	word("option", "PR_SET_NAME");
	call_end();
	n = syscall(SYS_capget, &header, NULL);
	call_begin("capget", n);
	json("header", "{\"version\":\"0x20080522\",\"pid\":0}");
	call_end();
	n = syscall(SYS_getrandom, page, 8, 1 /* GRND_NONBLOCK */);
	call_begin("getrandom", n); /* the kernel brings the page in */
	if (n == 8)
		bytes("ubuf", page, 8);
	word("flags", "GRND_NONBLOCK");
	call_end();
	n = syscall(SYS_clock_gettime, CLOCK_BOOTTIME, (void *)16);
	call_begin("clock_gettime", n);
	word("which_clock", "CLOCK_BOOTTIME");
	json("tp", "null");
	call_end();
	n = syscall(9999);
	call_begin("unknown", n);
	call_end();
}

void calls_descriptors(const char *directory)
{
	int pipes[2];
	long n;

	n = syscall(SYS_pipe2, pipes, O_NONBLOCK);
	call_begin("pipe2", n);
	json("fildes", "[%d,%d]", pipes[0], pipes[1]);
	word("flags", "O_NONBLOCK");
	call_end();
	copies(pipes);
	vectors(pipes);
	requests(directory, pipes);
	waits(pipes);
	close(pipes[0]);
	close(pipes[1]);
	descriptors_of_kinds(directory);
	memory(directory);
	limits();
	host(directory);
}
