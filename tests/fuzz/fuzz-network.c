/* Fuzz target: qmi-network's configuration and state. Each is taken, or refused with one line; a
 * state that was taken is the same when it is written and read again. */
#include <stdlib.h>
#include <string.h>

#include "network/config.h"
#include "network/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void pass_over(const char *note, void *userdata)
{
	(void)userdata;
	if (strchr(note, '\n'))
		abort();
}

static void check_state(const char *text, size_t size)
{
	struct state state, again;
	struct failure failure = { 0 };
	char written[STATE_TEXT_MAX];

	if (state_parse("fuzz", text, size, &state, &failure)) {
		if (!*failure.text || strchr(failure.text, '\n'))
			abort();
		return;
	}
	/* In a text a quote or a $ would be written as it is, and refused. */
	size = state_format(&state, written);
	if (state_parse("fuzz", written, size, &again, &failure) == 0 &&
	    (again.calls[CALL_4].cid != state.calls[CALL_4].cid ||
	     again.calls[CALL_6].handle != state.calls[CALL_6].handle || again.mtu != state.mtu))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct failure failure = { 0 };
	struct config config;
	int r = config_parse("fuzz", text, size, pass_over, NULL, &config, &failure);

	if ((r != 0) != (*failure.text != 0) || strchr(failure.text, '\n'))
		abort();
	if (r == 0 && (strlen(config.apn) > 100 || strlen(config.password) > 127))
		abort();
	check_state(text, size);
	return 0;
}
