/*
 * USSD: the answer to a code comes with the modem's answer, that to a reply by an indication, as does what the
 * network says by itself.
 */
#include "ussd.h"

#include <string.h>
#include <qmikit/common.h>
#include <qmikit/voice.h>

#include "lib/3gpp/utf8.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The network may think for so long; a text is at most 182 septets or 160 octets, TS 23.038 5. */
enum { USSD_USEC = 100000000, TEXT_MAX = 182 };

static void set_state(struct modem *modem, enum mm_modem_3gpp_ussd_session_state state)
{
	modem_set(modem, API_USSD_STATE, json_integer(state));
}

static enum mm_modem_3gpp_ussd_session_state state_of(const struct modem *modem)
{
	return (enum mm_modem_3gpp_ussd_session_state)json_integer_value(
		api_object_get(modem->object, API_USSD_STATE));
}

/* The network's text; NULL: there is none that can be read. */
static json_t *text_json(const struct qk_voice_uss_data *data, const uint16_t *units, size_t count)
{
	char text[4 * 256 + 1];
	uint8_t octets[512];

	if (count > 0 && count <= sizeof(octets) / 2) {
		for (size_t i = 0; i < count; i++) {
			octets[2 * i] = (uint8_t)units[i];
			octets[2 * i + 1] = (uint8_t)(units[i] >> 8);
		}
		if (qk_ucs2_to_utf8((struct qk_span){ octets, 2 * count }, text, sizeof(text)) >= 0)
			return json_string(text);
	}
	if (data && data->data_coding_scheme == QK_VOICE_USS_DATA_CODING_SCHEME_ASCII)
		return json_text((const char *)data->data.data, data->data.size);
	return NULL;
}

/* --- News */

static void take_words(struct modem *modem, const struct qk_voice_ussd_indication *news)
{
	bool question = news->has_user_action && news->user_action == QK_VOICE_USER_ACTION_REQUIRED;
	json_t *text = text_json(news->has_uss_data ? &news->uss_data : NULL,
				 news->uss_data_utf16.items, news->uss_data_utf16.count);

	/* What answers a reply is its caller's. */
	if (state_of(modem) != MM_MODEM_3GPP_USSD_SESSION_STATE_ACTIVE)
		modem_set(modem,
			  question ? API_USSD_NETWORK_REQUEST : API_USSD_NETWORK_NOTIFICATION,
			  json_incref(text));
	json_decref(text);
	set_state(modem, question ? MM_MODEM_3GPP_USSD_SESSION_STATE_USER_RESPONSE
				  : MM_MODEM_3GPP_USSD_SESSION_STATE_IDLE);
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	(void)client, (void)frame;
	if (message == &qk_voice_ussd_message && decoded)
		take_words(userdata, decoded);
	else if (message == &qk_voice_release_ussd_message)
		set_state(userdata, MM_MODEM_3GPP_USSD_SESSION_STATE_IDLE);
}

void ussd_listen(struct operation *operation)
{
	static const struct qk_voice_indication_register_request request = {
		.has_ussd_notification_events = true,
		.ussd_notification_events = true,
	};
	struct modem *modem = operation_modem(operation);
	struct qk_client *voice = qmi_port_client(modem->qmi, QK_SERVICE_ID_VOICE);

	if (!voice || !api_object_has(modem->object, API_USSD))
		return;
	set_state(modem, MM_MODEM_3GPP_USSD_SESSION_STATE_IDLE);
	if (!modem->ussd_news &&
	    qk_client_subscribe(voice, on_news, modem, NULL, &modem->ussd_news) < 0) {
		operation_fail(operation, MM_CORE_ERROR_FAILED, "out of memory");
		return;
	}
	operation_ask(operation, &(struct question){ .service = QK_SERVICE_ID_VOICE,
						     .need = OPERATION_SPARES,
						     .method = &qk_voice_indication_register_method,
						     .request = &request });
}

/* --- Methods */

/* ASCII as it is; the caller has looked that it is nothing else. */
static struct qk_voice_uss_data data_of(const char *text)
{
	return (struct qk_voice_uss_data){ QK_VOICE_USS_DATA_CODING_SCHEME_ASCII,
					   { (const uint8_t *)text, strlen(text) } };
}

static void take_reply(struct operation *op, const void *response, uint16_t error,
		       const void *about)
{
	const struct qk_voice_originate_ussd_response *r = response;
	json_t *text;

	(void)error, (void)about;
	text = text_json(r->has_uss_data ? &r->uss_data : NULL, r->uss_data_utf16.items,
			 r->uss_data_utf16.count);
	if (text)
		request_answer(op, json_pack("[o]", text));
	else
		request_refuse(op, MM_CORE_ERROR_FAILED, "the network answered without a text");
}

