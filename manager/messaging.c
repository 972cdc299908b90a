/*
 * Messaging: a message is known by where the modem keeps it. Places wait in a list until they are read, one after
 * the other, whether the modem listed them or told of them.
 */
#include "messaging.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/wms.h>
#include <utlist.h>

#include "cell-broadcast.h"
#include "request.h"
#include "sms.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A card has up to 255 places and a modem as many. */
enum { MESSAGES_MAX = 600, PLACES_MAX = 600 };

/* Where a message is to be read. */
struct place {
	struct place *prev, *next;
	uint8_t storage;
	uint32_t index;
	bool received; /* now; not listed */
};

struct messaging {
	struct sms *messages;
	size_t count;
	struct place *places;
	size_t place_count;
	struct qk_slot *news;
	bool reading;
};

struct sms *messaging_find(const struct modem *modem, const char *path)
{
	struct sms *sms;

	if (!modem->messaging)
		return NULL;
	DL_FOREACH(modem->messaging->messages, sms) {
		if (strcmp(sms_path(sms), path) == 0)
			return sms;
	}
	return NULL;
}

/* --- The list */

static json_t *paths(const struct modem *modem)
{
	json_t *list = json_array();
	const struct sms *sms;

	DL_FOREACH(modem->messaging->messages, sms)
		json_array_append_new(list, json_string(sms_path(sms)));
	return list;
}

static void tell_list(struct modem *modem)
{
	modem_set(modem, API_MESSAGING_MESSAGES, paths(modem));
}

/* `sms` is in the list from then on. */
static void insert(struct modem *modem, struct sms *sms, bool received)
{
	DL_PREPEND(modem->messaging->messages, sms); /* clients know them newest first */
	modem->messaging->count++;
	api_object_publish(sms->object);
	tell_list(modem);
	api_object_emit(modem->object, API_SIGNAL_MESSAGING_ADDED,
			json_pack("[s, b]", sms_path(sms), received));
}

