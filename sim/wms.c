/*
 * WMS: messages, as a view on the model's stores, routes and radio. Stores are in wms-store.c.
 *
 * A message that is sent is answered when the network has taken or refused it.
 */
#include <qmikit/wms.h>

#include <errno.h>
#include <string.h>

#include "lib/3gpp/sms-pdu.h"
#include "modem.h"

#define INTERNATIONAL "145"
#define UNKNOWN "129"

static uint16_t set_event_report(struct qk_sim_call *call)
{
	const struct qk_wms_set_event_report_request *request = call->request;

	qk_sim_watch(call->client, QK_SIM_WMS_WATCH_MESSAGES, request->has_new_mt_message_indicator,
		     request->new_mt_message_indicator.report);
	return QK_ERROR_NONE;
}

static uint16_t get_message_protocol(struct qk_sim_call *call)
{
	struct qk_wms_get_message_protocol_response *response = call->response;

	response->has_message_protocol = true;
	response->message_protocol = QK_WMS_MESSAGE_PROTOCOL_WCDMA;
	return QK_ERROR_NONE;
}

/* --- sending */

/* What a send says when it is done: both messages that send say it in the same fields. */
struct outcome {
	uint16_t error;
	uint16_t reference;
	struct qk_wms_cause_info cause;
	bool has_cause;
};

static uint16_t start_sending(struct qk_sim_call *call, struct qk_span pdu)
{
	uint32_t ticket;
	int r = qk_sim_sms_send(&call->sim->state, pdu.data, pdu.size, &ticket);

	if (r == -EBUSY)
		return QK_ERROR_INSUFFICIENT_RESOURCES;
	if (r < 0)
		return QK_ERROR_WMS_ENCODING;
	return qk_sim_later(call, QK_SIM_NEVER, QK_SIM_CHANGED_SMS_SENT, ticket);
}

/* False: it is still on its way; `ret->error` is then what the handler returns. */
static bool is_sent(struct qk_sim_call *call, struct outcome *ret)
{
	struct qk_sim_sms_result result;
	int r = qk_sim_sms_take_result(&call->sim->state, call->tag, &result);

	*ret = (struct outcome){ .error = QK_ERROR_NONE };
	if (r == 0) {
		ret->error = qk_sim_later(call, QK_SIM_NEVER, QK_SIM_CHANGED_SMS_SENT, call->tag);
		return false;
	}
	if (r < 0) {
		ret->error = QK_ERROR_WMS_MESSAGE_NOT_SENT;
	} else if (result.sent) {
		ret->reference = result.reference;
	} else if (result.error == -ENETDOWN) {
		ret->error = QK_ERROR_NETWORK_NOT_READY;
	} else if (result.error) {
		ret->error = QK_ERROR_WMS_SMSC_ADDRESS;
	} else {
		ret->error = QK_ERROR_WMS_CAUSE_CODE;
		ret->has_cause = true;
		ret->cause = (struct qk_wms_cause_info){ result.rp_cause, result.tp_cause };
	}
	return true;
}

static uint16_t raw_send(struct qk_sim_call *call)
{
	const struct qk_wms_raw_send_request *request = call->request;
	const struct qk_wms_raw_message *message = &request->raw_message_data;
	struct qk_wms_raw_send_response *response = call->response;
	struct outcome outcome;

	if (message->format != QK_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT)
		return QK_ERROR_DEVICE_UNSUPPORTED;
	if (!call->again)
		return start_sending(
			call, (struct qk_span){ message->raw_data.data, message->raw_data.size });
	if (!is_sent(call, &outcome))
		return outcome.error;
	response->has_message_id = !outcome.error;
	response->message_id = outcome.reference;
	response->has_gsm_wcdma_cause_info = outcome.has_cause;
	response->gsm_wcdma_cause_info = outcome.cause;
	response->has_message_delivery_failure_type = outcome.has_cause;
	response->message_delivery_failure_type = QK_WMS_MESSAGE_DELIVERY_FAILURE_TYPE_PERMANENT;
	return outcome.error;
}

