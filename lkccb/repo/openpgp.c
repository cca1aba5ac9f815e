/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gpgv's exit status does not suffice: it is 0 for expired and revoked keys and
 * for SHA-1, and 2 if one of several keys is missing. So its --status-fd is
 * read (GnuPG's doc/DETAILS describes the lines).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "offsets/util/cleanup.h"
#include "lkccb/repo/openpgp.h"
#include "offsets/util/safefile.h"

#define KEYRING_BYTES_MAX (64 << 20)
#define GPGV_CPU_SECONDS  600

/* ---- keyrings --------------------------------------------------------- */

/* Must be trusted: it decides what is accepted. The text ends with NUL. */
static int contents_read(const char *path, char **ret, size_t *ret_size,
                         struct offsets_error *error)
{
	CLEANUP(cleanup_fd) int fd = -1;
	void *data;
	int err = safefile_open(path, SAFEFILE_TRUSTED, &fd, error);

	if (!err)
		err = safefile_read(fd, path, KEYRING_BYTES_MAX, &data, ret_size, error);
	if (err)
		return err;
	*ret = realloc(data, *ret_size + 1);
	if (!*ret) {
		free(data);
		return offsets_fail(error, -ENOMEM, "%s: out of memory", path);
	}
	(*ret)[*ret_size] = '\0';
	return 0;
}

static const char *line_next(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}

static bool line_begins(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

/* Headers ("Version: ...") end at an empty line, which careless tools leave out. */
static const char *headers_skip(const char *line)
{
	while (*line && *line != '-' && memchr(line, ':', line_next(line) - line))
		line = line_next(line);
	return *line == '\r' || *line == '\n' ? line_next(line) : line;
}

/*
 * Decodes the base64 lines from *line on, and moves it to the checksum or end
 * line after them. -EBADMSG: not base64.
 */
static int block_decode(const char **line, unsigned char *ret, size_t *ret_size)
{
	EVP_ENCODE_CTX *context = EVP_ENCODE_CTX_new();
	int n = 0, err = context ? 0 : -ENOMEM;

	if (err)
		return err;
	EVP_DecodeInit(context);
	*ret_size = 0;
	while (!err && **line && **line != '=' && **line != '-') {
		const char *next = line_next(*line);

		if (EVP_DecodeUpdate(context, ret + *ret_size, &n, (const unsigned char *)*line,
		                     next - *line) < 0)
			err = -EBADMSG;
		else
			*ret_size += n;
		*line = next;
	}
	if (!err && EVP_DecodeFinal(context, ret + *ret_size, &n) < 0)
		err = -EBADMSG;
	EVP_ENCODE_CTX_free(context);
	*ret_size += err ? 0 : n;
	return err;
}

/* Decodes all blocks of public keys, in place of the text: binary is shorter than base64. */
static int armor_decode(const char *text, unsigned char *ret, size_t *ret_size)
{
	const char *line = text;
	size_t n;
	int err = 0;

	*ret_size = 0;
	while (!err && *line) {
		bool begins = line_begins(line, "-----BEGIN PGP PUBLIC KEY BLOCK-----");

		line = line_next(line);
		if (!begins)
			continue;
		line = headers_skip(line);
		err = block_decode(&line, ret + *ret_size, &n);
		*ret_size += err ? 0 : n;
	}
	return err;
}

/* Armor is text; the first byte of binary data has its highest bit set. */
static bool armored(const char *text)
{
	const char *line;

	for (line = text; *line; line = line_next(line))
		if (line_begins(line, "-----BEGIN PGP "))
			return true;
	return false;
}

enum { PACKET_SECRET = 5, PACKET_PUBLIC = 6 };

/* The type of the first packet (RFC 9580, 4.2); 0: none. */
static int packet_kind(const unsigned char *data, size_t size)
{
	if (!size || !(data[0] & 0x80))
		return 0;
	return data[0] & 0x40 ? data[0] & 0x3f : data[0] >> 2 & 0xf;
}

static bool is_keybox(const unsigned char *data, size_t size)
{
	return size >= 32 && !memcmp(data + 8, "KBXf", 4);
}

static int keyring_check(const char *name, const unsigned char *data, size_t size,
                         struct offsets_error *error)
{
	int kind = packet_kind(data, size);

	if (kind == PACKET_PUBLIC || is_keybox(data, size))
		return 0;
	if (kind == PACKET_SECRET)
		return offsets_fail(error, -EBADMSG,
		                    "%s: contains a secret key; give the public keys as --keyring",
		                    name);
	return offsets_fail(error, -EBADMSG,
	                    "%s: contains no OpenPGP public key, neither armored nor binary; give "
	                    "another --keyring",
	                    name);
}

static int copy_write(const struct keyring *keyring, const void *data, size_t size,
                      struct offsets_error *error)
{
	CLEANUP(cleanup_fd)
	int fd = open(keyring->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0 && write(fd, data, size) == (ssize_t)size)
		return 0;
	return offsets_fail(error, -EIO, "%s: %s; set TMPDIR to a disk with space", keyring->path,
	                    strerror(errno));
}

int keyring_read(const char *name, const char *directory, struct keyring *ret,
                 struct offsets_error *error)
{
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(cleanup_free) unsigned char *keys = NULL;
	size_t size = 0;
	int err = contents_read(name, &text, &size, error);

	if (err)
		return err;
	ret->name = name;
	ret->directory = directory;
	ret->armored = armored(text);
	snprintf(ret->path, sizeof(ret->path), "%.4000s/keyring", directory);
	if (!ret->armored) {
		err = keyring_check(name, (unsigned char *)text, size, error);
		return err ? err : copy_write(ret, text, size, error);
	}
	keys = malloc(size + 64); /* decoded data is shorter */
	err = keys ? armor_decode(text, keys, &size) : -ENOMEM;
	if (err)
		return offsets_fail(error, err, "%s: malformed ASCII armor; give another --keyring",
		                    name);
	err = keyring_check(name, keys, size, error);
	return err ? err : copy_write(ret, keys, size, error);
}

/* ---- what gpgv says --------------------------------------------------- */

/* Why a signature does not count; later values are reported first. */
enum fault { FAULT_NONE, FAULT_UNKNOWN_KEY, FAULT_WEAK, FAULT_EXPIRED, FAULT_REVOKED, FAULT_BAD };

struct verdict {
	bool expired_ok;
	unsigned int good;
	bool broken;
	enum fault fault; /* the worst */
	char key[64];     /* of it */
	enum fault at_hand;
	char key_at_hand[64];
};

static const struct {
	const char *word;
	enum fault fault;
} words[] = {
	{ "GOODSIG ", FAULT_NONE },      { "EXPSIG ", FAULT_EXPIRED },
	{ "EXPKEYSIG ", FAULT_EXPIRED }, { "REVKEYSIG ", FAULT_REVOKED },
	{ "BADSIG ", FAULT_BAD },        { "ERRSIG ", FAULT_UNKNOWN_KEY },
};

/* The file is not a single message with its signatures. */
static const char *const breaks[] = { "ERROR ", "NODATA ", "UNEXPECTED ", "BADARMOR" };

static void fault_note(struct verdict *v)
{
	if (v->at_hand <= v->fault)
		return;
	v->fault = v->at_hand;
	memcpy(v->key, v->key_at_hand, sizeof(v->key));
}

/* "VALIDSIG FPR DATE TIME EXPIRE VERSION RESERVED KEY-ALGORITHM DIGEST CLASS ..." */
static void valid_note(struct verdict *v, const char *rest)
{
	int digest, class;

	/* 1 MD5, 2 SHA-1, 3 RIPEMD-160, 8 to 11 SHA-2, 12 and 14 SHA-3; class 0: bytes, 1: text. */
	if (sscanf(rest, "%*s %*s %*s %*s %*s %*s %*s %d %x", &digest, (unsigned int *)&class) !=
	            2 ||
	    class > 1)
		v->at_hand = FAULT_BAD;
	else if (digest < 8 && v->at_hand < FAULT_WEAK)
		v->at_hand = FAULT_WEAK;
	if (v->at_hand == FAULT_NONE ||
	    (v->at_hand == FAULT_EXPIRED && v->expired_ok && digest >= 8))
		v->good++;
	else
		fault_note(v);
	v->at_hand = FAULT_BAD; /* a second VALIDSIG without such a line does not count */
}

static void line_take(struct verdict *v, const char *line)
{
	static const char prefix[] = "[GNUPG:] ";
	size_t i;

	if (!line_begins(line, prefix))
		return;
	line += strlen(prefix);
	if (line_begins(line, "VALIDSIG ")) {
		valid_note(v, line + strlen("VALIDSIG "));
		return;
	}
	for (i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++)
		v->broken = v->broken || line_begins(line, breaks[i]);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!line_begins(line, words[i].word))
			continue;
		v->at_hand = words[i].fault;
		sscanf(line + strlen(words[i].word), "%63[0-9A-Fa-f]", v->key_at_hand);
		if (v->at_hand == FAULT_BAD || v->at_hand == FAULT_UNKNOWN_KEY)
			fault_note(v); /* no VALIDSIG follows */
	}
}

