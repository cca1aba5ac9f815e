# SPDX-License-Identifier: BSD-2-Clause
"""What events of all classes have in common, and what the sensor knows of other processes."""
ARGS_BYTES = 512  # of other processes' arguments: CACHE_ARGS_BYTES


def entity(event):
    return event["process"]["entity_id"]


class Part:
    def test_event_ids_are_unique(self):
        ids = [event["event"]["id"] for event in self.events]
        self.assertEqual(len(set(ids)), len(ids))

    def test_the_host_and_the_run_are_the_same_in_each_event(self):
        self.assertEqual(len({str(event["agent"]) + str(event["host"]) for event in self.events}), 1)

    def test_events_are_written_after_they_happened(self):
        for event in self.events:
            self.assertGreaterEqual(event["event"]["created"], event["@timestamp"])

    def test_command_lines_are_the_arguments(self):
        for event in self.own_events():
            if event["event"]["action"] != "exec" or not event["process"].get("args"):
                continue
            whole = " ".join(event["process"]["args"])
            seen = event["process"].get("command_line", "")
            if "process.command_line" in event["sextant"].get("truncated", []):
                self.assertTrue(whole.startswith(seen.rstrip("\ufffd")), event["event"]["id"])
                cut = "process.args" in event["sextant"]["truncated"]  # then what is missing is not in whole either
                self.assertGreater(len(whole.encode()) + cut, len(seen.encode()))
            else:
                self.assertEqual(seen, whole)

    def test_arguments_of_the_parent_are_those_of_its_last_exec(self):
        last, compared = {}, 0
        for event in self.events:
            parent = (event.get("process") or {}).get("parent")
            if parent and parent["entity_id"] in last and "args" in parent:
                args = last[parent["entity_id"]]
                if "args_count" in parent:
                    self.assertEqual((parent["args"], parent["args_count"]), (args, len(args)), event["event"]["id"])
                    self.assertEqual(parent["command_line"], " ".join(args))
                else:
                    self.assertIn("process.parent.args", event["sextant"]["truncated"])
                    self.assertEqual(parent["args"], args[:len(parent["args"])])
                compared += 1
            if event["event"]["action"] == "exec" and event["process"]["args"] is not None:
                last[entity(event)] = event["process"]["args"]
        self.assertGreater(compared, 10)

    def test_arguments_before_an_exec(self):
        last, compared = {}, 0
        for event in self.events:
            if event["event"]["action"] != "exec":
                continue
            before = event["process"].get("previous", {})
            if entity(event) in last and "args_count" in before:
                self.assertEqual(before["args"], last[entity(event)])
                compared += 1
            last[entity(event)] = event["process"]["args"]
        self.assertGreater(compared, 10)

    def test_ancestors_are_the_parents_of_parents(self):
        """Of a parent whose own parent has ended: a process that took its children over may be the next one."""
        parents, ended, compared = {}, set(), 0
        for event in self.events:
            if event["event"]["action"] == "fork" and event["process"]["parent"]:
                parents[entity(event)] = event["process"]["parent"]["entity_id"]
            if event["event"]["action"] == "exit":
                ended.add(entity(event))
            ancestors = [other["entity_id"] for other in event["sextant"].get("ancestors", [])]
            above = parents.get(event["process"]["parent"]["entity_id"]) if ancestors else None
            if above is None or above in ended:
                continue
            self.assertEqual(ancestors[0], above, event["event"]["id"])
            compared += 1
        self.assertGreater(compared, 10)
