/*
 * DMS: the device itself, as a view on identity, power and capabilities.
 */
#include <errno.h>
#include <string.h>

#include <qmikit/dms.h>

#include "modem.h"

static uint16_t set_event_report(struct qk_sim_call *call)
{
	const struct qk_dms_set_event_report_request *request = call->request;

	qk_sim_watch(call->client, QK_SIM_WATCH_OPERATING_MODE,
		     request->has_operating_mode_reporting, request->operating_mode_reporting);
	return QK_ERROR_NONE;
}

static uint16_t get_capabilities(struct qk_sim_call *call)
{
	static const struct {
		uint32_t rat;
		uint8_t radio_interface;
	} rats[] = {
		{ QK_SIM_RAT_GSM, QK_DMS_RADIO_INTERFACE_GSM },
		{ QK_SIM_RAT_UMTS, QK_DMS_RADIO_INTERFACE_UMTS },
		{ QK_SIM_RAT_LTE, QK_DMS_RADIO_INTERFACE_LTE },
	};
	const struct qk_sim_capabilities *can = &call->sim->profile->capabilities;
	struct qk_dms_get_capabilities_response *response = call->response;
	uint8_t *list = qk_arena_take(&call->sim->arena, sizeof(rats) / sizeof(rats[0]));

	if (!list)
		return QK_ERROR_NO_MEMORY;
	response->has_info = true;
	response->info.max_tx_channel_rate = can->max_tx_rate_bps;
	response->info.max_rx_channel_rate = can->max_rx_rate_bps;
	response->info.data_service_capability =
		can->circuit_data ? QK_DMS_DATA_SERVICE_CAPABILITY_SIMULTANEOUS_CS_PS
				  : QK_DMS_DATA_SERVICE_CAPABILITY_NON_SIMULTANEOUS_CS_PS;
	response->info.sim_capability = QK_DMS_SIM_CAPABILITY_SUPPORTED;
	response->info.radio_interface_list.items = list;
	for (size_t i = 0; i < sizeof(rats) / sizeof(rats[0]); i++)
		if (can->rats & rats[i].rat)
			list[response->info.radio_interface_list.count++] = rats[i].radio_interface;
	return QK_ERROR_NONE;
}

static uint16_t get_manufacturer(struct qk_sim_call *call)
{
	struct qk_dms_get_manufacturer_response *response = call->response;

	response->has_manufacturer = true;
	response->manufacturer = qk_sim_text(call->sim->state.identity.manufacturer);
	return QK_ERROR_NONE;
}

static uint16_t get_model(struct qk_sim_call *call)
{
	struct qk_dms_get_model_response *response = call->response;

	response->has_model = true;
	response->model = qk_sim_text(call->sim->state.identity.model);
	return QK_ERROR_NONE;
}

static uint16_t get_revision(struct qk_sim_call *call)
{
	struct qk_dms_get_revision_response *response = call->response;

	response->has_revision = true;
	response->revision = qk_sim_text(call->sim->state.identity.revision);
	return QK_ERROR_NONE;
}

static uint16_t get_hardware_revision(struct qk_sim_call *call)
{
	struct qk_dms_get_hardware_revision_response *response = call->response;

	response->has_revision = true;
	response->revision = qk_sim_text(call->sim->state.identity.hardware_revision);
	return QK_ERROR_NONE;
}

/* The number is on the card, and known once the modem was registered with it [R]. */
static uint16_t get_msisdn(struct qk_sim_call *call)
{
	const struct qk_sim_state *state = &call->sim->state;
	struct qk_dms_get_msisdn_response *response = call->response;

	if (!state->number_known || !qk_sim_state_card_ready(state) || !state->identity.msisdn[0])
		return QK_ERROR_NOT_PROVISIONED;
	response->has_msisdn = true;
	response->msisdn = qk_sim_text(state->identity.msisdn);
	return QK_ERROR_NONE;
}

