/*
 * PDP contexts and data calls of the model: addresses, what is refused and why, what ends a call,
 * autoconnect.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/profile.h"
#include "sim/state.h"

#define START_USEC 5000000

struct model {
	struct qk_sim_profile *profile;
	struct qk_sim_state state;
};

static int setup(void **state)
{
	struct model *model = calloc(1, sizeof(*model));
	char error[256] = "";

	assert_non_null(model);
	if (qk_sim_profile_load("ec25-eux", &model->profile, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	qk_sim_state_start(&model->state, model->profile, 1, START_USEC);
	*state = model;
	return 0;
}

static int teardown(void **state)
{
	struct model *model = *state;

	qk_sim_profile_free(model->profile);
	free(model);
	return 0;
}

static void wait_for(struct qk_sim_state *state, uint64_t usec)
{
	qk_sim_state_advance(state, state->now_usec + usec);
}

/* Starts a call and waits for the network. The call, up or ended; NULL and the reason when the modem
 * refuses. */
static struct qk_sim_bearer *call_by(struct qk_sim_state *state,
				     const struct qk_sim_bearer_request *request,
				     struct qk_sim_end_reason *ret_end)
{
	struct qk_sim_bearer *call = NULL;
	int r = qk_sim_bearer_start(state, request, &call, ret_end);

	if (r == -ECONNREFUSED)
		return NULL;
	assert_int_equal(r, 0);
	qk_sim_state_advance(state, call->due_usec);
	*ret_end = call->end;
	return call;
}

static struct qk_sim_bearer *call_to(struct qk_sim_state *state, uint8_t family, const char *apn)
{
	struct qk_sim_bearer_request request = { .family = family,
						 .apn = apn,
						 .holder = QK_SIM_HOLDER_AT };
	struct qk_sim_end_reason end;

	return call_by(state, &request, &end);
}

static void assert_end(const struct qk_sim_end_reason *end,
		       const struct qk_sim_end_reason *expected)
{
	assert_int_equal(end->call, expected->call);
	assert_int_equal(end->type, expected->type);
	assert_int_equal(end->reason, expected->reason);
}

static void assert_refused(struct qk_sim_state *state, uint8_t family, const char *apn,
			   uint8_t context, const struct qk_sim_end_reason *expected)
{
	struct qk_sim_bearer_request request = { .family = family, .apn = apn, .context = context };
	struct qk_sim_end_reason end = { 0 };
	struct qk_sim_bearer *call = call_by(state, &request, &end);

	assert_true(!call || call->state == QK_SIM_BEARER_ENDED);
	assert_end(&end, expected);
}

static void contexts_are_the_profiles_when_it_starts(void **state)
{
	struct model *model = *state;

	assert_string_equal(qk_sim_pdp_get(&model->state, 1)->apn, "");
	assert_int_equal(qk_sim_pdp_get(&model->state, 1)->type, QK_SIM_PDP_IPV4V6);
	assert_string_equal(qk_sim_pdp_get(&model->state, 2)->apn, "ims");
	assert_string_equal(qk_sim_pdp_get(&model->state, 3)->apn, "sos");
	assert_null(qk_sim_pdp_get(&model->state, 4));
	assert_null(qk_sim_pdp_get(&model->state, 0));
	assert_null(qk_sim_pdp_get(&model->state, QK_SIM_CONTEXTS_MAX + 1));
}

