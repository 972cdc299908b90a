/*
 * UIM: what the files of its commands share: text, arguments, and steps that have a file of their own.
 *
 * Owns: nothing. Does not know: devices. Lifetime: constants.
 * Called from: uim.c.
 */
#pragma once

#include <qmikit/uim.h>

#include "command.h"

extern const struct text_row uim_card_status_text[], uim_slot_status_text[];

/* The slots of a message, be it the answer or the indication. */
extern const struct text_row uim_slots_text[];

/* A command_read_fn: the path of a file on the card, into a struct qk_uim_file. */
#define UIM_PATH_FORM "the ids of the folders and the file, as in 0x3F00,0x7FFF,0x6F07"
bool uim_read_path(struct qk_string text, void *value, uint8_t **spare);

/* Another slot is put in the place of the one in use. */
int uim_run_switch_slot(struct steps *steps, void *request);
/* Watch until a signal comes. */
int uim_run_monitor_slots(struct steps *steps, void *request);
int uim_run_monitor_refresh(struct steps *steps, void *request);

enum { UIM_WATCHED_MAX = 32, UIM_PATHS_MAX = 1024 };

/* What stands behind the request for news of files. */
struct uim_watched {
	struct qk_uim_refresh_file files[UIM_WATCHED_MAX];
	uint8_t paths[UIM_PATHS_MAX];
};

/* The files of the request, from an argument that was given once or more. */
int uim_finish_watched(const struct action *action, unsigned int seen, void *request,
		       struct failure *failure);
