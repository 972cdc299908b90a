/*
 * Data path: which packets pass, what the modem answers itself, what the radio does to them, how they
 * are packed, and what is counted.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/datapath.h"
#include "sim/inet-dhcp.h"
#include "sim/qmap.h"

#define SPAN(bytes) ((struct qk_span){ bytes, sizeof(bytes) })
#define NAME_SERVER_PORT 53
#define MTU 1500u

struct host {
	struct qk_sim_profile *profile;
	struct qk_sim *sim;
	struct qk_sim_state *state;
	struct qk_datapath *path;
	unsigned int ready; /* times the sink was told */
	/* the outside */
	unsigned int opened, closed, sent, flow;
	bool refuses;
	struct qk_inet_config config;
	uint8_t last[2048];
	size_t last_size;
};

static void *outside_open(void *userdata, struct qk_datapath *path, unsigned int flow,
			  const struct qk_inet_config *config)
{
	struct host *host = userdata;

	(void)path;
	host->opened++;
	host->flow = flow;
	host->config = *config;
	return host;
}

static void outside_close(void *link)
{
	struct host *host = link;

	host->closed++;
}

static bool outside_send(void *link, const struct qk_ip *ip)
{
	struct host *host = link;

	assert_true(ip->packet.size <= sizeof(host->last));
	memcpy(host->last, ip->packet.data, ip->packet.size);
	host->last_size = ip->packet.size;
	host->sent++;
	return !host->refuses;
}

static const struct qk_outside outside = { outside_open, outside_close, outside_send };

static void on_ready(void *userdata)
{
	struct host *host = userdata;

	host->ready++;
}

static const struct qk_datapath_sink sink = { on_ready };

static int set_up(void **test)
{
	struct host *host = calloc(1, sizeof(*host));
	char error[256];

	if (!host || qk_sim_profile_load(NULL, &host->profile, error, sizeof(error)) < 0 ||
	    qk_sim_new(host->profile, 1, 1000, &host->sim) < 0)
		return -1;
	host->state = qk_sim_state(host->sim);
	*test = host;
	return qk_datapath_new(host->sim, &outside, host, &sink, host, &host->path);
}

static int tear_down(void **test)
{
	struct host *host = *test;

	qk_datapath_free(host->path);
	assert_int_equal(host->opened, host->closed);
	qk_sim_free(host->sim);
	qk_sim_profile_free(host->profile);
	free(host);
	return 0;
}

static struct qk_sim_bearer *start_on(struct host *host, uint8_t family, uint8_t mux_id)
{
	struct qk_sim_bearer_request request = { .family = family,
						 .mux_id = mux_id,
						 .apn = "internet" };
	struct qk_sim_bearer *bearer = NULL;
	struct qk_sim_end_reason end;

	request.holder = QK_SIM_HOLDER_QMI + mux_id * 10u + family;
	assert_int_equal(qk_sim_bearer_start(host->state, &request, &bearer, &end), 0);
	qk_sim_advance(host->sim, bearer->due_usec);
	assert_int_equal(bearer->state, QK_SIM_BEARER_UP);
	return bearer;
}

static struct qk_sim_bearer *start(struct host *host, uint8_t family)
{
	return start_on(host, family, 0);
}

/* --- Packets */

struct packet {
	uint8_t bytes[2048];
	size_t size;
};

static struct qk_span span(const struct packet *packet)
{
	return (struct qk_span){ packet->bytes, packet->size };
}

/* A UDP message of the call's host. */
static struct packet udp_to(const struct qk_inet_config *config,
			    const struct qk_inet_address *destination, uint16_t port,
			    struct qk_span payload)
{
	struct packet packet;
	struct qk_ip ip = { .version = config->version, .protocol = QK_IP_UDP, .hop_limit = 64 };
	struct qk_udp udp = { 4000, port, payload };

	ip.source = config->address;
	ip.destination = *destination;
	int r = qk_udp_write(&ip, &udp, packet.bytes, sizeof(packet.bytes));
	assert_true(r > 0);
	packet.size = (size_t)r;
	return packet;
}

