/*
 * Control, showing: what is a list in the model, as JSON.
 */
#include <arpa/inet.h>
#include <string.h>

#include "control-table.h"

#define B(member) QK_CONTROL_AT(qk_sim_bearer, member)
#define L(member) QK_CONTROL_AT(qk_sim_link, member)

static const struct qk_sim_word bearer_words[] = {
	{ "free", QK_SIM_BEARER_FREE },
	{ "starting", QK_SIM_BEARER_STARTING },
	{ "up", QK_SIM_BEARER_UP },
	{ "ended", QK_SIM_BEARER_ENDED },
	{ NULL, 0 },
};

static const struct qk_sim_member bearer_members[] = {
	{ "state", WORD, B(state), .words = bearer_words },
	{ "family", UINT, B(family) },
	{ "context", UINT, B(context) },
	{ "mux-id", UINT, B(mux_id) },
	{ "handle", UINT, B(handle) },
	{ "apn", TEXT, B(apn) },
	{ "mtu", UINT, B(mtu) },
	{ "tx-packets", UINT, B(counters.tx_packets) },
	{ "rx-packets", UINT, B(counters.rx_packets) },
	{ "tx-bytes", UINT, B(counters.tx_bytes) },
	{ "rx-bytes", UINT, B(counters.rx_bytes) },
	{ "tx-dropped", UINT, B(counters.tx_dropped) },
	{ "rx-dropped", UINT, B(counters.rx_dropped) },
};

static const struct qk_sim_member link_members[] = {
	{ "uplink-rate-bps", UINT, L(uplink.rate_bps) },
	{ "uplink-latency-us", UINT, L(uplink.latency_usec) },
	{ "uplink-loss-ppm", UINT, L(uplink.loss_ppm) },
	{ "downlink-rate-bps", UINT, L(downlink.rate_bps) },
	{ "downlink-latency-us", UINT, L(downlink.latency_usec) },
	{ "downlink-loss-ppm", UINT, L(downlink.loss_ppm) },
	{ "stray-ethernet", UINT, L(stray.ethernet) },
	{ "stray-malformed", UINT, L(stray.malformed) },
	{ "stray-without-call", UINT, L(stray.no_call) },
	{ "stray-commands", UINT, L(stray.commands) },
};

static const struct qk_sim_section bearer_section = { "call", bearer_members,
						      QK_CONTROL_COUNT(bearer_members), 0 };
static const struct qk_sim_section link_section = { "link", link_members,
						    QK_CONTROL_COUNT(link_members), 0 };

static json_t *address4(uint32_t address)
{
	const struct in_addr network = { htonl(address) };
	char text[INET_ADDRSTRLEN];

	return json_string(inet_ntop(AF_INET, &network, text, sizeof(text)));
}

static json_t *address6(const uint8_t *address)
{
	char text[INET6_ADDRSTRLEN];

	return json_string(inet_ntop(AF_INET6, address, text, sizeof(text)));
}

json_t *qk_control_bearer(const struct qk_sim_bearer *bearer)
{
	json_t *call = qk_sim_write_object(&bearer_section, bearer);
	bool v4 = bearer->family == 4;

	json_object_set_new(call, "prefix", json_integer(bearer->prefix_bits));
	json_object_set_new(call, "address",
			    v4 ? address4(bearer->address4) : address6(bearer->address6));
	json_object_set_new(call, "gateway",
			    v4 ? address4(bearer->gateway4) : address6(bearer->gateway6));
	json_object_set_new(call, "dns",
			    json_pack("[o, o]",
				      v4 ? address4(bearer->dns4[0]) : address6(bearer->dns6[0]),
				      v4 ? address4(bearer->dns4[1]) : address6(bearer->dns6[1])));
	if (bearer->state == QK_SIM_BEARER_ENDED)
		json_object_set_new(call, "end",
				    json_pack("{s:i, s:i, s:i}", "call", (int)bearer->end.call,
					      "type", (int)bearer->end.type, "code",
					      (int)bearer->end.reason));
	return call;
}

json_t *qk_control_networks(const struct qk_sim_state *state)
{
	const struct qk_sim_radio *radio = &state->radio;
	json_t *list = json_array();

	for (uint8_t i = 0; i < radio->network_count; i++) {
		const struct qk_sim_network *network = &radio->networks[i];
		json_t *object = json_pack("{s:i, s:i, s:s, s:b, s:b, s:b, s:i}", "mcc",
					   (int)network->plmn.mcc, "mnc", (int)network->plmn.mnc,
					   "name", network->plmn.name, "serving",
					   i == radio->serving, "forbidden", network->forbidden,
					   "hidden", network->hidden, "cause", (int)network->cause);
		json_object_set_new(object, "cell",
				    qk_sim_write_object(&qk_sim_cell_section, &network->cell));
		json_array_append_new(list, object);
	}
	return list;
}

json_t *qk_control_data(const struct qk_sim_state *state)
{
	json_t *data = json_object(), *calls = json_array();

	for (size_t i = 0; i < QK_SIM_BEARERS_MAX; i++)
		if (state->bearers.calls[i].state != QK_SIM_BEARER_FREE)
			json_array_append_new(calls, qk_control_bearer(&state->bearers.calls[i]));
	json_object_set_new(data, "calls", calls);
	json_object_set_new(data, "link", qk_sim_write_object(&link_section, &state->link));
	return data;
}
