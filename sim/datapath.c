/*
 * Data path: packets between transfers and the outside (see datapath.h).
 *
 * From the host a packet is looked at on the USB side of the modem first: which call it belongs to,
 * whether it may pass, whether the modem answers by itself. Then it goes through the air, and what
 * comes out of it reaches the network: the name servers, the gateway, the outside. Towards the host it
 * is the same backwards; `ready` holds what the host has only to fetch.
 */
#include "datapath.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bearer.h"
#include "inet-dhcp.h"
#include "inet-dns.h"
#include "inet-nd.h"
#include "lane.h"
#include "qmap.h"
#include "seed.h"

#define FLOWS_MAX QK_SIM_BEARERS_MAX
/* The tag of what has its QMAP header already; other tags are numbers of flows. */
#define FRAMED FLOWS_MAX
#define ANSWER_MAX 2048u
#define AGGREGATION_QMAP 5u /* WDA's number */
#define PREFIX6_BITS 64

/* A data call of one IP version. */
struct flow {
	bool up;
	uint64_t serial; /* of the data call's addresses: others are another flow */
	uint8_t mux_id;
	struct qk_inet_config config;
	void *outside;
};

struct qk_datapath {
	struct qk_sim *sim;
	struct qk_sim_state *state;
	const struct qk_outside *outside;
	void *outside_userdata;
	const struct qk_datapath_sink *sink;
	void *sink_userdata;
	struct qk_sim_watcher watcher;
	struct flow flows[FLOWS_MAX];
	struct qk_lane up, down, ready;
};

/* A counter of the flow's call, by its place in struct qk_sim_counters, and the one of all calls. */
static void count(struct qk_datapath *path, unsigned int flow, size_t counter)
{
	struct qk_sim_bearers *bearers = &path->state->bearers;
	struct qk_sim_counters *all[] = { &bearers->calls[flow].counters, &bearers->total };

	for (size_t i = 0; i < 2; i++)
		++*(uint32_t *)((uint8_t *)all[i] + counter);
}

#define COUNT(path, flow, counter) count(path, flow, offsetof(struct qk_sim_counters, counter))

static void count_rx(struct qk_datapath *path, unsigned int flow, size_t size)
{
	struct qk_sim_bearers *bearers = &path->state->bearers;
	struct qk_sim_counters *all[] = { &bearers->calls[flow].counters, &bearers->total };

	for (size_t i = 0; i < 2; i++) {
		all[i]->rx_packets++;
		all[i]->rx_bytes += size;
	}
}

static void count_tx(struct qk_datapath *path, unsigned int flow, size_t size)
{
	struct qk_sim_bearers *bearers = &path->state->bearers;
	struct qk_sim_counters *all[] = { &bearers->calls[flow].counters, &bearers->total };

	for (size_t i = 0; i < 2; i++) {
		all[i]->tx_packets++;
		all[i]->tx_bytes += size;
	}
}

static unsigned int number_of(const struct qk_datapath *path, const struct flow *flow)
{
	return (unsigned int)(flow - path->flows);
}

static bool is_qmap(uint32_t aggregation)
{
	return aggregation == AGGREGATION_QMAP;
}

/* --- Towards the host */

static void tell_host(struct qk_datapath *path)
{
	if (path->ready.first && path->sink)
		path->sink->ready(path->sink_userdata);
}

/* The radio's deadline: the first packet that is still in the air. */
static void set_deadline(struct qk_datapath *path)
{
	uint64_t due = QK_SIM_NEVER;

	if (path->up.first)
		due = path->up.first->due_usec;
	if (path->down.first && path->down.first->due_usec < due)
		due = path->down.first->due_usec;
	path->watcher.due_usec = due;
}

static void make_ready(struct qk_datapath *path, unsigned int flow, struct qk_span packet)
{
	if (qk_lane_put(&path->ready, 0, flow, packet) < 0) {
		COUNT(path, flow, rx_overflows);
		return;
	}
	count_rx(path, flow, packet.size);
}

/* From the network through the air; the host is not told yet. */
static void send_down(struct qk_datapath *path, unsigned int flow, struct qk_span packet)
{
	const struct qk_sim_channel *channel = &path->state->link.downlink;

	if (qk_lane_loses(&path->down, channel)) {
		COUNT(path, flow, rx_dropped);
		return;
	}
	uint64_t due = qk_lane_schedule(&path->down, channel, path->state, packet.size);
	if (due <= path->state->now_usec && !path->down.first)
		make_ready(path, flow, packet);
	else if (due == QK_SIM_NEVER || qk_lane_put(&path->down, due, flow, packet) < 0)
		COUNT(path, flow, rx_overflows);
}

