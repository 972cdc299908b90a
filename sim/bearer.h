/*
 * Bearer: PDP contexts, which QMI calls profiles, the data calls that are made of them, and what the
 * network's gateway says to a call.
 *
 * Owns: contexts, calls and their counters, the failures armed for the next calls. Plain data, part of
 * the state.
 * Does not know: QMI, AT, clients, packets.
 * Lifetime: that of the state. Contexts survive a reboot, calls do not.
 * Called from: state.c (time, loss of service), wds*.c, wda.c, dsd.c, the AT interpreter, the data
 * path, the control socket, tests.
 *
 * A data call is of one IP version; a context for both versions carries two. QK_SIM_CHANGED_DATA: a
 * call is up or has ended, or its addresses changed. QK_SIM_CHANGED_CONTEXTS: a context changed; which
 * one is in `bearers.change`. A call that ended keeps its slot, with its counters and the reason, until
 * a new call needs it.
 *
 * Addresses of IPv4 are numbers, the first octet in the highest byte; those of IPv6 are bytes in
 * network order.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "autoconnect.h"

struct qk_sim_state;

#define QK_SIM_CONTEXTS_MAX 24
#define QK_SIM_BEARERS_MAX 8
#define QK_SIM_APNS_MAX 16
#define QK_SIM_APN_MAX 100 /* characters of an APN: 3GPP TS 23.003 9.1 */
#define QK_SIM_USER_MAX 64
#define QK_SIM_CONTEXT_NAME_MAX 32
#define QK_SIM_ANY_HANDLE UINT32_MAX /* in QMI's Stop Network: whatever there is */

enum qk_sim_pdp_type {
	QK_SIM_PDP_IPV4,
	QK_SIM_PDP_PPP,
	QK_SIM_PDP_IPV6,
	QK_SIM_PDP_IPV4V6,
};

/* Bits. */
enum qk_sim_auth {
	QK_SIM_AUTH_NONE = 0,
	QK_SIM_AUTH_PAP = 1 << 0,
	QK_SIM_AUTH_CHAP = 1 << 1,
};

/* Who a user says he is. */
struct qk_sim_login {
	uint32_t auth; /* enum qk_sim_auth */
	char user[QK_SIM_USER_MAX + 1], password[QK_SIM_USER_MAX + 1];
};

/* A PDP context as it is stored. */
struct qk_sim_pdp_context {
	uint8_t id;    /* 1 to QK_SIM_CONTEXTS_MAX; 0: this place is free */
	uint32_t type; /* enum qk_sim_pdp_type */
	char name[QK_SIM_CONTEXT_NAME_MAX + 1];
	char apn[QK_SIM_APN_MAX + 1]; /* empty: the network chooses */
	struct qk_sim_login login;
	uint8_t header_compression, data_compression; /* as in 3GPP TS 27.007 +CGDCONT */
	uint32_t address4, dns4[2];                   /* what is asked for; 0: anything */
	uint8_t address6[16], dns6[2][16];
	bool pcscf_by_pco, pcscf_by_dhcp, im_cn; /* what the network shall tell or prepare */
	bool secondary;
	uint8_t primary_id; /* of a secondary one */
	bool disabled, roaming_disallowed;
	uint64_t apn_types; /* bits as in WDS */
};

/* Why a call ended or failed, as QMI says it: `call` is its Call End Reason, `type` and `reason` the
 * verbose one. All 0: it has not. */
struct qk_sim_end_reason {
	uint16_t call, type;
	int16_t reason;
};

/* Those that happen by themselves. Sources: the failures that ec25-eux.md 4.7 lists, those marked there
 * as computed and the ones here marked [U] among them. */
extern const struct qk_sim_end_reason qk_sim_end_client, /* the host stopped it */
	qk_sim_end_no_service, qk_sim_end_radio_off, qk_sim_end_card, qk_sim_end_busy,
	qk_sim_end_unknown_apn, qk_sim_end_bad_login, qk_sim_end_ipv4_disallowed,
	qk_sim_end_ipv6_disallowed, qk_sim_end_ipv4_only, qk_sim_end_ipv6_only,
	qk_sim_end_single_address, qk_sim_end_no_slot4, qk_sim_end_no_slot6, qk_sim_end_roaming,
	qk_sim_end_apn_disabled, qk_sim_end_emm_detached, qk_sim_end_regular;

