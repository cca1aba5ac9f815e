#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Packages of every kind, made by the distributions' own tools: the rows must not depend on it.

usage: tests/cli/packages.py LKCCB
"""
import gzip
import bz2
import lzma
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from debug import Workspace, ar, blocks, kernel, module, tar  # noqa: E402

LKCCB = os.path.abspath(sys.argv[1])
RELEASE = "9.8.7-test"
PATH = f"usr/lib/debug/lib/modules/{RELEASE}"


def quiet(*command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


class Case(Workspace):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.root = f"{cls.keep.name}/root"
        os.makedirs(f"{cls.root}/{PATH}/kernel/fs/btrfs")
        cls.vmlinux = kernel(f"{cls.root}/{PATH}/vmlinux")
        cls.btrfs = module(f"{cls.root}/{PATH}/kernel/fs/btrfs/btrfs.ko.debug")
        cls.facts = cls.members(cls.vmlinux)

    @classmethod
    def tearDownClass(cls):
        cls.keep.cleanup()

    @staticmethod
    def rows(path, *options):
        """The exported text of one input."""
        with tempfile.TemporaryDirectory() as directory:
            db = f"{directory}/x.db"
            done = subprocess.run([LKCCB, "add", "--db", db, *options, path], capture_output=True,
                                  text=True, check=False)
            if done.returncode:
                raise AssertionError(done.stderr)
            return subprocess.run([LKCCB, "export", "--db", db], capture_output=True, text=True,
                                  check=True).stdout

    @classmethod
    def members(cls, path):
        return [line for line in cls.rows(path).splitlines() if line.startswith("member")]

    def fails(self, path, *words, options=()):
        done = subprocess.run([LKCCB, "add", "--db", self.path("x.db"), *options, path],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stderr, r"^lkccb: [^\n]+\n$")
        for word in words:
            self.assertIn(word, done.stderr)


class Deb(Case):
    def build(self, *options):
        root = self.path("deb")
        quiet("cp", "-r", self.root, root)
        os.mkdir(f"{root}/DEBIAN")
        with open(f"{root}/DEBIAN/control", "w", encoding="ascii") as file:
            file.write(f"Package: linux-image-{RELEASE}-dbg\nVersion: 9.8.7-1\nArchitecture: amd64\n"
                       "Maintainer: test <test@example.org>\nDescription: test\n")
        quiet("dpkg-deb", *options, "-b", root, self.path("x.deb"))
        quiet("rm", "-r", root)
        return self.path("x.deb")

    def test_each_compression(self):
        for name in ("xz", "gzip", "zstd", "none"):
            with self.subTest(name):
                text = self.rows(self.build(f"-Z{name}"))
                self.assertIn(f"package=linux-image-{RELEASE}-dbg\tpackage_version=9.8.7-1", text)
                self.assertEqual([l for l in text.splitlines() if l.startswith("member")], self.facts)

    def entries(self):
        with open(self.vmlinux, "rb") as file, open(self.btrfs, "rb") as other:
            return [("./before", os.urandom(50000)), (f"./{PATH}/vmlinux", file.read()),
                    ("./between", os.urandom(50000)),
                    (f"./{PATH}/kernel/fs/btrfs/btrfs.ko", other.read()), ("./after", b"x" * 99999)]

    def test_many_blocks(self):
        package = self.write("x.deb", blocks(self.entries()))
        self.assertEqual(self.members(package), self.facts)
        single = self.write("y.deb", blocks(self.entries(), "64MiB") + bytes(999))  # nobody looks behind data.tar
        for options in ((), ("--all-units",), ("--modules",)):
            with self.subTest(options):
                strip = [[line.split("\tpackage_sha256")[0] for line in self.rows(p, *options).split("\n")]
                         for p in (package, single)]
                self.assertEqual(*strip)

    def test_damaged_blocks(self):
        """At any place: the same rows, or one clear line; never others."""
        data = blocks(self.entries())
        good = self.members(self.write("x.deb", data))
        refused = 0
        for at in range(300, len(data), 1511):
            path = self.write("x.deb", data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:])
            try:
                self.assertEqual(self.members(path), good)
            except AssertionError as error:
                refused += 1
                self.assertRegex(str(error), r"^lkccb: [^\n]+\n$")
            self.fails_or_not(self.write("x.deb", data[:at]))
        self.assertGreater(refused, 3)

    def fails_or_not(self, path):
        done = subprocess.run([LKCCB, "add", "--db", self.path("x.db"), path], capture_output=True,
                              text=True, check=False)
        self.assertIn(done.returncode, (0, 1))


class Rpm(Case):
    def build(self, compression, release="1.el7"):
        top = self.path("rpm")
        spec = (f"Name: kernel-debuginfo\nVersion: 9.8.7\nRelease: {release}\nSummary: test\n"
                "License: GPL\nBuildArch: noarch\nAutoReqProv: no\n"
                f"%define _binary_payload {compression}\n%define __os_install_post %{{nil}}\n"
                "%define _binaries_in_noarch_packages_terminate_build 0\n"
                f"%description\ntest\n%install\nmkdir -p %{{buildroot}}\ncp -r {self.root}/. %{{buildroot}}\n"
                "%files\n/usr\n")
        quiet("rpmbuild", "-bb", "--define", f"_topdir {top}", self.write("x.spec", spec.encode()))
        (name,) = os.listdir(f"{top}/RPMS/noarch")
        path = self.path(name)
        os.rename(f"{top}/RPMS/noarch/{name}", path)
        return path

    def test_each_compression(self):
        for compression in ("w2.gzdio", "w2.bzdio", "w2.xzdio", "w2.zstdio"):
            with self.subTest(compression):
                path = self.build(compression)
                text = self.rows(path)
                self.assertIn("package=kernel-debuginfo\tpackage_version=9.8.7-1.el7", text)
                self.assertEqual([l for l in text.splitlines() if l.startswith("member")], self.facts)

    def test_modules(self):
        text = self.rows(self.build("w2.gzdio"), "--modules")
        self.assertIn("module=btrfs", text)
        self.assertIn("member\tbtrfs_inode\troot\t24\t8", text)

    def test_cut(self):
        with open(self.build("w2.xzdio"), "rb") as file:
            data = file.read()
        for size in range(100, len(data) - 100, len(data) // 17):
            self.fails(self.write("cut.rpm", data[:size]), "cut.rpm", "download it again")

    def test_without_a_vmlinux(self):
        vmlinux = f"{self.root}/{PATH}/vmlinux"
        os.rename(vmlinux, vmlinux + ".away")
        try:
            path = self.build("w2.gzdio")
        finally:
            os.rename(vmlinux + ".away", vmlinux)
        self.fails(path, "no vmlinux", "kernel-debuginfo")


class Compressed(Case):
    def test_a_compressed_vmlinux(self):
        with open(self.vmlinux, "rb") as file:
            data = file.read()
        zst = subprocess.run(["zstd", "-c"], input=data, capture_output=True, check=True).stdout
        for name, packed in (("gz", gzip.compress(data)), ("xz", lzma.compress(data)),
                             ("bz2", bz2.compress(data)), ("zst", zst)):
            with self.subTest(name):
                self.assertEqual(self.members(self.write(f"vmlinux.{name}", packed)), self.facts)
                self.fails(self.write("cut", packed[:len(packed) // 2]), "cut", "download it again")

    def test_compressed_nonsense(self):
        self.fails(self.write("x.gz", gzip.compress(b"nothing of that kind")), "contains neither an ELF file")

    def test_compressed_debug_sections(self):
        for flag in ("-gz=zlib", "-gz=zlib-gnu"):
            with self.subTest(flag):
                path = kernel(self.path("vmlinux"), flags=("-g", flag))
                self.assertEqual(self.members(path), self.facts)


class FewUnits(Case):
    """A kernel with .BTF and the functions that lead to the units in question."""

    BANNER = ('const char linux_banner[] __attribute__((section(".rodata"))) = "Linux version 9.8.7-test '
              '(b) (gcc) #1 SMP";\n')
    CRED = "struct cred { int usage; unsigned uid; unsigned gid; } c;\n"
    MOVED = "struct cred { long usage; unsigned uid; unsigned gid; } c;\n"

    def build(self, *units, btf_of=None):
        """A vmlinux of these units; .BTF as pahole makes it, or that of another file."""
        objects = []
        for n, source in enumerate(units):
            objects.append(self.path(f"{n}.o"))
            quiet("cc", "-g", "-gdwarf-4", "-fno-common", "-c", "-x", "c", "-", "-o", objects[-1],
                  input=source.encode())
        path = self.path("vmlinux")
        quiet("cc", "-nostdlib", "-static", "-Wl,--build-id=0xabcd", *objects, "-o", path)
        if btf_of:
            quiet("objcopy", f"--add-section=.BTF={btf_of}", path)
        else:
            quiet("pahole", "-J", path)
        return path

    def units(self, cred=CRED):
        return (self.BANNER + "void mmput(void) {} void _start(void) {}\n" + cred,
                "struct mount { int a; struct vfsmount { int b; } mnt; } m; void mnt_want_write(void) {}",
                "struct ipc_namespace { int a[4]; } i; void switch_task_namespaces(void) {}")

    def test_three_units_and_btf_are_enough(self):
        """A fourth unit that disagrees is only seen when all are read."""
        units = self.units()
        static = self.MOVED.replace("struct cred", "static struct cred") + "int use(void) { return c.uid; }"
        path = self.build(*units)
        facts = self.members(path)
        self.assertIn("member\tcred\tuid\t4\t4", facts)
        self.assertEqual(self.rows(path), self.rows(path, "--all-units"))
        btf = self.path("btf")
        quiet("objcopy", f"--dump-section=.BTF={btf}", path)
        path = self.build(*units, static, btf_of=btf)
        self.assertEqual(self.members(path), facts)
        self.fails(path, "units differ in cred.gid", options=["--all-units"])

    def test_sections_that_lie_outside_of_the_file(self):
        with open(self.build(*self.units()), "rb") as file:
            good = bytearray(file.read())
        (start,) = struct.unpack_from("<Q", good, 40)
        size, count, names = struct.unpack_from("<HHH", good, 58)
        (names,) = struct.unpack_from("<Q", good, start + names * size + 24)
        for n in range(count):
            (name,) = struct.unpack_from("<I", good, start + n * size)
            if not good.startswith(b".debug_", names + name):
                continue
            for field in (24, 32):  # where it is, how large it is
                for value in (1 << 20, 1 << 40, 2 ** 64 - 16):
                    bad = bytearray(good)
                    struct.pack_into("<Q", bad, start + n * size + field, value)
                    for data in (bytes(bad), blocks([("./usr/lib/debug/boot/vmlinux-1", bytes(bad))])):
                        done = subprocess.run([LKCCB, "add", "--db", self.path("x.db"), self.write("x", data)],
                                              capture_output=True, text=True, check=False)
                        self.assertNotIn("crashed", done.stderr)

    def test_btf_that_says_otherwise_is_refused(self):
        path = self.build(*self.units(self.MOVED))
        btf = self.path("btf")
        quiet("objcopy", f"--dump-section=.BTF={btf}", path)
        self.fails(self.build(*self.units(), btf_of=btf), "cred.gid", "DWARF", "BTF")

    def test_a_struct_that_only_btf_has_makes_all_units_be_read(self):
        """Its unit is none of the three."""
        path = self.build(*self.units(), "struct files_struct { int users; struct fdtable *fdt; } f;")
        self.assertIn("member\tfiles_struct\tfdt\t8\t8", self.members(path))
        self.assertIn("source=dwarf", self.rows(path))


    def test_other_units_confirm_what_these_do_not_define(self):
        """The set grows: a unit that disagrees, and has no code by which it is found, is not read."""
        struct = "struct files_struct { int users; struct fdtable *fdt; } f{n};\n"
        others = [struct.replace("{n}", str(n)) * (n % 3 == 0) + f"int other{n}(void) {{ return {n}; }}"
                  for n in range(40)]
        path = self.build(*self.units(), *others)
        btf = self.path("btf")
        quiet("objcopy", f"--dump-section=.BTF={btf}", path)
        path = self.build(*self.units(), *others, "struct files_struct { long users, more; struct fdtable *fdt; } moved;", btf_of=btf)
        self.assertIn("member\tfiles_struct\tfdt\t8\t8", self.members(path))
        with open(path, "rb") as file:
            package = self.write("x.deb", blocks([("./usr/lib/debug/boot/vmlinux-1", file.read())]))
        self.assertEqual(self.members(package), self.members(path))
        self.fails(path, "units differ in files_struct", options=["--all-units"])

    def test_units_that_disagree_with_each_other(self):
        """Of those that are read in the first place: BTF knows one, all units are read and say so."""
        units = self.units()
        path = self.build(*units)
        btf = self.path("btf")
        quiet("objcopy", f"--dump-section=.BTF={btf}", path)
        moved = self.MOVED.replace("} c;", "} other;") + "void unix_stream_connect(void) {}"
        self.fails(self.build(*units, moved, btf_of=btf), "units differ in cred.")


class Kinds(Case):
    """Debug data of every kind, as a file and in packages."""

    def read(self, path):
        with open(path, "rb") as file:
            return file.read()

    def packages(self, entries):
        """As a stream, and in blocks with a list and without one."""
        control = tar([("./control", b"Package: x\nVersion: 1\n")], "gz")
        yield ar([("debian-binary", b"2.0\n"), ("control.tar.gz", control), ("data.tar.gz", tar(entries, "gz"))])
        for listed in (False, True):
            yield blocks(entries, listed=listed)

    def each(self, entries):
        for data in self.packages(entries):
            yield self.write("x.deb", data)

    def zstd(self, source):
        path = self.path("zstd")
        done = subprocess.run(["objcopy", "--compress-debug-sections=zstd", source, path], capture_output=True,
                              check=False)
        if done.returncode:
            self.skipTest("this objcopy does not compress by zstd")
        self.assertIn(b"\x28\xb5\x2f\xfd", self.read(path))
        return path

    def test_sections_compressed_by_zstd(self):
        path = self.zstd(self.vmlinux)
        self.assertEqual(self.rows(path), self.rows(self.vmlinux))
        for package in self.each([("./a", b"a" * 9000), (f"./{PATH}/vmlinux", self.read(path)), ("./z", b"z")]):
            self.assertEqual(self.members(package), self.facts)

    def test_a_module_compressed_by_zstd(self):
        btrfs = self.zstd(self.btrfs)
        entries = [(f"./{PATH}/kernel/fs/btrfs/btrfs.ko", self.read(btrfs)),
                   (f"./{PATH}/vmlinux", self.read(self.vmlinux))]
        for package in self.each(entries):
            self.assertIn("member\tbtrfs_inode\troot\t24\t8", self.rows(package, "--modules"))

    def test_damaged_sections(self):
        data = self.read(self.zstd(self.vmlinux))
        at = data.index(b"\x28\xb5\x2f\xfd")
        for damage in (at, at + 4):  # the magic number, and the reserved bit of the header
            self.fails(self.write("x", data[:damage] + bytes([data[damage] ^ 0xff]) + data[damage + 1:]),
                       "malformed .debug_")
        self.fails(self.write("x", data[:at - 16] + b"\xff" * 6 + data[at - 10:]), "malformed .debug_")

    def test_debug_data_alone(self):
        """No .rodata, so no banner: the release is that of the path."""
        path = self.path("alone")
        quiet("objcopy", "--only-keep-debug", self.vmlinux, path)
        self.fails(path, "--release")
        for name in (f"boot/vmlinux-{RELEASE}", f"boot/vmlinux-{RELEASE}.debug", f"lib/modules/{RELEASE}/vmlinux",
                     f"lib/modules/{RELEASE}/vmlinux.debug"):
            for package in self.each([("./a", b"a" * 9000), (f"./usr/lib/debug/{name}", self.read(path))]):
                text = self.rows(package)
                self.assertIn(f"kernel\trelease={RELEASE}\tmachine=x86_64", text)
                self.assertEqual([l for l in text.splitlines() if l.startswith("member")], self.facts)

    def test_split_debug_data(self):
        """Named, and not taken for a kernel that has none of the structs."""
        for flags in (("-gdwarf-5",), ("-gdwarf-4",)):
            path = kernel(self.path("vmlinux"), flags=("-g", "-gsplit-dwarf", *flags, "-dumpdir", self.path("x-")))
            self.fails(path, "split files", ".dwo", "CONFIG_DEBUG_INFO_SPLIT")
        quiet("pahole", "-J", "--btf_encode_detached", self.path("btf"), self.vmlinux)
        quiet("objcopy", f"--add-section=.BTF={self.path('btf')}", path)
        self.assertIn("source=btf", self.rows(path))

    def test_two_kernels_in_a_package(self):
        releases = ("9.8.1-test", "9.8.2-test")
        entries = [("./a", b"a" * 9000)]
        for n, release in enumerate(releases):
            path = kernel(self.path("vmlinux"), release, f"abcdef0{n}")
            entries += [(f"./usr/lib/debug/boot/vmlinux-{release}", self.read(path)), (f"./{n}", os.urandom(50000))]
        for package in self.each(entries):
            text = self.rows(package)
            for release in releases:
                self.assertIn(f"release={release}\t", text)
        self.assertEqual(self.rows(self.rpm(entries)).count("release=9.8."), 2)

    def test_two_kernels_with_their_modules(self):
        """Each is held against the kernel of its own release."""
        entries = []
        for release, member in (("9.8.1-test", "a"), ("9.8.2-test", "a, b")):
            source = f"struct qstr {{ unsigned {member}; const char *name; }} q;\n"
            path = self.build(release, source)
            ko = module(self.path("btrfs.ko"), source + "struct btrfs_inode { struct btrfs_root *root; long vfs_inode; } i;")
            entries += [(f"./usr/lib/debug/boot/vmlinux-{release}", self.read(path)),
                        (f"./usr/lib/debug/lib/modules/{release}/kernel/fs/btrfs/btrfs.ko", self.read(ko))]
        for package in self.each(entries):
            text = self.rows(package, "--modules")
            self.assertEqual(text.count("module=btrfs"), 2)

    def test_one_kernel_by_two_paths(self):
        data = self.read(self.vmlinux)
        for package in self.each([(f"./usr/lib/debug/boot/vmlinux-{RELEASE}", data), (f"./{PATH}/vmlinux", data)]):
            self.assertEqual(self.rows(package).count("kernel\trelease="), 1)

    def build(self, release, source):
        """A vmlinux of one struct."""
        path = self.path("vmlinux")
        source += ('const char linux_banner[] __attribute__((section(".rodata"))) = '
                   f'"Linux version {release} (b) (gcc) #1 SMP";\n')
        quiet("cc", "-g", "-nostdlib", "-static", f"-Wl,--build-id=0x{release.encode().hex()}", "-x", "c", "-",
              "-o", path, input=source.encode())
        return path

    def rpm(self, entries):
        root, top = self.path("root"), self.path("rpm")
        for name, data in entries:
            os.makedirs(os.path.dirname(f"{root}/{name}"), exist_ok=True)
            with open(f"{root}/{name}", "wb") as file:
                file.write(data)
        spec = ("Name: kernel-debuginfo\nVersion: 1\nRelease: 1\nSummary: t\nLicense: GPL\nBuildArch: noarch\n"
                "AutoReqProv: no\n%define __os_install_post %{nil}\n"
                "%define _binaries_in_noarch_packages_terminate_build 0\n"
                f"%description\nt\n%install\nmkdir -p %{{buildroot}}\ncp -r {root}/. %{{buildroot}}\n%files\n/*\n")
        quiet("rpmbuild", "-bb", "--define", f"_topdir {top}", self.write("x.spec", spec.encode()))
        return f"{top}/RPMS/noarch/kernel-debuginfo-1-1.noarch.rpm"

    def test_a_kernel_of_32_bits(self):
        """The same word, whatever it lies in."""
        source = self.read(os.path.join(os.path.dirname(__file__), "..", "data", "structs.c")).decode()
        path = self.path("vmlinux")
        done = subprocess.run(["cc", "-m32", "-nostdlib", "-static", "-g", "-I", os.path.join(
            os.path.dirname(__file__), "..", "data"), "-x", "c", "-", "-o", path], input=source.encode(),
                              capture_output=True, check=False)
        if done.returncode:
            self.skipTest("this compiler does not build for i386")
        words = ("unsupported machine 3", "lkccb reads x86_64 and aarch64")
        self.fails(path, *words)
        for package in self.each([("./a", b"a" * 9000), ("./usr/lib/debug/boot/vmlinux-1", self.read(path))]):
            self.fails(package, *words)

    def test_btf_in_a_tar(self):
        """As btfhub has them: the release is the file's name."""
        btf = self.path("btf")
        quiet("pahole", "-J", "--btf_encode_detached", btf, self.vmlinux)
        name = "5.4.0-1009-gcp.btf"
        for kind in ("xz", "gz"):
            path = self.write(f"{name}.tar.{kind}", tar([(name, self.read(btf))], kind))
            self.fails(path, "--machine")
            text = self.rows(path, "--machine", "x86_64")
            self.assertIn("kernel\trelease=5.4.0-1009-gcp\tmachine=x86_64", text)
            self.assertIn("source=btf", text)
            plain = self.rows(btf, "--machine", "x86_64", "--release", "5.4.0-1009-gcp")
            self.assertEqual(text.splitlines()[1:], plain.splitlines()[1:])
        self.fails(self.write("x.tar.xz", tar([("./readme", b"x")], "xz")), "x.tar.xz", "REL.btf")

    def test_compressed_btf(self):
        btf = self.path("btf")
        quiet("pahole", "-J", "--btf_encode_detached", btf, self.vmlinux)
        path = self.write("vmlinux.btf.xz", lzma.compress(self.read(btf)))
        self.fails(path, "--release")
        self.assertIn("release=x\t", self.rows(path, "--machine", "x86_64", "--release", "x"))


