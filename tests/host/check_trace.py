# SPDX-License-Identifier: BSD-2-Clause
"""'sextant trace': what it writes, which calls, and against strace."""
import os
import re
import signal
import subprocess
import sys
import threading
import time
import unittest

from calls import lines, syscall
from patience import HANGS
from sensor import SEXTANT
from tracer import BY, Tracer


class Trace(Tracer, unittest.TestCase):
    # ---- parameters and results ----

    def test_lists_that_are_longer_than_a_record_are_cut(self):
        for by in BY:
            with self.subTest(" ".join(by)):
                arguments = [f"{number}-" + "x" * 3000 for number in range(12)]
                call, = [syscall(e) for e in self.events(*by, "execve", "--", "/bin/true", *arguments) if syscall(e)["result"] == 0]
                seen = call["parameters"]["argv"]
                self.assertGreaterEqual(len(seen), 5)
                self.assertEqual(seen, ["/bin/true", *arguments][:len(seen)])
                self.assertEqual(call["truncated"], ["argv"])
                events = self.events(*by, "--bytes", "4096", "writev", "--", sys.executable, "-c",
                                     "import os; os.writev(1, [bytes([97 + i]) * 4096 for i in range(8)])")
                call, = [syscall(e) for e in events]
                seen = [item["data"] for item in call["parameters"]["vec"]]
                self.assertEqual("".join(seen), "".join(chr(97 + i) * 4096 for i in range(8))[:len("".join(seen))])
                self.assertGreaterEqual(len("".join(seen)), 3 * 4096)
                self.assertEqual((call["truncated"], call["result"]), (["vec"], 8 * 4096))

    def test_text_is_as_strace_writes_it(self):
        self.trace("openat", "write", "exit_group", "--", "/bin/sh", "-c", 'echo "a\tb" >/dev/null; exit 0')
        text = self.written()
        self.assertRegex(text, r'(?m)^\[\d+\] openat\(AT_FDCWD, "/dev/null", O_WRONLY\|O_CREAT\|O_TRUNC, 0666\) = \d+ <0\.\d{6}>$')
        self.assertRegex(text, r'(?m)^\[\d+\] write\(1, "a\\tb\\n", 4\) = 4 <0\.\d{6}>$')
        self.assertRegex(text, r"(?m)^\[\d+\] exit_group\(0\) = \?$")

    def test_calls_of_threads_are_taken_up_again(self):
        self.trace("--", "/bin/sh", "-c", "/bin/sleep 0.2; exit 0")
        text = self.written()
        for name in re.findall(r"<\.\.\. (\w+) resumed>", text):
            self.assertRegex(text, rf"\] {name}\(.* <unfinished \.\.\.>\n")
        self.assertRegex(text, r"wait4\(-1 <unfinished \.\.\.>")

    def test_the_table_of_calls_is_as_the_kernel_says(self):
        """How many parameters a call has, and which of them are addresses (events/syscalls/sys_enter_*/format)."""
        formats = subprocess.run(["unshare", "-m", "sh", "-c", "[ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing; "
                                  "cd /sys/kernel/tracing/events/syscalls && grep -H 'offset:[0-9]*;.size:8;' sys_enter_*/format"],
                                 stdout=subprocess.PIPE, text=True, check=False).stdout
        kernels = {}
        for name, kind in re.findall(r"(?m)^sys_enter_(\w+)/format:\s*field:(.*?)\s*\w+;", formats):
            kernels.setdefault(KERNELS_NAMES.get(name, name), []).append("*" in kind or kind.startswith("cap_user_"))
        if not kernels:
            self.skipTest("this kernel has no tracepoints of single system calls")
        with open(os.path.join(ROOT, "loader/trace/call_table.h"), encoding="ascii") as file:
            table = {name: re.findall(r"\w+:(\w+)", fields) for name, fields in
                     re.findall(r'CALL\(\d+, -?\d+, "(\w+)", \w+, "(.*?)"\)', file.read()) if fields != "?"}
        both = sorted(set(table) & set(kernels))
        self.assertGreater(len(both), 250)
        for name in both:
            with self.subTest(name):
                self.assertEqual(len(table[name]), len(kernels[name]))
                for kind, is_address in zip(table[name], kernels[name]):
                    if re.fullmatch(r"path|strings?|in|out|\w+_(in|out|inout)", kind):
                        self.assertTrue(is_address, kind)

    # ---- which calls ----

    def test_calls_and_classes_are_chosen(self):
        self.assertEqual(set(self.names("openat", "close", "--", "/bin/cat", "/etc/hostname")), {"openat", "close"})
        names = set(self.names("%process", "--", "/bin/sh", "-c", "/bin/true; exit 0"))
        self.assertLessEqual({"execve", "wait4", "exit_group"}, names)
        self.assertFalse(names & {"openat", "read", "mmap"})
        self.assertIn("openat", self.names("%file", "--", "/bin/cat", "/etc/hostname"))

    def test_only_calls_that_failed(self):
        for by in BY:
            with self.subTest(" ".join(by)):
                events = self.events(*by, "--failed", "--", "/bin/cat", self.path("none"), code=1, stderr=subprocess.DEVNULL)
                self.assertEqual({e["event"]["outcome"] for e in events}, {"failure"})
                self.assertIn(self.path("none"), [syscall(e)["parameters"].get("filename") for e in events])

    def test_only_calls_that_took_long(self):
        events = self.events("--longer", "100", "--", "/bin/sleep", "0.2")
        self.assertIn("clock_nanosleep", [syscall(e)["name"] for e in events])
        self.assertTrue(all(e["event"]["duration"] >= 100_000_000 for e in events))

    def test_a_process_that_runs_and_its_children(self):
        with subprocess.Popen(["/bin/sh", "-c", "read line; /bin/true; exit 0"], stdin=subprocess.PIPE) as shell:
            tracer = subprocess.Popen([SEXTANT, "trace", "--format", "json", "--output", self.output, "--pid", str(shell.pid), "--duration",
                                       "600", "execve", "exit_group"], stderr=subprocess.PIPE, text=True)
            self.addCleanup(tracer.kill)
            self.assertIn("tracing", tracer.stderr.readline())
            shell.communicate(b"x\n", timeout=HANGS)
        time.sleep(0.2)
        tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=HANGS)
        self.assertEqual(tracer.returncode, 0)
        events = lines(self.written())
        self.assertEqual([(syscall(e)["name"], e["process"]["pid"] == shell.pid) for e in events],
                         [("execve", False), ("exit_group", False), ("exit_group", True)])

    def test_children_are_not_followed(self):
        events = self.events("--no-follow", "--", "/bin/sh", "-c", "/bin/true; exit 0")
        self.assertEqual(len({e["process"]["pid"] for e in events}), 1)

    def test_calls_of_a_user(self):
        with subprocess.Popen([SEXTANT, "trace", "--format", "json", "--output", self.output, "--user", "61017", "execve"],
                              stderr=subprocess.PIPE, text=True) as tracer:
            self.assertIn("tracing", tracer.stderr.readline())
            subprocess.run(["/bin/true"], user=61017, check=True)
            subprocess.run(["/bin/true"], check=True)
            time.sleep(0.2)
            tracer.send_signal(signal.SIGTERM)
        self.assertEqual({e["user"]["id"] for e in lines(self.written())}, {"61017"})

    def test_a_thread_that_executes_a_program(self):
        """It takes the id of the first thread, whose call has another end."""
        self.trace("--format", "json", "--", sys.executable, "-c", "import os, threading, time\n"
                          "threading.Thread(target=lambda: (time.sleep(0.3), os.execv('/bin/true', ['true']))).start()\ntime.sleep(5)")
        naps = [syscall(e) for e in lines(self.written()) if syscall(e)["name"] == "clock_nanosleep"
                and e["process"]["thread"]["id"] == e["process"]["pid"]]
        self.assertEqual([call.get("result") == 0 for call in naps], [False])
        self.assertIn("exit_group", self.written())

    def test_the_command_has_nothing_of_the_tracer(self):
        command = ["/bin/sh", "-c", "ulimit -l; ls -l /proc/self/fd | wc -l; readlink /proc/self/ns/mnt; grep Sig[PBIC] /proc/self/status; umask"]
        with open(self.path("said"), "w+", encoding="utf-8") as file:
            self.trace("execve", "--", *command, stdout=file)
            file.seek(0)
            traced = file.read()
        plain_ = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
        self.assertEqual(traced, plain_)

    # ---- counts ----

    def test_the_summary_counts_each_call(self):
        self.trace("--summary", "--", "/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=20000", "status=none")
        counts = {name: (int(calls), int(errors)) for calls, errors, name in
                  re.findall(r"(?m)^ *(\d+) +(\d+) +[\d.]+ +[\d.]+ +[\d.]+  (\w+)$", self.written())}
        self.assertEqual(counts["write"], (20000, 0))
        self.assertTrue(20000 < counts["read"][0] < 20010, counts)

    def test_each_record_arrives_or_is_counted_as_lost(self):
        """While the tracer is stopped, the rings run over."""
        with subprocess.Popen([SEXTANT, "trace", "--format", "json", "--output", self.output, "write", "--", "/bin/sh", "-c",
                               "echo begun; read line; exec dd if=/dev/zero of=/dev/null bs=1 count=60000 status=none"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tracer:
            self.assertEqual(tracer.stdout.readline(), "begun\n")
            tracer.send_signal(signal.SIGSTOP)
            tracer.stdin.write("x\n")
            tracer.stdin.flush()
            time.sleep(3)
            tracer.send_signal(signal.SIGCONT)
            said = tracer.communicate(timeout=HANGS)[1]
        lost = sum(int(count) for count in re.findall(r"(\d+) records lost", said))
        self.assertGreater(lost, 0, said)
        written = sum(syscall(e)["name"] == "write" for e in lines(self.written()))
        self.assertGreaterEqual(2 * written + lost, 120000)  # two records a call

    @unittest.skipUnless(os.path.exists("/proc/sys/kernel/ns_last_pid"), "this kernel gives no process a certain id")
    def test_a_process_with_the_id_of_one_that_has_ended_loses_no_call(self):
        """What that one has begun last, exit_group(), never returns."""
        program = ("import os\ndef child():\n    pid = os.fork()\n    if not pid: os._exit(0)\n    return os.waitpid(pid, 0)[0]\n"
                   "first, other = child(), 0\n"
                   "while other != first:\n    open('/proc/sys/kernel/ns_last_pid', 'w').write(str(first - 1))\n    other = child()")
        for by in BY:
            with self.subTest(" ".join(by)):
                ended = [event["process"]["pid"] for event in self.events(*by, "exit_group", "--", sys.executable, "-c", program)]
                self.assertGreaterEqual(ended.count(ended[0]), 2)

    # ---- the command line ----

    def test_the_status_is_that_of_the_command(self):
        self.trace("--", "/bin/sh", "-c", "exit 9", code=9)
        self.trace("--", "/bin/sh", "-c", "kill -9 $$", code=128 + 9)
        self.assertIn("/no/such", self.trace("--", "/no/such", code=127))

    def test_what_is_wrong_is_named(self):
        for words, cause in ((["nosuchcall"], "unknown call: nosuchcall"), (["%nosuch"], "unknown class: %nosuch"), (["--"], "no command"),
                             (["--bytes", "0"], "--bytes"), (["--pid", "x"], "--pid"), (["--user", "no\nuser"], "--user"),
                             (["--format", "xml"], "xml"), (["--nope"], "--nope"), (["--duration", "-1"], "--duration")):
            with self.subTest(words):
                said = self.trace(*words, code=2)
                self.assertEqual(said.count("\n"), 1, said)
                self.assertIn(cause, said)

    def test_an_id_that_no_process_has_is_named(self):
        """Nor has one a thread that is not the first of its process: no call would ever be of it."""
        with subprocess.Popen(["/bin/true"]) as gone:
            pass
        waits = threading.Event()
        thread = threading.Thread(target=waits.wait)
        thread.start()
        try:
            for number in (gone.pid, thread.native_id):
                self.assertIn(f"--pid {number}: ", self.trace("--pid", str(number), "--duration", "1", code=1))
        finally:
            waits.set()
            thread.join()
        self.trace("--pid", str(os.getpid()), "--duration", "1", "reboot")

    def test_a_terminal_that_is_gone_ends_it(self):
        """By SIGHUP; but nohup(1) keeps it alive, until another signal."""
        for before, end in (([], signal.SIGHUP), (["nohup"], signal.SIGTERM)):
            with self.subTest(before), subprocess.Popen([*before, SEXTANT, "trace", "--ring", "1M", "--output", self.output, "rmdir"],
                                                        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # the tests may run by nohup
                                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as tracer:
                try:
                    while "tracing by" not in tracer.stderr.readline():
                        self.assertIsNone(tracer.poll())
                    with open(f"/proc/{tracer.pid}/status", encoding="ascii") as status:
                        ignored = int(re.search(r"^SigIgn:\s*(\w+)$", status.read(), re.MULTILINE)[1], 16)
                    self.assertEqual(bool(ignored & 1 << signal.SIGHUP - 1), before == ["nohup"])
                    tracer.send_signal(end)
                    self.assertEqual(tracer.wait(HANGS), 0)
                    self.assertRegex(tracer.stderr.read(), r"^sextant: \d+ calls were kept and not written\n$")
                finally:
                    tracer.kill()

    def test_without_rights(self):
        done = subprocess.run([SEXTANT, "trace", "execve"], user=61001, stderr=subprocess.PIPE, text=True, check=False, timeout=HANGS)
        self.assertEqual(done.returncode, 5)
        self.assertIn("root", done.stderr)

    def test_an_output_that_others_own_is_refused(self):
        with open(self.path("other"), "w", encoding="ascii"):
            os.chown(self.path("other"), 61001, 61001)
        self.output = self.path("unused")
        done = subprocess.run([SEXTANT, "trace", "--output", self.path("other"), "execve", "--", "/bin/true"], stderr=subprocess.PIPE,
                              text=True, check=False, timeout=HANGS)
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.path("other"), done.stderr)


ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))

# SYSCALL_DEFINE() has other names than the tables of numbers.
KERNELS_NAMES = {"newstat": "stat", "newfstat": "fstat", "newlstat": "lstat", "newuname": "uname", "sendfile64": "sendfile",
                 "umount": "umount2"}
