#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Inputs that want more than to be read: disk, programs, time; and what a process that reads them has.

usage: tests/cli/sandbox.py LKCCB
"""
import bz2
import ctypes
import hashlib
import http.server
import itertools
import lzma
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from debug import Workspace, ar, blocks, deb, kernel, tar  # noqa: E402
from patience import HANGS, until  # noqa: E402

LKCCB = os.path.abspath(sys.argv[1])
RELEASE = "9.8.7-test"
CONTROL = tar([("./control", b"Package: x\nVersion: 1\n")], "gz")
# By these first bytes libarchive knows formats that it leaves to programs.
PROGRAMS = {"lrzip": b"LRZI\0\6" + bytes(100), "lzop": b"\x89LZO\0\r\n\x1a\n\x10\x30\x20\x80" + bytes(100),
            "grzip": b"GRZipII\0\2\4:)" + bytes(100)}


def old_kernel():
    """System calls that Linux 3.10 does not have are refused, and seccomp as if it were not built in."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(0x7fff0000))  # allow
    for name, error in (("close_range", 38), ("landlock_create_ruleset", 38), ("clone3", 38), ("getrandom", 38),
                        ("memfd_create", 38), ("seccomp", 38)):
        library.seccomp_rule_add(context, 0x50000 | error, library.seccomp_syscall_resolve_name(name.encode()), 0)
    compare = (ctypes.c_uint64 * 3)(0 | 4 << 32, 22, 0)  # argument 0 equals PR_SET_SECCOMP
    library.seccomp_rule_add_array(context, 0x50000 | 22, library.seccomp_syscall_resolve_name(b"prctl"), 1, compare)
    if library.seccomp_load(context):
        os._exit(99)


def package(data):
    return ar([("debian-binary", b"2.0\n"), ("control.tar.gz", CONTROL), ("data.tar", data)])


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def unlinked(pid):
    """The sizes of the files that it has open and nobody else sees."""
    try:
        paths = [f"/proc/{pid}/fd/{name}" for name in os.listdir(f"/proc/{pid}/fd")]
        return [os.stat(path).st_size for path in paths if os.readlink(path).endswith("(deleted)")]
    except OSError:
        return []


class Case(Workspace):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        os.chmod(cls.keep.name, 0o755)
        cls.vmlinux = kernel(f"{cls.keep.name}/vmlinux")

    @classmethod
    def tearDownClass(cls):
        cls.keep.cleanup()

    def setUp(self):
        super().setUp()
        self.tmp = self.path("tmp")
        os.mkdir(self.tmp)

    def command(self, *arguments, command="add"):
        return [LKCCB, command, "--db", self.path("x.db"), *arguments]

    def lkccb(self, *arguments, command="add", before=(), **options):
        environment = {**os.environ, "TMPDIR": self.tmp, **options.pop("env", {})}
        return subprocess.run([*before, *self.command(*arguments, command=command)], capture_output=True,
                              text=True, check=False, env=environment, timeout=HANGS, **options)

    def fails(self, *words, done):
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, r"^lkccb: [^\n]+\n$")
        for word in words:
            self.assertIn(word, done.stderr)

    def pipe(self, name, size, *compress, head=b""):
        """So many zeros behind the head, compressed."""
        with open(self.path(name), "wb") as out:
            process = subprocess.Popen(compress, stdin=subprocess.PIPE, stdout=out)
            process.stdin.write(head)
            for _ in range(size >> 20):
                process.stdin.write(bytes(1 << 20))
            process.stdin.close()
            self.assertEqual(process.wait(), 0)
        with open(self.path(name), "rb") as file:
            return file.read()


