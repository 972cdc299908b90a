/*
 * Messaging: what the files of WMS, VOICE, LOC and PDC share, and what they keep of a client.
 *
 * Owns: nothing. Does not know: other services. Lifetime: none.
 * Called from: modem.h, and the files of these services.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Bits of qk_sim_client.watch, in each service its own. */
enum {
	QK_SIM_WMS_WATCH_MESSAGES = 1 << 0,
	QK_SIM_WMS_WATCH_NETWORK = 1 << 1, /* whether messages can be sent */
	QK_SIM_VOICE_WATCH_CALLS = 1 << 0,
	QK_SIM_VOICE_WATCH_USSD = 1 << 1,
	QK_SIM_VOICE_WATCH_OWN = 1 << 2, /* every client, without asking: the reply to its code */
	QK_SIM_LOC_WATCH_POSITION = 1 << 0,
	QK_SIM_LOC_WATCH_SATELLITES = 1 << 1,
	QK_SIM_LOC_WATCH_NMEA = 1 << 2,
	QK_SIM_LOC_WATCH_ENGINE = 1 << 3,
	QK_SIM_PDC_WATCH_REFRESH = 1 << 0,
};

/* A session of LOC. */
struct qk_sim_loc_client {
	bool started, single, no_intermediate;
	bool engine_on; /* what it was told */
	uint8_t session;
	uint32_t fixes; /* since the start */
	uint64_t interval_usec;
};

struct qk_sim_call;

/* wms-store.c: the handlers about stores. */
uint16_t qk_sim_wms_raw_write(struct qk_sim_call *call);
uint16_t qk_sim_wms_raw_read(struct qk_sim_call *call);
uint16_t qk_sim_wms_modify_tag(struct qk_sim_call *call);
uint16_t qk_sim_wms_delete(struct qk_sim_call *call);
uint16_t qk_sim_wms_list_messages(struct qk_sim_call *call);
/* wms-store.c: whether WMS can be asked about this store in this mode; else the QMI error. */
uint16_t qk_sim_wms_check(const struct qk_sim_call *call, uint8_t storage, bool has_mode,
			  uint8_t mode);

/* voice-ussd.c: the handlers and the news of USSD. */
uint16_t qk_sim_voice_originate_ussd(struct qk_sim_call *call);
uint16_t qk_sim_voice_originate_ussd_no_wait(struct qk_sim_call *call);
uint16_t qk_sim_voice_answer_ussd(struct qk_sim_call *call);
uint16_t qk_sim_voice_cancel_ussd(struct qk_sim_call *call);
struct qk_sim;
struct qk_sim_client;
bool qk_sim_voice_ussd_news(struct qk_sim *sim, const struct qk_sim_client *client,
			    void *indication);
bool qk_sim_voice_ussd_done_news(struct qk_sim *sim, const struct qk_sim_client *client,
				 void *indication);
bool qk_sim_voice_ussd_release_news(struct qk_sim *sim, const struct qk_sim_client *client,
				    void *indication);

/* loc-settings.c: the handlers that set, tell and inject. */
uint16_t qk_sim_loc_inject_orbits(struct qk_sim_call *call);
uint16_t qk_sim_loc_inject_position(struct qk_sim_call *call);
uint16_t qk_sim_loc_inject_time(struct qk_sim_call *call);
uint16_t qk_sim_loc_get_orbits_source(struct qk_sim_call *call);
uint16_t qk_sim_loc_set_engine_lock(struct qk_sim_call *call);
uint16_t qk_sim_loc_get_engine_lock(struct qk_sim_call *call);
uint16_t qk_sim_loc_set_nmea_types(struct qk_sim_call *call);
uint16_t qk_sim_loc_get_nmea_types(struct qk_sim_call *call);
uint16_t qk_sim_loc_set_server(struct qk_sim_call *call);
uint16_t qk_sim_loc_get_server(struct qk_sim_call *call);
uint16_t qk_sim_loc_delete_assistance(struct qk_sim_call *call);
uint16_t qk_sim_loc_set_operation_mode(struct qk_sim_call *call);
uint16_t qk_sim_loc_get_operation_mode(struct qk_sim_call *call);
uint16_t qk_sim_loc_inject_xtra(struct qk_sim_call *call);
