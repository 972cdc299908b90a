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

#include "usb-bus.h"

static void device_enumerates_as_the_kernel_asks(void **state)
{
	static const char device[] = "\x12\x01\x00\x02\x00\x00\x00\x40\x7c\x2c\x25\x01\x18\x03"
				     "\x01\x02\x00\x01";

	bus_expect(*state, "\x80\x06\x00\x01\x00\x00\x40\x00", device, 18);
	bus_expect(*state, "\x80\x06\x00\x01\x00\x00\x12\x00", device, 18);
	bus_expect(*state, "\x80\x06\x00\x01\x00\x00\x08\x00", device, 8);
	bus_expect(*state, "\x80\x06\x00\x06\x00\x00\x0a\x00",
		   "\x0a\x06\x00\x02\x00\x00\x00\x40\x01\x00", 10);
	bus_expect(*state, "\x80\x06\x00\x02\x00\x00\x09\x00",
		   "\x09\x02\xd1\x00\x05\x01\x00\xa0\xfa", 9);
	bus_expect(*state, "\x80\x06\x00\x03\x00\x00\xff\x00", "\x04\x03\x09\x04", 4);
	bus_expect(*state, "\x80\x06\x01\x03\x09\x04\xff\x00", "\x10\x03Q\0u\0e\0c\0t\0e\0l\0", 16);
	bus_expect(*state, "\x80\x06\x02\x03\x09\x04\xff\x00",
		   "\x12\x03"
		   "E\0C\0\x32\0\x35\0-\0E\0U\0X\0",
		   18);
	bus_expect(*state, "\x80\x08\x00\x00\x00\x00\x01\x00", "\x00", 1);
	bus_configure(*state);
	bus_expect(*state, "\x80\x08\x00\x00\x00\x00\x01\x00", "\x01", 1);
	bus_expect(*state, "\x80\x00\x00\x00\x00\x00\x02\x00", "\x00\x00", 2);
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

	assert_int_equal(bus_control(*state, "\x80\x06\x00\x02\x00\x00\xd1\x00",
				     (struct qk_span){ 0 }, &all),
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
	struct bus_answer answer;
	struct bus *bus = *state;

	for (uint32_t length = 4; length <= 64; length += 60) {
		assert_int_equal(bus_send(bus, QK_USBIP_SUBMIT, true, 0, length, device,
					  (struct qk_span){ 0 }),
				 0);
		assert_true(bus_next(bus, &answer));
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

	bus_configure(*state);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		assert_int_equal(bus_ask(*state, requests[i]), -EPIPE);
}

static void requests_of_drivers_are_taken(void **state)
{
	struct qk_span coding = { (const uint8_t *)"\x00\xc2\x01\x00\x00\x00\x08", 7 };

	assert_int_equal(bus_ask(*state, "\x21\x22\x03\x00\x02\x00\x00\x00"), -EPIPE);
	bus_configure(*state);
	assert_int_equal(bus_ask(*state, "\x21\x22\x03\x00\x02\x00\x00\x00"), 0);
	assert_int_equal(bus_ask(*state, "\x01\x0b\x00\x00\x04\x00\x00\x00"), 0);
	assert_int_equal(bus_ask(*state, "\x02\x01\x00\x00\x88\x00\x00\x00"), 0);
	assert_int_equal(bus_ask(*state, "\x00\x03\x01\x00\x00\x00\x00\x00"), 0);
	bus_expect(*state, "\x80\x00\x00\x00\x00\x00\x02\x00", "\x02\x00", 2);
	assert_int_equal(bus_control(*state, "\x21\x20\x00\x00\x02\x00\x07\x00", coding, NULL), 0);
	bus_expect(*state, "\xa1\x21\x00\x00\x02\x00\x07\x00", "\x00\xc2\x01\x00\x00\x00\x08", 7);
}

static void qmi_travels_as_encapsulated_commands(void **state)
{
	struct bus *bus = *state;

	bus_configure(bus);
	uint32_t waiting = bus_submit(bus, true, BUS_NOTIFY, 8);
	bus_send_sync(bus);
	bus_expect_notification(bus, waiting);
	bus_expect_sync(bus);
	/* an empty FIFO is an empty answer */
	assert_int_equal(bus_ask(bus, "\xa1\x01\x00\x00\x04\x00\x00\x10"), 0);
}

static void all_ends_when_the_cable_is_pulled(void **state)
{
	struct bus *bus = *state;
	struct bus_answer answer;

	bus_configure(bus);
	uint32_t first = bus_submit(bus, true, BUS_NOTIFY, 8);
	uint32_t second = bus_submit(bus, true, BUS_NOTIFY, 8);
	qk_usb_device_pull(bus->device);
	for (uint32_t number = first; number <= second; number++) {
		assert_true(bus_next(bus, &answer));
		assert_int_equal(answer.number, number);
		assert_int_equal(answer.status, -ESHUTDOWN);
	}
	/* so does what comes yet: transfers, requests, and what is taken back is not there */
	bus_submit(bus, true, BUS_NOTIFY, 8);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.status, -ESHUTDOWN);
	assert_int_equal(bus_ask(bus, "\x00\x09\x01\x00\x00\x00\x00\x00"), -ESHUTDOWN);
	bus_unlink(bus, second);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.status, 0);
	bus_expect_silence(bus);
}

