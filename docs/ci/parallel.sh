#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Builds a database on several machines with GNU parallel over ssh: each reads a
# part of the packages, which have the same path on all machines.
#
# usage: parallel.sh DATABASE PACKAGES SHARDS HOST[,HOST...]
# "N/HOST": N jobs at a time on that host. PARALLEL_SSH: the ssh command.
set -eu
[ $# = 4 ] || {
	sed -n 's/^# usage:/usage:/p' "$0" >&2
	exit 2
}
database=$1 packages=$2 shards=$3 hosts=$4
# The result of each job is copied back from the remote home directory, and removed there.
seq "$shards" | parallel --sshlogin "$hosts" --return 'shard-{}.db' --cleanup --halt soon,fail=1 \
	"lkccb add --db shard-{}.db --jobs 1 --all-units --shard {}/$shards '$packages'"
parts=$(seq -f 'shard-%g.db' "$shards")
# shellcheck disable=SC2086 # a list of words
lkccb merge --db "$database" $parts
# shellcheck disable=SC2086
rm -f $parts
