/*
 * DMS, images: the firmware that a modem holds and which of it is to run.
 *
 * Owns: nothing. Does not know: devices, how messages are coded.
 * Lifetime: constants; what a function gets it gets for the call.
 * Called from: dms, whose rows name these.
 *
 * A Gobi or Sierra Wireless modem holds images of two types, modem and PRI (the carrier's settings),
 * several of each, and runs a pair of them.
 */
#pragma once

#include "options.h"

/* "FIRMWARE,CONFIG,CARRIER", and the keys of the same words and more. */
extern const struct command_part dms_firmware_parts[];
extern const struct command_key dms_firmware_keys[];
/* Makes the pair of images of these words; DMS_FIRMWARE_ROOM bytes behind the request. */
enum { DMS_FIRMWARE_ROOM = 768 };
int dms_finish_firmware_preference(const struct action *action, unsigned int seen, void *request,
				   struct failure *failure);

extern const struct text_row dms_firmware_preference_text[], dms_firmware_selected_text[];
