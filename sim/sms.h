/*
 * SMS: the messages in the modem's stores, those on their way in and out, and where an arriving one
 * goes.
 *
 * Owns: the stores SM (on the card) and ME (in the modem), the message centre's queue of what waits for
 * this modem, what is being sent, what was sent. Plain data, part of the state.
 * Does not know: QMI, AT, clients, how an answer looks.
 * Lifetime: that of the state. Both stores and the routes survive a reboot.
 * Called from: state.c (time), wms.c, the AT interpreter, the control socket, tests.
 *
 * A PDU is always as QMI's raw messages have it: the message centre's address (a length octet, 0 for
 * none), then the TPDU (3GPP TS 23.040). The codec is lib/3gpp/sms-pdu.h.
 *
 * Arrivals are one at a time: QK_SIM_CHANGED_SMS speaks of `sms.event`, which stays until the next one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct qk_sim_state;

/* The longest address of a message centre (12 octets) and the longest TPDU (164). */
#define QK_SIM_SMS_PDU_MAX 176
#define QK_SIM_SMS_SM_SIZE 50
#define QK_SIM_SMS_ME_SIZE 255
#define QK_SIM_SMS_ADDRESS_MAX 24 /* a '+', 20 digits, and the 0 */
#define QK_SIM_SMS_QUEUE_MAX 32
#define QK_SIM_SMS_OUT_MAX 8
#define QK_SIM_SMS_SENT_MAX 16
#define QK_SIM_SMS_REPORTS_MAX 10
#define QK_SIM_SMS_CHANNELS_MAX 16

enum qk_sim_sms_store { QK_SIM_SMS_SM, QK_SIM_SMS_ME, QK_SIM_SMS_STORES };

/* In the order of WMS's tags; +CMGL's <stat> is the same but for 0 and 1, 2 and 3 swapped. */
enum qk_sim_sms_tag {
	QK_SIM_SMS_READ,
	QK_SIM_SMS_UNREAD,
	QK_SIM_SMS_SENT,
	QK_SIM_SMS_UNSENT,
};

/* What is done with a message that arrives, by its class. */
enum qk_sim_sms_action {
	QK_SIM_SMS_DISCARD,
	QK_SIM_SMS_STORE,                /* and say where */
	QK_SIM_SMS_TRANSFER_UNCONFIRMED, /* hand it over; the host acknowledges */
	QK_SIM_SMS_TRANSFER,             /* hand it over; the modem acknowledges */
};

/* Classes 0 to 3, then the messages of no class. */
enum { QK_SIM_SMS_CLASS_NONE = 4, QK_SIM_SMS_CLASSES = 5 };

struct qk_sim_sms_pdu {
	uint8_t size; /* 0: no message */
	uint8_t data[QK_SIM_SMS_PDU_MAX];
};

struct qk_sim_sms_slot {
	struct qk_sim_sms_pdu pdu;
	uint8_t tag; /* enum qk_sim_sms_tag */
};

struct qk_sim_sms_route {
	uint8_t store, action;
};

enum qk_sim_sms_event_kind {
	QK_SIM_SMS_EVENT_NONE,
	QK_SIM_SMS_EVENT_STORED,   /* a message is in `store` at `index` */
	QK_SIM_SMS_EVENT_TRANSFER, /* a message that was not stored: `pdu` */
	QK_SIM_SMS_EVENT_REPORT, /* a delivery report: `pdu`; `index` counts in the reports' memory */
	QK_SIM_SMS_EVENT_FULL,   /* `store` has no room for a message that waits */
	QK_SIM_SMS_EVENT_BROADCAST, /* a cell broadcast page: `pdu`, without a message centre */
};

struct qk_sim_sms_event {
	uint32_t kind; /* enum qk_sim_sms_event_kind */
	uint8_t store;
	bool confirm; /* the host must acknowledge `transaction` */
	uint16_t index;
	uint32_t transaction;
	struct qk_sim_sms_pdu pdu;
};

/* How sending a message ended. */
struct qk_sim_sms_result {
	bool sent;
	uint8_t reference; /* TP-MR that the modem gave it */
	uint16_t rp_cause; /* 3GPP TS 24.011 8.2.5.4; 0: not from the network */
	uint8_t tp_cause;  /* 3GPP TS 23.040 9.2.3.22; 0: none */
	/* why the modem did not send it: -ENETDOWN no network, -EDESTADDRREQ no message centre; else 0 */
	int error;
};

struct qk_sim_sms_out {
	uint32_t ticket;   /* 0: free */
	uint64_t due_usec; /* when it is done; QK_SIM_NEVER: it is */
	struct qk_sim_sms_pdu pdu;
	struct qk_sim_sms_result result;
};

/* A message that left the modem, for who watches the network's side. */
struct qk_sim_sms_sent {
	uint64_t usec;
	struct qk_sim_sms_pdu pdu; /* with the reference that the modem gave it */
};

/* The network's side: a message that waits for the modem. */
struct qk_sim_sms_waiting {
	uint64_t due_usec;
	bool report, broadcast;
	struct qk_sim_sms_pdu pdu;
};

struct qk_sim_sms_channel {
	uint16_t first, last;
	bool selected;
};

/* The network refuses the next `count` messages with these causes. */
struct qk_sim_sms_failure {
	uint32_t count;
	uint16_t rp_cause;
	uint8_t tp_cause;
};

