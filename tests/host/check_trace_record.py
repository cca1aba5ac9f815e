# SPDX-License-Identifier: BSD-2-Clause
"""'sextant trace': what is recorded and printed later, kept until something happens, or counted."""
import json
import os
import random
import re
import signal
import subprocess
import sys
import unittest

from calls import lines, syscall
from patience import HANGS, until
from sensor import SEXTANT
from tracer import BY, CALLS, Tracer, executed

RECORD_HEAD = 48  # bytes of struct trace_file_head

# Children that have each another number of calls of uname; some fail.
COUNTED = ("import os, sys\nfor count in (3, 5):\n    if not os.fork():\n        [os.uname() for _ in range(count)]\n"
           "        [os.access('/no/such', 0) for _ in range(2)]\n        os._exit(0)\n    os.wait()")


class Recorder(Tracer):
    def read(self, path, *words, code=0, **options):
        """Standard output and standard error of --read."""
        done = subprocess.run([SEXTANT, "trace", "--read", path, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, timeout=HANGS, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout.decode(), done.stderr.decode()

    def read_events(self, path, *words):
        return lines(self.read(path, "--format", "json", *words)[0])

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def recorded(self, *words, **options):
        """The bytes of a recording."""
        if os.path.exists(self.path("recording")):
            os.remove(self.path("recording"))
        done = subprocess.run([SEXTANT, "trace", "--record", self.path("recording"), *words], text=True, check=False, timeout=HANGS,
                              **{"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **options})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)  # that it traces; no calls
        with open(self.path("recording"), "rb") as file:
            return file.read()


class TraceRecord(Recorder, unittest.TestCase):
    # ---- the same later ----

    def test_what_is_read_is_what_was_printed(self):
        """Times included; also what has not returned, and what could not be read."""
        for by in BY:
            for form in ("json", "text"):
                with self.subTest(f"{by} {form}"), open(self.path("truth"), "w", encoding="utf-8") as truth:
                    recording = self.path(f"{form}{len(by)}")
                    self.trace(*by, "--format", form, "--record", recording, "--bytes", "300", "--", CALLS, self.directory.name, executed(),
                               stdout=truth)
                    again = self.read(recording, "--format", form)
                    self.assertEqual(again[0], self.written())
                    self.assertEqual(again[1], "")
                    self.assertGreater(len(again[0].splitlines()), 100)
                    self.assertEqual(self.read(recording, "--format", form), again)

    def test_vectors_are_read_as_long_as_they_were_printed(self):
        """--bytes of the recording counts, not its default."""
        for size in ("7", "4096"):
            recording = self.path(f"recording{size}")
            self.trace("--bytes", size, "--format", "json", "--record", recording, "writev", "--", sys.executable, "-c",
                       "import os; os.writev(1, [bytes([97 + i]) * 100 for i in range(8)])")
            call, = [syscall(e) for e in lines(self.written())]
            self.assertEqual([item["data"] for item in call["parameters"]["vec"]],
                             [chr(97 + i) * min(100, int(size)) for i in range(8)])
            self.assertEqual(self.read(recording, "--format", "json")[0], self.written())

    def test_reading_needs_no_rights(self):
        self.recorded("--", "/bin/true")
        os.chmod(self.directory.name, 0o755)
        os.chmod(self.path("recording"), 0o644)
        self.assertIn("exit_group(0)", self.read(self.path("recording"), user=61001, group=61001, extra_groups=[])[0])

    def test_a_recording_is_for_its_owner(self):
        self.recorded("--", "/bin/true")
        self.assertEqual(os.stat(self.path("recording")).st_mode & 0o777, 0o600)

    def test_an_old_file_is_not_recorded_into(self):
        path = self.write("old", b"something")
        said = self.trace("--record", path, "--", "/bin/true", code=1)
        self.assertIn(f"{path}: is there already", said)

    def test_losses_are_recorded(self):
        """While the tracer is stopped, the rings run over."""
        path = self.path("recording")
        with subprocess.Popen([SEXTANT, "trace", "--record", path, "write", "--", "/bin/sh", "-c",
                               "echo begun; read line; exec dd if=/dev/zero of=/dev/null bs=1 count=60000 status=none"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tracer:
            self.assertEqual(tracer.stdout.readline(), "begun\n")
            tracer.send_signal(signal.SIGSTOP)
            tracer.stdin.write("x\n")
            tracer.stdin.flush()
            # It has ended when the tracer's child is a zombie.
            with open(f"/proc/{tracer.pid}/task/{tracer.pid}/children", encoding="ascii") as file:
                child, = file.read().split()
            self.assertTrue(until(lambda: subprocess.run(["ps", "-o", "stat=", "-p", child], stdout=subprocess.PIPE, text=True,
                                                         check=False).stdout.startswith("Z")))
            tracer.send_signal(signal.SIGCONT)
            said = tracer.communicate(timeout=HANGS)[1]
        losses = [line for line in said.splitlines() if " lost: " in line]
        self.assertGreater(len(losses), 0, said)
        self.assertEqual(self.read(path, "--format", "json")[1].splitlines(), losses)

    # ---- choice ----

    def test_calls_are_chosen_when_they_are_read(self):
        self.recorded("--", "/bin/sh", "-c", "/bin/cat /no/such 2>/dev/null; /bin/sleep 0.2; exit 0")
        path = self.path("recording")
        events = self.read_events(path)
        pids = sorted({e["process"]["pid"] for e in events})
        self.assertEqual(len(pids), 3)
        for words, wanted in (
                (["openat", "close"], lambda e: syscall(e)["name"] in ("openat", "close")),
                (["%process"], lambda e: syscall(e)["name"] in ("execve", "wait4", "exit_group", "clone", "vfork", "fork", "clone3")),
                (["--pid", str(pids[1])], lambda e: e["process"]["pid"] == pids[1]),
                (["--pid", str(pids[1]), "--pid", str(pids[2])], lambda e: e["process"]["pid"] in pids[1:]),
                (["--user", "root"], lambda e: True),
                (["--user", "61001"], lambda e: False),
                (["--comm", "sleep"], lambda e: e["process"]["name"] == "sleep"),
                (["--where", "filename=/no/such"], lambda e: syscall(e)["parameters"].get("filename") == "/no/such"),
                (["--where", "filename^=/no/", "--where", "flags=0"], lambda e: syscall(e)["parameters"].get("filename") == "/no/such"),
                (["--where", "fd=1"], lambda e: syscall(e)["parameters"].get("fd") == 1),
                (["--failed"], lambda e: e["event"].get("outcome") == "failure"),
                (["--error", "ENOENT", "openat"], lambda e: syscall(e).get("error") == "ENOENT" and syscall(e)["name"] == "openat"),
                (["--result", "3..4"], lambda e: 3 <= int(str(syscall(e).get("result", 0)), 0) <= 4),
                (["--longer", "100"], lambda e: e["event"].get("duration", 0) >= 100_000_000)):
            with self.subTest(words):
                self.assertEqual(self.read_events(path, *words), [e for e in events if wanted(e)])
        self.assertIn("clock_nanosleep", self.read(path, "--longer", "100")[0])

    def test_text_has_a_whole_line_where_the_return_decides(self):
        self.recorded("--", "/bin/sh", "-c", "/bin/cat /no/such 2>/dev/null; exit 0")
        text = self.read(self.path("recording"), "--failed", "openat")[0]
        self.assertRegex(text, r'(?m)^\[\d+\] openat\(AT_FDCWD, "/no/such", O_RDONLY\) = -1 ENOENT <0\.\d{6}>$')
        self.assertNotIn("unfinished", text)

    def test_what_is_no_option_of_reading(self):
        path = self.path("recording")
        self.recorded("--", "/bin/true")
        for words in (["--rate", "1"], ["--no-follow"], ["--bytes", "1"], ["--duration", "1"], ["--attach", "tracepoint"],
                      ["--record", "x"], ["--ring", "1M"], ["--dump-on", "signal"], ["--", "/bin/true"]):
            with self.subTest(words):
                printed, said = self.read(path, *words, code=2)
                self.assertEqual((printed, said.count("\n")), ("", 1), said)
                self.assertIn("--read", said)

    # ---- hostile files ----

    def assert_refused(self, path, cause):
        printed, said = self.read(path, code=1)
        self.assertEqual((printed, said.count("\n")), ("", 1), said)
        self.assertIn(cause, said)

    def test_what_is_no_recording(self):
        data = self.recorded("--", "/bin/true")
        os.mkfifo(self.path("fifo"))
        for path in (self.path("fifo"), self.directory.name, "/dev/zero"):
            self.assert_refused(path, f"{path}: not a regular file")
        self.assert_refused(self.path("nothing"), "nothing: ")
        for other in (b"", b"{}\n", data[:RECORD_HEAD - 1], b"X" + data[1:], b"SXREC1\n" + data[7:]):
            self.assert_refused(self.write("other", other), "other: is no file of 'sextant trace --record'")
        self.assert_refused(self.write("other", data[:8] + b"\xff" + data[9:]), "of another version")
        self.assert_refused(self.write("other", data[:RECORD_HEAD - 1] + bytes([data[RECORD_HEAD - 1] ^ 1]) + data[RECORD_HEAD:]),
                            "damaged at its beginning")

    def test_a_recording_that_ends_early(self):
        """Wherever: the calls before that are printed."""
        data = self.recorded("--", "/bin/cat", "/etc/hostname")
        whole = self.read(self.path("recording"))[0]
        chance = random.Random(1)
        for at in (RECORD_HEAD, RECORD_HEAD + 3, len(data) - 1, len(data) - 12, *(chance.randrange(RECORD_HEAD, len(data)) for _ in range(30))):
            with self.subTest(at):
                printed, said = self.read(self.write("cut", data[:at]), code=1)
                self.assertEqual(said, f"sextant: {self.path('cut')}: ends early, or is damaged; the calls before that are printed\n")
                printed = re.sub(r" <unfinished \.\.\.>\n$", "", printed)
                self.assertTrue(whole.startswith(printed))
                if at > len(data) - 13:
                    self.assertEqual(printed, whole)

    def test_damage_is_found(self):
        """Any byte behind the head may be another one."""
        data = self.recorded("--", "/bin/cat", "/etc/hostname")
        whole = self.read(self.path("recording"))[0]
        chance = random.Random(2)
        for at in (chance.randrange(RECORD_HEAD, len(data)) for _ in range(60)):
            with self.subTest(at):
                other = bytearray(data)
                other[at] ^= 1 << chance.randrange(8)
                printed, said = self.read(self.write("other", bytes(other)), code=1)
                self.assertIn("ends early, or is damaged", said)
                self.assertTrue(whole.startswith(re.sub(r" <unfinished \.\.\.>\n$", "", printed)))
        self.assertIn("is damaged", self.read(self.write("other", data + b"\0"), code=1)[1])

    def test_a_recording_whose_tracer_was_killed(self):
        path = self.path("recording")
        with subprocess.Popen([SEXTANT, "trace", "--record", path, "--", "/bin/sh", "-c", "/bin/true; echo x; exec sleep 600"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as tracer:
            self.assertEqual(tracer.stdout.readline(), "x\n")
            with open(f"/proc/{tracer.pid}/task/{tracer.pid}/children", encoding="ascii") as file:
                child, = file.read().split()
            self.assertTrue(until(lambda: '"x\\n"' in self.read(path, code=1)[0]))
            tracer.kill()
            os.kill(int(child), signal.SIGKILL)
        self.assertIn("execve", self.read(path, code=1)[0])


class TraceRing(Recorder, unittest.TestCase):
    def ring(self, *words, code=0, **options):
        """(what is printed, what it says besides that it traces)"""
        said = self.trace("--ring", "4M", *words, code=code, **options)
        said = [line for line in said.splitlines() if line.startswith("sextant: ")]
        return self.written() if os.path.exists(self.output) else "", said[1:]

    def test_without_a_trigger_nothing_is_printed(self):
        printed, said = self.ring("openat", "close", "--", "/bin/cat", "/etc/hostname")
        self.assertEqual(printed, "")
        self.assertEqual(len(said), 1, said)
        self.assertRegex(said[0], r"^sextant: [1-9]\d* calls were kept and not written$")

    def test_a_command_that_fails(self):
        printed, said = self.ring("--dump-on", "exit!=0", "--", "/bin/sh", "-c", "/bin/true; exit 3", code=3)
        self.assertRegex(printed, r"execve\(\"/bin/sh\", (?s:.*)exit_group\(0\) = \?(?s:.*)exit_group\(3\) = \?\n$")
        self.assertEqual(len(said), 1, said)
        self.assertRegex(said[0], r"^sextant: [1-9]\d* calls were written: a process has ended with a status that is not 0$")
        self.assertEqual(self.ring("--dump-on", "exit!=0", "--", "/bin/true")[0], "")

    def test_a_process_that_fails(self):
        """Also if its exit is not among the calls that are chosen, and JSON has what has not returned."""
        child = "until read number rest </proc/$PPID/syscall && [ $number = 61 ]; do :; done; exit 3"  # the parent waits
        printed, _ = self.ring("--format", "json", "--dump-on", "exit!=0", "wait4", "--", "/bin/sh", "-c", f"sh -c '{child}'; exit 0")
        self.assertEqual([(syscall(e)["name"], "result" in syscall(e)) for e in lines(printed)], [("wait4", False)])

    def test_a_command_that_a_signal_ends(self):
        printed, said = self.ring("--dump-on", "signal", "kill", "--", "/bin/sh", "-c", "kill -9 $$", code=128 + 9)
        self.assertRegex(printed, r"^\[\d+\] kill\(\d+, SIGKILL")
        self.assertRegex(said[0], r"calls were written: a process was ended by a signal$")
        self.assertEqual(self.ring("--dump-on", "signal", "--", "/bin/sh", "-c", "exit 3", code=3)[0], "")

    def test_a_process_that_a_signal_ends(self):
        """Its parent waits for it; tracing goes on, with an empty ring."""
        printed, said = self.ring("--dump-on", "signal", "kill", "rmdir", "--", "/bin/sh", "-c",
                                  "sh -c 'kill -9 $$'; rmdir /no/such 2>/dev/null; true")
        self.assertEqual(re.findall(r"kill|rmdir|wait4", printed), ["kill"])
        self.assertEqual(len(said), 2, said)
        self.assertEqual(said[1], "sextant: 1 calls were kept and not written")

    def test_on_request(self):
        """As often as it comes; each time what has happened since the last time."""
        with subprocess.Popen([SEXTANT, "trace", "--ring", "1M", "--output", self.output, "rmdir", "--", sys.executable, "-c",
                               "import os, sys\nfor line in sys.stdin:\n    try: os.rmdir(line.strip())\n    except OSError: print(line, flush=True)"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tracer:
            self.assertIn("tracing", tracer.stderr.readline())
            for name in ("/no/such/1", "/no/such/2"):
                tracer.stdin.write(name + "\n")
                tracer.stdin.flush()
                self.assertEqual(tracer.stdout.readline().strip(), name)
                tracer.stdout.readline()
                tracer.send_signal(signal.SIGUSR1)
                self.assertEqual(tracer.stderr.readline(), "sextant: 1 calls were written: SIGUSR1\n")
            tracer.communicate(timeout=HANGS)
        self.assertEqual(re.findall(r'rmdir\("(.*?)"', self.written()), ["/no/such/1", "/no/such/2"])

    def test_only_the_last_records_are_kept(self):
        """Of a call whose entry was overwritten the return is printed, and each record once."""
        printed, said = self.ring("--ring", "64K", "--dump-on", "exit!=0", "--format", "json", "--", "/bin/sh", "-c",
                                  "dd if=/dev/zero of=/dev/null bs=1 count=600 status=none; exit 1", code=1)
        events = lines(printed)
        self.assertEqual(int(re.search(r"(\d+) calls were written", said[0])[1]), len(events))
        self.assertTrue(50 < len(events) < 1000, len(events))
        self.assertIn("exit_group", [syscall(e)["name"] for e in events])
        printed, _ = self.ring("--ring", "64K", "--dump-on", "exit!=0", "--", "/bin/sh", "-c",
                               "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do /bin/true; done; exit 1", code=1)
        for line in printed.splitlines():
            self.assertRegex(line, r"^\[\d+\] (<\.\.\. )?[a-z_0-9]+")

    def test_the_ring_is_recorded(self):
        recording = self.path("recording")
        self.ring("--record", recording, "--format", "json", "--dump-on", "exit!=0", "--", "/bin/sh", "-c", "/bin/false; /bin/false; exit 0")
        self.assertEqual(sum(syscall(e)["name"] == "exit_group" for e in lines(self.written())), 2)
        again = self.read_events(recording)
        # What had not returned at the first dump is one call in the file.
        self.assertEqual([e for e in again if e in lines(self.written())], [e for e in lines(self.written()) if e in again])
        self.assertEqual(sum(syscall(e)["name"] == "exit_group" for e in again), 2)

    def test_usage(self):
        for words, cause in ((["--ring", "1"], "less than 64K"), (["--ring", "1T"], "--ring: not a size"), (["--ring", ""], "--ring: not a size"),
                             (["--ring", "65G"], "--ring: not a size"), (["--ring", "-1M"], "--ring: not a size"),
                             (["--dump-on", "signal"], "--dump-on needs --ring"), (["--ring", "1M", "--dump-on", "exit"], "unknown --dump-on: exit"),
                             (["--ring", "1M", "--summary"], "--ring and --summary"), (["--record", "x", "--summary"], "--summary"),
                             (["--histogram"], "--histogram needs --summary"), (["--summary=x"], "unknown --summary: x"),
                             (["--ring", "1M", "--dump-on", "signal", "--failed"], "do not show the end of a process"),
                             (["--ring", "1M", "--dump-on", "exit!=0", "--rate", "9"], "do not show the end of a process"),
                             (["--summary", "--rate", "9"], "--rate")):
            with self.subTest(words):
                said = self.trace(*words, code=2)
                self.assertEqual(said.count("\n"), 1, said)
                self.assertIn(cause, said)


class TraceSummary(Recorder, unittest.TestCase):
    def counted(self):
        """{(pid, name): {call: (calls, errors)}}"""
        rows = {}
        for row in lines(self.written()):
            call = syscall(row)
            rows.setdefault((row["process"]["pid"], row["process"]["name"]), {})[call["name"]] = (call["calls"], call["errors"])
        return rows

    def test_each_process_has_its_own_counts(self):
        for by in BY:
            with self.subTest(" ".join(by)):
                self.trace(*by, "--summary=process", "--format", "json", "uname", "access", "exit", "--", sys.executable, "-c", COUNTED)
                found = [calls for calls in self.counted().values() if "uname" in calls and calls["access"] == (2, 2)]
                self.assertEqual(sorted(calls["uname"] for calls in found), [(3, 0), (5, 0)])

    def test_the_table_has_a_block_for_each_process(self):
        self.trace("--summary=process", "write", "--", "/bin/sh", "-c",
                   "dd if=/dev/zero of=/dev/null bs=1 count=200 status=none; exec dd if=/dev/zero of=/dev/null bs=1 count=300 status=none")
        blocks = re.findall(r"(?m)^(\d+) (\w+): (\d+) calls, (\d+) errors, ([\d.]+) ms\n +calls .*\n +(\d+) +0 +([\d.]+) .*  write$", self.written())
        self.assertEqual(sorted((name, calls, errors, again) for _, name, calls, errors, _, again, _ in blocks),
                         [("dd", "200", "0", "200"), ("dd", "300", "0", "300")])
        self.assertTrue(all(total == of_call for *_, total, _, of_call in blocks))
        self.assertEqual(len({block[0] for block in blocks}), 2)

    def test_threads_of_a_process_are_counted_together(self):
        self.trace("--summary=process", "--format", "json", "sched_yield", "--", sys.executable, "-c",
                   "import os, threading\nt = [threading.Thread(target=lambda: [os.sched_yield() for _ in range(5000)]) for _ in range(4)]\n"
                   "[x.start() for x in t]; [x.join() for x in t]")
        self.assertIn((20000, 0), [calls.get("sched_yield") for calls in self.counted().values()])

    def test_what_has_no_row_is_said(self):
        """65536 rows: processes, each with its calls of numbers that no kernel has."""
        said = self.trace("--summary=process", "--format", "json", "--", sys.executable, "-c",
                          "import ctypes, os\nsyscall = ctypes.CDLL(None).syscall\nfor _ in range(1700):\n    if not os.fork():\n"
                          "        [syscall(number) for number in range(472, 512)]\n        os._exit(0)\n    os.wait()")
        rows = [syscall(row) for row in lines(self.written())]
        self.assertTrue(60000 < len(rows) <= 65536, len(rows))
        without = sum(int(count) for count in re.findall(r"(\d+) calls are in no row of the summary: it has too many", said))
        self.assertGreater(without, 1000)
        self.assertGreaterEqual(sum(row["calls"] for row in rows) + without, 1700 * 40)

    def test_a_histogram_has_each_call(self):
        self.trace("--summary", "--histogram", "--format", "json", "--", "/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=2000",
                   "status=none")
        rows = {syscall(row)["name"]: syscall(row) for row in lines(self.written())}
        self.assertEqual(rows["write"]["calls"], 2000)
        for row in rows.values():
            self.assertEqual(sum(bucket["calls"] for bucket in row["histogram"]), row["calls"])
            ends = [bucket["below_ns"] for bucket in row["histogram"]]
            self.assertEqual(ends, sorted(ends))
            self.assertEqual(row["percentile_99_ns"] in ends, True)
            self.assertLess(row["total_ns"], sum(bucket["below_ns"] * bucket["calls"] for bucket in row["histogram"]))
        self.trace("--summary", "--histogram", "--", "/bin/sleep", "0.2")
        self.assertRegex(self.written(), r"clock_nanosleep\n +1 +134217\.728 us \.\. +268435\.456 us \|\*{40}\|\n")

    def test_a_recording_is_counted_as_the_kernel_counts(self):
        command = [sys.executable, "-c", COUNTED]
        names = ("uname", "access")
        self.recorded("--", *command)
        for words in (["--summary"], ["--summary=process"]):
            with self.subTest(words):
                self.trace(*words, "--format", "json", *names, "--", *command)
                live = [syscall(row) for row in lines(self.written())]
                read = [syscall(row) for row in self.read_events(self.path("recording"), *words, *names)]
                self.assertEqual(*(sorted((c["name"], c["number"], c["abi"], c["calls"], c["errors"]) for c in rows) for rows in (live, read)))
        self.assertEqual(sum(c["calls"] for c in map(syscall, self.read_events(self.path("recording"), "--summary"))),
                         sum("result" in syscall(e) for e in self.read_events(self.path("recording"))))

    def test_text_of_a_summary_is_as_before(self):
        self.trace("--summary", "uname", "--", sys.executable, "-c", COUNTED)
        self.assertRegex(self.written(), r"^ +calls +errors +total ms +mean us +99 % us <  call\n +\d+ +0 +[\d.]+ +[\d.]+ +[\d.]+  uname\n$")

    def test_json_of_a_summary(self):
        self.trace("--summary", "--format", "json", "uname", "--", sys.executable, "-c", COUNTED)
        row = json.loads(self.written())
        self.assertEqual((row["event"], "process" in row), ({"kind": "metric", "action": "uname"}, False))
        self.assertEqual(set(row["sextant"]["syscall"]), {"name", "number", "abi", "calls", "errors", "total_ns", "percentile_99_ns"})
