/*
 * AT: ports, characters in and out (see at.h). Lines are run in at-line.c.
 */
#include "at-news.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "modem.h"

#define CTRL_Z 26
#define ESC 27
/* 6 January 1980: what the clock shows when nobody has set it, as the chip counts [C]. */
#define CLOCK_START_SEC 315964800

/* Sets the watcher's deadline by what waits. */
static void set_due(struct qk_at *at)
{
	const uint64_t dues[] = { at->sms_usec, at->phonebook_usec, at->power_down_usec,
				  at->ring_usec };
	uint64_t due = at->crash || at->fastboot ? at->state->now_usec : QK_SIM_NEVER;

	for (size_t i = 0; i < sizeof(dues) / sizeof(dues[0]); i++)
		if (dues[i] < due)
			due = dues[i];
	for (const struct qk_at_port *port = at->ports; port; port = port->next) {
		uint64_t patience = port->typed_usec + QK_AT_PATIENCE_USEC;
		if (port->wait.poll && port->wait.due_usec < due)
			due = port->wait.due_usec;
		if (port->held_size && !port->running && patience < due)
			due = patience;
	}
	at->watcher.due_usec = due;
}

static void on_changed(struct qk_sim_watcher *watcher, uint32_t changed)
{
	struct qk_at *at = (struct qk_at *)((char *)watcher - offsetof(struct qk_at, watcher));

	qk_at_news(at, changed);
	for (struct qk_at_port *port = at->ports; port; port = port->next) {
		qk_at_poll(port);
		qk_at_flush(port);
	}
	set_due(at);
}

static void on_due(struct qk_sim_watcher *watcher)
{
	struct qk_at *at = (struct qk_at *)((char *)watcher - offsetof(struct qk_at, watcher));

	qk_at_power_due(at);
	qk_at_card_due(at);
	qk_at_ring_due(at);
	for (struct qk_at_port *port = at->ports; port; port = port->next) {
		qk_at_poll(port);
		if (!qk_at_is_busy(port))
			qk_at_release_held(port);
		qk_at_flush(port);
	}
	set_due(at);
}

/* The AT side of a modem, made when it is first asked for; NULL without memory. */
static struct qk_at *at_of(struct qk_sim *sim)
{
	if (sim->at)
		return sim->at;
	struct qk_at *at = calloc(1, sizeof(*at));

	if (!at)
		return NULL;
	*at = (struct qk_at){
		.sim = sim,
		.state = &sim->state,
		.watcher = { .changed = on_changed, .due = on_due },
		.sms_usec = QK_SIM_NEVER,
		.phonebook_usec = QK_SIM_NEVER,
		.power_down_usec = QK_SIM_NEVER,
		.ring_usec = QK_SIM_NEVER,
		.clock_utc_sec = CLOCK_START_SEC,
		.clock_usec = sim->state.now_usec,
		.sms_done = sim->state.booted & QK_SIM_BOOTED_SMS,
		.phonebook_done = sim->state.booted & QK_SIM_BOOTED_PHONEBOOK,
	};
	qk_at_settings_factory(at);
	qk_at_card_told(at);
	qk_at_radio_told(at);
	qk_sim_add_watcher(sim, &at->watcher);
	sim->at = at;
	return at;
}

void qk_at_free(struct qk_at *at)
{
	if (!at)
		return;
	while (at->ports)
		qk_at_detach(at->ports);
	qk_sim_remove_watcher(at->sim, &at->watcher);
	free(at);
}

int qk_at_attach(struct qk_sim *sim, enum qk_at_role role, const struct qk_at_sink *sink,
		 void *userdata, struct qk_at_port **ret)
{
	struct qk_at *at = at_of(sim);
	struct qk_at_port *port = at ? calloc(1, sizeof(*port)) : NULL;

	if (!port)
		return -ENOMEM;
	*port = (struct qk_at_port){
		.at = at,
		.next = at->ports,
		.role = role,
		.sink = *sink,
		.userdata = userdata,
	};
	qk_at_port_settings_restore(port);
	at->ports = port;
	*ret = port;
	return 0;
}

struct qk_at_port *qk_at_detach(struct qk_at_port *port)
{
	if (!port)
		return NULL;
	for (struct qk_at_port **at = &port->at->ports; *at; at = &(*at)->next) {
		if (*at == port) {
			*at = port->next;
			break;
		}
	}
	set_due(port->at);
	free(port);
	return NULL;
}

void qk_at_forget(struct qk_at_port *port)
{
	port->state = QK_AT_LINE_EMPTY;
	port->line_size = 0;
	port->running = false;
	port->wait = (struct qk_at_wait){ 0 };
	port->prompt = (struct qk_at_prompt){ 0 };
	port->held_size = 0;
	port->out_size = 0;
	set_due(port->at);
}

