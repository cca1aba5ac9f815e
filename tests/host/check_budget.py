# SPDX-License-Identifier: BSD-2-Clause
"""--cpu-budget: who makes many events loses some of his own, and nobody else's."""
import json
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import sensor
from patience import HANGS

FLOODER, WITNESS = 61071, 61072  # their shares are different ones
LONG = 31000


class Flood:
    """Shells of a user that execute a program with long arguments again and again: more than a busy host has CPUs."""

    def __init__(self, test, uid):
        loop = "n=0; trap 'echo $n; exit' TERM; while :; do /bin/true $1; n=$((n + 1)); done"
        self.loops = [subprocess.Popen(["sh", "-c", loop, "sh", "\1" * LONG], user=uid, stdout=subprocess.PIPE, text=True)
                      for _ in range(4)]
        for process in self.loops:
            test.addCleanup(process.wait)
            test.addCleanup(process.kill)

    def stop(self):
        """{pid of the loop: how often it executed the program, as far as it has counted}"""
        for loop in self.loops:
            loop.terminate()
        return {loop.pid: int(loop.communicate()[0]) for loop in self.loops}


class Budget(unittest.TestCase):
    def start(self, *options):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.sensor = sensor.Sensor(directory.name, "--rule", f"allow uid {FLOODER}", "--rule", f"allow uid {WITNESS}",
                                    *options)

    def lines(self, word):
        with open(self.sensor.output, encoding="utf-8") as file:
            return [json.loads(line) for line in file if word in line and line.endswith("\n")]

    def wait_for(self, word):
        deadline = time.monotonic() + 4 * HANGS
        while not self.lines(word):
            self.assertLess(time.monotonic(), deadline, f"no event {word}: {self.sensor.said()}")
            time.sleep(0.2)

    def test_a_flood_loses_its_own_events_alone_and_each_is_counted(self):
        self.start("--cpu-budget", "1", "--events", "exec", "--heartbeat", "1")
        flood = Flood(self, FLOODER)
        self.wait_for("their user had used up")
        for i in range(40):
            subprocess.run(["/bin/true", f"witness-{i}"], user=WITNESS, check=True)
            time.sleep(0.05)
        made = flood.stop()
        self.wait_for("budget_restored")
        events = self.sensor.stop()
        seen = [e["process"]["args"][1] for e in events if e["user"]["id"] == str(WITNESS)]
        self.assertEqual(sorted(seen), sorted(f"witness-{i}" for i in range(40)))
        shed = sum(e["sextant"]["loss"]["count"] for e in self.sensor.losses
                   if "share" in e["sextant"]["loss"].get("reason", ""))
        self.assertGreater(shed, 0)
        lost = sum(e["sextant"]["loss"]["count"] for e in self.sensor.losses)
        reported = sum(e["process"].get("parent", {}).get("pid") in made for e in events)
        self.assertGreater(reported, 0)
        # The shells themselves; and of each loop the last exec, which it may not have counted.
        self.assertLessEqual(abs(sum(made.values()) - reported - lost), 2 * len(made))
        last = self.sensor.agent[-1]["sextant"]["agent"]["classes"]["exec"]
        self.assertEqual(last["shed"], shed)
        self.assertEqual(last["lost"], lost)
        begin = self.lines("budget_exceeded")[0]["sextant"]["budget"]
        self.assertEqual(begin["percent"], 1)
        self.assertGreater(begin["used"], 1)
        self.assertIn("true", begin["executable"])

    def test_root_has_shares_by_the_name_of_the_process(self):
        self.start("--cpu-budget", "1", "--events", "exec", "--rule", "allow uid 0")
        flood = Flood(self, 0)
        self.wait_for("their user had used up")
        for i in range(20):
            subprocess.run(["/bin/uname", f"witness-{i}"], check=False, stderr=subprocess.DEVNULL)
            time.sleep(0.05)
        flood.stop()
        events = self.sensor.stop()
        seen = [e["process"]["args"][1] for e in events if e["process"]["args"][1:] and
                e["process"]["args"][1].startswith("witness-")]
        self.assertEqual(sorted(seen), sorted(f"witness-{i}" for i in range(20)))
        self.assertTrue(self.sensor.losses)

    def test_a_socket_counts_for_its_owner(self):
        """It changes in whatever context a packet arrives."""
        self.start("--cpu-budget", "1", "--events", "socket")
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            connect = "import socket, sys\nwhile True:\n    socket.socket().connect_ex(('127.0.0.1', 1))"
            flood = [subprocess.Popen([sys.executable, "-c", connect], user=FLOODER) for _ in range(2)]
            for process in flood:
                self.addCleanup(process.wait)
                self.addCleanup(process.kill)
            self.wait_for("their user had used up")
            once = f"import socket; print(socket.create_connection(('127.0.0.1', {port})).getsockname()[1])"
            ports = []
            for _ in range(10):
                ports.append(int(subprocess.run([sys.executable, "-c", once], user=WITNESS, check=True, text=True,
                                                stdout=subprocess.PIPE).stdout))
                server.accept()[0].close()
        events = self.sensor.stop()
        seen = [e["source"]["port"] for e in events
                if e["event"]["action"] == "connect" and e["user"]["id"] == str(WITNESS)]
        self.assertEqual(seen, ports)

    def test_without_a_budget_there_are_no_shares(self):
        self.start("--cpu-budget", "0", "--events", "exec")
        flood = Flood(self, FLOODER)
        time.sleep(8)
        flood.stop()
        self.sensor.stop()
        self.assertFalse(self.lines("budget_exceeded"))
