/*
 * State: what the virtual modem is at this moment. Power and operating mode, cell and registration,
 * card, identity, data bearer. One model for every protocol that is spoken to it.
 *
 * Owns: its own values; plain data without pointers to the heap.
 * Does not know: QMI, AT, ports, clients, how an answer looks.
 * Lifetime: qk_sim_state_start() fills it; a reboot fills it again.
 * Called from: the handlers of every protocol, sim.c (time), tests and scenarios.
 *
 * Who changes something through the functions here leaves a bit in `changed`; the protocols look at
 * the bits afterwards and tell their subscribers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bearer.h"
#include "boot.h"
#include "card.h"
#include "fault.h"
#include "gnss.h"
#include "mbn.h"
#include "oma.h"
#include "link.h"
#include "personal.h"
#include "radio.h"
#include "refresh.h"
#include "slots.h"
#include "sms.h"
#include "voice.h"

#include "usb-config.h"

struct qk_sim_profile;

#define QK_SIM_NEVER UINT64_MAX

enum qk_sim_mode {
	QK_SIM_MODE_ONLINE,
	QK_SIM_MODE_LOW_POWER,
	QK_SIM_MODE_FACTORY_TEST,
	QK_SIM_MODE_OFFLINE,
	QK_SIM_MODE_RESET,
	QK_SIM_MODE_SHUTTING_DOWN,
	QK_SIM_MODE_PERSISTENT_LOW_POWER,
	QK_SIM_MODE_ONLY_LOW_POWER,
};

struct qk_sim_identity {
	char manufacturer[64], model[64], revision[64], hardware_revision[64];
	char imei[16]; /* in a profile: its first digits */
	char imei_software_version[8], esn[16], meid[16];
	char msisdn[24]; /* likewise; empty: the card holds no number */
};

struct qk_sim_capabilities {
	uint32_t max_tx_rate_bps, max_rx_rate_bps;
	uint64_t bands, lte_bands; /* bit masks as in the band tables of 3GPP2 and 3GPP */
	uint32_t rats;             /* enum qk_sim_rat */
	bool circuit_data;         /* voice and data at the same time */
};

/* The code with which a user locks the modem for himself; nothing is locked by it here. */
struct qk_sim_user_lock {
	bool on;
	char code[4];
};

/* What keeps a modem off the air that its laptop has to vouch for: by which message that is done. */
enum qk_sim_fcc_lock {
	QK_SIM_FCC_NONE,
	QK_SIM_FCC_DMS,     /* DMS Set FCC Authentication */
	QK_SIM_FCC_FOXCONN, /* Foxconn's own, the first form */
};

struct qk_sim_power {
	uint32_t mode;     /* enum qk_sim_mode */
	uint32_t fcc_lock; /* enum qk_sim_fcc_lock; a boot locks again */
	uint8_t battery_percent;
	uint8_t sar_state; /* 0: the full power */
	bool external_supply, battery, charging;
	bool hardware_restricted; /* a switch on the board holds the radio off */
};

/* What changed: bits of qk_sim_state.changed. */
enum {
	QK_SIM_CHANGED_MODE = 1 << 0,
	QK_SIM_CHANGED_REGISTRATION = 1 << 1,
	QK_SIM_CHANGED_SIGNAL = 1 << 2,
	QK_SIM_CHANGED_CARD = 1 << 3,
	QK_SIM_CHANGED_DATA = 1 << 4, /* a data call began or ended, or its addresses changed */
	QK_SIM_CHANGED_BOOT = 1 << 5, /* steps of the boot were reached: look at `reached` */
	QK_SIM_CHANGED_BUS = 1 << 6,  /* it left the bus or is on it again */
	QK_SIM_CHANGED_SELECTION = 1 << 7, /* which networks, modes and bands it may use */
	QK_SIM_CHANGED_REJECT = 1 << 8,    /* a network refused it, with a cause */
	QK_SIM_CHANGED_TIME = 1 << 9,      /* the network told the time */
	QK_SIM_CHANGED_CONTEXTS = 1 << 10, /* PDP contexts, which QMI calls profiles */
	QK_SIM_CHANGED_SMS = 1 << 11,      /* a message arrived */
	QK_SIM_CHANGED_SMS_SENT = 1 << 12,
	QK_SIM_CHANGED_CALLS = 1 << 13, /* voice calls */
	QK_SIM_CHANGED_USSD = 1 << 14,
	QK_SIM_CHANGED_POSITION = 1 << 15,      /* a fix, or the engine went on or off */
	QK_SIM_CHANGED_NMEA = 1 << 16,          /* sentences are ready */
	QK_SIM_CHANGED_POWER_DOWN = 1 << 17,    /* it was told to switch off and is about to */
	QK_SIM_CHANGED_FAULT = 1 << 18,         /* a fault was used */
	QK_SIM_CHANGED_CONFIGURATION = 1 << 19, /* of the operator */
	QK_SIM_CHANGED_FORWARD = 1 << 20,       /* a program has answered an AT command */
	QK_SIM_CHANGED_OMA = 1 << 21,           /* a session of device management went on */
	QK_SIM_CHANGED_OMA_ALERT = 1 << 22,     /* the network wants one */
	QK_SIM_CHANGED_SLOTS = 1 << 23,         /* which slot is in use, or a card in one */
	QK_SIM_CHANGED_REFRESH = 1 << 24,       /* the card has the modem read files anew */
};

