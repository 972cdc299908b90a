/*
 * Bearer, while it is up: every now and then the modem is asked whether the calls are, and what passed; what passes
 * nothing is named.
 */
#include <time.h>
#include <qmikit/common.h>

#include "bearer-inside.h"
#include "log.h"
#include "modem.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* How often, as ModemManager does; how long a connection may be silent; how exact the timer has to be. */
enum { WATCH_USEC = 30000000, SILENT_USEC = 120000000, EARLY_USEC = 1000000 };

static void take_statistics(struct operation *op, const void *response, uint16_t error,
			    const void *about)
{
	const struct qk_wds_get_packet_statistics_response *r = response;
	struct bearer *bearer = ((const struct leg *)about)->bearer;
	struct leg *leg = &bearer->legs[(const struct leg *)about - bearer->legs];

	(void)op;
	leg->counted = !error && r->has_rx_bytes_ok && r->has_tx_bytes_ok;
	if (!leg->counted)
		return;
	leg->counters = (struct traffic_counters){
		.rx_bytes = r->rx_bytes_ok,
		.tx_bytes = r->tx_bytes_ok,
		.has_packets = r->has_rx_packets_ok && r->has_tx_packets_ok,
		.rx_packets = r->rx_packets_ok,
		.tx_packets = r->tx_packets_ok,
	};
}

void watch_read(struct operation *op, const struct bearer *bearer)
{
	static const struct qk_wds_get_packet_statistics_request request = {
		.has_mask = true,
		.mask = QK_WDS_PACKET_STATISTICS_MASK_FLAG_TX_BYTES_OK |
			QK_WDS_PACKET_STATISTICS_MASK_FLAG_RX_BYTES_OK |
			QK_WDS_PACKET_STATISTICS_MASK_FLAG_TX_PACKETS_OK |
			QK_WDS_PACKET_STATISTICS_MASK_FLAG_RX_PACKETS_OK,
	};

	for (size_t i = 0; i < BEARER_LEGS; i++)
		if (bearer->legs[i].up)
			operation_ask(op, &(struct question){
						  .service = QK_SERVICE_ID_WDS,
						  .need = OPERATION_TRIES,
						  .method = &qk_wds_get_packet_statistics_method,
						  .take = take_statistics,
						  .about = &bearer->legs[i],
						  .request = &request,
						  .client = bearer->legs[i].client,
					  });
}

/* Of all calls together. false: the modem does not count. */
static bool sum(const struct bearer *bearer, struct traffic_counters *ret)
{
	struct traffic_counters all = { .has_packets = true };
	bool any = false;

	for (size_t i = 0; i < BEARER_LEGS; i++) {
		const struct traffic_counters *one = &bearer->legs[i].counters;

		if (!bearer->legs[i].counted)
			continue;
		any = true;
		all.rx_bytes += one->rx_bytes;
		all.tx_bytes += one->tx_bytes;
		all.has_packets = all.has_packets && one->has_packets;
		all.rx_packets += one->rx_packets;
		all.tx_packets += one->tx_packets;
	}
	all.has_packets = all.has_packets && any;
	all.has_link = link_count(bearer, &all.link_rx_packets, &all.link_tx_packets);
	*ret = all;
	return any;
}

static uint64_t hurried(const struct bearer *bearer, uint64_t usec)
{
	return usec / (bearer->modem->host->hurry ? bearer->modem->host->hurry : 1);
}

static void name_silence(struct bearer *bearer, enum traffic_verdict verdict)
{
	if (verdict == bearer->verdict)
		return;
	bearer->verdict = verdict;
	if (verdict == TRAFFIC_FINE) {
		modem_log_at(bearer->modem, LOG_NOTICE, "%s passes packets again",
			     bearer_path(bearer));
		bearer_tell_error(bearer, "", "");
		return;
	}
	modem_log_at(bearer->modem, LOG_WARNING, "%s is up and passes nothing: %s",
		     bearer_path(bearer), traffic_words(verdict));
	bearer_tell_error(bearer, MM_CONNECTION_ERROR_NO_ANSWER, traffic_words(verdict));
}

static void on_watched(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct bearer *bearer = userdata;
	struct traffic_counters counters;
	uint64_t now = bearer_now(bearer);

	(void)modem;
	bearer->watching = false;
	if (failure || !bearer->connected || bearer->doing != BEARER_NOTHING)
		return;
	if (!data_call_is_up(bearer)) {
		bearer->ended = false;
		bearer_fall(bearer);
		return;
	}
	if (sum(bearer, &counters)) {
		traffic_count(&bearer->traffic, now, &counters);
		name_silence(bearer, traffic_judge(&bearer->traffic, now,
						   hurried(bearer, SILENT_USEC), &counters));
	} else {
		traffic_count(&bearer->traffic, now, &bearer->traffic.quiet);
	}
	bearer_tell_stats(bearer);
}

void watch_last(struct bearer *bearer)
{
	struct traffic_counters counters;

	if (bearer->connected && sum(bearer, &counters))
		traffic_count(&bearer->traffic, bearer_now(bearer), &counters);
}

static void read_passed(struct operation *op)
{
	watch_read(op, operation_data(op));
}

static const struct step watch_steps[] = {
	{ "ask whether the data call is up", data_call_ask_status },
	{ "read what passed", read_passed },
};

void watch_look(struct bearer *bearer)
{
	if (!bearer->watching && bearer->doing == BEARER_NOTHING)
		bearer->watching = operation_start(bearer->modem, OPERATION_ASIDE, watch_steps,
						   COUNT(watch_steps), on_watched, bearer) == 0;
}

void bearers_look(struct modem *modem)
{
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i] && modem->bearers[i]->connected)
			watch_look(modem->bearers[i]);
}

static void on_tick(void *userdata);

static void arm(struct bearer *bearer)
{
	bearer->watch.fn = on_tick;
	bearer->watch.userdata = bearer;
	bearer->watch.early_usec = hurried(bearer, EARLY_USEC);
	ticker_start(bearer->modem->host->ticker, &bearer->watch, hurried(bearer, WATCH_USEC));
}

static void on_tick(void *userdata)
{
	watch_look(userdata);
	arm(userdata);
}

void watch_begin(struct bearer *bearer)
{
	struct traffic_counters counters;
	bool counts = sum(bearer, &counters);

	bearer_set(bearer, API_BEARER_RELOAD_STATS_SUPPORTED, json_boolean(counts));
	traffic_begin(&bearer->traffic, bearer_now(bearer), (uint64_t)time(NULL), &counters);
	arm(bearer);
}

void watch_end(struct bearer *bearer)
{
	static const struct failure ended = { MM_CORE_ERROR_CANCELLED, "the bearer goes down" };

	if (bearer->watch.on) {
		traffic_end(&bearer->traffic, bearer_now(bearer));
		operations_cancel_of(bearer->modem, bearer, &ended);
	}
	ticker_stop(bearer->modem->host->ticker, &bearer->watch);
}

void watch_settings(struct bearer *bearer)
{
	static const struct step steps[] = { { "read the settings again", data_call_read_again } };

	modem_log(bearer->modem, "%s: the network changed the settings", bearer_path(bearer));
	if (operation_start(bearer->modem, OPERATION_ASIDE, steps, COUNT(steps), NULL, bearer) < 0)
		modem_log_at(bearer->modem, LOG_WARNING, "out of memory: the settings are old");
}
