# SPDX-License-Identifier: BSD-2-Clause
"""docs/events.schema.json, and ECS, for many events: compiled, and of its "oneOf" each event is held to the entry of its action.

No two entries have an action in common, so that is the same, in a seventh of the time."""
import json

import fastjsonschema
import jsonschema

from ecs import Ecs


def actions(entry):
    action = entry["properties"]["event"]["properties"]["action"]
    return action.get("enum") or [action["const"]]


class EventSchema:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft7Validator.check_schema(schema)
        entries = schema.pop("oneOf")
        self.whole = fastjsonschema.compile(schema)
        self.entries = {}
        self.ecs = Ecs()
        for entry in entries:
            check = fastjsonschema.compile({**entry, "definitions": schema["definitions"]})
            for action in actions(entry):
                if action in self.entries:
                    raise AssertionError(f"{action} is in two entries of oneOf")
                self.entries[action] = check

    def error(self, event):
        """What is wrong with it; None: nothing."""
        try:
            self.whole(event)
            self.entries[event["event"]["action"]](event)
        except fastjsonschema.JsonSchemaException as error:
            return error.message
        return next(iter(self.ecs.problems(event)), None)
