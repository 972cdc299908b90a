/*
 * Control: what a person or a test does to the modems. Requests come as JSON, one answer each; events
 * go to who asked for them.
 *
 * Owns: a watcher in each modem, what it last told of it. Does not know: sockets, clocks, QMI, AT.
 * Lifetime: qk_control_new() to qk_control_free(), which comes before the modems end.
 * Called from: control-socket.c, scenario.c, tests. One thread.
 *
 * A request is {"do": NAME, "modem": NUMBER or "all", ...}; its further members are those of its row
 * (control-table.h). Without "modem" it is for modem 0. An answer is {"ok": true, ...} or
 * {"ok": false, "error": "one line"}. An event is {"event": NAME, "modem": NUMBER, "time": SECONDS, ...}
 * with the time since the modem was made.
 */
#pragma once

#include <jansson.h>

#include "sim.h"

/* The longest request: room for the longest text message, escaped. */
#define QK_CONTROL_LINE_MAX 65536u

struct qk_control;

/* Somebody who asks and may watch. He owns the struct and takes it back before the control ends. */
struct qk_control_user {
	/* One line of JSON, without its end; borrowed. May not call into the control. */
	void (*line)(void *userdata, const char *json, size_t size);
	void *userdata;
	uint32_t events; /* what he watches: bits by the order of the events' names */
	struct qk_control_user *next;
};

/* -ENOMEM. */
QK_MUST_CHECK int qk_control_new(struct qk_control **ret);
/* NULL is fine; returns NULL. */
struct qk_control *qk_control_free(struct qk_control *control);

/* The modems are numbered as they come. -ENOMEM. */
QK_MUST_CHECK int qk_control_add_modem(struct qk_control *control, struct qk_sim *sim);
/* Where modem `number` has the sockets of its qmuxd, for who asks for its status. -ENOMEM. */
QK_MUST_CHECK int qk_control_set_qmuxd(struct qk_control *control, size_t number,
				       const char *folder);
size_t qk_control_modem_count(const struct qk_control *control);

void qk_control_add_user(struct qk_control *control, struct qk_control_user *user);
void qk_control_remove_user(struct qk_control *control, struct qk_control_user *user);

/* One request, without its newline: exactly one answer goes to `user`, then the events it leads to. */
void qk_control_line(struct qk_control *control, struct qk_control_user *user, const char *line,
		     size_t size);

/* The answer to what is no request at all, such as a line that is too long. */
void qk_control_complain(struct qk_control_user *user, const char *error);

/* Whether a request could be carried out, as far as its members tell; -EINVAL with one line in `error`.
 * `user`'s requests (watch) are refused: there is nobody to answer. */
QK_MUST_CHECK int qk_control_check(const struct qk_control *control, const json_t *request,
				   char *error, size_t error_size);
/* Carries a checked request out and tells what has changed. What the modem refuses is -EINVAL with one
 * line in `error`; -ENOMEM. */
QK_MUST_CHECK int qk_control_do(struct qk_control *control, const json_t *request, char *error,
				size_t error_size);
