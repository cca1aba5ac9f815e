# SPDX-License-Identifier: BSD-2-Clause
"""'sextant trace --format json': the fields of a process, which are those of the sensor's events."""
import os
import shlex
import shutil
import signal
import subprocess
import sys
import unittest

from calls import lines, syscall
from check_trace_record import Recorder
from patience import HANGS
from sensor import SEXTANT, Sensor, nanoseconds

# Prints a line, waits for one, and makes a call with its process id; twice.
TALKER = "import os, sys\nfor _ in range(2):\n    print('ready', flush=True)\n    sys.stdin.readline()\n    os.access('/no/such/%d' % os.getpid(), 0)"

# Makes calls until the output names its own program.
NAMED = ("import os, sys, time\nfor _ in range(6000):\n    os.access('/no/such', 0)\n"
         "    if '\"executable\":\"%s\"' % os.path.realpath('/proc/self/exe') in open(sys.argv[1]).read(): break\n    time.sleep(0.01)")

# Waits for a line, makes more calls than a small ring has room for, and fails.
FAILS = "import os, sys\nprint('ready', flush=True)\nsys.stdin.readline()\nfor _ in range(5000): os.access('/no/such', 0)\nos._exit(3)"

TICK_NS = 10_000_000


def ticks_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return int(file.read().rpartition(")")[2].split()[19])


def boot_id():
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def of_call(events, name, path=None):
    return [e for e in events if syscall(e)["name"] == name and (path is None or syscall(e)["parameters"]["filename"] == path)]


