/*
 * NAS, selection: which networks there are, which of them the modem may use, and going there.
 *
 * What takes a search is answered when the search is over; a network that nobody hears or that refuses is
 * NoNetworkFound [U].
 */
#include <errno.h>
#include <string.h>

#include "lib/3gpp/plmn.h"
#include "lib/3gpp/sim-file.h"
#include "modem.h"
#include "nas.h"

#define USER_PLMN 0x6f60
#define REGISTER_MAX_USEC 120000000

/* How many digits an MNC has when the host does not say: those of a network that is known, else 3 when it needs
 * them. */
static uint8_t digits_of(const struct qk_sim_state *state, uint16_t mcc, uint16_t mnc)
{
	for (size_t i = 0; i < state->radio.network_count; i++)
		if (state->radio.networks[i].plmn.mcc == mcc &&
		    state->radio.networks[i].plmn.mnc == mnc)
			return state->radio.networks[i].plmn.mnc_digits;
	return mnc > 99 ? 3 : 2;
}

static struct qk_sim_plmn plmn_of(const struct qk_sim_state *state, uint16_t mcc, uint16_t mnc,
				  bool told, bool pcs_digit)
{
	return (struct qk_sim_plmn){
		.mcc = mcc,
		.mnc = mnc,
		.mnc_digits = told ? pcs_digit ? 3 : 2 : digits_of(state, mcc, mnc),
	};
}

/* Waits for the end of a search, then says how it ended. */
static uint16_t await_registration(struct qk_sim_call *call)
{
	const struct qk_sim_state *state = &call->sim->state;

	if (!qk_sim_radio_is_searching(state))
		return qk_sim_state_is_registered(state) ? QK_ERROR_NONE
							 : QK_ERROR_NO_NETWORK_FOUND;
	return qk_sim_later(call, qk_sim_after(state, REGISTER_MAX_USEC),
			    QK_SIM_CHANGED_REGISTRATION | QK_SIM_CHANGED_REJECT, 0);
}

uint16_t qk_sim_nas_initiate_network_register(struct qk_sim_call *call)
{
	const struct qk_nas_initiate_network_register_request *request = call->request;
	const struct qk_nas_network_radio_interface *info = &request->manual_registration_info_3gpp;
	struct qk_sim_state *state = &call->sim->state;
	bool manual = request->action == QK_NAS_NETWORK_REGISTER_TYPE_MANUAL;
	bool permanent = !request->has_change_duration ||
			 request->change_duration == QK_NAS_CHANGE_DURATION_PERMANENT;

	if (call->again)
		return await_registration(call);
	if (!manual && request->action != QK_NAS_NETWORK_REGISTER_TYPE_AUTOMATIC)
		return QK_ERROR_INVALID_REGISTER_ACTION;
	if (manual && !request->has_manual_registration_info_3gpp)
		return QK_ERROR_MISSING_ARGUMENT;
	const struct qk_sim_plmn plmn =
		plmn_of(state, info->mcc, info->mnc, request->has_mnc_pcs_digit_include_status,
			request->mnc_pcs_digit_include_status);
	uint32_t rat = manual ? qk_sim_nas_rat(info->radio_interface) : QK_SIM_RAT_NONE;
	(void)qk_sim_radio_choose(state, manual ? &plmn : NULL, rat, permanent);
	if (!qk_sim_state_has_radio(state) || !qk_sim_state_card_ready(state))
		return QK_ERROR_NONE;
	return await_registration(call);
}

uint16_t qk_sim_nas_force_network_search(struct qk_sim_call *call)
{
	struct qk_sim_state *state = &call->sim->state;

	if (!qk_sim_state_has_radio(state))
		return QK_ERROR_DEVICE_NOT_READY;
	qk_sim_radio_settle(state, state->profile->timings.register_usec);
	return QK_ERROR_NONE;
}

uint16_t qk_sim_nas_attach_detach(struct qk_sim_call *call)
{
	const struct qk_nas_attach_detach_request *request = call->request;

	if (request->action != QK_NAS_PS_ATTACH_ACTION_ATTACH &&
	    request->action != QK_NAS_PS_ATTACH_ACTION_DETACH)
		return QK_ERROR_INVALID_PS_ATTACH_ACTION;
	int r = qk_sim_radio_attach(&call->sim->state,
				    request->action == QK_NAS_PS_ATTACH_ACTION_ATTACH);
	return r < 0 ? QK_ERROR_NETWORK_NOT_READY : QK_ERROR_NONE;
}

/* --- Preferences */

