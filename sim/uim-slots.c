/*
 * UIM, slots: which there are, what is in them, and which is in use (see slots.h).
 */
#include "slots.h"
#include "uim.h"

#include <errno.h>

#include "lib/3gpp/sim-file.h"

/* The one logical slot. */
enum { LOGICAL_SLOT = 1 };

/* The answer to a reset (ISO 7816-3, TS 102 221 6.3): T=0 and T=15, and "qmikit" as the issuer's own [C]. */
static const uint8_t answer_to_reset[] = { 0x3b, 0x9e, 0x96, 0x80, 0x1f, 0xc7, 0x80,
					   0x31, 0xe0, 0x73, 0xfe, 0x21, 0x1b, 0x66,
					   0x71, 0x6d, 0x69, 0x6b, 0x69, 0x74, 0xd3 };

/* The lists of the answer. */
struct slots {
	struct qk_uim_physical_slot_status *status;
	struct qk_uim_physical_slot_information *information;
	struct qk_uim_slot_eid *eids;
	size_t count;
};

static bool fill_slot(struct qk_sim *sim, unsigned int number, const struct slots *slots)
{
	struct qk_sim_slot_view view;
	uint8_t *iccid = qk_arena_take(&sim->arena, QK_ICCID_SIZE);
	size_t i = number - 1;

	if (!iccid || qk_sim_slots_look(&sim->state, number, &view) < 0)
		return false;
	qk_iccid_write(view.card->iccid, iccid);
	slots->status[i] = (struct qk_uim_physical_slot_status){
		.physical_card_status = view.card->inserted ? QK_UIM_PHYSICAL_CARD_STATE_PRESENT
							    : QK_UIM_PHYSICAL_CARD_STATE_ABSENT,
		.physical_slot_status =
			view.active ? QK_UIM_SLOT_STATE_ACTIVE : QK_UIM_SLOT_STATE_INACTIVE,
		.logical_slot = view.active ? LOGICAL_SLOT : 0,
		.iccid = { iccid, view.known ? QK_ICCID_SIZE : 0u },
	};
	slots->information[i] = (struct qk_uim_physical_slot_information){
		.card_protocol =
			view.known ? QK_UIM_CARD_PROTOCOL_UICC : QK_UIM_CARD_PROTOCOL_UNKNOWN,
		.valid_applications = view.known,
		.atr_value = { answer_to_reset, view.known ? sizeof(answer_to_reset) : 0u },
		.is_euicc = view.card->inserted && view.card->eid_size,
	};
	slots->eids[i] = (struct qk_uim_slot_eid){
		.eid = { view.card->eid, view.card->inserted ? view.card->eid_size : 0u },
	};
	return true;
}

static bool fill(struct qk_sim *sim, struct slots *ret)
{
	size_t count = sim->state.slots.count;
	struct slots slots = {
		.status = qk_arena_take(&sim->arena, count * sizeof(*slots.status)),
		.information = qk_arena_take(&sim->arena, count * sizeof(*slots.information)),
		.eids = qk_arena_take(&sim->arena, count * sizeof(*slots.eids)),
		.count = count,
	};

	if (!slots.status || !slots.information || !slots.eids)
		return false;
	for (unsigned int i = 1; i <= count; i++)
		if (!fill_slot(sim, i, &slots))
			return false;
	*ret = slots;
	return true;
}

/* A modem with one slot tells of its status alone. */
static bool fill_response(struct qk_sim *sim, struct qk_uim_get_slot_status_response *response)
{
	struct slots slots;

	if (!fill(sim, &slots))
		return false;
	response->has_physical_slot_status = true;
	response->physical_slot_status.items = slots.status;
	response->physical_slot_status.count = slots.count;
	if (slots.count == 1)
		return true;
	response->has_physical_slot_information = true;
	response->physical_slot_information.items = slots.information;
	response->physical_slot_information.count = slots.count;
	response->has_slot_eid = true;
	response->slot_eid.items = slots.eids;
	response->slot_eid.count = slots.count;
	return true;
}

uint16_t qk_sim_uim_get_slot_status(struct qk_sim_call *call)
{
	return fill_response(call->sim, call->response) ? QK_ERROR_NONE : QK_ERROR_NO_MEMORY;
}

bool qk_sim_uim_slot_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication)
{
	struct qk_uim_get_slot_status_response now = { 0 };

	(void)client;
	if (!fill_response(sim, &now))
		return false;
	qk_sim_copy_tlvs(qk_uim_get_slot_status_method.response, &now, &qk_uim_slot_status_message,
			 indication);
	return true;
}

/* The slot that is in use already: NoEffect [R]. */
uint16_t qk_sim_uim_switch_slot(struct qk_sim_call *call)
{
	const struct qk_uim_switch_slot_request *request = call->request;
	int r;

	if (request->logical_slot != LOGICAL_SLOT)
		return QK_ERROR_INVALID_ARGUMENT;
	r = qk_sim_slots_switch(&call->sim->state, request->physical_slot);
	if (r == -EALREADY)
		return QK_ERROR_NO_EFFECT;
	return r < 0 ? QK_ERROR_INVALID_ARGUMENT : QK_ERROR_NONE;
}
