/*
 * The radio of the virtual modem: which network it takes, being refused, lost and let in, scans, the clock.
 * The networks are the default profile's: home on LTE (0), UMTS (1) and GSM (2), 001/02 on LTE (3) and UMTS (4), the
 * forbidden 001/03 on LTE (5).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/3gpp/plmn.h"
#include "sim-model.h"

static const struct qk_sim_plmn second = { .mcc = 1, .mnc = 2, .mnc_digits = 2 };
static const struct qk_sim_plmn third = { .mcc = 1, .mnc = 3, .mnc_digits = 2 };
static const struct qk_sim_plmn nobody = { .mcc = 999, .mnc = 99, .mnc_digits = 2 };

static int setup(void **state)
{
	*state = model_new();
	return 0;
}

static int teardown(void **state)
{
	model_free(*state);
	return 0;
}

static void settle(struct model *model)
{
	model_pass(model, 30000000, NULL, NULL, NULL);
}

static void modem_is_at_home_on_lte_when_it_has_started(void **state)
{
	struct model *model = *state;

	assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
	assert_int_equal(model->state.cell.rat, QK_SIM_RAT_LTE);
	assert_int_equal(model->state.network.mnc, 1);
	assert_false(model->state.roaming);
	assert_true(qk_sim_radio_has_packet(&model->state));
	assert_true(qk_sim_radio_has_circuit(&model->state));
}

static void modem_takes_the_next_radio_interface_when_a_cell_is_lost(void **state)
{
	static const uint32_t rats[] = { QK_SIM_RAT_UMTS, QK_SIM_RAT_GSM };
	struct model *model = *state;

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(qk_sim_radio_hide(&model->state, i, true), 0);
		assert_int_equal(model->state.registration, QK_SIM_SEARCHING);
		settle(model);
		assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
		assert_int_equal(model->state.cell.rat, rats[i]);
		assert_false(model->state.roaming);
	}
	assert_int_equal(qk_sim_radio_hide(&model->state, 2, true), 0);
	settle(model);
	assert_true(model->state.roaming);
	assert_int_equal(model->state.network.mnc, 2);
	assert_int_equal(qk_sim_radio_hide(&model->state, 0, false), 0);
	settle(model);
	assert_false(model->state.roaming);
	assert_int_equal(model->state.cell.rat, QK_SIM_RAT_LTE);
	assert_int_equal(qk_sim_radio_hide(&model->state, 99, true), -ENOENT);
}

static void modem_searches_until_a_cell_is_back(void **state)
{
	struct model *model = *state;
	const struct qk_sim_cell none = { .rat = QK_SIM_RAT_NONE };
	struct qk_sim_cell cell = model->state.cell;

	qk_sim_state_set_signal(&model->state, &none);
	settle(model);
	assert_int_equal(model->state.registration, QK_SIM_SEARCHING);
	assert_false(qk_sim_state_has_signal(&model->state));
	cell.rsrp_dbm = -80;
	qk_sim_state_set_signal(&model->state, &cell);
	assert_true(qk_sim_radio_is_searching(&model->state));
	settle(model);
	assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
	assert_int_equal(model->state.cell.rsrp_dbm, -80);
}

static void mode_preference_moves_the_modem(void **state)
{
	struct model *model = *state;
	struct qk_sim_selection selection = model->state.radio.selection;

	selection.rats = QK_SIM_RAT_GSM;
	assert_int_equal(qk_sim_radio_select(&model->state, &selection, true), 0);
	assert_true(model->state.changed & QK_SIM_CHANGED_SELECTION);
	settle(model);
	assert_int_equal(model->state.cell.rat, QK_SIM_RAT_GSM);
	selection.rats = QK_SIM_RAT_GSM | QK_SIM_RAT_UMTS;
	selection.order[0] = QK_SIM_RAT_GSM;
	selection.order[1] = QK_SIM_RAT_UMTS;
	assert_int_equal(qk_sim_radio_select(&model->state, &selection, true), 0);
	assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
	selection.rats = 0;
	assert_int_equal(qk_sim_radio_select(&model->state, &selection, true), -EINVAL);
	assert_int_equal(model->state.radio.selection.rats, QK_SIM_RAT_GSM | QK_SIM_RAT_UMTS);
	qk_sim_state_reboot(&model->state, 1000000);
	model_pass(model, 60000000, NULL, NULL, NULL);
	assert_int_equal(model->state.cell.rat, QK_SIM_RAT_GSM);
}

static void band_preference_leaves_no_service_when_no_cell_is_in_it(void **state)
{
	struct model *model = *state;
	struct qk_sim_selection selection = model->state.radio.selection;

	selection.rats = QK_SIM_RAT_LTE;
	selection.lte_bands = 1; /* band 1 */
	assert_int_equal(qk_sim_radio_select(&model->state, &selection, false), 0);
	settle(model);
	assert_int_equal(model->state.registration, QK_SIM_SEARCHING);
	assert_false(qk_sim_state_has_signal(&model->state));
	/* what was not permanent is undone */
	qk_sim_state_reboot(&model->state, 1000000);
	model_pass(model, 60000000, NULL, NULL, NULL);
	assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
}

