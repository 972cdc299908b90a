/*
 * DSD: which data systems there are, as a view on registration and cell. This modem knows one at a time,
 * and no WLAN.
 */
#include <qmikit/dsd.h>

#include <string.h>

#include "modem.h"

#define WATCH_SYSTEMS (1 << 0)

static const struct {
	uint32_t rat, access;
	uint64_t options;
} systems[] = {
	{ QK_SIM_RAT_GSM, QK_DSD_RADIO_ACCESS_TECHNOLOGY_3GPP_GERAN,
	  QK_DSD_SO_MASK_3GPP_SO_MASK_EDGE },
	{ QK_SIM_RAT_UMTS, QK_DSD_RADIO_ACCESS_TECHNOLOGY_3GPP_WCDMA,
	  QK_DSD_SO_MASK_3GPP_SO_MASK_HSDPAPLUS | QK_DSD_SO_MASK_3GPP_SO_MASK_HSUPA },
	{ QK_SIM_RAT_LTE, QK_DSD_RADIO_ACCESS_TECHNOLOGY_3GPP_LTE,
	  QK_DSD_SO_MASK_3GPP_SO_MASK_LTE_FDD },
};

/* The bands of LTE that go both ways on one frequency: 3GPP TS 36.101 5.5. */
static bool is_tdd(const struct qk_sim_cell *cell)
{
	return cell->rat == QK_SIM_RAT_LTE && cell->band >= 33 && cell->band <= 53;
}

/* Fills the list of systems: one, or none without registration [U]. Its count. */
static size_t fill(struct qk_sim *sim, struct qk_dsd_system **ret)
{
	const struct qk_sim_state *state = &sim->state;
	struct qk_dsd_system *system = qk_arena_take(&sim->arena, sizeof(*system));

	if (!system || !qk_sim_radio_has_packet(state))
		return 0;
	*ret = system;
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
		if (systems[i].rat != state->cell.rat)
			continue;
		system->technology = QK_DSD_DATA_SYSTEM_NETWORK_TYPE_3GPP;
		system->rat = systems[i].access;
		system->so_mask = is_tdd(&state->cell) ? QK_DSD_SO_MASK_3GPP_SO_MASK_LTE_TDD
						       : systems[i].options;
		return 1;
	}
	return 0;
}

static uint16_t get_system_status(struct qk_sim_call *call)
{
	struct qk_dsd_get_system_status_response *response = call->response;

	response->has_available_systems = true;
	response->available_systems.count = fill(call->sim, &response->available_systems.items);
	return QK_ERROR_NONE;
}

static uint16_t system_status_change(struct qk_sim_call *call)
{
	const struct qk_dsd_system_status_change_request *request = call->request;

	qk_sim_watch(call->client, WATCH_SYSTEMS, request->has_register_indication,
		     request->register_indication);
	return QK_ERROR_NONE;
}

/* Which bit of a context's APN types stands for a type of DSD: the same number in both. */
static uint16_t get_apn_info(struct qk_sim_call *call)
{
	const struct qk_dsd_get_apn_info_request *request = call->request;
	struct qk_dsd_get_apn_info_response *response = call->response;
	const struct qk_sim_state *state = &call->sim->state;
	const struct qk_sim_pdp_context *context = NULL;

	if (request->apn_type > QK_DSD_APN_TYPE_EMERGENCY)
		return QK_ERROR_INVALID_ARGUMENT;
	for (uint8_t id = 1; !context && id <= QK_SIM_CONTEXTS_MAX; id++) {
		context = qk_sim_pdp_get(state, id);
		if (context && !(context->apn_types >> request->apn_type & 1))
			context = NULL;
	}
	if (!context && request->apn_type == QK_DSD_APN_TYPE_DEFAULT)
		context = qk_sim_pdp_get(state, state->bearers.default_context);
	if (!context)
		return QK_ERROR_NO_ENTRY;
	response->has_apn_name = true;
	response->apn_name = qk_sim_text(context->apn);
	return QK_ERROR_NONE;
}

/* The types of every context with this APN. Which of them are meant may be said beside them. */
static uint16_t set_apn_type(struct qk_sim_call *call)
{
	const struct qk_dsd_set_apn_type_request *request = call->request;
	const struct qk_string *name = &request->apn_type.name;
	struct qk_sim_state *state = &call->sim->state;
	uint64_t mask = request->has_apn_type_preference_mask ? request->apn_type_preference_mask
							      : UINT64_MAX;
	bool any = false;

	for (uint8_t id = 1; id <= QK_SIM_CONTEXTS_MAX; id++) {
		const struct qk_sim_pdp_context *context = qk_sim_pdp_get(state, id);
		struct qk_sim_pdp_context changed;

		if (!context || strlen(context->apn) != name->size ||
		    memcmp(context->apn, name->data, name->size) != 0)
			continue;
		changed = *context;
		changed.apn_types = (changed.apn_types & ~mask) | (request->apn_type.type & mask);
		if (qk_sim_pdp_set(state, &changed) < 0)
			return QK_ERROR_INTERNAL;
		any = true;
	}
	return any ? QK_ERROR_NONE : QK_ERROR_NO_ENTRY;
}

static bool system_status_news(struct qk_sim *sim, const struct qk_sim_client *client,
			       void *indication)
{
	struct qk_dsd_system_status_indication *status = indication;

	(void)client;
	status->has_available_systems = true;
	status->available_systems.count = fill(sim, &status->available_systems.items);
	return true;
}

static const struct qk_sim_handler handlers[] = {
	{ "get-system-status", get_system_status },
	{ "system-status-change", system_status_change },
	{ "get-apn-info", get_apn_info },
	{ "set-apn-type", set_apn_type },
};

static const struct qk_sim_news news[] = {
	{ QK_SIM_CHANGED_REGISTRATION, WATCH_SYSTEMS, "system-status", system_status_news },
};

const struct qk_sim_service_table qk_sim_dsd = {
	.service = QK_SERVICE_ID_DSD,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.news = news,
	.news_count = sizeof(news) / sizeof(news[0]),
};
