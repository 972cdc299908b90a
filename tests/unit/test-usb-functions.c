/*
 * What answers behind the interfaces of the virtual modem on the bus: serial ports, the rhythm of
 * notifications, the network's pipes, DTR, and the faults of the bus.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/modem.h"
#include "usb-bus.h"

#define AT_IN 4
#define AT_OUT 3
#define AT_NOTIFY 5
#define DIAG_IN 1
#define DIAG_OUT 1
#define NMEA_IN 2
#define NMEA_OUT 2
#define NETWORK_IN 8
#define NETWORK_OUT 5
#define RHYTHM 32000

#define OPEN_AT "\x21\x22\x03\x00\x02\x00\x00\x00"
#define GET "\xa1\x01\x00\x00\x04\x00\x00\x10"

static int setup_ec20(void **state)
{
	return bus_setup_profile(state, "ec20");
}

static void arm(struct bus *bus, const char *text)
{
	struct qk_sim_fault fault;
	char error[128];

	assert_int_equal(qk_sim_fault_parse(text, &fault, error, sizeof(error)), 0);
	assert_int_equal(qk_sim_arm(bus->sim, &fault), 0);
}

/* --- Serial ports */

static void at_port_answers_in_any_cut(void **state)
{
	struct bus *bus = *state;

	bus_configure(bus);
	assert_int_equal(bus_ask(bus, OPEN_AT), 0);
	bus_write(bus, AT_OUT, "A", 1);
	bus_write(bus, AT_OUT, "TE0\r", 4);
	/* what was said before somebody reads is there, as much as the reader has room for */
	bus_expect_data(bus, bus_submit(bus, true, AT_IN, 4), "ATE0", 4);
	bus_expect_data(bus, bus_submit(bus, true, AT_IN, 4096), "\r\r\nOK\r\n", 7);
	uint32_t waiting = bus_submit(bus, true, AT_IN, 4096);
	bus_expect_silence(bus);
	bus_write(bus, AT_OUT, "AT\r", 3);
	bus_expect_data(bus, waiting, "\r\nOK\r\n", 6);
}

static void at_port_forgets_what_nobody_read_when_it_is_opened_anew(void **state)
{
	struct bus *bus = *state;

	bus_configure(bus);
	assert_int_equal(bus_ask(bus, OPEN_AT), 0);
	bus_write(bus, AT_OUT, "AT\r", 3);
	assert_int_equal(bus_ask(bus, "\x21\x22\x00\x00\x02\x00\x00\x00"), 0);
	assert_int_equal(bus_ask(bus, OPEN_AT), 0);
	bus_submit(bus, true, AT_IN, 4096);
	bus_expect_silence(bus);
}

static void serial_port_tells_its_lines_once_when_it_is_opened(void **state)
{
	struct bus *bus = *state;

	bus_configure(bus);
	uint32_t waiting = bus_submit(bus, true, AT_NOTIFY, 10);
	bus_expect_silence(bus);
	assert_int_equal(
		bus_send(bus, QK_USBIP_SUBMIT, false, 0, 0, OPEN_AT, (struct qk_span){ 0 }), 0);
	struct bus_answer answer;
	assert_true(bus_next(bus, &answer));
	bus_expect_data(bus, waiting, "\xa1\x20\x00\x00\x02\x00\x02\x00\x02\x00", 10);
	bus_submit(bus, true, AT_NOTIFY, 10);
	bus_expect_silence(bus);
}

static void at_port_tells_of_a_call_that_rings(void **state)
{
	struct bus *bus = *state;
	uint8_t id;

	bus_configure(bus);
	assert_int_equal(bus_ask(bus, OPEN_AT), 0);
	bus_expect_data(bus, bus_submit(bus, true, AT_NOTIFY, 10),
			"\xa1\x20\x00\x00\x02\x00\x02\x00\x02\x00", 10);
	uint32_t waiting = bus_submit(bus, true, AT_NOTIFY, 10);
	assert_int_equal(qk_sim_voice_incoming(qk_sim_state(bus->sim), "+4912345",
					       QK_SIM_NUMBER_ALLOWED, &id),
			 0);
	qk_sim_notify(bus->sim);
	bus_expect_data(bus, waiting, "\xa1\x20\x00\x00\x02\x00\x02\x00\x0a\x00", 10);
	waiting = bus_submit(bus, true, AT_NOTIFY, 10);
	assert_int_equal(qk_sim_voice_hang_up(qk_sim_state(bus->sim), id), 0);
	qk_sim_notify(bus->sim);
	bus_expect_data(bus, waiting, "\xa1\x20\x00\x00\x02\x00\x02\x00\x02\x00", 10);
}

