/*
 * AT modem: the inside of the AT interpreter, shared by the modules that make it up.
 *
 * Owns: nothing; the shape of ports, calls, rows of commands and settings.
 * Does not know: faces, QMI.
 * Lifetime: struct qk_at is made with a modem's first AT port and ends with the modem.
 * Called from: at.c, at-line.c, at-settings.c, at-urc.c and the tables of commands.
 */
#pragma once

#include "at-parse.h"
#include "at.h"

/* What the modem says at once, and what it keeps until a response is complete. */
#define QK_AT_OUT_SIZE 2048
#define QK_AT_HELD_SIZE 4096
/* When a line's commands have said so much together, the next one is ERROR [C]: a list of messages is up to
 * 90 KiB, and a line has room for ninety of them. */
#define QK_AT_RESPONSE_MAX ((size_t)64 * 1024)
/* How long a line that nobody goes on to type keeps it back [C]. */
#define QK_AT_PATIENCE_USEC 5000000
/* A message behind the prompt of AT+CMGS, in characters. */
#define QK_AT_TEXT_MAX 1024
/* The longest line of a response: a file record as hexadecimal digits and what stands around it. */
#define QK_AT_SAY_MAX 1400
/* A line of +CREG without its name. */
#define QK_AT_REGISTRATION_MAX 40

/* How a command ends: the result codes of V.250 by their numbers, and what is no result yet. */
enum qk_at_result {
	QK_AT_OK = 0,
	QK_AT_CONNECT = 1,
	QK_AT_NO_CARRIER = 3,
	QK_AT_ERROR = 4,
	QK_AT_NO_DIALTONE = 6,
	QK_AT_BUSY = 7,
	QK_AT_NO_ANSWER = 8,
	QK_AT_LATER = 100,  /* qk_at_wait() or qk_at_prompt() was called */
	QK_AT_SILENT = 101, /* the modem never answers this */
	QK_AT_CME = 1000,   /* and the number of 3GPP TS 27.007, 9.2 */
	QK_AT_CMS = 3000,   /* and the number of 3GPP TS 27.005, 3.2.5 */
};

/* 3GPP TS 27.007, 9.2, as far as they are used; those from 500 on are Quectel's of GNSS. */
enum qk_at_cme {
	QK_AT_CME_NOT_ALLOWED = 3,
	QK_AT_CME_NOT_SUPPORTED = 4,
	QK_AT_CME_NOT_INSERTED = 10,
	QK_AT_CME_PIN = 11,
	QK_AT_CME_PUK = 12,
	QK_AT_CME_SIM_FAILURE = 13,
	QK_AT_CME_SIM_BUSY = 14,
	QK_AT_CME_PASSWORD = 16,
	QK_AT_CME_PIN2 = 17,
	QK_AT_CME_PUK2 = 18,
	QK_AT_CME_MEMORY_FULL = 20,
	QK_AT_CME_INDEX = 21,
	QK_AT_CME_NOT_FOUND = 22,
	QK_AT_CME_TOO_LONG = 24,
	QK_AT_CME_NO_SERVICE = 30,
	QK_AT_CME_EMERGENCY_ONLY = 32,
	QK_AT_CME_PARAMETERS = 50,
	QK_AT_CME_GNSS_PARAMETER = 501,
	QK_AT_CME_GNSS_ONGOING = 504,
	QK_AT_CME_GNSS_OFF = 505,
	QK_AT_CME_GNSS_NO_FIX = 516,
};

enum qk_at_cms {
	QK_AT_CMS_NOT_ALLOWED = 302,
	QK_AT_CMS_BAD_PDU = 304,
	QK_AT_CMS_BAD_TEXT = 305,
	QK_AT_CMS_NO_CARD = 310,
	QK_AT_CMS_PIN = 311,
	QK_AT_CMS_SIM_FAILURE = 313,
	QK_AT_CMS_SIM_BUSY = 314,
	QK_AT_CMS_PUK = 316,
	QK_AT_CMS_INDEX = 321,
	QK_AT_CMS_FULL = 322,
	QK_AT_CMS_NO_SMSC = 330,
	QK_AT_CMS_NO_SERVICE = 331,
	QK_AT_CMS_UNKNOWN = 500,
};

