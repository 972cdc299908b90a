/*
 * Radio, the world outside: the networks of the profile, what a scan finds, the network's clock, and what
 * scenarios do to them (see radio.h).
 */
#include "radio.h"
#include "profile.h"
#include "seed.h"
#include "state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/3gpp/plmn.h"

static struct qk_sim_selection everything(const struct qk_sim_profile *profile)
{
	return (struct qk_sim_selection){
		.rats = profile->capabilities.rats,
		.bands = profile->capabilities.bands,
		.lte_bands = profile->capabilities.lte_bands,
		.order = { QK_SIM_RAT_LTE, QK_SIM_RAT_UMTS, QK_SIM_RAT_GSM },
		.domain = QK_SIM_DOMAIN_CS_PS,
	};
}

void qk_sim_radio_start(struct qk_sim_state *state)
{
	const struct qk_sim_profile *profile = state->profile;
	struct qk_sim_radio *radio = &state->radio;

	*radio = (struct qk_sim_radio){ .network_count = 1 };
	radio->networks[0] =
		(struct qk_sim_network){ .plmn = profile->network, .cell = profile->cell };
	for (size_t i = 0; i < profile->network_count && i + 1 < QK_SIM_NETWORKS_MAX; i++)
		radio->networks[radio->network_count++] = profile->networks[i];
	radio->stored = everything(profile);
	radio->utc_sec = profile->world.utc_sec;
	radio->zone_quarters = profile->world.zone_quarters;
	radio->saving_hours = profile->world.saving_hours;
	radio->time_usec = state->now_usec;
	qk_sim_radio_boot(state);
}

void qk_sim_radio_boot(struct qk_sim_state *state)
{
	struct qk_sim_radio *radio = &state->radio;

	radio->selection = radio->stored;
	radio->reject = (struct qk_sim_reject){ 0 };
	radio->detached = false;
	radio->card_refused = false;
	radio->time_known = false;
	radio->time_at_usec = QK_SIM_NEVER;
	radio->attempts = 0;
	radio->serving = 0;
	state->network = radio->networks[0].plmn;
	state->cell = radio->networks[0].cell;
	state->roaming = state->profile->roaming || !qk_sim_radio_is_home(state, &state->network);
	state->registration = QK_SIM_NOT_REGISTERED;
	state->register_at_usec = QK_SIM_NEVER;
}

uint64_t qk_sim_radio_scan_usec(const struct qk_sim_state *state)
{
	return state->profile->world.scan_usec;
}

static bool is_preferred(const struct qk_sim_profile *profile, const struct qk_sim_plmn *plmn)
{
	for (size_t i = 0; i < profile->preferred_count; i++)
		if (profile->preferred[i].mcc == plmn->mcc &&
		    profile->preferred[i].mnc == plmn->mnc)
			return true;
	return false;
}

static bool is_known(const struct qk_sim_found *list, size_t count, const struct qk_sim_found *one)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].rat == one->rat && list[i].plmn.mcc == one->plmn.mcc &&
		    list[i].plmn.mnc == one->plmn.mnc)
			return true;
	return false;
}

size_t qk_sim_radio_scan(const struct qk_sim_state *state, uint32_t rats, struct qk_sim_found *ret,
			 size_t max)
{
	const struct qk_sim_radio *radio = &state->radio;
	size_t count = 0;

	for (size_t i = 0; i < radio->network_count && count < max; i++) {
		const struct qk_sim_network *network = &radio->networks[i];
		const struct qk_sim_found found = {
			.plmn = network->plmn,
			.rat = network->cell.rat,
			.serving = i == radio->serving && qk_sim_state_is_registered(state),
			.home = qk_sim_radio_is_home(state, &network->plmn),
			.forbidden = qk_sim_radio_is_forbidden(state, &network->plmn),
			.preferred = is_preferred(state->profile, &network->plmn),
		};
		if (network->hidden ||
		    !(network->cell.rat & rats & state->profile->capabilities.rats) ||
		    is_known(ret, count, &found))
			continue;
		ret[count++] = found;
	}
	return count;
}

int64_t qk_sim_radio_utc_usec(const struct qk_sim_state *state)
{
	const struct qk_sim_radio *radio = &state->radio;

	if (!radio->time_known)
		return 0;
	return radio->utc_sec * 1000000 + (int64_t)(state->now_usec - radio->time_usec);
}

bool qk_sim_radio_time(const struct qk_sim_state *state, struct qk_sim_time *ret)
{
	time_t seconds = (time_t)(qk_sim_radio_utc_usec(state) / 1000000);
	struct tm tm;

	if (!state->radio.time_known || !gmtime_r(&seconds, &tm))
		return false;
	*ret = (struct qk_sim_time){
		.year = (uint16_t)(tm.tm_year + 1900),
		.month = (uint8_t)(tm.tm_mon + 1),
		.day = (uint8_t)tm.tm_mday,
		.hour = (uint8_t)tm.tm_hour,
		.minute = (uint8_t)tm.tm_min,
		.second = (uint8_t)tm.tm_sec,
		.weekday = (uint8_t)((tm.tm_wday + 6) % 7),
		.zone_quarters = state->radio.zone_quarters,
		.saving_hours = state->radio.saving_hours,
	};
	return true;
}