struct qk_sim_sms {
	struct qk_sim_sms_slot sm[QK_SIM_SMS_SM_SIZE], me[QK_SIM_SMS_ME_SIZE];
	struct qk_sim_sms_pdu
		reports[QK_SIM_SMS_REPORTS_MAX]; /* delivery reports; the oldest goes first */
	uint8_t next_report;
	struct qk_sim_sms_route routes[QK_SIM_SMS_CLASSES];
	bool transfer_reports; /* a client wants delivery reports as they come */
	bool broadcast;        /* cell broadcast is on */
	struct qk_sim_sms_channel channels[QK_SIM_SMS_CHANNELS_MAX];
	uint8_t channel_count;
	struct qk_sim_sms_event event;
	uint8_t reference; /* of the next message that is sent */
	uint32_t last_ticket, last_transaction;
	bool unconfirmed; /* the host owes an acknowledgement for `held` */
	struct qk_sim_sms_pdu held;
	bool full_told; /* and somebody was told that the store is full */
	struct qk_sim_sms_out out[QK_SIM_SMS_OUT_MAX];
	struct qk_sim_sms_sent sent[QK_SIM_SMS_SENT_MAX];
	uint8_t sent_first, sent_count;
	struct qk_sim_sms_waiting queue[QK_SIM_SMS_QUEUE_MAX];
	uint8_t queue_count;
	uint8_t parts_reference; /* of the next text in parts that arrives */
	uint64_t confirm_usec;   /* when the network gives up waiting for the host */
	struct qk_sim_sms_failure failure;
};

/* The stores: how many slots one has, how many hold a message. */
size_t qk_sim_sms_size(uint32_t store);
size_t qk_sim_sms_used(const struct qk_sim_state *state, uint32_t store);
/* A slot that holds a message, or NULL. Indexes count from 0, as QMI's and +CMTI's do. */
const struct qk_sim_sms_slot *qk_sim_sms_get(const struct qk_sim_state *state, uint32_t store,
					     size_t index);
/* Puts a message into the first free slot. -EINVAL: no PDU, -ENOSPC: full, -ENODEV: no card for SM. */
int qk_sim_sms_put(struct qk_sim_state *state, uint32_t store, uint8_t tag, const uint8_t *pdu,
		   size_t size, size_t *ret_index);
/* -ENOENT: no message there. */
int qk_sim_sms_set_tag(struct qk_sim_state *state, uint32_t store, size_t index, uint8_t tag);
int qk_sim_sms_delete(struct qk_sim_state *state, uint32_t store, size_t index);
/* Deletes all messages with `tag` (-1: all) of a store; how many. */
size_t qk_sim_sms_delete_all(struct qk_sim_state *state, uint32_t store, int tag);

/* Where messages of a class go; QK_SIM_SMS_CLASSES for all classes (as +CPMS's third memory does).
 * -EINVAL. */
int qk_sim_sms_set_route(struct qk_sim_state *state, uint32_t message_class, uint8_t store,
			 uint8_t action);
/* The address of the message centre, which is on the card (EF_SMSP): "+" and digits, or digits; empty where the card
 * has none, or there is no card. */
void qk_sim_sms_get_smsc(const struct qk_sim_state *state, char ret[QK_SIM_SMS_ADDRESS_MAX]);
/* -EINVAL no such address; -ENODEV no card that takes it. */
int qk_sim_sms_set_smsc(struct qk_sim_state *state, const char *address);

/*
 * Sends a PDU; a submit without a message centre goes to that of the card. The radio takes one after
 * the other. 0 and a ticket; -EINVAL no submit PDU, -EBUSY too many under way. QK_SIM_CHANGED_SMS_SENT
 * when it is done; qk_sim_sms_take_result() then tells how.
 */
int qk_sim_sms_send(struct qk_sim_state *state, const uint8_t *pdu, size_t size,
		    uint32_t *ret_ticket);
/* 1 and the result of a message that is done, once; 0: it is still on its way; -ENOENT: no such ticket. */
int qk_sim_sms_take_result(struct qk_sim_state *state, uint32_t ticket,
			   struct qk_sim_sms_result *ret);
/* The network refuses the next `count` messages with these causes; `count` 0: no more. */
void qk_sim_sms_fail_next(struct qk_sim_state *state, uint32_t count, uint16_t rp_cause,
			  uint8_t tp_cause);
/* The oldest message that left the modem and was not taken yet. False: none. */
bool qk_sim_sms_take_sent(struct qk_sim_state *state, struct qk_sim_sms_sent *ret);

/* The host's answer to a transferred message. -ENOENT: no such transaction, or it is answered. */
int qk_sim_sms_acknowledge(struct qk_sim_state *state, uint32_t transaction, bool success);

/*
 * The network's side. A PDU for the modem: a deliver or a status report. It is handed over as soon as
 * the modem is registered and has read its card; while the store is full it waits. -EINVAL no such
 * PDU; -ENOSPC too many wait.
 */
int qk_sim_sms_receive(struct qk_sim_state *state, const uint8_t *pdu, size_t size);
/* The same from a text (UTF-8) of `number`, in as many parts as it needs; how many. -EINVAL: no number
 * or no text that can be sent; -ENOSPC. `message_class` as in the routes. */
int qk_sim_sms_receive_text(struct qk_sim_state *state, const char *number, const char *text,
			    uint32_t message_class);
/* A cell broadcast page of 88 octets (3GPP TS 23.041 9.4.1.2) for modems that listen to its channel. */
int qk_sim_sms_broadcast(struct qk_sim_state *state, const uint8_t *page, size_t size);

/* For state.c. */
void qk_sim_sms_start(struct qk_sim_state *state);  /* a new modem */
void qk_sim_sms_reboot(struct qk_sim_state *state); /* what a reboot forgets */
uint64_t qk_sim_sms_next_usec(const struct qk_sim_state *state);
void qk_sim_sms_advance(struct qk_sim_state *state);
