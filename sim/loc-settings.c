/*
 * LOC, settings: what clients set, ask and inject (see loc.c). Each is answered twice: an empty response, then an
 * indication with the status.
 */
#include <qmikit/loc.h>

#include <string.h>

#include "modem.h"

/* Where a real modem says its predicted orbits come from, and what it takes of them [U]. */
static const char *const orbit_servers[] = {
	"http://xtrapath1.izatcloud.net/xtra2.bin",
	"http://xtrapath2.izatcloud.net/xtra2.bin",
	"http://xtrapath3.izatcloud.net/xtra2.bin",
};
#define ORBITS_SIZE_MAX 102400
#define ORBITS_PART_MAX 1024

/* Sends an indication that has nothing but a status in front of the rest: all of LOC's have it in the first
 * place. */
#define TELL(call, name, ...) \
	tell(call, &qk_loc_##name##_message, &(struct qk_loc_##name##_indication){ __VA_ARGS__ })

static uint16_t tell(struct qk_sim_call *call, const struct qk_message *message,
		     const void *indication)
{
	return qk_sim_tell_after(call, message, indication) ? QK_ERROR_NONE : QK_ERROR_NO_MEMORY;
}

#define STATUS(status) .has_indication_status = true, .indication_status = status

static struct qk_sim_gnss *gnss_of(struct qk_sim_call *call)
{
	return &call->sim->state.gnss;
}

uint16_t qk_sim_loc_set_engine_lock(struct qk_sim_call *call)
{
	const struct qk_loc_set_engine_lock_request *request = call->request;

	if (request->lock_type < QK_LOC_LOCK_TYPE_NONE || request->lock_type > QK_LOC_LOCK_TYPE_ALL)
		return TELL(call, set_engine_lock,
			    STATUS(QK_LOC_INDICATION_STATUS_INVALID_PARAMETER));
	gnss_of(call)->lock = (uint8_t)request->lock_type;
	return TELL(call, set_engine_lock, STATUS(QK_LOC_INDICATION_STATUS_SUCCESS));
}

uint16_t qk_sim_loc_get_engine_lock(struct qk_sim_call *call)
{
	uint8_t lock = gnss_of(call)->lock;

	return TELL(call, get_engine_lock, STATUS(QK_LOC_INDICATION_STATUS_SUCCESS),
		    .has_lock_type = true, .lock_type = lock ? lock : QK_LOC_LOCK_TYPE_NONE);
}

uint16_t qk_sim_loc_set_nmea_types(struct qk_sim_call *call)
{
	const struct qk_loc_set_nmea_types_request *request = call->request;

	/* the bits are the model's; those for sentences of other makers change nothing */
	gnss_of(call)->nmea_types = request->nmea_types & QK_SIM_NMEA_ALL;
	return TELL(call, set_nmea_types, STATUS(QK_LOC_INDICATION_STATUS_SUCCESS));
}

uint16_t qk_sim_loc_get_nmea_types(struct qk_sim_call *call)
{
	return TELL(call, get_nmea_types, STATUS(QK_LOC_INDICATION_STATUS_SUCCESS),
		    .has_nmea_types = true, .nmea_types = gnss_of(call)->nmea_types);
}

uint16_t qk_sim_loc_set_operation_mode(struct qk_sim_call *call)
{
	const struct qk_loc_set_operation_mode_request *request = call->request;

	if (request->operation_mode < QK_LOC_OPERATION_MODE_DEFAULT ||
	    request->operation_mode > QK_LOC_OPERATION_MODE_WWAN)
		return TELL(call, set_operation_mode,
			    STATUS(QK_LOC_INDICATION_STATUS_INVALID_PARAMETER));
	gnss_of(call)->operation_mode = (uint8_t)request->operation_mode;
	return TELL(call, set_operation_mode, STATUS(QK_LOC_INDICATION_STATUS_SUCCESS));
}

uint16_t qk_sim_loc_get_operation_mode(struct qk_sim_call *call)
{
	uint8_t mode = gnss_of(call)->operation_mode;

	return TELL(call, get_operation_mode, STATUS(QK_LOC_INDICATION_STATUS_SUCCESS),
		    .has_operation_mode = true,
		    .operation_mode = mode ? mode : QK_LOC_OPERATION_MODE_STANDALONE);
}

/* --- servers of assistance */

static struct qk_sim_gnss_server *server_of(struct qk_sim_call *call, uint32_t type)
{
	if (type < QK_LOC_SERVER_TYPE_CDMA_PDE || type > QK_LOC_SERVER_TYPE_CUSTOM_PDE)
		return NULL;
	return &gnss_of(call)->servers[type - QK_LOC_SERVER_TYPE_CDMA_PDE];
}

static bool take_ipv6(const struct qk_loc_ipv6_server *from, struct qk_sim_gnss_server *server)
{
	if (from->ipv6_address.count != sizeof(server->ipv6) / sizeof(server->ipv6[0]))
		return false;
	memcpy(server->ipv6, from->ipv6_address.items, sizeof(server->ipv6));
	server->port6 = from->ipv6_port;
	server->has_ipv6 = true;
	return true;
}

uint16_t qk_sim_loc_set_server(struct qk_sim_call *call)
{
	const struct qk_loc_set_server_request *request = call->request;
	struct qk_sim_gnss_server *server = server_of(call, request->server_type);
	bool good = server && (!request->has_url || request->url.size < sizeof(server->url));

	if (good && request->has_ipv6)
		good = take_ipv6(&request->ipv6, server);
	if (!good)
		return TELL(call, set_server, STATUS(QK_LOC_INDICATION_STATUS_INVALID_PARAMETER));
	if (request->has_ipv4) {
		server->has_ipv4 = true;
		server->ipv4 = request->ipv4.ipv4_address;
		server->port4 = request->ipv4.ipv4_port;
	}
	if (request->has_url) {
		memcpy(server->url, request->url.data, request->url.size);
		server->url[request->url.size] = 0;
	}
	return TELL(call, set_server, STATUS(QK_LOC_INDICATION_STATUS_SUCCESS));
}

uint16_t qk_sim_loc_get_server(struct qk_sim_call *call)
{
	const struct qk_loc_get_server_request *request = call->request;
	struct qk_sim_gnss_server *server = server_of(call, request->server_type);
	uint8_t asked = request->has_server_address_type ? request->server_address_type : UINT8_MAX;

	if (!server)
		return TELL(call, get_server, STATUS(QK_LOC_INDICATION_STATUS_INVALID_PARAMETER));
	struct qk_loc_get_server_indication indication = {
		STATUS(QK_LOC_INDICATION_STATUS_SUCCESS),
		.has_server_type = true,
		.server_type = request->server_type,
		.has_ipv4 = server->has_ipv4 && asked & QK_LOC_SERVER_ADDRESS_TYPE_IPV4,
		.ipv4 = { server->ipv4, server->port4 },
		.has_ipv6 = server->has_ipv6 && asked & QK_LOC_SERVER_ADDRESS_TYPE_IPV6,
		.has_url = server->url[0] && asked & QK_LOC_SERVER_ADDRESS_TYPE_URL,
		.url = qk_sim_text(server->url),
	};
	indication.ipv6.ipv6_address.items = server->ipv6;
	indication.ipv6.ipv6_address.count = sizeof(server->ipv6) / sizeof(server->ipv6[0]);
	indication.ipv6.ipv6_port = server->port6;
	return tell(call, &qk_loc_get_server_message, &indication);
}

/* --- assistance */

uint16_t qk_sim_loc_delete_assistance(struct qk_sim_call *call)
{
	qk_sim_gnss_forget(&call->sim->state);
	return TELL(call, delete_assistance_data, STATUS(QK_LOC_INDICATION_STATUS_SUCCESS));
}

/* The engine knows where to begin [U]. */
uint16_t qk_sim_loc_inject_position(struct qk_sim_call *call)
{
	const struct qk_loc_inject_position_request *request = call->request;
	bool good = request->has_latitude && request->has_longitude && request->latitude >= -90 &&
		    request->latitude <= 90 && request->longitude >= -180 &&
		    request->longitude <= 180;

	if (!good)
		return TELL(call, inject_position,
			    STATUS(QK_LOC_INDICATION_STATUS_INVALID_PARAMETER));
	gnss_of(call)->warm = true;
	return TELL(call, inject_position, STATUS(QK_LOC_INDICATION_STATUS_SUCCESS));
}

/* The engine has its own clock here: it takes the time, and that is all [U]. */
uint16_t qk_sim_loc_inject_time(struct qk_sim_call *call)
{
	return TELL(call, inject_utc_time, STATUS(QK_LOC_INDICATION_STATUS_SUCCESS));
}

uint16_t qk_sim_loc_get_orbits_source(struct qk_sim_call *call)
{
	const size_t count = sizeof(orbit_servers) / sizeof(orbit_servers[0]);
	struct qk_loc_get_predicted_orbits_data_source_indication indication = {
		STATUS(QK_LOC_INDICATION_STATUS_SUCCESS),
		.has_allowed_sizes = true,
		.allowed_sizes = { ORBITS_SIZE_MAX, ORBITS_PART_MAX },
		.has_server_list = true,
	};

	indication.server_list.items =
		qk_arena_take(&call->sim->arena, count * sizeof(*indication.server_list.items));
	if (!indication.server_list.items)
		return QK_ERROR_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		indication.server_list.items[i].url = qk_sim_text(orbit_servers[i]);
	indication.server_list.count = count;
	return tell(call, &qk_loc_get_predicted_orbits_data_source_message, &indication);
}

/* Parts come in order, from 1 on; with the last one the engine knows the sky. */
static uint32_t take_part(struct qk_sim_call *call, uint32_t size, uint16_t parts, uint16_t part,
			  size_t part_size)
{
	struct qk_sim_gnss *gnss = gnss_of(call);

	if (!parts || !part || part > parts || !part_size || part_size > ORBITS_PART_MAX ||
	    size > ORBITS_SIZE_MAX || (part > 1 && part != gnss->orbit_parts + 1))
		return QK_LOC_INDICATION_STATUS_INVALID_PARAMETER;
	gnss->orbit_parts = part;
	if (part == parts) {
		gnss->orbit_parts = 0;
		gnss->warm = true;
	}
	return QK_LOC_INDICATION_STATUS_SUCCESS;
}

uint16_t qk_sim_loc_inject_orbits(struct qk_sim_call *call)
{
	const struct qk_loc_inject_predicted_orbits_data_request *request = call->request;
	uint32_t status = take_part(call, request->total_size, request->total_parts,
				    request->part_number, request->part_data.size);

	return TELL(call, inject_predicted_orbits_data, STATUS(status), .has_part_number = true,
		    .part_number = request->part_number);
}

uint16_t qk_sim_loc_inject_xtra(struct qk_sim_call *call)
{
	const struct qk_loc_inject_xtra_data_request *request = call->request;
	uint32_t status = take_part(call, request->total_size, request->total_parts,
				    request->part_number, request->part_data.size);

	return TELL(call, inject_xtra_data, STATUS(status), .has_part_number = true,
		    .part_number = request->part_number);
}
