# SPDX-License-Identifier: BSD-2-Clause
"""Forks (scenario_fork.c)."""
import signal

from sensor import exact, in_order


class Part:
    """Tests of fork."""

    def test_fork_once_with_its_parent(self):
        for record in self.records("fork"):
            with self.subTest(record["case"]):
                event = self.only("fork", record)
                self.assertEqual(event["process"]["parent"]["pid"], int(record["parent"]))
                self.assertEqual(event["sextant"]["caller"]["pid"], int(record["caller"]))
                self.assertEqual(event["sextant"]["caller"]["thread"]["id"],
                                 int(record["caller_tid"]))
                self.assertEqual(event["sextant"].get("new_namespaces"),
                                 ["uts", "ipc"] if record["case"] == "clone-namespaces" else None)
                self.assertEqual(event["sextant"]["child_signal"],
                                 signal.SIGWINCH if record["case"] == "clone-namespaces" else signal.SIGCHLD)

    def test_fork_comes_before_exec_and_exit(self):
        for record in self.records("exec"):
            times = [self.only(a, record)["@timestamp"] for a in ("fork", "exec", "exit")]
            self.assertTrue(in_order(times), (record["case"], times))

    def test_names_that_are_not_utf8(self):
        name = b"bad\xff name"
        parent = next(r for r in self.records("exit") if r["case"] == "name")
        child = next(r for r in self.records("exit") if r["case"] == "name-child")
        self.assertEqual(exact(self.only("exit", parent), "process.name"), name)
        for action in ("fork", "exit"):
            self.assertEqual(exact(self.only(action, child), "process.parent.name"), name)

    def test_a_pid_that_is_used_again_is_another_process(self):
        records = self.records("again")
        if not records:
            self.skipTest("this kernel does not let a test choose the next pid")
        for action in ("fork", "exit"):
            found = self.of(action, records[0]["pid"])
            self.assertEqual(len(found), 2)
            self.assertEqual(len({e["process"]["entity_id"] for e in found}), 2)
        codes = [e["process"]["exit_code"] for e in self.of("exit", records[0]["pid"])]
        self.assertEqual(codes, [1, 2])