static uint16_t get_ids(struct qk_sim_call *call)
{
	const struct qk_sim_identity *identity = &call->sim->state.identity;
	struct qk_dms_get_ids_response *response = call->response;

	response->has_esn = identity->esn[0] != 0;
	response->esn = qk_sim_text(identity->esn);
	response->has_imei = true;
	response->imei = qk_sim_text(identity->imei);
	response->has_meid = identity->meid[0] != 0;
	response->meid = qk_sim_text(identity->meid);
	response->has_imei_software_version = identity->imei_software_version[0] != 0;
	response->imei_software_version = qk_sim_text(identity->imei_software_version);
	return QK_ERROR_NONE;
}

static uint16_t get_power_state(struct qk_sim_call *call)
{
	const struct qk_sim_power *power = &call->sim->state.power;
	struct qk_dms_get_power_state_response *response = call->response;
	unsigned int flags = 0;

	flags |= power->external_supply ? QK_DMS_POWER_STATE_EXTERNAL_SOURCE : 0;
	flags |= power->battery ? QK_DMS_POWER_STATE_BATTERY_CONNECTED : 0;
	flags |= power->charging ? QK_DMS_POWER_STATE_BATTERY_CHARGING : 0;
	response->has_info = true;
	response->info.power_state_flags = (uint8_t)flags;
	response->info.battery_level = power->battery_percent;
	return QK_ERROR_NONE;
}

static const struct {
	uint32_t mode;
	uint8_t value;
} modes[] = {
	{ QK_SIM_MODE_ONLINE, QK_DMS_OPERATING_MODE_ONLINE },
	{ QK_SIM_MODE_LOW_POWER, QK_DMS_OPERATING_MODE_LOW_POWER },
	{ QK_SIM_MODE_FACTORY_TEST, QK_DMS_OPERATING_MODE_FACTORY_TEST },
	{ QK_SIM_MODE_OFFLINE, QK_DMS_OPERATING_MODE_OFFLINE },
	{ QK_SIM_MODE_RESET, QK_DMS_OPERATING_MODE_RESET },
	{ QK_SIM_MODE_SHUTTING_DOWN, QK_DMS_OPERATING_MODE_SHUTTING_DOWN },
	{ QK_SIM_MODE_PERSISTENT_LOW_POWER, QK_DMS_OPERATING_MODE_PERSISTENT_LOW_POWER },
	{ QK_SIM_MODE_ONLY_LOW_POWER, QK_DMS_OPERATING_MODE_MODE_ONLY_LOW_POWER },
};

#define MODE_COUNT (sizeof(modes) / sizeof(modes[0]))

static uint8_t mode_value(uint32_t mode)
{
	for (size_t i = 0; i < MODE_COUNT; i++)
		if (modes[i].mode == mode)
			return modes[i].value;
	return QK_DMS_OPERATING_MODE_UNKNOWN;
}

static uint16_t get_operating_mode(struct qk_sim_call *call)
{
	const struct qk_sim_power *power = &call->sim->state.power;
	struct qk_dms_get_operating_mode_response *response = call->response;

	response->has_mode = true;
	response->mode = mode_value(power->mode);
	response->has_hardware_restricted_mode = true;
	response->hardware_restricted_mode = power->hardware_restricted;
	return QK_ERROR_NONE;
}

static uint16_t set_operating_mode(struct qk_sim_call *call)
{
	const struct qk_dms_set_operating_mode_request *request = call->request;

	for (size_t i = 0; i < MODE_COUNT; i++) {
		if (modes[i].value != request->mode)
			continue;
		int r = qk_sim_state_set_mode(&call->sim->state, modes[i].mode);
		return r == -EPERM ? QK_ERROR_INVALID_TRANSITION : QK_ERROR_NONE;
	}
	return QK_ERROR_INVALID_ARGUMENT;
}

/* The clock of GPS began on the 6th of January 1980 and does not know the leap seconds since. */
#define GPS_EPOCH_SEC 315964800
#define LEAP_SEC 18