static void nmea_port_says_sentences_while_it_is_open(void **state)
{
	struct bus *bus = *state;
	struct bus_answer answer;

	bus_configure(bus);
	bus_submit(bus, true, NMEA_IN, 4096);
	assert_int_equal(qk_sim_gnss_on(qk_sim_state(bus->sim), QK_SIM_GNSS_AT), 0);
	qk_sim_advance(bus->sim, 1500000);
	bus_expect_silence(bus);
	assert_int_equal(bus_ask(bus, "\x21\x22\x03\x00\x01\x00\x00\x00"), 0);
	qk_sim_advance(bus->sim, 2500000);
	assert_true(bus_next(bus, &answer));
	assert_memory_equal(answer.data.data, "$G", 2);
	assert_memory_equal(answer.data.data + answer.size - 2, "\r\n", 2);
	/* what is written there does nothing */
	bus_write(bus, NMEA_OUT, "AT\r", 3);
}

static void serial_queue_is_bounded_when_nobody_reads(void **state)
{
	struct bus *bus = *state;
	struct bus_answer answer;
	size_t got = 0;

	bus_configure(bus);
	assert_int_equal(bus_ask(bus, OPEN_AT), 0);
	for (unsigned int i = 0; i < 700; i++)
		bus_write(bus, AT_OUT, "AT+CGMM;+CGMM;+CGMM;+CGMM;+CGMM\r", 32);
	do {
		bus_submit(bus, true, AT_IN, 4096);
		if (!bus_next(bus, &answer))
			break;
		got += answer.size;
	} while (true);
	assert_in_range(got, 20000, QK_USB_SERIAL_MAX);
}

static void diag_port_answers_its_version_when_it_is_asked(void **state)
{
	static const char request[] = "\x7e\x00\x78\xf0\x7e";
	struct bus *bus = *state;
	struct bus_answer answer;

	bus_configure(bus);
	bus_submit(bus, true, DIAG_IN, 4096);
	bus_write(bus, DIAG_OUT, request, 5);
	assert_true(bus_next(bus, &answer));
	/* 55 bytes, their CRC, the end; some may be escaped */
	assert_in_range(answer.size, 58, 70);
	assert_int_equal(answer.data.data[0], 0);
	assert_int_equal(answer.data.data[answer.size - 1], 0x7e);
}

/* --- QMI */

static void notifications_keep_to_the_rhythm_one_a_poll(void **state)
{
	struct bus *bus = *state;

	qk_sim_state(bus->sim)->usb.rhythm_usec = RHYTHM;
	bus_configure(bus);
	uint32_t first = bus_submit(bus, true, BUS_NOTIFY, 8);
	qk_sim_advance(bus->sim, 1000);
	bus_send_sync(bus);
	bus_send_sync(bus);
	assert_int_equal(qk_sim_next_usec(bus->sim), RHYTHM);
	qk_sim_advance(bus->sim, RHYTHM - 1);
	bus_expect_silence(bus);
	qk_sim_advance(bus->sim, RHYTHM);
	bus_expect_notification(bus, first);
	qk_sim_advance(bus->sim, RHYTHM + 500);
	uint32_t second = bus_submit(bus, true, BUS_NOTIFY, 8);
	bus_expect_silence(bus);
	/* who is late is told at once, and the next at the next poll of the grid */
	qk_sim_advance(bus->sim, 2 * RHYTHM + 700);
	bus_expect_notification(bus, second);
	bus_expect_sync(bus);
	bus_expect_sync(bus);
	assert_true(qk_sim_next_usec(bus->sim) > 3 * RHYTHM);
}

static const char allocate_nas[] =
	"\x01\x0f\x00\x00\x00\x00\x00\x01\x22\x00\x04\x00\x01\x01\x00\x03";

