# SPDX-License-Identifier: BSD-2-Clause
"""What was recorded makes the same events again; what is no recording is refused."""
import fcntl
import json
import os
import random
import signal
import subprocess
import tempfile
import termios
import unittest

from patience import until
from sensor import DATABASE, SCENARIO, SEXTANT, ended, run_sextant, wait_ready

# What a sensor knows of processes that ran before it, by /proc, a replay does not know.
BY_PROC = ("group_leader", "session_leader", "entry_leader")


def events_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def comparable(event):
    event = json.loads(json.dumps(event))
    del event["event"]["created"], event["agent"]["ephemeral_id"]
    event["event"]["id"] = event["event"]["id"].split("-", 2)[2]  # without the run
    for key in BY_PROC:
        event["process"].pop(key, None)
    for key in ("ancestors", "hash_missing"):
        event["sextant"].pop(key, None)
    event["process"].pop("hash", None)  # of files as they were then
    event.pop("orchestrator", None)
    if "container" in event:
        event["container"] = {"id": event["container"]["id"]}
    return event


class Replay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.recording, cls.output = cls.path("recording"), cls.path("events")
        process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--record", cls.recording, "--output", cls.output,
                                    "--cpu-budget", "0"], stderr=subprocess.PIPE, text=True)
        wait_ready(process)
        with subprocess.Popen([SCENARIO, "storm", "300"], stdout=subprocess.DEVNULL) as storm:
            cls.storm = storm.pid
        process.send_signal(signal.SIGTERM)
        cls.said = ended(process)
        with open(cls.recording, "rb") as file:
            cls.bytes = file.read()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.directory.name, name)

    def replay(self, data=None, *options):
        """(exit status, messages, events) of the recording, or of a file with these bytes."""
        path, output = self.recording, self.path("replayed")
        if data is not None:
            path = self.path("other")
            with open(path, "wb") as file:
                file.write(data)
        if os.path.exists(output):
            os.unlink(output)
        done = run_sextant("replay", path, "--output", output, *options)
        return done.returncode, done.stderr, events_of(output) if os.path.exists(output) else []

    def test_the_same_events_come_out(self):
        code, said, replayed = self.replay()
        self.assertEqual(code, 0, said)
        again = {comparable(e)["event"]["id"]: comparable(e) for e in replayed}
        compared = 0
        for event in events_of(self.output):
            if (event.get("process") or {}).get("parent", {}).get("pid") == self.storm:
                self.assertEqual(again[comparable(event)["event"]["id"]], comparable(event))
                compared += 1
        self.assertGreater(compared, 300)  # of 900; a busy host may lose some

    def test_a_recording_is_for_its_owner_and_for_secrets_too(self):
        self.assertEqual(os.stat(self.recording).st_mode & 0o777, 0o600)
        code, _, replayed = self.replay(None, "--redact", "true")
        self.assertEqual(code, 0)
        self.assertIn("***", {word for e in replayed for word in e["process"].get("args", ())})

    def test_an_old_file_is_not_recorded_into(self):
        done = run_sextant("run", "--db", DATABASE, "--record", self.recording, "--duration", "1")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.recording}: is there already", done.stderr)

    def test_what_is_no_recording(self):
        for data in (b"", b"{}\n", self.bytes[:100], b"X" + self.bytes[1:], self.bytes[:8] + b"\xff" + self.bytes[9:]):
            code, said, events = self.replay(data)
            self.assertEqual((code, events), (1, []), said)
            self.assertIn("is no recording of this version", said)

    def test_a_recording_that_ends_early(self):
        code, said, events = self.replay(self.bytes[:-3])
        self.assertEqual(code, 1)
        self.assertIn("ends in the middle of a record", said)
        self.assertGreater(len(events), 300)

    def test_damage_ends_nothing_but_the_replay(self):
        """Any byte may be another one: there are events or none, and one clear end."""
        chance = random.Random(1)
        for _ in range(60):
            data = bytearray(self.bytes)
            for _ in range(20):
                data[chance.randrange(1000, len(data))] = chance.randrange(256)
            code, said, _ = self.replay(bytes(data))
            self.assertIn(code, (0, 1), said)
            self.assertIn(" a second; ", said)

    def test_what_a_socket_has_not_taken_is_said(self):
        """As of a run: the collector comes and goes, so it is no failure."""
        done = run_sextant("replay", self.recording, "--output", f"unix:{self.path('nobody')} queue=1G")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"nobody: \d{3,} events were not delivered before the end")
        self.assertRegex(done.stderr, r"nobody: \d{2,} exec events were dropped")

    def test_a_replay_that_is_interrupted_has_failed(self):
        reading, writing = os.pipe()  # nobody reads from it
        self.addCleanup(os.close, reading)
        process = subprocess.Popen([SEXTANT, "replay", self.recording, "--output", "-"], stdout=writing,
                                   stderr=subprocess.PIPE, text=True)
        os.close(writing)
        self.assertTrue(until(lambda: fcntl.ioctl(reading, termios.FIONREAD, b"\0" * 4) != b"\0" * 4))
        process.send_signal(signal.SIGINT)
        said = ended(process)
        self.assertEqual(process.returncode, 1)
        self.assertIn("a signal has ended the replay early", said)

    def test_usage(self):
        for words, said in ((["replay"], "replay takes the file of a recording"), (["replay", "a", "b"], "unexpected argument: a"),
                            (["check", "--record", "x"], "--record is an option of run")):
            done = run_sextant(*words)
            self.assertEqual(done.returncode, 2)
            self.assertIn(said, done.stderr)
