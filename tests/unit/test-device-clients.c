/* Device: opening, client ids, and the calls that wait. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>
#include <qmikit/ctl.h>
#include <qmikit/dms.h>

#include "tests/unit/script.h"

#define SECOND ((uint64_t)1000000)
#define DMS 2
#define NAS 3
#define VERSION_INFO 0x21
#define ALLOCATE 0x22
#define RELEASE 0x23
#define SET_DATA_FORMAT 0x26
#define SYNC 0x27

struct fixture {
	struct script script;
	struct qk_device *device;
	struct qk_client *client;
	unsigned int runs;
	int status;
	uint16_t error;
	const char *step;
	bool keep;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->device = script_device(&f->script);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	f->client = qk_client_unref(f->client);
	f->device = qk_device_unref(f->device);
	assert_int_equal(f->script.closed, 1);
	free(f);
	return 0;
}

static void process(struct fixture *f)
{
	assert_int_equal(qk_device_process(f->device), 0);
}

static void expect_sent(struct fixture *f, unsigned int count, uint16_t message)
{
	assert_int_equal(f->script.sent_count, count);
	assert_int_equal(f->script.sent[count - 1].service, QK_SERVICE_CTL);
	assert_int_equal(f->script.sent[count - 1].client, 0);
	assert_int_equal(f->script.sent[count - 1].message, message);
}

static void expect_bytes(struct fixture *f, unsigned int index, const void *bytes, size_t size)
{
	assert_int_equal(f->script.sent[index].tlvs.size, size);
	assert_memory_equal(f->script.sent[index].tlvs.data, bytes, size);
}

static void on_done(struct qk_device *device, int status, uint16_t error, const char *step,
		    void *userdata)
{
	struct fixture *f = userdata;

	assert_ptr_equal(device, f->device);
	f->runs++;
	f->status = status;
	f->error = error;
	f->step = step;
}

static void expect_done(struct fixture *f, int status, uint16_t error, const char *step)
{
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, status);
	assert_int_equal(f->error, error);
	assert_string_equal(f->step, step);
}

/* Opening. */

static const struct qk_open_options everything = {
	.version_info = true,
	.sync = true,
	.data_format = 1,
	.link_protocol = 2,
};

/* CTL 1.5 and DMS 1.14. */
static const uint8_t versions[] = { 0x01, 0x0b, 0x00, 0x02, 0x00, 0x01, 0x00,
				    0x05, 0x00, 0x02, 0x01, 0x00, 0x0e, 0x00 };

static void open_asks_in_order_when_all_is_wanted(void **state)
{
	static const uint8_t format[] = { 0x01, 0x01, 0x00, 0x00, 0x10, 0x02, 0x00, 0x02, 0x00 };
	struct fixture *f = *state;
	uint16_t major = 0, minor = 0;

	assert_int_equal(qk_device_service_version(f->device, DMS, &major, &minor), -ENODATA);
	assert_int_equal(qk_device_open(f->device, &everything, on_done, f), 0);
	expect_sent(f, 1, VERSION_INFO);
	script_answer(&f->script, 0, 0, versions, sizeof(versions));
	process(f);
	expect_sent(f, 2, SYNC);
	script_answer(&f->script, 1, 0, NULL, 0);
	process(f);
	expect_sent(f, 3, SET_DATA_FORMAT);
	expect_bytes(f, 2, format, sizeof(format));
	assert_int_equal(f->runs, 0);
	script_answer(&f->script, 2, 0, NULL, 0);
	process(f);
	expect_done(f, 0, 0, "open");
	assert_int_equal(qk_device_service_version(f->device, DMS, &major, &minor), 0);
	assert_int_equal(major, 1);
	assert_int_equal(minor, 14);
	assert_int_equal(qk_device_service_version(f->device, NAS, &major, &minor), -ENOENT);
}

