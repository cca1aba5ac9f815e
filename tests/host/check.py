#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The real probes on this kernel: the scenario's truth against the sensor's JSON, field by field.

usage: tests/host/check.py SEXTANT DATABASE SCENARIO SCHEMA   (as root)
       tests/host/check.py --files DIRECTORY SCHEMA   (truth, events, errors of a run elsewhere)
"""
import datetime
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

FILES = None
if sys.argv[1] == "--files":
    FILES, SCHEMA = sys.argv[2:4]
else:
    SEXTANT, DATABASE, SCENARIO, SCHEMA = sys.argv[1:5]
ENV = ["SCENARIO_CASE", "LD_PRELOAD"]  # --env; tests/vm/guest.sh has the same
ENV_MAX = {1: 4096, 2: 2048, 3: 2048}  # by tier: probes/events.h
ARGV_MAX = {1: 32768, 2: 4096, 3: 4096}  # by tier: probes/events.h
STORM = 10000
REQUESTS = {5: "poke_memory", 13: "set_registers", 16: "attach", 0x4206: "seize"}  # PTRACE_*
AGAIN = 1000  # execs of one process before the last: tests/host/scenario.c


class Sensor:
    """A running sextant; events are read from its output file at the end."""

    def __init__(self, directory, *options):
        self.output = os.path.join(directory, "events")
        self.errors = os.path.join(directory, "errors")
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [SEXTANT, "run", "--db", DATABASE, "--output", self.output, "--env",
                 ",".join(ENV), *options],
                stderr=errors)
        deadline = time.monotonic() + 20
        while "ready" not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the sensor did not get ready: {self.said()}")
            time.sleep(0.02)

    def said(self):
        with open(self.errors, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        time.sleep(0.3)
        self.process.send_signal(signal.SIGTERM)
        self.code = self.process.wait(20)
        with open(self.output, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def truth_read(path):
    """[{kind, key: value}]; values of the known text keys as bytes."""
    text = {"cmdline", "environ", "comm", "loginuid", "status", "exe", "cwd", "execfn", "cgroup",
            "parent_exe", "name", "path", "other", "text", "address", "question"}
    records = []
    with open(path, encoding="ascii") as file:
        for line in file:
            kind, *pairs = line.rstrip("\n").split("\t")
            record = dict(pair.split("=", 1) for pair in pairs)
            text_here = text | {"file": {"root"}, "mount": {"source"}}.get(kind, set())
            record = {k: bytes.fromhex(v) if k in text_here else v for k, v in record.items()}
            records.append({"kind": kind, **record})
    base = next(r["exe"] for r in records if r["kind"] == "exec")  # .../program
    for record in records:
        if record["kind"] not in ("file", "mount", "socket", "dns"):
            record["root"] = (os.path.dirname(base) + b"/rooted" if record["case"] == "chroot"
                              else b"/")
    return records


def exact(event, name):
    """The bytes of a text field: raw where JSON could not carry them."""
    raw = event["sextant"].get("raw", {}).get(name)
    if raw is not None:
        return bytes.fromhex(raw)
    value = event
    for key in name.split("."):
        value = value[key]
    if isinstance(value, list):
        return b"".join(v.encode() + b"\0" for v in value)
    return value.encode()


def from_the_real_root(record, path):
    """/proc shows paths from a process's own root directory."""
    return record["root"].rstrip(b"/") + path


def nanoseconds(time_text):
    """Of "2026-11-21T03:40:12.123456789Z", since 1970."""
    whole = datetime.datetime.fromisoformat(time_text[:19] + "+00:00")
    return int(whole.timestamp()) * 10 ** 9 + int(time_text[20:29])


def in_order(times):
    """One after the other; in a VM the clocks of two CPUs differ a little."""
    slack = 5_000_000 if FILES else 0
    ns = [nanoseconds(t) for t in times]
    return all(a <= b + slack for a, b in zip(ns, ns[1:]))


def ticks(process):
    return process["entity_id"].split("-")[2]


