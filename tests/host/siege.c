/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The siege: what a user without rights can think of against the sensor, in
 * rounds of a second or two; in each a few phases run side by side. Which, is
 * decided by the seed. Phases are in siege_*.c.
 *
 * It is made so that it does no harm to the host: the attacker is a user id
 * that nobody else uses, below limits on processes, memory and files, at a low
 * priority; all its files lie in a tmpfs that is mounted in a mount namespace
 * of our own and ends with the round; all packets stay on loopback. Two
 * processes look after it, both reapers of what becomes an orphan: the warden
 * (the one that was started) and its child, the keeper. If either is killed,
 * the other ends the siege.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/host/siege.h"

#define FIRST_UID  61003
#define LAST_UID   61019
#define PROCESSES  200
#define TMPFS      "size=64m,nr_inodes=20000,mode=755"
#define LANES_MAX  8
#define PHASES_MAX 100
#define SECOND     1000000000LL

enum { EXIT_DONE, EXIT_FAILED, EXIT_MISUSE, EXIT_CANNOT = 77 };

bool without_huge;
pid_t target, warden;
char cgroup_path[256];

static struct {
	unsigned int seconds, lanes;
	uint64_t seed;
	uid_t uid;
	bool stalk_only;
} options = { .seconds = 20, .lanes = 3 };

static const struct phase *phases[PHASES_MAX];
static size_t phase_count;
static uint64_t *steps; /* by phase; shared with the attackers */
static char base[] = "/tmp/siege-XXXXXX", work[sizeof(base) + 8];
static sigset_t awaited;
static bool stopped;

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static int fail(const char *what)
{
	fprintf(stderr, "siege: %s: %s\n", what, strerror(errno));
	return EXIT_FAILED;
}

/* ---- phases ----------------------------------------------------------- */

static const struct phase *const all_phases[] = { exec_phases,  process_phases, file_phases,
	                                          space_phases, net_phases,     stalk_phases };

#define SETS (sizeof(all_phases) / sizeof(all_phases[0]))

/* Whether a list "a,b" has the name, or what it begins with: "exec" is "exec-bytes" too. */
static bool is_listed(const char *list, const char *name)
{
	while (list && *list) {
		size_t size = strcspn(list, ",");

		if (size && !strncmp(list, name, size) && (!name[size] || name[size] == '-'))
			return true;
		list += size + (list[size] == ',');
	}
	return false;
}

static void phases_choose(const char *only, const char *without)
{
	size_t set;
	const struct phase *phase;

	for (set = 0; set < SETS; set++)
		for (phase = all_phases[set]; phase->name; phase++)
			if ((!only || is_listed(only, phase->name)) &&
			    !is_listed(without, phase->name))
				phases[phase_count++] = phase;
	without_huge = is_listed(without, "huge");
}

static void phases_list(void)
{
	size_t i;

	for (i = 0; i < phase_count; i++)
		puts(phases[i]->name);
}

/* ---- the attacker's user id ------------------------------------------- */

/* Whether any process has it, in whatever role. */
static bool uid_is_used(uid_t uid)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool used = false;

	while (proc && !used && (entry = readdir(proc))) {
		char path[300], line[256];
		unsigned int id[4];
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%s/status", entry->d_name);
		file = fopen(path, "re");
		while (file && fgets(line, sizeof(line), file))
			if (sscanf(line, "Uid: %u %u %u %u", id, id + 1, id + 2, id + 3) == 4)
				used = id[0] == uid || id[1] == uid || id[2] == uid || id[3] == uid;
		if (file)
			fclose(file);
	}
	if (proc)
		closedir(proc);
	return !proc || used;
}

/* An abstract socket of that name is held as long as we live. */
static bool uid_lock(uid_t uid)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "siege-uid-%u", uid);
	if (fd >= 0 && !bind(fd, (struct sockaddr *)&name, sizeof(name)) && !uid_is_used(uid))
		return true;
	if (fd >= 0)
		close(fd);
	return false;
}

static bool uid_choose(void)
{
	uid_t uid;

	if (options.uid)
		return uid_lock(options.uid);
	for (uid = FIRST_UID; uid <= LAST_UID; uid++)
		if (uid_lock(uid)) {
			options.uid = uid;
			return true;
		}
	return false;
}

/* ---- limits ----------------------------------------------------------- */

static void text_put(const char *directory, const char *name, const char *text)
{
	char path[400];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		close(fd); /* not there, or not allowed: the other limits hold */
	else
		close(fd);
}

