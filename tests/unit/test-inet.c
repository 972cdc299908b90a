/*
 * Inet: headers read and written, checksums against packets from elsewhere, lies refused, ICMP's answers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim/inet.h"

#define SPAN(bytes) ((struct qk_span){ bytes, sizeof(bytes) })

/* An echo request of 10.0.0.1 to 10.0.0.2; its checksums were added up by hand. */
static const uint8_t ping4[] = {
	0x45, 0x00, 0x00, 0x1c, 0x12, 0x34, 0x40, 0x00, 0x40, 0x01, 0x14, 0xab, 0x0a, 0x00,
	0x00, 0x01, 0x0a, 0x00, 0x00, 0x02, 0x08, 0x00, 0xf7, 0xfd, 0x00, 0x01, 0x00, 0x01,
};

static struct qk_inet_address address6(uint8_t first, uint8_t last)
{
	return (struct qk_inet_address){ { first, 0, [15] = last } };
}

static struct qk_ip read_good(struct qk_span packet)
{
	struct qk_ip ip;

	assert_int_equal(qk_ip_read(packet, &ip), 0);
	return ip;
}

static void read_understands_ip4(void **state)
{
	uint8_t longer[sizeof(ping4) + 3] = { 0 };
	struct qk_inet_address source = qk_inet_address4(0x0a000001);

	(void)state;
	memcpy(longer, ping4, sizeof(ping4));
	struct qk_ip ip = read_good(SPAN(longer));
	assert_int_equal(ip.version, 4);
	assert_int_equal(ip.protocol, QK_IP_ICMP);
	assert_int_equal(ip.hop_limit, 64);
	assert_false(ip.fragment);
	assert_true(qk_inet_equal(&ip.source, &source));
	assert_int_equal(ip.packet.size, sizeof(ping4));
	assert_int_equal(ip.payload.size, 8);
}

static void read_refuses_every_cut_and_every_flipped_header_bit_of_ip4(void **state)
{
	uint8_t copy[sizeof(ping4)];
	struct qk_ip ip;

	(void)state;
	for (size_t size = 0; size < sizeof(ping4); size++)
		assert_int_equal(qk_ip_read((struct qk_span){ ping4, size }, &ip), -EBADMSG);
	for (size_t bit = 0; bit < QK_IP4_HEADER * 8; bit++) {
		memcpy(copy, ping4, sizeof(copy));
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(qk_ip_read(SPAN(copy), &ip), -EBADMSG);
	}
}

static size_t udp6(uint8_t *buffer, size_t size, const char *text)
{
	struct qk_ip ip = { .version = 6, .protocol = QK_IP_UDP, .hop_limit = 9 };
	struct qk_udp udp = { 1000, 53, { (const uint8_t *)text, strlen(text) } };

	ip.source = address6(0xfd, 1);
	ip.destination = address6(0xfd, 2);
	int r = qk_udp_write(&ip, &udp, buffer, size);
	assert_true(r > 0);
	return (size_t)r;
}

