/*
 * The card of the virtual modem: PINs and their tries, files and who may read them, coming and going, APDUs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/3gpp/sim-file.h"
#include "sim-model.h"
#include "sim/apdu.h"

static int setup(void **state)
{
	*state = model_new();
	return 0;
}

static int teardown(void **state)
{
	model_free(*state);
	return 0;
}

static const struct qk_sim_file *file_at(struct model *model, const uint16_t *ids, size_t count)
{
	const struct qk_sim_path path = qk_sim_path(ids, count);

	return qk_sim_card_find(&model->state.card, &path);
}

#define FILE_AT(model, ...) \
	file_at(model, (const uint16_t[]){ __VA_ARGS__ }, \
		sizeof((uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t))

/* Locks the card: PIN1 is asked for from the next power-up on. */
static void lock(struct model *model)
{
	assert_int_equal(qk_sim_card_protect(&model->state, QK_SIM_PIN1, true, "1234"),
			 QK_SIM_SW_OK);
	qk_sim_card_power(&model->state, false);
	qk_sim_card_power(&model->state, true);
	model_pass(model, 5000000, NULL, NULL, NULL);
	assert_int_equal(model->state.card.pin1.state, QK_SIM_PIN_NOT_VERIFIED);
	assert_int_not_equal(model->state.registration, QK_SIM_REGISTERED);
}

static void pin_opens_the_card_when_it_is_right(void **state)
{
	struct model *model = *state;
	uint32_t changed = 0;

	lock(model);
	assert_int_equal(qk_sim_card_verify(&model->state, QK_SIM_PIN1, "0000"), 0x63c2);
	assert_int_equal(model->state.card.pin1.retries, 2);
	assert_int_equal(qk_sim_card_verify(&model->state, QK_SIM_PIN1, "1234"), QK_SIM_SW_OK);
	assert_int_equal(model->state.card.pin1.retries, 3);
	assert_true(model->state.changed & QK_SIM_CHANGED_CARD);
	model_pass(model, 10000000, &changed, NULL, NULL);
	assert_true(changed & QK_SIM_CHANGED_REGISTRATION);
	assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
}

static void pin_is_blocked_when_its_tries_are_used_up(void **state)
{
	struct model *model = *state;

	lock(model);
	assert_int_equal(qk_sim_card_verify(&model->state, QK_SIM_PIN1, "0000"), 0x63c2);
	assert_int_equal(qk_sim_card_verify(&model->state, QK_SIM_PIN1, "0000"), 0x63c1);
	assert_int_equal(qk_sim_card_verify(&model->state, QK_SIM_PIN1, "0000"), 0x63c0);
	assert_int_equal(model->state.card.pin1.state, QK_SIM_PIN_BLOCKED);
	assert_int_equal(qk_sim_card_verify(&model->state, QK_SIM_PIN1, "1234"), QK_SIM_SW_BLOCKED);
	assert_int_equal(qk_sim_card_unblock(&model->state, QK_SIM_PIN1, "00000000", "4321"),
			 0x63c9);
	assert_int_equal(qk_sim_card_unblock(&model->state, QK_SIM_PIN1, "12345678", "4321"),
			 QK_SIM_SW_OK);
	assert_int_equal(model->state.card.pin1.state, QK_SIM_PIN_VERIFIED);
	assert_int_equal(model->state.card.pin1.retries, 3);
	assert_int_equal(model->state.card.pin1.unblock_retries, 10);
}

static void pin_is_blocked_for_good_when_the_puk_is_wrong_too_often(void **state)
{
	struct model *model = *state;

	for (unsigned int left = 10; left-- > 0;)
		assert_int_equal(
			qk_sim_card_unblock(&model->state, QK_SIM_PIN1, "00000000", "4321"),
			0x63c0 + left);
	assert_int_equal(model->state.card.pin1.state, QK_SIM_PIN_PERMANENTLY_BLOCKED);
	assert_int_equal(qk_sim_card_unblock(&model->state, QK_SIM_PIN1, "12345678", "4321"),
			 QK_SIM_SW_BLOCKED);
	assert_int_equal(qk_sim_card_protect(&model->state, QK_SIM_PIN1, true, "1234"),
			 QK_SIM_SW_BLOCKED);
	model_pass(model, 10000000, NULL, NULL, NULL);
	assert_int_not_equal(model->state.registration, QK_SIM_REGISTERED);
}

