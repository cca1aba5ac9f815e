/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of runtimes say of containers: those of tests/data/runtime/, and hostile ones. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "loader/runtime/image_reference.h"
#include "loader/runtime/json_pick.h"
#include "loader/runtime/runtime_find.h"

#define NOBODY 65534

#define TEN(c)   c c c c c c c c c c
#define DIGIT(c) TEN(c) TEN(c) TEN(c) TEN(c) TEN(c) TEN(c) c c c c

#define DOCKER DIGIT("1")
#define CONFIG "/var/lib/docker/containers/" DOCKER "/config.v2.json"

static struct container_facts facts;

/* A copy of the files for each test, which only the user of the test can change. */
static int root_enter(void **state)
{
	if (work_enter(state))
		return -1;
	shell("cp -r tests/data/runtime/. %s && chmod -R u=rwX,go=rX %s", work, work);
	return 0;
}

static bool finds(const char *id)
{
	return runtime_find(work, id, &facts);
}

static void assert_fact(enum container_fact_id id, const char *text)
{
	const struct container_fact *fact = &facts.texts[id];

	if (fact->size != strlen(text) || memcmp(fact->bytes, text, fact->size))
		fail_msg("fact %d is '%.*s', not '%s'", id, fact->size, fact->bytes, text);
}

static void assert_facts(enum container_runtime runtime, const char *const *texts)
{
	enum container_fact_id id;

	assert_int_equal(facts.runtime, runtime);
	for (id = 0; id < CONTAINER_FACTS; id++)
		assert_fact(id, texts[id]);
}

/* ---- what runtimes write ------------------------------------------------- */

#define ASSERT_FACTS(runtime, ...) \
	assert_facts(runtime, (const char *const[CONTAINER_FACTS]){ __VA_ARGS__ })

static void of_docker(void **state)
{
	(void)state;
	assert_true(finds(DOCKER));
	ASSERT_FACTS(RUNTIME_DOCKER, "web", "nginx", "1.27", "", "", "", "");
}

