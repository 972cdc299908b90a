/* Codec: typed structs to TLVs and back, and what happens to bytes that no definition foresaw. */
#include <errno.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <qmikit/ctl.h>
#include <qmikit/dms.h>
#include <qmikit/nas.h>
#include <qmikit/uim.h>

#define SPAN(a) ((struct qk_span){ a, sizeof(a) })

/* Success, and the LTE signal of a good cell: rssi -65, rsrq -7, rsrp -93, snr 15.0. */
static const uint8_t signal_info[] = { 0x02, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14,
				       0x06, 0x00, 0xbf, 0xf9, 0xa3, 0xff, 0x96, 0x00 };

struct memory {
	alignas(max_align_t) uint8_t bytes[4096];
	struct qk_arena arena;
};

static struct qk_arena *fresh(struct memory *m, size_t size)
{
	m->arena = (struct qk_arena){ .base = m->bytes, .size = size };
	return &m->arena;
}

static void decode_fills_the_struct(void **state)
{
	struct qk_nas_get_signal_info_response r;
	struct memory m;

	(void)state;
	assert_int_equal(qk_decode(qk_nas_get_signal_info_method.response, SPAN(signal_info),
				   fresh(&m, sizeof(m.bytes)), &r),
			 0);
	assert_true(r.has_result);
	assert_int_equal(r.result.status, 0);
	assert_true(r.has_lte_signal_strength);
	assert_false(r.has_gsm_signal_strength);
	assert_int_equal(r.lte_signal_strength.rssi, -65);
	assert_int_equal(r.lte_signal_strength.rsrq, -7);
	assert_int_equal(r.lte_signal_strength.rsrp, -93);
	assert_int_equal(r.lte_signal_strength.snr, 150);
	assert_int_equal(r.extras.count, 0);
	assert_int_equal(m.arena.used, 0);
}

static void encode_gives_the_same_bytes(void **state)
{
	struct qk_nas_get_signal_info_response r = {
		.has_result = true,
		.has_lte_signal_strength = true,
		.lte_signal_strength = { .rssi = -65, .rsrq = -7, .rsrp = -93, .snr = 150 },
	};
	uint8_t buffer[64];
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));

	(void)state;
	assert_int_equal(qk_encode(qk_nas_get_signal_info_method.response, &r, &w), 0);
	assert_int_equal(qk_writer_used(&w), sizeof(signal_info));
	assert_memory_equal(buffer, signal_info, sizeof(signal_info));
	for (size_t size = 0; size < sizeof(signal_info); size++) {
		w = qk_writer(buffer, size);
		assert_int_equal(qk_encode(qk_nas_get_signal_info_method.response, &r, &w),
				 -ENOBUFS);
	}
}

/* One TLV of each kind of trouble, around one that stands. */
static void decode_keeps_what_it_does_not_know(void **state)
{
	static const uint8_t bytes[] = {
		0x30, 0x02, 0x00, 0xca, 0xfe,       /* unknown */
		0x14, 0x03, 0x00, 0xbf, 0xf9, 0xa3, /* too short */
		0x12, 0x02, 0x00, 0x9c, 0x77,       /* GSM, and a byte more */
		0x12, 0x01, 0x00, 0x80,             /* GSM again */
	};
	static const struct {
		enum qk_extra_kind kind;
		uint8_t type;
		size_t size;
	} expected[] = {
		{ QK_EXTRA_UNKNOWN, 0x30, 2 },
		{ QK_EXTRA_MALFORMED, 0x14, 3 },
		{ QK_EXTRA_TRAILING, 0x12, 1 },
		{ QK_EXTRA_DUPLICATE, 0x12, 1 },
	};
	struct qk_nas_get_signal_info_response r;
	struct memory m;

	(void)state;
	assert_int_equal(qk_decode(qk_nas_get_signal_info_method.response, SPAN(bytes),
				   fresh(&m, sizeof(m.bytes)), &r),
			 0);
	assert_int_equal(r.extras.count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(r.extras.items[i].kind, expected[i].kind);
		assert_int_equal(r.extras.items[i].type, expected[i].type);
		assert_int_equal(r.extras.items[i].value.size, expected[i].size);
	}
	assert_false(r.has_lte_signal_strength);
	assert_int_equal(r.lte_signal_strength.rssi, 0);
	assert_true(r.has_gsm_signal_strength);
	assert_int_equal(r.gsm_signal_strength, -100);
}

