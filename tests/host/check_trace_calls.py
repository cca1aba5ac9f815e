# SPDX-License-Identifier: BSD-2-Clause
"""'sextant trace': each kind of call, against a program that says what it calls, strace and the kernel's headers."""
import http.server
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import unittest

from calls import OF_32, kinds, lines, missing, of_32, of_threads, strings_of, syscall
from patience import HANGS
from sensor import SEXTANT
from tracer import BY, CALLS, CALLS_32, Tracer, executed, runs_32

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


class TraceCalls(Tracer, unittest.TestCase):
    def test_each_call_is_as_the_program_itself_says(self):
        for by in BY:
            with self.subTest(" ".join(by)), open(self.path("truth"), "w+", encoding="utf-8") as truth:
                events = self.events(*by, "--", CALLS, self.directory.name, executed(), stdout=truth)
                truth.seek(0)
                truth = lines("".join(line for line in truth if line.startswith("{")))
                self.assertGreater(len(kinds(truth)), 100)
                self.assertEqual(missing(truth, events), [])
                threads_ = of_threads(events, self.directory.name)
                self.assertEqual(len(threads_), 4)
                for (caller, named), numbers in threads_.items():
                    self.assertEqual((caller, numbers), (named, list(range(20))))

    def test_programs_of_32_bits(self):
        if not runs_32():
            self.skipTest("this kernel runs no programs of 32 bits")
        for by in BY:
            with self.subTest(" ".join(by)):
                self.assertEqual(of_32(self.events(*by, "--", CALLS_32, code=7)), OF_32)

    def test_an_exec_by_another_thread_returns_in_the_first_one(self):
        program = ("import os, threading, time\nthreading.Thread(target=lambda: (time.sleep(0.3), os.execv('/bin/true', ['true', 'x']))).start()\n"
                   "time.sleep(100)")
        for by in BY:
            with self.subTest(" ".join(by)):
                events = self.events(*by, "execve", "exit_group", "--", sys.executable, "-c", program)
                execs = [event for event in events if (syscall(event)["parameters"].get("argv") or [None])[-1] == "x"]
                self.assertEqual([syscall(event)["result"] for event in execs], [0])
                self.assertNotEqual(execs[0]["process"]["thread"]["id"], execs[0]["process"]["pid"])
                self.trace(*by, "--summary", "execve", "--", sys.executable, "-c", program)
                self.assertRegex(self.written(), r"(?m)^ *2 +0 .* execve$")
        self.trace("execve", "clock_nanosleep", "--", sys.executable, "-c", program)
        caller = re.search(r'(?m)^\[(\d+)\] execve\("/bin/true", \["true", "x"\], .*?( <unfinished \.\.\.>|\) = 0 <.*>)$', self.written())
        self.assertTrue(caller, self.written())
        self.assertEqual(len(re.findall(r"execve resumed>.*\) = 0 <", self.written())), caller[2] == " <unfinished ...>")

    @unittest.skipUnless(shutil.which("strace"), "strace is not here")
    def test_strace_of_the_same_run_sees_the_same(self):
        """Each call of a command, in the order of its threads: name, result and strings. Both look at one run, so that nothing varies."""
        for name, prepare, command in self.commands():
            if not shutil.which(command[0]):
                continue
            with self.subTest(name):
                if prepare:
                    prepare()
                theirs, ours = self.both(command)
                self.assertTrue(theirs)
                for thread, calls in theirs.items():
                    self.compare(calls, ours.get(thread, []))

    def commands(self):
        """(name, what comes before it or None, words)"""
        tree = self.path("tree")
        os.makedirs(f"{tree}/sub")
        for number in range(40):
            with open(f"{tree}/sub/{number} \u00e4", "w", encoding="utf-8") as file:
                file.write(f"{number}\n" * 100)
        with open(self.path("main.c"), "w", encoding="ascii") as file:
            file.write("int main(void) { return 3; }\n")
        with open(self.path("lines"), "w", encoding="ascii") as file:
            file.write("".join(f"{number * 7919 % 200003}\n" for number in range(200000)))
        with open(self.path("script"), "w", encoding="ascii") as file:
            file.write('for i in 1 2 3; do echo "line $i"; done | sed s/line/x/ | sort -r >out\n(exit 3) || cat out | wc -l\n')
        subprocess.run(["git", "init", "-q", self.path("git")], check=False)
        with open(self.path("git/new"), "w", encoding="ascii") as file:
            file.write("new\n")
        copy = self.path("copy")

        def without_copy():
            shutil.rmtree(copy, ignore_errors=True)

        def with_copy():
            without_copy()
            shutil.copytree(tree, copy)

        return (("ls", None, ["ls", "-l", tree]), ("cat", None, ["cat", "/etc/passwd"]), ("id", None, ["id"]), ("uname", None, ["uname", "-a"]),
                ("dd", None, ["dd", "if=/dev/zero", "count=3", "status=none"]), ("env", None, ["env", "-i", "true"]),
                ("readlink", None, ["readlink", "/proc/self/exe"]), ("mkdir that fails", None, ["mkdir", "/proc/none"]),
                ("a file that is not there", None, ["ls", "/no/such/file"]),
                ("curl", None, ["curl", "-s", "-o", "/dev/null", self.server()]), ("sqlite3", None, self.sqlite(self.path("db"))),
                ("gcc", None, ["gcc", "-o", self.path("main"), self.path("main.c")]), ("a script", None, ["sh", "-c", f"cd {self.directory.name}; . ./script"]),
                ("tar", None, ["tar", "czf", self.path("tar.gz"), "-C", tree, "."]), ("git", None, ["git", "-C", self.path("git"), "status"]),
                ("python3", None, [sys.executable, "-c", "import os, socket; print(os.listdir('/'), socket.gethostname())"]),
                ("find", None, ["find", tree, "-name", "*1*"]), ("sort", None, ["sort", "--parallel=4", "-n", "-o", "/dev/null", self.path("lines")]),
                ("cp", without_copy, ["cp", "-a", tree, copy]), ("rm", with_copy, ["rm", "-r", copy]),
                ("ln", None, ["ln", "-s", "some where", self.path("link")]), ("xargs", None, ["sh", "-c", f"ls {tree}/sub | xargs -d '\\n' -P 4 -n 5 echo"]))

    def server(self):
        """A web server of this host; its address."""
        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}/"

    @staticmethod
    def sqlite(path):
        statements = "create table t (a, b); insert into t values (1, 'x'); select * from t"
        if shutil.which("sqlite3"):
            return ["sqlite3", path, statements]
        return [sys.executable, "-c", f"import sqlite3; sqlite3.connect({path!r}).executescript({statements!r})"]

    def run_with_both(self, command, strace=(), sextant=()):
        """A command with both, neither of which sees the other; its process. strace, sextant: their options."""
        command = subprocess.Popen(["sh", "-c", 'kill -STOP $$; exec "$@"', "sh", *command], stdin=subprocess.DEVNULL,  # pylint: disable=consider-using-with
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(command.kill)
        os.waitid(os.P_PID, command.pid, os.WSTOPPED)
        if os.path.exists(self.output):
            os.remove(self.output)
        tracers = [self.tracer("strace", "-f", "-s", "4096", "-e", "signal=none", *strace, "-o", self.path("strace"), "-p", str(command.pid)),
                   self.tracer(SEXTANT, "trace", *sextant, "--output", self.output, "--pid", str(command.pid))]
        command.send_signal(signal.SIGCONT)
        command.wait(HANGS)
        tracers[1].send_signal(signal.SIGTERM)
        said = [tracer.communicate(timeout=HANGS)[1] for tracer in tracers]
        self.assertNotIn("lost", said[1])
        return command.pid

    def both(self, command):
        """For strace and for 'sextant trace': {thread: its calls}."""
        pid = self.run_with_both(command, ("-xx", "-X", "raw"), ("--format", "json", "--bytes", "4096"))
        with open(self.path("strace"), encoding="ascii") as file:
            theirs = by_strace(file)
        ours = {}
        for event in lines(self.written()):
            ours.setdefault(event["process"]["thread"]["id"], []).append(syscall(event))
        for calls in (theirs[pid], ours[pid]):  # before it are the shell's
            del calls[:next(i for i, call in enumerate(calls) if is_exec(call))]
        return theirs, ours

    @unittest.skipUnless(shutil.which("strace"), "strace is not here")
    def test_strace_names_the_same_constants(self):
        """In the text of each call of some commands: what is left out has a reason in CONSTANTS_LEFT_OUT."""
        some = ("curl", "gcc", "a script", "tar", "git", "python3", "sort", "sqlite3")
        for name, _, command in (*self.commands(), ("calls", None, [CALLS, self.directory.name])):
            if not shutil.which(command[0]) or name not in (*some, "calls"):
                continue
            with self.subTest(name):
                self.run_with_both(command)
                with open(self.path("strace"), encoding="utf-8", errors="replace") as file:
                    theirs = constants_by_thread(file, r"(\d+) +(.*)")
                with open(self.output, encoding="utf-8", errors="replace") as file:
                    ours = constants_by_thread(file, r"\[(\d+)\] (.*)")
                missing_ = {(call[0], word) for thread, calls in theirs.items() for call, own in zip(calls, ours.get(thread, []))
                            if call[0] == own[0] for word in call[1] - own[1]}
                self.assertEqual(sorted(f"{name}: {word}" for name, word in missing_ if not any(
                    re.fullmatch(calls, name) and re.fullmatch(words, word) for calls, words, _ in CONSTANTS_LEFT_OUT)), [])

    def tracer(self, *words):
        """One that says when it begins."""
        tracer = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)  # pylint: disable=consider-using-with
        self.addCleanup(tracer.kill)
        self.assertRegex(tracer.stderr.readline(), "attached|tracing")
        return tracer

    def compare(self, theirs, ours):
        self.assertEqual([call["name"] for call in theirs], [call["name"] for call in ours])
        for their, our in zip(theirs, ours):
            self.assertTrue(is_result(their["result"], our), (their, our))
            own = [*strings_of(our["parameters"]), *addresses_of(our["parameters"])]
            left = [text for text in their["strings"] if text not in own]
            if left and not is_left_out(our):
                self.assertEqual(left, [], (their, our))


    # ---- names and numbers ----

    def test_directories_that_are_made_renamed_and_removed(self):
        """As text and as JSON, of calls that are chosen by their names."""
        program = ("cd \"$1\" && mkdir -m 0750 a && python3 -c 'import os; os.mkdir(\"b\", 0o701, dir_fd=os.open(\".\", os.O_RDONLY))' && "
                   "python3 -c 'import ctypes; ctypes.CDLL(None).syscall(316, -100, b\"a\", -100, b\"c\", 1)' && rmdir b && rmdir c && ! rmdir c")
        words = ["mkdir", "mkdirat", "rmdir", "renameat2", "--", "sh", "-c", program, "sh", self.directory.name]
        self.trace(*words)
        lines_ = [re.sub(r"^\[\d+\] | <[\d.]+>$", "", line) for line in self.written().splitlines()]
        made = [line for line in lines_ if line.startswith("mkdirat(")]
        self.assertEqual(len(made), 1)
        self.assertRegex(made[0], r'mkdirat\(\d+, "b", 0701\) = 0')
        self.assertEqual([line for line in lines_ if line not in made],
                         ['mkdir("a", 0750) = 0', 'renameat2(AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE) = 0', 'rmdir("b") = 0', 'rmdir("c") = 0',
                          'rmdir("c") = -1 ENOENT'])
        events = self.events(*words)
        self.assertEqual([syscall(event)["name"] for event in events], ["mkdir", "mkdirat", "renameat2", "rmdir", "rmdir", "rmdir"])
        self.assertEqual([event["process"]["name"] for event in events], ["mkdir", "python3", "python3", "rmdir", "rmdir", "rmdir"])
        self.assertEqual([event["event"]["outcome"] for event in events], ["success"] * 5 + ["failure"])
        self.assertEqual({event["user"]["id"] for event in events}, {"0"})
        for event in events:
            self.assertGreater(event["process"]["pid"], 1)
            self.assertEqual(event["event"]["action"], syscall(event)["name"])
            self.assertRegex(event["@timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$")
        self.assertEqual(syscall(events[2]), {"name": "renameat2", "number": 316, "abi": "x86_64", "result": 0, "parameters":
                                              {"olddfd": -100, "oldname": "a", "newdfd": -100, "newname": "c", "flags": "RENAME_NOREPLACE"}})
        self.assertEqual(syscall(events[5]), {"name": "rmdir", "number": 84, "abi": "x86_64", "result": -2, "error": "ENOENT",
                                              "parameters": {"pathname": "c"}})

    def test_each_number_of_the_headers_has_its_name(self):
        with open(os.path.join(ROOT, "loader/trace/call_table.h"), encoding="ascii") as file:
            table = [(int(number), int(number_32), name) for number, number_32, name in
                     re.findall(r'CALL\((-?\d+), (-?\d+), "(\w+)"', file.read())]
        for at, header in enumerate(("unistd_64.h", "unistd_32.h")):
            path = next((path for path in (f"/usr/include/x86_64-linux-gnu/asm/{header}", f"/usr/include/asm/{header}") if os.path.exists(path)), None)
            if not path:
                self.skipTest(f"{header} is not here")
            with open(path, encoding="ascii") as file:
                numbers = {int(number): name for name, number in re.findall(r"#define __NR_(\w+) (\d+)", file.read())}
            self.assertGreater(len(numbers), 300)
            own = {row[at]: row[2] for row in table}
            self.assertEqual({number: (name, own.get(number)) for number, name in numbers.items() if own.get(number) != name}, {})

    def test_numbers_without_a_name(self):
        program = "import ctypes; call = ctypes.CDLL(None).syscall; [call(number, *map(ctypes.c_long, range(1, 7))) for number in (500, 9999)]"
        events = self.events("--", sys.executable, "-c", program)
        unknown = [syscall(event) for event in events if syscall(event)["name"] is None]
        self.assertEqual([(call["number"], call["arguments"], call["error"]) for call in unknown],
                         [(number, ["0x1", "0x2", "0x3", "0x4", "0x5", "0x6"], "ENOSYS") for number in (500, 9999)])
        self.trace("--", sys.executable, "-c", program)
        for number in (500, 9999):
            self.assertIn(f"syscall_{number:#x}(0x1, 0x2, 0x3, 0x4, 0x5, 0x6) = -1 ENOSYS", self.written())


def by_strace(file):
    found, begun = {}, {}
    for line in file:
        tid, rest = line.split(maxsplit=1)
        if rest.endswith("<unfinished ...>\n"):
            begun[tid] = rest[:-len("<unfinished ...>\n")]
            continue
        again = re.match(r"<\.\.\. \w+ resumed>(.*)", rest)
        call = re.match(r"(\w+)\((.*)\)\s+= (\S+)(?: (\w+))?", begun.pop(tid) + again[1] if again else rest)
        if call:
            strings = [bytes.fromhex(text.replace("\\x", "")) for text in re.findall(r'"((?:\\x..)*)"', call[2])]
            found.setdefault(int(tid), []).append({"name": call[1], "strings": strings,
                                                   "result": call[4] if call[3] in ("?", "-1") and call[4] else call[3]})
    return found


def is_exec(call):
    return call["name"] == "execve" and call.get("result") in (0, "0")


def is_result(theirs, call):
    """theirs: a number, "?" if there is none, or the name of an error."""
    if theirs == "?":
        return "result" not in call
    if not theirs[0].isdigit() and theirs[0] != "-":
        return call.get("error") == theirs
    return int(theirs, 8 if re.match("0[0-7]", theirs) else 0) == int(str(call["result"]), 0)  # of umask in octal


def constants_by_thread(file, pattern):
    """{thread: (name of the call, names of constants in its line) for each, from the last execve of the first thread on}."""
    found, begun = {}, {}
    for line in file:
        match = re.match(pattern, line)
        if not match:
            continue
        thread, rest = match[1], match[2]
        if rest.endswith("<unfinished ...>"):
            begun[thread] = rest
            continue
        again = re.match(r"<\.\.\. \w+ resumed>(.*)", rest)
        rest = begun.pop(thread, "") + again[1] if again else rest
        call = re.match(r"(\w+)\(", rest)
        if not call:
            continue
        if call[1] == "execve" and re.search(r"\) += 0", rest):
            found[thread] = []
        if thread in found or found:
            words = re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|\bSIG[A-Z0-9]+\b", re.sub(r'"(\\.|[^"\\])*"', "", rest))
            found.setdefault(thread, []).append((call[1], set(words)))
    return found


# Calls, constants that strace prints and 'sextant trace' does not, and the reason.
CONSTANTS_LEFT_OUT = (
    (".*", "S_I.*", "modes are printed as numbers, in octal"),
    (".*", "SA_RESTART", "strace explains ERESTARTSYS with it"),
    ("prlimit64|getrlimit", "RLIM64_INFINITY", "limits are printed as numbers"),
    ("f?statfs", ".*_MAGIC|ST_.*", "types and flags of file systems are printed as numbers"),
    ("fcntl", "F_..LCK|SEEK_.*", "the argument of a lock is printed as an address"),
    ("fcntl", "O_.*|FD_.*", "the result is printed as a number"),
    ("rt_sig.*", "RT_.*", "masks of signals are printed as numbers"),
    ("statx", "AT_STATX_SYNC_AS_STAT", "it is 0"),
    ("socket", "IPPROTO_.*", "the protocol is printed as a number"),
    ("futex", "FUTEX_BITSET_MATCH_ANY", "the last parameter is printed as a number"),
    ("timer_create", "SIG.*", "struct sigevent is printed as an address"),
)


def addresses_of(parameters):
    """Ports and addresses of the internet as strace writes them raw: their bytes."""
    for value in parameters.values():
        if isinstance(value, dict) and "ip" in value:
            yield value["port"].to_bytes(2, "big")
            yield socket.inet_pton(socket.AF_INET6 if ":" in value["ip"] else socket.AF_INET, value["ip"])


def is_left_out(call):
    """Strings that strace prints, and 'sextant trace' does not: of argv it has 16, of a vector 8 parts, and says so."""
    return bool(call.get("truncated"))

if __name__ == "__main__":
    unittest.main()
