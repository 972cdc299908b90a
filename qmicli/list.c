/*
 * The table of -L.
 */
#include "list.h"

#include <stddef.h>
#include <string.h>
#include <qmikit/ports.h>

#include "json.h"

/* The columns; the last one needs no width. */
static const struct {
	const char *title;
	size_t offset;
} columns[] = {
	{ "DEVICE", offsetof(struct qk_port, path) },
	{ "DRIVER", offsetof(struct qk_port, driver) },
	{ "USB", offsetof(struct qk_port, usb_path) },
	{ "NETWORK", offsetof(struct qk_port, interface) },
	{ "DESCRIPTION", offsetof(struct qk_port, description) },
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static const char *cell(const struct qk_port *port, size_t column)
{
	const char *text = (const char *)port + columns[column].offset;

	return *text ? text : "-";
}

static size_t width(const struct qk_port *ports, size_t count, size_t column)
{
	size_t most = strlen(columns[column].title);

	for (size_t i = 0; i < count; i++)
		if (strlen(cell(&ports[i], column)) > most)
			most = strlen(cell(&ports[i], column));
	return most;
}

static void print_line(const struct qk_port *ports, size_t count, const struct qk_port *port,
		       struct output *out)
{
	for (size_t c = 0; c < COLUMNS; c++) {
		const char *text = port ? cell(port, c) : columns[c].title;

		if (c + 1 < COLUMNS)
			output_printf(out, "%-*s  ", (int)width(ports, count, c), text);
		else
			output_printf(out, "%s\n", text);
	}
}

int list_print(bool json, struct output *out, struct failure *failure)
{
	struct qk_port *ports;
	size_t count;
	int r = qk_ports_list(NULL, &ports, &count);

	if (r < 0)
		return failure_errno(failure, "couldn't list devices", "/sys", r);
	if (json) {
		json_print_ports(ports, count, out);
	} else if (count) {
		print_line(ports, count, NULL, out);
		for (size_t i = 0; i < count; i++)
			print_line(ports, count, &ports[i], out);
	} else {
		fprintf(stderr, "no QMI device found\n");
	}
	qk_ports_free(ports);
	return 0;
}
