/*
 * Voice: what calls do (see voice.h). USSD is in ussd.c.
 *
 * A lost network ends all calls but emergency ones [C]. How the other side acts comes from the profile by the
 * number that was dialled.
 */
#include "voice.h"

#include <errno.h>
#include <string.h>

#include "profile.h"
#include "state.h"

/* From hanging up until the network has released the call [C]. */
#define RELEASE_USEC 100000

static void told(struct qk_sim_state *state)
{
	state->changed |= QK_SIM_CHANGED_CALLS;
}

static bool is_ringing(const struct qk_sim_call_info *call)
{
	return call->state == QK_SIM_CALL_INCOMING || call->state == QK_SIM_CALL_WAITING;
}

/* Not over yet. */
static bool is_alive(const struct qk_sim_call_info *call)
{
	return call->state != QK_SIM_CALL_NONE && call->state != QK_SIM_CALL_DISCONNECTING &&
	       call->state != QK_SIM_CALL_ENDED;
}

const struct qk_sim_call_info *qk_sim_voice_call(const struct qk_sim_state *state, uint8_t id)
{
	if (!id || id > QK_SIM_CALLS_MAX || !state->voice.calls[id - 1].state)
		return NULL;
	return &state->voice.calls[id - 1];
}

const struct qk_sim_call_info *qk_sim_voice_in_state(const struct qk_sim_state *state,
						     uint32_t call_state)
{
	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++)
		if (state->voice.calls[i].state == call_state)
			return &state->voice.calls[i];
	return NULL;
}

/* A call that is not over, to change it. */
static struct qk_sim_call_info *find(struct qk_sim_state *state, uint8_t id)
{
	struct qk_sim_call_info *call =
		id && id <= QK_SIM_CALLS_MAX ? &state->voice.calls[id - 1] : NULL;

	return call && is_alive(call) ? call : NULL;
}

static struct qk_sim_call_info *first_in(struct qk_sim_state *state, uint32_t call_state)
{
	const struct qk_sim_call_info *call = qk_sim_voice_in_state(state, call_state);

	return call ? find(state, call->id) : NULL;
}

static void set_state(struct qk_sim_state *state, struct qk_sim_call_info *call,
		      uint32_t call_state, uint64_t due_usec)
{
	call->state = call_state;
	call->due_usec = due_usec;
	if (call_state == QK_SIM_CALL_ACTIVE && !call->active_usec)
		call->active_usec = state->now_usec;
	told(state);
}

static void end(struct qk_sim_state *state, struct qk_sim_call_info *call, uint32_t why)
{
	call->end = why;
	set_state(state, call, QK_SIM_CALL_ENDED, state->now_usec);
}

static void hang_up(struct qk_sim_state *state, struct qk_sim_call_info *call)
{
	call->end = QK_SIM_CALL_END_LOCAL;
	set_state(state, call, QK_SIM_CALL_DISCONNECTING, qk_sim_after(state, RELEASE_USEC));
}

/* --- making calls */

static bool is_number(const char *number)
{
	size_t plus = number[0] == '+', count = strlen(number + plus);

	return count && strlen(number) < QK_SIM_NUMBER_MAX &&
	       strspn(number + plus, "0123456789*#") == count;
}

static bool is_emergency(const char *number)
{
	static const char *const numbers[] = { "112", "911" };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(numbers[i], number) == 0)
			return true;
	return false;
}

/* The longest beginning of the number that the profile knows decides. */
static uint32_t plan_of(const struct qk_sim_profile *profile, const char *number)
{
	uint32_t act = QK_SIM_REMOTE_ANSWER;
	size_t longest = 0;

	number += *number == '+';
	for (size_t i = 0; i < profile->remote_count; i++) {
		size_t length = strlen(profile->remotes[i].number);
		if (length < longest || strncmp(profile->remotes[i].number, number, length) != 0)
			continue;
		longest = length;
		act = profile->remotes[i].act;
	}
	return act;
}

