/*
 * AT SIM: the card, its PINs and its files (see at-modem.h). Sources: 3GPP TS 27.007 7.2 and 8, the
 * public AT manual [M].
 */
#include "at-modem.h"

#include <string.h>

#include "card.h"
#include "modem.h"

static int cme(enum qk_at_cme number)
{
	return QK_AT_CME + (int)number;
}

/* What a card's answer about a code is in AT. */
static int code_result(const struct qk_sim_pin *pin, uint16_t status, bool second)
{
	if (status == QK_SIM_SW_OK)
		return QK_AT_OK;
	if (status == QK_SIM_SW_NO_CARD)
		return cme(QK_AT_CME_NOT_INSERTED);
	if (status == QK_SIM_SW_DISABLED)
		return cme(QK_AT_CME_NOT_ALLOWED);
	if (pin->state == QK_SIM_PIN_PERMANENTLY_BLOCKED)
		return cme(QK_AT_CME_SIM_FAILURE);
	if (pin->state == QK_SIM_PIN_BLOCKED)
		return cme(second ? QK_AT_CME_PUK2 : QK_AT_CME_PUK);
	return cme(QK_AT_CME_PASSWORD);
}

static int read_pin(struct qk_at_call *call)
{
	const char *code = qk_at_pin_code(call->state);
	int r = qk_at_card_error(call->state, QK_AT_NEEDS_CARD);

	if (r != QK_AT_OK)
		return r;
	qk_at_say(call, "+CPIN: %s", code);
	return QK_AT_OK;
}

static int enter_pin(struct qk_at_call *call)
{
	struct qk_sim_pin *pin = qk_sim_card_pin(&call->state->card, QK_SIM_PIN1);
	char code[QK_SIM_CODE_MAX + 2], fresh[QK_SIM_CODE_MAX + 2];
	bool two = call->parsed->arg_count == 2;
	uint16_t status;

	if (call->parsed->arg_count > 2 ||
	    qk_at_arg_text(call->parsed, 0, code, sizeof(code)) < 0 ||
	    qk_at_arg_text(call->parsed, 1, fresh, sizeof(fresh)) < 0)
		return cme(QK_AT_CME_PASSWORD);
	if (pin->state == QK_SIM_PIN_PERMANENTLY_BLOCKED)
		return cme(QK_AT_CME_SIM_FAILURE);
	if (pin->state == QK_SIM_PIN_BLOCKED) {
		if (!two)
			return cme(QK_AT_CME_PUK);
		status = qk_sim_card_unblock(call->state, QK_SIM_PIN1, code, fresh);
		return status == QK_SIM_SW_OK                         ? QK_AT_OK
		       : pin->state == QK_SIM_PIN_PERMANENTLY_BLOCKED ? cme(QK_AT_CME_SIM_FAILURE)
								      : cme(QK_AT_CME_PASSWORD);
	}
	if (pin->state != QK_SIM_PIN_NOT_VERIFIED || two)
		return cme(QK_AT_CME_NOT_ALLOWED);
	status = qk_sim_card_verify(call->state, QK_SIM_PIN1, code);
	return code_result(pin, status, false);
}

/* The facilities of a card's PINs: "SC" asks for PIN1, "P2" is the name of PIN2. */
static int pin_of(const struct qk_at_parsed *parsed, size_t i)
{
	if (qk_at_arg_is(parsed, i, "SC"))
		return QK_SIM_PIN1;
	return qk_at_arg_is(parsed, i, "P2") ? QK_SIM_PIN2 : -1;
}

static int change_password(struct qk_at_call *call)
{
	char code[QK_SIM_CODE_MAX + 2], fresh[QK_SIM_CODE_MAX + 2];
	int id = pin_of(call->parsed, 0);

	if (id < 0 || call->parsed->arg_count != 3)
		return QK_AT_ERROR;
	if (qk_at_arg_text(call->parsed, 1, code, sizeof(code)) < 0 ||
	    qk_at_arg_text(call->parsed, 2, fresh, sizeof(fresh)) < 0)
		return cme(QK_AT_CME_PASSWORD);
	uint16_t status = qk_sim_card_change(call->state, (uint32_t)id, code, fresh);
	return code_result(qk_sim_card_pin(&call->state->card, (uint32_t)id), status,
			   id == QK_SIM_PIN2);
}

/* Barring and network locks are off in this modem and cannot be set. */
static const char *const facilities[] = { "FD", "PN", "PU", "PP", "PC", "PS", "PF", "AO",
					  "OI", "OX", "AI", "IR", "AB", "AG", "AC", NULL };

static int other_facility(struct qk_at_call *call, uint32_t mode)
{
	for (size_t i = 0; facilities[i]; i++) {
		if (!qk_at_arg_is(call->parsed, 0, facilities[i]))
			continue;
		if (mode != 2)
			return cme(QK_AT_CME_NOT_SUPPORTED);
		/* the network's barrings are told with the classes of service */
		if (i >= 7)
			qk_at_say(call, "+CLCK: 0,7");
		else
			qk_at_say(call, "+CLCK: 0");
		return QK_AT_OK;
	}
	return QK_AT_ERROR;
}

