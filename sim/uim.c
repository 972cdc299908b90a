/*
 * UIM: the card in use, as a view on the model.
 */
#include "uim.h"

#include <errno.h>
#include <string.h>

#include "lib/3gpp/sim-file.h"

#define NO_APPLICATION 0xffff

/* What can be registered for, and what hears of it. */
static const struct {
	uint32_t flag, watch;
	uint8_t slots; /* of the modem, at least */
} events[] = {
	{ QK_UIM_EVENT_REGISTRATION_FLAG_CARD_STATUS, QK_SIM_WATCH_CARD, 1 },
	{ QK_UIM_EVENT_REGISTRATION_FLAG_PHYSICAL_SLOT_STATUS, QK_SIM_WATCH_SLOTS, 2 },
};

static uint16_t register_events(struct qk_sim_call *call)
{
	const struct qk_uim_register_events_request *request = call->request;
	struct qk_uim_register_events_response *response = call->response;

	response->has_event_registration_mask = true;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		uint32_t wanted = request->event_registration_mask & events[i].flag;

		if (call->sim->state.slots.count < events[i].slots)
			continue;
		qk_sim_watch(call->client, events[i].watch, true, wanted);
		response->event_registration_mask |= wanted;
	}
	return QK_ERROR_NONE;
}

static uint8_t application_state(const struct qk_sim_card *card)
{
	static const uint8_t states[] = {
		[QK_SIM_PIN_NOT_INITIALIZED] = QK_UIM_CARD_APPLICATION_STATE_DETECTED,
		[QK_SIM_PIN_NOT_VERIFIED] = QK_UIM_CARD_APPLICATION_STATE_PIN1_OR_UPIN_PIN_REQUIRED,
		[QK_SIM_PIN_VERIFIED] = QK_UIM_CARD_APPLICATION_STATE_READY,
		[QK_SIM_PIN_DISABLED] = QK_UIM_CARD_APPLICATION_STATE_READY,
		[QK_SIM_PIN_BLOCKED] = QK_UIM_CARD_APPLICATION_STATE_PUK1_OR_UPIN_PUK_REQUIRED,
		[QK_SIM_PIN_PERMANENTLY_BLOCKED] = QK_UIM_CARD_APPLICATION_STATE_PIN1_BLOCKED,
	};

	if (card->application != QK_SIM_APPLICATION_INITIALIZED)
		return QK_UIM_CARD_APPLICATION_STATE_DETECTED;
	return card->pin1.state < sizeof(states) ? states[card->pin1.state]
						 : QK_UIM_CARD_APPLICATION_STATE_UNKNOWN;
}

static uint8_t pin_state(const struct qk_sim_pin *pin)
{
	static const uint8_t states[] = {
		[QK_SIM_PIN_NOT_INITIALIZED] = QK_UIM_PIN_STATE_NOT_INITIALIZED,
		[QK_SIM_PIN_NOT_VERIFIED] = QK_UIM_PIN_STATE_ENABLED_NOT_VERIFIED,
		[QK_SIM_PIN_VERIFIED] = QK_UIM_PIN_STATE_ENABLED_VERIFIED,
		[QK_SIM_PIN_DISABLED] = QK_UIM_PIN_STATE_DISABLED,
		[QK_SIM_PIN_BLOCKED] = QK_UIM_PIN_STATE_BLOCKED,
		[QK_SIM_PIN_PERMANENTLY_BLOCKED] = QK_UIM_PIN_STATE_PERMANENTLY_BLOCKED,
	};

	return pin->state < sizeof(states) ? states[pin->state] : QK_UIM_PIN_STATE_NOT_INITIALIZED;
}

static void fill_application(struct qk_uim_card_application *application,
			     const struct qk_sim_card *card)
{
	uint8_t state = application_state(card);

	*application = (struct qk_uim_card_application){
		.type = QK_UIM_CARD_APPLICATION_TYPE_USIM,
		.state = state,
		.personalization_state =
			state == QK_UIM_CARD_APPLICATION_STATE_READY
				? QK_UIM_CARD_APPLICATION_PERSONALIZATION_STATE_READY
				: QK_UIM_CARD_APPLICATION_PERSONALIZATION_STATE_UNKNOWN,
		.application_identifier_value = { card->aid, card->aid_size },
		.pin1_state = pin_state(&card->pin1),
		.pin1_retries = card->pin1.retries,
		.puk1_retries = card->pin1.unblock_retries,
		.pin2_state = pin_state(&card->pin2),
		.pin2_retries = card->pin2.retries,
		.puk2_retries = card->pin2.unblock_retries,
	};
}

