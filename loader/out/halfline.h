/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a file that a killed process may have left half-written. */
#ifndef LOADER_OUT_HALFLINE_H
#define LOADER_OUT_HALFLINE_H

/*
 * fd: a file open for appending. A line without its newline at the end is
 * removed if it begins with begin, else it is ended. begin NULL: it is ended.
 * What was done, or could not be, is reported; name is the file's, for that.
 */
void tail_repair(int fd, const char *name, const char *begin);

#endif