void qk_sim_radio_set_time(struct qk_sim_state *state, int64_t utc_sec, int8_t zone_quarters,
			   uint8_t saving_hours)
{
	struct qk_sim_radio *radio = &state->radio;

	radio->utc_sec = utc_sec;
	radio->time_usec = state->now_usec;
	radio->zone_quarters = zone_quarters;
	radio->saving_hours = saving_hours;
	if (!qk_sim_state_is_registered(state))
		return;
	radio->time_known = true;
	radio->time_at_usec = QK_SIM_NEVER;
	state->changed |= QK_SIM_CHANGED_TIME;
}

static const struct qk_sim_plmn *named(const struct qk_sim_state *state,
				       const struct qk_sim_plmn *plmn)
{
	const struct qk_sim_radio *radio = &state->radio;

	for (size_t i = 0; i < radio->network_count; i++)
		if (radio->networks[i].plmn.mcc == plmn->mcc &&
		    radio->networks[i].plmn.mnc == plmn->mnc && radio->networks[i].plmn.name[0])
			return &radio->networks[i].plmn;
	return qk_sim_radio_is_home(state, plmn) ? &state->profile->network : plmn;
}

void qk_sim_radio_name(const struct qk_sim_state *state, const struct qk_sim_plmn *plmn,
		       bool is_short, char *ret, size_t size)
{
	const struct qk_sim_plmn *known = named(state, plmn);
	const struct qk_plmn number = { plmn->mcc, plmn->mnc, plmn->mnc_digits };
	char digits[7];

	qk_plmn_text(&number, digits);
	if (!known->name[0])
		snprintf(ret, size, "%s", digits);
	else if (is_short && known->short_name[0])
		snprintf(ret, size, "%s", known->short_name);
	else
		snprintf(ret, size, "%.*s", is_short ? 15 : 47, known->name);
}

int qk_sim_radio_hide(struct qk_sim_state *state, size_t network, bool hidden)
{
	struct qk_sim_radio *radio = &state->radio;

	if (network != QK_SIM_ALL_NETWORKS && network >= radio->network_count)
		return -ENOENT;
	for (size_t i = 0; i < radio->network_count; i++)
		if (network == i || network == QK_SIM_ALL_NETWORKS)
			radio->networks[i].hidden = hidden;
	qk_sim_radio_settle(state, state->profile->timings.register_usec);
	return 0;
}

int qk_sim_radio_refuse(struct qk_sim_state *state, size_t network, uint8_t cause)
{
	struct qk_sim_radio *radio = &state->radio;
	bool serving = false;

	if (network != QK_SIM_ALL_NETWORKS && network >= radio->network_count)
		return -ENOENT;
	for (size_t i = 0; i < radio->network_count; i++) {
		if (network != i && network != QK_SIM_ALL_NETWORKS)
			continue;
		radio->networks[i].cause = cause;
		if (network == i && !cause)
			radio->networks[i].forbidden = false;
		serving |= i == radio->serving;
	}
	if (!cause)
		radio->card_refused = false;
	radio->attempts = 0;
	if (!qk_sim_state_has_radio(state))
		return 0;
	/* who is in is thrown out at once */
	if (cause && serving && qk_sim_state_is_registered(state))
		qk_sim_radio_arrive(state);
	else
		qk_sim_radio_settle(state, state->profile->timings.register_usec);
	return 0;
}

void qk_sim_radio_visit(struct qk_sim_state *state, const struct qk_sim_plmn *plmn)
{
	struct qk_sim_radio *radio = &state->radio;
	const struct qk_sim_plmn before = radio->networks[0].plmn;

	for (size_t i = 0; i < radio->network_count; i++)
		if (radio->networks[i].plmn.mcc == before.mcc &&
		    radio->networks[i].plmn.mnc == before.mnc)
			radio->networks[i].plmn = *plmn;
	if (radio->serving < radio->network_count)
		state->network = radio->networks[radio->serving].plmn;
	state->roaming = state->profile->roaming || !qk_sim_radio_is_home(state, &state->network);
	state->changed |= QK_SIM_CHANGED_REGISTRATION;
	if (qk_sim_state_is_registered(state))
		qk_sim_card_note_location(state);
	qk_sim_radio_settle(state, state->profile->timings.register_usec);
}

void qk_sim_state_set_signal(struct qk_sim_state *state, const struct qk_sim_cell *cell)
{
	struct qk_sim_radio *radio = &state->radio;
	size_t at = radio->serving < radio->network_count ? radio->serving : 0;
	bool moved = cell->area != state->cell.area || cell->cell_id != state->cell.cell_id;

	radio->uncovered = cell->rat == QK_SIM_RAT_NONE;
	if (!radio->uncovered) {
		radio->networks[at].cell = *cell;
		radio->networks[at].hidden = false;
		if (at == radio->serving)
			state->cell = *cell;
	}
	if (qk_sim_state_has_radio(state))
		state->changed |= QK_SIM_CHANGED_SIGNAL;
	/* The registration names the cell: it is told of, though it is the same otherwise [C]. */
	if (qk_sim_state_is_registered(state) && moved)
		state->changed |= QK_SIM_CHANGED_REGISTRATION;
	qk_sim_radio_settle(state, state->profile->timings.register_usec);
}
