/* Leisure: looks again and again until no operation is on. */
#include "leisure.h"

#include "carrier.h"
#include "location-assist.h"
#include "modem.h"
#include "operation.h"

enum { REST_USEC = 1000000 };

static const struct step steps[] = {
	{ "allocate the client for carriers' configurations", carrier_allocate },
	{ "read the carrier's configuration", carrier_read },
	{ "release the client for carriers' configurations", carrier_release },
	{ "read what assists the receiver", location_assist_read },
};

static int on_rest(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct modem *modem = userdata;

	if (modem->operations) {
		sd_event_source_set_time(source, usec + REST_USEC);
		return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	}
	if (modem->qmi && operation_start(modem, OPERATION_ASIDE, steps,
					  sizeof(steps) / sizeof(steps[0]), NULL, NULL) < 0)
		modem_log(modem, "out of memory: the carrier's configuration is not known");
	return 0;
}

void leisure_begin(struct modem *modem)
{
	leisure_end(modem);
	if (sd_event_add_time_relative(modem->event, &modem->leisure, CLOCK_MONOTONIC, REST_USEC, 0,
				       on_rest, modem) < 0)
		modem_log(modem, "out of memory: the carrier's configuration is not known");
}

void leisure_end(struct modem *modem)
{
	modem->leisure = sd_event_source_disable_unref(modem->leisure);
}