static void code_costs_no_try_when_no_card_would_take_it(void **state)
{
	struct model *model = *state;
	static const char *const bad[] = { "", "123", "123456789", "12a4" };

	lock(model);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(qk_sim_card_verify(&model->state, QK_SIM_PIN1, bad[i]),
				 QK_SIM_SW_WRONG_DATA);
	assert_int_equal(qk_sim_card_unblock(&model->state, QK_SIM_PIN1, "1234567", "4321"),
			 QK_SIM_SW_WRONG_DATA);
	assert_int_equal(model->state.card.pin1.retries, 3);
	assert_int_equal(model->state.card.pin1.unblock_retries, 10);
}

static void pin_is_asked_for_again_after_a_reboot(void **state)
{
	struct model *model = *state;

	lock(model);
	assert_int_equal(qk_sim_card_verify(&model->state, QK_SIM_PIN1, "0000"), 0x63c2);
	assert_int_equal(qk_sim_card_change(&model->state, QK_SIM_PIN1, "1234", "99999"),
			 QK_SIM_SW_OK);
	assert_int_equal(model->state.card.pin1.state, QK_SIM_PIN_VERIFIED);
	qk_sim_state_reboot(&model->state, 1000000);
	model_pass(model, 60000000, NULL, NULL, NULL);
	assert_true(qk_sim_card_answers(&model->state.card));
	assert_int_equal(model->state.card.pin1.state, QK_SIM_PIN_NOT_VERIFIED);
	assert_int_equal(qk_sim_card_verify(&model->state, QK_SIM_PIN1, "1234"), 0x63c2);
	assert_int_equal(qk_sim_card_verify(&model->state, QK_SIM_PIN1, "99999"), QK_SIM_SW_OK);
}

static void disabling_is_refused_when_it_is_so_already(void **state)
{
	struct model *model = *state;

	assert_int_equal(qk_sim_card_protect(&model->state, QK_SIM_PIN1, false, "1234"),
			 QK_SIM_SW_DISABLED);
	assert_int_equal(qk_sim_card_verify(&model->state, QK_SIM_PIN1, "1234"),
			 QK_SIM_SW_DISABLED);
	assert_int_equal(qk_sim_card_change(&model->state, QK_SIM_PIN1, "1234", "4321"),
			 QK_SIM_SW_DISABLED);
	assert_int_equal(qk_sim_card_protect(&model->state, QK_SIM_PIN2, false, "5678"),
			 QK_SIM_SW_WRONG_DATA);
	assert_int_equal(qk_sim_card_protect(&model->state, QK_SIM_PIN1, true, "1234"),
			 QK_SIM_SW_OK);
	assert_int_equal(qk_sim_card_protect(&model->state, QK_SIM_PIN1, true, "1234"),
			 QK_SIM_SW_DISABLED);
	assert_int_equal(qk_sim_card_protect(&model->state, QK_SIM_PIN1, false, "1234"),
			 QK_SIM_SW_OK);
	assert_int_equal(model->state.card.pin1.state, QK_SIM_PIN_DISABLED);
}

struct steps {
	uint32_t states[8], applications[8];
	size_t count;
};

static void note_step(struct model *model, uint32_t changed, void *userdata)
{
	struct steps *steps = userdata;

	if (!(changed & QK_SIM_CHANGED_CARD) || steps->count == 8)
		return;
	steps->states[steps->count] = model->state.card.state;
	steps->applications[steps->count++] = model->state.card.application;
}

