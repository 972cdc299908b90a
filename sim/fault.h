/*
 * Faults: what a modem or its firmware does wrong, on purpose and on demand. Each bends one answer on
 * its way out.
 *
 * Owns: nothing. Does not know: what the message means, ports.
 * Lifetime: plain data; armed faults are kept by the modem. Called from: sim.c, profile.c, qmi-sim.
 */
#pragma once

#include <qmikit/wire.h>

#define QK_SIM_FAULTS_MAX 16
#define QK_SIM_ANY_SERVICE 0x100u
#define QK_SIM_ANY_MESSAGE 0x10000u

enum qk_sim_fault_kind {
	QK_SIM_FAULT_DROP,        /* no answer */
	QK_SIM_FAULT_DELAY,       /* the answer comes `value` ms late */
	QK_SIM_FAULT_TWICE,       /* the answer comes two times */
	QK_SIM_FAULT_TRANSACTION, /* the answer names another transaction */
	QK_SIM_FAULT_CUT,         /* half of the answer, then the port hangs up */
	QK_SIM_FAULT_LENGTH,      /* the two lengths of the frame contradict each other */
	QK_SIM_FAULT_OVERRUN,     /* the last TLV claims more bytes than there are */
	QK_SIM_FAULT_DUPLICATE,   /* the last TLV comes two times, the second one altered */
	QK_SIM_FAULT_TEXT,        /* text that is not UTF-8 */
	QK_SIM_FAULT_HUGE,        /* a frame of 64 KiB: an unknown TLV fills it up */
	QK_SIM_FAULT_SERVICE,     /* a frame of a service that nobody knows comes first */
	QK_SIM_FAULT_ERROR,       /* the result is failure with QMI error `value` */
	QK_SIM_FAULT_NOISE,       /* `value` bytes that are no frame come first */
};

struct qk_sim_fault {
	uint32_t kind;    /* enum qk_sim_fault_kind */
	uint32_t service; /* or QK_SIM_ANY_SERVICE */
	uint32_t message; /* or QK_SIM_ANY_MESSAGE */
	uint32_t value;
	uint32_t count; /* how many answers; 0: all */
};

/*
 * Reads "NAME[=VALUE][:SERVICE[.MESSAGE]][:COUNT]": "drop-answer", "delay-answer=1500:dms",
 * "error-result=94:nas.get-signal-info:1". A message may be a number. 0, or -EINVAL with a line in
 * `error`.
 */
int qk_sim_fault_parse(const char *text, struct qk_sim_fault *ret, char *error, size_t error_size);

/* Whether the fault is for this answer. */
bool qk_sim_fault_matches(const struct qk_sim_fault *fault, const struct qk_frame *frame);

/* The names of the faults, for help: the i-th and what it does, or NULL past the end. */
const char *qk_sim_fault_name(size_t i, const char **ret_sentence);

/* Bends the frame of `*size` bytes at `buffer`, which has room for QK_FRAME_MAX, where the fault is
 * one of the frame's bytes. Others leave it as it is. */
void qk_sim_fault_bend(const struct qk_sim_fault *fault, uint8_t *buffer, size_t *size);
