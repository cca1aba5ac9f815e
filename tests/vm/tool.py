#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""scripts/vm itself, with a kernel of Debian.

usage: tests/vm/tool.py PACKAGE   (linux-image-*.deb)
"""
import glob
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402

PACKAGE = sys.argv[1]


def vm(*arguments):
    return subprocess.run([f"{ROOT}/scripts/vm", *arguments], capture_output=True, text=True, check=False)


def packages_split(package, directory):
    """The packages as from 7.2 on, with what a package before it has; returns the path of the first one."""
    whole = f"{directory}/whole"
    subprocess.run(["dpkg-deb", "-x", package, whole], check=True)
    kernel, = glob.glob(f"{whole}/boot/vmlinuz-*")
    modules, = glob.glob(f"{whole}/lib/modules/*") + glob.glob(f"{whole}/usr/lib/modules/*")
    for part, name, source in (("image", None, None), ("base", "modules.builtin", f"{modules}/modules.builtin"),
                               ("binary", "vmlinuz", kernel), ("modules", "kernel", f"{modules}/kernel")):
        to = f"{directory}/{part}/usr/lib/modules/{os.path.basename(modules)}"
        os.makedirs(to)
        if source:
            os.rename(source, f"{to}/{name}")
        os.makedirs(f"{directory}/{part}/DEBIAN")
        with open(f"{directory}/{part}/DEBIAN/control", "w", encoding="ascii") as file:
            file.write(f"Package: {part}\nVersion: 1\nArchitecture: all\nMaintainer: none\nDescription: none\n")
        subprocess.run(["dpkg-deb", "-Znone", "-b", f"{directory}/{part}", f"{directory}/linux-{part}-x_1.deb"],
                       check=True, stdout=subprocess.DEVNULL)
    return f"{directory}/linux-image-x_1.deb"


class Vm(unittest.TestCase):
    def test_output_exit_code_and_files_come_back(self):
        with tempfile.TemporaryDirectory() as directory:
            done = vm("--debian", PACKAGE, "--file", f"{__file__}:in/file", "--get", "/out/there",
                      "--into", directory,
                      "cat /in/file | wc -c; mkdir /out; echo found >/out/there; exit 7")
            with open(f"{directory}/out/there", encoding="ascii") as file:
                self.assertEqual(file.read(), "found\n")
        self.assertEqual((done.returncode, done.stdout), (7, f"{os.path.getsize(__file__)}\n"), done.stderr)

    def test_a_guest_has_what_a_host_has_mounted(self):
        done = vm("--debian", PACKAGE, "cut -d ' ' -f 3 /proc/mounts | sort -u | xargs; nproc")
        self.assertEqual(done.stdout.split(),
                         "cgroup2 debugfs devtmpfs proc rootfs sysfs tmpfs tracefs 2".split())

    def test_modules_come_with_what_they_need(self):
        done = vm("--debian", PACKAGE, "--module", "overlay", "--module", "btrfs",
                  "cut -d ' ' -f 1 /proc/modules; mkdir l u w m; "
                  "mount -t overlay -o lowerdir=l,upperdir=u,workdir=w o m && echo mounted")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertLessEqual({"overlay", "btrfs", "raid6_pq", "mounted"}, set(done.stdout.split()))

    def test_a_module_that_is_not_there(self):
        done = vm("--debian", PACKAGE, "--module", "nonsense", "true")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"^vm: no module nonsense for [0-9].*\n$")

    def test_a_package_without_a_kernel(self):
        done = vm("--debian", __file__, "true")
        self.assertEqual(done.returncode, 2)
        self.assertIn("not a package with one kernel", done.stderr)

    def test_a_package_whose_kernel_and_modules_are_in_others(self):
        """From 7.2 on; here they are made of a package that has all."""
        with tempfile.TemporaryDirectory() as directory:
            image = packages_split(PACKAGE, directory)
            done = vm("--debian", image, "--module", "overlay", "--module", "ext4", "cut -d ' ' -f 1 /proc/modules")
            self.assertEqual((done.returncode, done.stdout), (0, "overlay\n"), done.stderr)
            os.unlink(f"{directory}/linux-binary-x_1.deb")
            done = vm("--debian", image, "true")
        self.assertEqual(done.returncode, 2)
        self.assertIn("its parts beside it", done.stderr)

    def test_a_guest_that_hangs_is_killed(self):
        done = vm("--debian", PACKAGE, "--timeout", "20", "echo last words; while sleep 3; do echo '<0>a message' >/dev/kmsg; done")
        self.assertEqual(done.returncode, 124)
        self.assertIn("last words", done.stdout)
        self.assertIn("the guest wrote nothing for 20 s", done.stderr)

    def test_a_guest_that_is_slow_is_not_killed(self):
        done = vm("--debian", PACKAGE, "--timeout", "20", "for i in 1 2 3 4 5 6; do sleep 5; echo $i; done")
        self.assertEqual((done.returncode, done.stdout), (0, "1\n2\n3\n4\n5\n6\n"), done.stderr)

    def test_a_guest_that_dies_while_it_boots_is_booted_again(self):
        done = vm("--debian", PACKAGE, "--append", "rdinit=/nothing", "true")
        self.assertEqual(done.returncode, 125)
        self.assertEqual(done.stderr.count("it is booted again"), 2)

    def test_a_guest_that_dies_is_not_a_success(self):
        done = vm("--debian", PACKAGE, "echo c >/proc/sysrq-trigger; sleep 5")
        self.assertEqual(done.returncode, 125)
        self.assertIn("the guest died", done.stderr)


if __name__ == "__main__":
    tap.main()
