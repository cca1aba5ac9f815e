# SPDX-License-Identifier: BSD-2-Clause
"""The two processes of a sensor: what the engine cannot do any more, and that neither outlives the other."""
import errno
import os
import random
import re
import signal
import subprocess
import tempfile
import time
import unittest

import sensor
from patience import HANGS

INSIDE = os.path.join(os.path.dirname(sensor.SCENARIO or ""), "inside")
REFUSED = {-errno.EPERM, -errno.EACCES}


def monitor_of(pid):
    """The process id of the monitor of a sensor; None: there is none."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = file.read().split()
    except FileNotFoundError:
        return None
    for child in children:
        try:
            with open(f"/proc/{child}/comm", encoding="ascii") as file:
                if file.read() == "sextant-monitor\n":
                    return int(child)
        except FileNotFoundError:
            pass
    return None


def status(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def descriptors(pid):
    """{number: what it is of}"""
    path = f"/proc/{pid}/fd"
    return {int(fd): os.readlink(f"{path}/{fd}") for fd in os.listdir(path)}


def gone_within(seconds, *pids):
    """Whether none of these runs any more; a zombie does not."""
    deadline = time.monotonic() + seconds
    left = [pid for pid in pids if pid]
    while left and time.monotonic() < deadline:
        left = [pid for pid in left if os.path.exists(f"/proc/{pid}") and status(pid)["State"][0] != "Z"]
        time.sleep(0.02)
    return not left


class Parts(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.sensor = sensor.Sensor(directory.name)
        self.addCleanup(self.sensor.process.wait)
        self.addCleanup(self.sensor.process.kill)
        self.engine = self.sensor.process.pid
        self.monitor = monitor_of(self.engine)

    def test_the_engine_has_no_rights(self):
        engine = status(self.engine)
        uids = engine["Uid"].split()
        self.assertEqual(uids, [str(2000000000 + self.engine)] * 4)
        self.assertEqual(engine["Gid"].split(), uids)
        self.assertEqual(engine["Groups"].strip(), "")
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(engine.get(name, "0"), 16), 0, name)
        self.assertEqual((engine["NoNewPrivs"], engine["Seccomp"]), ("1", "2"))
        self.assertEqual(status(self.monitor)["Uid"].split()[0], "0")

    def test_the_engine_has_no_descriptor_of_bpf(self):
        names = descriptors(self.engine).values()
        self.assertEqual([name for name in names if re.search("bpf|btf|kprobe", name)], [])
        self.assertTrue([name for name in descriptors(self.monitor).values() if "bpf" in name])

    def test_what_the_engine_cannot_do(self):
        ring = next(fd for fd, name in descriptors(self.engine).items() if "perf_event" in name)
        said = subprocess.run([INSIDE, str(self.engine), str(ring)], capture_output=True, text=True, check=True,
                              timeout=HANGS).stdout
        results = {name: int(result) for name, result in (line.rsplit(" ", 1) for line in said.splitlines())}
        self.assertEqual(results.pop("allowed: getpid"), self.engine)
        self.assertGreater(results.pop("allowed: read what all may"), 2)
        self.assertGreater(len(results), 50)
        self.assertEqual({name: result for name, result in results.items() if result not in REFUSED}, {})
        self.assertEqual([e for e in self.sensor.stop() if e["process"]["pid"] == self.engine], [])

    def test_the_monitor_goes_with_an_engine_that_is_killed(self):
        self.sensor.process.kill()
        self.sensor.process.wait()
        self.assertTrue(gone_within(HANGS, self.monitor))

    def test_the_engine_ends_with_the_monitor_and_says_so(self):
        os.kill(self.monitor, signal.SIGKILL)
        self.assertEqual(self.sensor.process.wait(HANGS), 1)
        self.assertIn("the monitor process has ended", self.sensor.said())
        with open(self.sensor.output, encoding="utf-8") as file:
            self.assertIn("the monitor process has ended", file.readlines()[-1])

    def test_it_says_so_too_if_it_waits_for_an_answer(self):
        os.kill(self.monitor, signal.SIGSTOP)
        time.sleep(2)  # it asks each second
        os.kill(self.monitor, signal.SIGKILL)
        self.assertEqual(self.sensor.process.wait(HANGS), 1)
        self.assertIn("the monitor process has ended", self.sensor.said().splitlines()[-1])

    def test_signals_for_all_of_a_group_end_it_as_one(self):
        for pid in (self.monitor, self.engine):
            os.kill(pid, signal.SIGTERM)
        self.assertEqual(self.sensor.process.wait(HANGS), 0)
        self.assertTrue(gone_within(HANGS, self.monitor))


class Killed(unittest.TestCase):
    def test_at_any_moment_nothing_is_left(self):
        chance = random.Random(19)
        for turn in range(20):
            with subprocess.Popen([sensor.SEXTANT, "run", "--db", sensor.DATABASE, "--output", "/dev/null"],
                                  stderr=subprocess.DEVNULL) as process:
                time.sleep(chance.uniform(0, 1.5))
                monitor = monitor_of(process.pid)
                os.kill(monitor if monitor and turn % 2 else process.pid, signal.SIGKILL)
                process.wait(HANGS)
            with self.subTest(turn):
                self.assertTrue(gone_within(HANGS, monitor))
