/* qmuxd: headers of its messages, in both layouts (see include/qmikit/qmuxd.h). */
#include <qmikit/qmuxd.h>

#include "lib/wire/cursor.h"

/* Behind the header of a message of qmuxd: bytes in front of the TLVs. */
#define CTL_HEADER 6u
#define SDU_HEADER 7u

size_t qk_qmuxd_header(enum qk_qmuxd_layout layout)
{
	return layout == QK_QMUXD_64 ? QK_QMUXD_HEADER_64 : QK_QMUXD_HEADER_32;
}

int qk_qmuxd_read(struct qk_span bytes, enum qk_qmuxd_layout layout, struct qk_qmuxd_message *ret)
{
	size_t header = qk_qmuxd_header(layout);
	struct qk_cursor c = qk_cursor(bytes);
	uint32_t size = (uint32_t)cursor_uint(&c, 4, false);

	if (bytes.size < 4)
		return 0;
	if (size < header || size > QK_QMUXD_MAX)
		return -EBADMSG;
	if (bytes.size < size)
		return 0;
	ret->program = (uint32_t)cursor_uint(&c, 4, false);
	ret->type = (uint32_t)cursor_uint(&c, 4, false);
	cursor_take(&c, 4); /* the number again */
	ret->transaction = cursor_uint(&c, layout == QK_QMUXD_64 ? 8 : 4, false);
	ret->system_error = (int32_t)cursor_uint(&c, 4, false);
	ret->qmi_error = (int32_t)cursor_uint(&c, 4, false);
	ret->connection = (uint32_t)cursor_uint(&c, 4, false);
	ret->service = (uint32_t)cursor_uint(&c, 4, false);
	ret->client = (uint8_t)cursor_uint(&c, 1, false);
	ret->flags = (uint8_t)cursor_uint(&c, 1, false);
	ret->payload = (struct qk_span){ bytes.data + header, size - header };
	return (int)size;
}

void qk_qmuxd_write(struct qk_writer *w, enum qk_qmuxd_layout layout,
		    const struct qk_qmuxd_message *message)
{
	static const uint8_t padding[8];
	size_t size = qk_qmuxd_header(layout) + message->payload.size;

	if (size > QK_QMUXD_MAX && !w->error) {
		w->error = -EMSGSIZE;
		w->end = w->pos;
	}
	write_uint(w, size, 4, false);
	write_uint(w, message->program, 4, false);
	write_uint(w, message->type, 4, false);
	write_uint(w, message->program, 4, false);
	write_uint(w, message->transaction, layout == QK_QMUXD_64 ? 8 : 4, false);
	write_uint(w, (uint32_t)message->system_error, 4, false);
	write_uint(w, (uint32_t)message->qmi_error, 4, false);
	write_uint(w, message->connection, 4, false);
	write_uint(w, message->service, 4, false);
	write_uint(w, message->client, 1, false);
	write_uint(w, message->flags, 1, false);
	write_bytes(w, padding, layout == QK_QMUXD_64 ? 6 : 2);
	write_bytes(w, message->payload.data, message->payload.size);
}

/* Whether the payload at the place of this layout is a QMI message that ends where the message does. */
static bool holds_sdu(struct qk_span bytes, size_t size, enum qk_qmuxd_layout layout, bool ctl)
{
	const uint8_t *service = bytes.data + (layout == QK_QMUXD_64 ? 36 : 32);
	size_t inner = qk_qmuxd_header(layout);

	inner += ctl || load_u32(service) == QK_SERVICE_CTL ? CTL_HEADER : SDU_HEADER;
	return size >= inner && bytes.size >= inner &&
	       inner + load_u16(bytes.data + inner - 2) == size;
}

static bool has_known_buffer(size_t size, enum qk_qmuxd_layout layout)
{
	size_t header = qk_qmuxd_header(layout);

	return size == header + QK_QMUXD_BUFFER_2012 || size == header + QK_QMUXD_BUFFER_2013;
}

static int guess_sdu(struct qk_span bytes, size_t size, bool ctl, enum qk_qmuxd_layout *ret)
{
	if (holds_sdu(bytes, size, QK_QMUXD_32, ctl))
		*ret = QK_QMUXD_32;
	else if (size >= QK_QMUXD_HEADER_64 && holds_sdu(bytes, size, QK_QMUXD_64, ctl))
		*ret = QK_QMUXD_64;
	else if (size == QK_QMUXD_HEADER_32 || size == QK_QMUXD_HEADER_64) /* an error alone */
		*ret = size == QK_QMUXD_HEADER_32 ? QK_QMUXD_32 : QK_QMUXD_64;
	else
		return -EBADMSG;
	return 1;
}

int qk_qmuxd_guess(struct qk_span bytes, enum qk_qmuxd_layout *ret)
{
	uint32_t size, type;

	if (bytes.size < 4)
		return 0;
	size = load_u32(bytes.data);
	if (size < QK_QMUXD_HEADER_32 || size > QK_QMUXD_MAX)
		return -EBADMSG;
	if (bytes.size < size && bytes.size < QK_QMUXD_GUESS)
		return 0;
	type = load_u32(bytes.data + 8);
	if (type != QK_QMUXD_ALLOCATE && type != QK_QMUXD_RELEASE)
		return guess_sdu(bytes, size, type == QK_QMUXD_CTL, ret);
	if (has_known_buffer(size, QK_QMUXD_32) || size < QK_QMUXD_HEADER_64)
		*ret = QK_QMUXD_32;
	else if (has_known_buffer(size, QK_QMUXD_64))
		*ret = QK_QMUXD_64;
	else /* the service comes first in the payload, and padding in front of it is 0 */
		*ret = load_u32(bytes.data + QK_QMUXD_HEADER_32) ? QK_QMUXD_32 : QK_QMUXD_64;
	return 1;
}