static void open_ends_in_process_when_nothing_is_wanted(void **state)
{
	static const struct qk_open_options nothing;
	struct fixture *f = *state;

	assert_int_equal(qk_device_open(f->device, &nothing, on_done, f), 0);
	assert_int_equal(f->runs, 0);
	assert_int_equal(qk_device_wait_usec(f->device), 0);
	process(f);
	expect_done(f, 0, 0, "open");
	assert_int_equal(f->script.sent_count, 0);
}

static void open_names_the_step_when_the_modem_refuses(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(qk_device_open(f->device, &everything, on_done, f), 0);
	script_answer(&f->script, 0, 0, versions, sizeof(versions));
	process(f);
	script_answer(&f->script, 1, 3, NULL, 0);
	process(f);
	expect_done(f, 0, 3, "sync");
	assert_int_equal(f->script.sent_count, 2);
}

static void open_times_out_when_the_modem_never_answers(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(qk_device_open(f->device, &everything, on_done, f), 0);
	f->script.now += 10 * SECOND;
	process(f);
	expect_done(f, -ETIMEDOUT, 0, "get version info");
}

static void open_says_ebadmsg_when_an_answer_has_no_result(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(qk_device_open(f->device, &everything, on_done, f), 0);
	script_answer_raw(&f->script, 0, NULL, 0);
	process(f);
	expect_done(f, -EBADMSG, 0, "get version info");
}

static void open_leaves_nothing_when_the_device_is_dropped(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(qk_device_open(f->device, &everything, on_done, f), 0);
	script_answer(&f->script, 0, 0, versions, sizeof(versions));
	process(f);
	f->device = qk_device_unref(f->device);
	assert_int_equal(f->runs, 0);
}

/* Client ids. */

static void on_client(struct qk_device *device, int status, uint16_t error,
		      struct qk_client *client, void *userdata)
{
	struct fixture *f = userdata;

	assert_non_null(device);
	assert_int_equal(status == 0 && error == 0, client != NULL);
	f->runs++;
	f->status = status;
	f->error = error;
	if (client && f->keep)
		f->client = qk_client_ref(client);
}

static void allocate(struct fixture *f)
{
	static const uint8_t request[] = { 0x01, 0x01, 0x00, NAS };
	unsigned int index = f->script.sent_count;

	assert_int_equal(qk_client_allocate(f->device, NAS, SECOND, on_client, f), 0);
	expect_sent(f, index + 1, ALLOCATE);
	expect_bytes(f, index, request, sizeof(request));
}

static void answer_allocate(struct fixture *f, unsigned int index, uint8_t service, uint8_t id)
{
	const uint8_t info[] = { 0x01, 0x02, 0x00, service, id };

	script_answer(&f->script, index, 0, info, sizeof(info));
}

static void expect_release(struct fixture *f, unsigned int count, uint8_t id)
{
	const uint8_t info[] = { 0x01, 0x02, 0x00, NAS, id };

	expect_sent(f, count, RELEASE);
	expect_bytes(f, count - 1, info, sizeof(info));
}

static void allocate_gives_a_client_when_the_modem_does(void **state)
{
	struct fixture *f = *state;

	f->keep = true;
	allocate(f);
	answer_allocate(f, 0, NAS, 7);
	process(f);
	assert_int_equal(f->runs, 1);
	assert_non_null(f->client);
	assert_int_equal(qk_client_service(f->client), NAS);
	assert_int_equal(qk_client_id(f->client), 7);
	assert_ptr_equal(qk_client_device(f->client), f->device);
	assert_int_equal(f->script.sent_count, 1);
}

static void allocate_gives_the_id_back_when_nobody_kept_the_client(void **state)
{
	struct fixture *f = *state;

	allocate(f);
	answer_allocate(f, 0, NAS, 7);
	process(f);
	assert_int_equal(f->runs, 1);
	expect_release(f, 2, 7);
}

