/*
 * Messages in the model: stores, arrival by routes, sending and its results, reports, the queue of the
 * message centre.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/3gpp/sms-text.h"
#include "sim-model.h"

#define SEC 1000000u
#define NUMBER "+99970555"
#define CENTRE "+99970000001"

/* The events that were told, in order. */
struct events {
	struct qk_sim_sms_event list[64];
	size_t count;
};

static void note(struct model *model, uint32_t changed, void *userdata)
{
	struct events *events = userdata;

	if (changed & QK_SIM_CHANGED_SMS && events->count < 64)
		events->list[events->count++] = model->state.sms.event;
}

static struct events pass(struct model *model, uint64_t usec)
{
	struct events events = { .count = 0 };

	model_pass(model, usec, NULL, note, &events);
	return events;
}

static void same_text(const struct qk_sim_sms_pdu *pdu, const char *want)
{
	struct qk_sms sms;
	char text[QK_SMS_TEXT_MAX];

	assert_int_equal(qk_sms_decode((struct qk_span){ pdu->data, pdu->size }, &sms), 0);
	assert_true(qk_sms_text(&sms, text, sizeof(text)) >= 0);
	assert_string_equal(text, want);
}

/* A submit to `number`. */
static size_t submit(uint8_t *pdu, const char *number, bool report)
{
	struct qk_sms sms = { .type = QK_SMS_SUBMIT, .report = report };
	struct qk_sms_split split;

	assert_int_equal(qk_sms_set_number(&sms.address, number), 0);
	assert_int_equal(qk_sms_split("out", 0, &split), 0);
	assert_true(qk_sms_take_part(&split, -1, &sms));
	int size = qk_sms_encode(&sms, pdu, QK_SMS_PDU_MAX);
	assert_true(size > 0);
	return (size_t)size;
}

static void message_is_stored_and_told_when_it_arrives(void **unused)
{
	struct model *model = model_new();

	(void)unused;
	assert_int_equal(qk_sim_sms_receive_text(&model->state, NUMBER, "hello", 4), 1);
	struct events events = pass(model, SEC);
	assert_int_equal(events.count, 1);
	assert_int_equal(events.list[0].kind, QK_SIM_SMS_EVENT_STORED);
	assert_int_equal(events.list[0].store, QK_SIM_SMS_ME);
	const struct qk_sim_sms_slot *slot =
		qk_sim_sms_get(&model->state, QK_SIM_SMS_ME, events.list[0].index);
	assert_non_null(slot);
	assert_int_equal(slot->tag, QK_SIM_SMS_UNREAD);
	same_text(&slot->pdu, "hello");
	/* it came through the message centre of the card */
	struct qk_sms sms;
	assert_int_equal(qk_sms_decode((struct qk_span){ slot->pdu.data, slot->pdu.size }, &sms),
			 0);
	assert_string_equal(sms.smsc.text, CENTRE);
	assert_string_equal(sms.address.text, NUMBER);
	assert_true(sms.sent.valid);
	model_free(model);
}

