#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The packages that 'make deb', 'make rpm' and 'make dist' make: what they contain, and what they do when installed.

usage: tests/cli/distribution.py   (needs build/static/sextant)
"""
import hashlib
import os
import re
import stat
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
OUT = os.path.join(ROOT, "build/dist")
with open(os.path.join(ROOT, "offsets/util/version.h"), encoding="ascii") as header:
    VERSION = re.search(r'SEXTANT_VERSION "(.*)"', header.read())[1]
DEBS = [f"{OUT}/sextant_{VERSION}_amd64.deb", f"{OUT}/sextant-kernels_{VERSION}_all.deb"]
RPMS = [f"{OUT}/sextant-{VERSION}-1.x86_64.rpm", f"{OUT}/sextant-kernels-{VERSION}-1.noarch.rpm"]
CONFIGURATION = {"/etc/sextant/sextant.conf", "/etc/logrotate.d/sextant"}
# Tags that are about the packager's address, which is an input.
ADDRESS = "bogus-mail-host,bogus-mail-host-in-debian-changelog,root-in-contact"


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, **options)
    if done.returncode:
        raise AssertionError(f"{command}: {done.stdout.decode()}{done.stderr.decode()}")
    return done.stdout.decode()


def digests(paths):
    found = []
    for path in paths:
        with open(path, "rb") as file:
            found.append(hashlib.sha256(file.read()).hexdigest())
    return found


def files_of_rpm(path):
    """{name: (mode, owner, group)}"""
    lines = run("rpm", "-qp", "--dump", path).splitlines()
    return {words[0]: tuple(words[4:7]) for words in map(str.split, lines)}


def scripts_of_deb(path):
    with tempfile.TemporaryDirectory() as directory:
        run("dpkg-deb", "-e", path, directory)
        for name in os.listdir(directory):
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                yield name, file.read()


class Made:
    """Packages of one kind, made twice."""

    @classmethod
    def setUpClass(cls):
        run("scripts/make-package", cls.KIND)
        cls.first = digests(cls.PATHS)
        run("scripts/make-package", cls.KIND)

    def test_the_bytes_are_the_same_each_time(self):
        self.assertEqual(digests(self.PATHS), self.first)


class Deb(Made, unittest.TestCase):
    KIND, PATHS = "deb", DEBS

    def test_lintian_finds_nothing(self):
        self.assertEqual(run("lintian", "--suppress-tags", ADDRESS, *DEBS), "")

    def test_dpkg_of_2016_can_read_them(self):
        """Version 1.18 knows xz and no zstd, and no field that is newer; what is needed has to be there as well."""
        for path in DEBS:
            self.assertEqual(re.findall(r"\.tar\.(\w+)", run("ar", "t", path)), ["xz", "xz"])
            self.assertEqual(re.findall(r"(?m)^(?:Pre-)?Depends: (.*)$", run("dpkg-deb", "-f", path)), [])

    def test_configuration_is_the_administrators(self):
        files = dict(scripts_of_deb(DEBS[0]))
        self.assertEqual(set(files["conffiles"].split()), CONFIGURATION)
        for name in ("postinst", "prerm", "postrm"):
            self.assertNotRegex(files[name], r"rm -|find .*-delete")

    def test_the_program_runs_from_the_package(self):
        with tempfile.TemporaryDirectory() as directory:
            for path in DEBS:
                run("dpkg-deb", "-x", path, directory)
            said = run(f"{directory}/usr/sbin/sextant", "--version")
            self.assertEqual(said, f"sextant {VERSION}\n")
            run(f"{directory}/usr/sbin/sextant", "config", "--config", f"{directory}/etc/sextant/sextant.conf", "--check")
            shown = run(f"{directory}/usr/sbin/sextant", "show", "--db", f"{directory}/usr/share/sextant/kernels.db",
                        "--kernel-override", "3.10.0-1160.el7.x86_64")
            self.assertIn("task_struct", shown)
            libraries = os.listdir(f"{directory}/usr/share/doc/sextant/libraries")
            self.assertEqual({name.removesuffix(".gz") for name in libraries},
                             {"c-ares", "curl", "elfutils", "glibc", "inih", "libbpf", "libmd", "libmicrohttpd", "libseccomp", "libsodium",
                              "openssl", "pcre2", "sqlite", "yajl", "zstd", "zlib"})


class Rpm(Made, unittest.TestCase):
    KIND, PATHS = "rpm", RPMS

    def test_rpmlint_finds_nothing(self):
        run("rpmlint", "-r", "scripts/package/sextant.rpmlintrc", *RPMS)

    def test_rpm_of_el7_can_read_them(self):
        """Version 4.11 knows xz and no zstd, and these features."""
        for path in RPMS:
            self.assertEqual(run("rpm", "-qp", "--qf", "%{PAYLOADCOMPRESSOR}", path), "xz")
            needs = set(re.findall(r"(?m)^rpmlib\((\w+)\)", run("rpm", "-qp", "--requires", path)))
            self.assertLessEqual(needs, {"CompressedFileNames", "FileDigests", "PayloadFilesHavePrefix", "PayloadIsXz"})

    def test_files_belong_to_root_and_configuration_is_kept(self):
        files = files_of_rpm(RPMS[0])
        for name, (mode, owner, group) in files.items():
            self.assertEqual((owner, group), ("root", "root"), name)
            self.assertFalse(int(mode, 8) & 0o022 and not stat.S_ISLNK(int(mode, 8)), name)
        self.assertEqual(set(run("rpm", "-qpc", RPMS[0]).split()), CONFIGURATION)
        self.assertEqual(set(files_of_rpm(RPMS[1])), {"/usr/share/sextant", "/usr/share/sextant/kernels.db"})

    def test_the_scripts_are_shell_and_end_well(self):
        """Without a systemd, as in a container: an installation does not fail for it."""
        for number in ("1", "2", "0"):
            for tag in ("POSTIN", "PREUN", "POSTUN"):
                script = run("rpm", "-qp", "--qf", f"%{{{tag}}}", RPMS[0])
                self.assertIn("systemctl", script)
                run("/bin/sh", "-eu", "-c", script, "script", number, env={"PATH": "/nowhere"})

    @unittest.skipIf(os.getuid(), "needs root")
    def test_it_installs_and_is_removed_in_a_root_of_its_own(self):
        with tempfile.TemporaryDirectory() as root:
            rpm = ("rpm", "--root", root, "--nodeps", "--noscripts")
            run(*rpm, "-i", *RPMS)
            self.assertTrue(os.access(f"{root}/usr/sbin/sextant", os.X_OK))
            with open(f"{root}/etc/sextant/sextant.conf", "a", encoding="ascii") as file:
                file.write("# mine\n")
            run(*rpm, "-U", "--replacepkgs", *RPMS)
            with open(f"{root}/etc/sextant/sextant.conf", encoding="ascii") as file:
                self.assertIn("# mine", file.read())
            run(*rpm, "-e", "sextant", "sextant-kernels")
            left = [os.path.join(where, name) for where, _, names in os.walk(root) for name in names
                    if "rpm" not in where]
            self.assertEqual([path.removeprefix(root) for path in left], ["/etc/sextant/sextant.conf.rpmsave"])


class Dist(unittest.TestCase):
    def test_the_tarball(self):
        run("scripts/make-package", "dist")
        path = f"{OUT}/sextant-{VERSION}-x86_64.tar.xz"
        listed = run("tar", "-tvJf", path)
        for line in listed.splitlines():
            self.assertIn(" 0/0 ", line)
        for name in ("sextant", "kernels.db", "sextant.conf", "sextant.service", "LICENSE", "libraries/glibc",
                     "Containerfile", "kubernetes.yaml", "ansible/site.yml"):
            self.assertIn(f"/{name}\n", listed + "\n")


class Usage(unittest.TestCase):
    def test_wrong_usage(self):
        for arguments in ([], ["tar"]):
            done = subprocess.run([f"{ROOT}/scripts/make-package", *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn("usage:", done.stderr)


if __name__ == "__main__":
    tap.main()
