/*
 * UIM, files: reading and writing the files of the card. What goes wrong has the card's status words beside the QMI
 * error. An answer in an indication, which a request may ask for by a token, is never used: the response has
 * the result [C].
 */
#include <string.h>

#include "lib/3gpp/sim-file.h"
#include "uim.h"

#define ATTRIBUTES_MAX 64

const struct qk_sim_file *qk_sim_uim_find(struct qk_sim_call *call, const struct qk_uim_file *file)
{
	const struct qk_sim_card *card = &call->sim->state.card;
	uint16_t ids[QK_SIM_PATH_MAX];
	size_t count = file->file_path.size / 2;

	if (!count)
		return qk_sim_card_find_id(card, file->file_id);
	if (file->file_path.size % 2 || count >= QK_SIM_PATH_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++)
		ids[i] = (uint16_t)(file->file_path.data[2 * i] | file->file_path.data[2 * i + 1]
									  << 8);
	/* 7FFF alone is the application too */
	if (ids[0] != 0x3f00) {
		if (count + 1 >= QK_SIM_PATH_MAX)
			return NULL;
		memmove(ids + 1, ids, count * sizeof(ids[0]));
		ids[0] = 0x3f00;
		count++;
	}
	if (file->file_id != ids[count - 1])
		ids[count++] = file->file_id;
	const struct qk_sim_path path = qk_sim_path(ids, count);
	return qk_sim_card_find(card, &path);
}

static struct qk_uim_card_result words(uint16_t status)
{
	return (struct qk_uim_card_result){ (uint8_t)(status >> 8), (uint8_t)status };
}

/* Why a file cannot be asked for at all: 0, or the card's answer. */
static uint16_t check(struct qk_sim_call *call, const struct qk_sim_file *file)
{
	if (!qk_sim_card_answers(&call->sim->state.card))
		return QK_SIM_SW_NO_CARD;
	return file ? QK_SIM_SW_OK : QK_SIM_SW_NOT_FOUND;
}

uint16_t qk_sim_uim_read_transparent(struct qk_sim_call *call)
{
	const struct qk_uim_read_transparent_request *request = call->request;
	struct qk_uim_read_transparent_response *response = call->response;
	const struct qk_sim_file *file = qk_sim_uim_find(call, &request->file);
	uint16_t status = check(call, file);
	struct qk_span bytes = { 0 };

	if (status == QK_SIM_SW_OK)
		status = qk_sim_card_read(&call->sim->state.card, file,
					  request->read_information.offset,
					  request->read_information.length, &bytes);
	response->has_card_result = status != QK_SIM_SW_NO_CARD;
	response->card_result = words(status);
	response->has_read_result = status == QK_SIM_SW_OK;
	response->read_result = (struct qk_bytes){ bytes.data, bytes.size };
	return qk_sim_uim_error(status);
}

/* The records behind the first, in a row. */
static uint16_t read_more(struct qk_sim_call *call, const struct qk_sim_file *file, uint16_t last,
			  struct qk_uim_read_record_response *response)
{
	const struct qk_uim_read_record_request *request = call->request;
	size_t count = last - request->record.record_number;
	uint8_t *all = qk_arena_take(&call->sim->arena, count * file->record_size);
	struct qk_span record;

	if (!all)
		return QK_SIM_SW_WRONG_LENGTH;
	for (size_t i = 0; i < count; i++) {
		uint16_t status = qk_sim_card_read_record(
			&call->sim->state.card, file,
			(unsigned int)(request->record.record_number + 1 + i), &record);
		if (status != QK_SIM_SW_OK)
			return status;
		memcpy(all + i * file->record_size, record.data, record.size);
	}
	response->has_additional_read_result = true;
	response->additional_read_result = (struct qk_bytes){ all, count * file->record_size };
	return QK_SIM_SW_OK;
}

uint16_t qk_sim_uim_read_record(struct qk_sim_call *call)
{
	const struct qk_uim_read_record_request *request = call->request;
	struct qk_uim_read_record_response *response = call->response;
	const struct qk_sim_file *file = qk_sim_uim_find(call, &request->file);
	uint16_t status = check(call, file);
	struct qk_span bytes = { 0 };

	if (status == QK_SIM_SW_OK)
		status = qk_sim_card_read_record(&call->sim->state.card, file,
						 request->record.record_number, &bytes);
	if (status == QK_SIM_SW_OK && request->record.record_length > bytes.size)
		status = QK_SIM_SW_WRONG_LENGTH;
	if (status == QK_SIM_SW_OK && request->has_last_record &&
	    request->last_record > request->record.record_number)
		status = request->last_record <= qk_sim_file_records(file)
				 ? read_more(call, file, request->last_record, response)
				 : QK_SIM_SW_NO_RECORD;
	if (request->record.record_length && request->record.record_length < bytes.size)
		bytes.size = request->record.record_length;
	response->has_card_result = status != QK_SIM_SW_NO_CARD;
	response->card_result = words(status);
	response->has_read_result = status == QK_SIM_SW_OK;
	response->read_result = (struct qk_bytes){ bytes.data, bytes.size };
	return qk_sim_uim_error(status);
}

