/* JSON: what a message looks like as an object, and that the way back is the same way. */
#include <errno.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <qmikit/dms.h>
#include <qmikit/json.h>
#include <qmikit/nas.h>
#include <qmikit/uim.h>

struct memory {
	alignas(max_align_t) uint8_t bytes[8192];
	struct qk_arena arena;
};

static struct qk_arena *fresh(struct memory *m)
{
	m->arena = (struct qk_arena){ .base = m->bytes, .size = sizeof(m->bytes) };
	return &m->arena;
}

/* The compact text of a decoded message; the caller frees it. */
static char *dump(const struct qk_message *message, const void *decoded)
{
	json_t *json = qk_to_json(message, decoded);
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	return text;
}

static int parse(const struct qk_message *message, const char *text, struct memory *m, void *ret,
		 char *error, size_t error_size)
{
	json_t *json = json_loads(text, 0, NULL);
	int r;

	assert_non_null(json);
	r = qk_from_json(message, json, fresh(m), ret, error, error_size);
	json_decref(json);
	return r;
}

static void json_names_enumerators_and_keeps_units_raw(void **state)
{
	const struct qk_message *message = qk_nas_get_signal_info_method.response;
	struct qk_nas_get_signal_info_response r = {
		.has_result = true,
		.result = { .status = 1, .error = 94 },
		.has_lte_signal_strength = true,
		.lte_signal_strength = { .rssi = -65, .rsrq = -7, .rsrp = -93, .snr = 150 },
	};
	char *text = dump(message, &r);

	(void)state;
	assert_string_equal(
		text,
		"{\"result\":{\"status\":\"failure\",\"error\":\"NotSupported\"},"
		"\"lte-signal-strength\":{\"rssi\":-65,\"rsrq\":-7,\"rsrp\":-93,\"snr\":150}}");
	free(text);
	r.result.error = 60000;
	text = dump(message, &r);
	assert_non_null(strstr(text, "\"error\":60000"));
	free(text);
}

static void json_goes_both_ways(void **state)
{
	static const char text[] =
		"{\"result\":{\"status\":\"success\",\"error\":\"None\"},\"card-status\":{"
		"\"index-gw-primary\":0,\"index-1x-primary\":65535,\"index-gw-secondary\":65535,"
		"\"index-1x-secondary\":65535,\"cards\":[{\"card-state\":\"present\",\"upin-state\":"
		"\"not-initialized\",\"upin-retries\":0,\"upuk-retries\":0,\"error-code\":\"unknown\","
		"\"applications\":[]},{\"card-state\":77,\"upin-state\":\"not-initialized\","
		"\"upin-retries\":0,\"upuk-retries\":0,\"error-code\":\"unknown\",\"applications\":[]}"
		"]},\"unknown-tlvs\":[{\"tlv\":85,\"kind\":\"unknown\",\"bytes\":\"00ff\"}]}";
	struct qk_uim_get_card_status_response r;
	const struct qk_message *message = qk_uim_get_card_status_method.response;
	char error[128] = "", *back;
	struct memory m;

	(void)state;
	assert_int_equal(parse(message, text, &m, &r, error, sizeof(error)), 0);
	assert_int_equal(r.card_status.cards.count, 2);
	assert_int_equal(r.card_status.cards.items[1].card_state, 77);
	assert_int_equal(r.extras.count, 1);
	back = dump(message, &r);
	assert_string_equal(back, text);
	free(back);
}

static void json_shows_text_that_is_not_utf8_as_bytes(void **state)
{
	struct qk_dms_get_model_response r = { .has_model = true, .model = { "\xff\xfe", 2 } }, b;
	const struct qk_message *message = qk_dms_get_model_method.response;
	char *text = dump(message, &r);
	struct memory m;

	(void)state;
	assert_string_equal(text, "{\"model\":{\"bytes\":\"fffe\"}}");
	assert_int_equal(parse(message, text, &m, &b, NULL, 0), 0);
	assert_memory_equal(b.model.data, "\xff\xfe", 2);
	free(text);
}

static void json_input_is_refused_with_the_member_named(void **state)
{
	static const struct {
		const char *text, *named;
	} cases[] = {
		{ "{\"nonsense\": 1}", "'nonsense'" },
		{ "{\"lte-signal-strength\": 1}", "'lte-signal-strength'" },
		{ "{\"lte-signal-strength\": {\"rssi\": -65}}", "'lte-signal-strength'" },
		{ "{\"gsm-signal-strength\": 200}", "'gsm-signal-strength'" },
		{ "{\"gsm-signal-strength\": \"loud\"}", "'gsm-signal-strength'" },
		{ "{\"result\": {\"status\": \"maybe\", \"error\": 0}}", "'status'" },
		{ "{\"unknown-tlvs\": [{\"tlv\": 300, \"bytes\": \"00\"}]}", "'tlv'" },
		{ "{\"unknown-tlvs\": [{\"tlv\": 3, \"bytes\": \"0g\"}]}", "'bytes'" },
		{ "[]", "'get-signal-info'" },
	};
	struct qk_nas_get_signal_info_response r;
	struct memory m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char error[128] = "";

		assert_int_equal(parse(qk_nas_get_signal_info_method.response, cases[i].text, &m,
				       &r, error, sizeof(error)),
				 -EINVAL);
		if (!strstr(error, cases[i].named))
			fail_msg("%s: %s", cases[i].text, error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_names_enumerators_and_keeps_units_raw),
		cmocka_unit_test(json_goes_both_ways),
		cmocka_unit_test(json_shows_text_that_is_not_utf8_as_bytes),
		cmocka_unit_test(json_input_is_refused_with_the_member_named),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
