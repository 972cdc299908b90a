/*
 * Sim: ports, bytes in, bytes out, time and faults (see sim.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "at-modem.h"
#include "modem.h"

/* Enough for the largest request and its answer, both decoded. */
#define ARENA_SIZE ((size_t)512 * 1024)

int qk_sim_new(const struct qk_sim_profile *profile, uint64_t seed, uint64_t now_usec,
	       struct qk_sim **ret)
{
	struct qk_sim *sim = calloc(1, sizeof(*sim));

	if (!sim)
		return -ENOMEM;
	sim->profile = profile;
	sim->clients = calloc(QK_SIM_CLIENTS_MAX, sizeof(*sim->clients));
	sim->arena = (struct qk_arena){ .base = malloc(ARENA_SIZE), .size = ARENA_SIZE };
	if (!sim->clients || !sim->arena.base) {
		qk_sim_free(sim);
		return -ENOMEM;
	}
	qk_sim_state_start(&sim->state, profile, seed, now_usec);
	for (size_t i = 0; i < profile->fault_count; i++) {
		int r = qk_sim_arm(sim, &profile->faults[i]);
		if (r < 0) {
			qk_sim_free(sim);
			return r;
		}
	}
	*ret = sim;
	return 0;
}

struct qk_sim *qk_sim_free(struct qk_sim *sim)
{
	if (!sim)
		return NULL;
	qk_sim_recorded_done(sim);
	qk_sim_atr_done(sim);
	qk_at_free(sim->at);
	while (sim->ports)
		qk_sim_detach(sim->ports);
	free(sim->arena.base);
	free(sim->clients);
	free(sim);
	return NULL;
}

int qk_sim_attach(struct qk_sim *sim, const struct qk_sim_sink *sink, void *userdata,
		  struct qk_sim_port **ret)
{
	struct qk_sim_port *port = calloc(1, sizeof(*port));

	if (!port)
		return -ENOMEM;
	*port = (struct qk_sim_port){
		.sim = sim,
		.next = sim->ports,
		.sink = *sink,
		.userdata = userdata,
	};
	sim->ports = port;
	*ret = port;
	return 0;
}

/* Late answers to a port that is gone or has a new user are for nobody. */
static void forget_delayed(struct qk_sim *sim, const struct qk_sim_port *port)
{
	size_t kept = 0;

	for (size_t i = 0; i < sim->delayed_count; i++) {
		if (sim->delayed[i].port == port)
			free(sim->delayed[i].data);
		else
			sim->delayed[kept++] = sim->delayed[i];
	}
	sim->delayed_count = kept;
	qk_sim_late_forget(sim, port, NULL);
}

void qk_sim_port_reset(struct qk_sim_port *port)
{
	free(port->input);
	port->input = NULL;
	port->input_size = 0;
	port->hung_up = false;
	forget_delayed(port->sim, port);
}

struct qk_sim_port *qk_sim_detach(struct qk_sim_port *port)
{
	if (!port)
		return NULL;
	struct qk_sim *sim = port->sim;
	for (size_t i = 0; i < sim->client_count; i++)
		if (sim->clients[i].port == port)
			sim->clients[i].port = NULL;
	for (struct qk_sim_port **at = &sim->ports; *at; at = &(*at)->next) {
		if (*at == port) {
			*at = port->next;
			break;
		}
	}
	qk_sim_port_reset(port);
	free(port);
	return NULL;
}

/* Takes whole frames off the front of `bytes`; what is left is half a frame. */
static struct qk_span take_frames(struct qk_sim_port *port, struct qk_span bytes)
{
	while (bytes.size) {
		struct qk_frame frame;
		size_t used = 0;
		int r = qk_frame_read(bytes, &frame, &used);
		if (r == 0)
			break;
		if (r > 0) {
			used = (size_t)r;
			qk_sim_request(port, &frame);
		} else if (!used) {
			used = 1;
		}
		bytes.data += used;
		bytes.size -= used;
	}
	return bytes;
}

