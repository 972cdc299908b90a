/*
 * Fuzz target: a modem for its whole life in the daemon, with a virtual one behind it whose answers are bent. The
 * input is read as a row of bytes: what happens next (a call on the bus, something that comes to the modem), and for
 * each frame of the modem whether and how it is bent. Nothing is left of it in the end, errors are those that are
 * published, and the daemon's objects can be listed at any time.
 */
#include <stdlib.h>
#include <string.h>

#include "api/api-names.h"
#include "api/value.h"
#include "tests/fuzz/manager-host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 24 };

struct input {
	const uint8_t *data;
	size_t size;
};

static uint8_t next(struct input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

/* --- The modem's end of the port */

enum { BEND_FLIP = 224, BEND_OVERWRITE, BEND_CUT, BEND_LOSE, BEND_TWICE };

/* Both lengths of a frame fit `size` bytes. */
static void set_lengths(uint8_t *frame, size_t size)
{
	size_t header = frame[4] ? 13 : 12; /* CTL's transactions are one byte */

	if (size < header)
		return;
	frame[1] = (uint8_t)(size - 1);
	frame[2] = (uint8_t)((size - 1) >> 8);
	frame[header - 2] = (uint8_t)(size - header);
	frame[header - 1] = (uint8_t)((size - header) >> 8);
}

static void bend(struct input *in, uint8_t how, uint8_t *frame, size_t *size)
{
	size_t at = next(in) | (size_t)(next(in) & 3) << 8, count;

	switch (how) {
	case BEND_FLIP:
		frame[at % *size] ^= next(in);
		break;
	case BEND_OVERWRITE:
		count = next(in) & 31;
		for (at = 12 + at % *size; count > 0 && at < *size; count--)
			frame[at++] = next(in);
		break;
	case BEND_CUT:
		*size -= at % *size;
		set_lengths(frame, *size);
		break;
	case BEND_LOSE:
		*size = 0;
		break;
	default:
		break;
	}
}

static unsigned int on_frame(void *userdata, uint8_t *frame, size_t *size)
{
	struct input *in = userdata;
	uint8_t how = next(in);

	if (how >= BEND_FLIP)
		bend(in, how, frame, size);
	return how == BEND_TWICE ? 2 : 1;
}

/* --- What happens */

static const struct {
	const struct api_method *method;
	const char *path, *in;
} calls[] = {
	{ API_METHOD_MODEM_ENABLE, HOST_PATH "/Modem/0", "[true]" },
	{ API_METHOD_MODEM_ENABLE, HOST_PATH "/Modem/0", "[false]" },
	{ API_METHOD_SIMPLE_CONNECT, HOST_PATH "/Modem/0",
	  "[{\"apn\": \"internet\", \"ip-type\": 4}]" },
	{ API_METHOD_SIMPLE_DISCONNECT, HOST_PATH "/Modem/0", "[\"/\"]" },
	{ API_METHOD_MODEM_CREATE_BEARER, HOST_PATH "/Modem/0", "[{\"apn\": \"internet\"}]" },
	{ API_METHOD_BEARER_CONNECT, HOST_PATH "/Bearer/0", "[]" },
	{ API_METHOD_BEARER_DISCONNECT, HOST_PATH "/Bearer/0", "[]" },
	{ API_METHOD_MODEM_DELETE_BEARER, HOST_PATH "/Modem/0", "[\"" HOST_PATH "/Bearer/0\"]" },
	{ API_METHOD_MODEM3GPP_SCAN, HOST_PATH "/Modem/0", "[]" },
	{ API_METHOD_MODEM3GPP_REGISTER, HOST_PATH "/Modem/0", "[\"00102\"]" },
	{ API_METHOD_MESSAGING_CREATE, HOST_PATH "/Modem/0",
	  "[{\"number\": \"+491\", \"text\": \"Hello\"}]" },
	{ API_METHOD_SMS_SEND, HOST_PATH "/SMS/0", "[]" },
	{ API_METHOD_SMS_STORE, HOST_PATH "/SMS/0", "[1]" },
	{ API_METHOD_MESSAGING_DELETE, HOST_PATH "/Modem/0", "[\"" HOST_PATH "/SMS/0\"]" },
	{ API_METHOD_LOCATION_SETUP, HOST_PATH "/Modem/0", "[7, true]" },
	{ API_METHOD_LOCATION_GET_LOCATION, HOST_PATH "/Modem/0", "[]" },
	{ API_METHOD_USSD_INITIATE, HOST_PATH "/Modem/0", "[\"*101#\"]" },
	{ API_METHOD_USSD_RESPOND, HOST_PATH "/Modem/0", "[\"1\"]" },
	{ API_METHOD_USSD_CANCEL, HOST_PATH "/Modem/0", "[]" },
	{ API_METHOD_VOICE_CREATE_CALL, HOST_PATH "/Modem/0", "[{\"number\": \"+491\"}]" },
	{ API_METHOD_CALL_START, HOST_PATH "/Call/0", "[]" },
	{ API_METHOD_CALL_HANGUP, HOST_PATH "/Call/0", "[]" },
	{ API_METHOD_CALL_ACCEPT, HOST_PATH "/Call/0", "[]" },
	{ API_METHOD_SIM_ENABLE_PIN, HOST_PATH "/SIM/0", "[\"1234\", true]" },
	{ API_METHOD_SIM_SEND_PIN, HOST_PATH "/SIM/0", "[\"1234\"]" },
	{ API_METHOD_SIGNAL_SETUP, HOST_PATH "/Modem/0", "[1]" },
	{ API_METHOD_MODEM_GET_CELL_INFO, HOST_PATH "/Modem/0", "[]" },
	{ API_METHOD_PROFILE_MANAGER_LIST, HOST_PATH "/Modem/0", "[]" },
	{ API_METHOD_MODEM_SET_CURRENT_MODES, HOST_PATH "/Modem/0", "[[8, 0]]" },
	{ API_METHOD_TIME_GET_NETWORK_TIME, HOST_PATH "/Modem/0", "[]" },
	{ API_METHOD_MODEM_RESET, HOST_PATH "/Modem/0", "[]" },
};

static const char *const events[] = {
	"{\"do\": \"sms\", \"from\": \"+4915550100\", \"text\": \"Hello\"}",
	"{\"do\": \"sms-pdu\", \"pdu\": \"038121F340048155550119906041001222048C0500031E0301041804420430\"}",
	"{\"do\": \"call\", \"from\": \"+4915550101\"}",
	"{\"do\": \"call-remote\", \"act\": \"hang-up\"}",
	"{\"do\": \"ussd\", \"text\": \"Yes or no?\", \"more\": true}",
	"{\"do\": \"card-remove\"}",
	"{\"do\": \"card-insert\"}",
	"{\"do\": \"registration\", \"state\": \"lost\"}",
	"{\"do\": \"registration\", \"state\": \"home\"}",
	"{\"do\": \"signal\", \"rsrp\": -120}",
	"{\"do\": \"network-time\", \"seconds\": 1700000000, \"quarters\": 8}",
	"{\"do\": \"data-drop\", \"reason\": \"emm-detached\"}",
	"{\"do\": \"cell-broadcast\", \"text\": \"Storm\"}",
	"{\"do\": \"reset\"}",
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]), EVENTS = sizeof(events) / sizeof(events[0]) };

