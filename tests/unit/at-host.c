/*
 * AT host (see at-host.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "at-host.h"

static void on_bytes(void *userdata, struct qk_span bytes)
{
	struct at_host *host = userdata;

	assert_true(bytes.size < sizeof(host->said) - host->said_size);
	memcpy(host->said + host->said_size, bytes.data, bytes.size);
	host->said_size += bytes.size;
	host->said[host->said_size] = 0;
}

struct at_host *at_host_new(void)
{
	static const struct qk_at_sink sink = { on_bytes };
	struct at_host *host = calloc(1, sizeof(*host));
	char error[256] = "";

	assert_non_null(host);
	if (qk_sim_profile_load(NULL, &host->profile, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	assert_int_equal(qk_sim_new(host->profile, 1, AT_HOST_START_USEC, &host->sim), 0);
	host->state = qk_sim_state(host->sim);
	assert_int_equal(qk_at_attach(host->sim, QK_AT_USBAT, &sink, host, &host->port), 0);
	qk_at_set_open(host->port, true);
	return host;
}

void at_host_free(struct at_host *host)
{
	qk_sim_free(host->sim);
	qk_sim_profile_free(host->profile);
	free(host);
}

static void type(struct at_host *host, const char *text)
{
	qk_at_input(host->port, (struct qk_span){ (const uint8_t *)text, strlen(text) });
}

static void forget(struct at_host *host)
{
	host->said_size = 0;
	host->said[0] = 0;
}

void at_host_expect(struct at_host *host, const char *text, const char *expected)
{
	forget(host);
	type(host, text);
	assert_string_equal(host->said, expected);
	forget(host);
}

/* Empty lines and CRs are framing. */
static void strip(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (*from == '\r')
			continue;
		if (*from == '\n' && (to == text || to[-1] == '\n'))
			continue;
		*to++ = *from;
	}
	*to = 0;
}

void at_host_ask(struct at_host *host, const char *command, const char *expected)
{
	size_t size = strlen(command);

	forget(host);
	type(host, command);
	type(host, "\r");
	assert_true(host->said_size > size);
	assert_memory_equal(host->said, command, size);
	memmove(host->said, host->said + size, host->said_size + 1 - size);
	strip(host->said);
	assert_string_equal(host->said, expected);
	forget(host);
}

void at_host_pass(struct at_host *host, uint64_t usec)
{
	uint64_t until = host->state->now_usec + usec;

	while (qk_sim_next_usec(host->sim) <= until)
		qk_sim_advance(host->sim, qk_sim_next_usec(host->sim));
	qk_sim_advance(host->sim, until);
}

void at_host_expect_urc(struct at_host *host, const char *expected)
{
	strip(host->said);
	assert_string_equal(host->said, expected);
	forget(host);
}

void at_host_do(struct at_host *host, const char *command)
{
	type(host, command);
	type(host, "\r");
	forget(host);
}
