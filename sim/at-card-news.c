/*
 * AT card news: the boot and the card (see at-news.h).
 */
#include "at-news.h"
#include "at-radio.h"
#include "card.h"
#include "modem.h"

/* How a card looks to a host. */
enum view { BUSY, ABSENT, FAILED, PIN, PUK, READY };

static enum view view_of(const struct qk_sim_state *state)
{
	const struct qk_sim_card *card = &state->card;

	if (!(state->booted & QK_SIM_BOOTED_CARD))
		return BUSY;
	if (card->state == QK_SIM_CARD_ABSENT)
		return card->inserted ? FAILED : ABSENT;
	if (card->state == QK_SIM_CARD_ERROR)
		return FAILED;
	if (!qk_sim_card_answers(card))
		return BUSY;
	switch (card->pin1.state) {
	case QK_SIM_PIN_NOT_VERIFIED:
		return PIN;
	case QK_SIM_PIN_BLOCKED:
		return PUK;
	case QK_SIM_PIN_PERMANENTLY_BLOCKED:
		return FAILED;
	default:
		return READY;
	}
}

const char *qk_at_pin_code(const struct qk_sim_state *state)
{
	static const char *const codes[] = { "NOT READY", "NOT INSERTED", "NOT READY",
					     "SIM PIN",   "SIM PUK",      "READY" };

	return codes[view_of(state)];
}

void qk_at_card_told(struct qk_at *at)
{
	at->told.card = view_of(at->state);
	at->told.inserted = at->state->card.inserted;
}

/* What was set and not stored is gone, and so is what ran. */
void qk_at_bus_news(struct qk_at *at)
{
	if (qk_sim_state_on_bus(at->state)) {
		qk_at_gnss_apply(at);
		return;
	}
	qk_at_settings_restore(at);
	for (struct qk_at_port *port = at->ports; port; port = port->next)
		qk_at_forget(port);
	at->sms_done = at->phonebook_done = false;
	at->sms_usec = at->phonebook_usec = at->ring_usec = QK_SIM_NEVER;
	at->told.card = BUSY;
}

static void sms_done(struct qk_at *at)
{
	at->sms_usec = QK_SIM_NEVER;
	if (!at->sms_done)
		qk_at_urc(at, "+QIND: SMS DONE");
	at->sms_done = true;
}

static void phonebook_done(struct qk_at *at)
{
	at->phonebook_usec = QK_SIM_NEVER;
	if (!at->phonebook_done)
		qk_at_urc(at, "+QIND: PB DONE");
	at->phonebook_done = true;
}

/* A card that was read anew: its code, and once it answers what it is. */
static void tell_card(struct qk_at *at, enum view view)
{
	bool answers = view == PIN || view == PUK || view == READY;
	bool answered = at->told.card == PIN || at->told.card == PUK || at->told.card == READY;

	if (view != BUSY)
		qk_at_urc(at, "+CPIN: %s", qk_at_pin_code(at->state));
	if (answers && !answered)
		qk_at_urc(at, "+QUSIM: 1");
	at->told.card = view;
}

void qk_at_boot_news(struct qk_at *at)
{
	uint32_t reached = at->state->reached;
	bool ready = qk_sim_state_card_ready(at->state);

	if (reached & QK_SIM_BOOTED_RDY && !at->state->without_rdy)
		qk_at_urc(at, "RDY");
	if (reached & QK_SIM_BOOTED_CARD) {
		tell_card(at, view_of(at->state));
		at->told.inserted = at->state->card.inserted;
		qk_at_urc(at, "+CFUN: %d", qk_at_functionality(at->state));
	}
	if (reached & QK_SIM_BOOTED_SMS && ready)
		sms_done(at);
	if (reached & QK_SIM_BOOTED_PHONEBOOK && ready)
		phonebook_done(at);
}

/* They are read as they are in a boot, counted from the card. */
static void read_again(struct qk_at *at)
{
	const struct qk_sim_timings *timings = &at->sim->profile->timings;
	uint64_t card = timings->card_usec;

	at->sms_usec =
		qk_sim_after(at->state, timings->sms_usec > card ? timings->sms_usec - card : 0);
	at->phonebook_usec = qk_sim_after(
		at->state, timings->phonebook_usec > card ? timings->phonebook_usec - card : 0);
}

void qk_at_card_news(struct qk_at *at)
{
	enum view view = view_of(at->state);

	if (!(at->state->booted & QK_SIM_BOOTED_CARD))
		return;
	if (at->state->card.inserted != at->told.inserted && at->settings[QK_AT_SET_QSIMSTAT])
		qk_at_urc(at, "+QSIMSTAT: 1,%d", at->state->card.inserted);
	at->told.inserted = at->state->card.inserted;
	if (view == at->told.card)
		return;
	tell_card(at, view);
	at->sms_done = at->phonebook_done = false;
	at->sms_usec = at->phonebook_usec = QK_SIM_NEVER;
	if (view == READY)
		read_again(at);
}

void qk_at_card_due(struct qk_at *at)
{
	if (at->state->now_usec >= at->sms_usec)
		sms_done(at);
	if (at->state->now_usec >= at->phonebook_usec)
		phonebook_done(at);
}