static uint16_t send_from_memory_storage(struct qk_sim_call *call)
{
	const struct qk_wms_send_from_memory_storage_request *request = call->request;
	struct qk_wms_send_from_memory_storage_response *response = call->response;
	struct qk_sim_state *state = &call->sim->state;
	uint8_t store = request->information.storage_type;
	uint32_t index = request->information.memory_index;
	uint16_t error = qk_sim_wms_check(call, store, true, request->information.message_mode);
	struct outcome outcome;

	if (!call->again) {
		const struct qk_sim_sms_slot *slot =
			error ? NULL : qk_sim_sms_get(state, store, index);
		if (!slot)
			return error ? error : QK_ERROR_NO_ENTRY;
		return start_sending(call, (struct qk_span){ slot->pdu.data, slot->pdu.size });
	}
	if (!is_sent(call, &outcome))
		return outcome.error;
	if (!outcome.error)
		(void)qk_sim_sms_set_tag(state, store, index, QK_SIM_SMS_SENT);
	response->has_message_id = !outcome.error;
	response->message_id = outcome.reference;
	response->has_gsm_wcdma_cause_info = outcome.has_cause;
	response->gsm_wcdma_cause_info = outcome.cause;
	response->has_message_delivery_failure_type = outcome.has_cause;
	response->message_delivery_failure_type = QK_WMS_MESSAGE_DELIVERY_FAILURE_TYPE_PERMANENT;
	return outcome.error;
}

/* --- routes */

static bool is_route(const struct qk_wms_route *route)
{
	bool stores = route->receipt_action == QK_WMS_RECEIPT_ACTION_STORE_AND_NOTIFY;

	return route->message_type == QK_WMS_MESSAGE_TYPE_POINT &&
	       route->message_class <= QK_WMS_MESSAGE_CLASS_NONE &&
	       route->receipt_action <= QK_WMS_RECEIPT_ACTION_TRANSFER_AND_ACK &&
	       (route->storage <= QK_WMS_STORAGE_TYPE_NV ||
		(!stores && route->storage == QK_WMS_STORAGE_TYPE_NONE));
}

static uint16_t set_routes(struct qk_sim_call *call)
{
	const struct qk_wms_set_routes_request *request = call->request;
	struct qk_sim_state *state = &call->sim->state;

	/* all or none */
	for (size_t i = 0; i < request->route_list.count; i++)
		if (!is_route(&request->route_list.items[i]))
			return QK_ERROR_INVALID_ARGUMENT;
	for (size_t i = 0; i < request->route_list.count; i++) {
		const struct qk_wms_route *route = &request->route_list.items[i];
		uint8_t store = route->storage;
		if (store == QK_WMS_STORAGE_TYPE_NONE)
			store = state->sms.routes[route->message_class].store;
		(void)qk_sim_sms_set_route(state, route->message_class, store,
					   route->receipt_action);
	}
	if (request->has_transfer_status_report)
		state->sms.transfer_reports =
			request->transfer_status_report == QK_WMS_TRANSFER_INDICATION_CLIENT;
	return QK_ERROR_NONE;
}

static uint16_t get_routes(struct qk_sim_call *call)
{
	struct qk_wms_get_routes_response *response = call->response;
	const struct qk_sim_sms *sms = &call->sim->state.sms;
	struct qk_wms_route *routes =
		qk_arena_take(&call->sim->arena, QK_SIM_SMS_CLASSES * sizeof(*routes));

	if (!routes)
		return QK_ERROR_NO_MEMORY;
	for (uint8_t i = 0; i < QK_SIM_SMS_CLASSES; i++)
		routes[i] = (struct qk_wms_route){
			.message_type = QK_WMS_MESSAGE_TYPE_POINT,
			.message_class = i,
			.storage = sms->routes[i].action == QK_SIM_SMS_STORE
					   ? sms->routes[i].store
					   : QK_WMS_STORAGE_TYPE_NONE,
			.receipt_action = sms->routes[i].action,
		};
	response->has_route_list = true;
	response->route_list.items = routes;
	response->route_list.count = QK_SIM_SMS_CLASSES;
	response->has_transfer_status_report = sms->transfer_reports;
	response->transfer_status_report = QK_WMS_TRANSFER_INDICATION_CLIENT;
	return QK_ERROR_NONE;
}

