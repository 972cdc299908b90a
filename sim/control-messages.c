/*
 * Control, messages: SMS and cell broadcasts from and to the network, calls and USSD of the other side.
 */
#include <errno.h>
#include <string.h>

#include "lib/3gpp/sms-text.h"

#include "control-events.h"

#define TEXT_MAX 2048
#define PAGE_SIZE 88

/* --- Messages */

struct sms {
	char from[QK_SMS_ADDRESS_MAX], text[TEXT_MAX];
	uint8_t message_class;
};

struct pdu {
	uint8_t data[QK_SIM_SMS_PDU_MAX];
	uint8_t size;
};

struct page {
	uint8_t data[PAGE_SIZE];
	uint8_t size;
};

struct failure {
	uint32_t count;
	uint16_t rp_cause;
	uint8_t tp_cause;
};

struct store {
	uint32_t store;
};

static const struct qk_sim_word store_words[] = {
	{ "sm", QK_SIM_SMS_SM },
	{ "me", QK_SIM_SMS_ME },
	{ NULL, 0 },
};

static const struct qk_sim_word tag_words[] = {
	{ "read", QK_SIM_SMS_READ },
	{ "unread", QK_SIM_SMS_UNREAD },
	{ "sent", QK_SIM_SMS_SENT },
	{ "unsent", QK_SIM_SMS_UNSENT },
	{ NULL, 0 },
};

static const struct qk_sim_member sms_members[] = {
	{ "from", TEXT, QK_CONTROL_AT(sms, from) },
	{ "text", TEXT, QK_CONTROL_AT(sms, text) },
	{ "class", UINT, QK_CONTROL_AT(sms, message_class), .max = 3, .optional = true },
};
static const struct qk_sim_member pdu_members[] = {
	{ "pdu", HEX, QK_CONTROL_AT(pdu, data) },
};
static const struct qk_sim_member page_members[] = {
	{ "page", HEX, QK_CONTROL_AT(page, data) },
};
static const struct qk_sim_member failure_members[] = {
	{ "rp-cause", UINT, QK_CONTROL_AT(failure, rp_cause), .max = 127 },
	{ "tp-cause", UINT, QK_CONTROL_AT(failure, tp_cause), .max = 255 },
	{ "count", UINT, QK_CONTROL_AT(failure, count), .max = UINT32_MAX },
};
static const struct qk_sim_member store_members[] = {
	{ "store", WORD, QK_CONTROL_AT(store, store), .words = store_words },
};

/* What the model's functions say about what arrives. */
static int arrived(struct qk_control_call *call, int r, const char *nonsense)
{
	if (r == -ENOSPC)
		return qk_control_refuse(call, "too many messages wait for the modem");
	if (r < 0)
		return qk_control_refuse(call, "%s", nonsense);
	return 0;
}

static int receive_text(struct qk_control_call *call)
{
	const struct sms *sms = call->arguments;
	uint32_t message_class =
		call->given & 1u << 2 ? sms->message_class : (uint32_t)QK_SIM_SMS_CLASS_NONE;
	int parts = qk_sim_sms_receive_text(call->state, sms->from, sms->text, message_class);

	if (parts > 0)
		json_object_set_new(call->answer, "parts", json_integer(parts));
	return arrived(call, parts, "sms: 'from' or 'text' is none that can be sent");
}

static int receive_pdu(struct qk_control_call *call)
{
	const struct pdu *pdu = call->arguments;

	return arrived(
		call, qk_sim_sms_receive(call->state, pdu->data, pdu->size),
		"sms-pdu: it is no message or report for a modem (message centre, then TPDU)");
}

static int receive_page(struct qk_control_call *call)
{
	const struct page *page = call->arguments;

	return arrived(call, qk_sim_sms_broadcast(call->state, page->data, page->size),
		       "cell-broadcast: a page has 88 bytes");
}

static void prepare_failure(const struct qk_sim_state *state, void *arguments)
{
	(void)state;
	/* network out of order */
	*(struct failure *)arguments = (struct failure){ .count = 1, .rp_cause = 38 };
}

static int fail_next(struct qk_control_call *call)
{
	const struct failure *failure = call->arguments;

	qk_sim_sms_fail_next(call->state, failure->count, failure->rp_cause, failure->tp_cause);
	return 0;
}

static json_t *hex_of(const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * QK_SIM_SMS_PDU_MAX];

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return json_stringn(text, 2 * size);
}

