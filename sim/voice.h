/*
 * Voice: calls and USSD sessions, and what the other side does.
 *
 * Owns: the calls, the USSD session. Plain data, part of the state.
 * Does not know: QMI, AT, clients, sound.
 * Lifetime: that of the state; a reboot ends all.
 * Called from: state.c (time), voice-qmi.c, the AT interpreter, the control socket, tests.
 *
 * QK_SIM_CHANGED_CALLS: some call's state changed. A call that ended stays for one telling as
 * QK_SIM_CALL_ENDED and is then gone. QK_SIM_CHANGED_USSD speaks of `voice.ussd.event`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qk_sim_state;

#define QK_SIM_CALLS_MAX 7 /* as 3GPP TS 22.030 has them: one to seven */
#define QK_SIM_NUMBER_MAX 32
#define QK_SIM_DTMF_MAX 64
#define QK_SIM_USSD_MAX 256 /* UTF-8 of at most 182 characters, cut at a whole one */

enum qk_sim_call_state {
	QK_SIM_CALL_NONE,
	QK_SIM_CALL_DIALING,
	QK_SIM_CALL_ALERTING, /* it rings at the other side */
	QK_SIM_CALL_INCOMING, /* it rings here */
	QK_SIM_CALL_WAITING,  /* likewise, beside another call */
	QK_SIM_CALL_ACTIVE,
	QK_SIM_CALL_HELD,
	QK_SIM_CALL_DISCONNECTING,
	QK_SIM_CALL_ENDED,
};

/* Why a call ended. */
enum qk_sim_call_end {
	QK_SIM_CALL_END_NORMAL, /* the other side hung up */
	QK_SIM_CALL_END_LOCAL,  /* the host hung up */
	QK_SIM_CALL_END_BUSY,
	QK_SIM_CALL_END_REJECTED,
	QK_SIM_CALL_END_NO_ANSWER,
	QK_SIM_CALL_END_NO_SERVICE, /* the network was lost */
	QK_SIM_CALL_END_UNASSIGNED, /* no such number */
};

enum qk_sim_presentation {
	QK_SIM_NUMBER_ALLOWED,
	QK_SIM_NUMBER_RESTRICTED,
	QK_SIM_NUMBER_UNAVAILABLE,
};

/* What the other side of a call does. */
enum qk_sim_remote_act {
	QK_SIM_REMOTE_ANSWER, /* after ringing */
	QK_SIM_REMOTE_RING,   /* for ever: until told, or until the network gives up */
	QK_SIM_REMOTE_BUSY,
	QK_SIM_REMOTE_REJECT,
	QK_SIM_REMOTE_HANG_UP,
	QK_SIM_REMOTE_NO_NUMBER,
};

struct qk_sim_call_info {
	uint32_t state; /* enum qk_sim_call_state; NONE: free */
	uint32_t end;   /* enum qk_sim_call_end, once it ended */
	uint32_t plan;  /* enum qk_sim_remote_act: what the other side will do */
	uint32_t presentation;
	uint32_t rat; /* QK_SIM_RAT_* that carries it */
	uint8_t id;   /* 1 to QK_SIM_CALLS_MAX: its place in the array and 1 */
	bool incoming, multiparty, emergency;
	char number[QK_SIM_NUMBER_MAX]; /* '+', digits, '*', '#' */
	char dtmf[QK_SIM_DTMF_MAX];     /* the tones that were sent in it, the last ones */
	uint64_t began_usec, active_usec;
	uint64_t due_usec; /* when it goes on by itself */
};

/* What the host wants done with its calls: 3GPP TS 22.030 6.5.5.1, the numbers of +CHLD and of QMI's
 * Manage Calls. */
enum qk_sim_call_manage {
	QK_SIM_CALLS_RELEASE_HELD_OR_WAITING = 1, /* +CHLD=0 */
	QK_SIM_CALLS_RELEASE_ACTIVE_ACCEPT = 2,   /* +CHLD=1 */
	QK_SIM_CALLS_HOLD_ACTIVE_ACCEPT = 3,      /* +CHLD=2 */
	QK_SIM_CALLS_HOLD_ALL_BUT = 4,            /* +CHLD=2<id> */
	QK_SIM_CALLS_CONFERENCE = 5,              /* +CHLD=3 */
	QK_SIM_CALLS_TRANSFER = 6,                /* +CHLD=4 */
	QK_SIM_CALLS_END_ALL = 8,
	QK_SIM_CALLS_RELEASE = 9, /* +CHLD=1<id> */
};

