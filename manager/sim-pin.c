/*
 * SIM PIN: a code is told to the card, then the card is read again: also a wrong one changes how many tries are left.
 */
#include "sim-pin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/uim.h>

#include "card.h"
#include "request.h"
#include "sim.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A session of no application: the code is the card's, also before an application was chosen. */
static const struct qk_uim_session card_session = { .session_type =
							    QK_UIM_SESSION_TYPE_CARD_SLOT_1 };

static struct qk_string text_in(const struct operation *op, size_t index)
{
	const char *text = request_text(op, index);

	return (struct qk_string){ text, strlen(text) };
}

/* What the refusal of a code means to the caller. */
static const struct {
	uint16_t error;
	const char *name, *text;
} refusals[] = {
	{ QK_ERROR_INCORRECT_PIN, MM_MOBILE_EQUIPMENT_ERROR_INCORRECT_PASSWORD,
	  "the code is wrong" },
	{ QK_ERROR_PIN_BLOCKED, MM_MOBILE_EQUIPMENT_ERROR_SIM_PUK, "the code is blocked" },
};

static void refuse(struct failure *failure, uint16_t error, const char *doing)
{
	failure_from(failure, 0, error, doing);
	for (size_t i = 0; i < COUNT(refusals); i++) {
		if (refusals[i].error != error)
			continue;
		failure->name = refusals[i].name;
		snprintf(failure->text, sizeof(failure->text), "%s", refusals[i].text);
	}
}

static void take_end(struct operation *op, const void *response, uint16_t error, const void *about)
{
	struct failure failure;

	(void)response;
	if (!error)
		return;
	refuse(&failure, error, about);
	request_refuse(op, failure.name, "%s", failure.text);
}

static void ask(struct operation *op, const struct qk_method *method, const void *request,
		const char *doing)
{
	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_UIM,
					      .need = OPERATION_TRIES,
					      .method = method,
					      .take = take_end,
					      .about = doing,
					      .request = request });
}

static const char verifying[] = "verify the PIN";

static struct qk_uim_verify_pin_request verify_request(struct qk_string pin)
{
	return (struct qk_uim_verify_pin_request){
		.has_session = true,
		.session = card_session,
		.has_info = true,
		.info = { QK_UIM_PIN_ID_PIN1, pin },
	};
}

static void verify(struct operation *op)
{
	const struct qk_uim_verify_pin_request request = verify_request(text_in(op, 0));

	ask(op, &qk_uim_verify_pin_method, &request, verifying);
}

static void unblock(struct operation *op)
{
	const struct qk_uim_unblock_pin_request request = {
		.has_session = true,
		.session = card_session,
		.has_info = true,
		.info = { QK_UIM_PIN_ID_PIN1, text_in(op, 0), text_in(op, 1) },
	};

	ask(op, &qk_uim_unblock_pin_method, &request, "unblock the PIN");
}

static void protect(struct operation *op)
{
	const struct qk_uim_set_pin_protection_request request = {
		.has_session = true,
		.session = card_session,
		.has_info = true,
		.info = { QK_UIM_PIN_ID_PIN1, json_is_true(request_in(op, 1)), text_in(op, 0) },
	};

	ask(op, &qk_uim_set_pin_protection_method, &request, "set the protection by PIN");
}

static void change(struct operation *op)
{
	const struct qk_uim_change_pin_request request = {
		.has_session = true,
		.session = card_session,
		.has_info = true,
		.info = { QK_UIM_PIN_ID_PIN1, text_in(op, 0), text_in(op, 1) },
	};

	ask(op, &qk_uim_change_pin_method, &request, "change the PIN");
}

/* What each method tells the card, and the lock that it is for; UNKNOWN: any. */
static const struct {
	const struct api_method *method;
	void (*tell)(struct operation *op);
	enum mm_modem_lock lock;
} codes[] = {
	{ API_METHOD_SIM_SEND_PIN, verify, MM_MODEM_LOCK_SIM_PIN },
	{ API_METHOD_SIM_SEND_PUK, unblock, MM_MODEM_LOCK_SIM_PUK },
	{ API_METHOD_SIM_ENABLE_PIN, protect, MM_MODEM_LOCK_UNKNOWN },
	{ API_METHOD_SIM_CHANGE_PIN, change, MM_MODEM_LOCK_UNKNOWN },
};

static void tell_code(struct operation *op)
{
	for (size_t i = 0; i < COUNT(codes); i++)
		if (api_call_method(request_of(op)->call) == codes[i].method)
			codes[i].tell(op);
}

/* clang-format off */
#define READ_AGAIN                                       \
	{ "read the card again", sim_read_status },      \
	{ "read its files", card_read_files },           \
	{ "read what depends on them", card_read_more }, \
	{ "tell what became of the card", card_settle }
/* clang-format on */

static const struct step steps[] = { { "tell the card a code", tell_code }, READ_AGAIN };

/* --- On the way to a connection */

struct unlock {
	char pin[SIM_PIN_MAX + 1];
	struct failure refusal; /* its name NULL: none */
	operation_done_fn fn;
	void *userdata;
};

static void take_unlock(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	struct unlock *unlock = operation_data(op);

	(void)response;
	if (error)
		refuse(&unlock->refusal, error, about);
}

static void tell_pin(struct operation *op)
{
	const struct unlock *unlock = operation_data(op);
	const struct qk_uim_verify_pin_request request =
		verify_request((struct qk_string){ unlock->pin, strlen(unlock->pin) });

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_UIM,
					      .need = OPERATION_TRIES,
					      .method = &qk_uim_verify_pin_method,
					      .take = take_unlock,
					      .about = verifying,
					      .request = &request });
}

static void on_unlocked(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct unlock unlock = *(struct unlock *)userdata;

	free(userdata);
	unlock.fn(modem, !failure && unlock.refusal.name ? &unlock.refusal : failure,
		  unlock.userdata);
}

int sim_pin_unlock(struct modem *modem, const char *pin, operation_done_fn fn, void *userdata)
{
	static const struct step unlock_steps[] = { { "tell the card its PIN", tell_pin },
						    READ_AGAIN };
	struct unlock *unlock = calloc(1, sizeof(*unlock));
	int r = unlock ? 0 : -ENOMEM;

	if (r == 0) {
		snprintf(unlock->pin, sizeof(unlock->pin), "%s", pin);
		unlock->fn = fn;
		unlock->userdata = userdata;
		r = operation_start(modem, OPERATION_IN_TURN, unlock_steps, COUNT(unlock_steps),
				    on_unlocked, unlock);
	}
	if (r < 0)
		free(unlock);
	return r;
}

/* --- Methods */

void sim_pin_on_code(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_IN_TURN,
						  MM_MODEM_STATE_LOCKED };
	struct modem *modem = userdata;

	for (size_t i = 0; i < COUNT(codes); i++) {
		if (api_call_method(call) != codes[i].method ||
		    codes[i].lock == MM_MODEM_LOCK_UNKNOWN || codes[i].lock == modem->facts.lock)
			continue;
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the SIM does not ask for it: %s",
			       api_value_name(&api_values_modem_lock, modem->facts.lock));
		return;
	}
	request_start(call, in, modem, &kind);
}
