/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loader/ship/shipper.h"
#include "loader/ship/shipping.h"
#include "loader/ship/spool_directory.h"
#include "loader/util/log.h"
#include "offsets/confine/give_up.h"
#include "offsets/confine/syscall_rules.h"
#include "offsets/util/safefile.h"

#define FILE_MAX (1U << 20)

/* That of an older sensor, which this one takes over from, is about to end. */
#define SPOOL_WAIT_MS 10000

/* ---- what is read with the caller's rights ------------------------------- */

struct secrets {
	struct pem certificate, key, headers;
};

static void pem_free(struct pem *pem)
{
	if (pem->text)
		explicit_bzero(pem->text, pem->size);
	free(pem->text);
	*pem = (struct pem){ .text = NULL };
}

static void secrets_free(struct secrets *s)
{
	pem_free(&s->certificate);
	pem_free(&s->key);
	pem_free(&s->headers);
}

/* With a NUL behind it. */
static int one_read(const char *path, struct pem *ret, struct offsets_error *error)
{
	void *data = NULL;
	size_t size;
	int err;

	if (!*path)
		return 0;
	err = safefile_contents(path, SAFEFILE_TRUSTED, FILE_MAX, &data, &size, error);
	if (err)
		return err;
	ret->text = calloc(1, size + 1);
	if (ret->text)
		memcpy(ret->text, data, size);
	ret->size = size;
	explicit_bzero(data, size);
	free(data);
	return ret->text ? 0 : offsets_fail(error, -ENOMEM, "%s: out of memory", path);
}

static int secrets_read(const struct ship_use *use, struct secrets *ret,
                        struct offsets_error *error)
{
	int err;

	*ret = (struct secrets){ .key.text = NULL };
	err = one_read(use->certificate, &ret->certificate, error);
	if (!err)
		err = one_read(use->key, &ret->key, error);
	if (!err)
		err = one_read(use->headers, &ret->headers, error);
	if (err)
		secrets_free(ret);
	return err;
}

/* Of distributions; static OpenSSL knows none. */
static const char *system_ca(void)
{
	static const char *const paths[] = { "/etc/ssl/certs/ca-certificates.crt",
		                             "/etc/pki/tls/certs/ca-bundle.crt",
		                             "/etc/ssl/cert.pem" };
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (!access(paths[i], R_OK))
			return paths[i];
	return "";
}

int shipper_check(const struct ship_use *use, struct offsets_error *error)
{
	struct secrets secrets;
	int err = secrets_read(use, &secrets, error), fd = -1;

	if (err)
		return err;
	secrets_free(&secrets);
	if (*use->ca)
		err = safefile_open(use->ca, SAFEFILE_TRUSTED, &fd, error);
	if (fd >= 0)
		close(fd);
	return err ? err : spool_directory_make(use->spool, error);
}

/* ---- the process --------------------------------------------------------- */

