/*
 * Answers made from definitions: every message of every service, same seed same bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/common.h>
#include <qmikit/ctl.h>
#include <qmikit/dms.h>
#include <qmikit/nas.h>

#include "sim-host.h"
#include "sim/modem.h"
#include "sim/qrtr.h"

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
					 qk_message_name(method->response), extras->items[0].type);
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

/* What a client on QRTR hears of the modem `everything`. */
struct listener {
	struct qk_arena arena, told;
	const struct qk_method *method; /* what it has asked */
	unsigned int answers, indications;
};

static void on_message(void *userdata, uint16_t service, uint32_t node, uint32_t port,
		       struct qk_span bytes)
{
	struct listener *l = userdata;
	struct qk_frame frame;

	assert_int_equal(service, l->method->request->service);
	assert_int_equal(node, 1);
	assert_int_equal(port, 7);
	assert_int_equal(qk_sdu_read(bytes, 1, 0, &frame), bytes.size);
	/* vendors' messages share numbers: the answer is that to the message that was asked */
	const struct qk_message *message =
		frame.type == QK_RESPONSE ? l->method->response
					  : qk_message_by_id(service, QK_INDICATION, frame.message);
	assert_non_null(message);
	l->told.used = 0;
	struct qk_extras *value = qk_arena_take(&l->told, message->size);
	assert_non_null(value);
	assert_int_equal(qk_decode(message, frame.tlvs, &l->told, value), 0);
	if (value->count || qk_missing_tlv(message, value) >= 0)
		fail_msg("%s", qk_message_name(message));
	if (frame.type == QK_RESPONSE) {
		assert_int_equal(frame.message, message->id);
		assert_int_equal(((const struct qk_response *)(const void *)value)->result.error,
				 QK_ERROR_NONE);
		l->answers++;
	} else {
		l->indications++;
	}
}

static void on_restart(void *userdata)
{
	(void)userdata;
}

/* The request as QRTR carries it, with every TLV. */
static void ask_over_qrtr(struct qk_sim_qrtr *qrtr, struct listener *l, const struct qk_method *m)
{
	static uint8_t bytes[QK_FRAME_MAX];
	struct qk_writer w = qk_writer(bytes, sizeof(bytes));
	const struct qk_frame frame = { .service = 1, .transaction = 9, .message = m->request->id };
	void *request;

	l->arena.used = 0;
	l->method = m;
	fill_request(m, &l->arena, &request);
	size_t mark = qk_frame_begin(&w, &frame);
	assert_int_equal(qk_encode(m->request, request, &w), 0);
	int size = qk_frame_end(&w, mark);
	assert_true(size > 0);
	qk_sim_qrtr_input(
		qrtr, m->request->service, 1, 7,
		(struct qk_span){ bytes + QK_QMUX_HEADER, (size_t)size - QK_QMUX_HEADER });
}

static void everything_is_answered_over_qrtr_above_255_too(void **state)
{
	static const struct qk_sim_qrtr_sink sink = { on_message, on_restart };
	struct host *host = host_new("everything", 3);
	struct listener l = { .arena = { .base = malloc(ARENA_SIZE), .size = ARENA_SIZE },
			      .told = { .base = malloc(ARENA_SIZE), .size = ARENA_SIZE } };
	struct qk_sim_qrtr *qrtr;
	unsigned int asked = 0, large = 0, answers;

	(void)state;
	assert_true(l.arena.base && l.told.base);
	assert_int_equal(qk_sim_qrtr_attach(host->sim, &sink, &l, &qrtr), 0);
	for (const struct qk_service *const *s = qk_services(); *s; s++) {
		for (size_t i = 0; (*s)->id != QK_SERVICE_CTL && i < (*s)->method_count; i++) {
			answers = l.answers;
			ask_over_qrtr(qrtr, &l, &(*s)->methods[i]);
			if (l.answers != answers + 1)
				fail_msg("%s %s: no answer", (*s)->name,
					 qk_message_name((*s)->methods[i].request));
			asked++;
			large += (*s)->id > UINT8_MAX;
		}
	}
	assert_true(asked > 300 && large >= 3 && l.indications > 60);
	qk_sim_qrtr_detach(qrtr);
	host_free(host);
	free(l.arena.base);
	free(l.told.base);
}

static void ctl_of_everything_answers_each_message(void **state)
{
	struct qk_arena arena = { .base = malloc(ARENA_SIZE), .size = ARENA_SIZE };
	struct host *host = host_new("everything", 3);

	(void)state;
	for (size_t i = 0; i < qk_ctl_service.method_count; i++) {
		const struct qk_method *method = &qk_ctl_service.methods[i];
		void *request;
		arena.used = 0;
		fill_request(method, &arena, &request);
		/* with made-up values it may refuse; what it says is whole */
		int error = host_ask(host, 0, method, request, NULL);
		if (error < 0)
			fail_msg("%s: no answer", qk_message_name(method->request));
	}
	host_free(host);
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
		cmocka_unit_test(everything_is_answered_over_qrtr_above_255_too),
		cmocka_unit_test(ctl_of_everything_answers_each_message),
		cmocka_unit_test(seeded_fills_every_tlv_that_survives_the_wire),
		cmocka_unit_test(seeded_leaves_optional_tlvs_out_when_told_to),
		cmocka_unit_test(seeded_enums_have_names),
		cmocka_unit_test(seeded_says_when_the_arena_is_full),
	};

	return cmocka_run_group_tests_name("sim-seeded", tests, NULL, NULL);
}
