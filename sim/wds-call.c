/*
 * WDS: starting and stopping data calls, and how a host sets itself up for one (see wds.h).
 *
 * The network takes its time for a start: the request is put off until the model has an answer.
 */
#include <errno.h>
#include <string.h>

#include <qmikit/wds.h>

#include "modem.h"

static uint32_t holder_of(const struct qk_sim_client *client)
{
	return QK_SIM_HOLDER_QMI + client->id;
}

static uint16_t fail(struct qk_wds_start_network_response *response,
		     const struct qk_sim_end_reason *end)
{
	response->has_call_end_reason = true;
	response->call_end_reason = end->call;
	response->has_verbose_call_end_reason = true;
	response->verbose_call_end_reason.type = end->type;
	response->verbose_call_end_reason.reason = end->reason;
	return QK_ERROR_CALL_FAILED;
}

bool qk_sim_wds_take_text(struct qk_string text, char *to, size_t size)
{
	if (text.size >= size || (text.size && memchr(text.data, 0, text.size)))
		return false;
	if (text.size)
		memcpy(to, text.data, text.size);
	to[text.size] = 0;
	return true;
}

static bool take_login(const struct qk_wds_start_network_request *request,
		       struct qk_sim_login *login)
{
	*login = (struct qk_sim_login){ .auth = request->authentication_preference };
	return (!request->has_username ||
		qk_sim_wds_take_text(request->username, login->user, sizeof(login->user))) &&
	       (!request->has_password ||
		qk_sim_wds_take_text(request->password, login->password, sizeof(login->password)));
}

/* 4 or 6, or 0 for what is neither. */
static uint8_t family_of(const struct qk_wds_start_network_request *request,
			 const struct qk_sim_client *client)
{
	uint8_t family = request->has_ip_family_preference ? request->ip_family_preference
							   : client->wds.family;

	if (!family || family == QK_WDS_IP_FAMILY_UNSPECIFIED)
		return QK_WDS_IP_FAMILY_IPV4;
	return family == QK_WDS_IP_FAMILY_IPV4 || family == QK_WDS_IP_FAMILY_IPV6 ? family : 0;
}

/* The first turn: the model is asked for a call. */
static uint16_t start(struct qk_sim_call *call)
{
	const struct qk_wds_start_network_request *request = call->request;
	struct qk_sim_state *state = &call->sim->state;
	char apn[QK_SIM_APN_MAX + 1];
	struct qk_sim_login login;
	struct qk_sim_end_reason end;
	struct qk_sim_bearer *bearer = NULL;
	struct qk_sim_bearer_request wanted = {
		.family = family_of(request, call->client),
		.mux_id = call->client->wds.mux_id,
		.context = request->has_profile_index_3gpp ? request->profile_index_3gpp : 0,
		.holder = holder_of(call->client),
	};

	if (!wanted.family)
		return QK_ERROR_INVALID_IP_FAMILY_PREFERENCE;
	if (request->has_profile_index_3gpp2 && !request->has_profile_index_3gpp)
		return QK_ERROR_INVALID_PROFILE;
	if (!take_login(request, &login) ||
	    (request->has_apn && !qk_sim_wds_take_text(request->apn, apn, sizeof(apn))))
		return QK_ERROR_INVALID_ARGUMENT;
	if (request->has_apn)
		wanted.apn = apn;
	if (request->has_authentication_preference || request->has_username ||
	    request->has_password)
		wanted.login = &login;
	if (request->has_enable_autoconnect && request->enable_autoconnect)
		qk_sim_autoconnect_set(state, QK_SIM_AUTOCONNECT_ON,
				       state->bearers.autoconnect.home_only);
	int r = qk_sim_bearer_start(state, &wanted, &bearer, &end);
	/* somebody else's that is not up yet: what comes of it is to be seen */
	if (r == -EALREADY &&
	    (bearer->state == QK_SIM_BEARER_UP || bearer->holder == wanted.holder))
		return QK_ERROR_NO_EFFECT;
	if (r == -EALREADY)
		return qk_sim_later(call, bearer->due_usec, QK_SIM_CHANGED_DATA, bearer->handle);
	if (r == -ECONNREFUSED)
		return fail(call->response, &end);
	if (r < 0)
		return QK_ERROR_INVALID_PROFILE;
	uint16_t later = qk_sim_later(call, bearer->due_usec, QK_SIM_CHANGED_DATA, bearer->handle);
	if (later != QK_SIM_LATER)
		qk_sim_bearer_stop(state, bearer);
	return later;
}