struct qk_sim_counters {
	uint64_t tx_packets, rx_packets, tx_bytes, rx_bytes; /* tx: from the host */
	uint32_t tx_errors, rx_errors, tx_overflows, rx_overflows, tx_dropped, rx_dropped;
};

enum qk_sim_bearer_state {
	QK_SIM_BEARER_FREE,
	QK_SIM_BEARER_STARTING,
	QK_SIM_BEARER_UP,
	QK_SIM_BEARER_ENDED, /* or never came up: look at `end` */
};

/* A data call. */
struct qk_sim_bearer {
	uint32_t state;  /* enum qk_sim_bearer_state */
	uint32_t handle; /* its name; not 0 and not QK_SIM_ANY_HANDLE */
	uint32_t holder; /* who has started it, see struct qk_sim_bearer_request */
	uint8_t family;  /* 4 or 6 */
	uint8_t mux_id;  /* 0: not multiplexed */
	uint8_t context; /* the id of its context; 0: of none */
	uint8_t prefix_bits;
	bool dormant;    /* its radio bearer sleeps; packets pass all the same */
	uint64_t serial; /* of its addresses: no two have the same */
	uint32_t address4, gateway4, dns4[2];
	uint8_t address6[16], gateway6[16], dns6[2][16];
	uint32_t mtu;
	char apn[QK_SIM_APN_MAX + 1];
	struct qk_sim_login login;
	struct qk_sim_counters counters;
	uint64_t started_usec, up_usec, ended_usec;
	uint64_t due_usec;            /* STARTING: when the network has answered */
	struct qk_sim_end_reason end; /* ENDED: why; STARTING: what the network will say */
};

/* What somebody asks for. `apn` and `login` count where they are given (not NULL); the context has
 * the others. */
struct qk_sim_bearer_request {
	uint8_t family, mux_id;
	uint8_t context; /* an id; 0: the default one, with nothing but its APN when none is given */
	const char *apn;
	const struct qk_sim_login *login;
	/* Who asks: QK_SIM_HOLDER_MODEM, _AT, or from QK_SIM_HOLDER_QMI on a QMI client's id. */
	uint32_t holder;
};

enum {
	QK_SIM_HOLDER_MODEM,
	QK_SIM_HOLDER_AT,
	QK_SIM_HOLDER_QMI = 0x100,
};

/* An APN that the network knows. */
struct qk_sim_apn {
	char apn[QK_SIM_APN_MAX + 1];
	uint32_t type;                /* enum qk_sim_pdp_type; PPP: any one version, but not both */
	struct qk_sim_login login;    /* with a user: nobody else gets in */
	struct qk_sim_end_reason end; /* with a type: why nobody gets in */
};

/* Of a profile: contexts and network. */
struct qk_sim_data_profile {
	bool autoconnect;    /* on, as delivered */
	bool default_bearer; /* the bearer of the LTE attach answers questions as a call does */
	struct qk_sim_counters counters; /* of that bearer */
	uint8_t prefix_bits;             /* of a call's IPv4 network, 27 to 30 */
	uint32_t mtu;
	uint32_t dns4[2];
	uint8_t dns6[2][16];
	uint8_t default_context;
	bool other_apns; /* the network takes any APN, but for names that end in ".invalid" */
	uint64_t start_min_usec, start_max_usec; /* how long the network takes for a call */
	struct qk_sim_pdp_context contexts[QK_SIM_CONTEXTS_MAX];
	size_t context_count;
	struct qk_sim_apn apns[QK_SIM_APNS_MAX];
	size_t apn_count;
};

/* What happened to a context. */
enum qk_sim_pdp_event {
	QK_SIM_CONTEXT_CREATED = 1,
	QK_SIM_CONTEXT_DELETED,
	QK_SIM_CONTEXT_MODIFIED,
};

/* WDA's data format, of all calls. The numbers of WDA. */
struct qk_sim_data_format {
	uint32_t link_layer; /* what was set: 1 802.3, 2 raw IP. Packets are raw IP all the same */
	uint32_t uplink_aggregation, downlink_aggregation; /* 0 none, 5 QMAP */
	uint32_t downlink_datagrams, downlink_size;        /* at most, of a transfer to the host */
	uint32_t ndp_signature;
	bool qos_header;
};

