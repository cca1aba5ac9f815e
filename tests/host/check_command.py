# SPDX-License-Identifier: BSD-2-Clause
"""What a person at the command line sees."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from patience import HANGS
from sensor import DATABASE, SCENARIO, SEXTANT, Sensor, ended, run_sextant, wait_ready


class Running(unittest.TestCase):
    """Options, messages and exit statuses."""

    def test_duration_ends_it(self):
        begin = time.monotonic()
        done = run_sextant("run", "--db", DATABASE, "--duration", "0.5")
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
                                        "--output", output],
                                       stderr=subprocess.PIPE, text=True)
            wait_ready(process)
            subprocess.run(["/bin/echo", "a b", "\x1b[31m"], check=True, stdout=subprocess.DEVNULL)
            process.send_signal(signal.SIGTERM)
            said = ended(process)
            self.assertEqual(process.returncode, 0, said)
            with open(output, encoding="ascii") as file:
                text = file.read()
        self.assertRegex(text, r"(?m)^[0-9:.]{12} exec   \d+ \(parent \d+ .*\) uid 0 "
                               r"/\S*/?echo: /bin/echo 'a b' '\\x1b\[31m' \[in /")

    def test_the_longest_arguments_are_exact(self):
        """An escape has six bytes, and an argument with a byte that is not UTF-8 is also written in hex."""
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

    def test_a_pid_namespace_of_its_own_is_refused(self):
        done = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", SEXTANT, "run", "--db", DATABASE,
                               "--duration", "1"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (4, ""), done.stderr)
        self.assertRegex(done.stderr, r"^sextant: .* pid namespace .*--pid=host\)\n$")

    def test_interrupt_ends_with_a_summary(self):
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory)
            sensor.process.send_signal(signal.SIGINT)
            self.assertEqual(sensor.process.wait(60), 0)
            self.assertRegex(sensor.said(), r"\d+ events, \d+ lost")

    def test_the_sensor_does_not_report_itself(self):
        with tempfile.TemporaryDirectory() as directory:
            sensor = Sensor(directory)
            pid = sensor.process.pid
            events = sensor.stop()
        self.assertEqual([e for e in events if e["process"]["pid"] == pid], [])

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
            done = run_sextant("run", "--db", DATABASE, "--duration", "0.2", option)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("self-test skipped", done.stderr)
            self.assertNotIn("self-test passed", done.stderr)

    def test_log_levels(self):
        said = {level: run_sextant("run", "--db", DATABASE, "--duration", "0.2", "--log-level", level).stderr
                for level in ("error", "warning", "info", "debug")}
        self.assertEqual(said["error"], "")
        self.assertNotIn("ready", said["warning"])
        self.assertIn("ready", said["info"])
        self.assertNotIn("libbpf", said["info"])
        self.assertIn("sextant: libbpf: ", said["debug"])
        for text in said.values():
            self.assertEqual([line for line in text.splitlines() if not line.startswith("sextant: ")], [])

    def test_the_hostname_is_the_current_one(self):
        with tempfile.TemporaryDirectory() as directory:
            output = os.path.join(directory, "out")
            process = subprocess.Popen(["unshare", "--uts", SEXTANT, "run", "--db", DATABASE, "--output", output],
                                       stderr=subprocess.PIPE, text=True)
            wait_ready(process)
            subprocess.run(["nsenter", "-t", str(process.pid), "-u", "hostname", "renamed"], check=True)
            deadline, names = time.monotonic() + HANGS, None
            while names != {"renamed"} and time.monotonic() < deadline:
                child = subprocess.Popen(["/bin/true"])
                child.wait()
                time.sleep(0.5)
                with open(output, encoding="utf-8") as file:
                    events = [json.loads(line) for line in file if line.endswith("\n")]
                names = {e["host"]["hostname"] for e in events if e.get("process", {}).get("pid") == child.pid}
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=HANGS)
        self.assertEqual(names, {"renamed"})

    def test_many_processes_do_not_hold_the_start_up(self):
        """The executables of processes are read while events are reported."""
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
                                  check=False, timeout=HANGS, user=65534, group=65534)
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertRegex(done.stderr, r"^sextant: .*run as root\n$")
