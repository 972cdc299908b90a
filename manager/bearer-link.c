/*
 * Bearer, the link: the form of packets that the modem and the kernel agree on, and the link of its own of a bearer
 * that shares the modem's. What was set is read back from both sides.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/wda.h>

#include "bearer-inside.h"
#include "log.h"
#include "modem.h"
#include "netdev/mux.h"

/* What the host takes at most at once from a modem that packs packets, and the data port where none is known. */
enum { PACK_PACKETS = 32, PACK_BYTES = 16384, USUAL_INTERFACE = 4 };

const char *bearer_interface(const struct modem *modem)
{
	for (size_t i = 0; i < modem->description.port_count; i++)
		if (modem->description.ports[i].type == MM_MODEM_PORT_TYPE_NET)
			return modem->description.ports[i].name;
	return NULL;
}

/* Another bearer is up, which shares the link or has it alone. */
static const struct bearer *other_up(const struct bearer *bearer)
{
	const struct modem *modem = bearer->modem;

	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i] && modem->bearers[i] != bearer &&
		    modem->bearers[i]->connected)
			return modem->bearers[i];
	return NULL;
}

/* The modem's data port, as the modem counts: on USB by the number of the interface. */
static struct qk_data_endpoint endpoint_of(const struct modem *modem)
{
	const struct qk_links links = { 0 };
	const char *interface = bearer_interface(modem);
	struct qk_data_endpoint endpoint = { QK_DATA_ENDPOINT_TYPE_HSUSB, USUAL_INTERFACE };
	char text[16];

	if (interface &&
	    qk_link_read(&links, interface, "device/bInterfaceNumber", text, sizeof(text)) == 0)
		endpoint.interface_number = (uint32_t)strtoul(text, NULL, 16);
	return endpoint;
}

/* --- The format */

/* What both sides are to have. */
static uint32_t aggregation_of(const struct bearer *bearer)
{
	return bearer->link.multiplex ? QK_WDA_DATA_AGGREGATION_PROTOCOL_QMAP
				      : QK_WDA_DATA_AGGREGATION_PROTOCOL_DISABLED;
}

static bool packs(bool has, uint32_t protocol)
{
	return has && protocol != QK_WDA_DATA_AGGREGATION_PROTOCOL_DISABLED;
}

static bool is_raw(bool has, uint32_t protocol)
{
	return has && protocol == QK_WDA_LINK_LAYER_PROTOCOL_RAW_IP;
}

/* What is in force now; the two responses are alike. */
struct format {
	bool raw, packs;
	uint32_t size; /* of what the modem packs */
};

#define FORMAT_OF(r) \
	((struct format){ \
		.raw = is_raw((r)->has_link_layer_protocol, (r)->link_layer_protocol), \
		.packs = packs((r)->has_downlink_data_aggregation_protocol, \
			       (r)->downlink_data_aggregation_protocol) || \
			 packs((r)->has_uplink_data_aggregation_protocol, \
			       (r)->uplink_data_aggregation_protocol), \
		.size = (r)->has_downlink_data_aggregation_max_size \
				? (r)->downlink_data_aggregation_max_size \
				: 0, \
	})

static struct format format_read(const struct qk_wda_get_data_format_response *r)
{
	return FORMAT_OF(r);
}

/* What was asked for: MM_BEARER_MULTIPLEX_SUPPORT_*. */
static json_int_t wanted_sharing(const struct bearer *bearer)
{
	return bearer_number(bearer, "multiplex",
			     bearer->modem->host->multiplex ? MM_BEARER_MULTIPLEX_SUPPORT_REQUESTED
							    : MM_BEARER_MULTIPLEX_SUPPORT_NONE);
}

/* Takes up what the modem grants. */
static void take_granted(struct operation *op, struct format format)
{
	struct bearer *bearer = operation_data(op);
	json_int_t wanted = wanted_sharing(bearer);

	bearer->link.plain = !format.raw;
	bearer->link.size = format.size < PACK_BYTES ? format.size : PACK_BYTES;
	if (bearer->link.multiplex == format.packs)
		return;
	if (bearer->link.multiplex && wanted == MM_BEARER_MULTIPLEX_SUPPORT_REQUESTED)
		bearer->link.multiplex = false;
	else
		operation_fail(op, MM_CORE_ERROR_UNSUPPORTED,
			       format.packs ? "the modem cannot be made to carry one connection"
					    : "the modem cannot carry several connections");
}

static void take_set(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_wda_set_data_format_response *r = response;
	struct failure failure;

	(void)about;
	if (error) {
		failure_from(&failure, 0, error, "set the data format");
		operation_fail(op, failure.name, "%s", failure.text);
		return;
	}
	take_granted(op, FORMAT_OF(r));
}

