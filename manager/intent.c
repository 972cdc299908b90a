/* Intent: the first row that holds is the state. */
#include "intent.h"

#include <stddef.h>

#define SECOND 1000000ull

const struct intent_bounds intent_bounds_default = {
	.on = true,
	.first_usec = 5 * SECOND,
	.longest_usec = 600 * SECOND,
	.stable_usec = 60 * SECOND,
	.refused_usec = 12 * 3600 * SECOND,
	.outage_usec = 15 * SECOND,
};

void intent_hurry(struct intent_bounds *bounds, unsigned int by)
{
	uint64_t *const times[] = { &bounds->first_usec, &bounds->longest_usec,
				    &bounds->stable_usec, &bounds->refused_usec,
				    &bounds->outage_usec };

	for (size_t i = 0; by && i < sizeof(times) / sizeof(times[0]); i++)
		*times[i] /= by;
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* The wait behind so many failures. */
static uint64_t wait_of(const struct intent *intent, const struct intent_bounds *bounds)
{
	uint64_t wait = bounds->first_usec;

	for (unsigned int i = 1; i < intent->failures && wait < bounds->longest_usec; i++)
		wait = add(wait, wait);
	if (wait > bounds->longest_usec)
		wait = bounds->longest_usec;
	return add(wait, wait / 4 / 255 * intent->spread);
}

void intent_want(struct intent *intent)
{
	*intent = (struct intent){ .wanted = true, .spread = intent->spread };
}

void intent_end(struct intent *intent)
{
	*intent = (struct intent){ .spread = intent->spread };
}

void intent_came_up(struct intent *intent, uint64_t now_usec)
{
	intent->up = true;
	intent->refused = false;
	intent->since_usec = now_usec;
}

void intent_came_down(struct intent *intent, const struct intent_bounds *bounds, uint64_t now_usec,
		      bool refusal)
{
	if (intent->up && now_usec - intent->since_usec >= bounds->stable_usec)
		intent->failures = 0;
	intent->up = false;
	intent->refused = refusal;
	if (intent->failures < UINT32_MAX)
		intent->failures++;
	if (refusal)
		intent->due_usec =
			bounds->refused_usec ? add(now_usec, bounds->refused_usec) : UINT64_MAX;
	else
		intent->due_usec = add(now_usec, wait_of(intent, bounds));
}

void intent_renew(struct intent *intent)
{
	intent->refused = false;
	intent->failures = 0;
	intent->due_usec = 0;
}

enum intent_state intent_judge(const struct intent *intent, const struct intent_bounds *bounds,
			       const struct intent_facts *facts, uint64_t now_usec,
			       uint64_t *ret_wait_usec)
{
	bool early = now_usec < intent->due_usec;
	const struct {
		bool holds;
		enum intent_state state;
	} rows[] = {
		{ !intent->wanted, INTENT_NONE },
		{ intent->up, INTENT_UP },
		{ !bounds->on, INTENT_OFF },
		{ facts->managed, INTENT_MANAGED },
		{ !facts->card, INTENT_NO_CARD },
		{ !facts->enabled, INTENT_DISABLED },
		{ !facts->registered, INTENT_NO_NETWORK },
		{ !facts->allowed, INTENT_ROAMING },
		{ !facts->heard, INTENT_NO_SIGNAL },
		{ bounds->tries && intent->failures > bounds->tries, INTENT_GIVEN_UP },
		{ intent->refused && early, INTENT_REFUSED },
		{ early, INTENT_WAITING },
		{ true, INTENT_DUE },
	};
	size_t i = 0;

	while (!rows[i].holds)
		i++;
	*ret_wait_usec = UINT64_MAX;
	if ((rows[i].state == INTENT_REFUSED || rows[i].state == INTENT_WAITING) &&
	    intent->due_usec != UINT64_MAX)
		*ret_wait_usec = intent->due_usec - now_usec;
	return rows[i].state;
}

uint64_t intent_outage(uint64_t *since_usec, const struct intent_bounds *bounds,
		       enum mm_modem_3gpp_registration_state registration, uint64_t now_usec)
{
	switch (registration) {
	case MM_MODEM_3GPP_REGISTRATION_STATE_HOME:
	case MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING:
	case MM_MODEM_3GPP_REGISTRATION_STATE_SEARCHING:
	case MM_MODEM_3GPP_REGISTRATION_STATE_HOME_SMS_ONLY:
	case MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING_SMS_ONLY:
	case MM_MODEM_3GPP_REGISTRATION_STATE_HOME_CSFB_NOT_PREFERRED:
	case MM_MODEM_3GPP_REGISTRATION_STATE_ROAMING_CSFB_NOT_PREFERRED:
	case MM_MODEM_3GPP_REGISTRATION_STATE_ATTACHED_RLOS:
		*since_usec = 0;
		return UINT64_MAX;
	case MM_MODEM_3GPP_REGISTRATION_STATE_EMERGENCY_ONLY:
		return 0;
	case MM_MODEM_3GPP_REGISTRATION_STATE_IDLE:
	case MM_MODEM_3GPP_REGISTRATION_STATE_DENIED:
	case MM_MODEM_3GPP_REGISTRATION_STATE_UNKNOWN:
		break;
	}
	if (!*since_usec)
		*since_usec = now_usec;
	return now_usec - *since_usec < bounds->outage_usec
		       ? bounds->outage_usec - (now_usec - *since_usec)
		       : 0;
}

const char *intent_words(enum intent_state state)
{
	static const char *const words[] = {
		[INTENT_NONE] = "nobody wants it",
		[INTENT_UP] = "it is up",
		[INTENT_OFF] = "connections are not brought back",
		[INTENT_MANAGED] = "it is managed by who asked for it",
		[INTENT_NO_CARD] = "there is no usable SIM",
		[INTENT_DISABLED] = "the modem is disabled",
		[INTENT_NO_NETWORK] = "there is no network",
		[INTENT_ROAMING] = "roaming is not allowed",
		[INTENT_NO_SIGNAL] = "there is no signal",
		[INTENT_GIVEN_UP] = "it failed too often",
		[INTENT_REFUSED] = "the operator refuses it",
		[INTENT_WAITING] = "the next try is not due",
		[INTENT_DUE] = "it is tried again",
	};

	return words[state];
}
