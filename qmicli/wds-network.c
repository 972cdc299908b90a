/*
 * Arguments and texts of the commands around a data call.
 */
#include "wds-network.h"

#include <stdlib.h>
#include <string.h>
#include <qmikit/wds.h>

#include "argument.h"
#include "request.h"

const struct command_word wds_ip_versions[] = {
	{ "4", QK_WDS_IP_FAMILY_IPV4 },
	{ "6", QK_WDS_IP_FAMILY_IPV6 },
	/* newer than libqmi 1.32 */
	{ "ipv4", QK_WDS_IP_FAMILY_IPV4 },
	{ "ipv6", QK_WDS_IP_FAMILY_IPV6 },
	{ "ethernet", QK_WDS_IP_FAMILY_ETHERNET },
	{ 0 },
};

static const struct command_word authentications[] = {
	{ "none", 0 },
	{ "PAP", QK_WDS_AUTHENTICATION_PAP },
	{ "CHAP", QK_WDS_AUTHENTICATION_CHAP },
	{ "BOTH", QK_WDS_AUTHENTICATION_PAP | QK_WDS_AUTHENTICATION_CHAP },
	{ 0 },
};

const struct command_key wds_start_keys[] = {
	{ .key = "apn", .field = "apn", .once = true },
	{ .key = "3gpp-profile", .field = "profile-index-3gpp", .once = true },
	{ .key = "3gpp2-profile", .field = "profile-index-3gpp2", .once = true },
	{ .key = "auth",
	  .field = "authentication-preference",
	  .how = WORDS(authentications),
	  .once = true },
	{ .key = "username", .field = "username", .once = true },
	{ .key = "password", .field = "password", .once = true },
	{ .key = "autoconnect", .field = "enable-autoconnect", .once = true },
	{ .key = "ip-type",
	  .field = "ip-family-preference",
	  .how = WORDS(wds_ip_versions),
	  .once = true },
	{ 0 },
};

/* The next word of a list with commas, if there is one. */
static bool next_word(const char **at, struct qk_string *ret)
{
	if (!*at)
		return false;
	*ret = (struct qk_string){ *at, strcspn(*at, ",") };
	*at = (*at)[ret->size] ? *at + ret->size + 1 : NULL;
	return true;
}

/* The older form of the argument: APN,AUTH,USER,PASSWORD, of which the rear may miss. */
static int read_plain(const char *text, struct qk_wds_start_network_request *start,
		      struct failure *f)
{
	const struct command_word *word = authentications;
	struct qk_string auth = { 0 };

	if (!*text)
		return 0; /* no TLVs at all */
	start->has_apn = next_word(&text, &start->apn);
	start->has_authentication_preference = next_word(&text, &auth);
	while (auth.size && word->word && !argument_is(auth, word->word))
		word++;
	if (!word->word)
		return failure_set(f, EXIT_USAGE, "unknown auth protocol '%.*s'", (int)auth.size,
				   auth.data);
	start->authentication_preference = (uint8_t)word->number;
	start->has_username = next_word(&text, &start->username);
	start->has_password = next_word(&text, &start->password);
	return 0;
}

/* Empty names and profile 0 are as if not given. */
int wds_finish_start(const struct action *action, unsigned int seen, void *request,
		     struct failure *failure)
{
	struct qk_wds_start_network_request *start = request;
	int r = 0;

	(void)seen;
	if (!strchr(action->argument, '='))
		r = read_plain(action->argument, start, failure);
	start->has_username = start->has_username && start->username.size;
	start->has_password = start->has_password && start->password.size;
	start->has_profile_index_3gpp = start->profile_index_3gpp != 0;
	start->has_profile_index_3gpp2 = start->profile_index_3gpp2 != 0;
	return r;
}

int wds_finish_stop(const struct action *action, unsigned int seen, void *request,
		    struct failure *failure)
{
	struct qk_wds_stop_network_request *stop = request;
	const char *text = action->argument;
	unsigned long handle;
	char *end;

	(void)seen;
	stop->has_packet_data_handle = true;
	if (!strcmp(text, "disable-autoconnect")) {
		stop->packet_data_handle = UINT32_MAX;
		stop->has_disable_autoconnect = stop->disable_autoconnect = true;
		return 0;
	}
	handle = strtoul(text, &end, strncmp(text, "0x", 2) ? 10 : 16);
	if (end == text || *end || !handle || handle > UINT32_MAX || strchr(text, '-')) {
		failure_hint(failure, "--wds-start-network prints it; or give disable-autoconnect");
		return failure_set(failure, EXIT_USAGE, "invalid packet data handle given '%s'",
				   text);
	}
	stop->packet_data_handle = (uint32_t)handle;
	return 0;
}

/* A name, or the port's number in C's spelling. */
int wds_finish_bind_data_port(const struct action *action, unsigned int seen, void *request,
			      struct failure *failure)
{
	struct qk_wds_bind_data_port_request *bind = request;
	char *end;
	int64_t port = (int64_t)strtoul(action->argument, &end, 0);
	bool is_port = !*end && port > 0 && port <= UINT16_MAX;

