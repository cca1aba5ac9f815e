#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""lkccb coverage --kernels: lists of falco's kernel-crawler as an inventory, genuine in form and hostile.

usage: tests/cli/coverage.py LKCCB
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from patience import HANGS  # noqa: E402

LKCCB = os.path.abspath(sys.argv[1])
URL = "http://mirror.invalid/pool/main/l/linux/"
MEMBER = "member\ttask_struct\tpid\t8\t4\n"
# release, machine, version, build-id
KERNELS = (
    ("6.1.0-56-amd64", "x86_64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)", "aa01"),
    ("6.1.0-56-arm64", "aarch64", "#1 SMP Debian 6.1.192-2 (2026-11-16)", "aa02"),
    ("4.15.0-42-generic", "x86_64", "#45~16.04.1-Ubuntu SMP Tue Nov 20 10:00:00 UTC 2018", "aa03"),
    ("4.15.0-42-generic", "x86_64", "#45-Ubuntu SMP Thu Nov 15 19:32:57 UTC 2018", "aa04"),
    ("3.10.0-1160.el7.x86_64", "x86_64", "#1 SMP Mon Oct 19 16:18:59 UTC 2020", "aa05"),
)


def deb(release, version, architecture="amd64", mirror=URL):
    return f"{mirror}linux-headers-{release}_{version}_{architecture}.deb"


def entry(release, headers=(), version="1", target="any"):
    return {"kernelversion": version, "kernelrelease": release, "target": target, "headers": list(headers)}


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.db = self.path("x.db")
        text = "".join(f"kernel\trelease={r}\tmachine={m}\tversion={v}\tbuild_id={b}\tsource=dwarf\n{MEMBER}\n"
                       for r, m, v, b in KERNELS)
        text += f"kernel\trelease=4.4.0-21-generic\tmachine=x86_64\tsource=table\n{MEMBER}"
        subprocess.run([LKCCB, "import", "--db", self.db, self.write("x.txt", text)], check=True, capture_output=True)

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        return self.path(name)

    def coverage(self, kernels, *arguments):
        """kernels: a list as Python, or its text."""
        text = kernels if isinstance(kernels, str) else json.dumps(kernels)
        return subprocess.run([LKCCB, "coverage", "--db", self.db, "--kernels", self.write("list.json", text),
                               *arguments], capture_output=True, text=True, check=False, timeout=HANGS)

    def rows(self, kernels, *arguments):
        done = self.coverage(kernels, *arguments)
        self.assertIn(done.returncode, (0, 3), done.stderr)
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()[1:]]


class Lists(Case):
    def test_debian_kernels_are_those_of_the_packages(self):
        """kernelrelease is made of the package's version there, and no uname -r."""
        kernels = {"Debian": [
            entry("6.1.192-2-amd64", (deb("6.1.0-56-common", "6.1.192-2", "all"), deb("6.1.0-56-amd64", "6.1.192-2"),
                                      deb("6.1.0-56-amd64", "6.1.192-2", mirror="http://other.invalid/"),
                                      f"{URL}linux-kbuild-6.1_6.1.192-2_amd64.deb")),
            entry("6.1.191-1-amd64", (deb("6.1.0-56-amd64", "6.1.191-1"),)),
            entry("6.1.192-2-rt-amd64", (deb("6.1.0-56-common-rt", "6.1.192-2", "all"),))]}
        self.assertEqual(self.rows(kernels), [
            ("6.1.0-56-amd64", "x86_64", "none", "-", "linux-image-6.1.0-56-amd64-dbg 6.1.191-1"),
            ("6.1.0-56-amd64", "x86_64", "version", "dwarf", "-")])
        self.assertEqual(self.coverage(kernels).stderr.splitlines(), [
            f"lkccb: {self.path('list.json')}: 1 entry names no package of a kernel, skipped",
            "lkccb: 1 of 2 hosts are covered"])

    def test_ubuntu_builds_are_told_apart(self):
        kernels = {"Ubuntu": [entry(f"4.15.0-42-{flavour}", (deb("4.15.0-42-generic", f"4.15.0-42.{build}"),
                                                             deb("4.15.0-42", f"4.15.0-42.{build}", "all")), build)
                              for flavour, build in (("hwe", "45~16.04.1"), ("hwe", "45~16.04.10"), ("generic", "4"))]}
        self.assertEqual([row[2] for row in self.rows(kernels)], ["none", "version", "none"])
        kernels = {"Ubuntu": [entry("4.4.0-21", (deb("4.4.0-21-generic", "4.4.0-21.37"),), "37")]}
        self.assertEqual(self.rows(kernels)[0][2:4], ("release (--kernel-override)", "table"))

    def test_rpm_kernels(self):
        kernels = {"CentOS": [entry("3.10.0-1160.el7.x86_64", (f"{URL}kernel-devel-3.10.0-1160.el7.x86_64.rpm",)),
                              entry("3.10.0-957.el7.x86_64", (f"{URL}kernel-devel-3.10.0-957.el7.x86_64.rpm",))],
                   "AmazonLinux2": [{"kernelrelease": "4.14.77-70.59.amzn2.aarch64", "kernelversion": 1}],
                   "flatcar": [{"kernelrelease": "2905.2.0", "kernelversion": "1", "kernelconfigdata": "Q" * 300000}]}
        self.assertEqual(self.rows(kernels), [
            ("2905.2.0", "x86_64", "none", "-", "the debug package of 2905.2.0"),
            ("3.10.0-1160.el7.x86_64", "x86_64", "version", "dwarf", "-"),
            ("3.10.0-957.el7.x86_64", "x86_64", "none", "-", "kernel-debuginfo-3.10.0-957.el7.x86_64.rpm"),
            ("4.14.77-70.59.amzn2.aarch64", "aarch64", "none", "-", "the debug package of 4.14.77-70.59.amzn2.aarch64")])

    def test_architectures(self):
        plain = entry("6.1.0-56-arm64")
        self.assertEqual(self.rows({"aarch64": {"debian": [plain]}})[0][1:3], ("aarch64", "version"))
        self.assertEqual(self.rows({"debian": [plain]})[0][1:3], ("x86_64", "none"))
        self.assertEqual(self.rows({"debian": [plain]}, "--machine", "aarch64")[0][1:3], ("aarch64", "version"))
        mixed = {"aarch64": {"a": [plain], "b": [plain]}, "x86_64": {"a": [plain]}, "c": [plain]}
        self.assertEqual([row[1] for row in self.rows(mixed)], ["aarch64", "x86_64"])
        self.assertEqual(self.rows({"a": [entry("5.1", (deb("6.1.0-56-arm64", "6.1.192-2", "arm64"),))]})[0][1:3],
                         ("aarch64", "version"))

    def test_json_and_standard_input(self):
        with open(self.write("list.json", json.dumps({"x": [entry("6.1.0-56-amd64")]})), "rb") as file:
            done = subprocess.run([LKCCB, "coverage", "--db", self.db, "--json", "--kernels", "-"], stdin=file,
                                  capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, json.loads(done.stdout)),
                         (0, {"release": "6.1.0-56-amd64", "machine": "x86_64", "build_id": None, "build": "1",
                              "version": None, "match": "version", "source": "dwarf", "package": None}))

    def test_beside_an_inventory(self):
        rows = self.rows({"x": [entry("6.1.0-56-amd64")]}, "--inventory", self.write("hosts", "no-such-kernel\n"))
        self.assertEqual([row[0] for row in rows], ["no-such-kernel", "6.1.0-56-amd64"])


