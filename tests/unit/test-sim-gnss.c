/*
 * Position in the model: the engine, the way along the route, the sentences; and the list of configurations.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim-model.h"

#define SEC 1000000u

static const char empty[] = "$GPVTG,,T,,M,,N,,K,N*2C\r\n"
			    "$GPGSA,A,1,,,,,,,,,,,,,,,,*32\r\n"
			    "$GPGGA,,,,,,0,,,,,,,,*66\r\n"
			    "$GPRMC,,V,,,,,,,,,,N,V*29\r\n";

static size_t sentences(struct model *model, uint32_t types, char *buffer)
{
	return qk_sim_gnss_nmea(&model->state, types, buffer, QK_SIM_GNSS_NMEA_MAX);
}

static void sentences_are_those_of_the_modem_when_there_is_no_fix(void **unused)
{
	struct model *model = model_new();
	char text[QK_SIM_GNSS_NMEA_MAX];

	(void)unused;
	assert_int_equal(sentences(model, QK_SIM_NMEA_ALL, text), 0);
	qk_sim_gnss_set_sky(&model->state, false);
	assert_int_equal(qk_sim_gnss_on(&model->state, QK_SIM_GNSS_AT), 0);
	assert_int_equal(sentences(model, QK_SIM_NMEA_ALL, text), strlen(empty));
	assert_string_equal(text, empty);
	model_free(model);
}

static void engine_ticks_and_finds_its_place_when_it_is_on(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;
	uint32_t changed;

	(void)unused;
	model_pass(model, 10 * SEC, &changed, NULL, NULL);
	assert_false(changed & (QK_SIM_CHANGED_NMEA | QK_SIM_CHANGED_POSITION));
	assert_int_equal(qk_sim_gnss_off(state, QK_SIM_GNSS_AT), -ENOENT);
	assert_int_equal(qk_sim_gnss_on(state, QK_SIM_GNSS_AT), 0);
	assert_int_equal(qk_sim_gnss_on(state, QK_SIM_GNSS_AT), -EALREADY);
	assert_int_equal(qk_sim_gnss_on(state, QK_SIM_GNSS_LOC), 0);
	model_pass(model, model->profile->gnss.first_fix_usec - 1, &changed, NULL, NULL);
	assert_true(changed & QK_SIM_CHANGED_NMEA);
	assert_false(qk_sim_gnss_fix(state).valid);
	model_pass(model, 3 * SEC, &changed, NULL, NULL);
	assert_true(qk_sim_gnss_fix(state).valid);
	assert_true(changed & QK_SIM_CHANGED_POSITION);
	assert_int_equal(state->gnss.fix_count, 3);
	/* it stays on until nobody wants it */
	assert_int_equal(qk_sim_gnss_off(state, QK_SIM_GNSS_AT), 0);
	assert_true(qk_sim_gnss_fix(state).valid);
	assert_int_equal(qk_sim_gnss_off(state, QK_SIM_GNSS_LOC), 0);
	assert_false(qk_sim_gnss_fix(state).valid);
	/* the second fix comes sooner, unless it forgot the sky */
	qk_sim_gnss_on(state, QK_SIM_GNSS_AT);
	model_pass(model, SEC, NULL, NULL, NULL);
	assert_true(qk_sim_gnss_fix(state).valid);
	qk_sim_gnss_forget(state);
	assert_false(qk_sim_gnss_fix(state).valid);
	qk_sim_gnss_set_sky(state, false);
	model_pass(model, 100 * SEC, NULL, NULL, NULL);
	assert_false(qk_sim_gnss_fix(state).valid);
	qk_sim_state_reboot(state, 0);
	assert_int_equal(state->gnss.users, 0);
	model_free(model);
}

/* Metres between two places that are near each other. */
static double distance(struct qk_sim_point a, struct qk_sim_point b)
{
	double north = (a.latitude - b.latitude) / 1e7 * 111194.9;
	double east =
		(a.longitude - b.longitude) / 1e7 * 111194.9 * cos(a.latitude / 1e7 * M_PI / 180);

	return sqrt(north * north + east * east);
}

