/*
 * Fuzz target: datagrams of QRTR, as messages of a service and as control packets.
 *
 * What must hold for any bytes: no read outside them; a message that is read is not larger than they are,
 * and with a QMUX header in front it is the same frame; a control packet written again reads the same.
 */
#include <stdlib.h>
#include <string.h>

#include <qmikit/wire.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool same(const struct qk_frame *a, const struct qk_frame *b)
{
	return a->service == b->service && a->client == b->client && a->type == b->type &&
	       a->from_modem == b->from_modem && a->transaction == b->transaction &&
	       a->message == b->message && a->tlvs.size == b->tlvs.size &&
	       (!a->tlvs.size || !memcmp(a->tlvs.data, b->tlvs.data, a->tlvs.size));
}

static void read_message(struct qk_span bytes)
{
	uint8_t *wire = malloc(QK_FRAME_MAX);
	struct qk_writer writer = qk_writer(wire, QK_FRAME_MAX);
	struct qk_frame frame, again;
	int r = qk_sdu_read(bytes, 2, 1, &frame);

	require(wire);
	if (r >= 0) {
		size_t mark = qk_frame_begin(&writer, &frame);

		require((size_t)r <= bytes.size && frame.tlvs.size <= bytes.size);
		require(qk_frame_end(&writer, mark) == r + QK_QMUX_HEADER);
		require(qk_frame_read((struct qk_span){ wire, (size_t)r + QK_QMUX_HEADER }, &again,
				      NULL) > 0);
		require(same(&frame, &again));
	}
	free(wire);
}

static void read_control(struct qk_span bytes)
{
	uint8_t packet[QK_QRTR_CONTROL_SIZE];
	struct qk_qrtr_control control, again = { 0 };

	if (qk_qrtr_control_read(bytes, &control) < 0) {
		require(bytes.size < QK_QRTR_CONTROL_SIZE);
		return;
	}
	qk_qrtr_control_write(&control, packet);
	require(qk_qrtr_control_read((struct qk_span){ packet, sizeof(packet) }, &again) == 0);
	require(again.command == control.command && again.service == control.service &&
		again.instance == control.instance && again.node == control.node &&
		again.port == control.port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct qk_span bytes = { data, size };

	read_message(bytes);
	read_control(bytes);
	return 0;
}