class Disk(Case):
    """A bomb is small, and what comes out of it does not end."""
    SIZE, LIMIT = 600 << 20, "64"

    def bomb(self, path):
        """Refused with a clear word, and nothing larger than the limit was ever written."""
        process = subprocess.Popen(self.command("--disk", self.LIMIT, path), stderr=subprocess.PIPE,
                                   text=True, env={**os.environ, "TMPDIR": self.tmp})
        written = []
        while process.poll() is None:
            written += [size for child in children(process.pid) for size in unlinked(child)]
            time.sleep(0.01)
        self.assertLessEqual(max(written, default=0), int(self.LIMIT) << 20)
        stderr = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.returncode, 1)
        self.assertRegex(stderr, r"^lkccb: [^\n]+does not fit into 64 MB; raise --disk[^\n]+\n$")

    def test_a_compressed_file(self):
        for name, *compress in (("x.zst", "zstd", "-q"), ("x.gz", "gzip", "-1")):
            self.pipe(name, self.SIZE, *compress, head=b"\177ELF")
            self.bomb(self.path(name))

    def test_a_package(self):
        info = tarfile.TarInfo("./usr/lib/debug/boot/vmlinux-1")
        info.size = self.SIZE
        data = self.pipe("data", self.SIZE + (1 << 20), "zstd", "-q", head=info.tobuf())
        self.bomb(self.write("x.deb", package(data)))

    def test_a_dwz_file(self):
        info = tarfile.TarInfo("./usr/lib/debug/.dwz/x.debug")
        info.size = self.SIZE
        data = self.pipe("data", self.SIZE + (1 << 20), "zstd", "-q", head=info.tobuf())
        self.bomb(self.write("x.deb", package(data)))

    def test_what_is_not_wanted_takes_nothing(self):
        info = tarfile.TarInfo("./usr/lib/debug/large")
        info.size = self.SIZE
        with open(self.vmlinux, "rb") as file:
            rest = tar([("./usr/lib/debug/boot/vmlinux-1", file.read())], "gz")
        with open(self.path("rest.gz"), "wb") as file:
            file.write(rest)
        rest = subprocess.run(["gzip", "-dc", self.path("rest.gz")], capture_output=True, check=True).stdout
        first = self.pipe("data", self.SIZE, "zstd", "-q", head=info.tobuf())
        second = subprocess.run(["zstd", "-qc"], input=rest, capture_output=True, check=True).stdout
        done = self.lkccb("--disk", self.LIMIT, self.write("x.deb", package(first + second)))
        self.assertEqual(done.returncode, 0, done.stderr)


class Programs(Case):
    """libarchive would start a program of PATH for some formats."""

    def setUp(self):
        super().setUp()
        os.chmod(self.directory.name, 0o755)
        self.mark = self.path("marks")
        os.mkdir(self.mark)
        os.chmod(self.mark, 0o777)
        os.mkdir(self.path("bin"))
        for name in (*PROGRAMS, "gzip", "xz", "zstd", "bzip2", "lzma", "unlzma", "unxz", "gunzip", "compress", "lz4"):
            path = self.write(f"bin/{name}", f"#!/bin/sh\n/bin/touch {self.mark}/{name}\n".encode())
            os.chmod(path, 0o755)
        self.env = {"PATH": f"{self.path('bin')}:{os.environ['PATH']}"}

    def none_was_started(self):
        self.assertEqual(os.listdir(self.mark), [])

    def test_packages(self):
        for name, data in PROGRAMS.items():
            with self.subTest(name):
                self.fails("x.deb", done=self.lkccb(self.write("x.deb", package(data)), env=self.env))
                packed = lzma.compress(data)  # one in another
                self.fails("x.deb", done=self.lkccb(self.write("x.deb", package(packed)), env=self.env))
                self.fails("x.xz", done=self.lkccb(self.write("x.xz", packed), env=self.env))
        self.none_was_started()

    def test_each_compression_that_packages_have_needs_none(self):
        with open(self.vmlinux, "rb") as file:
            vmlinux = file.read()
        for compression in ("xz", "gz", "bz2"):
            done = self.lkccb(self.write("x.deb", deb(vmlinux, compression)), env=self.env)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.none_was_started()

    def index(self, name, data):
        """Both kinds of repositories, whose named index is that."""
        digest = hashlib.sha256(data).hexdigest()
        text = f"Suite: stable\nSHA256:\n {digest} {len(data)} main/binary-amd64/Packages.xz\n"
        files = {"dists/stable/InRelease": text.encode(), "dists/stable/main/binary-amd64/Packages.xz": data,
                 "repodata/repomd.xml": f"""<repomd><data type="primary"><checksum type="sha256">{digest}</checksum>
                 <location href="repodata/primary.xml.xz"/></data></repomd>""".encode(),
                 "repodata/primary.xml.xz": data}
        for file, content in files.items():
            self.write(f"repo/{file}", data if os.path.basename(file) == name else content)

    def test_indices(self):
        for directory in ("repodata", "dists/stable/main/binary-amd64"):
            os.makedirs(self.path(f"repo/{directory}"))
        for (name, data), index in itertools.product(PROGRAMS.items(), ("", "InRelease", "repomd.xml")):
            with self.subTest(name, index=index):
                self.index(index, data)
                for where in ((), ("--suite", "stable")):
                    done = self.lkccb("--no-signature", "--repo", self.path("repo"), *where, command="sync",
                                      env=self.env)
                    self.assertLess(done.returncode, 2, done.stdout)
                    self.assertNotIn("the repository's index", done.stderr)
        self.none_was_started()


