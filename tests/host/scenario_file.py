# SPDX-License-Identifier: BSD-2-Clause
"""Files (scenario_file*.c)."""
import os
import re

from sensor import exact


class Part:
    """Tests of file."""

    def file_systems(self):
        """For each file system: its name, its records and the events in its directory, by time."""
        if not re.search(r"; file: ((kprobe|fentry) \w+|tracepoint [\w:]+)(;|$)", self.said, re.M):
            self.skipTest("file needs a hook that this run does not have")
        for name in dict.fromkeys(r["case"] for r in self.records("file")):
            records = [r for r in self.records("file") if r["case"] == name]
            base = os.path.commonprefix([r["path"] for r in records])
            pids = {int(r["pid"]) for r in records}
            if "; file: tracepoint" in self.said:
                records = [self.as_reported(r) for r in records if self.by_descriptor(r)]
            pids |= {int(r["pid"]) for r in self.records("fork") if r["case"] == "change-refused"}
            events = [e for e in self.events if e["event"]["category"] == ["file"]
                      and e["process"]["pid"] in pids and e["event"]["action"] not in ("mount", "umount")
                      and exact(e, "file.path").startswith(base)]
            yield name, records, events

    def as_reported(self, record):
        """Before 4.19 the probe cannot see by a descriptor that its file was created."""
        old = self.release < (4, 19) and record["action"] == "create"
        return {**record, "action": "open"} if old else record

    @staticmethod
    def by_descriptor(record):
        """What is reported without kprobes: system calls with a file descriptor."""
        opened = record["action"] in ("open", "create") and os.path.basename(record["path"]) not in (
            b"regular", b"by-io-uring")
        return opened or "descriptor" in record

    def test_files_each_operation_once_in_its_order(self):
        for name, records, events in self.file_systems():
            with self.subTest(name):
                self.assertEqual([(e["event"]["action"], exact(e, "file.path")) for e in events],
                                 [(r["action"], r["path"]) for r in records])
                for event, record in zip(events, records):
                    sextant = event["sextant"]
                    for key, field in (("other", "sextant.other_path"), ("root", "sextant.root")):
                        if key in record:
                            self.assertEqual(exact(event, field), record[key])
                        else:
                            self.assertNotIn(field.split(".")[1], sextant)
                    if "text" in record:
                        field = "sextant.attribute" if record["action"].endswith("xattr") else "file.target_path"
                        self.assertEqual(exact(event, field), record["text"])
                    self.assertEqual(sextant.get("replaced_inode"), record.get("replaced"))

    def test_files_are_what_stat_says(self):
        for name, records, events in self.file_systems():
            for event, record in zip(events, records):
                with self.subTest(f"{name}: {record['action']} {record['path']}"):
                    file, mode = event["file"], int(record["mode"], 8)
                    kinds = {0o01: "fifo", 0o02: "character", 0o04: "dir", 0o10: "file", 0o12: "symlink",
                             0o14: "socket"}
                    self.assertEqual(file["type"], kinds[mode >> 12])
                    self.assertEqual(
                        (file["inode"], file["device"], file["mode"], file["uid"], file["gid"]),
                        (record["inode"], record["device"], f"{mode & 0o7777:04o}", record["uid"],
                         record["gid"]))
                    if "size" in record:
                        self.assertEqual(file["size"], int(record["size"]))
                    if record["action"] == "mknod" and "special" in record:
                        self.assertEqual(event["sextant"]["special_device"], record["special"])
                    if "before" in record and "sextant.before" in event["sextant"].get("read_errors", []):
                        self.assertIsNone(event["sextant"]["before"])
                    elif "before" in record:
                        before = event["sextant"]["before"]
                        self.assertEqual(f"{before['mode']}:{before['uid']}:{before['gid']}",
                                         record["before"])
