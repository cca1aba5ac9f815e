# SPDX-License-Identifier: BSD-2-Clause
"""The rules of --filter."""
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from cgroup_tree import CgroupTree
from patience import HANGS, seconds_allowed
from sensor import Sensor, run_sextant


class Rules(unittest.TestCase):
    """Events that a rule denies are not reported, and all others are."""

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
                    deadline = time.monotonic() + HANGS
                    while "rules" not in sensor.said() and time.monotonic() < deadline:
                        time.sleep(0.05)
                child = subprocess.Popen(command, **options)
                child.wait(HANGS)
                pids[child.pid] = number
            events = sensor.stop()
            self.said = sensor.said()
        found = {number: [] for number in pids.values()}
        for event in events:
            # Another process may have had that id before.
            if event["process"]["pid"] in pids and event["process"]["parent"]["pid"] == os.getpid():
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

    def test_no_file_event_is_missed_while_rules_are_reloaded(self):
        many = "".join(f"watch /nowhere/{number}\n" for number in range(1000))
        with tempfile.TemporaryDirectory() as directory:
            rules, place = os.path.join(directory, "rules"), os.path.join(directory, "watched")
            with open(rules, "w", encoding="utf-8") as file:
                file.write(many + f"watch {place}\n")
            os.mkdir(place)
            sensor = Sensor(directory, "--filter", rules, "--events", "file")
            made, deadline = 0, time.monotonic() + seconds_allowed(60)
            # Rules are reloaded once they have not changed for a moment: until that has happened some times.
            while sensor.said().count("rules in force") < 5 and time.monotonic() < deadline:
                sensor.process.send_signal(signal.SIGHUP)
                for made in range(made + 1, made + 21):
                    with open(os.path.join(place, str(made)), "x", encoding="ascii"):
                        pass
                time.sleep(0.01)
            events, said = sensor.stop(), sensor.said()
        reported = {os.path.basename(e["file"]["path"]) for e in events if e["file"]["path"].startswith(place)}
        missing = {str(number) for number in range(1, made + 1)} - reported
        self.assertGreater(said.count("rules in force"), 2)
        self.assertLessEqual(len(missing), int(re.search(r"file \d+ events, (\d+) lost", said)[1]))

    def run_in_cgroups(self, rules, *paths):
        """The actions of a shell that enters each of these cgroups, from the root of the hierarchy, and becomes true."""
        with CgroupTree() as tree:
            for path in paths:
                tree.make(path)
            seen = self.run_under(rules, *((tree.command(path, "/bin/true"), {}) for path in paths))
        return [self.actions(seen[i]) for i in range(len(paths))]

    BEFORE = ["fork", "exec"]  # the shell's, before it entered the cgroup
    ALL = ["fork", "exec", "exec", "exit"]

    def test_deny_by_cgroup(self):
        """The cgroup and those below it; by its path from the root, not by its name alone."""
        seen = self.run_in_cgroups("deny cgroup /sextant-test/rules\n",
                                   "/sextant-test/rules", "/sextant-test/rules/inner/most", "/sextant-test",
                                   "/sextant-test/rules2", "/sextant-other/sextant-test/rules",
                                   "/sextant-other/rules", "/sextant-test/other/sextant-test/rules")
        self.assertEqual(seen, [self.BEFORE] * 2 + [self.ALL] * 5)

    def test_a_cgroup_that_is_too_deep_is_reported(self):
        deep = "/sextant-test" + "/x" * 6
        self.assertEqual(self.run_in_cgroups("deny cgroup /sextant-test\n", deep, deep + "/x/x"),
                         [self.BEFORE, self.ALL])
        self.assertEqual(self.run_in_cgroups("allow cgroup /sextant-none\n", deep, deep + "/x/x"),
                         [[], ["exec", "exit"]])

    def test_allow_by_cgroup(self):
        seen = self.run_in_cgroups("allow cgroup /sextant-test\ndeny cgroup /sextant-test/rules\n",
                                   "/sextant-test/inner", "/sextant-test/rules", "/sextant-other/sextant-test")
        self.assertEqual(seen, [["exec", "exit"], [], []])

    def test_deny_by_class(self):
        seen = self.run_under("deny event exit\n", (["/bin/true"], {}))
        self.assertEqual(self.actions(seen[0]), ["fork", "exec"])

    def test_sighup_reloads_the_rules(self):
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

    def test_deny_by_container(self):
        """By the place where Docker puts its cgroups; what is known of the process counts for its exit as well."""
        ids = [f"{random.randrange(1 << 256):064x}" for _ in range(2)]
        seen = self.run_in_cgroups(f"deny container {ids[0][:12]}\n", *(f"/docker/{name}" for name in ids))
        self.assertEqual(seen, [self.BEFORE, self.BEFORE + ["exec", "exit"]])

    def test_what_a_rule_hides_is_not_reported_from_memory(self):
        """Without all execs the loader cannot know what runs in a parent."""
        seen = self.run_under("deny comm sleep\n", (["/bin/true"], {}))
        for event in seen[0]:
            self.assertNotIn("executable", event["process"]["parent"])

    def test_rules_in_a_fifo_are_refused_and_hold_nothing_up(self):
        with tempfile.TemporaryDirectory() as directory:
            rules = os.path.join(directory, "rules")
            with open(rules, "w", encoding="ascii") as file:
                file.write("deny uid 61099\n")
            sensor = Sensor(directory, "--filter", rules)
            for content in ("fifo", "", "deny uid 6", "deny uid 0\0junk\n"):
                os.remove(rules)
                if content == "fifo":
                    os.mkfifo(rules, 0o600)
                else:
                    with open(rules, "w", encoding="ascii") as file:
                        file.write(content)
                said = sensor.said().count("the rules stay")
                sensor.process.send_signal(signal.SIGHUP)
                deadline = time.monotonic() + HANGS
                while sensor.said().count("the rules stay") == said and time.monotonic() < deadline:
                    time.sleep(0.05)
                self.assertEqual(sensor.said().count("the rules stay"), said + 1, repr(content))
            child = subprocess.Popen(["/bin/true"])
            child.wait()
            events, said = sensor.stop(), sensor.said()
        self.assertIn(child.pid, [e["process"]["pid"] for e in events])
        self.assertNotIn("rules in force", said)


