/* Traffic: sums, and three comparisons. */
#include "traffic.h"

/* So many packets without an answer are no chance: a program that only sends, or a kernel that looks for neighbours. */
enum { UNANSWERED = 8 };

void traffic_try(struct traffic *traffic)
{
	traffic->attempts++;
	traffic->start_date = traffic->rx_bytes = traffic->tx_bytes = 0;
	traffic->uplink_bps = traffic->downlink_bps = 0;
	traffic->duration = 0;
}

void traffic_begin(struct traffic *traffic, uint64_t now_usec, uint64_t date,
		   const struct traffic_counters *counters)
{
	traffic->start_date = date;
	traffic->since_usec = traffic->quiet_usec = now_usec;
	traffic->quiet = *counters;
	traffic->proven = false;
}

static void add(uint64_t *count, uint64_t *total, uint64_t now)
{
	if (now > *count) {
		*total += now - *count;
		*count = now;
	}
}

/* Whether something came in since the counters were these. */
static bool heard(const struct traffic_counters *before, const struct traffic_counters *now)
{
	return now->rx_bytes != before->rx_bytes ||
	       (now->has_packets && now->rx_packets != before->rx_packets);
}

static void count_time(struct traffic *traffic, uint64_t now_usec)
{
	uint64_t seconds = (now_usec - traffic->since_usec) / 1000000;
	uint32_t duration = seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;

	if (duration > traffic->duration) {
		traffic->total_duration += duration - traffic->duration;
		traffic->duration = duration;
	}
}

void traffic_count(struct traffic *traffic, uint64_t now_usec,
		   const struct traffic_counters *counters)
{
	count_time(traffic, now_usec);
	add(&traffic->rx_bytes, &traffic->total_rx_bytes, counters->rx_bytes);
	add(&traffic->tx_bytes, &traffic->total_tx_bytes, counters->tx_bytes);
	if (heard(&traffic->quiet, counters)) {
		traffic->proven = true;
		traffic->quiet = *counters;
		traffic->quiet_usec = now_usec;
	}
}

void traffic_end(struct traffic *traffic, uint64_t now_usec)
{
	if (traffic->start_date)
		count_time(traffic, now_usec);
}

/* Packets that went out since the counters were these; where bytes alone are known, each is a packet of its own. */
static uint64_t sent(const struct traffic_counters *before, const struct traffic_counters *now)
{
	if (now->has_packets && before->has_packets)
		return now->tx_packets - before->tx_packets;
	return now->tx_bytes - before->tx_bytes;
}

enum traffic_verdict traffic_judge(const struct traffic *traffic, uint64_t now_usec,
				   uint64_t bound_usec, const struct traffic_counters *counters)
{
	const struct traffic_counters *quiet = &traffic->quiet;
	bool has_link = counters->has_link && quiet->has_link;
	uint64_t out = sent(quiet, counters);

	if (now_usec - traffic->quiet_usec < bound_usec)
		return TRAFFIC_FINE;
	if (out >= UNANSWERED)
		return TRAFFIC_DEAF;
	if (out == 0 && has_link &&
	    counters->link_tx_packets - quiet->link_tx_packets >= UNANSWERED)
		return TRAFFIC_SEVERED;
	return out == 0 && !traffic->proven ? TRAFFIC_NONE : TRAFFIC_FINE;
}

const char *traffic_words(enum traffic_verdict verdict)
{
	static const char *const words[] = {
		[TRAFFIC_FINE] = "",
		[TRAFFIC_NONE] = "nothing was sent or received since it came up",
		[TRAFFIC_DEAF] = "packets are sent, and none come in",
		[TRAFFIC_SEVERED] = "the host sends packets, and none reach the modem",
	};

	return words[verdict];
}

json_t *traffic_json(const struct traffic *t)
{
	return json_pack("{s: I, s: I, s: I, s: I, s: I, s: I, s: I, s: I, s: I, s: I, s: I}",
			 "duration", (json_int_t)t->duration, "rx-bytes", (json_int_t)t->rx_bytes,
			 "tx-bytes", (json_int_t)t->tx_bytes, "start-date",
			 (json_int_t)t->start_date, "attempts", (json_int_t)t->attempts,
			 "failed-attempts", (json_int_t)t->failures, "total-duration",
			 (json_int_t)t->total_duration, "total-rx-bytes",
			 (json_int_t)t->total_rx_bytes, "total-tx-bytes",
			 (json_int_t)t->total_tx_bytes, "uplink-speed", (json_int_t)t->uplink_bps,
			 "downlink-speed", (json_int_t)t->downlink_bps);
}
