/*
 * Control, its table: what can be asked, a row a request, and what a row's function gets.
 *
 * Owns: nothing; tables and their shape. Does not know: users, sockets.
 * Lifetime: that of the program. Called from: control.c, the requests in control-*.c, ctl-client.c
 * (which reads words by the same rows).
 *
 * To add a request: a struct for its arguments, rows for its members, a function, a row in the table of
 * its file. The help, the client's options and the refusals follow.
 */
#pragma once

#include "control.h"
#include "profile-read.h"

/* The largest struct of arguments. */
#define QK_CONTROL_ARGUMENTS_MAX 4096u

struct qk_control_modem;

/* A request that is being carried out. */
struct qk_control_call {
	struct qk_control *control;
	struct qk_control_modem *modem;
	struct qk_sim *sim;
	struct qk_sim_state *state;
	size_t number; /* of the modem */
	const void *arguments;
	uint32_t given; /* bit i: member i of the row was there */
	json_t *answer; /* an object; `ok` is set by who calls */
	char *error;
	size_t error_size;
};

struct qk_control_row {
	const char *name, *sentence;
	const struct qk_sim_member *members; /* bare words of the client fill them in this order */
	size_t count, size;                  /* of the members; of the struct they are in */
	int (*fn)(struct qk_control_call *call);
	/* Sets what the arguments are where they are not given; NULL: 0. */
	void (*prepare)(const struct qk_sim_state *state, void *arguments);
	bool partial; /* each member may be left out */
	bool all;     /* it is about all modems: `modem` is refused, `sim` is NULL */
};

struct qk_control_rows {
	const struct qk_control_row *rows;
	size_t count;
};

extern const struct qk_control_rows qk_control_status_rows, qk_control_radio_rows,
	qk_control_card_rows, qk_control_data_rows, qk_control_message_rows,
	qk_control_position_rows, qk_control_oma_rows, qk_control_power_rows, qk_control_usb_rows,
	qk_control_fault_rows;

/* The i-th row of all, or NULL past the end; the row of a name, or NULL. */
const struct qk_control_row *qk_control_row(size_t i);
const struct qk_control_row *qk_control_find(const char *name, size_t size);

/* Makes the line for a person; always -EINVAL. */
int qk_control_refuse(struct qk_control_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The modem behind a number, or NULL. */
struct qk_sim *qk_control_modem_at(const struct qk_control *control, size_t number);

/* control-words.c: names of the model's values that no profile has; each list ends with a NULL name. */
extern const struct qk_sim_word qk_control_modes[], qk_control_registrations[],
	qk_control_applications[], qk_control_steps[], qk_control_guises[];
/* The name of a value, or "unknown". */
const char *qk_control_word(const struct qk_sim_word *words, uint32_t value);

/* control-status.c: parts of the model as objects. */
json_t *qk_control_registration(const struct qk_sim_state *state);
json_t *qk_control_card(const struct qk_sim_state *state);
/* control-show.c: the same of what is a list in the model. */
json_t *qk_control_bearer(const struct qk_sim_bearer *bearer);
json_t *qk_control_networks(const struct qk_sim_state *state);
json_t *qk_control_data(const struct qk_sim_state *state);
/* control-messages.c */
json_t *qk_control_pdu(const struct qk_sim_sms_pdu *pdu);
json_t *qk_control_call(const struct qk_sim_call_info *info);
const char *qk_control_store(uint32_t store);
/* control-position.c */
json_t *qk_control_gnss(const struct qk_sim_state *state);

/* For rows: where a member is, and how many there are. */
#define QK_CONTROL_AT(type, member) \
	offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define QK_CONTROL_COUNT(array) (sizeof(array) / sizeof((array)[0]))
