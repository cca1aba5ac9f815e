# SPDX-License-Identifier: BSD-2-Clause
"""What a process does to another one and to the kernel (scenario_action.c)."""
import re

import modulefiles
from sensor import exact

REQUESTS = {5: "poke_memory", 13: "set_registers", 16: "attach", 0x4206: "seize"}  # PTRACE_*


class Part:
    """Tests of ptrace, process_access, signal, memfd, bpf and module."""

    def known_to_the_hook(self, action, records):
        """The hook and the records that it can report: three hooks do not see refused attempts."""
        hook = re.search(rf"; {action}: (\w+ [\w:]+)", self.said)[1]
        if hook == "kprobe security_task_kill":
            return hook, [r for r in records if r["error"] == "0"]
        if hook == "raw_tracepoint signal:signal_generate":
            return hook, [r for r in records if r["error"] == "0" and r["number"] != "0"]
        if hook == "kprobe proc_ptrace_connector":
            return hook, [r for r in records if r["error"] == "0" or REQUESTS[int(r["number"])] not in
                          ("attach", "seize")]
        return hook, records

    def test_ptrace_process_access_and_signal_by_target_and_outcome(self):
        for action in ("ptrace", "process_access", "signal"):
            with self.subTest(action):
                records, seen = self.actions(action)
                hook, records = self.known_to_the_hook(action, records)
                self.assertEqual([e["sextant"]["target"]["pid"] for e in seen],
                                 [int(r["target"]) for r in records])
                for event, record in zip(seen, records):
                    fork = self.of("fork", record["target"])[0]
                    self.assertEqual(event["sextant"]["target"]["entity_id"],
                                     fork["process"]["entity_id"])
                    if action == "signal":
                        self.assertEqual(event["sextant"]["signal"], int(record["number"]))
                    if action == "ptrace" and hook != "kprobe proc_ptrace_connector":
                        self.assertEqual(event["sextant"]["request"], REQUESTS[int(record["number"])])
                        self.assertEqual(event["sextant"].get("address"), record.get("at"))
                    if hook == "kprobe security_task_kill":
                        self.assertEqual(event["event"]["outcome"], "unknown")
                    else:
                        self.outcome(event, record)

    def test_memfds_bpf_programs_and_modules_by_name(self):
        for action, key in (("memfd", "memfd"), ("bpf", "program"), ("module", "module")):
            with self.subTest(action):
                records, seen = self.actions(action)
                # Before 4.15 the system call refuses a program with a name.
                seen = [e for e in seen if e.get("error") != {"code": "E2BIG"}]
                self.assertEqual(len(seen), len(records), seen)
                if action == "bpf":
                    for event, record in zip(seen, records):
                        self.outcome(event, record)
                    if "; bpf: tracepoint" in self.said:  # the program is in the caller's memory
                        self.assertEqual({e["sextant"]["program"] for e in seen}, {None})
                        continue
                for event, record in zip(seen, records):
                    thing = event["sextant"][key]
                    self.assertEqual(exact(event, f"sextant.{key}.name"), record["name"])
                    if action == "bpf":
                        self.assertEqual((thing["type"], thing["instructions"]),
                                         (int(record["type"]), int(record["instructions"])))
                    if action == "module":
                        self.assertEqual(thing["loaded"], record["loaded"] == "1")

    def test_module_files(self):
        """Which file the kernel opened, and its hash: never that of what was read before, or stands there later."""
        records, seen = self.actions("module")
        is_known = "sextant.module.image" not in self.classes["module"].get("without", "")
        modulefiles.compare(self, records, seen, [e for e in self.events if e["event"]["action"] == "hash"], is_known)
