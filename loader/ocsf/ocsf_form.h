/* SPDX-License-Identifier: BSD-2-Clause */
/* Events as JSON with the names of the Open Cybersecurity Schema Framework. */
#ifndef LOADER_OCSF_OCSF_FORM_H
#define LOADER_OCSF_OCSF_FORM_H

#include "loader/event/format.h"

extern const struct line_form form_ocsf;

#endif
