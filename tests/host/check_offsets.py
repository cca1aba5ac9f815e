# SPDX-License-Identifier: BSD-2-Clause
"""Offsets that are wrong, or of another kernel; and sextant check."""
import json
import os
import subprocess
import tempfile
import unittest

from sensor import DATABASE, SEXTANT, run_sextant
from wrong_offsets import wrong_database


class Offsets(unittest.TestCase):
    """What the sensor does with offsets that are not those of this kernel."""

    def test_offsets_of_another_kernel_are_refused(self):
        done = run_sextant("run", "--db", DATABASE, "--kernel-override",
                                "3.10.0-1160.el7.x86_64")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(done.stdout, "")
        for fact in ("task_struct.cred", "task_struct.real_parent", "mm_struct.arg_start",
                     "signal_struct.live", "dentry.d_parent"):
            self.assertIn(fact, done.stderr)
        self.assert_refused(done.stderr, r"3\.10\.0-1160\.el7\.x86_64", "")

    def assert_refused(self, said, entry, facts):
        """One line at the end, with the kernel entry, the offsets and the next step."""
        self.assertRegex(said.splitlines()[-1],
                         rf"refused: the kernel entry {entry} \(by --kernel-override\) is not this kernel's: .*"
                         rf"{facts}.*; nothing of it is used: correct --kernel-override, or add .*'lkccb add'$")
        self.assertNotIn("ready", said)

    def test_an_entry_by_which_an_exec_is_wrong_is_refused_whole(self):
        """Classes that the self-test does not cover, as signal, read processes by the same offsets."""
        said = self.run_with_wrong("arg_start", "exec,fork,exit,credentials,signal,chroot", code=4)
        self.assertIn("self-test of exec: process.args: got ", said)
        self.assert_refused(said, "wrong", r"in the self-test exec differ by mm_struct\.arg_start")

    def test_an_entry_by_which_a_fork_is_wrong_is_refused_whole(self):
        said = self.run_with_wrong("children", "fork,signal", code=4)
        self.assert_refused(said, "wrong", r"in the self-test fork differ by .*task_struct\.children")

    def test_one_wrong_offset_disables_its_class(self):
        said = self.run_with_wrong("group_exit_code", "exec,fork,exit")
        self.assertRegex(said, "self-test of exit: wait status: got .*group_exit_code")
        self.assertIn("exit is disabled: self-test failed", said)
        self.assertRegex(said, "ready .*exec: tracepoint")

    def test_a_wrong_offset_of_sockets_is_found_by_the_self_test(self):
        said = self.run_with_wrong("__sk_common.skc_daddr", "exec,socket")
        self.assertRegex(said, r"self-test of socket: the remote address: got .*skc_daddr")
        self.assertIn("socket is disabled: self-test failed", said)
        self.assertRegex(said, "ready .*exec: tracepoint")

    def test_a_required_class_whose_self_test_fails_ends_the_run(self):
        said = self.run_with_wrong("group_exit_code", "exec,fork,exit", "--require", "exec,exit", code=7)
        self.assertIn("exit is required (--require) and does not work: its self-test failed", said)
        self.assertNotIn("exec is required", said)
        self.assertNotIn("ready", said)

    def test_required_classes_that_work_change_nothing(self):
        said = self.run_with_wrong("group_exit_code", "exec,fork,exit", "--require", "exec,fork")
        self.assertRegex(said, "exit is disabled: self-test failed(.|\\n)*ready .*exec: tracepoint.*; exit: off")

    def run_with_wrong(self, member, events, *options, code=0):
        """What the sensor says with offsets of which one is four bytes too large."""
        with tempfile.TemporaryDirectory() as directory:
            db = wrong_database(directory, member)
            done = run_sextant("run", "--db", db, "--kernel-override", "wrong", "--duration",
                                    "0.2", "--events", events, *options)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr

    def test_check_reports_what_works(self):
        done = run_sextant("check", "--db", DATABASE, "--json")
        self.assertEqual(done.returncode, 0, done.stdout)
        report = json.loads(done.stdout)
        for name in ("exec", "fork", "exit"):
            self.assertTrue(report["classes"][name]["works"])
        kprobes = os.path.exists("/sys/bus/event_source/devices/kprobe")
        self.assertEqual("without" not in report["classes"]["exec"], kprobes)
        self.assertEqual(report["kernel"]["release"], os.uname().release)

    def test_check_names_what_the_self_test_does_not_cover(self):
        options = ("check", "--db", DATABASE, "--events", "exec,fork,exit,signal,ptrace,module")
        report = json.loads(run_sextant(*options, "--json").stdout)
        tested = report["self_test"]
        others = ["module"] if report["classes"]["module"]["works"] else []
        self.assertEqual(tested["covers"], ["exec", "fork", "exit", "ptrace", "signal"])
        self.assertEqual(tested["does_not_cover"], others)
        verified, others = set(tested["verified_facts"]), set(tested["unverified_facts"])
        self.assertLess({"cred.uid", "task_struct.children", "dentry.d_parent", "cred.cap_bset"}, verified)
        self.assertLess({"task_struct.mm", "mm_struct.arg_end", "cred.cap_ambient"}, others)
        self.assertFalse(verified & others)
        said = run_sextant(*options).stdout
        self.assertRegex(said, r"(?m)^self-test: +covers exec, fork, exit, ptrace, signal(; not module)?$")
        self.assertRegex(said, rf"(?m)^ +verifies {len(verified)} of {len(verified | others)} facts in use \(")
        self.assertNotIn("mm_struct.arg_end", said)
        said = run_sextant(*options, "--verbose").stdout
        self.assertRegex(said, r"(?m)^ +mm_struct\.arg_end: env_start, which follows, is the same$")

    def test_an_exec_alone_verifies_less(self):
        """What only a change of credentials tells apart is not claimed for an exec."""
        options = ("check", "--db", DATABASE, "--json", "--events")
        for events, name in (("exec", "unverified_facts"), ("exec,credentials", "verified_facts")):
            tested = json.loads(run_sextant(*options, events).stdout)["self_test"]
            self.assertIn("cred.cap_permitted", tested[name])

    def test_events_of_what_the_child_of_the_self_test_does_have_to_come(self):
        names = "namespaces", "bpf", "exec_failed", "chroot"
        options = ("--db", DATABASE, "--events", ",".join(names))
        tested = json.loads(run_sextant("check", *options, "--json").stdout)["self_test"]
        self.assertEqual(tested["covers"], list(names))
        said = run_sextant("run", *options, "--duration", "0.2").stderr
        self.assertIn(f"self-test passed for {', '.join(names)}\n", said)

    def assert_passes(self, *command):
        sensor = [os.path.abspath(SEXTANT), "run", "--db", os.path.abspath(DATABASE), "--events", "all"]
        done = subprocess.run([*command, *sensor, "--duration", "0.1", "--output", "/dev/null"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("self-test passed for exec, fork, thread, exit, ", done.stderr)
        self.assertNotIn("self-test of", done.stderr)

    def test_the_self_test_passes_where_proc_shows_other_paths(self):
        """In a cgroup namespace, and in a root directory that is none of a mount."""
        self.assert_passes("unshare", "--cgroup")
        with tempfile.TemporaryDirectory() as directory:
            enter = f"mount --make-rprivate / && mount --rbind / {directory}/in && exec chroot {directory}/in \"$@\""
            os.mkdir(f"{directory}/in")
            self.assert_passes("unshare", "--mount", "sh", "-c", enter, "sh")
            os.mkdir(f"{directory}/in/below")
            enter = (f"mount --make-rprivate / && mount -t tmpfs t {directory}/in && mkdir {directory}/in/below && "
                     f"mount --rbind / {directory}/in/below && cd {directory}/in/below && exec chroot . \"$@\"")
            self.assert_passes("unshare", "--mount", "sh", "-c", enter, "sh")

    def test_the_self_test_passes_with_fewer_rights(self):
        """What is not permitted is left out."""
        without = ",".join(f"-{name}" for name in ("chown", "mknod", "sys_chroot", "setpcap", "setuid", "setgid", "kill"))
        self.assert_passes("setpriv", f"--bounding-set={without}")
        self.assert_passes("prlimit", "--nproc=4096", "unshare", "--mount", "sh", "-c",
                           "mount --make-rprivate / && mount -t tmpfs t /dev/pts && exec \"$@\"", "sh")

    def test_check_and_run_choose_the_same_if_the_kernel_refuses_a_hook(self):
        """A kprobe on RHEL 7 without FUNCTION_TRACER is refused only when it is attached; here, a tracepoint is."""
        with tempfile.TemporaryDirectory() as directory:
            refuse = os.path.join(directory, "refuse.so")
            source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "refuse.c")
            subprocess.run(["cc", "-shared", "-fPIC", "-o", refuse, source], check=True)
            number = subprocess.run(
                ["unshare", "-m", "sh", "-c",
                 f"mount -t tracefs t {directory} && cat {directory}/events/sched/sched_process_exit/id"],
                check=True, capture_output=True, text=True).stdout
            env = {**os.environ, "LD_PRELOAD": refuse, "REFUSED": number}
            options = ("--db", DATABASE, "--events", "exec,exit")
            done = run_sextant("check", *options, "--json", env=env)
            exit_class = json.loads(done.stdout)["classes"]["exit"]
            said = run_sextant("run", *options, "--duration", "0.2", env=env).stderr
        ready = next(line for line in said.splitlines() if "ready" in line)
        self.assertNotIn("sched_process_exit", ready)
        self.assertIn(f"; exit: {exit_class['variant'] or 'off'}", ready)
        if not exit_class["works"]:
            self.assertEqual(done.returncode, 6)
            self.assertIn("tracepoint sched:sched_process_exit: cannot be attached by tracepoint: Invalid argument",
                          exit_class["reason"])

    def test_check_with_offsets_of_another_kernel(self):
        done = run_sextant("check", "--db", DATABASE, "--kernel-override",
                                "3.10.0-1160.el7.x86_64")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("3.10.0-1160.el7.x86_64 x86_64, by --kernel-override", done.stdout)

    def test_check_names_the_class_that_would_not_work(self):
        """The Ubuntu 4.15 table has no signal_struct: no exit events from it."""
        done = run_sextant("check", "--db", DATABASE, "--kernel-override", "4.15.0-42-generic")
        self.assertEqual(done.returncode, 6, done.stdout)
        self.assertRegex(done.stdout, r"(?m)^exit +OFF: .*lacks signal_struct\.live; kprobe acct_process: ")
