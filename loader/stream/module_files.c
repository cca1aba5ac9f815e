/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "loader/stream/module_files.h"

/* Those of calls that are under way at a time, or have failed; the oldest makes room. */
#define FILES 64

struct module_files {
	struct event_module list[FILES]; /* file 0: free */
	unsigned int next;
};

struct module_files *module_files_new(void)
{
	return calloc(1, sizeof(struct module_files));
}

void module_files_free(struct module_files *files)
{
	free(files);
}

bool module_files_take(struct module_files *files, const void *data, size_t size)
{
	struct event_module *m = &files->list[files->next % FILES];

	int err = module_decode(data, size, m);

	if (err == -EBADMSG)
		m->part.file = 0;
	if (!err)
		files->next++;
	return !err;
}

/* The thread had that number alone. */
static struct event_module *module_find(struct module_files *files, const struct action_event *e)
{
	struct event_module *m;

	for (m = files->list; m < files->list + FILES; m++)
		if (m->part.file == e->file && m->part.process.pid == e->process.pid &&
		    m->part.process.tid == e->process.tid)
			return m;
	return NULL;
}

#define PATH_FIELD (1U << FIELD_MODULE_PATH)

static void module_give(const struct event_module *m, struct event *ev)
{
	const struct event_header *header = &m->part.header;

	ev->header.unread |= header->unread & PATH_FIELD;
	ev->header.truncated |= header->truncated & PATH_FIELD;
	if (header->unread & (1U << FIELD_FILE_STAT))
		ev->header.unread |= 1U << FIELD_MODULE_STAT;
	if (header->unread & (1U << FIELD_FILE_NUMBERS))
		ev->header.unread |= 1U << FIELD_MODULE_NUMBERS;
	ev->texts[FILE_PATH] = m->path;
	ev->opened = (struct event_file){ .inode = m->part.inode,
		                          .opened_ns = m->part.opened_ns,
		                          .device = m->part.device };
}

void module_files_give(struct module_files *files, struct event *ev)
{
	unsigned int image = ev->action.file & MODULE_IMAGES;
	struct event_module *m;

	if (!ev->action.number)
		return;
	if (image != MODULE_IN_MEMORY && image != MODULE_IN_FILE)
		ev->header.unread |= 1U << FIELD_MODULE_IMAGE;
	if (image != MODULE_IN_FILE)
		return;
	m = module_find(files, &ev->action);
	if (!m) {
		ev->header.unread |= PATH_FIELD | 1U << FIELD_MODULE_STAT;
		return;
	}
	module_give(m, ev);
	m->part.file = 0;
}
