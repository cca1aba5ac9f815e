/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sextant bugreport: one archive (tar, gzip) with what a developer needs. Of the host's
 * name, the boot id and the rules it has nothing, of the events neither.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <zlib.h>

#include "loader/util/exit.h"
#include "loader/cli/commands.h"
#include "loader/config/setting_list.h"
#include "loader/host/host.h"
#include "loader/util/log.h"
#include "loader/util/monotonic.h"
#include "offsets/util/cleanup.h"
#include "offsets/util/safefile.h"

/* Of each file; what is longer is cut. Compressed, all of them are below 1 MB. */
#define FILE_BYTES  (512 * 1024)
#define COMMAND_NS  60000000000ULL
#define TAR_BLOCK   512
#define ARCHIVE_MAX 1000000

/* The archive while it is made. */
struct archive {
	z_stream stream;
	unsigned char *bytes;
	struct host host;
	bool failed;
};

/* ---- the form ---------------------------------------------------------- */

static void put(struct archive *a, const void *data, size_t size)
{
	a->stream.next_in = (void *)data;
	a->stream.avail_in = size;
	if (deflate(&a->stream, Z_NO_FLUSH) != Z_OK || a->stream.avail_in)
		a->failed = true;
}

/* POSIX.1-1988 (ustar): numbers are octal, the checksum is of the header with blanks for it. */
static void member_put(struct archive *a, const char *name, const char *text, size_t size)
{
	static const char zeroes[TAR_BLOCK];
	unsigned char header[TAR_BLOCK] = { 0 };
	unsigned int sum = 0, i;

	snprintf((char *)header, 100, "sextant-bugreport/%s", name);
	snprintf((char *)header + 100, 8, "%07o", 0644);
	snprintf((char *)header + 108, 8, "%07o", 0);
	snprintf((char *)header + 116, 8, "%07o", 0);
	snprintf((char *)header + 124, 12, "%011zo", size);
	snprintf((char *)header + 136, 12, "%011llo", (unsigned long long)time(NULL));
	memcpy(header + 148, "        ", 8);
	header[156] = '0';
	memcpy(header + 257, "ustar\00000", 8);
	for (i = 0; i < TAR_BLOCK; i++)
		sum += header[i];
	snprintf((char *)header + 148, 8, "%06o", sum);
	put(a, header, sizeof(header));
	put(a, text, size);
	put(a, zeroes, (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

/* ---- what is not for others --------------------------------------------- */

/* "vm" is no word of "kvm" or "vmlinux". */
static bool is_word(const char *text, size_t size, const char *at, size_t length)
{
	const char *end = at + length;

	return (at == text || !isalnum((unsigned char)at[-1])) &&
	       (end == text + size || !isalnum((unsigned char)*end));
}

/* Replaces each word by as many 'x', so that sizes and columns stay. */
static void word_hide(char *text, size_t size, const char *word)
{
	size_t length = strlen(word);
	char *at = text, *found;

	while (length && (found = memmem(at, size - (at - text), word, length))) {
		if (is_word(text, size, found, length))
			memset(found, 'x', length);
		at = found + length;
	}
}

/* The rest of each line behind the word. */
static void rest_hide(char *text, size_t size, const char *word)
{
	size_t length = strlen(word);
	char *at = text, *end = text + size, *found;

	while ((found = memmem(at, end - at, word, length)))
		for (at = found + length; at < end && *at != '\n'; at++)
			*at = 'x';
}

/* The value of each JSON member of that name, which is a string. */
static void string_hide(char *text, size_t size, const char *name)
{
	size_t length = strlen(name);
	char *at = text, *end = text + size, *found;

	while ((found = memmem(at, end - at, name, length)))
		for (at = found + length; at < end && *at != '"'; at++) {
			if (*at == '\\' && at + 1 < end)
				*at++ = 'x';
			*at = 'x';
		}
}

static void text_put(struct archive *a, const char *name, char *text, size_t size)
{
	word_hide(text, size, a->host.name);
	word_hide(text, size, a->host.boot_id);
	rest_hide(text, size, "rule = ");
	string_hide(text, size, "\"rule\":\"");
	member_put(a, name, text, size);
}

/* ---- where it comes from ------------------------------------------------ */

static size_t read_until(int fd, char *ret, size_t room, uint64_t end_ns)
{
	struct pollfd wait = { fd, POLLIN, 0 };
	size_t size = 0;
	uint64_t now;
	ssize_t n;

	while (size < room && (now = clock_monotonic_ns()) < end_ns &&
	       poll(&wait, 1, (end_ns - now) / 1000000 + 1) > 0) {
		n = read(fd, ret + size, room - size);
		if (n <= 0)
			break;
		size += n;
	}
	return size;
}

static void file_add(struct archive *a, const char *name, const char *path)
{
	CLEANUP(cleanup_free) char *text = malloc(FILE_BYTES);
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (text && fd >= 0)
		text_put(a, name, text,
		         read_until(fd, text, FILE_BYTES, clock_monotonic_ns() + COMMAND_NS));
}

/* What this program prints with these arguments; a command that hangs is ended. */
static void command_add(struct archive *a, const char *name, char *const *argv)
{
	CLEANUP(cleanup_free) char *text = malloc(FILE_BYTES);
	CLEANUP(cleanup_fd) int out = -1;
	int pipe_fds[2];
	size_t size;
	pid_t pid;

	if (!text || pipe2(pipe_fds, O_CLOEXEC))
		return;
	out = pipe_fds[0];
	pid = fork();
	if (!pid) {
		dup2(pipe_fds[1], STDOUT_FILENO);
		dup2(pipe_fds[1], STDERR_FILENO);
		execv("/proc/self/exe", argv);
		_exit(EXIT_FAILED);
	}
	close(pipe_fds[1]);
	size = read_until(out, text, FILE_BYTES, clock_monotonic_ns() + COMMAND_NS);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	text_put(a, name, text, size);
}

static void all_add(struct archive *a, const struct config *config)
{
	static const char *const files[][2] = {
		{ "version", "/proc/version" },
		{ "os-release", "/etc/os-release" },
		{ "cmdline", "/proc/cmdline" },
		{ "lsm", "/sys/kernel/security/lsm" },
		{ "cpus-possible", "/sys/devices/system/cpu/possible" },
		{ "cpus-online", "/sys/devices/system/cpu/online" },
		{ "kprobe_events", "/sys/kernel/debug/tracing/kprobe_events" },
		{ "kprobe-blacklist", "/sys/kernel/debug/kprobes/blacklist" },
		{ "perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid" },
		{ "status", "/proc/self/status" },
	};
	const char *control = config->control ? config->control : CONTROL_SOCKET;
	const char *db = config->databases.paths[0];
	char *check[] = {
		"sextant", "check", "--json", "--events", "all", "--db", (char *)db, NULL
	};
	char *show[] = { "sextant", "show", "--json", "--db", (char *)db, NULL };
	char *status[] = { "sextant", "status", "--json", "--control", (char *)control, NULL };
	char *settings[] = { "sextant", "config", config->file ? "--config" : NULL,
		             (char *)config->file, NULL };
	char *version[] = { "sextant", "--version", NULL };
	size_t i;

	command_add(a, "sextant-version", version);
	command_add(a, "check.json", check);
	command_add(a, "show.json", show);
	command_add(a, "status.json", status);
	command_add(a, "config", settings);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		file_add(a, files[i][0], files[i][1]);
}

/* ----------------------------------------------------------------------- */

static int archive_write(struct archive *a, const char *path, struct offsets_error *error)
{
	static const char end[2 * TAR_BLOCK];
	int done;

	put(a, end, sizeof(end));
	done = deflate(&a->stream, Z_FINISH);
	if (a->failed || done != Z_STREAM_END)
		return offsets_fail(error, -EFBIG, "%s: the report would be larger than %u bytes",
		                    path, ARCHIVE_MAX);
	return safefile_replace(path, 0600, a->bytes, a->stream.total_out, error);
}

/*
 * --output of the command line; that of a configuration file is for events. -EINVAL: it is not a
 * file.
 */
static int archive_path(const struct config *config, struct output_config *ret,
                        struct offsets_error *error)
{
	const struct setting_list *s = config->settings;
	size_t i;

	snprintf(ret->target, sizeof(ret->target), "sextant-bugreport.tar.gz");
	for (i = 0; i < s->count; i++) {
		if (s->items[i].option != option_find("output") || s->items[i].path)
			continue;
		output_config_parse(s->items[i].value, 0, FORMAT_JSON, ret, error);
		if (ret->kind != OUTPUT_STREAM || !strcmp(ret->target, "-"))
			return offsets_fail(error, -EINVAL,
			                    "--output %s: bugreport writes an archive; give the "
			                    "path of a file",
			                    s->items[i].value);
	}
	return 0;
}

int command_bugreport(const struct config *config)
{
	CLEANUP(cleanup_free) unsigned char *bytes = malloc(ARCHIVE_MAX);
	struct archive a = { .bytes = bytes };
	struct output_config output = { 0 };
	const char *path = output.target;
	struct offsets_error error;
	int err = archive_path(config, &output, &error);

	if (err) {
		log_line(LEVEL_ERROR, "%s", error.text);
		return EXIT_MISUSE;
	}
	err = host_identify(&a.host, &error);
	/* 15 + 16: with the header of gzip */
	if (!bytes || deflateInit2(&a.stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
	                           Z_DEFAULT_STRATEGY) != Z_OK) {
		log_line(LEVEL_ERROR, "out of memory");
		return EXIT_FAILED;
	}
	a.stream.next_out = bytes;
	a.stream.avail_out = ARCHIVE_MAX;
	if (!err) {
		all_add(&a, config);
		err = archive_write(&a, path, &error);
	}
	deflateEnd(&a.stream);
	if (err) {
		log_line(LEVEL_ERROR, "%s", error.text);
		return EXIT_FAILED;
	}
	log_line(LEVEL_INFO, "%s is written; look through it before you send it", path);
	return EXIT_DONE;
}
