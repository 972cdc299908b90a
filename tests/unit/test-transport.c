/* Transport: frames in any cut, bad peers, queues, and what can be opened. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/transport/internal.h"
#include "tests/unit/script.h"

#define NOBODY 65534

struct fixture {
	struct script script;
	struct qk_transport *transport;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || qk_transport_new(&script_ops, &f->script, "script", &f->transport) < 0)
		return -1;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	qk_transport_free(f->transport);
	free(f);
	return 0;
}

/* Frame number `n`, with a few TLVs of its own. */
static size_t say(struct script *script, uint16_t n)
{
	const uint8_t tlvs[] = { 0x02, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00,
				 0x10, 0x03, 0x00, 0x01, 0x01, 0x01 };
	const struct qk_frame frame = {
		.service = 3,
		.client = 1,
		.type = QK_RESPONSE,
		.from_modem = true,
		.transaction = n,
		.message = 0x4f,
		.tlvs = { tlvs, n % 2 ? sizeof(tlvs) : 7 },
	};

	return script_say(script, &frame);
}

static void expect_frame(struct qk_transport *transport, uint16_t n)
{
	struct qk_frame frame;
	struct qk_span bytes;

	assert_int_equal(qk_transport_receive(transport, &frame, &bytes), 1);
	assert_int_equal(frame.transaction, n);
	assert_int_equal(bytes.data[0], QK_QMUX_MARKER);
	assert_int_equal(bytes.size, n % 2 ? 26 : 20);
}

static void expect(struct qk_transport *transport, int result)
{
	struct qk_frame frame;

	assert_int_equal(qk_transport_receive(transport, &frame, NULL), result);
}

static void receive_gives_frames_when_bytes_come_in_any_cut(void **state)
{
	struct fixture *f = *state;

	for (size_t chunk = 1; chunk < 70; chunk++) {
		f->script.chunk = chunk;
		for (uint16_t n = 0; n < 5; n++)
			say(&f->script, n);
		for (uint16_t n = 0; n < 5; n++)
			expect_frame(f->transport, n);
		expect(f->transport, 0);
	}
	assert_int_equal(qk_transport_stats(f->transport).frames, 69 * 5);
	assert_int_equal(qk_transport_stats(f->transport).skipped_bytes, 0);
}

static void receive_skips_noise_when_it_is_between_frames(void **state)
{
	static const uint8_t noise[] = { 0x00, 0xff, 0x7e, 0x80, 0x02, 0x00, 0x41 };
	struct fixture *f = *state;

	for (size_t chunk = 0; chunk < 20; chunk++) {
		f->script.chunk = chunk;
		script_put(&f->script, noise, sizeof(noise));
		say(&f->script, 1);
		say(&f->script, 2);
		script_put(&f->script, noise, 3);
		say(&f->script, 3);
		for (uint16_t n = 1; n <= 3; n++)
			expect_frame(f->transport, n);
		expect(f->transport, 0);
	}
	assert_int_equal(qk_transport_stats(f->transport).skipped_bytes, 20 * (sizeof(noise) + 3));
}

static void receive_keeps_good_frames_when_noise_looks_like_a_long_one(void **state)
{
	static const uint8_t lone[] = { 0x01 };
	static const uint8_t long_one[] = { 0x01, 0xff, 0xff, 0x80, 0x03, 0x01, 0x02,
					    0x00, 0x00, 0x4f, 0x00, 0x05, 0x00 };
	struct fixture *f = *state;

	script_put(&f->script, lone, sizeof(lone));
	say(&f->script, 1);
	expect_frame(f->transport, 1);
	script_put(&f->script, long_one, sizeof(long_one));
	say(&f->script, 2);
	say(&f->script, 3);
	expect_frame(f->transport, 2);
	expect_frame(f->transport, 3);
	expect(f->transport, 0);
	assert_int_equal(qk_transport_stats(f->transport).bad_frames, 2);
}

static void receive_skips_a_frame_when_its_length_is_wrong(void **state)
{
	struct fixture *f = *state;

	for (int wrong = -12; wrong <= 12; wrong++) {
		size_t at = f->script.in_end, size;

		if (wrong == 0)
			continue;
		size = say(&f->script, 1);
		at = f->script.in_end - size;
		f->script.in[at + 1] = (uint8_t)(f->script.in[at + 1] + wrong);
		say(&f->script, 2);
		say(&f->script, 4);
		expect_frame(f->transport, 2);
		expect_frame(f->transport, 4);
		expect(f->transport, 0);
	}
	assert_int_equal(qk_transport_stats(f->transport).bad_frames, 24);
	assert_int_equal(qk_transport_stats(f->transport).frames, 48);
}