static void decode_says_when_the_chain_breaks_and_keeps_what_stood_before(void **state)
{
	static const uint8_t bytes[] = { 0x12, 0x01, 0x00, 0x9c, 0x14, 0x60, 0x00, 0xbf };
	struct qk_nas_get_signal_info_response r;
	struct memory m;

	(void)state;
	assert_int_equal(qk_decode(qk_nas_get_signal_info_method.response, SPAN(bytes),
				   fresh(&m, sizeof(m.bytes)), &r),
			 -EBADMSG);
	assert_true(r.has_gsm_signal_strength);
}

static void decode_refuses_a_count_that_cannot_be_true(void **state)
{
	/* 200 applications in nothing */
	static const uint8_t bytes[] = { 0x10, 0x0f, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0xc8 };
	struct qk_uim_get_card_status_response r;
	struct memory m;

	(void)state;
	assert_int_equal(qk_decode(qk_uim_get_card_status_method.response, SPAN(bytes),
				   fresh(&m, sizeof(m.bytes)), &r),
			 0);
	assert_false(r.has_card_status);
	assert_int_equal(r.extras.count, 1);
	assert_int_equal(r.extras.items[0].kind, QK_EXTRA_MALFORMED);
}

static void decode_ends_text_with_a_zero_outside_the_frame(void **state)
{
	static const uint8_t bytes[] = { 0x01, 0x03, 0x00, 'E', 'C', '2' };
	uint8_t *copy = malloc(sizeof(bytes));
	struct qk_dms_get_model_response r;
	struct memory m;

	(void)state;
	memcpy(copy, bytes, sizeof(bytes));
	assert_int_equal(qk_decode(qk_dms_get_model_method.response,
				   (struct qk_span){ copy, sizeof(bytes) },
				   fresh(&m, sizeof(m.bytes)), &r),
			 0);
	free(copy);
	assert_int_equal(r.model.size, 3);
	assert_string_equal(r.model.data, "EC2");
}

/* MCC 262 and MNC 01 in the LTE info of NAS Get System Info: 0xff fills up the MNC. */
static void digits_lose_what_fills_them_up_and_get_it_back(void **state)
{
	uint8_t bytes[3 + 29] = { 0x19, 29 }, again[sizeof(bytes)];
	const struct qk_message *message = qk_nas_get_system_info_method.response;
	struct qk_nas_get_system_info_response r;
	struct qk_writer w = qk_writer(again, sizeof(again));
	struct memory m;

	(void)state;
	memcpy(bytes + 23, "26201\xff", 6);
	assert_int_equal(qk_decode(message, SPAN(bytes), fresh(&m, sizeof(m.bytes)), &r), 0);
	assert_true(r.has_lte_system_info_v2);
	assert_string_equal(r.lte_system_info_v2.mcc, "262");
	assert_string_equal(r.lte_system_info_v2.mnc, "01");
	assert_int_equal(qk_encode(message, &r, &w), 0);
	assert_memory_equal(again, bytes, sizeof(bytes));
}

static void decode_makes_any_byte_but_zero_true(void **state)
{
	static const uint8_t bytes[] = { 0x14, 0x03, 0x00, 0x02, 0x02, 0x80 };
	struct qk_nas_get_system_info_response r;
	struct memory m;
	uint8_t raw;

	(void)state;
	assert_int_equal(qk_decode(qk_nas_get_system_info_method.response, SPAN(bytes),
				   fresh(&m, sizeof(m.bytes)), &r),
			 0);
	memcpy(&raw, &r.lte_service_status.preferred_data_path, 1);
	assert_int_equal(raw, 1);
	assert_int_equal(r.lte_service_status.service_status, 2);
}

/* The text and its 0, then the list of extras, then the byte of the one there is. */
static void decode_says_when_the_arena_is_full(void **state)
{
	static const uint8_t bytes[] = { 0x01, 0x03, 0x00, 'E', 'C', '2', 0x55, 0x01, 0x00, 0x00 };
	const size_t needed = alignof(max_align_t) + sizeof(struct qk_extra) + 1;
	const struct qk_message *message = qk_dms_get_model_method.response;
	struct qk_dms_get_model_response r;
	struct memory m;

	(void)state;
	for (size_t size = 0; size < needed; size++)
		assert_int_equal(qk_decode(message, SPAN(bytes), fresh(&m, size), &r), -ENOBUFS);
	assert_int_equal(qk_decode(message, SPAN(bytes), fresh(&m, needed), &r), 0);
	assert_int_equal(m.arena.used, needed);
}