class Scenario(unittest.TestCase):
    """One sensor, one run of the scenario, looked at from all sides."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        if FILES:
            cls.code = 0
            with open(os.path.join(FILES, "errors"), encoding="utf-8") as file:
                cls.said = file.read()
            with open(os.path.join(FILES, "events"), encoding="utf-8") as file:
                cls.events = [json.loads(line) for line in file]
            cls.truth = truth_read(os.path.join(FILES, "truth"))
            with open(os.path.join(FILES, "check"), encoding="utf-8") as file:
                report = json.load(file)
            cls.tier = report["classes"]["exec"]["tier"]
            cls.lacking = set(report["offsets"]["null_fields"])
            cls.socket_state = report["classes"].get("socket", {})
            cls.argv_max = ARGV_MAX[cls.tier]
            cls.release = tuple(map(int, report["kernel"]["release"].split(".")[:2]))
            cls.forget_what_the_kernel_drops()
            return
        cls.release = tuple(map(int, os.uname().release.split(".")[:2]))
        cls.tier, cls.argv_max, cls.lacking = 1, ARGV_MAX[1], set()
        base = cls.directory.name
        os.chmod(base, 0o755)
        rules = os.path.join(base, "rules")
        with open(rules, "w", encoding="utf-8") as file:
            file.write(f"watch {base}/work\n")
        sensor = Sensor(base, "--filter", rules, "--events",
                        "exec,fork,thread,exit,credentials,namespaces,ptrace,process_access,"
                        "signal,memfd,bpf,module,exec_failed,file,mount,socket,dns")
        cls.socket_state = json.loads(subprocess.run(
            [SEXTANT, "check", "--db", DATABASE, "--events", "socket", "--json"],
            capture_output=True, text=True, check=False).stdout)["classes"]["socket"]
        os.mkdir(os.path.join(base, "work"))
        truth = os.path.join(base, "truth")
        cls.driver = subprocess.Popen([SCENARIO, truth, os.path.join(base, "work")])
        code = cls.driver.wait(120)
        cls.events = sensor.stop()
        cls.said, cls.code = sensor.said(), sensor.code
        assert code == 0, "the scenario failed"
        cls.truth = truth_read(truth)

    @classmethod
    def forget_what_the_kernel_drops(cls):
        """Until 5.16 a tracepoint has room for a file name of some 2,000 bytes (PERF_MAX_TRACE_SIZE)."""
        if cls.release < (5, 16) and "exec: tracepoint" in cls.said:
            cls.truth = [r for r in cls.truth
                         if r["case"] != "path-longest" or r["kind"] not in ("exec", "call")]

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def of(self, action, pid):
        return [e for e in self.events
                if e["event"]["action"] == action and e["process"]["pid"] == int(pid)]

    def records(self, kind):
        return [r for r in self.truth if r["kind"] == kind]

    def only(self, action, record):
        found = self.of(action, record["pid"])
        if record["case"] == "execs-in-a-row" and action == "exec":
            found = found[AGAIN:]
        self.assertEqual(len(found), 1, f"{action} of {record['case']}, pid {record['pid']}")
        return found[0]

    def test_summary_and_exit_code(self):
        self.assertEqual(self.code, 0)
        self.assertRegex(self.said, r"sextant: \d+ events, 0 lost; exec \d+ events, 0 lost; ")

    def test_every_event_keeps_the_schema(self):
        with open(SCHEMA, encoding="utf-8") as file:
            schema = json.load(file)
        validator = jsonschema.validators.validator_for(schema)(schema)
        validator.check_schema(schema)
        for event in self.events:
            errors = [error.message for error in validator.iter_errors(event)]
            self.assertEqual(errors, [], json.dumps(event)[:2000])

    def test_no_class_fails_its_self_check(self):
        self.assertNotIn("switched off", self.said)

    def test_nothing_is_unread(self):
        for event in self.events:
            if self.room_used_up(event):
                continue
            unread = set(event["sextant"].get("read_errors", []))
            if "; file: tracepoint" in self.said and event["event"]["category"] == ["file"]:
                unread -= {"sextant.before"}  # told when it was done
            if "; bpf: tracepoint" in self.said and event["event"]["action"] == "bpf":
                unread -= {"sextant.object"}  # in the caller's memory
            self.assertLessEqual(unread, self.lacking, json.dumps(event)[:2000])

    def test_sequence_has_no_gap(self):
        by_cpu = {}
        for event in self.events:
            by_cpu.setdefault(event["sextant"]["cpu"], []).append(event["event"]["sequence"])
        for cpu, numbers in by_cpu.items():
            self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))), cpu)

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
                cut = len(whole) > self.argv_max
                self.assertEqual("process.args" in event["sextant"].get("truncated", []), cut)
                args = exact(event, "process.args")
                if cut:  # the list adds a NUL behind the part of the last argument
                    self.assertEqual(args[:self.argv_max], whole[:self.argv_max])
                    self.assertEqual(len(args), self.argv_max + 1)
                else:
                    self.assertEqual(args, whole)
                    self.assertEqual(event["process"]["args_count"], whole.count(b"\0"))

    def test_exec_environment(self):
        """The wanted variables of what is sent: at most so much, as far as argv leaves room."""
        for record in self.records("exec"):
            if record["case"] == "set-user-id":
                continue  # may not look at its own
            with self.subTest(record["case"]):
                event, whole = self.only("exec", record), record["environ"]
                room = min(ENV_MAX[self.tier], max(0, self.argv_max - len(record["cmdline"])))
                cut = len(whole) > room
                self.assertEqual("process.env_vars" in event["sextant"].get("truncated", []), cut)
                wanted = [v for v in whole[:room].split(b"\0") if v.split(b"=")[0].decode("latin-1") in ENV
                          and b"=" in v]
                seen = exact(event, "process.env_vars") if "env_vars" in event["process"] else b""
                self.assertEqual(seen, b"".join(v + b"\0" for v in wanted))

    def test_exec_groups(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                process = self.only("exec", record)["process"]
                self.assertEqual((process["group_leader"]["pid"], process["session_leader"]["pid"]),
                                 (int(record["pgrp"]), int(record["session"])))

    def test_exit_times(self):
        for record in self.records("exit"):
            with self.subTest(f"{record['case']}, pid {record['pid']}"):
                event = self.only("exit", record)
                used, true = event["sextant"]["cpu_time_ns"], int(record["cpu_ns"])
                if record["case"] == "busy":
                    self.assertGreater(used, 200_000_000)
                    self.assertGreaterEqual(event["event"]["duration"], used - 20_000_000)
                if not record["case"].endswith(("name", "vfork", "-parent")):  # waited for children
                    self.assertLess(abs(used - true), 500_000_000)  # the other one counts ticks

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
                if record["case"] == "cwd-over-4096":  # the kernel itself cannot say it
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
                inside = re.search(r"docker-([0-9a-f]{64})\.scope", (v1 or "") + (v2 or ""))
                self.assertEqual(event.get("container", {}).get("id"), inside and inside[1])
                # What comes after it has it from the loader's memory.
                self.assertEqual(self.only("exit", record).get("container"), event.get("container"))
        self.assertIn("cgroup", [r["case"] for r in self.records("exec") if b"docker-" in r["cgroup"]])

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

    def room_used_up(self, event):
        """On tiers 2 and 3 a long path takes the room of the file name, which goes last."""
        return (self.tier > 1 and event["sextant"].get("read_errors") == ["sextant.filename"]
                and (event["sextant"].get("truncated") or len(event["process"]["executable"]) > 2000))

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

    def test_exec_interpreter_and_what_it_replaced(self):
        if "; exec: tracepoint" in self.said and "ptrace: kretprobe" not in self.said:
            self.skipTest("only a kprobe knows these, and this run has none")
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                event = self.only("exec", record)
                call = next(r for r in self.records("call") if r["pid"] == record["pid"])
                self.assertEqual(exact(event, "process.previous.name"), call["comm"])
                if record["case"].startswith("script"):
                    self.assertEqual(exact(event, "sextant.interpreter"), record["exe"])
                else:
                    self.assertNotIn("interpreter", event["sextant"])
                middle = {"script-of-script": ["./script"],
                          "script-of-three": ["./script-of-script", "./script"]}.get(record["case"])
                self.assertEqual(event["sextant"].get("interpreters"),
                                 middle and [*middle, event["sextant"]["interpreter"]])

    def test_what_runs_elsewhere_is_known(self):
        """The parent's executable, and what ran here before: by the events seen so far, and /proc."""
        for record in self.records("exec"):
            if record["case"] == "chroot":
                continue  # /proc shows other paths there
            with self.subTest(record["case"]):
                event = self.only("exec", record)
                call = next(r for r in self.records("call") if r["pid"] == record["pid"])
                self.assertEqual(event["process"]["previous"]["executable"].encode(), call["exe"])
                if "parent_exe" in record:  # who is not root may not look at root's
                    self.assertEqual(event["process"]["parent"]["executable"].encode(),
                                     record["parent_exe"])
                for action, true in (("fork", call["exe"]), ("exit", record["exe"])):
                    seen = self.only(action, record)["process"]["executable"]
                    self.assertEqual(seen.encode("utf-8", "surrogateescape"),
                                     true.removesuffix(b" (deleted)"), action)

    def test_group_leader_is_in_every_event(self):
        for record in self.records("exec"):
            with self.subTest(record["case"]):
                for action in ("exec", "exit"):
                    leader = self.only(action, record)["process"]["group_leader"]
                    self.assertEqual(leader["pid"], int(record["pgrp"]))
                    if record["pgrp"] == record["pid"]:
                        self.assertEqual(leader["entity_id"],
                                         self.only(action, record)["process"]["entity_id"])

    def test_names_of_users_and_groups(self):
        """As /etc/passwd and /etc/group have them; ids that nobody has are numbers alone."""
        def named(path, number):
            with open(path, encoding="utf-8") as file:
                rows = [line.split(":") for line in file]
            return next((row[0] for row in rows if row[2] == number), None)

        for record in [] if FILES else self.records("exec"):
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
                self.assertEqual(event["user"].get("audit", {}).get("id", "4294967295"), login)

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

    def test_fork_once_with_its_parent(self):
        for record in self.records("fork"):
            with self.subTest(record["case"]):
                event = self.only("fork", record)
                self.assertEqual(event["process"]["parent"]["pid"], int(record["parent"]))
                self.assertEqual(event["sextant"]["caller"]["pid"], int(record["caller"]))
                self.assertEqual(event["sextant"]["caller"]["thread"]["id"],
                                 int(record["caller_tid"]))
                self.assertEqual(event["sextant"].get("new_namespaces"),
                                 ["uts", "ipc"] if record["case"] == "clone-namespaces" else None)
                self.assertEqual(event["sextant"]["child_signal"],
                                 signal.SIGWINCH if record["case"] == "clone-namespaces" else signal.SIGCHLD)

    def test_fork_comes_before_exec_and_exit(self):
        for record in self.records("exec"):
            times = [self.only(a, record)["@timestamp"] for a in ("fork", "exec", "exit")]
            self.assertTrue(in_order(times), (record["case"], times))

    def changes(self, action):
        """{pid: [event, ...]} in the order of time; the class may not work here."""
        self.assertRegex(self.said, rf"(?m); {action}: (kprobe \w+|tracepoint syscalls:\w+)(;|$)")
        found = {}
        for event in sorted(self.events, key=lambda e: e["@timestamp"]):
            if event["event"]["action"] == action:
                found.setdefault(event["process"]["pid"], []).append(event)
        return found

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

    def test_namespaces_before_and_after(self):
        records = self.records("namespaces")
        seen = self.changes("namespaces")[int(records[0]["pid"])]
        self.assertEqual(len(seen), len(records))
        for event, record in zip(seen, records):
            for key in ("before", "after"):
                true = {k[len(key) + 1:]: int(v) for k, v in record.items() if k.startswith(key + "_")}
                found = event["sextant"][key]
                self.assertEqual({k: found[k] for k in true}, true, record["case"])

    def actions(self, action):
        """The truth of a class and its events, in the order of time, of the process that did it."""
        records = self.records(action)
        if not records:
            self.skipTest(f"{action}: this kernel cannot, or has nothing to load here")
        if not re.search(rf"; {action}: (kprobe|kretprobe|tracepoint) [\w:]+(;|$)", self.said, re.M):
            self.skipTest(f"{action} needs a hook that this run does not have")
        return records, [e for e in self.events if e["event"]["action"] == action
                         and e["process"]["pid"] == int(records[0]["pid"])]

    def told_by(self, action, records):
        """Those of which the hook that was chosen knows: two do not know what was refused."""
        hook = re.search(rf"; {action}: (\w+ [\w:]+)", self.said)[1]
        if hook == "kprobe security_task_kill":
            return hook, [r for r in records if r["error"] == "0"]
        if hook == "kprobe proc_ptrace_connector":
            return hook, [r for r in records if r["error"] == "0" or REQUESTS[int(r["number"])] not in
                          ("attach", "seize")]
        return hook, records

    def outcome(self, event, record):
        error = int(record["error"])
        self.assertEqual(event["event"]["outcome"], "failure" if error else "success")
        self.assertEqual(event.get("error"), {"code": errno.errorcode[error]} if error else None)

    def test_who_traces_accesses_and_signals_whom_and_who_was_refused(self):
        for action in ("ptrace", "process_access", "signal"):
            with self.subTest(action):
                records, seen = self.actions(action)
                hook, records = self.told_by(action, records)
                self.assertEqual([e["sextant"]["target"]["pid"] for e in seen],
                                 [int(r["target"]) for r in records])
                for event, record in zip(seen, records):
                    fork = self.of("fork", record["target"])[0]
                    self.assertEqual(event["sextant"]["target"]["entity_id"],
                                     fork["process"]["entity_id"])
                    if action == "signal":
                        self.assertEqual(event["sextant"]["signal"], int(record["number"]))
                    if action == "ptrace" and hook != "kprobe proc_ptrace_connector":
                        self.assertEqual(event["sextant"]["request"], REQUESTS[int(record["number"])])
                        self.assertEqual(event["sextant"].get("address"), record.get("at"))
                    if hook == "kprobe security_task_kill":
                        self.assertEqual(event["event"]["outcome"], "unknown")
                    else:
                        self.outcome(event, record)

    def test_memfds_bpf_programs_and_modules_by_name(self):
        for action, key in (("memfd", "memfd"), ("bpf", "program"), ("module", "module")):
            with self.subTest(action):
                records, seen = self.actions(action)
                # Before 4.15 a program with a name gets no further than its system call.
                seen = [e for e in seen if e.get("error") != {"code": "E2BIG"}]
                self.assertEqual(len(seen), len(records), seen)
                if action == "bpf":
                    for event, record in zip(seen, records):
                        self.outcome(event, record)
                    if "; bpf: tracepoint" in self.said:
                        continue  # what it is lies in the caller's memory
                for event, record in zip(seen, records):
                    thing = event["sextant"][key]
                    raw = event["sextant"].get("raw", {}).get("sextant.object.name")
                    name = bytes.fromhex(raw) if raw else thing["name"].encode()
                    self.assertEqual(name, record["name"])
                    if action == "bpf":
                        self.assertEqual((thing["type"], thing["instructions"]),
                                         (1, int(record["instructions"])))
                    if action == "module":
                        self.assertEqual(thing["loaded"], record["loaded"] == "1")

    def file_systems(self):
        """(name, records, events) of what was done below "operations" of each, in the order of time."""
        if not re.search(r"; file: (kprobe \w+|tracepoint [\w:]+)(;|$)", self.said, re.M):
            self.skipTest("file needs a hook that this run does not have")
        for name in dict.fromkeys(r["case"] for r in self.records("file")):
            records = [r for r in self.records("file") if r["case"] == name]
            base, pids = records[0]["path"], {int(r["pid"]) for r in records}
            if "; file: tracepoint" in self.said:
                records = [self.as_told(r) for r in records if self.by_descriptor(r)]
            pids |= {int(r["pid"]) for r in self.records("fork") if r["case"] == "change-refused"}
            events = [e for e in self.events if e["event"]["category"] == ["file"]
                      and e["process"]["pid"] in pids and e["event"]["action"] not in ("mount", "umount")
                      and exact(e, "file.path").startswith(base)]
            yield name, records, events

    def as_told(self, record):
        """Before 4.19 a descriptor does not tell that its file was made."""
        old = self.release < (4, 19) and record["action"] == "create"
        return {**record, "action": "open"} if old else record

    @staticmethod
    def by_descriptor(record):
        """Without kprobes: what a system call with a descriptor did."""
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

    def test_mounts(self):
        if not re.search(r"; mount: kretprobe \w+(;|$)", self.said, re.M):
            self.skipTest("mount needs kprobes, which this run does not have")
        for record in self.records("mount"):
            with self.subTest(f"{record['action']} {record['case']}"):
                seen = [e for e in self.of(record["action"], record["pid"])
                        if exact(e, "file.path") == record["path"]]
                self.assertEqual(len(seen), 1)
                mount = seen[0]["sextant"]["mount"]
                if record["action"] == "mount":
                    self.assertEqual((mount["source"].encode(), mount["type"]),
                                     (record["source"], record["type"]))

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

    def test_execs_that_fail(self):
        if "; exec_failed:" not in self.said:
            self.skipTest("this kernel has neither kprobes nor a tracepoint of execve")
        self.assertRegex(self.said, r"(?m); exec_failed: (kretprobe \w+|tracepoint syscalls:\w+)(;|$)")
        records = self.records("exec_failed")
        seen = self.of("exec_failed", records[0]["pid"])
        self.assertEqual([(e["error"]["code"], exact(e, "sextant.filename")) for e in seen],
                         [(r["code"], r["name"][:64]) for r in records])

    def test_threads_are_no_processes(self):
        records = self.records("thread")
        self.assertEqual(len(records), 3)
        for record in records:
            events = [e for e in self.of("thread", record["pid"])
                      if e["process"]["thread"]["id"] == int(record["tid"])]
            self.assertEqual(len(events), 1)
            self.assertEqual(self.of("fork", record["tid"]), [])
            self.assertEqual(self.of("exit", record["tid"]), [])

    def test_exit_once_with_code_or_signal(self):
        for record in self.records("exit"):
            with self.subTest(f"{record['case']}, pid {record['pid']}"):
                event = self.only("exit", record)
                status = int(record["wait"])
                self.assertEqual(ticks(event["process"]), ticks(self.only("fork", record)["process"]))
                if os.WIFSIGNALED(status):
                    self.assertNotIn("exit_code", event["process"])
                    self.assertEqual(event["sextant"]["exit_signal"], os.WTERMSIG(status))
                    self.assertEqual(event["sextant"]["core_dumped"], os.WCOREDUMP(status))
                else:
                    self.assertEqual(event["process"]["exit_code"], os.WEXITSTATUS(status))
                    self.assertNotIn("exit_signal", event["sextant"])

    def test_names_that_are_no_utf8(self):
        name = b"bad\xff name"
        parent = next(r for r in self.records("exit") if r["case"] == "name")
        child = next(r for r in self.records("exit") if r["case"] == "name-child")
        self.assertEqual(exact(self.only("exit", parent), "process.name"), name)
        for action in ("fork", "exit"):
            self.assertEqual(exact(self.only(action, child), "process.parent.name"), name)

    def test_execs_in_a_row_are_all_there(self):
        record = next(r for r in self.records("exec") if r["case"] == "execs-in-a-row")
        found = self.of("exec", record["pid"])
        self.assertEqual(len(found), AGAIN + 1)
        self.assertEqual(len({e["process"]["entity_id"] for e in found}), 1)
        times = [e["@timestamp"] for e in found]
        self.assertTrue(in_order(times), times)

    def test_a_pid_that_is_used_again_is_another_process(self):
        records = self.records("again")
        if not records:
            self.skipTest("this kernel does not let a test choose the next pid")
        for action in ("fork", "exit"):
            found = self.of(action, records[0]["pid"])
            self.assertEqual(len(found), 2)
            self.assertEqual(len({e["process"]["entity_id"] for e in found}), 2)
        codes = [e["process"]["exit_code"] for e in self.of("exit", records[0]["pid"])]
        self.assertEqual(codes, [1, 2])

    def test_all_cases_ran(self):
        cases = {r["case"] for r in self.truth}
        self.assertGreaterEqual(len(cases), 38, sorted(cases))


