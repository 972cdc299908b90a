/* qmuxd as a transport: what a qmuxd sees of us, and what its answers and its faults become. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <qmikit/common.h>
#include <qmikit/ctl.h>
#include <qmikit/device.h>
#include <qmikit/qmuxd.h>
#include <qmikit/transport.h>

#define PROGRAM 0x11223344u

struct fixture {
	char folder[64], path[96];
	int listener, fd;
	enum qk_qmuxd_layout layout;
	struct qk_transport *transport;
	uint8_t in[4 * QK_QMUXD_MAX];
	size_t in_size;
};

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* A connection that was not greeted yet. */
static int set_up_layout(void **state, enum qk_qmuxd_layout layout, const char *parameters)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char address[160];

	assert_non_null(f);
	f->layout = layout;
	memcpy(f->folder, "/tmp/test-qmuxd-XXXXXX", sizeof("/tmp/test-qmuxd-XXXXXX"));
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/qmux_connect_socket", f->folder);
	f->listener = listen_at(f->path);
	snprintf(address, sizeof(address), "qmuxd:%s%s", f->folder, parameters);
	assert_int_equal(qk_transport_open(address, &f->transport), 0);
	f->fd = accept4(f->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_true(f->fd >= 0);
	*state = f;
	return 0;
}

static int set_up(void **state)
{
	return set_up_layout(state, QK_QMUXD_32, "?layout=32");
}

static int set_up_64(void **state)
{
	return set_up_layout(state, QK_QMUXD_64, "?layout=64&connection=2&buffer=664");
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	qk_transport_free(f->transport);
	close(f->fd);
	close(f->listener);
	unlink(f->path);
	assert_int_equal(rmdir(f->folder), 0);
	free(f);
	return 0;
}

static void put(struct fixture *f, const void *bytes, size_t size)
{
	assert_int_equal(send(f->fd, bytes, size, MSG_NOSIGNAL), size);
}

static void greet(struct fixture *f)
{
	struct qk_frame frame;

	put(f, &(uint32_t){ PROGRAM }, 4);
	assert_int_equal(qk_transport_receive(f->transport, &frame, NULL), 0);
}

static void say(struct fixture *f, uint8_t service, uint8_t client, uint16_t transaction,
		uint16_t message, const void *tlvs, size_t size)
{
	uint8_t buffer[256];
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));
	size_t mark = qk_frame_begin(&w, &(struct qk_frame){ .service = service,
							     .client = client,
							     .transaction = transaction,
							     .message = message,
							     .tlvs = { tlvs, size } });
	int frame = qk_frame_end(&w, mark);

	assert_true(frame > 0);
	assert_int_equal(qk_transport_send(f->transport, (struct qk_span){ buffer, (size_t)frame }),
			 0);
}

/* The next message that qmuxd has got. */
static struct qk_qmuxd_message take(struct fixture *f)
{
	struct qk_qmuxd_message message = { 0 };
	ssize_t n = recv(f->fd, f->in + f->in_size, sizeof(f->in) - f->in_size, 0);
	static uint8_t copy[QK_QMUXD_MAX];
	int size;

	if (n > 0)
		f->in_size += (size_t)n;
	size = qk_qmuxd_read((struct qk_span){ f->in, f->in_size }, f->layout, &message);
	assert_true(size > 0);
	memcpy(copy, f->in, (size_t)size);
	message.payload.data = copy + (message.payload.data - f->in);
	memmove(f->in, f->in + size, f->in_size - (size_t)size);
	f->in_size -= (size_t)size;
	return message;
}

static void answer(struct fixture *f, const struct qk_qmuxd_message *message)
{
	uint8_t buffer[2048];
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));

	qk_qmuxd_write(&w, f->layout, message);
	assert_int_equal(w.error, 0);
	put(f, buffer, qk_writer_used(&w));
}

