/*
 * Bearer, connecting: a table of steps, and so is its undoing. Who asks while it is being done is told with the
 * others; who wants it down while it is coming up ends that.
 */
#include <stdlib.h>
#include <utlist.h>

#include "bearer-inside.h"
#include "log.h"
#include "modem.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* 30 s: udev may have thirty modems to go through. */
enum { NAME_WAIT_USEC = 50000, NAME_WAITS_MAX = 600 };

static const struct failure no_memory = { MM_CORE_ERROR_FAILED, "out of memory" };

/* --- Who waits */

static bool wait_for(struct bearer_waiter **list, operation_done_fn fn, void *userdata)
{
	struct bearer_waiter *waiter = malloc(sizeof(*waiter));

	if (!waiter)
		return false;
	*waiter = (struct bearer_waiter){ .fn = fn, .userdata = userdata };
	DL_APPEND(*list, waiter);
	return true;
}

/* Tells all on a list that nothing else knows of: whoever is told may free the bearer. */
static void tell_waiters(struct modem *modem, struct bearer_waiter *list,
			 const struct failure *failure)
{
	struct bearer_waiter *waiter, *next;

	modem_ref(modem);
	DL_FOREACH_SAFE(list, waiter, next) {
		DL_DELETE(list, waiter);
		waiter->fn(modem, failure, waiter->userdata);
		free(waiter);
	}
	modem_unref(modem);
}

void bearer_tell_waiting(struct bearer *bearer, const struct failure *failure)
{
	struct modem *modem = bearer->modem;
	struct bearer_waiter *ups = bearer->ups, *downs = bearer->downs;

	bearer->ups = bearer->downs = NULL;
	tell_waiters(modem, ups, failure);
	tell_waiters(modem, downs, NULL);
}

/* The end of what was done: it is up or not, and `failure` is what those are told who want it up. */
static void end_doing(struct bearer *bearer, bool up, const struct failure *failure)
{
	static const struct failure ended = { MM_CORE_ERROR_CANCELLED, "the bearer is down" };
	struct modem *modem = bearer->modem;
	struct failure copy = failure ? *failure : ended;

	bearer->doing = BEARER_NOTHING;
	bearer->trying = false;
	if (modem->facts.transient == MM_MODEM_STATE_CONNECTING ||
	    modem->facts.transient == MM_MODEM_STATE_DISCONNECTING) {
		modem->facts.transient = MM_MODEM_STATE_UNKNOWN;
		modem->reason = MM_MODEM_STATE_CHANGE_REASON_USER_REQUESTED;
	}
	if (modem->object && !modem->leaving)
		bearer_tell(bearer, up);
	bearer_tell_waiting(bearer, up ? NULL : &copy);
}

/* The modem's state, unless it is about more than this bearer. */
static void tell_doing(struct bearer *bearer, enum mm_modem_state state)
{
	struct modem *modem = bearer->modem;
	size_t own = bearer->connected ? 1 : 0;

	if (modem->facts.connected > own || (modem->facts.transient != MM_MODEM_STATE_UNKNOWN &&
					     modem->facts.transient != MM_MODEM_STATE_CONNECTING))
		return;
	modem->reason = MM_MODEM_STATE_CHANGE_REASON_USER_REQUESTED;
	modem->facts.transient = state;
	modem_tell_state(modem);
}

/* --- The steps */

/* An interface that is up keeps the name that it has, and udev is not heard. */
static void wait_for_name(struct operation *op)
{
	struct bearer *bearer = operation_data(op);
	const struct modem *modem = operation_modem(op);

	if (!modem->description.unsettled)
		return;
	if (bearer->waits == NAME_WAITS_MAX) {
		modem_log_at(modem, LOG_NOTICE, "udev says nothing of %s: it keeps its name",
			     bearer_interface(modem));
		return;
	}
	bearer->waits++;
	operation_wait(op, NAME_WAIT_USEC);
	operation_repeat(op, 1);
}