static void keep_rest(struct qk_sim_port *port, struct qk_span rest)
{
	uint8_t *copy = NULL;

	/* qk_frame_read() asks for more only below the size of a frame; a rest that cannot be
	 * kept is dropped, as bytes are on a bad line */
	if (rest.size && rest.size <= QK_FRAME_MAX)
		copy = malloc(rest.size);
	if (copy)
		memcpy(copy, rest.data, rest.size);
	free(port->input);
	port->input = copy;
	port->input_size = copy ? rest.size : 0;
}

void qk_sim_input(struct qk_sim_port *port, struct qk_span bytes)
{
	struct qk_span all = bytes;
	uint8_t *joined = NULL;

	if (port->hung_up || !bytes.size)
		return;
	if (port->input_size) {
		joined = malloc(port->input_size + bytes.size);
		if (!joined)
			return;
		memcpy(joined, port->input, port->input_size);
		memcpy(joined + port->input_size, bytes.data, bytes.size);
		all = (struct qk_span){ joined, port->input_size + bytes.size };
	}
	keep_rest(port, take_frames(port, all));
	free(joined);
}

void qk_sim_send(struct qk_sim_port *port, struct qk_span bytes)
{
	if (!port->hung_up)
		port->sink.bytes(port->userdata, bytes);
}

static void hang_up(struct qk_sim_port *port)
{
	if (port->hung_up)
		return;
	qk_sim_port_reset(port);
	port->hung_up = true;
	port->sink.hang_up(port->userdata);
}

bool qk_sim_take_fault(struct qk_sim *sim, uint32_t kind, const struct qk_frame *frame,
		       struct qk_sim_fault *ret)
{
	return qk_sim_state_take_fault(&sim->state, kind, frame, ret);
}

int qk_sim_arm(struct qk_sim *sim, const struct qk_sim_fault *fault)
{
	return qk_sim_state_arm(&sim->state, fault);
}

/* Keeps an answer for later; when too many wait it is lost, as on a modem that is overrun. */
static void delay(struct qk_sim_port *port, uint64_t due_usec, size_t size)
{
	struct qk_sim *sim = port->sim;

	if (sim->delayed_count == QK_SIM_DELAYED_MAX)
		return;
	uint8_t *data = malloc(size);
	if (!data)
		return;
	memcpy(data, sim->output, size);
	sim->delayed[sim->delayed_count++] = (struct qk_sim_delayed){
		.due_usec = due_usec, .port = port, .data = data, .size = size
	};
}

/* An indication of a service that no public source has a name for. */
static const uint8_t unknown_service_frame[] = {
	0x01, 0x10, 0x00, 0x80, 0xee, 0x01, 0x04, 0x00, 0x00,
	0x77, 0x77, 0x04, 0x00, 0x10, 0x01, 0x00, 0x2a,
};

/* Bends the answer in sim->output. */
static void bend(struct qk_sim *sim, const struct qk_frame *frame, size_t *size)
{
	/* in this order: lengths are set wrong when nothing sets them right any more */
	static const uint32_t kinds[] = {
		QK_SIM_FAULT_DUPLICATE, QK_SIM_FAULT_HUGE,   QK_SIM_FAULT_TRANSACTION,
		QK_SIM_FAULT_OVERRUN,   QK_SIM_FAULT_LENGTH,
	};
	struct qk_sim_fault fault;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (qk_sim_take_fault(sim, kinds[i], frame, &fault))
			qk_sim_fault_bend(&fault, sim->output, size);
}

static void send_before(struct qk_sim_port *port, const struct qk_frame *frame)
{
	static const uint8_t noise[] = { 0x7e, 0x00, 0xff, 0x55, 0xaa };
	struct qk_sim_fault fault;

	if (qk_sim_take_fault(port->sim, QK_SIM_FAULT_NOISE, frame, &fault))
		for (uint32_t i = 0; i < fault.value; i++)
			qk_sim_send(port, (struct qk_span){ &noise[i % sizeof(noise)], 1 });
	if (qk_sim_take_fault(port->sim, QK_SIM_FAULT_SERVICE, frame, &fault))
		qk_sim_send(port, (struct qk_span){ unknown_service_frame,
						    sizeof(unknown_service_frame) });
}

