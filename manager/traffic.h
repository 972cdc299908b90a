/*
 * Traffic: what passed over one connection, as the bus counts it, and whether anything passes at all.
 *
 * Owns: counts. Does not know: bearers, where counters are read, clocks (time is given).
 * Lifetime: a struct of its owner, zeroed. Called from: bearer-watch.c.
 *
 * A connection is proven when something came in over it; from then on silence in both directions is a rest. What is
 * named is a connection over which nothing passed since it came up, one that sends and hears nothing, and one whose
 * packets leave the host and never reach the modem.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>

/* Seen from the host: rx is what comes in. Of the modem's data calls, and of the link where there is one. */
struct traffic_counters {
	uint64_t rx_bytes, tx_bytes;
	bool has_packets; /* the next two are known */
	uint64_t rx_packets, tx_packets;
	bool has_link; /* the next two are known */
	uint64_t link_rx_packets, link_tx_packets;
};

enum traffic_verdict {
	TRAFFIC_FINE,   /* or too early to tell */
	TRAFFIC_NONE,   /* nothing was sent or received since it came up */
	TRAFFIC_DEAF,   /* it sends, and nothing comes in */
	TRAFFIC_SEVERED /* the host sends, and nothing reaches the modem */
};

struct traffic {
	unsigned int attempts, failures;
	/* of the connection that is or was last */
	uint64_t start_date; /* seconds since 1970; 0: there was none, or it is no more */
	uint64_t rx_bytes, tx_bytes, uplink_bps, downlink_bps;
	uint32_t duration;
	uint64_t total_rx_bytes, total_tx_bytes;
	uint32_t total_duration;
	/* to judge it */
	uint64_t since_usec;           /* it came up */
	bool proven;                   /* something came in */
	struct traffic_counters quiet; /* as they were when something came in last */
	uint64_t quiet_usec;           /* and when */
};

/* A try begins: what the last connection passed is no longer of interest. */
void traffic_try(struct traffic *traffic);
/* It came up. */
void traffic_begin(struct traffic *traffic, uint64_t now_usec, uint64_t date,
		   const struct traffic_counters *counters);
/* Counters that are lower than before, of a modem that began anew, add nothing. */
void traffic_count(struct traffic *traffic, uint64_t now_usec,
		   const struct traffic_counters *counters);
/* It goes down. */
void traffic_end(struct traffic *traffic, uint64_t now_usec);

/* After `counters` were counted: what is said of a connection that was silent for `bound_usec`. */
enum traffic_verdict traffic_judge(const struct traffic *traffic, uint64_t now_usec,
				   uint64_t bound_usec, const struct traffic_counters *counters);
/* In words; "" when it is fine. */
const char *traffic_words(enum traffic_verdict verdict);

/* The dictionary bearer-stats. */
json_t *traffic_json(const struct traffic *traffic);
