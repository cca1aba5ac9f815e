# SPDX-License-Identifier: BSD-2-Clause
"""Ways to a file past its path (scenario_file_place.c)."""
import re

from sensor import exact


class Part:
    """Tests of the places that watch rules name."""

    def place_source(self):
        """What reports files: "kprobe", "fentry" or "tracepoint"."""
        source = re.search(r"; file: (kprobe|fentry|tracepoint) [\w:]+(;|$)", self.said, re.M)
        if not source:
            self.skipTest("file needs a hook that this run does not have")
        return source[1]

    def file_events(self, pid):
        return [e for e in self.events if e["event"]["category"] == ["file"] and e["process"]["pid"] == int(pid)
                and e["event"]["action"] not in ("mount", "umount", "chroot", "memfd")]

    def test_places_are_reported_however_they_are_reached(self):
        source = self.place_source()
        for name in dict.fromkeys(r["case"] for r in self.records("place")):
            records = [r for r in self.records("place") if r["case"] == name]
            truth = [(r["action"], r["path"], r.get("other")) for r in records]
            if source == "tracepoint" and name == "hard-link":
                continue  # links are not reported, so they are not known
            if source == "tracepoint":  # system calls with a file descriptor
                truth = [t for t in truth if t[0] in ("open", "create")]
                if self.release < (4, 19):  # where it cannot see that a file was created
                    truth = [("open", *t[1:]) for t in truth]
            with self.subTest(name):
                events = self.file_events(records[0]["pid"])
                self.assertEqual([(e["event"]["action"], exact(e, "file.path"),
                                   exact(e, "sextant.other_path") if "other_path" in e["sextant"] else None)
                                  for e in events], truth)

    def test_a_file_opened_by_its_handle_is_reported_without_a_path(self):
        source = self.place_source()
        for record in self.records("handle"):
            events = self.file_events(record["pid"])
            actions = record["actions"].split(",")
            if source == "tracepoint":
                actions = ["open", "chmod", "truncate"]
            self.assertEqual([e["event"]["action"] for e in events], actions)
            for event in events:
                self.assertIsNone(event["file"]["path"])
                self.assertIn("file.path", event["sextant"]["read_errors"])
