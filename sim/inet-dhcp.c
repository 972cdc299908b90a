/*
 * DHCP: one lease (see inet-dhcp.h).
 */
#include "inet-dhcp.h"

#include <errno.h>
#include <string.h>

#define MAGIC_COOKIE UINT32_C(0x63825363)
#define BROADCAST_FLAG 0x8000u

enum { BOOT_REQUEST = 1, BOOT_REPLY = 2 };
enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6, INFORM = 8 };

enum option {
	PAD = 0,
	SUBNET_MASK = 1,
	ROUTER = 3,
	NAME_SERVERS = 6,
	INTERFACE_MTU = 26,
	REQUESTED_ADDRESS = 50,
	LEASE_TIME = 51,
	MESSAGE_TYPE = 53,
	SERVER = 54,
	RENEWAL_TIME = 58,
	REBINDING_TIME = 59,
	END = 255,
};

struct request {
	uint8_t type;
	uint16_t flags;
	uint32_t transaction;
	struct qk_span hardware; /* the client's address, 16 bytes */
	uint8_t hardware_type, hardware_size;
	uint32_t client; /* the address it uses already */
	bool has_wanted, has_server;
	uint32_t wanted, server;
};

static uint32_t number_of(const struct qk_inet_address *address)
{
	struct qk_cursor c = qk_cursor((struct qk_span){ address->bytes, 4 });

	return (uint32_t)qk_cursor_uint(&c, 4, true);
}

static void read_option(uint8_t code, struct qk_span value, struct request *request)
{
	struct qk_cursor c = qk_cursor(value);

	if (code == MESSAGE_TYPE && value.size == 1)
		request->type = value.data[0];
	if (value.size != 4)
		return;
	uint32_t number = (uint32_t)qk_cursor_uint(&c, 4, true);
	if (code == REQUESTED_ADDRESS) {
		request->has_wanted = true;
		request->wanted = number;
	} else if (code == SERVER) {
		request->has_server = true;
		request->server = number;
	}
}

static bool read_options(struct qk_cursor *c, struct request *request)
{
	while (qk_cursor_left(c)) {
		uint8_t code = (uint8_t)qk_cursor_uint(c, 1, true);

		if (code == END)
			break;
		if (code == PAD)
			continue;
		struct qk_span value = qk_cursor_take(c, qk_cursor_uint(c, 1, true));
		if (c->error)
			return false;
		read_option(code, value, request);
	}
	return !c->error;
}

static bool read_request(struct qk_span message, struct request *ret)
{
	struct qk_cursor c = qk_cursor(message);

	if (qk_cursor_uint(&c, 1, true) != BOOT_REQUEST)
		return false;
	ret->hardware_type = (uint8_t)qk_cursor_uint(&c, 1, true);
	ret->hardware_size = (uint8_t)qk_cursor_uint(&c, 1, true);
	qk_cursor_take(&c, 1); /* hops */
	ret->transaction = (uint32_t)qk_cursor_uint(&c, 4, true);
	qk_cursor_take(&c, 2); /* seconds */
	ret->flags = (uint16_t)qk_cursor_uint(&c, 2, true);
	ret->client = (uint32_t)qk_cursor_uint(&c, 4, true);
	qk_cursor_take(&c, 12); /* your, next server's and relay's address */
	ret->hardware = qk_cursor_take(&c, 16);
	qk_cursor_take(&c, 192); /* names of server and boot file */
	return qk_cursor_uint(&c, 4, true) == MAGIC_COOKIE && read_options(&c, ret);
}

/* What a message is answered with; 0: nothing. */
static uint8_t choose(const struct qk_inet_config *config, const struct request *request)
{
	uint32_t address = number_of(&config->address);

	if (request->has_server && request->server != number_of(&config->gateway))
		return 0; /* it has chosen another server */
	switch (request->type) {
	case DISCOVER:
		return OFFER;
	case INFORM:
		return ACK;
	case REQUEST:
		return (request->has_wanted ? request->wanted : request->client) == address ? ACK
											    : NAK;
	default:
		return 0;
	}
}

