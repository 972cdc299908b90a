/* Which nodes of QRTR are modems, of what the name service says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <qmikit/common.h>

#include "manager/qrtr-nodes.h"

enum { PATIENCE_USEC = 20000000 };

struct world {
	struct qrtr_nodes nodes;
	unsigned int found, gone;
	uint32_t node; /* that was told of last */
};

static void on_found(void *userdata, uint32_t node)
{
	struct world *world = userdata;

	world->found++;
	world->node = node;
}

static void on_gone(void *userdata, uint32_t node)
{
	struct world *world = userdata;

	world->gone++;
	world->node = node;
}

static int begin(void **state)
{
	static struct world world;

	world = (struct world){ .nodes = {
					.found = on_found, .gone = on_gone, .userdata = &world } };
	*state = &world;
	return sd_event_new(&world.nodes.event) < 0;
}

static int end(void **state)
{
	struct world *world = *state;

	qrtr_nodes_close(&world->nodes);
	sd_event_unref(world->nodes.event);
	return 0;
}

static void say(struct world *world, uint32_t command, uint32_t node, uint32_t service,
		uint32_t port)
{
	qrtr_nodes_take(&world->nodes, &(struct qk_qrtr_control){ .command = command,
								  .service = service,
								  .node = node,
								  .port = port });
}

static void has_all(struct world *world, uint32_t node)
{
	static const uint32_t services[] = { QK_SERVICE_ID_DMS, QK_SERVICE_ID_LOC,
					     QK_SERVICE_ID_NAS, QK_SERVICE_ID_UIM,
					     QK_SERVICE_ID_WDS };

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		say(world, QK_QRTR_NEW_SERVER, node, services[i], 10 + (uint32_t)i);
}

/* Until a node is told of. */
static void wait_for_found(struct world *world, unsigned int count)
{
	for (int i = 0; i < 100 && world->found < count; i++)
		assert_true(sd_event_run(world->nodes.event, PATIENCE_USEC) >= 0);
	assert_int_equal(world->found, count);
}

static void qrtr_nodes_tell_of_a_modem_when_it_has_what_it_needs(void **state)
{
	struct world *world = *state;

	say(world, QK_QRTR_NEW_SERVER, 0, 0, 0);
	say(world, QK_QRTR_NEW_SERVER, 9, QK_SERVICE_ID_LOC, 1);
	assert_int_equal(world->nodes.count, 0);
	has_all(world, 3);
	assert_int_equal(world->found, 0);
	wait_for_found(world, 1);
	assert_int_equal(world->node, 3);
	/* It is no other one for a server more. */
	say(world, QK_QRTR_NEW_SERVER, 3, QK_SERVICE_ID_WMS, 20);
	has_all(world, 4);
	wait_for_found(world, 2);
	assert_int_equal(world->node, 4);
}

static void qrtr_nodes_lose_a_modem_with_its_dms_server(void **state)
{
	struct world *world = *state;

	has_all(world, 3);
	wait_for_found(world, 1);
	say(world, QK_QRTR_DEL_SERVER, 3, QK_SERVICE_ID_NAS, 12);
	say(world, QK_QRTR_DEL_SERVER, 3, QK_SERVICE_ID_DMS, 99);
	say(world, QK_QRTR_DEL_SERVER, 5, QK_SERVICE_ID_DMS, 10);
	assert_int_equal(world->gone, 0);
	say(world, QK_QRTR_DEL_SERVER, 3, QK_SERVICE_ID_DMS, 10);
	assert_int_equal(world->gone, 1);
	assert_int_equal(world->nodes.count, 0);
	has_all(world, 3);
	wait_for_found(world, 2);
	say(world, QK_QRTR_BYE, 3, 0, 0);
	assert_int_equal(world->gone, 2);
}

static void qrtr_nodes_say_nothing_of_one_that_went_before_it_was_told_of(void **state)
{
	struct world *world = *state;

	say(world, QK_QRTR_NEW_SERVER, 3, QK_SERVICE_ID_DMS, 10);
	say(world, QK_QRTR_NEW_SERVER, 3, QK_SERVICE_ID_NAS, 11);
	assert_int_equal(world->nodes.count, 1);
	say(world, QK_QRTR_BYE, 3, 0, 0);
	assert_int_equal(world->nodes.count, 0);
	assert_int_equal(world->gone, 0);
	has_all(world, 4);
	wait_for_found(world, 1);
	assert_int_equal(world->node, 4);
}

static void qrtr_nodes_keep_no_more_than_their_limit(void **state)
{
	struct world *world = *state;

	for (uint32_t node = 1; node <= 2 * QRTR_NODES_MAX; node++)
		has_all(world, node);
	assert_int_equal(world->nodes.count, QRTR_NODES_MAX);
	wait_for_found(world, QRTR_NODES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			qrtr_nodes_tell_of_a_modem_when_it_has_what_it_needs, begin, end),
		cmocka_unit_test_setup_teardown(qrtr_nodes_lose_a_modem_with_its_dms_server, begin,
						end),
		cmocka_unit_test_setup_teardown(
			qrtr_nodes_say_nothing_of_one_that_went_before_it_was_told_of, begin, end),
		cmocka_unit_test_setup_teardown(qrtr_nodes_keep_no_more_than_their_limit, begin,
						end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
