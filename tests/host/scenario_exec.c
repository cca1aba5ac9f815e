/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs by what they are given and what they are: arguments, environment, scripts, a memfd. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/host/scenario.h"

static void arguments(void)
{
	char *empty[] = { "", "", "x", "", NULL };
	char *awkward[] = { "two words", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x90\xa7",
		            "quote\"back\\slash", "tab\tline\n\x01\x7f", NULL };
	char *invalid[] = { "ok", "\xff\xfe", "\xc3", "\xed\xa0\x80", "\xc0\xaf", NULL };

	run("arguments-empty", program, empty, "code 0", NULL);
	run("arguments-awkward", program, awkward, "code 0", NULL);
	run("arguments-invalid-utf8", program, invalid, "code 0", NULL);
}

/* total: bytes of argv with its NULs, in arguments of 1,000. */
static void arguments_of(const char *name, size_t total)
{
	static char text[1000];
	static char last[1001];
	char *argv[256];
	size_t n = 0, left = total;

	memset(text, 'a', sizeof(text) - 1);
	for (; left > sizeof(text); left -= sizeof(text))
		argv[n++] = text;
	memset(last, 'z', left - 1);
	last[left - 1] = '\0';
	argv[n++] = last;
	argv[n] = NULL;
	run(name, program, argv, "code 0", NULL);
}

static void long_arguments(void)
{
	arguments_of("arguments-32767", 32767);
	arguments_of("arguments-32768", 32768);
	arguments_of("arguments-32769", 32769);
	arguments_of("arguments-100K", 100 * 1024);
}

/* Awkward values, variables that must not be shown, and more than the sensor reads. */
static void environment(void)
{
	static char large[6000];

	memset(large, 'L', sizeof(large) - 1);
	more_env[0] = "LD_PRELOAD=/tmp/\xff\xfe two\nlines\"";
	more_env[1] = "SECRET=LD_PRELOAD=x";
	more_env[2] = "LD_PRELOAD_NOT=1";
	more_env[3] = "no equals sign";
	run_plain("environment-awkward", "code 0", NULL);
	more_env[0] = large;
	more_env[1] = "LD_PRELOAD=behind";
	more_env[2] = more_env[3] = NULL;
	run_plain("environment-large", "code 0", NULL);
	more_env[0] = more_env[1] = NULL;
}

/* ---- scripts ------------------------------------------------------------ */

static void script_make(const char *path, const char *interpreter)
{
	char text[1300];

	snprintf(text, sizeof(text), "#!%s option\n", interpreter);
	file_write(path, O_CREAT | O_TRUNC, text);
}

/* Which file it is, and what is in it. */
static void script_record(const char *name, const char *path)
{
	char text[4096];
	struct stat st;
	ssize_t n = file_read(path, text, sizeof(text));

	require(n > 0 && !stat(path, &st), path);
	put("script\tcase=%s\tinode=%llu\tdevice=%u:%u", name, (unsigned long long)st.st_ino,
	    major(st.st_dev), minor(st.st_dev));
	put_hex("text", text, n);
	record_end();
}

static char *script_argv[] = { "script", "one", NULL };

static void script_run(const char *name, const char *path)
{
	script_record(name, path);
	run(name, path, script_argv, "code 0", NULL);
}

/* The times of files go by ticks: what is younger than one may have changed since. */
static void tick_wait(void)
{
	usleep(100000);
}

/* The directory is used again, and who looks for a script comes later. */
static void stays(int failed, const char *name)
{
	require(!failed || errno == EEXIST, name);
}

/* By links, as "links/directory/link". */
static void script_by_links(void)
{
	char path[1300];

	stays(mkdir("links", 0755), "links");
	stays(mkdir("linked", 0755), "linked");
	stays(symlink("../linked", "links/directory"), "link");
	snprintf(path, sizeof(path), "%s/script", directory);
	stays(symlink(path, "linked/link"), "link");
	script_run("script-by-links", "links/directory/link");
	snprintf(path, sizeof(path), "%s/links/../links/directory//link", directory);
	script_run("script-by-links-absolute", path);
}

/* The kernel calls it "/dev/fd/NUMBER". */
static void script_execute(void)
{
	char *envp[] = { "SCENARIO_CASE=script-by-descriptor", "SCENARIO_END=code 0", NULL };
	int fd = open("script", O_RDONLY);

	call_record("script-by-descriptor");
	syscall(SYS_execveat, fd, "", script_argv, envp, AT_EMPTY_PATH);
	require(0, "execveat");
}

static void script_by_descriptor(void)
{
	if (syscall(SYS_execveat, -1, "", script_argv, script_argv, 0) && errno == ENOSYS)
		return;
	script_record("script-by-descriptor", "script");
	run("script-by-descriptor", NULL, NULL, NULL, script_execute);
}

/* What is done to it after its exec, or just before, must not be what is reported. */
static void scripts_that_change(void)
{
	require(!mkdir("moving", 0755), "moving");
	script_make("script-written", program);
	script_make("moving/script", program);
	tick_wait();
	script_run("script-written", "./script-written");
	file_write("script-written", 0, "#!/bin/other");
	script_run("script-moved", "moving/script");
	require(!rename("moving", "moved") && !mkdir("moving", 0755), "moved");
	script_make("moving/script", "/bin/other");
	require(!unlink("moving/script") && !rmdir("moving"), "moving");
	require(!unlink("moved/script") && !rmdir("moved"), "moved");
	script_make("script-just-made", program);
	script_run("script-just-made", "./script-just-made");
}

static void scripts(void)
{
	script_make("script", program);
	script_make("script-of-script", "./script");
	script_make("script-of-three", "./script-of-script");
	tick_wait();
	script_run("script", "./script");
	script_run("script-of-script", "./script-of-script");
	script_run("script-of-three", "./script-of-three");
	script_by_links();
	script_by_descriptor();
	scripts_that_change();
}

/* A format that the kernel recognizes by its first bytes. Not on kernels without binfmt_misc. */
static void binfmt_misc(void)
{
	char rule[1300];

	require(!mkdir("formats", 0755) || errno == EEXIST, "formats");
	if (mount("binfmt_misc", "formats", "binfmt_misc", 0, NULL))
		return;
	snprintf(rule, sizeof(rule), ":sextant:M::sextant-scenario::%s:", program);
	file_write("formats/register", 0, rule);
	file_write("misc", O_CREAT | O_TRUNC, "sextant-scenario\n");
	tick_wait();
	script_run("script-by-binfmt-misc", "./misc");
	file_write("formats/sextant", 0, "-1");
	require(!umount("formats"), "formats");
}

/* ---- a program without a file ------------------------------------------- */

static void memory_file(void)
{
	static char data[8 << 20];
	char path[64];
	ssize_t n = file_read(program, data, sizeof(data));
	int fd = syscall(SYS_memfd_create, "scenario", 0);

	require(n > 0 && fd >= 0 && write(fd, data, n) == n, "memfd");
	/* By a read-only descriptor: one open for writing is "text file busy". */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = open(path, O_RDONLY);
	require(n >= 0 && !close(fd), path);
	snprintf(path, sizeof(path), "/proc/self/fd/%zd", n);
	run("memfd", path, plain_argv, "code 0", NULL);
	close(n);
}

static void execs(void)
{
	arguments();
	long_arguments();
	environment();
	scripts();
	binfmt_misc();
	memory_file();
}

PART(.name = "exec", .run = execs);
