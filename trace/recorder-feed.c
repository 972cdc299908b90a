/*
 * Recorder feed: what passed becomes frames, and frames become records (see recorder.h).
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pcapng-write.h"
#include "recorder-cut.h"
#include "recorder.h"

/* What the cutter hands on with each piece. */
struct feed {
	struct qk_recorder_connection *connection;
	const struct qk_recorder_passed *passed;
	bool whole; /* there was a frame */
};

uint64_t qk_recorder_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void qk_recorder_write(struct qk_recorder_connection *connection, bool written, uint64_t time_nsec,
		       struct qk_span bytes, const struct qk_recorder_remote *remote)
{
	struct qk_recorder *recorder = qk_recorder();
	struct qk_link_header link = {
		.transport = connection->transport,
		.from_modem = written == atomic_load(&connection->modem_end),
		.service = remote ? remote->service : atomic_load(&connection->service),
		.pid = (uint32_t)getpid(),
		.connection = connection->number,
		.node = remote ? remote->node : atomic_load(&connection->node),
		.port = remote ? remote->port : atomic_load(&connection->port),
	};
	struct qk_pcapng_record record;

	memcpy(link.process, recorder->process, sizeof(link.process));
	memcpy(link.device, connection->device, sizeof(link.device));
	qk_pcapng_record(&link, time_nsec, bytes, &record);
	qk_recorder_file_append(&recorder->file, record.parts, 4, record.size);
}

static void piece(void *userdata, struct qk_span bytes, bool whole)
{
	struct feed *feed = userdata;
	struct qk_recorder_connection *connection = feed->connection;

	if (whole && atomic_load(&connection->perhaps))
		atomic_store(&connection->perhaps, false);
	feed->whole |= whole;
	if (!atomic_load(&connection->perhaps))
		qk_recorder_write(connection, feed->passed->written, feed->passed->time_nsec, bytes,
				  NULL);
}

static size_t cut(struct feed *feed, struct qk_recorder_side *side, struct qk_span bytes)
{
	return qk_recorder_cut(feed->connection->transport, bytes, &side->greeting, piece, feed);
}

/* Adds bytes to what has begun as a frame and takes off what is whole. As much as a frame can have
 * fits; what fills the buffer is a frame or none. */
static void add(struct feed *feed, struct qk_recorder_side *side, const uint8_t *data, size_t size)
{
	uint8_t *begun = feed->connection->begun[side - feed->connection->sides];

	if (!side->used) {
		size_t done = cut(feed, side, (struct qk_span){ data, size });
		data += done;
		size -= done;
	}
	while (size) {
		size_t room = QK_FRAME_MAX - side->used;
		size_t part = size < room ? size : room;
		memcpy(begun + side->used, data, part);
		side->used += part;
		data += part;
		size -= part;

		struct qk_span bytes = { begun, side->used };
		size_t done = cut(feed, side, bytes);
		if (done == 0 && side->used == QK_FRAME_MAX) {
			piece(feed, bytes, false);
			done = side->used;
		}
		side->used -= done;
		memmove(begun, begun + done, side->used);
	}
	side->time_nsec = feed->passed->time_nsec;
}

/* Somebody else is putting a frame together: what is whole is recorded, and the rest as it came. */
static void add_alone(struct feed *feed, const uint8_t *data, size_t size)
{
	struct qk_span bytes = { data, size };
	size_t greeting = 0;
	size_t done = qk_recorder_cut(feed->connection->transport, bytes, &greeting, piece, feed);

	if (done < size)
		piece(feed, (struct qk_span){ data + done, size - done }, false);
}

static void feed_parts(struct feed *feed, struct qk_recorder_side *side)
{
	const struct qk_recorder_passed *passed = feed->passed;
	size_t left = passed->size;

	for (size_t i = 0; i < passed->count && left; i++) {
		size_t size = passed->parts[i].iov_len < left ? passed->parts[i].iov_len : left;
		if (side)
			add(feed, side, passed->parts[i].iov_base, size);
		else
			add_alone(feed, passed->parts[i].iov_base, size);
		left -= size;
	}
}

/* The first byte that passed, or -1. */
static int first_byte(const struct qk_recorder_passed *passed)
{
	for (size_t i = 0; i < passed->count && passed->size; i++)
		if (passed->parts[i].iov_len)
			return *(const uint8_t *)passed->parts[i].iov_base;
	return -1;
}

/* Nothing that was written so far was a frame, and what is written now begins none. */
static bool is_refuted(const struct feed *feed, const struct qk_recorder_side *side)
{
	return atomic_load(&feed->connection->perhaps) && feed->passed->written && !side->used;
}

static void feed_stream(struct qk_recorder_connection *connection, int fd,
			const struct qk_recorder_passed *passed)
{
	struct feed feed = { .connection = connection, .passed = passed };
	struct qk_recorder_side *side = &connection->sides[passed->written ? 0 : 1];
	bool entered = qk_recorder_side_enter(side);

	feed_parts(&feed, entered ? side : NULL);
	bool refuted = entered && is_refuted(&feed, side);
	if (entered)
		qk_recorder_side_leave(side);
	if (refuted)
		qk_recorder_not(fd);
}

void qk_recorder_passed(int fd, uintptr_t value, const struct qk_recorder_passed *passed)
{
	struct qk_recorder *recorder = qk_recorder();
	int error = errno;

	if (value == QK_FD_PERHAPS && first_byte(passed) == QK_QMUX_MARKER)
		value = qk_recorder_adopt_perhaps(fd);
	else if (value == QK_FD_PERHAPS && passed->written && passed->size)
		qk_recorder_not(fd);

	struct qk_recorder_connection *connection = qk_recorder_connection(value);
	/* It may have been closed while the call waited. */
	if (connection && passed->size && qk_recorder_table_get(&recorder->table, fd) == value)
		feed_stream(connection, fd, passed);
	errno = error;
}

void qk_recorder_flush(struct qk_recorder_connection *connection)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct qk_recorder_side *side = &connection->sides[i];
		if (!qk_recorder_side_enter(side))
			continue;
		if (side->used && !atomic_load(&connection->perhaps))
			qk_recorder_write(connection, i == 0, side->time_nsec,
					  (struct qk_span){ connection->begun[i], side->used },
					  NULL);
		side->used = 0;
		qk_recorder_side_leave(side);
	}
}
