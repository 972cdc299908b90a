/*
 * PBM of the virtual EC25-EUX: the books of the card, which AT and UIM see too, and the emergency numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/common.h>
#include <qmikit/pbm.h>
#include <qmikit/uim.h>

#include "sim-host.h"
#include "sim/state.h"

struct modem {
	struct host *host;
	uint8_t pbm;
};

static int setup(void **state)
{
	static struct modem modem;

	modem.host = host_new("ec25-eux", 1);
	modem.pbm = host_allocate(modem.host, QK_SERVICE_ID_PBM);
	*state = &modem;
	return 0;
}

static int teardown(void **state)
{
	struct modem *modem = *state;

	host_free(modem->host);
	return 0;
}

static void set_card(struct modem *modem, uint32_t card)
{
	qk_sim_card_set(qk_sim_state(modem->host->sim), card, 0);
	qk_sim_notify(modem->host->sim);
}

/* Writes "Zoë" or another name of UCS-2. The error; the record's id. */
static int write_entry(struct modem *modem, uint16_t book, uint16_t id, const char *number,
		       struct qk_bytes name, uint16_t *ret_id)
{
	const struct qk_pbm_write_record_request request = {
		.has_record = true,
		.record = { .phonebook_type = book,
			    .record_id = id,
			    .number_type = QK_PBM_NUMBER_TYPE_INTERNATIONAL,
			    .number = { number, strlen(number) },
			    .name = name },
	};
	struct qk_pbm_write_record_response response;
	int error =
		host_ask(modem->host, modem->pbm, &qk_pbm_write_record_method, &request, &response);

	if (ret_id)
		*ret_id = response.record_id;
	return error;
}

static const uint8_t zoe[] = { 'Z', 0, 'o', 0, 0xeb, 0 };
static const struct qk_bytes zoe_name = { zoe, sizeof(zoe) };

static void books_are_told_with_their_sizes(void **state)
{
	struct modem *modem = *state;
	struct qk_pbm_get_all_capabilities_response all;
	const struct qk_pbm_get_capabilities_request one = {
		.has_phonebook_information = true,
		.phonebook_information = { .phonebook_type = QK_PBM_PHONEBOOK_TYPE_ADN },
	};
	struct qk_pbm_get_capabilities_response capabilities;

	assert_int_equal(write_entry(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 0, "49301", zoe_name, NULL),
			 0);
	assert_int_equal(
		host_ask(modem->host, modem->pbm, &qk_pbm_get_all_capabilities_method, NULL, &all),
		0);
	assert_int_equal(all.capability_basic_information.count, 1);
	assert_int_equal(all.capability_basic_information.items[0].phonebooks.count, 3);
	assert_int_equal(all.capability_basic_information.items[0].phonebooks.items[0].used_records,
			 1);
	assert_int_equal(
		all.capability_basic_information.items[0].phonebooks.items[0].maximum_records, 250);
	assert_false(all.has_group_capability);
	assert_int_equal(host_ask(modem->host, modem->pbm, &qk_pbm_get_capabilities_method, &one,
				  &capabilities),
			 0);
	assert_int_equal(capabilities.capability_basic_information.used_records, 1);
	assert_int_equal(capabilities.capability_basic_information.maximum_name_length, 16);
}

static int read_entries(struct modem *modem, uint16_t book, uint16_t first, uint16_t last,
			uint16_t *ret_count)
{
	const struct qk_pbm_read_records_request request = {
		.has_record_information = true,
		.record_information = { .phonebook_type = book, .start_id = first, .end_id = last },
	};
	struct qk_pbm_read_records_response response;
	int error =
		host_ask(modem->host, modem->pbm, &qk_pbm_read_records_method, &request, &response);

	*ret_count = response.number_of_records;
	return error;
}

static void records_come_back_when_written(void **state)
{
	struct modem *modem = *state;
	struct qk_pbm_read_records_indication news;
	uint16_t id, count;

	assert_int_equal(write_entry(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 7, "4930123", zoe_name, &id),
			 0);
	assert_int_equal(id, 7);
	assert_int_equal(write_entry(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 0, "1", zoe_name, &id), 0);
	assert_int_equal(id, 1);
	assert_int_equal(read_entries(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 1, 250, &count), 0);
	assert_int_equal(count, 2);
	host_expect_indication(modem->host, modem->pbm, &qk_pbm_read_records_message, &news);
	assert_int_equal(news.records.records.count, 2);
	assert_int_equal(news.records.records.items[1].record_id, 7);
	assert_int_equal(news.records.records.items[1].number_type,
			 QK_PBM_NUMBER_TYPE_INTERNATIONAL);
	assert_int_equal(news.records.records.items[1].number.size, 7);
	assert_memory_equal(news.records.records.items[1].number.data, "4930123", 7);
	assert_int_equal(news.records.records.items[1].name.size, sizeof(zoe));
	assert_memory_equal(news.records.records.items[1].name.data, zoe, sizeof(zoe));
	assert_int_equal(read_entries(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 2, 6, &count), 0);
	assert_int_equal(count, 0);
}

