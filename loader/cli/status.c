/* SPDX-License-Identifier: BSD-2-Clause */
/* sextant status, top, restart: asks a sensor that runs (loader/agent/status_socket.h). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "loader/util/exit.h"
#include "loader/cli/commands.h"
#include "loader/util/log.h"
#include "offsets/util/cleanup.h"

/* A sensor that works answers within a tenth of a second; a newer one has to begin first. */
#define ANSWER_S  10
#define RESTART_S 240

static int fail(const char *path, const char *what)
{
	log_line(LEVEL_ERROR, "%s: %s", path, what);
	return EXIT_FAILED;
}

/* The cause and the next step, of a connect() that failed. */
static const char *connect_text(int number)
{
	if (number == ENOENT || number == ECONNREFUSED)
		return "no sensor listens there; see 'systemctl status sextant', or name its "
		       "socket with --control";
	if (number == EACCES)
		return "only root and the group of the sensor's --control-group may ask";
	return strerror(number);
}

/* 0 or a number as errno has them. */
static int sensor_connect(const char *path, int wait_s, int *ret)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval timeout = { .tv_sec = wait_s };

	if (strlen(path) >= sizeof(address.sun_path))
		return ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	*ret = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*ret < 0 || connect(*ret, (struct sockaddr *)&address, sizeof(address)))
		return errno;
	setsockopt(*ret, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	return 0;
}

/*
 * The first line is the exit status. False: the answer is none. *ret_has_ended: nothing came
 * at all, as of the older sensor of a restart, which ends.
 */
static bool answer_print(FILE *answer, int *ret_code, bool *ret_has_ended)
{
	char line[64], part[4096];
	size_t n;

	if (!fgets(line, sizeof(line), answer)) {
		*ret_has_ended = feof(answer) || errno == ECONNRESET;
		return false;
	}
	if (sscanf(line, "%d", ret_code) != 1)
		return false;
	while ((n = fread(part, 1, sizeof(part), answer)))
		fwrite(part, 1, n, stdout);
	return !ferror(answer);
}

/* NULL, and the exit status; or what is wrong. */
static const char *ask_once(const char *path, const char *word, int wait_s, int *ret_code,
                            bool *ret_has_ended)
{
	CLEANUP(cleanup_file) FILE *answer = NULL;
	int fd = -1, number = sensor_connect(path, wait_s, &fd);

	answer = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (number)
		return connect_text(number);
	if (send(fd, word, strlen(word), MSG_NOSIGNAL) != (ssize_t)strlen(word)) {
		*ret_has_ended = errno == EPIPE;
		return strerror(errno);
	}
	if (!answer || !answer_print(answer, ret_code, ret_has_ended))
		return "the sensor does not answer; 'systemctl restart sextant' starts it again";
	return NULL;
}

/* Where one has ended, a newer one may listen there a moment later. */
#define TRIES    30
#define AGAIN_US 100000

/* Asks by that word, and prints the answer. is_once: to ask does something. */
static int ask(const struct config *config, const char *word, int wait_s, bool is_once)
{
	const char *path = config->control ? config->control : CONTROL_SOCKET, *wrong;
	bool has_ended = false;
	int code = EXIT_FAILED, tries = 0;

	do {
		if (tries)
			usleep(AGAIN_US);
		wrong = ask_once(path, word, wait_s, &code, &has_ended);
	} while (wrong && has_ended && !is_once && ++tries < TRIES);
	return wrong ? fail(path, wrong) : code;
}

int command_status(const struct config *config)
{
	return ask(config,
	           config->json      ? "json\n"
	           : config->metrics ? "metrics\n"
	                             : "text\n",
	           ANSWER_S, false);
}

int command_top(const struct config *config)
{
	int code = ask(config, "top\n", ANSWER_S, false);

	return code == EXIT_DEGRADED ? EXIT_DONE : code;
}

int command_restart(const struct config *config)
{
	return ask(config, "restart\n", RESTART_S, true);
}
