/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Offsets in the headers of a UDP datagram. */
#ifndef PROBES_CORE_PACKET_BPF_H
#define PROBES_CORE_PACKET_BPF_H

#define UDP_DESTINATION 2 /* in struct udphdr, include/uapi/linux/udp.h */
#define UDP_LENGTH      4
#define UDP_HEADER      8  /* its size */
#define V4_SOURCE       12 /* in struct iphdr, include/uapi/linux/ip.h */
#define V4_DESTINATION  16
#define V6_SOURCE       8 /* in struct ipv6hdr, include/uapi/linux/ipv6.h */
#define V6_DESTINATION  24

#endif
