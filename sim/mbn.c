/*
 * MBN: the list of configurations (see mbn.h).
 */
#include "mbn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "profile.h"
#include "state.h"

uint8_t qk_sim_mbn_find(const struct qk_sim_mbn *mbn, const uint8_t *id, size_t size)
{
	for (uint8_t i = 0; size && i < QK_SIM_MBN_MAX; i++)
		if (mbn->configs[i].id.size == size &&
		    memcmp(mbn->configs[i].id.data, id, size) == 0)
			return i;
	return QK_SIM_MBN_NONE;
}

static bool is_there(const struct qk_sim_mbn *mbn, uint8_t place)
{
	return place < QK_SIM_MBN_MAX && mbn->configs[place].id.size;
}

int qk_sim_mbn_select(struct qk_sim_mbn *mbn, uint8_t place)
{
	if (!is_there(mbn, place))
		return -ENOENT;
	mbn->selected = place;
	return 0;
}

int qk_sim_mbn_activate(struct qk_sim_mbn *mbn)
{
	if (!is_there(mbn, mbn->selected))
		return -ENOENT;
	mbn->active = mbn->selected;
	return 0;
}

int qk_sim_mbn_deactivate(struct qk_sim_mbn *mbn)
{
	if (mbn->active == QK_SIM_MBN_NONE)
		return -ENOENT;
	mbn->active = mbn->selected = QK_SIM_MBN_NONE;
	return 0;
}

int qk_sim_mbn_delete(struct qk_sim_mbn *mbn, uint8_t place)
{
	if (!is_there(mbn, place))
		return -ENOENT;
	if (place == mbn->active || place == mbn->selected)
		return -EBUSY;
	mbn->configs[place] = (struct qk_sim_mbn_config){ 0 };
	return 0;
}

static uint8_t free_place(const struct qk_sim_mbn *mbn)
{
	for (uint8_t i = 0; i < QK_SIM_MBN_MAX; i++)
		if (!mbn->configs[i].id.size)
			return i;
	return QK_SIM_MBN_NONE;
}

int qk_sim_mbn_take_chunk(struct qk_sim_mbn *mbn, const struct qk_sim_mbn_id *id, uint32_t total,
			  size_t chunk, bool *ret_again)
{
	struct qk_sim_mbn_load *load = &mbn->load;
	uint8_t place = free_place(mbn);

	if (!id->size || !total || !chunk)
		return -EINVAL;
	if (total > QK_SIM_MBN_SIZE_MAX)
		return -EFBIG;
	if (qk_sim_mbn_find(mbn, id->data, id->size) != QK_SIM_MBN_NONE)
		return -EEXIST;
	if (place == QK_SIM_MBN_NONE)
		return -ENOSPC;
	bool again = load->received && (load->size != total || load->id.size != id->size ||
					memcmp(load->id.data, id->data, id->size) != 0);
	if (again || !load->received)
		*load = (struct qk_sim_mbn_load){ .id = *id, .size = total };
	if (chunk > total - load->received)
		return -EINVAL;
	load->received += (uint32_t)chunk;
	*ret_again = again;
	if (load->received < total)
		return 0;
	struct qk_sim_mbn_config *config = &mbn->configs[place];
	*config = (struct qk_sim_mbn_config){ .id = *id, .size = total };
	snprintf(config->name, sizeof(config->name), "loaded-%02x%02x", id->data[0],
		 id->data[id->size - 1]);
	return 0;
}

void qk_sim_mbn_start(struct qk_sim_state *state)
{
	const struct qk_sim_profile *profile = state->profile;
	struct qk_sim_mbn *mbn = &state->mbn;

	*mbn = (struct qk_sim_mbn){ .active = QK_SIM_MBN_NONE, .selected = QK_SIM_MBN_NONE };
	for (uint8_t i = 0; i < profile->mbn_count; i++) {
		const struct qk_sim_mbn_profile *from = &profile->mbn[i];
		struct qk_sim_mbn_config *config = &mbn->configs[i];

		config->id.size = from->id_size;
		memcpy(config->id.data, from->id, from->id_size);
		memcpy(config->name, from->name, sizeof(config->name));
		memcpy(config->date, from->date, sizeof(config->date));
		config->version = from->version;
		config->size = from->size;
		if (from->active)
			mbn->active = mbn->selected = i;
	}
}

void qk_sim_mbn_reboot(struct qk_sim_state *state)
{
	state->mbn.load = (struct qk_sim_mbn_load){ 0 };
	state->mbn.active = state->mbn.selected;
}
