/*
 * SIM files: what the codec writes it reads again, and bytes that are none are refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/3gpp/sim-file.h"

#define SPAN(...) \
	((struct qk_span){ (const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }) })

static void plmn_keeps_its_digits_when_it_has_two_or_three(void **state)
{
	static const struct {
		struct qk_plmn plmn;
		uint8_t bytes[QK_PLMN_SIZE];
		const char *text;
	} known[] = {
		{ { 262, 1, 2 }, { 0x62, 0xf2, 0x10 }, "26201" },
		{ { 334, 20, 3 }, { 0x33, 0x04, 0x20 }, "334020" },
		{ { 1, 1, 2 }, { 0x00, 0xf1, 0x10 }, "00101" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint8_t bytes[QK_PLMN_SIZE];
		struct qk_plmn plmn;
		char text[7];

		qk_plmn_write(&known[i].plmn, bytes);
		assert_memory_equal(bytes, known[i].bytes, sizeof(bytes));
		assert_int_equal(qk_plmn_read(bytes, &plmn), 0);
		assert_true(qk_plmn_equal(&plmn, &known[i].plmn));
		qk_plmn_text(&plmn, text);
		assert_string_equal(text, known[i].text);
	}
}

static void plmn_list_skips_what_is_not_in_use(void **state)
{
	struct qk_plmn list[4];
	uint16_t acts[4];
	const struct qk_span file =
		SPAN(0xff, 0xff, 0xff, 0, 0, 0x62, 0xf2, 0x10, 0x40, 0x80, 0x62, 0xf2);

	(void)state;
	assert_int_equal(qk_plmn_list_read(file, list, acts, 4), 1);
	assert_int_equal(list[0].mcc, 262);
	assert_int_equal(acts[0], QK_PLMN_ACT_EUTRAN | QK_PLMN_ACT_GSM);
	assert_int_equal(qk_plmn_list_read(file, list, acts, 0), 0);
}

static void identities_come_back_when_they_were_written(void **state)
{
	static const char *const imsis[] = { "001010123456789", "26201012345678", "2620101234567" };
	uint8_t iccid[QK_ICCID_SIZE], imsi[QK_IMSI_SIZE];
	char text[21];

	(void)state;
	qk_iccid_write("8949020000123456789", iccid);
	assert_int_equal(qk_iccid_read((struct qk_span){ iccid, sizeof(iccid) }, text), 0);
	assert_string_equal(text, "8949020000123456789");
	for (size_t i = 0; i < 3; i++) {
		qk_imsi_write(imsis[i], imsi);
		assert_int_equal(qk_imsi_read((struct qk_span){ imsi, sizeof(imsi) }, text), 0);
		assert_string_equal(text, imsis[i]);
	}
}

static void imsi_is_refused_when_its_length_lies(void **state)
{
	char text[16];

	(void)state;
	assert_int_equal(qk_imsi_read(SPAN(0x08, 0x09, 0x10), text), -EBADMSG);
	assert_int_equal(qk_imsi_read(SPAN(0x00, 0x09), text), -EBADMSG);
	assert_int_equal(qk_imsi_read(SPAN(0x01, 0xff), text), -EBADMSG);
	assert_int_equal(qk_imsi_read((struct qk_span){ NULL, 0 }, text), -EBADMSG);
}

static void names_come_back_in_each_coding(void **state)
{
	static const char *const names[] = { "plain", "snake_case", "Grüße", "Сеть" };
	uint8_t bytes[24];
	char text[64];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		qk_alpha_write(names[i], bytes, sizeof(bytes));
		assert_int_equal(
			qk_alpha_read((struct qk_span){ bytes, sizeof(bytes) }, text, sizeof(text)),
			(int)strlen(names[i]));
		assert_string_equal(text, names[i]);
	}
	/* a base of 0x0400, and letters of the alphabet between */
	assert_true(qk_alpha_read(SPAN(0x81, 3, 0x08, 0xa1, '1', 0xb5), text, sizeof(text)) > 0);
	assert_string_equal(text, "С1е");
	assert_true(qk_alpha_read(SPAN(0x82, 2, 0x05, 0x30, 0x82, 'b'), text, sizeof(text)) > 0);
	assert_string_equal(text, "Բb");
	assert_int_equal(qk_alpha_read(SPAN(0x81, 9, 0x08, 0xa1), text, sizeof(text)), -EBADMSG);
}

