/*
 * Slots: the status of all slots is one answer. The card in use is an object of sim.c's; the others are objects that
 * have a number and can do nothing, as a card without power.
 */
#include "slots.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/uim.h>

#include "card.h"
#include "lib/3gpp/sim-file.h"
#include "log.h"
#include "modem.h"
#include "registry.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum {
	SLOTS_MAX = 8,
	EID_BYTES = 16, /* SGP.02 */
	/* From the switch until the other card's application is found, or shown not to be there. */
	CARD_USEC = 10000000,
};

/* One slot, as the modem has told of it. */
struct slot {
	bool present;
	bool informed; /* whether it is an eUICC was told */
	bool euicc;
	uint8_t logical;
	char iccid[21]; /* "": it is not known */
	char eid[2 * EID_BYTES + 1];
	struct api_object *sim; /* NULL: the slot is empty, or in use */
};

struct slots {
	unsigned int count, primary; /* 0: none is in use */
	unsigned int told;           /* the slot in use, as the bus knows it; 0: it does not */
	struct slot items[SLOTS_MAX];
	bool news;              /* that a status changed, and was not read since */
	sd_event_source *again; /* another slot is in use */
};

/* --- What the modem tells */

static void read_eid(struct qk_bytes bytes, char eid[2 * EID_BYTES + 1])
{
	eid[0] = 0;
	for (size_t i = 0; bytes.size == EID_BYTES && i < EID_BYTES; i++)
		snprintf(eid + 2 * i, 3, "%02X", bytes.data[i]);
}

/* What stands in one list and not in the other is not known. */
static void read_slot(struct slot *slot, const struct qk_uim_get_slot_status_response *r, size_t i)
{
	const struct qk_uim_physical_slot_status *status = &r->physical_slot_status.items[i];
	const struct qk_span iccid = { status->iccid.data, status->iccid.size };

	slot->present = status->physical_card_status == QK_UIM_PHYSICAL_CARD_STATE_PRESENT;
	slot->logical = status->logical_slot;
	if (!slot->present || qk_iccid_read(iccid, slot->iccid) < 0)
		slot->iccid[0] = 0;
	slot->informed = r->has_physical_slot_information && i < r->physical_slot_information.count;
	slot->euicc = slot->informed && r->physical_slot_information.items[i].is_euicc;
	slot->eid[0] = 0;
	if (slot->euicc && r->has_slot_eid && i < r->slot_eid.count)
		read_eid(r->slot_eid.items[i].eid, slot->eid);
}

static void take_slots(struct operation *op, const void *response, uint16_t error,
		       const void *about)
{
	const struct qk_uim_get_slot_status_response *r = response;
	struct modem *modem = operation_modem(op);
	struct slots *slots = modem->slots;

	(void)about;
	if (error || !r->has_physical_slot_status || r->physical_slot_status.count < 2)
		return;
	if (!slots)
		slots = modem->slots = calloc(1, sizeof(*slots));
	if (!slots)
		return;
	slots->count = r->physical_slot_status.count < SLOTS_MAX
			       ? (unsigned int)r->physical_slot_status.count
			       : SLOTS_MAX;
	slots->primary = 0;
	for (unsigned int i = 0; i < slots->count; i++) {
		read_slot(&slots->items[i], r, i);
		if (!slots->primary && r->physical_slot_status.items[i].physical_slot_status ==
					       QK_UIM_SLOT_STATE_ACTIVE)
			slots->primary = i + 1;
	}
}

void slots_read(struct operation *operation)
{
	static const struct question question = { QK_SERVICE_ID_UIM, OPERATION_SPARES,
						  &qk_uim_get_slot_status_method, take_slots };

	operation_ask(operation, &question);
}

/* --- What the bus is told */

/* Those of cards in slot 1, and of modems that have no other, have the number of the modem. */
static unsigned int number_of(const struct modem *modem, unsigned int slot)
{
	return slot < 2 ? modem->index : (slot - 1) * (REGISTRY_INDEX_MAX + 1u) + modem->index;
}

unsigned int slots_sim_number(const struct modem *modem)
{
	return number_of(modem, modem->slots ? modem->slots->primary : 0);
}