static void card_is_present_then_detected_then_ready_when_it_is_put_in(void **state)
{
	struct model *model = *state;
	struct steps steps = { 0 };

	qk_sim_card_set(&model->state, QK_SIM_CARD_ABSENT, 0);
	model_pass(model, 1000000, NULL, note_step, &steps);
	qk_sim_card_set(&model->state, QK_SIM_CARD_PRESENT, 0);
	model_pass(model, 10000000, NULL, note_step, &steps);
	assert_int_equal(steps.count, 4);
	assert_int_equal(steps.states[0], QK_SIM_CARD_ABSENT);
	assert_int_equal(steps.states[1], QK_SIM_CARD_PRESENT);
	assert_int_equal(steps.applications[1], QK_SIM_APPLICATION_NONE);
	assert_int_equal(steps.applications[2], QK_SIM_APPLICATION_DETECTED);
	assert_int_equal(steps.applications[3], QK_SIM_APPLICATION_INITIALIZED);
	assert_int_equal(model->state.registration, QK_SIM_REGISTERED);
}

static void card_says_nothing_when_it_is_out_or_failed(void **state)
{
	struct model *model = *state;
	uint8_t answer[QK_SIM_APDU_MAX];
	const uint8_t select[] = { 0x00, 0xa4, 0x00, 0x04, 0x02, 0x3f, 0x00 };
	struct qk_span bytes;
	const struct qk_sim_file *iccid = FILE_AT(model, 0x3f00, 0x2fe2);

	qk_sim_card_set(&model->state, QK_SIM_CARD_ERROR, 3);
	assert_int_equal(model->state.card.error, 3);
	assert_int_equal(qk_sim_card_verify(&model->state, QK_SIM_PIN1, "1234"), QK_SIM_SW_NO_CARD);
	assert_int_equal(qk_sim_card_read(&model->state.card, iccid, 0, 0, &bytes),
			 QK_SIM_SW_NO_CARD);
	assert_int_equal(
		qk_sim_apdu(&model->state, (struct qk_span){ select, sizeof(select) }, answer), 0);
	qk_sim_card_set(&model->state, QK_SIM_CARD_PRESENT, 0);
	model_pass(model, 10000000, NULL, NULL, NULL);
	assert_int_equal(qk_sim_card_read(&model->state.card, iccid, 0, 0, &bytes), QK_SIM_SW_OK);
}

static void files_hold_the_identity(void **state)
{
	struct model *model = *state;
	const struct qk_sim_card *card = &model->state.card;
	char text[64], name[64];
	struct qk_span bytes;
	uint8_t digits;

	assert_int_equal(qk_sim_card_read(card, FILE_AT(model, 0x3f00, 0x2fe2), 0, 0, &bytes),
			 QK_SIM_SW_OK);
	assert_int_equal(qk_iccid_read(bytes, text), 0);
	assert_string_equal(text, card->iccid);
	assert_int_equal(
		qk_sim_card_read(card, FILE_AT(model, 0x3f00, 0x7fff, 0x6f07), 0, 0, &bytes),
		QK_SIM_SW_OK);
	assert_int_equal(qk_imsi_read(bytes, text), 0);
	assert_string_equal(text, card->imsi);
	assert_int_equal(
		qk_sim_card_read(card, FILE_AT(model, 0x3f00, 0x7f20, 0x6fad), 0, 0, &bytes),
		QK_SIM_SW_OK);
	assert_int_equal(qk_admin_data_read(bytes, &digits), 0);
	assert_int_equal(digits, 2);
	assert_int_equal(
		qk_sim_card_read_record(card, qk_sim_card_find_id(card, 0x6f40), 1, &bytes),
		QK_SIM_SW_OK);
	assert_int_equal(qk_dialling_read(bytes, name, sizeof(name), text, sizeof(text)), 0);
	assert_string_equal(text + 1, model->state.identity.msisdn);
}

