# SPDX-License-Identifier: BSD-2-Clause
"""Tests of what a guest of scripts/vm has left: its files and what it has said."""
import os
import unittest

MOST = 30000  # of a kernel that complains, the whole complaint
shown = set()


def guest_said(vm):
    """The end of its console, and what scripts/vm says; the second time in a run where to look."""
    if id(vm) in shown:
        return "as above"
    shown.add(id(vm))
    return vm.stdout[-MOST:] + vm.stderr


class Guest(unittest.TestCase):
    """setUpClass() sets vm, and directory, into which the files of the guest's /out came."""

    def read(self, name):
        try:
            with open(os.path.join(self.directory.name, "out", name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            self.fail(f"no {name}: {guest_said(self.vm)}")
