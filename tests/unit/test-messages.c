/*
 * Every message of every service, as random values: what is encoded decodes and encodes to the same
 * bytes again, by way of JSON too; and bytes that are cut short or changed anywhere are read no
 * further than they go, and what was read of them encodes to something that holds.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qmikit/json.h>

#include "sim/modem.h"
#include "sim/seed.h"

#define STRUCT_SIZE 8192
#define ARENA_SIZE ((size_t)256 * 1024)
#define SEEDS 6
#define NOISE_SEEDS 4

/* A message with what its strings and lists hold, and its bytes. */
struct copy {
	alignas(max_align_t) uint8_t value[STRUCT_SIZE];
	alignas(max_align_t) uint8_t memory[ARENA_SIZE];
	uint8_t wire[QK_FRAME_MAX];
	size_t size;
	struct qk_arena arena;
};

struct work {
	struct copy first, second;
};

static void start(struct copy *copy, const struct qk_message *message)
{
	assert_true(message->size <= sizeof(copy->value));
	memset(copy->value, 0, message->size);
	copy->arena = (struct qk_arena){ .base = copy->memory, .size = sizeof(copy->memory) };
}

static void encode(struct copy *copy, const struct qk_message *message)
{
	struct qk_writer writer = qk_writer(copy->wire, sizeof(copy->wire));

	if (qk_encode(message, copy->value, &writer) < 0)
		fail_msg("service %u, message 0x%04x: not encoded", message->service, message->id);
	copy->size = qk_writer_used(&writer);
}

/* As qk_decode(), of bytes that end where their memory ends, so that a sanitizer sees each step beyond. */
static int decode(struct copy *copy, const struct qk_message *message, const uint8_t *bytes,
		  size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);
	int r;

	assert_non_null(exact);
	memcpy(exact, bytes, size);
	start(copy, message);
	r = qk_decode(message, (struct qk_span){ exact, size }, &copy->arena, copy->value);
	free(exact);
	return r;
}

static void assert_same_bytes(const struct qk_message *message, const struct copy *a,
			      const struct copy *b)
{
	if (a->size != b->size || memcmp(a->wire, b->wire, a->size) != 0)
		fail_msg("service %u, message 0x%04x, direction %u: other bytes", message->service,
			 message->id, message->type);
}

static size_t extras_of(const struct copy *copy)
{
	struct qk_extras extras;

	memcpy(&extras, copy->value, sizeof(extras));
	return extras.count;
}

static void fill(struct copy *copy, const struct qk_message *message, uint64_t seed)
{
	start(copy, message);
	assert_int_equal(
		qk_sim_seeded_fill(message, seed, seed ? 60 : 100, &copy->arena, copy->value), 0);
	encode(copy, message);
}

static void try_round_trip(struct work *w, const struct qk_message *message, uint64_t seed)
{
	char error[256] = "";
	json_t *json;

	fill(&w->first, message, seed);
	assert_int_equal(decode(&w->second, message, w->first.wire, w->first.size), 0);
	assert_int_equal(extras_of(&w->second), 0);
	json = qk_to_json(message, w->second.value);
	encode(&w->second, message);
	assert_same_bytes(message, &w->first, &w->second);

	assert_non_null(json);
	start(&w->second, message);
	if (qk_from_json(message, json, &w->second.arena, w->second.value, error, sizeof(error)) <
	    0)
		fail_msg("service %u, message 0x%04x: %s", message->service, message->id, error);
	json_decref(json);
	encode(&w->second, message);
	assert_same_bytes(message, &w->first, &w->second);
}

/* Only these come back: malformed, second and trailing bytes are not sent again. */
static void keep_unknown(struct copy *copy)
{
	struct qk_extras extras;
	struct qk_extra *items;
	size_t kept = 0;

	memcpy(&extras, copy->value, sizeof(extras));
	items = (struct qk_extra *)(uintptr_t)extras.items;
	for (size_t i = 0; i < extras.count; i++)
		if (items[i].kind == QK_EXTRA_UNKNOWN)
			items[kept++] = items[i];
	extras.count = kept;
	memcpy(copy->value, &extras, sizeof(extras));
}

