/* qmuxd: headers of both layouts, sizes that lie, and telling the layouts apart. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <qmikit/qmuxd.h>

#define SPAN(a) ((struct qk_span){ a, sizeof(a) })

/* The header as the two public descriptions declare it, with a `long` of each width; a compiler says where
 * its members are. */
struct header_32 {
	int32_t size, program, type, program_again;
	uint32_t transaction;
	int32_t system_error, qmi_error, connection, service;
	uint8_t client, flags;
};
struct header_64 {
	int32_t size, program, type, program_again;
	_Alignas(8) uint64_t transaction; /* as on a machine of 64 bits */
	int32_t system_error, qmi_error, connection, service;
	uint8_t client, flags;
};

_Static_assert(sizeof(struct header_32) == QK_QMUXD_HEADER_32, "qmuxd's header, 32 bits");
_Static_assert(sizeof(struct header_64) == QK_QMUXD_HEADER_64, "qmuxd's header, 64 bits");

/* DMS Get Manufacturer, and the answer to CTL Sync. */
static const uint8_t sdu[] = { 0x00, 0x02, 0x00, 0x21, 0x00, 0x00, 0x00 };
static const uint8_t ctl[] = { 0x01, 0x09, 0x27, 0x00, 0x07, 0x00, 0x02,
			       0x04, 0x00, 0x00, 0x00, 0x00, 0x00 };

static const struct qk_qmuxd_message message = {
	.program = 0x01020304,
	.type = QK_QMUXD_SDU,
	.transaction = 0x11223344,
	.system_error = -5,
	.qmi_error = 7,
	.connection = 3,
	.service = 2,
	.client = 0xc1,
	.flags = 0x80,
	.payload = { sdu, sizeof(sdu) },
};

static size_t put(uint8_t *buffer, size_t size, enum qk_qmuxd_layout layout,
		  const struct qk_qmuxd_message *what)
{
	struct qk_writer w = qk_writer(buffer, size);

	qk_qmuxd_write(&w, layout, what);
	assert_int_equal(w.error, 0);
	return qk_writer_used(&w);
}

#define CHECK_MEMBERS(header) \
	do { \
		assert_int_equal((header)->size, size); \
		assert_int_equal((header)->program, message.program); \
		assert_int_equal((header)->type, message.type); \
		assert_int_equal((header)->program_again, message.program); \
		assert_int_equal((header)->transaction, message.transaction); \
		assert_int_equal((header)->system_error, -5); \
		assert_int_equal((header)->qmi_error, 7); \
		assert_int_equal((header)->connection, 3); \
		assert_int_equal((header)->service, 2); \
		assert_int_equal((header)->client, 0xc1); \
		assert_int_equal((header)->flags, 0x80); \
	} while (0)

static void header_is_where_a_compiler_puts_it(void **state)
{
	_Alignas(8) uint8_t buffer[128];
	size_t size = put(buffer, sizeof(buffer), QK_QMUXD_32, &message);

	(void)state;
	CHECK_MEMBERS((const struct header_32 *)(const void *)buffer);
	assert_memory_equal(buffer + 40, sdu, sizeof(sdu));
	size = put(buffer, sizeof(buffer), QK_QMUXD_64, &message);
	CHECK_MEMBERS((const struct header_64 *)(const void *)buffer);
	assert_memory_equal(buffer + 48, sdu, sizeof(sdu));
}

static void message_reads_as_it_was_written(void **state)
{
	(void)state;
	for (unsigned int i = QK_QMUXD_32; i <= QK_QMUXD_64; i++) {
		enum qk_qmuxd_layout layout = (enum qk_qmuxd_layout)i;
		struct qk_qmuxd_message got;
		uint8_t buffer[128];
		size_t size = put(buffer, sizeof(buffer), layout, &message);

		for (size_t cut = 0; cut < size; cut++) {
			uint8_t *copy = malloc(cut + 1);

			memcpy(copy, buffer, cut);
			assert_int_equal(qk_qmuxd_read((struct qk_span){ copy, cut }, layout, &got),
					 0);
			free(copy);
		}
		assert_int_equal(qk_qmuxd_read(SPAN(buffer), layout, &got), size);
		assert_int_equal(got.transaction, message.transaction);
		assert_int_equal(got.system_error, -5);
		assert_int_equal(got.service, 2);
		assert_int_equal(got.client, 0xc1);
		assert_int_equal(got.payload.size, sizeof(sdu));
		assert_memory_equal(got.payload.data, sdu, sizeof(sdu));
	}
}