static void put_option(struct qk_writer *w, uint8_t code, uint64_t value, unsigned int width)
{
	qk_write_uint(w, code, 1, true);
	qk_write_uint(w, width, 1, true);
	qk_write_uint(w, value, width, true);
}

static void put_name_servers(struct qk_writer *w, const struct qk_inet_config *config)
{
	size_t count = qk_inet_name_servers(config);

	if (!count)
		return;
	qk_write_uint(w, NAME_SERVERS, 1, true);
	qk_write_uint(w, count * 4, 1, true);
	for (size_t i = 0; i < count; i++)
		qk_write_bytes(w, config->dns[i].bytes, 4);
}

static void put_network(struct qk_writer *w, const struct qk_inet_config *config)
{
	uint32_t mask = config->prefix_bits ? UINT32_MAX << (32 - config->prefix_bits) : 0;

	put_option(w, SUBNET_MASK, mask, 4);
	put_option(w, ROUTER, number_of(&config->gateway), 4);
	put_name_servers(w, config);
	put_option(w, INTERFACE_MTU, config->mtu, 2);
}

static void put_fixed(struct qk_writer *w, const struct request *request, uint32_t yours)
{
	qk_write_uint(w, BOOT_REPLY, 1, true);
	qk_write_uint(w, request->hardware_type, 1, true);
	qk_write_uint(w, request->hardware_size, 1, true);
	qk_write_uint(w, 0, 1, true);
	qk_write_uint(w, request->transaction, 4, true);
	qk_write_uint(w, 0, 2, true);
	qk_write_uint(w, request->flags, 2, true);
	qk_write_uint(w, request->client, 4, true);
	qk_write_uint(w, yours, 4, true);
	qk_write_uint(w, 0, 8, true);
	qk_write_bytes(w, request->hardware.data, request->hardware.size);
	for (size_t i = 0; i < 192 / 8; i++)
		qk_write_uint(w, 0, 8, true);
	qk_write_uint(w, MAGIC_COOKIE, 4, true);
}

/* To the address that the client has or gets, unless it cannot hear that yet (RFC 2131 4.1). */
static struct qk_inet_address destination(const struct request *request, uint8_t type,
					  uint32_t yours)
{
	if (type != NAK && request->client)
		return qk_inet_address4(request->client);
	if (type == NAK || request->flags & BROADCAST_FLAG)
		return qk_inet_address4(UINT32_MAX);
	return qk_inet_address4(yours);
}

int qk_dhcp_answer(const struct qk_inet_config *config, struct qk_span message, void *buffer,
		   size_t size, struct qk_inet_address *ret_destination)
{
	struct qk_writer w = qk_writer(buffer, size);
	struct request request = { 0 };

	if (!read_request(message, &request))
		return 0;
	uint8_t type = choose(config, &request);
	if (!type)
		return 0;
	bool leases = type != NAK && request.type != INFORM;
	uint32_t yours = leases ? number_of(&config->address) : 0;
	put_fixed(&w, &request, yours);
	put_option(&w, MESSAGE_TYPE, type, 1);
	put_option(&w, SERVER, number_of(&config->gateway), 4);
	if (leases) {
		put_option(&w, LEASE_TIME, QK_DHCP_LEASE_SEC, 4);
		put_option(&w, RENEWAL_TIME, QK_DHCP_LEASE_SEC / 2, 4);
		put_option(&w, REBINDING_TIME, QK_DHCP_LEASE_SEC / 8 * 7, 4);
	}
	if (type != NAK)
		put_network(&w, config);
	qk_write_uint(&w, END, 1, true);
	/* BOOTP's least size, for clients that know no shorter one */
	while (!w.error && qk_writer_used(&w) < 300)
		qk_write_uint(&w, 0, 1, true);
	if (w.error)
		return w.error;
	*ret_destination = destination(&request, type, yours);
	return (int)qk_writer_used(&w);
}
