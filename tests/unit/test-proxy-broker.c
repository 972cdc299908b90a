/*
 * The broker without descriptors: who may use an id, what becomes of those that are left, and that
 * nobody gets what is another's.
 */
#include "proxy-host.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qmikit/common.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

#include "proxy/status.h"

enum { WDS = 1, DMS = 2, NAS = 3, GRACE = 60000000 };

static int set_up(void **state)
{
	*state = host_new();
	return 0;
}

static int tear_down(void **state)
{
	host_free(*state);
	return 0;
}

/* A peer with the modem open, the answer taken. */
static struct host_peer *opened(struct host *host, const char *name)
{
	struct host_peer *peer = host_open(host, name);
	struct qk_frame frame;

	assert_true(host_next(peer, &frame));
	assert_int_equal(frame.tlvs.data[3], 0);
	return peer;
}

static uint8_t allocated(struct host *host, struct host_peer *peer, uint8_t service)
{
	int error;
	uint8_t id = host_allocate(host, peer, service, &error);

	assert_int_equal(error, 0);
	assert_int_not_equal(id, 0);
	return id;
}

static void broker_answers_the_peer_that_asked_when_ids_are_alike(void **state)
{
	struct host *host = *state;
	struct host_peer *a = opened(host, NULL), *b = opened(host, NULL);
	uint8_t ia = allocated(host, a, DMS), ib = allocated(host, b, DMS);

	assert_int_not_equal(ia, ib);
	host_send(a, DMS, ia, 5, 0x0022, NULL, 0);
	host_send(b, DMS, ib, 5, 0x0023, NULL, 0);
	host_send(a, 0, 0, 3, 0x0021, NULL, 0);
	host_send(b, 0, 0, 3, 0x0026, NULL, 0);
	host_settle(host);
	assert_int_equal(host_error(a, 0x0022), 0);
	assert_int_equal(host_error(a, 0x0021), 0);
	assert_int_equal(host_error(a, 0), -1);
	assert_int_equal(host_error(b, 0x0023), 0);
	assert_int_equal(host_error(b, 0x0026), 0);
	assert_int_equal(host_error(b, 0), -1);
}

static void broker_keeps_transaction_ids_of_16_bits(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL);
	uint8_t id = allocated(host, peer, DMS);
	struct qk_frame frame;

	host_send(peer, DMS, id, 0xfedc, 0x0022, NULL, 0);
	host_settle(host);
	assert_true(host_next(peer, &frame));
	assert_int_equal(frame.transaction, 0xfedc);
}

static void broker_refuses_the_ids_of_others(void **state)
{
	struct host *host = *state;
	struct host_peer *a = opened(host, NULL), *b = opened(host, NULL);
	uint8_t id = allocated(host, a, DMS);

	assert_int_equal(host_ask(host, b, DMS, id, 1, 0x0022), QK_ERROR_INVALID_CLIENT_ID);
	assert_int_equal(host_release(host, b, DMS, id), QK_ERROR_INVALID_CLIENT_ID);
	assert_int_equal(host_ask(host, b, DMS, 0, 1, 0x0022), QK_ERROR_INVALID_CLIENT_ID);
	assert_int_equal(host_ask(host, b, DMS, 255, 1, 0x0022), QK_ERROR_INVALID_CLIENT_ID);
	assert_int_equal(host_ask(host, a, DMS, id, 1, 0x0022), 0);
	assert_true(host->used[DMS][id]);
}

static void broker_refuses_requests_when_nothing_is_open(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = host_connect(host);

	assert_int_equal(host_ask(host, peer, DMS, 1, 1, 0x0022), QK_ERROR_DEVICE_NOT_READY);
	host_send(peer, 0, 0, 1, 0xff00, (uint8_t[]){ 0x01, 4, 0, '/', 'e', 't', 'c' }, 7);
	assert_int_equal(host_error(peer, 0xff00), QK_ERROR_DEVICE_UNSUPPORTED);
	host_send(peer, 0, 0, 1, 0xff00, NULL, 0);
	assert_int_equal(host_error(peer, 0xff00), QK_ERROR_MISSING_ARGUMENT);
	assert_null(host->broker.modems);
}

