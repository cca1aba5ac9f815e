/* SPDX-License-Identifier: BSD-2-Clause */
/* floor OBJECT: attaches floor.bpf.o, takes its records as sextant does, and drops them; until
 * SIGINT. */
#include <linux/perf_event.h>
#include <stdio.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static enum bpf_perf_event_ret record(void *arg, int cpu, struct perf_event_header *header)
{
	(void)arg, (void)cpu, (void)header;
	return LIBBPF_PERF_EVENT_CONT;
}

int main(int argc, char **argv)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.watermark = 1,
		.wakeup_watermark = 128 * 1024,
	};
	struct bpf_object *object = argc == 2 ? bpf_object__open_file(argv[1], NULL) : NULL;
	struct bpf_program *program;
	struct perf_buffer *rings;

	if (!object || bpf_object__load(object))
		return 1;
	program = bpf_object__find_program_by_name(object, "floor_exec");
	rings = perf_buffer__new_raw(bpf_object__find_map_fd_by_name(object, "events"), 256, &attr,
	                             record, NULL, NULL);
	if (!rings || !bpf_program__attach(program))
		return 1;
	puts("ready");
	fflush(stdout);
	while (perf_buffer__poll(rings, 100) >= 0)
		perf_buffer__consume(rings);
	return 0;
}
