/* Call end: tables of reasons. What is in none of them is a fault that may pass. */
#include "call-end.h"

#include <stdio.h>
#include <qmikit/common.h>

#include "api/api-names.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A reason; of a verbose one only with its type. */
struct row {
	int reason;
	const char *error;
	bool refusal;
};

/* Causes of session management, by their numbers in 3GPP. Those of 31, 34 and 38 pass; 30 is what a gateway says in
 * trouble as well. */
static const struct row session_rows[] = {
	{ 8, MM_MOBILE_EQUIPMENT_ERROR_OPERATOR_DETERMINED_BARRING, true },
	{ 26, MM_MOBILE_EQUIPMENT_ERROR_INSUFFICIENT_RESOURCES, false },
	{ 27, MM_MOBILE_EQUIPMENT_ERROR_MISSING_OR_UNKNOWN_APN, true },
	{ 28, MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN_PDP_ADDRESS_OR_TYPE, true },
	{ 29, MM_MOBILE_EQUIPMENT_ERROR_USER_AUTHENTICATION_FAILED, true },
	{ 30, MM_MOBILE_EQUIPMENT_ERROR_ACTIVATION_REJECTED_BY_GGSN_OR_GW, false },
	{ 31, MM_MOBILE_EQUIPMENT_ERROR_ACTIVATION_REJECTED_UNSPECIFIED, false },
	{ 32, MM_MOBILE_EQUIPMENT_ERROR_SERVICE_OPTION_NOT_SUPPORTED, true },
	{ 33, MM_MOBILE_EQUIPMENT_ERROR_SERVICE_OPTION_NOT_SUBSCRIBED, true },
	{ 34, MM_MOBILE_EQUIPMENT_ERROR_SERVICE_OPTION_OUT_OF_ORDER, false },
	{ 35, MM_MOBILE_EQUIPMENT_ERROR_NSAPI_OR_PTI_ALREADY_IN_USE, false },
	{ 36, MM_MOBILE_EQUIPMENT_ERROR_REGULAR_DEACTIVATION, false },
	{ 37, MM_MOBILE_EQUIPMENT_ERROR_QOS_NOT_ACCEPTED, false },
	{ 38, MM_MOBILE_EQUIPMENT_ERROR_NETWORK_FAILURE_ATTACH, false },
	{ 39, MM_MOBILE_EQUIPMENT_ERROR_NETWORK_FAILURE_ATTACH, false },
	{ 40, MM_MOBILE_EQUIPMENT_ERROR_FEATURE_NOT_SUPPORTED, true },
	{ 41, MM_MOBILE_EQUIPMENT_ERROR_SEMANTIC_ERROR_IN_TFT_OPERATION, false },
	{ 42, MM_MOBILE_EQUIPMENT_ERROR_SYNTACTICAL_ERROR_IN_TFT_OPERATION, false },
	{ 43, MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN_PDP_CONTEXT, false },
	{ 44, MM_MOBILE_EQUIPMENT_ERROR_SEMANTIC_ERRORS_IN_PACKET_FILTER, false },
	{ 45, MM_MOBILE_EQUIPMENT_ERROR_SYNTACTICAL_ERRORS_IN_PACKET_FILTER, false },
	{ 46, MM_MOBILE_EQUIPMENT_ERROR_PDP_CONTEXT_WITHOUT_TFT_ALREADY_ACTIVATED, false },
	{ 50, MM_MOBILE_EQUIPMENT_ERROR_IPV4_ONLY_ALLOWED, true },
	{ 51, MM_MOBILE_EQUIPMENT_ERROR_IPV6_ONLY_ALLOWED, true },
	{ 52, MM_MOBILE_EQUIPMENT_ERROR_SINGLE_ADDRESS_BEARERS_ONLY_ALLOWED, false },
	{ 53, MM_MOBILE_EQUIPMENT_ERROR_ESM_INFORMATION_NOT_RECEIVED, false },
	{ 54, MM_MOBILE_EQUIPMENT_ERROR_PDN_CONNECTION_NONEXISTENT, false },
	{ 55, MM_MOBILE_EQUIPMENT_ERROR_MULTIPLE_PDN_CONNECTION_SAME_APN_NOT_ALLOWED, false },
	{ 81, MM_MOBILE_EQUIPMENT_ERROR_INVALID_TRANSACTION_ID_VALUE, false },
	{ 95, MM_MOBILE_EQUIPMENT_ERROR_SEMANTICALLY_INCORRECT_MESSAGE, false },
	{ 96, MM_MOBILE_EQUIPMENT_ERROR_INVALID_MANDATORY_INFORMATION, false },
	{ 97, MM_MOBILE_EQUIPMENT_ERROR_MESSAGE_TYPE_NOT_IMPLEMENTED, false },
	{ 98, MM_MOBILE_EQUIPMENT_ERROR_MESSAGE_TYPE_NOT_COMPATIBLE_WITH_PROTOCOL_STATE, false },
	{ 99, MM_MOBILE_EQUIPMENT_ERROR_IE_NOT_IMPLEMENTED, false },
	{ 100, MM_MOBILE_EQUIPMENT_ERROR_CONDITIONAL_IE_ERROR, false },
	{ 101, MM_MOBILE_EQUIPMENT_ERROR_MESSAGE_NOT_COMPATIBLE_WITH_PROTOCOL_STATE, false },
	{ 111, MM_MOBILE_EQUIPMENT_ERROR_UNSPECIFIED_PROTOCOL_ERROR, false },
	{ 112, NULL, true }, /* the APN's restriction: other calls forbid it */
	{ QK_WDS_VERBOSE_CALL_END_REASON_3GPP_EMM_ACCESS_BARRED_INFINITE_RETRY, NULL, true },
};

