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
from ecs import Ecs  # noqa: E402

PRINT, SCHEMA = sys.argv[1:3]
LINE_MAX = 896 * 1024  # EVENT_LINE_MAX: loader/event/line.h



def load_tables():
    """probes/abi/schema.h, as the documentation is made of it."""
    printer = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(PRINT))), "schema")
    return json.loads(subprocess.run([printer], check=True, capture_output=True).stdout)


TABLES = load_tables()
ECS = Ecs()
CLASSES = {cls["name"]: cls for cls in TABLES["classes"]}
# Of the common fields and of their own: what can be longer than a record has room for.
TEXTS = {"TEXT", "FILENAME", "INTERP", "ROOT", "CGROUP", "CGROUP_V1", "EXE", "CWD", "ARGV", "ENV", "STRING", "TYPE", "PATH",
         "OTHER_PATH"}


def names_of(cls, action):
    """The lines of the table that an action of a class has."""
    own = [name for name in cls["names"] if not name["actions"] or action in name["actions"].split()]
    paths = {name["path"] for name in cls["names"]}
    return own + [name for name in TABLES["all"]["names"] if name["path"] not in paths]


def null_by(cls, action, field):
    return {name["path"] for name in names_of(CLASSES[cls], action) if name["field"] == field}


def null_by_all(cls, action):
    """All fields unread: what lies in an object that is null itself is not named."""
    paths = set().union(*(null_by(cls, action, field["id"]) for field in CLASSES[cls]["fields"]))
    return {path for path in paths if not any(path.startswith(other + ".") for other in paths)}


def lines(what):
    """[(what it is of, event, JSON, text)]"""
    out = subprocess.run([PRINT, what], check=True, capture_output=True).stdout.decode("utf-8")
    return [(of, json.loads(line), line, text)
            for of, line, text, _ in (row.split("\t") for row in out.split("\n")[:-1])]


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
            yield (*of.split(), event, text)

    def test_every_class_and_operation_is_here(self):
        expected = {(cls["name"], operation["action"]) for cls in TABLES["classes"] for operation in cls["operations"]}
        self.assertEqual({(cls, action) for cls, action, *_ in self.each()}, expected)

    def test_the_schema_allows_it(self):
        for *_, event, _ in self.each():
            with self.subTest(json.dumps(event)):
                self.assertEqual([e.message for e in self.validator.iter_errors(event)], [])

    def test_ecs_has_it(self):
        found = {problem for *_, event, _ in self.each() for problem in ECS.problems(event)}
        self.assertEqual(found, set())

    def test_each_name_is_that_of_a_null(self):
        for cls, action, field, event, _ in self.each():
            for name in event["sextant"].get("read_errors", []):
                self.assertEqual(at(event, name), "unknown" if name == "event.outcome" else None,
                                 f"{cls} {action} {field}: {name}")

    def test_a_module_that_was_not_read_is_neither_loaded_nor_unloaded(self):
        found = [(event["event"]["type"], text) for cls, _, field, event, text in self.each()
                 if cls == "module" and field in ("OBJECT", "all")]
        self.assertEqual(len(found), 2)
        for kind, text in found:
            self.assertEqual(kind, ["info"])
            self.assertNotIn("loaded", text)

    def test_each_null_is_named(self):
        for cls, action, field, event, _ in self.each():
            self.assertLessEqual(nulls(event), set(event["sextant"].get("read_errors", [])), f"{cls} {action} {field}")

    def test_each_field_has_the_names_of_its_table(self):
        for cls, action, field, event, _ in self.each():
            if event["host"]["boot"]["id"] is None:
                expected = {"host.boot.id"}
            elif field == "all":
                expected = null_by_all(cls, action)
            else:
                expected = null_by(cls, action, field)
            self.assertEqual(set(event["sextant"].get("read_errors", [])), expected, f"{cls} {action} {field}")

    def test_each_field_is_null_in_an_event(self):
        """Else the test before this one compares nothing."""
        unread = {(cls, field): set() for cls, _, field, *_ in self.each()}
        for cls, _, field, event, _ in self.each():
            unread[cls, field] |= set(event["sextant"].get("read_errors", []))
        for cls in TABLES["classes"]:
            for field in cls["fields"]:
                self.assertEqual(not unread[cls["name"], field["id"]], field["id"].startswith("UNUSED_"),
                                 f"{cls['name']} {field['id']}")

    def test_text_has_the_same_names(self):
        for cls, action, field, event, text in self.each():
            named = re.findall(r" read_errors:(\S+)", text)
            if field != "none":
                self.assertEqual(named, event["sextant"].get("read_errors", []), f"{cls} {action} {field}")


class Cut(unittest.TestCase):
    def test_what_was_cut_is_named_by_where_it_stands(self):
        args_only = {"process.args_count", "sextant.args_bytes"}
        for of, event, _, text in lines("cut"):
            cls, action, field = of.split()
            with self.subTest(of):
                named = event["sextant"].get("truncated", [])
                if field in TEXTS:
                    self.assertEqual(set(named), null_by(cls, action, field) - args_only)
                elif field != "all":
                    self.assertEqual(named, [])
                for name in named:
                    self.assertIsNotNone(at(event, name))
                self.assertEqual(re.findall(r" truncated:(\S+)", text), named)


