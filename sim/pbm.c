/*
 * PBM: the phone books of the card as a view on its files, and the emergency numbers. No log of a modem that
 * was asked is public; what is not in the definitions is marked.
 */
#include <qmikit/pbm.h>

#include <stdio.h>
#include <string.h>

#include "lib/3gpp/utf8.h"
#include "modem.h"
#include "phonebook.h"
#include "uim.h"

enum {
	WATCH_READY = 1 << 0,
	WATCH_EMERGENCY = 1 << 1,
	/* Records in an indication: as many as an answer may be followed by indications make up a book. */
	RECORDS_MAX = 64,
};

/* --- Which book */

static const struct {
	uint16_t type;
	enum qk_sim_book book;
} books[] = {
	{ QK_PBM_PHONEBOOK_TYPE_ADN, QK_SIM_BOOK_ADN },
	{ QK_PBM_PHONEBOOK_TYPE_FDN, QK_SIM_BOOK_FDN },
	{ QK_PBM_PHONEBOOK_TYPE_MSISDN, QK_SIM_BOOK_MSISDN },
};

#define BOOK_COUNT (sizeof(books) / sizeof(books[0]))

/* What keeps the books from being read: 0 or an error [U]. */
static uint16_t check_ready(const struct qk_sim *sim)
{
	if (!qk_sim_card_answers(&sim->state.card))
		return QK_ERROR_UIM_UNINITIALIZED;
	if (!qk_sim_card_is_ready(&sim->state.card))
		return QK_ERROR_ACCESS_DENIED;
	return sim->state.booted & QK_SIM_BOOTED_PHONEBOOK ? QK_ERROR_NONE
							   : QK_ERROR_DEVICE_NOT_READY;
}

/* The file of a book: those of the one application that the modem uses. A book or a session that it has not is
 * InvalidArgument [U]. */
static uint16_t find_book(const struct qk_sim_call *call, uint8_t session, uint16_t type,
			  const struct qk_sim_file **ret)
{
	const struct qk_sim_file *file = NULL;
	uint16_t error = check_ready(call->sim);

	if (error)
		return error;
	for (size_t i = 0; i < BOOK_COUNT; i++)
		if (books[i].type == type)
			file = qk_sim_book_file(&call->sim->state.card, books[i].book);
	if (session != QK_PBM_SESSION_TYPE_GW_PRIMARY || !file)
		return QK_ERROR_INVALID_ARGUMENT;
	*ret = file;
	return QK_ERROR_NONE;
}

/* --- Names are UCS-2, the lower byte first */

static struct qk_bytes name_out(struct qk_sim_call *call, const char *name)
{
	struct qk_span text = { (const uint8_t *)name, strlen(name) };
	uint8_t *bytes = qk_arena_take(&call->sim->arena, 2 * text.size + 1);
	uint32_t character;
	size_t size = 0;

	while (bytes && qk_utf8_next(&text, &character)) {
		if (character > UINT16_MAX)
			character = '?';
		bytes[size++] = (uint8_t)character;
		bytes[size++] = (uint8_t)(character >> 8);
	}
	return (struct qk_bytes){ bytes, size };
}

static bool name_in(const struct qk_bytes *name, char ret[QK_SIM_BOOK_NAME_MAX])
{
	int size = qk_ucs2_to_utf8((struct qk_span){ name->data, name->size }, ret,
				   QK_SIM_BOOK_NAME_MAX);

	return size >= 0 && size < QK_SIM_BOOK_NAME_MAX;
}

static struct qk_string number_out(struct qk_sim_call *call, const char *number)
{
	size_t size = strlen(number);
	char *text = qk_arena_take(&call->sim->arena, size + 1);

	if (!text)
		return (struct qk_string){ "", 0 };
	memcpy(text, number, size + 1);
	return (struct qk_string){ text, size };
}

static bool number_in(const struct qk_string *number, uint8_t type,
		      char ret[QK_SIM_BOOK_NUMBER_MAX])
{
	bool plus =
		type == QK_PBM_NUMBER_TYPE_INTERNATIONAL && number->size && *number->data != '+';

	if (number->size > QK_SIM_BOOK_DIGITS_MAX)
		return false;
	snprintf(ret, QK_SIM_BOOK_NUMBER_MAX, "%s%.*s", plus ? "+" : "", (int)number->size,
		 number->data);
	return !ret[strspn(ret, "+0123456789*#")];
}

/* --- Capabilities */

