# SPDX-License-Identifier: BSD-2-Clause
"""Which calls 'sextant trace' reports: by name of the thread, result, parameters, cgroup, and how many."""
import os
import random
import re
import signal
import subprocess
import sys
import time
import unittest

from calls import lines, syscall
from cgroup_tree import CgroupTree
from patience import HANGS, until
from sensor import SEXTANT
from tracer import BY, Tracer

# Calls by addresses, of strings in pages that are not there until the kernel looks at them.
ABSENT = """
import ctypes, mmap, os, sys
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
def absent(text):
    fd = os.open(sys.argv[1] + "/page", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    os.write(fd, text + bytes(4096))
    os.unlink(sys.argv[1] + "/page")
    return ctypes.c_void_p(libc.mmap(None, 4096, mmap.PROT_READ, mmap.MAP_PRIVATE, fd, 0))
"""


class Choice(Tracer, unittest.TestCase):
    def python(self, *options, program):
        """Events of the calls that this program makes; its argument is the test's directory."""
        return self.events(*options, "--", sys.executable, "-c", program, self.directory.name)

    # ---- the thread's name ----

    def test_the_name_is_that_of_the_time_of_the_call(self):
        program = ("import ctypes, os, sys\nfor name in (b'first', b'fifteen-letters', b'other'):\n"
                   "    ctypes.CDLL(None).prctl(15, name)\n    try: os.rmdir(sys.argv[1] + '/' + name.decode())\n    except OSError: pass")
        for by in BY:
            with self.subTest(" ".join(by)):
                events = self.python(*by, "--comm", "first", "--comm", "fifteen-letters", "rmdir", program=program)
                self.assertEqual([syscall(e)["parameters"]["pathname"] for e in events], [self.path("first"), self.path("fifteen-letters")])
                self.assertEqual([e["process"]["name"] for e in events], ["first", "fifteen-letters"])

    # ---- results ----

    def test_errors_by_name_and_number(self):
        program = ("import os, sys\nopen(sys.argv[1] + '/file', 'w').close()\nos.makedirs(sys.argv[1] + '/full/x', exist_ok=True)\n"
                   "os.mkdir(sys.argv[1] + '/empty')\n"
                   "for name in ('none', 'file', 'full', 'empty'):\n    try: os.rmdir(sys.argv[1] + '/' + name)\n    except OSError: pass")
        for by in BY:
            with self.subTest(" ".join(by)):
                for options, errors in ((["--error", "ENOENT"], ["ENOENT"]), (["--error", "20"], ["ENOTDIR"]),
                                        (["--error", "ENOTEMPTY", "--error", "2"], ["ENOENT", "ENOTEMPTY"]),
                                        (["--failed"], ["ENOENT", "ENOTDIR", "ENOTEMPTY"])):
                    events = self.python(*by, *options, "rmdir", program=program)
                    self.assertEqual([syscall(e)["error"] for e in events], errors)

    def test_results_in_a_range(self):
        program = ("import ctypes, os, sys\nfd = os.open(sys.argv[1] + '/file', os.O_RDWR | os.O_CREAT)\nctypes.CDLL(None).prctl(15, b'ranged')\n"
                   "for at in (1, 0x11, 0x12, 0x7000000000): os.lseek(fd, at, 0)\ntry: os.lseek(fd, -1, 0)\nexcept OSError: pass")
        for by in BY:
            with self.subTest(" ".join(by)):
                for words, results in (("0x11..0x11", [0x11]), ("17..18", [0x11, 0x12]), ("0x12..", [0x12, 0x7000000000]),
                                       ("-1..17", [1, 0x11]), ("..-1", [-22]), ("-0x16..-22", [-22]), ("2..16", [])):
                    events = self.python(*by, "--result", words, "--comm", "ranged", "lseek", program=program)
                    self.assertEqual([syscall(e)["result"] for e in events], results, words)

    # ---- parameters ----

    def test_values_of_parameters(self):
        """All conditions have to hold."""
        long = "/" + 126 * "x"
        program = ("import os, sys\n"
                   f"for path, flags in (('/no/such', 0), ('/no/such', 2), ('/no/suchlike', 2), ('', 2), ({long!r}, 2), ({long + 'x'!r}, 2), ({long + 'xy'!r}, 2)):\n"
                   "    try: os.open(path, flags | os.O_NOFOLLOW)\n    except OSError: pass")
        read, write = 0o400000 | 0o2000000, 0o400000 | 0o2000000 | 2
        for by in BY:
            with self.subTest(" ".join(by)):
                for wheres, seen in ((["filename=/no/such"], [("/no/such", read), ("/no/such", write)]),
                                     (["filename=/no/such", f"flags={write}"], [("/no/such", write)]),
                                     (["filename=/no/such", f"flags={write:#x}", "dfd=-100"], [("/no/such", write)]),
                                     (["filename=/no/such", f"flags=0{write:o}", "dfd=0xffffff9c", "mode=0x0"], [("/no/such", write)]),
                                     (["filename=/no/such", "dfd=-101"], []),
                                     (["filename^=/no/such", f"flags={write}"], [("/no/such", write), ("/no/suchlike", write)]),
                                     (["filename="], [("", write)]),
                                     ([f"filename={long}"], [(long, write)]),
                                     ([f"filename={long}x"], [(long + "x", write)]),
                                     ([f"filename^={long}x"], [(long + "x", write), (long + "xy", write)])):
                    options = [word for where in wheres for word in ("--where", where)]
                    events = self.python(*by, *options, "openat", program=program)
                    self.assertEqual([(syscall(e)["parameters"]["filename"]) for e in events], [path for path, _ in seen], wheres)
                    if seen:
                        self.assertEqual("O_RDWR" in syscall(events[0])["parameters"]["flags"], seen[0][1] == write)

    def test_calls_that_have_the_parameter(self):
        for by in BY:
            with self.subTest(" ".join(by)):
                events = self.events(*by, "--where", "filename^=/etc/hostname", "--", "/bin/cat", "/etc/hostname")
                self.assertEqual([syscall(e)["name"] for e in events], ["openat"])
                events = self.events(*by, "--where", "fd=1", "write", "close", "--", "/bin/echo", "x")
                self.assertEqual([(syscall(e)["name"], syscall(e)["parameters"]["fd"]) for e in events], [("write", 1), ("close", 1)])

    def test_a_string_that_is_not_there_until_the_call_returns(self):
        program = ABSENT + "for text in (b'/no/such', b'/other'): libc.open(absent(text), 0)"
        for by in BY:
            with self.subTest(" ".join(by)):
                for options in ([], ["--failed"]):
                    events = self.python(*by, *options, "--where", "filename=/no/such", program=program)
                    self.assertEqual([(syscall(e)["parameters"]["filename"], syscall(e)["error"]) for e in events], [("/no/such", "ENOENT")])
                self.trace(*by, "--where", "filename=/no/such", "--", sys.executable, "-c", program, self.directory.name)
                self.assertRegex(self.written(), r'^\[\d+\] open(at)?\(.*"/no/such", O_RDONLY\) = -1 ENOENT <[\d.]+>\n$')

    def test_an_address_that_is_never_there_has_no_value(self):
        program = ABSENT + "libc.open(ctypes.c_void_p(16), 0)\nlibc.open(None, 0)\nlibc.open(b'/no/such', 0)"
        for by in BY:
            with self.subTest(" ".join(by)):
                events = self.python(*by, "--where", "filename^=", "--error", "EFAULT", program=program)
                self.assertEqual(events, [])
                events = self.python(*by, "--where", "filename^=/no", "--failed", program=program)
                self.assertEqual([syscall(e)["parameters"]["filename"] for e in events], ["/no/such"])

    def test_an_exec_whose_string_was_not_there(self):
        """It is decided when it returns, also if it has succeeded, and the memory is gone."""
        program = ABSENT + ("argv = (ctypes.c_char_p * 2)(b'ran', None)\n"
                            "for text in (b'/no/such', b'/no/other', b'/bin/true'): libc.execve(absent(text), argv, None)")
        failed, succeeded = ("/no/such", ["ran"], -2), ("/bin/true", ["ran"], 0)
        for by in BY:
            with self.subTest(" ".join(by)):
                for options, seen in ((["--where", "filename=/no/such"], [failed]), (["--where", "filename^=/bin/tru"], [succeeded]),
                                      (["--where", "filename=/bin/true", "--result", "0.."], [succeeded]), (["--result", "-2.."], [failed, succeeded])):
                    calls = [syscall(e) for e in self.python(*by, *options, "execve", program=program)]
                    calls = [(call["parameters"]["filename"], call["parameters"]["argv"], call["result"]) for call in calls]
                    self.assertEqual([call for call in calls if call[1] == ["ran"] and call[0] != "/no/other"], seen, options)

    def test_an_exec_by_a_thread_whose_strings_were_not_there(self):
        """The thread takes the id of the first one; nothing of its exec can be hidden so."""
        program = ABSENT + ("import threading\n"
                            "argv = (ctypes.c_void_p * 2)(absent(b'ran').value, None)\n"
                            "thread = threading.Thread(target=lambda: libc.execve(absent(b'/bin/true'), argv, None))\n"
                            "thread.start(); thread.join()")
        for by in BY:
            with self.subTest(" ".join(by)):
                calls = [syscall(e) for e in self.python(*by, "execve", program=program) if e["process"]["thread"]["id"] != e["process"]["pid"]]
                self.assertEqual([(call["parameters"]["filename"], call["parameters"]["argv"], call["result"]) for call in calls],
                                 [("/bin/true", ["ran"], 0)])

    # ---- cgroups ----

    def cgroups(self, is_v2=False):
        tree = CgroupTree(is_v2).__enter__()
        self.addCleanup(tree.__exit__)
        return tree

    def in_group(self, tree, path, script):
        """A shell in the cgroup, which runs the script when it gets a line."""
        tree.make(path)
        shell = subprocess.Popen(tree.command(path, "/bin/sh", "-c", f"echo in; read line; {script}"), stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(shell.communicate)
        self.addCleanup(shell.kill)
        self.assertEqual(shell.stdout.readline(), "in\n")
        return shell

    def start(self, *words):
        if os.path.exists(self.output):
            os.remove(self.output)
        tracer = subprocess.Popen([SEXTANT, "trace", "--format", "json", "--output", self.output, *words], stderr=subprocess.PIPE, text=True)
        self.addCleanup(tracer.communicate)
        self.addCleanup(tracer.kill)
        self.assertIn("tracing", tracer.stderr.readline())
        return tracer

    def stop(self, tracer):
        time.sleep(0.1)
        tracer.send_signal(signal.SIGINT)
        said = tracer.communicate(timeout=HANGS)[1]
        self.assertEqual((tracer.returncode, said), (0, ""))
        return lines(self.written())

    def removed(self, tracer_words, tree, path, below):
        """Directories that processes of the cgroup, of one below it and of their children try to remove; not of one beside it."""
        shells = [self.in_group(tree, group, f"rmdir /no/{name} 2>/dev/null; exit 0") for group, name in
                  ((path, "first"), (path + below, "below"), (path + "x", "beside"), (os.path.dirname(path) or "/other", "above"))]
        tracer = self.start(*tracer_words, "rmdir")
        for shell in shells:
            shell.communicate("x\n", timeout=HANGS)
        return {syscall(event)["parameters"]["pathname"] for event in self.stop(tracer)}

    def test_processes_of_a_cgroup_and_those_below_it(self):
        for by in BY:
            with self.subTest(" ".join(by)):
                tree, path = self.cgroups(), f"/sextant-{random.randrange(1 << 32):x}"
                for name in (path, path[1:], tree.point + path):
                    self.assertEqual(self.removed([*by, "--cgroup", name], tree, path, "/a/b"), {"/no/first", "/no/below"}, name)

    def test_a_cgroup_of_version_2(self):
        tree, path = self.cgroups(is_v2=True), f"/sextant-{random.randrange(1 << 32):x}"
        self.assertEqual(self.removed(["--cgroup", tree.point + path], tree, path, "/a"), {"/no/first", "/no/below"})

    def test_units_and_containers(self):
        tree, id_, unit = self.cgroups(), f"{random.randrange(1 << 256):064x}", f"sextant-{random.randrange(1 << 32):x}"
        slice_ = f"{unit}.slice"
        for words, path, below in ((["--container", id_], f"/docker/{id_}", "/init"), (["--container", id_[:12]], f"/{slice_}/docker-{id_}.scope", "/x"),
                                   (["--unit", unit], f"/{slice_}/{unit}.service", "/x"), (["--unit", f"{unit}.service"], f"/{unit}.service", "/x"),
                                   (["--unit", f"{unit}.scope"], f"/{slice_}/{unit}.scope", "/x"), (["--unit", slice_], f"/{slice_}", f"/{unit}.service")):
            with self.subTest(words):
                self.assertEqual(self.removed(words, tree, path, below), {"/no/first", "/no/below"})

    def test_a_unit_that_another_one_has_made_is_none(self):
        """What is below a unit may be made by anybody."""
        tree, unit = self.cgroups(), f"sextant-{random.randrange(1 << 32):x}"
        tree.make(f"/user.slice/other-{unit}.service/{unit}.service")
        self.assertIn(unit, self.trace("--duration", "1", "--unit", unit, code=1))

    def test_a_process_that_joins_later(self):
        for by in BY:
            with self.subTest(" ".join(by)):
                tree, path = self.cgroups(), f"/sextant-{random.randrange(1 << 32):x}"
                tree.make(path)
                tracer = self.start(*by, "--cgroup", path, "rmdir")
                joined = subprocess.Popen(tree.command(path, "/bin/sh", "-c", "until [ -d $0 ]; do rmdir /no/joined; sleep 0.01; done", self.path("end")),
                                          stderr=subprocess.DEVNULL)
                self.addCleanup(joined.wait)
                self.addCleanup(joined.kill)
                self.assertTrue(until(lambda: "/no/joined" in self.written()))
                os.mkdir(self.path("end"))
                joined.wait(timeout=HANGS)
                os.rmdir(self.path("end"))
                self.assertEqual({syscall(e)["parameters"]["pathname"] for e in self.stop(tracer)}, {"/no/joined"})

    def test_a_cgroup_that_is_made_again(self):
        """As a unit's is when it starts again."""
        tree, path = self.cgroups(), f"/sextant-{random.randrange(1 << 32):x}"
        tree.make(path)
        tracer = self.start("--cgroup", path, "rmdir")
        os.rmdir(tree.point + path)
        os.mkdir(tree.point + path)
        shell = self.in_group(tree, path, "until [ -d $0 ]; do rmdir /no/again 2>/dev/null; sleep 0.01; done".replace("$0", self.path("end")))
        shell.stdin.write("x\n")
        shell.stdin.flush()
        self.assertTrue(until(lambda: "/no/again" in self.written()))
        os.mkdir(self.path("end"))
        shell.communicate(timeout=HANGS)
        self.stop(tracer)

    # ---- counts ----

    def test_the_summary_counts_what_is_chosen(self):
        command = ["--", sys.executable, "-c", "import os\nfor fd in (1, 2, 1): os.write(fd, b'x')"]
        for by in BY:
            with self.subTest(" ".join(by)):
                self.trace(*by, "--summary", "--where", "fd=1", "write", *command)
                self.assertRegex(self.written(), r"(?m)^ *2 +0 .* write$")
                self.trace(*by, "--summary", "--failed", "--", "/bin/cat", self.path("none"), code=1)
                self.assertRegex(self.written(), r"(?m)^ *(\d+) +\1 .* openat$")
                self.assertNotRegex(self.written(), r"(?m) read$")

    def test_no_more_than_so_many_a_second(self):
        """What is left out is counted; of a call both halves are there or none."""
        count, rate = 20000, 50
        command = ["write", "--", "/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=1", f"count={count}", "status=none"]
        for by in BY:
            with self.subTest(" ".join(by)):
                for options in ([], ["--result", "1.."]):
                    begun = time.monotonic()
                    said = self.trace(*by, *options, "--rate", str(rate), *command)
                    seconds = time.monotonic() - begun + 1
                    left_out = sum(int(n) for n in re.findall(r"(\d+) calls left out", said))
                    whole = re.findall(r'(?m)^\[\d+\] write\(1, "\\0", 1\) = 1 <[\d.]+>$', self.written())
                    self.assertEqual(len(whole), self.written().count("\n"))
                    self.assertEqual(len(whole) + left_out, count, said)
                    self.assertTrue(rate <= len(whole) <= seconds * rate, len(whole))
                    self.assertNotIn("lost", said)

    def test_threads_that_are_limited_have_whole_calls(self):
        program = ("import os, threading\ndef work():\n    for i in range(3000): os.getpriority(0, 0)\n"
                   "threads = [threading.Thread(target=work) for _ in range(4)]\nfor t in threads: t.start()\nfor t in threads: t.join()")
        for by in BY:
            with self.subTest(" ".join(by)):
                said = self.trace(*by, "--format", "json", "--rate", "100", "getpriority", "--", sys.executable, "-c", program)
                events = lines(self.written())
                left_out = sum(int(n) for n in re.findall(r"(\d+) calls left out", said))
                self.assertEqual(len(events) + left_out, 12000)
                self.assertTrue(events and left_out)
                self.assertTrue(all("result" in syscall(e) and "duration" in e["event"] for e in events))

    # ---- the command line ----

    def test_what_is_wrong_is_named(self):
        for words, cause in ((["--comm", ""], "--comm"), (["--comm", "16-letters-in-it"], "--comm"), (["--error", "ENOSUCH"], "ENOSUCH"),
                             (["--error", "0"], "--error"), (["--error", "4096"], "--error"), (["--result", "5"], "LOW..HIGH: 5"),
                             (["--result", ".."], "--result"), (["--result", "2..1"], "2..1"), (["--failed", "--result", "0.."], "0.."),
                             (["--result", "1..x"], "1..x"), (["--result", "9223372036854775808.."], "--result"),
                             (["--cgroup", ""], "cgroup"), (["--container", "0123456789a"], "--container"), (["--container", "0123456789xyz"], "digits"),
                             (17 * ["--unit", "x"], "too many cgroups"), (["--where", "fd"], "--where"), (["--where", "=1"], "--where"), (["--where", "^=1"], "--where"),
                             (["--where", "nosuch=1"], "nosuch"), (["--where", "filename=x", "close"], "filename"),
                             (["--where", "fd^=1"], "fd"), (["--where", "fd=x"], "fd"), (["--where", "fd=1x"], "fd"),
                             (["--where", "filename=x", "--where", "addrlen=3"], "all"),
                             (["--where", "filename=" + 129 * "x"], "128"), (["--rate", "0"], "--rate"), (["--rate", "x"], "--rate"),
                             (5 * ["--where", "fd=1"], "too many"), (9 * ["--error", "1"], "too many"), (17 * ["--comm", "a"], "too many")):
            with self.subTest(words):
                said = self.trace(*words, code=2)
                self.assertEqual(said.count("\n"), 1, said)
                self.assertIn(cause, said)

    def test_a_cgroup_that_is_not_there(self):
        for words in (["--cgroup", "/no/such"], ["--unit", "no-such.service"], ["--container", 16 * "0"], ["--cgroup", "/etc"]):
            with self.subTest(words):
                said = self.trace("--duration", "1", *words, code=1)
                self.assertRegex(said, rf"^sextant: there is no cgroup .*{words[1]}.*\n$")
