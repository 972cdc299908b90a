/*
 * Voice: the modem tells of all its calls at each change; a call that it no longer lists has ended.
 */
#include "voice.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/voice.h>
#include <utlist.h>

#include "call.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { CALLS_MAX = 64, NUMBER_MAX = 82, SUPPLEMENTARY_USEC = 60000000 };

struct voice {
	struct children calls;
	struct qk_slot *news;
};

/* --- The list */

static struct call *call_from(struct child *child)
{
	return (struct call *)child;
}

static void free_child(struct child *child)
{
	call_free(call_from(child));
}

static const struct children_kind calls_kind = {
	.list = API_VOICE_CALLS,
	.added = API_SIGNAL_VOICE_CALL_ADDED,
	.deleted = API_SIGNAL_VOICE_CALL_DELETED,
	.free = free_child,
};

struct call *voice_find(const struct modem *modem, const char *path)
{
	return modem->voice ? call_from(children_find(&modem->voice->calls, path)) : NULL;
}

static void forget(struct modem *modem, struct call *call)
{
	children_remove(modem, &modem->voice->calls, &call->child);
}

/* Where there are too many, one that has ended makes room. */
static int add_call(struct modem *modem, enum mm_call_direction direction, const char *number,
		    struct call **ret)
{
	struct children *calls = &modem->voice->calls;
	struct child *child, *old = NULL;
	struct call *call;
	int r;

	DL_FOREACH(calls->first, child) {
		if (call_from(child)->state == MM_CALL_STATE_TERMINATED)
			old = child;
	}
	if (calls->count >= CALLS_MAX && !old)
		return -ENOSPC;
	if (calls->count >= CALLS_MAX)
		children_remove(modem, calls, old);
	r = call_new(modem, direction, number, &call);
	if (r < 0)
		return r;
	children_add(calls, &call->child);
	*ret = call;
	return 0;
}

static void tell_added(struct modem *modem, struct call *call)
{
	children_tell(modem, &modem->voice->calls, &call->child, NULL);
}

/* --- What the modem tells */

static enum mm_call_state state_of(const struct qk_voice_call *row)
{
	bool incoming = row->direction == QK_VOICE_CALL_DIRECTION_MT;

	switch ((enum qk_voice_call_state)row->state) {
	case QK_VOICE_CALL_STATE_ORIGINATION:
	case QK_VOICE_CALL_STATE_CC_IN_PROGRESS:
		return MM_CALL_STATE_DIALING;
	case QK_VOICE_CALL_STATE_SETUP:
		return incoming ? MM_CALL_STATE_RINGING_IN : MM_CALL_STATE_DIALING;
	case QK_VOICE_CALL_STATE_ALERTING:
		return MM_CALL_STATE_RINGING_OUT;
	case QK_VOICE_CALL_STATE_INCOMING:
		return MM_CALL_STATE_RINGING_IN;
	case QK_VOICE_CALL_STATE_CONVERSATION:
		return MM_CALL_STATE_ACTIVE;
	case QK_VOICE_CALL_STATE_HOLD:
		return MM_CALL_STATE_HELD;
	case QK_VOICE_CALL_STATE_WAITING:
		return MM_CALL_STATE_WAITING;
	case QK_VOICE_CALL_STATE_DISCONNECTING:
	case QK_VOICE_CALL_STATE_END:
		return MM_CALL_STATE_TERMINATED;
	case QK_VOICE_CALL_STATE_UNKNOWN:
		break;
	}
	return MM_CALL_STATE_UNKNOWN;
}

/* How a call came from one state to the other. */
static enum mm_call_state_reason reason_of(const struct call *call, enum mm_call_state now)
{
	bool trying =
		call->state == MM_CALL_STATE_DIALING || call->state == MM_CALL_STATE_RINGING_OUT;

	if (now == MM_CALL_STATE_TERMINATED)
		return trying ? MM_CALL_STATE_REASON_REFUSED_OR_BUSY
			      : MM_CALL_STATE_REASON_TERMINATED;
	if (now == MM_CALL_STATE_ACTIVE)
		return trying || call->direction == MM_CALL_DIRECTION_INCOMING
			       ? MM_CALL_STATE_REASON_ACCEPTED
			       : MM_CALL_STATE_REASON_UNKNOWN;
	if (call->state == MM_CALL_STATE_UNKNOWN)
		return call->direction == MM_CALL_DIRECTION_INCOMING
			       ? MM_CALL_STATE_REASON_INCOMING_NEW
			       : MM_CALL_STATE_REASON_OUTGOING_STARTED;
	return MM_CALL_STATE_REASON_UNKNOWN;
}