static uint16_t get_capabilities(struct qk_sim_call *call)
{
	const struct qk_pbm_get_capabilities_request *request = call->request;
	struct qk_pbm_get_capabilities_response *response = call->response;
	const struct qk_sim_file *file;
	uint8_t session = request->phonebook_information.session_type;
	uint16_t type = request->phonebook_information.phonebook_type;
	uint16_t error = find_book(call, session, type, &file);

	if (error)
		return error;
	response->has_capability_basic_information = true;
	response->capability_basic_information =
		(struct qk_pbm_get_capabilities_response_capability_basic_information){
			.session_type = session,
			.phonebook_type = type,
			.used_records = (uint16_t)qk_sim_book_used(&call->sim->state.card, file),
			.maximum_records = (uint16_t)qk_sim_file_records(file),
			.maximum_number_length = QK_SIM_BOOK_DIGITS_MAX,
			.maximum_name_length = (uint8_t)qk_sim_book_name_size(file),
		};
	return QK_ERROR_NONE;
}

/* This card has no additional numbers, groups or addresses: of all that nothing is told [U]. */
static uint16_t get_all_capabilities(struct qk_sim_call *call)
{
	struct qk_pbm_get_all_capabilities_response *response = call->response;
	struct qk_pbm_get_all_capabilities_response_capability_basic_information *session;
	const struct qk_sim_card *card = &call->sim->state.card;
	uint16_t error = check_ready(call->sim);

	if (error)
		return error;
	session = qk_arena_take(&call->sim->arena, sizeof(*session));
	if (session)
		session->phonebooks.items = qk_arena_take(
			&call->sim->arena, BOOK_COUNT * sizeof(*session->phonebooks.items));
	if (!session || !session->phonebooks.items)
		return QK_ERROR_NO_MEMORY;
	session->session_type = QK_PBM_SESSION_TYPE_GW_PRIMARY;
	session->phonebooks.count = 0;
	for (size_t i = 0; i < BOOK_COUNT; i++) {
		const struct qk_sim_file *file = qk_sim_book_file(card, books[i].book);

		if (!file)
			continue;
		session->phonebooks.items[session->phonebooks.count++] =
			(struct
			 qk_pbm_get_all_capabilities_response_capability_basic_information_phonebooks){
				.phonebook_type = books[i].type,
				.used_records = (uint16_t)qk_sim_book_used(card, file),
				.maximum_records = (uint16_t)qk_sim_file_records(file),
				.maximum_number_length = QK_SIM_BOOK_DIGITS_MAX,
				.maximum_name_length = (uint8_t)qk_sim_book_name_size(file),
			};
	}
	response->has_capability_basic_information = true;
	response->capability_basic_information.items = session;
	response->capability_basic_information.count = 1;
	return QK_ERROR_NONE;
}

static uint16_t get_state(struct qk_sim_call *call)
{
	const struct qk_pbm_get_state_request *request = call->request;
	struct qk_pbm_get_state_response *response = call->response;
	const struct qk_sim_file *file;
	uint16_t error = find_book(call, request->phonebook.session_type,
				   request->phonebook.phonebook_type, &file);
	static const struct {
		uint16_t error;
		uint8_t state;
	} states[] = {
		{ QK_ERROR_NONE, QK_PBM_STATE_READY },
		{ QK_ERROR_DEVICE_NOT_READY, QK_PBM_STATE_NOT_READY },
		{ QK_ERROR_UIM_UNINITIALIZED, QK_PBM_STATE_NOT_AVAILABLE },
		{ QK_ERROR_ACCESS_DENIED, QK_PBM_STATE_PIN_RESTRICTION },
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (states[i].error != error)
			continue;
		response->has_state = true;
		response->state.session_type = request->phonebook.session_type;
		response->state.phonebook_type = request->phonebook.phonebook_type;
		response->state.state = states[i].state;
		return QK_ERROR_NONE;
	}
	return error;
}

/* --- Records */

static void fill_record(struct qk_sim_call *call, unsigned int id,
			const struct qk_sim_book_entry *entry, struct qk_pbm_record *ret)
{
	bool international = entry->number[0] == '+';

	*ret = (struct qk_pbm_record){
		.record_id = (uint16_t)id,
		.number_type = international ? QK_PBM_NUMBER_TYPE_INTERNATIONAL
					     : QK_PBM_NUMBER_TYPE_UNKNOWN,
		.number_plan = QK_PBM_NUMBER_PLAN_ISDN,
		.number = number_out(call, entry->number + international),
		.name = name_out(call, entry->name),
	};
}

/* Tells the records from `*id` to `last`, as many as an indication holds; steps over them. How many they were, or
 * -1 when they cannot be told. */
