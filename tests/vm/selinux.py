#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The policy module of the packages, enforcing, with Debian's policy: the sensor works in its domain, and is safe from others.

usage: tests/vm/selinux.py KERNEL DEBUG   (as tests/vm/matrix.py)
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402
from guest import Guest  # noqa: E402
from patience import seconds_allowed  # noqa: E402

KERNEL, DEBUG = sys.argv[1:3]
MODULES = [f"{ROOT}/scripts/package/sextant.cil", f"{ROOT}/tests/vm/selinux.cil"]


def policy_make(directory):
    """The machine's policy with these modules, in a store of its own; the path of the policy that a kernel loads."""
    for path in ("etc/selinux", "var/lib/selinux"):
        shutil.copytree(f"/{path}", f"{directory}/{path}", symlinks=True)
    subprocess.run(["semodule", "-p", directory, "-s", "default", "-n", *(word for path in MODULES for word in ("-i", path))],
                   check=True, capture_output=True)
    path, = glob.glob(f"{directory}/etc/selinux/default/policy/policy.*")
    return path


@unittest.skipUnless(shutil.which("semodule") and os.path.isdir("/var/lib/selinux/default"),
                     "Debian's selinux-policy-default is not here")
class Policy(Guest):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        here = cls.directory.name
        policy = policy_make(f"{here}/root")
        subprocess.run([f"{ROOT}/build/lkccb", "add", "--db", f"{here}/kernels.db", DEBUG], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["cc", "-O1", "-static", f"{ROOT}/tests/vm/domain.c", "-o", f"{here}/domain"], check=True)
        cls.vm = subprocess.run(
            [f"{ROOT}/scripts/vm", "--debian" if KERNEL.endswith(".deb") else "--kernel", KERNEL,
             "--append", "security=selinux selinux=1 audit=1 log_buf_len=8M", "--timeout", str(seconds_allowed(400)),
             "--file", f"{ROOT}/build/static/sextant:bin/sextant", "--file", f"{ROOT}/build/tests/scenario:bin/scenario",
             "--file", f"{here}/domain:bin/domain", "--file", f"{policy}:policy", "--file", f"{here}/kernels.db:kernels.db",
             "--file", f"{ROOT}/tests/vm/selinux.sh:guest.sh",
             *(word for name in ("domains", "attacks", "attacker", "status", "said", "enforce", "errors", "events", "denied", "logs")
               for word in ("--get", f"out/{name}")),
             "--into", here, "sh /guest.sh"], capture_output=True, text=True, check=False)

    def test_it_was_enforced_and_all_processes_were_in_the_domain(self):
        """Engine, monitor and hasher, and perhaps one that compresses."""
        self.assertEqual(self.read("enforce"), "1")
        self.assertEqual(set(self.read("domains").split()), {"system_u:system_r:sextant_t:s0"})
        self.assertGreaterEqual(len(self.read("domains").split()), 3)

    def test_nothing_that_the_sensor_does_is_refused(self):
        denied = [line for line in self.read("denied").splitlines() if ":sextant_t:s0 tcontext" in line]
        self.assertEqual(denied, [])

    def test_every_class_works(self):
        status = json.loads(self.read("status"))
        self.assertEqual(status["problems"], [], self.read("errors"))
        self.assertTrue(all(state["works"] for state in status["classes"].values()), status["classes"])
        self.assertGreater(status["own_events"], 20)  # the canary does what it does elsewhere
        actions = {e["event"]["action"] for e in map(json.loads, self.read("events").splitlines())}
        self.assertLessEqual({"exec", "create", "agent_stop"}, actions)

    def test_old_files_are_compressed(self):
        self.assertRegex(self.read("logs"), r"\bevents\.\d+\.gz\b")  # the newest one may be at work

    def test_it_is_restarted_without_a_gap(self):
        self.assertIn("has taken over", self.read("said"))
        self.assertIn("no event is missing", self.read("errors"))

    def test_a_daemon_of_root_in_another_domain_cannot_harm_it(self):
        self.assertEqual(self.read("attacker"), f"{128 + signal.SIGKILL}\n")
        self.assertEqual(self.read("attacks"), "")


if __name__ == "__main__":
    tap.main()
