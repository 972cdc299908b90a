/* Script: a modem inside the test process, for the tests of transport and device. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/script.h"

static void make_room(struct script *script)
{
	if (script->in_start == script->in_end)
		script->in_start = script->in_end = 0;
}

void script_put(struct script *script, const void *bytes, size_t size)
{
	make_room(script);
	assert_true(size <= sizeof(script->in) - script->in_end);
	if (size > 0)
		memcpy(script->in + script->in_end, bytes, size);
	script->in_end += size;
}

size_t script_say(struct script *script, const struct qk_frame *frame)
{
	struct qk_writer w;
	int size;

	make_room(script);
	w = qk_writer(script->in + script->in_end, sizeof(script->in) - script->in_end);
	size = qk_frame_end(&w, qk_frame_begin(&w, frame));
	assert_true(size > 0);
	script->in_end += (size_t)size;
	return (size_t)size;
}

void script_answer_raw(struct script *script, unsigned int index, const void *tlvs, size_t size)
{
	struct qk_frame frame;

	assert_true(index < script->sent_count);
	frame = script->sent[index];
	frame.type = QK_RESPONSE;
	frame.from_modem = true;
	frame.tlvs = (struct qk_span){ tlvs, size };
	script_say(script, &frame);
}

void script_answer(struct script *script, unsigned int index, uint16_t error, const void *tlvs,
		   size_t size)
{
	uint8_t all[1024];
	struct qk_writer w = qk_writer(all, sizeof(all));
	size_t mark = qk_write_tlv_begin(&w, 0x02);

	qk_write_uint(&w, error ? 1 : 0, 2, false);
	qk_write_uint(&w, error, 2, false);
	qk_write_tlv_end(&w, mark);
	qk_write_bytes(&w, tlvs, size);
	assert_int_equal(w.error, 0);
	script_answer_raw(script, index, all, qk_writer_used(&w));
}

void script_indicate(struct script *script, uint8_t service, uint8_t client, uint16_t message,
		     const void *tlvs, size_t size)
{
	const struct qk_frame frame = {
		.service = service,
		.client = client,
		.type = QK_INDICATION,
		.from_modem = true,
		.message = message,
		.tlvs = { tlvs, size },
	};

	script_say(script, &frame);
}

/* CTL Allocate CID and Release CID. */
static void answer_by_itself(struct script *script, unsigned int index)
{
	const struct qk_frame *frame = &script->sent[index];
	uint8_t info[] = { 0x01, 0x02, 0x00, 0x00, 0x00 };

	if (frame->service != QK_SERVICE_CTL || frame->tlvs.size < 4)
		return;
	info[3] = frame->tlvs.data[3];
	if (frame->message == 0x0022) {
		info[4] = ++script->next_id;
		script_answer(script, index, 0, info, sizeof(info));
	} else if (frame->message == 0x0023) {
		script_answer(script, index, 0, NULL, 0);
	}
}

static int script_send(void *self, struct qk_span bytes)
{
	struct script *script = self;
	struct qk_frame frame;
	uint8_t *tlvs;

	if (script->send_error)
		return script->send_error;
	assert_int_equal(qk_frame_read(bytes, &frame, NULL), bytes.size);
	assert_true(script->sent_count < SCRIPT_SENT_MAX);
	assert_true(frame.tlvs.size <= sizeof(script->kept) - script->kept_size);
	tlvs = script->kept + script->kept_size;
	script->kept_size += frame.tlvs.size;
	memcpy(tlvs, frame.tlvs.data, frame.tlvs.size);
	frame.tlvs.data = tlvs;
	script->sent[script->sent_count++] = frame;
	if (script->answers)
		answer_by_itself(script, script->sent_count - 1);
	return 0;
}

static int script_receive(void *self, uint8_t *buffer, size_t size)
{
	struct script *script = self;
	size_t there = script->in_end - script->in_start;

	assert_true(size >= 4096);
	if (there == 0) {
		int error = script->receive_error;

		script->receive_error = 0;
		if (error)
			return error;
		return script->at_end ? 0 : -EAGAIN;
	}
	if (there > size)
		there = size;
	if (script->chunk && there > script->chunk)
		there = script->chunk;
	memcpy(buffer, script->in + script->in_start, there);
	script->in_start += there;
	return (int)there;
}

static int script_fd(void *self)
{
	(void)self;
	return -1;
}

static uint64_t script_wait_usec(void *self)
{
	const struct script *script = self;
	bool ready = script->in_end > script->in_start || script->at_end || script->receive_error;

	return ready ? 0 : UINT64_MAX;
}

static void script_close(void *self)
{
	struct script *script = self;

	script->closed++;
}

const struct qk_transport_ops script_ops = {
	.send = script_send,
	.receive = script_receive,
	.fd = script_fd,
	.wait_usec = script_wait_usec,
	.close = script_close,
};

static uint64_t hook_now(void *userdata)
{
	const struct script *script = userdata;

	return script->now;
}

static void hook_trace(void *userdata, bool sent, const struct qk_frame *frame,
		       struct qk_span bytes)
{
	struct script *script = userdata;

	assert_non_null(frame);
	assert_true(bytes.size >= 12 && bytes.data[0] == QK_QMUX_MARKER);
	if (sent)
		script->traced_sent++;
	else
		script->traced_received++;
}

static void hook_log(void *userdata, const char *line)
{
	struct script *script = userdata;

	assert_null(strchr(line, '\n'));
	script->logged++;
	snprintf(script->last_log, sizeof(script->last_log), "%s", line);
}

struct qk_device_hooks script_hooks(struct script *script)
{
	return (struct qk_device_hooks){
		.now_usec = hook_now,
		.trace = hook_trace,
		.log = hook_log,
		.userdata = script,
	};
}

struct qk_device *script_device(struct script *script)
{
	const struct qk_device_hooks hooks = script_hooks(script);
	struct qk_transport *transport;
	struct qk_device *device;

	assert_int_equal(qk_transport_new(&script_ops, script, "script", &transport), 0);
	assert_int_equal(qk_device_new(transport, &hooks, &device), 0);
	return device;
}