static void files_are_read_by_offset_and_record_within_their_size(void **state)
{
	struct model *model = *state;
	const struct qk_sim_card *card = &model->state.card;
	const struct qk_sim_file *iccid = FILE_AT(model, 0x3f00, 0x2fe2);
	const struct qk_sim_file *numbers = qk_sim_card_find_id(card, 0x6f40);
	struct qk_span bytes;

	assert_null(FILE_AT(model, 0x3f00, 0x7fff, 0x6fff));
	assert_null(qk_sim_card_find_id(card, 0x6fff));
	assert_int_equal(qk_sim_card_read(card, iccid, 8, 2, &bytes), QK_SIM_SW_OK);
	assert_int_equal(bytes.size, 2);
	assert_int_equal(qk_sim_card_read(card, iccid, 8, 3, &bytes), QK_SIM_SW_WRONG_LENGTH);
	assert_int_equal(qk_sim_card_read(card, iccid, 10, 0, &bytes), QK_SIM_SW_OUTSIDE);
	assert_int_equal(qk_sim_card_read(card, numbers, 0, 0, &bytes), QK_SIM_SW_WRONG_TYPE);
	assert_int_equal(qk_sim_card_read_record(card, iccid, 1, &bytes), QK_SIM_SW_WRONG_TYPE);
	assert_int_equal(qk_sim_card_read_record(card, numbers, 0, &bytes), QK_SIM_SW_NO_RECORD);
	assert_int_equal(qk_sim_card_read_record(card, numbers, 3, &bytes), QK_SIM_SW_NO_RECORD);
}

static void files_ask_for_the_pin_that_protects_them(void **state)
{
	struct model *model = *state;
	struct qk_sim_state *s = &model->state;
	const struct qk_sim_file *imsi = qk_sim_card_find_id(&s->card, 0x6f07);
	const struct qk_sim_file *fixed = qk_sim_card_find_id(&s->card, 0x6f3b);
	const struct qk_sim_file *name = qk_sim_card_find_id(&s->card, 0x6f46);
	struct qk_span bytes;

	lock(model);
	assert_int_equal(qk_sim_card_read(&s->card, imsi, 0, 0, &bytes), QK_SIM_SW_NO_ACCESS);
	assert_int_equal(qk_sim_card_read(&s->card, name, 0, 0, &bytes), QK_SIM_SW_OK);
	assert_int_equal(qk_sim_card_verify(s, QK_SIM_PIN1, "1234"), QK_SIM_SW_OK);
	assert_int_equal(qk_sim_card_read(&s->card, imsi, 0, 0, &bytes), QK_SIM_SW_OK);
	assert_int_equal(qk_sim_card_write(s, imsi, 0, bytes), QK_SIM_SW_NO_ACCESS);
	const uint8_t entry[] = { 'A' };
	const struct qk_span record = { entry, 1 };
	assert_int_equal(qk_sim_card_write_record(s, fixed, 1, record), QK_SIM_SW_NO_ACCESS);
	assert_int_equal(qk_sim_card_verify(s, QK_SIM_PIN2, "5678"), QK_SIM_SW_OK);
	assert_int_equal(qk_sim_card_write_record(s, fixed, 1, record), QK_SIM_SW_OK);
	assert_int_equal(qk_sim_card_read_record(&s->card, fixed, 1, &bytes), QK_SIM_SW_OK);
	assert_int_equal(bytes.data[0], 'A');
	assert_int_equal(bytes.data[1], 0xff);
}

static void written_file_survives_a_reboot_and_a_removal(void **state)
{
	struct model *model = *state;
	struct qk_sim_state *s = &model->state;
	const struct qk_sim_file *book = qk_sim_card_find_id(&s->card, 0x6f3a);
	uint8_t record[30];
	struct qk_span bytes;

	assert_int_equal(book->record_size, sizeof(record));
	assert_int_equal(qk_dialling_write("Anna", "+49123", record, sizeof(record)), 0);
	assert_int_equal(
		qk_sim_card_write_record(s, book, 250, (struct qk_span){ record, sizeof(record) }),
		QK_SIM_SW_OK);
	qk_sim_state_reboot(s, 1000000);
	model_pass(model, 60000000, NULL, NULL, NULL);
	qk_sim_card_set(s, QK_SIM_CARD_ABSENT, 0);
	qk_sim_card_set(s, QK_SIM_CARD_PRESENT, 0);
	model_pass(model, 10000000, NULL, NULL, NULL);
	assert_int_equal(qk_sim_card_read_record(&s->card, book, 250, &bytes), QK_SIM_SW_OK);
	assert_memory_equal(bytes.data, record, sizeof(record));
}

