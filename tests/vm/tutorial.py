#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Steps 1 to 5 of docs/tutorial.md in a guest: their programs are built here, and their commands run there.

usage: tests/vm/tutorial.py KERNEL DEBUG   (as tests/vm/matrix.py)
"""
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import tap  # noqa: E402
import tutorial_text  # noqa: E402
from guest import Guest  # noqa: E402
from patience import seconds_allowed  # noqa: E402
from tutorial_check import Steps  # noqa: E402

KERNEL, DEBUG = sys.argv[1:3]
PROGRAMS = ("count", "opens", "calls", "ring", "parent")


def guest_commands():
    """{number: (step, command)} of those that need root."""
    found = [(step, command) for step in tutorial_text.STEPS
             for is_root, command, _ in tutorial_text.commands(step) if is_root]
    return dict(enumerate(found))


class Tutorial(Steps, Guest):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        work = tempfile.mkdtemp(prefix="tutorial-vm-", dir=f"{ROOT}/build")
        cls.addClassCleanup(shutil.rmtree, work)
        tutorial_text.write(work)
        subprocess.run(["make", "-s", "CC=cc -Werror", *PROGRAMS], cwd=work, check=True, stdout=subprocess.DEVNULL)
        subprocess.run([f"{ROOT}/build/lkccb", "add", "--db", "kernels.db", DEBUG], cwd=work, check=True,
                       stdout=subprocess.DEVNULL)
        with open(f"{work}/guest.sh", "w", encoding="ascii") as file:
            file.write("mkdir -p /out\ncd /tutorial\n")
            for number, (_, command) in guest_commands().items():
                file.write(f"sh -c {shlex.quote(command)} >/out/{number} 2>/out/{number}-errors\n"
                           f"echo $? >/out/{number}-code\n")
        files = ["guest.sh", "demo", "kernels.db", *PROGRAMS, *(f"{name}.bpf.o" for name in PROGRAMS)]
        cls.vm = subprocess.run(
            [f"{ROOT}/scripts/vm", "--debian" if KERNEL.endswith(".deb") else "--kernel", KERNEL,
             "--timeout", str(seconds_allowed(300)),
             *(word for name in files for word in ("--file", f"{work}/{name}:tutorial/{name}")),
             *(word for number in guest_commands() for end in ("", "-errors", "-code")
               for word in ("--get", f"out/{number}{end}")),
             "--into", cls.directory.name, "sh /tutorial/guest.sh"], capture_output=True, text=True, check=False)

    @staticmethod
    def cpus():
        return 2

    def printed(self, step):
        return {command: (int(self.read(f"{number}-code")), self.read(str(number)), self.read(f"{number}-errors"))
                for number, (of, command) in guest_commands().items() if of == step}


if __name__ == "__main__":
    tap.main()
