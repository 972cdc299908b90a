/* mmcli: what is written on the command line as JSON, and in which order GLib walks its tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api-names.h"
#include "mmcli/arguments.h"
#include "mmcli/options.h"
#include "mmcli/order.h"

static const struct api_dict *connect_dict(void)
{
	return API_METHOD_SIMPLE_CONNECT->inputs[0].type.dict;
}

/* What `text` is, as JSON, or why it is nothing. */
static char *parse(const char *text, const struct api_dict *dict)
{
	struct trouble trouble = { "" };
	json_t *value = NULL;
	char *dump;

	if (arguments_dictionary(text, dict, &value, &trouble) < 0)
		return strdup(trouble.text);
	dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(value);
	return dump;
}

static void assert_parses(const char *text, const struct api_dict *dict, const char *wanted)
{
	char *got = parse(text, dict);

	assert_string_equal(got, wanted);
	free(got);
}

static void arguments_dictionary_reads_by_the_types_of_keys(void **state)
{
	(void)state;
	assert_parses("", connect_dict(), "{}");
	assert_parses(
		"apn=internet, ip-type=ipv4|ipv6 ,allow-roaming=no,profile-id=-1", connect_dict(),
		"{\"apn\":\"internet\",\"ip-type\":3,\"allow-roaming\":false,\"profile-id\":-1}");
	assert_parses("user='a, b',password=\"it's\"", connect_dict(),
		      "{\"user\":\"a, b\",\"password\":\"it's\"}");
	assert_parses("number=+1,text=hi,validity=5",
		      API_METHOD_MESSAGING_CREATE->inputs[0].type.dict,
		      "{\"number\":\"+1\",\"text\":\"hi\",\"validity\":[1,[\"u\",5]]}");
	assert_parses("number=*99#,apn=x", connect_dict(), "{\"apn\":\"x\"}");
	assert_parses("rm-protocol=async", connect_dict(), "{\"rm-protocol\":1}");
}

static void arguments_dictionary_says_what_is_wrong(void **state)
{
	const struct api_dict *sms = API_METHOD_MESSAGING_CREATE->inputs[0].type.dict;

	(void)state;
	assert_parses("apn", connect_dict(), "Couldn't find equal sign separator");
	assert_parses("=x", connect_dict(), "Key must start with alpha/num, starts with '='");
	assert_parses("apn='x", connect_dict(), "Unmatched quotes in string value");
	assert_parses("apn=x y", connect_dict(), "Unexpected content (y) after value");
	assert_parses("foo=1", connect_dict(), "Invalid properties string, unsupported key 'foo'");
	assert_parses("foo=1", sms, "Invalid properties string, unexpected key 'foo'");
	assert_parses("data=00", sms,
		      "Invalid properties string, key 'data' cannot be given in a string");
	assert_parses("ip-type=ipv5", connect_dict(),
		      "Couldn't match 'ipv5' with a valid MMBearerIpFamily value");
	assert_parses("allow-roaming=maybe", connect_dict(),
		      "Cannot get boolean from string 'maybe'");
	assert_parses("class=x", sms, "Invalid properties string, cannot parse 'x' as int");
}

typedef int (*parse_fn)(const char *text, json_t **ret, struct trouble *trouble);

static void assert_reads(parse_fn fn, const char *text, const char *wanted)
{
	struct trouble trouble = { "" };
	json_t *value = NULL;
	char *got = NULL;

	if (fn(text, &value, &trouble) == 0)
		got = json_dumps(value, JSON_COMPACT);
	assert_string_equal(got ? got : trouble.text, wanted);
	free(got);
	json_decref(value);
}

static void arguments_read_networks_channels_and_bytes(void **state)
{
	(void)state;
	assert_reads(arguments_networks, "310260,lte,26201", "[[\"310260\",16384],[\"26201\",0]]");
	assert_reads(arguments_networks, "lte",
		     "couldn't parse MCCMNC for preferred network: 'lte'");
	assert_reads(arguments_networks, "26201,",
		     "Couldn't match '' with a valid MMModemAccessTechnology value");
	assert_reads(arguments_channels, "4370-4372,919", "[[4370,4372],[919,919]]");
	assert_reads(arguments_channels, "5-3", "'5-3' is no list of channels from 0 to 65535");
	assert_reads(arguments_bytes, "00fF", "[0,255]");
	assert_reads(arguments_bytes, "0", "'0' is not hexadecimal");
}

static void arguments_unsigned_takes_whole_numbers_alone(void **state)
{
	uint32_t number = 7;

	(void)state;
	assert_int_equal(arguments_unsigned(" 4294967295", &number), 0);
	assert_int_equal(number, UINT32_MAX);
	assert_true(arguments_unsigned("4294967296", &number) < 0);
	assert_true(arguments_unsigned("-1", &number) < 0);
	assert_true(arguments_unsigned("1x", &number) < 0);
	assert_true(arguments_unsigned("", &number) < 0);
}

static void options_are_read_as_getopt_would(void **state)
{
	char *argv[] = { "mmcli", "-Km0", "--timeout", "5", "--simple-connect=apn=x" };
	struct options options = { { NULL } };
	int seconds;

	(void)state;
	assert_int_equal(options_parse(&options, 5, argv), 0);
	assert_string_equal(options_value(&options, "modem"), "0");
	assert_string_equal(options_value(&options, "output-keyvalue"), "");
	assert_string_equal(options_value(&options, "simple-connect"), "apn=x");
	assert_null(options_value(&options, "bearer"));
	assert_int_equal(options_number(&options, "timeout", 30, &seconds), 0);
	assert_int_equal(seconds, 5);
}

static void options_that_are_wrong_are_refused(void **state)
{
	static const char *const words[][2] = {
		{ "--nothing", NULL }, { "-Z", NULL },   { "--enable=1", NULL },
		{ "--modem", NULL },   { "word", NULL }, { "--", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char *argv[] = { "mmcli", (char *)words[i][0] };
		struct options options = { { NULL } };

		assert_true(options_parse(&options, 2, argv) < 0);
	}
}

/* Seen of GLib 2.74: the keys of a GHashTable in the order of g_hash_table_foreach(). */
static void order_is_that_of_a_hash_table(void **state)
{
	static const uint32_t locks[] = { 2, 3, 4, 5 };
	static const size_t walked[] = { 0, 2, 1, 3 };
	size_t order[ORDER_MAX + 1];
	uint32_t many[ORDER_MAX + 1];
	bool seen[ORDER_MAX] = { false };

	(void)state;
	order_walk(locks, 4, order);
	assert_memory_equal(order, walked, sizeof(walked));
	for (size_t i = 0; i < ORDER_MAX + 1; i++)
		many[i] = (uint32_t)(i * 7919);
	order_walk(many, ORDER_MAX, order);
	for (size_t i = 0; i < ORDER_MAX; i++) {
		assert_true(order[i] < ORDER_MAX && !seen[order[i]]);
		seen[order[i]] = true;
	}
	order_walk(many, ORDER_MAX + 1, order);
	assert_int_equal(order[ORDER_MAX], ORDER_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_dictionary_reads_by_the_types_of_keys),
		cmocka_unit_test(arguments_dictionary_says_what_is_wrong),
		cmocka_unit_test(arguments_read_networks_channels_and_bytes),
		cmocka_unit_test(arguments_unsigned_takes_whole_numbers_alone),
		cmocka_unit_test(options_are_read_as_getopt_would),
		cmocka_unit_test(options_that_are_wrong_are_refused),
		cmocka_unit_test(order_is_that_of_a_hash_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
