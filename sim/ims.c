/*
 * IMS, IMSA, IMSP, QOS: services that the modem has and the virtual network has nothing for. There is no IMS behind
 * it, so the modem is not registered there and none of its services can be used; what it may use is off [U].
 *
 * A client may say which subscription it means; the modem has one [C].
 */
#include <qmikit/ims.h>
#include <qmikit/imsa.h>
#include <qmikit/imsp.h>
#include <qmikit/qos.h>

#include "modem.h"

/* Numbers that other modems give their second and third subscription. */
#define BINDING_MAX 2

static uint16_t bind_settings(struct qk_sim_call *call)
{
	const struct qk_ims_bind_request *request = call->request;

	return request->binding > BINDING_MAX ? QK_ERROR_INVALID_ARGUMENT : QK_ERROR_NONE;
}

static uint16_t services_enabled(struct qk_sim_call *call)
{
	struct qk_ims_get_ims_services_enabled_setting_response *response = call->response;

	response->has_ims_voice_service_enabled = true;
	response->has_ims_video_telephony_service_enabled = true;
	response->has_ims_voice_wifi_service_enabled = true;
	response->has_ims_registration_service_enabled = true;
	response->has_ims_ut_service_enabled = true;
	response->has_ims_sms_service_enabled = true;
	response->has_ims_ussd_service_enabled = true;
	return QK_ERROR_NONE;
}

static uint16_t registration_status(struct qk_sim_call *call)
{
	struct qk_imsa_get_ims_registration_status_response *response = call->response;

	response->has_ims_registration_status = true;
	response->ims_registration_status = QK_IMSA_IMS_REGISTRATION_STATUS_NOT_REGISTERED;
	return QK_ERROR_NONE;
}

static uint16_t services_status(struct qk_sim_call *call)
{
	struct qk_imsa_get_ims_services_status_response *response = call->response;

	response->has_ims_sms_service_status = true;
	response->has_ims_voice_service_status = true;
	response->has_ims_video_telephony_service_status = true;
	response->has_ims_ue_to_tas_service_status = true;
	response->has_ims_video_share_service_status = true;
	return QK_ERROR_NONE;
}

/* Nothing ever changes, so whoever asks to be told is not told anything. */
static uint16_t register_indications(struct qk_sim_call *call)
{
	(void)call;
	return QK_ERROR_NONE;
}

static uint16_t bind_application(struct qk_sim_call *call)
{
	const struct qk_imsa_bind_request *request = call->request;

	if (!request->has_binding)
		return QK_ERROR_MISSING_ARGUMENT;
	if (request->binding > BINDING_MAX)
		return QK_ERROR_INVALID_ARGUMENT;
	call->client->ims_binding = request->binding;
	return QK_ERROR_NONE;
}

static uint16_t get_bind_application(struct qk_sim_call *call)
{
	struct qk_imsa_get_bind_response *response = call->response;

	response->has_binding = true;
	response->binding = call->client->ims_binding;
	return QK_ERROR_NONE;
}

static uint16_t enabler_state(struct qk_sim_call *call)
{
	struct qk_imsp_get_enabler_state_response *response = call->response;

	response->has_enabler_state = true;
	response->enabler_state = QK_IMSP_ENABLER_STATE_UNINITIALIZED;
	return QK_ERROR_NONE;
}

static const struct qk_sim_handler ims_handlers[] = {
	{ "get-ims-services-enabled-setting", services_enabled },
	{ "bind", bind_settings },
};

static const struct qk_sim_handler imsa_handlers[] = {
	{ "get-ims-registration-status", registration_status },
	{ "get-ims-services-status", services_status },
	{ "register-indications", register_indications },
	{ "bind", bind_application },
	{ "get-bind", get_bind_application },
};

static const struct qk_sim_handler imsp_handlers[] = {
	{ "get-enabler-state", enabler_state },
};

static const struct qk_sim_handler qos_handlers[] = {
	{ "reset", qk_sim_reset_client },
};

/* clang-format off */
#define TABLE(service_id, rows) \
	{ .service = (service_id), .handlers = (rows), \
	  .handler_count = sizeof(rows) / sizeof((rows)[0]) }
/* clang-format on */

const struct qk_sim_service_table qk_sim_ims = TABLE(QK_SERVICE_ID_IMS, ims_handlers);
const struct qk_sim_service_table qk_sim_imsa = TABLE(QK_SERVICE_ID_IMSA, imsa_handlers);
const struct qk_sim_service_table qk_sim_imsp = TABLE(QK_SERVICE_ID_IMSP, imsp_handlers);
const struct qk_sim_service_table qk_sim_qos = TABLE(QK_SERVICE_ID_QOS, qos_handlers);