static const struct {
	uint32_t rat;
	uint16_t mode, technology;
} rats[] = {
	{ QK_SIM_RAT_GSM, QK_NAS_RAT_MODE_PREFERENCE_GSM,
	  QK_NAS_RADIO_TECHNOLOGY_PREFERENCE_AMPS_OR_GSM },
	{ QK_SIM_RAT_UMTS, QK_NAS_RAT_MODE_PREFERENCE_UMTS,
	  QK_NAS_RADIO_TECHNOLOGY_PREFERENCE_CDMA_OR_WCDMA },
	{ QK_SIM_RAT_LTE, QK_NAS_RAT_MODE_PREFERENCE_LTE, QK_NAS_RADIO_TECHNOLOGY_PREFERENCE_LTE },
};

#define RATS (sizeof(rats) / sizeof(rats[0]))

static uint16_t modes_of(uint32_t allowed)
{
	unsigned int modes = 0;

	for (size_t i = 0; i < RATS; i++)
		modes |= allowed & rats[i].rat ? rats[i].mode : 0;
	return (uint16_t)modes;
}

static uint32_t rats_of_modes(uint16_t modes)
{
	uint32_t allowed = 0;

	for (size_t i = 0; i < RATS; i++)
		allowed |= modes & rats[i].mode ? rats[i].rat : 0;
	return allowed;
}

/* The order without repeats; what it leaves out comes behind, newest first. */
static void set_order(struct qk_sim_selection *selection, const int8_t *items, size_t count)
{
	static const uint32_t all[] = { QK_SIM_RAT_LTE, QK_SIM_RAT_UMTS, QK_SIM_RAT_GSM };
	uint32_t seen = 0;
	size_t used = 0;

	for (size_t i = 0; i < count + 3 && used < 3; i++) {
		uint32_t rat = i < count ? qk_sim_nas_rat(items[i]) : all[i - count];

		if (rat == QK_SIM_RAT_NONE || seen & rat)
			continue;
		seen |= rat;
		selection->order[used++] = rat;
	}
}

static bool set_domain(struct qk_sim_selection *selection, uint32_t domain)
{
	static const uint8_t domains[] = {
		[QK_NAS_SERVICE_DOMAIN_PREFERENCE_CS_ONLY] = QK_SIM_DOMAIN_CS,
		[QK_NAS_SERVICE_DOMAIN_PREFERENCE_PS_ONLY] = QK_SIM_DOMAIN_PS,
		[QK_NAS_SERVICE_DOMAIN_PREFERENCE_CS_PS] = QK_SIM_DOMAIN_CS_PS,
	};

	if (domain >= sizeof(domains))
		return false;
	selection->domain = domains[domain];
	return true;
}

static bool set_network(const struct qk_sim_state *state,
			const struct qk_nas_set_system_selection_preference_request *request,
			struct qk_sim_selection *selection)
{
	const uint8_t mode = request->network_selection_preference.mode;
	const struct qk_sim_plmn plmn = plmn_of(state, request->network_selection_preference.mcc,
						request->network_selection_preference.mnc,
						request->has_mnc_pcs_digit_include_status,
						request->mnc_pcs_digit_include_status);

	if (mode > QK_NAS_NETWORK_SELECTION_PREFERENCE_MANUAL)
		return false;
	selection->manual = mode == QK_NAS_NETWORK_SELECTION_PREFERENCE_MANUAL;
	selection->mcc = selection->manual ? plmn.mcc : 0;
	selection->mnc = selection->manual ? plmn.mnc : 0;
	selection->mnc_digits = selection->manual ? plmn.mnc_digits : 0;
	selection->manual_rat = QK_SIM_RAT_NONE;
	return true;
}

/* What the request changes; false when a value is none. Attach and detach are acts and no preference. */
static bool change(const struct qk_sim_state *state,
		   const struct qk_nas_set_system_selection_preference_request *request,
		   struct qk_sim_selection *selection)
{
	bool good = true;

