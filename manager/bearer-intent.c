/*
 * Bearer, who wants it. A connection is managed by who asked for it, as long as that client is on the bus:
 * NetworkManager is, and tries again itself; mmcli has left when it has its answer. What nobody manages is brought
 * back by the daemon, until somebody takes it down, or disables the modem.
 */
#include <stdio.h>
#include <string.h>

#include "bearer-inside.h"
#include "log.h"
#include "modem.h"
#include "power.h"
#include "resume.h"

/* Between two tries to enable a modem, and how exact timers have to be. */
enum { ENABLE_USEC = 30000000, EXACT_USEC = 100000 };

/* --- Facts */

static const char *card_of(const struct modem *modem)
{
	const json_t *card = modem->sim ? api_object_get(modem->sim, API_SIM_SIM_IDENTIFIER) : NULL;

	return json_is_string(card) ? json_string_value(card) : "";
}

static const char *network_of(const struct modem *modem)
{
	const json_t *code = api_object_get(modem->object, API_MODEM3GPP_OPERATOR_CODE);

	return json_is_string(code) ? json_string_value(code) : "";
}

static bool is_roaming(const struct modem *modem)
{
	switch (modem->facts.registration) {
	case MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING:
	case MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING_SMS_ONLY:
	case MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING_CSFB_NOT_PREFERRED:
		return true;
	case MM_MODEM_3GPP_REGISTRATION_STATE_IDLE:
	case MM_MODEM_3GPP_REGISTRATION_STATE_HOME:
	case MM_MODEM_3GPP_REGISTRATION_STATE_SEARCHING:
	case MM_MODEM_3GPP_REGISTRATION_STATE_DENIED:
	case MM_MODEM_3GPP_REGISTRATION_STATE_UNKNOWN:
	case MM_MODEM_3GPP_REGISTRATION_STATE_HOME_SMS_ONLY:
	case MM_MODEM_3GPP_REGISTRATION_STATE_EMERGENCY_ONLY:
	case MM_MODEM_3GPP_REGISTRATION_STATE_HOME_CSFB_NOT_PREFERRED:
	case MM_MODEM_3GPP_REGISTRATION_STATE_ATTACHED_RLOS:
		return false;
	}
	return false;
}

bool intent_may_use_network(const struct bearer *bearer)
{
	return !json_is_false(json_object_get(bearer->properties, "allow-roaming")) ||
	       !is_roaming(bearer->modem);
}

/* 0 percent, and that is how it is now. */
static bool hears_nothing(const struct modem *modem)
{
	const json_t *quality = api_object_get(modem->object, API_MODEM_SIGNAL_QUALITY);

	return json_integer_value(json_array_get(quality, 0)) == 0 &&
	       json_is_true(json_array_get(quality, 1));
}

static struct intent_facts facts_of(const struct bearer *bearer)
{
	const struct modem *modem = bearer->modem;

	return (struct intent_facts){
		.managed = bearer->asker[0],
		.card = modem_card_is_usable(&modem->facts),
		.enabled = modem->facts.enabled && modem->facts.power == MM_MODEM_POWER_STATE_ON,
		.registered = modem_is_registered(&modem->facts),
		.allowed = intent_may_use_network(bearer),
		.heard = !hears_nothing(modem),
	};
}

/* --- Who asked */

static int on_asker_gone(sd_bus_track *track, void *userdata)
{
	struct bearer *bearer = userdata;

	/* A track that is empty is told again and again. */
	(void)track;
	bearer->track = sd_bus_track_unref(bearer->track);
	bearer->asker[0] = 0;
	bearers_consider(bearer->modem);
	return 0;
}

/* `name` is that of a client on the bus; one that has left manages nothing. */
static void take_asker(struct bearer *bearer, const char *name)
{
	bearer->track = sd_bus_track_unref(bearer->track);
	bearer->asker[0] = 0;
	if (!name || !name[0] || !bearer->modem->host->bus ||
	    sd_bus_track_new(bearer->modem->host->bus, &bearer->track, on_asker_gone, bearer) < 0 ||
	    sd_bus_track_add_name(bearer->track, name) < 0)
		return;
	snprintf(bearer->asker, sizeof(bearer->asker), "%s", name);
}

