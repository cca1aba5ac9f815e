#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each fact that the self-test is said to verify by kprobes, wrong by one member, in a VM: each is noticed.

tests/host/try.py does it for the ways to attach that the host has.

usage: tests/vm/shift.py KERNEL DEBUG DIRECTORY
KERNEL is a bzImage or Debian's image package, DEBUG a vmlinux or its -dbg package.
"""
import json
import os
import shutil
import subprocess
import sys
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402
import shifted  # noqa: E402
from patience import seconds_allowed  # noqa: E402

KERNEL, DEBUG, DIRECTORY = sys.argv[1:4]
LKCCB = f"{ROOT}/build/lkccb"
TRIES = 3


class Shift(unittest.TestCase):
    def in_vm(self, command, database):
        """What sextant says, and how the guest ended."""
        shutil.rmtree(f"{DIRECTORY}/out", ignore_errors=True)
        done = subprocess.run(
            [f"{ROOT}/scripts/vm", "--debian" if KERNEL.endswith(".deb") else "--kernel", KERNEL, "--memory", "1024",
             "--timeout", str(seconds_allowed(600)), "--file", f"{ROOT}/build/static/sextant:bin/sextant",
             "--file", f"{database}:x.db", "--get", "out/said", "--into", DIRECTORY,
             f"mkdir -p /out; sextant {command} --db /x.db --attach kprobe_events,tracepoint --events all --json >/out/said"],
            capture_output=True, text=True, check=False)
        end = f"exit status {done.returncode}: {done.stdout[-3000:]}{done.stderr}"
        self.assertTrue(os.path.exists(f"{DIRECTORY}/out/said"), end)
        with open(f"{DIRECTORY}/out/said", encoding="utf-8") as file:
            return json.load(file), end

    def test_each_verified_fact_that_is_wrong_is_noticed(self):
        shutil.rmtree(DIRECTORY, ignore_errors=True)
        os.makedirs(DIRECTORY)
        right = f"{DIRECTORY}/right.db"
        subprocess.run([LKCCB, "add", "--db", right, DEBUG], check=True, stdout=subprocess.DEVNULL)
        listed = subprocess.run([LKCCB, "list", "--db", right, "--json"], check=True, capture_output=True,
                                text=True).stdout
        facts = json.loads(listed.splitlines()[0])["facts"]
        verified = self.in_vm("check", right)[0]["self_test"]["verified_facts"]
        chosen = [f for f in facts if shifted.is_in(f, verified)]
        self.assertGreater(len(chosen), 80)
        # A CPU of the guest may stand still while a process ends: a time that lacks some of it looks right then. But
        # not each time.
        for _ in range(TRIES):
            database, wrong = shifted.database_of_each(LKCCB, facts, chosen, DIRECTORY)
            tried, end = self.in_vm("check --try", database)
            missed = shifted.not_noticed(tried, verified, wrong)
            chosen = [f for f in chosen if shifted.name(f) in missed]
            if not chosen:
                break
            print(f"# passed once: {missed}", flush=True)
        self.assertEqual(missed, [])
        self.assertEqual([layout["release"] for layout in tried["layouts"] if layout["verdict"] == "passes"],
                         [shifted.RIGHT], end)


if __name__ == "__main__":
    tap.main()
