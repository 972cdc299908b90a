/* Recorder parts: names of devices and sockets, the cutter of streams, the table and the pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "trace/recorder-cut.h"
#include "trace/recorder-names.h"
#include "trace/recorder-pool.h"
#include "trace/recorder-table.h"

static void devices_are_known_by_their_names(void **state)
{
	static const struct {
		const char *path, *globs;
		enum qk_recorder_kind kind;
		bool modem_end;
	} rows[] = {
		{ "/dev/cdc-wdm0", NULL, QK_KIND_QMUX, false },
		{ "cdc-wdm12", NULL, QK_KIND_QMUX, false },
		{ "../../devices/usb1/1-1/usbmisc/cdc-wdm3", NULL, QK_KIND_QMUX, false },
		{ "/dev/wwan0qmi0", NULL, QK_KIND_QMUX, false },
		{ "/dev/wwan0mbim0", NULL, QK_KIND_OTHER, false },
		{ "/dev/wwan0at1", NULL, QK_KIND_OTHER, false },
		{ "/dev/smdcntl8", NULL, QK_KIND_QMUX, false },
		{ "/dev/rmnet_ctrl", NULL, QK_KIND_QMUX, true },
		{ "/dev/rpmsg0", NULL, QK_KIND_PERHAPS, false },
		{ "/dev/smd11", NULL, QK_KIND_PERHAPS, false },
		{ "/dev/ttyUSB4", NULL, QK_KIND_OTHER, false },
		{ "/dev/ttyUSB4", "/dev/ttyUSB?", QK_KIND_QMUX, false },
		{ "/dev/ttyUSB4", ":/dev/ttyACM*:/dev/ttyUSB4", QK_KIND_QMUX, false },
		{ "/dev/ttyUSB40", ":/dev/ttyACM*:/dev/ttyUSB4", QK_KIND_OTHER, false },
		{ "/dev/ttyUSB4", "", QK_KIND_OTHER, false },
		{ "/cdc-wdm0/plain", "*x*", QK_KIND_OTHER, false },
		{ "", "*", QK_KIND_QMUX, false },
		{ "", NULL, QK_KIND_OTHER, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct qk_recorder_name is = qk_recorder_device(rows[i].path, rows[i].globs);
		if (is.kind != rows[i].kind || is.modem_end != rows[i].modem_end)
			fail_msg("%s with %s: %d", rows[i].path, rows[i].globs, is.kind);
	}
}

static void sockets_are_known_by_their_addresses(void **state)
{
	static const struct {
		const char *address, *globs;
		enum qk_recorder_kind kind;
	} rows[] = {
		{ "@qmi-proxy", NULL, QK_KIND_QMUX },
		{ "qmi-proxy", NULL, QK_KIND_OTHER },
		{ "@qmi-proxy2", NULL, QK_KIND_OTHER },
		{ "/run/qmi-proxy/socket", NULL, QK_KIND_QMUX },
		{ "/dev/socket/qmux_radio/qmux_connect_socket", NULL, QK_KIND_QMUXD },
		{ "/dev/socket/qmux_radio/qmux_client_socket    123", NULL, QK_KIND_OTHER },
		{ "/run/dbus/system_bus_socket", NULL, QK_KIND_OTHER },
		{ "@mine", "/x:@m*", QK_KIND_QMUX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (qk_recorder_socket(rows[i].address, rows[i].globs).kind != rows[i].kind)
			fail_msg("%s", rows[i].address);
}

/* --- The cutter: its pieces as text, sizes with + for whole frames */

struct pieces {
	char text[256];
	size_t bytes;
};

static void take(void *userdata, struct qk_span piece, bool whole)
{
	struct pieces *pieces = userdata;
	size_t used = strlen(pieces->text);

	snprintf(pieces->text + used, sizeof(pieces->text) - used, "%s%zu ", whole ? "+" : "",
		 piece.size);
	pieces->bytes += piece.size;
}

static struct pieces cut(enum qk_link_transport transport, size_t greeting, const void *bytes,
			 size_t size)
{
	struct pieces pieces = { 0 };

	pieces.bytes = 0;
	size_t done = qk_recorder_cut(transport, (struct qk_span){ bytes, size }, &greeting, take,
				      &pieces);
	assert_int_equal(done, pieces.bytes);
	return pieces;
}

#define SYNC 0x01, 0x0b, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x27, 0x00, 0x00, 0x00