static void missing_tlv_looks_at_the_result_first(void **state)
{
	const struct qk_message *response = qk_dms_get_model_method.response;
	struct qk_dms_get_model_response r = { .has_result = true };
	struct qk_dms_set_operating_mode_request q = { 0 };

	(void)state;
	assert_int_equal(qk_missing_tlv(response, &r), 0x01);
	r.result.status = 1;
	assert_int_equal(qk_missing_tlv(response, &r), -1);
	r.has_result = false;
	assert_int_equal(qk_missing_tlv(response, &r), 0x02);
	assert_int_equal(qk_missing_tlv(qk_dms_set_operating_mode_method.request, &q), 0x01);
}

static void encode_refuses_what_does_not_fit(void **state)
{
	struct qk_ctl_get_version_info_response r = { .has_service_list = true };
	uint8_t buffer[4096];
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));

	(void)state;
	r.service_list.count = 1; /* without items */
	assert_int_equal(qk_encode(qk_ctl_get_version_info_method.response, &r, &w), -EINVAL);
	r.service_list.items = calloc(256, sizeof(*r.service_list.items));
	r.service_list.count = 256; /* more than the u8 count can say */
	w = qk_writer(buffer, sizeof(buffer));
	assert_int_equal(qk_encode(qk_ctl_get_version_info_method.response, &r, &w), -EINVAL);
	r.service_list.count = 255;
	w = qk_writer(buffer, sizeof(buffer));
	assert_int_equal(qk_encode(qk_ctl_get_version_info_method.response, &r, &w), 0);
	free(r.service_list.items);
}

static void find_walks_names_and_indexes(void **state)
{
	struct qk_nas_get_signal_info_response r;
	const struct qk_message *message = qk_nas_get_signal_info_method.response;
	const struct qk_field *field;
	const void *value;
	struct memory m;

	(void)state;
	assert_int_equal(qk_decode(message, SPAN(signal_info), fresh(&m, sizeof(m.bytes)), &r), 0);
	assert_int_equal(qk_find(message, &r, "lte-signal-strength.rsrp", &field, &value), 0);
	assert_int_equal(qk_load_number(field, value), -93);
	assert_string_equal(qk_field_unit(field), "dBm");
	assert_int_equal(qk_find(message, &r, "gsm-signal-strength", &field, &value), -ENODATA);
	assert_int_equal(qk_find(message, &r, "lte-signal-strength.x", &field, &value), -ENOENT);
	assert_int_equal(qk_find(message, &r, "lte", &field, &value), -ENOENT);
	assert_int_equal(qk_find(message, &r, "", &field, &value), -EINVAL);
	assert_int_equal(qk_find(message, &r, "lte-signal-strength.", &field, &value), -EINVAL);
	assert_int_equal(qk_find(message, &r, "lte-signal-strength[0]", &field, &value), -EINVAL);
	assert_int_equal(qk_find(message, &r, "lte-signal-strength[", &field, &value), -EINVAL);
}

static void find_enters_lists(void **state)
{
	struct qk_ctl_get_version_info_response r = { .has_service_list = true };
	const struct qk_message *message = qk_ctl_get_version_info_method.response;
	const struct qk_field *field;
	const void *value;

	(void)state;
	r.service_list.items = calloc(2, sizeof(*r.service_list.items));
	r.service_list.count = 2;
	r.service_list.items[1].major_version = 67;
	assert_int_equal(qk_find(message, &r, "service-list[1].major-version", &field, &value), 0);
	assert_int_equal(qk_load_number(field, value), 67);
	assert_int_equal(qk_find(message, &r, "service-list[2].major-version", &field, &value),
			 -ENODATA);
	assert_int_equal(qk_find(message, &r, "service-list.major-version", &field, &value),
			 -ENOENT);
	assert_int_equal(qk_find(message, &r, "service-list", &field, &value), 0);
	assert_ptr_equal(value, &r.service_list);
	free(r.service_list.items);
}

static void text_masks_what_is_personal(void **state)
{
	struct qk_dms_get_ids_response r = {
		.has_result = true,
		.has_imei = true,
		.imei = { "862506041234567", 15 },
		.has_imei_software_version = true,
		.imei_software_version = { "06", 2 },
	};
	char text[512];
	size_t size;

	(void)state;
	size = qk_text(qk_dms_get_ids_method.response, &r, "  ", false, text, sizeof(text));
	assert_int_equal(size, strlen(text));
	assert_null(strstr(text, "862506"));
	assert_non_null(strstr(text, "imei: ###"));
	assert_non_null(strstr(text, "'06'"));
	qk_text(qk_dms_get_ids_method.response, &r, "", true, text, sizeof(text));
	assert_non_null(strstr(text, "'862506041234567'"));
	assert_int_equal(qk_text(qk_dms_get_ids_method.response, &r, "  ", false, text, 9), size);
	assert_int_equal(strlen(text), 8);
}