static void allocate_gives_the_id_back_when_it_came_late(void **state)
{
	struct fixture *f = *state;

	allocate(f);
	f->script.now += SECOND;
	process(f);
	assert_int_equal(f->status, -ETIMEDOUT);
	answer_allocate(f, 0, NAS, 9);
	process(f);
	assert_int_equal(f->runs, 1);
	expect_release(f, 2, 9);
	/* The same answer once more is somebody else's business. */
	answer_allocate(f, 0, NAS, 9);
	process(f);
	assert_int_equal(f->script.sent_count, 2);
	/* A release that is refused is a line in the log. */
	f->script.logged = 0;
	script_answer(&f->script, 1, 5, NULL, 0);
	process(f);
	assert_int_equal(f->script.logged, 1);
}

static void allocate_gives_the_error_when_the_modem_refuses(void **state)
{
	struct fixture *f = *state;

	allocate(f);
	script_answer(&f->script, 0, 5, NULL, 0);
	process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, 0);
	assert_int_equal(f->error, 5);
}

static void allocate_says_ebadmsg_when_the_answer_cannot_be_true(void **state)
{
	static const uint8_t answers[][2] = { { DMS, 1 }, { NAS, 0 }, { NAS, 255 } };
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 3; i++) {
		allocate(f);
		answer_allocate(f, i, answers[i][0], answers[i][1]);
		process(f);
		assert_int_equal(f->runs, i + 1);
		assert_int_equal(f->status, -EBADMSG);
		assert_int_equal(f->script.sent_count, i + 1);
	}
	allocate(f);
	script_answer(&f->script, 3, 0, NULL, 0);
	process(f);
	assert_int_equal(f->status, -EBADMSG);
}

static void allocate_and_adopt_refuse_when_there_can_be_no_such_client(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(qk_client_allocate(f->device, 0, 0, on_client, f), -EINVAL);
	assert_int_equal(qk_client_adopt(f->device, DMS, 0, &f->client), -EINVAL);
	assert_int_equal(qk_client_adopt(f->device, DMS, 255, &f->client), -EINVAL);
	assert_int_equal(qk_client_adopt(f->device, 0, 1, &f->client), -EINVAL);
	assert_null(f->client);
	assert_int_equal(f->runs, 0);
}

static void release_ends_the_client_when_it_was_sent(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(qk_client_adopt(f->device, NAS, 4, &f->client), 0);
	assert_int_equal(qk_client_release(f->client, 0, on_done, f), 0);
	expect_release(f, 1, 4);
	assert_int_equal(qk_call_raw(f->client, 1, (struct qk_span){ 0 }, NULL, NULL), -ESHUTDOWN);
	assert_int_equal(qk_client_release(f->client, 0, on_done, f), -ESHUTDOWN);
	f->client = qk_client_unref(f->client);
	script_answer(&f->script, 0, 0, NULL, 0);
	process(f);
	expect_done(f, 0, 0, "release client id");
	assert_int_equal(qk_client_release(qk_device_ctl(f->device), 0, NULL, NULL), -EINVAL);
}

/* Waiting. */

/* Asks again with the id that was taken back. */
static void ask_again(struct qk_client *client, int status, const struct qk_frame *frame,
		      void *userdata)
{
	struct fixture *f = userdata;
	const struct qk_call_options options = { .userdata = f };

	assert_null(frame);
	f->runs++;
	f->status = status;
	assert_int_equal(qk_call_raw(client, 0x22, (struct qk_span){ 0 }, &options, ask_again), 0);
}

static void calls_end_when_the_modem_takes_their_client_back(void **state)
{
	static const uint8_t taken[] = { 0x01, 2, 0, DMS, 4 }, none[] = { 0x01, 2, 0, DMS, 9 };
	struct fixture *f = *state;
	const struct qk_call_options options = { .userdata = f };
	struct qk_client *other;

	assert_int_equal(qk_client_adopt(f->device, DMS, 4, &f->client), 0);
	assert_int_equal(qk_client_adopt(f->device, DMS, 5, &other), 0);
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(
			qk_call_raw(f->client, 0x22, (struct qk_span){ 0 }, &options, ask_again),
			0);
	assert_int_equal(qk_call_raw(other, 0x22, (struct qk_span){ 0 }, &options, ask_again), 0);
	script_indicate(&f->script, QK_SERVICE_CTL, 0, 0x24, none, sizeof(none));
	script_indicate(&f->script, QK_SERVICE_CTL, 0, 0x24, none, 2);
	process(f);
	assert_int_equal(f->runs, 0);
	/* each of the two ends once; what they ask then is no part of that */
	script_indicate(&f->script, QK_SERVICE_CTL, 0, 0x24, taken, sizeof(taken));
	process(f);
	assert_int_equal(f->runs, 2);
	assert_int_equal(f->status, -ECONNRESET);
	qk_client_unref(other);
}