static void allocate(struct bus *bus)
{
	struct qk_span request = { (const uint8_t *)allocate_nas, 16 };

	assert_int_equal(bus_control(bus, "\x21\x00\x00\x00\x04\x00\x10\x00", request, NULL), 0);
}

static void low_dtr_takes_client_ids_and_answers(void **state)
{
	struct bus *bus = *state;

	bus_configure(bus);
	allocate(bus);
	assert_int_equal(qk_sim_client_count(bus->sim, QK_SERVICE_ID_NAS), 1);
	assert_int_equal(bus_ask(bus, "\x21\x22\x00\x00\x04\x00\x00\x00"), 0);
	assert_int_equal(qk_sim_client_count(bus->sim, QK_SERVICE_ID_NAS), 0);
	assert_int_equal(bus_ask(bus, "\x21\x22\x01\x00\x04\x00\x00\x00"), 0);
	assert_int_equal(bus_ask(bus, GET), 0);
}

static void pulled_cable_takes_client_ids(void **state)
{
	struct bus *bus = *state;

	bus_configure(bus);
	allocate(bus);
	assert_int_equal(qk_sim_client_count(bus->sim, QK_SERVICE_ID_NAS), 1);
	bus->device = qk_usb_device_free(bus->device);
	assert_int_equal(qk_sim_client_count(bus->sim, QK_SERVICE_ID_NAS), 0);
}

static void ec20_needs_no_dtr(void **state)
{
	struct bus *bus = *state;

	bus_expect(bus, "\x80\x06\x00\x01\x00\x00\x12\x00",
		   "\x12\x01\x00\x02\x00\x00\x00\x40\xc6\x05\x15\x92\x32\x02\x01\x02\x00\x01", 18);
	assert_int_equal(bus_ask(bus, "\x00\x09\x01\x00\x00\x00\x00\x00"), 0);
	bus_send_sync(bus);
	bus_expect_sync(bus);
}

/* --- The network's pipes */

struct packets {
	struct qk_usb_network hooks;
	struct qk_usb_device *device;
	unsigned int plugged, gone, ready;
	uint8_t last[64];
	size_t last_size;
};

static void on_plugged(void *userdata, struct qk_usb_device *device)
{
	struct packets *packets = userdata;

	packets->device = device;
	packets->plugged += device != NULL;
	packets->gone += device == NULL;
}

static void on_transfer(void *userdata, struct qk_span data)
{
	struct packets *packets = userdata;

	assert_true(data.size <= sizeof(packets->last));
	memcpy(packets->last, data.data, data.size);
	packets->last_size = data.size;
}

static void on_ready(void *userdata)
{
	((struct packets *)userdata)->ready++;
}

static void network_is_handed_transfer_by_transfer(void **state)
{
	struct packets packets = {
		.hooks = { on_plugged, on_transfer, on_ready, &packets },
	};
	struct qk_span packet = { (const uint8_t *)"E packet", 8 };
	struct bus *bus = *state;

	qk_usb_device_free(bus->device);
	bus->network = &packets.hooks;
	bus_plug_in(bus);
	assert_int_equal(packets.plugged, 0);
	bus_configure(bus);
	assert_int_equal(packets.plugged, 1);
	bus_write(bus, NETWORK_OUT, "hello", 5);
	assert_int_equal(packets.last_size, 5);
	assert_memory_equal(packets.last, "hello", 5);

	assert_int_equal(qk_usb_network_send(packets.device, packet), -EAGAIN);
	uint32_t waiting = bus_submit(bus, true, NETWORK_IN, 1500);
	assert_int_equal(packets.ready, 1);
	assert_int_equal(qk_usb_network_room(packets.device), 1500);
	assert_int_equal(qk_usb_network_send(packets.device, packet), 0);
	bus_expect_data(bus, waiting, "E packet", 8);
	bus_submit(bus, true, NETWORK_IN, 4);
	assert_int_equal(qk_usb_network_send(packets.device, packet), -EMSGSIZE);
	/* a host that does not keep up with reading gets nothing for a while */
	qk_usb_device_set_congested(bus->device, true);
	assert_int_equal(qk_usb_network_send(packets.device, packet), -EAGAIN);
	qk_usb_device_set_congested(bus->device, false);
	assert_int_equal(packets.ready, 2);

	/* SET_CONFIGURATION in a loop: each time it is gone and there anew */
	for (unsigned int i = 0; i < 5; i++)
		bus_configure(bus);
	assert_int_equal(packets.plugged, 6);
	assert_int_equal(packets.gone, 5);
	bus->device = qk_usb_device_free(bus->device);
	assert_int_equal(packets.gone, 6);
	assert_null(packets.device);
	bus->network = NULL;
}

