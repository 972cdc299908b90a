/*
 * WDA: in what form packets travel between modem and host.
 */
#include <qmikit/wda.h>

#include <string.h>

#include "request.h"
#include "services.h"

/* Keys of arguments, in the order of the rows below. */
enum { SEEN_EP_TYPE = 1 << 0, SEEN_EP_NUMBER = 1 << 1 };

/* clang-format off */
#define ENDPOINT_KEYS \
	{ "ep-type", "endpoint-info.endpoint-type" }, \
	{ "ep-iface-number", "endpoint-info.interface-number" }
/* clang-format on */

static const struct command_key get_keys[] = { ENDPOINT_KEYS, { 0 } };

static const struct command_key set_keys[] = {
	ENDPOINT_KEYS,
	{ "link-layer-protocol", "link-layer-protocol" },
	{ "ul-protocol", "uplink-data-aggregation-protocol" },
	{ "dl-protocol", "downlink-data-aggregation-protocol" },
	{ "dl-datagram-max-size", "downlink-data-aggregation-max-size" },
	{ "dl-max-datagrams", "downlink-data-aggregation-max-datagrams" },
	{ "ul-datagram-max-size", "uplink-data-aggregation-max-size" },
	{ "ul-max-datagrams", "uplink-data-aggregation-max-datagrams" },
	{ 0 },
};

/* An endpoint is a type and a number; the type "undefined" is none. */
static int check_endpoint(unsigned int seen, bool *has, const struct qk_data_endpoint *endpoint,
			  struct failure *f)
{
	bool type =
		seen & SEEN_EP_TYPE && endpoint->endpoint_type != QK_DATA_ENDPOINT_TYPE_UNDEFINED;

	*has = type;
	if (type == !!(seen & SEEN_EP_NUMBER))
		return 0;
	failure_hint(f, "of an EC25 on USB: ep-type=hsusb,ep-iface-number=4");
	return failure_set(f, EXIT_USAGE,
			   "endpoint type and interface number must be both set or both unset");
}

static int finish_get(const struct action *action, unsigned int seen, void *request,
		      struct failure *f)
{
	struct qk_wda_get_data_format_request *get = request;

	(void)action;
	return check_endpoint(seen, &get->has_endpoint_info, &get->endpoint_info, f);
}

/* The older form of the argument: a link layer protocol alone, and nothing else is sent. */
static int read_plain(const char *text, struct qk_wda_set_data_format_request *set,
		      struct failure *f)
{
	int64_t protocol;

	if (qk_value_by_name(&qk_wda_link_layer_protocol_values, text, &protocol)) {
		set->has_link_layer_protocol = true;
		set->link_layer_protocol = (uint32_t)protocol;
		return 0;
	}
	failure_hint(f, "it may be 802-3, raw-ip, or key=value,...");
	return failure_set(f, EXIT_USAGE, "Unrecognized Link Layer Protocol '%s'", text);
}

/* Both aggregation protocols are always said with keys; a size or a count of 0 is none. */
static int finish_set(const struct action *action, unsigned int seen, void *request,
		      struct failure *f)
{
	struct qk_wda_set_data_format_request *set = request;
	int r = check_endpoint(seen, &set->has_endpoint_info, &set->endpoint_info, f);

	if (r == 0 && !strchr(action->argument, '='))
		r = read_plain(action->argument, set, f);
	else
		set->has_uplink_data_aggregation_protocol =
			set->has_downlink_data_aggregation_protocol = true;
	if (r)
		return r;
	if (!set->has_link_layer_protocol ||
	    set->link_layer_protocol == QK_WDA_LINK_LAYER_PROTOCOL_UNKNOWN) {
		failure_hint(f, "give link-layer-protocol=raw-ip, or 802-3");
		return failure_set(f, EXIT_USAGE, "Link Layer Protocol value is missing");
	}
	set->has_downlink_data_aggregation_max_size = set->downlink_data_aggregation_max_size;
	set->has_downlink_data_aggregation_max_datagrams =
		set->downlink_data_aggregation_max_datagrams;
	set->has_uplink_data_aggregation_max_size = set->uplink_data_aggregation_max_size;
	set->has_uplink_data_aggregation_max_datagrams = set->uplink_data_aggregation_max_datagrams;
	return 0;
}

static const struct text_row get_text[] = {
	TEXT_LINE("[{@device}] Successfully got data format\n"),
	TEXT_IF("qos-format", "                   QoS flow header: {qos-format}\n"),
	TEXT_IF("link-layer-protocol",
		"               Link layer protocol: '{link-layer-protocol}'\n"),
	TEXT_IF("uplink-data-aggregation-protocol",
		"  Uplink data aggregation protocol: '{uplink-data-aggregation-protocol}'\n"),
	TEXT_IF("downlink-data-aggregation-protocol",
		"Downlink data aggregation protocol: '{downlink-data-aggregation-protocol}'\n"),
	TEXT_IF("ndp-signature", "                     NDP signature: '{ndp-signature}'\n"),
	TEXT_IF("downlink-data-aggregation-max-datagrams",
		"Downlink data aggregation max datagrams: "
		"'{downlink-data-aggregation-max-datagrams}'\n"),
	TEXT_IF("downlink-data-aggregation-max-size",
		"Downlink data aggregation max size: '{downlink-data-aggregation-max-size}'\n"),
	TEXT_END,
};