static struct qk_sim_call_info *new_call(struct qk_sim_state *state, const char *number)
{
	for (uint8_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		struct qk_sim_call_info *call = &state->voice.calls[i];
		if (call->state != QK_SIM_CALL_NONE)
			continue;
		*call = (struct qk_sim_call_info){ .id = (uint8_t)(i + 1),
						   .rat = state->cell.rat,
						   .began_usec = state->now_usec };
		memcpy(call->number, number, strlen(number) + 1);
		return call;
	}
	return NULL;
}

/* Puts the active calls on hold; -EBUSY when others are there already. */
static int hold_active(struct qk_sim_state *state)
{
	if (!qk_sim_voice_in_state(state, QK_SIM_CALL_ACTIVE))
		return 0;
	if (qk_sim_voice_in_state(state, QK_SIM_CALL_HELD))
		return -EBUSY;
	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++)
		if (state->voice.calls[i].state == QK_SIM_CALL_ACTIVE)
			set_state(state, &state->voice.calls[i], QK_SIM_CALL_HELD, QK_SIM_NEVER);
	return 0;
}

int qk_sim_voice_dial(struct qk_sim_state *state, const char *number, uint8_t *ret_id)
{
	bool emergency = is_emergency(number);

	if (!is_number(number))
		return -EINVAL;
	if (!qk_sim_radio_has_circuit(state) &&
	    !(emergency && qk_sim_state_has_radio(state) && state->cell.rat))
		return -ENETDOWN;
	if (qk_sim_voice_in_state(state, QK_SIM_CALL_DIALING) ||
	    qk_sim_voice_in_state(state, QK_SIM_CALL_ALERTING) || hold_active(state) < 0)
		return -EBUSY;
	struct qk_sim_call_info *call = new_call(state, number);
	if (!call)
		return -EBUSY;
	call->emergency = emergency;
	call->plan = plan_of(state->profile, number);
	set_state(state, call, QK_SIM_CALL_DIALING,
		  qk_sim_after(state, state->profile->voice.ring_usec));
	*ret_id = call->id;
	return 0;
}

int qk_sim_voice_incoming(struct qk_sim_state *state, const char *number, uint32_t presentation,
			  uint8_t *ret_id)
{
	bool busy = false;

	if ((*number && !is_number(number)) || presentation > QK_SIM_NUMBER_UNAVAILABLE)
		return -EINVAL;
	if (!qk_sim_radio_has_circuit(state))
		return -ENETDOWN;
	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		busy |= is_alive(&state->voice.calls[i]);
		/* one rings at a time */
		if (is_ringing(&state->voice.calls[i]))
			return -EBUSY;
	}
	struct qk_sim_call_info *call = new_call(state, number);
	if (!call)
		return -EBUSY;
	call->incoming = true;
	call->presentation = *number ? presentation : QK_SIM_NUMBER_UNAVAILABLE;
	set_state(state, call, busy ? QK_SIM_CALL_WAITING : QK_SIM_CALL_INCOMING,
		  qk_sim_after(state, state->profile->voice.give_up_usec));
	*ret_id = call->id;
	return 0;
}

/* --- what the host does with them */

static struct qk_sim_call_info *ringing(struct qk_sim_state *state)
{
	struct qk_sim_call_info *call = first_in(state, QK_SIM_CALL_INCOMING);

	return call ? call : first_in(state, QK_SIM_CALL_WAITING);
}

int qk_sim_voice_answer(struct qk_sim_state *state, uint8_t id)
{
	struct qk_sim_call_info *call = id ? find(state, id) : ringing(state);

	if (!call || !is_ringing(call))
		return -ENOENT;
	int r = hold_active(state);
	if (r < 0)
		return r;
	set_state(state, call, QK_SIM_CALL_ACTIVE, QK_SIM_NEVER);
	return 0;
}

/* Hangs up all calls in a state (0: in any but waiting); how many. */
static size_t hang_up_all(struct qk_sim_state *state, uint32_t call_state)
{
	size_t count = 0;

	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		struct qk_sim_call_info *call = &state->voice.calls[i];
		if (!is_alive(call) ||
		    (call_state ? call->state != call_state : call->state == QK_SIM_CALL_WAITING))
			continue;
		hang_up(state, call);
		count++;
	}
	return count;
}

