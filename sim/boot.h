/*
 * Boot: how the modem comes on the bus and leaves it. The steps of its boot, resets, crashes, the loader that
 * may be there in its stead, the cable.
 *
 * Owns: the state's booted, reached, times of the boot, loader and cable.
 * Does not know: QMI, AT, descriptors, what a part of the state does at a boot: it asks each to begin anew.
 * Lifetime: that of the state. Called from: state.c (time), the handlers of every protocol, the control
 * socket, the faces on a bus, tests.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct qk_sim_state;

/* The steps of a boot, in the order in which the default profile reaches them: bits of
 * qk_sim_state.booted. */
enum {
	QK_SIM_BOOTED_BUS = 1 << 0,  /* it is on the bus */
	QK_SIM_BOOTED_AT = 1 << 1,   /* the AT ports answer */
	QK_SIM_BOOTED_RDY = 1 << 2,  /* the AT ports have said so */
	QK_SIM_BOOTED_CARD = 1 << 3, /* the card was read */
	QK_SIM_BOOTED_QMI = 1 << 4,  /* QMI answers */
	QK_SIM_BOOTED_SMS = 1 << 5,
	QK_SIM_BOOTED_PHONEBOOK = 1 << 6,
	QK_SIM_BOOTED_ALL = (1 << 7) - 1,
};

/* What is on the bus in the modem's stead: a loader of its chip. */
enum qk_sim_loader {
	QK_SIM_LOADER_NONE,
	QK_SIM_LOADER_EDL,      /* Qualcomm's emergency download, 05c6:9008 */
	QK_SIM_LOADER_FASTBOOT, /* 18d1:d00d */
};

/* --- for state.c */

/* Every part as it is when the modem gets power. */
void qk_sim_boot_begin(struct qk_sim_state *state);
uint64_t qk_sim_boot_next_usec(const struct qk_sim_state *state);
/* Lets happen what is due; the state's time was `before_usec` when it was asked last. */
void qk_sim_boot_advance(struct qk_sim_state *state, uint64_t before_usec);

/* --- coming and going */

/* The modem is off, as when its supply fails, and comes on the bus again after `off_usec` (of a real
 * modem; QK_SIM_NEVER: not by itself) to boot as the profile's timings say. Nothing but the firmware's
 * stored settings and the card survives. */
void qk_sim_state_reboot(struct qk_sim_state *state, uint64_t off_usec);

/* The same, but a loader is on the bus after `off_usec` and stays for `loader_usec` (QK_SIM_NEVER: until
 * the next reboot); the modem follows it. */
void qk_sim_state_reboot_by(struct qk_sim_state *state, uint32_t loader, uint64_t off_usec,
			    uint64_t loader_usec);

/* Takes the cable out or puts it in again. The modem is not off meanwhile. */
void qk_sim_state_set_unplugged(struct qk_sim_state *state, bool unplugged);

/* Whether it is on the bus. */
bool qk_sim_state_on_bus(const struct qk_sim_state *state);
/* The loader that is on the bus now (enum qk_sim_loader). */
uint32_t qk_sim_state_loader(const struct qk_sim_state *state);
/* Whether QMI answers: not before that step of the boot, nor after it was shut down. */
bool qk_sim_state_is_up(const struct qk_sim_state *state);