static void each_answer_is_notified_once_when_nobody_listened(void **state)
{
	struct bus *bus = *state;
	struct bus_answer answer;

	bus_configure(bus);
	bus_send_sync(bus);
	bus_send_sync(bus);
	bus_expect_notification(bus, bus_submit(bus, true, BUS_NOTIFY, 8));
	bus_expect_notification(bus, bus_submit(bus, true, BUS_NOTIFY, 8));
	bus_submit(bus, true, BUS_NOTIFY, 8);
	assert_false(bus_next(bus, &answer));
	bus_expect_sync(bus);
	bus_expect_sync(bus);
}

static void fifo_is_bounded_and_cut_answers_are_lost(void **state)
{
	struct bus *bus = *state;

	bus_configure(bus);
	for (unsigned int i = 0; i < QK_USB_FIFO_MAX + 3; i++)
		bus_send_sync(bus);
	bus_expect(bus, "\xa1\x01\x00\x00\x04\x00\x05\x00", BUS_SYNC_ANSWER, 5);
	for (unsigned int i = 1; i < QK_USB_FIFO_MAX; i++)
		bus_expect_sync(bus);
	assert_int_equal(bus_ask(bus, "\xa1\x01\x00\x00\x04\x00\x00\x10"), 0);
}

static void modem_is_silent_when_dtr_is_low(void **state)
{
	struct bus *bus = *state;

	bus_configure(bus);
	assert_int_equal(bus_ask(bus, "\x21\x22\x00\x00\x04\x00\x00\x00"), 0);
	bus_send_sync(bus);
	assert_int_equal(bus_ask(bus, "\xa1\x01\x00\x00\x04\x00\x00\x10"), 0);
	assert_int_equal(bus_ask(bus, "\x21\x22\x01\x00\x04\x00\x00\x00"), 0);
	bus_send_sync(bus);
	/* set up anew, what nobody fetched is gone */
	bus_configure(bus);
	assert_int_equal(bus_ask(bus, "\xa1\x01\x00\x00\x04\x00\x00\x10"), 0);
}

static void unlink_takes_back_what_waits(void **state)
{
	struct bus *bus = *state;
	struct bus_answer answer;

	bus_configure(bus);
	uint32_t waiting = bus_submit(bus, true, BUS_NOTIFY, 8);
	bus_unlink(bus, waiting);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.kind, BUS_UNLINKED);
	assert_int_equal(answer.number, bus->number);
	assert_int_equal(answer.status, -ECONNRESET);
	/* nothing is said of it any more; the notification is still owed */
	bus_send_sync(bus);
	assert_false(bus_next(bus, &answer));
	bus_expect_notification(bus, bus_submit(bus, true, BUS_NOTIFY, 8));
}

static void unlink_is_answered_when_the_answer_was_faster(void **state)
{
	struct bus *bus = *state;
	struct bus_answer answer;

	bus_configure(bus);
	uint32_t waiting = bus_submit(bus, true, BUS_NOTIFY, 8);
	bus_send_sync(bus);
	bus_expect_notification(bus, waiting);
	bus_unlink(bus, waiting);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.kind, BUS_UNLINKED);
	assert_int_equal(answer.status, 0);
	assert_false(bus_next(bus, &answer));
}

