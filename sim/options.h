/*
 * Options: the command line of qmi-sim.
 *
 * Owns: nothing; borrows argv. Does not know: modems, faces.
 * Lifetime: on main's stack. Called from: main.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"

struct qk_sim_options {
	const char *profile, *pty, *at, *socket, *qmuxd, *net, *control, *scenario;
	bool usb, qrtr;
	uint16_t usbip;  /* a TCP port; 0: no */
	bool no_rhythm;  /* notifications come at once */
	bool internet;   /* data calls reach what this machine reaches */
	bool cold, warm; /* how the modems start, if that is said */
	uint32_t time_scale_ppm;
	uint32_t count;
	uint64_t seed;
	struct qk_sim_fault faults[QK_SIM_FAULTS_MAX];
	uint32_t fault_count;
};

/* Reads the command line. 0: go on; 1: it was asked for help or the version, which is printed; or
 * -EINVAL with one line in `error`. */
int qk_sim_options_read(int argc, char **argv, struct qk_sim_options *ret, char *error,
			size_t error_size);