static void sync_calls_wait_for_their_answers_when_the_modem_answers(void **state)
{
	struct fixture *f = *state;

	f->script.answers = true;
	assert_int_equal(qk_client_allocate_sync(f->device, NAS, 0, &f->client), 0);
	assert_int_equal(qk_client_id(f->client), 1);
	assert_int_equal(qk_client_release_sync(f->client, 0), 0);
	assert_int_equal(qk_client_release_sync(f->client, 0), -ESHUTDOWN);
	f->script.at_end = true;
	assert_int_equal(qk_device_wait(f->device, 0), -EPIPE);
}

static void sync_calls_say_what_went_wrong_when_something_did(void **state)
{
	static const struct qk_open_options sync = { .sync = true };
	struct fixture *f = *state;
	uint16_t error = 0;
	const char *step = NULL;
	struct qk_frame refusal = {
		.type = QK_RESPONSE,
		.transaction = 1,
		.message = ALLOCATE,
		.tlvs = { (const uint8_t *)"\x02\x04\x00\x01\x00\x05\x00", 7 },
	};

	script_say(&f->script, &refusal);
	assert_int_equal(qk_client_allocate_sync(f->device, NAS, 0, &f->client), 5);
	refusal.transaction = 2;
	refusal.message = SYNC;
	script_say(&f->script, &refusal);
	assert_int_equal(qk_device_open_sync(f->device, &sync, &error, &step), 5);
	assert_int_equal(error, 5);
	assert_string_equal(step, "sync");
	f->script.at_end = true;
	assert_int_equal(qk_device_open_sync(f->device, &everything, &error, &step), -EPIPE);
	assert_int_equal(error, 0);
	assert_string_equal(step, "get version info");
	assert_int_equal(qk_client_allocate_sync(f->device, NAS, 0, &f->client), -ENODEV);
	assert_null(f->client);
}

static struct qk_transport *transport_of_pair(int *ret_peer)
{
	struct qk_transport *transport;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(qk_transport_from_fd(pair[0], "pair", &transport), 0);
	*ret_peer = pair[1];
	return transport;
}

/* A device on a socket pair, with the real clock. */
static struct qk_device *on_socket(int *ret_peer)
{
	struct qk_device *device;

	assert_int_equal(qk_device_new(transport_of_pair(ret_peer), NULL, &device), 0);
	return device;
}

static void sync_call_times_out_when_nobody_answers(void **state)
{
	struct qk_dms_get_model_response response;
	struct qk_client *client;
	int peer;
	struct qk_device *device = on_socket(&peer);

	(void)state;
	assert_int_equal(qk_client_adopt(device, DMS, 1, &client), 0);
	assert_int_equal(
		qk_call_sync(client, &qk_dms_get_model_method, NULL, 20000, NULL, &response),
		-ETIMEDOUT);
	close(peer);
	assert_int_equal(qk_call_sync(client, &qk_dms_get_model_method, NULL, 0, NULL, NULL),
			 -ENODEV);
	assert_int_equal(qk_device_process(device), -EPIPE);
	/* A dead device does not keep a loop busy. */
	assert_int_equal(qk_device_wait_usec(device), UINT64_MAX);
	qk_client_unref(client);
	qk_device_unref(device);
}

static void on_alarm(int number)
{
	(void)number;
}

