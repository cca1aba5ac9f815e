/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, bytes that are awkward to show, and children. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/siege.h"

static uint64_t state;

void random_seed(uint64_t seed)
{
	state = seed;
}

/* splitmix64 */
uint64_t random_next(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

uint32_t any(uint32_t count)
{
	return count ? random_next() % count : 0;
}

/* ---- bytes ------------------------------------------------------------ */

/* What JSON, terminals, splitlines(), C strings and UTF-8 decoders stumble over. */
static const char *const awkward[] = {
	"\x1b[2J\x1b[H",
	"\x1b]0;title\x07",
	"\x1b[31m",
	"\r\n",
	"\n",
	"\r",
	"\"",
	"\\",
	"\\u0000",
	"\",\"event\":{\"action\":\"exec\"}",
	"\xc2\x85",
	"\xe2\x80\xa8",
	"\xe2\x80\xa9",
	"\xe2\x80\xae",
	"\xef\xbb\xbf",
	"\xef\xbf\xbd",
	"\xef\xbf\xbf",
	"\xc0\x80",
	"\xc1\xbf",
	"\xed\xa0\x80",
	"\xed\xbf\xbf",
	"\xf4\x90\x80\x80",
	"\xf8\x88\x80\x80\x80",
	"\xf0\x9f\x92\xa9",
	"\xe2\x82",
	"\xf0\x9f\x92",
	"\x80",
	"\xff",
	"\xfe\xff",
	"\x7f",
	"\x01",
	"\x9b"
	"2J",
	"%s%n%x",
	"' \"$(id)`id`",
	"--",
	" ",
	"\t",
	"{}[]:,",
	"</script>",
	"(deleted)",
	" (deleted)",
	"=",
	"../",
};

#define AWKWARD (sizeof(awkward) / sizeof(awkward[0]))

static void fill_awkward(char *to, size_t size)
{
	size_t n;

	for (; size; to += n, size -= n) {
		const char *piece = awkward[any(AWKWARD)];

		n = strlen(piece) < size ? strlen(piece) : size;
		memcpy(to, piece, n);
	}
}

static void fill_random(char *to, size_t size, unsigned int from, unsigned int count)
{
	size_t i;

	for (i = 0; i < size; i++)
		to[i] = from + any(count);
}

void bytes_any(char *to, size_t size)
{
	switch (any(6)) {
	case 0:
		fill_random(to, size, 1, 255);
		break;
	case 1:
		fill_random(to, size, 1, 31);
		break;
	case 2:
		fill_random(to, size, 0x80, 128);
		break;
	case 3:
		memset(to, 1 + any(255), size);
		break;
	case 4:
		fill_random(to, size, 'a', 26);
		break;
	default:
		fill_awkward(to, size);
	}
}

size_t name_any(char *to, size_t max)
{
	size_t size = 1 + any(max > 255 ? 255 : max), i;

	bytes_any(to, size);
	for (i = 0; i < size; i++)
		if (to[i] == '/')
			to[i] = '\n';
	to[size] = '\0';
	if (!strcmp(to, ".") || !strcmp(to, ".."))
		to[0] = '\x1b';
	return size;
}

/* ---- children --------------------------------------------------------- */

pid_t spawn(void)
{
	uint64_t seed = random_next();
	pid_t pid = fork();

	if (!pid)
		state = seed;
	if (pid < 0)
		usleep(1000); /* RLIMIT_NPROC: no need to spin */
	return pid;
}

/* One that stops itself would be waited for until the round ends. */
void reap(pid_t child)
{
	int status;
	pid_t pid;

	if (child <= 0)
		return;
	do {
		pid = waitpid(child, &status, __WALL | WUNTRACED);
		if (pid == child && WIFSTOPPED(status))
			kill(child, SIGKILL);
	} while (pid == child ? WIFSTOPPED(status) : errno == EINTR);
}

void in_child(void (*what)(void))
{
	pid_t pid = spawn();

	if (!pid) {
		what();
		_exit(0);
	}
	reap(pid);
}

void execute(const char *path, char *const argv[], char *const envp[])
{
	pid_t pid = vfork();

	if (!pid) {
		execve(path, argv, envp);
		_exit(1);
	}
	if (pid < 0)
		usleep(1000);
	reap(pid);
}

/* ---- a program -------------------------------------------------------- */

#define LOAD_AT 0x400000

/* exit_group(0): the smallest there is, so that execs come as fast as they can. */
#ifdef __x86_64__
#define MACHINE EM_X86_64
#define CODE                                                \
	{                                                   \
		0x31, 0xff, 0xb8, 0xe7, 0, 0, 0, 0x0f, 0x05 \
	}
#else
#error "the machine code of exit_group(0) is needed"
#endif

static const struct {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	unsigned char code[16];
} program = {
	.header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = MACHINE,
		.e_version = EV_CURRENT,
		.e_entry = LOAD_AT + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
	},
	.segment = {
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_vaddr = LOAD_AT,
		.p_paddr = LOAD_AT,
		.p_filesz = sizeof(program),
		.p_memsz = sizeof(program),
		.p_align = 0x1000,
	},
	.code = CODE,
};

const void *const program_bytes = &program;
const size_t program_size = sizeof(program);

bool file_write(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	bool done = fd >= 0 && write(fd, data, size) == (ssize_t)size;

	if (fd >= 0)
		close(fd);
	return done;
}

bool program_write(const char *path)
{
	return file_write(path, program_bytes, program_size);
}
