/*
 * SMS: the stores, the routes and the address of the message centre (see sms.h).
 */
#include <errno.h>
#include <string.h>

#include "lib/3gpp/sim-file.h"
#include "lib/3gpp/sms-pdu.h"
#include "sms.h"
#include "state.h"

struct slots {
	struct qk_sim_sms_slot *slots;
	size_t count;
};

/* Of the stores: the card's is there when the card is. */
static struct slots slots_of(struct qk_sim_state *state, uint32_t store)
{
	if (store == QK_SIM_SMS_ME)
		return (struct slots){ state->sms.me, QK_SIM_SMS_ME_SIZE };
	if (store == QK_SIM_SMS_SM && qk_sim_state_card_ready(state))
		return (struct slots){ state->sms.sm, QK_SIM_SMS_SM_SIZE };
	return (struct slots){ 0 };
}

size_t qk_sim_sms_size(uint32_t store)
{
	static const size_t sizes[] = {
		[QK_SIM_SMS_SM] = QK_SIM_SMS_SM_SIZE, [QK_SIM_SMS_ME] = QK_SIM_SMS_ME_SIZE
	};

	return store < QK_SIM_SMS_STORES ? sizes[store] : 0;
}

const struct qk_sim_sms_slot *qk_sim_sms_get(const struct qk_sim_state *state, uint32_t store,
					     size_t index)
{
	/* nothing is changed through what this gives */
	struct slots slots = slots_of((struct qk_sim_state *)state, store);

	return index < slots.count && slots.slots[index].pdu.size ? &slots.slots[index] : NULL;
}

size_t qk_sim_sms_used(const struct qk_sim_state *state, uint32_t store)
{
	size_t used = 0;

	for (size_t i = 0; i < qk_sim_sms_size(store); i++)
		used += qk_sim_sms_get(state, store, i) != NULL;
	return used;
}

static struct qk_sim_sms_slot *find(struct qk_sim_state *state, uint32_t store, size_t index)
{
	return (struct qk_sim_sms_slot *)qk_sim_sms_get(state, store, index);
}

static void set_pdu(struct qk_sim_sms_pdu *to, const uint8_t *pdu, size_t size)
{
	memcpy(to->data, pdu, size);
	to->size = (uint8_t)size;
}

int qk_sim_sms_put(struct qk_sim_state *state, uint32_t store, uint8_t tag, const uint8_t *pdu,
		   size_t size, size_t *ret_index)
{
	struct slots slots = slots_of(state, store);
	struct qk_sms sms;

	if (!slots.count)
		return store < QK_SIM_SMS_STORES ? -ENODEV : -EINVAL;
	if (size > QK_SIM_SMS_PDU_MAX || tag > QK_SIM_SMS_UNSENT ||
	    qk_sms_decode((struct qk_span){ pdu, size }, &sms) < 0)
		return -EINVAL;
	for (size_t i = 0; i < slots.count; i++) {
		if (slots.slots[i].pdu.size)
			continue;
		set_pdu(&slots.slots[i].pdu, pdu, size);
		slots.slots[i].tag = tag;
		*ret_index = i;
		return 0;
	}
	return -ENOSPC;
}

int qk_sim_sms_set_tag(struct qk_sim_state *state, uint32_t store, size_t index, uint8_t tag)
{
	struct qk_sim_sms_slot *slot = find(state, store, index);

	if (!slot)
		return -ENOENT;
	if (tag > QK_SIM_SMS_UNSENT)
		return -EINVAL;
	slot->tag = tag;
	return 0;
}

int qk_sim_sms_delete(struct qk_sim_state *state, uint32_t store, size_t index)
{
	struct qk_sim_sms_slot *slot = find(state, store, index);

	if (!slot)
		return -ENOENT;
	*slot = (struct qk_sim_sms_slot){ 0 };
	state->sms.full_told = false;
	return 0;
}

size_t qk_sim_sms_delete_all(struct qk_sim_state *state, uint32_t store, int tag)
{
	size_t deleted = 0;

	for (size_t i = 0; i < qk_sim_sms_size(store); i++) {
		const struct qk_sim_sms_slot *slot = qk_sim_sms_get(state, store, i);
		if (slot && (tag < 0 || slot->tag == tag))
			deleted += qk_sim_sms_delete(state, store, i) == 0;
	}
	return deleted;
}

int qk_sim_sms_set_route(struct qk_sim_state *state, uint32_t message_class, uint8_t store,
			 uint8_t action)
{
	uint32_t first = message_class, last = message_class;

	if (message_class > QK_SIM_SMS_CLASSES || store >= QK_SIM_SMS_STORES ||
	    action > QK_SIM_SMS_TRANSFER)
		return -EINVAL;
	if (message_class == QK_SIM_SMS_CLASSES) {
		first = 0;
		last = QK_SIM_SMS_CLASSES - 1;
	}
	for (uint32_t i = first; i <= last; i++)
		state->sms.routes[i] = (struct qk_sim_sms_route){ store, action };
	state->sms.full_told = false;
	return 0;
}

#define EF_SMSP 0x6f42

/* Its first record, where the card is ready; else nothing. */
static const struct qk_sim_file *smsp(const struct qk_sim_state *state, struct qk_span *ret)
{
	const struct qk_sim_file *file =
		qk_sim_state_card_ready(state) ? qk_sim_card_find_id(&state->card, EF_SMSP) : NULL;

	if (!file || qk_sim_card_read_record(&state->card, file, 1, ret) != QK_SIM_SW_OK)
		return NULL;
	return file;
}

void qk_sim_sms_get_smsc(const struct qk_sim_state *state, char ret[QK_SIM_SMS_ADDRESS_MAX])
{
	struct qk_span record;

	*ret = 0;
	if (smsp(state, &record) && qk_smsp_read(record, ret, QK_SIM_SMS_ADDRESS_MAX) < 0)
		*ret = 0;
}

int qk_sim_sms_set_smsc(struct qk_sim_state *state, const char *address)
{
	struct qk_sms_address parsed;
	struct qk_span record;
	uint8_t bytes[255];
	const struct qk_sim_file *file = smsp(state, &record);

	if (strlen(address) >= QK_SIM_SMS_ADDRESS_MAX || qk_sms_set_number(&parsed, address) < 0)
		return -EINVAL;
	if (!file || record.size > sizeof(bytes))
		return -ENODEV;
	if (qk_smsp_write("", address, bytes, record.size) < 0)
		return -EINVAL;
	return qk_sim_card_write_record(state, file, 1, (struct qk_span){ bytes, record.size }) ==
			       QK_SIM_SW_OK
		       ? 0
		       : -ENODEV;
}
