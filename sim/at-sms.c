/*
 * AT SMS: the stores and what is in them (see at-sms.h). Sources: 3GPP TS 27.005 3 and 4; the quirk of
 * reports from chan_quectel users [S].
 */
#include "at-sms.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "at-named.h"
#include "modem.h"

static int cms(enum qk_at_cms number)
{
	return QK_AT_CMS + (int)number;
}

static const char *const memories[] = { "ME", "SM", "MT", "SR", NULL };

const char *qk_at_memory_name(uint32_t memory)
{
	return memories[memory];
}

/* Slots of a memory. */
static size_t memory_size(uint32_t memory)
{
	size_t me = qk_sim_sms_size(QK_SIM_SMS_ME), sm = qk_sim_sms_size(QK_SIM_SMS_SM);

	return memory == QK_AT_MEMORY_ME   ? me
	       : memory == QK_AT_MEMORY_SM ? sm
	       : memory == QK_AT_MEMORY_MT ? me + sm
					   : QK_SIM_SMS_REPORTS_MAX;
}

/* How many of them hold a message. */
static size_t memory_used(const struct qk_sim_state *state, uint32_t memory)
{
	size_t me = qk_sim_sms_used(state, QK_SIM_SMS_ME);
	size_t sm = qk_sim_sms_used(state, QK_SIM_SMS_SM), reports = 0;

	for (size_t i = 0; i < QK_SIM_SMS_REPORTS_MAX; i++)
		reports += state->sms.reports[i].size != 0;
	return memory == QK_AT_MEMORY_ME   ? me
	       : memory == QK_AT_MEMORY_SM ? sm
	       : memory == QK_AT_MEMORY_MT ? me + sm
					   : reports;
}

bool qk_at_memory_place(uint32_t memory, size_t i, struct qk_at_place *ret)
{
	size_t me = qk_sim_sms_size(QK_SIM_SMS_ME);

	if (memory == QK_AT_MEMORY_SR || i >= memory_size(memory))
		return false;
	ret->store = memory == QK_AT_MEMORY_SM || i >= me ? QK_SIM_SMS_SM : QK_SIM_SMS_ME;
	ret->index = memory == QK_AT_MEMORY_MT && i >= me ? i - me : i;
	return true;
}

size_t qk_at_memory_index(uint32_t memory, const struct qk_at_place *place)
{
	return memory == QK_AT_MEMORY_MT && place->store == QK_SIM_SMS_SM
		       ? place->index + qk_sim_sms_size(QK_SIM_SMS_ME)
		       : place->index;
}

size_t qk_at_pdu_text(const struct qk_sim_sms_pdu *pdu, char *ret)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t centre = qk_sms_smsc_size((struct qk_span){ pdu->data, pdu->size });

	for (size_t i = 0; i < pdu->size; i++) {
		ret[2 * i] = digits[pdu->data[i] >> 4];
		ret[2 * i + 1] = digits[pdu->data[i] & 15];
	}
	ret[2 * pdu->size] = 0;
	return pdu->size - centre;
}

/* --- where they are */

static void memory_text(const struct qk_at_call *call, bool names, char *ret, size_t size)
{
	size_t used = 0;

	for (uint32_t i = 0; i < 3; i++) {
		uint32_t memory = qk_at_get(call->port, QK_AT_SET_CPMS_READ + i);
		int n = names ? snprintf(ret + used, size - used, "%s\"%s\",", i ? "," : "",
					 memories[memory])
			      : snprintf(ret + used, size - used, "%s", i ? "," : "");
		used += (size_t)n;
		used += (size_t)snprintf(ret + used, size - used, "%zu,%zu",
					 memory_used(call->state, memory), memory_size(memory));
	}
}

static int read_memories(struct qk_at_call *call)
{
	char text[128];

	memory_text(call, true, text, sizeof(text));
	qk_at_say(call, "+CPMS: %s", text);
	return QK_AT_OK;
}

/* Messages arrive where the third memory says; MT is ME first. */
static void set_routes(struct qk_at_call *call)
{
	uint32_t memory = qk_at_get(call->port, QK_AT_SET_CPMS_RECEIVE);
	uint8_t action = QK_SIM_SMS_STORE;

	/* +CNMI's <mt> 2 and 3 hand messages over; with +CSMS=1 the host answers for them */
	if (qk_at_get(call->port, QK_AT_SET_CNMI_MT) >= 2)
		action = qk_at_get(call->port, QK_AT_SET_CSMS) ? QK_SIM_SMS_TRANSFER_UNCONFIRMED
							       : QK_SIM_SMS_TRANSFER;
	(void)qk_sim_sms_set_route(call->state, QK_SIM_SMS_CLASSES,
				   memory == QK_AT_MEMORY_SM ? QK_SIM_SMS_SM : QK_SIM_SMS_ME,
				   action);
}