static int verdict_report(const struct keyring *k, const struct signature *s,
                          const struct verdict *v, struct offsets_error *error)
{
	const char *key = *v->key ? v->key : "unknown";

	if (v->good && !v->broken && v->fault != FAULT_BAD)
		return 0;
	switch (v->fault) {
	case FAULT_BAD:
		return offsets_fail(
			error, -EBADMSG,
			"%s: bad signature (key %s); the mirror is damaged or hostile, use another",
			s->what, key);
	case FAULT_REVOKED:
		return offsets_fail(error, -EBADMSG,
		                    "%s: signed by key %s, which was revoked; give a --keyring "
		                    "with the key that replaces it",
		                    s->what, key);
	case FAULT_EXPIRED:
		return offsets_fail(error, -EBADMSG,
		                    "%s: signed by key %s, which has expired (the key or its "
		                    "signature); update %s, or give --allow-expired for an archive "
		                    "that is no longer maintained",
		                    s->what, key, k->name);
	case FAULT_WEAK:
		return offsets_fail(error, -EBADMSG,
		                    "%s: signed by key %s with SHA-1 or weaker, which can be "
		                    "forged; use a repository with a newer signature, or give "
		                    "--no-signature to trust this one",
		                    s->what, key);
	case FAULT_UNKNOWN_KEY:
		return offsets_fail(error, -EBADMSG,
		                    "%s: not signed by a key of %s, but by %s; give the right "
		                    "--keyring",
		                    s->what, k->name, key);
	default:
		return offsets_fail(error, -EBADMSG,
		                    "%s: not signed by a key of %s: no signature that gpgv can "
		                    "read, or more than one message; use another mirror",
		                    s->what, k->name);
	}
}

