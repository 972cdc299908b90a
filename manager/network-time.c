/*
 * Network time: the network tells UTC and its zone; people are told the local time with the zone behind it.
 */
#include "network-time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <qmikit/common.h>
#include <qmikit/nas.h>

#include "at-reader.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

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

char *network_time_text(int64_t utc, int quarters, char *buffer, size_t size)
{
	time_t local = (time_t)(utc + quarters * 15 * 60);
	char text[40] = "";
	struct tm tm;

	if (gmtime_r(&local, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	if (quarters == 0)
		snprintf(buffer, size, "%sZ", text);
	else if (quarters % 4 == 0)
		snprintf(buffer, size, "%s%+03d", text, quarters / 4);
	else
		snprintf(buffer, size, "%s%c%02d:%02d", text, quarters < 0 ? '-' : '+',
			 abs(quarters) / 4, abs(quarters) % 4 * 15);
	return buffer;
}

/* Minutes; what summer adds is in the zone already and told once more. */
static json_t *zone_json(int quarters, uint8_t hours)
{
	return json_pack("{s: i, s: i}", "offset", quarters * 15, "dst-offset", hours * 60);
}

/* Whether it was a time. */
static bool keep(struct modem *modem, const struct qk_nas_universal_time *utc, int8_t quarters,
		 uint8_t saving)
{
	int64_t seconds = seconds_of(utc);

	if (seconds < 0 || sd_event_now(modem->event, CLOCK_MONOTONIC, &modem->clock.at_usec) < 0)
		return false;
	modem->clock.known = true;
	modem->clock.utc = seconds;
	modem->clock.quarters = quarters;
	modem_set(modem, API_TIME_NETWORK_TIMEZONE, zone_json(quarters, saving));
	return true;
}

void network_time_tell(struct modem *modem, const struct qk_nas_network_time_indication *news)
{
	char text[64];

	if (!api_object_has(modem->object, API_TIME) || !news->has_universal_time ||
	    !news->has_timezone_offset ||
	    !keep(modem, &news->universal_time, news->timezone_offset,
		  news->daylight_savings_adjustment))
		return;
	network_time_text(modem->clock.utc, news->timezone_offset, text, sizeof(text));
	api_object_emit(modem->object, API_SIGNAL_TIME_NETWORK_TIME_CHANGED,
			json_pack("[s]", text));
}

/* What the network told last, and what has passed since. */
static void tell(struct operation *op)
{
	struct modem *modem = operation_modem(op);
	uint64_t now;
	char text[64];

	if (!modem->clock.known || sd_event_now(modem->event, CLOCK_MONOTONIC, &now) < 0) {
		request_refuse(op, MM_CORE_ERROR_FAILED, "the network has not told the time");
		return;
	}
	network_time_text(modem->clock.utc + (int64_t)((now - modem->clock.at_usec) / 1000000),
			  modem->clock.quarters, text, sizeof(text));
	request_answer(op, json_pack("[s]", text));
}

/* "+QLTS: "2024/05/12,05:04:55+08,0"": the time in Greenwich, the zone in quarters of an hour, the hours that summer
 * adds. */
static bool parse(const char *text, struct qk_nas_universal_time *ret, int8_t *ret_quarters,
		  uint8_t *ret_saving)
{
	const char *answer = strstr(text, "+QLTS: \"");
	struct qk_nas_universal_time utc = { 0 };
	char sign;
	uint8_t quarters, saving = 0;

	if (!answer ||
	    sscanf(answer, "+QLTS: \"%4hu/%2hhu/%2hhu,%2hhu:%2hhu:%2hhu%c%2hhu,%1hhu", &utc.year,
		   &utc.month, &utc.day, &utc.hour, &utc.minute, &utc.second, &sign, &quarters,
		   &saving) < 8 ||
	    (sign != '+' && sign != '-'))
		return false;
	*ret = utc;
	*ret_quarters = (int8_t)(sign == '-' ? -quarters : quarters);
	*ret_saving = saving;
	return true;
}

static void take_answer(struct operation *op, const struct at_answer *answer, const void *about)
{
	struct qk_nas_universal_time utc;
	int8_t quarters;
	uint8_t saving;

	(void)about;
	if (answer && answer->result == AT_RESULT_OK &&
	    parse(answer->text, &utc, &quarters, &saving))
		(void)keep(operation_modem(op), &utc, quarters, saving);
	tell(op);
}

/* A modem that cannot be asked by QMI (the EC25 is one) is asked by AT; without that, it has told the time when the
 * network did. */
static void take_time(struct operation *op, const void *response, uint16_t error, const void *about)
{
	static const struct at_question question = {
		.command = "AT+QLTS=1",
		.timeout_usec = 5000000,
		.need = OPERATION_TRIES,
		.take = take_answer,
	};
	const struct qk_nas_get_network_time_response *r = response;

	(void)about;
	if (error || !r->has_3gpp_time) {
		operation_ask_at(op, &question);
		return;
	}
	(void)keep(operation_modem(op), &r->_3gpp_time.universal_time,
		   r->_3gpp_time.timezone_offset, r->_3gpp_time.daylight_savings_adjustment);
	tell(op);
}

static void read_time(struct operation *op)
{
	static const struct question question = { QK_SERVICE_ID_NAS, OPERATION_TRIES,
						  &qk_nas_get_network_time_method, take_time };

	operation_ask(op, &question);
}

static const struct step steps[] = { { "read the network's time", read_time } };

static void on_get(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_REGISTERED };

	request_start(call, in, userdata, &kind);
}

static const struct api_handler handlers[] = { { API_METHOD_TIME_GET_NETWORK_TIME, on_get } };

void network_time_add(struct modem *modem)
{
	if (api_object_add(modem->object, API_TIME, handlers, COUNT(handlers)) < 0)
		modem_log(modem, "out of memory: the modem lacks Modem.Time");
}
