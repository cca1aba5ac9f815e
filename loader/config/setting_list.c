/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/config/setting_list.h"

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

int setting_list_add(struct setting_list *s, const struct setting *setting,
                     struct offsets_error *error)
{
	struct setting *items, *item;

	if (s->count == SETTINGS_MAX)
		return offsets_fail(
			error, -E2BIG,
			"more than %d settings in all; put rules into a file of --filter",
			SETTINGS_MAX);
	items = realloc(s->items, (s->count + 1) * sizeof(*items));
	if (!items)
		return offsets_fail(error, -ENOMEM, "out of memory");
	s->items = items;
	item = &items[s->count++];
	*item = *setting;
	item->value = copy(setting->value);
	item->path = copy(setting->path);
	if ((setting->value && !item->value) || (setting->path && !item->path))
		return offsets_fail(error, -ENOMEM, "out of memory");
	return 0;
}

bool setting_list_continues(const struct setting_list *s, const char *path)
{
	const struct setting *last = s->count ? &s->items[s->count - 1] : NULL;

	return last && last->option->takes == TAKES_WORDS && last->path &&
	       !strcmp(last->path, path);
}

int setting_list_continue(struct setting_list *s, const char *words, struct offsets_error *error)
{
	struct setting *last = &s->items[s->count - 1];
	size_t size = strlen(last->value);
	char *longer = realloc((char *)last->value, size + strlen(words) + 2);

	if (!longer)
		return offsets_fail(error, -ENOMEM, "out of memory");
	longer[size] = ' ';
	strcpy(longer + size + 1, words);
	last->value = longer;
	return 0;
}

void setting_list_deinit(struct setting_list *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		free((char *)s->items[i].value);
		free((char *)s->items[i].path);
	}
	free(s->items);
	*s = (struct setting_list){ 0 };
}

bool setting_in_force(const struct setting_list *s, const struct setting *setting)
{
	const struct setting *other;

	for (other = s->items; other < s->items + s->count; other++) {
		if (other->option != setting->option)
			continue;
		if (setting->path && !other->path)
			return false;
		if (setting->option->takes < TAKES_VALUES && other > setting &&
		    (setting->path || !other->path))
			return false;
	}
	return true;
}

/* The next one from i on that is in force for the option; NULL: there is none. */
static const struct setting *next(const struct setting_list *s, const struct option_row *option,
                                  size_t *i)
{
	for (; *i < s->count; ++*i)
		if (s->items[*i].option == option && setting_in_force(s, &s->items[*i]))
			return &s->items[(*i)++];
	return NULL;
}

bool setting_lists_agree(const struct setting_list *a, const struct setting_list *b,
                         const struct option_row *option)
{
	const struct setting *one, *other;
	size_t i = 0, j = 0;

	do {
		one = next(a, option, &i);
		other = next(b, option, &j);
		if (!one || !other)
			return !one && !other;
	} while (!one->value == !other->value &&
	         (!one->value || !strcmp(one->value, other->value)));
	return false;
}
