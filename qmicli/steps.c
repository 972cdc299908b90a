/*
 * Calling, listening and telling.
 *
 * Answers and indications are decoded into memory of their own, so that a run function can keep one while
 * the device goes on.
 */
#include "steps.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "json.h"
#include "text.h"

/* As the library has it for what it decodes itself. */
#define ARENA_MIN ((size_t)4 << 10)
#define ARENA_MAX ((size_t)1 << 20)

enum { USEC_PER_SEC = 1000000, TOLD_USEC = 30 * USEC_PER_SEC };

static const char failed[] = "operation failed";

/* An indication as it came. */
struct steps_news {
	struct steps_news *prev, *next;
	const struct qk_message *message;
	size_t size;
	uint8_t tlvs[];
};

/* Memory of an answer or an indication that is not overwritten. */
struct steps_kept {
	struct steps_kept *next;
	struct qk_arena answer, indication;
};

void steps_begin(struct steps *steps, struct session *session, const struct action *action,
		 struct output *out, struct failure *failure)
{
	*steps = (struct steps){
		.session = session,
		.action = action,
		.out = out,
		.failure = failure,
		.json = session->options->json,
		.timeout_sec = action->command->timeout_sec,
	};
}

static void drop_news(struct steps *steps, struct steps_news *news)
{
	DL_DELETE(steps->news, news);
	steps->news_count--;
	free(news);
}

void steps_end(struct steps *steps)
{
	steps->slot = qk_slot_free(steps->slot);
	/* What went wrong is told on a line of its own. */
	if (steps->bar)
		fputc('\n', stderr);
	while (steps->news)
		drop_news(steps, steps->news);
	for (struct steps_kept *kept = steps->kept, *next; kept; kept = next) {
		next = kept->next;
		free(kept->answer.base);
		free(kept->indication.base);
		free(kept);
	}
	free(steps->answer.base);
	free(steps->indication.base);
}

int steps_keep(struct steps *steps)
{
	struct steps_kept *kept = malloc(sizeof(*kept));

	if (!kept)
		return failure_set(steps->failure, EXIT_FAILED, "out of memory");
	*kept = (struct steps_kept){ steps->kept, steps->answer, steps->indication };
	steps->kept = kept;
	steps->answer = steps->indication = (struct qk_arena){ 0 };
	return 0;
}

static int grow(struct qk_arena *arena, size_t size)
{
	if (arena->size < size) {
		free(arena->base);
		arena->size = 0;
		arena->base = malloc(size);
		if (!arena->base)
			return -ENOMEM;
		arena->size = size;
	}
	arena->used = 0;
	return 0;
}

/* Decodes into the arena, which grows as needed. 0, -EBADMSG or -ENOMEM. */
static int decode(struct qk_arena *arena, const struct qk_message *message, struct qk_span tlvs,
		  const void **ret)
{
	for (size_t size = ARENA_MIN; size <= ARENA_MAX; size *= 4) {
		int r = grow(arena, size);
		void *decoded = r == 0 ? qk_arena_take(arena, message->size) : NULL;

		if (r == 0)
			r = decoded ? qk_decode(message, tlvs, arena, decoded) : -ENOBUFS;
		if (r == 0)
			*ret = decoded;
		if (r != -ENOBUFS)
			return r;
	}
	return -EBADMSG;
}

/* --- Calls */

static void on_answer(struct qk_client *client, int status, const struct qk_frame *frame,
		      void *userdata)
{
	struct steps *steps = userdata;

	(void)client;
	if (status == 0)
		status = decode(&steps->answer, steps->method->response, frame->tlvs,
				&steps->response);
	steps->calling.status = status;
	steps->calling.done = true;
}

static struct qk_span written(const struct qk_writer *writer)
{
	return (struct qk_span){ writer->start, (size_t)(writer->pos - writer->start) };
}

/* Encodes and sends. 0 or a negative errno. */
static int send_request(struct steps *steps, struct qk_client *client, const void *request,
			const struct qk_call_options *options)
{
	uint8_t *buffer = malloc(QK_FRAME_MAX);
	struct qk_writer writer = qk_writer(buffer, QK_FRAME_MAX);
	const struct qk_message *message = steps->method->request;
	int r = buffer ? 0 : -ENOMEM;

	if (r == 0 && request)
		r = qk_encode(message, request, &writer);
	if (r == 0)
		r = qk_call_raw(client, message->id, written(&writer), options, on_answer);
	free(buffer);
	return r;
}

