/*
 * The virtual modem on the bus: what the kernel asks when it enumerates, QMI as encapsulated commands,
 * transfers that are taken back.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/usb-device.h"

#define SUBMITTED 3
#define UNLINKED 4
#define NOTIFY 9 /* the interrupt endpoint of QMI */

struct bus {
	struct qk_sim_profile *profile;
	struct qk_sim *sim;
	struct qk_usb_device *device;
	const struct qk_usb_network *network;
	uint8_t said[65536];
	size_t said_size, read_size;
	uint32_t number; /* of the last message */
	bool out[1024];  /* by number: it brought its bytes, its answer has none */
};

/* What came back. */
struct answer {
	uint32_t kind, number;
	int32_t status;
	size_t size; /* that were moved */
	struct qk_span data;
};

static void keep_bytes(struct bus *bus, struct qk_span bytes)
{
	assert_true(bytes.size <= sizeof(bus->said) - bus->said_size);
	if (bytes.size)
		memcpy(bus->said + bus->said_size, bytes.data, bytes.size);
	bus->said_size += bytes.size;
}

static void on_bytes(void *userdata, struct qk_span header, struct qk_span data)
{
	keep_bytes(userdata, header);
	keep_bytes(userdata, data);
}

/* Plugs the modem in as what it is now. */
static void plug_in(struct bus *bus)
{
	const struct qk_usb_host host = { on_bytes, bus, bus->network };
	struct qk_usb_model model;

	assert_true(qk_usb_compose(qk_sim_state(bus->sim), &model));
	assert_int_equal(qk_usb_device_new(&model, bus->sim, &host, &bus->device), 0);
}

static int setup(void **state)
{
	struct bus *bus = calloc(1, sizeof(*bus));
	char error[128];

	assert_non_null(bus);
	assert_int_equal(qk_sim_profile_load("", &bus->profile, error, sizeof(error)), 0);
	assert_int_equal(qk_sim_new(bus->profile, 1, 0, &bus->sim), 0);
	/* but in the tests of the rhythm, notifications come at once */
	qk_sim_state(bus->sim)->usb.rhythm_usec = 0;
	plug_in(bus);
	*state = bus;
	return 0;
}

static int teardown(void **state)
{
	struct bus *bus = *state;

	qk_usb_device_free(bus->device);
	qk_sim_free(bus->sim);
	qk_sim_profile_free(bus->profile);
	free(bus);
	return 0;
}

static int send_message(struct bus *bus, uint32_t kind, bool in, uint32_t endpoint, uint32_t length,
			const void *eight, struct qk_span data)
{
	uint8_t bytes[1024];
	struct qk_writer w = qk_writer(bytes, sizeof(bytes));

	qk_write_uint(&w, kind, 4, true);
	qk_write_uint(&w, ++bus->number, 4, true);
	bus->out[bus->number] = !in;
	qk_write_uint(&w, 65537, 4, true);
	qk_write_uint(&w, in, 4, true);
	qk_write_uint(&w, endpoint, 4, true);
	qk_write_uint(&w, kind == QK_USBIP_UNLINK ? length : 0, 4, true);
	qk_write_uint(&w, length, 4, true);
	qk_write_uint(&w, 0, 8, true);
	qk_write_uint(&w, 0, 4, true);
	qk_write_bytes(&w, eight, 8);
	qk_write_bytes(&w, data.data, data.size);
	assert_int_equal(w.error, 0);
	return qk_usb_device_input(bus->device, (struct qk_span){ bytes, qk_writer_used(&w) });
}

/* Submits a transfer. Returns its number. */
static uint32_t submit(struct bus *bus, bool in, uint32_t endpoint, uint32_t length)
{
	static const uint8_t data[512];

	assert_int_equal(send_message(bus, QK_USBIP_SUBMIT, in, endpoint, length, data,
				      (struct qk_span){ data, in ? 0 : length }),
			 0);
	return bus->number;
}

static void unlink_transfer(struct bus *bus, uint32_t number)
{
	static const uint8_t nothing[8];

	assert_int_equal(send_message(bus, QK_USBIP_UNLINK, false, 0, number, nothing,
				      (struct qk_span){ 0 }),
			 0);
}