static void cyclic_file_has_the_newest_record_first(void **state)
{
	struct model *model = *state;
	struct qk_sim_state *s = &model->state;
	const struct qk_sim_file *calls = qk_sim_card_find_id(&s->card, 0x6f80);
	struct qk_span bytes;

	assert_int_equal(qk_sim_file_records(calls), 5);
	for (uint8_t i = 1; i <= 6; i++)
		assert_int_equal(qk_sim_card_write_record(s, calls, 1, (struct qk_span){ &i, 1 }),
				 QK_SIM_SW_OK);
	for (unsigned int i = 1; i <= 5; i++) {
		assert_int_equal(qk_sim_card_read_record(&s->card, calls, i, &bytes), QK_SIM_SW_OK);
		assert_int_equal(bytes.data[0], 7 - i);
	}
}

/* Sends a command; the status word, and the answer in `ret`. */
static uint16_t send(struct model *model, const uint8_t *command, size_t size, uint8_t *ret,
		     size_t *ret_size)
{
	uint8_t answer[QK_SIM_APDU_MAX];
	size_t got = qk_sim_apdu(&model->state, (struct qk_span){ command, size }, answer);

	assert_true(got >= 2);
	if (ret)
		memcpy(ret, answer, got - 2);
	if (ret_size)
		*ret_size = got - 2;
	return (uint16_t)(answer[got - 2] << 8 | answer[got - 1]);
}

#define SEND(model, ret, ret_size, ...) \
	send(model, (const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }), ret, \
	     ret_size)

static void apdus_read_the_imsi_as_a_phone_does(void **state)
{
	struct model *model = *state;
	uint8_t answer[QK_SIM_APDU_MAX];
	struct qk_file_control file;
	size_t size;
	char imsi[16];

	assert_int_equal(SEND(model, answer, &size, 0x00, 0xa4, 0x04, 0x04, 0x07, 0xa0, 0, 0, 0,
			      0x87, 0x10, 0x02, 0x00),
			 QK_SIM_SW_OK);
	assert_int_equal(qk_file_control_read((struct qk_span){ answer, size }, &file), 0);
	assert_int_equal(file.form, QK_FORM_FOLDER);
	assert_int_equal(SEND(model, answer, &size, 0x00, 0xa4, 0x00, 0x04, 0x02, 0x6f, 0x07, 0x00),
			 QK_SIM_SW_OK);
	assert_int_equal(qk_file_control_read((struct qk_span){ answer, size }, &file), 0);
	assert_int_equal(file.id, 0x6f07);
	assert_int_equal(file.size, 9);
	assert_int_equal(SEND(model, answer, &size, 0x00, 0xb0, 0x00, 0x00, 0x09), QK_SIM_SW_OK);
	assert_int_equal(qk_imsi_read((struct qk_span){ answer, size }, imsi), 0);
	assert_string_equal(imsi, model->state.card.imsi);
	assert_int_equal(SEND(model, NULL, NULL, 0x00, 0xb0, 0x00, 0x09, 0x01), QK_SIM_SW_OUTSIDE);
}

static void apdus_are_refused_when_they_are_wrong(void **state)
{
	struct model *model = *state;

	assert_int_equal(SEND(model, NULL, NULL, 0x00, 0xa4), QK_SIM_SW_WRONG_LENGTH);
	assert_int_equal(SEND(model, NULL, NULL, 0x00, 0x99, 0, 0), 0x6d00);
	assert_int_equal(SEND(model, NULL, NULL, 0x40, 0xa4, 0, 0), 0x6e00);
	assert_int_equal(SEND(model, NULL, NULL, 0x01, 0xa4, 0, 4, 2, 0x3f, 0), 0x6881);
	assert_int_equal(SEND(model, NULL, NULL, 0x00, 0xa4, 0x00, 0x04, 0x02, 0x6f, 0xff),
			 QK_SIM_SW_NOT_FOUND);
	assert_int_equal(SEND(model, NULL, NULL, 0x00, 0xa4, 0x00, 0x04, 0x05, 0x6f, 0x07),
			 QK_SIM_SW_WRONG_LENGTH);
	assert_int_equal(SEND(model, NULL, NULL, 0x00, 0x20, 0x00, 0x07), 0x6a88);
	assert_int_equal(SEND(model, NULL, NULL, 0x00, 0xb2, 0x01, 0x04, 0x1e),
			 QK_SIM_SW_WRONG_TYPE);
}