struct qk_sim_state {
	const struct qk_sim_profile *profile; /* borrowed */
	uint64_t seed;
	uint64_t now_usec;
	uint32_t time_scale_ppm; /* how long things take; 1000000 is as long as on a real modem */
	uint32_t booted;         /* QK_SIM_BOOTED_*: the steps that were reached */
	uint32_t reached;        /* of them: since `changed` was cleared last */
	uint64_t plugged_usec; /* when it came or will come on the bus; QK_SIM_NEVER: not at all */
	uint64_t boot_usec;    /* when QMI began to answer; QK_SIM_NEVER while it does not */
	uint32_t loader;       /* enum qk_sim_loader: what is, or will be, on the bus before it */
	uint64_t loader_from_usec, loader_until_usec; /* since and until when */
	bool unplugged;   /* the cable is out; the modem goes on without */
	bool without_rdy; /* this boot does not say RDY */
	uint64_t late_card_usec,
		late_qmi_usec; /* what this boot takes longer, of a real modem's time */
	struct qk_sim_faults faults;
	uint64_t register_at_usec; /* when the search for a network ends */
	struct qk_sim_identity identity;
	struct qk_sim_power power;
	struct qk_sim_user_lock lock;                                /* a reboot keeps it */
	struct qk_sim_personal_lock personal[QK_SIM_PERSONAL_COUNT]; /* the same */
	struct qk_sim_card card;
	struct qk_sim_slots slots;
	struct qk_sim_refresh refresh;
	struct qk_sim_plmn network; /* of the cell; the home network is the profile's */
	struct qk_sim_cell cell;
	struct qk_sim_bearers bearers;
	struct qk_sim_link link;
	struct qk_sim_sms sms;
	struct qk_sim_voice voice;
	struct qk_sim_gnss gnss;
	struct qk_sim_mbn mbn;
	struct qk_sim_oma oma;
	struct qk_sim_radio radio;
	uint32_t registration; /* enum qk_sim_registration */
	bool roaming;
	bool number_known; /* the card's number was read; it is after registration */
	struct qk_sim_usb usb;
	uint32_t changed; /* QK_SIM_CHANGED_*, cleared with `reached` by who tells everybody */
};

/* Fills `state` with the profile's values and those that come from the seed; the modem was booted long
 * ago and has found its network. */
void qk_sim_state_start(struct qk_sim_state *state, const struct qk_sim_profile *profile,
			uint64_t seed, uint64_t now_usec);

/* The time at which something that takes `usec` on a real modem is done, by the time scale. A rhythm that the
 * host hears, as a fix a second, is not of that kind. */
uint64_t qk_sim_after(const struct qk_sim_state *state, uint64_t usec);
/* The same of what began, or will begin, at `from_usec`; QK_SIM_NEVER where either is. */
uint64_t qk_sim_since(const struct qk_sim_state *state, uint64_t from_usec, uint64_t usec);

/* How long something takes by a time scale that takes `usec` on a real modem. */
uint64_t qk_sim_scale(uint32_t time_scale_ppm, uint64_t usec);

/* What the clocks of the world show, in microseconds since 1970, whether the modem knows or not; and how many
 * quarters of an hour the local time is ahead of it. */
int64_t qk_sim_state_utc_usec(const struct qk_sim_state *state);
int8_t qk_sim_state_zone_quarters(const struct qk_sim_state *state);

bool qk_sim_state_has_radio(const struct qk_sim_state *state);
/* There is a cell and the modem listens to it: registered, refused, or without a usable card. */
bool qk_sim_state_has_signal(const struct qk_sim_state *state);
bool qk_sim_state_is_registered(const struct qk_sim_state *state);
/* The card is there, works and no PIN is missing. */
bool qk_sim_state_card_ready(const struct qk_sim_state *state);

/* Changes the operating mode. 0; -EINVAL for a mode nobody knows; -EPERM when it cannot be reached
 * from the present one: offline is left by a reset only. A reset or a shutdown takes effect with the
 * next qk_sim_state_advance(), so that the answer to who asked still gets out: it leaves the bus. */
int qk_sim_state_set_mode(struct qk_sim_state *state, uint32_t mode);

/* Radio conditions; only with a radio that is on does anybody hear of them. */
void qk_sim_state_set_signal(struct qk_sim_state *state, const struct qk_sim_cell *cell);

/* Arms a fault, which begins now or later. -ENOBUFS when QK_SIM_FAULTS_MAX are. */
int qk_sim_state_arm(struct qk_sim_state *state, const struct qk_sim_fault *fault);
/* Whether a fault of `kind` is armed now, for `frame` if it is not NULL; the asking counts as its use. */
bool qk_sim_state_take_fault(struct qk_sim_state *state, uint32_t kind,
			     const struct qk_frame *frame, struct qk_sim_fault *ret);

/* When something will happen by itself; QK_SIM_NEVER: not without input. */
uint64_t qk_sim_state_next_usec(const struct qk_sim_state *state);
/* Lets it happen. */
void qk_sim_state_advance(struct qk_sim_state *state, uint64_t now_usec);
