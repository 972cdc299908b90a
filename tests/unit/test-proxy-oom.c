/* The broker: memory runs out at every allocation in turn. Whatever then fails, nothing leaks and
 * nothing crashes, and no id has two owners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "proxy/store.h"
#include "tests/unit/proxy-host.h"
#include "tests/unit/run-out.h"

enum { WDS = 1, DMS = 2, NAS = 3 };

static void use(struct host *host, struct host_peer *peer)
{
	const uint8_t half[] = { 1, 12, 0, 0, DMS };
	int error;

	for (uint8_t service = WDS; service <= NAS && peer->peer; service++) {
		uint8_t id = host_allocate(host, peer, service, &error);

		if (id && peer->peer)
			host_send(peer, service, id, 1, 0x0020, NULL, 0);
		host_settle(host);
		peer->size = 0; /* answers are another test's matter */
	}
	if (peer->peer)
		peer_input(peer->peer, (struct qk_span){ half, sizeof(half) });
}

static void all_of_it(void)
{
	struct host *host = host_new();
	struct host_peer *first, *second;

	if (!host)
		return;
	first = host_open(host, "daemon");
	host_settle(host);
	first->size = 0;
	use(host, first);
	if (first->peer)
		host_hang_up(host, first);
	second = host_open(host, "daemon");
	host_settle(host);
	second->size = 0;
	use(host, second);
	host_send(second, 0, 0, 1, 0xff00, (uint8_t[]){ 0x81, 1, 0, 1 }, 4);
	host_settle(host);
	host_pass(host, BROKER_GRACE_USEC);
	host_free(host);
}

static void broker_survives_when_memory_runs_out(void **state)
{
	(void)state;
	run_out_everywhere(all_of_it);
}

/* The folder is the process's: what one run could not write the next one finds. */

static char folder[] = "/tmp/qmikit-oom-XXXXXX";

static void on_lease(void *userdata, const char *path, const char *identity,
		     const struct lease *lease)
{
	struct host *host = userdata;

	(void)!broker_restore(&host->broker, path, identity, lease);
}

static void on_bad(void *userdata, const char *name, int error)
{
	(void)userdata;
	(void)name;
	assert_int_equal(error, -ENOMEM); /* never half a file */
}

/* More leases than have room on the stack. */
static void save(struct store *store, struct host *host)
{
	for (uint8_t id = 1; id < 255; id++) {
		struct lease *lease = lease_find(&host->broker.modems->leases, NAS, id);

		if (!lease)
			lease = lease_add(&host->broker.modems->leases, NAS, id);
		if (lease)
			lease_orphan(&host->broker.modems->leases, lease, 1);
	}
	assert_true(store_save(store, host->broker.modems) >= -ENOMEM);
}

static void all_of_the_store(void)
{
	struct host *host = host_new();
	struct store store = { .folder = -1 };
	const struct store_reader reader = { on_lease, on_bad, host };

	if (!host)
		return;
	if (store_open(&store, folder) == 0) {
		int r = store_load(&store, &reader);

		assert_true(r == 0 || r == -ENOMEM);
		if (!host->broker.modems)
			host_open(host, "daemon");
		if (host->broker.modems)
			save(&store, host);
	}
	store_close(&store);
	host_free(host);
}

static void store_has_a_whole_table_or_none_when_memory_runs_out(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	run_out_everywhere(all_of_the_store);

	struct store store;
	struct host *host = host_new();
	const struct store_reader reader = { on_lease, on_bad, host };

	assert_int_equal(store_open(&store, folder), 0);
	assert_int_equal(store_load(&store, &reader), 0);
	assert_int_equal(host->broker.modems->leases.count, 254);
	store_sweep(&store, &(struct broker){ 0 });
	store_close(&store);
	host_free(host);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broker_survives_when_memory_runs_out),
		cmocka_unit_test(store_has_a_whole_table_or_none_when_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
