# SPDX-License-Identifier: BSD-2-Clause
"""'sextant trace --decode-fds': what a descriptor is said to be, against what the process itself finds in /proc."""
import json
import os
import re
import subprocess
import sys
import unittest

from calls import syscall
from patience import HANGS
from sensor import SEXTANT
from tracer import BY, Tracer
from wrong_offsets import wrong_database

# Opens what there is, and says of each descriptor what /proc says; then uses each of them once: lseek with an offset that
# names it.
PROGRAM = """
import ctypes, json, os, select, socket, sys
os.chdir(sys.argv[1])
deep = "/".join("d%d" % number for number in range(40))
os.makedirs(deep)
polled = select.epoll()
numbers = [os.open("file", os.O_CREAT | os.O_RDWR), os.open("<b\\n>", os.O_CREAT | os.O_WRONLY), os.open(deep, os.O_RDONLY),
           os.open("/dev/null", os.O_RDWR), os.open("/proc/self", os.O_RDONLY), os.memfd_create("some"), *os.pipe(), polled.fileno()]
listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
served = listener.accept()[0]
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
six.bind(("::1", 0))
pair = socket.socketpair()
sockets = {}
for s, name, is_connected in ((listener, "TCP", 0), (client, "TCP", 1), (served, "TCP", 1), (six, "UDP", 0), (pair[0], "UNIX", 0)):
    sockets[s.fileno()] = [name, s.getsockname() if name != "UNIX" else None, s.getpeername() if is_connected else None]
for number in (*numbers, *sockets):
    ctypes.CDLL(None).lseek(number, ctypes.c_long(70000 + number), 0)
print(json.dumps({"paths": {number: os.readlink("/proc/self/fd/%d" % number) for number in (*numbers, *sockets)}, "sockets": sockets}))
"""


