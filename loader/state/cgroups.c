/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <string.h>

#include "loader/state/cgroups.h"

/* ---- /proc/PID/cgroup --------------------------------------------------- */

/* True: the list of a line, "memory" or "cpu,cpuacct", has this one. */
static bool list_has(struct span list, const char *controller)
{
	size_t size = strlen(controller), length;

	while (list.size) {
		length = strcspn(list.text, ",:");
		if (length == size && !memcmp(list.text, controller, size))
			return true;
		if (length >= list.size)
			return false;
		list = (struct span){ list.text + length + 1, list.size - length - 1 };
	}
	return false;
}

/* The path of one hierarchy: "N:CONTROLLERS:PATH"; of version 2 there is no controller. */
static struct span line_find(const char *lines, const char *controller)
{
	const char *list, *path;

	for (; *lines; lines += strcspn(lines, "\n"), lines += *lines == '\n') {
		list = lines + strcspn(lines, ":\n");
		path = *list == ':' ? list + 1 + strcspn(list + 1, ":\n") : list;
		if (*path != ':')
			continue;
		list++;
		if (*controller ? list_has((struct span){ list, path - list }, controller)
		                : list == path)
			return (struct span){ path + 1, strcspn(path + 1, "\n") };
	}
	return (struct span){ NULL, 0 };
}

/* What the probes take: cgroup_v1() in probes/core/cgroup.bpf.h. */
struct cgroups cgroups_of_lines(const char *lines)
{
	struct cgroups ret = { .v1 = line_find(lines, "memory"),
		               .v2 = line_find(lines, ""),
		               .systemd = line_find(lines, "name=systemd") };

	if (!ret.v1.size)
		ret.v1 = line_find(lines, "cpu");
	return ret;
}

/* ---- an exec ------------------------------------------------------------ */

static struct span text_of(const struct event *ev, enum event_text text)
{
	const struct event_path *path = &ev->texts[text];

	if (event_unread(ev, FIELD_TEXTS + text) || event_truncated(ev, FIELD_TEXTS + text))
		return (struct span){ NULL, 0 };
	return (struct span){ path->text, path->size };
}

struct cgroups cgroups_of_exec(const struct event *ev)
{
	return (struct cgroups){ .v1 = text_of(ev, TEXT_CGROUP_V1),
		                 .v2 = text_of(ev, TEXT_CGROUP) };
}

/* ---- units -------------------------------------------------------------- */

static bool ends_with(struct span name, const char *ending)
{
	size_t size = strlen(ending);

	return name.size > size && !memcmp(name.text + name.size - size, ending, size);
}

/* Only the system's systemd makes units in the slices at the beginning. */
struct span cgroups_unit(struct span path)
{
	struct span name;
	const char *slash;

	while (path.size && *path.text == '/') {
		name = (struct span){ path.text + 1, path.size - 1 };
		slash = memchr(name.text, '/', name.size);
		if (slash)
			name.size = slash - name.text;
		if (!ends_with(name, ".slice"))
			return name;
		path = (struct span){ name.text + name.size, path.size - 1 - name.size };
	}
	return (struct span){ NULL, 0 };
}

struct span cgroups_service(const struct cgroups *cgroups)
{
	const struct span paths[] = { cgroups->systemd, cgroups->v2, cgroups->v1 };
	struct span unit;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		unit = cgroups_unit(paths[i]);
		if (ends_with(unit, ".service"))
			return unit;
	}
	return (struct span){ NULL, 0 };
}
