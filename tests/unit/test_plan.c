/* SPDX-License-Identifier: BSD-2-Clause */
/* Which sources and programs are chosen on a host, by what is missing there. */
#include "tests/unit/unit.h"

#include "loader/bpf/findings.h"
#include "loader/bpf/plan.h"

/* ---- a host ----------------------------------------------------------- */

static struct layout layout;
static unsigned int kinds;     /* 1 << enum hook_kind that this host has */
static const char *missing[4]; /* hooks that it has not, by their text */
static struct plan *plan;

#define KPROBES     (1U << HOOK_KPROBE | 1U << HOOK_KRETPROBE)
#define FENTRIES    (1U << HOOK_FENTRY | 1U << HOOK_FEXIT)
#define TRACEPOINTS (1U << HOOK_TRACEPOINT | 1U << HOOK_RAW_TRACEPOINT)

static enum attach_method method_of(enum hook_kind kind)
{
	switch (kind) {
	case HOOK_TRACEPOINT:
		return ATTACH_TRACEPOINT;
	case HOOK_RAW_TRACEPOINT:
		return ATTACH_RAW_TRACEPOINT;
	case HOOK_KPROBE:
		return ATTACH_KPROBE;
	case HOOK_KRETPROBE:
		return ATTACH_KPROBE_EVENTS;
	case HOOK_FENTRY:
	case HOOK_FEXIT:
		break;
	}
	return ATTACH_FENTRY;
}

static int host_hook(void *arg, const struct hook *hook, enum attach_method *ret,
                     struct offsets_error *error)
{
	size_t i;

	(void)arg;
	*ret = method_of(hook->kind);
	if (!(kinds & (1U << hook->kind)))
		return offsets_fail(error, -ENOTSUP, "not on this host");
	for (i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		if (missing[i] && !strcmp(missing[i], hook->text))
			return offsets_fail(error, -ENOENT, "no such hook");
	return 0;
}

/* The offsets that a check of paths needs in a row, and that are there. */
static void layout_fill(void)
{
	static const struct {
		enum layout_id id;
		unsigned int offset;
	} facts[] = { { LAYOUT_DENTRY_PARENT, 24 }, { LAYOUT_DENTRY_NAME, 32 },
		      { LAYOUT_QSTR_NAME, 8 },      { LAYOUT_PATH_DENTRY, 8 },
		      { LAYOUT_MOUNT_PARENT, 16 },  { LAYOUT_MOUNT_MOUNTPOINT, 24 },
		      { LAYOUT_MOUNT_MNT, 32 } };
	size_t i;

	memset(&layout, 0, sizeof(layout));
	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		layout.facts[facts[i].id].offset = facts[i].offset;
}

static int enter(void **state)
{
	(void)state;
	layout_fill();
	kinds = KPROBES | FENTRIES | TRACEPOINTS;
	memset(missing, 0, sizeof(missing));
	return 0;
}

static int leave(void **state)
{
	(void)state;
	plan_free(plan);
	plan = NULL;
	return 0;
}

static void plan_for(unsigned int classes, unsigned int tier)
{
	const struct plan_request request = {
		.layout = &layout, .classes = classes, .tiers = 1U << tier, .hook = host_hook
	};

	plan = plan_new(&request);
	assert_non_null(plan);
	plan_make(plan);
}

static struct planned *find(const char *name, const char *hook)
{
	size_t count, i;
	struct planned *list = plan_list(plan, &count);