/* Where cgroups are: two that bound, and one that the attacker may write to. */
static const struct {
	const char *mount, *file, *limit;
} cgroups[] = {
	{ "/sys/fs/cgroup/pids", "pids.max", "300" },
	{ "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "536870912" },
	{ "/sys/fs/cgroup/unified", "cgroup.procs", NULL },
	{ "/sys/fs/cgroup", "cgroup.procs", NULL },
};

#define CGROUPS (sizeof(cgroups) / sizeof(cgroups[0]))

static bool cgroup_name(size_t i, char *path, size_t size)
{
	char file[300];

	snprintf(file, sizeof(file), "%s/cgroup.procs", cgroups[i].mount);
	snprintf(path, size, "%s%s", cgroups[i].mount, strrchr(base, '/'));
	return !access(file, W_OK);
}

static void cgroup_give(const char *path)
{
	char file[300];

	snprintf(file, sizeof(file), "%s/cgroup.procs", path);
	if (chown(path, options.uid, options.uid) || chown(file, options.uid, options.uid))
		return;
	snprintf(cgroup_path, sizeof(cgroup_path), "%s", path);
}

/* By the keeper, for itself and all that it starts. */
static void cgroups_enter(void)
{
	char path[256];
	size_t i;

	for (i = 0; i < CGROUPS; i++) {
		if (!cgroup_name(i, path, sizeof(path)) || mkdir(path, 0755))
			continue;
		if (cgroups[i].limit)
			text_put(path, cgroups[i].file, cgroups[i].limit);
		else
			cgroup_give(path);
		text_put(path, "cgroup.procs", "0");
	}
}

static void cgroup_remove(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	int tries;

	while (directory && (entry = readdir(directory))) {
		char inner[600];

		snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			cgroup_remove(inner);
	}
	if (directory)
		closedir(directory);
	for (tries = 0; rmdir(path) && errno == EBUSY && tries < 50; tries++)
		usleep(20000); /* what was killed is still on its way out */
}

static void cgroups_remove(void)
{
	char path[256];
	size_t i;

	for (i = 0; i < CGROUPS; i++)
		if (cgroup_name(i, path, sizeof(path)) && !access(path, F_OK))
			cgroup_remove(path);
}

/* A core is a file of ours, unless it goes to a program or a directory of the host. */
static rlim_t core_limit(void)
{
	char pattern[2] = "|";
	int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, pattern, 1) != 1)
		pattern[0] = '|';
	if (fd >= 0)
		close(fd);
	return pattern[0] == '|' ? 1 : pattern[0] == '/' ? 0 : 256 << 10; /* 1: no program either */
}

static bool limits_set(void)
{
	const struct {
		int what;
		rlim_t value;
	} limits[] = {
		{ RLIMIT_NPROC, PROCESSES },  { RLIMIT_CPU, 20 },
		{ RLIMIT_FSIZE, 16 << 20 },   { RLIMIT_CORE, core_limit() },
		{ RLIMIT_NOFILE, 256 },       { RLIMIT_AS, 1 << 30 },
		{ RLIMIT_MEMLOCK, 64 << 10 }, { RLIMIT_MSGQUEUE, 65536 },
		{ RLIMIT_SIGPENDING, 1000 },  { RLIMIT_STACK, 8 << 20 },
	};
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit limit = { limits[i].value, limits[i].value };

		if (setrlimit(limits[i].what, &limit))
			return false;
	}
	return !setpriority(PRIO_PROCESS, 0, 5);
}

/* False: we are not who we should be, and must do nothing. */
static bool become(uid_t uid)
{
	return !setgroups(0, NULL) && !setresgid(uid, uid, uid) && !setresuid(uid, uid, uid) &&
	       getuid() == uid && geteuid() == uid;
}

/* ---- rounds ----------------------------------------------------------- */

static void attack(const struct phase *phase, uint64_t *count, uint64_t seed, long long end)
{
	int null = open("/dev/null", O_RDWR), fd;

	for (fd = 0; fd < 3; fd++)
		dup2(null, fd);
	for (fd = 3; fd < 64; fd++)
		close(fd);
	setsid();
	sigprocmask(SIG_UNBLOCK, &awaited, NULL);
	if (!limits_set() || !become(options.uid) || chdir(work))
		_exit(EXIT_FAILED);
	umask(077);
	prctl(PR_SET_DUMPABLE, 1); /* as that of any user; since setresuid() it is not */
	random_seed(seed);
	while (now_ns() < end) {
		phase->step();
		__atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
	}
	_exit(0);
}

struct lane {
	size_t phase;
	uint64_t seed;
	pid_t pid;
};

static void lane_start(struct lane *lane, long long end)
{
	lane->seed = random_next();
	lane->pid = fork();
	if (!lane->pid)
		attack(phases[lane->phase], &steps[lane->phase], lane->seed, end);
}