static void tell_connecting(struct operation *op)
{
	struct bearer *bearer = operation_data(op);
	struct modem *modem = operation_modem(op);

	traffic_try(&bearer->traffic);
	bearer->ended = false;
	bearer->verdict = TRAFFIC_FINE;
	bearer_tell_error(bearer, "", "");
	bearer_tell_stats(bearer);
	if (modem->state < MM_MODEM_STATE_REGISTERED)
		operation_fail(op, MM_CORE_ERROR_WRONG_STATE, "the modem is %s, not registered",
			       api_value_name(&api_values_modem_state, modem->state));
	else if (!bearer->legs[0].wanted && !bearer->legs[1].wanted)
		operation_fail(op, MM_CORE_ERROR_UNSUPPORTED,
			       "the modem has no addresses of that kind");
	else
		tell_doing(bearer, MM_MODEM_STATE_CONNECTING);
}

/* All that is to be known of a call that is up is asked at one time. */
static void settle(struct operation *op)
{
	data_call_read_settings(op);
	if (!data_call_is_up(operation_data(op)))
		return;
	watch_read(op, operation_data(op));
	link_verify(op);
}

static const struct step connect_steps[] = {
	{ "begin to connect", tell_connecting },
	{ "wait for the name of the interface", wait_for_name },
	{ "read the profile", data_call_read_profile },
	{ "agree on the data format", link_agree },
	{ "set up the interface", link_set_up },
	{ "allocate clients", data_call_allocate },
	{ "prepare the clients", data_call_prepare },
	{ "start the data call", data_call_start },
	{ "read the settings and verify", settle },
};

static const struct step verify_steps[] = {
	{ "ask whether the data call is up", data_call_ask_status },
	{ "read the settings and verify", settle },
};

static void tell_disconnecting(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

	if (bearer->connected || bearer->downs)
		tell_doing(bearer, MM_MODEM_STATE_DISCONNECTING);
}

/* The modem forgets what passed with the call. */
static void count_and_stop(struct operation *op, struct bearer *bearer)
{
	watch_read(op, bearer);
	data_call_stop(op, bearer);
}

static void stop(struct operation *op)
{
	count_and_stop(op, operation_data(op));
}

static void release(struct operation *op)
{
	watch_last(operation_data(op));
	data_call_release(operation_data(op));
}

static void end_link(struct operation *op)
{
	link_end(operation_data(op));
}

static const struct step disconnect_steps[] = {
	{ "begin to disconnect", tell_disconnecting },
	{ "stop the data call", stop },
	{ "release the clients", release },
	{ "remove the link", end_link },
};

/* --- Their ends */

static void on_down(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct bearer *bearer = userdata;
	bool was_up = bearer->connected;

	(void)failure; /* nothing of it is left that could be kept */
	if (modem->leaving || !bearer_is_there(modem, bearer)) {
		end_doing(bearer, false, failure);
		return;
	}
	/* What an answer that never came left over. */
	data_call_release(bearer);
	link_end(bearer);
	watch_end(bearer);
	if (!bearer_is_there(modem, bearer))
		return; /* something that ended with it had it freed */
	if (was_up) {
		intent_note_down(bearer);
		bearer_tell(bearer, false);
	}
	end_doing(bearer, false, bearer->failure.name ? &bearer->failure : NULL);
}

static void take_down(struct bearer *bearer)
{
	watch_end(bearer);
	bearer->doing = BEARER_DISCONNECTING;
	if (operation_start(bearer->modem, OPERATION_IN_TURN, disconnect_steps,
			    COUNT(disconnect_steps), on_down, bearer) < 0)
		on_down(bearer->modem, &no_memory, bearer);
}

/* A connection that did not come up is taken down as far as it came, before its end is told. */
static void on_up(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct bearer *bearer = userdata;

	bearer->failure = failure ? *failure : (struct failure){ 0 };
	if (modem->leaving || !bearer_is_there(modem, bearer)) {
		end_doing(bearer, false, failure);
		return;
	}
	if (failure) {
		bearer->traffic.failures++;
		bearer_tell_error(bearer, failure->name, failure->text);
		modem_log_at(modem, LOG_NOTICE, "%s did not come up: %s", bearer_path(bearer),
			     failure->text);
		intent_note_down(bearer);
		take_down(bearer);
		return;
	}
	bearer->doing = BEARER_NOTHING;
	watch_begin(bearer);
	intent_note_up(bearer);
	end_doing(bearer, true, NULL);
}

/* --- Asking for it */

static void begin(struct bearer *bearer, const struct step *steps, size_t count)
{
	bearer->doing = BEARER_CONNECTING;
	bearer->waits = 0;
	bearer->failure = (struct failure){ 0 };
	if (operation_start(bearer->modem, OPERATION_IN_TURN, steps, count, on_up, bearer) < 0)
		end_doing(bearer, false, &no_memory);
}