	for (i = 0; i < count; i++)
		if (!strcmp(list[i].name, name) &&
		    (hook ? list[i].hook && !strcmp(list[i].hook->text, hook) : !list[i].hook))
			return &list[i];
	fail_msg("%s at %s is not in the plan", name, hook ? hook : "(tail call)");
	return NULL;
}

static bool chosen(const char *name, const char *hook)
{
	return find(name, hook)->chosen;
}

static size_t chosen_count(void)
{
	size_t count, chosen = 0, i;
	const struct planned *list = plan_list(plan, &count);

	for (i = 0; i < count; i++)
		chosen += list[i].chosen;
	return chosen;
}

static const struct class_state *state_of(enum event_type type)
{
	return plan_class(plan, type);
}

#define CLASS(type) (1U << EVENT_##type)

/* ---- sources ---------------------------------------------------------- */

static void the_first_source_is_taken_with_all_its_programs(void **state)
{
	(void)state;
	plan_for(CLASS(EXEC), 1);
	assert_string_equal(state_of(EVENT_EXEC)->source, "kprobe proc_exec_connector");
	assert_string_equal(state_of(EVENT_EXEC)->method, "kprobe");
	assert_int_equal(state_of(EVENT_EXEC)->tier, 1);
	assert_string_equal(state_of(EVENT_EXEC)->lacks, "");
	assert_true(chosen("t1_exec_kprobe", "kprobe proc_exec_connector"));
	assert_true(chosen("t2_attempt_kprobe", "kprobe security_bprm_check"));
	assert_true(chosen("t1_exec_walk_kprobe", NULL));
	assert_int_equal(chosen_count(), 3);
	assert_int_equal(plan_attempts(plan), ATTEMPTS_COMM | ATTEMPTS_BPRM);
}

/* As the kernel warns of long names at the tracepoint before 5.16. */
static void the_tracepoint_of_exec_is_the_last_choice(void **state)
{
	const struct source *source;
	unsigned int by_tracepoint = 0; /* tiers that have come to it */

	(void)state;
	for (source = exec_sources; source->tiers; source++) {
		if (source->programs->hook.kind == HOOK_TRACEPOINT)
			by_tracepoint |= source->tiers;
		else
			assert_false(by_tracepoint & source->tiers);
	}
	plan_for(CLASS(EXEC), 1);
	plan_refuse(find("t1_exec_kprobe", "kprobe proc_exec_connector"), "cannot be attached");
	assert_true(plan_make(plan));
	assert_string_equal(state_of(EVENT_EXEC)->source, "tracepoint sched:sched_process_exec");
	assert_non_null(strstr(state_of(EVENT_EXEC)->lacks, "the kernel print a warning"));
}

static void the_next_one_is_taken_where_the_first_has_no_hook(void **state)
{
	(void)state;
	kinds = TRACEPOINTS;
	plan_for(CLASS(EXEC), 1);
	assert_string_equal(state_of(EVENT_EXEC)->source, "tracepoint sched:sched_process_exec");
	assert_true(chosen("t1_exec", "tracepoint sched:sched_process_exec"));
	assert_true(chosen("t1_prepared", "raw_tracepoint sched:sched_prepare_exec"));
	assert_true(chosen("t2_renamed", "tracepoint task:task_rename"));
	assert_true(chosen("t1_exec_walk", NULL));
	assert_int_equal(chosen_count(), 4);
	assert_non_null(strstr(state_of(EVENT_EXEC)->lacks, "sextant.interpreters"));
	assert_non_null(strstr(state_of(EVENT_EXEC)->lacks,
	                       "(kprobe security_bprm_check: not on this host)"));
}

static void a_tier_has_its_own_programs(void **state)
{
	(void)state;
	plan_for(CLASS(EXEC) | CLASS(PTRACE), 3);
	assert_int_equal(state_of(EVENT_EXEC)->tier, 3);
	assert_true(chosen("t3_exec_kprobe", "kprobe proc_exec_connector"));
	assert_true(chosen("t3_ptrace_kretprobe", "kretprobe ptrace_attach"));
	assert_int_equal(plan_maps(plan).tiers, 1 << 3);
}

static void a_class_without_programs_for_a_tier_says_so(void **state)
{
	(void)state;
	plan_for(CLASS(CHROOT), 2);
	assert_false(plan_make(plan));
	assert_non_null(strstr(state_of(EVENT_CHROOT)->reason, "before 4.11"));
}

static void a_class_that_is_not_wanted_has_none(void **state)
{
	(void)state;
	plan_for(CLASS(EXEC), 1);
	assert_false(state_of(EVENT_FORK)->wanted);
	assert_null(state_of(EVENT_FORK)->source);
	assert_string_equal(state_of(EVENT_FORK)->reason, "");
}

static void without_any_source_each_one_is_explained(void **state)
{
	(void)state;
	kinds = TRACEPOINTS;
	missing[0] = "tracepoint sched:sched_process_exit";
	plan_for(CLASS(EXIT) | CLASS(MOUNT), 1);
	assert_null(state_of(EVENT_EXIT)->source);
	assert_string_equal(state_of(EVENT_EXIT)->reason,
	                    "tracepoint sched:sched_process_exit: no such hook; "
	                    "kprobe acct_process: not on this host");
	assert_string_equal(state_of(EVENT_MOUNT)->reason,
	                    "kretprobe path_mount, kretprobe do_mount: not on this host");
	assert_false(plan_make(plan));
}

static void a_source_whose_facts_are_missing_is_not_taken(void **state)
{
	(void)state;
	layout.facts[LAYOUT_SIGNAL_LIVE].offset = LAYOUT_ABSENT;
	plan_for(CLASS(EXIT), 1);
	assert_string_equal(state_of(EVENT_EXIT)->source, "kprobe acct_process");
	plan_free(plan);
	layout.facts[LAYOUT_TASK_SIGNAL].offset = LAYOUT_ABSENT;
	plan_for(CLASS(EXIT), 1);
	assert_null(state_of(EVENT_EXIT)->source);
	assert_non_null(strstr(state_of(EVENT_EXIT)->reason, "lacks task_struct.signal"));
}

static void paths_that_cannot_be_checked_are_no_source(void **state)
{
	(void)state;
	layout.facts[LAYOUT_DENTRY_NAME].offset = 64;
	plan_for(CLASS(FILE) | CLASS(MOUNT), 1);
	assert_null(state_of(EVENT_FILE)->source);
	assert_non_null(strstr(state_of(EVENT_FILE)->reason, "are apart"));
	assert_non_null(state_of(EVENT_MOUNT)->source);
}

static void a_source_that_is_refused_gives_way_to_the_next(void **state)
{
	(void)state;
	plan_for(CLASS(FORK) | CLASS(THREAD), 1);
	assert_string_equal(state_of(EVENT_THREAD)->source, "tracepoint task:task_newtask");
	plan_refuse_source(plan, EVENT_THREAD, "nothing came");
	assert_true(plan_make(plan));
	assert_string_equal(state_of(EVENT_THREAD)->source, "kprobe uprobe_copy_process");
	assert_string_equal(state_of(EVENT_FORK)->source, "kprobe uprobe_copy_process");
	plan_refuse_source(plan, EVENT_FORK, "nothing came");
	assert_false(plan_make(plan));
	assert_string_equal(state_of(EVENT_FORK)->reason,
	                    "tracepoint task:task_newtask, kprobe uprobe_copy_process: "
	                    "nothing came");
	plan_refuse_source(plan, EVENT_FORK, "nothing came"); /* none is left: no harm */
}

static void a_refused_tail_call_refuses_its_sources(void **state)
{
	(void)state;
	plan_for(CLASS(EXEC), 1);
	plan_refuse(find("t1_exec_walk_kprobe", NULL), "too long");
	plan_make(plan);
	assert_string_equal(state_of(EVENT_EXEC)->source, "tracepoint sched:sched_process_exec");
	assert_true(chosen("t2_attempt_kprobe", "kprobe security_bprm_check"));
	plan_refuse(find("t1_exec_walk", NULL), "too long");
	assert_false(plan_make(plan));
	assert_string_equal(state_of(EVENT_EXEC)->reason,
	                    "t1_exec_walk_kprobe, t1_exec_walk: too long");
}

/* ---- units ------------------------------------------------------------ */

/* A return without its entry reports nothing, and nobody would notice. */
static void a_required_pair_is_whole_or_not_used(void **state)
{
	(void)state;
	missing[0] = "kprobe ptrace_attach";
	plan_for(CLASS(PTRACE), 1);
	assert_string_equal(state_of(EVENT_PTRACE)->source, "kprobe proc_ptrace_connector");
	assert_false(chosen("t2_ptrace_kretprobe", "kretprobe ptrace_attach"));
	plan_refuse(find("t2_ptrace_kprobe", "kprobe proc_ptrace_connector"), "refused");
	plan_make(plan);
	assert_string_equal(state_of(EVENT_PTRACE)->source, "tracepoint syscalls:sys_exit_ptrace");
	plan_refuse(find("t1_ptrace_begins", "tracepoint syscalls:sys_enter_ptrace"), "refused");
	assert_false(plan_make(plan));
	assert_string_equal(state_of(EVENT_PTRACE)->reason,
	                    "kprobe ptrace_attach: no such hook; kprobe proc_ptrace_connector, "
	                    "tracepoint syscalls:sys_enter_ptrace: refused");
}

static void an_optional_pair_is_whole_or_lacking(void **state)
{
	(void)state;
	plan_for(CLASS(PTRACE), 1);
	assert_string_equal(state_of(EVENT_PTRACE)->lacks, "PTRACE_TRACEME");
	plan_refuse(find("t3_ptrace_write_kprobe", "kprobe arch_ptrace"), "refused");
	plan_make(plan);
	assert_string_equal(state_of(EVENT_PTRACE)->source, "kretprobe ptrace_attach");
	assert_false(chosen("t2_ptrace_kretprobe", "kretprobe arch_ptrace"));
	assert_false(chosen("t3_ptrace_write_kprobe", "kprobe arch_ptrace"));
	assert_true(chosen("t2_ptrace_kretprobe", "kretprobe compat_arch_ptrace"));
	assert_string_equal(state_of(EVENT_PTRACE)->lacks,
	                    "PTRACE_TRACEME; poke_memory, poke_user and set_registers (kprobe "
	                    "arch_ptrace: refused)");
}

static void a_kernel_without_an_optional_hook_lacks_what_it_gives(void **state)
{
	(void)state;
	missing[0] = "tracepoint module:module_free";
	plan_for(CLASS(MODULE), 1);
	assert_string_equal(state_of(EVENT_MODULE)->lacks,
	                    "modules that are removed (tracepoint module:module_free: no such "
	                    "hook)");
}

static void a_hook_that_need_not_exist_is_not_lacking(void **state)
{
	(void)state;
	missing[0] = "kprobe security_bpf";
	plan_for(CLASS(BPF), 1);
	assert_string_equal(state_of(EVENT_BPF)->lacks, "");
	assert_false(chosen("t3_bpf_size_kprobe", "kprobe security_bpf"));
	assert_true(chosen("t3_bpf_kprobe", "kprobe bpf_check"));
	plan_free(plan);
	missing[0] = NULL;
	plan_for(CLASS(BPF), 1);
	plan_refuse(find("t3_bpf_size_kprobe", "kprobe security_bpf"), "refused");
	plan_make(plan);
	assert_string_equal(state_of(EVENT_BPF)->lacks,
	                    "names of programs (kprobe security_bpf: refused)");
}

/* By whatever source. */
#define SOCKET_LACKS "packet, raw and ping sockets, SCTP, sendto(2) on Unix sockets"

static void a_fallback_is_used_where_the_unit_before_it_cannot_be(void **state)
{
	(void)state;
	plan_for(CLASS(SOCKET), 1);
	assert_true(chosen("t1_accept_kprobe", "kprobe security_sock_graft"));
	assert_false(chosen("t1_accept_kretprobe", "kretprobe inet_csk_accept"));
	plan_free(plan);
	missing[0] = "kprobe security_sock_graft";
	plan_for(CLASS(SOCKET), 1);
	assert_true(chosen("t1_accept_kretprobe", "kretprobe inet_csk_accept"));
	assert_string_equal(state_of(EVENT_SOCKET)->lacks, SOCKET_LACKS);
	plan_free(plan);
	missing[1] = "kretprobe inet_csk_accept";
	plan_for(CLASS(SOCKET), 1);
	assert_string_equal(state_of(EVENT_SOCKET)->lacks,
	                    SOCKET_LACKS "; accept (kretprobe inet_csk_accept: no such hook)");
}

/* ---- what is shared --------------------------------------------------- */

static void what_two_classes_share_is_there_once(void **state)
{
	(void)state;
	plan_for(CLASS(FORK) | CLASS(THREAD), 1);
	assert_int_equal(chosen_count(), 1);
}

/* Until 4.15 a tracepoint takes one program. */
static void namespaces_are_attached_before_credentials(void **state)
{
	(void)state;
	kinds = TRACEPOINTS;
	plan_for(CLASS(NAMESPACES) | CLASS(CREDENTIALS), 1);
	assert_true(find("t1_namespaces", "tracepoint syscalls:sys_exit_setns") <
	            find("t1_credentials", "tracepoint syscalls:sys_exit_setns"));
	plan_refuse(find("t1_credentials", "tracepoint syscalls:sys_exit_setns"), "busy");
	plan_make(plan);
	assert_true(chosen("t1_namespaces_begin", "tracepoint syscalls:sys_enter_setns"));
	assert_non_null(strstr(state_of(EVENT_CREDENTIALS)->lacks,
	                       "; changes of the user namespace by setns(2) (tracepoint "
	                       "syscalls:sys_exit_setns: busy)"));
}

/* ---- maps ------------------------------------------------------------- */

static void maps_are_those_of_what_is_chosen(void **state)
{
	(void)state;
	plan_for(CLASS(SOCKET), 1);
	assert_int_equal(plan_maps(plan).groups, MAPS_CONNECTIONS | MAPS_FLOWS | MAPS_UNIX_CALLS);
	plan_free(plan);
	kinds = TRACEPOINTS;
	plan_for(CLASS(SOCKET), 1);
	assert_int_equal(plan_maps(plan).groups, MAPS_CONNECTIONS);
	plan_free(plan);
	plan_for(CLASS(FILE), 1);
	assert_int_equal(plan_maps(plan).groups, MAPS_FILE);
	plan_free(plan);
	kinds |= FENTRIES;
	plan_for(CLASS(FILE), 1);
	assert_int_equal(plan_maps(plan).groups, MAPS_FILE | MAPS_FENTRY);
}

/* Loaded alone, to see what the kernel says of it, it needs its maps too. */
static void a_program_knows_its_own_maps(void **state)
{
	(void)state;
	plan_for(CLASS(SOCKET), 1);
	assert_true(find("t1_unix_kprobe", "kprobe unix_stream_connect")->maps.groups &
	            MAPS_UNIX_CALLS);
	assert_false(find("t1_accept_kretprobe", "kretprobe inet_csk_accept")->maps.groups &
	             MAPS_FLOWS);
}

/* ---- sentences -------------------------------------------------------- */

static void findings_with_one_reason_share_it(void **state)
{
	struct findings findings = { 0 };
	char text[128];

	(void)state;
	findings_lacks(&findings, NULL, text, sizeof(text));
	assert_string_equal(text, "");
	findings_lacks(&findings, "keyctl(2)", text, sizeof(text));
	assert_string_equal(text, "keyctl(2)");
	findings_add(&findings, "bind", "kprobe a", "x");
	findings_add(&findings, "bind", "kprobe b", "x");
	findings_add(&findings, "accept", "kprobe c", "x");
	findings_add(&findings, "accept", "kprobe d", "y");
	findings_reasons(&findings, text, sizeof(text));
	assert_string_equal(text, "kprobe a, kprobe b, kprobe c: x; kprobe d: y");
	findings_lacks(&findings, "keyctl(2)", text, sizeof(text));
	assert_string_equal(text, "keyctl(2); bind, accept (kprobe a, kprobe b, kprobe c: x); "
	                          "accept (kprobe d: y)");
	findings_lacks(&findings, NULL, text, 20);
	assert_string_equal(text, "bind, accept (kprob");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_source_is_taken_with_all_its_programs),
		TEST(the_tracepoint_of_exec_is_the_last_choice),
		TEST(the_next_one_is_taken_where_the_first_has_no_hook),
		TEST(a_tier_has_its_own_programs),
		TEST(a_class_that_is_not_wanted_has_none),
		TEST(a_class_without_programs_for_a_tier_says_so),
		TEST(without_any_source_each_one_is_explained),
		TEST(a_source_whose_facts_are_missing_is_not_taken),
		TEST(paths_that_cannot_be_checked_are_no_source),
		TEST(a_source_that_is_refused_gives_way_to_the_next),
		TEST(a_refused_tail_call_refuses_its_sources),
		TEST(a_required_pair_is_whole_or_not_used),
		TEST(an_optional_pair_is_whole_or_lacking),
		TEST(a_kernel_without_an_optional_hook_lacks_what_it_gives),
		TEST(a_hook_that_need_not_exist_is_not_lacking),
		TEST(a_fallback_is_used_where_the_unit_before_it_cannot_be),
		TEST(what_two_classes_share_is_there_once),
		TEST(namespaces_are_attached_before_credentials),
		TEST(maps_are_those_of_what_is_chosen),
		TEST(a_program_knows_its_own_maps),
		TEST(findings_with_one_reason_share_it),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
