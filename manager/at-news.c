/*
 * AT news: a table says what each line makes be read; several lines in a row are one change.
 */
#include "at-news.h"

#include <string.h>

#include "at-hex.h"
#include "card.h"
#include "cell-broadcast.h"
#include "log.h"
#include "messaging.h"
#include "modem.h"
#include "network-time.h"
#include "network.h"
#include "operation.h"
#include "power-mode.h"
#include "ussd-at.h"
#include "voice.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* --- What is read */

/* The modem tells more of the same change, by QMI as well. */
static void wait_a_moment(struct operation *op)
{
	enum { MOMENT_USEC = 50000 };

	operation_wait(op, MOMENT_USEC);
}

static const struct step read_calls[] = {
	{ "wait for the end of the news", wait_a_moment },
	{ "read the calls", voice_read },
};
static const struct step read_network[] = {
	{ "wait for the end of the news", wait_a_moment },
	{ "read the network", network_read },
};
static const struct step read_signal[] = {
	{ "wait for the end of the news", wait_a_moment },
	{ "read the signal", network_read_signal },
};
static const struct step read_time[] = {
	{ "wait for the end of the news", wait_a_moment },
	{ "read the network's time", network_time_read },
	{ "tell the network's time", network_time_tell_again },
};
static const struct step read_messages[] = {
	{ "wait for the end of the news", wait_a_moment },
	{ "list the messages", messaging_read_new },
	{ "read the messages", messaging_read_listed },
};
static const struct step read_power[] = {
	{ "wait for the end of the news", wait_a_moment },
	{ "read the power", power_mode_read },
};
static const struct step begin_anew[] = {
	{ "wait for the end of the news", wait_a_moment },
	{ "listen by AT", ussd_at_listen },
};

enum read { CALLS, NETWORK, SIGNAL, TIME, MESSAGES, POWER, ANEW };

static const struct read_row {
	const struct step *steps;
	size_t count;
	bool enabled; /* only while the modem is */
} reads[] = {
	[CALLS] = { read_calls, COUNT(read_calls), false },
	[NETWORK] = { read_network, COUNT(read_network), true },
	[SIGNAL] = { read_signal, COUNT(read_signal), true },
	[TIME] = { read_time, COUNT(read_time), true },
	[MESSAGES] = { read_messages, COUNT(read_messages), true },
	[POWER] = { read_power, COUNT(read_power), false },
	[ANEW] = { begin_anew, COUNT(begin_anew), true },
};

static void look(struct modem *modem, enum read what);

static void on_read(struct modem *modem, const struct failure *failure, void *userdata)
{
	const struct read_row *row = userdata;
	uint32_t bit = UINT32_C(1) << (row - reads);
	bool again = modem->at_news.due & bit;

	(void)failure;
	modem->at_news.running &= ~bit;
	modem->at_news.due &= ~bit;
	if (again)
		look(modem, (enum read)(row - reads));
}

static void look(struct modem *modem, enum read what)
{
	const struct read_row *row = &reads[what];
	uint32_t bit = UINT32_C(1) << what;

	if (modem->leaving || !modem->qmi || !modem->facts.initialized ||
	    (row->enabled && !modem->facts.enabled))
		return;
	if (modem->at_news.running & bit) {
		modem->at_news.due |= bit;
		return;
	}
	modem->at_news.running |= bit;
	/* Only read: the table is const. */
	if (operation_start(modem, OPERATION_ASIDE, row->steps, row->count, on_read,
			    (void *)(uintptr_t)row) < 0)
		modem->at_news.running &= ~bit;
}

/* --- What is done with a line itself */

static void look_at_card(struct modem *modem, const char *line)
{
	(void)line;
	card_look_again(modem);
}

static void take_ussd(struct modem *modem, const char *line)
{
	if (!operations_tell_at(modem, line))
		ussd_at_take(modem, line);
}

/* A page is told nowhere else: it stands behind the line. */
static void take_broadcast(struct modem *modem, const char *line)
{
	enum { PAGE_MAX = 128 };
	const char *pdu = strchr(line, '\n');
	uint8_t page[PAGE_MAX];
	int size = pdu ? at_hex_read(pdu + 1, strlen(pdu + 1), page, sizeof(page)) : -1;

	if (size > 0 && modem->cell_broadcast && modem->facts.enabled)
		cell_broadcast_take(modem, (struct qk_span){ page, (size_t)size });
}

void at_news_begin_anew(struct modem *modem)
{
	ussd_at_forget(modem);
	look(modem, ANEW);
}

static void take_start(struct modem *modem, const char *line)
{
	(void)line;
	at_news_begin_anew(modem);
	look(modem, POWER);
	card_look_again(modem);
}

static void take_end(struct modem *modem, const char *line)
{
	modem_log_at(modem, LOG_NOTICE, "it says %s", line);
	look(modem, POWER);
}

static void warn_full(struct modem *modem, const char *line)
{
	(void)line;
	modem_log_at(modem, LOG_WARNING, "a storage of messages is full: no more can be received");
	look(modem, MESSAGES);
}

/* --- The table */

static const struct news_row {
	const char *start;
	void (*take)(struct modem *modem, const char *line); /* NULL: `what` is read */
	enum read what;
} rows[] = {
	/* Calls: one that comes, waits, and ends. */
	{ "RING", NULL, CALLS },
	{ "+CRING:", NULL, CALLS },
	{ "+CLIP:", NULL, CALLS },
	{ "+CCWA:", NULL, CALLS },
	{ "+COLP:", NULL, CALLS },
	{ "NO CARRIER", NULL, CALLS },
	{ "NO ANSWER", NULL, CALLS },
	{ "BUSY", NULL, CALLS },
	/* The network, and how it is heard. */
	{ "+CREG:", NULL, NETWORK },
	{ "+CGREG:", NULL, NETWORK },
	{ "+CEREG:", NULL, NETWORK },
	{ "+C5GREG:", NULL, NETWORK },
	{ "+QIND: \"act\"", NULL, NETWORK },
	{ "+QIND: \"csq\"", NULL, SIGNAL },
	{ "+CTZV:", NULL, TIME },
	{ "+CTZE:", NULL, TIME },
	{ "+CTZU:", NULL, TIME },
	{ "+CTZDST:", NULL, TIME },
	/* Messages. Those that the modem could not read before are there with SMS DONE. */
	{ "+CMTI:", NULL, MESSAGES },
	{ "+CDSI:", NULL, MESSAGES },
	{ "+QIND: SMS DONE", NULL, MESSAGES },
	{ "+QIND: \"smsfull\"", warn_full, MESSAGES },
	{ "+CBM:", take_broadcast, MESSAGES },
	{ "+CUSD:", take_ussd, CALLS },
	/* A card that can be used: modems that refuse to speak of their slots by QMI tell only this. */
	{ "+QUSIM:", look_at_card, POWER },
	/* One is in or out, where AT+QSIMSTAT was switched on. */
	{ "+QSIMSTAT:", look_at_card, POWER },
	/* It wants a code, or is not there. */
	{ "+CPIN:", look_at_card, POWER },
	/* The modem itself. */
	{ "+CFUN:", NULL, POWER },
	{ "RDY", take_start, POWER },
	{ "APP RDY", take_start, POWER },
	{ "NORMAL POWER DOWN", take_end, POWER },
	{ "POWERED DOWN", take_end, POWER },
};

void at_news_take(struct modem *modem, const char *line)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strncmp(line, rows[i].start, strlen(rows[i].start)) != 0)
			continue;
		if (rows[i].take)
			rows[i].take(modem, line);
		else
			look(modem, rows[i].what);
		return;
	}
}