static void change(struct call *call, enum mm_call_state now)
{
	call_set_state(call, now, reason_of(call, now));
}

/* By the modem's number, or one that is being dialled and has none yet; the end of a call is another one's then. */
static struct call *match(const struct modem *modem, const struct qk_voice_call *row)
{
	struct child *child;

	DL_FOREACH(modem->voice->calls.first, child) {
		struct call *call = call_from(child);

		if (call->id == row->id && call->state != MM_CALL_STATE_TERMINATED)
			return call;
		if (call->id == 0 && call->state == MM_CALL_STATE_DIALING &&
		    row->direction == QK_VOICE_CALL_DIRECTION_MO &&
		    state_of(row) != MM_CALL_STATE_TERMINATED)
			return call;
	}
	return NULL;
}

static void take_call(struct modem *modem, const struct qk_voice_all_call_status_indication *news,
		      const struct qk_voice_call *row)
{
	struct call *call = match(modem, row);
	char number[NUMBER_MAX + 1] = "";
	bool added = false;

	for (size_t i = 0; i < news->remote_party_number.count; i++) {
		const struct qk_voice_remote_party *party = &news->remote_party_number.items[i];

		if (party->id == row->id && party->type.size <= NUMBER_MAX)
			snprintf(number, sizeof(number), "%s", party->type.data);
	}
	if (!call && state_of(row) != MM_CALL_STATE_TERMINATED)
		added = add_call(modem,
				 row->direction == QK_VOICE_CALL_DIRECTION_MO
					 ? MM_CALL_DIRECTION_OUTGOING
					 : MM_CALL_DIRECTION_INCOMING,
				 number, &call) == 0;
	if (!call)
		return;
	call->id = row->id;
	(void)api_object_set(call->child.object, API_CALL_MULTIPARTY,
			     json_boolean(row->multipart_indicator));
	change(call, state_of(row));
	if (added)
		tell_added(modem, call);
}

static void take_calls(struct modem *modem, const struct qk_voice_all_call_status_indication *news)
{
	struct child *child;

	for (size_t i = 0; i < news->call_information.count; i++)
		take_call(modem, news, &news->call_information.items[i]);
	DL_FOREACH(modem->voice->calls.first, child) {
		struct call *call = call_from(child);
		bool listed = call->id == 0 || call->state == MM_CALL_STATE_TERMINATED;

		for (size_t i = 0; i < news->call_information.count; i++)
			listed = listed || news->call_information.items[i].id == call->id;
		if (!listed)
			change(call, MM_CALL_STATE_TERMINATED);
	}
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	(void)client, (void)frame;
	if (message == &qk_voice_all_call_status_message && decoded)
		take_calls(userdata, decoded);
}

static void take_list(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_voice_get_all_call_info_response *r = response;
	struct modem *modem = operation_modem(op);
	struct qk_voice_all_call_status_indication news = { 0 };

	(void)about;
	if (error || !modem->voice)
		return;
	news.call_information.items = r->call_information.items;
	news.call_information.count = r->call_information.count;
	news.remote_party_number.items = r->remote_party_number.items;
	news.remote_party_number.count = r->remote_party_number.count;
	take_calls(modem, &news);
}

/* What the network has a say in. */
static void ask(struct operation *op, const struct qk_method *method, const void *request,
		enum operation_need need, operation_answer_fn take)
{
	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_VOICE,
					      .need = need,
					      .method = method,
					      .take = take,
					      .request = request,
					      .timeout_usec = SUPPLEMENTARY_USEC });
}

static void listen(struct operation *op, bool on)
{
	const struct qk_voice_indication_register_request request = {
		.has_call_notification_events = true,
		.call_notification_events = on,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_VOICE,
					      .need = OPERATION_SPARES,
					      .method = &qk_voice_indication_register_method,
					      .request = &request });
}

/* --- Emergencies */

/* TS 22.101 10.1: always, and where there is no card. Those on the card are told by it. */
static const char *const emergencies[] = { "112", "911" };
static const char *const without_card[] = { "000", "08", "110", "999", "118", "119" };

static bool is_in(const char *number, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], number) == 0)
			return true;
	return false;
}

