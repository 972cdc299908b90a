/*
 * Inet: IP headers, checksums, UDP and ICMP (see inet.h).
 */
#include "inet.h"

#include <errno.h>
#include <string.h>

#define FRAGMENT_BITS 0x3fffu /* more fragments, and the offset */
/* IPv6 extension headers one may follow another of; a packet of more is not looked into. */
#define EXTENSIONS_MAX 8

enum extension {
	HOP_BY_HOP = 0,
	ROUTING = 43,
	FRAGMENT = 44,
	DESTINATION = 60,
};

/* --- Addresses */

struct qk_inet_address qk_inet_address4(uint32_t address)
{
	return (struct qk_inet_address){ { (uint8_t)(address >> 24), (uint8_t)(address >> 16),
					   (uint8_t)(address >> 8), (uint8_t)address } };
}

bool qk_inet_equal(const struct qk_inet_address *a, const struct qk_inet_address *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool qk_inet_same_net(const struct qk_inet_address *a, const struct qk_inet_address *b,
		      unsigned int bits)
{
	unsigned int whole = bits / 8, rest = bits % 8;

	if (memcmp(a->bytes, b->bytes, whole) != 0)
		return false;
	return !rest || !((a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest));
}

bool qk_inet_is_group(const struct qk_inet_address *address, uint8_t version)
{
	static const uint8_t all[4] = { 0xff, 0xff, 0xff, 0xff };

	if (version == 6)
		return address->bytes[0] == 0xff;
	return address->bytes[0] >> 4 == 0xe || memcmp(address->bytes, all, sizeof(all)) == 0;
}

bool qk_inet_is_unspecified(const struct qk_inet_address *address)
{
	return qk_inet_equal(address, &(struct qk_inet_address){ 0 });
}

size_t qk_inet_name_servers(const struct qk_inet_config *config)
{
	size_t count = 0;

	while (count < sizeof(config->dns) / sizeof(config->dns[0]) &&
	       !qk_inet_is_unspecified(&config->dns[count]))
		count++;
	return count;
}

/* --- Checksums: the sum of the 16-bit words, folded */

static uint32_t sum(uint32_t start, struct qk_span bytes)
{
	uint64_t total = start;
	size_t at = 0;

	for (; at + 1 < bytes.size; at += 2)
		total += (uint32_t)(bytes.data[at] << 8 | bytes.data[at + 1]);
	if (at < bytes.size)
		total += (uint32_t)(bytes.data[at] << 8);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint32_t)total;
}

/* Of what stands before a UDP or ICMPv6 message in its checksum. */
static uint32_t pseudo_sum(const struct qk_ip *ip)
{
	size_t address = ip->version == 6 ? 16 : 4;

	if (ip->protocol == QK_IP_ICMP)
		return 0;
	uint32_t total = sum(0, (struct qk_span){ ip->source.bytes, address });
	total = sum(total, (struct qk_span){ ip->destination.bytes, address });
	return total + ip->protocol + (uint32_t)ip->payload.size;
}

static bool checksum_fits(const struct qk_ip *ip)
{
	return sum(pseudo_sum(ip), ip->payload) == 0xffff;
}

/* --- Reading */

static struct qk_inet_address read_address(struct qk_cursor *c, size_t size)
{
	struct qk_inet_address address = { 0 };
	struct qk_span bytes = qk_cursor_take(c, size);

	if (bytes.size)
		memcpy(address.bytes, bytes.data, bytes.size);
	return address;
}