	if (request->has_mode_preference)
		selection->rats = rats_of_modes(request->mode_preference);
	if (request->has_band_preference)
		selection->bands = request->band_preference;
	if (request->has_lte_band_preference)
		selection->lte_bands = request->lte_band_preference;
	if (request->has_extended_lte_band_preference)
		selection->lte_bands = request->extended_lte_band_preference.mask_low;
	if (request->has_roaming_preference)
		selection->roaming = request->roaming_preference == QK_NAS_ROAMING_PREFERENCE_OFF
					     ? QK_SIM_ROAMING_OFF
					     : QK_SIM_ROAMING_ANY;
	if (request->has_acquisition_order_preference)
		set_order(selection, request->acquisition_order_preference.items,
			  request->acquisition_order_preference.count);
	if (request->has_usage_preference)
		selection->voice_centric =
			request->usage_preference == QK_NAS_USAGE_PREFERENCE_VOICE_CENTRIC;
	if (request->has_network_selection_preference)
		good &= set_network(state, request, selection);
	if (request->has_service_domain_preference &&
	    request->service_domain_preference < QK_NAS_SERVICE_DOMAIN_PREFERENCE_PS_ATTACH)
		good &= set_domain(selection, request->service_domain_preference);
	return good;
}

uint16_t qk_sim_nas_set_system_selection_preference(struct qk_sim_call *call)
{
	const struct qk_nas_set_system_selection_preference_request *request = call->request;
	struct qk_sim_state *state = &call->sim->state;
	struct qk_sim_selection selection = state->radio.selection;
	bool permanent = !request->has_change_duration ||
			 request->change_duration == QK_NAS_CHANGE_DURATION_PERMANENT;
	uint32_t domain = request->service_domain_preference;

	if (!change(state, request, &selection) ||
	    qk_sim_radio_select(state, &selection, permanent) < 0)
		return QK_ERROR_INVALID_ARGUMENT;
	if (!request->has_service_domain_preference)
		return QK_ERROR_NONE;
	if (domain == QK_NAS_SERVICE_DOMAIN_PREFERENCE_PS_ATTACH ||
	    domain == QK_NAS_SERVICE_DOMAIN_PREFERENCE_PS_DETACH)
		(void)qk_sim_radio_attach(state,
					  domain == QK_NAS_SERVICE_DOMAIN_PREFERENCE_PS_ATTACH);
	return QK_ERROR_NONE;
}

static void fill_network(const struct qk_sim_selection *selection,
			 struct qk_nas_get_system_selection_preference_response *response)
{
	response->has_network_selection_preference = true;
	response->network_selection_preference =
		selection->manual ? QK_NAS_NETWORK_SELECTION_PREFERENCE_MANUAL
				  : QK_NAS_NETWORK_SELECTION_PREFERENCE_AUTOMATIC;
	response->has_manual_network_selection = selection->manual;
	response->manual_network_selection =
		(struct qk_nas_mnc_pcs_digit){ selection->mcc, selection->mnc,
					       selection->mnc_digits == 3 };
}

static uint16_t fill_order(struct qk_sim_call *call, const struct qk_sim_selection *selection,
			   struct qk_nas_get_system_selection_preference_response *response)
{
	int8_t *order = qk_arena_take(&call->sim->arena, RATS);

	if (!order)
		return QK_ERROR_NO_MEMORY;
	response->has_acquisition_order_preference = true;
	response->acquisition_order_preference.items = order;
	for (size_t i = 0; i < RATS && selection->order[i]; i++)
		order[response->acquisition_order_preference.count++] =
			qk_sim_nas_radio_interface(selection->order[i]);
	return QK_ERROR_NONE;
}

uint16_t qk_sim_nas_get_system_selection_preference(struct qk_sim_call *call)
{
	static const uint32_t domains[] = {
		[QK_SIM_DOMAIN_CS] = QK_NAS_SERVICE_DOMAIN_PREFERENCE_CS_ONLY,
		[QK_SIM_DOMAIN_PS] = QK_NAS_SERVICE_DOMAIN_PREFERENCE_PS_ONLY,
		[QK_SIM_DOMAIN_CS_PS] = QK_NAS_SERVICE_DOMAIN_PREFERENCE_CS_PS,
	};
	const struct qk_sim_selection *selection = &call->sim->state.radio.selection;
	struct qk_nas_get_system_selection_preference_response *response = call->response;

	response->has_emergency_mode = true;
	response->has_mode_preference = true;
	response->mode_preference = modes_of(selection->rats);
	response->has_band_preference = true;
	response->band_preference = selection->bands;
	response->has_lte_band_preference = true;
	response->lte_band_preference = selection->lte_bands;
	response->has_roaming_preference = true;
	response->roaming_preference = selection->roaming == QK_SIM_ROAMING_OFF
					       ? QK_NAS_ROAMING_PREFERENCE_OFF
					       : QK_NAS_ROAMING_PREFERENCE_ANY;
	response->has_service_domain_preference = true;
	response->service_domain_preference = domains[selection->domain];
	response->has_network_selection_registration_restriction = true;
	response->has_usage_preference = true;
	response->usage_preference = selection->voice_centric
					     ? QK_NAS_USAGE_PREFERENCE_VOICE_CENTRIC
					     : QK_NAS_USAGE_PREFERENCE_DATA_CENTRIC;
	fill_network(selection, response);
	return fill_order(call, selection, response);
}