static int set_memories(struct qk_at_call *call)
{
	uint32_t chosen[3];
	char text[96];

	if (call->parsed->arg_count > 3 || !qk_at_has_arg(call->parsed, 0))
		return cms(QK_AT_CMS_NOT_ALLOWED);
	for (uint32_t i = 0; i < 3; i++) {
		chosen[i] = qk_at_get(call->port, QK_AT_SET_CPMS_READ + i);
		if (qk_at_has_arg(call->parsed, i) &&
		    qk_at_arg_word(call->parsed, i, memories, &chosen[i]) < 0)
			return cms(QK_AT_CMS_NOT_ALLOWED);
		/* reports can be listed alone */
		if (i && chosen[i] == QK_AT_MEMORY_SR)
			return cms(QK_AT_CMS_NOT_ALLOWED);
	}
	for (uint32_t i = 0; i < 3; i++)
		qk_at_put_setting(call->port, QK_AT_SET_CPMS_READ + i, chosen[i]);
	if (qk_at_has_arg(call->parsed, 2))
		set_routes(call);
	memory_text(call, false, text, sizeof(text));
	qk_at_say(call, "+CPMS: %s", text);
	return QK_AT_OK;
}

static int set_indications(struct qk_at_call *call)
{
	int r = qk_at_settings_set(call);

	if (r != QK_AT_OK)
		return cms(QK_AT_CMS_NOT_ALLOWED);
	call->state->sms.transfer_reports = qk_at_get(call->port, QK_AT_SET_CNMI_DS) == 1;
	set_routes(call);
	return QK_AT_OK;
}

static int set_service(struct qk_at_call *call)
{
	uint32_t service = 0;

	if (call->parsed->arg_count != 1 || qk_at_arg_number(call->parsed, 0, 0, 1, &service) < 0)
		return cms(QK_AT_CMS_NOT_ALLOWED);
	qk_at_put_setting(call->port, QK_AT_SET_CSMS, service);
	set_routes(call);
	qk_at_say(call, "+CSMS: 1,1,1");
	return QK_AT_OK;
}

static int read_service(struct qk_at_call *call)
{
	qk_at_say(call, "+CSMS: %u,1,1,1", qk_at_get(call->port, QK_AT_SET_CSMS));
	return QK_AT_OK;
}

/* The host has a message that was handed over: <n> 0 or 1 yes, 2 no. */
static int acknowledge(struct qk_at_call *call)
{
	uint32_t n = 0;

	if (qk_at_arg_number(call->parsed, 0, 0, 2, &n) < 0)
		return cms(QK_AT_CMS_NOT_ALLOWED);
	return qk_sim_sms_acknowledge(call->state, call->state->sms.last_transaction, n != 2) < 0
		       ? QK_AT_CMS + 340
		       : QK_AT_OK;
}

/* --- what they say */

/* <stat> by the model's tags, as a number and in words. */
static const struct {
	int number;
	const char *words;
} stats[] = {
	[QK_SIM_SMS_READ] = { 1, "REC READ" },
	[QK_SIM_SMS_UNREAD] = { 0, "REC UNREAD" },
	[QK_SIM_SMS_SENT] = { 3, "STO SENT" },
	[QK_SIM_SMS_UNSENT] = { 2, "STO UNSENT" },
};

static void say_pdu(struct qk_at_call *call, const struct qk_sim_sms_slot *slot, const char *start)
{
	char pdu[2 * QK_SIM_SMS_PDU_MAX + 1];
	size_t size = qk_at_pdu_text(&slot->pdu, pdu);

	qk_at_say(call, "%s%d,,%zu", start, stats[slot->tag].number, size);
	qk_at_say(call, "%s", pdu);
}

/* A message that cannot be read as text is told as what it is: octets. */
static void say_text(struct qk_at_call *call, const struct qk_sim_sms_slot *slot, const char *start,
		     bool list)
{
	char head[256], text[QK_AT_SAY_MAX];
	struct qk_sms sms;

	if (qk_sms_decode((struct qk_span){ slot->pdu.data, slot->pdu.size }, &sms) < 0) {
		say_pdu(call, slot, start);
		return;
	}
	qk_at_message_head(call, &sms, list, qk_at_get(call->port, QK_AT_SET_CSDH), head,
			   sizeof(head));
	size_t size = qk_at_message_text(call, &sms, text, sizeof(text));
	qk_at_say(call, "%s\"%s\",%s", start, stats[slot->tag].words, head);
	qk_at_say_bytes(call, text, size);
}

static void say_message(struct qk_at_call *call, const struct qk_sim_sms_slot *slot,
			const char *start, bool list)
{
	if (qk_at_get(call->port, QK_AT_SET_CMGF))
		say_text(call, slot, start, list);
	else
		say_pdu(call, slot, start);
}

