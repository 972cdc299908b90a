/*
 * qmuxd: messages become frames on a port of the modem, and back (see qmuxd.h).
 */
#include "qmuxd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/ctl.h>
#include <qmikit/qmuxd.h>

#include "modem.h"

/* The system error of what it does not do [R]. */
#define REFUSED (-5)
#define CTL_ASKED 256u
#define SDU_ASKED 64u

/* What was asked of the modem: CTL by its transaction of 8 bits, all else by the low bits of its own. */
struct asked {
	uint64_t number; /* in the program's header */
	uint32_t type;   /* of its message */
	uint8_t service, client;
	uint16_t transaction;
	uint32_t buffer; /* its payload, which the answer to Allocate and Release has too */
	bool there;
};

struct qk_sim_qmuxd {
	struct qk_sim *sim;
	struct qk_sim_port *port;
	struct qk_sim_sink sink;
	void *userdata;
	uint32_t number;
	bool knows_layout;
	enum qk_qmuxd_layout layout;
	uint8_t *input; /* half a message */
	size_t input_size;
	uint8_t transaction; /* of the last CTL request */
	struct asked ctl[CTL_ASKED], sdu[SDU_ASKED];
};

static void say(struct qk_sim_qmuxd *qmuxd, const struct qk_qmuxd_message *message)
{
	uint8_t *buffer = malloc(QK_QMUXD_HEADER_64 + message->payload.size);
	struct qk_writer w = qk_writer(buffer, QK_QMUXD_HEADER_64 + message->payload.size);

	if (!buffer)
		return;
	qk_qmuxd_write(&w, qmuxd->layout, message);
	if (!w.error)
		qmuxd->sink.bytes(qmuxd->userdata, (struct qk_span){ buffer, qk_writer_used(&w) });
	free(buffer);
}

/* Answers Allocate or Release; `client` is what the first has allocated. */
static void say_client(struct qk_sim_qmuxd *qmuxd, const struct asked *asked, uint8_t client,
		       int system_error, uint16_t error)
{
	uint8_t buffer[QK_QMUXD_BUFFER_2013] = { 0 };

	if (asked->type == QK_QMUXD_ALLOCATE) {
		buffer[0] = client;
	} else {
		buffer[0] = asked->service;
		buffer[4] = asked->client;
	}
	say(qmuxd, &(struct qk_qmuxd_message){
			   .program = qmuxd->number,
			   .type = asked->type,
			   .transaction = asked->number,
			   .system_error = system_error,
			   .qmi_error = error,
			   .service = asked->service,
			   .client = client,
			   .payload = { buffer, asked->buffer },
		   });
}

static struct asked asked_of(const struct qk_qmuxd_message *message)
{
	size_t buffer = message->payload.size;

	return (struct asked){
		.number = message->transaction,
		.type = message->type,
		.service = (uint8_t)message->service,
		.client = message->client,
		.buffer = (uint32_t)(buffer < QK_QMUXD_BUFFER_2013 ? buffer : QK_QMUXD_BUFFER_2013),
		.there = true,
	};
}

/* Says that a message was not carried out. */
static void refuse(struct qk_sim_qmuxd *qmuxd, const struct qk_qmuxd_message *message,
		   uint16_t error)
{
	struct asked asked = asked_of(message);

	if (message->type == QK_QMUXD_ALLOCATE || message->type == QK_QMUXD_RELEASE) {
		say_client(qmuxd, &asked, 0, REFUSED, error);
		return;
	}
	say(qmuxd, &(struct qk_qmuxd_message){
			   .program = qmuxd->number,
			   .type = message->type == QK_QMUXD_CTL ? QK_QMUXD_SDU : message->type,
			   .transaction = message->transaction,
			   .system_error = REFUSED,
			   .qmi_error = error,
			   .service = message->service,
			   .client = message->client,
		   });
}

/* What the modem says. */

/* The ids in TLV 1 of the answers to Allocate CID and Release CID. */
static bool read_result(const struct qk_frame *frame, uint16_t *ret_error, uint8_t *ret_client)
{
	struct qk_cursor c = qk_cursor(frame->tlvs);
	struct qk_tlv tlv;
	bool found = false;

	while (qk_cursor_tlv(&c, &tlv)) {
		if (tlv.type == 0x02 && tlv.value.size >= 4) {
			*ret_error = (uint16_t)(tlv.value.data[2] | tlv.value.data[3] << 8);
			found = true;
		}
		if (tlv.type == 0x01 && tlv.value.size >= 2)
			*ret_client = tlv.value.data[1];
	}
	return found;
}