void bearer_try(struct bearer *bearer)
{
	if (bearer->connected || bearer->doing != BEARER_NOTHING)
		return;
	bearer->trying = true;
	begin(bearer, connect_steps, COUNT(connect_steps));
}

void bearer_connect(struct bearer *bearer, const struct api_call *call, operation_done_fn fn,
		    void *userdata)
{
	static const struct failure busy = { MM_CORE_ERROR_IN_PROGRESS,
					     "the bearer is being connected" };
	static const struct failure leaving = { MM_CORE_ERROR_FAILED,
						"the bearer is being disconnected" };
	static const struct failure abroad = { MM_CORE_ERROR_UNAUTHORIZED,
					       "roaming is not allowed" };
	const struct failure *failure = NULL;

	if (bearer->doing == BEARER_CONNECTING && !bearer->trying)
		failure = &busy;
	else if (bearer->doing == BEARER_DISCONNECTING)
		failure = &leaving;
	else if (!bearer->connected && !intent_may_use_network(bearer))
		failure = &abroad;
	else if (!bearer->connected && !wait_for(&bearer->ups, fn, userdata))
		failure = &no_memory;
	if (!failure)
		intent_ask(bearer, call);
	if (!failure && bearer->connected)
		intent_note_up(bearer);
	if (failure || bearer->connected) {
		fn(bearer->modem, failure, userdata);
		return;
	}
	/* A try of the daemon's own is somebody's now. */
	bearer->trying = false;
	if (bearer->doing == BEARER_NOTHING)
		begin(bearer, connect_steps, COUNT(connect_steps));
}

void bearer_let_go(struct bearer *bearer)
{
	if (!bearer->connected || bearer->doing != BEARER_NOTHING)
		return;
	bearer->ended = false;
	bearer->failure = (struct failure){ 0 };
	take_down(bearer);
}

static void give_up(struct bearer *bearer)
{
	static const struct failure cancelled = { MM_CORE_ERROR_CANCELLED,
						  "the connection is no longer wanted" };

	operations_cancel_of(bearer->modem, bearer, &cancelled);
}

void bearer_disconnect(struct bearer *bearer, operation_done_fn fn, void *userdata)
{
	intent_forget(bearer);
	if (bearer_is_idle(bearer)) {
		fn(bearer->modem, NULL, userdata);
		return;
	}
	if (!wait_for(&bearer->downs, fn, userdata)) {
		fn(bearer->modem, &no_memory, userdata);
		return;
	}
	if (bearer->doing == BEARER_CONNECTING)
		give_up(bearer);
	else if (bearer->doing == BEARER_NOTHING)
		take_down(bearer);
}

void bearer_verify(struct bearer *bearer)
{
	begin(bearer, verify_steps, COUNT(verify_steps));
}

/* --- All of them */

void bearers_give_up(struct modem *modem)
{
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++) {
		struct bearer *bearer = modem->bearers[i];

		if (!bearer)
			continue;
		intent_forget(bearer);
		if (bearer->doing == BEARER_CONNECTING)
			give_up(bearer);
	}
}

void bearers_stop(struct operation *operation)
{
	const struct modem *modem = operation_modem(operation);

	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i] && modem->bearers[i]->connected)
			count_and_stop(operation, modem->bearers[i]);
}

void bearers_release(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++) {
		struct bearer *bearer = modem->bearers[i];

		if (!bearer || !bearer->connected)
			continue;
		watch_last(bearer);
		data_call_release(bearer);
		link_end(bearer);
		watch_end(bearer);
		bearer_tell(bearer, false);
	}
}

void bearer_fall(struct bearer *bearer)
{
	struct failure failure = { MM_CONNECTION_ERROR_NO_CARRIER, "the network call ended" };

	if (!bearer->connected)
		return;
	if (bearer->ended)
		call_end_tell(&bearer->end, &failure);
	modem_log_at(bearer->modem, LOG_NOTICE, "%s ended by itself: %s", bearer_path(bearer),
		     failure.text);
	bearer_tell_error(bearer, failure.name, failure.text);
	data_call_release(bearer);
	link_end(bearer);
	watch_end(bearer);
	intent_note_down(bearer);
	bearer_tell(bearer, false);
}