static void broker_passes_no_internal_message_to_the_modem(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL);

	host_send(peer, 0, 0, 4, 0xff22, (uint8_t[]){ 0x01, 2, 0, 3, 0 }, 5);
	assert_int_equal(host_error(peer, 0xff22), QK_ERROR_INVALID_QMI_COMMAND);
	host_settle(host);
	assert_int_equal(host->broker.counters.to_modems, 0);
}

static void broker_releases_an_orphan_when_its_time_is_over(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL);

	allocated(host, peer, NAS);
	host_hang_up(host, peer);
	host_pass(host, GRACE - 1);
	assert_int_equal(host->ids_used, 1);
	host_pass(host, 1);
	assert_int_equal(host->ids_used, 0);
	/* and nobody needs the modem any more */
	assert_null(host->broker.modems);
	assert_true(broker_is_idle(&host->broker));
}

static void broker_lets_an_orphan_be_adopted_when_it_is_used(void **state)
{
	struct host *host = *state;
	struct host_peer *first = opened(host, NULL), *second = opened(host, NULL);
	uint8_t id = allocated(host, first, WDS);

	host_hang_up(host, first);
	host_pass(host, GRACE / 2);
	assert_int_equal(host_ask(host, second, WDS, id, 1, 0x0000), 0);
	host_pass(host, GRACE * 2);
	assert_true(host->used[WDS][id]);
	assert_int_equal(host_release(host, second, WDS, id), 0);
	assert_int_equal(host->ids_used, 0);
}

static void broker_sends_a_late_answer_to_nobody_when_its_asker_is_gone(void **state)
{
	struct host *host = *state;
	struct host_peer *first = opened(host, NULL), *second = opened(host, NULL);
	uint8_t id = allocated(host, first, DMS);

	host_send(first, DMS, id, 1, 0x0022, NULL, 0);
	peer_drop(first->peer, NULL);
	host_send(second, DMS, id, 1, 0x0023, NULL, 0);
	host_settle(host);
	assert_int_equal(host_error(second, 0x0023), 0);
	assert_int_equal(host_error(second, 0), -1);
	assert_int_equal(host->broker.counters.stray, 1);
}

static void broker_releases_what_is_allocated_for_a_peer_that_is_gone(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL);

	host_send(peer, 0, 0, 2, 0x0022, (uint8_t[]){ 0x01, 1, 0, NAS }, 4);
	peer_drop(peer->peer, NULL);
	host_settle(host);
	assert_int_equal(host->broker.counters.allocated, 1);
	assert_int_equal(host->ids_used, 0);
	assert_null(host->broker.modems);
}

static void broker_keeps_an_orphan_when_its_call_is_up(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL);
	uint8_t id = allocated(host, peer, WDS);

	assert_int_equal(host_ask(host, peer, WDS, id, 1, 0x0020), 0);
	host_hang_up(host, peer);
	host_pass(host, GRACE * 100ull);
	assert_true(host->used[WDS][id]);
	assert_true(broker_is_idle(&host->broker));
	/* the network ends it */
	struct qk_frame ended = {
		.service = WDS,
		.client = id,
		.type = QK_INDICATION,
		.from_modem = true,
		.message = 0x0022,
		.tlvs = { (uint8_t[]){ 0x01, 2, 0, 1, 0 }, 5 },
	};

	host_say(host, &ended);
	host_settle(host);
	host_pass(host, GRACE);
	assert_int_equal(host->ids_used, 0);
}

static void broker_asks_before_it_releases_when_a_call_may_be_up(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL);
	uint8_t id = allocated(host, peer, WDS);
	struct qk_frame changed = {
		.service = WDS,
		.client = QK_CLIENT_BROADCAST,
		.type = QK_INDICATION,
		.from_modem = true,
		.message = 0x0022,
		.tlvs = { (uint8_t[]){ 0x01, 2, 0, 1, 0 }, 5 },
	};

	assert_int_equal(host_ask(host, peer, WDS, id, 1, 0x0020), 0);
	host_say(host, &changed);
	host_settle(host);
	host_hang_up(host, peer);
	host->call_up = true;
	host_pass(host, GRACE);
	assert_int_equal(host->asked_status, 1);
	assert_true(host->used[WDS][id]);
	host_pass(host, GRACE * 10ull);
	assert_true(host->used[WDS][id]);
	host->call_up = false;
	host_say(host, &changed);
	host_settle(host);
	host_pass(host, GRACE);
	assert_int_equal(host->ids_used, 0);
}