static void receive_finds_the_next_frame_when_one_is_cut_short(void **state)
{
	struct fixture *f = *state;

	for (size_t kept = 14; kept < 26; kept++) {
		size_t size = say(&f->script, 1);

		f->script.in_end -= size - kept;
		say(&f->script, 3);
		say(&f->script, 5);
		expect_frame(f->transport, 3);
		expect_frame(f->transport, 5);
		expect(f->transport, 0);
	}
}

static void receive_gives_a_frame_when_it_has_64_kib(void **state)
{
	const size_t tlv_bytes = QK_FRAME_MAX - 13;
	uint8_t *tlvs = calloc(1, tlv_bytes);
	struct qk_frame frame = {
		.service = 3,
		.client = 1,
		.type = QK_RESPONSE,
		.tlvs = { tlvs, tlv_bytes },
	};
	struct fixture *f = *state;
	struct qk_span bytes;

	tlvs[0] = 0x10;
	tlvs[1] = (uint8_t)(tlv_bytes - 3);
	tlvs[2] = (uint8_t)((tlv_bytes - 3) >> 8);
	f->script.chunk = 4096;
	say(&f->script, 1);
	assert_int_equal(script_say(&f->script, &frame), QK_FRAME_MAX);
	say(&f->script, 2);
	free(tlvs);
	expect_frame(f->transport, 1);
	assert_int_equal(qk_transport_receive(f->transport, &frame, &bytes), 1);
	assert_int_equal(bytes.size, QK_FRAME_MAX);
	assert_int_equal(frame.tlvs.size, tlv_bytes);
	expect_frame(f->transport, 2);
}

static void receive_says_epipe_when_the_peer_closes_between_frames(void **state)
{
	struct fixture *f = *state;

	say(&f->script, 1);
	f->script.at_end = true;
	expect_frame(f->transport, 1);
	expect(f->transport, -EPIPE);
	expect(f->transport, -EPIPE);
}

static void receive_says_ebadmsg_when_the_peer_closes_in_a_frame(void **state)
{
	struct fixture *f = *state;

	say(&f->script, 1);
	say(&f->script, 2);
	f->script.in_end -= 5;
	f->script.at_end = true;
	expect_frame(f->transport, 1);
	expect(f->transport, -EPROTO);
	assert_int_equal(qk_transport_send(f->transport, (struct qk_span){ 0 }), -EPROTO);
}

static void receive_goes_on_when_the_driver_lost_a_message(void **state)
{
	struct fixture *f = *state;

	f->script.receive_error = -ENOBUFS;
	expect(f->transport, 0);
	assert_int_equal(qk_transport_stats(f->transport).bad_frames, 1);
	say(&f->script, 1);
	expect_frame(f->transport, 1);
	f->script.receive_error = -ENODEV;
	expect(f->transport, -ENODEV);
}

static void receive_drains_when_sending_has_failed(void **state)
{
	static const uint8_t byte[1] = { 0 };
	struct fixture *f = *state;

	f->script.send_error = -EPIPE;
	assert_int_equal(qk_transport_send(f->transport, (struct qk_span){ byte, 1 }), -EPIPE);
	assert_int_equal(qk_transport_flush(f->transport), -EPIPE);
	assert_false(qk_transport_wants_write(f->transport));
	say(&f->script, 1);
	expect_frame(f->transport, 1);
}

static void receive_gives_every_frame_when_noise_and_cuts_are_random(void **state)
{
	struct fixture *f = *state;
	unsigned int seed = 12345;

	for (unsigned int round = 0; round < 300; round++) {
		uint8_t noise[40];
		size_t size = (size_t)rand_r(&seed) % sizeof(noise);

		for (size_t i = 0; i < size; i++)
			noise[i] = (uint8_t)(2 + rand_r(&seed) % 254);
		f->script.chunk = 1 + (size_t)rand_r(&seed) % 60;
		script_put(&f->script, noise, size);
		say(&f->script, (uint16_t)round);
		say(&f->script, (uint16_t)(round + 1));
		expect_frame(f->transport, (uint16_t)round);
		expect_frame(f->transport, (uint16_t)(round + 1));
		expect(f->transport, 0);
	}
}

/* cdc-wdm: what its driver tells at opening, set by hand. */