static bool fill_status(struct qk_sim *sim, struct qk_uim_card_status *status)
{
	static const uint8_t states[] = {
		[QK_SIM_CARD_ABSENT] = QK_UIM_CARD_STATE_ABSENT,
		[QK_SIM_CARD_PRESENT] = QK_UIM_CARD_STATE_PRESENT,
		[QK_SIM_CARD_ERROR] = QK_UIM_CARD_STATE_ERROR,
	};
	const struct qk_sim_card *model = &sim->state.card;
	struct qk_uim_card *card = qk_arena_take(&sim->arena, sizeof(*card));
	struct qk_uim_card_application *application =
		qk_arena_take(&sim->arena, sizeof(*application));

	if (!card || !application)
		return false;
	bool present = model->state == QK_SIM_CARD_PRESENT &&
		       model->application != QK_SIM_APPLICATION_NONE;
	card->card_state = states[model->state];
	card->error_code = model->error;
	if (present) {
		fill_application(application, model);
		card->applications.items = application;
		card->applications.count = 1;
	}
	status->index_gw_primary = present ? 0 : NO_APPLICATION;
	status->index_1x_primary = NO_APPLICATION;
	status->index_gw_secondary = NO_APPLICATION;
	status->index_1x_secondary = NO_APPLICATION;
	status->cards.items = card;
	status->cards.count = 1;
	return true;
}

static uint16_t get_card_status(struct qk_sim_call *call)
{
	struct qk_uim_get_card_status_response *response = call->response;

	response->has_card_status = fill_status(call->sim, &response->card_status);
	return response->has_card_status ? QK_ERROR_NONE : QK_ERROR_NO_MEMORY;
}

static bool card_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_uim_card_status_indication *status = indication;

	(void)client;
	status->has_card_status = fill_status(sim, &status->card_status);
	return status->has_card_status;
}

/* The only slot; its power and what is on it. */
static uint16_t set_power(struct qk_sim_call *call, uint8_t slot, bool on)
{
	if (slot != 1)
		return QK_ERROR_INVALID_ARGUMENT;
	if (on == call->sim->state.card.powered)
		return QK_ERROR_NO_EFFECT;
	qk_sim_card_power(&call->sim->state, on);
	return QK_ERROR_NONE;
}

static uint16_t power_off(struct qk_sim_call *call)
{
	const struct qk_uim_power_off_sim_request *request = call->request;

	return set_power(call, request->slot, false);
}

static uint16_t power_on(struct qk_sim_call *call)
{
	const struct qk_uim_power_on_sim_request *request = call->request;

	return set_power(call, request->slot, true);
}

static uint16_t change_session(struct qk_sim_call *call)
{
	const struct qk_uim_change_provisioning_session_request *request = call->request;

	if (request->session_change.session_type != QK_UIM_SESSION_TYPE_PRIMARY_GW_PROVISIONING)
		return QK_ERROR_INVALID_ARGUMENT;
	if (call->sim->state.card.state != QK_SIM_CARD_PRESENT)
		return QK_ERROR_UIM_UNINITIALIZED;
	qk_sim_card_activate(&call->sim->state, request->session_change.activate);
	return QK_ERROR_NONE;
}

static uint16_t get_configuration(struct qk_sim_call *call)
{
	const struct qk_uim_get_configuration_request *request = call->request;
	struct qk_uim_get_configuration_response *response = call->response;
	uint32_t mask = request->has_configuration_mask ? request->configuration_mask : UINT32_MAX;

	response->has_automatic_selection = mask & QK_UIM_CONFIGURATION_AUTOMATIC_SELECTION;
	response->automatic_selection = true;
	response->has_personalization_status = mask & QK_UIM_CONFIGURATION_PERSONALIZATION_STATUS;
	response->personalization_status.items = qk_arena_take(
		&call->sim->arena,
		QK_SIM_PERSONAL_COUNT * sizeof(*response->personalization_status.items));
	if (!response->personalization_status.items)
		return QK_ERROR_NO_MEMORY;
	for (uint8_t i = 0; i < QK_SIM_PERSONAL_COUNT; i++) {
		const struct qk_sim_personal_lock *lock = &call->sim->state.personal[i];

		if (lock->on)
			response->personalization_status
				.items[response->personalization_status.count++] =
				(struct qk_uim_personalization_status){ i, lock->retries,
									lock->unblock_retries };
	}
	response->has_halt_subscription = mask & QK_UIM_CONFIGURATION_HALT_SUBSCRIPTION;
	return QK_ERROR_NONE;
}