static struct packet udp_of_size(const struct host *host, size_t size)
{
	static const uint8_t zeros[2048];
	size_t header = (host->config.version == 4 ? 20u : 40u) + 8;

	return udp_to(&host->config, &host->config.gateway, 9,
		      (struct qk_span){ zeros, size - header });
}

/* A UDP message from the gateway to the host. */
static struct packet udp_from_gateway(const struct host *host, size_t size)
{
	struct qk_inet_config config = host->config;
	static const uint8_t ones[2048] = { 1, 1, 1 };
	size_t header = (config.version == 4 ? 20u : 40u) + 8;

	config.address = host->config.gateway;
	return udp_to(&config, &host->config.address, 4000,
		      (struct qk_span){ ones, size - header });
}

static struct packet ping(const struct qk_inet_config *config,
			  const struct qk_inet_address *destination)
{
	bool six = config->version == 6;
	struct packet packet;
	struct qk_writer w = qk_writer(packet.bytes, sizeof(packet.bytes));
	struct qk_ip ip = { .version = config->version, .hop_limit = 64 };

	ip.protocol = six ? QK_IP_ICMP6 : QK_IP_ICMP;
	ip.source = config->address;
	ip.destination = *destination;
	size_t mark = qk_ip_begin(&w, &ip);
	qk_icmp_begin(&w, six ? 128 : 8, 0);
	qk_write_bytes(&w, "abcdefgh", 8);
	int r = qk_ip_end(&w, mark);
	assert_true(r > 0);
	packet.size = (size_t)r;
	return packet;
}

static void input(struct host *host, const struct packet *packet)
{
	qk_datapath_input(host->path, span(packet));
}

static struct packet take(struct host *host)
{
	struct packet packet;

	packet.size = qk_datapath_take(host->path, packet.bytes, sizeof(packet.bytes));
	return packet;
}

static struct qk_ip take_ip(struct host *host, struct packet *packet)
{
	struct qk_ip ip;

	*packet = take(host);
	assert_true(packet->size > 0);
	assert_int_equal(qk_ip_read(span(packet), &ip), 0);
	return ip;
}

/* --- Calls */

static void nothing_passes_when_no_call_is_up(void **test)
{
	struct host *host = *test;
	struct qk_inet_config config = { .version = 4, .address = qk_inet_address4(0x0a000001) };
	struct packet packet = udp_to(&config, &config.address, 9, SPAN(((uint8_t[]){ 1 })));

	input(host, &packet);
	assert_int_equal(host->state->link.stray.no_call, 1);
	assert_int_equal(host->sent, 0);
	qk_datapath_deliver(host->path, 0, span(&packet));
	qk_datapath_deliver(host->path, UINT32_MAX, span(&packet));
	assert_false(qk_datapath_waits(host->path));
	assert_int_equal(take(host).size, 0);
}

static void the_outside_lives_as_long_as_the_call(void **test)
{
	struct host *host = *test;
	struct qk_sim_bearer *bearer = start(host, 4);

	assert_int_equal(host->opened, 1);
	assert_int_equal(host->closed, 0);
	assert_int_equal(host->config.version, 4);
	assert_int_equal(host->config.prefix_bits, bearer->prefix_bits);
	assert_int_equal(host->config.mtu, bearer->mtu);
	assert_true(qk_inet_same_net(&host->config.address, &host->config.gateway,
				     host->config.prefix_bits));
	struct packet packet = udp_of_size(host, 100), answer = udp_from_gateway(host, 200);
	input(host, &packet);
	assert_int_equal(host->sent, 1);
	assert_int_equal(host->last_size, 100);
	assert_memory_equal(host->last, packet.bytes, 100);
	qk_datapath_deliver(host->path, host->flow, span(&answer));
	assert_true(qk_datapath_waits(host->path));

	qk_sim_bearer_stop(host->state, bearer);
	qk_sim_notify(host->sim);
	assert_int_equal(host->closed, 1);
	assert_false(qk_datapath_waits(host->path));
	input(host, &packet);
	qk_datapath_deliver(host->path, host->flow, span(&answer));
	assert_int_equal(host->sent, 1);
	assert_false(qk_datapath_waits(host->path));
}

