#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""BTF in the layout of btfhub's archive, and the versions that it lacks: --version and --banners.

usage: tests/cli/btfhub.py LKCCB
"""
import base64
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from debug import Workspace, kernel, tar  # noqa: E402

LKCCB = os.path.abspath(sys.argv[1])
GCP, EL7, RPI = "5.4.0-1009-gcp", "3.10.0-1160.el7.x86_64", "5.15.0-1005-raspi"


def banner(release, version, builder="build@host"):
    return f"Linux version {release} ({builder}) (gcc version 9.3.0 (GCC) ) {version}"


class Case(Workspace):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.vmlinux = kernel(f"{cls.keep.name}/vmlinux")
        path = f"{cls.keep.name}/btf"
        subprocess.run(["pahole", "-J", "--btf_encode_detached", path, cls.vmlinux], check=True)
        with open(path, "rb") as file:
            cls.btf = file.read()

    @classmethod
    def tearDownClass(cls):
        cls.keep.cleanup()

    def archive(self, path, release=None, compression="xz"):
        """A file of the archive: DIST/VER/ARCH/RELEASE.btf.tar.xz"""
        name = os.path.basename(path).partition(".btf.tar")[0] + ".btf"
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        return self.write(path, tar([(release or name, self.btf)], compression))

    def tree(self):
        for path in (f"hub/ubuntu/20.04/x86_64/{GCP}", f"hub/centos/7/x86_64/{EL7}", f"hub/ubuntu/22.04/arm64/{RPI}"):
            self.archive(f"{path}.btf.tar.xz")
        return self.path("hub")

    def add(self, *arguments, db="x.db"):
        return subprocess.run([LKCCB, "add", "--db", self.path(db), *arguments], capture_output=True, text=True,
                              check=False)

    def kernels(self, *arguments, notes=()):
        """{release: {key: value}} of a database of its own; standard error has the notes."""
        if os.path.exists(self.path("x.db")):
            os.remove(self.path("x.db"))
        done = self.add(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), len(notes), done.stderr)
        for note in notes:
            self.assertIn(note, done.stderr)
        text = subprocess.run([LKCCB, "export", "--db", self.path("x.db")], capture_output=True, text=True, check=True)
        found = (dict(word.split("=", 1) for word in line.split("\t")[1:]) for line in text.stdout.splitlines()
                 if line.startswith("kernel\t"))
        return {keys["release"]: keys for keys in found}

    def fails(self, code, *arguments, words=()):
        done = self.add(*arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertRegex(done.stderr, r"^lkccb: [^\n]+\n$")
        for word in words:
            self.assertIn(word, done.stderr)


class Layout(Case):
    def test_a_tree(self):
        """Machine and distribution by the path, release by the file."""
        found = self.kernels(self.tree())
        self.assertEqual({release: (keys["machine"], keys["distribution"], keys["source"])
                          for release, keys in found.items()},
                         {GCP: ("x86_64", "ubuntu", "btf"), EL7: ("x86_64", "centos", "btf"),
                          RPI: ("aarch64", "ubuntu", "btf")})
        self.assertNotIn("version", found[GCP])

    def test_a_tree_again(self):
        tree = self.tree()
        self.kernels(tree)
        self.assertEqual(self.add(tree).stdout.count("known "), 3)

    def test_relative_paths(self):
        self.archive(f"ol/8/x86_64/{EL7}.btf.tar.gz", compression="gz")
        for directory, path in ((".", f"ol/8/x86_64/{EL7}"), ("ol", f"8/x86_64/{EL7}"), ("ol/8", f"x86_64/{EL7}")):
            done = subprocess.run([LKCCB, "add", "--db", self.path(f"{len(path)}.db"), f"{path}.btf.tar.gz"],
                                  cwd=self.path(directory), capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            shown = subprocess.run([LKCCB, "show", "--db", self.path(f"{len(path)}.db"), EL7], capture_output=True,
                                   text=True, check=True).stdout
            self.assertEqual("distribution: oracle" in shown, path.startswith("ol"))

    def test_other_paths(self):
        """Of these nothing is guessed."""
        for path in (f"{GCP}.btf.tar.xz", f"ubuntu/20.04/sparc/{GCP}.btf.tar.xz", f"x86_64/20.04/{GCP}.btf.tar.xz"):
            self.fails(1, self.archive(path), words=["does not name its machine", "--machine"])
        found = self.kernels(self.archive(f"home/me/x86_64/{GCP}.btf.tar.xz"))
        self.assertEqual((found[GCP]["machine"], found[GCP].get("distribution")), ("x86_64", None))

    def test_the_command_line_disagrees(self):
        path = self.archive(f"ubuntu/20.04/x86_64/{GCP}.btf.tar.xz")
        self.kernels(path, "--machine", "x86_64")
        self.fails(1, path, "--again", "--machine", "aarch64", words=["its machine is x86_64", "--machine"])

    def test_long_and_odd_words(self):
        for words in ("d" * 200, "a\x1bb", "a\nb", "ä"):
            path = self.archive(f"{words}/7/x86_64/{EL7}.btf.tar.xz")
            self.assertEqual(self.kernels(path)[EL7].get("distribution"), "ä" if words == "ä" else None)

    def test_one_that_is_damaged(self):
        tree = self.tree()
        path = f"{tree}/centos/7/x86_64/{EL7}.btf.tar.xz"
        with open(path, "r+b") as file:
            file.truncate(os.path.getsize(path) // 2)
        self.fails(4, tree, words=[EL7, "truncated or malformed package"])

    def test_a_directory_without_any(self):
        os.mkdir(self.path("empty"))
        self.fails(1, self.path("empty"), words=["*.btf.tar.*"])


class Version(Case):
    def test_on_the_command_line(self):
        path = self.archive(f"ubuntu/20.04/x86_64/{GCP}.btf.tar.xz")
        self.assertEqual(self.kernels(path, "--version", "#9-Ubuntu SMP")[GCP]["version"], "#9-Ubuntu SMP")
        self.fails(1, path, "--version", "a\x1b", "--again", words=["is not a version"])
        raw = self.write("raw.btf", self.btf)
        found = self.kernels(raw, "--release", "x", "--machine", "x86_64", "--version", "#1 SMP")
        self.assertEqual(found["x"]["version"], "#1 SMP")

    def test_of_a_file_that_has_one(self):
        self.kernels(self.vmlinux, "--version", "#42 SMP Debian 9.8.7-1")
        self.fails(1, self.vmlinux, "--version", "#1", words=["its version is #42 SMP Debian 9.8.7-1", "--version"])

    def test_it_is_of_one_kernel(self):
        self.fails(2, self.tree(), "--version", "#1", words=["--banners"])
        self.fails(2, self.vmlinux, "--version", "#1", "--banners", "x", words=["either --version or --banners"])
        done = subprocess.run([LKCCB, "sync", "--repo", "/x", "--no-signature", "--version", "#1"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 2)

    def test_of_the_program(self):
        done = subprocess.run([LKCCB, "--version"], capture_output=True, text=True, check=True)
        self.assertRegex(done.stdout, r"^lkccb \d+\.\d+\S*\n$")
        self.assertEqual(subprocess.run([LKCCB, "add", "--version"], capture_output=True, check=False).returncode, 2)


class Banners(Case):
    LINES = [banner("5.4.0", "#1"), banner(GCP, "#9-Ubuntu SMP Sat", "buildd@lcy01 (Ubuntu)"),
             "no banner", banner(EL7, "#1 SMP Mon Oct 19", "mockbuild@kbuilder.bsys.centos.org"),
             banner(EL7 + ".debug", "#1 SMP other")]

    def banners(self, *lines, name="banners"):
        return self.write(name, "".join(f"{line}\n" for line in lines).encode())

    def versions(self, path, *arguments, **options):
        return {release: keys.get("version") for release, keys in
                self.kernels("--banners", path, *arguments, **options).items()}

    def test_lines(self):
        note = f"{RPI}.btf.tar.xz: no banner of {RPI} in"
        wanted = {GCP: "#9-Ubuntu SMP Sat", EL7: "#1 SMP Mon Oct 19", RPI: None}
        self.assertEqual(self.versions(self.banners(*self.LINES), self.tree(), notes=[note]), wanted)
        self.assertEqual(self.versions(self.banners("\r\n".join(self.LINES)), self.tree(), notes=[note]), wanted)

    def test_json(self):
        """Pretty, on one line, as keys, and in base64."""
        note, wanted = "no banner", {GCP: "#9-Ubuntu SMP Sat", EL7: "#1 SMP Mon Oct 19", RPI: None}
        for text in ("[\n" + ",\n".join(f'  {{"banner": "{line}\\n\\u0000"}}' for line in self.LINES) + "\n]\n",
                     "[" + ",".join(f'"{line}\\n"' for line in self.LINES) + "]",
                     '{"linux":{' + ",".join(f'"{line}":["http://x/"]' for line in self.LINES) + "}}",
                     '{"linux":{' + ",".join(f'"{base64.b64encode((line + chr(10) + chr(0)).encode()).decode()}":[]'
                                             for line in self.LINES) + "}}"):
            self.assertEqual(self.versions(self.write("banners.json", text.encode()), self.tree(), notes=[note]), wanted)

    def test_several_of_one_release(self):
        """None is taken; of another distribution they are no candidates."""
        path = self.archive(f"centos/7/x86_64/{EL7}.btf.tar.xz")
        redhat = banner(EL7, "#1 SMP Tue Aug 18", "mockbuild@x86.build.eng.bos.redhat.com")
        self.assertEqual(self.versions(self.banners(*self.LINES, *self.LINES, redhat), path), {EL7: "#1 SMP Mon Oct 19"})
        other = banner(EL7, "#2 SMP Tue Oct 20")
        self.assertEqual(self.versions(self.banners(*self.LINES, other), path,
                                       notes=[f"several banners of {EL7}"]), {EL7: None})
        path = self.archive(f"x86_64/{EL7}.btf.tar.xz")
        self.assertEqual(self.versions(self.banners(*self.LINES, redhat), path, notes=["several banners"]), {EL7: None})

    def test_a_file_that_has_a_version_keeps_it(self):
        self.assertEqual(self.versions(self.banners(banner("9.8.7-test", "#1 other")), self.vmlinux),
                         {"9.8.7-test": "#42 SMP Debian 9.8.7-1"})

    def test_texts_of_every_kind(self):
        path = self.archive(f"ubuntu/20.04/x86_64/{GCP}.btf.tar.xz")
        line = banner(GCP, "#9").encode()
        for text in (b"", b"\0", b"Linux version ", line[:30], line.replace(b" #9", b""), line.replace(b"#9", b"\x1b#9"),
                     b"Linux version " * 10000, line.replace(b"(GCC)", b"x" * 2000), line.replace(b"#9", b"#9\x1b")):
            self.assertEqual(self.versions(self.write("banners", text), path, notes=["no banner"]), {GCP: None})
        encoded = base64.b64encode(line)
        for text in (encoded[:-1], encoded[:70], encoded.replace(b"TGl", b"tGl"), encoded[:24] + b"!" + encoded[25:]):
            self.assertEqual(self.versions(self.write("banners", text), path, notes=["no banner"]), {GCP: None})
        for text in (b"\xff\0" + line + b"\0junk", line, b"Linux version Linux version \n" + line + b"\n"):
            self.assertEqual(self.versions(self.write("banners", text), path), {GCP: "#9"})

    def test_files_that_cannot_be_read(self):
        path = self.archive(f"ubuntu/20.04/x86_64/{GCP}.btf.tar.xz")
        self.fails(1, path, "--banners", self.path("missing"), words=["missing"])
        self.fails(1, path, "--banners", self.directory.name)
        os.mkfifo(self.path("fifo"))
        self.fails(1, path, "--banners", self.path("fifo"))
        with open(self.path("large"), "wb") as file:
            file.truncate(65 << 20)
        self.fails(1, path, "--banners", self.path("large"), words=["large"])

    def test_hosts_find_it(self):
        """coverage takes a release that has a version for one that is found without --kernel-override."""
        self.versions(self.banners(*self.LINES), self.archive(f"ubuntu/20.04/x86_64/{GCP}.btf.tar.xz"))
        done = subprocess.run([LKCCB, "coverage", "--db", self.path("x.db"), "--inventory",
                               self.write("inventory", f"{GCP}\n".encode())], capture_output=True, text=True, check=True)
        self.assertNotIn("--kernel-override", done.stdout)


if __name__ == "__main__":
    tap.main()
