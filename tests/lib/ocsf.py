# SPDX-License-Identifier: BSD-2-Clause
"""Events against the published schema of the Open Cybersecurity Schema Framework.

tests/data/ocsf-1.8.0.json has the classes, objects, enumerations and types that sextant writes: scripts/ocsf-extract
makes it of github.com/ocsf/ocsf-schema at the tag 1.8.0 (Apache License 2.0).
"""
import datetime
import ipaddress
import json
import os
import re

VERSION = "1.8.0"
OTHER = 99
LONG = 2**63


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and -LONG <= value < LONG


def is_ip(value):
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


BASIC = {"string_t": lambda value: isinstance(value, str), "integer_t": is_whole, "long_t": is_whole,
         "boolean_t": lambda value: isinstance(value, bool)}
# Times in milliseconds between 1973 and 2100: not in seconds, and not in nanoseconds.
STRICTER = {"ip_t": is_ip, "timestamp_t": lambda value: 10**11 < value < 41 * 10**11}


class Ocsf:
    def __init__(self):
        path = os.path.join(os.path.dirname(__file__), "..", "data", f"ocsf-{VERSION}.json")
        with open(path, encoding="utf-8") as file:
            self.schema = json.load(file)

    def problems(self, event):
        """What of the event is not as OCSF has it."""
        definition = self.schema["classes"].get(str(event.get("class_uid")))
        if not definition:
            return [f"class_uid: {event.get('class_uid')!r} is none of the classes"]
        found = list(self._object("", event, definition))
        if event.get("type_uid") != event["class_uid"] * 100 + event.get("activity_id", -1):
            found.append(f"type_uid: {event.get('type_uid')!r} is not of the class and the activity")
        metadata = event.get("metadata")
        if isinstance(metadata, dict):
            found += list(self._metadata(metadata))
        return found

    def _metadata(self, metadata):
        if metadata.get("version") != VERSION:
            yield f"metadata.version: {metadata.get('version')!r} is not {VERSION}"
        for profile in set(self.schema["source"]["profiles"]) ^ set(metadata.get("profiles", ())):
            yield f"metadata.profiles: {profile} is missing, or is not used"

    def _object(self, path, value, definition):
        attributes = definition["attributes"]
        for name, attribute in attributes.items():
            if attribute.get("required") and name not in value:
                yield f"{path}{name}: is missing"
        one_of = definition.get("constraints", {}).get("at_least_one", ())
        if one_of and not set(one_of) & set(value):
            yield f"{path}: has none of {', '.join(one_of)}"
        for name, member in value.items():
            if name not in attributes:
                yield f"{path}{name}: is no attribute"
                continue
            yield from self._attribute(path + name, member, attributes[name])
            yield from self._enum(path, value, name, attributes[name])

    def _attribute(self, path, value, attribute):
        if attribute.get("deprecated"):
            yield f"{path}: is deprecated"
        if "type" not in attribute:
            yield f"{path}: its type is not in the extract of the schema"
        elif attribute.get("array") != (isinstance(value, list) or None):
            yield f"{path}: is {'a' if isinstance(value, list) else 'no'} list"
        else:
            for one in value if isinstance(value, list) else [value]:
                yield from self._value(path, one, attribute["type"])

    def _value(self, path, value, kind):
        if kind not in self.schema["types"]:
            if not isinstance(value, dict):
                yield f"{path}: {value!r} is no object"
            elif kind != "object":
                yield from self._object(f"{path}.", value, self.schema["objects"][kind])
            return
        entry = self.schema["types"][kind]
        if not BASIC[entry.get("type", kind)](value):
            yield f"{path}: {value!r} is no {kind}"
            return
        low, high = entry.get("range", (value, value))
        if "regex" in entry and not re.search(entry["regex"], value):
            yield f"{path}: {value!r} is not in the form of {kind}"
        elif kind in STRICTER and not STRICTER[kind](value):
            yield f"{path}: {value!r} is no {kind}"
        elif not low <= value <= high or (isinstance(value, str) and len(value) > entry.get("max_len", LONG)):
            yield f"{path}: {value!r} is too large or too small for {kind}"

    @staticmethod
    def _enum(path, value, name, attribute):
        """A number of an enumeration, and the caption that stands beside it."""
        if "enum" not in attribute:
            return
        number, sibling = value[name], attribute.get("sibling")
        caption = attribute["enum"].get(str(number))
        beside = value.get(sibling)
        if caption is None:
            yield f"{path}{name}: {number!r} is none of its values"
        elif number == OTHER:
            if sibling and (not beside or beside == caption):
                yield f"{path}{sibling}: {beside!r} does not say what is meant"
        elif beside is not None and beside != caption:
            yield f"{path}{sibling}: {beside!r} is not {caption!r}"