static int lock(struct qk_at_call *call)
{
	struct qk_sim_pin *pin = qk_sim_card_pin(&call->state->card, QK_SIM_PIN1);
	char code[QK_SIM_CODE_MAX + 2];
	uint32_t mode = 3;

	if (!qk_at_has_arg(call->parsed, 1) || qk_at_arg_number(call->parsed, 1, 0, 2, &mode) < 0)
		return QK_AT_ERROR;
	if (pin_of(call->parsed, 0) != QK_SIM_PIN1)
		return other_facility(call, mode);
	if (mode == 2) {
		qk_at_say(call, "+CLCK: %d", pin->state != QK_SIM_PIN_DISABLED);
		return QK_AT_OK;
	}
	if (!qk_at_has_arg(call->parsed, 2) ||
	    qk_at_arg_text(call->parsed, 2, code, sizeof(code)) < 0)
		return cme(QK_AT_CME_PASSWORD);
	uint16_t status = qk_sim_card_protect(call->state, QK_SIM_PIN1, mode == 1, code);
	/* it is as it should be: that is no error */
	if (status == QK_SIM_SW_DISABLED)
		return QK_AT_OK;
	return code_result(pin, status, false);
}

static void say_retries(struct qk_at_call *call, uint32_t id)
{
	const struct qk_sim_pin *pin = qk_sim_card_pin(&call->state->card, id);

	qk_at_say(call, "+QPINC: \"%s\",%u,%u", id == QK_SIM_PIN1 ? "SC" : "P2", pin->retries,
		  pin->unblock_retries);
}

static int read_retries(struct qk_at_call *call)
{
	say_retries(call, QK_SIM_PIN1);
	say_retries(call, QK_SIM_PIN2);
	return QK_AT_OK;
}

static int retries(struct qk_at_call *call)
{
	int id = pin_of(call->parsed, 0);

	if (id < 0)
		return QK_AT_ERROR;
	say_retries(call, (uint32_t)id);
	return QK_AT_OK;
}

static int subscriber(struct qk_at_call *call)
{
	qk_at_say(call, "%s", call->state->card.imsi);
	return QK_AT_OK;
}

static int card_number(struct qk_at_call *call)
{
	qk_at_say(call, "%s: %s", call->command->name, call->state->card.iccid);
	return QK_AT_OK;
}

static int read_detection(struct qk_at_call *call)
{
	qk_at_say(call, "+QSIMSTAT: %u,%d", qk_at_get(call->port, QK_AT_SET_QSIMSTAT),
		  call->state->card.inserted);
	return QK_AT_OK;
}

/* What was initialized: 1 the card, 2 the messages, 4 the phone book. */
static int initialization(struct qk_at_call *call)
{
	int sum = qk_sim_state_card_ready(call->state) ? 1 : 0;

	sum += call->at->sms_done ? 2 : 0;
	sum += call->at->phonebook_done ? 4 : 0;
	qk_at_say(call, "+QINISTAT: %d", sum);
	return QK_AT_OK;
}

static const char *const charsets[] = { "GSM", "IRA", "UCS2", NULL };

/* Without a card an EC25-EUX refuses (firmware A19M1G) [S]. */
static int set_charset(struct qk_at_call *call)
{
	uint32_t charset;

	if (!call->state->card.inserted)
		return QK_AT_ERROR;
	for (charset = 0; charsets[charset]; charset++)
		if (call->parsed->arg_count == 1 &&
		    qk_at_arg_is(call->parsed, 0, charsets[charset]))
			break;
	if (!charsets[charset])
		return QK_AT_ERROR;
	qk_at_put_setting(call->port, QK_AT_SET_CSCS, charset);
	return QK_AT_OK;
}

static int read_charset(struct qk_at_call *call)
{
	qk_at_say(call, "+CSCS: \"%s\"", charsets[qk_at_get(call->port, QK_AT_SET_CSCS)]);
	return QK_AT_OK;
}

/* clang-format off */
#define CARD_NUMBER(command) \
	{ .name = command, .flags = QK_AT_NEEDS_CARD, .execute = card_number, .read = card_number, \
	  .test = "" }
/* clang-format on */

static const struct qk_at_command commands[] = {
	{ .name = "+CPIN",
	  .read = read_pin,
	  .set = enter_pin,
	  .flags = QK_AT_NEEDS_CARD,
	  .test = "" },
	{ .name = "+CPWD",
	  .set = change_password,
	  .flags = QK_AT_NEEDS_CARD,
	  .test = "(\"SC\",8),(\"P2\",8)" },
	{ .name = "+CLCK",
	  .set = lock,
	  .flags = QK_AT_NEEDS_CARD,
	  .test = "(\"SC\",\"AO\",\"OI\",\"OX\",\"AI\",\"IR\",\"AB\",\"AG\",\"AC\",\"FD\",\"PN\","
		  "\"PU\",\"PP\",\"PC\",\"PF\")" },
	{ .name = "+QPINC",
	  .read = read_retries,
	  .set = retries,
	  .flags = QK_AT_NEEDS_CARD,
	  .test = "(\"SC\",\"P2\")" },
	{ .name = "+CIMI", .execute = subscriber, .flags = QK_AT_NEEDS_PIN, .test = "" },
	CARD_NUMBER("+QCCID"),
	CARD_NUMBER("+CCID"),
	CARD_NUMBER("+ICCID"),
	{ .name = "+QSIMSTAT",
	  .read = read_detection,
	  .settings = { QK_AT_SET_QSIMSTAT },
	  .setting_count = 1 },
	{ .name = "+QSIMDET",
	  .settings = { QK_AT_SET_QSIMDET, QK_AT_SET_QSIMDET_LEVEL },
	  .setting_count = 2 },
	{ .name = "+QINISTAT", .execute = initialization, .test = "(0-7)" },
	{ .name = "+CSCS",
	  .set = set_charset,
	  .read = read_charset,
	  .test = "(\"IRA\",\"GSM\",\"UCS2\")" },
};

const struct qk_at_table qk_at_sim_table = { commands, sizeof(commands) / sizeof(commands[0]) };