static void of_docker_in_kubernetes(void **state)
{
	(void)state;
	assert_true(finds(DIGIT("2")));
	ASSERT_FACTS(RUNTIME_DOCKER, "app", "", "", "", "shop-7d4b9c",
	             "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "production");
}

static void of_docker_below_another_root(void **state)
{
	static const char *const keys[] = { "data-root", "graph" };
	size_t i;

	(void)state;
	shell("mkdir -p %s/etc/docker %s/srv && mv %s/var/lib/docker %s/srv/images", work, work,
	      work, work);
	assert_false(finds(DOCKER));
	for (i = 0; i < 2; i++) {
		shell("echo '{\"debug\": true, \"%s\": \"/srv/images\"}' "
		      ">%s/etc/docker/daemon.json",
		      keys[i], work);
		assert_true(finds(DOCKER));
		assert_fact(FACT_NAME, "web");
	}
	shell("echo '{\"data-root\": 7, \"graph\": \"srv/images\"}' >%s/etc/docker/daemon.json",
	      work);
	assert_false(finds(DOCKER));
}

static void of_containerd(void **state)
{
	(void)state;
	assert_true(finds(DIGIT("3")));
	ASSERT_FACTS(RUNTIME_CONTAINERD, "proxy", "registry.example:5000/mesh/proxy", "v1.9.2",
	             "sha256:" DIGIT("d"), "proxy-x2x9k", "1c9a4f0e-1111-2222-3333-444455556666",
	             "mesh");
	assert_true(finds(DIGIT("e"))); /* the pod's own */
	ASSERT_FACTS(RUNTIME_CONTAINERD, "", "", "", "", "proxy-x2x9k",
	             "1c9a4f0e-1111-2222-3333-444455556666", "mesh");
	assert_true(finds(DIGIT("4"))); /* nerdctl's */
	ASSERT_FACTS(RUNTIME_CONTAINERD, "cache", "", "", "", "", "", "");
	assert_true(finds(DIGIT("5"))); /* that of k3s */
	ASSERT_FACTS(RUNTIME_CONTAINERD, "coredns", "docker.io/rancher/mirrored-coredns-coredns",
	             "1.10.1", "", "coredns-6799fbcd5-abcde", "", "kube-system");
	assert_true(finds(DIGIT("6"))); /* of the older runtime */
	ASSERT_FACTS(RUNTIME_CONTAINERD, "", "", "", "", "old-0", "", "");
}

static void of_crio(void **state)
{
	(void)state;
	assert_true(finds(DIGIT("7")));
	ASSERT_FACTS(RUNTIME_CRIO, "etcd", "quay.io/coreos/etcd", "v3.5.12", "", "etcd-node1",
	             "aa11bb22-0000-1111-2222-333344445555", "openshift-etcd");
}

static void of_podman(void **state)
{
	(void)state;
	assert_true(finds(DIGIT("9")));
	ASSERT_FACTS(RUNTIME_PODMAN, "db", "docker.io/library/postgres", "16", "", "", "", "");
	assert_true(finds(DIGIT("b"))); /* with --rm */
	ASSERT_FACTS(RUNTIME_PODMAN, "once", "localhost/tool", "latest", "", "", "", "");
	assert_false(finds(DIGIT("8"))); /* of CRI-O, whose own file is gone */
	assert_false(finds(DIGIT("a"))); /* Buildah's */
	assert_false(finds(DIGIT("c"))); /* nobody's */
}

/* ---- who may say something ----------------------------------------------- */

/* Each: the command makes the file one that does not count. It stands in front of "WORK/". */
static void others_could_have_written_it(void **state)
{
	static const char *const commands[] = {
		"chmod o+w %s" CONFIG,
		"chmod o+w %s/var/lib/docker/containers",
		"chown 65534 %s" CONFIG,
		"chown 65534 %s/var/lib/docker/containers/" DOCKER,
		"chgrp 65534 %s" CONFIG " && chmod g+w %s" CONFIG,
		"mv %s/var/lib/docker %s/elsewhere && ln -s ../../elsewhere %s/var/lib/docker && "
		"chown -h 65534 %s/var/lib/docker",
	};
	size_t i;

	(void)state;
	if (geteuid())
		skip();
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		shell("rm -rf %s/* && cp -r tests/data/runtime/. %s && chmod -R u=rwX,go=rX %s",
		      work, work, work);
		assert_true(finds(DOCKER));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		shell(commands[i], work, work, work, work);
#pragma GCC diagnostic pop
		if (finds(DOCKER))
			fail_msg("it counts after: %s", commands[i]);
	}
}

static void a_link_of_root_is_followed(void **state)
{
	(void)state;
	shell("mv %s/var/lib/docker %s/srv && ln -s ../../srv %s/var/lib/docker", work, work, work);
	assert_true(finds(DOCKER));
}

/* There is a file at each of these, and it is not read. */
static void only_ids_become_paths(void **state)
{
	static const char *const ids[] = {
		"././././././././././././././././././././././././././././././././",
		"././././././././././././././././././././././././././././././../x",
		DIGIT("A"),
	};
	static const char tasks[] = "run/containerd/io.containerd.runtime.v2.task";
	size_t i;

	(void)state;
	shell("cd %s/%s && mkdir x k8s.io/" DIGIT("A") " && cp k8s.io/" DIGIT(
		      "3") "/config.json x && "
	                   "cp x/config.json k8s.io && cp x/config.json k8s.io/" DIGIT("A"),
	      work, tasks);
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		shell("test -f %s/%s/k8s.io/%s/config.json", work, tasks, ids[i]);
		assert_false(finds(ids[i]));
	}
}

/* ---- hostile contents ---------------------------------------------------- */

static void config_write(const void *text, size_t size)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", work, CONFIG);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static bool finds_in(const char *text)
{
	config_write(text, strlen(text));
	return finds(DOCKER);
}