/* Until a network has told the time, the clock began at that epoch when the modem came up [U]. */
static uint16_t get_time(struct qk_sim_call *call)
{
	const struct qk_sim_state *state = &call->sim->state;
	struct qk_dms_get_time_response *response = call->response;
	int64_t utc_usec = qk_sim_radio_utc_usec(state);
	uint64_t usec = state->now_usec - state->boot_usec;

	if (utc_usec)
		usec = (uint64_t)(utc_usec - (int64_t)(GPS_EPOCH_SEC - LEAP_SEC) * 1000000);
	response->has_device_time = true;
	response->device_time.time_count = usec / 1250;
	response->device_time.time_source = QK_DMS_TIME_SOURCE_DEVICE;
	response->has_system_time = true;
	response->system_time = usec / 1000;
	response->has_user_time = true;
	response->user_time = usec / 1000;
	return QK_ERROR_NONE;
}

/* There is no CDMA that a list of roaming networks or an activation would be for [U]. */
static uint16_t get_prl_version(struct qk_sim_call *call)
{
	(void)call;
	return QK_ERROR_NOT_PROVISIONED;
}

static uint16_t get_activation_state(struct qk_sim_call *call)
{
	struct qk_dms_get_activation_state_response *response = call->response;

	response->has_info = true;
	response->info = QK_DMS_ACTIVATION_STATE_NOT_ACTIVATED;
	return QK_ERROR_NONE;
}

static bool is_lock_code(const struct qk_sim_state *state, const struct qk_string *code)
{
	return code->size == sizeof(state->lock.code) &&
	       !memcmp(code->data, state->lock.code, sizeof(state->lock.code));
}

static uint16_t get_user_lock_state(struct qk_sim_call *call)
{
	struct qk_dms_get_user_lock_state_response *response = call->response;

	response->has_enabled = true;
	response->enabled = call->sim->state.lock.on;
	return QK_ERROR_NONE;
}

static uint16_t set_user_lock_state(struct qk_sim_call *call)
{
	const struct qk_dms_set_user_lock_state_request *request = call->request;

	if (!is_lock_code(&call->sim->state, &request->info.lock_code))
		return QK_ERROR_AUTHENTICATION_FAILED;
	call->sim->state.lock.on = request->info.enabled;
	return QK_ERROR_NONE;
}

static uint16_t set_user_lock_code(struct qk_sim_call *call)
{
	const struct qk_dms_set_user_lock_code_request *request = call->request;
	struct qk_sim_state *state = &call->sim->state;

	if (!is_lock_code(state, &request->info.old_code))
		return QK_ERROR_AUTHENTICATION_FAILED;
	if (request->info.new_code.size != sizeof(state->lock.code))
		return QK_ERROR_INVALID_ARGUMENT;
	memcpy(state->lock.code, request->info.new_code.data, sizeof(state->lock.code));
	return QK_ERROR_NONE;
}

/* Unless it was changed, and nothing changes it here, the code is six zeros [U]. */
static uint16_t validate_service_programming_code(struct qk_sim_call *call)
{
	const struct qk_dms_validate_service_programming_code_request *request = call->request;
	const struct qk_string *code = &request->service_programming_code;

	return code->size == 6 && !memcmp(code->data, "000000", 6) ? QK_ERROR_NONE
								   : QK_ERROR_AUTHENTICATION_FAILED;
}

static uint16_t get_software_version(struct qk_sim_call *call)
{
	struct qk_dms_get_software_version_response *response = call->response;

	response->has_version = true;
	response->version = qk_sim_text(call->sim->state.identity.revision);
	return QK_ERROR_NONE;
}

static uint16_t get_band_capabilities(struct qk_sim_call *call)
{
	const struct qk_sim_capabilities *can = &call->sim->profile->capabilities;
	struct qk_dms_get_band_capabilities_response *response = call->response;

	response->has_band_capability = true;
	response->band_capability = can->bands;
	response->has_lte_band_capability = can->lte_bands != 0;
	response->lte_band_capability = can->lte_bands;
	return QK_ERROR_NONE;
}

