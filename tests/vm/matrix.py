#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""One kernel in a VM: package to row to map to events; leaves the run's files for check.py --files.

usage: tests/vm/matrix.py KERNEL DEBUG DIRECTORY
KERNEL is a bzImage or Debian's image package, DEBUG a vmlinux or its -dbg package.
"""
import json
import os
import subprocess
import sys
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402

KERNEL, DEBUG, DIRECTORY = sys.argv[1:4]
LKCCB = f"{ROOT}/build/lkccb"


def bzimage(directory):
    """The image itself, out of its package if it comes in one."""
    if not KERNEL.endswith(".deb"):
        return KERNEL
    tree = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", KERNEL], stdout=subprocess.PIPE)
    path = os.path.join(directory, "bzImage")
    with open(path, "wb") as file:
        subprocess.run(["tar", "-xO", "--wildcards", "./boot/vmlinuz-*"], stdin=tree.stdout,
                       stdout=file, check=True)
    tree.stdout.close()
    tree.wait()
    return path


class Static(unittest.TestCase):
    def test_the_sensor_needs_no_library(self):
        headers = subprocess.run(["readelf", "-lW", f"{ROOT}/build/static/sextant"], check=True,
                                 capture_output=True, text=True).stdout
        self.assertNotIn("DYNAMIC", headers)
        self.assertNotIn("INTERP", headers)


class Kernel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.makedirs(DIRECTORY, exist_ok=True)
        for name in os.listdir(DIRECTORY):
            os.unlink(os.path.join(DIRECTORY, name))
        db = os.path.join(DIRECTORY, "kernels.db")
        # Its own row, by the product's own way, beside those of other kernels.
        subprocess.run([LKCCB, "import", "--db", db,
                        f"{ROOT}/offsets/kernels/rhel-3.10.0-1160.el7.x86_64.txt"], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run([LKCCB, "add", "--db", db, DEBUG], check=True, stdout=subprocess.DEVNULL)
        names = ("check", "check-code", "events", "errors", "truth", "scenario-code", "sensor-code",
                 "wrong-events", "wrong-errors", "wrong-code")
        cls.vm = subprocess.run(
            [f"{ROOT}/scripts/vm", "--kernel", bzimage(DIRECTORY), "--bare",
             "--file", f"{ROOT}/build/static/sextant:bin/sextant",
             "--file", f"{ROOT}/build/tests/scenario:bin/scenario",
             "--file", f"{ROOT}/tests/vm/guest.sh:guest.sh", "--file", f"{db}:kernels.db",
             *(word for name in names for word in ("--get", f"/tmp/out/{name}")),
             "--into", DIRECTORY, "sh /guest.sh"],
            capture_output=True, text=True, check=False)

    def read(self, name):
        try:
            with open(os.path.join(DIRECTORY, name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            self.fail(f"no {name}: {self.vm.stdout[-2000:]}{self.vm.stderr}")

    def test_the_guest_ran_to_its_end(self):
        self.assertEqual(self.vm.returncode, 0, self.vm.stdout[-2000:] + self.vm.stderr)
        self.assertEqual(self.read("scenario-code"), "0\n")
        self.assertEqual(self.read("sensor-code"), "0\n", self.read("errors"))

    def test_the_row_is_found_by_its_build_id_and_all_classes_work(self):
        report = json.loads(self.read("check"))
        self.assertEqual(self.read("check-code"), "0\n", report)
        self.assertEqual(report["offsets"]["matched_by"], "build-id")
        self.assertEqual(report["offsets"]["source"], "dwarf")
        self.assertEqual([c for c, state in report["classes"].items() if not state["works"]], [])

    def test_another_kernels_row_is_refused(self):
        self.assertEqual(self.read("wrong-code"), "4\n", self.read("wrong-errors"))
        self.assertEqual(self.read("wrong-events"), "")
        self.assertIn("self-check of exec", self.read("wrong-errors"))


if __name__ == "__main__":
    tap.main()
