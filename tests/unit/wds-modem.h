/*
 * WDS modem: the fixture of the tests of WDS: a modem with two clients of that service.
 *
 * Owns: the host. Does not know: what is asked.
 * Lifetime: setup() to teardown(), by cmocka. Called from: the tests of WDS.
 */
#pragma once

#include "sim-host.h"

struct modem {
	struct host *host;
	struct qk_sim_state *state;
	uint8_t wds, other; /* two clients of WDS */
};

static int setup(void **state)
{
	static struct modem modem;

	modem.host = host_new("ec25-eux", 1);
	modem.state = qk_sim_state(modem.host->sim);
	modem.wds = host_allocate(modem.host, QK_SERVICE_ID_WDS);
	modem.other = host_allocate(modem.host, QK_SERVICE_ID_WDS);
	*state = &modem;
	return 0;
}

static int teardown(void **state)
{
	struct modem *modem = *state;

	host_free(modem->host);
	return 0;
}