static void channels_have_their_own_selection(void **state)
{
	struct model *model = *state;
	const struct qk_sim_card *card = &model->state.card;
	uint8_t answer[QK_SIM_APDU_MAX], channel[4];
	size_t size;

	for (unsigned int i = 1; i < QK_SIM_CHANNELS; i++) {
		assert_int_equal(qk_sim_channel_open(&model->state,
						     (struct qk_span){ card->aid, card->aid_size },
						     &channel[i], answer, &size),
				 QK_SIM_SW_OK);
		assert_int_equal(channel[i], i);
	}
	assert_int_equal(qk_sim_channel_open(&model->state, (struct qk_span){ 0 }, &channel[0],
					     answer, &size),
			 0x6a81);
	assert_int_equal(SEND(model, NULL, NULL, 0x01, 0xa4, 0, 0x0c, 2, 0x6f, 0x07), QK_SIM_SW_OK);
	assert_int_equal(SEND(model, NULL, NULL, 0x01, 0xb0, 0, 0, 9), QK_SIM_SW_OK);
	assert_int_equal(SEND(model, NULL, NULL, 0x02, 0xb0, 0, 0, 9), QK_SIM_SW_WRONG_TYPE);
	assert_int_equal(qk_sim_channel_close(&model->state, 1), QK_SIM_SW_OK);
	assert_int_equal(qk_sim_channel_close(&model->state, 1), 0x6a86);
	assert_int_equal(qk_sim_channel_close(&model->state, 0), 0x6a86);
	assert_int_equal(SEND(model, NULL, NULL, 0x01, 0xb0, 0, 0, 9), 0x6881);
}

static void apdu_pins_are_those_of_the_card(void **state)
{
	struct model *model = *state;

	lock(model);
	assert_int_equal(SEND(model, NULL, NULL, 0x00, 0x20, 0x00, 0x01), 0x63c3);
	assert_int_equal(SEND(model, NULL, NULL, 0x00, 0x20, 0, 1, 8, '9', '9', '9', '9', 0xff,
			      0xff, 0xff, 0xff),
			 0x63c2);
	assert_int_equal(SEND(model, NULL, NULL, 0x00, 0x20, 0, 1, 8, '1', '2', '3', '4', 0xff,
			      0xff, 0xff, 0xff),
			 QK_SIM_SW_OK);
	assert_int_equal(model->state.card.pin1.state, QK_SIM_PIN_VERIFIED);
	assert_int_equal(SEND(model, NULL, NULL, 0x00, 0x2c, 0x00, 0x01), 0x63ca);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(pin_opens_the_card_when_it_is_right),
		CASE(pin_is_blocked_when_its_tries_are_used_up),
		CASE(pin_is_blocked_for_good_when_the_puk_is_wrong_too_often),
		CASE(code_costs_no_try_when_no_card_would_take_it),
		CASE(pin_is_asked_for_again_after_a_reboot),
		CASE(disabling_is_refused_when_it_is_so_already),
		CASE(card_is_present_then_detected_then_ready_when_it_is_put_in),
		CASE(card_says_nothing_when_it_is_out_or_failed),
		CASE(files_hold_the_identity),
		CASE(files_are_read_by_offset_and_record_within_their_size),
		CASE(files_ask_for_the_pin_that_protects_them),
		CASE(written_file_survives_a_reboot_and_a_removal),
		CASE(cyclic_file_has_the_newest_record_first),
		CASE(apdus_read_the_imsi_as_a_phone_does),
		CASE(apdus_are_refused_when_they_are_wrong),
		CASE(channels_have_their_own_selection),
		CASE(apdu_pins_are_those_of_the_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