def once(pairs):
    """For json.loads(): no member is there twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a member is there twice: {sorted(key for key, _ in pairs)}")
    return found


# ---- an event in both forms -------------------------------------------------

def at(event, path):
    """What stands there, or None."""
    for key in path.split("."):
        if not isinstance(event, dict) or key not in event:
            return None
        event = event[key]
    return event


def leaves(value, path=""):
    """(path, value) of each text and number, also in lists."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for member in value:
            yield from leaves(member, path)
    else:
        yield path, value


def milliseconds(text):
    """Of "2026-11-28T04:23:54.404631220Z", rounded down."""
    if text is None:
        return None
    whole = datetime.datetime.strptime(text[:19] + "+0000", "%Y-%m-%dT%H:%M:%S%z")
    return int(whole.timestamp()) * 1000 + int(text[20:23])


# What ECS says in its own words, for which OCSF has others: the class and the activity say the same. event.created is
# when the line was written, so it differs.
WORDS = ("ecs.version", "event.created", "event.kind", "event.category", "event.type", "event.module", "event.outcome", "host.os.type",
         "agent.type", "network.type", "network.direction", "network.protocol", "dns.type", "file.type",
         "process.entry_leader.same_as_process")
TIMES = ("process.parent.start", "sextant.target.start", "sextant.caller.start")  # in ms there
RENAMES = ("rename", "exchange")
OF_DRIVERS = ("module", "hash")
OF_ACTOR = ("exec", "fork", "thread")  # "process" is the new one; of the others it acts


# Where OCSF has a member of ECS: what is in none of these is in "unmapped", by its own name.
OF_PROCESS = {"pid": "pid", "entity_id": "uid", "start": "created_time", "name": "name", "executable": "file.path",
              "hash.sha256": "file.hashes.value", "command_line": "cmd_line", "working_directory": "working_directory",
              "vpid": "namespace_pid", "env_vars": "environment_variables.value", "thread.id": "ptid",
              "user.id": "user.uid", "user.name": "user.name", "group.id": "group.uid", "group.name": "group.name"}
PLACES = {
    "agent.version": "metadata.product.version", "event.action": "metadata.event_code", "event.id": "metadata.uid",
    "event.dataset": "metadata.log_name", "event.sequence": "metadata.sequence", "error.code": "status_code",
    "host.boot.id": "device.boot_uid", "host.hostname": "device.hostname", "host.name": "device.hostname",
    "host.id": "device.uid", "host.os.kernel": "device.os.kernel_release", "host.os.name": "device.os.name",
    "host.os.version": "device.os.version", "agent.ephemeral_id": "unmapped.ephemeral_id",
    "user.id": "actor.user.uid", "user.name": "actor.user.name", "user.effective.id": "process.user.uid",
    "user.effective.name": "process.user.name", "source.ip": "src_endpoint.ip", "source.port": "src_endpoint.port",
    "source.bytes": "traffic.bytes_out", "source.packets": "traffic.packets_out",
    "destination.ip": "dst_endpoint.ip", "destination.port": "dst_endpoint.port",
    "destination.address": "dst_endpoint.name", "destination.bytes": "traffic.bytes_in",
    "destination.packets": "traffic.packets_in", "network.community_id": "connection_info.community_uid",
    "network.iana_number": "connection_info.protocol_num", "network.transport": "connection_info.protocol_name",
    "dns.id": "query.packet_uid", "dns.question.name": "query.hostname", "dns.question.type": "query.type",
    "dns.question.class": "query.class", "process.exit_code": "exit_code",
    "process.previous.executable": "actor.process.file.path", "sextant.caller.thread.id": "actor.process.ptid",
}
OF_CONTAINER = {"id": "uid", "name": "name", "runtime": "runtime"}
FILE_PLACES = {"file.path": "path", "file.inode": "uid", "file.size": "size", "file.uid": "owner.uid",
               "file.owner": "owner.name", "file.hash.sha256": "hashes.value"}


