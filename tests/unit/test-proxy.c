/* Proxy, the client's side: finding a broker, starting one, what is said when opening. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <qmikit/proxy.h>

#include "tests/unit/script.h"

#define OPEN 0xff00
#define PATH "/dev/cdc-wdm0"

struct fixture {
	struct script script;
	struct qk_device *device;
	unsigned int runs;
	int status;
	uint16_t error;
	bool opened;
	uint32_t features;
	struct qk_ctl_client resumed[4];
	size_t resumed_count, refusal_size;
	char refusal[32];
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

	f->device = qk_device_unref(f->device);
	assert_int_equal(f->script.closed, 1);
	free(f);
	return 0;
}

static void on_opened(struct qk_device *device, int status, uint16_t error,
		      const struct qk_proxy_opened *opened, void *userdata)
{
	struct fixture *f = userdata;

	assert_ptr_equal(device, f->device);
	f->runs++;
	f->status = status;
	f->error = error;
	f->opened = opened != NULL;
	if (!opened)
		return;
	f->features = opened->features;
	f->resumed_count = opened->resumed_count;
	f->refusal_size = opened->refusal.size;
	assert_true(f->refusal_size < sizeof(f->refusal));
	if (f->refusal_size)
		memcpy(f->refusal, opened->refusal.data, f->refusal_size);
	assert_true(opened->resumed_count <= 4);
	for (size_t i = 0; i < opened->resumed_count; i++)
		f->resumed[i] = opened->resumed[i];
}

static void process(struct fixture *f)
{
	assert_int_equal(qk_device_process(f->device), 0);
}

/* One open with `lease`, up to the point where the broker has the request. */
static void ask(struct fixture *f, const char *lease)
{
	assert_int_equal(qk_proxy_open(f->device, PATH, lease, 0, on_opened, f), 0);
	assert_int_equal(f->script.sent_count, 1);
	assert_int_equal(f->script.sent[0].service, QK_SERVICE_CTL);
	assert_int_equal(f->script.sent[0].message, OPEN);
	assert_int_equal(f->runs, 0);
}

static void expect_opened(struct fixture *f, uint32_t features, size_t resumed)
{
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, 0);
	assert_int_equal(f->error, 0);
	assert_true(f->opened);
	assert_int_equal(f->features, features);
	assert_int_equal(f->resumed_count, resumed);
}

static void open_sends_what_libqmi_sends_when_there_is_no_lease(void **state)
{
	static const uint8_t bytes[] = "\x01\x0d\x00" PATH;
	struct fixture *f = *state;

	ask(f, NULL);
	assert_int_equal(f->script.sent[0].tlvs.size, sizeof(bytes) - 1);
	assert_memory_equal(f->script.sent[0].tlvs.data, bytes, sizeof(bytes) - 1);
	script_answer(&f->script, 0, 0, NULL, 0);
	process(f);
	expect_opened(f, 0, 0);
}

static void open_names_its_lease_and_is_told_its_ids(void **state)
{
	static const uint8_t bytes[] = "\x01\x0d\x00" PATH "\x80\x02\x00mm";
	static const uint8_t answer[] = { 0x80, 4, 0, 3, 0, 0, 0, 0x81, 6, 0, 2, 0, 1, 7, 3, 9 };
	struct fixture *f = *state;

	ask(f, "mm");
	assert_int_equal(f->script.sent[0].tlvs.size, sizeof(bytes) - 1);
	assert_memory_equal(f->script.sent[0].tlvs.data, bytes, sizeof(bytes) - 1);
	script_answer(&f->script, 0, 0, answer, sizeof(answer));
	process(f);
	expect_opened(f, QK_CTL_PROXY_FEATURES_LEASES | QK_CTL_PROXY_FEATURES_STATUS, 2);
	assert_int_equal(f->resumed[0].service, 1);
	assert_int_equal(f->resumed[0].cid, 7);
	assert_int_equal(f->resumed[1].service, 3);
	assert_int_equal(f->resumed[1].cid, 9);
}

static void open_reports_the_brokers_refusal(void **state)
{
	static const uint8_t why[] = "\x83\x08\x00no modem";
	struct fixture *f = *state;

	ask(f, NULL);
	script_answer(&f->script, 0, 82, why, sizeof(why) - 1);
	process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, 0);
	assert_int_equal(f->error, 82);
	assert_int_equal(f->refusal_size, 8);
	assert_memory_equal(f->refusal, "no modem", 8);
}

