/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of containers: what is put in is found, and what was used least recently makes room. */
#include "tests/unit/unit.h"

#include "loader/state/containers.h"

static const char *id_of(unsigned int number)
{
	static char id[CONTAINER_ID_BYTES + 1];

	snprintf(id, sizeof(id), "%08x%056x", number * 2654435761U, number);
	return id;
}

static const struct container_facts *facts_of(struct containers *c, unsigned int number)
{
	return containers_facts(c, (struct container_id){ id_of(number), 64, NULL, true });
}

static void name_it(struct container_entry *e, const char *name)
{
	struct container_facts facts = { .runtime = RUNTIME_PODMAN };

	facts.texts[FACT_NAME].size = strlen(name);
	memcpy(facts.texts[FACT_NAME].bytes, name, strlen(name));
	assert_int_equal(container_entry_set(e, &facts), 0);
}

static void each_has_its_own_facts(void **state)
{
	struct containers *c = containers_new();
	unsigned int i;
	char name[16];

	(void)state;
	for (i = 0; i < 100; i++) {
		assert_null(facts_of(c, i));
		snprintf(name, sizeof(name), "name %u", i);
		name_it(containers_add(c, id_of(i), i), "before");
		name_it(containers_find(c, id_of(i), i), name);
	}
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "name %u", i);
		assert_memory_equal(facts_of(c, i)->texts[FACT_NAME].bytes, name, strlen(name));
	}
	assert_null(containers_find(c, id_of(100), 0));
	containers_free(c);
}

static void what_is_used_stays(void **state)
{
	struct containers *c = containers_new();
	const uint64_t later = CONTAINERS_IDLE_NS;
	unsigned int i, first = CONTAINERS_MAX;

	(void)state;
	for (i = 0; i < first; i++)
		name_it(containers_add(c, id_of(i), 0), "name");
	assert_null(containers_add(c, id_of(first), later - 1));
	assert_non_null(containers_find(c, id_of(0), later));
	for (i = first; i < 2 * first - 1; i++)
		assert_non_null(containers_add(c, id_of(i), later));
	assert_null(containers_add(c, id_of(i), later));
	assert_non_null(facts_of(c, 0));
	for (i = 1; i < 2 * first - 1; i++)
		assert_int_equal(containers_find(c, id_of(i), later) != NULL, i >= first);
	for (i = 0; i < CONTAINERS_MAX; i++)
		containers_drop(c, i);
	assert_null(facts_of(c, 0));
	containers_free(c);
}

/* Against a list that is searched from its beginning to its end. */
static void many_that_come_and_go(void **state)
{
	enum { IDS = 3000, STEPS = 200000 };
	static uint64_t used[IDS]; /* 0: it is not there */
	struct containers *c = containers_new();
	unsigned int random = 1, step, count = 0, id, i, oldest;
	uint64_t now = CONTAINERS_IDLE_NS;

	(void)state;
	for (step = 0; step < STEPS; step++, now += CONTAINERS_IDLE_NS / 1000) {
		random = random * 1103515245 + 12345;
		id = (random >> 8) % IDS;
		if (containers_find(c, id_of(id), now)) {
			assert_int_not_equal(used[id], 0);
			used[id] = now;
			continue;
		}
		assert_int_equal(used[id], 0);
		for (i = 0, oldest = IDS; count == CONTAINERS_MAX && i < IDS; i++)
			if (used[i] && (oldest == IDS || used[i] < used[oldest]))
				oldest = i;
		if (oldest < IDS && now - used[oldest] < CONTAINERS_IDLE_NS) {
			assert_null(containers_add(c, id_of(id), now));
			continue;
		}
		assert_non_null(containers_add(c, id_of(id), now));
		used[id] = now;
		if (oldest < IDS)
			used[oldest] = 0;
		else
			count++;
	}
	assert_int_equal(count, CONTAINERS_MAX);
	containers_free(c);
}

static void ids_of_another_form_have_no_facts(void **state)
{
	struct containers *c = containers_new();

	(void)state;
	assert_null(containers_facts(c, (struct container_id){ NULL, 0, NULL, true }));
	assert_null(containers_facts(
		c, (struct container_id){ "432624d2150b349fe35ba397284dea78-1", 34, NULL, true }));
	containers_free(c);
	containers_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_own_facts),
		cmocka_unit_test(what_is_used_stays),
		cmocka_unit_test(many_that_come_and_go),
		cmocka_unit_test(ids_of_another_form_have_no_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
