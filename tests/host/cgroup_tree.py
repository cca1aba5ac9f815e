# SPDX-License-Identifier: BSD-2-Clause
"""Cgroups at given paths from the root of the hierarchy by which containers are known."""
import os
import subprocess
import tempfile


class CgroupTree:
    """A context: that hierarchy, mounted at self.point. What was made in it is removed at the end."""

    def __init__(self, is_v2=False):
        self.is_v2 = is_v2

    def __enter__(self):
        with open("/proc/self/cgroup", encoding="ascii") as file:
            lines = [line.rstrip("\n").split(":", 2) for line in file]
        v1 = any("memory" in names.split(",") for _, names, _ in lines)
        kind = ["-t", "cgroup", "-o", "memory"] if v1 and not self.is_v2 else ["-t", "cgroup2"]
        self.directory = tempfile.TemporaryDirectory()
        self.point, self.made = self.directory.name, []
        subprocess.run(["mount", *kind, "cgroups", self.point], check=True)
        return self

    def make(self, path):
        for end in [i for i, c in enumerate(path + "/") if c == "/" and i]:
            group = self.point + path[:end]
            if not os.path.exists(group):
                os.mkdir(group)
                self.made.append(group)

    def command(self, path, *words):
        """For a shell that enters the cgroup and becomes another program."""
        return ["/bin/sh", "-c", f'echo $$ > {self.point}{path}/cgroup.procs; exec "$0" "$@"', *words]

    def __exit__(self, *_):
        for group in reversed(self.made):
            os.rmdir(group)
        subprocess.run(["umount", self.point], check=True)
        self.directory.cleanup()
