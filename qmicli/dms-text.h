/*
 * DMS text: what answers of DMS print, where that is more than a few rows.
 *
 * Owns: nothing, all rows are constants. Does not know: the commands.
 * Lifetime: static.
 * Called from: dms.
 */
#pragma once

#include "text.h"

extern const struct text_row dms_ids_text[], dms_operating_mode_text[], dms_time_text[],
	dms_band_capabilities_text[], dms_pin_status_text[], dms_ck_status_text[],
	dms_swi_firmware_text[], dms_swi_compositions_text[];
