/*
 * OMA: numbers of QMI and of the bus are rows of tables; a session's way is told by indications.
 */
#include "oma.h"

#include <qmikit/common.h>
#include <qmikit/oma.h>

#include "log.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { PENDING_MAX = 16 };

/* By QMI's number. */
static const enum mm_oma_session_type types[] = {
	[QK_OMA_SESSION_TYPE_CLIENT_INITIATED_DEVICE_CONFIGURE] =
		MM_OMA_SESSION_TYPE_CLIENT_INITIATED_DEVICE_CONFIGURE,
	[QK_OMA_SESSION_TYPE_CLIENT_INITIATED_PRL_UPDATE] =
		MM_OMA_SESSION_TYPE_CLIENT_INITIATED_PRL_UPDATE,
	[QK_OMA_SESSION_TYPE_CLIENT_INITIATED_HANDS_FREE_ACTIVATION] =
		MM_OMA_SESSION_TYPE_CLIENT_INITIATED_HANDS_FREE_ACTIVATION,
	[QK_OMA_SESSION_TYPE_DEVICE_INITIATED_HANDS_FREE_ACTIVATION] =
		MM_OMA_SESSION_TYPE_DEVICE_INITIATED_HANDS_FREE_ACTIVATION,
	[QK_OMA_SESSION_TYPE_NETWORK_INITIATED_PRL_UPDATE] =
		MM_OMA_SESSION_TYPE_NETWORK_INITIATED_PRL_UPDATE,
	[QK_OMA_SESSION_TYPE_NETWORK_INITIATED_DEVICE_CONFIGURE] =
		MM_OMA_SESSION_TYPE_NETWORK_INITIATED_DEVICE_CONFIGURE,
	[QK_OMA_SESSION_TYPE_DEVICE_INITIATED_PRL_UPDATE] =
		MM_OMA_SESSION_TYPE_DEVICE_INITIATED_PRL_UPDATE,
};

enum { CLIENT_INITIATED = QK_OMA_SESSION_TYPE_CLIENT_INITIATED_HANDS_FREE_ACTIVATION };

static const enum mm_oma_session_state states[] = {
	[QK_OMA_SESSION_STATE_COMPLETE_INFORMATION_UPDATED] = MM_OMA_SESSION_STATE_COMPLETED,
	[QK_OMA_SESSION_STATE_COMPLETE_UPDATED_INFORMATION_UNAVAILABLE] =
		MM_OMA_SESSION_STATE_COMPLETED,
	[QK_OMA_SESSION_STATE_FAILED] = MM_OMA_SESSION_STATE_FAILED,
	[QK_OMA_SESSION_STATE_RETRYING] = MM_OMA_SESSION_STATE_RETRYING,
	[QK_OMA_SESSION_STATE_CONNECTING] = MM_OMA_SESSION_STATE_CONNECTING,
	[QK_OMA_SESSION_STATE_CONNECTED] = MM_OMA_SESSION_STATE_CONNECTED,
	[QK_OMA_SESSION_STATE_AUTHENTICATED] = MM_OMA_SESSION_STATE_AUTHENTICATED,
	[QK_OMA_SESSION_STATE_MDN_DOWNLOADED] = MM_OMA_SESSION_STATE_MDN_DOWNLOADED,
	[QK_OMA_SESSION_STATE_MSID_DOWNLOADED] = MM_OMA_SESSION_STATE_MSID_DOWNLOADED,
	[QK_OMA_SESSION_STATE_PRL_DOWNLOADED] = MM_OMA_SESSION_STATE_PRL_DOWNLOADED,
	[QK_OMA_SESSION_STATE_MIP_PROFILE_DOWNLOADED] = MM_OMA_SESSION_STATE_MIP_PROFILE_DOWNLOADED,
};

static const enum mm_oma_session_state_failed_reason reasons[] = {
	[QK_OMA_SESSION_FAILED_REASON_UNKNOWN] = MM_OMA_SESSION_STATE_FAILED_REASON_UNKNOWN,
	[QK_OMA_SESSION_FAILED_REASON_NETWORK_UNAVAILABLE] =
		MM_OMA_SESSION_STATE_FAILED_REASON_NETWORK_UNAVAILABLE,
	[QK_OMA_SESSION_FAILED_REASON_SERVER_UNAVAILABLE] =
		MM_OMA_SESSION_STATE_FAILED_REASON_SERVER_UNAVAILABLE,
	[QK_OMA_SESSION_FAILED_REASON_AUTHENTICATION_FAILED] =
		MM_OMA_SESSION_STATE_FAILED_REASON_AUTHENTICATION_FAILED,
	[QK_OMA_SESSION_FAILED_REASON_MAX_RETRY_EXCEEDED] =
		MM_OMA_SESSION_STATE_FAILED_REASON_MAX_RETRY_EXCEEDED,
	[QK_OMA_SESSION_FAILED_REASON_SESSION_CANCELLED] =
		MM_OMA_SESSION_STATE_FAILED_REASON_SESSION_CANCELLED,
};

/* --- The session */