static void set_format(struct operation *op)
{
	const struct bearer *bearer = operation_data(op);
	bool multiplex = bearer->link.multiplex;
	const struct qk_wda_set_data_format_request request = {
		.has_link_layer_protocol = true,
		.link_layer_protocol = QK_WDA_LINK_LAYER_PROTOCOL_RAW_IP,
		.has_uplink_data_aggregation_protocol = true,
		.uplink_data_aggregation_protocol = aggregation_of(bearer),
		.has_downlink_data_aggregation_protocol = true,
		.downlink_data_aggregation_protocol = aggregation_of(bearer),
		.has_downlink_data_aggregation_max_datagrams = multiplex,
		.downlink_data_aggregation_max_datagrams = PACK_PACKETS,
		.has_downlink_data_aggregation_max_size = multiplex,
		.downlink_data_aggregation_max_size = PACK_BYTES,
		.has_endpoint_info = true,
		.endpoint_info = endpoint_of(bearer->modem),
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WDA,
					      .need = OPERATION_TRIES,
					      .method = &qk_wda_set_data_format_method,
					      .take = take_set,
					      .request = &request });
}

static void take_format(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	struct bearer *bearer = operation_data(op);
	struct format format;

	(void)about;
	if (error) {
		/* A modem without WDA has one format, which is the kernel's first one. */
		bearer->link.plain = true;
		if (bearer->link.multiplex)
			take_granted(op, (struct format){ 0 });
		return;
	}
	format = format_read(response);
	if ((format.raw && format.packs == bearer->link.multiplex) || other_up(bearer))
		take_granted(op, format);
	else
		set_format(op);
}

static void ask_format(struct operation *op, operation_answer_fn take)
{
	const struct qk_wda_get_data_format_request request = {
		.has_endpoint_info = true,
		.endpoint_info = endpoint_of(operation_modem(op)),
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WDA,
					      .need = OPERATION_TRIES,
					      .method = &qk_wda_get_data_format_method,
					      .take = take,
					      .request = &request });
}

void link_agree(struct operation *op)
{
	struct bearer *bearer = operation_data(op);
	const struct bearer *other = other_up(bearer);
	json_int_t wanted = wanted_sharing(bearer);

	bearer->link =
		(struct bearer_path){ .multiplex =
					      wanted == MM_BEARER_MULTIPLEX_SUPPORT_REQUIRED ||
					      wanted == MM_BEARER_MULTIPLEX_SUPPORT_REQUESTED };
	if (other && !(other->link.multiplex && bearer->link.multiplex))
		operation_fail(op, MM_CORE_ERROR_NOT_FOUND,
			       "the link is used by %s: connections that share it are multiplexed",
			       bearer_path(other));
	else
		ask_format(op, take_format);
}

/* --- The kernel's side */

static enum qk_link_format wanted_format(const struct bearer *bearer)
{
	return bearer->link.plain ? QK_LINK_802_3 : QK_LINK_RAW_IP;
}

/* The lowest mux id that no bearer has; for a modem whose link the kernel does not have. */
static uint8_t free_mux_id(const struct modem *modem)
{
	for (unsigned int id = QK_MUX_MIN; id <= QK_MUX_MAX; id++) {
		bool taken = false;

		for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
			taken = taken ||
				(modem->bearers[i] && modem->bearers[i]->link.mux_id == id);
		if (!taken)
			return (uint8_t)id;
	}
	return 0;
}

/* Its own link on top of the modem's, which takes as much as the modem packs. */
static int make_link(const struct qk_links *links, struct bearer *bearer, const char *base)
{
	char prefix[QK_LINK_NAME_SIZE];
	const struct qk_mux_request request = { .base = base, .prefix = prefix };
	struct qk_mux_link link;
	int r;

	snprintf(prefix, sizeof(prefix), "qmapmux%u.", bearer->modem->index % 10000);
	r = qk_mux_add(links, &request, &link);
	if (r < 0)
		return r;
	bearer->link.made = true;
	bearer->link.mux_id = (uint8_t)link.mux_id;
	memcpy(bearer->link.name, link.name, sizeof(bearer->link.name));
	return link.mux_id ? qk_link_set_up(links, base, true) : -ENODATA;
}

/* Where nothing uses the link, its format is changed. A driver without a choice has the one that it has. */
static int set_up(const struct qk_links *links, const struct bearer *bearer, const char *interface)
{
	int r = 0;

	if (!other_up(bearer))
		r = qk_link_change_format(links, interface, wanted_format(bearer));
	return r == -EOPNOTSUPP && !bearer->link.multiplex ? 0 : r;
}

/* What a link of several takes at once is its MTU; usbnet refuses those that are so many packets of USB, and drivers
 * have bounds of their own, which is no fault. */
static void widen(const struct qk_links *links, const struct bearer *bearer, const char *interface)
{
	uint32_t mtu = bearer->link.size + (bearer->link.size % 64 ? 0 : 1);
	struct qk_link link;
	int r = qk_link_find(links, interface, &link);

	if (r == 0 && link.mtu < mtu)
		r = qk_link_set_mtu(links, interface, mtu);
	if (r < 0)
		modem_log_at(bearer->modem, LOG_DEBUG, "%s does not take packets of %u bytes: %s",
			     interface, mtu, strerror(-r));
}

