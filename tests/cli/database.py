#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Many packages into one database, and databases as a fleet's engineer handles them.

usage: tests/cli/database.py LKCCB
"""
import glob
import bz2
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
import hostile  # noqa: E402
from patience import HANGS  # noqa: E402
from debug import Workspace, deb, kernel  # noqa: E402

LKCCB = os.path.abspath(sys.argv[1])
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
COUNT = 8


class Case(Workspace):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.packages = []
        for n in range(COUNT):
            vmlinux = kernel(f"{cls.keep.name}/vmlinux", f"9.8.{n}-test", f"abcdef{n:02}")
            path = f"{cls.keep.name}/linux-image-9.8.{n}-test-dbg_9.8.{n}-1_amd64.deb"
            with open(vmlinux, "rb") as file, open(path, "wb") as out:
                out.write(deb(file.read(), name=f"linux-image-9.8.{n}-test-dbg"))
            os.unlink(vmlinux)
            cls.packages.append(path)

    @classmethod
    def tearDownClass(cls):
        cls.keep.cleanup()

    def setUp(self):
        super().setUp()
        self.db = self.path("x.db")

    def run_lkccb(self, command, *arguments, db=None, **options):
        return subprocess.run([LKCCB, command, "--db", db or self.db, *arguments], capture_output=True,
                              text=True, check=False, **options)

    def succeeds(self, *arguments, **options):
        done = self.run_lkccb(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def bytes(self, db=None):
        with open(db or self.db, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()


    ROW = "kernel\trelease={}\tmachine=x86_64\tbuild_id={}\nmember\tcred\tuid\t{}\t4\n\n"

    def load(self, name, *rows):
        path = self.path(name)
        text = path + ".txt"
        with open(text, "w", encoding="ascii") as file:
            file.write("".join(self.ROW.format(*row) for row in rows))
        self.succeeds("import", text, db=path)
        return path


class Delta(Case):
    """What changes one database into another, and what it does to others."""

    def delta(self, old, new):
        path = self.path("delta")
        done = subprocess.run([LKCCB, "delta", old, new, "--output", path], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        again = subprocess.run([LKCCB, "delta", old, new], capture_output=True, check=True).stdout
        with open(path, "rb") as file:
            self.assertEqual(file.read(), again)
        return path, done.stdout

    def applies(self, old, new, added, removed, replaced):
        path, said = self.delta(old, new)
        self.assertIn(f": {added} added, {removed} removed, {replaced} replaced\n", said)
        copy = self.path("copy.db")
        shutil.copy(old, copy)
        said = self.succeeds("apply", path, db=copy)
        if added or removed or replaced:
            self.assertIn(f"{removed + replaced} entries removed or replaced, {added + replaced} written", said)
        self.assertEqual(self.bytes(copy), self.bytes(new))
        self.assertIn("is the new database already", self.succeeds("apply", path, db=copy))
        self.assertEqual(self.bytes(copy), self.bytes(new))

    def test_what_changes(self):
        rows = [(f"r{n}", f"{n:02x}{n:02x}", 8 + n) for n in range(6)]
        old = self.load("old.db", *rows[:4])
        for name, new, *expected in (("same", rows[:4], 0, 0, 0), ("more", rows, 2, 0, 0), ("less", rows[:2], 0, 2, 0),
                                     ("none in common", rows[4:], 2, 4, 0),
                                     ("offset", [*rows[:3], ("r3", "0303", 100)], 0, 0, 1),
                                     ("release", [*rows[:3], ("r7", "0303", 11)], 0, 0, 1),
                                     ("all", [("r1", "0101", 77), rows[3], ("r9", "0909", 9)], 1, 2, 1)):
            with self.subTest(name):
                path = self.load(f"{name}.db", *new)
                self.applies(old, path, *expected)

    def test_entries_without_a_build_id(self):
        member = "member\tcred\tuid\t{}\t4\n\n"
        kernels = ["kernel\trelease=r\tmachine=x86_64\tversion=#1\tsource=table\n" + member.format(4),
                   "kernel\trelease=r\tmachine=x86_64\tversion=#1\tsource=dwarf\n" + member.format(4),
                   "kernel\trelease=r\tmachine=x86_64\tversion=#1\tsource=verified-dwarf\n" + member.format(4),
                   "kernel\trelease=r\tmachine=x86_64\tmodule=btrfs\n" + member.format(8),
                   "kernel\trelease=r\tmachine=x86_64\tmodule=btrfs\n" + member.format(12)]
        paths = []
        for number, chosen in enumerate(((0, 1, 3), (0, 2, 4))):
            text = self.write(f"{number}.txt", "".join(kernels[n] for n in chosen).encode())
            paths.append(self.path(f"{number}.db"))
            self.succeeds("import", text, db=paths[-1])
        self.applies(*paths, 0, 0, 2)
        self.applies(*paths[::-1], 0, 0, 2)  # also back to what is trusted less

    def test_the_shipped_entries(self):
        texts = sorted(glob.glob(f"{ROOT}/offsets/kernels/*.txt"))
        old, new = self.path("old.db"), self.path("new.db")
        self.succeeds("import", *texts[::2], db=old)
        self.succeeds("import", *texts, db=new)
        path, _ = self.delta(old, new)
        self.succeeds("apply", path, db=old)
        self.assertEqual(self.bytes(old), self.bytes(new))

    def test_another_database(self):
        old, new = self.load("old.db", ("a", "aa", 4)), self.load("new.db", ("a", "aa", 8))
        other = self.load("other.db", ("a", "aa", 4), ("b", "bb", 4))
        path, _ = self.delta(old, new)
        before = self.bytes(other)
        for db in (other, self.path("missing.db")):
            done = self.run_lkccb("apply", path, db=db)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"\Alkccb: [^\n]*not the database that [^\n]+\n\Z")
        self.assertEqual(self.bytes(other), before)
        self.assertFalse(os.path.exists(self.path("missing.db")))
        for arguments in (["delta", old, "/no/such.db"], ["delta", "/no/such.db", new],
                          ["delta", old, new, "--output", "/no/such/delta"], ["apply", "/no/such/delta"]):
            done = self.run_lkccb(*arguments, db=old)
            self.assertEqual((done.returncode, done.stdout), (1, ""), arguments)
            self.assertRegex(done.stderr, r"\Alkccb: [^\n]*/no/such[^\n]*\n\Z")
        self.assertEqual(self.run_lkccb("delta", old).returncode, 2)

    def test_hostile_deltas(self):
        rows = [(f"r{n}", f"{n:02x}{n:02x}", 8 + n) for n in range(5)]
        old, new = self.load("old.db", *rows[:3]), self.load("new.db", ("r1", "0101", 77), *rows[3:])
        path, _ = self.delta(old, new)
        before = self.bytes(old)
        with open(path, encoding="ascii") as file:
            good = file.read()
        lines = good.splitlines(keepends=True)
        texts = ["".join(lines[:n]) for n in range(len(lines) - 1)]
        texts += ["".join(lines[:n] + lines[n + 1:]) for n in range(len(lines) - 1) if lines[n] != "\n"]
        texts += ["".join(lines[:n] + [lines[n]] + lines[n:]) for n in range(len(lines)) if lines[n] != "\n"]
        for n in range(1, 6):  # another digit in each digest
            at = lines[n].index(" ") + 1
            digit = "1" if lines[n][at] == "0" else "0"
            texts.append("".join((*lines[:n], lines[n][:at] + digit + lines[n][at + 1:], *lines[n + 1:])))
        texts += [good.replace("uid\t77", "uid\t78"), good.replace("delta 1", "delta 2"), good.replace("\n", "\r\n"),
                  good.replace("remove", "delete"), good.replace("r2\n", "r2" * 4000 + "\n"), "\0" + good,
                  good.replace("\nold", "\n\0old"), "x" * 100000, good + "kernel\n",
                  good + self.ROW.format("r9", "0909", 4), good.upper()]
        for text in texts:
            with open(path, "w", encoding="ascii", newline="") as file:
                file.write(text)
            with self.subTest(text[:200]):
                done = self.run_lkccb("apply", path, db=old)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertRegex(done.stderr, r"\Alkccb: [^\n]+\n\Z")
                self.assertEqual(self.bytes(old), before)
        with open(path, "w", encoding="ascii") as file:
            file.write(good)
        self.succeeds("apply", path, db=old)
        self.assertEqual(self.bytes(old), self.bytes(new))


class Batch(Case):
    def test_the_same_bytes_in_any_order_by_any_number_of_jobs(self):
        seen = set()
        for jobs in (1, 2, 5):
            packages = random.sample(self.packages, COUNT)
            db = self.path(f"{jobs}.db")
            self.succeeds("add", "-j", str(jobs), *packages, db=db)
            seen.add(self.bytes(db))
        self.succeeds("add", *self.packages[:3])
        self.succeeds("add", *self.packages[3:])
        seen.add(self.bytes())
        self.assertEqual(len(seen), 1)

    def test_what_the_database_knows_is_passed_over(self):
        self.succeeds("add", *self.packages[:4])
        before = self.bytes()
        said = self.succeeds("add", *self.packages[:4])
        self.assertEqual([line.split()[0] for line in said.splitlines()], ["known"] * 4)
        said = self.succeeds("add", "--again", self.packages[0])
        self.assertRegex(said, "^unchanged 9.8.0-test ")
        self.assertEqual(self.bytes(), before)

    def test_directories_and_lists(self):
        self.succeeds("add", self.keep.name)
        everything = self.bytes()
        listed = self.path("listed.db")
        self.succeeds("add", "--list", "-", db=listed, input="# all\n" + "\n".join(self.packages) + "\n")
        self.assertEqual(self.bytes(listed), everything)
        done = self.run_lkccb("add", "--list", self.path("nowhere"))
        self.assertEqual(done.returncode, 1)

    def test_shards_are_the_whole_without_overlap(self):
        self.succeeds("add", self.keep.name)
        parts = []
        for part in (1, 2, 3):
            parts.append(self.path(f"{part}.db"))
            self.succeeds("add", "--shard", f"{part}/3", self.keep.name, db=parts[-1])
        merged = self.path("merged.db")
        said = self.succeeds("merge", *parts, db=merged)
        self.assertIn(f"{COUNT} kernels added, 0 unchanged, 0 conflicts", said)
        self.assertEqual(self.bytes(merged), self.bytes())

    def test_shards_from_the_environment(self):
        clean = {k: v for k, v in os.environ.items()
                 if not k.startswith(("CI_NODE", "SLURM", "JOB_COMPLETION"))}
        cases = [("auto", {"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "4"}),
                 ("auto", {"SLURM_ARRAY_TASK_ID": "11", "SLURM_ARRAY_TASK_MIN": "10",
                           "SLURM_ARRAY_TASK_COUNT": "4"}),
                 ("auto/4", {"JOB_COMPLETION_INDEX": "1"})]
        self.succeeds("add", "--shard", "2/4", self.keep.name)
        for number, (shard, environment) in enumerate(cases):
            with self.subTest(environment):
                db = self.path(f"{number}.db")
                self.succeeds("add", "--shard", shard, self.keep.name, db=db, env={**clean, **environment})
                self.assertEqual(self.bytes(db), self.bytes())
        for shard in ("0/4", "5/4", "1", "auto", "auto/4", "1/0", "x/2"):
            done = self.run_lkccb("add", "--shard", shard, self.packages[0], env=clean)
            self.assertEqual(done.returncode, 1, shard)
            self.assertIn("--shard", done.stderr)

    def test_a_report_for_machines(self):
        bad = self.path("bad.deb")
        with open(bad, "w", encoding="ascii") as file:
            file.write("!<arch>\nnonsense")
        done = self.run_lkccb("add", "--json", "-j", "1", self.packages[0], bad)
        self.assertEqual(done.returncode, 4)
        good, failed = (json.loads(line) for line in done.stdout.splitlines())
        self.assertEqual(good["status"], "done")
        self.assertEqual(good["rows"][0]["release"], "9.8.0-test")
        self.assertEqual(good["rows"][0]["change"], "added")
        self.assertEqual((failed["status"], failed["rows"]), ("failed", []))
        self.assertIn("bad.deb", failed["error"])

    def test_all_bad_is_another_exit_code(self):
        self.assertEqual(self.run_lkccb("add", "/no/such", "/nor/this").returncode, 1)
        self.assertFalse(os.path.exists(self.db))

    def limited(self, large, *options):
        """An input that breaks a limit, beside a good one."""
        done = self.run_lkccb("add", *options, large, self.packages[0])
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertRegex(done.stderr, r"^lkccb: \S+large: [^\n]+\n$")
        self.assertIn("9.8.0-test", self.succeeds("list"))
        return done.stderr

    def test_an_input_that_takes_too_long(self):
        large = self.path("large")
        other = tarfile.TarInfo("./other")  # is passed by, to its end
        other.size = 8 * 10**10
        with open(large, "wb") as file:  # bzip2 takes minutes for that on any machine
            file.write(bz2.compress(other.tobuf()) + bz2.compress(bytes(10**8)) * 800)
        self.assertIn("took longer than --timeout", self.limited(large, "--timeout", "1"))

    def test_an_input_that_needs_too_much_memory(self):
        large = self.path("large")
        with open(large, "wb") as file:
            file.write(b"\x9f\xeb\x01")  # BTF is read as a whole
            file.truncate(3 << 30)
        self.assertIn("needs more memory than --memory", self.limited(large, "--memory", "200"))

    def test_killed_at_random_moments(self):
        """Always whole; then completed to the same bytes as if nothing had happened."""
        complete = self.path("complete.db")
        self.succeeds("add", *self.packages, db=complete)
        kills = 0
        for _ in range(50):
            process = subprocess.Popen([LKCCB, "add", "--db", self.db, "-j", "2", *self.packages],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.uniform(0, 0.06))
            kills += process.poll() is None
            process.kill()
            process.wait()
            if os.path.exists(self.db):
                self.assertEqual(self.run_lkccb("list").returncode, 0)
                self.succeeds("verify")
                if random.random() < 0.3:
                    os.unlink(self.db)
            for left in glob.glob(self.db + ".*.new"):  # a moment before the first database
                os.unlink(left)
        self.assertGreater(kills, 10)
        self.succeeds("add", *self.packages)
        self.assertEqual(self.bytes(), self.bytes(complete))
        self.assertEqual(glob.glob(self.db + "?*"), [])


class Conflicts(Case):
    """A kernel that is there already, with other facts."""

    def other(self, release="9.8.0-test", flags=("-g", "-DNEWER"), build_id="abcdef00"):
        return kernel(self.path("other"), release, build_id, flags)

    def conflict(self, command, *arguments):
        before = self.bytes()
        done = self.run_lkccb(command, *arguments)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertRegex(done.stderr, r"^lkccb: [^\n]*: conflict: [^\n]*give --replace[^\n]*\n$")
        self.assertEqual(self.bytes(), before)
        return done.stdout

    def test_other_facts(self):
        self.succeeds("add", *self.packages[:2])
        self.assertEqual(self.conflict("add", self.other()), "")
        said = json.loads(self.conflict("add", "--json", self.other()))
        self.assertEqual((said["status"], said["rows"]), ("conflict", []))
        self.assertIn("that entry was kept", said["error"])
        self.assertRegex(self.succeeds("add", "--replace", self.other()), "^updated 9.8.0-test ")
        self.assertRegex(self.succeeds("add", self.other()), "^unchanged ")

    def test_another_name(self):
        """The facts are the same, but a look-up by release would no longer find the kernel."""
        self.succeeds("add", kernel(self.path("first"), "9.8.0-test", "abcdef00"))
        self.conflict("add", self.other("9.9.9-test", ("-g",)))

    def test_the_others_are_added(self):
        self.succeeds("add", self.packages[0])
        done = self.run_lkccb("add", self.other(), self.packages[1])
        self.assertEqual(done.returncode, 3)
        self.assertIn("9.8.1-test", self.succeeds("list"))
        done = self.run_lkccb("add", self.other(), self.packages[2], self.path("nowhere"))
        self.assertEqual(done.returncode, 4)

    def test_import(self):
        row = "kernel\trelease=a\tmachine=x86_64\tbuild_id=aa\nmember\tcred\tuid\t{}\t4\n\n"
        new = row.replace("release=a", "release=b").replace("=aa", "=bb")
        first, second = self.path("first.txt"), self.path("second.txt")
        for path, text in ((first, row.format(4)), (second, new.format(4) + row.format(8))):
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
        self.succeeds("import", first)
        self.conflict("import", second)
        self.succeeds("import", first)
        self.succeeds("import", "--replace", second)
        self.assertEqual(self.succeeds("export").count("\tuid\t8\t4"), 1)


class Empty(Case):
    """Packages that have no kernel: Ubuntu's transitional ones lie in every mirror."""

    def setUp(self):
        super().setUp()
        self.mirror = self.path("mirror")
        os.mkdir(self.mirror)
        self.empty = f"{self.mirror}/linux-image-9.8.0-test-dbgsym_1_amd64.ddeb"
        with open(self.empty, "wb") as file:
            file.write(deb(None))

    def test_of_a_directory(self):
        self.assertEqual(self.succeeds("add", self.mirror), f"skipped {self.empty}: it contains no vmlinux\n")
        self.assertFalse(os.path.exists(self.db))
        shutil.copy(self.packages[0], self.mirror)
        said = self.succeeds("add", "--json", self.mirror)
        self.assertEqual(sorted(json.loads(line)["status"] for line in said.splitlines()), ["done", "skipped"])

    def test_a_vmlinux_that_is_none(self):
        """That is no package without a kernel, but one that is damaged."""
        with open(self.empty, "wb") as file:
            file.write(deb(b"no ELF file, but of some size"))
        done = self.run_lkccb("add", self.mirror)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no vmlinux (an ELF file)", done.stderr)

    def test_that_is_named(self):
        done = self.run_lkccb("add", self.empty)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no vmlinux", done.stderr)


