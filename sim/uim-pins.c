/*
 * UIM, PINs: requests on the codes of the card. An answer says how many tries are left, also when the code was
 * right.
 */
#include <string.h>

#include "uim.h"

static const struct {
	uint16_t status, error;
} errors[] = {
	{ QK_SIM_SW_OK, QK_ERROR_NONE },
	{ QK_SIM_SW_NO_CARD, QK_ERROR_UIM_UNINITIALIZED },
	{ QK_SIM_SW_BLOCKED, QK_ERROR_PIN_BLOCKED },
	{ QK_SIM_SW_DISABLED, QK_ERROR_NO_EFFECT },
	{ QK_SIM_SW_NO_ACCESS, QK_ERROR_ACCESS_DENIED },
	{ QK_SIM_SW_NOT_FOUND, QK_ERROR_SIM_FILE_NOT_FOUND },
	{ QK_SIM_SW_WRONG_DATA, QK_ERROR_INVALID_ARGUMENT },
	{ QK_SIM_SW_WRONG_LENGTH, QK_ERROR_INVALID_ARGUMENT },
	{ QK_SIM_SW_OUTSIDE, QK_ERROR_INVALID_ARGUMENT },
	{ QK_SIM_SW_NO_RECORD, QK_ERROR_INVALID_ARGUMENT },
	{ QK_SIM_SW_WRONG_TYPE, QK_ERROR_INVALID_ARGUMENT },
};

uint16_t qk_sim_uim_error(uint16_t status)
{
	if ((status & 0xfff0) == QK_SIM_SW_WRONG_CODE)
		return QK_ERROR_INCORRECT_PIN;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].status == status)
			return errors[i].error;
	return QK_ERROR_INTERNAL;
}

/* Text of a request; what is too long for a code is none. */
static const char *code_of(const struct qk_string *text, char buffer[static QK_SIM_CODE_MAX + 1])
{
	if (text->size > QK_SIM_CODE_MAX)
		return "";
	memcpy(buffer, text->data, text->size);
	buffer[text->size] = 0;
	return buffer;
}

/* Which PIN a request means: of the one application there is. */
static uint16_t find_pin(const struct qk_uim_session *session, uint8_t number, uint32_t *ret)
{
	if (session->session_type != QK_UIM_SESSION_TYPE_PRIMARY_GW_PROVISIONING &&
	    session->session_type != QK_UIM_SESSION_TYPE_NONPROVISIONING_SLOT_1 &&
	    session->session_type != QK_UIM_SESSION_TYPE_CARD_SLOT_1)
		return QK_ERROR_INVALID_ARGUMENT;
	if (number != QK_UIM_PIN_ID_PIN1 && number != QK_UIM_PIN_ID_PIN2)
		return QK_ERROR_INVALID_PIN_ID;
	*ret = number == QK_UIM_PIN_ID_PIN1 ? QK_SIM_PIN1 : QK_SIM_PIN2;
	return QK_ERROR_NONE;
}

static struct qk_uim_retries_remaining retries(struct qk_sim_call *call, uint32_t pin_id)
{
	const struct qk_sim_pin *pin = qk_sim_card_pin(&call->sim->state.card, pin_id);

	return (struct qk_uim_retries_remaining){ pin->retries, pin->unblock_retries };
}

static uint16_t pin_error(struct qk_sim_call *call, uint32_t pin_id, uint16_t status)
{
	const struct qk_sim_pin *pin = qk_sim_card_pin(&call->sim->state.card, pin_id);

	return status == QK_SIM_SW_BLOCKED && pin->state == QK_SIM_PIN_PERMANENTLY_BLOCKED
		       ? QK_ERROR_PIN_ALWAYS_BLOCKED
		       : qk_sim_uim_error(status);
}

/* The answers to three of the requests are alike; the definitions give each a type of its own. */
#define ANSWER(response, pin_id, status) \
	do { \
		(response)->has_retries_remaining = (status) != QK_SIM_SW_NO_CARD; \
		(response)->retries_remaining = retries(call, pin_id); \
		(response)->has_card_result = (status) != QK_SIM_SW_NO_CARD; \
		(response)->card_result = (struct qk_uim_card_result){ (uint8_t)((status) >> 8), \
								       (uint8_t)(status) }; \
	} while (0)

uint16_t qk_sim_uim_verify_pin(struct qk_sim_call *call)
{
	const struct qk_uim_verify_pin_request *request = call->request;
	struct qk_uim_verify_pin_response *response = call->response;
	char code[QK_SIM_CODE_MAX + 1];
	uint32_t pin_id;
	uint16_t error = find_pin(&request->session, request->info.pin_id, &pin_id);

	if (error)
		return error;
	uint16_t status = qk_sim_card_verify(&call->sim->state, pin_id,
					     code_of(&request->info.pin_value, code));
	ANSWER(response, pin_id, status);
	return pin_error(call, pin_id, status);
}

uint16_t qk_sim_uim_unblock_pin(struct qk_sim_call *call)
{
	const struct qk_uim_unblock_pin_request *request = call->request;
	struct qk_uim_unblock_pin_response *response = call->response;
	char unblock[QK_SIM_CODE_MAX + 1], code[QK_SIM_CODE_MAX + 1];
	uint32_t pin_id;
	uint16_t error = find_pin(&request->session, request->info.pin_id, &pin_id);

	if (error)
		return error;
	uint16_t status =
		qk_sim_card_unblock(&call->sim->state, pin_id, code_of(&request->info.puk, unblock),
				    code_of(&request->info.new_pin, code));
	ANSWER(response, pin_id, status);
	return pin_error(call, pin_id, status);
}

uint16_t qk_sim_uim_change_pin(struct qk_sim_call *call)
{
	const struct qk_uim_change_pin_request *request = call->request;
	struct qk_uim_change_pin_response *response = call->response;
	char old_code[QK_SIM_CODE_MAX + 1], code[QK_SIM_CODE_MAX + 1];
	uint32_t pin_id;
	uint16_t error = find_pin(&request->session, request->info.pin_id, &pin_id);

	if (error)
		return error;
	uint16_t status = qk_sim_card_change(&call->sim->state, pin_id,
					     code_of(&request->info.old_pin, old_code),
					     code_of(&request->info.new_pin, code));
	ANSWER(response, pin_id, status);
	return pin_error(call, pin_id, status);
}

uint16_t qk_sim_uim_set_pin_protection(struct qk_sim_call *call)
{
	const struct qk_uim_set_pin_protection_request *request = call->request;
	struct qk_uim_set_pin_protection_response *response = call->response;
	char code[QK_SIM_CODE_MAX + 1];
	uint32_t pin_id;
	uint16_t error = find_pin(&request->session, request->info.pin_id, &pin_id);

	if (error)
		return error;
	uint16_t status = qk_sim_card_protect(&call->sim->state, pin_id, request->info.pin_enabled,
					      code_of(&request->info.pin_value, code));
	response->has_retries_remaining = status != QK_SIM_SW_NO_CARD;
	response->retries_remaining = retries(call, pin_id);
	return pin_error(call, pin_id, status);
}
