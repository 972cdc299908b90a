/*
 * Cell broadcast: a page that belongs to no message begins one; cells say the same again and again, which is nothing
 * new. The oldest messages make room.
 */
#include "cell-broadcast.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/wms.h>
#include <utlist.h>

#include "cbm.h"
#include "log.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { MESSAGES_MAX = 100, RANGES_MAX = 64, CHANNEL_MAX = 0xffff };

struct cell_broadcast {
	struct children messages;
};

/* --- The list */

static struct cbm *cbm_from(struct child *child)
{
	return (struct cbm *)child;
}

static void free_child(struct child *child)
{
	cbm_free(cbm_from(child));
}

static const struct children_kind kind = {
	.list = API_CELL_BROADCAST_CELL_BROADCASTS,
	.added = API_SIGNAL_CELL_BROADCAST_ADDED,
	.deleted = API_SIGNAL_CELL_BROADCAST_DELETED,
	.free = free_child,
};

static void insert(struct modem *modem, struct cbm *cbm)
{
	struct children *messages = &modem->cell_broadcast->messages;

	if (messages->count == MESSAGES_MAX)
		children_remove(modem, messages, messages->first->prev); /* the last */
	children_add(messages, &cbm->child);
	children_tell(modem, messages, &cbm->child, NULL);
}

/* The message that a page is of; NULL: of a new one. */
static struct cbm *find(const struct modem *modem, const struct qk_cbs_page *page)
{
	struct child *child;

	DL_FOREACH(modem->cell_broadcast->messages.first, child) {
		if (cbm_has(cbm_from(child), page))
			return cbm_from(child);
	}
	return NULL;
}

/* --- Pages */

void cell_broadcast_take(struct modem *modem, struct qk_span bytes)
{
	struct qk_cbs_page page;
	struct cbm *cbm;
	int r;

	if (!modem->cell_broadcast)
		return;
	if (qk_cbs_decode(bytes, &page) < 0) {
		modem_log(modem, "a page of a cell broadcast that cannot be read");
		return;
	}
	cbm = find(modem, &page);
	if (cbm) {
		r = cbm_take(cbm, &page);
	} else {
		r = cbm_new(modem, &page, &cbm);
		if (r == 0)
			insert(modem, cbm);
	}
	if (r < 0 && r != -EEXIST)
		modem_log(modem, "a page of a cell broadcast is left out: %s", strerror(-r));
}

/* --- Channels */

static void take_channels(struct operation *op, const void *response, uint16_t error,
			  const void *about)
{
	const struct qk_wms_get_broadcast_config_response *r = response;
	json_t *channels;

	(void)about;
	if (error || !r->has_config)
		return;
	channels = json_array();
	for (size_t i = 0; i < r->config.channels.count; i++) {
		const struct qk_wms_broadcast_channel *range = &r->config.channels.items[i];

		if (range->selected && range->start <= range->end)
			json_array_append_new(channels,
					      json_pack("[i, i]", range->start, range->end));
	}
	modem_set(operation_modem(op), API_CELL_BROADCAST_CHANNELS, channels);
}

static void read_channels(struct operation *op)
{
	static const struct qk_wms_get_broadcast_config_request request = {
		.has_message_mode = true,
		.message_mode = QK_WMS_MESSAGE_MODE_GSM_WCDMA,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WMS,
					      .need = OPERATION_SPARES,
					      .method = &qk_wms_get_broadcast_config_method,
					      .take = take_channels,
					      .request = &request });
}

static void activate(struct operation *op, bool on)
{
	const struct qk_wms_set_broadcast_activation_request request = {
		.has_activation = true,
		.activation = { QK_WMS_MESSAGE_MODE_GSM_WCDMA, on },
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WMS,
					      .need = OPERATION_SPARES,
					      .method = &qk_wms_set_broadcast_activation_method,
					      .request = &request });
}

void cell_broadcast_listen(struct operation *operation)
{
	if (!operation_modem(operation)->cell_broadcast)
		return;
	activate(operation, true);
	read_channels(operation);
}

void cell_broadcast_ignore(struct operation *operation)
{
	if (!operation_modem(operation)->cell_broadcast)
		return;
	children_clear(operation_modem(operation),
		       &operation_modem(operation)->cell_broadcast->messages);
	activate(operation, false);
}

/* --- Methods */

