# SPDX-License-Identifier: BSD-2-Clause
"""Exec: the process that executes a program (scenario_exec_process.c)."""
import re

from sensor import FILES


class Part:
    """Tests of exec."""

    def test_exec_groups(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                process = self.only("exec", record)["process"]
                self.assertEqual((process["group_leader"]["pid"], process["session_leader"]["pid"]),
                                 (int(record["pgrp"]), int(record["session"])))

    def test_group_leader_is_in_every_event(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                for action in ("exec", "exit"):
                    leader = self.only(action, record)["process"]["group_leader"]
                    self.assertEqual(leader["pid"], int(record["pgrp"]))
                    if record["pgrp"] == record["pid"]:
                        self.assertEqual(leader["entity_id"],
                                         self.only(action, record)["process"]["entity_id"])

    def test_exec_cgroup_and_container(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                event = self.only("exec", record)
                lines = [line.split(":", 2) for line in record["cgroup"].decode().splitlines()]
                v1 = {name: p for _, names, p in lines for name in names.split(",")}
                v1 = v1.get("memory", v1.get("cpu"))
                v2 = next((p for _, names, p in lines if not names), None)
                seen = event["sextant"]["cgroup"]
                if v2 is not None and "cgroup.path" not in str(event["sextant"].get("read_errors")):
                    self.assertEqual(seen["path"], v2)
                if v1 and seen["path"] and (v1 == "/" or f"{seen['path']}/".startswith(f"{v1}/")):
                    self.assertNotIn("v1_path", seen)
                elif v1:
                    self.assertEqual(seen["v1_path"], v1)
                inside = re.search(r"scenario\.slice/docker-([0-9a-f]{64})\.scope", (v1 or "") + (v2 or ""))
                self.assertEqual(event.get("container", {}).get("id"), inside and inside[1])
                # In later events it is from the loader's memory.
                self.assertEqual(self.only("exit", record).get("container"), event.get("container"))
        placed = [r["case"] for r in self.records("exec") if b"docker-" in r["cgroup"]]
        self.assertEqual(placed, ["cgroup", "cgroup-forged"])

    def test_exec_umask(self):
        cases = []
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                sextant = self.only("exec", record)["sextant"]
                status = re.search(rb"^Umask:\t(\d+)$", record["status"], re.M)  # from 4.7 on
                named = re.fullmatch(r"umask-(\d+)", record["case"])
                if "sextant.umask" in self.lacking:  # the entry of this kernel does not have its offset
                    self.assertIsNone(sextant["umask"])
                    self.assertIn("sextant.umask", sextant["read_errors"])
                    continue
                if status:
                    self.assertEqual(sextant["umask"], status[1].decode())
                if named:
                    self.assertEqual(sextant["umask"], named[1])
                    cases.append(named[1])
        if "sextant.umask" not in self.lacking:
            self.assertEqual(cases, ["0137", "0000"])

    def test_exec_terminal(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                seen, number = self.only("exec", record)["sextant"].get("tty"), int(record["tty"])
                major, minor = number >> 8 & 0xfff, number & 0xff | number >> 12 & 0xfff00
                if major in range(136, 144):  # Unix98 pseudo-terminals
                    self.assertEqual(seen, f"pts{minor + (major - 136) * 256}")
                else:
                    self.assertEqual(seen is None, not number)
        self.assertTrue([r for r in self.records("exec") if r["case"] == "terminal" and r["tty"] != "0"])

    def test_names_of_users_and_groups(self):
        """As in /etc/passwd and /etc/group; an id without a name is a number alone."""
        def named(path, number):
            with open(path, encoding="utf-8") as file:
                rows = [line.split(":") for line in file]
            return next((row[0] for row in rows if row[2] == number), None)

        if FILES:
            self.skipTest("the names are those of the guest")
        for record in self.records("exec"):
            process = self.only("exec", record)["process"]
            for path, keys in (("/etc/passwd", ("user", "real_user", "saved_user")),
                               ("/etc/group", ("group", "real_group", "saved_group"))):
                for key in keys:
                    self.assertEqual(process[key].get("name"), named(path, process[key]["id"]))

    def test_exec_users(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                event = self.only("exec", record)
                p = event["process"]
                self.assertEqual(
                    [p["real_user"]["id"], p["user"]["id"], p["saved_user"]["id"],
                     p["real_group"]["id"], p["group"]["id"], p["saved_group"]["id"],
                     event["sextant"]["fs_uid"], event["sextant"]["fs_gid"],
                     event["user"]["id"], event["user"]["effective"]["id"]],
                    [record[k] for k in ("uid", "euid", "suid", "gid", "egid", "sgid",
                                         "fsuid", "fsgid", "uid", "euid")])
                status = record["status"].decode()
                capabilities = event["sextant"]["capabilities"]
                for key, name in (("permitted", "CapPrm"), ("effective", "CapEff"),
                                  ("inheritable", "CapInh"), ("bounding", "CapBnd"),
                                  ("ambient", "CapAmb")):
                    true = re.search(rf"^{name}:\s*(\w+)", status, re.M)  # ambient: from 4.3
                    self.assertEqual(capabilities[key], true[1] if true else "0" * 16)
                login = record.get("loginuid", b"4294967295").decode()
                self.assertEqual(event["sextant"].get("audit_user", {}).get("id", "4294967295"), login)

    def test_exec_set_user_id_is_seen(self):
        record = next(r for r in self.records("exec") if r["case"] == "set-user-id")
        process = self.only("exec", record)["process"]
        self.assertEqual((process["real_user"]["id"], process["user"]["id"]), ("61021", "61022"))

    def test_exec_namespaces(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                seen = self.only("exec", record)["sextant"]["namespace"]
                true = {k[3:]: int(v) for k, v in record.items() if k.startswith("ns_")}
                self.assertEqual(seen, true)
