/*
 * Operation: something that takes several answers of the modem, as a table of steps. A step begins all that it can
 * at one time; when that has ended the next one begins.
 *
 * Owns: what is asked and not answered yet. Does not know: what the answers mean.
 * Lifetime: from operation_start() until its end was told, once; a modem that goes ends all of its own.
 * Called from: the files of manager/ that speak to the modem.
 *
 * One that takes turns waits until the one before it on the same modem has ended: enabling, connecting and the like
 * never meet.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <qmikit/device.h>

struct modem;
struct operation;

/* Why something did not work: the name of a D-Bus error of api-names.h, and a sentence. */
struct failure {
	const char *name;
	char text[192];
};

/* Begins the step, by the functions below; a step that begins nothing is over at once. */
struct step {
	const char *name; /* for the log: "read the identity" */
	void (*begin)(struct operation *operation);
};

/* `failure` NULL: it is done. */
typedef void (*operation_done_fn)(struct modem *modem, const struct failure *failure,
				  void *userdata);

/* An end that answers a method without outputs: `userdata` is the call. */
void operation_answer(struct modem *modem, const struct failure *failure, void *userdata);

/* Whether it waits for its turn. What only reads need not. */
enum operation_turn { OPERATION_IN_TURN, OPERATION_ASIDE };

/* -ENOMEM; `fn` (may be NULL) is not called then. */
QK_MUST_CHECK int operation_start(struct modem *modem, enum operation_turn turn,
				  const struct step *steps, size_t count, operation_done_fn fn,
				  void *userdata);
/* Whether one of a modem that takes turns has its turn. */
bool operations_have_turn(const struct modem *modem);
/* The port was away and is back: what was begun goes on, and what was asked for meanwhile begins. */
void operations_go_on(struct modem *modem);
/* Ends all operations of a modem that goes. */
void operations_cancel(struct modem *modem, const struct failure *failure);
/* Ends those that were started with `userdata`, which is not NULL; an answer that comes yet is nobody's. Not to be
 * called by a step or an answer of one of them. */
void operations_cancel_of(struct modem *modem, const void *userdata, const struct failure *failure);

struct modem *operation_modem(const struct operation *operation);
void *operation_data(const struct operation *operation);

/* An answer. `error` 0: `response` is decoded and good, and borrowed. Else the modem's refusal. `about` is the
 * question's. */
typedef void (*operation_answer_fn)(struct operation *operation, const void *response,
				    uint16_t error, const void *about);

/* What a refusal means. No answer in time is the end of the operation too, but for what it can do without. */
enum operation_need {
	OPERATION_NEEDS, /* the end of the operation; `take` is not called */
	OPERATION_TRIES, /* `take` is told; so it is of a service that the modem lacks */
	/* The same, and where no answer comes `take` is told OPERATION_NO_ANSWER. What only reads is asked twice. A
	 * modem that gives no other sign of life then is the end of the operation. */
	OPERATION_SPARES,
};

/* The error of an answer that did not come, or cannot be read. It is none of QMI's. */
#define OPERATION_NO_ANSWER UINT16_MAX

struct question {
	uint8_t service; /* asked by its client, unless `client` is another one */
	enum operation_need need;
	const struct qk_method *method;
	operation_answer_fn take; /* NULL: good is enough */
	const void *about;
	const void *request; /* only read while it is asked */
	struct qk_client *client;
	uint64_t timeout_usec; /* 0: as usual */
};

void operation_ask(struct operation *operation, const struct question *question);

/* The same by the AT port. `answer` NULL: none came. */
struct at_answer;
typedef void (*operation_at_fn)(struct operation *operation, const struct at_answer *answer,
				const void *about);

struct at_question {
	const char *command; /* "AT+CSQ"; only read while it is asked */
	enum operation_need need;
	operation_at_fn take;
	const void *about;
	uint64_t timeout_usec;
};

void operation_ask_at(struct operation *operation, const struct at_question *question);

/* News of the AT port that begin with `name` are waited for, else the operation fails. `take`: whether it was that. */
struct awaited_at {
	const char *name;
	bool (*take)(struct operation *operation, const char *line);
	uint64_t usec;
};

/* Begin it before what brings it about. */
void operation_await_at(struct operation *operation, const struct awaited_at *awaited);
/* News came. Whether an operation waited for it. */
bool operations_tell_at(struct modem *modem, const char *line);
/* The AT port is gone: no news will come. */
void operations_lose_at(struct modem *modem);

/* An indication, decoded. Whether it was what was waited for. */
typedef bool (*operation_news_fn)(struct operation *operation, const void *indication,
				  const void *about);

struct awaited {
	uint8_t service;
	enum operation_need need; /* whether the operation fails when it does not come */
	const struct qk_message *message;
	operation_news_fn take;
	const void *about;
	uint64_t usec; /* how long */
};

/* Waits for it. Begin it before what brings it about. */
void operation_await(struct operation *operation, const struct awaited *awaited);
/* It will not come: what the operation awaits is over; of one message, or (NULL) of all. */
void operation_stop_waiting(struct operation *operation, const struct qk_message *message);

/* The step lasts so long at least. */
void operation_wait(struct operation *operation, uint64_t usec);
/* When the step has ended, the last `steps` steps, itself among them, are begun again. */
void operation_repeat(struct operation *operation, size_t steps);

/* Allocates the client of a service, where there is none yet. */
void operation_allocate(struct operation *operation, uint8_t service, enum operation_need need);

/* Allocates a client of one's own, which `take` borrows: ref it to keep it. */
typedef void (*operation_client_fn)(struct operation *operation, struct qk_client *client,
				    void *about);
void operation_allocate_own(struct operation *operation, uint8_t service, operation_client_fn take,
			    void *about);

/* Waits for something that is not the modem's: until operation_end_hold() with the number that this gives, or 0 when
 * there is no memory (the operation fails then). */
unsigned int operation_hold(struct operation *operation);
/* Of an operation that has ended meanwhile: nothing happens. */
void operation_end_hold(struct modem *modem, unsigned int hold);

/* Ends the operation as soon as what runs has ended. The first failure counts. */
void operation_fail(struct operation *operation, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A negative errno or a QMI protocol error in words. */
void failure_from(struct failure *failure, int status, uint16_t error, const char *doing);
