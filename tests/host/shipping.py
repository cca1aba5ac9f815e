# SPDX-License-Identifier: BSD-2-Clause
"""What tests of shippers share: the sensor, collectors, what a user does, and what became of its events."""
import collections
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from collector import Collector, certificates, tls_of
from patience import HANGS, until
from sensor import DATABASE, SCENARIO, SEXTANT, ended, wait_ready

USER = 61100 + os.getpid() % 1000  # whose events are judged: nobody else's are reported


def shippers_in(directory):
    """The shippers whose spool that is."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/comm", encoding="ascii", errors="replace") as file:
                if file.read() == "sextant-ship\n" and os.readlink(f"/proc/{name}/cwd") == directory:
                    found.append(int(name))
        except OSError:
            pass  # it has ended
    return found


class Shipping(unittest.TestCase):
    """A sensor whose output a shipper takes to collectors; it has no tests of its own."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.certificates = certificates(directory.name)
        os.chmod(directory.name, 0o755)

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        os.chmod(self.directory, 0o755)
        self.scenario = shutil.copy(SCENARIO, self.path("scenario"))
        self.control = self.path("control")
        self.spool = self.path("state/deep/spool")  # the shipper may not search what leads to it
        os.mkdir(self.path("state"), 0o700)
        self.process = None
        self.addCleanup(self.end)

    def path(self, name):
        return os.path.join(self.directory, name)

    def collector(self, *arguments, **options):
        collector = Collector(*arguments, **options)
        self.addCleanup(collector.close)
        return collector

    def start(self, target, *options, events="exec,fork,exit"):
        self.process = subprocess.Popen(
            [SEXTANT, "run", "--db", DATABASE, "--cpu-budget", "0", "--control", self.control, "--events", events,
             "--rule", f"allow uid {USER}", "--output", f"{target} spool={self.spool}", *options],
            stderr=subprocess.PIPE, text=True)
        wait_ready(self.process)

    def end(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stderr.close()
        for pid in self.shippers():
            os.kill(pid, signal.SIGKILL)

    def shippers(self):
        return shippers_in(os.path.realpath(self.spool))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return ended(self.process)

    def counts(self):
        """{class: its counts} of the output; they are balanced at any moment."""
        answer = subprocess.run([SEXTANT, "status", "--json", "--control", self.control], capture_output=True,
                                text=True, timeout=HANGS, check=False)
        [output] = json.loads(answer.stdout)["outputs"]
        self.is_up = output["up"]
        for counts in [*output["classes"].values(), output["own"]]:
            self.assertEqual(counts["made"], sum(n for key, n in counts.items() if key != "made"), output)
        return output["classes"]

    def sums(self):
        sums = collections.Counter()
        for counts in self.counts().values():
            sums.update(counts)
        return sums

    def run_as_user(self, *words):
        return subprocess.run(words, check=True, capture_output=True, text=True, user=USER, cwd="/").stdout

    def storm(self, count=300):
        """The ids of the processes that it has made."""
        said = self.run_as_user(self.scenario, "storm", str(count))
        return {int(pid) for pid in said.split()}

    def assert_once(self, events, pids, lost=0):
        """All events of these processes, each once."""
        events = [e for e in events if "process" in e and e["process"]["pid"] in pids]
        ids = [e["event"]["id"] for e in events]
        self.assertEqual([i for i, n in collections.Counter(ids).items() if n > 1], [])
        for action in ("exec", "fork", "exit"):
            seen = {e["process"]["pid"] for e in events if e["event"]["action"] == action}
            self.assertLessEqual(len(pids - seen), lost, f"{action}: {pids - seen}")

    def arrive(self, collector, pids):
        """Waits for the events of these processes."""
        def there():
            found = {(e["process"]["pid"], e["event"]["action"]) for e in collector.events()
                     if "process" in e and e["process"]["pid"] in pids}
            return len(found) >= 3 * len(pids)
        self.assertTrue(until(there), self.counts())

    def mutual(self, **options):
        c = self.certificates
        collector = self.collector(tls=tls_of(c["server"], c["server-key"], c["ca"]), **options)
        words = f"ca={c['ca']} cert={c['client']} key={c['client-key']}"
        return collector, f"https://localhost:{collector.port}/events {words}"


def free_port():
    collector = Collector()
    collector.close()
    return collector.port
