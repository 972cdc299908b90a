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
		{ "{\"unknown-tlvs\": 3}", "'unknown-tlvs'" },
		{ "{\"unknown-tlvs\": [{\"bytes\": \"00\"}]}", "'tlv'" },
		{ "{\"unknown-tlvs\": [{\"tlv\": 3, \"kind\": \"odd\", \"bytes\": \"00\"}]}",
		  "'kind'" },
		{ "{\"result\": {\"status\": \" 1\", \"error\": 0}}", "'status'" },
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

/* What came twice or too short is kept, and does not become a TLV of its own on the way back. */
static void json_keeps_the_kind_of_what_is_extra(void **state)
{
	static const char text[] = "{\"unknown-tlvs\":["
				   "{\"tlv\":1,\"kind\":\"malformed\",\"bytes\":\"00\"},"
				   "{\"tlv\":1,\"kind\":\"duplicate\",\"bytes\":\"\"},"
				   "{\"tlv\":1,\"kind\":\"trailing\",\"bytes\":\"ff\"}]}";
	const struct qk_message *message = qk_dms_get_model_method.response;
	struct qk_dms_get_model_response r;
	struct memory m;
	uint8_t wire[64];
	struct qk_writer w = qk_writer(wire, sizeof(wire));
	char *back;

	(void)state;
	assert_int_equal(parse(message, text, &m, &r, NULL, 0), 0);
	back = dump(message, &r);
	assert_string_equal(back, text);
	free(back);
	assert_int_equal(qk_encode(message, &r, &w), 0);
	assert_int_equal(qk_writer_used(&w), 0);
}

/* No message of ours has numbers that wide with both signs: these are fields of no message. */
static void json_takes_no_number_for_another(void **state)
{
	static const struct {
		enum qk_kind kind;
		const char *text;
		int result;
	} cases[] = {
		{ QK_KIND_UINT, "{\"model\": -1}", -EINVAL },
		{ QK_KIND_UINT, "{\"model\": \"-1\"}", -EINVAL },
		{ QK_KIND_UINT, "{\"model\": \" -1\"}", -EINVAL },
		{ QK_KIND_UINT, "{\"model\": \"18446744073709551615\"}", 0 },
		{ QK_KIND_UINT, "{\"model\": \"18446744073709551616\"}", -EINVAL },
		{ QK_KIND_INT, "{\"model\": -1}", 0 },
		{ QK_KIND_INT, "{\"model\": \"18446744073709551615\"}", -EINVAL },
		{ QK_KIND_FLOAT, "{\"model\": \"loud\"}", -EINVAL },
		{ QK_KIND_FLOAT, "{\"model\": \"inf\"}", 0 },
	};
	struct {
		struct qk_extras extras;
		bool has;
		uint64_t n;
	} r;
	struct memory m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct qk_tlv_def def = { .field = { .size = 8, .width = 8 } };
		const struct qk_message message = { .tlvs = &def,
						    .tlv_count = 1,
						    .size = sizeof(r) };
		char error[64] = "";

		def.field.name_at = qk_dms_get_model_method.response->tlvs[1].field.name_at;
		def.field.kind = (uint8_t)cases[i].kind;
		def.field.offset = (uint16_t)((uint8_t *)&r.n - (uint8_t *)&r);
		def.has = (uint16_t)((uint8_t *)&r.has - (uint8_t *)&r);
		if (parse(&message, cases[i].text, &m, &r, error, sizeof(error)) != cases[i].result)
			fail_msg("%u %s: %s", cases[i].kind, cases[i].text, error);
	}
}

static size_t allocations_left;

static void *allocate(size_t size)
{
	return allocations_left && allocations_left-- ? malloc(size) : NULL;
}

/* Each allocation fails in turn: the document is whole, or there is none. */
static void json_is_whole_or_nothing_when_memory_runs_out(void **state)
{
	static const uint8_t bytes[] = {
		0x02, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14, 0x06, 0x00,
		0xbf, 0xf9, 0xa3, 0xff, 0x96, 0x00, 0x77, 0x01, 0x00, 0x01
	};
	const struct qk_message *message = qk_nas_get_signal_info_method.response;
	struct qk_nas_get_signal_info_response r;
	char *whole, *text;
	struct memory m;
	json_t *json = NULL;

	(void)state;
	assert_int_equal(
		qk_decode(message, (struct qk_span){ bytes, sizeof(bytes) }, fresh(&m), &r), 0);
	whole = dump(message, &r);
	json_set_alloc_funcs(allocate, free);
	for (size_t n = 0; !json; n++) {
		assert_in_range(n, 0, 1000);
		allocations_left = n;
		json = qk_to_json(message, &r);
	}
	json_set_alloc_funcs(malloc, free);
	text = json_dumps(json, JSON_COMPACT);
	assert_string_equal(text, whole);
	json_decref(json);
	free(text);
	free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_names_enumerators_and_keeps_units_raw),
		cmocka_unit_test(json_goes_both_ways),
		cmocka_unit_test(json_shows_text_that_is_not_utf8_as_bytes),
		cmocka_unit_test(json_input_is_refused_with_the_member_named),
		cmocka_unit_test(json_keeps_the_kind_of_what_is_extra),
		cmocka_unit_test(json_takes_no_number_for_another),
		cmocka_unit_test(json_is_whole_or_nothing_when_memory_runs_out),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