static void contexts_are_stored_up_to_the_last_place(void **state)
{
	struct model *model = *state;
	struct qk_sim_pdp_context context = { .type = QK_SIM_PDP_IPV4, .apn = "more" };

	for (int id = 4; id <= QK_SIM_CONTEXTS_MAX; id++)
		assert_int_equal(qk_sim_pdp_set(&model->state, &context), id);
	assert_int_equal(model->state.bearers.change.event, QK_SIM_CONTEXT_CREATED);
	assert_int_equal(qk_sim_pdp_set(&model->state, &context), -ENOSPC);
	context.id = QK_SIM_CONTEXTS_MAX + 1;
	assert_int_equal(qk_sim_pdp_set(&model->state, &context), -EINVAL);
	model->state.changed = 0;
	assert_int_equal(qk_sim_pdp_delete(&model->state, 7), 0);
	assert_int_equal(model->state.changed, QK_SIM_CHANGED_CONTEXTS);
	assert_int_equal(model->state.bearers.change.context, 7);
	assert_int_equal(model->state.bearers.change.event, QK_SIM_CONTEXT_DELETED);
	assert_int_equal(qk_sim_pdp_delete(&model->state, 7), -ENOENT);
	context.id = 0;
	assert_int_equal(qk_sim_pdp_set(&model->state, &context), 7);
	context.id = 7;
	assert_int_equal(qk_sim_pdp_set(&model->state, &context), 7);
	assert_int_equal(model->state.bearers.change.event, QK_SIM_CONTEXT_MODIFIED);
}

static void context_stays_when_it_is_needed(void **state)
{
	struct model *model = *state;

	assert_int_equal(qk_sim_pdp_delete(&model->state, 1), -EPERM);
	assert_int_equal(qk_sim_pdp_set_default(&model->state, 9), -ENOENT);
	assert_int_equal(qk_sim_pdp_set_default(&model->state, 3), 0);
	assert_int_equal(qk_sim_pdp_delete(&model->state, 1), 0);
	assert_int_equal(call_to(&model->state, 4, "ims")->context, 2);
	assert_int_equal(qk_sim_pdp_delete(&model->state, 2), -EBUSY);
	qk_sim_bearer_drop(&model->state, 2, &qk_sim_end_regular);
	assert_int_equal(qk_sim_pdp_delete(&model->state, 2), 0);
}

static void contexts_survive_a_reboot_and_calls_do_not(void **state)
{
	struct model *model = *state;
	struct qk_sim_pdp_context context = { .apn = "kept" };

	assert_int_equal(qk_sim_pdp_set(&model->state, &context), 4);
	assert_int_equal(call_to(&model->state, 4, "internet")->state, QK_SIM_BEARER_UP);
	qk_sim_state_reboot(&model->state, 1000000);
	assert_false(qk_sim_bearer_any_up(&model->state));
	for (unsigned int i = 0; i < 60; i++)
		wait_for(&model->state, 1000000);
	assert_true(qk_sim_state_is_registered(&model->state));
	assert_false(qk_sim_bearer_any_up(&model->state));
	assert_string_equal(qk_sim_pdp_get(&model->state, 4)->apn, "kept");
}

static void call_is_up_when_the_network_has_answered(void **state)
{
	struct model *model = *state;
	struct qk_sim_bearer_request request = { .family = 4 };
	struct qk_sim_end_reason end;
	struct qk_sim_bearer *call, *again;

	for (unsigned int i = 0; i < 50; i++) {
		assert_int_equal(qk_sim_bearer_start(&model->state, &request, &call, &end), 0);
		model->state.changed = 0;
		uint64_t took = call->due_usec - model->state.now_usec;
		assert_in_range(took, 75000, 130000);
		assert_true(qk_sim_bearers_next_usec(&model->state) == call->due_usec);
		assert_true(qk_sim_state_next_usec(&model->state) <= call->due_usec);
		qk_sim_state_advance(&model->state, call->due_usec - 1);
		assert_int_equal(call->state, QK_SIM_BEARER_STARTING);
		assert_null(qk_sim_bearer_of_mux(&model->state, 0, 4));
		model->state.changed = 0;
		qk_sim_state_advance(&model->state, call->due_usec);
		assert_int_equal(call->state, QK_SIM_BEARER_UP);
		assert_int_equal(model->state.changed, QK_SIM_CHANGED_DATA);
		assert_ptr_equal(qk_sim_bearer_of_mux(&model->state, 0, 4), call);
		assert_ptr_equal(qk_sim_bearer_find(&model->state, call->handle), call);
		assert_string_equal(call->apn, "internet");
		assert_int_equal(call->context, 1);
		assert_int_equal(call->mtu, 1500);
		assert_int_equal(qk_sim_bearer_start(&model->state, &request, &again, &end),
				 -EALREADY);
		assert_ptr_equal(again, call);
		qk_sim_bearer_stop(&model->state, call);
		assert_end(&call->end, &qk_sim_end_client);
		assert_null(qk_sim_bearer_of_mux(&model->state, 0, 4));
	}
}