void qk_datapath_deliver(struct qk_datapath *path, unsigned int number, struct qk_span packet)
{
	struct qk_ip ip;

	if (number >= FLOWS_MAX || !path->flows[number].up)
		return;
	const struct qk_inet_config *config = &path->flows[number].config;
	if (qk_ip_read(packet, &ip) < 0 || ip.version != config->version) {
		COUNT(path, number, rx_errors);
		return;
	}
	if (ip.packet.size > config->mtu ||
	    !qk_inet_same_net(&ip.destination, &config->address,
			      ip.version == 4 ? 32 : config->prefix_bits)) {
		COUNT(path, number, rx_dropped);
		return;
	}
	send_down(path, number, ip.packet);
	set_deadline(path);
	tell_host(path);
}

/* --- The network's end of the air */

static bool is_name_server(const struct qk_inet_config *config,
			   const struct qk_inet_address *address)
{
	return !qk_inet_is_unspecified(address) &&
	       (qk_inet_equal(address, &config->dns[0]) || qk_inet_equal(address, &config->dns[1]));
}

/* The gateway of the call of the other version on the same channel, as one name has both addresses. */
static struct qk_inet_address gateway_of(const struct qk_datapath *path, uint8_t mux_id,
					 uint8_t version)
{
	for (size_t i = 0; i < FLOWS_MAX; i++) {
		const struct flow *flow = &path->flows[i];
		if (flow->up && flow->mux_id == mux_id && flow->config.version == version)
			return flow->config.gateway;
	}
	return (struct qk_inet_address){ 0 };
}

/* -ENOENT: this is no question to a name server. */
static int answer_name(const struct qk_datapath *path, const struct flow *flow,
		       const struct qk_ip *ip, uint8_t *buffer, size_t size)
{
	const struct qk_sim_link *link = &path->state->link;
	uint8_t message[QK_DNS_MAX];
	struct qk_udp udp;

	if (ip->fragment || ip->protocol != QK_IP_UDP || qk_udp_read(ip, &udp) < 0 ||
	    udp.destination != 53)
		return -ENOENT;
	struct qk_dns_zone zone = {
		.names = link->names,
		.name_count = link->name_count,
		.gateway4 = gateway_of(path, flow->mux_id, 4),
		.gateway6 = gateway_of(path, flow->mux_id, 6),
	};
	int r = qk_dns_answer(&zone, udp.payload, message, sizeof(message));
	if (r <= 0)
		return r;
	struct qk_ip answer = { .version = ip->version, .protocol = QK_IP_UDP, .hop_limit = 64 };
	answer.source = ip->destination;
	answer.destination = ip->source;
	udp = (struct qk_udp){ 53, udp.source, { message, (size_t)r } };
	return qk_udp_write(&answer, &udp, buffer, size);
}

/* What has come through the air: answered here, passed on, or refused. */
static void arrive(struct qk_datapath *path, unsigned int number, struct qk_span packet)
{
	const struct flow *flow = &path->flows[number];
	uint8_t answer[UINT16_MAX];
	struct qk_ip ip;
	int size = 0;

	if (qk_ip_read(packet, &ip) < 0 || qk_inet_is_group(&ip.destination, ip.version))
		return;
	bool name_server = is_name_server(&flow->config, &ip.destination);
	if (name_server || qk_inet_equal(&ip.destination, &flow->config.gateway))
		size = qk_icmp_echo(&ip, answer, sizeof(answer));
	if (!size)
		size = name_server ? answer_name(path, flow, &ip, answer, sizeof(answer)) : -ENOENT;
	if (size == -ENOENT && !(flow->outside && path->outside->send(flow->outside, &ip)))
		size = qk_icmp_prohibited(&ip, &flow->config.gateway, answer, sizeof(answer));
	if (size > 0)
		send_down(path, number, (struct qk_span){ answer, (size_t)size });
}

/* --- From the host */