void intent_ask(struct bearer *bearer, const struct api_call *call)
{
	sd_bus_message *message = api_call_message(call);

	take_asker(bearer, message ? sd_bus_message_get_sender(message) : NULL);
	bearer->asked = true;
}

/* --- What came of it */

/* For which card and network that is. */
static void note_circumstances(struct bearer *bearer)
{
	snprintf(bearer->card, sizeof(bearer->card), "%s", card_of(bearer->modem));
	snprintf(bearer->network, sizeof(bearer->network), "%s", network_of(bearer->modem));
}

void intent_note_up(struct bearer *bearer)
{
	if (bearer->asked)
		intent_want(&bearer->intent);
	bearer->asked = false;
	if (!bearer->intent.wanted)
		return;
	intent_came_up(&bearer->intent, bearer_now(bearer));
	bearer->told = INTENT_UP;
	note_circumstances(bearer);
}

/* What a client asked for and did not get is the client's to ask again. */
void intent_note_down(struct bearer *bearer)
{
	const struct modem *modem = bearer->modem;

	bearer->asked = false;
	if (!bearer->intent.wanted)
		return;
	intent_came_down(&bearer->intent, &modem->bounds, bearer_now(bearer),
			 bearer->ended && call_end_is_refusal(&bearer->end));
	if (network_of(modem)[0])
		snprintf(bearer->network, sizeof(bearer->network), "%s", network_of(modem));
}

void intent_forget(struct bearer *bearer)
{
	bool wanted = bearer->intent.wanted;

	bearer->track = sd_bus_track_unref(bearer->track);
	bearer->asker[0] = 0;
	bearer->asked = false;
	intent_end(&bearer->intent);
	if (wanted)
		resume_note(bearer->modem);
}

json_t *intent_record(const struct bearer *bearer)
{
	if (!bearer->intent.wanted)
		return NULL;
	return json_pack("{s: s, s: s}", "asker", bearer->asker, "card", bearer->card);
}

void intent_resume(struct bearer *bearer, const json_t *record)
{
	const char *asker = json_string_value(json_object_get(record, "asker"));
	const char *card = json_string_value(json_object_get(record, "card"));

	if (!json_is_object(record))
		return;
	take_asker(bearer, asker);
	/* Who managed a connection that is no more sees that by itself. */
	if (bearer->asker[0] && !bearer_has_calls(bearer))
		return;
	snprintf(bearer->card, sizeof(bearer->card), "%s", card ? card : "");
	intent_want(&bearer->intent);
}

/* --- What is to be done */

/* The circumstances are others than those of the last try. */
static void look_around(struct bearer *bearer)
{
	const char *card = card_of(bearer->modem), *network = network_of(bearer->modem);

	if (card[0] && bearer->card[0] && strcmp(card, bearer->card) != 0) {
		modem_log_at(bearer->modem, LOG_NOTICE, "%s is not brought back: it is another SIM",
			     bearer_path(bearer));
		intent_forget(bearer);
		return;
	}
	if (network[0] && strcmp(network, bearer->network) != 0) {
		snprintf(bearer->network, sizeof(bearer->network), "%s", network);
		intent_renew(&bearer->intent);
	}
}

static void tell(struct bearer *bearer, enum intent_state state, uint64_t wait_usec)
{
	if (state == bearer->told)
		return;
	bearer->told = state;
	if (state == INTENT_WAITING)
		modem_log_at(bearer->modem, LOG_NOTICE, "%s is tried again in %llu s",
			     bearer_path(bearer), (unsigned long long)(wait_usec / 1000000));
	else if (state == INTENT_DUE)
		modem_log_at(bearer->modem, LOG_NOTICE, "%s is tried again", bearer_path(bearer));
	else
		modem_log_at(bearer->modem, LOG_NOTICE, "%s is not brought back: %s",
			     bearer_path(bearer), intent_words(state));
}

static void on_enabled(struct modem *modem, const struct failure *failure, void *userdata)
{
	(void)userdata;
	if (failure && !modem->leaving)
		modem_log_at(modem, LOG_WARNING, "the modem cannot be enabled again: %s",
			     failure->text);
}

