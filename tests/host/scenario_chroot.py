# SPDX-License-Identifier: BSD-2-Clause
"""Root directories (scenario_chroot.c)."""
from sensor import exact


class Part:
    """Tests of chroot."""

    def test_each_chroot_that_succeeds_is_an_event(self):
        if not self.classes.get("chroot", {}).get("works"):
            self.skipTest("chroot needs tier 1")
        records = self.records("chroot")
        events = sorted(self.of("chroot", records[0]["pid"]), key=lambda e: e["@timestamp"])
        self.assertEqual([(exact(e, "file.path"), e["file"]["inode"], e["file"]["mode"]) for e in events],
                         [(r["path"], r["inode"], f"{int(r['mode'], 8):04o}") for r in records])
        before = self.classes["chroot"]["attach"] != "tracepoint"  # where the process still has its old root
        for event, record in zip(events, records):
            root = exact(event, "sextant.root") if "root" in event["sextant"] else b""
            self.assertEqual(root, record["other"] if before else b"")
            self.assertEqual((event["event"]["category"], event["event"]["type"]), (["process"], ["change"]))