/* The answer, be it a refusal; NULL on failure. */
static const struct qk_response *call(struct steps *steps, const struct qk_method *method,
				      const void *request)
{
	struct session *session = steps->session;
	struct qk_slot *slot = NULL;
	struct qk_call_options options = {
		.timeout_usec = session_timeout(session),
		.userdata = steps,
		.ret_slot = &slot,
	};
	struct qk_client *client;
	int r;

	if (session_client(session, (uint8_t)method->request->service, &client, steps->failure))
		return NULL;
	steps->method = method;
	steps->calling = (struct session_wait){ 0 };
	if (!options.timeout_usec)
		options.timeout_usec = steps->timeout_sec * (uint64_t)USEC_PER_SEC;
	r = send_request(steps, client, request, &options);
	if (r == 0)
		r = session_wait(session, &steps->calling, UINT64_MAX);
	slot = qk_slot_free(slot);
	if (r == 0)
		r = steps->calling.status;
	if (r == -EINTR)
		session_interrupted(session, steps->failure);
	else if (r < 0)
		session_failed(session, failed, r, steps->failure);
	return r < 0 ? NULL : steps->response;
}

/* What is wrong with a profile, and how often a code may be tried, is told in a field of its own. */
static void add_reason(const struct qk_message *message, const struct qk_response *response,
		       struct failure *f)
{
	static const struct text_row reasons[] = {
		TEXT_IF("extended-error-code", "ds profile error: {extended-error-code|unknown} "
					       "({extended-error-code:n})"),
		TEXT_IF("retries-remaining.verify-retries-left",
			"tries left: {/retries-remaining.verify-retries-left}, with the unblocking "
			"code {/retries-remaining.unblock-retries-left}"),
		TEXT_IF("retries-remaining.verify-left",
			"tries left: {/retries-remaining.verify-left}, with the unblocking "
			"code {/retries-remaining.unblock-left}"),
		/* of DMS, which had PINs before UIM, and keys of personalisation */
		TEXT_IF("pin-retries-status", "tries left: {verify-retries-left}, with the "
					      "unblocking code {unblock-retries-left}"),
		TEXT_IF("verify-retries-left", "tries left: {verify-retries-left}"),
		TEXT_IF("unblock-retries-left", "tries left: {unblock-retries-left}"),
		TEXT_END,
	};
	const struct text_scope scope = { .message = message, .decoded = response };
	struct output text = { 0 };

	text_print(&scope, reasons, &text);
	if (text.used)
		failure_hint(f, "%s", text.data);
	output_done(&text);
}

int steps_lack(struct steps *steps, const char *what)
{
	failure_hint(steps->failure, "--verbose shows what it sent");
	return failure_set(steps->failure, EXIT_BAD_ANSWER,
			   "%s: %s: the answer lacks '%s', or it cannot be read", failed,
			   steps->session->target->name, what);
}

static bool lacks_something(struct steps *steps, const struct qk_message *message,
			    const void *decoded)
{
	const char *missing = text_missing(message, decoded);

	if (missing)
		steps_lack(steps, missing);
	return missing;
}

/* Whether the answer can be used; else a failure is set. */
static bool judge(struct steps *steps, const struct qk_response *response, const char *doing)
{
	const struct qk_message *message = steps->method->response;

	if (!response->has_result || !response->result.status)
		return !lacks_something(steps, message, response);
	failure_refused(steps->failure, doing, response->result.error);
	add_reason(message, response, steps->failure);
	return false;
}

const void *steps_call(struct steps *steps, const struct qk_method *method, const void *request,
		       const char *doing)
{
	const struct qk_response *response = call(steps, method, request);

	return response && judge(steps, response, doing) ? response : NULL;
}

/* --- Indications */

static void on_indication(struct qk_client *client, const struct qk_message *message,
			  const void *decoded, const struct qk_frame *frame, void *userdata)
{
	struct steps *steps = userdata;
	struct steps_news *news;

	(void)client;
	if (!decoded || steps->news_count >= STEPS_NEWS_MAX)
		return;
	news = malloc(sizeof(*news) + frame->tlvs.size);
	if (!news)
		return;
	news->message = message;
	news->size = frame->tlvs.size;
	if (news->size)
		memcpy(news->tlvs, frame->tlvs.data, news->size);
	DL_APPEND(steps->news, news);
	steps->news_count++;
	steps->listening.done = true;
}