/* Bytes that may be anything: what a decode makes of them must hold from then on. */
static void try_bytes(struct work *w, const struct qk_message *message, const uint8_t *bytes,
		      size_t size)
{
	int r = decode(&w->second, message, bytes, size);
	size_t before;

	assert_true(r == 0 || r == -EBADMSG || r == -ENOBUFS);
	qk_missing_tlv(message, w->second.value);
	keep_unknown(&w->second);
	encode(&w->second, message);
	before = w->second.size;
	assert_int_equal(decode(&w->first, message, w->second.wire, before), 0);
	keep_unknown(&w->first);
	encode(&w->first, message);
	assert_same_bytes(message, &w->second, &w->first);
}

static void try_cuts(struct work *w, const struct qk_message *message)
{
	uint8_t bytes[4096];
	size_t size;

	fill(&w->first, message, 0);
	size = w->first.size;
	assert_true(size <= sizeof(bytes));
	memcpy(bytes, w->first.wire, size);
	for (size_t cut = 0; cut < size; cut++)
		try_bytes(w, message, bytes, cut);
}

/* Each TLV alone, its value cut after each byte and its own length true: the chain of TLVs stands, and
 * what is too short is told. */
static void try_short_values(struct work *w, const struct qk_message *message)
{
	uint8_t all[4096], one[4096];
	struct qk_cursor c;
	struct qk_tlv tlv;

	fill(&w->first, message, 0);
	assert_true(w->first.size <= sizeof(all));
	memcpy(all, w->first.wire, w->first.size);
	c = qk_cursor((struct qk_span){ all, w->first.size });
	while (qk_cursor_tlv(&c, &tlv)) {
		memcpy(one + 3, tlv.value.data, tlv.value.size);
		for (size_t size = 0; size < tlv.value.size; size++) {
			one[0] = tlv.type;
			one[1] = (uint8_t)size;
			one[2] = (uint8_t)(size >> 8);
			assert_int_equal(decode(&w->second, message, one, size + 3), 0);
			try_bytes(w, message, one, size + 3);
		}
	}
	assert_int_equal(c.error, 0);
}

/* Every byte becomes the least and the most that it can be, alone and with those behind it, and one more
 * and one less than it is: so does every length and every count. */
static void try_extremes(struct work *w, const struct qk_message *message)
{
	static const struct {
		size_t width;
		uint8_t value, add;
	} changes[] = { { 1, 0x00, 0 }, { 1, 0xff, 0 }, { 1, 0, 1 },    { 1, 0, 0xff },
			{ 2, 0x00, 0 }, { 2, 0xff, 0 }, { 4, 0x00, 0 }, { 4, 0xff, 0 } };
	uint8_t bytes[4096], kept[4];
	size_t size;

	fill(&w->first, message, 0);
	size = w->first.size;
	assert_true(size <= sizeof(bytes));
	memcpy(bytes, w->first.wire, size);
	for (size_t at = 0; at < size; at++) {
		for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
			size_t width = changes[i].width < size - at ? changes[i].width : size - at;
			memcpy(kept, bytes + at, width);
			if (changes[i].add)
				bytes[at] = (uint8_t)(bytes[at] + changes[i].add);
			else
				memset(bytes + at, changes[i].value, width);
			try_bytes(w, message, bytes, size);
			memcpy(bytes + at, kept, width);
		}
	}
}

/* A frame of QMUX or, without its header, of QRTR that may be anything: what was read of it is inside. */
static void try_frame(const uint8_t *bytes, size_t size, bool qmux)
{
	uint8_t *exact = malloc(size ? size : 1);
	struct qk_frame frame;

	assert_non_null(exact);
	memcpy(exact, bytes, size);
	struct qk_span span = { exact, size };
	int r = qmux ? qk_frame_read(span, &frame, NULL) : qk_sdu_read(span, 1, 0, &frame);
	assert_true(r <= (int)size);
	if (r > 0) {
		assert_true(frame.tlvs.data >= exact &&
			    frame.tlvs.data + frame.tlvs.size == exact + r);
	} else {
		assert_true(r == -EBADMSG || (qmux && r == 0));
	}
	free(exact);
}

/* The headers in front of each message: cut anywhere, and with both lengths at their extremes, one more
 * and one less than they are. */