static void on_ctl_frame(struct qk_sim_qmuxd *qmuxd, const struct qk_frame *frame,
			 struct qk_span payload)
{
	struct asked *asked = &qmuxd->ctl[(uint8_t)frame->transaction];
	uint8_t client = 0;
	uint16_t error = 0;

	if (frame->type == QK_INDICATION) {
		/* the modem has started anew, and this program with it */
		if (frame->message == qk_ctl_sync_message.id)
			qmuxd->sink.hang_up(qmuxd->userdata);
		return;
	}
	if (!asked->there)
		return;
	asked->there = false;
	if (asked->type == QK_QMUXD_CTL) {
		/* the program's own transaction */
		uint8_t *copy = malloc(payload.size);
		if (!copy)
			return;
		memcpy(copy, payload.data, payload.size);
		copy[1] = (uint8_t)asked->transaction;
		say(qmuxd, &(struct qk_qmuxd_message){
				   .program = qmuxd->number,
				   .type = QK_QMUXD_SDU,
				   .transaction = asked->number,
				   .payload = { copy, payload.size },
			   });
		free(copy);
	} else if (read_result(frame, &error, &client)) {
		say_client(qmuxd, asked, error ? 0 : client, 0, error);
	}
}

/* One frame, or what a fault has made of it: qmuxd passes on what is behind the header. */
static void on_bytes(void *userdata, struct qk_span bytes)
{
	struct qk_sim_qmuxd *qmuxd = userdata;
	struct qk_frame frame;

	if (bytes.size <= QK_QMUX_HEADER || bytes.data[0] != QK_QMUX_MARKER)
		return;
	struct qk_span payload = { bytes.data + QK_QMUX_HEADER, bytes.size - QK_QMUX_HEADER };
	uint8_t service = bytes.data[4], client = bytes.data[5];
	bool whole = qk_frame_read(bytes, &frame, NULL) > 0;
	if (service == QK_SERVICE_CTL) {
		if (whole)
			on_ctl_frame(qmuxd, &frame, payload);
		return;
	}
	uint64_t number = 0;
	if (whole && frame.type == QK_RESPONSE) {
		struct asked *asked = &qmuxd->sdu[frame.transaction % SDU_ASKED];
		if (asked->there && asked->service == service && asked->client == client &&
		    asked->transaction == frame.transaction)
			number = asked->number;
	}
	say(qmuxd, &(struct qk_qmuxd_message){
			   .program = qmuxd->number,
			   .type = QK_QMUXD_SDU,
			   .transaction = number,
			   .service = service,
			   .client = client,
			   .flags = bytes.data[3],
			   .payload = payload,
		   });
}

static void on_hang_up(void *userdata)
{
	struct qk_sim_qmuxd *qmuxd = userdata;

	qmuxd->sink.hang_up(qmuxd->userdata);
}

/* What the program says. */

static bool is_own(const struct qk_sim_qmuxd *qmuxd, uint32_t service, uint32_t client)
{
	const struct qk_sim_client *found = NULL;

	if (service <= UINT8_MAX && client <= UINT8_MAX)
		found = qk_sim_client_find(qmuxd->sim, (uint8_t)service, (uint8_t)client);
	return found && found->port == qmuxd->port;
}

/* Says a CTL message to the modem under a transaction of qmuxd's. */
static void ask_ctl(struct qk_sim_qmuxd *qmuxd, const struct asked *asked, struct qk_frame *frame)
{
	uint8_t buffer[256];
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));

	qmuxd->transaction =
		qmuxd->transaction == UINT8_MAX ? 1 : (uint8_t)(qmuxd->transaction + 1);
	qmuxd->ctl[qmuxd->transaction] = *asked;
	frame->transaction = qmuxd->transaction;
	size_t mark = qk_frame_begin(&w, frame);
	int size = qk_frame_end(&w, mark);
	if (size > 0)
		qk_sim_input(qmuxd->port, (struct qk_span){ buffer, (size_t)size });
	else /* longer than any that passes */
		qmuxd->ctl[qmuxd->transaction].there = false;
}

