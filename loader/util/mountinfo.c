/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "loader/util/mountinfo.h"

/* Blank, tab, newline and backslash are octal numbers. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] && text[2] && text[3]) {
			*to++ = (text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0');
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static bool type_is_remote(const char *type)
{
	static const char *const types[] = { "autofs", "fuse",    "nfs",    "cifs",   "smb",
		                             "9p",     "ceph",    "afs",    "gfs2",   "ocfs2",
		                             "coda",   "ncpfs",   "lustre", "beegfs", "gpfs",
		                             "pvfs2",  "virtiofs" };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strncmp(type, types[i], strlen(types[i])))
			return true;
	return false;
}

bool mountinfo_parse(char *line, struct mountinfo *ret)
{
	unsigned int major, minor;
	int root, root_end, point, point_end;
	const char *type = strstr(line, " - ");

	if (!type || sscanf(line, "%d %d %u:%u %n%*s%n %n%*s%n", &ret->id, &ret->parent, &major,
	                    &minor, &root, &root_end, &point, &point_end) != 4)
		return false;
	ret->device = major << 20 | minor;
	ret->is_remote = type_is_remote(type + 3);
	line[root_end] = line[point_end] = '\0';
	ret->root = line + root;
	ret->point = line + point;
	unescape(ret->root);
	unescape(ret->point);
	return true;
}
