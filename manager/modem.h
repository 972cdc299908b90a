/*
 * Modem: one modem for its whole life, from the first port to the last. What is known of it, its operations, its
 * objects on the bus.
 *
 * Owns: its QMI port, its objects (modem, SIM, bearers), its facts. Its state is made of them: state.c.
 * Does not know: how its ports were found.
 * Lifetime: modem_new() to the last modem_unref(); after modem_gone() it is on no bus and asks nothing more.
 * Called from: manager.c; everything else in manager/ works on it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include <systemd/sd-event.h>

#include "api/api-names.h"
#include "api/object.h"
#include "intent.h"
#include "qmi-port.h"
#include "ticker.h"

struct at_port;
struct operation;
struct bearer;
struct cell_broadcast;
struct location;
struct messaging;
struct slots;
struct voice;
struct ussd;
struct profile_manager;
struct hooks;
struct log;
struct registry;
struct modem;

/* What all modems share, and who is told of them. */
struct modem_host {
	struct api_bus *api;
	sd_bus *bus; /* what the first is on */
	sd_event *event;
	struct port_watch *watch; /* of their QMI ports */
	struct ticker *ticker;
	const struct log *log;
	bool debug;         /* Command() may be used */
	bool multiplex;     /* bearers of which nothing else was said share a link */
	unsigned int hurry; /* by how much the times of bearers are divided; 0: by nothing */
	struct registry *registry;
	struct hooks *hooks;       /* NULL: none are run */
	unsigned int *next_bearer; /* of all modems */
	unsigned int *next_sms;    /* the same */
	unsigned int *next_call;   /* the same */
	unsigned int *next_cbm;    /* the same */
	/* It is known who a modem is, by its IMEI or not at all: the time to give it its own index. */
	void (*identified)(struct modem *modem, void *userdata);
	/* Once, when the port of a modem is of no more use: "is lost", and why. */
	void (*gone)(struct modem *modem, const char *what, int error, void *userdata);
	/* It is to be begun with anew: what was read of it holds no more. It is gone when this returns. */
	void (*again)(struct modem *modem, void *userdata);
	void *userdata;
};

enum { MODEM_PORTS_MAX = 16, MODEM_BEARERS_MAX = 4 };

/* A port, as the discovery knows it. */
struct modem_port {
	char name[64]; /* cdc-wdm0, without /dev */
	enum mm_modem_port_type type;
};

/* What the discovery found: one physical device. */
struct modem_description {
	/* What clients know it by: its path in sysfs, or a name that it was given. */
	char device[256];
	char physdev[256];         /* its path in sysfs */
	char uid[64];              /* what inhibits and keeps apart: its USB path */
	char qmi[256];             /* what to open */
	char at[256];              /* its first AT port; "": there is none */
	unsigned int at_interface; /* of USB, by which it is the first */
	char drivers[4][32];
	char plugin[32];
	bool named;       /* by hand: it may come and go, and nobody tells */
	bool unsettled;   /* a network interface may get another name yet, by udev */
	bool wait_broker; /* only by the broker, which may be starting */
	uint16_t vendor, product;
	struct modem_port ports[MODEM_PORTS_MAX];
	size_t port_count;
};

/* What the modem's state is made of. */
struct modem_facts {
	bool initialized;
	bool starting; /* it is looked what was up before */
	bool settling; /* the modem has not come to an end with the card yet */
	enum mm_modem_state_failed_reason failed;
	enum mm_modem_lock lock;
	enum mm_modem_power_state power;
	bool enabled;
	enum mm_modem_3gpp_registration_state registration;
	enum mm_modem_state transient; /* of the operation that runs; UNKNOWN: none */
	size_t connected;              /* bearers */
};

/* The network's clock, as it was last told. */
struct modem_clock {
	bool known;
	int64_t utc;        /* seconds since 1970 */
	uint64_t at_usec;   /* of this machine's monotonic clock */
	uint64_t told_usec; /* when clients were told */
	int8_t quarters;    /* of an hour east of UTC */
};

/* What is the modem's of LTE's attachment: eps.h. */
struct modem_eps {
	uint8_t profile;  /* it attaches with; 0: nobody knows */
	json_t *settings; /* of that profile, as bearer-properties; NULL: nobody knows */
	uint32_t mode;    /* MM_MODEM_3GPP_EPS_UE_MODE_OPERATION_* */
	bool attached;
	char operator_code[8];     /* to whom */
	struct api_object *bearer; /* NULL: there is none */
};

/* Device management, oma.c. */
struct modem_oma {
	uint32_t features; /* MM_OMA_FEATURE_* that are on */
	struct qk_slot *news;
};

