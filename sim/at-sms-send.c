/*
 * AT SMS send: messages that are typed, sent from a store or written to one (see at-sms.h). Sources:
 * 3GPP TS 27.005 3.5 and 4.3 to 4.7.
 */
#include "at-sms.h"

#include <errno.h>
#include <string.h>

#include "at-charset.h"
#include "modem.h"

static int cms(enum qk_at_cms number)
{
	return QK_AT_CMS + (int)number;
}

/* What the network said, as an error: its causes are the numbers below 256. */
static int send_error(const struct qk_sim_sms_result *result)
{
	if (result->error == -EDESTADDRREQ)
		return cms(QK_AT_CMS_NO_SMSC);
	if (result->error)
		return cms(QK_AT_CMS_NO_SERVICE);
	if (result->tp_cause)
		return QK_AT_CMS + result->tp_cause;
	return result->rp_cause ? QK_AT_CMS + result->rp_cause : cms(QK_AT_CMS_UNKNOWN);
}

static int sent(struct qk_at_call *call)
{
	struct qk_sim_sms_result result;
	int r = qk_sim_sms_take_result(call->state, call->port->wait.number, &result);

	if (r == 0)
		return QK_AT_LATER;
	if (r < 0)
		return cms(QK_AT_CMS_UNKNOWN);
	if (!result.sent)
		return send_error(&result);
	qk_at_say(call, "%s: %u", call->command->name, result.reference);
	return QK_AT_OK;
}

static int send_pdu(struct qk_at_call *call, const uint8_t *pdu, size_t size)
{
	uint32_t ticket;

	switch (qk_sim_sms_send(call->state, pdu, size, &ticket)) {
	case 0:
		call->port->wait.number = ticket;
		return qk_at_wait(call, sent, QK_SIM_NEVER, false);
	case -EBUSY:
		return cms(QK_AT_CMS_UNKNOWN);
	default:
		return cms(QK_AT_CMS_BAD_PDU);
	}
}

/* Puts a PDU into the second memory. */
static int store_pdu(struct qk_at_call *call, const uint8_t *pdu, size_t size, uint8_t tag)
{
	uint32_t memory = qk_at_get(call->port, QK_AT_SET_CPMS_WRITE);
	struct qk_at_place place = {
		.store = memory == QK_AT_MEMORY_SM ? QK_SIM_SMS_SM : QK_SIM_SMS_ME,
	};

	switch (qk_sim_sms_put(call->state, place.store, tag, pdu, size, &place.index)) {
	case 0:
		qk_at_say(call, "+CMGW: %zu", qk_at_memory_index(memory, &place));
		return QK_AT_OK;
	case -ENOSPC:
		return cms(QK_AT_CMS_FULL);
	case -ENODEV:
		return cms(QK_AT_CMS_NO_CARD);
	default:
		return cms(QK_AT_CMS_BAD_PDU);
	}
}

/* Where a complete message goes: +CMGS sends it, +CMGW stores it with the tag of the prompt. */
static int finish(struct qk_at_call *call, const uint8_t *pdu, size_t size)
{
	if (!strcmp(call->command->name, "+CMGS"))
		return send_pdu(call, pdu, size);
	return store_pdu(call, pdu, size, (uint8_t)call->port->prompt.tag);
}

/* The typed PDU; its length, without the message centre, was announced. */
static int typed_pdu(struct qk_at_call *call)
{
	struct qk_at_port *port = call->port;
	uint8_t pdu[QK_SIM_SMS_PDU_MAX];
	int size = qk_at_from_hex(port->text, port->text_size, pdu, sizeof(pdu));

	if (size <= 0)
		return cms(QK_AT_CMS_BAD_PDU);
	size_t centre = qk_sms_smsc_size((struct qk_span){ pdu, (size_t)size });
	if (!centre || centre + port->prompt.number != (size_t)size)
		return cms(QK_AT_CMS_BAD_PDU);
	return finish(call, pdu, (size_t)size);
}

/* A text of one message, as +CSMP wants it. -EINVAL: it does not fit, or the number is none. */
static int build(struct qk_at_call *call, const char *number, const char *text, struct qk_sms *ret)
{
	const struct qk_at_port *port = call->port;
	uint32_t fo = qk_at_get(port, QK_AT_SET_CSMP_FO), dcs = qk_at_get(port, QK_AT_SET_CSMP_DCS);
	struct qk_sms sms = { .type = QK_SMS_SUBMIT,
			      .pid = (uint8_t)qk_at_get(port, QK_AT_SET_CSMP_PID),
			      .report = fo & 0x20,
			      .reject_duplicates = fo & 4,
			      .reply_path = fo & 0x80,
			      .message_class = -1,
			      .has_pid = true,
			      .has_dcs = true,
			      .has_data = true };
	struct qk_sms_split split;

	if (qk_sms_set_number(&sms.address, number) < 0)
		return -EINVAL;
	/* the class is in the lowest two bits of schemes that have one */
	int message_class = (dcs & 0xd0) == 0x10 || (dcs & 0xf0) == 0xf0 ? (int)(dcs & 3) : -1;
	if (qk_sms_split(text, 0, &split) < 0 || split.parts > 1 ||
	    !qk_sms_take_part(&split, message_class, &sms))
		return -EINVAL;
	if ((fo & 0x18) == 0x10) {
		sms.validity = QK_SMS_VALIDITY_RELATIVE;
		sms.validity_octets[0] = (uint8_t)qk_at_get(port, QK_AT_SET_CSMP_VP);
	}
	*ret = sms;
	return 0;
}

