/*
 * Ctl, words: a request as words of a command line, made into JSON by the rows of control-table.h.
 *
 * Owns: nothing. Does not know: sockets, what a request does.
 * Lifetime: none. Called from: ctl-client.c, tests.
 */
#pragma once

#include "control-table.h"

/* What is for the client itself. */
struct qk_ctl_options {
	const char *until;   /* "EVENT" or "EVENT:MEMBER=VALUE"; NULL: not given */
	const char *timeout; /* seconds; NULL: not given */
	bool help;           /* about the request `row` */
	const struct qk_control_row *row;
};

/*
 * "sms --from +49 --text hi", "card remove", "cell --rsrp -93 --modem 2", "time-scale 0.1": the words of a
 * name may stand apart; bare words fill the members in the order of the row. 0 and the request, or
 * -EINVAL with one line in `error`.
 */
QK_MUST_CHECK int qk_ctl_words(int count, char **words, struct qk_ctl_options *ret_options,
			       json_t **ret_request, char *error, size_t error_size);
