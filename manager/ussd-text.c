/*
 * USSD text: a line is read from left to right, and what follows behind what is understood does not matter.
 */
#include "ussd-text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/3gpp/utf8.h"
#include "at-hex.h"

enum { DIGITS_OF_UNIT = 4, SURROGATES = 0x10000, DCS_GSM = 15, DCS_UCS2 = 72 };

bool ussd_is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text > 0x7e)
			return false;
	return true;
}

/* How many units of UTF-16; `ret` NULL: they are only counted. At most so many as the air carries. */
static size_t units_of(const char *text, uint16_t *ret)
{
	struct qk_span rest = { (const uint8_t *)text, strlen(text) };
	uint32_t character;
	size_t count = 0;

	while (count <= USSD_UNITS_MAX && qk_utf8_next(&rest, &character)) {
		uint16_t units[2] = { (uint16_t)character };
		size_t needed = 1;

		if (character >= SURROGATES) {
			units[0] = (uint16_t)(0xd800 + ((character - SURROGATES) >> 10));
			units[1] = (uint16_t)(0xdc00 + (character & 0x3ff));
			needed = 2;
		}
		for (size_t i = 0; i < needed; i++, count++)
			if (ret && count < USSD_UNITS_MAX)
				ret[count] = units[i];
	}
	return rest.size ? USSD_UNITS_MAX + 1 : count;
}

bool ussd_can_be_said(const char *text)
{
	if (!text[0])
		return false;
	return ussd_is_ascii(text) ? strlen(text) <= USSD_SEPTETS_MAX
				   : units_of(text, NULL) <= USSD_UNITS_MAX;
}

size_t ussd_octets(const char *text, uint8_t ret[USSD_OCTETS_MAX])
{
	uint16_t units[USSD_UNITS_MAX];
	size_t count = units_of(text, units);

	if (count > USSD_UNITS_MAX)
		count = USSD_UNITS_MAX;
	for (size_t i = 0; i < count; i++) {
		ret[2 * i] = (uint8_t)(units[i] >> 8);
		ret[2 * i + 1] = (uint8_t)units[i];
	}
	return 2 * count;
}

/* --- To the network */

static size_t put_digits(const char *text, char *ret, size_t size)
{
	uint8_t octets[USSD_OCTETS_MAX];
	size_t used = 0, count;

	if (ussd_is_ascii(text)) {
		for (; *text; text++)
			used += (size_t)snprintf(ret + used, size - used, "%04X",
						 (unsigned char)*text);
		return used;
	}
	count = ussd_octets(text, octets);
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(ret + used, size - used, "%02X", octets[i]);
	return used;
}

int ussd_command(const char *text, bool ucs2, char ret[USSD_COMMAND_SIZE])
{
	/* Also chosen where it is so already: somebody else may have chosen another one. */
	static const char start[] = "AT+CSCS=\"UCS2\";+CUSD=1,\"";
	char digits[DIGITS_OF_UNIT * USSD_SEPTETS_MAX + 1];

	if (!ussd_can_be_said(text))
		return -EMSGSIZE;
	if (ucs2) {
		(void)put_digits(text, digits, sizeof(digits));
		snprintf(ret, USSD_COMMAND_SIZE, "%s%s\",%d", start, digits,
			 ussd_is_ascii(text) ? DCS_GSM : DCS_UCS2);
		return 0;
	}
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || (unsigned char)*at > 0x7e || *at == '"')
			return -EINVAL;
	snprintf(ret, USSD_COMMAND_SIZE, "AT+CUSD=1,\"%s\",%d", text, DCS_GSM);
	return 0;
}

/* --- From the network */

/* UCS2 in digits. False: it is not, or not readable. */
static bool read_digits(const char *text, size_t size, char *ret)
{
	uint8_t octets[USSD_TEXT_SIZE];
	int count = at_hex_read(text, size, octets, sizeof(octets)), length;

	if (count <= 0 || count % 2)
		return false;
	for (int i = 0; i < count; i += 2) {
		uint8_t high = octets[i];

		octets[i] = octets[i + 1];
		octets[i + 1] = high;
	}
	length = qk_ucs2_to_utf8((struct qk_span){ octets, (size_t)count }, ret, USSD_TEXT_SIZE);
	return length >= 0 && length < USSD_TEXT_SIZE;
}

/* As it stands; what is no UTF-8 becomes a question mark. */
static void read_plain(const char *text, size_t size, char *ret)
{
	enum { CHARACTER_MAX = 4 };
	struct qk_span rest = { (const uint8_t *)text, size };
	struct qk_utf8_sink sink = { ret, USSD_TEXT_SIZE, 0 };
	uint32_t character;

	while (rest.size > 0 && sink.used + CHARACTER_MAX < USSD_TEXT_SIZE) {
		if (!qk_utf8_next(&rest, &character)) {
			character = '?';
			rest.data++;
			rest.size--;
		}
		qk_utf8_append(&sink, character);
	}
	(void)qk_utf8_finish(&sink);
}

int ussd_read_news(const char *line, struct ussd_told *ret)
{
	static const char name[] = "+CUSD:";
	struct ussd_told told = { 0 };
	const char *at, *end;

	if (strncmp(line, name, strlen(name)) != 0)
		return -EBADMSG;
	at = line + strlen(name);
	at += strspn(at, " ");
	if (*at < '0' || *at > '0' + USSD_TIMEOUT || (at[1] >= '0' && at[1] <= '9'))
		return -EBADMSG;
	told.action = (enum ussd_action)(*at - '0');
	at++;
	at += strspn(at, " ");
	if (*at == ',')
		at += 1 + strspn(at + 1, " ");
	if (*at == '"') {
		/* A text may have quotation marks itself: the last one ends it. One of several lines has none here. */
		end = strrchr(at + 1, '"');
		at++;
		if (!end)
			end = at + strlen(at);
		if (!read_digits(at, (size_t)(end - at), told.text))
			read_plain(at, (size_t)(end - at), told.text);
		told.has_text = told.text[0] != 0;
	}
	*ret = told;
	return 0;
}
