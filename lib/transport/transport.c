/*
 * Transport: the object. Bytes become frames here, and frames that the peer does not take yet wait
 * here.
 *
 * A frame is handed out of the buffer it was read into; nothing is copied but the rest that moves to
 * the front before a read. What is no frame is skipped up to the next one that is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/transport/internal.h"

/* cdc-wdm drops what a read cannot take, and the driver's own buffer is 4096 bytes. So a read is
 * always offered that much, also behind the longest frame that is whole but for its last byte. */
#define READ_MIN ((size_t)4096)
#define IN_MIN (2 * READ_MIN)
#define IN_MAX (QK_FRAME_MAX + READ_MIN)
#define QUEUE_MAX 64
/* How many markers inside a frame are looked at as the start of another one. */
#define CUT_TRIES 64
/* A transport without a descriptor cannot say when it is writable again. */
#define RETRY_USEC ((uint64_t)1000)

struct qk_transport_queued {
	struct qk_transport_queued *next;
	size_t size;
	uint8_t data[];
};

int qk_transport_new(const struct qk_transport_ops *ops, void *take_self, const char *name,
		     struct qk_transport **ret)
{
	struct qk_transport *t = calloc(1, sizeof(*t));

	if (t) {
		t->in = malloc(IN_MIN);
		t->name = strdup(name);
	}
	if (!t || !t->in || !t->name) {
		ops->close(take_self);
		if (t) {
			free(t->in);
			free(t->name);
		}
		free(t);
		return -ENOMEM;
	}
	t->in_size = IN_MIN;
	t->ops = *ops;
	t->self = take_self;
	t->queue_tail = &t->queue;
	*ret = t;
	return 0;
}

static void queue_pop(struct qk_transport *t)
{
	struct qk_transport_queued *first = t->queue;

	t->queue = first->next;
	if (!t->queue)
		t->queue_tail = &t->queue;
	t->queued--;
	free(first);
}

struct qk_transport *qk_transport_free(struct qk_transport *transport)
{
	if (!transport)
		return NULL;
	while (transport->queue)
		queue_pop(transport);
	transport->ops.close(transport->self);
	free(transport->in);
	free(transport->name);
	free(transport);
	return NULL;
}

const char *qk_transport_name(const struct qk_transport *transport)
{
	return transport->name;
}

int qk_transport_fd(const struct qk_transport *transport)
{
	return transport->ops.fd ? transport->ops.fd(transport->self) : -1;
}

bool qk_transport_wants_write(const struct qk_transport *transport)
{
	return transport->queue && !transport->send_error;
}

uint64_t qk_transport_wait_usec(const struct qk_transport *transport)
{
	uint64_t wait = UINT64_MAX;

	if (transport->ops.wait_usec)
		wait = transport->ops.wait_usec(transport->self);
	if (wait > RETRY_USEC && qk_transport_wants_write(transport) &&
	    qk_transport_fd(transport) < 0)
		wait = RETRY_USEC;
	return wait;
}

struct qk_transport_stats qk_transport_stats(const struct qk_transport *transport)
{
	return transport->stats;
}

/* Sending. */

static int enqueue(struct qk_transport *t, struct qk_span frame)
{
	struct qk_transport_queued *item = malloc(sizeof(*item) + frame.size);

	if (!item)
		return -ENOMEM;
	item->next = NULL;
	item->size = frame.size;
	memcpy(item->data, frame.data, frame.size);
	*t->queue_tail = item;
	t->queue_tail = &item->next;
	t->queued++;
	return 0;
}

int qk_transport_send(struct qk_transport *transport, struct qk_span frame)
{
	if (transport->error || transport->send_error)
		return transport->error ? transport->error : transport->send_error;
	if (transport->frame_limit && frame.size > transport->frame_limit)
		return -EMSGSIZE;
	if (transport->queued >= QUEUE_MAX)
		return -ENOBUFS;

	if (transport->queue)
		return enqueue(transport, frame);

	int r = transport->ops.send(transport->self, frame);

	/* A part of the frame may be on its way: not to be able to queue the rest is fatal. */
	if (r == -EAGAIN)
		r = enqueue(transport, frame);
	if (r < 0)
		transport->send_error = r;
	return r;
}

int qk_transport_flush(struct qk_transport *transport)
{
	while (transport->queue && !transport->send_error) {
		struct qk_span frame = { transport->queue->data, transport->queue->size };
		int r = transport->ops.send(transport->self, frame);

		if (r == -EAGAIN)
			return 0;
		if (r < 0)
			transport->send_error = r;
		else
			queue_pop(transport);
	}
	return transport->send_error;
}

/* Receiving. */

static struct qk_span unread(const struct qk_transport *t)
{
	return (struct qk_span){ t->in + t->start, t->end - t->start };
}

/* Markers in the rubbish behind a bad frame are no further bad frames: one is counted until the next
 * good one. */
static void skip(struct qk_transport *t, size_t size, bool was_frame)
{
	t->start += size;
	t->stats.skipped_bytes += size;
	if (was_frame && !t->lost)
		t->stats.bad_frames++;
	t->lost = t->lost || was_frame;
}

