/*
 * Command: what qmicli can do, a table a service, a row a command.
 *
 * Owns: nothing, all rows are constants. Does not know: devices, how rows are printed.
 * Lifetime: static.
 * Called from: options (to know the names), session (to run them), help, tests.
 *
 * A new plain command is one row here and its text rows. Its name is libqmi's option. What few commands have
 * stands in groups of their own: TAKES() is the argument, COURSE() what else there is to do. A command of more
 * than one message has `run` in its course; steps.h says how that is written, with wds-profile.c (a
 * list and the settings of each) and follow.c (indications until a signal comes) as examples.
 */
#pragma once

#include <qmikit/common.h>

#include "text.h"

/* A request field that every call of a command sends the same. */
struct command_preset {
	const char *field; /* a TLV of the request; NULL ends the list */
	int64_t number;
};

/* A word of an argument that is no enumerator, and its number. Letters of either case are the same. */
struct command_word {
	const char *word; /* NULL ends the list */
	int64_t number;
};

/* Reads what is more than one value, such as the path of a file, into `value`, a struct of a request. `spare` has room
 * for as many bytes as `text` has; what is used of it is stepped over. False: it cannot be read. */
typedef bool (*command_read_fn)(struct qk_string text, void *value, uint8_t **spare);

/* How a value is read where its field alone does not say. */
struct command_reading {
	const struct command_word *words; /* instead of the field's own words */
	command_read_fn read;             /* instead of the kind of the field, and */
	const char *form;                 /* what that takes, for a person */
	int32_t least, most;              /* of a number; 0 and 0: what fits into the field */
};

/* A key of an argument "key=value,...". */
struct command_key {
	const char *key;                   /* NULL ends the list */
	const char *field;                 /* "endpoint-info.interface-number"; NULL: see `keep` */
	const struct command_reading *how; /* NULL: by its field; bytes are in hex */
	uint16_t keep; /* a struct qk_string for `finish`: where in the room behind the request */
	bool once;     /* a second one is an error; else the last one counts */
	bool empty;    /* it may have no value */
	bool needed;   /* it may not miss */
};

/* A value of an argument "value,value,...". One with neither name nor field ends the list. */
struct command_part {
	const char *field;                 /* "apn-type.name"; NULL: it is kept, as of a key */
	const char *name;                  /* what failures call it; NULL: as the field */
	const struct command_reading *how; /* NULL: by its field */
	uint16_t keep;
	bool optional; /* it may be left away, with all behind it */
	bool empty;    /* it may be nothing */
};

struct action;
struct failure;
struct local;
struct steps;
struct target;

/* Completes a request (NULL: the row has no method, and the argument is only looked at), with a bit in
 * `seen` for each row of the keys that were given. 0, or the exit code of a failure. */
typedef int (*command_finish_fn)(const struct action *action, unsigned int seen, void *request,
				 struct failure *failure);

/* Does what needs no modem. 0, or the exit code of a failure. */
typedef int (*command_local_fn)(const struct local *local, const char *argument,
				struct failure *failure);

/* Does what takes more than one message (steps.h). The request of the row's method as its argument made
 * it, to be completed; NULL: the row has none. 0, or the exit code of a failure. */
typedef int (*command_run_fn)(struct steps *steps, void *request);

/* Of an option that does nothing by itself but says something to commands, which ask for it by
 * steps_setting(): what it takes. */
enum command_setting {
	SETTING_NONE, /* it is a command */
	SETTING_FLAG,
	SETTING_NUMBER, /* a whole one, in the range of its argument */
	SETTING_REAL,   /* the same with a fraction */
};

/* What an option takes, and what of the request it fills: one field, or values at their places and then keys. */
struct command_argument {
	const char *shown;                 /* how help shows it */
	const char *field;                 /* the TLV of the request that all of it fills */
	const struct command_reading *how; /* … NULL: by that field */
	const struct command_part *parts;  /* or it is "value,value" that fill these */
	const struct command_key *keys;    /* or "key=value,...", which may stand behind `parts` */
	const char *items; /* the list of the request of which all keys together fill an item */
	command_finish_fn finish;
	uint32_t room; /* bytes behind the request's struct, for `items` and lists of `finish` */
	uint8_t word_count; /* the keys stand behind so many words, which are for `finish` */
	bool plain;         /* what has no "=" is for `parts`, or for `finish` */
	bool optional;      /* it may miss */
	bool repeats;       /* it may be given more than once: blanks are put between */
};

/* How a command goes that does more than to call its method and to print the answer. */
struct command_course {
	const struct command_preset *presets;
	const char *before;       /* printed before anything is sent */
	command_local_fn local;   /* instead of a message */
	command_run_fn run;       /* instead of one call of the method */
	const char *const *with;  /* options of which one has to be there as well; ends with NULL */
	const char *const *needs; /* optional TLVs without which an answer says nothing */
	const struct text_row *refused; /* printed when the modem refuses; NULL: nothing */
	uint16_t refused_with;          /* … with this error; 0: with any */
};

struct command {
	const char *name;    /* the option without its dashes */
	const char *method;  /* "dms/get-ids"; NULL: a client is only allocated and released */
	const char *help;    /* one line */
	const char *failure; /* "couldn't get model": what libqmi says when refused */
	const struct text_row *text;
	const struct command_argument *argument; /* NULL: it takes none */
	const struct command_course *course;     /* NULL: one call */
	char letter;                             /* 0: none */
	uint8_t setting;                         /* enum command_setting */
	bool told;                               /* see command_indication() */
	uint16_t timeout_sec;                    /* how long an answer may take; 0: as usual */
};

_Static_assert(sizeof(struct command) <= 64, "each start of qmicli writes the pages of all rows");

/* The groups of a row, where they are used. */
/* clang-format off */
#define TAKES(form, ...) (&(const struct command_argument){ .shown = (form), __VA_ARGS__ })
#define COURSE(...) (&(const struct command_course){ __VA_ARGS__ })
#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define PARTS(...) ((const struct command_part[]){ __VA_ARGS__, { 0 } })
#define WORDS(list) (&(const struct command_reading){ .words = (list) })
#define RANGE(from, to) (&(const struct command_reading){ .least = (from), .most = (to) })
#define READS(function, what) \
	(&(const struct command_reading){ .read = (function), .form = (what) })
/* clang-format on */

/* Where a command runs that needs no modem. */
struct local {
	const struct target *target;
	struct output *out;
	bool json;
};

struct command_service {
	uint8_t id;       /* of the service; of commands that need no modem: 0, CTL's */
	const char *name; /* of --help-NAME */
	const char *title;
	const struct command *commands; /* ends with a row without name */
};

/* The words "disable" and "enable". */
extern const struct command_word command_enable[];

/* Every service with commands; ends with NULL. */
extern const struct command_service *const command_services[];

/* What a command calls; NULL: nothing. */
const struct qk_method *command_method(const struct command *command);

/* What tells the outcome once the answer has come, and what the row's text is about: the indication that is
 * called as the method is. NULL: the answer does. */
const struct qk_message *command_indication(const struct command *command);

/* The groups of a command; one of nothing when it has none. */
const struct command_argument *command_argument(const struct command *command);
const struct command_course *command_course(const struct command *command);

/* The command of an option name, and its service; NULL when there is none. */
const struct command *command_find(const char *name, size_t size,
				   const struct command_service **ret_service);

/* The command of a letter, and its service; NULL when there is none. */
const struct command *command_by_letter(char letter, const struct command_service **ret_service);

/* The option name nearest to `name` by edit distance, or NULL when none is near. */
const char *command_nearest(const char *name, size_t size);
