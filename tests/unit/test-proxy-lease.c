/* The table of leases, and the map of CTL transaction ids. */
#include "proxy/ctl-map.h"
#include "proxy/lease.h"

#include <string.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

enum { WDS = 1, DMS = 2, NAS = 3 };

/* Peers are told apart by their address alone. */
static struct peer *peer_at(uint8_t *at)
{
	return (struct peer *)(void *)at;
}

static struct lease *orphan(struct lease_table *table, uint8_t service, uint8_t id, uint64_t since)
{
	struct lease *lease = lease_add(table, service, id);

	assert_non_null(lease);
	lease_orphan(table, lease, since);
	return lease;
}

static void lease_is_in_one_list_when_it_changes_hands(void **state)
{
	struct lease_table table = { 0 };
	struct lease_list owned = { 0 };
	struct lease *lease = orphan(&table, NAS, 1, 10);
	uint8_t peer;

	(void)state;
	lease_hold(lease, peer_at(&peer), &owned, 11);
	assert_null(table.orphans.first);
	assert_ptr_equal(owned.first, lease);
	assert_ptr_equal(lease->owner, peer_at(&peer));
	assert_int_equal(lease->since_usec, 11);
	lease_releasing(&table, lease, 12);
	assert_null(owned.first);
	assert_null(owned.last);
	assert_ptr_equal(table.releasing.last, lease);
	assert_null(lease->owner);
	lease_remove(&table, lease);
	assert_null(table.releasing.first);
	assert_null(lease_find(&table, NAS, 1));
	assert_int_equal(table.count, 0);
	lease_table_done(&table);
}

static void lease_to_give_up_is_the_oldest_of_the_service(void **state)
{
	struct lease_table table = { 0 };
	struct lease *other, *first, *up;

	(void)state;
	assert_null(lease_to_give_up(&table, NAS));
	up = orphan(&table, WDS, 1, 1);
	up->call = LEASE_CALL_UP;
	orphan(&table, WDS, 2, 1)->call = LEASE_CALL_UNSURE;
	assert_null(lease_to_give_up(&table, WDS));
	other = orphan(&table, DMS, 1, 2);
	first = orphan(&table, NAS, 1, 3);
	orphan(&table, NAS, 2, 4);
	assert_ptr_equal(lease_to_give_up(&table, NAS), first);
	assert_ptr_equal(lease_to_give_up(&table, WDS), other);
	lease_table_done(&table);
	assert_int_equal(table.count, 0);
}

static void lease_answers_go_to_who_asked(void **state)
{
	struct lease_table table = { 0 };
	struct lease *lease = lease_add(&table, NAS, 1);

	(void)state;
	lease_ask(lease, 1, LEASE_ASKED_OWNER);
	lease_orphan(&table, lease, 5);
	lease_ask(lease, 1, LEASE_ASKED_OWNER);
	lease_ask(lease, 2, LEASE_ASKED_BROKER);
	assert_int_equal(lease_answer(lease, 1), LEASE_ASKED_GONE);
	assert_int_equal(lease_answer(lease, 1), LEASE_ASKED_OWNER);
	assert_int_equal(lease_answer(lease, 2), LEASE_ASKED_BROKER);
	/* what was not noted is the owner's */
	assert_int_equal(lease_answer(lease, 2), LEASE_ASKED_OWNER);
	for (uint16_t i = 0; i < 3 * LEASE_QUESTIONS; i++)
		lease_ask(lease, i, LEASE_ASKED_BROKER);
	assert_int_equal(lease_answer(lease, 0), LEASE_ASKED_OWNER);
	assert_int_equal(lease_answer(lease, 3 * LEASE_QUESTIONS - 1), LEASE_ASKED_BROKER);
	lease_table_done(&table);
}

static void ctl_map_gives_each_id_once_until_it_is_answered(void **state)
{
	struct ctl_map map = { 0 };
	struct ctl_request request = { .kind = CTL_RELAY, .sent_usec = 100 }, got;
	uint8_t peer, id;

	(void)state;
	request.peer = peer_at(&peer);
	for (unsigned int i = 1; i <= 255; i++) {
		request.transaction = (uint8_t)(255 - i);
		id = ctl_map_take(&map, NULL, 100);
		assert_int_equal(id, i);
		ctl_map_put(&map, id, &request);
	}
	assert_int_equal(ctl_map_take(&map, NULL, 100), 0);
	assert_int_equal(map.used, 255);
	assert_true(ctl_map_answer(&map, 7, &got));
	assert_int_equal(got.transaction, 248);
	assert_ptr_equal(got.peer, peer_at(&peer));
	assert_false(ctl_map_answer(&map, 7, &got));
	assert_false(ctl_map_answer(&map, 0, &got));
	assert_false(ctl_map_answer(&map, 0x107, &got));
	assert_int_equal(ctl_map_take(&map, NULL, 100), 7);
	/* one that nobody answers is given again in the end */
	ctl_map_put(&map, 7, &request);
	assert_int_equal(ctl_map_take(&map, NULL, 100 + CTL_PATIENCE_USEC), 0);
	assert_int_equal(ctl_map_take(&map, NULL, 101 + CTL_PATIENCE_USEC), 8);
	ctl_map_put(&map, 8, &request);
	assert_int_equal(map.used, 255);
	ctl_map_forget(&map, peer_at(&peer));
	assert_true(ctl_map_answer(&map, 9, &got));
	assert_null(got.peer);
}

static void ctl_map_leaves_some_ids_when_a_peer_takes_most(void **state)
{
	struct ctl_map map = { 0 };
	struct ctl_request request = { .kind = CTL_RELAY };
	uint8_t greedy, modest, id;
	unsigned int taken = 0;

	(void)state;
	request.peer = peer_at(&greedy);
	while ((id = ctl_map_take(&map, peer_at(&greedy), 0))) {
		ctl_map_put(&map, id, &request);
		taken++;
	}
	assert_int_equal(taken, CTL_MOST);
	assert_int_not_equal(ctl_map_take(&map, peer_at(&modest), 0), 0);
	assert_int_not_equal(ctl_map_take(&map, NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lease_is_in_one_list_when_it_changes_hands),
		cmocka_unit_test(lease_to_give_up_is_the_oldest_of_the_service),
		cmocka_unit_test(lease_answers_go_to_who_asked),
		cmocka_unit_test(ctl_map_gives_each_id_once_until_it_is_answered),
		cmocka_unit_test(ctl_map_leaves_some_ids_when_a_peer_takes_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