static bool is_on_card(const struct modem *modem, const char *number)
{
	const json_t *listed;
	size_t i;

	json_array_foreach(api_object_get(modem->sim, API_SIM_EMERGENCY_NUMBERS), i, listed)
	{
		if (strcmp(json_string_value(listed), number) == 0)
			return true;
	}
	return false;
}

bool voice_allows(const struct modem *modem, const char *number)
{
	if (!json_is_true(api_object_get(modem->object, API_VOICE_EMERGENCY_ONLY)) ||
	    is_in(number, emergencies, COUNT(emergencies)))
		return true;
	return modem->sim ? is_on_card(modem, number)
			  : is_in(number, without_card, COUNT(without_card));
}

void voice_tell_state(struct modem *modem)
{
	if (modem->voice)
		modem_set(modem, API_VOICE_EMERGENCY_ONLY,
			  json_boolean(modem->state < MM_MODEM_STATE_REGISTERED));
}

/* --- Listening */

void voice_listen_once(struct operation *operation)
{
	const struct modem *modem = operation_modem(operation);

	if (modem->voice && !modem->voice->news)
		voice_listen(operation);
}

void voice_listen(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);
	struct qk_client *voice = qmi_port_client(modem->qmi, QK_SERVICE_ID_VOICE);

	if (!voice || !modem->voice)
		return;
	if (!modem->voice->news &&
	    qk_client_subscribe(voice, on_news, modem, NULL, &modem->voice->news) < 0) {
		operation_fail(operation, MM_CORE_ERROR_FAILED, "out of memory");
		return;
	}
	listen(operation, true);
	voice_read(operation);
}

void voice_read(struct operation *operation)
{
	static const struct question question = { QK_SERVICE_ID_VOICE, OPERATION_SPARES,
						  &qk_voice_get_all_call_info_method, take_list };
	const struct modem *modem = operation_modem(operation);

	if (modem->voice && modem->voice->news)
		operation_ask(operation, &question);
}

static void clear(struct modem *modem)
{
	modem->voice->news = qk_slot_free(modem->voice->news);
	children_clear(modem, &modem->voice->calls);
}

void voice_ignore(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	if (!modem->voice)
		return;
	clear(modem);
	listen(operation, false);
}

/* --- Methods */

static void on_list(struct api_call *call, const json_t *in, void *userdata)
{
	const struct modem *modem = userdata;

	(void)in;
	api_call_reply(call, json_pack("[o]", children_paths(&modem->voice->calls)));
}

static void on_create(struct api_call *call, const json_t *in, void *userdata)
{
	struct modem *modem = userdata;
	const json_t *properties = json_array_get(in, 0);
	const char *number = json_string_value(json_object_get(properties, "number"));
	struct call *made;
	int r;

	if (!number || !number[0] || strlen(number) > NUMBER_MAX ||
	    strspn(number + (number[0] == '+'), "0123456789*#ABCDabcd") !=
		    strlen(number + (number[0] == '+'))) {
		request_invalid(call, "'number' is no number that can be dialled");
		return;
	}
	r = add_call(modem, MM_CALL_DIRECTION_OUTGOING, number, &made);
	if (r < 0) {
		api_call_error(call, r == -ENOSPC ? MM_CORE_ERROR_TOO_MANY : MM_CORE_ERROR_FAILED,
			       "%s", r == -ENOSPC ? "there are too many calls" : strerror(-r));
		return;
	}
	call_set_tones(made, json_integer_value(json_object_get(properties, "dtmf-tone-duration")));
	tell_added(modem, made);
	api_call_reply(call, json_pack("[s]", call_path(made)));
}

static void end_first(struct operation *op)
{
	const struct call *call = voice_find(operation_modem(op), request_text(op, 0));

	if (call && call->id && call->state != MM_CALL_STATE_TERMINATED)
		call_hang_up(op, call);
}

static void drop(struct operation *op)
{
	struct call *call = voice_find(operation_modem(op), request_text(op, 0));

	if (call)
		forget(operation_modem(op), call);
}

static const struct step delete_steps[] = {
	{ "end the call", end_first },
	{ "forget the call", drop },
};