static int tell_records(struct qk_sim_call *call, const struct qk_sim_file *file, unsigned int *id,
			unsigned int last, uint16_t sequence)
{
	const struct qk_pbm_read_records_request *request = call->request;
	struct qk_pbm_record *records =
		qk_arena_take(&call->sim->arena, RECORDS_MAX * sizeof(*records));
	struct qk_pbm_read_records_indication indication = {
		.has_records = true,
		.records = { .sequence_number = sequence,
			     .session_type = request->record_information.session_type,
			     .phonebook_type = request->record_information.phonebook_type },
	};
	struct qk_sim_book_entry entry;
	size_t count = 0;

	if (!records)
		return -1;
	for (; *id <= last && count < RECORDS_MAX; (*id)++)
		if (qk_sim_book_read(&call->sim->state.card, file, *id, &entry))
			fill_record(call, *id, &entry, &records[count++]);
	indication.records.records.items = records;
	indication.records.records.count = count;
	if (!count)
		return 0;
	return qk_sim_tell_after(call, &qk_pbm_read_records_message, &indication) ? (int)count : -1;
}

static uint16_t read_records(struct qk_sim_call *call)
{
	const struct qk_pbm_read_records_request *request = call->request;
	struct qk_pbm_read_records_response *response = call->response;
	const struct qk_sim_file *file;
	unsigned int first = request->record_information.start_id;
	unsigned int last = request->record_information.end_id;
	uint16_t error = find_book(call, request->record_information.session_type,
				   request->record_information.phonebook_type, &file);

	if (error)
		return error;
	if (!first || first > last || last > qk_sim_file_records(file))
		return QK_ERROR_INVALID_ARGUMENT;
	response->has_number_of_records = true;
	for (uint16_t sequence = 0; first <= last; sequence++) {
		int count = tell_records(call, file, &first, last, sequence);

		if (count < 0)
			return QK_ERROR_NO_MEMORY;
		response->number_of_records = (uint16_t)(response->number_of_records + count);
	}
	return QK_ERROR_NONE;
}

/* A record of id 0 goes where there is room [U]. */
static uint16_t write_record(struct qk_sim_call *call)
{
	const struct qk_pbm_write_record_request *request = call->request;
	struct qk_pbm_write_record_response *response = call->response;
	struct qk_sim_state *state = &call->sim->state;
	struct qk_sim_book_entry entry;
	const struct qk_sim_file *file;
	unsigned int id = request->record.record_id;
	uint16_t error = find_book(call, request->record.session_type,
				   request->record.phonebook_type, &file);

	if (error)
		return error;
	if (!name_in(&request->record.name, entry.name) ||
	    !number_in(&request->record.number, request->record.number_type, entry.number))
		return QK_ERROR_INVALID_ARGUMENT;
	if (!id)
		id = qk_sim_book_free(&state->card, file, 1);
	if (!id)
		return QK_ERROR_DEVICE_STORAGE_FULL;
	error = qk_sim_uim_error(qk_sim_book_write(state, file, id, &entry));
	response->has_record_id = !error;
	response->record_id = (uint16_t)id;
	return error;
}

static uint16_t delete_record(struct qk_sim_call *call)
{
	const struct qk_pbm_delete_record_request *request = call->request;
	struct qk_pbm_delete_record_response *response = call->response;
	static const struct qk_sim_book_entry none = { 0 };
	const struct qk_sim_file *file;
	uint16_t error = find_book(call, request->record.session_type,
				   request->record.phonebook_type, &file);

	if (!error)
		error = qk_sim_uim_error(qk_sim_book_write(&call->sim->state, file,
							   request->record.record_id, &none));
	response->has_record_id = !error;
	response->record_id = request->record.record_id;
	return error;
}

static uint16_t delete_all_records(struct qk_sim_call *call)
{
	const struct qk_pbm_delete_all_records_request *request = call->request;
	static const struct qk_sim_book_entry none = { 0 };
	const struct qk_sim_file *file = NULL;
	uint16_t error = find_book(call, request->phonebook.session_type,
				   request->phonebook.phonebook_type, &file);

	for (unsigned int i = 1; !error && i <= qk_sim_file_records(file); i++)
		error = qk_sim_uim_error(qk_sim_book_write(&call->sim->state, file, i, &none));
	return error;
}