def members(value, types, path=""):
    """The paths of an event's members, down to those that the tables have."""
    if not isinstance(value, dict) or (path in types and types[path] != "object"):
        return {path}
    below = set().union(*(members(v, types, f"{path}.{k}" if path else k) for k, v in value.items()))
    return below | ({path} if path in types else set())


class Tables(unittest.TestCase):
    """The tables are what the writers write, and what the documentation has."""

    def test_an_event_has_the_members_of_its_table(self):
        for what in ("unread", "cut", "empty", "words"):
            for of, event, _, _ in lines(what):
                if of == "args":
                    continue
                cls, action = of.split()[:2]
                known = {name["path"]: name["type"] for name in names_of(CLASSES[cls], action)}
                ends = {path for path in known if path.rpartition(".")[0] in known
                        and known[path.rpartition(".")[0]] != "object"}  # source.bytes, of source
                found = members(event, known)
                gone = nulls(event)
                self.assertLessEqual(found, set(known), of)
                for name in names_of(CLASSES[cls], action):
                    path = name["path"]
                    if name["always"] and path not in ends and not any(path.startswith(n + ".") for n in gone):
                        self.assertIn(path, found, of)

    def test_the_documentation_is_what_the_tables_say(self):
        done = subprocess.run([f"{ROOT}/scripts/schema-docs", "--check", f"{os.path.dirname(PRINT)}/../schema"],
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_the_documentation_has_every_class_and_field(self):
        with open(f"{ROOT}/docs/events.md", encoding="utf-8") as file:
            blocks = dict(re.findall(r"<!-- begin generated: (.*?) -->\n(.*?)<!-- end generated: \1 -->", file.read(), re.S))
        self.assertEqual(set(blocks), {"classes", "fields all", *(f"fields {name}" for name in CLASSES)})
        for cls in TABLES["classes"]:
            self.assertIn(f"| `{cls['name']}` |", blocks["classes"])
            names = {name["path"] for operation in cls["operations"] for name in names_of(cls, operation["action"])}
            for path in names - {name["path"] for name in TABLES["all"]["names"]}:
                self.assertIn(f"`{path}`", blocks[f"fields {cls['name']}"])

    def test_the_schema_has_every_field(self):
        with open(SCHEMA, encoding="utf-8") as file:
            schema = json.load(file)

        def there(node, keys):
            while "$ref" in node or "anyOf" in node:
                node = schema["definitions"][(node if "$ref" in node else node["anyOf"][0])["$ref"].rpartition("/")[2]]
            return not keys or there(node["properties"][keys[0]], keys[1:])

        for table in (TABLES["all"], *TABLES["classes"]):
            for name in table["names"]:
                self.assertIn(name["type"], {*schema["definitions"], "object"})
                self.assertTrue(there(schema, name["path"].split(".")), name["path"])

    def test_fields_fit_the_mask(self):
        for cls in TABLES["classes"]:
            self.assertLessEqual(len(cls["fields"]), 32)
            self.assertEqual([field["id"] for field in cls["fields"][:3]], ["START", "PARENT", "GROUPS"])


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
    """Texts of hostile origin: exact in JSON, one word in text, and nothing that steers a terminal."""

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
                by.setdefault(tuple(of.split()[:2]), []).append(words(text))
        for action, all_of in by.items():
            with self.subTest(str(action)):
                self.assertEqual({len(w) for w in all_of}, {len(all_of[0])})
                fixed = [i for i, column in enumerate(zip(*all_of)) if len(set(map(str, column))) == 1]
                self.assertGreater(len(fixed), 3)


class Various(unittest.TestCase):
    def test_schema_and_ecs_have_it(self):
        with open(SCHEMA, encoding="utf-8") as file:
            validator = jsonschema.Draft7Validator(json.load(file))
        for of, event, *_ in lines("various"):
            with self.subTest(of):
                self.assertEqual([e.message for e in validator.iter_errors(event)] + ECS.problems(event), [])


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


class IndexTemplate(unittest.TestCase):
    """docs/elastic-template.json"""

    TAKES = {"keyword": str, "wildcard": str, "ip": str, "date": str, "long": int, "boolean": bool}

    def setUp(self):
        with open(os.path.join(ROOT, "docs/elastic-template.json"), encoding="utf-8") as file:
            self.text = file.read()

    def test_it_is_what_make_docs_writes(self):
        self.assertEqual(subprocess.run([os.path.join(ROOT, "scripts/elastic-template")], check=True, capture_output=True,
                                        text=True).stdout, self.text)

    def assert_mapped(self, path, value, mapping):
        if isinstance(value, list):
            for one in value:
                self.assert_mapped(path, one, mapping)
        elif isinstance(value, dict) and mapping.get("type") != "object":
            for key, inner in value.items():
                self.assertIn(key, mapping["properties"], path)
                self.assert_mapped(f"{path}.{key}", inner, mapping["properties"][key])
        elif value is not None and mapping.get("type") != "object":
            self.assertIs(type(value), self.TAKES[mapping["type"]], path)

    def test_each_field_of_each_event_has_a_mapping_that_takes_it(self):
        mapping = json.loads(self.text)["template"]["mappings"]
        for what in ("words", "cut", "unread"):
            for of, event, _, _ in lines(what):
                with self.subTest(of=of, what=what):
                    self.assert_mapped("", event, mapping)


if __name__ == "__main__":
    tap.main()