static void the_outside_begins_anew_when_the_addresses_change(void **test)
{
	struct host *host = *test;

	start(host, 4);
	struct packet old = udp_of_size(host, 100);
	qk_sim_bearer_renumber(host->state);
	qk_sim_notify(host->sim);
	assert_int_equal(host->opened, 2);
	assert_int_equal(host->closed, 1);
	input(host, &old);
	assert_int_equal(host->sent, 0);
	assert_int_equal(host->state->bearers.calls[host->flow].counters.tx_dropped, 1);
}

static void packets_are_counted_for_the_call_and_in_all(void **test)
{
	struct host *host = *test;
	struct qk_sim_bearer *bearer = start(host, 4);
	struct packet packet = udp_of_size(host, 100), answer = udp_from_gateway(host, 300);

	input(host, &packet);
	input(host, &packet);
	qk_datapath_deliver(host->path, host->flow, span(&answer));
	assert_int_equal(bearer->counters.tx_packets, 2);
	assert_int_equal(bearer->counters.tx_bytes, 200);
	assert_int_equal(bearer->counters.rx_packets, 1);
	assert_int_equal(bearer->counters.rx_bytes, 300);
	assert_int_equal(host->state->bearers.total.tx_packets, 2);
	assert_int_equal(host->state->bearers.total.rx_bytes, 300);
}

static void a_packet_that_is_not_the_call_s_is_dropped(void **test)
{
	struct host *host = *test;
	struct qk_sim_bearer *bearer = start(host, 4);
	struct qk_inet_config config = host->config;

	config.address.bytes[3] ^= 64;
	struct packet packet = udp_to(&config, &config.gateway, 9, SPAN(((uint8_t[]){ 1 })));
	input(host, &packet);
	packet = udp_of_size(host, MTU + 1);
	input(host, &packet);
	assert_int_equal(host->sent, 0);
	assert_int_equal(bearer->counters.tx_dropped, 2);
	packet = udp_of_size(host, MTU);
	input(host, &packet);
	assert_int_equal(host->sent, 1);

	packet = udp_of_size(host, 100); /* from outside, but not for the host */
	qk_datapath_deliver(host->path, host->flow, span(&packet));
	packet = udp_from_gateway(host, MTU + 1);
	qk_datapath_deliver(host->path, host->flow, span(&packet));
	assert_int_equal(bearer->counters.rx_dropped, 2);
	packet.size = 30;
	qk_datapath_deliver(host->path, host->flow, span(&packet));
	assert_int_equal(bearer->counters.rx_errors, 1);
	assert_false(qk_datapath_waits(host->path));
}

static void a_call_of_each_version_has_its_own_packets(void **test)
{
	struct host *host = *test;
	struct qk_sim_bearer *four = start(host, 4);
	struct packet packet4 = udp_of_size(host, 100);

	struct qk_sim_bearer *six = start(host, 6);
	assert_int_equal(host->opened, 2);
	assert_int_equal(host->config.version, 6);
	struct packet packet6 = udp_of_size(host, 100);
	input(host, &packet4);
	input(host, &packet6);
	input(host, &packet6);
	assert_int_equal(four->counters.tx_packets, 1);
	assert_int_equal(six->counters.tx_packets, 2);
	/* any address of its network is the host's */
	struct qk_inet_config config = host->config;
	config.address.bytes[15] ^= 0x5a;
	packet6 = udp_to(&config, &config.gateway, 9, SPAN(((uint8_t[]){ 1 })));
	input(host, &packet6);
	assert_int_equal(six->counters.tx_packets, 3);
}

static void frames_of_a_host_in_the_wrong_mode_are_counted(void **test)
{
	struct host *host = *test;
	static const uint8_t arp[42] = { 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 6 };
	static const uint8_t noise[20] = { 0x45 };

	start(host, 4);
	qk_datapath_input(host->path, SPAN(arp));
	qk_datapath_input(host->path, SPAN(noise));
	qk_datapath_input(host->path, (struct qk_span){ 0 });
	assert_int_equal(host->state->link.stray.ethernet, 1);
	assert_int_equal(host->state->link.stray.malformed, 2);
	assert_int_equal(host->sent, 0);
	assert_false(qk_datapath_waits(host->path));
}

