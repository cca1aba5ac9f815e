/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#include "loader/out/compressor.h"
#include "loader/util/log.h"
#include "offsets/confine/give_up.h"
#include "offsets/confine/syscall_rules.h"

#define CHUNK_BYTES (128 * 1024)
#define LOWEST      19 /* setpriority(2) */

/* Of what is compressed once and read rarely. zstd's takes as long as writing the lines did. */
#define GZIP_LEVEL 6
#define ZSTD_LEVEL 1

static const struct {
	const char *name, *suffix;
} kinds[COMPRESSIONS] = {
	[COMPRESSION_NONE] = { "no", "" },
	[COMPRESSION_GZIP] = { "gzip", ".gz" },
	[COMPRESSION_ZSTD] = { "zstd", ".zst" },
};

const char *compression_suffix(enum compression compression)
{
	return kinds[compression].suffix;
}

enum compression compression_parse(const char *name)
{
	enum compression i;

	for (i = 0; i < COMPRESSIONS && strcmp(name, kinds[i].name); i++)
		;
	return i;
}

/* ---- in the process of its own ------------------------------------------- */

static char chunk[CHUNK_BYTES], packed[CHUNK_BYTES];

static bool all_written(int out, const char *data, size_t size)
{
	ssize_t n;

	for (; size; data += n, size -= n) {
		n = write(out, data, size);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return false;
	}
	return true;
}

static ssize_t chunk_read(int in)
{
	ssize_t n;

	do
		n = read(in, chunk, sizeof(chunk));
	while (n < 0 && errno == EINTR);
	return n;
}

static bool gzip_all(int in, int out)
{
	z_stream z = { 0 };
	ssize_t n;
	int done;

	/* 15 + 16: with the head of gzip */
	if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	do {
		n = chunk_read(in);
		if (n < 0)
			return false;
		z.next_in = (unsigned char *)chunk;
		z.avail_in = n;
		do {
			z.next_out = (unsigned char *)packed;
			z.avail_out = sizeof(packed);
			done = deflate(&z, n ? Z_NO_FLUSH : Z_FINISH);
			if (!all_written(out, packed, sizeof(packed) - z.avail_out))
				return false;
		} while (!z.avail_out);
	} while (n);
	return done == Z_STREAM_END;
}

static bool zstd_all(int in, int out)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	ssize_t n;
	size_t left;

	if (!context ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, ZSTD_LEVEL)))
		return false;
	do {
		ZSTD_inBuffer from = { chunk, 0, 0 };

		n = chunk_read(in);
		if (n < 0)
			return false;
		from.size = n;
		do {
			ZSTD_outBuffer to = { packed, sizeof(packed), 0 };

			left = ZSTD_compressStream2(context, &to, &from,
			                            n ? ZSTD_e_continue : ZSTD_e_end);
			if (ZSTD_isError(left) || !all_written(out, packed, to.pos))
				return false;
		} while (n ? from.pos < from.size : left);
	} while (n);
	return true;
}

static int syscalls_restrict(void)
{
	struct syscall_rules r;

	syscall_rules_init(&r, SCMP_ACT_ERRNO(EPERM));
	if (r.err)
		return r.err;
	syscall_rules_of_all(&r);
	syscall_rules_of(&r, SCMP_ACT_ALLOW, (const char *const[]){ "fsync" }, 1);
	return syscall_rules_enter(&r);
}

static void confine(int in, int out)
{
	struct lacks lacks = { (char[256]){ "" }, 256 };
	int fds[] = { in, out };

	lacks_note(&lacks, "/dev/null", give_up_streams(1, fds, 2));
	give_up_descriptors(fds, 2);
	give_up_above(RLIMIT_CORE, 0);
	lacks_note(&lacks, "a user of its own", give_up_user(user_of_its_own()));
	lacks_note(&lacks, "no capabilities", give_up_capabilities());
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of the user takes it back */
	lacks_note(&lacks, "no_new_privs", give_up_new_privileges());
	lacks_note(&lacks, "seccomp", syscalls_restrict());
	if (*lacks.text)
		log_line(LEVEL_DEBUG, "this system lacks for the process that compresses: %s",
		         lacks.text);
}

static void run(enum compression compression, int in, int out)
{
	bool done;

	prctl(PR_SET_NAME, "sextant-compress");
	setpriority(PRIO_PROCESS, 0, LOWEST);
	confine(in, out);
	done = compression == COMPRESSION_ZSTD ? zstd_all(in, out) : gzip_all(in, out);
	_exit(done && !fsync(out) ? 0 : 1);
}

int compressor_start(enum compression compression, int in, int out, pid_t *ret_pid,
                     struct offsets_error *error)
{
	*ret_pid = fork();
	if (!*ret_pid)
		run(compression, in, out);
	return *ret_pid > 0 ? 0
	                    : offsets_fail(error, -errno,
	                                   "the process that compresses cannot be started: %s",
	                                   strerror(errno));
}