json_t *qk_control_pdu(const struct qk_sim_sms_pdu *pdu)
{
	static const char *const types[] = { "deliver", "submit", "status-report" };
	json_t *object = json_pack("{s:o}", "pdu", hex_of(pdu->data, pdu->size));
	char text[QK_SMS_TEXT_MAX];
	struct qk_sms sms;

	if (qk_sms_decode((struct qk_span){ pdu->data, pdu->size }, &sms) < 0)
		return object;
	json_object_set_new(object, "type", json_string(types[sms.type]));
	json_object_set_new(object, sms.type == QK_SMS_DELIVER ? "from" : "to",
			    json_string(sms.address.text));
	if (sms.type != QK_SMS_DELIVER)
		json_object_set_new(object, "reference", json_integer(sms.reference));
	if (sms.type == QK_SMS_STATUS_REPORT)
		json_object_set_new(object, "status", json_integer(sms.status));
	else if (qk_sms_text(&sms, text, sizeof(text)) >= 0)
		json_object_set_new(object, "text", json_string(text));
	if (sms.header.has_parts)
		json_object_set_new(object, "part",
				    json_pack("{s:i, s:i, s:i}", "number", (int)sms.header.part,
					      "of", (int)sms.header.parts, "reference",
					      (int)sms.header.reference));
	return object;
}

const char *qk_control_store(uint32_t store)
{
	return qk_control_word(store_words, store);
}

static int list_store(struct qk_control_call *call)
{
	const struct store *arguments = call->arguments;
	json_t *list = json_array();

	for (size_t i = 0; i < qk_sim_sms_size(arguments->store); i++) {
		const struct qk_sim_sms_slot *slot =
			qk_sim_sms_get(call->state, arguments->store, i);
		if (!slot)
			continue;
		json_t *message = qk_control_pdu(&slot->pdu);
		json_object_set_new(message, "index", json_integer((json_int_t)i));
		json_object_set_new(message, "tag",
				    json_string(qk_control_word(tag_words, slot->tag)));
		json_array_append_new(list, message);
	}
	json_object_set_new(call->answer, "messages", list);
	return 0;
}

static int list_sent(struct qk_control_call *call)
{
	json_object_set(call->answer, "messages", call->modem->sent);
	return 0;
}

/* --- Calls */

struct incoming {
	char from[QK_SIM_NUMBER_MAX];
	uint32_t presentation;
};

struct remote {
	uint32_t act;
	uint8_t id;
};

static const struct qk_sim_word presentation_words[] = {
	{ "allowed", QK_SIM_NUMBER_ALLOWED },
	{ "restricted", QK_SIM_NUMBER_RESTRICTED },
	{ "unavailable", QK_SIM_NUMBER_UNAVAILABLE },
	{ NULL, 0 },
};

static const struct qk_sim_word act_words[] = {
	{ "answer", QK_SIM_REMOTE_ANSWER },
	{ "ring", QK_SIM_REMOTE_RING },
	{ "busy", QK_SIM_REMOTE_BUSY },
	{ "reject", QK_SIM_REMOTE_REJECT },
	{ "hang-up", QK_SIM_REMOTE_HANG_UP },
	{ "no-number", QK_SIM_REMOTE_NO_NUMBER },
	{ NULL, 0 },
};

static const struct qk_sim_word call_words[] = {
	{ "none", QK_SIM_CALL_NONE },         { "dialing", QK_SIM_CALL_DIALING },
	{ "alerting", QK_SIM_CALL_ALERTING }, { "incoming", QK_SIM_CALL_INCOMING },
	{ "waiting", QK_SIM_CALL_WAITING },   { "active", QK_SIM_CALL_ACTIVE },
	{ "held", QK_SIM_CALL_HELD },         { "disconnecting", QK_SIM_CALL_DISCONNECTING },
	{ "ended", QK_SIM_CALL_ENDED },       { NULL, 0 },
};

static const struct qk_sim_word end_words[] = {
	{ "normal", QK_SIM_CALL_END_NORMAL },
	{ "local", QK_SIM_CALL_END_LOCAL },
	{ "busy", QK_SIM_CALL_END_BUSY },
	{ "rejected", QK_SIM_CALL_END_REJECTED },
	{ "no-answer", QK_SIM_CALL_END_NO_ANSWER },
	{ "no-service", QK_SIM_CALL_END_NO_SERVICE },
	{ "unassigned", QK_SIM_CALL_END_UNASSIGNED },
	{ NULL, 0 },
};

static const struct qk_sim_member incoming_members[] = {
	{ "from", TEXT, QK_CONTROL_AT(incoming, from) },
	{ "presentation", WORD, QK_CONTROL_AT(incoming, presentation), .words = presentation_words,
	  .optional = true },
};
static const struct qk_sim_member remote_members[] = {
	{ "act", WORD, QK_CONTROL_AT(remote, act), .words = act_words },
	{ "id", UINT, QK_CONTROL_AT(remote, id), .min = 1, .max = QK_SIM_CALLS_MAX,
	  .optional = true },
};

