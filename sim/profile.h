/*
 * Profile: a modem as data. Reads a JSON file (or one that is built in) into plain C and refuses
 * what makes no sense, with the name of the member.
 *
 * Owns: the profile it returns. Does not know: what a value is used for, ports, time.
 * Lifetime: qk_sim_profile_load() to qk_sim_profile_free(); a modem borrows it all its life.
 * Called from: whoever makes a modem; state.c and the handlers read it.
 *
 * A profile may differ from a built-in one by few values: it names that as its "base".
 *
 * Every value carries the mark of how sure it is: S seen, R seen on a related modem, M from a
 * manual, C computed, U uncertain. A value without a mark is refused.
 */
#pragma once

#include "fault.h"
#include "state.h"

#define QK_SIM_PROFILE_DEFAULT "ec25-eux"

struct qk_sim_service {
	uint8_t id; /* of those above 255 their byte: large.h */
	uint16_t major, minor;
	uint8_t first_client; /* the first client id that is given out */
	uint8_t clients;      /* how many may be allocated at one time */
};

/* A message that the modem refuses, and how. */
struct qk_sim_refusal {
	uint8_t service;
	uint16_t message, error;
};

/* Whose own messages the modem knows, besides everyone's. */
struct qk_sim_vendor {
	uint16_t id; /* of USB, as the definitions have it: enum qk_vendor */
};

struct qk_sim_preferred {
	uint16_t mcc, mnc;
	uint8_t mnc_digits;
	uint32_t rats;
};

/* How long things take, in microseconds. The steps of a boot count from the moment the modem is on the
 * bus. */
struct qk_sim_timings {
	uint64_t off_bus_usec;   /* a reset: from leaving the bus to being on it again */
	uint64_t at_usec;        /* the AT ports answer */
	uint64_t rdy_usec;       /* and say so */
	uint64_t card_usec;      /* the card was read */
	uint64_t boot_usec;      /* QMI answers */
	uint64_t sms_usec;       /* the messages were read */
	uint64_t phonebook_usec; /* so was the phone book */
	uint64_t register_usec;  /* from radio on to registered */
};

/* What the AT ports say the modem is; the revision before its suffix is that of QMI. */
struct qk_sim_at_identity {
	char manufacturer[32], model[32], sub_edition[32], revision_suffix[32];
	uint64_t bands; /* GSM and UMTS, by the bits of AT+QCFG="band" */
};

/* What stands on the card besides numbers, and how long the modem takes to read a card that was put in. */
struct qk_sim_card_contents {
	char service_centre[24]; /* of messages */
	uint8_t gid1[8], gid1_size, gid2[8], gid2_size;
	uint64_t detect_usec, initialize_usec;
};

/* A file of the card that the profile brings. */
struct qk_sim_profile_file {
	uint8_t path[2 * QK_SIM_PATH_MAX], path_size; /* as ids, the higher byte first */
	struct qk_sim_file file;
	uint8_t content[255], content_size;
};

/* Another slot and its card; what is not told here is as on the first. */
struct qk_sim_profile_slot {
	uint32_t state;                       /* enum qk_sim_card_state, absent or present */
	uint32_t pin1;                        /* enum qk_sim_pin_state */
	char iccid[21], imsi[16], msisdn[24]; /* their first digits */
	char spn[33];
	uint8_t eid[16], eid_size;
};

/* The world around the modem. */
struct qk_sim_world {
	uint64_t scan_usec; /* how long a scan for networks takes */
	int64_t utc_sec;    /* the networks' clock when the modem begins; since 1970 */
	int8_t zone_quarters;
	uint8_t saving_hours;
};

/* Messages: how long the network takes with them, and where they go. */
struct qk_sim_sms_profile {
	uint32_t store;       /* enum qk_sim_sms_store: of what arrives */
	uint64_t send_usec;   /* until the message centre has taken one */
	uint64_t report_usec; /* from then until its report comes */
	uint64_t gap_usec;    /* between two that arrive */
};

/* Calls: how long things take at the other side. */
struct qk_sim_voice_profile {
	uint64_t ring_usec;    /* from dialling until it rings there, or is refused */
	uint64_t answer_usec;  /* from then until somebody answers */
	uint64_t give_up_usec; /* how long it rings before the network ends it */
	uint64_t ussd_usec;    /* until the network answers a code */
};

/* Who answers how: a number that begins so. */
struct qk_sim_remote {
	char number[QK_SIM_NUMBER_MAX];
	uint32_t act; /* enum qk_sim_remote_act */
};