static void values_of_other_types(void **state)
{
	static const char *const texts[] = {
		"[]",
		"7",
		"\"Name\"",
		"null",
		"{\"Name\": 7, \"Config\": \"Image\"}",
		"{\"Name\": {\"Name\": \"/web\"}, \"Config\": [{\"Image\": \"x\"}]}",
		"{\"Name\": [\"/web\"], \"Config\": {\"Image\": [\"x\"]}}",
		"[{\"Name\": \"/web\"}]",
		"{\"Name\": \"\", \"Config\": {\"Image\": \"\"}}",
		"{\"Name\": \"/\", \"Config\": {\"Image\": \"\"}}",
		"{\"Name\": \"web\"}",
		"{\"Config\": {\"Config\": {\"Image\": \"x\"}}}",
		"{\"ID\": \"1\", \"Name\": \"/web\"}", /* of another container */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (finds_in(texts[i]))
			fail_msg("there is something in %s", texts[i]);
	assert_true(finds_in("{\"Name\": 7, \"Config\": {\"Image\": \"a/b:c\"}}"));
	ASSERT_FACTS(RUNTIME_DOCKER, "", "a/b", "c", "", "", "", "");
}

static void what_is_no_json(void **state)
{
	static const char whole[] = "{\"Name\": \"/web\", \"Config\": {\"Image\": \"a\"}}";
	size_t size;

	(void)state;
	for (size = 0; size < sizeof(whole) - 1; size++) {
		config_write(whole, size);
		assert_false(finds(DOCKER));
	}
	assert_true(finds_in(whole));
	assert_false(finds_in("{\"Name\": \"/web\"} {\"Name\": \"/other\"}"));
	assert_false(finds_in("{\"Name\": \"/web\"} x"));
	config_write("{\"Name\": \"/web\"}\0", 17);
	assert_false(finds(DOCKER));
}

static void values_that_nest_deeply(void **state)
{
	size_t depth, i;
	char *text = malloc(1 << 19);

	(void)state;
	assert_non_null(text);
	for (depth = JSON_PICK_DEPTH - 2; depth < 200000; depth += 199000) {
		i = sprintf(text, "{\"Name\": \"/web\", \"x\": ");
		memset(text + i, '[', depth);
		memset(text + i + depth, ']', depth);
		strcpy(text + i + 2 * depth, "}");
		assert_int_equal(finds_in(text), depth < JSON_PICK_DEPTH);
	}
	free(text);
}

static void texts_of_any_bytes(void **state)
{
	(void)state;
	assert_true(finds_in("{\"Name\": \"/a\\u0000b\\u001b[2J\\n\\\"\", \"Config\": {\"Image\": "
	                     "\"x\xff:\xfe\"}}"));
	assert_int_equal(facts.texts[FACT_NAME].size, 9);
	assert_memory_equal(facts.texts[FACT_NAME].bytes, "a\0b\x1b[2J\n\"", 9);
	assert_fact(FACT_IMAGE, "x\xff");
	assert_fact(FACT_TAG, "\xfe");
}

static void a_long_text_is_kept_in_part(void **state)
{
	static char text[100000];
	size_t begin = sprintf(text, "{\"Name\": \"/");

	(void)state;
	memset(text + begin, 'n', 90000);
	strcpy(text + begin + 90000, "\"}");
	assert_true(finds_in(text));
	assert_int_equal(facts.texts[FACT_NAME].size, sizeof(facts.texts[FACT_NAME].bytes));
}

static void files_that_are_too_large_or_none(void **state)
{
	static const char *const commands[] = {
		"truncate -s 100M %s" CONFIG,
		"rm %s" CONFIG " && mkfifo -m 644 %s" CONFIG,
		"rm %s" CONFIG " && mkdir %s" CONFIG,
		"rmdir %s" CONFIG " && ln -s /dev/zero %s" CONFIG,
		"rm %s" CONFIG " && ln -s config.v2.json %s" CONFIG,
		"rm %s" CONFIG " && : >%s" CONFIG,
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		shell(commands[i], work, work);
#pragma GCC diagnostic pop
		assert_false(finds(DOCKER)); /* and it comes back */
	}
}

static void names_that_are_almost_those_of_pods(void **state)
{
	static const char *const names[] = {
		"k8s_",         "k8s_a", "k8s_a_b_c_d", "k8s_a_b_c_d_", "k8s_a_b_c_d_0_1",
		"k8s_a__c_d_0", "k8s",
	};
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(text, sizeof(text), "{\"Name\": \"/%s\"}", names[i]);
		assert_true(finds_in(text));
		ASSERT_FACTS(RUNTIME_DOCKER, names[i], "", "", "", "", "", "");
	}
}