static void parts_come_one_by_one_when_a_text_is_long(void **unused)
{
	struct model *model = model_new();
	char text[401];

	(void)unused;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	assert_int_equal(qk_sim_sms_receive_text(&model->state, NUMBER, text, 4), 3);
	struct events events = pass(model, 2 * SEC);
	assert_int_equal(events.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(events.list[i].index, i);
	assert_int_equal(qk_sim_sms_used(&model->state, QK_SIM_SMS_ME), 3);
	model_free(model);
}

static void route_decides_by_class_what_happens(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;

	(void)unused;
	assert_int_equal(qk_sim_sms_set_route(state, 0, QK_SIM_SMS_ME, QK_SIM_SMS_TRANSFER), 0);
	assert_int_equal(qk_sim_sms_set_route(state, 1, QK_SIM_SMS_ME, QK_SIM_SMS_DISCARD), 0);
	assert_int_equal(qk_sim_sms_set_route(state, 2, QK_SIM_SMS_SM, QK_SIM_SMS_STORE), 0);
	assert_int_equal(qk_sim_sms_set_route(state, 6, 0, 0), -EINVAL);
	assert_int_equal(qk_sim_sms_set_route(state, 0, 2, 0), -EINVAL);
	assert_int_equal(qk_sim_sms_set_route(state, 0, 0, 4), -EINVAL);
	for (uint32_t class = 0; class < 3; class ++)
		assert_int_equal(qk_sim_sms_receive_text(state, NUMBER, "by class", class), 1);
	struct events events = pass(model, 2 * SEC);
	assert_int_equal(events.count, 2);
	assert_int_equal(events.list[0].kind, QK_SIM_SMS_EVENT_TRANSFER);
	assert_false(events.list[0].confirm);
	same_text(&events.list[0].pdu, "by class");
	assert_int_equal(events.list[1].kind, QK_SIM_SMS_EVENT_STORED);
	assert_int_equal(events.list[1].store, QK_SIM_SMS_SM);
	assert_int_equal(qk_sim_sms_used(state, QK_SIM_SMS_ME), 0);
	assert_int_equal(qk_sim_sms_used(state, QK_SIM_SMS_SM), 1);
	model_free(model);
}

static void message_comes_again_when_the_host_does_not_acknowledge(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;

	(void)unused;
	assert_int_equal(qk_sim_sms_set_route(state, QK_SIM_SMS_CLASSES, QK_SIM_SMS_ME,
					      QK_SIM_SMS_TRANSFER_UNCONFIRMED),
			 0);
	qk_sim_sms_receive_text(state, NUMBER, "one", 4);
	qk_sim_sms_receive_text(state, NUMBER, "two", 4);
	struct events events = pass(model, 5 * SEC);
	assert_int_equal(events.count, 1);
	assert_true(events.list[0].confirm);
	assert_int_equal(qk_sim_sms_acknowledge(state, events.list[0].transaction + 1, true),
			 -ENOENT);
	/* nobody acknowledges: the network tries both again */
	events = pass(model, 36 * SEC);
	assert_int_equal(events.count, 1);
	assert_int_equal(qk_sim_sms_acknowledge(state, events.list[0].transaction, true), 0);
	assert_int_equal(qk_sim_sms_acknowledge(state, events.list[0].transaction, true), -ENOENT);
	events = pass(model, 2 * SEC);
	assert_int_equal(events.count, 1);
	same_text(&events.list[0].pdu, "one");
	model_free(model);
}

static void message_waits_when_the_store_is_full(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;

	(void)unused;
	qk_sim_sms_set_route(state, QK_SIM_SMS_CLASSES, QK_SIM_SMS_SM, QK_SIM_SMS_STORE);
	for (int i = 0; i < QK_SIM_SMS_SM_SIZE; i++) {
		qk_sim_sms_receive_text(state, NUMBER, "filler", 4);
		pass(model, SEC);
	}
	qk_sim_sms_receive_text(state, NUMBER, "too many", 4);
	struct events events = pass(model, 20 * SEC);
	assert_int_equal(events.count, 1);
	assert_int_equal(events.list[0].kind, QK_SIM_SMS_EVENT_FULL);
	assert_int_equal(events.list[0].store, QK_SIM_SMS_SM);
	assert_int_equal(qk_sim_sms_delete(state, QK_SIM_SMS_SM, 7), 0);
	assert_int_equal(qk_sim_sms_delete(state, QK_SIM_SMS_SM, 7), -ENOENT);
	events = pass(model, SEC);
	assert_int_equal(events.count, 1);
	assert_int_equal(events.list[0].kind, QK_SIM_SMS_EVENT_STORED);
	assert_int_equal(events.list[0].index, 7);
	model_free(model);
}

static void message_waits_when_the_modem_is_not_registered(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;

	(void)unused;
	assert_int_equal(qk_sim_state_set_mode(state, QK_SIM_MODE_LOW_POWER), 0);
	qk_sim_sms_receive_text(state, NUMBER, "later", 4);
	assert_int_equal(pass(model, 60 * SEC).count, 0);
	assert_int_equal(qk_sim_state_set_mode(state, QK_SIM_MODE_ONLINE), 0);
	assert_int_equal(pass(model, 60 * SEC).count, 1);
	model_free(model);
}

static void sent_message_has_a_reference_and_is_seen(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;
	uint8_t pdu[QK_SMS_PDU_MAX];
	size_t size = submit(pdu, NUMBER, false);
	uint32_t tickets[2], changed;
	struct qk_sim_sms_result result;
	struct qk_sim_sms_sent sent;

	(void)unused;
	assert_int_equal(qk_sim_sms_send(state, pdu, size, &tickets[0]), 0);
	assert_int_equal(qk_sim_sms_send(state, pdu, size, &tickets[1]), 0);
	assert_int_equal(qk_sim_sms_take_result(state, tickets[0], &result), 0);
	model_pass(model, model->profile->sms.send_usec, &changed, NULL, NULL);
	assert_true(changed & QK_SIM_CHANGED_SMS_SENT);
	/* the radio takes one after the other */
	assert_int_equal(qk_sim_sms_take_result(state, tickets[1], &result), 0);
	assert_int_equal(qk_sim_sms_take_result(state, tickets[0], &result), 1);
	assert_true(result.sent);
	assert_int_equal(result.reference, 0);
	assert_int_equal(qk_sim_sms_take_result(state, tickets[0], &result), -ENOENT);
	model_pass(model, SEC, NULL, NULL, NULL);
	assert_int_equal(qk_sim_sms_take_result(state, tickets[1], &result), 1);
	assert_int_equal(result.reference, 1);
	assert_true(qk_sim_sms_take_sent(state, &sent));
	same_text(&sent.pdu, "out");
	assert_true(qk_sim_sms_take_sent(state, &sent));
	struct qk_sms read;
	assert_int_equal(qk_sms_decode((struct qk_span){ sent.pdu.data, sent.pdu.size }, &read), 0);
	assert_int_equal(read.reference, 1);
	assert_string_equal(read.smsc.text, CENTRE);
	assert_false(qk_sim_sms_take_sent(state, &sent));
	model_free(model);
}

static void report_comes_when_the_submit_asks_for_one(void **unused)
{
	struct model *model = model_new();
	uint8_t pdu[QK_SMS_PDU_MAX];
	uint32_t ticket;
	struct qk_sms report;

	(void)unused;
	assert_int_equal(qk_sim_sms_send(&model->state, pdu, submit(pdu, NUMBER, true), &ticket),
			 0);
	struct events events = pass(model, 5 * SEC);
	assert_int_equal(events.count, 1);
	assert_int_equal(events.list[0].kind, QK_SIM_SMS_EVENT_REPORT);
	struct qk_span bytes = { events.list[0].pdu.data, events.list[0].pdu.size };
	assert_int_equal(qk_sms_decode(bytes, &report), 0);
	assert_int_equal(report.type, QK_SMS_STATUS_REPORT);
	assert_int_equal(report.status, 0);
	assert_string_equal(report.address.text, NUMBER);
	/* it is no message of a store */
	assert_int_equal(qk_sim_sms_used(&model->state, QK_SIM_SMS_ME), 0);
	model_free(model);
}

static void message_comes_back_when_it_is_sent_to_the_own_number(void **unused)
{
	struct model *model = model_new();
	uint8_t pdu[QK_SMS_PDU_MAX];
	char number[32] = "+";
	uint32_t ticket;

	(void)unused;
	memcpy(number + 1, model->state.identity.msisdn, strlen(model->state.identity.msisdn) + 1);
	assert_int_equal(qk_sim_sms_send(&model->state, pdu, submit(pdu, number, false), &ticket),
			 0);
	struct events events = pass(model, 5 * SEC);
	assert_int_equal(events.count, 1);
	same_text(&events.list[0].pdu, "out");
	model_free(model);
}

static void sending_fails_as_it_was_armed_and_without_a_network(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;
	uint8_t pdu[QK_SMS_PDU_MAX];
	size_t size = submit(pdu, NUMBER, false);
	uint32_t ticket;
	struct qk_sim_sms_result result;

	(void)unused;
	qk_sim_sms_fail_next(state, 1, 38, 0xc0);
	assert_int_equal(qk_sim_sms_send(state, pdu, size, &ticket), 0);
	model_pass(model, SEC, NULL, NULL, NULL);
	assert_int_equal(qk_sim_sms_take_result(state, ticket, &result), 1);
	assert_false(result.sent);
	assert_int_equal(result.rp_cause, 38);
	assert_int_equal(result.tp_cause, 0xc0);
	qk_sim_state_set_mode(state, QK_SIM_MODE_LOW_POWER);
	assert_int_equal(qk_sim_sms_send(state, pdu, size, &ticket), 0);
	model_pass(model, SEC, NULL, NULL, NULL);
	assert_int_equal(qk_sim_sms_take_result(state, ticket, &result), 1);
	assert_int_equal(result.error, -ENETDOWN);
	assert_int_equal(qk_sim_sms_send(state, pdu, size - 1, &ticket), -EINVAL);
	for (int i = 0; i < QK_SIM_SMS_OUT_MAX; i++)
		assert_int_equal(qk_sim_sms_send(state, pdu, size, &ticket), 0);
	assert_int_equal(qk_sim_sms_send(state, pdu, size, &ticket), -EBUSY);
	model_free(model);
}

static void stores_survive_a_reboot_and_the_card_has_its_own(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;
	uint8_t pdu[QK_SMS_PDU_MAX];
	size_t size = submit(pdu, NUMBER, false), index;

	(void)unused;
	assert_int_equal(qk_sim_sms_put(state, QK_SIM_SMS_SM, QK_SIM_SMS_SENT, pdu, size, &index),
			 0);
	assert_int_equal(qk_sim_sms_put(state, QK_SIM_SMS_ME, QK_SIM_SMS_UNSENT, pdu, size, &index),
			 0);
	assert_int_equal(qk_sim_sms_put(state, 2, QK_SIM_SMS_SENT, pdu, size, &index), -EINVAL);
	assert_int_equal(qk_sim_sms_put(state, QK_SIM_SMS_ME, 4, pdu, size, &index), -EINVAL);
	qk_sim_state_reboot(state, 0);
	model_pass(model, 60 * SEC, NULL, NULL, NULL);
	assert_int_equal(qk_sim_sms_used(state, QK_SIM_SMS_SM), 1);
	assert_int_equal(qk_sim_sms_used(state, QK_SIM_SMS_ME), 1);
	qk_sim_card_set(state, QK_SIM_CARD_ABSENT, 0);
	assert_int_equal(qk_sim_sms_used(state, QK_SIM_SMS_SM), 0);
	assert_int_equal(qk_sim_sms_put(state, QK_SIM_SMS_SM, QK_SIM_SMS_SENT, pdu, size, &index),
			 -ENODEV);
	assert_int_equal(qk_sim_sms_delete_all(state, QK_SIM_SMS_ME, QK_SIM_SMS_READ), 0);
	assert_int_equal(qk_sim_sms_delete_all(state, QK_SIM_SMS_ME, -1), 1);
	model_free(model);
}

static void message_centre_is_on_the_card(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;
	char centre[QK_SIM_SMS_ADDRESS_MAX];

	(void)unused;
	qk_sim_sms_get_smsc(state, centre);
	assert_string_equal(centre, CENTRE);
	assert_int_equal(qk_sim_sms_set_smsc(state, "12345"), 0);
	qk_sim_sms_get_smsc(state, centre);
	assert_string_equal(centre, "12345");
	assert_int_equal(qk_sim_sms_set_smsc(state, "a"), -EINVAL);
	qk_sim_card_set(state, QK_SIM_CARD_ABSENT, 0);
	qk_sim_sms_get_smsc(state, centre);
	assert_string_equal(centre, "");
	assert_int_equal(qk_sim_sms_set_smsc(state, "12345"), -ENODEV);
	model_free(model);
}

static void page_is_told_when_its_channel_is_selected(void **unused)
{
	static const uint8_t page[] = { 0x00, 0x10, 0x11, 0x13, 0x01, 0x11, 0xe8, 0x32 };
	struct model *model = model_new();
	struct qk_sim_sms *sms = &model->state.sms;

	(void)unused;
	assert_int_equal(qk_sim_sms_broadcast(&model->state, page, sizeof(page)), 0);
	assert_int_equal(pass(model, SEC).count, 0);
	sms->broadcast = true;
	sms->channels[0] = (struct qk_sim_sms_channel){ 4370, 4371, true };
	sms->channel_count = 1;
	assert_int_equal(qk_sim_sms_broadcast(&model->state, page, sizeof(page)), 0);
	struct events events = pass(model, SEC);
	assert_int_equal(events.count, 1);
	assert_int_equal(events.list[0].kind, QK_SIM_SMS_EVENT_BROADCAST);
	assert_int_equal(qk_sim_sms_broadcast(&model->state, page, 5), -EINVAL);
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_is_stored_and_told_when_it_arrives),
		cmocka_unit_test(parts_come_one_by_one_when_a_text_is_long),
		cmocka_unit_test(route_decides_by_class_what_happens),
		cmocka_unit_test(message_comes_again_when_the_host_does_not_acknowledge),
		cmocka_unit_test(message_waits_when_the_store_is_full),
		cmocka_unit_test(message_waits_when_the_modem_is_not_registered),
		cmocka_unit_test(sent_message_has_a_reference_and_is_seen),
		cmocka_unit_test(report_comes_when_the_submit_asks_for_one),
		cmocka_unit_test(message_comes_back_when_it_is_sent_to_the_own_number),
		cmocka_unit_test(sending_fails_as_it_was_armed_and_without_a_network),
		cmocka_unit_test(stores_survive_a_reboot_and_the_card_has_its_own),
		cmocka_unit_test(message_centre_is_on_the_card),
		cmocka_unit_test(page_is_told_when_its_channel_is_selected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
