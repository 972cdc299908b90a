/*
 * Card: the SIM. Whether it is there and how far the modem is with it, its PINs with what is left of their
 * tries, and its files.
 *
 * Owns: struct qk_sim_card in the state, with the bytes of all files.
 * Does not know: QMI, AT, APDUs, networks.
 * Lifetime: qk_sim_card_start() puts in the card of the profile; a reboot of the modem resets the card but
 * keeps what was written to it, its codes and its tries.
 * Called from: state.c, apdu.c, the handlers of every protocol, scenarios, tests.
 *
 * What a card answers is a status word of ETSI TS 102 221 (10.2.1): 0x9000 is success, 0 that no card
 * answered. A code that is not 4 to 8 digits (a PUK: 8) never reaches the card and costs no try.
 * Sources: TS 102 221 (PINs, files, status words), TS 31.102 (the files of the USIM).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qmikit/wire.h>

struct qk_sim_profile;
struct qk_sim_state;

enum qk_sim_card_state { QK_SIM_CARD_ABSENT, QK_SIM_CARD_PRESENT, QK_SIM_CARD_ERROR };

/* How far the modem is with the application on a card that is present. */
enum qk_sim_application {
	QK_SIM_APPLICATION_NONE,     /* not looked for yet */
	QK_SIM_APPLICATION_DETECTED, /* found, not read yet */
	QK_SIM_APPLICATION_INITIALIZED,
};

enum qk_sim_pin_state {
	QK_SIM_PIN_NOT_INITIALIZED,
	QK_SIM_PIN_NOT_VERIFIED,
	QK_SIM_PIN_VERIFIED,
	QK_SIM_PIN_DISABLED,
	QK_SIM_PIN_BLOCKED,
	QK_SIM_PIN_PERMANENTLY_BLOCKED,
};

enum qk_sim_pin_id { QK_SIM_PIN1, QK_SIM_PIN2 };

enum {
	QK_SIM_SW_NO_CARD = 0,
	QK_SIM_SW_WRONG_CODE = 0x63c0, /* the tries that are left in the lowest 4 bits */
	QK_SIM_SW_WRONG_LENGTH = 0x6700,
	QK_SIM_SW_WRONG_TYPE = 0x6981, /* not for this type of file */
	QK_SIM_SW_NO_ACCESS = 0x6982,  /* a PIN is missing */
	QK_SIM_SW_BLOCKED = 0x6983,    /* the code has no tries left */
	QK_SIM_SW_DISABLED = 0x6984, /* the PIN is disabled (or enabled, when that was asked for) */
	QK_SIM_SW_NO_FILE = 0x6986,  /* no file is selected */
	QK_SIM_SW_WRONG_DATA = 0x6a80, /* a code that no card takes */
	QK_SIM_SW_NOT_FOUND = 0x6a82,  /* the file */
	QK_SIM_SW_NO_RECORD = 0x6a83,
	QK_SIM_SW_OUTSIDE = 0x6b00, /* the offset lies outside the file */
	QK_SIM_SW_OK = 0x9000,
};

struct qk_sim_pin {
	uint32_t state; /* enum qk_sim_pin_state */
	uint8_t retries, unblock_retries;
	uint8_t retries_max, unblock_retries_max;
	char code[9], unblock_code[9]; /* digits */
};

#define QK_SIM_CODE_MIN 4
#define QK_SIM_CODE_MAX 8

enum qk_sim_file_type {
	QK_SIM_FILE_TRANSPARENT,
	QK_SIM_FILE_LINEAR_FIXED,
	QK_SIM_FILE_CYCLIC,
	QK_SIM_FILE_FOLDER,
};

/* Who may read or write a file. */
enum qk_sim_access {
	QK_SIM_ACCESS_ALWAYS,
	QK_SIM_ACCESS_PIN1,
	QK_SIM_ACCESS_PIN2,
	QK_SIM_ACCESS_ADM, /* whoever issued the card */
	QK_SIM_ACCESS_NEVER,
};

#define QK_SIM_PATH_MAX 4
#define QK_SIM_FILES_MAX 64
#define QK_SIM_FILE_BYTES_MAX 16384

/* The ids from the master file 3F00 down to a file, which is the last. 7FFF stands for the USIM application;
 * 7F20, the folder of a GSM SIM, is taken for it too. */
struct qk_sim_path {
	uint16_t ids[QK_SIM_PATH_MAX];
	uint8_t count;
};

struct qk_sim_file {
	struct qk_sim_path path;
	uint8_t type;         /* enum qk_sim_file_type */
	uint8_t read, write;  /* enum qk_sim_access */
	uint16_t size;        /* bytes of the whole file */
	uint16_t record_size; /* 0: it has no records */
	uint16_t at;          /* where its bytes begin */
};

/* The list of forbidden networks. */
#define QK_SIM_FILE_FPLMN 0x6f7b

#define QK_SIM_CHANNELS 4

/* A logical channel of the card; 0 is always open. */
struct qk_sim_card_channel {
	bool open;
	struct qk_sim_path selected;
};

struct qk_sim_card {
	uint32_t state;       /* enum qk_sim_card_state: what the modem sees */
	uint32_t application; /* enum qk_sim_application */
	uint8_t error;        /* why QK_SIM_CARD_ERROR, in 3GPP's order of card errors */
	bool powered;         /* the modem gives it power */
	bool inserted;        /* it is in the slot */
	struct qk_sim_pin pin1, pin2;
	uint8_t aid[16]; /* of its USIM application */
	uint8_t aid_size;
	uint8_t eid[16]; /* of one whose profiles can be exchanged, an eUICC */
	uint8_t eid_size;
	char spn[33];             /* who has issued it */
	char iccid[21], imsi[16]; /* in a profile: their first digits */
	uint64_t due_usec;        /* the next step of its initialization; QK_SIM_NEVER: none */
	struct qk_sim_card_channel channels[QK_SIM_CHANNELS];
	struct qk_sim_file files[QK_SIM_FILES_MAX];
	uint8_t file_count;
	uint16_t bytes_used;
	uint8_t bytes[QK_SIM_FILE_BYTES_MAX];
};