static void broker_gives_up_the_oldest_orphan_when_no_id_is_left(void **state)
{
	struct host *host = *state;
	struct host_peer *a = opened(host, NULL), *b = opened(host, NULL), *c = opened(host, NULL);
	uint8_t first = allocated(host, a, NAS);
	int error;

	allocated(host, b, NAS);
	allocated(host, c, NAS);
	allocated(host, c, NAS);
	host_allocate(host, c, NAS, &error);
	assert_int_equal(error, QK_ERROR_CLIENT_IDS_EXHAUSTED);
	host_hang_up(host, a);
	host_pass(host, 1000);
	host_hang_up(host, b);
	assert_int_equal(allocated(host, c, NAS), first);
	assert_int_equal(host->ids_used, HOST_IDS);
	assert_int_equal(host->broker.counters.reclaimed, 1);
}

static void broker_gives_up_no_orphan_with_a_call(void **state)
{
	struct host *host = *state;
	struct host_peer *a = opened(host, NULL), *b = opened(host, NULL);
	int error;

	for (size_t i = 0; i < HOST_IDS; i++)
		assert_int_equal(host_ask(host, a, WDS, allocated(host, a, WDS), 1, 0x0020), 0);
	host_hang_up(host, a);
	host_allocate(host, b, WDS, &error);
	assert_int_equal(error, QK_ERROR_CLIENT_IDS_EXHAUSTED);
	assert_int_equal(host->ids_used, HOST_IDS);
}

static void broker_syncs_the_ids_of_the_peer_that_asks_alone(void **state)
{
	struct host *host = *state;
	struct host_peer *a = opened(host, NULL), *b = opened(host, NULL);
	uint8_t id = allocated(host, b, DMS);

	allocated(host, a, DMS);
	allocated(host, a, NAS);
	host_send(a, 0, 0, 1, 0x0027, NULL, 0);
	host_settle(host);
	assert_int_equal(host_error(a, 0x0027), 0);
	assert_int_equal(host->ids_used, 1);
	assert_int_equal(host_ask(host, b, DMS, id, 1, 0x0022), 0);
}

static void broker_sends_indications_to_who_holds_the_id(void **state)
{
	struct host *host = *state;
	struct host_peer *a = opened(host, NULL), *b = opened(host, NULL), *c = opened(host, NULL);
	struct qk_frame frame = {
		.service = NAS, .type = QK_INDICATION, .from_modem = true, .message = 0x0051
	};
	struct qk_frame got;

	frame.tlvs.data = (const uint8_t *)"";
	frame.client = allocated(host, a, NAS);
	allocated(host, b, NAS);
	allocated(host, b, NAS);
	allocated(host, c, DMS);
	host_say(host, &frame);
	host_settle(host);
	assert_true(host_next(a, &got));
	assert_false(host_next(b, &got));
	frame.client = QK_CLIENT_BROADCAST;
	host_say(host, &frame);
	host_settle(host);
	assert_true(host_next(a, &got));
	assert_false(host_next(a, &got));
	assert_true(host_next(b, &got)); /* once, though it has two */
	assert_false(host_next(b, &got));
	assert_false(host_next(c, &got));
}

