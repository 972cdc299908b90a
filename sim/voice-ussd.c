/*
 * VOICE, USSD: codes and answers of the host, and what the network says (see voice-qmi.c).
 *
 * The reply to a code goes to who has sent it: as the late answer to Originate USSD or as the indication of
 * Originate USSD No Wait. All else the network says, also in reply to an answer, is told to those who listen.
 */
#include <qmikit/voice.h>

#include <errno.h>
#include <string.h>

#include "lib/3gpp/utf8.h"
#include "modem.h"

#define SURROGATES 0x10000

/* --- text */

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* UTF-16, in the units of UCS2: how many; `ret` has room for QK_SIM_USSD_MAX. */
static size_t to_units(const char *text, uint16_t *ret)
{
	struct qk_span rest = { (const uint8_t *)text, strlen(text) };
	uint32_t character;
	size_t count = 0;

	while (qk_utf8_next(&rest, &character)) {
		if (character < SURROGATES) {
			ret[count++] = (uint16_t)character;
			continue;
		}
		ret[count++] = (uint16_t)(0xd800 + ((character - SURROGATES) >> 10));
		ret[count++] = (uint16_t)(0xdc00 + (character & 0x3ff));
	}
	return count;
}

/* False: there is nothing to say, or no room. ASCII goes as it is, all else in UCS2, big endian. */
static bool encode_text(struct qk_sim *sim, const char *text, struct qk_voice_uss_data *ret)
{
	size_t length = strlen(text);
	uint16_t *units = qk_arena_take(&sim->arena, QK_SIM_USSD_MAX * sizeof(*units));
	uint8_t *bytes = qk_arena_take(&sim->arena, QK_SIM_USSD_MAX * 2);

	if (!length || !units || !bytes)
		return false;
	if (is_ascii(text)) {
		memcpy(bytes, text, length);
		*ret = (struct qk_voice_uss_data){ QK_VOICE_USS_DATA_CODING_SCHEME_ASCII,
						   { bytes, length } };
		return length <= UINT8_MAX;
	}
	size_t count = to_units(text, units);
	for (size_t i = 0; i < count; i++) {
		bytes[2 * i] = (uint8_t)(units[i] >> 8);
		bytes[2 * i + 1] = (uint8_t)units[i];
	}
	/* its length is one byte: what does not fit is cut */
	if (count > UINT8_MAX / 2)
		count = UINT8_MAX / 2;
	*ret = (struct qk_voice_uss_data){ QK_VOICE_USS_DATA_CODING_SCHEME_UCS2,
					   { bytes, 2 * count } };
	return true;
}

/* The same as units of UTF-16: NULL: no room. */
static uint16_t *encode_units(struct qk_sim *sim, const char *text, size_t *ret_count)
{
	uint16_t *units = qk_arena_take(&sim->arena, QK_SIM_USSD_MAX * sizeof(*units));

	*ret_count = units ? to_units(text, units) : 0;
	return units;
}

static int decode_ucs2(struct qk_bytes data, char *ret, size_t size)
{
	struct qk_utf8_sink sink = { .buffer = ret, .size = size };
	struct qk_cursor c = qk_cursor((struct qk_span){ data.data, data.size });

	if (data.size % 2)
		return -EINVAL;
	while (qk_cursor_left(&c)) {
		uint32_t character = (uint32_t)qk_cursor_uint(&c, 2, true);
		if (!character || (character >= 0xd800 && character <= 0xdfff))
			return -EINVAL;
		qk_utf8_append(&sink, character);
	}
	int r = qk_utf8_finish(&sink);
	return r >= 0 && (size_t)r < size ? 0 : -EINVAL;
}

static int decode_text(const struct qk_voice_uss_data *data, char *ret, size_t size)
{
	struct qk_span text = { data->data.data, data->data.size };

	if (data->data_coding_scheme == QK_VOICE_USS_DATA_CODING_SCHEME_UCS2)
		return decode_ucs2(data->data, ret, size);
	if (text.size >= size || qk_utf8_valid(text) != text.size)
		return -EINVAL;
	memcpy(ret, text.data, text.size);
	ret[text.size] = 0;
	return 0;
}

/* --- what the host says */

static uint16_t send(struct qk_sim_call *call, const struct qk_voice_uss_data *data,
		     uint32_t *ret_ticket)
{
	char text[QK_SIM_USSD_MAX];
	int r = decode_text(data, text, sizeof(text));

	if (r == 0)
		r = qk_sim_ussd_send(&call->sim->state, text, ret_ticket);
	if (r == -ENETDOWN)
		return QK_ERROR_NETWORK_NOT_READY;
	if (r == -EBUSY)
		return QK_ERROR_DEVICE_IN_USE;
	return r < 0 ? QK_ERROR_INVALID_ARGUMENT : QK_ERROR_NONE;
}

/* The error that stands for how the network has ended it; 0: it has answered. */
static uint16_t error_of(const struct qk_sim_ussd_event *event)
{
	switch ((enum qk_sim_ussd_action)event->action) {
	case QK_SIM_USSD_DONE:
	case QK_SIM_USSD_MORE:
		break;
	case QK_SIM_USSD_ENDED:
		/* with a last word it is an answer */
		return event->text[0] ? QK_ERROR_NONE : QK_ERROR_ABORTED;
	case QK_SIM_USSD_UNSUPPORTED:
		return QK_ERROR_SUPS_FAILURE_CASE;
	case QK_SIM_USSD_TIMEOUT:
		return QK_ERROR_NETWORK_ABORTED;
	}
	return QK_ERROR_NONE;
}

