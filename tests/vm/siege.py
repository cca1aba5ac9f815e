#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A siege in a VM; leaves the files that tests/host/siege.py --files DIRECTORY/out looks at.

usage: tests/vm/siege.py KERNEL DEBUG DIRECTORY
KERNEL is a bzImage or Debian's image package, DEBUG a vmlinux or its -dbg package.
Environment: SIEGE_SECONDS (default 10), SIEGE_SEED (default: from the clock), SIEGE_WITHOUT (default: nothing).
"""
import os
import shlex
import shutil
import subprocess
import sys
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402
from patience import seconds_allowed  # noqa: E402

KERNEL, DEBUG, DIRECTORY = sys.argv[1:4]
SECONDS = os.environ.get("SIEGE_SECONDS") or "10"
SEED = os.environ.get("SIEGE_SEED") or str(int(time.time()))
WITHOUT = os.environ.get("SIEGE_WITHOUT") or "nothing"
NAMES = ("classes", "kept", "read", "errors", "siege", "seconds", "up", "siege-code", "sensor-code", "read-code")


class Siege(unittest.TestCase):
    def test_the_guest_ran_to_its_end(self):
        shutil.rmtree(DIRECTORY, ignore_errors=True)
        os.makedirs(DIRECTORY)
        db = os.path.join(DIRECTORY, "kernels.db")
        subprocess.run([f"{ROOT}/build/lkccb", "add", "--db", db, DEBUG], check=True, stdout=subprocess.DEVNULL)
        print(f"# {SECONDS} s, seed {SEED}, without {WITHOUT}", flush=True)
        done = subprocess.run(
            [f"{ROOT}/scripts/vm", "--debian" if KERNEL.endswith(".deb") else "--kernel", KERNEL,
             "--timeout", str(seconds_allowed(300 + 3 * int(SECONDS))),
             "--file", f"{ROOT}/build/static/sextant:bin/sextant", "--file", f"{ROOT}/build/tests/siege:bin/siege",
             "--file", f"{ROOT}/tests/vm/siege.sh:siege.sh", "--file", f"{db}:kernels.db",
             *(word for name in NAMES for word in ("--get", f"out/{name}")), "--into", DIRECTORY,
             shlex.join(["sh", "/siege.sh", SECONDS, SEED, WITHOUT])],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr)
        for name in NAMES:
            self.assertTrue(os.path.exists(os.path.join(DIRECTORY, "out", name)), name)


if __name__ == "__main__":
    tap.main()