static const struct text_row set_text[] = {
	TEXT_LINE("[{@device}] Successfully set data format\n"),
	TEXT_IF("qos-format", "                        QoS flow header: {qos-format}\n"),
	TEXT_IF("link-layer-protocol",
		"                    Link layer protocol: '{link-layer-protocol}'\n"),
	TEXT_IF("uplink-data-aggregation-protocol",
		"       Uplink data aggregation protocol: '{uplink-data-aggregation-protocol}'\n"),
	TEXT_IF("downlink-data-aggregation-protocol", "     Downlink data aggregation protocol: "
						      "'{downlink-data-aggregation-protocol}'\n"),
	TEXT_IF("ndp-signature", "                          NDP signature: '{ndp-signature}'\n"),
	TEXT_IF("downlink-data-aggregation-max-datagrams",
		"Downlink data aggregation max datagrams: "
		"'{downlink-data-aggregation-max-datagrams}'\n"),
	TEXT_IF("downlink-data-aggregation-max-size",
		"     Downlink data aggregation max size: '{downlink-data-aggregation-max-size}'\n"),
	TEXT_IF("uplink-data-aggregation-max-datagrams",
		"  Uplink data aggregation max datagrams: "
		"'{uplink-data-aggregation-max-datagrams}'\n"),
	TEXT_IF("uplink-data-aggregation-max-size",
		"       Uplink data aggregation max size: '{uplink-data-aggregation-max-size}'\n"),
	TEXT_END,
};

static const struct command_key capability_keys[] = {
	ENDPOINT_KEYS,
	{ "eth-pdu", "ethernet-pdu-capability" },
	{ 0 },
};

static int finish_capability(const struct action *action, unsigned int seen, void *request,
			     struct failure *f)
{
	struct qk_wda_set_capability_request *set = request;
	int r;

	(void)action;
	r = check_endpoint(seen, &set->has_endpoint_info, &set->endpoint_info, f);
	if (r || set->has_endpoint_info)
		return r;
	failure_hint(f, "of an EC25 on USB: ep-type=hsusb,ep-iface-number=4");
	return failure_set(f, EXIT_USAGE, "no endpoint given");
}

static const struct command_key loopback_keys[] = {
	{ "state", "loopback-state" },
	{ .key = "replication-factor", .field = "replication-factor", .needed = true },
	{ 0 },
};

static const struct command_preset loopback_presets[] = {
	{ "loopback-state", QK_WDA_LOOP_BACK_STATE_DISABLED },
	{ 0 },
};

static const struct command commands[] = {
	{ .name = "wda-set-data-format",
	  .method = "wda/set-data-format",
	  .help = "Set it: a link layer protocol, or keys",
	  .argument = TAKES("802-3|raw-ip|KEY=VALUE,...", .keys = set_keys, .plain = true,
			    .finish = finish_set),
	  .failure = "couldn't set data format",
	  .text = set_text },
	{ .name = "wda-get-data-format",
	  .method = "wda/get-data-format",
	  .help = "Show in what form packets travel",
	  .argument = TAKES("[=KEY=VALUE,...]", .keys = get_keys, .optional = true,
			    .finish = finish_get),
	  .failure = "couldn't get data format",
	  .text = get_text },
	/* Newer than libqmi 1.32: no peer has judged these. */
	{ .name = "wda-set-capability",
	  .method = "wda/set-capability",
	  .help = "Tell an endpoint's modem what the host can take",
	  .argument = TAKES("KEY=VALUE,...", .keys = capability_keys, .finish = finish_capability),
	  .failure = "couldn't set capability",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully set capability\n"),
			    TEXT_IF("ethernet-pdu-capability",
				    "Ethernet PDU capability: {ethernet-pdu-capability}\n")) },
	{ .name = "wda-get-ethernet-config",
	  .method = "wda/get-ethernet-config",
	  .help = "Show how the modem's Ethernet hardware is set",
	  .failure = "couldn't get ethernet config",
	  .text = TEXT_ROWS(TEXT_IF("hardware-config", "[{@device}] Ethernet hardware config: "
						       "{hardware-config:n}\n")) },
	{ .name = "wda-set-loopback-configuration",
	  .method = "wda/loopback-configuration",
	  .help = "Have the modem send back what it is sent",
	  .argument = TAKES("KEY=VALUE,...", .keys = loopback_keys),
	  .course = COURSE(.presets = loopback_presets),
	  .failure = "couldn't set loopback configuration",
	  .text = TEXT_ROWS(TEXT_LINE("[{@device}] Successfully set loopback configuration\n")) },
	COMMAND_SUPPORTED_MESSAGES(wda, WDA),
	COMMAND_NOOP(wda),
	{ 0 },
};

const struct command_service commands_wda = { QK_SERVICE_ID_WDA, "wda",
					      "Wireless Data Administrative Service", commands };
