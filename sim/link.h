/*
 * Link: how good the way through the air is, and what was lost on the data path: a part of the model.
 *
 * Owns: nothing; plain values. Does not know: packets, data calls.
 * Lifetime: that of the state; a reboot leaves it alone, as it leaves the weather.
 * Called from: state.h holds it; datapath.c obeys it, scenarios and the control socket set it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define QK_SIM_NAMES_MAX 16u

/* One direction. Zeros: as fast as it goes, at once, without loss. */
struct qk_sim_channel {
	uint64_t rate_bps;
	uint64_t latency_usec;
	uint32_t loss_ppm; /* of a million packets; which ones, the seed says */
};

/* A name that the modem's DNS server knows. An address of zeros: none of that version. */
struct qk_sim_name {
	char name[64]; /* without a dot at its end; letters of either case are the same */
	uint32_t address4;
	uint8_t address6[16];
};

/* What came from the host and never reached a data call, in packets. */
struct qk_sim_stray {
	uint32_t ethernet;  /* frames of a host that believes in 802.3 (F5) */
	uint32_t malformed; /* what is neither IP nor QMAP */
	uint32_t no_call;   /* for a mux id or an IP version that has no call */
	uint32_t commands;  /* of QMAP, answered as unsupported */
};

struct qk_sim_link {
	struct qk_sim_channel uplink, downlink;
	struct qk_sim_name names[QK_SIM_NAMES_MAX];
	size_t name_count;
	struct qk_sim_stray stray;
};
