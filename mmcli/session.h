/*
 * Session: what one run of mmcli has at hand: options, the bus, the objects on it; and how it says what went wrong.
 *
 * Owns: the connection, the objects. Does not know: actions.
 * Lifetime: the program's. Called from: main.c, actions.c, special.c, follow.c.
 */
#pragma once

#include <jansson.h>
#include <systemd/sd-bus.h>

#include "mmcli/bus.h"
#include "mmcli/options.h"
#include "mmcli/screens.h"

struct session {
	struct options options;
	struct screen_style style;
	sd_bus *bus;
	json_t *objects;
	int timeout_s; /* 0: --timeout was not given */
};

/* What an option chose: a modem, or an object of one. */
struct target {
	char path[256];
	const char *modem;  /* the path of its modem, borrowed from the session's objects */
	const json_t *home; /* its modem's interfaces, borrowed */
	json_t *object;     /* its own interfaces, owned */
};

/* A kind of object that modems have. */
struct kind {
	const char *name;   /* as messages call it: "SMS" */
	const char *prefix; /* of its paths */
	const struct api_interface *interface;
	const struct api_property *lists[2]; /* the modem's properties that name such objects */
	bool any;                            /* may be named by its modem, or by "any" */
};

extern const struct kind kind_modem, kind_bearer, kind_sim, kind_sms, kind_call, kind_cbm;

/* Prints "error: …" on stderr. Returns -EINVAL, for the caller to return. */
int session_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Connects. */
int session_open(struct session *session, bool user_bus);
/* Reads the daemon's objects. */
int session_read(struct session *session);
void session_close(struct session *session);

/* Finds what `text` names. The target is to be closed. */
int session_find(struct session *session, const struct kind *kind, const char *text,
		 struct target *ret);
void target_close(struct target *target);

/* The interfaces of an object that modems name. */
int session_load(struct session *session, const struct kind *kind, const char *path, json_t **ret);

/* The time an operation may take, where stock gives it `usual_s`. */
uint64_t session_timeout(const struct session *session, int usual_s);
