/*
 * EPS: the initial bearer is an object of its own, connected and without an interface, so that nobody uses it.
 *
 * What a modem attaches with can only be changed while it is not attached: its radio goes off and on again.
 */
#include "eps.h"

#include <stdio.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/dms.h>
#include <qmikit/wds.h>

#include "power.h"
#include "profile.h"
#include "profile-manager.h"
#include "request.h"
#include "settings.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* As any other bearer's. */
enum { IP_TIMEOUT = 20 };

/* --- What the modem attaches with */

static void set_if_there(struct modem *modem, const struct api_property *property,
			 json_t *take_value)
{
	if (modem->object && api_object_has(modem->object, API_MODEM3GPP))
		modem_set(modem, property, take_value);
	else
		json_decref(take_value);
}

void eps_tell(struct modem *modem)
{
	set_if_there(modem, API_MODEM3GPP_EPS_UE_MODE_OPERATION, json_integer(modem->eps.mode));
	if (modem->eps.settings)
		set_if_there(modem, API_MODEM3GPP_INITIAL_EPS_BEARER_SETTINGS,
			     json_incref(modem->eps.settings));
}

/* The first of the list is the one of the attachment. */
static void take_list(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_wds_get_lte_attach_pdn_list_response *r = response;
	struct modem *modem = operation_modem(op);

	(void)about;
	modem->eps.profile = 0;
	if (!error && r->current_list.count > 0 && r->current_list.items[0] <= UINT8_MAX)
		modem->eps.profile = (uint8_t)r->current_list.items[0];
}

void eps_find_profile(struct operation *operation)
{
	static const struct question question = { QK_SERVICE_ID_WDS, OPERATION_SPARES,
						  &qk_wds_get_lte_attach_pdn_list_method,
						  take_list };

	operation_ask(operation, &question);
}

static void take_profile(struct operation *op, const void *response, uint16_t error,
			 const void *about)
{
	struct modem *modem = operation_modem(op);

	(void)about;
	if (error)
		return;
	json_decref(modem->eps.settings);
	modem->eps.settings = profile_read(modem->eps.profile, response);
	eps_tell(modem);
}

void eps_read_profile(struct operation *operation)
{
	const struct qk_wds_get_profile_settings_request request = {
		.has_profile_id = true,
		.profile_id = { QK_WDS_PROFILE_TYPE_3GPP, operation_modem(operation)->eps.profile },
	};

	if (request.profile_id.profile_index)
		operation_ask(operation, &(struct question){
						 .service = QK_SERVICE_ID_WDS,
						 .need = OPERATION_SPARES,
						 .method = &qk_wds_get_profile_settings_method,
						 .take = take_profile,
						 .request = &request,
					 });
}

void eps_note_change(struct modem *modem, uint8_t index)
{
	static const struct step steps[] = { { "read what the modem attaches with",
					       eps_read_profile } };

	if (index && index == modem->eps.profile &&
	    operation_start(modem, OPERATION_ASIDE, steps, COUNT(steps), NULL, NULL) < 0)
		modem_log(modem, "out of memory: news of a profile is lost");
}

/* --- The bearer that it has */

static const struct {
	enum qk_wds_ip_support_type support;
	enum mm_bearer_ip_family family;
} families[] = {
	{ QK_WDS_IP_SUPPORT_TYPE_IPV4, MM_BEARER_IP_FAMILY_IPV4 },
	{ QK_WDS_IP_SUPPORT_TYPE_IPV6, MM_BEARER_IP_FAMILY_IPV6 },
	{ QK_WDS_IP_SUPPORT_TYPE_IPV4V6, MM_BEARER_IP_FAMILY_IPV4V6 },
};

static void free_bearer(struct modem *modem)
{
	modem->eps.bearer = api_object_free(modem->eps.bearer);
	set_if_there(modem, API_MODEM3GPP_INITIAL_EPS_BEARER, json_string("/"));
}

