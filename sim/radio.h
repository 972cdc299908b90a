/*
 * Radio: which networks there are, which of them the modem may use, and where it is registered.
 *
 * Owns: struct qk_sim_radio in the state, and the state's network, cell, registration and roaming.
 * Does not know: QMI, AT, data calls (they end when a registration ends: who changes it says so), how names
 * are coded.
 * Lifetime: qk_sim_radio_start() fills it from the profile. A reboot keeps what was stored permanently: the
 * selection and the networks that refused the card for good.
 * Called from: state.c, card.c (a PIN was verified), the handlers of every protocol, scenarios, tests.
 *
 * The networks are a list of the profile: each is one PLMN on one cell. The modem searches when its radio goes
 * on, when its card becomes ready, when what it may use changes, and when it has lost its cell; the search takes
 * timings.register_usec. It takes the best cell that it may use: its home first, then by the order of radio
 * interfaces, then the list's. Levels change through qk_sim_state_set_signal() alone.
 * Sources: TS 23.122 (selection of a network), TS 24.008 and TS 24.301 (causes).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qk_sim_state;

enum qk_sim_registration {
	QK_SIM_NOT_REGISTERED,
	QK_SIM_REGISTERED,
	QK_SIM_SEARCHING,
	QK_SIM_DENIED,
};

enum qk_sim_rat {
	QK_SIM_RAT_NONE = 0,
	QK_SIM_RAT_GSM = 1 << 0,
	QK_SIM_RAT_UMTS = 1 << 1,
	QK_SIM_RAT_LTE = 1 << 2,
	QK_SIM_RAT_ALL = QK_SIM_RAT_GSM | QK_SIM_RAT_UMTS | QK_SIM_RAT_LTE,
};

struct qk_sim_plmn {
	uint16_t mcc, mnc;
	uint8_t mnc_digits; /* 2 or 3 */
	char name[48];
	char short_name[16]; /* empty: the name, cut */
};

struct qk_sim_cell {
	uint32_t rat;     /* one of enum qk_sim_rat */
	uint16_t band;    /* 3GPP number of the band; of GSM 900 or 1800 */
	uint32_t channel; /* EARFCN, UARFCN or ARFCN */
	uint16_t pci;     /* physical cell id, scrambling code or BSIC */
	uint16_t area;    /* tracking or location area code */
	uint32_t cell_id;
	int8_t rssi_dbm, rsrq_db; /* on UMTS rsrq_db is Ec/Io, on GSM nothing */
	int16_t rsrp_dbm;         /* on UMTS the RSCP, on GSM nothing */
	int16_t snr_tenth_db;
};

#define QK_SIM_NETWORKS_MAX 12
#define QK_SIM_ALL_NETWORKS SIZE_MAX

struct qk_sim_network {
	struct qk_sim_plmn plmn;
	struct qk_sim_cell cell;
	bool forbidden; /* it refuses this card with cause 11 from the start */
	bool hidden;    /* its cell cannot be heard now */
	uint8_t cause;  /* it refuses the modem with this cause; 0: it lets it in */
};

/* enum: of struct qk_sim_selection.roaming */
enum qk_sim_roaming { QK_SIM_ROAMING_ANY, QK_SIM_ROAMING_OFF };

/* enum: of struct qk_sim_selection.domain */
enum qk_sim_domain { QK_SIM_DOMAIN_CS, QK_SIM_DOMAIN_PS, QK_SIM_DOMAIN_CS_PS };

/* What the modem may use. */
struct qk_sim_selection {
	uint32_t rats;             /* enum qk_sim_rat, as bits */
	uint64_t bands, lte_bands; /* as in struct qk_sim_capabilities */
	uint32_t order[3];         /* which radio interface to try first; 0 ends it */
	bool manual;               /* only this network: */
	uint16_t mcc, mnc;
	uint8_t mnc_digits;
	uint32_t manual_rat; /* and only there; QK_SIM_RAT_NONE: anywhere */
	uint8_t roaming;     /* enum qk_sim_roaming */
	uint8_t domain;      /* enum qk_sim_domain */
	bool voice_centric;
};

/* How a network refused the modem last. */
struct qk_sim_reject {
	uint8_t cause;  /* TS 24.008 10.5.3.6, TS 24.301 9.9.3.9; 0: it did not */
	uint8_t domain; /* enum qk_sim_domain */
	uint32_t rat;
	struct qk_sim_plmn plmn;
};

/* UTC, and what to add for the local time. */
struct qk_sim_time {
	uint16_t year;
	uint8_t month, day, hour, minute, second;
	uint8_t weekday;      /* 0 is Monday */
	int8_t zone_quarters; /* with daylight saving in it */
	uint8_t saving_hours; /* of daylight saving: 0, 1, 2 */
};