/* Neither control characters nor those that hide behind the eighth bit reach a terminal. */
static void text_is_plain_ascii_whatever_comes(void **state)
{
	struct qk_dms_get_model_response r = {
		.has_model = true,
		.model = { "a\033\302\233b\n'\377", 8 },
	};
	char text[128];

	(void)state;
	qk_text(qk_dms_get_model_method.response, &r, "", true, text, sizeof(text));
	assert_string_equal(text, "model: 'a\\x1b\\xc2\\x9bb\\x0a\\x27\\xff'\n");
}

/* A list that says it has at most two items: what comes with three is none of it. */
static void decode_refuses_more_items_than_the_definition_allows(void **state)
{
	struct message {
		struct qk_extras extras;
		bool has_list;
		struct {
			uint8_t *items;
			size_t count;
		} list;
	} r;
	const struct qk_tlv_def def = {
		.field = { .offset = offsetof(struct message, list),
			   .size = 1,
			   .max = 2,
			   .width = 1,
			   .prefix = 1,
			   .flags = QK_FIELD_LIST },
		.has = offsetof(struct message, has_list),
		.type = 0x10,
	};
	const struct qk_message message = {
		.tlvs = &def, .tlv_count = 1, .size = sizeof(r), .type = QK_REQUEST
	};
	uint8_t bytes[] = { 0x10, 0x04, 0x00, 0x02, 0x07, 0x08, 0x09 };
	struct memory m;

	(void)state;
	assert_int_equal(qk_decode(&message, SPAN(bytes), fresh(&m, sizeof(m.bytes)), &r), 0);
	assert_true(r.has_list);
	assert_int_equal(r.extras.items[0].kind, QK_EXTRA_TRAILING);
	bytes[3] = 3;
	assert_int_equal(qk_decode(&message, SPAN(bytes), fresh(&m, sizeof(m.bytes)), &r), 0);
	assert_false(r.has_list);
	assert_int_equal(r.extras.items[0].kind, QK_EXTRA_MALFORMED);
}

static void registry_finds_by_number_and_name(void **state)
{
	const struct qk_service *nas = qk_service_by_name("nas");

	(void)state;
	assert_non_null(nas);
	assert_ptr_equal(qk_service_by_id(3), nas);
	assert_ptr_equal(qk_message_by_id(3, QK_RESPONSE, 0x4f),
			 qk_nas_get_signal_info_method.response);
	assert_ptr_equal(qk_message_by_name(nas, QK_REQUEST, "get-signal-info"),
			 qk_nas_get_signal_info_method.request);
	assert_null(qk_message_by_id(3, QK_REQUEST, 0xfffe));
	assert_null(qk_service_by_id(0xee));
	assert_string_equal(qk_service_name(0x24), "pdc");
	assert_string_equal(qk_error_by_code(94)->name, "NotSupported");
	assert_int_equal(qk_error_by_name("NoSim")->code, 102);
	assert_null(qk_error_by_code(60000));
}

static void rows_give_their_names_members_and_values(void **state)
{
	const struct qk_message *info = qk_nas_get_signal_info_method.response;
	const struct qk_tlv_def *lte = qk_tlv_by_name(info, "lte-signal-strength");
	const struct qk_tlv_def *type =
		qk_tlv_by_name(qk_nas_network_scan_method.request, "network-type");
	const struct qk_field *members;
	size_t count;

	(void)state;
	assert_string_equal(qk_message_name(info), "get-signal-info");
	assert_null(qk_tlv_by_name(info, "lte-signal"));
	assert_int_equal(lte->type, 0x14);
	assert_string_equal(qk_field_name(&lte->field), "lte-signal-strength");
	assert_null(qk_field_values(&lte->field));
	members = qk_field_members(&lte->field, &count);
	assert_int_equal(count, 4);
	assert_string_equal(qk_field_name(&members[0]), "rssi");
	assert_null(qk_field_values(&members[0]));
	qk_field_members(&type->field, &count);
	assert_int_equal(count, 0);
	assert_memory_equal(qk_field_values(&type->field), &qk_nas_network_scan_type_values,
			    sizeof(struct qk_values));
}