class TraceFields(Recorder, unittest.TestCase):
    def named(self, before):
        """A line of a shell that runs NAMED."""
        return f"{before} {shlex.quote(sys.executable)} -c {shlex.quote(NAMED)} {shlex.quote(self.output)}"

    def talker(self, program=TALKER):
        talker = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(talker.communicate, timeout=HANGS)
        self.assertEqual(talker.stdout.readline(), "ready\n")
        return talker

    def traced(self, *words):
        tracer = subprocess.Popen([SEXTANT, "trace", "--output", self.output, *words], stderr=subprocess.PIPE, text=True)
        self.addCleanup(tracer.kill)
        self.assertIn("tracing", tracer.stderr.readline())
        return tracer

    def ended(self, tracer):
        tracer.send_signal(signal.SIGINT)
        said = tracer.communicate(timeout=HANGS)[1]
        self.assertEqual(tracer.returncode, 0, said)
        return lines(self.written())

    def say(self, talker):
        """Returns when it has made its call."""
        talker.stdin.write("x\n")
        talker.stdin.flush()
        talker.stdout.readline()

    # ---- which ----

    def test_the_fields_are_those_of_proc(self):
        """Of a process that runs already: read before its first call."""
        talker = self.talker()
        start = ticks_of(talker.pid)
        tracer = self.traced("--format", "json", "--pid", str(talker.pid), "access", "faccessat")
        self.say(talker)
        event, = [e for e in self.ended(tracer) if syscall(e)["parameters"]["filename"] == f"/no/such/{talker.pid}"]
        process = event["process"]
        self.assertEqual(event["ecs"], {"version": "8.17.0"})
        self.assertEqual(event["host"], {"boot": {"id": boot_id()}})
        self.assertEqual(process["pid"], talker.pid)
        self.assertEqual(process["parent"], {"pid": os.getpid()})
        self.assertEqual(process["entity_id"], f"{boot_id()[:8]}-{talker.pid}-{start}")
        self.assertEqual(process["executable"], os.readlink(f"/proc/{talker.pid}/exe"))

    def test_a_process_that_was_not_named(self):
        """It is read when its first call is seen."""
        talker = self.talker()
        tracer = self.traced("--format", "json", "--where", f"filename=/no/such/{talker.pid}", "access", "faccessat")
        self.say(talker)
        event, = self.ended(tracer)
        self.assertEqual(event["process"]["entity_id"], f"{boot_id()[:8]}-{talker.pid}-{ticks_of(talker.pid)}")
        self.assertEqual(event["process"]["parent"], {"pid": os.getpid()})

    def test_a_line_and_an_event_of_a_sensor_are_of_the_same_process(self):
        sensor = Sensor(self.directory.name)
        tracer = self.traced("--format", "json", "--where", "filename^=/no/such/", "access", "faccessat")
        talker = self.talker()
        self.say(talker)
        traced, = of_call(self.ended(tracer), "access", f"/no/such/{talker.pid}")
        event, = [e for e in sensor.stop() if e["event"]["action"] == "exec" and e["process"]["pid"] == talker.pid]
        own, theirs = traced["process"], event["process"]
        self.assertEqual(own["entity_id"], theirs["entity_id"])
        self.assertEqual(own["executable"], theirs["executable"])
        self.assertEqual(own["parent"]["pid"], theirs["parent"]["pid"])
        self.assertEqual(traced["ecs"], event["ecs"])
        self.assertEqual(traced["host"]["boot"], event["host"]["boot"])
        # In /proc it is a hundredth of a second, rounded down; the wall clock may be adjusted between both.
        self.assertLess(abs(nanoseconds(theirs["start"]) - nanoseconds(own["start"]) - TICK_NS / 2), 200_000_000)

    # ---- when ----

    def test_after_an_exec_it_is_the_new_program(self):
        """The line of the execve has the program that called it, as process.name."""
        shell = os.path.realpath("/bin/sh")
        done = self.trace("--format", "json", "execve", "access", "faccessat", "--", "/bin/sh", "-c", self.named("exec"))
        self.assertNotIn("lost", done)
        events = lines(self.written())
        first, second = [e for e in of_call(events, "execve") if syscall(e)["result"] == 0]
        after = of_call(events, "access", "/no/such")[-1]
        self.assertEqual(first["process"]["executable"], os.path.realpath(SEXTANT))
        self.assertIn(second["process"].get("executable"), (None, shell))  # it may have run for too short a time
        self.assertEqual(after["process"]["executable"], os.path.realpath(sys.executable))
        self.assertEqual(len({e["process"]["entity_id"] for e in (first, second, after)}), 1)

    def test_no_program_is_named_before_it_runs(self):
        """Children live for a moment with the program of their parent."""
        self.trace("--format", "json", "--", "/bin/sh", "-c", self.named("") + "; exit 0")
        events = lines(self.written())
        named = [(e["process"]["name"], os.path.basename(e["process"]["executable"])) for e in events if "executable" in e["process"]]
        python = os.path.basename(sys.executable)[:15]
        names = {"sextant": os.path.basename(os.path.realpath(SEXTANT)), "sh": os.path.basename(os.path.realpath("/bin/sh")),
                 python: os.path.basename(os.path.realpath(sys.executable))}
        self.assertLessEqual({name for name, _ in named}, set(names))
        self.assertIn(python, {name for name, _ in named})
        for name, executable in named:
            self.assertEqual(executable, names[name])

    def test_a_program_that_is_seen_by_its_name_alone(self):
        """The execve is not among the calls that are reported."""
        self.trace("--format", "json", "access", "faccessat", "--", "/bin/sh", "-c", self.named("exec"))
        event = of_call(lines(self.written()), "access", "/no/such")[-1]
        self.assertEqual(event["process"]["executable"], os.path.realpath(sys.executable))

    def test_a_process_that_is_gone(self):
        """While the tracer is stopped, a process begins and ends."""
        tracer = self.traced("--format", "json", "--where", "filename^=/no/such/", "access", "faccessat")
        tracer.send_signal(signal.SIGSTOP)
        talker = self.talker()
        self.say(talker)
        talker.communicate("x\n", timeout=HANGS)
        tracer.send_signal(signal.SIGCONT)
        events = [e for e in self.ended(tracer) if e["process"]["pid"] == talker.pid]
        self.assertEqual(len(events), 2)
        for event in events:
            self.assertEqual(set(event["process"]), {"pid", "thread", "name"})
            self.assertEqual(event["host"], {"boot": {"id": boot_id()}})

    # ---- later ----

    def test_what_is_read_is_what_was_printed(self):
        for form in ([], ["--ring", "1M", "--dump-on", "exit!=0"], ["--ring", "64K", "--dump-on", "exit!=0"]):
            with self.subTest(" ".join(form)):
                recording = self.path(f"recording{'-'.join(form)}".replace("!", ""))
                self.trace("--format", "json", "--record", recording, *form, "--", "/bin/sh", "-c",
                           "/bin/sleep 0.2; /bin/true; cat /etc/passwd >/dev/null; sleep 0.2; exit 3", code=3)
                printed = self.written()
                self.assertEqual(self.read(recording, "--format", "json")[0], printed)
                self.assertTrue(any("entity_id" in e["process"] for e in lines(printed)))

    def test_a_ring_has_the_processes_of_its_calls(self):
        """Also of those that were read long before what it has."""
        talker = self.talker(FAILS)
        executable, start = os.readlink(f"/proc/{talker.pid}/exe"), ticks_of(talker.pid)
        tracer = self.traced("--format", "json", "--ring", "64K", "--dump-on", "exit!=0", "--pid", str(talker.pid))
        talker.communicate("x\n", timeout=HANGS)
        events = self.ended(tracer)
        self.assertTrue(0 < len(events) < 5000)
        self.assertEqual({(e["process"].get("executable"), e["process"].get("entity_id")) for e in events},
                         {(executable, f"{boot_id()[:8]}-{talker.pid}-{start}")})

    @unittest.skipUnless(shutil.which("strace"), "strace is not here")
    def test_text_reads_nothing_of_proc(self):
        for words, is_read in ((["--format", "json"], True), (["--format", "text"], False), (["--summary", "--format", "json"], False)):
            with self.subTest(words):
                subprocess.run(["strace", "-qqq", "-e", "trace=openat,readlink", "-o", self.path("strace"), SEXTANT, "trace", "--output",
                                self.output, *words, "--pid", str(os.getpid()), "--duration", "1"], stderr=subprocess.DEVNULL, check=True,
                               timeout=HANGS)
                with open(self.path("strace"), encoding="utf-8") as file:
                    self.assertEqual(f'"/proc/{os.getpid()}/stat"' in file.read(), is_read)