class Twin:
    """An event of ECS, and the same event of OCSF."""

    def __init__(self, ecs, ocsf):
        self.ecs, self.ocsf = ecs, ocsf
        self.problems, self.compared = [], 0

    def lost(self):
        """What of the event of ECS does not stand in that of OCSF where it has to."""
        there = {}
        for path, value in leaves(self.ocsf):
            there.setdefault(path, set()).add(str(value))
        missing = []
        for path, value in leaves(self.ecs):
            if value is None or path in WORDS or path.startswith(("sextant.read_errors", "sextant.truncated", "sextant.raw")):
                continue
            if path.endswith("thread.id") and value == 0:  # of a made-up event: no thread has it
                continue
            if path in TIMES:
                value = milliseconds(value)
            if path == "process.env_vars":
                value = value.split("=", 1)[1]
            if not any(str(value) in there.get(place, ()) for place in self._places(path)):
                missing.append((path, value))
        return missing

    def _places(self, path):
        """The paths one of which has to have the value of that path of ECS."""
        action = self.ecs["event"]["action"]
        yield f"unmapped.{path.removeprefix('sextant.')}"
        if path in PLACES:
            yield PLACES[path]
        elif path in FILE_PLACES:
            yield f"{self._file_place(action)}.{FILE_PLACES[path]}"
        elif path == "sextant.other_path" and action in RENAMES:
            yield "file.path"
        elif path == "process.thread.id":
            yield "process.ptid" if action == "thread" else "actor.process.ptid"
        else:
            yield self._place_of_process(path, action)

    @staticmethod
    def _file_place(action):
        """Of what ECS has in "file"."""
        return "driver.file" if action in OF_DRIVERS else "file_result" if action in RENAMES else "file"

    @staticmethod
    def _place_of_process(path, action):
        subject = "process" if action in OF_ACTOR or action == "hash" else "actor.process"
        if path.startswith("container."):
            return f"{subject}.container.{OF_CONTAINER.get(path.removeprefix('container.'))}"
        for own, where in (("process.parent.", f"{subject}.parent_process"), ("process.", subject),
                           ("sextant.target.", "process"), ("sextant.caller.", "actor.process")):
            if path.startswith(own):
                return f"{where}.{OF_PROCESS.get(path[len(own):])}"
        return None

    def same(self, path, value):
        self.compared += value is not None
        if at(self.ocsf, path) != value:
            self.problems.append(f"{path} is {at(self.ocsf, path)!r}, not {value!r}")

    def differences(self):
        """Compares what both have; self, with problems and compared."""
        action = self.ecs["event"]["action"]
        self.same("metadata.uid", self.ecs["event"]["id"])
        self.same("metadata.sequence", at(self.ecs, "event.sequence"))
        self.same("metadata.event_code", action)
        self.same("metadata.log_name", self.ecs["event"]["dataset"])
        self.same("unmapped.@timestamp", self.ecs["@timestamp"])
        self.same("time", milliseconds(self.ecs["@timestamp"]))
        self.same("device.hostname", self.ecs["host"]["hostname"])
        self.same("device.os.kernel_release", self.ecs["host"]["os"]["kernel"])
        self.same("actor.user.uid", at(self.ecs, "user.id"))
        self.same("actor.user.name", at(self.ecs, "user.name"))
        self.same("status_code", at(self.ecs, "error.code"))
        if "process" in self.ecs:
            self._process(action)
        self._ends()
        self._file(action)
        self.same("query.hostname", at(self.ecs, "dns.question.name"))
        self.same("query.type", at(self.ecs, "dns.question.type"))
        return self

    def _process(self, action):
        if action == "hash" and "file" in self.ecs:  # a driver's
            for name in ("pid", "entity_id", "start"):
                self.same(f"unmapped.process.{name}", at(self.ecs, f"process.{name}"))
            return
        new = action in OF_ACTOR or action == "hash"
        where = "process" if new else "actor.process"
        parent = "process.parent_process" if new else "actor.process.parent_process"
        self._one("process", where)
        self._one("process.parent", parent)
        self.same("exit_code", at(self.ecs, "process.exit_code"))
        if action == "exec":
            self.same("process.cmd_line", at(self.ecs, "process.command_line"))
            self.same("unmapped.process.args", at(self.ecs, "process.args"))
            self.same("process.working_directory", at(self.ecs, "process.working_directory"))
            self.same("process.user.uid", at(self.ecs, "process.user.id"))
            self.same("process.group.uid", at(self.ecs, "process.group.id"))
            self.same("process.namespace_pid", at(self.ecs, "process.vpid"))
            self.same("process.file.uid", at(self.ecs, "sextant.executable.inode"))
        elif "target" in self.ecs["sextant"]:
            self._one("sextant.target", "process")

    def _one(self, ecs, ocsf):
        for name, other in (("pid", "pid"), ("entity_id", "uid"), ("name", "name"), ("executable", "file.path")):
            self.same(f"{ocsf}.{other}", at(self.ecs, f"{ecs}.{name}"))
        self.same(f"{ocsf}.created_time", milliseconds(at(self.ecs, f"{ecs}.start")))

    def _ends(self):
        for end, other in (("source", "src_endpoint"), ("destination", "dst_endpoint")):
            for name, key in (("ip", "ip"), ("port", "port"), ("address", "name")):
                self.same(f"{other}.{key}", at(self.ecs, f"{end}.{name}"))
        self.same("traffic.bytes_out", at(self.ecs, "source.bytes"))
        self.same("traffic.bytes_in", at(self.ecs, "destination.bytes"))
        self.same("connection_info.community_uid", at(self.ecs, "network.community_id"))

    def _file(self, action):
        if action == "chroot" or "file" not in self.ecs:
            return
        where = self._file_place(action)
        if action in RENAMES:
            self.same("file.path", at(self.ecs, "sextant.other_path"))
        self.same(f"{where}.path", at(self.ecs, "file.path"))
        self.same(f"{where}.uid", at(self.ecs, "file.inode"))
        self.same(f"{where}.size", at(self.ecs, "file.size"))
        self.same(f"{where}.owner.uid", at(self.ecs, "file.uid"))
