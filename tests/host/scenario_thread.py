# SPDX-License-Identifier: BSD-2-Clause
"""Threads (scenario_thread.c)."""


class Part:
    """Tests of thread."""

    def test_threads_are_no_processes(self):
        records = self.records("thread")
        self.assertEqual(len(records), 3)
        for record in records:
            events = [e for e in self.of("thread", record["pid"])
                      if e["process"]["thread"]["id"] == int(record["tid"])]
            self.assertEqual(len(events), 1)
            self.assertEqual(self.of("fork", record["tid"]), [])
            self.assertEqual(self.of("exit", record["tid"]), [])
