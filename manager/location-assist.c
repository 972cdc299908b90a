/*
 * Location, assistance: LOC answers each of these by an indication with a status of its own.
 */
#include "location-assist.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/loc.h>

#include "indicated.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum {
	SERVER_MAX = 255, /* bytes of its name and port */
	PART_SIZE = 1024, /* of a modem that does not say how much it takes at once */
	PART_SIZE_MAX = 4096,
	AGPS = MM_MODEM_LOCATION_SOURCE_AGPS_MSA | MM_MODEM_LOCATION_SOURCE_AGPS_MSB,
};

/* --- Statuses of indications */

static const struct {
	enum qk_loc_indication_status status;
	const char *name;
} failures[] = {
	{ QK_LOC_INDICATION_STATUS_GENERAL_FAILURE, MM_CORE_ERROR_FAILED },
	{ QK_LOC_INDICATION_STATUS_UNSUPPORTED, MM_CORE_ERROR_UNSUPPORTED },
	{ QK_LOC_INDICATION_STATUS_INVALID_PARAMETER, MM_CORE_ERROR_INVALID_ARGS },
	{ QK_LOC_INDICATION_STATUS_ENGINE_BUSY, MM_CORE_ERROR_IN_PROGRESS },
	{ QK_LOC_INDICATION_STATUS_PHONE_OFFLINE, MM_CORE_ERROR_WRONG_STATE },
	{ QK_LOC_INDICATION_STATUS_TIMEOUT, MM_CORE_ERROR_ABORTED },
};

/* Whether the modem did it; if not, the operation fails. */
static bool is_done(struct operation *op, bool has_status, uint32_t status)
{
	const char *name = MM_CORE_ERROR_FAILED;

	if (has_status && status == QK_LOC_INDICATION_STATUS_SUCCESS)
		return true;
	for (size_t i = 0; has_status && i < COUNT(failures); i++)
		if (failures[i].status == status)
			name = failures[i].name;
	operation_fail(op, name, "the receiver refuses it: status %u", (unsigned int)status);
	return false;
}

/* --- The mode */

static bool take_mode(struct operation *op, const void *indication, const void *about)
{
	const struct qk_loc_set_operation_mode_indication *news = indication;

	(void)about;
	(void)is_done(op, news->has_indication_status, news->indication_status);
	return true;
}

static bool take_mode_left(struct operation *op, const void *indication, const void *about)
{
	(void)op, (void)indication, (void)about;
	return true;
}

void location_assist_set_mode(struct operation *operation, uint32_t sources)
{
	/* A-GPS that cannot be left hinders nobody, who turns it off or disables the modem. */
	static const struct indicated enter = {
		.service = QK_SERVICE_ID_LOC,
		.need = OPERATION_NEEDS,
		.method = &qk_loc_set_operation_mode_method,
		.indication = &qk_loc_set_operation_mode_message,
		.take = take_mode,
	};
	static const struct indicated leave = {
		.service = QK_SERVICE_ID_LOC,
		.need = OPERATION_TRIES,
		.method = &qk_loc_set_operation_mode_method,
		.indication = &qk_loc_set_operation_mode_message,
		.take = take_mode_left,
	};
	struct qk_loc_set_operation_mode_request request = {
		.has_operation_mode = true,
		.operation_mode = QK_LOC_OPERATION_MODE_STANDALONE,
	};

	if (sources & MM_MODEM_LOCATION_SOURCE_AGPS_MSA)
		request.operation_mode = QK_LOC_OPERATION_MODE_MSA;
	if (sources & MM_MODEM_LOCATION_SOURCE_AGPS_MSB)
		request.operation_mode = QK_LOC_OPERATION_MODE_MSB;
	indicated_ask(operation, sources & AGPS ? &enter : &leave, &request);
}

/* --- The server */

