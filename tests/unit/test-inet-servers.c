/*
 * The modem's own servers: DNS, DHCP and the IPv6 router, by what goes in and comes out.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim/inet-dhcp.h"
#include "sim/inet-dns.h"
#include "sim/inet-nd.h"

/* --- DNS */

static const struct qk_sim_name names[] = {
	{ .name = "www.example.org", .address4 = 0xc0000201 },
	{ .name = "six.example.org", .address6 = { 0x20, 0x01, [15] = 5 } },
};

static const struct qk_dns_zone zone = {
	.names = names,
	.name_count = 2,
	.gateway4 = { { 10, 0, 0, 2 } },
};

struct message {
	uint8_t bytes[QK_DNS_MAX];
	size_t size;
};

/* A question whose name is written with a dot at the end of each label. */
static struct message ask(const char *name, uint16_t type)
{
	struct message message = { .bytes = { 0x12, 0x34, 0x01, 0, 0, 1 } };
	struct qk_writer w = qk_writer(message.bytes + 12, sizeof(message.bytes) - 12);

	for (size_t size; *name; name += size + 1) {
		size = strcspn(name, ".");
		qk_write_uint(&w, size, 1, true);
		qk_write_bytes(&w, name, size);
	}
	qk_write_uint(&w, 0, 1, true);
	qk_write_uint(&w, type, 2, true);
	qk_write_uint(&w, 1, 2, true);
	assert_int_equal(w.error, 0);
	message.size = 12 + qk_writer_used(&w);
	return message;
}

static struct message answer_to(const struct message *question)
{
	struct message answer = { 0 };
	int r = qk_dns_answer(&zone, (struct qk_span){ question->bytes, question->size },
			      answer.bytes, sizeof(answer.bytes));

	assert_true(r >= 0);
	answer.size = (size_t)r;
	return answer;
}

/* The answer to a question: its code, and its data where it has one record. */
static struct message resolve(const char *name, uint16_t type, uint8_t code, uint16_t records)
{
	struct message question = ask(name, type), answer = answer_to(&question);

	assert_true(answer.size >= question.size);
	assert_memory_equal(answer.bytes, question.bytes, 2);
	assert_int_equal(answer.bytes[2], 0x81);
	assert_int_equal(answer.bytes[3], 0x80 | code);
	assert_int_equal(answer.bytes[5], 1);
	assert_int_equal(answer.bytes[7], records);
	assert_memory_equal(answer.bytes + 12, question.bytes + 12, question.size - 12);
	memmove(answer.bytes, answer.bytes + question.size, answer.size - question.size);
	answer.size -= question.size;
	return answer;
}

static void assert_record(struct message record, uint16_t type, const void *data, uint8_t size)
{
	assert_int_equal(record.size, 12 + size);
	assert_memory_equal(record.bytes, "\xc0\x0c", 2);
	assert_int_equal(record.bytes[3], type);
	assert_int_equal(record.bytes[5], 1);
	assert_int_equal(record.bytes[11], size);
	assert_memory_equal(record.bytes + 12, data, size);
}

static void dns_gives_the_gateway_for_any_name(void **state)
{
	(void)state;
	assert_record(resolve("gateway.", 1, 0, 1), 1, "\x0a\x00\x00\x02", 4);
	assert_record(resolve("mail.example.net.", 1, 0, 1), 1, "\x0a\x00\x00\x02", 4);
	/* it has no address of IPv6 here, and no mail server */
	assert_int_equal(resolve("mail.example.net.", 28, 0, 0).size, 0);
	assert_int_equal(resolve("mail.example.net.", 15, 0, 0).size, 0);
	assert_int_equal(resolve("", 1, 0, 0).size, 0);
}

