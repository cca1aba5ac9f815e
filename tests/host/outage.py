#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What happens between a sensor and its collector in a day, in some minutes: each event arrives once, or is counted.

usage: tests/host/outage.py SEXTANT DATABASE SCENARIO SCHEMA SECONDS
"""
import collections
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tap  # noqa: E402
from collector import tls_of  # noqa: E402
from disk import Disk  # noqa: E402
from patience import HANGS, until  # noqa: E402
from sensor import DATABASE, SEXTANT, wait_ready  # noqa: E402
from shipping import USER, Shipping, free_port  # noqa: E402

SECONDS = int(sys.argv[5])
BUSY, ILL = (503, {}, b""), (500, {}, b"")


class Outage(Shipping):
    def setUp(self):
        super().setUp()
        self.port, self.batches, self.present = free_port(), [], None
        self.mode = "up"
        self.lost, self.kills, self.kinds = 0, 0, collections.Counter()
        disk = self.path("disk")
        os.mkdir(disk)
        self.disk = Disk(disk)
        self.addCleanup(self.disk.end)
        os.chmod(disk, 0o755)
        self.spool = os.path.join(disk, "spool")

    # ---- the collector --------------------------------------------------------

    def answer(self, _path, _headers, body):
        """By the mode at the time of the request. It holds the collector's lock."""
        mode = self.mode
        while self.mode == "deaf":  # half open: nothing comes back
            time.sleep(0.05)
        if mode in ("deaf", "away"):
            raise ConnectionError
        if mode in ("busy", "ill"):
            return BUSY if mode == "busy" else ILL
        self.batches.append(body)
        if mode == "forgetful":  # it has taken them, and the answer is lost
            raise ConnectionError
        return 200, {}, b""

    def come(self, certificate="server"):
        c = self.certificates
        self.leave()
        self.present = self.collector(self.answer, tls=tls_of(c[certificate], c[f"{certificate}-key"], c["ca"]),
                                      port=self.port)

    def leave(self):
        if self.present:
            self.present.close()
        self.present = None

    # ---- the sensor -----------------------------------------------------------

    def begin(self):
        c = self.certificates
        self.process = subprocess.Popen(
            [SEXTANT, "run", "--db", DATABASE, "--cpu-budget", "0", "--control", self.control, "--events", "exec,fork,exit",
             "--rule", f"allow uid {USER}", "--output", f"https://localhost:{self.port}/events ca={c['ca']} "
             f"cert={c['client']} key={c['client-key']} spool={self.spool}", "--output", self.path("events")],
            stderr=subprocess.PIPE, text=True, start_new_session=True)
        wait_ready(self.process)
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def end(self):
        if self.process:
            subprocess.run(["pkill", "-KILL", "-s", str(self.process.pid)], check=False)
            self.process.wait()
        for pid in self.shippers():
            os.kill(pid, signal.SIGKILL)

    def report(self):
        """Of the sensor that runs; the counts of each output are balanced."""
        answer = subprocess.run([SEXTANT, "status", "--json", "--control", self.control], capture_output=True, text=True,
                                timeout=HANGS, check=False)
        report = json.loads(answer.stdout)
        for output in report["outputs"]:
            for counts in [*output["classes"].values(), output["own"]]:
                self.assertEqual(counts["made"], sum(n for key, n in counts.items() if key != "made"), output)
                self.assertEqual(counts["dropped_full"] + counts["dropped_failed"] + counts["dropped_expired"], 0, output)
        return report

    def counts(self):
        return self.report()["outputs"][0]["classes"]

    def has_ended(self, pid):
        self.process.poll()  # the first sensor is a child; newer ones are not
        return not os.path.exists(f"/proc/{pid}")

    def kept(self):
        """What has happened so far is on the disk."""
        return not any(c["waiting"] for c in self.report()["classes"].values())

    # ---- what happens ---------------------------------------------------------

    def outage(self):
        kind = random.choice(["away", "deaf", "busy", "ill", "forgetful", "gone", "expired"])
        self.kinds[kind] += 1
        if kind == "gone":
            self.mode = "away"
            self.leave()
        elif kind == "expired":
            self.mode = "away"
            self.come("expired")
        self.mode = kind if kind not in ("gone", "expired") else "up"
        self.pids |= self.storm(random.randrange(1, 40))
        time.sleep(random.uniform(0, 3))
        self.mode = "up"
        if kind in ("gone", "expired"):
            self.come()

    def full(self):
        self.kinds["full disk"] += 1
        self.disk.fill()
        self.pids |= self.storm(10)
        time.sleep(random.uniform(0.5, 3))
        self.disk.free()

    def kill_shipper(self):
        self.kinds["shipper killed"] += 1
        self.kills += 1
        for pid in self.shippers():
            os.kill(pid, signal.SIGKILL)

    def kill_sensor(self):
        """What is on the disk by then is not lost with it."""
        self.assertTrue(until(self.kept))
        report = self.report()
        self.lost += sum(c["lost"] for c in report["classes"].values())
        part = random.choice(["engine", "monitor"])
        self.kinds[f"{part} killed"] += 1
        self.kills += 1
        os.kill(report[part]["pid"], signal.SIGKILL)
        self.assertTrue(until(lambda: self.has_ended(report["engine"]["pid"])))
        self.assertTrue(until(lambda: not self.shippers()))
        self.begin()

    def restart(self):
        self.kinds["restart"] += 1
        self.lost += sum(c["lost"] for c in self.report()["classes"].values())
        done = subprocess.run([SEXTANT, "restart", "--control", self.control], capture_output=True, text=True,
                              timeout=HANGS, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_each_event_arrives_once_or_is_counted(self):
        seed = int(time.time())
        random.seed(seed)
        print(f"# seed {seed}, {SECONDS} s", flush=True)
        self.pids = set()
        self.come()
        self.begin()
        things = [self.outage] * 5 + [self.full, self.kill_shipper, self.kill_sensor, self.kill_sensor, self.restart]
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            self.pids |= self.storm(random.randrange(1, 60))
            self.report()
            random.choice(things)()
        self.pids |= self.storm(20)
        self.assertTrue(until(lambda: not any(c["queued"] for c in self.counts().values())), self.counts())
        self.lost += sum(c["lost"] for c in self.report()["classes"].values())
        self.judge()

    def judge(self):
        events = [[json.loads(line) for line in body.splitlines()] for body in self.batches]
        ids = [[event["event"]["id"] for event in batch] for batch in events]
        times = collections.Counter(i for batch in ids for i in batch)
        again = {i for i, n in times.items() if n > 1}
        for batch in ids:  # what comes again comes as the batch that it was in
            self.assertEqual(len(batch), len(set(batch)))
            self.assertIn(len(again & set(batch)), (0, len(batch)))
        twice = sum(bool(again & set(batch)) for batch in ids)
        self.assertLessEqual(twice, 2 * (self.kills + sum(self.kinds.values())))
        found = {(e["process"]["pid"], e["event"]["action"]) for batch in events for e in batch if "process" in e}
        missing = [(pid, action) for pid in self.pids for action in ("exec", "fork", "exit") if (pid, action) not in found]
        print(f"# {len(self.pids)} processes, {len(self.batches)} batches, {twice} of them sent again, {self.lost} events lost; "
              + ", ".join(f"{name} {count}" for name, count in sorted(self.kinds.items())), flush=True)
        self.assertLessEqual(len(missing), self.lost, missing[:20])


if __name__ == "__main__":
    tap.main()