static void place_moves_at_its_speed_when_there_is_a_route(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;
	struct qk_sim_route route = { .points = { { 525000000, 1799990000 },
						  { 525000000, -1799990000 } },
				      .count = 2,
				      .speed_mm_s = 10000 };

	(void)unused;
	qk_sim_gnss_on(state, QK_SIM_GNSS_AT);
	model_pass(model, 30 * SEC, NULL, NULL, NULL);
	struct qk_sim_fix before = qk_sim_gnss_fix(state);
	model_pass(model, 10 * SEC, NULL, NULL, NULL);
	struct qk_sim_fix after = qk_sim_gnss_fix(state);
	assert_true(fabs(distance(before.point, after.point) - 100) < 1);
	assert_int_equal(after.speed_mm_s, 10000);
	/* over the date line, the short way */
	assert_int_equal(qk_sim_gnss_set_route(state, &route), 0);
	model_pass(model, SEC, NULL, NULL, NULL);
	assert_int_equal(qk_sim_gnss_fix(state).course_deg_tenth, 900);
	model_pass(model, 8 * SEC, NULL, NULL, NULL);
	assert_true(qk_sim_gnss_fix(state).point.longitude < 0);
	route.count = 0;
	assert_int_equal(qk_sim_gnss_set_route(state, &route), -EINVAL);
	route.count = 1;
	route.points[0].latitude = 900000001;
	assert_int_equal(qk_sim_gnss_set_route(state, &route), -EINVAL);
	model_free(model);
}

/* Each sentence begins with '$', ends with the right sum and CR LF. */
static size_t check_sums(const char *text)
{
	size_t count = 0;

	for (const char *at = text; *at; count++) {
		const char *star = strchr(at, '*');
		unsigned int sum = 0, told;
		assert_true(*at == '$' && star && !strncmp(star + 3, "\r\n", 2));
		for (const char *c = at + 1; c < star; c++)
			sum ^= (unsigned char)*c;
		assert_int_equal(sscanf(star + 1, "%2X", &told), 1);
		assert_int_equal(told, sum);
		at = star + 5;
	}
	return count;
}

static void sentences_tell_the_place_when_there_is_a_fix(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;
	const struct qk_sim_route route = { .points = { { -229848600, -433591600 } },
					    .count = 1,
					    .altitude_dm = -25 };
	char text[QK_SIM_GNSS_NMEA_MAX];

	(void)unused;
	qk_sim_gnss_set_route(state, &route);
	qk_sim_gnss_on(state, QK_SIM_GNSS_AT);
	model_pass(model, 40 * SEC, NULL, NULL, NULL);
	assert_true(sentences(model, QK_SIM_NMEA_ALL, text) > 0);
	assert_int_equal(check_sums(text), 4 + 3);
	assert_non_null(strstr(text, ",2259.0916,S,04321.5496,W,1,09,0.9,-2.5,M,46.5,M,,*"));
	assert_non_null(strstr(text, "$GPVTG,0.0,T,,M,0.0,N,0.0,K,A*"));
	assert_non_null(strstr(text, "$GPGSV,3,1,11,"));
	sentences(model, QK_SIM_NMEA_RMC, text);
	assert_int_equal(check_sums(text), 1);
	/* the clock of the profile's world */
	assert_memory_equal(text, "$GPRMC,000040.00,A,2259.0916,S,04321.5496,W,0.0,0.0,010126,",
			    58);
	model_free(model);
}