/* A modem that nobody disabled, and that is: its card came back, or it did. */
static uint64_t enable(struct modem *modem, uint64_t now)
{
	if (modem->state != MM_MODEM_STATE_DISABLED)
		return UINT64_MAX;
	if (now >= modem->enable_usec) {
		modem->enable_usec = now + ENABLE_USEC;
		power_enable(modem, true, on_enabled, NULL);
	}
	return modem->enable_usec > now ? modem->enable_usec - now : 0;
}

/* A connection whose modem has no network any more: how long it is kept. */
static uint64_t outlive(struct bearer *bearer)
{
	const struct modem *modem = bearer->modem;
	uint64_t left;

	if (!bearer->connected || bearer->doing != BEARER_NOTHING || !modem->facts.enabled ||
	    modem->facts.starting) {
		bearer->outage_usec = 0;
		return UINT64_MAX;
	}
	left = intent_outage(&bearer->outage_usec, &modem->bounds, modem->facts.registration,
			     bearer_now(bearer));
	if (left == 0) {
		modem_log_at(modem, LOG_NOTICE, "%s is taken down: the network is lost",
			     bearer_path(bearer));
		bearer->outage_usec = 0;
		bearer_tell_error(bearer, MM_CONNECTION_ERROR_NO_CARRIER, "the network was lost");
		bearer_let_go(bearer);
		return UINT64_MAX;
	}
	return left;
}

/* How long until it is to be looked at again. */
static uint64_t consider(struct bearer *bearer)
{
	struct modem *modem = bearer->modem;
	uint64_t now = bearer_now(bearer), wait = UINT64_MAX;
	struct intent_facts facts = facts_of(bearer);
	enum intent_state state;

	if (bearer->connected && !facts.allowed)
		bearer_let_go(bearer);
	wait = outlive(bearer);
	if (!bearer->intent.wanted || bearer->intent.up || bearer->doing != BEARER_NOTHING ||
	    modem->facts.starting)
		return wait;
	look_around(bearer);
	state = intent_judge(&bearer->intent, &modem->bounds, &facts, now, &wait);
	if (state == INTENT_NONE)
		return UINT64_MAX;
	tell(bearer, state, wait);
	if (state == INTENT_DUE)
		bearer_try(bearer);
	else if (state == INTENT_DISABLED)
		wait = enable(modem, now);
	return wait;
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct modem *modem = userdata;
	uint64_t wait = UINT64_MAX;

	(void)source, (void)usec;
	modem_ref(modem);
	for (size_t i = 0; i < MODEM_BEARERS_MAX && !modem->leaving; i++) {
		uint64_t one = modem->bearers[i] ? consider(modem->bearers[i]) : UINT64_MAX;

		wait = one < wait ? one : wait;
	}
	if (wait != UINT64_MAX && modem->intents &&
	    sd_event_source_set_time_relative(modem->intents, wait) >= 0)
		(void)sd_event_source_set_enabled(modem->intents, SD_EVENT_ONESHOT);
	modem_unref(modem);
	return 0;
}

/* Whether there is anything to consider. */
static bool concerns(const struct bearer *bearer)
{
	return bearer &&
	       ((bearer->intent.wanted && !bearer->intent.up) ||
		(bearer->connected && (!intent_may_use_network(bearer) || bearer->outage_usec ||
				       !modem_is_registered(&bearer->modem->facts))));
}

/* What is done has the loop to itself: facts are told from the middle of other things. */
void bearers_consider(struct modem *modem)
{
	bool any = false;
	int r;

	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		any = any || concerns(modem->bearers[i]);
	if (!any || modem->leaving)
		return;
	if (!modem->intents) {
		r = sd_event_add_time_relative(modem->event, &modem->intents, CLOCK_MONOTONIC, 0,
					       EXACT_USEC, on_time, modem);
	} else {
		r = sd_event_source_set_time_relative(modem->intents, 0);
		if (r >= 0)
			r = sd_event_source_set_enabled(modem->intents, SD_EVENT_ONESHOT);
	}
	if (r < 0)
		modem_log_at(modem, LOG_WARNING, "connections are not brought back: %s",
			     strerror(-r));
}
