/*
 * State: what a started network consists of, so that another process can check or stop it.
 *
 * Owns: its texts. Does not know: where it is kept (store does), what a value does to a modem.
 * Lifetime: a struct inside a job.
 * Called from: store, the steps.
 *
 * The first two keys are those of libqmi's script, CID and PDH.
 */
#pragma once

#include <stdbool.h>

#include "assignments.h"

enum { STATE_TEXT_MAX = 1024 };

/* The two calls that there may be, and their place in struct state. */
enum { CALL_4, CALL_6, CALLS };

struct state_call {
	uint32_t cid;                  /* client id of WDS; 0: none */
	uint32_t has_handle, handle;   /* packet data handle: the call is up */
	char address[64], gateway[64]; /* set on the interface: "192.0.2.1/30"; "": none */
};

struct state {
	struct state_call calls[CALLS];
	char node[64];       /* which incarnation of the device node this is about; "": not known */
	char interface[16];  /* that was set up; "": none was */
	char dns[16];        /* who took the name servers; "": nobody */
	uint32_t brought_up; /* the interface was down before */
	uint32_t mtu;        /* of the interface before; 0: it was not changed */
	uint32_t metric;     /* of the default routes */
	uint32_t profile_index; /* made for this call, and to be deleted; 0: none */
	uint32_t wda_cid;       /* client id that asks for the data format just now; 0: none */
	uint32_t accepted_ra;   /* the interface took IPv6 from router advertisements before: 1 and
				 * what its setting was */
};

/* Whether there is anything in it to stop. */
bool state_is_empty(const struct state *state);

/* Reads what state_format() wrote, or libqmi's script. 0 or EXIT_HOST with "FILE:LINE: what". */
__attribute__((warn_unused_result)) int state_parse(const char *file, const char *text, size_t size,
						    struct state *ret, struct failure *failure);

/* Writes KEY="value" lines, keys that hold nothing left out, into STATE_TEXT_MAX bytes. Returns
 * their count. */
size_t state_format(const struct state *state, char *text);