static void open_fails_when_the_answer_has_no_result(void **state)
{
	struct fixture *f = *state;

	ask(f, NULL);
	script_answer_raw(&f->script, 0, NULL, 0);
	process(f);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, -EBADMSG);
	assert_false(f->opened);
}

static void open_fails_when_the_broker_hangs_up(void **state)
{
	struct fixture *f = *state;

	ask(f, NULL);
	f->script.at_end = true;
	assert_int_equal(qk_device_process(f->device), -EPIPE);
	assert_int_equal(f->runs, 1);
	assert_int_equal(f->status, -EPIPE);
}

static void open_wants_a_function(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(qk_proxy_open(f->device, PATH, NULL, 0, NULL, NULL), -EINVAL);
	assert_int_equal(f->script.sent_count, 0);
}

/* Finding. */

struct place {
	char folder[64], address[96];
	int listener;
};

static void place_make(struct place *place)
{
	snprintf(place->folder, sizeof(place->folder), "/tmp/qmikit-proxy-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->address, sizeof(place->address), "%s/socket", place->folder);
	place->listener = -1;
}

static void place_listen(struct place *place, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	place->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(place->listener >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", place->address);
	assert_int_equal(bind(place->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(place->listener, backlog), 0);
}

static void place_done(struct place *place)
{
	if (place->listener >= 0)
		close(place->listener);
	unlink(place->address);
	rmdir(place->folder);
}

static void connect_says_that_none_answers_when_there_is_no_socket(void **state)
{
	struct qk_transport *transport;
	struct place place;

	(void)state;
	place_make(&place);
	assert_int_equal(qk_proxy_connect(place.address, &transport), -ECONNREFUSED);
	place_done(&place);
}

static void connect_reaches_a_broker_by_path(void **state)
{
	struct qk_transport *transport;
	struct place place;

	(void)state;
	place_make(&place);
	place_listen(&place, 8);
	assert_int_equal(qk_proxy_connect(place.address, &transport), 0);
	assert_string_equal(qk_transport_name(transport), place.address);
	qk_transport_free(transport);
	place_done(&place);
}

static void connect_gives_up_in_time_when_the_broker_takes_nobody(void **state)
{
	struct qk_proxy_connect_options options = { .timeout_usec = 20000 };
	struct qk_transport *held[4], *transport;
	struct place place;
	size_t count = 0;
	int r = 0;

	(void)state;
	place_make(&place);
	place_listen(&place, 0);
	while (count < 4 && (r = qk_proxy_connect(place.address, &held[count])) == 0)
		count++;
	assert_int_equal(r, -EAGAIN);
	options.address = place.address;
	assert_int_equal(qk_proxy_connect_sync(&options, &transport), -EAGAIN);
	while (count)
		qk_transport_free(held[--count]);
	place_done(&place);
}

static void an_address_of_ones_own_starts_nothing(void **state)
{
	struct qk_proxy_connect_options options = { .start = true, .program = "/no/such/program" };
	struct qk_transport *transport;
	struct place place;

	(void)state;
	place_make(&place);
	options.address = place.address;
	assert_int_equal(qk_proxy_connect_sync(&options, &transport), -ECONNREFUSED);
	place_done(&place);
}

static const struct CMUnitTest tests[] = {
#define OPENS(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	OPENS(open_sends_what_libqmi_sends_when_there_is_no_lease),
	OPENS(open_names_its_lease_and_is_told_its_ids),
	OPENS(open_reports_the_brokers_refusal),
	OPENS(open_fails_when_the_answer_has_no_result),
	OPENS(open_fails_when_the_broker_hangs_up),
	OPENS(open_wants_a_function),
	cmocka_unit_test(connect_says_that_none_answers_when_there_is_no_socket),
	cmocka_unit_test(connect_reaches_a_broker_by_path),
	cmocka_unit_test(connect_gives_up_in_time_when_the_broker_takes_nobody),
	cmocka_unit_test(an_address_of_ones_own_starts_nothing),
};

int main(void)
{
	return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