static void forget(struct modem *modem, struct sms *sms)
{
	json_t *path = json_pack("[s]", sms_path(sms));

	DL_DELETE(modem->messaging->messages, sms);
	modem->messaging->count--;
	sms_free(sms);
	tell_list(modem);
	api_object_emit(modem->object, API_SIGNAL_MESSAGING_DELETED, path);
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
	struct sms *sms;

	DL_FOREACH(modem->messaging->messages, sms) {
		const json_t *reference = api_object_get(sms->object, API_SMS_MESSAGE_REFERENCE);

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
	struct sms_part *place;
	struct sms *sms;

	DL_FOREACH(modem->messaging->messages, sms) {
		place = sms_place(sms, pdu);
		if (place) {
			*ret = sms;
			return place;
		}
	}
	if (part < 1 || part > count || modem->messaging->count == MESSAGES_MAX ||
	    sms_new(modem, count, &sms) < 0)
		return NULL;
	*ret = sms;
	return &sms->parts[part - 1];
}

static bool read_pdu(const struct modem *modem, struct qk_span bytes, struct qk_sms *ret)
{
	bool good = qk_sms_decode(bytes, ret) == 0;

	if (!good)
		modem_log(modem, "a message that cannot be read");
	return good;
}

/* `at` NULL: the modem does not keep it. */
static void take_pdu(struct modem *modem, const struct qk_sms *pdu, const struct place *at,
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

/* --- Places */

static void add_place(struct modem *modem, uint8_t storage, uint32_t index, bool received)
{
	struct messaging *messaging = modem->messaging;
	struct place *place;

	place = messaging->place_count < PLACES_MAX ? malloc(sizeof(*place)) : NULL;
	if (!place) {
		modem_log(modem, "a message is left out");
		return;
	}
	*place = (struct place){ .storage = storage, .index = index, .received = received };
	DL_APPEND(messaging->places, place);
	messaging->place_count++;
}

static void remove_place(struct messaging *messaging, struct place *place)
{
	DL_DELETE(messaging->places, place);
	messaging->place_count--;
	free(place);
}

/* Whether a message has it already. */
static bool is_known(const struct messaging *messaging, const struct place *place)
{
	const struct sms *sms;

	DL_FOREACH(messaging->messages, sms) {
		for (size_t i = 0; i < sms->count; i++)
			if (sms->parts[i].stored && sms->parts[i].storage == place->storage &&
			    sms->parts[i].index == place->index)
				return true;
	}
	return false;
}

static void read_next(struct operation *op);

/* A modem may keep pages of cell broadcasts where it keeps messages. */
static void take_stored(struct modem *modem, const struct qk_wms_raw_read_response *r)
{
	const struct qk_span bytes = { r->raw_message_data.raw_data.data,
				       r->raw_message_data.raw_data.size };
	struct qk_sms pdu;

	if (r->raw_message_data.format == QK_WMS_MESSAGE_FORMAT_GSM_WCDMA_BROADCAST)
		cell_broadcast_take(modem, bytes);
	else if (read_pdu(modem, bytes, &pdu))
		take_pdu(modem, &pdu, modem->messaging->places, r->raw_message_data.message_tag);
}

static void take_message(struct operation *op, const void *response, uint16_t error,
			 const void *about)
{
	const struct qk_wms_raw_read_response *r = response;
	struct modem *modem = operation_modem(op);

	(void)about;
	if (!modem->messaging || !modem->messaging->places)
		return;
	if (!error && r->has_raw_message_data)
		take_stored(modem, r);
	remove_place(modem->messaging, modem->messaging->places);
	read_next(op);
}

static void read_next(struct operation *op)
{
	struct messaging *messaging = operation_modem(op)->messaging;

	while (messaging && messaging->places && is_known(messaging, messaging->places))
		remove_place(messaging, messaging->places);
	if (!messaging || !messaging->places)
		return;

	const struct qk_wms_raw_read_request request = {
		.has_message_memory_storage_id = true,
		.message_memory_storage_id = { messaging->places->storage,
					       messaging->places->index },
		.has_message_mode = true,
		.message_mode = QK_WMS_MESSAGE_MODE_GSM_WCDMA,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WMS,
					      .need = OPERATION_TRIES,
					      .method = &qk_wms_raw_read_method,
					      .take = take_message,
					      .request = &request });
}

static void on_read(struct modem *modem, const struct failure *failure, void *userdata)
{
	(void)failure, (void)userdata;
	if (modem->messaging)
		modem->messaging->reading = false;
}

/* One reader at a time: it takes what comes meanwhile. */
static void begin_reading(struct modem *modem)
{
	static const struct step steps[] = { { "read messages", read_next } };

	if (modem->messaging->reading)
		return;
	modem->messaging->reading = true;
	if (operation_start(modem, OPERATION_ASIDE, steps, COUNT(steps), on_read, NULL) < 0)
		modem->messaging->reading = false;
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
	if (!read_pdu(modem, (struct qk_span){ octets, bytes->size + 1 }, &pdu))
		return;
	/* What is no number is left out. */
	if (news->has_smsc_address)
		(void)!qk_sms_set_number(&pdu.smsc, news->smsc_address.data);
	take_pdu(modem, &pdu, NULL, QK_WMS_MESSAGE_TAG_TYPE_MT_NOT_READ);
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
		add_place(modem, news->mt_message.storage_type, news->mt_message.memory_index,
			  true);
		begin_reading(modem);
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

/* What is listed, and whether what is not known of it has just come. */
struct listed {
	uint8_t storage;
	bool received;
};

static void take_list(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_wms_list_messages_response *r = response;
	struct modem *modem = operation_modem(op);
	const struct listed *listed = about;

	for (size_t i = 0; !error && modem->messaging && i < r->message_list.count; i++)
		add_place(modem, listed->storage, r->message_list.items[i].memory_index,
			  listed->received);
}

static void list(struct operation *operation, const struct listed storages[2])
{
	if (!operation_modem(operation)->messaging)
		return;
	for (size_t i = 0; i < 2; i++)
		for (uint8_t tag = 0; tag <= QK_WMS_MESSAGE_TAG_TYPE_MO_NOT_SENT; tag++) {
			const struct qk_wms_list_messages_request request = {
				.has_storage_type = true,
				.storage_type = storages[i].storage,
				.has_message_tag = true,
				.message_tag = tag,
				.has_message_mode = true,
				.message_mode = QK_WMS_MESSAGE_MODE_GSM_WCDMA,
			};

			operation_ask(operation,
				      &(struct question){ .service = QK_SERVICE_ID_WMS,
							  .need = OPERATION_SPARES,
							  .method = &qk_wms_list_messages_method,
							  .take = take_list,
							  .about = &storages[i],
							  .request = &request });
		}
}

void messaging_read(struct operation *operation)
{
	static const struct listed storages[] = { { QK_WMS_STORAGE_TYPE_UIM, false },
						  { QK_WMS_STORAGE_TYPE_NV, false } };

	list(operation, storages);
}

void messaging_read_new(struct operation *operation)
{
	static const struct listed storages[] = { { QK_WMS_STORAGE_TYPE_UIM, true },
						  { QK_WMS_STORAGE_TYPE_NV, true } };

	list(operation, storages);
}

void messaging_read_listed(struct operation *operation)
{
	if (operation_modem(operation)->messaging)
		begin_reading(operation_modem(operation));
}

static void clear(struct modem *modem)
{
	struct messaging *messaging = modem->messaging;

	messaging->news = qk_slot_free(messaging->news);
	while (messaging->places)
		remove_place(messaging, messaging->places);
	while (messaging->messages)
		forget(modem, messaging->messages);
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
	(void)in;
	if (enabled(call, userdata))
		api_call_reply(call, json_pack("[o]", paths(userdata)));
}

static void on_create(struct api_call *call, const json_t *in, void *userdata)
{
	struct modem *modem = userdata;
	const char *wrong;
	struct sms *sms;
	int r;

	if (!enabled(call, modem))
		return;
	if (modem->messaging->count == MESSAGES_MAX) {
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
		forget(operation_modem(op), sms);
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
	modem->messaging = calloc(1, sizeof(*modem->messaging));
	if (!modem->messaging ||
	    api_object_add(modem->object, API_MESSAGING, handlers, COUNT(handlers)) < 0) {
		free(modem->messaging);
		modem->messaging = NULL;
		modem_log(modem, "out of memory: the modem lacks Modem.Messaging");
		return;
	}
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
