/* SPDX-License-Identifier: BSD-2-Clause */
/* Ways by descriptors and mappings: how a file that has its name gets another text. */
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/scenario_file.h"
#include "tests/host/scenario_ring.h"
#include "tests/host/scenario_ways.h"

static int opened(int flags)
{
	int fd = open(KEYS, flags | O_CLOEXEC);

	can(fd >= 0);
	return fd;
}

/* A file with that text, to be read. */
static int source(void)
{
	int fd;

	text_write("x");
	fd = open("x", O_RDONLY | O_CLOEXEC);
	can(fd >= 0);
	return fd;
}

/* ---- descriptors ------------------------------------------------------ */

static void open_again(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	text_put(open(path, O_WRONLY | O_CLOEXEC));
}

static void by_path_descriptor(void)
{
	open_again(opened(O_PATH));
}

static void by_reading_descriptor(void)
{
	open_again(opened(O_RDONLY));
}

/* Before the way itself the file is opened for writing. */
static int kept = -1;

static void file_keep(void)
{
	kept = opened(O_RDWR);
}

static void file_keep_written(void)
{
	file_keep();
	can(write(kept, "old\n", 4) == 4);
}

/* As another name, which then becomes that of the file. */
static void other_name_keep(void)
{
	kept = open("x", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	can(kept >= 0 && write(kept, "old\n", 4) == 4 && !rename("x", KEYS));
}

static void put_in_kept(void)
{
	text_put(kept);
}

static void by_kept_away(void)
{
	int fd = opened(O_RDWR);

	can(!rename(".ssh", "s"));
	text_put(fd);
	can(!rename("s", ".ssh"));
}

static void by_tmpfile(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char path[64];

	can(fd >= 0 && write(fd, EVIL, 5) == 5 && !unlink(KEYS));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	can(!linkat(AT_FDCWD, path, AT_FDCWD, KEYS, AT_SYMLINK_FOLLOW));
}

/* ---- by another process ----------------------------------------------- */

/* A process that stays in the directory until it is ended. */
static pid_t stays(const char *where)
{
	int ready[2];
	char byte;
	pid_t child;

	can(!pipe(ready));
	child = fork();
	can(child >= 0);
	if (!child) {
		can(!chdir(where) && write(ready[1], "", 1) == 1);
		pause();
		_exit(0);
	}
	can(read(ready[0], &byte, 1) == 1);
	return child;
}

static void by_working_directory(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/cwd/authorized_keys", stays(".ssh"));
	text_put(open(path, O_WRONLY | O_CLOEXEC));
}

static void by_root_of_process(void)
{
	char path[256];

	snprintf(path, sizeof(path), "/proc/%d/root" WAYS_HOME "/" KEYS, stays("/"));
	can(!chdir("/tmp"));
	text_put(open(path, O_WRONLY | O_CLOEXEC));
}

union passed {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void descriptor_pass(int to, int fd)
{
	char byte = 0;
	struct iovec data = { &byte, 1 };
	union passed control = { .header = { CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS } };
	struct msghdr m = { .msg_iov = &data,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	can(sendmsg(to, &m, 0) == 1);
}

static int descriptor_take(int from)
{
	char byte;
	struct iovec data = { &byte, 1 };
	union passed control;
	struct msghdr m = { .msg_iov = &data,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof(control) };
	int fd;

	can(recvmsg(from, &m, 0) == 1);
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

static void by_passed_descriptor(void)
{
	int ends[2];
	pid_t child;

	can(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	child = fork();
	can(child >= 0);
	if (!child) {
		text_put(descriptor_take(ends[1]));
		_exit(0);
	}
	descriptor_pass(ends[0], opened(O_WRONLY));
	waitpid(child, NULL, 0);
}

/* A descriptor that stays open over an exec. */
static void by_exec(void)
{
	can(dup2(opened(O_WRONLY), 9) == 9);
	execl("/bin/sh", "sh", "-c", "echo evil >&9", NULL);
	can(0);
}

static void *put_by_thread(void *arg)
{
	can(!unshare(CLONE_FS) && !chdir(".ssh"));
	text_write("authorized_keys");
	return arg;
}

static void by_thread(void)
{
	pthread_t thread;

	can(!pthread_create(&thread, NULL, put_by_thread, NULL));
	pthread_join(thread, NULL);
}

/* ---- mappings --------------------------------------------------------- */

static char *mapped(int fd, int protection)
{
	char *ret = mmap(NULL, 4096, protection, MAP_SHARED, fd, 0);

	can(ret != MAP_FAILED);
	return ret;
}

static void by_mapping(void)
{
	memcpy(mapped(opened(O_RDWR), PROT_READ | PROT_WRITE), EVIL, 5);
}

static void by_protection(void)
{
	char *at = mapped(opened(O_RDWR), PROT_READ);

	can(!mprotect(at, 4096, PROT_READ | PROT_WRITE));
	memcpy(at, EVIL, 5);
}

static char *map_kept;

static void mapping_keep(void)
{
	map_kept = mapped(opened(O_RDWR), PROT_READ | PROT_WRITE);
}

static void put_in_mapping(void)
{
	memcpy(map_kept, EVIL, 5);
}

/* ---- without write(2) ------------------------------------------------- */

static void by_sendfile(void)
{
	can(sendfile(opened(O_WRONLY), source(), NULL, 5) == 5);
}

static void by_copy(void)
{
	can(syscall(SYS_copy_file_range, source(), NULL, opened(O_WRONLY), NULL, 5, 0) == 5);
}

static void by_splice(void)
{
	int ends[2];

	can(!pipe(ends) && write(ends[1], EVIL, 5) == 5);
	can(splice(ends[0], NULL, opened(O_WRONLY), NULL, 5, 0) == 5);
}

static void by_vmsplice(void)
{
	struct iovec data = { EVIL, 5 };
	int ends[2];

	can(!pipe(ends) && vmsplice(ends[1], &data, 1, 0) == 5);
	can(splice(ends[0], NULL, opened(O_WRONLY), NULL, 5, 0) == 5);
}

static void by_clone(void)
{
	can(!ioctl(opened(O_WRONLY | O_TRUNC), FICLONE, source()));
}

static void by_aio(void)
{
	struct iocb request = { .aio_lio_opcode = IOCB_CMD_PWRITE,
		                .aio_fildes = opened(O_WRONLY),
		                .aio_buf = (uintptr_t)EVIL,
		                .aio_nbytes = 5 };
	struct iocb *requests[] = { &request };
	struct io_event event;
	aio_context_t context = 0;

	can(!syscall(SYS_io_setup, 1, &context) &&
	    syscall(SYS_io_submit, context, 1, requests) == 1);
	can(syscall(SYS_io_getevents, context, 1, 1, &event, NULL) == 1 && event.res == 5);
}

static int ring_opens(struct ring *r, int slot)
{
	struct io_uring_sqe request = { .opcode = IORING_OP_OPENAT,
		                        .fd = AT_FDCWD,
		                        .addr = (uintptr_t)KEYS,
		                        .open_flags = O_WRONLY,
		                        .file_index = slot };

	return ring_do(r, &request);
}

static void ring_writes(struct ring *r, int fd, int flags)
{
	struct io_uring_sqe request = { .opcode = IORING_OP_WRITE,
		                        .fd = fd,
		                        .flags = flags,
		                        .addr = (uintptr_t)EVIL,
		                        .len = 5 };

	can(ring_do(r, &request) == 5);
}

static void by_ring(void)
{
	struct ring r;
	int fd;

	can(ring_open(&r));
	fd = ring_opens(&r, 0);
	can(fd >= 0);
	ring_writes(&r, fd, 0);
}

/* A file that is in no table of descriptors. From 5.15 on. */
static void by_fixed_file(void)
{
	int none = -1;
	struct ring r;

	can(ring_open(&r));
	can(!syscall(SYS_io_uring_register, r.fd, IORING_REGISTER_FILES, &none, 1));
	can(ring_opens(&r, 1) == 0);
	ring_writes(&r, 0, IOSQE_FIXED_FILE);
}

static void by_32_bits(void)
{
	can(has_32_bits());
	text_put(syscall_32(5 /* open */, KEYS, O_WRONLY));
}

const struct way ways_by_data[] = {
	{ "path-again", by_path_descriptor, NULL, AS_USER },
	{ "read-again", by_reading_descriptor, NULL, AS_USER },
	{ "kept", put_in_kept, file_keep, AS_USER },
	{ "kept-written", put_in_kept, file_keep_written, AS_USER },
	{ "kept-renamed", put_in_kept, other_name_keep, AS_USER },
	{ "kept-away", by_kept_away, NULL, AS_USER },
	{ "tmpfile", by_tmpfile, NULL, AS_USER },
	{ "proc-cwd", by_working_directory, NULL, AS_USER },
	{ "proc-root", by_root_of_process, NULL, AS_USER },
	{ "passed", by_passed_descriptor, NULL, AS_USER },
	{ "exec", by_exec, NULL, AS_USER },
	{ "thread", by_thread, NULL, AS_USER },
	{ "mmap", by_mapping, NULL, AS_USER },
	{ "mprotect", by_protection, NULL, AS_USER },
	{ "mapping-kept", put_in_mapping, mapping_keep, AS_USER },
	{ "sendfile", by_sendfile, NULL, AS_USER },
	{ "copy-range", by_copy, NULL, AS_USER },
	{ "splice", by_splice, NULL, AS_USER },
	{ "vmsplice", by_vmsplice, NULL, AS_USER },
	{ "clone", by_clone, NULL, AS_USER },
	{ "aio", by_aio, NULL, AS_USER },
	{ "io-uring", by_ring, NULL, AS_USER },
	{ "io-uring-fixed", by_fixed_file, NULL, AS_USER },
	{ "32-bits", by_32_bits, NULL, AS_USER },
	{ 0 },
};
