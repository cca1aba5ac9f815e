# SPDX-License-Identifier: BSD-2-Clause
"""Exits (scenario_exit.c)."""
import os

from patience import seconds_allowed
from sensor import FILES, ticks


class Part:
    """Tests of exit."""

    def test_exit_once_with_code_or_signal(self):
        for record in self.records("exit"):
            with self.subTest(f"{record['case']}, pid {record['pid']}"):
                event = self.only("exit", record)
                status = int(record["wait"])
                self.assertEqual(ticks(event["process"]), ticks(self.only("fork", record)["process"]))
                if os.WIFSIGNALED(status):
                    self.assertNotIn("exit_code", event["process"])
                    self.assertEqual(event["sextant"]["exit_signal"], os.WTERMSIG(status))
                    self.assertEqual(event["sextant"]["core_dumped"], os.WCOREDUMP(status))
                else:
                    self.assertEqual(event["process"]["exit_code"], os.WEXITSTATUS(status))
                    self.assertNotIn("exit_signal", event["sextant"])

    def test_exit_times(self):
        for record in self.records("exit"):
            with self.subTest(f"{record['case']}, pid {record['pid']}"):
                event = self.only("exit", record)
                used, true = event["sextant"]["cpu_time_ns"], int(record["cpu_ns"])
                if record["case"] == "busy":
                    self.assertGreater(used, 200_000_000)
                    # By two clocks, which differ by a tenth under emulation on a busy machine.
                    self.assertGreaterEqual(event["event"]["duration"], used * 0.8)
                if not record["case"].endswith(("name", "vfork", "-parent")):  # waited for children
                    # The other one counts ticks, of which a VM on a loaded machine has odd ones.
                    self.assertLess(abs(used - true), seconds_allowed(8_000_000_000 if FILES else 2_000_000_000))
