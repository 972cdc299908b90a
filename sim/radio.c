/*
 * Radio: choosing a network and being let in (see radio.h). What is marked [C] or [U] here was not seen on a
 * real modem; docs/virtual-modem.md lists it.
 */
#include "radio.h"
#include "profile.h"
#include "state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/3gpp/plmn.h"
#include "lib/3gpp/sim-file.h"

/* TS 24.301 5.5.1.2.6: after a refusal that may pass a modem tries again, five times in this rhythm, then in the
 * other. */
#define RETRY_USEC 10000000
#define LONG_RETRY_USEC 720000000
#define RETRIES 5
/* A network tells the time soon after it let the modem in [C]. */
#define TIME_USEC 500000

enum {
	CAUSE_IMSI_UNKNOWN = 2,
	CAUSE_ILLEGAL_UE = 3,
	CAUSE_ILLEGAL_ME = 6,
	CAUSE_NO_PACKET = 7,
	CAUSE_NO_SERVICES = 8,
	CAUSE_NO_PLMN = 11,
	CAUSE_NO_AREA = 12,
	CAUSE_NO_ROAMING_AREA = 13,
	CAUSE_NO_PACKET_PLMN = 14,
	CAUSE_NO_CELLS = 15,
};

static bool refuses_card(uint8_t cause)
{
	return cause == CAUSE_IMSI_UNKNOWN || cause == CAUSE_ILLEGAL_UE ||
	       cause == CAUSE_ILLEGAL_ME || cause == CAUSE_NO_SERVICES;
}

/* A refusal that waiting does not cure. */
static bool is_final(uint8_t cause)
{
	return refuses_card(cause) || cause == CAUSE_NO_PACKET || cause == CAUSE_NO_PLMN ||
	       cause == CAUSE_NO_AREA || cause == CAUSE_NO_ROAMING_AREA ||
	       cause == CAUSE_NO_PACKET_PLMN || cause == CAUSE_NO_CELLS;
}

static struct qk_plmn number_of(const struct qk_sim_plmn *plmn)
{
	return (struct qk_plmn){ plmn->mcc, plmn->mnc, plmn->mnc_digits };
}

static bool same_plmn(const struct qk_sim_plmn *a, const struct qk_sim_plmn *b)
{
	return a->mcc == b->mcc && a->mnc == b->mnc && (a->mnc_digits == 3) == (b->mnc_digits == 3);
}

bool qk_sim_radio_is_home(const struct qk_sim_state *state, const struct qk_sim_plmn *plmn)
{
	return same_plmn(plmn, &state->profile->network);
}

/* The list of forbidden networks on the card: its bytes, or nothing. */
static struct qk_span forbidden_list(const struct qk_sim_card *card)
{
	const struct qk_sim_file *file = qk_sim_card_find_id(card, QK_SIM_FILE_FPLMN);

	return file ? (struct qk_span){ card->bytes + file->at, file->size }
		    : (struct qk_span){ 0 };
}

bool qk_sim_radio_is_forbidden(const struct qk_sim_state *state, const struct qk_sim_plmn *plmn)
{
	struct qk_plmn list[64], wanted = number_of(plmn);
	size_t count = qk_plmn_list_read(forbidden_list(&state->card), list, NULL, 64);

	for (size_t i = 0; i < count; i++)
		if (qk_plmn_equal(&list[i], &wanted))
			return true;
	return false;
}

/* Puts a network on the list, at its end; the oldest makes way (TS 31.102 4.2.16). */
static void forbid(struct qk_sim_state *state, const struct qk_sim_plmn *plmn)
{
	struct qk_span list = forbidden_list(&state->card);
	const struct qk_plmn number = number_of(plmn);
	uint8_t *bytes = (uint8_t *)list.data;
	struct qk_plmn used;
	size_t at = 0;

	if (list.size < QK_PLMN_SIZE || qk_sim_radio_is_forbidden(state, plmn))
		return;
	while (at + QK_PLMN_SIZE <= list.size && qk_plmn_read(bytes + at, &used) == 0)
		at += QK_PLMN_SIZE;
	if (at + QK_PLMN_SIZE > list.size) {
		at -= QK_PLMN_SIZE;
		memmove(bytes, bytes + QK_PLMN_SIZE, at);
	}
	qk_plmn_write(&number, bytes + at);
}

