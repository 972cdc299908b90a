/*
 * Messaging: the list and its methods, and what the modem tells. What it keeps is read by message-places.c.
 */
#include "messaging.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/wms.h>
#include <utlist.h>

#include "cell-broadcast.h"
#include "messaging-inside.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A card has up to 255 places and a modem as many. */
enum { MESSAGES_MAX = 600 };

/* --- The list */

static void free_child(struct child *child)
{
	sms_free(messaging_sms(child));
}

static const struct children_kind messages_kind = {
	.list = API_MESSAGING_MESSAGES,
	.added = API_SIGNAL_MESSAGING_ADDED,
	.deleted = API_SIGNAL_MESSAGING_DELETED,
	.free = free_child,
};

struct sms *messaging_find(const struct modem *modem, const char *path)
{
	return modem->messaging ? messaging_sms(children_find(&modem->messaging->messages, path))
				: NULL;
}

/* `sms` is in the list from then on. */
static void insert(struct modem *modem, struct sms *sms, bool received)
{
	struct children *messages = &modem->messaging->messages;

	children_add(messages, &sms->child);
	children_tell(modem, messages, &sms->child, json_pack("[b]", received));
}

/* --- A message that was read */

/* What the modem's tag and the PDU say. */
static enum mm_sms_state state_of(const struct sms *sms, uint8_t tag)
{
	if (!sms_is_whole(sms))
		return MM_SMS_STATE_RECEIVING;
	switch ((enum qk_wms_message_tag_type)tag) {
	case QK_WMS_MESSAGE_TAG_TYPE_MT_READ:
	case QK_WMS_MESSAGE_TAG_TYPE_MT_NOT_READ:
		return MM_SMS_STATE_RECEIVED;
	case QK_WMS_MESSAGE_TAG_TYPE_MO_SENT:
		return MM_SMS_STATE_SENT;
	case QK_WMS_MESSAGE_TAG_TYPE_MO_NOT_SENT:
		return MM_SMS_STATE_STORED;
	}
	return MM_SMS_STATE_UNKNOWN;
}

/* The message that was sent and is reported of. */
static struct sms *reported(const struct modem *modem, const struct qk_sms *report)
{
	struct child *child;

	DL_FOREACH(modem->messaging->messages.first, child) {
		struct sms *sms = messaging_sms(child);
		const json_t *reference =
			api_object_get(sms->child.object, API_SMS_MESSAGE_REFERENCE);

		if (sms->state == MM_SMS_STATE_SENT && sms->parts[0].pdu.type == QK_SMS_SUBMIT &&
		    json_integer_value(reference) == report->reference)
			return sms;
	}
	return NULL;
}

/* Its place in a message that misses it, or in a new one. */
static struct sms_part *place_part(struct modem *modem, const struct qk_sms *pdu, struct sms **ret)
{
	size_t count = pdu->header.has_parts && pdu->header.parts > 0 ? pdu->header.parts : 1;
	size_t part = count > 1 ? pdu->header.part : 1;
	struct child *child;
	struct sms *sms;

	DL_FOREACH(modem->messaging->messages.first, child) {
		struct sms_part *place = sms_place(messaging_sms(child), pdu);

		if (place) {
			*ret = messaging_sms(child);
			return place;
		}
	}
	if (part < 1 || part > count || modem->messaging->messages.count == MESSAGES_MAX ||
	    sms_new(modem, count, &sms) < 0)
		return NULL;
	*ret = sms;
	return &sms->parts[part - 1];
}

bool messaging_decode(const struct modem *modem, struct qk_span bytes, struct qk_sms *ret)
{
	bool good = qk_sms_decode(bytes, ret) == 0;

	if (!good)
		modem_log(modem, "a message that cannot be read");
	return good;
}

void messaging_take(struct modem *modem, const struct qk_sms *pdu, const struct message_place *at,
		    uint8_t tag)
{
	struct sms *sms = NULL;
	struct sms_part *part;

	if (pdu->type == QK_SMS_STATUS_REPORT && reported(modem, pdu)) {
		sms_take_report(reported(modem, pdu), pdu);
		return;
	}
	part = place_part(modem, pdu, &sms);
	if (!part) {
		modem_log(modem, "a message is left out");
		return;
	}
	part->there = true;
	part->pdu = *pdu;
	part->stored = at;
	part->storage = at ? at->storage : 0;
	part->index = at ? at->index : 0;
	sms_tell(sms);
	sms_set_state(sms, state_of(sms, tag));
	if (!messaging_find(modem, sms_path(sms)))
		insert(modem, sms, !at || at->received);
}

/* --- News */

static void on_acknowledged(struct qk_client *client, int status, const void *response,
			    void *userdata)
{
	(void)client, (void)response;
	if (status < 0)
		modem_log(userdata, "a message was not acknowledged: %s", strerror(-status));
}