static void set_state(struct modem *modem, enum mm_oma_session_state state,
		      enum mm_oma_session_state_failed_reason reason)
{
	json_int_t before =
		json_integer_value(api_object_get(modem->object, API_OMA_SESSION_STATE));

	if (before == state)
		return;
	modem_set(modem, API_OMA_SESSION_STATE, json_integer(state));
	api_object_emit(modem->object, API_SIGNAL_OMA_SESSION_STATE_CHANGED,
			json_pack("[I, i, i]", before, state, reason));
}

static void begin_session(struct modem *modem, json_int_t type)
{
	modem_set(modem, API_OMA_SESSION_TYPE, json_integer(type));
	set_state(modem, MM_OMA_SESSION_STATE_STARTED, MM_OMA_SESSION_STATE_FAILED_REASON_UNKNOWN);
}

/* --- What the network wants */

static const json_t *pending(const struct modem *modem)
{
	return api_object_get(modem->object, API_OMA_PENDING_NETWORK_INITIATED_SESSIONS);
}

/* Its place in the list; what it has not, behind the end. */
static size_t find_pending(const struct modem *modem, json_int_t id)
{
	const json_t *list = pending(modem);
	size_t i = 0;

	while (i < json_array_size(list) &&
	       json_integer_value(json_array_get(json_array_get(list, i), 1)) != id)
		i++;
	return i;
}

static json_int_t pending_type(const struct modem *modem, json_int_t id)
{
	return json_integer_value(
		json_array_get(json_array_get(pending(modem), find_pending(modem, id)), 0));
}

static void add_pending(struct modem *modem, uint8_t type, uint16_t id)
{
	json_t *list;

	if (type >= COUNT(types) || find_pending(modem, id) < json_array_size(pending(modem)) ||
	    json_array_size(pending(modem)) == PENDING_MAX) {
		modem_log(modem, "a session of device management is left out");
		return;
	}
	list = json_deep_copy(pending(modem));
	json_array_append_new(list, json_pack("[i, i]", types[type], id));
	modem_set(modem, API_OMA_PENDING_NETWORK_INITIATED_SESSIONS, list);
}

static void remove_pending(struct modem *modem, json_int_t id)
{
	json_t *list = json_deep_copy(pending(modem));

	json_array_remove(list, find_pending(modem, id));
	modem_set(modem, API_OMA_PENDING_NETWORK_INITIATED_SESSIONS, list);
}

/* --- News */

static void take_news(struct modem *modem, const struct qk_oma_event_report_indication *news)
{
	enum mm_oma_session_state state = MM_OMA_SESSION_STATE_UNKNOWN;
	uint8_t reason = 0;

	if (news->has_session_state) {
		if (news->session_state < COUNT(states))
			state = states[news->session_state];
		if (state == MM_OMA_SESSION_STATE_FAILED && news->has_session_fail_reason &&
		    news->session_fail_reason < COUNT(reasons))
			reason = news->session_fail_reason;
		set_state(modem, state, reasons[reason]);
	}
	if (news->has_network_initiated_alert)
		add_pending(modem, news->network_initiated_alert.session_type,
			    news->network_initiated_alert.session_id);
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	struct modem *modem = userdata;

	(void)client, (void)frame;
	if (message == &qk_oma_event_report_message && decoded &&
	    api_object_has(modem->object, API_OMA))
		take_news(modem, decoded);
}

static void report(struct operation *op, bool on)
{
	const struct qk_oma_set_event_report_request request = {
		.has_network_initiated_alert_reporting = true,
		.network_initiated_alert_reporting = on,
		.has_session_state_reporting = true,
		.session_state_reporting = on,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_OMA,
					      .need = OPERATION_SPARES,
					      .method = &qk_oma_set_event_report_method,
					      .request = &request });
}

void oma_listen(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	if (!api_object_has(modem->object, API_OMA))
		return;
	if (!modem->oma.news && qk_client_subscribe(qmi_port_client(modem->qmi, QK_SERVICE_ID_OMA),
						    on_news, modem, NULL, &modem->oma.news) < 0)
		operation_fail(operation, MM_CORE_ERROR_FAILED, "out of memory");
	else
		report(operation, true);
}

void oma_ignore(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	modem->oma.news = qk_slot_free(modem->oma.news);
	if (api_object_has(modem->object, API_OMA))
		report(operation, false);
}

/* --- Features */

static void take_features(struct operation *op, const void *response, uint16_t error,
			  const void *about)
{
	const struct qk_oma_get_feature_setting_response *r = response;
	uint32_t features = MM_OMA_FEATURE_NONE;

	(void)about;
	if (error)
		return;
	if (r->has_device_provisioning_service_update_config &&
	    r->device_provisioning_service_update_config)
		features |= MM_OMA_FEATURE_DEVICE_PROVISIONING;
	if (r->has_prl_update_service_config && r->prl_update_service_config)
		features |= MM_OMA_FEATURE_PRL_UPDATE;
	if (r->has_hfa_feature_config && r->hfa_feature_config)
		features |= MM_OMA_FEATURE_HANDS_FREE_ACTIVATION;
	operation_modem(op)->oma.features = features;
}