void link_set_up(struct operation *op)
{
	struct bearer *bearer = operation_data(op);
	const char *interface = bearer_interface(bearer->modem);
	struct qk_links links = { 0 };
	int r;

	if (!interface) {
		if (bearer->link.multiplex)
			bearer->link.mux_id = free_mux_id(bearer->modem);
		return;
	}
	r = qk_netlink_open(NETLINK_ROUTE, &links.netlink);
	if (r == 0)
		r = set_up(&links, bearer, interface);
	if (r < 0) {
		operation_fail(op, MM_CORE_ERROR_FAILED, "%s cannot be set to %s: %s", interface,
			       bearer->link.plain ? "Ethernet" : "raw IP", strerror(-r));
	} else if (bearer->link.multiplex) {
		widen(&links, bearer, interface);
		r = make_link(&links, bearer, interface);
		if (r < 0)
			operation_fail(op, MM_CORE_ERROR_FAILED,
				       "a link on top of %s cannot be made: %s", interface,
				       strerror(-r));
	}
	qk_netlink_free(links.netlink);
}

void link_end(struct bearer *bearer)
{
	struct qk_links links = { 0 };
	int r = 0;

	if (bearer->link.made) {
		r = qk_netlink_open(NETLINK_ROUTE, &links.netlink);
		if (r == 0)
			r = qk_mux_delete(&links, bearer_interface(bearer->modem),
					  bearer->link.name, bearer->link.mux_id);
		qk_netlink_free(links.netlink);
	}
	if (r < 0 && r != -ENXIO && r != -ENODEV)
		modem_log_at(bearer->modem, LOG_WARNING, "the link %s stays: %s", bearer->link.name,
			     strerror(-r));
	bearer->link = (struct bearer_path){ 0 };
}

/* --- Binding and verifying */

void link_bind(struct operation *op)
{
	const struct bearer *bearer = operation_data(op);
	const struct qk_wds_bind_mux_data_port_request request = {
		.has_endpoint_info = true,
		.endpoint_info = endpoint_of(bearer->modem),
		.has_mux_id = true,
		.mux_id = bearer->link.mux_id,
	};

	for (size_t i = 0; bearer->link.multiplex && i < BEARER_LEGS; i++)
		if (bearer->legs[i].wanted)
			operation_ask(op, &(struct question){
						  .service = QK_SERVICE_ID_WDS,
						  .need = OPERATION_NEEDS,
						  .method = &qk_wds_bind_mux_data_port_method,
						  .request = &request,
						  .client = bearer->legs[i].client,
					  });
}

/* The link is up in the format that the modem has, or there is none. */
static void verify_kernel(struct operation *op, const struct bearer *bearer)
{
	const char *interface = bearer_interface(bearer->modem);
	const struct qk_links links = { 0 };
	enum qk_link_format format;

	if (!interface || qk_link_format(&links, interface, &format) < 0)
		return; /* a driver without a choice */
	if (format != wanted_format(bearer))
		operation_fail(op, MM_CORE_ERROR_FAILED,
			       "%s and the modem do not agree on the data format: one has %s",
			       interface,
			       bearer->link.plain ? "raw IP, the other Ethernet"
						  : "Ethernet, the other raw IP");
}

static void take_verified(struct operation *op, const void *response, uint16_t error,
			  const void *about)
{
	const struct bearer *bearer = operation_data(op);
	struct format format = { .raw = !bearer->link.plain, .packs = bearer->link.multiplex };

	(void)about;
	if (!error)
		format = format_read(response);
	if (format.raw == bearer->link.plain || format.packs != bearer->link.multiplex)
		operation_fail(op, MM_CORE_ERROR_FAILED,
			       "the modem has another data format than the one it granted");
	else
		verify_kernel(op, bearer);
}

void link_verify(struct operation *op)
{
	ask_format(op, take_verified);
}

/* --- Counting */

static bool read_count(const char *name, const char *attribute, uint64_t *ret)
{
	const struct qk_links links = { 0 };
	char text[32], *end;

	if (qk_link_read(&links, name, attribute, text, sizeof(text)) < 0)
		return false;
	*ret = strtoull(text, &end, 10);
	return end != text && !*end;
}

bool link_count(const struct bearer *bearer, uint64_t *ret_rx, uint64_t *ret_tx)
{
	const char *name =
		bearer->link.name[0] ? bearer->link.name : bearer_interface(bearer->modem);
	uint64_t rx, tx;

	if (!name || !read_count(name, "statistics/rx_packets", &rx) ||
	    !read_count(name, "statistics/tx_packets", &tx))
		return false;
	*ret_rx = rx;
	*ret_tx = tx;
	return true;
}
