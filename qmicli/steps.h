/*
 * Steps: what a command does on a session. Calls, one after the other; indications; what it says of
 * them, as text or as JSON.
 *
 * Owns: the last answer and the last indication; the indications that nobody asked for yet.
 * Does not know: any message.
 * Lifetime: one action: steps_begin() to steps_end().
 * Called from: main, which runs each action with it; the commands' own run functions.
 *
 * A command of one message needs nothing of this: its row says all (steps_row() runs it, also one whose
 * answer proper is an indication). A command of more has `run` in its row, a function that gets the
 * steps and the request that its argument made:
 *
 *	static int run_list(struct steps *steps, void *request)
 *	{
 *		const struct qk_x_list_response *list = steps_row(steps, request);
 *
 *		if (!list || steps_keep(steps))
 *			return steps->failure->code;
 *		for (size_t i = 0; i < list->items.count; i++) {
 *			const struct qk_x_get_request get = { ... };
 *			const struct qk_x_get_response *one =
 *				steps_call(steps, &qk_x_get_method, &get, "couldn't get it");
 *			...
 *		}
 *		return steps->failure->code;
 *	}
 *
 * Whatever gives NULL has filled `steps->failure`, in words and with the exit code: an answer that is a
 * refusal (EXIT_REFUSED, and `error`), one that does not come or lacks something, a signal
 * (EXIT_SIGNAL + its number), a modem that has gone. The function returns the code, or forgives it by
 * steps_forgive() and goes on. Client ids are given back by main in every case.
 *
 * wds-profile.c (a list, and the settings of each) and follow.c (indications until a signal comes) are
 * whole examples.
 */
#pragma once

#include "output.h"
#include "session.h"
#include "text.h"

/* Indications that are kept for those who ask later. What comes while so many wait is lost. */
enum { STEPS_NEWS_MAX = 256 };

#define STEPS_FOREVER UINT64_MAX

struct steps_news;
struct steps_kept;

struct steps {
	struct session *session;
	const struct action *action;
	struct output *out; /* what was printed and not yet written */
	struct failure *failure;
	bool json;
	unsigned int timeout_sec;         /* of each call; 0: as usual. At first the row's. */
	const struct qk_message *message; /* of the indication that came last */

	/* inside */
	struct session_wait calling, listening;
	const struct qk_method *method; /* of the call under way */
	const void *response;
	struct qk_slot *slot;    /* of the subscription */
	struct steps_news *news; /* in the order they came */
	size_t news_count;
	struct qk_arena answer, indication; /* of the last ones */
	struct steps_kept *kept;
	bool bar; /* one stands on the terminal and is not full */
};

/* Starts an action: its failures go to `failure`, what it prints to `out`. */
void steps_begin(struct steps *steps, struct session *session, const struct action *action,
		 struct output *out, struct failure *failure);
void steps_end(struct steps *steps);

/* Sends `request` (NULL: without TLVs) and waits for the answer: the decoded response, until the next
 * call; NULL on failure. `doing` is what is said when the modem refuses: "couldn't get model". */
__attribute__((warn_unused_result)) const void *steps_call(struct steps *steps,
							   const struct qk_method *method,
							   const void *request, const char *doing);

/* Does all that the action's row says: the words before, the call, the indication if its answer is one,
 * the text or JSON. The answer (or indication) as steps_call() and steps_wait() give it; NULL on
 * failure. Of a row without a message: the client is there; not NULL. */
__attribute__((warn_unused_result)) const void *steps_row(struct steps *steps, const void *request);

/* Keeps the indications of the action's service from now on. 0 or an exit code. */
__attribute__((warn_unused_result)) int steps_listen(struct steps *steps);

/* The oldest indication that is `message` (NULL: any; `steps->message` tells then) of those that came
 * since steps_listen(), or the next one that comes within `usec` (STEPS_FOREVER: until a signal). It is
 * decoded, until the next steps_wait(). NULL with EXIT_NO_ANSWER when none came, with EXIT_SIGNAL + its
 * number after a signal, else when the modem has gone. */
__attribute__((warn_unused_result)) const void *
steps_wait(struct steps *steps, const struct qk_message *message, uint64_t usec);

/* How long to wait for what the modem was asked to tell: as long as --timeout says, or so long. */
uint64_t steps_patience(const struct steps *steps, uint64_t usual_usec);

/* The same of an indication that says how something went: one that went wrong (its indication-result is
 * a QMI protocol error, its indication-status another word) or lacks something is a failure too. */
__attribute__((warn_unused_result)) const void *
steps_told(struct steps *steps, const struct qk_message *message, uint64_t usec, const char *doing);

/* The last answer or indication has not got `what`, which it is all about. EXIT_BAD_ANSWER. */
int steps_lack(struct steps *steps, const char *what);

/* Keeps what the last call and the last wait gave until steps_end(). 0 or an exit code. */
__attribute__((warn_unused_result)) int steps_keep(struct steps *steps);

/* Whether the failure is that a signal came, which ends what else would go on for ever. */
bool steps_interrupted(const struct steps *steps);

/* A failure that is none after all. */
void steps_forgive(struct steps *steps);
/* A failure that does not end the command: it is told on stderr, and forgiven. */
void steps_warn(struct steps *steps);

/* Prints rows (NULL: nothing) of a decoded message, or with --json the message as a document. Nothing is
 * written yet: it is when the action ends, or by steps_flush(). */
void steps_show(struct steps *steps, const struct qk_message *message, const void *decoded,
		const struct text_row *rows);

/* Prints text, which --json leaves out. */
__attribute__((format(printf, 2, 3))) void steps_say(struct steps *steps, const char *format, ...);

/* Writes what was printed so far, for whoever is looking. 0 or an exit code. */
__attribute__((warn_unused_result)) int steps_flush(struct steps *steps);

/* Shows on a terminal how far it has got: "doing [######      ]  40 %". Nothing where stderr is none, where what is
 * printed goes to it as well, or with --silent. */
void steps_progress(struct steps *steps, const char *doing, uint64_t done, uint64_t total);

/* The argument of an option that says something to commands (struct command, `setting`): its text, or
 * "" where it takes none; NULL: it was not given. */
const char *steps_setting(const struct steps *steps, const char *name);
/* Its number, or `otherwise`. */
double steps_number(const struct steps *steps, const char *name, double otherwise);
