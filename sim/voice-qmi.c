/*
 * VOICE: calls, as a view on the model's. USSD is in voice-ussd.c.
 *
 * Supplementary services are kept as they are set and change nothing else [C].
 */
#include <qmikit/voice.h>

#include <errno.h>
#include <string.h>

#include "modem.h"

static uint16_t indication_register(struct qk_sim_call *call)
{
	const struct qk_voice_indication_register_request *request = call->request;

	qk_sim_watch(call->client, QK_SIM_VOICE_WATCH_CALLS, request->has_call_notification_events,
		     request->call_notification_events);
	qk_sim_watch(call->client, QK_SIM_VOICE_WATCH_USSD, request->has_ussd_notification_events,
		     request->ussd_notification_events);
	return QK_ERROR_NONE;
}

static uint16_t error_of(int r)
{
	static const struct qk_sim_error rows[] = {
		{ -EINVAL, QK_ERROR_INVALID_ARGUMENT },    { -ENOENT, QK_ERROR_NO_ENTRY },
		{ -ENETDOWN, QK_ERROR_NETWORK_NOT_READY }, { -EBUSY, QK_ERROR_DEVICE_IN_USE },
		{ -EOPNOTSUPP, QK_ERROR_NOT_SUPPORTED },
	};

	return qk_sim_error_of(r, rows, sizeof(rows) / sizeof(rows[0]));
}

/* A text of the request with an end; false: it does not fit. */
static bool ended(const struct qk_string *text, char *ret, size_t size)
{
	if (text->size >= size)
		return false;
	memcpy(ret, text->data, text->size);
	ret[text->size] = 0;
	return true;
}

static uint16_t dial_call(struct qk_sim_call *call)
{
	const struct qk_voice_dial_call_request *request = call->request;
	struct qk_voice_dial_call_response *response = call->response;
	char number[QK_SIM_NUMBER_MAX];

	if (!ended(&request->calling_number, number, sizeof(number)))
		return QK_ERROR_ARGUMENT_TOO_LONG;
	int r = qk_sim_voice_dial(&call->sim->state, number, &response->call_id);
	response->has_call_id = r == 0;
	return error_of(r);
}

static uint16_t end_call(struct qk_sim_call *call)
{
	const struct qk_voice_end_call_request *request = call->request;
	struct qk_voice_end_call_response *response = call->response;
	int r = request->call_id ? qk_sim_voice_hang_up(&call->sim->state, request->call_id)
				 : -ENOENT;

	response->has_call_id = r == 0;
	response->call_id = request->call_id;
	return error_of(r);
}

static uint16_t answer_call(struct qk_sim_call *call)
{
	const struct qk_voice_answer_call_request *request = call->request;
	struct qk_voice_answer_call_response *response = call->response;
	int r = request->call_id ? qk_sim_voice_answer(&call->sim->state, request->call_id)
				 : -ENOENT;

	response->has_call_id = r == 0;
	response->call_id = request->call_id;
	return error_of(r);
}

static uint16_t burst_dtmf(struct qk_sim_call *call)
{
	const struct qk_voice_burst_dtmf_request *request = call->request;
	struct qk_voice_burst_dtmf_response *response = call->response;
	char digits[QK_SIM_DTMF_MAX];

	if (!ended(&request->data.digit_buffer, digits, sizeof(digits)))
		return QK_ERROR_ARGUMENT_TOO_LONG;
	int r = qk_sim_voice_dtmf(&call->sim->state, request->data.call_id, digits);
	response->has_call_id = r == 0;
	response->call_id = request->data.call_id;
	return error_of(r);
}

static uint16_t start_continuous_dtmf(struct qk_sim_call *call)
{
	const struct qk_voice_start_continuous_dtmf_request *request = call->request;
	struct qk_voice_start_continuous_dtmf_response *response = call->response;
	const char digit[] = { (char)request->data.digit, 0 };
	int r = qk_sim_voice_dtmf(&call->sim->state, request->data.call_id, digit);

	response->has_call_id = r == 0;
	response->call_id = request->data.call_id;
	return error_of(r);
}