static void lists_with_hostile_items(void **state)
{
	(void)state;
	shell("cd %s/var/lib/containers/storage/overlay-containers && printf '%%s' "
	      "'[7, null, [{\"id\": \"'" DIGIT(
		      "9") "'\"}], {\"names\": 7, \"metadata\": {}}, "
	                   "{\"id\": \"'" DIGIT(
				   "9") "'\", \"metadata\": \"{\\\"image-name\\\": 7\"}, "
	                                "{\"metadata\": \"{\\\"image-name\\\":\\\"x:1\\\"}\", "
	                                "\"names\": [\"n\", \"m\"], "
	                                "\"id\": \"'" DIGIT("9") "'\"}, {\"id\": \"x\", \"names\": "
	                                                         "[\"z\"]}]' >containers.json",
	      work);
	assert_true(finds(DIGIT("9")));
	ASSERT_FACTS(RUNTIME_PODMAN, "n", "x", "1", "", "", "", "");
}

/* ---- references ---------------------------------------------------------- */

static void references_to_images(void **state)
{
	static const char *const cases[][4] = {
		{ "nginx", "nginx", "", "" },
		{ "nginx:1", "nginx", "1", "" },
		{ "host:5000/nginx", "host:5000/nginx", "", "" },
		{ "host:5000/a/nginx:1", "host:5000/a/nginx", "1", "" },
		{ "a@sha256:" DIGIT("0"), "a", "", "sha256:" DIGIT("0") },
		{ "a:1@sha256:" DIGIT("0"), "a", "1", "sha256:" DIGIT("0") },
		{ "sha256:" DIGIT("0"), "", "", "" },
		{ DIGIT("0"), "", "", "" },
		{ "", "", "", "" },
		{ ":", "", "", "" },
		{ "@", "", "", "" },
		{ "a:", "a", "", "" },
		{ "/:x", "/", "x", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&facts, 0, sizeof(facts));
		image_reference_split(cases[i][0], strlen(cases[i][0]), &facts);
		assert_fact(FACT_IMAGE, cases[i][1]);
		assert_fact(FACT_TAG, cases[i][2]);
		assert_fact(FACT_DIGEST, cases[i][3]);
	}
}

#define ON_FILES(test) cmocka_unit_test_setup_teardown(test, root_enter, work_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FILES(of_docker),
		ON_FILES(of_docker_in_kubernetes),
		ON_FILES(of_docker_below_another_root),
		ON_FILES(of_containerd),
		ON_FILES(of_crio),
		ON_FILES(of_podman),
		ON_FILES(others_could_have_written_it),
		ON_FILES(a_link_of_root_is_followed),
		ON_FILES(only_ids_become_paths),
		ON_FILES(values_of_other_types),
		ON_FILES(what_is_no_json),
		ON_FILES(values_that_nest_deeply),
		ON_FILES(texts_of_any_bytes),
		ON_FILES(a_long_text_is_kept_in_part),
		ON_FILES(files_that_are_too_large_or_none),
		ON_FILES(names_that_are_almost_those_of_pods),
		ON_FILES(lists_with_hostile_items),
		cmocka_unit_test(references_to_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
