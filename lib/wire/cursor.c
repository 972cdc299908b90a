/* Cursor and writer: the only code that turns bytes into numbers and back. */
#include <errno.h>
#include <string.h>

#include <qmikit/wire.h>

struct qk_cursor qk_cursor(struct qk_span bytes)
{
	return (struct qk_cursor){ .pos = bytes.data, .end = bytes.data + bytes.size };
}

size_t qk_cursor_left(const struct qk_cursor *c)
{
	return c->error ? 0 : (size_t)(c->end - c->pos);
}

struct qk_span qk_cursor_take(struct qk_cursor *c, size_t size)
{
	struct qk_span taken = { .data = c->pos, .size = size };

	if (size > qk_cursor_left(c)) {
		c->error = -EBADMSG;
		return (struct qk_span){ 0 };
	}
	c->pos += size;
	return taken;
}

uint64_t qk_cursor_uint(struct qk_cursor *c, unsigned int width, bool big)
{
	struct qk_span bytes = qk_cursor_take(c, width);
	uint64_t value = 0;

	if (big) {
		for (size_t i = 0; i < bytes.size; i++)
			value = value << 8 | bytes.data[i];
	} else {
		for (size_t i = bytes.size; i-- > 0;)
			value = value << 8 | bytes.data[i];
	}
	return value;
}

bool qk_cursor_tlv(struct qk_cursor *c, struct qk_tlv *ret)
{
	struct qk_tlv tlv;

	if (!qk_cursor_left(c))
		return false;
	tlv.type = (uint8_t)qk_cursor_uint(c, 1, false);
	tlv.value = qk_cursor_take(c, (size_t)qk_cursor_uint(c, 2, false));
	if (c->error)
		return false;
	*ret = tlv;
	return true;
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
	if (w->error)
		return;
	if (size > (size_t)(w->end - w->pos)) {
		w->error = -ENOBUFS;
		return;
	}
	if (size)
		memcpy(w->pos, data, size);
	w->pos += size;
}

void qk_write_uint(struct qk_writer *w, uint64_t value, unsigned int width, bool big)
{
	uint8_t bytes[8];

	for (unsigned int i = 0; i < width && i < sizeof(bytes); i++)
		bytes[big ? width - 1 - i : i] = (uint8_t)(value >> (8 * i));
	qk_write_bytes(w, bytes, width);
}

/* Sets the u16 at `mark`, which was written as a place holder. */
static void patch_u16(struct qk_writer *w, size_t mark, size_t value)
{
	struct qk_writer at = { .start = w->start, .pos = w->start + mark, .end = w->end };

	if (w->error)
		return;
	if (value > UINT16_MAX)
		w->error = -EMSGSIZE;
	else
		qk_write_uint(&at, value, 2, false);
}

size_t qk_write_tlv_begin(struct qk_writer *w, uint8_t type)
{
	qk_write_uint(w, type, 1, false);
	qk_write_uint(w, 0, 2, false);
	return qk_writer_used(w);
}

void qk_write_tlv_end(struct qk_writer *w, size_t mark)
{
	patch_u16(w, mark - 2, qk_writer_used(w) - mark);
}

size_t qk_frame_begin(struct qk_writer *w, const struct qk_frame *frame)
{
	static const uint8_t ctl_flags[] = { 0x00, 0x01, 0x02 }, flags[] = { 0x00, 0x02, 0x04 };
	bool ctl = frame->service == QK_SERVICE_CTL;
	size_t start = qk_writer_used(w);

	qk_write_uint(w, QK_QMUX_MARKER, 1, false);
	qk_write_uint(w, 0, 2, false);
	qk_write_uint(w, frame->from_modem ? 0x80 : 0x00, 1, false);
	qk_write_uint(w, frame->service, 1, false);
	qk_write_uint(w, frame->client, 1, false);
	qk_write_uint(w, (ctl ? ctl_flags : flags)[frame->type], 1, false);
	qk_write_uint(w, frame->transaction, ctl ? 1 : 2, false);
	qk_write_uint(w, frame->message, 2, false);
	qk_write_uint(w, 0, 2, false);
	qk_write_bytes(w, frame->tlvs.data, frame->tlvs.size);
	return start;
}

int qk_frame_end(struct qk_writer *w, size_t mark)
{
	size_t size = qk_writer_used(w) - mark, header;

	if (w->error)
		return w->error;
	header = QK_QMUX_HEADER + (w->start[mark + 4] == QK_SERVICE_CTL ? 6 : 7);
	patch_u16(w, mark + 1, size - 1);
	patch_u16(w, mark + header - 2, size - header);
	return w->error ? w->error : (int)size;
}
