/*
 * State: what a modem is said to be follows from the facts about it, in one place. Nobody sets a state; who changes
 * a fact asks for it to be told.
 */
#include "bearer.h"
#include "log.h"
#include "modem.h"
#include "resume.h"
#include "voice.h"

bool modem_is_registered(const struct modem_facts *facts)
{
	switch (facts->registration) {
	case MM_MODEM_3GPP_REGISTRATION_STATE_HOME:
	case MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING:
	case MM_MODEM_3GPP_REGISTRATION_STATE_HOME_SMS_ONLY:
	case MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING_SMS_ONLY:
	case MM_MODEM_3GPP_REGISTRATION_STATE_HOME_CSFB_NOT_PREFERRED:
	case MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING_CSFB_NOT_PREFERRED:
		return true;
	case MM_MODEM_3GPP_REGISTRATION_STATE_IDLE:
	case MM_MODEM_3GPP_REGISTRATION_STATE_SEARCHING:
	case MM_MODEM_3GPP_REGISTRATION_STATE_DENIED:
	case MM_MODEM_3GPP_REGISTRATION_STATE_UNKNOWN:
	case MM_MODEM_3GPP_REGISTRATION_STATE_EMERGENCY_ONLY:
	case MM_MODEM_3GPP_REGISTRATION_STATE_ATTACHED_RLOS:
		return false;
	}
	return false;
}

bool modem_card_is_usable(const struct modem_facts *facts)
{
	/* The codes of the second PIN hinder nothing that a modem does. */
	return facts->failed == MM_MODEM_STATE_FAILED_REASON_NONE &&
	       (facts->lock == MM_MODEM_LOCK_NONE || facts->lock == MM_MODEM_LOCK_UNKNOWN ||
		facts->lock == MM_MODEM_LOCK_SIM_PIN2 || facts->lock == MM_MODEM_LOCK_SIM_PUK2);
}

/* The first line that holds. */
static enum mm_modem_state state_of(const struct modem_facts *facts)
{
	if (!facts->initialized || facts->starting || (facts->settling && !facts->enabled))
		return MM_MODEM_STATE_INITIALIZING;
	if (facts->failed != MM_MODEM_STATE_FAILED_REASON_NONE)
		return MM_MODEM_STATE_FAILED;
	if (!modem_card_is_usable(facts))
		return MM_MODEM_STATE_LOCKED;
	if (facts->transient != MM_MODEM_STATE_UNKNOWN)
		return facts->transient;
	if (!facts->enabled)
		return MM_MODEM_STATE_DISABLED;
	if (facts->connected > 0)
		return MM_MODEM_STATE_CONNECTED;
	if (modem_is_registered(facts))
		return MM_MODEM_STATE_REGISTERED;
	if (facts->registration == MM_MODEM_3GPP_REGISTRATION_STATE_SEARCHING)
		return MM_MODEM_STATE_SEARCHING;
	return MM_MODEM_STATE_ENABLED;
}

/* As published (mm-iface-modem.c of ModemManager 1.20): whatever becomes of a bearer counts as its user's wish, and
 * nothing but a failure ends in failed. */
static enum mm_modem_state_change_reason reason_of(const struct modem *modem,
						   enum mm_modem_state now)
{
	enum mm_modem_state before = modem->state;

	if (now == MM_MODEM_STATE_FAILED)
		return MM_MODEM_STATE_CHANGE_REASON_FAILURE;
	if (now == MM_MODEM_STATE_CONNECTED || before == MM_MODEM_STATE_CONNECTED ||
	    before == MM_MODEM_STATE_CONNECTING || before == MM_MODEM_STATE_DISCONNECTING)
		return MM_MODEM_STATE_CHANGE_REASON_USER_REQUESTED;
	return modem->reason;
}

void modem_tell_state(struct modem *modem)
{
	enum mm_modem_state before = modem->state, now = state_of(&modem->facts);
	enum mm_modem_state_change_reason reason = reason_of(modem, now);

	modem_set(modem, API_MODEM_UNLOCK_REQUIRED, json_integer(modem->facts.lock));
	modem_set(modem, API_MODEM_POWER_STATE, json_integer(modem->facts.power));
	modem_set(modem, API_MODEM_STATE_FAILED_REASON, json_integer(modem->facts.failed));
	resume_note(modem);
	bearers_consider(modem);
	if (before == now)
		return;
	modem->state = now;
	modem->reason = MM_MODEM_STATE_CHANGE_REASON_UNKNOWN;
	modem_log_at(modem, LOG_NOTICE, "state: %s -> %s",
		     api_value_name(&api_values_modem_state, before),
		     api_value_name(&api_values_modem_state, now));
	modem_set(modem, API_MODEM_STATE, json_integer(now));
	voice_tell_state(modem);
	api_object_emit(modem->object, API_SIGNAL_MODEM_STATE_CHANGED,
			json_pack("[i, i, i]", before, now, reason));
}