/* The next frame is a response with this QMI error. */
static struct qk_frame expect(struct fixture *f, uint8_t service, uint16_t transaction,
			      uint16_t message, uint16_t error)
{
	struct qk_frame frame;
	struct qk_cursor c;
	struct qk_tlv tlv;

	assert_int_equal(qk_transport_receive(f->transport, &frame, NULL), 1);
	assert_int_equal(frame.service, service);
	assert_int_equal(frame.type, QK_RESPONSE);
	assert_int_equal(frame.transaction, transaction);
	assert_int_equal(frame.message, message);
	c = qk_cursor(frame.tlvs);
	assert_true(qk_cursor_tlv(&c, &tlv));
	assert_int_equal(tlv.type, 0x02);
	assert_int_equal(tlv.value.data[0], error ? 1 : 0);
	assert_int_equal(tlv.value.data[2], error);
	return frame;
}

#define ALLOCATE 0x22
#define RELEASE 0x23
#define SYNC 0x27

static void allocate(struct fixture *f, uint8_t service, uint8_t id, uint16_t transaction)
{
	const uint8_t tlv[] = { 0x01, 0x01, 0x00, service };
	uint8_t payload[QK_QMUXD_BUFFER_2013] = { id };
	struct qk_qmuxd_message message;

	say(f, 0, 0, transaction, ALLOCATE, tlv, sizeof(tlv));
	message = take(f);
	assert_int_equal(message.type, QK_QMUXD_ALLOCATE);
	assert_int_equal(message.program, PROGRAM);
	assert_int_equal(message.payload.data[0], service);
	message.payload = (struct qk_span){ payload, sizeof(payload) };
	answer(f, &message);
	expect(f, 0, transaction, ALLOCATE, 0);
}

static void request_waits_for_the_greeting(void **state)
{
	struct fixture *f = *state;
	uint8_t byte;

	say(f, 2, 1, 7, 0x21, NULL, 0);
	say(f, 2, 1, 8, 0x22, NULL, 0);
	assert_false(qk_transport_wants_write(f->transport));
	assert_int_equal(recv(f->fd, &byte, 1, 0), -1);
	greet(f);
	for (unsigned int i = 0; i < 2; i++) {
		struct qk_qmuxd_message message = take(f);

		assert_int_equal(message.program, PROGRAM);
		assert_int_equal(message.type, QK_QMUXD_SDU);
		assert_int_equal(message.service, 2);
		assert_int_equal(message.client, 1);
		assert_int_equal(message.connection, f->layout == QK_QMUXD_64 ? 2 : 0);
		assert_int_equal(message.payload.size, 7);
		assert_int_equal(message.payload.data[1], 7 + i);
	}
}

static void ids_come_from_qmuxd(void **state)
{
	struct fixture *f = *state;
	const uint8_t tlv[] = { 0x01, 0x02, 0x00, 3, 9 };
	struct qk_qmuxd_message message;

	greet(f);
	allocate(f, 3, 9, 5);
	say(f, 0, 0, 6, RELEASE, tlv, sizeof(tlv));
	message = take(f);
	assert_int_equal(message.type, QK_QMUXD_RELEASE);
	assert_int_equal(message.payload.size,
			 f->layout == QK_QMUXD_64 ? QK_QMUXD_BUFFER_2012 : QK_QMUXD_BUFFER_2013);
	assert_int_equal(message.payload.data[0], 3);
	assert_int_equal(message.payload.data[4], 9);
	answer(f, &message);
	expect(f, 0, 6, RELEASE, 0);
}

static void refused_id_is_an_error(void **state)
{
	struct fixture *f = *state;
	const uint8_t tlv[] = { 0x01, 0x01, 0x00, 3 };
	const uint8_t nothing[8] = { 0 };
	struct qk_qmuxd_message message;

	greet(f);
	for (int error = 0; error < 32; error += 31) {
		say(f, 0, 0, 5, ALLOCATE, tlv, sizeof(tlv));
		message = take(f);
		message.payload = (struct qk_span){ nothing, sizeof(nothing) };
		message.qmi_error = error;
		answer(f, &message);
		expect(f, 0, 5, ALLOCATE, error ? 31 : 5);
		/* nobody waits for a second one */
		answer(f, &message);
		assert_int_equal(qk_transport_receive(f->transport, &(struct qk_frame){ 0 }, NULL),
				 0);
	}
}

