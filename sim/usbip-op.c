/*
 * USB/IP, operations (see usbip-op.h).
 */
#include "usbip-op.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define VERSION 0x0111u
#define REQUEST_BIT 0x8000u
#define HIGH_SPEED 3u
#define BUS 1u

static const uint16_t codes[] = { [QK_USBIP_LIST] = 0x0005, [QK_USBIP_IMPORT] = 0x0003 };

int qk_usbip_read_request(struct qk_span bytes, struct qk_usbip_request *ret)
{
	struct qk_cursor c = qk_cursor(bytes);
	struct qk_usbip_request request = { 0 };

	if (bytes.size < QK_USBIP_OP_HEADER)
		return 0;
	uint16_t version = (uint16_t)qk_cursor_uint(&c, 2, true);
	uint16_t code = (uint16_t)qk_cursor_uint(&c, 2, true);
	(void)qk_cursor_uint(&c, 4, true); /* a status, which a request has not */
	if (version != VERSION)
		return -EBADMSG;
	if (code == (REQUEST_BIT | codes[QK_USBIP_LIST])) {
		request.op = QK_USBIP_LIST;
		*ret = request;
		return (int)QK_USBIP_OP_HEADER;
	}
	if (code != (REQUEST_BIT | codes[QK_USBIP_IMPORT]))
		return -EBADMSG;
	if (qk_cursor_left(&c) < QK_USBIP_BUSID)
		return 0;
	struct qk_span busid = qk_cursor_take(&c, QK_USBIP_BUSID);
	if (!memchr(busid.data, 0, busid.size))
		return -EBADMSG;
	request.op = QK_USBIP_IMPORT;
	memcpy(request.busid, busid.data, busid.size);
	*ret = request;
	return (int)QK_USBIP_REQUEST_MAX;
}

void qk_usbip_write_reply(struct qk_writer *w, enum qk_usbip_op op, uint32_t status)
{
	qk_write_uint(w, VERSION, 2, true);
	qk_write_uint(w, codes[op], 2, true);
	qk_write_uint(w, status, 4, true);
}

/* Text of a fixed width, filled up with zeros. */
static void write_text(struct qk_writer *w, const char *text, size_t width)
{
	static const uint8_t zeros[256];
	size_t size = strlen(text);

	qk_write_bytes(w, (const uint8_t *)text, size);
	qk_write_bytes(w, zeros, width - size);
}

void qk_usbip_write_record(struct qk_writer *w, const struct qk_usb_model *model, uint32_t number)
{
	char path[64], busid[QK_USBIP_BUSID];

	snprintf(busid, sizeof(busid), "%u-%u", BUS, number);
	snprintf(path, sizeof(path), "/sys/devices/qmi-sim/usb%u/%s", BUS, busid);
	write_text(w, path, 256);
	write_text(w, busid, QK_USBIP_BUSID);
	qk_write_uint(w, BUS, 4, true);
	qk_write_uint(w, number, 4, true);
	qk_write_uint(w, HIGH_SPEED, 4, true);
	qk_write_uint(w, model->vendor, 2, true);
	qk_write_uint(w, model->product, 2, true);
	qk_write_uint(w, model->release, 2, true);
	qk_write_uint(w, model->class_code, 1, true);
	qk_write_uint(w, model->subclass, 1, true);
	qk_write_uint(w, model->protocol, 1, true);
	qk_write_uint(w, 0, 1, true); /* it is not configured */
	qk_write_uint(w, 1, 1, true); /* configurations */
	qk_write_uint(w, model->interface_count, 1, true);
}

void qk_usbip_write_interfaces(struct qk_writer *w, const struct qk_usb_model *model)
{
	for (size_t i = 0; i < model->interface_count; i++) {
		const struct qk_usb_alternate *alternate = &model->interfaces[i].alternates[0];

		qk_write_uint(w, alternate->class_code, 1, true);
		qk_write_uint(w, alternate->subclass, 1, true);
		qk_write_uint(w, alternate->protocol, 1, true);
		qk_write_uint(w, 0, 1, true);
	}
}