static void values_are_found_by_number_and_name(void **state)
{
	const struct qk_values *types = &qk_nas_network_scan_type_values;
	int64_t number = 0;

	(void)state;
	assert_true(qk_value_by_name(types, "lte", &number));
	assert_int_equal(number, QK_NAS_NETWORK_SCAN_TYPE_LTE);
	assert_false(qk_value_by_name(types, "lt", &number));
	assert_string_equal(qk_value_name(types, number), "lte");
	assert_null(qk_value_name(types, 1 << 7));
	assert_string_equal(qk_nth_value(types, types->count - 1u).name, "5gnr");
	assert_true(qk_value_is_newer(types, QK_NAS_NETWORK_SCAN_TYPE_5GNR));
	assert_false(qk_value_is_newer(types, number));
}

/* Whatever bytes come, for every message: no crash, and what was decoded is encoded and decoded to
 * the same text. */
static void every_message_survives_noise(void **state)
{
	struct memory *m = malloc(sizeof(*m)), *again = malloc(sizeof(*again));
	uint8_t *one = malloc(4096), *two = malloc(4096), bytes[96], out[512];
	char text[2][8192];
	unsigned int seed = 1;

	(void)state;
	for (size_t s = 0; qk_services()[s]; s++) {
		const struct qk_service *service = qk_services()[s];

		for (size_t i = 0; i < service->method_count * 200; i++) {
			const struct qk_message *message = service->methods[i / 200].response;
			struct qk_writer w = qk_writer(bytes, sizeof(bytes));

			assert_in_range(message->size, 1, 4096);
			while (qk_writer_used(&w) + 3 < sizeof(bytes)) {
				size_t size = (size_t)rand_r(&seed) % 24, pick;

				if (size > sizeof(bytes) - 3 - qk_writer_used(&w))
					size = 0;
				pick = (size_t)rand_r(&seed) % message->tlv_count;
				qk_write_uint(&w, message->tlvs[pick].type, 1, false);
				qk_write_uint(&w, size, 2, false);
				while (size--)
					qk_write_uint(&w, (uint64_t)rand_r(&seed) % 5, 1, false);
			}
			if (qk_decode(message, SPAN(bytes), fresh(m, sizeof(m->bytes)), one) < 0)
				continue;
			w = qk_writer(out, sizeof(out));
			assert_int_equal(qk_encode(message, one, &w), 0);
			assert_int_equal(qk_decode(message,
						   (struct qk_span){ out, qk_writer_used(&w) },
						   fresh(again, sizeof(m->bytes)), two),
					 0);
			((struct qk_response *)(void *)one)->extras.count = 0;
			((struct qk_response *)(void *)two)->extras.count = 0;
			qk_text(message, one, "", true, text[0], sizeof(text[0]));
			qk_text(message, two, "", true, text[1], sizeof(text[1]));
			assert_string_equal(text[0], text[1]);
		}
	}
	free(m);
	free(again);
	free(one);
	free(two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode_fills_the_struct),
		cmocka_unit_test(encode_gives_the_same_bytes),
		cmocka_unit_test(decode_keeps_what_it_does_not_know),
		cmocka_unit_test(decode_says_when_the_chain_breaks_and_keeps_what_stood_before),
		cmocka_unit_test(decode_refuses_a_count_that_cannot_be_true),
		cmocka_unit_test(decode_ends_text_with_a_zero_outside_the_frame),
		cmocka_unit_test(digits_lose_what_fills_them_up_and_get_it_back),
		cmocka_unit_test(decode_makes_any_byte_but_zero_true),
		cmocka_unit_test(decode_says_when_the_arena_is_full),
		cmocka_unit_test(missing_tlv_looks_at_the_result_first),
		cmocka_unit_test(encode_refuses_what_does_not_fit),
		cmocka_unit_test(find_walks_names_and_indexes),
		cmocka_unit_test(find_enters_lists),
		cmocka_unit_test(text_masks_what_is_personal),
		cmocka_unit_test(text_is_plain_ascii_whatever_comes),
		cmocka_unit_test(decode_refuses_more_items_than_the_definition_allows),
		cmocka_unit_test(registry_finds_by_number_and_name),
		cmocka_unit_test(rows_give_their_names_members_and_values),
		cmocka_unit_test(values_are_found_by_number_and_name),
		cmocka_unit_test(every_message_survives_noise),
	};

	return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
