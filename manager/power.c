/* Power: enabling and disabling are tables of steps. */
#include "power.h"

#include <stdlib.h>
#include <qmikit/common.h>
#include <qmikit/dms.h>

#include "bearer.h"
#include "cell-broadcast.h"
#include "hook-steps.h"
#include "location.h"
#include "messaging.h"
#include "modem.h"
#include "network.h"
#include "oma.h"
#include "profile-manager.h"
#include "signal.h"
#include "ussd.h"
#include "voice.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

void power_set_mode(struct operation *op, enum qk_dms_operating_mode mode)
{
	const struct qk_dms_set_operating_mode_request request = { .has_mode = true,
								   .mode = (uint8_t)mode };

	operation_ask(op, &(struct question){
				  .service = QK_SERVICE_ID_DMS,
				  .need = OPERATION_NEEDS,
				  .method = &qk_dms_set_operating_mode_method,
				  .request = &request,
			  });
}

/* A modem of a laptop may have to be unlocked first: it says that this is no mode to come to. */
static void take_radio_on(struct operation *op, const void *response, uint16_t error,
			  const void *about)
{
	struct modem *modem = operation_modem(op);
	struct failure failure;

	(void)response, (void)about;
	if (error == QK_ERROR_INVALID_TRANSITION) {
		modem->radio_locked = true;
	} else if (error && error != QK_ERROR_NO_EFFECT) {
		failure_from(&failure, 0, error, "turn the radio on");
		operation_fail(op, failure.name, "%s", failure.text);
	}
}

static void go_on_air(struct operation *op)
{
	static const struct qk_dms_set_operating_mode_request request = {
		.has_mode = true,
		.mode = QK_DMS_OPERATING_MODE_ONLINE,
	};

	operation_modem(op)->radio_locked = false;
	operation_ask(op, &(struct question){
				  .service = QK_SERVICE_ID_DMS,
				  .need = OPERATION_TRIES,
				  .method = &qk_dms_set_operating_mode_method,
				  .take = take_radio_on,
				  .request = &request,
			  });
}

static void go_on_air_again(struct operation *op)
{
	if (operation_modem(op)->radio_locked)
		power_set_mode(op, QK_DMS_OPERATING_MODE_ONLINE);
}

static void turn_radio_on(struct operation *op)
{
	struct modem *modem = operation_modem(op);

	modem->facts.transient = MM_MODEM_STATE_ENABLING;
	modem_tell_state(modem);
	modem->radio_locked = false;
	/* A modem that does not tell may be in another mode than it was. */
	if (modem->facts.power != MM_MODEM_POWER_STATE_ON || !modem->power_told)
		go_on_air(op);
}

static void radio_is_on(struct operation *op)
{
	operation_modem(op)->facts.power = MM_MODEM_POWER_STATE_ON;
}

/* All at one time, in this order. */
static void listen(struct operation *op)
{
	static void (*const listeners[])(struct operation * operation) = {
		network_listen, messaging_listen, cell_broadcast_listen,  oma_listen,
		voice_listen,   ussd_listen,      profile_manager_listen,
	};

	for (size_t i = 0; i < COUNT(listeners); i++)
		listeners[i](op);
}

/* Behind listening: what comes in between is told. */
static void read_all(struct operation *op)
{
	network_read(op);
	messaging_read(op);
}

static const struct step enable_steps[] = {
	{ "turn the radio on", turn_radio_on },
	{ "let the administrator unlock the radio", hook_steps_unlock },
	{ "turn the radio on once more", go_on_air_again },
	{ "note that the radio is on", radio_is_on },
	{ "listen to what it tells", listen },
	{ "tell the cell's place", location_begin },
	{ "read the network and the list of messages", read_all },
	{ "read the messages", messaging_read_listed },
	{ "begin to ask for the signal", signal_begin },
};

static void begin_disabling(struct operation *op)
{
	struct modem *modem = operation_modem(op);

	modem->facts.transient = MM_MODEM_STATE_DISABLING;
	modem_tell_state(modem);
}

static const struct step disable_steps[] = {
	{ "begin to disable", begin_disabling },
	{ "stop the data calls", bearers_stop },
	{ "release their clients", bearers_release },
	{ "stop listening to the network", network_ignore },
	{ "stop listening to messages", messaging_ignore },
	{ "stop listening to cell broadcasts", cell_broadcast_ignore },
	{ "stop listening to device management", oma_ignore },
	{ "turn the receiver off", location_stop },
	{ "stop listening to calls", voice_ignore },
	{ "end the network's words", ussd_ignore },
	{ "stop listening to changes of profiles", profile_manager_ignore },
};

/* Somebody who waits for an end. */
struct waiter {
	bool enable;
	operation_done_fn fn;
	void *userdata;
};

