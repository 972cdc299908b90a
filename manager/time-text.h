/*
 * Time text: points of time as the bus and as AT ports write them.
 *
 * Owns: nothing. Does not know: this machine's clock.
 * Lifetime: pure functions. Called from: network-time.c, sms.c.
 * Sources: ISO 8601; Quectel's EC2x AT manual, AT+QLTS.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ISO 8601: the local time of a zone so many quarters of an hour east of `utc`, seconds since 1970. Returns
 * `buffer`. */
char *time_text(int64_t utc, int quarters, char *buffer, size_t size);

struct time_told {
	int64_t utc;     /* seconds since 1970 */
	int8_t quarters; /* of an hour east of UTC, summer's included */
	uint8_t saving;  /* hours that summer adds */
};

/* The answer to AT+QLTS=1, the time in Greenwich: +QLTS: "2024/05/12,05:04:55+08,0". False: it is no time, as where
 * the network has told none. */
bool time_from_at(const char *answer, struct time_told *ret);