/* A network that was chosen by hand and lets the modem in is forbidden no more. */
static void allow(struct qk_sim_state *state, const struct qk_sim_plmn *plmn)
{
	struct qk_span list = forbidden_list(&state->card);
	const struct qk_plmn number = number_of(plmn);
	uint8_t *bytes = (uint8_t *)list.data;
	struct qk_plmn used;

	for (size_t at = 0; at + QK_PLMN_SIZE <= list.size; at += QK_PLMN_SIZE)
		if (qk_plmn_read(bytes + at, &used) == 0 && qk_plmn_equal(&used, &number))
			memset(bytes + at, 0xff, QK_PLMN_SIZE);
}

/* Bits of the band masks, by radio interface and number of the band. */
static const struct {
	uint32_t rat;
	uint16_t band;
	uint64_t mask;
} band_bits[] = {
	{ QK_SIM_RAT_GSM, 450, 1ull << 16 },  { QK_SIM_RAT_GSM, 850, 1ull << 19 },
	{ QK_SIM_RAT_GSM, 900, 3ull << 8 },   { QK_SIM_RAT_GSM, 1800, 1ull << 7 },
	{ QK_SIM_RAT_GSM, 1900, 1ull << 21 }, { QK_SIM_RAT_UMTS, 1, 1ull << 22 },
	{ QK_SIM_RAT_UMTS, 2, 1ull << 23 },   { QK_SIM_RAT_UMTS, 3, 1ull << 24 },
	{ QK_SIM_RAT_UMTS, 4, 1ull << 25 },   { QK_SIM_RAT_UMTS, 5, 1ull << 26 },
	{ QK_SIM_RAT_UMTS, 6, 1ull << 27 },   { QK_SIM_RAT_UMTS, 7, 1ull << 48 },
	{ QK_SIM_RAT_UMTS, 8, 1ull << 49 },   { QK_SIM_RAT_UMTS, 9, 1ull << 50 },
	{ QK_SIM_RAT_UMTS, 19, 1ull << 60 },
};

static bool band_allowed(const struct qk_sim_selection *selection, const struct qk_sim_cell *cell)
{
	if (cell->rat == QK_SIM_RAT_LTE)
		return cell->band >= 1 && cell->band <= 64 &&
		       (selection->lte_bands >> (cell->band - 1) & 1);
	for (size_t i = 0; i < sizeof(band_bits) / sizeof(band_bits[0]); i++)
		if (band_bits[i].rat == cell->rat && band_bits[i].band == cell->band)
			return selection->bands & band_bits[i].mask;
	return false;
}

static bool is_heard(const struct qk_sim_state *state, const struct qk_sim_network *network)
{
	const struct qk_sim_selection *selection = &state->radio.selection;

	return !state->radio.uncovered && !network->hidden &&
	       network->cell.rat != QK_SIM_RAT_NONE &&
	       (network->cell.rat & selection->rats & state->profile->capabilities.rats) &&
	       band_allowed(selection, &network->cell);
}

/* Whether the modem may try this network at all. */
static bool may_try(const struct qk_sim_state *state, const struct qk_sim_network *network)
{
	const struct qk_sim_selection *selection = &state->radio.selection;
	const struct qk_sim_plmn chosen = { .mcc = selection->mcc,
					    .mnc = selection->mnc,
					    .mnc_digits = selection->mnc_digits };

	if (!is_heard(state, network))
		return false;
	if (selection->manual)
		return same_plmn(&network->plmn, &chosen) &&
		       (selection->manual_rat == QK_SIM_RAT_NONE ||
			selection->manual_rat == network->cell.rat);
	if (qk_sim_radio_is_forbidden(state, &network->plmn))
		return false;
	return selection->roaming == QK_SIM_ROAMING_ANY ||
	       qk_sim_radio_is_home(state, &network->plmn);
}