static void broker_gives_a_named_lease_to_the_next_with_its_name(void **state)
{
	struct host *host = *state;
	struct host_peer *first = opened(host, "daemon"), *second, *third;
	uint8_t id = allocated(host, first, WDS), nas = allocated(host, first, NAS);
	struct qk_frame frame;

	assert_int_equal(host_ask(host, first, WDS, id, 1, 0x0020), 0);
	/* not while it is in use */
	third = host_open(host, "daemon");
	assert_int_equal(host_error(third, 0xff00), QK_ERROR_DEVICE_IN_USE);
	host_hang_up(host, first);
	host_pass(host, GRACE * 1000ull);
	second = host_open(host, "daemon");
	assert_true(host_next(second, &frame));
	/* all of them, in the order in which they were given */
	assert_int_equal(host->broker.counters.resumed, 2);
	assert_non_null(memmem(frame.tlvs.data, frame.tlvs.size,
			       (uint8_t[]){ 0x81, 6, 0, 2, 0, WDS, id, NAS, nas }, 9));
	assert_int_equal(host_ask(host, second, WDS, id, 2, 0x0000), 0);
	assert_int_equal(host_ask(host, third, WDS, id, 2, 0x0000), QK_ERROR_DEVICE_NOT_READY);
}

static void broker_releases_a_named_lease_when_it_has_no_call(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, "daemon");
	uint8_t id = allocated(host, peer, WDS);

	allocated(host, peer, NAS);
	assert_int_equal(host_ask(host, peer, WDS, id, 1, 0x0020), 0);
	host_hang_up(host, peer);
	host_pass(host, GRACE * 10ull);
	assert_int_equal(host->ids_used, 2);
	/* somebody else ends the call */
	peer = opened(host, NULL);
	assert_int_equal(host_ask(host, peer, WDS, id, 1, 0x0021), 0);
	host_hang_up(host, peer);
	host_pass(host, GRACE);
	host_pass(host, GRACE);
	assert_int_equal(host->ids_used, 0);
}

static void broker_takes_an_unknown_id_as_its_users(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL);

	host->used[DMS][2] = true;
	host->ids_used++;
	assert_int_equal(host_ask(host, peer, DMS, 2, 1, 0x0022), 0);
	/* one that the modem does not know either is nobody's */
	assert_int_equal(host_ask(host, peer, DMS, 3, 1, 0x0022), QK_ERROR_INVALID_CLIENT_ID);
	assert_null(lease_find(&host->broker.modems->leases, DMS, 3));
	host_hang_up(host, peer);
	/* it may have a call, for all we know, but DMS has none */
	host_pass(host, GRACE);
	assert_int_equal(host->ids_used, 0);
}

static void broker_ends_its_peers_when_the_modem_vanishes(void **state)
{
	struct host *host = *state;
	struct host_peer *a = opened(host, NULL), *b = opened(host, NULL), *other;

	allocated(host, a, DMS);
	other = host_connect(host);
	close(host->modem_fd);
	host->modem_fd = -1;
	host_settle(host);
	assert_true(a->dropped);
	assert_true(b->dropped);
	assert_false(other->dropped);
	assert_null(host->broker.modems);
	memset(host->used, 0, sizeof(host->used));
	host->ids_used = 0;
	/* it is back */
	allocated(host, opened(host, NULL), DMS);
}

static void broker_forgets_all_ids_when_the_modem_says_that_it_started_anew(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL);
	struct qk_frame sync = { .type = QK_INDICATION, .from_modem = true, .message = 0x0027 };
	struct qk_frame frame;

	sync.tlvs.data = (const uint8_t *)"";
	allocated(host, peer, DMS);
	host_say(host, &sync);
	host_settle(host);
	assert_int_equal(host->broker.modems->leases.count, 0);
	assert_true(host_next(peer, &frame));
	assert_int_equal(frame.message, 0x0027);
}

static void broker_drops_a_peer_that_sends_no_qmi(void **state)
{
	struct host *host = *state;
	struct host_peer *a = opened(host, NULL), *b = opened(host, NULL);
	uint8_t id = allocated(host, b, DMS);

	peer_input(a->peer, (struct qk_span){ (const uint8_t *)"GET / HTTP/1.0", 14 });
	host_settle(host);
	assert_true(a->dropped);
	assert_non_null(strstr(host->said, "no QMI"));
	assert_int_equal(host_ask(host, b, DMS, id, 1, 0x0022), 0);
}

