/*
 * A virtual modem with two slots: what it says of them, what a switch does to the card in use, and who is told.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/common.h>
#include <qmikit/dms.h>
#include <qmikit/uim.h>

#include "lib/3gpp/sim-file.h"
#include "sim-host.h"

enum { FIRST, SECOND, SLOTS };

struct modem {
	struct host *host;
	uint8_t dms, uim;
};

static int setup(void **state)
{
	static struct modem modem;

	modem.host = host_new("ep06-e", 1);
	modem.dms = host_allocate(modem.host, QK_SERVICE_ID_DMS);
	modem.uim = host_allocate(modem.host, QK_SERVICE_ID_UIM);
	*state = &modem;
	return 0;
}

static int teardown(void **state)
{
	struct modem *modem = *state;

	host_free(modem->host);
	return 0;
}

static struct qk_sim_state *model(struct modem *modem)
{
	return qk_sim_state(modem->host->sim);
}

static struct qk_uim_get_slot_status_response look(struct modem *modem)
{
	struct qk_uim_get_slot_status_response response;

	assert_int_equal(
		host_ask(modem->host, modem->uim, &qk_uim_get_slot_status_method, NULL, &response),
		0);
	assert_int_equal(response.physical_slot_status.count, SLOTS);
	assert_int_equal(response.physical_slot_information.count, SLOTS);
	assert_int_equal(response.slot_eid.count, SLOTS);
	return response;
}

static int switch_slot(struct modem *modem, uint8_t logical, uint32_t physical)
{
	const struct qk_uim_switch_slot_request request = {
		.has_logical_slot = true,
		.logical_slot = logical,
		.has_physical_slot = true,
		.physical_slot = physical,
	};

	return host_ask(modem->host, modem->uim, &qk_uim_switch_slot_method, &request, NULL);
}

static void pass(struct modem *modem, uint64_t usec)
{
	uint64_t until = model(modem)->now_usec + usec, next;

	while ((next = qk_sim_next_usec(modem->host->sim)) <= until)
		qk_sim_advance(modem->host->sim, next);
	qk_sim_advance(modem->host->sim, until);
}

static void assert_iccid(struct qk_bytes bytes, const char *begins)
{
	char iccid[21];

	assert_int_equal(qk_iccid_read((struct qk_span){ bytes.data, bytes.size }, iccid), 0);
	assert_memory_equal(iccid, begins, strlen(begins));
}

static void status_has_both_cards_when_they_are_in(void **state)
{
	struct qk_uim_get_slot_status_response slots = look(*state);
	const struct qk_uim_physical_slot_status *first = &slots.physical_slot_status.items[FIRST];
	const struct qk_uim_physical_slot_status *second =
		&slots.physical_slot_status.items[SECOND];

	assert_int_equal(first->physical_slot_status, QK_UIM_SLOT_STATE_ACTIVE);
	assert_int_equal(first->logical_slot, 1);
	assert_int_equal(first->physical_card_status, QK_UIM_PHYSICAL_CARD_STATE_PRESENT);
	assert_iccid(first->iccid, "8999901");
	assert_false(slots.physical_slot_information.items[FIRST].is_euicc);
	assert_int_equal(slots.slot_eid.items[FIRST].eid.size, 0);
	assert_int_equal(second->physical_slot_status, QK_UIM_SLOT_STATE_INACTIVE);
	assert_iccid(second->iccid, "8999902");
	assert_true(slots.physical_slot_information.items[SECOND].is_euicc);
	assert_int_equal(slots.slot_eid.items[SECOND].eid.size, 16);
	assert_int_equal(slots.slot_eid.items[SECOND].eid.data[0], 0x89);
}

/* ISO 7816-3: the last byte makes the sum of all but the first nothing. */
static void answer_to_reset_has_a_check_byte(void **state)
{
	struct qk_uim_get_slot_status_response slots = look(*state);
	struct qk_bytes atr = slots.physical_slot_information.items[FIRST].atr_value;
	uint8_t sum = 0;

	assert_true(atr.size > 10);
	assert_int_equal(atr.data[0], 0x3b);
	for (size_t i = 1; i < atr.size; i++)
		sum ^= atr.data[i];
	assert_int_equal(sum, 0);
}

