/*
 * pcapng, reading: both byte orders, several sections and interfaces, times, and files that break.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "trace/pcapng-read.h"
#include "trace/pcapng-write.h"

struct file {
	uint8_t bytes[4096];
	struct qk_writer w;
	bool big;
};

static void begin(struct file *f, bool big)
{
	f->w = qk_writer(f->bytes, sizeof(f->bytes));
	f->big = big;
}

static void put(struct file *f, uint64_t value, unsigned int width)
{
	qk_write_uint(&f->w, value, width, f->big);
}

static void put_padded(struct file *f, const char *data, size_t size)
{
	qk_write_bytes(&f->w, data, size);
	qk_write_bytes(&f->w, "\0\0\0", (4 - size % 4) % 4);
}

static void put_section(struct file *f)
{
	put(f, 0x0a0d0d0a, 4);
	put(f, 28, 4);
	put(f, 0x1a2b3c4d, 4);
	put(f, 1, 2);
	put(f, 0, 2);
	put(f, UINT64_MAX, 8);
	put(f, 28, 4);
}

/* `resolution` 0: the file does not tell it. */
static void put_interface(struct file *f, uint16_t link_type, uint8_t resolution)
{
	uint32_t size = resolution ? 32 : 20;

	put(f, 1, 4);
	put(f, size, 4);
	put(f, link_type, 2);
	put(f, 0, 2);
	put(f, 0, 4);
	if (resolution) {
		put(f, 9, 2);
		put(f, 1, 2);
		put_padded(f, (const char *)&resolution, 1);
		put(f, 0, 4);
	}
	put(f, size, 4);
}

static void put_packet(struct file *f, uint32_t interface, uint64_t ticks, const char *data)
{
	uint32_t length = (uint32_t)strlen(data), size = 32 + (length + 3) / 4 * 4;

	put(f, 6, 4);
	put(f, size, 4);
	put(f, interface, 4);
	put(f, ticks >> 32, 4);
	put(f, ticks, 4);
	put(f, length, 4);
	put(f, length, 4);
	put_padded(f, data, length);
	put(f, size, 4);
}

static struct pcapng_reader *reader_of(const struct file *f)
{
	struct pcapng_reader *reader;

	assert_int_equal(pcapng_reader_new(&reader), 0);
	assert_int_equal(pcapng_push(reader, (struct qk_span){ f->bytes, qk_writer_used(&f->w) }),
			 0);
	return reader;
}

static void expect(struct pcapng_reader *reader, uint32_t link_type, uint64_t time_nsec,
		   const char *data)
{
	struct pcapng_packet packet;

	assert_int_equal(pcapng_next(reader, &packet), 1);
	assert_int_equal(packet.link_type, link_type);
	assert_int_equal(packet.time_nsec, time_nsec);
	assert_int_equal(packet.data.size, strlen(data));
	assert_memory_equal(packet.data.data, data, strlen(data));
}

static void pcapng_read_gives_packets_in_both_byte_orders(void **state)
{
	struct pcapng_packet packet;
	struct file f;

	(void)state;
	for (int big = 0; big < 2; big++) {
		begin(&f, big);
		put_section(&f);
		put_interface(&f, 147, 9);
		put_packet(&f, 0, 0x123456789abcdef, "nanoseconds");
		struct pcapng_reader *reader = reader_of(&f);
		expect(reader, 147, 0x123456789abcdef, "nanoseconds");
		assert_int_equal(pcapng_next(reader, &packet), 0);
		assert_int_equal(pcapng_end(reader), 0);
		pcapng_reader_free(reader);
	}
}

static void pcapng_read_takes_sections_of_either_order_and_interfaces(void **state)
{
	struct file f;

	(void)state;
	begin(&f, false);
	put_section(&f);
	put_interface(&f, 1, 0);      /* microseconds */
	put_interface(&f, 147, 0x8a); /* 1/1024 s */
	put_interface(&f, 147, 12);
	put_packet(&f, 0, 5, "a");
	put_packet(&f, 1, 1536, "bb");
	put_packet(&f, 2, 7000, "ccc");
	f.big = true;
	put_section(&f);
	put_interface(&f, 147, 3);
	put_packet(&f, 0, 2, "dddd");
	struct pcapng_reader *reader = reader_of(&f);
	expect(reader, 1, 5000, "a");
	expect(reader, 147, 1500000000, "bb");
	expect(reader, 147, 7, "ccc");
	expect(reader, 147, 2000000, "dddd");
	assert_int_equal(pcapng_end(reader), 0);
	pcapng_reader_free(reader);
}

static void pcapng_read_passes_over_blocks_it_does_not_know(void **state)
{
	struct file f;

	(void)state;
	begin(&f, false);
	put_section(&f);
	put_interface(&f, 147, 9);
	put(&f, 0xbad, 4);
	put(&f, 16, 4);
	put(&f, 0x01020304, 4);
	put(&f, 16, 4);
	put_packet(&f, 0, 1, "x");
	struct pcapng_reader *reader = reader_of(&f);
	expect(reader, 147, 1, "x");
	pcapng_reader_free(reader);
}