static void broker_takes_a_frame_a_byte_at_a_time(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL);
	uint8_t id = allocated(host, peer, DMS);
	const uint8_t frame[] = { 1, 12, 0, 0, DMS, id, 0, 9, 0, 0x22, 0, 0, 0 };

	for (size_t i = 0; i < sizeof(frame); i++) {
		assert_int_equal(host_error(peer, 0x0022), -1);
		peer_input(peer->peer, (struct qk_span){ frame + i, 1 });
		host_settle(host);
	}
	assert_int_equal(host_error(peer, 0x0022), 0);
	assert_int_equal(host->broker.halves, 0);
}

static void broker_drops_who_keeps_most_when_half_frames_fill_memory(void **state)
{
	static const uint8_t half[60000] = { 1, 0xff, 0xff, 0, DMS, 1, 0, 1, 0, 1, 0, 0xf3, 0xff };
	struct host *host = *state;
	struct host_peer *good = host_connect(host);
	size_t dropped = 0;

	peer_input(good->peer, (struct qk_span){ half, 100 });
	for (size_t i = 0; i < 150; i++) {
		struct host_peer *bad = host_connect(host);

		/* at once, or a piece after the other */
		peer_input(bad->peer, (struct qk_span){ half, i % 2 ? sizeof(half) : 20 });
		if (!bad->peer->dead && i % 2 == 0)
			peer_input(bad->peer, (struct qk_span){ half, sizeof(half) - 20 });
		assert_true(host->broker.halves <= BROKER_HALVES_MAX);
		host_settle(host);
	}
	for (size_t i = 1; i < host->peer_count; i++)
		dropped += host->peers[i].dropped;
	assert_true(dropped > 0);
	assert_false(good->dropped);
}

static void broker_lets_peers_wait_when_the_modem_takes_no_more(void **state)
{
	struct host *host = *state;
	struct host_peer *a = opened(host, NULL), *b = opened(host, NULL);
	uint8_t ia = allocated(host, a, DMS), ib = allocated(host, b, DMS);
	static const uint8_t tlv[4003] = { 0x30, 4000 & 255, 4000 >> 8 };
	size_t sent = 0, answered = 0;

	/* nobody reads at the other end of the socket pair */
	while (a->reads && sent++ < 1000)
		host_send(a, DMS, ia, (uint16_t)sent, 0x0022, tlv, sizeof(tlv));
	assert_false(a->reads);
	host_send(b, DMS, ib, 1, 0x0023, NULL, 0);
	assert_false(b->reads);
	host_settle(host);
	assert_true(a->reads);
	assert_true(b->reads);
	assert_int_equal(host_error(b, 0x0023), 0);
	while (host_error(a, 0x0022) == 0)
		answered++;
	assert_int_equal(answered, sent);
}

static void broker_waits_for_a_transaction_id_when_255_are_on_their_way(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL);
	size_t answered = 0;

	for (uint16_t i = 0; i < 300; i++)
		host_send(peer, 0, 0, (uint16_t)(i % 255 + 1), 0x0021, NULL, 0);
	assert_false(peer->reads);
	host_settle(host);
	while (host_error(peer, 0x0021) == 0)
		answered++;
	assert_int_equal(answered, 300);
	assert_true(peer->reads);
}

static void broker_lets_others_go_on_when_a_peer_has_too_many_ctl_requests(void **state)
{
	struct host *host = *state;
	struct host_peer *greedy = opened(host, NULL), *other = opened(host, NULL);
	uint8_t id = allocated(host, other, DMS);

	host->silent = true;
	for (uint16_t i = 0; i < 300; i++)
		host_send(greedy, 0, 0, (uint16_t)(i % 255 + 1), 0x0021, NULL, 0);
	host_settle(host);
	assert_false(greedy->reads);
	host->silent = false;
	assert_int_equal(host_ask(host, other, DMS, id, 1, 0x0022), 0);
	allocated(host, other, NAS);
	/* what was never answered is given up in the end */
	host_pass(host, CTL_PATIENCE_USEC + 1);
	assert_true(greedy->reads);
}

