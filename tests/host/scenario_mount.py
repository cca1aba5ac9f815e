# SPDX-License-Identifier: BSD-2-Clause
"""Mounts (scenario_mount.c)."""
import re

from sensor import exact


class Part:
    """Tests of mount."""

    def test_mounts(self):
        if not re.search(r"; mount: kretprobe \w+(;|$)", self.said, re.M):
            self.skipTest("mount needs kprobes, which this run does not have")
        for record in self.records("mount"):
            same = [r for r in self.records("mount")
                    if all(r[key] == record[key] for key in ("action", "pid", "path"))]
            with self.subTest(f"{record['action']} {record['case']}"):
                seen = [e for e in self.of(record["action"], record["pid"])
                        if exact(e, "file.path") == record["path"]]
                self.assertEqual(len(seen), len(same))
                mount = seen[same.index(record)]["sextant"]["mount"]
                if record["action"] == "mount":
                    self.assertEqual((mount["source"].encode(), mount["type"]),
                                     (record["source"], record["type"]))