class Process(Case):
    """The process that reads, looked at from outside while it is busy."""

    def setUp(self):
        super().setUp()
        info = tarfile.TarInfo("./usr/lib/debug/large")
        info.size = 8 * 10**10
        # bzip2 takes minutes for that on any machine.
        data = bz2.compress(info.tobuf()) + bz2.compress(bytes(10**8)) * 800
        self.slow = self.write("x.deb", package(data))

    def busy(self, *options):
        """A reader in its sandbox; and the one that waits for it."""
        process = subprocess.Popen(self.command(*options, self.slow), stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, "TMPDIR": self.tmp})
        found = until(lambda: process.poll() is not None or
                      [child for child in children(process.pid) if self.status(child).get("Seccomp") == "2"], 0.01)
        if isinstance(found, list):
            return process, found[0]
        self.end(process)
        self.assertFalse(os.path.exists("/proc/sys/kernel/seccomp"), "no reader in a sandbox was seen")
        raise unittest.SkipTest("this kernel has no seccomp")

    @staticmethod
    def status(pid):
        try:
            with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                return dict(line.rstrip("\n").replace(":\t", ":", 1).split(":", 1) for line in file)
        except OSError:
            return {}

    def end(self, process):
        process.kill()
        process.wait()
        process.stderr.close()

    def gone(self, pid):
        return until(lambda: self.status(pid).get("State", "Z").startswith("Z"), 0.01)

    def test_it_has_nothing(self):
        process, child = self.busy()
        try:
            status = self.status(child)
            descriptors = {}
            for name in os.listdir(f"/proc/{child}/fd"):
                descriptors[int(name)] = os.readlink(f"/proc/{child}/fd/{name}")
        finally:
            self.end(process)
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual({status[key] for key in ("CapPrm", "CapEff", "CapInh", "CapAmb")}, {"0" * 16})
        if not os.geteuid():
            self.assertEqual(status["CapBnd"], "0" * 16)
            self.assertEqual(status["Groups"].strip(), "")
            for key in ("Uid", "Gid"):
                self.assertNotIn("0", status[key].split())
        self.assertEqual([descriptors.pop(fd) for fd in (0, 1, 2)], ["/dev/null"] * 3)
        self.assertEqual(sorted(os.path.basename(path).split(":")[0].split(".")[0] for path in descriptors.values()),
                         ["lkccb", "lkccb", "pipe", "x"])
        self.assertIn(self.slow, descriptors.values())  # the package; the two temporary files are unlinked
        self.assertEqual(len([path for path in descriptors.values() if path.endswith("(deleted)")]), 2)

    def test_it_ends_with_lkccb(self):
        process, child = self.busy()
        self.end(process)
        self.assertTrue(self.gone(child))
        self.assertEqual(os.listdir(self.tmp), [])

    def test_the_time_limit(self):
        process, child = self.busy("--timeout", "1")
        self.assertEqual(process.wait(20), 1)
        self.assertRegex(process.stderr.read(), r"^lkccb: [^\n]*x\.deb: stopped: it took longer than --timeout allows")
        process.stderr.close()
        self.assertTrue(self.gone(child))

    def test_a_crash_is_one_line(self):
        for number, words in ((signal.SIGSEGV, "the process that read it crashed"), (signal.SIGSYS, "tried to start a program")):
            process, child = self.busy()
            os.kill(child, number)
            self.assertEqual(process.wait(20), 1)
            stderr = process.stderr.read()
            process.stderr.close()
            self.assertRegex(stderr, r"^lkccb: [^\n]+\n$")
            self.assertIn(words, stderr)


