# SPDX-License-Identifier: BSD-2-Clause
"""A file system for a test, which can be full."""
import os
import subprocess

DISK_MB = 256


class Disk:
    """A file system of its own, which can be full."""

    def __init__(self, path):
        self.path = path
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "soak", path], check=True)
        self.ballast = os.path.join(path, "ballast")

    def fill(self):
        with open(self.ballast, "wb") as file:
            try:
                while True:
                    file.write(bytes(1 << 20))
            except OSError:
                pass
            try:
                file.close()
            except OSError:
                pass

    def free(self):
        if os.path.exists(self.ballast):
            os.remove(self.ballast)

    def end(self):
        subprocess.run(["umount", "-l", self.path], check=True)