/* The records with that number, or whose name begins so; with both, those that have both. */
static uint16_t search_records(struct qk_sim_call *call)
{
	const struct qk_pbm_search_records_request *request = call->request;
	struct qk_pbm_search_records_response *response = call->response;
	struct qk_sim_book_entry wanted = { 0 }, entry;
	const struct qk_sim_file *file;
	uint16_t error = find_book(call, request->phonebook.session_type,
				   request->phonebook.phonebook_type, &file);

	if (error)
		return error;
	if (!request->has_number && !request->has_name)
		return QK_ERROR_MISSING_ARGUMENT;
	if ((request->has_name && !name_in(&request->name, wanted.name)) ||
	    (request->has_number &&
	     !number_in(&request->number, QK_PBM_NUMBER_TYPE_UNKNOWN, wanted.number)))
		return QK_ERROR_INVALID_ARGUMENT;
	response->record_ids.items =
		qk_arena_take(&call->sim->arena, (qk_sim_file_records(file) + 1) *
							 sizeof(*response->record_ids.items));
	if (!response->record_ids.items)
		return QK_ERROR_NO_MEMORY;
	for (unsigned int i = 1; i <= qk_sim_file_records(file); i++) {
		if (!qk_sim_book_read(&call->sim->state.card, file, i, &entry) ||
		    strncmp(entry.name, wanted.name, strlen(wanted.name)) ||
		    (request->has_number && strcmp(entry.number, wanted.number)))
			continue;
		response->record_ids.items[response->record_ids.count++] = (uint16_t)i;
	}
	response->has_record_ids = true;
	return QK_ERROR_NONE;
}

static uint16_t get_next_empty_record_id(struct qk_sim_call *call)
{
	const struct qk_pbm_get_next_empty_record_id_request *request = call->request;
	struct qk_pbm_get_next_empty_record_id_response *response = call->response;
	const struct qk_sim_file *file;
	uint16_t error = find_book(call, request->record.session_type,
				   request->record.phonebook_type, &file);

	if (error)
		return error;
	response->record_id = (uint16_t)qk_sim_book_free(&call->sim->state.card, file,
							 request->record.record_id + 1u);
	response->has_record_id = response->record_id;
	return response->record_id ? QK_ERROR_NONE : QK_ERROR_NO_ENTRY;
}

static uint16_t get_next_record_id(struct qk_sim_call *call)
{
	const struct qk_pbm_get_next_record_id_request *request = call->request;
	struct qk_pbm_get_next_record_id_response *response = call->response;
	struct qk_sim_book_entry entry;
	const struct qk_sim_file *file;
	uint16_t error = find_book(call, request->record.session_type,
				   request->record.phonebook_type, &file);

	if (error)
		return error;
	for (unsigned int i = request->record.record_id + 1u; i <= qk_sim_file_records(file); i++) {
		if (!qk_sim_book_read(&call->sim->state.card, file, i, &entry))
			continue;
		response->has_record_id = true;
		response->record_id = (uint16_t)i;
		return QK_ERROR_NONE;
	}
	return QK_ERROR_NO_ENTRY;
}

/* --- Emergency numbers */

/* What every modem takes for one: with a card the first two, without one all (3GPP TS 22.101 10.1.1). */
static const char *const always[] = { "112", "911", "000", "08", "110", "118", "119", "999" };

enum { ALWAYS_WITH_CARD = 2, ALWAYS = sizeof(always) / sizeof(always[0]) };

static bool fill_card_numbers(struct qk_sim *sim, struct qk_pbm_emergency_numbers *ret)
{
	const struct qk_sim_card *card = &sim->state.card;
	unsigned int records = qk_sim_book_emergencies(card);
	struct qk_pbm_emergency_numbers_emergency_numbers *numbers =
		qk_arena_take(&sim->arena, (records + 1) * sizeof(*numbers));
	size_t count = 0;

	for (unsigned int i = 1; numbers && i <= records; i++) {
		char *number = qk_arena_take(&sim->arena, 7);

		if (!number || !qk_sim_book_emergency(card, i, number, &numbers[count].flags))
			continue;
		numbers[count++].emergency_number = qk_sim_text(number);
	}
	ret->session_type = QK_PBM_SESSION_TYPE_GW_PRIMARY;
	ret->emergency_numbers.items = numbers;
	ret->emergency_numbers.count = count;
	return count;
}

