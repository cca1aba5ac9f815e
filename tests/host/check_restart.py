# SPDX-License-Identifier: BSD-2-Clause
"""A restart without a gap: each event is written once, by the older sensor or by the newer one."""
import collections
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from patience import HANGS, until
from sensor import DATABASE, SCENARIO, SEXTANT, line_with, run_sextant, wait_ready

STORM = 3000  # processes of each of two loops
USER = 61081


class Restart(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.control = self.path("control.sock")
        self.output = self.path("events")

    def path(self, name):
        return os.path.join(self.directory, name)

    def start(self, *options, program=SEXTANT):
        self.process = subprocess.Popen(
            [program, "run", "--db", DATABASE, "--output", self.output, "--control", self.control, "--cpu-budget", "0",
             *options], stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(self.end)
        wait_ready(self.process)

    def end(self):
        """All sensors of the session: newer ones are no children of the test."""
        subprocess.run(["pkill", "-KILL", "-s", str(self.process.pid)], check=False)
        self.process.wait()
        self.process.stderr.close()

    def status(self):
        answer = run_sextant("status", "--json", "--control", self.control).stdout
        return json.loads(answer)

    def engine(self):
        return self.status()["engine"]["pid"]

    def restart(self):
        """The text of 'sextant restart', which has to succeed."""
        older = self.engine()
        done = run_sextant("restart", "--control", self.control)
        self.assertEqual(done.returncode, 0, done)
        newer = self.engine()
        self.assertNotEqual(newer, older)
        self.assertEqual(done.stdout, f"process {newer} has taken over\n")
        line_with(self.process, "took over")
        wait_ready(self.process)
        self.assertTrue(until(lambda: self.has_ended(older)))

    def has_ended(self, pid):
        """The first sensor is a child of the test, which the others are not."""
        self.process.poll()
        return not os.path.exists(f"/proc/{pid}")

    def stop(self):
        engine = self.engine()
        time.sleep(0.3)
        os.kill(engine, signal.SIGTERM)
        self.assertTrue(until(lambda: self.has_ended(engine)))
        return self.events()

    def events(self):
        with open(self.output, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def storm(self, *options, restarts=3):
        """{action: [pids]} of what two loops of processes made, while the sensor was restarted; and their truth."""
        self.start(*options)
        loops = [subprocess.Popen([SCENARIO, "storm", str(STORM)], stdout=subprocess.PIPE, text=True) for _ in range(2)]
        for _ in range(restarts):
            self.restart()
        pids = [int(pid) for loop in loops for pid in loop.communicate()[0].split()]
        by = {loop.pid for loop in loops}
        seen = {}
        for event in self.stop():
            if event.get("process", {}).get("parent", {}).get("pid") in by:
                seen.setdefault(event["event"]["action"], []).append(event["process"]["pid"])
        return seen, pids

    def assert_once(self, seen, pids, action):
        """Where the host is busy a ring may be full; what was lost is counted, and nothing else is missing."""
        lost = sum(e["sextant"]["loss"]["count"] for e in self.events()
                   if e["event"]["action"] == "loss" and e["sextant"]["loss"]["class"] == action)
        once, were = collections.Counter(seen), collections.Counter(pids)
        self.assertEqual(once - were, collections.Counter(), action)
        self.assertLessEqual((were - once).total(), lost, action)

    def test_each_event_is_there_once(self):
        seen, pids = self.storm()
        for action in ("fork", "exec", "exit"):
            self.assert_once(seen[action], pids, action)
        agents = [e["event"]["action"] for e in self.events() if e["event"]["action"] in ("agent_start", "agent_stop")]
        self.assertEqual(agents, ["agent_start", "agent_stop"] * 4)

    def test_lines_are_in_the_order_of_time(self):
        self.start("--events", "exec", "--heartbeat", "0")
        loop = subprocess.Popen([SCENARIO, "storm", str(STORM)], stdout=subprocess.DEVNULL)
        self.restart()
        loop.wait()
        # A hash that is late, and the name of a container, have the time at which they are known.
        times = [e["@timestamp"] for e in self.stop() if e["event"]["action"] not in ("hash", "container")]
        self.assertEqual(times, sorted(times))

    def test_a_connection_stays_known(self):
        """It was opened before the restart, and is closed after it. tests/vm/guest.sh has the same with a file."""
        self.start("--events", "socket")
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with socket.create_connection(server.getsockname()) as client:
                accepted, _ = server.accept()
                self.restart()
                client.sendall(b"x" * 100)
                accepted.recv(100)
        accepted.close()
        ends = [e for e in self.stop() if e["event"]["action"] == "close" and e["destination"]["port"] == port]
        self.assertEqual([e["process"]["pid"] for e in ends if e["source"]["bytes"] == 100], [os.getpid()], ends)

    def test_settings_are_read_again(self):
        config = self.path("sextant.conf")
        with open(config, "w", encoding="ascii") as file:
            file.write("events = exec\n")
        self.start("--config", config)
        self.assertNotIn("fork", self.status()["classes"])
        with open(config, "w", encoding="ascii") as file:
            file.write("events = exec,fork\n")
        os.kill(self.process.pid, signal.SIGUSR2)
        line_with(self.process, "took over")
        wait_ready(self.process)
        self.assertTrue(self.status()["classes"]["fork"]["works"])

    def refused(self, before):
        """The sensor is the same one, says why, and misses nothing."""
        done = run_sextant("restart", "--control", self.control)
        self.assertEqual(done.returncode, 1, done)
        self.goes_on(before)
        return done.stdout

    def test_a_newer_one_that_cannot_begin_changes_nothing(self):
        program, config = self.path("sextant"), self.path("sextant.conf")
        shutil.copy(SEXTANT, program)
        with open(config, "w", encoding="ascii") as file:
            file.write("events = exec\n")
        self.start("--config", config, program=program)
        before = self.engine()
        with open(config, "w", encoding="ascii") as file:
            file.write("events = nonsense\n")
        self.assertIn("has ended", self.refused(before))
        os.remove(program)
        self.assertIn(f"{program}: No such file or directory", self.refused(before))
        shutil.copy("/bin/sleep", program)
        self.assertIn("has ended", self.refused(before))
        os.chmod(program, 0o777)
        self.assertIn(program, self.refused(before))  # others may write it: it is not executed
        os.remove(program)
        shutil.copy(SEXTANT, program)
        with open(config, "w", encoding="ascii") as file:
            file.write("events = exec\n")
        self.restart()

    def test_a_newer_one_that_is_killed_changes_nothing(self):
        self.start("--events", "exec,fork,exit")
        before = self.engine()
        loop = subprocess.Popen([SCENARIO, "storm", str(STORM)], stdout=subprocess.PIPE, text=True)
        for pause in (0, 0.05, 0.1, 0.15, 0.2):
            self.newer_begins(before)
            time.sleep(pause)
            self.newer_killed(before)
        pids = [int(pid) for pid in loop.communicate()[0].split()]
        # When it has a monitor, that is after its self-test.
        self.newer_begins(before)
        self.assertTrue(until(lambda: subprocess.run(["pgrep", "-P", str(self.newer), "-x", "sextant-monitor"], check=False,
                                                     stdout=subprocess.DEVNULL).returncode == 0, pause=0.001))
        self.newer_killed(before)
        seen = [e["process"]["pid"] for e in self.stop()
                if e["event"]["action"] == "exec" and e["process"]["parent"]["pid"] == loop.pid]
        self.assert_once(seen, pids, "exec")

    def newer_begins(self, before):
        """The older one is held until the newer one is killed: it could have taken over by then, on a busy host."""
        known = self.session()
        os.kill(before, signal.SIGUSR2)
        line_with(self.process, "begins")
        os.kill(before, signal.SIGSTOP)
        self.assertTrue(until(lambda: self.session() - known))
        self.newer = min(self.session() - known)

    def newer_killed(self, before):
        os.kill(self.newer, signal.SIGKILL)
        os.kill(before, signal.SIGCONT)
        self.goes_on(before)

    def goes_on(self, before):
        line_with(self.process, "this sensor goes on")
        self.assertEqual(self.engine(), before)  # its control socket is where it was

    def session(self):
        found = subprocess.run(["pgrep", "-s", str(self.process.pid)], capture_output=True, text=True, check=True).stdout
        return {int(pid) for pid in found.split()}

    def test_only_root_may_ask(self):
        group = "nogroup"
        self.start("--control-group", group)
        os.chmod(self.directory, 0o755)
        before = self.engine()
        done = subprocess.run([SEXTANT, "restart", "--control", self.control], user=USER, group=group, extra_groups=[],
                              capture_output=True, text=True, timeout=HANGS, check=False)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("does not answer", done.stderr)
        self.assertEqual(self.engine(), before)
