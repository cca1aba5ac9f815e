# SPDX-License-Identifier: BSD-2-Clause
"""What the scenario does with sockets (scenario_socket.c)."""
import re

from sensor import exact


class OfSockets:
    """A part of class Scenario."""

    def sockets(self):
        """[(record, its events)] of what was found, by who, what, and the ends as far as the record says."""
        records = self.records("socket")
        if not re.search(r"; socket: (kprobe|tracepoint) [\w:]+(;|$)", self.said, re.M):
            self.skipTest("socket needs a hook that this run does not have")
        if "without" in self.socket_state:  # no kprobes: states of TCP alone, and no accept
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
        told = {"action": event["event"]["action"], "pid": str(event["process"]["pid"]),
                "transport": event["network"]["transport"],
                "direction": event["network"].get("direction"),
                "outcome": event.get("error", {}).get("code", "success")}
        for end in ("source", "destination"):
            told[end] = event.get(end, {}).get("ip")
            told[f"{end}_port"] = str(event.get(end, {}).get("port"))
        if "address" in event.get("destination", {}):
            told["address"] = exact(event, "destination.address").replace(b"@", b"\0")
        return all(told.get(key) == record[key] for key in told if key in record)

    def test_sockets_each_operation_once(self):
        for record, found in self.sockets():
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

    def test_sockets_nothing_else_is_told(self):
        found = [id(e) for _, events in self.sockets() for e in events]
        pids = {int(r["pid"]) for r in self.records("socket")}
        for event in self.network_events():
            if event["process"]["pid"] in pids:
                self.assertIn(id(event), found, event)

    def test_dns_questions_by_name_and_type(self):
        records, seen = self.actions("dns")
        self.assertEqual(len(seen), len(records))
        for event, record in zip(seen, records):
            with self.subTest(record["question"]):
                self.assertEqual((event["destination"]["ip"], event["destination"]["port"]),
                                 (record["server"], 53))
                self.assertEqual(event["sextant"]["namespace"]["net"], int(record["netns"]))
                self.assertEqual(event["dns"]["id"], str(0x1234))
                if record["type"] == "none":
                    self.assertIsNone(event["dns"]["question"])
                    continue
                question = event["dns"]["question"]
                self.assertEqual((exact(event, "dns.question.name"), question["type"], question["class"]),
                                 (record["question"], record["type"], "IN"))