static void pcapng_read_needs_no_more_than_the_bytes_of_a_block(void **state)
{
	struct pcapng_packet packet;
	struct pcapng_reader *reader;
	struct file f;
	size_t given = 0;

	(void)state;
	begin(&f, false);
	put_section(&f);
	put_interface(&f, 147, 9);
	put_packet(&f, 0, 1, "first");
	size_t first = qk_writer_used(&f.w);
	put_packet(&f, 0, 2, "second");
	assert_int_equal(pcapng_reader_new(&reader), 0);
	for (size_t i = 0; i < qk_writer_used(&f.w); i++) {
		assert_int_equal(pcapng_push(reader, (struct qk_span){ f.bytes + i, 1 }), 0);
		int r = pcapng_next(reader, &packet);
		assert_int_equal(r, i + 1 == first || i + 1 == qk_writer_used(&f.w));
		given += (size_t)r;
	}
	assert_int_equal(given, 2);
	pcapng_reader_free(reader);
}

static void pcapng_read_says_where_a_file_ends_too_early(void **state)
{
	struct pcapng_packet packet;
	char expected[32];
	struct file f;

	(void)state;
	begin(&f, false);
	put_section(&f);
	put_interface(&f, 147, 9);
	size_t start = qk_writer_used(&f.w);
	put_packet(&f, 0, 1, "cut");
	size_t whole = qk_writer_used(&f.w);
	for (size_t size = start + 1; size < whole; size++) {
		f.w.pos = f.w.start + size;
		struct pcapng_reader *reader = reader_of(&f);
		assert_int_equal(pcapng_next(reader, &packet), 0);
		assert_int_equal(pcapng_end(reader), -EBADMSG);
		snprintf(expected, sizeof(expected), "byte %zu: ", start);
		assert_memory_equal(pcapng_error(reader), expected, strlen(expected));
		assert_int_equal(pcapng_next(reader, &packet), -EBADMSG);
		pcapng_reader_free(reader);
	}
}

/* A file that breaks behind one good packet: `at` is set to `value` of `width` bytes. */
static void refuse_after_one(size_t at, uint64_t value, unsigned int width, const char *words)
{
	struct pcapng_packet packet;
	struct file f;

	begin(&f, false);
	put_section(&f);
	put_interface(&f, 147, 9);
	put_packet(&f, 0, 1, "good");
	size_t start = qk_writer_used(&f.w);
	put_packet(&f, 0, 2, "bad");
	struct qk_writer w = qk_writer(f.bytes + start + at, width);
	qk_write_uint(&w, value, width, false);
	struct pcapng_reader *reader = reader_of(&f);
	expect(reader, 147, 1, "good");
	assert_int_equal(pcapng_next(reader, &packet), -EBADMSG);
	assert_non_null(strstr(pcapng_error(reader), words));
	assert_memory_equal(pcapng_error(reader), "byte 96: ", 9);
	pcapng_reader_free(reader);
}

static void pcapng_read_says_what_breaks_and_gives_what_came_before(void **state)
{
	(void)state;
	refuse_after_one(4, 37, 4, "37 bytes, which cannot be");
	refuse_after_one(4, 8, 4, "8 bytes, which cannot be");
	refuse_after_one(4, 0x7ffffffc, 4, "more than is read");
	refuse_after_one(32, 40, 4, "two lengths differ");
	refuse_after_one(8, 1, 4, "interface 1, which was not described");
	refuse_after_one(20, 0xffffffff, 4, "longer than its block");
}

static void pcapng_read_refuses_other_files(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *words;
	} files[] = {
		{ "\xd4\xc3\xb2\xa1\x02\x00\x04\x00", 8, "byte 0: this is a pcap file" },
		{ "#!/bin/sh\n", 10, "byte 0: no pcapng section" },
		{ "\x0a\x0d\x0d\x0a\x1c\0\0\0abcd", 12, "byte 0: a section without a byte order" },
	};
	struct pcapng_packet packet;
	struct pcapng_reader *reader;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const struct qk_span bytes = { (const uint8_t *)files[i].bytes, files[i].size };
		assert_int_equal(pcapng_reader_new(&reader), 0);
		assert_int_equal(pcapng_push(reader, bytes), 0);
		assert_int_equal(pcapng_next(reader, &packet), -EBADMSG);
		assert_memory_equal(pcapng_error(reader), files[i].words, strlen(files[i].words));
		pcapng_reader_free(reader);
	}
	assert_int_equal(pcapng_reader_new(&reader), 0);
	assert_int_equal(pcapng_end(reader), -EBADMSG);
	assert_string_equal(pcapng_error(reader), "byte 0: the file is empty");
	pcapng_reader_free(reader);
}

static void pcapng_read_takes_what_the_writer_begins_with(void **state)
{
	uint8_t head[QK_PCAPNG_HEAD];
	struct file f;

	(void)state;
	begin(&f, false);
	qk_pcapng_head(head);
	qk_write_bytes(&f.w, head, sizeof(head));
	put_packet(&f, 0, 42, "packet");
	struct pcapng_reader *reader = reader_of(&f);
	expect(reader, 147, 42, "packet");
	pcapng_reader_free(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcapng_read_gives_packets_in_both_byte_orders),
		cmocka_unit_test(pcapng_read_takes_sections_of_either_order_and_interfaces),
		cmocka_unit_test(pcapng_read_passes_over_blocks_it_does_not_know),
		cmocka_unit_test(pcapng_read_needs_no_more_than_the_bytes_of_a_block),
		cmocka_unit_test(pcapng_read_says_where_a_file_ends_too_early),
		cmocka_unit_test(pcapng_read_says_what_breaks_and_gives_what_came_before),
		cmocka_unit_test(pcapng_read_refuses_other_files),
		cmocka_unit_test(pcapng_read_takes_what_the_writer_begins_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