static int read_ip4(struct qk_span packet, struct qk_ip *ret)
{
	struct qk_cursor c = qk_cursor(packet);
	struct qk_ip ip = { .version = 4 };
	size_t header = (qk_cursor_uint(&c, 1, true) & 0x0f) * 4;

	qk_cursor_take(&c, 1); /* type of service */
	size_t total = qk_cursor_uint(&c, 2, true);
	qk_cursor_take(&c, 2); /* identification */
	ip.fragment = qk_cursor_uint(&c, 2, true) & FRAGMENT_BITS;
	ip.hop_limit = (uint8_t)qk_cursor_uint(&c, 1, true);
	ip.protocol = (uint8_t)qk_cursor_uint(&c, 1, true);
	qk_cursor_take(&c, 2); /* checksum */
	ip.source = read_address(&c, 4);
	ip.destination = read_address(&c, 4);
	if (c.error || header < QK_IP4_HEADER || total < header || total > packet.size ||
	    sum(0, (struct qk_span){ packet.data, header }) != 0xffff)
		return -EBADMSG;
	ip.packet = (struct qk_span){ packet.data, total };
	ip.payload = (struct qk_span){ packet.data + header, total - header };
	*ret = ip;
	return 0;
}

/* Steps over the extension headers to what they carry. */
static int skip_extensions(struct qk_cursor *c, struct qk_ip *ip)
{
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		size_t size = 8;

		switch (ip->protocol) {
		case HOP_BY_HOP:
		case ROUTING:
		case DESTINATION:
			break;
		case FRAGMENT:
			ip->fragment = true;
			break;
		default:
			return c->error;
		}
		uint8_t next = (uint8_t)qk_cursor_uint(c, 1, true);
		uint8_t length = (uint8_t)qk_cursor_uint(c, 1, true);
		if (ip->protocol != FRAGMENT)
			size += (size_t)length * 8;
		qk_cursor_take(c, size - 2);
		ip->protocol = next;
		if (ip->fragment)
			return c->error;
	}
	return -EBADMSG;
}

static int read_ip6(struct qk_span packet, struct qk_ip *ret)
{
	struct qk_cursor c = qk_cursor(packet);
	struct qk_ip ip = { .version = 6 };

	qk_cursor_take(&c, 4); /* version, class and flow */
	size_t size = qk_cursor_uint(&c, 2, true);
	ip.protocol = (uint8_t)qk_cursor_uint(&c, 1, true);
	ip.hop_limit = (uint8_t)qk_cursor_uint(&c, 1, true);
	ip.source = read_address(&c, 16);
	ip.destination = read_address(&c, 16);
	if (c.error || size > qk_cursor_left(&c))
		return -EBADMSG;
	ip.packet = (struct qk_span){ packet.data, QK_IP6_HEADER + size };
	struct qk_cursor rest = qk_cursor((struct qk_span){ c.pos, size });
	if (skip_extensions(&rest, &ip) < 0)
		return -EBADMSG;
	ip.payload = (struct qk_span){ rest.pos, qk_cursor_left(&rest) };
	*ret = ip;
	return 0;
}

int qk_ip_read(struct qk_span packet, struct qk_ip *ret)
{
	if (!packet.size)
		return -EBADMSG;
	switch (packet.data[0] >> 4) {
	case 4:
		return read_ip4(packet, ret);
	case 6:
		return read_ip6(packet, ret);
	default:
		return -EBADMSG;
	}
}

int qk_udp_read(const struct qk_ip *ip, struct qk_udp *ret)
{
	struct qk_cursor c = qk_cursor(ip->payload);
	struct qk_udp udp;

	udp.source = (uint16_t)qk_cursor_uint(&c, 2, true);
	udp.destination = (uint16_t)qk_cursor_uint(&c, 2, true);
	size_t size = qk_cursor_uint(&c, 2, true);
	bool checked = qk_cursor_uint(&c, 2, true) != 0;
	if (c.error || size < QK_UDP_HEADER || size > ip->payload.size)
		return -EBADMSG;
	struct qk_ip message = *ip;
	message.payload.size = size;
	/* over IPv4 a sender may leave the checksum out */
	if (checked ? !checksum_fits(&message) : ip->version == 6)
		return -EBADMSG;
	udp.payload = qk_cursor_take(&c, size - QK_UDP_HEADER);
	*ret = udp;
	return 0;
}