static void describe(struct api_object *sim, const struct slot *slot)
{
	if (slot->informed)
		(void)api_object_set(
			sim, API_SIM_SIM_TYPE,
			json_integer(slot->euicc ? MM_SIM_TYPE_ESIM : MM_SIM_TYPE_PHYSICAL));
	if (slot->euicc)
		(void)api_object_set(sim, API_SIM_ESIM_STATUS,
				     json_integer(slot->iccid[0] ? MM_SIM_ESIM_STATUS_WITH_PROFILES
								 : MM_SIM_ESIM_STATUS_NO_PROFILES));
	(void)api_object_set(sim, API_SIM_EID, json_string(slot->eid));
}

void slots_describe(struct modem *modem, struct api_object *sim)
{
	const struct slots *slots = modem->slots;

	if (slots && slots->primary)
		describe(sim, &slots->items[slots->primary - 1]);
}

static void hide(struct slot *slot)
{
	slot->sim = api_object_free(slot->sim);
}

/* Its methods have no handlers: such a card can do nothing. */
static void show(struct modem *modem, unsigned int number)
{
	struct slot *slot = &modem->slots->items[number - 1];
	char path[64];
	int r = 0;

	if (!slot->sim) {
		snprintf(path, sizeof(path), "/org/freedesktop/ModemManager1/SIM/%u",
			 number_of(modem, number));
		r = api_object_new(modem->bus, path, API_UNLISTED, modem, &slot->sim);
		if (r == 0)
			r = api_object_add(slot->sim, API_SIM, NULL, 0);
	}
	if (r == 0)
		r = api_object_set(slot->sim, API_SIM_SIM_IDENTIFIER, json_string(slot->iccid));
	if (r < 0) {
		modem_log_at(modem, LOG_WARNING, "the SIM of slot %u is not shown: %s", number,
			     strerror(-r));
		hide(slot);
		return;
	}
	describe(slot->sim, slot);
	api_object_publish(slot->sim);
}

/* The object of what is in a slot; NULL: nothing is. */
static const struct api_object *settle_slot(struct modem *modem, unsigned int number)
{
	struct slots *slots = modem->slots;
	struct slot *slot = &slots->items[number - 1];

	if (number == slots->primary) {
		hide(slot);
		return modem->sim;
	}
	if (slot->present && (slot->iccid[0] || slot->euicc))
		show(modem, number);
	else
		hide(slot);
	return slot->sim;
}

static int on_again(sd_event_source *source, void *userdata)
{
	struct modem *modem = userdata;

	(void)source;
	modem_log_at(modem, LOG_NOTICE, "another SIM slot is in use");
	card_end_calls(modem);
	modem->host->again(modem, modem->host->userdata);
	return 0;
}

/* When the loop comes round, behind the answer to who has asked for it. */
static void begin_anew(struct modem *modem)
{
	if (modem->leaving || modem->slots->again)
		return;
	if (sd_event_add_defer(modem->event, &modem->slots->again, on_again, modem) < 0)
		modem_log_at(modem, LOG_WARNING, "out of memory: the other SIM is not looked at");
}

/* What the bus knows is what was in use until now. */
static bool is_another(const struct slots *slots)
{
	return slots->told && slots->told != slots->primary;
}

bool slots_check(struct modem *modem)
{
	const struct slots *slots = modem->slots;

	if (!slots || !is_another(slots))
		return true;
	slots_look_again(modem);
	return false;
}

void slots_tell(struct modem *modem)
{
	struct slots *slots = modem->slots;
	json_t *paths;

	if (!slots)
		return;
	slots->told = slots->primary;
	paths = json_array();
	for (unsigned int i = 1; i <= slots->count; i++) {
		const struct api_object *sim = settle_slot(modem, i);

		json_array_append_new(paths, json_string(sim ? api_object_path(sim) : "/"));
	}
	modem_set(modem, API_MODEM_SIM_SLOTS, paths);
	modem_set(modem, API_MODEM_PRIMARY_SIM_SLOT, json_integer(slots->primary));
}

void slots_end(struct modem *modem)
{
	struct slots *slots = modem->slots;

	if (!slots)
		return;
	for (unsigned int i = 0; i < SLOTS_MAX; i++)
		hide(&slots->items[i]);
	sd_event_source_disable_unref(slots->again);
	free(slots);
	modem->slots = NULL;
}

/* --- The card in a slot that is in use from now on */

/* Its application was found and looked at. */
static bool is_read(const struct qk_uim_card_status *status)
{
	for (size_t i = 0; i < status->cards.count; i++)
		for (size_t k = 0; k < status->cards.items[i].applications.count; k++)
			if (status->cards.items[i].applications.items[k].state >
			    QK_UIM_CARD_APPLICATION_STATE_DETECTED)
				return true;
	return false;
}

