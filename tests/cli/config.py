#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Configuration files of sextant: what they say, which setting is in force, and what is refused.

usage: tests/cli/config.py SEXTANT
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

SEXTANT = os.path.abspath(sys.argv[1])
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
UNPRIVILEGED = 65534


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.file = self.path("sextant.conf")
        os.mkdir(self.path("conf.d"))

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, text, name="sextant.conf"):
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(self.path(name), 0o644)

    def config(self, *options):
        return subprocess.run([SEXTANT, "config", "--config", self.file, *options], capture_output=True,
                              text=True, check=False)

    def in_force(self, *options):
        """[(key, value, where it stands)] of what is not a default."""
        done = self.config(*options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = re.findall(r"(?m)^# (.*)\n([a-z-]+) = (.*)$", done.stdout)
        self.assertEqual(len(found) * 2, len(done.stdout.splitlines()))
        return [(key, value, place.replace(self.directory + "/", "")) for place, key, value in found
                if place != "default"]

    def refused(self, text, *words, line=1, name="sextant.conf"):
        self.write(text, name)
        done = self.config("--check")
        self.assertEqual((done.returncode, done.stdout), (2, ""), text)
        place = re.escape(self.path(name)) + (f":{line}" if line else "")
        self.assertRegex(done.stderr, rf"^sextant: {place}: [^\n]+\n$")
        for word in words:
            self.assertIn(word, done.stderr)


class InForce(Case):
    def test_an_empty_configuration_has_the_defaults(self):
        self.write("# nothing\n")
        self.assertEqual(self.in_force(), [])
        self.assertIn("# default\nevents = exec,fork,exit\n", self.config().stdout)

    def test_the_defaults_are_those_of_the_program(self):
        """What is printed is a configuration file that asks for the same."""
        self.write("# nothing\n")
        printed = self.config().stdout
        self.write(printed)
        again = self.config()
        self.assertEqual((again.returncode, again.stderr), (0, ""))
        self.assertEqual(re.sub(r"(?m)^#.*\n", "", again.stdout), re.sub(r"(?m)^#.*\n", "", printed))

    def test_later_files_override_earlier_ones_and_the_command_line_all(self):
        self.write("events = exec\nformat = text\noutput = /tmp/a\n")
        self.write("events = exec,fork\n", "conf.d/20.conf")
        self.write("events = exec,exit\nformat = json\n", "conf.d/10.conf")
        self.write("events = nonsense\n", "conf.d/30.conf.rpmnew")
        self.write("events = nonsense\n", "conf.d/.40.conf")
        self.assertEqual(self.in_force("--output", "/tmp/b"),
                         [("events", "exec,fork", "conf.d/20.conf:1"), ("format", "json", "conf.d/10.conf:2"),
                          ("output", "/tmp/b", "command line")])

    def test_verbose_is_a_log_level_of_the_command_line(self):
        self.write("log-level = error\n")
        for option in ("-v", "--verbose"):
            self.assertEqual(self.in_force(option), [("log-level", "debug", "command line")])

    def test_values_of_a_key_that_may_stand_several_times(self):
        self.write("rule = deny uid 1\nrule = deny uid 2\n\n")
        self.write("; more\nrule = watch /etc/x\n", "conf.d/a.conf")
        self.assertEqual(self.in_force(), [("rule", "deny uid 1", "sextant.conf:1"),
                                           ("rule", "deny uid 2", "sextant.conf:2"),
                                           ("rule", "watch /etc/x", "conf.d/a.conf:2")])
        self.assertEqual(self.in_force("--rule", "deny uid 3"), [("rule", "deny uid 3", "command line")])

    def test_an_output_goes_on_on_further_lines(self):
        self.write("output = https://collector.example/\n  ca=/etc/ca.pem\n\n# a comment\n\tbody=loki ; another\noutput = /b\n")
        self.assertEqual(self.in_force(), [
            ("output", "https://collector.example/ ca=/etc/ca.pem body=loki", "sextant.conf:1"),
            ("output", "/b", "sextant.conf:6")])
        self.refused("output = https://collector.example/\n  body=x\n", "wrong value of body: x")
        self.write("output = /a\n")
        self.write("  keep=3\n", "conf.d/a.conf")
        self.assertIn("a.conf:1: a key stands at the beginning of its line", self.config("--check").stderr)

    def test_a_switch(self):
        for text, said in (("yes", "yes"), ("no", "no")):
            self.write(f"no-self-test = {text}\n")
            self.assertEqual(self.in_force(), [("no-self-test", said, "sextant.conf:1")])

    def test_a_list_may_be_empty(self):
        self.write("env =\n")
        self.assertEqual(self.in_force(), [("env", "", "sextant.conf:1")])

    def test_the_man_page_has_every_key(self):
        with open(os.path.join(ROOT, "docs/sextant.conf.5"), encoding="utf-8") as file:
            page = file.read().replace("\\-", "-")
        self.write("# nothing\ndb-key = /k\nkernel-override = x\nrequire = exec\nattach = kprobe\nfilter = /f\n"
                   "rule = deny uid 1\nstate = /s\ncontrol = /c\ncontrol-group = g\nmetrics-file = /m\n"
                   "metrics-listen = 127.0.0.1:1\nredact = x\n")
        self.write("# rules\n", "f")
        keys = re.findall(r"(?m)^([a-z-]+) = ", self.config("--filter", self.path("f")).stdout)
        self.assertGreater(len(keys), 12)
        self.assertEqual(sorted(re.findall(r"\.TP\n\.BI? \"?([a-z-]+)", page.split(".SH KEYS")[1].split("\n.SH ")[0])),
                         sorted(keys))


class Refused(Case):
    def test_unknown_keys(self):
        self.refused("# a comment\nevnts = exec\n", "unknown key: evnts", "did you mean events?", line=2)
        self.refused("zzzzzzzz = 1\n", "unknown key: zzzzzzzz", "sextant.conf(5)")
        self.refused("x" * 100 + " = 1\n", "unknown key")
        self.refused("duration = 3\n", "option of the command line")
        self.refused("config = /etc/other\n", "option of the command line")

    def test_wrong_values(self):
        self.refused("events = exce\n", "unknown event class in exce")
        self.refused("\n\nformat = xml\n", "unknown format: xml", line=3)
        self.refused("no-self-test = 1\n", "expected yes or no")
        self.refused("events =\n", "no value for events")
        self.refused("redact = (a\n", "not a pattern: (a (at character 3")
        self.refused("output = /a keep=0\n", "wrong value of keep: 0")
        self.refused("rule = denny uid 3\n", "expected allow, deny, try deny, watch or for: denny")
        self.refused("rule = deny uid 3\nrule = allow uid 3\n", "both allowed and denied", line=2)

    def test_what_is_no_configuration(self):
        self.refused("events\n", "expected KEY = VALUE")
        self.refused("[sextant]\n", "no sections")
        self.refused("\ufeff[sextant]\nevents = exec\n", "no sections", line=2)
        self.refused("rule = deny uid 1\n\fevents = exce\n", "beginning of its line", line=2)
        self.refused("rule = deny uid 1\n  deny uid 2\n", "beginning of its line", line=2)
        self.write("output = /" + "x" * 187 + "\n")
        self.assertEqual(self.config("--check").returncode, 0)
        self.refused("output = /" + "x" * 188 + "\n", "too long")
        self.refused("events = exec", "half-written", line=0)
        self.refused("", "empty", line=0)
        self.refused(b"events = exec\n\0\n", "NUL", line=0)

    def test_a_file_of_the_folder_is_named(self):
        self.write("events = exec\n")
        self.refused("\nevents = exce\n", "exce", line=2, name="conf.d/x.conf")

    def test_a_folder_that_is_none(self):
        self.write("events = exec\n")
        os.rmdir(self.path("conf.d"))
        self.write("x", "conf.d")
        done = self.config("--check")
        self.assertEqual((done.returncode, done.stderr),
                         (2, f"sextant: {self.path('conf.d')}: Not a directory; it has to be a directory\n"))

    def test_too_many_files_and_settings(self):
        self.write("events = exec\n")
        for number in range(257):
            self.write("events = exec\n", f"conf.d/{number}.conf")
        self.assertIn("conf.d: more than 256 files", self.config("--check").stderr)
        for number in range(257):
            os.unlink(self.path(f"conf.d/{number}.conf"))
        self.write("format = json\n" * 4097)
        done = self.config("--check")
        self.assertEqual(done.returncode, 2)
        self.assertIn("more than 4096 settings", done.stderr)

    def test_settings_that_exclude_each_other(self):
        self.write("events = exec\nrequire = file\n")
        done = self.config()
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"^sextant: --require names a class that --events does not: file[^\n]*\n$")

    def test_files_that_others_can_change(self):
        self.write("events = exec\n")
        for name in ("sextant.conf", "conf.d/x.conf"):
            self.write("events = exec\n", name)
            os.chmod(self.path(name), 0o666)
            done = self.config()
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(self.path(name) + ": is writable by everybody", done.stderr)
            os.chmod(self.path(name), 0o644)

    @unittest.skipIf(os.getuid(), "needs root")
    def test_files_of_another_user(self):
        self.write("events = exec\n")
        os.chown(self.file, UNPRIVILEGED, UNPRIVILEGED)
        self.assertEqual(self.config().returncode, 2)

    def test_names_and_values_with_control_characters(self):
        self.write(b"ev\x1b[31mnts = \x1b]0;x\x07\n")
        self.assertNotIn("\x1b", self.config().stderr)
        self.write(b"output = /tmp/\x1b[31m\n")
        self.assertNotIn("\x1b", self.config().stdout)

    def test_a_file_that_is_missing(self):
        done = subprocess.run([SEXTANT, "run", "--config", self.path("missing")], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(self.path("missing") + ": No such file", done.stderr)

    def test_check_is_of_config_alone(self):
        done = subprocess.run([SEXTANT, "run", "--check"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--check is an option of config", done.stderr)


if __name__ == "__main__":
    tap.main()
