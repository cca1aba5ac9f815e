#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""docs/tutorial.md as a reader follows it: each file is built, each command prints what the tutorial says.

usage: tests/host/tutorial.py   (as root, after 'make')
"""
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402
import tutorial_text  # noqa: E402
from patience import HANGS, until  # noqa: E402
from tutorial_check import Steps  # noqa: E402

# tracefs, for this command alone; a host that has it is not changed.
WITH_TRACEFS = 'mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null; eval "$1"'
# Of the tree that step 6 changes: what a build reads, and what is built already and does not change.
SOURCES = ("Makefile", "kernels.db", "docs", "lkccb", "loader", "offsets", "probes", "scripts", "tests")
BUILT = ("obj/loader", "obj/offsets", "liboffsets.a", "trace.bpf.c", "trace.bpf.d", "trace.bpf.o")
ONE_TEST = """
import os, sys, unittest
sys.path[:0] = ["tests/host", "tests/lib"]
sys.argv = ["check.py", "build/sextant", "kernels.db", "build/tests/scenario", "docs/events.schema.json"]
suite = unittest.defaultTestLoader.loadTestsFromName("check.Scenario.test_personality_as_the_process_has_set_it")
result = unittest.TextTestRunner().run(suite)
sys.exit(not result.wasSuccessful() or bool(result.skipped))
"""


def run(command, directory, **options):
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, **options)


class Directory(unittest.TestCase):
    """With the tutorial's files, where the tutorial has it: below build/."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="tutorial-", dir=f"{ROOT}/build")
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        tutorial_text.write(cls.directory)


class Tutorial(Steps, Directory):
    def test_its_programs_are_compiled_as_those_of_the_sensor(self):
        done = run(["make", "-Bn", "count.bpf.o"], self.directory)
        with open(f"{ROOT}/Makefile", encoding="utf-8") as file:
            flags = next(line for line in file if line.startswith("BPF_FLAGS := ")).split()[2:]
        self.assertTrue(flags)
        self.assertEqual([flag for flag in flags if flag not in done.stdout.split()], [])

    @staticmethod
    def cpus():
        return os.cpu_count()

    def printed(self, step):
        """Builds the step as well; a warning is an error."""
        if step == 2 and not os.path.exists("/sys/bus/event_source/devices/kprobe"):
            self.skipTest("this kernel has no kprobes")
        if step == 5 and not os.path.exists("/sys/kernel/btf/vmlinux"):
            self.skipTest("this kernel has no BTF, of which an entry could be made")
        found = {}
        for is_root, command, lines in tutorial_text.commands(step):
            command_line = command.replace("make -s", "make -s CC='cc -Werror'")
            if is_root:
                done = run(["unshare", "-m", "sh", "-c", WITH_TRACEFS, "sh", command_line], self.directory)
                found[command] = done.returncode, done.stdout, done.stderr
            else:
                done = run(["sh", "-c", command_line], self.directory)
                self.assertEqual((done.returncode, tutorial_text.unlike(lines, done.stdout)), (0, []),
                                 f"{command}: {done.stdout}{done.stderr}")
        return found


class NewEvent(Directory):
    """Step 6, in a copy of the sources with what is built already."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tree = f"{cls.directory}/copy"
        for name in (*SOURCES, *(f"build/{name}" for name in BUILT)):
            source, target = f"{ROOT}/{name}", f"{cls.tree}/{name}"
            os.makedirs(os.path.dirname(target), exist_ok=True)
            (shutil.copytree if os.path.isdir(source) else shutil.copy2)(source, target)
        shutil.copytree(f"{cls.directory}/tree", cls.tree, dirs_exist_ok=True)
        cls.patch = run(["patch", "-p0", "-i", f"{cls.directory}/changes.diff"], cls.tree)
        cls.make = run(["make", f"-j{os.cpu_count()}", "CI=1", "build/sextant", "build/tests/scenario", "docs"], cls.tree)

    def test_the_changes_fit(self):
        self.assertEqual(self.patch.returncode, 0, self.patch.stdout)
        self.assertNotIn("fuzz", self.patch.stdout)

    def test_it_is_built_and_documented(self):
        self.assertEqual(self.make.returncode, 0, self.make.stdout + self.make.stderr)
        with open(f"{self.tree}/docs/events.md", encoding="utf-8") as file:
            self.assertIn("| `sextant.personality` | string or null |", file.read())

    def test_its_event_is_printed(self):
        expected, = (lines for _, command, lines in tutorial_text.commands(6) if command == "setarch -R true")
        path = f"{self.directory}/events"
        with open(path, "w+", encoding="utf-8") as out, subprocess.Popen(
                ["build/sextant", "run", "--db", "kernels.db", "--events", "personality", "--format", "text"],
                cwd=self.tree, stdout=out, stderr=subprocess.PIPE, text=True) as sensor:
            said, watchdog = "", threading.Timer(HANGS, sensor.kill)
            watchdog.start()
            try:
                for line in sensor.stderr:
                    said += line
                    if "ready" in line:
                        break
                own = subprocess.Popen(["setarch", "-R", "true"])
                own.wait(HANGS)

                def seen():
                    with open(path, encoding="utf-8") as file:
                        return [line for line in file if f" personality {own.pid} " in line]
                self.assertTrue(until(seen), said)
            finally:
                watchdog.cancel()
                sensor.terminate()
        self.assertEqual(tutorial_text.unlike(expected, "".join(seen())), [])
        self.assertTrue(seen()[0].endswith(" 0x40000\n"), seen())

    def test_its_scenario_passes(self):
        done = run([sys.executable, "-c", ONE_TEST], self.tree)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    tap.main()
