/*
 * pcapng, reading (see pcapng-read.h).
 */
#include "pcapng-read.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NSEC 1000000000ULL

enum {
	SECTION_HEADER = 0x0a0d0d0a, /* reads the same in both byte orders */
	ORDER_MAGIC = 0x1a2b3c4d,
	INTERFACE = 1,
	OLD_PACKET = 2,
	SIMPLE_PACKET = 3,
	ENHANCED_PACKET = 6,
	BLOCK_OVERHEAD = 12, /* type, length, length again */
	SECTION_LEAST = 28,
	OPTION_END = 0,
	OPTION_TSRESOL = 9,
	OPTION_TSOFFSET = 14,
	DEFAULT_TSRESOL = 6, /* microseconds */
};

struct interface {
	uint16_t link_type;
	uint8_t tsresol;
	int64_t offset_sec;
	uint32_t snap;
};

struct pcapng_reader {
	uint8_t *buffer;
	size_t used, room, taken; /* `taken` of `used` bytes are done with */
	uint64_t offset;          /* in the file, of buffer[taken] */
	bool in_section, big, failed;
	struct interface *interfaces;
	size_t interface_count, interface_room;
	char error[160];
};

/* One block: its type and what is between its two lengths. */
struct block {
	uint32_t type;
	size_t size; /* of all of it */
	struct qk_span body;
};

int pcapng_reader_new(struct pcapng_reader **ret)
{
	struct pcapng_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return -ENOMEM;
	*ret = reader;
	return 0;
}

struct pcapng_reader *pcapng_reader_free(struct pcapng_reader *reader)
{
	if (!reader)
		return NULL;
	free(reader->buffer);
	free(reader->interfaces);
	free(reader);
	return NULL;
}

const char *pcapng_error(const struct pcapng_reader *reader)
{
	return reader->error;
}

static size_t left(const struct pcapng_reader *reader)
{
	return reader->used - reader->taken;
}

int pcapng_push(struct pcapng_reader *reader, struct qk_span bytes)
{
	if (!bytes.size)
		return 0;
	if (reader->taken) {
		memmove(reader->buffer, reader->buffer + reader->taken, left(reader));
		reader->used -= reader->taken;
		reader->taken = 0;
	}
	if (bytes.size > reader->room - reader->used) {
		size_t room = reader->room ? reader->room : 4096;
		while (room - reader->used < bytes.size)
			room *= 2;
		uint8_t *buffer = realloc(reader->buffer, room);
		if (!buffer)
			return -ENOMEM;
		reader->buffer = buffer;
		reader->room = room;
	}
	memcpy(reader->buffer + reader->used, bytes.data, bytes.size);
	reader->used += bytes.size;
	return 0;
}

__attribute__((format(printf, 2, 3))) static int fail(struct pcapng_reader *reader,
						      const char *format, ...)
{
	char what[128];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(reader->error, sizeof(reader->error), "byte %" PRIu64 ": %s", reader->offset,
		 what);
	reader->failed = true;
	return -EBADMSG;
}

/* What else begins a file that somebody takes for a capture. */
static int refuse_file(struct pcapng_reader *reader, uint32_t magic)
{
	static const uint32_t pcap[] = { 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1 };

	for (size_t i = 0; i < sizeof(pcap) / sizeof(pcap[0]); i++)
		if (magic == pcap[i])
			return fail(reader, "this is a pcap file, not pcapng; "
					    "editcap -F pcapng makes one of it");
	return fail(reader, "no pcapng section begins here");
}

static uint32_t u32(const struct pcapng_reader *reader, size_t at)
{
	struct qk_cursor c = qk_cursor((struct qk_span){ reader->buffer + reader->taken + at, 4 });

	return (uint32_t)qk_cursor_uint(&c, 4, reader->big);
}

