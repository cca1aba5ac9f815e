# SPDX-License-Identifier: BSD-2-Clause
"""Exec: what a program is given, and where its file lies (scenario_exec.c, scenario_exec_path.c)."""
import hashlib

from sensor import AGAIN, ENV, exact, from_the_real_root, in_order, ticks

ENV_MAX = {1: 4096, 2: 2048, 3: 2048}  # by tier: probes/abi/events.h
ARGV_MAX = {1: 32768, 2: 4096, 3: 4096}  # by tier: probes/abi/events.h


class Part:
    """Tests of exec."""

    def test_exec_identity(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                process = self.only("exec", record)["process"]
                self.assertEqual(ticks(process), record["start"])
                self.assertEqual(process["parent"]["pid"], int(record["ppid"]))
                self.assertEqual(process["vpid"], int(record["vpid"]))
                self.assertEqual(exact(self.only("exec", record), "process.name") + b"\n",
                                 record["comm"])

    def test_exec_parent_is_the_process_that_forked(self):
        for record in self.records("exec"):
            event = self.only("exec", record)
            fork = self.only("fork", record)
            with self.subTest(record["case"]):
                self.assertEqual(event["process"]["entity_id"], fork["process"]["entity_id"])
                self.assertEqual(event["process"]["start"], fork["process"]["start"])
                self.assertEqual(event["process"]["parent"]["entity_id"],
                                 fork["process"]["parent"]["entity_id"])

    def test_exec_args(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                event, whole = self.only("exec", record), record["cmdline"]
                self.assertEqual(event["sextant"]["args_bytes"], len(whole))
                cut = len(whole) > ARGV_MAX[self.tier]
                self.assertEqual("process.args" in event["sextant"].get("truncated", []), cut)
                args = exact(event, "process.args")
                if cut:  # exact() adds a NUL behind the last argument
                    self.assertEqual(args[:ARGV_MAX[self.tier]], whole[:ARGV_MAX[self.tier]])
                    self.assertEqual(len(args), ARGV_MAX[self.tier] + 1)
                else:
                    self.assertEqual(args, whole)
                    self.assertEqual(event["process"]["args_count"], whole.count(b"\0"))

    def test_exec_environment(self):
        """The variables that --env names, in what the probe sends: so many bytes, or what argv leaves of them."""
        for record in self.records("exec"):
            if record["case"] == "set-user-id":
                continue  # it may not read its own /proc/self/environ
            with self.subTest(record["case"]):
                event, whole = self.only("exec", record), record["environ"]
                room = min(ENV_MAX[self.tier], max(0, ARGV_MAX[self.tier] - len(record["cmdline"])))
                cut = len(whole) > room
                self.assertEqual("process.env_vars" in event["sextant"].get("truncated", []), cut)
                wanted = [v for v in whole[:room].split(b"\0") if v.split(b"=")[0].decode("latin-1") in ENV
                          and b"=" in v]
                seen = exact(event, "process.env_vars") if "env_vars" in event["process"] else b""
                self.assertEqual(seen, b"".join(v + b"\0" for v in wanted))

    def test_exec_executable(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                event = self.only("exec", record)
                seen = exact(event, "process.executable")
                true = from_the_real_root(record, record["exe"].removesuffix(b" (deleted)"))
                if "process.executable" in event["sextant"].get("truncated", []):
                    self.assertEqual((record["case"], self.tier > 1), ("path-longest", True))
                    self.assertTrue(true.endswith(b"/" + seen) and len(seen) > 1000, seen)
                else:
                    self.assertEqual(seen, true)
                executable = event["sextant"]["executable"]
                self.assertEqual((executable["inode"], executable["device"]),
                                 (record["inode"], record["device"]))
                self.assertEqual(executable["mode"], record["mode"])
                self.assertEqual(executable["deleted"], record["nlink"] == "0")
                self.assertEqual(f"{executable['uid']}:{executable['gid']}", record["owner"])

    def test_exec_working_directory(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                event = self.only("exec", record)
                seen = exact(event, "process.working_directory")
                cut = "process.working_directory" in event["sextant"].get("truncated", [])
                if record["case"] == "cwd-over-4096":  # the kernel cannot say it either
                    self.assertNotIn("cwd", record)
                    self.assertTrue(cut)
                    self.assertRegex(seen, rb"^d{250}(/d{250}){15,}$")
                elif record["case"] == "cwd-too-deep":
                    self.assertTrue(cut)
                    self.assertTrue(record["cwd"].endswith(b"/" + seen))
                    self.assertGreater(len(seen), 1000 if self.tier == 1 else 400)
                else:
                    self.assertFalse(cut)
                    true = from_the_real_root(record, record["cwd"])
                    self.assertEqual(seen, true.rstrip(b"/") or b"/")

    def test_exec_root_directory(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                event = self.only("exec", record)
                if record["root"] == b"/":
                    self.assertNotIn("root", event["sextant"])
                else:
                    self.assertEqual(exact(event, "sextant.root"), record["root"])

    def test_exec_as_it_was_called(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                event = self.only("exec", record)
                if self.room_used_up(event):
                    continue
                seen = exact(event, "sextant.filename")
                if "sextant.filename" in event["sextant"].get("truncated", []):
                    self.assertEqual((record["case"], self.tier > 1), ("path-longest", True))
                    self.assertTrue(record["execfn"].startswith(seen))
                else:
                    self.assertEqual(seen, record["execfn"])
                call = next(r for r in self.records("call") if r["pid"] == record["pid"])
                thread = event["process"].get("thread", {}).get("id")
                self.assertEqual(thread, int(call["tid"]) if "tid" in call else None)

    def test_exec_previous_name(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                call = next(r for r in self.records("call") if r["pid"] == record["pid"])
                self.assertEqual(exact(self.only("exec", record), "sextant.previous_name"), call["comm"])

    def test_exec_interpreter(self):
        by_kprobe = "ptrace: kretprobe" in self.said or "exec: kprobe" in self.said
        if not by_kprobe and self.release < (6, 10):
            self.skipTest("only a kprobe can read it, and this run has none")
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                event = self.only("exec", record)
                if record["case"].startswith("script"):
                    self.assertEqual(exact(event, "sextant.interpreter"), record["exe"])
                else:
                    self.assertNotIn("interpreter", event["sextant"])
                middle = {"script-of-script": ["./script"],
                          "script-of-three": ["./script-of-script", "./script"]}.get(record["case"])
                self.assertEqual(event["sextant"].get("interpreters"), middle and by_kprobe and
                                 [*middle, event["sextant"]["interpreter"]] or None)

    def script_hash(self, event):
        """(hash, why there is none) of the script, in the exec or in an event of its own."""
        script = event["sextant"]["script"]
        if script.get("hash_missing") == "the file is being read":
            [script] = [e["sextant"]["script"] for e in self.events if e["event"]["action"] == "hash"
                        and e["process"]["entity_id"] == event["process"]["entity_id"]
                        and e["sextant"].get("script", {}).get("inode") == script["inode"]]
        return script.get("hash", {}).get("sha256"), script.get("hash_missing")

    def test_exec_script_file(self):
        """Which file the kernel opened, and its hash: never that of what stands there later."""
        by_kprobe = "ptrace: kretprobe" in self.said or "exec: kprobe" in self.said
        changed, found = "the file has changed since", "the file was not found by the name that exec was given"
        may_be = {"script-written": changed, "script-just-made": changed, "script-moved": found,
                  "script-by-descriptor": found}  # it may have ended by then
        records, hashes = {record["case"]: record for record in self.records("script")}, 0
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                event = self.only("exec", record)
                if not by_kprobe or record["case"] not in records:
                    self.assertNotIn("script", event["sextant"])
                    continue
                true, script = records[record["case"]], event["sextant"]["script"]
                self.assertEqual((script["inode"], script["device"]), (true["inode"], true["device"]))
                sha256, why = self.script_hash(event)
                if why:
                    self.assertIn(why, {may_be.get(record["case"]), "it could not be read in time"})
                else:
                    self.assertEqual(sha256, hashlib.sha256(true["text"]).hexdigest())
                    hashes += 1
        self.assertTrue(hashes or not by_kprobe)

    def test_executables_of_the_parent_and_before_the_exec(self):
        """The loader knows them by earlier events and by /proc."""
        for record in self.records("exec"):
            if record["case"] == "chroot":
                continue  # /proc shows other paths there
            with self.subTest(record["case"]):
                event = self.only("exec", record)
                call = next(r for r in self.records("call") if r["pid"] == record["pid"])
                self.assertEqual(event["process"]["previous"]["executable"].encode(), call["exe"])
                if "parent_exe" in record:  # other users may not read that of a process of root
                    self.assertEqual(event["process"]["parent"]["executable"].encode(),
                                     record["parent_exe"])
                for action, true in (("fork", call["exe"]), ("exit", record["exe"])):
                    seen = self.only(action, record)["process"]["executable"]
                    self.assertEqual(seen.encode("utf-8", "surrogateescape"),
                                     true.removesuffix(b" (deleted)"), action)

    def test_execs_in_a_row_are_all_there(self):
        record = next(r for r in self.records("exec") if r["case"] == "execs-in-a-row")
        found = self.of("exec", record["pid"])
        self.assertEqual(len(found), AGAIN + 1)
        self.assertEqual(len({e["process"]["entity_id"] for e in found}), 1)
        times = [e["@timestamp"] for e in found]
        self.assertTrue(in_order(times), times)