class EventRules(unittest.TestCase):
    """Rules that an event is held to after it was read, and those that are only tried."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.control = os.path.join(self.directory, "control", "socket")
        self.listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        for listener in self.listeners:
            self.addCleanup(listener.close)
        self.ports = [listener.getsockname()[1] for listener in self.listeners]

    def connect(self, number):
        """Returns the port of this side, by which the events are known."""
        with socket.create_connection(("127.0.0.1", self.ports[number])) as client:
            self.listeners[number].accept()[0].close()
            return client.getsockname()[1]

    def status(self):
        done = run_sextant("status", "--json", "--control", self.control)
        return json.loads(done.stdout)

    def wait_for(self, what):
        deadline = time.monotonic() + HANGS
        while not what():
            self.assertLess(time.monotonic(), deadline, self.sensor.said())
            time.sleep(0.05)

    def connects(self):
        return [e["source"]["port"] for e in self.sensor.stop() if e["event"]["action"] == "connect"
                and e["process"]["pid"] == os.getpid()]

    def test_a_port_is_left_out_and_counted(self):
        rule = f"deny network 127.0.0.0/8 {self.ports[0]}"
        self.sensor = Sensor(self.directory, "--events", "socket", "--control", self.control, "--rule", rule)
        ports = [self.connect(number) for number in (0, 1, 0, 1)]
        self.wait_for(lambda: self.status()["left_out"] >= 4)  # connect and close, of two
        [said] = self.status()["rules"]
        self.assertEqual((said["rule"], said["try"]), (rule, False))
        self.assertEqual(said["events"], self.status()["left_out"])
        self.assertEqual(self.connects(), ports[1::2])
        self.assertEqual(self.sensor.agent[-1]["sextant"]["agent"]["classes"]["socket"]["lost"], 0)

    def test_what_is_tried_is_reported_and_a_reload_begins_anew(self):
        rules = os.path.join(self.directory, "rules")
        with open(rules, "w", encoding="ascii") as file:
            file.write(f"try deny port {self.ports[0]}\ntry deny uid 61070\n")
        self.sensor = Sensor(self.directory, "--events", "socket", "--control", self.control, "--filter", rules)
        ports = [self.connect(number) for number in (0, 1)]
        self.wait_for(lambda: self.status()["rules"][0]["events"] >= 2)
        self.assertEqual(self.status()["left_out"], 0)
        self.assertEqual(self.status()["rules"][1], {"rule": "try deny uid 61070", "try": True, "events": 0})
        text = run_sextant("status", "--control", self.control).stdout
        self.assertIn(f"events: try deny port {self.ports[0]}", text)
        with open(rules, "w", encoding="ascii") as file:
            file.write(f"deny port {self.ports[0]}\n")
        self.sensor.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: [r["rule"] for r in self.status()["rules"]] == [f"deny port {self.ports[0]}"])
        self.assertEqual(self.status()["rules"][0]["events"], 0)
        self.connect(0)
        self.wait_for(lambda: self.status()["rules"][0]["events"] >= 2)
        self.assertEqual(self.connects(), ports)


class Executables(unittest.TestCase):
    """Rules about the file that a process runs, and about all that root's execs of it start."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        os.chmod(self.directory, 0o755)
        self.program = os.path.join(self.directory, "agent")
        self.replace("/bin/sh")

    def replace(self, source):
        shutil.copy(source, self.program + ".new")
        os.rename(self.program + ".new", self.program)

    def run_shell(self, *words, **options):
        """The program runs a child, which runs one as well; arguments that tell them apart."""
        mark = f"mark-{random.randrange(1 << 40):x}"
        subprocess.run([*words, self.program, "-c", f"/bin/sh -c '/bin/true {mark} inner; :' {mark}; :", mark], check=True,
                       **options)
        return mark

    def start(self, *options):
        self.sensor = Sensor(self.directory, "--events", "exec,fork,exit", *options)

    def seen(self):
        """{mark: names of what was executed with it, and how many of these processes ended}"""
        found, pids = {}, {}
        for event in self.sensor.stop():
            process = event["process"]
            marks = [word for word in process.get("args") or [] if word.startswith("mark-")]
            if marks:
                found.setdefault(marks[0], []).append(os.path.basename(process["executable"]))
                pids[process["pid"]] = marks[0]
            elif event["event"]["action"] == "exit" and process["pid"] in pids:
                found[pids[process["pid"]]].append("exit")
        return found

    def is_reported(self, mark):
        """The program itself, and not only what it has run."""
        deadline = time.monotonic() + HANGS
        while time.monotonic() < deadline:
            with open(self.sensor.output, encoding="utf-8") as file:
                lines = [line for line in file if mark in line and '"exec"' in line]
            executables = [json.loads(line)["process"]["executable"] for line in lines if line.endswith("\n")]
            if any(executable.endswith("/true") for executable in executables):
                return self.program in executables
            time.sleep(0.05)
        self.fail(f"what it has run is not reported: {self.sensor.said()}")

    def whole(self, names):
        return sorted("sh" if name in ("dash", "bash", "busybox") else name for name in names)

    def test_the_file_alone(self):
        self.start("--rule", f"deny exe {self.program}")
        mark = self.run_shell()
        self.assertEqual(self.whole(self.seen()[mark]), ["exit", "exit", "sh", "true"])

    def test_all_that_root_starts_by_it(self):
        self.start("--rule", f"deny tree {self.program}")
        root, user = self.run_shell(), self.run_shell(user=61073)
        seen = self.seen()
        self.assertNotIn(root, seen)
        self.assertEqual(self.whole(seen[user]), ["agent", "exit", "exit", "exit", "sh", "true"])

    def test_another_file_at_the_path_is_reported(self):
        """As in a mount namespace of a user, who could hide there."""
        other = os.path.join(self.directory, "other")
        shutil.copy("/bin/sh", other)
        self.start("--rule", f"deny exe {self.program}")
        mark = self.run_shell("unshare", "-m", "sh", "-c", f'mount --bind {other} {self.program} && exec "$@"', "sh")
        self.assertIn("agent", self.seen()[mark])

    def test_a_file_that_is_replaced(self):
        self.start("--rule", f"deny exe {self.program}")
        before = self.run_shell()
        # Events are held to the file that is there when they are read: an exec just before that is reported.
        self.assertFalse(self.is_reported(before))
        self.replace("/bin/sh")
        # The sensor looks each second; on a busy host later.
        after = []
        for _ in range(20):
            time.sleep(2.5)
            after.append(self.run_shell())
            if not self.is_reported(after[-1]):
                break
        seen = self.seen()
        for mark in (before, after[-1]):
            self.assertNotIn("agent", seen[mark])

    def test_a_run_that_tries(self):
        self.start("--rule", f"try deny tree {self.program}")
        mark = self.run_shell()
        self.assertIn("agent", self.seen()[mark])