int steps_listen(struct steps *steps)
{
	struct qk_client *client;
	int r;

	if (steps->slot)
		return 0;
	r = session_client(steps->session, steps->action->service->id, &client, steps->failure);
	if (r)
		return r;
	r = qk_client_subscribe(client, on_indication, steps, NULL, &steps->slot);
	return r < 0 ? session_failed(steps->session, failed, r, steps->failure) : 0;
}

/* Takes the oldest of `message` out of those that wait. */
static const void *take_news(struct steps *steps, const struct qk_message *message)
{
	struct steps_news *news, *next;

	DL_FOREACH_SAFE(steps->news, news, next) {
		const void *decoded = NULL;
		const struct qk_span tlvs = { news->tlvs, news->size };
		int r;

		if (message && news->message != message)
			continue;
		steps->message = news->message;
		r = decode(&steps->indication, news->message, tlvs, &decoded);
		drop_news(steps, news);
		if (r == 0)
			return decoded;
	}
	return NULL;
}

uint64_t steps_patience(const struct steps *steps, uint64_t usual_usec)
{
	uint64_t usec = session_timeout(steps->session);

	return usec ? usec : usual_usec;
}

static const void *not_told(struct steps *steps, uint64_t usec)
{
	failure_set(steps->failure, EXIT_NO_ANSWER,
		    "%s: %s: timeout: the modem told nothing within %.3g s", failed,
		    steps->session->target->name, (double)usec / USEC_PER_SEC);
	return NULL;
}

const void *steps_wait(struct steps *steps, const struct qk_message *message, uint64_t usec)
{
	struct session *session = steps->session;
	uint64_t deadline = session_deadline(usec);

	while (true) {
		const void *decoded = take_news(steps, message);
		int r;

		if (decoded)
			return decoded;
		steps->listening = (struct session_wait){ 0 };
		r = session_wait(session, &steps->listening, deadline);
		if (r == -ETIMEDOUT)
			return not_told(steps, usec);
		if (r == -EINTR)
			session_interrupted(session, steps->failure);
		else if (r < 0)
			session_failed(session, failed, r, steps->failure);
		if (r < 0)
			return NULL;
	}
}

bool steps_interrupted(const struct steps *steps)
{
	return steps->failure->code > EXIT_SIGNAL;
}

void steps_forgive(struct steps *steps)
{
	*steps->failure = (struct failure){ .action = steps->failure->action };
}

void steps_warn(struct steps *steps)
{
	fprintf(stderr, "error: %s\n", steps->failure->text);
	steps_forgive(steps);
}

/* --- A row */

/* What an indication says of how it went, in one of two ways. True: well. */
static bool went_well(struct steps *steps, const struct qk_message *message, const void *decoded,
		      const char *doing)
{
	struct qk_field const *field;
	const void *value;
	int64_t number;

	if (qk_find(message, decoded, "indication-result", &field, &value) == 0) {
		number = qk_load_number(field, value);
		if (number)
			failure_refused(steps->failure, doing, (uint16_t)number);
		return !number;
	}
	if (qk_find(message, decoded, "indication-status", &field, &value) < 0)
		return true;
	number = qk_load_number(field, value);

	const char *name = qk_value_name(qk_field_values(field), number);

	if (number)
		failure_set(steps->failure, EXIT_REFUSED, "%s: the modem says: %s (%d)", doing,
			    name ? name : "unknown", (int)number);
	return !number;
}

const void *steps_told(struct steps *steps, const struct qk_message *message, uint64_t usec,
		       const char *doing)
{
	const void *decoded = steps_wait(steps, message, usec);

	if (!decoded || !went_well(steps, message, decoded, doing) ||
	    lacks_something(steps, message, decoded))
		return NULL;
	return decoded;
}

/* The indication that is the row's answer proper. */
static const void *wait_for_answer(struct steps *steps)
{
	const struct command *command = steps->action->command;

	return steps_told(steps, command_indication(command), steps_patience(steps, TOLD_USEC),
			  command->failure);
}

