# SPDX-License-Identifier: BSD-2-Clause
"""Execs that fail (scenario_exec_failed.c)."""
from sensor import exact


class Part:
    """Tests of exec_failed."""

    def test_execs_that_fail(self):
        if "; exec_failed:" not in self.said:
            self.skipTest("this kernel has neither kprobes nor a tracepoint of execve")
        self.assertRegex(self.said, r"(?m); exec_failed: (kretprobe \w+|tracepoint syscalls:\w+)(;|$)")
        records = self.records("exec_failed")
        seen = self.of("exec_failed", records[0]["pid"])
        self.assertEqual([(e["error"]["code"], exact(e, "sextant.filename")) for e in seen],
                         [(r["code"], r["name"][:64]) for r in records])