void qk_sim_answer(struct qk_sim_port *port, const struct qk_frame *frame, size_t size)
{
	struct qk_sim *sim = port->sim;
	struct qk_sim_fault fault;

	if (qk_sim_take_fault(sim, QK_SIM_FAULT_DROP, frame, &fault))
		return;
	bend(sim, frame, &size);
	send_before(port, frame);
	if (qk_sim_take_fault(sim, QK_SIM_FAULT_CUT, frame, &fault)) {
		qk_sim_send(port, (struct qk_span){ sim->output, size / 2 });
		hang_up(port);
		return;
	}
	if (qk_sim_take_fault(sim, QK_SIM_FAULT_DELAY, frame, &fault)) {
		delay(port, qk_sim_after(&sim->state, (uint64_t)fault.value * 1000), size);
		return;
	}
	qk_sim_send(port, (struct qk_span){ sim->output, size });
	if (qk_sim_take_fault(sim, QK_SIM_FAULT_TWICE, frame, &fault))
		qk_sim_send(port, (struct qk_span){ sim->output, size });
}

uint64_t qk_sim_next_usec(const struct qk_sim *sim)
{
	uint64_t next = qk_sim_state_next_usec(&sim->state);

	if (qk_sim_late_next_usec(sim) < next)
		next = qk_sim_late_next_usec(sim);
	if (qk_sim_clients_next_usec(sim) < next)
		next = qk_sim_clients_next_usec(sim);

	for (size_t i = 0; i < sim->delayed_count; i++)
		if (sim->delayed[i].due_usec < next)
			next = sim->delayed[i].due_usec;
	for (const struct qk_sim_watcher *watcher = sim->watchers; watcher; watcher = watcher->next)
		if (watcher->due_usec < next)
			next = watcher->due_usec;
	return next;
}

void qk_sim_add_watcher(struct qk_sim *sim, struct qk_sim_watcher *watcher)
{
	watcher->due_usec = QK_SIM_NEVER;
	watcher->next = sim->watchers;
	sim->watchers = watcher;
}

void qk_sim_remove_watcher(struct qk_sim *sim, struct qk_sim_watcher *watcher)
{
	for (struct qk_sim_watcher **at = &sim->watchers; *at; at = &(*at)->next) {
		if (*at != watcher)
			continue;
		*at = watcher->next;
		if (sim->next_watcher == watcher)
			sim->next_watcher = watcher->next;
		return;
	}
}

void qk_sim_tell_watchers(struct qk_sim *sim, uint32_t changed)
{
	for (struct qk_sim_watcher *watcher = sim->watchers; watcher; watcher = sim->next_watcher) {
		sim->next_watcher = watcher->next;
		if (watcher->changed)
			watcher->changed(watcher, changed);
	}
}

static void run_due_watchers(struct qk_sim *sim)
{
	for (struct qk_sim_watcher *watcher = sim->watchers; watcher; watcher = sim->next_watcher) {
		sim->next_watcher = watcher->next;
		if (watcher->due_usec > sim->state.now_usec)
			continue;
		watcher->due_usec = QK_SIM_NEVER;
		watcher->due(watcher);
	}
}

static void send_due(struct qk_sim *sim)
{
	size_t i = 0;

	while (i < sim->delayed_count) {
		struct qk_sim_delayed late = sim->delayed[i];
		if (late.due_usec > sim->state.now_usec) {
			i++;
			continue;
		}
		memmove(&sim->delayed[i], &sim->delayed[i + 1],
			(--sim->delayed_count - i) * sizeof(late));
		qk_sim_send(late.port, (struct qk_span){ late.data, late.size });
		free(late.data);
	}
}

void qk_sim_advance(struct qk_sim *sim, uint64_t now_usec)
{
	qk_sim_state_advance(&sim->state, now_usec);
	send_due(sim);
	qk_sim_late_run(sim, 0);
	qk_sim_notify(sim);
	qk_sim_clients_run(sim);
	run_due_watchers(sim);
	qk_sim_notify(sim);
}

struct qk_sim_state *qk_sim_state(struct qk_sim *sim)
{
	return &sim->state;
}