static void send_says_emsgsize_when_the_driver_would_cut_the_frame(void **state)
{
	static const uint8_t bytes[] = { 0x01, 0x0b, 0, 0, 0, 0, 0, 1, 0x27, 0, 0, 0 };
	struct fixture *f = *state;

	f->transport->frame_limit = sizeof(bytes);
	assert_int_equal(qk_transport_send(f->transport, (struct qk_span){ bytes, 12 }), 0);
	assert_int_equal(qk_transport_send(f->transport, (struct qk_span){ bytes, 13 }), -EMSGSIZE);
	assert_int_equal(qk_transport_send(f->transport, (struct qk_span){ bytes, 12 }), 0);
	assert_int_equal(f->script.sent_count, 2);
}

static void receive_gives_a_message_at_once_when_the_one_before_was_cut(void **state)
{
	static const uint8_t tlvs[203] = { 0x10, 200, 0x00 };
	const struct qk_frame long_one = {
		.service = 3,
		.client = 1,
		.type = QK_RESPONSE,
		.tlvs = { tlvs, sizeof(tlvs) },
	};
	struct qk_frame frame;
	struct fixture *f = *state;

	f->transport->messages = true;
	f->script.in_end = script_say(&f->script, &long_one) - 150;
	expect(f->transport, 0);
	say(&f->script, 2);
	expect_frame(f->transport, 2);
	assert_int_equal(qk_transport_stats(f->transport).bad_frames, 1);
	/* One that the driver hands over in two reads is whole all the same. */
	f->script.chunk = 100;
	script_say(&f->script, &long_one);
	assert_int_equal(qk_transport_receive(f->transport, &frame, NULL), 1);
	assert_int_equal(frame.tlvs.size, sizeof(tlvs));
}

/* Sockets. */

static struct qk_transport *on_socket(int *ret_peer)
{
	struct qk_transport *transport;
	int pair[2], size = 4096;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	assert_int_equal(qk_transport_from_fd(pair[0], "pair", &transport), 0);
	*ret_peer = pair[1];
	return transport;
}

static void send_queues_64_frames_when_the_peer_does_not_read(void **state)
{
	static uint8_t frame[6000], got[sizeof(frame)];
	int peer, r = 0;
	unsigned int sent = 0;
	struct qk_transport *transport = on_socket(&peer);

	(void)state;
	for (; sent < 1000 && r == 0; sent++) {
		memset(frame, (int)sent, sizeof(frame));
		r = qk_transport_send(transport, (struct qk_span){ frame, sizeof(frame) });
	}
	assert_int_equal(r, -ENOBUFS);
	sent--;
	assert_in_range(sent, 65, 100);
	assert_true(qk_transport_wants_write(transport));
	for (unsigned int i = 0; i < sent; i++) {
		for (size_t have = 0; have < sizeof(got);) {
			ssize_t n;

			assert_int_equal(qk_transport_flush(transport), 0);
			n = read(peer, got + have, sizeof(got) - have);
			assert_true(n > 0);
			have += (size_t)n;
		}
		memset(frame, (int)i, sizeof(frame));
		assert_memory_equal(got, frame, sizeof(got));
	}
	assert_false(qk_transport_wants_write(transport));
	qk_transport_free(transport);
	close(peer);
}

static void send_says_epipe_when_the_peer_has_gone(void **state)
{
	static const uint8_t frame[12] = { 0x01 };
	int peer;
	struct qk_transport *transport = on_socket(&peer);

	(void)state;
	close(peer);
	assert_int_equal(qk_transport_send(transport, (struct qk_span){ frame, sizeof(frame) }),
			 -EPIPE);
	expect(transport, -EPIPE);
	qk_transport_free(transport);
}

static void from_fd_fails_when_there_is_no_descriptor(void **state)
{
	struct qk_transport *transport = NULL;

	(void)state;
	assert_int_equal(qk_transport_from_fd(-1, "none", &transport), -EBADF);
	assert_null(transport);
}

static int listen_at(const char *path, size_t size)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);

	memcpy(address.sun_path, path, size);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void exchange(const char *name, int listener)
{
	static const uint8_t frame[] = { 0x01, 0x0b, 0, 0x80, 0, 0, 1, 1, 0x27, 0, 0, 0 };
	uint8_t got[sizeof(frame)];
	struct qk_transport *transport;
	struct pollfd ready;
	int peer;

	assert_int_equal(qk_transport_connect_unix(name, &transport), 0);
	assert_string_equal(qk_transport_name(transport), name);
	peer = accept(listener, NULL, NULL);
	assert_true(peer >= 0);
	assert_int_equal(qk_transport_send(transport, (struct qk_span){ frame, sizeof(frame) }), 0);
	assert_int_equal(read(peer, got, sizeof(got)), sizeof(got));
	assert_memory_equal(got, frame, sizeof(got));
	expect(transport, 0);
	assert_int_equal(write(peer, frame, sizeof(frame)), sizeof(frame));
	ready = (struct pollfd){ .fd = qk_transport_fd(transport), .events = POLLIN };
	assert_int_equal(poll(&ready, 1, 5000), 1);
	expect(transport, 1);
	qk_transport_free(transport);
	close(peer);
}