static void acknowledge(struct modem *modem, struct qk_client *wms, uint32_t transaction)
{
	const struct qk_wms_send_ack_request request = {
		.has_information = true,
		.information = { transaction, QK_WMS_MESSAGE_PROTOCOL_WCDMA, true },
	};
	const struct qk_call_options options = { .userdata = modem };

	/* Its answer comes while there is the client, which the modem outlives. */
	if (qk_wms_send_ack(wms, &request, &options, on_acknowledged) < 0)
		modem_log(modem, "a message cannot be acknowledged");
}

/* One that the modem does not keep comes with the address of the message centre beside it. */
static void take_transferred(struct modem *modem, const struct qk_wms_event_report_indication *news)
{
	const struct qk_bytes *bytes = &news->transfer_route_mt_message.raw_data;
	uint8_t octets[QK_SMS_PDU_MAX + 1] = { 0 };
	uint8_t format = news->transfer_route_mt_message.format;
	struct qk_sms pdu;

	if (format == QK_WMS_MESSAGE_FORMAT_GSM_WCDMA_BROADCAST)
		cell_broadcast_take(modem, (struct qk_span){ bytes->data, bytes->size });
	if (format != QK_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT ||
	    bytes->size > QK_SMS_PDU_MAX)
		return;
	memcpy(octets + 1, bytes->data, bytes->size);
	if (!messaging_decode(modem, (struct qk_span){ octets, bytes->size + 1 }, &pdu))
		return;
	/* What is no number is left out. */
	if (news->has_smsc_address)
		(void)!qk_sms_set_number(&pdu.smsc, news->smsc_address.data);
	messaging_take(modem, &pdu, NULL, QK_WMS_MESSAGE_TAG_TYPE_MT_NOT_READ);
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	const struct qk_wms_event_report_indication *news = decoded;
	struct modem *modem = userdata;

	(void)frame;
	if (message != &qk_wms_event_report_message || !decoded)
		return;
	if (news->has_transfer_route_mt_message) {
		if (news->transfer_route_mt_message.ack_indicator == QK_WMS_ACK_INDICATOR_SEND)
			acknowledge(modem, client, news->transfer_route_mt_message.transaction_id);
		take_transferred(modem, news);
	}
	if (news->has_mt_message) {
		message_places_add(modem, news->mt_message.storage_type,
				   news->mt_message.memory_index, true);
		message_places_read(modem);
	}
}

static void route(struct operation *op, enum operation_need need)
{
	struct modem *modem = operation_modem(op);
	uint8_t storage = QK_WMS_STORAGE_TYPE_NV;
	struct qk_wms_route routes[] = {
		{ QK_WMS_MESSAGE_TYPE_POINT, QK_WMS_MESSAGE_CLASS_0, 0,
		  QK_WMS_RECEIPT_ACTION_STORE_AND_NOTIFY },
		{ QK_WMS_MESSAGE_TYPE_POINT, QK_WMS_MESSAGE_CLASS_1, 0,
		  QK_WMS_RECEIPT_ACTION_STORE_AND_NOTIFY },
		{ QK_WMS_MESSAGE_TYPE_POINT, QK_WMS_MESSAGE_CLASS_NONE, 0,
		  QK_WMS_RECEIPT_ACTION_STORE_AND_NOTIFY },
	};

	(void)sms_storage_qmi(
		json_integer_value(api_object_get(modem->object, API_MESSAGING_DEFAULT_STORAGE)),
		&storage);
	for (size_t i = 0; i < COUNT(routes); i++)
		routes[i].storage = storage;

	const struct qk_wms_set_routes_request request = {
		.has_route_list = true,
		.route_list = { routes, COUNT(routes) },
		/* Reports of what was sent come to us instead of getting lost. */
		.has_transfer_status_report = true,
		.transfer_status_report = QK_WMS_TRANSFER_INDICATION_CLIENT,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WMS,
					      .need = need,
					      .method = &qk_wms_set_routes_method,
					      .request = &request });
}

static void route_anew(struct operation *op)
{
	route(op, OPERATION_TRIES);
}

static void report(struct operation *op, bool on)
{
	const struct qk_wms_set_event_report_request request = {
		.has_new_mt_message_indicator = true,
		.new_mt_message_indicator = { on },
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WMS,
					      .need = OPERATION_SPARES,
					      .method = &qk_wms_set_event_report_method,
					      .request = &request });
}

void messaging_listen(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);
	struct qk_client *wms = qmi_port_client(modem->qmi, QK_SERVICE_ID_WMS);

	if (!wms || !modem->messaging)
		return;
	if (!modem->messaging->news &&
	    qk_client_subscribe(wms, on_news, modem, NULL, &modem->messaging->news) < 0) {
		operation_fail(operation, MM_CORE_ERROR_FAILED, "out of memory");
		return;
	}
	route(operation, OPERATION_SPARES);
	report(operation, true);
}

static void clear(struct modem *modem)
{
	struct messaging *messaging = modem->messaging;

	messaging->news = qk_slot_free(messaging->news);
	message_places_clear(messaging);
	children_clear(modem, &messaging->messages);
}