static void switching_brings_the_other_card(void **state)
{
	struct modem *modem = *state;
	struct qk_dms_get_msisdn_response number;
	char first[21], msisdn[24];

	memcpy(first, model(modem)->card.iccid, sizeof(first));
	memcpy(msisdn, model(modem)->identity.msisdn, sizeof(msisdn));
	assert_int_equal(model(modem)->registration, QK_SIM_REGISTERED);
	assert_int_equal(switch_slot(modem, 1, 2), 0);
	assert_int_not_equal(model(modem)->registration, QK_SIM_REGISTERED);
	assert_false(qk_sim_card_answers(&model(modem)->card));
	assert_int_equal(
		host_ask(modem->host, modem->dms, &qk_dms_get_msisdn_method, NULL, &number),
		QK_ERROR_NOT_PROVISIONED);
	pass(modem, 10000000);
	assert_int_equal(model(modem)->registration, QK_SIM_REGISTERED);
	assert_memory_equal(model(modem)->card.iccid, "8999902", 7);
	assert_string_not_equal(model(modem)->identity.msisdn, msisdn);
	assert_int_equal(
		host_ask(modem->host, modem->dms, &qk_dms_get_msisdn_method, NULL, &number), 0);
	assert_iccid(look(modem).physical_slot_status.items[FIRST].iccid, "8999901");
	assert_int_equal(look(modem).physical_slot_status.items[SECOND].logical_slot, 1);
	assert_int_equal(switch_slot(modem, 1, 1), 0);
	pass(modem, 10000000);
	assert_string_equal(model(modem)->card.iccid, first);
	assert_string_equal(model(modem)->identity.msisdn, msisdn);
}

static void what_was_written_to_a_card_stays_on_it(void **state)
{
	struct modem *modem = *state;
	struct qk_sim_state *m = model(modem);
	const uint8_t pdu[] = { 0x00, 0x01, 0x02 };

	memcpy(m->sms.sm[0].pdu.data, pdu, sizeof(pdu));
	m->sms.sm[0].pdu.size = sizeof(pdu);
	assert_int_equal(qk_sim_card_protect(m, QK_SIM_PIN1, true, "1234"), QK_SIM_SW_OK);
	assert_int_equal(switch_slot(modem, 1, 2), 0);
	pass(modem, 10000000);
	assert_int_equal(m->card.pin1.state, QK_SIM_PIN_DISABLED);
	assert_int_equal(m->sms.sm[0].pdu.size, 0);
	assert_int_equal(switch_slot(modem, 1, 1), 0);
	pass(modem, 10000000);
	assert_int_equal(m->card.pin1.state, QK_SIM_PIN_NOT_VERIFIED);
	assert_int_equal(m->sms.sm[0].pdu.size, sizeof(pdu));
}

static void an_empty_slot_can_be_used_and_has_no_card(void **state)
{
	struct modem *modem = *state;

	assert_int_equal(qk_sim_slots_set(model(modem), 2, false), 0);
	assert_int_equal(switch_slot(modem, 1, 2), 0);
	pass(modem, 10000000);
	assert_int_equal(model(modem)->card.state, QK_SIM_CARD_ABSENT);
	assert_int_equal(look(modem).physical_slot_status.items[SECOND].iccid.size, 0);
	assert_int_equal(look(modem).slot_eid.items[SECOND].eid.size, 0);
	assert_int_equal(qk_sim_slots_set(model(modem), 2, true), 0);
	pass(modem, 10000000);
	assert_int_equal(model(modem)->registration, QK_SIM_REGISTERED);
}

static void a_boot_keeps_the_slot(void **state)
{
	struct modem *modem = *state;

	assert_int_equal(switch_slot(modem, 1, 2), 0);
	assert_int_equal(qk_sim_state_set_mode(model(modem), QK_SIM_MODE_RESET), 0);
	pass(modem, 60000000);
	assert_int_equal(model(modem)->slots.active, 2);
	assert_int_equal(model(modem)->registration, QK_SIM_REGISTERED);
	assert_memory_equal(model(modem)->card.iccid, "8999902", 7);
}

