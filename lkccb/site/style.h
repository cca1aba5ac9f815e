/* SPDX-License-Identifier: BSD-2-Clause */
/* How the pages of a site look. */
#ifndef LKCCB_SITE_STYLE_H
#define LKCCB_SITE_STYLE_H

/* style.css of a site. */
extern const char site_style[];

#endif
