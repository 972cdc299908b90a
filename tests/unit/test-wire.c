/* Wire: frames and TLVs at every bound. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <qmikit/wire.h>

/* DMS Get Manufacturer as a host sends it: client 1, transaction 2. */
static const uint8_t request[] = { 0x01, 0x0c, 0x00, 0x00, 0x02, 0x01, 0x00,
				   0x02, 0x00, 0x21, 0x00, 0x00, 0x00 };

#define SPAN(a) ((struct qk_span){ a, sizeof(a) })

static void frame_reads_what_a_host_sends(void **state)
{
	struct qk_frame f;

	(void)state;
	assert_int_equal(qk_frame_read(SPAN(request), &f, NULL), sizeof(request));
	assert_int_equal(f.service, 2);
	assert_int_equal(f.client, 1);
	assert_int_equal(f.type, QK_REQUEST);
	assert_int_equal(f.transaction, 2);
	assert_int_equal(f.message, 0x21);
	assert_int_equal(f.tlvs.size, 0);
	assert_false(f.from_modem);
}

static void frame_writes_what_it_reads(void **state)
{
	uint8_t tlvs[] = { 0x10, 0x01, 0x00, 0xff };
	struct qk_frame from = { .from_modem = true, .tlvs = SPAN(tlvs) }, to;
	uint8_t buffer[64];

	(void)state;
	for (unsigned int service = 0; service < 3; service++) {
		for (unsigned int type = QK_REQUEST; type <= QK_INDICATION; type++) {
			struct qk_writer w = qk_writer(buffer, sizeof(buffer));
			size_t mark;
			int size;

			from.service = (uint8_t)service;
			from.client = service ? 7 : 0;
			from.type = (enum qk_message_type)type;
			from.transaction = service ? 0x1234 : 0x34;
			from.message = 0xff00;
			mark = qk_frame_begin(&w, &from);
			size = qk_frame_end(&w, mark);
			assert_int_equal(size, (service ? 13 : 12) + 4);
			assert_int_equal(
				qk_frame_read((struct qk_span){ buffer, (size_t)size }, &to, NULL),
				size);
			assert_int_equal(to.type, type);
			assert_int_equal(to.transaction, from.transaction);
			assert_int_equal(to.message, 0xff00);
			assert_true(to.from_modem);
			assert_memory_equal(to.tlvs.data, tlvs, sizeof(tlvs));
		}
	}
}

static void frame_wants_more_when_cut(void **state)
{
	struct qk_frame f;

	(void)state;
	for (size_t size = 0; size < sizeof(request); size++) {
		/* an own copy, so that AddressSanitizer sees a read behind the end */
		uint8_t *copy = size ? malloc(size) : NULL;

		if (size)
			memcpy(copy, request, size);
		assert_int_equal(qk_frame_read((struct qk_span){ copy, size }, &f, NULL), 0);
		free(copy);
	}
}

static void frame_refuses_lengths_that_contradict(void **state)
{
	struct qk_frame f;
	size_t skip = 0;
	uint8_t bad[sizeof(request)];

	(void)state;
	memcpy(bad, request, sizeof(bad));
	bad[11] = 1; /* one TLV byte more than the frame has */
	assert_int_equal(qk_frame_read(SPAN(bad), &f, &skip), -EBADMSG);
	assert_in_range(skip, 1, sizeof(bad));
	bad[11] = 0;
	bad[1] = 0x04; /* shorter than any frame */
	assert_int_equal(qk_frame_read(SPAN(bad), &f, &skip), -EBADMSG);
	bad[1] = 0x0b; /* the message is one byte longer than the frame says */
	assert_int_equal(qk_frame_read(SPAN(bad), &f, &skip), -EBADMSG);
}

/* The headers of a frame of 64 KiB that can never be one are refused before the rest has come. */
static void frame_refuses_a_contradiction_without_the_rest(void **state)
{
	uint8_t bad[sizeof(request)];
	struct qk_frame f;
	size_t skip = 0;

	(void)state;
	memcpy(bad, request, sizeof(bad));
	bad[1] = bad[2] = 0xff;
	assert_int_equal(qk_frame_read((struct qk_span){ bad, 12 }, &f, &skip), 0);
	assert_int_equal(qk_frame_read(SPAN(bad), &f, &skip), -EBADMSG);
	assert_int_equal(skip, 5); /* the client id looks like a marker */
	bad[4] = QK_SERVICE_CTL;
	assert_int_equal(qk_frame_read((struct qk_span){ bad, 12 }, &f, &skip), -EBADMSG);
}

