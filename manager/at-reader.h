/*
 * AT reader: what a modem says on an AT port, taken apart: the answer to the command that runs, and what the modem
 * says by itself, before, behind and in the middle of it.
 *
 * Owns: the line that is not at its end yet. Does not know: ports, time, what an answer means.
 * Lifetime: pure functions on a struct of the caller's, all zero before the first byte.
 * Called from: at-port.c, tests.
 * Sources: ITU-T V.250 5.7 and 6.2 (result codes), 3GPP TS 27.007 (what is told unasked), Quectel's EC2x AT manual.
 */
#pragma once

#include <stdbool.h>
#include <qmikit/wire.h>

enum { AT_LINE_MAX = 4096, AT_COMMAND_MAX = 1024, AT_ANSWER_MAX = 65536 };

/* How a command ended. */
enum at_result {
	AT_RESULT_OK,
	AT_RESULT_CONNECT,
	AT_RESULT_ERROR,
	AT_RESULT_CME_ERROR,
	AT_RESULT_CMS_ERROR,
	AT_RESULT_NO_CARRIER,
	AT_RESULT_BUSY,
	AT_RESULT_NO_ANSWER,
	AT_RESULT_NO_DIALTONE,
};

struct at_answer {
	enum at_result result;
	int code; /* of CME and CMS, in words as well; -1: none that is known */
	const char *
		text; /* the lines before the result code with CR LF between them, without NUL; ends with one */
	size_t size;
	bool cut; /* it was longer than AT_ANSWER_MAX, or a line than AT_LINE_MAX */
};

/* `line` and `answer` are borrowed. */
struct at_reader_events {
	void (*answer)(void *userdata, const struct at_answer *answer);
	/* What is told unasked; one with a PDU has it behind a line feed. */
	void (*news)(void *userdata, const char *line);
	/* The modem wants text, which ends with Ctrl-Z, or with ESC for none. */
	void (*prompt)(void *userdata);
};

struct at_reader {
	char line[AT_LINE_MAX + 1];
	size_t size;
	bool too_long;
	char news[AT_LINE_MAX + 1];       /* one whose PDU comes in the next line; "": none */
	char command[AT_COMMAND_MAX + 1]; /* that runs; "": none */
	char *buffer;                     /* its answer; borrowed */
	size_t capacity, used;
	size_t breaks; /* ends of lines since the answer's last one */
	bool cut;
};

/* A command was sent, "AT+CSQ" without its end; `buffer` is kept until its answer was told, or at_reader_forget().
 * -EMSGSIZE: it is too long. */
QK_MUST_CHECK int at_reader_begin(struct at_reader *reader, const char *command, char *buffer,
				  size_t capacity);
/* Nobody waits for the answer any more: what comes of it is told as news that nobody knows. */
void at_reader_forget(struct at_reader *reader);

/* Bytes in any cut. What is called may begin a command. */
void at_reader_push(struct at_reader *reader, struct qk_span bytes,
		    const struct at_reader_events *events, void *userdata);
