/*
 * USSD: what the network says is its answer while a request waits, else its own word.
 */
#include "ussd.h"

#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>

#include "modem.h"
#include "request.h"
#include "ussd-at.h"
#include "ussd-qmi.h"
#include "ussd-text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void set_state(struct modem *modem, enum mm_modem_3gpp_ussd_session_state state)
{
	modem_set(modem, API_USSD_STATE, json_integer(state));
}

static enum mm_modem_3gpp_ussd_session_state state_of(const struct modem *modem)
{
	return (enum mm_modem_3gpp_ussd_session_state)json_integer_value(
		api_object_get(modem->object, API_USSD_STATE));
}

/* --- What the network says */

static void set_state_behind(struct modem *modem, bool question)
{
	set_state(modem, question ? MM_MODEM_3GPP_USSD_SESSION_STATE_USER_RESPONSE
				  : MM_MODEM_3GPP_USSD_SESSION_STATE_IDLE);
}

void ussd_take_reply(struct operation *operation, bool question, json_t *take_text)
{
	request_answer(operation, json_pack("[o]", take_text));
	set_state_behind(operation_modem(operation), question);
}

void ussd_take_words(struct modem *modem, bool question, json_t *take_text)
{
	/* What answers a reply is its caller's. */
	if (state_of(modem) != MM_MODEM_3GPP_USSD_SESSION_STATE_ACTIVE)
		modem_set(modem,
			  question ? API_USSD_NETWORK_REQUEST : API_USSD_NETWORK_NOTIFICATION,
			  json_incref(take_text));
	json_decref(take_text);
	set_state_behind(modem, question);
}

void ussd_take_end(struct modem *modem)
{
	set_state(modem, MM_MODEM_3GPP_USSD_SESSION_STATE_IDLE);
}

/* --- Enabling */

void ussd_listen(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	if (!modem->ussd)
		return;
	set_state(modem, MM_MODEM_3GPP_USSD_SESSION_STATE_IDLE);
	ussd_qmi_listen(operation);
	ussd_at_forget(modem);
	ussd_at_listen(operation);
}

void ussd_ignore(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	if (!modem->ussd)
		return;
	set_state(modem, MM_MODEM_3GPP_USSD_SESSION_STATE_UNKNOWN);
	ussd_at_ignore(operation);
}

/* --- Methods */

void ussd_begin(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	modem->ussd->waiting = request_of(operation);
	set_state(modem, MM_MODEM_3GPP_USSD_SESSION_STATE_ACTIVE);
}

static const struct step end_steps[] = {
	{ "end the session", ussd_qmi_cancel },
	{ "end the session by AT", ussd_at_cancel },
};

/* A session that has not been asked on by the network is over when its request is. */
static void end_request(struct request *request, const struct failure *failure)
{
	struct modem *modem = request->modem;

	if (!modem->ussd || modem->ussd->waiting != request)
		return;
	modem->ussd->waiting = NULL;
	/* The network need not think on. */
	if (failure && strcmp(failure->name, MM_CORE_ERROR_TIMEOUT) == 0 &&
	    operation_start(modem, OPERATION_ASIDE, end_steps, COUNT(end_steps), NULL, NULL) < 0)
		modem_log(modem, "out of memory: a session is left to the network");
	if (state_of(modem) == MM_MODEM_3GPP_USSD_SESSION_STATE_ACTIVE)
		set_state(modem, MM_MODEM_3GPP_USSD_SESSION_STATE_IDLE);
}

static void end_waiting(struct operation *op)
{
	static const struct failure cancelled = { MM_CORE_ERROR_ABORTED,
						  "the session was cancelled" };
	struct modem *modem = operation_modem(op);

	if (modem->ussd && modem->ussd->waiting)
		operations_cancel_of(modem, modem->ussd->waiting, &cancelled);
	if (modem->ussd)
		set_state(modem, MM_MODEM_3GPP_USSD_SESSION_STATE_IDLE);
}

static const struct step initiate_steps[] = {
	{ "ask the network", ussd_qmi_originate },
	{ "listen by AT", ussd_at_listen },
	{ "ask the network by AT", ussd_at_say },
};
static const struct step respond_steps[] = {
	{ "reply to the network", ussd_qmi_reply },
	{ "listen by AT", ussd_at_listen },
	{ "reply to the network by AT", ussd_at_say },
};
static const struct step cancel_steps[] = {
	{ "cancel the session", ussd_qmi_cancel },
	{ "cancel the session by AT", ussd_at_cancel },
	{ "tell who waits for it", end_waiting },
};

/* `wrong`: why the session's state forbids it; NULL: it does not. */
static void start(struct api_call *call, const json_t *in, struct modem *modem,
		  const struct request_kind *kind, const char *wrong)
{
	if (modem->state >= kind->least && wrong)
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "%s", wrong);
	else if (!ussd_can_be_said(json_string_value(json_array_get(in, 0))))
		request_invalid(call, "a text has 1 to %d characters, or %d with others than ASCII",
				USSD_SEPTETS_MAX, USSD_UNITS_MAX);
	else
		request_start(call, in, modem, kind);
}

static bool is_active(const struct modem *modem)
{
	return state_of(modem) != MM_MODEM_3GPP_USSD_SESSION_STATE_IDLE;
}

/* The answer that QMI gives to a code does not say whether the network wants a reply: the modem knows. */
static bool can_respond(const struct modem *modem)
{
	bool wanted = state_of(modem) == MM_MODEM_3GPP_USSD_SESSION_STATE_USER_RESPONSE;

	return modem->ussd && !modem->ussd->waiting && (wanted || !modem->ussd->by_at);
}

static void on_initiate(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { initiate_steps, COUNT(initiate_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED,
						  end_request };

	start(call, in, userdata, &kind, is_active(userdata) ? "a session is active" : NULL);
}

static void on_respond(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { respond_steps, COUNT(respond_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED,
						  end_request };

	start(call, in, userdata, &kind, can_respond(userdata) ? NULL : "no reply is wanted");
}

static void on_cancel(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { cancel_steps, COUNT(cancel_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED, NULL };

	request_start(call, in, userdata, &kind);
}

/* --- The interface */

static const struct api_handler handlers[] = {
	{ API_METHOD_USSD_INITIATE, on_initiate },
	{ API_METHOD_USSD_RESPOND, on_respond },
	{ API_METHOD_USSD_CANCEL, on_cancel },
};

void ussd_add(struct modem *modem)
{
	bool by_qmi = qmi_port_client(modem->qmi, QK_SERVICE_ID_VOICE);

	if (!by_qmi && !modem->at)
		return;
	modem->ussd = modem_add(modem, API_USSD, handlers, COUNT(handlers), sizeof(*modem->ussd));
	if (!modem->ussd)
		return;
	modem->ussd->by_at = !by_qmi;
	set_state(modem, MM_MODEM_3GPP_USSD_SESSION_STATE_UNKNOWN);
}

void ussd_end(struct modem *modem)
{
	if (!modem->ussd)
		return;
	qk_slot_free(modem->ussd->news);
	free(modem->ussd);
	modem->ussd = NULL;
}
