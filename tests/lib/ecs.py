# SPDX-License-Identifier: BSD-2-Clause
"""Events against the published fields of the Elastic Common Schema.

tests/data/ecs-8.17.0.csv has of each field its type, whether it is a list, and its allowed values: from
generated/ecs/ecs_flat.yml of github.com/elastic/ecs at the tag v8.17.0.
"""
import csv
import ipaddress
import os
import re

VERSION = "8.17.0"
OWN = "sextant"  # what ECS does not define
# event.category: the values of event.type that belong to it; expected_event_types in the same file.
TYPES = {
    "driver": {"change", "end", "info", "start"},
    "file": {"access", "change", "creation", "deletion", "info"},
    "network": {"access", "allowed", "connection", "denied", "end", "info", "protocol", "start"},
    "process": {"access", "change", "end", "info", "start"},
}


def is_ip(value):
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def is_text(value):
    return isinstance(value, str)


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool) and -2**63 <= value < 2**63


def is_date(value):
    return is_text(value) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value)


CHECKS = {"keyword": is_text, "constant_keyword": is_text, "wildcard": is_text, "match_only_text": is_text,
          "long": is_number, "object": lambda value: isinstance(value, dict), "date": is_date, "boolean": lambda value: isinstance(value, bool),
          "ip": lambda value: is_text(value) and is_ip(value)}


def leaves(value, path):
    """(path, value) of each member that is no object, and of each list."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}" if path else key)
    else:
        yield path, value
    if isinstance(value, list):
        for member in value:
            if isinstance(member, dict):
                yield from leaves(member, path)


class Ecs:
    def __init__(self):
        path = os.path.join(os.path.dirname(__file__), "..", "data", f"ecs-{VERSION}.csv")
        with open(path, encoding="utf-8") as file:
            self.fields = {row["field"]: row for row in csv.DictReader(file)}

    def _value(self, path, value):
        field = self.fields.get(path)
        if not field:
            return f"{path}: is no field of ECS {VERSION}"
        values = value if isinstance(value, list) else [value]
        if isinstance(value, list) != (field["normalize"] == "array"):
            return f"{path}: is {'a list' if isinstance(value, list) else 'no list'}"
        allowed = field["allowed_values"].split()
        for one in values:
            if not CHECKS[field["type"]](one):
                return f"{path}: {one!r} is no {field['type']}"
            if allowed and one not in allowed:
                return f"{path}: {one!r} is none of its values"
        return None

    def problems(self, event):
        """What of the event is not as ECS has it. A null is a field that is missing, for ECS."""
        found = [self._value(path, value) for path, value in leaves(event, "")
                 if value is not None and path.split(".")[0] != OWN]
        for category in event["event"]["category"]:
            found += [f"event.type: {kind!r} is none of {category}" for kind in event["event"]["type"]
                      if kind not in TYPES[category]]
        return [problem for problem in found if problem]