static uint16_t stop_continuous_dtmf(struct qk_sim_call *call)
{
	const struct qk_voice_stop_continuous_dtmf_request *request = call->request;
	struct qk_voice_stop_continuous_dtmf_response *response = call->response;

	if (!qk_sim_voice_call(&call->sim->state, request->data.call_id))
		return QK_ERROR_NO_ENTRY;
	response->has_call_id = true;
	response->call_id = request->data.call_id;
	return QK_ERROR_NONE;
}

/* --- what calls there are */

static uint8_t mode_of(uint32_t rat)
{
	static const struct {
		uint32_t rat;
		uint8_t mode;
	} rows[] = {
		{ QK_SIM_RAT_GSM, QK_VOICE_CALL_MODE_GSM },
		{ QK_SIM_RAT_UMTS, QK_VOICE_CALL_MODE_UMTS },
		{ QK_SIM_RAT_LTE, QK_VOICE_CALL_MODE_LTE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].rat == rat)
			return rows[i].mode;
	return QK_VOICE_CALL_MODE_UNKNOWN;
}

static struct qk_voice_call describe(const struct qk_sim_call_info *info)
{
	static const uint8_t states[] = {
		[QK_SIM_CALL_NONE] = QK_VOICE_CALL_STATE_UNKNOWN,
		[QK_SIM_CALL_DIALING] = QK_VOICE_CALL_STATE_CC_IN_PROGRESS,
		[QK_SIM_CALL_ALERTING] = QK_VOICE_CALL_STATE_ALERTING,
		[QK_SIM_CALL_INCOMING] = QK_VOICE_CALL_STATE_INCOMING,
		[QK_SIM_CALL_WAITING] = QK_VOICE_CALL_STATE_WAITING,
		[QK_SIM_CALL_ACTIVE] = QK_VOICE_CALL_STATE_CONVERSATION,
		[QK_SIM_CALL_HELD] = QK_VOICE_CALL_STATE_HOLD,
		[QK_SIM_CALL_DISCONNECTING] = QK_VOICE_CALL_STATE_DISCONNECTING,
		[QK_SIM_CALL_ENDED] = QK_VOICE_CALL_STATE_END,
	};

	return (struct qk_voice_call){
		.id = info->id,
		.state = states[info->state],
		.type = info->emergency ? QK_VOICE_CALL_TYPE_EMERGENCY : QK_VOICE_CALL_TYPE_VOICE,
		.direction =
			info->incoming ? QK_VOICE_CALL_DIRECTION_MT : QK_VOICE_CALL_DIRECTION_MO,
		.mode = mode_of(info->rat),
		.multipart_indicator = info->multiparty,
		.als = QK_VOICE_ALS_1,
	};
}

static uint8_t presentation_of(const struct qk_sim_call_info *info)
{
	static const uint8_t presentations[] = {
		[QK_SIM_NUMBER_ALLOWED] = QK_VOICE_PRESENTATION_ALLOWED,
		[QK_SIM_NUMBER_RESTRICTED] = QK_VOICE_PRESENTATION_RESTRICTED,
		[QK_SIM_NUMBER_UNAVAILABLE] = QK_VOICE_PRESENTATION_UNAVAILABLE,
	};

	return presentations[info->presentation];
}

/* A number that is withheld is not told. */
static struct qk_string number_of(const struct qk_sim_call_info *info)
{
	return qk_sim_text(info->presentation == QK_SIM_NUMBER_ALLOWED ? info->number : "");
}

/* Both messages have the same lists under other numbers. */
struct lists {
	struct qk_voice_call *calls;
	struct qk_voice_remote_party *parties;
	size_t count;
};