static void dns_gives_what_a_name_was_told_to_be(void **state)
{
	static const uint8_t six[16] = { 0x20, 0x01, [15] = 5 };

	(void)state;
	assert_record(resolve("WWW.Example.org.", 1, 0, 1), 1, "\xc0\x00\x02\x01", 4);
	assert_int_equal(resolve("www.example.org.", 28, 0, 0).size, 0);
	assert_record(resolve("six.example.org.", 28, 0, 1), 28, six, 16);
	assert_record(resolve("six.example.org.", 255, 0, 1), 28, six, 16);
}

static void dns_denies_names_below_invalid_and_arpa(void **state)
{
	(void)state;
	resolve("invalid.", 1, 3, 0);
	resolve("a.b.INVALID.", 28, 3, 0);
	resolve("ipv4only.arpa.", 28, 3, 0);
	assert_record(resolve("not-invalid.", 1, 0, 1), 1, "\x0a\x00\x00\x02", 4);
}

static void dns_finds_names_of_addresses(void **state)
{
	(void)state;
	assert_record(resolve("2.0.0.10.in-addr.arpa.", 12, 0, 1), 12, "\7gateway", 9);
	assert_record(resolve("1.2.0.192.in-addr.arpa.", 12, 0, 1), 12, "\3www\7example\3org", 17);
	assert_record(resolve("5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.2."
			      "ip6.arpa.",
			      12, 0, 1),
		      12, "\3six\7example\3org", 17);
	resolve("9.0.0.10.in-addr.arpa.", 12, 3, 0);
	/* an address that is none is nobody's */
	resolve("0.0.0.0.in-addr.arpa.", 12, 3, 0);
}

static void dns_says_what_is_wrong_with_a_message(void **state)
{
	struct message question = ask("gateway.", 1), answer;

	(void)state;
	for (size_t size = 12; size < question.size; size++) {
		struct message cut = question;
		cut.size = size;
		answer = answer_to(&cut);
		assert_int_equal(answer.size, 12);
		assert_int_equal(answer.bytes[3], 0x81);
		assert_int_equal(answer.bytes[5], 0);
	}
	question.bytes[12] = 0xc0; /* a pointer, to itself */
	question.bytes[13] = 12;
	assert_int_equal(answer_to(&question).bytes[3], 0x81);
	question = ask("gateway.", 1);
	question.bytes[5] = 2;
	assert_int_equal(answer_to(&question).bytes[3], 0x81);
	question.bytes[2] = 0x28; /* an update */
	answer = answer_to(&question);
	assert_int_equal(answer.bytes[2], 0xa8);
	assert_int_equal(answer.bytes[3], 0x84);
	question = ask("gateway.", 1);
	question.bytes[question.size - 1] = 3; /* class CHAOS */
	assert_int_equal(answer_to(&question).bytes[3], 0x85);
}

static void dns_is_silent_when_no_answer_is_due(void **state)
{
	struct message question = ask("gateway.", 1);
	uint8_t room[QK_DNS_MAX - 1];

	(void)state;
	question.bytes[2] |= 0x80;
	assert_int_equal(answer_to(&question).size, 0);
	question = ask("gateway.", 1);
	assert_int_equal(qk_dns_answer(&zone, (struct qk_span){ question.bytes, question.size },
				       room, sizeof(room)),
			 -ENOBUFS);
	question.size = 11;
	assert_int_equal(answer_to(&question).size, 0);
}

static void dns_takes_the_longest_name_and_no_longer_one(void **state)
{
	struct message question = { .bytes = { 0, 1, 1, 0, 0, 1 } };

	(void)state;
	/* three labels of 63 bytes and one of 61: 255 with the end */
	for (size_t i = 0, at = 12; i < 4; i++) {
		question.bytes[at] = i < 3 ? 63 : 61;
		memset(question.bytes + at + 1, 'a', question.bytes[at]);
		at += 1u + question.bytes[at];
	}
	question.size = 12 + 255 + 4;
	question.bytes[12 + 255 + 1] = 1;
	question.bytes[12 + 255 + 3] = 1;
	assert_int_equal(answer_to(&question).size, question.size + 16);
	memset(question.bytes + 12, 'a', 260);
	for (size_t i = 0; i < 5; i++)
		question.bytes[12 + i * 52] = 51;
	assert_int_equal(answer_to(&question).bytes[3], 0x81);
}