static void sync_takes_our_ids_alone(void **state)
{
	struct fixture *f = *state;
	struct qk_qmuxd_message message;

	greet(f);
	allocate(f, 3, 9, 5);
	allocate(f, 2, 4, 6);
	say(f, 0, 0, 7, SYNC, NULL, 0);
	assert_int_equal(qk_transport_wait_usec(f->transport), 0);
	expect(f, 0, 7, SYNC, 0);
	assert_true(qk_transport_wait_usec(f->transport) > 0);
	for (unsigned int i = 0; i < 2; i++) {
		message = take(f);
		assert_int_equal(message.type, QK_QMUXD_RELEASE);
		assert_int_equal(message.payload.data[4], i ? 9 : 4);
		answer(f, &message);
	}
	assert_int_equal(qk_transport_receive(f->transport, &(struct qk_frame){ 0 }, NULL), 0);
	assert_int_equal(f->in_size, 0);
}

static void ctl_that_qmuxd_refuses_is_not_supported(void **state)
{
	struct fixture *f = *state;
	struct qk_qmuxd_message message;

	greet(f);
	say(f, 0, 0, 9, 0x21, NULL, 0);
	message = take(f);
	assert_int_equal(message.type, QK_QMUXD_CTL);
	message.type = QK_QMUXD_SDU;
	message.system_error = -5;
	message.payload.size = 0;
	answer(f, &message);
	expect(f, 0, 9, 0x21, QK_ERROR_NOT_SUPPORTED);
	say(f, 0, 0, 10, 0xff00, NULL, 0);
	expect(f, 0, 10, 0xff00, QK_ERROR_INVALID_QMI_COMMAND);
}

static void answers_and_indications_pass(void **state)
{
	struct fixture *f = *state;
	uint8_t sdu[] = { 0x02, 0x07, 0x00, 0x21, 0x00, 0x07, 0x00,
			  0x02, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00 };
	struct qk_qmuxd_message message;
	struct qk_frame frame;

	greet(f);
	say(f, 2, 1, 7, 0x21, NULL, 0);
	message = take(f);
	message.payload = (struct qk_span){ sdu, sizeof(sdu) };
	answer(f, &message);
	assert_int_equal(expect(f, 2, 7, 0x21, 0).client, 1);
	sdu[0] = 0x04;
	message.transaction = 0;
	message.client = QK_CLIENT_BROADCAST;
	answer(f, &message);
	assert_int_equal(qk_transport_receive(f->transport, &frame, NULL), 1);
	assert_int_equal(frame.type, QK_INDICATION);
	assert_int_equal(frame.client, QK_CLIENT_BROADCAST);
	assert_true(frame.from_modem);
	/* what is no QMI message, or of a service that QMUX cannot name, is passed over */
	sdu[5] = 1;
	answer(f, &message);
	sdu[5] = 7;
	message.service = 0x102;
	answer(f, &message);
	message.service = 3;
	answer(f, &message);
	assert_int_equal(qk_transport_receive(f->transport, &frame, NULL), 1);
	assert_int_equal(frame.service, 3);
	assert_int_equal(qk_transport_stats(f->transport).bad_frames, 0);
}

static void refused_request_is_a_response(void **state)
{
	struct fixture *f = *state;
	struct qk_qmuxd_message message;

	greet(f);
	say(f, 2, 1, 7, 0x21, NULL, 0);
	message = take(f);
	message.system_error = -5;
	message.qmi_error = 7;
	message.payload.size = 0;
	answer(f, &message);
	assert_int_equal(expect(f, 2, 7, 0x21, 7).client, 1);
}

static void size_that_lies_ends_it(void **state)
{
	struct fixture *f = *state;
	struct qk_frame frame;

	greet(f);
	put(f, "\x27\0\0\0", 4);
	assert_int_equal(qk_transport_receive(f->transport, &frame, NULL), -EBADMSG);
}

