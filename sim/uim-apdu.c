/*
 * UIM, the card itself: APDUs and logical channels.
 */
#include "apdu.h"
#include "uim.h"

uint16_t qk_sim_uim_send_apdu(struct qk_sim_call *call)
{
	const struct qk_uim_send_apdu_request *request = call->request;
	struct qk_uim_send_apdu_response *response = call->response;
	uint8_t *answer = qk_arena_take(&call->sim->arena, QK_SIM_APDU_MAX);
	uint8_t *command = qk_arena_take(&call->sim->arena, request->apdu.size + 1);

	if (!answer || !command)
		return QK_ERROR_NO_MEMORY;
	if (request->slot != 1)
		return QK_ERROR_INVALID_ARGUMENT;
	for (size_t i = 0; i < request->apdu.size; i++)
		command[i] = request->apdu.data[i];
	/* the modem puts the channel into the class byte */
	if (request->has_channel_id && request->apdu.size)
		command[0] = (uint8_t)((command[0] & ~0x03u) | (request->channel_id & 0x03u));
	size_t size = qk_sim_apdu(&call->sim->state,
				  (struct qk_span){ command, request->apdu.size }, answer);
	if (!size)
		return QK_ERROR_UIM_UNINITIALIZED;
	response->has_apdu_response = true;
	response->apdu_response = (struct qk_bytes){ answer, size };
	return QK_ERROR_NONE;
}

struct channel {
	uint16_t status;
	uint8_t number;
	struct qk_bytes answer;
};

static uint16_t open_channel(struct qk_sim_call *call, uint8_t slot, struct qk_bytes aid,
			     struct channel *ret)
{
	uint8_t *answer = qk_arena_take(&call->sim->arena, QK_SIM_APDU_MAX);
	size_t size = 0;

	if (!answer)
		return QK_ERROR_NO_MEMORY;
	if (slot != 1)
		return QK_ERROR_INVALID_ARGUMENT;
	ret->status = qk_sim_channel_open(&call->sim->state, (struct qk_span){ aid.data, aid.size },
					  &ret->number, answer, &size);
	ret->answer = (struct qk_bytes){ answer, size };
	return qk_sim_uim_error(ret->status);
}

static struct qk_uim_card_result words(uint16_t status)
{
	return (struct qk_uim_card_result){ (uint8_t)(status >> 8), (uint8_t)status };
}

uint16_t qk_sim_uim_open_logical_channel(struct qk_sim_call *call)
{
	const struct qk_uim_open_logical_channel_request *request = call->request;
	struct qk_uim_open_logical_channel_response *response = call->response;
	struct channel channel = { 0 };
	struct qk_bytes aid = request->has_aid ? request->aid : (struct qk_bytes){ 0 };
	uint16_t error = open_channel(call, request->slot, aid, &channel);

	response->has_card_result = channel.status != QK_SIM_SW_NO_CARD;
	response->card_result = words(channel.status);
	if (error)
		return error;
	response->has_channel_id = true;
	response->channel_id = channel.number;
	response->has_select_response = channel.answer.size != 0;
	response->select_response = channel.answer;
	return QK_ERROR_NONE;
}

uint16_t qk_sim_uim_logical_channel(struct qk_sim_call *call)
{
	const struct qk_uim_logical_channel_request *request = call->request;
	struct qk_uim_logical_channel_response *response = call->response;
	struct channel channel = { 0 };
	uint16_t error;

	if (request->has_aid == request->has_channel_id)
		return QK_ERROR_MISSING_ARGUMENT;
	if (request->has_aid) {
		error = open_channel(call, request->slot, request->aid, &channel);
	} else {
		channel.number = request->channel_id;
		channel.status = qk_sim_channel_close(&call->sim->state, channel.number);
		error = channel.status == QK_SIM_SW_OK ? QK_ERROR_NONE : QK_ERROR_INVALID_ARGUMENT;
	}
	response->has_card_result = channel.status != QK_SIM_SW_NO_CARD;
	response->card_result = words(channel.status);
	if (error)
		return error;
	response->has_channel_id = request->has_aid;
	response->channel_id = channel.number;
	response->has_select_response = channel.answer.size != 0;
	response->select_response = channel.answer;
	return QK_ERROR_NONE;
}