bool location_parse_server(const char *text, uint32_t *ret_ipv4, uint16_t *ret_port)
{
	const char *colon = strchr(text, ':');
	char host[SERVER_MAX + 1];
	struct in_addr address;
	unsigned long port;

	if (!colon || colon == text || strlen(text) > SERVER_MAX || strlen(colon + 1) > 5 ||
	    !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return false;
	port = strtoul(colon + 1, NULL, 10);
	if (port == 0 || port > UINT16_MAX)
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	*ret_ipv4 = 0;
	if (inet_pton(AF_INET, host, &address) == 1) {
		uint32_t ip = ntohl(address.s_addr);

		*ret_ipv4 = ip << 24 | (ip & 0xff00) << 8 | (ip >> 8 & 0xff00) | ip >> 24;
	}
	*ret_port = (uint16_t)port;
	return true;
}

/* An address before a name, as stock does. */
static json_t *server_json(const struct qk_loc_get_server_indication *news)
{
	uint32_t ip = news->ipv4.ipv4_address;

	if (news->has_ipv4 && ip && news->ipv4.ipv4_port)
		return json_sprintf("%u.%u.%u.%u:%u", ip & 0xff, ip >> 8 & 0xff, ip >> 16 & 0xff,
				    ip >> 24, (unsigned int)news->ipv4.ipv4_port);
	return news->has_url ? json_text(news->url.data, news->url.size) : NULL;
}

static bool take_server(struct operation *op, const void *indication, const void *about)
{
	const struct qk_loc_get_server_indication *news = indication;
	struct modem *modem = operation_modem(op);

	(void)about;
	if (news->indication_status == QK_LOC_INDICATION_STATUS_SUCCESS &&
	    api_object_has(modem->object, API_LOCATION))
		modem_set(modem, API_LOCATION_SUPL_SERVER, server_json(news));
	return true;
}

static void read_server(struct operation *op)
{
	static const struct indicated get_server = {
		.service = QK_SERVICE_ID_LOC,
		.need = OPERATION_TRIES,
		.method = &qk_loc_get_server_method,
		.indication = &qk_loc_get_server_message,
		.take = take_server,
	};
	static const struct qk_loc_get_server_request request = {
		.has_server_type = true,
		.server_type = QK_LOC_SERVER_TYPE_UMTS_SLP,
		.has_server_address_type = true,
		.server_address_type =
			QK_LOC_SERVER_ADDRESS_TYPE_IPV4 | QK_LOC_SERVER_ADDRESS_TYPE_URL,
	};

	indicated_ask(op, &get_server, &request);
}

static bool take_server_set(struct operation *op, const void *indication, const void *about)
{
	const struct qk_loc_set_server_indication *news = indication;
	struct modem *modem = operation_modem(op);

	(void)about;
	if (is_done(op, news->has_indication_status, news->indication_status) &&
	    api_object_has(modem->object, API_LOCATION))
		modem_set(modem, API_LOCATION_SUPL_SERVER, json_string(request_text(op, 0)));
	return true;
}

static void set_server(struct operation *op)
{
	static const struct indicated kind = {
		.service = QK_SERVICE_ID_LOC,
		.need = OPERATION_NEEDS,
		.method = &qk_loc_set_server_method,
		.indication = &qk_loc_set_server_message,
		.take = take_server_set,
	};
	const char *text = request_text(op, 0);
	struct qk_loc_set_server_request request = { .has_server_type = true,
						     .server_type = QK_LOC_SERVER_TYPE_UMTS_SLP };
	uint32_t ipv4;
	uint16_t port;

	if (!location_parse_server(text, &ipv4, &port))
		return; /* it was looked at before */
	if (ipv4) {
		request.has_ipv4 = true;
		request.ipv4 = (struct qk_loc_ipv4_server){ ipv4, port };
	} else {
		request.has_url = true;
		request.url = (struct qk_string){ text, strlen(text) };
	}
	indicated_ask(op, &kind, &request);
}

void location_assist_on_set_server(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct step steps[] = { { "set the server of SUPL", set_server } };
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_IN_TURN,
						  MM_MODEM_STATE_ENABLED, NULL };
	const struct modem *modem = userdata;
	json_int_t has =
		json_integer_value(api_object_get(modem->object, API_LOCATION_CAPABILITIES));
	const char *text = json_string_value(json_array_get(in, 0));
	uint32_t ipv4;
	uint16_t port;

	if (!(has & AGPS))
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED, "the modem has no A-GPS");
	else if (!text || !location_parse_server(text, &ipv4, &port))
		request_invalid(call, "a server is HOST:PORT or IPV4:PORT");
	else
		request_start(call, in, userdata, &kind);
}

