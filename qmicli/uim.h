/*
 * UIM: what the files of its commands share: text, arguments, and steps that have a file of their own.
 *
 * Owns: nothing. Does not know: devices. Lifetime: constants.
 * Called from: uim.c.
 */
#pragma once

#include <qmikit/codec.h>

#include "text.h"

extern const struct text_row uim_card_status_text[], uim_slot_status_text[];

/* The slots of a message, be it the answer or the indication. */
extern const struct text_row uim_slots_text[];

/* A command_read_fn: the path of a file on the card, into a struct qk_uim_file. */
#define UIM_PATH_FORM "the ids of the folders and the file, as in 0x3F00,0x7FFF,0x6F07"
bool uim_read_path(struct qk_string text, void *value, uint8_t **spare);