static void originate(struct operation *op)
{
	const struct qk_voice_originate_ussd_request request = {
		.has_uss_data = true,
		.uss_data = data_of(request_text(op, 0)),
	};

	set_state(operation_modem(op), MM_MODEM_3GPP_USSD_SESSION_STATE_ACTIVE);
	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_VOICE,
					      .need = OPERATION_NEEDS,
					      .method = &qk_voice_originate_ussd_method,
					      .take = take_reply,
					      .request = &request,
					      .timeout_usec = USSD_USEC });
}

static bool take_words_back(struct operation *op, const void *indication, const void *about)
{
	const struct qk_voice_ussd_indication *news = indication;
	json_t *text = text_json(news->has_uss_data ? &news->uss_data : NULL,
				 news->uss_data_utf16.items, news->uss_data_utf16.count);

	(void)about;
	request_answer(op, json_pack("[o]", text ? text : json_string("")));
	return true;
}

static void take_said(struct operation *op, const void *response, uint16_t error, const void *about)
{
	struct failure failure;

	(void)response, (void)about;
	if (!error)
		return;
	operation_stop_waiting(op, NULL);
	failure_from(&failure, 0, error, "reply to the network");
	operation_fail(op, failure.name, "%s", failure.text);
}

static void reply(struct operation *op)
{
	static const struct awaited awaited = { QK_SERVICE_ID_VOICE,
						OPERATION_NEEDS,
						&qk_voice_ussd_message,
						take_words_back,
						NULL,
						USSD_USEC };
	const struct qk_voice_answer_ussd_request request = {
		.has_uss_data = true,
		.uss_data = data_of(request_text(op, 0)),
	};

	set_state(operation_modem(op), MM_MODEM_3GPP_USSD_SESSION_STATE_ACTIVE);
	operation_await(op, &awaited);
	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_VOICE,
					      .need = OPERATION_TRIES,
					      .method = &qk_voice_answer_ussd_method,
					      .take = take_said,
					      .request = &request });
}

static void take_cancelled(struct operation *op, const void *response, uint16_t error,
			   const void *about)
{
	(void)response, (void)error, (void)about;
	/* A session that is not there any more is as good as cancelled. */
	set_state(operation_modem(op), MM_MODEM_3GPP_USSD_SESSION_STATE_IDLE);
}

static void cancel(struct operation *op)
{
	static const struct question question = { QK_SERVICE_ID_VOICE, OPERATION_TRIES,
						  &qk_voice_cancel_ussd_method, take_cancelled };

	operation_ask(op, &question);
}

/* A session that has not been asked on by the network is over when its request is. */
static void end_request(struct request *request, const struct failure *failure)
{
	(void)failure;
	if (state_of(request->modem) == MM_MODEM_3GPP_USSD_SESSION_STATE_ACTIVE)
		set_state(request->modem, MM_MODEM_3GPP_USSD_SESSION_STATE_IDLE);
}

static bool can_be_said(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] > 0x7e)
			return false;
	return length > 0 && length <= TEXT_MAX;
}

static const struct step initiate_steps[] = { { "ask the network", originate } };
static const struct step respond_steps[] = { { "reply to the network", reply } };
static const struct step cancel_steps[] = { { "cancel the session", cancel } };

static void start(struct api_call *call, const json_t *in, struct modem *modem,
		  const struct request_kind *kind)
{
	if (state_of(modem) == MM_MODEM_3GPP_USSD_SESSION_STATE_ACTIVE)
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "a session is active");
	else if (!can_be_said(json_string_value(json_array_get(in, 0))))
		request_invalid(call, "a code is up to %d characters of ASCII", TEXT_MAX);
	else
		request_start(call, in, modem, kind);
}

static void on_initiate(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { initiate_steps, COUNT(initiate_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED,
						  end_request };

	start(call, in, userdata, &kind);
}

static void on_respond(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { respond_steps, COUNT(respond_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED,
						  end_request };

	start(call, in, userdata, &kind);
}

static void on_cancel(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { cancel_steps, COUNT(cancel_steps),
						  OPERATION_ASIDE, MM_MODEM_STATE_ENABLED, NULL };

	request_start(call, in, userdata, &kind);
}

void ussd_ignore(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	if (api_object_has(modem->object, API_USSD))
		set_state(modem, MM_MODEM_3GPP_USSD_SESSION_STATE_UNKNOWN);
}

static const struct api_handler handlers[] = {
	{ API_METHOD_USSD_INITIATE, on_initiate },
	{ API_METHOD_USSD_RESPOND, on_respond },
	{ API_METHOD_USSD_CANCEL, on_cancel },
};

void ussd_add(struct modem *modem)
{
	if (!qmi_port_client(modem->qmi, QK_SERVICE_ID_VOICE))
		return;
	if (api_object_add(modem->object, API_USSD, handlers, COUNT(handlers)) < 0)
		modem_log(modem, "out of memory: the modem lacks Modem3gpp.Ussd");
	else
		set_state(modem, MM_MODEM_3GPP_USSD_SESSION_STATE_UNKNOWN);
}

void ussd_end(struct modem *modem)
{
	modem->ussd_news = qk_slot_free(modem->ussd_news);
}