class Behind(Case):
    """A vmlinux behind all modules, as Debian has it from 7.0 on."""
    VMLINUX = f"./{PATH}/vmlinux"

    def entries(self, before=40, after=(), vmlinux=None, path=VMLINUX):
        modules = [(f"./{PATH}/kernel/m{n}.ko", os.urandom(20000 + 7919 * n % 30000)) for n in range(before)]
        with open(vmlinux or self.vmlinux, "rb") as file:
            return [*modules, (path, file.read()), *after]

    def package(self, *arguments, size="64KiB", listed=True, **options):
        return self.write("x.deb", blocks(self.entries(*arguments, **options), size, listed=listed))

    def test_the_same_facts(self):
        small, links = ("./usr/share/doc/x", b"x" * 654), ("./usr/lib/debug/vmlinux-1", f"../{PATH}/vmlinux")
        tail = subprocess.run(["sh", "-c", "cat; printf tail"], stdin=open(self.vmlinux, "rb"),
                              capture_output=True, check=True).stdout
        shapes = {
            "last": {},
            "links and a small file": {"after": [small, links, links]},
            "100 kB": {"after": [("./usr/share/doc/x", os.urandom(100000))]},
            "2 MB": {"after": [("./usr/share/doc/x", os.urandom(2000000)), links]},
            "a file that ends in zeros": {"after": [("./usr/share/doc/x", bytes(3000))]},
            "a tar in the tar": {"after": [("./usr/share/x.tar", tar([("./x", b"x" * 600)], ""))]},
            "no list": {"listed": False},
            "one block": {"size": "64MiB"},
            "no section headers at the end": {"vmlinux": self.write("longer", tail)},
            "a long path": {"path": f"./{PATH}/{'x' * 100}/vmlinux"},
            "a name that only begins so": {"after": [(f"./{PATH}/vmlinux-gdb.py", b"import gdb\n")]},
        }
        for name, options in shapes.items():
            with self.subTest(name):
                path = self.package(**options)
                self.assertEqual(self.members(path), self.facts)
                self.assertEqual(self.rows(path), self.rows(path, "--all-units"))

    def test_with_modules(self):
        with open(self.btrfs, "rb") as file:
            btrfs = (f"./{PATH}/kernel/fs/btrfs/btrfs.ko", file.read())
        path = self.write("x.deb", blocks([btrfs, *self.entries()], "64KiB", listed=True))
        self.assertNotIn("module=", self.rows(path))
        self.assertIn("module=btrfs", self.rows(path, "--modules"))

    def test_damage_behind_it(self):
        """What the search from the end cannot read is found on the way, and said."""
        package = bytearray(blocks(self.entries(after=[("./x", os.urandom(90000))]), "64KiB", listed=True))
        package[-40000] ^= 1
        self.assertEqual(self.members(self.write("x.deb", bytes(package))), self.facts)
        package[-40000] ^= 1
        package[len(package) // 2] ^= 1  # of a module that nobody reads
        self.assertEqual(self.members(self.write("x.deb", bytes(package))), self.facts)

    def test_a_long_way_needs_little_memory(self):
        """Blocks that lie behind are forgotten. Small modules: each block has headers that are read."""
        modules = [(f"./{PATH}/kernel/m{n}.ko", bytes(1 << 20)) for n in range(200)]
        package = blocks([*modules, *self.entries(0)], "8MiB", listed=False)
        self.assertEqual(self.members_with(self.write("x.deb", package), "--memory", "100"), self.facts)

    def members_with(self, path, *options):
        return [line for line in self.rows(path, *options).splitlines() if line.startswith("member")]


class Dwz(Case):
    def split(self):
        """Two kernels whose common debug data dwz has moved to a third file."""
        paths = [kernel(self.path(f"vmlinux-{n}"), f"9.8.{n}-test", f"abcdef{n:02}") for n in (1, 2)]
        quiet("dwz", "-m", self.path("common.debug"), *paths, env={**os.environ, "LC_ALL": "C"})
        return paths

    def test_partial_units(self):
        path = kernel(self.path("vmlinux"))
        quiet("dwz", path)
        self.assertEqual(self.members(path), self.facts)

    def test_a_dwz_file_beside_the_vmlinux(self):
        for path in self.split():
            self.assertEqual(self.members(path), self.facts)

    def test_a_dwz_file_in_the_package(self):
        first, _ = self.split()
        with open(first, "rb") as file, open(self.path("common.debug"), "rb") as common:
            entries = [("./usr/lib/debug/.dwz/common.debug", common.read()),
                       ("./usr/lib/debug/boot/vmlinux-9.8.1-test", file.read())]
        os.unlink(self.path("common.debug"))
        control = tar([("./control", b"Package: linux-image-9.8.1-test-dbg\nVersion: 9.8.1-1\n")], "gz")
        stream = ar([("debian-binary", b"2.0\n"), ("control.tar.gz", control),
                     ("data.tar.gz", tar(entries, "gz"))])
        for package in (stream, blocks(entries, release="9.8.1-test")):
            self.assertEqual(self.members(self.write("x.deb", package)), self.facts)

    def test_no_dwz_file(self):
        first, _ = self.split()
        os.unlink(self.path("common.debug"))
        self.fails(first, "dwz file", "common.debug")

    def test_a_dwz_file_of_another_build(self):
        first, _ = self.split()
        kernel(self.path("common.debug"))
        self.fails(first, "common.debug", "another build")


class Modules(Case):
    def test_only_what_the_kernel_lacks(self):
        text = self.rows(self.write("x.deb", blocks(Deb.entries(self))), "--modules")
        stanza = text[text.index("module=btrfs"):]
        self.assertNotIn("task_struct", stanza.split("\n\n")[0])

    def test_overlay_and_one_that_defines_nothing_more(self):
        structs = {"overlay": "struct ovl_inode { long a; struct dentry *__upperdentry; struct inode *lower; long vfs_inode; } i;",
                   "btrfs": "struct qstr { unsigned hash, len; const char *name; } q;"}
        entries = list(Deb.entries(self)[:-2])
        for name, source in structs.items():
            with open(module(self.path(f"{name}.ko"), source), "rb") as file:
                entries.append((f"./{PATH}/kernel/fs/{name}/{name}.ko", file.read()))
        text = self.rows(self.write("x.deb", blocks(entries)), "--modules")
        self.assertIn("member\tovl_inode\t__upperdentry\t8\t8", text)
        self.assertNotIn("module=btrfs", text)

    def test_a_module_of_another_build(self):
        other = module(self.path("btrfs.ko"), "struct task_struct { int pid; } t; "
                                              "struct btrfs_inode { struct btrfs_root *root; } i;")
        with open(self.vmlinux, "rb") as file, open(other, "rb") as second:
            entries = [(f"./{PATH}/vmlinux", file.read()),
                       (f"./{PATH}/kernel/fs/btrfs/btrfs.ko", second.read())]
        self.fails(self.write("x.deb", blocks(entries)), "task_struct.pid", "module btrfs",
                   "two builds", options=["--modules"])


if __name__ == "__main__":
    tap.main()
