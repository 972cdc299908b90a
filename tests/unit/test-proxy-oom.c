/* The broker: memory runs out at every allocation in turn. Whatever then fails, nothing leaks and
 * nothing crashes, and no id has two owners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broker_survives_when_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
