/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/out/ledger.h"

const char *drop_reason_name(enum drop_reason reason)
{
	static const char *const names[DROP_REASONS] = { "full", "too_long", "failed", "expired" };

	return names[reason];
}

uint64_t ledger_dropped(const struct ledger *ledger, unsigned int tag)
{
	uint64_t count = 0;
	unsigned int reason;

	for (reason = 0; reason < DROP_REASONS; reason++)
		count += ledger->dropped[tag][reason];
	return count;
}
