/*
 * Cursor, inside: the bodies of the cursor and writer calls, so that the codec's loops can have
 * them inline.
 *
 * Owns: nothing. Does not know: anything but bytes. Lifetime: inline helpers.
 * Called from: cursor.c, which makes the public calls of them, and lib/codec.
 */
#pragma once

#include <endian.h>
#include <errno.h>
#include <string.h>

#include <qmikit/wire.h>

static inline size_t cursor_left(const struct qk_cursor *c)
{
	return (size_t)(c->end - c->pos);
}

/* A failed cursor has nothing left, so that one comparison serves both. */
static inline void cursor_fail(struct qk_cursor *c)
{
	c->error = -EBADMSG;
	c->end = c->pos;
}

static inline struct qk_span cursor_take(struct qk_cursor *c, size_t size)
{
	struct qk_span taken = { .data = c->pos, .size = size };

	if (__builtin_expect(size > cursor_left(c), 0)) {
		cursor_fail(c);
		return (struct qk_span){ 0 };
	}
	c->pos += size;
	return taken;
}

/* memcpy() for what frames hold: most values are so short that a call costs more than the copy. */
static inline void copy_short(uint8_t *to, const uint8_t *from, size_t size)
{
	if (size > 16) {
		memcpy(to, from, size);
	} else if (size >= 8) {
		memcpy(to, from, 8);
		memcpy(to + size - 8, from + size - 8, 8);
	} else if (size >= 4) {
		memcpy(to, from, 4);
		memcpy(to + size - 4, from + size - 4, 4);
	} else if (size) {
		to[0] = from[0];
		to[size / 2] = from[size / 2];
		to[size - 1] = from[size - 1];
	}
}

static inline uint16_t load_u16(const uint8_t *from)
{
	uint16_t value;

	memcpy(&value, from, sizeof(value));
	return le16toh(value);
}

static inline uint32_t load_u32(const uint8_t *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof(value));
	return le32toh(value);
}

static inline uint64_t load_u64(const uint8_t *from)
{
	uint64_t value;

	memcpy(&value, from, sizeof(value));
	return le64toh(value);
}

static inline void store_u16(uint8_t *to, uint16_t value)
{
	value = htole16(value);
	memcpy(to, &value, sizeof(value));
}

static inline void store_u32(uint8_t *to, uint32_t value)
{
	value = htole32(value);
	memcpy(to, &value, sizeof(value));
}

static inline void store_u64(uint8_t *to, uint64_t value)
{
	value = htole64(value);
	memcpy(to, &value, sizeof(value));
}

/* An unsigned integer of any width, a byte at a time. */
static inline uint64_t cursor_uint_any(struct qk_cursor *c, unsigned int width, bool big)
{
	struct qk_span bytes = cursor_take(c, width);
	uint64_t value = 0;

	for (size_t i = 0; i < bytes.size; i++)
		value = value << 8 | bytes.data[big ? i : bytes.size - 1 - i];
	return value;
}

/* The widths that QMI uses most, each by one load. */
static inline uint64_t cursor_uint(struct qk_cursor *c, unsigned int width, bool big)
{
	const uint8_t *from = c->pos;

	if (big || width > 4 || width == 3)
		return cursor_uint_any(c, width, big);
	if (!cursor_take(c, width).data)
		return 0;
	return width == 1 ? *from : width == 2 ? load_u16(from) : load_u32(from);
}

static inline bool cursor_tlv(struct qk_cursor *c, struct qk_tlv *ret)
{
	const uint8_t *head = c->pos;

	if (!cursor_left(c) || !cursor_take(c, 3).data)
		return false;
	ret->type = head[0];
	ret->value = cursor_take(c, load_u16(head + 1));
	return !c->error;
}

/* Room for `size` bytes, or NULL and a failed writer. A failed writer has no room left, so that one
 * comparison serves both. */
static inline uint8_t *writer_take(struct qk_writer *w, size_t size)
{
	uint8_t *at = w->pos;

	if (__builtin_expect(size > (size_t)(w->end - w->pos), 0)) {
		if (!w->error)
			w->error = -ENOBUFS;
		w->end = w->pos;
		return NULL;
	}
	w->pos += size;
	return at;
}

static inline void write_bytes(struct qk_writer *w, const void *data, size_t size)
{
	uint8_t *at = writer_take(w, size);

	if (at)
		copy_short(at, data, size);
}

static inline void write_uint(struct qk_writer *w, uint64_t value, unsigned int width, bool big)
{
	uint8_t *at = writer_take(w, width);

	if (!at)
		return;
	switch (width) {
	case 1:
		at[0] = (uint8_t)value;
		break;
	case 2:
		store_u16(at, big ? __builtin_bswap16((uint16_t)value) : (uint16_t)value);
		break;
	case 4:
		store_u32(at, big ? __builtin_bswap32((uint32_t)value) : (uint32_t)value);
		break;
	default:
		for (unsigned int i = 0; i < width; i++)
			at[big ? width - 1 - i : i] = (uint8_t)(value >> (8 * i));
	}
}

/* Sets the u16 `mark` bytes from the start, which was written as a place holder. */
static inline void write_patch_u16(struct qk_writer *w, size_t mark, size_t value)
{
	if (w->error)
		return;
	if (value > UINT16_MAX)
		w->error = -EMSGSIZE;
	else
		store_u16(w->start + mark, (uint16_t)value);
}

static inline size_t write_tlv_begin(struct qk_writer *w, uint8_t type)
{
	uint8_t *at = writer_take(w, 3);

	if (at)
		at[0] = type;
	return (size_t)(w->pos - w->start);
}

static inline void write_tlv_end(struct qk_writer *w, size_t mark)
{
	write_patch_u16(w, mark - 2, (size_t)(w->pos - w->start) - mark);
}
