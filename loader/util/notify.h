/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a service tells systemd: sd_notify(3) without its library. Without a
 * service manager (no NOTIFY_SOCKET) nothing is sent. A message that cannot be
 * sent at once is dropped.
 */
#ifndef LOADER_UTIL_NOTIFY_H
#define LOADER_UTIL_NOTIFY_H

#include <stdint.h>
#include <sys/types.h>

/* Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment: children have none of
 * it. */
void notify_init(void);

/* The descriptor by which it sends; -1: there is no service manager. */
int notify_fd(void);

/* The service is ready. */
void notify_ready(void);

/* It reads its configuration again (then it is notify_ready() once more); it ends. */
void notify_reloading(void);
void notify_stopping(void);

/* Another process is the service from now on; a process is to be started that is it. */
void notify_main_pid(pid_t pid);
void notify_environment(void);

/* A line for people, which 'systemctl status' shows. */
void notify_status(const char *status);

/*
 * To be called as long as the sensor does what it has to do: often enough, it
 * sends what the watchdog (WatchdogSec=) waits for. now_ns: CLOCK_MONOTONIC.
 */
void notify_alive(uint64_t now_ns);

#endif