static bool is_readable(const struct qk_device *device)
{
	struct pollfd fd = { .fd = qk_device_fd(device), .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

static void device_is_not_readable_when_it_is_dead(void **state)
{
	int peer;
	struct qk_device *device = on_socket(&peer);

	(void)state;
	assert_false(is_readable(device));
	close(peer);
	assert_true(is_readable(device));
	assert_int_equal(qk_device_process(device), -EPIPE);
	assert_false(is_readable(device));
	qk_device_unref(device);
}

static void on_model(struct qk_client *client, int status, const void *response, void *userdata)
{
	(void)client, (void)response, (void)userdata;
	assert_int_equal(status, -EPIPE);
}

static void count_news(struct qk_client *client, const struct qk_message *message,
		       const void *decoded, const struct qk_frame *frame, void *userdata)
{
	(void)client, (void)message, (void)decoded, (void)frame;
	++*(unsigned int *)userdata;
}

static void device_goes_on_by_another_transport_when_it_was_dead(void **state)
{
	/* DMS event report to client 7 */
	static const uint8_t news[] = { 1, 0x0c, 0, 0x80, 2, 7, 4, 0, 0, 1, 0, 0, 0 };
	unsigned int count = 0;
	struct qk_slot *slot;
	struct qk_client *client;
	uint8_t sent[64];
	int peer, other;
	struct qk_device *device = on_socket(&peer);

	(void)state;
	assert_int_equal(qk_client_adopt(device, DMS, 7, &client), 0);
	assert_int_equal(qk_client_subscribe(client, count_news, &count, NULL, &slot), 0);
	assert_int_equal(qk_device_error(device), 0);
	assert_int_equal(qk_device_reconnect(device, transport_of_pair(&other)), -EISCONN);
	close(other);
	close(peer);
	assert_int_equal(qk_device_process(device), -EPIPE);
	assert_int_equal(qk_device_error(device), -EPIPE);
	assert_int_equal(qk_device_reconnect(device, NULL), -EINVAL);
	assert_int_equal(qk_device_reconnect(device, transport_of_pair(&peer)), 0);
	assert_int_equal(qk_device_error(device), 0);
	assert_int_equal(write(peer, news, sizeof(news)), sizeof(news));
	assert_true(is_readable(device));
	assert_int_equal(qk_device_process(device), 0);
	assert_int_equal(count, 1);
	assert_int_equal(qk_call(client, &qk_dms_get_model_method, NULL, NULL, on_model), 0);
	assert_int_equal(read(peer, sent, sizeof(sent)), 13);
	assert_int_equal(sent[5], 7);
	/* and once more, with a call under way */
	close(peer);
	assert_int_equal(qk_device_process(device), -EPIPE);
	assert_int_equal(qk_device_reconnect(device, transport_of_pair(&peer)), 0);
	assert_int_equal(qk_device_process(device), 0);
	close(peer);
	qk_slot_free(slot);
	qk_client_unref(client);
	qk_device_unref(device);
}

static void on_frame(struct qk_client *client, int status, const struct qk_frame *frame,
		     void *userdata)
{
	(void)client;
	(void)status;
	(void)frame;
	(void)userdata;
}

static void device_is_readable_when_what_waits_can_be_sent(void **state)
{
	static uint8_t tlvs[60000];
	const struct qk_span span = { tlvs, sizeof(tlvs) };
	struct qk_device *device;
	size_t sent = 0, got = 0;
	int peer, r = 0;

	(void)state;
	device = on_socket(&peer);
	while (r == 0) {
		r = qk_call_raw(qk_device_ctl(device), SYNC, span, NULL, on_frame);
		sent += r == 0;
	}
	assert_int_equal(r, -EAGAIN);
	assert_int_equal(qk_device_process(device), 0);
	assert_false(is_readable(device));
	while (got < sent * (sizeof(tlvs) + 12)) {
		ssize_t n = recv(peer, tlvs, sizeof(tlvs), MSG_DONTWAIT);

		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			assert_true(is_readable(device));
			assert_int_equal(qk_device_process(device), 0);
			continue;
		}
		got += (size_t)n;
	}
	assert_int_equal(qk_device_process(device), 0);
	assert_false(is_readable(device));
	close(peer);
	qk_device_unref(device);
}

static void sync_call_is_cancelled_when_a_signal_comes(void **state)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerval soon = { .it_value.tv_usec = 20000 };
	uint8_t answer[] = { 0x01, 0x17, 0, 0x80, 0, 0, 1, 1, 0x22, 0, 0x0c, 0,
			     0x02, 0x04, 0, 0,    0, 0, 0, 1, 0x02, 0, NAS,  6 };
	uint8_t sent[64];
	struct qk_client *client = NULL;
	struct sigaction before;
	int peer;
	struct qk_device *device = on_socket(&peer);

	(void)state;
	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &soon, NULL);
	assert_int_equal(qk_client_allocate_sync(device, NAS, 0, &client), -EINTR);
	sigaction(SIGALRM, &before, NULL);
	assert_null(client);
	/* The id that comes all the same goes back. */
	assert_int_equal(read(peer, sent, sizeof(sent)), 16);
	assert_int_equal(write(peer, answer, sizeof(answer)), sizeof(answer));
	assert_int_equal(qk_device_wait(device, SECOND), 0);
	assert_int_equal(qk_device_stats(device).late, 1);
	assert_int_equal(read(peer, sent, sizeof(sent)), 17);
	assert_int_equal(sent[8], RELEASE);
	assert_int_equal(sent[16], 6);
	close(peer);
	qk_device_unref(device);
}