static void frame_skips_noise_to_the_next_marker(void **state)
{
	uint8_t noise[3 + sizeof(request)] = { 0xff, 0x00, 0x55 };
	struct qk_frame f;
	size_t skip = 0;

	(void)state;
	memcpy(noise + 3, request, sizeof(request));
	assert_int_equal(qk_frame_read(SPAN(noise), &f, &skip), -EBADMSG);
	assert_int_equal(skip, 3);
}

static void frame_of_the_greatest_size_fits_and_one_more_does_not(void **state)
{
	size_t most = QK_FRAME_MAX - QK_QMUX_HEADER - 7;
	uint8_t *tlvs = calloc(1, most + 1), *buffer = malloc(QK_FRAME_MAX + 16);
	struct qk_frame f = { .service = 2, .client = 1, .tlvs = { tlvs, most } }, back;
	struct qk_writer w = qk_writer(buffer, QK_FRAME_MAX + 16);

	(void)state;
	assert_int_equal(qk_frame_end(&w, qk_frame_begin(&w, &f)), QK_FRAME_MAX);
	assert_int_equal(qk_frame_read((struct qk_span){ buffer, QK_FRAME_MAX }, &back, NULL),
			 QK_FRAME_MAX);
	f.tlvs.size++;
	w = qk_writer(buffer, QK_FRAME_MAX + 16);
	assert_int_equal(qk_frame_end(&w, qk_frame_begin(&w, &f)), -EMSGSIZE);
	w = qk_writer(buffer, 20);
	assert_int_equal(qk_frame_end(&w, qk_frame_begin(&w, &f)), -ENOBUFS);
	free(tlvs);
	free(buffer);
}

static void cursor_sticks_to_its_first_error(void **state)
{
	uint8_t bytes[] = { 1, 2, 3 };
	struct qk_cursor c = qk_cursor(SPAN(bytes));

	(void)state;
	assert_int_equal(qk_cursor_uint(&c, 2, false), 0x0201);
	assert_int_equal(qk_cursor_uint(&c, 2, false), 0);
	assert_int_equal(c.error, -EBADMSG);
	assert_int_equal(qk_cursor_uint(&c, 1, false), 0);
	assert_int_equal(qk_cursor_left(&c), 0);
}

static void cursor_reads_both_byte_orders(void **state)
{
	uint8_t bytes[] = { 1, 2, 3, 4, 5, 6 };
	struct qk_cursor c = qk_cursor(SPAN(bytes));

	(void)state;
	assert_int_equal(qk_cursor_uint(&c, 6, true), 0x010203040506);
	c = qk_cursor(SPAN(bytes));
	assert_int_equal(qk_cursor_uint(&c, 6, false), 0x060504030201);
}

static void tlv_walk_ends_cleanly_or_fails(void **state)
{
	uint8_t good[] = { 0x01, 0x01, 0x00, 0xaa, 0x02, 0x00, 0x00 };
	uint8_t overrun[] = { 0x01, 0x01, 0x00, 0xaa, 0x02, 0x05, 0x00, 0xbb };
	struct qk_cursor c = qk_cursor(SPAN(good));
	struct qk_tlv tlv;

	(void)state;
	assert_true(qk_cursor_tlv(&c, &tlv));
	assert_true(qk_cursor_tlv(&c, &tlv));
	assert_int_equal(tlv.type, 2);
	assert_false(qk_cursor_tlv(&c, &tlv));
	assert_int_equal(c.error, 0);
	c = qk_cursor(SPAN(overrun));
	assert_true(qk_cursor_tlv(&c, &tlv));
	assert_false(qk_cursor_tlv(&c, &tlv));
	assert_int_equal(c.error, -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_reads_what_a_host_sends),
		cmocka_unit_test(frame_writes_what_it_reads),
		cmocka_unit_test(frame_wants_more_when_cut),
		cmocka_unit_test(frame_refuses_lengths_that_contradict),
		cmocka_unit_test(frame_refuses_a_contradiction_without_the_rest),
		cmocka_unit_test(frame_skips_noise_to_the_next_marker),
		cmocka_unit_test(frame_of_the_greatest_size_fits_and_one_more_does_not),
		cmocka_unit_test(cursor_sticks_to_its_first_error),
		cmocka_unit_test(cursor_reads_both_byte_orders),
		cmocka_unit_test(tlv_walk_ends_cleanly_or_fails),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