/* --- Data */

static bool take_source(struct operation *op, const void *indication, const void *about)
{
	const struct qk_loc_get_predicted_orbits_data_source_indication *news = indication;
	struct modem *modem = operation_modem(op);
	json_t *servers = json_array();
	bool has;

	(void)about;
	for (size_t i = 0; i < news->server_list.count; i++) {
		const struct qk_string *url = &news->server_list.items[i].url;
		json_t *text = json_text(url->data, url->size);

		if (text)
			json_array_append_new(servers, text);
	}
	if (news->indication_status != QK_LOC_INDICATION_STATUS_SUCCESS ||
	    !api_object_has(modem->object, API_LOCATION)) {
		json_decref(servers);
		return true;
	}
	modem->orbits.file_max = news->allowed_sizes.max_file_size;
	modem->orbits.part_max = news->allowed_sizes.max_part_size;
	has = json_array_size(servers) > 0 || (modem->orbits.file_max && modem->orbits.part_max);
	modem_set(modem, API_LOCATION_SUPPORTED_ASSISTANCE_DATA,
		  json_integer(has ? MM_MODEM_LOCATION_ASSISTANCE_DATA_TYPE_XTRA
				   : MM_MODEM_LOCATION_ASSISTANCE_DATA_TYPE_NONE));
	modem_set(modem, API_LOCATION_ASSISTANCE_DATA_SERVERS, servers);
	return true;
}

void location_assist_read(struct operation *operation)
{
	static const struct indicated get_source = {
		.service = QK_SERVICE_ID_LOC,
		.need = OPERATION_TRIES,
		.method = &qk_loc_get_predicted_orbits_data_source_method,
		.indication = &qk_loc_get_predicted_orbits_data_source_message,
		.take = take_source,
	};
	const struct modem *modem = operation_modem(operation);

	if (!modem->location || !qmi_port_client(modem->qmi, QK_SERVICE_ID_LOC))
		return;
	indicated_ask(operation, &get_source, NULL);
	read_server(operation);
}

static size_t part_size(const struct modem *modem)
{
	if (!modem->orbits.part_max)
		return PART_SIZE;
	return modem->orbits.part_max < PART_SIZE_MAX ? modem->orbits.part_max : PART_SIZE_MAX;
}

/* One part of the data; both messages for it have the same fields. */
struct part {
	uint32_t total_size;
	uint16_t total_parts, number; /* from 1 */
	size_t size;
	uint8_t data[PART_SIZE_MAX];
};

static json_int_t part_number(const struct operation *op)
{
	return json_integer_value(json_object_get(request_of(op)->notes, "part"));
}

static void cut_part(const struct operation *op, struct part *part)
{
	const json_t *data = request_in(op, 0);
	size_t total = json_array_size(data), size = part_size(operation_modem(op));
	size_t number = (size_t)part_number(op), start = (number - 1) * size;

	part->total_size = (uint32_t)total;
	part->total_parts = (uint16_t)((total + size - 1) / size);
	part->number = (uint16_t)number;
	part->size = total - start < size ? total - start : size;
	for (size_t i = 0; i < part->size; i++)
		part->data[i] = (uint8_t)json_integer_value(json_array_get(data, start + i));
}

static void inject_part(struct operation *op);

/* Whether there is another part: it is asked to be taken then. */
static bool go_on(struct operation *op, bool has_status, uint32_t status)
{
	json_int_t number = part_number(op);

	if (is_done(op, has_status, status) &&
	    (size_t)number * part_size(operation_modem(op)) < json_array_size(request_in(op, 0))) {
		json_object_set_new(request_of(op)->notes, "part", json_integer(number + 1));
		inject_part(op);
	}
	return true;
}