static void take_client(struct qk_sim_qmuxd *qmuxd, const struct qk_qmuxd_message *message)
{
	bool allocate = message->type == QK_QMUXD_ALLOCATE;
	struct qk_cursor c = qk_cursor(message->payload);
	uint64_t service = qk_cursor_uint(&c, 4, false);
	uint64_t client = allocate ? 0 : qk_cursor_uint(&c, 4, false);
	struct asked asked = asked_of(message);

	if (c.error || asked.buffer < 8) {
		refuse(qmuxd, message, QK_ERROR_MALFORMED_MESSAGE);
		return;
	}
	if (service > UINT8_MAX || service == QK_SERVICE_CTL) {
		refuse(qmuxd, message, QK_ERROR_INVALID_SERVICE_TYPE);
		return;
	}
	if (!allocate && !is_own(qmuxd, (uint32_t)service, (uint32_t)client)) {
		refuse(qmuxd, message, QK_ERROR_INVALID_CLIENT_ID);
		return;
	}
	asked.service = (uint8_t)service;
	asked.client = (uint8_t)client;
	uint8_t tlv[] = { 0x01, allocate ? 1 : 2, 0x00, asked.service, asked.client };
	ask_ctl(qmuxd, &asked,
		&(struct qk_frame){
			.message = allocate ? qk_ctl_allocate_cid_method.request->id
					    : qk_ctl_release_cid_method.request->id,
			.tlvs = { tlv, allocate ? 4 : 5 },
		});
}

/* Puts the QMUX header in front of a payload: a whole frame that the caller frees, or NULL. */
static uint8_t *frame_of(const struct qk_qmuxd_message *message, struct qk_frame *ret)
{
	size_t size = QK_QMUX_HEADER + message->payload.size;
	uint8_t *bytes = malloc(size);
	struct qk_writer w = qk_writer(bytes, size);

	if (!bytes)
		return NULL;
	qk_write_uint(&w, QK_QMUX_MARKER, 1, false);
	qk_write_uint(&w, size - 1, 2, false);
	qk_write_uint(&w, 0, 1, false);
	qk_write_uint(&w, message->service, 1, false);
	qk_write_uint(&w, message->client, 1, false);
	qk_write_bytes(&w, message->payload.data, message->payload.size);
	if (w.error || qk_frame_read((struct qk_span){ bytes, size }, ret, NULL) != (int)size) {
		free(bytes);
		return NULL;
	}
	return bytes;
}

static void take_ctl(struct qk_sim_qmuxd *qmuxd, const struct qk_qmuxd_message *message)
{
	static const struct qk_method *const passed[] = {
		&qk_ctl_set_instance_id_method,
		&qk_ctl_get_version_info_method,
		&qk_ctl_set_data_format_method,
	};
	struct qk_qmuxd_message ctl = *message;
	struct qk_frame frame;

	ctl.service = QK_SERVICE_CTL;
	ctl.client = 0;
	uint8_t *bytes = frame_of(&ctl, &frame);
	size_t i = 0;
	while (bytes && i < sizeof(passed) / sizeof(passed[0]) &&
	       frame.message != passed[i]->request->id)
		i++;
	if (bytes && frame.type == QK_REQUEST && i < sizeof(passed) / sizeof(passed[0])) {
		struct asked asked = asked_of(&ctl);
		asked.transaction = frame.transaction;
		ask_ctl(qmuxd, &asked, &frame);
	} else {
		refuse(qmuxd, message, bytes ? QK_ERROR_NONE : QK_ERROR_MALFORMED_MESSAGE);
	}
	free(bytes);
}

static void take_sdu(struct qk_sim_qmuxd *qmuxd, const struct qk_qmuxd_message *message)
{
	struct qk_frame frame;

	if (!is_own(qmuxd, message->service, message->client)) {
		refuse(qmuxd, message, QK_ERROR_INVALID_CLIENT_ID);
		return;
	}
	uint8_t *bytes = frame_of(message, &frame);
	if (!bytes) {
		refuse(qmuxd, message, QK_ERROR_MALFORMED_MESSAGE);
		return;
	}
	struct asked asked = asked_of(message);
	asked.transaction = frame.transaction;
	qmuxd->sdu[frame.transaction % SDU_ASKED] = asked;
	qk_sim_input(qmuxd->port,
		     (struct qk_span){ bytes, QK_QMUX_HEADER + message->payload.size });
	free(bytes);
}