uint16_t qk_sim_nas_set_technology_preference(struct qk_sim_call *call)
{
	const struct qk_nas_set_technology_preference_request *request = call->request;
	uint16_t technology = request->current.technology_preference;
	struct qk_sim_state *state = &call->sim->state;
	struct qk_sim_selection selection = state->radio.selection;
	bool permanent = request->current.technology_preference_duration ==
			 QK_NAS_PREFERENCE_DURATION_PERMANENT;

	selection.rats = 0;
	for (size_t i = 0; i < RATS; i++)
		selection.rats |= technology & rats[i].technology ? rats[i].rat : 0;
	if (selection.rats == 0 && (technology == QK_NAS_RADIO_TECHNOLOGY_PREFERENCE_AUTO ||
				    technology & QK_NAS_RADIO_TECHNOLOGY_PREFERENCE_3GPP))
		selection.rats = state->profile->capabilities.rats;
	if (qk_sim_radio_select(state, &selection, permanent) < 0)
		return QK_ERROR_INVALID_TECHNOLOGY_PREFERENCE;
	return QK_ERROR_NONE;
}

static uint16_t technology_of(const struct qk_sim_state *state, uint32_t allowed)
{
	unsigned int technology = QK_NAS_RADIO_TECHNOLOGY_PREFERENCE_3GPP;

	if (allowed == state->profile->capabilities.rats)
		return QK_NAS_RADIO_TECHNOLOGY_PREFERENCE_AUTO;
	for (size_t i = 0; i < RATS; i++)
		technology |= allowed & rats[i].rat ? rats[i].technology : 0;
	return (uint16_t)technology;
}

uint16_t qk_sim_nas_get_technology_preference(struct qk_sim_call *call)
{
	const struct qk_sim_state *state = &call->sim->state;
	struct qk_nas_get_technology_preference_response *response = call->response;
	bool same = state->radio.selection.rats == state->radio.stored.rats;

	response->has_active = true;
	response->active.technology_preference = technology_of(state, state->radio.selection.rats);
	response->active.technology_preference_duration =
		same ? QK_NAS_PREFERENCE_DURATION_PERMANENT
		     : QK_NAS_PREFERENCE_DURATION_POWER_CYCLE;
	response->has_persistent = !same;
	response->persistent = technology_of(state, state->radio.stored.rats);
	return QK_ERROR_NONE;
}

/* --- Lists of networks on the card */

#define LIST_MAX 64

uint16_t qk_sim_nas_get_preferred_networks(struct qk_sim_call *call)
{
	struct qk_nas_get_preferred_networks_response *response = call->response;
	const struct qk_sim_card *card = &call->sim->state.card;
	const struct qk_sim_file *file = qk_sim_card_find_id(card, USER_PLMN);
	struct qk_plmn list[LIST_MAX];
	uint16_t acts[LIST_MAX];
	struct qk_span bytes = { 0 };

	if (!qk_sim_state_card_ready(&call->sim->state) || !file ||
	    qk_sim_card_read(card, file, 0, 0, &bytes) != QK_SIM_SW_OK)
		return QK_ERROR_NOT_PROVISIONED;
	size_t count = qk_plmn_list_read(bytes, list, acts, LIST_MAX);
	/* a list of nothing still needs an address */
	struct qk_nas_preferred_network *networks =
		qk_arena_take(&call->sim->arena, (count + 1) * sizeof(*networks));
	struct qk_nas_mnc_pcs_digit *digits =
		qk_arena_take(&call->sim->arena, (count + 1) * sizeof(*digits));
	if (!networks || !digits)
		return QK_ERROR_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		networks[i] =
			(struct qk_nas_preferred_network){ list[i].mcc, list[i].mnc, acts[i] };
		digits[i] = (struct qk_nas_mnc_pcs_digit){ list[i].mcc, list[i].mnc,
							   list[i].mnc_digits == 3 };
	}
	response->has_preferred_networks = true;
	response->preferred_networks.items = networks;
	response->preferred_networks.count = count;
	response->has_mnc_pcs_digit_include_status = true;
	response->mnc_pcs_digit_include_status.items = digits;
	response->mnc_pcs_digit_include_status.count = count;
	return QK_ERROR_NONE;
}

