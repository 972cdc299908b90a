/*
 * Request: a method of the bus whose answer takes answers of the modem: an operation whose data is the call.
 *
 * Owns: the call until it is answered, and the answer as it grows.
 * Does not know: what is asked. Lifetime: from request_start() to the one answer.
 * Called from: the files of manager/ that serve an interface.
 */
#pragma once

#include "api/object.h"
#include "modem.h"
#include "operation.h"

struct request {
	struct modem *modem;
	struct api_call *call;
	const json_t *in;       /* the arguments, until the answer */
	json_t *out;            /* the outputs; NULL: the method has none */
	json_t *notes;          /* an object: what a step keeps for those behind it */
	struct failure refusal; /* its name NULL: none */
	char path[64];          /* of the object it is for; "": the modem */
	const struct request_kind *kind;
};

/* What a method takes: the steps, and the least state of the modem in which it can be called. */
struct request_kind {
	const struct step *steps;
	size_t count;
	enum operation_turn turn;
	enum mm_modem_state least;
	/* Before the answer, where there still is a modem; NULL: nothing is to do. */
	void (*end)(struct request *request, const struct failure *failure);
};

/* Answers at once where the modem's state forbids it. */
void request_start(struct api_call *call, const json_t *in, struct modem *modem,
		   const struct request_kind *kind);
/* The same for an object of its own, which may go meanwhile: its path is kept. */
void request_start_on(struct api_call *call, const json_t *in, struct modem *modem,
		      const struct request_kind *kind, const char *path);

/* Of an operation that is a request's. */
struct request *request_of(const struct operation *operation);
const json_t *request_in(const struct operation *operation, size_t index);
/* "" where the argument is no text; 0 where it is no number. */
const char *request_text(const struct operation *operation, size_t index);
json_int_t request_number(const struct operation *operation, size_t index);

/* The answer, an array of the method's outputs; taken. */
void request_answer(struct operation *operation, json_t *take_out);
/* What the caller is told in the end; the steps go on. The first one counts. */
void request_refuse(struct operation *operation, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A wrong argument found before anything was begun. */
void request_invalid(struct api_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