/* Everything that is set by a number and read back. */
enum qk_at_setting {
	/* of a port */
	QK_AT_SET_ECHO,
	QK_AT_SET_VERBOSE,
	QK_AT_SET_QUIET,
	QK_AT_SET_X,
	QK_AT_SET_DCD,
	QK_AT_SET_DTR,
	QK_AT_SET_S3,
	QK_AT_SET_S4,
	QK_AT_SET_S5,
	QK_AT_SET_CMEE,
	/* of the modem */
	QK_AT_SET_S0,
	QK_AT_SET_S7,
	QK_AT_SET_CREG,
	QK_AT_SET_CGREG,
	QK_AT_SET_CEREG,
	QK_AT_SET_COPS_FORMAT,
	QK_AT_SET_CTZU,
	QK_AT_SET_CTZR,
	QK_AT_SET_CGEREP_MODE,
	QK_AT_SET_CGEREP_BUFFER,
	QK_AT_SET_CMGF,
	QK_AT_SET_CSDH,
	QK_AT_SET_CSMS,
	QK_AT_SET_CNMI_MODE,
	QK_AT_SET_CNMI_MT,
	QK_AT_SET_CNMI_BM,
	QK_AT_SET_CNMI_DS,
	QK_AT_SET_CNMI_BUFFER,
	QK_AT_SET_CSMP_FO,
	QK_AT_SET_CSMP_VP,
	QK_AT_SET_CSMP_PID,
	QK_AT_SET_CSMP_DCS,
	QK_AT_SET_CSCS,
	QK_AT_SET_CPBS,
	QK_AT_SET_CPMS_READ,
	QK_AT_SET_CPMS_WRITE,
	QK_AT_SET_CPMS_RECEIVE,
	QK_AT_SET_CMMS,
	QK_AT_SET_CLIP,
	QK_AT_SET_CLIR,
	QK_AT_SET_COLP,
	QK_AT_SET_CRC,
	QK_AT_SET_CCWA,
	QK_AT_SET_WAITING,
	QK_AT_SET_CSSI,
	QK_AT_SET_CSSU,
	QK_AT_SET_CUSD,
	QK_AT_SET_CVHU,
	QK_AT_SET_CMUT,
	QK_AT_SET_CLVL,
	QK_AT_SET_QPCMV,
	QK_AT_SET_QPCMV_PORT,
	QK_AT_SET_QSIMSTAT,
	QK_AT_SET_QSIMDET,
	QK_AT_SET_QSIMDET_LEVEL,
	QK_AT_SET_URC_PORT,
	QK_AT_SET_IND_ALL,
	QK_AT_SET_IND_CSQ,
	QK_AT_SET_IND_SMSFULL,
	QK_AT_SET_IND_RING,
	QK_AT_SET_IND_SMS,
	QK_AT_SET_IND_ACT,
	QK_AT_SET_IND_CCINFO,
	QK_AT_SET_QGPS_OUTPORT,
	QK_AT_SET_QGPS_NMEASRC,
	QK_AT_SET_QGPS_GPSTYPE,
	QK_AT_SET_QGPS_GLONASSTYPE,
	QK_AT_SET_QGPS_GALILEOTYPE,
	QK_AT_SET_QGPS_BEIDOUTYPE,
	QK_AT_SET_QGPS_GSVEXT,
	QK_AT_SET_QGPS_GNSSCONFIG,
	QK_AT_SET_QGPS_AUTO,
	QK_AT_SET_QGPSXTRA,
	QK_AT_SET_IPR,
	QK_AT_SET_ICF_FORMAT,
	QK_AT_SET_ICF_PARITY,
	QK_AT_SET_IFC_TE,
	QK_AT_SET_IFC_TA,
	QK_AT_SET_IMS,
	QK_AT_SET_AIRPLANE,
	QK_AT_SET_FAST_POWEROFF,
	QK_AT_SET_RSSI,
	QK_AT_SET_URC_DELAY,
	QK_AT_SET_RI_SIGNAL,
	QK_AT_SET_QSCLK,
	QK_AT_SET_MBN_AUTO,
	QK_AT_SETTINGS,
};

/* The value of QK_AT_SET_URC_PORT beside those of enum qk_at_role. */
#define QK_AT_URC_ALL 3u

#define QK_AT_PORT_SETTINGS (QK_AT_SET_CMEE + 1)

struct qk_at_call;

/* Does a command. A result (enum qk_at_result). */
typedef int (*qk_at_fn)(struct qk_at_call *call);