class Storm(unittest.TestCase):
    """Every process of two fast loops is there once, or counted as lost."""

    def test_sum_is_truth(self):
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory)
            loops = [subprocess.Popen([SCENARIO, "storm", str(STORM // 2)], stdout=subprocess.PIPE,
                                      text=True) for _ in range(2)]
            pids = [pid for loop in loops for pid in loop.communicate()[0].split()]
            events = sensor.stop()
            lost = dict(re.findall(r"(exec|fork|exit) \d+ events, (\d+) lost", sensor.said()))
        pids = {int(pid) for pid in pids}
        self.assertEqual(len(pids), STORM)
        for action in ("exec", "fork", "exit"):
            seen = [e["process"]["pid"] for e in events
                    if e["event"]["action"] == action and e["process"]["pid"] in pids]
            self.assertEqual(len(seen), len(set(seen)), f"{action} more than once")
            missing = STORM - len(seen)
            self.assertLessEqual(missing, int(lost[action]), f"{action} missing and not counted")


    def test_full_rings_are_counted(self):
        """The sensor stands still, the rings fill: what is missing is exactly what it says."""
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory)
            sensor.process.send_signal(signal.SIGSTOP)
            subprocess.run([SCENARIO, "storm", str(4 * STORM)], check=True,
                           stdout=subprocess.DEVNULL)
            sensor.process.send_signal(signal.SIGCONT)
            time.sleep(0.5)
            # Records after the loss show where the sequence goes on, on every CPU.
            for cpu in os.sched_getaffinity(0):
                subprocess.run(["taskset", "-c", str(cpu), "/bin/true"], check=True)
            events = sensor.stop()
            said = sensor.said()
        written, lost = map(int, re.search(r"(\d+) events, (\d+) lost;", said).groups())
        self.assertGreater(lost, 0, said)
        self.assertEqual(written, len(events))
        gaps, last = 0, {}
        for event in events:
            cpu, number = event["sextant"]["cpu"], event["event"]["sequence"]
            gaps += number - last.get(cpu, number - 1) - 1
            last[cpu] = number
        self.assertEqual(gaps, lost)


class Rules(unittest.TestCase):
    """--filter: what rules deny is not there, and the rest is."""

    def run_under(self, rules, *commands, again=None):
        """{number of a command: the events of its process}."""
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "rules")
            with open(path, "w", encoding="utf-8") as file:
                file.write(rules)
            sensor = Sensor(directory, "--filter", path, "--events", "exec,fork,exit")
            pids = {}
            for number, (command, options) in enumerate(commands):
                if number == 1 and again is not None:
                    with open(path, "w", encoding="utf-8") as file:
                        file.write(again)
                    sensor.process.send_signal(signal.SIGHUP)
                    deadline = time.monotonic() + 10
                    while "rules" not in sensor.said() and time.monotonic() < deadline:
                        time.sleep(0.05)
                child = subprocess.Popen(command, **options)
                child.wait(20)
                pids[child.pid] = number
            events = sensor.stop()
            self.said = sensor.said()
        found = {number: [] for number in pids.values()}
        for event in events:
            if event["process"]["pid"] in pids:
                found[pids[event["process"]["pid"]]].append(event)
        return found

    def actions(self, events):
        return [e["event"]["action"] for e in events]

    def test_deny_by_name(self):
        seen = self.run_under("deny comm sleep\n", (["/bin/sleep", "0"], {}), (["/bin/true"], {}))
        self.assertEqual(self.actions(seen[0]), ["fork"])  # before it had that name
        self.assertEqual(self.actions(seen[1]), ["fork", "exec", "exit"])

    def test_allow_by_name(self):
        seen = self.run_under("allow comm sleep\n", (["/bin/sleep", "0"], {}), (["/bin/true"], {}))
        self.assertEqual(self.actions(seen[0]), ["exec", "exit"])
        self.assertEqual(seen[1], [])

    def test_deny_by_user(self):
        seen = self.run_under("deny uid 61077\n", (["/bin/true"], {"user": 61077}),
                              (["/bin/true"], {}))
        self.assertEqual(self.actions(seen[0]), ["fork"])
        self.assertEqual(self.actions(seen[1]), ["fork", "exec", "exit"])

    def test_deny_by_cgroup(self):
        """In whatever hierarchy it can be made; its own name counts, not that of one above."""
        with open("/proc/self/cgroup", encoding="ascii") as file:
            lines = [line.rstrip("\n").split(":", 2) for line in file]
        with tempfile.TemporaryDirectory() as directory:
            v1 = any("memory" in names.split(",") for _, names, _ in lines)
            kind = ["-t", "cgroup", "-o", "memory"] if v1 else ["-t", "cgroup2"]
            subprocess.run(["mount", *kind, "rules", directory], check=True)
            group = os.path.join(directory, "sextant-test-rules")
            inner = os.path.join(group, "inner")
            try:
                os.makedirs(inner)
                def enter(path):
                    return ["/bin/sh", "-c", f"echo $$ > {path}/cgroup.procs; exec /bin/true"]
                seen = self.run_under("deny cgroup sextant-test-rules\n", (enter(group), {}),
                                      (enter(inner), {}))
            finally:
                for path in (inner, group):
                    if os.path.exists(path):
                        os.rmdir(path)
                subprocess.run(["umount", directory], check=True)
        self.assertEqual(self.actions(seen[0]), ["fork", "exec"])  # the shell's, before it went in
        self.assertEqual(self.actions(seen[1]), ["fork", "exec", "exec", "exit"])

    def test_deny_by_class(self):
        seen = self.run_under("deny event exit\n", (["/bin/true"], {}))
        self.assertEqual(self.actions(seen[0]), ["fork", "exec"])

    def test_a_signal_reads_them_again(self):
        seen = self.run_under("deny comm true\n", (["/bin/true"], {}), (["/bin/true"], {}),
                              again="deny comm sleep\n")
        self.assertEqual(self.actions(seen[0]), ["fork"])
        self.assertEqual(self.actions(seen[1]), ["fork", "exec", "exit"])
        self.assertIn("1 rules in force", self.said)

    def test_rules_that_cannot_be_read_change_nothing(self):
        seen = self.run_under("deny comm true\n", (["/bin/true"], {}), (["/bin/true"], {}),
                              again="deny everything\n")
        self.assertEqual(self.actions(seen[1]), ["fork"])
        self.assertRegex(self.said, r"rules:1: .*; the rules stay as they were")

    def test_what_a_rule_hides_is_not_told_from_memory(self):
        """Who does not see all execs does not know what runs in a parent."""
        seen = self.run_under("deny comm sleep\n", (["/bin/true"], {}))
        for event in seen[0]:
            self.assertNotIn("executable", event["process"]["parent"])