static bool next(struct bus *bus, struct answer *ret)
{
	struct qk_cursor c = qk_cursor(
		(struct qk_span){ bus->said + bus->read_size, bus->said_size - bus->read_size });

	if (!qk_cursor_left(&c))
		return false;
	ret->kind = (uint32_t)qk_cursor_uint(&c, 4, true);
	ret->number = (uint32_t)qk_cursor_uint(&c, 4, true);
	qk_cursor_take(&c, 12);
	ret->status = (int32_t)qk_cursor_uint(&c, 4, true);
	ret->size = (size_t)qk_cursor_uint(&c, 4, true);
	qk_cursor_take(&c, 20);
	assert_true(ret->number < sizeof(bus->out));
	ret->data = qk_cursor_take(&c, bus->out[ret->number] ? 0 : ret->size);
	assert_int_equal(c.error, 0);
	bus->read_size = (size_t)(c.pos - bus->said);
	return true;
}

/* A control transfer and its answer, which must be the next; the status, or the size that came. */
static int control(struct bus *bus, const char *eight, struct qk_span data, struct qk_span *ret)
{
	bool in = eight[0] & 0x80;
	uint32_t length = (uint8_t)eight[6] | (uint32_t)(uint8_t)eight[7] << 8;
	struct answer answer;

	assert_int_equal(send_message(bus, QK_USBIP_SUBMIT, in, 0, length, eight, data), 0);
	assert_true(next(bus, &answer));
	assert_int_equal(answer.kind, SUBMITTED);
	assert_int_equal(answer.number, bus->number);
	if (ret)
		*ret = answer.data;
	return answer.status ? answer.status : (int)answer.data.size;
}

static int ask(struct bus *bus, const char *eight)
{
	return control(bus, eight, (struct qk_span){ 0 }, NULL);
}

static void configure(struct bus *bus)
{
	assert_int_equal(ask(bus, "\x00\x09\x01\x00\x00\x00\x00\x00"), 0);
	assert_int_equal(ask(bus, "\x21\x22\x01\x00\x04\x00\x00\x00"), 0);
}

static void expect(struct bus *bus, const char *eight, const char *bytes, size_t size)
{
	struct qk_span data;

	assert_int_equal(control(bus, eight, (struct qk_span){ 0 }, &data), size);
	assert_memory_equal(data.data, bytes, size);
}

static void device_enumerates_as_the_kernel_asks(void **state)
{
	static const char device[] = "\x12\x01\x00\x02\x00\x00\x00\x40\x7c\x2c\x25\x01\x18\x03"
				     "\x01\x02\x00\x01";

	expect(*state, "\x80\x06\x00\x01\x00\x00\x40\x00", device, 18);
	expect(*state, "\x80\x06\x00\x01\x00\x00\x12\x00", device, 18);
	expect(*state, "\x80\x06\x00\x01\x00\x00\x08\x00", device, 8);
	expect(*state, "\x80\x06\x00\x06\x00\x00\x0a\x00",
	       "\x0a\x06\x00\x02\x00\x00\x00\x40\x01\x00", 10);
	expect(*state, "\x80\x06\x00\x02\x00\x00\x09\x00", "\x09\x02\xd1\x00\x05\x01\x00\xa0\xfa",
	       9);
	expect(*state, "\x80\x06\x00\x03\x00\x00\xff\x00", "\x04\x03\x09\x04", 4);
	expect(*state, "\x80\x06\x01\x03\x09\x04\xff\x00", "\x10\x03Q\0u\0e\0c\0t\0e\0l\0", 16);
	expect(*state, "\x80\x06\x02\x03\x09\x04\xff\x00",
	       "\x12\x03"
	       "E\0C\0\x32\0\x35\0-\0E\0U\0X\0",
	       18);
	expect(*state, "\x80\x08\x00\x00\x00\x00\x01\x00", "\x00", 1);
	configure(*state);
	expect(*state, "\x80\x08\x00\x00\x00\x00\x01\x00", "\x01", 1);
	expect(*state, "\x80\x00\x00\x00\x00\x00\x02\x00", "\x00\x00", 2);
}

