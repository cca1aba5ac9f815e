# SPDX-License-Identifier: BSD-2-Clause
"""Where the events go: files, pipes and FIFOs that are full, slow or closed."""
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

from patience import HANGS
from sensor import DATABASE, SCENARIO, SEXTANT, Sensor, ended, line_with, wait_ready


class Output(unittest.TestCase):
    """Whole lines, and no event that is lost without being counted."""

    def test_a_device_that_is_full_ends_the_run(self):
        process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--output", "/dev/full"],
                                   stderr=subprocess.PIPE, text=True)
        wait_ready(process)
        subprocess.run(["/bin/true"], check=True)
        said = ended(process)
        self.assertEqual(process.returncode, 1)
        self.assertRegex(said, r"(?m)^sextant: /dev/full: No space left on device; .*$")

    def test_a_closed_pipe_ends_the_run(self):
        reading, writing = os.pipe()
        process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE, "--duration", "30"],
                                   stdout=writing, stderr=subprocess.PIPE, text=True)
        os.close(writing)
        wait_ready(process)
        os.close(reading)
        subprocess.run(["/bin/true"], check=True)
        said = ended(process)
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
                said = ended(process)
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
        """Of standard output and standard error."""
        reading, writing = os.pipe()
        process = subprocess.Popen([SEXTANT, "run", "--db", DATABASE], stdout=writing, stderr=writing)
        os.close(writing)
        said = b""
        while b"ready" not in said or not said.endswith(b"\n"):
            said += os.read(reading, 1)
        subprocess.run([SCENARIO, "storm", "500"], check=True, stdout=subprocess.DEVNULL)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(60), 1)  # events were not written
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
        os.close(writing)
        os.set_blocking(reading, True)
        pids = [int(pid) for pid in loop.communicate()[0].split()]
        data = os.read(reading, 10000)  # the pipe is full; from here on it is read
        process.send_signal(signal.SIGTERM)
        while chunk := os.read(reading, 1 << 20):
            data += chunk
        os.close(reading)
        said = ended(process)
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
            self.assertEqual(process.wait(60), 0, process.stderr.read())
            process.stderr.close()

    def test_the_output_is_reopened_on_sighup_and_sigusr1(self):
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
                        deadline = time.monotonic() + HANGS
                        while not os.path.exists(sensor.output) and time.monotonic() < deadline:
                            time.sleep(0.05)
                after = [e["process"]["pid"] for e in sensor.stop() if e["event"]["action"] == "exec"]
                with open(sensor.output + ".1", encoding="utf-8") as file:
                    before = [json.loads(line) for line in file]
                self.assertIn(children[0], [e.get("process", {}).get("pid") for e in before])
                self.assertNotIn(children[0], after)
                self.assertIn(children[1], after)