/* --- What else the interface can be */

static void become(struct bus *bus, uint32_t usbnet)
{
	struct qk_sim_state *state = qk_sim_state(bus->sim);

	assert_int_equal(qk_sim_usb_set_network(state, usbnet), 0);
	/* before the next boot nothing changes */
	assert_int_equal(state->usb.active.usbnet, QK_SIM_USBNET_QMI);
	qk_sim_usb_boot(state);
	qk_usb_device_free(bus->device);
	bus_plug_in(bus);
	assert_int_equal(bus_ask(bus, "\x00\x09\x01\x00\x00\x00\x00\x00"), 0);
}

static void mbim_answers_its_opening(void **state)
{
	static const char open[] =
		"\x01\x00\x00\x00\x10\x00\x00\x00\x07\x00\x00\x00\x00\x10\x00\x00";
	struct qk_span message = { (const uint8_t *)open, 16 };
	struct bus *bus = *state;

	become(bus, QK_SIM_USBNET_MBIM);
	uint32_t waiting = bus_submit(bus, true, BUS_NOTIFY, 64);
	assert_int_equal(bus_control(bus, "\x21\x00\x00\x00\x04\x00\x10\x00", message, NULL), 0);
	bus_expect_notification(bus, waiting);
	bus_expect(bus, GET, "\x01\x00\x00\x80\x10\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00",
		   16);
	assert_int_equal(bus_ask(bus, GET), 0);
	/* the first of the 28 bytes of the blocks' parameters: their size, 16-bit blocks, 16 KiB */
	bus_expect(bus, "\xa1\x80\x00\x00\x04\x00\x08\x00", "\x1c\x00\x01\x00\x00\x40\x00\x00", 8);
}

static void ecm_has_two_settings_of_its_data_interface(void **state)
{
	struct bus *bus = *state;

	become(bus, QK_SIM_USBNET_ECM);
	bus_submit(bus, true, NETWORK_IN, 1514);
	struct bus_answer answer;
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.status, -EPIPE);
	assert_int_equal(bus_ask(bus, "\x01\x0b\x01\x00\x05\x00\x00\x00"), 0);
	bus_expect(bus, "\x81\x0a\x00\x00\x05\x00\x01\x00", "\x01", 1);
	assert_int_equal(bus_ask(bus, "\x21\x43\x0c\x00\x04\x00\x00\x00"), 0);
	bus_submit(bus, true, NETWORK_IN, 1514);
	bus_expect_silence(bus);
	/* the host's Ethernet address, as text */
	struct qk_span text;
	assert_int_equal(
		bus_control(bus, "\x80\x06\x03\x03\x09\x04\xff\x00", (struct qk_span){ 0 }, &text),
		26);
	assert_memory_equal(text.data + 2, "0\0002\0", 4);
}

/* --- Audio */

