/*
 * AT SMS text: a message as text mode shows it, and what is told of those that arrive (see at-sms.h).
 * Sources: 3GPP TS 27.005 3.1, 3.4.1 and 3.4.3.
 */
#include "at-sms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "at-charset.h"
#include "at-news.h"
#include "modem.h"

/* A time as +CMGR has it: "yy/MM/dd,hh:mm:ss+zz". */
static void time_text(const struct qk_sms_time *time, char *ret, size_t size)
{
	snprintf(ret, size, "%02u/%02u/%02u,%02u:%02u:%02u%c%02d", time->year % 100u, time->month,
		 time->day, time->hour, time->minute, time->second, time->quarters < 0 ? '-' : '+',
		 abs(time->quarters));
}

/* The first octet of the TPDU, which text mode shows as a number. */
static unsigned int first_octet(const struct qk_sms *sms)
{
	static const unsigned int types[] = { 0, 1, 2 };
	unsigned int octet = types[sms->type];

	if (sms->type == QK_SMS_SUBMIT) {
		static const unsigned int validities[] = { 0, 8, 16, 24 };
		octet |= validities[sms->validity] | (sms->reject_duplicates ? 4u : 0);
	} else if (sms->no_more) {
		octet |= 4;
	}
	return octet | (sms->report ? 0x20u : 0) | (sms->header.size ? 0x40u : 0) |
	       (sms->reply_path ? 0x80u : 0);
}

static unsigned int text_size(const struct qk_sms *sms)
{
	return sms->data_count;
}

/* What +CSDH=1 adds to a deliver or a submit. */
static void details_text(const struct qk_sms *sms, bool list, char *ret, size_t size)
{
	int sca_type = sms->smsc.text[0] ? sms->smsc.type : 129;

	if (list)
		snprintf(ret, size, ",%u,%u", sms->address.type, text_size(sms));
	else if (sms->type == QK_SMS_SUBMIT)
		snprintf(ret, size, ",%u,%u,%u,%u,%u,\"%s\",%d,%u", sms->address.type,
			 first_octet(sms), sms->pid, sms->dcs, sms->validity_octets[0],
			 sms->smsc.text, sca_type, text_size(sms));
	else
		snprintf(ret, size, ",%u,%u,%u,%u,\"%s\",%d,%u", sms->address.type,
			 first_octet(sms), sms->pid, sms->dcs, sms->smsc.text, sca_type,
			 text_size(sms));
}

void qk_at_message_head(const struct qk_at_call *call, const struct qk_sms *sms, bool list,
			bool details, char *ret, size_t size)
{
	char address[4 * QK_SMS_ADDRESS_MAX], time[64] = "", more[128] = "";

	qk_at_charset_write(qk_at_get(call->port, QK_AT_SET_CSCS), sms->address.text, address,
			    sizeof(address));
	if (details)
		details_text(sms, list, more, sizeof(more));
	if (sms->type != QK_SMS_SUBMIT && sms->sent.valid)
		time_text(&sms->sent, time, sizeof(time));
	if (sms->type == QK_SMS_SUBMIT)
		snprintf(ret, size, "\"%s\",%s%s", address, list ? "," : "", more);
	else
		snprintf(ret, size, "\"%s\",,\"%s\"%s", address, time, more);
}

/* Octets that are no text, and all when they have a header, are shown as hexadecimal digits
 * [3GPP TS 27.005 3.1, <data>]. */
static size_t octets_text(const struct qk_sms *sms, char *ret, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < sms->data_count && used + 2 < size; i++)
		used += (size_t)snprintf(ret + used, size - used, "%02X", sms->data[i]);
	return used;
}

size_t qk_at_message_text(const struct qk_at_call *call, const struct qk_sms *sms, char *ret,
			  size_t size)
{
	char text[QK_SMS_TEXT_MAX];
	int r = sms->has_data ? qk_sms_text(sms, text, sizeof(text)) : 0;

	ret[0] = 0;
	if (!sms->has_data)
		return 0;
	if (r < 0 || (size_t)r >= sizeof(text))
		return octets_text(sms, ret, size);
	return qk_at_charset_write(qk_at_get(call->port, QK_AT_SET_CSCS), text, ret, size);
}

