/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include <sha1.h>
#include <sodium.h>

#include "loader/event/community_id.h"
#include "loader/event/ends.h"

/* One side: the address of 4 or 16 bytes, then the port. */
struct side {
	uint8_t bytes[sizeof(struct in6_addr) + sizeof(uint16_t)];
};

/* Of an IPv4 address in an IPv6 socket the last four bytes are that address. */
static void side_fill(const struct socket_ends *ends, bool is_v4, const uint8_t *address,
                      uint16_t port, struct side *ret)
{
	size_t size = is_v4 ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	uint16_t be = htons(port);

	if (is_v4 && ends->family != AF_INET)
		address += sizeof(struct in6_addr) - size;
	memcpy(ret->bytes, address, size);
	memcpy(ret->bytes + size, &be, sizeof(be));
}

static bool has_address(const struct side *side, size_t size)
{
	static const uint8_t none[sizeof(struct in6_addr)];

	return memcmp(side->bytes, none, size);
}

bool community_id(const struct socket_ends *ends, char ret[COMMUNITY_ID_BYTES])
{
	bool is_v4 = socket_address_v4(ends, ends->remote);
	size_t size = is_v4 ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	const uint16_t seed = 0;
	const uint8_t protocol[2] = { ends->protocol, 0 };
	struct side local, remote, *first = &local, *second = &remote;
	uint8_t digest[SHA1_DIGEST_LENGTH];
	SHA1_CTX sha1;

	if (ends->protocol != IPPROTO_TCP && ends->protocol != IPPROTO_UDP)
		return false;
	side_fill(ends, is_v4, ends->local, ends->local_port, &local);
	side_fill(ends, is_v4, ends->remote, ends->remote_port, &remote);
	if (!has_address(&local, size) || !has_address(&remote, size))
		return false;
	if (memcmp(local.bytes, remote.bytes, size + sizeof(uint16_t)) > 0) {
		first = &remote;
		second = &local;
	}
	SHA1Init(&sha1);
	SHA1Update(&sha1, (const uint8_t *)&seed, sizeof(seed));
	SHA1Update(&sha1, first->bytes, size);
	SHA1Update(&sha1, second->bytes, size);
	SHA1Update(&sha1, protocol, sizeof(protocol));
	SHA1Update(&sha1, first->bytes + size, sizeof(uint16_t));
	SHA1Update(&sha1, second->bytes + size, sizeof(uint16_t));
	SHA1Final(digest, &sha1);
	memcpy(ret, "1:", 2);
	sodium_bin2base64(ret + 2, COMMUNITY_ID_BYTES - 2, digest, sizeof(digest),
	                  sodium_base64_VARIANT_ORIGINAL);
	return true;
}
