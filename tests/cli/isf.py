#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Symbol files of Volatility 3 (ISF): the same facts as of the vmlinux, and every bad input.

usage: tests/cli/isf.py LKCCB
"""
import bz2
import copy
import gzip
import hashlib
import lzma
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from debug import Workspace, kernel  # noqa: E402
from symbolfile import VOID, symbol_file, written  # noqa: E402
from truth import c_source, kernels  # noqa: E402

LKCCB = os.path.abspath(sys.argv[1])
RELEASE = "9.8.7-test"  # of tests/data/structs.c
BANNER = (f"Linux version {RELEASE} (builder@example.org) (gcc (Debian) 1.2) "
          "#42 SMP Debian 9.8.7-1")


class Case(Workspace):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.vmlinux = kernel(f"{cls.keep.name}/vmlinux", flags=("-gdwarf-5",))
        cls.tables = symbol_file(cls.vmlinux, BANNER)

    @classmethod
    def tearDownClass(cls):
        cls.keep.cleanup()

    def add(self, path, *options):
        return subprocess.run([LKCCB, "add", "--db", self.path("x.db"), *options, path],
                              capture_output=True, text=True, check=False)

    def text(self, path, *options):
        """The exported text of one input."""
        if os.path.exists(self.path("x.db")):
            os.remove(self.path("x.db"))
        done = self.add(path, *options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return subprocess.run([LKCCB, "export", "--db", self.path("x.db")], capture_output=True,
                              text=True, check=True).stdout

    def lines(self, path, *options):
        return [line for line in self.text(path, *options).splitlines() if line.startswith("member")]

    def write_tables(self, tables, name="x.json"):
        return self.write(name, written(tables))

    def fails(self, data, *words, options=()):
        done = self.add(self.write("bad.json", data), *options)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, r"^lkccb: \S*bad\.json: [^\n]+\n$")
        for word in words:
            self.assertIn(word, done.stderr)

    def all_fail(self, inputs):
        """One line for each."""
        paths = [self.write(f"bad{n}.json", data) for n, data in enumerate(inputs)]
        done = subprocess.run([LKCCB, "add", "--db", self.path("x.db"), *paths], capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual({line.split(": ")[1] for line in done.stderr.splitlines()}, set(paths), done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), len(paths), done.stderr)

    def fails_with(self, change, *words):
        """change gets a copy of the tables."""
        tables = copy.deepcopy(self.tables)
        change(tables)
        self.fails(written(tables), *words)


def without_parameters(lines):
    return [line for line in lines if "()" not in line]


class Good(Case):
    def test_same_facts_as_of_the_vmlinux(self):
        facts = without_parameters(self.lines(self.vmlinux))
        self.assertIn("member\ttask_struct\tin_execve\t", "\n".join(facts))
        self.assertIn("member\t.symtab\tcommit_creds.isra\t12\t0", facts)
        self.assertEqual(self.lines(self.write_tables(self.tables)), facts)

    def test_keys(self):
        path = self.write_tables(self.tables)
        with open(self.vmlinux, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        self.assertRegex(self.text(path).splitlines()[0], "\t".join((
            "kernel", f"release={RELEASE}", "machine=x86_64", "version=#42 SMP Debian 9.8.7-1", "distribution=debian",
            "source=isf", f"origin=x.json, of the vmlinux with SHA-256 {digest}(; .* is left out: .*)?")) + "$")

    def test_each_compression(self):
        plain = written(self.tables)
        facts = self.lines(self.write("x.json", plain))
        zstd = subprocess.run(["zstd", "-qc"], input=plain, capture_output=True, check=True).stdout
        for name, data in (("xz", lzma.compress(plain)), ("gz", gzip.compress(plain)),
                           ("bz2", bz2.compress(plain)), ("zst", zstd)):
            with self.subTest(name):
                text = self.text(self.write(f"x.json.{name}", data))
                self.assertEqual([line for line in text.splitlines() if line.startswith("member")], facts)
                self.assertIn(f"package_sha256={hashlib.sha256(data).hexdigest()}", text)
                self.assertIn(f"\torigin=x.json.{name}, of the vmlinux", text)

    def test_tables_in_another_order(self):
        facts = self.lines(self.write_tables(self.tables))
        self.assertEqual(self.lines(self.write_tables(dict(reversed(self.tables.items())))), facts)

    def test_true_layouts(self):
        """Kernels of offsets/kernels as C, as DWARF, as symbol files: the same kernels again."""
        for release, lines in list(kernels("rhel")) + list(kernels("ubuntu"))[:1] + list(kernels("debian"))[:1]:
            with self.subTest(release):
                source, binary = self.path("kernel.c"), self.path("vmlinux")
                with open(source, "w", encoding="ascii") as file:
                    file.write(c_source(lines))
                subprocess.run(["cc", "-gdwarf-5", "-nostdlib", "-static", source, "-o", binary], check=True)
                tables = symbol_file(binary, BANNER)
                found = self.lines(self.write_tables(tables))
                self.assertEqual(found, without_parameters(self.lines(binary, "--release", release)))
                self.assertEqual(set(without_parameters(lines)) - set(found), set())

    def test_machines(self):
        arm = copy.deepcopy(self.tables)
        arm["user_types"]["user_pt_regs"] = symbol_file(self.vmlinux, BANNER, "pstate")["user_types"]["pt_regs"]
        del arm["user_types"]["pt_regs"]
        self.assertIn("machine=aarch64", self.text(self.write_tables(arm)))
        del arm["user_types"]["user_pt_regs"]
        self.fails(written(arm), "--machine")
        self.assertIn("machine=x86_64", self.text(self.write_tables(arm), "--machine", "x86_64"))
        self.fails_with(lambda t: t["base_types"]["pointer"].update(size=4),
                        "pointers of 4 bytes", "x86_64 and aarch64")

    def test_the_command_line_disagrees(self):
        self.fails(written(self.tables), f"its release is {RELEASE}", "--release", options=("--release", "other"))
        self.fails(written(self.tables), "its machine is x86_64", options=("--machine", "aarch64"))

    def test_a_member_of_another_type_is_left_out(self):
        tables = copy.deepcopy(self.tables)
        tables["user_types"]["task_struct"]["fields"]["group_leader"]["type"] = {"kind": "pointer", "subtype": VOID}
        text = self.text(self.write_tables(tables))
        self.assertNotIn("member\ttask_struct\tgroup_leader\t", text)
        self.assertIn("task_struct.group_leader is left out: its type is '*', not '*task_struct'", text)

    def test_what_other_kernels_have(self):
        """A struct whose size is not known, enumerators of any value, deep types, keys that nobody knows."""
        tables = copy.deepcopy(self.tables)
        deep = {"kind": "base", "name": "char"}
        for _ in range(20):
            deep = {"kind": "pointer", "subtype": deep}
        tables["user_types"]["vla"] = {"size": -1, "kind": "struct", "fields": {"a": {"type": deep, "offset": 24}}}
        tables["enums"]["other"] = {"size": 8, "base": "long int", "constants": {"A": -1, "B": 2 ** 63}}
        tables["more"] = [{"user_types": []}, None, 1.5e3, True]
        self.assertEqual(self.lines(self.write_tables(tables)), self.lines(self.write_tables(self.tables)))

    def test_added_twice(self):
        path = self.write("x.json.gz", gzip.compress(written(self.tables)))
        self.text(path)
        self.assertRegex(self.add(path).stdout, "^known ")
        self.assertRegex(self.add(path, "--again").stdout, "^unchanged ")


class Bad(Case):
    def test_cut_at_any_place(self):
        data = written(self.tables)
        self.all_fail(data[:size] for size in [1, 2, 3, *range(5, len(data) - 1, len(data) // 60)])
        self.fails(data + b"{}", "trailing garbage")

    def test_damaged_compression(self):
        data = lzma.compress(written(self.tables))
        places = range(13, len(data), len(data) // 20)
        self.all_fail(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:] for at in places)
        self.all_fail(data[:at] for at in places)

    def test_wrong_nesting(self):
        data = written(self.tables)
        self.fails(data.replace(b'"size": ', b'"size": [', 1), "malformed symbol file")
        self.fails(data.replace(b'"user_types": {', b'"user_types": }', 1), "parse error", "byte")
        self.fails(b'{"user_types": {"a": {"fields": {"b": {"offset": 0}}}}}', "a.b has no offset or no type")
        self.fails(b'{"user_types": {"a": {"fields": {}}}}', "a has no size")

    def test_numbers_out_of_range(self):
        for offset in (-1, 1.5, 2 ** 32, 2 ** 70, 1e3):
            with self.subTest(offset):
                self.fails_with(lambda t: t["user_types"]["task_struct"]["fields"]["group_leader"].update(offset=offset),
                                "offset has a number out of range")
        self.fails_with(lambda t: t["user_types"]["task_struct"]["fields"]["group_leader"].update(offset=3 << 20),
                        "task_struct.group_leader is outside of its struct")
        self.fails_with(lambda t: t["user_types"]["task_struct"].update(size=2 ** 31), "task_struct.sizeof has an impossible offset")
        self.fails_with(lambda t: t["enums"]["pid_type"]["constants"].update(PIDTYPE_PGID=-1), "pid_type.PIDTYPE_PGID has an impossible")

    def test_endless_depth(self):
        self.fails(b'{"a":' + b"[" * 5000000, "nest too deeply")
        self.fails(b'{"user_types": {"a": {"size": 1, "fields": {"b": {"type":' +
                   b'{"kind": "pointer", "subtype":' * 100000, "nest too deeply")

    def test_structs_in_each_other(self):
        """Of itself without end, and each twice the one before."""
        def inside(name, offset):
            return {"type": {"kind": "struct", "name": name}, "offset": offset, "anonymous": True}

        self.fails_with(lambda t: t["user_types"].update(
            task_struct={"size": 64, "kind": "struct", "fields": {"a": inside("task_struct", 0)}}), "nest too deeply")
        def doubled(tables):
            for n in range(30):
                tables["user_types"][f"s{n}"] = {"size": 64, "kind": "struct", "fields": {
                    "a": inside(f"s{n + 1}", 0), "b": inside(f"s{n + 1}", 8)}}
            tables["user_types"]["task_struct"] = tables["user_types"].pop("s0")
            tables["user_types"]["s30"] = {"size": 64, "kind": "struct", "fields": {}}
        self.fails_with(doubled, "nest too deeply")

    def test_banner(self):
        self.fails_with(lambda t: t["symbols"].pop("linux_banner"), "does not name its release", "--release")
        for data in ("no base64!", "TGlu=", "A" * 8192):
            self.fails_with(lambda t: t["symbols"]["linux_banner"].update(constant_data=data), "not base64")
        self.fails_with(lambda t: t["symbols"]["linux_banner"].update(constant_data="QUJD"), "version banner")
        self.fails_with(lambda t: t["symbols"]["linux_banner"].update(constant_data=7),
                        "constant_data is not a string")

    def test_without_a_banner(self):
        tables = copy.deepcopy(self.tables)
        del tables["symbols"]["linux_banner"]
        self.assertIn("release=x\tmachine=x86_64\tsource=isf", self.text(self.write_tables(tables), "--release", "x"))

    def test_tables_of_the_wrong_kind(self):
        for name in ("user_types", "base_types", "enums", "symbols"):
            for value in ([], "x", 1, True):
                self.fails_with(lambda t: t.update({name: value}), f"{name} is not an object")
        self.fails_with(lambda t: t["user_types"].update(task_struct=[]), "task_struct is not an object")
        self.fails_with(lambda t: t["user_types"]["task_struct"]["fields"]["group_leader"]["type"].update(kind="nonsense"),
                        "unknown kind")
        self.fails_with(lambda t: t.pop("user_types"), "no user_types")
        self.fails_with(lambda t: t.update(user_types={"pt_regs": t["user_types"]["pt_regs"]}, enums={}),
                        "none of the kernel's structs")
        self.fails(b"{}\n", "no user_types")
        self.fails(b'{"Linux version": ["a"]}', "no user_types")

    def test_twice(self):
        data = written(self.tables)
        self.fails(data.replace(b'"user_types": {', b'"user_types": {"task_struct": {"size": 1},', 1), "task_struct twice")
        self.fails(data.replace(b'"group_leader": {', b'"group_leader": {"offset": 0, "type": {"kind": "function"}}, "group_leader": {', 1), "group_leader is there twice")
        self.fails(data.replace(b'"user_types": {', b'"user_types": {}, "user_types": {', 1), "user_types is there twice")
        self.fails(data.replace(b'"PIDTYPE_PGID"', b'"PIDTYPE_PGID": 7, "PIDTYPE_PGID"'), "PIDTYPE_PGID is there twice")
        self.fails(data.replace(b'"symbols": {', b'"symbols": {"linux_banner": {"constant_data": "QUJD"},'), "linux_banner is there twice")

    def test_huge_strings(self):
        data = written(self.tables)
        for size in (70000, 200000, 50000000):
            self.fails(data.replace(b'"task_struct": {', b'"' + b"t" * size + b'": {', 1), "more than")
        self.fails(data.replace(b'"task_struct": {', b'"' + b"\\u0041" * 5000 + b'": {'), "4,096 bytes")
        self.fails(data.replace(b'"task_struct": {', b'"task\\u0000struct": {'), "NUL")
        self.fails(data.replace(b'"task_struct": {', b'"task\xff": {'), "invalid bytes in UTF8")
        self.fails(b"{" + b" " * 1000000, "more than 64 KB")

    def test_more_types_than_any_kernel_has(self):
        one = b'{"size":1,"fields":{"a":{"offset":0,"type":{"kind":"function"}}}}'
        data = b",".join(b'"t%d":%s' % (n, one) for n in range(300000))
        self.fails(b'{"user_types":{' + data + b"}}", "more types or names")
        self.fails(b'{"user_types":{"t":{"size":1,"fields":{' + b",".join(
            b'"m%d":{"offset":0,"type":{"kind":"function"}}' % n for n in range(70000)) + b"}}}}", "65,535 members")

    def test_names_are_printed_plainly(self):
        path = self.write("bad\x1b[31m.json", written(self.tables))
        text = self.text(path)
        self.assertNotIn("\x1b", text)
        self.assertIn(r"origin=bad\x1b[31m.json", text)


class Large(Case):
    MEASURE = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
               "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime, used.ru_maxrss)")

    def large(self):
        """A symbol file of 60 MB, as a large kernel has it: 25,000 structs, 120,000 symbols."""
        data = written(self.tables)
        fields = ",".join('"member_%d": {"type": {"kind": "pointer", "subtype": {"kind": "struct", "name": "struct_%d"}}, "offset": %d}'
                          % (n, n, n) for n in range(15))
        structs = ",".join('"struct_%d": {"size": 64, "fields": {%s}, "kind": "struct"}' % (n, fields) for n in range(25000))
        symbols = ",".join('"symbol_%d": {"type": {"kind": "base", "name": "void"}, "address": %d}' % (n, 2 ** 63 + n)
                           for n in range(220000))
        return (data.replace(b'"user_types": {', b'"user_types": {' + structs.encode() + b",", 1)
                .replace(b'"symbols": {', b'"symbols": {' + symbols.encode() + b",", 1)
                .replace(b',"', b',\n      "'))

    def test_sixty_megabytes(self):
        """Under 2 s of CPU time and 200 MB."""
        data = self.large()
        self.assertGreater(len(data), 60000000)
        facts = self.lines(self.write_tables(self.tables))
        for path in (self.write("large.json", data), self.write("large.json.gz", gzip.compress(data, 1))):
            self.assertEqual(self.lines(path), facts)
            done = subprocess.run([sys.executable, "-c", self.MEASURE, LKCCB, "add", "--db", self.path("large.db"), path],
                                  capture_output=True, text=True, check=True)
            seconds, kilobytes = (float(word) for word in done.stdout.split())
            print(f"# {os.path.basename(path)}: {len(data) / 1e6:.0f} MB in {seconds:.2f} s, {kilobytes / 1e3:.0f} MB")
            self.assertLess(kilobytes, 200e3)
            self.assertLess(seconds, 2)


if __name__ == "__main__":
    tap.main()
