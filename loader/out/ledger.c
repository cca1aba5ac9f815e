/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/out/ledger.h"

uint64_t ledger_dropped(const struct ledger *ledger, unsigned int tag)
{
	uint64_t count = 0;
	unsigned int reason;

	for (reason = 0; reason < DROP_REASONS; reason++)
		count += ledger->dropped[tag][reason];
	return count;
}
