/*
 * Screens: the one function, and what sections are called. Their order is that of stock's (cli/mmcli-output.c of
 * ModemManager 1.20.4).
 */
#include "mmcli/sections.h"

#include <stdlib.h>

static const char *const section_names[] = {
	[GENERAL] = "General",
	[HARDWARE] = "Hardware",
	[SYSTEM] = "System",
	[NUMBERS] = "Numbers",
	[CONTENT] = "Content",
	[STATUS] = "Status",
	[PROPERTIES] = "Properties",
	[MODES] = "Modes",
	[BANDS] = "Bands",
	[IP] = "IP",
	[CELLS] = "Cell info",
	[NETWORK] = "3GPP",
	[EPS] = "3GPP EPS",
	[NR5G] = "3GPP 5GNR",
	[SCAN] = "3GPP scan",
	[USSD] = "3GPP USSD",
	[PROFILES] = "3GPP profile manager",
	[CDMA] = "CDMA",
	[SIM_CARD] = "SIM",
	[BEARERS] = "Bearer",
	[TIME] = "Time",
	[TIMEZONE] = "Timezone",
	[MESSAGING] = "Messaging",
	[SIGNAL] = "Signal",
	[SIGNAL_CDMA] = "CDMA1x",
	[SIGNAL_EVDO] = "EV-DO",
	[SIGNAL_GSM] = "GSM",
	[SIGNAL_UMTS] = "UMTS",
	[SIGNAL_LTE] = "LTE",
	[SIGNAL_5G] = "5G",
	[OMA] = "OMA",
	[OMA_CURRENT] = "Current session",
	[OMA_PENDING] = "Pending sessions",
	[LOCATION] = "Location",
	[PLACE_CELL] = "3GPP",
	[PLACE_GPS] = "GPS",
	[PLACE_CDMA] = "CDMA BS",
	[FIRMWARE] = "Firmware",
	[FASTBOOT] = "Fastboot settings",
	[VOICE] = "Voice",
	[SAR] = "SAR",
	[CELL_BROADCAST] = "Cell Broadcast",
	[IPV4] = "IPv4 configuration",
	[IPV6] = "IPv6 configuration",
	[STATISTICS] = "Statistics",
	[AUDIO] = "Audio format",
};

void screen_show(const struct screen *screen, const struct screen_style *style, const char *path,
		 const json_t *object)
{
	struct show show = { style->format, style->newer, object, path };
	struct output_item *items = calloc(screen->count, sizeof(*items));
	json_t *owned = json_array();
	size_t count = 0;

	for (size_t i = 0; items && i < screen->count; i++) {
		const struct show_row *row = &screen->rows[i];
		json_t *value;

		if (row->newer && !style->newer)
			continue;
		value = row->show(&show, row, show_find(&show, row));
		json_array_append_new(owned, value);
		if (json_is_false(value))
			continue;
		items[count++] = (struct output_item){ .section = row->section,
						       .section_name = section_names[row->section],
						       .key = row->key,
						       .label = row->label,
						       .value = value,
						       .lines = row->lines };
	}
	output_fields(style->format, items, count);
	json_decref(owned);
	free(items);
}