static void udp_comes_back_as_it_was_written(void **state)
{
	uint8_t buffer[128];
	struct qk_udp udp;

	(void)state;
	size_t size = udp6(buffer, sizeof(buffer), "odd");
	assert_int_equal(size, 40 + 8 + 3);
	struct qk_ip ip = read_good((struct qk_span){ buffer, size });
	assert_int_equal(ip.hop_limit, 9);
	assert_int_equal(qk_udp_read(&ip, &udp), 0);
	assert_int_equal(udp.source, 1000);
	assert_int_equal(udp.destination, 53);
	assert_int_equal(udp.payload.size, 3);
	assert_memory_equal(udp.payload.data, "odd", 3);
	for (size_t bit = 0; bit < 11 * 8; bit++) {
		buffer[40 + bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(qk_udp_read(&ip, &udp), -EBADMSG);
		buffer[40 + bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void udp_may_lack_a_checksum_over_ip4_alone(void **state)
{
	struct qk_ip ip = { .version = 4, .protocol = QK_IP_UDP };
	struct qk_udp udp = { 1, 2, { (const uint8_t *)"a", 1 } };
	uint8_t buffer[128];

	(void)state;
	assert_int_equal(qk_udp_write(&ip, &udp, buffer, sizeof(buffer)), 29);
	buffer[26] = buffer[27] = 0;
	ip = read_good((struct qk_span){ buffer, 29 });
	assert_int_equal(qk_udp_read(&ip, &udp), 0);
	size_t size = udp6(buffer, sizeof(buffer), "a");
	buffer[46] = buffer[47] = 0;
	ip = read_good((struct qk_span){ buffer, size });
	assert_int_equal(qk_udp_read(&ip, &udp), -EBADMSG);
}

static void read_steps_over_extension_headers_of_ip6(void **state)
{
	/* hop-by-hop, then destination options of 16 bytes, then UDP of 8 */
	uint8_t packet[40 + 8 + 16 + 8] = { 0x60, [5] = 32, [6] = 0, [7] = 1 };
	struct qk_ip ip;

	(void)state;
	packet[40] = 60;
	packet[48] = QK_IP_UDP;
	packet[49] = 1;
	ip = read_good(SPAN(packet));
	assert_int_equal(ip.protocol, QK_IP_UDP);
	assert_int_equal(ip.payload.size, 8);
	packet[49] = 2; /* longer than what is there */
	assert_int_equal(qk_ip_read(SPAN(packet), &ip), 0);
	packet[49] = 3;
	assert_int_equal(qk_ip_read(SPAN(packet), &ip), -EBADMSG);
}

static void read_marks_fragments(void **state)
{
	uint8_t fragment4[sizeof(ping4)], fragment6[48] = { 0x60, [5] = 8, [6] = 44, [40] = 17 };

	(void)state;
	memcpy(fragment4, ping4, sizeof(ping4));
	fragment4[6] = 0x20; /* more fragments, where there was "do not" */
	fragment4[10] = 0x34;
	assert_true(read_good(SPAN(fragment4)).fragment);
	struct qk_ip ip = read_good(SPAN(fragment6));
	assert_true(ip.fragment);
	assert_int_equal(ip.protocol, QK_IP_UDP);
}

static void read_gives_up_when_extension_headers_do_not_end(void **state)
{
	uint8_t packet[40 + 9 * 8] = { 0x60, [5] = 72, [6] = 60 };
	struct qk_ip ip;

	(void)state;
	for (size_t at = 40; at < sizeof(packet); at += 8)
		packet[at] = 60;
	assert_int_equal(qk_ip_read(SPAN(packet), &ip), -EBADMSG);
}

static void echo_answers_a_ping(void **state)
{
	uint8_t buffer[64], broken[sizeof(ping4)];
	struct qk_ip ip = read_good(SPAN(ping4));
	struct qk_inet_address source = qk_inet_address4(0x0a000002);
	struct qk_icmp icmp;

	(void)state;
	assert_int_equal(qk_icmp_echo(&ip, buffer, sizeof(buffer)), sizeof(ping4));
	struct qk_ip answer = read_good((struct qk_span){ buffer, sizeof(ping4) });
	assert_true(qk_inet_equal(&answer.source, &source));
	assert_int_equal(qk_icmp_read(&answer, &icmp), 0);
	assert_int_equal(icmp.type, 0);
	assert_memory_equal(icmp.rest.data, ping4 + 24, 4);
	/* an echo is not echoed, nor is what came with a wrong checksum */
	assert_int_equal(qk_icmp_echo(&answer, buffer, sizeof(buffer)), 0);
	memcpy(broken, ping4, sizeof(broken));
	broken[27] ^= 1;
	ip = read_good(SPAN(broken));
	assert_int_equal(qk_icmp_echo(&ip, buffer, sizeof(buffer)), 0);
	assert_int_equal(qk_icmp_echo(&ip, buffer, 10), 0);
}

static void prohibited_quotes_the_packet(void **state)
{
	uint8_t question[1500], error[1500];
	struct qk_inet_address gateway = address6(0xfd, 3);
	struct qk_icmp icmp;

	(void)state;
	size_t size = udp6(question, sizeof(question), "to nowhere");
	struct qk_ip ip = read_good((struct qk_span){ question, size });
	int r = qk_icmp_prohibited(&ip, &gateway, error, sizeof(error));
	assert_int_equal(r, 40 + 8 + size);
	struct qk_ip answer = read_good((struct qk_span){ error, (size_t)r });
	assert_true(qk_inet_equal(&answer.source, &gateway));
	assert_true(qk_inet_equal(&answer.destination, &ip.source));
	assert_int_equal(qk_icmp_read(&answer, &icmp), 0);
	assert_int_equal(icmp.type, 1);
	assert_int_equal(icmp.code, 1);
	assert_memory_equal(icmp.rest.data + 4, question, size);
	/* no error tells of an error, nor of what went to a group or came from nowhere */
	assert_int_equal(qk_icmp_prohibited(&answer, &gateway, error, sizeof(error)), 0);
	ip.destination = address6(0xff, 1);
	assert_int_equal(qk_icmp_prohibited(&ip, &gateway, error, sizeof(error)), 0);
	ip = read_good(SPAN(ping4));
	ip.source = (struct qk_inet_address){ 0 };
	assert_int_equal(qk_icmp_prohibited(&ip, &gateway, error, sizeof(error)), 0);
}

static void prohibited_quotes_no_more_than_fits_an_error(void **state)
{
	static const uint8_t payload[1400];
	struct qk_ip ip = { .version = 4, .protocol = QK_IP_UDP };
	struct qk_udp udp = { 1, 2, SPAN(payload) };
	uint8_t question[1500], error[1500];
	struct qk_inet_address gateway = qk_inet_address4(0x0a000002);

	(void)state;
	ip.source = qk_inet_address4(0x0a000001);
	int size = qk_udp_write(&ip, &udp, question, sizeof(question));
	assert_int_equal(size, 1428);
	ip = read_good((struct qk_span){ question, (size_t)size });
	assert_int_equal(qk_icmp_prohibited(&ip, &gateway, error, sizeof(error)), 576);
}

static void networks_are_compared_bit_by_bit(void **state)
{
	struct qk_inet_address a = qk_inet_address4(0x0a000001), b = qk_inet_address4(0x0a000006);

	(void)state;
	assert_true(qk_inet_same_net(&a, &b, 29));
	assert_false(qk_inet_same_net(&a, &b, 30));
	assert_true(qk_inet_same_net(&a, &b, 0));
	assert_true(qk_inet_same_net(&a, &a, 128));
	assert_false(qk_inet_same_net(&a, &b, 32));
	assert_false(qk_inet_is_group(&a, 4));
	b = qk_inet_address4(0xffffffff);
	assert_true(qk_inet_is_group(&b, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_understands_ip4),
		cmocka_unit_test(read_refuses_every_cut_and_every_flipped_header_bit_of_ip4),
		cmocka_unit_test(udp_comes_back_as_it_was_written),
		cmocka_unit_test(udp_may_lack_a_checksum_over_ip4_alone),
		cmocka_unit_test(read_steps_over_extension_headers_of_ip6),
		cmocka_unit_test(read_marks_fragments),
		cmocka_unit_test(read_gives_up_when_extension_headers_do_not_end),
		cmocka_unit_test(echo_answers_a_ping),
		cmocka_unit_test(prohibited_quotes_the_packet),
		cmocka_unit_test(prohibited_quotes_no_more_than_fits_an_error),
		cmocka_unit_test(networks_are_compared_bit_by_bit),
	};

	return cmocka_run_group_tests_name("inet", tests, NULL, NULL);
}