/* The laptop vouches for the modem, which may be online until it boots again [R]. */
static uint16_t set_fcc_authentication(struct qk_sim_call *call)
{
	call->sim->state.power.fcc_lock = QK_SIM_FCC_NONE;
	return QK_ERROR_NONE;
}

static bool is_unlocked_by_dms(const struct qk_sim_profile *profile)
{
	return profile->power.fcc_lock == QK_SIM_FCC_DMS;
}

/* Of the numbers that hosts may send, 0 is the one that they do [U]. */
static uint16_t foxconn_set_fcc_authentication(struct qk_sim_call *call)
{
	const struct qk_dms_foxconn_set_fcc_authentication_request *request = call->request;

	return request->value ? QK_ERROR_INVALID_ARGUMENT : set_fcc_authentication(call);
}

static bool is_unlocked_by_foxconn(const struct qk_sim_profile *profile)
{
	return profile->power.fcc_lock == QK_SIM_FCC_FOXCONN;
}

/* The parts of the firmware have one version here [C]. */
static uint16_t foxconn_get_firmware_version(struct qk_sim_call *call)
{
	struct qk_dms_foxconn_get_firmware_version_response *response = call->response;

	response->has_version = true;
	response->version = qk_sim_text(call->sim->state.identity.revision);
	return QK_ERROR_NONE;
}

static uint16_t swi_get_current_firmware(struct qk_sim_call *call)
{
	const struct qk_sim_identity *identity = &call->sim->state.identity;
	struct qk_dms_swi_get_current_firmware_response *response = call->response;

	response->has_model = true;
	response->model = qk_sim_text(identity->model);
	response->has_amss_version = true;
	response->amss_version = qk_sim_text(identity->revision);
	return QK_ERROR_NONE;
}

static bool operating_mode_news(struct qk_sim *sim, const struct qk_sim_client *client,
				void *indication)
{
	struct qk_dms_event_report_indication *report = indication;

	(void)client;
	report->has_operating_mode = true;
	report->operating_mode = mode_value(sim->state.power.mode);
	return true;
}

static const struct qk_sim_handler handlers[] = {
	{ "reset", qk_sim_reset_client },
	{ "set-event-report", set_event_report },
	{ "get-supported-messages", qk_sim_get_supported_messages },
	{ "get-capabilities", get_capabilities },
	{ "get-manufacturer", get_manufacturer },
	{ "get-model", get_model },
	{ "get-revision", get_revision },
	{ "get-msisdn", get_msisdn },
	{ "get-ids", get_ids },
	{ "get-power-state", get_power_state },
	{ "get-hardware-revision", get_hardware_revision },
	{ "get-operating-mode", get_operating_mode },
	{ "set-operating-mode", set_operating_mode },
	{ "get-time", get_time },
	{ "get-prl-version", get_prl_version },
	{ "get-activation-state", get_activation_state },
	{ "get-user-lock-state", get_user_lock_state },
	{ "set-user-lock-state", set_user_lock_state },
	{ "set-user-lock-code", set_user_lock_code },
	{ "validate-service-programming-code", validate_service_programming_code },
	{ "get-band-capabilities", get_band_capabilities },
	{ "get-software-version", get_software_version },
	{ "set-fcc-authentication", set_fcc_authentication, is_unlocked_by_dms },
	{ "foxconn-set-fcc-authentication", foxconn_set_fcc_authentication,
	  is_unlocked_by_foxconn },
	{ "foxconn-get-firmware-version", foxconn_get_firmware_version },
	{ "swi-get-current-firmware", swi_get_current_firmware },
};

static const struct qk_sim_news news[] = {
	{ QK_SIM_CHANGED_MODE, QK_SIM_WATCH_OPERATING_MODE, "event-report", operating_mode_news },
};

const struct qk_sim_service_table qk_sim_dms = {
	.service = QK_SERVICE_ID_DMS,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.news = news,
	.news_count = sizeof(news) / sizeof(news[0]),
};