struct qk_sim_bearers {
	struct qk_sim_pdp_context contexts[QK_SIM_CONTEXTS_MAX]; /* of id N at N - 1 */
	uint8_t default_context;
	struct {
		uint8_t context;
		uint32_t event; /* enum qk_sim_pdp_event */
	} change;               /* the last one */
	struct qk_sim_bearer calls[QK_SIM_BEARERS_MAX];
	uint64_t serial;               /* the next that is given to a call */
	struct qk_sim_counters attach; /* of the LTE attach's bearer, while there is no call */
	struct qk_sim_counters total; /* of all calls since the boot, for the data path to add to */
	uint64_t last_tx_bytes, last_rx_bytes; /* of the call that ended last */
	struct qk_sim_end_reason armed;        /* what the network says to the next calls */
	uint32_t armed_count;                  /* to how many; 0: none */
	struct qk_sim_data_format format;
	struct qk_sim_autoconnect autoconnect;
};

/* --- for state.c */

/* The modem as it is delivered. */
void qk_sim_bearers_start(struct qk_sim_state *state);
/* It is booted: no calls. */
void qk_sim_bearers_boot(struct qk_sim_state *state);
/* Mode, card, registration or cell have changed: ends what cannot stand any more. */
void qk_sim_bearers_check(struct qk_sim_state *state);
uint64_t qk_sim_bearers_next_usec(const struct qk_sim_state *state);
void qk_sim_bearers_advance(struct qk_sim_state *state);

/* --- calls */

/* Asks the network for a call. 0: it is STARTING, and up or ended at its `due_usec`;
 * -EALREADY: one of the same parameters is there (*ret);
 * -EINVAL: no such family or context;
 * -ECONNREFUSED: it cannot even be tried, *ret_end says why. */
int qk_sim_bearer_start(struct qk_sim_state *state, const struct qk_sim_bearer_request *request,
			struct qk_sim_bearer **ret, struct qk_sim_end_reason *ret_end);

/* The host ends a call that is up or starting. */
void qk_sim_bearer_stop(struct qk_sim_state *state, struct qk_sim_bearer *bearer);
/* Ends every call of a holder. */
void qk_sim_bearer_stop_of(struct qk_sim_state *state, uint32_t holder);

/* The network ends calls: those of `context`, or all (0). */
void qk_sim_bearer_drop(struct qk_sim_state *state, uint8_t context,
			const struct qk_sim_end_reason *end);
/* The network says this to the next `count` calls that are tried; 0 disarms. qk_sim_end_card is cured as
 * on real modems: by switching the radio off, or by a boot (F3). */
void qk_sim_bearer_arm(struct qk_sim_state *state, const struct qk_sim_end_reason *end,
		       uint32_t count);
/* The network gives every call that is up a new address. */
void qk_sim_bearer_renumber(struct qk_sim_state *state);

/* The call of this name, in any state, or NULL. */
struct qk_sim_bearer *qk_sim_bearer_find(struct qk_sim_state *state, uint32_t handle);
/* The call that is up for packets of an IP version on a mux id, or NULL: nothing passes. */
struct qk_sim_bearer *qk_sim_bearer_of_mux(struct qk_sim_state *state, uint8_t mux_id,
					   uint8_t family);
/* The call that is up on a context, or NULL. */
struct qk_sim_bearer *qk_sim_bearer_of_context(struct qk_sim_state *state, uint8_t context,
					       uint8_t family);
bool qk_sim_bearer_any_up(const struct qk_sim_state *state);
/* Whether there is a call, or the LTE attach's bearer answers in its place. */
bool qk_sim_bearer_present(const struct qk_sim_state *state);

/* --- contexts */

/* The context of this id, or NULL. */
const struct qk_sim_pdp_context *qk_sim_pdp_get(const struct qk_sim_state *state, uint8_t id);
/* Stores a context under its id (0: the first that is free, from 1 on). The id; -EINVAL: there is no such
 * id; -ENOSPC: all are taken. A call that is up goes on as it is. */
int qk_sim_pdp_set(struct qk_sim_state *state, const struct qk_sim_pdp_context *context);
/* -ENOENT; -EBUSY: a call is up on it; -EPERM: it is the default one. */
int qk_sim_pdp_delete(struct qk_sim_state *state, uint8_t id);
/* -ENOENT. */
int qk_sim_pdp_set_default(struct qk_sim_state *state, uint8_t id);