struct modem {
	unsigned int refs;
	unsigned int index;
	struct modem *prev, *next;
	const struct modem_host *host; /* borrowed */
	struct api_bus *bus;
	sd_event *event;
	struct modem_description description;
	struct qmi_port *qmi; /* NULL: gone, or not open yet */
	struct at_port *at;   /* NULL: there is none */
	struct api_object *object, *sim;
	struct operation *operations;
	struct modem_facts facts;
	enum mm_modem_state state; /* as told */
	enum mm_modem_state_change_reason reason;
	struct qk_slot *nas_news, *uim_news;
	bool card_news;               /* that the card changed, and was not read since */
	sd_event_source *probe_timer; /* of a modem that does not answer */
	unsigned int probes;
	struct tick signal_tick, quality_tick;
	sd_event_source *leisure;
	bool signal_told; /* the modem tells when its signal changes */
	bool power_told;  /* the same of its operating mode */
	struct qk_slot *dms_news;
	struct {
		uint32_t running, due; /* what is read because of it, by at-news.c's rows */
	} at_news;
	struct {
		bool known; /* the modem has a reduction of its power */
		uint32_t level;
	} sar;
	struct messaging *messaging;           /* NULL: there is no interface */
	struct cell_broadcast *cell_broadcast; /* the same */
	struct location *location;             /* the same */
	struct voice *voice;                   /* the same */
	struct ussd *ussd;                     /* the same */
	struct slots *slots;                   /* NULL: it has one, or says nothing of them */
	struct {
		uint32_t file_max, part_max; /* bytes of data about satellites; 0: not known */
	} orbits;
	struct {
		bool fastboot;    /* it can be put into that mode by AT */
		char version[64]; /* with the release of all parts; "": not known */
	} firmware;
	struct profile_manager *profile_manager;
	struct modem_clock clock;
	struct modem_eps eps;
	struct modem_oma oma;
	struct bearer *bearers[MODEM_BEARERS_MAX];
	struct intent_bounds bounds; /* within which they are brought back */
	sd_event_source *intents;    /* when to look at them */
	uint64_t enable_usec;        /* not before that is it enabled for one */
	unsigned int holds;          /* of its operations, ever */
	bool radio_locked;           /* it refused to turn its radio on before it is unlocked */
	bool identified;
	bool leaving; /* nothing that changes now is of interest */
	char imei[32];
	uint32_t facilities; /* MM_MODEM_3GPP_FACILITY_* that are locked */
};

/* On the bus soon. -ENOMEM, or what opening said. */
QK_MUST_CHECK int modem_new(const struct modem_host *host, unsigned int index,
			    const struct modem_description *description, struct modem **ret);
struct modem *modem_ref(struct modem *modem);
struct modem *modem_unref(struct modem *modem);
/* Takes it off the bus: its calls end in Core.Aborted. */
void modem_gone(struct modem *modem);

/* Gives it another index, as long as it was not told of. As api_object_move(). */
QK_MUST_CHECK int modem_move(struct modem *modem, unsigned int index);
/* Adds an interface to its own object, with what that keeps: `keeps` zeroed bytes, or none of its own (0; what is
 * returned is the modem then). NULL: there is no memory, which is logged, and no interface. */
void *modem_add(struct modem *modem, const struct api_interface *interface,
		const struct api_handler *handlers, size_t count, size_t keeps);

/* It is known who it is. */
void modem_identify(struct modem *modem);

/* What the discovery knows now: its ports come one after the other. */
void modem_describe(struct modem *modem, const struct modem_description *description);

/* A line of the log about the modem. `level` is one of syslog.h: LOG_DEBUG for what is of no interest while all goes
 * well, LOG_INFO, LOG_NOTICE for changes, LOG_WARNING. modem_log() is of LOG_INFO. */
void modem_log_at(const struct modem *modem, int level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void modem_log(const struct modem *modem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A property of the modem's own object; `take_value` NULL leaves it as it is. */
void modem_set(struct modem *modem, const struct api_property *property, json_t *take_value);

/* state.c: whether there is a card and no code is wanted. */
bool modem_card_is_usable(const struct modem_facts *facts);
/* state.c: whether a network has taken it. */
bool modem_is_registered(const struct modem_facts *facts);
/* state.c: tells what has become of the facts. */
void modem_tell_state(struct modem *modem);

/* initialize.c: reads what the modem is, makes its objects. */
void modem_initialize(struct modem *modem);

/* Text of QMI as JSON: bytes that are no UTF-8 become U+FFFD. NULL for an empty one. */
json_t *json_text(const char *data, size_t size);
