/*
 * Fuzz target: what a host and the world outside send on the data path, with calls of both versions up.
 * A piece is its length, how it is to be taken, and bytes: as a transfer, as a packet from outside, or
 * as the payload of a good packet to one of the modem's servers. Whatever comes out for the host must be
 * packets that hold together.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/datapath.h"
#include "sim/qmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define AGGREGATION_QMAP 5

struct fuzz {
	struct qk_sim *sim;
	struct qk_sim_state *state;
	struct qk_datapath *path;
	struct qk_inet_config config[2]; /* of IPv4, of IPv6 */
};

static void *on_open(void *userdata, struct qk_datapath *path, unsigned int flow,
		     const struct qk_inet_config *config)
{
	struct fuzz *fuzz = userdata;

	(void)path;
	(void)flow;
	fuzz->config[config->version == 6] = *config;
	return fuzz;
}

static void on_close(void *link)
{
	(void)link;
}

/* It may read all that it is given, and nothing is given that has not the call's source. */
static bool on_send(void *link, const struct qk_ip *ip)
{
	const struct fuzz *fuzz = link;
	const struct qk_inet_config *config = &fuzz->config[ip->version == 6];
	uint8_t copy[UINT16_MAX];

	if (ip->packet.size > config->mtu || ip->payload.data < ip->packet.data ||
	    ip->payload.data + ip->payload.size > ip->packet.data + ip->packet.size ||
	    !qk_inet_same_net(&ip->source, &config->address, ip->version == 6 ? 64 : 32))
		abort();
	memcpy(copy, ip->packet.data, ip->packet.size);
	return copy[0] & 1;
}

static const struct qk_outside outside = { on_open, on_close, on_send };

static void start(struct fuzz *fuzz, uint8_t family, uint8_t mux_id)
{
	struct qk_sim_bearer_request request = { .family = family, .mux_id = mux_id };
	struct qk_sim_bearer *bearer = NULL;
	struct qk_sim_end_reason end;

	request.apn = "internet";
	request.holder = QK_SIM_HOLDER_QMI + family;
	if (qk_sim_bearer_start(fuzz->state, &request, &bearer, &end) < 0)
		abort();
	qk_sim_advance(fuzz->sim, bearer->due_usec);
}

static void check_packet(struct qk_span bytes)
{
	struct qk_ip ip;

	if (qk_ip_read(bytes, &ip) < 0 || ip.packet.size != bytes.size)
		abort();
}

static void check_output(struct fuzz *fuzz)
{
	uint8_t transfer[4096];
	size_t size;

	while ((size = qk_datapath_take(fuzz->path, transfer, sizeof(transfer)))) {
		struct qk_cursor c = qk_cursor((struct qk_span){ transfer, size });
		struct qk_qmap part;

		if (fuzz->state->bearers.format.downlink_aggregation != AGGREGATION_QMAP) {
			check_packet((struct qk_span){ transfer, size });
			continue;
		}
		while (qk_qmap_next(&c, &part))
			if (!part.command)
				check_packet(part.packet);
		if (c.error)
			abort();
	}
	if (qk_datapath_waits(fuzz->path))
		abort();
}

/* A good packet with these bytes in it, to a server of the modem. */
static void send_payload(struct fuzz *fuzz, uint8_t how, struct qk_span bytes)
{
	const struct qk_inet_config *config = &fuzz->config[how & 1];
	uint8_t packet[4096];
	struct qk_writer w = qk_writer(packet, sizeof(packet));
	struct qk_ip ip = { .version = config->version, .hop_limit = 255 };
	size_t mark;

	ip.source = config->address;
	ip.destination = how & 2 ? config->gateway : config->dns[0];
	ip.protocol = how & 4 ? QK_IP_UDP : config->version == 6 ? QK_IP_ICMP6 : QK_IP_ICMP;
	mark = qk_ip_begin(&w, &ip);
	if (how & 4)
		qk_udp_begin(&w, 1000, how & 8 ? 67 : 53);
	qk_write_bytes(&w, bytes.data, bytes.size);
	int size = qk_ip_end(&w, mark);
	if (size > 0)
		qk_datapath_input(fuzz->path, (struct qk_span){ packet, (size_t)size });
}

static void run_piece(struct fuzz *fuzz, uint8_t how, struct qk_span bytes)
{
	struct qk_sim_data_format *format = &fuzz->state->bearers.format;

	switch (how >> 6) {
	case 0:
		qk_datapath_input(fuzz->path, bytes);
		break;
	case 1:
		send_payload(fuzz, how, bytes);
		break;
	case 2:
		qk_datapath_deliver(fuzz->path, how & 7, bytes);
		break;
	default:
		check_output(fuzz); /* of the format until now */
		format->uplink_aggregation = how & 1 ? AGGREGATION_QMAP : 0;
		format->downlink_aggregation = how & 2 ? AGGREGATION_QMAP : 0;
		format->downlink_datagrams = how >> 2 & 3;
		format->downlink_size = how & 16 ? 2048 : 0;
		fuzz->state->link.uplink.latency_usec = how & 32 ? 1000 : 0;
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* read once: that takes longer than all the rest */
	static struct qk_sim_profile *profile;
	struct fuzz fuzz = { 0 };
	uint64_t now = 1000000;
	char error[256];
	size_t at = 0;

	if ((!profile && qk_sim_profile_load(NULL, &profile, error, sizeof(error)) < 0) ||
	    qk_sim_new(profile, 1, 1, &fuzz.sim) < 0)
		abort();
	fuzz.state = qk_sim_state(fuzz.sim);
	if (qk_datapath_new(fuzz.sim, &outside, &fuzz, NULL, NULL, &fuzz.path) < 0)
		abort();
	start(&fuzz, 4, 0);
	start(&fuzz, 6, 0);
	while (size - at >= 2) {
		size_t piece = data[at] * 8u;
		uint8_t how = data[at + 1];

		at += 2;
		if (piece > size - at)
			piece = size - at;
		run_piece(&fuzz, how, (struct qk_span){ data + at, piece });
		at += piece;
		qk_sim_advance(fuzz.sim, now += 10000);
		check_output(&fuzz);
	}
	qk_datapath_free(fuzz.path);
	qk_sim_free(fuzz.sim);
	return 0;
}
