# SPDX-License-Identifier: BSD-2-Clause
"""Several outputs at once: each gets its events once, and what it does not get is counted."""
import collections
import glob
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

from patience import HANGS, until
from sensor import DATABASE, SCENARIO, SEXTANT, ended, line_with, wait_ready

STORM = 500
CLASSES = ("exec", "fork", "exit")


def lines_of(path):
    with open(path, "rb") as file:
        return file.read().splitlines()


class Collector:
    """Reads all that comes to a socket."""

    def __init__(self, family, kind, address):
        self.socket = socket.socket(family, kind)
        self.socket.bind(address)
        self.address = self.socket.getsockname()
        self.got, self.kind = [], kind
        if kind == socket.SOCK_STREAM:
            self.socket.listen()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        if self.kind == socket.SOCK_DGRAM:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
            while True:
                self.got.append(self.socket.recv(1 << 20))
        while True:
            connection, _ = self.socket.accept()
            with connection.makefile("rb") as stream:
                for line in stream:
                    self.got.append(line)


class Outputs(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.control = self.path("control")
        self.others = []
        self.parents = {}  # of the processes of storms

    def path(self, name):
        return os.path.join(self.directory, name)

    def start(self, *outputs, options=()):
        words = [word for output in outputs for word in ("--output", output)]
        self.process = subprocess.Popen(
            [SEXTANT, "run", "--db", DATABASE, "--cpu-budget", "0", "--control", self.control, *words, *options],
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, self.process)
        wait_ready(self.process)

    def end(self, sensor):
        for process in (sensor, *self.others):
            process.kill()
            process.wait()
            if process.stderr:
                process.stderr.close()

    def stop(self):
        """What it says; the status before that is in self.report."""
        self.report = self.status()
        self.process.send_signal(signal.SIGTERM)
        return ended(self.process)

    def status(self):
        answer = subprocess.run([SEXTANT, "status", "--json", "--control", self.control], capture_output=True,
                                text=True, timeout=HANGS, check=False)
        report = json.loads(answer.stdout)
        for output in report["outputs"]:  # at any moment
            for counts in [*output["classes"].values(), output["own"]]:
                self.assertEqual(counts["made"], sum(n for key, n in counts.items() if key != "made"), output)
        return report

    def storm(self, count=STORM):
        """The ids of the processes that it has made."""
        loop = subprocess.Popen([SCENARIO, "storm", str(count)], stdout=subprocess.PIPE, text=True)
        said = loop.communicate()[0]
        self.assertEqual(loop.returncode, 0)
        pids = {int(pid) for pid in said.split()}
        self.parents.update(dict.fromkeys(pids, loop.pid))
        return pids

    def of_storms(self, events, action):
        """The ids of the processes with events of that action; not those that had the same ids before."""
        return [e["process"]["pid"] for e in events if e["event"]["action"] == action
                and self.parents.get(e["process"]["pid"]) == e["process"]["parent"]["pid"]]

    def assert_has(self, events, pids, classes=CLASSES):
        """The events of these processes, each once; on a busy host those may be missing that the sensor has lost."""
        ids = [event["event"]["id"] for event in events]
        self.assertEqual([i for i, n in collections.Counter(ids).items() if n > 1], [])
        for action in classes:
            seen = collections.Counter(self.of_storms(events, action))
            self.assertEqual({pid: seen[pid] for pid in pids if seen[pid] > 1}, {}, action)
            missing = [pid for pid in pids if not seen[pid]]
            self.assertLessEqual(len(missing), self.report["classes"][action]["lost"], f"{action}: {missing}")

    def has_all(self, syslog, pids):
        """Whether the file has the events of these processes, but for those that the sensor itself has lost."""
        with open(syslog, "rb") as file:
            whole = file.read().rpartition(b"\n")[0]
        events = [json.loads(line.split(b" ", 3)[3]) for line in whole.splitlines()]
        lost = self.status()["classes"]
        return all(len(pids - set(self.of_storms(events, action))) <= lost[action]["lost"] for action in CLASSES)

    def rsyslog(self, port):
        """rsyslog itself, with octet-counted TCP; its file has the messages."""
        output, configuration = self.path("rsyslog"), self.path("rsyslog.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(f'global(workDirectory="{self.directory}" maxMessageSize="1m")\n'
                       'module(load="imtcp" maxFrameSize="1048576")\n'
                       f'input(type="imtcp" port="{port}" address="127.0.0.1")\n'
                       'template(name="raw" type="string" string="%hostname% %app-name% %msgid% %msg%\\n")\n'
                       f'*.* action(type="omfile" file="{output}" template="raw")\n')
        self.others.append(subprocess.Popen(
            ["rsyslogd", "-n", "-f", configuration, "-i", self.path("rsyslog.pid")], stderr=subprocess.DEVNULL))
        return output

    @staticmethod
    def free_port():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return free.getsockname()[1]

    def test_what_a_killed_run_left_half_written_is_no_event_in_any_json(self):
        half = {"json": '{"@timestamp":"2026-11-28T04:2', "ocsf": '{"class_uid":1007,"time":17'}
        for form, text in half.items():
            with open(self.path(form), "w", encoding="ascii") as file:
                file.write('{"whole":1}\n' + text)
        self.start(*(f"{self.path(form)} format={form}" for form in half))
        pids = self.storm(50)
        self.stop()
        for form in half:
            events = [json.loads(line) for line in lines_of(self.path(form))]
            self.assertEqual(events.pop(0), {"whole": 1})
            self.assertGreater(len(events), len(pids))
        self.assertEqual({json.loads(line)["metadata"]["uid"] for line in lines_of(self.path("ocsf"))[1:]},
                         {json.loads(line)["event"]["id"] for line in lines_of(self.path("json"))[1:]})

    def test_what_is_left_at_the_end_is_dropped_and_said(self):
        self.start(f"syslog:tcp:127.0.0.1:{self.free_port()} events=exec,fork,exit")
        pids = self.storm(50)
        self.assertTrue(until(lambda: self.status()["outputs"][0]["classes"]["exec"]["queued"] >= len(pids)))
        said = self.stop()
        [count] = re.findall(r"(\d+) events were not delivered before the end", said)
        self.assertGreaterEqual(int(count), 3 * len(pids))

    def test_all_at_once(self):
        port = self.free_port()
        syslog = self.rsyslog(port)
        stream = Collector(socket.AF_UNIX, socket.SOCK_STREAM, self.path("stream"))
        datagram = Collector(socket.AF_UNIX, socket.SOCK_DGRAM, self.path("datagram"))
        journal = Collector(socket.AF_UNIX, socket.SOCK_DGRAM, self.path("journal"))
        local = Collector(socket.AF_UNIX, socket.SOCK_DGRAM, self.path("log"))
        udp = Collector(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self.start(self.path("events"), self.path("execs") + " events=exec", self.path("text") + " format=text",
                   f"unix:{stream.address}", f"unix-datagram:{datagram.address}", f"journald:{journal.address}",
                   f"syslog:tcp:127.0.0.1:{port}", f"syslog:{local.address} events=exit")
        pids = self.storm()
        self.assertTrue(until(lambda: all(not c["queued"] for o in self.status()["outputs"] for c in o["classes"].values())))
        self.said = self.stop()
        events = [json.loads(line) for line in lines_of(self.path("events"))]
        self.assert_has(events, pids)
        total = len(events)
        self.assert_has([json.loads(line) for line in lines_of(self.path("execs"))], pids, ("exec",))
        self.assertEqual(len(lines_of(self.path("text"))), total)
        self.assertTrue(until(lambda: len(stream.got) == len(datagram.got) == len(journal.got) == total),
                        (len(stream.got), len(datagram.got), len(journal.got), total, self.report["outputs"], self.said))
        self.assert_has([json.loads(line) for line in stream.got], pids)
        self.assert_has([json.loads(line) for line in datagram.got], pids)
        self.assert_has([json.loads(re.search(rb"\nMESSAGE=(.*)\n$", entry)[1]) for entry in journal.got], pids)
        self.assert_has([json.loads(re.fullmatch(rb"<86>\w{3} [ \d]\d \d\d:\d\d:\d\d sextant\[\d+\]: (.*)", line)[1])
                         for line in local.got], pids, ("exit",))
        self.assertTrue(until(lambda: len(lines_of(syslog)) >= total))
        messages = [line.split(b" ", 3) for line in lines_of(syslog)]
        self.assertEqual({m[1] for m in messages}, {b"sextant"})
        self.assertLessEqual({m[2] for m in messages}, {b"exec", b"fork", b"exit", b"sextant"})
        self.assert_has([json.loads(m[3]) for m in messages], pids)
        self.assertEqual(udp.got, [])

    def test_one_that_does_not_read_stops_no_other(self):
        deaf = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(deaf.close)
        deaf.bind(self.path("deaf"))
        deaf.listen()
        self.start(self.path("events"), f"unix:{self.path('deaf')}", f"unix:{self.path('nobody')}")
        pids = self.storm(3000)
        self.assertTrue(until(lambda: any(c["dropped_full"] for c in self.status()["outputs"][1]["classes"].values())))
        said = self.stop()
        self.assertRegex(said, r"deaf: \d+ \w+ events were dropped")
        self.assertRegex(said, r"nobody: No such file or directory; events wait")
        events = [json.loads(line) for line in lines_of(self.path("events"))]
        self.assert_has([e for e in events if "process" in e], pids)
        losses = [e["sextant"]["loss"] for e in events if e["event"]["action"] == "loss" and "output" in e["sextant"]["loss"]]
        self.assertIn(self.path("deaf"), {loss["output"] for loss in losses})
        self.assertEqual(self.process.returncode, 0, said)

    def test_a_collector_that_comes_back_gets_what_waits(self):
        port = self.free_port()
        self.start(self.path("events"), f"syslog:tcp:127.0.0.1:{port}")
        first = self.storm(100)
        syslog = self.rsyslog(port)
        # What rsyslog has taken but not written when it is killed is lost: syslog acknowledges nothing.
        self.assertTrue(until(lambda: os.path.exists(syslog) and self.has_all(syslog, first)))
        self.others[0].kill()
        self.others[0].wait()
        second = self.storm(100)
        self.rsyslog(port)
        self.assertTrue(until(lambda: not any(c["queued"] for c in self.status()["outputs"][1]["classes"].values())))
        self.stop()
        self.assertTrue(until(lambda: b"agent_stop" in lines_of(syslog)[-1]))
        got = {}
        for line in lines_of(syslog):
            event = json.loads(line.split(b" ", 3)[3])
            got[event["event"]["id"]] = event  # what was not acknowledged may come twice
        self.assert_has([e for e in got.values() if "process" in e], first | second)

    def test_each_has_its_own_rules(self):
        rules = self.path("rules")

        def write(*lines):
            with open(rules, "w", encoding="ascii") as file:
                file.writelines(line + "\n" for line in lines)

        def of_users(name):
            events = [json.loads(line) for line in lines_of(self.path(name))]
            return collections.Counter((e["process"]["args"][0], e["event"]["action"]) for e in events
                                       if e["event"]["action"] == "exec" and e["process"]["args"][0] in words)

        def run(word, **who):
            words.append(word)
            for _ in range(3):
                subprocess.run([word], executable="/bin/true", check=True, **who)

        words = []
        write("for siem deny uid 61090", "for text allow uid 61090", "deny event exit")
        self.start(self.path("all"), self.path("siem") + " name=siem", self.path("text") + " name=text",
                   options=("--filter", rules))
        run("of-user", user=61090)
        run("of-root")
        self.assertTrue(until(lambda: len(of_users("all")) == 2))
        write("for siem deny uid 0")
        self.process.send_signal(signal.SIGHUP)
        self.assertTrue(until(lambda: [r["rule"] for r in self.status()["rules"]] == ["for siem deny uid 0"]))
        run("later-of-user", user=61090)
        run("later-of-root")
        self.stop()
        execs = {name: {word for word, _ in of_users(name)} for name in ("all", "siem", "text")}
        self.assertEqual(execs, {"all": set(words), "siem": {"of-root", "later-of-user"},
                                 "text": {"of-user", "later-of-user", "later-of-root"}})
        self.assertEqual(set(of_users("all").values()), {3})

    def test_files_are_rotated(self):
        self.start(f"{self.path('events')} rotate-size=200K keep=100")
        pids = self.storm(1000)
        self.stop()
        files = glob.glob(self.path("events*"))
        self.assertGreater(len(files), 5)
        events = []
        for path in files:
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            if path != self.path("events"):
                self.assertGreaterEqual(os.path.getsize(path), 200 << 10)
            events += [json.loads(line) for line in lines_of(path)]
        self.assert_has([e for e in events if "process" in e], pids)

    def test_rules_are_for_the_outputs_that_run(self):
        """Not for those that a changed configuration names, which apply after a restart."""
        config = self.path("sextant.conf")

        def write(*lines):
            with open(config + ".new", "w", encoding="ascii") as file:
                file.writelines(line + "\n" for line in lines)
            os.rename(config + ".new", config)

        named = f"output = {self.path('named')} name=named"
        write("events = exec", named)
        self.start(options=("--config", config))
        write("events = exec", f"output = {self.path('more')}", named, "rule = for named deny uid 61091")
        self.process.send_signal(signal.SIGHUP)
        self.assertTrue(until(lambda: self.status()["rules"]))
        for user in (61091, 0):
            subprocess.run(["/bin/true", str(user)], check=True, user=user)
        self.stop()
        seen = {e["process"]["args"][-1] for e in map(json.loads, lines_of(self.path("named")))
                if e["event"]["action"] == "exec"}
        self.assertEqual(seen & {"61091", "0"}, {"0"})

    def test_old_files_are_compressed(self):
        """Also those that a run has left, and what a sensor that was killed has begun is begun again."""
        for kind, suffix, command in (("gzip", ".gz", ["gzip", "-dc"]), ("zstd", ".zst", ["zstd", "-dcq"])):
            with self.subTest(kind):
                base = self.path(kind)
                output = f"{base} rotate-size=1M keep=100 compress={kind}"
                self.start(output)
                self.storm(1000)
                self.assertTrue(until(lambda: glob.glob(f"{base}.*{suffix}")))
                subprocess.run(["pkill", "-KILL", "-P", str(self.process.pid)], check=False)  # the monitor
                self.process.wait()
                with open(f"{base}.part", "wb") as file:
                    file.write(b"begun")
                self.start(output)
                pids = self.storm(1000)
                self.stop()
                report = self.report
                left = glob.glob(f"{base}.*{suffix}")[0]  # as if the run had ended before
                with open(left.removesuffix(suffix), "wb") as file:
                    subprocess.run([*command, left], check=True, stdout=file)
                os.chmod(file.name, 0o600)
                os.remove(left)
                self.start(output.replace("1M", "1G"))  # so that nothing is renamed now
                self.assertTrue(until(lambda: all(path == base or path.endswith(suffix) for path in glob.glob(f"{base}*"))),
                                glob.glob(f"{base}*"))
                self.stop()
                old = glob.glob(f"{base}.*")
                self.assertGreater(len(old), 2)
                self.assertEqual({os.stat(path).st_mode & 0o777 for path in old}, {0o600})
                text = subprocess.run([*command, *old], check=True, capture_output=True).stdout
                self.assertLess(sum(map(os.path.getsize, old)), len(text) / 4)
                events = [json.loads(line) for line in text.splitlines() + lines_of(base)]
                self.report = report
                self.assert_has([e for e in events if "process" in e], pids)

    def program(self, name, text):
        os.chmod(self.directory, 0o755)
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\n{text}\n")
        os.chmod(self.path(name), 0o755)
        return f"pipe:{self.path(name)}"

    def test_a_program_reads_events_until_the_end(self):
        """As a user of its own, without what the sensor has."""
        taken, facts = self.path("taken"), self.path("facts")
        for path in (taken, facts):
            with open(path, "w", encoding="ascii"):
                os.chmod(path, 0o666)
        reader = self.program("reader", f"trap '' TERM; (id -u; grep CapEff /proc/self/status; ls /proc/self/fd | wc -l; env) >{facts}\n"
                                        f"cat >{taken}; echo end >>{facts}")
        self.start(reader, self.path("events"))
        pids = self.storm(1000)
        self.stop()
        events = [json.loads(line) for line in lines_of(taken)]
        self.assert_has([e for e in events if "process" in e], pids)
        self.assertEqual(lines_of(taken), lines_of(self.path("events")))
        self.assertEqual(events[-1]["event"]["action"], "agent_stop")
        with open(facts, encoding="ascii") as file:
            user, capabilities, descriptors, *environment, end, _ = file.read().split("\n")
        self.assertEqual(end, "end")  # its input has ended, and nobody has ended it
        self.assertGreaterEqual(int(user), 2000000000)
        self.assertEqual(capabilities.split(), ["CapEff:", "0" * 16])
        self.assertEqual(int(descriptors), 4)  # three, and that of ls
        self.assertLessEqual({word.split("=")[0] for word in environment if word}, {"PATH", "PWD", "_", "OLDPWD", "SHLVL"})

    def test_a_program_that_ends_is_started_again_but_not_for_ever(self):
        taken = self.path("taken")
        with open(taken, "w", encoding="ascii"):
            os.chmod(taken, 0o666)
        once = self.program("once", f"head -n 1 >>{taken}; exit 3")
        self.start(once + " restarts=2", self.path("events"))
        self.assertTrue(until(lambda: self.storm(20) and len(lines_of(taken)) == 3))
        self.storm(20)
        line_with(self.process, "was started again 2 times within an hour")
        self.stop()
        self.assertEqual(len(lines_of(taken)), 3)
        self.assertEqual(len({json.loads(line)["event"]["id"] for line in lines_of(taken)}), 3)

    def test_a_program_that_does_not_read_stops_no_other(self):
        self.start(self.program("deaf", "exec sleep 1000"), self.path("events"))
        pids = self.storm(3000)
        self.assertTrue(until(lambda: any(c["dropped_full"] for c in self.status()["outputs"][0]["classes"].values())))
        self.stop()
        self.assert_has([e for e in map(json.loads, lines_of(self.path("events"))) if "process" in e], pids)

    def test_a_program_that_others_may_write_is_not_executed(self):
        for mode, user, said in ((0o777, "", "is writable by everybody"), (0o644, "", "cannot be executed"), (0o755, " user=no-such-user", "has no such user")):
            output = self.program("open", "exit 0")
            os.chmod(self.path("open"), mode)
            done = subprocess.run([SEXTANT, "run", "--db", DATABASE, "--output", output + user], capture_output=True, text=True,
                                  timeout=HANGS, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(said, done.stderr)

    def test_a_file_that_another_program_moves_is_left(self):
        self.start(self.path("events"))
        first = self.storm(10)
        os.rename(self.path("events"), self.path("moved"))
        self.assertTrue(until(lambda: os.path.exists(self.path("events"))))
        second = self.storm(10)
        self.stop()
        events = [json.loads(line) for name in ("moved", "events") for line in lines_of(self.path(name))]
        self.assert_has([e for e in events if "process" in e], first | second)

    def test_a_full_queue_may_end_the_run(self):
        self.start(self.path("events"), f"unix:{self.path('nobody')} on-full=stop")
        self.storm(2000)
        said = ended(self.process)
        self.assertEqual(self.process.returncode, 1)
        self.assertIn("nobody: its queue is full, and on-full=stop is set", said)

    def test_secrets_are_nowhere(self):
        """Not in the event itself, nor in those of its children, nor as text."""
        secret = "hunter" + "2" * 20
        self.start(self.path("events"), self.path("text") + " format=text",
                   options=("--redact", r"--password[= ](\S+)", "--env", "TOKEN", "--redact", r"^TOKEN=(.*)"))
        for words in (["--password", secret], [f"--password={secret}"]):
            subprocess.run(["/bin/sh", "-c", "/bin/true; exec /bin/true", *words], check=True,
                           env={"TOKEN": secret, "PATH": "/bin"})
        said = self.stop()
        for name in ("events", "text"):
            self.assertNotIn(secret, b"\n".join(lines_of(self.path(name))).decode())
        self.assertNotIn(secret, said)
        execs = [e for e in map(json.loads, lines_of(self.path("events")))
                 if e["event"]["action"] == "exec" and "--password" in e["process"].get("command_line", "")]
        self.assertEqual([e["process"]["args"][3:] for e in execs], [["--password", "***"], ["--password=***"]])
        self.assertEqual([e["sextant"]["redacted"] for e in execs], [2, 2])
        self.assertEqual(execs[0]["process"]["env_vars"], ["TOKEN=***"])
        self.assertGreaterEqual(self.report["redacted"], 4)