static uint16_t cause_of(uint16_t error)
{
	return error == QK_ERROR_SUPS_FAILURE_CASE ? QK_VOICE_CALL_END_REASON_FACILITY_NOT_SUPPORTED
						   : QK_VOICE_CALL_END_REASON_NETWORK_END;
}

uint16_t qk_sim_voice_originate_ussd(struct qk_sim_call *call)
{
	const struct qk_voice_originate_ussd_request *request = call->request;
	struct qk_voice_originate_ussd_response *response = call->response;
	const struct qk_sim_ussd *ussd = &call->sim->state.voice.ussd;
	uint32_t ticket = call->tag;

	if (!call->again) {
		uint16_t error = send(call, &request->uss_data, &ticket);
		if (error)
			return error;
	}
	/* another session's news is none of this request's */
	if (ussd->event.ticket != ticket && ussd->ticket == ticket)
		return qk_sim_later(call, QK_SIM_NEVER, QK_SIM_CHANGED_USSD, ticket);
	if (ussd->event.ticket != ticket)
		return QK_ERROR_ABORTED;
	uint16_t error = error_of(&ussd->event);
	response->has_failure_cause = error;
	response->failure_cause = cause_of(error);
	if (error)
		return error;
	response->has_uss_data = encode_text(call->sim, ussd->event.text, &response->uss_data);
	response->uss_data_utf16.items =
		encode_units(call->sim, ussd->event.text, &response->uss_data_utf16.count);
	response->has_uss_data_utf16 =
		response->has_uss_data && response->uss_data_utf16.items != NULL;
	return QK_ERROR_NONE;
}

uint16_t qk_sim_voice_originate_ussd_no_wait(struct qk_sim_call *call)
{
	const struct qk_voice_originate_ussd_no_wait_request *request = call->request;

	return send(call, &request->uss_data, &call->client->ussd_ticket);
}

uint16_t qk_sim_voice_answer_ussd(struct qk_sim_call *call)
{
	const struct qk_voice_answer_ussd_request *request = call->request;
	struct qk_sim_ussd *ussd = &call->sim->state.voice.ussd;
	uint32_t ticket;

	if (ussd->state != QK_SIM_USSD_USER)
		return QK_ERROR_INVALID_OPERATION;
	uint16_t error = send(call, &request->uss_data, &ticket);
	/* the reply is for everybody who listens, as what the network says by itself */
	if (!error)
		ussd->answered_ticket = ticket;
	return error;
}

uint16_t qk_sim_voice_cancel_ussd(struct qk_sim_call *call)
{
	return qk_sim_ussd_cancel(&call->sim->state) < 0 ? QK_ERROR_NO_EFFECT : QK_ERROR_NONE;
}

/* --- what the network says */

static bool is_for_all(const struct qk_sim *sim)
{
	const struct qk_sim_ussd *ussd = &sim->state.voice.ussd;

	return !ussd->event.ticket || ussd->event.ticket == ussd->answered_ticket;
}

bool qk_sim_voice_ussd_news(struct qk_sim *sim, const struct qk_sim_client *client,
			    void *indication)
{
	struct qk_voice_ussd_indication *ussd = indication;
	const struct qk_sim_ussd_event *event = &sim->state.voice.ussd.event;

	if (!(client->watch & QK_SIM_VOICE_WATCH_USSD) || !is_for_all(sim) || error_of(event))
		return false;
	ussd->has_user_action = true;
	ussd->user_action = event->action == QK_SIM_USSD_MORE ? QK_VOICE_USER_ACTION_REQUIRED
							      : QK_VOICE_USER_ACTION_NOT_REQUIRED;
	ussd->has_uss_data = encode_text(sim, event->text, &ussd->uss_data);
	ussd->uss_data_utf16.items = encode_units(sim, event->text, &ussd->uss_data_utf16.count);
	ussd->has_uss_data_utf16 = ussd->has_uss_data && ussd->uss_data_utf16.items != NULL;
	return true;
}

bool qk_sim_voice_ussd_release_news(struct qk_sim *sim, const struct qk_sim_client *client,
				    void *indication)
{
	(void)indication;
	return client->watch & QK_SIM_VOICE_WATCH_USSD && is_for_all(sim) &&
	       error_of(&sim->state.voice.ussd.event);
}

bool qk_sim_voice_ussd_done_news(struct qk_sim *sim, const struct qk_sim_client *client,
				 void *indication)
{
	struct qk_voice_originate_ussd_no_wait_indication *done = indication;
	const struct qk_sim_ussd_event *event = &sim->state.voice.ussd.event;
	uint16_t error = error_of(event);

	if (!client->ussd_ticket || client->ussd_ticket != event->ticket)
		return false;
	done->has_error_code = done->has_failure_cause = error;
	done->error_code = error;
	done->failure_cause = cause_of(error);
	if (error)
		return true;
	done->has_uss_data = encode_text(sim, event->text, &done->uss_data);
	done->uss_data_utf16.items = encode_units(sim, event->text, &done->uss_data_utf16.count);
	done->has_uss_data_utf16 = done->has_uss_data && done->uss_data_utf16.items != NULL;
	return true;
}
