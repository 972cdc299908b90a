/*
 * WDS, shared: what WDS keeps of a client, and the handlers of its parts.
 *
 * Owns: struct qk_sim_wds_client, part of struct qk_sim_client.
 * Does not know: other services. Lifetime: the client's.
 * Called from: modem.h holds the struct; wds.c, wds-call.c, wds-profile.c.
 *
 * A client speaks of the calls on one mux id, 0 unless it binds itself to another, and of one IP version
 * once it has set one. A call belongs to the client that has started it: it ends with the client, and
 * nobody else's handle of it is good [C].
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qmikit/codec.h>

#include "bearer.h"

struct qk_sim;
struct qk_sim_call;
struct qk_sim_client;

/* What a client of WDS wants to hear of: bits of qk_sim_client.watch. */
enum {
	QK_WDS_WATCH_PACKET_STATUS = 1 << 0, /* every client, without asking */
	QK_WDS_WATCH_BEARER = 1 << 1,
	QK_WDS_WATCH_CURRENT_BEARER = 1 << 2,
	QK_WDS_WATCH_EXTENDED_BEARER = 1 << 3,
	QK_WDS_WATCH_CALL_STATUS = 1 << 4,
	QK_WDS_WATCH_DORMANCY = 1 << 5,
	QK_WDS_WATCH_CHANNEL_RATE = 1 << 6,
	QK_WDS_WATCH_DATA_SYSTEMS = 1 << 7,
	QK_WDS_WATCH_PREFERRED_SYSTEM = 1 << 8,
	QK_WDS_WATCH_REPORTS = (1 << 9) - 2, /* all that travels in an Event Report */
	QK_WDS_WATCH_IP_CONFIG = 1 << 9,
	QK_WDS_WATCH_PROFILES = 1 << 10,
};

/* The parts of the model that a client was told of last. */
struct qk_sim_wds_told {
	uint32_t handle[2]; /* of the calls of IPv4 and IPv6 that it sees; 0: none */
	uint64_t serial[2]; /* of their addresses */
	uint32_t bearer;    /* enum qk_sim_rat of the bearer; 0: there is none */
	uint32_t system;    /* enum qk_sim_rat of the network */
	bool dormant;
};

struct qk_sim_wds_client {
	uint8_t family; /* 4 or 6; 0: it has not said */
	uint8_t mux_id;
	uint8_t interval_sec; /* of its statistics; 0: none */
	uint32_t indicators;  /* which ones, as WDS has them */
	uint32_t contexts;    /* of which contexts it hears, a bit for each id; 0: of all */
	struct qk_sim_wds_told told;
};

/* The call that is up of what the client speaks of, IPv4 first; NULL: none. */
struct qk_sim_bearer *qk_sim_wds_call(struct qk_sim *sim, const struct qk_sim_client *client);
/* What the client is told of now. */
struct qk_sim_wds_told qk_sim_wds_now(struct qk_sim *sim, const struct qk_sim_client *client);

/* wds-call.c: text of a request that goes into the model; false: too long, or it has a 0 in it. */
bool qk_sim_wds_take_text(struct qk_string text, char *to, size_t size);
/* wds-call.c: the handlers of calls. */
uint16_t qk_sim_wds_start_network(struct qk_sim_call *call);
uint16_t qk_sim_wds_stop_network(struct qk_sim_call *call);
uint16_t qk_sim_wds_abort(struct qk_sim_call *call);
uint16_t qk_sim_wds_get_current_settings(struct qk_sim_call *call);
uint16_t qk_sim_wds_set_ip_family(struct qk_sim_call *call);
uint16_t qk_sim_wds_bind_mux_data_port(struct qk_sim_call *call);
uint16_t qk_sim_wds_get_autoconnect_settings(struct qk_sim_call *call);
uint16_t qk_sim_wds_set_autoconnect_settings(struct qk_sim_call *call);

/* wds-profile.c: the handlers of profiles, which are the model's contexts. */
uint16_t qk_sim_wds_create_profile(struct qk_sim_call *call);
uint16_t qk_sim_wds_modify_profile(struct qk_sim_call *call);
uint16_t qk_sim_wds_delete_profile(struct qk_sim_call *call);
uint16_t qk_sim_wds_get_profile_list(struct qk_sim_call *call);
uint16_t qk_sim_wds_get_profile_settings(struct qk_sim_call *call);
uint16_t qk_sim_wds_get_default_settings(struct qk_sim_call *call);
uint16_t qk_sim_wds_get_default_profile_number(struct qk_sim_call *call);
uint16_t qk_sim_wds_set_default_profile_number(struct qk_sim_call *call);
uint16_t qk_sim_wds_get_lte_attach_parameters(struct qk_sim_call *call);
uint16_t qk_sim_wds_get_lte_attach_pdn_list(struct qk_sim_call *call);
uint16_t qk_sim_wds_configure_profile_event_list(struct qk_sim_call *call);
bool qk_sim_wds_profile_news(struct qk_sim *sim, const struct qk_sim_client *client,
			     void *indication);