/* Flags of a row. */
enum {
	QK_AT_NEEDS_CARD = 1 << 0, /* a card is there and works */
	QK_AT_NEEDS_PIN = 1 << 1,  /* and no PIN is missing */
	QK_AT_IS_SMS = 1 << 2,     /* refuses with +CMS ERROR */
	QK_AT_IS_LINUX = 1 << 3,   /* answered by the modem's Linux side, which may hang alone */
};

struct qk_at_command {
	const char *name;
	uint32_t flags;
	qk_at_fn read, set, execute;
	/* What NAME=? says behind "NAME: "; "": OK alone; NULL: by the settings, else an error. */
	const char *test;
	qk_at_fn test_fn; /* or this */
	/* Numbers that are read and set without more ado when `read` and `set` are NULL. */
	uint8_t settings[5];
	uint8_t setting_count;
};

/* The commands of a field. */
struct qk_at_table {
	const struct qk_at_command *commands;
	size_t count;
};

extern const struct qk_at_table qk_at_line_table, qk_at_identity_table, qk_at_sim_table,
	qk_at_phonebook_table, qk_at_radio_table, qk_at_network_table, qk_at_cell_table,
	qk_at_packet_table, qk_at_sms_table, qk_at_sms_send_table, qk_at_voice_table,
	qk_at_gnss_table, qk_at_config_table, qk_at_power_table, qk_at_apdu_table, qk_at_mbn_table;

/* What waits for time or the model: asked again after each change and when its time has come. */
struct qk_at_wait {
	qk_at_fn poll; /* a result, or QK_AT_LATER */
	uint64_t due_usec;
	bool abortable;  /* by a character from the host */
	uint32_t number; /* for `poll` to remember */
};

/* Text that is typed behind "> ". */
struct qk_at_prompt {
	qk_at_fn done; /* NULL: no prompt; gets the text in port->text */
	bool lines;    /* CR begins a new line and is part of the text */
	uint32_t number, tag;
	char destination[24];
};

enum qk_at_line_state { QK_AT_LINE_EMPTY, QK_AT_LINE_A, QK_AT_LINE_BODY };

struct qk_at_port {
	struct qk_at *at;
	struct qk_at_port *next;
	enum qk_at_role role;
	struct qk_at_sink sink;
	void *userdata;
	bool open;
	uint32_t settings[QK_AT_PORT_SETTINGS];
	enum qk_at_line_state state;
	char line[QK_AT_LINE_MAX];
	size_t line_size, position; /* position: of the command that runs */
	bool too_long, running;
	uint64_t typed_usec;        /* when a character of the line came last */
	struct qk_at_parsed parsed; /* the command that runs; points into `line` */
	const struct qk_at_command *command;
	struct qk_at_wait wait;
	struct qk_at_prompt prompt;
	char text[QK_AT_TEXT_MAX];
	size_t text_size;
	bool said;            /* the command has said a line */
	size_t response_size; /* what the line's commands have said */
	uint8_t out[QK_AT_OUT_SIZE];
	size_t out_size;
	char held[QK_AT_HELD_SIZE]; /* unsolicited, until the response is complete */
	size_t held_size;
};

/* What was last told about the modem, to tell what is new. */
struct qk_at_told {
	char registration[3][2][QK_AT_REGISTRATION_MAX]; /* by domain and mode */
	int csq;
	char act[12];
	uint32_t card; /* how it looked: at-card-news.c */
	bool inserted;
	uint32_t active;  /* contexts on which a call was up, as bits */
	uint8_t calls[7]; /* the states of voice calls */
};

struct qk_at {
	struct qk_sim *sim;
	struct qk_sim_state *state;
	struct qk_sim_watcher watcher;
	struct qk_at_port *ports;
	uint32_t settings[QK_AT_SETTINGS]; /* those of ports: for a port that is made or reset */
	uint32_t stored
		[QK_AT_SETTINGS]; /* by AT&W or as they are set; the next boot begins with them */
	struct qk_at_told told;
	uint64_t sms_usec,
		phonebook_usec; /* when they will have been read; QK_SIM_NEVER: not soon */
	bool sms_done, phonebook_done;
	int64_t clock_utc_sec; /* what its own clock showed at `clock_usec` */
	uint64_t clock_usec;
	int clock_quarters;
	uint64_t power_down_usec; /* QK_SIM_NEVER: it stays on */
	bool crash, fastboot;     /* with the next tick */
	uint64_t ring_usec;       /* the next RING */
	uint32_t rings;
};

