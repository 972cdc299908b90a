/* Time text: digits, and what stands between them. */
#include "time-text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

char *time_text(int64_t utc, int quarters, char *buffer, size_t size)
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

/* So many digits, and the character behind them (0: none is looked at). NULL: it is something else. */
static const char *take_number(const char *at, size_t digits, char end, int *ret)
{
	int number = 0;

	for (size_t i = 0; at && i < digits; i++, at++) {
		if (*at < '0' || *at > '9')
			return NULL;
		number = 10 * number + *at - '0';
	}
	if (!at || (end && *at != end))
		return NULL;
	*ret = number;
	return end ? at + 1 : at;
}

bool time_from_at(const char *answer, struct time_told *ret)
{
	enum { QUARTERS_MAX = 56 }; /* 14 hours */
	static const char start[] = "+QLTS: \"";
	int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, quarters = 0,
	    saving = 0;
	const char *at = strstr(answer, start);
	bool west;

	at = take_number(at ? at + strlen(start) : NULL, 4, '/', &year);
	at = take_number(at, 2, '/', &month);
	at = take_number(at, 2, ',', &day);
	at = take_number(at, 2, ':', &hour);
	at = take_number(at, 2, ':', &minute);
	at = take_number(at, 2, 0, &second);
	if (!at || (*at != '+' && *at != '-'))
		return false;
	west = *at == '-';
	at = take_number(at + 1, 2, ',', &quarters);
	at = take_number(at, 1, '"', &saving);
	if (!at || year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ||
	    minute > 59 || second > 60 || quarters > QUARTERS_MAX)
		return false;

	struct tm tm = { .tm_year = year - 1900,
			 .tm_mon = month - 1,
			 .tm_mday = day,
			 .tm_hour = hour,
			 .tm_min = minute,
			 .tm_sec = second };

	ret->utc = timegm(&tm);
	ret->quarters = (int8_t)(west ? -quarters : quarters);
	ret->saving = (uint8_t)saving;
	return true;
}
