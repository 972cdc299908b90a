/*
 * Inet: IP packets as the data path sees them. IPv4 and IPv6 headers, UDP and ICMP, read and written.
 *
 * Owns: nothing; borrows the bytes. Does not know: data calls, what a payload means, who sends it.
 * Lifetime: objects on the caller's stack, valid while the bytes are.
 * Called from: datapath.c, the modem's own servers (inet-*.c), slirp.c, tests.
 *
 * Sources: RFC 791, 768, 792, 1071; RFC 8200, 4443.
 */
#pragma once

#include <qmikit/wire.h>

#define QK_IP4_HEADER 20u
#define QK_IP6_HEADER 40u
#define QK_UDP_HEADER 8u

enum qk_ip_protocol {
	QK_IP_ICMP = 1,
	QK_IP_TCP = 6,
	QK_IP_UDP = 17,
	QK_IP_ICMP6 = 58,
};

/* An address of either version, in network order; of IPv4 the first four bytes, the others 0. */
struct qk_inet_address {
	uint8_t bytes[16];
};

struct qk_ip {
	uint8_t version;  /* 4 or 6 */
	uint8_t protocol; /* what the payload is, behind IPv6's extension headers */
	uint8_t hop_limit;
	bool fragment; /* not all of a packet: the payload is not to be looked into */
	struct qk_inet_address source, destination;
	struct qk_span payload;
	struct qk_span packet; /* all of it, without bytes behind its end */
};

struct qk_udp {
	uint16_t source, destination;
	struct qk_span payload;
};

struct qk_icmp {
	uint8_t type, code;
	struct qk_span rest; /* behind the checksum */
};

/* How a host is set up to use a network: what a data call gives it, of one version. */
struct qk_inet_config {
	uint8_t version;
	uint8_t prefix_bits; /* of its network */
	uint16_t mtu;
	struct qk_inet_address address, gateway;
	struct qk_inet_address dns[2]; /* unspecified: there is none */
};

struct qk_inet_address qk_inet_address4(uint32_t address);
bool qk_inet_equal(const struct qk_inet_address *a, const struct qk_inet_address *b);
/* Whether both begin with the same `bits` bits. */
bool qk_inet_same_net(const struct qk_inet_address *a, const struct qk_inet_address *b,
		      unsigned int bits);
/* Multicast of either version, or IPv4's broadcast to all. */
bool qk_inet_is_group(const struct qk_inet_address *address, uint8_t version);
bool qk_inet_is_unspecified(const struct qk_inet_address *address);
/* How many name servers there are, from the first on. */
size_t qk_inet_name_servers(const struct qk_inet_config *config);

/* Reads the headers at the start of `packet`. -EBADMSG: this is no IP packet, its lengths contradict
 * each other or the checksum of its IPv4 header is wrong. */
QK_MUST_CHECK int qk_ip_read(struct qk_span packet, struct qk_ip *ret);
/* The UDP or ICMP message in a packet that has one and is no fragment. -EBADMSG: a length or a checksum
 * is wrong. */
QK_MUST_CHECK int qk_udp_read(const struct qk_ip *ip, struct qk_udp *ret);
QK_MUST_CHECK int qk_icmp_read(const struct qk_ip *ip, struct qk_icmp *ret);

/* Starts a packet of `ip` (version, protocol, hop limit and addresses count) and returns a mark for
 * qk_ip_end(), which sets its length and checksums, that of UDP or ICMP among them. */
size_t qk_ip_begin(struct qk_writer *w, const struct qk_ip *ip);
/* The bytes of the packet, or the writer's error: -ENOBUFS, -EMSGSIZE. */
QK_MUST_CHECK int qk_ip_end(struct qk_writer *w, size_t mark);
/* The head of a UDP or ICMP message in it; its payload is written next. */
void qk_udp_begin(struct qk_writer *w, uint16_t source, uint16_t destination);
void qk_icmp_begin(struct qk_writer *w, uint8_t type, uint8_t code);

/* A packet of `ip` that carries one UDP message. The bytes, or -ENOBUFS, -EMSGSIZE. */
QK_MUST_CHECK int qk_udp_write(const struct qk_ip *ip, const struct qk_udp *udp, void *buffer,
			       size_t size);

/* ICMP's answers to a packet: to an echo request its echo; to another one that it cannot go where it
 * wants. The bytes; 0 where there is nothing to say, as to a group or to an error; -ENOBUFS. */
QK_MUST_CHECK int qk_icmp_echo(const struct qk_ip *ip, void *buffer, size_t size);
QK_MUST_CHECK int qk_icmp_prohibited(const struct qk_ip *ip, const struct qk_inet_address *source,
				     void *buffer, size_t size);
