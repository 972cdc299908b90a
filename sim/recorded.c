/*
 * Recorded (see recorded.h).
 */
#include "recorded.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "modem.h"

#define STEPS_MAX 256
#define PATIENCE_USEC 300000000 /* longer than any answer takes */

/* The modem that nobody touches, and its last answer. */
struct qk_sim_pristine {
	struct qk_sim *sim;
	struct qk_sim_port *port;
	size_t size;
	bool answered;
	uint8_t answer[QK_FRAME_MAX];
};

static const struct qk_sim_recorded *find(const struct qk_sim_profile *profile,
					  const struct qk_frame *request)
{
	for (size_t i = 0; i < profile->recorded_count; i++) {
		const struct qk_sim_recorded *row = &profile->recorded[i];
		if (row->service == request->service && row->message == request->message &&
		    row->request_size == request->tlvs.size &&
		    (!row->request_size ||
		     memcmp(row->request, request->tlvs.data, row->request_size) == 0))
			return row;
	}
	return NULL;
}

/* Keeps the answer; indications are nobody's. */
static void on_bytes(void *userdata, struct qk_span bytes)
{
	struct qk_sim_pristine *pristine = userdata;
	struct qk_frame frame;

	if (qk_frame_read(bytes, &frame, NULL) <= 0 || frame.type != QK_RESPONSE)
		return;
	memcpy(pristine->answer, bytes.data, bytes.size);
	pristine->size = bytes.size;
	pristine->answered = true;
}

static void on_hang_up(void *userdata)
{
	(void)userdata;
}

static struct qk_sim_pristine *get_pristine(struct qk_sim *sim)
{
	static const struct qk_sim_sink sink = { .bytes = on_bytes, .hang_up = on_hang_up };
	struct qk_sim_pristine *pristine = sim->pristine;

	if (pristine)
		return pristine;
	pristine = calloc(1, sizeof(*pristine));
	if (!pristine)
		return NULL;
	if (qk_sim_new(sim->profile, sim->state.seed, sim->state.now_usec, &pristine->sim) < 0 ||
	    qk_sim_attach(pristine->sim, &sink, pristine, &pristine->port) < 0) {
		qk_sim_free(pristine->sim);
		free(pristine);
		return NULL;
	}
	pristine->sim->is_pristine = true;
	/* what goes wrong is no change of the model */
	pristine->sim->state.faults = (struct qk_sim_faults){ 0 };
	sim->pristine = pristine;
	return pristine;
}

/* A client of the service in the second modem. CTL has the client 0. */
static bool get_client(struct qk_sim_pristine *pristine, uint8_t service, uint8_t *ret)
{
	struct qk_sim *sim = pristine->sim;

	*ret = 0;
	if (service == QK_SERVICE_CTL)
		return true;
	for (size_t i = 0; i < sim->client_count; i++) {
		if (sim->clients[i].service == service) {
			*ret = sim->clients[i].id;
			return true;
		}
	}
	return qk_sim_client_allocate(sim, pristine->port, service, ret) == QK_ERROR_NONE;
}

/* Asks the second modem, and lets it take the time that it wants: its clock may go ahead. */
static void ask(struct qk_sim_pristine *pristine, const struct qk_frame *request, uint64_t now_usec)
{
	struct qk_sim *sim = pristine->sim;
	uint64_t next;

	pristine->answered = false;
	if (now_usec > sim->state.now_usec)
		qk_sim_advance(sim, now_usec);
	qk_sim_request(pristine->port, request);
	for (unsigned int i = 0; i < STEPS_MAX && !pristine->answered; i++) {
		next = qk_sim_next_usec(sim);
		if (next == QK_SIM_NEVER || next > now_usec + PATIENCE_USEC)
			return;
		qk_sim_advance(sim, next);
	}
}

/* Whether the second modem says just what `sim` says in `size` bytes of its output. */
static bool says_the_same(struct qk_sim *sim, const struct qk_frame *request, int size)
{
	struct qk_sim_pristine *pristine = get_pristine(sim);
	struct qk_frame asked = *request, mine, theirs;

	if (!pristine || !get_client(pristine, request->service, &asked.client))
		return false;
	ask(pristine, &asked, sim->state.now_usec);
	if (!pristine->answered ||
	    qk_frame_read((struct qk_span){ sim->output, (size_t)size }, &mine, NULL) <= 0 ||
	    qk_frame_read((struct qk_span){ pristine->answer, pristine->size }, &theirs, NULL) <= 0)
		return false;
	return mine.tlvs.size == theirs.tlvs.size &&
	       memcmp(mine.tlvs.data, theirs.tlvs.data, mine.tlvs.size) == 0;
}

int qk_sim_recorded(struct qk_sim *sim, const struct qk_frame *request, int size)
{
	const struct qk_sim_recorded *row = sim->is_pristine ? NULL : find(sim->profile, request);

	if (!row || size <= 0 || !says_the_same(sim, request, size))
		return size;
	struct qk_writer writer = qk_writer(sim->output, sizeof(sim->output));
	struct qk_frame frame = *request;
	frame.type = QK_RESPONSE;
	frame.from_modem = true;
	frame.tlvs = (struct qk_span){ row->response, row->response_size };
	size_t mark = qk_frame_begin(&writer, &frame);
	int written = qk_frame_end(&writer, mark);
	return written > 0 ? written : size;
}

void qk_sim_recorded_done(struct qk_sim *sim)
{
	if (sim->pristine)
		qk_sim_free(sim->pristine->sim);
	free(sim->pristine);
	sim->pristine = NULL;
}
