/*
 * USB/IP before a device is given: requests, the record of a device.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/profile.h"
#include "sim/usbip-op.h"

static void request_is_read_in_any_cut(void **state)
{
	static const uint8_t list[] = { 0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0 };
	uint8_t import[QK_USBIP_REQUEST_MAX] = {
		0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0, '1', '-', '2'
	};
	struct qk_usbip_request request;

	(void)state;
	for (size_t size = 0; size < sizeof(list); size++)
		assert_int_equal(qk_usbip_read_request((struct qk_span){ list, size }, &request),
				 0);
	assert_int_equal(qk_usbip_read_request((struct qk_span){ list, sizeof(list) }, &request),
			 sizeof(list));
	assert_int_equal(request.op, QK_USBIP_LIST);
	for (size_t size = 0; size < sizeof(import); size++)
		assert_int_equal(qk_usbip_read_request((struct qk_span){ import, size }, &request),
				 0);
	assert_int_equal(
		qk_usbip_read_request((struct qk_span){ import, sizeof(import) }, &request),
		sizeof(import));
	assert_int_equal(request.op, QK_USBIP_IMPORT);
	assert_string_equal(request.busid, "1-2");
	memset(import + QK_USBIP_OP_HEADER, '1', QK_USBIP_BUSID);
	assert_int_equal(
		qk_usbip_read_request((struct qk_span){ import, sizeof(import) }, &request),
		-EBADMSG);
	import[1] = 0x10;
	assert_int_equal(
		qk_usbip_read_request((struct qk_span){ import, sizeof(import) }, &request),
		-EBADMSG);
}

static void record_has_its_fields_where_the_tool_reads_them(void **state)
{
	struct qk_sim_profile *profile = NULL;
	struct qk_sim_state *sim = calloc(1, sizeof(*sim));
	struct qk_usb_model model;
	uint8_t bytes[512];
	char error[128];

	(void)state;
	assert_non_null(sim);
	assert_int_equal(qk_sim_profile_load("", &profile, error, sizeof(error)), 0);
	qk_sim_state_start(sim, profile, 1, 0);
	assert_true(qk_usb_compose(sim, &model));
	struct qk_writer w = qk_writer(bytes, sizeof(bytes));
	qk_usbip_write_record(&w, &model, 17);
	assert_int_equal(w.error, 0);
	assert_int_equal(qk_writer_used(&w), QK_USBIP_RECORD);
	assert_string_equal((const char *)bytes + 256, "1-17");
	assert_memory_equal(bytes + 288,
			    "\0\0\0\1"
			    "\0\0\0\x11"
			    "\0\0\0\3"
			    "\x2c\x7c\x01\x25\x03\x18"
			    "\0\0\0\0\1\5",
			    24);
	w = qk_writer(bytes, sizeof(bytes));
	qk_usbip_write_interfaces(&w, &model);
	assert_int_equal(qk_writer_used(&w), 20);
	assert_memory_equal(bytes, "\xff\xff\xff\0\xff\0\0\0", 8);
	qk_sim_profile_free(profile);
	free(sim);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_read_in_any_cut),
		cmocka_unit_test(record_has_its_fields_where_the_tool_reads_them),
	};

	return cmocka_run_group_tests_name("usbip-op", tests, NULL, NULL);
}
