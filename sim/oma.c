/*
 * OMA: sessions of device management. One that begins is connecting and stays so until the control socket says what
 * the server does [C]; there is one at a time [C].
 */
#include <errno.h>
#include <qmikit/oma.h>

#include "modem.h"

enum { WATCH_ALERT = 1, WATCH_SESSION = 2 };

/* --- The model */

/* Whether a session goes on. */
static bool runs(const struct qk_sim_oma *oma)
{
	return oma->has_session && oma->state > QK_OMA_SESSION_STATE_FAILED;
}

/* -EBUSY: one goes on. */
static int start_session(struct qk_sim_state *state, uint8_t type)
{
	struct qk_sim_oma *oma = &state->oma;

	if (runs(oma))
		return -EBUSY;
	oma->has_session = true;
	oma->type = type;
	oma->state = QK_OMA_SESSION_STATE_CONNECTING;
	state->changed |= QK_SIM_CHANGED_OMA;
	return 0;
}

int qk_sim_oma_go_on(struct qk_sim_state *state, uint8_t session_state, uint8_t reason)
{
	struct qk_sim_oma *oma = &state->oma;

	if (!runs(oma))
		return -ENOENT;
	oma->state = session_state;
	oma->reason = reason;
	state->changed |= QK_SIM_CHANGED_OMA;
	return 0;
}

void qk_sim_oma_alert(struct qk_sim_state *state, uint8_t type, uint16_t id)
{
	state->oma.has_alert = true;
	state->oma.alert_type = type;
	state->oma.alert_id = id;
	state->changed |= QK_SIM_CHANGED_OMA_ALERT;
}

/* The host's answer to what the network wants. -ENOENT: it does not want that; -EBUSY: a session goes on. */
static int select_session(struct qk_sim_state *state, uint16_t id, bool accept)
{
	struct qk_sim_oma *oma = &state->oma;

	if (!oma->has_alert || oma->alert_id != id)
		return -ENOENT;
	if (accept && start_session(state, oma->alert_type) < 0)
		return -EBUSY;
	oma->has_alert = false;
	return 0;
}

/* --- QMI */

static uint16_t set_event_report(struct qk_sim_call *call)
{
	const struct qk_oma_set_event_report_request *request = call->request;

	qk_sim_watch(call->client, WATCH_ALERT, request->has_network_initiated_alert_reporting,
		     request->network_initiated_alert_reporting);
	qk_sim_watch(call->client, WATCH_SESSION, request->has_session_state_reporting,
		     request->session_state_reporting);
	return QK_ERROR_NONE;
}

static uint16_t begin_session(struct qk_sim_call *call)
{
	const struct qk_oma_start_session_request *request = call->request;

	if (!request->has_session_type)
		return QK_ERROR_MISSING_ARGUMENT;
	if (request->session_type > QK_OMA_SESSION_TYPE_CLIENT_INITIATED_HANDS_FREE_ACTIVATION)
		return QK_ERROR_INVALID_ARGUMENT;
	return start_session(&call->sim->state, request->session_type) < 0 ? QK_ERROR_DEVICE_IN_USE
									   : QK_ERROR_NONE;
}

static uint16_t cancel_session(struct qk_sim_call *call)
{
	return qk_sim_oma_go_on(&call->sim->state, QK_OMA_SESSION_STATE_FAILED,
				QK_OMA_SESSION_FAILED_REASON_SESSION_CANCELLED) < 0
		       ? QK_ERROR_NO_EFFECT
		       : QK_ERROR_NONE;
}

static uint16_t get_session_info(struct qk_sim_call *call)
{
	struct qk_oma_get_session_info_response *response = call->response;
	const struct qk_sim_oma *oma = &call->sim->state.oma;

	response->has_session_info = oma->has_session;
	response->session_info.session_state = oma->state;
	response->session_info.session_type = oma->type;
	response->has_session_failed_reason =
		oma->has_session && oma->state == QK_OMA_SESSION_STATE_FAILED;
	response->session_failed_reason = oma->reason;
	response->has_network_initiated_alert = oma->has_alert;
	response->network_initiated_alert.session_type = oma->alert_type;
	response->network_initiated_alert.session_id = oma->alert_id;
	return QK_ERROR_NONE;
}