/* Interface, functional descriptors and endpoints, as they stand in the configuration. */
static const char serial[] = "\x09\x04\x01\x00\x03\xff\x00\x00\x00"
			     "\x05\x24\x00\x10\x01\x05\x24\x01\x00\x00\x04\x24\x02\x02"
			     "\x05\x24\x06\x00\x00"
			     "\x07\x05\x83\x03\x0a\x00\x09\x07\x05\x82\x02\x00\x02\x00"
			     "\x07\x05\x02\x02\x00\x02\x00";
static const char qmi[] = "\x09\x04\x04\x00\x03\xff\xff\xff\x00"
			  "\x07\x05\x89\x03\x08\x00\x09\x07\x05\x88\x02\x00\x02\x00"
			  "\x07\x05\x05\x02\x00\x02\x00";
static const char diag[] = "\x09\x04\x00\x00\x02\xff\xff\xff\x00"
			   "\x07\x05\x81\x02\x00\x02\x00\x07\x05\x01\x02\x00\x02\x00";

static void configuration_is_right_to_the_byte(void **state)
{
	struct qk_span all;

	assert_int_equal(
		control(*state, "\x80\x06\x00\x02\x00\x00\xd1\x00", (struct qk_span){ 0 }, &all),
		209);
	assert_memory_equal(all.data + 9, diag, 23);
	assert_memory_equal(all.data + 32, serial, 49);
	/* the next two differ in numbers alone */
	assert_memory_equal(all.data + 81, "\x09\x04\x02\x00\x03\xff\x00\x00\x00", 9);
	assert_memory_equal(all.data + 90, serial + 9, 19);
	assert_memory_equal(all.data + 130, "\x09\x04\x03\x00\x03\xff\x00\x00\x00", 9);
	assert_memory_equal(all.data + 158, "\x07\x05\x87\x03\x0a\x00\x09\x07\x05\x86\x02\x00\x02",
			    13);
	assert_memory_equal(all.data + 179, qmi, 30);
}

static void answer_is_cut_to_the_smaller_of_both_lengths(void **state)
{
	static const char device[] = "\x80\x06\x00\x01\x00\x00\x08\x00";
	struct answer answer;
	struct bus *bus = *state;

	for (uint32_t length = 4; length <= 64; length += 60) {
		assert_int_equal(send_message(bus, QK_USBIP_SUBMIT, true, 0, length, device,
					      (struct qk_span){ 0 }),
				 0);
		assert_true(next(bus, &answer));
		assert_int_equal(answer.size, length < 8 ? length : 8);
		assert_int_equal(answer.status, 0);
	}
}

static void request_stalls_when_nobody_knows_it(void **state)
{
	static const char *const requests[] = {
		"\x80\x06\x01\x02\x00\x00\xff\x00", /* a second configuration */
		"\x80\x06\x00\x0a\x00\x00\xff\x00", /* debug */
		"\x80\x06\x03\x03\x09\x04\xff\x00", /* a third string */
		"\x80\x06\x01\x03\x07\x04\xff\x00", /* in German */
		"\x00\x09\x02\x00\x00\x00\x00\x00", /* a second configuration */
		"\x01\x0b\x01\x00\x04\x00\x00\x00", /* alternate setting 1 */
		"\x01\x0b\x00\x00\x05\x00\x00\x00", /* interface 5 */
		"\x82\x00\x00\x00\x8f\x00\x02\x00", /* status of endpoint 15 */
		"\x21\x22\x03\x00\x00\x00\x00\x00", /* control lines of DIAG */
		"\xa1\x01\x01\x00\x04\x00\x00\x10", /* a response with a value */
		"\xa1\x01\x00\x00\x02\x00\x00\x10", /* a response of the AT port */
		"\xc0\x51\x00\x00\x00\x00\x02\x00", /* a vendor's */
	};

	configure(*state);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		assert_int_equal(ask(*state, requests[i]), -EPIPE);
}

