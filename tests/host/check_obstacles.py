# SPDX-License-Identifier: BSD-2-Clause
"""Who refuses what the sensor needs: 'check' and 'run' name it, and what helps."""
import ctypes
import json
import os
import struct
import subprocess
import unittest

from patience import HANGS
from sensor import DATABASE, SEXTANT, run_sextant

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06  # linux/bpf_common.h: of classic BPF
SECCOMP_RET_ALLOW, SECCOMP_RET_EPERM = 0x7fff0000, 0x00050001
CALLS = {"bpf": 321, "perf_event_open": 298}  # x86-64


def refuse(call):
    """For a child: a seccomp filter as a container's, which lets a call fail with EPERM."""
    code = b"".join(struct.pack("HBBI", *line) for line in (
        (LOAD_WORD, 0, 0, 0), (JUMP_EQUAL, 0, 1, CALLS[call]), (RETURN, 0, 0, SECCOMP_RET_EPERM),
        (RETURN, 0, 0, SECCOMP_RET_ALLOW)))
    memory = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(memory)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


class Obstacles(unittest.TestCase):
    def found(self, *before, **options):
        """What 'check' finds; 'run' says the same, and ends."""
        def sextant(*arguments):
            return subprocess.run([*before, SEXTANT, *arguments, "--db", DATABASE], capture_output=True, text=True,
                                  timeout=HANGS, check=False, **options)
        listed = json.loads(sextant("check", "--json").stdout)["obstacles"]
        run = sextant("run", "--output", "/dev/null", "--duration", "0.1")
        self.assertIn(run.returncode, (4, 5), run.stderr)
        self.assertIn(listed[0].split(" of its own")[0], run.stderr)
        text = sextant("check").stdout
        for line in listed:
            self.assertIn(f"obstacle:   {line}\n", text)
        return listed

    def test_a_host_that_refuses_nothing(self):
        self.assertEqual(json.loads(run_sextant("check", "--json", "--db", DATABASE).stdout)["obstacles"], [])

    def test_capabilities(self):
        drop = "-sys_admin,-bpf,-perfmon"
        [line] = self.found("setpriv", "--bounding-set", drop, "--inh-caps", drop)
        self.assertRegex(line, "^CAP_SYS_ADMIN, or from Linux 5.8 on CAP_BPF and CAP_PERFMON, is missing: ")

    def test_what_suffices_from_5_8_on(self):
        """docs/security.md; tracefs has to be mounted, here in a mount namespace of the test."""
        if tuple(map(int, os.uname().release.split(".")[:2])) < (5, 8):
            self.skipTest("before Linux 5.8")
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", '[ -d /sys/kernel/tracing/events ] || mount -t tracefs none /sys/kernel/tracing && exec "$@"', "sh",
             "setpriv", "--bounding-set", "-all,+bpf,+perfmon,+sys_ptrace,+dac_read_search,+setuid,+setgid", "--inh-caps",
             "-all", SEXTANT, "run", "--db", DATABASE, "--output", "/dev/null", "--duration", "0.1"],
            capture_output=True, text=True, timeout=HANGS, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("this system lacks", done.stderr)
        self.assertIn("self-test passed for exec, fork, exit", done.stderr)

    def test_a_user_without_root(self):
        [line] = self.found("setpriv", "--reuid", "65534", "--clear-groups")
        self.assertRegex(line, ": run as root$")

    def test_a_pid_namespace(self):
        [line] = self.found("unshare", "--pid", "--fork", "--mount-proc")
        self.assertIn("--pid=host", line)

    def test_a_user_namespace(self):
        lines = self.found("unshare", "--user", "--map-root-user")
        self.assertIn("--userns=host", lines[0])

    def test_a_seccomp_filter(self):
        for call in CALLS:
            with self.subTest(call):
                lines = self.found(preexec_fn=lambda call=call: refuse(call))
                self.assertIn(f"a seccomp filter refuses {call}(2)", lines[0])
