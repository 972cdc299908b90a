/* USSD text: what is said on an AT port, and what is read there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "manager/at-hex.h"
#include "manager/ussd-text.h"

static void ussd_text_fits_what_the_air_carries(void **state)
{
	char ascii[USSD_SEPTETS_MAX + 2], others[2 * USSD_UNITS_MAX + 3] = "";

	(void)state;
	memset(ascii, '1', sizeof(ascii));
	ascii[USSD_SEPTETS_MAX + 1] = 0;
	assert_false(ussd_can_be_said(ascii));
	ascii[USSD_SEPTETS_MAX] = 0;
	assert_true(ussd_can_be_said(ascii));
	for (size_t i = 0; i < USSD_UNITS_MAX; i++)
		memcpy(others + 2 * i, "\xc3\xbc", 3);
	assert_true(ussd_can_be_said(others));
	memcpy(others + sizeof(others) - 3, "1", 2);
	assert_false(ussd_can_be_said(others));
	assert_false(ussd_can_be_said(""));
	assert_false(ussd_can_be_said("\xff"));
	/* a pair of surrogates are two units */
	assert_true(ussd_can_be_said("\xf0\x9f\x98\x80"));
}

static void check_command(const char *text, bool ucs2, const char *expected)
{
	char command[USSD_COMMAND_SIZE] = "";

	assert_int_equal(ussd_command(text, ucs2, command), 0);
	assert_string_equal(command, expected);
}

static void ussd_command_is_written_in_the_alphabet_of_the_port(void **state)
{
	char command[USSD_COMMAND_SIZE] = "", longest[USSD_SEPTETS_MAX + 1];

	(void)state;
	check_command("*100#", true, "AT+CSCS=\"UCS2\";+CUSD=1,\"002A0031003000300023\",15");
	check_command("*100#", false, "AT+CUSD=1,\"*100#\",15");
	check_command("\xc3\xbc", true, "AT+CSCS=\"UCS2\";+CUSD=1,\"00FC\",72");
	check_command("\xf0\x9f\x98\x80", true, "AT+CSCS=\"UCS2\";+CUSD=1,\"D83DDE00\",72");
	check_command("a\"b\r", true, "AT+CSCS=\"UCS2\";+CUSD=1,\"006100220062000D\",15");
	assert_int_equal(ussd_command("a\"b", false, command), -EINVAL);
	assert_int_equal(ussd_command("a\r", false, command), -EINVAL);
	assert_int_equal(ussd_command("\xc3\xbc", false, command), -EINVAL);
	assert_int_equal(ussd_command("", true, command), -EMSGSIZE);
	assert_string_equal(command, "");
	memset(longest, 'x', USSD_SEPTETS_MAX);
	longest[USSD_SEPTETS_MAX] = 0;
	assert_int_equal(ussd_command(longest, true, command), 0);
	assert_string_equal(command + strlen(command) - strlen("0078\",15"), "0078\",15");
}

static void check_news(const char *line, int action, const char *text)
{
	struct ussd_told told = { 0 };

	assert_int_equal(ussd_read_news(line, &told), 0);
	assert_int_equal(told.action, action);
	assert_int_equal(told.has_text, text != NULL);
	assert_string_equal(told.text, text ? text : "");
}

static void ussd_news_are_read_in_both_alphabets(void **state)
{
	(void)state;
	check_news("+CUSD: 0,\"00480069\",72", USSD_DONE, "Hi");
	check_news("+CUSD: 1,\"04100020D83DDE00\",72", USSD_QUESTION, "А 😀");
	check_news("+CUSD: 0,\"Hi there\",15", USSD_DONE, "Hi there");
	check_news("+CUSD:0,\"Hi\"", USSD_DONE, "Hi");
	check_news("+CUSD: 0 , \"Hi\"", USSD_DONE, "Hi");
	check_news("+CUSD: 0,\"say \"yes\"\",15", USSD_DONE, "say \"yes\"");
	/* the rest stands in lines of its own */
	check_news("+CUSD: 1,\"1 Balance", USSD_QUESTION, "1 Balance");
	/* no digits of UCS2 */
	check_news("+CUSD: 0,\"004\",72", USSD_DONE, "004");
	check_news("+CUSD: 0,\"D800\",72", USSD_DONE, "D800");
	check_news("+CUSD: 0,\"caf\xe9\",15", USSD_DONE, "caf?");
	check_news("+CUSD: 2", USSD_TERMINATED, NULL);
	check_news("+CUSD: 2,\"Bye\",15", USSD_TERMINATED, "Bye");
	check_news("+CUSD: 4", USSD_UNSUPPORTED, NULL);
	check_news("+CUSD: 5,", USSD_TIMEOUT, NULL);
	check_news("+CUSD: 0,\"\",15", USSD_DONE, NULL);
}

static void ussd_news_that_are_none_are_refused(void **state)
{
	static const char *const lines[] = {
		"",         "+CUSD",     "+CUSD:",    "+CUSD: ",  "+CUSD: x",
		"+CUSD: 6", "+CUSD: 10", "+CUSD: -1", "+CMTI: 0",
	};
	struct ussd_told told;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(ussd_read_news(lines[i], &told), -EBADMSG);
}

static void ussd_news_that_are_too_long_are_cut(void **state)
{
	char line[4 * USSD_TEXT_SIZE];
	struct ussd_told told;

	(void)state;
	snprintf(line, sizeof(line), "+CUSD: 0,\"%0*d\",15", 3 * USSD_TEXT_SIZE, 0);
	assert_int_equal(ussd_read_news(line, &told), 0);
	assert_true(strlen(told.text) < USSD_TEXT_SIZE);
	assert_true(strlen(told.text) > USSD_TEXT_SIZE / 2);
}

static void at_hex_reads_pairs_of_digits_alone(void **state)
{
	uint8_t octets[4] = { 0 };

	(void)state;
	assert_int_equal(at_hex_read("00fFA1", 6, octets, sizeof(octets)), 3);
	assert_int_equal(octets[1], 0xff);
	assert_int_equal(octets[2], 0xa1);
	assert_int_equal(at_hex_read("", 0, octets, sizeof(octets)), 0);
	assert_int_equal(at_hex_read("0", 1, octets, sizeof(octets)), -EBADMSG);
	assert_int_equal(at_hex_read("0g", 2, octets, sizeof(octets)), -EBADMSG);
	assert_int_equal(at_hex_read("0000000000", 10, octets, sizeof(octets)), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ussd_text_fits_what_the_air_carries),
		cmocka_unit_test(ussd_command_is_written_in_the_alphabet_of_the_port),
		cmocka_unit_test(ussd_news_are_read_in_both_alphabets),
		cmocka_unit_test(ussd_news_that_are_none_are_refused),
		cmocka_unit_test(ussd_news_that_are_too_long_are_cut),
		cmocka_unit_test(at_hex_reads_pairs_of_digits_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
