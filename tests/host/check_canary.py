# SPDX-License-Identifier: BSD-2-Clause
"""The sensor tests its own probes while it runs, and attaches again those that are dead."""
import json
import os
import subprocess
import tempfile
import unittest

import sensor
from check_parts import INSIDE, descriptors, monitor_of
from check_status import wait_for
from patience import HANGS


class Canary(unittest.TestCase):
    def start(self, *options):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        started = sensor.Sensor(directory.name, *options)
        self.addCleanup(started.process.wait)
        self.addCleanup(started.process.kill)
        return started

    def own_events(self, started):
        """Of canaries, as the last heartbeat has them."""
        with open(started.output, encoding="utf-8") as file:
            beats = [json.loads(line) for line in file if '"heartbeat"' in line and line.endswith("\n")]
        return beats[-1]["sextant"]["agent"]["own_events"] if beats else 0

    def test_its_events_are_counted_and_not_written(self):
        """Whatever rules there are: these leave nothing else."""
        works = [name for name, state in json.loads(sensor.run_sextant(
            "check", "--db", sensor.DATABASE, "--json", "--events", "all").stdout)["classes"].items() if state["works"]]
        started = self.start("--events", ",".join(works), "--canary", "1", "--heartbeat", "1", "--rule", "allow uid 61077")
        wait_for(lambda: self.own_events(started) > 3 * 8, "three canaries")
        # While rules are put in force at the start, all events are reported: those of others may be there.
        self.assertEqual([e for e in started.stop() if "canary" in json.dumps(e)], [])
        self.assertEqual(started.classes, [])  # none is taken for dead
        self.assertNotIn("canary", started.said())

    def test_a_dead_probe_is_noticed_and_attached_again(self):
        started = self.start("--canary", "1")
        monitor = monitor_of(started.process.pid)
        events = [str(fd) for fd, name in descriptors(monitor).items() if "perf_event" in name or "bpf_link" in name]
        said = subprocess.run([INSIDE, str(monitor), "--lose", *events], capture_output=True, text=True, check=True,
                              timeout=HANGS).stdout
        self.assertEqual(said, "".join(f"lose {fd}\n" for fd in events))
        wait_for(lambda: "exec reports again" in started.said(), "exec to report again")
        child = subprocess.Popen(["/bin/true"])
        child.wait()
        execs = [e["process"]["pid"] for e in started.stop() if e["event"]["action"] == "exec"]
        self.assertIn(child.pid, execs)
        self.assertIn(("class_degraded", "exec"), started.classes)
        self.assertIn(("class_restored", "exec"), started.classes)
        self.assertIn("exec: the events of the sensor's canary do not come: the programs were attached again",
                      started.said())

    def test_without_it_no_process_is_started(self):
        started = self.start("--canary", "0", "--heartbeat", "1")
        wait_for(lambda: os.path.getsize(started.output), "a heartbeat")
        self.assertEqual(self.own_events(started), 0)