class Running(unittest.TestCase):
    """What a person at the command line sees."""

    def run_sextant(self, *arguments, **options):
        return subprocess.run([SEXTANT, *arguments], capture_output=True, text=True, timeout=60,
                              **options)

    def test_duration_ends_it(self):
        begin = time.monotonic()
        done = self.run_sextant("run", "--db", DATABASE, "--duration", "0.5")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLess(time.monotonic() - begin, 10)

    def test_events_choose_classes(self):
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory, "--events", "exit")
            subprocess.run(["/bin/true"], check=True)
            events = sensor.stop()
        self.assertEqual({e["event"]["action"] for e in events}, {"exit"})

    def test_text_format(self):
        with tempfile.TemporaryDirectory() as directory:
            output = os.path.join(directory, "out")
            process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--format", "text",
                                        "--output", output, "--duration", "2"],
                                       stderr=subprocess.PIPE, text=True)
            self.assertIn("ready", process.stderr.readline())
            subprocess.run(["/bin/echo", "a b", "\x1b[31m"], check=True, stdout=subprocess.DEVNULL)
            process.communicate(timeout=20)
            with open(output, encoding="ascii") as file:
                text = file.read()
        self.assertRegex(text, r"(?m)^[0-9:.]{12} exec   \d+ \(parent \d+ .*\) uid 0 "
                               r"/\S*/?echo: /bin/echo 'a b' \\x1b\[31m \[in /")

    def test_interrupt_ends_with_a_summary(self):
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory)
            sensor.process.send_signal(signal.SIGINT)
            self.assertEqual(sensor.process.wait(10), 0)
            self.assertIn("events, 0 lost", sensor.said())

    def test_the_sensor_does_not_report_itself(self):
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory)
            pid = sensor.process.pid
            events = sensor.stop()
        self.assertEqual([e for e in events if e["process"]["pid"] == pid], [])

    def test_another_kernels_row_is_refused(self):
        done = self.run_sextant("run", "--db", DATABASE, "--kernel-override",
                                "3.10.0-1160.el7.x86_64")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(done.stdout, "")
        for fact in ("task_struct.cred", "task_struct.real_parent", "mm_struct.arg_start",
                     "signal_struct.live", "dentry.d_parent"):
            self.assertIn(fact, done.stderr)

    def test_one_wrong_fact_switches_its_class_off(self):
        said = self.run_with_wrong("group_exit_code", "exec,fork,exit")
        self.assertRegex(said, "self-check of exit: wait status is .*group_exit_code")
        self.assertIn("exit is switched off", said)
        self.assertRegex(said, "ready .*exec: tracepoint")

    def test_a_wrong_fact_of_sockets_is_found_by_a_connection_of_our_own(self):
        said = self.run_with_wrong("__sk_common.skc_daddr", "exec,socket")
        self.assertRegex(said, r"self-check of socket: destination\.ip is .*skc_daddr")
        self.assertIn("socket is switched off", said)
        self.assertRegex(said, "ready .*exec: tracepoint")

    def run_with_wrong(self, member, events):
        """What the sensor says with a row in which one member lies four bytes too far."""
        with tempfile.TemporaryDirectory() as directory:
            shown = json.loads(self.run_sextant("show", "--db", DATABASE, "--json").stdout)
            text = "kernel\trelease=wrong\tmachine=x86_64\n"
            for f in shown["facts"]:
                offset = f["offset"] + (4 if f["member"] == member else 0)
                bits = f"\t{f['bit_offset']}\t{f['bit_size']}" if f["bit_size"] else ""
                text += f"member\t{f['type']}\t{f['member']}\t{offset}\t{f['size']}{bits}\n"
            path = os.path.join(directory, "wrong.txt")
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            db = os.path.join(directory, "wrong.db")
            lkccb = os.path.join(os.path.dirname(SEXTANT), "lkccb")
            subprocess.run([lkccb, "import", "--db", db, path], check=True, stdout=subprocess.DEVNULL)
            done = self.run_sextant("run", "--db", db, "--kernel-override", "wrong", "--duration",
                                    "0.2", "--events", events)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def test_full_disk(self):
        process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--output", "/dev/full"],
                                   stderr=subprocess.PIPE, text=True)
        self.assertIn("ready", process.stderr.readline())
        subprocess.run(["/bin/true"], check=True)
        said = process.communicate(timeout=20)[1]
        self.assertEqual(process.returncode, 1)
        self.assertRegex(said, r"(?m)^sextant: /dev/full: No space left on device; .*$")

    def test_closed_pipe(self):
        reading, writing = os.pipe()
        process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--duration", "30"],
                                   stdout=writing, stderr=subprocess.PIPE, text=True)
        os.close(writing)
        self.assertIn("ready", process.stderr.readline())
        os.close(reading)
        subprocess.run(["/bin/true"], check=True)
        said = process.communicate(timeout=20)[1]
        self.assertEqual(process.returncode, 1)
        self.assertIn("standard output: Broken pipe", said)

    def test_disk_that_fills_up_keeps_whole_lines(self):
        with tempfile.TemporaryDirectory() as directory:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "small", directory], check=True)
            try:
                output = os.path.join(directory, "events")
                process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--output", output],
                                           stderr=subprocess.PIPE, text=True)
                self.assertIn("ready", process.stderr.readline())
                subprocess.run([SCENARIO, "storm", "200"], check=True, stdout=subprocess.DEVNULL)
                said = process.communicate(timeout=20)[1]
                with open(output, "rb") as file:
                    data = file.read()
            finally:
                subprocess.run(["umount", directory], check=True)
        self.assertEqual(process.returncode, 1)
        self.assertIn("No space left on device", said)
        self.assertTrue(data.endswith(b"\n"))
        for line in data.splitlines():
            json.loads(line)

    def test_without_root(self):
        with tempfile.TemporaryDirectory() as directory:  # the checkout may be root's alone
            os.chmod(directory, 0o755)
            sextant, database = (shutil.copy(path, directory) for path in (SEXTANT, DATABASE))
            done = subprocess.run([sextant, "run", "--db", database], capture_output=True, text=True,
                                  check=False, timeout=60, user=65534, group=65534)
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertRegex(done.stderr, r"^sextant: .*run as root\n$")

    def test_check_says_what_works(self):
        done = self.run_sextant("check", "--db", DATABASE, "--json")
        self.assertEqual(done.returncode, 0, done.stdout)
        report = json.loads(done.stdout)
        for name in ("exec", "fork", "exit"):
            self.assertTrue(report["classes"][name]["works"])
        kprobes = os.path.exists("/sys/bus/event_source/devices/kprobe")
        self.assertEqual("without" not in report["classes"]["exec"], kprobes)
        self.assertEqual(report["kernel"]["release"], os.uname().release)

    def test_check_of_another_kernels_row(self):
        done = self.run_sextant("check", "--db", DATABASE, "--kernel-override",
                                "3.10.0-1160.el7.x86_64")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("3.10.0-1160.el7.x86_64 x86_64, by --kernel-override", done.stdout)

    def test_check_says_which_class_would_not_work(self):
        """The Ubuntu 4.15 table has no signal_struct: no exit events from it."""
        done = self.run_sextant("check", "--db", DATABASE, "--kernel-override", "4.15.0-42-generic")
        self.assertEqual(done.returncode, 6, done.stdout)
        self.assertRegex(done.stdout, r"(?m)^exit +OFF: .*lacks signal_struct\.live; kprobe acct_process: ")


if __name__ == "__main__":
    if FILES:  # there is no sensor here: its events are
        del Storm, Running, Rules
    tap.main()
