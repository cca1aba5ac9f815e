/* SPDX-License-Identifier: BSD-2-Clause */
/* How one event of the self-test is compared: what the files compare_*.c are made of. */
#ifndef LOADER_VERIFY_COMPARISON_H
#define LOADER_VERIFY_COMPARISON_H

#include "loader/verify/differences.h"
#include "loader/verify/sample.h"
#include "offsets/layout.h"

struct comparison {
	const struct sample *sample;
	const struct child *child;
	const struct own_actions *actions;
	const struct layout *layout;
	struct differences *differences;
};

/*
 * A field that was not read is not compared: that is a difference unless this kernel's
 * entry lacks its facts. Of fields that not every program can know, event_unread() says
 * enough.
 */
bool can_compare(const struct comparison *c, const struct event *ev, unsigned int field);

/* Who acts: start and process group, and the parent of that process unless it is NULL. */
void compare_actor(const struct comparison *c, const struct event *ev, const struct proc *actor,
                   const struct parent_ids *seen, const struct proc *parent);

/*
 * The ends of two paths: in a chroot /proc shows paths from there, the kernel walks to
 * the real root.
 */
void compare_path(const struct comparison *c, const struct event *ev, unsigned int field,
                  const struct event_path *seen, const char *truth);

/* Numbers of a field, with their names in messages. */
struct pair {
	const char *what;
	uint64_t seen, truth;
};
void compare_numbers(const struct comparison *c, const struct event *ev, unsigned int field,
                     const struct pair *pairs, size_t count);
#define COMPARE_NUMBERS(c, ev, field, pairs) \
	compare_numbers(c, ev, field, pairs, sizeof(pairs) / sizeof(*(pairs)))

/* ---- each class ------------------------------------------------------- */

void compare_exec(const struct comparison *c);
void compare_fork(const struct comparison *c);
void compare_thread(const struct comparison *c);
void compare_exit(const struct comparison *c);
void compare_credentials(const struct comparison *c);
void compare_namespaces(const struct comparison *c);
void compare_chroot(const struct comparison *c);
void compare_file(const struct comparison *c);
void compare_mount(const struct comparison *c);
void compare_socket(const struct comparison *c);
void compare_dns(const struct comparison *c);
void compare_memfd(const struct comparison *c);
void compare_ptrace(const struct comparison *c);
void compare_access(const struct comparison *c);
void compare_signal(const struct comparison *c);
void compare_terminal(const struct comparison *c);

#endif