/* As when a program ends and the next one begins: the kernel forgets what it was told. */
static void answers_are_notified_anew_when_the_host_listens_again(void **state)
{
	struct bus *bus = *state;
	struct bus_answer answer;

	bus_configure(bus);
	for (int i = 0; i < 2; i++) {
		uint32_t waiting = bus_submit(bus, true, BUS_NOTIFY, 8);
		bus_send_sync(bus);
		bus_expect_notification(bus, waiting);
	}
	bus_expect_sync(bus);
	bus_unlink(bus, bus_submit(bus, true, BUS_NOTIFY, 8));
	assert_true(bus_next(bus, &answer));
	bus_expect_notification(bus, bus_submit(bus, true, BUS_NOTIFY, 8));
	bus_submit(bus, true, BUS_NOTIFY, 8);
	assert_false(bus_next(bus, &answer));
	bus_expect_sync(bus);
}

static void answers_are_notified_anew_when_the_notification_was_not_seen(void **state)
{
	struct bus *bus = *state;
	struct bus_answer answer;

	bus_configure(bus);
	uint32_t waiting = bus_submit(bus, true, BUS_NOTIFY, 8);
	bus_send_sync(bus);
	bus_expect_notification(bus, waiting);
	bus_unlink(bus, waiting);
	assert_true(bus_next(bus, &answer));
	bus_expect_notification(bus, bus_submit(bus, true, BUS_NOTIFY, 8));
	bus_submit(bus, true, BUS_NOTIFY, 8);
	assert_false(bus_next(bus, &answer));
	bus_expect_sync(bus);
}

static void bulk_waits_in_and_is_taken_out(void **state)
{
	struct bus *bus = *state;
	struct bus_answer answer;

	bus_submit(bus, true, 4, 4096);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.status, -EPIPE); /* not configured */
	bus_configure(bus);
	bus_submit(bus, true, 4, 4096);
	bus_submit(bus, true, 8, 2048);
	assert_false(bus_next(bus, &answer));
	bus_submit(bus, false, 2, 512);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.size, 512);
	assert_int_equal(answer.number, bus->number);
	assert_int_equal(answer.status, 0);
	bus_submit(bus, true, 10, 64);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.status, -EPIPE);
}

static void input_is_refused_when_a_number_waits_already(void **state)
{
	static const uint8_t nothing[8];
	struct bus *bus = *state;

	bus_configure(bus);
	bus_submit(bus, true, 4, 4096);
	bus->number--;
	assert_int_equal(
		bus_send(bus, QK_USBIP_SUBMIT, true, 4, 4096, nothing, (struct qk_span){ 0 }),
		-EBADMSG);
}

static void input_is_refused_when_it_is_something_else(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n";
	struct qk_span http = { (const uint8_t *)text, sizeof(text) - 1 };
	struct bus *bus = *state;

	bus_configure(bus);
	assert_int_equal(qk_usb_device_input(bus->device, http), -EBADMSG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bus_setup, bus_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(device_enumerates_as_the_kernel_asks),
		TEST(configuration_is_right_to_the_byte),
		TEST(answer_is_cut_to_the_smaller_of_both_lengths),
		TEST(request_stalls_when_nobody_knows_it),
		TEST(requests_of_drivers_are_taken),
		TEST(qmi_travels_as_encapsulated_commands),
		TEST(all_ends_when_the_cable_is_pulled),
		TEST(each_answer_is_notified_once_when_nobody_listened),
		TEST(fifo_is_bounded_and_cut_answers_are_lost),
		TEST(modem_is_silent_when_dtr_is_low),
		TEST(unlink_takes_back_what_waits),
		TEST(answers_are_notified_anew_when_the_host_listens_again),
		TEST(answers_are_notified_anew_when_the_notification_was_not_seen),
		TEST(unlink_is_answered_when_the_answer_was_faster),
		TEST(bulk_waits_in_and_is_taken_out),
		TEST(input_is_refused_when_a_number_waits_already),
		TEST(input_is_refused_when_it_is_something_else),
	};

	return cmocka_run_group_tests_name("usb-device", tests, NULL, NULL);
}