uint16_t qk_sim_wds_start_network(struct qk_sim_call *call)
{
	struct qk_wds_start_network_response *response = call->response;

	if (!call->again)
		return start(call);
	const struct qk_sim_bearer *bearer = qk_sim_bearer_find(&call->sim->state, call->tag);
	if (!bearer)
		return QK_ERROR_INTERNAL;
	if (bearer->state == QK_SIM_BEARER_STARTING)
		return qk_sim_later(call, bearer->due_usec, QK_SIM_CHANGED_DATA, call->tag);
	if (bearer->state != QK_SIM_BEARER_UP)
		return fail(response, &bearer->end);
	if (bearer->holder != holder_of(call->client))
		return QK_ERROR_NO_EFFECT;
	response->has_packet_data_handle = true;
	response->packet_data_handle = bearer->handle;
	return QK_ERROR_NONE;
}

/* Ends whatever the client speaks of, whoever has started it. Whether there was something. */
static bool stop_all(struct qk_sim_state *state, const struct qk_sim_wds_client *client)
{
	bool any = false;

	for (uint8_t family = 4; family <= 6; family += 2) {
		struct qk_sim_bearer *bearer = qk_sim_bearer_of_mux(state, client->mux_id, family);
		if (!bearer || (client->family && client->family != family))
			continue;
		qk_sim_bearer_stop(state, bearer);
		any = true;
	}
	return any;
}

uint16_t qk_sim_wds_stop_network(struct qk_sim_call *call)
{
	const struct qk_wds_stop_network_request *request = call->request;
	struct qk_sim_state *state = &call->sim->state;
	bool disable = request->has_disable_autoconnect && request->disable_autoconnect;
	bool was_on = state->bearers.autoconnect.setting == QK_SIM_AUTOCONNECT_ON;

	if (disable)
		qk_sim_autoconnect_set(state, QK_SIM_AUTOCONNECT_OFF,
				       state->bearers.autoconnect.home_only);
	if (request->packet_data_handle == QK_SIM_ANY_HANDLE) {
		bool any = stop_all(state, &call->client->wds);
		return any || (disable && was_on) ? QK_ERROR_NONE : QK_ERROR_NO_EFFECT;
	}
	struct qk_sim_bearer *bearer = qk_sim_bearer_find(state, request->packet_data_handle);
	if (!bearer || bearer->holder != holder_of(call->client))
		return QK_ERROR_INVALID_HANDLE;
	if (bearer->state == QK_SIM_BEARER_ENDED)
		return QK_ERROR_NO_EFFECT;
	qk_sim_bearer_stop(state, bearer);
	return QK_ERROR_NONE;
}

/* Only a start takes long enough to be given up. */
uint16_t qk_sim_wds_abort(struct qk_sim_call *call)
{
	const struct qk_wds_abort_request *request = call->request;
	struct qk_sim_late *late =
		qk_sim_late_find(call->sim, call->client, request->transaction_id);

	if (!late)
		return QK_ERROR_INVALID_TRANSACTION_ID;
	struct qk_sim_bearer *bearer = qk_sim_bearer_find(&call->sim->state, late->tag);
	if (bearer && bearer->holder == holder_of(call->client))
		qk_sim_bearer_stop(&call->sim->state, bearer);
	qk_sim_late_refuse(call->sim, late, QK_ERROR_ABORTED);
	return QK_ERROR_NONE;
}

