#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""lkccb add --build-id: a real debuginfod server, and servers that send what they want.

usage: tests/cli/debuginfod.py LKCCB
"""
import gzip
import http.server
import os
import platform
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

from elftools.elf.elffile import ELFFile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from debug import Workspace, deb, kernel, module  # noqa: E402
from patience import HANGS  # noqa: E402

os.environ["no_proxy"] = "*"
LKCCB = os.path.abspath(sys.argv[1])
RELEASE, MACHINE = "9.8.7-test", platform.machine()
# What uname(2) reads, as in .data of a kernel.
UTS = f"""struct {{ char names[6][65]; }} init_uts_ns = {{
    {{ "Linux", "(none)", "{RELEASE}", "#42 SMP Debian 9.8.7-1", "{MACHINE}", "(none)" }} }};\n"""
DWARF, BTF, PACKED, PACKAGED, NOTELESS, MODULE, SPLIT = (f"abcdef{n:034x}" for n in range(1, 8))
NOWHERE = "http://127.0.0.1:1"  # nobody listens


def vmlinux(path, build_id, *flags):
    """As the kernel's linker script has it: the build-id is in .notes."""
    kernel(path, build_id=build_id, flags=("-g", *flags), more=UTS)
    subprocess.run(["objcopy", "--rename-section", ".note.gnu.build-id=.notes", path], check=True)
    return path


def read(path):
    with open(path, "rb") as file:
        return file.read()


def sections(path):
    """Name and bytes."""
    with open(path, "rb") as file:
        return {section.name: section.data() for section in ELFFile(file).iter_sections()}


def without_libdebuginfod():
    done = subprocess.run([LKCCB, "add", "--db", "/dev/null/x", "--build-id", DWARF, "--debuginfod", NOWHERE],
                          capture_output=True, text=True, check=False)
    return "built without libdebuginfod" in done.stderr


class Server:
    """The program debuginfod over a directory of files and packages."""
    DONE = (b'thread_work_total{role="traverse"} 1', b'thread_work_pending{role="scan"} 0',
            b'thread_busy{role="scan"} 0')

    def __init__(self, directory):
        self.directory = directory
        for _ in range(5):  # the port may be taken meanwhile
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            self.url = f"http://127.0.0.1:{port}"
            self.process = self.start(port)
            if self.answers():
                return
            self.stop()
        raise RuntimeError(read(f"{directory}/log").decode(errors="replace"))

    def start(self, port):
        environment = {**os.environ, "HOME": self.directory, "TMPDIR": self.directory}
        environment.pop("DEBUGINFOD_URLS", None)
        with open(f"{self.directory}/log", "wb") as log:
            return subprocess.Popen(["debuginfod", "-p", str(port), "-d", f"{self.directory}/index", "-t", "0", "-F",
                                     "-Z", ".deb=dpkg-deb --fsys-tarfile", "--fdcache-mintmp", "0",
                                     f"{self.directory}/files"], stdout=log, stderr=log, env=environment)

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.read()
        except (OSError, urllib.error.URLError):
            return b""

    def answers(self):
        end = time.monotonic() + HANGS
        while time.monotonic() < end and self.process.poll() is None:
            metrics = self.get("/metrics")
            if all(line in metrics for line in self.DONE):
                return True
            time.sleep(0.1)
        return False

    def stop(self):
        self.process.kill()
        self.process.wait()