static void broker_takes_an_id_back_as_an_orphan_when_a_release_is_never_answered(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL);
	uint8_t id = allocated(host, peer, DMS);

	host->silent = true;
	assert_int_equal(host_release(host, peer, DMS, id), -1);
	host_hang_up(host, peer);
	host->silent = false;
	assert_true(host->used[DMS][id]);
	host_pass(host, GRACE + 1);
	host_pass(host, GRACE + 1);
	assert_int_equal(host->ids_used, 0);
}

static void broker_closes_the_modem_when_it_never_answers(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL);

	host->silent = true;
	host_send(peer, 0, 0, 1, 0x0022, (uint8_t[]){ 0x01, 1, 0, DMS }, 4);
	host_settle(host);
	host_hang_up(host, peer);
	assert_non_null(host->broker.modems);
	host_pass(host, CTL_PATIENCE_USEC + 1);
	assert_null(host->broker.modems);
}

static void broker_tells_its_status_in_one_frame_when_there_is_much(void **state)
{
	struct host *host = *state;
	struct host_peer *peer = opened(host, NULL), *asker = host_connect(host);
	struct qk_frame frame;

	for (unsigned int at = 0; at < 2000; at++) {
		struct lease *lease = lease_add(&host->broker.modems->leases,
						(uint8_t)(1 + at / 250), (uint8_t)(1 + at % 250));

		lease_hold(lease, peer->peer, &peer->peer->leases, host->broker.now_usec);
	}
	for (uint8_t format = 1; format <= 2; format++) {
		host_send(asker, 0, 0, 1, 0xff00, (uint8_t[]){ 0x81, 1, 0, format }, 4);
		assert_true(host_next(asker, &frame));
		assert_true(frame.tlvs.size > STATUS_MAX / 2);
		assert_non_null(memmem(frame.tlvs.data, frame.tlvs.size,
				       format == 1 ? "\"leases-left-out\": " : "  and ", 6));
	}
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(broker_answers_the_peer_that_asked_when_ids_are_alike),
		CASE(broker_keeps_transaction_ids_of_16_bits),
		CASE(broker_refuses_the_ids_of_others),
		CASE(broker_refuses_requests_when_nothing_is_open),
		CASE(broker_passes_no_internal_message_to_the_modem),
		CASE(broker_releases_an_orphan_when_its_time_is_over),
		CASE(broker_lets_an_orphan_be_adopted_when_it_is_used),
		CASE(broker_sends_a_late_answer_to_nobody_when_its_asker_is_gone),
		CASE(broker_releases_what_is_allocated_for_a_peer_that_is_gone),
		CASE(broker_keeps_an_orphan_when_its_call_is_up),
		CASE(broker_asks_before_it_releases_when_a_call_may_be_up),
		CASE(broker_gives_up_the_oldest_orphan_when_no_id_is_left),
		CASE(broker_gives_up_no_orphan_with_a_call),
		CASE(broker_syncs_the_ids_of_the_peer_that_asks_alone),
		CASE(broker_sends_indications_to_who_holds_the_id),
		CASE(broker_gives_a_named_lease_to_the_next_with_its_name),
		CASE(broker_releases_a_named_lease_when_it_has_no_call),
		CASE(broker_takes_an_unknown_id_as_its_users),
		CASE(broker_ends_its_peers_when_the_modem_vanishes),
		CASE(broker_forgets_all_ids_when_the_modem_says_that_it_started_anew),
		CASE(broker_drops_a_peer_that_sends_no_qmi),
		CASE(broker_takes_a_frame_a_byte_at_a_time),
		CASE(broker_drops_who_keeps_most_when_half_frames_fill_memory),
		CASE(broker_lets_peers_wait_when_the_modem_takes_no_more),
		CASE(broker_waits_for_a_transaction_id_when_255_are_on_their_way),
		CASE(broker_lets_others_go_on_when_a_peer_has_too_many_ctl_requests),
		CASE(broker_takes_an_id_back_as_an_orphan_when_a_release_is_never_answered),
		CASE(broker_closes_the_modem_when_it_never_answers),
		CASE(broker_tells_its_status_in_one_frame_when_there_is_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
