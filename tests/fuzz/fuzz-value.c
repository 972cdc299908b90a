/*
 * Fuzz target: values between the bus and JSON. A message is made of the input, whatever types it says; what can be
 * read without a table can be written as it was and reads the same again. JSON that is no message of its own is
 * refused or taken by every type of the tables, and what was taken reads back by the same type.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "api/api-names.h"
#include "api/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEPTH_MAX = 40, ITEMS_MAX = 4 };

struct input {
	const uint8_t *data;
	size_t size;
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static uint8_t next(struct input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

/* A signature of one complete type, drawn. */
static void draw_type(struct input *in, char *signature, size_t *length, unsigned int depth)
{
	static const char basics[] = "ybnqiuxtdsogv";
	uint8_t choice = next(in);

	if (*length > 200 || depth > 8 || choice < 200) {
		signature[(*length)++] = basics[choice % (sizeof(basics) - 1)];
	} else if (choice < 225) {
		signature[(*length)++] = 'a';
		draw_type(in, signature, length, depth + 1);
	} else if (choice < 240) {
		signature[(*length)++] = '(';
		for (unsigned int i = next(in) % 3 + 1u; i > 0; i--)
			draw_type(in, signature, length, depth + 1);
		signature[(*length)++] = ')';
	} else {
		signature[(*length)++] = 'a';
		signature[(*length)++] = '{';
		signature[(*length)++] = basics[choice % (sizeof(basics) - 2)];
		draw_type(in, signature, length, depth + 1);
		signature[(*length)++] = '}';
	}
	signature[*length] = 0;
}

static int append(sd_bus_message *message, struct input *in, const char **type, unsigned int depth);

static int append_basic(sd_bus_message *message, struct input *in, char type)
{
	static const char *const texts[] = { "", "x", "apn", "ip-type", "/", "/a/b", "s", "a{sv}" };
	static const char *const paths[] = { "/", "/a", "/org/freedesktop" };
	static const char *const signatures[] = { "", "u", "a{sv}" };
	uint64_t number = 0;

	if (type == 's')
		return sd_bus_message_append_basic(message, type, texts[next(in) % 8]);
	if (type == 'o')
		return sd_bus_message_append_basic(message, type, paths[next(in) % 3]);
	if (type == 'g')
		return sd_bus_message_append_basic(message, type, signatures[next(in) % 3]);
	for (unsigned int i = 0; i < 8; i++)
		number = number << 8 | next(in);
	if (type == 'b') {
		int truth = number & 1;

		return sd_bus_message_append_basic(message, type, &truth);
	}
	return sd_bus_message_append_basic(message, type, &number);
}

/* Where the complete type at `type` ends. */
static const char *end_of(const char *type)
{
	unsigned int depth = 0;

	while (*type == 'a')
		type++;
	do {
		depth += *type == '(' || *type == '{';
		depth -= *type == ')' || *type == '}';
		type++;
	} while (depth > 0 && *type);
	return type;
}

static int append_container(sd_bus_message *message, struct input *in, const char *type,
			    size_t length, unsigned int depth)
{
	bool array = type[0] == 'a';
	char kind = array ? 'a' : type[0] == '(' ? 'r' : 'e', contents[256];
	unsigned int count = array ? next(in) % ITEMS_MAX : 1;
	int r;

	length -= array ? 1 : 2;
	memcpy(contents, type + 1, length);
	contents[length] = 0;
	r = sd_bus_message_open_container(message, kind, contents);
	for (unsigned int i = 0; r >= 0 && i < count; i++) {
		const char *at = contents;

		while (r >= 0 && *at)
			r = append(message, in, &at, depth + 1);
	}
	return r < 0 ? r : sd_bus_message_close_container(message);
}

static int append(sd_bus_message *message, struct input *in, const char **type, unsigned int depth)
{
	const char *start = *type;
	char signature[512];
	const char *at = signature;
	size_t length = 0;
	int r;

	*type = end_of(start);
	if (depth > DEPTH_MAX)
		return -E2BIG;
	if (strchr("a({", *start))
		return append_container(message, in, start, (size_t)(*type - start), depth);
	if (*start != 'v')
		return append_basic(message, in, *start);
	draw_type(in, signature, &length, depth);
	r = sd_bus_message_open_container(message, 'v', signature);
	if (r >= 0)
		r = append(message, in, &at, depth + 1);
	return r < 0 ? r : sd_bus_message_close_container(message);
}

static sd_bus_message *new_message(sd_bus *bus)
{
	sd_bus_message *message = NULL;

	check(sd_bus_message_new_signal(bus, &message, "/a", "a.b", "C") >= 0);
	return message;
}

static json_t *read_back(sd_bus_message *message, const struct api_type *type)
{
	struct api_trouble trouble = { "" };
	json_t *value = NULL;

	check(sd_bus_message_seal(message, 1, 0) >= 0);
	check(sd_bus_message_rewind(message, true) >= 0);
	if (api_read(message, type, &value, &trouble) < 0)
		return NULL;
	check(value != NULL);
	return value;
}

/* A message of the input's own types. */
static void try_message(sd_bus *bus, struct input in)
{
	sd_bus_message *first = new_message(bus), *second = new_message(bus);
	const struct api_type variant = { .signature = "v" };
	json_t *value = NULL, *again;
	char signature[512] = "v";
	const char *at = signature;
	size_t length = 0;

	if (append(first, &in, &at, 0) >= 0)
		value = read_back(first, NULL);
	(void)length;
	if (value && api_write(second, &variant, value, NULL) == 0) {
		again = read_back(second, NULL);
		check(again && json_equal(value, again));
		json_decref(again);
	}
	json_decref(value);
	sd_bus_message_unref(first);
	sd_bus_message_unref(second);
}

/* A value that the daemon would tell, of one type. */
static void try_type(sd_bus *bus, const struct api_type *type, const json_t *value)
{
	sd_bus_message *message = new_message(bus);
	struct api_trouble trouble = { "" };
	json_t *again;

	if (api_write(message, type, value, &trouble) == 0) {
		again = read_back(message, type);
		check(again != NULL);
		json_decref(again);
	}
	sd_bus_message_unref(message);
}

static void try_json(sd_bus *bus, struct input in)
{
	const struct api_interface *const interfaces[] = { API_MODEM, API_BEARER, API_MODEM3GPP,
							   API_LOCATION, API_MESSAGING };
	const struct api_interface *interface = interfaces[next(&in) % 5];
	json_t *value = json_loadb((const char *)in.data, in.size, JSON_DECODE_ANY, NULL);

	for (size_t i = 0; value && i < interface->property_count; i++)
		try_type(bus, &interface->properties[i].field.type, value);
	for (size_t i = 0; value && i < interface->method_count; i++)
		for (size_t n = 0; n < interface->methods[i].input_count; n++)
			try_type(bus, &interface->methods[i].inputs[n].type, value);
	json_decref(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	sd_id128_t id = SD_ID128_NULL;
	sd_bus *bus = NULL;
	int fds[2];

	/* Messages are made for a bus, though none of them goes there. */
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
	id.bytes[0] = 1;
	check(sd_bus_new(&bus) >= 0 && sd_bus_set_fd(bus, fds[0], fds[0]) >= 0 &&
	      sd_bus_set_server(bus, 1, id) >= 0 && sd_bus_set_anonymous(bus, 1) >= 0 &&
	      sd_bus_start(bus) >= 0);
	if (next(&in) & 1)
		try_message(bus, in);
	else
		try_json(bus, in);
	sd_bus_close_unref(bus);
	close(fds[1]);
	return 0;
}
