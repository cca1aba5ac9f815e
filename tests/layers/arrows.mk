# SPDX-License-Identifier: BSD-2-Clause
# What each folder may use: its #include lines and its calls go to these folders
# (or these headers) alone. tests/layers/arrows.py holds the sources to it, and
# docs/architecture.md shows it. The Makefile links a test with the folders whose
# headers it includes, and with all that these may use.

probes/abi := offsets/layout.h offsets/catalogue.h
probes/core := probes/abi offsets/layout.h offsets/catalogue.h
probes := probes/core
probes/trace := probes/core probes/abi

offsets/util :=
offsets := offsets/util
offsets/db := offsets offsets/util
offsets/signature := offsets/util
offsets/confine := offsets/util

loader/util := offsets/util
loader/host := loader/util offsets offsets/signature offsets/util
loader/stream := loader/util probes/abi offsets offsets/util
loader/state := loader/stream loader/host loader/util offsets offsets/util
loader/event := loader/state loader/stream loader/host loader/util probes/abi offsets offsets/util
loader/ocsf := loader/event loader/state loader/stream loader/host loader/util probes/abi offsets offsets/util
loader/audit := loader/event loader/state loader/stream loader/host loader/util probes/abi offsets offsets/util
loader/rules := loader/stream loader/util probes/abi offsets offsets/util
loader/out := loader/util offsets offsets/confine offsets/util
loader/bpf := loader/rules loader/stream loader/host loader/util probes/abi offsets offsets/util
loader/verify := loader/bpf loader/stream loader/host loader/util probes/abi offsets offsets/util
loader/ship := loader/out loader/util offsets offsets/confine offsets/util
loader/helper := loader/util offsets offsets/confine offsets/util
loader/hash := loader/helper loader/util offsets offsets/util
loader/runtime := loader/helper loader/state loader/util offsets offsets/util
loader/trace := loader/bpf loader/state loader/stream loader/host loader/util probes/abi offsets offsets/util
loader/config := loader/ship loader/out loader/bpf loader/rules loader/stream loader/host loader/util offsets offsets/util
loader/monitor := loader/util offsets offsets/confine offsets/util
loader/agent := loader/audit loader/ocsf loader/monitor loader/config loader/verify loader/bpf loader/ship loader/runtime loader/hash loader/helper loader/out loader/rules loader/event loader/state loader/stream loader/host loader/util probes/abi offsets offsets/util
loader/cli := loader/agent loader/trace loader/config loader/verify loader/bpf loader/stream loader/host loader/util offsets offsets/util

lkccb/io := offsets/util
lkccb/confine := offsets/confine offsets/util
lkccb/image := lkccb/io offsets offsets/util
lkccb/package := lkccb/image lkccb/confine lkccb/io offsets offsets/util
lkccb/isf := lkccb/image lkccb/io offsets offsets/util
lkccb/input := lkccb/isf lkccb/package lkccb/image lkccb/confine lkccb/io offsets offsets/util
lkccb/repo := lkccb/confine lkccb/io offsets/util
lkccb/site := lkccb/io offsets offsets/util
lkccb/cmd := lkccb/site lkccb/repo lkccb/input lkccb/confine lkccb/io offsets offsets/signature offsets/util

