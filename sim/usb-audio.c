/*
 * USB function, audio stream: silence in, anything out, one packet a millisecond, so that a host's sound
 * system can have the modem's sound card open. No call is heard.
 *
 * A transfer ends when its last packet's millisecond is over, one after the other. At most
 * TRANSFERS_MAX wait. Source: Linux Documentation/usb/usbip_protocol.rst on packets' rows.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "usb-function.h"

#define TRANSFERS_MAX 64u
#define PACKET_USEC 1000u

struct transfer {
	uint32_t number, packets;
	size_t size; /* that are moved: all */
	uint64_t due_usec;
	uint8_t *answer; /* silence if it goes IN, and the packets' rows */
	size_t answer_size;
};

struct audio {
	struct qk_usb_function function;
	struct transfer transfers[TRANSFERS_MAX]; /* the first to end first */
	size_t count;
	uint64_t last_usec; /* when the last of them ends */
};

static uint64_t now(const struct audio *audio)
{
	return qk_sim_state(qk_usb_device_sim(audio->function.device))->now_usec;
}

/* Every packet is moved whole. The sum of their lengths; -EINVAL: more than the transfer has. */
static int fill_rows(const struct qk_usbip_command *command, uint8_t *rows)
{
	struct qk_cursor c = qk_cursor(command->rows);
	struct qk_writer w = qk_writer(rows, command->rows.size);
	size_t sum = 0;

	for (uint32_t i = 0; i < command->packets; i++) {
		uint32_t offset = (uint32_t)qk_cursor_uint(&c, 4, true);
		uint32_t length = (uint32_t)qk_cursor_uint(&c, 4, true);

		(void)qk_cursor_uint(&c, 8, true);
		sum += length;
		if (offset > command->length || length > command->length - offset)
			return -EINVAL;
		qk_write_uint(&w, offset, 4, true);
		qk_write_uint(&w, length, 4, true);
		qk_write_uint(&w, length, 4, true);
		qk_write_uint(&w, 0, 4, true);
	}
	return sum > command->length || c.error || w.error ? -EINVAL : (int)sum;
}

static int on_isochronous(struct qk_usb_function *function, const struct qk_usbip_command *command)
{
	struct audio *audio = (struct audio *)function;
	size_t silence = command->address & 0x80 ? command->length : 0;

	if (audio->count == TRANSFERS_MAX || command->length > QK_USBIP_TRANSFER_MAX)
		return -ENOMEM;
	uint8_t *answer = calloc(1, silence + command->rows.size);
	if (!answer)
		return -ENOMEM;
	int size = fill_rows(command, answer + silence);
	/* rows stand right behind the bytes that are moved */
	if (size < 0 || (silence && (size_t)size != silence)) {
		free(answer);
		return -EINVAL;
	}
	if (audio->last_usec < now(audio))
		audio->last_usec = now(audio);
	audio->last_usec += (uint64_t)command->packets * PACKET_USEC;
	audio->transfers[audio->count++] = (struct transfer){
		.number = command->number,
		.packets = command->packets,
		.size = (size_t)size,
		.due_usec = audio->last_usec,
		.answer = answer,
		.answer_size = silence + command->rows.size,
	};
	qk_usb_function_wake(function, audio->transfers[0].due_usec);
	return 0;
}

static void remove_transfer(struct audio *audio, size_t i)
{
	free(audio->transfers[i].answer);
	memmove(&audio->transfers[i], &audio->transfers[i + 1],
		(--audio->count - i) * sizeof(audio->transfers[0]));
}

static void on_due(struct qk_usb_function *function)
{
	struct audio *audio = (struct audio *)function;

	while (audio->count && audio->transfers[0].due_usec <= now(audio)) {
		const struct transfer *transfer = &audio->transfers[0];

		qk_usb_device_end_isochronous(
			function->device, transfer->number, transfer->size, transfer->packets,
			(struct qk_span){ transfer->answer, transfer->answer_size });
		remove_transfer(audio, 0);
	}
	qk_usb_function_wake(function, audio->count ? audio->transfers[0].due_usec : QK_SIM_NEVER);
}

static bool on_take_back(struct qk_usb_function *function, uint32_t number)
{
	struct audio *audio = (struct audio *)function;

	for (size_t i = 0; i < audio->count; i++) {
		if (audio->transfers[i].number == number) {
			remove_transfer(audio, i);
			return true;
		}
	}
	return false;
}

static void forget(struct qk_usb_function *function, bool on)
{
	struct audio *audio = (struct audio *)function;

	(void)on;
	while (audio->count)
		remove_transfer(audio, 0);
	qk_usb_function_wake(function, QK_SIM_NEVER);
}

static void close_audio(struct qk_usb_function *function)
{
	struct audio *audio = (struct audio *)function;

	while (audio->count)
		remove_transfer(audio, 0);
}

const struct qk_usb_function_type qk_usb_audio_function = {
	.size = sizeof(struct audio),
	.close = close_audio,
	.configure = forget,
	.isochronous = on_isochronous,
	.take_back = on_take_back,
	.due = on_due,
};