static void put_u32(uint8_t *at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Submits an isochronous transfer of two packets of 16 bytes. Returns its number. */
static uint32_t stream(struct bus *bus, bool in, uint32_t endpoint, uint32_t second_length)
{
	uint8_t bytes[48 + 32 + 32] = { 0 };
	size_t size = 48 + (in ? 0 : 32);

	put_u32(bytes, QK_USBIP_SUBMIT);
	put_u32(bytes + 4, ++bus->number);
	put_u32(bytes + 12, in);
	put_u32(bytes + 16, endpoint);
	put_u32(bytes + 24, 32);
	put_u32(bytes + 32, 2);
	put_u32(bytes + size + 4, 16);
	put_u32(bytes + size + 16, 16);
	put_u32(bytes + size + 20, second_length);
	assert_int_equal(qk_usb_device_input(bus->device, (struct qk_span){ bytes, size + 32 }), 0);
	return bus->number;
}

/* What was said last must be the end of such a transfer. */
static void expect_stream(struct bus *bus, uint32_t number, size_t payload)
{
	uint8_t expected[48 + 32 + 32] = { 0 };
	size_t size = 48 + payload + 32;

	put_u32(expected, 3);
	put_u32(expected + 4, number);
	put_u32(expected + 24, 32);
	put_u32(expected + 32, 2);
	put_u32(expected + 48 + payload + 4, 16);
	put_u32(expected + 48 + payload + 8, 16);
	put_u32(expected + 48 + payload + 16, 16);
	put_u32(expected + 48 + payload + 20, 16);
	put_u32(expected + 48 + payload + 24, 16);
	assert_int_equal(bus->said_size - bus->read_size, size);
	assert_memory_equal(bus->said + bus->read_size, expected, size);
	bus->read_size = bus->said_size;
}

static void audio_streams_take_their_time(void **state)
{
	struct bus *bus = *state;
	struct qk_sim_usb_config config = qk_sim_state(bus->sim)->usb.stored;
	struct bus_answer answer;

	config.audio = true;
	assert_int_equal(qk_sim_usb_set_functions(qk_sim_state(bus->sim), &config), 0);
	qk_sim_usb_boot(qk_sim_state(bus->sim));
	qk_usb_device_free(bus->device);
	bus_plug_in(bus);
	bus_configure(bus);
	stream(bus, true, 10, 16);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.status, -EPIPE); /* without bandwidth there is no endpoint */
	assert_int_equal(bus_ask(bus, "\x01\x0b\x01\x00\x06\x00\x00\x00"), 0);
	assert_int_equal(bus_ask(bus, "\x01\x0b\x01\x00\x07\x00\x00\x00"), 0);
	stream(bus, true, 10, 17);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.status, -EINVAL); /* its packets are longer than it is */

	uint32_t in = stream(bus, true, 10, 16);
	bus_expect_silence(bus);
	qk_sim_advance(bus->sim, 1999);
	bus_expect_silence(bus);
	qk_sim_advance(bus->sim, 2000);
	expect_stream(bus, in, 32);
	uint32_t out = stream(bus, false, 6, 16);
	qk_sim_advance(bus->sim, 4000);
	expect_stream(bus, out, 0);
	in = stream(bus, true, 10, 16);
	bus_unlink(bus, in);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.status, -ECONNRESET);
	qk_sim_advance(bus->sim, 9000);
	bus_expect_silence(bus);
}

/* --- Faults of the bus */

static void fault_stalls_a_get_once(void **state)
{
	struct bus *bus = *state;

	bus_configure(bus);
	arm(bus, "stall-answer:1");
	bus_send_sync(bus);
	assert_int_equal(bus_ask(bus, GET), -EPIPE);
	assert_int_equal(bus_ask(bus, GET), 0);
	bus_send_sync(bus);
	bus_expect_sync(bus);
}

static void fault_notifies_of_nothing(void **state)
{
	struct bus *bus = *state;

	bus_configure(bus);
	arm(bus, "empty-notification:1");
	bus_send_sync(bus);
	bus_expect_notification(bus, bus_submit(bus, true, BUS_NOTIFY, 8));
	assert_int_equal(bus_ask(bus, GET), 0);
}

static void fault_keeps_an_answer_without_telling(void **state)
{
	struct bus *bus = *state;

	bus_configure(bus);
	bus_submit(bus, true, BUS_NOTIFY, 8);
	arm(bus, "no-notification:1");
	bus_send_sync(bus);
	bus_expect_silence(bus);
	bus_expect_sync(bus);
}

static void fault_forgets_what_waits_as_a_suspend_does(void **state)
{
	struct bus *bus = *state;

	bus_configure(bus);
	bus_send_sync(bus);
	arm(bus, "suspend");
	bus_send_sync(bus);
	assert_int_equal(bus_ask(bus, GET), 0);
	bus_submit(bus, true, BUS_NOTIFY, 8);
	bus_expect_silence(bus);
}

