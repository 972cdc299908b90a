/*
 * Answers made from definitions: every message of every service, same seed same bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/common.h>
#include <qmikit/dms.h>
#include <qmikit/nas.h>

#include "sim-host.h"
#include "sim/modem.h"

#define ARENA_SIZE ((size_t)512 * 1024)

/* A request of `method` with every TLV, so that none that is mandatory is missing. */
static void fill_request(const struct qk_method *method, struct qk_arena *arena, void **ret)
{
	*ret = qk_arena_take(arena, method->request->size);
	assert_non_null(*ret);
	assert_int_equal(qk_sim_seeded_fill(method->request, 1, 100, arena, *ret), 0);
}

/* Asks every message of every service; what was said stays in host->said. */
static size_t ask_everything(struct host *host, struct qk_arena *arena, uint8_t *bytes)
{
	size_t size = 0;

	for (const struct qk_service *const *service = qk_services(); *service; service++) {
		/* a frame of QMUX can name no service above 255 */
		if ((*service)->id == QK_SERVICE_CTL || (*service)->id > UINT8_MAX)
			continue;
		host_drop(host);
		uint8_t client = host_allocate(host, (uint8_t)(*service)->id);
		for (size_t i = 0; i < (*service)->method_count; i++) {
			const struct qk_method *method = &(*service)->methods[i];
			void *request;
			arena->used = 0;
			fill_request(method, arena, &request);
			host_drop(host);
			void *response = qk_arena_take(arena, method->response->size);
			assert_int_equal(host_ask(host, client, method, request, response), 0);
			assert_int_equal(qk_missing_tlv(method->response, response), -1);
			const struct qk_extras *extras = response;
			if (extras->count)
				fail_msg("%s %s: TLV 0x%02x", (*service)->name,
					 method->response->name, extras->items[0].type);
			memcpy(bytes + size, host->said, host->said_size);
			size += host->said_size;
		}
	}
	return size;
}

static void everything_is_answered_with_the_same_bytes_when_the_seed_is_the_same(void **state)
{
	struct qk_arena arena = { .base = malloc(ARENA_SIZE), .size = ARENA_SIZE };
	uint8_t *bytes[3];
	size_t sizes[3];
	static const uint64_t seeds[] = { 7, 7, 8 };

	(void)state;
	assert_non_null(arena.base);
	for (size_t i = 0; i < 3; i++) {
		struct host *host = host_new("everything", seeds[i]);
		bytes[i] = malloc(1024 * 1024);
		assert_non_null(bytes[i]);
		sizes[i] = ask_everything(host, &arena, bytes[i]);
		host_free(host);
	}
	assert_true(sizes[0] > 2000);
	assert_int_equal(sizes[0], sizes[1]);
	assert_memory_equal(bytes[0], bytes[1], sizes[0]);
	assert_true(sizes[0] != sizes[2] || memcmp(bytes[0], bytes[2], sizes[0]) != 0);
	for (size_t i = 0; i < 3; i++)
		free(bytes[i]);
	free(arena.base);
}

static void seeded_fills_every_tlv_that_survives_the_wire(void **state)
{
	struct qk_arena arena = { .base = malloc(ARENA_SIZE), .size = ARENA_SIZE };
	uint8_t *wire = malloc(QK_FRAME_MAX);

	(void)state;
	assert_true(arena.base && wire);
	for (uint64_t seed = 0; seed < 50; seed++) {
		for (const struct qk_service *const *s = qk_services(); *s; s++) {
			for (size_t i = 0; i < (*s)->indication_count; i++) {
				const struct qk_message *message = (*s)->indications[i];
				struct qk_writer writer = qk_writer(wire, QK_FRAME_MAX);
				arena.used = 0;
				void *value = qk_arena_take(&arena, message->size);
				void *back = qk_arena_take(&arena, message->size);
				assert_int_equal(
					qk_sim_seeded_fill(message, seed, 100, &arena, value), 0);
				assert_int_equal(qk_encode(message, value, &writer), 0);
				struct qk_span tlvs = { wire, qk_writer_used(&writer) };
				assert_int_equal(qk_decode(message, tlvs, &arena, back), 0);
				assert_int_equal(((const struct qk_extras *)back)->count, 0);
				for (size_t t = 0; t < message->tlv_count; t++)
					assert_true(((const bool *)back)[message->tlvs[t].has]);
			}
		}
	}
	free(wire);
	free(arena.base);
}

static void seeded_leaves_optional_tlvs_out_when_told_to(void **state)
{
	struct qk_nas_get_serving_system_response response = { 0 };
	_Alignas(16) uint8_t memory[4096];
	struct qk_arena arena = { .base = memory, .size = sizeof(memory) };

	(void)state;
	assert_int_equal(qk_sim_seeded_fill(qk_nas_get_serving_system_method.response, 1, 0, &arena,
					    &response),
			 0);
	assert_true(response.has_serving_system);
	assert_false(response.has_roaming_indicator);
	assert_false(response.has_current_plmn);
}

static void seeded_enums_have_names(void **state)
{
	struct qk_dms_get_operating_mode_response response;
	_Alignas(16) uint8_t memory[4096];

	(void)state;
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct qk_arena arena = { .base = memory, .size = sizeof(memory) };
		memset(&response, 0, sizeof(response));
		assert_int_equal(qk_sim_seeded_fill(qk_dms_get_operating_mode_method.response, seed,
						    100, &arena, &response),
				 0);
		assert_non_null(qk_value_name(&qk_dms_operating_mode_values, response.mode));
	}
}

static void seeded_says_when_the_arena_is_full(void **state)
{
	struct qk_dms_get_ids_response response = { 0 };
	_Alignas(16) uint8_t memory[16];
	struct qk_arena arena = { .base = memory, .size = sizeof(memory) };

	(void)state;
	assert_true(qk_sim_seeded_fill(qk_dms_get_ids_method.response, 1, 100, &arena, &response) <
		    0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			everything_is_answered_with_the_same_bytes_when_the_seed_is_the_same),
		cmocka_unit_test(seeded_fills_every_tlv_that_survives_the_wire),
		cmocka_unit_test(seeded_leaves_optional_tlvs_out_when_told_to),
		cmocka_unit_test(seeded_enums_have_names),
		cmocka_unit_test(seeded_says_when_the_arena_is_full),
	};

	return cmocka_run_group_tests_name("sim-seeded", tests, NULL, NULL);
}
