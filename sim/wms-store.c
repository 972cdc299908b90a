/*
 * WMS, stores: reading, writing, listing and deleting messages.
 */
#include <qmikit/wms.h>

#include <errno.h>

#include "lib/3gpp/sms-pdu.h"
#include "modem.h"

uint16_t qk_sim_wms_check(const struct qk_sim_call *call, uint8_t storage, bool has_mode,
			  uint8_t mode)
{
	/* the numbers of WMS's storages are those of the model's stores */
	if (storage != QK_WMS_STORAGE_TYPE_UIM && storage != QK_WMS_STORAGE_TYPE_NV)
		return QK_ERROR_INVALID_ARGUMENT;
	if (has_mode && mode != QK_WMS_MESSAGE_MODE_GSM_WCDMA)
		return QK_ERROR_DEVICE_UNSUPPORTED;
	if (!(call->sim->state.booted & QK_SIM_BOOTED_SMS))
		return QK_ERROR_DEVICE_NOT_READY;
	if (storage == QK_WMS_STORAGE_TYPE_UIM && !qk_sim_state_card_ready(&call->sim->state))
		return QK_ERROR_UIM_UNINITIALIZED;
	return QK_ERROR_NONE;
}

static uint16_t error_of(int r)
{
	static const struct qk_sim_error rows[] = {
		{ -EINVAL, QK_ERROR_WMS_ENCODING },
		{ -ENOSPC, QK_ERROR_DEVICE_STORAGE_FULL },
		{ -ENODEV, QK_ERROR_UIM_UNINITIALIZED },
		{ -ENOENT, QK_ERROR_NO_ENTRY },
	};

	return qk_sim_error_of(r, rows, sizeof(rows) / sizeof(rows[0]));
}

/* What was made here was not sent yet, what came from elsewhere was not read. */
static uint8_t tag_of(struct qk_span pdu)
{
	struct qk_sms sms;

	return qk_sms_decode(pdu, &sms) == 0 && sms.type != QK_SMS_SUBMIT ? QK_SIM_SMS_UNREAD
									  : QK_SIM_SMS_UNSENT;
}

uint16_t qk_sim_wms_raw_write(struct qk_sim_call *call)
{
	const struct qk_wms_raw_write_request *request = call->request;
	const struct qk_wms_message_to_store *message = &request->raw_message_data;
	struct qk_wms_raw_write_response *response = call->response;
	struct qk_span pdu = { message->raw_data.data, message->raw_data.size };
	uint16_t error = qk_sim_wms_check(call, message->storage_type, false, 0);
	size_t index;

	if (error)
		return error;
	if (message->format != QK_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT)
		return QK_ERROR_DEVICE_UNSUPPORTED;
	int r = qk_sim_sms_put(&call->sim->state, message->storage_type, tag_of(pdu), pdu.data,
			       pdu.size, &index);
	if (r < 0)
		return error_of(r);
	response->has_memory_index = true;
	response->memory_index = (uint32_t)index;
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wms_raw_read(struct qk_sim_call *call)
{
	const struct qk_wms_raw_read_request *request = call->request;
	const struct qk_wms_message_place *place = &request->message_memory_storage_id;
	struct qk_wms_raw_read_response *response = call->response;
	uint16_t error = qk_sim_wms_check(call, place->storage_type, request->has_message_mode,
					  request->message_mode);

	if (error)
		return error;
	const struct qk_sim_sms_slot *slot =
		qk_sim_sms_get(&call->sim->state, place->storage_type, place->memory_index);
	if (!slot)
		return QK_ERROR_NO_ENTRY;
	response->has_raw_message_data = true;
	response->raw_message_data = (struct qk_wms_stored_message){
		.message_tag = slot->tag,
		.format = QK_WMS_MESSAGE_FORMAT_GSM_WCDMA_POINT_TO_POINT,
		.raw_data = { slot->pdu.data, slot->pdu.size },
	};
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wms_modify_tag(struct qk_sim_call *call)
{
	const struct qk_wms_modify_tag_request *request = call->request;
	uint16_t error = qk_sim_wms_check(call, request->message_tag.storage_type,
					  request->has_message_mode, request->message_mode);

	if (error)
		return error;
	if (request->message_tag.message_tag > QK_SIM_SMS_UNSENT)
		return QK_ERROR_INVALID_ARGUMENT;
	return error_of(qk_sim_sms_set_tag(&call->sim->state, request->message_tag.storage_type,
					   request->message_tag.memory_index,
					   request->message_tag.message_tag));
}

uint16_t qk_sim_wms_delete(struct qk_sim_call *call)
{
	const struct qk_wms_delete_request *request = call->request;
	struct qk_sim_state *state = &call->sim->state;
	uint16_t error = qk_sim_wms_check(call, request->memory_storage, request->has_message_mode,
					  request->message_mode);

	if (error)
		return error;
	if (request->has_memory_index)
		return error_of(
			qk_sim_sms_delete(state, request->memory_storage, request->memory_index));
	if (request->has_message_tag && request->message_tag > QK_SIM_SMS_UNSENT)
		return QK_ERROR_INVALID_ARGUMENT;
	qk_sim_sms_delete_all(state, request->memory_storage,
			      request->has_message_tag ? request->message_tag : -1);
	return QK_ERROR_NONE;
}

uint16_t qk_sim_wms_list_messages(struct qk_sim_call *call)
{
	const struct qk_wms_list_messages_request *request = call->request;
	const struct qk_sim_state *state = &call->sim->state;
	struct qk_wms_list_messages_response *response = call->response;
	uint16_t error = qk_sim_wms_check(call, request->storage_type, request->has_message_mode,
					  request->message_mode);
	size_t size = qk_sim_sms_size(request->storage_type);

	if (error)
		return error;
	if (request->has_message_tag && request->message_tag > QK_SIM_SMS_UNSENT)
		return QK_ERROR_INVALID_ARGUMENT;
	response->message_list.items =
		qk_arena_take(&call->sim->arena, size * sizeof(*response->message_list.items));
	if (!response->message_list.items)
		return QK_ERROR_NO_MEMORY;
	for (size_t i = 0; i < size; i++) {
		const struct qk_sim_sms_slot *slot =
			qk_sim_sms_get(state, request->storage_type, i);
		if (!slot || (request->has_message_tag && slot->tag != request->message_tag))
			continue;
		response->message_list.items[response->message_list.count++] =
			(struct qk_wms_list_messages_response_message_list){
				.memory_index = (uint32_t)i,
				.message_tag = slot->tag,
			};
	}
	response->has_message_list = true;
	return QK_ERROR_NONE;
}
