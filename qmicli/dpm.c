/*
 * DPM: which of a modem's ports data travels through.
 */
#include <qmikit/dpm.h>

#include <stddef.h>

#include "argument.h"
#include "request.h"
#include "services.h"

/* The lists that an argument makes, behind the request. */
enum { PORTS_MAX = 8 };

struct port_lists {
	struct qk_dpm_control_port control[PORTS_MAX];
	struct qk_dpm_hardware_data_port hardware[PORTS_MAX];
	struct qk_dpm_software_data_port software[PORTS_MAX];
};

/* A port of one of the three kinds while its keys come in: it is whole with the last one. */
struct port {
	struct qk_string name;
	uint32_t type, interface, rx, tx;
	unsigned int seen; /* enum port_part */
};

enum port_part { PORT_TYPE = 1, PORT_INTERFACE = 2, PORT_NAME = 4, PORT_RX = 8, PORT_TX = 16 };

enum port_kind { CONTROL, HARDWARE, SOFTWARE, KINDS };

static const unsigned int whole[KINDS] = {
	[CONTROL] = PORT_TYPE | PORT_INTERFACE | PORT_NAME,
	[HARDWARE] = PORT_TYPE | PORT_INTERFACE | PORT_RX | PORT_TX,
	[SOFTWARE] = PORT_TYPE | PORT_INTERFACE | PORT_NAME,
};

static const char *const kind_names[KINDS] = { "control", "hardware data", "software data" };

static const struct {
	const char *key;
	enum port_kind kind;
	enum port_part part;
} keys[] = {
	{ "ctrl-ep-type", CONTROL, PORT_TYPE },
	{ "ctrl-ep-iface-number", CONTROL, PORT_INTERFACE },
	{ "ctrl-port-name", CONTROL, PORT_NAME },
	{ "hw-data-ep-type", HARDWARE, PORT_TYPE },
	{ "hw-data-ep-iface-number", HARDWARE, PORT_INTERFACE },
	{ "hw-data-rx-id", HARDWARE, PORT_RX },
	{ "hw-data-tx-id", HARDWARE, PORT_TX },
	{ "sw-data-ep-type", SOFTWARE, PORT_TYPE },
	{ "sw-data-ep-iface-number", SOFTWARE, PORT_INTERFACE },
	{ "sw-data-port-name", SOFTWARE, PORT_NAME },
};

struct reading {
	struct qk_dpm_open_port_request *request;
	struct port_lists *lists;
	struct port ports[KINDS];
};

static size_t *count_of(struct qk_dpm_open_port_request *request, enum port_kind kind)
{
	switch (kind) {
	case CONTROL:
		return &request->control_ports.count;
	case HARDWARE:
		return &request->hardware_data_ports.count;
	case SOFTWARE:
	case KINDS:
		break;
	}
	return &request->software_data_ports.count;
}

/* Moves a port that is whole into its list. */
static int keep_port(struct reading *reading, enum port_kind kind, struct failure *f)
{
	struct port *port = &reading->ports[kind];
	size_t i = *count_of(reading->request, kind);

	if (i == PORTS_MAX)
		return failure_set(f, EXIT_USAGE, "at most %u %s ports", PORTS_MAX,
				   kind_names[kind]);
	if (kind == CONTROL)
		reading->lists->control[i] =
			(struct qk_dpm_control_port){ port->name, port->type, port->interface };
	else if (kind == HARDWARE)
		reading->lists->hardware[i] =
			(struct qk_dpm_hardware_data_port){ port->type, port->interface, port->rx,
							    port->tx };
	else
		reading->lists->software[i] =
			(struct qk_dpm_software_data_port){ port->type, port->interface,
							    port->name };
	++*count_of(reading->request, kind);
	*port = (struct port){ 0 };
	return 0;
}

static bool read_type(struct qk_string value, uint32_t *ret)
{
	const struct qk_values *names = &qk_data_endpoint_type_values;

	for (size_t i = 0; i < names->count; i++) {
		struct qk_value_name known = qk_nth_value(names, i);

		if (!argument_is(value, known.name))
			continue;
		*ret = (uint32_t)known.value;
		return true;
	}
	return false;
}