/* The modem's own: what of it is the request's or the subscription's fault. */
static const struct row internal_rows[] = {
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_PDN_IPV4_CALL_DISALLOWED, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_PDN_IPV6_CALL_DISALLOWED, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_APN_DISABLED, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_INVALID_PROFILE, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_INVALID_PROFILE_ID, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_APN_DISALLOWED_ON_ROAMING, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_NULL_APN_DISALLOWED, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_DATA_SETTINGS_DISABLED, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_DATA_ROAMING_SETTINGS_DISABLED, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_APN_FORMAT_INVALID, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_INVALID_APN_NAME, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_CALL_DISALLOWED_IN_ROAMING, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_INTERNAL_INVALID_APN, NULL, true },
};

/* Of the call manager: the causes with which a network refuses the modem or its card. */
static const struct row manager_rows[] = {
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_ILLEGAL_MS, MM_MOBILE_EQUIPMENT_ERROR_ILLEGAL_UE,
	  true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_ILLEGAL_ME, MM_MOBILE_EQUIPMENT_ERROR_ILLEGAL_ME,
	  true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_GPRS_AND_NON_GPRS_SERVICES_NOT_ALLOWED,
	  MM_MOBILE_EQUIPMENT_ERROR_PS_AND_NON_PS_SERVICES_NOT_ALLOWED, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_GPRS_SERVICES_NOT_ALLOWED,
	  MM_MOBILE_EQUIPMENT_ERROR_PS_SERVICES_NOT_ALLOWED, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_IMPLICITLY_DETACHED,
	  MM_MOBILE_EQUIPMENT_ERROR_IMPLICITLY_DETACHED, false },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_PLMN_NOT_ALLOWED,
	  MM_MOBILE_EQUIPMENT_ERROR_PLMN_NOT_ALLOWED, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_LA_NOT_ALLOWED,
	  MM_MOBILE_EQUIPMENT_ERROR_AREA_NOT_ALLOWED, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_GPRS_SERVICES_NOT_ALLOWED_IN_PLMN,
	  MM_MOBILE_EQUIPMENT_ERROR_PS_SERVICES_NOT_ALLOWED_IN_PLMN, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_CONGESTION, MM_MOBILE_EQUIPMENT_ERROR_CONGESTION,
	  false },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_EPS_SERVICE_NOT_ALLOWED,
	  MM_MOBILE_EQUIPMENT_ERROR_PS_SERVICES_NOT_ALLOWED, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_TRACKING_AREA_NOT_ALLOWED,
	  MM_MOBILE_EQUIPMENT_ERROR_AREA_NOT_ALLOWED, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_ROAMING_NOT_ALLOWED_IN_TRACKING_AREA,
	  MM_MOBILE_EQUIPMENT_ERROR_ROAMING_NOT_ALLOWED_IN_AREA, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_NOT_AUTHORIZED_CLOSED_SUBSCRIBER_GROUP,
	  MM_MOBILE_EQUIPMENT_ERROR_NOT_AUTHORIZED_FOR_CSG, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_IMSI_UNKNOWN_IN_HOME_SUBSCRIBER_SERVER,
	  MM_MOBILE_EQUIPMENT_ERROR_IMSI_UNKNOWN_IN_HSS, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_IMEI_NOT_ACCEPTED,
	  MM_MOBILE_EQUIPMENT_ERROR_IMEI_NOT_ACCEPTED, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_EPS_SERVICES_AND_NON_EPS_SERVICES_NOT_ALLOWED,
	  MM_MOBILE_EQUIPMENT_ERROR_PS_AND_NON_PS_SERVICES_NOT_ALLOWED, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_EPS_SERVICES_NOT_ALLOWED_IN_PLMN,
	  MM_MOBILE_EQUIPMENT_ERROR_PS_SERVICES_NOT_ALLOWED_IN_PLMN, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_MULTI_PDN_NOT_ALLOWED, NULL, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_DETACH_EPS_SERVICES_NOT_ALLOWED,
	  MM_MOBILE_EQUIPMENT_ERROR_PS_SERVICES_NOT_ALLOWED, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_CM_CONNECTION_DENY_BILLING_OR_AUTHENTICATION_FAILURE,
	  MM_MOBILE_EQUIPMENT_ERROR_USER_AUTHENTICATION_FAILED, true },
};