/* The place of a network in the order in which they are tried: less is earlier. */
static unsigned int rank(const struct qk_sim_state *state, size_t index)
{
	const struct qk_sim_network *network = &state->radio.networks[index];
	const struct qk_sim_selection *selection = &state->radio.selection;
	unsigned int order = 0;

	while (order < 3 && selection->order[order] && selection->order[order] != network->cell.rat)
		order++;
	return (qk_sim_radio_is_home(state, &network->plmn) ? 0 : 1000) + order * 100 +
	       (unsigned int)index;
}

static uint8_t cause_of(const struct qk_sim_network *network)
{
	return network->cause ? network->cause : network->forbidden ? CAUSE_NO_PLMN : 0;
}

/* The first network behind `after` in that order; QK_SIM_NETWORKS_MAX: none. */
static size_t next_network(const struct qk_sim_state *state, int after)
{
	size_t found = QK_SIM_NETWORKS_MAX;

	for (size_t i = 0; i < state->radio.network_count; i++)
		if (may_try(state, &state->radio.networks[i]) && (int)rank(state, i) > after &&
		    (found == QK_SIM_NETWORKS_MAX || rank(state, i) < rank(state, found)))
			found = i;
	return found;
}

/* The network that would let the modem in; QK_SIM_NETWORKS_MAX: none. */
static size_t best_network(const struct qk_sim_state *state)
{
	size_t i = next_network(state, -1);

	while (i < QK_SIM_NETWORKS_MAX && cause_of(&state->radio.networks[i]))
		i = next_network(state, (int)rank(state, i));
	return i;
}

/* Any cell for emergency calls: that of the lowest rank, whoever's it is. */
static size_t any_network(const struct qk_sim_state *state)
{
	size_t found = QK_SIM_NETWORKS_MAX;

	for (size_t i = 0; i < state->radio.network_count; i++)
		if (is_heard(state, &state->radio.networks[i]) &&
		    (found == QK_SIM_NETWORKS_MAX || rank(state, i) < rank(state, found)))
			found = i;
	return found;
}

static void set_registration(struct qk_sim_state *state, uint32_t registration)
{
	if (registration != state->registration)
		state->changed |= QK_SIM_CHANGED_REGISTRATION | QK_SIM_CHANGED_SIGNAL;
	state->registration = registration;
	if (registration != QK_SIM_REGISTERED)
		state->radio.time_at_usec = QK_SIM_NEVER;
}

/* The modem listens to this network's cell, or (QK_SIM_NETWORKS_MAX) to none. */
static void camp(struct qk_sim_state *state, size_t index)
{
	struct qk_sim_radio *radio = &state->radio;

	if (index != radio->serving)
		state->changed |= QK_SIM_CHANGED_REGISTRATION | QK_SIM_CHANGED_SIGNAL;
	radio->serving = (uint8_t)index;
	if (index == QK_SIM_NETWORKS_MAX) {
		state->cell = (struct qk_sim_cell){ 0 };
		return;
	}
	state->cell = radio->networks[index].cell;
	state->network = radio->networks[index].plmn;
	state->roaming = state->profile->roaming || !qk_sim_radio_is_home(state, &state->network);
}

