/*
 * UIM, what takes more than one message: switching slots, and watching slots and files until Ctrl+C.
 */
#include "uim.h"

#include <string.h>

#include <qmikit/uim.h>

#include "options.h"
#include "steps.h"

/* --- Switching */

/* The logical slot that some physical one is used as; 0: none is. */
static uint8_t used_slot(const struct qk_uim_get_slot_status_response *status)
{
	for (size_t i = 0; i < status->physical_slot_status.count; i++) {
		const struct qk_uim_physical_slot_status *slot =
			&status->physical_slot_status.items[i];

		if (slot->physical_slot_status == QK_UIM_SLOT_STATE_ACTIVE)
			return slot->logical_slot;
	}
	return 0;
}

int uim_run_switch_slot(struct steps *steps, void *request)
{
	struct qk_uim_switch_slot_request *change = request;
	const struct qk_uim_get_slot_status_response *status = steps_call(
		steps, &qk_uim_get_slot_status_method, NULL, "could not get slots status");

	if (!status)
		return steps->failure->code;
	if (!status->has_physical_slot_status)
		return steps_lack(steps, "physical-slot-status");
	if (change->physical_slot > status->physical_slot_status.count) {
		failure_hint(steps->failure, "--uim-get-slot-status lists them");
		return failure_set(steps->failure, EXIT_USAGE, "physical slot %u is unavailable",
				   change->physical_slot);
	}
	change->has_logical_slot = true;
	change->logical_slot = used_slot(status);
	if (!change->logical_slot)
		return failure_set(steps->failure, EXIT_REFUSED, "no active logical slot");
	return steps_row(steps, change) ? 0 : steps->failure->code;
}

/* --- Watching */

/* Calls what the row says without a word about it. 0 or an exit code. */
static int start(struct steps *steps, const void *request)
{
	const struct command *command = steps->action->command;

	if (steps_listen(steps))
		return steps->failure->code;
	return steps_call(steps, command_method(command), request, command->failure)
		       ? 0
		       : steps->failure->code;
}

/* Why nothing more comes: Ctrl+C is how one ends it, and no failure. */
static int finish(struct steps *steps)
{
	if (steps_interrupted(steps))
		steps_forgive(steps);
	return steps->failure->code;
}

static const struct text_row slots_news_text[] = {
	TEXT_LINE("[{@device}] Received slot status indication:\n"),
	{ .rows = uim_slots_text },
	TEXT_END,
};

int uim_run_monitor_slots(struct steps *steps, void *request)
{
	const struct qk_message *message = &qk_uim_slot_status_message;
	const struct qk_uim_slot_status_indication *news;

	if (start(steps, request))
		return steps->failure->code;
	while ((news = steps_wait(steps, message, STEPS_FOREVER))) {
		steps_show(steps, message, news, slots_news_text);
		if (!news->has_physical_slot_status)
			return steps_lack(steps, "physical-slot-status");
		if (steps_flush(steps))
			return steps->failure->code;
	}
	return finish(steps);
}

static void print_path(const struct text_scope *scope, struct output *out)
{
	struct qk_span path = text_bytes(scope, "path");

	output_printf(out, "    0x%x; path:", (unsigned int)text_number(scope, "file-id", 0));
	for (size_t i = 0; i + 1 < path.size; i += 2)
		output_printf(out, " 0x%x", path.data[i] | (unsigned int)path.data[i + 1] << 8);
	output_printf(out, path.size < 2 ? " <none>\n" : "\n");
}

static const struct text_row refresh_text[] = {
	TEXT_LINE("  Refresh stage: {stage}\n"
		  "  Refresh mode: {mode}\n"
		  "  Files:\n"),
	TEXT_WHERE("files", 0, "    <none>\n"),
	{ .when = TEXT_EACH, .path = "files", TEXT_PRINT(print_path) },
	TEXT_END,
};

static const struct text_row refresh_news_text[] = {
	TEXT_LINE("[{@device}] Received refresh indication:\n"),
	{ .when = TEXT_PRESENT, .path = "event", .rows = refresh_text },
	TEXT_END,
};

/* The card waits to hear that it may go on. What the modem says to that does not end the watching. */
static int complete(struct steps *steps)
{
	const struct qk_uim_refresh_complete_request done = {
		.has_session = true,
		.session = { .session_type = QK_UIM_SESSION_TYPE_CARD_SLOT_1 },
		.has_info = true,
		.info = { .refresh_success = true },
	};

	if (steps_call(steps, &qk_uim_refresh_complete_method, &done, "refresh complete failed"))
		return 0;
	if (steps->failure->code != EXIT_REFUSED && steps->failure->code != EXIT_NO_ANSWER)
		return steps->failure->code;
	steps_warn(steps);
	return 0;
}

int uim_run_monitor_refresh(struct steps *steps, void *request)
{
	const struct qk_message *message = &qk_uim_refresh_message;
	const struct qk_uim_refresh_indication *news;

	if (start(steps, request))
		return steps->failure->code;
	while ((news = steps_wait(steps, message, STEPS_FOREVER))) {
		steps_show(steps, message, news, refresh_news_text);
		if (!news->has_event)
			return steps_lack(steps, "event");
		if (steps_flush(steps))
			return steps->failure->code;
		if (news->event.stage == QK_UIM_REFRESH_STAGE_START &&
		    news->event.mode != QK_UIM_REFRESH_MODE_RESET && complete(steps))
			break;
	}
	return finish(steps);
}

/* --- The files to watch: the option is given once or more, a path each time */

_Static_assert(sizeof(struct qk_uim_refresh_register_request) % _Alignof(struct uim_watched) == 0,
	       "files may stand behind the request");

static int bad_path(struct qk_string path, struct failure *f)
{
	failure_hint(f, "it is " UIM_PATH_FORM);
	return failure_set(f, EXIT_USAGE, "invalid file path given: '%.*s'", (int)path.size,
			   path.data);
}

int uim_finish_watched(const struct action *action, unsigned int seen, void *request,
		       struct failure *failure)
{
	struct qk_uim_refresh_register_request *watch = request;
	/* The engine made room behind the struct, which keeps the alignment of its own members. */
	struct uim_watched *watched = (struct uim_watched *)(watch + 1);
	const char *at = action->argument;
	uint8_t *spare = watched->paths;
	size_t count = 0;

	(void)seen;
	if (strlen(at) > sizeof(watched->paths))
		return failure_set(failure, EXIT_USAGE,
				   "more than %zu characters of file paths given",
				   sizeof(watched->paths));
	do {
		struct qk_string path = { at, strcspn(at, " ") };
		struct qk_uim_file file;

		if (count == UIM_WATCHED_MAX)
			return failure_set(failure, EXIT_USAGE, "more than %d files given",
					   UIM_WATCHED_MAX);
		if (!uim_read_path(path, &file, &spare))
			return bad_path(path, failure);
		watched->files[count++] =
			(struct qk_uim_refresh_file){ file.file_id, file.file_path };
		at += path.size;
		at += strspn(at, " ");
	} while (*at);
	watch->info.files.items = watched->files;
	watch->info.files.count = count;
	return 0;
}