/* --- What the modem answers */

static void gateway_and_name_servers_answer_pings(void **test)
{
	struct host *host = *test;

	for (uint8_t family = 4; family <= 6; family += 2) {
		start(host, family);
		const struct qk_inet_address *targets[] = { &host->config.gateway,
							    &host->config.dns[0],
							    &host->config.dns[1] };
		for (size_t i = 0; i < 3; i++) {
			struct packet packet = ping(&host->config, targets[i]), answer;
			unsigned int ready = host->ready;
			input(host, &packet);
			assert_int_equal(host->ready, ready + 1);
			struct qk_ip ip = take_ip(host, &answer);
			assert_true(qk_inet_equal(&ip.source, targets[i]));
			assert_true(qk_inet_equal(&ip.destination, &host->config.address));
			assert_int_equal(answer.size, packet.size);
		}
	}
	assert_int_equal(host->sent, 0);
}

static void what_goes_nowhere_is_prohibited(void **test)
{
	struct host *host = *test;
	struct qk_inet_address far = qk_inet_address4(0xc6336401);
	struct packet answer;

	start(host, 4);
	host->refuses = true;
	struct packet packet = udp_to(&host->config, &far, 9, SPAN(((uint8_t[]){ 1 })));
	input(host, &packet);
	struct qk_ip ip = take_ip(host, &answer);
	assert_int_equal(ip.protocol, QK_IP_ICMP);
	assert_true(qk_inet_equal(&ip.source, &host->config.gateway));
	assert_int_equal(answer.bytes[20], 3);
	assert_int_equal(answer.bytes[21], 13);
	/* nor does the network say anything of what goes to a group */
	far = qk_inet_address4(0xe00000fb);
	packet = udp_to(&host->config, &far, 5353, SPAN(((uint8_t[]){ 1 })));
	input(host, &packet);
	assert_int_equal(take(host).size, 0);
}

/* A question for the addresses of "gateway", all types. */
static const uint8_t question[] = { 0,   1,   1,   0,   0,   1,   0,   0, 0, 0,   0, 0, 7,
				    'g', 'a', 't', 'e', 'w', 'a', 'y', 0, 0, 255, 0, 1 };

static void name_servers_know_the_gateway_of_both_versions(void **test)
{
	struct host *host = *test;
	struct packet answer;
	struct qk_udp udp;

	start(host, 4);
	struct qk_inet_config four = host->config;
	struct packet packet = udp_to(&four, &four.dns[1], NAME_SERVER_PORT, SPAN(question));
	input(host, &packet);
	struct qk_ip ip = take_ip(host, &answer);
	assert_int_equal(qk_udp_read(&ip, &udp), 0);
	assert_true(qk_inet_equal(&ip.source, &four.dns[1]));
	assert_int_equal(udp.source, NAME_SERVER_PORT);
	assert_int_equal(udp.destination, 4000);
	assert_int_equal(udp.payload.data[7], 1);
	assert_memory_equal(udp.payload.data + sizeof(question) + 12, four.gateway.bytes, 4);

	start(host, 6);
	input(host, &packet);
	ip = take_ip(host, &answer);
	assert_int_equal(qk_udp_read(&ip, &udp), 0);
	assert_int_equal(udp.payload.data[7], 2);
	assert_memory_equal(udp.payload.data + sizeof(question) + 16 + 12,
			    host->config.gateway.bytes, 16);
	assert_int_equal(host->sent, 0);
}

static void name_servers_pass_on_what_is_no_question(void **test)
{
	struct host *host = *test;

	start(host, 4);
	host->refuses = true;
	struct packet packet = udp_to(&host->config, &host->config.dns[0], 123, SPAN(question));
	input(host, &packet);
	assert_int_equal(host->sent, 1);
}