static void requests_of_drivers_are_taken(void **state)
{
	struct qk_span coding = { (const uint8_t *)"\x00\xc2\x01\x00\x00\x00\x08", 7 };

	assert_int_equal(ask(*state, "\x21\x22\x03\x00\x02\x00\x00\x00"), -EPIPE);
	configure(*state);
	assert_int_equal(ask(*state, "\x21\x22\x03\x00\x02\x00\x00\x00"), 0);
	assert_int_equal(ask(*state, "\x01\x0b\x00\x00\x04\x00\x00\x00"), 0);
	assert_int_equal(ask(*state, "\x02\x01\x00\x00\x88\x00\x00\x00"), 0);
	assert_int_equal(ask(*state, "\x00\x03\x01\x00\x00\x00\x00\x00"), 0);
	expect(*state, "\x80\x00\x00\x00\x00\x00\x02\x00", "\x02\x00", 2);
	assert_int_equal(control(*state, "\x21\x20\x00\x00\x02\x00\x07\x00", coding, NULL), 0);
	expect(*state, "\xa1\x21\x00\x00\x02\x00\x07\x00", "\x00\xc2\x01\x00\x00\x00\x08", 7);
}

static const char sync_request[] = "\x01\x0b\x00\x00\x00\x00\x00\x01\x27\x00\x00\x00";
static const char sync_answer[] =
	"\x01\x12\x00\x80\x00\x00\x01\x01\x27\x00\x07\x00\x02\x04\x00\x00\x00\x00\x00";

static void send_sync(struct bus *bus)
{
	struct qk_span sync = { (const uint8_t *)sync_request, 12 };

	assert_int_equal(control(bus, "\x21\x00\x00\x00\x04\x00\x0c\x00", sync, NULL), 0);
}

static void expect_sync(struct bus *bus)
{
	expect(bus, "\xa1\x01\x00\x00\x04\x00\x00\x10", sync_answer, 19);
}

static void expect_notification(struct bus *bus, uint32_t number)
{
	struct answer answer;

	assert_true(next(bus, &answer));
	assert_int_equal(answer.kind, SUBMITTED);
	assert_int_equal(answer.number, number);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.data.size, 8);
	assert_memory_equal(answer.data.data, "\xa1\x01\x00\x00\x04\x00\x00\x00", 8);
}

static void qmi_travels_as_encapsulated_commands(void **state)
{
	struct bus *bus = *state;

	configure(bus);
	uint32_t waiting = submit(bus, true, NOTIFY, 8);
	send_sync(bus);
	expect_notification(bus, waiting);
	expect_sync(bus);
	/* an empty FIFO is an empty answer */
	assert_int_equal(ask(bus, "\xa1\x01\x00\x00\x04\x00\x00\x10"), 0);
}

static void each_answer_is_notified_once_when_nobody_listened(void **state)
{
	struct bus *bus = *state;
	struct answer answer;

	configure(bus);
	send_sync(bus);
	send_sync(bus);
	expect_notification(bus, submit(bus, true, NOTIFY, 8));
	expect_notification(bus, submit(bus, true, NOTIFY, 8));
	submit(bus, true, NOTIFY, 8);
	assert_false(next(bus, &answer));
	expect_sync(bus);
	expect_sync(bus);
}

static void fifo_is_bounded_and_cut_answers_are_lost(void **state)
{
	struct bus *bus = *state;

	configure(bus);
	for (unsigned int i = 0; i < QK_USB_FIFO_MAX + 3; i++)
		send_sync(bus);
	expect(bus, "\xa1\x01\x00\x00\x04\x00\x05\x00", sync_answer, 5);
	for (unsigned int i = 1; i < QK_USB_FIFO_MAX; i++)
		expect_sync(bus);
	assert_int_equal(ask(bus, "\xa1\x01\x00\x00\x04\x00\x00\x10"), 0);
}