/* Waits for a child or a signal, and takes all children that have ended. True: none is left. */
static bool children_reap(struct lane *lanes, size_t count, long long timeout_ns)
{
	struct timespec timeout = { timeout_ns / SECOND, timeout_ns % SECOND };
	int number = timeout_ns > 0 ? sigtimedwait(&awaited, NULL, &timeout) : 0;
	pid_t pid;
	size_t i;

	if (number == SIGTERM || number == SIGINT)
		stopped = true;
	while ((pid = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
		for (i = 0; i < count; i++)
			if (lanes[i].pid == pid)
				lanes[i].pid = 0;
	return pid < 0 && errno == ECHILD;
}

/* Kills all that the attacker's user runs, and us no more than others: it is that user who does it.
 */
static void kill_all(void)
{
	if (!fork()) {
		if (become(options.uid))
			kill(-1, SIGKILL);
		_exit(0);
	}
}

/* Nothing that was started is left. It may take a few times: who kills can be stopped as well. */
static bool sweep(void)
{
	long long end = now_ns() + 20 * SECOND;

	do {
		long long soon = now_ns() + SECOND / 20;

		kill_all();
		while (now_ns() < soon)
			if (children_reap(NULL, 0, soon - now_ns()))
				return true;
	} while (now_ns() < end);
	errno = EBUSY;
	return false;
}

/* A file system for the round: what does not fit in is refused, and with it all goes. */
static int files_begin(void)
{
	if (mount("siege", base, "tmpfs", MS_NODEV, TMPFS) || mkdir(work, 0700) ||
	    chown(work, options.uid, options.uid))
		return fail(base);
	return 0;
}

static int files_end(void)
{
	return umount2(base, MNT_DETACH) ? fail(base) : 0;
}

static int round_run(long long end)
{
	struct lane lanes[LANES_MAX] = { { 0 } };
	long long round_end = now_ns() + SECOND / 5 + any(1800) * (SECOND / 1000);
	size_t i, count = 1 + any(options.lanes);

	if (round_end > end)
		round_end = end;
	if (files_begin())
		return EXIT_FAILED;
	for (i = 0; i < count; i++)
		lanes[i].phase = any(phase_count);
	while (!stopped && now_ns() < round_end) {
		for (i = 0; i < count; i++)
			if (lanes[i].pid <= 0)
				lane_start(&lanes[i], round_end); /* killed by itself or another */
		children_reap(lanes, count, SECOND / 50);
	}
	if (!sweep())
		return fail("processes that cannot be killed");
	return files_end();
}

/* The warden's work, if it was killed. */
static void orphan_end(void)
{
	size_t i;

	for (i = 0; i < CGROUPS; i++)
		text_put(cgroups[i].mount, "cgroup.procs", "0");
	cgroups_remove();
	rmdir(base);
}

/* Port 53 of our own address: nobody else gets what is sent there. */
static void answer_nothing(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_port = htons(53),
		                  .sin_addr.s_addr = htonl(SIEGE_ADDRESS) };

	if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)))
		perror("siege: 127.0.61.3:53 cannot be bound; questions go unanswered");
}

static int keep(void)
{
	long long end = now_ns() + options.seconds * SECOND;
	unsigned int rounds = 0;
	int err = 0;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return fail("a mount namespace");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	cgroups_enter();
	answer_nothing();
	random_seed(options.seed);
	for (; !err && !stopped && now_ns() < end; rounds++)
		err = round_run(end);
	printf("siege: %u rounds\n", rounds);
	if (getppid() != warden)
		orphan_end();
	return err;
}

/* ---- the warden ------------------------------------------------------- */

static void tally(void)
{
	size_t i;

	for (i = 0; i < phase_count; i++)
		if (steps[i])
			printf("siege: %s %llu\n", phases[i]->name, (unsigned long long)steps[i]);
}