class Reload(unittest.TestCase):
    """A SIGHUP applies what the configuration files say then, or nothing of it."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.config = os.path.join(self.directory, "sextant.conf")

    def write(self, text):
        with open(self.config + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(self.config + ".new", self.config)

    def reload(self, text, word):
        self.write(text)
        before = len(self.sensor.said())
        self.sensor.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + HANGS
        while word not in self.sensor.said()[before:]:
            self.assertLess(time.monotonic(), deadline, self.sensor.said())
            time.sleep(0.05)
        return self.sensor.said()[before:]

    def sleep(self):
        child = subprocess.Popen(["/bin/sleep", "0"])
        child.wait(HANGS)
        return child.pid

    def test_rules_and_what_needs_a_restart(self):
        self.write("events = exec\nrule = deny comm sleep\n")
        self.sensor = Sensor(self.directory, "--config", self.config)
        pids = [self.sleep()]
        self.reload("events = exec\nrule = deny comm true\n", "rules in force")
        pids.append(self.sleep())
        said = self.reload("events = exec\nrule = denny comm sleep\n", "sextant.conf:2")
        self.assertIn("stay as they were", said)
        pids.append(self.sleep())
        said = self.reload("events = exec,fork\nformat = text\nrule = deny comm sleep\n", "rules in force")
        self.assertIn("events has changed; it applies after a restart", said)
        self.assertIn("format has changed; it applies after a restart", said)
        pids.append(self.sleep())
        said = self.reload("events = exec\nfilter = " + self.rules("deny comm true") + "\n", "rules in force")
        self.assertNotIn("restart", said)
        pids.append(self.sleep())
        reported = [e["process"]["pid"] for e in self.sensor.stop() if e["event"]["action"] == "exec"]
        self.assertEqual([pid in reported for pid in pids], [False, True, True, False, True])

    def rules(self, text):
        path = os.path.join(self.directory, "rules")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        return path
