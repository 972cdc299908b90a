/*
 * AT error: tables of numbers and words. Modems write the words with capitals, dashes and blanks or without.
 */
#include "at-error.h"

#include <ctype.h>
#include <stdbool.h>

struct qk_at_error_row {
	int number;
	const char *words;
};

/* From 500 on as Quectel's modems have them [M]. */
static const struct qk_at_error_row equipment[] = {
	{ 0, "phone failure" },
	{ 1, "no connection to phone" },
	{ 1, "no connection" },
	{ 2, "phone-adaptor link reserved" },
	{ 2, "link reserved" },
	{ 3, "operation not allowed" },
	{ 4, "operation not supported" },
	{ 5, "PH-SIM PIN required" },
	{ 6, "PH-FSIM PIN required" },
	{ 7, "PH-FSIM PUK required" },
	{ 10, "SIM not inserted" },
	{ 11, "SIM PIN required" },
	{ 12, "SIM PUK required" },
	{ 13, "SIM failure" },
	{ 14, "SIM busy" },
	{ 15, "SIM wrong" },
	{ 16, "incorrect password" },
	{ 17, "SIM PIN2 required" },
	{ 18, "SIM PUK2 required" },
	{ 20, "memory full" },
	{ 21, "invalid index" },
	{ 22, "not found" },
	{ 23, "memory failure" },
	{ 24, "text string too long" },
	{ 25, "invalid characters in text string" },
	{ 26, "dial string too long" },
	{ 27, "invalid characters in dial string" },
	{ 30, "no network service" },
	{ 30, "no network" },
	{ 31, "network timeout" },
	{ 31, "timeout" },
	{ 32, "network not allowed - emergency calls only" },
	{ 40, "network personalization PIN required" },
	{ 41, "network personalization PUK required" },
	{ 42, "network subset personalization PIN required" },
	{ 43, "network subset personalization PUK required" },
	{ 44, "service provider personalization PIN required" },
	{ 45, "service provider personalization PUK required" },
	{ 46, "corporate personalization PIN required" },
	{ 47, "corporate personalization PUK required" },
	{ 50, "Incorrect parameters" },
	{ 100, "unknown" },
	{ 501, "Invalid parameter(s)" },
	{ 504, "Session is ongoing" },
	{ 505, "Session not active" },
	{ 516, "Not fixed now" },
	{ -1, NULL },
};

static const struct qk_at_error_row message[] = {
	{ 300, "ME failure" },
	{ 301, "SMS service of ME reserved" },
	{ 302, "operation not allowed" },
	{ 303, "operation not supported" },
	{ 304, "invalid PDU mode parameter" },
	{ 305, "invalid text mode parameter" },
	{ 310, "SIM not inserted" },
	{ 311, "SIM PIN required" },
	{ 312, "PH-SIM PIN required" },
	{ 313, "SIM failure" },
	{ 314, "SIM busy" },
	{ 315, "SIM wrong" },
	{ 316, "SIM PUK required" },
	{ 317, "SIM PIN2 required" },
	{ 318, "SIM PUK2 required" },
	{ 320, "memory failure" },
	{ 321, "invalid memory index" },
	{ 322, "memory full" },
	{ 330, "SMSC address unknown" },
	{ 331, "no network service" },
	{ 332, "network timeout" },
	{ 340, "no CNMA acknowledgement expected" },
	{ 500, "unknown error" },
	{ -1, NULL },
};

static const struct qk_at_error_row *rows_of(enum qk_at_error_kind kind)
{
	return kind == QK_AT_ERROR_EQUIPMENT ? equipment : message;
}

/* The next letter or digit, in small; 0 at the end. */
static int next(const char **text)
{
	while (**text && !isalnum((unsigned char)**text))
		(*text)++;
	return **text ? tolower((unsigned char)*(*text)++) : 0;
}

static bool is_same(const char *one, const char *other)
{
	int a, b;

	do {
		a = next(&one);
		b = next(&other);
	} while (a == b && a);
	return a == b;
}

int qk_at_error_number(enum qk_at_error_kind kind, const char *words)
{
	const struct qk_at_error_row *row = rows_of(kind);

	while (row->words && !is_same(row->words, words))
		row++;
	return row->number;
}

const char *qk_at_error_words(enum qk_at_error_kind kind, int number)
{
	const struct qk_at_error_row *row = rows_of(kind);

	while (row->words && row->number != number)
		row++;
	return row->words;
}