static void size_that_lies_is_refused(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 39, QK_QMUXD_MAX + 1, 0x7fffffff, 0xffffffff };
	uint8_t buffer[128] = { 0 };
	enum qk_qmuxd_layout layout;
	struct qk_qmuxd_message got;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memcpy(buffer, &sizes[i], 4);
		assert_int_equal(qk_qmuxd_read(SPAN(buffer), QK_QMUXD_32, &got), -EBADMSG);
		assert_int_equal(qk_qmuxd_guess(SPAN(buffer), &layout), -EBADMSG);
	}
	buffer[0] = 47;
	buffer[1] = buffer[2] = buffer[3] = 0;
	assert_int_equal(qk_qmuxd_read(SPAN(buffer), QK_QMUXD_64, &got), -EBADMSG);
	assert_int_equal(qk_qmuxd_read(SPAN(buffer), QK_QMUXD_32, &got), 47);
}

static void too_long_a_message_is_not_written(void **state)
{
	static uint8_t buffer[QK_QMUXD_MAX + 64];
	struct qk_qmuxd_message longest = message;
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));

	(void)state;
	longest.payload = (struct qk_span){ buffer, QK_QMUXD_MAX - QK_QMUXD_HEADER_64 + 1 };
	qk_qmuxd_write(&w, QK_QMUXD_64, &longest);
	assert_int_equal(w.error, -EMSGSIZE);
	assert_int_equal(qk_writer_used(&w), 0);
}

/* Every kind of message that begins a conversation tells its layout, from its first bytes on. */
static void layout_shows(void **state)
{
	static uint8_t payload[QK_QMUXD_BUFFER_2013 + 8] = { 3 };
	static const struct {
		uint32_t type, service;
		struct qk_span payload;
	} rows[] = {
		{ QK_QMUXD_SDU, 2, { sdu, sizeof(sdu) } },
		{ QK_QMUXD_SDU, 0, { ctl, sizeof(ctl) } },
		{ QK_QMUXD_CTL, 0, { ctl, sizeof(ctl) } },
		{ QK_QMUXD_SDU, 2, { NULL, 0 } },
		{ QK_QMUXD_ALLOCATE, 0, { payload, QK_QMUXD_BUFFER_2012 } },
		{ QK_QMUXD_ALLOCATE, 3, { payload, QK_QMUXD_BUFFER_2013 } },
		{ QK_QMUXD_ALLOCATE, 0, { payload, QK_QMUXD_BUFFER_2013 + 4 } },
		{ QK_QMUXD_RELEASE, 0, { payload, 16 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct qk_qmuxd_message what = { .type = rows[i].type,
						       .transaction = 1,
						       .service = rows[i].service,
						       .payload = rows[i].payload };

		for (unsigned int k = QK_QMUXD_32; k <= QK_QMUXD_64; k++) {
			uint8_t buffer[QK_QMUXD_BUFFER_2013 + 64];
			size_t size = put(buffer, sizeof(buffer), (enum qk_qmuxd_layout)k, &what);
			size_t known = size < QK_QMUXD_GUESS ? size : QK_QMUXD_GUESS;
			enum qk_qmuxd_layout layout;

			assert_int_equal(
				qk_qmuxd_guess((struct qk_span){ buffer, known - 1 }, &layout), 0);
			assert_int_equal(qk_qmuxd_guess((struct qk_span){ buffer, known }, &layout),
					 1);
			assert_int_equal(layout, k);
		}
	}
}

static void sdu_of_neither_layout_is_refused(void **state)
{
	struct qk_qmuxd_message what = message;
	uint8_t buffer[128], wrong[sizeof(sdu)];
	enum qk_qmuxd_layout layout;

	(void)state;
	memcpy(wrong, sdu, sizeof(sdu));
	wrong[5] = 1;
	what.payload = SPAN(wrong);
	put(buffer, sizeof(buffer), QK_QMUXD_32, &what);
	assert_int_equal(qk_qmuxd_guess(SPAN(buffer), &layout), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_is_where_a_compiler_puts_it),
		cmocka_unit_test(message_reads_as_it_was_written),
		cmocka_unit_test(size_that_lies_is_refused),
		cmocka_unit_test(too_long_a_message_is_not_written),
		cmocka_unit_test(layout_shows),
		cmocka_unit_test(sdu_of_neither_layout_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
