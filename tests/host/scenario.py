# SPDX-License-Identifier: BSD-2-Clause
"""One run of the scenario (scenario.c): every field of each event against the truth.

The tests of an event class are the class Part of scenario_CLASS.py, beside scenario_CLASS.c.
"""
import errno
import functools
import glob
import importlib
import json
import os
import re
import subprocess
import tempfile
import unittest

from eventschema import EventSchema
from sensor import AGAIN, DATABASE, FILES, OF_AGENT, SCENARIO, SCHEMA, SEXTANT, WITHOUT_CLASS, Sensor, truth_read

UNSEEN_MOST = 2  # changes of connections of a run: scenario_socket.py


def parts():
    """The class Part of each scenario_*.py."""
    for path in sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "scenario_*.py"))):
        yield importlib.import_module(os.path.splitext(os.path.basename(path))[0]).Part


class Scenario(*parts(), unittest.TestCase):
    """One sensor and one run of the scenario; each test looks at the same events."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        if FILES:
            cls.load()
        else:
            cls.run_until_nothing_is_lost()
        cls.classes = cls.report["classes"]  # {name: what 'sextant check' says of the event class}

    @classmethod
    def load(cls):
        """The files of a run in a VM."""
        cls.code, cls.base = 0, FILES
        with open(os.path.join(FILES, "errors"), encoding="utf-8") as file:
            cls.said = file.read()
        with open(os.path.join(FILES, "events"), encoding="utf-8") as file:
            cls.events = [json.loads(line) for line in file]
        with open(os.path.join(FILES, "check"), encoding="utf-8") as file:
            cls.report = json.load(file)
        cls.truth = truth_read(os.path.join(FILES, "truth"))
        cls.tier = cls.report["classes"]["exec"]["tier"]
        cls.lacking = set(cls.report["offsets"]["null_fields"])
        cls.release = tuple(map(int, cls.report["kernel"]["release"].split(".")[:2]))
        cls.forget_what_the_kernel_drops()

    @classmethod
    def run_until_nothing_is_lost(cls):
        """A ring may overflow on a busy host: then the events cannot equal the truth."""
        cls.release = tuple(map(int, os.uname().release.split(".")[:2]))
        cls.tier, cls.lacking = 1, set()
        cls.report = json.loads(subprocess.run(
            [SEXTANT, "check", "--db", DATABASE, "--events", "all", "--json"], capture_output=True, text=True,
            check=False).stdout)
        for attempt in range(3):
            base = os.path.join(cls.directory.name, str(attempt))
            os.mkdir(base)
            os.chmod(cls.directory.name, 0o755)
            cls.run_here(base)
            if re.search(r"sextant: \d+ events, 0 lost;", cls.said):
                break

    @classmethod
    def run_here(cls, base):
        os.chmod(base, 0o755)
        rules = os.path.join(base, "rules")
        with open(rules, "w", encoding="utf-8") as file:
            file.write(f"watch {base}/work\n")
            file.write(subprocess.run([SCENARIO, "rules"], capture_output=True, text=True, check=True).stdout)
        cls.base = base
        sensor = Sensor(base, "--filter", rules, "--events", "all", "--output", f"{base}/ocsf format=ocsf")
        os.mkdir(os.path.join(base, "work"))
        truth = os.path.join(base, "truth")
        cls.driver = subprocess.Popen([SCENARIO, truth, os.path.join(base, "work")])
        code = cls.driver.wait(300)
        cls.events = cls.without_former(sensor.stop())
        cls.said, cls.code = sensor.said(), sensor.code
        assert code == 0, "the scenario failed"
        cls.truth = truth_read(truth)

    @classmethod
    def without_former(cls, events):
        """Without those of processes that had an id before one of the scenario's got it."""
        began = {cls.driver.pid: ""}
        for event in sorted(events, key=lambda e: e["@timestamp"]):
            if event["event"]["action"] == "fork" and event["sextant"]["caller"]["pid"] in began:
                began.setdefault(event["process"]["pid"], event["@timestamp"])
        cls.own = set(began)
        return [e for e in events if "process" not in e or e["@timestamp"] >= began.get(e["process"]["pid"], "")]

    @classmethod
    def forget_what_the_kernel_drops(cls):
        """Before 5.16 a tracepoint has room for a file name of some 2,000 bytes (PERF_MAX_TRACE_SIZE)."""
        if cls.release < (5, 16) and "exec: tracepoint" in cls.said:
            cls.truth = [r for r in cls.truth
                         if r["case"] != "path-longest" or r["kind"] not in ("exec", "call")]

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    # ---- what the parts use ----

    def records(self, kind):
        """The truth of that kind, in the order in which it happened."""
        return [r for r in self.truth if r["kind"] == kind]

    @functools.cached_property
    def by_process(self):
        """{(action, pid): events in their order}"""
        found = {}
        for event in self.events:
            if "process" in event:
                found.setdefault((event["event"]["action"], event["process"]["pid"]), []).append(event)
        return found

    def of(self, action, pid):
        """The events of that action by that process."""
        return self.by_process.get((action, int(pid)), [])

    def only(self, action, record):
        """The one event of that action by the record's process."""
        found = self.of(action, record["pid"])
        if record["case"] == "execs-in-a-row" and action == "exec":
            found = found[AGAIN:]
        self.assertEqual(len(found), 1, f"{action} of {record['case']}, pid {record['pid']}")
        return found[0]

    def own_events(self):
        """Those of the scenario's processes: on a host others run too."""
        if FILES:
            return self.events
        return [e for e in self.events if e["process"]["pid"] in self.own]

    def changes(self, action):
        """{pid: its events of that action, by time}; it is an error if the class does not work here."""
        self.assertRegex(self.said, rf"(?m); {action}: (kprobe \w+|tracepoint syscalls:\w+)(;|$)")
        found = {}
        for event in sorted(self.events, key=lambda e: e["@timestamp"]):
            if event["event"]["action"] == action:
                found.setdefault(event["process"]["pid"], []).append(event)
        return found

    def actions(self, action):
        """The records of that action, and the events of that action by the process of the first record."""
        records = self.records(action)
        if not records:
            self.skipTest(f"{action}: this kernel cannot do it, or the scenario has nothing to load")
        if not re.search(rf"; {action}: (kprobe|kretprobe|tracepoint|raw_tracepoint) [\w:]+(;|$)", self.said, re.M):
            self.skipTest(f"{action} needs a hook that this run does not have")
        return records, [e for e in self.events if e["event"]["action"] == action
                         and e["process"]["pid"] == int(records[0]["pid"])]

    def outcome(self, event, record):
        """Success or failure, with the error code, as the record has it."""
        error = int(record["error"])
        self.assertEqual(event["event"]["outcome"], "failure" if error else "success")
        self.assertEqual(event.get("error"), {"code": errno.errorcode[error]} if error else None)

    def room_used_up(self, event):
        """On tiers 2 and 3 a long path leaves no room for the file name, which is sent last."""
        return (self.tier > 1 and event["sextant"].get("read_errors") == ["sextant.filename"]
                and (event["sextant"].get("truncated") or len(event["process"]["executable"]) > 2000))

    # ---- of all classes ----

    def test_summary_and_exit_code(self):
        self.assertEqual(self.code, 0)
        lost = {name: int(count) for name, count in
                re.findall(r"(?:^sextant:|;) (?:([a-z_]+) )?\d+ events, (\d+) lost", self.said, re.M)}
        self.assertEqual(lost.pop(""), lost.get("socket", 0), self.said)
        self.assertIn("exec", lost)
        self.assertLessEqual(lost.pop("socket", 0), UNSEEN_MOST)
        self.assertEqual({name: count for name, count in lost.items() if count}, {})

    def test_every_event_keeps_the_schema(self):
        schema = EventSchema(SCHEMA)
        for event in self.events:
            self.assertIsNone(schema.error(event), json.dumps(event)[:2000])
        wrong = {**self.events[0], "event": {**self.events[0]["event"], "kind": "none"}}
        self.assertIsNotNone(schema.error(wrong))

    def test_no_class_fails_its_self_test(self):
        self.assertIn("self-test passed for ", self.said)
        self.assertNotIn("is disabled: self-test", self.said)

    def test_each_class_that_works_is_in_the_truth(self):
        """So that a new class has its scenario. What a module would be loaded from is in VMs alone."""
        works = {name for name, state in self.classes.items() if state["works"]}
        self.assertLessEqual({"exec", "fork", "exit"}, works)
        self.assertLessEqual(works - {r["kind"] for r in self.truth}, {"module"})

    def test_no_field_is_a_read_error(self):
        """But for those that this kernel or this hook does not have."""
        by_handle = {int(record["pid"]) for record in self.records("handle")}
        for event in self.own_events():
            if self.room_used_up(event):
                continue
            unread = set(event["sextant"].get("read_errors", []))
            if "; file: tracepoint" in self.said and event["event"]["category"] == ["file"]:
                unread -= {"sextant.before"}  # reported after the change
            if "; bpf: tracepoint" in self.said and event["event"]["action"] == "bpf":
                unread -= {"sextant.program"}  # in the caller's memory
            if "sextant.module.image" in self.classes.get("module", {}).get("without", ""):
                unread -= {"sextant.module.image"}  # the tracepoint alone does not see it
            if event.get("process", {}).get("pid") in by_handle:
                unread -= {"file.path"}  # a handle has none
            self.assertLessEqual(unread, self.lacking, json.dumps(event)[:2000])

    def test_sequence_has_no_gap(self):
        """But for the events of the sensor's own check each minute."""
        by_cpu = {}
        for event in self.events:
            if event["event"]["action"] not in WITHOUT_CLASS:
                by_cpu.setdefault(event["sextant"]["cpu"], []).append(event["event"]["sequence"])
        own = [e["sextant"]["agent"]["own_events"] for e in self.events if e["event"]["action"] in OF_AGENT]
        missing = 0
        for cpu, numbers in by_cpu.items():
            self.assertEqual(numbers, sorted(set(numbers)), cpu)
            missing += numbers[-1] + 1 - numbers[0] - len(numbers)
        self.assertLessEqual(missing, max(own, default=0))

    def test_no_class_is_taken_for_dead(self):
        """By the sensor's own check each minute."""
        self.assertEqual([e["sextant"]["class"] for e in self.events if "class" in e["sextant"]], [])

    def test_all_cases_ran(self):
        cases = {r["case"] for r in self.truth}
        self.assertGreaterEqual(len(cases), 38, sorted(cases))
