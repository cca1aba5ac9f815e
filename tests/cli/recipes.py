#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The recipes of docs/integrations.md: they parse, have only keys whose source is known (tests/data/recipes.json), match the
right files and take the longest event; our own lines are taken by sextant, and rsyslog's by rsyslog.

usage: tests/cli/recipes.py SEXTANT
"""
import configparser
import fnmatch
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import unittest

import yaml

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402

SEXTANT = os.path.abspath(sys.argv[1])
LONGEST = 917504  # bytes of an event (docs/events.md)
FILES = {"events": True, "events.1": True, "events.10": True, "events.1.gz": False, "events.1.gz.part": False, "ocsf": False}


def ini(text):
    parser = configparser.RawConfigParser(delimiters="=")
    parser.optionxform = str
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


PARSE = {"yaml": yaml.safe_load, "toml": tomllib.loads, "ini": ini}
with open(os.path.join(ROOT, "docs/integrations.md"), encoding="utf-8") as doc:
    BLOCKS = re.findall(r"(?ms)^```(\w*)\n(.*?)^```$", doc.read())
# by the name of the file in the first line
RECIPES = {re.match(r"# \S*?([^/\s]+)[\s]", text)[1]: PARSE[form](text) for form, text in BLOCKS if form in PARSE}


def keys(value, name=""):
    """Dotted names; the members of a list have that of the list."""
    if isinstance(value, dict):
        return {k for key, inner in value.items() for k in keys(inner, f"{name}.{key}".lstrip("."))}
    if isinstance(value, list) and any(isinstance(member, dict) for member in value):
        return {k for member in value for k in keys(member, name)}
    return {name}


class Recipes(unittest.TestCase):
    def test_each_key_has_a_source(self):
        with open(os.path.join(ROOT, "tests/data/recipes.json"), encoding="utf-8") as file:
            known = {name: {key for found in sources.values() for key in found} for name, sources in json.load(file).items()}
        self.assertEqual({name: keys(recipe) for name, recipe in RECIPES.items()}, known)

    def test_patterns_match_each_file_of_ours_once(self):
        stream = RECIPES["elastic-agent.yml"]["inputs"][0]["streams"][0]
        for paths in RECIPES["filebeat.yml"]["filebeat.inputs"][0]["paths"], stream["paths"]:
            self.assertEqual({name: sum(fnmatch.fnmatchcase("/var/log/sextant/" + name, p) for p in paths) for name in FILES}, FILES)
        splunk = RECIPES["inputs.conf"]["monitor:///var/log/sextant"]["whitelist"]
        self.assertEqual({name: bool(re.search(splunk, "/var/log/sextant/" + name)) for name in FILES}, FILES)

    def test_limits_are_larger_than_the_longest_event(self):
        size = RECIPES["fluent-bit.yaml"]["pipeline"]["inputs"][0]["buffer_max_size"]
        limits = [RECIPES["sextant.toml"]["sources"]["sextant_lines"]["max_line_bytes"], int(size.rstrip("m")) * 1000000,
                  int(RECIPES["props.conf"]["sextant"]["TRUNCATE"])]
        limits += [int(n) for _, text in BLOCKS for n in re.findall(r'maxFrameSize="(\d+)"|log-msg-size\((\d+)\)', text) for n in n if n]
        self.assertEqual(len(limits), 6)
        self.assertGreater(min(limits), LONGEST)

    def test_sextant_takes_our_lines(self):
        ours = [text for form, text in BLOCKS if not form and re.match(r"(#.*\n)?output =", text)]
        self.assertGreater(len(ours), 10)
        for text in ours:
            with self.subTest(text), tempfile.TemporaryDirectory() as at:
                with open(os.path.join(at, "sextant.conf"), "w", encoding="utf-8") as file:
                    file.write(text)
                done = subprocess.run([SEXTANT, "config", "--check", "--config", file.name], capture_output=True, text=True, check=False)
                self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("rsyslogd"), "no rsyslogd")
    def test_rsyslog_takes_the_longest_event(self):
        [text] = [text for _, text in BLOCKS if text.startswith("# /etc/rsyslog.d/sextant.conf")]
        with tempfile.TemporaryDirectory() as at, socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port, output, conf = free.getsockname()[1], os.path.join(at, "out"), os.path.join(at, "conf")
            free.close()
            with open(conf, "w", encoding="utf-8") as file:
                file.write(text.replace('"601"', f'"{port}"').replace("/var/log/sextant.json", output) + f'global(workDirectory="{at}")\n')
            program = subprocess.Popen(["rsyslogd", "-n", "-f", conf, "-i", os.path.join(at, "pid")])
            try:
                self.assertEqual(self.through(port, output), ["first", "x" * LONGEST, "last"])
            finally:
                program.kill()
                program.wait()

    @staticmethod
    def through(port, output):
        """What rsyslog makes of three messages, in at most ten seconds."""
        end = time.monotonic() + 10
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", port))
                break
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        with connection:
            for text in "first", "x" * LONGEST, "last":
                message = f"<86>1 2026-11-30T18:14:16.373676Z host sextant 1 exec - {text}"
                connection.sendall(f"{len(message)} {message}".encode())
        lines = []
        while len(lines) < 3 and time.monotonic() < end:
            time.sleep(0.1)
            if os.path.exists(output):
                with open(output, encoding="utf-8") as file:
                    lines = file.read().splitlines()
        return lines


if __name__ == "__main__":
    tap.main()