/* The two messages have these alike. */
#define PART_FIELDS(part) \
	.has_total_size = true, .total_size = (part).total_size, .has_total_parts = true, \
	.total_parts = (part).total_parts, .has_part_number = true, .part_number = (part).number, \
	.has_part_data = true, .part_data = { (part).data, (part).size }

static bool take_xtra(struct operation *op, const void *indication, const void *about)
{
	const struct qk_loc_inject_xtra_data_indication *news = indication;

	(void)about;
	return go_on(op, news->has_indication_status, news->indication_status);
}

static void inject_xtra(struct operation *op)
{
	static const struct indicated inject = {
		.service = QK_SERVICE_ID_LOC,
		.need = OPERATION_NEEDS,
		.method = &qk_loc_inject_xtra_data_method,
		.indication = &qk_loc_inject_xtra_data_message,
		.take = take_xtra,
	};
	struct part part;

	cut_part(op, &part);

	const struct qk_loc_inject_xtra_data_request request = {
		PART_FIELDS(part),
	};

	indicated_ask(op, &inject, &request);
}

static bool take_orbits(struct operation *op, const void *indication, const void *about)
{
	const struct qk_loc_inject_predicted_orbits_data_indication *news = indication;

	(void)about;
	return go_on(op, news->has_indication_status, news->indication_status);
}

/* A modem has one of the two messages. */
static void on_refused(struct operation *op, uint16_t error)
{
	struct failure failure;

	if (error == QK_ERROR_NOT_SUPPORTED || error == QK_ERROR_INVALID_QMI_COMMAND) {
		json_object_set_new(request_of(op)->notes, "xtra", json_true());
		inject_xtra(op);
		return;
	}
	failure_from(&failure, 0, error, "inject the data");
	operation_fail(op, failure.name, "%s", failure.text);
}

static void inject_orbits(struct operation *op)
{
	static const struct indicated inject = {
		.service = QK_SERVICE_ID_LOC,
		.need = OPERATION_NEEDS,
		.method = &qk_loc_inject_predicted_orbits_data_method,
		.indication = &qk_loc_inject_predicted_orbits_data_message,
		.take = take_orbits,
		.refused = on_refused,
	};
	struct part part;

	cut_part(op, &part);

	const struct qk_loc_inject_predicted_orbits_data_request request = {
		PART_FIELDS(part),
		.has_format_type = true,
		.format_type = QK_LOC_PREDICTED_ORBITS_DATA_FORMAT_XTRA,
	};

	indicated_ask(op, &inject, &request);
}

static void inject_part(struct operation *op)
{
	if (json_is_true(json_object_get(request_of(op)->notes, "xtra")))
		inject_xtra(op);
	else
		inject_orbits(op);
}

static void inject_first(struct operation *op)
{
	if (json_array_size(request_in(op, 0)) == 0)
		return;
	json_object_set_new(request_of(op)->notes, "part", json_integer(1));
	inject_part(op);
}

void location_assist_on_inject(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct step steps[] = { { "inject the data", inject_first } };
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_IN_TURN,
						  MM_MODEM_STATE_ENABLED, NULL };
	const struct modem *modem = userdata;
	size_t size = json_array_size(json_array_get(in, 0));

	if (modem->state >= MM_MODEM_STATE_ENABLED &&
	    json_integer_value(
		    api_object_get(modem->object, API_LOCATION_SUPPORTED_ASSISTANCE_DATA)) == 0)
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED,
			       "the receiver takes no data about satellites");
	else if (size > UINT16_MAX * part_size(modem) ||
		 (modem->orbits.file_max && size > modem->orbits.file_max))
		api_call_error(call, MM_CORE_ERROR_TOO_MANY, "that is too much data");
	else
		request_start(call, in, userdata, &kind);
}