static bool fill_emergency(struct qk_sim *sim, struct qk_pbm_get_emergency_list_response *ret)
{
	size_t count = qk_sim_card_answers(&sim->state.card) ? ALWAYS_WITH_CARD : ALWAYS;

	ret->hardcoded_numbers.items =
		qk_arena_take(&sim->arena, count * sizeof(*ret->hardcoded_numbers.items));
	ret->card_numbers.items = qk_arena_take(&sim->arena, sizeof(*ret->card_numbers.items));
	if (!ret->hardcoded_numbers.items || !ret->card_numbers.items)
		return false;
	for (size_t i = 0; i < count; i++)
		ret->hardcoded_numbers.items[i].number = qk_sim_text(always[i]);
	ret->has_hardcoded_numbers = true;
	ret->hardcoded_numbers.count = count;
	ret->has_card_numbers = fill_card_numbers(sim, ret->card_numbers.items);
	ret->card_numbers.count = ret->has_card_numbers;
	return true;
}

static uint16_t get_emergency_list(struct qk_sim_call *call)
{
	return fill_emergency(call->sim, call->response) ? QK_ERROR_NONE : QK_ERROR_NO_MEMORY;
}

/* --- Who is told, and whose book it is */

static const struct {
	uint32_t flag, watch;
} events[] = {
	{ QK_PBM_EVENT_REGISTRATION_FLAG_PHONEBOOK_READY, WATCH_READY },
	{ QK_PBM_EVENT_REGISTRATION_FLAG_EMERGENCY_NUMBER_LIST, WATCH_EMERGENCY },
};

/* Records are not reported one by one [U]. */
static uint16_t indication_register(struct qk_sim_call *call)
{
	const struct qk_pbm_indication_register_request *request = call->request;
	struct qk_pbm_indication_register_response *response = call->response;

	response->has_event_registration_mask = true;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		uint32_t wanted = request->event_registration_mask & events[i].flag;

		qk_sim_watch(call->client, events[i].watch, true, wanted);
		response->event_registration_mask |= wanted;
	}
	return QK_ERROR_NONE;
}

static bool ready_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_pbm_all_phonebooks_ready_indication *ready = indication;

	(void)client;
	if (check_ready(sim) || !(sim->state.reached & QK_SIM_BOOTED_PHONEBOOK))
		return false;
	ready->phonebooks.items =
		qk_arena_take(&sim->arena, BOOK_COUNT * sizeof(*ready->phonebooks.items));
	if (!ready->phonebooks.items)
		return false;
	for (size_t i = 0; i < BOOK_COUNT; i++) {
		if (!qk_sim_book_file(&sim->state.card, books[i].book))
			continue;
		ready->phonebooks.items[ready->phonebooks.count++] =
			(struct qk_pbm_book){ QK_PBM_SESSION_TYPE_GW_PRIMARY, books[i].type };
	}
	ready->has_phonebooks = true;
	return true;
}

static bool emergency_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_pbm_get_emergency_list_response now = { 0 };

	(void)client;
	if (!fill_emergency(sim, &now))
		return false;
	qk_sim_copy_tlvs(qk_pbm_get_emergency_list_method.response, &now,
			 &qk_pbm_emergency_list_message, indication);
	return true;
}

static uint16_t bind_subscription(struct qk_sim_call *call)
{
	const struct qk_pbm_bind_subscription_request *request = call->request;

	return request->has_subscription && request->subscription != QK_PBM_SUBSCRIPTION_PRIMARY
		       ? QK_ERROR_INVALID_ARGUMENT
		       : QK_ERROR_NONE;
}

static uint16_t get_subscription(struct qk_sim_call *call)
{
	struct qk_pbm_get_subscription_response *response = call->response;

	response->has_subscription = true;
	response->subscription = QK_PBM_SUBSCRIPTION_PRIMARY;
	return QK_ERROR_NONE;
}

static const struct qk_sim_handler handlers[] = {
	{ "indication-register", indication_register },
	{ "get-capabilities", get_capabilities },
	{ "get-all-capabilities", get_all_capabilities },
	{ "read-records", read_records },
	{ "write-record", write_record },
	{ "delete-record", delete_record },
	{ "delete-all-records", delete_all_records },
	{ "search-records", search_records },
	{ "get-emergency-list", get_emergency_list },
	{ "get-state", get_state },
	{ "get-next-empty-record-id", get_next_empty_record_id },
	{ "get-next-record-id", get_next_record_id },
	{ "bind-subscription", bind_subscription },
	{ "get-subscription", get_subscription },
};

static const struct qk_sim_news news[] = {
	{ QK_SIM_CHANGED_BOOT, WATCH_READY, "all-phonebooks-ready", ready_news },
	{ QK_SIM_CHANGED_CARD, WATCH_EMERGENCY, "emergency-list", emergency_news },
};

const struct qk_sim_service_table qk_sim_pbm = {
	.service = QK_SERVICE_ID_PBM,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.news = news,
	.news_count = sizeof(news) / sizeof(news[0]),
};
