#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Repositories as they are met: with every form of index that apt and dnf know, on mirrors that are
slow, odd or hostile, signed by keys that have ended.

usage: tests/cli/mirrors.py LKCCB
"""
import bz2
import email.utils
import glob
import gzip
import hashlib
import http.server
import lzma
import os
import shutil
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from patience import HANGS  # noqa: E402
from debug import deb, kernel  # noqa: E402

LKCCB = os.path.abspath(sys.argv[1])
RELEASES = ["9.8.0-test", "9.8.1-test", "9.8.2-test"]
PAST = "20200101T000000!"


def quiet(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          **options)


class Keys:
    """OpenPGP keys of all fates; each is exported as NAME.gpg and NAME.asc."""

    def __init__(self, root):
        self.root, self.home = root, f"{root}/gpg"
        os.mkdir(self.home, 0o700)
        self.gpg("--quick-generate-key", "archive@example.org", "rsa2048", "sign", "never")
        for name in ("other", "revoked"):
            self.gpg("--quick-generate-key", f"{name}@example.org", "ed25519", "sign", "never")
        self.gpg("--faked-system-time", PAST, "--quick-generate-key", "expired@example.org", "ed25519",
                 "sign", "10d")
        for name in ("archive", "other", "revoked", "expired"):
            self.export(name)
        self.export("all")

    def gpg(self, *arguments, data=None):
        return subprocess.run(["gpg", "--homedir", self.home, "--batch", "--yes", "--passphrase", "", *arguments],
                              input=data, check=True, capture_output=True).stdout

    def export(self, name):
        which = [] if name == "all" else [f"{name}@example.org"]
        for suffix, form in ((".gpg", []), (".asc", ["--armor"])):
            with open(f"{self.root}/{name}{suffix}", "wb") as file:
                file.write(self.gpg(*form, "--export", *which))

    def revoke(self):
        """Of the key in the keyring; what it signed before stays as it is."""
        colons = self.gpg("--with-colons", "--list-keys", "revoked@example.org").decode()
        fingerprint = next(line.split(":")[9] for line in colons.splitlines() if line.startswith("fpr"))
        with open(f"{self.home}/openpgp-revocs.d/{fingerprint}.rev", encoding="ascii") as file:
            self.gpg("--import", data=file.read().replace("\n:---", "\n---").encode())
        self.export("revoked")
        self.export("all")

    @staticmethod
    def of(names):
        return [word for name in names.split("+") for word in ("-u", f"{name}@example.org")]

    def clear(self, data, names="archive", *options):
        return self.gpg(*self.of(names), *options, "--clearsign", data=data)

    def detached(self, data, names="archive", *options):
        return self.gpg(*self.of(names), *options, "--detach-sign", data=data)


class Handler(http.server.BaseHTTPRequestHandler):
    asked, special = [], {}

    def log_message(self, *_):
        pass

    def do_GET(self):
        Handler.asked.append(self.path)
        if self.path in Handler.special:
            Handler.special[self.path](self)
            return
        path = self.server.root + http.server.urllib.parse.unquote(self.path.partition("?")[0].partition("#")[0])
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def redirect(self, where):
        self.send_response(302)
        self.send_header("Location", where)
        self.end_headers()

    def drip(self):
        """Two bytes in half a second, and no end."""
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        try:
            for _ in range(120):
                self.wfile.write(b"ab")
                time.sleep(0.5)
        except OSError:
            pass


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.root = cls.keep.name
        cls.keys = Keys(cls.root)
        cls.vmlinux = {}
        for n, release in enumerate(RELEASES):
            with open(kernel(f"{cls.root}/vmlinux", release, f"abcdef{n:02}"), "rb") as file:
                cls.vmlinux[release] = file.read()
        cls.build()
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.url = f"http://127.0.0.1:{cls.server.server_port}"

    @classmethod
    def build(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        subprocess.run(["gpgconf", "--homedir", cls.keys.home, "--kill", "all"], check=False)
        cls.keep.cleanup()

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.repo = f"{self.directory.name}/repo"
        self.tmp = f"{self.directory.name}/tmp"
        os.mkdir(self.repo)
        os.mkdir(self.tmp)
        self.db = f"{self.directory.name}/x.db"
        self.server.root = self.directory.name
        Handler.asked, Handler.special = [], {}

    def tearDown(self):
        self.assertEqual(os.listdir(self.tmp), [])
        self.directory.cleanup()

    def write(self, name, data):
        path = f"{self.repo}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def sync(self, *arguments, key="archive.gpg", repo=None, **options):
        signed = ["--keyring", key if "/" in key else f"{self.root}/{key}"] if key else ["--no-signature"]
        options["env"] = {**os.environ, "TMPDIR": self.tmp, **options.pop("env", {})}
        return subprocess.run([LKCCB, "sync", "--db", self.db, *signed, "--repo", repo or f"{self.url}/repo",
                               *self.where, *arguments], capture_output=True, text=True, check=False,
                              timeout=HANGS, **options)

    def succeeds(self, *arguments, **options):
        done = self.sync(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def fails(self, cause, *arguments, code=1, **options):
        done = self.sync(*arguments, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(cause, done.stderr)
        if code == 1:
            self.assertFalse(os.path.exists(self.db))
        return done

    def found(self):
        done = subprocess.run([LKCCB, "list", "--db", self.db], capture_output=True, text=True, check=True)
        return [line.split()[0] for line in done.stdout.splitlines()[1:]]

    def downloads(self):
        return [path for path in Handler.asked if path.endswith(("deb", "rpm"))]


PACK = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress,
        ".lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
        ".zst": lambda data: subprocess.run(["zstd", "-c"], input=data, capture_output=True, check=True).stdout}


class AptCase(Case):
    where = ("--suite", "stable")
    index, place = "main/binary-amd64/Packages", "dists/stable/"

    @classmethod
    def build(cls):
        cls.packages = {release: deb(data, name=f"linux-image-{release}-dbg")
                        for release, data in cls.vmlinux.items()}
        cls.empty = deb(None, name="linux-image-6.1-amd64-dbg")

    def good(self, *numbers):
        """Kernels in the pool, as (name, file, bytes)."""
        return [(f"linux-image-{release}-dbg", f"pool/linux-image-{release}-dbg.deb", self.packages[release])
                for release in (RELEASES[n] for n in numbers or range(len(RELEASES)))]

    def stanzas(self, packages, digests=("SHA256",), arch="amd64"):
        text = ""
        for name, file, data in packages:
            self.write(file, data)
            text += f"Package: {name}\nVersion: 1\nArchitecture: {arch}\nFilename: {file}\nSize: {len(data)}\n"
            for kind in digests:
                text += f"{kind}: {hashlib.new(kind, data).hexdigest()}\n"
            text += "Description: test\n of a repository\n\n"
        return text.encode()

    def release(self, packages, forms=(".xz",), digests=("SHA256",), fields="", text=None):
        """Writes the index; what has to be signed comes back."""
        text = self.stanzas(packages, digests) if text is None else text
        sums = {kind: "" for kind in digests}
        for form in forms:
            data = PACK[form](text)
            self.write(f"{self.place}{self.index}{form}", data)
            for kind in digests:
                sums[kind] += f" {hashlib.new(kind, data).hexdigest()} {len(data)} {self.index}{form}\n"
        date = email.utils.formatdate(usegmt=True)
        fields = fields or "Suite: oldstable\nCodename: stable\n"
        return (f"Origin: test\n{fields}Date: {date}\n" +
                "".join(f"{kind}:\n{lines}" for kind, lines in sums.items())).encode()

    def publish(self, packages=None, names="archive", options=(), **form):
        text = self.release(self.good() if packages is None else packages, **form)
        self.write(f"{self.place}InRelease", self.keys.clear(text, names, *options))


class Names(AptCase):
    """What is verified is what is read, whatever it is called."""

    def twins(self, second):
        """Two packages of one file name, in two directories."""
        release = RELEASES[1]
        return [*self.good(0)] + [(f"linux-image-{release}-dbg", f"other/linux-image-{RELEASES[0]}-dbg.deb",
                                   second)]

    def test_one_name_twice(self):
        self.publish(self.twins(self.packages[RELEASES[1]]))
        for repo in (None, self.repo):
            self.succeeds(repo=repo)
            self.assertEqual(self.found(), RELEASES[:2])
            os.unlink(self.db)

    def test_one_name_twice_and_one_is_false(self):
        self.publish(self.twins(self.packages[RELEASES[1]]))
        self.write(f"other/linux-image-{RELEASES[0]}-dbg.deb", self.packages[RELEASES[2]])
        for jobs in ("1", "4"):
            for repo in (None, self.repo):
                done = self.sync("-j", jobs, repo=repo)
                self.assertEqual(done.returncode, 4, done.stderr)
                self.assertRegex(done.stderr, "differs from the repository's index|larger")
                self.assertEqual(self.found(), RELEASES[:1])
                os.unlink(self.db)

    def test_one_package_at_two_places(self):
        self.publish(self.good(0) + [(name, f"again/{file}", data) for name, file, data in self.good(0)])
        self.succeeds()
        self.assertEqual(len(self.downloads()), 1)

    def test_odd_names(self):
        names = ["-rf.deb", "a%41b.deb", "a+b~c^d.deb", "a#b?c.deb", "%2e%2e.deb", "1:2.deb", "x..y.deb"]
        data = self.packages[RELEASES[0]]
        for name in names:
            with self.subTest(name):
                self.publish([(f"linux-image-{RELEASES[0]}-dbg", f"-pool/{name}", data)])
                for repo in (None, self.repo):
                    self.succeeds(repo=repo)
                    self.assertEqual(self.found(), RELEASES[:1])
                    os.unlink(self.db)

    def test_impossible_names(self):
        text = self.stanzas(self.good(0)).decode()
        for name in ("/etc/passwd", "../x.deb", "pool/../../x.deb", "pool//x.deb", "pool/", "", "a\x1b[2Jb"):
            with self.subTest(name):
                self.publish(text=text.replace(f"pool/linux-image-{RELEASES[0]}-dbg.deb", name).encode())
                done = self.fails("invalid file name")
                self.assertNotIn("\x1b", done.stderr)

    def test_odd_directories(self):
        """file: URLs have escapes, paths do not; $TMPDIR may be relative, or look like an option."""
        self.publish(self.good(0))
        odd = f"{self.directory.name}/mir%41ror #1"
        os.rename(self.repo, odd)
        os.mkdir(f"{self.directory.name}/-t")
        for repo in (odd, "file://" + odd.replace("%", "%25").replace(" ", "%20").replace("#", "%23")):
            self.succeeds(repo=repo, cwd=self.directory.name, env={"TMPDIR": "-t"})
            self.assertEqual(self.found(), RELEASES[:1])
            os.unlink(self.db)
        self.assertEqual(os.listdir(f"{self.directory.name}/-t"), [])

    def test_a_pipe_on_a_mirror(self):
        self.publish(self.good(0))
        pipe = f"{self.repo}/pool/linux-image-{RELEASES[0]}-dbg.deb"
        os.unlink(pipe)
        os.mkfifo(pipe)
        self.fails("not a regular file", repo=self.repo)

    def test_a_size_that_fills_the_disk(self):
        text = self.stanzas(self.good(0)).decode()
        for size in ("9" * 15, "-1", "12x", "0"):
            self.publish(text="\n".join(f"Size: {size}" if line.startswith("Size:") else line
                                        for line in text.split("\n")).encode())
            self.fails("no size")


    def test_more_than_the_limits(self):
        self.publish([(name, file, data + bytes(2 << 20)) for name, file, data in self.good(0)])
        self.fails("raise --disk", "--disk", "1")
        self.publish(text=bytes(400 << 20), forms=(".gz",))
        self.fails("needs more memory than --memory allows", "--memory", "100")
        self.publish(text=bytes(512 << 20), forms=(".gz",))
        self.fails("cannot be decompressed")


class Signatures(AptCase):
    """Who signed the index, when, and what it says of itself."""

    def test_valid_until(self):
        date = email.utils.formatdate(time.time() - 60, usegmt=True)
        later = email.utils.formatdate(time.time() + 3600, usegmt=True)
        suite = "Suite: stable\n"
        self.publish(fields=f"{suite}Valid-Until: {date}\n")
        self.fails("expired at")
        self.succeeds("--allow-expired")
        os.unlink(self.db)
        self.publish(fields=f"{suite}Valid-Until: some day\n")
        self.fails("malformed Valid-Until")
        for zone in ("GMT", "UTC", "+0000"):
            self.publish(fields=f"{suite}Valid-Until: {later.replace('GMT', zone)}\n")
            self.succeeds()

    def test_from_the_future(self):
        self.publish(fields="Suite: stable\nDate: Fri, 01 Jan 2100 00:00:00 UTC\n")
        self.fails("a date in the future")

    def test_another_suite(self):
        cases = [("stable", "Suite: testing\nCodename: trixie\n"), ("stable", "Suite: stable-updates\nCodename: stable\n"),
                 ("buster/updates", "Suite: oldstable\nCodename: stretch\n")]
        good = [("stable", "Suite: stable\nCodename: x\n"), ("stable", "Suite: oldstable\nCodename: stable\n"),
                ("stable-updates", "Suite: stable-updates\nCodename: stable\n"),
                ("buster/updates", "Suite: oldstable\nCodename: buster\n")]
        for suite, fields in cases + good:
            with self.subTest(suite=suite, fields=fields):
                self.place = f"dists/{suite}/"
                self.publish(fields=fields)
                done = self.sync("--suite", suite)
                if (suite, fields) in good:
                    self.assertEqual(done.returncode, 0, done.stderr)
                    os.unlink(self.db)
                else:
                    self.assertEqual(done.returncode, 1)
                    self.assertIn("of another suite", done.stderr)
        self.place = "dists/stable/"
        self.publish(fields="Suite: \x1b[2J\n")
        self.assertNotIn("\x1b", self.fails("of another suite").stderr)

    def test_an_expired_key(self):
        self.publish(names="expired", options=("--faked-system-time", PAST))
        self.fails("has expired", key="all.gpg")
        self.succeeds("--allow-expired", key="all.gpg")
        os.unlink(self.db)
        self.fails("not signed by a key of", "--allow-expired")

    def test_a_revoked_key(self):
        self.publish(names="revoked")
        self.succeeds(key="revoked.gpg")
        os.unlink(self.db)
        before = f"{self.root}/revoked-before.gpg"
        shutil.copy(f"{self.root}/revoked.gpg", before)
        self.keys.revoke()
        for key in ("revoked.gpg", "revoked.asc", "all.gpg"):
            self.fails("was revoked", key=key)
            self.fails("was revoked", "--allow-expired", key=key)

    def test_sha1(self):
        for digest in ("SHA1", "RIPEMD160"):
            self.publish(options=("--digest-algo", digest))
            self.fails("SHA-1")

    def test_several_signatures(self):
        """As Debian's: of keys that not every keyring has."""
        self.publish(names="archive+other")
        for key in ("archive.gpg", "other.gpg", "all.gpg"):
            self.succeeds(key=key)
        os.unlink(self.db)
        self.fails("not signed by a key of", key="expired.gpg")

    def test_a_changed_index(self):
        self.publish()
        path = f"{self.repo}/dists/stable/InRelease"
        with open(path, "rb") as file:
            data = file.read()
        self.write("dists/stable/InRelease", data.replace(b"Origin: test", b"Origin: tesu"))
        self.fails("bad signature")

    def test_what_nobody_signed_around_it(self):
        good = self.keys.clear(self.release(self.good()))
        evil = self.release(self.good(0))
        for data in (evil + good, good + evil, good + good, self.keys.clear(evil, "other") + good,
                     good + self.keys.clear(evil, "other"), b"\n" + good, evil,
                     self.keys.gpg(*self.keys.of("archive"), "--sign", data=evil),
                     gzip.compress(good), lzma.compress(good)):
            self.write("dists/stable/InRelease", data)
            self.fails("not a single clear-signed message")
        self.write("dists/stable/InRelease", b"")
        self.fails("InRelease")

    def test_armored_keyrings(self):
        self.publish()
        asc = open(f"{self.root}/archive.asc", encoding="ascii").read()
        other = open(f"{self.root}/other.asc", encoding="ascii").read()
        for text in (asc, "pub rsa2048 of somebody\n\n" + other + "\n" + asc, asc.replace("\n", "\r\n"),
                     asc.replace("BLOCK-----\n", "BLOCK-----\nVersion: GnuPG v1\nComment: x\n", 1)):
            path = self.write("key.asc", text.encode())
            self.succeeds(key=path)
            os.unlink(self.db)
        begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----:\n"  # taken for headers, each would decode all that follows
        self.succeeds(key=self.write("key.asc", (begin * 1000 + asc.partition("\n")[2]).encode()))
        os.unlink(self.db)
        self.fails("not signed by a key of", key="other.asc")
        path = self.write("key.asc", asc.replace("\n", "\n!", 5).encode())
        self.fails("armor", key=path)

    def test_no_keyrings(self):
        self.publish()
        secret = self.keys.gpg("--export-secret-keys", "archive@example.org")
        armored = self.keys.gpg("--armor", "--export-secret-keys", "archive@example.org")
        for data, cause in ((b"", "no OpenPGP public key"), (b"nonsense\n", "no OpenPGP public key"),
                            (secret, "secret key"), (armored, "no OpenPGP public key")):
            self.fails(cause, key=self.write("key", data))
        self.fails("No such file", key=f"{self.root}/nowhere.gpg")

    def test_a_bare_name_is_of_this_directory(self):
        """For gpgv it is one of the home directory."""
        self.publish()
        home = f"{self.directory.name}/home"
        os.makedirs(f"{home}/.gnupg", 0o700)
        shutil.copy(f"{self.root}/archive.gpg", f"{home}/.gnupg/ring.gpg")
        shutil.copy(f"{self.root}/other.gpg", f"{self.repo}/ring.gpg")
        command = [LKCCB, "sync", "--db", self.db, "--keyring", "ring.gpg", "--repo", f"{self.url}/repo", *self.where]
        environment = {**os.environ, "TMPDIR": self.tmp, "HOME": home}
        environment.pop("GNUPGHOME", None)
        done = subprocess.run(command, cwd=self.repo, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        shutil.copy(f"{self.root}/archive.gpg", f"{self.repo}/ring.gpg")
        done = subprocess.run(command, cwd=self.repo, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_without_gpgv(self):
        self.publish()
        self.fails("gpgv is not installed", env={"PATH": self.tmp})


class Forms(AptCase):
    """The indices of apt repositories that exist."""

    def check(self, *arguments, **options):
        self.succeeds(*arguments, **options)
        self.assertEqual(self.found(), RELEASES)
        os.unlink(self.db)

    def test_compressions(self):
        for form in PACK:
            with self.subTest(form):
                shutil.rmtree(self.repo)
                self.publish(forms=(form,))
                self.check()

    def test_an_index_that_is_promised_and_not_there(self):
        """Debian's Release has the digest of a plain Packages that no mirror has."""
        self.publish(forms=("", ".xz", ".gz"))
        os.unlink(f"{self.repo}/{self.place}{self.index}.xz")
        os.unlink(f"{self.repo}/{self.place}{self.index}")
        self.check()
        os.unlink(f"{self.repo}/{self.place}{self.index}.gz")
        self.fails("has no main/binary-amd64/Packages")

    def test_release_with_its_signature_beside(self):
        text = self.release(self.good())
        self.write("dists/stable/Release", text)
        self.fails("Release.gpg")
        for armor in ((), ("--armor",)):
            self.write("dists/stable/Release.gpg", self.keys.detached(text, "archive", *armor))
            self.check()
        self.check(key=None)
        self.write("dists/stable/Release", text.replace(b"Origin: test", b"Origin: tesu"))
        self.fails("bad signature")
        self.write("dists/stable/Release", text)
        self.write("dists/stable/Release.gpg", self.keys.detached(text, "other"))
        self.fails("not signed by a key of")
        self.write("dists/stable/Release.gpg", b"nonsense")
        self.fails("not signed by a key of")

    def test_unsigned(self):
        self.write("dists/stable/InRelease", self.release(self.good()))
        self.check(key=None)
        self.publish()
        self.check(key=None)

    def test_sha512_alone(self):
        """Rows have SHA-256: what such a package turned out to be is remembered."""
        self.publish(digests=("SHA512",))
        self.succeeds()
        self.assertEqual(self.found(), RELEASES)
        Handler.asked = []
        done = self.sync()
        self.assertEqual(done.returncode, 0)
        self.assertIn(f"{len(RELEASES)} debug packages of kernels, 0 of them not in", done.stderr)
        self.assertEqual(self.downloads(), [])
        os.unlink(self.db)
        self.succeeds()
        self.assertEqual(self.found(), RELEASES)
        os.unlink(self.db + ".packages")
        self.assertEqual(self.succeeds().count("known"), len(RELEASES))
        self.write(f"pool/linux-image-{RELEASES[0]}-dbg.deb", self.packages[RELEASES[0]] + b"more")
        os.unlink(self.db)
        self.fails("larger than the repository's index", code=4)

    def test_digests_that_are_too_weak(self):
        self.publish(digests=("SHA1",))
        self.fails("SHA-2")
        self.publish(text=self.stanzas(self.good(), ("SHA1",)))
        self.fails("no SHA-2")

    def test_words_in_other_cases(self):
        text = self.release(self.good()).decode()
        lines = [line.upper().replace("MAIN/BINARY-AMD64/PACKAGES.XZ", "main/binary-amd64/Packages.xz")
                 if line.startswith((" ", "SHA")) else line for line in text.split("\n")]
        self.write("dists/stable/InRelease", self.keys.clear("\n".join(lines).replace("SHA256", "Sha256").encode()))
        self.check()

    def test_by_hash(self):
        self.publish(fields="Suite: stable\nAcquire-By-Hash: yes\n")
        path = f"{self.repo}/{self.place}{self.index}.xz"
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        self.check()  # not there: by its name
        os.makedirs(f"{os.path.dirname(path)}/by-hash/SHA256")
        os.rename(path, f"{os.path.dirname(path)}/by-hash/SHA256/{digest}")
        self.check()
        self.write(f"{self.place}{self.index}.xz", b"already the next one")
        self.check()

    def test_flat(self):
        self.index = "Packages"
        for suite, self.place in (("./", "./"), ("/", ""), ("kernels/", "kernels/"), ("a/b/", "a/b/")):
            with self.subTest(suite):
                shutil.rmtree(self.repo)
                self.publish(fields="Label: flat\n")
                self.check("--suite", suite)
                shutil.rmtree(self.repo)
                text = self.stanzas(self.good()) + self.stanzas(
                    [("linux-image-9.9.9-arm64-dbg", "arm64.deb", b"x")], arch="arm64")
                text = self.release([], text=text, fields="Label: flat\n")
                self.write(f"{self.place}Release", text.replace(b" Packages", b" ./Packages"))
                self.write(f"{self.place}Release.gpg", self.keys.detached(text.replace(b" Packages", b" ./Packages")))
                self.check("--suite", suite)


class Kernelless(AptCase):
    """Packages that bear the names of a kernel's debug data and have none."""

    def packages_of(self, *names):
        return [(name, f"pool/{name}.deb", self.empty + name.encode()) for name in names]

    def publish_all(self):
        """Debian's meta packages and Ubuntu's transitional ones beside a kernel with two numbers."""
        data = deb(self.vmlinux[RELEASES[0]], name="linux-image-7.3-cloud-amd64-dbg")
        self.publish(self.packages_of("linux-image-6.1-amd64-dbg", "linux-image-cloud-amd64-dbg",
                                      "linux-image-6.8.0-31-generic-dbgsym") +
                     [("linux-image-7.3-cloud-amd64-dbg", "pool/real.deb", data)])

    def test_they_are_no_failure_and_remembered(self):
        self.publish_all()
        said = self.succeeds()
        self.assertEqual(said.count("skipped "), 2)
        self.assertEqual(self.found(), RELEASES[:1])
        self.assertEqual(len(self.downloads()), 3)
        Handler.asked = []
        done = self.sync()
        self.assertEqual(done.returncode, 0)
        self.assertIn("3 debug packages of kernels, 0 of them not in", done.stderr)
        self.assertIn("2 known to have no kernel", done.stderr)
        self.assertEqual(self.downloads(), [])
        self.succeeds("--again")
        self.assertEqual(len(self.downloads()), 3)

    def test_the_database_is_the_same(self):
        self.publish_all()
        self.succeeds()
        with open(self.db, "rb") as file:
            before = file.read()
        os.unlink(self.db)
        data = deb(self.vmlinux[RELEASES[0]], name="linux-image-7.3-cloud-amd64-dbg")
        self.publish([("linux-image-7.3-cloud-amd64-dbg", "pool/real.deb", data)])
        self.succeeds()
        with open(self.db, "rb") as file:
            self.assertEqual(file.read(), before)

    def test_nothing_else(self):
        self.publish(self.packages_of("linux-image-6.1-amd64-dbg"))
        for _ in range(2):
            self.succeeds()
            self.assertFalse(os.path.exists(self.db))
        self.assertEqual(len(self.downloads()), 1)

    def test_a_memory_that_another_may_write(self):
        self.publish_all()
        memory = self.db + ".packages"
        if os.geteuid():
            self.skipTest("needs root")

        def empty():
            with open(memory, "w", encoding="ascii"):
                pass
        for cause, make in (("is owned by uid 65534", lambda: (os.symlink("/etc/passwd", memory),
                                                               os.lchown(memory, 65534, 65534))),
                            ("not a regular file", lambda: os.mkfifo(memory)),
                            ("is writable by everybody", lambda: (empty(), os.chmod(memory, 0o666))),
                            ("is owned by uid 65534", lambda: (empty(), os.chown(memory, 65534, 65534)))):
            with self.subTest(cause):
                make()
                self.fails(f"lkccb: {memory}: ")
                self.fails(cause)
            os.unlink(memory)
        with open(memory, "w", encoding="ascii") as file:
            file.write("nonsense\n")
        self.fails("line 1 is malformed")


class Lines(AptCase):
    """Mirrors that crawl, or that lead elsewhere."""

    def test_two_bytes_in_half_a_second(self):
        self.publish()
        for what in ("dists/stable/InRelease", f"pool/linux-image-{RELEASES[0]}-dbg.deb"):
            with self.subTest(what):
                Handler.special = {f"/repo/{what}": Handler.drip}
                began = time.time()
                done = self.sync("--timeout", "2")
                self.assertIn(done.returncode, (1, 4), done.stderr)
                self.assertIn("less than 1000 bytes/s", done.stderr)
                self.assertLess(time.time() - began, 20)

    def test_a_line_that_always_drops(self):
        def some(handler):
            first = int((handler.headers.get("Range") or "bytes=0-")[6:].rstrip("-"))
            handler.send_response(206 if first else 200)
            handler.send_header("Content-Length", str(100000 - first))
            handler.send_header("Content-Range", f"bytes {first}-99999/100000")
            handler.end_headers()
            handler.wfile.write(b"x")
            handler.close_connection = True
        self.publish()
        Handler.special = {"/repo/dists/stable/InRelease": some}
        self.fails("try again later")
        self.assertLess(len(Handler.asked), 1000)

    def test_a_line_that_drops_at_a_server_without_ranges(self):
        """From the beginning, once: else there would be no end to it."""
        self.publish(self.good(0))
        name = f"/repo/pool/linux-image-{RELEASES[0]}-dbg.deb"
        data, times = self.packages[RELEASES[0]], 1

        def half(handler):
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            whole = Handler.asked.count(name) > times
            handler.wfile.write(data if whole else data[:len(data) // 2])
            handler.close_connection = True
        Handler.special = {name: half}
        self.succeeds()
        self.assertEqual(self.found(), RELEASES[:1])
        os.unlink(self.db)
        times = 1000000
        self.fails("try again later")
        self.assertLess(len(Handler.asked), 20)

    def test_headers_without_end(self):
        def headers(handler):
            handler.send_response(200)
            try:
                while True:
                    handler.wfile.write(b"X-Nothing: " + b"x" * 60000 + b"\r\n")
            except OSError:
                pass
        self.publish()
        Handler.special = {"/repo/dists/stable/InRelease": headers}
        began = time.time()
        self.fails("lkccb: ")
        self.assertLess(time.time() - began, 20)

    def test_https_is_not_left(self):
        self.publish()
        quiet("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
              "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
              "-keyout", f"{self.directory.name}/key.pem", "-out", f"{self.directory.name}/cert.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{self.directory.name}/cert.pem", f"{self.directory.name}/key.pem")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.root = self.directory.name
        threading.Thread(target=server.serve_forever, daemon=True).start()
        secure = f"https://127.0.0.1:{server.server_port}"
        authority = {"CURL_CA_BUNDLE": f"{self.directory.name}/cert.pem"}
        where = "/repo/dists/stable/InRelease"
        try:
            self.succeeds(repo=f"{secure}/repo", env=authority)
            os.unlink(self.db)
            self.fails("lkccb: ", repo=f"{secure}/repo")  # an authority that nobody knows
            Handler.special = {where: lambda handler: handler.redirect(f"{self.url}/moved")}
            self.fails("from https to another protocol", repo=f"{secure}/repo", env=authority)
            self.assertNotIn("/moved", Handler.asked)
            shutil.copy(self.repo + "/dists/stable/InRelease", f"{self.directory.name}/moved")
            self.succeeds()  # from http to http
            Handler.special = {where: lambda handler: handler.redirect(f"{secure}/moved")}
            self.succeeds(env=authority)
        finally:
            server.shutdown()
            server.server_close()


class Rpm(Case):
    where = ("--arch", "noarch")

    @classmethod
    def build(cls):
        cls.unsigned = {release: cls.rpm("kernel-debuginfo", *release.split("-"), cls.vmlinux[release])
                        for release in RELEASES[:2]}
        cls.tools = cls.rpm("kernel-tools-debuginfo", "1", "1", b"no kernel")
        cls.odd = cls.rpm("kernel-odd-debuginfo", "1", "1", b"no kernel")
        cls.signed = {release: cls.sign(data) for release, data in cls.unsigned.items()}

    @classmethod
    def rpm(cls, name, version, number, data):
        with open(f"{cls.root}/contents", "wb") as file:
            file.write(data)
        member = "vmlinux" if data.startswith(b"\x7fELF") else "other"
        directory = f"/usr/lib/debug/lib/modules/{version}-{number}"
        with open(f"{cls.root}/x.spec", "w", encoding="ascii") as file:
            file.write(f"Name: {name}\nVersion: {version}\nRelease: {number}\nSummary: test\nLicense: GPL\n"
                       "BuildArch: noarch\nAutoReqProv: no\n%define __os_install_post %{nil}\n"
                       "%define _binaries_in_noarch_packages_terminate_build 0\n"
                       f"%description\ntest\n%install\nmkdir -p %{{buildroot}}{directory}\n"
                       f"cp {cls.root}/contents %{{buildroot}}{directory}/{member}\n%files\n/usr\n")
        quiet("rpmbuild", "-bb", "--define", f"_topdir {cls.root}/rpm", "--define", f"_rpmdir {cls.root}/out",
              f"{cls.root}/x.spec")
        with open(f"{cls.root}/out/noarch/{name}-{version}-{number}.noarch.rpm", "rb") as file:
            return file.read()

    @classmethod
    def sign(cls, data, name="archive", *defines):
        path = f"{cls.root}/sign.rpm"
        with open(path, "wb") as file:
            file.write(data)
        words = [word for define in (f"_gpg_path {cls.keys.home}", f"_gpg_name {name}@example.org",
                                     f"__gpg {shutil.which('gpg')}", *defines) for word in ("--define", define)]
        quiet("rpmsign", *words, "--addsign", path)
        with open(path, "rb") as file:
            return file.read()

    def publish(self, files, *options):
        for name, data in files.items():
            self.write(name, data)
        quiet("createrepo_c", *options, self.repo)

    def sign_index(self):
        path = f"{self.repo}/repodata/repomd.xml"
        with open(path, "rb") as file:
            self.write("repodata/repomd.xml.asc", self.keys.detached(file.read(), "archive", "--armor"))


class Packages(Rpm):
    """The signatures of packages, where the index has none."""

    def sync(self, *arguments, key="archive.asc", **options):
        return super().sync(*arguments, key=key, **options)

    def test_one_name_signed_and_not(self):
        """The second download must neither replace the first nor be read."""
        names = ["a/kernel-debuginfo.rpm", "b/kernel-debuginfo.rpm"]
        for first, second in (names, reversed(names)):
            shutil.rmtree(self.repo)
            self.publish({first: self.signed[RELEASES[0]], second: self.unsigned[RELEASES[1]]})
            for jobs in ("1", "4"):
                for repo in (None, self.repo):
                    self.fails("not signed by a key of", "-j", jobs, repo=repo, code=4)
                    self.assertEqual(self.found(), RELEASES[:1])
                    os.unlink(self.db)

    def test_a_mirror_that_changes_after_the_check(self):
        """A local mirror's owner puts another file in place once the signature was verified."""
        self.publish({"a.rpm": self.signed[RELEASES[0]]})
        programs = f"{self.directory.name}/programs"
        os.mkdir(programs)
        evil = self.write("evil", self.unsigned[RELEASES[1]])
        for name in ("gpgv", "rpmkeys"):
            with open(f"{programs}/{name}", "w", encoding="ascii") as file:
                file.write(f'#!/bin/sh\n{shutil.which(name)} "$@"\ncode=$?\ncp {evil} {self.repo}/a.rpm\nexit $code\n')
            os.chmod(f"{programs}/{name}", 0o755)
        self.succeeds(repo=self.repo, env={"PATH": f"{programs}:{os.environ['PATH']}"})
        with open(f"{self.repo}/a.rpm", "rb") as file:
            self.assertEqual(file.read(), self.unsigned[RELEASES[1]])  # so it was run
        self.assertEqual(self.found(), RELEASES[:1])

    def check(self, data, cause):
        self.publish({"a.rpm": data})
        for repo in (None, self.repo):
            if cause:
                self.fails(cause, repo=repo, key="all.asc")
            else:
                self.succeeds(repo=repo, key="all.asc")
                self.assertEqual(self.found(), RELEASES[:1])
                os.unlink(self.db)

    def test_kinds_of_keys(self):
        self.check(self.sign(self.unsigned[RELEASES[0]], "other"), None)  # Ed25519
        self.check(self.sign(self.unsigned[RELEASES[0]], "archive", "_gpg_digest_algo sha1"), "SHA-1")

    def test_a_key_that_has_expired(self):
        data = self.resign(self.unsigned[RELEASES[0]], header=("expired", "--faked-system-time", PAST))
        self.check(data, "has expired")
        self.succeeds("--allow-expired", key="all.asc")

    def test_a_key_that_was_revoked(self):
        data = self.sign(self.unsigned[RELEASES[0]], "revoked")
        self.check(data, None)
        self.keys.revoke()
        self.check(data, "was revoked")

    @staticmethod
    def parts(data):
        """Lead, header and payload."""
        def size(at):
            entries, store = struct.unpack(">II", data[at + 8:at + 16])
            return 16 + 16 * entries + store
        header = 96 + (size(96) + 7) // 8 * 8
        payload = header + size(header)
        return data[:96], data[header:payload], data[payload:]

    def resign(self, data, header=None, everything=None, digest=True, change=False):
        """With a signature of the header, of header and payload, or both: (key, option...)."""
        lead, head, payload = self.parts(data)
        if not digest:
            head = head.replace(struct.pack(">II", 5092, 8), struct.pack(">II", 6092, 8))
        entries, store = b"", b""
        for tag, of, who in ((268, head, header), (1002, head + payload, everything)):
            if who:
                signature = self.keys.detached(of, who[0], *who[1:])
                entries += struct.pack(">IIII", tag, 7, len(store), len(signature))
                store += signature
        blob = b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", len(entries) // 16, len(store)) + entries + store
        if change:
            payload = payload[:-9] + bytes([payload[-9] ^ 1]) + payload[-8:]
        return lead + blob + bytes(-len(blob) % 8) + head + payload

    def test_what_a_signature_covers(self):
        data, key = self.unsigned[RELEASES[0]], ("archive",)
        self.check(self.resign(data, header=key), None)
        self.check(self.resign(data, header=key, change=True), "contents differ from what was signed")
        self.check(self.resign(data, everything=key), None)
        self.check(self.resign(data, everything=key, change=True), "bad signature")
        # As before rpm 4.14.
        self.check(self.resign(data, header=key, digest=False), "of its header only")
        self.check(self.resign(data, header=key, digest=False, change=True), "of its header only")
        self.check(self.resign(data, header=key, everything=key, digest=False), None)
        self.check(self.resign(data, header=key, everything=key, digest=False, change=True), "bad signature")
        self.check(data, "it has no signature")
        self.check(self.signed[RELEASES[0]].replace(b"vmlinux", b"vmlinuz", 1), "bad signature")

    def test_malformed(self):
        good = self.signed[RELEASES[0]]
        self.publish({"a.rpm": good})
        primary = glob.glob(f"{self.repo}/repodata/*primary.xml.gz")[0]
        with gzip.open(primary) as file:
            text = file.read()
        entries, store = struct.unpack(">II", good[104:112])
        for data in (good[:90], good[:100], good[:300], b"x" + good[1:], good[:96] + b"\x8f" + good[97:],
                     good[:104] + b"\xff\xff\xff\xff" + good[108:], good[:108] + b"\xff\xff\xff\xff" + good[112:],
                     good[:112] + b"\xff" * (16 * entries) + good[112 + 16 * entries:],
                     good[:104] + struct.pack(">II", 0, store) + good[112:]):
            self.write("a.rpm", data)
            changed = text.replace(hashlib.sha256(good).hexdigest().encode(), hashlib.sha256(data).hexdigest().encode())
            self.assertNotEqual(changed, text)
            changed = changed.replace(f'package="{len(good)}"'.encode(), f'package="{len(data)}"'.encode())
            packed = gzip.compress(changed)
            with open(primary, "rb") as file:
                before = hashlib.sha256(file.read()).hexdigest().encode()
            with open(primary, "wb") as file:
                file.write(packed)
            with open(f"{self.repo}/repodata/repomd.xml", "r+b") as file:
                index = file.read().replace(b">" + before, b">" + hashlib.sha256(packed).hexdigest().encode())
                file.seek(0)
                file.write(index)
            done = self.sync()
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertRegex(done.stderr, "malformed package|not signed by")


class Indices(Rpm):
    """The indices of dnf repositories that exist."""

    def test_what_has_no_kernel(self):
        """Some by their names, the others once they were read."""
        self.publish({"kernel.rpm": self.unsigned[RELEASES[0]], "tools.rpm": self.tools, "odd.rpm": self.odd})
        self.sign_index()
        self.assertIn("skipped ", self.succeeds())
        self.assertEqual(sorted(self.downloads()), ["/repo/kernel.rpm", "/repo/odd.rpm"])
        Handler.asked = []
        self.succeeds()
        self.assertEqual(self.downloads(), [])

    def test_sha512(self):
        self.publish({"kernel.rpm": self.unsigned[RELEASES[0]], "odd.rpm": self.odd}, "-s", "sha512")
        self.sign_index()
        self.succeeds()
        self.assertEqual(self.found(), RELEASES[:1])
        Handler.asked = []
        self.succeeds()
        self.assertEqual(self.downloads(), [])

    def test_sha1(self):
        self.publish({"kernel.rpm": self.unsigned[RELEASES[0]]}, "-s", "sha1")
        self.sign_index()
        self.fails("SHA-2")

    def test_zchunk_beside_plain_metadata(self):
        self.publish({"kernel.rpm": self.unsigned[RELEASES[0]]}, "--zck")
        path = f"{self.repo}/repodata/repomd.xml"
        with open(path, encoding="ascii") as file:
            text = file.read()
        data = text.split("  <data ")
        for order in (data[1:-1] + [data[-1].replace("</repomd>\n", "")],
                      [data[-1].replace("</repomd>\n", "")] + data[-2:0:-1]):
            with open(path, "w", encoding="ascii") as file:
                file.write("  <data ".join([data[0], *order]) + "</repomd>\n")
            self.sign_index()
            self.succeeds()
            self.assertEqual(self.found(), RELEASES[:1])
            os.unlink(self.db)

    def test_compressions(self):
        for kind in ("gz", "bz2", "xz", "zstd"):
            with self.subTest(kind):
                if "--general-compress-type" not in subprocess.run(
                        ["createrepo_c", "--help"], capture_output=True, text=True, check=True).stdout:
                    self.skipTest("createrepo_c has one compression")
                shutil.rmtree(self.repo)
                os.mkdir(self.repo)
                try:
                    self.publish({"kernel.rpm": self.unsigned[RELEASES[0]]}, f"--general-compress-type={kind}")
                except subprocess.CalledProcessError:
                    continue  # not built in
                self.sign_index()
                self.succeeds()
                os.unlink(self.db)

    def test_an_index_signed_by_an_ended_key(self):
        self.publish({"kernel.rpm": self.unsigned[RELEASES[0]]})
        path = f"{self.repo}/repodata/repomd.xml"
        with open(path, "rb") as file:
            index = file.read()
        for options, cause in ((("expired", "--faked-system-time", PAST), "has expired"),
                               (("archive", "--digest-algo", "SHA1"), "SHA-1"),
                               (("archive", "--clearsign"), None)):
            if cause:
                self.write("repodata/repomd.xml.asc", self.keys.detached(index, *options))
                self.fails(cause, key="all.gpg")
        self.write("repodata/repomd.xml.asc", self.keys.clear(b"something else"))
        self.fails("not signed by a key of")


if __name__ == "__main__":
    tap.main()