static bool list_calls(struct qk_sim *sim, struct lists *ret)
{
	*ret = (struct lists){
		.calls = qk_arena_take(&sim->arena, QK_SIM_CALLS_MAX * sizeof(*ret->calls)),
		.parties = qk_arena_take(&sim->arena, QK_SIM_CALLS_MAX * sizeof(*ret->parties)),
	};
	if (!ret->calls || !ret->parties)
		return false;
	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		const struct qk_sim_call_info *info = &sim->state.voice.calls[i];
		if (info->state == QK_SIM_CALL_NONE)
			continue;
		ret->calls[ret->count] = describe(info);
		ret->parties[ret->count++] =
			(struct qk_voice_remote_party){ info->id, presentation_of(info),
							number_of(info) };
	}
	return true;
}

static uint16_t get_all_call_info(struct qk_sim_call *call)
{
	struct qk_voice_get_all_call_info_response *response = call->response;
	struct lists lists;

	if (!list_calls(call->sim, &lists))
		return QK_ERROR_NO_MEMORY;
	response->has_call_information = true;
	response->call_information.items = lists.calls;
	response->call_information.count = lists.count;
	response->has_remote_party_number = lists.count;
	response->remote_party_number.items = lists.parties;
	response->remote_party_number.count = lists.count;
	return QK_ERROR_NONE;
}

static uint16_t get_call_info(struct qk_sim_call *call)
{
	const struct qk_voice_get_call_info_request *request = call->request;
	struct qk_voice_get_call_info_response *response = call->response;
	const struct qk_sim_call_info *info =
		qk_sim_voice_call(&call->sim->state, request->call_id);

	if (!info)
		return QK_ERROR_NO_ENTRY;
	response->has_call_information = true;
	response->call_information = describe(info);
	response->has_remote_party_number = true;
	response->remote_party_number.presentation_indicator = presentation_of(info);
	response->remote_party_number.number = number_of(info);
	return QK_ERROR_NONE;
}

static bool calls_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_voice_all_call_status_indication *status = indication;
	struct lists lists;

	(void)client;
	if (!list_calls(sim, &lists) || !lists.count)
		return false;
	status->has_call_information = true;
	status->call_information.items = lists.calls;
	status->call_information.count = lists.count;
	status->has_remote_party_number = true;
	status->remote_party_number.items = lists.parties;
	status->remote_party_number.count = lists.count;
	return true;
}

/* --- supplementary services */

static uint16_t manage_calls(struct qk_sim_call *call)
{
	const struct qk_voice_manage_calls_request *request = call->request;
	uint8_t id = request->has_call_id ? request->call_id : 0;

	/* the model's numbers are QMI's */
	return error_of(qk_sim_voice_manage(&call->sim->state, request->service_type, id));
}

static uint16_t set_supplementary_service(struct qk_sim_call *call)
{
	const struct qk_voice_set_supplementary_service_request *request = call->request;
	struct qk_voice_set_supplementary_service_response *response = call->response;
	struct qk_sim_voice *voice = &call->sim->state.voice;
	uint8_t action = request->supplementary_service_information.supplementary_service_action;
	uint8_t reason = request->supplementary_service_information.supplementary_service_reason;
	bool on = action == QK_VOICE_SUPPLEMENTARY_SERVICE_ACTION_ACTIVATE ||
		  action == QK_VOICE_SUPPLEMENTARY_SERVICE_ACTION_REGISTER;

	if (!action || action > QK_VOICE_SUPPLEMENTARY_SERVICE_ACTION_ERASE || !reason ||
	    reason > QK_VOICE_SUPPLEMENTARY_SERVICE_REASON_CALL_WAITING)
		return QK_ERROR_INVALID_ARGUMENT;
	if (!qk_sim_radio_has_circuit(&call->sim->state))
		return QK_ERROR_NETWORK_NOT_READY;
	uint16_t bit = (uint16_t)(1u << reason);
	voice->services = on ? voice->services | bit : voice->services & (uint16_t)~bit;
	response->has_service_status = true;
	response->service_status.active = on;
	response->service_status.provisioned = true;
	return QK_ERROR_NONE;
}

