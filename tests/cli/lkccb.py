#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""lkccb as a release engineer uses it: packages in, kernels out, and every bad input.

usage: tests/cli/lkccb.py LKCCB
"""
import glob
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from debug import Workspace, deb  # noqa: E402

LKCCB = os.path.abspath(sys.argv[1])
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
RELEASE = "9.8.7-test"  # of tests/data/structs.c


class Case(Workspace):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.vmlinux_path = os.path.join(cls.keep.name, "vmlinux")
        subprocess.run(["cc", "-nostdlib", "-static", "-g", "-Wl,--build-id=0xabcdef01",
                        "-I", f"{ROOT}/tests/data", f"{ROOT}/tests/data/structs.c",
                        "-o", cls.vmlinux_path], check=True)
        with open(cls.vmlinux_path, "rb") as file:
            cls.vmlinux = file.read()

    @classmethod
    def tearDownClass(cls):
        cls.keep.cleanup()

    def setUp(self):
        super().setUp()
        self.db = self.path("x.db")

    def lkccb(self, command, *arguments, db=None, **options):
        return subprocess.run([LKCCB, command, "--db", db or self.db, *arguments],
                              capture_output=True, text=True, check=False, **options)

    def succeeds(self, *arguments, **options):
        done = self.lkccb(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def fails(self, code, words, *arguments, **options):
        """One clear line that has the words, the exit code, and the database as it was."""
        before = self.digest()
        done = self.lkccb(*arguments, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertRegex(done.stderr, r"^lkccb: [^\n]+\n$")
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(self.digest(), before)
        return done

    def digest(self):
        if not os.path.isfile(self.db):
            return None
        with open(self.db, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()


class Good(Case):
    def test_vmlinux(self):
        said = self.succeeds("add", self.vmlinux_path)
        self.assertRegex(said, rf"^added {RELEASE} x86_64, \d+ offsets from dwarf, build-id abcdef01: ")
        row = json.loads(self.succeeds("show", RELEASE, "--json"))
        self.assertEqual(row["release"], RELEASE)
        self.assertEqual(row["machine"], "x86_64")
        self.assertEqual(row["build_id"], "abcdef01")
        self.assertEqual(row["source"], "dwarf")
        self.assertEqual(row["version"], "#42 SMP Debian 9.8.7-1")
        facts = {(f["type"], f["member"]): f for f in row["facts"]}
        self.assertEqual(facts["task_struct", "in_execve"]["bit_size"], 1)
        self.assertEqual(facts["task_struct", "in_execve"]["bit_offset"], 3)
        self.assertIsNone(facts["task_struct", "pid"]["bit_size"])

    def test_deb_in_each_compression(self):
        for compression in ("xz", "gz"):
            with self.subTest(compression):
                package = deb(self.vmlinux, compression)
                path = self.write(f"{compression}.deb", package)
                db = self.path(f"{compression}.db")
                self.succeeds("add", path, db=db)
                row = json.loads(self.succeeds("show", RELEASE, "--json", db=db))
                self.assertEqual(row["package"], "linux-image-9.8.7-test-dbg")
                self.assertEqual(row["package_version"], "9.8.7-1")
                self.assertEqual(row["package_sha256"], hashlib.sha256(package).hexdigest())
                self.assertEqual(row["distribution"], "debian")

    def test_same_facts_by_package_and_by_file(self):
        self.succeeds("add", self.vmlinux_path, db=self.path("a.db"))
        self.succeeds("add", self.write("a.deb", deb(self.vmlinux)), db=self.path("b.db"))
        a, b = (json.loads(self.succeeds("show", RELEASE, "--json", db=self.path(name)))
                for name in ("a.db", "b.db"))
        self.assertEqual(a["facts"], b["facts"])

    def test_raw_btf_and_btf_section(self):
        source = self.path("x.o")
        subprocess.run(["clang", "-target", "bpf", "-O1", "-g", "-I", f"{ROOT}/tests/data", "-c",
                        f"{ROOT}/tests/data/structs.c", "-o", source], check=True)
        subprocess.run(["llvm-objcopy", f"--dump-section=.BTF={self.path('raw.btf')}", source],
                       check=True)
        self.succeeds("add", "--release", "btf", "--machine", "x86_64", self.path("raw.btf"))
        # A kernel without DWARF, with a .BTF section.
        subprocess.run(["objcopy", "--strip-debug", f"--add-section=.BTF={self.path('raw.btf')}",
                        self.vmlinux_path, self.path("vmlinux-btf")], check=True)
        self.succeeds("add", self.path("vmlinux-btf"))
        self.succeeds("add", self.vmlinux_path, db=self.path("dwarf.db"))
        raw = json.loads(self.succeeds("show", "btf", "--json"))
        section = json.loads(self.succeeds("show", RELEASE, "--json"))
        dwarf = json.loads(self.succeeds("show", RELEASE, "--json", db=self.path("dwarf.db")))
        self.assertEqual(raw["source"], "btf")
        self.assertEqual(section["source"], "btf")
        # BTF has no symbols, nor functions that are inlined everywhere.
        self.assertEqual(raw["facts"], [f for f in dwarf["facts"]
                                        if f["type"] not in (".symtab", "ptrace_attach()")])
        self.assertEqual(section["facts"],
                         [f for f in dwarf["facts"] if f["type"] != "ptrace_attach()"])

    def test_dwarf_and_btf_that_disagree(self):
        other = self.write("other.c", b"struct task_struct { long x; int pid; } t;")
        subprocess.run(["clang", "-target", "bpf", "-g", "-c", other, "-o", self.path("o.o")], check=True)
        subprocess.run(["llvm-objcopy", f"--dump-section=.BTF={self.path('o.btf')}", self.path("o.o")],
                       check=True)
        subprocess.run(["objcopy", f"--add-section=.BTF={self.path('o.btf')}", self.vmlinux_path,
                        self.path("mixed")], check=True)
        self.fails(1, ["mixed", "task_struct.pid", "DWARF", "BTF"], "add", self.path("mixed"))

    def test_added_twice_is_unchanged(self):
        self.succeeds("add", self.vmlinux_path)
        before = self.digest()
        self.assertRegex(self.succeeds("add", self.vmlinux_path), "^unchanged ")
        self.assertEqual(self.digest(), before)

    def test_one_bad_input_does_not_stop_the_others(self):
        bad = self.write("bad", b"nonsense")
        done = self.lkccb("add", bad, self.vmlinux_path, "/no/such/file")
        self.assertEqual(done.returncode, 4)
        self.assertEqual(len(done.stderr.splitlines()), 2)
        self.assertIn(RELEASE, self.succeeds("list"))

    def test_diff(self):
        text = ("kernel\trelease=a\tmachine=x86_64\nmember\tcred\tuid\t4\t4\n"
                "member\tcred\tgid\t8\t4\n\n"
                "kernel\trelease=b\tmachine=x86_64\nmember\tcred\tuid\t8\t4\n"
                "member\tcred\tgid\t8\t4\n\n"
                "kernel\trelease=c\tmachine=x86_64\nmember\tcred\tgid\t8\t4\n")
        self.succeeds("import", self.write("x.txt", text.encode()))
        done = self.lkccb("diff", "a", "b")
        self.assertEqual((done.returncode, done.stdout), (3, "-cred.uid\t4\t4\n+cred.uid\t8\t4\n"))
        self.assertEqual(self.lkccb("diff", "b", "c").stdout, "-cred.uid\t8\t4\n")
        self.assertEqual(self.lkccb("diff", "a", "a").returncode, 0)

    def test_shipped_text_is_canonical(self):
        """What we review is what an export gives, so a diff shows changes only."""
        directory = f"{ROOT}/offsets/kernels"
        for name in sorted(os.listdir(directory)):
            with self.subTest(name):
                path, db = os.path.join(directory, name), self.path(name + ".db")
                self.succeeds("import", path, db=db)
                with open(path, encoding="utf-8") as file:
                    self.assertEqual(self.succeeds("export", db=db), file.read())


    def test_the_shipped_database_is_the_shipped_text(self):
        """By its export: another version of SQLite writes other bytes."""
        self.succeeds("import", *sorted(glob.glob(f"{ROOT}/offsets/kernels/*.txt")))
        self.assertEqual(self.succeeds("export", db=f"{ROOT}/kernels.db"), self.succeeds("export"))


class Bad(Case):
    def setUp(self):
        super().setUp()
        self.succeeds("add", self.vmlinux_path)

    def test_not_an_elf(self):
        self.fails(1, ["bad", "neither ELF"], "add", self.write("bad", b"hello, world"))
        self.fails(1, ["empty", "neither ELF"], "add", self.write("empty", b""))
        self.fails(1, ["not a regular file"], "add", "/dev/null")
        self.fails(1, ["no debug package of a kernel in this directory"], "add", self.directory.name)
        self.fails(1, ["No such file"], "add", self.path("missing"))

    def test_elf_without_debug_data(self):
        subprocess.run(["strip", "-o", self.path("stripped"), self.vmlinux_path], check=True)
        self.fails(1, ["stripped", "debug package"], "add", self.path("stripped"))

    def test_every_cut_of_a_package(self):
        package = deb(self.vmlinux)
        # Behind the vmlinux's last byte nothing is needed, so the last cuts still serve.
        for size in [*range(8, 400, 13), *range(400, len(package) - 3000, len(package) // 60)]:
            with self.subTest(size):
                self.fails(1, ["cut.deb"], "add", self.write("cut.deb", package[:size]))

    def test_package_without_vmlinux(self):
        self.fails(1, ["x.deb", "no vmlinux", "-dbg"], "add", self.write("x.deb", deb(None)))

    def test_package_whose_vmlinux_is_none(self):
        self.fails(1, ["x.deb", "ELF"], "add", self.write("x.deb", deb(b"not an ELF file")))

    def test_file_that_does_not_say_its_release(self):
        source = self.write("x.c", b"struct cred { int x, uid; } c; void _start(void) {}")
        subprocess.run(["cc", "-nostdlib", "-static", "-g", source, "-o", self.path("x")], check=True)
        self.fails(1, ["--release"], "add", self.path("x"))
        self.fails(1, ["its release is 9.8.7-test", "--release"], "add", "--release", "other", self.vmlinux_path)

    def test_missing_database(self):
        for command in (["list"], ["show", "x"], ["diff", "a", "b"], ["export"]):
            done = self.lkccb(*command, db=self.path("missing.db"))
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"^lkccb: \S+missing.db: No such file .*make kernels.db.*\n$")
            self.assertFalse(os.path.exists(self.path("missing.db")))

    def test_corrupt_database(self):
        size = os.path.getsize(self.db)
        with open(self.db, "r+b") as file:
            file.seek(size // 2)
            file.write(os.urandom(size // 4))
        self.fails(1, ["x.db", "damaged"], "add", self.vmlinux_path)
        self.write("x.db", b"no database, but long enough to be looked at as one " * 40)
        self.fails(1, ["x.db", "not a kernels.db"], "list")

    def test_older_schema(self):
        with open(self.db, "r+b") as file:
            file.seek(60)  # user_version, in the SQLite header
            file.write(bytes(4))
        for command in (["list"], ["add", self.vmlinux_path]):
            self.fails(1, ["schema 0", "make kernels.db"], *command)

    def test_unknown_release(self):
        self.fails(1, ["no offsets for 1.2.3", "lkccb add"], "show", "1.2.3")
        self.fails(1, ["no offsets for 1.2.3"], "diff", RELEASE, "1.2.3")

    def test_new_database_is_not_left_behind_by_a_failure(self):
        done = self.lkccb("add", self.write("bad", b"nonsense"), db=self.path("new.db"))
        self.assertEqual(done.returncode, 1)
        self.assertFalse(os.path.exists(self.path("new.db")))

    def test_database_that_cannot_be_written(self):
        done = self.lkccb("add", self.vmlinux_path, db="/no/such/directory/x.db")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^lkccb: /no/such/directory/x.db: No such file or directory; check .*\n$")

    def test_full_disk(self):
        """A file size limit stands in for the disk; then one for the temporary file."""
        other = self.write("y.c", b"struct cred { int x, uid; } c; void _start(void) {}")
        subprocess.run(["cc", "-nostdlib", "-static", "-g", other, "-o", self.path("y")], check=True)

        def limit(size):
            def apply():
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            return apply

        self.fails(1, ["x.db"], "add", "--release", "y", self.path("y"), preexec_fn=limit(4096))
        package = self.write("x.deb", deb(self.vmlinux))
        self.fails(1, ["x.deb", "does not fit", "TMPDIR"], "add", package, preexec_fn=limit(4096))

    def test_output_that_cannot_be_written(self):
        for n in range(8):  # more than stdio keeps back: writes fail on the way, and at the end
            text = f"kernel\trelease=r{n}\tmachine=x86_64\n" + "".join(
                f"member\ttask_struct\tm{i}\t{i + n}\t4\n" for i in range(100))
            self.succeeds("import", self.write("x.txt", text.encode()))
        for arguments in (["show", RELEASE], ["list", "--json"], ["export"], ["show", "r1", "--json"]):
            with open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run([LKCCB, *arguments, "--db", self.db], stdout=full,
                                      stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertRegex(done.stderr.splitlines()[0], "^lkccb: .*No space left on device")

    def test_killed_in_the_middle(self):
        """At any moment: the database is whole, with the old rows or also the new."""
        package = self.write("x.deb", deb(self.vmlinux, name="other"))
        for milliseconds in range(0, 40, 4):
            process = subprocess.Popen([LKCCB, "add", "--db", self.db, package],
                                       stdout=subprocess.DEVNULL)
            try:
                process.wait(milliseconds / 1000)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.assertIn(RELEASE, self.succeeds("list"))

    def test_a_journal_that_a_killed_writer_left(self):
        """Of an earlier version, or another program: no reader plays it, the next writer does."""
        copy = self.path("copy.db")
        before = self.succeeds("export")
        writer = sqlite3.connect(self.db, isolation_level=None)
        writer.execute("PRAGMA cache_size = 1")  # so that changed pages are in the file already
        writer.execute("BEGIN")
        writer.executemany("INSERT INTO name (type, name) VALUES ('x', ?)",
                           ((f"{n:0500}",) for n in range(200)))
        writer.execute("DELETE FROM kernel")
        for suffix in ("", "-journal"):
            shutil.copy(self.db + suffix, copy + suffix)
        writer.close()
        link = self.path("link.db")
        os.symlink(copy, link)
        for name in (copy, link):
            done = self.lkccb("export", db=name)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("was killed while writing", done.stderr)
        self.assertTrue(os.path.exists(copy + "-journal"))
        self.assertEqual(self.lkccb("import", self.write("x.txt", before.encode()), db=link).stderr, "")
        self.assertEqual(self.lkccb("export", db=copy).stdout, before)
        self.assertFalse(os.path.exists(copy + "-journal"))

    def test_help_and_manual_page_have_the_same_options(self):
        with open(os.path.join(ROOT, "docs/lkccb.1"), encoding="utf-8") as file:
            manual = set(re.findall(r"--[a-z][a-z-]+", file.read().replace("\\", "")))
        help_text = subprocess.run([LKCCB, "--help"], capture_output=True, text=True, check=True).stdout
        described = set(re.findall(r"(?m)^ {2,6}(?:-[a-z], )?(--[a-z][a-z-]+)", help_text))
        self.assertIn("--keyring", described)
        with open(os.path.join(ROOT, "lkccb/cmd/options.c"), encoding="utf-8") as file:
            taken = {"--" + name for name in re.findall(r'\{ "([a-z-]+)", (?:required|no)_argument', file.read())}
        self.assertEqual(described, taken)
        self.assertEqual(taken - manual, set())
        self.assertEqual(manual - taken, {"--status-fd"} & manual)

    def test_wrong_usage(self):
        for arguments in ([], ["nonsense"], ["add"], ["show"], ["diff", "a"], ["list", "x"],
                          ["list", "--nonsense"]):
            done = subprocess.run([LKCCB, *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("lkccb --help", done.stderr)


if __name__ == "__main__":
    tap.main()
