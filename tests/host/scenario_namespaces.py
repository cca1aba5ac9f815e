# SPDX-License-Identifier: BSD-2-Clause
"""Changes of namespaces (scenario_namespaces.c)."""


class Part:
    """Tests of namespaces."""

    def test_namespaces_before_and_after(self):
        records = self.records("namespaces")
        seen = self.changes("namespaces")[int(records[0]["pid"])]
        self.assertEqual(len(seen), len(records))
        for event, record in zip(seen, records):
            for key in ("before", "after"):
                true = {k[len(key) + 1:]: int(v) for k, v in record.items() if k.startswith(key + "_")}
                found = event["sextant"][key]
                self.assertEqual({k: found[k] for k in true}, true, record["case"])
