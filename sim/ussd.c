/*
 * USSD: sessions with the network (see voice.h). What the network says comes from the profile's table.
 */
#include <errno.h>
#include <string.h>

#include "lib/3gpp/utf8.h"
#include "profile.h"
#include "state.h"
#include "voice.h"

/* How long the network waits for the user before it ends the session [C]. */
#define USER_USEC UINT64_C(60000000)
#define CHARACTERS_MAX 182 /* 3GPP TS 23.038 5: 160 octets of septets */

static void say(struct qk_sim_state *state, uint32_t action, uint32_t ticket, const char *text)
{
	struct qk_sim_ussd_event *event = &state->voice.ussd.event;

	*event = (struct qk_sim_ussd_event){ .action = action, .ticket = ticket };
	memcpy(event->text, text, strlen(text) + 1);
	state->changed |= QK_SIM_CHANGED_USSD;
}

static void rest(struct qk_sim_ussd *ussd)
{
	ussd->state = QK_SIM_USSD_IDLE;
	ussd->due_usec = QK_SIM_NEVER;
	ussd->menu[0] = 0;
	ussd->ticket = 0;
}

static void wait_for_user(struct qk_sim_state *state)
{
	state->voice.ussd.state = QK_SIM_USSD_USER;
	state->voice.ussd.due_usec = qk_sim_after(state, USER_USEC);
	state->voice.ussd.ticket = 0;
}

static bool is_text(const char *text)
{
	struct qk_span rest_of = { (const uint8_t *)text, strlen(text) };
	uint32_t character;
	size_t count = 0;

	if (!rest_of.size || rest_of.size >= QK_SIM_USSD_MAX)
		return false;
	while (rest_of.size && qk_utf8_next(&rest_of, &character))
		count++;
	return !rest_of.size && count <= CHARACTERS_MAX;
}

int qk_sim_ussd_send(struct qk_sim_state *state, const char *text, uint32_t *ret_ticket)
{
	struct qk_sim_ussd *ussd = &state->voice.ussd;

	if (!is_text(text))
		return -EINVAL;
	if (!qk_sim_radio_has_circuit(state))
		return -ENETDOWN;
	if (ussd->state == QK_SIM_USSD_NETWORK)
		return -EBUSY;
	ussd->state = QK_SIM_USSD_NETWORK;
	ussd->ticket = ++ussd->last_ticket;
	ussd->due_usec = qk_sim_after(state, state->profile->voice.ussd_usec);
	memcpy(ussd->input, text, strlen(text) + 1);
	*ret_ticket = ussd->ticket;
	return 0;
}

int qk_sim_ussd_cancel(struct qk_sim_state *state)
{
	struct qk_sim_ussd *ussd = &state->voice.ussd;
	uint32_t ticket = ussd->ticket;

	if (ussd->state == QK_SIM_USSD_IDLE)
		return -ENOENT;
	rest(ussd);
	/* who waits for the network's answer gets one */
	if (ticket)
		say(state, QK_SIM_USSD_ENDED, ticket, "");
	return 0;
}

int qk_sim_ussd_network(struct qk_sim_state *state, const char *text, bool more)
{
	if (!is_text(text))
		return -EINVAL;
	if (!qk_sim_radio_has_circuit(state))
		return -ENETDOWN;
	if (state->voice.ussd.state != QK_SIM_USSD_IDLE)
		return -EBUSY;
	rest(&state->voice.ussd);
	if (more)
		wait_for_user(state);
	say(state, more ? QK_SIM_USSD_MORE : QK_SIM_USSD_DONE, 0, text);
	return 0;
}

int qk_sim_ussd_network_release(struct qk_sim_state *state)
{
	uint32_t ticket = state->voice.ussd.ticket;

	if (state->voice.ussd.state == QK_SIM_USSD_IDLE)
		return -ENOENT;
	rest(&state->voice.ussd);
	say(state, QK_SIM_USSD_ENDED, ticket, "");
	return 0;
}

/* The row for this input in this menu; one for any input stands in for none. */
static const struct qk_sim_ussd_reply *look_up(const struct qk_sim_state *state)
{
	const struct qk_sim_ussd *ussd = &state->voice.ussd;
	const struct qk_sim_ussd_reply *any = NULL;

	for (size_t i = 0; i < state->profile->ussd_count; i++) {
		const struct qk_sim_ussd_reply *row = &state->profile->ussd[i];
		if (strcmp(row->menu, ussd->menu) != 0)
			continue;
		if (strcmp(row->input, ussd->input) == 0)
			return row;
		if (!row->input[0] && !any)
			any = row;
	}
	return any;
}

static void answer(struct qk_sim_state *state)
{
	struct qk_sim_ussd *ussd = &state->voice.ussd;
	const struct qk_sim_ussd_reply *row = look_up(state);
	uint32_t ticket = ussd->ticket;

	if (!qk_sim_radio_has_circuit(state) || !row) {
		rest(ussd);
		say(state, row ? QK_SIM_USSD_TIMEOUT : QK_SIM_USSD_UNSUPPORTED, ticket, "");
		return;
	}
	if (row->action == QK_SIM_USSD_MORE) {
		memcpy(ussd->menu, row->opens, sizeof(ussd->menu));
		wait_for_user(state);
	} else {
		rest(ussd);
	}
	say(state, row->action, ticket, row->reply);
}

uint64_t qk_sim_ussd_next_usec(const struct qk_sim_state *state)
{
	return state->voice.ussd.state == QK_SIM_USSD_IDLE ? QK_SIM_NEVER
							   : state->voice.ussd.due_usec;
}

void qk_sim_ussd_advance(struct qk_sim_state *state)
{
	struct qk_sim_ussd *ussd = &state->voice.ussd;

	if (ussd->state == QK_SIM_USSD_IDLE || ussd->due_usec > state->now_usec)
		return;
	if (ussd->state == QK_SIM_USSD_NETWORK)
		answer(state);
	else
		(void)qk_sim_ussd_network_release(state);
}
