/*
 * Control, status: the model as JSON, all of it that is not the content of a store; and requests that
 * only look.
 */
#include <string.h>
#include <qmikit/codec.h>

#include "control-events.h"
#include "control-table.h"

#define S(member) QK_CONTROL_AT(qk_sim_state, member)

static const struct qk_sim_member identity_members[] = {
	{ "manufacturer", TEXT, S(identity.manufacturer) }, { "model", TEXT, S(identity.model) },
	{ "revision", TEXT, S(identity.revision) },         { "imei", DIGITS, S(identity.imei) },
	{ "msisdn", DIGITS, S(identity.msisdn) },
};

static const struct qk_sim_member boot_members[] = {
	{ "steps", WORDS, S(booted), .words = qk_control_steps },
	{ "without-rdy", BOOL, S(without_rdy) },
};

static const struct qk_sim_member power_members[] = {
	{ "mode", WORD, S(power.mode), .words = qk_control_modes },
	{ "hardware-restricted", BOOL, S(power.hardware_restricted) },
};

static const struct qk_sim_member card_members[] = {
	{ "state", WORD, S(card.state), .words = qk_sim_card_words },
	{ "inserted", BOOL, S(card.inserted) },
	{ "application", WORD, S(card.application), .words = qk_control_applications },
	{ "error", UINT, S(card.error) },
	{ "pin1", WORD, S(card.pin1.state), .words = qk_sim_pin_words },
	{ "pin1-retries", UINT, S(card.pin1.retries) },
	{ "puk1-retries", UINT, S(card.pin1.unblock_retries) },
	{ "pin2", WORD, S(card.pin2.state), .words = qk_sim_pin_words },
	{ "pin2-retries", UINT, S(card.pin2.retries) },
	{ "puk2-retries", UINT, S(card.pin2.unblock_retries) },
	{ "slot", UINT, S(slots.active) },
	{ "iccid", DIGITS, S(card.iccid) },
	{ "imsi", DIGITS, S(card.imsi) },
};

static const struct qk_sim_member registration_members[] = {
	{ "state", WORD, S(registration), .words = qk_control_registrations },
	{ "roaming", BOOL, S(roaming) },
	{ "reject-cause", UINT, S(radio.reject.cause) },
	{ "detached", BOOL, S(radio.detached) },
	{ "mcc", UINT, S(network.mcc) },
	{ "mnc", UINT, S(network.mnc) },
	{ "mnc-digits", UINT, S(network.mnc_digits) },
	{ "name", TEXT, S(network.name) },
};

static const struct qk_sim_section sections[] = {
	{ "identity", identity_members, QK_CONTROL_COUNT(identity_members) },
	{ "boot", boot_members, QK_CONTROL_COUNT(boot_members) },
	{ "power", power_members, QK_CONTROL_COUNT(power_members) },
	{ "card", card_members, QK_CONTROL_COUNT(card_members) },
	{ "registration", registration_members, QK_CONTROL_COUNT(registration_members) },
};

static json_t *section(const char *name, const struct qk_sim_state *state)
{
	for (size_t i = 0; i < QK_CONTROL_COUNT(sections); i++)
		if (strcmp(sections[i].name, name) == 0)
			return qk_sim_write_object(&sections[i], state);
	return NULL;
}

json_t *qk_control_registration(const struct qk_sim_state *state)
{
	return section("registration", state);
}

json_t *qk_control_card(const struct qk_sim_state *state)
{
	return section("card", state);
}

static json_t *show_stores(const struct qk_sim_state *state)
{
	json_t *object = json_object();

	for (uint32_t i = 0; i < QK_SIM_SMS_STORES; i++)
		json_object_set_new(object, qk_control_store(i),
				    json_pack("{s:I, s:I}", "used",
					      (json_int_t)qk_sim_sms_used(state, i), "size",
					      (json_int_t)qk_sim_sms_size(i)));
	json_object_set_new(object, "waiting", json_integer(state->sms.queue_count));
	return object;
}

