# SPDX-License-Identifier: BSD-2-Clause
"""Sockets (scenario_socket*.c)."""
import re

from sensor import exact


class Part:
    """Tests of socket."""

    def sockets(self):
        """(record, its events): those with the record's process, action and ends."""
        records = self.records("socket")
        if not re.search(r"; socket: (kprobe|tracepoint) [\w:]+(;|$)", self.said, re.M):
            self.skipTest("socket needs a hook that this run does not have")
        # Without kprobes: state changes of TCP alone, without accept.
        if re.search(r"\baccept\b", self.classes.get("socket", {}).get("without", "")):
            records = [r for r in records if r["transport"] == "tcp" and r["action"] != "bind"
                       and r["case"] != "tcp-no-route" and not self.accepted(r)]
        events = self.network_events()
        for record in records:
            yield record, [e for e in events if self.is_of(e, record)]

    def network_events(self):
        return [e for e in self.events
                if e["event"]["category"] == ["network"] and e["event"]["action"] != "dns"]

    def accepted(self, record):
        return record["action"] == "accept" or (record["action"] == "close" and any(
            r["action"] == "accept" and r["pid"] == record["pid"]
            and r["source_port"] == record["source_port"] for r in self.records("socket")))

    def is_of(self, event, record):
        seen = {"action": event["event"]["action"], "pid": str(event["process"]["pid"]),
                "transport": event["network"].get("transport", event["network"].get("iana_number")),
                "direction": event["network"].get("direction"),
                "outcome": event.get("error", {}).get("code", "success")}
        for end in ("source", "destination"):
            seen[end] = event.get(end, {}).get("ip")
            seen[f"{end}_port"] = str(event.get(end, {}).get("port"))
        if "address" in event.get("destination", {}):
            seen["address"] = exact(event, "destination.address").replace(b"@", b"\0")
        return all(seen.get(key) == record[key] for key in seen if key in record)

    def unseen_changes(self):
        """Changes of TCP connections that were missed, and counted: on a busy machine a packet may interrupt a program."""
        lost = re.search(r"; socket \d+ events, (\d+) lost", self.said)
        return int(lost[1]) if lost else 0

    def test_sockets_each_operation_once(self):
        may_miss = self.unseen_changes()
        for record, found in self.sockets():
            if not found and may_miss and record["transport"] == "tcp":
                may_miss -= 1
                continue
            with self.subTest(f"{record['case']}: {record['action']} {record['pid']}"):
                self.assertEqual(len(found), 1, found)
                event = found[0]
                self.assertEqual(event["sextant"]["namespace"]["net"], int(record["netns"]))
                if record["action"] in ("connect", "bind"):
                    success = record["outcome"] == "success"
                    self.assertEqual(event["event"]["outcome"], "success" if success else "failure")
                    self.assertEqual(event.get("error", {}).get("code"),
                                     None if success else record["outcome"])
                if record["action"] == "listen":
                    self.assertEqual(event["sextant"].get("bound_interface"),
                                     int(record["interface"]) if "interface" in record else None)
                for key in ("source_bytes", "source_packets", "destination_bytes",
                            "destination_packets"):
                    if key in record:
                        end, count = key.split("_")
                        self.assertEqual(event[end][count], int(record[key]))
                if record["transport"] != "unix" and "destination" in record:
                    self.assertEqual(event["network"]["type"],
                                     "ipv6" if ":" in record["destination"] else "ipv4")

    def test_sockets_nothing_else_is_reported(self):
        found = [id(e) for _, events in self.sockets() for e in events]
        pids = {int(r["pid"]) for r in self.records("socket")}
        for event in self.network_events():
            if event["process"]["pid"] in pids:
                self.assertIn(id(event), found, event)