/* Whether the request says that this network's MNC has three digits. */
static bool has_three_digits(const struct qk_nas_set_preferred_networks_request *request,
			     const struct qk_nas_preferred_network *network)
{
	for (size_t i = 0; request->has_mnc_pcs_digit_include_status &&
			   i < request->mnc_pcs_digit_include_status.count;
	     i++) {
		const struct qk_nas_mnc_pcs_digit *said =
			&request->mnc_pcs_digit_include_status.items[i];
		if (said->mcc == network->mcc && said->mnc == network->mnc)
			return said->includes_pcs_digit;
	}
	return network->mnc > 99;
}

/* The bytes in use of the list as it is: nothing when it shall be cleared. */
static size_t keep_list(struct qk_sim_call *call, const struct qk_sim_file *file, bool clear,
			uint8_t *list)
{
	const struct qk_sim_card *card = &call->sim->state.card;
	struct qk_span bytes;
	size_t used = 0;

	memset(list, 0xff, file->size);
	for (size_t at = 0; at + QK_PLMN_ACT_SIZE <= file->size; at += QK_PLMN_ACT_SIZE)
		list[at + 3] = list[at + 4] = 0;
	if (clear || qk_sim_card_read(card, file, 0, 0, &bytes) != QK_SIM_SW_OK)
		return 0;
	memcpy(list, bytes.data, bytes.size);
	for (struct qk_plmn plmn;
	     used + QK_PLMN_ACT_SIZE <= file->size && qk_plmn_read(list + used, &plmn) == 0;
	     used += QK_PLMN_ACT_SIZE)
		;
	return used;
}

uint16_t qk_sim_nas_set_preferred_networks(struct qk_sim_call *call)
{
	const struct qk_nas_set_preferred_networks_request *request = call->request;
	const struct qk_sim_file *file = qk_sim_card_find_id(&call->sim->state.card, USER_PLMN);
	bool clear = request->has_clear_previous_preferred_networks &&
		     request->clear_previous_preferred_networks;
	size_t count = request->has_preferred_networks ? request->preferred_networks.count : 0;
	uint8_t *list = file ? qk_arena_take(&call->sim->arena, file->size) : NULL;

	if (!qk_sim_state_card_ready(&call->sim->state) || !file)
		return QK_ERROR_NOT_PROVISIONED;
	if (!list)
		return QK_ERROR_NO_MEMORY;
	size_t used = keep_list(call, file, clear, list);
	for (size_t i = 0; i < count; i++, used += QK_PLMN_ACT_SIZE) {
		const struct qk_nas_preferred_network *network =
			&request->preferred_networks.items[i];
		const struct qk_plmn plmn = { network->mcc, network->mnc,
					      has_three_digits(request, network) ? 3 : 2 };

		if (used + QK_PLMN_ACT_SIZE > file->size)
			return QK_ERROR_INSUFFICIENT_RESOURCES;
		qk_plmn_write(&plmn, list + used);
		list[used + 3] = (uint8_t)(network->radio_access_technology >> 8);
		list[used + 4] = (uint8_t)network->radio_access_technology;
	}
	uint16_t status =
		qk_sim_card_write(&call->sim->state, file, 0, (struct qk_span){ list, file->size });
	return status == QK_SIM_SW_OK ? QK_ERROR_NONE : QK_ERROR_ACCESS_DENIED;
}

uint16_t qk_sim_nas_get_forbidden_networks(struct qk_sim_call *call)
{
	struct qk_nas_get_forbidden_networks_response *response = call->response;
	const struct qk_sim_card *card = &call->sim->state.card;
	const struct qk_sim_file *file = qk_sim_card_find_id(card, QK_SIM_FILE_FPLMN);
	struct qk_plmn list[LIST_MAX];
	struct qk_span bytes = { 0 };

	if (!qk_sim_state_card_ready(&call->sim->state) || !file ||
	    qk_sim_card_read(card, file, 0, 0, &bytes) != QK_SIM_SW_OK)
		return QK_ERROR_NOT_PROVISIONED;
	size_t count = qk_plmn_list_read(bytes, list, NULL, LIST_MAX);
	struct qk_nas_forbidden_network *networks =
		qk_arena_take(&call->sim->arena, (count + 1) * sizeof(*networks));
	if (!networks)
		return QK_ERROR_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		networks[i] = (struct qk_nas_forbidden_network){ list[i].mcc, list[i].mnc };
	response->has_forbidden_networks = true;
	response->forbidden_networks.items = networks;
	response->forbidden_networks.count = count;
	return QK_ERROR_NONE;
}
