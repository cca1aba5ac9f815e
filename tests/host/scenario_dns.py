# SPDX-License-Identifier: BSD-2-Clause
"""Questions to DNS (scenario_dns.c)."""
from sensor import exact


class Part:
    """Tests of dns."""

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