static struct flow *find_flow(struct qk_datapath *path, uint8_t mux_id, uint8_t version)
{
	for (size_t i = 0; i < FLOWS_MAX; i++) {
		struct flow *flow = &path->flows[i];
		if (flow->up && flow->mux_id == mux_id && flow->config.version == version)
			return flow;
	}
	return NULL;
}

/* What never leaves the link, from a host that has no address yet or asks its router. */
static bool is_local(const struct qk_ip *ip)
{
	struct qk_udp udp;

	if (ip->version == 6)
		return qk_nd_is(ip);
	return ip->protocol == QK_IP_UDP && !ip->fragment && qk_udp_read(ip, &udp) == 0 &&
	       udp.destination == QK_DHCP_SERVER_PORT;
}

static int answer_dhcp(const struct qk_inet_config *config, const struct qk_ip *ip, uint8_t *buffer,
		       size_t size)
{
	uint8_t message[ANSWER_MAX];
	struct qk_ip answer = { .version = 4, .protocol = QK_IP_UDP, .hop_limit = 64 };
	struct qk_udp udp;

	if (qk_udp_read(ip, &udp) < 0)
		return 0;
	int r = qk_dhcp_answer(config, udp.payload, message, sizeof(message), &answer.destination);
	if (r <= 0)
		return r;
	answer.source = config->gateway;
	udp = (struct qk_udp){ QK_DHCP_SERVER_PORT, QK_DHCP_CLIENT_PORT, { message, (size_t)r } };
	return qk_udp_write(&answer, &udp, buffer, size);
}

/* The modem's own answers, which the air does not delay. */
static void answer_local(struct qk_datapath *path, const struct flow *flow, const struct qk_ip *ip)
{
	uint8_t answer[ANSWER_MAX];
	int size = ip->version == 6 ? qk_nd_answer(&flow->config, ip, answer, sizeof(answer))
				    : answer_dhcp(&flow->config, ip, answer, sizeof(answer));

	if (size > 0)
		make_ready(path, number_of(path, flow), (struct qk_span){ answer, (size_t)size });
}

/* Networks take nothing that does not come from the address they gave. */
static bool is_own(const struct qk_inet_config *config, const struct qk_ip *ip)
{
	if (ip->version == 4)
		return qk_inet_equal(&ip->source, &config->address);
	return qk_inet_same_net(&ip->source, &config->address, config->prefix_bits);
}

static void send_up(struct qk_datapath *path, unsigned int number, struct qk_span packet)
{
	const struct qk_sim_channel *channel = &path->state->link.uplink;

	if (qk_lane_loses(&path->up, channel)) {
		COUNT(path, number, tx_dropped);
		return;
	}
	uint64_t due = qk_lane_schedule(&path->up, channel, path->state, packet.size);
	bool at_once = due <= path->state->now_usec && !path->up.first;
	if (due == QK_SIM_NEVER || (!at_once && qk_lane_put(&path->up, due, number, packet) < 0)) {
		COUNT(path, number, tx_overflows);
		return;
	}
	count_tx(path, number, packet.size);
	if (at_once)
		arrive(path, number, packet);
}

/* A frame of Ethernet that carries IP or ARP, from a host that did not go over to raw IP. */
static bool is_ethernet(struct qk_span bytes)
{
	struct qk_cursor c = qk_cursor(bytes);

	qk_cursor_take(&c, 12);
	uint64_t type = qk_cursor_uint(&c, 2, true);
	return type == 0x0800 || type == 0x0806 || type == 0x86dd;
}

static void count_stray(struct qk_datapath *path, struct qk_span bytes)
{
	struct qk_sim_stray *stray = &path->state->link.stray;

	if (is_ethernet(bytes))
		stray->ethernet++;
	else
		stray->malformed++;
}

static void take_packet(struct qk_datapath *path, uint8_t mux_id, struct qk_span bytes)
{
	struct qk_ip ip;

	if (qk_ip_read(bytes, &ip) < 0) {
		count_stray(path, bytes);
		return;
	}
	struct flow *flow = find_flow(path, mux_id, ip.version);
	if (!flow) {
		path->state->link.stray.no_call++;
		return;
	}
	if (is_local(&ip))
		answer_local(path, flow, &ip);
	else if (!is_own(&flow->config, &ip) || ip.packet.size > flow->config.mtu)
		COUNT(path, number_of(path, flow), tx_dropped);
	else
		send_up(path, number_of(path, flow), ip.packet);
}

