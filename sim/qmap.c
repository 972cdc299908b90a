/*
 * QMAP: headers read and written (see qmap.h).
 */
#include "qmap.h"

#include <string.h>

#define COMMAND_BIT 0x80u
#define PADDING_BITS 0x3fu
#define ALIGNMENT 4u

bool qk_qmap_next(struct qk_cursor *c, struct qk_qmap *ret)
{
	if (!qk_cursor_left(c))
		return false;
	uint8_t bits = (uint8_t)qk_cursor_uint(c, 1, true);
	uint8_t mux_id = (uint8_t)qk_cursor_uint(c, 1, true);
	size_t size = qk_cursor_uint(c, 2, true);
	struct qk_span packet = qk_cursor_take(c, size);
	size_t padding = bits & COMMAND_BIT ? 0 : bits & PADDING_BITS;

	/* a length that leaves nothing but padding says nothing about where the next one begins */
	if (!c->error && packet.size <= padding)
		qk_cursor_take(c, SIZE_MAX);
	if (c->error)
		return false;
	packet.size -= padding;
	*ret = (struct qk_qmap){ bits & COMMAND_BIT, mux_id, packet };
	return true;
}

static size_t padding_of(size_t packet)
{
	return (ALIGNMENT - packet % ALIGNMENT) % ALIGNMENT;
}

size_t qk_qmap_size(size_t packet)
{
	return QK_QMAP_HEADER + packet + padding_of(packet);
}

bool qk_qmap_append(struct qk_writer *w, uint8_t mux_id, struct qk_span packet)
{
	static const uint8_t zeros[ALIGNMENT];
	size_t padding = padding_of(packet.size);

	if (packet.size > QK_QMAP_PACKET_MAX || w->error ||
	    qk_qmap_size(packet.size) > (size_t)(w->end - w->pos))
		return false;
	qk_write_uint(w, padding, 1, true);
	qk_write_uint(w, mux_id, 1, true);
	qk_write_uint(w, packet.size + padding, 2, true);
	qk_write_bytes(w, packet.data, packet.size);
	qk_write_bytes(w, zeros, padding);
	return true;
}

size_t qk_qmap_answer(const struct qk_qmap *command, uint8_t *buffer, size_t size)
{
	struct qk_span body = command->packet;
	struct qk_writer w = qk_writer(buffer, size);

	if (!command->command || body.size < QK_QMAP_COMMAND ||
	    (body.data[1] & 3) != QK_QMAP_REQUEST)
		return 0;
	qk_write_uint(&w, COMMAND_BIT, 1, true);
	qk_write_uint(&w, command->mux_id, 1, true);
	qk_write_uint(&w, body.size, 2, true);
	qk_write_uint(&w, body.data[0], 1, true);
	qk_write_uint(&w, QK_QMAP_UNSUPPORTED, 1, true);
	qk_write_bytes(&w, body.data + 2, body.size - 2);
	return w.error ? 0 : qk_writer_used(&w);
}