class TraceFiles(Tracer, unittest.TestCase):
    def program(self, *words):
        """What the program says, and the calls of the trace."""
        directory = self.path("files")
        os.makedirs(directory)
        with open(self.path("said"), "w+", encoding="utf-8") as said:
            events = self.events("--decode-fds", *words, "--", sys.executable, "-c", PROGRAM, directory, stdout=said)
            said.seek(0)
            return directory, json.load(said), [syscall(event) for event in events]

    def test_each_descriptor_is_what_the_process_has(self):
        for by in BY:
            with self.subTest(" ".join(by)):
                _, said, calls = self.program(*by, "lseek")
                seen = {str(call["parameters"]["fd"]): call["files"]["fd"] for call in calls
                        if call["parameters"]["offset"] == 70000 + call["parameters"]["fd"]}
                wanted = {number: path.removesuffix(" (deleted)") for number, path in said["paths"].items()}
                self.assertEqual({number: file["path"] for number, file in seen.items()}, wanted)
                for number, (protocol, local, remote) in said["sockets"].items():
                    file = seen[number]
                    self.assertEqual((file["type"], file["protocol"]), ("socket", protocol))
                    for end, address in (("local", local), ("remote", remote)):
                        self.assertEqual(file.get(end), address and {"ip": address[0], "port": address[1]}, (number, end))
                self.assertEqual({seen[number]["type"] for number, path in wanted.items() if path.startswith("pipe:")}, {"fifo"})
            subprocess.run(["rm", "-r", self.path("files")], check=True)

    def test_what_a_call_has_changed_is_not_taken_for_what_it_was_given(self):
        """With --result all is read when the call returns: then the directory is the new one, and so is the file of dup2."""
        program = ("import os, sys; os.chdir(sys.argv[1]); one = os.open('/etc/passwd', 0); two = os.open('/etc', 0); os.chdir('inner');"
                   "os.dup2(one, two); os.close(one)")
        os.mkdir(self.path("inner"))
        for by in BY:
            with self.subTest(" ".join(by)):
                calls = {}
                for choice in ((), ("--result", "0..")):
                    events = self.events(*by, *choice, "--decode-fds", "chdir", "dup2", "dup3", "close", "--", sys.executable, "-c", program,
                                         self.directory.name)
                    chdir, dup, close = [syscall(event) for event in events][-3:]
                    calls[choice] = [chdir.get("paths"), dup["files"]["oldfd"]["path"], dup["files"].get("newfd"), close.get("files")]
                self.assertEqual(calls[()][:2], [{"filename": self.path("inner")}, "/etc/passwd"])
                self.assertEqual((calls[()][2]["path"], calls[()][3]["fd"]["path"]), ("/etc", "/etc/passwd"))
                self.assertEqual(calls[("--result", "0..")], [None, "/etc/passwd", None, None])

    def test_what_does_not_begin_in_a_directory_is_not_joined_with_one(self):
        """The descriptor of inotify is no directory, the target of a symbolic link and the source of a mount are no paths from here on."""
        program = ("import ctypes, os, sys; os.chdir(sys.argv[1]); call = ctypes.CDLL(None); call.inotify_add_watch(call.inotify_init(), b'in', 1);"
                   "call.symlink(b'target', b'none/link'); call.symlinkat(b'target', -100, b'none/link'); call.mount(b'source', b'none', b'tmpfs', 0, None)")
        calls = {call["name"]: call.get("paths") for call in map(syscall, self.events(
            "--decode-fds", "inotify_add_watch", "symlink", "symlinkat", "mount", "--", sys.executable, "-c", program, self.directory.name))}
        self.assertEqual(calls, {"inotify_add_watch": {"pathname": self.path("in")}, "symlink": {"newname": self.path("none/link")},
                                 "symlinkat": {"newname": self.path("none/link")}, "mount": {"dir_name": self.path("none")}})

    def test_results_and_paths_from_a_directory_on(self):
        """openat(): the result is a file, and a path begins in the working directory, or in that of a descriptor."""
        program = ("import os, sys; os.chdir(sys.argv[1]); d = os.open('inner', os.O_RDONLY); os.open('x', os.O_RDONLY | os.O_CREAT, dir_fd=d);"
                   "os.mkdir('inner/y'); os.stat('/etc/passwd'); os.open('none', os.O_RDONLY)")
        inner = self.path("inner")
        os.mkdir(inner)
        for by in BY:
            with self.subTest(" ".join(by)):
                events = self.events(*by, "--decode-fds", "openat", "mkdir", "--", sys.executable, "-c", program, self.directory.name, code=1)
                calls = {call["parameters"].get("filename") or call["parameters"].get("pathname"): call for call in map(syscall, events)}
                self.assertEqual(calls["inner"]["files"]["result"]["path"], inner)
                self.assertEqual(calls["inner"]["files"]["dfd"]["path"], self.directory.name)
                self.assertEqual(calls["inner"]["paths"], {"filename": inner})
                self.assertEqual(calls["x"]["files"]["dfd"], {"path": inner, "type": "dir"})
                self.assertEqual(calls["x"]["files"]["result"], {"path": f"{inner}/x", "type": "file"})
                self.assertEqual(calls["x"]["paths"], {"filename": f"{inner}/x"})
                self.assertEqual(calls["inner/y"]["paths"], {"pathname": f"{inner}/y"})
                self.assertEqual(calls["inner/y"]["files"], {"working_directory": {"path": self.directory.name}})
                self.assertNotIn("result", calls["none"]["files"])
                self.assertFalse([path for path, call in calls.items() if path.startswith("/") and "paths" in call])
                os.remove(f"{inner}/x")
                os.rmdir(f"{inner}/y")

    def test_text_has_it_behind_the_descriptor(self):
        """As strace -yy has it; what is not open is a number alone."""
        for by in BY:
            with self.subTest(" ".join(by)):
                self.trace(*by, "--decode-fds", "openat", "close", "--", sys.executable, "-c",
                           f"import os; os.chdir({self.directory.name!r}); os.close(os.open('<é>', os.O_CREAT | os.O_WRONLY)); os.close(999)", code=1)
                directory, name = re.escape(self.directory.name), r"\\74\\303\\251\\76"
                self.assertRegex(self.written(), rf'\] openat\(AT_FDCWD<{directory}>, "<\\303\\251>", O_WRONLY\|O_CREAT\|O_CLOEXEC, 0777\) = \d+<{directory}/{name}> ')
                self.assertRegex(self.written(), rf"\] close\(\d+<{directory}/{name}>\) = 0 ")
                self.assertRegex(self.written(), r"\] close\(999\) = -1 EBADF ")

    def test_offsets_of_another_kernel_are_refused(self):
        """Of each step from the descriptor to its path, or to the addresses of a socket; nothing is printed by wrong ones."""
        for member, said in (("fdt", "a descriptor's file is not found"), ("f_path", "the path of /proc/self/fd/"), ("d_parent", "the path of "),
                             ("pwd", "the path of /proc/self/cwd is said to be "), ("__sk_common.skc_rcv_saddr", "the address of a socket at port ")):
            with self.subTest(member):
                db = wrong_database(self.directory.name, member)
                words = self.trace("--decode-fds", "--db", db, "--kernel-override", "wrong", "--", "/bin/true", code=4)
                self.assertRegex(words, rf"^sextant: the offsets are not this kernel's: {said}.*; nothing is traced: correct --kernel-override or --db\n$")
                self.assertFalse(os.path.exists(self.output) and self.written())
                os.remove(db)
        words = self.trace("--decode-fds", "--db", wrong_database(self.directory.name, "f_path", None), "--kernel-override", "wrong", "--", "/bin/true", code=3)
        self.assertRegex(words, r"^sextant: the kernel entry lacks file\.f_path, which --decode-fds needs; name a database with a fuller one by --db\n$")

    def test_without_offsets_it_says_so(self):
        said = self.trace("--decode-fds", "--kernel-override", "1.2.3-none", "--db", os.path.join(os.path.dirname(SEXTANT), "..", "kernels.db"), "--",
                          "/bin/true", code=3)
        self.assertIn("1.2.3-none", said)
        done = subprocess.run([SEXTANT, "trace", *["--db", "x"] * 9], capture_output=True, text=True, check=False, timeout=HANGS)
        self.assertEqual((done.returncode, done.stderr), (2, "sextant: trace: --db: too many databases; see 'sextant trace --help'\n"))
