/* SPDX-License-Identifier: BSD-2-Clause */
/* Which container a process is in: by the places that runtimes make, and by no other. */
#include "tests/unit/unit.h"

#include "loader/state/container.h"

#define ID      "c0ffee00112233445566778899aabbccddeeff00112233445566778899aabbcc"
#define OTHER   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TASK    "432624d2150b349fe35ba397284dea78"
#define POD     "pod2c48913c-b29f-11e7-9350-020968147796"
#define POD_    "pod2c48913c_b29f_11e7_9350_020968147796"
#define FARGATE "34dc0b5e626f2c5c4c5170e34b10e765-1234567890"

struct example {
	const char *path, *id; /* id NULL: none */
};

static void assert_ids(const struct example *examples, size_t count)
{
	struct container_id id;
	size_t i;

	for (i = 0; i < count; i++) {
		id = container_id(examples[i].path, strlen(examples[i].path));
		if (!id.text != !examples[i].id)
			fail_msg("%s: %s", examples[i].path, id.text ? "has an id" : "has none");
		if (!id.text)
			continue;
		assert_int_equal(id.size, strlen(examples[i].id));
		assert_memory_equal(id.text, examples[i].id, id.size);
	}
}

#define ASSERT_IDS(examples) assert_ids(examples, sizeof(examples) / sizeof(examples[0]))

static void the_places_of_runtimes(void **state)
{
	static const struct example examples[] = {
		/* Docker, by cgroupfs and by systemd: withCgroups() in moby, daemon/oci_linux.go.
		 */
		{ "/docker/" ID, ID },
		{ "/system.slice/docker-" ID ".scope", ID },
		/* The same below a pod: kubelet with dockershim or cri-dockerd,
		   kontena/pharos-cluster issue 440. */
		{ "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-" POD_
		  ".slice/docker-" ID ".scope",
		  ID },
		/* containerd: getCgroupsPath() of its CRI plugin, containerd/cri pull request 290.
		 */
		{ "/system.slice/system-getty.slice/cri-containerd-" ID ".scope", ID },
		{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" POD_
		  ".slice/cri-containerd-" ID ".scope",
		  ID },
		{ "/kubepods/burstable/" POD "/" ID, ID },
		{ "/kubepods/besteffort/" POD "/" ID, ID },
		{ "/kubepods/" POD "/" ID, ID },
		{ "/k8s.io/" ID, ID }, /* without a parent: the namespace of containerd */
		/* The kubelet uses systemd and runc does not: what is meant for systemd becomes the
		   name of a directory; by the tests of opentelemetry-js-contrib. */
		{ "/system.slice/containerd.service/kubepods-burstable-" POD_
		  ".slice:cri-containerd:" ID,
		  ID },
		{ "/kubepods-besteffort-" POD_ ".slice:cri-containerd:" ID, ID },
		/* CRI-O: kubernetes/minikube issue 11280, and internal/config/cgmgr in cri-o. */
		{ "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-" POD_
		  ".slice/crio-" ID ".scope",
		  ID },
		{ "/kubepods/besteffort/" POD "/crio-" ID, ID },
		/* Podman, by systemd and by cgroupfs; crun puts the container one below: crun(1),
		   run.oci.systemd.subgroup. */
		{ "/machine.slice/libpod-" ID ".scope", ID },
		{ "/machine.slice/libpod-" ID ".scope/container", ID },
		{ "/machine.slice/machine-libpod_pod_" OTHER ".slice/libpod-" ID ".scope", ID },
		{ "/libpod_parent/libpod-" ID, ID },
		/* nerdctl, generateCgroupPath(): "system.slice:nerdctl:ID", or the namespace. */
		{ "/system.slice/nerdctl-" ID ".scope", ID },
		{ "/default/" ID, ID },
		/* ECS: BuildCgroupRoot() of amazon-ecs-agent; Fargate from 1.4 on, by the tests of
		   the tracers of Datadog. */
		{ "/ecs/" TASK "/" ID, ID },
		{ "/ecs/55091c13-b8cf-4801-b527-f4601742204d/" ID, ID },
		{ "/ecs/55091c13-b8cf-4801-b527-f4601742204d/" FARGATE, FARGATE },
		{ "/ecs/" FARGATE, FARGATE },
		{ "/ecstasks.slice/ecstasks-" TASK ".slice/docker-" ID ".scope", ID },
	};

	(void)state;
	ASSERT_IDS(examples);
}

static void what_is_below_a_container_is_in_it(void **state)
{
	static const struct example examples[] = {
		{ "/docker/" ID "/init.scope", ID },
		{ "/docker/" ID "/docker/" OTHER, ID },
		{ "/system.slice/docker-" ID ".scope/docker-" OTHER ".scope", ID },
		{ "/system.slice/docker-" ID ".scope/system.slice/docker-" OTHER ".scope", ID },
		{ "/kubepods/" POD "/" ID "/" OTHER, ID },
		{ "/kubepods/" POD "/crio-" ID "/crio-" OTHER, ID },
		{ "/machine.slice/libpod-" ID ".scope/container/libpod-" OTHER ".scope", ID },
		{ "/ecs/" TASK "/" ID "/" FARGATE, ID },
		{ "/ecs/" TASK "/" FARGATE "/" ID, FARGATE },
	};

	(void)state;
	ASSERT_IDS(examples);
}