struct qk_at_call {
	struct qk_at *at;
	struct qk_at_port *port;
	struct qk_sim *sim;
	struct qk_sim_state *state;
	const struct qk_at_command *command;
	const struct qk_at_parsed *parsed;
};

/* at.c: ends it with its ports. NULL is fine. */
void qk_at_free(struct qk_at *at);
/* at.c: puts bytes behind what the port says; they leave with qk_at_flush(). */
void qk_at_put(struct qk_at_port *port, const char *text, size_t size);
void qk_at_flush(struct qk_at_port *port);
/* at.c: what was typed and what runs is forgotten. */
void qk_at_forget(struct qk_at_port *port);

/* at-line.c: a command line is complete in port->line. */
void qk_at_run_line(struct qk_at_port *port);
/* at-line.c: a command that waits: has it an end now? */
void qk_at_poll(struct qk_at_port *port);
/* at-line.c: the host typed a character while a command waits. */
void qk_at_abort(struct qk_at_port *port);
/* at-line.c: the text behind a prompt is complete, or was given up. */
void qk_at_prompt_done(struct qk_at_port *port, bool cancelled);
/* at-line.c: for commands. A line of the response. */
void qk_at_say(struct qk_at_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same with octets, which may be 0: text of the default alphabet. */
void qk_at_say_bytes(struct qk_at_call *call, const char *text, size_t size);
/* at-line.c: the command ends later: `poll` is asked at `due_usec` and after each change of the model.
 * Returns QK_AT_LATER. */
int qk_at_wait(struct qk_at_call *call, qk_at_fn poll, uint64_t due_usec, bool abortable);
/* at-line.c: asks for text. Returns QK_AT_LATER. */
int qk_at_prompt(struct qk_at_call *call, qk_at_fn done, bool lines);
/* at-card-news.c: what +CPIN says of a card that answers. */
const char *qk_at_pin_code(const struct qk_sim_state *state);
/* at-line.c: why the card does not let a command run; QK_AT_OK when it does. */
int qk_at_card_error(const struct qk_sim_state *state, uint32_t flags);
/* at-line.c: calls `fn` with every row. */
void qk_at_each_command(void (*fn)(void *userdata, const struct qk_at_command *command),
			void *userdata);

/* at-settings.c: what a modem is delivered with. */
void qk_at_settings_factory(struct qk_at *at);
/* at-settings.c: after a boot, and a port that is made: what is stored. */
void qk_at_settings_restore(struct qk_at *at);
void qk_at_port_settings_restore(struct qk_at_port *port);
uint32_t qk_at_get(const struct qk_at_port *port, enum qk_at_setting setting);
void qk_at_put_setting(struct qk_at_port *port, enum qk_at_setting setting, uint32_t value);
/* at-settings.c: which values a setting may have. */
void qk_at_setting_range(enum qk_at_setting setting, uint32_t *ret_min, uint32_t *ret_max);
/* at-settings.c: the forms of a row with settings. */
int qk_at_settings_read(struct qk_at_call *call);
int qk_at_settings_set(struct qk_at_call *call);
int qk_at_settings_test(struct qk_at_call *call);

/* at-urc.c: says something unsolicited where AT+QURCCFG wants it. */
void qk_at_urc(struct qk_at *at, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* at-urc.c: says to a port what it held back. */
void qk_at_release_held(struct qk_at_port *port);
/* at-urc.c: the model has changed. */
void qk_at_news(struct qk_at *at, uint32_t changed);

/* at-phonebook.c: the <type> of a number: 145 with '+', else 129. */
int qk_at_number_type(const char *number);

/* at-gnss.c: the NMEA port says what AT+QGPSCFG lets through. */
void qk_at_gnss_apply(struct qk_at *at);
/* at-power.c: what AT switches off or crashes, when its time has come. */
void qk_at_power_due(struct qk_at *at);

/* A response is under way: nothing unsolicited now. */
static inline bool qk_at_is_busy(const struct qk_at_port *port)
{
	return port->running ||
	       (port->state == QK_AT_LINE_BODY &&
		port->at->state->now_usec < port->typed_usec + QK_AT_PATIENCE_USEC);
}
