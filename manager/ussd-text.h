/*
 * USSD text: what is said to the network and what it says, in the alphabets of QMI and of AT ports.
 *
 * Owns: nothing. Does not know: ports, sessions.
 * Lifetime: pure functions. Called from: ussd.c, ussd-qmi.c, ussd-at.c, tests.
 * Sources: 3GPP TS 27.007 7.15 (+CUSD), TS 23.038 5 (its coding schemes).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <qmikit/wire.h>

/* A text is 160 octets on the air: 182 septets, or 80 units of UCS2. */
enum { USSD_SEPTETS_MAX = 182, USSD_UNITS_MAX = 80, USSD_OCTETS_MAX = 2 * USSD_UNITS_MAX };
enum { USSD_TEXT_SIZE = 4 * 256, USSD_COMMAND_SIZE = 1024 };

/* Whether a UTF-8 text fits: as ASCII, or in UCS2. */
bool ussd_can_be_said(const char *text);
bool ussd_is_ascii(const char *text);
/* Big-endian UCS2 of a text that can be said; how many octets. */
size_t ussd_octets(const char *text, uint8_t ret[USSD_OCTETS_MAX]);

/* The AT command that says a text that can be said: with the port in UCS2, or (ASCII alone) as it stands. -EMSGSIZE,
 * -EINVAL: the port cannot have it, as with a quotation mark that is not in UCS2. */
QK_MUST_CHECK int ussd_command(const char *text, bool ucs2, char ret[USSD_COMMAND_SIZE]);

/* The first number behind +CUSD. */
enum ussd_action {
	USSD_DONE,
	USSD_QUESTION,
	USSD_TERMINATED, /* by the network */
	USSD_ELSEWHERE,  /* another client has answered */
	USSD_UNSUPPORTED,
	USSD_TIMEOUT,
};

struct ussd_told {
	enum ussd_action action;
	bool has_text;
	char text[USSD_TEXT_SIZE]; /* UTF-8 */
};

/* Of `+CUSD: 0,"0048",72`: the text in UCS2's digits where it is that, else as it stands, cut where it is too long.
 * -EBADMSG: it is none. */
QK_MUST_CHECK int ussd_read_news(const char *line, struct ussd_told *ret);