/* The numbers of +CUSD's <m>. */
enum qk_sim_ussd_action {
	QK_SIM_USSD_DONE = 0,
	QK_SIM_USSD_MORE = 1, /* the network expects an answer */
	QK_SIM_USSD_ENDED = 2,
	QK_SIM_USSD_UNSUPPORTED = 4,
	QK_SIM_USSD_TIMEOUT = 5,
};

enum qk_sim_ussd_state {
	QK_SIM_USSD_IDLE,
	QK_SIM_USSD_NETWORK, /* the network has the word */
	QK_SIM_USSD_USER,    /* the user has */
};

struct qk_sim_ussd_event {
	uint32_t action;            /* enum qk_sim_ussd_action */
	uint32_t ticket;            /* what it answers; 0: the network began */
	char text[QK_SIM_USSD_MAX]; /* UTF-8; may be empty */
};

struct qk_sim_ussd {
	uint32_t state; /* enum qk_sim_ussd_state */
	uint32_t last_ticket;
	uint32_t answered_ticket; /* the last one that was an answer of QMI to a question */
	uint32_t ticket;          /* of the request that the network answers next */
	char input[QK_SIM_USSD_MAX];
	char menu[24]; /* where in the profile's menus the session is; "": at its start */
	uint64_t due_usec;
	struct qk_sim_ussd_event event;
};

struct qk_sim_voice {
	struct qk_sim_call_info calls[QK_SIM_CALLS_MAX];
	struct qk_sim_ussd ussd;
	uint16_t services; /* supplementary services that are active: bits by QMI's reasons */
};

/* The call with this id that is not NONE, or NULL. */
const struct qk_sim_call_info *qk_sim_voice_call(const struct qk_sim_state *state, uint8_t id);
/* The first call in a state (enum qk_sim_call_state), or NULL. */
const struct qk_sim_call_info *qk_sim_voice_in_state(const struct qk_sim_state *state,
						     uint32_t call_state);

/* Calls a number: digits, '+' in front, '*', '#'. 0 and its id; -EINVAL no such number, -ENETDOWN no
 * network, -EBUSY a call that may not be held, or as many calls as there may be. */
int qk_sim_voice_dial(struct qk_sim_state *state, const char *number, uint8_t *ret_id);
/* Answers an incoming or waiting call; `id` 0: the one there is. An active call is held. -ENOENT. */
int qk_sim_voice_answer(struct qk_sim_state *state, uint8_t id);
/* Ends a call; `id` 0: all of them, but waiting ones, as +CHUP does. -ENOENT. */
int qk_sim_voice_hang_up(struct qk_sim_state *state, uint8_t id);
/* -EINVAL: no such act, -ENOENT: no call to do it with, -EOPNOTSUPP. */
int qk_sim_voice_manage(struct qk_sim_state *state, uint32_t act, uint8_t id);
/* Tones (0-9, A-D, '*', '#') in an active call; `id` 0: in the active one. -ENOENT, -EINVAL. */
int qk_sim_voice_dtmf(struct qk_sim_state *state, uint8_t id, const char *digits);

/* The other side calls: 0 and the call's id. -EINVAL no such number, -ENETDOWN the modem cannot be
 * reached, -EBUSY it has as many calls as there may be. */
int qk_sim_voice_incoming(struct qk_sim_state *state, const char *number, uint32_t presentation,
			  uint8_t *ret_id);
/* The other side of a call acts now. -ENOENT no such call, -EINVAL it cannot do that in this state. */
int qk_sim_voice_remote(struct qk_sim_state *state, uint8_t id, uint32_t act);

/* Sends a code to the network or answers its question (UTF-8). 0 and a ticket, which the event repeats;
 * -ENETDOWN, -EINVAL, -EBUSY the network has the word. */
int qk_sim_ussd_send(struct qk_sim_state *state, const char *text, uint32_t *ret_ticket);
/* Ends the session. -ENOENT: there is none. */
int qk_sim_ussd_cancel(struct qk_sim_state *state);
/* The network speaks by itself: a question (`more`) or a notice. -ENETDOWN, -EINVAL, -EBUSY. */
int qk_sim_ussd_network(struct qk_sim_state *state, const char *text, bool more);
/* The network ends the session. -ENOENT. */
int qk_sim_ussd_network_release(struct qk_sim_state *state);

/* ussd.c, for voice.c. */
uint64_t qk_sim_ussd_next_usec(const struct qk_sim_state *state);
void qk_sim_ussd_advance(struct qk_sim_state *state);

/* For state.c. */
void qk_sim_voice_reboot(struct qk_sim_state *state);
uint64_t qk_sim_voice_next_usec(const struct qk_sim_state *state);
void qk_sim_voice_advance(struct qk_sim_state *state);
