# SPDX-License-Identifier: BSD-2-Clause
"""What a guest of scripts/vm has said, for the message of a test that failed."""
MOST = 30000  # of a kernel that complains, the whole complaint
shown = set()


def guest_said(vm):
    """The end of its console, and what scripts/vm says; the second time in a run where to look."""
    if id(vm) in shown:
        return "as above"
    shown.add(id(vm))
    return vm.stdout[-MOST:] + vm.stderr
