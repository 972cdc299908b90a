/* qmuxd link: frames to messages and back (see qmuxd-link.h). */
#include "lib/transport/qmuxd-link.h"

#include <errno.h>
#include <string.h>

/* Of CTL and of QMI's errors, what is looked at here; lib/transport knows no definitions. */
enum {
	CTL_ALLOCATE = 0x0022,
	CTL_RELEASE = 0x0023,
	CTL_SYNC = 0x0027,
	CTL_PROXY = 0xff00, /* from here on they are for proxies alone */
	TLV_ONE = 0x01,
	TLV_RESULT = 0x02,
	ERROR_NONE = 0,
	ERROR_INTERNAL = 3,
	ERROR_CLIENT_IDS_EXHAUSTED = 5,
	ERROR_INVALID_CLIENT_ID = 7,
	ERROR_MISSING_ARGUMENT = 17,
	ERROR_INVALID_QMI_COMMAND = 71,
	ERROR_NOT_SUPPORTED = 94,
};

/* Transactions of qmuxd's header are a signed `long`, and the Gobi API kept them below 100000. */
#define NUMBER_MAX 100000u

static struct qk_qmuxd_asked *ask(struct qk_qmuxd_link *link, const struct qk_frame *frame)
{
	link->number = link->number % NUMBER_MAX + 1;

	struct qk_qmuxd_asked *asked = &link->asked[link->number % QK_QMUXD_LINK_ASKED];

	*asked = (struct qk_qmuxd_asked){
		.number = link->number,
		.service = frame->service,
		.client = frame->client,
		.transaction = frame->transaction,
		.message = frame->message,
	};
	return asked;
}

/* What was asked under this number; NULL: nothing, or it was answered, or too much was asked since. */
static struct qk_qmuxd_asked *find_asked(struct qk_qmuxd_link *link, uint64_t number)
{
	struct qk_qmuxd_asked *asked = &link->asked[number % QK_QMUXD_LINK_ASKED];

	return number && asked->number == number ? asked : NULL;
}

/* Answers a CTL request here. */
static int answer_here(struct qk_qmuxd_link *link, const struct qk_frame *frame, uint16_t error)
{
	if (link->answer_count == QK_QMUXD_LINK_ANSWERS)
		return -EAGAIN;
	link->answers[link->answer_count].transaction = (uint8_t)frame->transaction;
	link->answers[link->answer_count].message = frame->message;
	link->answers[link->answer_count++].error = error;
	return 0;
}

static struct qk_qmuxd_message message_of(struct qk_qmuxd_link *link, uint32_t type,
					  const struct qk_qmuxd_asked *asked,
					  struct qk_span payload)
{
	return (struct qk_qmuxd_message){
		.program = link->program,
		.type = type,
		.transaction = asked->number,
		.connection = link->connection,
		.payload = payload,
	};
}

/* Allocate (client 0) or Release: a buffer of fixed size that begins with {service, client}. */
static void say_client(struct qk_qmuxd_link *link, const struct qk_frame *frame, uint8_t service,
		       uint8_t client, struct qk_writer *w)
{
	const uint8_t buffer[QK_QMUXD_BUFFER_2013] = { [0] = service, [4] = client };
	struct qk_qmuxd_asked *asked = ask(link, frame);
	struct qk_qmuxd_message message = message_of(
		link, frame->message == CTL_ALLOCATE ? QK_QMUXD_ALLOCATE : QK_QMUXD_RELEASE, asked,
		(struct qk_span){ buffer, link->buffer });

	asked->of_service = service;
	asked->of_client = client;
	qk_qmuxd_write(w, link->layout, &message);
}

/* The ids of this connection, not those of all programs. */
static int say_sync(struct qk_qmuxd_link *link, const struct qk_frame *frame, struct qk_writer *w)
{
	struct qk_frame release = { .message = CTL_RELEASE, .transaction = 0 };
	int r = answer_here(link, frame, ERROR_NONE);

	while (r == 0 && link->id_count) {
		link->id_count--;
		say_client(link, &release, link->ids[link->id_count].service,
			   link->ids[link->id_count].client, w);
		/* nobody waits for the answer */
		link->asked[link->number % QK_QMUXD_LINK_ASKED].number = 0;
	}
	return r;
}