/* --- DHCP */

static const struct qk_inet_config config4 = {
	.version = 4,
	.prefix_bits = 29,
	.mtu = 1430,
	.address = { { 10, 0, 0, 3 } },
	.gateway = { { 10, 0, 0, 4 } },
	.dns = { { { 10, 0, 0, 53 } }, { { 10, 0, 0, 54 } } },
};

static struct message dhcp(const void *options, size_t size)
{
	struct message message = { .bytes = { 1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef } };

	memcpy(message.bytes + 28, "\2\3\4\5\6\7", 6);
	memcpy(message.bytes + 236, "\x63\x82\x53\x63", 4);
	memcpy(message.bytes + 240, options, size);
	message.size = 240 + size;
	return message;
}

#define DHCP(options) dhcp(options, sizeof(options) - 1)

static struct message offer(struct message request, struct qk_inet_address *ret)
{
	struct message answer = { 0 };
	int r = qk_dhcp_answer(&config4, (struct qk_span){ request.bytes, request.size },
			       answer.bytes, sizeof(answer.bytes), ret);

	assert_true(r >= 0);
	answer.size = (size_t)r;
	return answer;
}

static void dhcp_offers_the_call_s_address(void **state)
{
	static const uint8_t options[] = { 53, 1,  2,    54,   4,    10, 0, 0,    4,    51,  4,
					   0,  0,  0x1c, 32,   58,   4,  0, 0,    14,   16,  59,
					   4,  0,  0,    0x18, 0x9c, 1,  4, 255,  255,  255, 248,
					   3,  4,  10,   0,    0,    4,  6, 8,    10,   0,   0,
					   53, 10, 0,    0,    54,   26, 2, 0x05, 0x96, 255 };
	struct qk_inet_address to, yours = qk_inet_address4(0x0a000003);
	struct message answer = offer(DHCP("\x35\x01\x01\xff"), &to);

	(void)state;
	assert_int_equal(answer.size, 300);
	assert_int_equal(answer.bytes[0], 2);
	assert_memory_equal(answer.bytes + 4, "\xde\xad\xbe\xef", 4);
	assert_memory_equal(answer.bytes + 16, "\x0a\0\0\3", 4);
	assert_memory_equal(answer.bytes + 28, "\2\3\4\5\6\7", 6);
	assert_memory_equal(answer.bytes + 240, options, sizeof(options));
	assert_true(qk_inet_equal(&to, &yours));
}

static void dhcp_answers_to_all_when_the_client_cannot_hear_otherwise(void **state)
{
	struct qk_inet_address to, all = qk_inet_address4(UINT32_MAX);
	struct message request = DHCP("\x35\x01\x01\xff");

	(void)state;
	request.bytes[10] = 0x80;
	offer(request, &to);
	assert_true(qk_inet_equal(&to, &all));
}

static void dhcp_acknowledges_its_address_and_no_other(void **state)
{
	struct qk_inet_address to;

	(void)state;
	/* requested 10.0.0.3, of server 10.0.0.4 */
	struct message answer = offer(DHCP("\x35\x01\x03\x32\x04\x0a\x00\x00\x03"
					   "\x36\x04\x0a\x00\x00\x04\xff"),
				      &to);
	assert_int_equal(answer.bytes[242], 5);
	answer = offer(DHCP("\x35\x01\x03\x32\x04\x0a\x00\x00\x09\xff"), &to);
	assert_int_equal(answer.bytes[242], 6);
	assert_memory_equal(answer.bytes + 16, "\0\0\0\0", 4);
	assert_int_equal(answer.bytes[249], 255);
	/* renewed: the address stands in the fixed part */
	struct message renewal = DHCP("\x35\x01\x03\xff");
	memcpy(renewal.bytes + 12, "\x0a\0\0\3", 4);
	assert_int_equal(offer(renewal, &to).bytes[242], 5);
	assert_memory_equal(to.bytes, "\x0a\0\0\3", 4);
}

