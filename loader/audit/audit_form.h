/* SPDX-License-Identifier: BSD-2-Clause */
/* Events as records of Linux audit. */
#ifndef LOADER_AUDIT_AUDIT_FORM_H
#define LOADER_AUDIT_AUDIT_FORM_H

#include "loader/event/format.h"

extern const struct line_form form_audit;

#endif