static void modem_is_silent_when_dtr_is_low(void **state)
{
	struct bus *bus = *state;

	configure(bus);
	assert_int_equal(ask(bus, "\x21\x22\x00\x00\x04\x00\x00\x00"), 0);
	send_sync(bus);
	assert_int_equal(ask(bus, "\xa1\x01\x00\x00\x04\x00\x00\x10"), 0);
	assert_int_equal(ask(bus, "\x21\x22\x01\x00\x04\x00\x00\x00"), 0);
	send_sync(bus);
	/* set up anew, what nobody fetched is gone */
	configure(bus);
	assert_int_equal(ask(bus, "\xa1\x01\x00\x00\x04\x00\x00\x10"), 0);
}

static void unlink_takes_back_what_waits(void **state)
{
	struct bus *bus = *state;
	struct answer answer;

	configure(bus);
	uint32_t waiting = submit(bus, true, NOTIFY, 8);
	unlink_transfer(bus, waiting);
	assert_true(next(bus, &answer));
	assert_int_equal(answer.kind, UNLINKED);
	assert_int_equal(answer.number, bus->number);
	assert_int_equal(answer.status, -ECONNRESET);
	/* nothing is said of it any more; the notification is still owed */
	send_sync(bus);
	assert_false(next(bus, &answer));
	expect_notification(bus, submit(bus, true, NOTIFY, 8));
}

static void unlink_is_answered_when_the_answer_was_faster(void **state)
{
	struct bus *bus = *state;
	struct answer answer;

	configure(bus);
	uint32_t waiting = submit(bus, true, NOTIFY, 8);
	send_sync(bus);
	expect_notification(bus, waiting);
	unlink_transfer(bus, waiting);
	assert_true(next(bus, &answer));
	assert_int_equal(answer.kind, UNLINKED);
	assert_int_equal(answer.status, 0);
	assert_false(next(bus, &answer));
}

static void bulk_waits_in_and_is_taken_out(void **state)
{
	struct bus *bus = *state;
	struct answer answer;

	submit(bus, true, 4, 4096);
	assert_true(next(bus, &answer));
	assert_int_equal(answer.status, -EPIPE); /* not configured */
	configure(bus);
	submit(bus, true, 4, 4096);
	submit(bus, true, 8, 2048);
	assert_false(next(bus, &answer));
	submit(bus, false, 2, 512);
	assert_true(next(bus, &answer));
	assert_int_equal(answer.size, 512);
	assert_int_equal(answer.number, bus->number);
	assert_int_equal(answer.status, 0);
	submit(bus, true, 10, 64);
	assert_true(next(bus, &answer));
	assert_int_equal(answer.status, -EPIPE);
}

static void input_is_refused_when_a_number_waits_already(void **state)
{
	static const uint8_t nothing[8];
	struct bus *bus = *state;

	configure(bus);
	submit(bus, true, 4, 4096);
	bus->number--;
	assert_int_equal(
		send_message(bus, QK_USBIP_SUBMIT, true, 4, 4096, nothing, (struct qk_span){ 0 }),
		-EBADMSG);
}

static void input_is_refused_when_it_is_something_else(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n";
	struct qk_span http = { (const uint8_t *)text, sizeof(text) - 1 };
	struct bus *bus = *state;

	configure(bus);
	assert_int_equal(qk_usb_device_input(bus->device, http), -EBADMSG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(device_enumerates_as_the_kernel_asks),
		TEST(configuration_is_right_to_the_byte),
		TEST(answer_is_cut_to_the_smaller_of_both_lengths),
		TEST(request_stalls_when_nobody_knows_it),
		TEST(requests_of_drivers_are_taken),
		TEST(qmi_travels_as_encapsulated_commands),
		TEST(each_answer_is_notified_once_when_nobody_listened),
		TEST(fifo_is_bounded_and_cut_answers_are_lost),
		TEST(modem_is_silent_when_dtr_is_low),
		TEST(unlink_takes_back_what_waits),
		TEST(unlink_is_answered_when_the_answer_was_faster),
		TEST(bulk_waits_in_and_is_taken_out),
		TEST(input_is_refused_when_a_number_waits_already),
		TEST(input_is_refused_when_it_is_something_else),
	};

	return cmocka_run_group_tests_name("usb-device", tests, NULL, NULL);
}