static void call(const struct host *h, size_t index)
{
	const struct api_method *method = calls[index].method;
	json_t *in = json_loads(calls[index].in, 0, NULL);
	sd_bus_message *message = NULL;

	host_check(in != NULL);
	host_check(sd_bus_message_new_method_call(h->client, &message, NULL, calls[index].path,
						  method->interface->name, method->name) >= 0);
	for (size_t i = 0; i < method->input_count; i++)
		host_check(api_write(message, &method->inputs[i].type, json_array_get(in, i),
				     NULL) == 0);
	host_check(sd_bus_call_async(h->client, NULL, message, host_on_answer, NULL, UINT64_MAX) >=
		   0);
	sd_bus_message_unref(message);
	json_decref(in);
}

static void happen(struct host *h, struct input *in)
{
	size_t what = next(in) % (CALLS + EVENTS);

	if (what < CALLS)
		call(h, what);
	else
		host_control(h, events[what - CALLS]);
	host_list_objects(h);
	/* Some things come while others are under way. */
	if (next(in) < 160)
		host_settle(h);
	else
		(void)!sd_event_run(h->event, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct host h = { .bend = on_frame, .userdata = &in };

	host_open(&h, NULL);
	for (unsigned int i = 0; i < STEPS_MAX && in.size > 0; i++)
		happen(&h, &in);
	host_close(&h);
	return 0;
}