static uint16_t send_selection(struct qk_sim_call *call)
{
	const struct qk_oma_send_selection_request *request = call->request;
	int r;

	if (!request->has_network_initiated_alert_selection)
		return QK_ERROR_MISSING_ARGUMENT;
	r = select_session(
		&call->sim->state, request->network_initiated_alert_selection.session_id,
		request->network_initiated_alert_selection.control_point_selection_accept);
	if (r == -ENOENT)
		return QK_ERROR_INVALID_ARGUMENT;
	return r < 0 ? QK_ERROR_DEVICE_IN_USE : QK_ERROR_NONE;
}

static uint16_t get_feature_setting(struct qk_sim_call *call)
{
	struct qk_oma_get_feature_setting_response *response = call->response;
	const struct qk_sim_oma *oma = &call->sim->state.oma;

	response->has_device_provisioning_service_update_config = true;
	response->device_provisioning_service_update_config = oma->provisioning;
	response->has_prl_update_service_config = true;
	response->prl_update_service_config = oma->prl_update;
	response->has_hfa_feature_config = true;
	response->hfa_feature_config = oma->activation;
	response->has_hfa_feature_done_state = true;
	response->hfa_feature_done_state = QK_OMA_HFA_FEATURE_DONE_STATE_NONE;
	return QK_ERROR_NONE;
}

static void set_if(bool *feature, bool given, bool value)
{
	if (given)
		*feature = value;
}

static uint16_t set_feature_setting(struct qk_sim_call *call)
{
	const struct qk_oma_set_feature_setting_request *request = call->request;
	struct qk_sim_oma *oma = &call->sim->state.oma;

	set_if(&oma->provisioning, request->has_device_provisioning_service_update_config,
	       request->device_provisioning_service_update_config);
	set_if(&oma->prl_update, request->has_prl_update_service_config,
	       request->prl_update_service_config);
	set_if(&oma->activation, request->has_hfa_feature_config, request->hfa_feature_config);
	return QK_ERROR_NONE;
}

static bool session_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_oma_event_report_indication *report = indication;
	const struct qk_sim_oma *oma = &sim->state.oma;

	(void)client;
	report->has_session_state = true;
	report->session_state = oma->state;
	report->has_session_fail_reason = oma->state == QK_OMA_SESSION_STATE_FAILED;
	report->session_fail_reason = oma->reason;
	return true;
}

static bool alert_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_oma_event_report_indication *report = indication;

	(void)client;
	report->has_network_initiated_alert = true;
	report->network_initiated_alert.session_type = sim->state.oma.alert_type;
	report->network_initiated_alert.session_id = sim->state.oma.alert_id;
	return true;
}

static const struct qk_sim_handler handlers[] = {
	{ "reset", qk_sim_reset_client },
	{ "set-event-report", set_event_report },
	{ "start-session", begin_session },
	{ "cancel-session", cancel_session },
	{ "get-session-info", get_session_info },
	{ "send-selection", send_selection },
	{ "get-feature-setting", get_feature_setting },
	{ "set-feature-setting", set_feature_setting },
};

static const struct qk_sim_news news[] = {
	{ QK_SIM_CHANGED_OMA, WATCH_SESSION, "event-report", session_news },
	{ QK_SIM_CHANGED_OMA_ALERT, WATCH_ALERT, "event-report", alert_news },
};

const struct qk_sim_service_table qk_sim_oma = {
	.service = QK_SERVICE_ID_OMA,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.news = news,
	.news_count = sizeof(news) / sizeof(news[0]),
};
