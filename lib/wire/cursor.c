/* Cursor and writer: the only code that turns bytes into numbers and back. */
#include "lib/wire/cursor.h"

struct qk_cursor qk_cursor(struct qk_span bytes)
{
	/* An empty span may have no address, and nothing may be added to that, not even 0. */
	return (struct qk_cursor){
		.pos = bytes.data,
		.end = bytes.size ? bytes.data + bytes.size : bytes.data,
	};
}

size_t qk_cursor_left(const struct qk_cursor *c)
{
	return cursor_left(c);
}

struct qk_span qk_cursor_take(struct qk_cursor *c, size_t size)
{
	return cursor_take(c, size);
}

uint64_t qk_cursor_uint(struct qk_cursor *c, unsigned int width, bool big)
{
	return cursor_uint(c, width, big);
}

bool qk_cursor_tlv(struct qk_cursor *c, struct qk_tlv *ret)
{
	return cursor_tlv(c, ret);
}

struct qk_writer qk_writer(void *buffer, size_t size)
{
	uint8_t *start = buffer;

	return (struct qk_writer){ .start = start, .pos = start, .end = start + size };
}

size_t qk_writer_used(const struct qk_writer *w)
{
	return (size_t)(w->pos - w->start);
}

void qk_write_bytes(struct qk_writer *w, const void *data, size_t size)
{
	write_bytes(w, data, size);
}

void qk_write_uint(struct qk_writer *w, uint64_t value, unsigned int width, bool big)
{
	write_uint(w, value, width, big);
}

size_t qk_write_tlv_begin(struct qk_writer *w, uint8_t type)
{
	return write_tlv_begin(w, type);
}

void qk_write_tlv_end(struct qk_writer *w, size_t mark)
{
	write_tlv_end(w, mark);
}

size_t qk_frame_begin(struct qk_writer *w, const struct qk_frame *frame)
{
	static const uint8_t ctl_flags[] = { 0x00, 0x01, 0x02 }, flags[] = { 0x00, 0x02, 0x04 };
	bool ctl = frame->service == QK_SERVICE_CTL;
	size_t start = qk_writer_used(w);

	write_uint(w, QK_QMUX_MARKER, 1, false);
	write_uint(w, 0, 2, false);
	write_uint(w, frame->from_modem ? 0x80 : 0x00, 1, false);
	write_uint(w, frame->service, 1, false);
	write_uint(w, frame->client, 1, false);
	write_uint(w, (ctl ? ctl_flags : flags)[frame->type], 1, false);
	write_uint(w, frame->transaction, ctl ? 1 : 2, false);
	write_uint(w, frame->message, 2, false);
	write_uint(w, 0, 2, false);
	write_bytes(w, frame->tlvs.data, frame->tlvs.size);
	return start;
}

int qk_frame_end(struct qk_writer *w, size_t mark)
{
	size_t size = qk_writer_used(w) - mark, header;

	if (w->error)
		return w->error;
	header = QK_QMUX_HEADER + (w->start[mark + 4] == QK_SERVICE_CTL ? 6 : 7);
	write_patch_u16(w, mark + 1, size - 1);
	write_patch_u16(w, mark + header - 2, size - header);
	return w->error ? w->error : (int)size;
}