void messaging_ignore(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	if (!modem->messaging)
		return;
	clear(modem);
	report(operation, false);
}

/* --- Methods */

static bool enabled(struct api_call *call, const struct modem *modem)
{
	if (modem->state >= MM_MODEM_STATE_ENABLED)
		return true;
	api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the modem is %s",
		       api_value_name(&api_values_modem_state, modem->state));
	return false;
}

static void on_list(struct api_call *call, const json_t *in, void *userdata)
{
	const struct modem *modem = userdata;

	(void)in;
	if (enabled(call, modem))
		api_call_reply(call, json_pack("[o]", children_paths(&modem->messaging->messages)));
}

static void on_create(struct api_call *call, const json_t *in, void *userdata)
{
	struct modem *modem = userdata;
	const char *wrong;
	struct sms *sms;
	int r;

	if (!enabled(call, modem))
		return;
	if (modem->messaging->messages.count == MESSAGES_MAX) {
		api_call_error(call, MM_CORE_ERROR_TOO_MANY, "there are %d messages already",
			       MESSAGES_MAX);
		return;
	}
	r = sms_compose(modem, json_array_get(in, 0), &sms, &wrong);
	if (r < 0) {
		api_call_error(call,
			       r == -ENOMEM ? MM_CORE_ERROR_FAILED : MM_CORE_ERROR_INVALID_ARGS,
			       "%s", r == -ENOMEM ? "out of memory" : wrong);
		return;
	}
	insert(modem, sms, false);
	api_call_reply(call, json_pack("[s]", sms_path(sms)));
}

static void erase(struct operation *op)
{
	const struct sms *sms = messaging_find(operation_modem(op), request_text(op, 0));

	for (size_t i = 0; sms && i < sms->count; i++) {
		const struct qk_wms_delete_request request = {
			.has_memory_storage = true,
			.memory_storage = sms->parts[i].storage,
			.has_memory_index = true,
			.memory_index = sms->parts[i].index,
			.has_message_mode = true,
			.message_mode = QK_WMS_MESSAGE_MODE_GSM_WCDMA,
		};

		if (sms->parts[i].stored)
			operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WMS,
							      .need = OPERATION_NEEDS,
							      .method = &qk_wms_delete_method,
							      .request = &request });
	}
}

static void drop(struct operation *op)
{
	struct sms *sms = messaging_find(operation_modem(op), request_text(op, 0));

	if (sms)
		children_remove(operation_modem(op), &operation_modem(op)->messaging->messages,
				&sms->child);
}

static const struct step delete_steps[] = {
	{ "delete the message", erase },
	{ "forget the message", drop },
};

static void on_delete(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { delete_steps, COUNT(delete_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED, NULL };
	const char *path = json_string_value(json_array_get(in, 0));

	if (!enabled(call, userdata))
		return;
	if (messaging_find(userdata, path))
		request_start(call, in, userdata, &kind);
	else
		api_call_error(call, MM_CORE_ERROR_NOT_FOUND, "the modem has no message %s", path);
}

static const struct step storage_steps[] = { { "route messages", route_anew } };

static void on_set_storage(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { storage_steps, COUNT(storage_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED, NULL };
	json_int_t wanted = json_integer_value(json_array_get(in, 0));
	uint8_t storage;

	if (!enabled(call, userdata))
		return;
	if (!sms_storage_qmi(wanted, &storage)) {
		request_invalid(call, "the modem has no storage %lld", (long long)wanted);
		return;
	}
	modem_set(userdata, API_MESSAGING_DEFAULT_STORAGE, json_integer(wanted));
	request_start(call, in, userdata, &kind);
}

/* --- The interface */

static const struct api_handler handlers[] = {
	{ API_METHOD_MESSAGING_LIST, on_list },
	{ API_METHOD_MESSAGING_CREATE, on_create },
	{ API_METHOD_MESSAGING_DELETE, on_delete },
	{ API_METHOD_MESSAGING_SET_DEFAULT_STORAGE, on_set_storage },
};

void messaging_add(struct modem *modem)
{
	if (!qmi_port_client(modem->qmi, QK_SERVICE_ID_WMS))
		return;
	modem->messaging = modem_add(modem, API_MESSAGING, handlers, COUNT(handlers),
				     sizeof(*modem->messaging));
	if (!modem->messaging)
		return;
	modem->messaging->messages.kind = &messages_kind;
	modem_set(modem, API_MESSAGING_SUPPORTED_STORAGES,
		  json_pack("[i, i]", MM_SMS_STORAGE_SM, MM_SMS_STORAGE_ME));
	modem_set(modem, API_MESSAGING_DEFAULT_STORAGE, json_integer(MM_SMS_STORAGE_ME));
}

void messaging_end(struct modem *modem)
{
	if (!modem->messaging)
		return;
	clear(modem);
	free(modem->messaging);
	modem->messaging = NULL;
}