static void dhcp_works_before_the_host_has_an_address(void **test)
{
	struct host *host = *test;
	uint8_t discover[244] = { 1, 1, 6 };
	struct qk_inet_config nobody = { .version = 4 };
	struct qk_inet_address all = qk_inet_address4(UINT32_MAX);
	struct packet answer;
	struct qk_udp udp;

	memcpy(discover + 236, "\x63\x82\x53\x63\x35\x01\x01\xff", 8);
	struct packet packet = udp_to(&nobody, &all, QK_DHCP_SERVER_PORT, SPAN(discover));
	input(host, &packet);
	assert_int_equal(take(host).size, 0);
	start(host, 4);
	/* the air is slow, but this does not go through it */
	host->state->link.downlink.latency_usec = host->state->link.uplink.latency_usec = 1000000;
	input(host, &packet);
	struct qk_ip ip = take_ip(host, &answer);
	assert_int_equal(qk_udp_read(&ip, &udp), 0);
	assert_int_equal(udp.source, QK_DHCP_SERVER_PORT);
	assert_int_equal(udp.destination, QK_DHCP_CLIENT_PORT);
	assert_true(qk_inet_equal(&ip.source, &host->config.gateway));
	assert_memory_equal(udp.payload.data + 16, host->config.address.bytes, 4);
	assert_int_equal(host->sent, 0);
}

static void the_router_advertises_when_it_is_solicited(void **test)
{
	struct host *host = *test;
	struct packet packet, answer;
	struct qk_writer w = qk_writer(packet.bytes, sizeof(packet.bytes));
	struct qk_ip ip = { .version = 6, .protocol = QK_IP_ICMP6, .hop_limit = 255 };

	start(host, 6);
	ip.destination = (struct qk_inet_address){ { 0xff, 2, [15] = 2 } };
	size_t mark = qk_ip_begin(&w, &ip);
	qk_icmp_begin(&w, 133, 0);
	qk_write_uint(&w, 0, 4, true);
	packet.size = 48;
	assert_int_equal(qk_ip_end(&w, mark), 48);
	input(host, &packet);
	ip = take_ip(host, &answer);
	assert_int_equal(ip.payload.data[0], 134);
	assert_memory_equal(ip.payload.data + 16 + 8 + 16, host->config.address.bytes, 8);
}

/* --- The air */

static void latency_holds_packets_back_in_both_directions(void **test)
{
	struct host *host = *test;
	uint64_t now = 5000000;

	start(host, 4);
	qk_sim_advance(host->sim, now);
	host->state->link.uplink.latency_usec = 30000;
	host->state->link.downlink.latency_usec = 20000;
	struct packet packet = ping(&host->config, &host->config.gateway);
	input(host, &packet);
	assert_int_equal(qk_sim_next_usec(host->sim), now + 30000);
	qk_sim_advance(host->sim, now + 30000);
	assert_false(qk_datapath_waits(host->path));
	assert_int_equal(qk_sim_next_usec(host->sim), now + 50000);
	qk_sim_advance(host->sim, now + 49999);
	assert_false(qk_datapath_waits(host->path));
	assert_int_equal(host->ready, 0);
	qk_sim_advance(host->sim, now + 50000);
	assert_int_equal(host->ready, 1);
	assert_int_equal(take(host).size, packet.size);
}

static void a_rate_lets_so_many_bytes_through_a_second(void **test)
{
	struct host *host = *test;
	uint64_t now = 5000000;
	struct packet packet;
	size_t bytes = 0;

	start(host, 4);
	qk_sim_advance(host->sim, now);
	host->state->link.downlink.rate_bps = 800000;
	packet = udp_from_gateway(host, 1000);
	for (unsigned int i = 0; i < 1000; i++)
		qk_datapath_deliver(host->path, host->flow, span(&packet));
	for (unsigned int i = 1; i <= 1000; i++) {
		qk_sim_advance(host->sim, now + i * 1000);
		while ((packet = take(host)).size)
			bytes += packet.size;
	}
	assert_int_equal(bytes, 100000);
	assert_true(host->state->bearers.calls[host->flow].counters.rx_overflows > 0);
}