/* Which messages +CMGL wants: a tag, or -1 for all. */
static int wanted(const struct qk_at_call *call, int *ret)
{
	bool text = qk_at_get(call->port, QK_AT_SET_CMGF);
	uint32_t number = 0;

	if (call->parsed->form == QK_AT_SET && text) {
		if (qk_at_arg_is(call->parsed, 0, "ALL")) {
			*ret = -1;
			return 0;
		}
		for (int i = 0; i < 4; i++) {
			if (qk_at_arg_is(call->parsed, 0, stats[i].words)) {
				*ret = i;
				return 0;
			}
		}
		return -EINVAL;
	}
	if (qk_at_arg_number(call->parsed, 0, 0, 4, &number) < 0)
		return -EINVAL;
	*ret = -1;
	for (int i = 0; i < 4 && number < 4; i++)
		if (stats[i].number == (int)number)
			*ret = i;
	return 0;
}

static int list_messages(struct qk_at_call *call)
{
	uint32_t memory = qk_at_get(call->port, QK_AT_SET_CPMS_READ);
	struct qk_at_place place;
	int tag;

	if (call->parsed->arg_count > 1 || wanted(call, &tag) < 0)
		return cms(QK_AT_CMS_BAD_TEXT);
	for (size_t i = 0; qk_at_memory_place(memory, i, &place); i++) {
		const struct qk_sim_sms_slot *slot =
			qk_sim_sms_get(call->state, place.store, place.index);
		char start[32];
		if (!slot || (tag >= 0 && slot->tag != tag))
			continue;
		snprintf(start, sizeof(start), "+CMGL: %zu,", i);
		say_message(call, slot, start, true);
		if (slot->tag == QK_SIM_SMS_UNREAD)
			(void)qk_sim_sms_set_tag(call->state, place.store, place.index,
						 QK_SIM_SMS_READ);
	}
	return QK_AT_OK;
}

/* Argument 0 as a message of the first memory. */
static const struct qk_sim_sms_slot *find_message(struct qk_at_call *call, struct qk_at_place *ret)
{
	uint32_t index = UINT32_MAX;

	if (qk_at_arg_number(call->parsed, 0, 0, UINT16_MAX, &index) < 0 ||
	    !qk_at_memory_place(qk_at_get(call->port, QK_AT_SET_CPMS_READ), index, ret))
		return NULL;
	return qk_sim_sms_get(call->state, ret->store, ret->index);
}

static int read_message(struct qk_at_call *call)
{
	struct qk_at_place place;

	if (qk_at_get(call->port, QK_AT_SET_CPMS_READ) == QK_AT_MEMORY_SR)
		return QK_AT_OK;
	const struct qk_sim_sms_slot *slot = find_message(call, &place);
	if (!slot)
		return cms(QK_AT_CMS_INDEX);
	say_message(call, slot, "+CMGR: ", false);
	if (slot->tag == QK_SIM_SMS_UNREAD)
		(void)qk_sim_sms_set_tag(call->state, place.store, place.index, QK_SIM_SMS_READ);
	return QK_AT_OK;
}

/* <delflag> 1 to 4: what was read, and what was sent, and what was not sent, and all. */
static void delete_by_flag(struct qk_at_call *call, uint32_t memory, uint32_t flag)
{
	static const int tags[] = { QK_SIM_SMS_READ, QK_SIM_SMS_SENT, QK_SIM_SMS_UNSENT,
				    QK_SIM_SMS_UNREAD };

	for (uint32_t i = 0; i < flag; i++) {
		if (memory != QK_AT_MEMORY_SM)
			(void)qk_sim_sms_delete_all(call->state, QK_SIM_SMS_ME, tags[i]);
		if (memory == QK_AT_MEMORY_SM || memory == QK_AT_MEMORY_MT)
			(void)qk_sim_sms_delete_all(call->state, QK_SIM_SMS_SM, tags[i]);
	}
}

static int delete_message(struct qk_at_call *call)
{
	uint32_t memory = qk_at_get(call->port, QK_AT_SET_CPMS_READ), flag = 0;
	struct qk_at_place place;

	if (call->parsed->arg_count > 2 || !qk_at_has_arg(call->parsed, 0) ||
	    qk_at_arg_number(call->parsed, 1, 0, 4, &flag) < 0)
		return cms(QK_AT_CMS_INDEX);
	if (flag && memory != QK_AT_MEMORY_SR) {
		delete_by_flag(call, memory, flag);
		return QK_AT_OK;
	}
	/* an empty place can be emptied */
	if (!find_message(call, &place)) {
		uint32_t index = UINT32_MAX;
		return qk_at_arg_number(call->parsed, 0, 0, UINT16_MAX, &index) == 0 &&
				       index < memory_size(memory)
			       ? QK_AT_OK
			       : cms(QK_AT_CMS_INDEX);
	}
	return qk_sim_sms_delete(call->state, place.store, place.index) < 0 ? cms(QK_AT_CMS_INDEX)
									    : QK_AT_OK;
}

