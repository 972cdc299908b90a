/*
 * Signal quality: a modem tells when its signal changes by some dB, so that a steady signal is told of never. What was
 * read is recent for a minute (the published time); then it is read again, where stock lets it age. A modem that
 * tells nothing is asked twice a minute, as stock does. One without a signal is asked often: some find a network and
 * tell of its signal only with the next change, and connections wait for one.
 */
#include "signal-quality.h"

#include <qmikit/nas.h>

#include "modem.h"
#include "network.h"
#include "operation.h"
#include "radio.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum {
	RECENT_USEC = 60000000,
	POLL_USEC = 30000000,
	NONE_USEC = 5000000,
	EARLY_USEC = 1000000,
};

static void on_tick(void *userdata);

static json_int_t percent_of(const struct modem *modem)
{
	const json_t *told = api_object_get(modem->object, API_MODEM_SIGNAL_QUALITY);

	return json_integer_value(json_array_get(told, 0));
}

static void arm(struct modem *modem)
{
	uint64_t wait = modem->signal_told ? RECENT_USEC : POLL_USEC;

	if (percent_of(modem) == 0)
		wait = NONE_USEC;
	modem->quality_tick.fn = on_tick;
	modem->quality_tick.userdata = modem;
	modem->quality_tick.early_usec = EARLY_USEC;
	ticker_start(modem->host->ticker, &modem->quality_tick, wait);
}

/* What is told is kept, and named old. */
static void age(struct modem *modem)
{
	modem_set(modem, API_MODEM_SIGNAL_QUALITY, json_pack("[I, b]", percent_of(modem), 0));
}

/* Also where the question failed as a whole, which tells nobody else. */
static void on_read(struct modem *modem, const struct failure *failure, void *userdata)
{
	(void)userdata;
	if (failure && !modem->leaving && modem->facts.enabled)
		signal_quality_tell(modem, NULL);
}

static void on_tick(void *userdata)
{
	static const struct step steps[] = { { "read the signal", network_read_signal } };
	struct modem *modem = userdata;

	if (modem->facts.enabled &&
	    operation_start(modem, OPERATION_ASIDE, steps, COUNT(steps), on_read, NULL) < 0)
		signal_quality_tell(modem, NULL);
}

void signal_quality_tell(struct modem *modem, const struct qk_nas_get_signal_info_response *values)
{
	int percent = values ? radio_signal_quality(values) : -1;

	if (values)
		modem_set(modem, API_MODEM_SIGNAL_QUALITY,
			  json_pack("[i, b]", percent < 0 ? 0 : percent, 1));
	else
		age(modem);
	arm(modem);
}

void signal_quality_forget(struct modem *modem)
{
	ticker_stop(modem->host->ticker, &modem->quality_tick);
	modem_set(modem, API_MODEM_SIGNAL_QUALITY, json_pack("[i, b]", 0, 1));
}
