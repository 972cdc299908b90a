/*
 * ND: router and neighbour advertisements (see inet-nd.h).
 */
#include "inet-nd.h"

#include <errno.h>
#include <string.h>

enum nd_type {
	ROUTER_SOLICITATION = 133,
	ROUTER_ADVERTISEMENT = 134,
	NEIGHBOUR_SOLICITATION = 135,
	NEIGHBOUR_ADVERTISEMENT = 136,
	REDIRECT = 137,
};

enum option { PREFIX = 3, MTU = 5, NAME_SERVERS = 25 };

#define ROUTER_LIFETIME_SEC 65535u
#define NAME_SERVERS_LIFETIME_SEC 65535u
#define FOREVER UINT32_MAX
#define PREFIX_AUTONOMOUS 0x40u
#define FLAG_ROUTER 0x80u
#define FLAG_SOLICITED 0x40u
#define FLAG_OVERRIDE 0x20u

static const struct qk_inet_address all_nodes = { { 0xff, 0x02, [15] = 1 } };

/* The gateway's address on the link itself: fe80:: and the last half of its global one. */
static struct qk_inet_address link_local_of(const struct qk_inet_address *gateway)
{
	struct qk_inet_address address = { { 0xfe, 0x80 } };

	memcpy(address.bytes + 8, gateway->bytes + 8, 8);
	return address;
}

bool qk_nd_is(const struct qk_ip *ip)
{
	return ip->version == 6 && ip->protocol == QK_IP_ICMP6 && !ip->fragment &&
	       ip->payload.size && ip->payload.data[0] >= ROUTER_SOLICITATION &&
	       ip->payload.data[0] <= REDIRECT;
}

/* Where an answer goes: to who asked, or to all where he has no address yet. */
static struct qk_ip answer_to(const struct qk_ip *ip, const struct qk_inet_address *source)
{
	struct qk_ip answer = { .version = 6, .protocol = QK_IP_ICMP6, .hop_limit = 255 };

	answer.source = *source;
	answer.destination = qk_inet_is_unspecified(&ip->source) ? all_nodes : ip->source;
	return answer;
}

static void write_prefix(struct qk_writer *w, const struct qk_inet_config *config)
{
	struct qk_inet_address prefix = { 0 };

	memcpy(prefix.bytes, config->address.bytes, config->prefix_bits / 8);
	qk_write_uint(w, PREFIX, 1, true);
	qk_write_uint(w, 4, 1, true); /* times 8 bytes */
	qk_write_uint(w, config->prefix_bits, 1, true);
	qk_write_uint(w, PREFIX_AUTONOMOUS, 1, true);
	qk_write_uint(w, FOREVER, 4, true); /* valid */
	qk_write_uint(w, FOREVER, 4, true); /* preferred */
	qk_write_uint(w, 0, 4, true);
	qk_write_bytes(w, prefix.bytes, sizeof(prefix.bytes));
}

static void write_name_servers(struct qk_writer *w, const struct qk_inet_config *config)
{
	size_t count = qk_inet_name_servers(config);

	if (!count)
		return;
	qk_write_uint(w, NAME_SERVERS, 1, true);
	qk_write_uint(w, 1 + 2 * count, 1, true);
	qk_write_uint(w, 0, 2, true);
	qk_write_uint(w, NAME_SERVERS_LIFETIME_SEC, 4, true);
	for (size_t i = 0; i < count; i++)
		qk_write_bytes(w, config->dns[i].bytes, 16);
}

static int advertise_router(const struct qk_inet_config *config, const struct qk_ip *ip,
			    struct qk_writer *w)
{
	struct qk_inet_address source = link_local_of(&config->gateway);
	struct qk_ip answer = answer_to(ip, &source);
	size_t mark = qk_ip_begin(w, &answer);

	qk_icmp_begin(w, ROUTER_ADVERTISEMENT, 0);
	qk_write_uint(w, 64, 1, true); /* hop limit to use */
	qk_write_uint(w, 0, 1, true);  /* neither addresses nor more from DHCP */
	qk_write_uint(w, ROUTER_LIFETIME_SEC, 2, true);
	qk_write_uint(w, 0, 8, true); /* reachable time and retransmission: the host's choice */
	qk_write_uint(w, MTU, 1, true);
	qk_write_uint(w, 1, 1, true);
	qk_write_uint(w, 0, 2, true);
	qk_write_uint(w, config->mtu, 4, true);
	write_prefix(w, config);
	write_name_servers(w, config);
	return qk_ip_end(w, mark);
}

static int advertise_neighbour(const struct qk_inet_config *config, const struct qk_ip *ip,
			       struct qk_span rest, struct qk_writer *w)
{
	struct qk_inet_address link_local = link_local_of(&config->gateway), target;

	if (rest.size < 20)
		return 0;
	memcpy(target.bytes, rest.data + 4, sizeof(target.bytes));
	if (!qk_inet_equal(&target, &link_local) && !qk_inet_equal(&target, &config->gateway))
		return 0;
	struct qk_ip answer = answer_to(ip, &target);
	uint8_t flags = FLAG_ROUTER | FLAG_OVERRIDE;
	if (!qk_inet_is_unspecified(&ip->source))
		flags |= FLAG_SOLICITED;
	size_t mark = qk_ip_begin(w, &answer);
	qk_icmp_begin(w, NEIGHBOUR_ADVERTISEMENT, 0);
	qk_write_uint(w, flags, 1, true);
	qk_write_uint(w, 0, 3, true);
	qk_write_bytes(w, target.bytes, sizeof(target.bytes));
	return qk_ip_end(w, mark);
}

int qk_nd_answer(const struct qk_inet_config *config, const struct qk_ip *ip, void *buffer,
		 size_t size)
{
	struct qk_writer w = qk_writer(buffer, size);
	struct qk_icmp icmp;

	/* a router has changed the hop limit of what was not sent on this link */
	if (!qk_nd_is(ip) || ip->hop_limit != 255 || qk_icmp_read(ip, &icmp) < 0 || icmp.code != 0)
		return 0;
	if (icmp.type == ROUTER_SOLICITATION)
		return advertise_router(config, ip, &w);
	if (icmp.type == NEIGHBOUR_SOLICITATION)
		return advertise_neighbour(config, ip, icmp.rest, &w);
	return 0;
}
