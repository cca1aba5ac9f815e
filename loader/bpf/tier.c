/* SPDX-License-Identifier: BSD-2-Clause */
/* Small programs that are loaded to see whether the kernel accepts them. */
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "loader/bpf/tier.h"
#include "loader/host/host.h"
#include "loader/host/sysfile.h"

/* Programs of tracepoints, which name no kernel version. */
static bool has_helper(enum bpf_func_id helper)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_TRACEPOINT, helper, NULL) == 1;
}

/*
 * The tier of a kernel is what its helpers allow. Programs of the tiers above
 * would be refused, those of the tiers below report less.
 */
unsigned int kernel_tier(void)
{
	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_TRACEPOINT, NULL) != 1)
		return 3;
	if (has_helper(BPF_FUNC_probe_read_str))
		return 1;
	return has_helper(BPF_FUNC_get_current_task) ? 2 : 3;
}

bool kernel_has_raw_tracepoints(void)
{
	return libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_RAW_TRACEPOINT, NULL) == 1;
}

bool kernel_has_fentry(void)
{
	return libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_TRACING, NULL) == 1 &&
	       has_helper(BPF_FUNC_loop);
}

/*
 * Kernels with memcg accounting (5.11, commit 97306be45fbe) have helper 160
 * too (bpf_ktime_get_coarse_ns, same release): libbpf goes by it as well.
 */
bool kernel_counts_memlock(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = 160 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", insns, 2, NULL);

	if (fd < 0)
		return true;
	close(fd);
	return false;
}

/* "return 0" as a kprobe program: does the kernel accept this version? */
static bool version_accepted(uint32_t code)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .kern_version = code);
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, NULL, "GPL", insns, 2, &opts);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

uint32_t kernel_version_code(const struct host *host)
{
	char signature[256];
	bool has_signature =
		host_read_line("/proc/version_signature", signature, sizeof(signature));
	uint32_t code =
		host_version_code(host->release, host->version, has_signature ? signature : NULL);
	unsigned int sublevel;

	if (!code || version_accepted(code))
		return code;
	for (sublevel = 0; sublevel < 256; sublevel++)
		if (version_accepted((code & ~0xffU) | sublevel))
			return (code & ~0xffU) | sublevel;
	return 0;
}