class Hostile(Case):
    def refused(self, kernels, words, *arguments):
        done = self.coverage(kernels, *arguments)
        self.assertEqual((done.returncode, done.stdout), (1, ""), kernels if len(kernels) < 200 else "")
        self.assertRegex(done.stderr, r"^lkccb: [^\n]+\n$")
        self.assertIn("list.json: ", done.stderr)
        self.assertIn(words, done.stderr)

    def test_what_is_no_list(self):
        good = json.dumps({"x": [entry("6.1.0-56-amd64")]})
        for text, words in (("", "premature EOF"), (good[:-4], "premature EOF"), (good + "x", "byte"),
                            (good.replace(":", ";", 1), "byte"), ("[1]", "does not begin with {"),
                            ("1", "no list of kernels"), ("{}", "no list of kernels"), ('{"x": []}', "no list of"),
                            ('{"x": {"y": {"z": [{"kernelrelease": "a"}]}}}', "no list of kernels"),
                            ("\0", "byte"), ('{"x": [{"kernelrelease": "\udcff"}]}', "byte")):
            with self.subTest(text):
                self.refused(text, words)
                self.refused(text, "; give a list.json of falco's kernel-crawler")

    def test_names(self):
        for name in ("", "a b", "a\tb", "a\nb", "\u202ea", "a\0b", "a" * 129, "../a/b", "%s%n"):
            with self.subTest(name):
                self.refused({"x": [entry("good"), entry(name)]}, "entry 2: its kernelrelease is no name")
                if name:
                    self.refused({"x": [entry("good", version=name)]}, "entry 1: its kernelversion")
                rows = self.rows({"x": [entry("good", (deb(name, "1"), deb("r", name), deb("r", "1", name)))]})
                self.assertEqual(rows, [])
        self.refused({"x": [{"target": "y"}]}, "entry 1: it has no kernelrelease")

    def test_limits(self):
        self.refused({"x": [entry(f"r{n}") for n in range(100001)]}, "more than 100,000 kernels")
        self.refused({"x": [entry("r", [deb(f"r{n}", "1") for n in range(257)])]}, "entry 1: more than 256 packages")
        self.refused('{"x": ' + "[" * 17, "nested too deeply")
        self.refused('{"x": ' + "[" * 10**6, "nested too deeply")
        self.refused('{"x": "' + "a" * (17 << 20) + '"}', "a text of more than 16384 KB")
        self.refused('{"x": ' + "1" * (17 << 20) + "}", "a text of more than 16384 KB")
        self.refused(" " * (17 << 20), "a text of more than 16384 KB")
        done = self.coverage({"x": [entry(f"r{n}") for n in range(100000)]})
        self.assertIn("0 of 100000 hosts are covered", done.stderr)

    def test_a_list_without_an_end(self):
        path = self.path("list.json")
        with open(path, "w", encoding="ascii") as file:
            file.write('{"x": "')
            file.truncate(3 << 30)
        for limit in ("ulimit -v 600000", ":"):
            done = subprocess.run(f"{limit}; exec {LKCCB} coverage --db {self.db} --kernels {path}", shell=True,
                                  capture_output=True, text=True, check=False, timeout=HANGS)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertRegex(done.stderr, r"^lkccb: [^\n]+list.json: [^\n]+\n$")

    def test_a_fifo(self):
        os.mkfifo(self.path("fifo"))
        done = subprocess.run([LKCCB, "coverage", "--db", self.db, "--kernels", self.path("fifo")],
                              capture_output=True, text=True, check=False, timeout=HANGS)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"^lkccb: [^\n]+fifo: [^\n]+\n$")


if __name__ == "__main__":
    tap.main()