/* What the network says to a USSD code, or to an answer within a menu. */
struct qk_sim_ussd_reply {
	char menu[24];  /* where this holds; "": at the start of a session */
	char input[32]; /* "": anything */
	char reply[QK_SIM_USSD_MAX];
	uint32_t action; /* enum qk_sim_ussd_action */
	char opens[24];  /* with QK_SIM_USSD_MORE: the menu in which the answer is looked up */
};

struct qk_sim_gnss_profile {
	uint64_t first_fix_usec; /* from switching it on */
	double speed_km_h, altitude_m;
};

/* In degrees: north and east are positive. */
struct qk_sim_place {
	double latitude, longitude;
};

/* A configuration for an operator, which the modem calls MCFG or MBN. */
struct qk_sim_mbn_profile {
	uint8_t id[20], id_size;
	char name[48], date[12]; /* year, month, day and a digit */
	uint32_t version, size;
	bool active;
};

#define QK_SIM_RECORDED_MAX 4096
#define QK_SIM_RECORDED_TLVS_MAX 65522

/* What another modem has answered to a request of just these TLVs (recorded.h). */
struct qk_sim_recorded {
	uint8_t service;
	uint16_t message;
	uint8_t *request, *response; /* their TLVs; the profile's */
	size_t request_size, response_size;
};

struct qk_sim_profile {
	char name[48], title[96];
	bool seeded;                /* answers made from the definitions instead of behaviour */
	bool unknown_client_silent; /* a request on an id that is not allocated gets no answer */
	uint8_t presence_percent;   /* seeded: how often an optional TLV is there */
	struct qk_sim_identity identity;
	struct qk_sim_at_identity at;
	struct qk_sim_capabilities capabilities;
	struct qk_sim_power power;
	struct qk_sim_card card;
	struct qk_sim_plmn network; /* the home network */
	struct qk_sim_cell cell;
	struct qk_sim_data_profile data;
	struct qk_sim_timings timings;
	struct qk_sim_sms_profile sms;
	struct qk_sim_voice_profile voice;
	struct qk_sim_remote remotes[32];
	size_t remote_count;
	struct qk_sim_ussd_reply ussd[32];
	size_t ussd_count;
	struct qk_sim_gnss_profile gnss;
	struct qk_sim_place route[QK_SIM_GNSS_POINTS_MAX];
	size_t route_count;
	struct qk_sim_mbn_profile mbn[QK_SIM_MBN_MAX];
	size_t mbn_count;
	struct qk_sim_usb_identity usb;
	struct qk_sim_card_contents sim;
	struct qk_sim_world world;
	struct qk_sim_network networks[QK_SIM_NETWORKS_MAX]; /* besides `network` on `cell` */
	size_t network_count;
	struct qk_sim_profile_file files[16];
	size_t file_count;
	struct qk_sim_profile_slot slots[QK_SIM_SLOTS_MAX - 1];
	size_t slot_count; /* besides the first */
	bool roaming;
	struct qk_sim_service services[256];
	size_t service_count;
	struct qk_sim_refusal refusals[64];
	size_t refusal_count;
	struct qk_sim_vendor vendors[16]; /* see vendors.h */
	size_t vendor_count;
	struct qk_sim_preferred preferred[16];
	size_t preferred_count;
	struct qk_sim_fault faults[QK_SIM_FAULTS_MAX];
	size_t fault_count;
	struct qk_sim_recorded *recorded; /* on the heap */
	size_t recorded_count;
};

/* A profile that is part of the program. */
struct qk_sim_builtin {
	const char *name;
	const char *json;
	size_t size;
};
extern const struct qk_sim_builtin qk_sim_builtins[];
extern const size_t qk_sim_builtin_count;

/*
 * Loads a profile: the name of a built-in one (NULL or "": the default), or the path of a file, which
 * is what has a '/' or ends in ".json". Returns 0; -ENOENT no such profile; -EINVAL its content is
 * refused; -EFBIG, -ENOMEM, or what open(2) and read(2) say. `error` gets one line without newline.
 */
int qk_sim_profile_load(const char *name, struct qk_sim_profile **ret, char *error,
			size_t error_size);

/* The same from JSON text; `name` is for messages. */
int qk_sim_profile_parse(const char *name, const char *json, size_t size,
			 struct qk_sim_profile **ret, char *error, size_t error_size);

/* NULL is fine; returns NULL. */
struct qk_sim_profile *qk_sim_profile_free(struct qk_sim_profile *profile);

/* The service of the profile with this id, or NULL. */
const struct qk_sim_service *qk_sim_profile_service(const struct qk_sim_profile *profile,
						    uint8_t id);