class Hanging(http.server.BaseHTTPRequestHandler):
    """Says how large a file is, and nothing more."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.headers.get("Range") == "bytes=0-0":
            self.send_response(206)
            self.send_header("Content-Range", "bytes 0-0/100000000")
            self.send_header("Content-Length", "1")
            self.end_headers()
            self.wfile.write(b"!")
        else:
            time.sleep(20)


class Network(Case):
    """What fetches, from a server that hangs."""

    def setUp(self):
        super().setUp()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hanging)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}"

    def start(self, *arguments, command="add"):
        return subprocess.Popen(self.command(*arguments, command=command), stderr=subprocess.PIPE, text=True,
                                env={**os.environ, "TMPDIR": self.tmp})

    def test_the_time_limit_ends_both(self):
        """The process that fetches goes with the one that it fetches for."""
        process = self.start("--ranges", "--timeout", "2", f"{self.url}/x.deb")
        both = set()
        while process.poll() is None:
            for child in children(process.pid):
                both |= {child, *children(child)}
            time.sleep(0.05)
        self.assertEqual(process.returncode, 1)
        self.assertIn("--timeout", process.stderr.read())
        process.stderr.close()
        self.assertEqual(len(both), 2)
        for child in both:
            self.assertTrue(Process.gone(self, child))

    def test_sync_leaves_nothing_if_it_is_killed(self):
        """Also in the moment in which its directory appears: a few times, as that is short."""
        for _ in range(10):
            process = self.start("--repo", self.url, "--suite", "x", "--no-signature", command="sync")
            while not os.listdir(self.tmp):
                self.assertIsNone(process.poll())
            process.kill()
            process.wait()
            process.stderr.close()
            until(lambda: not os.listdir(self.tmp))
            self.assertEqual(os.listdir(self.tmp), [])

    status = staticmethod(Process.status)


class Places(Case):
    """Where parts of the sandbox are missing, what is read is the same."""

    def expected(self):
        done = self.lkccb(self.vmlinux)
        self.assertEqual(done.returncode, 0, done.stderr)
        os.unlink(self.path("x.db"))
        return done.stdout.split(":")[0]

    def test_not_root(self):
        expected = self.expected()
        if os.geteuid():
            self.skipTest("is not root anyhow")
        os.chown(self.directory.name, 65534, 65534)
        os.chown(self.tmp, 65534, 65534)
        done = self.lkccb("-v", self.vmlinux, before=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.split(":")[0], expected)
        self.assertNotIn("user", done.stderr)

    def test_a_container_without_other_users(self):
        expected = self.expected()
        unshare = ["unshare", "--user", "--map-root-user"]
        if os.geteuid() or subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
            self.skipTest("no user namespace can be made here")
        for options, said in (((), ""), (("-v",), "a user of its own")):
            done = self.lkccb(*options, self.vmlinux, self.vmlinux, before=unshare)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout.split(":")[0].split(" ", 1)[1], expected.split(" ", 1)[1])
            self.assertEqual(len(done.stderr.splitlines()), 1 if said else 0, done.stderr)
            self.assertIn(said, done.stderr)

    def test_an_old_kernel(self):
        expected = self.expected()
        with open(self.vmlinux, "rb") as file:
            path = self.write("x.deb", deb(file.read()))
        for given in (self.vmlinux, path):
            done = self.lkccb("-v", "--again", given, preexec_fn=old_kernel)
            if done.returncode == 99:
                self.skipTest("no libseccomp to refuse anything with")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout.split(":")[0].split(" ", 1)[1], expected.split(" ", 1)[1])
            self.assertRegex(done.stderr, r"^lkccb: the sandbox for inputs lacks: [^\n]+\n$")
            for part in ("Landlock", "seccomp"):
                self.assertIn(part, done.stderr)

    def test_closed_standard_files(self):
        with open(self.vmlinux, "rb") as file:
            path = self.write("x.deb", blocks([("./usr/lib/debug/boot/vmlinux-1", file.read())]))
        for closed in ("0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"):
            self.lkccb(before=["sh", "-c", f'"$@" {closed}', "sh"], command="add", *["--again", path])
            listed = self.lkccb(command="list")
            self.assertIn(RELEASE, listed.stdout)
            os.unlink(self.path("x.db"))

    def test_no_temporary_directory(self):
        """What needs none is read; what needs one says so."""
        env = {"TMPDIR": "/no/such/place"}
        self.assertEqual(self.lkccb(self.vmlinux, env=env).returncode, 0)
        with open(self.vmlinux, "rb") as file:
            path = self.write("x.deb", deb(file.read()))
        self.fails("x.deb", "TMPDIR", "/no/such/place", done=self.lkccb(path, env=env))


if __name__ == "__main__":
    tap.main()