static void manual_choice_goes_abroad_and_back(void **state)
{
	struct model *model = *state;

	assert_int_equal(qk_sim_radio_choose(&model->state, &second, QK_SIM_RAT_UMTS, false), 0);
	assert_true(qk_sim_radio_is_searching(&model->state));
	settle(model);
	assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
	assert_int_equal(model->state.radio.serving, 4);
	assert_true(model->state.roaming);
	assert_int_equal(qk_sim_radio_choose(&model->state, &nobody, QK_SIM_RAT_NONE, false), 0);
	settle(model);
	assert_int_equal(model->state.registration, QK_SIM_SEARCHING);
	/* on a cell of somebody else's */
	assert_true(qk_sim_state_has_signal(&model->state));
	assert_int_equal(qk_sim_radio_choose(&model->state, NULL, QK_SIM_RAT_NONE, false), 0);
	settle(model);
	assert_false(model->state.roaming);
}

static void manual_choice_is_denied_when_the_network_is_forbidden(void **state)
{
	struct model *model = *state;
	uint32_t changed;

	assert_true(qk_sim_radio_is_forbidden(&model->state, &third));
	assert_int_equal(qk_sim_radio_choose(&model->state, &third, QK_SIM_RAT_NONE, false), 0);
	model_pass(model, 30000000, &changed, NULL, NULL);
	assert_true(changed & QK_SIM_CHANGED_REJECT);
	assert_int_equal(model->state.registration, QK_SIM_DENIED);
	assert_int_equal(model->state.radio.reject.cause, 11);
	assert_int_equal(model->state.radio.reject.plmn.mnc, 3);
	/* the network lets it in after all, and it is off the list */
	assert_int_equal(qk_sim_radio_refuse(&model->state, 5, 0), 0);
	settle(model);
	assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
	assert_false(qk_sim_radio_is_forbidden(&model->state, &third));
}

static void refusal_by_one_network_sends_the_modem_to_the_next(void **state)
{
	struct model *model = *state;

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(qk_sim_radio_refuse(&model->state, i, 15), 0);
	settle(model);
	assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
	assert_true(model->state.roaming);
	/* not allowed there: it goes on the card's list and stays off */
	for (size_t i = 3; i < 5; i++)
		assert_int_equal(qk_sim_radio_refuse(&model->state, i, 11), 0);
	settle(model);
	assert_true(qk_sim_radio_is_forbidden(&model->state, &second));
	assert_int_equal(model->state.registration, QK_SIM_DENIED);
}

static void refusal_of_the_card_lasts_until_the_card_is_reset(void **state)
{
	struct model *model = *state;

	assert_int_equal(qk_sim_radio_refuse(&model->state, QK_SIM_ALL_NETWORKS, 3), 0);
	assert_int_equal(model->state.registration, QK_SIM_DENIED);
	assert_true(model->state.radio.card_refused);
	for (size_t i = 0; i < model->state.radio.network_count; i++)
		model->state.radio.networks[i].cause = 0;
	qk_sim_radio_settle(&model->state, 1000000);
	settle(model);
	assert_int_equal(model->state.registration, QK_SIM_DENIED);
	qk_sim_card_set(&model->state, QK_SIM_CARD_ABSENT, 0);
	qk_sim_card_set(&model->state, QK_SIM_CARD_PRESENT, 0);
	settle(model);
	assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
}

static void count_refusals(struct model *model, uint32_t changed, void *userdata)
{
	unsigned int *count = userdata;

	(void)model;
	*count += (changed & QK_SIM_CHANGED_REJECT) != 0;
}

static void modem_tries_again_when_a_refusal_may_pass(void **state)
{
	struct model *model = *state;
	unsigned int count = 0;

	assert_int_equal(qk_sim_radio_refuse(&model->state, QK_SIM_ALL_NETWORKS, 22), 0);
	model_pass(model, 100000000, NULL, count_refusals, &count);
	/* at once, five times ten seconds apart, then much later */
	assert_int_equal(count, 6);
	assert_int_equal(model->state.registration, QK_SIM_DENIED);
	model_pass(model, 720000000, NULL, count_refusals, &count);
	assert_int_equal(count, 7);
	assert_int_equal(qk_sim_radio_refuse(&model->state, QK_SIM_ALL_NETWORKS, 0), 0);
	settle(model);
	assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
}

static void packet_service_comes_and_goes_as_the_host_says(void **state)
{
	struct model *model = *state;

	assert_int_equal(qk_sim_radio_attach(&model->state, false), 0);
	assert_false(qk_sim_radio_has_packet(&model->state));
	assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
	assert_int_equal(qk_sim_radio_attach(&model->state, true), 0);
	assert_true(qk_sim_radio_has_packet(&model->state));
	assert_int_equal(qk_sim_state_set_mode(&model->state, QK_SIM_MODE_LOW_POWER), 0);
	assert_int_equal(qk_sim_radio_attach(&model->state, false), 0);
	assert_int_equal(qk_sim_radio_attach(&model->state, true), -ENETDOWN);
}

