# SPDX-License-Identifier: BSD-2-Clause
"""What 'sextant trace' wrote of tests/host/calls.c, against what that program says itself."""
import json

INTERRUPTED = {-4: ("EINTR", "ERESTARTNOHAND", "ERESTARTSYS")}  # inside of the kernel it has another name
ERRORS = {-2: "ENOENT", -3: "ESRCH", -11: "EAGAIN", -14: "EFAULT", -38: "ENOSYS"}


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def syscall(event):
    return event["sextant"]["syscall"]


def is_value(wanted, name, seen):
    """seen: the parameters of the event."""
    if name not in seen:
        return False
    value = seen[name]
    if isinstance(wanted, dict) and set(wanted) == {"hex"}:
        found = bytes.fromhex(seen[f"{name}_hex"]) if f"{name}_hex" in seen else (value or "").encode()
        return found == bytes.fromhex(wanted["hex"])
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(is_value(wanted[key], key, value) for key in wanted)
    return value == wanted


def is_result(wanted, call):
    if wanted in INTERRUPTED:
        return call.get("error") in INTERRUPTED[wanted]
    if wanted < 0:
        return call.get("error") == ERRORS[wanted] and call["result"] == wanted
    return call["result"] == wanted and "error" not in call


def is_it(record, call):
    if record["name"] == "unknown":
        return call["name"] is None and is_result(record["result"], call)
    return call["name"] == record["name"] and is_result(record["result"], call) and \
        all(is_value(wanted, name, call["parameters"]) for name, wanted in record["parameters"].items())


def missing(truth, events):
    """Records of the truth of which there is no event, in the order of their thread."""
    by_thread = {}
    for event in events:
        by_thread.setdefault(event["process"]["thread"]["id"], []).append(syscall(event))
    lost = []
    for record in truth:
        calls = by_thread.get(record["tid"], [])
        at = next((i for i, call in enumerate(calls) if is_it(record, call)), None)
        if at is None:
            lost.append((record, [call for call in calls if call["name"] == record["name"]]))
        else:
            del calls[:at + 1]
    return lost


def of_threads(events, directory):
    """{thread: the numbers of its rmdir() of DIRECTORY/THREAD/NUMBER}."""
    found = {}
    for event in events:
        path = (syscall(event).get("parameters") or {}).get("pathname")
        if syscall(event)["name"] == "rmdir" and path and path.startswith(f"{directory}/"):
            thread, number = path[len(directory) + 1:].split("/")
            found.setdefault((event["process"]["thread"]["id"], int(thread)), []).append(int(number))
    return found
