/*
 * MBN: the modem's configurations for operators and which of them is selected and active.
 *
 * Owns: the list, what is being loaded. Plain data, part of the state.
 * Does not know: QMI, AT, what is in a configuration.
 * Lifetime: that of the state; a reboot activates the one that is selected and keeps the rest.
 * Called from: pdc.c, the AT interpreter (AT+QMBNCFG), tests.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qk_sim_state;

#define QK_SIM_MBN_MAX 32
#define QK_SIM_MBN_ID_MAX 20
#define QK_SIM_MBN_NONE UINT8_MAX
#define QK_SIM_MBN_SIZE_MAX 262144 /* of one that is loaded [C] */

struct qk_sim_mbn_id {
	uint8_t size;
	uint8_t data[QK_SIM_MBN_ID_MAX];
};

struct qk_sim_mbn_config {
	struct qk_sim_mbn_id id; /* size 0: no configuration */
	char name[48], date[12]; /* year, month, day and a digit */
	uint32_t version, size;
};

/* A configuration that comes in chunks. */
struct qk_sim_mbn_load {
	struct qk_sim_mbn_id id;
	uint32_t size, received;
};

struct qk_sim_mbn {
	struct qk_sim_mbn_config configs[QK_SIM_MBN_MAX];
	uint8_t active, selected; /* places in `configs`, or QK_SIM_MBN_NONE */
	struct qk_sim_mbn_load load;
};

/* The place of the configuration with this id, or QK_SIM_MBN_NONE. */
uint8_t qk_sim_mbn_find(const struct qk_sim_mbn *mbn, const uint8_t *id, size_t size);
/* Selects a configuration: it is active after activation or a reboot. -ENOENT. */
int qk_sim_mbn_select(struct qk_sim_mbn *mbn, uint8_t place);
/* Makes the selected one active. -ENOENT: none is selected. */
int qk_sim_mbn_activate(struct qk_sim_mbn *mbn);
/* None is active and selected any more. -ENOENT: none was. */
int qk_sim_mbn_deactivate(struct qk_sim_mbn *mbn);
/* -ENOENT; -EBUSY: it is active or selected. */
int qk_sim_mbn_delete(struct qk_sim_mbn *mbn, uint8_t place);
/* Takes the next chunk of a configuration of `total` bytes. Another id, or another size, begins anew:
 * `ret_again`. 0; -EINVAL: no id, no size, or more than was announced; -EFBIG; -ENOSPC: no place for
 * another; -EEXIST: it is there. When all is there it is in the list. */
int qk_sim_mbn_take_chunk(struct qk_sim_mbn *mbn, const struct qk_sim_mbn_id *id, uint32_t total,
			  size_t chunk, bool *ret_again);

/* For state.c. */
void qk_sim_mbn_start(struct qk_sim_state *state);
void qk_sim_mbn_reboot(struct qk_sim_state *state);