/* An answer says how many tries are left, also when the key was right; unblocking is for blocked ones, which stay so
 * [U]. */
static uint16_t depersonalize(struct qk_sim_call *call)
{
	const struct qk_uim_depersonalization_request *request = call->request;
	struct qk_uim_depersonalization_response *response = call->response;
	struct qk_sim_state *state = &call->sim->state;
	char key[QK_SIM_KEY_MAX + 1] = "";
	uint8_t kind = request->info.feature;

	if (kind >= QK_SIM_PERSONAL_COUNT || (request->has_slot && request->slot != 1) ||
	    request->info.operation != QK_UIM_DEPERSONALIZATION_OPERATION_DEACTIVATE)
		return QK_ERROR_INVALID_ARGUMENT;
	if (request->info.control_key.size <= QK_SIM_KEY_MAX)
		memcpy(key, request->info.control_key.data, request->info.control_key.size);
	int r = qk_sim_personal_free(state, (enum qk_sim_personal)kind, key);
	if (r == -ENOENT)
		return QK_ERROR_NO_EFFECT;
	response->has_retries_remaining = true;
	response->retries_remaining.verify_left = state->personal[kind].retries;
	response->retries_remaining.unblock_left = state->personal[kind].unblock_retries;
	if (r == -EPERM)
		return QK_ERROR_PIN_BLOCKED;
	return r < 0 ? QK_ERROR_INCORRECT_PIN : QK_ERROR_NONE;
}

static const struct qk_sim_handler handlers[] = {
	{ "reset", qk_sim_reset_client },
	{ "get-supported-messages", qk_sim_get_supported_messages },
	{ "read-transparent", qk_sim_uim_read_transparent },
	{ "read-record", qk_sim_uim_read_record },
	{ "write-transparent", qk_sim_uim_write_transparent },
	{ "write-record", qk_sim_uim_write_record },
	{ "get-file-attributes", qk_sim_uim_get_file_attributes },
	{ "set-pin-protection", qk_sim_uim_set_pin_protection },
	{ "verify-pin", qk_sim_uim_verify_pin },
	{ "unblock-pin", qk_sim_uim_unblock_pin },
	{ "change-pin", qk_sim_uim_change_pin },
	{ "depersonalization", depersonalize },
	{ "refresh-register", qk_sim_uim_refresh_register },
	{ "refresh-complete", qk_sim_uim_refresh_complete },
	{ "register-events", register_events },
	{ "get-card-status", get_card_status },
	{ "power-off-sim", power_off },
	{ "power-on-sim", power_on },
	{ "change-provisioning-session", change_session },
	{ "get-configuration", get_configuration },
	{ "send-apdu", qk_sim_uim_send_apdu },
	{ "logical-channel", qk_sim_uim_logical_channel },
	{ "open-logical-channel", qk_sim_uim_open_logical_channel },
	{ "refresh-register-all", qk_sim_uim_refresh_register_all },
	{ "switch-slot", qk_sim_uim_switch_slot },
	{ "get-slot-status", qk_sim_uim_get_slot_status },
};

static const struct qk_sim_news news[] = {
	{ QK_SIM_CHANGED_CARD, QK_SIM_WATCH_CARD, "card-status", card_news },
	{ QK_SIM_CHANGED_SLOTS, QK_SIM_WATCH_SLOTS, "slot-status", qk_sim_uim_slot_news },
	{ QK_SIM_CHANGED_REFRESH, QK_SIM_WATCH_REFRESH_ALL | QK_SIM_WATCH_REFRESH_FILES, "refresh",
	  qk_sim_uim_refresh_news },
};

const struct qk_sim_service_table qk_sim_uim = {
	.service = QK_SERVICE_ID_UIM,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
	.news = news,
	.news_count = sizeof(news) / sizeof(news[0]),
};