int qk_sim_voice_hang_up(struct qk_sim_state *state, uint8_t id)
{
	struct qk_sim_call_info *call = find(state, id);

	if (!id)
		return hang_up_all(state, 0) ? 0 : -ENOENT;
	if (!call)
		return -ENOENT;
	hang_up(state, call);
	return 0;
}

static int release_held_or_waiting(struct qk_sim_state *state, uint8_t id)
{
	struct qk_sim_call_info *call = ringing(state);

	(void)id;
	if (!call)
		return hang_up_all(state, QK_SIM_CALL_HELD) ? 0 : -ENOENT;
	hang_up(state, call);
	return 0;
}

/* The call that takes over: one that rings, else those on hold. */
static bool take_over(struct qk_sim_state *state)
{
	struct qk_sim_call_info *call = ringing(state);
	bool any = false;

	if (call) {
		set_state(state, call, QK_SIM_CALL_ACTIVE, QK_SIM_NEVER);
		return true;
	}
	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		if (state->voice.calls[i].state != QK_SIM_CALL_HELD)
			continue;
		set_state(state, &state->voice.calls[i], QK_SIM_CALL_ACTIVE, QK_SIM_NEVER);
		any = true;
	}
	return any;
}

static int release_active_accept(struct qk_sim_state *state, uint8_t id)
{
	bool released = hang_up_all(state, QK_SIM_CALL_ACTIVE);

	(void)id;
	return take_over(state) || released ? 0 : -ENOENT;
}

static int hold_active_accept(struct qk_sim_state *state, uint8_t id)
{
	struct qk_sim_call_info *calls = state->voice.calls;
	bool active = qk_sim_voice_in_state(state, QK_SIM_CALL_ACTIVE);

	(void)id;
	if (ringing(state)) {
		int r = hold_active(state);
		if (r < 0)
			return r;
		take_over(state);
		return 0;
	}
	if (!active && !qk_sim_voice_in_state(state, QK_SIM_CALL_HELD))
		return -ENOENT;
	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		uint32_t before = calls[i].state;
		if (before == QK_SIM_CALL_ACTIVE)
			set_state(state, &calls[i], QK_SIM_CALL_HELD, QK_SIM_NEVER);
		else if (before == QK_SIM_CALL_HELD)
			set_state(state, &calls[i], QK_SIM_CALL_ACTIVE, QK_SIM_NEVER);
	}
	return 0;
}

static int hold_all_but(struct qk_sim_state *state, uint8_t id)
{
	struct qk_sim_call_info *call = find(state, id);

	if (!call || (call->state != QK_SIM_CALL_ACTIVE && call->state != QK_SIM_CALL_HELD))
		return -ENOENT;
	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++)
		if (state->voice.calls[i].state == QK_SIM_CALL_ACTIVE &&
		    &state->voice.calls[i] != call)
			set_state(state, &state->voice.calls[i], QK_SIM_CALL_HELD, QK_SIM_NEVER);
	call->multiparty = false;
	set_state(state, call, QK_SIM_CALL_ACTIVE, QK_SIM_NEVER);
	return 0;
}

static int conference(struct qk_sim_state *state, uint8_t id)
{
	(void)id;
	if (!qk_sim_voice_in_state(state, QK_SIM_CALL_ACTIVE) ||
	    !qk_sim_voice_in_state(state, QK_SIM_CALL_HELD))
		return -ENOENT;
	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		struct qk_sim_call_info *call = &state->voice.calls[i];
		if (call->state != QK_SIM_CALL_ACTIVE && call->state != QK_SIM_CALL_HELD)
			continue;
		call->multiparty = true;
		set_state(state, call, QK_SIM_CALL_ACTIVE, QK_SIM_NEVER);
	}
	return 0;
}