/* It ends when the engine does, or when it is killed. */
static void signals_ignore(void)
{
	static const int ignored[] = { SIGINT,  SIGTERM, SIGQUIT, SIGHUP,
		                       SIGUSR1, SIGUSR2, SIGXCPU, SIGPIPE };
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

/* What SQLite does with its files, and libcurl with connections. */
static const char *const allowed[] = {
	"open",    "openat",      "stat",        "lstat",        "newfstatat",  "statx",
	"access",  "faccessat",   "faccessat2",  "readlink",     "readlinkat",  "getcwd",
	"unlink",  "unlinkat",    "rename",      "renameat",     "renameat2",   "mkdir",
	"fsync",   "fdatasync",   "fallocate",   "fcntl",        "fchmod",      "flock",
	"poll",    "ppoll",       "epoll_ctl",   "epoll_wait",   "epoll_pwait", "epoll_create1",
	"pipe2",   "eventfd2",    "getrandom",   "clock_getres", "uname",       "sysinfo",
	"connect", "getsockname", "getpeername", "getsockopt",   "setsockopt",  "sendto",
	"sendmsg", "sendmmsg",    "recvfrom",    "recvmsg",      "shutdown",    "bind",
	"fstatfs", "statfs",
};

static int syscalls_restrict(void)
{
	static const int families[] = { AF_INET, AF_INET6 };
	static const unsigned int ioctls[] = { 0x5421 /* FIONBIO */,
		                               0x5411 /* TIOCOUTQ, SIOCOUTQ */ };
	struct syscall_rules r;
	size_t i;

	syscall_rules_init(&r, SCMP_ACT_ERRNO(EPERM));
	if (r.err)
		return r.err;
	syscall_rules_of_all(&r);
	syscall_rules_of(&r, SCMP_ACT_ALLOW, allowed, sizeof(allowed) / sizeof(allowed[0]));
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		syscall_rule_if(&r, SCMP_ACT_ALLOW, "socket", 0, UINT32_MAX, families[i]);
	syscall_rule_if(&r, SCMP_ACT_ALLOW, "socketpair", 0, UINT32_MAX, AF_UNIX);
	for (i = 0; i < sizeof(ioctls) / sizeof(ioctls[0]); i++)
		syscall_rule_if(&r, SCMP_ACT_ALLOW, "ioctl", 1, UINT32_MAX, ioctls[i]);
	return syscall_rules_enter(&r);
}

/* user: 0: it stays who it is, as the spool is its own. */
static void confine(uid_t user, int socket)
{
	struct lacks lacks = { (char[256]){ "" }, 256 };

	give_up_above(RLIMIT_CORE, 0);
	lacks_note(&lacks, "/dev/null", give_up_streams(1, &socket, 1));
	lacks_note(&lacks, "a user of its own", user ? give_up_user(user) : -EPERM);
	lacks_note(&lacks, "no capabilities", give_up_capabilities());
	prctl(PR_SET_DUMPABLE, 0);
	lacks_note(&lacks, "no_new_privs", give_up_new_privileges());
	lacks_note(&lacks, "seccomp", syscalls_restrict());
	if (*lacks.text)
		log_line(LEVEL_WARNING, "this system lacks for the process that ships events: %s",
		         lacks.text);
}

static void run(const struct ship_use *use, struct secrets *secrets, int socket)
{
	const struct transfer_use transfer = { .url = use->url,
		                               .proxy = use->proxy,
		                               .ca = *use->ca ? use->ca : system_ca(),
		                               .certificate = secrets->certificate,
		                               .key = secrets->key,
		                               .headers = secrets->headers.text,
		                               .is_stream = use->is_syslog };
	const struct shipping_use shipping = {
		.ops = use->is_syslog ? &syslog_sender_ops : &http_sender_ops,
		.sender = { .transfer = &transfer,
		            .form = use->form,
		            .is_gzip = use->is_gzip,
		            .host = use->host,
		            .tag_names = use->tag_names },
		.spool = { .path = SPOOL_FILE,
		           .name = use->spool,
		           .bytes_max = use->spool_bytes,
		           .age_max_s = use->spool_age_ns / 1000000000,
		           .drops_oldest = use->drops_oldest,
		           .wait_ms = SPOOL_WAIT_MS },
		.name = use->url,
	};
	int kept[] = { socket };
	uid_t user = user_of_its_own();
	struct offsets_error error;
	bool is_given;
	int err;

	give_up_descriptors(kept, 1); /* first: what is attached stays as long as one has it open */
	prctl(PR_SET_NAME, "sextant-ship");
	signals_ignore();
	setpriority(PRIO_PROCESS, 0, 0);
	setenv("OPENSSL_CONF", "/dev/null", 1); /* that of the host is for another OpenSSL */
	umask(077);
	err = spool_directory_enter(use->spool, user, &is_given, &error);
	if (!err) {
		confine(is_given ? user : 0, socket);
		err = shipping_run(&shipping, socket, &error);
	}
	if (err)
		log_line(LEVEL_ERROR, "%s: %s", use->url, error.text);
	_exit(err ? 1 : 0);
}

/* A child of a child that has ended: nobody here waits for it. */
static int fork_apart(const struct ship_use *use, struct secrets *secrets, int socket, int other)
{
	pid_t child = fork(), grandchild;
	int status = 0;

	if (child < 0)
		return -errno;
	if (!child) {
		close(other);
		grandchild = fork();
		if (grandchild)
			_exit(grandchild < 0 ? errno : 0);
		run(use, secrets, socket);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

int shipper_start(const struct ship_use *use, int *ret_fd, struct offsets_error *error)
{
	struct secrets secrets;
	int fds[2], err;

	*ret_fd = -1;
	err = secrets_read(use, &secrets, error);
	if (!err)
		err = spool_directory_make(use->spool, error);
	if (err) {
		secrets_free(&secrets);
		return err;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds)) {
		err = -errno;
	} else {
		err = fork_apart(use, &secrets, fds[1], fds[0]);
		close(fds[1]);
		if (err)
			close(fds[0]);
	}
	secrets_free(&secrets);
	if (err)
		return offsets_fail(error, err, "%s: the shipper process cannot be started: %s",
		                    use->url, strerror(-err));
	*ret_fd = fds[0];
	return 0;
}