static uint16_t send_ack(struct qk_sim_call *call)
{
	const struct qk_wms_send_ack_request *request = call->request;

	if (request->information.message_protocol != QK_WMS_MESSAGE_PROTOCOL_WCDMA)
		return QK_ERROR_DEVICE_UNSUPPORTED;
	return qk_sim_sms_acknowledge(&call->sim->state, request->information.transaction_id,
				      request->information.success) < 0
		       ? QK_ERROR_WMS_INVALID_MESSAGE_ID
		       : QK_ERROR_NONE;
}

/* --- the message centre */

static uint16_t get_smsc_address(struct qk_sim_call *call)
{
	struct qk_wms_get_smsc_address_response *response = call->response;
	char *address = qk_arena_take(&call->sim->arena, QK_SIM_SMS_ADDRESS_MAX);

	if (!address)
		return QK_ERROR_NO_MEMORY;
	qk_sim_sms_get_smsc(&call->sim->state, address);
	if (!*address)
		return QK_ERROR_NOT_PROVISIONED;
	response->has_address = true;
	response->address.type = qk_sim_text(*address == '+' ? INTERNATIONAL : UNKNOWN);
	response->address.digits = qk_sim_text(address);
	return QK_ERROR_NONE;
}

static uint16_t set_smsc_address(struct qk_sim_call *call)
{
	const struct qk_wms_set_smsc_address_request *request = call->request;
	const struct qk_string *given = &request->address, *type = &request->address_type;
	char address[QK_SIM_SMS_ADDRESS_MAX] = "";
	size_t plus = request->has_address_type && type->size == strlen(INTERNATIONAL) &&
		      !memcmp(type->data, INTERNATIONAL, type->size) && given->size &&
		      given->data[0] != '+';

	if (given->size + plus >= sizeof(address))
		return QK_ERROR_ARGUMENT_TOO_LONG;
	if (plus)
		address[0] = '+';
	memcpy(address + plus, given->data, given->size);
	int r = qk_sim_sms_set_smsc(&call->sim->state, address);
	if (r == -ENODEV)
		return QK_ERROR_UIM_UNINITIALIZED;
	return r < 0 ? QK_ERROR_WMS_SMSC_ADDRESS : QK_ERROR_NONE;
}

/* --- cell broadcast */

static uint16_t set_broadcast_activation(struct qk_sim_call *call)
{
	const struct qk_wms_set_broadcast_activation_request *request = call->request;

	if (request->activation.message_mode != QK_WMS_MESSAGE_MODE_GSM_WCDMA)
		return QK_ERROR_DEVICE_UNSUPPORTED;
	call->sim->state.sms.broadcast = request->activation.activate;
	return QK_ERROR_NONE;
}

static uint16_t set_broadcast_config(struct qk_sim_call *call)
{
	const struct qk_wms_set_broadcast_config_request *request = call->request;
	struct qk_sim_sms *sms = &call->sim->state.sms;

	if (request->message_mode != QK_WMS_MESSAGE_MODE_GSM_WCDMA)
		return QK_ERROR_DEVICE_UNSUPPORTED;
	if (request->channels.count > QK_SIM_SMS_CHANNELS_MAX)
		return QK_ERROR_INSUFFICIENT_RESOURCES;
	for (size_t i = 0; i < request->channels.count; i++)
		if (request->channels.items[i].start > request->channels.items[i].end)
			return QK_ERROR_INVALID_ARGUMENT;
	sms->channel_count = (uint8_t)request->channels.count;
	for (size_t i = 0; i < request->channels.count; i++)
		sms->channels[i] = (struct qk_sim_sms_channel){
			request->channels.items[i].start,
			request->channels.items[i].end,
			request->channels.items[i].selected,
		};
	return QK_ERROR_NONE;
}