/* A message that was handed over instead of stored. There is no call: the settings are the modem's. */
static void tell_transferred(struct qk_at *at, const struct qk_sim_sms_event *event,
			     const char *name)
{
	char pdu[2 * QK_SIM_SMS_PDU_MAX + 1], head[256], text[QK_AT_SAY_MAX / 2];
	size_t size = qk_at_pdu_text(&event->pdu, pdu);
	bool report = event->kind == QK_SIM_SMS_EVENT_REPORT;
	struct qk_sms sms;

	if (!at->settings[QK_AT_SET_CMGF] ||
	    qk_sms_decode((struct qk_span){ event->pdu.data, event->pdu.size }, &sms) < 0) {
		qk_at_urc(at, report ? "%s: %zu\r\n%s" : "%s: ,%zu\r\n%s", name, size, pdu);
		return;
	}
	/* the head and the text depend on settings of the modem alone, which any port shows */
	struct qk_at_port port = { .at = at };
	const struct qk_at_call call = { .at = at, .port = &port };
	if (report) {
		char sent[64], done[64];
		time_text(&sms.sent, sent, sizeof(sent));
		time_text(&sms.done, done, sizeof(done));
		qk_at_urc(at, "%s: %u,%u,\"%s\",%u,\"%s\",\"%s\",%u", name, first_octet(&sms),
			  sms.reference, sms.address.text, sms.address.type, sent, done,
			  sms.status);
		return;
	}
	qk_at_message_head(&call, &sms, false, at->settings[QK_AT_SET_CSDH], head, sizeof(head));
	qk_at_message_text(&call, &sms, text, sizeof(text));
	qk_at_urc(at, "%s: %s\r\n%s", name, head, text);
}

static void tell_stored(struct qk_at *at, const struct qk_sim_sms_event *event)
{
	uint32_t memory = at->settings[QK_AT_SET_CPMS_RECEIVE];
	const struct qk_at_place place = { event->store, event->index };

	/* what a route put elsewhere than +CPMS says is told by the store's own name */
	if (memory != QK_AT_MEMORY_MT)
		memory = event->store == QK_SIM_SMS_SM ? QK_AT_MEMORY_SM : QK_AT_MEMORY_ME;
	qk_at_urc(at, "+CMTI: \"%s\",%zu", qk_at_memory_name(memory),
		  qk_at_memory_index(memory, &place));
}

void qk_at_sms_news(struct qk_at *at)
{
	const struct qk_sim_sms_event *event = &at->state->sms.event;
	const uint32_t *settings = at->settings;

	switch ((enum qk_sim_sms_event_kind)event->kind) {
	case QK_SIM_SMS_EVENT_STORED:
		if (settings[QK_AT_SET_CNMI_MT])
			tell_stored(at, event);
		break;
	case QK_SIM_SMS_EVENT_TRANSFER:
		if (settings[QK_AT_SET_CNMI_MT] >= 2)
			tell_transferred(at, event, "+CMT");
		break;
	case QK_SIM_SMS_EVENT_REPORT:
		/* reports are announced in a memory where nobody can read them [S] */
		if (settings[QK_AT_SET_CNMI_DS] == 1)
			tell_transferred(at, event, "+CDS");
		else if (settings[QK_AT_SET_CNMI_DS] == 2)
			qk_at_urc(at, "+CDSI: \"SM\",%u", event->index);
		break;
	case QK_SIM_SMS_EVENT_FULL:
		if (settings[QK_AT_SET_IND_ALL] && settings[QK_AT_SET_IND_SMSFULL])
			qk_at_urc(at, "+QIND: \"smsfull\",\"%s\"",
				  event->store == QK_SIM_SMS_SM ? "SM" : "ME");
		break;
	case QK_SIM_SMS_EVENT_BROADCAST:
	case QK_SIM_SMS_EVENT_NONE:
		break;
	}
}