/* More than one indication holds, and all of them. */
static void records_come_in_several_indications_when_many(void **state)
{
	struct modem *modem = *state;
	struct qk_pbm_read_records_indication news;
	uint16_t count, seen = 0;

	for (uint16_t i = 1; i <= 250; i++)
		assert_int_equal(
			write_entry(modem, QK_PBM_PHONEBOOK_TYPE_ADN, i, "12345", zoe_name, NULL),
			0);
	assert_int_equal(write_entry(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 0, "1", zoe_name, NULL),
			 QK_ERROR_DEVICE_STORAGE_FULL);
	assert_int_equal(read_entries(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 1, 250, &count), 0);
	assert_int_equal(count, 250);
	for (uint16_t sequence = 0; seen < 250; sequence++) {
		host_expect_indication(modem->host, modem->pbm, &qk_pbm_read_records_message,
				       &news);
		assert_int_equal(news.records.sequence_number, sequence);
		seen = (uint16_t)(seen + news.records.records.count);
	}
	assert_int_equal(seen, 250);
}

static void records_are_found_and_deleted(void **state)
{
	struct modem *modem = *state;
	const struct qk_pbm_search_records_request by_number = {
		.has_phonebook = true,
		.phonebook = { .phonebook_type = QK_PBM_PHONEBOOK_TYPE_ADN },
		.has_number = true,
		.number = { "+49302", 6 },
	};
	const struct qk_pbm_delete_record_request delete = {
		.has_record = true,
		.record = { .phonebook_type = QK_PBM_PHONEBOOK_TYPE_ADN, .record_id = 5 },
	};
	const struct qk_pbm_get_next_record_id_request next = {
		.has_record = true,
		.record = { .phonebook_type = QK_PBM_PHONEBOOK_TYPE_ADN, .record_id = 1 },
	};
	const struct qk_pbm_delete_all_records_request all = {
		.has_phonebook = true,
		.phonebook = { .phonebook_type = QK_PBM_PHONEBOOK_TYPE_ADN },
	};
	struct qk_pbm_search_records_response found;
	struct qk_pbm_get_next_record_id_response after;

	write_entry(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 1, "49301", zoe_name, NULL);
	write_entry(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 5, "49302", zoe_name, NULL);
	assert_int_equal(host_ask(modem->host, modem->pbm, &qk_pbm_search_records_method,
				  &by_number, &found),
			 0);
	assert_int_equal(found.record_ids.count, 1);
	assert_int_equal(found.record_ids.items[0], 5);
	assert_int_equal(
		host_ask(modem->host, modem->pbm, &qk_pbm_get_next_record_id_method, &next, &after),
		0);
	assert_int_equal(after.record_id, 5);
	assert_int_equal(
		host_ask(modem->host, modem->pbm, &qk_pbm_delete_record_method, &delete, NULL), 0);
	assert_int_equal(
		host_ask(modem->host, modem->pbm, &qk_pbm_get_next_record_id_method, &next, &after),
		QK_ERROR_NO_ENTRY);
	assert_int_equal(
		host_ask(modem->host, modem->pbm, &qk_pbm_delete_all_records_method, &all, NULL),
		0);
	assert_int_equal(host_ask(modem->host, modem->pbm, &qk_pbm_search_records_method,
				  &by_number, &found),
			 0);
	assert_int_equal(found.record_ids.count, 0);
}