static void other_places(void **state)
{
	static const struct example examples[] = {
		{ "", NULL },
		{ "/", NULL },
		{ "/docker", NULL },
		{ "/docker/", NULL },
		{ "docker/" ID, NULL },
		{ "/system.slice", NULL },
		{ ".slice/docker-" ID ".scope", NULL },
		{ "/user.slice/user-0.slice/session-1.scope", NULL },
		/* Not 64 hexadecimal digits. */
		{ "/docker/0" ID, NULL },
		{ "/docker/" ID "0", NULL },
		{ "/docker/C0FFEE00112233445566778899aabbccddeeff00112233445566778899aabbcc",
		  NULL },
		{ "/system.slice/docker-" ID ".scope0", NULL },
		{ "/system.slice/docker-" ID ".service", NULL },
		/* The host's processes beside a container. */
		{ "/machine.slice/libpod-conmon-" ID ".scope", NULL },
		{ "/kubepods.slice/kubepods-" POD_ ".slice/crio-conmon-" ID ".scope", NULL },
		{ "/kubepods/" POD "/crio-conmon-" ID, NULL },
		{ "/libpod_parent/conmon", NULL },
		{ "/system.slice/containerd.service", NULL },
		/* A service that is named so, and what may be below one. */
		{ "/system.slice/" ID ".service", NULL },
		{ "/system.slice/" ID, NULL },
		{ "/" ID, NULL },
		{ "/system.slice/web.service/docker-" ID ".scope", NULL },
		{ "/system.slice/web.service/docker/" ID, NULL },
		{ "/system.slice/web.service/kubepods-" POD_ ".slice:cri-containerd:" ID, NULL },
		/* Below what a user's systemd makes; rootless containers are there as well. */
		{ "/user.slice/user-1000.slice/user@1000.service/docker-" ID ".scope", NULL },
		{ "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" ID ".scope",
		  NULL },
		{ "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID
		  ".scope/container",
		  NULL },
		{ "/user.slice/user-1000.slice/user@1000.service/docker/" ID, NULL },
		{ "/user.slice/user-1000.slice/user@1000.service/kubepods/" POD "/" ID, NULL },
		{ "/user.slice/user-1000.slice/session-1.scope/system.slice/docker-" ID ".scope",
		  NULL },
		/* quadlets: a service of podman's, or of a user to whom systemd delegates it. */
		{ "/system.slice/web.service/libpod-payload-" ID, NULL },
		/* In containers of other kinds, whose root makes what it likes. */
		{ "/lxc/web/docker/" ID, NULL },
		{ "/lxc.payload.web/system.slice/docker-" ID ".scope", NULL },
		{ "/machine.slice/machine-web.scope/payload/system.slice/docker-" ID ".scope",
		  NULL },
		/* The path of a sensor in a cgroup namespace of its own has no beginning. */
		{ "/../cri-containerd-" ID ".scope", NULL },
		{ "/ecs/" ID, NULL },
		{ "/ecs/a/b/" ID, NULL },
		{ "/kubepods/a/b/" ID, NULL },
		{ "/kubepods/burstable/" ID, NULL },
	};

	(void)state;
	ASSERT_IDS(examples);
}

/* Of /proc/PID/cgroup the hierarchies count that the probes read. */
static void a_users_hierarchy_does_not_count(void **state)
{
	static const struct {
		const char *lines, *id;
	} examples[] = {
		{ "4:memory:/docker/" ID "\n1:name=systemd:/docker/" OTHER "\n", ID },
		{ "4:memory:/\n1:name=systemd:/docker/" ID "\n0::/\n", NULL },
		{ "3:pids:/docker/" ID "\n2:cpu,cpuacct:/\n", NULL },
		{ "3:pids:/\n2:cpuacct,cpu:/docker/" ID "\n", ID },
		{ "3:cpuset:/docker/" ID "\n", NULL },
		{ "4:memory:/\n0::/system.slice/docker-" ID ".scope\n", ID },
		{ "0::/system.slice/docker-" ID ".scope\n", ID },
		{ "0::/\n", NULL },
		{ "4:memory", NULL },
		{ "4:memory:", NULL },
		{ "", NULL },
	};
	struct container_id id;
	struct cgroups cgroups;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		cgroups = cgroups_of_lines(examples[i].lines);
		id = container_of(&cgroups);
		if (!id.text != !examples[i].id)
			fail_msg("%s", examples[i].lines);
		if (id.text)
			assert_memory_equal(id.text, examples[i].id, id.size);
	}
}

/* No byte behind a path is read. */
static void a_path_ends_where_it_ends(void **state)
{
	static const char path[] = "/ecs/" TASK "/" FARGATE;
	size_t size;
	char *copy;

	(void)state;
	for (size = 0; size < sizeof(path); size++) {
		copy = malloc(size ? size : 1);
		assert_non_null(copy);
		memcpy(copy, path, size);
		container_id(copy, size);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_places_of_runtimes),
		cmocka_unit_test(what_is_below_a_container_is_in_it),
		cmocka_unit_test(other_places),
		cmocka_unit_test(a_users_hierarchy_does_not_count),
		cmocka_unit_test(a_path_ends_where_it_ends),
	};

	return cmocka_run_group_tests_name("container", tests, NULL, NULL);
}