class Case(Workspace):
    def setUp(self):
        super().setUp()
        if without_libdebuginfod():
            self.skipTest("lkccb was built without libdebuginfod; install libdebuginfod-dev")
        for name in ("tmp", "home"):
            os.mkdir(self.path(name))
        self.db = self.path("x.db")

    def environment(self, **more):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("DEBUGINFOD_")}
        return {**kept, "TMPDIR": self.path("tmp"), "HOME": self.path("home"), **more}

    def command(self, *arguments, url=None):
        where = ("--debuginfod", url) if url else ()
        return [LKCCB, "add", "--db", self.db, *where, *arguments]

    def add(self, *arguments, url=None, **environment):
        """Nothing is left of it anywhere."""
        done = subprocess.run(self.command(*arguments, url=url), capture_output=True, text=True, check=False,
                              env=self.environment(**environment), timeout=HANGS)
        self.assertEqual(os.listdir(self.path("tmp")), [])
        self.assertEqual(os.listdir(self.path("home")), [])
        return done

    def works(self, done):
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def fails(self, done, *words, code=1):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        lines = [line for line in done.stderr.splitlines() if ": fetched " not in line]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertRegex(lines[0], r"^lkccb: .*; .")
        for word in words:
            self.assertIn(word, lines[0])
        self.assertFalse(os.path.exists(self.db) and self.show(RELEASE))

    def show(self, name):
        done = subprocess.run([LKCCB, "show", "--db", self.db, name], capture_output=True, text=True, check=False)
        return done.stdout

    def facts(self, name):
        return self.show(name).partition("\nTYPE ")[2]