static const struct qk_sim_member call_members[] = {
	{ "id", UINT, QK_CONTROL_AT(qk_sim_call_info, id) },
	{ "state", WORD, QK_CONTROL_AT(qk_sim_call_info, state), .words = call_words },
	{ "incoming", BOOL, QK_CONTROL_AT(qk_sim_call_info, incoming) },
	{ "number", TEXT, QK_CONTROL_AT(qk_sim_call_info, number) },
	{ "multiparty", BOOL, QK_CONTROL_AT(qk_sim_call_info, multiparty) },
	{ "emergency", BOOL, QK_CONTROL_AT(qk_sim_call_info, emergency) },
	{ "dtmf", TEXT, QK_CONTROL_AT(qk_sim_call_info, dtmf) },
};

static const struct qk_sim_section call_section = { "call", call_members,
						    QK_CONTROL_COUNT(call_members), 0 };

json_t *qk_control_call(const struct qk_sim_call_info *info)
{
	json_t *object = qk_sim_write_object(&call_section, info);

	if (info->state == QK_SIM_CALL_ENDED)
		json_object_set_new(object, "end",
				    json_string(qk_control_word(end_words, info->end)));
	return object;
}

static int call_in(struct qk_control_call *call)
{
	const struct incoming *incoming = call->arguments;
	uint8_t id = 0;
	int r = qk_sim_voice_incoming(call->state, incoming->from, incoming->presentation, &id);

	if (r == -EINVAL)
		return qk_control_refuse(call, "call: '%.32s' is no number", incoming->from);
	if (r < 0)
		return qk_control_refuse(call, r == -EBUSY ? "the modem has as many calls as it may"
							   : "the modem cannot be reached");
	json_object_set_new(call->answer, "id", json_integer(id));
	return 0;
}

/* Without an id: the first call with which it can be done. */
static int act(struct qk_control_call *call)
{
	const struct remote *remote = call->arguments;
	uint8_t first = call->given & 1u << 1 ? remote->id : 1;
	uint8_t last = call->given & 1u << 1 ? remote->id : QK_SIM_CALLS_MAX;

	for (uint8_t id = first; id <= last; id++) {
		if (qk_sim_voice_remote(call->state, id, remote->act) < 0)
			continue;
		json_object_set_new(call->answer, "id", json_integer(id));
		return 0;
	}
	return qk_control_refuse(call, "call-remote: there is no call with which that can be done");
}

/* --- USSD */

struct ussd {
	char text[QK_SIM_USSD_MAX];
	bool more;
};

static const struct qk_sim_member ussd_members[] = {
	{ "text", TEXT, QK_CONTROL_AT(ussd, text) },
	{ "more", BOOL, QK_CONTROL_AT(ussd, more), .optional = true },
};

static int speak(struct qk_control_call *call)
{
	const struct ussd *ussd = call->arguments;
	int r = qk_sim_ussd_network(call->state, ussd->text, ussd->more);

	if (r < 0)
		return qk_control_refuse(call, "ussd: %s",
					 r == -EBUSY      ? "a session is going on"
					 : r == -ENETDOWN ? "the modem cannot be reached"
							  : "the text cannot be sent");
	return 0;
}

static int release(struct qk_control_call *call)
{
	if (qk_sim_ussd_network_release(call->state) < 0)
		return qk_control_refuse(call, "ussd-release: there is no session");
	return 0;
}

#define MEMBERS(members, type) members, QK_CONTROL_COUNT(members), sizeof(struct type)

static const struct qk_control_row rows[] = {
	{ "sms", "a text message arrives, in as many parts as it needs", MEMBERS(sms_members, sms),
	  receive_text },
	{ "sms-pdu", "a message or a delivery report arrives as a PDU", MEMBERS(pdu_members, pdu),
	  receive_pdu },
	{ "sms-fail", "the network refuses the next messages, COUNT of them (1; 0: none any more)",
	  MEMBERS(failure_members, failure), fail_next, prepare_failure, .partial = true },
	{ "sms-list", "the messages in the card's store or the modem's",
	  MEMBERS(store_members, store), list_store },
	{ "sms-sent", "the last messages that left the modem", .fn = list_sent },
	{ "cell-broadcast", "a page of a cell broadcast arrives", MEMBERS(page_members, page),
	  receive_page },
	{ "call", "somebody calls", MEMBERS(incoming_members, incoming), call_in },
	{ "call-remote", "what the other side of a call does", MEMBERS(remote_members, remote),
	  act },
	{ "ussd", "the network speaks: a notice, or a question when there is more to come",
	  MEMBERS(ussd_members, ussd), speak },
	{ "ussd-release", "the network ends the session", .fn = release },
};

const struct qk_control_rows qk_control_message_rows = { rows, QK_CONTROL_COUNT(rows) };
