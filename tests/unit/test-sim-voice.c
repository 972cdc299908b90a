/*
 * Calls and USSD in the model: what the host does, what the other side does, what time does.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim-model.h"

#define SEC 1000000u

/* The states of call 1 that were told, in order. */
struct states {
	uint32_t list[32], end;
	size_t count;
};

static void note(struct model *model, uint32_t changed, void *userdata)
{
	struct states *states = userdata;
	const struct qk_sim_call_info *call = &model->state.voice.calls[0];

	if (!(changed & QK_SIM_CHANGED_CALLS) || states->count == 32)
		return;
	states->list[states->count++] = call->state;
	if (call->state == QK_SIM_CALL_ENDED)
		states->end = call->end;
}

static struct states pass(struct model *model, uint64_t usec)
{
	struct states states = { .count = 0 };

	model_pass(model, usec, NULL, note, &states);
	return states;
}

static uint8_t dial(struct model *model, const char *number)
{
	uint8_t id;

	assert_int_equal(qk_sim_voice_dial(&model->state, number, &id), 0);
	return id;
}

static uint8_t incoming(struct model *model, const char *number)
{
	uint8_t id;

	assert_int_equal(qk_sim_voice_incoming(&model->state, number, 0, &id), 0);
	return id;
}

static uint32_t state_of(const struct model *model, uint8_t id)
{
	const struct qk_sim_call_info *call = qk_sim_voice_call(&model->state, id);

	return call ? call->state : QK_SIM_CALL_NONE;
}

static void call_rings_and_is_answered_when_it_is_dialled(void **unused)
{
	static const uint32_t want[] = { QK_SIM_CALL_DIALING, QK_SIM_CALL_ALERTING,
					 QK_SIM_CALL_ACTIVE };
	struct model *model = model_new();

	(void)unused;
	assert_int_equal(dial(model, "+999705550"), 1);
	struct states states = pass(model, 60 * SEC);
	assert_int_equal(states.count, 3);
	assert_memory_equal(states.list, want, sizeof(want));
	assert_int_equal(qk_sim_voice_dtmf(&model->state, 0, "12#"), 0);
	assert_int_equal(qk_sim_voice_dtmf(&model->state, 0, "x"), -EINVAL);
	assert_string_equal(qk_sim_voice_call(&model->state, 1)->dtmf, "12#");
	assert_int_equal(qk_sim_voice_hang_up(&model->state, 1), 0);
	states = pass(model, SEC);
	assert_int_equal(states.count, 2);
	assert_int_equal(states.list[0], QK_SIM_CALL_DISCONNECTING);
	assert_int_equal(states.list[1], QK_SIM_CALL_ENDED);
	assert_int_equal(states.end, QK_SIM_CALL_END_LOCAL);
	assert_int_equal(state_of(model, 1), QK_SIM_CALL_NONE);
	model_free(model);
}

static void other_side_acts_by_the_number(void **unused)
{
	static const struct {
		const char *number;
		uint32_t end;
	} rows[] = {
		{ "+999715", QK_SIM_CALL_END_BUSY },
		{ "99972", QK_SIM_CALL_END_REJECTED },
		{ "999730", QK_SIM_CALL_END_NO_ANSWER },
		{ "99974", QK_SIM_CALL_END_UNASSIGNED },
	};
	struct model *model = model_new();

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		dial(model, rows[i].number);
		struct states states = pass(model, 120 * SEC);
		assert_int_equal(states.list[states.count - 1], QK_SIM_CALL_ENDED);
		assert_int_equal(states.end, rows[i].end);
		assert_int_equal(state_of(model, 1), QK_SIM_CALL_NONE);
	}
	model_free(model);
}

static void incoming_call_ends_when_nobody_answers(void **unused)
{
	struct model *model = model_new();

	(void)unused;
	assert_int_equal(incoming(model, "+123"), 1);
	assert_int_equal(state_of(model, 1), QK_SIM_CALL_INCOMING);
	struct states states = pass(model, 60 * SEC);
	assert_int_equal(states.count, 2);
	assert_int_equal(states.end, QK_SIM_CALL_END_NO_ANSWER);
	model_free(model);
}