/* Its methods have no handlers: it comes and goes with the attachment. */
static int make_bearer(struct modem *modem, json_t *properties)
{
	const struct {
		const struct api_property *property;
		json_t *value;
	} rows[] = {
		{ API_BEARER_PROPERTIES, json_incref(properties) },
		{ API_BEARER_BEARER_TYPE, json_integer(MM_BEARER_TYPE_DEFAULT_ATTACH) },
		{ API_BEARER_CONNECTED, json_true() },
		{ API_BEARER_IP_TIMEOUT, json_integer(IP_TIMEOUT) },
		{ API_BEARER_PROFILE_ID, json_integer(-1) },
		{ API_BEARER_IP4_CONFIG, json_pack("{s: i}", "method", 0) },
		{ API_BEARER_IP6_CONFIG, json_pack("{s: i}", "method", 0) },
	};
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/org/freedesktop/ModemManager1/Bearer/%u",
		 (*modem->host->next_bearer)++);
	r = api_object_new(modem->bus, path, API_UNLISTED, modem, &modem->eps.bearer);
	if (r == 0)
		r = api_object_add(modem->eps.bearer, API_BEARER, NULL, 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (r == 0)
			r = api_object_set(modem->eps.bearer, rows[i].property, rows[i].value);
		else
			json_decref(rows[i].value);
	}
	return r;
}

static void tell_bearer(struct modem *modem, json_t *properties)
{
	const json_t *before =
		modem->eps.bearer ? api_object_get(modem->eps.bearer, API_BEARER_PROPERTIES) : NULL;

	if (json_equal(before, properties))
		return;
	free_bearer(modem);
	if (make_bearer(modem, properties) < 0) {
		modem_log(modem, "out of memory: the initial bearer is not told");
		free_bearer(modem);
		return;
	}
	api_object_publish(modem->eps.bearer);
	set_if_there(modem, API_MODEM3GPP_INITIAL_EPS_BEARER,
		     json_string(api_object_path(modem->eps.bearer)));
}

static void take_attachment(struct operation *op, const void *response, uint16_t error,
			    const void *about)
{
	const struct qk_wds_get_lte_attach_parameters_response *r = response;
	struct modem *modem = operation_modem(op);
	json_t *properties, *apn;

	(void)about;
	if (error || !modem->eps.attached) {
		eps_forget(modem);
		return;
	}
	properties = json_object();
	apn = json_text(r->apn.data, r->apn.size);
	if (r->has_apn)
		json_object_set_new(properties, "apn", apn ? apn : json_string(""));
	for (size_t i = 0; r->has_ip_support_type && i < COUNT(families); i++)
		if ((uint8_t)families[i].support == r->ip_support_type)
			json_object_set_new(properties, "ip-type",
					    json_integer(families[i].family));
	tell_bearer(modem, properties);
	json_decref(properties);
}

void eps_note_attachment(struct operation *operation, bool attached, const char *operator_code)
{
	static const struct question question = { QK_SERVICE_ID_WDS, OPERATION_SPARES,
						  &qk_wds_get_lte_attach_parameters_method,
						  take_attachment };
	struct modem *modem = operation_modem(operation);

	if (!attached) {
		eps_forget(modem);
		return;
	}
	/* How it is attached does not change while it is. */
	if (modem->eps.attached && strcmp(modem->eps.operator_code, operator_code) == 0)
		return;
	modem->eps.attached = true;
	snprintf(modem->eps.operator_code, sizeof(modem->eps.operator_code), "%s", operator_code);
	operation_ask(operation, &question);
}

void eps_forget(struct modem *modem)
{
	modem->eps.attached = false;
	if (modem->eps.bearer)
		free_bearer(modem);
}

void eps_end(struct modem *modem)
{
	modem->eps.bearer = api_object_free(modem->eps.bearer);
	json_decref(modem->eps.settings);
	modem->eps.settings = NULL;
}

/* --- SetInitialEpsBearerSettings() */

