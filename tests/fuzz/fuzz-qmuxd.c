/*
 * Fuzz target: bytes from a socket of qmuxd, read in both layouts.
 *
 * What must hold for any bytes: no read outside them; a message is not larger than the bytes, and written
 * again it reads the same; who guesses the layout of a whole message does not want more of it.
 */
#include <stdlib.h>
#include <string.h>

#include <qmikit/qmuxd.h>

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *buffer = malloc(QK_QMUXD_MAX);

	require(buffer);
	for (unsigned int i = QK_QMUXD_32; i <= QK_QMUXD_64; i++) {
		enum qk_qmuxd_layout layout = (enum qk_qmuxd_layout)i, guess;
		struct qk_span rest = { data, size };
		struct qk_qmuxd_message message;
		int r;

		while ((r = qk_qmuxd_read(rest, layout, &message)) > 0) {
			require((size_t)r <= rest.size);
			require(qk_qmuxd_guess(rest, &guess) != 0);
			write_again(buffer, &message, layout, (size_t)r);
			rest.data += r;
			rest.size -= (size_t)r;
		}
	}
	free(buffer);
	return 0;
}
