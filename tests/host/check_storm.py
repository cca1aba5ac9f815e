# SPDX-License-Identifier: BSD-2-Clause
"""Many processes at once: each is reported or counted as lost."""
import collections
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

from eventschema import EventSchema
from sensor import SCENARIO, SCHEMA, Sensor

STORM = 10000


class Storm(unittest.TestCase):
    """Two loops that start processes as fast as they can."""

    def test_each_event_is_reported_once_or_counted_as_lost(self):
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory)
            loops = [subprocess.Popen([SCENARIO, "storm", str(STORM // 2)], stdout=subprocess.PIPE,
                                      text=True) for _ in range(2)]
            pids = [int(pid) for loop in loops for pid in loop.communicate()[0].split()]
            events = sensor.stop()
            lost = dict(re.findall(r"(exec|fork|exit) \d+ events, (\d+) lost", sensor.said()))
        self.assertEqual(len(pids), STORM)
        by = {loop.pid for loop in loops}  # the pids of other processes may be used again
        for action in ("exec", "fork", "exit"):
            seen = [e["process"]["pid"] for e in events
                    if e["event"]["action"] == action and e["process"]["parent"]["pid"] in by]
            self.assertFalse(collections.Counter(seen) - collections.Counter(pids), f"{action} more than once")
            missing = STORM - len(seen)
            self.assertLessEqual(missing, int(lost[action]), f"{action} missing and not counted")

    def test_users_have_shares_before_a_ring_is_full(self):
        """So that who fills it does not take the room of others; on a busy host it may be full at once."""
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory, "--events", "exec")
            [cpu, *_] = os.sched_getaffinity(0)
            sensor.process.send_signal(signal.SIGSTOP)
            for _ in range(28):  # of 1 MiB they fill 868 KiB
                subprocess.run(["taskset", "-c", str(cpu), "/bin/true", "x" * 31000], check=True)
            sensor.process.send_signal(signal.SIGCONT)
            sensor.stop()
            self.assertIn("each user but root has a share of the rings until that ends", sensor.said())

    def test_full_rings_are_counted(self):
        """The sensor is stopped and the rings fill: what is missing is exactly what it counts as lost."""
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory, "--canary", "0")  # whose events have numbers, too
            sensor.process.send_signal(signal.SIGSTOP)
            subprocess.run([SCENARIO, "storm", str(4 * STORM)], check=True,
                           stdout=subprocess.DEVNULL)
            sensor.process.send_signal(signal.SIGCONT)
            time.sleep(0.5)
            # A record after the loss on every CPU shows where its sequence goes on.
            for cpu in os.sched_getaffinity(0):
                subprocess.run(["taskset", "-c", str(cpu), "/bin/true"], check=True)
            events = sensor.stop()
            said = sensor.said()
        written, lost = map(int, re.search(r"(\d+) events, (\d+) lost;", said).groups())
        self.assertGreater(lost, 0, said)
        self.assertEqual(written, len(events))
        gaps, last = 0, {}
        for event in events:
            cpu, number = event["sextant"]["cpu"], event["event"]["sequence"]
            gaps += number - last.get(cpu, number - 1) - 1
            last[cpu] = number
        self.assertEqual(gaps, lost)
        # Each loss is also an event, and was reported during the run.
        schema = EventSchema(SCHEMA)
        for event in sensor.losses:
            self.assertIsNone(schema.error(event), event)
        self.assertEqual(sum(e["sextant"]["loss"]["count"] for e in sensor.losses), lost)
        self.assertRegex(said, r"(?m)^sextant: lost \d+ \w+ events on CPU \d+")
        self.assertLess(said.index("sextant: lost"), said.index(" events, "))