/* The profile to be: what was asked for, and of what it does not say what concerns no attachment. */
static json_t *wanted_profile(const struct modem *modem, const json_t *properties)
{
	static const char *const kept[] = { "profile-name", "apn-type", "roaming-allowance" };
	json_t *profile = json_copy((json_t *)properties);

	json_object_del(profile, "force");
	for (size_t i = 0; i < COUNT(kept); i++) {
		json_t *now = json_object_get(modem->eps.settings, kept[i]);

		if (now && !json_object_get(profile, kept[i]))
			json_object_set(profile, kept[i], now);
	}
	json_object_set_new(profile, "profile-id", json_integer(modem->eps.profile));
	return profile;
}

static bool same_text(struct qk_string a, struct qk_string b)
{
	return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

/* Whether the modem attaches so already. It may keep a password to itself: `blind` takes that for the right one. */
static bool is_so(const struct modem *modem, const json_t *profile, bool blind)
{
	struct qk_wds_modify_profile_request wanted, now;
	struct failure failure;

	return modem->eps.settings && profile_to_modify(profile, &wanted, &failure) == 0 &&
	       profile_to_modify(modem->eps.settings, &now, &failure) == 0 &&
	       same_text(wanted.apn_name, now.apn_name) && wanted.pdp_type == now.pdp_type &&
	       wanted.authentication == now.authentication &&
	       same_text(wanted.username, now.username) &&
	       (same_text(wanted.password, now.password) || (blind && now.password.size == 0));
}

/* The power is told anew when the radio is off: that it was on is kept. */
static void leave_network(struct operation *op)
{
	if (operation_modem(op)->facts.power != MM_MODEM_POWER_STATE_ON)
		return;
	json_object_set_new(request_of(op)->notes, "radio", json_true());
	power_set_mode(op, QK_DMS_OPERATING_MODE_LOW_POWER);
}

static void join_network(struct operation *op)
{
	if (json_is_true(json_object_get(request_of(op)->notes, "radio")))
		power_set_mode(op, QK_DMS_OPERATING_MODE_ONLINE);
}

/* A refusal is told in the end: the radio is to go on again in any case. */
static void take_stored(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	const struct qk_wds_modify_profile_response *r = response;
	struct failure failure;

	(void)about;
	if (!error)
		return;
	profile_failure(&failure, error, r && r->has_extended_error_code,
			r ? r->extended_error_code : 0, "store the profile");
	request_refuse(op, failure.name, "%s", failure.text);
}

static void store(struct operation *op)
{
	json_t *profile = wanted_profile(operation_modem(op), request_in(op, 0));
	struct qk_wds_modify_profile_request request;
	struct failure failure;

	if (profile_to_modify(profile, &request, &failure) < 0)
		request_refuse(op, failure.name, "%s", failure.text);
	else
		operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WDS,
						      .need = OPERATION_TRIES,
						      .method = &qk_wds_modify_profile_method,
						      .take = take_stored,
						      .request = &request });
	json_decref(profile);
}

static void judge(struct operation *op)
{
	const struct modem *modem = operation_modem(op);
	json_t *profile = wanted_profile(modem, request_in(op, 0));

	if (!is_so(modem, profile, true))
		request_refuse(op, MM_CORE_ERROR_FAILED, "the modem did not keep the settings");
	json_decref(profile);
}

static const struct step settings_steps[] = {
	{ "begin to change a profile", profile_manager_begin },
	{ "leave the network", leave_network },
	{ "store the profile", store },
	{ "join the network", join_network },
	{ "read what the modem attaches with", eps_read_profile },
	{ "judge", judge },
};

void eps_on_set_settings(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { settings_steps, COUNT(settings_steps),
						  OPERATION_IN_TURN, MM_MODEM_STATE_DISABLED,
						  profile_manager_finish };
	const json_t *properties = json_array_get(in, 0);
	struct modem *modem = userdata;
	struct qk_wds_modify_profile_request request;
	struct failure failure;
	json_t *profile;

	if (!modem->eps.profile) {
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED,
			       "the modem does not tell which profile it attaches with");
		return;
	}
	profile = wanted_profile(modem, properties);
	if (profile_to_modify(profile, &request, &failure) < 0)
		api_call_error(call, failure.name, "%s", failure.text);
	else if (is_so(modem, profile, false) &&
		 !json_is_true(json_object_get(properties, "force")))
		api_call_reply(call, NULL);
	else
		request_start(call, in, modem, &kind);
	json_decref(profile);
}

