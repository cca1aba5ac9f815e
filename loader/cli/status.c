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

#include "loader/agent/exit.h"
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

/* The first line is the exit status. False: the answer is none. */
static bool answer_print(FILE *answer, int *ret_code)
{
	char line[64], part[4096];
	size_t n;

	if (!fgets(line, sizeof(line), answer) || sscanf(line, "%d", ret_code) != 1)
		return false;
	while ((n = fread(part, 1, sizeof(part), answer)))
		fwrite(part, 1, n, stdout);
	return !ferror(answer);
}

/* Asks by that word, and prints the answer. */
static int ask(const struct config *config, const char *word, int wait_s)
{
	const char *path = config->control ? config->control : CONTROL_SOCKET;
	CLEANUP(cleanup_file) FILE *answer = NULL;
	int fd = -1, number = sensor_connect(path, wait_s, &fd), code = EXIT_FAILED;

	answer = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (number)
		return fail(path, connect_text(number));
	if (send(fd, word, strlen(word), MSG_NOSIGNAL) != (ssize_t)strlen(word))
		return fail(path, strerror(errno));
	if (!answer || !answer_print(answer, &code))
		return fail(path, "the sensor does not answer; 'systemctl restart sextant' starts "
		                  "it again");
	return code;
}

int command_status(const struct config *config)
{
	return ask(config,
	           config->json      ? "json\n"
	           : config->metrics ? "metrics\n"
	                             : "text\n",
	           ANSWER_S);
}

int command_top(const struct config *config)
{
	int code = ask(config, "top\n", ANSWER_S);

	return code == EXIT_DEGRADED ? EXIT_DONE : code;
}

int command_restart(const struct config *config)
{
	return ask(config, "restart\n", RESTART_S);
}