static void requests_are_refused_when_wrong(void **state)
{
	struct modem *modem = *state;
	uint16_t count;

	assert_int_equal(write_entry(modem, QK_PBM_PHONEBOOK_TYPE_SDN, 1, "1", zoe_name, NULL),
			 QK_ERROR_INVALID_ARGUMENT);
	assert_int_equal(write_entry(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 251, "1", zoe_name, NULL),
			 QK_ERROR_INVALID_ARGUMENT);
	assert_int_equal(write_entry(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 1, "1x", zoe_name, NULL),
			 QK_ERROR_INVALID_ARGUMENT);
	assert_int_equal(write_entry(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 1, "123456789012345678901",
				     zoe_name, NULL),
			 QK_ERROR_INVALID_ARGUMENT);
	assert_int_equal(write_entry(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 1, "1",
				     (struct qk_bytes){ zoe, 3 }, NULL),
			 QK_ERROR_INVALID_ARGUMENT);
	/* without PIN2 nobody writes there */
	assert_int_equal(write_entry(modem, QK_PBM_PHONEBOOK_TYPE_FDN, 1, "1", zoe_name, NULL),
			 QK_ERROR_ACCESS_DENIED);
	assert_int_equal(read_entries(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 0, 1, &count),
			 QK_ERROR_INVALID_ARGUMENT);
	assert_int_equal(read_entries(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 2, 1, &count),
			 QK_ERROR_INVALID_ARGUMENT);
	assert_int_equal(read_entries(modem, QK_PBM_PHONEBOOK_TYPE_ADN, 1, 251, &count),
			 QK_ERROR_INVALID_ARGUMENT);
}

static void books_are_not_there_when_the_card_is_not(void **state)
{
	struct modem *modem = *state;
	const struct qk_pbm_get_state_request request = {
		.has_phonebook = true,
		.phonebook = { .phonebook_type = QK_PBM_PHONEBOOK_TYPE_ADN },
	};
	struct qk_pbm_get_state_response told;

	assert_int_equal(
		host_ask(modem->host, modem->pbm, &qk_pbm_get_state_method, &request, &told), 0);
	assert_int_equal(told.state.state, QK_PBM_STATE_READY);
	set_card(modem, QK_SIM_CARD_ABSENT);
	assert_int_equal(
		host_ask(modem->host, modem->pbm, &qk_pbm_get_all_capabilities_method, NULL, NULL),
		QK_ERROR_UIM_UNINITIALIZED);
	assert_int_equal(
		host_ask(modem->host, modem->pbm, &qk_pbm_get_state_method, &request, &told), 0);
	assert_int_equal(told.state.state, QK_PBM_STATE_NOT_AVAILABLE);
}

static void emergency_numbers_are_told_when_the_card_goes(void **state)
{
	struct modem *modem = *state;
	const struct qk_pbm_indication_register_request wanted = {
		.has_event_registration_mask = true,
		.event_registration_mask = UINT32_MAX,
	};
	struct qk_pbm_indication_register_response accepted;
	struct qk_pbm_get_emergency_list_response list;
	struct qk_pbm_emergency_list_indication news;
	const struct qk_pbm_emergency_numbers_emergency_numbers *number;

	assert_int_equal(
		host_ask(modem->host, modem->pbm, &qk_pbm_get_emergency_list_method, NULL, &list),
		0);
	assert_int_equal(list.hardcoded_numbers.count, 2);
	assert_int_equal(list.card_numbers.count, 1);
	assert_int_equal(list.card_numbers.items[0].emergency_numbers.count, 2);
	number = &list.card_numbers.items[0].emergency_numbers.items[1];
	assert_int_equal(number->emergency_number.size, 3);
	assert_memory_equal(number->emergency_number.data, "911", 3);
	assert_int_equal(host_ask(modem->host, modem->pbm, &qk_pbm_indication_register_method,
				  &wanted, &accepted),
			 0);
	assert_int_equal(accepted.event_registration_mask,
			 QK_PBM_EVENT_REGISTRATION_FLAG_PHONEBOOK_READY |
				 QK_PBM_EVENT_REGISTRATION_FLAG_EMERGENCY_NUMBER_LIST);
	set_card(modem, QK_SIM_CARD_ABSENT);
	host_expect_indication(modem->host, modem->pbm, &qk_pbm_emergency_list_message, &news);
	assert_int_equal(news.hardcoded_numbers.count, 8);
	assert_false(news.has_card_numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(books_are_told_with_their_sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(records_come_back_when_written, setup, teardown),
		cmocka_unit_test_setup_teardown(records_come_in_several_indications_when_many,
						setup, teardown),
		cmocka_unit_test_setup_teardown(records_are_found_and_deleted, setup, teardown),
		cmocka_unit_test_setup_teardown(requests_are_refused_when_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(books_are_not_there_when_the_card_is_not, setup,
						teardown),
		cmocka_unit_test_setup_teardown(emergency_numbers_are_told_when_the_card_goes,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