static void note_refusal(struct qk_sim_state *state, size_t index)
{
	struct qk_sim_radio *radio = &state->radio;
	const struct qk_sim_network *network = &radio->networks[index];
	uint8_t cause = cause_of(network);

	radio->reject =
		(struct qk_sim_reject){ .cause = cause,
					.domain = cause == CAUSE_NO_PACKET ||
								  cause == CAUSE_NO_PACKET_PLMN
							  ? QK_SIM_DOMAIN_PS
							  : QK_SIM_DOMAIN_CS_PS,
					.rat = network->cell.rat,
					.plmn = network->plmn };
	radio->card_refused |= refuses_card(cause);
	if (cause == CAUSE_NO_PLMN && !qk_sim_radio_is_home(state, &network->plmn))
		forbid(state, &network->plmn);
	state->changed |= QK_SIM_CHANGED_REJECT;
}

static void enter(struct qk_sim_state *state, size_t index)
{
	struct qk_sim_radio *radio = &state->radio;

	camp(state, index);
	radio->reject = (struct qk_sim_reject){ 0 };
	radio->attempts = 0;
	if (radio->selection.manual)
		allow(state, &state->network);
	state->number_known = true;
	set_registration(state, QK_SIM_REGISTERED);
	qk_sim_card_note_location(state);
	if (!radio->time_known)
		radio->time_at_usec = qk_sim_after(state, TIME_USEC);
}

static void be_denied(struct qk_sim_state *state, size_t index)
{
	struct qk_sim_radio *radio = &state->radio;

	camp(state, index);
	set_registration(state, QK_SIM_DENIED);
	if (is_final(radio->reject.cause))
		return;
	state->register_at_usec =
		qk_sim_after(state, radio->attempts < RETRIES ? RETRY_USEC : LONG_RETRY_USEC);
	if (radio->attempts < RETRIES)
		radio->attempts++;
}

void qk_sim_radio_arrive(struct qk_sim_state *state)
{
	size_t refused = QK_SIM_NETWORKS_MAX;
	size_t i = state->radio.card_refused ? QK_SIM_NETWORKS_MAX : next_network(state, -1);

	state->register_at_usec = QK_SIM_NEVER;
	while (i < QK_SIM_NETWORKS_MAX && cause_of(&state->radio.networks[i])) {
		/* forbidding the network takes it out of the order, so look behind it first */
		size_t next = next_network(state, (int)rank(state, i));

		if (refused == QK_SIM_NETWORKS_MAX)
			refused = i;
		note_refusal(state, i);
		i = state->radio.card_refused ? QK_SIM_NETWORKS_MAX : next;
	}
	if (i < QK_SIM_NETWORKS_MAX) {
		enter(state, i);
	} else if (refused < QK_SIM_NETWORKS_MAX) {
		be_denied(state, refused);
	} else {
		camp(state, any_network(state));
		set_registration(state,
				 state->radio.card_refused ? QK_SIM_DENIED : QK_SIM_SEARCHING);
	}
}

static bool may_search(const struct qk_sim_state *state)
{
	return qk_sim_state_card_ready(state) && !state->radio.card_refused;
}

/* No card that a network would take: any cell will do for emergency calls. */
static void camp_without_card(struct qk_sim_state *state)
{
	state->register_at_usec = QK_SIM_NEVER;
	camp(state, any_network(state));
	set_registration(state, state->radio.card_refused && qk_sim_state_card_ready(state)
					? QK_SIM_DENIED
					: QK_SIM_SEARCHING);
}

void qk_sim_radio_settle(struct qk_sim_state *state, uint64_t delay_usec)
{
	size_t best = best_network(state);

	if (!qk_sim_state_has_radio(state)) {
		state->register_at_usec = QK_SIM_NEVER;
		state->radio.attempts = 0;
		set_registration(state, QK_SIM_NOT_REGISTERED);
	} else if (!may_search(state)) {
		camp_without_card(state);
	} else if (state->registration == QK_SIM_REGISTERED && best == state->radio.serving &&
		   best < QK_SIM_NETWORKS_MAX) {
		state->register_at_usec = QK_SIM_NEVER;
	} else if (next_network(state, -1) == QK_SIM_NETWORKS_MAX) {
		state->register_at_usec = QK_SIM_NEVER;
		camp(state, any_network(state));
		set_registration(state, QK_SIM_SEARCHING);
	} else {
		set_registration(state, QK_SIM_SEARCHING);
		state->register_at_usec = qk_sim_after(state, delay_usec);
	}
}