static void dhcp_informs_without_a_lease(void **state)
{
	struct qk_inet_address to;
	struct message request = DHCP("\x35\x01\x08\xff");

	(void)state;
	memcpy(request.bytes + 12, "\x0a\0\0\3", 4);
	struct message answer = offer(request, &to);
	assert_int_equal(answer.bytes[242], 5);
	assert_memory_equal(answer.bytes + 16, "\0\0\0\0", 4);
	assert_int_equal(answer.bytes[249], 1); /* no lease before the mask */
}

static void dhcp_is_silent_when_no_answer_is_due(void **state)
{
	struct qk_inet_address to;
	struct message request = DHCP("\x35\x01\x01\xff");

	(void)state;
	assert_int_equal(offer(DHCP("\x35\x01\x07\xff"), &to).size, 0); /* released */
	assert_int_equal(offer(DHCP("\xff"), &to).size, 0);
	assert_int_equal(offer(DHCP("\x35\x01\x03\x36\x04\x0a\x00\x00\x63\xff"), &to).size, 0);
	assert_int_equal(offer(DHCP("\x35\x01\x01\x32\xff"), &to).size, 0); /* a length too long */
	for (size_t size = 0; size < 243; size++) {
		request.size = size;
		assert_int_equal(offer(request, &to).size, 0);
	}
	request = DHCP("\x35\x01\x01\xff");
	request.bytes[0] = 2;
	assert_int_equal(offer(request, &to).size, 0);
	request.bytes[0] = 1;
	request.bytes[236] = 0;
	assert_int_equal(offer(request, &to).size, 0);
}

/* --- The IPv6 router */

static const struct qk_inet_config config6 = {
	.version = 6,
	.prefix_bits = 64,
	.mtu = 1500,
	.address = { { 0xfd, 0, 1, 2, 3, 4, 5, 6, [15] = 9 } },
	.gateway = { { 0xfd, 0, 1, 2, 3, 4, 5, 6, [15] = 1 } },
	.dns = { { { 0xfd, [15] = 0x53 } } },
};

static struct qk_ip solicit(uint8_t *packet, size_t room, uint8_t type, const void *rest,
			    size_t size)
{
	struct qk_writer w = qk_writer(packet, room);
	struct qk_ip ip = { .version = 6, .protocol = QK_IP_ICMP6, .hop_limit = 255 };

	ip.source = (struct qk_inet_address){ { 0xfe, 0x80, [15] = 7 } };
	ip.destination = (struct qk_inet_address){ { 0xff, 2, [15] = 2 } };
	size_t mark = qk_ip_begin(&w, &ip);
	qk_icmp_begin(&w, type, 0);
	qk_write_bytes(&w, rest, size);
	int r = qk_ip_end(&w, mark);
	assert_true(r > 0);
	assert_int_equal(qk_ip_read((struct qk_span){ packet, (size_t)r }, &ip), 0);
	return ip;
}

static void router_advertises_the_call_s_prefix(void **state)
{
	static const uint8_t prefix[] = { 3,   4, 64, 0x40, 255, 255,  255, 255, 255, 255, 255,
					  255, 0, 0,  0,    0,   0xfd, 0,   1,   2,   3,   4,
					  5,   6, 0,  0,    0,   0,    0,   0,   0,   0 };
	static const struct qk_inet_address router = { { 0xfe, 0x80, [15] = 1 } };
	uint8_t question[128], answer[256];
	struct qk_icmp icmp;
	struct qk_ip ip = solicit(question, sizeof(question), 133, "\0\0\0\0", 4);

	(void)state;
	int r = qk_nd_answer(&config6, &ip, answer, sizeof(answer));
	assert_int_equal(r, 40 + 16 + 8 + 32 + 24);
	struct qk_inet_address asker = ip.source;
	assert_int_equal(qk_ip_read((struct qk_span){ answer, (size_t)r }, &ip), 0);
	assert_int_equal(ip.hop_limit, 255);
	assert_true(qk_inet_equal(&ip.source, &router));
	assert_true(qk_inet_equal(&ip.destination, &asker));
	assert_int_equal(qk_icmp_read(&ip, &icmp), 0);
	assert_int_equal(icmp.type, 134);
	assert_memory_equal(icmp.rest.data, "\x40\0\xff\xff\0\0\0\0\0\0\0\0\5\1\0\0\0\0\5\xdc", 20);
	assert_memory_equal(icmp.rest.data + 20, prefix, sizeof(prefix));
	assert_memory_equal(icmp.rest.data + 52, "\x19\3\0\0\0\0\xff\xff\xfd", 9);
}