static void take_command(struct qk_datapath *path, const struct qk_qmap *command)
{
	uint8_t answer[ANSWER_MAX];
	size_t size = qk_qmap_answer(command, answer, sizeof(answer));

	path->state->link.stray.commands++;
	/* a queue that is full loses it, as it would a packet */
	if (size)
		(void)!qk_lane_put(&path->ready, 0, FRAMED, (struct qk_span){ answer, size });
}

void qk_datapath_input(struct qk_datapath *path, struct qk_span transfer)
{
	struct qk_cursor c = qk_cursor(transfer);
	struct qk_qmap packet;

	if (!is_qmap(path->state->bearers.format.uplink_aggregation)) {
		take_packet(path, 0, transfer);
	} else {
		while (qk_qmap_next(&c, &packet)) {
			if (packet.command)
				take_command(path, &packet);
			else
				take_packet(path, packet.mux_id, packet.packet);
		}
		if (c.error)
			count_stray(path, transfer);
	}
	set_deadline(path);
	tell_host(path);
}

/* --- To the host */

bool qk_datapath_waits(const struct qk_datapath *path)
{
	return path->ready.first;
}

static void count_too_large(struct qk_datapath *path, unsigned int flow)
{
	if (flow != FRAMED)
		COUNT(path, flow, rx_errors);
}

static size_t take_raw(struct qk_datapath *path, uint8_t *transfer, size_t size)
{
	while (path->ready.first) {
		struct qk_lane_packet *packet = qk_lane_take(&path->ready);
		size_t used = packet->size <= size && packet->tag != FRAMED ? packet->size : 0;

		if (used)
			memcpy(transfer, packet->data, used);
		else
			count_too_large(path, packet->tag);
		free(packet);
		if (used)
			return used;
	}
	return 0;
}

static bool append(const struct qk_datapath *path, struct qk_writer *w)
{
	const struct qk_lane_packet *packet = path->ready.first;
	struct qk_span bytes = { packet->data, packet->size };

	if (packet->tag != FRAMED)
		return qk_qmap_append(w, path->flows[packet->tag].mux_id, bytes);
	if (bytes.size > (size_t)(w->end - w->pos))
		return false;
	qk_write_bytes(w, bytes.data, bytes.size);
	return true;
}

static size_t take_qmap(struct qk_datapath *path, uint8_t *transfer, size_t size)
{
	const struct qk_sim_data_format *format = &path->state->bearers.format;
	uint32_t datagrams = format->downlink_datagrams ? format->downlink_datagrams : 1;
	struct qk_writer w = qk_writer(transfer, size);
	uint32_t count = 0;

	while (path->ready.first && count < datagrams) {
		/* one packet goes out however large, more only up to what was agreed */
		if (count && format->downlink_size &&
		    qk_writer_used(&w) + qk_qmap_size(path->ready.first->size) >
			    format->downlink_size)
			break;
		bool fits = append(path, &w);
		if (!fits && count)
			break;
		if (fits)
			count++;
		else
			count_too_large(path, path->ready.first->tag);
		free(qk_lane_take(&path->ready));
	}
	return qk_writer_used(&w);
}

size_t qk_datapath_take(struct qk_datapath *path, uint8_t *transfer, size_t size)
{
	if (is_qmap(path->state->bearers.format.downlink_aggregation))
		return take_qmap(path, transfer, size);
	return take_raw(path, transfer, size);
}

void qk_datapath_clear(struct qk_datapath *path)
{
	qk_lane_clear(&path->ready);
}

/* --- Time and the model */

static void on_due(struct qk_sim_watcher *watcher)
{
	struct qk_datapath *path =
		(struct qk_datapath *)((char *)watcher - offsetof(struct qk_datapath, watcher));
	uint64_t now = path->state->now_usec;

	while (qk_lane_due(&path->up, now)) {
		struct qk_lane_packet *packet = qk_lane_take(&path->up);
		arrive(path, packet->tag, (struct qk_span){ packet->data, packet->size });
		free(packet);
	}
	while (qk_lane_due(&path->down, now)) {
		struct qk_lane_packet *packet = qk_lane_take(&path->down);
		make_ready(path, packet->tag, (struct qk_span){ packet->data, packet->size });
		free(packet);
	}
	set_deadline(path);
	tell_host(path);
}

