/*
 * Sections: the parts of a screen, as people see them, and how a table of rows becomes a screen.
 *
 * Owns: const tables. Does not know: rows. Lifetime: the program's. Called from: screens*.c alone.
 */
#pragma once

#include "mmcli/screens.h"

/* In the order in which people see them. */
enum section {
	GENERAL,
	HARDWARE,
	SYSTEM,
	NUMBERS,
	CONTENT,
	STATUS,
	PROPERTIES,
	MODES,
	BANDS,
	IP,
	CELLS,
	NETWORK,
	EPS,
	NR5G,
	SCAN,
	USSD,
	PROFILES,
	CDMA,
	SIM_CARD,
	BEARERS,
	TIME,
	TIMEZONE,
	MESSAGING,
	SIGNAL,
	SIGNAL_CDMA,
	SIGNAL_EVDO,
	SIGNAL_GSM,
	SIGNAL_UMTS,
	SIGNAL_LTE,
	SIGNAL_5G,
	OMA,
	OMA_CURRENT,
	OMA_PENDING,
	LOCATION,
	PLACE_CELL,
	PLACE_GPS,
	PLACE_CDMA,
	FIRMWARE,
	FASTBOOT,
	VOICE,
	SAR,
	CELL_BROADCAST,
	IPV4,
	IPV6,
	STATISTICS,
	AUDIO,
};

#define SCREEN(name) \
	const struct screen screen_##name = { \
		sizeof(name##_rows) / sizeof((name##_rows)[0]), \
		name##_rows, \
	}
