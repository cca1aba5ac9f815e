# SPDX-License-Identifier: BSD-2-Clause
"""Records of audit, read by the rules of the kernel that writes them (audit_log_n_untrustedstring())."""
import re
import subprocess
import tempfile

LINE = re.compile(r"type=([A-Z_]+) msg=audit\((\d+)\.(\d{3}):(\d+)\):((?: .*)?)")
FIELD = re.compile(r""" ([a-zA-Z0-9_-]+(?:\[\d+\])?)=("[!#-~]*"|'[^']*'|[^ "']*)""")


class Record:
    def __init__(self, line):
        match = LINE.fullmatch(line)
        if not match:
            raise ValueError(f"not a record: {line!r}")
        self.type, seconds, milliseconds, serial, rest = match.groups()
        self.time, self.serial, self.line = int(seconds) * 1000 + int(milliseconds), int(serial), line
        self.fields = FIELD.findall(rest)
        if "".join(f" {key}={value}" for key, value in self.fields) != rest.rstrip(" "):
            raise ValueError(f"not a list of fields: {rest!r}")

    def __getitem__(self, key):
        return dict(self.fields)[key]

    def __contains__(self, key):
        return key in dict(self.fields)

    def text(self, key):
        return text(self[key])


def text(value):
    """Bytes of a text; None: not known."""
    if value == "(null)":
        return None
    if value.startswith('"'):
        return value[1:-1].encode()
    return bytes.fromhex(value)


def groups_of(lines):
    """The records of each event, in the order of the file."""
    groups = {}
    for line in lines:
        record = Record(line)
        groups.setdefault((record.time, record.serial), []).append(record)
    return list(groups.values())


def arguments(group):
    """The strings of EXECVE, with the parts of one put together."""
    found, sizes = {}, {}
    for record in group:
        if record.type != "EXECVE":
            continue
        for key, value in record.fields:
            if key.endswith("_len"):
                sizes[int(key[1:-4])] = int(value)
            elif key != "argc":
                found.setdefault(int(re.match(r"a(\d+)", key)[1]), []).append(value)
    for number, size in sizes.items():
        if sum(len(value.strip('"')) for value in found[number]) != size:
            raise ValueError(f"a{number}_len={size} is not what its parts have")
    return [b"".join(text(value) for value in found[number]) for number in range(len(found))]


def ausearch(path, *options):
    """(what it prints, what it complains of)"""
    done = subprocess.run(["ausearch", *options, "-if", path], capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


CONFIG = """directory = "{0}"
[auditlog]
file = "laurel.log"
[transform]
execve-argv = [ "array" ]
"""


def laurel(data):
    """(the lines that LAUREL makes of the records, what it says)"""
    with tempfile.TemporaryDirectory() as directory:
        with open(f"{directory}/config", "w", encoding="utf-8") as file:
            file.write(CONFIG.format(directory))
        done = subprocess.run(["laurel", "-c", f"{directory}/config"], input=data, capture_output=True, check=False)
        with open(f"{directory}/laurel.log", encoding="utf-8") as file:
            return file.read().split("\n")[:-1], done.stderr.decode("utf-8", "replace")