static uint16_t get_broadcast_config(struct qk_sim_call *call)
{
	const struct qk_wms_get_broadcast_config_request *request = call->request;
	struct qk_wms_get_broadcast_config_response *response = call->response;
	const struct qk_sim_sms *sms = &call->sim->state.sms;
	struct qk_wms_broadcast_channel *channels =
		qk_arena_take(&call->sim->arena, sizeof(*channels) * QK_SIM_SMS_CHANNELS_MAX);

	if (request->message_mode != QK_WMS_MESSAGE_MODE_GSM_WCDMA)
		return QK_ERROR_DEVICE_UNSUPPORTED;
	if (!channels)
		return QK_ERROR_NO_MEMORY;
	for (size_t i = 0; i < sms->channel_count; i++)
		channels[i] = (struct qk_wms_broadcast_channel){
			sms->channels[i].first,
			sms->channels[i].last,
			sms->channels[i].selected,
		};
	response->has_config = true;
	response->config.activated = sms->broadcast;
	response->config.channels.items = channels;
	response->config.channels.count = sms->channel_count;
	return QK_ERROR_NONE;
}

/* --- whether messages can be sent */

static uint16_t indication_register(struct qk_sim_call *call)
{
	const struct qk_wms_indication_register_request *request = call->request;

	qk_sim_watch(call->client, QK_SIM_WMS_WATCH_NETWORK,
		     request->has_report_transport_network_registration_status,
		     request->report_transport_network_registration_status);
	return QK_ERROR_NONE;
}

static uint8_t network_status(const struct qk_sim_state *state)
{
	if (qk_sim_radio_has_circuit(state))
		return QK_WMS_NW_REGISTRATION_FULL_SERVICE;
	return state->registration == QK_SIM_SEARCHING ? QK_WMS_NW_REGISTRATION_IN_PROCESS
						       : QK_WMS_NW_REGISTRATION_NO_SERVICE;
}

static uint16_t get_network_status(struct qk_sim_call *call)
{
	struct qk_wms_get_transport_network_registration_status_response *response = call->response;

	response->has_registration_status = true;
	response->registration_status = network_status(&call->sim->state);
	return QK_ERROR_NONE;
}

static bool network_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_wms_transport_network_registration_status_indication *status = indication;

	(void)client;
	status->has_registration_status = true;
	status->registration_status = network_status(&sim->state);
	return true;
}

/* --- what arrives */

/* A message that is handed over comes without the message centre, whose address is beside it. */
static bool fill_transfer(struct qk_sim *sim, const struct qk_sim_sms_event *event,
			  struct qk_wms_event_report_indication *report)
{
	struct qk_span pdu = { event->pdu.data, event->pdu.size };
	size_t centre = qk_sms_smsc_size(pdu);
	struct qk_sms *sms = qk_arena_take(&sim->arena, sizeof(*sms));

	if (!sms || !centre)
		return false;
	report->has_transfer_route_mt_message = true;
	report->transfer_route_mt_message.ack_indicator =
		event->confirm ? QK_WMS_ACK_INDICATOR_SEND : QK_WMS_ACK_INDICATOR_DO_NOT_SEND;
	report->transfer_route_mt_message.transaction_id = event->transaction;
	report->transfer_route_mt_message.format = QK_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT;
	report->transfer_route_mt_message.raw_data =
		(struct qk_bytes){ pdu.data + centre, pdu.size - centre };
	if (qk_sms_decode(pdu, sms) == 0 && sms->smsc.text[0]) {
		report->has_smsc_address = true;
		report->smsc_address = qk_sim_text(sms->smsc.text);
	}
	return true;
}