/* TLV 1 of Allocate {service} or Release {service, client}. False: it is not there or too short. */
static bool read_client(const struct qk_frame *frame, uint8_t *ret_service, uint8_t *ret_client)
{
	size_t need = frame->message == CTL_ALLOCATE ? 1 : 2;
	struct qk_cursor c = qk_cursor(frame->tlvs);
	struct qk_tlv tlv;

	while (qk_cursor_tlv(&c, &tlv)) {
		if (tlv.type != TLV_ONE || tlv.value.size < need)
			continue;
		*ret_service = tlv.value.data[0];
		*ret_client = need == 2 ? tlv.value.data[1] : 0;
		return true;
	}
	return false;
}

static int say_ctl(struct qk_qmuxd_link *link, const struct qk_frame *frame, struct qk_span sdu,
		   struct qk_writer *w)
{
	uint8_t service, client;

	if (frame->message >= CTL_PROXY)
		return answer_here(link, frame, ERROR_INVALID_QMI_COMMAND);
	if (frame->message == CTL_SYNC)
		return say_sync(link, frame, w);
	if (frame->message == CTL_ALLOCATE || frame->message == CTL_RELEASE) {
		if (!read_client(frame, &service, &client))
			return answer_here(link, frame, ERROR_MISSING_ARGUMENT);
		say_client(link, frame, service, client, w);
		return 0;
	}

	struct qk_qmuxd_message message = message_of(link, QK_QMUXD_CTL, ask(link, frame), sdu);

	qk_qmuxd_write(w, link->layout, &message);
	return 0;
}

int qk_qmuxd_link_say(struct qk_qmuxd_link *link, struct qk_span bytes, struct qk_writer *w)
{
	struct qk_frame frame;
	int r = qk_frame_read(bytes, &frame, NULL);

	if (r <= 0)
		return -EBADMSG;

	struct qk_span sdu = { bytes.data + QK_QMUX_HEADER, (size_t)r - QK_QMUX_HEADER };

	if (frame.service == QK_SERVICE_CTL) {
		r = say_ctl(link, &frame, sdu, w);
		return r < 0 ? r : w->error;
	}

	struct qk_qmuxd_message message = message_of(link, QK_QMUXD_SDU, ask(link, &frame), sdu);

	message.service = frame.service;
	message.client = frame.client;
	qk_qmuxd_write(w, link->layout, &message);
	return w->error;
}

/* Writes a response that has a result and, for CTL about client ids, {service, client}. */
static int write_response(struct qk_writer *w, const struct qk_qmuxd_asked *asked, uint16_t error)
{
	bool ctl = asked->service == QK_SERVICE_CTL;
	const struct qk_frame frame = {
		.service = asked->service,
		.client = asked->client,
		.type = QK_RESPONSE,
		.from_modem = true,
		.transaction = asked->transaction,
		.message = asked->message,
	};
	size_t mark = qk_frame_begin(w, &frame), tlv = qk_write_tlv_begin(w, TLV_RESULT);
	int r;

	qk_write_uint(w, error ? 1 : 0, 2, false);
	qk_write_uint(w, error, 2, false);
	qk_write_tlv_end(w, tlv);
	if (!error && ctl && (asked->message == CTL_ALLOCATE || asked->message == CTL_RELEASE)) {
		tlv = qk_write_tlv_begin(w, TLV_ONE);
		qk_write_uint(w, asked->of_service, 1, false);
		qk_write_uint(w, asked->of_client, 1, false);
		qk_write_tlv_end(w, tlv);
	}
	r = qk_frame_end(w, mark);
	return r < 0 ? r : 1;
}

int qk_qmuxd_link_answer(struct qk_qmuxd_link *link, struct qk_writer *w)
{
	if (!link->answer_count)
		return 0;

	const struct qk_qmuxd_asked asked = {
		.transaction = link->answers[0].transaction,
		.message = link->answers[0].message,
	};
	uint16_t error = link->answers[0].error;

	memmove(&link->answers[0], &link->answers[1],
		--link->answer_count * sizeof(link->answers[0]));
	return write_response(w, &asked, error);
}