static void satellites_are_the_same_when_the_seed_is(void **unused)
{
	struct model *models[2] = { model_new(), model_new() };
	struct qk_sim_satellite satellites[2][QK_SIM_GNSS_SATELLITES_MAX] = { 0 };
	size_t count[2];

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		qk_sim_gnss_on(&models[i]->state, QK_SIM_GNSS_AT);
		model_pass(models[i], 30 * SEC, NULL, NULL, NULL);
		count[i] = qk_sim_gnss_satellites(&models[i]->state, satellites[i]);
	}
	assert_true(count[0] >= 4);
	assert_int_equal(count[0], count[1]);
	for (size_t i = 0; i < count[0]; i++) {
		assert_int_equal(satellites[0][i].id, satellites[1][i].id);
		assert_int_equal(satellites[0][i].snr_db, satellites[1][i].snr_db);
		assert_true(satellites[0][i].id >= 1 && satellites[0][i].id <= 32);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(satellites[0][i].id, satellites[0][k].id);
	}
	model_free(models[0]);
	model_free(models[1]);
}

/* --- configurations */

static void configuration_is_active_after_activation_or_a_reboot(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_mbn *mbn = &model->state.mbn;

	(void)unused;
	assert_string_equal(mbn->configs[mbn->active].name, "ROW_Generic_3GPP");
	assert_int_equal(qk_sim_mbn_select(mbn, 1), 0);
	assert_int_equal(mbn->active, 0);
	assert_int_equal(qk_sim_mbn_delete(mbn, 1), -EBUSY);
	assert_int_equal(qk_sim_mbn_activate(mbn), 0);
	assert_int_equal(mbn->active, 1);
	assert_int_equal(qk_sim_mbn_select(mbn, 2), 0);
	qk_sim_state_reboot(&model->state, 0);
	assert_int_equal(mbn->active, 2);
	assert_int_equal(qk_sim_mbn_deactivate(mbn), 0);
	assert_int_equal(qk_sim_mbn_deactivate(mbn), -ENOENT);
	assert_int_equal(qk_sim_mbn_activate(mbn), -ENOENT);
	assert_int_equal(qk_sim_mbn_delete(mbn, 2), 0);
	assert_int_equal(qk_sim_mbn_delete(mbn, 2), -ENOENT);
	assert_int_equal(qk_sim_mbn_select(mbn, 2), -ENOENT);
	model_free(model);
}

static void configuration_is_there_when_all_chunks_came(void **unused)
{
	const struct qk_sim_mbn_id id = { 20, { 1, 2, 3 } }, other = { 20, { 9 } };
	struct model *model = model_new();
	struct qk_sim_mbn *mbn = &model->state.mbn;
	bool again = true;

	(void)unused;
	assert_int_equal(qk_sim_mbn_take_chunk(mbn, &id, 100, 60, &again), 0);
	assert_false(again);
	assert_int_equal(qk_sim_mbn_take_chunk(mbn, &other, 100, 60, &again), 0);
	assert_true(again);
	assert_int_equal(qk_sim_mbn_take_chunk(mbn, &other, 100, 60, &again), -EINVAL);
	assert_int_equal(qk_sim_mbn_find(mbn, other.data, 20), QK_SIM_MBN_NONE);
	assert_int_equal(qk_sim_mbn_take_chunk(mbn, &other, 100, 40, &again), 0);
	assert_int_not_equal(qk_sim_mbn_find(mbn, other.data, 20), QK_SIM_MBN_NONE);
	assert_int_equal(qk_sim_mbn_take_chunk(mbn, &other, 100, 40, &again), -EEXIST);
	assert_int_equal(qk_sim_mbn_take_chunk(mbn, &id, QK_SIM_MBN_SIZE_MAX + 1, 1, &again),
			 -EFBIG);
	assert_int_equal(qk_sim_mbn_take_chunk(mbn, &id, 0, 1, &again), -EINVAL);
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_are_those_of_the_modem_when_there_is_no_fix),
		cmocka_unit_test(engine_ticks_and_finds_its_place_when_it_is_on),
		cmocka_unit_test(place_moves_at_its_speed_when_there_is_a_route),
		cmocka_unit_test(sentences_tell_the_place_when_there_is_a_fix),
		cmocka_unit_test(satellites_are_the_same_when_the_seed_is),
		cmocka_unit_test(configuration_is_active_after_activation_or_a_reboot),
		cmocka_unit_test(configuration_is_there_when_all_chunks_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
