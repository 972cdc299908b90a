/*
 * Profile, reading: rows that say what a member of a JSON object may be, and the engine that reads and
 * writes by them. A profile and a request of the control socket are read by the same rows.
 *
 * Owns: nothing. Does not know: which members a profile or a request has.
 * Lifetime: none. Called from: profile-parse.c, control.c and its requests.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum qk_sim_kind {
	TEXT,     /* a string that fits the member */
	DIGITS,   /* the same, of decimal digits */
	HEX,      /* bytes, as hex digits; their count goes to the member behind */
	ADDRESS4, /* of IPv4 in its usual form; a number, the first octet in the highest byte */
	ADDRESS6, /* of IPv6 likewise; 16 bytes in network order */
	UINT,
	INT,  /* a number; as a string it may be hexadecimal: "0x1f" */
	REAL, /* a number with a fraction, into a double */
	BOOL,
	WORD,       /* one of a list of words */
	WORDS,      /* a list of words, as bits */
	SERVICE,    /* a service by name or number */
	ERROR_NAME, /* a QMI protocol error by name */
	VENDOR,     /* by the name that the definitions have for its messages */
	NOTE,       /* a string for the reader alone */
} __attribute__((packed));

struct qk_sim_word {
	const char *name;
	uint32_t value;
};

/* profile-parse.c: the states of a card and of a PIN, in a profile and wherever else they have a name. */
extern const struct qk_sim_word qk_sim_card_words[], qk_sim_pin_words[];

struct qk_sim_member {
	const char *name;
	enum qk_sim_kind kind;
	uint32_t offset : 24;
	uint16_t size;
	bool optional;
	int64_t min, max;
	const struct qk_sim_word *words; /* ends with a NULL name */
};

struct qk_sim_section {
	const char *name;
	const struct qk_sim_member *members;
	size_t count;
	size_t base; /* where in struct qk_sim_profile the struct is that the members are in */
};

/* What a profile and a request have in common: the members of struct qk_sim_cell. */
#define QK_SIM_CELL_MEMBERS 10
extern const struct qk_sim_member qk_sim_cell_members[QK_SIM_CELL_MEMBERS];
extern const struct qk_sim_section qk_sim_cell_section;
/* bearer-pdp.c: of struct qk_sim_data_profile, struct qk_sim_pdp_context and struct qk_sim_apn. */
extern const struct qk_sim_section qk_sim_data_section, qk_sim_contexts_section,
	qk_sim_apns_section;

/* profile-messaging.c: messages, calls, USSD, position and configurations. */
extern const struct qk_sim_section qk_sim_sms_section, qk_sim_voice_section, qk_sim_gnss_section,
	qk_sim_remotes_section, qk_sim_ussd_section, qk_sim_route_section, qk_sim_mbn_section;

/* What is being read, for messages. */
struct qk_sim_context {
	const char *name;
	bool request; /* no profile: its values carry no mark of certainty */
	char *error;
	size_t error_size;
	const char *json; /* the text of a file, for its lines; NULL: there is none */
	size_t json_size;
};

struct qk_sim_profile;

/* profile-world.c: what a profile that does not say it has, and the members that no profile must have. 0 or -EINVAL. */
void qk_sim_profile_defaults(struct qk_sim_profile *profile);
int qk_sim_profile_read_world(const struct qk_sim_context *context, json_t *root,
			      struct qk_sim_profile *profile);

/* profile-recorded.c: the answers of another modem, if the profile has any. 0, -EINVAL or -ENOMEM. */
int qk_sim_profile_read_recorded(const struct qk_sim_context *context, json_t *root,
				 struct qk_sim_profile *profile);

/* The line for a person about the value at `path`; always -EINVAL. */
int qk_sim_refuse(const struct qk_sim_context *context, const char *path, const char *what);

/* Reads one value as its row says into `at`. 0 or -EINVAL, as the next two. */
int qk_sim_read_value(const struct qk_sim_context *context, const char *path,
		      const struct qk_sim_member *member, const json_t *value, uint8_t *at);

/* The members of `base` as an object, all of them. */
json_t *qk_sim_write_object(const struct qk_sim_section *section, const void *base);

/* Reads the members of `object` into `base`; each value must have its mark of certainty. */
int qk_sim_read_object(const struct qk_sim_context *context, const char *path, json_t *object,
		       const struct qk_sim_member *members, size_t count, void *base);

/* Reads a list of objects into an array of `limit` items of `size` bytes. */
int qk_sim_read_list(const struct qk_sim_context *context, const char *path, json_t *list,
		     const struct qk_sim_section *items, void *base, size_t size, size_t limit,
		     size_t *ret_count);
