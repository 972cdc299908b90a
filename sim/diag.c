/*
 * DIAG: frames and the few commands that are answered (see diag.h).
 */
#include "diag.h"

#include <string.h>

#include "profile.h"

#define END 0x7e
#define ESCAPE 0x7d
#define ESCAPE_BIT 0x20
#define CRC_SIZE 2u

#define VERSION_INFO 0x00
#define ESN 0x01
#define BAD_COMMAND 0x13
#define DIAG_VERSION 0x1c
#define BUILD_ID 0x7c

/* CRC-16 of X.25: polynomial 0x1021, bits reversed, all ones before and after. */
static uint16_t crc16(struct qk_span bytes)
{
	uint16_t crc = 0xffff;

	for (size_t i = 0; i < bytes.size; i++) {
		crc ^= bytes.data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0x8408 : crc >> 1);
	}
	return (uint16_t)~crc;
}

static void write_escaped(struct qk_writer *w, uint8_t byte)
{
	if (byte == END || byte == ESCAPE) {
		qk_write_uint(w, ESCAPE, 1, false);
		byte ^= ESCAPE_BIT;
	}
	qk_write_uint(w, byte, 1, false);
}

size_t qk_diag_frame(struct qk_span message, uint8_t *frame, size_t size)
{
	struct qk_writer w = qk_writer(frame, size);
	uint16_t crc = crc16(message);

	for (size_t i = 0; i < message.size; i++)
		write_escaped(&w, message.data[i]);
	write_escaped(&w, (uint8_t)crc);
	write_escaped(&w, (uint8_t)(crc >> 8));
	qk_write_uint(&w, END, 1, false);
	return w.error ? 0 : qk_writer_used(&w);
}

/* Text of a fixed width, filled up with zeros. */
static void write_text(struct qk_writer *w, const char *text, size_t width)
{
	static const uint8_t zeros[32];
	size_t size = strnlen(text, width);

	qk_write_bytes(w, (const uint8_t *)text, size);
	qk_write_bytes(w, zeros, width - size);
}

/* When the firmware was made and released, and what it is for [U]: constants, since no log of this
 * modem's answer is public. */
static void write_version_info(struct qk_writer *w, const struct qk_sim_state *state)
{
	(void)state;
	write_text(w, "Mar 16 2021", 11);
	write_text(w, "09:30:00", 8);
	write_text(w, "Mar 16 2021", 11);
	write_text(w, "09:30:00", 8);
	write_text(w, "MDM9607", 8);
	/* station class mark, common air interface, model, firmware, slot cycle, two of hardware */
	qk_write_uint(w, 0, 8, false);
}

static void write_esn(struct qk_writer *w, const struct qk_sim_state *state)
{
	(void)state;
	qk_write_uint(w, 0, 4, false); /* a modem without CDMA has none */
}

static void write_diag_version(struct qk_writer *w, const struct qk_sim_state *state)
{
	(void)state;
	qk_write_uint(w, 8, 2, false);
}

/* Version of the answer, two unused bytes, chip and model as numbers, then two strings. */
static void write_build_id(struct qk_writer *w, const struct qk_sim_state *state)
{
	const char *revision = state->identity.revision, *model = state->identity.model;

	qk_write_uint(w, 1, 1, false);
	qk_write_uint(w, 0, 2, false);
	qk_write_uint(w, 0, 8, false);
	qk_write_bytes(w, (const uint8_t *)revision, strlen(revision) + 1);
	qk_write_bytes(w, (const uint8_t *)model, strlen(model) + 1);
}

/* A command and what follows it in the answer. */
static const struct {
	uint8_t command;
	void (*write)(struct qk_writer *w, const struct qk_sim_state *state);
} commands[] = {
	{ VERSION_INFO, write_version_info },
	{ ESN, write_esn },
	{ DIAG_VERSION, write_diag_version },
	{ BUILD_ID, write_build_id },
};

/* What is not known is refused, and repeated behind the refusal. */
static void write_answer(struct qk_writer *w, struct qk_sim_state *state, struct qk_span request)
{
	struct qk_sim_fault fault;
	bool refuse = qk_sim_state_take_fault(state, QK_SIM_FAULT_DIAG_REFUSES, NULL, &fault);

	for (size_t i = 0; !refuse && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].command != request.data[0])
			continue;
		qk_write_uint(w, request.data[0], 1, false);
		commands[i].write(w, state);
		return;
	}
	qk_write_uint(w, BAD_COMMAND, 1, false);
	qk_write_bytes(w, request.data, request.size);
}

static void run(struct qk_span request, struct qk_sim_state *state, qk_diag_answer_fn answer,
		void *userdata)
{
	uint8_t message[QK_DIAG_MESSAGE_MAX], frame[QK_DIAG_FRAME_MAX];
	struct qk_writer w = qk_writer(message, sizeof(message));

	write_answer(&w, state, request);
	if (w.error)
		return;
	size_t size = qk_diag_frame((struct qk_span){ message, qk_writer_used(&w) }, frame,
				    sizeof(frame));
	if (size)
		answer(userdata, (struct qk_span){ frame, size });
}

/* What has come between two ends is a message when its CRC says so. */
static bool is_message(const struct qk_diag *diag)
{
	if (diag->too_long || diag->escaped || diag->size <= CRC_SIZE)
		return false;
	size_t size = diag->size - CRC_SIZE;
	uint16_t crc = crc16((struct qk_span){ diag->message, size });
	return diag->message[size] == (uint8_t)crc && diag->message[size + 1] == crc >> 8;
}

static void keep(struct qk_diag *diag, uint8_t byte)
{
	if (byte == ESCAPE && !diag->escaped) {
		diag->escaped = true;
		return;
	}
	if (diag->escaped)
		byte ^= ESCAPE_BIT;
	diag->escaped = false;
	if (diag->size == sizeof(diag->message))
		diag->too_long = true;
	else
		diag->message[diag->size++] = byte;
}

void qk_diag_input(struct qk_diag *diag, struct qk_sim_state *state, struct qk_span bytes,
		   qk_diag_answer_fn answer, void *userdata)
{
	for (size_t i = 0; i < bytes.size; i++) {
		if (bytes.data[i] != END) {
			keep(diag, bytes.data[i]);
			continue;
		}
		if (is_message(diag))
			run((struct qk_span){ diag->message, diag->size - CRC_SIZE }, state, answer,
			    userdata);
		diag->size = 0;
		diag->escaped = diag->too_long = false;
	}
}
