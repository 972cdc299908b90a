/*
 * Entry (see entry.h).
 */
#include "entry.h"

#include <errno.h>
#include <linux/qrtr.h>
#include <stdio.h>
#include <string.h>

#include <qmikit/wire.h>

#define RESULT_TLV 0x02
#define LINK_ALWAYS 24 /* bytes of the link header that every version has */

/* A message without a QMUX header; `service` tells which headers it has. */
static bool read_sdu(struct entry *r, struct qk_span sdu, uint8_t service, uint8_t client)
{
	struct qk_cursor c = qk_cursor(sdu);
	bool ctl = service == QK_SERVICE_CTL;
	uint8_t flags = (uint8_t)qk_cursor_uint(&c, 1, false);
	unsigned int kind = ctl ? flags & 3 : flags >> 1 & 3;
	struct qk_frame frame = { .service = service, .client = client };

	frame.transaction = (uint16_t)qk_cursor_uint(&c, ctl ? 1 : 2, false);
	frame.message = (uint16_t)qk_cursor_uint(&c, 2, false);
	size_t size = (size_t)qk_cursor_uint(&c, 2, false);
	if (c.error || size != qk_cursor_left(&c) || kind > QK_INDICATION)
		return false;
	frame.type = (enum qk_message_type)kind;
	frame.from_modem = r->from_modem;
	frame.tlvs = qk_cursor_take(&c, size);
	r->service = service;
	r->frame = frame;
	return true;
}

static bool read_qmux(struct entry *r)
{
	int size = qk_frame_read(r->bytes, &r->frame, NULL);

	if (size <= 0 || (size_t)size != r->bytes.size)
		return false;
	r->service = r->frame.service;
	return true;
}

/* A packet of the name service. */
static void note_control(struct entry *r)
{
	static const char *const names[] = {
		[QRTR_TYPE_DATA] = "data",
		[QRTR_TYPE_HELLO] = "hello",
		[QRTR_TYPE_BYE] = "bye",
		[QRTR_TYPE_NEW_SERVER] = "new server",
		[QRTR_TYPE_DEL_SERVER] = "server gone",
		[QRTR_TYPE_DEL_CLIENT] = "client gone",
		[QRTR_TYPE_RESUME_TX] = "resume",
		[QRTR_TYPE_EXIT] = "exit",
		[QRTR_TYPE_PING] = "ping",
		[QRTR_TYPE_NEW_LOOKUP] = "look up",
		[QRTR_TYPE_DEL_LOOKUP] = "end of look-up",
	};
	struct qk_cursor c = qk_cursor(r->bytes);
	uint32_t word[5];

	for (size_t i = 0; i < 5; i++)
		word[i] = (uint32_t)qk_cursor_uint(&c, 4, false);
	const char *name = word[0] < sizeof(names) / sizeof(names[0]) ? names[word[0]] : NULL;
	if (r->bytes.size < 4 || !name)
		return;
	bool server = word[0] == QRTR_TYPE_NEW_SERVER || word[0] == QRTR_TYPE_DEL_SERVER ||
		      word[0] == QRTR_TYPE_NEW_LOOKUP || word[0] == QRTR_TYPE_DEL_LOOKUP;
	if (server && r->bytes.size >= 20)
		snprintf(r->note, sizeof(r->note),
			 "qrtr %s: service %u, instance 0x%x, node %u, port %u", name, word[1],
			 word[2], word[3], word[4]);
	else
		snprintf(r->note, sizeof(r->note), "qrtr %s", name);
}

static bool read_qrtr(struct entry *r)
{
	if (r->port == QK_LINK_PORT_CONTROL) {
		note_control(r);
		return false;
	}
	/* without a service the headers are those of all but CTL, which QRTR does not have */
	return read_sdu(r, r->bytes, r->service, 0);
}

/* The header of qmuxd has an `unsigned long` in it: a layout for 32 and one for 64 bits. */
static const struct layout {
	size_t header, service, client;
} layouts[] = {
	{ .header = 40, .service = 32, .client = 36 },
	{ .header = 48, .service = 36, .client = 40 },
};

enum { QMUXD_MESSAGE, QMUXD_ALLOCATE, QMUXD_RELEASE, QMUXD_CTL = 11 };

static bool read_qmuxd_as(struct entry *r, const struct layout *layout, uint32_t type)
{
	const uint8_t *data = r->bytes.data;
	struct qk_span sdu = { data + layout->header, r->bytes.size - layout->header };

	if (r->bytes.size < layout->header)
		return false;
	if (type == QMUXD_CTL)
		return read_sdu(r, sdu, QK_SERVICE_CTL, 0);
	return read_sdu(r, sdu, data[layout->service], data[layout->client]);
}