static bool read_part(struct port *port, enum port_part part, struct qk_string value)
{
	uint64_t number = 0;
	bool ok = argument_number(value, UINT32_MAX, &number);

	switch (part) {
	case PORT_TYPE:
		return read_type(value, &port->type);
	case PORT_NAME:
		port->name = value;
		return value.size <= UINT8_MAX;
	case PORT_INTERFACE:
		port->interface = (uint32_t)number;
		return ok;
	case PORT_RX:
		port->rx = (uint32_t)number;
		return ok && number;
	case PORT_TX:
		port->tx = (uint32_t)number;
		return ok && number;
	}
	return false;
}

static int read_pair(struct qk_string key, struct qk_string value, void *userdata,
		     struct failure *f)
{
	struct reading *reading = userdata;
	struct port *port;
	size_t i = 0;

	while (i < sizeof(keys) / sizeof(keys[0]) && !argument_is(key, keys[i].key))
		i++;
	if (i == sizeof(keys) / sizeof(keys[0]))
		return failure_set(f, EXIT_USAGE, "Unrecognized option '%.*s'", (int)key.size,
				   key.data);
	port = &reading->ports[keys[i].kind];
	if (!value.size || !read_part(port, keys[i].part, value))
		return failure_set(f, EXIT_USAGE, "invalid %s value given: '%.*s'", keys[i].key,
				   (int)value.size, value.data);
	port->seen |= keys[i].part;
	return port->seen == whole[keys[i].kind] ? keep_port(reading, keys[i].kind, f) : 0;
}

static int finish_open(const struct action *action, unsigned int seen, void *request,
		       struct failure *f)
{
	struct qk_dpm_open_port_request *open = request;
	/* The engine made room behind the struct, which keeps the alignment of its own members. */
	struct reading reading = { .request = open, .lists = (struct port_lists *)(open + 1) };
	int r = argument_pairs(action->argument, read_pair, &reading, f);

	(void)seen;
	if (r)
		return r;
	for (size_t i = 0; i < KINDS; i++) {
		if (!reading.ports[i].seen)
			continue;
		failure_hint(f, "each port needs all of its keys; see --help-dpm");
		return failure_set(f, EXIT_USAGE, "unfinished %s port", kind_names[i]);
	}
	open->control_ports.items = reading.lists->control;
	open->hardware_data_ports.items = reading.lists->hardware;
	open->software_data_ports.items = reading.lists->software;
	open->has_control_ports = open->control_ports.count;
	open->has_hardware_data_ports = open->hardware_data_ports.count;
	open->has_software_data_ports = open->software_data_ports.count;
	return 0;
}

_Static_assert(sizeof(struct qk_dpm_open_port_request) % _Alignof(struct port_lists) == 0,
	       "lists may stand behind the request");

static const struct command commands[] = {
	{ .name = "dpm-open-port",
	  .method = "dpm/open-port",
	  .help = "Open data ports; those of one kind may come again and again",
	  .argument = TAKES(
		  "ctrl-ep-type=hsusb|pcie|embedded,ctrl-ep-iface-number=N,ctrl-port-name=TEXT,"
		  "hw-data-ep-type=hsusb|pcie|embedded,hw-data-ep-iface-number=N,"
		  "hw-data-rx-id=N,hw-data-tx-id=N,sw-data-ep-type=hsusb|pcie|embedded,"
		  "sw-data-ep-iface-number=N,sw-data-port-name=TEXT",
		  .finish = finish_open, .room = sizeof(struct port_lists)),
	  .failure = "couldn't open port",
	  .text = TEXT_ROWS(TEXT_LINE("Successfully opened the port\n")) },
	{ .name = "dpm-close-port",
	  .method = "dpm/close-port",
	  .help = "Close them",
	  .failure = "couldn't close port",
	  /* libqmi's spelling */
	  .text = TEXT_ROWS(TEXT_LINE("Successfully closeed the port\n")) },
	COMMAND_NOOP(dpm),
	{ 0 },
};

const struct command_service commands_dpm = { QK_SERVICE_ID_DPM, "dpm", "Data Port Mapper Service",
					      commands };