static void take(struct qk_sim_qmuxd *qmuxd, const struct qk_qmuxd_message *message)
{
	switch (message->type) {
	case QK_QMUXD_SDU:
		take_sdu(qmuxd, message);
		break;
	case QK_QMUXD_ALLOCATE:
	case QK_QMUXD_RELEASE:
		take_client(qmuxd, message);
		break;
	case QK_QMUXD_CTL:
		take_ctl(qmuxd, message);
		break;
	default:
		refuse(qmuxd, message, QK_ERROR_NONE);
	}
}

/* Takes whole messages off the front of `bytes`: 0, or -EBADMSG. What is left is half a message. */
static int take_messages(struct qk_sim_qmuxd *qmuxd, struct qk_span *bytes)
{
	struct qk_qmuxd_message message;
	int r = 1;

	while (r > 0 && bytes->size) {
		if (!qmuxd->knows_layout) {
			r = qk_qmuxd_guess(*bytes, &qmuxd->layout);
			qmuxd->knows_layout = r > 0;
		}
		if (r > 0)
			r = qk_qmuxd_read(*bytes, qmuxd->layout, &message);
		if (r <= 0)
			break;
		take(qmuxd, &message);
		bytes->data += r;
		bytes->size -= (size_t)r;
	}
	return r < 0 ? r : 0;
}

int qk_sim_qmuxd_input(struct qk_sim_qmuxd *qmuxd, struct qk_span bytes)
{
	uint8_t *joined = NULL, *rest = NULL;

	if (qmuxd->input_size) {
		joined = realloc(qmuxd->input, qmuxd->input_size + bytes.size);
		if (!joined)
			return -ENOMEM;
		qmuxd->input = NULL;
		if (bytes.size)
			memcpy(joined + qmuxd->input_size, bytes.data, bytes.size);
		bytes = (struct qk_span){ joined, qmuxd->input_size + bytes.size };
		qmuxd->input_size = 0;
	}
	int r = take_messages(qmuxd, &bytes);
	if (r == 0 && bytes.size) {
		rest = malloc(bytes.size);
		r = rest ? 0 : -ENOMEM;
	}
	if (rest) {
		memcpy(rest, bytes.data, bytes.size);
		qmuxd->input = rest;
		qmuxd->input_size = bytes.size;
	}
	free(joined);
	return r;
}

/* Its life. */

int qk_sim_qmuxd_attach(struct qk_sim *sim, uint32_t number, const struct qk_sim_sink *sink,
			void *userdata, struct qk_sim_qmuxd **ret)
{
	static const struct qk_sim_sink port_sink = { on_bytes, on_hang_up };
	struct qk_sim_qmuxd *qmuxd = calloc(1, sizeof(*qmuxd));
	uint8_t greeting[4];
	struct qk_writer w = qk_writer(greeting, sizeof(greeting));

	if (!qmuxd)
		return -ENOMEM;
	qmuxd->sim = sim;
	qmuxd->number = number;
	qmuxd->sink = *sink;
	qmuxd->userdata = userdata;
	int r = qk_sim_attach(sim, &port_sink, qmuxd, &qmuxd->port);
	if (r < 0) {
		free(qmuxd);
		return r;
	}
	qmuxd->port->inside = true;
	*ret = qmuxd;
	qk_write_uint(&w, number, 4, false);
	sink->bytes(userdata, (struct qk_span){ greeting, sizeof(greeting) });
	return 0;
}

struct qk_sim_qmuxd *qk_sim_qmuxd_detach(struct qk_sim_qmuxd *qmuxd)
{
	if (!qmuxd)
		return NULL;
	qk_sim_client_release_of(qmuxd->sim, qmuxd->port);
	qk_sim_detach(qmuxd->port);
	qk_sim_notify(qmuxd->sim);
	free(qmuxd->input);
	free(qmuxd);
	return NULL;
}