uint16_t qk_sim_uim_write_transparent(struct qk_sim_call *call)
{
	const struct qk_uim_write_transparent_request *request = call->request;
	struct qk_uim_write_transparent_response *response = call->response;
	const struct qk_sim_file *file = qk_sim_uim_find(call, &request->file);
	const struct qk_span bytes = { request->write_transparent.data.data,
				       request->write_transparent.data.size };
	uint16_t status = check(call, file);

	if (status == QK_SIM_SW_OK)
		status = qk_sim_card_write(&call->sim->state, file,
					   request->write_transparent.offset, bytes);
	response->has_card_result = status != QK_SIM_SW_NO_CARD;
	response->card_result = words(status);
	return qk_sim_uim_error(status);
}

uint16_t qk_sim_uim_write_record(struct qk_sim_call *call)
{
	const struct qk_uim_write_record_request *request = call->request;
	struct qk_uim_write_record_response *response = call->response;
	const struct qk_sim_file *file = qk_sim_uim_find(call, &request->file);
	const struct qk_span bytes = { request->write_record.record.data,
				       request->write_record.record.size };
	uint16_t status = check(call, file);

	if (status == QK_SIM_SW_OK)
		status = qk_sim_card_write_record(&call->sim->state, file,
						  request->write_record.record_number, bytes);
	response->has_card_result = status != QK_SIM_SW_NO_CARD;
	response->card_result = words(status);
	return qk_sim_uim_error(status);
}

static const struct {
	uint8_t logic;
	uint16_t attributes;
} rights[] = {
	[QK_SIM_ACCESS_ALWAYS] = { QK_UIM_SECURITY_ATTRIBUTE_LOGIC_ALWAYS, 0 },
	[QK_SIM_ACCESS_PIN1] = { QK_UIM_SECURITY_ATTRIBUTE_LOGIC_SINGLE,
				 QK_UIM_SECURITY_ATTRIBUTE_PIN1 },
	[QK_SIM_ACCESS_PIN2] = { QK_UIM_SECURITY_ATTRIBUTE_LOGIC_SINGLE,
				 QK_UIM_SECURITY_ATTRIBUTE_PIN2 },
	[QK_SIM_ACCESS_ADM] = { QK_UIM_SECURITY_ATTRIBUTE_LOGIC_SINGLE,
				QK_UIM_SECURITY_ATTRIBUTE_ADM },
	[QK_SIM_ACCESS_NEVER] = { QK_UIM_SECURITY_ATTRIBUTE_LOGIC_NEVER, 0 },
};

static uint8_t type_of(const struct qk_sim_file *file)
{
	static const uint8_t types[] = { [QK_SIM_FILE_TRANSPARENT] = QK_UIM_FILE_TYPE_TRANSPARENT,
					 [QK_SIM_FILE_LINEAR_FIXED] = QK_UIM_FILE_TYPE_LINEAR_FIXED,
					 [QK_SIM_FILE_CYCLIC] = QK_UIM_FILE_TYPE_CYCLIC,
					 [QK_SIM_FILE_FOLDER] = QK_UIM_FILE_TYPE_DEDICATED_FILE };

	return file->path.count == 1 ? QK_UIM_FILE_TYPE_MASTER_FILE : types[file->type];
}

uint16_t qk_sim_uim_get_file_attributes(struct qk_sim_call *call)
{
	const struct qk_uim_get_file_attributes_request *request = call->request;
	struct qk_uim_get_file_attributes_response *response = call->response;
	const struct qk_sim_card *card = &call->sim->state.card;
	const struct qk_sim_file *file = qk_sim_uim_find(call, &request->file);
	uint16_t status = check(call, file);

	response->has_card_result = status != QK_SIM_SW_NO_CARD;
	response->card_result = words(status);
	if (status != QK_SIM_SW_OK)
		return qk_sim_uim_error(status);
	uint8_t *raw = qk_arena_take(&call->sim->arena, ATTRIBUTES_MAX);
	int raw_size = raw ? qk_sim_card_describe(card, file, raw, ATTRIBUTES_MAX) : -1;
	if (raw_size < 0)
		return QK_ERROR_NO_MEMORY;
	response->has_file_attributes = true;
	response->file_attributes.file_size = file->size;
	response->file_attributes.file_id = file->path.ids[file->path.count - 1];
	response->file_attributes.file_type = type_of(file);
	response->file_attributes.record_size = file->record_size;
	response->file_attributes.record_count = (uint16_t)qk_sim_file_records(file);
	response->file_attributes.read_security_attributes_logic = rights[file->read].logic;
	response->file_attributes.read_security_attributes = rights[file->read].attributes;
	response->file_attributes.write_security_attributes_logic = rights[file->write].logic;
	response->file_attributes.write_security_attributes = rights[file->write].attributes;
	response->file_attributes.increase_security_attributes_logic =
		QK_UIM_SECURITY_ATTRIBUTE_LOGIC_NEVER;
	response->file_attributes.deactivate_security_attributes_logic =
		QK_UIM_SECURITY_ATTRIBUTE_LOGIC_SINGLE;
	response->file_attributes.deactivate_security_attributes = QK_UIM_SECURITY_ATTRIBUTE_ADM;
	response->file_attributes.activate_security_attributes_logic =
		QK_UIM_SECURITY_ATTRIBUTE_LOGIC_SINGLE;
	response->file_attributes.activate_security_attributes = QK_UIM_SECURITY_ATTRIBUTE_ADM;
	response->file_attributes.raw_data = (struct qk_bytes){ raw, (size_t)raw_size };
	return QK_ERROR_NONE;
}