struct qk_sim_radio {
	struct qk_sim_network networks[QK_SIM_NETWORKS_MAX];
	uint8_t network_count;
	uint8_t serving; /* of state->network and state->cell; QK_SIM_NETWORKS_MAX: none */
	struct qk_sim_selection selection, stored; /* now, and what a reboot comes back to */
	struct qk_sim_reject reject;
	bool detached;      /* from packet service, by the host */
	bool uncovered;     /* nothing can be heard anywhere */
	uint8_t attempts;   /* refusals in a row that may pass */
	bool card_refused;  /* a cause that the card does not outlive until the next power cycle */
	bool time_known;    /* the network has told the time */
	int64_t utc_sec;    /* the network's clock at time_usec; since 1970 */
	uint64_t time_usec; /* of the model */
	int8_t zone_quarters;
	uint8_t saving_hours;
	uint64_t time_at_usec; /* when the network will tell; QK_SIM_NEVER */
};

/* A network as a scan shows it. */
struct qk_sim_found {
	struct qk_sim_plmn plmn;
	uint32_t rat;
	bool serving, home, forbidden, preferred;
};

/* From the profile, nothing registered. */
void qk_sim_radio_start(struct qk_sim_state *state);
/* The modem comes up: the stored selection, nothing registered. */
void qk_sim_radio_boot(struct qk_sim_state *state);

/* Something that the radio depends on changed: power, mode, the card, a cell, the selection. A search begins, to
 * end after `delay_usec` of a real modem, or there is nothing to search for. Who changes these calls it. */
void qk_sim_radio_settle(struct qk_sim_state *state, uint64_t delay_usec);
/* The search is over: registered, refused, on a cell for emergency calls, or nothing. */
void qk_sim_radio_arrive(struct qk_sim_state *state);
uint64_t qk_sim_radio_next_usec(const struct qk_sim_state *state);
void qk_sim_radio_advance(struct qk_sim_state *state);

/* Registered and attached to packet service: a data call may start. */
bool qk_sim_radio_has_packet(const struct qk_sim_state *state);
/* Registered for calls and messages. */
bool qk_sim_radio_has_circuit(const struct qk_sim_state *state);

/* Replaces what the modem may use: take a copy of state->radio.selection, change it, give it. `permanent`: a
 * reboot does not undo it. 0; -EINVAL when nothing is left that the modem can do. QK_SIM_CHANGED_SELECTION; the
 * modem leaves a cell that it may not use any more. */
int qk_sim_radio_select(struct qk_sim_state *state, const struct qk_sim_selection *selection,
			bool permanent);
/* The same, for the choice of one network alone or (`plmn` NULL) of any: AT+COPS, NAS Initiate Network Register.
 * `rat` may be QK_SIM_RAT_NONE. Searches anew also when nothing changed. Whether it worked shows at the end of
 * the search: qk_sim_radio_is_searching(), then the registration. */
int qk_sim_radio_choose(struct qk_sim_state *state, const struct qk_sim_plmn *plmn, uint32_t rat,
			bool permanent);
bool qk_sim_radio_is_searching(const struct qk_sim_state *state);

/* Attaches to or detaches from packet service. 0; -ENETDOWN when it is not registered and shall attach. */
int qk_sim_radio_attach(struct qk_sim_state *state, bool on);

/* A scan: how long it takes (of a real modem; ask qk_sim_after() when it ends), then what is to be heard of `rats`.
 * How many there are, at most `max`. */
uint64_t qk_sim_radio_scan_usec(const struct qk_sim_state *state);
size_t qk_sim_radio_scan(const struct qk_sim_state *state, uint32_t rats, struct qk_sim_found *ret,
			 size_t max);

/* The clock of the network. false: it has not told yet. */
bool qk_sim_radio_time(const struct qk_sim_state *state, struct qk_sim_time *ret);
/* The same since 1970, in microseconds; 0: not told. */
int64_t qk_sim_radio_utc_usec(const struct qk_sim_state *state);

/* The name to show for a network: what the network is called in the profile, else its number. */
void qk_sim_radio_name(const struct qk_sim_state *state, const struct qk_sim_plmn *plmn,
		       bool is_short, char *ret, size_t size);
/* On the card's list of forbidden networks. */
bool qk_sim_radio_is_forbidden(const struct qk_sim_state *state, const struct qk_sim_plmn *plmn);
bool qk_sim_radio_is_home(const struct qk_sim_state *state, const struct qk_sim_plmn *plmn);

/* Scenarios. A network's cell is heard no more, or again. `network` is an index into the list or
 * QK_SIM_ALL_NETWORKS. -ENOENT. */
int qk_sim_radio_hide(struct qk_sim_state *state, size_t network, bool hidden);
/* A network refuses the modem with `cause` from now on (also one that is registered), or with 0 lets it in.
 * Causes 2, 3, 6 and 8 last until the modem or the card is reset. QK_SIM_CHANGED_REJECT. -ENOENT. */
int qk_sim_radio_refuse(struct qk_sim_state *state, size_t network, uint8_t cause);
/* The modem is at home or abroad: the cells of the first network of the list belong to `plmn` now. */
void qk_sim_radio_visit(struct qk_sim_state *state, const struct qk_sim_plmn *plmn);
/* The network tells the time now. QK_SIM_CHANGED_TIME. */
void qk_sim_radio_set_time(struct qk_sim_state *state, int64_t utc_sec, int8_t zone_quarters,
			   uint8_t saving_hours);
