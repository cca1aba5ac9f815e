/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>

#include "loader/rules/ruleset.h"

int ruleset_wrong(const struct ruleset *p, const char *what, const char *value)
{
	char line[16] = "";

	if (p->line)
		snprintf(line, sizeof(line), ":%u", p->line);
	return offsets_fail(p->error, -EBADMSG,
	                    "%s%s: %s%s; a rule is: [for NAME] [try] allow|deny KIND VALUE, or "
	                    "watch PATH (sextant(8), "
	                    "FILTER RULES)",
	                    p->path, line, what, value);
}

int ruleset_add(struct ruleset *p, enum filter_kind kind, __u64 value, enum filter_verdict verdict)
{
	struct filter *f = p->filter;
	size_t i;

	for (i = 0; i < f->count; i++) {
		const struct filter_rule *r = &f->rules[i];

		if (r->key.kind != kind || r->key.value != value)
			continue;
		return r->verdict == verdict ? 0 : ruleset_wrong(p, "both allowed and denied", "");
	}
	if (f->count == FILTERS_MAX)
		return ruleset_wrong(p, "too many rules for the kernel's map", "");
	f->rules[f->count++] = (struct filter_rule){ { kind, 0, value }, verdict };
	if (kind >= FILTER_KINDS) {
		f->bloom[bloom_bit(value) / 64] |= 1ULL << bloom_bit(value) % 64;
		return 0;
	}
	f->kinds |= 1U << kind;
	if (verdict == FILTER_ALLOW)
		f->only |= 1U << kind;
	return 0;
}