/* The card of the profile is in the slot, with the files that follow from the identity, then those of the
 * profile; the modem has read it. Needs state->identity. */
void qk_sim_card_start(struct qk_sim_state *state);
/* What is described in state->card becomes a card with its files, that the modem has read if it is there. */
void qk_sim_card_make(struct qk_sim_state *state);

/* A card that the modem turns to another for: without power, it is as absent to it. */
void qk_sim_card_rest(struct qk_sim_card *card);
/* The modem turns to the card in the state, which was at rest. */
void qk_sim_card_wake(struct qk_sim_state *state);

/* The modem comes up: the card is reset and waits to be read. */
void qk_sim_card_boot(struct qk_sim_state *state);
/* The modem has read the card: the last step of its initialization is taken. */
void qk_sim_card_was_read(struct qk_sim_state *state);

/* Takes the card out, puts it in (the same one, reset) or lets it fail with `error`. A card that was put in is
 * present at once and initialized after the profile's times. QK_SIM_CHANGED_CARD. */
void qk_sim_card_set(struct qk_sim_state *state, uint32_t card_state, uint8_t error);
/* The modem takes the card's power, which looks as if it were absent, or gives it back. */
void qk_sim_card_power(struct qk_sim_state *state, bool on);

/* When the card's next step is due, and letting it happen. */
uint64_t qk_sim_card_next_usec(const struct qk_sim_state *state);
void qk_sim_card_advance(struct qk_sim_state *state);

/* There, initialized, and PIN1 is verified or disabled. */
bool qk_sim_card_is_ready(const struct qk_sim_card *card);
/* There and initialized, so that its files can be asked for; a PIN may be missing. */
bool qk_sim_card_answers(const struct qk_sim_card *card);

struct qk_sim_pin *qk_sim_card_pin(struct qk_sim_card *card, uint32_t pin_id);

/*
 * PINs; all return a status word and leave QK_SIM_CHANGED_CARD when the state or the tries changed.
 * Verifying a disabled PIN, and enabling one that is enabled, is QK_SIM_SW_DISABLED and costs no try.
 */
uint16_t qk_sim_card_verify(struct qk_sim_state *state, uint32_t pin_id, const char *code);
/* Only an enabled PIN can be changed. */
uint16_t qk_sim_card_change(struct qk_sim_state *state, uint32_t pin_id, const char *old_code,
			    const char *new_code);
/* Sets a new PIN with the PUK, also when the PIN is not blocked, and counts it as verified. */
uint16_t qk_sim_card_unblock(struct qk_sim_state *state, uint32_t pin_id, const char *unblock_code,
			     const char *new_code);
/* Enables or disables the asking for the PIN. PIN2 cannot be disabled: QK_SIM_SW_WRONG_DATA. */
uint16_t qk_sim_card_protect(struct qk_sim_state *state, uint32_t pin_id, bool on,
			     const char *code);

/* Writes down where the modem is registered, in the files of its location. */
void qk_sim_card_note_location(struct qk_sim_state *state);

/* What the answer to SELECT says of a file (TS 102 221 11.1.1.3). The bytes, or -ENOBUFS. */
int qk_sim_card_describe(const struct qk_sim_card *card, const struct qk_sim_file *file,
			 uint8_t *ret, size_t size);
/* The modem uses the card's application, or leaves it alone: it is then detected, no more. */
void qk_sim_card_activate(struct qk_sim_state *state, bool on);

/* Files. A pointer to one is good until the card is taken out. NULL: the card has no such file. */
const struct qk_sim_file *qk_sim_card_find(const struct qk_sim_card *card,
					   const struct qk_sim_path *path);
/* By its id alone, as AT+CRSM asks: in the USIM, else below the master file, else in TELECOM. */
const struct qk_sim_file *qk_sim_card_find_id(const struct qk_sim_card *card, uint16_t id);
/* A path of the ids that are given, `count` of them at most QK_SIM_PATH_MAX. */
struct qk_sim_path qk_sim_path(const uint16_t *ids, size_t count);

/* `size` bytes from `offset` on; a size of 0 is to the end. `ret` is borrowed until the card changes. */
uint16_t qk_sim_card_read(const struct qk_sim_card *card, const struct qk_sim_file *file,
			  size_t offset, size_t size, struct qk_span *ret);
/* Record `number`, from 1 on; of a cyclic file 1 is the one written last. */
uint16_t qk_sim_card_read_record(const struct qk_sim_card *card, const struct qk_sim_file *file,
				 unsigned int number, struct qk_span *ret);
uint16_t qk_sim_card_write(struct qk_sim_state *state, const struct qk_sim_file *file,
			   size_t offset, struct qk_span bytes);
/* The whole record; a shorter one is filled up with 0xff. In a cyclic file `number` does not count: the oldest
 * record goes. */
uint16_t qk_sim_card_write_record(struct qk_sim_state *state, const struct qk_sim_file *file,
				  unsigned int number, struct qk_span bytes);
static inline unsigned int qk_sim_file_records(const struct qk_sim_file *file)
{
	return file->record_size ? file->size / file->record_size : 0;
}
