#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Repositories made by the distributions' own tools, on disk and behind HTTP, of kernels that are
laid out as those of Ubuntu and RHEL really are.

usage: tests/cli/repositories.py LKCCB
"""
import glob
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from debug import blocks  # noqa: E402
from truth import c_source, comparable, kernels  # noqa: E402

LKCCB = os.path.abspath(sys.argv[1])
KERNELS = 3


def quiet(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          **options)


class Handler(http.server.SimpleHTTPRequestHandler):
    """With byte ranges, and a list of what was asked for; cut: so many bytes, then the line drops."""
    asked, cut, ranges, grown = [], None, True, 0

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.translate_path(self.path)
        asked = re.match(r"bytes=(\d+)-(\d*)$", self.headers.get("Range", ""))
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError:
            self.send_error(404)
            return
        data += bytes(self.grown * len(self.asked))
        first, last = 0, len(data) - 1
        if asked and self.ranges:
            first = int(asked[1])
            last = int(asked[2]) if asked[2] else last
            if first > last:
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        body = data[first:last + 1]
        Handler.asked.append((self.path, first, len(body)))
        if Handler.cut is not None and len(body) > Handler.cut:
            body, Handler.cut = body[:Handler.cut], None
            self.close_connection = True
        try:
            self.wfile.write(body)
        except OSError:  # the client had enough
            pass


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.root = cls.keep.name
        cls.truth = dict(list(kernels(cls.distribution))[:KERNELS])
        cls.releases = sorted(cls.truth)
        cls.kernels = {release: cls.kernel(release, n) for n, release in enumerate(cls.releases)}
        cls.gpg_home = f"{cls.root}/gpg"
        os.mkdir(cls.gpg_home, 0o700)
        for name in ("archive", "other"):
            cls.gpg("--quick-generate-key", "--passphrase", "", f"{name}@example.org")
            with open(f"{cls.root}/{name}.gpg", "wb") as file:
                file.write(subprocess.run(["gpg", "--homedir", cls.gpg_home, "--batch", "--export",
                                           f"{name}@example.org"], check=True, capture_output=True).stdout)
        cls.build()
        cls.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), lambda *a: Handler(*a, directory=cls.root))
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.url = f"http://127.0.0.1:{cls.server.server_port}"

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        subprocess.run(["gpgconf", "--homedir", cls.gpg_home, "--kill", "all"], check=False)
        cls.keep.cleanup()

    @classmethod
    def kernel(cls, release, number):
        """A vmlinux that is laid out as that kernel is."""
        path = f"{cls.root}/vmlinux-{release}"
        source = c_source(cls.truth[release]) + (
            'const char linux_banner[] __attribute__((section(".rodata"))) = '
            f'"Linux version {release} (b) (gcc) #1 SMP test";\n')
        subprocess.run(["cc", "-g", "-gdwarf-4", "-nostdlib", "-static", f"-Wl,--build-id=0xabcdef{number:02}",
                        "-x", "c", "-", "-o", path], input=source.encode(), check=True)
        return path

    @classmethod
    def gpg(cls, *arguments):
        quiet("gpg", "--homedir", cls.gpg_home, "--batch", "--yes", *arguments)

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.db = f"{self.directory.name}/x.db"
        Handler.asked, Handler.cut, Handler.ranges, Handler.grown = [], None, True, 0

    def tearDown(self):
        self.directory.cleanup()

    def sync(self, *arguments, keyring="archive"):
        key = ["--keyring", f"{self.root}/{keyring}.gpg"] if keyring else ["--no-signature"]
        return subprocess.run([LKCCB, "sync", "--db", self.db, *key, *arguments], capture_output=True,
                              text=True, check=False, env={**os.environ, "TMPDIR": self.directory.name})

    def found(self):
        done = subprocess.run([LKCCB, "list", "--db", self.db], capture_output=True, text=True, check=True)
        return [line.split()[0] for line in done.stdout.splitlines()[1:]]

    def check_everything(self):
        """All kernels are there, each with exactly the members that it really has."""
        self.assertEqual(self.found(), self.releases)
        for release in self.releases:
            done = subprocess.run([LKCCB, "show", "--db", self.db, "--json", release], capture_output=True,
                                  text=True, check=True)
            facts = json.loads(done.stdout)["facts"]
            lines = ["\t".join(str(f[key]) for key in ("type", "member", "offset", "size") +
                               (("bit_offset", "bit_size") if f["bit_size"] else ())) for f in facts]
            self.assertEqual(comparable([f"member\t{line}" for line in lines], self.truth[release]), self.truth[release])

    def sources(self):
        done = subprocess.run([LKCCB, "list", "--db", self.db], capture_output=True, text=True, check=True)
        return {line.split("\t")[4] for line in done.stdout.splitlines()[1:]}

    def left_behind(self):
        return [name for name in os.listdir(self.directory.name) if not name.startswith("x.db")]


class Both:
    """What holds for either kind of repository."""

    def test_over_http(self):
        done = self.sync("--repo", f"{self.url}/repo", *self.where)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(" offsets from verified-dwarf, ", done.stdout)
        self.check_everything()
        self.assertEqual(self.sources(), {"verified-dwarf"})
        self.assertEqual(self.left_behind(), [])
        Handler.asked = []
        done = self.sync("--repo", f"{self.url}/repo", *self.where)
        self.assertIn(f"{KERNELS} debug packages of kernels, 0 of them not in", done.stderr)
        self.assertEqual([path for path, _, _ in Handler.asked if "debug" in path and "repodata" not in path], [])

    def test_provenance(self):
        """All batches of a run are in one statement."""
        statement, spdx = f"{self.directory.name}/x.db.json", f"{self.directory.name}/x.db.spdx"
        for keyring in ("archive", None):
            done = self.sync("--repo", f"{self.url}/repo", "-j", "1", "--provenance", statement, "--spdx", spdx,
                             *self.where, keyring=keyring)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(statement, encoding="utf-8") as file:
                text = file.read()
            self.assertNotIn(self.url, text)
            self.assertNotIn(self.root, text)
            definition = json.loads(text)["predicate"]["buildDefinition"]
            self.assertEqual((definition["externalParameters"]["command"],
                              definition["externalParameters"]["signatures-verified"]), ("sync", keyring is not None))
            roles = [item["annotations"]["role"] for item in definition["resolvedDependencies"]]
            expected = ["input"] * KERNELS + ["keyring"] if keyring else ["database"] + ["earlier"] * KERNELS
            self.assertEqual(sorted(roles), sorted(expected))
            done = subprocess.run([LKCCB, "verify", "--provenance", statement, self.db], capture_output=True, text=True,
                                  check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(os.path.exists(spdx))

    def test_a_verified_package_stays_verified(self):
        """Whatever came first: the entry says the most that is known of its package."""
        for keyring, source in ((None, "dwarf"), ("archive", "verified-dwarf"), (None, "verified-dwarf")):
            done = self.sync("--repo", f"{self.root}/repo", "--again", *self.where, keyring=keyring)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.sources(), {source})
            self.check_everything()

    def test_of_a_local_mirror(self):
        done = self.sync("--repo", f"{self.root}/repo", *self.where)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_everything()
        self.assertEqual(self.left_behind(), [])

    def test_dry_run(self):
        done = self.sync("--repo", f"{self.url}/repo", "--dry-run", *self.where)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), KERNELS)
        self.assertFalse(os.path.exists(self.db))

    def test_shards_of_a_repository(self):
        seen = []
        for part in (1, 2):
            self.db = f"{self.directory.name}/x.db{part}"
            done = self.sync("--repo", f"{self.url}/repo", "-j", "1", "--shard", f"{part}/2", *self.where)
            self.assertEqual(done.returncode, 0, done.stderr)
            seen.append(self.found())
        self.assertEqual([len(part) for part in seen], [2, 1])
        self.assertEqual(sorted(seen[0] + seen[1]), self.releases)

    def test_signed_by_somebody_else(self):
        done = self.sync("--repo", f"{self.url}/repo", *self.where, keyring="other")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not signed by a key of", done.stderr)
        self.assertFalse(os.path.exists(self.db))

    def test_without_a_word_on_signatures(self):
        done = subprocess.run([LKCCB, "sync", "--repo", self.url], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        done = self.sync("--repo", f"{self.url}/repo", *self.where, keyring=None)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_package_that_was_changed(self):
        path = self.package(1)
        with open(path, "r+b") as file:
            file.seek(900)
            byte = file.read(1)
            file.seek(900)
            file.write(bytes([byte[0] ^ 1]))
        try:
            done = self.sync("--repo", f"{self.url}/repo", *self.where)
        finally:
            with open(path, "r+b") as file:
                file.seek(900)
                file.write(byte)
        self.assertEqual(done.returncode, 4, done.stdout)
        self.assertIn("differs from the repository's index", done.stderr)
        self.assertEqual(self.found(), [self.releases[0], self.releases[2]])

    def test_a_package_that_grew(self):
        path = self.package(1)
        size = os.path.getsize(path)
        with open(path, "ab") as file:
            file.write(bytes(1000))
        try:
            done = self.sync("--repo", f"{self.url}/repo", *self.where)
        finally:
            os.truncate(path, size)
        self.assertEqual(done.returncode, 4, done.stdout)
        self.assertIn("larger than the repository's index says", done.stderr)

    def test_a_line_that_drops(self):
        Handler.cut = 1000
        done = self.sync("--repo", f"{self.url}/repo", *self.where)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_everything()
        self.assertIn(1000, [first for _, first, _ in Handler.asked])  # on from there

    def test_nothing_there(self):
        done = self.sync("--repo", f"{self.url}/nowhere", *self.where)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^lkccb: [^\n]*404[^\n]*\n$")


class Apt(Both, Case):
    where, distribution = ("--suite", "stable"), "ubuntu"

    @classmethod
    def build(cls):
        pool, binary = f"{cls.root}/repo/pool", f"{cls.root}/repo/dists/stable/main/binary-amd64"
        os.makedirs(pool)
        os.makedirs(binary)
        for release, path in cls.kernels.items():
            tree = f"{cls.root}/tree-{release}"
            os.makedirs(f"{tree}/DEBIAN")
            os.makedirs(f"{tree}/usr/lib/debug/boot")
            quiet("cp", path, f"{tree}/usr/lib/debug/boot/vmlinux-{release}")
            with open(f"{tree}/DEBIAN/control", "w", encoding="ascii") as file:
                file.write(f"Package: linux-image-unsigned-{release}-dbgsym\nVersion: 1\n"
                           "Architecture: amd64\nMaintainer: test <test@example.org>\nDescription: test\n")
            quiet("dpkg-deb", "-b", tree, f"{pool}/linux-image-unsigned-{release}-dbgsym_1_amd64.ddeb")
        cls.index(binary)

    @classmethod
    def index(cls, binary):
        with open(f"{binary}/Packages", "wb") as file:
            file.write(subprocess.run(["apt-ftparchive", "-o", "APT::FTPArchive::Packages::Extensions::=.ddeb",
                                       "packages", "pool"], cwd=f"{cls.root}/repo",
                                      check=True, capture_output=True).stdout)
        quiet("xz", "-k", f"{binary}/Packages")
        release = subprocess.run(["apt-ftparchive", "release", f"{cls.root}/repo/dists/stable"], check=True,
                                 capture_output=True).stdout
        with open(f"{cls.root}/Release", "wb") as file:
            file.write(release)
        cls.gpg("-u", "archive@example.org", "--clearsign", "-o",
                f"{cls.root}/repo/dists/stable/InRelease", f"{cls.root}/Release")

    def package(self, n):
        return f"{self.root}/repo/pool/linux-image-unsigned-{self.releases[n]}-dbgsym_1_amd64.ddeb"


    def ranges(self):
        """A package of many blocks, most of which nobody needs."""
        release = self.releases[0]
        with open(self.kernels[release], "rb") as file:
            entries = [("./a", os.urandom(1 << 21)), (f"./usr/lib/debug/boot/vmlinux-{release}", file.read()),
                       ("./z", os.urandom(1 << 23))]
        with open(f"{self.root}/x.deb", "wb") as file:
            file.write(blocks(entries, "256KiB", release))
        return subprocess.run([LKCCB, "add", "--db", self.db, "--ranges", f"{self.url}/x.deb"],
                              capture_output=True, text=True, check=False)

    def test_parts_of_a_package(self):
        done = self.ranges()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.found(), self.releases[:1])
        self.assertLess(sum(size for _, _, size in Handler.asked), 4 << 20)
        text = subprocess.run([LKCCB, "export", "--db", self.db], capture_output=True, text=True,
                              check=True).stdout
        self.assertIn("not verified", text)
        self.assertNotIn("package_sha256", text)

    def test_parts_of_a_package_with_the_kernel_at_its_end(self):
        """It is found from there: of what lies before nothing is fetched."""
        release = self.releases[0]
        with open(self.kernels[release], "rb") as file:
            entries = [*((f"./m{n}.ko", os.urandom(1 << 20)) for n in range(12)),
                       (f"./usr/lib/debug/lib/modules/{release}/vmlinux", file.read())]
        with open(f"{self.root}/x.deb", "wb") as file:
            file.write(blocks(entries, "256KiB", release, listed=True))
        done = subprocess.run([LKCCB, "add", "--db", self.db, "--ranges", f"{self.url}/x.deb"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.found(), self.releases[:1])
        self.assertLess(sum(size for _, _, size in Handler.asked), 4 << 20)
        self.assertRegex(done.stderr, r"^lkccb: http://\S+: fetched [123]\.\d of 1[23]\.\d MB\n$")

    def test_parts_of_a_package_that_changes(self):
        Handler.grown = 1
        done = self.ranges()
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertFalse(os.path.exists(self.db))

    def test_parts_of_another_package(self):
        with open(self.package(1), "ab") as file:
            file.write(b"x")
        try:
            done = self.sync("--repo", f"{self.url}/repo", "--ranges", *self.where)
        finally:
            os.truncate(self.package(1), os.path.getsize(self.package(1)) - 1)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(f"{self.releases[1]}-dbgsym_1_amd64.ddeb: its size differs from the repository's index",
                      done.stderr)

    def test_a_server_that_gives_whole_files_only(self):
        Handler.ranges = False
        done = self.ranges()
        self.assertEqual(done.returncode, 1)
        self.assertIn("omit --ranges", done.stderr)


class Rpm(Both, Case):
    where, distribution = ("--arch", "noarch"), "[cr]*"  # centos, rhel

    @classmethod
    def build(cls):
        os.makedirs(f"{cls.root}/repo")
        for release, path in cls.kernels.items():
            version, number = release.removesuffix(".x86_64").split("-")
            directory = f"/usr/lib/debug/lib/modules/{release}"
            with open(f"{cls.root}/x.spec", "w", encoding="ascii") as file:
                file.write(f"Name: kernel-debuginfo\nVersion: {version}\nRelease: {number}\nSummary: test\n"
                           "License: GPL\nBuildArch: noarch\nAutoReqProv: no\n"
                           "%define __os_install_post %{nil}\n"
                           "%define _binaries_in_noarch_packages_terminate_build 0\n"
                           f"%description\ntest\n%install\nmkdir -p %{{buildroot}}{directory}\n"
                           f"cp {path} %{{buildroot}}{directory}/vmlinux\n%files\n/usr\n")
            quiet("rpmbuild", "-bb", "--define", f"_topdir {cls.root}/rpm", "--define",
                  f"_rpmdir {cls.root}/repo", f"{cls.root}/x.spec")
        quiet("createrepo_c", f"{cls.root}/repo")
        cls.gpg("-u", "archive@example.org", "--armor", "--detach-sign",
                f"{cls.root}/repo/repodata/repomd.xml")
        cls.build_signed_packages()

    @classmethod
    def build_signed_packages(cls):
        """As CentOS has it: each package is signed, the index is not."""
        shutil.copytree(f"{cls.root}/repo/noarch", f"{cls.root}/signed/noarch")
        quiet("rpmsign", "--define", f"_gpg_path {cls.gpg_home}", "--define", "_gpg_name archive@example.org",
              "--define", f"__gpg {shutil.which('gpg')}", "--addsign", *glob.glob(f"{cls.root}/signed/noarch/*.rpm"))
        quiet("createrepo_c", f"{cls.root}/signed")
        for name in ("archive", "other"):
            with open(f"{cls.root}/{name}.asc", "wb") as file:
                file.write(subprocess.run(["gpg", "--homedir", cls.gpg_home, "--batch", "--armor", "--export",
                                           f"{name}@example.org"], check=True, capture_output=True).stdout)

    def sync_by_key(self, repo, key):
        return subprocess.run([LKCCB, "sync", "--db", self.db, "--keyring", f"{self.root}/{key}.asc", "--repo",
                               repo, *self.where], capture_output=True, text=True, check=False,
                              env={**os.environ, "TMPDIR": self.directory.name})

    def test_packages_that_are_signed_themselves(self):
        for repo in (f"{self.url}/signed", f"{self.root}/signed"):
            done = self.sync_by_key(repo, "archive")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.check_everything()
            os.unlink(self.db)

    def test_packages_signed_by_another(self):
        done = self.sync_by_key(f"{self.url}/signed", "other")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not signed by a key of", done.stderr)
        self.assertFalse(os.path.exists(self.db))

    def test_packages_without_a_signature(self):
        done = self.sync_by_key(f"{self.url}/repo", "archive")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not signed by a key of", done.stderr)

    def test_an_index_without_a_signature(self):
        done = self.sync("--repo", f"{self.url}/signed", *self.where)
        self.assertEqual(done.returncode, 1)
        self.assertIn("armored key of its packages", done.stderr)

    def add_by_key(self, key, *paths, **options):
        return subprocess.run([LKCCB, "add", "--db", self.db, "--keyring", f"{self.root}/{key}.asc", *paths],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "TMPDIR": self.directory.name}, **options)

    def test_packages_of_a_command_line_that_are_signed(self):
        signed = sorted(glob.glob(f"{self.root}/signed/noarch/*.rpm"))
        for jobs in ("1", "2", "50"):
            done = self.add_by_key("archive", "-j", jobs, *signed)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.check_everything()
            self.assertEqual((self.sources(), self.left_behind()), ({"verified-dwarf"}, []))
            os.unlink(self.db)
        done = self.add_by_key("archive", signed[0], self.package(1), "/no/such.rpm")
        self.assertEqual(done.returncode, 4)
        self.assertRegex(done.stderr, rf"lkccb: {self.package(1)}: not signed by a key of [^\n]*\n")
        self.assertIn("/no/such.rpm: No such file", done.stderr)
        self.assertEqual(len(self.found()), 1)
        os.unlink(self.db)
        done = self.add_by_key("other", *signed)
        self.assertEqual(done.returncode, 1)
        self.assertFalse(os.path.exists(self.db))
        vmlinux = self.kernels[self.releases[0]]  # has no signature of its own
        done = self.add_by_key("archive", vmlinux)
        self.assertEqual((done.returncode, self.sources()), (0, {"dwarf"}), done.stderr)
        self.assertEqual(self.add_by_key("archive", "--build-id", "abcdef01").returncode, 2)
        self.assertEqual(self.add_by_key("none", signed[0]).returncode, 1)

    def package(self, n):
        release = self.releases[n].removesuffix(".x86_64")
        return f"{self.root}/repo/noarch/kernel-debuginfo-{release}.noarch.rpm"


if __name__ == "__main__":
    tap.main()