void oma_read(struct operation *operation)
{
	static const struct question question = { QK_SERVICE_ID_OMA, OPERATION_SPARES,
						  &qk_oma_get_feature_setting_method,
						  take_features };

	if (qmi_port_client(operation_modem(operation)->qmi, QK_SERVICE_ID_OMA))
		operation_ask(operation, &question);
}

static void set_features(struct operation *op)
{
	json_int_t features = request_number(op, 0);
	const struct qk_oma_set_feature_setting_request request = {
		.has_device_provisioning_service_update_config = true,
		.device_provisioning_service_update_config =
			features & MM_OMA_FEATURE_DEVICE_PROVISIONING,
		.has_prl_update_service_config = true,
		.prl_update_service_config = features & MM_OMA_FEATURE_PRL_UPDATE,
		.has_hfa_feature_config = true,
		.hfa_feature_config = features & MM_OMA_FEATURE_HANDS_FREE_ACTIVATION,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_OMA,
					      .need = OPERATION_NEEDS,
					      .method = &qk_oma_set_feature_setting_method,
					      .request = &request });
}

static void tell_features(struct operation *op)
{
	struct modem *modem = operation_modem(op);

	modem->oma.features = (uint32_t)request_number(op, 0);
	modem_set(modem, API_OMA_FEATURES, json_integer(modem->oma.features));
}

/* --- Methods */

static void on_setup(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct step steps[] = { { "choose features of device management",
					       set_features },
					     { "tell the features", tell_features } };
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_ENABLED, NULL };

	request_start(call, in, userdata, &kind);
}

static void start_session(struct operation *op)
{
	struct qk_oma_start_session_request request = { .has_session_type = true };

	for (uint8_t i = 0; i <= CLIENT_INITIATED; i++)
		if ((json_int_t)types[i] == request_number(op, 0))
			request.session_type = i;
	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_OMA,
					      .need = OPERATION_NEEDS,
					      .method = &qk_oma_start_session_method,
					      .request = &request });
}

static void note_session(struct operation *op)
{
	struct modem *modem = operation_modem(op);

	begin_session(modem, request_number(op, 0));
}

static void on_start(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct step steps[] = { { "start a session of device management",
					       start_session },
					     { "tell the session", note_session } };
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_ENABLED, NULL };
	json_int_t type = json_integer_value(json_array_get(in, 0));
	const struct modem *modem = userdata;
	bool known = false;

	for (size_t i = 0; i <= CLIENT_INITIATED; i++)
		known |= (json_int_t)types[i] == type;
	if (known || modem->state < MM_MODEM_STATE_ENABLED)
		request_start(call, in, userdata, &kind);
	else
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED,
			       "a client starts no session of type %lld", (long long)type);
}

static void select_session(struct operation *op)
{
	const struct qk_oma_send_selection_request request = {
		.has_network_initiated_alert_selection = true,
		.network_initiated_alert_selection = {
			.control_point_selection_accept = json_is_true(request_in(op, 1)),
			.session_id = (uint16_t)request_number(op, 0),
		},
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_OMA,
					      .need = OPERATION_NEEDS,
					      .method = &qk_oma_send_selection_method,
					      .request = &request });
}

static void note_selected(struct operation *op)
{
	struct modem *modem = operation_modem(op);
	json_int_t id = request_number(op, 0), type = pending_type(modem, id);

	remove_pending(modem, id);
	if (json_is_true(request_in(op, 1)))
		begin_session(modem, type);
}

static void on_accept(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct step steps[] = { { "answer the network's wish for a session",
					       select_session },
					     { "tell the session", note_selected } };
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_ENABLED, NULL };
	json_int_t id = json_integer_value(json_array_get(in, 0));
	const struct modem *modem = userdata;

	if (pending_type(modem, id) || modem->state < MM_MODEM_STATE_ENABLED)
		request_start(call, in, userdata, &kind);
	else
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED, "the network wants no session %lld",
			       (long long)id);
}

static void cancel_session(struct operation *op)
{
	static const struct question question = { QK_SERVICE_ID_OMA, OPERATION_NEEDS,
						  &qk_oma_cancel_session_method };

	operation_ask(op, &question);
}

static void on_cancel(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct step steps[] = { { "cancel the session of device management",
					       cancel_session } };
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_ENABLED, NULL };

	request_start(call, in, userdata, &kind);
}

/* --- The interface */

static const struct api_handler handlers[] = {
	{ API_METHOD_OMA_SETUP, on_setup },
	{ API_METHOD_OMA_START_CLIENT_INITIATED_SESSION, on_start },
	{ API_METHOD_OMA_ACCEPT_NETWORK_INITIATED_SESSION, on_accept },
	{ API_METHOD_OMA_CANCEL_SESSION, on_cancel },
};

void oma_add(struct modem *modem)
{
	if (!qmi_port_client(modem->qmi, QK_SERVICE_ID_OMA))
		return;
	if (modem_add(modem, API_OMA, handlers, COUNT(handlers), 0))
		modem_set(modem, API_OMA_FEATURES, json_integer(modem->oma.features));
}

void oma_end(struct modem *modem)
{
	modem->oma.news = qk_slot_free(modem->oma.news);
}
