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

/* "modem#,pri#" of a pair, "modem#" or "pri#" of one: the indices in the list of stored images. */
enum { DMS_STORED_ROOM = 96 };
int dms_finish_stored_pair(const struct action *action, unsigned int seen, void *request,
			   struct failure *failure);
int dms_finish_stored_image(const struct action *action, unsigned int seen, void *request,
			    struct failure *failure);

/* The list and what is known of each image in it; the pair or the image of such indices is chosen or deleted. */
int dms_run_list_images(struct steps *steps, void *request);
int dms_run_select_images(struct steps *steps, void *request);
int dms_run_delete_image(struct steps *steps, void *request);

extern const struct text_row dms_firmware_preference_text[], dms_firmware_selected_text[];
