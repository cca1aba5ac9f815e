#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The Ansible role, the Kubernetes manifest and the container image, each by its own tool as far as there is one.

usage: tests/cli/deploy.py SEXTANT   (needs build/dist, which tests/cli/distribution.py makes)
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402

SEXTANT = os.path.abspath(sys.argv[1])
PACKAGE = os.path.join(ROOT, "scripts/package")


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


class Ansible(unittest.TestCase):
    def playbook(self, *options):
        """ansible-playbook on this host, where the role finds our sextant in PATH."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        os.symlink(SEXTANT, os.path.join(directory.name, "sextant"))
        return run("ansible-playbook", "-i", "localhost,", "-c", "local", "-e", "ansible_become=false", "-e",
                   "ansible_python_interpreter=/usr/bin/python3", *options, os.path.join(PACKAGE, "ansible/site.yml"),
                   env={**os.environ, "ANSIBLE_ROLES_PATH": f"{PACKAGE}/ansible", "ANSIBLE_NOCOLOR": "1",
                        "ANSIBLE_LOCALHOST_WARNING": "False", "HOME": directory.name,
                        "PATH": f"{directory.name}:{os.environ['PATH']}"})

    def test_its_syntax_is_right(self):
        self.playbook("--syntax-check")

    @unittest.skipIf(os.getuid(), "needs root")
    def test_a_dry_run_says_what_would_work_and_changes_nothing(self):
        said = self.playbook("--check")
        self.assertIn("exec        ", said)
        self.assertIn("failed=0", said)
        self.assertFalse(os.path.exists("/etc/sextant/conf.d/50-ansible.conf"))

    def test_the_settings_are_keys_of_the_configuration(self):
        with open(os.path.join(PACKAGE, "ansible/sextant/defaults/main.yml"), encoding="utf-8") as file:
            settings = yaml.safe_load(file)["sextant_settings"]
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write("".join(f"{key} = {value}\n" for key, value in settings.items()))
            file.flush()
            run(SEXTANT, "config", "--config", file.name, "--check")


class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(PACKAGE, "kubernetes.yaml"), encoding="utf-8") as file:
            cls.manifest = yaml.safe_load(file)
        cls.pod = cls.manifest["spec"]["template"]["spec"]
        [cls.container] = cls.pod["containers"]

    def test_it_is_a_daemon_set_whose_pods_are_its_own(self):
        self.assertEqual((self.manifest["apiVersion"], self.manifest["kind"]), ("apps/v1", "DaemonSet"))
        self.assertEqual(self.manifest["spec"]["selector"]["matchLabels"],
                         self.manifest["spec"]["template"]["metadata"]["labels"])
        self.assertEqual({mount["name"] for mount in self.container["volumeMounts"]},
                         {volume["name"] for volume in self.pod["volumes"]})

    def test_it_has_the_rights_that_the_documentation_says_and_no_others(self):
        context = self.container["securityContext"]
        with open(os.path.join(ROOT, "docs/security.md"), encoding="utf-8") as file:
            said = re.search(r"where tracefs is mounted, (.*?) suffice", file.read(), re.S)[1]
        self.assertEqual({f"CAP_{name}" for name in context["capabilities"]["add"]}, set(re.findall(r"CAP_\w+", said)))
        self.assertNotIn("privileged", context)
        self.assertTrue(self.pod["hostPID"])
        self.assertNotIn("hostNetwork", self.pod)

    def test_its_options_are_those_of_the_program(self):
        """It would end at once with a wrong one, and not with these, but for a kernel that is none."""
        done = subprocess.run([SEXTANT, *self.container["args"], "--db", "/nowhere", "--kernel-override", "none"],
                              capture_output=True, text=True, check=False)
        self.assertNotIn("--help", done.stderr)
        self.assertNotEqual(done.returncode, 2, done.stderr)


class Container(unittest.TestCase):
    @unittest.skipUnless(shutil.which("buildah") and not os.getuid(), "needs buildah and root")
    def test_the_image_is_built_and_has_the_program(self):
        [tarball] = glob.glob(os.path.join(ROOT, "build/dist/sextant-*.tar.xz"))
        with tempfile.TemporaryDirectory() as directory:
            run("tar", "-C", directory, "--strip-components=1", "-xf", tarball)
            store = ("--root", f"{directory}/store", "--runroot", f"{directory}/run", "--storage-driver", "vfs")
            run("buildah", *store, "build", "--isolation", "chroot", "-f", f"{directory}/Containerfile", "-t", "sextant",
                directory)
            name = run("buildah", *store, "from", "sextant").strip()
            place = run("buildah", *store, "mount", name).strip()
            try:
                self.assertRegex(run("chroot", place, "/usr/sbin/sextant", "--version"), "^sextant ")
                self.assertTrue(os.path.exists(f"{place}/usr/share/sextant/kernels.db"))
            finally:
                run("buildah", *store, "umount", name)


if __name__ == "__main__":
    tap.main()