static void call_comes_faster_when_time_is_scaled(void **state)
{
	struct model *model = *state;
	struct qk_sim_bearer_request request = { .family = 4 };
	struct qk_sim_end_reason end;
	struct qk_sim_bearer *call;

	model->state.time_scale_ppm = 10000;
	assert_int_equal(qk_sim_bearer_start(&model->state, &request, &call, &end), 0);
	assert_in_range(call->due_usec - model->state.now_usec, 750, 1300);
}

/* Host and gateway are neighbours among the addresses of hosts in one network. */
static void assert_neighbours(const struct qk_sim_bearer *call)
{
	uint32_t mask = UINT32_MAX << (32 - call->prefix_bits);
	uint32_t network = call->address4 & mask, broadcast = network | ~mask;

	assert_int_equal(call->gateway4 & mask, network);
	assert_in_range(call->address4, network + 1, broadcast - 1);
	assert_in_range(call->gateway4, network + 1, broadcast - 1);
	assert_true(call->address4 == call->gateway4 + 1 || call->address4 == call->gateway4 - 1);
	assert_int_equal(call->address4 >> 22, 0x64400000u >> 22); /* 100.64.0.0/10 */
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* F30: each time another address, and no two modems ever have one network. */
static void addresses_differ_between_modems_and_calls(void **state)
{
	enum { MODEMS = 120, CALLS = 12 };
	static uint32_t networks[MODEMS * CALLS];
	struct model *model = *state;

	for (unsigned int prefix = 27; prefix <= 30; prefix++) {
		size_t count = 0;
		model->profile->data.prefix_bits = (uint8_t)prefix;
		for (uint64_t seed = 1; seed <= MODEMS; seed++) {
			qk_sim_state_start(&model->state, model->profile, seed, START_USEC);
			for (unsigned int i = 0; i < CALLS; i++) {
				struct qk_sim_bearer *call = call_to(&model->state, 4, NULL);
				assert_int_equal(call->prefix_bits, prefix);
				assert_neighbours(call);
				networks[count++] = call->address4 >> (32 - prefix);
				qk_sim_bearer_stop(&model->state, call);
			}
		}
		qsort(networks, count, sizeof(networks[0]), compare);
		for (size_t i = 1; i < count; i++)
			assert_true(networks[i] != networks[i - 1]);
	}
}

static void addresses_of_ipv6_differ_likewise(void **state)
{
	struct model *model = *state;
	struct qk_sim_bearer first = *call_to(&model->state, 6, NULL);

	assert_int_equal(first.prefix_bits, 64);
	assert_memory_equal(first.address6, first.gateway6, 8);
	assert_memory_not_equal(first.address6 + 8, first.gateway6 + 8, 8);
	qk_sim_bearer_drop(&model->state, 0, &qk_sim_end_regular);
	assert_memory_not_equal(call_to(&model->state, 6, NULL)->address6, first.address6, 8);
	qk_sim_state_start(&model->state, model->profile, 2, START_USEC);
	assert_memory_not_equal(call_to(&model->state, 6, NULL)->address6, first.address6, 8);
}

static void same_seed_gives_the_same_calls(void **state)
{
	struct model *model = *state;
	struct qk_sim_bearers first;

	call_to(&model->state, 4, "internet");
	call_to(&model->state, 6, "internet");
	first = model->state.bearers;
	qk_sim_state_start(&model->state, model->profile, 1, START_USEC);
	call_to(&model->state, 4, "internet");
	call_to(&model->state, 6, "internet");
	assert_memory_equal(&model->state.bearers, &first, sizeof(first));
}

static void handles_look_like_pointers(void **state)
{
	struct model *model = *state;
	uint32_t first = call_to(&model->state, 4, NULL)->handle;
	uint32_t second = call_to(&model->state, 6, NULL)->handle;

	assert_int_equal(first & 0xfe00000f, 0x86000000);
	assert_int_not_equal(first, second);
}

static void modem_refuses_a_call_that_cannot_be(void **state)
{
	struct model *model = *state;
	struct qk_sim_pdp_context context = { .type = QK_SIM_PDP_IPV4, .apn = "internet" };
	struct qk_sim_bearer_request request = { .family = 5 };
	struct qk_sim_end_reason end;
	struct qk_sim_bearer *call;

	assert_int_equal(qk_sim_bearer_start(&model->state, &request, &call, &end), -EINVAL);
	request = (struct qk_sim_bearer_request){ .family = 4, .context = 9 };
	assert_int_equal(qk_sim_bearer_start(&model->state, &request, &call, &end), -EINVAL);
	assert_int_equal(qk_sim_pdp_set(&model->state, &context), 4);
	assert_refused(&model->state, 6, NULL, 4, &qk_sim_end_ipv6_disallowed);
	context = (struct qk_sim_pdp_context){ .id = 4, .type = QK_SIM_PDP_IPV6 };
	assert_int_equal(qk_sim_pdp_set(&model->state, &context), 4);
	assert_refused(&model->state, 4, NULL, 4, &qk_sim_end_ipv4_disallowed);
	context = (struct qk_sim_pdp_context){ .id = 4, .disabled = true };
	assert_int_equal(qk_sim_pdp_set(&model->state, &context), 4);
	assert_refused(&model->state, 4, NULL, 4, &qk_sim_end_apn_disabled);
	context = (struct qk_sim_pdp_context){ .id = 4, .roaming_disallowed = true };
	assert_int_equal(qk_sim_pdp_set(&model->state, &context), 4);
	model->state.roaming = true;
	assert_refused(&model->state, 4, NULL, 4, &qk_sim_end_roaming);
	model->state.roaming = false;
	model->state.registration = QK_SIM_SEARCHING;
	assert_refused(&model->state, 4, NULL, 0, &qk_sim_end_no_service);
	model->state.card.state = QK_SIM_CARD_ABSENT;
	assert_refused(&model->state, 4, NULL, 0, &qk_sim_end_card);
	model->state.power.mode = QK_SIM_MODE_LOW_POWER;
	assert_refused(&model->state, 4, NULL, 0, &qk_sim_end_radio_off);
}

static void network_refuses_by_its_apns(void **state)
{
	static const struct qk_sim_end_reason barred = { 1, 6, 8 }, unsubscribed = { 1, 6, 33 };
	struct model *model = *state;

	assert_refused(&model->state, 4, "no.such.INVALID", 0, &qk_sim_end_unknown_apn);
	assert_refused(&model->state, 6, "ipv4.test", 0, &qk_sim_end_ipv4_only);
	assert_refused(&model->state, 4, "ipv6.test", 0, &qk_sim_end_ipv6_only);
	assert_refused(&model->state, 4, "barred.test", 0, &barred);
	assert_refused(&model->state, 4, "unsubscribed.test", 0, &unsubscribed);
	assert_int_equal(call_to(&model->state, 4, "web.example.org")->state, QK_SIM_BEARER_UP);
	qk_sim_bearer_drop(&model->state, 0, &qk_sim_end_regular);
	model->profile->data.other_apns = false;
	assert_refused(&model->state, 4, "web.example.org", 0, &qk_sim_end_unknown_apn);
	assert_int_equal(call_to(&model->state, 4, "either.test")->state, QK_SIM_BEARER_UP);
	assert_refused(&model->state, 6, "either.test", 0, &qk_sim_end_single_address);
}

static void network_lets_in_who_knows_the_password(void **state)
{
	struct model *model = *state;
	struct qk_sim_login login = { .auth = QK_SIM_AUTH_CHAP, .user = "user", .password = "no" };
	struct qk_sim_bearer_request request = { .family = 4, .apn = "secure.test" };
	struct qk_sim_end_reason end;

	assert_refused(&model->state, 4, "secure.test", 0, &qk_sim_end_bad_login);
	request.login = &login;
	assert_int_equal(call_by(&model->state, &request, &end)->state, QK_SIM_BEARER_ENDED);
	assert_end(&end, &qk_sim_end_bad_login);
	memcpy(login.password, "password", sizeof("password"));
	login.auth = QK_SIM_AUTH_NONE;
	assert_int_equal(call_by(&model->state, &request, &end)->state, QK_SIM_BEARER_ENDED);
	login.auth = QK_SIM_AUTH_PAP;
	assert_int_equal(call_by(&model->state, &request, &end)->state, QK_SIM_BEARER_UP);
}

static void login_is_the_contexts_when_it_is_named(void **state)
{
	struct model *model = *state;
	struct qk_sim_pdp_context context = {
		.type = QK_SIM_PDP_IPV4V6,
		.apn = "secure.test",
		.login = { .auth = QK_SIM_AUTH_CHAP, .user = "user", .password = "password" },
	};
	struct qk_sim_bearer_request request = { .family = 4, .context = 4 };
	struct qk_sim_end_reason end;

	assert_int_equal(qk_sim_pdp_set(&model->state, &context), 4);
	struct qk_sim_bearer *call = call_by(&model->state, &request, &end);
	assert_int_equal(call->state, QK_SIM_BEARER_UP);
	assert_string_equal(call->apn, "secure.test");
	assert_ptr_equal(qk_sim_bearer_of_context(&model->state, 4, 4), call);
	assert_null(qk_sim_bearer_of_context(&model->state, 4, 6));
}

static void calls_of_one_mux_id_are_of_one_apn(void **state)
{
	struct model *model = *state;
	struct qk_sim_bearer_request request = { .family = 6, .mux_id = 2, .apn = "ims" };
	struct qk_sim_end_reason end;

	call_to(&model->state, 4, "internet");
	assert_refused(&model->state, 4, "ims", 0, &qk_sim_end_busy);
	assert_refused(&model->state, 6, "ims", 0, &qk_sim_end_busy);
	assert_int_equal(call_to(&model->state, 6, "internet")->state, QK_SIM_BEARER_UP);
	struct qk_sim_bearer *call = call_by(&model->state, &request, &end);
	assert_int_equal(call->state, QK_SIM_BEARER_UP);
	assert_ptr_equal(qk_sim_bearer_of_mux(&model->state, 2, 6), call);
	assert_null(qk_sim_bearer_of_mux(&model->state, 2, 4));
	assert_null(qk_sim_bearer_of_mux(&model->state, 3, 6));
}

static void calls_run_out_of_places(void **state)
{
	struct model *model = *state;
	struct qk_sim_bearer_request request = { .family = 4 };
	struct qk_sim_end_reason end;

	for (uint8_t i = 0; i < QK_SIM_BEARERS_MAX; i++) {
		request.mux_id = i;
		assert_int_equal(call_by(&model->state, &request, &end)->state, QK_SIM_BEARER_UP);
	}
	request.mux_id = QK_SIM_BEARERS_MAX;
	assert_null(call_by(&model->state, &request, &end));
	assert_end(&end, &qk_sim_end_no_slot4);
	request.family = 6;
	assert_null(call_by(&model->state, &request, &end));
	assert_end(&end, &qk_sim_end_no_slot6);
	uint32_t handle = qk_sim_bearer_of_mux(&model->state, 3, 4)->handle;
	qk_sim_bearer_stop(&model->state, qk_sim_bearer_find(&model->state, handle));
	assert_int_equal(qk_sim_bearer_find(&model->state, handle)->state, QK_SIM_BEARER_ENDED);
	assert_int_equal(call_by(&model->state, &request, &end)->state, QK_SIM_BEARER_UP);
	assert_null(qk_sim_bearer_find(&model->state, handle));
}

static void armed_failures_are_counted(void **state)
{
	struct model *model = *state;

	qk_sim_bearer_arm(&model->state, &qk_sim_end_no_service, 2);
	assert_refused(&model->state, 4, NULL, 0, &qk_sim_end_no_service);
	assert_refused(&model->state, 4, NULL, 0, &qk_sim_end_no_service);
	assert_int_equal(call_to(&model->state, 4, NULL)->state, QK_SIM_BEARER_UP);
}

/* F3. */
static void bad_card_state_is_cured_when_the_radio_was_off(void **state)
{
	struct model *model = *state;

	qk_sim_bearer_arm(&model->state, &qk_sim_end_card, UINT32_MAX);
	for (unsigned int i = 0; i < 3; i++)
		assert_refused(&model->state, 4, NULL, 0, &qk_sim_end_card);
	assert_int_equal(qk_sim_state_set_mode(&model->state, QK_SIM_MODE_LOW_POWER), 0);
	qk_sim_bearers_check(&model->state);
	assert_int_equal(qk_sim_state_set_mode(&model->state, QK_SIM_MODE_ONLINE), 0);
	for (unsigned int i = 0; i < 60; i++)
		wait_for(&model->state, 1000000);
	assert_int_equal(call_to(&model->state, 4, NULL)->state, QK_SIM_BEARER_UP);
}

static void call_ends_when_its_ground_goes(void **state)
{
	struct model *model = *state;
	struct qk_sim_bearer *call = call_to(&model->state, 4, NULL);

	call->counters.tx_bytes = 300;
	call->counters.rx_bytes = 200;
	model->state.registration = QK_SIM_SEARCHING;
	qk_sim_bearers_check(&model->state);
	assert_int_equal(call->state, QK_SIM_BEARER_ENDED);
	assert_end(&call->end, &qk_sim_end_no_service);
	assert_int_equal(model->state.bearers.last_tx_bytes, 300);
	assert_int_equal(model->state.bearers.last_rx_bytes, 200);
	model->state.registration = QK_SIM_REGISTERED;
	call = call_to(&model->state, 4, NULL);
	model->state.card.state = QK_SIM_CARD_ABSENT;
	qk_sim_bearers_check(&model->state);
	assert_end(&call->end, &qk_sim_end_card);
	model->state.card.state = QK_SIM_CARD_PRESENT;
	call = call_to(&model->state, 4, NULL);
	model->state.power.mode = QK_SIM_MODE_OFFLINE;
	qk_sim_bearers_check(&model->state);
	assert_end(&call->end, &qk_sim_end_radio_off);
}

static void call_fails_when_service_is_lost_while_it_starts(void **state)
{
	struct model *model = *state;
	struct qk_sim_bearer_request request = { .family = 4 };
	struct qk_sim_end_reason end;
	struct qk_sim_bearer *call;

	assert_int_equal(qk_sim_bearer_start(&model->state, &request, &call, &end), 0);
	model->state.registration = QK_SIM_SEARCHING;
	qk_sim_bearers_check(&model->state);
	assert_int_equal(call->state, QK_SIM_BEARER_ENDED);
	assert_end(&call->end, &qk_sim_end_no_service);
	wait_for(&model->state, 200000);
	assert_int_equal(call->state, QK_SIM_BEARER_ENDED);
}

static void network_drops_the_calls_of_one_context(void **state)
{
	struct model *model = *state;
	struct qk_sim_bearer_request request = { .family = 4, .mux_id = 1, .apn = "ims" };
	struct qk_sim_end_reason end;
	struct qk_sim_bearer *first = call_to(&model->state, 4, NULL);
	struct qk_sim_bearer *second = call_by(&model->state, &request, &end);

	assert_int_equal(second->context, 2);
	qk_sim_bearer_drop(&model->state, 2, &qk_sim_end_emm_detached);
	assert_int_equal(first->state, QK_SIM_BEARER_UP);
	assert_int_equal(second->state, QK_SIM_BEARER_ENDED);
	assert_end(&second->end, &qk_sim_end_emm_detached);
}

static void holder_takes_its_calls_along(void **state)
{
	struct model *model = *state;
	struct qk_sim_bearer_request request = { .family = 6, .holder = QK_SIM_HOLDER_QMI + 4 };
	struct qk_sim_end_reason end;
	struct qk_sim_bearer *at = call_to(&model->state, 4, NULL);
	struct qk_sim_bearer *qmi = call_by(&model->state, &request, &end);

	qk_sim_bearer_stop_of(&model->state, QK_SIM_HOLDER_QMI + 4);
	assert_int_equal(qmi->state, QK_SIM_BEARER_ENDED);
	assert_int_equal(at->state, QK_SIM_BEARER_UP);
}

static void renumbering_changes_what_is_up(void **state)
{
	struct model *model = *state;
	struct qk_sim_bearer *call = call_to(&model->state, 4, NULL);
	uint32_t address = call->address4, handle = call->handle;

	qk_sim_bearer_renumber(&model->state);
	assert_int_equal(call->handle, handle);
	assert_true(call->address4 != address);
	assert_neighbours(call);
}

static void autoconnect_starts_and_keeps_calls(void **state)
{
	struct model *model = *state;

	qk_sim_autoconnect_set(&model->state, QK_SIM_AUTOCONNECT_ON, false);
	assert_false(qk_sim_bearer_any_up(&model->state));
	for (unsigned int i = 0; i < 20; i++)
		wait_for(&model->state, 100000);
	struct qk_sim_bearer *call = qk_sim_bearer_of_mux(&model->state, 0, 4);
	assert_non_null(call);
	assert_non_null(qk_sim_bearer_of_mux(&model->state, 0, 6));
	assert_int_equal(call->holder, QK_SIM_HOLDER_MODEM);
	qk_sim_bearer_drop(&model->state, 0, &qk_sim_end_emm_detached);
	assert_false(qk_sim_bearer_any_up(&model->state));
	for (unsigned int i = 0; i < 20; i++)
		wait_for(&model->state, 100000);
	assert_non_null(qk_sim_bearer_of_mux(&model->state, 0, 4));
	qk_sim_autoconnect_set(&model->state, QK_SIM_AUTOCONNECT_OFF, false);
	qk_sim_bearer_drop(&model->state, 0, &qk_sim_end_emm_detached);
	for (unsigned int i = 0; i < 20; i++)
		wait_for(&model->state, 1000000);
	assert_false(qk_sim_bearer_any_up(&model->state));
}

static void autoconnect_tries_again_when_it_was_refused(void **state)
{
	struct model *model = *state;

	qk_sim_bearer_arm(&model->state, &qk_sim_end_regular, 2);
	qk_sim_autoconnect_set(&model->state, QK_SIM_AUTOCONNECT_ON, false);
	for (unsigned int i = 0; i < 50; i++)
		wait_for(&model->state, 100000);
	assert_false(qk_sim_bearer_any_up(&model->state));
	for (unsigned int i = 0; i < 100; i++)
		wait_for(&model->state, 100000);
	assert_true(qk_sim_bearer_any_up(&model->state));
}

static void autoconnect_waits_when_it_may_not_roam(void **state)
{
	struct model *model = *state;

	model->state.roaming = true;
	qk_sim_autoconnect_set(&model->state, QK_SIM_AUTOCONNECT_ON, true);
	for (unsigned int i = 0; i < 50; i++)
		wait_for(&model->state, 100000);
	assert_false(qk_sim_bearer_any_up(&model->state));
	model->state.roaming = false;
	qk_sim_bearers_check(&model->state);
	for (unsigned int i = 0; i < 50; i++)
		wait_for(&model->state, 100000);
	assert_true(qk_sim_bearer_any_up(&model->state));
}

static void profile_is_refused_when_its_contexts_contradict(void **state)
{
	struct model *model = *state;
	struct qk_sim_profile *profile;
	char error[256];
	static const struct {
		const char *from, *to, *error;
	} changes[] = {
		{ "\"id\":2,", "\"id\":1,", "contexts: has an id twice" },
		{ "\"default-context\":1,", "\"default-context\":9,", "is none of the contexts" },
		{ "\"start-min-usec\":75000", "\"start-min-usec\":975000", "must not be above" },
		{ "\"8.8.4.4\"", "\"8.8.4.400\"", "must be an address of IPv4" },
		{ "\"2001:4860:4860::8844\"", "\"8.8.4.4\"", "must be an address of IPv6" },
		{ "\"prefix\":29", "\"prefix\":31", "must be a number from 27 to 30" },
	};
	const struct qk_sim_builtin *builtin = NULL;

	(void)model;
	for (size_t i = 0; i < qk_sim_builtin_count; i++)
		if (strcmp(qk_sim_builtins[i].name, "everything") == 0)
			builtin = &qk_sim_builtins[i];
	assert_non_null(builtin);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const char *json = builtin->json;
		const char *at =
			memmem(json, builtin->size, changes[i].from, strlen(changes[i].from));
		char *text = NULL;
		assert_non_null(at);
		size_t head = (size_t)(at - json), tail = head + strlen(changes[i].from);
		assert_true(asprintf(&text, "%.*s%s%.*s", (int)head, json, changes[i].to,
				     (int)(builtin->size - tail), json + tail) > 0);
		assert_int_equal(qk_sim_profile_parse("test", text, strlen(text), &profile, error,
						      sizeof(error)),
				 -EINVAL);
		assert_non_null(strstr(error, changes[i].error));
		free(text);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(contexts_are_the_profiles_when_it_starts),
		CASE(contexts_are_stored_up_to_the_last_place),
		CASE(context_stays_when_it_is_needed),
		CASE(contexts_survive_a_reboot_and_calls_do_not),
		CASE(call_is_up_when_the_network_has_answered),
		CASE(call_comes_faster_when_time_is_scaled),
		CASE(addresses_differ_between_modems_and_calls),
		CASE(addresses_of_ipv6_differ_likewise),
		CASE(same_seed_gives_the_same_calls),
		CASE(handles_look_like_pointers),
		CASE(modem_refuses_a_call_that_cannot_be),
		CASE(network_refuses_by_its_apns),
		CASE(network_lets_in_who_knows_the_password),
		CASE(login_is_the_contexts_when_it_is_named),
		CASE(calls_of_one_mux_id_are_of_one_apn),
		CASE(calls_run_out_of_places),
		CASE(armed_failures_are_counted),
		CASE(bad_card_state_is_cured_when_the_radio_was_off),
		CASE(call_ends_when_its_ground_goes),
		CASE(call_fails_when_service_is_lost_while_it_starts),
		CASE(network_drops_the_calls_of_one_context),
		CASE(holder_takes_its_calls_along),
		CASE(renumbering_changes_what_is_up),
		CASE(autoconnect_starts_and_keeps_calls),
		CASE(autoconnect_tries_again_when_it_was_refused),
		CASE(autoconnect_waits_when_it_may_not_roam),
		CASE(profile_is_refused_when_its_contexts_contradict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