/* The keeper's exit code; it is killed if it does not end, or if we are told to. */
static int keeper_wait(pid_t pid)
{
	long long end = now_ns() + (options.seconds + 30) * SECOND;
	int status, number;

	while (waitpid(pid, &status, WNOHANG) != pid) {
		struct timespec timeout = { 1, 0 };

		number = sigtimedwait(&awaited, NULL, &timeout);
		if (number == SIGTERM || number == SIGINT)
			kill(pid, SIGTERM);
		if (now_ns() > end)
			kill(pid, SIGKILL);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
}

static int siege(void)
{
	int code;
	pid_t pid;

	if (!mkdtemp(base))
		return fail(base);
	snprintf(work, sizeof(work), "%s/work", base);
	steps = mmap(NULL, PHASES_MAX * sizeof(*steps), PROT_READ | PROT_WRITE,
	             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (steps == MAP_FAILED || chmod(base, 0755))
		return fail(base);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (!pid) {
		code = keep();
		fflush(stdout);
		_exit(code);
	}
	code = pid < 0 ? fail("fork") : keeper_wait(pid);
	if (!sweep() || uid_is_used(options.uid))
		code = fail("processes are left");
	cgroups_remove();
	if (rmdir(base))
		code = fail(base);
	tally();
	return code;
}

/* By a user id that others may use too: no child, and no signal but to the target's family. */
static int stalk(void)
{
	long long end = now_ns() + options.seconds * SECOND;
	struct rlimit limit = { options.seconds + 1, options.seconds + 1 };

	setrlimit(RLIMIT_CPU, &limit);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!become(options.uid))
		return fail("setresuid");
	while (now_ns() < end)
		stalk_phases[0].step();
	return EXIT_DONE;
}

/* ---- options ---------------------------------------------------------- */

static int usage(FILE *out, int code)
{
	fputs("usage: siege [OPTION...]\n"
	      "       siege --read [--every N] [--keep TEXT]... <EVENTS\n"
	      "       siege --stamp <MESSAGES\n"
	      "  --seconds N     no longer than that (default 20)\n"
	      "  --seed N        which phases come when (default: from the clock)\n"
	      "  --uid N         the attacker's (default: the first of 61003 to 61019 that is "
	      "free)\n"
	      "  --lanes N       so many phases at once, at most (default 3, up to 8)\n"
	      "  --target PID    the sensor, or its parent: hunted with its descendants\n"
	      "  --only LIST     of phases, or what their names begin with (exec,net-unix)\n"
	      "  --without LIST  the same; and 'huge': execs whose JSON exceeds 256 KiB\n"
	      "  --stalk         hunt the target alone, by an id that others may use\n"
	      "  --list          print the names of phases\n"
	      "  --read          check JSON lines of standard input; print those with a TEXT,\n"
	      "                  and each Nth\n"
	      "  --stamp         write the time before each line\n"
	      "exit: 0 done, 1 failed (or lines that are no JSON), 2 wrong usage, 77 needs root\n",
	      out);
	return code;
}

static const struct option long_options[] = {
	{ "seconds", required_argument, NULL, 's' },
	{ "seed", required_argument, NULL, 'S' },
	{ "uid", required_argument, NULL, 'u' },
	{ "lanes", required_argument, NULL, 'l' },
	{ "target", required_argument, NULL, 't' },
	{ "only", required_argument, NULL, 'o' },
	{ "without", required_argument, NULL, 'w' },
	{ "stalk", no_argument, NULL, 'k' },
	{ "list", no_argument, NULL, 'L' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* -1: go on. */
static int options_read(int argc, char **argv)
{
	const char *only = NULL, *without = NULL;
	bool list = false;
	int option;

	options.seed = time(NULL);
	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (option) {
		case 's':
			options.seconds = strtoul(optarg, NULL, 10);
			break;
		case 'S':
			options.seed = strtoull(optarg, NULL, 10);
			break;
		case 'u':
			options.uid = strtoul(optarg, NULL, 10);
			break;
		case 'l':
			options.lanes = strtoul(optarg, NULL, 10);
			break;
		case 't':
			target = strtol(optarg, NULL, 10);
			break;
		case 'o':
			only = optarg;
			break;
		case 'w':
			without = optarg;
			break;
		case 'k':
			options.stalk_only = true;
			break;
		case 'L':
			list = true;
			break;
		default:
			return usage(option == 'h' ? stdout : stderr,
			             option == 'h' ? EXIT_DONE : EXIT_MISUSE);
		}
	}
	phases_choose(only, without);
	if (list) {
		phases_list();
		return EXIT_DONE;
	}
	if (optind != argc || !phase_count || !options.lanes || options.lanes > LANES_MAX ||
	    (options.stalk_only && (!target || !options.uid)))
		return usage(stderr, EXIT_MISUSE);
	return -1;
}

int main(int argc, char **argv)
{
	int code;

	if (argc > 1 && !strcmp(argv[1], "--read"))
		return read_lines(argc - 2, argv + 2) ? EXIT_FAILED : EXIT_DONE;
	if (argc > 1 && !strcmp(argv[1], "--stamp"))
		return stamp_lines();
	code = options_read(argc, argv);
	if (code >= 0)
		return code;
	if (geteuid()) {
		fputs("siege: needs root, to become another user\n", stderr);
		return EXIT_CANNOT;
	}
	warden = getpid(); /* the warden, whose descendants are left alone */
	if (options.stalk_only)
		return stalk();
	if (!uid_choose()) {
		fputs("siege: the attacker's user id is in use; name another with --uid\n", stderr);
		return EXIT_CANNOT;
	}
	sigemptyset(&awaited);
	sigaddset(&awaited, SIGCHLD);
	sigaddset(&awaited, SIGTERM);
	sigaddset(&awaited, SIGINT);
	sigprocmask(SIG_BLOCK, &awaited, NULL);
	printf("siege: seed %llu, uid %u, %u s\n", (unsigned long long)options.seed, options.uid,
	       options.seconds);
	fflush(stdout);
	return siege();
}