static void loss_takes_the_same_packets_for_the_same_seed(void **test)
{
	struct host *host = *test;
	unsigned int first = 0;

	for (int round = 0; round < 2; round++) {
		struct qk_sim_bearer *bearer = start(host, 4);
		host->state->link.uplink.loss_ppm = 500000;
		struct packet packet = udp_of_size(host, 100);
		for (int i = 0; i < 64; i++)
			input(host, &packet);
		assert_in_range(bearer->counters.tx_dropped, 16, 48);
		assert_int_equal(bearer->counters.tx_dropped + bearer->counters.tx_packets, 64);
		if (!round)
			first = bearer->counters.tx_dropped;
		else
			assert_int_equal(bearer->counters.tx_dropped, first);
		void *old = host;
		void *other = NULL;
		assert_int_equal(tear_down(&old), 0);
		assert_int_equal(set_up(&other), 0);
		*test = host = other;
	}
}

static void what_waits_for_the_host_is_bounded(void **test)
{
	struct host *host = *test;
	struct qk_sim_bearer *bearer = start(host, 4);
	struct packet packet = udp_from_gateway(host, MTU);
	size_t fits = QK_DATAPATH_QUEUE_MAX / MTU, taken = 0;

	for (size_t i = 0; i < fits + 100; i++)
		qk_datapath_deliver(host->path, host->flow, span(&packet));
	assert_int_equal(bearer->counters.rx_packets, fits);
	assert_int_equal(bearer->counters.rx_overflows, 100);
	while (take(host).size)
		taken++;
	assert_int_equal(taken, fits);
	qk_datapath_deliver(host->path, host->flow, span(&packet));
	qk_datapath_clear(host->path);
	assert_int_equal(take(host).size, 0);
}

static void a_packet_that_no_transfer_holds_is_lost(void **test)
{
	struct host *host = *test;
	struct qk_sim_bearer *bearer = start(host, 4);
	struct packet large = udp_from_gateway(host, 1000), small = udp_from_gateway(host, 100);
	uint8_t transfer[999];

	qk_datapath_deliver(host->path, host->flow, span(&large));
	qk_datapath_deliver(host->path, host->flow, span(&small));
	assert_int_equal(qk_datapath_take(host->path, transfer, sizeof(transfer)), 100);
	assert_int_equal(bearer->counters.rx_errors, 1);
}

/* --- QMAP */

static void use_qmap(struct host *host, uint32_t datagrams, uint32_t size)
{
	struct qk_sim_data_format *format = &host->state->bearers.format;

	format->uplink_aggregation = format->downlink_aggregation = 5;
	format->downlink_datagrams = datagrams;
	format->downlink_size = size;
}

static void qmap_finds_the_call_of_each_mux_id(void **test)
{
	struct host *host = *test;
	struct packet transfer;
	struct qk_writer w = qk_writer(transfer.bytes, sizeof(transfer.bytes));

	use_qmap(host, 10, 4096);
	struct qk_sim_bearer *one = start_on(host, 4, 1);
	struct packet first = udp_of_size(host, 101);
	struct qk_sim_bearer *two = start_on(host, 4, 2);
	struct packet second = udp_of_size(host, 100);
	assert_true(qk_qmap_append(&w, 1, span(&first)));
	assert_true(qk_qmap_append(&w, 2, span(&second)));
	assert_true(qk_qmap_append(&w, 2, span(&second)));
	assert_true(qk_qmap_append(&w, 3, span(&second)));
	assert_true(qk_qmap_append(&w, 1, span(&second)));
	transfer.size = qk_writer_used(&w);
	input(host, &transfer);
	assert_int_equal(one->counters.tx_packets, 1);
	assert_int_equal(one->counters.tx_bytes, 101);
	assert_int_equal(one->counters.tx_dropped, 1);
	assert_int_equal(two->counters.tx_packets, 2);
	assert_int_equal(host->state->link.stray.no_call, 1);
	assert_int_equal(host->state->link.stray.malformed, 0);
	transfer.size--;
	input(host, &transfer);
	assert_int_equal(host->state->link.stray.malformed, 1);
}