static void fault_never_acknowledges_a_command(void **state)
{
	struct qk_span sync = { (const uint8_t *)"\x01\x0b\x00\x00\x00\x00\x00\x01\x27\x00\x00\x00",
				12 };
	struct bus *bus = *state;
	struct bus_answer answer;

	bus_configure(bus);
	arm(bus, "hang-command:ctl:1");
	assert_int_equal(bus_send(bus, QK_USBIP_SUBMIT, false, 0, 12,
				  "\x21\x00\x00\x00\x04\x00\x0c\x00", sync),
			 0);
	bus_expect_silence(bus);
	bus_unlink(bus, bus->number);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.kind, BUS_UNLINKED);
	assert_int_equal(answer.status, -ECONNRESET);
}

static void fault_breaks_off_in_the_middle_of_an_answer(void **state)
{
	struct bus *bus = *state;
	size_t before;

	bus_configure(bus);
	bus_send_sync(bus);
	arm(bus, "break-transfer=3000");
	before = bus->said_size;
	assert_int_equal(bus_send(bus, QK_USBIP_SUBMIT, true, 0, 4096, GET, (struct qk_span){ 0 }),
			 0);
	assert_int_equal(bus->said_size - before, QK_USBIP_HEADER + 19 / 2);
	assert_int_equal(qk_sim_usb_guise(qk_sim_state(bus->sim)), QK_SIM_GUISE_NONE);
	/* nothing is said to a host that has no device any more */
	assert_int_equal(bus_send(bus, QK_USBIP_SUBMIT, true, 0, 4096, GET, (struct qk_span){ 0 }),
			 0);
	assert_int_equal(bus->said_size - before, QK_USBIP_HEADER + 19 / 2);
}

static void fault_makes_it_unreadable_until_a_boot(void **state)
{
	struct bus *bus = *state;

	arm(bus, "no-descriptor");
	qk_sim_advance(bus->sim, 1000);
	assert_int_equal(qk_sim_usb_guise(qk_sim_state(bus->sim)), QK_SIM_GUISE_DEAD);
	qk_usb_device_free(bus->device);
	bus_plug_in(bus);
	assert_int_equal(bus_send(bus, QK_USBIP_SUBMIT, true, 0, 64,
				  "\x80\x06\x00\x01\x00\x00\x40\x00", (struct qk_span){ 0 }),
			 0);
	bus_expect_silence(bus);
	qk_sim_state_reboot(qk_sim_state(bus->sim), 1000);
	qk_sim_advance(bus->sim, 3000);
	assert_int_equal(qk_sim_usb_guise(qk_sim_state(bus->sim)), QK_SIM_GUISE_MODEM);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bus_setup, bus_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(at_port_answers_in_any_cut),
		TEST(at_port_forgets_what_nobody_read_when_it_is_opened_anew),
		TEST(serial_port_tells_its_lines_once_when_it_is_opened),
		TEST(at_port_tells_of_a_call_that_rings),
		TEST(nmea_port_says_sentences_while_it_is_open),
		TEST(serial_queue_is_bounded_when_nobody_reads),
		TEST(diag_port_answers_its_version_when_it_is_asked),
		TEST(notifications_keep_to_the_rhythm_one_a_poll),
		TEST(low_dtr_takes_client_ids_and_answers),
		TEST(pulled_cable_takes_client_ids),
		cmocka_unit_test_setup_teardown(ec20_needs_no_dtr, setup_ec20, bus_teardown),
		TEST(network_is_handed_transfer_by_transfer),
		TEST(mbim_answers_its_opening),
		TEST(ecm_has_two_settings_of_its_data_interface),
		TEST(audio_streams_take_their_time),
		TEST(fault_stalls_a_get_once),
		TEST(fault_notifies_of_nothing),
		TEST(fault_keeps_an_answer_without_telling),
		TEST(fault_forgets_what_waits_as_a_suspend_does),
		TEST(fault_never_acknowledges_a_command),
		TEST(fault_breaks_off_in_the_middle_of_an_answer),
		TEST(fault_makes_it_unreadable_until_a_boot),
	};

	return cmocka_run_group_tests_name("usb-functions", tests, NULL, NULL);
}
