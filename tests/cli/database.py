#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Many packages into one database, and databases as a fleet's engineer handles them.

usage: tests/cli/database.py LKCCB
"""
import glob
import gzip
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
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
        self.assertIn(f"{COUNT} rows added, 0 were there, 0 conflicts", said)
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
        with open(large, "wb") as file:
            file.write(gzip.compress(bytes(10**8), 1) * 80)
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


class Store(Case):
    ROW = "kernel\trelease={}\tmachine=x86_64\tbuild_id={}\nmember\tcred\tuid\t{}\t4\n\n"

    def load(self, name, *rows):
        path = self.path(name)
        text = path + ".txt"
        with open(text, "w", encoding="ascii") as file:
            file.write("".join(self.ROW.format(*row) for row in rows))
        self.succeeds("import", text, db=path)
        return path

    def test_merge_reports_conflicts_and_keeps_what_is_there(self):
        first = self.load("a.db", ("a", "aa", 4), ("b", "bb", 4))
        second = self.load("b.db", ("b", "bb", 8), ("c", "cc", 4))
        done = self.run_lkccb("merge", second, db=first)
        self.assertEqual(done.returncode, 3)
        self.assertIn("1 rows added, 0 were there, 1 conflicts", done.stdout)
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
        self.assertIn("no row of release nowhere", done.stderr)
        self.assertFalse(os.path.exists(self.path("y.db")))

    def test_verify(self):
        self.load("x.db", ("a", "aa", 4))
        self.assertIn("1 rows, 0 faults", self.succeeds("verify"))
        self.load("y.db", ("a", "aa", 70000))
        done = self.run_lkccb("verify", db=self.path("y.db"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("cred.uid: lies outside of any struct", done.stderr)
        small = self.path("small.txt")
        with open(small, "w", encoding="ascii") as file:
            file.write("kernel\trelease=a\tmachine=x86_64\nmember\tcred\tsizeof\t0\t160\n"
                       "member\tcred\tuid\t156\t4\nmember\tcred\tgid\t157\t4\n")
        self.succeeds("import", small, db=self.path("small.db"))
        done = self.run_lkccb("verify", db=self.path("small.db"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("cred.gid: ends behind its struct", done.stderr)
        self.assertNotIn("cred.uid", done.stderr)
        twice = self.path("z.txt")
        with open(twice, "w", encoding="ascii") as file:
            file.write("kernel\trelease=a\tmachine=x86_64\nmember\ttask_struct\treal_start_time\t8\t8\n"
                       "member\ttask_struct\tstart_boottime\t16\t8\n")
        self.succeeds("import", twice, db=self.path("z.db"))
        done = self.run_lkccb("verify", db=self.path("z.db"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("another name of the same fact", done.stderr)

    def test_the_shipped_rows_make_sense(self):
        self.succeeds("import", *glob.glob(f"{ROOT}/offsets/kernels/*.txt"))
        self.assertIn(" 0 faults", self.succeeds("verify"))

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
        self.assertIn("good", self.succeeds("verify-signature", "--key", f"{key}.pub"))
        with open(self.db, "r+b") as file:
            file.seek(2000)
            file.write(b"x")
        done = self.run_lkccb("verify-signature", "--key", f"{key}.pub")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not of this file by that key", done.stderr)
        self.succeeds("sign", "--key", key)
        other = self.path("other")
        self.succeeds("keygen", other)
        self.assertEqual(self.run_lkccb("verify-signature", "--key", f"{other}.pub").returncode, 1)
        self.assertEqual(self.run_lkccb("verify-signature", "--key", key).returncode, 1)  # the secret one
        self.assertEqual(self.run_lkccb("sign").returncode, 2)

    def test_coverage(self):
        self.load("x.db", ("3.10.0-1160.el7.x86_64", "aa", 4), ("6.1.0-13-amd64", "bb", 4))
        done = self.run_lkccb("coverage", "--inventory", "-", input=(
            "3.10.0-1160.el7.x86_64\n6.1.0-13-amd64,x86_64,bb\n6.1.0-13-amd64,x86_64,cc\n"
            "4.15.0-20-generic\n3.10.0-957.el7.x86_64,x86_64,\n# comment\n"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("2 of 5 hosts are covered", done.stderr)
        lines = [line.split("\t") for line in done.stdout.splitlines()[1:]]
        self.assertEqual([line[2] for line in lines], ["release", "build-id", "none", "none", "none"])
        self.assertEqual(lines[2][3], "linux-image-6.1.0-13-amd64-dbg")
        self.assertIn("linux-image-4.15.0-20-generic-dbgsym", lines[3][3])
        self.assertEqual(lines[4][3], "kernel-debuginfo-3.10.0-957.el7.x86_64.rpm")
        done = self.run_lkccb("coverage", "--json", "--inventory", "-", input="6.1.0-13-amd64\n")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout)["match"], "release")
        done = self.run_lkccb("coverage", "--inventory", "-", input="a,b,c,d\n")
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    tap.main()