void qk_at_set_open(struct qk_at_port *port, bool open)
{
	if (open == port->open)
		return;
	port->open = open;
	qk_at_forget(port);
}

/* A fault: the port takes everything and says nothing. */
static bool is_mute(const struct qk_sim_state *state)
{
	return qk_sim_faults_find(&state->faults, QK_SIM_FAULT_AT_SILENT, state->now_usec, NULL);
}

void qk_at_flush(struct qk_at_port *port)
{
	if (is_mute(port->at->state))
		port->out_size = 0;
	if (!port->out_size)
		return;
	port->sink.bytes(port->userdata, (struct qk_span){ port->out, port->out_size });
	port->out_size = 0;
}

void qk_at_put(struct qk_at_port *port, const char *text, size_t size)
{
	while (size) {
		size_t room = sizeof(port->out) - port->out_size;
		size_t piece = size < room ? size : room;

		memcpy(port->out + port->out_size, text, piece);
		port->out_size += piece;
		text += piece;
		size -= piece;
		if (port->out_size == sizeof(port->out))
			qk_at_flush(port);
	}
}

static void echo(struct qk_at_port *port, char c)
{
	if (qk_at_get(port, QK_AT_SET_ECHO))
		qk_at_put(port, &c, 1);
}

/* The character before is taken back. */
static void erase(struct qk_at_port *port, size_t *size)
{
	if (!*size)
		return;
	(*size)--;
	if (qk_at_get(port, QK_AT_SET_ECHO))
		qk_at_put(port, "\b \b", 3);
}

static void end_line(struct qk_at_port *port)
{
	bool whole = port->state == QK_AT_LINE_BODY;

	port->state = QK_AT_LINE_EMPTY;
	if (whole)
		qk_at_run_line(port);
	else
		qk_at_release_held(port);
}

/* The first two characters of a line are "AT", or "A/" for the line before once more. */
static void begin_line(struct qk_at_port *port, char c)
{
	if (c == 'a' || c == 'A') {
		port->state = QK_AT_LINE_A;
		return;
	}
	bool was_a = port->state == QK_AT_LINE_A;
	port->state = QK_AT_LINE_EMPTY;
	if (was_a && (c == 't' || c == 'T')) {
		port->state = QK_AT_LINE_BODY;
		port->line_size = 0;
		port->too_long = false;
	} else if (was_a && c == '/') {
		qk_at_run_line(port);
	}
}

static void line_character(struct qk_at_port *port, char c)
{
	if (c == (char)qk_at_get(port, QK_AT_SET_S3)) {
		echo(port, c);
		end_line(port);
		return;
	}
	if (c == '\n' && port->state == QK_AT_LINE_EMPTY)
		return;
	if (c == (char)qk_at_get(port, QK_AT_SET_S5) && port->state == QK_AT_LINE_BODY) {
		erase(port, &port->line_size);
		return;
	}
	echo(port, c);
	port->typed_usec = port->at->state->now_usec;
	if (port->state != QK_AT_LINE_BODY) {
		begin_line(port, c);
		return;
	}
	if ((uint8_t)c < ' ')
		return;
	if (port->line_size == sizeof(port->line))
		port->too_long = true;
	else
		port->line[port->line_size++] = c;
}

static void prompt_character(struct qk_at_port *port, char c)
{
	if (c == ESC || c == CTRL_Z) {
		qk_at_prompt_done(port, c == ESC);
		return;
	}
	if (c == (char)qk_at_get(port, QK_AT_SET_S5)) {
		erase(port, &port->text_size);
		return;
	}
	echo(port, c);
	if (c == '\r' && port->prompt.lines)
		qk_at_put(port, "\n> ", 3);
	if (c == '\r' && port->prompt.lines)
		c = '\n';
	else if (c == '\r' || c == '\n')
		return;
	/* one more than fits tells that it was too long */
	if (port->text_size < sizeof(port->text))
		port->text[port->text_size++] = c;
}

static void character(struct qk_at_port *port, char c)
{
	if (port->prompt.done)
		prompt_character(port, c);
	else if (!port->running)
		line_character(port, c);
	else if (c != '\r' && c != '\n')
		qk_at_abort(port);
}

void qk_at_input(struct qk_at_port *port, struct qk_span bytes)
{
	struct qk_at *at = port->at;

	for (size_t i = 0; i < bytes.size; i++)
		if (at->state->booted & QK_SIM_BOOTED_AT)
			character(port, (char)bytes.data[i]);
	qk_at_flush(port);
	set_due(at);
	qk_sim_notify(at->sim);
}
