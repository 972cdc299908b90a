/*
 * From settings to addresses. Numbers of IPv4 have their first octet in the highest byte, groups of
 * IPv6 are numbers already.
 */
#include "plan.h"

#include <arpa/inet.h>
#include <string.h>

enum { MTU_MIN_4 = 576, MTU_MIN_6 = 1280, MTU_MAX = 65535, GROUPS = 8 };

static void put_4(uint32_t number, struct qk_address *ret)
{
	uint32_t order = htonl(number);

	*ret = (struct qk_address){ .family = AF_INET, .prefix = 32 };
	memcpy(ret->bytes, &order, sizeof(order));
}

static bool put_6(const uint16_t *groups, size_t count, struct qk_address *ret)
{
	*ret = (struct qk_address){ .family = AF_INET6, .prefix = 128 };
	if (count != GROUPS)
		return false;
	for (size_t i = 0; i < GROUPS; i++) {
		ret->bytes[2 * i] = (uint8_t)(groups[i] >> 8);
		ret->bytes[2 * i + 1] = (uint8_t)groups[i];
	}
	return true;
}

/* Whether a host may have this address: no network of its own, no group, not the host itself. */
static bool is_host(const struct qk_address *address)
{
	struct in6_addr six;

	if (address->family == AF_INET)
		return address->bytes[0] > 0 && address->bytes[0] != 127 && address->bytes[0] < 224;
	memcpy(&six, address->bytes, sizeof(six));
	return !IN6_IS_ADDR_UNSPECIFIED(&six) && !IN6_IS_ADDR_LOOPBACK(&six) &&
	       !IN6_IS_ADDR_MULTICAST(&six) && !IN6_IS_ADDR_V4MAPPED(&six);
}

/* Bits of a mask whose ones come first; of any other, those of a single host: a network that is
 * made too large would swallow others. */
static uint8_t prefix_of(uint32_t mask)
{
	uint8_t bits = 0;

	while (bits < 32 && (mask & (UINT32_C(1) << (31 - bits))))
		bits++;
	return bits == 0 || (bits < 32 && mask << bits) ? 32 : bits;
}

static void add_server(struct plan *plan, const struct qk_address *server)
{
	if (!is_host(server) || plan->server_count == PLAN_SERVERS)
		return;
	for (size_t i = 0; i < plan->server_count; i++)
		if (!memcmp(&plan->servers[i], server, sizeof(*server)))
			return;
	plan->servers[plan->server_count++] = *server;
}

static void read_4(const struct qk_wds_get_current_settings_response *s, struct plan *plan)
{
	struct qk_address address;

	if (s->has_ipv4_address)
		put_4(s->ipv4_address, &plan->address);
	plan->present = s->has_ipv4_address && is_host(&plan->address);
	if (s->has_ipv4_gateway_subnet_mask)
		plan->address.prefix = prefix_of(s->ipv4_gateway_subnet_mask);
	if (s->has_ipv4_gateway_address) {
		put_4(s->ipv4_gateway_address, &address);
		if (is_host(&address))
			plan->gateway = address;
	}
	if (s->has_primary_ipv4_dns_address) {
		put_4(s->primary_ipv4_dns_address, &address);
		add_server(plan, &address);
	}
	if (s->has_secondary_ipv4_dns_address) {
		put_4(s->secondary_ipv4_dns_address, &address);
		add_server(plan, &address);
	}
}

static void read_6(const struct qk_wds_get_current_settings_response *s, struct plan *plan)
{
	struct qk_address address;

	plan->present = s->has_ipv6_address &&
			put_6(s->ipv6_address.address.items, s->ipv6_address.address.count,
			      &plan->address) &&
			is_host(&plan->address);
	plan->address.prefix = 64;
	if (s->has_ipv6_address && s->ipv6_address.prefix_length >= 1 &&
	    s->ipv6_address.prefix_length <= 128)
		plan->address.prefix = s->ipv6_address.prefix_length;
	if (s->has_ipv6_gateway_address &&
	    put_6(s->ipv6_gateway_address.address.items, s->ipv6_gateway_address.address.count,
		  &address) &&
	    is_host(&address))
		plan->gateway = address;
	if (s->has_ipv6_primary_dns_address &&
	    put_6(s->ipv6_primary_dns_address.items, s->ipv6_primary_dns_address.count, &address))
		add_server(plan, &address);
	if (s->has_ipv6_secondary_dns_address &&
	    put_6(s->ipv6_secondary_dns_address.items, s->ipv6_secondary_dns_address.count,
		  &address))
		add_server(plan, &address);
}

void plan_read(const struct qk_wds_get_current_settings_response *settings, uint8_t family,
	       struct plan *ret)
{
	uint32_t least = family == AF_INET6 ? MTU_MIN_6 : MTU_MIN_4;

	*ret = (struct plan){ .address.family = family, .gateway.family = family };
	if (family == AF_INET6)
		read_6(settings, ret);
	else
		read_4(settings, ret);
	if (settings->has_mtu && settings->mtu >= least && settings->mtu <= MTU_MAX)
		ret->mtu = settings->mtu;
}

uint32_t plan_mtu(const struct plan *plans, size_t count)
{
	uint32_t least = 0;

	for (size_t i = 0; i < count; i++)
		if (plans[i].present && plans[i].mtu && (!least || plans[i].mtu < least))
			least = plans[i].mtu;
	return least;
}