static void qmap_packs_what_fits_the_agreement(void **test)
{
	struct host *host = *test;
	unsigned int packets[4] = { 0 };
	size_t transfers = 0;

	use_qmap(host, 3, 1000);
	start_on(host, 4, 7);
	struct packet packet = udp_from_gateway(host, 101), transfer, large;
	for (int i = 0; i < 4; i++)
		qk_datapath_deliver(host->path, host->flow, span(&packet));
	large = udp_from_gateway(host, 900);
	qk_datapath_deliver(host->path, host->flow, span(&large));
	for (; (transfer = take(host)).size; transfers++) {
		struct qk_cursor c = qk_cursor(span(&transfer));
		struct qk_qmap part;
		assert_in_range(transfers, 0, 3);
		while (qk_qmap_next(&c, &part)) {
			assert_int_equal(part.mux_id, 7);
			packets[transfers]++;
		}
		assert_int_equal(c.error, 0);
		assert_int_equal(transfer.size % 4, 0);
	}
	assert_int_equal(transfers, 3);
	assert_int_equal(packets[0], 3);
	assert_int_equal(packets[1], 1);
	assert_int_equal(packets[2], 1);
}

static void qmap_fills_no_more_than_the_host_s_transfer(void **test)
{
	struct host *host = *test;
	uint8_t transfer[250];

	use_qmap(host, 10, 4096);
	start_on(host, 4, 7);
	struct packet packet = udp_from_gateway(host, 100), large = udp_from_gateway(host, 300);
	qk_datapath_deliver(host->path, host->flow, span(&large));
	for (int i = 0; i < 3; i++)
		qk_datapath_deliver(host->path, host->flow, span(&packet));
	assert_int_equal(qk_datapath_take(host->path, transfer, sizeof(transfer)), 208);
	assert_int_equal(qk_datapath_take(host->path, transfer, sizeof(transfer)), 104);
	assert_int_equal(qk_datapath_take(host->path, transfer, sizeof(transfer)), 0);
	assert_int_equal(host->state->bearers.calls[host->flow].counters.rx_errors, 1);
}

static void qmap_commands_are_answered_as_unsupported(void **test)
{
	static const uint8_t command[] = { 0x80, 7, 0, 8, 1, 0, 0, 0, 1, 2, 3, 4 };
	struct host *host = *test;

	use_qmap(host, 10, 4096);
	qk_datapath_input(host->path, SPAN(command));
	struct packet answer = take(host);
	assert_int_equal(answer.size, sizeof(command));
	assert_int_equal(answer.bytes[5], QK_QMAP_UNSUPPORTED);
	assert_int_equal(host->state->link.stray.commands, 1);
	/* a host that goes back to raw IP does not find it there */
	qk_datapath_input(host->path, SPAN(command));
	host->state->bearers.format.downlink_aggregation = 0;
	assert_int_equal(take(host).size, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_passes_when_no_call_is_up),
		TEST(the_outside_lives_as_long_as_the_call),
		TEST(the_outside_begins_anew_when_the_addresses_change),
		TEST(packets_are_counted_for_the_call_and_in_all),
		TEST(a_packet_that_is_not_the_call_s_is_dropped),
		TEST(a_call_of_each_version_has_its_own_packets),
		TEST(frames_of_a_host_in_the_wrong_mode_are_counted),
		TEST(gateway_and_name_servers_answer_pings),
		TEST(what_goes_nowhere_is_prohibited),
		TEST(name_servers_know_the_gateway_of_both_versions),
		TEST(name_servers_pass_on_what_is_no_question),
		TEST(dhcp_works_before_the_host_has_an_address),
		TEST(the_router_advertises_when_it_is_solicited),
		TEST(latency_holds_packets_back_in_both_directions),
		TEST(a_rate_lets_so_many_bytes_through_a_second),
		TEST(loss_takes_the_same_packets_for_the_same_seed),
		TEST(what_waits_for_the_host_is_bounded),
		TEST(a_packet_that_no_transfer_holds_is_lost),
		TEST(qmap_finds_the_call_of_each_mux_id),
		TEST(qmap_packs_what_fits_the_agreement),
		TEST(qmap_fills_no_more_than_the_host_s_transfer),
		TEST(qmap_commands_are_answered_as_unsupported),
	};

	return cmocka_run_group_tests_name("datapath", tests, NULL, NULL);
}
