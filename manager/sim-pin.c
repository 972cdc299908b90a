/*
 * SIM PIN: a code is told to the card, then the card is read again: also a wrong one changes how many tries are left.
 */
#include "sim-pin.h"

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

static void take_end(struct operation *op, const void *response, uint16_t error, const void *about)
{
	struct failure failure;

	(void)response;
	if (!error)
		return;
	for (size_t i = 0; i < COUNT(refusals); i++)
		if (refusals[i].error == error)
			request_refuse(op, refusals[i].name, "%s", refusals[i].text);
	failure_from(&failure, 0, error, about);
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

static void verify(struct operation *op)
{
	const struct qk_uim_verify_pin_request request = {
		.has_session = true,
		.session = card_session,
		.has_info = true,
		.info = { QK_UIM_PIN_ID_PIN1, text_in(op, 0) },
	};

	ask(op, &qk_uim_verify_pin_method, &request, "verify the PIN");
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

static const struct step steps[] = {
	{ "tell the card a code", tell_code },
	{ "read the card again", sim_read_status },
	{ "read its files", card_read_files },
	{ "read what depends on them", card_read_more },
	{ "tell what became of the card", card_settle },
};

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
