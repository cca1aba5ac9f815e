#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Where a database comes from: in-toto statements, and SPDX lists.

usage: tests/cli/provenance.py LKCCB
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from debug import Workspace, deb, kernel  # noqa: E402

LKCCB = os.path.abspath(sys.argv[1])
COUNT = 3


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Case(Workspace):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.packages, cls.vmlinux = [], f"{cls.keep.name}/vmlinux"
        for n in range(COUNT):
            path = kernel(cls.vmlinux, f"9.8.{n}-test", f"abcdef{n:02}")
            cls.packages.append(f"{cls.keep.name}/linux-image-9.8.{n}-test-dbg_9.8.{n}-1_amd64.deb")
            with open(path, "rb") as file, open(cls.packages[-1], "wb") as out:
                out.write(deb(file.read(), name=f"linux-image-9.8.{n}-test-dbg"))
        kernel(cls.vmlinux, "9.9.9-test", "abcdef99")

    @classmethod
    def tearDownClass(cls):
        cls.keep.cleanup()

    def setUp(self):
        super().setUp()
        self.db, self.file, self.spdx = self.path("x.db"), self.path("x.json"), self.path("x.spdx.json")
        self.environment = {**os.environ, "SOURCE_DATE_EPOCH": "1764360000"}

    def lkccb(self, command, *arguments, **options):
        return subprocess.run([LKCCB, command, "--db", self.db, *arguments], capture_output=True, text=True,
                              check=False, env=self.environment, **options)

    def succeeds(self, *arguments, **options):
        done = self.lkccb(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def add(self, *arguments):
        return self.succeeds("add", "--provenance", self.file, "--spdx", self.spdx, *arguments)

    def statement(self):
        with open(self.file, encoding="utf-8") as file:
            return json.load(file)

    def inputs(self):
        """{name: (role, SHA-256)} of the statement."""
        found = self.statement()["predicate"]["buildDefinition"]["resolvedDependencies"]
        return {item["name"]: (item["annotations"]["role"], item["digest"]["sha256"]) for item in found}


class Written(Case):
    def test_statement(self):
        self.add("--all-units", *self.packages, self.vmlinux)
        statement = self.statement()
        self.assertEqual(statement["_type"], "https://in-toto.io/Statement/v1")
        self.assertEqual(statement["predicateType"], "https://slsa.dev/provenance/v1")
        self.assertEqual(statement["subject"], [{"name": "x.db", "digest": {"sha256": digest(self.db)}}])
        self.assertEqual(self.inputs(), {os.path.basename(path): ("input", digest(path))
                                         for path in (*self.packages, self.vmlinux)})
        definition, details = (statement["predicate"][name] for name in ("buildDefinition", "runDetails"))
        self.assertEqual({name: definition["externalParameters"][name] for name in
                          ("command", "all-units", "modules", "signatures-verified")},
                         {"command": "add", "all-units": True, "modules": False, "signatures-verified": False})
        self.assertRegex(details["builder"]["version"]["lkccb"], r"^\d+\.\d+")
        self.assertEqual(details["metadata"]["startedOn"], "2025-11-28T20:00:00Z")
        with open(self.file, encoding="utf-8") as file, open(self.spdx, encoding="utf-8") as other:
            for text in (file.read(), other.read()):
                self.assertNotIn(self.keep.name, text)
                self.assertNotIn(self.directory.name, text)

    def test_the_same_run_gives_the_same_bytes(self):
        seen = set()
        for packages in (self.packages, self.packages[::-1], self.packages * 2):
            self.add("-j", "3", *packages)
            seen.add((digest(self.file), digest(self.spdx)))
            os.remove(self.db)
        self.assertEqual(len(seen), 1)

    def test_the_database_of_an_earlier_run(self):
        self.add(*self.packages[:2])
        before = digest(self.db)
        self.add(*self.packages[1:])
        found = self.inputs()
        self.assertEqual(found.pop("x.db"), ("database", before))
        self.assertEqual(found, {
            "linux-image-9.8.0-test-dbg": ("earlier", digest(self.packages[0])),
            **{os.path.basename(path): ("input", digest(path)) for path in self.packages[1:]}})
        self.succeeds("verify", "--provenance", self.file)

    def test_banners_are_an_input(self):
        banners = self.write("banners", b"Linux version 1.2.3 (a) (b) #1 SMP\n")
        self.add("--banners", banners, self.packages[0])
        self.assertEqual(self.inputs()["banners"], ("banners", digest(banners)))

    def test_what_failed_is_no_input(self):
        bad = self.write("bad.deb", b"nothing")
        done = self.lkccb("add", "--provenance", self.file, self.packages[0], bad)
        self.assertEqual(done.returncode, 4)
        self.assertEqual(list(self.inputs()), [os.path.basename(self.packages[0])])
        os.remove(self.file)
        self.assertEqual(self.lkccb("add", "--provenance", self.file, bad).returncode, 1)
        self.assertFalse(os.path.exists(self.file))

    def test_what_cannot_be_written(self):
        for arguments, words in ((["--provenance", "/no/such/x"], "/no/such/x"),
                                 (["--spdx", self.directory.name], "not a regular file"),
                                 (["--provenance", self.file, "--ranges"], "--ranges")):
            done = self.lkccb("add", *arguments, self.packages[0])
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)
        self.environment["SOURCE_DATE_EPOCH"] = "today"
        self.assertIn("SOURCE_DATE_EPOCH", self.lkccb("add", "--spdx", self.spdx, self.packages[0]).stderr)

    def test_spdx(self):
        """What the schema of SPDX 2.3 requires, and what the list is for."""
        self.add(*self.packages, self.vmlinux)
        with open(self.spdx, encoding="utf-8") as file:
            text = json.load(file)
        for key, value in (("spdxVersion", "SPDX-2.3"), ("dataLicense", "CC0-1.0"), ("SPDXID", "SPDXRef-DOCUMENT"),
                           ("name", "x.db")):
            self.assertEqual(text[key], value)
        self.assertRegex(text["documentNamespace"], r"^https://spdx\.org/spdxdocs/lkccb-[0-9a-f]{8}(-[0-9a-f]{4}){3}"
                                                    r"-[0-9a-f]{12}$")
        self.assertEqual(text["creationInfo"]["created"], "2025-11-28T20:00:00Z")
        self.assertRegex(text["creationInfo"]["creators"][0], r"^Tool: lkccb-\d")
        ids, found = set(), {}
        for package in text["packages"]:
            self.assertRegex(package["SPDXID"], r"^SPDXRef-[A-Za-z0-9.-]+$")
            self.assertEqual((package["downloadLocation"], package["filesAnalyzed"]), ("NOASSERTION", False))
            [checksum] = package["checksums"]
            self.assertEqual(checksum["algorithm"], "SHA256")
            found[package["name"]] = (checksum["checksumValue"], package.get("versionInfo"))
            ids.add(package["SPDXID"])
        self.assertEqual(len(ids), len(text["packages"]))
        self.assertEqual(found, {"x.db": (digest(self.db), None), "vmlinux": (digest(self.vmlinux), None),
                                 **{os.path.basename(path): (digest(path), "9.8.7-1") for path in self.packages}})
        relations = [(r["spdxElementId"], r["relationshipType"], r["relatedSpdxElement"])
                     for r in text["relationships"]]
        self.assertEqual(relations[0], ("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-database"))
        self.assertEqual({(one, kind) for one, kind, _ in relations[1:]}, {("SPDXRef-database", "GENERATED_FROM")})
        self.assertEqual({other for _, _, other in relations}, ids)


