#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A real debug package through lkccb: every fact as pahole has it, and DWARF and BTF alike.

usage: tests/package/check.py LKCCB PACKAGE.deb
"""
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest

from elftools.elf.elffile import ELFFile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

LKCCB, PACKAGE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])

# "	unsigned int  in_execve:1;  /*  2344: 2  4 */", "	struct upid  numbers[];  /* 96  0 */"
MEMBER = re.compile(r"^\s+(?:(.+?)\s+|\} ?)\*?(\w+)((?:\[\d*\])*)(:\d+)?(?: __attribute__\S+)?;"
                    r"\s*/\*\s*(\d+)(?::\s*(\d+))?\s+(\d+)\s*\*/")


class Ranges(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        first, last = (int(n) for n in re.match(r"bytes=(\d+)-(\d+)$", self.headers["Range"]).groups())
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{os.path.getsize(PACKAGE)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        with open(PACKAGE, "rb") as file:
            file.seek(first)
            self.wfile.write(file.read(last - first + 1))


class Package(unittest.TestCase):
    @staticmethod
    def path(release):
        """In boot/ until 6.12, in lib/modules/ from 7.0 on."""
        control = subprocess.run(f"ar p '{PACKAGE}' control.tar.xz | tar -xJO ./md5sums", shell=True, check=True,
                                 capture_output=True, text=True).stdout
        (path,) = re.findall(rf"  (usr/lib/debug/(?:boot/vmlinux-{re.escape(release)}|lib/modules/[^/]+/vmlinux))$",
                             control, re.MULTILINE)
        return path

    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.db = os.path.join(cls.keep.name, "x.db")
        subprocess.run([LKCCB, "add", "--db", cls.db, PACKAGE], check=True, stdout=subprocess.DEVNULL)
        cls.row = cls.show(cls.db)
        data = subprocess.Popen(["ar", "p", PACKAGE, "data.tar.xz"], stdout=subprocess.PIPE)
        name = f"./{cls.path(cls.row['release'])}"
        subprocess.run(["tar", "-xJ", "-C", cls.keep.name, "--occurrence=1", name], check=True,
                       stdin=data.stdout)
        data.stdout.close()
        data.wait()
        cls.vmlinux = os.path.join(cls.keep.name, name)
        cls.texts = {}

    @classmethod
    def tearDownClass(cls):
        cls.keep.cleanup()

    @staticmethod
    def show(db):
        done = subprocess.run([LKCCB, "list", "--db", db, "--json"], check=True, capture_output=True,
                              text=True)
        return json.loads(done.stdout.splitlines()[0])

    def pahole(self, name, *options):
        """Its text; each run takes time."""
        if name not in self.texts:
            self.texts[name] = self.asked("pahole", *options, "-C", name)
        return self.texts[name]

    def struct(self, name):
        """By the package's BTF, as pahole has to go through the units of DWARF for each struct."""
        return self.pahole(name, "-F", "btf")

    def members(self, struct):
        """{member: (bit position, size, bit size, type)}; anonymous ones are inside."""
        members = {}
        for line in self.struct(struct).splitlines():
            found = MEMBER.match(line)
            if found:
                kind, name, _, bits, offset, bit, size = found.groups()
                members.setdefault(name, (int(offset) * 8 + int(bit or 0), int(size),
                                          int(bits[1:]) if bits else None, kind or ""))
        return members

    def asked(self, *command):
        return subprocess.run([*command, self.vmlinux], capture_output=True, text=True, check=True).stdout

    def size(self, struct):
        return int(re.search(r"/\* size: (\d+)", self.struct(struct))[1])

    def enumerator(self, enum, name):
        return int(re.search(rf"\b{name}\s+= (\d+)", self.pahole(enum))[1])

    def parameter(self, function, name):
        prototype = re.search(r"\((.*)\)", self.asked("pfunct", "-F", "btf", "-f", function))[1]
        return [re.search(r"(\w+)$", p)[1] for p in prototype.split(", ")].index(name)

    def symbol(self, name):
        """The number behind "function.isra"; 0 of the function itself."""
        plain, _, clone = name.partition(".")
        names = re.findall(rf"(?m)^\w+ [tTW] {plain}{f'[.]{clone}[.]([0-9]+)' if clone else '()'}$",
                           self.asked("nm"))
        return int(names[0] or 0)

    def truth(self, struct, path):
        """(bit position, size, bit size); of what is no member: the number, with its own size."""
        if path == "sizeof":
            return 0, self.size(struct), None
        if struct.startswith("enum "):
            return self.enumerator(struct.removeprefix("enum "), path) * 8, 4, None
        if struct.endswith("()"):
            return self.parameter(struct.removesuffix("()"), path) * 8, 8, None
        if struct == ".symtab":
            return self.symbol(path) * 8, 0, None
        position, size, bits = 0, None, None
        for name in path.split("."):
            self.assertNotIn("[", name, "no array elements in kernels that have BTF")
            at, size, bits, kind = self.members(struct)[name]
            position += at
            struct = kind.removeprefix("const ").removeprefix("struct ")
        return position, size, bits

    def test_identity(self):
        row = self.row
        fields = dict(re.findall(r"(?m)^ (Package|Version|Architecture): (.*)$", subprocess.run(
            ["dpkg-deb", "-I", PACKAGE], capture_output=True, text=True, check=True).stdout))
        digest = subprocess.run(["sha256sum", PACKAGE], capture_output=True, text=True,
                                check=True).stdout.split()[0]
        notes = subprocess.run(["readelf", "-n", self.vmlinux], capture_output=True, text=True,
                               check=True).stdout
        self.assertEqual(row["package"], fields["Package"])
        self.assertEqual(row["package_version"], fields["Version"])
        self.assertEqual(row["package_sha256"], digest)
        self.assertEqual(row["build_id"], re.search(r"Build ID: (\w+)", notes)[1])
        self.assertEqual(row["machine"], {"amd64": "x86_64", "arm64": "aarch64"}[fields["Architecture"]])
        self.assertEqual(row["release"], row["package"].removeprefix("linux-image-").removesuffix("-dbg"))
        self.assertRegex(row["version"], rf"^#1 SMP .*Debian {re.escape(row['package_version'])} ")

    def test_every_fact_is_as_pahole_has_it(self):
        self.assertGreater(len(self.row["facts"]), 90)
        for fact in self.row["facts"]:
            with self.subTest(f"{fact['type']}.{fact['member']}"):
                position = fact["offset"] * 8 + (fact["bit_offset"] or 0)
                self.assertEqual((position, fact["size"], fact["bit_size"]),
                                 self.truth(fact["type"], fact["member"]))

    def test_every_unit_has_the_same_facts(self):
        """By blocks of the package and by the whole file, by few units and by all."""
        for path in (PACKAGE, self.vmlinux):
            for options in ((), ("--all-units",)):
                with self.subTest((path, options)), tempfile.TemporaryDirectory() as directory:
                    db = os.path.join(directory, "x.db")
                    subprocess.run([LKCCB, "add", "--db", db, *options, path], check=True,
                                   stdout=subprocess.DEVNULL)
                    row = self.show(db)
                    for key in ("facts", "release", "version", "build_id", "machine", "distribution"):
                        self.assertEqual(row[key], self.row[key], key)

    def test_btf_has_the_same_facts(self):
        raw, db = os.path.join(self.keep.name, "btf"), os.path.join(self.keep.name, "btf.db")
        with open(self.vmlinux, "rb") as vmlinux, open(raw, "wb") as out:
            out.write(ELFFile(vmlinux).get_section_by_name(".BTF").data())
        subprocess.run([LKCCB, "add", "--db", db, "--release", "x", "--machine", "any", raw],
                       check=True, stdout=subprocess.DEVNULL)
        self.assertEqual(self.show(db)["facts"],
                         [f for f in self.row["facts"] if f["type"] != ".symtab"])


    def test_a_few_units_are_enough(self):
        """Else a struct of the catalogue is in none of them: lkccb/image/units.c names the functions that lead there."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ranges)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = subprocess.run([LKCCB, "add", "--db", os.path.join(self.keep.name, "ranges.db"), "--ranges",
                               f"http://127.0.0.1:{server.server_port}/x.deb"], capture_output=True, text=True,
                              check=False)
        server.shutdown()
        server.server_close()
        self.assertEqual(done.returncode, 0, done.stderr)
        fetched, size = (float(n) for n in re.search(r"fetched (\S+) of (\S+) MB", done.stderr).groups())
        self.assertLess(fetched, 0.15 * size)


if __name__ == "__main__":
    tap.main()