/* The byte order is that of the section that begins here. */
static int begin_section(struct pcapng_reader *reader)
{
	reader->big = false;
	if (u32(reader, 8) != ORDER_MAGIC) {
		reader->big = true;
		if (u32(reader, 8) != ORDER_MAGIC)
			return fail(reader, "a section without a byte order");
	}
	reader->in_section = true;
	reader->interface_count = 0;
	return 0;
}

/* The block at the front. 1; 0 when it is not whole; -EBADMSG. */
static int next_block(struct pcapng_reader *reader, struct block *ret)
{
	int r = 0;

	if (left(reader) < 4)
		return 0;
	uint32_t type = u32(reader, 0);
	if (!reader->in_section && type != SECTION_HEADER)
		return refuse_file(reader, type);
	if (left(reader) < BLOCK_OVERHEAD)
		return 0;
	if (type == SECTION_HEADER)
		r = begin_section(reader);
	if (r < 0)
		return r;
	uint32_t size = u32(reader, 4);
	if (size < (type == SECTION_HEADER ? SECTION_LEAST : BLOCK_OVERHEAD) || size % 4)
		return fail(reader, "a block of %" PRIu32 " bytes, which cannot be", size);
	if (size > PCAPNG_BLOCK_MAX)
		return fail(reader, "a block of %" PRIu32 " bytes, more than is read", size);
	if (left(reader) < size)
		return 0;
	if (u32(reader, size - 4) != size)
		return fail(reader, "a block whose two lengths differ");
	*ret = (struct block){ type,
			       size,
			       { reader->buffer + reader->taken + 8, size - BLOCK_OVERHEAD } };
	return 1;
}

/* The options of an interface that say how its time is told. */
static void read_options(struct pcapng_reader *reader, struct qk_cursor *c, struct interface *ret)
{
	while (qk_cursor_left(c) >= 4) {
		unsigned int code = (unsigned int)qk_cursor_uint(c, 2, reader->big);
		size_t size = (size_t)qk_cursor_uint(c, 2, reader->big);
		struct qk_cursor value = qk_cursor(qk_cursor_take(c, size));
		qk_cursor_take(c, (4 - size % 4) % 4);
		if (c->error || code == OPTION_END)
			return;
		if (code == OPTION_TSRESOL && size == 1)
			ret->tsresol = (uint8_t)qk_cursor_uint(&value, 1, false);
		if (code == OPTION_TSOFFSET && size == 8)
			ret->offset_sec = (int64_t)qk_cursor_uint(&value, 8, reader->big);
	}
}

static int add_interface(struct pcapng_reader *reader, struct qk_span body)
{
	struct qk_cursor c = qk_cursor(body);
	struct interface interface = { .tsresol = DEFAULT_TSRESOL };

	interface.link_type = (uint16_t)qk_cursor_uint(&c, 2, reader->big);
	qk_cursor_take(&c, 2);
	interface.snap = (uint32_t)qk_cursor_uint(&c, 4, reader->big);
	if (c.error)
		return fail(reader, "an interface of too few bytes");
	if (reader->interface_count == PCAPNG_INTERFACES_MAX)
		return fail(reader, "more than %d interfaces", PCAPNG_INTERFACES_MAX);
	read_options(reader, &c, &interface);
	if (reader->interface_count == reader->interface_room) {
		size_t room = reader->interface_room ? 2 * reader->interface_room : 4;
		struct interface *grown =
			realloc(reader->interfaces, room * sizeof(*reader->interfaces));
		if (!grown)
			return -ENOMEM;
		reader->interfaces = grown;
		reader->interface_room = room;
	}
	reader->interfaces[reader->interface_count++] = interface;
	return 0;
}

/* Ticks of an interface as nanoseconds since 1970; what does not fit is the most that does. */
static uint64_t to_nsec(const struct interface *interface, uint64_t ticks)
{
	unsigned int exponent = interface->tsresol & 0x7f;
	unsigned __int128 nsec = ticks;

	if (interface->tsresol & 0x80) {
		nsec = exponent < 64 ? nsec * NSEC >> exponent : 0;
	} else {
		for (unsigned int i = exponent; i < 9; i++)
			nsec *= 10;
		for (unsigned int i = 9; i < exponent; i++)
			nsec /= 10;
	}
	__int128 sum = (__int128)nsec + (__int128)interface->offset_sec * (__int128)NSEC;
	return sum < 0 ? 0 : sum > UINT64_MAX ? UINT64_MAX : (uint64_t)sum;
}

