/* QRTR: its control packets. Five little-endian words; those about a client have but three. */
#include "lib/wire/cursor.h"

static bool is_of_client(uint32_t command)
{
	return command == QK_QRTR_BYE || command == QK_QRTR_DEL_CLIENT ||
	       command == QK_QRTR_RESUME_TX;
}

int qk_qrtr_control_read(struct qk_span bytes, struct qk_qrtr_control *ret)
{
	struct qk_qrtr_control control = { 0 };
	const uint8_t *word = bytes.data;

	if (bytes.size < QK_QRTR_CONTROL_SIZE)
		return -EBADMSG;
	control.command = load_u32(word);
	if (is_of_client(control.command)) {
		control.node = load_u32(word + 4);
		control.port = load_u32(word + 8);
	} else {
		control.service = load_u32(word + 4);
		control.instance = load_u32(word + 8);
		control.node = load_u32(word + 12);
		control.port = load_u32(word + 16);
	}
	*ret = control;
	return 0;
}

void qk_qrtr_control_write(const struct qk_qrtr_control *control, uint8_t ret[QK_QRTR_CONTROL_SIZE])
{
	bool client = is_of_client(control->command);
	const uint32_t words[] = {
		control->command,
		client ? control->node : control->service,
		client ? control->port : control->instance,
		client ? 0 : control->node,
		client ? 0 : control->port,
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		store_u32(ret + 4 * i, words[i]);
}
