/*
 * AT text: the sentences of errors with AT+CMEE=2, the types of numbers (see at-modem.h).
 */
#include "at-modem.h"

struct row {
	int number;
	const char *text;
};

/* 3GPP TS 27.007, 9.2; from 500 on Quectel's GNSS manual [M]. */
static const struct row cme[] = {
	{ 0, "phone failure" },
	{ 1, "no connection to phone" },
	{ 2, "phone-adaptor link reserved" },
	{ 3, "operation not allowed" },
	{ 4, "operation not supported" },
	{ 5, "PH-SIM PIN required" },
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
	{ 31, "network timeout" },
	{ 32, "network not allowed - emergency calls only" },
	{ 50, "Incorrect parameters" },
	{ 100, "unknown" },
	{ 501, "Invalid parameter(s)" },
	{ 504, "Session is ongoing" },
	{ 505, "Session not active" },
	{ 516, "Not fixed now" },
};

/* 3GPP TS 27.005, 3.2.5. */
static const struct row cms[] = {
	{ 302, "operation not allowed" },
	{ 304, "invalid PDU mode parameter" },
	{ 305, "invalid text mode parameter" },
	{ 310, "SIM not inserted" },
	{ 311, "SIM PIN required" },
	{ 313, "SIM failure" },
	{ 314, "SIM busy" },
	{ 316, "SIM PUK required" },
	{ 321, "invalid memory index" },
	{ 322, "memory full" },
	{ 330, "SMSC address unknown" },
	{ 331, "no network service" },
	{ 500, "unknown error" },
};

static const char *find(const struct row *rows, size_t count, int number)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].number == number)
			return rows[i].text;
	return NULL;
}

const char *qk_at_cme_text(int number)
{
	return find(cme, sizeof(cme) / sizeof(cme[0]), number);
}

const char *qk_at_cms_text(int number)
{
	return find(cms, sizeof(cms) / sizeof(cms[0]), number);
}

int qk_at_number_type(const char *number)
{
	return number[0] == '+' ? 145 : 129;
}