static void numbers_keep_their_signs(void **state)
{
	static const char *const numbers[] = { "+4912345", "112", "*100#", "" };
	uint8_t record[30];
	char name[32], number[32];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(qk_dialling_write("Anna", numbers[i], record, sizeof(record)), 0);
		assert_int_equal(qk_dialling_read((struct qk_span){ record, sizeof(record) }, name,
						  sizeof(name), number, sizeof(number)),
				 0);
		assert_string_equal(name, "Anna");
		assert_string_equal(number, numbers[i]);
	}
	assert_int_equal(qk_dialling_write("", "123456789012345678901", record, sizeof(record)),
			 -EMSGSIZE);
	assert_int_equal(qk_dialling_write("", "12x", record, sizeof(record)), -EILSEQ);
	assert_int_equal(qk_dialling_write("", "1", record, QK_DIALLING_SIZE - 1), -EMSGSIZE);
}

static void centre_of_messages_comes_back(void **state)
{
	uint8_t record[40];
	char centre[32];

	(void)state;
	assert_int_equal(qk_smsp_write("SMSC", "+491722270333", record, sizeof(record)), 0);
	assert_int_equal(
		qk_smsp_read((struct qk_span){ record, sizeof(record) }, centre, sizeof(centre)),
		0);
	assert_string_equal(centre, "+491722270333");
	assert_int_equal(qk_smsp_write("", "", record, sizeof(record)), 0);
	assert_int_equal(
		qk_smsp_read((struct qk_span){ record, sizeof(record) }, centre, sizeof(centre)),
		0);
	assert_string_equal(centre, "");
}

static void network_names_come_back_packed(void **state)
{
	uint8_t record[60];
	char name[2][32];

	(void)state;
	memset(record, 0xff, sizeof(record));
	int used = qk_pnn_write(0x43, "Test PLMN 1-1", record, sizeof(record));
	assert_true(used > 0);
	assert_true(qk_pnn_write(0x45, "Test", record + used, sizeof(record) - (size_t)used) > 0);
	assert_int_equal(qk_pnn_read((struct qk_span){ record, sizeof(record) }, name[0],
				     sizeof(name[0]), name[1], sizeof(name[1])),
			 0);
	assert_string_equal(name[0], "Test PLMN 1-1");
	assert_string_equal(name[1], "Test");
	assert_int_equal(qk_pnn_write(0x43, "Ж", record, sizeof(record)), -EILSEQ);
	assert_int_equal(qk_pnn_write(0x43, "much too long", record, 8), -EMSGSIZE);
}

static void file_control_comes_back_for_each_form(void **state)
{
	static const struct qk_file_control files[] = {
		{ .id = 0x6f07,
		  .form = QK_FORM_TRANSPARENT,
		  .size = 9,
		  .life_cycle = 5,
		  .rules_file = 0x6f06,
		  .rules_record = 3 },
		{ .id = 0x6f40,
		  .form = QK_FORM_LINEAR,
		  .size = 60,
		  .record_size = 30,
		  .record_count = 2,
		  .life_cycle = 5 },
		{ .id = 0x6f80,
		  .form = QK_FORM_CYCLIC,
		  .size = 140,
		  .record_size = 28,
		  .record_count = 5,
		  .life_cycle = 5 },
		{ .id = 0x7fff, .form = QK_FORM_FOLDER, .life_cycle = 5 },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		uint8_t bytes[64];
		struct qk_file_control read;
		int size = qk_file_control_write(&files[i], bytes, sizeof(bytes));

		assert_true(size > 0);
		assert_int_equal(
			qk_file_control_read((struct qk_span){ bytes, (size_t)size }, &read), 0);
		assert_int_equal(read.id, files[i].id);
		assert_int_equal(read.form, files[i].form);
		assert_int_equal(read.size, files[i].size);
		assert_int_equal(read.record_size, files[i].record_size);
		assert_int_equal(read.record_count, files[i].record_count);
		assert_int_equal(read.rules_file, files[i].rules_file);
		assert_int_equal(read.rules_record, files[i].rules_record);
		for (int cut = 2; cut < size; cut++)
			assert_int_equal(
				qk_file_control_read((struct qk_span){ bytes, (size_t)cut }, &read),
				-EBADMSG);
		assert_int_equal(qk_file_control_write(&files[i], bytes, 8), -ENOBUFS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plmn_keeps_its_digits_when_it_has_two_or_three),
		cmocka_unit_test(plmn_list_skips_what_is_not_in_use),
		cmocka_unit_test(identities_come_back_when_they_were_written),
		cmocka_unit_test(imsi_is_refused_when_its_length_lies),
		cmocka_unit_test(names_come_back_in_each_coding),
		cmocka_unit_test(numbers_keep_their_signs),
		cmocka_unit_test(centre_of_messages_comes_back),
		cmocka_unit_test(network_names_come_back_packed),
		cmocka_unit_test(file_control_comes_back_for_each_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
