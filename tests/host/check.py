#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The real probes on this kernel: the scenario's truth against the sensor's JSON, field by field.

usage: tests/host/check.py SEXTANT DATABASE SCENARIO SCHEMA   (as root)
       tests/host/check.py --files DIRECTORY SCHEMA   (truth, events, errors of a run elsewhere)
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402
from scenario import Scenario  # noqa: E402,F401 (it is run)
from sensor import FILES  # noqa: E402

if not FILES:  # else there is no sensor here, only what it wrote
    from check_audit import Audit  # noqa: F401
    from check_budget import Budget  # noqa: F401
    from check_canary import Canary  # noqa: F401
    from check_command import Running  # noqa: F401
    from check_container import Container, Podman  # noqa: F401
    from check_hash import Hash  # noqa: F401
    from check_kept import Kept  # noqa: F401
    from check_obstacles import Obstacles  # noqa: F401
    from check_offsets import Offsets  # noqa: F401
    from check_output import Output  # noqa: F401
    from check_outputs import Outputs  # noqa: F401
    from check_parts import Killed, Parts  # noqa: F401
    from check_replay import Replay  # noqa: F401
    from check_restart import Restart  # noqa: F401
    from check_rules import EventRules, Executables, Reload, Rules  # noqa: F401
    from check_service import Service  # noqa: F401
    from check_ship import Ship  # noqa: F401
    from check_status import Report, Status  # noqa: F401
    from check_storm import Storm  # noqa: F401
    from check_trace import Trace  # noqa: F401
    from check_trace_fields import TraceFields  # noqa: F401
    from check_trace_files import TraceFiles  # noqa: F401
    from check_trace_choice import Choice  # noqa: F401
    from check_trace_record import TraceRecord, TraceRing, TraceSummary  # noqa: F401
    from check_trace_calls import TraceCalls  # noqa: F401

if __name__ == "__main__":
    tap.main()