static bool reached(struct api_call *call, const struct modem *modem, enum mm_modem_state least)
{
	if (modem->state >= least)
		return true;
	api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the modem is %s",
		       api_value_name(&api_values_modem_state, modem->state));
	return false;
}

static void on_list(struct api_call *call, const json_t *in, void *userdata)
{
	const struct modem *modem = userdata;

	(void)in;
	if (reached(call, modem, MM_MODEM_STATE_ENABLED))
		api_call_reply(call,
			       json_pack("[o]", children_paths(&modem->cell_broadcast->messages)));
}

/* Who reads a message while the modem is being enabled may delete it at once. */
static void on_delete(struct api_call *call, const json_t *in, void *userdata)
{
	const char *path = json_string_value(json_array_get(in, 0));
	struct modem *modem = userdata;
	struct child *cbm;

	if (!reached(call, modem, MM_MODEM_STATE_DISABLING))
		return;
	cbm = children_find(&modem->cell_broadcast->messages, path);
	if (!cbm) {
		api_call_error(call, MM_CORE_ERROR_NOT_FOUND, "the modem has no message %s", path);
		return;
	}
	children_remove(modem, &modem->cell_broadcast->messages, cbm);
	api_call_reply(call, NULL);
}

static json_int_t end_of(const json_t *range, size_t end)
{
	return json_integer_value(json_array_get(range, end));
}

static void set_channels(struct operation *op)
{
	struct qk_wms_broadcast_channel channels[RANGES_MAX];
	const json_t *ranges = request_in(op, 0);
	size_t count = json_array_size(ranges);

	for (size_t i = 0; i < count; i++)
		channels[i] = (struct qk_wms_broadcast_channel){
			(uint16_t)end_of(json_array_get(ranges, i), 0),
			(uint16_t)end_of(json_array_get(ranges, i), 1),
			true,
		};

	const struct qk_wms_set_broadcast_config_request request = {
		.has_message_mode = true,
		.message_mode = QK_WMS_MESSAGE_MODE_GSM_WCDMA,
		.has_channels = true,
		.channels = { channels, count },
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WMS,
					      .need = OPERATION_NEEDS,
					      .method = &qk_wms_set_broadcast_config_method,
					      .request = &request });
}

static void tell_channels(struct operation *op)
{
	modem_set(operation_modem(op), API_CELL_BROADCAST_CHANNELS,
		  json_deep_copy(request_in(op, 0)));
}

static void on_set_channels(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct step steps[] = {
		{ "choose the channels of cell broadcasts", set_channels },
		{ "tell the channels", tell_channels },
	};
	static const struct request_kind choice = { steps, COUNT(steps), OPERATION_ASIDE,
						    MM_MODEM_STATE_FAILED, NULL };
	const json_t *ranges = json_array_get(in, 0), *range;
	size_t i;

	if (json_array_size(ranges) > RANGES_MAX) {
		request_invalid(call, "there are %d ranges of channels at most", RANGES_MAX);
		return;
	}
	json_array_foreach(ranges, i, range) if (end_of(range, 0) > end_of(range, 1) ||
						 end_of(range, 1) > CHANNEL_MAX)
	{
		request_invalid(call, "%lld to %lld is no range of channels",
				(long long)end_of(range, 0), (long long)end_of(range, 1));
		return;
	}
	request_start(call, in, userdata, &choice);
}

/* --- The interface */

static const struct api_handler handlers[] = {
	{ API_METHOD_CELL_BROADCAST_LIST, on_list },
	{ API_METHOD_CELL_BROADCAST_DELETE, on_delete },
	{ API_METHOD_CELL_BROADCAST_SET_CHANNELS, on_set_channels },
};

void cell_broadcast_add(struct modem *modem)
{
	if (!qmi_port_client(modem->qmi, QK_SERVICE_ID_WMS))
		return;
	modem->cell_broadcast = modem_add(modem, API_CELL_BROADCAST, handlers, COUNT(handlers),
					  sizeof(*modem->cell_broadcast));
	if (!modem->cell_broadcast)
		return;
	modem->cell_broadcast->messages.kind = &kind;
}

void cell_broadcast_end(struct modem *modem)
{
	if (!modem->cell_broadcast)
		return;
	children_clear(modem, &modem->cell_broadcast->messages);
	free(modem->cell_broadcast);
	modem->cell_broadcast = NULL;
}
