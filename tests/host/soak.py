#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""All that an administrator and a host do to a sensor, for a while, beside the siege: reloads, rotations, full disks, kills.

usage: tests/host/soak.py SEXTANT DATABASE SIEGE SECONDS
"""
import collections
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tap  # noqa: E402
from disk import Disk  # noqa: E402
from patience import HANGS, until  # noqa: E402

SEXTANT, DATABASE, SIEGE = sys.argv[1:4]
SECONDS = int(sys.argv[4])

ACTION = re.compile(rb'"action":"(\w+)"')  # the first one of a line
NOT_OF_A_CLASS = {b"loss", b"hash", b"container", b"agent_start", b"heartbeat", b"agent_stop", b"class_degraded",
                  b"class_restored", b"budget_exceeded", b"budget_restored"}
WARM_UP = 0.25     # of the time; as in siege.py
GROWTH = 12 << 20  # bytes after that: the room for lines and records that wait may be needed late


class Soak(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp()
        self.disk = Disk(self.directory)
        self.addCleanup(os.rmdir, self.directory)
        self.addCleanup(self.disk.end)
        self.output = os.path.join(self.directory, "events")
        self.config = os.path.join(self.directory, "sextant.conf")
        self.control = os.path.join(self.directory, "control", "socket")
        self.errors = os.path.join(self.directory, "errors")
        self.actions = collections.Counter()  # of lines, since the sensor that runs has started
        self.of_before = 0  # lines of the output that are those of a sensor that was killed
        self.samples = []   # of each sensor
        self.process = self.monitor = None

    # ---- the sensor -----------------------------------------------------------

    def rules_write(self):
        with open(self.config + ".new", "w", encoding="ascii") as file:
            file.write("events = all\nheartbeat = 1\ncanary = 2\n"
                       f"output = {self.output}\ncontrol = {self.control}\n"
                       f"rule = try deny port {random.randrange(65536)}\nrule = deny uid {61020 + random.randrange(9)}\n")
        os.rename(self.config + ".new", self.config)

    def start(self):
        self.actions.clear()
        self.samples.append([])
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--config", self.config], stderr=errors)
        self.assertTrue(until(lambda: b"sextant: ready" in self.errors_read() or self.process.poll() is not None))
        self.assertIsNone(self.process.poll(), self.errors_read())

    def errors_read(self):
        with open(self.errors, "rb") as file:
            return file.read()

    def status(self):
        done = subprocess.run([SEXTANT, "status", "--json", "--control", self.control], capture_output=True, text=True,
                              timeout=HANGS, check=False)
        self.assertIn(done.returncode, (0, 6), done.stderr)
        return json.loads(done.stdout)

    def sample(self):
        said = self.status()
        for name, numbers in said["classes"].items():
            self.assertEqual(numbers["made"], numbers["written"] + numbers["waiting"] + numbers["lost"], name)
        pids = [said[part]["pid"] for part in ("engine", "monitor")]
        self.monitor = pids[1]
        self.samples[-1].append((sum(said[part]["memory_bytes"] for part in ("engine", "monitor")),
                                 [len(os.listdir(f"/proc/{pid}/fd")) for pid in pids]))

    # ---- what is done to it ---------------------------------------------------

    def lines_count(self, path):
        """Each is whole. Those of a sensor that was killed stand before those of the next one."""
        with open(path, "rb") as file:
            for number, line in enumerate(file):
                self.assertTrue(line.startswith(b"{") and line.endswith(b"}\n"), line[-200:])
                if number >= self.of_before:
                    self.actions[ACTION.search(line)[1]] += 1
        self.of_before = 0
        os.remove(path)

    def rotate(self):
        moved = f"{self.output}.1"
        if not os.path.exists(self.output):
            return
        os.rename(self.output, moved)
        self.process.send_signal(signal.SIGUSR1)
        self.assertTrue(until(lambda: os.path.exists(self.output)), self.errors_read())
        self.lines_count(moved)

    def reload(self):
        self.rules_write()
        self.process.send_signal(signal.SIGHUP)

    def full(self):
        self.disk.fill()
        time.sleep(random.uniform(0.5, 3))
        self.sample()
        self.disk.free()

    def kill(self):
        """What was written is whole but for its end, which the next sensor removes."""
        self.process.kill()
        self.process.wait()
        self.assertTrue(until(lambda: not os.path.exists(f"/proc/{self.monitor}")))
        with open(self.output, "rb") as file:
            self.of_before = sum(line.endswith(b"\n") for line in file)
        self.start()

    def work(self, end):
        things = [self.rotate] * 6 + [self.reload] * 4 + [self.full] * 2 + [self.kill]
        while time.monotonic() < end:
            self.sample()
            random.choice(things)()
            time.sleep(random.uniform(0, 0.5))

    # ---- what has to be true --------------------------------------------------

    def flat(self, samples):
        """Memory and descriptors of one sensor, after it has warmed up."""
        samples = samples[int(len(samples) * WARM_UP):]
        if len(samples) < 8:
            return
        self.assertLessEqual(max(s[0] for s in samples) - samples[0][0], GROWTH)
        half = len(samples) // 2
        for part in (0, 1):
            first, second = (max(s[1][part] for s in samples[begin:begin + half]) for begin in (0, half))
            self.assertLessEqual(second - first, 2, "descriptors")

    def test_everything(self):
        seed = int(time.time())
        random.seed(seed)
        print(f"# seed {seed}, {SECONDS} s", flush=True)
        self.rules_write()
        self.start()
        siege = subprocess.Popen([SIEGE, "--seconds", str(SECONDS), "--seed", str(seed)], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        self.addCleanup(siege.wait)
        self.addCleanup(siege.terminate)
        self.work(time.monotonic() + SECONDS)
        siege.wait()
        self.disk.free()
        time.sleep(2)  # what waits is written
        self.rotate()
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(HANGS), 0, self.errors_read()[-2000:])
        with open(self.output, "rb") as file:
            last = json.loads(file.readlines()[-1])
        self.lines_count(self.output)
        self.assertEqual(last["event"]["action"], "agent_stop")
        classes = last["sextant"]["agent"]["classes"]
        lines = sum(count for action, count in self.actions.items() if action not in NOT_OF_A_CLASS)
        self.assertEqual(sum(c["written"] for c in classes.values()), lines)
        self.assertEqual(sum(c["waiting"] for c in classes.values()), 0)
        for name in ("exec", "fork", "exit"):
            self.assertEqual(classes[name]["written"], self.actions[name.encode()], name)
        for samples in self.samples:
            self.flat(samples)
        print(f"# {len(self.samples)} sensors, the last wrote {lines} lines, lost "
              f"{sum(c['lost'] for c in classes.values())}", flush=True)


if __name__ == "__main__":
    tap.main()
