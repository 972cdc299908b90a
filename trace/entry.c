/*
 * Entry (see entry.h).
 */
#include "entry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <qmikit/qmuxd.h>

#define RESULT_TLV 0x02
#define LINK_ALWAYS 24 /* bytes of the link header that every version has */

/* A message of CTL without a QMUX header, as qmuxd alone carries it. */
static bool read_ctl(struct entry *r, struct qk_span bytes)
{
	struct qk_cursor c = qk_cursor(bytes);
	unsigned int type = (unsigned int)qk_cursor_uint(&c, 1, false) & 3;
	struct qk_frame frame = { .service = QK_SERVICE_CTL, .type = (enum qk_message_type)type };

	frame.transaction = (uint16_t)qk_cursor_uint(&c, 1, false);
	frame.message = (uint16_t)qk_cursor_uint(&c, 2, false);
	size_t size = (size_t)qk_cursor_uint(&c, 2, false);
	if (c.error || size != qk_cursor_left(&c) || type > QK_INDICATION)
		return false;
	frame.tlvs = qk_cursor_take(&c, size);
	r->frame = frame;
	return true;
}

/* A message without a QMUX header. */
static bool read_sdu(struct entry *r, struct qk_span bytes, uint16_t service, uint8_t client)
{
	bool ctl = service == QK_SERVICE_CTL;
	/* all services but CTL have the same headers; a frame has no room for the large ids */
	uint8_t in_frame = service <= UINT8_MAX ? (uint8_t)service : QK_LINK_SERVICE_UNKNOWN;

	if (ctl ? !read_ctl(r, bytes)
		: qk_sdu_read(bytes, in_frame, client, &r->frame) != (int)bytes.size)
		return false;
	r->service = service;
	/* who serves is seen from the other side */
	r->frame.from_modem = r->from_modem;
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
		[QK_QRTR_DATA] = "data",
		[QK_QRTR_HELLO] = "hello",
		[QK_QRTR_BYE] = "bye",
		[QK_QRTR_NEW_SERVER] = "new server",
		[QK_QRTR_DEL_SERVER] = "server gone",
		[QK_QRTR_DEL_CLIENT] = "client gone",
		[QK_QRTR_RESUME_TX] = "resume",
		[QK_QRTR_EXIT] = "exit",
		[QK_QRTR_PING] = "ping",
		[QK_QRTR_NEW_LOOKUP] = "look up",
		[QK_QRTR_DEL_LOOKUP] = "end of look-up",
	};
	static const uint32_t servers = 1u << QK_QRTR_NEW_SERVER | 1u << QK_QRTR_DEL_SERVER |
					1u << QK_QRTR_NEW_LOOKUP | 1u << QK_QRTR_DEL_LOOKUP;
	struct qk_qrtr_control control;

	if (qk_qrtr_control_read(r->bytes, &control) < 0 ||
	    control.command >= sizeof(names) / sizeof(names[0]) || !names[control.command])
		return;
	const char *name = names[control.command];
	if (servers & 1u << control.command)
		snprintf(r->note, sizeof(r->note),
			 "qrtr %s: service %u, instance 0x%x, node %u, port %u", name,
			 control.service, control.instance, control.node, control.port);
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

static void note_client(struct entry *r, const struct qk_qmuxd_message *message)
{
	struct qk_cursor c = qk_cursor(message->payload);
	unsigned int first = (unsigned int)qk_cursor_uint(&c, 4, false);
	const char *verb = message->type == QK_QMUXD_ALLOCATE ? "allocate" : "release";

	if (!r->from_modem)
		snprintf(r->note, sizeof(r->note), "qmuxd %s a client id of service %u, request",
			 verb, first);
	else if (message->type == QK_QMUXD_ALLOCATE)
		snprintf(r->note, sizeof(r->note), "qmuxd %s a client id, answer: %u", verb, first);
	else
		snprintf(r->note, sizeof(r->note), "qmuxd %s a client id, answer", verb);
}

static bool read_qmuxd(struct entry *r)
{
	struct qk_cursor c = qk_cursor(r->bytes);
	struct qk_qmuxd_message message;
	enum qk_qmuxd_layout layout;

	if (r->bytes.size == 4) {
		snprintf(r->note, sizeof(r->note), "qmuxd client number %u",
			 (uint32_t)qk_cursor_uint(&c, 4, false));
		return false;
	}
	if (qk_qmuxd_guess(r->bytes, &layout) <= 0 ||
	    qk_qmuxd_read(r->bytes, layout, &message) != (int)r->bytes.size)
		return false;
	switch (message.type) {
	case QK_QMUXD_ALLOCATE:
	case QK_QMUXD_RELEASE:
		note_client(r, &message);
		return false;
	case QK_QMUXD_SDU:
		return message.service <= UINT8_MAX &&
		       read_sdu(r, message.payload, (uint16_t)message.service, message.client);
	case QK_QMUXD_CTL:
		return read_sdu(r, message.payload, QK_SERVICE_CTL, 0);
	default:
		snprintf(r->note, sizeof(r->note), "qmuxd message of type %u", message.type);
		return false;
	}
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
	e.service = (uint16_t)qk_cursor_uint(&c, 1, false);
	size_t header = (size_t)qk_cursor_uint(&c, 2, false);
	uint16_t large = (uint16_t)qk_cursor_uint(&c, 2, false);
	e.pid = (uint32_t)qk_cursor_uint(&c, 4, false);
	e.connection = (uint32_t)qk_cursor_uint(&c, 4, false);
	e.node = (uint32_t)qk_cursor_uint(&c, 4, false);
	e.port = (uint32_t)qk_cursor_uint(&c, 4, false);
	if (c.error || !version || header < LINK_ALWAYS || header > packet.size)
		return -EBADMSG;
	if (large > UINT8_MAX)
		e.service = large;
	/* what is behind these is as long as the header says; a later version may have it otherwise */
	struct qk_span names = qk_cursor_take(&c, header - LINK_ALWAYS);
	if (version == QK_LINK_VERSION && read_names(names, &e) < 0)
		return -EBADMSG;
	e.bytes = (struct qk_span){ packet.data + header, packet.size - header };
	read_frame(&e);
	*ret = e;
	return 0;
}

void entry_of_bytes(uint8_t transport, uint16_t service, struct qk_span bytes, struct entry *ret)
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

void entry_of_vendors(struct entry *entry, const struct entry_vendors *vendors)
{
	for (size_t i = 0; entry->has_frame && i < vendors->count; i++) {
		const struct qk_message *message = qk_message_of_vendor(
			vendors->ids[i], entry->service, entry->frame.type, entry->frame.message);
		if (message && message->vendor) {
			entry->message = message;
			return;
		}
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
