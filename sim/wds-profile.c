/*
 * WDS: profiles, which are the model's PDP contexts, and what of them the LTE attach uses (see wds.h).
 *
 * What is wrong with a profile is said as on real modems: the error ExtendedInternal, and the reason in
 * a TLV of its own. QoS is accepted and not kept: LTE has none to ask for here [U].
 */
#include <errno.h>
#include <string.h>

#include <qmikit/wds.h>

#include "modem.h"

#define ANY 0xff /* in Configure Profile Event List: every type, every profile */

/* What has a field for the extended error, with the same names in every response. */
#define REFUSE(response, error) \
	((response)->has_extended_error_code = true, (response)->extended_error_code = (error), \
	 QK_ERROR_EXTENDED_INTERNAL)

/* The members of a profile that are plain numbers: request or response, model. */
#define NUMBERS(X) \
	X(pdp_type, type) \
	X(pdp_header_compression_type, header_compression) \
	X(pdp_data_compression_type, data_compression) \
	X(primary_ipv4_dns_address, dns4[0]) \
	X(secondary_ipv4_dns_address, dns4[1]) \
	X(authentication, login.auth) \
	X(ipv4_address_preference, address4) \
	X(pcscf_address_using_pco, pcscf_by_pco) \
	X(pcscf_address_using_dhcp, pcscf_by_dhcp) \
	X(imcn_flag, im_cn) \
	X(pdp_context_secondary_flag, secondary) \
	X(pdp_context_primary_id, primary_id)

/* Those that only some messages have. */
#define MORE_NUMBERS(X) \
	X(apn_disabled_flag, disabled) \
	X(roaming_disallowed_flag, roaming_disallowed) \
	X(apn_type_mask, apn_types)

#define TEXTS(X) \
	X(profile_name, name) \
	X(apn_name, apn) \
	X(username, login.user) \
	X(password, login.password)

#define ADDRESSES(X) \
	X(ipv6_address_preference.address, ipv6_address_preference, address6) \
	X(ipv6_primary_dns_address_preference, ipv6_primary_dns_address_preference, dns6[0]) \
	X(ipv6_secondary_dns_address_preference, ipv6_secondary_dns_address_preference, dns6[1])