class Verified(Case):
    def differs(self, *words, code=1, arguments=()):
        done = self.lkccb("verify", "--provenance", self.file, *arguments)
        self.assertEqual(done.returncode, code, done.stdout)
        self.assertRegex(done.stderr, r"\A(lkccb: [^\n]+\n)+\Z")
        for word in words:
            self.assertIn(word, done.stderr)
        return done.stderr

    def test_the_database_that_it_is_of(self):
        self.add(*self.packages)
        self.assertIn("3 kernels, 0 faults", self.succeeds("verify", "--provenance", self.file))
        self.assertIn("3 kernels, 0 faults", self.succeeds("verify", "--provenance", self.file, self.db))
        os.rename(self.db, self.path("y.db"))
        self.assertIn("y.db: 3 kernels", self.succeeds("verify", "--provenance", self.file, self.path("y.db")))

    def test_another_database(self):
        self.add(*self.packages[:2])
        self.succeeds("add", self.packages[2])
        self.assertEqual(self.differs("another file", "9.8.2-test: its package", digest(self.packages[2])).count("\n"),
                         2)

    def test_inputs_that_are_missing(self):
        self.add(*self.packages)
        text = self.statement()
        list_ = text["predicate"]["buildDefinition"]["resolvedDependencies"]
        list_[:] = [item for item in list_ if item["name"] != os.path.basename(self.packages[1])]
        with open(self.file, "w", encoding="utf-8") as file:
            json.dump(text, file, indent=1)  # in another form
        self.assertEqual(self.differs("9.8.1-test: its package").count("\n"), 1)

    def test_signed(self):
        self.add(*self.packages)
        key = self.path("key")
        self.succeeds("keygen", key)
        done = subprocess.run([LKCCB, "sign", "--db", self.file, "--key", key], check=True, capture_output=True)
        self.assertIn(b"x.json.sig", done.stdout)
        with_key = ["verify", "--provenance", self.file, "--key", f"{key}.pub"]
        self.succeeds(*with_key)
        with open(self.file, "a", encoding="ascii") as file:
            file.write("\n")
        self.succeeds("verify", "--provenance", self.file)
        self.assertIn("signature of another file", self.differs(arguments=["--key", f"{key}.pub"]))
        os.remove(f"{self.file}.sig")
        self.differs("x.json.sig", arguments=["--key", f"{key}.pub"])

    def test_hostile_statements(self):
        self.add(self.packages[0])
        with open(self.file, encoding="utf-8") as file:
            good = file.read()
        sha = digest(self.db)
        texts = [good[:n] for n in range(1, len(good) - 1, 97)]
        texts += ["", "x", "[]", "{}", "null", "3", '"x"', "[" + good + "]", good + good, good + "x", "\0" + good,
                  "[" * 100000, '{"a":' * 100000, '{"' + "a" * 3000000 + '": 1}',
                  good.replace("Statement/v1", "Statement/v0.1"), good.replace("provenance/v1", "provenance/v0.2"),
                  good.replace('"_type"', '"type"'), good.replace("predicateType", "predicate.Type"),
                  good.replace('{"_type"', '{"_type": "https://in-toto.io/Statement/v1", "_type"'),
                  good.replace('"_type"', '"_type\\u0000"'),
                  good.replace(sha, sha.upper()), good.replace(sha, sha[1:]), good.replace(sha, sha + "0"),
                  good.replace(f'"{sha}"', "3"), good.replace(f'"{sha}"', f'["{sha}"]'),
                  good.replace('"subject"', '"subjects"'), good.replace('"digest"', '"digest.sha256"'),
                  good.replace('"subject":[{', '"subject":[[{').replace('}}],"predicateType', '}}]],"predicateType')]
        for text in texts:
            with open(self.file, "w", encoding="utf-8") as file:
                file.write(text)
            with self.subTest(text[:60], size=len(text)):
                self.assertLessEqual(len(self.differs().splitlines()), 2)
        with open(self.file, "wb") as file:
            file.write(good.encode().replace(b"x.db", b"\xff.db"))
        self.differs()
        os.remove(self.file)
        self.differs("No such file")
        os.mkfifo(self.file)
        self.differs("not a regular file")


if __name__ == "__main__":
    tap.main()
