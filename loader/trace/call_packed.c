/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/trace/call_packed.h"

/* include/uapi/linux/net.h; send, recv and accept have no number of their own on i386. */
#define SOCKET(which) CALL_PACKED_KEY(CALL_SOCKETCALL, which)

static const struct {
	uint32_t key;
	const char *name;
	uint32_t count; /* parameters; the others are 0 */
} rows[] = {
	{ CALL_PACKED_KEY(82, 0), "select", 5 },
	{ CALL_PACKED_KEY(90, 0), "mmap", 6 },
	{ SOCKET(1), "socket", 3 },
	{ SOCKET(2), "bind", 3 },
	{ SOCKET(3), "connect", 3 },
	{ SOCKET(4), "listen", 2 },
	{ SOCKET(5), "accept4", 3 },
	{ SOCKET(6), "getsockname", 3 },
	{ SOCKET(7), "getpeername", 3 },
	{ SOCKET(8), "socketpair", 4 },
	{ SOCKET(9), "sendto", 4 },
	{ SOCKET(10), "recvfrom", 4 },
	{ SOCKET(11), "sendto", 6 },
	{ SOCKET(12), "recvfrom", 6 },
	{ SOCKET(13), "shutdown", 2 },
	{ SOCKET(14), "setsockopt", 5 },
	{ SOCKET(15), "getsockopt", 5 },
	{ SOCKET(16), "sendmsg", 3 },
	{ SOCKET(17), "recvmsg", 3 },
	{ SOCKET(18), "accept4", 4 },
	{ SOCKET(19), "recvmmsg", 5 },
	{ SOCKET(20), "sendmmsg", 4 },
};

size_t call_packed_count(void)
{
	return sizeof(rows) / sizeof(rows[0]);
}

uint32_t call_packed_get(size_t index, struct call_packed *ret, const struct call **ret_call)
{
	const struct call *call = call_by_name(rows[index].name);

	*ret = (struct call_packed){ .number = call->numbers[CALL_32], .count = rows[index].count };
	*ret_call = call;
	return rows[index].key;
}
