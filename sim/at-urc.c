/*
 * AT news: unsolicited results. What has changed in the model is told to the port that
 * AT+QURCCFG="urcport" names, in the middle of no response (see at-modem.h).
 */
#include "at-modem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "modem.h"

static bool is_for(const struct qk_at *at, const struct qk_at_port *port)
{
	return port->open && port->role == (enum qk_at_role)at->settings[QK_AT_SET_URC_PORT];
}

/* What does not fit any more is lost, the oldest stays. */
static void hold(struct qk_at_port *port, const char *text, size_t size)
{
	if (size > sizeof(port->held) - port->held_size)
		return;
	memcpy(port->held + port->held_size, text, size);
	port->held_size += size;
}

void qk_at_release_held(struct qk_at_port *port)
{
	qk_at_put(port, port->held, port->held_size);
	port->held_size = 0;
}

static void put_urc(struct qk_at_port *port, const char *text)
{
	char line[QK_AT_SAY_MAX];
	int size = snprintf(line, sizeof(line), "\r\n%s\r\n", text);

	if (size < 0 || (size_t)size >= sizeof(line))
		return;
	if (qk_at_is_busy(port)) {
		hold(port, line, (size_t)size);
		return;
	}
	qk_at_put(port, line, (size_t)size);
	qk_at_flush(port);
}

void qk_at_urc(struct qk_at *at, const char *format, ...)
{
	char text[QK_AT_SAY_MAX];
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (size < 0 || (size_t)size >= sizeof(text))
		return;
	for (struct qk_at_port *port = at->ports; port; port = port->next)
		if (is_for(at, port))
			put_urc(port, text);
}

void qk_at_mark_told(struct qk_at *at)
{
	at->told.card_state = at->state->card.state;
	at->told.card_ready = qk_sim_state_card_ready(at->state);
}

/* The modem comes up or goes: what was set and not stored is gone, and so is what ran. */
static void bus_news(struct qk_at *at)
{
	if (qk_sim_state_on_bus(at->state))
		return;
	qk_at_settings_restore(at);
	for (struct qk_at_port *port = at->ports; port; port = port->next)
		qk_at_forget(port);
	at->sms_done = at->phonebook_done = false;
	at->sms_usec = at->phonebook_usec = QK_SIM_NEVER;
}

static void sms_done(struct qk_at *at)
{
	at->sms_done = true;
	at->sms_usec = QK_SIM_NEVER;
	qk_at_urc(at, "+QIND: SMS DONE");
}

static void phonebook_done(struct qk_at *at)
{
	at->phonebook_done = true;
	at->phonebook_usec = QK_SIM_NEVER;
	qk_at_urc(at, "+QIND: PB DONE");
}

static void card_urc(struct qk_at *at)
{
	const struct qk_sim_card *card = &at->state->card;
	bool ready = qk_sim_state_card_ready(at->state);

	if (card->state == QK_SIM_CARD_ABSENT)
		qk_at_urc(at, "+CPIN: NOT INSERTED");
	else if (card->state == QK_SIM_CARD_ERROR)
		qk_at_urc(at, "+CPIN: NOT READY");
	else
		qk_at_urc(at, "+CPIN: %s",
			  ready                                         ? "READY"
			  : card->pin1.state == QK_SIM_PIN_NOT_VERIFIED ? "SIM PIN"
									: "SIM PUK");
	at->told.card_state = card->state;
	at->told.card_ready = ready;
}

static void boot_news(struct qk_at *at, uint32_t reached)
{
	bool present = at->state->card.state == QK_SIM_CARD_PRESENT;

	if (reached & QK_SIM_BOOTED_RDY)
		qk_at_urc(at, "RDY");
	if (reached & QK_SIM_BOOTED_CARD) {
		card_urc(at);
		if (present)
			qk_at_urc(at, "+QUSIM: 1");
		qk_at_urc(at, "+CFUN: 1");
	}
	if (reached & QK_SIM_BOOTED_SMS && qk_sim_state_card_ready(at->state))
		sms_done(at);
	if (reached & QK_SIM_BOOTED_PHONEBOOK && qk_sim_state_card_ready(at->state))
		phonebook_done(at);
}

/* The card came, went, or a PIN made it usable or not. */
static void card_news(struct qk_at *at)
{
	const struct qk_sim_timings *timings = &at->sim->profile->timings;
	const struct qk_sim_card *card = &at->state->card;
	bool ready = qk_sim_state_card_ready(at->state);

	if (!(at->state->booted & QK_SIM_BOOTED_CARD))
		return;
	if (card->state != at->told.card_state && at->settings[QK_AT_SET_QSIMSTAT])
		qk_at_urc(at, "+QSIMSTAT: 1,%d", card->state != QK_SIM_CARD_ABSENT);
	if (card->state == at->told.card_state && ready == at->told.card_ready)
		return;
	bool came =
		card->state == QK_SIM_CARD_PRESENT && at->told.card_state != QK_SIM_CARD_PRESENT;
	card_urc(at);
	if (came)
		qk_at_urc(at, "+QUSIM: 1");
	at->sms_done = at->phonebook_done = false;
	at->sms_usec = at->phonebook_usec = QK_SIM_NEVER;
	if (!ready)
		return;
	/* they are read as they are in a boot, counted from the card */
	at->sms_usec = qk_sim_after(at->state, timings->sms_usec > timings->card_usec
						       ? timings->sms_usec - timings->card_usec
						       : 0);
	at->phonebook_usec =
		qk_sim_after(at->state, timings->phonebook_usec > timings->card_usec
						? timings->phonebook_usec - timings->card_usec
						: 0);
}

void qk_at_news(struct qk_at *at, uint32_t changed)
{
	if (changed & QK_SIM_CHANGED_BUS)
		bus_news(at);
	if (changed & QK_SIM_CHANGED_BOOT)
		boot_news(at, at->state->reached);
	if (changed & QK_SIM_CHANGED_CARD)
		card_news(at);
}

void qk_at_due_news(struct qk_at *at)
{
	if (at->state->now_usec >= at->sms_usec)
		sms_done(at);
	if (at->state->now_usec >= at->phonebook_usec)
		phonebook_done(at);
}