/* The answer; NULL on failure, with what the row has to print then. */
static const void *row_answer(struct steps *steps, const void *request)
{
	const struct command *command = steps->action->command;
	const struct command_course *course = command_course(command);
	const struct qk_method *method = command_method(command);
	const struct qk_response *response = call(steps, method, request);
	struct failure *f = steps->failure;

	if (!response || judge(steps, response, command->failure))
		return response;
	if (f->code == EXIT_REFUSED && course->refused && !steps->json &&
	    (!course->refused_with || course->refused_with == f->error))
		steps_show(steps, method->response, response, course->refused);
	return NULL;
}

/* What the answer lacks of what it is all about, though its definition lets it miss; NULL: nothing. */
static const char *needed(const struct command *command, const struct qk_message *message,
			  const void *answer)
{
	const struct text_scope scope = { .message = message, .decoded = answer };
	struct text_value value;

	for (const char *const *name = command_course(command)->needs; name && *name; name++)
		if (text_find(&scope, *name, &value) < 0)
			return *name;
	return NULL;
}

const void *steps_row(struct steps *steps, const void *request)
{
	const struct command *command = steps->action->command;
	const struct qk_method *method = command_method(command);
	const char *before = command_course(command)->before;
	struct qk_client *client;

	if (session_client(steps->session, steps->action->service->id, &client, steps->failure))
		return NULL;
	if (!method) {
		steps_show(steps, NULL, NULL, NULL);
		return "";
	}
	if (before)
		steps_say(steps, "%s", before);
	if (command->told && steps_listen(steps))
		return NULL;

	const struct qk_message *message = method->response;
	const void *answer = row_answer(steps, request);

	if (answer && command->told) {
		message = command_indication(command);
		answer = wait_for_answer(steps);
	}
	if (!answer)
		return NULL;

	const char *missing = needed(command, message, answer);

	/* libqmi's tool finds out while it prints. */
	if (!missing || !steps->json)
		steps_show(steps, message, answer, command->text);
	if (!missing)
		return answer;
	steps_lack(steps, missing);
	return NULL;
}

/* --- Telling */

void steps_show(struct steps *steps, const struct qk_message *message, const void *decoded,
		const struct text_row *rows)
{
	const struct text_scope scope = {
		.message = message,
		.decoded = decoded,
		.device = steps->session->target->name,
		.argument = steps->action->argument,
	};

	if (steps->json)
		json_print_answer(message, decoded, steps->out);
	else if (message)
		text_print(&scope, rows, steps->out);
}

void steps_say(struct steps *steps, const char *format, ...)
{
	va_list arguments;

	if (steps->json)
		return;
	va_start(arguments, format);
	output_vprintf(steps->out, format, arguments);
	va_end(arguments);
}

int steps_flush(struct steps *steps)
{
	int r = output_write(steps->out, stdout);

	if (r >= 0)
		return 0;
	/* Whoever read has enough, as head(1) does: there is nobody to tell. */
	if (r == -EPIPE) {
		steps->failure->code = EXIT_SIGNAL + SIGPIPE;
		return steps->failure->code;
	}
	return failure_set(steps->failure, EXIT_FAILED, "couldn't write to stdout: %s",
			   strerror(-r));
}

void steps_progress(struct steps *steps, const char *doing, uint64_t done, uint64_t total)
{
	static const char bar[] = "##############################"; /* when all is done */
	int width = sizeof(bar) - 1;
	double part = total ? (double)done / (double)total : 1;

	/* Where what is printed goes to the same terminal, its lines tell. */
	if (steps->session->options->silent || !isatty(STDERR_FILENO) ||
	    (!steps->json && isatty(STDOUT_FILENO)))
		return;
	steps->bar = done < total;
	fprintf(stderr, "\r%s [%-*.*s] %3.0f %%%s", doing, width, (int)(part * width), bar,
		part * 100, steps->bar ? "" : "\n");
	fflush(stderr);
}

const char *steps_setting(const struct steps *steps, const char *name)
{
	const struct action *action = options_action(steps->session->options, name);

	if (!action)
		return NULL;
	return action->argument ? action->argument : "";
}

double steps_number(const struct steps *steps, const char *name, double otherwise)
{
	const char *text = steps_setting(steps, name);

	return text ? strtod(text, NULL) : otherwise;
}
