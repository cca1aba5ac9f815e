#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What an event's line promises (docs/events.md), for each class, operation and field.

usage: tests/cli/events.py EVENTS_PRINT SCHEMA
"""
import json
import os
import re
import subprocess
import sys
import unittest

import jsonschema

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402

PRINT, SCHEMA = sys.argv[1:3]
LINE_MAX = 768 * 1024  # EVENT_LINE_MAX: loader/event/line.h

START = {"process.entity_id", "process.start"}
ACTOR = {"START": START, "PARENT": {"process.parent"}, "GROUPS": {"process.group_leader"}}
FILE = {**ACTOR, "NUMBERS": {"file.inode", "file.device"}, "ROOT": {"sextant.root"}, "EXE": {"file.path"},
        "EXE_INODE": {"file.type", "file.inode", "file.device", "file.mode", "file.uid", "file.gid", "file.size",
                      "sextant.links"}}
ON_PROCESS = {**ACTOR, "TARGET": {"sextant.target"}, "OUTCOME": {"event.outcome"}}
CONNECTION = {**ACTOR, "ADDRESSES": {"source", "destination", "network.type"}}
LOCAL = {**ACTOR, "ADDRESSES": {"destination", "network.type"}}
OTHER = {**FILE, "CWD": {"sextant.other_path"}}
BEFORE = {**FILE, "BEFORE": {"sextant.before"}}
ATTRIBUTE = {**FILE, "FILENAME": {"sextant.attribute"}}

# By event.action: of each field that it has, what is null.
NULL = {
    "exec": {
        **ACTOR, "GROUPS": {"process.group_leader", "process.session_leader"},
        "CRED": {"process.user", "process.real_user", "process.saved_user", "process.group", "process.real_group",
                 "process.saved_group", "user.id", "user.effective", "sextant.capabilities", "sextant.fs_uid",
                 "sextant.fs_gid"},
        "LOGINUID": {"user.audit", "sextant.audit_session"},
        "NAMESPACES": {f"sextant.namespace.{name}" for name in ("mnt", "net", "uts", "ipc")},
        "NS_PID": {"process.vpid", "sextant.namespace.pid"},
        "EXE_INODE": {"sextant.executable"},
        "NUMBERS": {"sextant.executable.inode", "sextant.executable.device"},
        "ARGV": {"process.args", "process.args_count", "sextant.args_bytes"},
        "FILENAME": {"sextant.filename"}, "INTERP": {"sextant.interpreter"}, "ROOT": {"sextant.root"},
        "CGROUP": {"sextant.cgroup.path"}, "CGROUP_V1": {"sextant.cgroup.v1_path"},
        "EXE": {"process.executable"}, "CWD": {"process.working_directory"}, "ENV": {"process.env_vars"},
        "TTY": {"sextant.tty"}, "PREVIOUS": {"process.previous", "process.thread"},
        "INTERPRETERS": {"sextant.interpreters"},
    },
    "fork": {"CHILD_START": START, "CALLER": {"sextant.caller.entity_id", "sextant.caller.start"},
             "PARENT": {"process.parent"}, "GROUPS": {"process.group_leader"}},
    "exit": {**ACTOR, "START": {*START, "event.duration"}, "CPU_TIME": {"sextant.cpu_time_ns"},
             "EXIT_CODE": {"process.exit_code", "sextant.exit_signal", "sextant.core_dumped"}},
    "credentials": {**ACTOR, "BEFORE": {"sextant.before", "user.id"}, "AFTER": {"sextant.after"}},
    "namespaces": {**ACTOR, "BEFORE": {"sextant.before"}, "AFTER": {"sextant.after"}},
    "ptrace": {**ON_PROCESS, "OBJECT": {"sextant.request"}},
    "process_access": {**ON_PROCESS, "OBJECT": {"sextant.access_mode"}},
    "signal": {**ON_PROCESS, "OBJECT": {"sextant.signal"}},
    "memfd": {**ACTOR, "OBJECT": {"sextant.memfd"}},
    "bpf": {**ACTOR, "OBJECT": {"sextant.program"}, "OUTCOME": {"event.outcome"}},
    "module": {**ACTOR, "OBJECT": {"sextant.module"}},
    "exec_failed": {**ACTOR, "OBJECT": {"sextant.filename"}},
    "mknod": {**FILE, "EXE_INODE": {*FILE["EXE_INODE"], "sextant.special_device"}},
    "symlink": {**FILE, "FILENAME": {"file.target_path"}},
    "link": OTHER, "rename": OTHER, "exchange": OTHER,
    "truncate": BEFORE, "chmod": BEFORE, "chown": BEFORE,
    "setxattr": ATTRIBUTE, "removexattr": ATTRIBUTE,
    "mount": {**FILE, "FILENAME": {"sextant.mount.source"}, "INTERP": {"sextant.mount.type"}},
    "umount": {**FILE, "FILENAME": {"sextant.mount.source"}},
    "listen": LOCAL, "bind": LOCAL,
    "connect": CONNECTION, "accept": CONNECTION, "datagram": CONNECTION,
    "close": {**CONNECTION, "NUMBERS": {"source.bytes", "destination.bytes"}},
    "flow": {**CONNECTION, "NUMBERS": {"source.bytes", "destination.bytes"}},
    "dns": {**ACTOR, "QUESTION": {"dns.question", "dns.id"}},
}
NULL["thread"] = NULL["fork"]
for name in ("open", "create", "mkdir", "unlink", "rmdir", "write"):
    NULL[name] = FILE


def fields():
    """The names of enum event_field, in its order."""
    with open(f"{ROOT}/probes/abi/events.h", encoding="utf-8") as file:
        body = re.search(r"enum event_field \{(.*?)\};", file.read(), re.S)[1]
    names = re.findall(r"\bFIELD_(\w+)", re.sub(r"/\*.*?\*/", "", body, flags=re.S))
    return [name for name in names if name != "TEXTS"]


FIELDS = fields()


def lines(what):
    """[(what it is of, event, JSON, text)]"""
    out = subprocess.run([PRINT, what], check=True, capture_output=True).stdout.decode("utf-8")
    return [(of, json.loads(line), line, text)
            for of, line, text in (row.split("\t") for row in out.split("\n")[:-1])]


def at(event, name):
    """What stands there; KeyError: nothing does."""
    for key in name.split("."):
        event = event[key]
    return event


def nulls(value, name=""):
    if value is None:
        return {name}
    if isinstance(value, dict):
        return set().union(*(nulls(v, f"{name}.{k}" if name else k) for k, v in value.items()))
    return set()


class Unread(unittest.TestCase):
    """What could not be read is null, and named by where it stands."""

    @classmethod
    def setUpClass(cls):
        cls.lines = lines("unread")
        with open(SCHEMA, encoding="utf-8") as file:
            cls.validator = jsonschema.Draft7Validator(json.load(file))

    def each(self):
        for of, event, _, text in self.lines:
            action, field = of.split()
            yield action, (FIELDS + ["all", "none"])[int(field)], event, text

    def test_every_class_and_operation_is_here(self):
        with open(SCHEMA, encoding="utf-8") as file:
            actions = json.load(file)["properties"]["event"]["properties"]["action"]["enum"]
        # A loss is no record of the kernel's: tests/host/check.py has it.
        self.assertEqual({of.split()[0] for of, *_ in self.lines}, set(actions) - {"loss"})
        self.assertEqual(set(NULL), set(actions) - {"loss"})

    def test_the_schema_allows_it(self):
        for _, _, event, _ in self.each():
            with self.subTest(json.dumps(event)):
                self.assertEqual([e.message for e in self.validator.iter_errors(event)], [])

    def test_each_name_is_that_of_a_null(self):
        for action, field, event, _ in self.each():
            for name in event["sextant"].get("read_errors", []):
                self.assertEqual(at(event, name), "unknown" if name == "event.outcome" else None,
                                 f"{action} {field}: {name}")

    def test_each_null_is_named(self):
        for action, field, event, _ in self.each():
            self.assertLessEqual(nulls(event), set(event["sextant"].get("read_errors", [])), f"{action} {field}")

    def test_each_field_has_its_names(self):
        for action, field, event, _ in self.each():
            if event["host"]["boot"]["id"] is None:
                expected = {"host.boot.id"}
            elif field == "all":
                expected = set().union(*NULL[action].values())
                if action in ("exec", "close", "flow"):  # the whole object is null
                    expected -= NULL[action]["NUMBERS"]
            else:
                expected = NULL[action].get(field, set())
            self.assertEqual(set(event["sextant"].get("read_errors", [])), expected, f"{action} {field}")

    def test_text_has_the_same_names(self):
        for action, field, event, text in self.each():
            named = re.findall(r" unread:(\S+)", text)
            if field != "none":
                self.assertEqual(named, event["sextant"].get("read_errors", []), f"{action} {field}")


class Cut(unittest.TestCase):
    def test_what_was_cut_is_named_by_where_it_stands(self):
        args_only = {"process.args_count", "sextant.args_bytes"}
        texts = {"FILENAME", "INTERP", "ROOT", "CGROUP", "CGROUP_V1", "EXE", "CWD", "ARGV", "ENV"}
        for of, event, _, text in lines("cut"):
            action, field = of.split()
            field = (FIELDS + ["all", "none"])[int(field)]
            with self.subTest(of):
                named = event["sextant"].get("truncated", [])
                if field in texts:
                    self.assertEqual(set(named), NULL[action].get(field, set()) - args_only)
                elif field != "all":
                    self.assertEqual(named, [])
                for name in named:
                    self.assertIsNotNone(at(event, name))
                self.assertEqual(re.findall(r" cut:(\S+)", text), named)


def words(text):
    """The words of a line of --format text, as docs/events.md has them; marks between them apart."""
    found, i = [], 0
    while i < len(text):
        if text[i] == "'":
            word, i = b"", i + 1
            while text[i] != "'":
                if text[i] != "\\":
                    word, i = word + text[i].encode(), i + 1
                elif text[i + 1] == "x":
                    word, i = word + bytes.fromhex(text[i + 2:i + 4]), i + 4
                else:
                    word, i = word + text[i + 1].encode(), i + 2
            found.append(word)
            i += 1
        elif text[i] in " ()[]:":
            i += 1
        else:
            end = re.compile(r"[ ()\[\]']").search(text, i)
            end = end.start() if end else len(text)
            found.append(text[i:end])
            i = end
    return found


class Words(unittest.TestCase):
    """Texts of anybody's choice: exact in JSON, one word in text, and nothing that steers a terminal."""

    @classmethod
    def setUpClass(cls):
        cls.lines = lines("words")
        cls.awkward = [v.encode("utf-8", "surrogateescape") for v in cls.args_of(cls.lines[-1][1])]

    @staticmethod
    def args_of(event):
        process, raw = event["process"], event["sextant"].get("raw", {}).get("process.args", [])
        return [bytes.fromhex(exact).decode("utf-8", "surrogateescape") if exact else shown
                for shown, exact in zip(process["args"], raw or [None] * len(process["args"]))]

    def test_no_byte_steers_a_terminal_or_ends_a_line(self):
        for of, _, line, text in self.lines:
            with self.subTest(of):
                self.assertRegex(text, r"\A[\x20-\x7e]*\Z")
                self.assertEqual(len(line.splitlines()), 1)
                self.assertNotRegex(line, "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e"
                                    "\u2060-\u206f\ufeff\U000e0000-\U000e007f]")

    def test_every_argument_comes_out_exactly(self):
        event = self.lines[-1][1]
        self.assertEqual(event["process"]["args"][7:9], ["]", "[in"])
        self.assertEqual(len(self.awkward), event["process"]["args_count"])
        self.assertIn(b"\xff\xfe", self.awkward)
        self.assertIn("\u202egnp.exe".encode(), self.awkward)

    def test_raw_covers_the_one_argument_that_needs_it(self):
        raw = self.lines[-1][1]["sextant"]["raw"]["process.args"]
        self.assertEqual([(i, v) for i, v in enumerate(raw) if v], [(self.awkward.index(b"\xff\xfe"), "fffe")])

    def test_text_has_as_many_arguments_as_there_are(self):
        text = self.lines[-1][3]
        between = words(text[text.index("/text: ") + 7:text.rindex(" [in ")])
        self.assertEqual([v.encode() if isinstance(v, str) else v for v in between], self.awkward)

    def test_raw_is_by_the_name_of_the_text_that_needs_it(self):
        for of, event, _, _ in self.lines:
            with self.subTest(of):
                for name, value in event["sextant"].get("raw", {}).items():
                    shown = at(event, name)
                    if isinstance(shown, list):
                        self.assertEqual(len(shown), len(value))
                    else:
                        self.assertEqual(bytes.fromhex(value).decode("utf-8", "replace").count("\ufffd"),
                                         shown.count("\ufffd"))
                        self.assertIn("\ufffd", shown)
                if of.endswith(f" {self.awkward.index(bytes([255, 254]))}"):
                    self.assertIn("process.name", event["sextant"]["raw"])

    def test_a_process_name_cannot_fake_the_line(self):
        """Of each class: two names that differ change one word, and no more."""
        by = {}
        for of, _, _, text in self.lines[:-1]:
            if not of.endswith(" 0"):  # an empty text of a file operation has no word
                by.setdefault(of.split()[0], []).append(words(text))
        for action, all_of in by.items():
            with self.subTest(action):
                self.assertEqual({len(w) for w in all_of}, {len(all_of[0])})
                fixed = [i for i, column in enumerate(zip(*all_of)) if len(set(map(str, column))) == 1]
                self.assertGreater(len(fixed), 3)


class Longest(unittest.TestCase):
    def test_the_longest_event_fits_and_nothing_of_it_is_cut(self):
        for _, event, line, text in lines("longest"):
            self.assertLessEqual(len(line.encode()), LINE_MAX)
            self.assertLessEqual(len(text), LINE_MAX)
            args = "\0".join(event["process"]["args"])
            self.assertLessEqual(32767, len(args.encode("utf-8")) + 1)
            self.assertEqual(len(event["process"]["args"]), event["process"]["args_count"])

    def test_control_bytes_come_out_exactly(self):
        event = next(e for _, e, _, _ in lines("longest"))
        self.assertEqual(event["process"]["args"], ["\x01" * 32768])
        self.assertNotIn("raw", event["sextant"])

    def test_bytes_that_are_no_utf8_come_out_exactly(self):
        event = lines("longest")[1][1]
        self.assertEqual(event["sextant"]["raw"]["process.args"], ["ff" * 32768])
        for name in ("process.executable", "process.parent.executable", "process.previous.executable",
                     "process.session_leader.executable", "process.group_leader.executable"):
            self.assertEqual(event["sextant"]["raw"][name], "ff" * len(at(event, name)))


if __name__ == "__main__":
    tap.main()
