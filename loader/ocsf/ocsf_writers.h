/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writers of records: exec_ocsf() writes the members of the line, without the outermost
 * braces. It uses ocsf.h, and no other writer of this folder.
 */
#ifndef LOADER_OCSF_OCSF_WRITERS_H
#define LOADER_OCSF_OCSF_WRITERS_H

#include "loader/event/writers.h"

#define OCSF_WRITERS(id, name, type, stack) \
	void name##_ocsf(struct format *f, const struct event *ev);
RECORDS(OCSF_WRITERS)

OWN_WRITERS(ocsf)

#endif