static void on_done(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct waiter *waiter = userdata;

	if (!failure)
		modem->facts.enabled = waiter->enable;
	if (modem->object && modem->facts.enabled) {
		/* What the network made of it is told by itself. */
		modem->reason = MM_MODEM_STATE_CHANGE_REASON_USER_REQUESTED;
		modem->facts.transient = MM_MODEM_STATE_ENABLED;
		modem_tell_state(modem);
	}
	modem->facts.transient = MM_MODEM_STATE_UNKNOWN;
	if (modem->object) {
		if (!modem->facts.enabled)
			network_forget(modem);
		modem->reason = modem->facts.enabled ? MM_MODEM_STATE_CHANGE_REASON_UNKNOWN
						     : MM_MODEM_STATE_CHANGE_REASON_USER_REQUESTED;
		modem_tell_state(modem);
	}
	waiter->fn(modem, failure, waiter->userdata);
	free(waiter);
}

void power_enable(struct modem *modem, bool enable, operation_done_fn fn, void *userdata)
{
	struct waiter *waiter = malloc(sizeof(*waiter));
	static const struct failure no_memory = { MM_CORE_ERROR_FAILED, "out of memory" };
	int r = -1;

	if (!enable)
		bearers_give_up(modem);
	if (waiter) {
		*waiter = (struct waiter){ enable, fn, userdata };
		modem->reason = MM_MODEM_STATE_CHANGE_REASON_USER_REQUESTED;
		r = enable ? operation_start(modem, OPERATION_IN_TURN, enable_steps,
					     COUNT(enable_steps), on_done, waiter)
			   : operation_start(modem, OPERATION_IN_TURN, disable_steps,
					     COUNT(disable_steps), on_done, waiter);
	}
	if (r < 0) {
		free(waiter);
		fn(modem, &no_memory, userdata);
	}
}

/* Whether the modem can be told to do something at all; if not, the caller is told. */
static bool usable(struct modem *modem, struct api_call *call)
{
	if (modem->state >= MM_MODEM_STATE_DISABLED)
		return true;
	api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the modem is %s",
		       api_value_name(&api_values_modem_state, modem->state));
	return false;
}

void power_on_enable(struct api_call *call, const json_t *in, void *userdata)
{
	struct modem *modem = userdata;
	bool enable = json_is_true(json_array_get(in, 0));

	if (!usable(modem, call))
		return;
	if (enable == modem->facts.enabled && modem->facts.transient == MM_MODEM_STATE_UNKNOWN)
		api_call_reply(call, NULL);
	else
		power_enable(modem, enable, operation_answer, call);
}

static void go_low(struct operation *op)
{
	power_set_mode(op, QK_DMS_OPERATING_MODE_LOW_POWER);
}

static void note_low(struct operation *op)
{
	operation_modem(op)->facts.power = MM_MODEM_POWER_STATE_LOW;
	modem_tell_state(operation_modem(op));
}

static void note_on(struct operation *op)
{
	radio_is_on(op);
	modem_tell_state(operation_modem(op));
}

static void go_off(struct operation *op)
{
	power_set_mode(op, QK_DMS_OPERATING_MODE_OFFLINE);
}

static void note_off(struct operation *op)
{
	operation_modem(op)->facts.power = MM_MODEM_POWER_STATE_OFF;
	modem_tell_state(operation_modem(op));
}

/* A failed modem's card may be gone, its radio is there. What asks for a code can be turned off alone. */
static const struct power_row {
	enum mm_modem_power_state state;
	bool locked; /* also of a modem that asks for a code */
	struct step steps[4];
	size_t count;
} power_rows[] = {
	{ MM_MODEM_POWER_STATE_ON,
	  false,
	  { { "turn the radio on", go_on_air },
	    { "let the administrator unlock the radio", hook_steps_unlock },
	    { "turn the radio on once more", go_on_air_again },
	    { "tell", note_on } },
	  4 },
	{ MM_MODEM_POWER_STATE_LOW,
	  false,
	  { { "turn the radio off", go_low }, { "tell", note_low } },
	  2 },
	{ MM_MODEM_POWER_STATE_OFF,
	  true,
	  { { "turn the modem off", go_off }, { "tell", note_off } },
	  2 },
};

void power_on_set_state(struct api_call *call, const json_t *in, void *userdata)
{
	json_int_t state = json_integer_value(json_array_get(in, 0));
	const struct power_row *row = power_rows, *end = power_rows + COUNT(power_rows);
	struct modem *modem = userdata;

	while (row < end && (json_int_t)row->state != state)
		row++;
	if (row == end)
		api_call_error(call, MM_CORE_ERROR_INVALID_ARGS, "there is no power state %lld",
			       (long long)state);
	else if (modem->state != MM_MODEM_STATE_DISABLED && modem->state != MM_MODEM_STATE_FAILED &&
		 !(row->locked && modem->state == MM_MODEM_STATE_LOCKED))
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE,
			       "the modem is %s: disable it before its power is changed",
			       api_value_name(&api_values_modem_state, modem->state));
	else if (operation_start(modem, OPERATION_IN_TURN, row->steps, row->count, operation_answer,
				 call) < 0)
		api_call_error(call, MM_CORE_ERROR_FAILED, "out of memory");
}