static bool read_qmuxd(struct entry *r)
{
	struct qk_cursor c = qk_cursor(r->bytes);
	uint32_t total = (uint32_t)qk_cursor_uint(&c, 4, false);

	if (r->bytes.size == 4) {
		snprintf(r->note, sizeof(r->note), "qmuxd client number %u", total);
		return false;
	}
	qk_cursor_take(&c, 4);
	uint32_t type = (uint32_t)qk_cursor_uint(&c, 4, false);
	/* one description has 16 bits of length, then padding */
	if (c.error || (total & 0xffff) != (r->bytes.size & 0xffff))
		return false;
	if (type == QMUXD_ALLOCATE || type == QMUXD_RELEASE) {
		snprintf(r->note, sizeof(r->note), "qmuxd %s a client id, %s",
			 type == QMUXD_ALLOCATE ? "allocate" : "release",
			 r->from_modem ? "answer" : "request");
		return false;
	}
	if (type != QMUXD_MESSAGE && type != QMUXD_CTL)
		return false;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (read_qmuxd_as(r, &layouts[i], type))
			return true;
	return false;
}

static void read_frame(struct entry *r)
{
	switch (r->transport) {
	case QK_LINK_QMUX:
		r->has_frame = read_qmux(r);
		break;
	case QK_LINK_QRTR:
	case QK_LINK_MSM_IPC:
		r->has_frame = read_qrtr(r);
		break;
	case QK_LINK_QMUXD:
		r->has_frame = read_qmuxd(r);
		break;
	default:
		break;
	}
	if (!r->has_frame)
		return;
	r->tlvs_at = (size_t)(r->frame.tlvs.data - r->bytes.data);
	r->message = qk_message_by_id(r->service, r->frame.type, r->frame.message);
}

/* The names of the process and of the device. */
static int read_names(struct qk_span names, struct entry *e)
{
	size_t fixed = QK_LINK_FIXED - LINK_ALWAYS;

	if (names.size <= fixed || !memchr(names.data + fixed, 0, names.size - fixed))
		return -EBADMSG;
	memcpy(e->process, names.data, QK_LINK_PROCESS);
	e->device = (const char *)names.data + fixed;
	return 0;
}

int entry_read(struct qk_span packet, struct entry *ret)
{
	struct entry e = { .device = "" };
	struct qk_cursor c = qk_cursor(packet);
	uint8_t version = (uint8_t)qk_cursor_uint(&c, 1, false);

	e.transport = (uint8_t)qk_cursor_uint(&c, 1, false);
	e.from_modem = qk_cursor_uint(&c, 1, false);
	e.service = (uint8_t)qk_cursor_uint(&c, 1, false);
	size_t header = (size_t)qk_cursor_uint(&c, 2, false);
	qk_cursor_take(&c, 2);
	e.pid = (uint32_t)qk_cursor_uint(&c, 4, false);
	e.connection = (uint32_t)qk_cursor_uint(&c, 4, false);
	e.node = (uint32_t)qk_cursor_uint(&c, 4, false);
	e.port = (uint32_t)qk_cursor_uint(&c, 4, false);
	if (c.error || !version || header < LINK_ALWAYS || header > packet.size)
		return -EBADMSG;
	/* what is behind these is as long as the header says; a later version may have it otherwise */
	struct qk_span names = qk_cursor_take(&c, header - LINK_ALWAYS);
	if (version == QK_LINK_VERSION && read_names(names, &e) < 0)
		return -EBADMSG;
	e.bytes = (struct qk_span){ packet.data + header, packet.size - header };
	read_frame(&e);
	*ret = e;
	return 0;
}

void entry_of_bytes(uint8_t transport, uint8_t service, struct qk_span bytes, struct entry *ret)
{
	*ret = (struct entry){
		.transport = transport, .service = service, .device = "", .bytes = bytes
	};
	read_frame(ret);
	if (ret->has_frame) {
		ret->from_modem = transport == QK_LINK_QMUX ? ret->frame.from_modem
							    : ret->frame.type != QK_REQUEST;
		ret->frame.from_modem = ret->from_modem;
	}
}

const char *entry_transport_name(uint8_t transport)
{
	static const char *const names[] = {
		[QK_LINK_QMUX] = "qmux",
		[QK_LINK_QRTR] = "qrtr",
		[QK_LINK_QMUXD] = "qmuxd",
		[QK_LINK_MSM_IPC] = "msm-ipc",
	};

	return transport < sizeof(names) / sizeof(names[0]) ? names[transport] : NULL;
}

uint16_t entry_error(const struct entry *entry)
{
	struct qk_cursor c = qk_cursor(entry->frame.tlvs);
	struct qk_tlv tlv;

	if (!entry->has_frame || entry->frame.type != QK_RESPONSE)
		return 0;
	while (qk_cursor_tlv(&c, &tlv)) {
		struct qk_cursor value = qk_cursor(tlv.value);
		if (tlv.type != RESULT_TLV)
			continue;
		bool failed = qk_cursor_uint(&value, 2, false);
		uint16_t error = (uint16_t)qk_cursor_uint(&value, 2, false);
		return failed && !value.error ? error : 0;
	}
	return 0;
}