static void second_call_waits_and_the_first_is_held_when_it_is_answered(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;
	uint8_t id;

	(void)unused;
	incoming(model, "1");
	assert_int_equal(qk_sim_voice_answer(state, 0), 0);
	assert_int_equal(incoming(model, "2"), 2);
	assert_int_equal(state_of(model, 2), QK_SIM_CALL_WAITING);
	assert_int_equal(qk_sim_voice_incoming(state, "3", 0, &id), -EBUSY);
	assert_int_equal(qk_sim_voice_manage(state, QK_SIM_CALLS_HOLD_ACTIVE_ACCEPT, 0), 0);
	assert_int_equal(state_of(model, 1), QK_SIM_CALL_HELD);
	assert_int_equal(state_of(model, 2), QK_SIM_CALL_ACTIVE);
	assert_int_equal(qk_sim_voice_manage(state, QK_SIM_CALLS_HOLD_ACTIVE_ACCEPT, 0), 0);
	assert_int_equal(state_of(model, 1), QK_SIM_CALL_ACTIVE);
	assert_int_equal(qk_sim_voice_manage(state, QK_SIM_CALLS_CONFERENCE, 0), 0);
	assert_int_equal(state_of(model, 2), QK_SIM_CALL_ACTIVE);
	assert_true(qk_sim_voice_call(state, 1)->multiparty);
	assert_int_equal(qk_sim_voice_manage(state, QK_SIM_CALLS_HOLD_ALL_BUT, 2), 0);
	assert_int_equal(state_of(model, 1), QK_SIM_CALL_HELD);
	assert_int_equal(qk_sim_voice_manage(state, QK_SIM_CALLS_RELEASE_ACTIVE_ACCEPT, 0), 0);
	assert_int_equal(state_of(model, 1), QK_SIM_CALL_ACTIVE);
	pass(model, SEC);
	assert_int_equal(state_of(model, 2), QK_SIM_CALL_NONE);
	assert_int_equal(qk_sim_voice_manage(state, QK_SIM_CALLS_END_ALL, 0), 0);
	pass(model, SEC);
	assert_int_equal(qk_sim_voice_manage(state, QK_SIM_CALLS_END_ALL, 0), -ENOENT);
	assert_int_equal(qk_sim_voice_manage(state, 0, 0), -EINVAL);
	assert_int_equal(qk_sim_voice_manage(state, 99, 0), -EINVAL);
	assert_int_equal(qk_sim_voice_manage(state, 7, 0), -EOPNOTSUPP);
	model_free(model);
}

static void remote_acts_at_once_when_it_is_told(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;
	uint8_t id = dial(model, "1");

	(void)unused;
	assert_int_equal(qk_sim_voice_remote(state, 5, QK_SIM_REMOTE_ANSWER), -ENOENT);
	assert_int_equal(qk_sim_voice_remote(state, id, 99), -EINVAL);
	assert_int_equal(qk_sim_voice_remote(state, id, QK_SIM_REMOTE_RING), 0);
	assert_int_equal(state_of(model, id), QK_SIM_CALL_ALERTING);
	assert_int_equal(qk_sim_voice_remote(state, id, QK_SIM_REMOTE_ANSWER), 0);
	assert_int_equal(state_of(model, id), QK_SIM_CALL_ACTIVE);
	assert_int_equal(qk_sim_voice_remote(state, id, QK_SIM_REMOTE_BUSY), -EINVAL);
	assert_int_equal(qk_sim_voice_remote(state, id, QK_SIM_REMOTE_HANG_UP), 0);
	assert_int_equal(pass(model, SEC).end, QK_SIM_CALL_END_NORMAL);
	model_free(model);
}

static void calls_end_when_the_network_is_lost(void **unused)
{
	struct model *model = model_new();
	uint8_t id;

	(void)unused;
	incoming(model, "1");
	assert_int_equal(qk_sim_voice_answer(&model->state, 1), 0);
	qk_sim_state_set_mode(&model->state, QK_SIM_MODE_LOW_POWER);
	assert_int_equal(pass(model, SEC).end, QK_SIM_CALL_END_NO_SERVICE);
	assert_int_equal(qk_sim_voice_dial(&model->state, "1", &id), -ENETDOWN);
	assert_int_equal(qk_sim_voice_dial(&model->state, "112", &id), -ENETDOWN);
	assert_int_equal(qk_sim_voice_incoming(&model->state, "1", 0, &id), -ENETDOWN);
	assert_int_equal(qk_sim_voice_dial(&model->state, "abc", &id), -EINVAL);
	model_free(model);
}