static void open_takes_addresses_and_refuses_unknown_schemes(void **state)
{
	static const struct {
		const char *address;
		int result;
	} cases[] = {
		{ "", -ENOENT },
		{ "gopher://1", -EPROTONOSUPPORT },
		{ "unix:", -ENOENT },
		{ "unix:/no/such/socket", -ENOENT },
		{ "/dev/no://such", -ENOENT },
		{ "file:///dev/no-such", -ENOENT },
		{ "/etc/passwd", -ENOTTY },
		{ "file:///etc/passwd", -ENOTTY },
		{ "no-such-file", -ENOENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct qk_transport *transport = NULL;

		assert_int_equal(qk_transport_open(cases[i].address, &transport), cases[i].result);
		assert_null(transport);
	}
}

static void connect_unix_exchanges_frames_when_somebody_listens(void **state)
{
	char folder[] = "/tmp/test-transport-XXXXXX", path[64], abstract[64];
	int listener, size;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	listener = listen_at(path, strlen(path) + 1);
	exchange(path, listener);
	close(listener);
	size = snprintf(abstract, sizeof(abstract), "@test-transport-%ld", (long)getpid());
	abstract[0] = 0;
	listener = listen_at(abstract, (size_t)size);
	abstract[0] = '@';
	exchange(abstract, listener);
	close(listener);
	unlink(path);
	rmdir(folder);
}

static void connect_unix_fails_when_nobody_listens(void **state)
{
	char folder[] = "/tmp/test-transport-XXXXXX", path[64], longest[200];
	struct qk_transport *transport = NULL;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	assert_int_equal(qk_transport_connect_unix(path, &transport), -ENOENT);
	close(listen_at(path, strlen(path) + 1));
	assert_int_equal(qk_transport_connect_unix(path, &transport), -ECONNREFUSED);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	assert_int_equal(qk_transport_connect_unix(longest, &transport), -ENAMETOOLONG);
	longest[0] = '@';
	assert_int_equal(qk_transport_connect_unix(longest, &transport), -ENAMETOOLONG);
	longest[108] = 0;
	assert_int_equal(qk_transport_connect_unix(longest, &transport), -ECONNREFUSED);
	assert_int_equal(qk_transport_connect_unix("", &transport), -ENOENT);
	assert_null(transport);
	unlink(path);
	rmdir(folder);
}

/* Character devices: a pty stands in for /dev/cdc-wdm0. */

static void open_pty(int *ret_master, char path[64])
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ptsname_r(master, path, 64), 0);
	*ret_master = master;
}

static void wait_readable(const struct qk_transport *transport)
{
	struct pollfd ready = { .fd = qk_transport_fd(transport), .events = POLLIN };

	assert_int_equal(poll(&ready, 1, 5000), 1);
}

static void open_chardev_passes_every_byte_when_it_is_a_pty(void **state)
{
	uint8_t tlvs[3 + 256] = { 0x10, 0x00, 0x01 }, buffer[400], got[400];
	struct qk_frame frame = { .service = 3, .client = 1, .tlvs = { tlvs, sizeof(tlvs) } };
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));
	struct qk_transport *transport;
	int master, size;
	char path[64];

	(void)state;
	for (unsigned int i = 0; i < 256; i++)
		tlvs[3 + i] = (uint8_t)i; /* with ^C, ^D, XOFF, CR and NL */
	size = qk_frame_end(&w, qk_frame_begin(&w, &frame));
	assert_true(size > 256);
	open_pty(&master, path);
	assert_int_equal(qk_transport_open_chardev(path, &transport), 0);
	assert_int_equal(qk_transport_send(transport, (struct qk_span){ buffer, (size_t)size }), 0);
	for (int have = 0; have < size;) {
		ssize_t n = read(master, got + have, sizeof(got) - (size_t)have);

		assert_true(n > 0);
		have += (int)n;
	}
	assert_memory_equal(got, buffer, (size_t)size);
	expect(transport, 0); /* nothing was echoed */
	assert_int_equal(write(master, buffer, (size_t)size), size);
	wait_readable(transport);
	assert_int_equal(qk_transport_receive(transport, &frame, NULL), 1);
	assert_memory_equal(frame.tlvs.data, tlvs, sizeof(tlvs));
	close(master);
	wait_readable(transport);
	expect(transport, -EPIPE);
	qk_transport_free(transport);
}