static void frames_are_cut_where_they_end(void **state)
{
	static const uint8_t two[] = { SYNC, SYNC };
	static const uint8_t begun[] = { SYNC, 0x01, 0x0b };
	static const uint8_t noisy[] = { 0xff, 0x01, 0xff, 0xff, 0xff, SYNC, 'O', 'K' };

	(void)state;
	assert_string_equal(cut(QK_LINK_QMUX, 0, two, sizeof(two)).text, "+12 +12 ");
	assert_string_equal(cut(QK_LINK_QMUX, 0, two, 23).text, "+12 ");
	assert_string_equal(cut(QK_LINK_QMUX, 0, begun, sizeof(begun)).text, "+12 ");
	assert_string_equal(cut(QK_LINK_QMUX, 0, noisy, sizeof(noisy)).text, "5 +12 2 ");
	assert_string_equal(cut(QK_LINK_QMUX, 0, noisy, 0).text, "");
}

static void messages_of_qmuxd_are_cut_by_their_size(void **state)
{
	uint8_t bytes[4 + 40 + 47 + 3] = { 9 };

	(void)state;
	bytes[4] = 40;
	bytes[6] = 0xaa; /* not part of the size */
	bytes[44] = 47;
	bytes[91] = 45;
	assert_string_equal(cut(QK_LINK_QMUXD, 4, bytes, sizeof(bytes)).text, "+4 +40 +47 ");
	assert_string_equal(cut(QK_LINK_QMUXD, 4, bytes, 3).text, "");
	assert_string_equal(cut(QK_LINK_QMUXD, 4, bytes, 50).text, "+4 +40 ");
	bytes[44] = 39; /* shorter than a header: what comes after it is lost */
	assert_string_equal(cut(QK_LINK_QMUXD, 4, bytes, sizeof(bytes)).text, "+4 +40 50 ");
}

static void table_keeps_what_it_is_told(void **state)
{
	static struct qk_recorder_table table;

	(void)state;
	assert_int_equal(qk_recorder_table_get(&table, 5), QK_FD_UNKNOWN);
	assert_int_equal(qk_recorder_table_get(&table, -1), QK_FD_OTHER);
	assert_int_equal(qk_recorder_table_get(&table, 1 << 20), QK_FD_OTHER);
	assert_int_equal(qk_recorder_table_swap(&table, 1 << 20, 77), QK_FD_OTHER);
	assert_int_equal(qk_recorder_table_swap(&table, 5000, 77), QK_FD_UNKNOWN);
	assert_int_equal(qk_recorder_table_swap(&table, 5000, 78), 77);
	assert_int_equal(qk_recorder_table_get(&table, 5000), 78);
	assert_int_equal(qk_recorder_table_next(&table, 0, 4999), -1);
	assert_int_equal(qk_recorder_table_next(&table, 0, UINT32_MAX), 5000);
	assert_int_equal(qk_recorder_table_next(&table, 5001, UINT32_MAX), -1);
	assert_int_equal(qk_recorder_table_swap(&table, 1 << 19, QK_FD_UNKNOWN), QK_FD_UNKNOWN);
}

static void connections_are_used_again(void **state)
{
	static struct qk_recorder_pool pool;

	(void)state;
	struct qk_recorder_connection *first = qk_recorder_pool_new(&pool, QK_LINK_QMUX, "/dev/a");
	struct qk_recorder_connection *second = qk_recorder_pool_new(&pool, QK_LINK_QRTR, "qrtr");
	assert_non_null(first);
	assert_ptr_not_equal(first, second);
	assert_int_equal(second->number, 2);
	first->sides[0].used = 9;
	assert_true(qk_recorder_side_enter(&first->sides[1]));
	assert_false(qk_recorder_side_enter(&first->sides[1]));
	atomic_store(&first->users, 0);
	/* somebody is still at it */
	struct qk_recorder_connection *third = qk_recorder_pool_new(&pool, QK_LINK_QMUX, "/dev/c");
	assert_ptr_not_equal(third, first);
	qk_recorder_pool_forked(&pool);
	struct qk_recorder_connection *fourth =
		qk_recorder_pool_new(&pool, QK_LINK_QMUXD, "/dev/d");
	assert_ptr_equal(fourth, first);
	assert_int_equal(fourth->sides[0].used, 0);
	assert_int_equal(fourth->number, 4);
	assert_string_equal(fourth->device, "/dev/d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_are_known_by_their_names),
		cmocka_unit_test(sockets_are_known_by_their_addresses),
		cmocka_unit_test(frames_are_cut_where_they_end),
		cmocka_unit_test(messages_of_qmuxd_are_cut_by_their_size),
		cmocka_unit_test(table_keeps_what_it_is_told),
		cmocka_unit_test(connections_are_used_again),
	};

	return cmocka_run_group_tests_name("recorder-parts", tests, NULL, NULL);
}