static void nothing_goes_when_the_modem_is_there_for_packets_alone(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_selection selection = model->state.radio.selection;
	uint8_t id;
	uint32_t ticket;

	(void)unused;
	selection.domain = QK_SIM_DOMAIN_PS;
	assert_int_equal(qk_sim_radio_select(&model->state, &selection, false), 0);
	pass(model, 60 * SEC);
	assert_true(qk_sim_state_is_registered(&model->state));
	assert_int_equal(qk_sim_voice_dial(&model->state, "1", &id), -ENETDOWN);
	assert_int_equal(qk_sim_ussd_send(&model->state, "*100#", &ticket), -ENETDOWN);
	assert_int_equal(qk_sim_voice_dial(&model->state, "112", &id), 0);
	model_free(model);
}

/* --- USSD */

static struct qk_sim_ussd_event ussd(struct model *model, const char *text)
{
	uint32_t ticket, changed;

	assert_int_equal(qk_sim_ussd_send(&model->state, text, &ticket), 0);
	assert_int_equal(qk_sim_ussd_send(&model->state, text, &ticket), -EBUSY);
	model_pass(model, 2 * SEC, &changed, NULL, NULL);
	assert_true(changed & QK_SIM_CHANGED_USSD);
	assert_int_equal(model->state.voice.ussd.event.ticket, model->state.voice.ussd.last_ticket);
	return model->state.voice.ussd.event;
}

static void code_is_answered_and_menus_are_walked(void **unused)
{
	struct model *model = model_new();

	(void)unused;
	assert_int_equal(ussd(model, "*100#").action, QK_SIM_USSD_DONE);
	assert_int_equal(ussd(model, "*101#").action, QK_SIM_USSD_MORE);
	assert_int_equal(ussd(model, "2").action, QK_SIM_USSD_MORE);
	struct qk_sim_ussd_event event = ussd(model, "1");
	assert_int_equal(event.action, QK_SIM_USSD_DONE);
	assert_string_equal(event.text, "You used 120 MB.");
	/* the session is over: the same answer is a code again, and nobody knows it */
	assert_int_equal(ussd(model, "1").action, QK_SIM_USSD_UNSUPPORTED);
	assert_int_equal(ussd(model, "*103#").action, QK_SIM_USSD_TIMEOUT);
	assert_int_equal(qk_sim_ussd_cancel(&model->state), -ENOENT);
	model_free(model);
}

static void session_ends_when_either_side_ends_it(void **unused)
{
	struct model *model = model_new();
	struct qk_sim_state *state = &model->state;
	uint32_t ticket, changed;

	(void)unused;
	assert_int_equal(ussd(model, "*101#").action, QK_SIM_USSD_MORE);
	assert_int_equal(qk_sim_ussd_network(state, "now", false), -EBUSY);
	assert_int_equal(qk_sim_ussd_cancel(state), 0);
	assert_int_equal(qk_sim_ussd_network(state, "now", true), 0);
	assert_int_equal(state->voice.ussd.event.action, QK_SIM_USSD_MORE);
	assert_int_equal(state->voice.ussd.event.ticket, 0);
	/* the network does not wait for ever */
	model_pass(model, 100 * SEC, &changed, NULL, NULL);
	assert_int_equal(state->voice.ussd.event.action, QK_SIM_USSD_ENDED);
	assert_int_equal(qk_sim_ussd_network_release(state), -ENOENT);
	/* who waits for an answer is told when the user cancels */
	assert_int_equal(qk_sim_ussd_send(state, "*100#", &ticket), 0);
	assert_int_equal(qk_sim_ussd_cancel(state), 0);
	assert_int_equal(state->voice.ussd.event.ticket, ticket);
	assert_int_equal(state->voice.ussd.event.action, QK_SIM_USSD_ENDED);
	qk_sim_state_set_mode(state, QK_SIM_MODE_LOW_POWER);
	assert_int_equal(qk_sim_ussd_send(state, "*100#", &ticket), -ENETDOWN);
	assert_int_equal(qk_sim_ussd_send(state, "", &ticket), -EINVAL);
	assert_int_equal(qk_sim_ussd_send(state, "\xff", &ticket), -EINVAL);
	model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_rings_and_is_answered_when_it_is_dialled),
		cmocka_unit_test(other_side_acts_by_the_number),
		cmocka_unit_test(incoming_call_ends_when_nobody_answers),
		cmocka_unit_test(second_call_waits_and_the_first_is_held_when_it_is_answered),
		cmocka_unit_test(remote_acts_at_once_when_it_is_told),
		cmocka_unit_test(calls_end_when_the_network_is_lost),
		cmocka_unit_test(nothing_goes_when_the_modem_is_there_for_packets_alone),
		cmocka_unit_test(code_is_answered_and_menus_are_walked),
		cmocka_unit_test(session_ends_when_either_side_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