/* The QMI error of a message that says nothing but that it went wrong. */
static uint16_t error_of(const struct qk_qmuxd_message *message, uint16_t fallback)
{
	return message->qmi_error > 0 && message->qmi_error < UINT16_MAX
		       ? (uint16_t)message->qmi_error
		       : fallback;
}

static void forget_id(struct qk_qmuxd_link *link, uint8_t service, uint8_t client)
{
	for (unsigned int i = 0; i < link->id_count; i++) {
		if (link->ids[i].service != service || link->ids[i].client != client)
			continue;
		link->ids[i] = link->ids[--link->id_count];
		return;
	}
}

static int hear_allocate(struct qk_qmuxd_link *link, const struct qk_qmuxd_message *message,
			 struct qk_qmuxd_asked *asked, struct qk_writer *w)
{
	struct qk_cursor c = qk_cursor(message->payload);
	uint64_t id = qk_cursor_uint(&c, 4, false);

	if (message->system_error || id == 0 || id >= QK_CLIENT_BROADCAST ||
	    link->id_count == QK_QMUXD_LINK_IDS)
		return write_response(w, asked, error_of(message, ERROR_CLIENT_IDS_EXHAUSTED));
	asked->of_client = (uint8_t)id;
	link->ids[link->id_count].service = asked->of_service;
	link->ids[link->id_count++].client = asked->of_client;
	return write_response(w, asked, ERROR_NONE);
}

static int hear_release(struct qk_qmuxd_link *link, const struct qk_qmuxd_message *message,
			struct qk_qmuxd_asked *asked, struct qk_writer *w)
{
	if (message->system_error || message->qmi_error)
		return write_response(w, asked, error_of(message, ERROR_INVALID_CLIENT_ID));
	forget_id(link, asked->of_service, asked->of_client);
	return write_response(w, asked, ERROR_NONE);
}

/* A QMI message, which needs nothing but its header in front. */
static int hear_sdu(const struct qk_qmuxd_message *message, struct qk_writer *w)
{
	size_t start = qk_writer_used(w), size = QK_QMUX_HEADER + message->payload.size;
	struct qk_frame frame;

	if (message->service > UINT8_MAX || size > QK_FRAME_MAX)
		return 0;
	qk_write_uint(w, QK_QMUX_MARKER, 1, false);
	qk_write_uint(w, size - 1, 2, false);
	qk_write_uint(w, 0x80, 1, false);
	qk_write_uint(w, message->service, 1, false);
	qk_write_uint(w, message->service == QK_SERVICE_CTL ? 0 : message->client, 1, false);
	qk_write_bytes(w, message->payload.data, message->payload.size);
	if (w->error)
		return w->error;
	/* what is no QMI message would cost the reader of the frames his place */
	if (qk_frame_read((struct qk_span){ w->start + start, size }, &frame, NULL) == (int)size)
		return 1;
	w->pos = w->start + start;
	return 0;
}

/* The type of qmuxd's message that was asked, when it was Allocate or Release; else 0. */
static uint32_t about_client(const struct qk_qmuxd_asked *asked)
{
	if (!asked || asked->service != QK_SERVICE_CTL)
		return 0;
	if (asked->message == CTL_ALLOCATE)
		return QK_QMUXD_ALLOCATE;
	return asked->message == CTL_RELEASE ? QK_QMUXD_RELEASE : 0;
}

int qk_qmuxd_link_hear(struct qk_qmuxd_link *link, const struct qk_qmuxd_message *message,
		       struct qk_writer *w)
{
	struct qk_qmuxd_asked *asked = find_asked(link, message->transaction);
	bool refused = message->system_error || (message->qmi_error && !message->payload.size);
	uint32_t about = about_client(asked); /* the answer to it has the same type */
	int r = 0;

	if (about != message->type && message->type != QK_QMUXD_SDU &&
	    message->type != QK_QMUXD_CTL)
		return 0;
	if (about && about == message->type)
		r = about == QK_QMUXD_ALLOCATE ? hear_allocate(link, message, asked, w)
					       : hear_release(link, message, asked, w);
	else if (!refused)
		return hear_sdu(message, w);
	else if (asked)
		r = write_response(w, asked,
				   error_of(message, asked->service == QK_SERVICE_CTL
							     ? ERROR_NOT_SUPPORTED
							     : ERROR_INTERNAL));
	if (asked)
		asked->number = 0;
	return r;
}