static void wait_returns_when_its_limit_is_over(void **state)
{
	int peer;
	struct qk_device *device = on_socket(&peer);

	(void)state;
	assert_int_equal(qk_device_wait(device, 10000), 0);
	assert_string_equal(qk_device_name(device), "pair");
	assert_true(qk_device_fd(device) >= 0);
	close(peer);
	assert_int_equal(qk_device_wait(device, UINT64_MAX), -EPIPE);
	qk_device_unref(device);
}

static void device_says_enotty_when_a_transport_cannot_be_polled(void **state)
{
	struct qk_transport *transport;
	struct qk_device *device = NULL;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_int_equal(qk_transport_from_fd(fd, "null", &transport), 0);
	assert_int_equal(qk_device_new(transport, NULL, &device), -ENOTTY);
	assert_int_equal(qk_device_new(NULL, NULL, &device), -EINVAL);
	assert_null(device);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(open_asks_in_order_when_all_is_wanted),
		TEST(open_ends_in_process_when_nothing_is_wanted),
		TEST(open_names_the_step_when_the_modem_refuses),
		TEST(open_times_out_when_the_modem_never_answers),
		TEST(open_says_ebadmsg_when_an_answer_has_no_result),
		TEST(open_leaves_nothing_when_the_device_is_dropped),
		TEST(allocate_gives_a_client_when_the_modem_does),
		TEST(allocate_gives_the_id_back_when_nobody_kept_the_client),
		TEST(allocate_gives_the_id_back_when_it_came_late),
		TEST(allocate_gives_the_error_when_the_modem_refuses),
		TEST(allocate_says_ebadmsg_when_the_answer_cannot_be_true),
		TEST(allocate_and_adopt_refuse_when_there_can_be_no_such_client),
		TEST(release_ends_the_client_when_it_was_sent),
		TEST(calls_end_when_the_modem_takes_their_client_back),
		TEST(sync_calls_wait_for_their_answers_when_the_modem_answers),
		TEST(sync_calls_say_what_went_wrong_when_something_did),
		cmocka_unit_test(sync_call_times_out_when_nobody_answers),
		cmocka_unit_test(device_is_not_readable_when_it_is_dead),
		cmocka_unit_test(device_goes_on_by_another_transport_when_it_was_dead),
		cmocka_unit_test(device_is_readable_when_what_waits_can_be_sent),
		cmocka_unit_test(sync_call_is_cancelled_when_a_signal_comes),
		cmocka_unit_test(wait_returns_when_its_limit_is_over),
		cmocka_unit_test(device_says_enotty_when_a_transport_cannot_be_polled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