static int test_delete(struct qk_at_call *call)
{
	uint32_t memory = qk_at_get(call->port, QK_AT_SET_CPMS_READ);
	char text[QK_AT_SAY_MAX] = "";
	struct qk_at_place place;
	size_t used = 0;

	for (size_t i = 0; qk_at_memory_place(memory, i, &place); i++)
		if (qk_sim_sms_get(call->state, place.store, place.index) &&
		    used + 8 < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%zu",
						 used ? "," : "", i);
	/* the longest list of all, cut to a line */
	text[QK_AT_SAY_MAX - 64] = 0;
	qk_at_say(call, "+CMGD: (%s),(0-4)", text);
	return QK_AT_OK;
}

static int test_list(struct qk_at_call *call)
{
	if (qk_at_get(call->port, QK_AT_SET_CMGF))
		qk_at_say(call, "+CMGL: (\"REC UNREAD\",\"REC READ\",\"STO UNSENT\",\"STO SENT\","
				"\"ALL\")");
	else
		qk_at_say(call, "+CMGL: (0-4)");
	return QK_AT_OK;
}

static int read_centre(struct qk_at_call *call)
{
	char address[QK_SIM_SMS_ADDRESS_MAX];

	qk_sim_sms_get_smsc(call->state, address);
	qk_at_say(call, "+CSCA: \"%s\",%d", address, qk_at_number_type(address));
	return QK_AT_OK;
}

static int set_centre(struct qk_at_call *call)
{
	uint32_t type = 0;
	char address[QK_SIM_SMS_ADDRESS_MAX + 1] = "+";

	if (call->parsed->arg_count > 2 ||
	    qk_at_arg_text(call->parsed, 0, address + 1, sizeof(address) - 1) < 0 ||
	    qk_at_arg_number(call->parsed, 1, 0, 255, &type) < 0)
		return cms(QK_AT_CMS_BAD_TEXT);
	/* the type says that it is international where the number does not */
	const char *number = type == 145 && address[1] != '+' ? address : address + 1;
	return qk_sim_sms_set_smsc(call->state, number) < 0 ? cms(QK_AT_CMS_BAD_TEXT) : QK_AT_OK;
}

#define SMS (QK_AT_IS_SMS | QK_AT_NEEDS_PIN)

static const struct qk_at_command commands[] = {
	{ .name = "+CMGF", .settings = { QK_AT_SET_CMGF }, .setting_count = 1 },
	{ .name = "+CSDH", .settings = { QK_AT_SET_CSDH }, .setting_count = 1 },
	{ .name = "+CSMP",
	  .settings = { QK_AT_SET_CSMP_FO, QK_AT_SET_CSMP_VP, QK_AT_SET_CSMP_PID,
			QK_AT_SET_CSMP_DCS },
	  .setting_count = 4,
	  .test = "" },
	{ .name = "+CMMS", .settings = { QK_AT_SET_CMMS }, .setting_count = 1 },
	{ .name = "+CSMS", .set = set_service, .read = read_service, .test = "(0,1)" },
	{ .name = "+CPMS",
	  .flags = SMS,
	  .set = set_memories,
	  .read = read_memories,
	  .test = "(\"ME\",\"SM\",\"MT\",\"SR\"),(\"ME\",\"SM\",\"MT\"),(\"ME\",\"SM\",\"MT\")" },
	{ .name = "+CNMI",
	  .flags = QK_AT_IS_SMS,
	  .set = set_indications,
	  .settings = { QK_AT_SET_CNMI_MODE, QK_AT_SET_CNMI_MT, QK_AT_SET_CNMI_BM,
			QK_AT_SET_CNMI_DS, QK_AT_SET_CNMI_BUFFER },
	  .setting_count = 5 },
	{ .name = "+CNMA",
	  .flags = SMS,
	  .set = acknowledge,
	  .execute = acknowledge,
	  .test = "(0-2)" },
	{ .name = "+CMGL",
	  .flags = SMS,
	  .set = list_messages,
	  .execute = list_messages,
	  .test_fn = test_list },
	{ .name = "+CMGR", .flags = SMS, .set = read_message, .test = "" },
	{ .name = "+CMGD", .flags = SMS, .set = delete_message, .test_fn = test_delete },
	{ .name = "+CSCA", .flags = SMS, .set = set_centre, .read = read_centre, .test = "" },
};

const struct qk_at_table qk_at_sms_table = { commands, sizeof(commands) / sizeof(commands[0]) };