static void on_delete(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { delete_steps, COUNT(delete_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_FAILED, NULL };
	const char *path = json_string_value(json_array_get(in, 0));

	if (voice_find(userdata, path))
		request_start(call, in, userdata, &kind);
	else
		api_call_error(call, MM_CORE_ERROR_NOT_FOUND, "the modem has no call %s", path);
}

/* What is done with all calls: TS 22.030 6.5.5.1. */
static const struct {
	const struct api_method *method;
	enum qk_voice_supplementary_service_type type;
} services[] = {
	{ API_METHOD_VOICE_HOLD_AND_ACCEPT,
	  QK_VOICE_SUPPLEMENTARY_SERVICE_TYPE_HOLD_ACTIVE_ACCEPT_WAITING_OR_HELD },
	{ API_METHOD_VOICE_HANGUP_AND_ACCEPT,
	  QK_VOICE_SUPPLEMENTARY_SERVICE_TYPE_RELEASE_ACTIVE_ACCEPT_HELD_OR_WAITING },
	{ API_METHOD_VOICE_HANGUP_ALL, QK_VOICE_SUPPLEMENTARY_SERVICE_TYPE_END_ALL_CALLS },
	{ API_METHOD_VOICE_TRANSFER, QK_VOICE_SUPPLEMENTARY_SERVICE_TYPE_EXPLICIT_CALL_TRANSFER },
};

static void manage(struct operation *op)
{
	for (size_t i = 0; i < COUNT(services); i++) {
		const struct qk_voice_manage_calls_request request = {
			.has_service_type = true,
			.service_type = (uint8_t)services[i].type,
		};

		if (services[i].method == api_call_method(request_of(op)->call))
			ask(op, &qk_voice_manage_calls_method, &request, OPERATION_NEEDS, NULL);
	}
}

static const struct step manage_steps[] = { { "manage the calls", manage } };

static void on_manage(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { manage_steps, COUNT(manage_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED, NULL };

	request_start(call, in, userdata, &kind);
}

static void set_waiting(struct operation *op)
{
	const struct qk_voice_set_supplementary_service_request request = {
		.has_supplementary_service_information = true,
		.supplementary_service_information = {
			json_is_true(request_in(op, 0))
				? QK_VOICE_SUPPLEMENTARY_SERVICE_ACTION_ACTIVATE
				: QK_VOICE_SUPPLEMENTARY_SERVICE_ACTION_DEACTIVATE,
			QK_VOICE_SUPPLEMENTARY_SERVICE_REASON_CALL_WAITING,
		},
	};

	ask(op, &qk_voice_set_supplementary_service_method, &request, OPERATION_NEEDS, NULL);
}

static const struct step set_waiting_steps[] = { { "set call waiting", set_waiting } };

static void on_set_waiting(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { set_waiting_steps, COUNT(set_waiting_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED, NULL };

	request_start(call, in, userdata, &kind);
}

static void take_waiting(struct operation *op, const void *response, uint16_t error,
			 const void *about)
{
	const struct qk_voice_get_call_waiting_response *r = response;

	(void)error, (void)about;
	request_answer(op, json_pack("[b]", r->has_service_class && r->service_class & 1));
}

static void read_waiting(struct operation *op)
{
	ask(op, &qk_voice_get_call_waiting_method, NULL, OPERATION_NEEDS, take_waiting);
}

static const struct step waiting_steps[] = { { "ask about call waiting", read_waiting } };

static void on_get_waiting(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { waiting_steps, COUNT(waiting_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED, NULL };

	request_start(call, in, userdata, &kind);
}

/* --- The interface */

static const struct api_handler handlers[] = {
	{ API_METHOD_VOICE_LIST_CALLS, on_list },
	{ API_METHOD_VOICE_CREATE_CALL, on_create },
	{ API_METHOD_VOICE_DELETE_CALL, on_delete },
	{ API_METHOD_VOICE_HOLD_AND_ACCEPT, on_manage },
	{ API_METHOD_VOICE_HANGUP_AND_ACCEPT, on_manage },
	{ API_METHOD_VOICE_HANGUP_ALL, on_manage },
	{ API_METHOD_VOICE_TRANSFER, on_manage },
	{ API_METHOD_VOICE_CALL_WAITING_SETUP, on_set_waiting },
	{ API_METHOD_VOICE_CALL_WAITING_QUERY, on_get_waiting },
};

void voice_add(struct modem *modem)
{
	if (!qmi_port_client(modem->qmi, QK_SERVICE_ID_VOICE))
		return;
	modem->voice =
		modem_add(modem, API_VOICE, handlers, COUNT(handlers), sizeof(*modem->voice));
	if (!modem->voice)
		return;
	modem->voice->calls.kind = &calls_kind;
	voice_tell_state(modem);
}

void voice_end(struct modem *modem)
{
	if (!modem->voice)
		return;
	clear(modem);
	free(modem->voice);
	modem->voice = NULL;
}