static json_t *show_calls(const struct qk_sim_state *state)
{
	json_t *list = json_array();

	for (size_t i = 0; i < QK_SIM_CALLS_MAX; i++)
		if (state->voice.calls[i].state != QK_SIM_CALL_NONE)
			json_array_append_new(list, qk_control_call(&state->voice.calls[i]));
	return list;
}

static int show_status(struct qk_control_call *call)
{
	const struct qk_sim_state *state = call->state;
	json_t *answer = call->answer;

	json_object_set_new(answer, "modem", json_integer((json_int_t)call->number));
	json_object_set_new(answer, "profile", json_string(state->profile->name));
	json_object_set_new(answer, "time-scale", json_real(state->time_scale_ppm / 1e6));
	json_object_set_new(answer, "up", json_boolean(qk_sim_state_is_up(state)));
	json_object_set_new(
		answer, "bus",
		json_string(qk_control_word(qk_control_guises, qk_sim_usb_guise(state))));
	if (call->modem->qmuxd)
		json_object_set_new(answer, "qmuxd", json_string(call->modem->qmuxd));
	for (size_t i = 0; i < QK_CONTROL_COUNT(sections); i++)
		json_object_set_new(answer, sections[i].name,
				    qk_sim_write_object(&sections[i], state));
	json_object_set_new(answer, "cell",
			    qk_sim_write_object(&qk_sim_cell_section, &state->cell));
	json_object_set_new(answer, "networks", qk_control_networks(state));
	json_object_set_new(answer, "data", qk_control_data(state));
	json_object_set_new(answer, "sms", show_stores(state));
	json_object_set_new(answer, "calls", show_calls(state));
	json_object_set_new(answer, "gnss", qk_control_gnss(state));
	return 0;
}

static int list_clients(struct qk_control_call *call)
{
	json_t *list = json_array();
	uint8_t service, id;

	for (size_t i = 0; qk_sim_client_at(call->sim, i, &service, &id); i++) {
		const char *name = qk_service_name(service);

		json_array_append_new(list, json_pack("{s:s?, s:i, s:i}", "service", name, "number",
						      service, "id", id));
	}
	json_object_set_new(call->answer, "clients", list);
	return 0;
}

static int list_modems(struct qk_control_call *call)
{
	json_t *list = json_array();

	for (size_t i = 0; i < qk_control_modem_count(call->control); i++) {
		const struct qk_sim_state *state =
			qk_sim_state(qk_control_modem_at(call->control, i));
		json_array_append_new(
			list,
			json_pack("{s:I, s:s, s:s, s:s}", "modem", (json_int_t)i, "profile",
				  state->profile->name, "imei", state->identity.imei, "bus",
				  qk_control_word(qk_control_guises, qk_sim_usb_guise(state))));
	}
	json_object_set_new(call->answer, "modems", list);
	return 0;
}

/* What can be asked, with the members that a request has. */
static int list_requests(struct qk_control_call *call)
{
	const struct qk_control_row *row;
	json_t *list = json_object();

	for (size_t i = 0; (row = qk_control_row(i)); i++) {
		json_t *members = json_array();
		for (size_t m = 0; m < row->count; m++)
			json_array_append_new(members, json_string(row->members[m].name));
		json_object_set_new(
			list, row->name,
			json_pack("{s:s, s:o}", "what", row->sentence, "members", members));
	}
	json_object_set_new(call->answer, "requests", list);
	return 0;
}

static const struct qk_control_row rows[] = {
	{ "status", "all that is known about a modem", .fn = show_status },
	{ "clients", "the client ids that are allocated", .fn = list_clients },
	{ "modems", "the modems there are", .fn = list_modems, .all = true },
	{ "help", "the requests there are", .fn = list_requests, .all = true },
};

const struct qk_control_rows qk_control_status_rows = { rows, QK_CONTROL_COUNT(rows) };