/* The two others go on without us. */
static int transfer(struct qk_sim_state *state, uint8_t id)
{
	(void)id;
	if (!qk_sim_voice_in_state(state, QK_SIM_CALL_ACTIVE) ||
	    !qk_sim_voice_in_state(state, QK_SIM_CALL_HELD))
		return -ENOENT;
	hang_up_all(state, QK_SIM_CALL_ACTIVE);
	hang_up_all(state, QK_SIM_CALL_HELD);
	return 0;
}

static int end_all(struct qk_sim_state *state, uint8_t id)
{
	size_t count = hang_up_all(state, 0);

	(void)id;
	count += hang_up_all(state, QK_SIM_CALL_WAITING);
	return count ? 0 : -ENOENT;
}

static int release_one(struct qk_sim_state *state, uint8_t id)
{
	return id ? qk_sim_voice_hang_up(state, id) : -ENOENT;
}

int qk_sim_voice_manage(struct qk_sim_state *state, uint32_t act, uint8_t id)
{
	static int (*const acts[])(struct qk_sim_state *, uint8_t) = {
		[QK_SIM_CALLS_RELEASE_HELD_OR_WAITING] = release_held_or_waiting,
		[QK_SIM_CALLS_RELEASE_ACTIVE_ACCEPT] = release_active_accept,
		[QK_SIM_CALLS_HOLD_ACTIVE_ACCEPT] = hold_active_accept,
		[QK_SIM_CALLS_HOLD_ALL_BUT] = hold_all_but,
		[QK_SIM_CALLS_CONFERENCE] = conference,
		[QK_SIM_CALLS_TRANSFER] = transfer,
		[QK_SIM_CALLS_END_ALL] = end_all,
		[QK_SIM_CALLS_RELEASE] = release_one,
	};

	if (act >= sizeof(acts) / sizeof(acts[0]) || !act)
		return -EINVAL;
	return acts[act] ? acts[act](state, id) : -EOPNOTSUPP;
}

int qk_sim_voice_dtmf(struct qk_sim_state *state, uint8_t id, const char *digits)
{
	struct qk_sim_call_info *call = id ? find(state, id) : first_in(state, QK_SIM_CALL_ACTIVE);
	size_t count = strlen(digits);

	if (!call || call->state != QK_SIM_CALL_ACTIVE)
		return -ENOENT;
	if (!count || count >= sizeof(call->dtmf) ||
	    strspn(digits, "0123456789*#ABCDabcd") != count)
		return -EINVAL;
	size_t kept = strlen(call->dtmf);
	if (kept + count >= sizeof(call->dtmf)) {
		size_t drop = kept + count + 1 - sizeof(call->dtmf);
		memmove(call->dtmf, call->dtmf + drop, kept - drop + 1);
		kept -= drop;
	}
	memcpy(call->dtmf + kept, digits, count + 1);
	return 0;
}

/* --- the other side */

static int answered(struct qk_sim_state *state, struct qk_sim_call_info *call)
{
	if (call->incoming ||
	    (call->state != QK_SIM_CALL_DIALING && call->state != QK_SIM_CALL_ALERTING))
		return -EINVAL;
	set_state(state, call, QK_SIM_CALL_ACTIVE, QK_SIM_NEVER);
	return 0;
}

static int rings(struct qk_sim_state *state, struct qk_sim_call_info *call)
{
	if (call->state != QK_SIM_CALL_DIALING)
		return -EINVAL;
	call->plan = QK_SIM_REMOTE_RING;
	set_state(state, call, QK_SIM_CALL_ALERTING,
		  qk_sim_after(state, state->profile->voice.give_up_usec));
	return 0;
}

static int refused(struct qk_sim_state *state, struct qk_sim_call_info *call, uint32_t why)
{
	if (call->incoming ||
	    (call->state != QK_SIM_CALL_DIALING && call->state != QK_SIM_CALL_ALERTING))
		return -EINVAL;
	end(state, call, why);
	return 0;
}