/* A packet of interface `id`; `ticks` NULL: it tells no time. */
static int give(struct pcapng_reader *reader, uint32_t id, const uint64_t *ticks,
		struct pcapng_packet *ret)
{
	if (id >= reader->interface_count)
		return fail(reader, "a packet of interface %" PRIu32 ", which was not described",
			    id);
	ret->offset = reader->offset;
	ret->link_type = reader->interfaces[id].link_type;
	ret->time_nsec = ticks ? to_nsec(&reader->interfaces[id], *ticks) : 0;
	return 1;
}

/* An enhanced packet, or the kind before it, whose interface has 16 bits. */
static int give_packet(struct pcapng_reader *reader, const struct block *block,
		       struct pcapng_packet *ret)
{
	struct qk_cursor c = qk_cursor(block->body);
	bool old = block->type == OLD_PACKET;
	uint32_t id = (uint32_t)qk_cursor_uint(&c, old ? 2 : 4, reader->big);

	if (old)
		qk_cursor_take(&c, 2);
	uint64_t ticks = qk_cursor_uint(&c, 4, reader->big) << 32;
	ticks |= qk_cursor_uint(&c, 4, reader->big);
	size_t size = (size_t)qk_cursor_uint(&c, 4, reader->big);
	ret->original_size = (uint32_t)qk_cursor_uint(&c, 4, reader->big);
	ret->data = qk_cursor_take(&c, size);
	if (c.error)
		return fail(reader, "a packet longer than its block");
	return give(reader, id, &ticks, ret);
}

static int give_simple(struct pcapng_reader *reader, const struct block *block,
		       struct pcapng_packet *ret)
{
	struct qk_cursor c = qk_cursor(block->body);
	size_t size, snap = reader->interface_count ? reader->interfaces[0].snap : 0;

	ret->original_size = (uint32_t)qk_cursor_uint(&c, 4, reader->big);
	size = ret->original_size;
	if (snap && size > snap)
		size = snap;
	ret->data = qk_cursor_take(&c, size);
	if (c.error)
		return fail(reader, "a packet longer than its block");
	return give(reader, 0, NULL, ret);
}

/* What a block means: 1 a packet; 0 nothing to give; else an error. */
static int take_block(struct pcapng_reader *reader, const struct block *block,
		      struct pcapng_packet *ret)
{
	switch (block->type) {
	case INTERFACE:
		return add_interface(reader, block->body);
	case OLD_PACKET:
	case ENHANCED_PACKET:
		return give_packet(reader, block, ret);
	case SIMPLE_PACKET:
		return give_simple(reader, block, ret);
	default: /* the header of a section, and what nobody here needs: names, statistics, … */
		return 0;
	}
}

int pcapng_next(struct pcapng_reader *reader, struct pcapng_packet *ret)
{
	struct pcapng_packet packet = { 0 };
	struct block block = { 0 };
	int r = reader->failed ? -EBADMSG : 0;

	while (r == 0) {
		r = next_block(reader, &block);
		if (r <= 0)
			return r;
		r = take_block(reader, &block, &packet);
		if (r < 0)
			return r;
		reader->taken += block.size;
		reader->offset += block.size;
	}
	if (r > 0)
		*ret = packet;
	return r;
}

int pcapng_end(struct pcapng_reader *reader)
{
	if (reader->failed)
		return -EBADMSG;
	if (!reader->in_section && !left(reader))
		return fail(reader, "the file is empty");
	if (!left(reader))
		return 0;
	return fail(reader, "the file ends within a block, of which %zu bytes are there",
		    left(reader));
}
