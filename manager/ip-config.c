/* IP configuration: numbers to text. */
#include "ip-config.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "api/api-names.h"

static void set_v4(json_t *config, const char *key, bool has, uint32_t address)
{
	struct in_addr in = { htonl(address) };
	char text[INET_ADDRSTRLEN];

	if (has && address)
		json_object_set_new(config, key,
				    json_string(inet_ntop(AF_INET, &in, text, sizeof(text))));
}

/* `words` are the eight of an address; nothing else is one. */
static void set_v6(json_t *config, const char *key, const uint16_t *words, size_t count)
{
	struct in6_addr in;
	char text[INET6_ADDRSTRLEN];

	if (count != 8)
		return;
	for (size_t i = 0; i < 8; i++)
		in.s6_addr16[i] = htons(words[i]);
	if (!IN6_IS_ADDR_UNSPECIFIED(&in))
		json_object_set_new(config, key,
				    json_string(inet_ntop(AF_INET6, &in, text, sizeof(text))));
}

static void set_common(json_t *config, const struct qk_wds_get_current_settings_response *s)
{
	json_object_set_new(config, "method", json_integer(MM_BEARER_IP_METHOD_STATIC));
	if (s->has_mtu)
		json_object_set_new(config, "mtu", json_integer(s->mtu));
}

json_t *ip_config_v4(const struct qk_wds_get_current_settings_response *s)
{
	json_t *config = json_object();

	if (!s->has_ipv4_address || !s->ipv4_address)
		return config;
	set_common(config, s);
	set_v4(config, "address", true, s->ipv4_address);
	json_object_set_new(config, "prefix",
			    json_integer(s->has_ipv4_gateway_subnet_mask
						 ? __builtin_popcount(s->ipv4_gateway_subnet_mask)
						 : 32));
	set_v4(config, "gateway", s->has_ipv4_gateway_address, s->ipv4_gateway_address);
	set_v4(config, "dns1", s->has_primary_ipv4_dns_address, s->primary_ipv4_dns_address);
	set_v4(config, "dns2", s->has_secondary_ipv4_dns_address, s->secondary_ipv4_dns_address);
	return config;
}

json_t *ip_config_v6(const struct qk_wds_get_current_settings_response *s)
{
	json_t *config = json_object();

	if (!s->has_ipv6_address || s->ipv6_address.address.count != 8)
		return config;
	set_common(config, s);
	set_v6(config, "address", s->ipv6_address.address.items, s->ipv6_address.address.count);
	json_object_set_new(config, "prefix", json_integer(s->ipv6_address.prefix_length));
	if (s->has_ipv6_gateway_address)
		set_v6(config, "gateway", s->ipv6_gateway_address.address.items,
		       s->ipv6_gateway_address.address.count);
	set_v6(config, "dns1", s->ipv6_primary_dns_address.items,
	       s->ipv6_primary_dns_address.count);
	set_v6(config, "dns2", s->ipv6_secondary_dns_address.items,
	       s->ipv6_secondary_dns_address.count);
	return config;
}
