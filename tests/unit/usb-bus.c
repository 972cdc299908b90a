/*
 * Bus: transfers as a kernel submits them, and what comes back (see usb-bus.h).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "usb-bus.h"

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

void bus_plug_in(struct bus *bus)
{
	const struct qk_usb_host host = { on_bytes, bus, bus->network };
	struct qk_usb_model model;

	assert_true(qk_usb_compose(qk_sim_state(bus->sim), &model));
	assert_int_equal(qk_usb_device_new(&model, bus->sim, &host, &bus->device), 0);
}

int bus_setup(void **state)
{
	return bus_setup_profile(state, "");
}

int bus_setup_profile(void **state, const char *name)
{
	struct bus *bus = calloc(1, sizeof(*bus));
	char error[128];

	assert_non_null(bus);
	assert_int_equal(qk_sim_profile_load(name, &bus->profile, error, sizeof(error)), 0);
	assert_int_equal(qk_sim_new(bus->profile, 1, 0, &bus->sim), 0);
	qk_sim_state(bus->sim)->usb.rhythm_usec = 0;
	bus_plug_in(bus);
	*state = bus;
	return 0;
}

int bus_teardown(void **state)
{
	struct bus *bus = *state;

	qk_usb_device_free(bus->device);
	qk_sim_free(bus->sim);
	qk_sim_profile_free(bus->profile);
	free(bus);
	return 0;
}

int bus_send(struct bus *bus, uint32_t kind, bool in, uint32_t endpoint, uint32_t length,
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

uint32_t bus_submit(struct bus *bus, bool in, uint32_t endpoint, uint32_t length)
{
	static const uint8_t data[512];

	assert_int_equal(bus_send(bus, QK_USBIP_SUBMIT, in, endpoint, length, data,
				  (struct qk_span){ data, in ? 0 : length }),
			 0);
	return bus->number;
}

void bus_write(struct bus *bus, uint32_t endpoint, const char *bytes, size_t size)
{
	static const uint8_t nothing[8];
	struct qk_span data = { (const uint8_t *)bytes, size };
	struct bus_answer answer;

	assert_int_equal(
		bus_send(bus, QK_USBIP_SUBMIT, false, endpoint, (uint32_t)size, nothing, data), 0);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.number, bus->number);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.size, size);
}

void bus_expect_data(struct bus *bus, uint32_t number, const char *bytes, size_t size)
{
	struct bus_answer answer;

	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.kind, BUS_SUBMITTED);
	assert_int_equal(answer.number, number);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.data.size, size);
	assert_memory_equal(answer.data.data, bytes, size);
}

void bus_expect_silence(struct bus *bus)
{
	struct bus_answer answer;

	assert_false(bus_next(bus, &answer));
}

void bus_unlink(struct bus *bus, uint32_t number)
{
	static const uint8_t nothing[8];

	assert_int_equal(
		bus_send(bus, QK_USBIP_UNLINK, false, 0, number, nothing, (struct qk_span){ 0 }),
		0);
}

bool bus_next(struct bus *bus, struct bus_answer *ret)
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

int bus_control(struct bus *bus, const char *eight, struct qk_span data, struct qk_span *ret)
{
	bool in = eight[0] & 0x80;
	uint32_t length = (uint8_t)eight[6] | (uint32_t)(uint8_t)eight[7] << 8;
	struct bus_answer answer;

	assert_int_equal(bus_send(bus, QK_USBIP_SUBMIT, in, 0, length, eight, data), 0);
	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.kind, BUS_SUBMITTED);
	assert_int_equal(answer.number, bus->number);
	if (ret)
		*ret = answer.data;
	return answer.status ? answer.status : (int)answer.data.size;
}

int bus_ask(struct bus *bus, const char *eight)
{
	return bus_control(bus, eight, (struct qk_span){ 0 }, NULL);
}

void bus_configure(struct bus *bus)
{
	assert_int_equal(bus_ask(bus, "\x00\x09\x01\x00\x00\x00\x00\x00"), 0);
	assert_int_equal(bus_ask(bus, "\x21\x22\x01\x00\x04\x00\x00\x00"), 0);
}

void bus_expect(struct bus *bus, const char *eight, const char *bytes, size_t size)
{
	struct qk_span data;

	assert_int_equal(bus_control(bus, eight, (struct qk_span){ 0 }, &data), size);
	assert_memory_equal(data.data, bytes, size);
}

static const char sync_request[] = "\x01\x0b\x00\x00\x00\x00\x00\x01\x27\x00\x00\x00";

void bus_send_sync(struct bus *bus)
{
	struct qk_span sync = { (const uint8_t *)sync_request, 12 };

	assert_int_equal(bus_control(bus, "\x21\x00\x00\x00\x04\x00\x0c\x00", sync, NULL), 0);
}

void bus_expect_sync(struct bus *bus)
{
	bus_expect(bus, "\xa1\x01\x00\x00\x04\x00\x00\x10", BUS_SYNC_ANSWER, 19);
}

void bus_expect_notification(struct bus *bus, uint32_t number)
{
	struct bus_answer answer;

	assert_true(bus_next(bus, &answer));
	assert_int_equal(answer.kind, BUS_SUBMITTED);
	assert_int_equal(answer.number, number);
	assert_int_equal(answer.status, 0);
	assert_int_equal(answer.data.size, 8);
	assert_memory_equal(answer.data.data, "\xa1\x01\x00\x00\x04\x00\x00\x00", 8);
}