static void half_a_message_is_no_end(void **state)
{
	struct fixture *f = *state;
	struct qk_frame frame;

	greet(f);
	put(f, "\x40\0\0\0half", 8);
	assert_int_equal(qk_transport_receive(f->transport, &frame, NULL), 0);
	shutdown(f->fd, SHUT_RDWR);
	assert_int_equal(qk_transport_receive(f->transport, &frame, NULL), -EPROTO);
}

static void qmuxd_that_goes_is_a_hang_up(void **state)
{
	struct fixture *f = *state;
	struct qk_frame frame;

	greet(f);
	shutdown(f->fd, SHUT_RDWR);
	assert_int_equal(qk_transport_receive(f->transport, &frame, NULL), -EPIPE);
}

static void our_end_is_bound_as_qmuxd_expects(void **state)
{
	struct fixture *f = *state;
	struct qk_transport *second;
	struct sockaddr_un peer = { 0 };
	socklen_t size = sizeof(peer);
	char name[128];
	struct stat st;

	snprintf(name, sizeof(name), "%s/qmux_client_socket%7lu", f->folder,
		 (unsigned long)getpid());
	assert_int_equal(getpeername(f->fd, (struct sockaddr *)&peer, &size), 0);
	assert_string_equal(peer.sun_path, name);
	/* a second connection takes the name, and the first one leaves it alone then */
	assert_int_equal(qk_transport_connect_qmuxd(f->path, &second), 0);
	f->transport = qk_transport_free(f->transport);
	assert_int_equal(stat(name, &st), 0);
	qk_transport_free(second);
	assert_int_equal(stat(name, &st), -1);
}

/* The one that listens is this very test. */
static void layout_is_that_of_who_listens(void **state)
{
	const uint8_t tlv[] = { 0x01, 0x01, 0x00, 3 };
	enum qk_qmuxd_layout own = sizeof(long) == 8 ? QK_QMUXD_64 : QK_QMUXD_32;
	struct fixture *f;

	set_up_layout(state, own, "");
	f = *state;
	greet(f);
	say(f, 0, 0, 5, ALLOCATE, tlv, sizeof(tlv));
	assert_int_equal(take(f).payload.data[0], 3);
	tear_down(state);
}

static void bad_address_is_refused(void **state)
{
	static const struct {
		const char *path;
		int r;
	} rows[] = {
		{ "", -ENOENT },
		{ "?layout=64", -ENOENT },
		{ "/no/such/folder", -ENOENT },
		{ "/tmp?layout=33", -EINVAL },
		{ "/tmp?layout", -EINVAL },
		{ "/tmp?layout=", -EINVAL },
		{ "/tmp?layout=64x", -EINVAL },
		{ "/tmp?layout=64&", -EINVAL },
		{ "/tmp?buffer=7", -EINVAL },
		{ "/tmp?buffer=809", -EINVAL },
		{ "/tmp?connection=99999999999", -EINVAL },
		{ "/tmp?l=64", -EINVAL },
		{ "/tmp?", -EINVAL },
	};
	struct qk_transport *transport;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(qk_transport_connect_qmuxd(rows[i].path, &transport), rows[i].r);
}

int main(void)
{
#define BOTH(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down), \
		cmocka_unit_test_setup_teardown(test, set_up_64, tear_down)
	const struct CMUnitTest tests[] = {
		BOTH(request_waits_for_the_greeting),
		BOTH(ids_come_from_qmuxd),
		BOTH(refused_id_is_an_error),
		BOTH(sync_takes_our_ids_alone),
		BOTH(ctl_that_qmuxd_refuses_is_not_supported),
		BOTH(answers_and_indications_pass),
		BOTH(refused_request_is_a_response),
		BOTH(size_that_lies_ends_it),
		BOTH(half_a_message_is_no_end),
		BOTH(qmuxd_that_goes_is_a_hang_up),
		BOTH(our_end_is_bound_as_qmuxd_expects),
		cmocka_unit_test(layout_is_that_of_who_listens),
		cmocka_unit_test(bad_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