@unittest.skipUnless(shutil.which("debuginfod"), "the program debuginfod is not here; install the package debuginfod")
class Real(Case):
    """The server of elfutils."""

    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        files = f"{cls.keep.name}/files"
        os.mkdir(files)
        vmlinux(f"{files}/dwarf", DWARF)
        vmlinux(f"{files}/packed", PACKED, "-gz=zlib")
        kernel(f"{files}/noteless", build_id=NOTELESS)
        cls.make_btf(files)
        cls.make_package(files)
        cls.make_split(files)
        module(f"{files}/module.ko")
        subprocess.run(["ld", "-r", f"--build-id=0x{MODULE}", f"{files}/module.ko", "-o", f"{files}/btrfs.ko"],
                       check=True)
        cls.server = Server(cls.keep.name)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.keep.cleanup()

    @classmethod
    def make_btf(cls, files):
        if shutil.which("pahole"):
            subprocess.run(["pahole", "-J", vmlinux(f"{files}/btf", BTF)], check=True)

    @classmethod
    def make_package(cls, files):
        data = read(vmlinux(f"{cls.keep.name}/packaged", PACKAGED))
        with open(f"{files}/linux-image-9.8.7-test-dbg_9.8.7-1_amd64.deb", "wb") as file:
            file.write(deb(data))

    @classmethod
    def make_split(cls, files):
        subprocess.run(["objcopy", "--only-keep-debug", vmlinux(f"{cls.keep.name}/split", SPLIT), f"{files}/split"],
                       check=True)

    def by_id(self, build_id, *arguments, **environment):
        return self.add("--build-id", build_id, *arguments, url=self.server.url, **environment)

    def file_facts(self, name, *arguments):
        """What lkccb reads from the file itself."""
        subprocess.run([LKCCB, "add", "--db", self.path("file.db"), *arguments, name], check=True,
                       stdout=subprocess.DEVNULL)
        done = subprocess.run([LKCCB, "show", "--db", self.path("file.db"), RELEASE], capture_output=True, text=True,
                              check=True)
        return done.stdout

    def test_sections_of_dwarf(self):
        done = self.works(self.by_id(DWARF))
        self.assertRegex(done.stdout, rf"^added {RELEASE} {MACHINE}, \d+ offsets from dwarf, build-id {DWARF}: ")
        self.assertRegex(done.stderr, rf"^lkccb: build-id:{DWARF}: fetched [\d.]+ MB from {self.server.url}: 1\d sections\n$")
        shown = self.show(RELEASE)
        self.assertIn("version: #42 SMP Debian 9.8.7-1", shown)
        self.assertIn("version_code: 9.8.7", shown)
        self.assertIn("origin: by its build-id from a debuginfod server, not verified by SHA-256", shown)
        self.assertIn(".symtab", shown)
        expected = self.file_facts(f"{self.keep.name}/files/dwarf")
        self.assertEqual(self.facts(RELEASE), expected.partition("\nTYPE ")[2])

    def test_sections_of_btf(self):
        if not shutil.which("pahole"):
            self.skipTest("pahole is not here; install the package dwarves")
        done = self.works(self.by_id(BTF))
        self.assertIn("offsets from btf", done.stdout)
        self.assertIn(": 6 sections", done.stderr)
        self.assertIn("version: #42 SMP Debian 9.8.7-1", self.show(RELEASE))
        self.assertIn(".symtab", self.show(RELEASE))
        self.assertEqual(self.works(self.by_id(BTF)).stdout, f"known build-id:{BTF}\n")  # not fetched again
        done = self.works(self.by_id(BTF, "--all-units", "--replace"))
        self.assertIn("offsets from dwarf", done.stdout)

    def test_compressed_sections(self):
        """A server does not say that they are."""
        self.assertIn("offsets from dwarf", self.works(self.by_id(PACKED)).stdout)
        self.assertEqual(self.facts(RELEASE), self.file_facts(f"{self.keep.name}/files/packed").partition("\nTYPE ")[2])

    def test_a_package(self):
        if not shutil.which("dpkg-deb"):
            self.skipTest("dpkg-deb, which debuginfod needs for .deb files, is not here; install dpkg")
        self.assertIn("offsets from dwarf", self.works(self.by_id(PACKAGED)).stdout)

    def test_a_file_without_notes_is_fetched_whole(self):
        done = self.works(self.by_id(NOTELESS))
        self.assertIn("the whole file (the sections are not there)", done.stderr)
        self.assertIn(f"build-id {NOTELESS}", done.stdout)

    def test_a_file_that_does_not_name_its_kernel(self):
        self.fails(self.by_id(SPLIT), self.server.url, SPLIT, "give --release and --machine")
        self.fails(self.by_id(SPLIT, "--release", RELEASE), "give --machine")
        self.fails(self.by_id(SPLIT, "--machine", MACHINE), "give --release")
        done = self.works(self.by_id(SPLIT, "--release", RELEASE, "--machine", MACHINE))
        self.assertIn(f"added {RELEASE} {MACHINE}", done.stdout)

    def test_names_that_the_user_gives_must_agree(self):
        self.fails(self.by_id(DWARF, "--release", "1.2.3"), "correct --release")
        other = "aarch64" if MACHINE == "x86_64" else "x86_64"
        self.fails(self.by_id(DWARF, "--machine", other), "correct --machine")

    def test_a_module(self):
        self.fails(self.by_id(MODULE), self.server.url, MODULE, "a module; give the build-id of a vmlinux")

    def test_an_unknown_build_id(self):
        self.fails(self.by_id("00" * 20), self.server.url, "00" * 20, "404", "use another --debuginfod")

    def test_several_at_once(self):
        done = self.add("--build-id", DWARF.upper(), "--build-id", "00" * 20, "--build-id", PACKED,
                        "--replace", "-j", "2", url=self.server.url)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(sorted(line.split(": ")[-1] for line in done.stdout.splitlines()),
                         [f"build-id:{DWARF}", f"build-id:{PACKED}"])
        self.assertIn("00" * 20, done.stderr)

    def test_a_list(self):
        with open(self.path("list"), "w", encoding="ascii") as file:
            file.write(f"build-id:{DWARF}\n")
        self.works(self.add("--list", self.path("list"), url=self.server.url))

    def test_servers_are_asked_in_turn(self):
        done = self.works(self.by_id(DWARF, DEBUGINFOD_URLS="x"))
        self.works(self.add("--build-id", DWARF, "--again", url=f"{NOWHERE}  {self.server.url}/"))
        done = self.add("--build-id", "00" * 20, url=f"{NOWHERE} {self.server.url}")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, rf"^lkccb: {NOWHERE}: [^\n]+\n$")  # the first that is wrong

    def test_variables(self):
        """DEBUGINFOD_URLS is the default; no other counts, and the cache of the user is not used."""
        other = {"DEBUGINFOD_CACHE_PATH": self.path("cache"), "DEBUGINFOD_PROGRESS": "1", "DEBUGINFOD_VERBOSE": "1",
                 "DEBUGINFOD_MAXSIZE": "1", "DEBUGINFOD_MAXTIME": "1", "DEBUGINFOD_TIMEOUT": "1",
                 "XDG_CACHE_HOME": self.path("cache"), "DEBUGINFOD_HEADERS_FILE": self.path("none")}
        done = self.works(self.add("--build-id", DWARF, DEBUGINFOD_URLS=f"ima:ignore {self.server.url}", **other))
        self.assertRegex(done.stderr, r"^[^\n]+ sections\n$")
        self.assertFalse(os.path.exists(self.path("cache")))

    def test_not_root(self):
        if os.geteuid():
            self.skipTest("is not root anyhow")
        for path in (self.directory.name, self.path("tmp"), self.path("home")):
            os.chown(path, 65534, 65534)
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               *self.command("--build-id", DWARF, url=self.server.url)], capture_output=True, text=True,
                              check=False, env=self.environment(), timeout=HANGS)
        self.works(done)
        self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_a_directory_that_only_root_may_enter(self):
        os.chmod(self.path("tmp"), 0o700)
        os.chmod(self.directory.name, 0o700)
        self.works(self.by_id(DWARF))


