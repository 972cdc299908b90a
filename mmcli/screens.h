/*
 * Screens: what mmcli shows of an object or of an answer: tables of rows, and the one function that shows them.
 *
 * Owns: const tables. Does not know: the bus, options. Lifetime: the program's.
 * Called from: actions.c, which names screens in its rows, and follow.c.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "mmcli/output.h"
#include "mmcli/show.h"

struct screen {
	size_t count;
	const struct show_row *rows;
};

extern const struct screen screen_modem, screen_status, screen_bearer, screen_sim, screen_sms,
	screen_call, screen_cbm;
extern const struct screen screen_location_status, screen_location, screen_messaging, screen_voice,
	screen_time, screen_signal, screen_sar, screen_oma, screen_firmware_status, screen_firmware,
	screen_ussd, screen_profile_manager, screen_profiles, screen_profile, screen_scan,
	screen_cells, screen_cell_broadcast, screen_created_sms;

/* How to show: `newer` adds the rows that mmcli 1.20 does not have. */
struct screen_style {
	enum output_format format;
	bool newer;
};

/* `object` is {INTERFACE: {PROPERTY: VALUE}}, or what a method answered; `path` that of the object. */
void screen_show(const struct screen *screen, const struct screen_style *style, const char *path,
		 const json_t *object);