static void scan_shows_what_can_be_heard(void **state)
{
	struct model *model = *state;
	struct qk_sim_found found[QK_SIM_NETWORKS_MAX];

	assert_int_equal(qk_sim_radio_scan(&model->state, QK_SIM_RAT_ALL, found, 12), 6);
	assert_true(found[0].serving && found[0].home && found[0].preferred);
	assert_false(found[0].forbidden);
	assert_true(found[5].forbidden);
	assert_false(found[5].home || found[5].serving);
	assert_int_equal(qk_sim_radio_scan(&model->state, QK_SIM_RAT_GSM, found, 12), 1);
	assert_int_equal(qk_sim_radio_scan(&model->state, QK_SIM_RAT_ALL, found, 2), 2);
	assert_int_equal(qk_sim_radio_hide(&model->state, 0, true), 0);
	assert_int_equal(qk_sim_radio_scan(&model->state, QK_SIM_RAT_ALL, found, 12), 5);
	assert_false(found[0].serving);
}

static void clock_is_told_after_registration_and_goes_on(void **state)
{
	struct model *model = *state;
	struct qk_sim_time time;
	uint32_t changed;

	assert_false(qk_sim_radio_time(&model->state, &time));
	model_pass(model, 5000000, &changed, NULL, NULL);
	assert_true(changed & QK_SIM_CHANGED_TIME);
	assert_true(qk_sim_radio_time(&model->state, &time));
	assert_int_equal(time.year, 2026);
	assert_int_equal(time.month, 1);
	assert_int_equal(time.second, 5);
	assert_int_equal(time.weekday, 3); /* a Thursday */
	assert_int_equal(time.zone_quarters, 4);
	qk_sim_radio_set_time(&model->state, 1709210096, -12, 1);
	assert_true(model->state.changed & QK_SIM_CHANGED_TIME);
	model_pass(model, 64000000, NULL, NULL, NULL);
	assert_true(qk_sim_radio_time(&model->state, &time));
	assert_int_equal(time.year, 2024);
	assert_int_equal(time.month, 2);
	assert_int_equal(time.day, 29);
	assert_int_equal(time.hour, 12);
	assert_int_equal(time.minute, 36);
	assert_int_equal(time.second, 0);
	assert_int_equal(time.zone_quarters, -12);
}

static void location_on_the_card_follows_the_registration(void **state)
{
	struct model *model = *state;
	const struct qk_sim_file *file = qk_sim_card_find_id(&model->state.card, 0x6f7e);
	struct qk_span bytes;
	struct qk_plmn plmn;

	assert_int_equal(qk_sim_radio_choose(&model->state, &second, QK_SIM_RAT_NONE, false), 0);
	settle(model);
	assert_int_equal(qk_sim_card_read(&model->state.card, file, 0, 0, &bytes), QK_SIM_SW_OK);
	assert_int_equal(qk_plmn_read(bytes.data + 4, &plmn), 0);
	assert_int_equal(plmn.mnc, 2);
	assert_int_equal(bytes.data[7] << 8 | bytes.data[8], model->state.cell.area);
	assert_int_equal(bytes.data[10], 0);
}

static void names_are_known_or_numbers(void **state)
{
	struct model *model = *state;
	char name[48];

	qk_sim_radio_name(&model->state, &second, false, name, sizeof(name));
	assert_string_equal(name, "Test PLMN 1-2");
	qk_sim_radio_name(&model->state, &second, true, name, sizeof(name));
	assert_string_equal(name, "Test 1-2");
	qk_sim_radio_name(&model->state, &nobody, false, name, sizeof(name));
	assert_string_equal(name, "99999");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(modem_is_at_home_on_lte_when_it_has_started),
		CASE(modem_takes_the_next_radio_interface_when_a_cell_is_lost),
		CASE(modem_searches_until_a_cell_is_back),
		CASE(mode_preference_moves_the_modem),
		CASE(band_preference_leaves_no_service_when_no_cell_is_in_it),
		CASE(manual_choice_goes_abroad_and_back),
		CASE(manual_choice_is_denied_when_the_network_is_forbidden),
		CASE(refusal_by_one_network_sends_the_modem_to_the_next),
		CASE(refusal_of_the_card_lasts_until_the_card_is_reset),
		CASE(modem_tries_again_when_a_refusal_may_pass),
		CASE(packet_service_comes_and_goes_as_the_host_says),
		CASE(scan_shows_what_can_be_heard),
		CASE(clock_is_told_after_registration_and_goes_on),
		CASE(location_on_the_card_follows_the_registration),
		CASE(names_are_known_or_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
