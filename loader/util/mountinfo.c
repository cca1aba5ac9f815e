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

static const char *const remote[] = { "autofs", "fuse",   "nfs",  "cifs",  "smb",      "9p",
	                              "ceph",   "afs",    "gfs2", "ocfs2", "coda",     "ncpfs",
	                              "lustre", "beegfs", "gpfs", "pvfs2", "virtiofs", NULL };
static const char *const stacked[] = { "overlay", "aufs", "unionfs", "shiftfs", "ecryptfs", NULL };

/* types: beginnings of names. */
static bool type_is_one_of(const char *const *types, const char *type)
{
	for (; *types; types++)
		if (!strncmp(type, *types, strlen(*types)))
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
	ret->type = type + 3;
	ret->is_remote = type_is_one_of(remote, ret->type);
	ret->is_stacked = type_is_one_of(stacked, ret->type);
	ret->options = strrchr(ret->type, ' ');
	line[root_end] = line[point_end] = '\0';
	ret->root = line + root;
	ret->point = line + point;
	unescape(ret->root);
	unescape(ret->point);
	return true;
}
