#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""An attacker's hour: the sensor under siege (siege.c), and beside it one known exec a second.

usage: tests/host/siege.py SEXTANT DATABASE SIEGE SECONDS [SEED]
       tests/host/siege.py --files DIRECTORY   (what tests/vm/siege.sh has left)
Environment: SIEGE_WITHOUT, what the siege leaves out (default: nothing).
"""
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import tap  # noqa: E402

FILES = SEXTANT = DATABASE = SIEGE = None
if sys.argv[1] == "--files":
    FILES = sys.argv[2]
else:
    SEXTANT, DATABASE, SIEGE = sys.argv[1:4]
    SECONDS = int(sys.argv[4])
    SEED = sys.argv[5] if len(sys.argv) > 5 else str(int(time.time()))
WITHOUT = os.environ.get("SIEGE_WITHOUT", "")

# How a loss is reported while it happens: on stderr (count, class, CPU), and as an event.
LOSS_LINE = "sextant: lost "
LOSS = re.compile(r"(\d+) (\w+) events on CPU \d+")
LOSS_ACTION = "loss"
# The promise, and what a busy host adds; an emulated one is slower, and its times are whole seconds.
LOSS_WITHIN_S = 1 + (4 if FILES else 1.5)

SUMMARY = re.compile(r"(\w+) (\d+) events, (\d+) lost")
MARK = "known-0-" if FILES else f"known-{os.getpid()}-"  # tests/vm/siege.sh has the first
WARM_UP = 0.25   # of the time: then memory has reached what the load needs
GROWTH_KB = 4096  # allowed after that: caches of names and processes, which are bounded
QUEUE_KB = 8192   # records and lines that wait: a short siege may need their room late for the first time
SHORT_S = 60
SAMPLE = 1000    # of so many events one is parsed by Python too


def say(text):
    print(f"# {text}", flush=True)


def classes_that_work():
    done = subprocess.run([SEXTANT, "check", "--db", DATABASE, "--json", "--events", "all"],
                          capture_output=True, text=True, check=False)
    return [name for name, state in json.loads(done.stdout)["classes"].items() if state["works"]]


class Seen:
    """What came out of a sensor: its messages, and of its events those that are asked for."""

    def __init__(self):
        self.lines, self.known, self.loss_lines, self.loss_events = [], [], [], []
        self.own_events, self.dead = 0, []  # of the sensor's canary; classes that it takes for dead

    def line_take(self, at, line):
        self.lines.append(line)
        if line.startswith(LOSS_LINE):
            self.loss_lines += [(at, int(count), name) for count, name in LOSS.findall(line)]

    def event_take(self, at, line):
        """at: when it was read; None: not known."""
        event = json.loads(line)
        if event["event"]["action"] == LOSS_ACTION:
            self.loss_events.append(event)
        elif event["event"]["action"] == "class_degraded":
            self.dead.append(event["sextant"]["class"])
        elif event["event"]["action"] == "agent_stop":
            self.own_events = event["sextant"]["agent"]["own_events"]
        elif event["event"]["action"] == "exec" and MARK in line:
            argument = (event["process"]["args"] or [""])[-1]
            if argument.startswith(MARK):
                self.known.append((at, int(argument[len(MARK):])))

    def said(self):
        return "\n".join(self.lines)

    def lost(self):
        """By class, as the summary has it."""
        summary = next((line for line in reversed(self.lines) if SUMMARY.search(line)), "")
        return {name: int(count) for name, _, count in SUMMARY.findall(summary)}


class Sensor(Seen):
    """A sensor whose events go through the reader: nothing else is kept of them."""

    def __init__(self, classes):
        super().__init__()
        self.process = subprocess.Popen(
            [SEXTANT, "run", "--db", DATABASE, "--events", ",".join(classes)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        self.reader = subprocess.Popen(
            [SIEGE, "--read", "--every", str(SAMPLE), "--keep", MARK, "--keep", f'"action":"{LOSS_ACTION}"',
             "--keep", '"action":"class_degraded"', "--keep", '"action":"agent_stop"'],
            stdin=self.process.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            encoding="utf-8", errors="strict")
        self.process.stdout.close()
        self.threads = [threading.Thread(target=work, daemon=True)
                        for work in (self._said, self._events)]
        for thread in self.threads:
            thread.start()

    def _said(self):
        for line in self.process.stderr:
            self.line_take(time.time(), line.decode("utf-8", "replace").rstrip("\n"))

    def _events(self):
        for line in self.reader.stdout:
            self.event_take(time.time(), line)

    def ready_wait(self, seconds=20):
        deadline = time.monotonic() + seconds
        while "sextant: ready" not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                code = self.process.poll()
                self.kill()
                raise AssertionError(f"not ready after {seconds} s (exit status {code}): {self.said()}")
            time.sleep(0.02)

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # its child may have been stopped
        except ProcessLookupError:
            pass  # none of them is left
        self.process.wait()
        self.reader.wait()

    def stop(self):
        """The exit status; None: it did not end."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            code = None
        self.read = self.reader.stderr.read()
        self.reader.wait()
        for thread in self.threads:
            thread.join(10)
        return code

    def memory(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii", errors="replace") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def besiege(seconds, target, *options):
    return subprocess.Popen([SIEGE, "--seconds", str(seconds), "--seed", SEED, "--target", str(target),
                             "--without", WITHOUT or "nothing", *options],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def stalk(seconds, target):
    """By the user that the self-test's child is, for a moment."""
    return subprocess.Popen([SIEGE, "--stalk", "--uid", "61001", "--seconds", str(seconds),
                             "--target", str(target)], stdout=subprocess.DEVNULL)


def exec_on_each_cpu():
    """So that an event comes before the first loss and behind the last one."""
    for cpu in os.sched_getaffinity(0):
        subprocess.run(["taskset", "-c", str(cpu), "/bin/true"], check=True)


class Hour(unittest.TestCase):
    """One siege, looked at from all sides."""

    @classmethod
    def setUpClass(cls):
        cls.times, cls.memory, cls.descriptors = [], [], []  # of the known execs; by the second
        cls.died = None
        if FILES:
            cls.load()
        else:
            cls.run_here()
        cls.report()

    @classmethod
    def run_here(cls):
        cls.classes = classes_that_work()
        say(f"{SECONDS} s, seed {SEED}, without {WITHOUT or 'nothing'}; classes {','.join(cls.classes)}")
        cls.seen = Sensor(cls.classes)
        cls.seen.ready_wait()
        exec_on_each_cpu()
        siege, stalker = besiege(SECONDS, cls.seen.process.pid), stalk(SECONDS, cls.seen.process.pid)
        cls.watch(siege)
        if cls.died is not None:
            siege.terminate()
        cls.siege_said, cls.siege_code = siege.communicate()[0], siege.returncode
        stalker.kill()
        stalker.wait()
        time.sleep(LOSS_WITHIN_S)
        exec_on_each_cpu()
        cls.up = cls.seen.process.poll() is None
        time.sleep(0.5)
        cls.code = cls.seen.stop()
        cls.read, cls.read_code = cls.seen.read, cls.seen.reader.returncode

    @classmethod
    def watch(cls, siege):
        """Each second one exec that we know, and what the sensor takes."""
        began = time.monotonic()
        while siege.poll() is None and cls.died is None:
            number = len(cls.times)
            cls.times.append(time.time())
            subprocess.run(["/bin/true", f"{MARK}{number}"], check=True)
            if cls.seen.process.poll() is not None:
                cls.died = time.monotonic() - began
                break
            cls.memory.append(cls.seen.memory())
            cls.descriptors.append(cls.seen.descriptors())
            time.sleep(max(0, began + number + 1 - time.monotonic()))

    @classmethod
    def load(cls):
        """The files of tests/vm/siege.sh; each message has its time before it."""
        def text(name):
            with open(os.path.join(FILES, name), encoding="utf-8", errors="strict") as file:
                return file.read()

        cls.seen = Seen()
        for line in text("errors").splitlines():
            at, _, said = line.partition(" ")
            cls.seen.line_take(float(at), said)
        for line in text("kept").split("\n")[:-1]:
            cls.seen.event_take(None, line)
        for line in text("seconds").splitlines():
            at, memory, descriptors = map(float, line.split())
            cls.times.append(at)
            cls.memory.append(int(memory))
            cls.descriptors.append(int(descriptors))
        cls.classes, cls.siege_said, cls.read = text("classes").strip().split(","), text("siege"), text("read")
        cls.siege_code, cls.read_code, cls.code = (int(text(f"{name}-code"))
                                                   for name in ("siege", "read", "sensor"))
        cls.up = text("up") == "yes\n"

    @classmethod
    def report(cls):
        for line in cls.siege_said.splitlines():
            say(line)
        for line in (cls.read.splitlines() + cls.seen.lines)[-40:]:
            say(line[:2000])
        say(f"resident memory, kB: {cls.memory}")
        delays = [at - cls.times[number] for at, number in cls.seen.known if at]
        say(f"known execs: {len(cls.times)}, missing {len(cls.missing())}, "
            f"written after at most {max(delays, default=0):.2f} s")

    @classmethod
    def missing(cls):
        return sorted(set(range(len(cls.times))) - {number for _, number in cls.seen.known})

    def test_the_siege_took_place_and_left_nothing(self):
        self.assertEqual(self.siege_code, 0, self.siege_said)
        self.assertRegex(self.siege_said, r"(?m)^siege: [1-9]\d* rounds$")

    def test_the_sensor_is_up_at_the_end(self):
        self.assertTrue(self.up, f"it ended after {self.died} s: {self.seen.said()[-3000:]}")

    def test_it_ends_by_sigterm_with_a_summary(self):
        self.assertEqual(self.code, 0, self.seen.said()[-3000:])
        self.assertEqual(set(self.seen.lost()), set(self.classes), self.seen.said()[-3000:])

    def test_no_class_fails_its_self_test(self):
        self.assertNotIn("is disabled: self-test", self.seen.said())

    def test_every_line_is_json_and_whole(self):
        self.assertEqual(self.read_code, 0, self.read[-3000:])
        self.assertRegex(self.read, r"read: [1-9]\d* lines, \d+ bytes, 0 bad")

    def test_what_is_missing_by_the_sequences_of_the_cpus_is_counted(self):
        missing = int(re.search(r"(\d+) missing by sequence, 0 out of order", self.read)[1])
        self.assertLessEqual(missing, sum(self.seen.lost().values()) + self.seen.own_events)

    def test_no_class_is_taken_for_dead(self):
        self.assertEqual(self.seen.dead, [])

    def test_no_loss_is_counted_that_was_none(self):
        missing = int(re.search(r"(\d+) missing by sequence", self.read)[1])
        lost = self.seen.lost()
        # Not in a sequence: flows that had to make room, and what no later event stands behind.
        self.assertLessEqual(sum(lost.values()) - lost["socket"], missing + 100)

    def test_no_record_is_malformed(self):
        self.assertNotIn("malformed", self.seen.said())

    def test_no_control_character_is_written_as_it_is(self):
        self.assertRegex(self.read, r", 0 raw controls")

    def test_memory_is_flat(self):
        warm = self.memory[: int(len(self.memory) * WARM_UP) + 1]
        last = self.memory[int(len(self.memory) * 0.75):]
        allowed = GROWTH_KB + (QUEUE_KB if len(self.memory) < SHORT_S else 0)
        self.assertLessEqual(max(last), max(warm) + allowed, self.memory)

    def test_descriptors_are_flat(self):
        self.assertLessEqual(max(self.descriptors), self.descriptors[0] + 4, self.descriptors)

    def test_each_known_exec_is_there_or_counted(self):
        numbers = [number for _, number in self.seen.known]
        self.assertTrue(self.times)
        self.assertEqual(len(numbers), len(set(numbers)), "one twice")
        self.assertLessEqual(len(self.missing()), self.seen.lost().get("exec", 0), self.missing())

    def test_losses_are_reported_while_they_happen(self):
        lost = {name for name, count in self.seen.lost().items() if count}
        if not lost:
            self.skipTest("nothing was lost")
        self.assertLessEqual(lost, {kind for _, _, kind in self.seen.loss_lines})
        self.assertTrue(self.seen.loss_events)
        times = [at for at, _, kind in self.seen.loss_lines if kind == "exec"]
        for number in self.missing():
            self.assertTrue([at for at in times if 0 <= at - self.times[number] <= LOSS_WITHIN_S],
                            f"{MARK}{number} at {self.times[number]}: {times}")

    def test_the_losses_that_were_reported_are_those_of_the_summary(self):
        by_class = {}
        for _, count, name in self.seen.loss_lines:
            by_class[name] = by_class.get(name, 0) + count
        missed = re.search(r"; (\d+) missed by the kernel's probes", self.seen.said())
        self.assertEqual(by_class.pop("unknown", 0), int(missed[1]) if missed else 0)
        self.assertEqual(by_class, {name: count for name, count in self.seen.lost().items() if count})


class Start(unittest.TestCase):
    """A start under attack."""

    def start(self):
        classes = classes_that_work()
        began = time.monotonic()
        sensor = Sensor(classes)
        sensor.ready_wait()
        say(f"{self._testMethodName}: ready after {time.monotonic() - began:.2f} s")
        subprocess.run(["/bin/true", f"{MARK}0"], check=True)
        time.sleep(0.5)
        began = time.monotonic()
        code = sensor.stop()
        say(f"{self._testMethodName}: ended after {time.monotonic() - began:.2f} s")
        self.assertEqual(code, 0, sensor.said())
        self.assertIn("self-test passed for ", sensor.said())
        self.assertNotIn("is disabled: self-test", sensor.said())
        return sensor

    def test_who_has_the_user_id_of_the_self_tests_child(self):
        attackers = [stalk(120, os.getpid()) for _ in range(6)]
        try:
            for _ in range(5):
                sensor = self.start()
                self.assertTrue(sensor.known, sensor.said())
        finally:
            for attacker in attackers:
                attacker.kill()
                attacker.wait()

    def test_while_a_siege_goes_on(self):
        attacker = besiege(60, os.getpid(), "--only", "exec,fork,file,net,stalk")
        try:
            for _ in range(3):
                sensor = self.start()
                self.assertTrue(sensor.known or sensor.lost()["exec"], sensor.said())
        finally:
            attacker.terminate()
            said = attacker.communicate()[0]
        self.assertEqual(attacker.returncode, 0, said)


if __name__ == "__main__":
    if FILES:  # there is no sensor here: what it wrote is
        del Start
    elif os.geteuid():
        print("ok 1 - siege # SKIP needs root\n1..1")
        sys.exit(0)
    tap.main()