static int typed_text(struct qk_at_call *call)
{
	struct qk_at_port *port = call->port;
	uint8_t pdu[QK_SIM_SMS_PDU_MAX];
	char text[QK_AT_TEXT_MAX * 3 + 1];
	struct qk_sms sms;

	if (qk_at_charset_read(qk_at_get(port, QK_AT_SET_CSCS), port->text, port->text_size, text,
			       sizeof(text)) < 0 ||
	    build(call, port->prompt.destination, text, &sms) < 0)
		return cms(QK_AT_CMS_BAD_TEXT);
	int size = qk_sms_encode(&sms, pdu, sizeof(pdu));
	return size < 0 ? cms(QK_AT_CMS_BAD_TEXT) : finish(call, pdu, (size_t)size);
}

/* The number of argument `i`, with '+' when the type behind it says so. */
static int take_destination(struct qk_at_call *call, size_t i, char *ret, size_t size)
{
	uint32_t type = 0;
	char number[24] = "+";

	if (!qk_at_has_arg(call->parsed, i) ||
	    qk_at_arg_text(call->parsed, i, number + 1, sizeof(number) - 1) < 0 ||
	    qk_at_arg_number(call->parsed, i + 1, 0, 255, &type) < 0)
		return -EINVAL;
	const char *from = type == 145 && number[1] != '+' ? number : number + 1;
	if (strlen(from) >= size || from[strspn(from, "+0123456789*#")])
		return -EINVAL;
	memcpy(ret, from, strlen(from) + 1);
	return 0;
}

static int prompt_pdu(struct qk_at_call *call)
{
	uint32_t length = 0;

	if (!qk_at_has_arg(call->parsed, 0) ||
	    qk_at_arg_number(call->parsed, 0, 1, QK_SIM_SMS_PDU_MAX, &length) < 0)
		return cms(QK_AT_CMS_BAD_PDU);
	call->port->prompt.number = length;
	return qk_at_prompt(call, typed_pdu, false);
}

static int prompt_text(struct qk_at_call *call)
{
	struct qk_at_prompt *prompt = &call->port->prompt;

	if (take_destination(call, 0, prompt->destination, sizeof(prompt->destination)) < 0)
		return cms(QK_AT_CMS_BAD_TEXT);
	return qk_at_prompt(call, typed_text, true);
}

static int send_message(struct qk_at_call *call)
{
	if (call->parsed->arg_count > 2)
		return cms(QK_AT_CMS_NOT_ALLOWED);
	return qk_at_get(call->port, QK_AT_SET_CMGF) ? prompt_text(call) : prompt_pdu(call);
}

/* The tag of +CMGW's <stat>: what is written is not sent unless it says so. */
static int take_tag(struct qk_at_call *call, size_t i, uint32_t *ret)
{
	static const uint32_t tags[] = { QK_SIM_SMS_UNREAD, QK_SIM_SMS_READ, QK_SIM_SMS_UNSENT,
					 QK_SIM_SMS_SENT };
	static const char *const words[] = { "REC UNREAD", "REC READ", "STO UNSENT", "STO SENT" };
	uint32_t number = 2;

	for (uint32_t k = 0; k < 4; k++)
		if (qk_at_arg_is(call->parsed, i, words[k]))
			number = k;
	if (i < call->parsed->arg_count && call->parsed->args[i].kind == QK_AT_NUMBER &&
	    qk_at_arg_number(call->parsed, i, 0, 3, &number) < 0)
		return -EINVAL;
	*ret = tags[number];
	return 0;
}

static int write_message(struct qk_at_call *call)
{
	bool text = qk_at_get(call->port, QK_AT_SET_CMGF);

	if (call->parsed->arg_count > 3 ||
	    take_tag(call, text ? 2 : 1, &call->port->prompt.tag) < 0)
		return cms(QK_AT_CMS_NOT_ALLOWED);
	return text ? prompt_text(call) : prompt_pdu(call);
}

/* A message of the second memory, to its own destination or to another. */
static int send_stored(struct qk_at_call *call)
{
	uint32_t index = UINT32_MAX;
	uint8_t pdu[QK_SIM_SMS_PDU_MAX];
	char number[24] = "";
	struct qk_at_place place;
	struct qk_sms sms;

	if (call->parsed->arg_count > 3 ||
	    qk_at_arg_number(call->parsed, 0, 0, UINT16_MAX, &index) < 0 ||
	    !qk_at_memory_place(qk_at_get(call->port, QK_AT_SET_CPMS_WRITE), index, &place))
		return cms(QK_AT_CMS_INDEX);
	const struct qk_sim_sms_slot *slot = qk_sim_sms_get(call->state, place.store, place.index);
	if (!slot)
		return cms(QK_AT_CMS_INDEX);
	if (!qk_at_has_arg(call->parsed, 1))
		return send_pdu(call, slot->pdu.data, slot->pdu.size);
	if (take_destination(call, 1, number, sizeof(number)) < 0 ||
	    qk_sms_decode((struct qk_span){ slot->pdu.data, slot->pdu.size }, &sms) < 0 ||
	    sms.type != QK_SMS_SUBMIT || qk_sms_set_number(&sms.address, number) < 0)
		return cms(QK_AT_CMS_BAD_TEXT);
	int size = qk_sms_encode(&sms, pdu, sizeof(pdu));
	return size < 0 ? cms(QK_AT_CMS_BAD_PDU) : send_pdu(call, pdu, (size_t)size);
}

#define SMS (QK_AT_IS_SMS | QK_AT_NEEDS_PIN)

static const struct qk_at_command commands[] = {
	{ .name = "+CMGS", .flags = SMS, .set = send_message, .test = "" },
	{ .name = "+CMGW", .flags = SMS, .set = write_message, .test = "" },
	{ .name = "+CMSS", .flags = SMS, .set = send_stored, .test = "" },
};

const struct qk_at_table qk_at_sms_send_table = {
	commands,
	sizeof(commands) / sizeof(commands[0]),
};