static bool take_news(struct operation *op, const void *indication, const void *about)
{
	const struct qk_uim_card_status_indication *news = indication;

	(void)op, (void)about;
	return news->has_card_status && is_read(&news->card_status);
}

static void take_card(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_uim_get_card_status_response *r = response;

	(void)about;
	if (error || !r->has_card_status || is_read(&r->card_status))
		operation_stop_waiting(op, NULL);
}

/* So that the modem, begun with anew, is not told to have no SIM. */
static void wait_for_card(struct operation *op)
{
	const struct slots *slots = operation_modem(op)->slots;

	if (!is_another(slots) || !slots->primary || !slots->items[slots->primary - 1].present)
		return;
	operation_await(op, &(struct awaited){
				    .service = QK_SERVICE_ID_UIM,
				    .need = OPERATION_TRIES,
				    .message = &qk_uim_card_status_message,
				    .take = take_news,
				    .usec = CARD_USEC,
			    });
	operation_ask(op, &(struct question){
				  .service = QK_SERVICE_ID_UIM,
				  .need = OPERATION_TRIES,
				  .method = &qk_uim_get_card_status_method,
				  .take = take_card,
			  });
}

/* --- A slot's status changed */

static void note_reading(struct operation *operation)
{
	operation_modem(operation)->slots->news = false;
}

static void settle(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);

	if (is_another(modem->slots))
		begin_anew(modem);
	else
		slots_tell(modem);
}

void slots_look_again(struct modem *modem)
{
	static const struct step steps[] = {
		{ "note that a slot changed", note_reading },
		{ "read the slots", slots_read },
		{ "wait for the card", wait_for_card },
		{ "tell what became of the slots", settle },
	};

	/* Several in a row are one change. */
	if (!modem->slots || modem->slots->news || modem->leaving || !modem->qmi)
		return;
	modem->slots->news = true;
	if (operation_start(modem, OPERATION_IN_TURN, steps, COUNT(steps), NULL, NULL) < 0)
		modem->slots->news = false;
}

/* --- SetPrimarySimSlot() */

static unsigned int wanted(const struct operation *op)
{
	return (unsigned int)request_number(op, 0);
}

/* Somebody else was faster. */
static bool is_chosen(const struct operation *op)
{
	return operation_modem(op)->slots->primary == wanted(op);
}

static void take_end(struct operation *op, const void *response, uint16_t error, const void *about)
{
	struct failure failure;

	(void)response, (void)about;
	if (!error || error == QK_ERROR_NO_EFFECT)
		return;
	failure_from(&failure, 0, error, "use the other SIM slot");
	operation_fail(op, failure.name, "%s", failure.text);
}

static void choose(struct operation *op)
{
	const struct slots *slots = operation_modem(op)->slots;
	const struct qk_uim_switch_slot_request request = {
		.has_logical_slot = true,
		.logical_slot = slots->primary ? slots->items[slots->primary - 1].logical : 1,
		.has_physical_slot = true,
		.physical_slot = wanted(op),
	};

	if (is_chosen(op))
		return;
	operation_ask(op, &(struct question){
				  .service = QK_SERVICE_ID_UIM,
				  .need = OPERATION_TRIES,
				  .method = &qk_uim_switch_slot_method,
				  .take = take_end,
				  .request = &request,
			  });
}

static void on_chosen(struct request *request, const struct failure *failure)
{
	struct modem *modem = request->modem;

	if (!failure && is_another(modem->slots))
		begin_anew(modem);
}

void slots_on_set_primary(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct step steps[] = {
		{ "read the slots", slots_read },
		{ "use the other SIM slot", choose },
		{ "read what became of the slots", slots_read },
		{ "wait for the card", wait_for_card },
	};
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_IN_TURN,
						  MM_MODEM_STATE_FAILED, on_chosen };
	json_int_t slot = json_integer_value(json_array_get(in, 0));
	struct modem *modem = userdata;

	if (!modem->slots)
		api_call_error(call, MM_CORE_ERROR_UNSUPPORTED, "the modem has one SIM slot");
	else if (slot < 1 || slot > modem->slots->count)
		request_invalid(call, "the modem has no SIM slot %lld", (long long)slot);
	else
		request_start(call, in, modem, &kind);
}