/* ---- gpgv ------------------------------------------------------------- */

/* Without the user's configuration, and in the C locale. */
static void gpgv_run(const struct keyring *k, const struct signature *s, int out)
{
	const struct rlimit cpu = { GPGV_CPU_SECONDS, GPGV_CPU_SECONDS }, none = { 0, 0 };
	const char *inline_arguments[] = { "--output", s->output, "--", s->file, NULL };
	const char *detached_arguments[] = { "--", s->file, "-", NULL };
	const char *arguments[16] = { "gpgv",  "--homedir",   k->directory, "--keyring",
		                      k->path, "--status-fd", "1" };
	const char **more = s->data < 0 ? inline_arguments : detached_arguments;
	int null = open("/dev/null", O_RDWR), n = 7;

	while (*more)
		arguments[n++] = *more++;
	dup2(s->data < 0 ? null : s->data, 0);
	dup2(out, 1);
	dup2(null, 2);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &none);
	setenv("HOME", k->directory, 1);
	setenv("GNUPGHOME", k->directory, 1);
	setenv("LC_ALL", "C", 1);
	execvp(arguments[0], (char *const *)arguments);
	_exit(127);
}

/* Reads all lines: a signature file may name ten thousand keys. */
static void lines_take(int fd, struct verdict *v)
{
	FILE *in = fdopen(fd, "r");
	char line[1024];
	bool begins = true; /* a line, not the rest of a long one */

	if (!in) {
		close(fd);
		return;
	}
	while (fgets(line, sizeof(line), in)) {
		if (begins)
			line_take(v, line);
		begins = strchr(line, '\n') != NULL;
	}
	fclose(in);
}

static int gpgv_end(pid_t pid, const struct signature *s, struct offsets_error *error)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return offsets_fail(error, -errno, "gpgv: %s", strerror(errno));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return offsets_fail(error, -ENOENT,
		                    "gpgv is not installed; install it, or give --no-signature to "
		                    "believe the repository");
	if (!WIFEXITED(status))
		return offsets_fail(error, -EBADMSG, "%s: gpgv was killed by %s", s->what,
		                    strsignal(WTERMSIG(status)));
	return 0;
}

int keyring_verify(const struct keyring *k, const struct signature *s, struct offsets_error *error)
{
	struct verdict verdict = { .expired_ok = k->expired_ok, .at_hand = FAULT_BAD };
	int fds[2], err;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return offsets_fail(error, -errno, "gpgv: %s", strerror(errno));
	pid = fork();
	if (!pid)
		gpgv_run(k, s, fds[1]);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return offsets_fail(error, -errno, "gpgv: %s", strerror(errno));
	}
	lines_take(fds[0], &verdict);
	err = gpgv_end(pid, s, error);
	return err ? err : verdict_report(k, s, &verdict, error);
}