	(void)seen;
	if (!is_port && !qk_value_by_name(&qk_wds_sio_port_values, action->argument, &port)) {
		failure_hint(failure, "it may be a2-mux-rmnet0 to a2-mux-rmnet7, or a number");
		return failure_set(failure, EXIT_USAGE, "invalid sio port value given: '%s'",
				   action->argument);
	}
	bind->has_data_port = true;
	bind->data_port = (uint16_t)port;
	return 0;
}

const struct command_preset wds_bind_mux_presets[] = {
	{ "endpoint-info.endpoint-type", QK_DATA_ENDPOINT_TYPE_HSUSB },
	{ "client-type", QK_WDS_CLIENT_TYPE_TETHERED },
	{ 0 },
};

enum { SEEN_MUX_ID = 1 << 0, SEEN_EP_NUMBER = 1 << 1 };

const struct command_key wds_bind_mux_keys[] = {
	{ "mux-id", "mux-id" },
	{ "ep-iface-number", "endpoint-info.interface-number" },
	{ "ep-type", "endpoint-info.endpoint-type" },
	{ 0 },
};

int wds_finish_bind_mux(const struct action *action, unsigned int seen, void *request,
			struct failure *failure)
{
	const struct qk_wds_bind_mux_data_port_request *bind = request;

	(void)action;
	if (!(seen & SEEN_MUX_ID) || !(seen & SEEN_EP_NUMBER)) {
		failure_hint(failure,
			     "of an EC25 on USB: mux-id=1,ep-type=hsusb,ep-iface-number=4");
		return failure_set(failure, EXIT_USAGE,
				   "Mux ID and Endpoint Iface Number are both needed");
	}
	if (bind->mux_id == UINT8_MAX)
		return failure_set(failure, EXIT_USAGE,
				   "failed reading key 'mux-id' value in range [0,254]: '%u'",
				   bind->mux_id);
	return 0;
}

const struct command_preset wds_settings_presets[] = {
	{ "requested-settings",
	  QK_WDS_REQUESTED_SETTINGS_DNS_ADDRESS | QK_WDS_REQUESTED_SETTINGS_GRANTED_QOS |
		  QK_WDS_REQUESTED_SETTINGS_IP_ADDRESS | QK_WDS_REQUESTED_SETTINGS_GATEWAY_INFO |
		  QK_WDS_REQUESTED_SETTINGS_MTU | QK_WDS_REQUESTED_SETTINGS_DOMAIN_NAME_LIST |
		  QK_WDS_REQUESTED_SETTINGS_IP_FAMILY },
	{ 0 },
};

static void print_family(const struct text_scope *scope, struct output *out)
{
	int64_t family = text_number(scope, "ip-family", 0);

	output_printf(out, "%s\n",
		      family == QK_WDS_IP_FAMILY_IPV4   ? "IPv4"
		      : family == QK_WDS_IP_FAMILY_IPV6 ? "IPv6"
							: "unknown");
}

/* A name in a list of them. */
static void print_comma(const struct text_scope *scope, struct output *out)
{
	output_printf(out, "%s", scope->index ? ", " : "");
}

static const struct text_row domain_text[] = {
	{ TEXT_PRINT(print_comma) },
	TEXT_LINE("{name}"),
	TEXT_END,
};

const struct text_row wds_settings_text[] = {
	TEXT_LINE("[{@device}] Current settings retrieved:\n"),
	{ .when = TEXT_PRESENT,
	  .path = "ip-family",
	  .text = "           IP Family: ",
	  TEXT_PRINT(print_family) },
	TEXT_IF("ipv4-address", "        IPv4 address: {ipv4-address:ip}\n"),
	TEXT_IF("ipv4-gateway-subnet-mask",
		"    IPv4 subnet mask: {ipv4-gateway-subnet-mask:ip}\n"),
	TEXT_IF("ipv4-gateway-address", "IPv4 gateway address: {ipv4-gateway-address:ip}\n"),
	TEXT_IF("primary-ipv4-dns-address",
		"    IPv4 primary DNS: {primary-ipv4-dns-address:ip}\n"),
	TEXT_IF("secondary-ipv4-dns-address",
		"  IPv4 secondary DNS: {secondary-ipv4-dns-address:ip}\n"),
	TEXT_IF("ipv6-address", "        IPv6 address: {address:ip}/{prefix-length}\n"),
	TEXT_IF("ipv6-gateway-address", "IPv6 gateway address: {address:ip}/{prefix-length}\n"),
	TEXT_IF("ipv6-primary-dns-address",
		"    IPv6 primary DNS: {ipv6-primary-dns-address:ip}\n"),
	TEXT_IF("ipv6-secondary-dns-address",
		"  IPv6 secondary DNS: {ipv6-secondary-dns-address:ip}\n"),
	TEXT_IF("mtu", "                 MTU: {mtu}\n"),
	TEXT_WHERE("domain-name-list", 0, "             Domains: none\n"),
	TEXT_UNLESS("domain-name-list", 0, "             Domains: "),
	{ .when = TEXT_EACH, .path = "domain-name-list", .rows = domain_text },
	TEXT_UNLESS("domain-name-list", 0, "\n"),
	TEXT_END,
};
