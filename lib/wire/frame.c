/* Frames: finds one QMUX frame in bytes that may be anything. */
#include "lib/wire/cursor.h"

#define CTL_MESSAGE_HEADER 6
#define MESSAGE_HEADER 7

/* Bytes to the next marker behind the first byte: where a reader that lost its place looks next. */
static size_t to_next_marker(struct qk_span bytes)
{
	const uint8_t *next =
		bytes.size > 1 ? memchr(bytes.data + 1, QK_QMUX_MARKER, bytes.size - 1) : NULL;

	return next ? (size_t)(next - bytes.data) : bytes.size;
}

/* The message type by its flag bits. False for a combination that QMI does not have. */
static bool read_type(uint8_t service, uint8_t flags, enum qk_message_type *ret)
{
	uint8_t kind = service == QK_SERVICE_CTL ? flags & 0x03 : (flags >> 1) & 0x03;

	if (kind > QK_INDICATION)
		return false;
	*ret = (enum qk_message_type)kind;
	return true;
}

/* The headers inside a frame whose outer length fits. */
static int read_headers(struct qk_span bytes, struct qk_frame *ret)
{
	struct qk_cursor c = { .pos = bytes.data, .end = bytes.data + bytes.size };
	struct qk_frame frame = { 0 };
	uint8_t qmux_flags, flags;
	size_t size;

	cursor_take(&c, 3);
	qmux_flags = (uint8_t)cursor_uint(&c, 1, false);
	frame.from_modem = qmux_flags & 0x80;
	frame.service = (uint8_t)cursor_uint(&c, 1, false);
	frame.client = (uint8_t)cursor_uint(&c, 1, false);
	flags = (uint8_t)cursor_uint(&c, 1, false);
	frame.transaction =
		(uint16_t)cursor_uint(&c, frame.service == QK_SERVICE_CTL ? 1 : 2, false);
	frame.message = (uint16_t)cursor_uint(&c, 2, false);
	size = (size_t)cursor_uint(&c, 2, false);
	frame.tlvs = cursor_take(&c, size);
	if (c.error || cursor_left(&c) || (qmux_flags & 0x7f) ||
	    !read_type(frame.service, flags, &frame.type))
		return -EBADMSG;
	*ret = frame;
	return 0;
}

/* The bytes that a frame with this outer length has; 0 when no frame can be that short. */
static size_t frame_size(struct qk_span bytes)
{
	size_t length = (size_t)bytes.data[1] | (size_t)bytes.data[2] << 8;

	return length + 1 < QK_QMUX_HEADER + CTL_MESSAGE_HEADER ? 0 : length + 1;
}

int qk_frame_read(struct qk_span bytes, struct qk_frame *ret, size_t *ret_skip)
{
	size_t size, skip;

	if (!bytes.size)
		return 0;
	if (bytes.data[0] != QK_QMUX_MARKER)
		goto lost;
	if (bytes.size < 4)
		return 0;
	size = frame_size(bytes);
	/* The flags byte says early that this marker was none: without it, noise with a large
	 * length would swallow the good frames behind it. */
	if (!size || (bytes.data[3] & 0x7f))
		goto lost;
	if (bytes.size < size)
		return 0;
	if (!read_headers((struct qk_span){ bytes.data, size }, ret))
		return (int)size;
lost:
	skip = to_next_marker(bytes);
	if (ret_skip)
		*ret_skip = skip;
	return -EBADMSG;
}