static bool fill_broadcast(const struct qk_sim_sms_event *event,
			   struct qk_wms_event_report_indication *report)
{
	report->has_transfer_route_mt_message = true;
	report->transfer_route_mt_message.ack_indicator = QK_WMS_ACK_INDICATOR_DO_NOT_SEND;
	report->transfer_route_mt_message.transaction_id = event->transaction;
	report->transfer_route_mt_message.format = QK_WMS_MESSAGE_FORMAT_GSM_WCDMA_BROADCAST;
	report->transfer_route_mt_message.raw_data =
		(struct qk_bytes){ event->pdu.data, event->pdu.size };
	return true;
}

static bool event_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_wms_event_report_indication *report = indication;
	const struct qk_sim_sms_event *event = &sim->state.sms.event;

	(void)client;
	report->has_message_mode = true;
	report->message_mode = QK_WMS_MESSAGE_MODE_GSM_WCDMA;
	switch ((enum qk_sim_sms_event_kind)event->kind) {
	case QK_SIM_SMS_EVENT_STORED:
		report->has_mt_message = true;
		report->mt_message.storage_type = event->store;
		report->mt_message.memory_index = event->index;
		return true;
	case QK_SIM_SMS_EVENT_TRANSFER:
		return fill_transfer(sim, event, report);
	case QK_SIM_SMS_EVENT_REPORT:
		return sim->state.sms.transfer_reports && fill_transfer(sim, event, report);
	case QK_SIM_SMS_EVENT_BROADCAST:
		return fill_broadcast(event, report);
	case QK_SIM_SMS_EVENT_NONE:
	case QK_SIM_SMS_EVENT_FULL:
		break;
	}
	return false;
}

static bool full_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_wms_memory_full_indication *full = indication;
	const struct qk_sim_sms_event *event = &sim->state.sms.event;

	(void)client;
	full->has_memory_full_information = true;
	full->memory_full_information.storage_type = event->store;
	full->memory_full_information.message_mode = QK_WMS_MESSAGE_MODE_GSM_WCDMA;
	return event->kind == QK_SIM_SMS_EVENT_FULL;
}

static const struct qk_sim_handler handlers[] = {
	{ "reset", qk_sim_reset_client },
	{ "set-event-report", set_event_report },
	{ "get-supported-messages", qk_sim_get_supported_messages },
	{ "raw-send", raw_send },
	{ "raw-write", qk_sim_wms_raw_write },
	{ "raw-read", qk_sim_wms_raw_read },
	{ "modify-tag", qk_sim_wms_modify_tag },
	{ "delete", qk_sim_wms_delete },
	{ "get-message-protocol", get_message_protocol },
	{ "list-messages", qk_sim_wms_list_messages },
	{ "set-routes", set_routes },
	{ "get-routes", get_routes },
	{ "get-smsc-address", get_smsc_address },
	{ "set-smsc-address", set_smsc_address },
	{ "send-ack", send_ack },
	{ "set-broadcast-activation", set_broadcast_activation },
	{ "set-broadcast-config", set_broadcast_config },
	{ "get-broadcast-config", get_broadcast_config },
	{ "send-from-memory-storage", send_from_memory_storage },
	{ "indication-register", indication_register },
	{ "get-transport-network-registration-status", get_network_status },
};

static const struct qk_sim_news news[] = {
	{ QK_SIM_CHANGED_SMS, QK_SIM_WMS_WATCH_MESSAGES, "event-report", event_news },
	{ QK_SIM_CHANGED_SMS, QK_SIM_WMS_WATCH_MESSAGES, "memory-full", full_news },
	{ QK_SIM_CHANGED_REGISTRATION, QK_SIM_WMS_WATCH_NETWORK,
	  "transport-network-registration-status", network_news },
};

const struct qk_sim_service_table qk_sim_wms = {
	.service = QK_SERVICE_ID_WMS,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.news = news,
	.news_count = sizeof(news) / sizeof(news[0]),
};
