/*
 * Fuzz target: characters from a host into an AT port, with time passing and the world going on. A byte
 * 0xff lets a second pass, 0xfe lets the next thing happen: a message, a call, USSD, the card out and in,
 * the network gone and back. The modem must never read outside, and must answer a new port afterwards
 * unless it has been switched off.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/at.h"
#include "sim/radio.h"
#include "sim/sim.h"
#include "sim/sms.h"
#include "sim/voice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *userdata, struct qk_span bytes)
{
	*(size_t *)userdata += bytes.size;
}

static void happen(struct qk_sim *sim, unsigned int what)
{
	struct qk_sim_state *state = qk_sim_state(sim);
	uint8_t id;

	switch (what % 8) {
	case 0:
		(void)qk_sim_sms_receive_text(state, "+4912345", "h\xc3\xa9 @ you",
					      QK_SIM_SMS_CLASS_NONE);
		break;
	case 1:
		(void)qk_sim_voice_incoming(state, "+4912345", QK_SIM_NUMBER_ALLOWED, &id);
		break;
	case 2:
		(void)qk_sim_voice_remote(state, 1, QK_SIM_REMOTE_HANG_UP);
		break;
	case 3:
		(void)qk_sim_ussd_network(state, "notice", what & 8);
		break;
	case 4:
		qk_sim_card_set(state, QK_SIM_CARD_ABSENT, 0);
		break;
	case 5:
		qk_sim_card_set(state, QK_SIM_CARD_PRESENT, 0);
		break;
	case 6:
		(void)qk_sim_radio_hide(state, QK_SIM_ALL_NETWORKS, true);
		break;
	default:
		(void)qk_sim_radio_hide(state, QK_SIM_ALL_NETWORKS, false);
		break;
	}
	qk_sim_notify(sim);
}

/* AT&F and AT on a port of its own: only a modem that is off says nothing. */
static void check_alive(struct qk_sim *sim)
{
	static const struct qk_at_sink sink = { count };
	static const uint8_t line[] = "AT&FE1V1Q0\rAT\r";
	struct qk_at_port *port;
	size_t said = 0;

	if (qk_at_attach(sim, QK_AT_UART, &sink, &said, &port) < 0)
		abort();
	qk_at_set_open(port, true);
	qk_at_input(port, (struct qk_span){ line, sizeof(line) - 1 });
	if (!said && qk_sim_state(sim)->booted & QK_SIM_BOOTED_AT)
		abort();
	qk_at_detach(port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct qk_at_sink sink = { count };
	/* read once: that takes longer than all the rest */
	static struct qk_sim_profile *profile;
	struct qk_at_port *port = NULL;
	struct qk_sim *sim = NULL;
	unsigned int things = 0;
	size_t said = 0, start = 0;
	uint64_t now = 0;
	char error[256];

	if ((!profile && qk_sim_profile_load(NULL, &profile, error, sizeof(error)) < 0) ||
	    qk_sim_new(profile, 1, now, &sim) < 0 ||
	    qk_at_attach(sim, QK_AT_USBAT, &sink, &said, &port) < 0)
		abort();
	qk_at_set_open(port, true);
	for (size_t i = 0; i <= size; i++) {
		if (i < size && data[i] < 0xfe)
			continue;
		qk_at_input(port, (struct qk_span){ data + start, i - start });
		start = i + 1;
		if (i < size && data[i] == 0xfe)
			happen(sim, things++);
		qk_sim_advance(sim, now += 1000000);
	}
	check_alive(sim);
	qk_at_detach(port);
	qk_sim_free(sim);
	return 0;
}