static void receive_says_epipe_when_the_other_end_of_a_pty_closes(void **state)
{
	struct qk_transport *transport;
	int master, slave;
	char path[64];

	(void)state;
	open_pty(&master, path);
	slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	assert_int_equal(qk_transport_from_fd(master, "master", &transport), 0);
	expect(transport, 0);
	close(slave);
	wait_readable(transport);
	expect(transport, -EPIPE);
	qk_transport_free(transport);
}

static void open_chardev_says_ebusy_when_it_is_open_already(void **state)
{
	struct qk_transport *first, *second = NULL;
	char path[64];
	int master;

	(void)state;
	open_pty(&master, path);
	assert_int_equal(qk_transport_open_chardev(path, &first), 0);
	assert_int_equal(qk_transport_open_chardev(path, &second), -EBUSY);
	assert_null(second);
	qk_transport_free(first);
	assert_int_equal(qk_transport_open_chardev(path, &second), 0);
	qk_transport_free(second);
	close(master);
}

static void open_chardev_fails_when_it_is_no_character_device(void **state)
{
	char folder[] = "/tmp/test-transport-XXXXXX", path[64];
	struct qk_transport *transport = NULL;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
	assert_int_equal(qk_transport_open_chardev(path, &transport), -ENOENT);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(qk_transport_open_chardev(path, &transport), -ENOTTY);
	assert_int_equal(qk_transport_open_chardev(folder, &transport), -ENOTTY);
	strncat(path, "/below", sizeof(path) - strlen(path) - 1);
	assert_int_equal(qk_transport_open_chardev(path, &transport), -ENOTDIR);
	assert_null(transport);
	snprintf(path, sizeof(path), "%s/file", folder);
	unlink(path);
	rmdir(folder);
}

static void open_chardev_says_eacces_when_it_is_not_permitted(void **state)
{
	char path[64];
	int master, status = 0;
	pid_t child;

	(void)state;
	open_pty(&master, path);
	assert_int_equal(chmod(path, geteuid() == 0 ? 0600 : 0), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct qk_transport *transport;

		if (geteuid() == 0 && setuid(NOBODY) < 0)
			_exit(77);
		_exit(qk_transport_open_chardev(path, &transport) == -EACCES ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	close(master);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define ON_SCRIPT(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_SCRIPT(receive_gives_frames_when_bytes_come_in_any_cut),
		ON_SCRIPT(receive_skips_noise_when_it_is_between_frames),
		ON_SCRIPT(receive_keeps_good_frames_when_noise_looks_like_a_long_one),
		ON_SCRIPT(receive_skips_a_frame_when_its_length_is_wrong),
		ON_SCRIPT(receive_finds_the_next_frame_when_one_is_cut_short),
		ON_SCRIPT(receive_gives_a_frame_when_it_has_64_kib),
		ON_SCRIPT(receive_says_epipe_when_the_peer_closes_between_frames),
		ON_SCRIPT(receive_says_ebadmsg_when_the_peer_closes_in_a_frame),
		ON_SCRIPT(receive_goes_on_when_the_driver_lost_a_message),
		ON_SCRIPT(receive_drains_when_sending_has_failed),
		ON_SCRIPT(send_says_emsgsize_when_the_driver_would_cut_the_frame),
		ON_SCRIPT(receive_gives_a_message_at_once_when_the_one_before_was_cut),
		ON_SCRIPT(receive_gives_every_frame_when_noise_and_cuts_are_random),
		cmocka_unit_test(send_queues_64_frames_when_the_peer_does_not_read),
		cmocka_unit_test(send_says_epipe_when_the_peer_has_gone),
		cmocka_unit_test(from_fd_fails_when_there_is_no_descriptor),
		cmocka_unit_test(open_takes_addresses_and_refuses_unknown_schemes),
		cmocka_unit_test(connect_unix_exchanges_frames_when_somebody_listens),
		cmocka_unit_test(connect_unix_fails_when_nobody_listens),
		cmocka_unit_test(open_chardev_passes_every_byte_when_it_is_a_pty),
		cmocka_unit_test(receive_says_epipe_when_the_other_end_of_a_pty_closes),
		cmocka_unit_test(open_chardev_says_ebusy_when_it_is_open_already),
		cmocka_unit_test(open_chardev_fails_when_it_is_no_character_device),
		cmocka_unit_test(open_chardev_says_eacces_when_it_is_not_permitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
