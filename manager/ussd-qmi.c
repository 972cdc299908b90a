/* USSD by QMI: words come as UTF-16 and as what the network sent, whichever can be read. */
#include "ussd-qmi.h"

#include <string.h>
#include <qmikit/common.h>
#include <qmikit/voice.h>

#include "lib/3gpp/utf8.h"
#include "log.h"
#include "modem.h"
#include "request.h"
#include "ussd-text.h"
#include "ussd.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

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
	ussd_take_words(modem,
			news->has_user_action && news->user_action == QK_VOICE_USER_ACTION_REQUIRED,
			text_json(news->has_uss_data ? &news->uss_data : NULL,
				  news->uss_data_utf16.items, news->uss_data_utf16.count));
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	(void)client, (void)frame;
	if (message == &qk_voice_ussd_message && decoded)
		take_words(userdata, decoded);
	else if (message == &qk_voice_release_ussd_message)
		ussd_take_end(userdata);
}

void ussd_qmi_listen(struct operation *operation)
{
	static const struct qk_voice_indication_register_request request = {
		.has_ussd_notification_events = true,
		.ussd_notification_events = true,
	};
	struct modem *modem = operation_modem(operation);
	struct qk_client *voice = qmi_port_client(modem->qmi, QK_SERVICE_ID_VOICE);

	if (!voice)
		return;
	if (!modem->ussd->news &&
	    qk_client_subscribe(voice, on_news, modem, NULL, &modem->ussd->news) < 0) {
		operation_fail(operation, MM_CORE_ERROR_FAILED, "out of memory");
		return;
	}
	operation_ask(operation, &(struct question){ .service = QK_SERVICE_ID_VOICE,
						     .need = OPERATION_SPARES,
						     .method = &qk_voice_indication_register_method,
						     .request = &request });
}

/* --- What is said */

static bool is_used(const struct modem *modem)
{
	return modem->ussd && !modem->ussd->by_at;
}

/* Texts of ASCII as they are; `octets` has room for the others. */
static struct qk_voice_uss_data data_of(const char *text, uint8_t octets[USSD_OCTETS_MAX])
{
	if (ussd_is_ascii(text))
		return (struct qk_voice_uss_data){ QK_VOICE_USS_DATA_CODING_SCHEME_ASCII,
						   { (const uint8_t *)text, strlen(text) } };
	return (struct qk_voice_uss_data){ QK_VOICE_USS_DATA_CODING_SCHEME_UCS2,
					   { octets, ussd_octets(text, octets) } };
}

/* Whether it refuses because it does not know what it was asked, not because of what was asked. */
static bool is_unknown(uint16_t error)
{
	static const uint16_t errors[] = {
		QK_ERROR_INVALID_QMI_COMMAND,
		QK_ERROR_NOT_SUPPORTED,
		QK_ERROR_DEVICE_UNSUPPORTED,
	};

	for (size_t i = 0; i < COUNT(errors); i++)
		if (errors[i] == error)
			return true;
	return false;
}

static void fail(struct operation *op, uint16_t error, const char *doing)
{
	struct failure failure;

	failure_from(&failure, 0, error, doing);
	operation_fail(op, is_unknown(error) ? MM_CORE_ERROR_UNSUPPORTED : failure.name, "%s",
		       failure.text);
}

static void take_reply(struct operation *op, const void *response, uint16_t error,
		       const void *about)
{
	const struct qk_voice_originate_ussd_response *r = response;
	struct modem *modem = operation_modem(op);
	json_t *text;

	(void)about;
	if (is_unknown(error) && modem->at && modem->ussd) {
		modem_log_at(modem, LOG_NOTICE, "USSD goes by AT from now on: VOICE lacks it");
		modem->ussd->by_at = true;
		return;
	}
	if (error) {
		fail(op, error, "ask the network");
		return;
	}
	text = text_json(r->has_uss_data ? &r->uss_data : NULL, r->uss_data_utf16.items,
			 r->uss_data_utf16.count);
	if (text)
		request_answer(op, json_pack("[o]", text));
	else
		request_refuse(op, MM_CORE_ERROR_FAILED, "the network answered without a text");
}

void ussd_qmi_originate(struct operation *operation)
{
	uint8_t octets[USSD_OCTETS_MAX];
	const struct qk_voice_originate_ussd_request request = {
		.has_uss_data = true,
		.uss_data = data_of(request_text(operation, 0), octets),
	};

	if (!is_used(operation_modem(operation)))
		return;
	ussd_begin(operation);
	operation_ask(operation, &(struct question){ .service = QK_SERVICE_ID_VOICE,
						     .need = OPERATION_TRIES,
						     .method = &qk_voice_originate_ussd_method,
						     .take = take_reply,
						     .request = &request,
						     .timeout_usec = USSD_WAIT_USEC });
}

static bool take_words_back(struct operation *op, const void *indication, const void *about)
{
	const struct qk_voice_ussd_indication *news = indication;
	json_t *text = text_json(news->has_uss_data ? &news->uss_data : NULL,
				 news->uss_data_utf16.items, news->uss_data_utf16.count);

	(void)about;
	operation_stop_waiting(op, &qk_voice_release_ussd_message);
	request_answer(op, json_pack("[o]", text ? text : json_string("")));
	return true;
}

static bool take_release(struct operation *op, const void *indication, const void *about)
{
	(void)indication, (void)about;
	operation_stop_waiting(op, &qk_voice_ussd_message);
	request_refuse(op, MM_CORE_ERROR_ABORTED, "the network has ended the session");
	return true;
}

static void take_said(struct operation *op, const void *response, uint16_t error, const void *about)
{
	(void)response, (void)about;
	if (!error)
		return;
	operation_stop_waiting(op, NULL);
	fail(op, error, "reply to the network");
}

void ussd_qmi_reply(struct operation *operation)
{
	static const struct awaited words = {
		QK_SERVICE_ID_VOICE, OPERATION_NEEDS, &qk_voice_ussd_message, take_words_back, NULL,
		USSD_WAIT_USEC
	};
	static const struct awaited release = { QK_SERVICE_ID_VOICE,
						OPERATION_NEEDS,
						&qk_voice_release_ussd_message,
						take_release,
						NULL,
						USSD_WAIT_USEC };
	uint8_t octets[USSD_OCTETS_MAX];
	const struct qk_voice_answer_ussd_request request = {
		.has_uss_data = true,
		.uss_data = data_of(request_text(operation, 0), octets),
	};

	if (!is_used(operation_modem(operation)))
		return;
	ussd_begin(operation);
	operation_await(operation, &words);
	operation_await(operation, &release);
	operation_ask(operation, &(struct question){ .service = QK_SERVICE_ID_VOICE,
						     .need = OPERATION_TRIES,
						     .method = &qk_voice_answer_ussd_method,
						     .take = take_said,
						     .request = &request });
}

void ussd_qmi_cancel(struct operation *operation)
{
	/* A session that is not there any more is as good as cancelled. */
	static const struct question question = { QK_SERVICE_ID_VOICE, OPERATION_TRIES,
						  &qk_voice_cancel_ussd_method };

	if (is_used(operation_modem(operation)))
		operation_ask(operation, &question);
}