#define TAKE_NUMBER(member, field) \
	if (request->has_##member) \
		context->field = request->member;
#define TAKE_TEXT(member, field) \
	if (request->has_##member && \
	    !qk_sim_wds_take_text(request->member, context->field, sizeof(context->field))) \
		return QK_WDS_DS_PROFILE_ERROR_INVALID_PARAMETER_LENGTH;
#define TAKE_ADDRESS(list, member, field) \
	for (size_t i = 0; request->has_##member && i < 8 && i < request->list.count; i++) { \
		context->field[2 * i] = (uint8_t)(request->list.items[i] >> 8); \
		context->field[2 * i + 1] = (uint8_t)request->list.items[i]; \
	}
#define GIVE_NUMBER(member, field) \
	response->has_##member = true; \
	response->member = (__typeof__(response->member))context->field;
#define GIVE_TEXT(member, field) \
	response->has_##member = true; \
	response->member = qk_sim_text(context->field);

/* The request's members, and the model's from them: what the request does not have stays. The error of
 * a profile, 0 (which nobody says) when it is fine. */
static uint16_t take_created(const struct qk_wds_create_profile_request *request,
			     struct qk_sim_pdp_context *context)
{
	NUMBERS(TAKE_NUMBER)
	MORE_NUMBERS(TAKE_NUMBER)
	TEXTS(TAKE_TEXT)
	ADDRESSES(TAKE_ADDRESS)
	return 0;
}

static uint16_t take_modified(const struct qk_wds_modify_profile_request *request,
			      struct qk_sim_pdp_context *context)
{
	NUMBERS(TAKE_NUMBER)
	MORE_NUMBERS(TAKE_NUMBER)
	TEXTS(TAKE_TEXT)
	ADDRESSES(TAKE_ADDRESS)
	return 0;
}

static uint16_t check(const struct qk_sim_pdp_context *context)
{
	return context->type > QK_SIM_PDP_IPV4V6 ||
			       context->login.auth > (QK_SIM_AUTH_PAP | QK_SIM_AUTH_CHAP)
		       ? QK_WDS_DS_PROFILE_ERROR_INVALID_ARGUMENT
		       : 0;
}

/* What a new profile begins as [U]. */
static const struct qk_sim_pdp_context default_context = { .type = QK_SIM_PDP_IPV4V6 };

uint16_t qk_sim_wds_create_profile(struct qk_sim_call *call)
{
	const struct qk_wds_create_profile_request *request = call->request;
	struct qk_wds_create_profile_response *response = call->response;
	struct qk_sim_pdp_context context = default_context;

	if (request->profile_type != QK_WDS_PROFILE_TYPE_3GPP)
		return REFUSE(response, QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_TYPE);
	uint16_t error = take_created(request, &context);
	if (!error)
		error = check(&context);
	if (error)
		return REFUSE(response, error);
	/* the number of its context is its index here, as on the modem [R]: one that is taken cannot be
	 * asked for */
	if (request->has_pdp_context_number &&
	    !qk_sim_pdp_get(&call->sim->state, request->pdp_context_number))
		context.id = request->pdp_context_number;
	int id = qk_sim_pdp_set(&call->sim->state, &context);
	if (id < 0)
		return REFUSE(response, id == -ENOSPC
						? QK_WDS_DS_PROFILE_ERROR_3GPP_OUT_OF_PROFILES
						: QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_NUMBER);
	response->has_profile_identifier = true;
	response->profile_identifier.profile_type = QK_WDS_PROFILE_TYPE_3GPP;
	response->profile_identifier.profile_index = (uint8_t)id;
	return QK_ERROR_NONE;
}

/* The profile of an identifier; NULL, with the error of a profile. */
static const struct qk_sim_pdp_context *
find(const struct qk_sim_call *call, const struct qk_wds_profile_id *id, uint16_t *ret_error)
{
	const struct qk_sim_pdp_context *context = NULL;

	if (id->profile_type == QK_WDS_PROFILE_TYPE_3GPP)
		context = qk_sim_pdp_get(&call->sim->state, id->profile_index);
	if (!context)
		*ret_error = id->profile_type == QK_WDS_PROFILE_TYPE_3GPP
				     ? QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_NUMBER
				     : QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_TYPE;
	return context;
}

uint16_t qk_sim_wds_modify_profile(struct qk_sim_call *call)
{
	const struct qk_wds_modify_profile_request *request = call->request;
	struct qk_wds_modify_profile_response *response = call->response;
	uint16_t error = 0;
	const struct qk_sim_pdp_context *stored = find(call, &request->profile_identifier, &error);

	if (!stored)
		return REFUSE(response, error);
	struct qk_sim_pdp_context context = *stored;
	error = take_modified(request, &context);
	if (!error)
		error = check(&context);
	if (error)
		return REFUSE(response, error);
	if (qk_sim_pdp_set(&call->sim->state, &context) < 0)
		return QK_ERROR_INTERNAL;
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wds_delete_profile(struct qk_sim_call *call)
{
	const struct qk_wds_delete_profile_request *request = call->request;
	struct qk_wds_delete_profile_response *response = call->response;
	uint16_t error = 0;

	if (!find(call, &request->profile_identifier, &error))
		return REFUSE(response, error);
	if (qk_sim_pdp_delete(&call->sim->state, request->profile_identifier.profile_index) < 0)
		return REFUSE(response, QK_WDS_DS_PROFILE_ERROR_INVALID_OPERATION);
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wds_get_profile_list(struct qk_sim_call *call)
{
	const struct qk_wds_get_profile_list_request *request = call->request;
	struct qk_wds_get_profile_list_response *response = call->response;

	if (request->has_profile_type && request->profile_type != QK_WDS_PROFILE_TYPE_3GPP)
		return REFUSE(response, QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_TYPE);
	response->has_profile_list = true;
	response->profile_list.items = qk_arena_take(
		&call->sim->arena, QK_SIM_CONTEXTS_MAX * sizeof(*response->profile_list.items));
	for (uint8_t id = 1; response->profile_list.items && id <= QK_SIM_CONTEXTS_MAX; id++) {
		const struct qk_sim_pdp_context *context = qk_sim_pdp_get(&call->sim->state, id);
		if (!context)
			continue;
		size_t i = response->profile_list.count++;
		response->profile_list.items[i].profile_type = QK_WDS_PROFILE_TYPE_3GPP;
		response->profile_list.items[i].profile_index = id;
		response->profile_list.items[i].profile_name = qk_sim_text(context->name);
	}
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wds_get_profile_settings(struct qk_sim_call *call)
{
	const struct qk_wds_get_profile_settings_request *request = call->request;
	struct qk_wds_get_profile_settings_response *response = call->response;
	uint16_t error = 0;
	const struct qk_sim_pdp_context *context = find(call, &request->profile_id, &error);

	if (!context)
		return REFUSE(response, error);
	NUMBERS(GIVE_NUMBER)
	MORE_NUMBERS(GIVE_NUMBER)
	TEXTS(GIVE_TEXT)
	response->has_pdp_context_number = true;
	response->pdp_context_number = context->id;
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wds_get_default_settings(struct qk_sim_call *call)
{
	const struct qk_wds_get_default_settings_request *request = call->request;
	struct qk_wds_get_default_settings_response *response = call->response;
	const struct qk_sim_pdp_context *context = &default_context;

	if (request->profile_type != QK_WDS_PROFILE_TYPE_3GPP)
		return REFUSE(response, QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_TYPE);
	NUMBERS(GIVE_NUMBER)
	TEXTS(GIVE_TEXT)
	return QK_ERROR_NONE;
}

/* Both families, of calls for the host and for the modem itself, have the same default [U]. */
uint16_t qk_sim_wds_get_default_profile_number(struct qk_sim_call *call)
{
	const struct qk_wds_get_default_profile_number_request *request = call->request;
	struct qk_wds_get_default_profile_number_response *response = call->response;

	if (request->profile_type.type != QK_WDS_PROFILE_TYPE_3GPP)
		return REFUSE(response, QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_TYPE);
	if (request->profile_type.family > QK_WDS_PROFILE_FAMILY_TETHERED)
		return REFUSE(response, QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_FAMILY);
	response->has_index = true;
	response->index = call->sim->state.bearers.default_context;
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wds_set_default_profile_number(struct qk_sim_call *call)
{
	const struct qk_wds_set_default_profile_number_request *request = call->request;
	struct qk_wds_set_default_profile_number_response *response = call->response;

	if (request->profile_identifier.type != QK_WDS_PROFILE_TYPE_3GPP)
		return REFUSE(response, QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_TYPE);
	if (request->profile_identifier.family > QK_WDS_PROFILE_FAMILY_TETHERED)
		return REFUSE(response, QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_FAMILY);
	if (qk_sim_pdp_set_default(&call->sim->state, request->profile_identifier.index) < 0)
		return REFUSE(response, QK_WDS_DS_PROFILE_ERROR_INVALID_PROFILE_NUMBER);
	return QK_ERROR_NONE;
}

/* The attach uses the first context, whatever the default of calls is [C]. */
uint16_t qk_sim_wds_get_lte_attach_parameters(struct qk_sim_call *call)
{
	static const uint8_t support[] = {
		[QK_SIM_PDP_IPV4] = QK_WDS_IP_SUPPORT_TYPE_IPV4,
		[QK_SIM_PDP_PPP] = QK_WDS_IP_SUPPORT_TYPE_IPV4,
		[QK_SIM_PDP_IPV6] = QK_WDS_IP_SUPPORT_TYPE_IPV6,
		[QK_SIM_PDP_IPV4V6] = QK_WDS_IP_SUPPORT_TYPE_IPV4V6,
	};
	struct qk_wds_get_lte_attach_parameters_response *response = call->response;
	const struct qk_sim_state *state = &call->sim->state;
	const struct qk_sim_data_profile *profile = &state->profile->data;
	const struct qk_sim_pdp_context *context = qk_sim_pdp_get(state, 1);

	if (!qk_sim_radio_has_packet(state) || state->cell.rat != QK_SIM_RAT_LTE)
		return QK_ERROR_INFORMATION_UNAVAILABLE;
	const char *apn = context ? context->apn : "";
	if (!*apn && profile->apn_count)
		apn = profile->apns[0].apn;
	response->has_apn = true;
	response->apn = qk_sim_text(apn);
	response->has_ip_support_type = true;
	response->ip_support_type = support[context ? context->type : QK_SIM_PDP_IPV4V6];
	response->has_ota_attach_performed = true;
	response->ota_attach_performed = true;
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wds_get_lte_attach_pdn_list(struct qk_sim_call *call)
{
	struct qk_wds_get_lte_attach_pdn_list_response *response = call->response;
	uint16_t *items = qk_arena_take(&call->sim->arena, sizeof(*items));

	if (!items)
		return QK_ERROR_NO_MEMORY;
	*items = 1;
	response->has_current_list = true;
	response->current_list.items = items;
	response->current_list.count = 1;
	response->has_pending_list = true;
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wds_configure_profile_event_list(struct qk_sim_call *call)
{
	const struct qk_wds_configure_profile_event_list_request *request = call->request;
	uint32_t contexts = 0;

	for (size_t i = 0; i < request->register_.count; i++) {
		const struct qk_wds_profile_id *id = &request->register_.items[i];
		if (id->profile_type != QK_WDS_PROFILE_TYPE_3GPP && id->profile_type != ANY)
			return QK_ERROR_INVALID_PROFILE_TYPE;
		if (id->profile_index == ANY)
			contexts = UINT32_MAX;
		else if (id->profile_index && id->profile_index <= QK_SIM_CONTEXTS_MAX)
			contexts |= 1u << id->profile_index;
		else
			return QK_ERROR_INVALID_PROFILE;
	}
	call->client->wds.contexts = contexts;
	return QK_ERROR_NONE;
}

bool qk_sim_wds_profile_news(struct qk_sim *sim, const struct qk_sim_client *client,
			     void *indication)
{
	struct qk_wds_profile_changed_indication *changed = indication;
	uint8_t id = sim->state.bearers.change.context;

	if (client->wds.contexts && !(client->wds.contexts & 1u << id))
		return false;
	changed->has_profile_event = true;
	changed->profile_event.profile_type = QK_WDS_PROFILE_TYPE_3GPP;
	changed->profile_event.profile_index = id;
	changed->profile_event.change_event = (uint8_t)sim->state.bearers.change.event;
	return true;
}
