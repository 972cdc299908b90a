/*
 * USB/IP: reading and writing messages, the table of what waits (see usbip.h).
 */
#include "usbip.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RET_SUBMIT 3u
#define RET_UNLINK 4u
/* The column `sta` of a port that nothing is plugged into. */
#define PORT_FREE 4u

static int read_submit(struct qk_cursor *c, bool in, uint32_t endpoint,
		       struct qk_usbip_command *command)
{
	(void)qk_cursor_uint(c, 4, true); /* flags: all are for the host's side */
	uint32_t length = (uint32_t)qk_cursor_uint(c, 4, true);
	(void)qk_cursor_uint(c, 4, true); /* the first frame */
	uint32_t packets = (uint32_t)qk_cursor_uint(c, 4, true);
	(void)qk_cursor_uint(c, 4, true); /* the interval */
	struct qk_span setup = qk_cursor_take(c, QK_USBIP_SETUP);
	size_t payload = in ? 0 : length;

	/* some kernels say 0 of a transfer that is not isochronous, some -1 */
	if (packets == UINT32_MAX)
		packets = 0;
	size_t rows = (size_t)packets * QK_USBIP_ROW;
	if (c->error || endpoint > 15 || length > INT32_MAX || payload > QK_USBIP_TRANSFER_MAX ||
	    packets > QK_USBIP_PACKETS_MAX)
		return -EBADMSG;
	if (payload + rows > qk_cursor_left(c))
		return 0;
	memcpy(command->setup, setup.data, sizeof(command->setup));
	command->address = (uint8_t)(endpoint | (in ? 0x80u : 0));
	command->length = length;
	command->data = qk_cursor_take(c, payload);
	command->packets = packets;
	command->rows = qk_cursor_take(c, rows);
	return (int)(QK_USBIP_HEADER + payload + rows);
}

int qk_usbip_read(struct qk_span bytes, struct qk_usbip_command *ret)
{
	if (bytes.size < QK_USBIP_HEADER)
		return 0;
	struct qk_cursor c = qk_cursor(bytes);
	uint32_t kind = (uint32_t)qk_cursor_uint(&c, 4, true);
	struct qk_usbip_command command = { .number = (uint32_t)qk_cursor_uint(&c, 4, true) };

	(void)qk_cursor_uint(&c, 4, true); /* the device: there is one on each connection */
	uint32_t in = (uint32_t)qk_cursor_uint(&c, 4, true);
	uint32_t endpoint = (uint32_t)qk_cursor_uint(&c, 4, true);
	int r = (int)QK_USBIP_HEADER;

	if (kind == QK_USBIP_SUBMIT && in <= 1) {
		command.kind = QK_USBIP_SUBMIT;
		r = read_submit(&c, in, endpoint, &command);
	} else if (kind == QK_USBIP_UNLINK) {
		command.kind = QK_USBIP_UNLINK;
		command.unlink = (uint32_t)qk_cursor_uint(&c, 4, true);
	} else {
		return -EBADMSG;
	}
	if (r > 0)
		*ret = command;
	return r;
}

/* Device, direction and endpoint are 0 in replies. */
static void write_reply(uint8_t ret[QK_USBIP_HEADER], uint32_t kind, uint32_t number, int status,
			size_t size, uint32_t packets)
{
	struct qk_writer w = qk_writer(ret, QK_USBIP_HEADER);

	memset(ret, 0, QK_USBIP_HEADER);
	qk_write_uint(&w, kind, 4, true);
	qk_write_uint(&w, number, 4, true);
	qk_write_uint(&w, 0, 8, true);
	qk_write_uint(&w, 0, 4, true);
	qk_write_uint(&w, (uint32_t)status, 4, true);
	qk_write_uint(&w, size, 4, true);
	qk_write_uint(&w, 0, 4, true); /* the first frame */
	qk_write_uint(&w, packets, 4, true);
}

void qk_usbip_write_submit(uint8_t ret[QK_USBIP_HEADER], uint32_t number, int status, size_t size)
{
	write_reply(ret, RET_SUBMIT, number, status, size, 0);
}

void qk_usbip_write_isochronous(uint8_t ret[QK_USBIP_HEADER], uint32_t number, size_t size,
				uint32_t packets)
{
	write_reply(ret, RET_SUBMIT, number, 0, size, packets);
}

void qk_usbip_write_unlink(uint8_t ret[QK_USBIP_HEADER], uint32_t number, int status)
{
	write_reply(ret, RET_UNLINK, number, status, 0, 0);
}

int qk_usbip_pend(struct qk_usbip_table *table, const struct qk_usbip_command *command)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].number == command->number)
			return -EEXIST;
	if (table->count == QK_USBIP_PENDING_MAX)
		return -ENOBUFS;
	table->rows[table->count++] = (struct qk_usbip_pending){
		.number = command->number,
		.length = command->length,
		.address = command->address,
	};
	return 0;
}

static void remove_row(struct qk_usbip_table *table, size_t i)
{
	memmove(&table->rows[i], &table->rows[i + 1],
		(--table->count - i) * sizeof(table->rows[0]));
}

bool qk_usbip_take_oldest(struct qk_usbip_table *table, uint8_t address,
			  struct qk_usbip_pending *ret)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i].address == address) {
			*ret = table->rows[i];
			remove_row(table, i);
			return true;
		}
	}
	return false;
}

bool qk_usbip_take_number(struct qk_usbip_table *table, uint32_t number)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i].number == number) {
			remove_row(table, i);
			return true;
		}
	}
	return false;
}

int qk_usbip_free_port(const char *status, uint32_t from)
{
	for (const char *line = status; line; line = strchr(line, '\n')) {
		uint32_t port, state;

		line += *line == '\n';
		if (sscanf(line, "hs %6" SCNu32 " %6" SCNu32, &port, &state) == 2 &&
		    state == PORT_FREE && port >= from)
			return (int)port;
	}
	return -ENOENT;
}

int qk_usbip_hub_port(const char *status, uint32_t port)
{
	int place = 0;

	for (const char *line = status; line; line = strchr(line, '\n')) {
		uint32_t number, state;

		line += *line == '\n';
		if (sscanf(line, "hs %6" SCNu32 " %6" SCNu32, &number, &state) != 2)
			continue;
		place++;
		if (number == port)
			return place;
	}
	return -ENOENT;
}

uint32_t qk_usbip_count_free_ports(const char *status)
{
	uint32_t count = 0, from = 0;
	int port;

	while ((port = qk_usbip_free_port(status, from)) >= 0) {
		count++;
		from = (uint32_t)port + 1;
	}
	return count;
}