uint64_t qk_sim_radio_next_usec(const struct qk_sim_state *state)
{
	uint64_t time_usec = state->radio.time_at_usec;

	if (!(state->booted & QK_SIM_BOOTED_BUS))
		return QK_SIM_NEVER;
	return state->register_at_usec < time_usec ? state->register_at_usec : time_usec;
}

void qk_sim_radio_advance(struct qk_sim_state *state)
{
	struct qk_sim_radio *radio = &state->radio;

	if (state->now_usec >= state->register_at_usec)
		qk_sim_radio_arrive(state);
	if (state->now_usec >= radio->time_at_usec) {
		radio->time_at_usec = QK_SIM_NEVER;
		radio->time_known = true;
		state->changed |= QK_SIM_CHANGED_TIME;
	}
}

bool qk_sim_radio_has_packet(const struct qk_sim_state *state)
{
	return qk_sim_state_is_registered(state) && !state->radio.detached &&
	       state->radio.selection.domain != QK_SIM_DOMAIN_CS;
}

bool qk_sim_radio_has_circuit(const struct qk_sim_state *state)
{
	return qk_sim_state_is_registered(state) &&
	       state->radio.selection.domain != QK_SIM_DOMAIN_PS;
}

static bool is_possible(const struct qk_sim_state *state, const struct qk_sim_selection *selection)
{
	const struct qk_sim_capabilities *can = &state->profile->capabilities;
	uint32_t rats = selection->rats & can->rats;

	return (rats & QK_SIM_RAT_LTE && selection->lte_bands & can->lte_bands) ||
	       (rats & (QK_SIM_RAT_GSM | QK_SIM_RAT_UMTS) && selection->bands & can->bands);
}

int qk_sim_radio_select(struct qk_sim_state *state, const struct qk_sim_selection *selection,
			bool permanent)
{
	struct qk_sim_radio *radio = &state->radio;

	if (!is_possible(state, selection))
		return -EINVAL;
	if (memcmp(selection, &radio->selection, sizeof(*selection)) != 0)
		state->changed |= QK_SIM_CHANGED_SELECTION;
	bool was_attached = qk_sim_radio_has_packet(state);
	radio->selection = *selection;
	if (permanent)
		radio->stored = *selection;
	if (was_attached != qk_sim_radio_has_packet(state))
		state->changed |= QK_SIM_CHANGED_REGISTRATION;
	radio->attempts = 0;
	qk_sim_radio_settle(state, state->profile->timings.register_usec);
	return 0;
}

int qk_sim_radio_choose(struct qk_sim_state *state, const struct qk_sim_plmn *plmn, uint32_t rat,
			bool permanent)
{
	struct qk_sim_selection selection = state->radio.selection;

	selection.manual = plmn != NULL;
	selection.mcc = plmn ? plmn->mcc : 0;
	selection.mnc = plmn ? plmn->mnc : 0;
	selection.mnc_digits = plmn ? plmn->mnc_digits : 0;
	selection.manual_rat = plmn ? rat : QK_SIM_RAT_NONE;
	return qk_sim_radio_select(state, &selection, permanent);
}

bool qk_sim_radio_is_searching(const struct qk_sim_state *state)
{
	return state->register_at_usec != QK_SIM_NEVER && state->registration == QK_SIM_SEARCHING;
}

int qk_sim_radio_attach(struct qk_sim_state *state, bool on)
{
	if (on && !qk_sim_state_is_registered(state))
		return -ENETDOWN;
	if (on != state->radio.detached)
		return 0;
	state->radio.detached = !on;
	state->changed |= QK_SIM_CHANGED_REGISTRATION;
	return 0;
}