static uint16_t get_call_waiting(struct qk_sim_call *call)
{
	struct qk_voice_get_call_waiting_response *response = call->response;
	uint16_t bit = 1u << QK_VOICE_SUPPLEMENTARY_SERVICE_REASON_CALL_WAITING;

	if (!qk_sim_radio_has_circuit(&call->sim->state))
		return QK_ERROR_NETWORK_NOT_READY;
	/* class 1 of 3GPP TS 27.007 is voice; 0 is none */
	response->has_service_class = true;
	response->service_class = call->sim->state.voice.services & bit ? 1 : 0;
	return QK_ERROR_NONE;
}

/* What was never set is as it came from the factory [U]. */
static uint16_t get_config(struct qk_sim_call *call)
{
	const struct qk_voice_get_config_request *request = call->request;
	struct qk_voice_get_config_response *response = call->response;

	response->has_auto_answer_status = request->has_auto_answer && request->auto_answer;
	response->has_current_tty_mode = request->has_tty_mode && request->tty_mode;
	response->current_tty_mode = QK_VOICE_TTY_MODE_OFF;
	response->has_current_amr_status = request->has_amr_status && request->amr_status;
	response->current_amr_status.gsm = true;
	response->current_amr_status.wcdma =
		QK_VOICE_WCDMA_AMR_STATUS_WCDMA_AMR_WB | QK_VOICE_WCDMA_AMR_STATUS_GSM_HR_AMR |
		QK_VOICE_WCDMA_AMR_STATUS_GSM_AMR_WB | QK_VOICE_WCDMA_AMR_STATUS_GSM_AMR_NB;
	response->has_current_voice_domain_preference =
		request->has_voice_domain_preference && request->voice_domain_preference;
	response->current_voice_domain_preference = QK_VOICE_DOMAIN_PS_PREFERRED;
	return QK_ERROR_NONE;
}

static const struct qk_sim_handler handlers[] = {
	{ "indication-register", indication_register },
	{ "get-supported-messages", qk_sim_get_supported_messages },
	{ "dial-call", dial_call },
	{ "end-call", end_call },
	{ "answer-call", answer_call },
	{ "get-call-info", get_call_info },
	{ "burst-dtmf", burst_dtmf },
	{ "start-continuous-dtmf", start_continuous_dtmf },
	{ "stop-continuous-dtmf", stop_continuous_dtmf },
	{ "get-all-call-info", get_all_call_info },
	{ "manage-calls", manage_calls },
	{ "set-supplementary-service", set_supplementary_service },
	{ "get-call-waiting", get_call_waiting },
	{ "originate-ussd", qk_sim_voice_originate_ussd },
	{ "answer-ussd", qk_sim_voice_answer_ussd },
	{ "cancel-ussd", qk_sim_voice_cancel_ussd },
	{ "get-config", get_config },
	{ "originate-ussd-no-wait", qk_sim_voice_originate_ussd_no_wait },
};

static const struct qk_sim_news news[] = {
	{ QK_SIM_CHANGED_CALLS, QK_SIM_VOICE_WATCH_CALLS, "all-call-status", calls_news },
	{ QK_SIM_CHANGED_USSD, QK_SIM_VOICE_WATCH_USSD, "ussd", qk_sim_voice_ussd_news },
	{ QK_SIM_CHANGED_USSD, QK_SIM_VOICE_WATCH_USSD, "release-ussd",
	  qk_sim_voice_ussd_release_news },
	{ QK_SIM_CHANGED_USSD, QK_SIM_VOICE_WATCH_OWN, "originate-ussd-no-wait",
	  qk_sim_voice_ussd_done_news },
};

const struct qk_sim_service_table qk_sim_voice = {
	.service = QK_SERVICE_ID_VOICE,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.news = news,
	.news_count = sizeof(news) / sizeof(news[0]),
	.watch = QK_SIM_VOICE_WATCH_OWN,
};