int qk_sim_voice_remote(struct qk_sim_state *state, uint8_t id, uint32_t act)
{
	struct qk_sim_call_info *call = find(state, id);

	if (!call)
		return -ENOENT;
	switch ((enum qk_sim_remote_act)act) {
	case QK_SIM_REMOTE_ANSWER:
		return answered(state, call);
	case QK_SIM_REMOTE_RING:
		return rings(state, call);
	case QK_SIM_REMOTE_BUSY:
		return refused(state, call, QK_SIM_CALL_END_BUSY);
	case QK_SIM_REMOTE_REJECT:
		return refused(state, call, QK_SIM_CALL_END_REJECTED);
	case QK_SIM_REMOTE_NO_NUMBER:
		return refused(state, call, QK_SIM_CALL_END_UNASSIGNED);
	case QK_SIM_REMOTE_HANG_UP:
		end(state, call,
		    is_ringing(call) ? QK_SIM_CALL_END_NO_ANSWER : QK_SIM_CALL_END_NORMAL);
		return 0;
	}
	return -EINVAL;
}

/* --- time */

/* It rings at the other side, or the other side is reached and refuses. */
static void reach(struct qk_sim_state *state, struct qk_sim_call_info *call)
{
	uint64_t usec = call->plan == QK_SIM_REMOTE_RING ? state->profile->voice.give_up_usec
							 : state->profile->voice.answer_usec;

	if (call->plan == QK_SIM_REMOTE_ANSWER || call->plan == QK_SIM_REMOTE_RING)
		set_state(state, call, QK_SIM_CALL_ALERTING, qk_sim_after(state, usec));
	else
		(void)qk_sim_voice_remote(state, call->id, call->plan);
}

static void go_on(struct qk_sim_state *state, struct qk_sim_call_info *call)
{
	switch ((enum qk_sim_call_state)call->state) {
	case QK_SIM_CALL_DIALING:
		reach(state, call);
		break;
	case QK_SIM_CALL_ALERTING:
		if (call->plan == QK_SIM_REMOTE_ANSWER)
			set_state(state, call, QK_SIM_CALL_ACTIVE, QK_SIM_NEVER);
		else
			end(state, call, QK_SIM_CALL_END_NO_ANSWER);
		break;
	case QK_SIM_CALL_INCOMING:
	case QK_SIM_CALL_WAITING:
		end(state, call, QK_SIM_CALL_END_NO_ANSWER);
		break;
	case QK_SIM_CALL_DISCONNECTING:
		set_state(state, call, QK_SIM_CALL_ENDED, state->now_usec);
		break;
	case QK_SIM_CALL_ENDED:
	case QK_SIM_CALL_NONE:
	case QK_SIM_CALL_ACTIVE:
	case QK_SIM_CALL_HELD:
		break;
	}
}

static bool is_lost(const struct qk_sim_state *state, const struct qk_sim_call_info *call)
{
	return is_alive(call) && !call->emergency && !qk_sim_radio_has_circuit(state);
}

uint64_t qk_sim_voice_next_usec(const struct qk_sim_state *state)
{
	uint64_t next = qk_sim_ussd_next_usec(state);

	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		const struct qk_sim_call_info *call = &state->voice.calls[i];
		if (call->state == QK_SIM_CALL_NONE)
			continue;
		if (is_lost(state, call))
			return state->now_usec;
		if (call->due_usec < next)
			next = call->due_usec;
	}
	return next;
}

void qk_sim_voice_advance(struct qk_sim_state *state)
{
	/* who ended is gone once everybody was told */
	bool all_told = !(state->changed & QK_SIM_CHANGED_CALLS);

	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++) {
		struct qk_sim_call_info *call = &state->voice.calls[i];
		if (call->state == QK_SIM_CALL_ENDED && all_told)
			*call = (struct qk_sim_call_info){ 0 };
		else if (is_lost(state, call))
			end(state, call, QK_SIM_CALL_END_NO_SERVICE);
		else if (call->state != QK_SIM_CALL_NONE && call->due_usec <= state->now_usec)
			go_on(state, call);
	}
	qk_sim_ussd_advance(state);
}

void qk_sim_voice_reboot(struct qk_sim_state *state)
{
	state->voice = (struct qk_sim_voice){ .ussd.due_usec = QK_SIM_NEVER };
}