class Handler(http.server.BaseHTTPRequestHandler):
    """answer(handler, section): section "" is the whole file."""
    answer, asked = None, []

    def log_message(self, *_):
        pass

    def do_GET(self):
        _, _, self.build_id, kind, *rest = self.path.split("/")
        self.asked.append(self.path)
        try:
            type(self).answer(self, rest[0] if kind == "section" else "")
        except OSError:  # the other side has gone
            self.close_connection = True

    def send(self, data, status=200, **headers):
        if data is None:
            status, data = 404, b"not found"
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)


class Hostile(Case):
    """Each answer is one line, and ends within the limits."""

    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.file = vmlinux(f"{cls.keep.name}/vmlinux", DWARF)
        cls.sections = {**sections(cls.file), "": read(cls.file)}
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        cls.server.daemon_threads = True
        cls.url = f"http://127.0.0.1:{cls.server.server_port}"
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        cls.keep.cleanup()

    def by_id(self, answer, *arguments, build_id=DWARF):
        Handler.answer, Handler.asked = answer, []
        return self.add("--build-id", build_id, *arguments, url=self.url)

    def true(self, handler, name):
        handler.send(self.sections.get(name))

    def but(self, **others):
        """True answers, but for some sections: debug_info=b"..."."""
        others = {f".{name}" if name != "whole" else "": data for name, data in others.items()}
        return lambda handler, name: handler.send({**self.sections, **others}.get(name))

    def test_truth(self):
        """What the others change."""
        self.works(self.by_id(self.true))
        self.assertIn("version: #42 SMP Debian 9.8.7-1", self.show(RELEASE))

    def test_without_requests_for_sections(self):
        """As servers before elfutils 0.188. The library would parse the file in the process with the network."""
        def answer(handler, name):
            handler.send(b"invalid artifacttype", 503) if name else self.true(handler, name)
        done = self.works(self.by_id(answer))
        self.assertIn("the whole file (no requests for sections)", done.stderr)
        self.assertEqual([path.split("/")[3] for path in Handler.asked], ["section", "debuginfo"])

    def test_another_build_id(self):
        other = "00" * 20
        self.fails(self.by_id(self.true, build_id=other), self.url, other, f"the server sent build-id {DWARF}")
        self.assertEqual(len(Handler.asked), 1)  # nothing more was fetched of it
        whole = lambda handler, name: self.true(handler, name) if not name else handler.send(None)  # noqa: E731
        self.fails(self.by_id(whole, build_id=other), self.url, other, f"the server sent build-id {DWARF}")

    def test_no_build_id(self):
        self.fails(self.by_id(self.but(notes=b"")), self.url, DWARF, "an empty answer")
        for notes in (bytes(24), b"\xff" * 24, b"\4\0\0\0\xff\xff\xff\xff\3\0\0\0GNU\0", os.urandom(4096)):
            with self.subTest(notes[:8]):
                self.fails(self.by_id(self.but(notes=notes)), self.url, DWARF, "without a build-id")

    def test_rubbish_in_sections(self):
        rubbish = os.urandom(200000)
        for name in ("debug_info", "debug_abbrev"):
            with self.subTest(name):
                self.fails(self.by_id(self.but(**{name: rubbish})))
        cut = self.sections[".debug_info"][:100]
        self.fails(self.by_id(self.but(debug_info=cut)))
        self.fails(self.by_id(self.but(BTF=rubbish)), "BTF")
        # A compressed one that says that it is large.
        chdr = bytes([1, 0, 0, 0, 0, 0, 0, 0]) + (1 << 62).to_bytes(8, "little") + bytes([1, 0, 0, 0, 0, 0, 0, 0])
        self.fails(self.by_id(self.but(debug_info=chdr + rubbish)))
        self.fails(self.by_id(self.but(debug_info=b"\2" + chdr[1:] + rubbish)))

    def test_rubbish_in_symbols_costs_the_symbols(self):
        self.works(self.by_id(self.but(symtab=os.urandom(5000), strtab=b"x" * 5000)))
        self.assertNotIn(".symtab", self.show(RELEASE))

    def test_rubbish_for_the_whole_file(self):
        for data in (b"", b"\177ELF", os.urandom(100000), b"<html>not found</html>" * 10):
            with self.subTest(data[:8]):
                self.fails(self.by_id(lambda handler, name, data=data: handler.send(None if name else data)),
                           self.url, DWARF)

    def test_no_http(self):
        class Raw(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.recv(4096)
                self.request.sendall(os.urandom(10000))

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Raw) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_address[1]}"
            self.fails(self.add("--build-id", DWARF, url=url), url, DWARF, "HTTP")
            server.shutdown()

    def test_a_server_that_is_not_there(self):
        self.fails(self.add("--build-id", DWARF, url=NOWHERE), NOWHERE, DWARF, "connect", "check the address")
        url = "http://no-such-host.invalid"
        self.fails(self.add("--build-id", DWARF, url=url), url, DWARF, "resolve", "check the address")

    def test_other_errors_of_a_server(self):
        for status in (401, 403, 500, 503):
            with self.subTest(status):
                self.fails(self.by_id(lambda handler, name, status=status: handler.send(b"", status)), self.url, DWARF,
                           str(status))

    def test_a_line_that_drops(self):
        def answer(handler, _):
            handler.send_response(200)
            handler.send_header("Content-Length", "1000000")
            handler.end_headers()
            handler.wfile.write(bytes(1000))
            handler.close_connection = True
        self.fails(self.by_id(answer), self.url, DWARF)

    def endless(self, piece, **headers):
        def answer(handler, _):
            handler.send_response(200)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            while True:
                handler.wfile.write(piece)
        return answer

    def test_endless_data(self):
        """What is stored is limited, also if it is small on the line."""
        self.fails(self.by_id(self.endless(bytes(1 << 16)), "--disk", "8"), self.url, DWARF, "raise --disk")
        bomb = gzip.compress(bytes(64 << 20))
        self.fails(self.by_id(lambda handler, _: handler.send(bomb, Content_Encoding="gzip"), "--disk", "8"), self.url,
                   DWARF)

    def test_a_large_size(self):
        def answer(handler, _):
            handler.send_response(200)
            handler.send_header("Content-Length", str(1 << 40))
            handler.end_headers()
            handler.wfile.write(bytes(1000))
        self.fails(self.by_id(answer), self.url, DWARF, "raise --disk")

    def test_endless_headers(self):
        def answer(handler, _):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                handler.wfile.write(b"X-DEBUGINFOD-X: " + b"x" * 1000 + b"\r\n")
        self.fails(self.by_id(answer), self.url, DWARF, "headers or redirects without end")

    def test_no_data(self):
        def nothing(handler, _):
            time.sleep(30)
            handler.close_connection = True

        def stall(handler, _):
            handler.send_response(200)
            handler.send_header("Content-Length", "1000000")
            handler.end_headers()
            handler.wfile.write(bytes(1000))
            time.sleep(30)
        self.fails(self.by_id(nothing, "--timeout", "20"), self.url, DWARF, "no answer for 10 s; try again")
        self.fails(self.by_id(stall, "--timeout", "20"), self.url, DWARF, "nothing arrived for 10 s; try again")

    def redirect(self, target, status=302):
        return lambda handler, _: handler.send(b"", status, Location=target(handler))

    def test_redirects(self):
        other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Other", (Handler,), {"answer": self.true}))
        threading.Thread(target=other.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{other.server_port}"
        self.works(self.by_id(self.redirect(lambda handler: url + handler.path)))
        other.shutdown()
        other.server_close()

    def test_redirects_elsewhere(self):
        for target in (f"file://{self.file}", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x"):
            with self.subTest(target):
                self.fails(self.by_id(self.redirect(lambda handler, target=target: target)), self.url, DWARF)

    def test_redirects_without_end(self):
        self.fails(self.by_id(self.redirect(lambda handler: handler.path)), self.url, DWARF,
                   "headers or redirects without end")

    def test_a_password_is_in_no_message(self):
        url = self.url.replace("//", "//user:secret@")
        Handler.answer = self.but(notes=bytes(24))
        done = self.add("--build-id", DWARF, url=url)
        self.fails(done, self.url)
        self.assertNotIn("secret", done.stderr)

    def fetching(self, started):
        """A process that waits for an answer."""
        process = subprocess.Popen(self.command("--build-id", DWARF, url=self.url), stderr=subprocess.PIPE,
                                   env=self.environment(), text=True)
        end = time.monotonic() + HANGS
        while not started.wait(0.05) and process.poll() is None and time.monotonic() < end:
            pass
        if not started.is_set():
            process.kill()
            self.fail(f"it ended before it was killed ({process.returncode}): {process.communicate()[1]}")
        return process

    def test_it_leaves_nothing_if_it_is_killed(self):
        started = threading.Event()

        def answer(handler, name):
            if name == ".debug_info":
                started.set()
                time.sleep(30)
            self.true(handler, name)
        for number in (signal.SIGINT, signal.SIGKILL):
            Handler.answer = answer
            started.clear()
            process = self.fetching(started)
            self.assertNotEqual(os.listdir(self.path("tmp")), [])
            process.send_signal(number)
            process.communicate()
            end = time.monotonic() + HANGS
            while os.listdir(self.path("tmp")) and time.monotonic() < end:
                time.sleep(0.05)
            self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_the_process_with_the_network(self):
        """It has no rights, and can write in one directory of its own."""
        started = threading.Event()

        def answer(handler, name):
            started.set()
            time.sleep(30)
            self.true(handler, name)
        Handler.answer = answer
        process = self.fetching(started)
        try:
            reader = self.child(process.pid)
            status = self.status(self.child(reader))
        finally:
            process.kill()
            process.wait()
        self.assertEqual(status["NoNewPrivs"], "1")
        self.assertEqual({status[key] for key in ("CapPrm", "CapEff", "CapInh", "CapAmb")}, {"0" * 16})
        if not os.geteuid():
            self.assertEqual(status["Groups"].strip(), "")
            for key in ("Uid", "Gid"):
                self.assertNotIn("0", status[key].split())

    @staticmethod
    def child(pid):
        """That is not the one that removes the directory in the end, which does nothing else."""
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            for word in file.read().split():
                with open(f"/proc/{word}/status", encoding="utf-8") as status:
                    if "NoNewPrivs:\t1" in status.read():
                        return int(word)
        raise AssertionError(f"{pid} has no child in a sandbox")

    @staticmethod
    def status(pid):
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            return dict(line.rstrip("\n").replace(":\t", ":", 1).split(":", 1) for line in file)


class Usage(Case):
    def test_no_server(self):
        self.fails(self.add("--build-id", DWARF), "give --debuginfod URL, or set DEBUGINFOD_URLS")

    def test_no_url(self):
        for url in ("file:///etc", "localhost:8002", "/srv", "ftp://x"):
            done = self.add("--build-id", DWARF, url=url)
            self.assertEqual(done.returncode, 1)
            self.assertIn("not a URL with http:// or https://", done.stderr)

    def test_no_build_id(self):
        for build_id in ("", "x", "abc", "abcdef0", "../../x", "ab" * 65, "abcdef0g"):
            self.fails(self.add("--build-id", build_id, url=NOWHERE), "not a build-id; give all its hexadecimal digits")


if __name__ == "__main__":
    tap.main()
