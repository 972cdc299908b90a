/*
 * Message places: a message is known by where the modem keeps it. Places wait in a list until they are read, one after
 * the other, whether the modem listed them or told of them.
 */
#include <stdlib.h>
#include <qmikit/common.h>
#include <qmikit/wms.h>
#include <utlist.h>

#include "cell-broadcast.h"
#include "messaging-inside.h"
#include "operation.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { PLACES_MAX = 600 };

void message_places_add(struct modem *modem, uint8_t storage, uint32_t index, bool received)
{
	struct messaging *messaging = modem->messaging;
	struct message_place *place;

	place = messaging->place_count < PLACES_MAX ? malloc(sizeof(*place)) : NULL;
	if (!place) {
		modem_log(modem, "a message is left out");
		return;
	}
	*place = (struct message_place){ .storage = storage, .index = index, .received = received };
	DL_APPEND(messaging->places, place);
	messaging->place_count++;
}

static void remove_place(struct messaging *messaging, struct message_place *place)
{
	DL_DELETE(messaging->places, place);
	messaging->place_count--;
	free(place);
}

/* Whether a message has it already. */
static bool is_known(const struct messaging *messaging, const struct message_place *place)
{
	struct child *child;

	DL_FOREACH(messaging->messages.first, child) {
		const struct sms *sms = messaging_sms(child);

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
	else if (messaging_decode(modem, bytes, &pdu))
		messaging_take(modem, &pdu, modem->messaging->places,
			       r->raw_message_data.message_tag);
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
void message_places_read(struct modem *modem)
{
	static const struct step steps[] = { { "read messages", read_next } };

	if (modem->messaging->reading)
		return;
	modem->messaging->reading = true;
	if (operation_start(modem, OPERATION_ASIDE, steps, COUNT(steps), on_read, NULL) < 0)
		modem->messaging->reading = false;
}

void message_places_clear(struct messaging *messaging)
{
	while (messaging->places)
		remove_place(messaging, messaging->places);
}

/* --- What the modem lists */

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
		message_places_add(modem, listed->storage, r->message_list.items[i].memory_index,
				   listed->received);
}

/* Those with a tag; NULL: all. */
static void ask_list(struct operation *op, const struct listed *listed, const uint8_t *tag,
		     operation_answer_fn take)
{
	const struct qk_wms_list_messages_request request = {
		.has_storage_type = true,
		.storage_type = listed->storage,
		.has_message_tag = tag,
		.message_tag = tag ? *tag : 0,
		.has_message_mode = true,
		.message_mode = QK_WMS_MESSAGE_MODE_GSM_WCDMA,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WMS,
					      .need = OPERATION_SPARES,
					      .method = &qk_wms_list_messages_method,
					      .take = take,
					      .about = listed,
					      .request = &request });
}

/* A modem may want to be told which ones: then each tag is asked for. */
static void take_all(struct operation *op, const void *response, uint16_t error, const void *about)
{
	if (error && error != OPERATION_NO_ANSWER)
		for (uint8_t tag = 0; tag <= QK_WMS_MESSAGE_TAG_TYPE_MO_NOT_SENT; tag++)
			ask_list(op, about, &tag, take_list);
	else
		take_list(op, response, error, about);
}

static void list(struct operation *operation, const struct listed storages[2])
{
	for (size_t i = 0; operation_modem(operation)->messaging && i < 2; i++)
		ask_list(operation, &storages[i], NULL, take_all);
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
		message_places_read(operation_modem(operation));
}