static const struct row ppp_rows[] = {
	{ QK_WDS_VERBOSE_CALL_END_REASON_PPP_AUTHENTICATION_FAILURE,
	  MM_MOBILE_EQUIPMENT_ERROR_USER_AUTHENTICATION_FAILED, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_PPP_PAP_FAILURE,
	  MM_MOBILE_EQUIPMENT_ERROR_USER_AUTHENTICATION_FAILED, true },
	{ QK_WDS_VERBOSE_CALL_END_REASON_PPP_CHAP_FAILURE,
	  MM_MOBILE_EQUIPMENT_ERROR_USER_AUTHENTICATION_FAILED, true },
};

static const struct row no_rows[] = { { 0, NULL, false } };

static const struct type {
	enum qk_wds_verbose_call_end_reason_type type;
	const struct qk_values *names;
	const struct row *rows;
	size_t count;
} types[] = {
	{ QK_WDS_VERBOSE_CALL_END_REASON_TYPE_MIP, &qk_wds_verbose_call_end_reason_mip_values,
	  no_rows, 0 },
	{ QK_WDS_VERBOSE_CALL_END_REASON_TYPE_INTERNAL,
	  &qk_wds_verbose_call_end_reason_internal_values, internal_rows, COUNT(internal_rows) },
	{ QK_WDS_VERBOSE_CALL_END_REASON_TYPE_CM, &qk_wds_verbose_call_end_reason_cm_values,
	  manager_rows, COUNT(manager_rows) },
	{ QK_WDS_VERBOSE_CALL_END_REASON_TYPE_3GPP, &qk_wds_verbose_call_end_reason_3gpp_values,
	  session_rows, COUNT(session_rows) },
	{ QK_WDS_VERBOSE_CALL_END_REASON_TYPE_PPP, &qk_wds_verbose_call_end_reason_ppp_values,
	  ppp_rows, COUNT(ppp_rows) },
	{ QK_WDS_VERBOSE_CALL_END_REASON_TYPE_EHRPD, &qk_wds_verbose_call_end_reason_ehrpd_values,
	  no_rows, 0 },
	{ QK_WDS_VERBOSE_CALL_END_REASON_TYPE_IPV6, &qk_wds_verbose_call_end_reason_ipv6_values,
	  no_rows, 0 },
};

