/*
 * Network time: the network tells UTC and its zone; people are told the local time with the zone behind it.
 */
#include "network-time.h"

#include <time.h>
#include <qmikit/common.h>
#include <qmikit/nas.h>

#include "at-reader.h"
#include "request.h"
#include "time-text.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { AT_USEC = 3000000 };

/* Seconds since 1970; -1: it is no time. */
static int64_t seconds_of(const struct qk_nas_universal_time *utc)
{
	struct tm tm = {
		.tm_year = utc->year - 1900,
		.tm_mon = utc->month - 1,
		.tm_mday = utc->day,
		.tm_hour = utc->hour,
		.tm_min = utc->minute,
		.tm_sec = utc->second,
	};

	if (utc->year < 1970 || utc->month < 1 || utc->month > 12 || utc->day < 1 ||
	    utc->day > 31 || utc->hour > 23 || utc->minute > 59 || utc->second > 60)
		return -1;
	return timegm(&tm);
}

/* Minutes; what summer adds is in the zone already and told once more. */
static void tell_zone(struct modem *modem, int quarters, uint8_t hours)
{
	json_t *zone = json_pack("{s: i}", "offset", quarters * 15);

	if (hours)
		json_object_set_new(zone, "dst-offset", json_integer(hours * 60));
	modem_set(modem, API_TIME_NETWORK_TIMEZONE, zone);
}

void network_time_tell_zone(struct modem *modem, const struct qk_nas_get_serving_system_response *r)
{
	if (r->has_time_zone_3gpp && api_object_has(modem->object, API_TIME))
		tell_zone(modem, r->time_zone_3gpp,
			  r->has_daylight_saving_time_adjustment_3gpp
				  ? r->daylight_saving_time_adjustment_3gpp
				  : 0);
}

/* Whether it was a time. */
static bool keep(struct modem *modem, int64_t utc, int8_t quarters, uint8_t saving)
{
	if (utc < 0 || !api_object_has(modem->object, API_TIME) ||
	    sd_event_now(modem->event, CLOCK_MONOTONIC, &modem->clock.at_usec) < 0)
		return false;
	modem->clock.known = true;
	modem->clock.utc = utc;
	modem->clock.quarters = quarters;
	tell_zone(modem, quarters, saving);
	return true;
}

static void emit(struct modem *modem)
{
	char text[64];

	time_text(modem->clock.utc, modem->clock.quarters, text, sizeof(text));
	modem->clock.told_usec = modem->clock.at_usec;
	api_object_emit(modem->object, API_SIGNAL_TIME_NETWORK_TIME_CHANGED,
			json_pack("[s]", text));
}

void network_time_tell(struct modem *modem, const struct qk_nas_network_time_indication *news)
{
	if (news->has_universal_time && news->has_timezone_offset &&
	    keep(modem, seconds_of(&news->universal_time), news->timezone_offset,
		 news->daylight_savings_adjustment))
		emit(modem);
}

/* Quectel's modems tell by AT what the network has told before we listened. */
static void take_at_time(struct operation *op, const struct at_answer *answer, const void *about)
{
	struct time_told told;

	(void)about;
	if (answer && answer->result == AT_RESULT_OK && time_from_at(answer->text, &told))
		(void)keep(operation_modem(op), told.utc, told.quarters, told.saving);
}

static void ask_at(struct operation *op)
{
	operation_ask_at(op, &(struct at_question){ .command = "AT+QLTS=1",
						    .need = OPERATION_TRIES,
						    .take = take_at_time,
						    .timeout_usec = AT_USEC });
}

static void take_time(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_nas_get_network_time_response *r = response;
	struct modem *modem = operation_modem(op);

	(void)about;
	if (!error && r->has_3gpp_time)
		(void)keep(modem, seconds_of(&r->_3gpp_time.universal_time),
			   r->_3gpp_time.timezone_offset,
			   r->_3gpp_time.daylight_savings_adjustment);
	else if (modem->at)
		ask_at(op);
}

void network_time_read(struct operation *op)
{
	static const struct question question = { QK_SERVICE_ID_NAS, OPERATION_TRIES,
						  &qk_nas_get_network_time_method, take_time };

	operation_ask(op, &question);
}

void network_time_tell_again(struct operation *op)
{
	enum { RECENT_USEC = 2000000 };
	struct modem *modem = operation_modem(op);

	if (modem->clock.known && modem->clock.at_usec > modem->clock.told_usec + RECENT_USEC)
		emit(modem);
}

/* A modem that cannot be asked (the EC25 is one) has told it when the network did: what has passed since is added. */
static void answer_time(struct operation *op)
{
	const struct modem *modem = operation_modem(op);
	uint64_t now;
	char text[64];

	if (!modem->clock.known || sd_event_now(modem->event, CLOCK_MONOTONIC, &now) < 0) {
		request_refuse(op, MM_CORE_ERROR_FAILED, "the network has not told the time");
		return;
	}
	time_text(modem->clock.utc + (int64_t)((now - modem->clock.at_usec) / 1000000),
		  modem->clock.quarters, text, sizeof(text));
	request_answer(op, json_pack("[s]", text));
}

static const struct step steps[] = {
	{ "read the network's time", network_time_read },
	{ "tell the network's time", answer_time },
};

static void on_get(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_REGISTERED };

	request_start(call, in, userdata, &kind);
}

static const struct api_handler handlers[] = { { API_METHOD_TIME_GET_NETWORK_TIME, on_get } };

void network_time_add(struct modem *modem)
{
	(void)modem_add(modem, API_TIME, handlers, COUNT(handlers), 0);
}
