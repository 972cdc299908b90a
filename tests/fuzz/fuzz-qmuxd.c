/*
 * Fuzz target: bytes from a socket of qmuxd, read in both layouts.
 *
 * What must hold for any bytes: no read outside them; a message is not larger than the bytes, and written
 * again it reads the same; who guesses the layout of a whole message does not want more of it; what the
 * transport makes of it is a whole frame or nothing.
 */
#include <stdlib.h>
#include <string.h>

#include <qmikit/qmuxd.h>

#include "lib/transport/qmuxd-link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void write_again(uint8_t *buffer, const struct qk_qmuxd_message *message,
			enum qk_qmuxd_layout layout, size_t size)
{
	struct qk_writer w = qk_writer(buffer, QK_QMUXD_MAX);
	struct qk_qmuxd_message again;

	qk_qmuxd_write(&w, layout, message);
	require(!w.error && qk_writer_used(&w) == size);
	require(qk_qmuxd_read((struct qk_span){ buffer, size }, layout, &again) == (int)size);
	require(again.type == message->type && again.transaction == message->transaction &&
		again.service == message->service && again.client == message->client &&
		again.system_error == message->system_error &&
		again.payload.size == message->payload.size &&
		(!again.payload.size ||
		 !memcmp(again.payload.data, message->payload.data, again.payload.size)));
}

/* Asks for a client id, for the modem's services and something of DMS, so that there is what to answer. */
static void ask(struct qk_qmuxd_link *link, uint8_t *buffer)
{
	static const uint8_t allocate[] = { 0x01, 0x0f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
					    0x22, 0x00, 0x04, 0x00, 0x01, 0x01, 0x00, 0x02 };
	static const uint8_t versions[] = { 0x01, 0x0b, 0x00, 0x00, 0x00, 0x00,
					    0x00, 0x02, 0x21, 0x00, 0x00, 0x00 };
	static const uint8_t model[] = { 0x01, 0x0c, 0x00, 0x00, 0x02, 0x01, 0x00,
					 0x03, 0x00, 0x22, 0x00, 0x00, 0x00 };
	const struct qk_span frames[] = { { allocate, sizeof(allocate) },
					  { versions, sizeof(versions) },
					  { model, sizeof(model) } };

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct qk_writer w = qk_writer(buffer, QK_QMUXD_MAX);

		require(qk_qmuxd_link_say(link, frames[i], &w) == 0);
	}
}

static void hear(struct qk_qmuxd_link *link, const struct qk_qmuxd_message *message,
		 uint8_t *buffer)
{
	struct qk_writer w = qk_writer(buffer, QK_FRAME_MAX);
	int r = qk_qmuxd_link_hear(link, message, &w);
	size_t size = qk_writer_used(&w);
	struct qk_frame frame;

	require(r >= 0 && (r > 0) == (size > 0));
	require(r == 0 ||
		qk_frame_read((struct qk_span){ buffer, size }, &frame, NULL) == (int)size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *buffer = malloc(QK_QMUXD_MAX);

	require(buffer);
	for (unsigned int i = QK_QMUXD_32; i <= QK_QMUXD_64; i++) {
		enum qk_qmuxd_layout layout = (enum qk_qmuxd_layout)i, guess;
		struct qk_qmuxd_link link = { .layout = layout, .buffer = QK_QMUXD_BUFFER_2013 };
		struct qk_span rest = { data, size };
		struct qk_qmuxd_message message;
		int r;

		ask(&link, buffer);
		while ((r = qk_qmuxd_read(rest, layout, &message)) > 0) {
			require((size_t)r <= rest.size);
			require(qk_qmuxd_guess(rest, &guess) != 0);
			write_again(buffer, &message, layout, (size_t)r);
			hear(&link, &message, buffer);
			rest.data += r;
			rest.size -= (size_t)r;
		}
	}
	free(buffer);
	return 0;
}