/* The groups of an address of IPv6, in the arena. */
static uint16_t *groups(struct qk_sim_call *call, const uint8_t address[16], size_t *ret_count)
{
	uint16_t *items = qk_arena_take(&call->sim->arena, 8 * sizeof(*items));

	*ret_count = items ? 8 : 0;
	for (unsigned int i = 0; items && i < 8; i++)
		items[i] = (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
	return items;
}

/* Which response members a bit of the mask asks for. */
#define SET(member, value) \
	do { \
		response->has_##member = true; \
		response->member = (value); \
	} while (0)
#define GROUPS(list, address) ((list).items = groups(call, address, &(list).count))

static void fill_ipv4(uint32_t mask, const struct qk_sim_bearer *bearer,
		      struct qk_wds_get_current_settings_response *response)
{
	if (mask & QK_WDS_REQUESTED_SETTINGS_IP_ADDRESS)
		SET(ipv4_address, bearer->address4);
	if (mask & QK_WDS_REQUESTED_SETTINGS_GATEWAY_INFO) {
		SET(ipv4_gateway_address, bearer->gateway4);
		SET(ipv4_gateway_subnet_mask, UINT32_MAX << (32 - bearer->prefix_bits));
	}
	if (mask & QK_WDS_REQUESTED_SETTINGS_DNS_ADDRESS) {
		SET(primary_ipv4_dns_address, bearer->dns4[0]);
		SET(secondary_ipv4_dns_address, bearer->dns4[1]);
	}
}

static void fill_ipv6(struct qk_sim_call *call, uint32_t mask, const struct qk_sim_bearer *bearer)
{
	struct qk_wds_get_current_settings_response *response = call->response;

	if (mask & QK_WDS_REQUESTED_SETTINGS_IP_ADDRESS) {
		response->has_ipv6_address = true;
		GROUPS(response->ipv6_address.address, bearer->address6);
		response->ipv6_address.prefix_length = bearer->prefix_bits;
	}
	if (mask & QK_WDS_REQUESTED_SETTINGS_GATEWAY_INFO) {
		response->has_ipv6_gateway_address = true;
		GROUPS(response->ipv6_gateway_address.address, bearer->gateway6);
		response->ipv6_gateway_address.prefix_length = bearer->prefix_bits;
	}
	if (mask & QK_WDS_REQUESTED_SETTINGS_DNS_ADDRESS) {
		response->has_ipv6_primary_dns_address = true;
		GROUPS(response->ipv6_primary_dns_address, bearer->dns6[0]);
		response->has_ipv6_secondary_dns_address = true;
		GROUPS(response->ipv6_secondary_dns_address, bearer->dns6[1]);
	}
}

/* What the context and the network made of the call. */
static void fill_context(uint32_t mask, const struct qk_sim_state *state,
			 const struct qk_sim_bearer *bearer,
			 struct qk_wds_get_current_settings_response *response)
{
	const struct qk_sim_pdp_context *context = qk_sim_pdp_get(state, bearer->context);

	if (context && mask & QK_WDS_REQUESTED_SETTINGS_PROFILE_ID) {
		response->has_profile_id = true;
		response->profile_id.profile_type = QK_WDS_PROFILE_TYPE_3GPP;
		response->profile_id.profile_index = bearer->context;
	}
	if (context && mask & QK_WDS_REQUESTED_SETTINGS_PROFILE_NAME)
		SET(profile_name, qk_sim_text(context->name));
	if (mask & QK_WDS_REQUESTED_SETTINGS_PDP_TYPE)
		SET(pdp_type, bearer->family == 4 ? QK_WDS_PDP_TYPE_IPV4 : QK_WDS_PDP_TYPE_IPV6);
	if (mask & QK_WDS_REQUESTED_SETTINGS_APN_NAME)
		SET(apn_name, qk_sim_text(bearer->apn));
	if (mask & QK_WDS_REQUESTED_SETTINGS_USERNAME)
		SET(username, qk_sim_text(bearer->login.user));
	if (mask & QK_WDS_REQUESTED_SETTINGS_AUTH_PROTOCOL)
		SET(authentication, (uint8_t)bearer->login.auth);
}

uint16_t qk_sim_wds_get_current_settings(struct qk_sim_call *call)
{
	const struct qk_wds_get_current_settings_request *request = call->request;
	struct qk_wds_get_current_settings_response *response = call->response;
	const struct qk_sim_state *state = &call->sim->state;
	const struct qk_sim_bearer *bearer = qk_sim_wds_call(call->sim, call->client);
	uint32_t mask = request->has_requested_settings ? request->requested_settings : UINT32_MAX;

	if (!bearer)
		return QK_ERROR_OUT_OF_CALL;
	fill_context(mask, state, bearer, response);
	if (bearer->family == 4)
		fill_ipv4(mask, bearer, response);
	else
		fill_ipv6(call, mask, bearer);
	if (mask & QK_WDS_REQUESTED_SETTINGS_MTU)
		SET(mtu, bearer->mtu);
	if (mask & QK_WDS_REQUESTED_SETTINGS_IP_FAMILY)
		SET(ip_family, bearer->family);
	/* the network names no domains: an empty list */
	response->has_domain_name_list = mask & QK_WDS_REQUESTED_SETTINGS_DOMAIN_NAME_LIST;
	if (mask & QK_WDS_REQUESTED_SETTINGS_PCSCF_ADDRESS)
		SET(pcscf_address_using_pco, 0);
	if (mask & QK_WDS_REQUESTED_SETTINGS_IMCN_FLAG)
		SET(imcn_flag, 0);
	if (mask & QK_WDS_REQUESTED_SETTINGS_EXTENDED_TECHNOLOGY)
		SET(extended_technology_preference,
		    state->cell.rat == QK_SIM_RAT_LTE ? QK_WDS_EXTENDED_TECHNOLOGY_PREFERENCE_EPC
						      : QK_WDS_EXTENDED_TECHNOLOGY_PREFERENCE_UMTS);
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wds_set_ip_family(struct qk_sim_call *call)
{
	const struct qk_wds_set_ip_family_request *request = call->request;
	struct qk_sim_wds_client *client = &call->client->wds;

	switch (request->preference) {
	case QK_WDS_IP_FAMILY_IPV4:
	case QK_WDS_IP_FAMILY_IPV6:
		client->family = request->preference;
		break;
	case QK_WDS_IP_FAMILY_UNSPECIFIED:
		client->family = 0;
		break;
	default:
		return QK_ERROR_INVALID_IP_FAMILY_PREFERENCE;
	}
	/* What it no longer hears of has not ended: no news of that. */
	client->told = qk_sim_wds_now(call->sim, call->client);
	return QK_ERROR_NONE;
}

/* USB is the only way to this modem's data path; a client that has a call stays where it is [U]. */
uint16_t qk_sim_wds_bind_mux_data_port(struct qk_sim_call *call)
{
	const struct qk_wds_bind_mux_data_port_request *request = call->request;
	struct qk_sim_client *client = call->client;

	if (request->has_endpoint_info &&
	    request->endpoint_info.endpoint_type != QK_DATA_ENDPOINT_TYPE_HSUSB)
		return QK_ERROR_INVALID_ARGUMENT;
	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		const struct qk_sim_bearer *bearer = &call->sim->state.bearers.calls[i];
		if (bearer->holder == holder_of(client) &&
		    (bearer->state == QK_SIM_BEARER_UP || bearer->state == QK_SIM_BEARER_STARTING))
			return QK_ERROR_DEVICE_IN_USE;
	}
	client->wds.mux_id = request->has_mux_id ? request->mux_id : 0;
	client->wds.told = qk_sim_wds_now(call->sim, client);
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wds_get_autoconnect_settings(struct qk_sim_call *call)
{
	const struct qk_sim_bearers *bearers = &call->sim->state.bearers;
	struct qk_wds_get_autoconnect_settings_response *response = call->response;

	SET(status, (uint8_t)bearers->autoconnect.setting);
	SET(roaming, bearers->autoconnect.home_only ? QK_WDS_AUTOCONNECT_SETTING_ROAMING_HOME_ONLY
						    : QK_WDS_AUTOCONNECT_SETTING_ROAMING_ALLOWED);
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wds_set_autoconnect_settings(struct qk_sim_call *call)
{
	const struct qk_wds_set_autoconnect_settings_request *request = call->request;
	struct qk_sim_state *state = &call->sim->state;
	bool home_only = state->bearers.autoconnect.home_only;

	if (request->status > QK_WDS_AUTOCONNECT_SETTING_PAUSED ||
	    (request->has_roaming &&
	     request->roaming > QK_WDS_AUTOCONNECT_SETTING_ROAMING_HOME_ONLY))
		return QK_ERROR_INVALID_ARGUMENT;
	if (request->has_roaming)
		home_only = request->roaming == QK_WDS_AUTOCONNECT_SETTING_ROAMING_HOME_ONLY;
	qk_sim_autoconnect_set(state, request->status, home_only);
	return QK_ERROR_NONE;
}
