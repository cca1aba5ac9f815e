# SPDX-License-Identifier: BSD-2-Clause
"""Changes of credentials (scenario_credentials.c)."""


class Part:
    """Tests of credentials."""

    def test_credentials_before_and_after_each_change(self):
        def text(s):
            ids = "/".join(":".join(s[k]["id"] for k in keys) for keys in (
                ("real_user", "user", "saved_user", "fs_user"),
                ("real_group", "group", "saved_group", "fs_group")))
            return "/".join((ids, s["capabilities"]["permitted"], s["capabilities"]["effective"]))

        records = self.records("credentials")
        seen = self.changes("credentials")[int(records[0]["pid"])]
        self.assertEqual([(text(e["sextant"]["before"]), text(e["sextant"]["after"])) for e in seen],
                         [(r["before"], r["after"]) for r in records if r["before"] != r["after"]])
        self.assertEqual({e["process"]["thread"]["id"] for e in seen}, {int(records[0]["tid"])})

    def test_an_exec_is_no_change_of_credentials(self):
        record = next(r for r in self.records("exec") if r["case"] == "set-user-id")
        self.assertEqual([e["sextant"]["after"]["user"]["id"]
                          for e in self.changes("credentials").get(int(record["pid"]), [])
                          if e["sextant"]["after"]["user"]["id"] == record["euid"]], [])