static void close_flow(struct qk_datapath *path, unsigned int number)
{
	struct flow *flow = &path->flows[number];

	if (flow->outside)
		path->outside->close(flow->outside);
	*flow = (struct flow){ 0 };
	qk_lane_forget(&path->up, number);
	qk_lane_forget(&path->down, number);
	qk_lane_forget(&path->ready, number);
}

static struct qk_inet_address address6(const uint8_t bytes[16])
{
	struct qk_inet_address address;

	memcpy(address.bytes, bytes, sizeof(address.bytes));
	return address;
}

static struct qk_inet_config config_of(const struct qk_sim_bearer *bearer)
{
	struct qk_inet_config config = { .version = bearer->family };

	config.mtu = bearer->mtu < UINT16_MAX ? (uint16_t)bearer->mtu : UINT16_MAX;
	if (config.version == 4) {
		config.prefix_bits = bearer->prefix_bits;
		config.address = qk_inet_address4(bearer->address4);
		config.gateway = qk_inet_address4(bearer->gateway4);
	} else {
		config.prefix_bits = PREFIX6_BITS;
		config.address = address6(bearer->address6);
		config.gateway = address6(bearer->gateway6);
	}
	for (size_t i = 0; i < 2; i++)
		config.dns[i] = config.version == 4 ? qk_inet_address4(bearer->dns4[i])
						    : address6(bearer->dns6[i]);
	return config;
}

static void open_flow(struct qk_datapath *path, unsigned int number)
{
	const struct qk_sim_bearer *bearer = &path->state->bearers.calls[number];
	struct flow *flow = &path->flows[number];

	*flow = (struct flow){ .up = true,
			       .serial = bearer->serial,
			       .mux_id = bearer->mux_id,
			       .config = config_of(bearer) };
	if (path->outside && path->outside->open)
		flow->outside =
			path->outside->open(path->outside_userdata, path, number, &flow->config);
}

/* A call that is down passes nothing, and one with other addresses begins anew. */
static void on_changed(struct qk_sim_watcher *watcher, uint32_t changed)
{
	struct qk_datapath *path =
		(struct qk_datapath *)((char *)watcher - offsetof(struct qk_datapath, watcher));

	(void)changed;
	for (unsigned int i = 0; i < FLOWS_MAX; i++) {
		const struct qk_sim_bearer *bearer = &path->state->bearers.calls[i];
		bool up = bearer->state == QK_SIM_BEARER_UP;

		if (path->flows[i].up && (!up || path->flows[i].serial != bearer->serial ||
					  path->flows[i].mux_id != bearer->mux_id))
			close_flow(path, i);
		if (up && !path->flows[i].up)
			open_flow(path, i);
	}
	set_deadline(path);
}

int qk_datapath_new(struct qk_sim *sim, const struct qk_outside *outside, void *outside_userdata,
		    const struct qk_datapath_sink *sink, void *sink_userdata,
		    struct qk_datapath **ret)
{
	struct qk_datapath *path = calloc(1, sizeof(*path));

	if (!path)
		return -ENOMEM;
	path->sim = sim;
	path->state = qk_sim_state(sim);
	path->outside = outside;
	path->outside_userdata = outside_userdata;
	path->sink = sink;
	path->sink_userdata = sink_userdata;
	path->watcher = (struct qk_sim_watcher){ .changed = on_changed, .due = on_due };
	uint64_t seed = path->state->seed;
	qk_lane_init(&path->up, QK_DATAPATH_QUEUE_MAX, qk_sim_stream(seed, "uplink loss"));
	qk_lane_init(&path->down, QK_DATAPATH_QUEUE_MAX, qk_sim_stream(seed, "downlink loss"));
	qk_lane_init(&path->ready, QK_DATAPATH_QUEUE_MAX, 0);
	qk_sim_add_watcher(sim, &path->watcher);
	on_changed(&path->watcher, QK_SIM_CHANGED_DATA);
	*ret = path;
	return 0;
}

struct qk_datapath *qk_datapath_free(struct qk_datapath *path)
{
	if (!path)
		return NULL;
	qk_sim_remove_watcher(path->sim, &path->watcher);
	for (unsigned int i = 0; i < FLOWS_MAX; i++)
		if (path->flows[i].up)
			close_flow(path, i);
	qk_lane_clear(&path->up);
	qk_lane_clear(&path->down);
	qk_lane_clear(&path->ready);
	free(path);
	return NULL;
}
