/*
 * Recorder cut: frames of QMUX, messages of qmuxd (see recorder-cut.h).
 */
#include "recorder-cut.h"

#include <errno.h>

#define QMUXD_HEADER 40 /* of 32-bit programs; 48 of 64-bit ones */

/*
 * qmuxd's message begins with its size, header included. Some write 16 bits and leave the two bytes
 * behind them as they were; no message is longer than that.
 * Source: ec25-eux reference 9.2: scintill/qmiserial2qmuxd and the Gobi API's Socket.h.
 */
static int qmuxd_size(struct qk_span bytes, size_t *ret_skip)
{
	struct qk_cursor c = qk_cursor(bytes);

	if (bytes.size < 4)
		return 0;
	size_t size = (size_t)qk_cursor_uint(&c, 2, false);
	if (size < QMUXD_HEADER) {
		*ret_skip = bytes.size; /* nothing marks where the next one begins */
		return -EBADMSG;
	}
	return size <= bytes.size ? (int)size : 0;
}

/* As qk_frame_read(): the size of the frame that `bytes` begin with, 0 or -EBADMSG. */
static int frame_size(enum qk_link_transport transport, struct qk_span bytes, size_t *ret_skip)
{
	struct qk_frame unused;

	if (transport == QK_LINK_QMUXD)
		return qmuxd_size(bytes, ret_skip);
	return qk_frame_read(bytes, &unused, ret_skip);
}

static struct qk_span part(struct qk_span bytes, size_t from, size_t to)
{
	return (struct qk_span){ bytes.data + from, to - from };
}

size_t qk_recorder_cut(enum qk_link_transport transport, struct qk_span bytes, size_t *greeting,
		       qk_recorder_piece_fn piece, void *userdata)
{
	size_t noise = 0, pos = 0; /* noise is from `noise` to `pos` */

	if (*greeting) {
		if (bytes.size < *greeting)
			return 0;
		piece(userdata, part(bytes, 0, *greeting), true);
		noise = pos = *greeting;
		*greeting = 0;
	}
	while (pos < bytes.size) {
		size_t skip = 0;
		int size = frame_size(transport, part(bytes, pos, bytes.size), &skip);
		if (size < 0) {
			pos += skip;
			continue;
		}
		if (noise < pos)
			piece(userdata, part(bytes, noise, pos), false);
		noise = pos;
		if (size == 0)
			return pos;
		piece(userdata, part(bytes, pos, pos + (size_t)size), true);
		noise = pos += (size_t)size;
	}
	if (noise < pos)
		piece(userdata, part(bytes, noise, pos), false);
	return pos;
}
