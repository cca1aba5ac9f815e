#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The real probes on this kernel: the scenario's truth against the sensor's JSON, field by field.

usage: tests/host/check.py SEXTANT DATABASE SCENARIO SCHEMA   (as root)
       tests/host/check.py --files DIRECTORY SCHEMA   (truth, events, errors of a run elsewhere)
"""
import collections
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

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import jsonschema  # noqa: E402
import tap  # noqa: E402
from patience import seconds_allowed  # noqa: E402
from scenario import Scenario  # noqa: E402,F401 (it is run)
from sensor import DATABASE, FILES, SCENARIO, SCHEMA, SEXTANT, Sensor, line_with, wait_ready  # noqa: E402

STORM = 10000


class Storm(unittest.TestCase):
    """Every process of two fast loops is there once, or counted as lost."""

    def test_sum_is_truth(self):
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory)
            loops = [subprocess.Popen([SCENARIO, "storm", str(STORM // 2)], stdout=subprocess.PIPE,
                                      text=True) for _ in range(2)]
            pids = [int(pid) for loop in loops for pid in loop.communicate()[0].split()]
            events = sensor.stop()
            lost = dict(re.findall(r"(exec|fork|exit) \d+ events, (\d+) lost", sensor.said()))
        self.assertEqual(len(pids), STORM)
        by = {loop.pid for loop in loops}  # of others a pid may be used again meanwhile
        for action in ("exec", "fork", "exit"):
            seen = [e["process"]["pid"] for e in events
                    if e["event"]["action"] == action and e["process"]["parent"]["pid"] in by]
            self.assertFalse(collections.Counter(seen) - collections.Counter(pids), f"{action} more than once")
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
        # And each loss is an event, and was said while it ran.
        with open(SCHEMA, encoding="utf-8") as file:
            schema = json.load(file)
        for event in sensor.losses:
            jsonschema.validate(event, schema)
        self.assertEqual(sum(e["sextant"]["loss"]["count"] for e in sensor.losses), lost)
        self.assertRegex(said, r"(?m)^sextant: lost \d+ \w+ events on CPU \d+")
        self.assertLess(said.index("sextant: lost"), said.index(" events, "))


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

    def test_what_is_watched_is_not_missed_while_the_rules_are_read_again(self):
        many = "".join(f"watch /nowhere/{number}\n" for number in range(1000))
        with tempfile.TemporaryDirectory() as directory:
            rules, place = os.path.join(directory, "rules"), os.path.join(directory, "watched")
            with open(rules, "w", encoding="utf-8") as file:
                file.write(many + f"watch {place}\n")
            os.mkdir(place)
            sensor = Sensor(directory, "--filter", rules, "--events", "file")
            made, deadline = 0, time.monotonic() + seconds_allowed(60)
            # Rules are read once they have not changed for a moment: until that has happened some times.
            while sensor.said().count("rules in force") < 5 and time.monotonic() < deadline:
                sensor.process.send_signal(signal.SIGHUP)
                for made in range(made + 1, made + 21):
                    with open(os.path.join(place, str(made)), "x", encoding="ascii"):
                        pass
                time.sleep(0.01)
            events, said = sensor.stop(), sensor.said()
        told = {os.path.basename(e["file"]["path"]) for e in events if e["file"]["path"].startswith(place)}
        missing = {str(number) for number in range(1, made + 1)} - told
        self.assertGreater(said.count("rules in force"), 2)
        self.assertLessEqual(len(missing), int(re.search(r"file \d+ events, (\d+) lost", said)[1]))

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
            wait_ready(process)
            subprocess.run(["/bin/echo", "a b", "\x1b[31m"], check=True, stdout=subprocess.DEVNULL)
            process.communicate(timeout=20)
            with open(output, encoding="ascii") as file:
                text = file.read()
        self.assertRegex(text, r"(?m)^[0-9:.]{12} exec   \d+ \(parent \d+ .*\) uid 0 "
                               r"/\S*/?echo: /bin/echo 'a b' '\\x1b\[31m' \[in /")

    def test_the_longest_arguments_come_out_exactly(self):
        """Escapes are six bytes each, and a byte that is no UTF-8 wants the argument in hex as well."""
        argument = b"\x01" * 32750 + b"\xff"
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory, "--events", "exec")
            done = subprocess.Popen([b"x", argument], executable="/bin/true")
            done.wait()
            events, said = sensor.stop(), sensor.said()
        self.assertEqual(sensor.code, 0, said)
        self.assertNotIn("could not be written", said)
        event = next(e for e in events if e["process"]["pid"] == done.pid)
        self.assertEqual(event["sextant"]["raw"], {"process.args": [None, argument.hex()]})
        self.assertEqual(event["process"]["args"], ["x", "\x01" * 32750 + "\ufffd"])

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

    def test_one_wrong_offset_disables_its_class(self):
        said = self.run_with_wrong("group_exit_code", "exec,fork,exit")
        self.assertRegex(said, "self-test of exit: wait status: got .*group_exit_code")
        self.assertIn("exit is disabled: self-test failed", said)
        self.assertRegex(said, "ready .*exec: tracepoint")

    def test_a_wrong_offset_of_sockets_is_found_by_the_self_test(self):
        said = self.run_with_wrong("__sk_common.skc_daddr", "exec,socket")
        self.assertRegex(said, r"self-test of socket: destination\.ip: got .*skc_daddr")
        self.assertIn("socket is disabled: self-test failed", said)
        self.assertRegex(said, "ready .*exec: tracepoint")

    def test_a_required_class_whose_self_test_fails_ends_the_run(self):
        said = self.run_with_wrong("group_exit_code", "exec,fork,exit", "--require", "exec,exit", code=7)
        self.assertIn("exit is required (--require) and does not work: its self-test failed", said)
        self.assertNotIn("exec is required", said)
        self.assertNotIn("ready", said)

    def test_required_classes_that_work_change_nothing(self):
        said = self.run_with_wrong("group_exit_code", "exec,fork,exit", "--require", "exec,fork")
        self.assertRegex(said, "exit is disabled: self-test failed(.|\\n)*ready .*exec: tracepoint.*; exit: off")

    def test_a_terminal_shows_that_it_works_and_how_to_cause_an_event(self):
        controller, terminal = os.openpty()
        process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--duration", "0.5"],
                                   stdout=subprocess.DEVNULL, stderr=terminal)
        os.close(terminal)
        self.assertEqual(process.wait(60), 0)
        said = os.read(controller, 1 << 16).decode()
        os.close(controller)
        self.assertIn("self-test passed for exec, fork, exit", said)
        self.assertRegex(said, r"ready on (.|\n)*run a command in another terminal, for example: ls")

    def test_without_a_self_test_it_says_so(self):
        for option in ("--no-self-test", "--no-self-check"):
            done = self.run_sextant("run", "--db", DATABASE, "--duration", "0.2", option)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("self-test skipped", done.stderr)
            self.assertNotIn("self-test passed", done.stderr)

    def test_log_levels(self):
        said = {level: self.run_sextant("run", "--db", DATABASE, "--duration", "0.2", "--log-level", level).stderr
                for level in ("error", "warning", "info", "debug")}
        self.assertEqual(said["error"], "")
        self.assertNotIn("ready", said["warning"])
        self.assertIn("ready", said["info"])
        self.assertNotIn("libbpf", said["info"])
        self.assertIn("sextant: libbpf: ", said["debug"])
        for text in said.values():
            self.assertEqual([line for line in text.splitlines() if not line.startswith("sextant: ")], [])

    def run_with_wrong(self, member, events, *options, code=0):
        """What the sensor says with offsets of which one is four bytes too large."""
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
                                    "0.2", "--events", events, *options)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr

    def test_full_disk(self):
        process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--output", "/dev/full"],
                                   stderr=subprocess.PIPE, text=True)
        wait_ready(process)
        subprocess.run(["/bin/true"], check=True)
        said = process.communicate(timeout=20)[1]
        self.assertEqual(process.returncode, 1)
        self.assertRegex(said, r"(?m)^sextant: /dev/full: No space left on device; .*$")

    def test_closed_pipe(self):
        reading, writing = os.pipe()
        process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--duration", "30"],
                                   stdout=writing, stderr=subprocess.PIPE, text=True)
        os.close(writing)
        wait_ready(process)
        os.close(reading)
        subprocess.run(["/bin/true"], check=True)
        said = process.communicate(timeout=20)[1]
        self.assertEqual(process.returncode, 1)
        self.assertIn("standard output: Broken pipe", said)

    def test_a_full_disk_has_whole_lines_and_gets_the_rest_when_there_is_space(self):
        with tempfile.TemporaryDirectory() as directory:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "small", directory], check=True)
            process = None
            try:
                output = os.path.join(directory, "events")
                process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--output", output],
                                           stderr=subprocess.PIPE, text=True)
                wait_ready(process)
                pids = subprocess.run([SCENARIO, "storm", "200"], check=True, text=True,
                                      stdout=subprocess.PIPE).stdout.split()
                line_with(process, "No space left on device; events wait")
                with open(output, "rb") as file:
                    before = file.read()
                subprocess.run(["mount", "-o", "remount,size=64m", directory], check=True)
                line_with(process, "takes events again")
                process.send_signal(signal.SIGTERM)
                said = process.communicate(timeout=20)[1]
                with open(output, "rb") as file:
                    data = file.read()
            finally:
                if process and process.poll() is None:
                    process.kill()
                    process.wait()
                subprocess.run(["umount", directory], check=True)
        self.assertEqual(process.returncode, 0, said)
        self.assertTrue(before.endswith(b"\n"))
        self.assertTrue(data.startswith(before))
        events = [json.loads(line) for line in data.splitlines()]
        seen = {e["process"]["pid"] for e in events if e["event"]["action"] == "exec"}
        missing = {int(pid) for pid in pids} - seen
        self.assertLessEqual(len(missing), int(re.search(r"exec \d+ events, (\d+) lost", said)[1]))

    def test_a_reader_that_does_not_read_holds_nothing_up(self):
        """Also standard error, of which nobody reads either."""
        reading, writing = os.pipe()
        process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE], stdout=writing, stderr=writing)
        os.close(writing)
        said = b""
        while b"ready" not in said or not said.endswith(b"\n"):
            said += os.read(reading, 1)
        subprocess.run([SCENARIO, "storm", "500"], check=True, stdout=subprocess.DEVNULL)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 1)  # events were not written
        with open(reading, "rb") as file:
            lines = file.read().split(b"\n")
        self.assertEqual(lines[-1], b"")  # whole lines
        for line in lines[:-1]:
            self.assertTrue(line.startswith(b"sextant:") or json.loads(line), line)

    def test_a_non_blocking_pipe_has_whole_lines(self):
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE], stdout=writing,
                                   stderr=subprocess.PIPE, text=True)
        wait_ready(process)
        loop = subprocess.Popen([SCENARIO, "storm", "1000"], stdout=subprocess.PIPE, text=True)
        data = b""
        os.set_blocking(reading, True)
        pids = [int(pid) for pid in loop.communicate()[0].split()]
        process.send_signal(signal.SIGTERM)
        os.close(writing)
        while chunk := os.read(reading, 10000):
            data += chunk
        os.close(reading)
        said = process.communicate(timeout=30)[1]
        self.assertEqual(process.returncode, 0, said)
        events = [json.loads(line) for line in data.splitlines()]
        execs = {e["process"]["pid"] for e in events if e["event"]["action"] == "exec"}
        lost = int(re.search(r"exec \d+ events, (\d+) lost", said)[1])
        self.assertLessEqual(len(set(pids) - execs), lost)

    def test_a_fifo_without_a_reader_does_not_hold_the_start_up(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "fifo")
            os.mkfifo(path, 0o600)
            process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--output", path],
                                       stderr=subprocess.PIPE, text=True)
            wait_ready(process)
            child = subprocess.Popen(["/bin/true"])
            child.wait()
            with open(path, encoding="utf-8") as file:  # who comes late gets all that waits
                for line in file:
                    event = json.loads(line)
                    if event["event"]["action"] == "exec" and event["process"]["pid"] == child.pid:
                        break
                process.send_signal(signal.SIGTERM)
                file.read()
            self.assertEqual(process.wait(30), 0, process.stderr.read())
            process.stderr.close()

    def test_the_output_is_opened_again_when_asked(self):
        for number in (signal.SIGHUP, signal.SIGUSR1):
            with self.subTest(number), tempfile.TemporaryDirectory() as directory:
                sensor = Sensor(directory)
                children = []
                for name in ("first", "second"):
                    child = subprocess.Popen(["/bin/true", name])
                    child.wait()
                    children.append(child.pid)
                    if name == "first":
                        time.sleep(0.5)
                        os.rename(sensor.output, sensor.output + ".1")
                        sensor.process.send_signal(number)
                        deadline = time.monotonic() + 10
                        while not os.path.exists(sensor.output) and time.monotonic() < deadline:
                            time.sleep(0.05)
                after = [e["process"]["pid"] for e in sensor.stop() if e["event"]["action"] == "exec"]
                with open(sensor.output + ".1", encoding="utf-8") as file:
                    before = [json.loads(line) for line in file]
                self.assertIn(children[0], [e.get("process", {}).get("pid") for e in before])
                self.assertNotIn(children[0], after)
                self.assertIn(children[1], after)

    def test_the_hosts_name_is_that_of_now(self):
        with tempfile.TemporaryDirectory() as directory:
            output = os.path.join(directory, "out")
            process = subprocess.Popen(["unshare", "--uts", SEXTANT, "run", "--db", DATABASE, "--output", output],
                                       stderr=subprocess.PIPE, text=True)
            wait_ready(process)
            subprocess.run(["nsenter", "-t", str(process.pid), "-u", "hostname", "renamed"], check=True)
            time.sleep(1.5)
            child = subprocess.Popen(["/bin/true"])
            child.wait()
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
            with open(output, encoding="utf-8") as file:
                events = [json.loads(line) for line in file]
        self.assertEqual({e["host"]["hostname"] for e in events if e.get("process", {}).get("pid") == child.pid},
                         {"renamed"})

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
                deadline = time.monotonic() + 10
                while sensor.said().count("the rules stay") == said and time.monotonic() < deadline:
                    time.sleep(0.05)
                self.assertEqual(sensor.said().count("the rules stay"), said + 1, repr(content))
            child = subprocess.Popen(["/bin/true"])
            child.wait()
            events, said = sensor.stop(), sensor.said()
        self.assertIn(child.pid, [e["process"]["pid"] for e in events])
        self.assertNotIn("rules in force", said)

    def test_many_processes_do_not_hold_the_start_up(self):
        """What runs in each is read beside the events."""
        sleepers = subprocess.Popen([SCENARIO, "sleepers", "3000"], stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(sleepers.stdout.readline(), "3000\n")
            with tempfile.TemporaryDirectory() as directory:
                sensor = Sensor(directory)
                child = subprocess.Popen(["/bin/true"])
                child.wait()
                events = sensor.stop()
        finally:
            sleepers.terminate()
            sleepers.wait()
            sleepers.stdout.close()
        self.assertIn(child.pid, [e["process"]["pid"] for e in events])

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