/* Bytes to the next marker behind the first byte, or to the end. */
static size_t to_next_marker(struct qk_span bytes)
{
	const uint8_t *next = memchr(bytes.data + 1, QK_QMUX_MARKER, bytes.size - 1);

	return next ? (size_t)(next - bytes.data) : bytes.size;
}

static bool tlvs_are_whole(struct qk_span tlvs)
{
	struct qk_cursor c = qk_cursor(tlvs);
	struct qk_tlv tlv;

	while (qk_cursor_tlv(&c, &tlv))
		;
	return c.error == 0;
}

/*
 * A frame that the peer cut short takes the start of the next one for its own end. It shows: its
 * TLVs do not fit it, or what follows it is no frame. If a frame that is whole in every respect then
 * lies inside it, that is the next one: returns where. 0 when there is no sign of such a thing.
 */
static size_t find_cut(struct qk_span bytes, const struct qk_frame *frame, size_t size)
{
	bool odd = !tlvs_are_whole(frame->tlvs);
	unsigned int tries = CUT_TRIES;

	if (!odd && (bytes.size == size || bytes.data[size] == QK_QMUX_MARKER))
		return 0;
	for (size_t at = to_next_marker(bytes); at < size && tries > 0; tries--) {
		struct qk_span rest = { bytes.data + at, bytes.size - at };
		struct qk_frame inner;
		int r = qk_frame_read(rest, &inner, NULL);

		if (r > 0 && tlvs_are_whole(inner.tlvs) && (odd || at + (size_t)r > size))
			return at;
		at += to_next_marker(rest);
	}
	return 0;
}

/* Takes the next frame out of what was read: 1, or 0 when more bytes are needed. */
static int next_frame(struct qk_transport *t, struct qk_frame *ret, struct qk_span *ret_bytes)
{
	while (t->start < t->end) {
		struct qk_span bytes = unread(t);
		size_t drop = 0, cut;
		struct qk_frame frame;
		int size = qk_frame_read(bytes, &frame, &drop);

		if (size == 0)
			return 0;
		if (size < 0) {
			skip(t, drop, bytes.data[0] == QK_QMUX_MARKER);
			continue;
		}
		cut = t->framed ? 0 : find_cut(bytes, &frame, (size_t)size);
		if (cut > 0) {
			skip(t, cut, true);
			continue;
		}
		t->start += (size_t)size;
		t->stats.frames++;
		t->lost = false;
		*ret = frame;
		if (ret_bytes)
			*ret_bytes = (struct qk_span){ bytes.data, (size_t)size };
		return 1;
	}
	return 0;
}

/* Where reads are messages: `size` new bytes that are whole frames by themselves do not continue
 * what waits in front of them. The modem cut that one short. */
static void drop_cut_message(struct qk_transport *t, size_t size)
{
	size_t waiting = t->end - t->start;
	struct qk_span fresh = { t->in + t->end, size };
	struct qk_frame frame;

	if (t->messages && waiting > 0 && qk_frame_read(fresh, &frame, NULL) > 0)
		skip(t, waiting, true);
}

/* Room for READ_MIN bytes at least behind those that wait. Few modems ever send a frame that takes all of it. */
static int make_room(struct qk_transport *t)
{
	uint8_t *in;

	if (t->start > 0) {
		memmove(t->in, t->in + t->start, t->end - t->start);
		t->end -= t->start;
		t->start = 0;
	}
	if (t->in_size == IN_MAX || (!t->framed && t->in_size >= t->end + READ_MIN))
		return 0;
	in = realloc(t->in, IN_MAX);
	if (!in)
		return -ENOMEM;
	t->in = in;
	t->in_size = IN_MAX;
	return 0;
}

/* Reads once. The count, 0 when there is nothing now, or what ended the transport. */
static int read_some(struct qk_transport *t)
{
	int r = make_room(t);

	if (r == 0)
		r = t->ops.receive(t->self, t->in + t->end, t->in_size - t->end);

	if (r == -ENOBUFS) {
		t->stats.bad_frames++; /* the driver lost one that was too long for it */
		return 1;
	}
	if (r == -EAGAIN)
		return 0;
	if (r == 0)
		r = t->end > t->start ? -EPROTO : -EPIPE;
	if (r > 0 && (size_t)r > t->in_size - t->end)
		r = -EIO;
	if (r < 0) {
		t->error = r;
		return r;
	}
	drop_cut_message(t, (size_t)r);
	t->drained = t->bytes && (size_t)r < t->in_size - t->end;
	t->end += (size_t)r;
	return r;
}

int qk_transport_read(struct qk_transport *transport)
{
	return transport->error ? transport->error : read_some(transport);
}

int qk_transport_next(struct qk_transport *transport, struct qk_frame *ret,
		      struct qk_span *ret_bytes)
{
	return next_frame(transport, ret, ret_bytes);
}

int qk_transport_receive(struct qk_transport *transport, struct qk_frame *ret,
			 struct qk_span *ret_bytes)
{
	/* Polling for writing tells nothing where several descriptors are behind one. */
	if (transport->framed && transport->queue)
		(void)!qk_transport_flush(transport);
	for (;;) {
		int r = next_frame(transport, ret, ret_bytes);

		if (r > 0)
			return r;
		if (transport->error)
			return transport->error;
		if (transport->drained) {
			transport->drained = false;
			return 0;
		}
		r = read_some(transport);
		if (r <= 0)
			return r;
	}
}
