#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A Slurm array: each task reads a part of the packages into its own database.
#
#   sbatch --array=1-50 --export=ALL,PACKAGES=/srv/mirror,OUTPUT=/srv/shards docs/ci/slurm.sh
#   lkccb merge --db kernels.db /srv/shards/*.db        (after all tasks)
#
# PACKAGES and OUTPUT are on storage that all nodes share.
#SBATCH --job-name=lkccb
#SBATCH --cpus-per-task=1
#SBATCH --mem=3G
set -eu
exec lkccb add --db "$OUTPUT/$SLURM_ARRAY_TASK_ID.db" --jobs "${SLURM_CPUS_PER_TASK:-1}" \
	--all-units --shard auto "$PACKAGES"