/* --- SetEpsUeModeOperation() */

/* The modes of TS 24.301 4.3: whether there is more than packet service, and what comes first. */
static const struct {
	enum mm_modem_3gpp_eps_ue_mode_operation mode;
	enum qk_nas_service_domain_preference domain;
	enum qk_nas_usage_preference usage;
} modes[] = {
	{ MM_MODEM_3GPP_EPS_UE_MODE_OPERATION_PS_1, QK_NAS_SERVICE_DOMAIN_PREFERENCE_PS_ONLY,
	  QK_NAS_USAGE_PREFERENCE_VOICE_CENTRIC },
	{ MM_MODEM_3GPP_EPS_UE_MODE_OPERATION_PS_2, QK_NAS_SERVICE_DOMAIN_PREFERENCE_PS_ONLY,
	  QK_NAS_USAGE_PREFERENCE_DATA_CENTRIC },
	{ MM_MODEM_3GPP_EPS_UE_MODE_OPERATION_CSPS_1, QK_NAS_SERVICE_DOMAIN_PREFERENCE_CS_PS,
	  QK_NAS_USAGE_PREFERENCE_VOICE_CENTRIC },
	{ MM_MODEM_3GPP_EPS_UE_MODE_OPERATION_CSPS_2, QK_NAS_SERVICE_DOMAIN_PREFERENCE_CS_PS,
	  QK_NAS_USAGE_PREFERENCE_DATA_CENTRIC },
};

void eps_note_selection(struct modem *modem,
			const struct qk_nas_get_system_selection_preference_response *response)
{
	modem->eps.mode = MM_MODEM_3GPP_EPS_UE_MODE_OPERATION_UNKNOWN;
	for (size_t i = 0; i < COUNT(modes); i++)
		if (response->has_service_domain_preference && response->has_usage_preference &&
		    response->service_domain_preference == (uint32_t)modes[i].domain &&
		    response->usage_preference == (uint32_t)modes[i].usage)
			modem->eps.mode = modes[i].mode;
	set_if_there(modem, API_MODEM3GPP_EPS_UE_MODE_OPERATION, json_integer(modem->eps.mode));
}

static void choose_mode(struct operation *op)
{
	struct qk_nas_set_system_selection_preference_request request = {
		.has_service_domain_preference = true,
		.has_usage_preference = true,
		.has_change_duration = true,
		.change_duration = QK_NAS_CHANGE_DURATION_PERMANENT,
	};

	for (size_t i = 0; i < COUNT(modes); i++) {
		if ((json_int_t)modes[i].mode != request_number(op, 0))
			continue;
		request.service_domain_preference = modes[i].domain;
		request.usage_preference = modes[i].usage;
	}
	settings_set_selection(op, &request);
}

static void judge_mode(struct operation *op)
{
	if (operation_modem(op)->eps.mode != request_number(op, 0))
		request_refuse(op, MM_CORE_ERROR_FAILED, "the modem did not take the mode");
}

static const struct step mode_steps[] = {
	{ "choose the mode of operation", choose_mode },
	{ "read the selection", settings_read },
	{ "judge", judge_mode },
};

void eps_on_set_mode(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { mode_steps, COUNT(mode_steps), OPERATION_IN_TURN,
						  MM_MODEM_STATE_DISABLED };
	json_int_t mode = json_integer_value(json_array_get(in, 0));
	struct modem *modem = userdata;
	bool known = false;

	for (size_t i = 0; i < COUNT(modes); i++)
		known = known || (json_int_t)modes[i].mode == mode;
	if (!known)
		request_invalid(call, "%lld is no mode of operation", (long long)mode);
	else if (modem->eps.mode == mode)
		api_call_reply(call, NULL);
	else
		request_start(call, in, modem, &kind);
}