class Changing(Case):
    def test_a_package_that_is_written_while_it_is_read(self):
        """The digest of the row would be that of other bytes."""
        path = self.path("linux-image-9.8.0-test-dbg_1_amd64.deb")
        shutil.copy(self.packages[0], path)
        with open(path, "ab") as file:
            file.write(bytes(1 << 28))
        done, stop = [], threading.Event()
        toucher = threading.Thread(target=lambda: [os.utime(path) for _ in iter(stop.is_set, True)])
        toucher.start()
        try:
            done = self.run_lkccb("add", path)
        finally:
            stop.set()
            toucher.join()
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("changed while it was read", done.stderr)


class Store(Case):
    def test_merge_reports_conflicts_and_keeps_what_is_there(self):
        first = self.load("a.db", ("a", "aa", 4), ("b", "bb", 4))
        second = self.load("b.db", ("b", "bb", 8), ("c", "cc", 4))
        done = self.run_lkccb("merge", second, db=first)
        self.assertEqual(done.returncode, 3)
        self.assertIn("1 kernel added, 0 unchanged, 1 conflict", done.stdout)
        self.assertRegex(done.stderr, r"^lkccb: \S+b\.db: conflict: b - \(build-id bb\)")
        self.assertNotIn("\tuid\t8\t4", self.succeeds("export", db=first))

    def test_merge_of_nonsense_changes_nothing(self):
        first, second = self.load("a.db", ("a", "aa", 4)), self.load("b.db", ("b", "bb", 4))
        before = self.bytes(first)
        done = self.run_lkccb("merge", second, "/dev/null", db=first)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.bytes(first), before)

    def test_a_link_to_the_database_stays_one(self):
        real, link = self.load("real.db", ("a", "aa", 4)), self.path("link.db")
        os.symlink(real, link)
        self.succeeds("merge", self.load("b.db", ("b", "bb", 4)), db=link)
        self.assertTrue(os.path.islink(link))
        self.assertEqual(len(self.succeeds("list", db=real).splitlines()), 3)

    def test_slim(self):
        self.load("x.db", ("a", "aa", 4), ("b", "bb", 4), ("c", "cc", 8))
        small = self.path("small.db")
        self.succeeds("slim", "--release", "a", "--release", "c", small)
        self.assertEqual([line.split()[0] for line in self.succeeds("list", db=small).splitlines()[1:]],
                         ["a", "c"])
        self.assertEqual(self.run_lkccb("slim", "--release", "a", small).returncode, 1)  # exists
        done = self.run_lkccb("slim", "--release", "nowhere", self.path("y.db"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("no kernel of release nowhere", done.stderr)
        self.assertFalse(os.path.exists(self.path("y.db")))

    def test_verify(self):
        self.load("x.db", ("a", "aa", 4))
        self.assertIn("1 kernel, 0 faults, 0 doubts", self.succeeds("verify"))
        self.load("y.db", ("a", "aa", 70000))
        done = self.run_lkccb("verify", db=self.path("y.db"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("cred.uid: the offset is larger than any struct", done.stderr)
        small = self.path("small.txt")
        with open(small, "w", encoding="ascii") as file:
            file.write("kernel\trelease=a\tmachine=x86_64\nmember\tcred\tsizeof\t0\t160\n"
                       "member\tcred\tuid\t156\t4\nmember\tcred\tgid\t157\t4\n")
        self.succeeds("import", small, db=self.path("small.db"))
        done = self.run_lkccb("verify", db=self.path("small.db"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("cred.gid: the member ends after the end of its struct", done.stderr)
        self.assertNotIn("cred.uid", done.stderr)
        twice = self.path("z.txt")
        with open(twice, "w", encoding="ascii") as file:
            file.write("kernel\trelease=a\tmachine=x86_64\nmember\ttask_struct\treal_start_time\t8\t8\n"
                       "member\ttask_struct\tstart_boottime\t16\t8\n")
        self.succeeds("import", twice, db=self.path("z.db"))
        done = self.run_lkccb("verify", db=self.path("z.db"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("another name of the same member", done.stderr)

    def test_what_no_kernel_around_has_is_doubted(self):
        """Of what was inferred. The fact that a table has alone is no evidence against it."""
        rows = (("3.10.0-957.5.1.el7.x86_64", "rhel", "isf", 128, 7), ("3.10.0-1160.45.1.el7.x86_64", "centos", "isf", 128, 8),
                ("3.10.0-862.el7.x86_64", "centos", "table", 112, 9), ("3.10.0-1062.el7.x86_64", "rhel", "stream", 128, 8),
                ("3.10.0-9-generic", "ubuntu", "table", 112, 9), ("3.10.0-7.el7.x86_64", "rhel", "dwarf", 128, 6))
        text = "\n".join(f"kernel\trelease={release}\tmachine=x86_64\tdistribution={distribution}\tsource={source}\n"
                         f"member\tmount\tmnt_devname\t{devname}\t8\nmember\ttask_struct\tcomm\t{comm}\t16\n"
                         f"member\ttask_struct\tpid\t{comm + 100}\t4\nmember\tcred\tuid\t4\t4\n"
                         for release, distribution, source, devname, comm in rows)
        path = self.path("doubted.txt")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        self.succeeds("import", path)
        said = self.succeeds("verify")
        doubts = re.findall(r"^doubt: (.*): in no kernel", said, re.M)
        self.assertEqual(doubts, ["3.10.0-862.el7.x86_64 (table): task_struct.pid at 109, and 1 more of its members",
                                  "3.10.0-862.el7.x86_64 (table): mount.mnt_devname at 112"])
        self.assertIn("6 kernels, 0 faults, 3 doubts", said)

    def test_the_shipped_rows_make_sense(self):
        self.succeeds("import", *glob.glob(f"{ROOT}/offsets/kernels/*.txt"))
        said = self.succeeds("verify")
        self.assertIn(" 0 faults", said)
        # There are other builds of these releases, of which one was read.
        self.assertEqual(set(re.findall(r"^doubt: (\S+)", said, re.M)),
                         {"3.16.0-4-amd64", "4.9.0-6-amd64", "4.9.0-9-amd64"})

    def test_signatures(self):
        self.load("x.db", ("a", "aa", 4))
        key = self.path("key")
        self.succeeds("keygen", key)
        self.assertEqual(os.stat(key).st_mode & 0o777, 0o600)
        self.assertEqual(self.run_lkccb("keygen", key).returncode, 1)  # never replaced
        with open(self.path("half.pub"), "w", encoding="ascii"):
            self.assertEqual(self.run_lkccb("keygen", self.path("half")).returncode, 1)
        self.assertFalse(os.path.exists(self.path("half")))
        self.succeeds("sign", "--key", key)
        self.assertIn("the signature is valid", self.succeeds("verify-signature", "--key", f"{key}.pub"))
        with open(self.db, "r+b") as file:
            file.seek(2000)
            file.write(b"x")
        done = self.run_lkccb("verify-signature", "--key", f"{key}.pub")
        self.assertEqual(done.returncode, 1)
        self.assertIn("signature verification failed", done.stderr)
        self.succeeds("sign", "--key", key)
        other = self.path("other")
        self.succeeds("keygen", other)
        self.assertEqual(self.run_lkccb("verify-signature", "--key", f"{other}.pub").returncode, 1)
        self.assertEqual(self.run_lkccb("verify-signature", "--key", key).returncode, 1)  # the secret one
        self.assertEqual(self.run_lkccb("sign").returncode, 2)

    def number(self, done):
        return int(re.search(r"number (\d+)$", done)[1])

    def signature(self):
        with open(f"{self.db}.sig", encoding="ascii") as file:
            return file.read()

    def test_the_number_of_a_signature_grows(self):
        self.load("x.db", ("a", "aa", 4))
        key, now, environment = self.path("key"), int(time.time()), dict(os.environ)
        environment.pop("SOURCE_DATE_EPOCH", None)
        self.succeeds("keygen", key)
        first = self.number(self.succeeds("sign", "--key", key, env=environment))
        self.assertTrue(now <= first <= time.time() + 1)
        self.assertEqual(self.number(self.succeeds("sign", "--key", key, "--serial", str(first + 1000))), first + 1000)
        self.assertEqual(self.number(self.succeeds("sign", "--key", key, env=environment)), first + 1001)
        epoch = {**environment, "SOURCE_DATE_EPOCH": "5"}
        self.assertIn("is not larger", self.run_lkccb("sign", "--key", key, env=epoch).stderr)
        os.remove(f"{self.db}.sig")
        self.assertEqual(self.number(self.succeeds("sign", "--key", key, env=epoch)), 5)
        once = self.signature()
        self.succeeds("sign", "--key", key, env=epoch)
        self.assertEqual(self.signature(), once)
        self.load("x.db", ("b", "bb", 4))
        for arguments in ([], ["--serial", "5"], ["--serial", "4"]):  # another file with an old number
            done = self.run_lkccb("sign", "--key", key, *arguments, env=epoch)
            self.assertEqual((done.returncode, self.signature()), (1, once), done.stderr)
        self.assertEqual(self.number(self.succeeds("sign", "--key", key, "--serial", "6", env=epoch)), 6)
        verify = ["verify-signature", "--key", f"{key}.pub"]
        self.assertEqual(self.number(self.succeeds(*verify, "--serial", "6")), 6)
        self.assertIn("lower than", self.run_lkccb(*verify, "--serial", "7").stderr)
        self.succeeds("keygen", self.path("other"))  # a new key begins anew
        self.assertEqual(self.number(self.succeeds("sign", "--key", self.path("other"), "--serial", "1")), 1)
        for wrong in ("0", "-1", "x", "", "1000000000000000000"):
            self.assertEqual(self.run_lkccb("sign", "--key", key, "--serial", wrong).returncode, 2, wrong)
        for wrong in ("", "0", "x", "-1", " 1", "1000000000000000000"):
            done = self.run_lkccb("sign", "--key", key, env={**environment, "SOURCE_DATE_EPOCH": wrong})
            self.assertEqual(done.returncode, 1, wrong)
            self.assertIn("SOURCE_DATE_EPOCH", done.stderr)

    def test_signatures_that_are_none(self):
        self.load("x.db", ("a", "aa", 4))
        key = self.path("key")
        self.succeeds("keygen", key)
        self.succeeds("sign", "--key", key, "--serial", "12")
        good = self.signature()
        self.assertRegex(good, r"\Alkccb signature 1\nserial 12\nsha256 [0-9a-f]{64}\nsignature [0-9a-f]{128}\n\Z")
        self.assertIn(self.bytes(), good)
        lines = good.splitlines(keepends=True)
        texts = [good.replace("serial 12", f"serial {n}") for n in
                 ("", "0", "012", "+12", " 12", "-12", "12 ", "99999999999999999999", "13")]
        texts += [good[:n] for n in range(0, len(good), 7)]
        texts += [good + "x", good + "\n", good + "\0", good.replace("\n", "\r\n"), "\0" + good, lines[3][10:],
                  good.replace("signature 1\n", "signature 2\n"), good[:-129] + good[-129:].upper(),
                  "".join(lines[::-1]), good.replace(self.bytes(), self.bytes().upper()),
                  good.replace(self.bytes(), "0" * 64), "x" * 100000]
        for text in texts:
            with open(f"{self.db}.sig", "w", encoding="ascii", newline="") as file:
                file.write(text)
            done = self.run_lkccb("verify-signature", "--key", f"{key}.pub")
            self.assertEqual((done.returncode, done.stdout), (1, ""), text)
            self.assertRegex(done.stderr, r"\Alkccb: [^\n]+\n\Z")

    def test_coverage(self):
        self.load("x.db", ("3.10.0-1160.el7.x86_64", "aa", 4), ("6.1.0-13-amd64", "bb", 4))
        done = self.run_lkccb("coverage", "--inventory", "-", input=(
            "3.10.0-1160.el7.x86_64\n6.1.0-13-amd64,x86_64,bb\n6.1.0-13-amd64,x86_64,cc\n"
            "4.15.0-20-generic\n3.10.0-957.el7.x86_64,x86_64,\n# comment\n"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("2 of 5 hosts are covered", done.stderr)
        lines = [line.split("\t") for line in done.stdout.splitlines()[1:]]
        self.assertEqual([line[2] for line in lines], ["release", "build-id", "none", "none", "none"])
        self.assertEqual(lines[2][4], "linux-image-6.1.0-13-amd64-dbg")
        self.assertIn("linux-image-4.15.0-20-generic-dbgsym", lines[3][4])
        self.assertEqual(lines[4][4], "kernel-debuginfo-3.10.0-957.el7.x86_64.rpm")
        self.assertEqual([line[3] for line in lines[:2]], ["unknown source", "unknown source"])
        done = self.run_lkccb("coverage", "--json", "--inventory", "-", input="6.1.0-13-amd64\n")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout)["match"], "release")
        done = self.run_lkccb("coverage", "--inventory", "-", input=",x86_64\n")
        self.assertEqual(done.returncode, 1)

    def test_coverage_by_version(self):
        path = self.path("x.txt")
        with open(path, "w", encoding="ascii") as file:
            file.write("".join(f"kernel\trelease={release}\tmachine=x86_64{version}\tsource={source}\nmember\tcred\tuid\t4\t4\n\n"
                               for release, version, source in (("3.10.0-957.el7.x86_64", "\tversion=#1 SMP, Thu", "stream"),
                                                                ("4.18.0-25-generic", "", "table"))))
        self.succeeds("import", path)
        done = self.run_lkccb("coverage", "--inventory", "-", input=(
            "3.10.0-957.el7.x86_64\n3.10.0-957.el7.x86_64,,,#1 SMP, Thu\n3.10.0-957.el7.x86_64,,,#1 SMP Fri\n"
            "4.18.0-25-generic\n4.18.0-25-generic,x86_64,aa,#26\n"))
        self.assertEqual([line.split("\t")[2:4] for line in done.stdout.splitlines()[1:]],
                         [["release", "stream"], ["version", "stream"], ["none", "-"],
                          ["release (--kernel-override)", "table"], ["none", "-"]])

    def test_the_kernels_of_rhel_7_are_covered(self):
        """By their version, as a host without a build-id in the database is found."""
        db = self.path("rhel.db")
        self.succeeds("import", f"{ROOT}/offsets/kernels/rhel-7.txt", db=db)
        with open(f"{ROOT}/offsets/kernels/rhel-7.txt", encoding="utf-8") as file:
            rows = [dict(word.split("=", 1) for word in line.split("\t")[1:]) for line in file.read().splitlines()
                    if line.startswith("kernel\t") and "\tmodule=" not in line and "\tversion=" in line]
        self.assertGreaterEqual(len(rows), 71)
        done = self.run_lkccb("coverage", "--inventory", "-", db=db,
                              input="".join(f"{row['release']},x86_64,,{row['version']}\n" for row in rows))
        self.assertEqual({line.split("\t")[2] for line in done.stdout.splitlines()[1:]}, {"version"})
        self.assertEqual(done.returncode, 0, done.stderr)


NOBODY = 65534


class Hostile(Case):
    """Databases, and what lies beside them, made by somebody who wants lkccb to do something."""

    def setUp(self):
        super().setUp()
        self.load("genuine.db", *((f"r{n}", f"{n:02x}", 4) for n in range(60)))
        with open(self.path("genuine.db"), "rb") as file:
            self.genuine = file.read()
        self.mine = self.load("mine.db", ("a", "aa", 4))

    def readings(self, db):
        """Each command that reads another's database."""
        for command in (["list"], ["show", "r1"], ["diff", "r1", "r2"], ["export"], ["verify"],
                        ["coverage", "--inventory", self.write("inventory", b"r1\n")],
                        ["slim", "--release", "r1", self.path("slim.db")]):
            yield self.run_lkccb(*command, db=db, timeout=HANGS)
            if os.path.exists(self.path("slim.db")):
                os.unlink(self.path("slim.db"))
        yield self.run_lkccb("merge", db, db=self.mine, timeout=HANGS)

    def state(self):
        """All files, with their bytes."""
        return {name: self.bytes(self.path(name)) for name in os.listdir(self.directory.name)}

    def refused(self, done):
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.args)
        self.assertRegex(done.stderr, r"^lkccb: [^\n]+\n$")

    def test_other_schemas_are_refused_at_once(self):
        for name, data in hostile.schemas(self.genuine):
            with self.subTest(name):
                db = self.write("x.db", data)
                self.write("inventory", b"r1\n")
                before = self.state()
                if name in ("view", "trigger", "index"):
                    for done in self.readings(db):
                        self.refused(done)
                self.refused(self.run_lkccb("list", db=db, timeout=HANGS))
                self.refused(self.run_lkccb("merge", db, db=self.mine, timeout=HANGS))
                self.refused(self.run_lkccb("import", self.mine + ".txt", db=db, timeout=HANGS))
                self.assertEqual(self.state(), before)

    def test_trees_without_an_end(self):
        for name, data in hostile.trees(self.genuine):
            with self.subTest(name):
                db = self.write("x.db", data)
                done = self.run_lkccb("list", db=db, timeout=HANGS)
                self.assertIn(done.returncode, (0, 1))  # 0: of a table that is not in its way
                # A small stack: nothing may call itself for each level of a tree.
                done = subprocess.run(f"ulimit -s 512; exec {LKCCB} verify --db {db}", shell=True, timeout=HANGS,
                                      capture_output=True, text=True, check=False)
                self.refused(done)
                self.refused(self.run_lkccb("merge", self.path("genuine.db"), db=db, timeout=HANGS))
                self.assertIn(self.run_lkccb("merge", db, db=self.mine, timeout=HANGS).returncode, (0, 1))

    def test_rows_that_share_long_words(self):
        """A file of 7 MB, whose rows are 400 MB: refused, or within bounds."""
        db = self.write("x.db", hostile.many_rows(self.genuine, 150000))
        for command in (["list"], ["export"], ["verify"]):
            with self.subTest(command):
                done = subprocess.run(f"ulimit -v 800000; exec {LKCCB} {command[0]} --db {db}", shell=True,
                                      timeout=HANGS, capture_output=True, text=True, check=False)
                self.assertIn(done.returncode, (0, 1))
                if done.returncode:
                    self.assertRegex(done.stderr, r"^lkccb: [^\n]+ damaged or hostile: [^\n]+\n$")

    def test_rows_that_are_looked_through_for_each_other(self):
        db = self.write("x.db", hostile.same_beginnings(self.genuine, 20000))
        self.assertEqual(len(self.succeeds("list", db=db, timeout=HANGS).splitlines()), 20061)
        before = self.bytes(self.mine)
        done = self.run_lkccb("merge", db, db=self.mine, timeout=HANGS)
        self.refused(done)
        self.assertIn("mine.db: the kernels to add take more work", done.stderr)
        self.assertEqual(self.bytes(self.mine), before)

    def test_a_journal_does_not_remove_a_file(self):
        victim = self.write("victim", b"precious\0")
        db = self.write("x.db", self.genuine)
        self.write("x.db-journal", hostile.journal(victim))
        for done in self.readings(db):
            self.assertEqual(done.returncode, 1)
            self.assertIn("x.db-journal", done.stderr)
        self.assertTrue(os.path.exists(victim))
        self.assertTrue(os.path.exists(db + "-journal"))

    @unittest.skipIf(os.geteuid() != 0, "needs root: files of somebody else")
    def test_a_journal_of_somebody_else(self):
        """By a writer too, also in a directory where anybody may make files."""
        shared = self.path("shared")
        os.mkdir(shared)
        os.chmod(shared, 0o1777)
        victim = self.write("victim", b"precious\0")
        db = self.write("shared/x.db", self.genuine)
        journal = self.write("shared/x.db-journal", hostile.journal(victim))
        os.chown(journal, NOBODY, NOBODY)
        for done in self.readings(db):
            self.assertNotIn("journal", done.stderr)  # nobody plays it, so it is of no matter
        self.succeeds("import", self.mine + ".txt", db=db)
        self.assertTrue(os.path.exists(victim))
        os.chown(db, NOBODY, NOBODY)
        for done in self.readings(db):
            self.assertEqual(done.returncode, 1)
            self.assertIn("x.db-journal", done.stderr)
        self.assertEqual(self.run_lkccb("import", self.mine + ".txt", db=db).returncode, 1)
        self.assertTrue(os.path.exists(victim))

    @unittest.skipIf(os.geteuid() != 0, "needs root: files of somebody else")
    def test_whose_files_are_written(self):
        """Nothing of others is written to, and nothing where they could exchange it."""
        theirs, shared = self.path("theirs"), self.path("shared")
        for directory, mode in ((theirs, 0o755), (shared, 0o1777)):
            os.mkdir(directory)
            os.chmod(directory, mode)
        os.chown(theirs, NOBODY, NOBODY)
        victim = self.write("victim", self.genuine)
        cases = {"of theirs": self.write("shared/theirs.db", self.genuine),
                 "in theirs": self.write("theirs/ours.db", self.genuine),
                 "writable": self.write("writable.db", self.genuine),
                 "link": self.path("shared/link.db"),
                 "dangling": self.path("shared/dangling.db")}
        os.chown(cases["of theirs"], NOBODY, NOBODY)
        os.chmod(cases["writable"], 0o666)
        os.symlink(victim, cases["link"])
        os.symlink(self.path("nowhere"), cases["dangling"])
        for link in ("link", "dangling"):
            os.chown(cases[link], NOBODY, NOBODY, follow_symlinks=False)
        before = self.bytes(victim)
        for name, db in cases.items():
            for command in (["import", self.mine + ".txt"], ["merge", self.mine], ["add", self.packages[0]],
                            ["sign", "--key", self.key()]):
                with self.subTest(name, command=command[0]):
                    done = self.run_lkccb(*command, db=db)
                    self.refused(done)
                    self.assertRegex(done.stderr, "uid 65534|by everybody|No such file")
            if name in ("of theirs", "in theirs", "writable"):
                self.assertIn("r1", self.succeeds("list", db=db))  # whoever may look, may
        self.assertEqual(self.bytes(victim), before)
        self.assertFalse(os.path.exists(self.path("nowhere")))

    def key(self):
        key = self.path("key")
        if not os.path.exists(key):
            self.succeeds("keygen", key)
        return key

    @unittest.skipIf(os.geteuid() != 0, "needs root: files of somebody else")
    def test_signatures_and_keys_of_others(self):
        key, victim = self.key(), self.write("victim", b"precious\n")
        shared = self.path("shared")
        os.mkdir(shared)
        os.chmod(shared, 0o1777)
        link = self.path("shared/mine.sig")
        os.symlink(victim, link)
        os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
        self.refused(self.run_lkccb("sign", "--key", key, "--signature", link, db=self.mine))
        os.symlink(victim, self.path("shared/key"))
        os.chown(self.path("shared/key"), NOBODY, NOBODY, follow_symlinks=False)
        self.refused(self.run_lkccb("keygen", self.path("shared/key")))
        with open(victim, "rb") as file:
            self.assertEqual(file.read(), b"precious\n")
        self.refused(self.run_lkccb("sign", "--key", key, "--signature", "/dev/null", db=self.mine))
        self.assertTrue(os.path.exists("/dev/null"))
        self.succeeds("sign", "--key", key, db=self.mine)
        os.chown(f"{key}.pub", NOBODY, NOBODY)
        done = self.run_lkccb("verify-signature", "--key", f"{key}.pub", db=self.mine)
        self.refused(done)
        self.assertIn("is owned by uid 65534", done.stderr)

    @unittest.skipIf(os.geteuid() != 0, "needs root: files of somebody else")
    def test_owner_and_mode_stay(self):
        """Of a user whose program it is, by root: as sudo has it."""
        program, user = self.path("lkccb"), 12345
        shutil.copy(LKCCB, program)
        os.chown(self.directory.name, user, user)
        os.chmod(self.mine, 0o640)
        os.chown(self.mine, user, user)
        os.chown(program, user, user)
        done = subprocess.run([program, "merge", "--db", self.mine, self.path("genuine.db")], check=False,
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        st = os.stat(self.mine)
        self.assertEqual((st.st_uid, st.st_gid, st.st_mode & 0o7777), (user, user, 0o640))

    def test_fifos_do_not_hang(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        for command in (["list", "--db", fifo], ["merge", fifo, "--db", self.mine],
                        ["import", fifo, "--db", self.mine], ["import", self.mine + ".txt", "--db", fifo],
                        ["add", "--list", fifo, "--db", self.mine], ["sign", "--key", fifo, "--db", self.mine],
                        ["verify-signature", "--key", self.key(), "--signature", fifo, "--db", self.mine],
                        ["coverage", "--inventory", fifo, "--db", self.mine]):
            with self.subTest(command):
                done = subprocess.run([LKCCB, *command], capture_output=True, text=True, timeout=HANGS, check=False)
                self.refused(done)
        with open(self.mine + ".txt", "rb") as text:  # what was passed on is meant
            done = subprocess.run(["sh", "-c", f"cat | {LKCCB} import --db {self.path('piped.db')} /dev/stdin"],
                                  stdin=text, capture_output=True, text=True, timeout=HANGS, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_text_without_an_end(self):
        text = self.path("x.txt")
        with open(text, "wb") as file:
            file.write(b"kernel\trelease=a\tmachine=m\tversion=")
            file.truncate(3 << 30)
        for content in (None, b"kernel\t" + b"a" * 10**8, b"kernel\trelease=a\tmachine=m\n" +
                        b"".join(b"member\tt\tm%d\t0\t4\n" % n for n in range(10**6))):
            if content:
                self.write("x.txt", content)
            done = subprocess.run(f"ulimit -v 500000; exec {LKCCB} import --db {self.db} {text}", shell=True,
                                  capture_output=True, text=True, timeout=HANGS, check=False)
            self.refused(done)
            self.assertIn("x.txt:", done.stderr)

    def test_readers_beside_a_writer(self):
        """Any reader at any time has a whole database: as it was before a commit, or after."""
        texts = [self.path(f"{n}.txt") for n in range(2)]
        for n, text in enumerate(texts):
            with open(text, "w", encoding="ascii") as file:
                file.write("".join(self.ROW.format(f"r{i}", f"{i:04x}", 4 + 4 * n) for i in range(300)))
        self.succeeds("import", texts[0])
        writer = subprocess.Popen(["sh", "-c", f"while :; do for n in 1 0; do {LKCCB} import --replace --db {self.db} "
                                   f"{self.directory.name}/$n.txt || exit 1; done; done"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        began, seen = time.monotonic(), set()
        try:  # for three seconds at least, and on a busy machine until both were seen
            while time.monotonic() < began + 3 or seen != {"4", "8"} and time.monotonic() < began + HANGS:
                offsets = {line.split("\t")[3] for line in self.succeeds("export").splitlines()
                           if line.startswith("member")}
                self.assertIn(offsets, ({"4"}, {"8"}))
                seen |= offsets
                self.assertIn("300 kernels, 0 faults", self.succeeds("verify"))
        finally:
            self.assertIsNone(writer.poll())
            writer.kill()
            writer.communicate()
        self.assertEqual(seen, {"4", "8"})


if __name__ == "__main__":
    tap.main()