static void wrong_slots_are_refused(void **state)
{
	struct modem *modem = *state;

	assert_int_equal(switch_slot(modem, 1, 1), QK_ERROR_NO_EFFECT);
	assert_int_equal(switch_slot(modem, 1, 0), QK_ERROR_INVALID_ARGUMENT);
	assert_int_equal(switch_slot(modem, 1, 3), QK_ERROR_INVALID_ARGUMENT);
	assert_int_equal(switch_slot(modem, 2, 2), QK_ERROR_INVALID_ARGUMENT);
	assert_int_equal(model(modem)->slots.active, 1);
	assert_int_equal(qk_sim_slots_set(model(modem), 3, true), -EINVAL);
	assert_int_equal(qk_sim_slots_set(model(modem), 0, true), -EINVAL);
}

static uint32_t watch(struct modem *modem, uint32_t mask)
{
	const struct qk_uim_register_events_request request = {
		.has_event_registration_mask = true,
		.event_registration_mask = mask,
	};
	struct qk_uim_register_events_response response;

	assert_int_equal(host_ask(modem->host, modem->uim, &qk_uim_register_events_method, &request,
				  &response),
			 0);
	assert_true(response.has_event_registration_mask);
	return response.event_registration_mask;
}

static void who_watches_slots_is_told_of_a_card_in_any(void **state)
{
	const uint32_t slots = QK_UIM_EVENT_REGISTRATION_FLAG_PHYSICAL_SLOT_STATUS;
	struct modem *modem = *state;
	struct qk_uim_slot_status_indication news;
	struct qk_frame frame;

	assert_int_equal(watch(modem, slots | QK_UIM_EVENT_REGISTRATION_FLAG_SAP_CONNECTION),
			 slots);
	assert_int_equal(qk_sim_slots_set(model(modem), 2, false), 0);
	qk_sim_notify(modem->host->sim);
	host_expect_indication(modem->host, modem->uim, &qk_uim_slot_status_message, &news);
	assert_int_equal(news.physical_slot_status.items[SECOND].physical_card_status,
			 QK_UIM_PHYSICAL_CARD_STATE_ABSENT);
	/* a PIN has nothing to do with slots */
	assert_int_equal(qk_sim_card_protect(model(modem), QK_SIM_PIN1, true, "1234"),
			 QK_SIM_SW_OK);
	qk_sim_notify(modem->host->sim);
	assert_false(host_next(modem->host, &frame));
	assert_int_equal(watch(modem, 0), 0);
	assert_int_equal(qk_sim_slots_set(model(modem), 2, true), 0);
	qk_sim_notify(modem->host->sim);
	assert_false(host_next(modem->host, &frame));
}

static void a_modem_with_one_slot_refuses(void **state)
{
	struct modem modem = { .host = host_new("ec25-eux", 1) };

	(void)state;
	modem.uim = host_allocate(modem.host, QK_SERVICE_ID_UIM);
	assert_int_equal(
		host_ask(modem.host, modem.uim, &qk_uim_get_slot_status_method, NULL, NULL),
		QK_ERROR_NOT_SUPPORTED);
	assert_int_equal(switch_slot(&modem, 1, 2), QK_ERROR_NOT_SUPPORTED);
	assert_int_equal(watch(&modem, QK_UIM_EVENT_REGISTRATION_FLAG_PHYSICAL_SLOT_STATUS |
					       QK_UIM_EVENT_REGISTRATION_FLAG_CARD_STATUS),
			 QK_UIM_EVENT_REGISTRATION_FLAG_CARD_STATUS);
	host_free(modem.host);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(status_has_both_cards_when_they_are_in),
		TEST(answer_to_reset_has_a_check_byte),
		TEST(switching_brings_the_other_card),
		TEST(what_was_written_to_a_card_stays_on_it),
		TEST(an_empty_slot_can_be_used_and_has_no_card),
		TEST(a_boot_keeps_the_slot),
		TEST(wrong_slots_are_refused),
		TEST(who_watches_slots_is_told_of_a_card_in_any),
		cmocka_unit_test(a_modem_with_one_slot_refuses),
	};

	return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
