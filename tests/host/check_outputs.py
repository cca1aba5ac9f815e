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
import time
import unittest

from patience import HANGS
from sensor import DATABASE, SCENARIO, SEXTANT, ended, wait_ready

STORM = 500
CLASSES = ("exec", "fork", "exit")


def until(done):
    deadline = time.monotonic() + HANGS
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


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

    def path(self, name):
        return os.path.join(self.directory, name)

    def start(self, *outputs, options=()):
        words = [word for output in outputs for word in ("--output", output)]
        self.process = subprocess.Popen(
            [SEXTANT, "run", "--db", DATABASE, "--cpu-budget", "0", "--control", self.control, *words, *options],
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end)
        wait_ready(self.process)

    def end(self):
        for process in (self.process, *self.others):
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
        said = subprocess.run([SCENARIO, "storm", str(count)], check=True, capture_output=True, text=True).stdout
        return {int(pid) for pid in said.split()}

    def assert_has(self, events, pids, classes=CLASSES):
        """The events of these processes, each once; on a busy host those may be missing that the sensor has lost."""
        ids = [event["event"]["id"] for event in events]
        self.assertEqual([i for i, n in collections.Counter(ids).items() if n > 1], [])
        for action in classes:
            seen = collections.Counter(e["process"]["pid"] for e in events if e["event"]["action"] == action)
            self.assertEqual({pid: seen[pid] for pid in pids if seen[pid] > 1}, {}, action)
            missing = [pid for pid in pids if not seen[pid]]
            self.assertLessEqual(len(missing), self.report["classes"][action]["lost"], f"{action}: {missing}")

    def rsyslog(self, port):
        """rsyslog itself, with octet-counted TCP; its file has the messages."""
        output, configuration = self.path("rsyslog"), self.path("rsyslog.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(f'global(workDirectory="{self.directory}" maxMessageSize="1m")\n'
                       'module(load="imtcp")\n'
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
        self.assertTrue(until(lambda: os.path.exists(syslog) and len(lines_of(syslog)) >= 300))
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
