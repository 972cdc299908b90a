/* Frames: finds one QMUX frame in bytes that may be anything. */
#include "lib/wire/cursor.h"

#define CTL_HEADERS (QK_QMUX_HEADER + 6)
#define HEADERS (QK_QMUX_HEADER + 7)

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

/*
 * The frame that `bytes` begin with. As qk_frame_read(), but any marker will do.
 *
 * What is wrong is found as early as it shows: to wait for the rest of a frame that can never be one
 * would swallow the good frames behind it.
 */
static int read_frame(struct qk_span bytes, struct qk_frame *ret)
{
	const uint8_t *head = bytes.data;
	enum qk_message_type type;
	size_t size, headers, tlvs;
	bool ctl;

	if (bytes.size < 4)
		return 0;
	size = (size_t)load_u16(head + 1) + 1;
	if (size < CTL_HEADERS || (head[3] & 0x7f))
		return -EBADMSG;
	if (bytes.size < CTL_HEADERS)
		return 0;
	ctl = head[4] == QK_SERVICE_CTL;
	headers = ctl ? CTL_HEADERS : HEADERS;
	if (bytes.size < headers)
		return size < headers ? -EBADMSG : 0;
	tlvs = load_u16(head + headers - 2);
	if (headers + tlvs != size || !read_type(head[4], head[6], &type))
		return -EBADMSG;
	if (bytes.size < size)
		return 0;
	ret->service = head[4];
	ret->client = head[5];
	ret->type = type;
	ret->from_modem = head[3] & 0x80;
	ret->transaction = ctl ? head[7] : load_u16(head + 7);
	ret->message = load_u16(head + headers - 4);
	ret->tlvs.data = head + headers;
	ret->tlvs.size = tlvs;
	return (int)size;
}

int qk_frame_read(struct qk_span bytes, struct qk_frame *ret, size_t *ret_skip)
{
	int r = 0;

	if (bytes.size)
		r = bytes.data[0] == QK_QMUX_MARKER ? read_frame(bytes, ret) : -EBADMSG;
	if (r < 0 && ret_skip)
		*ret_skip = to_next_marker(bytes);
	return r;
}

int qk_sdu_read(struct qk_span bytes, uint8_t service, uint8_t client, struct qk_frame *ret)
{
	enum { HEADER = HEADERS - QK_QMUX_HEADER };
	const uint8_t *head = bytes.data;
	enum qk_message_type type;
	size_t tlvs;

	if (service == QK_SERVICE_CTL || bytes.size < HEADER)
		return -EBADMSG;
	tlvs = load_u16(head + HEADER - 2);
	if (tlvs > bytes.size - HEADER || HEADERS + tlvs > QK_FRAME_MAX ||
	    !read_type(service, head[0], &type))
		return -EBADMSG;
	*ret = (struct qk_frame){
		.service = service,
		.client = client,
		.type = type,
		.from_modem = type != QK_REQUEST,
		.transaction = load_u16(head + 1),
		.message = load_u16(head + 3),
		.tlvs = { head + HEADER, tlvs },
	};
	return (int)(HEADER + tlvs);
}
