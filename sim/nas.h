/*
 * NAS, shared: what NAS keeps of a client, and the handlers of its parts.
 *
 * Owns: struct qk_sim_nas_client, part of struct qk_sim_client.
 * Does not know: other services. Lifetime: the client's.
 * Called from: modem.h holds the struct; nas.c (registration), nas-signal.c, nas-scan.c, nas-select.c (choosing networks),
 * nas-names.c (names and time), nas-cells.c, nas-radio.c.
 *
 * Signal Info and the event report are told to a client when a value has moved by the delta that it gave, or across
 * one of its thresholds, since it was told last. Who gave none is told of every change [C].
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qmikit/nas.h>

struct qk_sim;
struct qk_sim_call;
struct qk_sim_cell;
struct qk_sim_client;
struct qk_sim_plmn;
struct qk_sim_state;

/* What a client of NAS wants to hear of: bits of qk_sim_client.watch. */
enum {
	QK_NAS_WATCH_SERVING_SYSTEM = 1 << 0,
	QK_NAS_WATCH_SYSTEM_INFO = 1 << 1,
	QK_NAS_WATCH_SIGNAL_INFO = 1 << 2,
	QK_NAS_WATCH_STRENGTH = 1 << 3, /* in an event report, as the next ones */
	QK_NAS_WATCH_RSSI = 1 << 4,
	QK_NAS_WATCH_SNR = 1 << 5,
	QK_NAS_WATCH_RSRP = 1 << 6,
	QK_NAS_WATCH_BAND = 1 << 7,
	QK_NAS_WATCH_REJECT_REASON = 1 << 8,
	QK_NAS_WATCH_SIGNAL_REPORTS =
		QK_NAS_WATCH_STRENGTH | QK_NAS_WATCH_RSSI | QK_NAS_WATCH_SNR | QK_NAS_WATCH_RSRP,
	QK_NAS_WATCH_REJECT = 1 << 9,
	QK_NAS_WATCH_TIME = 1 << 10,
};

#define QK_NAS_THRESHOLDS_MAX 8

/* A value that is told when it has moved enough. Tenths of its unit. */
struct qk_sim_nas_metric {
	uint16_t delta; /* 0: none */
	uint8_t threshold_count;
	bool told;
	int16_t thresholds[QK_NAS_THRESHOLDS_MAX];
	int16_t last; /* what the client was told, if it was */
};

enum qk_sim_nas_value { QK_NAS_RSSI, QK_NAS_RSRQ, QK_NAS_RSRP, QK_NAS_SNR, QK_NAS_VALUES };

struct qk_sim_nas_client {
	struct qk_sim_nas_metric info[QK_NAS_VALUES];    /* of Signal Info */
	struct qk_sim_nas_metric reports[QK_NAS_VALUES]; /* of the event report; RSRQ: strength */
	bool scanning;                                   /* incrementally */
	uint32_t scan; /* ... and what that has yet to look for: bits of enum qk_sim_rat */
};

uint16_t qk_sim_nas_set_event_report(struct qk_sim_call *call);
uint16_t qk_sim_nas_get_signal_strength(struct qk_sim_call *call);
uint16_t qk_sim_nas_get_signal_info(struct qk_sim_call *call);
uint16_t qk_sim_nas_config_signal_info(struct qk_sim_call *call);
uint16_t qk_sim_nas_config_signal_info_v2(struct qk_sim_call *call);
bool qk_sim_nas_event_report_news(struct qk_sim *sim, const struct qk_sim_client *client,
				  void *indication);
bool qk_sim_nas_signal_info_news(struct qk_sim *sim, const struct qk_sim_client *client,
				 void *indication);

uint16_t qk_sim_nas_network_scan(struct qk_sim_call *call);
uint16_t qk_sim_nas_incremental_network_scan(struct qk_sim_call *call);
/* The next part of an incremental scan is done. */
void qk_sim_nas_due(struct qk_sim *sim, struct qk_sim_client *client);
uint16_t qk_sim_nas_initiate_network_register(struct qk_sim_call *call);
uint16_t qk_sim_nas_attach_detach(struct qk_sim_call *call);
uint16_t qk_sim_nas_get_preferred_networks(struct qk_sim_call *call);
uint16_t qk_sim_nas_set_preferred_networks(struct qk_sim_call *call);
uint16_t qk_sim_nas_get_forbidden_networks(struct qk_sim_call *call);
uint16_t qk_sim_nas_set_technology_preference(struct qk_sim_call *call);
uint16_t qk_sim_nas_get_technology_preference(struct qk_sim_call *call);
uint16_t qk_sim_nas_set_system_selection_preference(struct qk_sim_call *call);
uint16_t qk_sim_nas_get_system_selection_preference(struct qk_sim_call *call);
uint16_t qk_sim_nas_force_network_search(struct qk_sim_call *call);

uint16_t qk_sim_nas_get_operator_name(struct qk_sim_call *call);
uint16_t qk_sim_nas_get_plmn_name(struct qk_sim_call *call);
uint16_t qk_sim_nas_get_network_time(struct qk_sim_call *call);
bool qk_sim_nas_operator_name_news(struct qk_sim *sim, const struct qk_sim_client *client,
				   void *indication);
bool qk_sim_nas_network_time_news(struct qk_sim *sim, const struct qk_sim_client *client,
				  void *indication);

uint16_t qk_sim_nas_get_cell_location_info(struct qk_sim_call *call);
uint16_t qk_sim_nas_get_rf_band_information(struct qk_sim_call *call);
/* The cell's band in NAS's words. */
uint16_t qk_sim_nas_active_band(const struct qk_sim_cell *cell);
/* Of every carrier of LTE [U]. */
#define QK_SIM_NAS_LTE_BANDWIDTH QK_NAS_DL_BANDWIDTH_10
uint16_t qk_sim_nas_get_tx_rx_info(struct qk_sim_call *call);
uint16_t qk_sim_nas_get_lte_cphy_ca_info(struct qk_sim_call *call);
bool qk_sim_nas_band_news(struct qk_sim *sim, const struct qk_sim_client *client, void *indication);

/* The radio interface of the cell in NAS's words, and the other way (QK_SIM_RAT_NONE for what the modem has not). */
int8_t qk_sim_nas_radio_interface(uint32_t rat);
uint32_t qk_sim_nas_rat(int radio_interface);
