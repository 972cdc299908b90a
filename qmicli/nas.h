/*
 * NAS: what its commands are made of, a file a theme; nas.c has the rows.
 *
 * Owns: nothing. Does not know: sessions, devices. Lifetime: static.
 * Called from: nas, whose rows they are.
 */
#pragma once

#include <qmikit/nas.h>

#include "command.h"

/* nas-system-info.c: Get System Info, a table of its own size. */
extern const struct text_row nas_system_info_text[];

/* nas-select.c: networks to choose from, and how they are chosen. */
extern const struct text_row nas_technology_preference_text[], nas_selection_preference_text[],
	nas_preferred_networks_text[];
int nas_finish_selection_preference(const struct action *action, unsigned int seen, void *request,
				    struct failure *failure);
int nas_finish_preferred_networks(const struct action *action, unsigned int seen, void *request,
				  struct failure *failure);

/* What stands behind the two requests: their lists. */
enum { NAS_ORDER_MAX = 16, NAS_NETWORKS_MAX = 80 };
struct nas_order {
	int8_t items[NAS_ORDER_MAX];
};
struct nas_preferred_networks {
	struct qk_nas_preferred_network preferred[NAS_NETWORKS_MAX];
	struct qk_nas_mnc_pcs_digit digits[NAS_NETWORKS_MAX];
};

/* nas-scan.c: the networks in sight. */
extern const struct text_row nas_network_scan_text[];
int nas_run_incremental_scan(struct steps *steps, void *request);

/* nas-names.c: what networks are called, and their clock. */
extern const struct text_row nas_operator_name_text[], nas_plmn_name_text[],
	nas_network_time_text[];
int nas_finish_plmn_name(const struct action *action, unsigned int seen, void *request,
			 struct failure *failure);

/* nas-cells.c: cells in sight. nas-radio.c: carriers and antennas. */
extern const struct text_row nas_cell_location_text[];
extern const struct text_row nas_tx_rx_text[], nas_carrier_aggregation_text[], nas_rf_band_text[],
	nas_swi_status_text[];
