# SPDX-License-Identifier: BSD-2-Clause
"""The same events as OCSF has them, from a second output of the same sensor."""
import collections
import json
import os
import unittest

from ocsf import Ocsf, Twin, once
from sensor import FILES

# Actions that each kernel has; "open" on those with the class file. The others are there if the events of ECS have them.
WANT = {"exec", "fork", "thread", "exit", "credentials", "namespaces", "ptrace", "signal", "memfd", "bpf",
        "agent_start", "agent_stop"}


class Part:
    def has_one_output(self):
        """Of the runs in a VM one has both outputs (tests/vm/guest.sh), and a run on this host has."""
        if not FILES:
            return False
        with open(os.path.join(self.base, os.pardir, "ocsf-method"), encoding="ascii") as file:
            return file.read().strip() != os.path.basename(os.path.abspath(self.base))

    def twins(self):
        """[(event of ECS, event of OCSF)] by their id, of all events."""
        if self.has_one_output():
            raise unittest.SkipTest("the sensor of that run had one output")
        if not hasattr(type(self), "pairs"):
            with open(os.path.join(self.base, "ocsf"), encoding="utf-8") as file:
                ocsf = [json.loads(line, object_pairs_hook=once) for line in file]
            with open(os.path.join(self.base, "events"), encoding="utf-8") as file:
                ecs = [json.loads(line) for line in file]
            by_id = {event["metadata"]["uid"]: event for event in ocsf}
            self.assertEqual(len(by_id), len(ocsf))
            self.assertEqual(set(by_id), {event["event"]["id"] for event in ecs})
            type(self).pairs = [(event, by_id[event["event"]["id"]]) for event in ecs]
        return self.pairs

    def test_each_event_of_ocsf_is_as_the_published_schema_has_it(self):
        schema = Ocsf()
        found = collections.Counter(problem for _, event in self.twins() for problem in schema.problems(event))
        self.assertEqual(found.most_common(20), [])

    def test_ocsf_has_events_of_each_action(self):
        seen = {event["metadata"]["event_code"] for _, event in self.twins()}
        want = WANT | ({"open"} if self.classes.get("file", {}).get("works") else set())
        self.assertEqual(want - seen, set())

    def test_ocsf_and_ecs_say_the_same(self):
        compared, problems = 0, []
        for ecs, event in self.twins():
            twin = Twin(ecs, event).differences()
            compared += twin.compared
            problems += [f"{ecs['event']['action']}: {problem}" for problem in twin.problems]
        self.assertEqual(problems[:20], [])
        self.assertGreater(compared, 20 * len(self.twins()))

    def test_nothing_of_ecs_is_lost_in_ocsf(self):
        lost = [(ecs["event"]["action"], *what) for ecs, event in self.twins() for what in Twin(ecs, event).lost()]
        self.assertEqual(lost[:20], [])