static void router_answers_for_its_own_addresses_alone(void **state)
{
	uint8_t question[128], answer[256], target[20] = { 0 };
	struct qk_icmp icmp;

	(void)state;
	memcpy(target + 4, config6.gateway.bytes, 16);
	struct qk_ip ip = solicit(question, sizeof(question), 135, target, sizeof(target));
	int r = qk_nd_answer(&config6, &ip, answer, sizeof(answer));
	assert_int_equal(r, 64);
	assert_int_equal(qk_ip_read((struct qk_span){ answer, (size_t)r }, &ip), 0);
	assert_int_equal(qk_icmp_read(&ip, &icmp), 0);
	assert_int_equal(icmp.type, 136);
	assert_int_equal(icmp.rest.data[0], 0xe0);
	memcpy(target + 4, config6.address.bytes, 16);
	ip = solicit(question, sizeof(question), 135, target, sizeof(target));
	assert_int_equal(qk_nd_answer(&config6, &ip, answer, sizeof(answer)), 0);
	ip = solicit(question, sizeof(question), 135, target, 19);
	assert_int_equal(qk_nd_answer(&config6, &ip, answer, sizeof(answer)), 0);
}

static void router_is_silent_when_a_packet_came_from_afar(void **state)
{
	uint8_t question[128], answer[256];
	struct qk_ip ip = solicit(question, sizeof(question), 133, "\0\0\0\0", 4);

	(void)state;
	ip.hop_limit = 254;
	assert_int_equal(qk_nd_answer(&config6, &ip, answer, sizeof(answer)), 0);
	ip = solicit(question, sizeof(question), 134, "\0\0\0\0", 4);
	assert_int_equal(qk_nd_answer(&config6, &ip, answer, sizeof(answer)), 0);
	question[43] ^= 1;
	assert_int_equal(qk_nd_answer(&config6, &ip, answer, sizeof(answer)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dns_gives_the_gateway_for_any_name),
		cmocka_unit_test(dns_gives_what_a_name_was_told_to_be),
		cmocka_unit_test(dns_denies_names_below_invalid_and_arpa),
		cmocka_unit_test(dns_finds_names_of_addresses),
		cmocka_unit_test(dns_says_what_is_wrong_with_a_message),
		cmocka_unit_test(dns_is_silent_when_no_answer_is_due),
		cmocka_unit_test(dns_takes_the_longest_name_and_no_longer_one),
		cmocka_unit_test(dhcp_offers_the_call_s_address),
		cmocka_unit_test(dhcp_answers_to_all_when_the_client_cannot_hear_otherwise),
		cmocka_unit_test(dhcp_acknowledges_its_address_and_no_other),
		cmocka_unit_test(dhcp_informs_without_a_lease),
		cmocka_unit_test(dhcp_is_silent_when_no_answer_is_due),
		cmocka_unit_test(router_advertises_the_call_s_prefix),
		cmocka_unit_test(router_answers_for_its_own_addresses_alone),
		cmocka_unit_test(router_is_silent_when_a_packet_came_from_afar),
	};

	return cmocka_run_group_tests_name("inet-servers", tests, NULL, NULL);
}
