/* AT error: modems write the words with capitals, dashes and blanks or without. */
#include "at-error.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct row {
	int number;
	const char *words;
};

static const struct row equipment[] = {
	{ 0, "phone failure" },
	{ 1, "no connection to phone" },
	{ 1, "no connection" },
	{ 2, "phone adaptor link reserved" },
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
	{ 32, "network not allowed, emergency calls only" },
	{ 40, "network personalization PIN required" },
	{ 41, "network personalization PUK required" },
	{ 42, "network subset personalization PIN required" },
	{ 43, "network subset personalization PUK required" },
	{ 44, "service provider personalization PIN required" },
	{ 45, "service provider personalization PUK required" },
	{ 46, "corporate personalization PIN required" },
	{ 47, "corporate personalization PUK required" },
	{ 50, "incorrect parameters" },
	{ 100, "unknown" },
};

static const struct row message[] = {
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
};

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

static int find(const struct row *rows, size_t count, const char *words)
{
	for (size_t i = 0; i < count; i++)
		if (is_same(rows[i].words, words))
			return rows[i].number;
	return -1;
}

int at_error_of_equipment(const char *words)
{
	return find(equipment, COUNT(equipment), words);
}

int at_error_of_message(const char *words)
{
	return find(message, COUNT(message), words);
}