int qk_icmp_read(const struct qk_ip *ip, struct qk_icmp *ret)
{
	struct qk_cursor c = qk_cursor(ip->payload);
	struct qk_icmp icmp;

	icmp.type = (uint8_t)qk_cursor_uint(&c, 1, true);
	icmp.code = (uint8_t)qk_cursor_uint(&c, 1, true);
	qk_cursor_take(&c, 2);
	if (c.error || !checksum_fits(ip))
		return -EBADMSG;
	icmp.rest = qk_cursor_take(&c, qk_cursor_left(&c));
	*ret = icmp;
	return 0;
}

/* --- Writing */

size_t qk_ip_begin(struct qk_writer *w, const struct qk_ip *ip)
{
	size_t mark = qk_writer_used(w);

	if (ip->version == 6) {
		qk_write_uint(w, UINT32_C(6) << 28, 4, true);
		qk_write_uint(w, 0, 2, true); /* length, set at the end */
		qk_write_uint(w, ip->protocol, 1, true);
		qk_write_uint(w, ip->hop_limit, 1, true);
		qk_write_bytes(w, ip->source.bytes, 16);
		qk_write_bytes(w, ip->destination.bytes, 16);
		return mark;
	}
	qk_write_uint(w, 0x4500, 2, true);
	qk_write_uint(w, 0, 2, true);      /* length, set at the end */
	qk_write_uint(w, 0x4000, 4, true); /* no identification: do not fragment */
	qk_write_uint(w, ip->hop_limit, 1, true);
	qk_write_uint(w, ip->protocol, 1, true);
	qk_write_uint(w, 0, 2, true); /* checksum, set at the end */
	qk_write_bytes(w, ip->source.bytes, 4);
	qk_write_bytes(w, ip->destination.bytes, 4);
	return mark;
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Sets the length and checksum of the UDP or ICMP message; other payloads have their own. */
static void end_message(const struct qk_ip *ip, uint8_t *message)
{
	bool udp = ip->protocol == QK_IP_UDP;
	size_t least = udp ? QK_UDP_HEADER : 4, at = udp ? 6 : 2;

	if ((!udp && ip->protocol != QK_IP_ICMP && ip->protocol != QK_IP_ICMP6) ||
	    ip->payload.size < least)
		return;
	if (udp)
		put16(message + 4, ip->payload.size);
	put16(message + at, 0);
	uint32_t checksum = ~sum(pseudo_sum(ip), ip->payload) & 0xffff;
	/* 0 would say that there is none */
	put16(message + at, checksum || !udp ? checksum : 0xffff);
}

int qk_ip_end(struct qk_writer *w, size_t mark)
{
	if (w->error)
		return w->error;
	uint8_t *packet = w->start + mark;
	size_t total = qk_writer_used(w) - mark;
	bool is6 = packet[0] >> 4 == 6;
	size_t header = is6 ? QK_IP6_HEADER : QK_IP4_HEADER;
	if (total > UINT16_MAX)
		return -EMSGSIZE;
	struct qk_ip ip = { .version = is6 ? 6 : 4, .protocol = packet[is6 ? 6 : 9] };
	ip.payload = (struct qk_span){ packet + header, total - header };
	memcpy(ip.source.bytes, packet + (is6 ? 8 : 12), is6 ? 16 : 4);
	memcpy(ip.destination.bytes, packet + (is6 ? 24 : 16), is6 ? 16 : 4);
	end_message(&ip, packet + header);
	if (is6) {
		put16(packet + 4, total - header);
		return (int)total;
	}
	put16(packet + 2, total);
	put16(packet + 10, ~sum(0, (struct qk_span){ packet, header }) & 0xffff);
	return (int)total;
}

void qk_udp_begin(struct qk_writer *w, uint16_t source, uint16_t destination)
{
	qk_write_uint(w, source, 2, true);
	qk_write_uint(w, destination, 2, true);
	qk_write_uint(w, 0, 4, true); /* length and checksum, set at the end */
}

void qk_icmp_begin(struct qk_writer *w, uint8_t type, uint8_t code)
{
	qk_write_uint(w, type, 1, true);
	qk_write_uint(w, code, 1, true);
	qk_write_uint(w, 0, 2, true); /* checksum, set at the end */
}

int qk_udp_write(const struct qk_ip *ip, const struct qk_udp *udp, void *buffer, size_t size)
{
	struct qk_writer w = qk_writer(buffer, size);
	size_t mark = qk_ip_begin(&w, ip);

	qk_udp_begin(&w, udp->source, udp->destination);
	qk_write_bytes(&w, udp->payload.data, udp->payload.size);
	return qk_ip_end(&w, mark);
}

/* --- ICMP */

/* The types of both versions that mean the same, and the largest error. */
static const struct icmp_types {
	uint8_t protocol, echo_request, echo_reply;
	uint8_t unreachable, prohibited; /* type and code */
	size_t error_max;                /* RFC 1812 4.3.2.3, RFC 4443 2.4 */
} types4 = { QK_IP_ICMP, 8, 0, 3, 13, 576 }, types6 = { QK_IP_ICMP6, 128, 129, 1, 1, 1280 };

static const struct icmp_types *types_of(const struct qk_ip *ip)
{
	return ip->version == 6 ? &types6 : &types4;
}

int qk_icmp_echo(const struct qk_ip *ip, void *buffer, size_t size)
{
	const struct icmp_types *types = types_of(ip);
	struct qk_icmp icmp;

	if (ip->fragment || ip->protocol != types->protocol || qk_icmp_read(ip, &icmp) < 0 ||
	    icmp.type != types->echo_request || icmp.code != 0 ||
	    qk_inet_is_group(&ip->destination, ip->version) || qk_inet_is_unspecified(&ip->source))
		return 0;
	struct qk_writer w = qk_writer(buffer, size);
	struct qk_ip answer = { .version = ip->version, .protocol = types->protocol };
	answer.hop_limit = 64;
	answer.source = ip->destination;
	answer.destination = ip->source;
	size_t mark = qk_ip_begin(&w, &answer);
	qk_icmp_begin(&w, types->echo_reply, 0);
	qk_write_bytes(&w, icmp.rest.data, icmp.rest.size);
	return qk_ip_end(&w, mark);
}

/* No error tells of an error; of ICMPv4 only what is asked and answered is none (RFC 1122 3.2.2). */
static bool is_icmp_error(const struct qk_ip *ip)
{
	static const uint8_t queries[] = { 0, 8, 13, 14, 15, 16, 17, 18 };

	if (ip->protocol != types_of(ip)->protocol)
		return false;
	if (!ip->payload.size)
		return true;
	if (ip->version == 6)
		return ip->payload.data[0] < 128;
	return !memchr(queries, ip->payload.data[0], sizeof(queries));
}

int qk_icmp_prohibited(const struct qk_ip *ip, const struct qk_inet_address *source, void *buffer,
		       size_t size)
{
	const struct icmp_types *types = types_of(ip);

	if (ip->fragment || is_icmp_error(ip) || qk_inet_is_group(&ip->destination, ip->version) ||
	    qk_inet_is_group(&ip->source, ip->version) || qk_inet_is_unspecified(&ip->source))
		return 0;
	struct qk_writer w = qk_writer(buffer, size);
	struct qk_ip error = { .version = ip->version, .protocol = types->protocol };
	error.hop_limit = 64;
	error.source = *source;
	error.destination = ip->source;
	size_t mark = qk_ip_begin(&w, &error);
	qk_icmp_begin(&w, types->unreachable, types->prohibited);
	qk_write_uint(&w, 0, 4, true);
	size_t room = types->error_max - qk_writer_used(&w) + mark;
	qk_write_bytes(&w, ip->packet.data, ip->packet.size < room ? ip->packet.size : room);
	return qk_ip_end(&w, mark);
}
