/*
 * Faults: what a modem or its firmware does wrong, on purpose and on demand. Most bend one answer on its
 * way out; others are looked for where they act: at a step of the boot, on an AT port, on the bus.
 *
 * Owns: nothing. Does not know: what the message means, ports, what a fault does where it acts.
 * Lifetime: plain data; armed faults are part of the model. Called from: sim.c, state.c, the views and
 * faces in which a fault acts, profile.c, qmi-sim.
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
	QK_SIM_FAULT_QMI_SILENT,  /* QMI takes requests and says nothing at all */
	QK_SIM_FAULT_NO_INDICATION,
	QK_SIM_FAULT_NO_CLIENTS,   /* the pool of client ids is exhausted */
	QK_SIM_FAULT_AT_SILENT,    /* the AT ports take commands and say nothing */
	QK_SIM_FAULT_LINUX_HUNG,   /* AT commands that the modem's Linux carries out never end */
	QK_SIM_FAULT_NO_RDY,       /* a boot without RDY and what follows it on the AT ports */
	QK_SIM_FAULT_LATE_CARD,    /* the card is read `value` ms late at a boot */
	QK_SIM_FAULT_LATE_QMI,     /* QMI answers `value` ms late at a boot */
	QK_SIM_FAULT_CRASH,        /* off the bus for `value` ms, without a word, then a boot */
	QK_SIM_FAULT_EDL,          /* coming back, it is `value` ms in Qualcomm's loader first */
	QK_SIM_FAULT_FASTBOOT,     /* the same in fastboot */
	QK_SIM_FAULT_REENUMERATE,  /* it leaves the bus `value` ms after each time it came */
	QK_SIM_FAULT_STALL,        /* USB: fetching the answer stalls */
	QK_SIM_FAULT_NOTIFY_ONLY,  /* USB: the host is told of an answer, and there is none */
	QK_SIM_FAULT_DATA_ONLY,    /* USB: there is an answer, and the host is not told */
	QK_SIM_FAULT_HANG_COMMAND, /* USB: the request is never acknowledged */
	QK_SIM_FAULT_BREAK,   /* USB: it vanishes in the middle of the answer, for `value` ms */
	QK_SIM_FAULT_SUSPEND, /* USB: what waits to be fetched is forgotten */
	QK_SIM_FAULT_NO_DESCRIPTOR, /* USB: it comes back and can't be read, until a boot */
	QK_SIM_FAULT_DIAG_REFUSES,  /* DIAG knows no command */
	QK_SIM_FAULT_CALL_FAILS, /* the network refuses data calls with reason `value` of type 3 */
	QK_SIM_FAULT_WEDGED,     /* data calls fail, and the `value`th brings the firmware down */
	QK_SIM_FAULT_NMEA_PANIC, /* a crash `value` ms after positioning went on */
	QK_SIM_FAULT_KINDS,      /* how many there are */
};

struct qk_sim_fault {
	uint32_t kind;    /* enum qk_sim_fault_kind */
	uint32_t service; /* or QK_SIM_ANY_SERVICE */
	uint32_t message; /* or QK_SIM_ANY_MESSAGE */
	uint32_t value;
	uint32_t count; /* how many times; 0: as often as it can be */
	uint32_t after_msec,
		for_msec; /* when it begins, and how long it lasts; 0: at once, for ever */
	uint64_t from_usec, until_usec; /* the same in the modem's time, once it is armed */
	uint32_t used;                  /* how many times it was */
};

/* The faults that are armed in one modem, oldest first. */
struct qk_sim_faults {
	struct qk_sim_fault armed[QK_SIM_FAULTS_MAX];
	uint32_t count;
	uint32_t used[QK_SIM_FAULT_KINDS]; /* of each kind, those that are no longer armed too */
};

/*
 * Reads "NAME[=VALUE][:SERVICE[.MESSAGE]][:COUNT][@AFTER[+FOR]]": "drop-answer",
 * "delay-answer=1500:dms", "error-result=94:nas.get-signal-info:1", "crash@5000", with times in
 * milliseconds. A message may be a number. 0, or -EINVAL with a line in `error`.
 */
int qk_sim_fault_parse(const char *text, struct qk_sim_fault *ret, char *error, size_t error_size);

/* The number of the fault with this name and the value it has unless one is given; -ENOENT. */
int qk_sim_fault_by_name(const char *name, uint32_t *ret_value);

/* Arms a fault behind those that are armed: `from_usec` and `until_usec` say when. -ENOBUFS when
 * QK_SIM_FAULTS_MAX are. */
QK_MUST_CHECK int qk_sim_faults_arm(struct qk_sim_faults *faults, const struct qk_sim_fault *fault);
/* Disarms those of `kind`; QK_SIM_FAULT_KINDS: all. How many they were. */
uint32_t qk_sim_faults_disarm(struct qk_sim_faults *faults, uint32_t kind);

/* Whether a fault of `kind` is armed at this time; `frame` (NULL: none) is what it must be for. To take
 * it counts as its use, and the last use disarms it. */
bool qk_sim_faults_take(struct qk_sim_faults *faults, uint32_t kind, uint64_t now_usec,
			const struct qk_frame *frame, struct qk_sim_fault *ret);
/* The same without using it. */
const struct qk_sim_fault *qk_sim_faults_find(const struct qk_sim_faults *faults, uint32_t kind,
					      uint64_t now_usec, const struct qk_frame *frame);
/* When a fault of `kind` can act next, not before `now_usec`; UINT64_MAX: none is armed. */
uint64_t qk_sim_faults_next_usec(const struct qk_sim_faults *faults, uint32_t kind,
				 uint64_t now_usec);

/* The names of the faults, for help: the i-th and what it does, or NULL past the end. */
const char *qk_sim_fault_name(size_t i, const char **ret_sentence);

/* Bends the frame of `*size` bytes at `buffer`, which has room for QK_FRAME_MAX, where the fault is
 * one of the frame's bytes. Others leave it as it is. */
void qk_sim_fault_bend(const struct qk_sim_fault *fault, uint8_t *buffer, size_t *size);
