/* SPDX-License-Identifier: BSD-2-Clause */
#include <signal.h>
#include <stddef.h>

#include "loader/util/signals.h"

static volatile sig_atomic_t end, rules, output, restart;

static void on_signal(int number)
{
	if (number == SIGHUP)
		rules = output = 1;
	else if (number == SIGUSR1)
		output = 1;
	else if (number == SIGUSR2)
		restart = 1;
	else
		end = 1;
}

void signals_init(void)
{
	static const int noted[] = { SIGINT, SIGTERM, SIGQUIT, SIGXCPU, SIGHUP, SIGUSR1, SIGUSR2 };
	static const int ignored[] = { SIGPIPE, SIGXFSZ, SIGALRM };
	const struct sigaction note = { .sa_handler = on_signal },
			       ignore = { .sa_handler = SIG_IGN };
	size_t i;

	for (i = 0; i < sizeof(noted) / sizeof(noted[0]); i++)
		sigaction(noted[i], &note, NULL);
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &ignore, NULL);
}

static bool take(volatile sig_atomic_t *noted)
{
	bool was = *noted;

	*noted = 0;
	return was;
}

bool signals_end(void)
{
	return end;
}

bool signals_rules(void)
{
	return take(&rules);
}

bool signals_output(void)
{
	return take(&output);
}

bool signals_restart(void)
{
	return take(&restart);
}