static void try_headers(struct work *w, const struct qk_message *message)
{
	static const uint16_t extremes[] = { 0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff };
	static uint8_t bytes[QK_FRAME_MAX];
	struct qk_writer writer = qk_writer(bytes, sizeof(bytes));
	struct qk_frame frame = { .service = message->service <= UINT8_MAX
						     ? (uint8_t)message->service
						     : UINT8_MAX,
				  .type = message->type,
				  .from_modem = message->type != QK_REQUEST,
				  .message = message->id };
	size_t mark = qk_frame_begin(&writer, &frame);

	fill(&w->first, message, 0);
	assert_int_equal(qk_encode(message, w->first.value, &writer), 0);
	int made = qk_frame_end(&writer, mark);
	assert_true(made > 0);
	size_t size = (size_t)made, tlvs_at = frame.service ? 11 : 10;
	for (size_t skip = 0; skip <= QK_QMUX_HEADER; skip += QK_QMUX_HEADER)
		for (size_t cut = skip; cut <= size; cut++)
			try_frame(bytes + skip, cut - skip, !skip);
	for (size_t field = 0; field < 2; field++) {
		uint8_t *at = bytes + (field ? tlvs_at : 1);
		const uint8_t kept[2] = { at[0], at[1] };
		uint16_t was = (uint16_t)(kept[0] | kept[1] << 8);
		for (size_t i = 0; i < sizeof(extremes) / sizeof(extremes[0]) + 2; i++) {
			uint16_t now = i < 2 ? (uint16_t)(was + (i ? 1 : -1)) : extremes[i - 2];
			at[0] = (uint8_t)now;
			at[1] = (uint8_t)(now >> 8);
			try_frame(bytes, size, true);
			if (frame.service)
				try_frame(bytes + QK_QMUX_HEADER, size - QK_QMUX_HEADER, false);
		}
		memcpy(at, kept, sizeof(kept));
	}
}

/* Values that nobody has named: a third of all bytes becomes any byte. */
static void try_noise(struct work *w, const struct qk_message *message)
{
	for (uint64_t seed = 0; seed < NOISE_SEEDS; seed++) {
		uint64_t stream = qk_sim_stream(seed, "noise");
		uint8_t bytes[4096];
		size_t size;
		fill(&w->first, message, seed);
		size = w->first.size;
		assert_true(size <= sizeof(bytes));
		memcpy(bytes, w->first.wire, size);
		for (size_t i = 0; i < size; i++)
			if (qk_sim_below(&stream, 3) == 0)
				bytes[i] = (uint8_t)qk_sim_random(&stream);
		try_bytes(w, message, bytes, size);
	}
}

static void each_message(void (*fn)(struct work *w, const struct qk_message *message))
{
	struct work *w = malloc(sizeof(*w));

	assert_non_null(w);
	for (const struct qk_service *const *s = qk_services(); *s; s++) {
		for (size_t i = 0; i < (*s)->method_count; i++) {
			fn(w, (*s)->methods[i].request);
			fn(w, (*s)->methods[i].response);
		}
		for (size_t i = 0; i < (*s)->indication_count; i++)
			fn(w, (*s)->indications[i]);
	}
	free(w);
}

static void try_round_trips(struct work *w, const struct qk_message *message)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++)
		try_round_trip(w, message, seed);
}

static void a_message_encodes_to_the_same_bytes_when_it_was_decoded(void **state)
{
	(void)state;
	each_message(try_round_trips);
}

static void a_message_is_read_no_further_when_it_is_cut_anywhere(void **state)
{
	(void)state;
	each_message(try_cuts);
}

static void a_message_is_read_no_further_when_any_value_is_cut(void **state)
{
	(void)state;
	each_message(try_short_values);
}

static void a_message_is_in_no_frame_whose_lengths_lie(void **state)
{
	(void)state;
	each_message(try_headers);
}

static void a_message_holds_when_any_byte_is_at_its_extremes(void **state)
{
	(void)state;
	each_message(try_extremes);
}

static void a_message_holds_when_its_values_have_no_names(void **state)
{
	(void)state;
	each_message(try_noise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_encodes_to_the_same_bytes_when_it_was_decoded),
		cmocka_unit_test(a_message_is_read_no_further_when_it_is_cut_anywhere),
		cmocka_unit_test(a_message_is_read_no_further_when_any_value_is_cut),
		cmocka_unit_test(a_message_is_in_no_frame_whose_lengths_lie),
		cmocka_unit_test(a_message_holds_when_any_byte_is_at_its_extremes),
		cmocka_unit_test(a_message_holds_when_its_values_have_no_names),
	};

	return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
