/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts: audit_log_name() of Linux 6.1. */
#include "loader/audit/audit_file.h"

void audit_device(struct audit *a, const char *key, uint32_t device)
{
	audit_hexadecimal(a, key, device >> 20, 2);
	jsonw_put(a->out, ":", 1);
	jsonw_digits(a->out, device & 0xfffff, 16, 2);
}

static void mode_put(struct audit *a, uint32_t mode)
{
	audit_word(a, "mode", mode ? "0" : "");
	jsonw_digits(a->out, mode, 8, 0);
}

void audit_file(struct audit *a, unsigned int item, const struct event *ev, enum event_text name,
                const struct audit_file *file)
{
	audit_record(a, "PATH");
	audit_number(a, "item", item);
	audit_path(a, "name", ev, name);
	if (file->has_numbers) {
		audit_number(a, "inode", file->inode);
		audit_device(a, "dev", file->device);
	}
	if (file->has_owner) {
		mode_put(a, file->mode);
		audit_number(a, "ouid", file->uid);
		audit_number(a, "ogid", file->gid);
		audit_device(a, "rdev", file->rdev);
	}
	audit_word(a, "nametype", file->type);
}
