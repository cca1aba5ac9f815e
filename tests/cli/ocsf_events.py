#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Events as OCSF has them (docs/events.md), for each class, operation and field.

usage: tests/cli/ocsf_events.py EVENTS_PRINT
"""
import copy
import json
import os
import subprocess
import sys
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402
from ocsf import Ocsf, Twin, once  # noqa: E402

PRINT = sys.argv[1]
LINE_MAX = 896 * 1024  # EVENT_LINE_MAX: loader/event/line.h
OCSF = Ocsf()


def lines(what):
    """[(what it is of, event of ECS, event of OCSF, its line)]"""
    out = subprocess.run([PRINT, what], check=True, capture_output=True).stdout.decode("utf-8")
    rows = [row.split("\t") for row in out.split("\n")[:-1]]
    return [(of, json.loads(ecs), json.loads(line, object_pairs_hook=once), line) for of, ecs, _, line in rows]


ALL = {what: lines(what) for what in ("own", "kinds", "empty", "unread", "cut", "words", "longest")}


def at(event, path):
    for key in path.split("."):
        event = event[key]
    return event


def has(event, path):
    try:
        at(event, path)
    except (KeyError, TypeError):
        return False
    return True


class Events(unittest.TestCase):
    def test_each_event_is_as_the_published_schema_has_it(self):
        for what, rows in ALL.items():
            for of, _, event, _ in rows:
                with self.subTest(of=of, what=what):
                    self.assertEqual(OCSF.problems(event), [])

    def test_each_line_begins_as_one_that_is_half_written_is_known(self):
        for rows in ALL.values():
            for of, _, _, line in rows:
                self.assertRegex(line, r'\A\{"class_uid":\d{4},"time":\d+,', of)

    def test_no_line_is_too_long(self):
        for of, _, _, line in ALL["longest"]:
            self.assertLessEqual(len(line.encode()), LINE_MAX, of)

    def test_nothing_that_ecs_has_is_lost(self):
        for what in ("own", "kinds", "empty", "cut", "words", "longest"):
            for of, ecs, event, _ in ALL[what]:
                with self.subTest(of=of, what=what):
                    self.assertEqual(Twin(ecs, event).lost(), [])

    def test_both_have_the_same_subject(self):
        compared = 0
        for what in ("own", "kinds", "words", "cut"):
            for of, ecs, event, _ in ALL[what]:
                with self.subTest(of=of, what=what):
                    found = Twin(ecs, event).differences()
                    self.assertEqual(found.problems, [])
                    compared += found.compared
        self.assertGreater(compared, 10000)

    def test_each_class_of_ours_is_one_of_theirs(self):
        uids = {}
        for what in ("own", "kinds", "words"):
            for _, ecs, event, _ in ALL[what]:
                uids.setdefault(ecs["event"]["action"], set()).add(event["class_uid"])
        self.assertEqual({uid for found in uids.values() for uid in found}, {int(uid) for uid in OCSF.schema["classes"]})
        for action, found in uids.items():
            self.assertEqual(len(found), 2 if action == "hash" else 1, action)  # of a process, and of a driver


class Unread(unittest.TestCase):
    """OCSF takes no null: what could not be read is left out, and named."""

    def test_what_is_named_is_missing_or_null_or_an_empty_text(self):
        named = 0
        for of, _, event, _ in ALL["unread"]:
            for path in event["unmapped"].get("read_errors", ()):
                with self.subTest(of=of, path=path):
                    if path.startswith("unmapped."):
                        self.assertIsNone(at(event, path))
                    elif has(event, path):  # required, so it is 0 (Unknown) or ""
                        self.assertIn(at(event, path), (0, ""))
                    named += 1
        self.assertGreater(named, 1000)

    def test_what_ecs_names_ocsf_names_too(self):
        for of, ecs, event, _ in ALL["unread"]:
            if ecs["sextant"].get("read_errors"):
                self.assertIn("read_errors", event["unmapped"], of)
            else:
                self.assertNotIn("read_errors", event["unmapped"], of)

    def test_no_empty_text_is_not_named(self):
        for of, _, event, _ in ALL["unread"]:
            for key in ("process.file.name", "file.name", "kernel.name", "driver.file.name", "dst_endpoint.name",
                        "process.uid"):
                if has(event, key) and at(event, key) == "":
                    named = {path.rsplit(".", 1)[0] for path in event["unmapped"]["read_errors"]}
                    self.assertIn(key.rsplit(".", 1)[0], named, of)


class Kinds(unittest.TestCase):
    """What OCSF tells apart, by [(of, path, value)]."""

    WANT = [
        ("exec exec slash", "process.file.hashes.0.value", "fe" + 31 * "00"),
        ("exec exec slash", "process.environment_variables.2", {"name": "LD_PRELOAD", "value": "a=b"}),
        ("exec exec slash", "actor.process.ptid", 12),
        ("exec exec slash", "process.euid", 0xfffffffe),
        ("ptrace ptrace attach", "activity_name", "Open"),
        ("ptrace ptrace refused", "status_code", "EPERM"),
        ("ptrace ptrace refused", "status", "Failure"),
        ("ptrace ptrace poke", "activity_name", "Inject"),
        ("signal signal errno", "status_code", "4095"),
        ("module module load", "activity_name", "Load"),
        ("module module unload", "activity_name", "Unload"),
        ("credentials credentials user", "activity_name", "Set User ID"),
        ("credentials credentials group", "activity_name", "credentials"),
        ("credentials credentials before unread", "activity_name", "Unknown"),
        ("credentials credentials before unread", "activity_id", 0),
        ("credentials credentials after unread", "activity_name", "Unknown"),
        ("credentials credentials after unread", "status", "Success"),
        ("module module unread", "activity_name", "Unknown"),
        ("exit exit code", "exit_code", 3),
        ("exit exit code", "activity_name", "Terminate"),
        ("exit exit signal", "unmapped.exit_signal", 64),
        ("exit exit signal", "unmapped.core_dumped", False),
        ("exit exit core", "unmapped.exit_signal", 11),
        ("exit exit core", "unmapped.core_dumped", True),
        ("exit exit unread", "unmapped.exit_signal", None),
        ("file open /", "file.name", "/"),
        ("file open /", "file.type", "Folder"),
        ("file open /", "file.size", 1 << 40),
        ("file open /a/link", "file.name", "link"),
        ("file open /a/link", "file.type", "Symbolic Link"),
        ("file open name", "file.type", "Local Socket"),
        ("file open /a/", "file.type", "Named Pipe"),
        ("file rename paths", "file.path", "/old/name of it"),
        ("file rename paths", "file.name", "name of it"),
        ("file rename paths", "file_result.path", "/new/name"),
        ("file exchange paths", "file_result.name", "name"),
        ("file link paths", "file.path", "/new/name"),
        ("file link paths", "unmapped.other_path", "/old/name of it"),
        ("socket connect open", "activity_name", "Open"),
        ("socket connect open", "src_endpoint", {"ip": "127.0.0.1", "port": 1024}),
        ("socket connect open", "dst_endpoint", {"ip": "10.1.2.3", "port": 53}),
        ("socket connect open", "connection_info.direction", "Outbound"),
        ("socket connect refused", "activity_name", "Refuse"),
        ("socket connect refused", "status_code", "ECONNREFUSED"),
        ("socket connect fails", "activity_name", "Fail"),
        ("socket bind fails", "status_code", "EADDRINUSE"),
        ("socket close counted", "traffic", {"bytes_out": 1000, "bytes_in": 200}),
        ("socket close IPv6", "traffic", {"bytes_out": 200, "bytes_in": 1000}),  # the other side began it
        ("socket close IPv6", "connection_info.protocol_ver_id", 6),
        ("socket close counted", "duration", 3),
        ("socket close Unix", "dst_endpoint.name", "@name\ufffd"),
        ("socket flow counted", "connection_info.protocol_num", 136),
        ("dns dns short", "unmapped.dns", {"question": None}),
    ]

    def test_kinds(self):
        events = {of: event for of, _, event, _ in ALL["kinds"]}
        for of, path, want in self.WANT:
            with self.subTest(of=of, path=path):
                value = events[of]
                for key in path.split("."):
                    value = value[int(key)] if key.isdigit() else value[key]
                self.assertEqual(value, want)

    def test_the_results_of_operations_on_files(self):
        by = {tuple(of.split()[:2]): event for of, _, event, _ in ALL["words"]}
        for action, name in (("create", "Create"), ("mkdir", "Create"), ("unlink", "Delete"), ("rename", "Rename"),
                             ("exchange", "Rename"), ("truncate", "Update"), ("write", "Update"),
                             ("chmod", "Set Security"), ("setxattr", "Set Attributes"), ("open", "Open")):
            event = by[("file", action)]
            self.assertEqual(event["activity_name"], name)
            self.assertEqual("file_result" in event, name == "Rename", action)

    def test_a_process_that_a_signal_ended_has_no_code(self):
        events = {of: event for of, _, event, _ in ALL["kinds"]}
        for of in ("signal", "core", "unread"):
            self.assertNotIn("exit_code", events[f"exit exit {of}"], of)

    def test_what_is_reported_before_it_has_ended_is_no_success(self):
        """The others are reported when they have succeeded, or have an outcome (docs/events.md)."""
        found = {}
        for of, ecs, event, _ in ALL["words"]:
            if of != "args" and "outcome" not in ecs["event"]:
                found.setdefault(event["status"], set()).add(of.split()[1])
        self.assertEqual(found["Unknown"], {"open", "write", "umount", "memfd", "module", "dns"})
        self.assertLess({"create", "mkdir", "mknod", "symlink", "link", "unlink", "rmdir", "rename", "exchange",
                         "truncate", "chmod", "chown", "setxattr", "removexattr", "mount", "chroot"}, found["Success"])

    def test_what_is_no_utf8_is_there_exactly(self):
        for of, _, event, _ in ALL["words"]:
            for path, value in event["unmapped"].get("raw", {}).items():
                with self.subTest(of=of, path=path):
                    shown = at(event, path)
                    self.assertEqual(len(shown), len(value)) if isinstance(shown, list) else \
                        self.assertEqual(bytes.fromhex(value).decode("utf-8", "replace"), shown)


class Validator(unittest.TestCase):
    """It can fail: an event that is changed in one place."""

    def setUp(self):
        self.event = copy.deepcopy(next(event for of, _, event, _ in ALL["kinds"] if of == "socket close counted"))
        self.assertEqual(OCSF.problems(self.event), [])

    def assert_problem(self, path):
        self.assertTrue(any(problem.startswith(path) for problem in OCSF.problems(self.event)),
                        (path, OCSF.problems(self.event)))

    def test_each_attribute_that_is_required(self):
        for path in ("category_uid", "severity_id", "time", "metadata", "metadata.product", "metadata.version",
                     "type_uid", "activity_id", "device.type_id", "device.os.name", "connection_info.direction_id"):
            with self.subTest(path):
                self.setUp()
                parent, _, key = path.rpartition(".")
                del (at(self.event, parent) if parent else self.event)[key]
                self.assert_problem(path)

    def test_wrong_values(self):
        for path, value in (("time", 1795839834), ("time", 1795839834123456789), ("time", "2026-11-28"),
                            ("time", 1.5), ("severity_id", 7), ("severity_id", True), ("severity", "High"),
                            ("status", "Failure"), ("activity_id", 1), ("type_uid", 400101), ("category_uid", 1),
                            ("class_uid", 4002), ("class_name", "DNS Activity"), ("src_endpoint.ip", "1.2.3.4.5"),
                            ("src_endpoint.ip", "localhost"), ("src_endpoint.ip", None), ("src_endpoint.port", 65536),
                            ("src_endpoint", "10.0.0.1"), ("device.os", []), ("metadata.profiles", "host"),
                            ("metadata.profiles", ["host"]), ("metadata.version", "1.7.0"),
                            ("metadata.uid", 5), ("connection_info.direction", "Inbound"),
                            ("traffic.bytes_in", 2**63), ("traffic.bytes_in", None), ("actor.process", {}),
                            ("actor.process.tid", 1), ("actor.process.ip", "1.2.3.4"), ("own", 1),
                            ("unmapped", "text"), ("device.location", {})):
            with self.subTest(path=path, value=value):
                self.setUp()
                parent, _, key = path.rpartition(".")
                (at(self.event, parent) if parent else self.event)[key] = value
                self.assert_problem({"activity_id": "type_uid"}.get(path, path))

    def test_other_needs_a_caption(self):
        for caption in ("", "Other", None):
            self.setUp()
            self.event.update(activity_id=99, type_uid=400199, activity_name=caption)
            self.assert_problem("activity_name")

    def test_a_connection_without_ends(self):
        del self.event["src_endpoint"], self.event["dst_endpoint"]
        self.assert_problem(": has none of")

    def test_an_attribute_twice(self):
        with self.assertRaises(ValueError):
            json.loads('{"a": 1, "a": 2}', object_pairs_hook=once)

    def test_a_twin_that_differs(self):
        _, ecs, event, _ = next(row for row in ALL["kinds"] if row[0] == "exec exec slash")
        for path, value in (("process.pid", 11), ("process.uid", "x"), ("process.file.path", "/bin"), ("time", 1),
                            ("process.cmd_line", "a"), ("metadata.uid", "1"), ("process.parent_process.pid", 1),
                            ("actor.user.uid", "1")):
            with self.subTest(path):
                changed = copy.deepcopy(event)
                parent, _, key = path.rpartition(".")
                (at(changed, parent) if parent else changed)[key] = value
                self.assertNotEqual(Twin(ecs, changed).differences().problems, [])

    def test_a_twin_that_lacks_something(self):
        """Also if the same value stands elsewhere, as the user id 0 does."""
        _, ecs, event, _ = next(row for row in ALL["kinds"] if row[0] == "exec exec slash")
        for path in ("unmapped.process.args", "actor.user.uid", "process.pid", "process.file.path", "process.name",
                     "process.parent_process.created_time", "unmapped.cpu", "metadata.sequence", "process.namespace_pid"):
            with self.subTest(path):
                changed = copy.deepcopy(event)
                parent, _, key = path.rpartition(".")
                del at(changed, parent)[key]
                self.assertNotEqual(Twin(ecs, changed).lost(), [])


if __name__ == "__main__":
    tap.main()