/* The plain reasons that older firmware gives alone. */
static const struct row plain_rows[] = {
	{ QK_WDS_CALL_END_REASON_GENERIC_AUTHENTICATION_FAILED,
	  MM_MOBILE_EQUIPMENT_ERROR_USER_AUTHENTICATION_FAILED, true },
	{ QK_WDS_CALL_END_REASON_GSM_WCDMA_OPERATOR_DETERMINED_BARRING,
	  MM_MOBILE_EQUIPMENT_ERROR_OPERATOR_DETERMINED_BARRING, true },
	{ QK_WDS_CALL_END_REASON_GSM_WCDMA_UNKNOWN_APN,
	  MM_MOBILE_EQUIPMENT_ERROR_MISSING_OR_UNKNOWN_APN, true },
	{ QK_WDS_CALL_END_REASON_GSM_WCDMA_UNKNOWN_PDP,
	  MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN_PDP_ADDRESS_OR_TYPE, true },
	{ QK_WDS_CALL_END_REASON_GSM_WCDMA_OPTION_NOT_SUPPORTED,
	  MM_MOBILE_EQUIPMENT_ERROR_SERVICE_OPTION_NOT_SUPPORTED, true },
	{ QK_WDS_CALL_END_REASON_GSM_WCDMA_OPTION_UNSUBSCRIBED,
	  MM_MOBILE_EQUIPMENT_ERROR_SERVICE_OPTION_NOT_SUBSCRIBED, true },
	{ QK_WDS_CALL_END_REASON_GSM_WCDMA_REGULAR_DEACTIVATION,
	  MM_MOBILE_EQUIPMENT_ERROR_REGULAR_DEACTIVATION, false },
};

static const struct type *type_of(uint16_t number)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (types[i].type == number)
			return &types[i];
	return NULL;
}

static const struct row *find(const struct row *rows, size_t count, int reason)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].reason == reason)
			return &rows[i];
	return NULL;
}

static const struct row *row_of(const struct call_end *end)
{
	const struct type *type = end->has_verbose ? type_of(end->verbose.type) : NULL;

	if (type)
		return find(type->rows, type->count, end->verbose.reason);
	if (end->has_plain && !end->has_verbose)
		return find(plain_rows, COUNT(plain_rows), end->plain);
	return NULL;
}

bool call_end_is_refusal(const struct call_end *end)
{
	const struct row *row = row_of(end);

	return row && row->refusal;
}

static const char *name_or(const struct qk_values *values, int64_t value, const char *other)
{
	const char *name = values ? qk_value_name(values, value) : NULL;

	return name ? name : other;
}

void call_end_tell(const struct call_end *end, struct failure *ret)
{
	const struct row *row = row_of(end);
	const struct type *type = end->has_verbose ? type_of(end->verbose.type) : NULL;
	const char *what = end->error ? "the network call failed" : "the network call ended";

	ret->name = row && row->error ? row->error : MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN;
	if (end->has_verbose)
		snprintf(ret->text, sizeof(ret->text), "%s: %s (%u, %d)", what,
			 name_or(type ? type->names : NULL, end->verbose.reason, "no known reason"),
			 end->verbose.type, end->verbose.reason);
	else if (end->has_plain)
		snprintf(ret->text, sizeof(ret->text), "%s: %s (%u)", what,
			 name_or(&qk_wds_call_end_reason_values, end->plain, "no known reason"),
			 end->plain);
	else if (end->error)
		snprintf(ret->text, sizeof(ret->text), "%s: QMI protocol error (%u): '%s'", what,
			 end->error, name_or(&qk_error_values, end->error, "unknown"));
	else
		snprintf(ret->text, sizeof(ret->text), "%s", what);
}
